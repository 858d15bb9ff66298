/*
 * spectral.c - tests of spectral clustering: eigenvectors, graphs, embedding
 *
 * What every algorithm promises is in contract.c; here is what only a graph can
 * do, and the numbers of an independent implementation.
 */
#include "train.h"

#include "spectral/eigen.h"
#include "spectral/embed.h"
#include "spectral/graph.h"
#include "spectral/model.h"

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))
#define MOST_ROWS		2400

typedef struct GoldenSpectral
{
	const double *rows;			/* (n, d) */
	const int  *labels;			/* (n) true classes */
	int			n;
	int			d;
	const char *kind;
	double		sigma;
	double		eigenvalues[5];
	double		objective;		/* of k-means */
	int			misclassified;
	int			counts[3];		/* rows of each cluster, fewest first */
} GoldenSpectral;

#include "../data/spectral.h"

extern const FcAlgorithm fc_spectral;

/* ---- helpers ---- */

/* All rows in the graph if "landmarks" is 0, else so many landmarks */
static void
train(Training *t, int kind, int landmarks, FcPrecision precision, int32_t k, const double *x, int64_t n, int32_t d)
{
	training_begin(t, &fc_spectral, k, precision, x, n, d);
	t->model.option[FC_SPECTRAL_KIND] = kind;
	t->model.option[FC_SPECTRAL_EXACT_ROWS] = landmarks > 0 ? 0 : FC_MOST_NODES;
	if (landmarks > 0)
		t->model.option[FC_SPECTRAL_LANDMARKS] = landmarks;
}

static bool
run(Training *t)
{
	if (!CHECK_EQ(training_run(t), FC_OK))
		return false;
	check_model(t);
	return true;
}

/* The cluster of each row; x is (n, d) */
static void
label(const FcModel *m, const double *x, int64_t n, int *labels)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int64_t i = 0; i < n; i++)
	{
		fc_score_row(&s, x + i * m->d);
		labels[i] = fc_score_nearest(&s);
	}
	free(memory);
}

/* Rows that differ, for the best of the orders of up to three clusters */
static int
differences(const int *a, const int *b, int64_t n)
{
	static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	int			best = INT32_MAX;

	for (int o = 0; o < 6; o++)
	{
		int			wrong = 0;

		for (int64_t i = 0; i < n; i++)
			wrong += orders[o][a[i]] != b[i];
		best = wrong < best ? wrong : best;
	}
	return best;
}

/* Rows of two rings around each other, one after the other, and which of them */
static double *
make_rings(int n, int *ring)
{
	double	   *x = make_noise(n, 2, 77);

	for (int i = 0; i < n; i++)
	{
		double		radius = (ring[i] = i % 2) ? 3 : 1;

		x[2 * i] = radius * cos(2.399963 * i) + 0.2 * x[2 * i];
		x[2 * i + 1] = radius * sin(2.399963 * i) + 0.2 * x[2 * i + 1];
	}
	return x;
}

/* Two half circles that reach into each other */
static double *
make_moons(int n, int *moon)
{
	double	   *x = make_noise(n, 2, 78);

	for (int i = 0; i < n; i++)
	{
		double		angle = 3.14159265 * (i / 2) / (n / 2.0);

		moon[i] = i % 2;
		x[2 * i] = (moon[i] ? 1 - cos(angle) : cos(angle)) + 0.1 * x[2 * i];
		x[2 * i + 1] = (moon[i] ? 0.5 - sin(angle) : sin(angle)) + 0.1 * x[2 * i + 1];
	}
	return x;
}

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
	FcHooks		hooks = {NULL, NULL, NULL};
	FcArena		arena = {NULL, 0};
	FcEigen		eigen;
	FcRng		rng;

	fc_rng_start(&rng, 5, (uint64_t) n);
	for (int i = 0; i < n; i++)
		for (int p = 0; p <= i; p++)
			a[i * lda + p] = a[p * lda + i] = blocks ? i % blocks == p % blocks : fc_rng_uniform(&rng) - 0.5;
	memcpy(b, a, sizeof(double) * n * lda);
	fc_eigen_layout(&arena, &eigen, n);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_eigen_layout(&arena, &eigen, n);
	eigen.hooks = &hooks;
	eigen.lapack = &linked_lapack;
	CHECK(fc_eigen_largest(&eigen, b, n, lda, want, lambda, u, ldu));
	CHECK(eigen_error(a, n, lda, want, lambda, u, ldu) < 1e-12 * n);
	free(arena.base);
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

