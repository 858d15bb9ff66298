/*
 * softmax.h - memberships exp(-D / eta), adding up to 1: defined in dfmec.c, parameter eta
 */
#ifndef FC_DEEP_SOFTMAX_H
#define FC_DEEP_SOFTMAX_H

#include "deep/method.h"

extern const FcWeigh fc_softmax_weigh[FC_ISAS][2];

#endif
