/*
 * optimizer.c - a step of either optimizer
 */
#include "nn/optimizer.h"

/* "count" parameters, with their moments, from "first" on; gradients (count) */
void
fc_optimize(const FcOptimizer *o, const FcHooks *hooks, size_t first, size_t count, const FcReal *gradients,
			FcReal *const *moment, FcReal *parameters)
{
	if (o->adapts)
		fc_adam_step(&o->adam, hooks, o->step, count, gradients, moment[0] + first, moment[1] + first, parameters + first);
	else
		fc_sgd_step(&o->sgd, hooks, count, gradients, moment[0] + first, parameters + first);
}
