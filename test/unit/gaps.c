/*
 * gaps.c - trainings on rows with missing numbers
 *
 * Reference values are in test/data/gaps.h, which test/golden/gaps.py writes.
 */
#include "team.h"

#include "core/critical.h"
#include "core/engine.h"
#include "core/gaps.h"
#include "core/optional.h"

typedef struct GapOption
{
	const char *name;
	double		value;
} GapOption;

typedef struct GapCase
{
	const char *algorithm;
	GapOption	options[4];
	int			iterations;
	int			mean;			/* in place of what is missing */
	int			scaled;
	int			weighted;
	double		objective;
	double		centers[3 * 4];
	double		sizes[3];
	double		radius[3];
	double		memberships[12 * 3];	/* of the first rows */
} GapCase;

#include "../data/gaps.h"

enum {N = 9000, D = 5, K = 4};

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

/* A training that takes gaps, of rows that may have them */
static void
begin(Training *t, const FcAlgorithm *algo, FcPrecision precision, const double *x, int64_t n, int32_t d, int32_t k, int missing)
{
	training_begin(t, algo, k, precision, x, n, d);
	t->source.rows.gaps = true;
	t->model.common[FC_MISSING] = missing;
}

static bool
takes_gaps(const FcAlgorithm *algo)
{
	return (algo->traits & FC_TAKES_GAPS) != 0;
}

/* ---- golden values ---- */

static void
compare(const double *a, const double *b, int n, double close)
{
	for (int i = 0; i < n; i++)
		CHECK_NEAR(a[i], b[i], close);
}

static void
compare_memberships(const FcModel *m, const GapCase *g, double close)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int i = 0; i < GAP_SCORED; i++)
	{
		double		x[GAP_COLUMNS];

		memcpy(x, gap_rows + i * GAP_COLUMNS, sizeof(x));
		fc_fill_row(m, x);
		fc_score_row(&s, x);
		fc_score_memberships(&s);
		compare(s.u, g->memberships + i * GAP_CLUSTERS, GAP_CLUSTERS, close);
	}
	free(memory);
}

static void
test_golden(const GapCase *g, int isa, FcPrecision precision)
{
	double		close = precision == FC_F32 ? 2e-5 : 1e-8;
	Training	t;

	begin(&t, fc_find_algorithm(g->algorithm), precision, gap_rows, GAP_ROWS, GAP_COLUMNS, GAP_CLUSTERS,
		  g->mean ? FC_MISSING_MEAN : FC_MISSING_PARTIAL);
	if (g->weighted)
		source_weigh(&t.source, gap_weights);
	t.fit.isa = isa;
	t.fit.start = gap_start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	t.model.common[FC_SCALE] = g->scaled ? FC_SCALE_ZSCORE : FC_SCALE_NONE;
	t.model.common[FC_TOLERANCE] = 0;
	for (int i = 0; i < COUNT(g->options) && g->options[i].name; i++)
		*own_option(&t.model, g->options[i].name) = g->options[i].value;
	for (int step = 0; step < (g->mean ? g->iterations : 1); step++)
	{
		double		from[GAP_CLUSTERS * GAP_COLUMNS];

		/* of complete rows, a training of several iterations extrapolates */
		for (int32_t c = 0; step > 0 && c < GAP_CLUSTERS; c++)
			fc_unscale_center(&t.model, c, from + c * GAP_COLUMNS);
		t.fit.start = step > 0 ? from : gap_start;
		t.model.common[FC_MAX_ITERATIONS] = g->mean ? 1 : g->iterations;
		CHECK_EQ(training_run(&t), FC_OK);
	}
	compare(t.model.centers, g->centers, GAP_CLUSTERS * GAP_COLUMNS, close);
	compare(t.model.weights, g->sizes, GAP_CLUSTERS, close * 10);
	compare(t.model.radius, g->radius, GAP_CLUSTERS, close);
	CHECK_NEAR(t.model.objective / g->objective, 1, close);
	compare_memberships(&t.model, g, close * 10);
	training_end(&t);
}

/* ---- what gaps there are ---- */

