/*
 * seed.c - a sample of the rows, and the first centers
 *
 * k-means++ (Arthur and Vassilvitskii, 2007), greedy: the first center is a
 * row, each next one the best of 2 + ln k candidates drawn with probability
 * proportional to D^2, the squared distance to the nearest center so far; the
 * best is the one that leaves the smallest sum of D^2.
 *
 * It works on a sample that stays in memory: all rows when they are few, else
 * one row from each of as many equal stretches of the input as the sample has
 * rows.  Its size depends on n, d and k only, never on the memory allowed.
 */
#include "core/seed.h"

#include "core/scale.h"

#include <math.h>
#include <string.h>

#define SAMPLE_VALUES	1048576 /* features in a sample, more if k requires it */
#define ROWS_A_CLUSTER	20
#define BUNDLE			64		/* rows that are copied together */
#define COLUMNS			1024	/* of a bundle between two checks */

int64_t
fc_sample_size(const FcRows *rows, int32_t k)
{
	int64_t		size = SAMPLE_VALUES / rows->d;

	if (size < (int64_t) ROWS_A_CLUSTER * k)
		size = (int64_t) ROWS_A_CLUSTER * k;
	if (size < FC_TILE)
		size = FC_TILE;
	return size < rows->n ? size : rows->n;
}

/* Memory for a sample of n rows */
void
fc_sample_place(FcArena *a, FcSample *s, const FcRows *rows, int64_t n)
{
	s->n = n;
	s->stride = FC_ROUND_UP(s->n, FC_LANES);
	s->x = fc_take_shared(a, fc_times(s->stride, rows->d), FC_SIZE(rows->precision));
	s->mean = fc_take_shared(a, rows->d, sizeof(double));
	s->few = fc_take(a, FC_FEW_ROWS, sizeof(double));
}

void
fc_sample_layout(FcArena *a, FcSample *s, const FcRows *rows, int32_t k)
{
	fc_sample_place(a, s, rows, fc_sample_size(rows, k));
}

/* How many rows, evenly spread over the sample, have a place in s->few ... */
int32_t
fc_sample_few(const FcSample *s)
{
	return s->n < FC_FEW_ROWS ? (int32_t) s->n : FC_FEW_ROWS;
}

/* ... and column j of the row at place i */
double
fc_sample_one_of_few(const FcSample *s, FcPrecision precision, int32_t j, int32_t i)
{
	return fc_get(s->x, precision, j * s->stride + i * s->n / fc_sample_few(s));
}

/* Mean and sum of squared differences to it of column j, in two passes */
static double
describe_column(FcSample *s, FcPrecision precision, int32_t j)
{
	double		sum = 0;
	double		squares = 0;

	for (int64_t i = 0; i < s->n; i++)
		sum += fc_get(s->x, precision, j * s->stride + i);
	s->mean[j] = sum / s->n;
	for (int64_t i = 0; i < s->n; i++)
	{
		double		difference = fc_get(s->x, precision, j * s->stride + i) - s->mean[j];

		squares += difference * difference;
	}
	return squares;
}

/* Mean, spread and the usual length of a row */
void
fc_sample_describe(FcSample *s, int32_t d, FcPrecision precision, const FcHooks *hooks)
{
	int32_t		few = fc_sample_few(s);
	double		squares = 0;

	memset(s->few, 0, sizeof(double) * few);
	for (int32_t j = 0; j < d; j++)
	{
		fc_check(hooks);
		squares += describe_column(s, precision, j);
		for (int32_t i = 0; i < few; i++)
		{
			double		x = fc_sample_one_of_few(s, precision, j, i);

			s->few[i] += x * x;
		}
	}
	s->spread = sqrt(squares / s->n);
	s->usual = sqrt(fc_select_rank(s->few, few, few / 2));
}

/* Row number i of the sample among all rows: one of the i-th stretch of the input */
static int64_t
sampled_row(const FcSample *s, const FcRows *rows, int64_t i, FcRng *rng)
{
	int64_t		first = (int64_t) ((double) i * rows->n / s->n);
	int64_t		next = (int64_t) ((double) (i + 1) * rows->n / s->n);

	return s->n == rows->n ? i : first + fc_rng_below(rng, next - first);
}

/* Copies "count" rows of a block, at from[], behind the first "filled" of the sample */
static void
copy_bundle(FcSample *s, const FcRows *rows, const char *x, const int32_t *from, int32_t count, int64_t filled,
			const FcHooks *hooks)
{
	size_t		size = FC_SIZE(rows->precision);

	for (int32_t j = 0; j < rows->d; j++)
	{
		char	   *to = (char *) s->x + (j * s->stride + filled) * size;
		const char *column = x + (int64_t) j * rows->stride * size;

		if (j % COLUMNS == 0)
			fc_check(hooks);
		for (int32_t i = 0; i < count; i++)
			memcpy(to + i * size, column + from[i] * size, size);
	}
}