/* ---- the numbers of others ---- */

static void
check_golden(const GoldenSpectral *g, int isa, FcPrecision precision)
{
	double		close = precision == FC_F32 ? 1e-5 : 1e-9;
	int			kind = fc_find_choice(&fc_spectral.options[FC_SPECTRAL_KIND], g->kind);
	int			labels[150];
	int			counts[3] = {0};
	Training	t;

	train(&t, kind, 0, precision, 5, g->rows, g->n, g->d);
	t.fit.isa = isa;
	t.model.option[FC_SPECTRAL_SIGMA] = g->sigma;
	if (run(&t))
		for (int v = 0; v < 5; v++)
			CHECK_NEAR(FC_EIGENVALUES(&t.model)[v], g->eigenvalues[v], close);
	training_end(&t);

	train(&t, kind, 0, precision, 3, g->rows, g->n, g->d);
	t.fit.isa = isa;
	t.model.option[FC_SPECTRAL_SIGMA] = g->sigma;
	if (run(&t))
	{
		CHECK(t.model.converged);
		CHECK_NEAR(t.model.objective, g->objective, close);
		label(&t.model, g->rows, g->n, labels);
		CHECK_EQ(differences(labels, g->labels, g->n), g->misclassified);
		for (int i = 0; i < g->n; i++)
			counts[labels[i]]++;
		for (int c = 0; c < 3; c++)
			CHECK(counts[c] == g->counts[0] || counts[c] == g->counts[1] || counts[c] == g->counts[2]);
	}
	training_end(&t);
}

static void
test_golden(void)
{
	for (int i = 0; i < COUNT(golden_spectral); i++)
		FOR_EACH_VARIANT(isa, precision)
			check_golden(&golden_spectral[i], isa, precision);
}

/* ---- clusters of any shape ---- */

static void
check_shapes(const double *x, const int *truth, int n, int kind, int landmarks, FcPrecision precision)
{
	int			labels[MOST_ROWS];
	Training	t;

	train(&t, kind, landmarks, precision, 2, x, n, 2);
	if (run(&t))
	{
		CHECK(t.model.converged && t.model.empty == 0);
		CHECK_EQ(t.model.weights[0], n / 2);
		label(&t.model, x, n, labels);
		CHECK_EQ(differences(labels, truth, n), 0);
	}
	training_end(&t);
}

/* What no mean can tell apart: rings and moons, by both kinds, exactly and by landmarks */
static void
test_any_shape(void)
{
	int			truth[MOST_ROWS];

	for (int moons = 0; moons < 2; moons++)
		for (int kind = FC_NJW; kind <= FC_NCUT; kind++)
			for (int precision = FC_F32; precision <= FC_F64; precision++)
			{
				double	   *x = moons ? make_moons(600, truth) : make_rings(600, truth);

				check_shapes(x, truth, 600, kind, 0, precision);
				free(x);
				x = moons ? make_moons(MOST_ROWS, truth) : make_rings(MOST_ROWS, truth);
				check_shapes(x, truth, MOST_ROWS, kind, 150, precision);
				free(x);
			}
}

/* Rows in another order are in the same clusters */
static void
test_order(void)
{
	enum {N = 150, D = 4};
	const GoldenSpectral *g = &golden_spectral[COUNT(golden_spectral) - 1];
	double		x[N * D];
	int			truth[N];
	int			labels[N];
	Training	t;

	for (int shuffled = 0; shuffled < 2; shuffled++)
	{
		/* 7 and 150 have no divisor in common */
		for (int i = 0; i < N; i++)
			memcpy(x + i * D, g->rows + (shuffled ? i * 7 % N : i) * D, D * sizeof(double));
		train(&t, FC_NJW, 0, FC_F64, 3, x, N, D);
		t.model.common[FC_RESTARTS] = 3;
		if (run(&t))
			label(&t.model, g->rows, N, shuffled ? labels : truth);
		training_end(&t);
	}
	CHECK_EQ(differences(labels, truth, N), 0);
}

