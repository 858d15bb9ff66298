/*
 * seed.h - the first centers
 */
#ifndef FC_SEED_H
#define FC_SEED_H

#include "core/kernel.h"
#include "core/sample.h"
#include "core/team.h"

#define FC_MAX_CANDIDATES	64

/* A row that may become a center */
typedef struct FcCandidate
{
	int64_t		row;			/* of the sample */
	double		threshold;		/* of D^2, below which it is dropped */
	double		gain;			/* by which it would lower the sum of D^2, or more ... */
	bool		fresh;			/* ... unless it was found after the last center was chosen */
} FcCandidate;

typedef struct FcSeeder
{
	int32_t		most;			/* candidates at once */
	int32_t		count;			/* candidates there are */
	FcCandidate pool[FC_MAX_CANDIDATES];
	const void *x;				/* of the sample that members of a team see */
	bool		squared;		/* rows are drawn by D^2, else all are equally likely */
	double	   *total;			/* (tiles of the sample) sum of the chances of a tile's rows to be drawn */
	void	   *least;			/* (n of the sample) D^2, the squared distance to the nearest center */
	void	   *at;				/* (most, n of the sample) squared distances to candidates */
	void	   *row;			/* (most, d) candidates, in the precision of the rows */
	double	   *gain;			/* (most) of candidates when they were drawn ... */
	double	   *part;			/* (most) ... and the part of a tile */
	void	   *near;			/* (k, FC_LANES) squared distances to centers */
	double	   *distance;		/* (k) of rows outside the sample to the centers */
	double		least_far;		/* of these */
	void	   *chosen;			/* (k, d) the first centers, in the precision of the rows */
} FcSeeder;

extern void fc_seeder_layout(FcArena *a, FcSeeder *s, const FcFit *f, int64_t rows);
extern const FcTask fc_candidates_task;
extern FcStatus fc_first_centers(FcFit *f, FcSeeder *s, uint64_t stream);
extern FcStatus fc_first_centers_up_to(FcFit *f, FcSeeder *s, uint64_t stream);

#endif
