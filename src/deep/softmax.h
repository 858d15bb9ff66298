/*
 * softmax.h - memberships exp(-D / eta), adding up to 1, for squared distances D: the parameter is eta
 */
#ifndef FC_DEEP_SOFTMAX_H
#define FC_DEEP_SOFTMAX_H

#include "deep/method.h"

extern const FcWeigh fc_softmax_weigh[FC_ISAS][2];
extern double fc_softmax_head_loss(const FcDeepLoss *l, double factor);

#endif
