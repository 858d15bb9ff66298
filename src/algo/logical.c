/*
 * logical.c - fuzzy c-means with the fuzzy logical distance (Kagan, Novoselsky
 * and Rybalov, 2025, doi 10.3390/math13101661)
 *
 * Features are scaled into the unit cube, to margin .. 1 - margin, and distances
 * are d = d(x_i, v_c) of logic.c, a function of Sigma = u(D):
 *
 *	u_ic = 1 / sum_b (d_ic / d_ib)^(2/(m-1))					(eq. 1)
 *	v_c  = sum_i u_ic^m x_i / sum_i u_ic^m						(eq. 2)
 *
 * as in fuzzy c-means with the squares of d.  The centers of eq. 2 do not
 * minimize sum u^m d^2, so it may rise now and then.  Ranks go by Sigma, since d
 * rounds to 1 for what is far.
 *
 * Without a number of clusters it is found (their algorithm 2): begin with a
 * grid of (1 / grid_precision)^d centers, at the middles of its cells, or with 256
 * rows by k-means++ beyond three columns; let them settle; then
 *
 *	merge	centers that a chain of steps below merge_distance connects
 *	drop	those that fewer than min_points rows are nearest to: where d is 1
 *			for all rows a center rests at their mean
 *	settle	by k-means over the centers found, from the merged ones
 *
 * With vartheta below theta, Sigma(x, x) > 0 and centers near each other merge:
 * that is what makes the number come out; with a given number it may be unwanted.
 *
 * Learned values: (k, d) centers in the unit cube; (nraw, d) the centers found,
 * before they were merged.
 */
#ifdef FC_REAL

#define CLAMP	1e-12			/* rows that come later may lie outside of the cube */

/* t->y = u(x) but for a constant */
static void
FC_VARIANT(transform) (FcMetric *t, const FcLogic *l, const FC_REAL *x, int64_t xstride, int32_t lanes)
{
	const FC_REAL least = (FC_REAL) (sizeof(FC_REAL) == sizeof(float) ? 1e-7 : CLAMP);

	for (int32_t j = 0; j < t->d; j++)
	{
		FC_REAL    *y = (FC_REAL *) t->y + (int64_t) j * t->tile;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		value = x[j * xstride + i];

			value = value > least ? value : least;
			y[i] = value < 1 - least ? value : 1 - least;
		}
		if (l->generator == fc_generators)
			for (int32_t i = 0; i < lanes; i++)
				y[i] = FC_LOG(y[i] / (1 - y[i]));
		else
			for (int32_t i = 0; i < lanes; i++)
				y[i] = (FC_REAL) l->generator->forward(y[i], &l->theta);
	}
}

/* Sigma pair by pair, where it is no sum of squares */
static void
FC_VARIANT(pairs) (FcMetric *t, const FcLogic *l, const FC_REAL *x, int64_t xstride, int32_t lanes,
				   FC_REAL *at, int32_t stride)
{
	for (int32_t c = 0; c < t->k; c++)
		for (int32_t i = 0; i < lanes; i++)
		{
			double		sigma = 0;

			for (int32_t j = 0; j < t->d; j++)
			{
				double		value = fmin(fmax(x[j * xstride + i], CLAMP), 1 - CLAMP);
				double		center = fmin(fmax(((const FC_REAL *) t->v)[(int64_t) c * t->d + j], CLAMP), 1 - CLAMP);

				sigma += fc_logical_sigma(l, &value, &center, 1);
			}
			at[(int64_t) c * stride + i] = (FC_REAL) sigma;
		}
}

static void
FC_VARIANT(distances) (FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	FcLogic		l;
	FC_REAL		excess;

	begin_logic(t->model, &l);
	if (!l.squares)
	{
		FC_VARIANT(pairs) (t, &l, x, xstride, lanes, at, stride);
		return;
	}
	FC_VARIANT(transform) (t, &l, x, xstride, lanes);
	t->ops->distance(t->y, t->tile, lanes, t->d, t->v, t->k, at, stride);
	excess = (FC_REAL) (l.excess * t->d);
	for (int32_t c = 0; c < t->k; c++)
		for (int32_t i = 0; i < lanes; i++)
			((FC_REAL *) at)[(int64_t) c * stride + i] += excess;
}

