/*
 * precisions.h - the inner half of variants.h: both precisions of one
 * instruction set.  Has no include guard on purpose.
 */
#define FC_REAL float
#define FC_PRECISION_NAME f32
#define FC_EXP expf
#define FC_LOG logf
#define FC_LOG1P log1pf
#include FC_VARIANTS_OF
#undef FC_REAL
#undef FC_PRECISION_NAME
#undef FC_EXP
#undef FC_LOG
#undef FC_LOG1P

#define FC_REAL double
#define FC_PRECISION_NAME f64
#define FC_EXP exp
#define FC_LOG log
#define FC_LOG1P log1p
#include FC_VARIANTS_OF
#undef FC_REAL
#undef FC_PRECISION_NAME
#undef FC_EXP
#undef FC_LOG
#undef FC_LOG1P
