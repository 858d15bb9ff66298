/*
 * few_means.h - k-means of a few rows, many times: see few_means.c
 */
#ifndef FC_FEW_MEANS_H
#define FC_FEW_MEANS_H

#include "core/fc.h"

typedef struct FcFewMeans
{
	int32_t		n;				/* rows */
	int32_t		width;			/* most columns */
	int32_t		most;			/* clusters */
	double	   *center;			/* (most, width) */
	double	   *count;			/* (most) rows of a cluster */
	int32_t    *label;			/* (n) result */
	int32_t    *other;			/* (n) of another start */
	double	   *least;			/* (n) squared distance to the nearest center */
	double	   *sum;			/* (most) of the distances of a row to the rows of each cluster */
} FcFewMeans;

extern void fc_few_means_layout(FcArena *a, FcFewMeans *s, int32_t n, int32_t width, int32_t most);
extern void fc_few_means(FcFewMeans *s, const double *x, int32_t width, int32_t k, FcRng *rng, const FcHooks *hooks);
extern double fc_few_silhouette(FcFewMeans *s, const double *distance, int32_t k, const FcHooks *hooks);

#endif
