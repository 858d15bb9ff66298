/*
 * pass.c - one pass over the rows
 *
 * Rows are taken in tiles, small enough that their distances stay in the
 * cache, and the (n, k) memberships never exist.  A pass is a task for a team,
 * whose portions are consecutive blocks of rows: the sums of each begin at zero
 * and are added to those of the pass in their order, whoever computes them.
 */
#include "core/direction.h"
#include "core/elsewhere.h"
#include "core/means.h"
#include "core/moments.h"
#include "core/noise.h"
#include "core/pass.h"
#include "core/sums.h"

#include <math.h>
#include <string.h>

/* ---- memory ---- */

static void
layout_far(FcArena *a, FcFarRows *far, const FcFit *f, bool shared)
{
	far->row = fc_take_either(a, shared, fc_times(f->model->k, f->model->d));
	far->distance = fc_take_either(a, shared, f->model->k);
}

/*
 * An odd number of cache lines: sums of clusters a power of two apart would share
 * few places of a cache
 */
static int32_t
sum_stride(int32_t d)
{
	return ((d + 7) / 8 | 1) * 8;
}

/* Is it k-means, or is that a stage of it?  It is one for directions, and of clusters with shapes, and a trimmed one finds noise */
static bool
has_means_stage(const FcModel *m)
{
	const FcKernel *kernel = m->algo->kernel;
	bool		any = kernel->is_crisp || fc_seeks_noise(m);

	for (int i = 0; (fc_is_cosine(m) || kernel->has_shapes) && kernel->stages && kernel->stages[i] != NULL; i++)
		any = any || kernel->stages[i]->is_crisp;
	return any;
}

/* Of e, all that a pass needs but its distances */
void
fc_pass_layout(FcArena *a, FcEngine *e, const FcFit *f)
{
	size_t		size = FC_SIZE(f->rows.precision);
	size_t		k = f->model->k;
	size_t		groups = fc_most_groups(f->model);
	bool		squares = f->model->algo->kernel->has_shapes;

	fc_accumulator_layout(a, &e->acc, f->model->k, f->model->d, squares, true);
	fc_accumulator_layout(a, &e->part, f->model->k,
						  f->model->algo->kernel->is_crisp ? sum_stride(f->model->d) : f->model->d, squares, false);
	e->weighing.offset = fc_take_shared(a, k, sizeof(double));
	if (!f->model->algo->kernel->is_crisp)
	{
		e->at = fc_take(a, fc_times(groups, e->tile), size);
		e->u = fc_take(a, fc_times(groups, e->tile), size);
	}
	if (has_means_stage(f->model) && !f->rows.gaps)
		fc_bounds_layout(a, &e->bounds, &f->rows, f->model->k);
	e->weighed.least = fc_take(a, e->tile, size);
	e->weighed.nearest = fc_take(a, e->tile, sizeof(int32_t));
	e->count = fc_take(a, k, sizeof(double));
	fc_sums_layout(a, e, f);
	if (has_means_stage(f->model))
	{
		layout_far(a, &e->far, f, true);
		layout_far(a, &e->far_part, f, false);
	}
}

/* From here on passes are made by this stage of the kernel; 0: by itself */
void
fc_pass_set_stage(FcEngine *e, int32_t stage)
{
	const FcKernel *own = e->fit->model->algo->kernel;

	e->fit->stage = stage;
	e->kernel = stage == 0 ? own : stage == FC_TRIMMED_STAGE ? &fc_means_kernel : own->stages[stage - 1];
}

/* In each member, before its first portion */
static void
begin(FcFit *f)
{
	FcEngine   *e = f->engine;

	e->metric.k = f->model->k;
	fc_pass_set_stage(e, f->stage);
	fc_weighing_load(&e->weighing, f->model);
	fc_metric_load(&e->metric);
}

/* ---- tiles ---- */

/* Takes a tile of "rows" rows; e->at holds their distances */
typedef void (*Visit) (FcEngine *e, const void *x, int32_t lanes, int32_t rows);

