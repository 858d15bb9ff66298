/*
 * logical.c - tests of fuzzy c-means with the fuzzy logical distance
 *
 * The numbers of an independent implementation are in test/data/logical.h, which
 * test/golden/logical.py writes.  What all algorithms promise is in contract.c.
 */
#include "core/logic.h"
#include "train.h"

#include <math.h>

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

/* A start with a given number of clusters, on the tiny data set in .1 to .9 */
typedef struct GoldenGiven
{
	double		theta;
	double		vartheta;
	double		m;
	int			k;
	const double *start;		/* (k, 2) */
	int			iterations;		/* 0: until they settle */
	double		objective;
	const double *centers;		/* (k, 2) */
	const double *memberships;	/* (12, k) */
} GoldenGiven;

/* Clusters that are found, in the data set of four clusters */
typedef struct GoldenFound
{
	double		margin;
	double		grid_precision;
	double		theta;
	double		vartheta;
	double		m;
	double		merge_distance;
	int			min_points;
	int			k;
	const double *centers;		/* (k, 2) in the units of the rows */
} GoldenFound;

#include "../data/logical.h"

#define TINY_ROWS	(COUNT(tiny) / 2)
#define FOUR_ROWS	(COUNT(four) / 2)

enum
{
	COMMON,
	EACH
};

static const FcAlgorithm *
logical(void)
{
	return fc_find_algorithm("logical");
}

/* With "clusters" 0 they are to be found */
static FcStatus
run(Training *t)
{
	FcStatus	status;

	t->fit.rows = t->source.rows;
	status = fc_fit_begin(&t->fit);
	return status == FC_OK ? training_run(t) : status;
}

static void
set(Training *t, const char *name, double value)
{
	*own_option(&t->model, name) = value;
}

/* ---- golden numbers ---- */

static void
compare_memberships(const GoldenGiven *g, const FcModel *m, double close)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int i = 0; i < TINY_ROWS; i++)
	{
		fc_score_row(&s, tiny + 2 * i);
		fc_score_memberships(&s);
		for (int c = 0; c < g->k; c++)
			CHECK_NEAR(s.u[c], g->memberships[i * g->k + c], close);
	}
	free(memory);
}

static void
test_given(const GoldenGiven *g, int isa, FcPrecision precision)
{
	double		close = precision == FC_F32 ? 2e-5 : 1e-7;
	double		start[8];
	Training	t;

	training_begin(&t, logical(), g->k, precision, tiny, TINY_ROWS, 2);
	for (int i = 0; i < 2 * g->k; i++)
		start[i] = tiny_range[i % 2] + (g->start[i] - 0.1) / 0.8 * (tiny_range[2 + i % 2] - tiny_range[i % 2]);
	t.fit.isa = isa;
	t.fit.start = start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	t.model.common[FC_MAX_ITERATIONS] = g->iterations > 0 ? g->iterations : 10000;
	t.model.common[FC_TOLERANCE] = 1e-12;
	set(&t, "stretch", EACH);
	set(&t, "theta", g->theta);
	set(&t, "vartheta", g->vartheta);
	set(&t, "fuzzifier", g->m);
	if (CHECK_EQ(run(&t), FC_OK))
	{
		check_model(&t);
		CHECK(g->iterations > 0 || t.model.converged);
		for (int i = 0; i < 2 * g->k; i++)
			CHECK_NEAR(t.model.centers[i], g->centers[i], close);
		CHECK_NEAR(t.model.objective, g->objective, 10 * close);
		compare_memberships(g, &t.model, 10 * close);
	}
	training_end(&t);
}

/* The center of the golden ones that cluster c is, or -1 */
static int
which_center(const GoldenFound *g, const FcModel *m, int32_t c, double close)
{
	double		center[2];

	fc_unscale_center(m, c, center);
	for (int b = 0; b < g->k; b++)
		if (fabs(center[0] - g->centers[2 * b]) <= close && fabs(center[1] - g->centers[2 * b + 1]) <= close)
			return b;
	return -1;
}

