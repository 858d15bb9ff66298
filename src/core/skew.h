/*
 * skew.h - how lopsided a column is, and on which scale it is less so: see skew.c
 */
#ifndef FC_SKEW_H
#define FC_SKEW_H

#include "core/fc.h"

#define FC_SKEWED	1.0			/* skewness of an exponential distribution: 2, of a gaussian: 0 */

typedef enum FcPower
{
	FC_AS_IT_IS,
	FC_SQUARE_ROOT,
	FC_CUBE_ROOT,
	FC_LOGARITHM
} FcPower;

extern double fc_deviation(const double *values, int32_t n, double *mean);
extern double fc_skewness(const double *values, int32_t n);
extern FcPower fc_straighten(double *values, int32_t n);

#endif
