/*
 * anneal.c - annealing with Tsallis entropy: the numbers that an independent
 * implementation finds, and the schedules' promises
 *
 * The values are in test/data/anneal.h, which test/golden/anneal.py writes.
 */
#include "algo/qfit.h"
#include "golden.h"

typedef struct AnnealCase
{
	const char *schedule;
	const GoldenData *data;
	GoldenOption options[MOST_OPTIONS];
	int			steps;
	int			iterations;
	double		q;				/* at the end */
	double		t;
	double		objective;
	const double *centers;		/* (k, d) */
	int			nrows;
	const int  *rows;			/* (nrows) rows whose memberships follow */
	const double *memberships;	/* (nrows, k) */
	int			misclassified;
} AnnealCase;

typedef struct AnnealCooling
{
	double		t_high;
	double		rate;
	double		dimension_exponent;
	int			step;
	double		t;
} AnnealCooling;

/* ln of the membership at squared distance d, up to a term common to all clusters */
typedef struct AnnealScore
{
	double		d;
	double		q;
	double		t;
	double		log_u;
} AnnealScore;

/* q = a T^b, from 10^4 equally spaced distances up to 100 */
typedef struct AnnealFit
{
	double		q;
	double		t_high;
	double		a;
	double		b;
} AnnealFit;

#include "../data/anneal.h"

static const FcHooks no_hooks = {NULL, NULL, NULL};

/* A training by a schedule, with the defaults */
static void
begin(Training *t, const char *schedule, FcPrecision precision, const double *x, int64_t n, int32_t d, int32_t k)
{
	const FcAlgorithm *tsallis = fc_find_algorithm("tsallis");

	training_begin(t, tsallis, k, precision, x, n, d);
	*own_option(&t->model, "schedule") =
		fc_find_choice(fc_option_at(tsallis, fc_find_option(tsallis, "schedule")), schedule);
}

static double
last_of(const FcModel *m, FcHistoryColumn column)
{
	return fc_history_get(m, m->history.count - 1, column);
}

/* Rows that are not of the kind most common in their cluster */
static int
count_misclassified(const FcModel *m, const GoldenData *data)
{
	int			count[16][16] = {{0}};
	int			misclassified = data->n;
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int i = 0; i < data->n; i++)
	{
		fc_score_row(&s, data->rows + i * data->d);
		count[fc_score_nearest(&s)][data->labels[i]]++;
	}
	for (int32_t c = 0; c < m->k; c++)
	{
		int			most = 0;

		for (int label = 0; label < 16; label++)
			most = count[c][label] > most ? count[c][label] : most;
		misclassified -= most;
	}
	free(memory);
	return misclassified;
}

/* Of two centers that merged, rounding decides which one is the nearer */
static bool
are_apart(const double *v, int k, int d)
{
	for (int c = 0; c < k; c++)
		for (int b = 0; b < c; b++)
			if (fc_squared_distance(v + b * d, v + c * d, d) < 1e-6)
				return false;
	return true;
}

/*
 * Puts the clusters into the order of centers v.  Where a step let two centers
 * merge, whichever way they are nudged decides which of them goes where.
 */
static void
reorder(FcModel *m, const double *v)
{
	double		centers[16 * 16];

	memcpy(centers, m->centers, sizeof(double) * m->k * m->d);
	for (int32_t c = 0; c < m->k; c++)
	{
		const double *best = centers;

		for (int32_t b = 1; b < m->k; b++)
			if (fc_squared_distance(centers + b * m->d, v + c * m->d, m->d) < fc_squared_distance(best, v + c * m->d, m->d))
				best = centers + b * m->d;
		memcpy(m->centers + c * m->d, best, sizeof(double) * m->d);
	}
}

/* ---- golden values ---- */

