/*
 * means.c - k-means (Lloyd, 1957; published 1982)
 *
 * Minimizes  J = sum_i |x_i - v_c(i)|^2  by turns:
 *
 *	c(i) = argmin_c |x_i - v_c|^2, the first of equals		(eq. 1)
 *	v_c  = mean of the rows with c(i) = c					(eq. 2)
 *
 * With the distance 1 - cos this is spherical k-means (Dhillon and Modha, 2001): see direction.c.
 *
 * A cluster without rows takes the row farthest from its own center.  Ends when
 * no center moves.
 *
 * It is in the core because other algorithms use it internally, in the space
 * of eigenvectors or of codes.
 */
#include "core/means.h"

#define FC_VARIANTS_OF "core/means_loops.h"
#include "core/variants.h"

const FcWeigh fc_means_assign[FC_ISAS][2] = FC_TABLE(assign);

const FcKernel fc_means_kernel = {
	.weights = fc_means_assign,
	.memberships = fc_means_assign,
	.is_crisp = true,
	.reseeds_empty = true,
	.tries_on_sample = true,
	.restarts.on_sample = 10,
	.restarts.on_few_rows = 10,
};
