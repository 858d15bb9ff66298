/*
 * pcm.c - possibilistic c-means: reference values, its objective, clusters that are one, and the edges
 *
 * Reference values are in test/data/pcm.h, which test/golden/pcm.py writes.
 */
#include "team.h"

#include <stdarg.h>

/* In the order of the options below */
typedef struct PcmCase
{
	double		options[5];
	int			weighted;
	int			gaps;
	double		objective;
	double		centers[3 * 3];
	double		eta[3];
	double		sizes[3];
	double		typicalities[12 * 3];	/* of the first rows */
} PcmCase;

#include "../data/pcm.h"

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))
#define ETA(m)	((m)->own.extra[0])

static const char *const names[] = {"fuzzifier", "typicality_exponent", "membership_weight", "typicality_weight", "eta_factor"};

static const FcAlgorithm *
pcm(void)
{
	return fc_find_algorithm("pcm");
}

static void
set_option(Training *t, const char *name, double value)
{
	*own_option(&t->model, name) = value;
}

/* ---- reference values ---- */

static void
compare(const double *a, const double *b, int n, double close)
{
	for (int i = 0; i < n; i++)
		CHECK_NEAR(a[i], b[i], close);
}

static void
compare_typicalities(const FcModel *m, const double *x, const double *expected, double close)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int i = 0; i < PCM_SCORED; i++)
	{
		fc_score_row(&s, x + i * PCM_COLUMNS);
		CHECK_NEAR(fc_score_outlier(&s), 1 - fmax(expected[i * 3], fmax(expected[i * 3 + 1], expected[i * 3 + 2])), close);
		fc_score_memberships(&s);
		compare(s.u, expected + i * PCM_CLUSTERS, PCM_CLUSTERS, close);
	}
	free(memory);
}

static void
golden_begin(Training *t, const PcmCase *g, int isa, FcPrecision precision)
{
	training_begin(t, pcm(), PCM_CLUSTERS, precision, g->gaps ? pcm_rows_with_gaps : pcm_rows, PCM_ROWS, PCM_COLUMNS);
	if (g->weighted)
		source_weigh(&t->source, pcm_weights);
	t->source.rows.gaps = g->gaps;
	t->model.common[FC_MISSING] = g->gaps ? FC_MISSING_PARTIAL : FC_MISSING_ERROR;
	t->fit.isa = isa;
	t->fit.start = pcm_start;
	t->model.common[FC_INIT] = FC_INIT_CENTERS;
	t->model.common[FC_MAX_ITERATIONS] = 20000;
	t->model.common[FC_TOLERANCE] = precision == FC_F32 ? 1e-7 : 1e-13;
	set_option(t, "merge_distance", 0);
	for (int i = 0; i < COUNT(names); i++)
		set_option(t, names[i], g->options[i]);
}

static void
test_golden(const PcmCase *g, int isa, FcPrecision precision)
{
	double		close = precision == FC_F32 ? 5e-5 : 1e-8;
	Training	t;

	golden_begin(&t, g, isa, precision);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		if (!g->weighted)
			check_model(&t);
		CHECK(t.model.converged);
		CHECK_EQ(t.model.k, PCM_CLUSTERS);
		compare(t.model.centers, g->centers, PCM_CLUSTERS * PCM_COLUMNS, close);
		compare(ETA(&t.model), g->eta, PCM_CLUSTERS, close);
		compare(t.model.weights, g->sizes, PCM_CLUSTERS, close * 10);
		CHECK_NEAR(t.model.objective / g->objective, 1, close);
		compare_typicalities(&t.model, t.source.x, g->typicalities, close * 10);
	}
	training_end(&t);
}

/* ---- the objective ---- */

/* Eq. 5 of pcm.c at centers v (k, d), for the typicalities and memberships that belong to those of "from" */
static double
objective_at(const PcmCase *g, const FcModel *from, const double *v)
{
	double		m = g->options[0];
	double		p = g->options[1];
	double		sum = 0;

	for (int i = 0; i < PCM_ROWS; i++)
	{
		double		old[PCM_CLUSTERS];

		for (int c = 0; c < PCM_CLUSTERS; c++)
			old[c] = fc_squared_distance(pcm_rows + i * PCM_COLUMNS, from->centers + c * PCM_COLUMNS, PCM_COLUMNS);
		for (int c = 0; c < PCM_CLUSTERS; c++)
		{
			double		d = fc_squared_distance(pcm_rows + i * PCM_COLUMNS, v + c * PCM_COLUMNS, PCM_COLUMNS);
			double		t = 1 / (1 + pow(g->options[3] * old[c] / ETA(from)[c], 1 / (p - 1)));
			double		ratios = 0;

			for (int b = 0; b < PCM_CLUSTERS; b++)
				ratios += pow(old[c] / old[b], 1 / (m - 1));
			sum += (g->options[2] * pow(ratios, -m) + g->options[3] * pow(t, p)) * d + ETA(from)[c] * pow(1 - t, p);
		}
	}
	return sum;
}

