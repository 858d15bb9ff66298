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
#ifdef FC_REAL

#include "core/nearest.h"

/* Eq. 1: 1 for the nearest center, 0 for the others; returns sum of min d */
static double
FC_VARIANT(assign) (FcWeighing *g, void *atv, int32_t stride,
					int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	FC_REAL		least[FC_TILE];
	int32_t		nearest[FC_TILE];
	double		objective = 0;

	(void) g;
	FC_VARIANT(nearest_of) (at, stride, lanes, k, least, nearest);
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *w = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
			w[i] = nearest[i] == c ? 1 : 0;
	}
	for (int32_t i = 0; i < rows; i++)
		objective += least[i];
	return objective;
}

#else

#include "core/engine.h"

#define FC_VARIANTS_OF "algo/kmeans.c"
#include "core/variants.h"

static const FcWeigh assign[FC_ISAS][2] = FC_TABLE(assign);

static const FcKernel kernel = {
	.weights = assign,
	.memberships = assign,
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

#endif
