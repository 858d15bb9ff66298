/*
 * degenerate.c - degenerate rows: too few, all equal, coinciding
 *
 * Holds for every registered algorithm, in both precisions and on every
 * instruction set of this processor.
 */
#include "train.h"

#include "core/seed.h"

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

/* Trains; the status is as expected, and so is the number of distinct rows */
static void
check_status(const FcAlgorithm *algo, int isa, FcPrecision precision, int init, int scale, int32_t k,
			 const double *x, int64_t n, int32_t d, FcStatus expected, int64_t distinct)
{
	Training	t;
	FcStatus	status;

	training_begin(&t, algo, k, precision, x, n, d);
	t.fit.isa = isa;
	t.model.common[FC_INIT] = init;
	t.model.common[FC_SCALE] = scale;
	t.model.common[FC_MAX_ITERATIONS] = 100;	/* whether it converges is not asked */
	status = training_run(&t);
	CHECK(status == expected || (expected == FC_DIVERGED && status == FC_VANISHED));
	if (expected == FC_OK)
		check_model(&t);
	else if (expected == FC_TOO_FEW_ROWS)
		CHECK_EQ(t.fit.failure.distinct, distinct);
	training_end(&t);
}

static void
test_all_equal(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	static const int rows[] = {1, 2, 15, 16, 17, 513, 1000, 1025, 2049};
	static const double values[] = {0, 0.1, -7, 1e6};
	enum {D = 3};
	double	   *x = malloc(2049 * D * sizeof(double));

	for (int v = 0; v < COUNT(values); v++)
	{
		for (int i = 0; i < 2049 * D; i++)
			x[i] = values[v] * (1 + i % D);
		for (int r = 0; r < COUNT(rows); r++)
			for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale++)
			{
				check_status(algo, isa, precision, FC_INIT_KMEANSPP, scale, 2, x, rows[r], D, FC_TOO_FEW_ROWS, 1);
				check_status(algo, isa, precision, FC_INIT_KMEANSPP, scale, 1, x, rows[r], D, FC_OK, 1);
			}
	}
	free(x);
}

/* Three different rows, often repeated, whatever the start */
static void
test_few_distinct(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	static const double values[3][2] = {{0, 0}, {1, 0.5}, {-3, 8}};
	enum {N = 50, D = 2};
	double		x[N * D];

	for (int i = 0; i < N * D; i++)
		x[i] = values[i / D % 7 % 3][i % D];
	for (int init = FC_INIT_KMEANSPP; init <= FC_INIT_SAMPLE; init++)
	{
		check_status(algo, isa, precision, init, FC_SCALE_NONE, 3, x, N, D, FC_OK, 3);
		check_status(algo, isa, precision, init, FC_SCALE_NONE, 4, x, N, D, FC_TOO_FEW_ROWS, 3);
		check_status(algo, isa, precision, init, FC_SCALE_MINMAX, 10, x, N, D, FC_TOO_FEW_ROWS, 3);
		check_status(algo, isa, precision, init, FC_SCALE_NONE, 60, x, N, D, FC_TOO_FEW_ROWS, 3);
	}
}

/* As many clusters as different rows, each repeated: the clusters are these rows */
static void
test_each_distinct(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 90, K = 6};
	double		x[N];
	double		sum = 0;
	Training	t;

	if (!(algo->traits & FC_CRISP))
		return;
	for (int i = 0; i < N; i++)
		x[i] = i % K * (i % K);
	training_begin(&t, algo, K, precision, x, N, 1);
	t.fit.isa = isa;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	for (int32_t c = 0; c < K; c++)
	{
		sum += t.model.centers[c];
		CHECK(t.model.weights[c] == N / K);
	}
	CHECK(sum == 0 + 1 + 4 + 9 + 16 + 25);
	CHECK(t.model.objective <= (algo->traits & FC_EMBEDS ? 1e-20 : 0));	/* or rounding of eigenvectors */
	training_end(&t);
}

/* 0 and -0 are one value */
static void
test_negative_zero(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	static const double x[] = {0.0, -0.0, 0.0, -0.0, -0.0, 0.0};

	check_status(algo, isa, precision, FC_INIT_KMEANSPP, FC_SCALE_NONE, 2, x, 6, 1, FC_TOO_FEW_ROWS, 1);
	check_status(algo, isa, precision, FC_INIT_SAMPLE, FC_SCALE_NONE, 2, x, 3, 2, FC_TOO_FEW_ROWS, 1);
	check_status(algo, isa, precision, FC_INIT_KMEANSPP, FC_SCALE_NONE, 1, x, 6, 1, FC_OK, 1);
}

