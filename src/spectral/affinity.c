/*
 * affinity.c - affinities of rows from their distances: exp(-|x - y|^2 / (2 sigma^2))
 *
 * All may be multiplied by one number: see embed.c.
 */
#include "spectral/affinity.h"

#define FC_VARIANTS_OF "spectral/affinity_loops.h"
#include "core/variants.h"

const FcAffinities fc_affinities[FC_ISAS][2] = FC_TABLE(affinities);
