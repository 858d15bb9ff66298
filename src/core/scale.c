/*
 * scale.c - ranges of the columns, and rows that are scaled while they are read
 *
 *	minmax:	x' = (x - min) / (max - min), so 0 to 1
 *	zscore:	x' = (x - mean) / sd, sd^2 = sum (x - mean)^2 / n
 *
 * A constant column becomes 0, and so does one that varies by rounding only: its
 * range is a few units in the last place, and must not be blown up to that of the
 * others.  Mean and squares are found block by block, in two passes, and merged
 * (Chan, Golub and LeVeque, 1979), so that no digits are lost; where rows have gaps, of what
 * has been observed.  The shift stays in
 * double precision, as x - shift is computed there and rounded once, when scaled.
 *
 * Indicators of categories keep 0 as it is, and all have the same factor f, so that a
 * category counts as much as a number, in the mean of each, times w:
 *
 *	f^2 = w (mean variance of the numbers, scaled) / (mean of 1 - sum p^2 of the categories)
 *
 * where p are the shares of a category's values, and 1 - sum p^2 = sum p (1 - p) is the
 * sum of the variances of its indicators.  Without numbers, or if all are constant, there is
 * nothing to weigh categories against, and f = 1.
 */
#include "core/categories.h"
#include "core/elsewhere.h"
#include "core/scale.h"
#include "core/survey.h"

#include <math.h>
#include <string.h>

#define ROUNDING	4			/* units of rounding of the largest value: a smaller range counts as 0 */

void
fc_columns_layout(FcArena *a, FcColumns *s, int32_t d)
{
	FcColumns	part = {.low = fc_take(a, 5 * (size_t) d, sizeof(double))};

	s->total = fc_take_shared(a, 1, sizeof(double));
	s->weight = fc_take_shared(a, d, sizeof(double));
	s->low = fc_take_shared(a, d, sizeof(double));
	s->high = fc_take_shared(a, d, sizeof(double));
	s->mean = fc_take_shared(a, d, sizeof(double));
	s->squares = fc_take_shared(a, d, sizeof(double));
	if (part.low)
	{
		part.high = part.low + d;
		part.mean = part.high + d;
		part.squares = part.mean + d;
		part.weight = part.squares + d;
	}
	s->part = fc_place(a, &part, sizeof(part));
}

/* Of no rows yet: all, or a portion of them */
void
fc_columns_clear(FcColumns *s, const FcRows *rows)
{
	s->n = 0;
	if (s->total)
		*s->total = 0;
	s->precision = rows->precision;
	for (int32_t j = 0; j < rows->d; j++)
	{
		s->low[j] = INFINITY;
		s->high[j] = -INFINITY;
		s->mean[j] = s->squares[j] = s->weight[j] = 0;
	}
}

/* Adds to column j what n other rows gave */
void
fc_columns_add(FcColumns *s, int32_t j, double n, double mean, double squares)
{
	double		difference = mean - s->mean[j];
	double		all = s->weight[j] + n;

	s->mean[j] += difference * n / all;
	s->squares[j] += squares + difference * difference * s->weight[j] * n / all;
	s->weight[j] = all;
}

/* The same of rows with weights, which add up to "total" */
static void
add_weighted_column(FcColumns *s, const FcRows *rows, const void *x, const double *weight, double total, int32_t j, int32_t n)
{
	int64_t		at = (int64_t) j * rows->stride;
	double		mean = 0;
	double		squares = 0;

	for (int32_t i = 0; i < n; i++)
		mean += weight[i] * fc_get(x, rows->precision, at + i);
	mean /= total;
	for (int32_t i = 0; i < n; i++)
	{
		double		value = fc_get(x, rows->precision, at + i);

		if (weight[i] == 0)
			continue;
		s->low[j] = fmin(s->low[j], value);
		s->high[j] = fmax(s->high[j], value);
		squares += weight[i] * (value - mean) * (value - mean);
	}
	fc_columns_add(s, j, total, mean, squares);
}

/* All columns of a block of n rows */
static void
add_weighted_block(FcColumns *s, const FcRows *rows, const void *x, const double *weight, int32_t n)
{
	double		total = 0;

	for (int32_t i = 0; i < n; i++)
		total += weight[i];
	for (int32_t j = 0; j < rows->d && total > 0; j++)
		add_weighted_column(s, rows, x, weight, total, j, n);
	s->n += total;
}

/* Adds n rows of a block, column j */
static void
add_column(FcColumns *s, const FcRows *rows, const void *x, int32_t j, int32_t n)
{
	int64_t		at = (int64_t) j * rows->stride;
	double		mean = 0;
	double		rest = 0;		/* what rounding left out of the mean, times n */
	double		squares = 0;

	for (int32_t i = 0; i < n; i++)
	{
		double		value = fc_get(x, rows->precision, at + i);

		mean += value;
		s->low[j] = fmin(s->low[j], value);
		s->high[j] = fmax(s->high[j], value);
	}
	mean /= n;
	for (int32_t i = 0; i < n; i++)
	{
		double		value = fc_get(x, rows->precision, at + i) - mean;

		rest += value;
		squares += value * value;
	}
	fc_columns_add(s, j, n, mean + rest / n, fmax(0, squares - rest * rest / n));
}

