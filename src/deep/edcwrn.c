/*
 * edcwrn.c - deep clustering with the weight of representations (Golzari Oskouei,
 * Balafar and Motamed, 2022)
 *
 *	q_ic = 1 / (1 + a (s D_ic)^b),  D_ic = l sum_j w_cj (z_ij - v_cj)^2		(eq. 1)
 *	u_ic = q_ic / sum_b q_ib												(eq. 2)
 *	L = mean (y - x)^2 - lambda (1/n) sum_ic p_ic log u_ic					(eq. 3)
 *
 * for l numbers in a code, whose weights w add up to 1 for each cluster: they
 * are large where the cluster is narrow, see nn/code_weights.c. s is the option
 * dist_scale.
 *
 * The paper writes q for u in eq. 3, its authors' code has u: assignment =>
 * 'raw' and 'normalized', the default, since without the sum nothing pushes
 * clusters apart.  Targets and weights are made of the same q or u.  With
 * neighbors => 2 codes also include a row's nearest neighbours, as in the
 * paper: joint.c.
 *
 * Of eq. 3, with g_ic = a b D_ic^(b-1) / (1 + a D_ic^b),
 *
 *	2 dL/dD_ic = 2 g_ic (p_ic - u_ic) / n, or 2 g_ic p_ic / n for raw q		(eq. 4)
 *
 * from which nn/codes.c makes gradients.  The paper prints L without its sign, and
 * gradients (A.1, A.2) that match no loss in it; those here are correct.  For b < 1
 * the power D^(b - 1) of 0 is infinite, where the gradient is 0: so it is D^b / D,
 * with a divisor of at least 1e-12.
 *
 * Learned values: see model.c, and (k, latent) weights.
 */
#include "deep/loss.h"

#include <math.h>

#define LEAST_DISTANCE	((FcReal) 1e-12)
#define LEAST_Q			1e-7

#define FC_VARIANTS_OF "deep/edcwrn_loops.h"
#include "core/variants.h"

enum
{
	OPT_LAMBDA = FC_DEEP_CLUSTER_OWN,
	OPT_SCALE,
	OPT_A,
	OPT_B,
	OPT_ALPHA,
	OPT_ASSIGNMENT,
	OPT_WEIGHTS,
	OPT_NEIGHBORS
};

enum
{
	NORMALIZED,
	RAW
};

enum
{
	ADAPTIVE,
	UNIFORM
};

static const char *const assignments[] = {"normalized", "raw", NULL};
static const char *const weightings[] = {"adaptive", "uniform", NULL};

static const FcOption options[] = {
	FC_DEEP_OPTIONS(FC_START_AUTO, fc_deep_norms, FC_NO_NORM),
	FC_DEEP_CLUSTER_OPTIONS(15, 1e-3, 3),
	[OPT_LAMBDA] = FC_LAMBDA_OPTION(0.1),
	[OPT_SCALE] = FC_DIST_SCALE_OPTION,
	[OPT_A] = {
		.name = "a", .type = FC_NUMBER, .initial = 1.93, .min = 1e-3, .max = 1e3,
		.help = "factor a of the distance in the memberships"
	},
	[OPT_B] = {
		.name = "b", .type = FC_NUMBER, .initial = 0.79, .min = 0.1, .max = 10,
		.help = "exponent b of the distance in the memberships"
	},
	[OPT_ALPHA] = {
		.name = "alpha", .type = FC_NUMBER, .initial = 2, .min = 0.1, .max = 100,
		.help = "exponent of the memberships in the weights of the code components"
	},
	[OPT_ASSIGNMENT] = {
		.name = "assignment", .type = FC_CHOICE, .initial = NORMALIZED, .min = NORMALIZED, .max = RAW,
		.choices = assignments,
		.help = "what loss, targets and weights are based on: normalized memberships, or raw ones (as in the paper's text)"
	},
	[OPT_WEIGHTS] = {
		.name = "weights", .type = FC_CHOICE, .initial = ADAPTIVE, .min = ADAPTIVE, .max = UNIFORM,
		.choices = weightings,
		.help = "weights of the code components: adaptive, or uniform (as in the authors' code)"
	},
	[OPT_NEIGHBORS] = {
		.name = "neighbors", .type = FC_INTEGER, .initial = 0, .min = 0, .max = FC_DEEP_MOST_JOINED,
		.help = "number of nearest neighbours whose codes (by a second encoder) are combined with the row's own; the paper: 2"
	},
	{.name = NULL}
};

static const FcWeigh weigh[FC_ISAS][2] = FC_TABLE(curve);

