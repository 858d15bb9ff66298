/*
 * engine.c - alternating optimization
 *
 * k-means, fuzzy c-means and their relatives differ in how a distance becomes
 * a weight; the rest is one loop:
 *
 *	repeat	w_ic = kernel(distance of x_i and v_c)				(eq. 1)
 *			v_c  = sum_i w_ic x_i / sum_i w_ic					(eq. 2)
 *	until no center moves farther than the tolerance
 *
 * Passes over the rows are in pass.c, distances in metric.c.  After the loop one
 * more pass measures the result: the objective at the final centers, sizes and
 * radii of the clusters.
 */
#include "core/engine.h"

#include <math.h>
#include <string.h>

#define TILE_DISTANCES	262144		/* of one tile: they stay in the second-level cache */

static int32_t
tile_rows(const FcFit *f)
{
	int64_t		k = f->model->k;
	int64_t		products = k * f->model->d;
	int64_t		rows = f->model->algo->kernel->is_crisp ? FC_TILE : TILE_DISTANCES / k;

	if (f->model->algo->kernel->has_shapes)
		products *= f->model->d;
	if (rows > FC_PRODUCTS / products)
		rows = FC_PRODUCTS / products;
	if (rows > f->rows.stride)
		rows = f->rows.stride;
	rows = rows / FC_LANES * FC_LANES;
	return rows < FC_LANES ? FC_LANES : rows > FC_TILE ? FC_TILE : (int32_t) rows;
}

void *
fc_engine_layout(FcArena *a, const FcFit *f)
{
	FcEngine	fields = {.best = *f->model, .kernel = f->model->algo->kernel, .tile = tile_rows(f)};

	fc_seeder_layout(a, &fields.seeder, f);
	fc_metric_layout(a, &fields.metric, f->model, f->rows.precision, fields.tile);
	fc_pass_layout(a, &fields, f);
	if (f->model->common[FC_RESTARTS] > 1)
	{
		fc_model_layout(a, &fields.best);
		fields.best.shift = f->model->shift;
		fields.best.factor = f->model->factor;
		memcpy(fields.best.list, f->model->list, sizeof(fields.best.list));
	}
	if (fields.kernel->scratch_layout)
		fields.scratch = fields.kernel->scratch_layout(a, f);
	return fc_place(a, &fields, sizeof(fields));
}

/* The new position of center c in feature j. If clusters have shapes, sums are relative to the previous center */
static inline double
updated(const FcEngine *e, int32_t c, int32_t j)
{
	int64_t		at = (int64_t) c * e->metric.d + j;
	double		moved = e->acc.sum[at] / e->acc.weight[c];

	return e->kernel->has_shapes ? fc_get(e->metric.v, e->metric.precision, at) + moved : moved;
}

/* Moves center c; the way it went */
static double
update_center(FcEngine *e, int32_t c)
{
	FcModel    *m = e->fit->model;
	double	   *v = m->centers + (int64_t) c * m->d;
	double		way = 0;

	for (int32_t j = 0; j < m->d; j++)
	{
		double		to = updated(e, c, j);

		way += (to - v[j]) * (to - v[j]);
		v[j] = to;
	}
	return sqrt(way);
}

/* Moves the centers of the "empty" clusters without rows to the farthest rows; the longest way */
static double
reseed_empty(FcEngine *e, int32_t empty)
{
	FcModel    *m = e->fit->model;
	double		longest = 0;
	int32_t		next = 0;

	fc_pass_find_far(e, empty);
	for (int32_t c = 0; c < m->k; c++)
		if (e->acc.weight[c] == 0 && e->far.distance[next] > 0)
		{
			const double *row = e->far.row + (int64_t) next++ * m->d;

			longest = fmax(longest, sqrt(fc_squared_distance(m->centers + (int64_t) c * m->d, row, m->d)));
			memcpy(m->centers + (int64_t) c * m->d, row, sizeof(double) * m->d);
		}
	return longest;
}

/*
 * When the centers have settled: none moves farther than "tolerated", or than
 * "resolution" times the length of a usual row, or its own where that is longer
 */
typedef struct Settling
{
	double		tolerated;
	double		resolution;
} Settling;

static bool
has_settled(const FcEngine *e, int32_t c, double way, Settling s)
{
	const FcModel *m = e->fit->model;
	const double *v = m->centers + (int64_t) c * m->d;
	double		squares = 0;

	if (way <= s.tolerated || s.resolution == 0)
		return way <= s.tolerated;
	for (int32_t j = 0; j < m->d; j++)
		squares += v[j] * v[j];
	return way <= s.resolution * fmax(e->fit->sample.usual, sqrt(squares));
}

/* Eq. 2.  Gives the longest way that a center moved, and whether all have settled */
static FcStatus
update_centers(FcEngine *e, Settling s, double *longest, bool *settled)
{
	FcModel    *m = e->fit->model;
	int32_t		empty = 0;

	*longest = 0;
	*settled = true;
	for (int32_t c = 0; c < m->k; c++)
	{
		double		way;

		fc_check(&e->fit->hooks);
		if (e->acc.weight[c] == 0)
		{
			empty++;
			continue;
		}
		way = update_center(e, c);
		if (!isfinite(way))
			return FC_DIVERGED;
		*longest = fmax(*longest, way);
		*settled = *settled && has_settled(e, c, way, s);
	}
	if (empty == m->k)
		return FC_VANISHED;
	if (empty > 0 && e->kernel->reseeds_empty)
	{
		double		way = reseed_empty(e, empty);

		*longest = fmax(*longest, way);
		*settled = *settled && way <= s.tolerated;
	}
	return FC_OK;
}

