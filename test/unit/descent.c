/*
 * descent.c - the way from first centers to the last: extrapolation, starts on a
 * sample, and how many starts there are
 */
#include "train.h"

#include "core/engine.h"

/* Groups that overlap, so that plain steps are short: the sum of three uniform numbers around points of a lattice */
static double *
make_overlapping(int64_t n, int32_t d, int32_t k)
{
	double	   *x = malloc((size_t) n * d * sizeof(double));
	FcRng		rng;

	fc_rng_start(&rng, 77, 0);
	for (int64_t i = 0; i < n; i++)
		for (int32_t j = 0; j < d; j++)
			x[i * d + j] = blob_center((int32_t) (i % k), j) / 10 +
				1.7 * (fc_rng_uniform(&rng) + fc_rng_uniform(&rng) + fc_rng_uniform(&rng) - 1.5);
	return x;
}

/* ---- extrapolation ---- */

/* From these centers, (k, d), plain steps until none is longer than "least"; how many it took */
static int
plain_steps(const FcAlgorithm *algo, int isa, FcPrecision precision, const double *x, int64_t n, int32_t d, int32_t k,
			double *centers, double least)
{
	int			steps = 0;
	double		longest = INFINITY;

	while (longest > least && steps < 3000)
	{
		Training	t;

		training_begin(&t, algo, k, precision, x, n, d);
		t.fit.isa = isa;
		t.fit.start = centers;
		t.model.common[FC_INIT] = FC_INIT_CENTERS;
		t.model.common[FC_MAX_ITERATIONS] = 1;
		if (!CHECK_EQ(training_run(&t), FC_OK))
			return 0;
		longest = fc_history_get(&t.model, 0, FC_HISTORY_CHANGE);
		memcpy(centers, t.model.centers, sizeof(double) * k * d);
		training_end(&t);
		steps++;
	}
	return steps;
}

/* The objective never rises, but by as much as it cannot be resolved */
static bool
never_rises(const FcModel *m)
{
	double		roundings = 5 * FC_EPSILON(m->precision);

	for (int32_t i = 1; i < m->history.count; i++)
	{
		double		before = fc_history_get(m, i - 1, FC_HISTORY_OBJECTIVE);

		if (fc_history_get(m, i, FC_HISTORY_OBJECTIVE) > before + roundings * fabs(before))
			return false;
	}
	return true;
}

/* The same fixed point as plain steps reach, in fewer passes */
static void
test_extrapolation(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 600, D = 2, K = 3};
	double	   *x = make_overlapping(N, D, K);
	double		close = precision == FC_F32 ? 3e-4 : 1e-10;
	double		centers[K * D];
	double		plain[K * D];
	int			steps;
	Training	t;

	memcpy(centers, x, sizeof(centers));
	memcpy(plain, x, sizeof(plain));
	steps = plain_steps(algo, isa, precision, x, N, D, K, plain, precision == FC_F32 ? 2e-6 : 1e-13);
	training_begin(&t, algo, K, precision, x, N, D);
	t.fit.isa = isa;
	t.fit.start = centers;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	t.model.common[FC_TOLERANCE] = precision == FC_F32 ? 2e-6 : 1e-13;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		check_model(&t);
		CHECK(t.model.converged);
		CHECK(t.model.iterations < 0.7 * steps);
		CHECK(never_rises(&t.model));
		for (int i = 0; i < K * D; i++)
			CHECK_NEAR(t.model.centers[i], plain[i], close);
	}
	training_end(&t);
	free(x);
}

/* Where nothing is to be extrapolated: one cluster, as many clusters as rows, equal rows, and the memory for one step only */
static void
test_extremes(const FcAlgorithm *algo, FcPrecision precision)
{
	static const struct
	{
		int64_t		n;
		int32_t		k;
		int			different;	/* rows */
	}			cases[] = {{50, 1, 50}, {7, 7, 7}, {100, 3, 4}, {100, 1, 1}};

	for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++)
	{
		double	   *x = make_noise(cases[c].n, 2, 5);
		Training	t;

		for (int64_t i = cases[c].different; i < cases[c].n; i++)
			memcpy(x + 2 * i, x + 2 * (i % cases[c].different), 2 * sizeof(double));
		training_begin(&t, algo, cases[c].k, precision, x, cases[c].n, 2);
		if (CHECK_EQ(training_run(&t), FC_OK))
			check_model(&t);
		training_end(&t);
		free(x);
	}
}