/* Rows with one label, and only they, are in one cluster */
static void
compare_labels(const FcModel *m)
{
	int			label[4] = {-1, -1, -1, -1};
	int			wrong = 0;
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int i = 0; i < FOUR_ROWS; i++)
	{
		int32_t		c;

		fc_score_row(&s, four + 2 * i);
		c = fc_score_nearest(&s);
		if (label[c] < 0)
			label[c] = four_labels[i];
		wrong += label[c] != four_labels[i];
	}
	CHECK_EQ(wrong, 0);
	free(memory);
}

static void
test_found(const GoldenFound *g, int isa, FcPrecision precision)
{
	int			side = (int) round(1 / g->grid_precision);
	int			found = 0;
	Training	t;

	training_begin(&t, logical(), 0, precision, four, FOUR_ROWS, 2);
	t.fit.isa = isa;
	t.model.common[FC_MAX_ITERATIONS] = 1000;
	t.model.common[FC_TOLERANCE] = 1e-7;
	set(&t, "stretch", EACH);
	set(&t, "margin", g->margin);
	set(&t, "grid_precision", g->grid_precision);
	set(&t, "theta", g->theta);
	set(&t, "vartheta", g->vartheta);
	set(&t, "fuzzifier", g->m);
	set(&t, "merge_distance", g->merge_distance);
	set(&t, "min_points", g->min_points);
	if (CHECK_EQ(run(&t), FC_OK) && CHECK_EQ(t.model.k, g->k))
	{
		check_model(&t);
		CHECK_EQ(t.model.own.nraw, side * side);
		for (int32_t c = 0; c < t.model.k; c++)
			found |= 1 << (which_center(g, &t.model, c, 1e-4) + 1);
		CHECK_EQ(found, 30);	/* all four, and no other */
		compare_labels(&t.model);
	}
	training_end(&t);
}

/* ---- weights, for every generator ---- */

/* One step by the formulas, on rows in the cube as they are */
static void
step_by_hand(const FcLogic *l, double m, const double *x, int n, const double *v, int k, double *out)
{
	double		sum[3][2] = {{0}};
	double		weight[3] = {0};

	for (int i = 0; i < n; i++)
		for (int c = 0; c < k; c++)
		{
			double		d = fc_logical_distance(l, fc_logical_sigma(l, x + 2 * i, v + 2 * c, 2));
			double		inverse = 0;
			double		w;

			for (int b = 0; b < k; b++)
				inverse += pow(d / fc_logical_distance(l, fc_logical_sigma(l, x + 2 * i, v + 2 * b, 2)), 2 / (m - 1));
			w = pow(inverse, -m);
			weight[c] += w;
			sum[c][0] += w * x[2 * i];
			sum[c][1] += w * x[2 * i + 1];
		}
	for (int c = 0; c < k; c++)
		for (int j = 0; j < 2; j++)
			out[2 * c + j] = sum[c][j] / weight[c];
}

static void
test_generator(int generator, double theta, double vartheta, double m, int isa, FcPrecision precision)
{
	static const double start[] = {0.3, 0.25, 0.7, 0.6, 0.45, 0.8};
	enum {N = 40, K = 3};
	double	   *x = make_noise(N, 2, 5);
	double		expected[2 * K];
	Training	t;
	FcLogic		l;

	for (int i = 0; i < 2 * N; i++)
		x[i] = 0.1 + 0.8 * (x[i] + 0.5);
	x[0] = x[1] = 0.1;			/* so that they are not scaled */
	x[2] = x[3] = 0.9;
	fc_logic_begin(&l, &fc_generators[generator], theta, vartheta);
	step_by_hand(&l, m, x, N, start, K, expected);

	training_begin(&t, logical(), K, precision, x, N, 2);
	t.fit.isa = isa;
	t.fit.start = start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	t.model.common[FC_MAX_ITERATIONS] = 1;
	set(&t, "generator", generator);
	set(&t, "theta", theta);
	set(&t, "vartheta", vartheta);
	set(&t, "fuzzifier", m);
	if (CHECK_EQ(run(&t), FC_OK))
	{
		check_model(&t);
		for (int i = 0; i < 2 * K; i++)
			CHECK_NEAR(t.model.centers[i], expected[i], precision == FC_F32 ? 2e-5 : 1e-12);
	}
	training_end(&t);
	free(x);
}

