/*
 * descend.c - alternating optimization from the first centers to the last
 *
 *	repeat	w_ic = kernel(distance of x_i and v_c)				(eq. 1)
 *			v_c  = sum_i w_ic x_i / sum_i w_ic					(eq. 2)
 *	until no center moves farther than the tolerance
 *
 * The move of a center is that from where the pass measured to eq. 2, the residual of
 * the fixed point, also where the next pass takes place at a mixture of the last
 * points (anderson.c), which a kernel allows if eq. 2 never raises its objective.
 * Where centers are directions, they and such mixtures have length 1 (direction.c); where
 * rows have gaps, both equations are those of gaps.c.
 */
#include "core/direction.h"
#include "core/engine.h"
#include "core/gaps.h"
#include "core/noise_quantile.h"

#include <math.h>
#include <string.h>

#define FALLEN_BEHIND	8		/* times what two passes gained */

/* The new position of center c in feature j. If clusters have shapes, sums are relative to the previous center */
static inline double
updated(const FcEngine *e, int32_t c, int32_t j)
{
	int64_t		at = (int64_t) c * e->metric.d + j;
	double		weight = e->acc.observed ? e->acc.whole[c] + e->acc.observed[at] : e->acc.weight[c];

	if (weight == 0)			/* none of its rows has the feature */
		return e->fit->model->centers[at];
	if (e->kernel->has_shapes)
		return fc_get(e->metric.v, e->metric.precision, at) + e->acc.sum[at] / weight;
	return e->acc.sum[at] / weight;
}

/* Moves center c; the way it went */
static double
update_center(FcEngine *e, int32_t c)
{
	FcModel    *m = e->fit->model;
	double	   *v = m->centers + (int64_t) c * m->d;
	double		way = 0;

	if (fc_is_cosine(m))
		return sqrt(fc_move_direction(v, e->acc.sum + (int64_t) c * m->d, e->acc.weight[c], m->d, e->fit->rows.precision));
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
			double	   *row = e->far.row + (int64_t) next++ * m->d;

			for (int32_t j = 0; j < m->d; j++)
				row[j] = isnan(row[j]) ? fc_gap_value(e->fit, j) : row[j];
			longest = fmax(longest, sqrt(fc_squared_distance(m->centers + (int64_t) c * m->d, row, m->d)));
			memcpy(m->centers + (int64_t) c * m->d, row, sizeof(double) * m->d);
		}
	if (fc_is_cosine(m))
		(void) fc_make_centers_unit(m);
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
	fc_weighing_load(&e->weighing, e->fit->model);
}

/* A row of the history.  On a sample, iterations are counted below 0: see FcHistory */
static void
record(FcEngine *e)
{
	FcFit	   *f = e->fit;
	double		change = f->sample.spread > 0 ? e->longest / f->sample.spread : 0;

	e->progress[FC_HISTORY_ITERATION] = e->trial.running ? -f->model->iterations : f->model->iterations;
	e->progress[FC_HISTORY_OBJECTIVE] = *e->acc.objective;
	e->progress[FC_HISTORY_CHANGE] = change;
	fc_model_record(f->model, e->progress);
	if (f->hooks.progress)
		f->hooks.progress(f->hooks.arg, f->model->iterations, *e->acc.objective, change);
}

/* Is the next point of the centers' iteration extrapolated?  Algorithms without the memory for that do not */
static bool
may_mix(const FcEngine *e)
{
	return e->kernel->accelerates && e->mixing.window > 0 && e->twins.left == 0;
}

/* The point of the next pass */
static void
mix(FcEngine *e, double objective)
{
	FcModel    *m = e->fit->model;
	FcMixing   *x = &e->mixing;

	fc_mixing_next(x, m->centers, objective);
	if (x->is_mixed && fc_is_cosine(m) && !fc_make_centers_unit(m))
		fc_mixing_take_back(x, m->centers);
}

/* After a pass at centers that are worse than the plain step before: back to that, and the history shows a standstill */
static void
take_back(FcEngine *e)
{
	FcMixing   *x = &e->mixing;

	fc_mixing_take_back(x, e->fit->model->centers);
	*e->acc.objective = x->objective;
	record(e);
}

/* After a pass: shapes and centers, and the point of the next pass if there is one */
static FcStatus
move(FcEngine *e, Settling s, int32_t most)
{
	FcModel    *m = e->fit->model;
	double		objective = *e->acc.objective;
	FcStatus	status = e->kernel->after_pass ? e->kernel->after_pass(e) : FC_OK;

	if (may_mix(e))
		fc_mixing_from(&e->mixing, m->centers);
	if (status == FC_OK)
		status = update_centers(e, s, &e->longest, &m->converged);
	if (status == FC_OK && !isfinite(objective))
		status = FC_DIVERGED;
	if (status != FC_OK)
		return status;
	record(e);
	if (may_mix(e) && !m->converged && m->iterations < most)
		mix(e, objective);
	return FC_OK;
}

/* Are passes dear, and has the descent on the sample ended with that test? */
static bool
is_tested_on_sample(const FcEngine *e)
{
	return e->fit->rows.elsewhere && e->trial.sample.n > 0;
}

