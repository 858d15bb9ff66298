/*
 * kmeans.c - k-means: see core/means.c
 *
 * Learned values: (k, d) centers.
 */
#include "core/means.h"

/* Centers that move by less change hardly any assignment, and the objective by less than different starts do */
static const FcOption tolerance = FC_TOLERANCE_FROM(1e-4);

extern const FcAlgorithm fc_kmeans;
const FcAlgorithm fc_kmeans = {
	FC_MEANS_ALGORITHM,
	.name = "kmeans",
	.title = "k-means",
	.common = {[FC_TOLERANCE] = &tolerance},
};
