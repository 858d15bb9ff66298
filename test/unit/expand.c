/*
 * expand.c - rows of numbers and categories are rows of features, to the bit
 */
#include "mixed.h"
#include "team.h"

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

enum {COLUMNS = 6, D = 12, K = 3};

/* In the order of first appearance, which is not that of the bytes */
static const int32_t levels[] = {3, 0, 0, 2, 4, 0};
static const char values[] = "red\0green\0blue\0" "no\0\0" "d\0c\0a\0b\0";

static FcCategories
usual(void)
{
	return CATEGORIES(COLUMNS, levels, values);
}

/* (n, COLUMNS) rows in K groups; "missing": one code in so many, 0: none */
static double *
make_rows(int64_t n, int missing)
{
	double	   *x = malloc(sizeof(double) * n * COLUMNS);
	FcRng		rng;

	fc_rng_start(&rng, 12, 0);
	for (int64_t i = 0; i < n; i++)
		for (int column = 0; column < COLUMNS; column++)
		{
			double		value = fc_rng_uniform(&rng);
			int			group = (int) (i % K);

			if (levels[column] == 0)
				x[i * COLUMNS + column] = 2 * value - 1 + group;
			else if (i < levels[column])
				x[i * COLUMNS + column] = (double) i;	/* all values appear */
			else if (missing > 0 && fc_rng_below(&rng, missing) == 0)
				x[i * COLUMNS + column] = NAN;
			else
				x[i * COLUMNS + column] = value < 0.6 ? group % levels[column] : floor(fc_rng_uniform(&rng) * levels[column]);
		}
	return x;
}

/* ---- blocks ---- */

/* Rounded to the precision; NaN equals NaN */
static bool
is_same(double got, double wanted, FcPrecision precision)
{
	double		rounded = precision == FC_F32 ? (float) wanted : wanted;

	return isnan(wanted) ? isnan(got) : got == rounded;
}

/* Every block of rows, as it is read and as it is scaled */
static void
check_blocks(Mixed *m, const FcRows *rows, const double *shift, const double *factor)
{
	int			wrong = 0;

	CHECK_EQ(rows->d, m->d);
	CHECK(rows->stride % FC_LANES == 0 && rows->stride <= fc_block_rows(m->d));
	for (int64_t b = 0; b < fc_blocks(rows); b++)
		for (int scaled = 0; scaled < 2; scaled++)
		{
			const void *block = scaled ? rows->scaled(rows->source, b, shift, factor) : rows->block(rows->source, b);
			int32_t		n = fc_rows_in_block(rows, b);

			for (int32_t j = 0; j < m->d; j++)
				for (int32_t i = 0; i < FC_ROUND_UP(n, FC_LANES); i++)
				{
					double		got = fc_get(block, rows->precision, (size_t) j * rows->stride + i);
					double		x = i < n ? m->features[(b * rows->stride + i) * m->d + j] : 0;

					if (rows->precision == FC_F32)
						x = (float) x;
					wrong += i < n && !is_same(got, scaled ? (x - shift[j]) * factor[j] : x, rows->precision);
					wrong += i >= n && (scaled ? isnan(got) : got != 0);
				}
		}
	CHECK_EQ(wrong, 0);
}

static void
check_weights(const Mixed *m, const FcRows *rows)
{
	int			wrong = 0;

	for (int64_t b = 0; b < fc_blocks(rows); b++)
	{
		const double *weight = fc_row_weights(rows, b);
		int32_t		n = fc_rows_in_block(rows, b);

		for (int32_t i = 0; i < FC_ROUND_UP(n, FC_LANES); i++)
			wrong += weight[i] != (i < n ? m->columns.weight[b * rows->stride + i] : 0);
	}
	CHECK_EQ(wrong, 0);
}