/* From a model of any algorithm, the clusters keep their numbers, whatever these are; exactly and by landmarks */
static void
test_numbers_stay(const FcAlgorithm *algo, const int32_t *place, int landmarks)
{
	enum {ROWS = 300};
	double	   *x = make_blobs(ROWS, 2, 3, 2);
	double	   *centers;
	int32_t		work[3];
	int			before[ROWS];
	int			after[ROWS];
	int			wrong = 0;
	Training	t;
	Training	next;

	training_begin(&t, algo, 3, FC_F64, x, ROWS, 2);
	t.model.common[FC_SCALE] = scales_itself(algo) ? FC_SCALE_NONE : FC_SCALE_ZSCORE;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		fc_model_permute(&t.model, place, work);
		label(&t.model, x, ROWS, before);
		centers = centers_of(&t.model);
		train(&next, FC_NJW, landmarks, FC_F64, 3, x, ROWS, 2);
		next.model.common[FC_INIT] = FC_INIT_MODEL;
		next.fit.start = centers;
		next.fit.earlier = &t.model;
		if (CHECK_EQ(training_run(&next), FC_OK))
		{
			label(&next.model, x, ROWS, after);
			for (int i = 0; i < ROWS; i++)
				wrong += before[i] != after[i];
		}
		training_end(&next);
		free(centers);
	}
	CHECK(wrong <= (is_deep(algo) ? ROWS / 4 : 0));	/* a network that has hardly learned finds others */
	training_end(&t);
	free(x);
}

/* ... and of clusters of which means say nothing, near zero or far from it */
static void
test_shapes_stay(int landmarks, bool moons, double offset)
{
	static const int32_t swapped[] = {1, 0};
	enum {ROWS = 600};
	int			truth[ROWS];
	double	   *x = moons ? make_moons(ROWS, truth) : make_rings(ROWS, truth);
	double	   *centers;
	int32_t		work[2];
	int			before[ROWS];
	int			after[ROWS];
	int			wrong = 0;
	Training	t;
	Training	next;

	for (int i = 0; i < 2 * ROWS; i++)
		x[i] += offset;
	train(&t, FC_NJW, 0, FC_F64, 2, x, ROWS, 2);
	CHECK_EQ(training_run(&t), FC_OK);
	fc_model_permute(&t.model, swapped, work);
	label(&t.model, x, ROWS, before);
	centers = centers_of(&t.model);
	train(&next, FC_NCUT, landmarks, FC_F32, 2, x, ROWS, 2);
	next.model.common[FC_INIT] = FC_INIT_MODEL;
	next.fit.start = centers;
	next.fit.earlier = &t.model;
	CHECK_EQ(training_run(&next), FC_OK);
	label(&next.model, x, ROWS, after);
	for (int i = 0; i < ROWS; i++)
		wrong += before[i] != after[i];
	CHECK_EQ(wrong, 0);
	training_end(&t);
	training_end(&next);
	free(centers);
	free(x);
}

/* ---- the Nystrom extension ---- */

/* Landmarks for all rows, or more, are the exact graph, in every bit */
static void
test_all_landmarks(void)
{
	enum {N = 200};
	int			truth[N];
	double	   *x = make_rings(N, truth);

	for (int landmarks = N; landmarks <= N + 100; landmarks += 100)
	{
		Training	a,
					b;

		train(&a, FC_NJW, 0, FC_F64, 4, x, N, 2);
		train(&b, FC_NJW, landmarks, FC_F64, 4, x, N, 2);
		if (run(&a) && run(&b))
		{
			memcpy(b.model.option, a.model.option, sizeof(a.model.option));
			CHECK(same_model(&a.model, &b.model));
		}
		training_end(&a);
		training_end(&b);
	}
	free(x);
}

/* Rows next to rows of the training are where these are, however small the graph */
static void
test_new_rows(int kind, int landmarks)
{
	enum {N = 800};
	int			truth[N];
	int			near[N];
	double	   *x = make_rings(N, truth);
	double	   *y = make_noise(N, 2, 79);
	Training	t;

	train(&t, kind, landmarks, FC_F64, 3, x, N, 2);
	if (run(&t))
	{
		label(&t.model, x, N, truth);
		for (int i = 0; i < 2 * N; i++)
			y[i] = x[i] + 1e-6 * y[i];
		label(&t.model, y, N, near);
		CHECK(differences(near, truth, N) <= N / 100);	/* a few lie on the border */
	}
	training_end(&t);
	free(x);
	free(y);
}

