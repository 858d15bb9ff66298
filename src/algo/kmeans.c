/*
 * kmeans.c - k-means (Lloyd, 1957; published 1982)
 *
 * Minimizes  J = sum_i |x_i - v_c(i)|^2  by turns:
 *
 *	c(i) = argmin_c |x_i - v_c|^2, the first of equals		(eq. 1)
 *	v_c  = mean of the rows with c(i) = c					(eq. 2)
 *
 * A cluster without rows takes the row farthest from its own center.  Ends when
 * no center moves.  Learned values: (k, d) centers.
 */
#include "algo/kmeans.h"

#define FC_VARIANTS_OF "algo/kmeans_loops.h"
#include "core/variants.h"

const FcWeigh fc_kmeans_assign[FC_ISAS][2] = FC_TABLE(assign);

static const FcKernel kernel = {
	.weights = fc_kmeans_assign,
	.memberships = fc_kmeans_assign,
	.reseeds_empty = true,
};

static const FcOption options[] = {
	{.name = NULL}
};

extern const FcAlgorithm fc_kmeans;
const FcAlgorithm fc_kmeans = {
	.name = "kmeans",
	.title = "k-means (Lloyd)",
	.traits = FC_CRISP | FC_DESCENDS,
	.options = options,
	.kernel = &kernel,
	.layout = fc_engine_layout,
	.fit = fc_engine_fit,
};
