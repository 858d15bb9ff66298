/*
 * moments.h - mean and standard deviation of each feature
 */
#ifndef FC_MOMENTS_H
#define FC_MOMENTS_H

#include "core/scale.h"

extern bool fc_moments_begin(FcFit *f);
extern void fc_moments_add(FcFit *f, const void *x, const double *weight, int32_t rows);
extern void fc_moments_end(FcFit *f);
extern void fc_moments_finish(FcFit *f);

#endif
