/*
 * softmax.c - softmax, and cross-entropy with soft targets
 *
 *   q_ij = exp(x_ij) / sum_c exp(x_ic)
 *   L = -(1/n) sum_ij p_ij log q_ij;  dx_ij = (q_ij - p_ij) / n
 *
 * x, q, p, dx (n, k); rows of p add up to 1.  The largest x of a row is
 * subtracted first, so that nothing overflows.
 */
#include "nn/loss.h"

static FcReal
largest(const FcReal *x, int32_t k)
{
	FcReal		most = x[0];

	for (int32_t c = 1; c < k; c++)
		most = x[c] > most ? x[c] : most;
	return most;
}

/* One row; returns log sum exp */
double
fc_softmax_row(const FcReal *x, int32_t k, FcReal *q)
{
	FcReal		most = largest(x, k);
	FcReal		sum = 0;

	for (int32_t c = 0; c < k; c++)
		q[c] = fc_real_exp(x[c] - most);
	for (int32_t c = 0; c < k; c++)
		sum += q[c];
	for (int32_t c = 0; c < k; c++)
		q[c] /= sum;
	return most + log((double) sum);
}

/* q may be x */
void
fc_softmax(const FcReal *x, int64_t n, int32_t k, FcReal *q)
{
	for (int64_t i = 0; i < n; i++)
		(void) fc_softmax_row(x + i * k, k, q + i * k);
}

/* at (k) = -log q of one row, in double precision: q itself might be 0 */
void
fc_negative_log_softmax(const FcReal *x, int32_t k, double *at)
{
	double		most = largest(x, k);
	double		sum = 0;

	for (int32_t c = 0; c < k; c++)
		sum += exp(x[c] - most);
	for (int32_t c = 0; c < k; c++)
		at[c] = log(sum) - (x[c] - most);
}

/* q is left for the caller and may not be x; dx may be */
double
fc_cross_entropy(const FcReal *x, const FcReal *p, int64_t n, int32_t k, double weight, FcReal *q, FcReal *dx)
{
	FcReal		factor = (FcReal) (weight / n);
	double		loss = 0;

	for (int64_t i = 0; i < n; i++, x += k, p += k, q += k, dx += k)
	{
		double		whole = fc_softmax_row(x, k, q);

		for (int32_t c = 0; c < k; c++)
			loss += p[c] * (whole - x[c]);
		for (int32_t c = 0; c < k; c++)
			dx[c] = factor * (q[c] - p[c]);
	}
	return loss / n;
}
