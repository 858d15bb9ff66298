/*
 * pass.c - one pass over the rows
 *
 * Rows are taken in tiles, small enough that their distances stay in the
 * cache, and the (n, k) memberships never exist.  The sums of a pass are flat:
 * two accumulators, each from a share of the rows, merge by addition.
 */
#include "core/pass.h"

#include <math.h>
#include <string.h>

void
fc_accumulator_layout(FcArena *a, FcAccumulator *acc, int32_t k, int32_t d, bool squares)
{
	double	   *base;

	acc->length = fc_plus(fc_plus(1 + 2 * (size_t) k, fc_times(k, d)), squares ? fc_times(fc_times(k, d), d) : 0);
	base = fc_take(a, acc->length, sizeof(double));
	if (base == NULL)
		return;
	acc->objective = base;
	acc->weight = base + 1;
	acc->mass = acc->weight + k;
	acc->sum = acc->mass + k;
	acc->squares = squares ? acc->sum + (size_t) k * d : NULL;
}

void
fc_accumulator_clear(FcAccumulator *acc)
{
	memset(acc->objective, 0, acc->length * sizeof(double));
}

void
fc_accumulator_merge(FcAccumulator *to, const FcAccumulator *from)
{
	for (size_t i = 0; i < to->length; i++)
		to->objective[i] += from->objective[i];
}

/* ---- tiles ---- */

/* Takes a tile of "rows" rows; e->at holds their distances */
typedef void (*Visit) (FcEngine *e, void *arg, const void *x, int32_t lanes, int32_t rows);

/* Clusters between two checks; all of them, unless k d is huge */
static int32_t
clusters_at_once(const FcEngine *e, int32_t lanes)
{
	int64_t		most = FC_PRODUCTS / ((int64_t) lanes * e->metric.d);

	return most < 1 ? 1 : most < e->metric.k ? (int32_t) most : e->metric.k;
}

static void
find_distances(FcEngine *e, const void *x, int32_t lanes)
{
	FcMetric   *t = &e->metric;
	size_t		size = FC_SIZE(t->precision);
	int32_t		step = clusters_at_once(e, lanes);

	fc_check(&e->fit->hooks);
	if (e->kernel->distances || step == t->k)
	{
		fc_metric_distances(t, x, e->fit->rows.stride, lanes, e->at, e->tile);
		return;
	}
	for (int32_t c = 0; c < t->k; c += step)
	{
		fc_check(&e->fit->hooks);
		t->ops->distance(x, e->fit->rows.stride, lanes, t->d, (char *) t->v + (size_t) c * t->d * size,
						 t->k - c < step ? t->k - c : step, (char *) e->at + (size_t) c * e->tile * size, e->tile);
	}
}

static void
for_each_tile(FcEngine *e, Visit visit, void *arg)
{
	const FcRows *all = &e->fit->rows;
	size_t		size = FC_SIZE(all->precision);

	fc_metric_load(&e->metric);
	for (int64_t b = 0; b < fc_blocks(all); b++)
	{
		const char *x = all->block(all->source, b);
		int32_t		in_block = fc_rows_in_block(all, b);

		for (int32_t first = 0; first < in_block; first += e->tile)
		{
			int32_t		rows = in_block - first < e->tile ? in_block - first : e->tile;
			int32_t		lanes = FC_ROUND_UP(rows, FC_LANES);

			find_distances(e, x + first * size, lanes);
			visit(e, arg, x + first * size, lanes, rows);
		}
	}
}

/* The weights of lanes that hold no row are zero */
static void
clear_padding(const FcEngine *e, void *at, int32_t lanes, int32_t rows)
{
	size_t		size = FC_SIZE(e->fit->rows.precision);

	if (rows < lanes)
		for (int32_t c = 0; c < e->metric.k; c++)
			memset((char *) at + ((int64_t) c * e->tile + rows) * size, 0, (lanes - rows) * size);
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
						 (char *) e->at + (size_t) c * e->tile * size, t->y, e->wy, e->tile);
		t->ops->accumulate(t->y, e->tile, lanes, t->d, e->wy, e->tile, t->d,
						   e->acc.squares + (size_t) c * t->d * t->d, e->acc.sum + (size_t) c * t->d);
	}
}

static void
add_tile(FcEngine *e, void *arg, const void *x, int32_t lanes, int32_t rows)
{
	FcMetric   *t = &e->metric;
	size_t		size = FC_SIZE(t->precision);
	int32_t		step = clusters_at_once(e, lanes);

	(void) arg;
	*e->acc.objective += e->kernel->weights[t->isa][t->precision]
		(&e->weighing, e->at, e->tile, lanes, rows, t->k);
	clear_padding(e, e->at, lanes, rows);
	for (int32_t c = 0; c < t->k; c += step)
	{
		fc_check(&e->fit->hooks);
		t->ops->accumulate(x, e->fit->rows.stride, lanes, e->kernel->has_shapes ? 0 : t->d,
						   (char *) e->at + (size_t) c * e->tile * size,
						   e->tile, t->k - c < step ? t->k - c : step,
						   e->acc.sum + (size_t) c * t->d, e->acc.weight + c);
	}
	if (e->kernel->has_shapes)
		add_squares(e, x, lanes);
}

