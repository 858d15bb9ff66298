/*
 * codes.c - squared distances between codes and centers, and their gradients
 *
 *   D_ic = scale sum_j w_cj (z_ij - v_cj)^2
 *
 * With s_ic = 2 dL/dD_ic for any loss L of the distances,
 *
 *   dz_ij = scale sum_c s_ic w_cj (z_ij - v_cj)
 *   dv_cj = scale w_cj sum_i s_ic (v_cj - z_ij)
 *
 * z (n, m), v and w (k, m), D and s (n, k).  Directly and not by matrix
 * products: codes have few columns, and no digits are lost.
 */
#include "nn/loss.h"

#include <string.h>

#define LEAST_GRADIENT	1e-8	/* a cluster without rows stays where it is */

/* Once a row: there may be many centers */
void
fc_codes_check(const FcCodes *c)
{
	if (c->hooks)
		fc_check(c->hooks);
}

void
fc_codes_distances(const FcCodes *c, FcReal *at)
{
	int32_t		m = c->m;

	for (int64_t i = 0; i < c->n; i++)
	{
		fc_codes_check(c);
		for (int32_t b = 0; b < c->k; b++)
		{
			const FcReal *z = c->z + i * m;
			const FcReal *v = c->v + (int64_t) b * m;
			const FcReal *w = c->w ? c->w + (int64_t) b * m : NULL;
			FcReal		sum = 0;

			for (int32_t j = 0; j < m; j++)
				sum += (w ? w[j] : 1) * (z[j] - v[j]) * (z[j] - v[j]);
			at[i * c->k + b] = (FcReal) c->scale * sum;
		}
	}
}

/* Gradients of the codes, and of the centers, become 0; either may be NULL */
void
fc_codes_clear(const FcCodes *c, FcReal *dz, FcReal *dv)
{
	if (dz)
		memset(dz, 0, sizeof(FcReal) * c->n * c->m);
	if (dv)
		memset(dv, 0, sizeof(FcReal) * c->k * c->m);
}

/* dz or dv may be NULL */
void
fc_codes_pull(const FcCodes *c, const FcReal *s, FcReal *dz, FcReal *dv)
{
	int32_t		m = c->m;

	fc_codes_clear(c, dz, dv);
	for (int64_t i = 0; i < c->n; i++)
	{
		fc_codes_check(c);
		for (int32_t b = 0; b < c->k; b++)
			for (int32_t j = 0; j < m; j++)
			{
				int64_t		at = (int64_t) b * m + j;
				FcReal		force = (FcReal) c->scale * s[i * c->k + b] * (c->w ? c->w[at] : 1) *
					(c->z[i * m + j] - c->v[at]);

				if (dz)
					dz[i * m + j] += force;
				if (dv)
					dv[at] -= force;
			}
	}
}

/* total (k), sum (k, m) take up weights (n, k), and codes times these */
void
fc_add_code_sums(const FcCodes *c, const FcReal *weight, double *total, double *sum)
{
	for (int64_t i = 0; i < c->n; i++)
	{
		fc_codes_check(c);
		for (int32_t b = 0; b < c->k; b++)
		{
			double		share = weight[i * c->k + b];

			total[b] += share;
			for (int32_t j = 0; j < c->m; j++)
				sum[(int64_t) b * c->m + j] += share * c->z[i * c->m + j];
		}
	}
}

/* ... whose means are v (k, m); without a weight a center stays */
void
fc_code_means(const double *total, const double *sum, int32_t k, int32_t m, FcReal *v)
{
	for (int32_t b = 0; b < k; b++)
		for (int32_t j = 0; j < m && total[b] > 0; j++)
			v[(int64_t) b * m + j] = (FcReal) (sum[(int64_t) b * m + j] / total[b]);
}

/* v = normalize(v - step dv / |dv|) for centers v (k, m) of unit length; one without a gradient stays */
void
fc_step_unit_centers(FcReal *v, const FcReal *dv, int32_t k, int32_t m, double step)
{
	for (int32_t c = 0; c < k; c++, v += m, dv += m)
	{
		double		squares = 0;
		double		length;

		for (int32_t j = 0; j < m; j++)
			squares += (double) dv[j] * dv[j];
		length = sqrt(squares);
		if (!(length >= LEAST_GRADIENT))
			continue;
		for (int32_t j = 0; j < m; j++)
			v[j] -= (FcReal) (step / length * dv[j]);
		fc_l2norm(v, 1, m, v);
	}
}