/* Takes a share of the numbers of rows (n, d) away, never the last of a row */
static void
punch(double *x, int64_t n, int32_t d, double share)
{
	FcRng		rng;

	fc_rng_start(&rng, 77, 1);
	for (int64_t i = 0; i < n; i++)
	{
		int32_t		kept = (int32_t) fc_rng_below(&rng, d);

		for (int32_t j = 0; j < d; j++)
			if (fc_rng_uniform(&rng) < share && j != kept)
				x[i * d + j] = NAN;
	}
}

/* Rows that may have gaps, and have none, give the centers of those that may not; their moments are added up elsewhere */
static void
test_complete(const FcAlgorithm *algo, FcPrecision precision)
{
	double	   *x = make_blobs(N, D, K, 5);
	Training	t[2];

	for (int i = 0; i < 2; i++)
	{
		training_begin(&t[i], algo, K, precision, x, N, D);
		t[i].source.rows.gaps = i == 1;
		t[i].model.common[FC_MISSING] = FC_MISSING_PARTIAL;
		t[i].model.common[FC_MAX_ITERATIONS] = extrapolates(algo) ? 1 : 20;	/* before it is extrapolated */
		t[i].model.common[FC_RESTARTS] = extrapolates(algo) ? 1 : 3;
		t[i].fit.start = extrapolates(algo) ? x : NULL;
		t[i].model.common[FC_INIT] = extrapolates(algo) ? FC_INIT_CENTERS : FC_INIT_KMEANSPP;
		CHECK_EQ(training_run(&t[i]), FC_OK);
	}
	CHECK(memcmp(t[0].model.centers, t[1].model.centers, sizeof(double) * K * D) == 0);
	CHECK(memcmp(t[0].model.weights, t[1].model.weights, sizeof(double) * K) == 0);
	CHECK(memcmp(t[0].model.radius, t[1].model.radius, sizeof(double) * K) == 0);
	CHECK(t[0].model.objective == t[1].model.objective);
	for (int i = 0; i < 2; i++)
		training_end(&t[i]);
	free(x);
}

/* A third of all numbers is missing, and the clusters are found from all kinds of starts */
static void
test_recovery(const FcAlgorithm *algo, FcPrecision precision, int init, int scale, double away)
{
	double	   *x = make_blobs(N, D, K, 2);
	int			labels[K][K] = {{0}};
	int			right = 0;
	Training	t;
	FcScorer	s;
	void	   *memory;

	for (int i = 0; i < N * D; i++)
		x[i] += away;
	punch(x, N, D, 0.3);
	begin(&t, algo, precision, x, N, D, K, FC_MISSING_PARTIAL);
	t.model.common[FC_INIT] = init;
	t.model.common[FC_SCALE] = scale;
	t.model.common[FC_RESTARTS] = 10;
	CHECK_EQ(training_run(&t), FC_OK);
	check_model(&t);
	CHECK(t.model.converged);
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < N; i++)
	{
		fc_score_row(&s, x + i * D);
		labels[fc_score_nearest(&s)][i % K]++;
	}
	for (int c = 0; c < K; c++)
	{
		int			most = 0;

		for (int l = 0; l < K; l++)
			most = labels[c][l] > most ? labels[c][l] : most;
		right += most;
	}
	if (!CHECK(right > 0.9 * N))
		printf("%s, init %d, scale %d, %g away: %d of %d rows\n", algo->name, init, scale, away, right, N);
	free(memory);
	training_end(&t);
	free(x);
}

/* By any number of processes, the same bytes */
static void
test_team(const FcAlgorithm *algo, FcPrecision precision, int missing, int scale, bool weighted)
{
	double	   *x = make_blobs(N, D, K, 5);
	double	   *weight = malloc(N * sizeof(double));
	Training	alone;

	if (scales_itself(algo) && scale != FC_SCALE_NONE)
		scale = FC_SCALE_NONE;
	punch(x, N, D, 0.1);
	for (int i = 0; i < N; i++)
		weight[i] = i % 4 / 2.0;
	for (int members = 1; members <= 3; members++)
	{
		Training	t;

		begin(&t, algo, precision, x, N, D, K, missing);
		if (weighted)
			source_weigh(&t.source, weight);
		t.model.common[FC_SCALE] = scale;
		t.model.common[FC_MAX_ITERATIONS] = 12;
		CHECK_EQ(members == 1 ? training_run(&t) : team_run(&t, members, NULL), FC_OK);
		if (members > 1 && !CHECK(same_model(&alone.model, &t.model)))
			printf("%s, missing %d, scale %d: another model with %d members\n", algo->name, missing, scale, members);
		if (members == 1)
			alone = t;
		else
			training_end(&t);
	}
	training_end(&alone);
	free(x);
	free(weight);
}

