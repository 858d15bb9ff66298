/*
 * vade.c - variational deep embedding (Jiang, Zheng, Tan, Tang and Zhou, 2017)
 *
 * A row x is drawn from a cluster c, with weight pi_c; then a code z from the
 * normal distribution of the cluster, N(v_c, s_c) with a variance s_cj of each number;
 * then x from N(decoder(z), r).  The network and the mixture maximize a bound of
 * the likelihood, where the code of a row is not z but N(mu, t), mu = encoder(x):
 *
 *	L = mean (y - x)^2 + lambda (2 r / d) (1/n) sum_i KL_i					(eq. 1)
 *	KL_i = -ln sum_c pi_c exp(-E_ic / 2) - 1/2 sum_j (1 + ln t_ij)			(eq. 2)
 *	E_ic = sum_j (ln s_cj + (t_ij + (mu_ij - v_cj)^2) / s_cj)				(eq. 3)
 *
 * y is the decoder's for z = mu + sqrt(t) e, e standard normal numbers, and 2 r / d
 * brings the likelihood of the decoder to the scale of a mean squared error.  lambda = 1
 * is the bound.  r is the mean squared error when the second phase begins, the value
 * of the greatest likelihood.  Eq. 2 is the bound with the best memberships,
 * g_ic = pi_c exp(-E_ic / 2), adding up to 1, which have no gradient of their own:
 *
 *	2 dKL/dmu_ij = 2 sum_c g_ic (mu_ij - v_cj) / s_cj						(eq. 4)
 *	2 dKL/d ln t_ij = sum_c g_ic t_ij / s_cj - 1							(eq. 5)
 *	2 dKL/d ln s_cj = sum_i g_ic (1 - (t_ij + (mu_ij - v_cj)^2) / s_cj)		(eq. 6)
 *
 * ln t is linear in mu: ln t_ij = b_j + sum_l a_jl mu_il.  Memberships of a model are
 * those of the code mu, g without t.  Its squared distances have what they add up
 * from: D_ic = sum_j (mu_ij - v_cj)^2 / s_cj + o_c, of which memberships are exp(-D / 2);
 * o_c = sum_j ln s_cj - 2 ln pi_c, less the least of these.
 *
 * Learned values: see model.c; (k, 1 + latent) logarithms of weights and variances, and
 * a, b and ln r.
 */
#include "deep/model.h"
#include "deep/softmax.h"

#include <math.h>
#include <string.h>

#define LOG_2PI		1.8378770664093453
#define MOST_LOG	80			/* of a variance in a model, and ... */
#define FARTHEST	1e30		/* ... of a squared distance, so that all can be represented */

enum
{
	OPT_LAMBDA = FC_DEEP_CLUSTER_OWN
};

static const FcOption options[] = {
	FC_DEEP_OPTIONS(FC_START_AUTO, fc_deep_norms, FC_NO_NORM),
	FC_DEEP_CLUSTER_OPTIONS(15, 1e-3, 0),
	[OPT_LAMBDA] = {
		.name = "lambda", .type = FC_NUMBER, .initial = 1, .min = 0, .max = 1e6,
		.help = "weight of the divergence between codes and mixture; 1: together with the reconstruction, a bound of the likelihood"
	},
	{.name = NULL}
};

static void
set_parameters(const FcModel *m, double *parameters)
{
	(void) m;
	parameters[0] = 2;			/* exp(-D / 2) */
}

/* ---- the mixture; without one all variances and weights are equal, and the former are 1 ---- */

/* ln pi_c but for a constant, which softmax does not mind */
static inline FcReal
log_weight(const FcCodes *c, int32_t b)
{
	return c->more ? c->more[(int64_t) b * (1 + c->m)] : 0;
}

/* ln s_cj */
static inline FcReal
log_variance(const FcCodes *c, int32_t b, int32_t j)
{
	return c->more ? c->more[(int64_t) b * (1 + c->m) + 1 + j] : 0;
}

/* Row j of a, and then b_j */
static inline const FcReal *
head_of(const FcCodes *c, int32_t j)
{
	return c->more + (int64_t) c->k * (1 + c->m) + (int64_t) j * (c->m + 1);
}

