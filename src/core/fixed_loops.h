/*
 * fixed_loops.h - hot loops of fixed.c, once for each instruction set: see variants.h
 */
#define VECTOR	FC_VARIANT(Vector)
#define WIDTH	((int) (FC_VECTOR_BYTES / sizeof(FC_REAL)))

typedef FC_REAL VECTOR __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(FC_REAL)), may_alias));

#include "core/split_loops.h"

/* Are all of them below 1? */
static inline __attribute__((always_inline)) bool
FC_VARIANT(are_below_1) (const double *x, int32_t n)
{
	BITS		all = (BITS) {0} + (unsigned FC_LANE) 0x7FFFFFFFFFFFFFFF;
	BITS		beyond = {0};
	unsigned FC_LANE lane[WIDTH];
	unsigned FC_LANE any = 0;

	for (int32_t i = 0; i < n; i += WIDTH)
		beyond |= (BITS) ((*(const BITS *) (x + i) & all) >= (unsigned FC_LANE) 0x3FF0000000000000);
	memcpy(lane, &beyond, sizeof(lane));
	for (int i = 0; i < WIDTH; i++)
		any |= lane[i];
	return any == 0;
}

/* False, and nothing is added: one of them is 1 or more.  Behind them, zeros are added to what follows. */
static bool
FC_VARIANT(add_below_1) (const double *x, int32_t n, uint64_t *digit, size_t number)
{
	if (!FC_VARIANT(are_below_1) (x, n))
		return false;
	for (int32_t i = 0; i < n; i += WIDTH)
	{
		BITS		at[LEVELS];

#pragma GCC unroll 4
		for (int l = 0; l < LEVELS; l++)
			at[l] = *(const BITS *) (digit + (LEVELS - 1 - l) * number + i) - FC_VARIANT(split_zero) (l);
		FC_VARIANT(split) (*(const VECTOR *) (x + i), at, LEVELS);
#pragma GCC unroll 4
		for (int l = 0; l < LEVELS; l++)
			*(BITS *) (digit + (LEVELS - 1 - l) * number + i) = at[l];
	}
	return true;
}

#undef VECTOR
#undef WIDTH
#undef BITS
#undef SPLIT_STEP