static void
clear_padding(FcSample *s, const FcRows *rows)
{
	size_t		size = FC_SIZE(rows->precision);

	for (int32_t j = 0; j < rows->d; j++)
		memset((char *) s->x + (j * s->stride + s->n) * size, 0, (s->stride - s->n) * size);
}

/*
 * Rows are copied in bundles, column by column: copied one by one, each value
 * of a wide row would be on a different page.
 */
void
fc_sample_fill(FcSample *s, const FcRows *rows, uint64_t seed, const FcHooks *hooks)
{
	int64_t		filled = 0;
	FcRng		rng;
	int64_t		row;

	fc_rng_start(&rng, seed, UINT64_MAX);
	row = sampled_row(s, rows, 0, &rng);
	while (filled < s->n)
	{
		int64_t		b = row / rows->stride;
		const char *x = rows->block(rows->source, b);
		int32_t		from[BUNDLE];
		int32_t		count = 0;

		do
		{
			from[count++] = (int32_t) (row - b * rows->stride);
			if (filled + count < s->n)
				row = sampled_row(s, rows, filled + count, &rng);
		} while (count < BUNDLE && filled + count < s->n && row / rows->stride == b);
		copy_bundle(s, rows, x, from, count, filled, hooks);
		filled += count;
	}
	clear_padding(s, rows);
	fc_sample_describe(s, rows->d, rows->precision, hooks);
}

void
fc_seeder_layout(FcArena *a, FcSeeder *s, const FcFit *f)
{
	size_t		size = FC_SIZE(f->rows.precision);
	size_t		k = f->model->k;
	size_t		d = f->rows.d;

	s->least = fc_take(a, FC_ROUND_UP(fc_sample_size(&f->rows, f->model->k), FC_LANES), size);
	s->at = fc_take(a, fc_times(FC_MAX_CANDIDATES, FC_TILE), size);
	s->candidate = fc_take(a, fc_times(FC_MAX_CANDIDATES, d), size);
	s->near = fc_take(a, fc_times(k, FC_LANES), size);
	s->chosen = fc_take(a, fc_times(k, d), size);
}

/* Rows between two checks, at most FC_TILE */
static int64_t
tile_rows(const FcFit *f)
{
	int64_t		rows = FC_PRODUCTS / FC_MAX_CANDIDATES / f->rows.d / FC_LANES * FC_LANES;

	return rows < FC_LANES ? FC_LANES : rows < FC_TILE ? rows : FC_TILE;
}

static void
copy_row(const FcFit *f, int64_t i, void *to, int32_t at)
{
	size_t		size = FC_SIZE(f->rows.precision);

	for (int32_t j = 0; j < f->rows.d; j++)
		memcpy((char *) to + ((size_t) at * f->rows.d + j) * size,
			   (const char *) f->sample.x + (j * f->sample.stride + i) * size, size);
}

static double
weight_of(const FcFit *f, int64_t i)
{
	return f->sample.weight ? f->sample.weight[i] : 1;
}

/* D^2 of row i of the sample */
static double
least_of(const FcFit *f, const FcSeeder *s, int64_t i)
{
	return fc_get(s->least, f->rows.precision, i);
}

/* The same as the block operation, for rows that count differently */
static void
weighted_potential(const FcFit *f, const FcSeeder *s, int64_t first, int64_t rows, int candidates, double *sum)
{
	for (int l = 0; l < candidates; l++)
	{
		sum[l] = 0;
		for (int64_t i = 0; i < rows; i++)
			sum[l] += weight_of(f, first + i) *
				fmin(least_of(f, s, first + i), fc_get(s->at, f->rows.precision, l * FC_TILE + i));
	}
}

/* Sums over the sample of min(D^2, squared distance to a candidate), one for each */
static void
potentials(const FcFit *f, FcSeeder *s, int candidates, double *sum)
{
	const FcBlockOps *ops = fc_block_ops(f->isa, f->rows.precision);
	size_t		size = FC_SIZE(f->rows.precision);
	int64_t		tile = tile_rows(f);

	memset(sum, 0, sizeof(double) * candidates);
	for (int64_t first = 0; first < f->sample.n; first += tile)
	{
		int64_t		rows = f->sample.n - first < tile ? f->sample.n - first : tile;
		int32_t		lanes = (int32_t) FC_ROUND_UP(rows, FC_LANES);
		double		part[FC_MAX_CANDIDATES];

		fc_check(&f->hooks);
		ops->distance((const char *) f->sample.x + first * size, f->sample.stride, lanes,
					  f->rows.d, s->candidate, candidates, s->at, FC_TILE);
		if (f->sample.weight)
			weighted_potential(f, s, first, rows, candidates, part);
		else
			ops->potential(s->at, FC_TILE, lanes, candidates, (const char *) s->least + first * size, part);
		for (int l = 0; l < candidates; l++)
			sum[l] += part[l];
	}
}