static int64_t
count(int32_t k, int32_t m)
{
	return (int64_t) k * (1 + m) + (int64_t) m * (m + 1) + 1;
}

/* 2 r / d */
static double
unit_of(const FcModel *m, const FcCodes *c)
{
	return 2 / (double) m->d * (c->more ? exp(c->more[count(c->k, c->m) - 1]) : 1);
}

/* Of code i: ln pi_c - E_ic / 2 at (k), for logarithms (m) of the variances of the code; NULL: 0, so far as E has them */
static void
exponents(const FcCodes *c, int64_t i, const FcReal *logs, FcReal *at)
{
	for (int32_t b = 0; b < c->k; b++)
	{
		FcReal		sum = 0;

		for (int32_t j = 0; j < c->m; j++)
		{
			FcReal		log_s = log_variance(c, b, j);
			FcReal		difference = c->z[i * c->m + j] - c->v[(int64_t) b * c->m + j];

			sum += log_s + ((logs ? fc_real_exp(logs[j]) : 0) + difference * difference) * fc_real_exp(-log_s);
		}
		at[b] = log_weight(c, b) - sum / 2;
	}
}

/* p(c | z) of codes as they are */
static void
memberships(const FcModel *m, const FcCodes *c, FcReal *q)
{
	(void) m;
	for (int64_t i = 0; i < c->n; i++)
	{
		fc_codes_check(c);
		exponents(c, i, NULL, q + i * c->k);
	}
	fc_softmax(q, c->n, c->k, q);
}

/* ---- the variances of codes ---- */

static void
spread(const FcCodes *c, FcReal *logs)
{
	for (int64_t i = 0; i < c->n; i++)
	{
		fc_codes_check(c);
		for (int32_t j = 0; j < c->m; j++)
		{
			const FcReal *a = head_of(c, j);
			FcReal		sum = a[c->m];

			for (int32_t l = 0; l < c->m; l++)
				sum += a[l] * c->z[i * c->m + l];
			logs[i * c->m + j] = sum;
		}
	}
}

/* From the gradient of the logarithms to that of the codes */
static void
chain(const FcCodes *c, const FcReal *dlogs, FcReal *dz)
{
	for (int64_t i = 0; i < c->n; i++)
	{
		fc_codes_check(c);
		for (int32_t j = 0; j < c->m; j++)
		{
			const FcReal *a = head_of(c, j);

			for (int32_t l = 0; l < c->m; l++)
				dz[i * c->m + l] += dlogs[i * c->m + j] * a[l];
		}
	}
}

/* ---- the loss ---- */

/* ln pi_c of all clusters add up to 1 with this */
static double
log_total_weight(const FcCodes *c)
{
	double		sum = 0;

	for (int32_t b = 0; b < c->k; b++)
		sum += exp(log_weight(c, b));
	return log(sum);
}

/* Eq. 4 and 5 of row i, whose forces factor * g are s (k) */
static void
find_gradients(const FcDeepLoss *l, int64_t i, FcReal factor, const FcReal *s)
{
	const FcCodes *c = &l->codes;

	for (int32_t j = 0; j < c->m; j++)
	{
		FcReal		t = l->logs ? fc_real_exp(l->logs[i * c->m + j]) : 1;
		FcReal		pull = 0;
		FcReal		narrow = 0;

		for (int32_t b = 0; b < c->k; b++)
		{
			int64_t		at = (int64_t) b * c->m + j;
			FcReal		force = s[b] * fc_real_exp(-log_variance(c, b, j));
			FcReal		difference = c->z[i * c->m + j] - c->v[at];

			pull += force * difference;
			narrow += force * t;
			if (l->dv)
				l->dv[at] -= force * difference;
		}
		l->dz[i * c->m + j] = pull;
		if (l->dlogs)
			l->dlogs[i * c->m + j] = (narrow - factor) / 2;
	}
}

