/*
 * dfmec.c - deep fuzzy clustering based on maximum entropy (Huang et al., 2024)
 *
 *	u_ic = exp(-D_ic / eta) / sum_b exp(-D_ib / eta)			(eq. 1)
 *	L = mean (y - x)^2 + lambda (1/n) sum_ic u_ic (D_ic + eta ln u_ic)	(eq. 2)
 *
 * for squared distances D of codes z (n, m) and centers v (k, m) of unit length, so
 * that D = 2 - 2 z . v, and of the gradients what points along z and v is left out:
 *
 *	dz = -(2/n) u v;  dv = -(2/n) u' z								(eq. 3)
 *
 * u minimizes the bracket, so eq. 3 holds although u depends on z.  -dv_c points to
 * the soft mean of the cluster: a step of fixed length (fc_step_unit_centers() in
 * nn/codes.c) is a moving average of its direction; the gradient may not be projected
 * first.  With targets p there is cross-entropy instead:
 *
 *	L = -(1/n) sum_ic p_ic log u_ic;  dL/dD_ic = (p_ic - u_ic) / (eta n)	(eq. 4)
 *
 * Eq. 2 only attracts.  So by default memberships are recomputed in a full pass
 * over all rows, averaged with those of the neighbours, and kept until the next
 * refresh: membership => 'frozen', an addition to the paper.  With 'batch', as in
 * the paper, they are computed by eq. 1 at each step.
 *
 * The paper begins with random centers and without a first phase: first_centers =>
 * 'random', pretrain_epochs => 0.  TELL (Peng et al., 2022), from which it takes
 * network and centers, lets codes and centers learn in turns: schedule => 'alternate'.
 *
 * Learned values: see model.c.
 */
#include "deep/loss.h"
#include "deep/softmax.h"

#include <math.h>

#define LEAST_ETA	1e-6	/* below it memberships are crisp anyway */

enum
{
	OPT_LAMBDA = FC_DEEP_CLUSTER_OWN,
	OPT_ETA,
	OPT_STEP,
	OPT_MEMBERSHIP,
	OPT_CENTERS,
	OPT_SCHEDULE
};

enum
{
	FROZEN,
	BATCH
};

static const char *const memberships_of[] = {"frozen", "batch", NULL};
static const char *const first_centers[] = {"start", "random", NULL};
static const char *const schedules[] = {"joint", "alternate", NULL};
static const char *const norms[] = {"l2", NULL};

static const FcOption options[] = {
	FC_DEEP_OPTIONS(FC_START_AUTO, norms, FC_L2),
	FC_DEEP_CLUSTER_OPTIONS(8, 1e-3, 20),
	[OPT_LAMBDA] = FC_LAMBDA_OPTION(0.3),
	[OPT_ETA] = {
		.name = "eta", .type = FC_NUMBER, .initial = 0.05, .min = 1e-6, .max = 1,
		.help = "softness of the memberships: weight of their entropy"
	},
	[OPT_STEP] = {
		.name = "step", .type = FC_NUMBER, .initial = 0.005, .min = 0, .max = 1,
		.help = "length of a center's update step (centers have unit length)"
	},
	[OPT_MEMBERSHIP] = {
		.name = "membership", .type = FC_CHOICE, .initial = FROZEN, .min = FROZEN, .max = BATCH,
		.choices = memberships_of,
		.help = "frozen (kept until the next refresh) or batch (recomputed for each batch, as in the paper)"
	},
	[OPT_CENTERS] = {
		.name = "first_centers", .type = FC_CHOICE, .initial = 0, .min = 0, .max = 1, .choices = first_centers,
		.help = "start (those of the first clusters) or random (random directions, as in the paper)"
	},
	[OPT_SCHEDULE] = {
		.name = "schedule", .type = FC_CHOICE, .initial = 0, .min = 0, .max = 1, .choices = schedules,
		.help = "joint (codes and centers learn in each step) or alternate (by the clustering loss codes learn in one epoch, centers in the next, as in TELL)"
	},
	{.name = NULL}
};

static void
set_parameters(const FcModel *m, double *parameters)
{
	parameters[0] = m->option[OPT_ETA];
}

/* ---- the loss; dz or dv may be NULL ---- */

/* Eq. 1 */
void
fc_dfmec_memberships(const FcCodes *c, double eta, FcReal *phi)
{
	fc_code_softmax(c, 1 / fmax(eta, LEAST_ETA), phi);
}

