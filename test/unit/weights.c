/*
 * weights.c - rows with weights: the model is that of rows which are there as often
 */
#include "train.h"

#include "core/optional.h"
#include "core/sample.h"

enum {N = 150, D = 3, K = 3, REPEATED = 4};

/* Numbers of copies of each row from 0 to 3; returns their sum */
static int
choose_copies(int n, double *weight)
{
	int			total = 0;

	for (int i = 0; i < n; i++)
		total += (int) (weight[i] = (i * 7 + i / 5) % REPEATED);
	return total;
}

/* The rows as often as their weights say, (total, d), to be freed */
static double *
repeat_rows(const double *x, const double *weight, int n, int total)
{
	double	   *repeated = malloc((size_t) total * D * sizeof(double));
	int			filled = 0;

	for (int i = 0; i < n; i++)
		for (int copy = 0; copy < weight[i]; copy++)
			memcpy(repeated + filled++ * D, x + (size_t) i * D, D * sizeof(double));
	return repeated;
}

/* One model of weighted rows, and one of repeated ones */
typedef struct Pair
{
	double	   *x;				/* (n, d) */
	double	   *repeated;		/* (total, d) */
	double	   *weight;			/* (n) */
	int			total;
	Training	t[2];
} Pair;

static void
pair_begin(Pair *p, const FcAlgorithm *algo, FcPrecision precision, int n)
{
	p->x = make_blobs(n, D, K, 5);
	p->weight = malloc(n * sizeof(double));
	p->total = choose_copies(n, p->weight);
	p->repeated = repeat_rows(p->x, p->weight, n, p->total);
	training_begin(&p->t[0], algo, K, precision, p->x, n, D);
	source_weigh(&p->t[0].source, p->weight);
	training_begin(&p->t[1], algo, K, precision, p->repeated, p->total, D);
}

static void
pair_end(Pair *p)
{
	for (int i = 0; i < 2; i++)
		training_end(&p->t[i]);
	free(p->x);
	free(p->weight);
	free(p->repeated);
}

static void
check_near(const double *a, const double *b, int n, double tolerance)
{
	for (int i = 0; i < n; i++)
		CHECK_NEAR(a[i], b[i], tolerance * (1 + fabs(b[i])));
}

/* From the same first centers, to rounding */
static void
test_same(const FcAlgorithm *algo, FcPrecision precision, int scale)
{
	double		tolerance = precision == FC_F32 ? 1e-3 : 1e-7;
	Pair		p;

	if (scales_itself(algo) && scale != FC_SCALE_NONE)
		return;
	pair_begin(&p, algo, precision, N);
	for (int i = 0; i < 2; i++)
	{
		p.t[i].fit.start = p.x;
		p.t[i].model.common[FC_INIT] = FC_INIT_CENTERS;
		p.t[i].model.common[FC_SCALE] = scale;
		/* extrapolation makes rounding larger, before it converges */
		p.t[i].model.common[FC_MAX_ITERATIONS] = extrapolates(algo) ? 5 : 25;
		if (own_option(&p.t[i].model, "regularization"))
			*own_option(&p.t[i].model, "regularization") = 0.1;
		CHECK_EQ(training_run(&p.t[i]), FC_OK);
	}
	check_near(p.t[0].model.centers, p.t[1].model.centers, K * D, tolerance);
	check_near(p.t[0].model.weights, p.t[1].model.weights, K, tolerance);
	check_near(p.t[0].model.radius, p.t[1].model.radius, K, tolerance);
	check_near(&p.t[0].model.objective, &p.t[1].model.objective, 1, tolerance);
	CHECK_EQ(p.t[0].model.empty, p.t[1].model.empty);
	CHECK_NEAR(fc_total_weight(&p.t[0].source.rows), p.total, 0);
	if (scale != FC_SCALE_NONE)
	{
		check_near(p.t[0].model.shift, p.t[1].model.shift, D, tolerance);
		check_near(p.t[0].model.factor, p.t[1].model.factor, D, tolerance);
	}
	pair_end(&p);
}

/* Only proportions of weights matter, from very small to very large ones */
static void
test_proportions(const FcAlgorithm *algo, FcPrecision precision, double factor)
{
	double		tolerance = precision == FC_F32 ? 1e-3 : 1e-7;
	double	   *x = make_blobs(N, D, K, 5);
	double		weight[2][N];
	Training	t[2];

	choose_copies(N, weight[0]);
	for (int i = 0; i < 2; i++)
	{
		training_begin(&t[i], algo, K, precision, x, N, D);
		for (int j = 0; j < N; j++)
			weight[i][j] = weight[0][j] * (i ? factor : 1);
		source_weigh(&t[i].source, weight[i]);
		t[i].fit.start = x;
		t[i].model.common[FC_INIT] = FC_INIT_CENTERS;
		t[i].model.common[FC_MAX_ITERATIONS] = extrapolates(algo) ? 5 : 25;
		t[i].model.common[FC_WEIGHT] = 1;
		CHECK_EQ(training_run(&t[i]), FC_OK);
	}
	check_near(t[0].model.centers, t[1].model.centers, K * D, tolerance);
	check_near(t[0].model.radius, t[1].model.radius, K, tolerance);
	for (int c = 0; c < K; c++)
		CHECK_NEAR(t[1].model.weights[c] / factor, t[0].model.weights[c], tolerance * N);
	CHECK_NEAR(t[1].model.objective / factor / t[0].model.objective, 1, tolerance);
	CHECK_NEAR(*FC_TOTAL_WEIGHT(&t[1].model) / factor, *FC_TOTAL_WEIGHT(&t[0].model), 1e-12 * N);
	CHECK_EQ(t[0].model.empty, t[1].model.empty);
	CHECK_EQ(t[0].fit.doubts.thin, t[1].fit.doubts.thin);
	for (int i = 0; i < 2; i++)
		training_end(&t[i]);
	free(x);
}

