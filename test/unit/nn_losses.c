/*
 * nn_losses.c - losses and steps on codes against golden values and finite differences
 */
#include "deep/loss.h"
#include "nn.h"

enum {N = 6, K = 3, M = 4};		/* of the golden cases */

/* ---- all losses on codes ---- */

typedef double (*CodeLoss) (void *arg, FcReal *dz, FcReal *dv);

typedef struct Case
{
	FcCodes		codes;
	FcReal	   *z;
	FcReal	   *v;
	FcReal	   *w;
	FcReal	   *p;				/* (n, k) */
	FcReal	   *q;				/* (n, k) made by the loss */
	FcReal	   *s;				/* (n, k) */
	FcReal	   *dz;
	FcReal	   *dv;
	CodeLoss	loss;
	double		parameter;
	FcEdcwrn	edcwrn;
	double		weight;
	const FcModel *model;		/* of the method whose hook is called ... */
	double		progress;		/* ... and when */
	FcReal	   *dmore;			/* of what a method learns besides, or NULL */
	FcReal	   *u;				/* (n, m) where rows are normalized: z comes from it */
} Case;

static void
case_begin(Case *c, int64_t n, int32_t k, int32_t m, uint64_t seed)
{
	*c = (Case) {.codes = {n, k, m, NULL, NULL, NULL, 1, &no_hooks, NULL}, .weight = 1};
	c->z = random_reals(n * m, -1, 1, seed);
	c->v = random_reals(k * m, -1, 1, seed + 1);
	c->w = random_reals(k * m, 0.1, 1, seed + 2);
	c->p = random_memberships(n, k, seed + 3);
	c->q = reals(n * k);
	c->s = reals(n * k);
	c->dz = reals(n * m);
	c->dv = reals(k * m);
	c->u = reals(n * m);
	c->codes.z = c->z;
	c->codes.v = c->v;
}

/* The numbers of a golden case in the place of random ones */
static void
golden_begin(Case *c, const double *z, const double *v, const double *p)
{
	case_begin(c, N, K, M, 1);
	for (int i = 0; i < N * M; i++)
		c->z[i] = (FcReal) z[i];
	for (int i = 0; i < K * M; i++)
		c->v[i] = (FcReal) v[i];
	for (int i = 0; p != NULL && i < N * K; i++)
		c->p[i] = (FcReal) p[i];
}

static void
case_end(Case *c)
{
	free(c->z);
	free(c->v);
	free(c->w);
	free(c->p);
	free(c->q);
	free(c->s);
	free(c->dz);
	free(c->dv);
	free(c->u);
}

static double
dec_loss(void *arg, FcReal *dz, FcReal *dv)
{
	Case	   *c = arg;

	return fc_dec_loss(&c->codes, c->parameter, c->p, c->weight, c->q, c->s, dz, dv);
}

static double
edcwrn_loss(void *arg, FcReal *dz, FcReal *dv)
{
	Case	   *c = arg;

	return fc_edcwrn_loss(&c->codes, &c->edcwrn, c->p, c->weight, c->q, c->s, dz, dv);
}

/* Memberships of the batch itself */
static double
dfmec_loss(void *arg, FcReal *dz, FcReal *dv)
{
	Case	   *c = arg;

	fc_dfmec_memberships(&c->codes, c->parameter, c->q);
	return fc_dfmec_loss(&c->codes, c->parameter, c->q, c->weight, c->s, dz, dv);
}

static double
frozen_loss(void *arg, FcReal *dz, FcReal *dv)
{
	Case	   *c = arg;

	return fc_dfmec_loss(&c->codes, 0, c->p, c->weight, c->s, dz, dv);
}

static double
cosine_loss(void *arg, FcReal *dz, FcReal *dv)
{
	Case	   *c = arg;

	return fc_dfmec_cross_entropy(&c->codes, c->parameter, c->p, c->weight, c->q, c->s, dz, dv);
}

/* For finite differences: times the weight, as gradients are; gradients go elsewhere */
static double
weighted_loss(void *arg)
{
	Case	   *c = arg;
	FcReal	   *dz = reals(c->codes.n * c->codes.m);
	FcReal	   *dv = reals(c->codes.k * c->codes.m);
	double		loss = c->weight * c->loss(c, dz, dv);

	free(dz);
	free(dv);
	return loss;
}

