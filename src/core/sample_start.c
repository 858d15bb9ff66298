/*
 * sample_start.c - starts that are tried on a sample of the rows
 *
 * Centers that are the best ones of a sample are nearly the best ones of all rows:
 * they differ by about r / sqrt(s), where r is the radius of a cluster that has s
 * rows of the sample.  So starts are tried, and the first descent is made, on few
 * rows that stay in the cache, and the best of the starts goes on to all rows,
 * where few passes are left.
 *
 * While a trial runs, the rows and the sample of the training are those of the
 * trial, and max_iterations and tolerance are its own.  How many rows there are
 * depends on n, d and k alone.
 */
#include "core/sample_start.h"

#include "core/noise.h"
#include "core/sample.h"

#include <math.h>
#include <string.h>

#define TRIAL_VALUES	131072	/* features of a trial, more if k requires it */
#define MOST_ROWS		16384	/* the same of rows */
#define ROWS_A_CLUSTER	200
#define ROWS_A_NUMBER	20		/* of a cluster with a covariance: for each of d + 1 */
#define MOST_VALUES		4194304	/* more features are not copied */
#define WORTH			4		/* all rows are so many times more, or there is no trial */
#define TRIAL_TOLERANCE	1e-4	/* of the spread: less is below what the sample decides */
#define FINE_TOLERANCE	1e-6	/* the same where steps are extrapolated: what is left of a slow direction would have to go on all rows */
#define TRIAL_ITERATIONS 100
#define RESTARTS_WITH_NOISE 10
#define FULL_PRODUCTS	(1 << 21)	/* products of a pass up to which all starts go on to the end */
#define CHEAP_PRODUCTS	(1 << 25)	/* products of a pass up to which a start on all rows is cheap, ... */
#define CHEAP_IF_EARLY	(1 << 27)	/* ... and where it does not go on to the end */

/* How many rows a trial wants, an odd number of registers: see fc_block_rows() */
static int64_t
wanted_rows(const FcFit *f)
{
	int64_t		d = f->rows.d;
	int64_t		k = f->model->k;
	int64_t		sample = fc_sample_size(&f->rows, f->model->k);
	int64_t		rows = TRIAL_VALUES / d;

	rows = rows > MOST_ROWS ? MOST_ROWS : rows;
	rows = rows > ROWS_A_CLUSTER * k ? rows : ROWS_A_CLUSTER * k;
	rows = rows > sample ? sample : rows;
	if (f->model->algo->kernel->has_shapes && rows < ROWS_A_NUMBER * k * (d + 1))
		rows = ROWS_A_NUMBER * k * (d + 1);
	return rows / FC_LANES * FC_LANES | FC_LANES;
}

/* How many rows starts are tried on, or noise is sought among; 0: on all */
int64_t
fc_trial_rows(const FcFit *f)
{
	int64_t		rows;

	if (!f->model->algo->kernel->tries_on_sample || (f->start != NULL && !fc_seeks_noise(f->model)))
		return 0;
	if (f->rows.elsewhere)
		return f->rows.n;
	if (f->rows.n < WORTH * FC_TILE)
		return 0;
	rows = wanted_rows(f);
	return rows * WORTH <= f->rows.n && rows * f->rows.d <= MOST_VALUES ? rows : 0;
}

/* Products of a pass over all rows */
static double
products(const FcFit *f)
{
	const FcModel *m = f->model;

	return (double) fc_row_count(&f->rows) * m->k * m->d * (m->algo->kernel->has_shapes ? m->d : 1);
}

/* How many starts there are where the option is not given: as many as the kernel wants, if they are cheap; with noise, where one may begin */
static int32_t
usual_restarts(const FcFit *f)
{
	const FcKernel *kernel = f->model->algo->kernel;
	int64_t		rows = fc_trial_rows(f);
	int32_t		least = fc_most_groups(f->model) > f->model->k ? RESTARTS_WITH_NOISE : 0;

	if (kernel->restarts.compare && !kernel->restarts.compare(f->model))
		return 1;
	if (rows > 0 && (kernel->restarts.on_sample > 0 || least > 0))
		return kernel->restarts.on_sample > least ? kernel->restarts.on_sample : least;
	if (products(f) > (kernel->restarts.early ? CHEAP_IF_EARLY : CHEAP_PRODUCTS))
		return 1;
	return kernel->restarts.on_few_rows > least ? kernel->restarts.on_few_rows : least;
}

/* The option restarts, or the number of starts that is found where it is not given */
int32_t
fc_restarts(const FcFit *f)
{
	const FcModel *m = f->model;
	int32_t		usual = usual_restarts(f);

	if (f->start != NULL)
		return 1;
	if (!isnan(m->common[FC_RESTARTS]))
		return (int32_t) m->common[FC_RESTARTS];
	return usual > 1 ? usual : 1;
}

/* Are steps extrapolated, in a stage at least?  Only if they never raise the objective, as they may where rows have gaps */
bool
fc_accelerates(const FcFit *f)
{
	const FcKernel *kernel = f->model->algo->kernel;
	bool		any = kernel->accelerates;

	for (int i = 0; kernel->stages && kernel->stages[i] != NULL; i++)
		any = any || kernel->stages[i]->accelerates;
	return any && !f->rows.gaps;
}