/* With starts on a sample of many rows, no worse */
static void
test_starts(const FcAlgorithm *algo, FcPrecision precision, int init)
{
	Pair		p;

	pair_begin(&p, algo, precision, 70000);
	for (int i = 0; i < 2; i++)
	{
		p.t[i].model.common[FC_INIT] = init;
		p.t[i].model.common[FC_RESTARTS] = 10;
		if (own_option(&p.t[i].model, "temperature"))
			*own_option(&p.t[i].model, "temperature") = 0.1;
		CHECK_EQ(training_run(&p.t[i]), FC_OK);
	}
	CHECK_NEAR(p.t[0].model.objective / p.t[1].model.objective, 1, 1e-4);
	pair_end(&p);
}

/* Rows of weight 0 are not there: they are no first centers, and no empty cluster goes to them */
static void
test_nothing(FcPrecision precision)
{
	static const double start[] = {0, 0, 50, 50};
	double		x[] = {0, 0, 1, 0, 0, 1, 9, 9, 99, 99};
	double		weight[] = {1, 1, 1, 1, 0};
	Training	t;

	for (int given = 0; given < 2; given++)
	{
		training_begin(&t, fc_find_algorithm("kmeans"), 2, precision, x, 5, 2);
		source_weigh(&t.source, weight);
		t.fit.start = given ? start : NULL;
		t.model.common[FC_INIT] = given ? FC_INIT_CENTERS : FC_INIT_KMEANSPP;
		CHECK_EQ(training_run(&t), FC_OK);
		CHECK_NEAR(fmax(t.model.centers[0], t.model.centers[2]), 9, 1e-6);
		CHECK_NEAR(t.model.weights[0] + t.model.weights[1], 4, 0);
		training_end(&t);
	}
}

/* A sample has rows in proportion to their weights, all of which count the same in it */
static void
test_sample(FcPrecision precision)
{
	enum {ROWS = 100000};
	double	   *x = make_noise(ROWS, 1, 3);
	double	   *weight = malloc(ROWS * sizeof(double));
	int64_t		heavy = 0;
	int64_t		weightless = 0;
	double		total = 0;
	FcHooks		hooks = {0};
	FcSample	s;
	FcArena		arena = {0};
	Source		source;
	void	   *memory;

	for (int i = 0; i < ROWS; i++)
		weight[i] = i % 10 == 0 ? 0 : 1;
	x[777] = 99;				/* a third of all */
	weight[777] = 45000;
	x[10] = 50;
	source_begin(&source, precision, x, ROWS, 1, fc_block_rows(1));
	source_weigh(&source, weight);
	fc_sample_layout(&arena, &s, &source.rows, 3);
	arena.base = memory = hostile_memory(arena.used);
	arena.used = 0;
	fc_sample_layout(&arena, &s, &source.rows, 3);
	fc_sample_fill(&s, &source.rows, 1, &hooks);
	CHECK(s.n < ROWS);
	for (int64_t i = 0; i < s.n; i++)
	{
		double		value = fc_get(s.x, precision, i);

		heavy += value == 99;
		weightless += value == 50;
		total += s.weight[i];
		CHECK_NEAR(s.weight[i] * (double) s.n, source.rows.total, 1e-9 * source.rows.total);
	}
	CHECK_NEAR((double) heavy / (double) s.n, 45000 / source.rows.total, 1e-3);
	CHECK_EQ(weightless, 0);
	CHECK_NEAR(total, source.rows.total, 1e-9 * total);
	source_end(&source);
	free(memory);
	free(weight);
	free(x);
}

/* Graphs and networks know no weights */
static void
test_refused(const FcAlgorithm *algo)
{
	double	   *x = make_blobs(N, D, K, 5);
	double	   *weight = make_noise(N, 1, 2);
	Training	t;

	training_begin(&t, algo, K, FC_F64, x, N, D);
	source_weigh(&t.source, weight);
	t.fit.rows = t.source.rows;
	CHECK_EQ(fc_fit_begin(&t.fit), FC_NO_WEIGHTS);
	training_end(&t);
	free(x);
	free(weight);
}

int
main(int argc, char **argv)
{
	FOR_EACH_ALGORITHM(algo)
	{
		if (!is_wanted(algo, argc, argv))
			continue;
		if (is_deep(algo) || (algo->traits & FC_EMBEDS))
		{
			test_refused(algo);
			continue;
		}
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale++)
				test_same(algo, precision, scale);
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			for (double factor = 1e-14; factor < 1e15; factor *= 1e7)
				test_proportions(algo, precision, factor);
		if (algo->kernel->tries_on_sample && !algo->kernel->has_shapes)
			for (int sampled = 0; sampled < 2; sampled++)	/* starts anywhere in the box depend on luck */
				test_starts(algo, FC_F32, sampled ? FC_INIT_SAMPLE : FC_INIT_KMEANSPP);
	}
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_nothing(precision);
		test_sample(precision);
	}
	return check_report("weights");
}