static void
test_generators(int isa, FcPrecision precision)
{
	static const double elements[][2] = {{0.5, 0.5}, {0.5, 0.4}, {0.3, 0.3}, {0.7, 0.6}, {0.3, 0.2}};

	for (int generator = 0; fc_generators[generator].name != NULL; generator++)
		for (int i = 0; i < COUNT(elements); i++)
		{
			test_generator(generator, elements[i][0], elements[i][1], 2, isa, precision);
			test_generator(generator, elements[i][0], elements[i][1], 1.5, isa, precision);
		}
}

/* ---- scaling ---- */

/* Where the least and the greatest value of column j go */
static void
check_range(const FcModel *m, int32_t j, const double low, double high, double to_low, double to_high)
{
	CHECK_NEAR((low - m->shift[j]) * m->factor[j], to_low, 1e-12);
	CHECK_NEAR((high - m->shift[j]) * m->factor[j], to_high, 1e-12);
}

static void
test_stretch(void)
{
	static const double x[] = {-2, 10, 7, 2, 11, 7, 0, 10.5, 7, 1, 10.25, 7};

	for (int stretch = COMMON; stretch <= EACH; stretch++)
	{
		Training	t;

		training_begin(&t, logical(), 2, FC_F64, x, 4, 3);
		set(&t, "stretch", stretch);
		set(&t, "margin", 0.2);
		if (CHECK_EQ(run(&t), FC_OK))
		{
			check_range(&t.model, 0, -2, 2, 0.2, 0.8);
			check_range(&t.model, 1, 10, 11, stretch == EACH ? 0.2 : 0.425, stretch == EACH ? 0.8 : 0.575);
			check_range(&t.model, 2, 7, 7, 0.5, 0.5);
		}
		training_end(&t);
	}
}

/* ---- the number of clusters ---- */

static int32_t
clusters_found(const double *x, int64_t n, int32_t d, int stretch, FcPrecision precision)
{
	Training	t;
	int32_t		k = -1;

	training_begin(&t, logical(), 0, precision, x, n, d);
	set(&t, "stretch", stretch);
	if (CHECK_EQ(run(&t), FC_OK))
	{
		check_model(&t);
		k = t.model.k;
		CHECK(t.model.own.nraw >= k && t.model.own.extra[0] != NULL);
	}
	training_end(&t);
	return k;
}

/* Two clusters in line with an axis: stretched to the cube, the noise is not taken for clusters any more */
static void
test_noise(FcPrecision precision)
{
	enum {N = 200};
	double	   *x = make_noise(N, 2, 11);

	for (int i = 0; i < N; i++)
		x[2 * i] += i % 2 * 10;
	CHECK_EQ(clusters_found(x, N, 2, COMMON, precision), 2);
	CHECK(clusters_found(x, N, 2, EACH, precision) != 2);
	free(x);
}

static void
test_columns(FcPrecision precision)
{
	for (int32_t d = 1; d <= 6; d++)
		for (int32_t k = 2; k <= 4; k++)
		{
			enum {N = 600};
			double	   *x = make_blobs(N, d, k, 0.5);

			CHECK_EQ(clusters_found(x, N, d, COMMON, precision), k);
			free(x);
		}
}

static void
check_too_fine(int64_t n, int32_t d, double precision, double wanted, int64_t allowed)
{
	double	   *x = make_noise(n, d, 3);
	Training	t;

	training_begin(&t, logical(), 0, FC_F64, x, n, d);
	set(&t, "grid_precision", precision);
	t.fit.rows = t.source.rows;
	if (wanted > allowed)
	{
		CHECK_EQ(fc_fit_begin(&t.fit), FC_TOO_FINE);
		CHECK(t.fit.failure.wanted == wanted);
		CHECK_EQ(t.fit.failure.allowed, allowed);

		/* Too few rows are another matter than a grid that is always too fine */
		t.model.common[FC_TOO_FEW] = FC_TOO_FEW_NULL;
		CHECK_EQ(fc_fit_begin(&t.fit), wanted <= 4096 ? FC_TOO_FEW_ROWS : FC_TOO_FINE);
		t.model.common[FC_TOO_FEW] = FC_TOO_FEW_FEWER;
		CHECK_EQ(fc_fit_begin(&t.fit), wanted <= 4096 ? FC_OK : FC_TOO_FINE);
	}
	else
	{
		CHECK_EQ(fc_fit_begin(&t.fit), FC_OK);
		CHECK_EQ(t.model.k, (int) wanted);
	}
	training_end(&t);
	free(x);
}

