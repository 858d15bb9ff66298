/*
 * identity.c - algorithms that equal another one, exactly or in a limit
 *
 *	tsallis(q, T) = fcm(q) of d + T / (q - 1), its free energy the less by n T / (q - 1)
 *	tsallis(q -> 1, T) = mec(T);  tsallis(q, T -> 0) = fcm(q);  mec(T -> 0) = kmeans
 *	gg(fuzzifier 2, weight_exponent 1) = expectation maximization of a mixture
 */
#include "train.h"

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))
#define ROWS			FC_LANES
#define CLUSTERS		5

/* ---- kernels, of the same distances ---- */

/* Distances, then memberships or weights, of FC_LANES rows; room for doubles, whatever the precision */
typedef struct Tile
{
	double		at[CLUSTERS * ROWS];
	double		objective;
} Tile;

static Tile
distances(FcPrecision precision, double add)
{
	Tile		t;
	FcRng		rng;

	fc_rng_start(&rng, 7, 0);
	for (int i = 0; i < CLUSTERS * ROWS; i++)
		fc_set(t.at, precision, i, 9 * pow(fc_rng_uniform(&rng), 3) + add);
	t.objective = 0;
	return t;
}

static Tile
weigh(const char *name, bool weights, int isa, FcPrecision precision, double first, double second, Tile t)
{
	const FcKernel *kernel = fc_find_algorithm(name)->kernel;
	double		offset[CLUSTERS] = {0};
	double		mass[CLUSTERS] = {0};
	FcWeighing	w = {.parameters = {first, second}, .offset = offset, .mass = mass};

	t.objective = (weights ? kernel->weights : kernel->memberships)[isa][precision]
		(&w, t.at, ROWS, ROWS, ROWS, CLUSTERS);
	return t;
}

static void
check_alike(const Tile *a, const Tile *b, FcPrecision precision, double close)
{
	int			wrong = 0;

	for (int i = 0; i < CLUSTERS * ROWS; i++)
		wrong += !(fabs(fc_get(a->at, precision, i) - fc_get(b->at, precision, i)) <= close);
	CHECK_EQ(wrong, 0);
}

static void
test_tsallis_is_shifted_fcm(int isa, FcPrecision precision)
{
	static const double q[] = {1.01, 1.5, 2, 3.7, 10};
	static const double t[] = {1e-3, 0.5, 2, 100};
	double		close = precision == FC_F32 ? 2e-5 : 1e-13;

	for (int i = 0; i < COUNT(q); i++)
		for (int j = 0; j < COUNT(t); j++)
			for (int weights = 0; weights <= 1; weights++)
			{
				double		lambda = t[j] / (q[i] - 1);
				Tile		a = weigh("tsallis", weights, isa, precision, q[i], t[j], distances(precision, 0));
				Tile		b = weigh("fcm", weights, isa, precision, q[i], 0, distances(precision, lambda));

				/* in single precision the sum d + lambda has lost what tells centers apart */
				if (precision == FC_F32 && lambda > 100)
					continue;
				check_alike(&a, &b, precision, close);
				CHECK_NEAR(a.objective + ROWS * lambda, b.objective, close);
			}
}

static void
test_limits_of_tsallis(int isa, FcPrecision precision)
{
	static const double t[] = {0.01, 0.5, 2, 100};
	double		rounding = precision == FC_F32 ? 1e-6 : 1e-14;

	for (int j = 0; j < COUNT(t); j++)
	{
		Tile		mec = weigh("mec", false, isa, precision, t[j], 0, distances(precision, 0));
		Tile		one = weigh("tsallis", false, isa, precision, 1, t[j], distances(precision, 0));
		Tile		near = weigh("tsallis", false, isa, precision, 1 + 1e-7, t[j], distances(precision, 0));
		Tile		hot = weigh("tsallis", false, isa, precision, 1 + 0.5 * j, 1e-250, distances(precision, 0));
		Tile		fcm = weigh("fcm", false, isa, precision, 1 + 0.5 * j, 0, distances(precision, 0));

		check_alike(&mec, &one, precision, rounding);
		CHECK_NEAR(mec.objective, one.objective, rounding);
		check_alike(&mec, &near, precision, fmax(1e-4, rounding));
		CHECK_NEAR(mec.objective, near.objective, precision == FC_F32 ? 1e-3 : 1e-4);
		if (j == 0)
			continue;			/* fcm has no fuzzifier of 1 */
		check_alike(&fcm, &hot, precision, precision == FC_F32 ? 2e-5 : 1e-13);
		CHECK_NEAR(fcm.objective, hot.objective, precision == FC_F32 ? 2e-5 : 1e-13);
	}
}

/* ---- whole trainings ---- */

/* From the same rows, which are well apart, to the same centers and sizes */
static void
test_cold_mec_is_kmeans(int isa, FcPrecision precision)
{
	enum {N = 600, D = 3, K = 4};
	double	   *x = make_noise(N, D, 21);
	Training	hard;
	Training	cold;

	training_begin(&hard, fc_find_algorithm("kmeans"), K, precision, x, N, D);
	training_begin(&cold, fc_find_algorithm("mec"), K, precision, x, N, D);
	hard.fit.isa = cold.fit.isa = isa;
	hard.fit.start = cold.fit.start = x;
	*own_option(&cold.model, "temperature") = 1e-9;
	hard.model.common[FC_TOLERANCE] = cold.model.common[FC_TOLERANCE];
	CHECK_EQ(training_run(&hard), FC_OK);
	CHECK_EQ(training_run(&cold), FC_OK);
	check_model(&cold);
	CHECK(cold.model.iterations <= hard.model.iterations + 1);	/* a pass may be lost to extrapolation */
	CHECK_NEAR(hard.model.objective, cold.model.objective, rounding_of(precision));
	for (int32_t c = 0; c < K; c++)
		CHECK_NEAR(hard.model.weights[c], cold.model.weights[c], 1e-6);
	for (int i = 0; i < K * D; i++)
		CHECK_NEAR(hard.model.centers[i], cold.model.centers[i], rounding_of(precision));
	training_end(&hard);
	training_end(&cold);
	free(x);
}

