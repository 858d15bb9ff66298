/*
 * optimizer.h - from gradients to parameters; all are blocks of one shape
 */
#ifndef FC_OPTIMIZER_H
#define FC_OPTIMIZER_H

#include "nn/real.h"

#define FC_OPTIMIZER_SLICE	((size_t) 1 << 20)	/* parameters between two checks */

typedef struct FcAdam
{
	double		rate;
	double		beta1;
	double		beta2;
	double		epsilon;
} FcAdam;

typedef struct FcSgd
{
	double		rate;
	double		momentum;
} FcSgd;

/* One of them, and its step: 1, 2, ... */
typedef struct FcOptimizer
{
	bool		adapts;			/* FcAdam, which has two moments; else FcSgd, with one */
	FcAdam		adam;
	FcSgd		sgd;
	int64_t		step;
} FcOptimizer;

extern FcAdam fc_adam(double rate);
extern void fc_adam_step(const FcAdam *a, const FcHooks *hooks, int64_t step, size_t count, const FcReal *gradients,
						 FcReal *m, FcReal *v, FcReal *parameters);
extern void fc_sgd_step(const FcSgd *s, const FcHooks *hooks, size_t count, const FcReal *gradients, FcReal *velocity,
						FcReal *parameters);
extern void fc_optimize(const FcOptimizer *o, const FcHooks *hooks, size_t first, size_t count, const FcReal *gradients,
						FcReal *const *moment, FcReal *parameters);
extern double fc_cosine_rate(double rate, double least, int64_t step, int64_t steps);

#endif
