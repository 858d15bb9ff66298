/*
 * edcwrn_loops.h - hot loops of edcwrn.c, once for each precision and instruction set: see variants.h
 */
#include "core/nearest.h"

/* Eq. 2, relative to the nearest center lest all of them underflow; returns the sum of least D */
static double
FC_VARIANT(curve) (FcWeighing *g, void *atv, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	FC_REAL		least[FC_TILE];
	FC_REAL		sum[FC_TILE];
	FC_REAL		shift = (FC_REAL) g->parameters[0];	/* log a + b log s */
	FC_REAL		b = (FC_REAL) g->parameters[1];
	FC_REAL		limit = FC_LOG(FC_LARGEST) / 2;
	double		objective;

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	objective = FC_VARIANT(total_of) (least, lanes, rows);
	for (int32_t i = 0; i < lanes; i++)
	{
		FC_REAL		power = shift + b * FC_LOG(least[i]);

		least[i] = 1 + FC_EXP(power < limit ? power : limit);
		sum[i] = 0;
	}
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		power = shift + b * FC_LOG(d[i]);

			d[i] = least[i] / (1 + FC_EXP(power < limit ? power : limit));
			sum[i] += d[i];
		}
	}
	FC_VARIANT(divide_by) (at, stride, lanes, k, sum);
	return objective;
}
