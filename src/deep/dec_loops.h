/*
 * dec_loops.h - hot loops of dec.c, once for each precision and instruction set: see variants.h
 */
#include "core/nearest.h"

/* Eq. 1, relative to the nearest center lest all of them underflow; returns the sum of least D */
static double
FC_VARIANT(student) (FcWeighing *g, void *atv, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	FC_REAL		least[FC_TILE];
	FC_REAL		sum[FC_TILE];
	FC_REAL		scale = (FC_REAL) g->parameters[0];
	FC_REAL		alpha = (FC_REAL) g->parameters[1];
	FC_REAL		power = (alpha + 1) / 2;
	FC_REAL		limit = FC_LARGEST / 4;
	double		objective;

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	objective = FC_VARIANT(total_of) (least, lanes, rows);
	for (int32_t i = 0; i < lanes; i++)
	{
		least[i] = least[i] < limit / scale ? scale * least[i] : limit;
		sum[i] = 0;
	}
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		far = d[i] < limit / scale ? scale * d[i] : limit;

			d[i] = FC_EXP(power * FC_LOG((alpha + least[i]) / (alpha + far)));
			sum[i] += d[i];
		}
	}
	FC_VARIANT(divide_by) (at, stride, lanes, k, sum);
	return objective;
}