/* ---- corners ---- */

/* A center stays where it is in a feature that none of its rows has */
static void
test_never_seen(const FcAlgorithm *algo, FcPrecision precision)
{
	static const double start[] = {0, 0, 7, 100};
	double		x[] = {0, 1, 1, 2, -1, 3, 100, NAN, 101, NAN, 99, NAN};
	Training	t;

	if (!(algo->traits & FC_CRISP))
		return;
	begin(&t, algo, precision, x, 6, 2, 2, FC_MISSING_PARTIAL);
	t.fit.start = start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK_NEAR(t.model.centers[0], 0, 1e-6);
	CHECK_NEAR(t.model.centers[1], 2, 1e-6);
	CHECK_NEAR(t.model.centers[2], 100, 1e-6);
	CHECK_NEAR(t.model.centers[3], 100, 0);
	CHECK_NEAR(t.model.weights[1], 3, 0);
	training_end(&t);
}

/* Nothing is known of a feature that no row has */
static void
test_never_observed(const FcAlgorithm *algo, int missing)
{
	double		x[] = {0, NAN, 1, 1, NAN, 2, 2, NAN, 3, 3, NAN, 4};
	Training	t;

	begin(&t, algo, FC_F64, x, 4, 3, 2, missing);
	CHECK_EQ(training_run(&t), FC_NEVER_OBSERVED);
	CHECK_EQ(t.fit.failure.feature, 1);
	training_end(&t);
}

/* Algorithms that do not know gaps refuse them, unless means take their place */
static void
test_refused(const FcAlgorithm *algo)
{
	double	   *x = make_blobs(100, D, K, 5);
	Training	t;

	punch(x, 100, D, 0.1);
	begin(&t, algo, FC_F64, x, 100, D, K, FC_MISSING_PARTIAL);
	t.fit.rows = t.source.rows;
	CHECK_EQ(fc_fit_begin(&t.fit), FC_NO_GAPS);
	training_end(&t);
	free(x);
}

/* An empty cluster goes to a row with gaps, the farthest, whose gaps become the mean */
static void
test_empty(FcPrecision precision)
{
	static const double start[] = {0, 0, 0, 1, 1e4, 1e4};
	double		x[] = {0, 0, 1, 0, 0, 1, 1, 1, 50, NAN, 51, NAN};
	Training	t;

	begin(&t, fc_find_algorithm("kmeans"), precision, x, 6, 2, 3, FC_MISSING_PARTIAL);
	t.fit.start = start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK_EQ(t.model.empty, 0);
	for (int i = 0; i < 6; i++)
		CHECK(isfinite(t.model.centers[i]));
	CHECK_NEAR(t.model.centers[4], 50.5, 1e-5);
	CHECK_NEAR(t.model.centers[5], 0.5, 1e-6);
	training_end(&t);
}

/* First centers that the sample lacks are found among rows with gaps */
static void
test_outside(FcPrecision precision)
{
	enum {ROWS = 80000};
	double	   *x = calloc(ROWS * 2, sizeof(double));
	Training	t;

	for (int i = 0; i < ROWS; i++)
		if (i % 20000 == 77)
		{
			x[2 * i] = 10 + i / 20000;
			x[2 * i + 1] = i < 40000 ? NAN : 5;
		}
	begin(&t, fc_find_algorithm("kmeans"), precision, x, ROWS, 2, 5, FC_MISSING_PARTIAL);
	t.model.common[FC_RESTARTS] = 1;
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK_EQ(t.model.empty, 0);
	CHECK(t.model.objective < 1e-6);
	training_end(&t);
	begin(&t, fc_find_algorithm("kmeans"), precision, x, ROWS, 2, 7, FC_MISSING_PARTIAL);
	t.model.common[FC_RESTARTS] = 1;
	CHECK_EQ(training_run(&t), FC_TOO_FEW_ROWS);
	training_end(&t);
	free(x);
}

