/*
 * step_work.h - what a step keeps between its tiles: parts of step.c
 */
#ifndef FC_STEP_WORK_H
#define FC_STEP_WORK_H

#include "core/exact.h"
#include "core/step.h"

/* Of a tile, in the precision of the rows where nothing else is said */
typedef struct FcStepWork
{
	const FcExactOps *ops;
	void	   *scale;			/* (d) 2^-e of features */
	void	   *scale_of_difference;	/* (d) 2^-(e + 1) */
	void	   *view;			/* (d, tile) x' */
	void	   *x;				/* (d, tile) x' / 2^e */
	void	   *at;				/* (k, tile) distances, then weights / 2^e; unless the kernel is crisp */
	void	   *u;				/* (k, tile) memberships / 2^e, likewise */
	void	   *least;			/* (tile) distance to the nearest center */
	void	   *factor;			/* (tile) weight of a row / 2^e */
	void	   *worst;			/* (tile) bits of the row's largest number on the grid */
	void	   *y;				/* (d, tile) differences to a center, where clusters have shapes */
	void	   *wy;				/* (d, tile) and their products with weights */
	void	   *observed;		/* (d, tile) 1 where a row has a feature, else 0; where features may be missing */
	double	   *share;			/* (d) of columns, likewise: see gaps.h */
	double	   *terms;			/* (tile) parts of the objective, / 2^e from weigh() on */
	double	   *length;			/* (tile) likewise */
	double	   *count;			/* (tile) likewise */
	int32_t    *nearest;		/* (tile) */
	double	   *mass;			/* (k) */
	int32_t    *seen;			/* (k) rows of a tile that are nearest to a center; this and what follows is 0 between tiles ... */
	int64_t    *counts;			/* (k) ... and the sums of their weights, ... */
	int64_t    *lengths;		/* (k) ... of their lengths, ... */
	int64_t    *tally;			/* (k) ... of their weights in the rows' precision, if the kernel is crisp, ... */
	int64_t    *part;			/* (k, FC_EXACT_STRIDE(d)) ... of the rows, likewise ... */
	int64_t    *observed_part;	/* (k, FC_EXACT_STRIDE(d)) ... and of the weights of those that have a feature, likewise */
} FcStepWork;

#endif
