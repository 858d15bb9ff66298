/*
 * affinity_loops.h - hot loops of affinity.c, once for each precision and instruction set: see variants.h
 */

static void
FC_VARIANT(affinities) (void *atv, int32_t lanes, double least, double factor)
{
	FC_REAL    *at = atv;

	for (int32_t i = 0; i < lanes; i++)
		at[i] = FC_EXP((FC_REAL) ((least - at[i]) * factor));
}