/* Rows that differ by less than their squares can say, unless they are scaled */
static void
test_too_close(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	static const double f32[] = {0, 1e-30, 2e-30, 3e-30};
	static const double f64[] = {0, 1e-200, 2e-200, 3e-200};
	const double *x = precision == FC_F32 ? f32 : f64;

	if (!scales_itself(algo))
		check_status(algo, isa, precision, FC_INIT_KMEANSPP, FC_SCALE_NONE, 2, x, 4, 1, FC_TOO_CLOSE, 0);
	check_status(algo, isa, precision, FC_INIT_KMEANSPP, FC_SCALE_MINMAX, 2, x, 4, 1, FC_OK, 4);
}

/* Rows beyond what squares can hold: a status, not a NaN */
static void
test_too_large(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	static const double f32[] = {0, 1e30, -1e30, 5e29};
	static const double f64[] = {0, 1e200, -1e200, 5e199};
	const double *x = precision == FC_F32 ? f32 : f64;

	/* graphs are in double precision, whatever the rows are */
	if (!scales_itself(algo))
		check_status(algo, isa, precision, FC_INIT_KMEANSPP, FC_SCALE_NONE, 2, x, 4, 1,
					 algo->traits & FC_EMBEDS && precision == FC_F32 ? FC_OK : FC_DIVERGED, 0);
	check_status(algo, isa, precision, FC_INIT_KMEANSPP, FC_SCALE_MINMAX, 2, x, 4, 1, FC_OK, 4);
}

/* A column whose range has no reciprocal is still a column */
static void
test_tiny_column(const FcAlgorithm *algo, int isa, FcPrecision precision, int scale)
{
	enum {N = 40};
	double		x[N * 2];

	for (int i = 0; i < N; i++)
	{
		x[2 * i] = i % 2 * 10 + i * 0.01;
		x[2 * i + 1] = i % 3 * (precision == FC_F32 ? 1e-45 : 1e-320);
	}
	check_status(algo, isa, precision, FC_INIT_KMEANSPP, scale, 2, x, N, 2, FC_OK, 0);
}

/* A column that varies by rounding only is none, however the features are scaled */
static void
test_rounding_column(const FcAlgorithm *algo, int isa, FcPrecision precision, int scale, double stretch)
{
	static const double values[] = {0.3, -7e-5, 1e15, 123456.7};
	enum {N = 200};
	double		x[N * 2];
	Training	t;

	for (int v = 0; v < COUNT(values); v++)
	{
		double		center[2][2];

		for (int i = 0; i < N; i++)
		{
			double		value = precision == FC_F32 ? (float) values[v] : values[v];
			double		next = precision == FC_F32 ? nextafterf((float) value, 1) : nextafter(value, 1);

			x[2 * i] = i % 2 * 5 + sin(i) * 0.3;
			x[2 * i + 1] = i / 2 % 2 ? value : next;
		}
		training_begin(&t, algo, 2, precision, x, N, 2);
		t.fit.isa = isa;
		t.model.common[FC_SCALE] = scale;
		if (own_option(&t.model, "stretch"))
			*own_option(&t.model, "stretch") = stretch;
		if (CHECK_EQ(training_run(&t), FC_OK))
		{
			check_model(&t);
			fc_unscale_center(&t.model, 0, center[0]);
			fc_unscale_center(&t.model, 1, center[1]);
			CHECK_NEAR(fabs(center[0][0] - center[1][0]), 5, is_possibilistic(algo) ? 0.3 : 0.02);	/* modes, not means */
		}
		training_end(&t);
	}
}

