/*
 * loss_dec.c - deep embedded clustering (Xie, Girshick and Farhadi, 2016)
 *
 *   q_ic = (1 + D_ic / alpha)^-((alpha + 1) / 2), rows then adding up to 1	(eq. 1)
 *   L = (1/n) sum_ic p_ic log(p_ic / q_ic)									(eq. 2)
 *   s_ic = 2 dL/dD_ic = (alpha + 1)/alpha (p_ic - q_ic) / (1 + D_ic / alpha) / n	(eq. 4, 5)
 *
 * D of codes.c, which also has the gradients; q, p, s (n, k).  IDEC (Guo et
 * al., 2017) is this loss with a small weight beside that of the decoder.
 */
#include "nn/loss.h"

#define LEAST	1e-12

/* q from D in place: relative to the nearest center, lest all of them underflow */
static void
memberships(int64_t n, int32_t k, double alpha, FcReal *q)
{
	FcReal		power = (FcReal) ((alpha + 1) / 2);

	for (int64_t i = 0; i < n; i++)
	{
		FcReal	   *at = q + i * k;
		FcReal		least = at[0];

		for (int32_t c = 1; c < k; c++)
			least = at[c] < least ? at[c] : least;
		for (int32_t c = 0; c < k; c++)
			at[c] = ((FcReal) alpha + least) / ((FcReal) alpha + at[c]);
		if (power != 1)
			for (int32_t c = 0; c < k; c++)
				at[c] = fc_real_pow(at[c], power);
	}
	fc_normalize_rows(q, n, k);
}

void
fc_dec_memberships(const FcCodes *c, double alpha, FcReal *q)
{
	fc_codes_distances(c, q);
	memberships(c->n, c->k, alpha, q);
}

/* q is left for the caller, s is work space; dv may be NULL */
double
fc_dec_loss(const FcCodes *c, double alpha, const FcReal *p, double weight, FcReal *q, FcReal *s, FcReal *dz,
			FcReal *dv)
{
	double		factor = weight * (alpha + 1) / c->n;
	double		loss = 0;

	fc_codes_distances(c, s);
	for (int64_t i = 0; i < c->n * c->k; i++)
		q[i] = s[i];
	memberships(c->n, c->k, alpha, q);
	for (int64_t i = 0; i < c->n * c->k; i++)
	{
		if (p[i] > 0)
			loss += p[i] * log(p[i] / (q[i] < LEAST ? LEAST : q[i]));	/* a NaN stays one */
		s[i] = (FcReal) (factor * (p[i] - q[i]) / (alpha + s[i]));
	}
	fc_codes_pull(c, s, dz, dv);
	return loss / c->n;
}
