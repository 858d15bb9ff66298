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

extern FcAdam fc_adam(double rate);
extern void fc_adam_step(const FcAdam *a, const FcHooks *hooks, int64_t step, size_t count, const FcReal *gradients,
						 FcReal *m, FcReal *v, FcReal *parameters);
extern void fc_sgd_step(const FcSgd *s, const FcHooks *hooks, size_t count, const FcReal *gradients, FcReal *velocity,
						FcReal *parameters);
extern double fc_cosine_rate(double rate, double least, int64_t step, int64_t steps);

#endif
