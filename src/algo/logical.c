/*
 * logical.c - fuzzy c-means with the fuzzy logical distance (Kagan, Novoselsky
 * and Rybalov, 2025, doi 10.3390/math13101661)
 *
 * Features are scaled into the unit cube, to margin .. 1 - margin, each by its own
 * range or all by the widest, and distances are d = d(x_i, v_c) of logic.c, a
 * function of Sigma = u(D):
 *
 *	u_ic = 1 / sum_b (d_ic / d_ib)^(2/(m-1))					(eq. 1)
 *	v_c  = sum_i u_ic^m x_i / sum_i u_ic^m						(eq. 2)
 *
 * as in fuzzy c-means with the squares of d.  The centers of eq. 2 do not
 * minimize sum u^m d^2, so it may rise now and then.  Centers are ranked by
 * Sigma, since d rounds to 1 for distant ones.
 *
 * If no number of clusters is given, it is found (algorithm 2 of the paper):
 * start with a grid of (1 / grid_precision)^d centers, at the middles of its
 * cells, or with 256 rows by k-means++ beyond three columns; let them
 * converge; then recognize.c decides which of them are clusters.
 *
 * With vartheta below theta, Sigma(x, x) > 0 and centers near each other
 * merge: this reduces them to the number of clusters.  If that number is
 * given, vartheta defaults to theta.
 *
 * Learned values: (k, d) centers in the unit cube; (nraw, d) the centers found,
 * before they were merged.
 */
#include "algo/fcm.h"
#include "algo/recognize.h"
#include "core/logic.h"

#include <math.h>
#include <string.h>

#define MOST_NODES		4096
#define GRID_COLUMNS	3		/* with more columns there is no grid */
#define LN_3_2			0.40546510810816438	/* ln 1.5 */
#define CLAMP			1e-12		/* later rows may lie outside of the cube */
#define ROWS_AT_FIRST	256		/* but this number of rows as initial centers */

enum
{
	OPT_FUZZIFIER,
	OPT_PRECISION,
	OPT_THETA,
	OPT_VARTHETA,
	OPT_MARGIN,
	OPT_GENERATOR,
	OPT_MERGE_DISTANCE,
	OPT_MIN_POINTS,
	OPT_STRETCH
};

/* Parameters of the weights; the first is that of fuzzy c-means */
enum
{
	FUZZIFIER,
	GENERATOR,
	THETA,
	THETA_PARAMETER
};

/* Choices of the option stretch */
enum
{
	STRETCH_COMMON,
	STRETCH_EACH
};

static const char *const generators[] = {"logit", "power", "cauchy", NULL};

static const char *const stretches[] = {"common", "each", NULL};

static const FcOption options[] = {
	[OPT_FUZZIFIER] = FC_FUZZIFIER,
	[OPT_PRECISION] = {
		.name = "grid_precision", .type = FC_NUMBER, .initial = 0.125, .min = 0.001, .max = 1,
		.help = "cell width of the grid of initial centers, in the unit cube, used if the number of clusters is to be found"
	},
	[OPT_THETA] = {
		.name = "theta", .type = FC_NUMBER, .initial = 0.5, .min = 0.01, .max = 0.99,
		.help = "neutral element of the uninorm"
	},
	[OPT_VARTHETA] = {
		.name = "vartheta", .type = FC_NUMBER, .initial = NAN, .min = 0.001, .max = 0.99,
		.help = "absorbing element of the absorbing norm; if it is below theta, nearby centers merge; default: 0.4 (for theta = 0.5) if the number of clusters is to be found, else theta"
	},
	[OPT_MARGIN] = {
		.name = "margin", .type = FC_NUMBER, .initial = 0.1, .min = 1e-6, .max = 0.49,
		.help = "features are scaled to margin .. 1 - margin; near 0, values at the edges count much more than those in the middle"
	},
	[OPT_GENERATOR] = {
		.name = "generator", .type = FC_CHOICE, .initial = 0, .min = 0, .max = 2, .choices = generators,
		.help = "generator of the norms"
	},
	[OPT_MERGE_DISTANCE] = {
		.name = "merge_distance", .type = FC_NUMBER, .initial = NAN, .min = 0, .max = 10,
		.help = "centers closer than this, in the unit cube, are merged; default: half of grid_precision"
	},
	[OPT_MIN_POINTS] = {
		.name = "min_points", .type = FC_INTEGER, .initial = 1, .min = 0, .max = 1e15,
		.help = "minimum number of rows of a recognized cluster"
	},
	[OPT_STRETCH] = {
		.name = "stretch", .type = FC_CHOICE, .initial = 0, .min = 0, .max = 1, .choices = stretches,
		.help = "common: all features are scaled by the widest range, which keeps their proportions; each: every feature by its own range"
	},
	{.name = NULL}
};