/* ---- means ---- */

/* The model of rows in which means have been written: all but its count of arrays */
static void
test_mean(const FcAlgorithm *algo, FcPrecision precision, int scale, bool weighted)
{
	enum {ROWS = 400};
	double	   *x = make_blobs(ROWS, D, 3, 3);
	double	   *filled = malloc(ROWS * D * sizeof(double));
	double	   *weight = malloc(ROWS * sizeof(double));
	double		mean[D] = {0};
	double		total[D] = {0};
	Training	t[2];

	if (scales_itself(algo) && scale != FC_SCALE_NONE)
		scale = FC_SCALE_NONE;
	weighted = weighted && !(algo->traits & (FC_EMBEDS | FC_SHUFFLES));
	punch(x, ROWS, D, 0.1);
	for (int i = 0; i < ROWS * D; i++)
		x[i] = precision == FC_F32 ? (float) x[i] : x[i];
	for (int i = 0; i < ROWS; i++)
		weight[i] = weighted ? 1 + i % 3 : 1;
	for (int i = 0; i < ROWS * D; i++)
		if (!isnan(x[i]))
		{
			mean[i % D] += weight[i / D] * x[i];
			total[i % D] += weight[i / D];
		}
	for (int i = 0; i < 2; i++)
	{
		if (i == 0)
			begin(&t[i], algo, precision, x, ROWS, D, 3, FC_MISSING_MEAN);
		else
			training_begin(&t[i], algo, 3, precision, filled, ROWS, D);
		if (weighted)
			source_weigh(&t[i].source, weight);
		t[i].model.common[FC_SCALE] = scale;
		t[i].model.common[FC_MAX_ITERATIONS] = 20;
		if (own_option(&t[i].model, "regularization"))
			*own_option(&t[i].model, "regularization") = 0.1;
		CHECK_EQ(training_run(&t[i]), FC_OK);
		for (int l = 0; i == 0 && l < ROWS * D; l++)
			filled[l] = isnan(x[l]) ? FC_FILL(&t[0].model)[l % D] : x[l];
	}
	for (int j = 0; j < D; j++)
		CHECK_NEAR(FC_FILL(&t[0].model)[j], mean[j] / total[j], precision == FC_F32 ? 1e-5 : 1e-12);
	CHECK(memcmp(t[0].model.centers, t[1].model.centers, sizeof(double) * 3 * D) == 0);
	CHECK(t[0].model.objective == t[1].model.objective);
	for (int i = 0; i < 2; i++)
		training_end(&t[i]);
	free(x);
	free(filled);
	free(weight);
}

/* Without gaps the means are kept, too: other rows may have them */
static void
test_kept(const FcAlgorithm *algo)
{
	double	   *x = make_blobs(300, D, 3, 3);
	size_t		length;
	char	   *bytes;
	FcModel		back;
	Training	t;

	training_begin(&t, algo, 3, FC_F64, x, 300, D);
	t.model.common[FC_MISSING] = FC_MISSING_MEAN;
	t.model.common[FC_RESTARTS] = 2;
	CHECK_EQ(training_run(&t), FC_OK);
	bytes = model_bytes(&t.model, &length);
	if (CHECK_EQ(fc_model_read(&back, bytes, length), FC_OK) && CHECK(FC_HAS(&back, FC_WITH_FILL)))
		for (int j = 0; j < D; j++)
		{
			double		row[D] = {0};
			double		sum = 0;

			for (int i = 0; i < 300; i++)
				sum += x[i * D + j];
			row[j] = NAN;
			fc_fill_row(&back, row);
			CHECK_NEAR(row[j], sum / 300, 1e-12);
		}
	training_end(&t);
	free(bytes);
	free(x);
}

/* ---- the critical temperature ---- */

