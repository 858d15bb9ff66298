/*
 * training.c - what surrounds the iterations: starts and restarts, scaling,
 * limits, hooks, empty and merged clusters
 */
#include "train.h"

#include <setjmp.h>

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

/* ---- starts ---- */

static double
objective_of(const FcAlgorithm *algo, int isa, FcPrecision precision, int restarts, uint64_t seed,
			 const double *x, int64_t n, int32_t d, int32_t k)
{
	Training	t;
	double		objective = NAN;

	training_begin(&t, algo, k, precision, x, n, d);
	t.fit.isa = isa;
	t.model.skipped = 3;
	t.model.common[FC_RESTARTS] = restarts;
	t.model.common[FC_MAX_ITERATIONS] = 50;
	t.model.common[FC_SEED] = (double) seed;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		check_model(&t);
		CHECK_EQ(t.model.skipped, 3);
		objective = t.model.objective;
	}
	training_end(&t);
	return objective;
}

/* More restarts are never worse, and sometimes better; they change nothing of the first */
static void
test_restarts(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 400, D = 2, K = 7};
	double	   *x = make_noise(N, D, 4);
	int			worse = 0;
	int			better = 0;

	for (uint64_t seed = 0; seed < (algo->traits & FC_EMBEDS ? 1 : 4); seed++)
	{
		double		last = INFINITY;

		for (int restarts = 1; restarts <= 4; restarts++)
		{
			double		now = objective_of(algo, isa, precision, restarts, seed, x, N, D, K);

			worse += !(now <= last);
			better += now < last && restarts > 1;
			last = now;
		}
	}
	if (!is_possibilistic(algo))	/* the best start is that of fuzzy c-means, and each has its own eta */
		CHECK_EQ(worse, 0);
	if ((algo->traits & FC_CRISP) && !(algo->traits & FC_EMBEDS))
		CHECK(better > 0);		/* others may have one optimum, or many starts already */
	free(x);
}

/* A training that begins where another ended has nothing left to do */
static void
test_warm_start(const FcAlgorithm *algo, int isa, FcPrecision precision, int scale)
{
	enum {N = 500, D = 3, K = 4};
	double	   *x = make_blobs(N, D, K, 2);
	double	   *start;
	Training	a,
				b;

	training_begin(&a, algo, K, precision, x, N, D);
	a.fit.isa = isa;
	a.model.common[FC_SCALE] = scale;
	CHECK_EQ(training_run(&a), FC_OK);
	CHECK(a.model.converged);
	start = centers_of(&a.model);

	training_begin(&b, algo, a.model.k, precision, x, N, D);
	b.fit.isa = isa;
	b.fit.start = start;
	b.model.common[FC_SCALE] = scale;
	b.model.common[FC_INIT] = FC_INIT_MODEL;
	b.model.common[FC_RESTARTS] = 5;	/* of no use here */
	CHECK_EQ(training_run(&b), FC_OK);
	check_model(&b);
	for (int i = 0; is_plain(algo) && i < K * D; i++)
		CHECK_NEAR(a.model.centers[i], b.model.centers[i], rounding_of(precision));
	if (is_plain(algo))
	{
		CHECK(b.model.converged && b.model.iterations <= 2);
		CHECK_NEAR(a.model.objective, b.model.objective, rounding_of(precision));
	}
	free(start);
	training_end(&a);
	training_end(&b);
	free(x);
}

/* Every start ends well, and each in its own way */
static void
test_inits(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 300, D = 2, K = 5};
	double	   *x = make_noise(N, D, 6);

	for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale++)
		for (int init = FC_INIT_KMEANSPP; init <= FC_INIT_SAMPLE; init++)
		{
			Training	t;

			training_begin(&t, algo, K, precision, x, N, D);
			t.fit.isa = isa;
			t.model.common[FC_INIT] = init;
			t.model.common[FC_SCALE] = scale;
			t.model.common[FC_MAX_ITERATIONS] = 50;
			CHECK_EQ(training_run(&t), FC_OK);
			check_model(&t);
			if (is_plain(algo))
				CHECK_EQ(t.model.empty, 0);
			training_end(&t);
		}
	free(x);
}

/* ---- scaling ---- */