/* Sigma becomes d^2; parameters[1] is (1 - theta) / theta */
static void
FC_VARIANT(square_distances) (const double *parameters, FC_REAL *at, int32_t stride, int32_t lanes, int32_t k)
{
	FC_REAL		odds = (FC_REAL) parameters[1];

	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		sigma = d[i] > 0 ? d[i] : 0;
			FC_REAL		e = FC_EXP(-sigma);
			FC_REAL		small = sigma * (1 - sigma / 2 + sigma * sigma / 6);
			FC_REAL		value = (sigma < (FC_REAL) 1e-3 ? small : 1 - e) / (1 + odds * e);

			d[i] = value * value;
		}
	}
}

static double
FC_VARIANT(weights) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_VARIANT(square_distances) (g->parameters, at, stride, lanes, k);
	return fc_fcm_weights[FC_ISA_INDEX][FC_PRECISION_INDEX] (g, at, stride, lanes, rows, k);
}

static double
FC_VARIANT(memberships) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_VARIANT(square_distances) (g->parameters, at, stride, lanes, k);
	return fc_fcm_memberships[FC_ISA_INDEX][FC_PRECISION_INDEX] (g, at, stride, lanes, rows, k);
}

#else

#include "algo/fcm.h"
#include "core/logic.h"
#include "core/pass.h"

#include <math.h>
#include <string.h>

#define MOST_NODES		4096
#define GRID_COLUMNS	3		/* with more columns there is no grid */
#define ROWS_AT_FIRST	256		/* but so many rows to begin with */

enum
{
	OPT_FUZZIFIER,
	OPT_PRECISION,
	OPT_THETA,
	OPT_VARTHETA,
	OPT_MARGIN,
	OPT_GENERATOR,
	OPT_MERGE_DISTANCE,
	OPT_MIN_POINTS
};

static const char *const generators[] = {"logit", "power", "cauchy", NULL};

static const FcOption options[] = {
	[OPT_FUZZIFIER] = FC_FUZZIFIER,
	[OPT_PRECISION] = {
		.name = "grid_precision", .type = FC_NUMBER, .initial = 0.125, .min = 0.001, .max = 1,
		.help = "side of the cells of the grid, in the unit cube, when the number of clusters is to be found"
	},
	[OPT_THETA] = {
		.name = "theta", .type = FC_NUMBER, .initial = 0.5, .min = 0.01, .max = 0.99,
		.help = "neutral element of the uninorm"
	},
	[OPT_VARTHETA] = {
		.name = "vartheta", .type = FC_NUMBER, .initial = 0.4, .min = 0.01, .max = 0.99,
		.help = "absorbing element of the absorbing norm; below theta, centers that are close merge"
	},
	[OPT_MARGIN] = {
		.name = "margin", .type = FC_NUMBER, .initial = 0.1, .min = 1e-6, .max = 0.49,
		.help = "features are scaled to margin .. 1 - margin; near 0 the edges weigh much more than the middle"
	},
	[OPT_GENERATOR] = {
		.name = "generator", .type = FC_CHOICE, .initial = 0, .min = 0, .max = 2, .choices = generators,
		.help = "generator of the norms"
	},
	[OPT_MERGE_DISTANCE] = {
		.name = "merge_distance", .type = FC_NUMBER, .initial = NAN, .min = 0, .max = 10,
		.help = "centers closer than this, in the unit cube, are one; default: half of grid_precision"
	},
	[OPT_MIN_POINTS] = {
		.name = "min_points", .type = FC_INTEGER, .initial = 1, .min = 0, .max = 1e15,
		.help = "rows that a cluster needs to be recognized"
	},
	{.name = NULL}
};

static void
begin_logic(const FcModel *m, FcLogic *l)
{
	fc_logic_begin(l, &fc_generators[(int) m->option[OPT_GENERATOR]], m->option[OPT_THETA], m->option[OPT_VARTHETA]);
}

#define FC_VARIANTS_OF "algo/logical.c"
#include "core/variants.h"

