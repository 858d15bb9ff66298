/*
 * mec_loops.h - hot loops of mec.c, once for each precision and instruction set: see variants.h
 */
#include "core/softmax.h"

/* Eq. 1 */
static double
FC_VARIANT(memberships) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL		least[FC_TILE];
	FC_REAL		z[FC_TILE];
	double		part[FC_TILE];
	double		temperature = g->parameters[0];
	FC_REAL		minus_beta = (FC_REAL) fmax(-1 / temperature, -FC_LARGEST);	/* times 0 is 0 */

	FC_VARIANT(exponentials_of) (at, stride, lanes, k, minus_beta, least, z);
	for (int32_t i = 0; i < lanes; i++)
	{
		part[i] = least[i] - temperature * FC_LOG(z[i]);
		z[i] = 1 / z[i];
	}
	FC_VARIANT(multiply_by) (at, stride, lanes, k, z);
	return FC_VARIANT(objective_of) (g, part, lanes, rows);
}
