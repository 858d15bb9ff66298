/*
 * dfmec_loops.h - hot loops of dfmec.c, once for each precision and instruction set: see variants.h
 */
#include "core/nearest.h"

/* Eq. 1; returns the sum of least D */
static double
FC_VARIANT(softmax) (FcWeighing *g, void *atv, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	FC_REAL		least[FC_TILE];
	FC_REAL		sum[FC_TILE];
	FC_REAL		minus_beta = (FC_REAL) (-1 / g->parameters[0]);
	double		objective = 0;

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	for (int32_t i = 0; i < lanes; i++)
	{
		objective += i < rows ? least[i] : 0;
		sum[i] = 0;
	}
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			d[i] = FC_EXP((d[i] - least[i]) * minus_beta);
			sum[i] += d[i];
		}
	}
	for (int32_t c = 0; c < k; c++)
		for (int32_t i = 0; i < lanes; i++)
			at[(int64_t) c * stride + i] /= sum[i];
	return objective;
}
