/*
 * noise.h - noise, which rows belong to that are far from all centers: see noise.c
 *
 * Inside it is one more cluster, number k, which has no center.  Only what has noise has groups
 * besides clusters: distances and memberships of a tile, or of a row that is scored.
 */
#ifndef FC_NOISE_H
#define FC_NOISE_H

#include "core/fc.h"

#include <math.h>

/* Has the model noise?  A training whose options give a share has, once it has found the distance */
static inline bool
fc_has_noise(const FcModel *m)
{
	return !isnan(m->common[FC_NOISE_DISTANCE]);
}

/* Is the distance found from a share of the rows? */
static inline bool
fc_seeks_noise(const FcModel *m)
{
	return m->common[FC_NOISE] > 0;
}

/* Clusters, and noise */
static inline int32_t
fc_groups(const FcModel *m)
{
	return m->k + (fc_has_noise(m) ? 1 : 0);
}

/* The same of a training at any time: what memory is for */
static inline int32_t
fc_most_groups(const FcModel *m)
{
	return m->k + (fc_has_noise(m) || fc_seeks_noise(m) ? 1 : 0);
}

extern double fc_noise_squared(const FcModel *m);
extern void fc_noise_set(FcModel *m, double squared);

#endif
