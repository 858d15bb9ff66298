/*
 * gaps.c - rows with missing numbers: partial distances (Hathaway and Bezdek, 2001,
 * doi 10.1109/3477.956035)
 *
 * With I_ij = 1 where row i has feature j, else 0,
 *
 *	d_ic = (p / p_i) sum_j I_ij (x_ij - v_cj)^2						(eq. 1)
 *	v_cj = sum_i w_ic I_ij x_ij / sum_i w_ic I_ij					(eq. 2)
 *
 * p columns, of which row i has p_i: a distance is as long as if the columns that are not
 * there differed as much as those that are.  A category is one column, each of its L
 * indicators 1 / L of one.  The center of a cluster none of whose rows has a feature stays where it is
 * in that feature.
 *
 * Eq. 2 is the mean of what has been observed.  It does not minimize the sum of w d exactly, so
 * the objective need not descend.
 *
 * Rows are taken in groups of FC_LANES.  Those of which no row has a gap get the operations of
 * block.c, and a complete row gets the same bits in either: what it is does not
 * depend on its neighbours.
 */
#include "core/gaps.h"

#include "core/scale.h"

#define MOST_CENTERS	8		/* taken at once: their sums stay in registers */

#define FC_VARIANTS_OF "core/gaps_loops.h"
#include "core/variants.h"

#ifdef FC_X86
#define OPS(precision, isa) {distance_##precision##_##isa, assign_##precision##_##isa, has_gaps_##precision##_##isa, \
	split_##precision##_##isa, fill_##precision##_##isa}
#else
#define OPS(precision, isa) {distance_##precision##_base, assign_##precision##_base, has_gaps_##precision##_base, \
	split_##precision##_base, fill_##precision##_base}
#endif

static const FcGapOps ops[FC_ISAS][2] = {
	{OPS(f32, base), OPS(f64, base)},
	{OPS(f32, avx2), OPS(f64, avx2)},
	{OPS(f32, avx512), OPS(f64, avx512)},
};

const FcGapOps *
fc_gap_ops(int isa, FcPrecision precision)
{
	return &ops[isa][precision];
}

/* ---- one row ---- */

/* p / p_i of eq. 1 for a row x (d), share being the part of a column that each feature is; 0: the row has nothing */
double
fc_columns_over_observed(const double *share, const double *x, int32_t d)
{
	double		columns = 0;
	double		observed = 0;

	for (int32_t j = 0; j < d; j++)
	{
		columns += share[j];
		observed += isnan(x[j]) ? 0 : share[j];
	}
	return observed > 0 ? columns / observed : 0;
}

/* ---- in a training ---- */

/* Squared distances of at most FC_TILE lanes to k rows or centers, partial ones if rows have gaps: see FcBlockOps.distance */
void
fc_distances_between(const FcFit *f, const void *x, int64_t xstride, int32_t lanes, const void *v, int32_t k,
					 void *out, int32_t ostride)
{
	FcPrecision precision = f->rows.precision;

	if (f->rows.gaps)
		fc_gap_ops(f->isa, precision)->distance(x, xstride, lanes, f->rows.d, f->columns->share, v, k, out, ostride);
	else
		fc_block_ops(f->isa, precision)->distance(x, xstride, lanes, f->rows.d, v, k, out, ostride);
}

/* What a center gets where the row that it is taken from has a gap: the mean of the feature, as rows are seen now */
double
fc_gap_value(const FcFit *f, int32_t j)
{
	const FcModel *m = f->model;
	double		mean = f->columns->mean[j];

	return m->shift ? (mean - m->shift[j]) * m->factor[j] : mean - (f->offset ? f->offset[j] : 0);
}

/* In center number "at" of v, in the precision of the rows */
void
fc_fill_center(const FcFit *f, void *v, int64_t at)
{
	FcPrecision precision = f->rows.precision;

	for (int64_t j = 0; f->rows.gaps && j < f->rows.d; j++)
		if (isnan(fc_get(v, precision, at * f->rows.d + j)))
			fc_set(v, precision, at * f->rows.d + j, fc_gap_value(f, (int32_t) j));
}

/* ---- rows whose gaps are filled while they are read ---- */

void
fc_filled_rows_layout(FcArena *a, FcFilledRows *s, const FcRows *rows)
{
	s->block = fc_take(a, fc_times(rows->stride, rows->d), FC_SIZE(rows->precision));
}

static const void *
filled_block(void *source, int64_t b)
{
	FcFilledRows *s = source;

	s->ops->fill(s->from.block(s->from.source, b), s->from.stride, FC_ROUND_UP(fc_rows_in_block(&s->from, b), FC_LANES),
				 s->from.d, s->value, s->block, s->from.stride);
	return s->block;
}

static const double *
filled_weights(void *source, int64_t b)
{
	return fc_row_weights(&((FcFilledRows *) source)->from, b);
}

FcRows
fc_filled_rows(FcFilledRows *s, const FcRows *rows, int isa, const double *value)
{
	FcRows		filled = *rows;

	s->from = *rows;
	s->ops = fc_gap_ops(isa, rows->precision);
	s->value = value;
	filled.gaps = false;
	filled.scaled = NULL;
	filled.block = filled_block;
	filled.weights = rows->weights ? filled_weights : NULL;
	filled.source = s;
	return filled;
}