static void
test_schedule(const AnnealCase *g, int isa)
{
	const GoldenData *data = g->data;
	Training	t;

	begin(&t, g->schedule, FC_F64, data->rows, data->n, data->d, data->k);
	t.fit.isa = isa;
	t.fit.start = data->start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	t.model.common[FC_MAX_ITERATIONS] = 10000;
	*own_option(&t.model, "q_max") = 10000;
	golden_options(&t.model, g->options);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		check_model(&t);
		CHECK_EQ(last_of(&t.model, FC_HISTORY_PHASE) + 1, g->steps);
		if (g->iterations < 50) /* thousands of small steps end one sooner or later */
			CHECK_EQ(t.model.iterations, g->iterations);
		CHECK_NEAR(last_of(&t.model, FC_HISTORY_Q) / g->q, 1, 1e-11);
		CHECK_NEAR(last_of(&t.model, FC_HISTORY_TEMPERATURE) / g->t, 1, 1e-11);
		CHECK_NEAR(t.model.objective, g->objective, 1e-9);
		reorder(&t.model, g->centers);
		for (int i = 0; i < data->k * data->d; i++)
			CHECK_NEAR(t.model.centers[i], g->centers[i], 1e-9);
		golden_memberships(&t.model, data, g->nrows, g->rows, g->memberships, 1e-9);
		if (are_apart(g->centers, data->k, data->d))
			CHECK_EQ(count_misclassified(&t.model, data), g->misclassified);
	}
	training_end(&t);
}

/* Each step is one iteration, so that all of them are seen */
static void
test_cooling(const AnnealCooling *g)
{
	double	   *x = make_noise(40, 2, 5);
	Training	t;

	begin(&t, "temperature", FC_F64, x, 40, 2, 3);
	t.model.common[FC_MAX_ITERATIONS] = g->step + 1;
	*own_option(&t.model, "temperature") = g->t_high;
	*own_option(&t.model, "rate") = g->rate;
	*own_option(&t.model, "dimension_exponent") = g->dimension_exponent;
	*own_option(&t.model, "inner_tolerance") = 1e300;
	*own_option(&t.model, "outer_tolerance") = 0;
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK_EQ(last_of(&t.model, FC_HISTORY_PHASE), g->step);
	CHECK_NEAR(last_of(&t.model, FC_HISTORY_TEMPERATURE) / g->t, 1, 1e-11);
	training_end(&t);
	free(x);
}

/* Two centers, one at no distance: the logarithm of the ratio of memberships */
static void
test_score(const AnnealScore *g, int isa, FcPrecision precision)
{
	const FcKernel *kernel = fc_find_algorithm("tsallis")->kernel;
	FcWeighing	w = {.parameters = {g->q, g->t}};
	double		at[2 * FC_LANES];	/* room for doubles, whatever the precision */

	if (g->log_u < (precision == FC_F32 ? -40 : -300))
		return;					/* beyond, it underflows */
	for (int i = 0; i < 2 * FC_LANES; i++)
		fc_set(at, precision, i, i < FC_LANES ? 0 : g->d);
	kernel->memberships[isa][precision] (&w, at, FC_LANES, FC_LANES, 1, 2);
	CHECK_NEAR(log(fc_get(at, precision, FC_LANES) / fc_get(at, precision, 0)), g->log_u,
			   precision == FC_F32 ? 1e-6 : 1e-9);
}

static void
test_fit(const AnnealFit *g)
{
	double		a;
	double		b;

	fc_fit_q(g->q, g->t_high, (FcFitGrid) {100, 10000, false}, &no_hooks, &a, &b);
	CHECK_NEAR(a / g->a, 1, 1e-6);
	CHECK_NEAR(b, g->b, 1e-6);
	/* what trainings use differs by the reference's own coarseness near 0 */
	fc_fit_q(g->q, g->t_high, (FcFitGrid) {100, 200, true}, &no_hooks, &a, &b);
	CHECK_NEAR(a / g->a, 1, 1e-3);
	CHECK_NEAR(b, g->b, 1e-3);
}

/* ---- promises ---- */

