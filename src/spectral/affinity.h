/*
 * affinity.h - affinities of rows from their distances
 */
#ifndef FC_SPECTRAL_AFFINITY_H
#define FC_SPECTRAL_AFFINITY_H

#include "core/variants.h"

/* at = exp((least - at) factor), for squared distances at */
typedef void (*FcAffinities) (void *at, int32_t lanes, double least, double factor);

extern const FcAffinities fc_affinities[FC_ISAS][2];

#endif
