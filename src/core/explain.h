/*
 * explain.h - what each feature has to do with the distances of clusters: see explain.c
 */
#ifndef FC_EXPLAIN_H
#define FC_EXPLAIN_H

#include "core/score.h"

extern bool fc_explains(const FcAlgorithm *algo);
extern bool fc_score_second(const FcScorer *s, int32_t first, int32_t *second);
extern double fc_explain_row(FcScorer *s, const double *x, int32_t first, int32_t second, double *contribution, double *work);

/* What separates the clusters of a model */
typedef struct FcSeparation
{
	const FcModel *model;
	FcMetric	metric;			/* of kernels that transform rows, for centers in their coordinates */
	const double *centers;		/* (k, d) those, or the model's */
	double	   *mean;			/* (d) of all centers, by their weights */
	double	   *spread;			/* (d) weighted sum of their squared differences to that */
	double		total;			/* of the weights */
} FcSeparation;

extern void fc_separation_layout(FcArena *a, FcSeparation *s, const FcModel *m);
extern void fc_separation_begin(FcSeparation *s);
extern bool fc_separation_shares(const FcSeparation *s, int32_t c, double *share);

#endif