/* Adds those of the n rows of a block that have column j, each as often as its weight says, or once */
static void
add_observed(FcColumns *s, const FcRows *rows, const void *x, const double *weight, int32_t j, int32_t n)
{
	int64_t		at = (int64_t) j * rows->stride;
	double		total = 0;
	double		mean = 0;
	double		squares = 0;

	for (int32_t i = 0; i < n; i++)
	{
		double		value = fc_get(x, rows->precision, at + i);
		double		times = isnan(value) ? 0 : weight ? weight[i] : 1;

		if (times == 0)
			continue;
		total += times;
		mean += times * (value - mean) / total;
		s->low[j] = fmin(s->low[j], value);
		s->high[j] = fmax(s->high[j], value);
	}
	for (int32_t i = 0; i < n; i++)
	{
		double		difference = fc_get(x, rows->precision, at + i) - mean;

		if (!isnan(difference))
			squares += (weight ? weight[i] : 1) * difference * difference;
	}
	if (total > 0)
		fc_columns_add(s, j, total, mean, squares);
}

/* All columns of a block of n rows that may have gaps */
static void
add_block_with_gaps(FcColumns *s, const FcRows *rows, const void *x, const double *weight, int32_t n)
{
	for (int32_t j = 0; j < rows->d; j++)
		add_observed(s, rows, x, weight, j, n);
	for (int32_t i = 0; i < n; i++)
		s->n += weight ? weight[i] : 1;
}

/* All columns of a block of n rows */
static void
add_block(FcColumns *s, const FcRows *rows, const void *x, int32_t n)
{
	for (int32_t j = 0; j < rows->d; j++)
		add_column(s, rows, x, j, n);
	s->n += n;
}

static void
measure_portion(FcFit *f, int64_t portion)
{
	FcColumns  *s = f->columns->part;
	const FcRows *rows = &f->rows;
	int64_t		end = fc_portion_first(rows, portion + 1);

	fc_columns_clear(s, rows);
	for (int64_t b = fc_portion_first(rows, portion); b < end; b++)
	{
		const void *x = rows->block(rows->source, b);
		const double *weight = fc_row_weights(rows, b);
		int32_t		n = fc_rows_in_block(rows, b);

		fc_check(&f->hooks);
		if (rows->gaps)
			add_block_with_gaps(s, rows, x, weight, n);
		else if (weight)
			add_weighted_block(s, rows, x, weight, n);
		else
			add_block(s, rows, x, n);
	}
}

/* Adds the portion in f->columns->part */
void
fc_columns_merge(FcFit *f)
{
	FcColumns  *s = f->columns;
	const FcColumns *part = s->part;

	for (int32_t j = 0; j < f->rows.d; j++)
	{
		if (part->weight[j] == 0)
			continue;
		s->low[j] = fmin(s->low[j], part->low[j]);
		s->high[j] = fmax(s->high[j], part->high[j]);
		fc_columns_add(s, j, part->weight[j], part->mean[j], part->squares[j]);
	}
	*s->total += part->n;
}

static void
merge_portion(FcFit *f, int64_t portion)
{
	(void) portion;
	fc_columns_merge(f);
}

const FcTask fc_columns_task = {FC_TASK_COLUMNS, NULL, measure_portion, merge_portion};

/* Of the rows as they are seen, into f->columns; of those elsewhere, as they were read, their survey knows it */
void
fc_columns_measure(FcFit *f)
{
	if (f->rows.elsewhere)
	{
		f->columns->precision = f->rows.precision;
		fc_survey_columns(f->rows.elsewhere->survey, f->columns);
		for (int32_t j = 0; !f->rows.gaps && j < f->rows.d; j++)
			f->columns->weight[j] = f->columns->n;	/* gaps have been filled */
		return;
	}
	fc_columns_clear(f->columns, &f->rows);
	fc_team_run(f, &fc_columns_task, fc_portions_of(&f->rows));
	f->columns->n = *f->columns->total;
}

/* The largest absolute value of column j */
static double
largest_of(const FcColumns *s, int32_t j)
{
	return fmax(fabs(s->low[j]), fabs(s->high[j]));
}

/* Does column j vary by rounding only? */
static bool
is_rounding(const FcColumns *s, int32_t j)
{
	double		epsilon = FC_EPSILON(s->precision);
	double		range = s->high[j] - s->low[j];

	return range > 0 && range <= ROUNDING * epsilon * largest_of(s, j);
}

/* The factor of column j, or one that leaves rounding as small as it is */
static double
factor_of(const FcColumns *s, int32_t j, double factor)
{
	return is_rounding(s, j) ? fmin(factor, 1 / fmax(1, largest_of(s, j))) : factor;
}

