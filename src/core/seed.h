/*
 * seed.h - a sample of the rows, and the first centers
 */
#ifndef FC_SEED_H
#define FC_SEED_H

#include "core/kernel.h"

#define FC_MAX_CANDIDATES	16

typedef struct FcSeeder
{
	void	   *least;			/* (n of the sample) squared distance to the nearest center */
	void	   *at;				/* (FC_MAX_CANDIDATES, FC_TILE) distances of candidates */
	void	   *candidate;		/* (FC_MAX_CANDIDATES, d) in the precision of the rows */
	void	   *near;			/* (k, FC_LANES) distances, when all rows are searched */
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
