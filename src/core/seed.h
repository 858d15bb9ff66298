/*
 * seed.h - a sample of the rows, and the first centers
 */
#ifndef FC_SEED_H
#define FC_SEED_H

#include "core/kernel.h"

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
	bool		squared;		/* rows are drawn by D^2, else all are equally likely */
	double	   *total;			/* (tiles of the sample) sum of the chances of a tile's rows to be drawn */
	void	   *least;			/* (n of the sample) D^2, the squared distance to the nearest center */
	void	   *at;				/* (most, n of the sample) squared distances to candidates */
	void	   *row;			/* (most, d) candidates, in the precision of the rows */
	void	   *near;			/* (k, FC_LANES) squared distances to centers */
	double	   *distance;		/* (k) of rows outside the sample to the centers */
	double		least_far;		/* of these */
	void	   *chosen;			/* (k, d) the first centers, in the precision of the rows */
} FcSeeder;

extern int64_t fc_sample_size(const FcRows *rows, int32_t k);
extern void fc_sample_place(FcArena *a, FcSample *s, const FcRows *rows, int64_t n);
extern void fc_sample_layout(FcArena *a, FcSample *s, const FcRows *rows, int32_t k);
extern void fc_sample_fill(FcSample *s, const FcRows *rows, uint64_t seed, const FcHooks *hooks);
extern int32_t fc_sample_few(const FcSample *s);
extern double fc_sample_one_of_few(const FcSample *s, FcPrecision precision, int32_t j, int32_t i);
extern void fc_sample_describe(FcSample *s, int32_t d, FcPrecision precision, const FcHooks *hooks);
extern void fc_seeder_layout(FcArena *a, FcSeeder *s, const FcFit *f);
extern FcStatus fc_first_centers(FcFit *f, FcSeeder *s, uint64_t stream);
extern FcStatus fc_first_centers_up_to(FcFit *f, FcSeeder *s, uint64_t stream);

#endif
