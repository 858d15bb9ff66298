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
 * w = u^weight_exponent; v_c is the mean weighted by w.  With weight_exponent 1, the
 * default, each of eq. 1 to 4 minimizes
 *
 *	J = sum_i sum_c u_ic (ln d_ic + (m - 1) ln u_ic)					(eq. 5)
 *
 * whose value after eq. 4 is -(m - 1) sum_i ln sum_c d_ic^(-1/(m-1)).  With m = 2 that is
 * the negative log-likelihood of a mixture of normal distributions up to a constant, and
 * the steps are expectation maximization.  With other exponents no function is known to
 * decrease.  Covariances can be regularized as those of gk.c.  All of it is computed in
 * logarithms: d itself would overflow.  P is at least that of one row.
 *
 * The result depends strongly on the initialization, so where eq. 5 tells which is better there
 * are several: from the clusters of k-means, of fuzzy c-means, of k-means with other first
 * centers, and of maximum entropy (mec.c).  Where a cluster shrinks to fewer rows than a covariance needs,
 * J has no lower bound and says nothing: such a start loses against any other.
 *
 * With P equal and F = s I in all clusters eq. 4 is that of maximum entropy at the temperature
 * T = 2 (m - 1) s, and near s = 0 that of k-means.  So both are handed over as spheres.
 *
 * Given centers start with F the identity.  A model whose clusters
 * have shapes also provides these and its shares of the rows.
 *
 * Learned values: (k, d) centers; (k, d, d) factors, and ln |F| / 2 - ln P; (k) P.
 */
#include "algo/fcm.h"
#include "core/means.h"
#include "core/optional.h"
#include "core/shape.h"

#include <math.h>

#define FC_VARIANTS_OF "algo/gg_loops.h"
#include "core/variants.h"

enum
{
	OPT_FUZZIFIER,
	OPT_WEIGHT_EXPONENT,
	OPT_REGULARIZATION,
	OPT_START
};

/* Where a start begins.  The option of a model that was trained says where the best one did; it has no value where centers are given */
typedef enum Start
{
	START_MEANS,
	START_FCM,
	START_MEC
} Start;

static const char *const starts[] = {"kmeans", "fcm", "mec", NULL};

static const FcOption options[] = {
	[OPT_FUZZIFIER] = FC_FUZZIFIER,
	[OPT_WEIGHT_EXPONENT] = {
		.name = "weight_exponent", .type = FC_NUMBER, .initial = 1, .min = 1, .max = 10,
		.help = "exponent of the memberships in centers and covariances; with 1 and fuzzifier 2, steps are those of expectation maximization"
	},
	[OPT_REGULARIZATION] = FC_REGULARIZATION,
	[OPT_START] = {
		.name = "start", .type = FC_CHOICE, .initial = NAN, .min = START_MEANS, .max = START_MEC, .choices = starts,
		.help = "the clusters that training begins with: of kmeans, fcm or mec; default: of each in turn with weight_exponent 1, else of fcm"
	},
	{.name = NULL}
};

static const FcWeigh weights[FC_ISAS][2] = FC_TABLE(weights);
static const FcWeigh first_weights[FC_ISAS][2] = FC_TABLE(first_weights);
static const FcWeigh memberships[FC_ISAS][2] = FC_TABLE(memberships);

#define FIRST_SHAPES	2		/* the stage after that of fuzzy c-means, ... */
#define MEANS_STAGE		3
#define SPHERES_STAGE	4		/* ... and others */
#define POINT			1e-8	/* standard deviation of a sphere whose memberships are 0 or 1, in spreads */
#define PRIOR(m)	((m)->own.extra[FC_SHAPE_ARRAYS])

static int
arrays(FcModel *m, FcArray *extra)
{
	int			n = fc_shape_arrays(m, extra);

	extra[n] = (FcArray) {"prior", m->k, 1, &PRIOR(m), NULL, NULL, FC_OF_CLUSTERS};
	return n + 1;
}

/* Of a training: FcEngine.scratch */
typedef struct Scratch
{
	FcShapes	shapes;			/* what shape.c expects there */
	double		given;			/* the option start */
} Scratch;

static void *
scratch_layout(FcArena *a, const FcFit *f)
{
	const FcShapes *shapes = fc_shape_layout(a, f);
	Scratch		fields = {.given = NAN};

	if (shapes)
		fields.shapes = *shapes;
	return fc_place(a, &fields, sizeof(fields));
}

static FcStatus
resolve_options(FcEngine *e)
{
	const double *o = e->fit->model->option;

	((Scratch *) e->scratch)->given = o[OPT_START];
	fc_shape_begin(e, o[OPT_REGULARIZATION]);
	return FC_OK;
}

/* Has the model an objective, and do starts differ in more than their first centers? */
static bool
has_likelihood(const FcModel *m)
{
	return m->option[OPT_WEIGHT_EXPONENT] == 1;
}

