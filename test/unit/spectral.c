/*
 * spectral.c - tests of spectral clustering as a whole
 *
 * What every algorithm promises is in contract.c; here is what only a graph can
 * do, and the numbers of an independent implementation.
 */
#include "spectral_train.h"

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

/*
 * Rows x (n, 2) whose cluster another number has in a spectral model that begins with
 * model m, whose clusters get other numbers first: c becomes place[c]
 */
static int
count_moved(FcModel *m, const int32_t *place, int kind, int landmarks, FcPrecision precision, const double *x, int n)
{
	double	   *centers;
	int32_t		work[3];
	int			before[MOST_ROWS];
	int			after[MOST_ROWS];
	int			moved = n;
	Training	next;

	fc_model_permute(m, place, work);
	label(m, x, n, before);
	centers = centers_of(m);
	train(&next, kind, landmarks, precision, m->k, x, n, 2);
	next.model.common[FC_INIT] = FC_INIT_MODEL;
	next.fit.start = centers;
	next.fit.earlier = m;
	if (CHECK_EQ(training_run(&next), FC_OK))
	{
		label(&next.model, x, n, after);
		moved = 0;
		for (int i = 0; i < n; i++)
			moved += before[i] != after[i];
	}
	training_end(&next);
	free(centers);
	return moved;
}

/* From a model of any algorithm, the clusters keep their numbers, whatever these are; exactly and by landmarks */
static void
test_numbers_stay(const FcAlgorithm *algo, const int32_t *place, int landmarks)
{
	enum {ROWS = 300};
	double	   *x = make_blobs(ROWS, 2, 3, 2);
	Training	t;

	training_begin(&t, algo, 3, FC_F64, x, ROWS, 2);
	t.model.common[FC_SCALE] = scales_itself(algo) ? FC_SCALE_NONE : FC_SCALE_ZSCORE;
	if (own_option(&t.model, "pretrain_epochs"))	/* one that has hardly learned finds other clusters */
		*own_option(&t.model, "pretrain_epochs") = 60;
	if (CHECK_EQ(training_run(&t), FC_OK))
		CHECK_EQ(count_moved(&t.model, place, FC_NJW, landmarks, FC_F64, x, ROWS), 0);
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
	Training	t;

	for (int i = 0; i < 2 * ROWS; i++)
		x[i] += offset;
	train(&t, FC_NJW, 0, FC_F64, 2, x, ROWS, 2);
	if (CHECK_EQ(training_run(&t), FC_OK))
		CHECK_EQ(count_moved(&t.model, swapped, FC_NCUT, landmarks, FC_F32, x, ROWS), 0);
	training_end(&t);
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

/* Negative masses and degrees are not a graph; other values may be anything finite */
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
	test_golden();
	test_any_shape();
	FOR_EACH_ALGORITHM(algo)
	{
		test_numbers_stay(algo, (int32_t[]) {0, 1, 2}, 0);
		test_numbers_stay(algo, (int32_t[]) {2, 0, 1}, algo->network ? 0 : 100);
	}
	for (int landmarks = 0; landmarks <= 150; landmarks += 150)
	{
		test_shapes_stay(landmarks, false, 0);
		test_shapes_stay(landmarks, true, 4096);
		test_shapes_stay(landmarks, true, -4096);
	}
	test_order();
	test_many_clusters();
	for (int kind = FC_NJW; kind <= FC_NCUT; kind++)
		test_forged(kind);
	return check_report("spectral");
}
