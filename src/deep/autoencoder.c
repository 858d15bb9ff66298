/*
 * autoencoder.c - codes by a network that reconstructs its input (Hinton and
 * Salakhutdinov, 2006), and clusters of the codes: by k-means, or by the graph
 * of their neighbours
 *
 * Other methods may start from its network: see method.h.
 */
#include "deep/method.h"
#include "core/means.h"

static const FcOption options[] = {
	FC_DEEP_OPTIONS(FC_START_KMEANS, fc_deep_norms, FC_NO_NORM),
	{.name = NULL}
};

static const FcKernel kernel = {
	FC_DEEP_KERNEL,
	.weights = fc_means_assign,
	.memberships = fc_means_assign,
};

static const FcDeepMethod method = {0};

extern const FcAlgorithm fc_autoencoder;
const FcAlgorithm fc_autoencoder = {
	FC_DEEP_ALGORITHM,
	.name = "autoencoder",
	.title = "autoencoder and k-means on its codes",
	.traits = FC_CRISP | FC_DEEP_TRAITS | FC_PRETRAINS,
	.options = options,
	.kernel = &kernel,
	.method = &method,
};
