/*
 * spectral_graph.c - the graph of spectral clustering, and its eigenvectors
 */
#include "spectral_train.h"

#include "spectral/eigen.h"

/* ---- eigenvectors ---- */

/* Largest of |A u - lambda u| and |u'u - 1|; a is (n, lda), u is (want, ldu) */
static double
eigen_error(const double *a, int n, int lda, int want, const double *lambda, const double *u, int ldu)
{
	double		worst = 0;

	for (int v = 0; v < want; v++)
	{
		for (int i = 0; i < n; i++)
		{
			double		sum = -lambda[v] * u[v * ldu + i];

			for (int p = 0; p < n; p++)
				sum += a[i * lda + p] * u[v * ldu + p];
			worst = fmax(worst, fabs(sum));
		}
		for (int w = 0; w <= v; w++)
		{
			double		sum = v == w ? -1 : 0;

			for (int i = 0; i < n; i++)
				sum += u[v * ldu + i] * u[w * ldu + i];
			worst = fmax(worst, fabs(sum));
		}
		worst = fmax(worst, v > 0 && lambda[v] > lambda[v - 1] ? 1 : 0);
	}
	return worst;
}

/* Work space for matrices of order n, to be freed */
static void *
eigen_begin(FcEigen *eigen, int64_t n)
{
	static const FcHooks no_hooks;
	FcArena		arena = {0};

	fc_eigen_layout(&arena, eigen, n);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_eigen_layout(&arena, eigen, n);
	eigen->hooks = &no_hooks;
	eigen->lapack = &linked_lapack;
	return arena.base;
}

/* A symmetric matrix of noise, or one with blocks of ones, whose eigenvalues repeat */
static void
check_eigen(int n, int want, int blocks)
{
	int			lda = n + 3;
	int			ldu = FC_ROUND_UP(n, FC_LANES);
	double	   *a = hostile_memory(sizeof(double) * n * lda);
	double	   *b = hostile_memory(sizeof(double) * n * lda);
	double	   *u = hostile_memory(sizeof(double) * want * ldu);
	double	   *lambda = hostile_memory(sizeof(double) * want);
	FcEigen		eigen;
	void	   *memory;
	FcRng		rng;

	fc_rng_start(&rng, 5, (uint64_t) n);
	for (int i = 0; i < n; i++)
		for (int p = 0; p <= i; p++)
			a[i * lda + p] = a[p * lda + i] = blocks ? i % blocks == p % blocks : fc_rng_uniform(&rng) - 0.5;
	memcpy(b, a, sizeof(double) * n * lda);
	memory = eigen_begin(&eigen, n);
	CHECK(fc_eigen_largest(&eigen, b, n, lda, want, lambda, u, ldu));
	CHECK(eigen_error(a, n, lda, want, lambda, u, ldu) < 1e-12 * n);
	free(memory);
	free(lambda);
	free(u);
	free(a);
	free(b);
}

/* Orders around the panels; all vectors or the first; eigenvalues that repeat */
static void
test_eigen(void)
{
	static const int orders[] = {1, 2, 3, 16, 31, 32, 33, 47, 48, 49, 64, 65, 100, 257};

	for (int i = 0; i < COUNT(orders); i++)
	{
		check_eigen(orders[i], 1, 0);
		check_eigen(orders[i], orders[i], 0);
		check_eigen(orders[i], (orders[i] + 1) / 2, 1 + orders[i] / 10);
	}
}

/* ---- graphs ---- */

/* Rows that repeat are one node, and the graph is that of all of them */
static void
test_duplicates(void)
{
	enum {N = 40, LDA = N};
	double		x[N];
	double		a[N * N];
	double		u[4 * N];
	double		degree[N] = {0};
	double		lambda[4];
	FcEigen		eigen;
	void	   *memory;
	Training	t;

	for (int i = 0; i < N; i++)
		x[i] = i % 9 * 0.7 + i % 3 * 0.1;	/* nine different ones */
	train(&t, FC_NJW, 0, FC_F64, 4, x, N, 1);
	t.model.option[FC_SPECTRAL_SIGMA] = 1;
	if (!run(&t))
		return;
	for (int i = 0; i < N; i++)
		for (int p = 0; p < N; p++)
			degree[i] += a[i * N + p] = i == p ? 0 : exp(-(x[i] - x[p]) * (x[i] - x[p]) / 2);
	for (int i = 0; i < N; i++)
		for (int p = 0; p < N; p++)
			a[i * N + p] /= sqrt(degree[i] * degree[p]);
	memory = eigen_begin(&eigen, N);
	CHECK(fc_eigen_largest(&eigen, a, N, N, 4, lambda, u, N));
	for (int v = 0; v < 4; v++)
	{
		double		sum = 0;

		CHECK_NEAR(FC_EIGENVALUES(&t.model)[v], lambda[v], 1e-12);
		for (int l = 0; l < 9; l++)
			sum += FC_MASS(&t.model)[l] * pow(FC_VECTORS(&t.model)[v * fc_spectral_stride(&t.model) + l], 2);
		CHECK_NEAR(sum, 1, 1e-12);	/* as long as the vector of all rows */
	}
	for (int l = 0; l < 9; l++)
		CHECK_EQ(FC_MASS(&t.model)[l], l < 4 ? 5 : 4);
	free(memory);
	training_end(&t);
}

