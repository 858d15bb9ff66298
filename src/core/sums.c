/*
 * sums.c - sums of the rows of a tile, for the update of the centers
 *
 * Where rows have gaps, each feature has weights of its own: see gaps.c.  A tile without
 * any costs no more than otherwise: its weights are those of all features.
 */
#include "core/sums.h"

#include "core/gaps.h"
#include "core/noise.h"

/* ---- memory ---- */

/* What rows with gaps need besides */
static void
layout_gaps(FcArena *a, FcEngine *e, const FcFit *f)
{
	fc_accumulator_layout_gaps(a, &e->acc, true);
	fc_accumulator_layout_gaps(a, &e->part, false);
	e->weighed.there = fc_take(a, fc_times(f->model->d, e->tile), FC_SIZE(f->rows.precision));
	e->weighed.unused = fc_take(a, f->model->k, sizeof(double));
}

/* Where rows times weights are written down */
void
fc_sums_layout(FcArena *a, FcEngine *e, const FcFit *f)
{
	bool		noise = fc_most_groups(f->model) > f->model->k;

	fc_sparse_layout(a, &e->weighed.sparse, f->model, f->rows.precision, e->tile);
	e->weighed.kept = noise ? fc_take(a, e->tile, sizeof(double)) : NULL;
	if (f->model->algo->kernel->has_shapes || f->rows.weights || f->rows.gaps || noise || e->weighed.sparse.tile > 0)
		e->weighed.x = fc_take(a, fc_times(f->model->d, e->tile), FC_SIZE(f->rows.precision));
	if (f->rows.gaps)
		layout_gaps(a, e, f);
}

/* ---- a tile ---- */

/* Adds weights times rows of x (d, xstride), a tile whose weights are in e->at, and the weights */
static void
add_weighted(FcEngine *e, const void *x, int64_t xstride, int32_t lanes, int32_t d, double *sum, double *weight)
{
	FcMetric   *t = &e->metric;
	size_t		size = FC_SIZE(t->precision);
	int32_t		step = fc_clusters_at_once(&e->metric, lanes);

	for (int32_t c = 0; c < t->k; c += step)
	{
		fc_check(&e->fit->hooks);
		t->ops->accumulate(x, xstride, lanes, d,
						   (char *) e->at + (size_t) c * e->tile * size,
						   e->tile, t->k - c < step ? t->k - c : step, sum + (size_t) c * t->d, weight + c);
	}
}

/* Has any row of the tile a gap?  Then e->weighed.x becomes what they have, and e->weighed.there tells where they have it */
static bool
split_gaps(const FcEngine *e, const void *x, int32_t lanes)
{
	const FcMetric *t = &e->metric;
	int64_t		stride = e->fit->rows.stride;
	const FcGapOps *ops = fc_gap_ops(t->isa, t->precision);

	if (e->part.observed == NULL || !ops->has_gaps(x, stride, lanes, t->d))
		return false;
	ops->split(x, stride, lanes, t->d, e->weighed.x, e->weighed.there, e->tile);
	return true;
}

/* Where the weights of a tile without gaps are added */
static double *
weights_of_whole(const FcEngine *e)
{
	return e->part.observed ? e->part.whole : e->part.weight;
}

/* Adds the rows of a tile, whose weights are in e->at */
void
fc_sums_add(FcEngine *e, const void *x, int32_t lanes)
{
	FcMetric   *t = &e->metric;
	int64_t		stride = e->fit->rows.stride;
	bool		added;			/* with weights that are mostly 0 */

	if (split_gaps(e, x, lanes))
	{
		add_weighted(e, e->weighed.x, e->tile, lanes, t->d, e->part.sum, e->part.weight);
		add_weighted(e, e->weighed.there, e->tile, lanes, t->d, e->part.observed, e->weighed.unused);
		return;
	}
	added = fc_sparse_add(&e->weighed.sparse, t, x, stride, lanes, e->at, e->weighed.x, e->part.sum);
	add_weighted(e, x, stride, lanes, added || e->kernel->has_shapes ? 0 : t->d, e->part.sum, weights_of_whole(e));
}

/* Adds each row of x (d, xstride) to the sum of its nearest center as often as its weight says; weighed rows go to "weighed" */
static void
add_rows(FcEngine *e, const void *x, int64_t xstride, void *weighed, int32_t lanes, int32_t rows, int32_t d, double *sum, double *weight)
{
	const FcMetric *t = &e->metric;
	const double *row_weight = e->weighing.row_weight;
	int32_t		sums = e->part.squares ? t->d : (int32_t) e->part.sums;

	if (row_weight == NULL)
	{
		t->ops->add_rows(x, xstride, rows, d, e->nearest, t->k, sum, sums, weight);
		return;
	}
	t->ops->weigh(x, xstride, lanes, d, row_weight, weighed, e->tile);
	/* numbers of rows go to where memberships would be, which nobody reads */
	t->ops->add_rows(weighed, e->tile, rows, d, e->nearest, t->k, sum, sums, e->part.mass);
	for (int32_t i = 0; i < rows; i++)
		weight[e->nearest[i]] += row_weight[i];
}

/* Adds the rows of a tile to their nearest centers, e->nearest; without sums, only their weights */
void
fc_sums_add_rows(FcEngine *e, const void *x, int32_t lanes, int32_t rows, bool sums)
{
	int32_t		d = sums ? e->metric.d : 0;

	if (sums && split_gaps(e, x, lanes))
	{
		add_rows(e, e->weighed.x, e->tile, e->weighed.x, lanes, rows, d, e->part.sum, e->part.weight);
		add_rows(e, e->weighed.there, e->tile, e->weighed.there, lanes, rows, d, e->part.observed, e->weighed.unused);
	}
	else
		add_rows(e, x, e->fit->rows.stride, e->weighed.x, lanes, rows, d, e->part.sum, sums ? weights_of_whole(e) : e->part.weight);
}

/* After the last tile of a portion: weights are those of all tiles */
void
fc_sums_end_portion(FcEngine *e)
{
	for (int32_t c = 0; e->part.observed && c < e->metric.k; c++)
		e->part.weight[c] += e->part.whole[c];
}
