/*
 * engine.c - alternating optimization
 *
 * k-means, fuzzy c-means and their relatives differ in how a distance becomes
 * a weight; the rest is one loop (ALGORITHMS: V is v, W is w):
 *
 *	repeat	w_ic = kernel(|x_i - v_c|^2)						(eq. 1)
 *			v_c  = sum_i w_ic x_i / sum_i w_ic					(eq. 2)
 *	until no center moves farther than the tolerance
 *
 * Rows are taken in tiles and the (n, k) memberships never exist: a pass adds
 * its tiles up in an accumulator, which is flat and merges by addition.
 *
 * After the loop one more pass measures the result: the objective at the final
 * centers, sizes and radii of the clusters.
 */
#include "core/engine.h"
#include "core/seed.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define TILE_DISTANCES	65536		/* of one tile: they stay in the second-level cache */
#define TILE_PRODUCTS	(1 << 27)	/* of one tile: a few milliseconds between checks */

typedef struct Work
{
	FcSeeder	seeder;
	FcAccumulator acc;
	FcModel		best;			/* of several restarts */
	double		parameters[FC_MAX_PARAMETERS];	/* of the kernel */
	int32_t		tile;			/* rows weighed at once */
	void	   *v;				/* (k, d) centers in the precision of the rows */
	void	   *at;				/* (k, tile) distances, then weights */
	void	   *u;				/* (k, tile) memberships */
	void	   *least;			/* (tile) distance to the nearest center */
	int32_t    *nearest;		/* (tile) the nearest center */
	int64_t    *count;			/* (k) rows nearest to a center */
	double	   *far;			/* (k, d) rows far from their centers */
	double	   *far_distance;	/* (k) */
} Work;

