/*
 * shapes.c - clusters with covariances: regularized, singular, in any units
 *
 * Reference values are in test/data/shapes.h, which test/golden/shapes.py writes.
 */
#include "train.h"

#include "../data/shapes.h"
#include "core/shape.h"

#include <math.h>

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

/* Three groups, as a function of their rows makes them */
enum {N = 600, GROUPS = 3, MOST = 40};

/* Rounding, seen through the condition of the rows' covariance or that of a cluster, 2 10^11 */
#define CLOSE(regularization) ((regularization) > 0 ? 4e-6 : 1e-4)

static const char *const algorithms[] = {"gk", "gg"};

static void
test_golden(int isa)
{
	for (int g = 0; g < COUNT(shapes); g++)
	{
		enum {SIZE = SHAPE_COLUMNS * SHAPE_COLUMNS};
		Training	t;
		double		covariance[SIZE];
		double		close = CLOSE(shapes[g].regularization);

		training_begin(&t, fc_find_algorithm(shapes[g].algorithm), SHAPE_CLUSTERS, FC_F64, shape_rows, SHAPE_ROWS, SHAPE_COLUMNS);
		t.fit.isa = isa;
		t.fit.start = shape_rows;
		t.model.common[FC_INIT] = FC_INIT_CENTERS;
		t.model.common[FC_MAX_ITERATIONS] = shapes[g].iterations;
		t.model.common[FC_TOLERANCE] = 0;
		*fc_option_value(&t.model, fc_find_option(t.model.algo, "regularization")) = shapes[g].regularization;
		if (strcmp(shapes[g].algorithm, "gg") == 0)
			*fc_option_value(&t.model, fc_find_option(t.model.algo, "weight_exponent")) = 2;
		CHECK_EQ(training_run(&t), FC_OK);
		CHECK_EQ(t.fit.doubts.singular, 0);
		CHECK_NEAR(t.model.objective, shapes[g].objective, close);
		for (int i = 0; i < SHAPE_CLUSTERS * SHAPE_COLUMNS; i++)
			CHECK_NEAR(t.model.centers[i], shapes[g].centers[i], close);
		for (int c = 0; c < SHAPE_CLUSTERS; c++)
		{
			fc_shape_covariance(&t.model, c, covariance);
			for (int i = 0; i < SIZE; i++)
				CHECK_NEAR(covariance[i], shapes[g].covariances[c * SIZE + i], close);
		}
		training_end(&t);
	}
}

/* What follows two features a and b of row i; how many are added to x */
typedef int (*Columns) (int i, double *x);

static int
none(int i, double *x)
{
	(void) i, (void) x;
	return 0;
}

static int
third(int i, double *x)
{
	(void) i;
	x[2] = 1 / 3.0;
	return 1;
}

static int
three_constants(int i, double *x)
{
	(void) i;
	x[2] = 0.1;
	x[3] = 0;
	x[4] = -1e-9;
	return 3;
}

static int
many_constants(int i, double *x)
{
	(void) i;
	for (int j = 2; j < MOST; j++)
		x[j] = j / 7.0;
	return MOST - 2;
}

/* A constant of this size has roundings as large as the floor of covariances */
static int
large_constant(int i, double *x)
{
	(void) i;
	x[2] = 3e12;
	return 1;
}

static int
hardly_constant(int i, double *x)
{
	x[2] = i / 2 % 2 ? 0.1 + 0.2 : 0.3;
	return 1;
}

static int
constant_in_a_group(int i, double *x)
{
	x[2] = i % GROUPS == 0 ? 5 : sin(i * 7.7);
	return 1;
}

static int
twice(int i, double *x)
{
	(void) i;
	x[2] = x[0];
	x[3] = x[1];
	return 2;
}

static int
sums(int i, double *x)
{
	(void) i;
	x[2] = x[0] + x[1];
	x[3] = x[0] - 3 * x[1] + 7;
	x[4] = 0.1;
	return 3;
}

static int
multiples(int i, double *x)
{
	(void) i;
	x[2] = 1000 * x[0];
	x[3] = 1e-4 * x[1];
	return 2;
}

/* Rows into x, (N, d); returns d */
static int
make_rows(Columns columns, double *x)
{
	double		row[MOST];
	int			d = 2;

	for (int i = 0; i < N; i++)
	{
		int			g = i % GROUPS;

		row[0] = g * 8 + sin(i) + cos(i * 2.3);
		row[1] = cos(i * 1.7) * 2 + g * 3;
		d = 2 + columns(i, row);
		memcpy(x + i * d, row, d * sizeof(double));
	}
	return d;
}

/* Each cluster has the rows of one group, and each group is a cluster */
static bool
finds_groups(const FcModel *m, const double *x)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);
	int			of[GROUPS] = {-1, -1, -1};
	bool		right = true;

	for (int i = 0; i < N; i++)
	{
		int			g = i % GROUPS;

		fc_score_row(&s, x + (int64_t) i * m->d);
		if (of[g] < 0)
			of[g] = fc_score_nearest(&s);
		right = right && of[g] == fc_score_nearest(&s);
	}
	free(memory);
	return right && of[0] != of[1] && of[1] != of[2] && of[0] != of[2];
}