/* Blocks of columns of any size, of which two may be needed for one of features */
static void
test_blocks(int isa, FcPrecision precision)
{
	static const int64_t sizes[] = {1, 15, 16, 17, 100, 1009, 2500};
	static const int32_t strides[] = {16, 48, 1008};
	static const double shift[] = {0, 0, 0, 0.25, -3, 0, 0, 0, 0, 0, 0, 7};
	static const double factor[] = {0.3, 0.3, 0.3, 2, 0.7, 0.3, 0.3, 0.3, 0.3, 0.3, 0.3, 1e-3};
	double		weight[2500];
	FcCategories found = usual();

	for (int i = 0; i < 2500; i++)
		weight[i] = i % 7 / 2.0;
	for (int s = 0; s < COUNT(sizes); s++)
		for (int at = 0; at < COUNT(strides); at++)
		{
			double	   *x = make_rows(sizes[s], 5);
			Mixed		m;
			FcRows		rows;

			mixed_begin(&m, precision, x, sizes[s], &found, strides[at]);
			source_weigh(&m.columns, weight);
			rows = mixed_rows(&m, isa);
			check_blocks(&m, &rows, shift, factor);
			check_weights(&m, &rows);
			mixed_end(&m);
			free(x);
		}
}

/* Two categories of many values, after which blocks have few rows */
static void
test_wide(FcPrecision precision)
{
	enum {N = 1100, LEVELS = 1000, WIDE = 7};
	static int32_t wide[WIDE];
	static char text[WIDE * LEVELS * 7];
	double	   *x = malloc(sizeof(double) * N * WIDE);
	double	   *scale = malloc(sizeof(double) * 2 * WIDE * LEVELS);
	FcCategories found = {WIDE, wide, text, 0};
	Mixed		m;
	FcRows		rows;

	for (int column = 0; column < WIDE; column++)
	{
		wide[column] = column % 3 == 1 ? 0 : LEVELS - column;
		for (int code = 0; code < wide[column]; code++)
			found.length += 1 + sprintf(text + found.length, "%d", (code * 7919 + 13) % 100000);
		for (int i = 0; i < N; i++)
			x[i * WIDE + column] = wide[column] > 0 ? i % wide[column] : i / 8.0;
	}
	mixed_begin(&m, precision, x, N, &found, 0);
	rows = mixed_rows(&m, fc_best_isa());
	for (int32_t j = 0; j < m.d; j++)
	{
		scale[j] = 0;
		scale[m.d + j] = 0.5;
	}
	check_blocks(&m, &rows, scale, scale + m.d);
	mixed_end(&m);
	free(x);
	free(scale);
}

/* ---- trainings ---- */

static void
set_options(FcModel *m, int scale, int init)
{
	m->common[FC_SCALE] = scale;
	m->common[FC_INIT] = init;
	m->common[FC_MAX_ITERATIONS] = 15;
	m->common[FC_RESTARTS] = 2;
}

/* The model is that of features that have been scaled before, given as numbers */
static void
test_training(const FcAlgorithm *algo, FcPrecision precision, int64_t n, int scale, int init)
{
	double	   *x = make_rows(n, 0);
	FcCategories found = usual();
	Training	plain;
	Mixed		m;

	mixed_begin(&m, precision, x, n, &found, 0);
	mixed_train(&m, algo, K, NULL, fc_best_isa());
	set_options(&m.t.model, scale, init);
	if (CHECK_EQ(training_run(&m.t), FC_OK))
	{
		double	   *scaled = malloc(sizeof(double) * n * D);

		check_model(&m.t);
		for (int64_t i = 0; i < n * D; i++)
		{
			double		feature = precision == FC_F32 ? (float) m.features[i] : m.features[i];

			scaled[i] = (feature - m.t.model.shift[i % D]) * m.t.model.factor[i % D];
		}
		training_begin(&plain, algo, K, precision, scaled, n, D);
		set_options(&plain.model, FC_SCALE_NONE, init);
		CHECK_EQ(training_run(&plain), FC_OK);
		CHECK(memcmp(plain.model.centers, m.t.model.centers, sizeof(double) * K * D) == 0);
		CHECK(plain.model.objective == m.t.model.objective && plain.model.iterations == m.t.model.iterations);
		training_end(&plain);
		free(scaled);
	}
	mixed_end(&m);
	free(x);
}

