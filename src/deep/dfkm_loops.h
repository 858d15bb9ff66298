/*
 * dfkm_loops.h - hot loops of dfkm.c, once for each precision and instruction set: see variants.h
 */
#include "core/softmax.h"

/* Eq. 1 and 2; returns the sum of least D */
static double
FC_VARIANT(adaptive) (FcWeighing *g, void *atv, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	FC_REAL		least[FC_TILE];
	FC_REAL		sum[FC_TILE];
	FC_REAL		sigma = (FC_REAL) g->parameters[1];
	double		objective;

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	objective = FC_VARIANT(total_of) (least, lanes, rows);
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		length = (FC_REAL) sqrt(d[i] < FC_LARGEST / 4 ? d[i] : FC_LARGEST / 4);

			d[i] = (1 + sigma) * length * (length / (length + sigma));
		}
	}
	FC_VARIANT(exponentials_of) (at, stride, lanes, k, (FC_REAL) (-1 / g->parameters[0]), least, sum);
	FC_VARIANT(divide_by) (at, stride, lanes, k, sum);
	return objective;
}
