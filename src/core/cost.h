/*
 * cost.h - how much work a training will be
 */
#ifndef FC_COST_H
#define FC_COST_H

#include "core/fc.h"

extern double fc_fit_cost(const FcFit *f);

#endif