static bool
compares_starts(const FcModel *m)
{
	return has_likelihood(m) && isnan(m->option[OPT_START]);
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

/* All clusters become such spheres, and equally large */
static void
set_spheres(FcModel *m, double deviation)
{
	fc_shape_spherical(m, 0);
	for (int32_t c = 0; c < m->k; c++)
	{
		for (int32_t j = 0; j < m->d; j++)
			FC_FACTOR(m)[((int64_t) c * m->d + j) * m->d + j] = deviation;
		PRIOR(m)[c] = 1.0 / m->k;
		set_volume(m, c);
	}
}

/* Fuzzy c-means, whose distances need F = I, and its memberships; or only these, of given centers */
static FcStatus
begin_as_fcm(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	FcStatus	status = FC_OK;

	fc_shape_spherical(m, 0);
	for (int32_t c = 0; c < m->k; c++)
		PRIOR(m)[c] = 1.0 / m->k;
	if (e->fit->start == NULL)
		status = fc_fcm_stage(e);
	return status == FC_OK ? first_shapes(e) : status;
}

/* At least half of the iterations is for what follows */
static FcStatus
begin_as_spheres(FcEngine *e, int32_t stage, double deviation)
{
	FcModel    *m = e->fit->model;

	set_spheres(m, deviation);
	return fc_iterate_as(e, stage, (int32_t) m->common[FC_MAX_ITERATIONS] / 2);
}

/* The standard deviation at the default temperature of mec.c; any will do if rows do not spread */
static double
deviation_of_entropy(const FcFit *f)
{
	double		temperature = fc_critical_temperature(f, 1) / 8;

	return temperature > 0 ? sqrt(temperature / (2 * (f->model->option[OPT_FUZZIFIER] - 1))) : 1;
}

static FcStatus
begin(FcEngine *e)
{
	switch ((Start) e->fit->model->option[OPT_START])
	{
		case START_MEANS:
			return begin_as_spheres(e, MEANS_STAGE, POINT * (e->fit->sample.spread > 0 ? e->fit->sample.spread : 1));
		case START_MEC:
			return begin_as_spheres(e, SPHERES_STAGE, deviation_of_entropy(e->fit));
		default:
			return begin_as_fcm(e);
	}
}

/* Where a start begins, and the stream of its first centers */
static FcStatus
first_centers(FcEngine *e, int32_t restart)
{
	static const Start turn[] = {START_MEANS, START_FCM, START_MEANS, START_MEC};
	FcModel    *m = e->fit->model;
	const Scratch *s = e->scratch;
	int32_t		stream = restart;

	m->option[OPT_START] = s->given;
	if (e->fit->start == NULL && isnan(s->given))
	{
		m->option[OPT_START] = has_likelihood(m) ? turn[restart % 4] : START_FCM;
		if (has_likelihood(m))
			stream = restart / 4 * 2 + (restart % 4 == 2);	/* others begin where k-means does */
	}
	return fc_first_centers(e->fit, &e->seeder, stream);
}

static FcStatus
optimize(FcEngine *e)
{
	FcStatus	status;

	if (continue_earlier(e))
		return fc_engine_descend(e);
	status = e->fit->start ? begin_as_fcm(e) : begin(e);
	return status == FC_OK ? fc_engine_descend(e) : status;
}

/* Fewer clusters with too few rows, or with a singular covariance; else the higher likelihood */
static bool
is_better(FcEngine *e)
{
	const FcDoubts *best = &e->fit->doubts;
	int32_t		of_best = best->thin + best->singular;
	int32_t		now = fc_shape_thin(e) + ((Scratch *) e->scratch)->shapes.singular;

	return now != of_best ? now < of_best : e->fit->model->objective < e->best.objective;
}

static const FcKernel first_kernel = {
	.weights = first_weights,
	.memberships = memberships,
	.has_shapes = true,
	.after_pass = update_shapes,
};

/* Spheres that stay as they are */
static const FcKernel spheres_kernel = {.weights = weights, .memberships = memberships};

static const FcKernel *const stages[] = {&fc_fcm_stage_kernel, &first_kernel, &fc_means_kernel, &spheres_kernel, NULL};

static const FcKernel kernel = {
	.weights = weights,
	.memberships = memberships,
	.set_parameters = set_parameters,
	.distances = fc_distances_plus_volume,
	.metric.parts = fc_parts_plus_volume,
	.length = length,
	.stages = stages,
	.tries_on_sample = true,
	.restarts = {.on_sample = 4, .on_few_rows = 4, .early = true, .compare = compares_starts, .is_better = is_better},
	.has_shapes = true,
	.scratch_layout = scratch_layout,
	.resolve_options = resolve_options,
	.first_centers = first_centers,
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
