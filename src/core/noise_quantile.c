/*
 * noise_quantile.c - the distance of noise for given centers
 *
 *	delta^2 = the (1 - share)-quantile of d_ic(i)						(eq. 1)
 *
 * over the rows of the sample, with c(i) the center nearest to row i.
 *
 * Where more rows than that lie on centers, it would be 0, or rounding.  Then delta is a few units of
 * rounding: rows on the centers are in their clusters, all others are noise.
 */
#include "core/noise_quantile.h"

#include "core/noise.h"

#include <math.h>

#define ROUNDING		16		/* units of the rows' lengths: rows that are nearer to a center lie on it */
#define ABOVE			4		/* units by which delta^2 is above eq. 1, so that the row that it is of is no noise */

void
fc_noise_layout(FcArena *a, FcTrial *t, const FcFit *f)
{
	int64_t		rows = fc_sample_size(&f->rows, f->model->k);

	rows = rows > t->sample.n ? rows : t->sample.n;
	t->nearest = fc_seeks_noise(f->model) ? fc_take(a, fc_times(2, rows), sizeof(double)) : NULL;
}

/* Of the rows of the sample, (n) distances to the nearest centers: those of the kernel, or squared Euclidean ones */
static void
find_nearest(FcEngine *e, bool own)
{
	const FcSample *s = &e->fit->sample;
	FcMetric   *t = &e->metric;
	double		least[FC_TILE];
	int32_t		nearest[FC_TILE];

	t->k = e->fit->model->k;
	fc_metric_load(t);
	for (int64_t first = 0; first < s->n; first += e->tile)
	{
		int32_t		rows = s->n - first < e->tile ? (int32_t) (s->n - first) : e->tile;
		int32_t		lanes = FC_ROUND_UP(rows, FC_LANES);
		const char *x = (const char *) s->x + (size_t) first * FC_SIZE(t->precision);

		fc_check(&e->fit->hooks);
		if (own)
		{
			fc_metric_distances(t, x, s->stride, lanes, e->at, e->tile);
			t->ops->nearest(e->at, e->tile, lanes, t->k, least, nearest);
		}
		else
			fc_metric_assign(t, x, s->stride, lanes, least, nearest);
		for (int32_t i = 0; i < rows; i++)
		{
			double		distance = fc_get(least, t->precision, i);

			e->trial.nearest[first + i] = isnan(distance) ? INFINITY : distance;
		}
	}
}

/* Rows from number "first" to before "end" of a table of values, and their weights */
typedef struct Range
{
	double	   *value;
	double	   *weight;
	int64_t		first;
	int64_t		end;
} Range;

static void
exchange(const Range *r, int64_t a, int64_t b)
{
	double		value = r->value[a];
	double		weight = r->weight[a];

	r->value[a] = r->value[b];
	r->weight[a] = r->weight[b];
	r->value[b] = value;
	r->weight[b] = weight;
}

/* Puts rows with less than the pivot first, and those with more last: *less and *more are where the others begin and end */
static void
part(const Range *r, double pivot, int64_t *less, int64_t *more)
{
	*less = r->first;
	*more = r->end;
	for (int64_t i = r->first; i < *more;)
		if (r->value[i] < pivot)
			exchange(r, i++, (*less)++);
		else if (r->value[i] > pivot)
			exchange(r, i, --*more);
		else
			i++;
}

static double
weight_of(const Range *r, int64_t first, int64_t end)
{
	double		sum = 0;

	for (int64_t i = first; i < end; i++)
		sum += r->weight[i];
	return sum;
}

/* The least of the values such that rows up to it weigh what is wanted (Hoare's selection) */
static double
select_weight(Range r, double wanted)
{
	double		pivot = 0;
	FcRng		rng;

	fc_rng_start(&rng, 0, 0);
	while (r.first < r.end)
	{
		int64_t		less;
		int64_t		more;
		double		below;
		double		equal;

		pivot = r.value[r.first + fc_rng_below(&rng, r.end - r.first)];
		part(&r, pivot, &less, &more);
		below = weight_of(&r, r.first, less);
		equal = weight_of(&r, less, more);
		if (below >= wanted && less > r.first)
			r.end = less;
		else if (below + equal >= wanted)
			return pivot;
		else
		{
			wanted -= below + equal;
			r.first = more;
		}
	}
	return pivot;				/* rounding of sums: the largest */
}

/* Eq. 1, of the distances that the kernel measures, or of squared Euclidean ones */
double
fc_noise_quantile(FcEngine *e, bool own)
{
	const FcFit *f = e->fit;
	const FcSample *s = &f->sample;
	Range		all = {.value = e->trial.nearest, .weight = e->trial.nearest + s->n, .end = s->n};
	double		epsilon = FC_EPSILON(f->rows.precision);
	double		least = ROUNDING * epsilon * fmax(s->usual, s->spread);
	double		squared;

	find_nearest(e, own);
	for (int64_t i = 0; i < s->n; i++)
		all.weight[i] = fc_sample_weight(s, i);
	squared = select_weight(all, (1 - f->model->common[FC_NOISE]) * weight_of(&all, 0, s->n));
	squared = fmax(squared * (1 + ABOVE * epsilon), least * least);
	return squared > 0 ? squared : 1;	/* all rows are 0: any distance will do */
}

void
fc_noise_trim(FcEngine *e)
{
	fc_noise_set(e->fit->model, fc_noise_quantile(e, false));
}