/* Columns of very different size, and one that is constant */
static void
test_scaling(const FcAlgorithm *algo, int isa, FcPrecision precision, int scale)
{
	enum {N = 240, D = 4, K = 3};
	static const double unit[D] = {1e3, -1, 1e-3, 1};
	static const double offset[D] = {-5e3, 40, 0, 0.1};
	static const int from[D] = {0, 1, 0, 0};	/* column of the blobs */
	double	   *blobs = make_blobs(N, 2, K, 0.5);
	double	   *x = malloc(N * D * sizeof(double));
	double	   *centers;
	int			wrong = 0;
	Training	t;
	FcScorer	s;
	void	   *memory;

	for (int i = 0; i < N; i++)
		for (int j = 0; j < D; j++)
			x[i * D + j] = (j < 3 ? blobs[i * 2 + from[j]] : 0) * unit[j] + offset[j];
	training_begin(&t, algo, K, precision, x, N, D);
	t.fit.isa = isa;
	t.model.common[FC_SCALE] = scale;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.fit.rows.block == t.source.rows.block);	/* as they came */
	centers = centers_of(&t.model);
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < N; i++)
	{
		const double *v;

		fc_score_row(&s, x + i * D);
		v = centers + fc_score_nearest(&s) * D;
		for (int j = 0; j < D; j++)
			wrong += takes_collinear(algo) && fabs(v[j] - x[i * D + j]) > fabs(unit[j]);
		for (int j = 0; scale == FC_SCALE_MINMAX && j < D; j++)
			wrong += !(s.x[j] >= -1e-5 && s.x[j] <= 1 + 1e-5);
	}
	CHECK_EQ(wrong, 0);
	for (int32_t c = 0; c < K; c++)
		CHECK_NEAR(centers[c * D + 3], 0.1, precision == FC_F32 ? 1e-7 : 1e-14);
	CHECK_NEAR(t.model.factor[3], 1, 0);
	free(memory);
	free(centers);
	training_end(&t);
	free(blobs);
	free(x);
}

/* Low, high, mean and standard deviation of a column that is read in many blocks */
static void
test_factors(FcPrecision precision)
{
	enum {N = 2500};
	double	   *x = make_noise(N, 1, 8);
	double		low = INFINITY;
	double		high = -INFINITY;
	double		mean = 0;
	double		squares = 0;
	double		close = precision == FC_F32 ? 1e-4 : 1e-9;

	for (int i = 0; i < N; i++)
	{
		x[i] = x[i] * 3 + 1000;
		low = fmin(low, x[i]);
		high = fmax(high, x[i]);
		mean += x[i] / N;
	}
	for (int i = 0; i < N; i++)
		squares += (x[i] - mean) * (x[i] - mean);
	for (int scale = FC_SCALE_MINMAX; scale <= FC_SCALE_ZSCORE; scale++)
	{
		Training	t;

		training_begin(&t, fc_algorithms[0], 2, precision, x, N, 1);
		t.source.rows.stride = 48;
		t.model.common[FC_SCALE] = scale;
		CHECK_EQ(training_run(&t), FC_OK);
		CHECK_NEAR(t.model.shift[0], scale == FC_SCALE_MINMAX ? low : mean, precision == FC_F32 ? 1e-6 : 1e-13);
		CHECK_NEAR(1 / t.model.factor[0], scale == FC_SCALE_MINMAX ? high - low : sqrt(squares / N), close);
		training_end(&t);
	}
	free(x);
}

/* Scaling while reading is the same as reading scaled rows */
static void
test_scaled_before(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 1300, D = 3, K = 4};
	double	   *x = make_noise(N, D, 10);
	double	   *y = malloc(N * D * sizeof(double));
	Training	a,
				b;

	for (int i = 0; i < N * D; i++)
		x[i] = (float) (x[i] * 7);
	training_begin(&a, algo, K, precision, x, N, D);
	a.fit.isa = isa;
	a.model.common[FC_SCALE] = FC_SCALE_ZSCORE;
	CHECK_EQ(training_run(&a), FC_OK);
	for (int i = 0; i < N * D; i++)
		y[i] = (x[i] - a.model.shift[i % D]) * a.model.factor[i % D];
	training_begin(&b, algo, K, precision, y, N, D);
	b.fit.isa = isa;
	CHECK_EQ(training_run(&b), FC_OK);
	CHECK(memcmp(a.model.centers, b.model.centers, K * D * sizeof(double)) == 0);
	CHECK(a.model.objective == b.model.objective && a.model.iterations == b.model.iterations);
	training_end(&a);
	training_end(&b);
	free(x);
	free(y);
}