/* Eq. 1 and 2 of spectral/embed.c, sum by sum: where row x, which is no landmark, lies */
static void
extend_plainly(const FcModel *m, const double *x, double *z)
{
	int32_t		stride = fc_spectral_stride(m);
	int32_t		width = fc_spectral_width(m);
	double		sigma = m->option[FC_SPECTRAL_SIGMA];
	double		degree = 0;
	double		length = 0;

	memset(z, 0, sizeof(double) * width);
	for (int32_t l = 0; l < stride; l++)
	{
		double		squares = 0;
		double		affinity;

		for (int32_t j = 0; j < m->d; j++)
			squares += pow(x[j] - FC_LANDMARKS(m)[j * stride + l], 2);
		affinity = FC_MASS(m)[l] * exp(-squares / (2 * sigma * sigma));
		degree += affinity;
		for (int32_t v = 0; v < width; v++)
			z[v] += affinity * FC_VECTORS(m)[v * stride + l] / (FC_EIGENVALUES(m)[v] * sqrt(FC_DEGREES(m)[l]));
	}
	for (int32_t v = 0; v < width; v++)
		length += z[v] * z[v];
	for (int32_t v = 0; v < width; v++)
		z[v] /= m->option[FC_SPECTRAL_KIND] == FC_NJW ? sqrt(length) : degree;
}

/* Rows without clusters have eigenvalues far from 1, and from each other: none may be forgotten */
static void
test_extension(int kind, int landmarks)
{
	enum {N = 300, D = 3, K = 4};
	double	   *x = make_noise(2 * N, D, 83);
	Training	t;

	train(&t, kind, landmarks, FC_F64, K, x, N, D);
	t.model.option[FC_SPECTRAL_SIGMA] = 0.3;
	if (run(&t))
	{
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &t.model);
		int			wrong = 0;

		CHECK(FC_EIGENVALUES(&t.model)[fc_spectral_width(&t.model) - 1] < 0.9);
		for (int64_t i = N; i < 2 * N; i++)
		{
			double		z[FC_MOST_VECTORS];

			extend_plainly(&t.model, x + i * D, z);
			fc_score_row(&s, x + i * D);
			for (int32_t c = 0; c < K; c++)
			{
				double		far = fc_squared_distance(z, FC_EMBEDDED(&t.model) + c * fc_spectral_width(&t.model),
													  fc_spectral_width(&t.model));

				wrong += !(fabs(s.distance[c] - far) <= 1e-9 * fmax(far, 1e-3));
			}
		}
		CHECK_EQ(wrong, 0);
		free(memory);
	}
	training_end(&t);
	free(x);
}

/*
 * By NJW embedded rows have length 1, and centers are their means, so that squared
 * distances to the nearest add up to n - sum n_c |v_c|^2; over several blocks of rows
 */
static void
test_means_of_many(void)
{
	enum {N = 2400, D = 3, K = 3};
	double	   *x = make_noise(N, D, 89);
	Training	t;

	train(&t, FC_NJW, 100, FC_F64, K, x, N, D);
	t.model.option[FC_SPECTRAL_SIGMA] = 0.3;
	if (run(&t))
	{
		int32_t		width = fc_spectral_width(&t.model);
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &t.model);
		double		left = N;
		double		sum = 0;

		CHECK(N > fc_block_rows(width));
		for (int64_t i = 0; i < N; i++)
		{
			int32_t		c;

			fc_score_row(&s, x + i * D);
			c = fc_score_nearest(&s);
			sum += s.distance[c];
			for (int32_t v = 0; v < width; v++)
				left -= pow(FC_EMBEDDED(&t.model)[c * width + v], 2);
		}
		CHECK_NEAR(sum / N, left / N, 1e-3);
		free(memory);
	}
	training_end(&t);
	free(x);
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
	FcHooks		hooks = {NULL, NULL, NULL};
	FcArena		arena = {NULL, 0};
	FcEigen		eigen;
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
	fc_eigen_layout(&arena, &eigen, N);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_eigen_layout(&arena, &eigen, N);
	eigen.hooks = &hooks;
	eigen.lapack = &linked_lapack;
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
	free(arena.base);
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

/* Numbers that differ in the first "count" columns of (rows, stride) and (rows, other), but for the sign of a row */
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