/* e->least and e->nearest of each row; where memberships are fuzzy, of the distances in e->at, of which noise has some */
static void
find_nearest(FcEngine *e, const void *x, int32_t lanes)
{
	FcMetric   *t = &e->metric;

	e->least = e->weighed.least;
	e->nearest = e->weighed.nearest;
	if (!e->kernel->is_crisp)
	{
		t->ops->nearest(e->at, e->tile, lanes, t->groups, e->least, e->nearest);
		return;
	}
	if (e->bounds.lanes > 0)
	{
		fc_bounds_find(&e->bounds, t, &e->fit->hooks, x, e->fit->rows.stride, e->row, lanes,
					   fc_clusters_at_once(t, lanes));
		e->least = (char *) e->bounds.least + e->row * FC_SIZE(t->precision);
		e->nearest = e->bounds.nearest + e->row;
		return;
	}
	fc_metric_assign(t, x, e->fit->rows.stride, lanes, e->least, e->nearest);
}

static void
for_each_tile(FcEngine *e, int64_t portion, Visit visit)
{
	const FcRows *all = &e->fit->rows;
	size_t		size = FC_SIZE(all->precision);
	int64_t		end = fc_portion_first(all, portion + 1);

	fc_bounds_begin_portion(&e->bounds);
	for (int64_t b = fc_portion_first(all, portion); b < end; b++)
	{
		const char *x = all->block(all->source, b);
		const double *weight = fc_row_weights(all, b);
		int32_t		in_block = fc_rows_in_block(all, b);

		for (int32_t first = 0; first < in_block; first += e->tile)
		{
			int32_t		rows = in_block - first < e->tile ? in_block - first : e->tile;
			int32_t		lanes = FC_ROUND_UP(rows, FC_LANES);

			e->row = b * all->stride + first;
			e->weighing.row_weight = weight ? weight + first : NULL;
			if (!e->kernel->is_crisp)
				fc_metric_distances(&e->metric, x + first * size, all->stride, lanes, e->at, e->tile);
			visit(e, x + first * size, lanes, rows);
		}
	}
}

/* The weights of lanes that hold no row are zero */
static void
clear_padding(const FcEngine *e, void *at, int32_t lanes, int32_t rows)
{
	size_t		size = FC_SIZE(e->fit->rows.precision);

	if (rows < lanes)
		for (int32_t c = 0; c < e->metric.groups; c++)
			memset((char *) at + ((int64_t) c * e->tile + rows) * size, 0, (lanes - rows) * size);
}

/* The same, and the others count as often as their weights say */
static void
weigh_rows(const FcEngine *e, void *at, int32_t lanes, int32_t rows)
{
	const FcMetric *t = &e->metric;

	clear_padding(e, at, lanes, rows);
	if (e->weighing.row_weight)
		t->ops->weigh(at, e->tile, lanes, t->groups, e->weighing.row_weight, at, e->tile);
}

/* Does row i of the tile count? */
static bool
counts(const FcEngine *e, int32_t i)
{
	return e->weighing.row_weight == NULL || e->weighing.row_weight[i] > 0;
}

/* Is row i of the tile, whose nearest center has been found, noise? */
static bool
is_noise(const FcEngine *e, int32_t i)
{
	const FcMetric *t = &e->metric;

	return e->kernel->is_crisp ? fc_get(e->least, t->precision, i) > t->noise : e->nearest[i] >= t->k;
}

/* ---- sums for the update ---- */

/* Adds w (x - v) and w (x - v)(x - v)' of a tile for each cluster; e->at holds the weights */
static void
add_squares(FcEngine *e, const void *x, int32_t lanes)
{
	FcMetric   *t = &e->metric;
	size_t		size = FC_SIZE(t->precision);

	for (int32_t c = 0; c < t->k; c++)
	{
		fc_check(&e->fit->hooks);
		t->ops->relative(x, e->fit->rows.stride, lanes, t->d, (char *) t->v + (size_t) c * t->d * size,
						 (char *) e->at + (size_t) c * e->tile * size, t->y, e->weighed.x, e->tile);
		t->ops->accumulate(t->y, e->tile, lanes, t->d, e->weighed.x, e->tile, t->d,
						   e->part.squares + (size_t) c * t->d * t->d, e->part.sum + (size_t) c * t->d);
	}
}

