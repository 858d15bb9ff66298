/*
 * use.h - a model and a row: its code, and what the decoder makes of it
 */
#ifndef FC_DEEP_USE_H
#define FC_DEEP_USE_H

#include "core/kernel.h"

extern void fc_deep_embed(FcMetric *t, const double *x, float *z);
extern void fc_deep_reconstruct(FcMetric *t, const double *x, double *y);

#endif
