/*
 * offset.c - rows far from zero, brought near it while an algorithm runs
 *
 * In a column of values about 5,400,000 single precision leaves half a unit for
 * a center, and sums of such values lose what tells clusters apart.  So, as rows
 * are read, the median of the column is subtracted, rounded to the precision of
 * the rows; centers are relative to it until the training ends, and absolute in
 * the model.  Euclidean distances, shapes and objectives do not change by that,
 * but for the digits that they no longer lose.
 *
 * A column is shifted if
 *	nine tenths of a sample lie much closer to the median than that lies to zero
 *		(the other tenth may be fill values, or outliers), and
 *	nearly all values can be shifted there and back without a loss.
 * Other columns keep their bits; if no column is shifted, nothing is copied.
 */
#include "core/offset.h"

#include "core/seed.h"

#include <math.h>
#include <string.h>

#define WORTH_F32	32			/* how much closer: 5 of 24 bits are lost at most */
#define WORTH_F64	1024		/* 10 of 53 bits */
#define CLOSE		0.9			/* share of the rows that must be so close */
#define LOSSES		100			/* one row in so many may lose digits */

void
fc_offset_layout(FcArena *a, FcOffset *o, const FcRows *rows)
{
	o->shift = fc_take(a, rows->d, sizeof(double));
	fc_scaled_rows_layout(a, &o->rows, rows);
}

/* Can some rows not be shifted there and back? A column of one value can, and must: centers are rounded there too */
static bool
is_lossy(const FcSample *s, FcPrecision precision, int32_t j, double shift)
{
	int64_t		lost = 0;

	for (int64_t i = 0; i < s->n; i++)
	{
		double		x = fc_get(s->x, precision, j * s->stride + i);
		double		there = precision == FC_F32 ? (float) (x - shift) : x - shift;
		double		back = precision == FC_F32 ? (float) (there + shift) : there + shift;

		lost += back != x;
	}
	return lost > s->n / LOSSES;
}

/* What to subtract from column j; 0: nothing */
static double
choose_shift(FcSample *s, FcPrecision precision, int32_t j)
{
	double		worth = precision == FC_F32 ? WORTH_F32 : WORTH_F64;
	int32_t		few = fc_sample_few(s);
	double		shift;

	for (int32_t i = 0; i < few; i++)
		s->few[i] = fc_sample_one_of_few(s, precision, j, i);
	shift = fc_select_rank(s->few, few, few / 2);
	for (int32_t i = 0; i < few; i++)
		s->few[i] = fabs(s->few[i] - shift);
	if (shift == 0 || fc_select_rank(s->few, few, (int32_t) (CLOSE * (few - 1))) * worth > fabs(shift))
		return 0;
	return is_lossy(s, precision, j, shift) ? 0 : shift;
}

/* Finds o->shift; false if it is 0 in all columns */
bool
fc_offset_choose(FcOffset *o, FcSample *s, const FcRows *rows, const FcHooks *hooks)
{
	bool		any = false;

	for (int32_t j = 0; j < rows->d; j++)
	{
		fc_check(hooks);
		o->shift[j] = choose_shift(s, rows->precision, j);
		any = any || o->shift[j] != 0;
	}
	return any;
}

/* From here on f->rows, f->sample and the bounding box are relative to the shift */
void
fc_offset_begin(FcFit *f, FcOffset *o)
{
	FcSample   *s = &f->sample;
	FcPrecision precision = f->rows.precision;

	f->offset = o->shift;
	f->rows = fc_scaled_rows(&o->rows, &f->rows, f->isa, o->shift, NULL);
	for (int32_t j = 0; j < f->rows.d; j++)
	{
		fc_check(&f->hooks);
		for (int64_t i = 0; i < s->n && o->shift[j] != 0; i++)
			fc_set(s->x, precision, j * s->stride + i, fc_get(s->x, precision, j * s->stride + i) - o->shift[j]);
	}
	fc_sample_describe(s, f->rows.d, precision, &f->hooks);
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