/* Parameters of the weights from the model, after they changed */
void
fc_engine_set_parameters(FcEngine *e)
{
	if (e->kernel->set_parameters)
		e->kernel->set_parameters(e->fit->model, e->weighing.parameters);
}

/* A new start: no iterations yet */
static void
start(FcEngine *e)
{
	FcModel    *m = e->fit->model;

	m->converged = false;
	m->iterations = 0;
	m->history.count = 0;
	m->history.step = 1;
	memset(e->progress, 0, sizeof(e->progress));
	memset(e->weighing.offset, 0, m->k * sizeof(double));
	fc_engine_set_parameters(e);
}

static void
record(FcEngine *e, double way)
{
	FcFit	   *f = e->fit;
	double		change = f->sample.spread > 0 ? way / f->sample.spread : 0;

	e->progress[FC_HISTORY_ITERATION] = f->model->iterations;
	e->progress[FC_HISTORY_OBJECTIVE] = *e->acc.objective;
	e->progress[FC_HISTORY_CHANGE] = change;
	fc_model_record(f->model, e->progress);
	if (f->hooks.progress)
		f->hooks.progress(f->hooks.arg, f->model->iterations, *e->acc.objective, change);
}

/*
 * Iterates until the centers have converged, or up to "most" iterations since
 * the start; sets model->converged
 */
static FcStatus
iterate(FcEngine *e, Settling s, int32_t most)
{
	FcModel    *m = e->fit->model;

	m->converged = false;
	while (!m->converged && m->iterations < most)
	{
		FcStatus	status = FC_OK;
		double		way;

		m->iterations++;
		fc_pass_accumulate(e);
		if (e->kernel->after_pass)
			status = e->kernel->after_pass(e);
		if (status == FC_OK)
			status = update_centers(e, s, &way, &m->converged);
		if (status != FC_OK)
			return status;
		if (!isfinite(*e->acc.objective))
			return FC_DIVERGED;
		record(e, way);
	}
	return FC_OK;
}

/* The same, until no center moves farther than tolerated */
FcStatus
fc_engine_iterate(FcEngine *e, double tolerated, int32_t most)
{
	return iterate(e, (Settling) {tolerated, 0}, most);
}

/*
 * One start of an algorithm without schedule or stages.  Centers cannot settle
 * better than the rows' precision resolves them, but a tolerance of 0 means: until
 * nothing moves.
 */
FcStatus
fc_engine_descend(FcEngine *e)
{
	const FcFit *f = e->fit;
	double		epsilon = FC_EPSILON(f->rows.precision);
	Settling	s = {.tolerated = f->model->common[FC_TOLERANCE] * f->sample.spread};

	s.resolution = s.tolerated > 0 ? 8 * epsilon : 0;
	return iterate(e, s, (int32_t) f->model->common[FC_MAX_ITERATIONS]);
}

static FcStatus
run_once(FcEngine *e, int32_t restart)
{
	FcStatus	status = e->kernel->first_centers ? e->kernel->first_centers(e, restart) :
		fc_first_centers(e->fit, &e->seeder, restart);

	if (status != FC_OK)
		return status;
	start(e);
	status = e->kernel->optimize ? e->kernel->optimize(e) : fc_engine_descend(e);
	if (status == FC_OK)
		fc_pass_measure(e);
	return status;
}

/* Whose memory fc_engine_layout() placed */
void
fc_engine_begin(FcEngine *e, FcFit *f)
{
	e->fit = f;
	f->engine = e;
	fc_pass_set_stage(e, 0);
	e->metric.model = f->model;
	e->metric.isa = f->isa;
	e->metric.hooks = f->hooks;
}

static void
join(FcFit *f)
{
	fc_engine_begin(f->work, f);
}

const FcTeamHooks fc_engine_team = {.join = join};

FcStatus
fc_engine_fit(FcFit *f, void *work)
{
	FcEngine   *e = work;
	FcModel    *m = f->model;
	int32_t		restarts = f->start ? 1 : (int32_t) m->common[FC_RESTARTS];

	fc_engine_begin(e, f);
	if (e->kernel->resolve_options)
	{
		FcStatus	status = e->kernel->resolve_options(e);

		if (status != FC_OK)
			return status;
		memcpy(e->best.option, m->option, sizeof(m->option));
	}
	for (int32_t r = 0; r < restarts; r++)
	{
		FcStatus	status = run_once(e, r);

		if (status != FC_OK)
			return status;
		if (r > 0 && !(m->objective < e->best.objective))
			continue;
		if (e->kernel->diagnose)
			e->kernel->diagnose(e);
		/* The better one is kept in e->best; the other's memory is reused */
		if (restarts > 1)
			fc_model_swap(m, &e->best);
	}
	if (restarts > 1)
		fc_model_swap(m, &e->best);
	return FC_OK;
}