/* A mixture of normal distributions of the plane, by the textbook */
typedef struct Mixture
{
	double		share[3];
	double		mean[3][2];
	double		covariance[3][3];	/* xx, xy, yy */
} Mixture;

/* The logarithm of the density of component c without ln(2 pi), with its share */
static double
log_density(const Mixture *g, int c, const double *x)
{
	const double *f = g->covariance[c];
	double		determinant = f[0] * f[2] - f[1] * f[1];
	double		a = x[0] - g->mean[c][0];
	double		b = x[1] - g->mean[c][1];
	double		square = (f[2] * a * a - 2 * f[1] * a * b + f[0] * b * b) / determinant;

	return log(g->share[c]) - log(determinant) / 2 - square / 2;
}

/* The M step; u is (n, 3) */
static void
maximize(Mixture *g, const double *x, const double *u, int n)
{
	memset(g, 0, sizeof(*g));
	for (int c = 0; c < 3; c++)
	{
		double		sum = 0;

		for (int i = 0; i < n; i++)
		{
			sum += u[i * 3 + c];
			g->mean[c][0] += u[i * 3 + c] * x[2 * i];
			g->mean[c][1] += u[i * 3 + c] * x[2 * i + 1];
		}
		g->share[c] = sum / n;
		g->mean[c][0] /= sum;
		g->mean[c][1] /= sum;
		for (int i = 0; i < n; i++)
		{
			double		a = x[2 * i] - g->mean[c][0];
			double		b = x[2 * i + 1] - g->mean[c][1];

			g->covariance[c][0] += u[i * 3 + c] * a * a / sum;
			g->covariance[c][1] += u[i * 3 + c] * a * b / sum;
			g->covariance[c][2] += u[i * 3 + c] * b * b / sum;
		}
	}
}

/* The E step; returns the negative log-likelihood up to a constant */
static double
expect(const Mixture *g, const double *x, double *u, int n)
{
	double		objective = 0;

	for (int i = 0; i < n; i++)
	{
		double		sum = 0;

		for (int c = 0; c < 3; c++)
			sum += u[i * 3 + c] = exp(log_density(g, c, x + 2 * i));
		for (int c = 0; c < 3; c++)
			u[i * 3 + c] /= sum;
		objective -= log(sum);
	}
	return objective;
}

/* The first memberships are those of fuzzy c-means with m = 2 */
static void
first_memberships(const double *x, const double *v, double *u, int n)
{
	for (int i = 0; i < n; i++)
	{
		double		sum = 0;

		for (int c = 0; c < 3; c++)
			sum += u[i * 3 + c] = 1 / fc_squared_distance(x + 2 * i, v + 2 * c, 2);
		for (int c = 0; c < 3; c++)
			u[i * 3 + c] /= sum;
	}
}

static void
test_gg_is_em(int isa, FcPrecision precision, int iterations)
{
	enum {N = 240, K = 3};
	static const double start[] = {1, 1, 9, 12, 19, 9};
	double	   *x = make_blobs(N, 2, K, 4);
	double	   *u = malloc(N * K * sizeof(double));
	double		objective = 0;
	double		close = precision == FC_F32 ? 1e-4 : 1e-9;
	Mixture		g;
	Training	t;

	first_memberships(x, start, u, N);
	for (int i = 0; i < iterations; i++)
	{
		maximize(&g, x, u, N);
		objective = expect(&g, x, u, N);
	}
	training_begin(&t, fc_find_algorithm("gg"), K, precision, x, N, 2);
	t.fit.isa = isa;
	t.fit.start = start;
	t.model.common[FC_MAX_ITERATIONS] = iterations;
	*own_option(&t.model, "weight_exponent") = 1;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK_NEAR(t.model.objective, objective, close);
	for (int c = 0; c < K; c++)
	{
		const double *l = t.model.own.extra[0] + c * 4;

		CHECK_NEAR(t.model.own.extra[2][c], g.share[c], close);
		CHECK_NEAR(t.model.centers[c * 2], g.mean[c][0], close);
		CHECK_NEAR(t.model.centers[c * 2 + 1], g.mean[c][1], close);
		CHECK_NEAR(l[0] * l[0], g.covariance[c][0], close);
		CHECK_NEAR(l[0] * l[2], g.covariance[c][1], close);
		CHECK_NEAR(l[2] * l[2] + l[3] * l[3], g.covariance[c][2], close);
	}
	/* the first objective is that of the first memberships */
	for (int32_t i = 2; i < t.model.history.count; i++)
		CHECK(fc_history_get(&t.model, i, FC_HISTORY_OBJECTIVE) <=
			  fc_history_get(&t.model, i - 1, FC_HISTORY_OBJECTIVE) + N * rounding_of(precision) / 10);
	training_end(&t);
	free(u);
	free(x);
}

int
main(void)
{
	static const int iterations[] = {1, 2, 7, 30};

	FOR_EACH_VARIANT(isa, precision)
	{
		test_tsallis_is_shifted_fcm(isa, precision);
		test_limits_of_tsallis(isa, precision);
		test_cold_mec_is_kmeans(isa, precision);
		for (int i = 0; i < COUNT(iterations); i++)
			test_gg_is_em(isa, precision, iterations[i]);
	}
	return check_report("identity");
}
