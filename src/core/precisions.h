/*
 * precisions.h - the inner half of variants.h: both precisions of one
 * instruction set.  Has no include guard on purpose.
 */
#ifndef FC_ONLY_F64
#define FC_REAL float
#define FC_REAL_BYTES 4
#define FC_LANE int
#define FC_PRECISION_NAME f32
#define FC_PRECISION_INDEX FC_F32
#define FC_EXP_PLAIN expf
#define FC_LEAST_EXPONENT fc_least_exponent_f32
#define FC_LEAST_EXP 1.65e-38f
#define FC_LARGEST FLT_MAX
#define FC_LEAST FLT_MIN
#define FC_LOG logf
#define FC_LOG1P log1pf
#include "core/variant.h"
#endif

#define FC_REAL double
#define FC_REAL_BYTES 8
#define FC_LANE long long
#define FC_PRECISION_NAME f64
#define FC_PRECISION_INDEX FC_F64
#define FC_EXP_PLAIN exp
#define FC_LEAST_EXPONENT fc_least_exponent_f64
#define FC_LEAST_EXP 3.31e-308
#define FC_LARGEST DBL_MAX
#define FC_LEAST DBL_MIN
#define FC_LOG log
#define FC_LOG1P log1p
#include "core/variant.h"
