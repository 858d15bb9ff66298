/*
 * variant.h - the innermost part of variants.h: the loops for one precision and
 * one instruction set.  Has no include guard on purpose.
 */
#define FC_EXP FC_VARIANT(exp)
#include "core/exp.h"
#include FC_VARIANTS_OF
#undef FC_EXP

#undef FC_REAL
#undef FC_REAL_BYTES
#undef FC_LANE
#undef FC_PRECISION_NAME
#undef FC_PRECISION_INDEX
#undef FC_EXP_PLAIN
#undef FC_LEAST_EXPONENT
#undef FC_LEAST_EXP
#undef FC_LARGEST
#undef FC_LEAST
#undef FC_LOG
#undef FC_LOG1P
