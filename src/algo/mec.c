/*
 * mec.c - maximum-entropy clustering (Rose, Gurewitz and Fox, 1990; Li and
 * Mukaidono, 1995)
 *
 * Minimizes the free energy  F = sum_i sum_c u_ic d_ic + T sum_i sum_c u_ic ln u_ic,
 * d_ic = |x_i - v_c|^2, at a temperature T by turns:
 *
 *	u_ic = exp(-d_ic / T) / Z_i,  Z_i = sum_c exp(-d_ic / T)	(eq. 1)
 *	v_c  = sum_i u_ic x_i / sum_i u_ic							(eq. 2)
 *
 * and F = -T sum_i ln Z_i for the memberships of eq. 1.  The least distance of a
 * row is subtracted first, so that no exponential overflows and one is 1.
 *
 * Above T_c = 2 lambda_max(covariance) all centers merge; the default is T_c / 8.
 *
 * With the distance 1 - cos (direction.c) d_ic is that, half of the square, and so F and T are.
 *
 * Learned values: (k, d) centers.
 */
#include "core/critical.h"
#include "core/direction.h"
#include "core/engine.h"

#include <math.h>

#define FC_VARIANTS_OF "algo/mec_loops.h"
#include "core/variants.h"

enum
{
	OPT_TEMPERATURE
};

static const FcOption options[] = {
	[OPT_TEMPERATURE] = {
		.name = "temperature", .type = FC_NUMBER, .initial = NAN, .min = 1e-307, .max = 1e300,
		.help = "softness of the memberships, in squared units of the features, or of 1 - cos; default: an eighth of the critical temperature"
	},
	{.name = NULL}
};

static const FcWeigh memberships[FC_ISAS][2] = FC_TABLE(memberships);

static FcStatus
resolve_options(FcEngine *e)
{
	double	   *temperature = &e->fit->model->option[OPT_TEMPERATURE];

	if (isnan(*temperature))
		*temperature = fc_critical_temperature(e->fit, 1) / 8;
	/* No spread at all: any temperature will do */
	if (*temperature == 0)
		*temperature = 1;
	return FC_OK;
}

static bool
check(const FcModel *m)
{
	return m->option[OPT_TEMPERATURE] > 0;
}

static void
set_parameters(const FcModel *m, double *parameters)
{
	parameters[0] = m->option[OPT_TEMPERATURE] * fc_squared_unit(m);
}

static const FcKernel kernel = {
	.weights = memberships,
	.memberships = memberships,
	.set_parameters = set_parameters,
	.accelerates = true,
	.tries_on_sample = true,
	.restarts_on_sample = 10,
	.resolve_options = resolve_options,
};

extern const FcAlgorithm fc_mec;
const FcAlgorithm fc_mec = {
	.name = "mec",
	.title = "maximum-entropy clustering",
	.traits = FC_SHARES_TIES | FC_DESCENDS | FC_NEEDS_OPTIONS | FC_TAKES_COSINE | FC_TAKES_CATEGORIES | FC_TAKES_GAPS,
	.options = options,
	.kernel = &kernel,
	.check = check,
	.team = &fc_engine_team,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};
