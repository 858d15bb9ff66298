/*
 * score.h - using a model on one row
 */
#ifndef FC_SCORE_H
#define FC_SCORE_H

#include "core/row.h"

typedef struct FcScorer
{
	const FcModel *model;
	FcWeighing	weighing;
	const FcRowOps *ops;
	FcWeighRow	row_memberships;	/* of this model, or NULL: see kernel.h */
	int32_t		groups;			/* k, and one more if the model has noise: see noise.h */
	double		noise;			/* its squared distance to every row */
	int32_t		padded;			/* groups rounded up to whole lanes */
	double	   *centers;		/* (d, padded) in panels: see row.h */
	double	   *x;				/* (d) the row, scaled */
	double	   *share;			/* (d) the part of a column that each feature is */
	double	   *distance;		/* (padded) as the kernel measures, the square if Euclidean; behind those to k centers that to noise; infinite beyond */
	double	   *u;				/* (padded) memberships of k clusters, and of noise */
	FcMetric	metric;			/* where the distance is not Euclidean */
	double	   *tile;			/* (d, FC_LANES) likewise: the row in the first lane */
	double	   *at;				/* (groups, FC_LANES) likewise */
} FcScorer;

extern void fc_scorer_layout(FcArena *a, FcScorer *s, const FcModel *m);
extern void fc_scorer_begin(FcScorer *s);
extern void fc_score_scaled(FcScorer *s, const double *scaled);
extern void fc_fill_row(const FcModel *m, double *x);
extern void fc_fill_columns(const FcModel *m, const double *columns, double *x);
extern const double *fc_scaled_row(FcScorer *s, const double *x);
extern void fc_score_row(FcScorer *s, const double *x);
extern void fc_score_row_euclidean(FcScorer *s, const double *x);
extern int32_t fc_score_nearest(const FcScorer *s);
extern int32_t fc_score_nearest_center(const FcScorer *s);
extern void fc_score_memberships(FcScorer *s);
extern void fc_score_weights(FcScorer *s);
extern bool fc_has_typicalities(const FcModel *m);
extern void fc_score_typicalities(FcScorer *s);
extern double fc_score_length(const FcScorer *s, int32_t c);
extern double fc_score_outlier(FcScorer *s);
extern bool fc_score_is_outlier(FcScorer *s);
extern void fc_score_between_centers(FcScorer *s, int32_t c);

#endif