static const FcOption max_iterations = FC_MAX_ITERATIONS_FROM(100);
static const FcOption tolerance = FC_TOLERANCE_FROM(1e-4);

/*
 * The vartheta that makes centers merge, by which the number of clusters is
 * found: v(theta) = c, so that Sigma(x, x) = d c (1 - c).  In the plane 0.4
 * for theta = 1/2; in more columns such a sum would join everything, so it is
 * kept at 1/3 (by trial: see doc/algorithms/logical.md).
 */
static double
merging_vartheta(const FcModel *m)
{
	const FcGenerator *g = &fc_generators[(int) m->option[OPT_GENERATOR]];
	double		theta = m->option[OPT_THETA];
	FcZero		zero = {theta, g->parameter(theta)};
	double		c = m->d <= 2 ? LN_3_2 : (1 - sqrt(1 - 4 / (3.0 * m->d))) / 2;

	return g->inverse(-c, &zero);
}

static double
vartheta(const FcModel *m)
{
	if (!isnan(m->option[OPT_VARTHETA]))
		return m->option[OPT_VARTHETA];
	return m->own.nraw > 0 ? merging_vartheta(m) : m->option[OPT_THETA];
}

static void
begin_logic(const FcModel *m, FcLogic *l)
{
	fc_logic_begin(l, &fc_generators[(int) m->option[OPT_GENERATOR]], m->option[OPT_THETA], vartheta(m));
}

#define FC_VARIANTS_OF "algo/logical_loops.h"
#include "core/variants.h"

static const FcDistances distances[FC_ISAS][2] = FC_TABLE(distances);
static const FcWeigh weights[FC_ISAS][2] = FC_TABLE(weights);
static const FcWeigh memberships[FC_ISAS][2] = FC_TABLE(memberships);

/* Centers before they were merged */
#define RAW(m)	((m)->own.extra[0])

static int
arrays(FcModel *m, FcArray *extra)
{
	extra[0] = (FcArray) {"raw", m->own.nraw, m->d, &RAW(m), &m->own.nraw, NULL, FC_OF_MODEL};
	return 1;
}

static double
margin(const FcModel *m)
{
	return m->option[OPT_MARGIN];
}

static bool
one_factor(const FcModel *m)
{
	return m->option[OPT_STRETCH] == STRETCH_COMMON;
}

static void
set_parameters(const FcModel *m, double *parameters)
{
	FcLogic		l;

	begin_logic(m, &l);
	parameters[FUZZIFIER] = m->option[OPT_FUZZIFIER];
	parameters[GENERATOR] = m->option[OPT_GENERATOR];
	parameters[THETA] = l.theta.e;
	parameters[THETA_PARAMETER] = l.theta.parameter;
}

/* u(x) up to a constant */
static double
transformed(const FcLogic *l, double x)
{
	double		inside = fmin(fmax(x, CLAMP), 1 - CLAMP);

	return l->generator == fc_generators ? log(inside / (1 - inside)) : l->generator->forward(inside, &l->theta);
}

/* Centers as the metric needs them: u(v) */
static void
load_centers(FcMetric *t)
{
	FcLogic		l;

	begin_logic(t->model, &l);
	for (int64_t i = 0; i < (int64_t) t->k * t->d; i++)
		fc_set(t->v, t->precision, i, transformed(&l, t->model->centers[i]));
}

/* Sigma feature by feature; what equal ones have, too, belongs to none */
static double
parts(const FcModel *m, const double *x, int32_t c, double *part, double *work)
{
	FcLogic		l;

	(void) work;
	begin_logic(m, &l);
	for (int32_t j = 0; j < m->d; j++)
		part[j] = fc_logical_square(&l, transformed(&l, x[j]) - transformed(&l, m->centers[(int64_t) c * m->d + j]));
	return l.squares ? m->d * l.excess : 0;
}

/* The fuzzy logical distance */
static double
length(const FcModel *m, int32_t c, double sigma)
{
	FcLogic		l;

	(void) c;
	begin_logic(m, &l);
	return fmax(0, fc_logical_distance(&l, sigma));
}

/* ---- the number of clusters ---- */

static int32_t
nodes_along_a_column(const FcModel *m)
{
	return (int32_t) round(1 / m->option[OPT_PRECISION]);
}

static double
grid_nodes(const FcModel *m)
{
	return pow(nodes_along_a_column(m), m->d);
}