void
fc_scale_choose(const FcColumns *s, int scale, int32_t d, double *shift, double *factor)
{
	for (int32_t j = 0; scale == FC_SCALE_NONE && j < d; j++)
	{
		shift[j] = 0;
		factor[j] = 1;
	}
	for (int32_t j = 0; scale != FC_SCALE_NONE && j < d; j++)
	{
		double		unit = scale == FC_SCALE_MINMAX ? s->high[j] - s->low[j] : sqrt(s->squares[j] / s->weight[j]);

		shift[j] = scale == FC_SCALE_MINMAX ? s->low[j] : s->mean[j];
		factor[j] = factor_of(s, j, s->high[j] > s->low[j] && isfinite(1 / unit) ? 1 / unit : 1);
	}
}

/* Variance of the numbers, or of a category's indicators together, on average; 0: there are none */
static double
mean_variance(const FcColumns *s, const FcModel *m, bool categories, const double *factor)
{
	double		sum = 0;
	int32_t		columns = 0;

	for (FcField at = fc_fields(m); fc_next_field(&at);)
	{
		if ((at.values != NULL) != categories)
			continue;
		columns++;
		for (int32_t j = at.first; j < at.first + at.features; j++)
			sum += s->squares[j] / s->weight[j] * (categories ? 1 : factor[j] * factor[j]);
	}
	return columns > 0 ? sum / columns : 0;
}

/* f, within the range of numbers */
static double
indicator_factor(const FcColumns *s, const FcModel *m, const double *factor)
{
	double		numbers = mean_variance(s, m, false, factor);
	double		categories = mean_variance(s, m, true, factor);
	double		most = FC_LIMIT(s->precision);

	if (!(numbers > 0 && categories > 0))
		return 1;
	return fmax(1 / most, fmin(most, sqrt(m->common[FC_CATEGORY_WEIGHT]) * sqrt(numbers / categories)));
}

/* Once shift and factor of the numbers are known: those of indicators */
void
fc_scale_categories(const FcColumns *s, const FcModel *m, double *shift, double *factor)
{
	double		f = fc_has_categories(m) ? indicator_factor(s, m, factor) : 1;

	for (FcField at = fc_fields(m); fc_has_categories(m) && fc_next_field(&at);)
		for (int32_t j = at.first; at.values && j < at.first + at.features; j++)
		{
			shift[j] = 0;
			factor[j] = f;
		}
}

/*
 * margin .. 1 - margin; a constant column becomes 1/2.  With one factor, that of
 * the widest column, the others lie about the middle: then a column in which the
 * rows hardly differ is not blown up to noise.
 */
void
fc_scale_to_unit(const FcColumns *s, double margin, bool one_factor, int32_t d, double *shift, double *factor)
{
	double		widest = 0;

	for (int32_t j = 0; j < d; j++)
		if (!is_rounding(s, j))
			widest = fmax(widest, s->high[j] - s->low[j]);
	for (int32_t j = 0; j < d; j++)
	{
		double		range = one_factor ? widest : s->high[j] - s->low[j];

		factor[j] = factor_of(s, j, range > 0 && isfinite(1 / range) ? (1 - 2 * margin) / range : 1);
		shift[j] = s->low[j] + (s->high[j] - s->low[j]) / 2 - 0.5 / factor[j];
	}
}

/* The bounding box in scaled units */
void
fc_columns_scale(FcColumns *s, int32_t d, const double *shift, const double *factor)
{
	for (int32_t j = 0; j < d; j++)
	{
		s->low[j] = (s->low[j] - shift[j]) * factor[j];
		s->high[j] = (s->high[j] - shift[j]) * factor[j];
	}
}

void
fc_scaled_rows_layout(FcArena *a, FcScaledRows *s, const FcRows *rows)
{
	s->block = fc_take(a, fc_times(rows->stride, rows->d), FC_SIZE(rows->precision));
}

static const void *
scaled_block(void *source, int64_t b)
{
	FcScaledRows *s = source;

	s->ops->scale(s->from.block(s->from.source, b), s->from.stride,
				  FC_ROUND_UP(fc_rows_in_block(&s->from, b), FC_LANES), s->from.d,
				  s->shift, s->factor, s->block, s->from.stride);
	return s->block;
}

/* From rows that make them */
static const void *
given_block(void *source, int64_t b)
{
	FcScaledRows *s = source;

	return s->from.scaled(s->from.source, b, s->shift, s->factor);
}

static const double *
scaled_weights(void *source, int64_t b)
{
	return fc_row_weights(&((FcScaledRows *) source)->from, b);
}

FcRows
fc_scaled_rows(FcScaledRows *s, const FcRows *rows, int isa, const double *shift, const double *factor)
{
	FcRows		scaled = *rows;

	s->from = *rows;
	s->ops = fc_block_ops(isa, rows->precision);
	s->shift = shift;
	s->factor = factor;
	scaled.block = rows->scaled && factor ? given_block : scaled_block;
	scaled.scaled = NULL;
	scaled.weights = rows->weights ? scaled_weights : NULL;
	scaled.source = s;
	return scaled;
}
