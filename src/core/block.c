/*
 * block.c - the loops in which training spends its time
 *
 * Distances are sums of (x - v)^2, not |x|^2 - 2 x v + |v|^2: no digits are
 * lost when the data lie far from zero, and with few clusters it is faster
 * than a matrix product.  A register holds the same feature of 16 (float32) or
 * 8 (float64) rows; several centers are taken at once, so that a feature is
 * loaded once for all of them.
 */
#include "core/kernel.h"

#include <string.h>

#define MOST_CENTERS	10		/* taken at once: their sums stay in registers */
#define STRIP			64		/* features: those of a block's rows are near the first-level cache */
#define AHEAD			4		/* centers, beside whose work it takes no time to read ahead */
#define FEW_LANES		240		/* rows whose distances to many centers stay in the first-level cache */
#define LANES_AT_HAND	128		/* of more, as many at once */
#define AT_HAND			9600	/* distances: to 40 centers or more */
#define TURNED			160		/* rows at most, added in the precision of the features */
#define ROWS_A_SUM		2		/* at least, or it takes longer to clear such sums */

/* A sum is added to where it is: GCC, left alone, moves one of several in each step, which takes longer */
#ifdef FC_X86
#define IN_REGISTER(sum) __asm__("" : "+v" (sum))
#else
#define IN_REGISTER(sum) ((void) 0)
#endif

/* The cases of a number from 1 to 10 that is to be a constant */
#define UP_TO_TEN(c)	c(1); c(2); c(3); c(4); c(5); c(6); c(7); c(8); c(9); c(10);

/* What costs less: to turn squares of rows and features, or to fold registers of sums? */
#ifndef FC_FEW_LANES
#define FC_FEW_LANES(lanes, d, k, width) ((lanes) < 16 * (width) && (k) >= 16 && 2 * (d) >= (width))
#endif

#define FC_VARIANTS_OF "core/block_loops.h"
#include "core/variants.h"

#ifdef FC_X86
#define OPS(precision, isa) {distance_##precision##_##isa, accumulate_##precision##_##isa, add_rows_##precision##_##isa, \
	nearest_##precision##_##isa, assign_##precision##_##isa, compare_##precision##_##isa, \
	relative_##precision##_##isa, scale_##precision##_##isa, weigh_##precision##_##isa}
#else
#define OPS(precision, isa) {distance_##precision##_base, accumulate_##precision##_base, add_rows_##precision##_base, \
	nearest_##precision##_base, assign_##precision##_base, compare_##precision##_base, \
	relative_##precision##_base, scale_##precision##_base, weigh_##precision##_base}
#endif

static const FcBlockOps ops[FC_ISAS][2] = {
	{OPS(f32, base), OPS(f64, base)},
	{OPS(f32, avx2), OPS(f64, avx2)},
	{OPS(f32, avx512), OPS(f64, avx512)},
};

/* The best variant for this processor; determined once per training or scorer */
FcIsa
fc_best_isa(void)
{
#ifdef FC_X86
	__builtin_cpu_init();
	if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma"))
		return FC_ISA_BASE;
	if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
		__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
		return FC_ISA_AVX512;
	return FC_ISA_AVX2;
#else
	return FC_ISA_BASE;
#endif
}

const FcBlockOps *
fc_block_ops(int isa, FcPrecision precision)
{
	return &ops[isa][precision];
}
