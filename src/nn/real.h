/*
 * real.h - the type of arithmetic in networks
 *
 * float; with FC_NN_DOUBLE the same sources calculate in double, so that the
 * unit tests can compare gradients with finite differences to many digits.
 * Functions of the type are fc_real_....
 */
#ifndef FC_REAL_H
#define FC_REAL_H

#include <float.h>
#include <math.h>

#include "core/variants.h"		/* vector versions of exp and log */

#ifdef FC_NN_DOUBLE
typedef double FcReal;

#define FC_REAL_PRECISION	FC_F64
#define FC_REAL_EPSILON		DBL_EPSILON
#define fc_real_exp			exp
#define fc_real_log			log
#define fc_real_pow			pow
#define fc_real_sqrt		sqrt
#define fc_real_abs			fabs
#else
typedef float FcReal;

#define FC_REAL_PRECISION	FC_F32
#define FC_REAL_EPSILON		FLT_EPSILON
#define fc_real_exp			expf
#define fc_real_log			logf
#define fc_real_pow			powf
#define fc_real_sqrt		sqrtf
#define fc_real_abs			fabsf
#endif

#endif