static void
check_case_gradient(Case *c)
{
	FcReal	   *again = reals(c->codes.n * c->codes.m);

	(void) c->loss(c, c->dz, c->dv);
	(void) c->loss(c, again, NULL);	/* without dv the same */
	CHECK(memcmp(again, c->dz, sizeof(FcReal) * c->codes.n * c->codes.m) == 0);
	check_gradient(weighted_loss, c, c->z, c->codes.n * c->codes.m, c->dz);
	check_gradient(weighted_loss, c, c->v, c->codes.k * c->codes.m, c->dv);
	free(again);
}

/* ---- DEC ---- */

static void
check_dec(const double *z, const double *first, const double *mu, const double *p, const double *q, double loss,
		  const double *dz, const double *dmu, double alpha)
{
	Case		c;
	double		f[K] = {0};

	golden_begin(&c, first, mu, NULL);	/* the target comes from other codes */
	fc_dec_memberships(&c.codes, alpha, c.q);
	fc_add_frequencies(c.q, N, K, f);
	fc_target(c.q, f, N, K, c.p);
	CHECK_NEAR(difference(c.p, p, N * K), 0, CLOSE);
	for (int i = 0; i < N * M; i++)
		c.z[i] = (FcReal) z[i];
	c.parameter = alpha;
	CHECK_NEAR(dec_loss(&c, c.dz, c.dv), loss, CLOSE);
	CHECK_NEAR(difference(c.q, q, N * K), 0, CLOSE);
	CHECK_NEAR(difference(c.dz, dz, N * M), 0, CLOSE);
	CHECK_NEAR(difference(c.dv, dmu, K * M), 0, CLOSE);
	case_end(&c);
}