/* After a step: where extrapolation ended at equal centers, are these a minimum?  See twins.c */
static void
watch_twins(FcEngine *e, int32_t most)
{
	FcModel    *m = e->fit->model;

	if (e->twins.left > 0)
	{
		fc_twins_step(&e->twins, e->fit);
		m->converged = false;
	}
	else if (m->converged && may_mix(e) && !is_tested_on_sample(e) && fc_twins_test(&e->twins, e->fit, most - m->iterations))
	{
		m->converged = false;
		fc_mixing_begin(&e->mixing);
	}
}

/* Would a descent have to gain several times as much as in its last two passes, to reach an objective? */
static bool
is_behind(FcEngine *e, double objective)
{
	double		now = *e->acc.objective;
	double		gained = e->mixing.recent[1] - now;

	e->mixing.recent[1] = e->mixing.recent[0];
	e->mixing.recent[0] = now;
	return now - objective > FALLEN_BEHIND * gained;
}

/* Nothing is known of earlier steps */
static void
begin_steps(FcEngine *e)
{
	fc_mixing_begin(&e->mixing);
	fc_twins_begin(&e->twins);
	e->mixing.recent[0] = e->mixing.recent[1] = INFINITY;
}

/*
 * Iterates until the centers have converged, or up to "pause" iterations since the start,
 * of at most "most", or until the descent is behind the objective of another
 */
static FcStatus
go_on(FcEngine *e, Settling s, int32_t most, int32_t pause, double other)
{
	FcModel    *m = e->fit->model;
	FcStatus	status = FC_OK;
	bool		behind = false;

	while (status == FC_OK && !m->converged && !behind && m->iterations < pause)
	{
		m->iterations++;
		if (e->fit->stage == FC_TRIMMED_STAGE)
			fc_noise_trim(e);
		fc_pass_accumulate(e);
		if (fc_mixing_rejects(&e->mixing, *e->acc.objective, e->metric.precision))
			take_back(e);
		else
			status = move(e, s, most);
		if (status == FC_OK)
			watch_twins(e, most);
		m->objective = *e->acc.objective;
		behind = is_behind(e, other);
	}
	return status;
}

/* No iterations yet, and those that the history has are of a sample */
void
fc_engine_begin_descent(FcEngine *e)
{
	FcModel    *m = e->fit->model;

	m->converged = false;
	m->iterations = 0;
	m->history.first = m->history.count;
	m->history.step = 1;
	memset(e->progress, 0, sizeof(e->progress));
	if (e->fit->rows.elsewhere)
	{
		memset(m->weights, 0, m->k * sizeof(double));	/* not yet known, but sent there */
		memset(m->radius, 0, m->k * sizeof(double));
	}
	memset(e->weighing.offset, 0, m->k * sizeof(double));
	fc_engine_set_parameters(e);
	begin_steps(e);
}

/* Iterates until the centers have converged, up to "most" iterations since the start; sets model->converged */
static FcStatus
iterate(FcEngine *e, Settling s, int32_t most)
{
	e->fit->model->converged = false;
	begin_steps(e);
	return go_on(e, s, most, most, INFINITY);
}

/* The same, until no center moves farther than tolerated */
FcStatus
fc_engine_iterate(FcEngine *e, double tolerated, int32_t most)
{
	return iterate(e, (Settling) {tolerated, 0}, most);
}

/*
 * Of an algorithm without schedule or stages.  Centers cannot settle better than the
 * rows' precision resolves them, but a tolerance of 0 means: until nothing moves.
 */
static Settling
usual_settling(const FcFit *f)
{
	double		epsilon = FC_EPSILON(f->rows.precision);
	Settling	s = {.tolerated = f->model->common[FC_TOLERANCE] * f->sample.spread};

	s.resolution = s.tolerated > 0 ? 8 * epsilon : 0;
	return s;
}

/* One start of such an algorithm */
FcStatus
fc_engine_descend(FcEngine *e)
{
	return iterate(e, usual_settling(e->fit), (int32_t) e->fit->model->common[FC_MAX_ITERATIONS]);
}

/*
 * Goes on where an earlier call ended, up to "pause" iterations since the start, or until
 * the descent is behind the objective of another
 */
FcStatus
fc_engine_go_on(FcEngine *e, int32_t pause, double other)
{
	return go_on(e, usual_settling(e->fit), (int32_t) e->fit->model->common[FC_MAX_ITERATIONS], pause, other);
}

/* Exchanges the results of the model and of another start; rows and common options stay */
void
fc_engine_exchange(FcEngine *e, FcModel *other)
{
	FcModel    *m = e->fit->model;
	FcModel		kept = *m;

	fc_model_swap(m, other);
	m->rows = kept.rows;
	memcpy(m->common, kept.common, sizeof(m->common));
}

/* After centers have settled: are equal ones a minimum?  If not, the descent goes on */
FcStatus
fc_engine_test_twins(FcEngine *e)
{
	int32_t		most = (int32_t) e->fit->model->common[FC_MAX_ITERATIONS];

	fc_twins_begin(&e->twins);
	watch_twins(e, most);
	return fc_engine_go_on(e, most, INFINITY);
}
