/*
 * outside.h - first centers from outside the sample
 */
#ifndef FC_OUTSIDE_H
#define FC_OUTSIDE_H

#include "core/seed.h"

extern int32_t fc_search_outside(const FcFit *f, FcSeeder *s, int32_t c);

#endif