/* Within a step the free energy never rises */
static void
test_descent(const char *schedule, int isa, FcPrecision precision)
{
	enum {N = 400, D = 3, K = 4};
	double	   *x = make_blobs(N, D, K, 4);
	int			rises = 0;
	Training	t;

	begin(&t, schedule, precision, x, N, D, K);
	t.fit.isa = isa;
	*own_option(&t.model, "inner_tolerance") = 1e-3;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.model.converged);
	for (int32_t i = 1; i < t.model.history.count; i++)
		if (fc_history_get(&t.model, i, FC_HISTORY_PHASE) == fc_history_get(&t.model, i - 1, FC_HISTORY_PHASE))
		{
			double		before = fc_history_get(&t.model, i - 1, FC_HISTORY_OBJECTIVE);

			rises += fc_history_get(&t.model, i, FC_HISTORY_OBJECTIVE) >
				before + rounding_of(precision) / 10 * fmax(fabs(before), N);
		}
	CHECK_EQ(rises, 0);
	training_end(&t);
	free(x);
}

/*
 * Far above the critical temperature all centers merge, and are nudged apart
 * until they can part: every schedule still finds the three kinds of iris, and
 * says that it settled.
 */
static void
test_freezing(const char *schedule, FcPrecision precision)
{
	const GoldenData *iris = &golden_data[2];
	Training	t;

	begin(&t, schedule, precision, iris->rows, iris->n, iris->d, iris->k);
	*own_option(&t.model, "temperature") = 50;
	*own_option(&t.model, "inner_tolerance") = 0.1;
	*own_option(&t.model, "outer_tolerance") = 0.01;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.model.converged && t.model.iterations < 100);
	CHECK_EQ(t.model.empty, 0);
	CHECK_EQ(t.fit.doubts.twins[0], -1);
	for (int32_t c = 0; c < iris->k; c++)
		CHECK(t.model.weights[c] > 30);
	training_end(&t);
}

/* q = 10000 and k = 3: u^q of any row is 1e-4771, and yet centers move */
static void
test_large_q(int isa, FcPrecision precision)
{
	const GoldenData *iris = &golden_data[2];
	Training	t;

	begin(&t, "q_inverse", precision, iris->rows, iris->n, iris->d, iris->k);
	t.fit.isa = isa;
	*own_option(&t.model, "q_max") = 10000;
	*own_option(&t.model, "rate") = 20;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(last_of(&t.model, FC_HISTORY_Q) > 1000);
	for (int32_t c = 0; c < iris->k; c++)
		CHECK(t.model.weights[c] > 30);
	training_end(&t);
}

/* Any two centers that coincide are nudged apart, not only those that coincide with the first */
static void
test_twins(FcPrecision precision)
{
	enum {N = 90, D = 2, K = 3};
	static const double start[K * D] = {0, 0, 10, 20, 10, 20};
	double	   *x = make_blobs(N, D, K, 1);
	Training	t;

	begin(&t, "temperature", precision, x, N, D, K);
	t.fit.start = start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		CHECK_EQ(t.fit.doubts.twins[0], -1);
		for (int32_t c = 0; c < K; c++)
			CHECK_NEAR(t.model.weights[c], N / K, 0.1);
	}
	training_end(&t);
	free(x);
}

/* A nudge moves the later of two centers that coincide, and no other; it is so cold that other groups round away */
static void
test_nudge(FcPrecision precision)
{
	enum {N = 40, D = 2, K = 3};
	static const double start[K * D] = {0, 0, 0, 0, 100, 200};
	double	   *x = make_noise(N, D, 11);
	Training	t;

	for (int i = N / 2; i < N; i++)
		memcpy(x + i * D, start + 2 * D, sizeof(double) * D);
	begin(&t, "temperature", precision, x, N, D, K);
	t.fit.start = start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	t.model.common[FC_MAX_ITERATIONS] = 1;
	*own_option(&t.model, "temperature") = 1e-20;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		CHECK(memcmp(t.model.centers, t.model.centers + D, sizeof(double) * D) != 0);
		for (int j = 0; j < D; j++)
		{
			CHECK_NEAR(t.model.centers[j], t.model.centers[D + j], 1e-3);
			CHECK_NEAR(t.model.centers[2 * D + j], start[2 * D + j], 1e-10);
		}
	}
	training_end(&t);
	free(x);
}