/* The first row that the sample of x leaves out, or -1 */
static int64_t
outside_sample(FcPrecision precision, int32_t k, int64_t n, int32_t d)
{
	double	   *x = malloc((size_t) n * d * sizeof(double));
	FcArena		arena = {0};
	FcHooks		hooks = {NULL, NULL, NULL};
	FcSample	sample = {0};
	Source		source;
	int64_t		missing = -1;

	for (int64_t i = 0; i < n * d; i++)
		x[i] = (double) (i / d);
	source_begin(&source, precision, x, n, d, fc_block_rows(d));
	fc_sample_layout(&arena, &sample, &source.rows, k);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_sample_layout(&arena, &sample, &source.rows, k);
	fc_sample_fill(&sample, &source.rows, 0, &hooks);
	for (int64_t i = 0; i < sample.n && missing < 0; i++)
		if (fc_get(sample.x, precision, i) != i)
			missing = i;
	free(arena.base);
	source_end(&source);
	free(x);
	return missing;
}

/* Rows that are found only by examining all of them */
static void
test_rare_row(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 1200, D = 1024};
	double	   *x = calloc(N * D, sizeof(double));
	int64_t		rare = outside_sample(precision, 2, N, D);
	double		center[D];
	Training	t;

	CHECK(rare >= 0);
	check_status(algo, isa, precision, FC_INIT_KMEANSPP, FC_SCALE_NONE, 2, x, N, D, FC_TOO_FEW_ROWS, 1);
	x[rare * D + D - 1] = 1;
	check_status(algo, isa, precision, FC_INIT_KMEANSPP, FC_SCALE_NONE, 3, x, N, D, FC_TOO_FEW_ROWS, 2);
	check_status(algo, isa, precision, FC_INIT_SAMPLE, FC_SCALE_ZSCORE, 2, x, N, D, FC_OK, 0);

	training_begin(&t, algo, 2, precision, x, N, D);
	t.fit.isa = isa;
	t.model.common[FC_MAX_ITERATIONS] = 100;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		check_model(&t);
		/* otherwise nearness depends on the sample, or on the range of one column */
		if (own_option(&t.model, "temperature") == NULL && !scales_itself(algo))
		{
			CHECK(t.model.converged);
			CHECK_EQ(t.model.empty, 0);
			CHECK_NEAR(t.model.centers[D - 1] + t.model.centers[2 * D - 1], 1, 1e-2);
		}
	}
	training_end(&t);

	/* nothing in the sample says how large a step is */
	training_begin(&t, algo, 1, precision, x, N, D);
	t.fit.isa = isa;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.model.converged);
	fc_unscale_center(&t.model, 0, center);
	if (!is_possibilistic(algo))
		CHECK_NEAR(center[D - 1] * N, 1, (scales_itself(algo) ? 10 : 1) * rounding_of(precision));
	training_end(&t);
	free(x);
}

/* A single row is a cluster that coincides with no other; in a graph it has no edges */
static void
test_outlier(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 100};
	double		x[N];
	double		center[2];
	Training	t;

	for (int i = 0; i < N; i++)
		x[i] = i < N - 1 ? i * 1e-3 : 1000;
	training_begin(&t, algo, 2, precision, x, N, 1);
	t.fit.isa = isa;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	fc_unscale_center(&t.model, 0, center);
	fc_unscale_center(&t.model, 1, center + 1);
	CHECK(fmax(center[0], center[1]) > 999 || (algo->traits & FC_EMBEDS));
	CHECK(t.fit.doubts.twins[0] == -1);
	training_end(&t);
}

/* Algorithms may be named as arguments; else all are tested */
int
main(int argc, char **argv)
{
	FOR_EACH_ALGORITHM(algo)
		FOR_EACH_VARIANT(isa, precision)
		{
			if (!is_wanted(algo, argc, argv) || is_deep(algo))	/* see deep.c */
				continue;
			test_all_equal(algo, isa, precision);
			test_few_distinct(algo, isa, precision);
			test_each_distinct(algo, isa, precision);
			test_negative_zero(algo, isa, precision);
			test_too_close(algo, isa, precision);
			test_too_large(algo, isa, precision);
			test_tiny_column(algo, isa, precision, FC_SCALE_MINMAX);
			test_tiny_column(algo, isa, precision, FC_SCALE_ZSCORE);
			if (takes_collinear(algo))
				for (int scale = FC_SCALE_MINMAX; scale <= FC_SCALE_ZSCORE; scale++)
					test_rounding_column(algo, isa, precision, scales_itself(algo) ? FC_SCALE_NONE : scale, scale - 1);
			if (takes_columns(algo, 1024))
				test_rare_row(algo, isa, precision);
			test_outlier(algo, isa, precision);
		}
	return check_report("degenerate");
}
