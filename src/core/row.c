/*
 * row.c - one row against all centers, in double precision
 *
 * Sums of several registers run side by side: the next term of one need not
 * wait for the last term of another.
 */
#include "core/row.h"

#include <string.h>

#define FC_ONLY_F64
#define FC_VARIANTS_OF "core/row_loops.h"
#include "core/variants.h"

#ifdef FC_X86
#define OPS(isa) {distance_f64_##isa, partial_f64_##isa, nearest_f64_##isa}
#else
#define OPS(isa) {distance_f64_base, partial_f64_base, nearest_f64_base}
#endif

static const FcRowOps ops[FC_ISAS] = {OPS(base), OPS(avx2), OPS(avx512)};

const FcRowOps *
fc_row_ops(int isa)
{
	return &ops[isa];
}
