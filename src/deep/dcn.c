/*
 * dcn.c - deep clustering network (Yang, Fu, Sidiropoulos and Hong, 2017)
 *
 *	L = mean (y - x)^2 + lambda/2 (1/n) sum_i |z_i - v_c(i)|^2				(eq. 1)
 *	c(i) = argmin_c |z_i - v_c|^2, the first of equals						(eq. 2)
 *
 * k-means on codes z, whose network learns with it.  Assignments are those of
 * the batch at hand.  Centers do not learn by the gradient: after the network's
 * step each row of the batch, in turn, draws its center to its code,
 *
 *	v_c <- v_c + (z_i - v_c) / r_c,  r_c <- r_c + 1							(eq. 3)
 *
 * where r_c counts the rows that have been assigned to cluster c, from the option
 * center_count on: so a center is the mean of all codes that its rows have had,
 * and of the first center that many times.
 *
 * As a classifier's head (refine_head => 'own') assignments have no gradient: the
 * classifier learns the cross-entropy of targets and exp(-D/2), the memberships
 * of clusters that are normal distributions of variance 1.
 *
 * Learned values: see model.c.
 */
#include "core/means.h"
#include "deep/softmax.h"

#include <string.h>

enum
{
	OPT_LAMBDA = FC_DEEP_CLUSTER_OWN,
	OPT_COUNT
};

static const FcOption options[] = {
	FC_DEEP_OPTIONS(FC_START_AUTO, fc_deep_norms, FC_NO_NORM),
	FC_DEEP_CLUSTER_OPTIONS(15, 1e-3, 0),
	[OPT_LAMBDA] = FC_LAMBDA_OPTION(0.05),
	[OPT_COUNT] = {
		.name = "center_count", .type = FC_NUMBER, .initial = 100, .min = 1, .max = 1e9,
		.help = "number of rows that an initial center counts for in the mean that it becomes"
	},
	{.name = NULL}
};

/* ---- the loss ---- */

/* Eq. 2: 1 for the nearest center, 0 for the others; returns the sum of least D, NaN if a code is lost */
static double
assign(const FcCodes *c, FcReal *q)
{
	double		sum = 0;

	fc_codes_distances(c, q);
	for (int64_t i = 0; i < c->n; i++, q += c->k)
	{
		int32_t		nearest = 0;

		for (int32_t b = 1; b < c->k; b++)
			if (q[b] < q[nearest])
				nearest = b;
		sum += q[nearest];
		memset(q, 0, sizeof(FcReal) * c->k);
		q[nearest] = 1;
	}
	return sum;
}

static void
memberships(const FcModel *m, const FcCodes *c, FcReal *q)
{
	(void) m;
	(void) assign(c, q);
}

/* Eq. 1 without the decoder */
static double
loss(const FcDeepLoss *l)
{
	const FcCodes *c = &l->codes;
	double		sum = assign(c, l->q);

	for (int64_t i = 0; i < c->n * c->k; i++)
		l->s[i] = (FcReal) (l->weight / c->n) * l->q[i];
	fc_codes_pull(c, l->s, l->dz, l->dv);
	return sum / 2 / c->n;
}

static double
head_loss(const FcDeepLoss *l)
{
	return fc_softmax_head_loss(l, 0.5);
}

/* ---- the method ---- */

/* Eq. 3: what is kept of a cluster is the number of its rows */
static void
move_centers(const FcDeepMove *move)
{
	const FcCodes *c = &move->codes;
	double		first = move->model->option[OPT_COUNT];

	for (int64_t i = 0; i < c->n; i++)
		for (int32_t b = 0; b < c->k; b++)
		{
			FcReal	   *v = move->v + (int64_t) b * c->m;
			FcReal	   *rows = move->kept + (int64_t) b * c->m;

			if (move->q[i * c->k + b] == 0)
				continue;
			*rows += 1;
			for (int32_t j = 0; j < c->m; j++)
				v[j] += (FcReal) ((c->z[i * c->m + j] - v[j]) / (first + *rows));
		}
}

static const FcKernel kernel = {
	FC_DEEP_KERNEL,
	.weights = fc_means_assign,
	.memberships = fc_means_assign,
};

static const FcDeepMethod method = {
	.decodes = true,
	.loss = loss,
	.pull = fc_codes_pull,
	.loss_weight = OPT_LAMBDA,
	.memberships = memberships,
	.move_centers = move_centers,
	.head_loss = head_loss,
};

extern const FcAlgorithm fc_dcn;
const FcAlgorithm fc_dcn = {
	FC_DEEP_ALGORITHM,
	.name = "dcn",
	.title = "deep clustering network",
	.traits = FC_DEEP_TRAITS,
	.options = options,
	.kernel = &kernel,
	.method = &method,
};