/* Do rows take the place of a grid that would be too large, or too fine for so few rows? */
static bool
starts_from_rows(const FcFit *f)
{
	const FcModel *m = f->model;

	return m->d > GRID_COLUMNS || (m->common[FC_TOO_FEW] == FC_TOO_FEW_FEWER &&
								   grid_nodes(m) <= MOST_NODES && grid_nodes(m) > fc_row_count(&f->rows));
}

/* How many centers to begin with */
static FcStatus
choose_clusters(FcFit *f)
{
	FcModel    *m = f->model;

	if (starts_from_rows(f))
	{
		m->k = f->rows.n < ROWS_AT_FIRST ? (int32_t) f->rows.n : ROWS_AT_FIRST;	/* of a sample, too */
		m->own.nraw = m->k;
		return FC_OK;
	}
	f->failure.wanted = grid_nodes(m);
	f->failure.allowed = fc_row_count(&f->rows) < MOST_NODES ? fc_row_count(&f->rows) : MOST_NODES;
	f->failure.distinct = fc_row_count(&f->rows);	/* at most */
	if (f->failure.wanted > f->failure.allowed)
		return m->common[FC_TOO_FEW] == FC_TOO_FEW_NULL && f->failure.wanted <= MOST_NODES ? FC_TOO_FEW_ROWS : FC_TOO_FINE;
	m->k = m->own.nraw = (int32_t) f->failure.wanted;
	return FC_OK;
}

/* Node c of the grid, the last column fastest */
static FcStatus
first_centers(FcEngine *e, int32_t restart)
{
	FcModel    *m = e->fit->model;
	int32_t		side = nodes_along_a_column(m);

	if (m->own.nraw == 0)
		return fc_first_centers(e->fit, &e->seeder, restart);
	if (starts_from_rows(e->fit))
	{
		FcStatus	status = fc_first_centers_up_to(e->fit, &e->seeder, restart);

		m->own.nraw = e->metric.k = m->k;
		return status;
	}
	for (int32_t c = 0; c < m->k; c++)
	{
		int32_t		rest = c;

		for (int32_t j = m->d - 1; j >= 0; j--, rest /= side)
			m->centers[(int64_t) c * m->d + j] = (rest % side + 0.5) / side;
	}
	return FC_OK;
}

/* ---- one training ---- */

static FcStatus
resolve_options(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	double	   *o = m->option;

	if (isnan(o[OPT_MERGE_DISTANCE]))
		o[OPT_MERGE_DISTANCE] = o[OPT_PRECISION] / 2;
	o[OPT_VARTHETA] = vartheta(m);
	return FC_OK;
}

static FcStatus
optimize(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	FcStatus	status;

	if (m->own.nraw > 0)			/* not known before the descent, whose passes may send it elsewhere */
		memset(RAW(m), 0, sizeof(double) * m->own.nraw * m->d);
	status = fc_engine_descend(e);
	if (status == FC_OK && m->own.nraw > 0)
		fc_recognize(e, RAW(m), m->option[OPT_MERGE_DISTANCE], m->option[OPT_MIN_POINTS]);
	return status;
}

static const FcKernel kernel = {
	.weights = weights,
	.memberships = memberships,
	.set_parameters = set_parameters,
	.distances = distances,
	.metric.load_centers = load_centers,
	.metric.parts = parts,
	.length = length,
	.scratch_layout = fc_recognition_layout,
	.resolve_options = resolve_options,
	.first_centers = first_centers,
	.optimize = optimize,
};

/* With FC_TOO_FINE: the finest precision of a grid that is allowed, rounded up */
static void
explain(const FcFit *f, FcStatus status, FcWords *w)
{
	double		side = floor(pow((double) f->failure.allowed, 1.0 / f->rows.d) + 1e-9);

	if (status == FC_TOO_FINE)
		w->say(w, FC_HINT, "Set the option grid_precision to %.3g or more, or specify the number of clusters.",
			   ceil(1000 / side) / 1000);
}

static const FcAdviceHooks advice = {.explain = explain};

extern const FcAlgorithm fc_logical;
const FcAlgorithm fc_logical = {
	.name = "logical",
	.title = "fuzzy c-means with the fuzzy logical distance",
	.traits = FC_SHARES_TIES | FC_FINDS_CLUSTERS,
	.options = options,
	.common = {[FC_MAX_ITERATIONS] = &max_iterations, [FC_TOLERANCE] = &tolerance},
	.kernel = &kernel,
	.arrays = arrays,
	.margin = margin,
	.one_factor = one_factor,
	.choose_clusters = choose_clusters,
	.advice = &advice,
	.team = &fc_engine_team,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};