static void
test_too_fine(void)
{
	check_too_fine(63, 2, 0.125, 64, 63);
	check_too_fine(64, 2, 0.125, 64, 64);
	check_too_fine(3, 1, 0.3, 3, 3);
	check_too_fine(1, 3, 1, 1, 1);
	check_too_fine(5000, 3, 0.0625, 4096, 4096);
	check_too_fine(5000, 3, 1.0 / 17, 4913, 4096);
	check_too_fine(100, 4, 0.001, 100, 100);	/* no grid: rows */
	check_too_fine(1000, 4, 0.001, 256, 1000);
}

/* Few rows are clusters too, unless min_points says otherwise; the largest are left */
static void
test_min_points(void)
{
	enum {N = 101};
	double	   *x = make_blobs(N, 2, 2, 0.3);
	static const int least[] = {1, 2, 51, 1000};
	static const int expected[] = {3, 2, 2, 2};

	x[2 * (N - 1)] = 18;
	x[2 * (N - 1) + 1] = 2;
	for (int i = 0; i < COUNT(least); i++)
	{
		Training	t;

		training_begin(&t, logical(), 0, FC_F64, x, N, 2);
		set(&t, "min_points", least[i]);
		if (CHECK_EQ(run(&t), FC_OK))
		{
			check_model(&t);
			CHECK_EQ(t.model.k, expected[i]);	/* two of 50 rows, one of 1 */
		}
		training_end(&t);
	}
	free(x);
}

/* ---- options ---- */

/* The distance of a row to the first center */
static double
length_to_center(const FcModel *m, const double *x)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);
	double		length;

	fc_score_row(&s, x);
	length = fc_score_length(&s, 0);
	free(memory);
	return length;
}

static void
test_defaults(void)
{
	double	   *x = make_blobs(200, 2, 3, 0.5);

	CHECK(fc_option_at(logical(), fc_find_option(logical(), "max_iterations"))->initial == 100);
	CHECK(fc_option_at(fc_find_algorithm("fcm"), fc_find_option(fc_find_algorithm("fcm"), "max_iterations"))->initial == 1000);
	CHECK(fc_option_at(logical(), fc_find_option(logical(), "seed")) == &fc_common_options[FC_SEED]);
	for (int k = 0; k <= 3; k += 3)
	{
		Training	t;
		double		length_before;

		training_begin(&t, logical(), k, FC_F64, x, 200, 2);
		CHECK(t.model.common[FC_MAX_ITERATIONS] == 100 && t.model.common[FC_TOLERANCE] == 1e-4);
		if (CHECK_EQ(run(&t), FC_OK))
		{
			CHECK(*own_option(&t.model, "vartheta") == (k == 0 ? 0.4 : 0.5));
			CHECK(*own_option(&t.model, "merge_distance") == 0.0625);
		}
		/* a model that does not say it has the default */
		length_before = length_to_center(&t.model, x);
		set(&t, "vartheta", NAN);
		CHECK_NEAR(length_to_center(&t.model, x), length_before, 1e-14);
		training_end(&t);
	}
	free(x);
}

int
main(void)
{
	FOR_EACH_VARIANT(isa, precision)
	{
		for (int i = 0; i < COUNT(golden_given); i++)
			test_given(&golden_given[i], isa, precision);
		for (int i = 0; i < COUNT(golden_found); i++)
			test_found(&golden_found[i], isa, precision);
		test_generators(isa, precision);
	}
	test_stretch();
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_noise(precision);
		test_columns(precision);
	}
	test_too_fine();
	test_min_points();
	test_defaults();
	return check_report("logical");
}