/* Eq. 2 */
static double
loss(const FcDeepLoss *l)
{
	const FcCodes *c = &l->codes;
	double		unit = unit_of(l->model, c);
	FcReal		factor = (FcReal) (l->weight * unit / c->n);
	double		total = log_total_weight(c);
	double		sum = 0;

	fc_codes_clear(c, NULL, l->dv);
	for (int64_t i = 0; i < c->n; i++)
	{
		FcReal	   *g = l->q + i * c->k;
		FcReal	   *s = l->s + i * c->k;

		fc_codes_check(c);
		exponents(c, i, l->logs ? l->logs + i * c->m : NULL, s);
		sum += total - fc_softmax_row(s, c->k, g);
		for (int32_t j = 0; j < c->m; j++)
			sum -= (1 + (l->logs ? l->logs[i * c->m + j] : 0)) / 2.0;
		for (int32_t b = 0; b < c->k; b++)
			s[b] = factor * g[b];
		find_gradients(l, i, factor, s);
	}
	return unit * sum / c->n;
}

/* The classifier learns the cross-entropy of targets and exp(-D / 2) */
static double
head_loss(const FcDeepLoss *l)
{
	return fc_softmax_head_loss(l, 0.5);
}

/* ---- what the mixture learns ---- */

/* Eq. 6, and the weight, of cluster b for row i, whose force is s */
static void
learn_cluster(const FcCodes *c, int64_t i, int32_t b, FcReal s, const FcReal *logs, FcReal *dv, FcReal *dmore)
{
	for (int32_t j = 0; j < c->m; j++)
	{
		FcReal		precision = fc_real_exp(-log_variance(c, b, j));
		FcReal		difference = c->z[i * c->m + j] - c->v[(int64_t) b * c->m + j];

		dv[(int64_t) b * c->m + j] -= s * precision * difference;
		dmore[1 + j] += s / 2 * (1 - (fc_real_exp(logs[i * c->m + j]) + difference * difference) * precision);
	}
	dmore[0] -= s;
}

/* Gradients of centers and of all else, from what the loss and the decoder left */
static void
learn(const FcCodes *c, const FcReal *s, const FcReal *logs, const FcReal *dlogs, FcReal *dv, FcReal *dmore)
{
	double		total = log_total_weight(c);
	double		forces = 0;

	fc_codes_clear(c, NULL, dv);
	memset(dmore, 0, sizeof(FcReal) * count(c->k, c->m));
	for (int64_t i = 0; i < c->n; i++)
	{
		fc_codes_check(c);
		for (int32_t b = 0; b < c->k; b++)
		{
			forces += s[i * c->k + b];
			learn_cluster(c, i, b, s[i * c->k + b], logs, dv, dmore + (int64_t) b * (1 + c->m));
		}
		for (int32_t j = 0; j < c->m; j++)
		{
			FcReal	   *a = dmore + (head_of(c, j) - c->more);

			for (int32_t l = 0; l < c->m; l++)
				a[l] += dlogs[i * c->m + j] * c->z[i * c->m + l];
			a[c->m] += dlogs[i * c->m + j];
		}
	}
	for (int32_t b = 0; b < c->k; b++)
		dmore[(int64_t) b * (1 + c->m)] += (FcReal) (forces * exp(log_weight(c, b) - total));
}

/* ---- a model, whose numbers may be any ---- */

/* ln s_cj */
static double
model_log_variance(const FcModel *m, int32_t c, int32_t j, int32_t width)
{
	double		value = FC_DEEP_MIXTURE(m)[(int64_t) c * (1 + width) + 1 + j];

	return fmax(-MOST_LOG, fmin(MOST_LOG, value));
}

/* ln pi_c, but for a constant */
static double
model_log_weight(const FcModel *m, int32_t c, int32_t width)
{
	return fmax(-MOST_LOG, fmin(MOST_LOG, FC_DEEP_MIXTURE(m)[(int64_t) c * (1 + width)]));
}

/* ln pi_c - 1/2 sum_j ln s_cj */
static double
log_height(const FcModel *m, int32_t c, int32_t width)
{
	double		sum = model_log_weight(m, c, width);

	for (int32_t j = 0; j < width; j++)
		sum -= model_log_variance(m, c, j, width) / 2;
	return sum;
}