/* Adds row i of the sample as center c: updates D^2, returns its weighted sum */
static double
choose(const FcFit *f, FcSeeder *s, int64_t row, int32_t c)
{
	const FcBlockOps *ops = fc_block_ops(f->isa, f->rows.precision);
	FcPrecision precision = f->rows.precision;
	int64_t		tile = tile_rows(f);
	double		left = 0;

	copy_row(f, row, s->chosen, c);
	for (int64_t first = 0; first < f->sample.n; first += tile)
	{
		int64_t		rows = f->sample.n - first < tile ? f->sample.n - first : tile;

		fc_check(&f->hooks);
		ops->distance((const char *) f->sample.x + first * FC_SIZE(precision), f->sample.stride,
					  (int32_t) FC_ROUND_UP(rows, FC_LANES), f->rows.d,
					  (const char *) s->chosen + (size_t) c * f->rows.d * FC_SIZE(precision), 1, s->at, FC_TILE);
		for (int64_t i = 0; i < rows; i++)
		{
			double		least = fmin(least_of(f, s, first + i), fc_get(s->at, precision, i));

			fc_set(s->least, precision, first + i, least);
			left += least * weight_of(f, first + i);
		}
	}
	return left;
}

/* The chance of row i to be drawn: first by weight, then times D^2 or D > 0 */
static double
chance(const FcFit *f, const FcSeeder *s, int64_t i, bool squared)
{
	double		least = least_of(f, s, i);

	return weight_of(f, i) * (squared && isfinite(least) ? least : least > 0);
}

/* Draws "count" rows in one scan; aims are sorted */
static void
draw(const FcFit *f, const FcSeeder *s, FcRng *rng, bool squared, int count, int64_t *row)
{
	double		aim[FC_MAX_CANDIDATES];
	double		total = 0;
	double		passed = 0;
	int			next = 0;

	for (int64_t i = 0; i < f->sample.n; i++)
		total += chance(f, s, i, squared);
	for (int l = 0; l < count; l++)
	{
		double		value = fc_rng_uniform(rng) * total;
		int			at = l;

		row[l] = 0;
		for (; at > 0 && aim[at - 1] > value; at--)
			aim[at] = aim[at - 1];
		aim[at] = value;
	}
	for (int64_t i = 0; i < f->sample.n && next < count; i++)
	{
		double		share = chance(f, s, i, squared);

		if (share == 0)
			continue;
		passed += share;
		for (int l = next; l < count; l++)
			row[l] = i;			/* the last row that can be, should rounding overshoot */
		while (next < count && aim[next] < passed)
			next++;
	}
}

/* The next center of k-means++; returns the row */
static int64_t
best_candidate(const FcFit *f, FcSeeder *s, FcRng *rng)
{
	int			candidates = 2 + (int) log((double) f->model->k);
	int64_t		row[FC_MAX_CANDIDATES];
	double		left[FC_MAX_CANDIDATES];
	int			best = 0;

	draw(f, s, rng, true, candidates, row);
	for (int l = 0; l < candidates; l++)
		copy_row(f, row[l], s->candidate, l);
	potentials(f, s, candidates, left);
	for (int l = 1; l < candidates; l++)
		if (left[l] < left[best])
			best = l;
	return row[best];
}

/*
 * The sample is exhausted, but it is not all rows: the row of the whole input
 * that is farthest from the centers so far, as center c.  False if every row
 * lies on a center.
 */
