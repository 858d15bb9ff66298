/*
 * offset.h - rows far from zero, shifted towards it while an algorithm runs
 */
#ifndef FC_OFFSET_H
#define FC_OFFSET_H

#include "core/scale.h"

extern bool fc_offset_choose(const FcFit *f, double *offset);
extern void fc_offset_begin(FcFit *f, const double *offset, FcScaledRows *rows);
extern void fc_offset_end(FcFit *f);

#endif
