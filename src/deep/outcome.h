/*
 * outcome.h - what a training of a network has found besides the model
 *
 * FcFit.outcome while the training's work space lasts: epochs.c fills in the guard,
 * fit.c the rest, advice.c tells users of it.
 */
#ifndef FC_DEEP_OUTCOME_H
#define FC_DEEP_OUTCOME_H

#include "core/fc.h"

typedef enum FcGuard
{
	FC_UNGUARDED = 0,			/* it needed no guard */
	FC_COLLAPSED,				/* a cluster lost its rows, or took those of the others */
	FC_LOST,					/* the loss was not finite any more */
	FC_UNREFINED				/* a classifier lost clusters, or its loss, before it had learned them */
} FcGuard;

/* Both ways to cluster the codes first, where they were compared: choice.c */
typedef struct FcDeepStarts
{
	double		agreement;		/* adjusted Rand index between them; NaN: they were not */
	double		graph_conductance;	/* the share of edges that leave a cluster */
	double		means_conductance;
	double		stability;		/* of the clusters by the graph; NaN: that was not needed */
} FcDeepStarts;

typedef struct FcDeepOutcome
{
	FcGuard		guard;			/* why the training ended early, with the best state that it had ... */
	int			guard_phase;	/* ... in this phase ... */
	int32_t		guard_epoch;	/* ... and this epoch of all phases */
	int32_t		start;			/* FC_START_GRAPH or FC_START_KMEANS: what was used, once it is; or FC_START_AUTO */
	FcDeepStarts starts;
	bool		distinct_codes; /* FcFailure.distinct counts codes, where rows differ */
	double		largest;		/* absolute value of the features, scaled as the network sees them */
	double		variance;		/* mean of all features, likewise */
	double		reconstruction; /* mean squared error after the first phase; NaN without one */
} FcDeepOutcome;

static inline const FcDeepOutcome *
fc_deep_outcome(const FcFit *f)
{
	return f->outcome;
}

#endif
