/*
 * split_loops.h - numbers rounded at fixed levels, as integers: for hot loops, once for each precision and
 * instruction set.  Who includes it has VECTOR and WIDTH, and ends with undefining its macros.
 */

#define BITS	FC_VARIANT(Bits)
#define SPLIT_STEP	(FC_REAL_BYTES == 4 ? 0x1p-23f : 0x1p-52)	/* from the unit of a level to that of the next */

typedef unsigned FC_LANE BITS __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(FC_REAL)), may_alias));

/* What numbers of a level are added to: 3 at the first */
static inline __attribute__((always_inline)) FC_REAL
FC_VARIANT(split_base) (const int level)
{
	FC_REAL		base = 3;

#pragma GCC unroll 4
	for (int l = 0; l < level; l++)
		base *= (FC_REAL) SPLIT_STEP;
	return base;
}

/* Its bits */
static inline __attribute__((always_inline)) unsigned FC_LANE
FC_VARIANT(split_zero) (const int level)
{
	FC_REAL		base = FC_VARIANT(split_base) (level);
	unsigned FC_LANE bits;

	memcpy(&bits, &base, sizeof(bits));
	return bits;
}

/*
 * Adds to at[0] the bits of 3 + p, p rounded to a multiple of the last of them, to at[1] those of what
 * that left out, and so on; |p| < 1.  A compiler may contract p, a product, with the sums: either way
 * they depend on its factors alone.
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(split) (VECTOR p, BITS *at, const int levels)
{
#pragma GCC unroll 4
	for (int l = 0; l < levels; l++)
	{
		VECTOR		shifted = p + FC_VARIANT(split_base) (l);

		at[l] += (BITS) shifted;
		if (l + 1 < levels)
			p -= shifted - FC_VARIANT(split_base) (l);
	}
}