void
fc_trial_layout(FcArena *a, FcTrial *t, const FcFit *f)
{
	int64_t		rows = fc_trial_rows(f);

	*t = (FcTrial) {.sample = {.n = rows}};
	if (rows > 0)
		fc_sample_place(a, &t->sample, &f->rows, rows);
}

/* The place in the sample of the training of row i */
static int64_t
place_of(const FcTrial *t, const FcSample *from, int64_t i, FcRng *rng)
{
	return fc_one_of_stretch(i, t->sample.n, from->n, rng);
}

static void
copy_weights(FcTrial *t, const FcFit *f)
{
	FcRng		rng;

	fc_rng_start(&rng, (uint64_t) f->model->common[FC_SEED], UINT64_MAX - 1);
	t->sample.total = 0;
	for (int64_t i = 0; i < t->sample.n; i++)
	{
		t->sample.weight[i] = f->sample.weight[place_of(t, &f->sample, i, &rng)];
		t->sample.total += t->sample.weight[i];
	}
	memset(t->sample.weight + t->sample.n, 0, (t->sample.stride - t->sample.n) * sizeof(double));
}

/* The same rows of each column */
static void
copy_rows(FcTrial *t, const FcFit *f)
{
	const FcSample *from = &f->sample;
	size_t		size = FC_SIZE(f->rows.precision);

	for (int64_t j = 0; j < f->rows.d; j++)
	{
		char	   *to = (char *) t->sample.x + j * t->sample.stride * size;
		const char *column = (const char *) from->x + j * from->stride * size;
		FcRng		rng;

		fc_check(&f->hooks);
		fc_rng_start(&rng, (uint64_t) f->model->common[FC_SEED], UINT64_MAX - 1);
		for (int64_t i = 0; i < t->sample.n; i++)
			memcpy(to + i * size, column + place_of(t, from, i, &rng) * size, size);
		memset(to + t->sample.n * size, 0, (t->sample.stride - t->sample.n) * size);
	}
	if (t->sample.weight)
		copy_weights(t, f);
}

/* Fills in the rows, once those of the training are scaled and shifted */
void
fc_trial_prepare(FcTrial *t, const FcFit *f)
{
	if (t->sample.n <= f->sample.n)
		copy_rows(t, f);
	else
		fc_sample_fill(&t->sample, &f->rows, (uint64_t) f->model->common[FC_SEED], &f->hooks);
}

/* One block of all rows */
static const void *
sample_block(void *source, int64_t b)
{
	(void) b;
	return ((const FcSample *) source)->x;
}

static const double *
sample_weights(void *source, int64_t b)
{
	(void) b;
	return ((const FcSample *) source)->weight;
}

/* Starts that are compared early end as those on a sample do; false: all of them go on to the end, or would have ended by then anyway */
bool
fc_shorten_starts(FcFit *f)
{
	FcModel    *m = f->model;

	if (!m->algo->kernel->restarts.early || products(f) <= FULL_PRODUCTS || m->common[FC_MAX_ITERATIONS] <= TRIAL_ITERATIONS)
		return false;
	m->common[FC_MAX_ITERATIONS] = TRIAL_ITERATIONS;
	m->common[FC_TOLERANCE] = fmax(m->common[FC_TOLERANCE], TRIAL_TOLERANCE);
	return true;
}

/* From here on passes read the sample, and first centers come from it */
void
fc_trial_begin(FcTrial *t, FcFit *f)
{
	FcModel    *m = f->model;

	t->all = f->rows;
	t->all_sample = f->sample;
	t->team = f->team;
	memcpy(t->common, m->common, sizeof(t->common));
	f->team = NULL;
	f->rows.n = m->rows = t->sample.n;
	f->rows.weights = t->sample.weight ? sample_weights : NULL;
	f->rows.total = t->sample.total;
	f->rows.elsewhere = NULL;
	f->rows.stride = (int32_t) t->sample.stride;
	f->rows.block = sample_block;
	f->rows.source = &t->sample;
	f->sample.n = t->sample.n;	/* mean and spread remain those that tolerances refer to */
	f->sample.stride = t->sample.stride;
	f->sample.x = t->sample.x;
	f->sample.weight = t->sample.weight;
	f->sample.total = fc_total_weight(&f->rows);
	m->common[FC_MAX_ITERATIONS] = TRIAL_ITERATIONS;
	m->common[FC_TOLERANCE] = fmax(m->common[FC_TOLERANCE], fc_accelerates(f) ? FINE_TOLERANCE : TRIAL_TOLERANCE);
	t->running = f->course.on_sample = true;
}

/* ... and here all rows again; the distance of noise that was found stays */
void
fc_trial_end(FcTrial *t, FcFit *f)
{
	t->common[FC_NOISE_DISTANCE] = f->model->common[FC_NOISE_DISTANCE];
	f->rows = t->all;
	f->sample = t->all_sample;
	f->team = t->team;
	f->model->rows = fc_row_count(&f->rows);
	memcpy(f->model->common, t->common, sizeof(t->common));
	t->running = f->course.on_sample = false;
}