void
fc_accumulator_layout(FcArena *a, FcAccumulator *acc, int32_t k, int32_t d)
{
	size_t		length = 1 + k + (size_t) k * d;
	double	   *base = fc_take(a, length, sizeof(double));

	acc->length = length;
	acc->objective = base;
	acc->weight = base ? base + 1 : NULL;
	acc->sum = base ? base + 1 + k : NULL;
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

static int32_t
tile_rows(const FcFit *f)
{
	int64_t		k = f->model->k;
	int64_t		rows = TILE_DISTANCES / k;

	if (rows > TILE_PRODUCTS / (k * f->model->d))
		rows = TILE_PRODUCTS / (k * f->model->d);
	if (rows > f->rows.stride)
		rows = f->rows.stride;
	rows = rows / FC_LANES * FC_LANES;
	return rows < FC_LANES ? FC_LANES : rows > FC_TILE ? FC_TILE : (int32_t) rows;
}

void *
fc_engine_layout(FcArena *a, const FcFit *f)
{
	Work	   *w = fc_take(a, 1, sizeof(Work));
	Work		t = {.best = *f->model, .tile = tile_rows(f)};
	size_t		size = FC_SIZE(f->rows.precision);
	size_t		k = f->model->k;
	size_t		d = f->model->d;

	fc_seeder_layout(a, &t.seeder, f);
	fc_accumulator_layout(a, &t.acc, f->model->k, f->model->d);
	t.v = fc_take(a, k * d, size);
	t.at = fc_take(a, k * t.tile, size);
	t.u = fc_take(a, k * t.tile, size);
	t.least = fc_take(a, t.tile, size);
	t.nearest = fc_take(a, t.tile, sizeof(int32_t));
	t.count = fc_take(a, k, sizeof(int64_t));
	if (f->model->common[FC_RESTARTS] > 1)
	{
		fc_model_layout(a, &t.best);
		t.best.shift = f->model->shift;
		t.best.factor = f->model->factor;
	}
	if (f->model->algo->kernel->reseeds_empty)
	{
		t.far = fc_take(a, k * d, sizeof(double));
		t.far_distance = fc_take(a, k, sizeof(double));
	}
	if (w != NULL)
		*w = t;
	return w;
}

/* Calls visit for each tile of the rows; w->at holds its squared distances */
typedef void (*Visit) (const FcFit *f, Work *w, const void *x, int32_t lanes, int32_t rows);

static void
for_each_tile(const FcFit *f, Work *w, Visit visit)
{
	const FcBlockOps *ops = fc_block_ops(f->isa, f->rows.precision);
	size_t		size = FC_SIZE(f->rows.precision);

	for (int64_t i = 0; i < (int64_t) f->model->k * f->model->d; i++)
		fc_set(w->v, f->rows.precision, i, f->model->centers[i]);

	for (int64_t b = 0; b < fc_blocks(&f->rows); b++)
	{
		const char *x = f->rows.block(f->rows.source, b);
		int32_t		in_block = fc_rows_in_block(&f->rows, b);

		for (int32_t first = 0; first < in_block; first += w->tile)
		{
			int32_t		rows = in_block - first < w->tile ? in_block - first : w->tile;
			int32_t		lanes = FC_ROUND_UP(rows, FC_LANES);

			fc_check(&f->hooks);
			ops->distance(x + first * size, f->rows.stride, lanes, f->rows.d, w->v, f->model->k,
						  w->at, w->tile);
			visit(f, w, x + first * size, lanes, rows);
		}
	}
}

/* The weights of lanes that hold no row are zero */
static void
clear_padding(const FcFit *f, void *at, int32_t tile, int32_t lanes, int32_t rows)
{
	size_t		size = FC_SIZE(f->rows.precision);

	if (rows < lanes)
		for (int32_t c = 0; c < f->model->k; c++)
			memset((char *) at + ((int64_t) c * tile + rows) * size, 0, (lanes - rows) * size);
}

/* Eq. 1, and the sums of eq. 2 */
static void
add_tile(const FcFit *f, Work *w, const void *x, int32_t lanes, int32_t rows)
{
	FcPrecision precision = f->rows.precision;

	*w->acc.objective += f->model->algo->kernel->weights[f->isa][precision]
		(w->parameters, w->at, w->tile, lanes, rows, f->model->k);
	clear_padding(f, w->at, w->tile, lanes, rows);
	fc_block_ops(f->isa, precision)->accumulate(x, f->rows.stride, lanes, f->rows.d, w->at, w->tile,
												f->model->k, w->acc.sum, w->acc.weight);
}

/* Objective at the final centers, sizes, radii, and rows by nearest center */
static void
measure_tile(const FcFit *f, Work *w, const void *x, int32_t lanes, int32_t rows)
{
	const FcBlockOps *ops = fc_block_ops(f->isa, f->rows.precision);
	FcModel    *m = f->model;

	memcpy(w->u, w->at, (size_t) m->k * w->tile * FC_SIZE(f->rows.precision));
	m->objective += m->algo->kernel->memberships[f->isa][f->rows.precision]
		(w->parameters, w->u, w->tile, lanes, rows, m->k);
	clear_padding(f, w->u, w->tile, lanes, rows);
	ops->accumulate(x, f->rows.stride, lanes, 0, w->u, w->tile, m->k, NULL, m->weights);

	ops->nearest(w->at, w->tile, lanes, m->k, w->least, w->nearest);
	for (int32_t i = 0; i < rows; i++)
	{
		m->radius[w->nearest[i]] += sqrt(fc_get(w->least, f->rows.precision, i));
		w->count[w->nearest[i]]++;
	}
}

static void
measure(FcFit *f, Work *w)
{
	FcModel    *m = f->model;

	m->objective = 0;
	m->empty = 0;
	memset(m->weights, 0, m->k * sizeof(double));
	memset(m->radius, 0, m->k * sizeof(double));
	memset(w->count, 0, m->k * sizeof(int64_t));
	for_each_tile(f, w, measure_tile);
	for (int32_t c = 0; c < m->k; c++)
		if (w->count[c] > 0)
			m->radius[c] /= w->count[c];
		else
			m->empty++;
}

/* Center c becomes sum / weight; returns the way that it moved */
static double
move_center(FcModel *m, int32_t c, const double *sum, double weight)
{
	double	   *v = m->centers + (int64_t) c * m->d;
	double		way = 0;

	for (int32_t j = 0; j < m->d; j++)
	{
		double		moved = sum[j] / weight;

		way += (moved - v[j]) * (moved - v[j]);
		v[j] = moved;
	}
	return sqrt(way);
}

/* Keeps the k rows that are farthest from their nearest centers */
static void
remember_far_rows(const FcFit *f, Work *w, const void *x, int32_t lanes, int32_t rows)
{
	int32_t		k = f->model->k;
	int32_t		d = f->model->d;

	fc_block_ops(f->isa, f->rows.precision)->nearest(w->at, w->tile, lanes, k, w->least, w->nearest);
	for (int32_t i = 0; i < rows; i++)
	{
		double		distance = fc_get(w->least, f->rows.precision, i);
		int32_t		slot = k;

		while (slot > 0 && distance > w->far_distance[slot - 1])
			slot--;
		if (slot == k)
			continue;
		memmove(w->far_distance + slot + 1, w->far_distance + slot, (k - 1 - slot) * sizeof(double));
		memmove(w->far + (int64_t) (slot + 1) * d, w->far + (int64_t) slot * d,
				(size_t) (k - 1 - slot) * d * sizeof(double));
		w->far_distance[slot] = distance;
		for (int32_t j = 0; j < d; j++)
			w->far[(int64_t) slot * d + j] = fc_get(x, f->rows.precision, (int64_t) j * f->rows.stride + i);
	}
}

/* Moves the centers of clusters without rows to the farthest rows; the longest way */
static double
reseed_empty(FcFit *f, Work *w)
{
	FcModel    *m = f->model;
	int32_t		slot = 0;
	double		longest = 0;

	memset(w->far_distance, 0, m->k * sizeof(double));
	for_each_tile(f, w, remember_far_rows);
	for (int32_t c = 0; c < m->k; c++)
		if (w->acc.weight[c] == 0 && w->far_distance[slot] > 0)
			longest = fmax(longest, move_center(m, c, w->far + (int64_t) slot++ * m->d, 1));
	return longest;
}

/* Eq. 2.  Gives the longest way that a center moved */
static FcStatus
update_centers(FcFit *f, Work *w, double *longest)
{
	FcModel    *m = f->model;
	int32_t		empty = 0;

	*longest = 0;
	for (int32_t c = 0; c < m->k; c++)
	{
		double		way;

		if (w->acc.weight[c] == 0)
		{
			empty++;
			continue;
		}
		way = move_center(m, c, w->acc.sum + (int64_t) c * m->d, w->acc.weight[c]);
		if (!isfinite(way))
			return FC_DIVERGED;
		*longest = fmax(*longest, way);
	}
	if (empty == m->k)
		return FC_VANISHED;
	if (empty > 0 && m->algo->kernel->reseeds_empty)
		*longest = fmax(*longest, reseed_empty(f, w));
	return FC_OK;
}

/*
 * The tolerance in data units.  Centers cannot settle better than the rows'
 * precision resolves them, so there is a floor; 0 means: until nothing moves.
 */
static double
tolerated_way(const FcFit *f)
{
	double		epsilon = f->rows.precision == FC_F32 ? FLT_EPSILON : DBL_EPSILON;
	double		tolerance = f->model->common[FC_TOLERANCE] * f->sample.spread;

	if (tolerance == 0)
		return 0;
	return fmax(tolerance, 8 * epsilon * fmax(f->sample.spread, f->sample.largest));
}

/* From the first centers to the last; the model's objective is measured */
static FcStatus
descend(FcFit *f, Work *w)
{
	FcModel    *m = f->model;
	double		tolerated = tolerated_way(f);
	int32_t		most = (int32_t) m->common[FC_MAX_ITERATIONS];

	m->converged = false;
	m->nhistory = 0;
	m->history_step = 1;
	for (m->iterations = 1;; m->iterations++)
	{
		double		way;
		double		change;
		FcStatus	status;

		fc_accumulator_clear(&w->acc);
		for_each_tile(f, w, add_tile);
		status = update_centers(f, w, &way);
		if (status != FC_OK)
			return status;
		if (!isfinite(*w->acc.objective))
			return FC_DIVERGED;
		change = f->sample.spread > 0 ? way / f->sample.spread : 0;
		fc_model_record(m, (double[FC_HISTORY_COLUMNS]) {m->iterations, *w->acc.objective, change});
		if (f->hooks.progress)
			f->hooks.progress(f->hooks.arg, m->iterations, *w->acc.objective, change);
		m->converged = way <= tolerated;
		if (m->converged || m->iterations == most)
			break;
	}
	measure(f, w);
	return FC_OK;
}

FcStatus
fc_engine_fit(FcFit *f, void *work)
{
	Work	   *w = work;
	FcModel    *m = f->model;
	int32_t		restarts = f->start ? 1 : (int32_t) m->common[FC_RESTARTS];
	FcModel		kept;

	if (m->algo->kernel->prepare)
		m->algo->kernel->prepare(m, w->parameters);
	for (int32_t r = 0; r < restarts; r++)
	{
		FcStatus	status = fc_first_centers(f, &w->seeder, r);

		if (status == FC_OK)
			status = descend(f, w);
		if (status != FC_OK)
			return status;
		if (restarts == 1)
			return FC_OK;

		/* The better of the two becomes w->best; the other's memory is used again */
		if (r == 0 || m->objective < w->best.objective)
		{
			kept = *m;
			*m = w->best;
			w->best = kept;
		}
	}
	kept = *m;
	*m = w->best;
	w->best = kept;
	return FC_OK;
}
