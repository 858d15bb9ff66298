/*
 * softmax_loops.h - hot loops of softmax.c, once for each precision and instruction set: see variants.h
 */
#include "core/softmax.h"

/* Returns the sum of least D */
static double
FC_VARIANT(softmax) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL		least[FC_TILE];
	FC_REAL		sum[FC_TILE];

	FC_VARIANT(exponentials_of) (at, stride, lanes, k, (FC_REAL) (-1 / g->parameters[0]), least, sum);
	FC_VARIANT(divide_by) (at, stride, lanes, k, sum);
	return FC_VARIANT(total_of) (least, lanes, rows);
}
