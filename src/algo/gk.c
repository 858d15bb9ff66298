/*
 * gk.c - Gustafson-Kessel clustering (1979)
 *
 * Fuzzy c-means in which each cluster has its own shape and a fixed volume:
 *
 *	F_c  = sum_i u_ic^m (x_i - v_c)(x_i - v_c)' / sum_i u_ic^m		(eq. 1)
 *	d_ic = (rho_c |F_c|)^(1/d) (x_i - v_c)' F_c^-1 (x_i - v_c)		(eq. 2)
 *
 * and memberships, centers and the objective sum u^m d as in fcm.c.  Starts
 * with fuzzy c-means, that is with F the identity, unless initial centers are
 * given; a model whose clusters have shapes also provides these.  With
 * regularization g in [0, 1], F becomes (1 - g) F + g |F_0|^(1/d) I, F_0 the
 * covariance of all rows (Babuska, van der Veen and Kaymak, 2002).
 *
 * Learned values: (k, d) centers; (k, d, d) factors and (k) volumes of eq. 2.
 */
#include "algo/fcm.h"
#include "core/shape.h"

#include <math.h>

enum
{
	OPT_FUZZIFIER,
	OPT_REGULARIZATION,
	OPT_VOLUMES
};

static const FcOption options[] = {
	[OPT_FUZZIFIER] = {
		.name = "fuzzifier", .type = FC_NUMBER, .initial = NAN, .min = FC_LEAST_FUZZIFIER, .max = 10,
		.help = "softness of the memberships: crisp near 1, nearly equal if large; default: 2 for up to 3 features d, else 1 + 1 / (d - 2), without those that are constant or determined by others"
	},
	[OPT_REGULARIZATION] = FC_REGULARIZATION,
	[OPT_VOLUMES] = {
		.name = "volumes", .type = FC_LIST, .initial = 0, .min = 1e-30, .max = 1e30,
		.help = "relative volume of each cluster (rho); default: all 1"
	},
	{.name = NULL}
};

/* The d-th root of rho_c |F_c| */
static void
set_volume(FcModel *m, int32_t c)
{
	double		rho = m->option[OPT_VOLUMES] > 0 ? m->list[0][c] : 1;

	FC_VOLUME(m)[c] = exp((log(rho) + fc_shape_log_determinant(m, c)) / m->d);
}

static bool
check(const FcModel *m)
{
	for (int32_t c = 0; c < m->k; c++)
		if (!(FC_VOLUME(m)[c] > 0))
			return false;
	return fc_shape_check(m);
}

static FcStatus
update_shapes(FcEngine *e)
{
	fc_shape_update(e, e->fit->model->option[OPT_REGULARIZATION], set_volume);
	return FC_OK;
}

/*
 * The default: halfway from 1 to that, and at most the usual one.  Features that are constant, or determined by
 * others, do not count: all rows are at the same place in these directions.
 */
static double
usual_fuzzifier(FcEngine *e)
{
	int32_t		d = e->fit->model->d;

	if (d > 3)
		d = fc_shape_extent(e);
	return d > 3 ? 1 + 1 / (d - 2.0) : FC_USUAL_FUZZIFIER;
}

static FcStatus
resolve_options(FcEngine *e)
{
	FcModel    *m = e->fit->model;

	if (m->option[OPT_VOLUMES] > 0 && m->option[OPT_VOLUMES] != m->k)
	{
		e->fit->failure.option = OPT_VOLUMES;
		return FC_BAD_LIST;
	}
	fc_shape_begin(e, m->option[OPT_REGULARIZATION]);
	if (isnan(m->option[OPT_FUZZIFIER]))
		m->option[OPT_FUZZIFIER] = fc_fcm_earlier_fuzzifier(e->fit);
	if (m->option[OPT_FUZZIFIER] == 0)
		m->option[OPT_FUZZIFIER] = usual_fuzzifier(e);
	return FC_OK;
}

static FcStatus
optimize(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	FcStatus	status = FC_OK;

	if (fc_shape_start(e))
		for (int32_t c = 0; c < m->k; c++)
			set_volume(m, c);
	else
		fc_shape_spherical(m, 1);
	if (e->fit->start == NULL)
		status = fc_fcm_stage(e);
	return status == FC_OK ? fc_engine_descend(e) : status;
}

/*
 * With a fuzzifier above this, clusters in many columns become equal.  Far out
 * u^m is about |x - v|^(-2m / (m - 1)) whatever the shape, and the sums of eq.
 * 1 then live on rows that are near, as long as that falls faster than the
 * volume grows: 2m / (m - 1) > d.
 */
static double
safe_fuzzifier(const FcModel *m)
{
	return m->d > 2 ? m->d / (m->d - 2.0) : 0;
}

static const FcKernel *const stages[] = {&fc_fcm_stage_kernel, NULL};

static const FcKernel kernel = {
	.weights = fc_fcm_weights,
	.memberships = fc_fcm_memberships,
	.row_memberships = fc_fcm_row_memberships,
	.set_parameters = fc_fcm_set_parameters,
	.distances = fc_distances_times_volume,
	.metric.parts = fc_parts_times_volume,
	.stages = stages,
	.tries_on_sample = true,
	.has_shapes = true,
	.scratch_layout = fc_shape_layout,
	.resolve_options = resolve_options,
	.optimize = optimize,
	.after_pass = update_shapes,
	.diagnose = fc_shape_diagnose,
};

extern const FcAlgorithm fc_gk;
const FcAlgorithm fc_gk = {
	.name = "gk",
	.title = "clustering by the Gustafson-Kessel algorithm",
	.traits = FC_SHARES_TIES | FC_DESCENDS | FC_TAKES_NOISE,
	.options = options,
	.kernel = &kernel,
	.arrays = fc_shape_arrays,
	.check = check,
	.safe_fuzzifier = safe_fuzzifier,
	.team = &fc_engine_team,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};