/* A pass that rises is taken back to the plain step; what is not finite rises */
static void
test_taking_back(void)
{
	enum {D = 3};
	FcArena		arena = {.base = NULL};
	FcMixing	x;
	double		v[D] = {1, 2, 3};

	fc_mixing_layout(&arena, &x, D);
	CHECK_EQ(x.window, D);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_mixing_layout(&arena, &x, D);
	fc_mixing_begin(&x);
	CHECK(!fc_mixing_rejects(&x, INFINITY, FC_F64));
	for (int pass = 0; pass < 2; pass++)
	{
		fc_mixing_from(&x, v);
		for (int j = 0; j < D; j++)
			v[j] *= 0.5 + 0.1 * j;
		fc_mixing_next(&x, v, 10 - pass);
		CHECK_EQ(x.is_mixed, pass == 1);
	}
	CHECK(fc_mixing_rejects(&x, 9 + 1e-14, FC_F64));
	CHECK(!fc_mixing_rejects(&x, 9 + 1e-14, FC_F32));
	CHECK(fc_mixing_rejects(&x, NAN, FC_F32));
	fc_mixing_take_back(&x, v);
	for (int j = 0; j < D; j++)
		CHECK_NEAR(v[j], (1 + j) * (0.5 + 0.1 * j) * (0.5 + 0.1 * j), 1e-15);
	CHECK(!fc_mixing_rejects(&x, INFINITY, FC_F64));
	free(arena.base);
}

/* Begins an extrapolation of D numbers from "v" by v' = rate v, and makes two passes at which the objective falls */
static char *
begin_mixing(FcMixing *x, double *v, const double *rate, int d)
{
	FcArena		arena = {.base = NULL};

	fc_mixing_layout(&arena, x, d);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_mixing_layout(&arena, x, d);
	fc_mixing_begin(x);
	for (int pass = 0; pass < 2; pass++)
	{
		fc_mixing_from(x, v);
		for (int j = 0; j < d; j++)
			v[j] *= rate[j];
		fc_mixing_next(x, v, -pass);
	}
	return arena.base;
}

/* After a mixture that was too bad, the next one goes a quarter of the way, and the one after that half of it */
static void
test_smaller_share(void)
{
	enum {D = 1};
	static const double rate[D] = {0.5};
	double		v[D] = {8};
	FcMixing	x;
	char	   *memory = begin_mixing(&x, v, rate, D);

	CHECK_NEAR(v[0], 0, 1e-12);
	fc_mixing_take_back(&x, v);
	for (int pass = 0; pass < 2; pass++)
	{
		double		image = 0.5 * v[0];

		fc_mixing_from(&x, v);
		v[0] = image;
		fc_mixing_next(&x, v, -2 - pass);
		CHECK(x.is_mixed);
		CHECK_NEAR(v[0], image * (pass == 0 ? 0.75 : 0.5), 1e-12);
	}
	free(memory);
}

/* Where plain steps grow, the next ones are longer: by once, twice, ... as much, until the objective rises */
static void
test_leaps(void)
{
	enum {D = 1};
	static const double rate[D] = {1.5};
	double		v[D] = {1};
	FcMixing	x;
	char	   *memory = begin_mixing(&x, v, rate, D);

	CHECK_NEAR(v[0], 1.5 * 1.5 + 0.75, 1e-12);
	for (double leap = 2; leap <= 32; leap *= 2)
	{
		double		step = 0.5 * v[0];

		fc_mixing_from(&x, v);
		v[0] += step;
		fc_mixing_next(&x, v, -1 - leap);
		CHECK(x.is_mixed);
		CHECK_NEAR(v[0] / (3 * step + fmin(leap, 16) * step), 1, 1e-12);
	}
	CHECK(fc_mixing_rejects(&x, 0, FC_F64));
	fc_mixing_take_back(&x, v);
	CHECK(!x.is_mixed && x.leap == 0);
	free(memory);
}

/* A linear iteration of three numbers ends after as many mixtures */
static void
test_linear(void)
{
	enum {D = 3};
	static const double rate[D] = {0.99, 0.9, -0.5};
	FcArena		arena = {.base = NULL};
	FcMixing	x;
	double		v[D] = {5, -7, 11};

	fc_mixing_layout(&arena, &x, D);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_mixing_layout(&arena, &x, D);
	fc_mixing_begin(&x);
	for (int pass = 0; pass < D + 1; pass++)
	{
		fc_mixing_from(&x, v);
		for (int j = 0; j < D; j++)
			v[j] = 1 + rate[j] * (v[j] - 1);
		fc_mixing_next(&x, v, -pass);
	}
	for (int j = 0; j < D; j++)
		CHECK_NEAR(v[j], 1, 1e-10);
	free(arena.base);
}

