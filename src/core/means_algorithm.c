/*
 * means_algorithm.c - k-means as an algorithm: see means.c for what it does
 */
#include "core/means.h"

const FcOption fc_means_options[] = {
	{.name = NULL}
};

const FcAlgorithm fc_means_algorithm = {
	FC_MEANS_ALGORITHM,
	.name = "means",
	.title = "k-means on the way of another algorithm",
};
