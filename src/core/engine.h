/*
 * engine.h - alternating optimization: the fit of every algorithm that has a kernel
 */
#ifndef FC_ENGINE_H
#define FC_ENGINE_H

#include "core/kernel.h"
#include "core/seed.h"
#include "core/symmetric.h"

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

/* Doubles for a factor, or for the eigenvalues of a covariance that has none */
#define FC_SHAPE_WORK(d)	(FC_SYMMETRIC_WORK(d) + (size_t) (d))

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
	double	   *far;			/* (k, d) rows far from their centers */
	double	   *far_distance;	/* (k) */
	int32_t		nfar;			/* how many of them are sought */
	double	   *previous;		/* (k, d) centers before, for run() */
	int32_t    *order;			/* (3, k) likewise */
	void	   *wy;				/* (d, tile) weighted differences, where clusters have shapes */
	double	   *work;			/* (FC_SHAPE_WORK(d)) likewise */
	double	   *unit;			/* (d) standard deviations of the features, likewise */
	double		sphere;			/* variance of the sphere that regularizes covariances */
	int32_t		singular;		/* covariances of the last update whose eigenvalues were raised */
	double	   *u_most;			/* (k) largest membership in a cluster, while it is sought */
	double		progress[FC_HISTORY_COLUMNS];	/* of the next row of the history */
} FcEngine;

extern void *fc_engine_layout(FcArena *a, const FcFit *f);
extern FcStatus fc_engine_fit(FcFit *f, void *work);

/* For the run() of a kernel */
extern void fc_engine_start(FcEngine *e);
extern FcStatus fc_engine_iterate(FcEngine *e, double tolerated, int32_t most);
extern FcStatus fc_engine_descend(FcEngine *e);
extern void fc_engine_prepare(FcEngine *e);
extern void fc_engine_largest_memberships(FcEngine *e, double *largest);

#endif
