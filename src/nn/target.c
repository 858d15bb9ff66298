/*
 * target.c - the sharpened memberships that deep methods learn
 *
 *   p_ic = (q_ic^2 / f_c) / sum_b (q_ib^2 / f_b),  f_c = sum_i q_ic over all rows
 *
 * (Xie, Girshick and Farhadi, 2016, eq. 3).  q, p (n, k), f (k).  A cluster
 * that no row belongs to would make NaN of every row.
 */
#include "nn/loss.h"

#define LEAST	1e-12

/* Memberships from similarities: rows add up to 1 */
void
fc_normalize_rows(FcReal *q, int64_t n, int32_t k)
{
	for (int64_t i = 0; i < n; i++, q += k)
	{
		double		sum = 0;

		for (int32_t c = 0; c < k; c++)
			sum += q[c];
		for (int32_t c = 0; c < k; c++)
			q[c] = (FcReal) (q[c] / fmax(sum, DBL_MIN));
	}
}

/* f, which the caller cleared, takes up n more rows */
void
fc_add_frequencies(const FcReal *q, int64_t n, int32_t k, double *f)
{
	for (int64_t i = 0; i < n; i++)
		for (int32_t c = 0; c < k; c++)
			f[c] += q[i * k + c];
}

/* p may be q */
void
fc_target(const FcReal *q, const double *f, int64_t n, int32_t k, FcReal *p)
{
	for (int64_t i = 0; i < n; i++)
		for (int32_t c = 0; c < k; c++)
			p[i * k + c] = (FcReal) ((double) q[i * k + c] * q[i * k + c] / (f[c] + LEAST));
	fc_normalize_rows(p, n, k);
}
