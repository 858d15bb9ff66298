/*
 * gaps.h - rows with missing numbers, which are NaN
 */
#ifndef FC_GAPS_H
#define FC_GAPS_H

#include "core/categories.h"
#include "core/kernel.h"

#include <math.h>

/*
 * x is a (d, xstride) block, of which at most FC_TILE lanes are read.
 * distance, assign: those of FcBlockOps, of partial distances; share (d) is the part of a column that each feature
 * is.  Of a row without gaps, the same bits.  Of one that has nothing, 0.
 * has_gaps: is any number missing?
 * split: y[j * stride + i] = x[j * xstride + i], or 0 where it is missing, and z = 1, or 0.
 * fill: out[j * ostride + i] = x[j * xstride + i], or value[j] where it is missing.
 */
typedef struct FcGapOps
{
	void		(*distance) (const void *x, int64_t xstride, int32_t lanes, int32_t d, const double *share,
							 const void *v, int32_t k, void *out, int32_t ostride);
	void		(*assign) (const void *x, int64_t xstride, int32_t lanes, int32_t d, const double *share,
						   const void *v, int32_t first, int32_t last, void *least, int32_t *nearest);
	bool		(*has_gaps) (const void *x, int64_t xstride, int32_t lanes, int32_t d);
	void		(*split) (const void *x, int64_t xstride, int32_t lanes, int32_t d, void *y, void *z, int32_t stride);
	void		(*fill) (const void *x, int64_t xstride, int32_t lanes, int32_t d, const double *value,
						 void *out, int64_t ostride);
} FcGapOps;

extern const FcGapOps *fc_gap_ops(int isa, FcPrecision precision);

/* Reads from rows with gaps */
typedef struct FcFilledRows
{
	FcRows		from;
	const FcGapOps *ops;
	const double *value;		/* (d) in place of a missing number */
	void	   *block;			/* (d, stride) the last block read */
} FcFilledRows;

extern void fc_filled_rows_layout(FcArena *a, FcFilledRows *s, const FcRows *rows);
extern FcRows fc_filled_rows(FcFilledRows *s, const FcRows *rows, int isa, const double *value);

extern void fc_distances_between(const FcFit *f, const void *x, int64_t xstride, int32_t lanes, const void *v, int32_t k,
								 void *out, int32_t ostride);

/* Has a row x (d) a gap? */
static inline bool
fc_has_gap(const double *x, int32_t d)
{
	int32_t		j = 0;

	while (j < d && !isnan(x[j]))
		j++;
	return j < d;
}

/* Is x the value of a center, or missing? */
static inline bool
fc_same_or_missing(double v, double x)
{
	return v == x || x != x;
}

extern double fc_columns_over_observed(const double *share, const double *x, int32_t d);
extern double fc_gap_value(const FcFit *f, int32_t j);
extern void fc_fill_center(const FcFit *f, void *v, int64_t at);

#endif