/* Weights of all rows at the model's centers, and their sums */
void
fc_pass_accumulate(FcEngine *e)
{
	fc_accumulator_clear(&e->acc);
	e->weighing.mass = e->acc.mass;
	for_each_tile(e, add_tile, NULL);
}

/* ---- the result ---- */

static double
length_of(const FcModel *m, int32_t c, double distance)
{
	return m->algo->kernel->length ? m->algo->kernel->length(m, c, distance) : sqrt(distance);
}

static void
measure_tile(FcEngine *e, void *arg, const void *x, int32_t lanes, int32_t rows)
{
	FcMetric   *t = &e->metric;
	FcModel    *m = e->fit->model;

	(void) arg;
	memcpy(e->u, e->at, (size_t) t->k * e->tile * FC_SIZE(t->precision));
	m->objective += e->kernel->memberships[t->isa][t->precision]
		(&e->weighing, e->u, e->tile, lanes, rows, t->k);
	clear_padding(e, e->u, lanes, rows);
	t->ops->accumulate(x, e->fit->rows.stride, lanes, e->kernel->has_means ? t->d : 0, e->u, e->tile, t->k,
					   e->acc.sum, m->weights);

	t->ops->nearest(e->at, e->tile, lanes, t->k, e->least, e->nearest);
	for (int32_t i = 0; i < rows; i++)
	{
		int32_t		c = e->nearest[i];

		m->radius[c] += length_of(m, c, fc_get(e->least, t->precision, i));
		e->count[c]++;
	}
}

/* Centers of clusters that have rows */
static void
set_means(FcModel *m, const double *sum)
{
	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
		if (m->weights[i / m->d] > 0)
			m->centers[i] = sum[i] / m->weights[i / m->d];
}

/* Objective, sizes and radii at the model's centers */
void
fc_pass_measure(FcEngine *e)
{
	FcModel    *m = e->fit->model;

	fc_accumulator_clear(&e->acc);
	m->objective = 0;
	m->empty = 0;
	memset(m->weights, 0, m->k * sizeof(double));
	memset(m->radius, 0, m->k * sizeof(double));
	memset(e->count, 0, m->k * sizeof(int64_t));
	for_each_tile(e, measure_tile, NULL);
	if (e->kernel->has_means)
		set_means(m, e->acc.sum);
	for (int32_t c = 0; c < m->k; c++)
		if (e->count[c] > 0)
			m->radius[c] /= e->count[c];
		else
			m->empty++;
}

/* ---- largest memberships ---- */

/* Into arg (k) */
static void
find_largest(FcEngine *e, void *arg, const void *x, int32_t lanes, int32_t rows)
{
	FcMetric   *t = &e->metric;
	double	   *largest = arg;

	(void) x;
	e->kernel->memberships[t->isa][t->precision] (&e->weighing, e->at, e->tile, lanes, rows, t->k);
	for (int32_t c = 0; c < t->k; c++)
		for (int32_t i = 0; i < rows; i++)
			largest[c] = fmax(largest[c], fc_get(e->at, t->precision, (int64_t) c * e->tile + i));
}

/* The largest membership of any row in each cluster (k) */
void
fc_pass_largest_memberships(FcEngine *e, double *largest)
{
	memset(largest, 0, sizeof(double) * e->metric.k);
	for_each_tile(e, find_largest, largest);
}

/* ---- rows far from their centers ---- */

static void
remember_far_rows(FcEngine *e, void *arg, const void *x, int32_t lanes, int32_t rows)
{
	FcMetric   *t = &e->metric;
	FcFarRows  *far = arg;
	int32_t		d = t->d;

	t->ops->nearest(e->at, e->tile, lanes, t->k, e->least, e->nearest);
	for (int32_t i = 0; i < rows; i++)
	{
		double		distance = fc_get(e->least, t->precision, i);
		int32_t		slot = far->count;

		while (slot > 0 && distance > far->distance[slot - 1])
			slot--;
		if (slot == far->count)
			continue;
		memmove(far->distance + slot + 1, far->distance + slot, (far->count - 1 - slot) * sizeof(double));
		memmove(far->row + (int64_t) (slot + 1) * d, far->row + (int64_t) slot * d,
				(size_t) (far->count - 1 - slot) * d * sizeof(double));
		far->distance[slot] = distance;
		for (int32_t j = 0; j < d; j++)
			far->row[(int64_t) slot * d + j] = fc_get(x, t->precision, (int64_t) j * e->fit->rows.stride + i);
	}
}

/* Collects far->count rows; with fewer rows apart from their centers, distances at the end are 0 */
void
fc_pass_find_far(FcEngine *e, FcFarRows *far)
{
	memset(far->distance, 0, far->count * sizeof(double));
	for_each_tile(e, remember_far_rows, far);
}
