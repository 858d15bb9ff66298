/*
 * step_bytes.h - a step model as bytes, and the grid of a model: parts of step.c
 */
#ifndef FC_STEP_BYTES_H
#define FC_STEP_BYTES_H

#include "core/step.h"

extern void fc_step_read_offset(const FcStep *s, double *offset);
extern void fc_step_read_origin(const FcStep *s, double *origin);
extern void fc_step_read_exponents(const FcStep *s, int32_t *exponents);
extern bool fc_step_has_origin(const FcStep *s);
extern bool fc_step_is_absolute(const FcStep *s);
extern int	fc_step_gather(const FcKernel *kernel, bool noise, int gather);

#endif