static const FcDistances distances[FC_ISAS][2] = FC_TABLE(distances);
static const FcWeigh weights[FC_ISAS][2] = FC_TABLE(weights);
static const FcWeigh memberships[FC_ISAS][2] = FC_TABLE(memberships);

/* Centers before they were merged */
#define RAW(m)	((m)->extra[0])

static int
arrays(FcModel *m, FcArray *extra)
{
	extra[0] = (FcArray) {"raw", m->nraw, m->d, &RAW(m), &m->nraw};
	return 1;
}

static double
margin(const FcModel *m)
{
	return m->option[OPT_MARGIN];
}

static void
prepare(const FcModel *m, double *parameters)
{
	parameters[0] = m->option[OPT_FUZZIFIER];
	parameters[1] = (1 - m->option[OPT_THETA]) / m->option[OPT_THETA];
}

/* Centers as the metric needs them: u(v), or v where Sigma is found pair by pair */
static void
load(FcMetric *t)
{
	FcLogic		l;

	begin_logic(t->model, &l);
	for (int64_t i = 0; i < (int64_t) t->k * t->d; i++)
	{
		double		v = fmin(fmax(t->model->centers[i], 1e-12), 1 - 1e-12);

		if (l.squares)
			v = l.generator == fc_generators ? log(v / (1 - v)) : l.generator->forward(v, &l.theta);
		fc_set(t->v, t->precision, i, v);
	}
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

/* How many centers to begin with */
static FcStatus
choose_clusters(FcFit *f)
{
	FcModel    *m = f->model;

	if (m->d > GRID_COLUMNS)
	{
		m->k = f->rows.n < ROWS_AT_FIRST ? (int32_t) f->rows.n : ROWS_AT_FIRST;
		m->nraw = m->k;
		return FC_OK;
	}
	f->wanted = pow(nodes_along_a_column(m), m->d);
	f->allowed = f->rows.n < MOST_NODES ? f->rows.n : MOST_NODES;
	if (f->wanted > f->allowed)
		return FC_TOO_FINE;
	m->k = m->nraw = (int32_t) f->wanted;
	return FC_OK;
}

/* Node c of the grid, the last column fastest */
static FcStatus
start(FcEngine *e, int32_t restart)
{
	FcModel    *m = e->fit->model;
	int32_t		side = nodes_along_a_column(m);

	if (m->nraw == 0)
		return fc_first_centers(e->fit, &e->seeder, restart);
	if (m->d > GRID_COLUMNS)
	{
		FcStatus	status = fc_first_centers_up_to(e->fit, &e->seeder, restart);

		m->nraw = e->metric.k = m->k;
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

/* ---- merging ---- */

/* The root of center c among those that were joined */
static int32_t
root_of(const int32_t *joined, int32_t c)
{
	while (joined[c] != c)
		c = joined[c];
	return c;
}

/* Centers that a chain of short steps connects get the same root, the first of them */
static void
join_close(FcEngine *e, int32_t *joined, double reach)
{
	FcModel    *m = e->fit->model;

	for (int32_t c = 0; c < m->nraw; c++)
	{
		joined[c] = c;
		fc_check(&e->fit->hooks);
		for (int32_t b = 0; b < c; b++)
			if (fc_squared_distance(RAW(m) + (int64_t) b * m->d, RAW(m) + (int64_t) c * m->d, m->d) < reach * reach)
			{
				int32_t		x = root_of(joined, b);
				int32_t		y = root_of(joined, c);

				joined[x > y ? x : y] = x < y ? x : y;
			}
	}
}

/* Adds raw center r with its weight to the mean that center c is */
static void
add_to_center(FcModel *m, int32_t c, int32_t r, double weight, double *total)
{
	double	   *center = m->centers + (int64_t) c * m->d;

	total[c] += weight;
	for (int32_t j = 0; j < m->d && total[c] > 0; j++)
	{
		double		raw = RAW(m)[(int64_t) r * m->d + j];

		center[j] = total[c] == weight ? raw : center[j] + weight / total[c] * (raw - center[j]);
	}
}

/* Weighted means of the groups become the centers, in the order of their roots */
static void
merge_groups(FcEngine *e, const int32_t *joined, int32_t *group)
{
	FcModel    *m = e->fit->model;
	double	   *total = e->previous;

	m->k = 0;
	for (int32_t r = 0; r < m->nraw; r++)
	{
		int32_t		root = root_of(joined, r);

		if (root == r)
		{
			group[r] = m->k++;
			total[group[r]] = 0;
		}
		group[r] = group[root];
		add_to_center(m, group[r], r, e->acc.weight[r], total);
	}
}

/* Leaves out centers that own too few rows, unless none would be left */
static void
drop_ghosts(FcEngine *e, int32_t *group)
{
	FcModel    *m = e->fit->model;
	double		least = fmin(m->option[OPT_MIN_POINTS], m->rows / (double) m->k);
	int32_t    *renamed = e->order + 2 * m->nraw;
	int32_t		kept = 0;

	for (int32_t c = 0; c < m->k; c++)
	{
		renamed[c] = -1;
		if (e->count[c] < least)
			continue;
		memmove(m->centers + (int64_t) kept * m->d, m->centers + (int64_t) c * m->d, sizeof(double) * m->d);
		renamed[c] = kept++;
	}
	for (int32_t c = 0; c < m->nraw; c++)
		group[c] = renamed[group[c]];
	m->k = kept;
}

/* The center nearest to raw center r */
static int32_t
nearest_center(const FcModel *m, int32_t r)
{
	int32_t		best = 0;
	double		least = INFINITY;

	for (int32_t c = 0; c < m->k; c++)
	{
		double		d = fc_squared_distance(RAW(m) + (int64_t) r * m->d, m->centers + (int64_t) c * m->d, m->d);

		if (d < least)
		{
			least = d;
			best = c;
		}
	}
	return best;
}

/* k-means over the raw centers that belong to a recognized one; all count alike */
static void
settle(FcEngine *e, int32_t *group)
{
	FcModel    *m = e->fit->model;
	double	   *total = e->previous;
	bool		changed = true;

	while (changed)
	{
		changed = false;
		fc_check(&e->fit->hooks);
		memset(total, 0, sizeof(double) * m->k);
		for (int32_t r = 0; r < m->nraw; r++)
			if (group[r] >= 0)
				add_to_center(m, group[r], r, 1, total);
		for (int32_t r = 0; r < m->nraw; r++)
			if (group[r] >= 0 && nearest_center(m, r) != group[r])
			{
				group[r] = nearest_center(m, r);
				changed = true;
			}
	}
}

/* Their algorithm 2 after the first stage */
static void
recognize(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	int32_t    *joined = e->order;
	int32_t    *group = e->order + m->nraw;
	double		reach = m->option[OPT_MERGE_DISTANCE];

	memcpy(RAW(m), m->centers, sizeof(double) * m->nraw * m->d);
	join_close(e, joined, reach);
	merge_groups(e, joined, group);
	e->metric.k = m->k;
	fc_pass_measure(e);
	drop_ghosts(e, group);
	e->metric.k = m->k;
	settle(e, group);
}

static FcStatus
resolve(FcEngine *e)
{
	double	   *o = e->fit->model->option;

	if (isnan(o[OPT_MERGE_DISTANCE]))
		o[OPT_MERGE_DISTANCE] = o[OPT_PRECISION] / 2;
	return FC_OK;
}

static FcStatus
run(FcEngine *e)
{
	FcStatus	status = fc_engine_descend(e);

	if (status == FC_OK && e->fit->model->nraw > 0)
		recognize(e);
	return status;
}

static const FcKernel kernel = {
	.weights = weights,
	.memberships = memberships,
	.resolve = resolve,
	.prepare = prepare,
	.distances = distances,
	.load = load,
	.length = length,
	.start = start,
	.run = run,
};

extern const FcAlgorithm fc_logical;
const FcAlgorithm fc_logical = {
	.name = "logical",
	.title = "fuzzy c-means with the fuzzy logical distance",
	.traits = FC_SHARES_TIES | FC_FINDS_CLUSTERS,
	.options = options,
	.kernel = &kernel,
	.arrays = arrays,
	.margin = margin,
	.choose_clusters = choose_clusters,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};

#endif