static void
test_singular(int isa, FcPrecision precision, const char *algorithm)
{
	static const struct
	{
		Columns		columns;
		int			singular;	/* of the three covariances */
		bool		f32;		/* single precision has digits for it */
	}			cases[] = {
		{none, 0, true}, {third, 3, true}, {three_constants, 3, true}, {many_constants, 3, true},
		{large_constant, 3, false}, {hardly_constant, 3, true}, {constant_in_a_group, 1, true}, {twice, 3, true},
		{sums, 3, true}, {multiples, 3, true}
	};
	double	   *x = malloc(N * MOST * sizeof(double));

	for (int c = 0; c < COUNT(cases); c++)
		for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale++)
		{
			int			d = make_rows(cases[c].columns, x);
			Training	t;

			if ((precision == FC_F32 && !cases[c].f32) || (cases[c].columns == hardly_constant && scale != FC_SCALE_NONE))
				continue;
			training_begin(&t, fc_find_algorithm(algorithm), GROUPS, precision, x, N, d);
			t.fit.isa = isa;
			t.model.common[FC_SCALE] = scale;
			CHECK_EQ(training_run(&t), FC_OK);
			CHECK_EQ(t.fit.doubts.singular, cases[c].singular);
			CHECK_EQ(t.fit.doubts.thin, 0);
			CHECK(finds_groups(&t.model, x));
			CHECK(t.model.converged);
			training_end(&t);
		}
	free(x);
}

/* Units of the features change nothing but the centers, singular or not */
static void
test_units(int isa, FcPrecision precision, const char *algorithm)
{
	static const double units[][3] = {{0x1p40, 0x1p40, 0x1p40}, {0x1p-30, 0x1p-30, 0x1p-30}, {0x1p25, 0x1p-25, 0x1p3}};
	double	   *x = malloc(N * MOST * sizeof(double));
	double	   *of_units = malloc(N * MOST * sizeof(double));
	double		start[GROUPS * 3];
	double		scaled[GROUPS * 3];

	for (int singular = 0; singular < 2; singular++)
		for (int u = 0; u < COUNT(units); u++)
		{
			int			d = make_rows(singular ? sums : none, x);
			Training	a;
			Training	b;

			d = d > 3 ? 3 : d;
			if (singular)		/* leave the first three of five */
				for (int i = 0; i < N; i++)
					memmove(x + i * 3, x + i * 5, 3 * sizeof(double));
			for (int i = 0; i < N * d; i++)
				of_units[i] = x[i] * units[u][i % d];
			for (int i = 0; i < GROUPS * d; i++)
			{
				start[i] = x[i];
				scaled[i] = of_units[i];
			}
			training_begin(&a, fc_find_algorithm(algorithm), GROUPS, precision, x, N, d);
			training_begin(&b, fc_find_algorithm(algorithm), GROUPS, precision, of_units, N, d);
			a.fit.isa = b.fit.isa = isa;
			a.fit.start = start;
			b.fit.start = scaled;
			a.model.common[FC_INIT] = b.model.common[FC_INIT] = FC_INIT_CENTERS;
			CHECK_EQ(training_run(&a), FC_OK);
			CHECK_EQ(training_run(&b), FC_OK);
			CHECK_EQ(a.fit.doubts.singular, b.fit.doubts.singular);
			for (int i = 0; i < GROUPS * d; i++)
				CHECK_NEAR(b.model.centers[i] / units[u][i % d], a.model.centers[i], precision == FC_F32 ? 1e-3 : 1e-8);
			CHECK(finds_groups(&b.model, of_units));
			training_end(&a);
			training_end(&b);
		}
	free(x);
	free(of_units);
}

/* A group of fewer rows than features + 1 beside a large one */
static void
test_thin(int isa, FcPrecision precision, const char *algorithm, double regularization)
{
	enum {D = 6, FEW = 5, ALL = 205};
	double	   *x = malloc(ALL * D * sizeof(double));
	Training	t;
	FcRng		rng;

	fc_rng_start(&rng, 3, 3);
	for (int i = 0; i < ALL * D; i++)
		x[i] = fc_rng_uniform(&rng) + (i / D < FEW ? 30 : 0);
	training_begin(&t, fc_find_algorithm(algorithm), 2, precision, x, ALL, D);
	t.fit.isa = isa;
	*fc_option_value(&t.model, fc_find_option(t.model.algo, "fuzzifier")) = 1.2;
	*fc_option_value(&t.model, fc_find_option(t.model.algo, "regularization")) = regularization;
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK_EQ(t.fit.doubts.thin, 1);
	/* gk gives each row a little of every cluster */
	if (regularization > 0)
		CHECK_EQ(t.fit.doubts.singular, 0);
	else if (strcmp(algorithm, "gg") == 0)
		CHECK_EQ(t.fit.doubts.singular, 1);
	training_end(&t);
	free(x);
}