static void
add_tile(FcEngine *e, const void *x, int32_t lanes, int32_t rows)
{
	FcMetric   *t = &e->metric;

	*e->part.objective += e->kernel->weights[t->isa][t->precision]
		(&e->weighing, e->at, e->tile, lanes, rows, t->groups);
	weigh_rows(e, e->at, lanes, rows);
	fc_sums_add(e, x, lanes);
	if (e->kernel->has_shapes)
		add_squares(e, x, lanes);
}

/* The sum of distances to the nearest centers */
static double
sum_of_least(const FcEngine *e, int32_t rows)
{
	const double *weight = e->weighing.row_weight;
	double		sum = 0;

	for (int32_t i = 0; i < rows; i++)
		sum += weight ? weight[i] * fc_get(e->least, e->metric.precision, i) : fc_get(e->least, e->metric.precision, i);
	return sum;
}

/* The same where there is noise, which counts nothing in any cluster: see e->weighed.kept */
static double
set_noise_aside(FcEngine *e, int32_t lanes, int32_t rows)
{
	const FcMetric *t = &e->metric;
	const double *weight = e->weighing.row_weight;
	double		of_noise = e->fit->stage == FC_TRIMMED_STAGE ? 0 : t->noise;
	double	   *kept = e->weighed.kept;
	double		sum = 0;

	for (int32_t i = 0; i < rows; i++)
	{
		double		counts = weight ? weight[i] : 1;

		kept[i] = is_noise(e, i) ? 0 : counts;
		sum += counts * (is_noise(e, i) ? of_noise : fc_get(e->least, t->precision, i));
	}
	memset(kept + rows, 0, (lanes - rows) * sizeof(double));
	return sum;
}

static double
add_without_noise(FcEngine *e, const void *x, int32_t lanes, int32_t rows, bool sums)
{
	const double *weight = e->weighing.row_weight;
	double		objective = set_noise_aside(e, lanes, rows);

	e->weighing.row_weight = e->weighed.kept;
	fc_sums_add_rows(e, x, lanes, rows, sums);
	e->weighing.row_weight = weight;
	return objective;
}

/* The same as add_tile() with weights of 0 and 1, which are not written down, with or without sums; returns the objective */
static double
add_to_nearest(FcEngine *e, const void *x, int32_t lanes, int32_t rows, bool sums)
{
	find_nearest(e, x, lanes);
	if (e->metric.groups > e->metric.k)
		return add_without_noise(e, x, lanes, rows, sums);
	fc_sums_add_rows(e, x, lanes, rows, sums);
	return sum_of_least(e, rows);
}

static void
add_crisp_tile(FcEngine *e, const void *x, int32_t lanes, int32_t rows)
{
	*e->part.objective += add_to_nearest(e, x, lanes, rows, true);
}

/* Of either kind, and what it adds to the moments of the features */
static void
add_tile_and_moments(FcEngine *e, const void *x, int32_t lanes, int32_t rows)
{
	if (e->kernel->is_crisp)
		add_crisp_tile(e, x, lanes, rows);
	else
		add_tile(e, x, lanes, rows);
	fc_moments_add(e->fit, x, e->weighing.row_weight, rows);
}

/* Does the pass find the moments of the features, too? */
static bool
finds_moments(const FcFit *f)
{
	return f->argument[0] != 0;
}

static void
accumulate_portion(FcFit *f, int64_t portion)
{
	FcEngine   *e = f->engine;

	fc_accumulator_clear(&e->part);
	e->weighing.mass = e->part.mass;
	if (finds_moments(f))
		fc_columns_clear(f->columns->part, &f->rows);
	for_each_tile(e, portion, finds_moments(f) ? add_tile_and_moments : e->kernel->is_crisp ? add_crisp_tile : add_tile);
	fc_sums_end_portion(e);
}

static void
merge_sums(FcFit *f, int64_t portion)
{
	(void) portion;
	fc_accumulator_merge(&f->engine->acc, &f->engine->part);
}

static void
merge_sums_and_moments(FcFit *f, int64_t portion)
{
	merge_sums(f, portion);
	if (finds_moments(f))
		fc_columns_merge(f);
}

static const FcTask accumulate = {FC_TASK_ACCUMULATE, begin, accumulate_portion, merge_sums_and_moments};

static void
run(FcEngine *e, const FcTask *task)
{
	if (e->kernel->is_crisp && e->bounds.lanes > 0)
	{
		begin(e->fit);
		fc_bounds_prepare(&e->bounds, &e->metric, &e->fit->rows);
	}
	fc_team_run(e->fit, task, fc_portions_of(&e->fit->rows));
}

