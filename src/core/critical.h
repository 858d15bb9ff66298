/*
 * critical.h - the temperature, or fuzzifier, at which all centers merge
 */
#ifndef FC_CRITICAL_H
#define FC_CRITICAL_H

#include "core/fc.h"

#define FC_USUAL_FUZZIFIER	2

extern double fc_critical_temperature(const FcFit *f, double q);
extern double fc_safe_fuzzifier(const FcFit *f);
extern double fc_usual_fuzzifier(const FcFit *f);

#endif
