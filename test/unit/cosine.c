/*
 * cosine.c - rows and centers as directions
 */
#include "team.h"

#include "core/engine.h"

enum {N = 5000, D = 6, K = 5};

/* ---- directions ---- */

static double
length_of(const double *x, int32_t d)
{
	return sqrt(fc_inner_product(x, x, d));
}

/* Numbers as small and as large as features may be, and of very different size */
static void
test_lengths(FcPrecision precision)
{
	static const double sizes[] = {1, 1e-3, 1e14, 1e-37, 1e139, 1e-160, 1e-310, 4.9e-324};

	for (int32_t d = 1; d <= 9; d++)
		for (int i = 0; i < (int) (sizeof(sizes) / sizeof(sizes[0])); i++)
		{
			double		row[9];
			void	   *x;

			if (precision == FC_F32 && (sizes[i] > FC_LIMIT_F32 || sizes[i] < 1e-37))
				continue;
			x = hostile_memory(sizeof(row));
			for (int32_t j = 0; j < d; j++)
				fc_set(x, precision, j, j % 2 ? -3 * sizes[i] : sizes[i]);
			CHECK(fc_make_unit(x, precision, d));
			for (int32_t j = 0; j < d; j++)
				row[j] = fc_get(x, precision, j);
			CHECK_NEAR(length_of(row, d), 1, 4 * FC_EPSILON(precision));
			CHECK_NEAR(d > 1 ? row[1] / row[0] : -3, -3, 4 * FC_EPSILON(precision));
			free(x);
		}
}

static void
test_zero(void)
{
	double		x[] = {0, -0.0, 0};
	double		y[] = {0, 0, 1e-320};

	CHECK(fc_is_zero(x, 3) && !fc_is_zero(y, 3));
	CHECK(!fc_make_unit(x, FC_F64, 3) && fc_is_zero(x, 3));
	CHECK(fc_make_unit(y, FC_F64, 3) && y[2] == 1);
}

/* A center goes to the direction of a sum; where its rows cancel each other out it stays */
static void
test_move(void)
{
	double		v[] = {1, 0};
	double		sum[] = {0, 5};
	double		nothing[] = {1e-17, -1e-17};

	CHECK_NEAR(fc_move_direction(v, sum, 7, 2, FC_F64), 2, 0);
	CHECK(v[0] == 0 && v[1] == 1);
	CHECK_EQ(fc_move_direction(v, nothing, 7, 2, FC_F64), 0);
	CHECK(v[0] == 0 && v[1] == 1);
}

/* ---- trainings ---- */

/* Around K directions, with overlap and lengths from 1/10 to 10 */
static double *
make_directions(int64_t n, int32_t d, int32_t k, double noise)
{
	double	   *x = malloc((size_t) n * d * sizeof(double));
	FcRng		rng;

	fc_rng_start(&rng, 4711, 0);
	for (int64_t i = 0; i < n; i++)
	{
		double		size = exp(4.6 * fc_rng_uniform(&rng) - 2.3);

		for (int32_t j = 0; j < d; j++)
			x[i * d + j] = size * (cos(i % k * (j + 1) * 1.9) + noise * (2 * fc_rng_uniform(&rng) - 1));
	}
	return x;
}

static bool
takes_cosine(const FcAlgorithm *algo)
{
	return (algo->traits & FC_TAKES_COSINE) != 0;
}

static void
begin(Training *t, const FcAlgorithm *algo, FcPrecision precision, const double *x, int64_t n, int32_t d)
{
	training_begin(t, algo, K, precision, x, n, d);
	t->model.common[FC_DISTANCE] = FC_COSINE;
}

