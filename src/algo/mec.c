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
 * Above T_c = 2 lambda_max(covariance) all centers merge, and a pair of them above the T_c of the rows that they
 * share.  The default is T_c / 8, which may be above that where clusters are many, or small: if two centers
 * coincide in the end, T is halved, up to MOST_SHARPENED times (core/engine.c).  A T that keeps all pairs apart beforehand, such
 * as T_c / (2 k^2), is nearly k-means where clusters are apart anyway.  With noise at the
 * distance delta (core/noise.c) it is delta^2 / 4 where that is less: then a row on a center belongs to noise
 * by exp(-4), however far apart the clusters are.
 *
 * With the distance 1 - cos (direction.c) d_ic is that, half of the square, and so F and T are.
 *
 * Learned values: (k, d) centers.
 */
#include "core/critical.h"
#include "core/direction.h"
#include "core/engine.h"
#include "core/noise.h"

#include <math.h>

#define FC_VARIANTS_OF "algo/mec_loops.h"
#include "core/variants.h"

#define SQUARED_OVER_T	4		/* delta^2 over the default temperature, at least */

enum
{
	OPT_TEMPERATURE
};

static const FcOption options[] = {
	[OPT_TEMPERATURE] = {
		.name = "temperature", .type = FC_NUMBER, .initial = NAN, .min = 1e-307, .max = 1e300,
		.help = "softness of the memberships, in squared units of the features, or of 1 - cos; default: an eighth of the critical temperature, halved while centers coincide"
	},
	{.name = NULL}
};

static const FcWeigh memberships[FC_ISAS][2] = FC_TABLE(memberships);

/* Of a temperature that was found */
typedef struct Found
{
	double		usual;			/* as it is without noise; NaN: the option is given */
	double		first;			/* the temperature before it was halved */
} Found;

static void *
scratch_layout(FcArena *a, const FcFit *f)
{
	(void) f;
	return fc_take(a, 1, sizeof(Found));
}

static void
follow_noise(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	const Found *found = e->scratch;

	if (!isnan(found->usual))
		m->option[OPT_TEMPERATURE] = fmin(found->usual, fc_noise_squared(m) / fc_squared_unit(m) / SQUARED_OVER_T);
}

static FcStatus
resolve_options(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	double	   *temperature = &m->option[OPT_TEMPERATURE];
	Found	   *found = e->scratch;

	*found = (Found) {.usual = NAN};
	if (isnan(*temperature))
	{
		*temperature = fc_critical_temperature(e->fit, 1) / 8;
		/* No spread at all: any temperature will do */
		if (*temperature == 0)
			*temperature = 1;
		found->usual = *temperature;
	}
	if (fc_has_noise(m))
		follow_noise(e);
	return FC_OK;
}

/* Centers coincide: half of a temperature that was found */
static bool
sharpen(FcEngine *e)
{
	double	   *temperature = &e->fit->model->option[OPT_TEMPERATURE];
	Found	   *found = e->scratch;

	if (isnan(found->usual))
		return false;
	if (e->fit->doubts.sharpened == 0)
		found->first = *temperature;
	found->usual = *temperature = fmax(*temperature / 2, options[OPT_TEMPERATURE].min);
	e->fit->outcome = found;
	return true;
}

static void
doubt(const FcFit *f, FcWords *w)
{
	const Found *found = f->outcome;

	if (found == NULL)
		return;
	w->say(w, FC_MESSAGE, f->doubts.sharpened == 1 ? "centers of mec coincided, so the temperature was halved %d time, from %.4g to %.4g" :
		   "centers of mec coincided, so the temperature was halved %d times, from %.4g to %.4g",
		   f->doubts.sharpened, found->first, f->model->option[OPT_TEMPERATURE]);
	w->say(w, FC_HINT, "Specify the option temperature to train with another one, or ask for fewer clusters.");
}

static const FcAdviceHooks advice = {.doubt = doubt};

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
	.restarts.on_sample = 10,
	.scratch_layout = scratch_layout,
	.resolve_options = resolve_options,
	.found = {.follow_noise = follow_noise, .sharpen = sharpen},
};

extern const FcAlgorithm fc_mec;
const FcAlgorithm fc_mec = {
	.name = "mec",
	.title = "maximum-entropy clustering",
	.traits = FC_SHARES_TIES | FC_DESCENDS | FC_NEEDS_OPTIONS | FC_TAKES_COSINE | FC_TAKES_CATEGORIES | FC_TAKES_GAPS | FC_TAKES_NOISE,
	.options = options,
	.kernel = &kernel,
	.check = check,
	.advice = &advice,
	.team = &fc_engine_team,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};
