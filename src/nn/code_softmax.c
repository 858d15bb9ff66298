/*
 * code_softmax.c - memberships that are a softmax of distances of codes
 *
 *	u_ic = exp(-f D_ic) / sum_b exp(-f D_ib)				(eq. 1)
 *	L    = -(1/n) sum_ic p_ic log u_ic						(eq. 2)
 *	dL/dD_ic = f (p_ic - u_ic) / n							(eq. 3)
 *
 * D of codes.c, a factor f, targets p (n, k).
 */
#include "nn/loss.h"

/* -f D */
static void
exponents(const FcCodes *c, double factor, FcReal *x)
{
	fc_codes_distances(c, x);
	for (int64_t i = 0; i < c->n * c->k; i++)
		x[i] *= (FcReal) -factor;
}

/* Eq. 1 */
void
fc_code_softmax(const FcCodes *c, double factor, FcReal *q)
{
	exponents(c, factor, q);
	fc_softmax(q, c->n, c->k, q);
}

/* Eq. 2; q is left for the caller, and eq. 3 times the weight in s */
double
fc_code_cross_entropy(const FcCodes *c, double factor, const FcReal *p, double weight, FcReal *q, FcReal *s)
{
	exponents(c, factor, s);
	return fc_cross_entropy(s, p, c->n, c->k, -weight * factor, q, s);
}