/* 2 lambda of the matrix that the head of critical.c gives, by its definition */
static double
critical_by_definition(const double *x, int n, int d)
{
	double		mean[D] = {0};
	double		count[D] = {0};
	double		matrix[D][D] = {{0}};
	double		v[D];
	double		lambda = 0;

	for (int i = 0; i < n * d; i++)
		if (!isnan(x[i]))
		{
			mean[i % d] += x[i];
			count[i % d]++;
		}
	for (int i = 0; i < n; i++)
	{
		int			present = 0;

		for (int j = 0; j < d; j++)
			present += !isnan(x[i * d + j]);
		for (int a = 0; a < d; a++)
			for (int b = 0; b < d; b++)
				if (!isnan(x[i * d + a]) && !isnan(x[i * d + b]))
					matrix[a][b] += (double) d / present * (x[i * d + a] - mean[a] / count[a]) *
						(x[i * d + b] - mean[b] / count[b]) / sqrt(count[a] * count[b]);
	}
	for (int j = 0; j < d; j++)
		v[j] = 1 + j;
	for (int step = 0; step < 1000; step++)
	{
		double		next[D] = {0};
		double		length = 0;

		for (int a = 0; a < d; a++)
			for (int b = 0; b < d; b++)
				next[a] += matrix[a][b] * v[b];
		for (int a = 0; a < d; a++)
			length += next[a] * next[a];
		lambda = sqrt(length);
		for (int a = 0; a < d; a++)
			v[a] = next[a] / lambda;
	}
	return 2 * lambda;
}

/* The default of mec is an eighth of it; above it all centers merge, below they do not */
static void
test_critical(FcPrecision precision)
{
	const FcAlgorithm *mec = fc_find_algorithm("mec");
	double	   *x = make_blobs(900, D, 3, 5);
	double		critical;
	Training	t;

	punch(x, 900, D, 0.4);
	critical = critical_by_definition(x, 900, D);
	begin(&t, mec, precision, x, 900, D, 2, FC_MISSING_PARTIAL);
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK_NEAR(*own_option(&t.model, "temperature") * 8 / critical, 1, 1e-4);
	training_end(&t);
	for (int above = 0; above < 2; above++)
	{
		begin(&t, mec, precision, x, 900, D, 2, FC_MISSING_PARTIAL);
		*own_option(&t.model, "temperature") = critical * (above ? 1.1 : 0.9);
		t.model.common[FC_MAX_ITERATIONS] = 5000;
		t.model.common[FC_TOLERANCE] = 1e-9;
		CHECK_EQ(training_run(&t), FC_OK);
		CHECK(above == (fc_squared_distance(t.model.centers, t.model.centers + D, D) < 1e-2));
		training_end(&t);
	}
	free(x);
}

static void
test_algorithm(const FcAlgorithm *algo, FcPrecision precision)
{
	test_complete(algo, precision);
	for (int init = FC_INIT_KMEANSPP; init <= FC_INIT_SAMPLE; init++)
		test_recovery(algo, precision, init, init, 0);
	test_recovery(algo, precision, FC_INIT_KMEANSPP, FC_SCALE_NONE, 1e6);
	test_never_seen(algo, precision);
	for (int weighted = 0; weighted < 2; weighted++)
		test_team(algo, precision, FC_MISSING_PARTIAL, weighted ? FC_SCALE_ZSCORE : FC_SCALE_NONE, weighted);
}

int
main(int argc, char **argv)
{
	for (int i = 0; i < COUNT(gap_cases); i++)
		FOR_EACH_VARIANT(isa, precision)
			test_golden(&gap_cases[i], isa, precision);
	FOR_EACH_ALGORITHM(algo)
	{
		if (!is_wanted(algo, argc, argv))
			continue;
		if (!takes_gaps(algo))
			test_refused(algo);
		test_kept(algo);
		for (int missing = FC_MISSING_MEAN; missing <= (takes_gaps(algo) ? FC_MISSING_PARTIAL : FC_MISSING_MEAN); missing++)
			test_never_observed(algo, missing);
		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			if (takes_gaps(algo))
				test_algorithm(algo, precision);
			for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale += 2)
				test_mean(algo, precision, scale, scale != FC_SCALE_NONE);
			if (!is_deep(algo))
				test_team(algo, precision, FC_MISSING_MEAN, FC_SCALE_ZSCORE, false);
		}
	}
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_empty(precision);
		test_outside(precision);
		test_critical(precision);
	}
	return check_report("gaps");
}
