/*
 * loss_edcwrn.c - deep clustering with weighted representations and neighbours
 * (Golzari Oskouei, Balafar and Motamed, 2022)
 *
 *   z_i  = encX(x_i) + max over neighbours encN(x)						(eq. 7, 8)
 *   q_ic = 1 / (1 + a D_ic^b)											(eq. 10)
 *   L    = -(1/n) sum_ic p_ic log q_ic									(eq. 13)
 *   s_ic = 2 dL/dD_ic = 2 g_ic p_ic / n,  g_ic = a b D_ic^(b-1) / (1 + a D_ic^b)
 *   w_cj = (1/V_cj) / sum_l (1/V_cl),  V_cj = sum_i q_ic^alpha (z_ij - v_cj)^2	(eq. 15)
 *
 * The paper prints L without its sign, and gradients (A.1, A.2) that match no
 * loss in it; those here are correct.  The authors' code divides q by the sum
 * of its row before the logarithm, and so does this code if "normalized" is
 * set: then s_ic = 2 g_ic (p_ic - q_ic) / n.  Without it nothing pushes
 * clusters apart.
 *
 * D of codes.c with w; q, p, s (n, k), V, w, v (k, m).  For b < 1 the power
 * D^(b - 1) of 0 is infinite, where the gradient is 0: so it is D^b / D, with a
 * divisor of at least 1e-12.
 */
#include "nn/loss.h"

#define LEAST_DISTANCE	((FcReal) 1e-12)
#define LEAST_Q			1e-7
#define LEAST_SPREAD	1e-12
#define SPREAD_FLOOR	1e-3	/* of the mean, so that a dead dimension does not get all the weight */

/* a D^b */
static inline FcReal
rise(const FcEdcwrn *e, FcReal distance)
{
	return (FcReal) e->a * fc_real_pow(distance, (FcReal) e->b);
}

/* q that does not add up to 1: small for rows that are far from everything */
void
fc_edcwrn_similarity(const FcCodes *c, const FcEdcwrn *e, FcReal *q)
{
	fc_codes_distances(c, q);
	for (int64_t i = 0; i < c->n * c->k; i++)
		q[i] = 1 / (1 + rise(e, q[i]));
}

/*
 * q is left for the caller, s is work space; dv may be NULL.  up / (1 + up) is
 * so written that neither digits near a center nor infinity far away are lost.
 */
double
fc_edcwrn_loss(const FcCodes *c, const FcEdcwrn *e, const FcReal *p, double weight, FcReal *q, FcReal *s, FcReal *dz,
			   FcReal *dv)
{
	FcReal		factor = (FcReal) (2 * weight * e->b / c->n);
	double		loss = 0;

	fc_codes_distances(c, s);
	for (int64_t i = 0; i < c->n * c->k; i++)
	{
		FcReal		up = rise(e, s[i]);

		q[i] = 1 / (1 + up);
		s[i] = factor / (1 + 1 / up) / (s[i] > LEAST_DISTANCE ? s[i] : LEAST_DISTANCE);
	}
	if (e->normalized)
		fc_normalize_rows(q, c->n, c->k);
	for (int64_t i = 0; i < c->n * c->k; i++)
	{
		loss -= p[i] * log(q[i] < LEAST_Q ? LEAST_Q : q[i]);	/* a NaN stays one */
		s[i] *= e->normalized ? p[i] - q[i] : p[i];
	}
	fc_codes_pull(c, s, dz, dv);
	return loss / c->n;
}

/* spread (k, m), which the caller cleared, takes up these rows: V of eq. 15 */
void
fc_edcwrn_spread(const FcCodes *c, const FcReal *q, double alpha, double *spread)
{
	for (int64_t i = 0; i < c->n; i++)
	{
		fc_codes_check(c);
		for (int32_t b = 0; b < c->k; b++)
		{
			double		share = pow(q[i * c->k + b], alpha);

			for (int32_t j = 0; j < c->m; j++)
			{
				int64_t		at = (int64_t) b * c->m + j;
				double		difference = c->z[i * c->m + j] - c->v[at];

				spread[at] += share * difference * difference;
			}
		}
	}
}

void
fc_edcwrn_weights(const double *spread, int32_t k, int32_t m, FcReal *w)
{
	for (int32_t c = 0; c < k; c++, spread += m, w += m)
	{
		double		mean = 0;
		double		sum = 0;

		for (int32_t j = 0; j < m; j++)
			mean += spread[j] / m;
		for (int32_t j = 0; j < m; j++)
			sum += 1 / fmax(spread[j], fmax(SPREAD_FLOOR * mean, LEAST_SPREAD));
		for (int32_t j = 0; j < m; j++)
			w[j] = (FcReal) (1 / fmax(spread[j], fmax(SPREAD_FLOOR * mean, LEAST_SPREAD)) / sum);
	}
}

static int32_t
largest(const FcReal *x, int32_t count, int32_t m)
{
	int32_t		best = 0;

	for (int32_t l = 1; l < count; l++)
		if (x[(int64_t) l * m] > x[(int64_t) best * m])
			best = l;
	return best;
}

/* z (n, m) += the largest of each dimension of neighbors (n, count, m) */
void
fc_neighbor_max(const FcHooks *hooks, const FcReal *neighbors, int64_t n, int32_t count, int32_t m, FcReal *z)
{
	for (int64_t i = 0; i < n; i++, neighbors += (int64_t) count * m)
	{
		fc_check(hooks);
		for (int32_t j = 0; j < m; j++)
			z[i * m + j] += neighbors[(int64_t) largest(neighbors + j, count, m) * m + j];
	}
}

/* The gradient is passed to the largest, the first of equals */
void
fc_neighbor_max_gradient(const FcHooks *hooks, const FcReal *neighbors, const FcReal *dz, int64_t n, int32_t count,
						 int32_t m, FcReal *dneighbors)
{
	for (int64_t i = 0; i < n; i++, neighbors += (int64_t) count * m, dneighbors += (int64_t) count * m)
	{
		fc_check(hooks);
		for (int32_t j = 0; j < m; j++)
		{
			int32_t		best = largest(neighbors + j, count, m);

			for (int32_t l = 0; l < count; l++)
				dneighbors[(int64_t) l * m + j] = l == best ? dz[i * m + j] : 0;
		}
	}
}
