/*
 * offset.c - rows far from zero, shifted towards it while an algorithm runs
 *
 * In a column of values about 5,400,000 single precision leaves half a unit
 * for a center, and sums of such values lose the differences between clusters.
 * So, as rows are read, the median of the column is subtracted, rounded to the
 * precision of the rows; centers are relative to it until the training ends,
 * and absolute in the model.  Euclidean distances, shapes and objectives do
 * not change by that, except for the digits that they no longer lose.  Where
 * rows are scaled, outliers can leave most of them as far from zero: then what
 * the model subtracts before it multiplies becomes larger, so that training
 * and scoring see the same numbers.
 *
 * A column is shifted if
 *	nine tenths of a sample lie much closer to the median than that lies to zero
 *		(the other tenth may be fill values, or outliers), and
 *	nearly all values can be shifted there and back without a loss; or, if they
 *	are scaled and have been rounded already, with the loss of one bit.
 * Other columns keep their bits, as indicators of categories always do; if no column is shifted, nothing is copied.
 */
#include "core/offset.h"

#include "core/categories.h"
#include "core/scale.h"
#include "core/seed.h"

#include <math.h>
#include <string.h>

#define WORTH_F32	32			/* how much closer: 5 of 24 bits are lost at most */
#define WORTH_F64	1024		/* 10 of 53 bits */
#define CLOSE		0.9			/* share of the rows that must be so close */
#define LOSSES		100			/* the share of rows that may lose digits is 1 / this */

/* Can some rows not be shifted there and back? A column of one value can, and must: centers are rounded there too */
static bool
is_lossy(const FcFit *f, int32_t j, double shift)
{
	const FcSample *s = &f->sample;
	FcPrecision precision = f->rows.precision;
	double		epsilon = FC_EPSILON(precision);
	double		tolerated = fc_is_scaled(f->model) ? epsilon : 0;
	int64_t		lost = 0;

	for (int64_t i = 0; i < s->n; i++)
	{
		double		x = fc_get(s->x, precision, j * s->stride + i);
		double		there = precision == FC_F32 ? (float) (x - shift) : x - shift;
		double		back = precision == FC_F32 ? (float) (there + shift) : there + shift;

		lost += fabs(back - x) > tolerated * fabs(x);
	}
	return lost > s->n / LOSSES;
}

/* Column j of the few rows of the sample that have it, into s->few; returns their number */
static int32_t
take_few(const FcSample *s, FcPrecision precision, int32_t j)
{
	int32_t		few = 0;

	for (int32_t i = 0; i < fc_sample_few(s); i++)
	{
		double		x = fc_sample_one_of_few(s, precision, j, i);

		if (!isnan(x))
			s->few[few++] = x;
	}
	return few;
}

/*
 * Are so many of them 0 or below, and so many 0 or above?  Then as many lie at least as far from the median
 * as that from zero, and there is no need to find it
 */
static bool
are_on_both_sides(const double *x, int32_t n, int32_t many)
{
	int32_t		below = 0;
	int32_t		above = 0;

	for (int32_t i = 0; i < n; i++)
	{
		below += x[i] <= 0;
		above += x[i] >= 0;
	}
	return below >= many && above >= many;
}

/* What to subtract from column j; 0: nothing */
static double
choose_shift(const FcFit *f, int32_t j)
{
	const FcSample *s = &f->sample;
	FcPrecision precision = f->rows.precision;
	double		worth = precision == FC_F32 ? WORTH_F32 : WORTH_F64;
	int32_t		few = take_few(s, precision, j);
	int32_t		close = (int32_t) (CLOSE * (few - 1));
	double		shift;

	if (few == 0 || are_on_both_sides(s->few, few, few - close))
		return 0;
	shift = fc_select_rank(s->few, few, few / 2);
	for (int32_t i = 0; i < few; i++)
		s->few[i] = fabs(s->few[i] - shift);
	if (shift == 0 || fc_select_rank(s->few, few, close) * worth > fabs(shift))
		return 0;
	return is_lossy(f, j, shift) ? 0 : shift;
}

/* Finds offset, (d), from the sample; false if it is 0 in all columns */
bool
fc_offset_choose(const FcFit *f, double *offset)
{
	bool		any = false;

	for (FcField at = fc_fields(f->model); fc_next_field(&at);)
		for (int32_t j = at.first; j < at.first + at.features; j++)
		{
			fc_check(&f->hooks);
			offset[j] = at.values ? 0 : choose_shift(f, j);
			any = any || offset[j] != 0;
		}
	return any;
}

/* Scaled rows are read as the model scales them, and the bounding box is theirs */
static void
move_scale(FcFit *f, const double *offset)
{
	FcModel    *m = f->model;

	for (int32_t j = 0; j < m->d; j++)
	{
		m->shift[j] += offset[j] / m->factor[j];
		f->columns->low[j] -= offset[j];
		f->columns->high[j] -= offset[j];
	}
}

/* From here on f->rows, and f->sample, are relative to the offset; "rows" is for those that are not scaled */
void
fc_offset_begin(FcFit *f, const double *offset, FcScaledRows *rows)
{
	if (fc_is_scaled(f->model))
		move_scale(f, offset);
	else
	{
		f->offset = offset;
		f->view = FC_SHIFTED;
		f->rows = fc_scaled_rows(rows, &f->rows, f->isa, offset, NULL);
	}
	fc_sample_fill(&f->sample, &f->rows, (uint64_t) f->model->common[FC_SEED], &f->hooks);
}

/* The model becomes absolute */
void
fc_offset_end(FcFit *f)
{
	FcModel    *m = f->model;

	for (int64_t i = 0; i < (int64_t) m->k * m->d; i++)
		m->centers[i] += f->offset[i % m->d];
	if (m->algo->move)
		m->algo->move(m, f->offset);
}