/* The mean of 1 - cos between the rows of each cluster and its center, and the sum of all; returns rows with another nearest */
static double
total_distance(const Training *t, const double *radius)
{
	const FcModel *m = &t->model;
	double		sum[K] = {0};
	int64_t		count[K] = {0};
	double		total = 0;

	for (int64_t i = 0; i < t->source.rows.n; i++)
	{
		const double *x = t->source.x + i * m->d;
		double		least = INFINITY;
		int32_t		nearest = 0;

		for (int32_t c = 0; c < K; c++)
		{
			double		distance = 1 - fc_inner_product(x, m->centers + c * m->d, m->d) / length_of(x, m->d);

			if (distance < least)
			{
				least = distance;
				nearest = c;
			}
		}
		sum[nearest] += least;
		count[nearest]++;
		total += least;
	}
	for (int32_t c = 0; c < K; c++)
		CHECK_NEAR(radius[c], count[c] > 0 ? sum[c] / count[c] : 0, 1e-4 * radius[c]);
	return total;
}

static bool
never_rises(const FcModel *m)
{
	for (int32_t i = m->history.first + 1; i < m->history.count; i++)
	{
		double		before = fc_history_get(m, i - 1, FC_HISTORY_OBJECTIVE);

		if (fc_history_get(m, i, FC_HISTORY_OBJECTIVE) > before + 5 * FC_EPSILON(m->precision) * fabs(before))
			return false;
	}
	return true;
}

/* Centers have length 1; the objective descends; distances and radii are 1 - cos; what is measured follows from centers */
static void
test_training(const FcAlgorithm *algo, FcPrecision precision, int init, double noise)
{
	double	   *x = make_directions(N, D, K, noise);
	double	   *unit = make_unit_rows(x, N, D, precision);
	Training	t;

	begin(&t, algo, precision, unit, N, D);
	t.model.common[FC_INIT] = init;
	if (!CHECK_EQ(training_run(&t), FC_OK))
		printf("%s\n", algo->name);
	check_model(&t);
	for (int32_t c = 0; c < K; c++)
		CHECK_NEAR(length_of(t.model.centers + c * D, D), 1, 1e-12);
	if (algo->traits & FC_DESCENDS)
		CHECK(never_rises(&t.model));
	if (!(algo->traits & FC_EMBEDS))
	{
		double		total = total_distance(&t, t.model.radius);

		if (algo->traits & FC_CRISP)
			CHECK_NEAR(t.model.objective / total, 1, rounding_of(precision));
		else if (own_option(&t.model, "fuzzifier"))
			CHECK(t.model.objective <= total * (1 + rounding_of(precision)) && t.model.objective > 0.2 * total);
		CHECK(t.fit.doubts.largest > 0.4 && t.fit.doubts.largest <= 1 + 1e-6);
	}
	training_end(&t);
	free(unit);
	free(x);
}

/* Rows score the same whatever their length is, and distances are 1 - cos */
static void
test_scoring(const FcAlgorithm *algo)
{
	double	   *x = make_directions(300, D, K, 0.3);
	double	   *unit = make_unit_rows(x, 300, D, FC_F64);
	Training	t;
	FcScorer	s;
	void	   *memory;

	begin(&t, algo, FC_F64, unit, 300, D);
	CHECK_EQ(training_run(&t), FC_OK);
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < 300; i++)
	{
		double		u[K];

		fc_score_row(&s, unit + i * D);
		fc_score_memberships(&s);
		memcpy(u, s.u, sizeof(u));
		for (int32_t c = 0; c < K && !(algo->traits & FC_EMBEDS); c++)
			CHECK_NEAR(fc_score_length(&s, c), 1 - fc_inner_product(unit + i * D, t.model.centers + c * D, D), 1e-14);
		fc_score_row(&s, x + i * D);
		fc_score_memberships(&s);
		for (int32_t c = 0; c < K; c++)
			CHECK_NEAR(s.u[c], u[c], 1e-9);
	}
	free(memory);
	training_end(&t);
	free(unit);
	free(x);
}