/* More clusters than eigenvectors */
static void
test_many_clusters(void)
{
	enum {N = 400, K = 100};
	double	   *x = make_blobs(N, 2, K, 0.5);
	int			labels[N];
	int			wrong = 0;
	Training	t;

	train(&t, FC_NJW, 0, FC_F64, K, x, N, 2);
	if (run(&t))
	{
		CHECK_EQ(fc_spectral_width(&t.model), FC_MOST_VECTORS);
		label(&t.model, x, N, labels);
		for (int i = K; i < N; i++)
			wrong += labels[i] != labels[i % K];
		CHECK(wrong <= N / 4);
	}
	training_end(&t);
	free(x);
}

/* ---- models that are not what training writes ---- */

/* Sets a value of an array, writes and reads; then scores if that is a model */
static void
check_forged(FcModel *m, double *value, double forged, FcStatus expected)
{
	static const double rows[][2] = {{0, 0}, {1, 0}, {3, 0.1}, {1e9, -1e9}, {1e300, 0}};
	double		kept = *value;
	size_t		length;
	char	   *bytes;
	FcModel		back;

	*value = forged;
	bytes = model_bytes(m, &length);
	CHECK_EQ(fc_model_read(&back, bytes, length), expected);
	if (expected == FC_OK)
	{
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &back);

		for (int i = 0; i < COUNT(rows); i++)
		{
			fc_score_row(&s, rows[i]);
			CHECK(memberships_hold(&s));
		}
		free(memory);
	}
	free(bytes);
	*value = kept;
}

/* Negative masses and degrees are no graph; other values may be anything finite */
static void
test_forged(int kind)
{
	static const double extremes[] = {0, -1, 1e308, -1e308, 5e-324};
	int			truth[100];
	double	   *x = make_rings(100, truth);
	Training	t;

	train(&t, kind, 0, FC_F64, 2, x, 100, 2);
	if (run(&t))
	{
		FcModel    *m = &t.model;

		check_forged(m, &FC_MASS(m)[3], -1, FC_DAMAGED_MODEL);
		check_forged(m, &FC_DEGREES(m)[3], 0, FC_DAMAGED_MODEL);
		check_forged(m, &FC_DEGREES(m)[3], -1, FC_DAMAGED_MODEL);
		check_forged(m, &FC_MASS(m)[3], 1e308, FC_OK);
		check_forged(m, &FC_DEGREES(m)[3], 5e-324, FC_OK);
		check_forged(m, &m->option[FC_SPECTRAL_SIGMA], NAN, FC_OK);
		check_forged(m, &m->option[FC_SPECTRAL_SIGMA], 1e-150, FC_OK);
		check_forged(m, &m->option[FC_SPECTRAL_SIGMA], 1e150, FC_OK);
		check_forged(m, &m->option[FC_SPECTRAL_EXACT_ROWS], 1e9, FC_DAMAGED_MODEL);
		for (int i = 0; i < COUNT(extremes); i++)
		{
			check_forged(m, &FC_EIGENVALUES(m)[0], extremes[i], FC_OK);
			check_forged(m, &FC_VECTORS(m)[0], extremes[i], FC_OK);
			check_forged(m, &FC_EMBEDDED(m)[0], extremes[i], FC_OK);
			check_forged(m, &FC_LANDMARKS(m)[0], extremes[i], FC_OK);
		}
		memset(FC_MASS(m), 0, sizeof(double) * fc_spectral_stride(m));
		check_forged(m, &FC_MASS(m)[0], 0, FC_OK);
	}
	training_end(&t);
	free(x);
}

int
main(void)
{
	test_eigen();
	test_golden();
	test_any_shape();
	FOR_EACH_ALGORITHM(algo)
	{
		test_numbers_stay(algo, (int32_t[]) {0, 1, 2}, 0);
		test_numbers_stay(algo, (int32_t[]) {2, 0, 1}, algo->deep ? 0 : 100);
	}
	for (int landmarks = 0; landmarks <= 150; landmarks += 150)
	{
		test_shapes_stay(landmarks, false, 0);
		test_shapes_stay(landmarks, true, 4096);
		test_shapes_stay(landmarks, true, -4096);
	}
	test_order();
	test_all_landmarks();
	for (int kind = FC_NJW; kind <= FC_NCUT; kind++)
	{
		test_new_rows(kind, 0);
		test_new_rows(kind, 100);
		test_extension(kind, 0);
		test_extension(kind, 100);
		test_forged(kind);
	}
	test_means_of_many();
	test_duplicates();
	test_sigma();
	test_isolated_row();
	test_isolated_rows();
	test_no_edges();
	test_many_clusters();
	return check_report("spectral");
}
