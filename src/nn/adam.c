/*
 * adam.c - adaptive moments (Kingma and Ba, 2015)
 *
 *   m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
 *   p = p - rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon)
 *
 * with t = 1, 2, ... and m = v = 0 before.  A moment that has almost vanished
 * is set to 0: arithmetic on subnormal numbers is slow on some processors.
 */
#include "nn/optimizer.h"

#define LEAST	((FcReal) 1e-30)

FcAdam
fc_adam(double rate)
{
	return (FcAdam) {.rate = rate, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8};
}

static void
update(const FcAdam *a, int64_t step, size_t count, const FcReal *restrict g, FcReal *restrict m, FcReal *restrict v,
	   FcReal *restrict p)
{
	FcReal		beta1 = (FcReal) a->beta1;
	FcReal		beta2 = (FcReal) a->beta2;
	FcReal		rest1 = (FcReal) (1 - a->beta1);
	FcReal		rest2 = (FcReal) (1 - a->beta2);
	FcReal		rate = (FcReal) (a->rate / (1 - pow(a->beta1, (double) step)));
	FcReal		unbias = (FcReal) (1 / sqrt(1 - pow(a->beta2, (double) step)));
	FcReal		epsilon = (FcReal) a->epsilon;

	for (size_t i = 0; i < count; i++)
	{
		FcReal		first = beta1 * m[i] + rest1 * g[i];
		FcReal		second = beta2 * v[i] + rest2 * g[i] * g[i];

		m[i] = first = fc_real_abs(first) < LEAST ? 0 : first;
		v[i] = second = second < LEAST ? 0 : second;
		p[i] -= rate * first / (fc_real_sqrt(second) * unbias + epsilon);
	}
}

void
fc_adam_step(const FcAdam *a, const FcHooks *hooks, int64_t step, size_t count, const FcReal *gradients, FcReal *m,
			 FcReal *v, FcReal *parameters)
{
	for (size_t i = 0; i < count; i += FC_OPTIMIZER_SLICE)
	{
		fc_check(hooks);
		update(a, step, count - i < FC_OPTIMIZER_SLICE ? count - i : FC_OPTIMIZER_SLICE, gradients + i, m + i, v + i,
			   parameters + i);
	}
}
