/*
 * pair.c - the loss of a pair of neighbours (Adaloglou et al., 2023)
 *
 *   L = -ln sum_c (q_c t_c)^beta / s_c,   q = softmax(x)
 *
 * for the student's memberships q of one row, the teacher's t of the other, and the
 * mean memberships s of all rows: with beta = 1 the pointwise mutual information
 * of the two.  With r_c the share of term c in the sum,
 *
 *   dL / dx_c = beta (q_c - r_c)
 *
 * x, t, dx (k).  Terms are added as logarithms, so that none vanishes.
 */
#include "nn/loss.h"

/* dx may be x; returns weight * L */
double
fc_pair_loss(const FcReal *x, const FcReal *t, const double *share, int32_t k, double beta, double weight, double *term,
			 FcReal *dx)
{
	double		most = -INFINITY;
	double		sum = 0;
	double		whole = 0;
	double		largest = x[0];

	for (int32_t c = 1; c < k; c++)
		largest = x[c] > largest ? x[c] : largest;
	for (int32_t c = 0; c < k; c++)
		whole += exp(x[c] - largest);
	whole = largest + log(whole);
	for (int32_t c = 0; c < k; c++)
	{
		term[c] = beta * (x[c] - whole + log((double) t[c] + DBL_MIN)) - log(share[c]);
		most = term[c] > most ? term[c] : most;
	}
	for (int32_t c = 0; c < k; c++)
		sum += exp(term[c] - most);
	sum = most + log(sum);
	for (int32_t c = 0; c < k; c++)
		dx[c] = (FcReal) (weight * beta * (exp(x[c] - whole) - exp(term[c] - sum)));
	return -weight * sum;
}