#define CHECK_DEC(name, alpha) \
	check_dec(golden_##name##_z, golden_##name##_z_for_target, golden_##name##_mu, golden_##name##_p, \
			  golden_##name##_q, golden_##name##_loss, golden_##name##_dz, golden_##name##_dmu, alpha)

static void
test_dec(void)
{
	Case		c;

	CHECK_DEC(dec_kl_alpha1, 1);
	CHECK_DEC(dec_kl_alpha2, 2);
	case_begin(&c, 9, 5, 3, 10);
	c.loss = dec_loss;
	c.parameter = 1.5;
	c.weight = 0.3;
	c.codes.scale = 20;
	check_case_gradient(&c);
	case_end(&c);
}

/* Codes so far away that each power underflows, and on top of a center */
static void
test_dec_extremes(void)
{
	Case		c;
	double		sum = 0;

	case_begin(&c, 2, 2, 1, 1);
	c.z[0] = (FcReal) 1e9;
	c.z[1] = c.v[1] = 0;
	c.v[0] = -1;
	fc_dec_memberships(&c.codes, 20, c.q);
	for (int i = 0; i < 4; i++)
		sum += c.q[i];
	CHECK_NEAR(sum, 2, CLOSE);
	CHECK_NEAR(c.q[0], 0.5, 1e-3);
	CHECK(c.q[3] > c.q[2]);
	case_end(&c);
}

static void
test_target(void)
{
	FcReal		unused[] = {(FcReal) 0.5, (FcReal) 0.5, 0, (FcReal) 0.9, (FcReal) 0.1, 0};
	FcReal	   *q = reals_of(golden_target_p_q, 15);
	double		f[3] = {0};
	double		g[3] = {0};

	fc_add_frequencies(q, 2, 3, f);
	fc_add_frequencies(q + 6, 3, 3, f);	/* in blocks */
	fc_target(q, f, 5, 3, q);
	CHECK_REALS(q, golden_target_p_p, CLOSE);
	free(q);
	fc_add_frequencies(unused, 2, 3, g);
	fc_target(unused, g, 2, 3, unused);
	CHECK(unused[2] == 0 && isfinite(unused[0]));
	CHECK_NEAR(unused[0] + unused[1], 1, CLOSE);
}

/* ---- EDCWRN ---- */

static void
begin_edcwrn(Case *c, const double *z, const double *r, const double *w, const double *p, double a, double b,
			 bool normalized)
{
	golden_begin(c, z, r, p);
	for (int i = 0; i < K * M; i++)
		c->w[i] = (FcReal) w[i];
	c->codes.w = c->w;
	c->edcwrn = (FcEdcwrn) {a, b, normalized};
}

#define CHECK_EDCWRN(name, is_normalized) \
do { \
	Case		c; \
	double		f[K] = {0}; \
	begin_edcwrn(&c, golden_##name##_z_for_target, golden_##name##_r, golden_##name##_w, golden_##name##_p, \
				 golden_##name##_a, golden_##name##_b, is_normalized); \
	fc_edcwrn_similarity(&c.codes, &c.edcwrn, c.q); \
	fc_add_frequencies(c.q, N, K, f); \
	fc_target(c.q, f, N, K, c.q); \
	CHECK_REALS(c.q, golden_##name##_p, CLOSE); \
	for (int i = 0; i < N * M; i++) \
		c.z[i] = (FcReal) golden_##name##_z[i]; \
	CHECK_NEAR(edcwrn_loss(&c, c.dz, c.dv), golden_##name##_loss, CLOSE); \
	if (is_normalized) \
		fc_edcwrn_similarity(&c.codes, &c.edcwrn, c.q); \
	CHECK_REALS(c.q, golden_##name##_q, CLOSE); \
	CHECK_REALS(c.dz, golden_##name##_dz, CLOSE); \
	CHECK_REALS(c.dv, golden_##name##_dr, CLOSE); \
	case_end(&c); \
} while (0)

static void
test_edcwrn(void)
{
	Case		c;

	CHECK_EDCWRN(edcwrn_unnormalised, false);
	CHECK_EDCWRN(edcwrn_normalised, true);
	for (int normalized = 0; normalized < 2; normalized++)
	{
		case_begin(&c, 9, 5, 3, 20);
		c.loss = edcwrn_loss;
		c.edcwrn = (FcEdcwrn) {1.93, 0.79, normalized};
		c.codes.w = c.w;
		c.codes.scale = 7;
		c.weight = 0.1;
		check_case_gradient(&c);
		case_end(&c);
	}
}

/* The gradient as the paper prints it is another one: ours is right */
static void
test_edcwrn_printed(void)
{
	Case		c;

	begin_edcwrn(&c, golden_edcwrn_unnormalised_z, golden_edcwrn_unnormalised_r, golden_edcwrn_unnormalised_w,
				 golden_edcwrn_unnormalised_p, golden_edcwrn_unnormalised_a, golden_edcwrn_unnormalised_b, false);
	(void) edcwrn_loss(&c, c.dz, c.dv);
	CHECK_REALS(c.dz, golden_edcwrn_paper_A1_literal_correct_minus, CLOSE);
	for (int i = 0; i < N * M; i++)
		c.dz[i] = -c.dz[i];
	CHECK_NEAR(difference(c.dz, golden_edcwrn_paper_A1_literal_value, N * M),
			   golden_edcwrn_paper_A1_literal_max_abs_diff_after_sign_fix, CLOSE);
	case_end(&c);
}

/* A code on a center, where D^(b - 1) is infinite for b < 1; one so far that D^b is */
static void
test_edcwrn_extremes(void)
{
	Case		c;

	case_begin(&c, 3, 2, 2, 1);
	memcpy(c.z, c.v, sizeof(FcReal) * 4);
	for (int far = 0; far < 2; far++)
	{
		if (far)
			c.z[4] = (FcReal) (IS_DOUBLE ? 1e120 : 1e15);
		c.edcwrn = (FcEdcwrn) {1.93, far ? 2 : 0.79, true};
		CHECK(isfinite(edcwrn_loss(&c, c.dz, c.dv)));
		for (int i = 0; i < 6; i++)
			CHECK(isfinite(c.dz[i]));
		for (int i = 0; i < 4; i++)
			CHECK(isfinite(c.dv[i]));
	}
	case_end(&c);
}

static void
test_edcwrn_weights(void)
{
	Case		c;
	double		spread[K * M] = {0};
	const double dead[] = {3, 0, 0};
	const double nothing[] = {0, 0};
	FcReal		w[3];

	golden_begin(&c, golden_edcwrn_weights_z, golden_edcwrn_weights_r, golden_edcwrn_weights_q);
	fc_code_spread(&c.codes, c.p, 2, spread);
	for (int i = 0; i < K * M; i++)
		CHECK_NEAR(spread[i], golden_edcwrn_weights_V[i], CLOSE);
	fc_code_weights(spread, K, M, c.w);
	CHECK_REALS(c.w, golden_edcwrn_weights_w, CLOSE);
	case_end(&c);
	fc_code_weights(dead, 1, 3, w);	/* spread 3 against a floor of 0.001 */
	CHECK_NEAR(w[0], 1 / 6001.0, CLOSE);
	CHECK_NEAR(w[1], 3000 / 6001.0, CLOSE);
	fc_code_weights(nothing, 1, 2, w);
	CHECK_NEAR(w[0], 0.5, CLOSE);
}

static void
test_neighbors(void)
{
	FcReal		neighbors[3 * 2 * M];
	FcReal		back[3 * 2 * M];
	double		expected[3 * 2 * M];
	FcReal	   *z = reals_of(golden_neighbour_max_add_zx, 3 * M);
	FcReal	   *dz = reals_of(golden_neighbour_max_add_dout, 3 * M);

	for (int i = 0; i < 3 * M; i++)
	{
		int			at = i / M * 2 * M + i % M;

		neighbors[at] = (FcReal) golden_neighbour_max_add_n1[i];
		neighbors[at + M] = (FcReal) golden_neighbour_max_add_n2[i];
		expected[at] = golden_neighbour_max_add_dn1[i];
		expected[at + M] = golden_neighbour_max_add_dn2[i];
	}
	fc_neighbor_max(&no_hooks, neighbors, 3, 2, M, z);
	CHECK_REALS(z, golden_neighbour_max_add_out, CLOSE);
	fc_neighbor_max_gradient(&no_hooks, neighbors, dz, 3, 2, M, back);
	CHECK_REALS(back, expected, CLOSE);
	CHECK_REALS(dz, golden_neighbour_max_add_dzx, CLOSE);
	free(z);
	free(dz);
	for (int i = 0; i < 3 * 2 * M; i++)	/* of equals the first */
		neighbors[i] = 1;
	dz = random_reals(3 * M, 1, 2, 1);
	fc_neighbor_max_gradient(&no_hooks, neighbors, dz, 3, 2, M, back);
	CHECK(back[0] == dz[0] && back[M] == 0);
	free(dz);
}

/* ---- pairs of neighbours ---- */

/* The gradient, by differences; and with beta = 1 the mutual information of two memberships */
static void
test_pair(void)
{
	FcReal	   *x = random_reals(5, -2, 2, 31);
	FcReal	   *t = random_memberships(1, 5, 32);
	double		share[5] = {0.1, 0.3, 0.2, 0.15, 0.25};
	double		term[5];
	FcReal		q[5];
	FcReal		dx[5];
	FcReal		other[5];
	double		sum = 0;

	for (int i = 0; i < 2; i++)
	{
		double		beta = i == 0 ? 1 : 0.6;

		(void) fc_pair_loss(x, t, share, 5, beta, 3, term, dx);
		for (int c = 0; c < 5; c++)
		{
			FcReal		kept = x[c];
			double		h = sizeof(FcReal) == sizeof(float) ? 1e-2 : 1e-5;
			double		above;
			double		below;

			x[c] = (FcReal) (kept + h);
			above = fc_pair_loss(x, t, share, 5, beta, 3, term, other);
			x[c] = (FcReal) (kept - h);
			below = fc_pair_loss(x, t, share, 5, beta, 3, term, other);
			x[c] = kept;
			CHECK_NEAR(dx[c], (above - below) / (2 * h), sizeof(FcReal) == sizeof(float) ? 1e-3 : 1e-8);
		}
	}
	fc_softmax(x, 1, 5, q);
	for (int c = 0; c < 5; c++)
		sum += q[c] * t[c] / share[c];
	CHECK_NEAR(fc_pair_loss(x, t, share, 5, 1, 1, term, dx), -log(sum), 1e-6);

	/* A cluster that neither has, and outputs whose exponentials overflow */
	x[0] = 5000;
	t[1] = 0;
	CHECK(isfinite(fc_pair_loss(x, t, share, 5, 0.6, 1, term, dx)));
	for (int c = 0; c < 5; c++)
		CHECK(isfinite(dx[c]));
	free(x);
	free(t);
}

/* ---- DFMEC ---- */

/* dL/dd of the loss without entropy, whose memberships are not constant; for golden values only */
static void
plain_forces(const Case *c, double eta)
{
	fc_codes_distances(&c->codes, c->s);
	for (int i = 0; i < N; i++)
	{
		const FcReal *phi = c->q + i * K;
		FcReal	   *d = c->s + i * K;
		double		mean = 0;

		for (int b = 0; b < K; b++)
			mean += phi[b] * d[b];
		for (int b = 0; b < K; b++)
			d[b] = (FcReal) (phi[b] * (1 - (d[b] - mean) / eta) / N);
	}
}

static void
check_dfmec(const double *u, const double *v, const double *z, const double *phi, double loss, const double *du,
			const double *dv, const double *stepped, double eta, bool entropy)
{
	Case		c;
	FcReal	   *back = reals(N * M);
	double		found;

	golden_begin(&c, u, v, NULL);
	memcpy(c.u, c.z, sizeof(FcReal) * N * M);
	fc_l2norm(c.u, N, M, c.z);
	CHECK_NEAR(difference(c.z, z, N * M), 0, CLOSE);
	fc_dfmec_memberships(&c.codes, eta, c.q);
	CHECK_NEAR(difference(c.q, phi, N * K), 0, CLOSE);
	found = fc_dfmec_loss(&c.codes, entropy ? eta : 0, c.q, 1, c.s, c.dz, c.dv);
	CHECK_NEAR(found, loss, CLOSE);
	if (!entropy)
	{
		plain_forces(&c, eta);
		fc_dfmec_pull(&c.codes, c.s, c.dz, c.dv);
	}
	fc_l2norm_gradient(c.u, c.dz, N, M, back);
	CHECK_NEAR(difference(back, du, N * M), 0, 10 * CLOSE);
	CHECK_NEAR(difference(c.dv, dv, K * M), 0, 10 * CLOSE);
	fc_step_unit_centers(c.v, c.dv, K, M, 0.1);
	CHECK_NEAR(difference(c.v, stepped, K * M), 0, 10 * CLOSE);
	free(back);
	case_end(&c);
}

#define CHECK_DFMEC(name, entropy) \
	check_dfmec(golden_##name##_u, golden_##name##_V, golden_##name##_z, golden_##name##_phi, golden_##name##_loss, \
				golden_##name##_du, golden_##name##_dV, golden_##name##_V_after_step_0p1, golden_##name##_eta, entropy)

/* The loss of codes and centers that are brought to unit length first */
static double
on_sphere_loss(void *arg)
{
	Case	   *c = arg;
	Case		on_sphere = *c;
	double		loss;

	on_sphere.codes.z = reals(c->codes.n * c->codes.m);
	on_sphere.codes.v = reals(c->codes.k * c->codes.m);
	fc_l2norm(c->z, c->codes.n, c->codes.m, (FcReal *) on_sphere.codes.z);
	fc_l2norm(c->v, c->codes.k, c->codes.m, (FcReal *) on_sphere.codes.v);
	loss = weighted_loss(&on_sphere);
	free((FcReal *) on_sphere.codes.z);
	free((FcReal *) on_sphere.codes.v);
	return loss;
}

static void
check_on_sphere(CodeLoss loss, const FcModel *model, uint64_t seed)
{
	Case		c;
	FcReal	   *dz = reals(9 * 3);
	FcReal	   *dv = reals(5 * 3);

	case_begin(&c, 9, 5, 3, seed);
	c.loss = loss;
	c.model = model;
	c.parameter = 0.4;
	c.weight = 0.7;
	c.codes.z = random_reals(9 * 3, 0, 0, 1);
	c.codes.v = random_reals(5 * 3, 0, 0, 1);
	fc_l2norm(c.z, 9, 3, (FcReal *) c.codes.z);
	fc_l2norm(c.v, 5, 3, (FcReal *) c.codes.v);
	(void) loss(&c, c.dz, c.dv);
	fc_l2norm_gradient(c.z, c.dz, 9, 3, dz);
	fc_l2norm_gradient(c.v, c.dv, 5, 3, dv);
	check_gradient(on_sphere_loss, &c, c.z, 9 * 3, dz);
	check_gradient(on_sphere_loss, &c, c.v, 5 * 3, dv);
	free((FcReal *) c.codes.z);
	free((FcReal *) c.codes.v);
	free(dz);
	free(dv);
	case_end(&c);
}

static void
test_dfmec(void)
{
	CHECK_DFMEC(dfmec_eta0p1_entropy, true);
	CHECK_DFMEC(dfmec_eta0p5_entropy, true);
	CHECK_DFMEC(dfmec_eta0p1_plain, false);
	CHECK_DFMEC(dfmec_eta0p5_plain, false);
	check_on_sphere(dfmec_loss, NULL, 30);
	check_on_sphere(frozen_loss, NULL, 31);
	check_on_sphere(cosine_loss, NULL, 32);
}

/* eta = 0 is crisp; a center without gradient stays */
static void
test_dfmec_extremes(void)
{
	Case		c;
	FcReal		before[4];

	case_begin(&c, 2, 2, 2, 1);
	memcpy(c.z, (FcReal[]) {1, 0, 0, 1}, sizeof(FcReal) * 4);
	memcpy(c.v, (FcReal[]) {0, 1, 1, 0}, sizeof(FcReal) * 4);
	fc_dfmec_memberships(&c.codes, 0, c.q);
	CHECK(c.q[0] == 0 && c.q[1] == 1 && c.q[2] == 1 && c.q[3] == 0);
	CHECK(isfinite(fc_dfmec_loss(&c.codes, 0, c.q, 1, c.s, c.dz, c.dv)));
	memcpy(before, c.v, sizeof(before));
	memset(c.dv, 0, sizeof(FcReal) * 4);
	fc_step_unit_centers(c.v, c.dv, 2, 2, 0.1);
	CHECK(memcmp(before, c.v, sizeof(before)) == 0);
	case_end(&c);
}

/* ---- the hooks of all methods ---- */

static FcDeepLoss
step_of(Case *c, FcReal *dz, FcReal *dv)
{
	return (FcDeepLoss) {c->model, c->codes, c->p, c->weight, c->q, c->s, dz, dv, c->progress, NULL, NULL};
}

static double
method_loss(void *arg, FcReal *dz, FcReal *dv)
{
	Case	   *c = arg;
	FcDeepLoss	step = step_of(c, dz, dv);

	return fc_deep_method(c->model)->loss(&step);
}

static double
method_head_loss(void *arg, FcReal *dz, FcReal *dv)
{
	Case	   *c = arg;
	FcDeepLoss	step = step_of(c, dz, dv);

	return fc_deep_method(c->model)->head_loss(&step);
}

/* One of the two losses of the model's method, where codes and centers may be */
static void
check_hook(CodeLoss loss, const FcModel *model, uint64_t seed)
{
	Case		c;

	if (fc_deep_method(model)->unit_centers)
	{
		check_on_sphere(loss, model, seed);
		return;
	}
	case_begin(&c, 7, 4, 3, seed);
	c.loss = loss;
	c.model = model;
	c.weight = 0.7;
	c.codes.scale = 1.3;
	c.codes.w = fc_deep_method(model)->has_weights ? c.w : NULL;
	check_case_gradient(&c);
	case_end(&c);
}

/* DCN: a center is the mean of its codes, and of itself so many times */
static void
test_dcn_centers(void)
{
	static FcModel model;
	Case		c;
	FcReal		kept[2 * 3] = {0};
	FcReal		first[2 * 3];
	double		sum[2 * 3] = {0};
	int			count[2] = {0};

	fc_model_begin(&model, fc_find_algorithm("dcn"), 2, 8);
	model.option[fc_find_option(model.algo, "center_count")] = 7;
	case_begin(&c, 9, 2, 3, 60);
	c.model = &model;
	memcpy(first, c.v, sizeof(first));
	for (int again = 1; again <= 2; again++)
	{
		(void) method_loss(&c, c.dz, NULL);
		for (int i = 0; i < 9; i++)
		{
			int			nearest = c.q[i * 2 + 1] == 1;

			CHECK(c.q[i * 2] + c.q[i * 2 + 1] == 1);
			count[nearest]++;
			for (int j = 0; j < 3; j++)
				sum[nearest * 3 + j] += c.z[i * 3 + j];
		}
		fc_deep_method(&model)->move_centers(&(FcDeepMove) {&model, c.codes, c.q, c.s, c.dv, kept, c.v});
		for (int b = 0; b < 2; b++)
			for (int j = 0; j < 3; j++)
				CHECK_NEAR(c.v[b * 3 + j], (7 * first[b * 3 + j] + sum[b * 3 + j]) / (7 + count[b]), CLOSE);
	}
	CHECK(count[0] > 0 && count[1] > 0);
	case_end(&c);
}

/* DKM: with a scale alpha of the distances, memberships soften where alpha is annealed; the last value is its own */
static void
test_dkm(void)
{
	static FcModel model;
	Case		c;
	double		last[9 * 4];

	fc_model_begin(&model, fc_find_algorithm("dkm"), 4, 8);
	model.option[fc_find_option(model.algo, "annealing")] = 5;
	model.option[fc_find_option(model.algo, "alpha")] = 3;
	case_begin(&c, 9, 4, 3, 70);
	c.model = &model;
	c.loss = method_loss;
	c.weight = 0.7;
	c.codes.scale = 3;
	fc_deep_method(&model)->memberships(&model, &c.codes, c.q);
	for (int i = 0; i < 9 * 4; i++)
		last[i] = c.q[i];
	for (int value = 0; value < 5; value++)
	{
		double		alpha = 3;
		double		sum = 0;

		for (int s = 5; s > value + 1; s--)
			alpha /= pow(2, 1 / (log(s) * log(s)));
		c.progress = value / 5.0 + 0.1;
		check_case_gradient(&c);
		for (int i = 0; i < 9; i++)
			for (int b = 0; b < 4; b++)
			{
				double		square = 0;
				double		total = 0;

				for (int a = 0; a < 4; a++)
				{
					double		other = 0;

					for (int j = 0; j < 3; j++)
						other += pow(c.z[i * 3 + j] - c.v[a * 3 + j], 2);
					total += exp(-alpha * other);
					square = a == b ? other : square;
				}
				sum += exp(-alpha * square) / total * square / 9;
			}
		CHECK_NEAR(method_loss(&c, c.dz, c.dv), sum, CLOSE);
		CHECK((difference(c.q, last, 9 * 4) <= CLOSE) == (value == 4));
	}
	case_end(&c);
}

/* DFKM: f lies between a square and a distance; weights of codes in a center are its slopes */
static void
test_dfkm(void)
{
	static const double sigmas[] = {1e-3, 0.3, 1e3};
	static FcModel model;

	fc_model_begin(&model, fc_find_algorithm("dfkm"), 4, 8);
	model.option[fc_find_option(model.algo, "gamma")] = 0.4;
	for (int s = 0; s < 3; s++)
	{
		Case		c;
		FcReal		weight[9 * 4];
		double		sum = 0;

		model.option[fc_find_option(model.algo, "loss_sigma")] = sigmas[s];
		case_begin(&c, 9, 4, 3, 80);
		c.model = &model;
		c.weight = 0.7;
		c.loss = method_head_loss;
		check_case_gradient(&c);
		c.loss = method_loss;
		check_case_gradient(&c);
		(void) method_loss(&c, c.dz, NULL);
		fc_deep_method(&model)->center_weights(&model, &c.codes, c.p, weight);
		fc_deep_method(&model)->memberships(&model, &c.codes, c.q);
		for (int i = 0; i < 9; i++)
		{
			double		f[4];
			double		total = 0;

			for (int b = 0; b < 4; b++)
			{
				double		square = 0;

				for (int j = 0; j < 3; j++)
					square += pow(c.z[i * 3 + j] - c.v[b * 3 + j], 2);
				f[b] = (1 + sigmas[s]) * square / (sqrt(square) + sigmas[s]);
				total += exp(-f[b] / 0.4);
				sum += c.p[i * 4 + b] * f[b] / 9;
				CHECK_NEAR(2 * 0.7 / 9 * weight[i * 4 + b], c.s[i * 4 + b], CLOSE);
				CHECK(fabs(f[b] - (s == 0 ? sqrt(square) : square)) < 0.01 || s == 1);
			}
			for (int b = 0; b < 4; b++)
				CHECK_NEAR(c.q[i * 4 + b], exp(-f[b] / 0.4) / total, 10 * CLOSE);
		}
		CHECK_NEAR(method_loss(&c, c.dz, NULL), sum, 10 * CLOSE);
		case_end(&c);
	}
}

/* ---- VaDE ---- */

/* The loss of codes whose variances follow from them, and from all else that is learned */
static double
vade_loss(void *arg, FcReal *dz, FcReal *dv)
{
	Case	   *c = arg;
	const FcDeepVariational *variational = fc_deep_method(c->model)->variational;
	FcDeepLoss	step = step_of(c, dz, dv);
	FcReal	   *logs = reals(c->codes.n * c->codes.m);
	FcReal	   *dlogs = reals(c->codes.n * c->codes.m);
	double		loss;

	variational->spread(&c->codes, logs);
	step.logs = logs;
	step.dlogs = dlogs;
	loss = fc_deep_method(c->model)->loss(&step);
	variational->chain(&c->codes, dlogs, dz);
	if (dv && c->dmore)
		variational->learn(&c->codes, c->s, logs, dlogs, dv, c->dmore);
	free(logs);
	free(dlogs);
	return loss;
}

/* The same as eq. 2 and 3 of vade.c say it, in double precision */
static double
vade_divergence(const Case *c)
{
	const FcReal *more = c->codes.more;
	double		weights = 0;
	double		sum = 0;

	for (int b = 0; b < 4; b++)
		weights += exp(more[b * 4]);
	for (int i = 0; i < 9; i++)
	{
		double		t[3];
		double		likelihood = 0;

		for (int j = 0; j < 3; j++)
		{
			const FcReal *a = more + 4 * 4 + j * 4;

			t[j] = exp(a[3] + a[0] * c->z[i * 3] + a[1] * c->z[i * 3 + 1] + a[2] * c->z[i * 3 + 2]);
			sum -= (1 + log(t[j])) / 2;
		}
		for (int b = 0; b < 4; b++)
		{
			double		energy = 0;

			for (int j = 0; j < 3; j++)
				energy += more[b * 4 + 1 + j] + (t[j] + pow(c->z[i * 3 + j] - c->v[b * 3 + j], 2)) / exp(more[b * 4 + 1 + j]);
			likelihood += exp(more[b * 4]) / weights * exp(-energy / 2);
		}
		sum -= log(likelihood);
	}
	return sum / 9 * 2 * exp(more[4 * 4 + 3 * 4]) / 8;
}

static void
count_row(void *arg)
{
	++*(int *) arg;
}

/* Codes may be long: spread, chain and learn check once a row */
static void
check_vade_checks(Case *c)
{
	int			calls = 0;
	FcHooks		hooks = {.check = count_row, .arg = &calls};
	FcReal	   *logs = reals(c->codes.n * c->codes.m);
	const FcDeepVariational *variational = fc_deep_method(c->model)->variational;

	c->codes.hooks = &hooks;
	variational->spread(&c->codes, logs);
	CHECK_EQ(calls, c->codes.n);
	variational->chain(&c->codes, logs, c->dz);
	CHECK_EQ(calls, 2 * c->codes.n);
	variational->learn(&c->codes, c->s, logs, logs, c->dv, c->dmore);
	CHECK_EQ(calls, 3 * c->codes.n);
	c->codes.hooks = &no_hooks;
	free(logs);
}

static void
test_vade(void)
{
	static FcModel model;
	Case		c;
	int64_t		count;
	FcReal	   *more;

	fc_model_begin(&model, fc_find_algorithm("vade"), 4, 8);
	count = fc_deep_method(&model)->variational->count(4, 3);
	CHECK_EQ(count, 4 * 4 + 3 * 4 + 1);
	more = random_reals(count, -0.5, 0.5, 90);
	case_begin(&c, 9, 4, 3, 91);
	c.model = &model;
	c.loss = vade_loss;
	c.weight = 0.7;
	c.codes.more = more;
	CHECK_NEAR(vade_loss(&c, c.dz, c.dv), vade_divergence(&c), 10 * CLOSE);
	check_case_gradient(&c);
	c.dmore = reals(count);
	(void) vade_loss(&c, c.dz, c.dv);
	check_gradient(weighted_loss, &c, c.v, 4 * 3, c.dv);
	CHECK(c.dmore[count - 1] == 0);	/* the decoder's variance is what it is */
	{
		FcReal	   *found = c.dmore;

		c.dmore = NULL;
		check_gradient(weighted_loss, &c, more, count - 1, found);
		c.dmore = found;
		check_vade_checks(&c);
		free(found);
	}
	free(more);
	case_end(&c);
}

/* Gradients are those of the loss, with the default options */
static void
test_methods(void)
{
	int			tested = 0;

	for (const FcAlgorithm *const *algo = fc_algorithms; *algo; algo++)
	{
		static FcModel model;

		fc_model_begin(&model, *algo, 4, 8);
		if ((*algo)->network == NULL || fc_deep_method(&model)->loss == NULL)
			continue;
		check_hook(method_loss, &model, 50);
		if (fc_deep_method(&model)->head_loss)
			check_hook(method_head_loss, &model, 51);
		tested++;
	}
	CHECK(tested >= 4);
}

/* A code that is NaN gives a loss that is NaN, whatever the least membership is */
static void
test_lost_codes(void)
{
	static const CodeLoss losses[] = {dec_loss, edcwrn_loss, edcwrn_loss, dfmec_loss, frozen_loss, cosine_loss};

	for (int i = 0; i < 6; i++)
	{
		Case		c;

		case_begin(&c, 5, 3, 2, 40);
		c.parameter = 1;
		c.edcwrn = (FcEdcwrn) {1.93, 0.79, i == 1};
		CHECK(isfinite(losses[i](&c, c.dz, c.dv)));
		c.z[5] = NAN;
		CHECK(isnan(losses[i](&c, c.dz, c.dv)));
		case_end(&c);
	}
}

int
main(void)
{
	test_dec();
	test_dec_extremes();
	test_target();
	test_edcwrn();
	test_edcwrn_printed();
	test_edcwrn_extremes();
	test_edcwrn_weights();
	test_neighbors();
	test_pair();
	test_dfmec();
	test_dfmec_extremes();
	test_methods();
	test_dcn_centers();
	test_dkm();
	test_dfkm();
	test_vade();
	test_lost_codes();
	return check_report("nn_losses");
}
