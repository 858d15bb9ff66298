/*
 * cost.c - how much work a training will be: a rough estimate from sizes and
 * options, as multiplications of the work that a team can share
 */
#include "core/cost.h"

#include "core/kernel.h"

#include <math.h>

#define PASSES			20		/* that a start usually takes */
#define WEIGHT			10		/* of a row in a cluster: as many multiplications */
#define STEP			6		/* multiplications for a parameter and row: forwards, and twice as many back */

/* One pass over the rows: distances, weights, and sums */
static double
cost_of_pass(const FcModel *m, int64_t n)
{
	double		products = m->algo->kernel->has_shapes ? (double) m->d * m->d : m->d;

	return (2 * products + WEIGHT) * n * m->k;
}

/* Call it after fc_fit_begin() */
double
fc_fit_cost(const FcFit *f)
{
	const FcModel *m = f->model;

	if (m->algo->network)
		return (double) STEP * m->algo->network->parameters(m) * f->rows.n * m->algo->epochs->most(m);
	if (m->algo->nodes)
		return (double) m->algo->nodes(m) * f->rows.n * m->d;
	return fmin(m->common[FC_MAX_ITERATIONS], PASSES) * cost_of_pass(m, f->rows.n);
}
