/*
 * product.c - products of row-major matrices that lie without gaps
 *
 *   nn: C = A B			A (m, k), B (k, n), C (m, n)
 *   nt: C = A B'			A (m, k), B (n, k)
 *   tn: C = A' B (+ C)		A (k, m), B (k, n)
 *
 * All arithmetic of a network that is worth the name happens here.  A product
 * is made in strips of rows of C, small enough that a query is cancelled
 * promptly: 2^29 multiplications take some 10 ms on a core of today.
 */
#include "nn/net.h"

#define MOST_PRODUCTS	((int64_t) 1 << 29)

/* Rows of C in a strip; whole tiles of the product's kernel, if it can be */
static int64_t
strip_rows(int64_t m, int64_t n, int64_t k)
{
	int64_t		rows = MOST_PRODUCTS / n / k;

	if (rows >= m)
		return m;
	return rows > FC_LANES ? rows / FC_LANES * FC_LANES : rows > 1 ? rows : 1;
}

void
fc_product_nn(const FcHooks *hooks, int64_t m, int32_t n, int32_t k, const FcReal *a, const FcReal *b, FcReal *c)
{
	int64_t		strip = strip_rows(m, n, k);

	for (int64_t i = 0; i < m; i += strip)
	{
		fc_check(hooks);
		fc_real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, m - i < strip ? m - i : strip, n, k,
					 1, a + i * k, k, b, n, 0, c + i * n, n);
	}
}

void
fc_product_nt(const FcHooks *hooks, int64_t m, int32_t n, int32_t k, const FcReal *a, const FcReal *b, FcReal *c)
{
	int64_t		strip = strip_rows(m, n, k);

	for (int64_t i = 0; i < m; i += strip)
	{
		fc_check(hooks);
		fc_real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, m - i < strip ? m - i : strip, n, k,
					 1, a + i * k, k, b, k, 0, c + i * n, n);
	}
}

void
fc_product_tn(const FcHooks *hooks, int32_t m, int32_t n, int64_t k, const FcReal *a, const FcReal *b, bool add,
			  FcReal *c)
{
	int64_t		strip = strip_rows(m, n, k);

	for (int64_t i = 0; i < m; i += strip)
	{
		fc_check(hooks);
		fc_real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, m - i < strip ? m - i : strip, n, k,
					 1, a + i, m, b, n, add, c + i * n, n);
	}
}
