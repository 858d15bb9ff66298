/*
 * step_work.h - what a step keeps between its tiles: parts of step.c
 */
#ifndef FC_STEP_WORK_H
#define FC_STEP_WORK_H

#include "core/exact.h"
#include "core/step.h"

/* Rows that are taken together */
typedef struct FcStepTile
{
	const void *x;				/* (d, stride) x' */
	int64_t		stride;
	int32_t		rows;
	int32_t		lanes;
} FcStepTile;

/* Of a tile, in the precision of the rows where nothing else is said */
typedef struct FcStepWork
{
	const FcExactOps *ops;
	void	   *scale;			/* (d) 2^-e of features */
	void	   *scale_of_difference;	/* (d) 2^-(e + 1) */
	void	   *view;			/* (d, tile) x' */
	void	   *x;				/* (d, tile) x' / 2^e */
	void	   *at;				/* (groups, tile) distances, then weights / 2^e; unless the kernel is crisp */
	void	   *u;				/* (groups, tile) memberships / 2^e, likewise */
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
	int32_t    *nearest;		/* (tile) k: the row is noise */
	double	   *mass;			/* (groups) */
	int32_t    *seen;			/* (groups) rows of a tile that are nearest to a center, or noise; this and what follows is 0 between tiles ... */
	int64_t    *counts;			/* (groups) ... and the sums of their weights, ... */
	int64_t    *lengths;		/* (groups) ... of their lengths, ... */
	int64_t    *tally;			/* (groups) ... of their weights in the rows' precision, if the kernel is crisp, ... */
	int64_t    *part;			/* (groups, FC_EXACT_STRIDE(d)) ... of the rows, likewise ... */
	int64_t    *observed_part;	/* (groups, FC_EXACT_STRIDE(d)) ... and of the weights of those that have a feature, likewise */
} FcStepWork;

/* ---- step_beyond.c ---- */

extern FcStatus fc_step_add_beyond(FcStep *s, FcStatistics *to, FcStepTile *t);

#endif
