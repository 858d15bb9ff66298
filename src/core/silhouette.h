/*
 * silhouette.h - silhouettes and Dunn's index, from the distances between all rows of a sample: see silhouette.c
 */
#ifndef FC_SILHOUETTE_H
#define FC_SILHOUETTE_H

#include "core/score.h"

/* Most rows of a sample, and most numbers */
#define FC_SILHOUETTE_ROWS		2000
#define FC_SILHOUETTE_NUMBERS	(1 << 22)

/* How many distinct rows of d features are compared at most */
extern int32_t fc_silhouette_rows(int32_t d);

/* What is known of a row besides its features */
typedef struct FcComparedRow
{
	int32_t		cluster;
	double		weight;			/* of all rows that are equal to it ... */
	double		one;			/* ... and of one of them */
	double		margin;			/* by how much its largest membership exceeds the second */
} FcComparedRow;

typedef struct FcSilhouettes
{
	const FcModel *model;
	int32_t		n;				/* rows so far, without noise */
	int32_t		noise;			/* rows that belong to no cluster */
	int32_t		lanes;			/* at least n */
	bool		gaps;			/* has any of them a feature missing? */
	int64_t		rows;			/* those that are equal to the n rows, too ... */
	double		total;			/* ... and what they weigh */
	FcComparedRow *row;			/* (lanes) */
	double	   *x;				/* (d, lanes) in panels: see row.h; as the model has them */
	double	   *one;			/* (d) a row */
	double	   *distance;		/* (lanes) of one row to all */
	double	   *sum;			/* (k) of its distances to the rows of each cluster, by weight ... */
	double	   *weight;			/* (k) ... and how much these weigh */
	double	   *of_cluster;		/* (k) result: mean silhouette, NaN without rows ... */
	double	   *in_cluster;		/* (k) ... and what its rows weigh */
} FcSilhouettes;

/* What has no meaning is NaN: all, if there are not two clusters with rows */
typedef struct FcSilhouetteIndices
{
	double		silhouette;
	double		fuzzy;
	double		dunn;
} FcSilhouetteIndices;

/* For at most n rows */
extern void fc_silhouettes_layout(FcArena *a, FcSilhouettes *s, const FcModel *m, int32_t n);
extern void fc_silhouettes_begin(FcSilhouettes *s, const FcHooks *hooks);

/* "count" rows that are equal to x (d), in the user's units, of this weight each; at is their place where distances are measured, or NULL: they themselves */
extern void fc_silhouettes_add(FcSilhouettes *s, FcScorer *scorer, const double *x, const double *at, int64_t count, double weight);

/* Of these rows, of which there is at least one; silhouettes of clusters are in of_cluster */
extern FcSilhouetteIndices fc_silhouettes_finish(FcSilhouettes *s, const FcScorer *scorer, const FcHooks *hooks);

#endif