/* ---- limits and hooks ---- */

static void
test_limit(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	static const int limits[] = {1, 2, 3};
	double	   *x = make_noise(600, 3, 11);

	for (int i = 0; i < COUNT(limits); i++)
	{
		Training	t;

		training_begin(&t, algo, 6, precision, x, 600, 3);
		t.fit.isa = isa;
		t.model.common[FC_MAX_ITERATIONS] = limits[i];
		CHECK_EQ(training_run(&t), FC_OK);
		check_model(&t);
		CHECK(!t.model.converged);
		CHECK_EQ(t.model.iterations, limits[i]);
		CHECK_EQ(t.model.history.count, limits[i]);
		training_end(&t);
	}
	free(x);
}

/* Tolerance 1: any step is small; 0: only no step at all is */
static void
test_tolerance(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	double	   *x = make_blobs(300, 2, 3, 1);
	Training	t;

	for (int tolerance = 0; tolerance <= 1; tolerance++)
	{
		training_begin(&t, algo, 3, precision, x, 300, 2);
		t.fit.isa = isa;
		t.model.common[FC_TOLERANCE] = tolerance;
		if (!is_plain(algo))
			t.model.common[FC_MAX_ITERATIONS] = 50;
		CHECK_EQ(training_run(&t), FC_OK);
		check_model(&t);
		if (tolerance == 1 && is_plain(algo))
			CHECK(t.model.converged && t.model.iterations <= 2);
		else if (tolerance == 0 && is_plain(algo) && t.model.converged)
			CHECK(fc_history_get(&t.model, t.model.history.count - 1, FC_HISTORY_CHANGE) == 0);
		training_end(&t);
	}
	free(x);
}

typedef struct Watch
{
	const FcModel *model;
	int			checks;
	int			iterations;
	int			wrong;
	int			leave_at;		/* the check that does not return; 0: all do */
	jmp_buf		out;
} Watch;

static void
watch_check(void *arg)
{
	Watch	   *w = arg;

	if (++w->checks == w->leave_at)
		longjmp(w->out, 1);
}

static void
watch_progress(void *arg, int32_t iteration, double objective, double change)
{
	Watch	   *w = arg;
	int32_t		last = w->model->history.count - 1;

	w->wrong += iteration != ++w->iterations;
	if (last < 0)				/* a k-means in the embedding has a history of its own */
	{
		w->wrong += !(w->model->algo->traits & FC_EMBEDS);
		return;
	}
	w->wrong += fc_history_get(w->model, last, FC_HISTORY_ITERATION) != iteration;
	w->wrong += fc_history_get(w->model, last, FC_HISTORY_OBJECTIVE) != objective;
	w->wrong += fc_history_get(w->model, last, FC_HISTORY_CHANGE) != change;
}

/* Trains under watch; false if the hook jumped out.  Memory is the test's to free. */
static bool
train_watched(Training *t, Watch *w, const FcAlgorithm *algo, FcPrecision precision,
			  const double *x, int64_t n, int32_t d, int32_t k)
{
	training_begin(t, algo, k, precision, x, n, d);
	t->model.common[FC_SCALE] = FC_SCALE_MINMAX;
	t->model.common[FC_MAX_ITERATIONS] = 5;
	t->model.common[FC_RESTARTS] = 1;
	w->model = &t->model;
	t->fit.hooks = (FcHooks) {watch_check, watch_progress, w};
	if (setjmp(w->out) != 0)
		return false;
	CHECK_EQ(training_run(t), FC_OK);
	return true;
}