/* ---- two starts on all rows ---- */

/* Groups in eight dimensions, fewer than clusters, so that centers lie together: which of them do makes minima that hardly differ */
static double *
make_crowded(int64_t n)
{
	enum {D = 8, GROUPS = 5};
	double	   *x = malloc((size_t) n * D * sizeof(double));
	double		center[GROUPS * D];
	FcRng		rng;

	fc_rng_start(&rng, 1, 0);
	for (int i = 0; i < GROUPS * D; i++)
		center[i] = 4 * (fc_rng_uniform(&rng) + fc_rng_uniform(&rng) + fc_rng_uniform(&rng) - 1.5);
	for (int64_t i = 0; i < n; i++)
		for (int32_t j = 0; j < D; j++)
			x[i * D + j] = center[i % GROUPS * D + j] +
				2 * (fc_rng_uniform(&rng) + fc_rng_uniform(&rng) + fc_rng_uniform(&rng) - 1.5);
	return x;
}

typedef struct Descents
{
	int			begun;			/* on all rows */
	double		least;			/* objective of a pass over them */
	double		most;			/* objective of a pass over the sample */
} Descents;

static void
count_descents(void *arg, int32_t iteration, double objective, double change)
{
	Descents   *seen = arg;

	(void) change;
	if (objective < seen->most)
		return;
	seen->begun += iteration == 1;
	seen->least = fmin(seen->least, objective);
}

/* Two minima that the sample does not rank: both starts go on, and the better one is the model */
static void
test_rival(void)
{
	enum {N = 66000, D = 8, K = 8};
	double	   *x = make_crowded(N);
	Descents	seen = {.least = INFINITY, .most = 1.5 * N};
	Training	t;

	training_begin(&t, fc_find_algorithm("fcm"), K, FC_F64, x, N, D);
	*own_option(&t.model, "fuzzifier") = 2;
	t.model.common[FC_SEED] = 4;
	t.model.common[FC_RESTARTS] = 10;
	t.model.common[FC_TOLERANCE] = 1e-7;
	t.fit.hooks = (FcHooks) {.progress = count_descents, .arg = &seen};
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		check_model(&t);
		CHECK(t.model.converged);
		CHECK_EQ(seen.begun, 2);
		CHECK(t.model.objective <= seen.least * (1 + 1e-12));
	}
	training_end(&t);
	free(x);
}

/* ---- centers at the same place ---- */

/* The fuzzifier from which on two centers at the mean are a minimum: 1 / (1 - 2 largest eigenvalue of the mean of yy' / |y|^2) */
static double
critical_fuzzifier(const double *x, int64_t n, int32_t d)
{
	double		mean[8] = {0};
	double		v[8] = {1, 1, 1, 1, 1, 1, 1, 1};
	double		largest = 0;

	for (int64_t i = 0; i < n * d; i++)
		mean[i % d] += x[i] / n;
	for (int round = 0; round < 300; round++)
	{
		double		next[8] = {0};

		for (int64_t i = 0; i < n; i++)
		{
			double		size = 0;
			double		dot = 0;

			for (int32_t j = 0; j < d; j++)
			{
				double		y = x[i * d + j] - mean[j];

				size += y * y;
				dot += y * v[j];
			}
			for (int32_t j = 0; j < d; j++)
				next[j] += (x[i * d + j] - mean[j]) * dot / size / n;
		}
		largest = 0;
		for (int32_t j = 0; j < d; j++)
			largest = fmax(largest, fabs(next[j]));
		for (int32_t j = 0; j < d; j++)
			v[j] = next[j] / largest;
	}
	return 1 / (1 - 2 * largest);
}

/*
 * Two centers begin nearly at the mean.  Just below the critical fuzzifier that is a saddle point, which plain
 * steps leave in hundreds of steps; just above it is a minimum, which they reach in as many.
 */