/* Two rows that cancel each other out, and others: nothing becomes infinite */
static void
test_opposite(const FcAlgorithm *algo, FcPrecision precision)
{
	static const double x[] = {1, 0, -1, 0, 0, 1, 0, -1, .6, .8, -.6, -.8};
	Training	t;

	for (int k = 1; k <= 4; k++)
	{
		training_begin(&t, algo, k, precision, x, 6, 2);
		t.model.common[FC_DISTANCE] = FC_COSINE;
		if (algo->traits & FC_EMBEDS)
			*own_option(&t.model, "sigma") = 1;
		CHECK_EQ(training_run(&t), FC_OK);
		check_model(&t);
		for (int c = 0; c < k; c++)
			CHECK_NEAR(length_of(t.model.centers + 2 * c, 2), 1, 1e-12);
		training_end(&t);
	}
}

/* Memberships that are as good as equal are noticed, whatever the distance is */
static void
test_flat(int distance)
{
	double	   *x = make_directions(1000, 60, 12, 1.5);
	double	   *unit = make_unit_rows(x, 1000, 60, FC_F32);
	Training	t;

	for (int flat = 0; flat < 2; flat++)
	{
		training_begin(&t, fc_find_algorithm("fcm"), 12, FC_F32, unit, 1000, 60);
		t.model.common[FC_DISTANCE] = distance;
		t.model.common[FC_MAX_ITERATIONS] = 20;
		*own_option(&t.model, "fuzzifier") = flat ? 2 : 1.05;
		CHECK_EQ(training_run(&t), FC_OK);
		CHECK(flat ? t.fit.doubts.largest < 2.0 / 12 : t.fit.doubts.largest > 0.5);
		training_end(&t);
	}
	free(unit);
	free(x);
}

/* With many clusters and features bounds are kept: see bounds.c */
static void
test_bounds(FcPrecision precision)
{
	enum {ROWS = 2000, COLUMNS = 96, CLUSTERS = 24};
	double	   *x = make_directions(ROWS, COLUMNS, CLUSTERS, 1);
	double	   *unit = make_unit_rows(x, ROWS, COLUMNS, precision);
	int			other = 0;
	Training	t;

	training_begin(&t, fc_find_algorithm("kmeans"), CLUSTERS, precision, unit, ROWS, COLUMNS);
	t.model.common[FC_DISTANCE] = FC_COSINE;
	t.model.common[FC_RESTARTS] = 1;
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK(t.fit.engine->bounds.lanes > 0 && t.model.iterations > 3);
	for (int i = 0; i < ROWS; i++)
		other += fc_nearest_center(t.model.centers, CLUSTERS, COLUMNS, unit + (size_t) i * COLUMNS) != t.fit.engine->bounds.nearest[i];
	CHECK(other <= (precision == FC_F32 ? 2 : 0));
	CHECK(never_rises(&t.model));
	training_end(&t);
	free(unit);
	free(x);
}

/* A team makes the same model */
static void
test_team(const FcAlgorithm *algo, FcPrecision precision)
{
	double	   *x = make_directions(N, D, K, 0.5);
	double	   *unit = make_unit_rows(x, N, D, precision);
	Training	t[2];

	for (int i = 0; i < 2; i++)
	{
		begin(&t[i], algo, precision, unit, N, D);
		t[i].model.common[FC_MAX_ITERATIONS] = 12;
	}
	CHECK_EQ(training_run(&t[0]), FC_OK);
	CHECK_EQ(team_run(&t[1], 3, NULL), FC_OK);
	CHECK(same_model(&t[0].model, &t[1].model));
	for (int i = 0; i < 2; i++)
		training_end(&t[i]);
	free(unit);
	free(x);
}

int
main(int argc, char **argv)
{
	test_zero();
	test_move();
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_lengths(precision);
		test_bounds(precision);
	}
	test_flat(FC_EUCLIDEAN);
	test_flat(FC_COSINE);
	FOR_EACH_ALGORITHM(algo)
	{
		if (!takes_cosine(algo) || !is_wanted(algo, argc, argv))
			continue;
		test_scoring(algo);
		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			for (int init = FC_INIT_KMEANSPP; init <= FC_INIT_SAMPLE; init++)
				test_training(algo, precision, init, init == FC_INIT_RANDOM ? 0.3 : 0.8);
			test_opposite(algo, precision);
			test_team(algo, precision);
		}
	}
	return check_report("cosine");
}