/* The same bytes for any number of members */
static void
test_team(const FcAlgorithm *algo, FcPrecision precision)
{
	enum {N = 9000};
	double	   *x = make_rows(N, 0);
	FcCategories found = usual();
	Mixed		m[2];

	for (int i = 0; i < 2; i++)
	{
		mixed_begin(&m[i], precision, x, N, &found, 0);
		mixed_train(&m[i], algo, K, NULL, fc_best_isa());
		set_options(&m[i].t.model, FC_SCALE_ZSCORE, FC_INIT_KMEANSPP);
	}
	CHECK_EQ(training_run(&m[0].t), FC_OK);
	CHECK_EQ(team_run(&m[1].t, 3, NULL), FC_OK);
	CHECK(same_model(&m[0].t.model, &m[1].t.model));
	for (int i = 0; i < 2; i++)
		mixed_end(&m[i]);
	free(x);
}

/* Other algorithms say so, before they need memory */
static void
test_refusal(const FcAlgorithm *algo)
{
	bool		takes = (algo->traits & FC_TAKES_CATEGORIES) != 0;
	double	   *x = make_rows(20, 0);
	FcCategories found = usual();
	Mixed		m;

	mixed_begin(&m, FC_F64, x, 20, &found, 0);
	mixed_train(&m, algo, K, NULL, fc_best_isa());
	m.t.fit.rows = m.t.source.rows;
	CHECK_EQ(fc_fit_begin(&m.t.fit), takes ? FC_OK : FC_NO_CATEGORIES);
	mixed_end(&m);
	free(x);
}

/* ---- the factor of indicators ---- */

/* (n, 2): a number and a category of so many values */
static double
factor_of(const double *x, int n, int32_t level, const double *weight, double category_weight, int scale)
{
	static const int32_t both[][2] = {{0, 1}, {0, 2}, {0, 3}};
	static const char text[] = "b\0a\0c";
	FcCategories found = {2, both[level - 1], text, 2 * level};
	double		factor = -1;
	Mixed		m;

	mixed_begin(&m, FC_F64, x, n, &found, 0);
	mixed_train(&m, fc_find_algorithm("fcm"), 1, weight, fc_best_isa());
	m.t.model.common[FC_SCALE] = scale;
	m.t.model.common[FC_CATEGORY_WEIGHT] = category_weight;
	if (CHECK_EQ(training_run(&m.t), FC_OK))
	{
		check_model(&m.t);
		factor = m.t.model.factor[1];
		for (int32_t j = 1; j <= level; j++)
			CHECK(m.t.model.shift[j] == 0 && m.t.model.factor[j] == factor);
		CHECK(isfinite(factor) && factor > 0);
	}
	mixed_end(&m);
	return factor;
}

static void
test_factor(void)
{
	/* variance 4 of -2 and 2; 1 - sum p^2 = 1/2 */
	static const double even[] = {-2, 0, -2, 0, 2, 1, 2, 1};
	static const double constant[] = {7, 0, 7, 1, 7, 0};
	static const double one_value[] = {-1, 0, 1, 0};
	static const double huge[] = {-1e139, 0, 1e139, 1};
	static const double tiny[] = {-1e-139, 0, 1e-139, 1};
	/* as if the first row were there twice: mean 0, variance 2, p = 2/3, 1/3 */
	static const double weighted[] = {-1, 0, 2, 1, 99, 2};
	static const double weight[] = {2, 1, 0};

	CHECK_NEAR(factor_of(even, 4, 2, NULL, 1, FC_SCALE_NONE), sqrt(4 / 0.5), 1e-14);
	CHECK_NEAR(factor_of(even, 4, 2, NULL, 9, FC_SCALE_NONE), 3 * sqrt(4 / 0.5), 1e-14);
	CHECK_NEAR(factor_of(even, 4, 2, NULL, 1, FC_SCALE_ZSCORE), sqrt(1 / 0.5), 1e-14);
	CHECK_NEAR(factor_of(even, 4, 2, NULL, 1, FC_SCALE_MINMAX), sqrt(0.25 / 0.5), 1e-14);
	CHECK_NEAR(factor_of(weighted, 3, 3, weight, 1, FC_SCALE_NONE), sqrt(2 / (1 - 4 / 9.0 - 1 / 9.0)), 1e-14);
	CHECK(factor_of(constant, 3, 2, NULL, 1, FC_SCALE_NONE) == 1);
	CHECK(factor_of(constant, 3, 2, NULL, 4, FC_SCALE_ZSCORE) == 1);
	CHECK(factor_of(one_value, 2, 1, NULL, 1, FC_SCALE_NONE) == 1);
	CHECK_NEAR(factor_of(huge, 2, 2, NULL, 1, FC_SCALE_NONE) / 1e139, sqrt(2), 1e-12);
	CHECK_NEAR(factor_of(tiny, 2, 2, NULL, 1, FC_SCALE_NONE) / 1e-139, sqrt(2), 1e-12);
}