static void
test_twins(FcPrecision precision, bool minimum)
{
	enum {N = 600, D = 5, K = 2};
	double	   *x = make_noise(N, D, 3);
	double		start[K * D] = {0};
	Training	t;

	for (int i = 0; i < N; i++)
		x[i * D] *= 1.3;		/* where the centers part */
	for (int i = 0; i < N * D; i++)
		start[i % D] += x[i] / N;
	for (int j = 0; j < D; j++)
		start[D + j] = start[j] + 1e-9 * (j + 1);
	training_begin(&t, fc_find_algorithm("fcm"), K, precision, x, N, D);
	t.fit.start = start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	t.model.common[FC_TOLERANCE] = 1e-6;
	*own_option(&t.model, "fuzzifier") = critical_fuzzifier(x, N, D) * (minimum ? 1.02 : precision == FC_F32 ? 0.95 : 0.98);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		double		apart = sqrt(fc_squared_distance(t.model.centers, t.model.centers + D, D));

		check_model(&t);
		CHECK(t.model.converged);
		CHECK(t.model.iterations < 60);
		CHECK_EQ(apart < 1e-3, minimum);
	}
	training_end(&t);
	free(x);
}

/* The last iterations that are allowed are no test */
static void
test_few_iterations(void)
{
	enum {N = 600, D = 5, K = 2};
	double	   *x = make_noise(N, D, 3);
	double		start[K * D] = {0};

	for (int i = 0; i < N * D; i++)
		start[i % D] = start[D + i % D] += x[i] / N;
	for (int most = 1; most < 25; most += 3)
	{
		Training	t;

		training_begin(&t, fc_find_algorithm("fcm"), K, FC_F64, x, N, D);
		t.fit.start = start;
		t.model.common[FC_INIT] = FC_INIT_CENTERS;
		t.model.common[FC_MAX_ITERATIONS] = most;
		if (CHECK_EQ(training_run(&t), FC_OK))
			CHECK(t.model.iterations <= most);
		training_end(&t);
	}
	free(x);
}

/* ---- starts on a sample ---- */

/* All kinds of rows, but few of some */
static void
test_sample(const FcAlgorithm *algo, FcPrecision precision)
{
	enum {N = 70000, D = 2, K = 3};
	double	   *x = make_overlapping(N, D, K);
	Training	t[2];
	int32_t		first;

	for (int i = 0; i < 2; i++)
	{
		training_begin(&t[i], algo, K, precision, x, N, D);
		t[i].model.common[FC_TOLERANCE] = 1e-5;
		t[i].model.common[FC_MAX_ITERATIONS] = 30;
		CHECK_EQ(training_run(&t[i]), FC_OK);
		check_model(&t[i]);
	}
	CHECK(same_model(&t[0].model, &t[1].model));
	first = t[0].model.history.first;
	CHECK_EQ(first > 0, algo->kernel->tries_on_sample);
	CHECK(first <= FC_MAX_SAMPLE_HISTORY);
	CHECK_EQ(t[0].model.rows, N);
	CHECK_EQ(t[0].fit.rows.n, N);
	CHECK_EQ(t[0].model.common[FC_MAX_ITERATIONS], 30);
	CHECK_EQ(t[0].model.common[FC_RESTARTS], algo->kernel->restarts.on_sample > 1 ? algo->kernel->restarts.on_sample : 1);
	/* the sum over a sample is smaller than that over all rows, and most of the way is done */
	if (first > 0 && algo->traits & FC_DESCENDS)
	{
		CHECK(fc_history_get(&t[0].model, 0, FC_HISTORY_OBJECTIVE) < fc_history_get(&t[0].model, first, FC_HISTORY_OBJECTIVE) / 2);
		CHECK(fc_history_get(&t[0].model, first, FC_HISTORY_CHANGE) < 0.1);
	}
	for (int i = 0; i < 2; i++)
		training_end(&t[i]);
	free(x);
}

/* A sample that lacks some of the distinct rows is not enough: the start is on all rows, and only one */
static void
test_poor_sample(FcPrecision precision)
{
	enum {N = 170000, K = 4};
	double	   *x = calloc(N, sizeof(double));
	Training	t;

	for (int i = 1; i < K; i++)
		x[1000 + i] = i;		/* next to each other: at most one is in the sample */
	training_begin(&t, fc_find_algorithm("kmeans"), K, precision, x, N, 1);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		check_model(&t);
		CHECK_NEAR(t.model.objective, 0, 0);
		CHECK_EQ(t.model.history.first, 0);
		CHECK_EQ(t.model.common[FC_RESTARTS], 1);
	}
	training_end(&t);
	free(x);
}