/* The next centers, from the weights that rows have in scoring */
static void
step_from(const FcModel *m, double *v)
{
	double		sums[PCM_CLUSTERS] = {0};
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	memset(v, 0, sizeof(double) * PCM_CLUSTERS * PCM_COLUMNS);
	for (int i = 0; i < PCM_ROWS; i++)
	{
		fc_score_row(&s, pcm_rows + i * PCM_COLUMNS);
		fc_score_weights(&s);
		for (int c = 0; c < PCM_CLUSTERS; c++)
		{
			CHECK(s.u[c] >= 0 && s.u[c] <= 1);
			sums[c] += s.u[c];
			for (int j = 0; j < PCM_COLUMNS; j++)
				v[c * PCM_COLUMNS + j] += s.u[c] * pcm_rows[i * PCM_COLUMNS + j];
		}
	}
	for (int i = 0; i < PCM_CLUSTERS * PCM_COLUMNS; i++)
		v[i] /= sums[i / PCM_COLUMNS];
	free(memory);
}

/* Typicalities, and then centers, lower J: each half of a step, from centers that are far from the end */
static void
test_half_steps(const PcmCase *g)
{
	double		next[PCM_CLUSTERS * PCM_COLUMNS];
	Training	t;

	if (g->gaps || g->weighted)
		return;
	golden_begin(&t, g, fc_best_isa(), FC_F64);
	CHECK_EQ(training_run(&t), FC_OK);
	for (int i = 0; i < PCM_CLUSTERS * PCM_COLUMNS; i++)
		t.model.centers[i] += 2 * sin(i * 2.1);
	for (int step = 0; step < 8; step++)
	{
		FcModel		moved = t.model;
		double		before = objective_at(g, &t.model, t.model.centers);
		double		between;

		step_from(&t.model, next);
		moved.centers = next;
		between = objective_at(g, &t.model, next);
		CHECK(between < before);
		CHECK(objective_at(g, &moved, next) < between);
		memcpy(t.model.centers, next, sizeof(next));
	}
	training_end(&t);
}

/* ---- clusters that are one ---- */

typedef struct Told
{
	FcWords		words;
	char		part[FC_PARTS][300];
} Told;

static void
say(FcWords *words, FcPart part, const char *format,...)
{
	va_list		arguments;

	va_start(arguments, format);
	vsnprintf(((Told *) words)->part[part], sizeof(((Told *) words)->part[part]), format, arguments);
	va_end(arguments);
}

/* How many clusters are left of k for three groups; a message says so if they are fewer */
static int32_t
clusters_left(int32_t k, double merge_distance, double membership_weight, FcPrecision precision, int isa)
{
	enum {N = 600, D = 2, GROUPS = 3};
	double	   *x = make_blobs(N, D, GROUPS, 1);
	Told		told = {.words.say = say};
	char		expected[40];
	Training	t;
	int32_t		left;

	training_begin(&t, pcm(), k, precision, x, N, D);
	t.fit.isa = isa;
	set_option(&t, "merge_distance", merge_distance);
	set_option(&t, "membership_weight", membership_weight);
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.model.converged);
	left = t.model.k;
	pcm()->advice->doubt(&t.fit, &told.words);
	snprintf(expected, sizeof(expected), "%d of %d clusters", k - left, k);
	CHECK((told.part[FC_MESSAGE][0] != '\0') == (left < k));
	CHECK(left == k || strncmp(told.part[FC_MESSAGE], expected, strlen(expected)) == 0);
	for (int g = 0; merge_distance > 0 && g < GROUPS; g++)
	{
		double		least = INFINITY;

		for (int32_t c = 0; c < left; c++)
			least = fmin(least, hypot(t.model.centers[c * D] - blob_center(g, 0), t.model.centers[c * D + 1] - blob_center(g, 1)));
		if (!CHECK(least < 0.5))
			printf("%d of %d clusters, weight %g: %g from group %d\n", left, k, membership_weight, least, g);
	}
	training_end(&t);
	free(x);
	return left;
}