/* Nothing but categories */
static void
test_only_categories(const FcAlgorithm *algo)
{
	static const int32_t only[] = {3, 2};
	FcCategories found = CATEGORIES(2, only, "z\0y\0x\0q\0p\0");
	double		x[60 * 2];
	Mixed		m;

	for (int i = 0; i < 60; i++)
	{
		x[2 * i] = i % 3;
		x[2 * i + 1] = i % 3 == 2 || i % 7 == 0;
	}
	mixed_begin(&m, FC_F32, x, 60, &found, 0);
	mixed_train(&m, algo, 2, NULL, fc_best_isa());
	m.t.model.common[FC_CATEGORY_WEIGHT] = 3;
	if (CHECK_EQ(training_run(&m.t), FC_OK))
	{
		check_model(&m.t);
		for (int32_t j = 0; j < 5; j++)
			CHECK(m.t.model.shift[j] == 0 && m.t.model.factor[j] == 1);
	}
	mixed_end(&m);
}

/* A number far from zero is shifted, an indicator that is nearly always 1 is not */
static void
test_offset(FcPrecision precision)
{
	static const int32_t both[] = {0, 2};
	FcCategories found = CATEGORIES(2, both, "rare\0common\0");
	double		x[200 * 2];
	Mixed		m;

	for (int i = 0; i < 200; i++)
	{
		x[2 * i] = 1e6 + i % 2 * 8 + i % 5 * 0.25;
		x[2 * i + 1] = i % 50 != 0;
	}
	mixed_begin(&m, precision, x, 200, &found, 0);
	mixed_train(&m, fc_find_algorithm("kmeans"), 2, NULL, fc_best_isa());
	m.t.model.common[FC_CATEGORY_WEIGHT] = 0.01;
	if (CHECK_EQ(training_run(&m.t), FC_OK))
	{
		double	   *centers = centers_of(&m.t.model);

		CHECK(fabs(m.t.model.shift[0] - 1e6) < 10 && m.t.model.factor[0] == 1);
		CHECK(m.t.model.shift[1] == 0 && m.t.model.shift[2] == 0);
		CHECK_NEAR(fmin(centers[0], centers[3]), 1e6 + 0.5, 1e-9);
		CHECK_NEAR(centers[1] + centers[2], 1, 1e-6);
		check_model(&m.t);
		free(centers);
	}
	mixed_end(&m);
}

int
main(void)
{
	FOR_EACH_VARIANT(isa, precision)
		test_blocks(isa, precision);
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_wide(precision);
		test_offset(precision);
		test_team(fc_find_algorithm("fcm"), precision);
		test_team(fc_find_algorithm("kmeans"), precision);
	}
	FOR_EACH_ALGORITHM(algo)
	{
		test_refusal(algo);
		if (!(algo->traits & FC_TAKES_CATEGORIES))
			continue;
		test_only_categories(algo);
		for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale++)
			for (int init = FC_INIT_KMEANSPP; init <= FC_INIT_SAMPLE; init++)
				test_training(algo, init == FC_INIT_RANDOM ? FC_F64 : FC_F32, scale == FC_SCALE_NONE ? 3000 : 190, scale, init);
	}
	test_factor();
	return check_report("expand");
}
