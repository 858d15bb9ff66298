/*
 * product.c - products of row-major matrices that lie without gaps
 *
 *   nn: C = A B			A (m, k), B (k, n), C (m, n)
 *   nt: C = A B'			A (m, k), B (n, k)
 *   tn: C = A' B (+ C)		A (k, m), B (k, n)
 *
 * All arithmetic of a network that is worth the name happens here.  A product
 * is made in pieces of C, so that a query is cancelled promptly: none has more
 * multiplications, or touches more memory, than takes some 10 ms on a core of
 * today.  Layers of a usual size are one piece.
 */
#include "nn/net.h"

#define MOST_PRODUCTS	((int64_t) 1 << 28)
#define MOST_OF_B		((int64_t) 1 << 23)	/* numbers of a piece's part of B */
#define MOST_OF_C		((int64_t) 1 << 22)

/* As many as allowed; whole tiles of the product's kernel, if it can be */
static int64_t
piece(int64_t all, int64_t most)
{
	if (most >= all)
		return all;
	return most > FC_LANES ? most / FC_LANES * FC_LANES : most > 1 ? most : 1;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void
multiply(const FcHooks *hooks, CBLAS_TRANSPOSE of_a, CBLAS_TRANSPOSE of_b, int64_t m, int64_t n, int64_t k,
		 const FcReal *a, const FcReal *b, bool add, FcReal *c)
{
	int64_t		columns = piece(n, MOST_OF_B / k);
	int64_t		rows = piece(m, least(MOST_PRODUCTS / columns / k, MOST_OF_C / columns));
	bool		flip_a = of_a == CblasTrans;
	bool		flip_b = of_b == CblasTrans;

	for (int64_t j = 0; j < n; j += columns)
		for (int64_t i = 0; i < m; i += rows)
		{
			fc_check(hooks);
			fc_real_gemm(CblasRowMajor, of_a, of_b, least(rows, m - i), least(columns, n - j), k,
						 1, a + (flip_a ? i : i * k), flip_a ? m : k, b + (flip_b ? j * k : j), flip_b ? k : n,
						 add, c + i * n + j, n);
		}
}

void
fc_product_nn(const FcHooks *hooks, int64_t m, int32_t n, int32_t k, const FcReal *a, const FcReal *b, FcReal *c)
{
	multiply(hooks, CblasNoTrans, CblasNoTrans, m, n, k, a, b, false, c);
}

void
fc_product_nt(const FcHooks *hooks, int64_t m, int32_t n, int32_t k, const FcReal *a, const FcReal *b, FcReal *c)
{
	multiply(hooks, CblasNoTrans, CblasTrans, m, n, k, a, b, false, c);
}

void
fc_product_tn(const FcHooks *hooks, int32_t m, int32_t n, int64_t k, const FcReal *a, const FcReal *b, bool add,
			  FcReal *c)
{
	multiply(hooks, CblasTrans, CblasNoTrans, m, n, k, a, b, add, c);
}
