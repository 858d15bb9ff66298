/*
 * fit.c - one training: what all algorithms have in common
 *
 * Scaling, the sample, the algorithm itself, and a look at the result: centers
 * that coincide are worth a word to the user.  For fuzzy c-means the merging of
 * all centers in the grand mean mu is a stable fixed point exactly if
 *
 *		(2 m / (m - 1)) lambda < 1,		lambda the largest eigenvalue of
 *		(1/n) sum_i (x_i - mu)(x_i - mu)' / |x_i - mu|^2		(eq. 1)
 *
 * so a fuzzifier m below 1 / (1 - 2 lambda) keeps them apart.  lambda is found
 * by power iteration over the sample.
 */
#include "core/scale.h"
#include "core/score.h"
#include "core/seed.h"

#include <math.h>
#include <string.h>

#define POWER_STEPS		30
#define COINCIDENT		1e-3	/* of the larger radius: two centers are one */

typedef struct FitWork
{
	FcColumns	columns;
	FcScaledRows scaled;
	FcScorer	scorer;
	double	   *direction;		/* (d) of the power iteration */
	double	   *next;			/* (d) */
	void	   *algorithm;
} FitWork;

void *
fc_fit_layout(FcArena *a, FcFit *f)
{
	FitWork    *w = fc_take(a, 1, sizeof(FitWork));
	FitWork		t = {0};

	f->model->rows = f->rows.n;
	f->model->precision = f->rows.precision;
	fc_model_layout(a, f->model);
	fc_sample_layout(a, &f->sample, &f->rows, f->model->k);
	fc_columns_layout(a, &t.columns, f->rows.d);
	if (f->model->common[FC_SCALE] != FC_SCALE_NONE)
		fc_scaled_rows_layout(a, &t.scaled, &f->rows);
	fc_scorer_layout(a, &t.scorer, f->model);
	t.direction = fc_take(a, f->rows.d, sizeof(double));
	t.next = fc_take(a, f->rows.d, sizeof(double));
	t.algorithm = f->model->algo->layout(a, f);
	if (w != NULL)
		*w = t;
	return w;
}

/* Eq. 1 times direction, over the sample; returns the length of the product */
static double
multiply_scatter(const FcFit *f, const double *direction, double *product)
{
	const FcSample *s = &f->sample;
	int32_t		d = f->rows.d;
	double		length = 0;

	memset(product, 0, d * sizeof(double));
	for (int64_t i = 0; i < s->n; i++)
	{
		double		along = 0;
		double		squared = 0;

		if (i % 64 == 0)
			fc_check(&f->hooks);
		for (int32_t j = 0; j < d; j++)
		{
			double		x = fc_get(s->x, f->rows.precision, j * s->stride + i) - s->mean[j];

			along += x * direction[j];
			squared += x * x;
		}
		if (squared > 0)
			for (int32_t j = 0; j < d; j++)
				product[j] += along / squared / s->n *
					(fc_get(s->x, f->rows.precision, j * s->stride + i) - s->mean[j]);
	}
	for (int32_t j = 0; j < d; j++)
		length += product[j] * product[j];
	return sqrt(length);
}

/* 0 if every fuzzifier keeps the centers apart */
static double
safe_fuzzifier(const FcFit *f, FitWork *w)
{
	double		lambda = 0;
	FcRng		rng;

	fc_rng_start(&rng, 0, 0);
	for (int32_t j = 0; j < f->rows.d; j++)
		w->direction[j] = fc_rng_uniform(&rng) - 0.5;
	for (int step = 0; step < POWER_STEPS; step++)
	{
		lambda = multiply_scatter(f, w->direction, w->next);
		for (int32_t j = 0; j < f->rows.d; j++)
			w->direction[j] = lambda > 0 ? w->next[j] / lambda : 0;
	}
	return lambda < 0.5 ? 1 / (1 - 2 * lambda) : 0;
}

/* Finds two centers that are one, compared with the size of their clusters */
static void
find_twins(FcFit *f, FcScorer *s)
{
	FcModel    *m = f->model;

	fc_scorer_begin(s);
	for (int32_t c = 1; c < m->k; c++)
	{
		fc_check(&f->hooks);
		fc_score_between_centers(s, c);
		for (int32_t b = 0; b < c; b++)
			if (sqrt(s->distance[b]) <= COINCIDENT * fmax(m->radius[b], m->radius[c]))
			{
				f->twins[0] = b;
				f->twins[1] = c;
				return;
			}
	}
}

FcStatus
fc_fit(FcFit *f, void *work)
{
	FitWork    *w = work;
	FcModel    *m = f->model;
	FcRows		given = f->rows;
	int			scale = (int) m->common[FC_SCALE];
	FcStatus	status;

	f->twins[0] = f->twins[1] = -1;
	f->safe_fuzzifier = 0;
	if (scale != FC_SCALE_NONE || m->common[FC_INIT] == FC_INIT_RANDOM)
		fc_columns_measure(&w->columns, &f->rows, &f->hooks);
	if (scale != FC_SCALE_NONE)
	{
		fc_scale_choose(&w->columns, scale, f->rows.n, f->rows.d, m->shift, m->factor);
		fc_columns_scale(&w->columns, f->rows.d, m->shift, m->factor);
		f->rows = fc_scaled_rows(&w->scaled, &f->rows, f->isa, m->shift, m->factor);
	}
	f->low = w->columns.low;
	f->high = w->columns.high;
	fc_sample_fill(&f->sample, &f->rows, (uint64_t) m->common[FC_SEED], &f->hooks);
	status = m->algo->fit(f, w->algorithm);
	if (status == FC_OK)
		find_twins(f, &w->scorer);
	if (f->twins[0] >= 0)
		f->safe_fuzzifier = safe_fuzzifier(f, w);
	f->rows = given;
	return status;
}
