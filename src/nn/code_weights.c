/*
 * code_weights.c - weights of the numbers in a code, cluster by cluster
 *
 *   w_cj = (1/V_cj) / sum_l (1/V_cl),  V_cj = sum_i q_ic^alpha (z_ij - v_cj)^2
 *
 * (Golzari Oskouei, Balafar and Motamed, 2022, eq. 15); q (n, k), V, w, v (k, m).
 */
#include "nn/loss.h"

#define LEAST_SPREAD	1e-12
#define SPREAD_FLOOR	1e-3	/* of the mean, so that a dead dimension does not get all the weight */

/* spread (k, m), which the caller cleared, takes up these rows: V */
void
fc_code_spread(const FcCodes *c, const FcReal *q, double alpha, double *spread)
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
fc_code_weights(const double *spread, int32_t k, int32_t m, FcReal *w)
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
