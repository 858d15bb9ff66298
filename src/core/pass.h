/*
 * pass.h - one pass over the rows, and its work space
 */
#ifndef FC_PASS_H
#define FC_PASS_H

#include "core/kernel.h"
#include "core/seed.h"

/* What a pass over rows adds up: flat, so that two of them merge by addition */
typedef struct FcAccumulator
{
	size_t		length;			/* of the whole */
	double	   *objective;		/* (1); the others follow it in memory */
	double	   *weight;			/* (k) sum of weights */
	double	   *mass;			/* (k) sum of memberships, where the kernel needs it */
	double	   *sum;			/* (k, d) weighted sum of rows; of x - v, where clusters have shapes */
	double	   *squares;		/* (k, d, d) weighted sum of (x - v)(x - v)', likewise */
} FcAccumulator;

extern void fc_accumulator_layout(FcArena *a, FcAccumulator *acc, int32_t k, int32_t d, bool squares);
extern void fc_accumulator_clear(FcAccumulator *acc);
extern void fc_accumulator_merge(FcAccumulator *to, const FcAccumulator *from);

/* Rows that are farthest from their nearest centers, farthest first */
typedef struct FcFarRows
{
	int32_t		count;			/* how many are sought, at most k */
	double	   *row;			/* (k, d) */
	double	   *distance;		/* (k) */
} FcFarRows;

/* One training by alternating optimization: see engine.c */
typedef struct FcEngine
{
	FcFit	   *fit;
	FcSeeder	seeder;
	FcMetric	metric;
	FcWeighing	weighing;
	FcAccumulator acc;
	FcModel		best;			/* of several restarts */
	const FcKernel *kernel;		/* of the model's algorithm, or another one for a while */
	int32_t		tile;			/* rows weighed at once */
	void	   *at;				/* (k, tile) distances, then weights */
	void	   *u;				/* (k, tile) memberships */
	void	   *least;			/* (tile) distance to the nearest center */
	int32_t    *nearest;		/* (tile) the nearest center */
	int64_t    *count;			/* (k) rows nearest to a center */
	void	   *wy;				/* (d, tile) weighted differences, where clusters have shapes */
	FcFarRows	far;			/* where empty clusters go, if the kernel reseeds them */
	void	   *scratch;		/* what scratch_layout() of the kernel made */
	double		progress[FC_HISTORY_COLUMNS];	/* of the next row of the history */
} FcEngine;

extern void fc_pass_accumulate(FcEngine *e);
extern void fc_pass_measure(FcEngine *e);
extern void fc_pass_largest_memberships(FcEngine *e, double *largest);
extern void fc_pass_find_far(FcEngine *e, FcFarRows *far);

#endif
