/*
 * gg.c - Gath-Geva clustering (1989)
 *
 * Each cluster has its own shape and size:
 *
 *	F_c     = sum_i w_ic (x_i - v_c)(x_i - v_c)' / sum_i w_ic			(eq. 1)
 *	P_c     = sum_i u_ic / n											(eq. 2)
 *	ln d_ic = ln |F_c| / 2 - ln P_c + (x_i - v_c)' F_c^-1 (x_i - v_c) / 2	(eq. 3)
 *	u_ic    = softmax_c(-ln d_ic / (m - 1))								(eq. 4)
 *
 * w = u^weight_exponent, by default u^m; v_c is the mean weighted by w.  With
 * m = 2 and weight_exponent 1 the steps are those of expectation maximization
 * for a mixture of normal distributions, and the objective, which is -(m - 1)
 * sum_i ln sum_c d_ic^(-1/(m-1)), is its negative log-likelihood up to a
 * constant; otherwise no function is known to decrease.  Covariances can be
 * regularized as those of gk.c.  All of it is computed in logarithms: d itself
 * would overflow.  P is at least that of one row.
 *
 * The result depends strongly on the initialization: by fuzzy c-means, or with
 * given centers, where F is the identity at first.  A model whose clusters
 * have shapes also provides these and its shares of the rows.
 *
 * Learned values: (k, d) centers; (k, d, d) factors, and ln |F| / 2 - ln P; (k) P.
 */
#include "algo/fcm.h"
#include "core/optional.h"
#include "core/shape.h"

#include <math.h>

#define FC_VARIANTS_OF "algo/gg_loops.h"
#include "core/variants.h"

enum
{
	OPT_FUZZIFIER,
	OPT_WEIGHT_EXPONENT,
	OPT_REGULARIZATION
};

static const FcOption options[] = {
	[OPT_FUZZIFIER] = FC_FUZZIFIER,
	[OPT_WEIGHT_EXPONENT] = {
		.name = "weight_exponent", .type = FC_NUMBER, .initial = NAN, .min = 1, .max = 10,
		.help = "exponent of the memberships in centers and covariances; default: the fuzzifier"
	},
	[OPT_REGULARIZATION] = FC_REGULARIZATION,
	{.name = NULL}
};

static const FcWeigh weights[FC_ISAS][2] = FC_TABLE(weights);
static const FcWeigh first_weights[FC_ISAS][2] = FC_TABLE(first_weights);
static const FcWeigh memberships[FC_ISAS][2] = FC_TABLE(memberships);

#define FIRST_SHAPES	2		/* the stage after that of fuzzy c-means */
#define PRIOR(m)	((m)->own.extra[FC_SHAPE_ARRAYS])

static int
arrays(FcModel *m, FcArray *extra)
{
	int			n = fc_shape_arrays(m, extra);

	extra[n] = (FcArray) {"prior", m->k, 1, &PRIOR(m), NULL, NULL, FC_OF_CLUSTERS};
	return n + 1;
}

static FcStatus
resolve_options(FcEngine *e)
{
	double	   *o = e->fit->model->option;

	if (isnan(o[OPT_WEIGHT_EXPONENT]))
		o[OPT_WEIGHT_EXPONENT] = o[OPT_FUZZIFIER];
	fc_shape_begin(e, o[OPT_REGULARIZATION]);
	return FC_OK;
}

static void
set_parameters(const FcModel *m, double *parameters)
{
	parameters[0] = m->option[OPT_FUZZIFIER];
	parameters[1] = m->option[OPT_WEIGHT_EXPONENT];
}

/* Eq. 3 without the distance */
static void
set_volume(FcModel *m, int32_t c)
{
	FC_VOLUME(m)[c] = fc_shape_log_determinant(m, c) / 2 - log(PRIOR(m)[c]);
}

/* Eq. 1 to 3 */
static FcStatus
update_shapes(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	double		total = fc_total_weight(&e->fit->rows);
	double		least = fc_row_unit(total, fc_row_count(&e->fit->rows));

	for (int32_t c = 0; c < m->k; c++)
		PRIOR(m)[c] = fmax(e->acc.mass[c], least) / total;
	fc_shape_update(e, m->option[OPT_REGULARIZATION], set_volume);
	return FC_OK;
}

/* The Mahalanobis distance */
static double
length(const FcModel *m, int32_t c, double distance)
{
	return sqrt(fmax(0, 2 * (distance - FC_VOLUME(m)[c])));
}

/* The first weights are those of fuzzy c-means, of squared Euclidean distances */
static FcStatus
first_shapes(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	int32_t		most = (int32_t) m->common[FC_MAX_ITERATIONS];
	FcStatus	status;

	fc_pass_set_stage(e, FIRST_SHAPES);
	status = fc_engine_iterate(e, 0, m->iterations < most ? m->iterations + 1 : most);
	fc_pass_set_stage(e, 0);
	return status;
}

/* Starts from the shapes of an earlier model, and its shares of the rows; false if it has none */
static bool
continue_earlier(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	const FcModel *earlier = e->fit->earlier;
	double		total;
	double		least;

	if (!fc_shape_start(e))
		return false;
	total = FC_HAS(earlier, FC_WITH_TOTAL_WEIGHT) ? *FC_TOTAL_WEIGHT(earlier) : (double) earlier->rows;
	least = fc_row_unit(total, earlier->rows);
	for (int32_t c = 0; c < m->k; c++)
	{
		PRIOR(m)[c] = fmax(earlier->weights[c], least) / total;
		set_volume(m, c);
	}
	return true;
}

static FcStatus
optimize(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	FcStatus	status = FC_OK;

	if (continue_earlier(e))
		return fc_engine_descend(e);
	fc_shape_spherical(m, 0);
	for (int32_t c = 0; c < m->k; c++)
		PRIOR(m)[c] = 1.0 / m->k;
	if (e->fit->start == NULL)
		status = fc_fcm_stage(e);
	if (status == FC_OK)
		status = first_shapes(e);
	return status == FC_OK ? fc_engine_descend(e) : status;
}

static const FcKernel first_kernel = {
	.weights = first_weights,
	.memberships = memberships,
	.has_shapes = true,
	.after_pass = update_shapes,
};

static const FcKernel *const stages[] = {&fc_fcm_stage_kernel, &first_kernel, NULL};

static const FcKernel kernel = {
	.weights = weights,
	.memberships = memberships,
	.set_parameters = set_parameters,
	.distances = fc_distances_plus_volume,
	.metric.parts = fc_parts_plus_volume,
	.length = length,
	.stages = stages,
	.tries_on_sample = true,
	.has_shapes = true,
	.scratch_layout = fc_shape_layout,
	.resolve_options = resolve_options,
	.optimize = optimize,
	.after_pass = update_shapes,
	.diagnose = fc_shape_diagnose,
};

extern const FcAlgorithm fc_gg;
const FcAlgorithm fc_gg = {
	.name = "gg",
	.title = "clustering by the Gath-Geva algorithm",
	.traits = FC_SHARES_TIES,
	.options = options,
	.kernel = &kernel,
	.arrays = arrays,
	.check = fc_shape_check,
	.team = &fc_engine_team,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};
