/*
 * sample.c - a sample of the rows, which stays in memory
 *
 * It is all rows when they are few, else one row from each of as many equal
 * stretches of the input as the sample has rows.  Where rows have weights the
 * stretches are of equal weight, and so are the rows of the sample, in which a heavy
 * one is several times.  Its size depends on n, d and k
 * only, never on the memory allowed.
 */
#include "core/sample.h"

#include <math.h>
#include <string.h>

#define SAMPLE_VALUES	1048576 /* features in a sample, more if k requires it */
#define SAMPLE_ROWS		65536	/* the same of rows */
#define ROWS_A_CLUSTER	20
#define BUNDLE			64		/* rows that are copied together */
#define COLUMNS			1024	/* of a bundle between two checks */
#define ROUNDING		1e-12	/* of a sum of weights, at most */

int64_t
fc_sample_size(const FcRows *rows, int32_t k)
{
	int64_t		size = SAMPLE_VALUES / rows->d;

	if (size > SAMPLE_ROWS)
		size = SAMPLE_ROWS;
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
	s->weight = rows->weights ? fc_take_shared(a, s->stride, sizeof(double)) : NULL;
	s->mean = fc_take_shared(a, rows->d, sizeof(double));
	s->present = rows->gaps ? fc_take_shared(a, rows->d, sizeof(double)) : NULL;
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

/* Weights of the rows that have column j, and their sum of it */
static double
weight_of_column(const FcSample *s, FcPrecision precision, int32_t j, double *sum)
{
	double		weight = 0;

	*sum = 0;
	for (int64_t i = 0; i < s->n; i++)
	{
		double		x = fc_get(s->x, precision, j * s->stride + i);

		if (isnan(x))
			continue;
		*sum += fc_sample_weight(s, i) * x;
		weight += fc_sample_weight(s, i);
	}
	return weight;
}

/* Mean and sum of squared differences to it of column j, as if all rows had it, where rows have gaps.  Of a column that none has, 0 */
static double
describe_column_with_gaps(FcSample *s, FcPrecision precision, int32_t j)
{
	double		squares = 0;
	double		sum;
	double		weight = weight_of_column(s, precision, j, &sum);

	s->present[j] = s->total > 0 ? weight / s->total : 0;
	s->mean[j] = weight > 0 ? sum / weight : 0;
	for (int64_t i = 0; i < s->n; i++)
	{
		double		difference = fc_get(s->x, precision, j * s->stride + i) - s->mean[j];

		if (!isnan(difference))
			squares += fc_sample_weight(s, i) * (difference * difference);
	}
	return weight > 0 ? squares * (s->total / weight) : 0;
}

/* Mean and sum of squared differences to it of column j, in two passes */
static double
describe_column(FcSample *s, FcPrecision precision, int32_t j)
{
	double		sum = 0;
	double		squares = 0;

	if (s->present)
		return describe_column_with_gaps(s, precision, j);
	for (int64_t i = 0; i < s->n; i++)
		sum += fc_sample_weight(s, i) * fc_get(s->x, precision, j * s->stride + i);
	s->mean[j] = sum / s->total;
	for (int64_t i = 0; i < s->n; i++)
	{
		double		difference = fc_get(s->x, precision, j * s->stride + i) - s->mean[j];

		squares += fc_sample_weight(s, i) * (difference * difference);
	}
	return squares;
}

/* Mean, spread and the usual length of a row.  Where rows have gaps, these count as means in a length */
void
fc_sample_describe(FcSample *s, int32_t d, FcPrecision precision, const FcHooks *hooks)
{
	int32_t		few = fc_sample_few(s);
	double		squares = 0;

	s->total = s->weight ? 0 : (double) s->n;
	for (int64_t i = 0; s->weight && i < s->n; i++)
		s->total += s->weight[i];
	memset(s->few, 0, sizeof(double) * few);
	for (int32_t j = 0; j < d; j++)
	{
		fc_check(hooks);
		squares += describe_column(s, precision, j);
		for (int32_t i = 0; i < few; i++)
		{
			double		x = fc_sample_one_of_few(s, precision, j, i);

			x = isnan(x) ? s->mean[j] : x;
			s->few[i] += x * x;
		}
	}
	s->spread = sqrt(squares / s->total);
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

/* Copies "count" rows of block b, at from[], behind the first "filled" of the sample */
static void
copy_bundle(FcSample *s, const FcRows *rows, int64_t b, const int32_t *from, int32_t count, int64_t filled,
			const FcHooks *hooks)
{
	size_t		size = FC_SIZE(rows->precision);
	const char *x = rows->block(rows->source, b);

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
	if (s->weight)
		memset(s->weight + s->n, 0, (s->stride - s->n) * sizeof(double));
}

/*
 * Rows are copied in bundles, column by column: copied one by one, each value
 * of a wide row would be on a different page.
 */
static void
fill_from_stretches(FcSample *s, const FcRows *rows, FcRng *rng, const FcHooks *hooks)
{
	int64_t		filled = 0;
	int64_t		row = sampled_row(s, rows, 0, rng);

	while (filled < s->n)
	{
		int64_t		b = row / rows->stride;
		int32_t		from[BUNDLE];
		int32_t		count = 0;
		const double *weight = fc_row_weights(rows, b);

		do
		{
			from[count] = (int32_t) (row - b * rows->stride);
			if (weight)
				s->weight[filled + count] = weight[from[count]];
			count++;
			if (filled + count < s->n)
				row = sampled_row(s, rows, filled + count, rng);
		} while (count < BUNDLE && filled + count < s->n && row / rows->stride == b);
		copy_bundle(s, rows, b, from, count, filled, hooks);
		filled += count;
	}
}

/* Rows of stretches of equal weight */
typedef struct Draw
{
	FcRng	   *rng;
	double		stretch;		/* the weight of one ... */
	double		most;			/* ... and of all, but for rounding */
	double		passed;			/* the weight of rows so far */
	double		next;			/* the weight before the row that is sought */
	int64_t		filled;			/* rows that were found */
} Draw;

static void
seek_next(Draw *d)
{
	d->next = fmin(((double) d->filled + fc_rng_uniform(d->rng)) * d->stretch, d->most);
}

/* Takes what is sought among the rows of block b, of which there are n */
static void
draw_from_block(FcSample *s, const FcRows *rows, Draw *d, int64_t b, int32_t n, const FcHooks *hooks)
{
	const double *weight = fc_row_weights(rows, b);
	int32_t		from[BUNDLE];
	int32_t		count = 0;

	for (int32_t i = 0; i < n; i++)
	{
		d->passed += weight[i];
		while (d->filled < s->n && d->next < d->passed)
		{
			from[count++] = i;
			s->weight[d->filled++] = d->stretch;
			seek_next(d);
			if (count < BUNDLE)
				continue;
			copy_bundle(s, rows, b, from, count, d->filled - count, hooks);
			weight = fc_row_weights(rows, b);
			count = 0;
		}
	}
	if (count > 0)
		copy_bundle(s, rows, b, from, count, d->filled - count, hooks);
}

static void
fill_by_weight(FcSample *s, const FcRows *rows, FcRng *rng, const FcHooks *hooks)
{
	Draw		d = {.rng = rng, .stretch = rows->total / (double) s->n, .most = rows->total * (1 - ROUNDING)};

	seek_next(&d);
	for (int64_t b = 0; b < fc_blocks(rows) && d.filled < s->n; b++)
	{
		fc_check(hooks);
		draw_from_block(s, rows, &d, b, fc_rows_in_block(rows, b), hooks);
	}
}

void
fc_sample_fill(FcSample *s, const FcRows *rows, uint64_t seed, const FcHooks *hooks)
{
	FcRng		rng;

	fc_rng_start(&rng, seed, UINT64_MAX);
	if (rows->weights && !rows->elsewhere && s->n < rows->n)
		fill_by_weight(s, rows, &rng, hooks);
	else
		fill_from_stretches(s, rows, &rng, hooks);
	clear_padding(s, rows);
	fc_sample_describe(s, rows->d, rows->precision, hooks);
}