static bool
search_all_rows(const FcFit *f, FcSeeder *s, int32_t c)
{
	const FcBlockOps *ops = fc_block_ops(f->isa, f->rows.precision);
	FcPrecision precision = f->rows.precision;
	size_t		size = FC_SIZE(precision);
	double		farthest = 0;
	double		least[FC_LANES];
	int32_t		nearest[FC_LANES];

	for (int64_t b = 0; b < fc_blocks(&f->rows); b++)
	{
		const char *x = f->rows.block(f->rows.source, b);
		int32_t		rows = fc_rows_in_block(&f->rows, b);

		for (int32_t first = 0; first < rows; first += FC_LANES)
		{
			fc_check(&f->hooks);
			ops->distance(x + first * size, f->rows.stride, FC_LANES, f->rows.d, s->chosen, c, s->near, FC_LANES);
			ops->nearest(s->near, FC_LANES, FC_LANES, c, least, nearest);
			for (int32_t i = 0; i < FC_LANES && first + i < rows; i++)
				if (fc_get(least, precision, i) > farthest)
				{
					farthest = fc_get(least, precision, i);
					for (int32_t j = 0; j < f->rows.d; j++)
						memcpy((char *) s->candidate + j * size,
							   x + ((int64_t) j * f->rows.stride + first + i) * size, size);
				}
		}
	}
	memcpy((char *) s->chosen + (size_t) c * f->rows.d * size, s->candidate, f->rows.d * size);
	return farthest > 0;
}

/* Does a row of the sample differ from all of the c centers, though D^2 is 0? */
static bool
squares_vanish(const FcFit *f, FcSeeder *s, int32_t c)
{
	FcPrecision precision = f->rows.precision;
	int32_t		d = f->rows.d;

	for (int64_t i = 0; i < f->sample.n; i++)
	{
		bool		met = false;

		fc_check(&f->hooks);
		for (int32_t b = 0; b < c && !met; b++)
		{
			int32_t		j = 0;

			while (j < d && fc_get(s->chosen, precision, (int64_t) b * d + j) ==
				   fc_get(f->sample.x, precision, j * f->sample.stride + i))
				j++;
			met = j == d;
		}
		if (!met)
			return true;
	}
	return false;
}

/* k distinct rows into s->chosen, by k-means++ or all equally likely */
static FcStatus
choose_rows(FcFit *f, FcSeeder *s, FcRng *rng, bool kmeanspp)
{
	double		left = INFINITY;
	int32_t		c = 0;

	for (int64_t i = 0; i < f->sample.stride; i++)
		fc_set(s->least, f->rows.precision, i, i < f->sample.n ? INFINITY : 0);
	for (; c < f->model->k && left > 0; c++)
	{
		int64_t		row;

		if (kmeanspp && c > 0)
			row = best_candidate(f, s, rng);
		else
			draw(f, s, rng, false, 1, &row);
		left = choose(f, s, row, c);
	}
	if (f->sample.n < f->rows.n)
		while (c < f->model->k && search_all_rows(f, s, c))
			c++;
	if (c == f->model->k)
		return FC_OK;
	f->failure.distinct = c;
	return squares_vanish(f, s, c) ? FC_TOO_CLOSE : FC_TOO_FEW_ROWS;
}

static void
given_centers(FcFit *f)
{
	FcModel    *m = f->model;

	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
		m->centers[i] = m->shift ? (f->start[i] - m->shift[i % m->d]) * m->factor[i % m->d] :
			f->offset ? f->start[i] - f->offset[i % m->d] : f->start[i];
}

static void
chosen_centers(FcFit *f, const FcSeeder *s)
{
	FcModel    *m = f->model;

	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
		m->centers[i] = fc_get(s->chosen, f->rows.precision, i);
}

static void
random_centers(FcFit *f, FcRng *rng)
{
	FcModel    *m = f->model;

	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
	{
		double		low = f->columns->low[i % m->d] - (f->offset ? f->offset[i % m->d] : 0);

		m->centers[i] = low + fc_rng_uniform(rng) * (f->columns->high[i % m->d] - f->columns->low[i % m->d]);
	}
}

/*
 * The first centers of restart number "stream" into the model.  Rows are chosen
 * even if something else becomes the centers: that proves that there are k
 * different ones.
 */
FcStatus
fc_first_centers(FcFit *f, FcSeeder *s, uint64_t stream)
{
	FcModel    *m = f->model;
	FcRng		rng;
	FcStatus	status;

	fc_rng_start(&rng, (uint64_t) m->common[FC_SEED], stream);
	status = choose_rows(f, s, &rng, m->common[FC_INIT] == FC_INIT_KMEANSPP);
	if (status != FC_OK)
		return status;
	if (f->start != NULL)
		given_centers(f);
	else if (m->common[FC_INIT] == FC_INIT_RANDOM)
		random_centers(f, &rng);
	else
		chosen_centers(f, s);
	return FC_OK;
}

/* The same; if there are fewer different rows, k becomes their number */
FcStatus
fc_first_centers_up_to(FcFit *f, FcSeeder *s, uint64_t stream)
{
	FcStatus	status = fc_first_centers(f, s, stream);

	if (status != FC_TOO_FEW_ROWS)
		return status;
	f->model->k = (int32_t) f->failure.distinct;
	chosen_centers(f, s);
	return FC_OK;
}
