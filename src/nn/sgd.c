/*
 * sgd.c - stochastic gradient descent with momentum
 *
 *   u = momentum u + g;  p = p - rate u
 *
 * with u = 0 before the first step.
 */
#include "nn/optimizer.h"

static void
update(const FcSgd *s, size_t count, const FcReal *restrict g, FcReal *restrict u, FcReal *restrict p)
{
	FcReal		momentum = (FcReal) s->momentum;
	FcReal		rate = (FcReal) s->rate;

	for (size_t i = 0; i < count; i++)
	{
		u[i] = momentum * u[i] + g[i];
		p[i] -= rate * u[i];
	}
}

void
fc_sgd_step(const FcSgd *s, const FcHooks *hooks, size_t count, const FcReal *gradients, FcReal *velocity,
			FcReal *parameters)
{
	for (size_t i = 0; i < count; i += FC_OPTIMIZER_SLICE)
	{
		fc_check(hooks);
		update(s, count - i < FC_OPTIMIZER_SLICE ? count - i : FC_OPTIMIZER_SLICE, gradients + i, velocity + i,
			   parameters + i);
	}
}