/* Checks come for every few rows, progress with every iteration; either may leave */
static void
test_hooks(const FcAlgorithm *algo, FcPrecision precision)
{
	enum {N = 3000, D = 5, K = 3};
	double	   *x = make_noise(N, D, 12);
	Training	t;
	Watch		w = {0};
	int			all;
	int			stayed = 0;

	CHECK(train_watched(&t, &w, algo, precision, x, N, D, K));
	/* many starts, of which the model has the best one's history, or a single one */
	CHECK(algo->traits & FC_EMBEDS ? w.iterations > t.model.iterations :
		  w.iterations == t.model.iterations && w.wrong == 0);
	all = w.checks;
	CHECK(all >= (2 + t.model.iterations) * (N / FC_TILE));
	training_end(&t);
	for (int at = 1; at <= all; at += 1 + at / 10)
	{
		Watch		leaving = {.leave_at = at};

		stayed += train_watched(&t, &leaving, algo, precision, x, N, D, K);
		CHECK_EQ(leaving.checks, at);
		training_end(&t);
	}
	CHECK_EQ(stayed, 0);
	free(x);
}

/* Many columns or many clusters: still no more than some 1e8 products between two checks */
static void
test_check_density(const FcAlgorithm *algo)
{
	static const int shapes[][3] = {{64, 16000, 3}, {3000, 2, 600}, {2000, 64, 100}};

	for (int i = 0; i < COUNT(shapes); i++)
	{
		int			n = shapes[i][0];
		int			d = shapes[i][1];
		int			k = shapes[i][2];
		double	   *x;
		Training	t;
		Watch		w = {0};

		/* k-means in the eigenvectors of this many clusters would take half a minute */
		if (!takes_columns(algo, d) || (algo->traits & FC_EMBEDS && k >= 100))
			continue;
		x = make_noise(n, d, 13);
		CHECK(train_watched(&t, &w, algo, FC_F32, x, n, d, k));
		CHECK((double) n * d * k * t.model.iterations / w.checks < 1e8);
		training_end(&t);
		free(x);
	}
}

/* A second fit of the same training gives the same again */
static void
test_fit_again(const FcAlgorithm *algo, FcPrecision precision)
{
	double	   *x = make_noise(1500, 3, 14);
	Training	t;
	void	   *work;
	size_t		length[2];
	char	   *bytes[2];

	training_begin(&t, algo, 3, precision, x, 1500, 3);
	t.model.common[FC_SCALE] = FC_SCALE_ZSCORE;
	t.model.common[FC_RESTARTS] = 3;
	t.model.common[FC_MAX_ITERATIONS] = 30;
	work = training_place(&t);
	for (int i = 0; i < 2; i++)
	{
		CHECK_EQ(fc_fit(&t.fit, work), FC_OK);
		bytes[i] = model_bytes(&t.model, &length[i]);
	}
	CHECK(length[0] == length[1] && memcmp(bytes[0], bytes[1], length[0]) == 0);
	free(bytes[0]);
	free(bytes[1]);
	training_end(&t);
	free(x);
}

/* ---- clusters without rows, and clusters that merge ---- */

/* Centers far from all rows, or on each other, find rows if empty clusters are reseeded */
static void
test_reseeding(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 120, D = 2, K = 4};
	static const double starts[][K * D] = {
		{0, 0, 10, 10, 1e5, 1e5, -1e5, 3e5},
		{1e4, 1e4, 1e4, 1e4, 1e4, 1e4, 1e4, 1e4},
		{0, 0, 0, 0, 0, 0, 30, 0},
	};
	double	   *x = make_blobs(N, D, K, 0.5);

	if (!algo->kernel->reseeds_empty)
	{
		free(x);
		return;
	}
	for (int s = 0; s < COUNT(starts); s++)
	{
		Training	t;
		double		last = INFINITY;
		int			rises = 0;

		training_begin(&t, algo, K, precision, x, N, D);
		t.fit.isa = isa;
		t.fit.start = starts[s];
		CHECK_EQ(training_run(&t), FC_OK);
		check_model(&t);
		CHECK(t.model.converged);
		CHECK_EQ(t.model.empty, 0);
		for (int32_t c = 0; c < K; c++)
			CHECK(t.model.weights[c] > 0);
		for (int32_t i = 0; i < t.model.history.count; i++)
		{
			rises += fc_history_get(&t.model, i, FC_HISTORY_OBJECTIVE) > last * (1 + rounding_of(precision));
			last = fc_history_get(&t.model, i, FC_HISTORY_OBJECTIVE);
		}
		CHECK_EQ(rises, 0);
		training_end(&t);
	}
	free(x);
}