static void
set_parameters(const FcModel *m, double *parameters)
{
	parameters[0] = log(m->option[OPT_A]) + m->option[OPT_B] * log(m->option[OPT_SCALE]);
	parameters[1] = m->option[OPT_B];
}

/* q of eq. 1 */
static double
typicality(const FcModel *m, double distance)
{
	return 1 / (1 + m->option[OPT_A] * pow(m->option[OPT_SCALE] * distance, m->option[OPT_B]));
}

static FcEdcwrn
curve_of(const FcModel *m)
{
	return (FcEdcwrn) {
		.a = m->option[OPT_A], .b = m->option[OPT_B], .normalized = m->option[OPT_ASSIGNMENT] == NORMALIZED
	};
}

static double
weight_exponent(const FcModel *m)
{
	return m->option[OPT_WEIGHTS] == ADAPTIVE ? m->option[OPT_ALPHA] : 0;
}

/* ---- the loss ---- */

/* a D^b */
static inline FcReal
rise(const FcEdcwrn *e, FcReal distance)
{
	return (FcReal) e->a * fc_real_pow(distance, (FcReal) e->b);
}

/* q that does not add up to 1: small for rows that are far from everything */
void
fc_edcwrn_similarity(const FcCodes *c, const FcEdcwrn *e, FcReal *q)
{
	fc_codes_distances(c, q);
	for (int64_t i = 0; i < c->n * c->k; i++)
		q[i] = 1 / (1 + rise(e, q[i]));
}

/*
 * q is left for the caller, s is work space; dv may be NULL.  up / (1 + up) is
 * so written that neither digits near a center nor infinity far away are lost.
 */
double
fc_edcwrn_loss(const FcCodes *c, const FcEdcwrn *e, const FcReal *p, double weight, FcReal *q, FcReal *s, FcReal *dz,
			   FcReal *dv)
{
	FcReal		factor = (FcReal) (2 * weight * e->b / c->n);
	double		loss = 0;

	fc_codes_distances(c, s);
	for (int64_t i = 0; i < c->n * c->k; i++)
	{
		FcReal		up = rise(e, s[i]);

		q[i] = 1 / (1 + up);
		s[i] = factor / (1 + 1 / up) / (s[i] > LEAST_DISTANCE ? s[i] : LEAST_DISTANCE);
	}
	if (e->normalized)
		fc_normalize_rows(q, c->n, c->k);
	for (int64_t i = 0; i < c->n * c->k; i++)
	{
		loss -= p[i] * log(q[i] < LEAST_Q ? LEAST_Q : q[i]);	/* a NaN stays one */
		s[i] *= e->normalized ? p[i] - q[i] : p[i];
	}
	fc_codes_pull(c, s, dz, dv);
	return loss / c->n;
}

/* ---- the method ---- */

static void
memberships(const FcModel *m, const FcCodes *c, FcReal *q)
{
	FcEdcwrn	curve = curve_of(m);

	fc_edcwrn_similarity(c, &curve, q);
	fc_normalize_rows(q, c->n, c->k);
}

/* What the loss compares with the targets is also what these and the weights are made of */
static void
similarities(const FcModel *m, const FcCodes *c, FcReal *q)
{
	FcEdcwrn	curve = curve_of(m);

	fc_edcwrn_similarity(c, &curve, q);
	if (curve.normalized)
		fc_normalize_rows(q, c->n, c->k);
}

static double
loss(const FcDeepLoss *l)
{
	FcEdcwrn	curve = curve_of(l->model);

	return fc_edcwrn_loss(&l->codes, &curve, l->p, l->weight, l->q, l->s, l->dz, l->dv);
}

static const FcKernel kernel = {
	FC_DEEP_KERNEL,
	.weights = weigh,
	.memberships = weigh,
	.set_parameters = set_parameters,
	.metric.typicality = typicality,
};

static const FcDeepMethod method = {
	.decodes = true,
	.sharpens = true,
	.has_weights = true,
	.neighbors = OPT_NEIGHBORS,
	.loss = loss,
	.pull = fc_codes_pull,
	.loss_weight = OPT_LAMBDA,
	.distance_scale = OPT_SCALE,
	.memberships = memberships,
	.similarities = similarities,
	.weight_exponent = weight_exponent,
};

extern const FcAlgorithm fc_edcwrn;
const FcAlgorithm fc_edcwrn = {
	FC_DEEP_ALGORITHM,
	.name = "edcwrn",
	.title = "deep clustering with the weight of representations",
	.traits = FC_DEEP_TRAITS,
	.options = options,
	.kernel = &kernel,
	.method = &method,
	.feature_weights = fc_deep_feature_weights,
};