/* Into e->acc; where rows are elsewhere, by others */
static void
pass_over_all(FcEngine *e, const FcTask *task, bool sizes)
{
	if (e->fit->rows.elsewhere)
	{
		begin(e->fit);
		e->fit->rows.elsewhere->run(e, sizes);
		return;
	}
	fc_accumulator_clear(&e->acc);
	run(e, task);
	*e->acc.objective /= fc_squared_unit(e->fit->model);
}

/* Weights of all rows at the model's centers, and their sums; the first time, moments of the features */
void
fc_pass_accumulate(FcEngine *e)
{
	bool		moments = !e->trial.running && fc_moments_begin(e->fit);

	e->fit->argument[0] = moments;
	pass_over_all(e, &accumulate, false);
	if (moments)
		fc_moments_end(e->fit);
}

/* ---- the result ---- */

/* The part of the objective, and sums of memberships */
static double
add_memberships(FcEngine *e, const void *x, int32_t lanes, int32_t rows)
{
	FcMetric   *t = &e->metric;
	double		objective;

	memcpy(e->u, e->at, (size_t) t->groups * e->tile * FC_SIZE(t->precision));
	objective = e->kernel->memberships[t->isa][t->precision] (&e->weighing, e->u, e->tile, lanes, rows, t->groups);
	weigh_rows(e, e->u, lanes, rows);
	t->ops->accumulate(x, e->fit->rows.stride, lanes, e->kernel->has_means ? t->d : 0, e->u, e->tile, t->k,
					   e->part.sum, e->part.weight);
	find_nearest(e, x, lanes);
	return objective;
}

static void
measure_tile(FcEngine *e, const void *x, int32_t lanes, int32_t rows)
{
	FcMetric   *t = &e->metric;
	const FcModel *m = e->fit->model;

	*e->part.objective += e->kernel->is_crisp ? add_to_nearest(e, x, lanes, rows, e->kernel->has_means) :
		add_memberships(e, x, lanes, rows);
	for (int32_t i = 0; i < rows; i++)
	{
		int32_t		c = e->nearest[i];
		double		weight = e->weighing.row_weight ? e->weighing.row_weight[i] : 1;

		/* they have been weighed */
		*e->part.largest += e->kernel->is_crisp ? weight : fc_get(e->u, t->precision, (int64_t) c * e->tile + i);
		if (is_noise(e, i))
			continue;
		e->part.radius[c] += weight * fc_length(m, c, fc_get(e->least, t->precision, i));
		e->part.count[c] += weight;
	}
}

static void
measure_portion(FcFit *f, int64_t portion)
{
	FcEngine   *e = f->engine;

	fc_accumulator_clear(&e->part);
	e->weighing.mass = e->part.mass;
	for_each_tile(e, portion, measure_tile);
}

static const FcTask measure = {FC_TASK_MEASURE, begin, measure_portion, merge_sums};

/* Centers of clusters that have rows */
static void
set_means(FcModel *m, const double *sum)
{
	for (int32_t c = 0; fc_is_cosine(m) && c < m->k; c++)
		(void) fc_move_direction(m->centers + (int64_t) c * m->d, sum + (int64_t) c * m->d, m->weights[c], m->d, m->precision);
	if (fc_is_cosine(m))
		return;
	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
		if (m->weights[i / m->d] > 0)
			m->centers[i] = sum[i] / m->weights[i / m->d];
}

/* Objective, sizes and radii at the model's centers */
void
fc_pass_measure(FcEngine *e)
{
	FcModel    *m = e->fit->model;

	pass_over_all(e, &measure, true);
	m->objective = *e->acc.objective;
	m->empty = 0;
	memcpy(m->weights, e->acc.weight, m->k * sizeof(double));
	if (e->kernel->has_means)
		set_means(m, e->acc.sum);
	for (int32_t c = 0; c < m->k; c++)
	{
		e->count[c] = e->acc.count[c];
		m->radius[c] = e->acc.count[c] > 0 ? e->acc.radius[c] / e->acc.count[c] : 0;
		m->empty += e->acc.count[c] == 0;
	}
}

/* ---- largest memberships ---- */