/* More empty clusters than rows that are off their centers: it ends all the same */
static void
test_reseeding_duplicates(const FcAlgorithm *algo, FcPrecision precision)
{
	enum {N = 60, K = 6};
	double		x[N];
	double		start[K];
	Training	t;

	for (int i = 0; i < N; i++)
		x[i] = i < N - K + 1 ? 0 : i;
	for (int c = 0; c < K; c++)
		start[c] = -1;
	training_begin(&t, algo, K, precision, x, N, 1);
	t.fit.start = start;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	if (algo->kernel && algo->kernel->reseeds_empty)
	{
		CHECK(t.model.converged && t.model.objective == 0);
		CHECK_EQ(t.model.empty, 0);
	}
	training_end(&t);
}

/*
 * In ten dimensions without structure fuzzy c-means merges its centers if m is
 * 2; a fuzzifier below the one it then names keeps them apart, and so does the default.
 */
static void
test_collapse(int isa, FcPrecision precision)
{
	enum {N = 2000, D = 10, K = 3};
	const FcAlgorithm *fcm = fc_find_algorithm("fcm");
	double	   *x = make_noise(N, D, 15);
	double		safe;
	Training	t;

	training_begin(&t, fcm, K, precision, x, N, D);
	t.fit.isa = isa;
	*own_option(&t.model, "fuzzifier") = 2;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.fit.doubts.twins[0] >= 0 && t.fit.doubts.twins[0] < t.fit.doubts.twins[1] && t.fit.doubts.twins[1] < K);
	safe = t.fit.doubts.safe_fuzzifier;
	CHECK(safe > 1.2 && safe < 1.4);	/* 1 / (1 - 2 / 10) for infinitely many rows */
	training_end(&t);

	training_begin(&t, fcm, K, precision, x, N, D);
	t.fit.isa = isa;
	*own_option(&t.model, "fuzzifier") = 1 + 0.9 * (safe - 1);
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.fit.doubts.twins[0] == -1 && t.fit.doubts.safe_fuzzifier == 0);
	training_end(&t);

	training_begin(&t, fcm, K, precision, x, N, D);
	t.fit.isa = isa;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.fit.doubts.twins[0] == -1);
	CHECK_NEAR(*own_option(&t.model, "fuzzifier"), 1 + (safe - 1) / 2, 1e-9);
	training_end(&t);
	free(x);
}

/* On one line no fuzzifier merges centers: there is none to advise */
static void
test_no_collapse(void)
{
	const FcAlgorithm *fcm = fc_find_algorithm("fcm");
	double	   *x = make_noise(500, 1, 16);
	Training	t;

	training_begin(&t, fcm, 2, FC_F64, x, 500, 1);
	*own_option(&t.model, "fuzzifier") = 5;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.fit.doubts.twins[0] == -1);
	CHECK(fabs(t.model.centers[0] - t.model.centers[1]) > 0.1);
	training_end(&t);
	free(x);
}

/* Algorithms may be named as arguments; else all are tested */
int
main(int argc, char **argv)
{
	FOR_EACH_ALGORITHM(algo)
	{
		if (!is_wanted(algo, argc, argv) || is_deep(algo))	/* see deep.c */
			continue;
		FOR_EACH_VARIANT(isa, precision)
		{
			test_restarts(algo, isa, precision);
			test_warm_start(algo, isa, precision, FC_SCALE_NONE);
			test_warm_start(algo, isa, precision, FC_SCALE_ZSCORE);
			test_inits(algo, isa, precision);
			if (!scales_itself(algo))
			{
				test_scaling(algo, isa, precision, FC_SCALE_MINMAX);
				test_scaling(algo, isa, precision, FC_SCALE_ZSCORE);
				test_scaled_before(algo, isa, precision);
			}
			test_limit(algo, isa, precision);
			test_tolerance(algo, isa, precision);
			test_reseeding(algo, isa, precision);
		}
		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			test_hooks(algo, precision);
			test_fit_again(algo, precision);
			test_reseeding_duplicates(algo, precision);
		}
		test_check_density(algo);
	}
	test_factors(FC_F32);
	test_factors(FC_F64);
	FOR_EACH_VARIANT(isa, precision)
		test_collapse(isa, precision);
	test_no_collapse();
	return check_report("training");
}
