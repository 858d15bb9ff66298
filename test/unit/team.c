/*
 * team.c - trainings by several processes give the same bytes as by one
 */
#include "team.h"

enum
{
	N = 9000,
	D = 3,
	K = 4,
	MOST_ITERATIONS = 12
};

/* How a training differs from the default */
typedef struct Variety
{
	const char *name;
	double		scale;
	double		init;
	double		away;			/* from zero */
} Variety;

static const Variety varieties[] = {
	{"plain", FC_SCALE_NONE, FC_INIT_KMEANSPP, 0},
	{"scaled", FC_SCALE_ZSCORE, FC_INIT_RANDOM, 0},
	{"far", FC_SCALE_NONE, FC_INIT_SAMPLE, 1e6},
};

static void
begin(Training *t, const FcAlgorithm *algo, FcPrecision precision, const double *x, const Variety *v)
{
	training_begin(t, algo, K, precision, x, N, D);
	t->model.common[FC_MAX_ITERATIONS] = MOST_ITERATIONS;
	if (!scales_itself(algo))
		t->model.common[FC_SCALE] = v->scale;
	t->model.common[FC_INIT] = v->init;
}

static void
compare(const FcAlgorithm *algo, FcPrecision precision, const double *x, const Variety *v)
{
	Training	alone;
	int			claims[MOST_MEMBERS];

	begin(&alone, algo, precision, x, v);
	CHECK_EQ(training_run(&alone), FC_OK);
	for (int members = 2; members <= 4; members++)
	{
		Training	t;

		begin(&t, algo, precision, x, v);
		CHECK_EQ(team_run(&t, members, claims), FC_OK);
		if (!CHECK(same_model(&alone.model, &t.model)))
			printf("%s, %s: another model with %d members\n", algo->name, v->name, members);
		training_end(&t);
	}
	training_end(&alone);
}

/* Members other than the leader do work, sooner or later */
static void
test_share(const double *x)
{
	int			claims[MOST_MEMBERS] = {0};

	for (int try = 0; try < 50 && (claims[1] == 0 || claims[2] == 0); try++)
	{
		Training	t;

		begin(&t, fc_find_algorithm("fcm"), FC_F32, x, &varieties[0]);
		t.model.common[FC_TOLERANCE] = 0;
		CHECK_EQ(team_run(&t, 3, claims), FC_OK);
		training_end(&t);
	}
	CHECK(claims[1] > 0 && claims[2] > 0);
}

/* Two trainings of the same, one alone and one by a team; both end */
static void
compare_pair(Training *t)
{
	CHECK_EQ(training_run(&t[0]), FC_OK);
	CHECK_EQ(team_run(&t[1], 3, NULL), FC_OK);
	CHECK(same_model(&t[0].model, &t[1].model));
	for (int i = 0; i < 2; i++)
		training_end(&t[i]);
}

/* A graph of all rows, some of which are equal */
static void
test_exact_graph(const double *x)
{
	enum {ROWS = 500};
	double	   *rows = malloc(sizeof(double) * ROWS * D);
	Training	t[2];

	for (int i = 0; i < ROWS * D; i++)
		rows[i] = x[i % (ROWS * D * 4 / 5)];
	for (int i = 0; i < 2; i++)
	{
		training_begin(&t[i], fc_find_algorithm("spectral"), K, FC_F64, rows, ROWS, D);
		*own_option(&t[i].model, "exact_rows") = ROWS;
	}
	compare_pair(t);
	free(rows);
}

/* Candidates for first centers are tried by a team only where that is much work */
static void
test_first_centers(FcPrecision precision)
{
	enum {ROWS = 6000, WIDTH = 150, CLUSTERS = 30};
	double	   *rows = make_noise(ROWS, WIDTH, 4);
	Training	t[2];

	for (int i = 0; i < 2; i++)
	{
		training_begin(&t[i], fc_find_algorithm("kmeans"), CLUSTERS, precision, rows, ROWS, WIDTH);
		t[i].model.common[FC_MAX_ITERATIONS] = 1;
	}
	compare_pair(t);
	free(rows);
}

/* What a pass keeps for the next one may be another member's there */
static void
test_bounds(FcPrecision precision)
{
	enum {ROWS = 5000, WIDTH = 100, CLUSTERS = 40};
	double	   *rows = make_blobs(ROWS, WIDTH, CLUSTERS, 1);
	Training	t[2];

	for (int i = 0; i < 2; i++)
	{
		training_begin(&t[i], fc_find_algorithm("kmeans"), CLUSTERS, precision, rows, ROWS, WIDTH);
		t[i].model.common[FC_INIT] = FC_INIT_SAMPLE;
		t[i].model.common[FC_RESTARTS] = 2;
		t[i].model.common[FC_TOLERANCE] = 0;
	}
	compare_pair(t);
	CHECK(t[0].model.iterations > 2);
	free(rows);
}

int
main(int argc, char **argv)
{
	double	   *x = make_blobs(N, D, K, 5);

	for (size_t v = 0; v < sizeof(varieties) / sizeof(varieties[0]); v++)
	{
		for (int i = 0; i < N * D; i++)
			x[i] += varieties[v].away;
		for (const FcAlgorithm *const *a = fc_algorithms; *a; a++)
			if (is_wanted(*a, argc, argv) && !is_deep(*a))
				for (int precision = 0; precision < 2; precision++)
					compare(*a, precision, x, &varieties[v]);
	}
	free(x);
	x = make_blobs(N, D, K, 5);
	test_share(x);
	test_exact_graph(x);
	for (int precision = 0; precision < 2; precision++)
	{
		test_first_centers(precision);
		test_bounds(precision);
	}
	free(x);
	return check_report("team");
}
