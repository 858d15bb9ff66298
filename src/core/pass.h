/*
 * pass.h - one pass over the rows, and its work space
 */
#ifndef FC_PASS_H
#define FC_PASS_H

#include "core/anderson.h"
#include "core/bounds.h"
#include "core/kernel.h"
#include "core/sample_start.h"
#include "core/seed.h"
#include "core/sparse.h"
#include "core/team.h"
#include "core/twins.h"

/* What a pass over rows adds up: flat, so that two of them merge by addition.  Clusters of weight 0 have no sums. */
typedef struct FcAccumulator
{
	int32_t		k;
	size_t		sums;			/* numbers of a cluster: d, or more between clusters, and d * d of squares */
	double	   *objective;		/* (1); the others follow it in memory */
	double	   *largest;		/* (1) sum of the largest memberships of rows */
	double	   *weight;			/* (k) sum of weights */
	double	   *mass;			/* (k) sum of memberships, where the kernel needs it */
	double	   *radius;			/* (k) sum of lengths from nearest centers */
	double	   *count;			/* (k) rows nearest to a center */
	double	   *sum;			/* (k, d) weighted sum of rows; of x - v, where clusters have shapes */
	double	   *squares;		/* (k, d, d) weighted sum of (x - v)(x - v)', likewise */
	double	   *whole;			/* (k) the part of weight of tiles without gaps; NULL: rows have none ... */
	double	   *observed;		/* (k, d) ... and the weights of the others, by the features that they have; as far apart as sums */
} FcAccumulator;

/* The rows of a tile times their weights */
typedef struct FcWeighedRows
{
	void	   *x;				/* (d, tile) weighted differences, where clusters have shapes, or weighted rows, where there are weights of rows, or few of clusters, or gaps, which are 0 */
	void	   *there;			/* (d, tile) 1 where a row has a feature, else 0, or its weight, where rows have gaps */
	double	   *unused;			/* (k) sums that nobody reads, likewise */
	void	   *least;			/* (tile) memory for FcEngine.least ... */
	int32_t    *nearest;		/* (tile) ... and FcEngine.nearest, unless passes keep them */
	double	   *kept;			/* (tile) how often a row counts in its cluster, 0 if it is noise, where crisp clusters have noise */
	FcSparse	sparse;
} FcWeighedRows;

/* Rows that are farthest from their nearest centers, farthest first */
typedef struct FcFarRows
{
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
	FcAccumulator acc;			/* of a pass */
	FcAccumulator part;			/* of a portion of it */
	FcModel		best;			/* of several restarts */
	const FcKernel *kernel;		/* of the model's algorithm, or the one of its stages that is going on */
	int32_t		tile;			/* rows weighed at once */
	int64_t		row;			/* the first of them */
	void	   *at;				/* (groups, tile) distances, then weights */
	void	   *u;				/* (groups, tile) memberships */
	void	   *least;			/* (tile) distance to the nearest center, or to noise where memberships are fuzzy ... */
	int32_t    *nearest;		/* (tile) ... and its number */
	double	   *count;			/* (k) rows nearest to a center, or their weight */
	FcBounds	bounds;			/* where "least" and "nearest" are, if passes keep them */
	FcWeighedRows weighed;
	FcFarRows	far;			/* where empty clusters go, if the kernel reseeds them ... */
	FcFarRows	far_part;		/* ... among the rows of a portion */
	FcTrial		trial;			/* rows of a sample, on which starts are tried */
	FcMixing	mixing;			/* of the centers of successive passes, if the kernel is accelerated */
	FcTwins		twins;			/* ... and those that it led to the same place */
	double		longest;		/* way that a center moved after the last pass */
	void	   *scratch;		/* what scratch_layout() of the kernel made */
	double		progress[FC_HISTORY_COLUMNS];	/* of the next row of the history */
} FcEngine;

extern double *fc_take_either(FcArena *a, bool shared, uint64_t count);
extern void fc_accumulator_layout(FcArena *a, FcAccumulator *acc, int32_t clusters, int32_t d, bool squares, bool shared);
extern void fc_accumulator_layout_gaps(FcArena *a, FcAccumulator *acc, bool shared);
extern void fc_accumulator_clear(FcAccumulator *acc);
extern void fc_accumulator_merge(FcAccumulator *to, const FcAccumulator *from);
extern void fc_pass_layout(FcArena *a, FcEngine *e, const FcFit *f);
/* Of every kernel: k-means in which noise counts nothing, see noise_share.c.  Others count from 1: FcKernel.stages */
#define FC_TRIMMED_STAGE	(-1)

extern void fc_pass_set_stage(FcEngine *e, int32_t stage);
extern void fc_pass_accumulate(FcEngine *e);
extern void fc_pass_measure(FcEngine *e);
extern void fc_pass_largest_memberships(FcEngine *e, double *largest);
extern void fc_pass_find_far(FcEngine *e, int32_t count);

extern const FcTask *const fc_pass_tasks[];	/* ends with NULL */

#endif