static void
test_merging(int isa, FcPrecision precision)
{
	CHECK_EQ(clusters_left(3, 0.5, 0, precision, isa), 3);
	CHECK_EQ(clusters_left(4, 0.5, 0, precision, isa), 3);
	CHECK_EQ(clusters_left(7, 0, 0, precision, isa), 7);
	CHECK_EQ(clusters_left(4, 0.5, 10, precision, isa), 4);
}

/* ---- a team, and a sample ---- */

static void
test_team(FcPrecision precision)
{
	enum {N = 70000, D = 2, K = 5};
	double	   *x = make_blobs(N, D, K, 2);
	double	   *weight = malloc(N * sizeof(double));

	for (int i = 0; i < N; i++)
		weight[i] = 1 + i % 3;
	for (int kind = 0; kind < 4; kind++)
	{
		Training	t[2];

		for (int i = 0; i < 2; i++)
		{
			training_begin(&t[i], pcm(), kind == 3 ? K + 2 : K, precision, x, N, D);
			if (kind == 1)
				source_weigh(&t[i].source, weight);
			set_option(&t[i], "membership_weight", kind == 2);
			CHECK_EQ(i == 0 ? training_run(&t[i]) : team_run(&t[i], 3, NULL), FC_OK);
		}
		CHECK(t[0].model.history.first > 0);
		CHECK(same_model(&t[0].model, &t[1].model));
		for (int i = 0; i < 2; i++)
			training_end(&t[i]);
	}
	free(weight);
	free(x);
}

/* ---- edges ---- */

/* Rows that are all equal are typical, and no others are; far from zero, too */
static void
test_equal_rows(int isa, FcPrecision precision)
{
	static const double places[] = {0, 1, -7.3, 1e6};
	enum {N = 50, D = 3};
	double		x[N * D];

	for (int p = 0; p < COUNT(places); p++)
	{
		double		other[D];
		Training	t;
		FcScorer	s;
		void	   *memory;

		for (int i = 0; i < N * D; i++)
			x[i] = precision == FC_F32 ? (float) places[p] : places[p];
		for (int j = 0; j < D; j++)
			other[j] = places[p] + 30;
		training_begin(&t, pcm(), 1, precision, x, N, D);
		t.fit.isa = isa;
		CHECK_EQ(training_run(&t), FC_OK);
		check_model(&t);
		CHECK(pcm()->check(&t.model));
		CHECK_NEAR(t.model.weights[0], N, 0.01 * N);
		memory = scorer_begin(&s, &t.model);
		fc_score_row(&s, x);
		fc_score_memberships(&s);
		CHECK(s.u[0] > 0.9);
		CHECK(!fc_score_is_outlier(&s));
		fc_score_row(&s, other);
		CHECK(fc_score_is_outlier(&s));
		free(memory);
		training_end(&t);
	}
}

/* Groups of equal rows besides one that is not: each has an eta above 0, and keeps its rows */
static void
test_equal_groups(int isa, FcPrecision precision)
{
	enum {N = 90, D = 2, K = 3};
	double	   *x = make_blobs(N, D, K, 0);
	Training	t;

	for (int i = 0; i < N; i += K)
		x[i * D] += sin(i);
	training_begin(&t, pcm(), K, precision, x, N, D);
	t.fit.isa = isa;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(pcm()->check(&t.model));
	CHECK_EQ(t.model.k, K);
	training_end(&t);
	free(x);
}

/* Exponents at their limits, narrow clusters and wide ones: a model, or a status that says why there is none */
static void
test_extremes(int isa, FcPrecision precision)
{
	static const double exponents[] = {1.01, 2, 10};
	static const double factors[] = {1e-6, 1e-3, 1, 1e6};
	enum {N = 300, D = 2, K = 4};
	double	   *x = make_blobs(N, D, K, 2);

	for (int e = 0; e < COUNT(exponents); e++)
		for (int f = 0; f < COUNT(factors); f++)
			for (int a = 0; a < 2; a++)
			{
				Training	t;
				FcStatus	status;

				training_begin(&t, pcm(), K, precision, x, N, D);
				t.fit.isa = isa;
				t.model.common[FC_MAX_ITERATIONS] = 200;
				set_option(&t, "typicality_exponent", exponents[e]);
				set_option(&t, "eta_factor", factors[f]);
				set_option(&t, "membership_weight", a);
				status = training_run(&t);
				CHECK(status == FC_OK || (status == FC_VANISHED && factors[f] < 1 && a == 0));
				if (status == FC_OK)
					check_model(&t);
				training_end(&t);
			}
	free(x);
}

