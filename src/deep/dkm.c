/*
 * dkm.c - deep k-means (Moradi Fard, Thonet and Gaussier, 2020)
 *
 *	u_ic = exp(-alpha D_ic) / sum_b exp(-alpha D_ib)						(eq. 1)
 *	L    = mean (y - x)^2 + lambda (1/n) sum_ic u_ic D_ic					(eq. 2)
 *
 * for squared distances D of codes to centers, which learn together by the gradient.
 * Where alpha is large this is k-means on codes, and can be differentiated still:
 *
 *	2 dL/dD_ic = 2 lambda u_ic (1 - alpha (D_ic - sum_b u_ib D_ib)) / n		(eq. 3)
 *
 * alpha D is what codes.c makes of distances whose scale is alpha.  alpha is
 * constant, or rises to its value in S steps (the option annealing), each of
 * equally many epochs, as in the authors' code:
 *
 *	alpha_s = 2^(1 / ln(s)^2) alpha_(s-1),  alpha_S = alpha					(eq. 4)
 *
 * Learned values: see model.c.
 */
#include "deep/softmax.h"

#include <math.h>

enum
{
	OPT_LAMBDA = FC_DEEP_CLUSTER_OWN,
	OPT_ALPHA,
	OPT_ANNEALING
};

static const FcOption options[] = {
	FC_DEEP_OPTIONS(FC_START_AUTO, fc_deep_norms, FC_NO_NORM),
	FC_DEEP_CLUSTER_OPTIONS(15, 1e-3, 0),
	[OPT_LAMBDA] = FC_LAMBDA_OPTION(0.05),
	[OPT_ALPHA] = {
		.name = "alpha", .type = FC_NUMBER, .initial = 1000, .min = 1e-3, .max = 1e6,
		.help = "inverse temperature of the memberships: factor of squared code distances in their exponent"
	},
	[OPT_ANNEALING] = {
		.name = "annealing", .type = FC_INTEGER, .initial = 1, .min = 1, .max = 1000,
		.help = "number of values through which alpha rises to its own during the epochs; the paper, without pretraining: 40"
	},
	{.name = NULL}
};

static void
set_parameters(const FcModel *m, double *parameters)
{
	parameters[0] = 1 / m->option[OPT_ALPHA];
}

/* ---- the loss ---- */

/* Eq. 4: the value after this share of the epochs, relative to the last */
static double
relative_alpha(const FcModel *m, double progress)
{
	int			values = (int) m->option[OPT_ANNEALING];
	int			value = 1 + (int) fmin(floor(progress * values), values - 1);
	double		alpha = 1;

	for (int s = values; s > value; s--)
		alpha /= exp2(1 / (log(s) * log(s)));
	return alpha;
}

/* Eq. 3 of a row, from memberships q (k), in place of scaled distances at (k), for alpha relative to that scale; returns sum u D */
static double
find_forces(const FcReal *q, int32_t k, double alpha, double factor, FcReal *at)
{
	double		mean = 0;

	for (int32_t c = 0; c < k; c++)
		mean += (double) q[c] * at[c];
	for (int32_t c = 0; c < k; c++)
		at[c] = (FcReal) (factor * q[c] * (1 - alpha * (at[c] - mean)));
	return mean;
}

/* Eq. 2 without the decoder */
static double
loss(const FcDeepLoss *l)
{
	const FcCodes *c = &l->codes;
	double		alpha = relative_alpha(l->model, l->progress);
	double		sum = 0;

	fc_code_softmax(c, alpha, l->q);
	fc_codes_distances(c, l->s);
	for (int64_t i = 0; i < c->n; i++)
		sum += find_forces(l->q + i * c->k, c->k, alpha, 2 * l->weight / c->scale / c->n, l->s + i * c->k);
	fc_codes_pull(c, l->s, l->dz, l->dv);
	return sum / c->scale / c->n;
}

/* The classifier learns targets by cross-entropy, which keeps centers apart; eq. 2 alone would not */
static double
head_loss(const FcDeepLoss *l)
{
	return fc_softmax_head_loss(l, 1);
}

/* ---- the method ---- */

static void
memberships(const FcModel *m, const FcCodes *c, FcReal *q)
{
	(void) m;
	fc_code_softmax(c, 1, q);
}

static const FcKernel kernel = {
	FC_DEEP_KERNEL,
	.weights = fc_softmax_weigh,
	.memberships = fc_softmax_weigh,
	.set_parameters = set_parameters,
};

static const FcDeepMethod method = {
	.decodes = true,
	.loss = loss,
	.pull = fc_codes_pull,
	.loss_weight = OPT_LAMBDA,
	.distance_scale = OPT_ALPHA,
	.memberships = memberships,
	.head_loss = head_loss,
};

extern const FcAlgorithm fc_dkm;
const FcAlgorithm fc_dkm = {
	FC_DEEP_ALGORITHM,
	.name = "dkm",
	.title = "deep k-means",
	.traits = FC_DEEP_TRAITS,
	.options = options,
	.kernel = &kernel,
	.method = &method,
};
