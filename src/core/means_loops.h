/*
 * means_loops.h - hot loops of means.c, once for each precision and instruction set: see variants.h
 */
#include "core/nearest.h"

/* Eq. 1: 1 for the nearest center, 0 for the others; returns sum of min d */
static double
FC_VARIANT(assign) (FcWeighing *g, void *atv, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	FC_REAL		least[FC_TILE];
	int32_t		nearest[FC_TILE];

	FC_VARIANT(nearest_of) (at, stride, lanes, k, least, nearest);
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *w = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
			w[i] = nearest[i] == c ? 1 : 0;
	}
	for (int32_t i = 0; g->terms && i < rows; i++)
		g->terms[i] = least[i];
	return FC_VARIANT(total_of) (least, lanes, rows);
}