/* sum_j (z_j - v_cj)^2 / s_cj */
static double
mahalanobis(const FcModel *m, const FcReal *z, int32_t c, int32_t width)
{
	const double *v = FC_DEEP_CENTERS(m) + (int64_t) c * width;
	double		sum = 0;

	for (int32_t j = 0; j < width; j++)
		sum += (z[j] - v[j]) * (z[j] - v[j]) * exp(-model_log_variance(m, c, j, width));
	return fmin(sum, FARTHEST);
}

/* D (k) */
static void
distances(const FcModel *m, const FcReal *z, double *at)
{
	int32_t		width = fc_deep_latent(m);
	double		most = -INFINITY;

	for (int32_t c = 0; c < m->k; c++)
		most = fmax(most, log_height(m, c, width));
	for (int32_t c = 0; c < m->k; c++)
		at[c] = mahalanobis(m, z, c, width) + 2 * (most - log_height(m, c, width));
}

/* ln t_j of a code */
static double
model_log_spread(const FcModel *m, const FcReal *z, int32_t j, int32_t width)
{
	const float *a = FC_DEEP_VARIATION(m).data + (int64_t) j * (width + 1);
	double		sum = a[width];

	for (int32_t l = 0; l < width; l++)
		sum += a[l] * z[l];
	return fmax(-MOST_LOG, fmin(MOST_LOG, sum));
}

/* ln pi_c - E_c / 2 */
static double
model_exponent(const FcModel *m, const FcReal *z, int32_t c, int32_t width)
{
	double		sum = log_height(m, c, width) - mahalanobis(m, z, c, width) / 2;

	for (int32_t j = 0; j < width; j++)
		sum -= exp(model_log_spread(m, z, j, width) - model_log_variance(m, c, j, width)) / 2;
	return sum;
}

/* Eq. 2, weights of the clusters adding up to 1 */
static double
divergence(const FcModel *m, const FcReal *z)
{
	int32_t		width = fc_deep_latent(m);
	double		most = -INFINITY;
	double		sum = 0;
	double		weights = 0;
	double		entropy = 0;

	for (int32_t c = 0; c < m->k; c++)
		most = fmax(most, model_exponent(m, z, c, width));
	for (int32_t c = 0; c < m->k; c++)
	{
		sum += exp(model_exponent(m, z, c, width) - most);
		weights += exp(model_log_weight(m, c, width));
	}
	for (int32_t j = 0; j < width; j++)
		entropy += (1 + model_log_spread(m, z, j, width)) / 2;
	return -most - log(sum / weights) - entropy;
}

/* The bound of ln p(x), as far as it is known at the mean of the row's code */
static double
density(const FcModel *m, const FcReal *z, double squares)
{
	double		log_r = FC_DEEP_VARIATION(m).data[FC_DEEP_VARIATION(m).rows - 1];

	log_r = fmax(-MOST_LOG, fmin(MOST_LOG, log_r));
	return -m->d * (LOG_2PI + log_r) / 2 - squares / 2 * exp(-log_r) - divergence(m, z);
}

/* A code (latent) of cluster c; two uniform numbers for each of its numbers */
static void
draw(const FcModel *m, int32_t c, FcRng *rng, FcReal *z)
{
	int32_t		width = fc_deep_latent(m);

	for (int32_t j = 0; j < width; j++)
		z[j] = (FcReal) (FC_DEEP_CENTERS(m)[(int64_t) c * width + j] +
						 exp(model_log_variance(m, c, j, width) / 2) * fc_rng_normal(rng));
}

/* ---- the method ---- */

static const FcDeepVariational variational = {
	.count = count,
	.spread = spread,
	.chain = chain,
	.learn = learn,
	.distances = distances,
	.density = density,
	.draw = draw,
};

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
	.memberships = memberships,
	.head_loss = head_loss,
	.variational = &variational,
};

extern const FcAlgorithm fc_vade;
const FcAlgorithm fc_vade = {
	FC_DEEP_ALGORITHM,
	.name = "vade",
	.title = "variational deep embedding",
	.traits = FC_DEEP_TRAITS,
	.options = options,
	.kernel = &kernel,
	.method = &method,
};