static void
find_largest(FcEngine *e, const void *x, int32_t lanes, int32_t rows)
{
	FcMetric   *t = &e->metric;
	double	   *largest = e->part.mass;

	(void) x;
	e->kernel->memberships[t->isa][t->precision] (&e->weighing, e->at, e->tile, lanes, rows, t->groups);
	for (int32_t c = 0; c < t->k; c++)
		for (int32_t i = 0; i < rows; i++)
			if (counts(e, i))
				largest[c] = fmax(largest[c], fc_get(e->at, t->precision, (int64_t) c * e->tile + i));
}

static void
largest_of_portion(FcFit *f, int64_t portion)
{
	FcEngine   *e = f->engine;

	memset(e->part.mass, 0, sizeof(double) * e->metric.k);
	for_each_tile(e, portion, find_largest);
}

static void
merge_largest(FcFit *f, int64_t portion)
{
	FcEngine   *e = f->engine;

	(void) portion;
	for (int32_t c = 0; c < e->metric.k; c++)
		e->acc.mass[c] = fmax(e->acc.mass[c], e->part.mass[c]);
}

static const FcTask find_largest_of_all = {FC_TASK_LARGEST, begin, largest_of_portion, merge_largest};

/* The largest membership of any row in each cluster (k) */
void
fc_pass_largest_memberships(FcEngine *e, double *largest)
{
	memset(e->acc.mass, 0, sizeof(double) * e->metric.k);
	run(e, &find_largest_of_all);
	memcpy(largest, e->acc.mass, sizeof(double) * e->metric.k);
}

/* ---- rows far from their centers, but no noise ---- */

/* Opens a place for a row at this distance; NULL: "count" others are as far */
static double *
insert_far(FcFarRows *far, int32_t count, double distance, int32_t d)
{
	int32_t		slot = count;

	while (slot > 0 && distance > far->distance[slot - 1])
		slot--;
	if (slot == count)
		return NULL;
	memmove(far->distance + slot + 1, far->distance + slot, (count - 1 - slot) * sizeof(double));
	memmove(far->row + (int64_t) (slot + 1) * d, far->row + (int64_t) slot * d,
			(size_t) (count - 1 - slot) * d * sizeof(double));
	far->distance[slot] = distance;
	return far->row + (int64_t) slot * d;
}

/* How many rows are sought */
static int32_t
far_count(const FcFit *f)
{
	return (int32_t) f->argument[0];
}

static void
remember_far_rows(FcEngine *e, const void *x, int32_t lanes, int32_t rows)
{
	FcMetric   *t = &e->metric;

	find_nearest(e, x, lanes);
	for (int32_t i = 0; i < rows; i++)
	{
		double	   *row = counts(e, i) && !is_noise(e, i) ?
			insert_far(&e->far_part, far_count(e->fit), fc_get(e->least, t->precision, i), t->d) : NULL;

		for (int32_t j = 0; row != NULL && j < t->d; j++)
			row[j] = fc_get(x, t->precision, (int64_t) j * e->fit->rows.stride + i);
	}
}

static void
far_of_portion(FcFit *f, int64_t portion)
{
	FcEngine   *e = f->engine;

	memset(e->far_part.distance, 0, far_count(f) * sizeof(double));
	for_each_tile(e, portion, remember_far_rows);
}

static void
merge_far(FcFit *f, int64_t portion)
{
	FcEngine   *e = f->engine;
	int32_t		d = e->metric.d;

	(void) portion;
	for (int32_t l = 0; l < far_count(f); l++)
	{
		double	   *row = insert_far(&e->far, far_count(f), e->far_part.distance[l], d);

		if (row == NULL)
			break;
		memcpy(row, e->far_part.row + (int64_t) l * d, d * sizeof(double));
	}
}

static const FcTask find_far = {FC_TASK_FAR, begin, far_of_portion, merge_far};

/* "count" rows into e->far; with fewer rows apart from their centers, distances at the end are 0 */
void
fc_pass_find_far(FcEngine *e, int32_t count)
{
	memset(e->far.distance, 0, count * sizeof(double));
	e->fit->argument[0] = count;
	run(e, &find_far);
}

const FcTask *const fc_pass_tasks[] = {&accumulate, &measure, &find_largest_of_all, &find_far, NULL};
