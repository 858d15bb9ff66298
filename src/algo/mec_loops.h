/*
 * mec_loops.h - hot loops of mec.c, once for each precision and instruction set: see variants.h
 */
#include "core/nearest.h"

/* Eq. 1 */
static double
FC_VARIANT(memberships) (FcWeighing *g, void *atv, int32_t stride,
						 int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	FC_REAL		least[FC_TILE];
	FC_REAL		z[FC_TILE];
	double		part[FC_TILE];
	double		temperature = g->parameters[0];
	FC_REAL		minus_beta = (FC_REAL) fmax(-1 / temperature, -FC_LARGEST);	/* times 0 is 0 */

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	for (int32_t i = 0; i < lanes; i++)
		z[i] = 0;
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			d[i] = FC_EXP((d[i] - least[i]) * minus_beta);
			z[i] += d[i];
		}
	}
	for (int32_t i = 0; i < lanes; i++)
	{
		part[i] = least[i] - temperature * FC_LOG(z[i]);
		z[i] = 1 / z[i];
	}
	for (int32_t c = 0; c < k; c++)
		for (int32_t i = 0; i < lanes; i++)
			at[(int64_t) c * stride + i] *= z[i];
	return FC_VARIANT(sum_of) (part, lanes, rows);
}