/* Eq. 3 with s (n, k) = dL/dD for u / n */
void
fc_dfmec_pull(const FcCodes *c, const FcReal *s, FcReal *dz, FcReal *dv)
{
	int32_t		m = c->m;

	fc_codes_clear(c, dz, dv);
	for (int64_t i = 0; i < c->n; i++)
	{
		fc_codes_check(c);
		for (int32_t b = 0; b < c->k; b++)
		{
			FcReal		force = -2 * (FcReal) c->scale * s[i * c->k + b];

			for (int32_t j = 0; dz && j < m; j++)
				dz[i * m + j] += force * c->v[(int64_t) b * m + j];
			for (int32_t j = 0; dv && j < m; j++)
				dv[(int64_t) b * m + j] += force * c->z[i * m + j];
		}
	}
}

/*
 * Eq. 2 and 3 with memberships that the caller gives: those of eq. 1, or others
 * that stay as they are, to which eta = 0 belongs.  s is work space.
 */
double
fc_dfmec_loss(const FcCodes *c, double eta, const FcReal *phi, double weight, FcReal *s, FcReal *dz, FcReal *dv)
{
	double		loss = 0;

	fc_codes_distances(c, s);
	for (int64_t i = 0; i < c->n * c->k; i++)
	{
		loss += phi[i] * (double) s[i];
		if (phi[i] > 0)
			loss += eta * phi[i] * log(phi[i]);
		s[i] = (FcReal) (weight / c->n) * phi[i];
	}
	fc_dfmec_pull(c, s, dz, dv);
	return loss / c->n;
}

/* Eq. 4; phi is left for the caller, s is work space */
double
fc_dfmec_cross_entropy(const FcCodes *c, double eta, const FcReal *p, double weight, FcReal *phi, FcReal *s,
					   FcReal *dz, FcReal *dv)
{
	double		loss = fc_code_cross_entropy(c, 1 / fmax(eta, LEAST_ETA), p, weight, phi, s);

	fc_dfmec_pull(c, s, dz, dv);
	return loss;
}

/* ---- the method ---- */

static void
memberships(const FcModel *m, const FcCodes *c, FcReal *q)
{
	fc_dfmec_memberships(c, m->option[OPT_ETA], q);
}

/* Eq. 2 */
static double
loss(const FcDeepLoss *l)
{
	double		eta = l->model->option[OPT_ETA];
	const FcReal *u = l->p;

	if (l->model->option[OPT_MEMBERSHIP] == BATCH)
	{
		fc_dfmec_memberships(&l->codes, eta, l->q);
		u = l->q;
	}
	return fc_dfmec_loss(&l->codes, eta, u, l->weight, l->s, l->dz, l->dv);
}

/* The classifier learns targets by cross-entropy, which keeps centers apart; eq. 2 alone would not */
static double
head_loss(const FcDeepLoss *l)
{
	return fc_dfmec_cross_entropy(&l->codes, l->model->option[OPT_ETA], l->p, l->weight, l->q, l->s, l->dz, l->dv);
}

/* Steps of fixed length: see eq. 3 */
static void
move_centers(const FcDeepMove *move)
{
	fc_dfmec_pull(&move->codes, move->s, NULL, move->dv);
	fc_step_unit_centers(move->v, move->dv, move->codes.k, move->codes.m, move->model->option[OPT_STEP]);
}

static const FcKernel kernel = {
	FC_DEEP_KERNEL,
	.weights = fc_softmax_weigh,
	.memberships = fc_softmax_weigh,
	.set_parameters = set_parameters,
};

static const FcDeepMethod method = {
	.decodes = true,
	.starts_crisp = true,
	.unit_centers = true,
	.loss = loss,
	.pull = fc_dfmec_pull,
	.loss_weight = OPT_LAMBDA,
	.random_centers = OPT_CENTERS,
	.alternates = OPT_SCHEDULE,
	.memberships = memberships,
	.move_centers = move_centers,
	.head_loss = head_loss,
};

extern const FcAlgorithm fc_dfmec;
const FcAlgorithm fc_dfmec = {
	FC_DEEP_ALGORITHM,
	.name = "dfmec",
	.title = "deep fuzzy clustering based on maximum entropy",
	.traits = FC_DEEP_TRAITS,
	.options = options,
	.kernel = &kernel,
	.method = &method,
};