/* Many features, far from zero, in single precision: groups are found, and their rows are typical */
static void
test_wide(int isa)
{
	enum {N = 200, D = 768, K = 3};
	double	   *x = make_blobs(N, D, K, 1);
	int			typical = 0;
	Training	t;
	FcScorer	s;
	void	   *memory;

	for (int i = 0; i < N * D; i++)
		x[i] = (float) (x[i] + 1e5);
	training_begin(&t, pcm(), K, FC_F32, x, N, D);
	t.fit.isa = isa;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK_EQ(t.model.k, K);
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < N; i++)
	{
		fc_score_row(&s, x + i * D);
		typical += !fc_score_is_outlier(&s);
	}
	CHECK_EQ(typical, N);
	free(memory);
	training_end(&t);
	free(x);
}

/* What nobody may have made */
static void
test_forged(void)
{
	static const double bad[] = {0, -1, INFINITY, NAN, -INFINITY};
	double	   *x = make_blobs(60, 2, 3, 1);
	Training	t;

	training_begin(&t, pcm(), 3, FC_F64, x, 60, 2);
	CHECK_EQ(training_run(&t), FC_OK);
	for (int b = 0; b < COUNT(bad); b++)
		for (int32_t c = 0; c < t.model.k; c++)
		{
			double		kept = ETA(&t.model)[c];
			size_t		length;
			char	   *bytes;
			FcModel		back;

			ETA(&t.model)[c] = bad[b];
			CHECK(!pcm()->check(&t.model));
			bytes = model_bytes(&t.model, &length);
			CHECK_EQ(fc_model_read(&back, bytes, length), FC_DAMAGED_MODEL);
			free(bytes);
			ETA(&t.model)[c] = kept;
		}
	CHECK(pcm()->check(&t.model));
	training_end(&t);
	free(x);
}

/* A model of this kind gives its eta, too, and the training goes on where it ended; in other units as well */
static void
test_continued(FcPrecision precision, int scale)
{
	enum {N = 400, D = 2, K = 4};
	double	   *x = make_blobs(N, D, K, 2);
	double	   *start;
	Training	first;
	Training	next;

	training_begin(&first, pcm(), K, precision, x, N, D);
	first.model.common[FC_SCALE] = scale;
	CHECK_EQ(training_run(&first), FC_OK);
	start = centers_of(&first.model);
	training_begin(&next, pcm(), first.model.k, precision, x, N, D);
	next.model.common[FC_SCALE] = scale;
	next.model.common[FC_INIT] = FC_INIT_MODEL;
	next.fit.start = start;
	next.fit.earlier = &first.model;
	CHECK_EQ(training_run(&next), FC_OK);
	check_model(&next);
	CHECK(next.model.iterations <= 2);
	compare(ETA(&next.model), ETA(&first.model), first.model.k, rounding_of(precision));
	compare(next.model.centers, first.model.centers, first.model.k * D, precision == FC_F32 ? 1e-4 : 1e-5);
	training_end(&next);
	training_end(&first);
	free(start);
	free(x);
}

int
main(void)
{
	for (int i = 0; i < COUNT(pcm_cases); i++)
	{
		FOR_EACH_VARIANT(isa, precision)
			test_golden(&pcm_cases[i], isa, (FcPrecision) precision);
		test_half_steps(&pcm_cases[i]);
	}
	FOR_EACH_VARIANT(isa, precision)
	{
		test_merging(isa, (FcPrecision) precision);
		test_equal_rows(isa, (FcPrecision) precision);
		test_equal_groups(isa, (FcPrecision) precision);
		test_extremes(isa, (FcPrecision) precision);
	}
	for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
		test_wide(isa);
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_team((FcPrecision) precision);
		test_continued((FcPrecision) precision, FC_SCALE_NONE);
		test_continued((FcPrecision) precision, FC_SCALE_ZSCORE);
	}
	test_forged();
	return check_report("pcm");
}
