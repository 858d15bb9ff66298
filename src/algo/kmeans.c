/*
 * kmeans.c - k-means: see core/means.c
 *
 * Learned values: (k, d) centers.
 */
#include "core/means.h"

extern const FcAlgorithm fc_kmeans;
const FcAlgorithm fc_kmeans = {
	FC_MEANS_ALGORITHM,
	.name = "kmeans",
	.title = "k-means",
	.usual_restarts = 10,
};