/* Of rows that come from four groups by turns, a sample of every fourth row would see one */
static void
test_periodic(FcPrecision precision)
{
	enum {N = 65600, D = 2, K = 4};
	double	   *x = make_noise(N, D, 4);
	Training	t;

	for (int64_t i = 0; i < N; i++)
		x[i * D + (i % 4) / 2] += 10 * (1 + i % 2);
	training_begin(&t, fc_find_algorithm("fcm"), K, precision, x, N, D);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		int32_t		first = t.model.history.first;

		CHECK(first > 0);
		CHECK(fc_history_get(&t.model, first, FC_HISTORY_OBJECTIVE) < 1.1 * t.model.objective);
	}
	training_end(&t);
	free(x);
}

/* Covariances want more rows than first centers are chosen from: a trial has room for them, or there is none */
static void
test_large_shapes(const char *algorithm)
{
	enum {N = 33000, D = 200, K = 2};
	double	   *x = make_overlapping(N, D, K);
	Training	t;

	training_begin(&t, fc_find_algorithm(algorithm), K, FC_F32, x, N, D);
	t.model.common[FC_MAX_ITERATIONS] = 1;
	if (CHECK_EQ(training_run(&t), FC_OK))
		check_model(&t);
	training_end(&t);
	free(x);
}

/* ---- how many starts ---- */

static double
restarts_of(const char *algorithm, int64_t n, double given, const double *start)
{
	double	   *x = make_noise(n, 2, 9);
	Training	t;
	double		found;

	training_begin(&t, fc_find_algorithm(algorithm), 2, FC_F32, x, n, 2);
	t.model.common[FC_RESTARTS] = given;
	t.model.common[FC_TOLERANCE] = 1e-2;
	t.fit.start = start;
	t.model.common[FC_INIT] = start ? FC_INIT_CENTERS : FC_INIT_KMEANSPP;
	CHECK_EQ(training_run(&t), FC_OK);
	found = t.model.common[FC_RESTARTS];
	training_end(&t);
	free(x);
	return found;
}

/* A model records how many starts there were */
static void
test_restarts_found(void)
{
	static const double start[] = {0.1, 0.2, 0.3, 0.4};

	CHECK_EQ(restarts_of("kmeans", 200, NAN, NULL), 10);
	CHECK_EQ(restarts_of("kmeans", 200, 3, NULL), 3);
	CHECK_EQ(restarts_of("kmeans", 200, NAN, start), 1);
	CHECK_EQ(restarts_of("kmeans", 70000, NAN, NULL), 10);	/* the sample is no small part, but few distances are found */
	CHECK_EQ(restarts_of("fcm", 60000, NAN, NULL), 10);	/* too few for a sample, but not for short starts */
	CHECK_EQ(restarts_of("fcm", 70000, NAN, NULL), 10);
	CHECK_EQ(restarts_of("kmeans", 170000, NAN, NULL), 10);
	CHECK_EQ(restarts_of("fcm", 200, NAN, NULL), 10);
	CHECK_EQ(restarts_of("fcm", 200, 4, NULL), 4);
	CHECK_EQ(restarts_of("fcm", 170000, NAN, NULL), 10);
	CHECK_EQ(restarts_of("tsallis", 200, NAN, NULL), 1);
}

int
main(void)
{
	FOR_EACH_ALGORITHM(algo)
	{
		if (!algo->kernel->accelerates && !algo->kernel->tries_on_sample)
			continue;
		if (algo->kernel->accelerates)
			FOR_EACH_VARIANT(isa, precision)
				test_extrapolation(algo, isa, precision);
		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			if (algo->kernel->accelerates)
				test_extremes(algo, precision);
			test_sample(algo, precision);
		}
	}
	test_taking_back();
	test_linear();
	test_smaller_share();
	test_leaps();
	test_rival();
	for (int precision = FC_F32; precision <= FC_F64; precision++)
		for (int minimum = 0; minimum < 2; minimum++)
			test_twins(precision, minimum);
	test_few_iterations();
	test_poor_sample(FC_F32);
	test_poor_sample(FC_F64);
	test_periodic(FC_F32);
	test_periodic(FC_F64);
	test_large_shapes("gk");
	test_large_shapes("gg");
	test_restarts_found();
	return check_report("descent");
}
