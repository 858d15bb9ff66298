/*
 * critical.h - the temperature at which all centers merge
 */
#ifndef FC_CRITICAL_H
#define FC_CRITICAL_H

#include "core/fc.h"

extern double fc_critical_temperature(const FcFit *f, double q);
extern double fc_safe_fuzzifier(const FcFit *f);

#endif
