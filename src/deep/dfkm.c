/*
 * dfkm.c - deep fuzzy k-means with adaptive loss and entropy regularization
 * (Zhang, Li, Zhang and Nie, 2020)
 *
 *	f(D) = (1 + sigma) D / (sqrt(D) + sigma)								(eq. 1)
 *	u_ic = exp(-f(D_ic) / gamma) / sum_b exp(-f(D_ib) / gamma)				(eq. 2)
 *	L    = mean (y - x)^2 + lambda (1/n) sum_ic u_ic (f(D_ic) + gamma ln u_ic)	(eq. 3)
 *
 * for squared distances D of codes to centers.  The adaptive loss f is the square
 * for a code near its center, and grows as the distance far from it: between
 * the two for sigma in between, so that rows far from everything pull less.
 *
 * Memberships and centers belong to a refresh, and are kept until the next one;
 * between them the network learns.  A refresh after the first one sets
 *
 *	v_c = sum_i u_ic f'(D_ic) z_i / sum_i u_ic f'(D_ic)						(eq. 4)
 *	f'(D) = (1 + sigma) (sqrt(D) + 2 sigma) / (2 (sqrt(D) + sigma)^2)		(eq. 5)
 *
 * with the memberships and distances of before, then memberships by eq. 2.
 * dL/dD_ic = lambda u_ic f'(D_ic) / n, as u minimizes the bracket of eq. 3.
 *
 * Learned values: see model.c.
 */
#include "deep/method.h"

#include <math.h>

#define FC_VARIANTS_OF "deep/dfkm_loops.h"
#include "core/variants.h"

enum
{
	OPT_LAMBDA = FC_DEEP_CLUSTER_OWN,
	OPT_GAMMA,
	OPT_SIGMA
};

static const FcOption options[] = {
	FC_DEEP_OPTIONS(FC_START_AUTO, fc_deep_norms, FC_NO_NORM),
	FC_DEEP_CLUSTER_OPTIONS(15, 1e-3, 0),
	[OPT_LAMBDA] = FC_LAMBDA_OPTION(0.05),
	[OPT_GAMMA] = {
		.name = "gamma", .type = FC_NUMBER, .initial = 0.1, .min = 1e-6, .max = 1e6,
		.help = "softness of the memberships: weight of their entropy"
	},
	[OPT_SIGMA] = {
		.name = "loss_sigma", .type = FC_NUMBER, .initial = 0.1, .min = 1e-6, .max = 1e6,
		.help = "distance of codes up to which the adaptive loss is rather their square, from where rather the distance itself"
	},
	{.name = NULL}
};

static const FcWeigh weigh[FC_ISAS][2] = FC_TABLE(adaptive);

static void
set_parameters(const FcModel *m, double *parameters)
{
	parameters[0] = m->option[OPT_GAMMA];
	parameters[1] = m->option[OPT_SIGMA];
}

/* ---- the loss ---- */

/* Eq. 1 */
static inline FcReal
adaptive(FcReal distance, FcReal sigma)
{
	FcReal		length = fc_real_sqrt(distance);

	return (1 + sigma) * length * (length / (length + sigma));
}

/* Eq. 5 */
static inline FcReal
slope(FcReal distance, FcReal sigma)
{
	FcReal		length = fc_real_sqrt(distance);

	return (1 + sigma) * (length + 2 * sigma) / (2 * (length + sigma) * (length + sigma));
}

/* Eq. 2 */
static void
memberships(const FcModel *m, const FcCodes *c, FcReal *q)
{
	FcReal		sigma = (FcReal) m->option[OPT_SIGMA];

	fc_codes_distances(c, q);
	for (int64_t i = 0; i < c->n * c->k; i++)
		q[i] = -adaptive(q[i], sigma) / (FcReal) m->option[OPT_GAMMA];
	fc_softmax(q, c->n, c->k, q);
}

/* Eq. 3 without the decoder, and without the entropy, which does not change between two refreshes */
static double
loss(const FcDeepLoss *l)
{
	const FcCodes *c = &l->codes;
	FcReal		sigma = (FcReal) l->model->option[OPT_SIGMA];
	double		sum = 0;

	fc_codes_distances(c, l->s);
	for (int64_t i = 0; i < c->n * c->k; i++)
	{
		sum += l->p[i] * (double) adaptive(l->s[i], sigma);
		l->s[i] = (FcReal) (2 * l->weight / c->n) * l->p[i] * slope(l->s[i], sigma);
	}
	fc_codes_pull(c, l->s, l->dz, l->dv);
	return sum / c->n;
}

/* Cross-entropy of targets and eq. 2: dL/df = (p - u) / gamma */
static double
head_loss(const FcDeepLoss *l)
{
	const FcCodes *c = &l->codes;
	double		gamma = l->model->option[OPT_GAMMA];
	FcReal		sigma = (FcReal) l->model->option[OPT_SIGMA];
	FcReal	   *u = l->q;
	double		sum;

	fc_codes_distances(c, l->s);
	for (int64_t i = 0; i < c->n * c->k; i++)
		l->s[i] = -adaptive(l->s[i], sigma) / (FcReal) gamma;
	sum = fc_cross_entropy(l->s, l->p, c->n, c->k, l->weight, u, l->s);
	fc_codes_distances(c, l->s);
	for (int64_t i = 0; i < c->n * c->k; i++)
		l->s[i] = (FcReal) (2 * l->weight / gamma / c->n) * (l->p[i] - u[i]) * slope(l->s[i], sigma);
	fc_codes_pull(c, l->s, l->dz, l->dv);
	return sum;
}

/* ---- the method ---- */

/* Eq. 4: weights of codes in the centers, from memberships p (n, k) */
static void
center_weights(const FcModel *m, const FcCodes *c, const FcReal *p, FcReal *weight)
{
	FcReal		sigma = (FcReal) m->option[OPT_SIGMA];

	fc_codes_distances(c, weight);
	for (int64_t i = 0; i < c->n * c->k; i++)
		weight[i] = p[i] * slope(weight[i], sigma);
}

static const FcKernel kernel = {
	FC_DEEP_KERNEL,
	.weights = weigh,
	.memberships = weigh,
	.set_parameters = set_parameters,
};

static const FcDeepMethod method = {
	.decodes = true,
	.loss = loss,
	.pull = fc_codes_pull,
	.loss_weight = OPT_LAMBDA,
	.memberships = memberships,
	.center_weights = center_weights,
	.head_loss = head_loss,
};

extern const FcAlgorithm fc_dfkm;
const FcAlgorithm fc_dfkm = {
	FC_DEEP_ALGORITHM,
	.name = "dfkm",
	.title = "deep fuzzy k-means",
	.traits = FC_DEEP_TRAITS,
	.options = options,
	.kernel = &kernel,
	.method = &method,
};
