/*
 * use_loops.h - hot loops of use.c, once for each precision and instruction set: see variants.h
 */
#include "core/softmax.h"

/* Distances that are -ln u: back to u; returns the sum of the least of them */
static double
FC_VARIANT(exponentials) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL		least[FC_TILE];
	FC_REAL		sum[FC_TILE];

	(void) g;
	FC_VARIANT(exponentials_of) (at, stride, lanes, k, -1, least, sum);
	FC_VARIANT(divide_by) (at, stride, lanes, k, sum);
	return FC_VARIANT(total_of) (least, lanes, rows);
}
