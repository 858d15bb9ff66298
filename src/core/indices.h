/*
 * indices.h - validity indices of a clustering, from sums over its rows: see indices.c
 */
#ifndef FC_INDICES_H
#define FC_INDICES_H

#include "core/score.h"

typedef enum FcIndex
{
	FC_PARTITION_COEFFICIENT,
	FC_PARTITION_COEFFICIENT_NORMALIZED,
	FC_PARTITION_ENTROPY,
	FC_XIE_BENI,
	FC_FUKUYAMA_SUGENO,
	FC_KWON,
	FC_DAVIES_BOULDIN,
	FC_CALINSKI_HARABASZ,
	FC_SILHOUETTE,
	FC_INTER_CLUSTER_VARIANCE,
	FC_INDICES
} FcIndex;

extern const char *const fc_index_names[FC_INDICES];

/* Of all rows; a sum that is not known is NaN, and so are indices that follow from it */
typedef struct FcIndexSums
{
	int32_t		k;
	int32_t		d;
	int32_t		groups;			/* in which memberships add up to 1: k, or k + 1 with noise */
	double		all;			/* rows, or their weight ... */
	double		unit;			/* ... and the part of that which counts as one: see fc_row_unit() */
	double		rows;			/* the same, each row by 1 - noise */
	double		noise;			/* the same, in the noise cluster */
	double		squared_u;
	double		u_log_u;
	double		silhouettes;
	double		wd;				/* weights times squared distances */
	double		within;			/* squared distances of rows to the centers of their clusters */
	double	   *u;				/* (k) memberships */
	double	   *w;				/* (k) weights */
	double	   *count;			/* (k) rows in the cluster, each by 1 - noise */
	double	   *distance;		/* (k) their distances to the center, likewise */
	double	   *difference;		/* (k, d) their x - v, likewise */
	double	   *mean;			/* (d) not a sum: of all rows, likewise */
} FcIndexSums;

extern void fc_index_sums_layout(FcArena *a, FcIndexSums *s, int32_t k, int32_t d);
extern void fc_indices(const FcIndexSums *of, FcScorer *s, double *index);

#endif