/* The distance to the seventh neighbour, in the middle of two if there are two medians */
static void
test_sigma(void)
{
	enum {N = 100};
	double		x[N];
	Training	t;

	for (int i = 0; i < N; i++)
		x[i] = i * 0.25;
	train(&t, FC_NJW, 0, FC_F64, 2, x, N, 1);
	if (run(&t))
		CHECK_NEAR(t.model.option[FC_SPECTRAL_SIGMA], 4 * 0.25, 1e-15);
	training_end(&t);

	train(&t, FC_NJW, 0, FC_F64, 2, x, 4, 1);	/* fewer neighbours than that: the last */
	if (run(&t))
		CHECK_NEAR(t.model.option[FC_SPECTRAL_SIGMA], 2.5 * 0.25, 1e-15);
	training_end(&t);
}

/* A row without neighbours joins the nearest cluster, and the others do not notice */
static void
test_isolated_row(void)
{
	enum {N = 200};
	int			truth[N + 1];
	int			labels[N + 1];
	double	   *rings = make_rings(N, truth);
	double		x[2 * (N + 1)];
	Training	t;

	memcpy(x, rings, sizeof(double) * 2 * N);
	x[2 * N] = 1e6;
	x[2 * N + 1] = 0;
	truth[N] = 1;				/* the outer ring is nearer */
	for (int kind = FC_NJW; kind <= FC_NCUT; kind++)
	{
		train(&t, kind, 0, FC_F64, 2, x, N + 1, 2);
		if (run(&t))
		{
			label(&t.model, x, N + 1, labels);
			CHECK_EQ(differences(labels, truth, N + 1), 0);
			CHECK_EQ(FC_MASS(&t.model)[N], 0);
		}
		training_end(&t);
	}
	free(rings);
}

/* Numbers that differ in the first "count" columns of (rows, stride) and (rows, other), up to the sign of a row */
static int
count_different(const double *a, int32_t stride, const double *b, int32_t other, int32_t rows, int32_t count)
{
	int			different = 0;

	for (int32_t j = 0; j < rows; j++)
	{
		double		sign = a[j * stride] * b[j * other] < 0 ? -1 : 1;

		for (int32_t l = 0; l < count; l++)
			different += !(fabs(a[j * stride + l] - sign * b[j * other + l]) <= 1e-9);
	}
	return different;
}

/* Wherever they are among the rows, the graph is that of the others */
static void
test_isolated_rows(void)
{
	enum {N = 60, APART = 4, ALL = N + APART};
	static const int where[APART] = {0, 7, 8, ALL - 1};
	int			truth[N];
	double	   *rings = make_rings(N, truth);
	double		x[2 * ALL];
	int			at = 0;
	int			next = 0;
	Training	some,
				all;

	for (int i = 0; i < ALL; i++)
	{
		bool		apart = next < APART && where[next] == i;

		x[2 * i] = apart ? 1000.0 * ++next : rings[2 * at];
		x[2 * i + 1] = apart ? -500 : rings[2 * at++ + 1];
	}
	train(&some, FC_NJW, 0, FC_F64, 3, rings, N, 2);
	train(&all, FC_NJW, 0, FC_F64, 3, x, ALL, 2);
	some.model.option[FC_SPECTRAL_SIGMA] = all.model.option[FC_SPECTRAL_SIGMA] = 0.7;
	if (run(&some) && run(&all))
	{
		const FcModel *a = &some.model;
		const FcModel *b = &all.model;
		int32_t		s = fc_spectral_stride(a);
		int32_t		o = fc_spectral_stride(b);

		CHECK_EQ(count_different(FC_LANDMARKS(a), s, FC_LANDMARKS(b), o, 2, N), 0);
		CHECK_EQ(count_different(FC_MASS(a), s, FC_MASS(b), o, 1, N), 0);
		CHECK_EQ(count_different(FC_DEGREES(a), s, FC_DEGREES(b), o, 1, N), 0);
		CHECK_EQ(count_different(FC_VECTORS(a), s, FC_VECTORS(b), o, fc_spectral_width(a), N), 0);
		for (int32_t v = 0; v < fc_spectral_width(a); v++)
			CHECK_NEAR(FC_EIGENVALUES(a)[v], FC_EIGENVALUES(b)[v], 1e-12);
		for (int32_t l = N; l < ALL; l++)
			CHECK_EQ(FC_MASS(b)[l], 0);
	}
	training_end(&some);
	training_end(&all);
	free(rings);
}

/* Where nothing has neighbours there is one cluster, or a status */
static void
test_no_edges(void)
{
	enum {N = 50};
	int			truth[N];
	double	   *x = make_rings(N, truth);
	Training	t;

	for (int32_t k = 1; k <= 2; k++)
	{
		train(&t, FC_NJW, 0, FC_F64, k, x, N, 2);
		t.model.option[FC_SPECTRAL_SIGMA] = 1e-6;
		CHECK_EQ(training_run(&t), k == 1 ? FC_OK : FC_VANISHED);
		if (k == 1)
			check_model(&t);
		training_end(&t);
	}
	free(x);
}

int
main(void)
{
	test_eigen();
	test_duplicates();
	test_sigma();
	test_isolated_row();
	test_isolated_rows();
	test_no_edges();
	return check_report("spectral_graph");
}
