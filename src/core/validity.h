/*
 * validity.h - validity indices of a clustering, in one pass over the rows
 */
#ifndef FC_VALIDITY_H
#define FC_VALIDITY_H

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

/* Sums over rows: flat doubles that merge by addition */
typedef struct FcValidity
{
	int32_t		k;
	int32_t		d;
	size_t		length;
	double	   *sums;			/* (length): all of the following */
	double	   *totals;			/* (4) rows, sum u^2, sum u ln u, silhouettes */
	double	   *u;				/* (k) sum of memberships */
	double	   *w;				/* (k) sum of weights */
	double	   *wd;				/* (k) sum of weight times squared distance */
	double	   *count;			/* (k) rows in the cluster */
	double	   *distance;		/* (k) sum of their distances */
	double	   *squared;		/* (k) sum of their squared Euclidean distances */
	double	   *difference;		/* (k, d) sum of their x - v */
} FcValidity;

extern void fc_validity_layout(FcArena *a, FcValidity *v, int32_t k, int32_t d);
extern void fc_validity_clear(FcValidity *v);
extern void fc_validity_add(FcValidity *v, FcScorer *s, const double *x);
extern void fc_validity_merge(FcValidity *to, const double *sums);
extern void fc_validity_finish(const FcValidity *v, FcScorer *s, double *work, double *index);

#endif