/*
 * Two groups that are too close for a gap: once q stays, the training ends when
 * nothing moves.  It is so cold that the other groups round away.
 */
static void
test_close_groups(void)
{
	enum {N = 30, K = 3};
	double		x[N];
	Training	t;

	for (int i = 0; i < N; i++)
		x[i] = i % K == 0 ? -10 : i % K == 1 ? 10 : 10.01;
	begin(&t, "q_inverse", FC_F64, x, N, 1, K);
	t.fit.start = x;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	*own_option(&t.model, "temperature") = 1e-20;
	*own_option(&t.model, "outer_tolerance") = 0;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		CHECK(t.model.converged);
		CHECK(last_of(&t.model, FC_HISTORY_PHASE) + 1 < *own_option(&t.model, "max_steps"));
		for (int32_t c = 0; c < K; c++)
			CHECK_NEAR(t.model.centers[c], x[c], 1e-12);
	}
	training_end(&t);
}

static FcStatus
read_with(const FcModel *m, double *value, double other)
{
	double		kept = *value;
	size_t		length;
	FcModel		back;
	FcStatus	status;
	char	   *bytes;

	*value = other;
	bytes = model_bytes(m, &length);
	status = fc_model_read(&back, bytes, length);
	*value = kept;
	free(bytes);
	return status;
}

/* A model whose last q is below 1, or whose last temperature is not above 0, is damaged */
static void
test_damage(void)
{
	double	   *x = make_blobs(60, 2, 3, 1);
	Training	t;

	begin(&t, "temperature", FC_F64, x, 60, 2, 3);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		double	   *state = t.model.own.extra[0];	/* q and T */

		CHECK_EQ(read_with(&t.model, &state[0], 1), FC_OK);
		CHECK_EQ(read_with(&t.model, &state[0], 0.99), FC_DAMAGED_MODEL);
		CHECK_EQ(read_with(&t.model, &state[0], -2), FC_DAMAGED_MODEL);
		CHECK_EQ(read_with(&t.model, &state[1], 1e-300), FC_OK);
		CHECK_EQ(read_with(&t.model, &state[1], 0), FC_DAMAGED_MODEL);
		CHECK_EQ(read_with(&t.model, &state[1], -1), FC_DAMAGED_MODEL);
	}
	training_end(&t);
	free(x);
}

int
main(void)
{
	static const char *const schedules[] = {"temperature", "q_fit", "q_inverse"};
	static const int isas[] = {FC_ISA_BASE, FC_ISA_AVX512};

	for (int i = 0; i < COUNT(anneal_cases); i++)
		for (int v = 0; v < COUNT(isas) && isas[v] <= (int) fc_best_isa(); v++)
			test_schedule(&anneal_cases[i], isas[v]);
	for (int i = 0; i < COUNT(anneal_cooling); i++)
		test_cooling(&anneal_cooling[i]);
	for (int i = 0; i < COUNT(anneal_fits); i++)
		test_fit(&anneal_fits[i]);
	FOR_EACH_VARIANT(isa, precision)
	{
		for (int i = 0; i < COUNT(anneal_scores); i++)
			test_score(&anneal_scores[i], isa, precision);
		for (int s = 0; s < COUNT(schedules); s++)
			test_descent(schedules[s], isa, precision);
		test_large_q(isa, precision);
	}
	for (int s = 0; s < COUNT(schedules); s++)
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			test_freezing(schedules[s], precision);
	test_twins(FC_F32);
	test_twins(FC_F64);
	test_nudge(FC_F32);
	test_nudge(FC_F64);
	test_close_groups();
	test_damage();
	return check_report("anneal");
}