/* In many features all centers of gk merge, but below the fuzzifier that is told; noise far from groups decides nothing */
static void
test_merging(int isa, FcPrecision precision)
{
	static const int columns[] = {2, 10, 20};
	enum {ALL = 900, WIDEST = 20};
	double	   *x = malloc(ALL * WIDEST * sizeof(double));

	for (int d = 0; d < COUNT(columns); d++)
		for (int below = 0; below < 2; below++)
		{
			int			width = columns[d];
			double		safe = width > 2 ? width / (width - 2.0) : 0;
			Training	t;
			FcRng		rng;

			fc_rng_start(&rng, 5, 5);
			for (int i = 0; i < ALL * width; i++)
				x[i] = fc_rng_uniform(&rng) + fc_rng_uniform(&rng) + (i % width == 0 ? i / width % 3 * 0.5 : 0);
			training_begin(&t, fc_find_algorithm("gk"), 3, precision, x, ALL, width);
			t.fit.isa = isa;
			t.model.common[FC_TOLERANCE] = 1e-5;
			*fc_option_value(&t.model, fc_find_option(t.model.algo, "fuzzifier")) = below ? 1 + (safe - 1) * 0.7 : 2;
			if (width == 2)
				*fc_option_value(&t.model, fc_find_option(t.model.algo, "fuzzifier")) = 2;
			CHECK_EQ(training_run(&t), FC_OK);
			CHECK_EQ(t.fit.doubts.twins[0] >= 0, !below && width > 2);
			if (t.fit.doubts.twins[0] >= 0)
				CHECK_NEAR(t.fit.doubts.safe_fuzzifier, safe, 1e-15);
			training_end(&t);
		}
	free(x);
}

/* A length is proportional to the way from the center; its mean square over a cluster's rows is d */
static void
test_lengths(FcPrecision precision, const char *algorithm, bool of_rows)
{
	enum {N = 600, D = 3, K = 2};
	double	   *x = make_blobs(N, D, K, 0.5);
	Training	t;

	training_begin(&t, fc_find_algorithm(algorithm), K, precision, x, N, D);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		const FcKernel *kernel = t.model.algo->kernel;
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &t.model);
		double		squares = 0;

		for (int32_t c = 0; c < K; c++)
		{
			double		first = 0;

			for (int way = 1; way <= 4; way++)
			{
				double		row[D];
				double		length;

				for (int32_t j = 0; j < D; j++)
					row[j] = t.model.centers[c * D + j] + way * (j - 0.7);
				fc_score_row(&s, row);
				length = kernel->length ? kernel->length(&t.model, c, s.distance[c]) : sqrt(s.distance[c]);
				if (way == 1)
					first = length;
				CHECK_NEAR(length, way * first, 1e-9);
			}
			CHECK(first > 0);
		}
		for (int64_t i = 0; i < N; i++)
		{
			int32_t		c;

			fc_score_row(&s, x + i * D);
			c = fc_score_nearest(&s);
			squares += kernel->length ? pow(kernel->length(&t.model, c, s.distance[c]), 2) : s.distance[c];
		}
		if (of_rows)
			CHECK_NEAR(squares / N, D, 0.02);
		free(memory);
	}
	training_end(&t);
	free(x);
}

/* A model whose cluster has no volume is damaged: distances would be 0 or not finite */
static void
test_no_volume(void)
{
	enum {N = 60, D = 2, K = 2};
	double	   *x = make_blobs(N, D, K, 0.5);
	Training	t;

	training_begin(&t, fc_find_algorithm("gk"), K, FC_F64, x, N, D);
	if (CHECK_EQ(training_run(&t), FC_OK))
		for (int damaged = 0; damaged < 3; damaged++)
		{
			size_t		length;
			char	   *bytes;
			FcModel		m;

			if (damaged)
				FC_VOLUME(&t.model)[1] = 1 - damaged;
			bytes = model_bytes(&t.model, &length);
			CHECK_EQ(fc_model_read(&m, bytes, length), damaged ? FC_DAMAGED_MODEL : FC_OK);
			free(bytes);
		}
	training_end(&t);
	free(x);
}

int
main(void)
{
	test_no_volume();
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_lengths(precision, "gk", false);
		test_lengths(precision, "gg", true);
	}
	for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
	{
		test_golden(isa);
		test_merging(isa, FC_F32);
		test_merging(isa, FC_F64);
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			for (int a = 0; a < COUNT(algorithms); a++)
			{
				test_singular(isa, precision, algorithms[a]);
				test_units(isa, precision, algorithms[a]);
				test_thin(isa, precision, algorithms[a], 0);
				test_thin(isa, precision, algorithms[a], 0.01);
			}
	}
	return check_report("shapes");
}
