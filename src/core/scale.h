/*
 * scale.h - ranges of the columns, and rows that are scaled while they are read
 */
#ifndef FC_SCALE_H
#define FC_SCALE_H

#include "core/kernel.h"
#include "core/team.h"

/* Of each column, all (d) */
typedef struct FcColumns
{
	double		n;				/* rows that were measured, or their weights */
	double	   *total;			/* the same while portions are merged, by whoever it is; NULL for a portion */
	double	   *weight;			/* of the rows that have a column: n unless rows have gaps */
	double	   *low;
	double	   *high;
	double	   *mean;
	double	   *squares;		/* sum of squared differences to the mean */
	FcPrecision precision;		/* of the rows */
	double	   *share;			/* the part of a column of its owner that each feature is, where rows have gaps; else NULL */
	struct FcColumns *part;		/* of a portion of them */
} FcColumns;

/* Reads from the original rows */
typedef struct FcScaledRows
{
	FcRows		from;
	const FcBlockOps *ops;
	const double *shift;		/* (d) */
	const double *factor;		/* (d), or NULL: all 1 */
	void	   *block;			/* (d, stride) the last block read */
} FcScaledRows;

extern void fc_columns_layout(FcArena *a, FcColumns *s, int32_t d);
extern void fc_columns_clear(FcColumns *s, const FcRows *rows);
extern void fc_columns_add(FcColumns *s, int32_t j, double n, double mean, double squares);
extern void fc_columns_merge(FcFit *f);
extern void fc_columns_measure(FcFit *f);
extern const FcTask fc_columns_task;
extern void fc_scale_choose(const FcColumns *s, int scale, int32_t d, double *shift, double *factor);
extern void fc_scale_categories(const FcColumns *s, const FcModel *m, double *shift, double *factor);
extern void fc_scale_to_unit(const FcColumns *s, double margin, bool one_factor, int32_t d, double *shift, double *factor);
extern void fc_columns_scale(FcColumns *s, int32_t d, const double *shift, const double *factor);
extern void fc_scaled_rows_layout(FcArena *a, FcScaledRows *s, const FcRows *rows);
extern FcRows fc_scaled_rows(FcScaledRows *s, const FcRows *rows, int isa, const double *shift, const double *factor);

#endif
