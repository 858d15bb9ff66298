/*
 * noise.c - rows that belong to no cluster: against plain formulas, and on rows of which some are noise
 */
#include "contract.h"
#include "noisy.h"
#include "steps.h"
#include "team.h"

#include "core/noise.h"
#include "core/noise_share.h"
#include "core/update.h"

enum {N = 400, D = 3, K = 4, MOST_GROUPS = 64};

static const char *const algorithms[] = {"kmeans", "fcm", "mec", "gk"};

/* How a training differs from the default */
typedef struct Variety
{
	double		share;			/* the option noise */
	double		distance;		/* the option noise_distance, or NaN */
	bool		cosine;
	const double *start;		/* (k, d) or NULL */
	int32_t		iterations;		/* at most */
} Variety;

static void
begin(Training *t, const char *name, int isa, FcPrecision precision, int32_t k, const double *x, int64_t n, int32_t d, const Variety *v)
{
	training_begin(t, fc_find_algorithm(name), k, precision, x, n, d);
	t->fit.isa = isa;
	t->fit.start = v->start;
	t->model.common[FC_INIT] = v->start ? FC_INIT_CENTERS : FC_INIT_KMEANSPP;
	t->model.common[FC_NOISE] = v->share;
	t->model.common[FC_NOISE_DISTANCE] = v->distance;
	t->model.common[FC_MAX_ITERATIONS] = v->iterations;
	if (v->cosine)
		t->model.common[FC_DISTANCE] = FC_COSINE;
}

/* ---- the formulas ---- */

/* Memberships u (k + 1) from distances (k + 1), of which the last is that of noise; the row's part of the objective */
static double
memberships_of(const FcModel *m, const double *distance, int32_t groups, double *u)
{
	const char *name = m->algo->name;
	double		unit = fc_squared_unit(m);
	double		sum = 0;
	double		objective = 0;
	int32_t		least = 0;

	for (int32_t c = 0; c < groups; c++)
		least = distance[c] < distance[least] ? c : least;
	for (int32_t c = 0; c < groups; c++)
	{
		if (strcmp(name, "kmeans") == 0)
			u[c] = c == least;
		else if (strcmp(name, "mec") == 0)
			u[c] = exp((distance[least] - distance[c]) / (unit * m->option[0]));
		else
			u[c] = distance[least] == distance[c] ? 1 : pow(distance[least] / distance[c], 1 / (m->option[0] - 1));
		sum += u[c];
	}
	for (int32_t c = 0; c < groups; c++)
	{
		u[c] /= sum;
		objective += distance[c] / unit * (strcmp(name, "kmeans") == 0 || strcmp(name, "mec") == 0 ? u[c] : pow(u[c], m->option[0]));
		if (strcmp(name, "mec") == 0 && u[c] > 0)
			objective += m->option[0] * u[c] * log(u[c]);
	}
	return objective;
}

/* What the row counts in the update of a center */
static double
weight_of(const FcModel *m, double u)
{
	return strcmp(m->algo->name, "kmeans") == 0 || strcmp(m->algo->name, "mec") == 0 ? u : pow(u, m->option[0]);
}

/* Squared distances of a row to the k centers, and to noise; of rows of length 1, where distances are cosines */
static void
distances_of(const FcModel *m, const double *centers, double squared, const double *x, double *distance)
{
	for (int32_t c = 0; c < m->k; c++)
		distance[c] = fc_squared_distance(centers + c * m->d, x, m->d);
	distance[m->k] = squared;
}

static double *
make_rows(bool cosine)
{
	double	   *x = make_blobs(N, D, K, 4);
	FcRng		rng;

	fc_rng_start(&rng, 5, 5);
	for (int i = 0; i < N; i++)
		for (int j = 0; j < D; j++)
			x[i * D + j] = i % 9 == 4 ? 60 * fc_rng_uniform(&rng) - 20 : x[i * D + j];
	for (int i = 0; cosine && i < N; i++)
		CHECK(fc_make_unit(x + i * D, FC_F64, D));
	return x;
}

/* Scores are those of the formulas: the cluster is -1 where noise has the largest membership */
static void
test_scores(const char *name, bool cosine)
{
	Variety		v = {.distance = cosine ? 0.02 : 4.5, .cosine = cosine, .iterations = 1000};
	double	   *x = make_rows(cosine);
	double		distance[MOST_GROUPS];
	double		u[MOST_GROUPS];
	int			noise = 0;
	double		objective = 0;
	double		sizes[K] = {0};
	double		rows[K] = {0};
	double		lengths[K] = {0};
	Training	t;
	FcScorer	s;
	void	   *memory;

	begin(&t, name, fc_best_isa(), FC_F64, K, x, N, D, &v);
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK(fc_groups(&t.model) == K + 1 && fc_noise_squared(&t.model) == (cosine ? 2 * v.distance : v.distance * v.distance));
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < N; i++)
	{
		double		sum = 0;
		int32_t		c;

		fc_score_row(&s, x + i * D);
		if (is_euclidean(t.model.algo))
			distances_of(&t.model, t.model.centers, fc_noise_squared(&t.model), x + i * D, distance);
		else
			memcpy(distance, s.distance, sizeof(double) * (K + 1));
		CHECK_NEAR(s.distance[K], fc_noise_squared(&t.model), 0);
		objective += memberships_of(&t.model, distance, K + 1, u);
		c = fc_score_nearest(&s);
		fc_score_memberships(&s);
		for (int32_t g = 0; g <= K; g++)
		{
			CHECK_NEAR(s.u[g], u[g], 1e-10);
			sum += s.u[g];
			sizes[g % K] += g < K ? u[g] : 0;
		}
		CHECK_NEAR(sum, 1, 1e-12);
		CHECK_EQ(c, distance[fc_score_nearest_center(&s)] <= distance[K] ? fc_score_nearest_center(&s) : -1);
		CHECK(s.u[c < 0 ? K : c] >= 1.0 / (K + 1));
		noise += c < 0;
		if (c >= 0)
		{
			rows[c]++;
			lengths[c] += fc_score_length(&s, c);
		}
	}
	CHECK(noise > 10 && noise < N / 2);
	CHECK_NEAR(t.model.objective / objective, 1, 1e-9);
	for (int32_t c = 0; c < K; c++)
	{
		CHECK_NEAR(t.model.weights[c], sizes[c], 1e-9);
		CHECK_NEAR(t.model.radius[c], rows[c] > 0 ? lengths[c] / rows[c] : 0, 1e-9);
	}
	free(memory);
	training_end(&t);
	free(x);
}

/* One iteration from given centers moves them as the formulas do */
static void
test_step(const char *name, bool cosine, int isa, FcPrecision precision)
{
	double	   *x = make_rows(cosine);
	double		start[K * D];
	double		weight[K] = {0};
	double		sum[K * D] = {0};
	double		distance[MOST_GROUPS];
	double		u[MOST_GROUPS];
	double		squared;
	double		objective = 0;
	Variety		v = {.distance = cosine ? 0.02 : 4.5, .cosine = cosine, .start = start, .iterations = 1};
	Training	t;

	for (int i = 0; i < K * D; i++)
		start[i] = x[i];
	begin(&t, name, isa, precision, K, x, N, D, &v);
	if (strcmp(name, "fcm") == 0)
		t.model.option[0] = 2;
	CHECK_EQ(training_run(&t), FC_OK);
	squared = fc_noise_squared(&t.model);
	for (int i = 0; i < N; i++)
	{
		distances_of(&t.model, start, squared, x + i * D, distance);
		objective += memberships_of(&t.model, distance, K + 1, u);
		for (int32_t c = 0; c < K; c++)
		{
			weight[c] += weight_of(&t.model, u[c]);
			for (int j = 0; j < D; j++)
				sum[c * D + j] += weight_of(&t.model, u[c]) * x[i * D + j];
		}
	}
	for (int32_t c = 0; c < K; c++)
	{
		double		length = cosine ? sqrt(fc_inner_product(sum + c * D, sum + c * D, D)) : weight[c];

		for (int j = 0; j < D; j++)
			CHECK_NEAR(t.model.centers[c * D + j], sum[c * D + j] / length, rounding_of(precision));
	}
	CHECK_NEAR(fc_history_get(&t.model, 0, FC_HISTORY_OBJECTIVE) / objective, 1, rounding_of(precision));
	training_end(&t);
	free(x);
}

/* ---- trainings ---- */

static int
rises_of(const FcModel *m, int32_t first)
{
	double		last = INFINITY;
	int			rises = 0;

	for (int32_t i = first; i < m->history.count; i++)
	{
		double		now = fc_history_get(m, i, FC_HISTORY_OBJECTIVE);

		rises += now > last + fabs(last) * rounding_of(m->precision) / 10;
		last = now;
	}
	return rises;
}

/* The objective never rises with one distance of noise, nor, on the sample, with that of trimmed k-means */
static void
test_descent(const char *name, FcPrecision precision, double share, double distance)
{
	Noisy		r = make_noisy(9000, 2, 5, 0.2, 0.2, 3);
	Variety		v = {.share = share, .distance = distance, .iterations = 1000};
	Training	t;

	begin(&t, name, fc_best_isa(), precision, 5, r.x, r.n, r.d, &v);
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK(t.model.converged);
	CHECK_EQ(rises_of(&t.model, t.model.history.first), 0);
	if (strcmp(name, "gk") != 0)	/* whose sample begins with fuzzy c-means */
		CHECK_EQ(t.model.history.first > 0 ? rises_of(&(FcModel) {.algo = t.model.algo, .precision = precision, .history = {
			.rows = t.model.history.rows, .count = t.model.history.first, .step = 1}}, 0) : 0, 0);
	CHECK(share == 0 || (t.model.common[FC_NOISE] == share && t.model.common[FC_NOISE_DISTANCE] > 0));
	training_end(&t);
	free_noisy(&r);
}

/* Noise that is far enough away changes nothing, and rows that are far enough away are all that is noise */
static void
test_far_noise(FcPrecision precision)
{
	enum {FAR = 40};
	Noisy		r = make_noisy(N, D, K, 0, 0, 8);
	double	   *more = malloc(sizeof(double) * (N + FAR) * D);
	Variety		v[3] = {{.distance = NAN}, {.distance = 1e9}, {.distance = 50}};
	Training	t[3];

	memcpy(more, r.x, sizeof(double) * N * D);
	for (int i = 0; i < FAR * D; i++)
		more[N * D + i] = 1e7 * (i % 7 - 3.5);
	for (int i = 0; i < 3; i++)
	{
		v[i].start = r.center;
		v[i].iterations = 100;
		begin(&t[i], "kmeans", fc_best_isa(), precision, K, i < 2 ? r.x : more, i < 2 ? N : N + FAR, D, &v[i]);
		CHECK_EQ(training_run(&t[i]), FC_OK);
	}
	for (int i = 0; i < K * D; i++)
	{
		CHECK_NEAR(t[1].model.centers[i], t[0].model.centers[i], 0);
		CHECK_NEAR(t[2].model.centers[i], t[0].model.centers[i], precision == FC_F32 ? 1e-4 : 1e-8);	/* rows are seen from elsewhere */
	}
	CHECK_NEAR(t[1].model.objective, t[0].model.objective, 1e-9);
	CHECK_NEAR(t[2].model.objective, t[0].model.objective + FAR * 2500, 1e-4);
	for (int i = 0; i < 3; i++)
		training_end(&t[i]);
	free(more);
	free_noisy(&r);
}

/* Weights of rows are repetitions */
static void
test_weights(const char *name, FcPrecision precision, double share, double distance)
{
	Noisy		r = make_noisy(N, D, K, 0.15, 0, 4);
	double		weight[N];
	double	   *repeated = malloc(sizeof(double) * 3 * N * D);
	int			n = 0;
	Variety		v = {.share = share, .distance = distance, .start = r.center, .iterations = 30};
	Training	t[2];

	for (int i = 0; i < N; i++)
	{
		weight[i] = (i * 7 + i / 5) % 4;
		for (int copy = 0; copy < weight[i]; copy++)
			memcpy(repeated + n++ * D, r.x + i * D, D * sizeof(double));
	}
	for (int i = 0; i < 2; i++)
	{
		begin(&t[i], name, fc_best_isa(), precision, K, i ? repeated : r.x, i ? n : N, D, &v);
		if (i == 0)
			source_weigh(&t[i].source, weight);
		CHECK_EQ(training_run(&t[i]), FC_OK);
	}
	for (int i = 0; i < K * D; i++)
		CHECK_NEAR(t[0].model.centers[i], t[1].model.centers[i], precision == FC_F32 ? 1e-3 : 1e-6);
	for (int i = 0; i < K; i++)
		CHECK_NEAR(t[0].model.weights[i], t[1].model.weights[i], precision == FC_F32 ? 1e-3 : 1e-6);
	CHECK_NEAR(t[0].model.objective, t[1].model.objective, precision == FC_F32 ? 1e-3 : 1e-6);
	CHECK_NEAR(t[0].model.common[FC_NOISE_DISTANCE], t[1].model.common[FC_NOISE_DISTANCE], precision == FC_F32 ? 1e-3 : 1e-6);
	for (int i = 0; i < 2; i++)
		training_end(&t[i]);
	free(repeated);
	free_noisy(&r);
}

/* With k-means about the share of the rows is noise, of weights and with gaps, too, and on samples */
static void
test_share(FcPrecision precision, int n, double share, bool weighs, bool gaps)
{
	Noisy		r = make_noisy(n, D, K, 0.2, 0.3, 11);
	double	   *weight = malloc(sizeof(double) * n);
	Variety		v = {.share = share, .distance = NAN, .iterations = 1000};
	double		noise = 0;
	double		all = 0;
	Training	t;
	FcScorer	s;
	void	   *memory;

	for (int i = 0; i < n; i++)
	{
		weight[i] = i % 3;
		if (gaps && i % 4 == 0)
			r.x[i * D + i / 4 % D] = NAN;
	}
	begin(&t, "kmeans", fc_best_isa(), precision, K, r.x, n, D, &v);
	if (weighs)
		source_weigh(&t.source, weight);
	if (gaps)
		t.model.common[FC_MISSING] = FC_MISSING_PARTIAL;
	t.source.rows.gaps = gaps;
	CHECK_EQ(training_run(&t), FC_OK);
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < n; i++)
	{
		fc_score_row(&s, r.x + i * D);
		noise += fc_score_nearest(&s) < 0 ? (weighs ? weight[i] : 1) : 0;
		all += weighs ? weight[i] : 1;
	}
	CHECK_NEAR(noise / all, share, n < 2000 ? 0.01 : 0.02);
	for (int c = 0; c < K; c++)
		noise += t.model.weights[c];
	CHECK_NEAR(noise, all, 1);		/* a row at the very distance may be on either side of rounding */
	free(memory);
	training_end(&t);
	free(weight);
	free_noisy(&r);
}

/* The same bytes by a team of any size */
static void
test_team(const char *name, FcPrecision precision, const Variety *v, int n)
{
	Noisy		r = make_noisy(n, D, K, 0.2, 0, 2);
	Training	alone;

	begin(&alone, name, fc_best_isa(), precision, K, r.x, n, D, v);
	CHECK_EQ(training_run(&alone), FC_OK);
	for (int members = 2; members <= 3; members++)
	{
		Training	t;

		begin(&t, name, fc_best_isa(), precision, K, r.x, n, D, v);
		CHECK_EQ(team_run(&t, members, NULL), FC_OK);
		CHECK(same_model(&alone.model, &t.model));
		training_end(&t);
	}
	training_end(&alone);
	free_noisy(&r);
}

/* ---- steps where the rows are ---- */

/* Statistics of any order of the rows, and in parts, are the same; the next model from them is that of an iteration */
static void
test_statistics(const char *name, bool cosine, FcPrecision precision)
{
	double	   *x = make_rows(cosine);
	Variety		v = {.distance = cosine ? 0.02 : 4.5, .cosine = cosine, .iterations = 5};
	double		noise = 0;
	double		mass = 0;
	int32_t		order[N];
	char	   *bytes;
	size_t		length;
	Training	t;
	Stepper		step;
	Gathered	whole;
	Gathered	parts;
	FcScorer	s;
	void	   *memory;
	FcModel		next;
	FcArena		arena = {0};
	void	   *work;

	for (int i = 0; i < N; i++)
		order[i] = (i * 7 + 3) % N;
	begin(&t, name, fc_best_isa(), precision, K, x, N, D, &v);
	CHECK_EQ(training_run(&t), FC_OK);
	bytes = model_bytes(&t.model, &length);
	CHECK_EQ(stepper_begin(&step, bytes, length, precision, 0, fc_best_isa()), FC_OK);
	CHECK((step.step.gather & FC_GATHER_NOISE) != 0);
	gathered_begin(&whole, &step.step);
	gathered_begin(&parts, &step.step);
	CHECK_EQ(gather_rows(&step.step, &whole, x, NULL, NULL, 0, N), FC_OK);
	for (int at = 0; at < N; at += 37)
		CHECK_EQ(gather_rows(&step.step, &parts, x, NULL, order, at, N - at < 37 ? N - at : 37), FC_OK);
	CHECK(same_statistics(&whole, &parts));
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < N; i++)
	{
		fc_score_row(&s, x + i * D);
		noise += fc_score_nearest(&s) < 0;
		fc_score_memberships(&s);
		mass += s.u[K];
	}
	CHECK_NEAR(fc_statistics_get(&whole.s, FC_SUM_COUNT, K), noise, precision == FC_F32 ? 0.01 : 0);
	CHECK_NEAR(fc_statistics_get(&whole.s, FC_SUM_MASS, K), mass, precision == FC_F32 ? 1e-2 : 1e-9);
	CHECK_NEAR(fc_statistics_get(&whole.s, FC_SUM_OBJECTIVE, 0) / t.model.objective, 1, rounding_of(precision));
	for (int c = 0; c < K; c++)
		CHECK_NEAR(fc_statistics_get(&whole.s, FC_SUM_MASS, c), t.model.weights[c], 1e2 * rounding_of(precision));

	/* the next model */
	next = t.model;
	fc_update_layout(&arena, &step.step);
	work = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	CHECK_EQ(fc_update(&next, &step.step, &whole.s, 0, &(FcHooks) {NULL}, fc_update_layout(&arena, &step.step)), FC_OK);
	CHECK(next.common[FC_NOISE_DISTANCE] == v.distance);
	free(work);
	free(memory);
	gathered_end(&whole);
	gathered_end(&parts);
	stepper_end(&step);
	training_end(&t);
	free(x);
}

/* ---- clusters among noise ---- */

/* Centers are where those of the rows are, and rows in their clusters, or in none */
static void
test_found(const char *name, int n, int d, double share, double unequal, uint64_t seed)
{
	Noisy		r = make_noisy(n, d, 5, share, unequal, seed);
	Variety		v = {.share = share, .distance = NAN, .iterations = 1000};
	double		smallest = n * (1 - share) / (5 + 10 * unequal);
	Training	t;
	Found		f;

	begin(&t, name, fc_best_isa(), FC_F64, r.k, r.x, r.n, r.d, &v);
	t.model.common[FC_SEED] = (double) seed;
	if (t.model.algo->kernel->has_shapes && d > 2)
		t.model.option[0] = 1 + 1.0 / d;	/* one at which clusters stay apart */
	CHECK_EQ(training_run(&t), FC_OK);
	f = compare_noisy(&r, &t.model);
	if (!(CHECK(f.error <= 0.02 + 2 / sqrt(smallest)) && CHECK(f.lost <= 0.05) && CHECK(f.caught >= 0.85) && CHECK(f.swapped <= 0.002)))
		printf("%s, %d dimensions, seed %d: centers are wrong by %g, lost %g, caught %g, swapped %g\n",
			   name, d, (int) seed, f.error, f.lost, f.caught, f.swapped);
	training_end(&t);
	free_noisy(&r);
}

/* ---- degenerate rows ---- */

/* Where most rows lie on centers, these rows are in clusters, and the others are noise */
static void
test_equal_rows(const char *name, FcPrecision precision, double place)
{
	enum {ROWS = 300};
	double		x[ROWS * 2];
	Variety		v = {.share = 0.2, .distance = NAN, .iterations = 1000};
	int			wrong = 0;
	Training	t;
	FcScorer	s;
	void	   *memory;

	for (int i = 0; i < ROWS; i++)
	{
		x[i * 2] = place + i % 3 + (i % 25 == 7 ? 5 + 0.1 * (i % 11) : 0);
		x[i * 2 + 1] = place - i % 3 + (i % 25 == 7 ? 3 - 0.1 * (i % 13) : 0);
	}
	begin(&t, name, fc_best_isa(), precision, 3, x, ROWS, 2, &v);
	if (own_option(&t.model, "regularization"))
		*own_option(&t.model, "regularization") = 0.5;
	CHECK_EQ(training_run(&t), FC_OK);
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < ROWS; i++)
	{
		fc_score_row(&s, x + i * 2);
		wrong += (fc_score_nearest(&s) < 0) != (i % 25 == 7);
	}
	CHECK_EQ(wrong, 0);
	free(memory);
	training_end(&t);
}

/* All rows are one; all rows are 0 */
static void
test_one_row(const char *name, double value)
{
	double		x[20];
	Variety		v = {.share = 0.3, .distance = NAN, .iterations = 10};
	Training	t;

	for (int i = 0; i < 20; i++)
		x[i] = value;
	begin(&t, name, fc_best_isa(), FC_F64, 1, x, 10, 2, &v);
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK(t.model.centers[0] == value && t.model.weights[0] > 5);
	training_end(&t);
}

/* Rows that are all noise leave nothing */
static void
test_all_noise(void)
{
	Noisy		r = make_noisy(N, D, K, 0, 0, 1);
	double		start[K * D];
	Variety		v = {.distance = 0.5, .start = start, .iterations = 10};
	Training	t;

	for (int i = 0; i < K * D; i++)
		start[i] = 1000 + i;
	begin(&t, "kmeans", fc_best_isa(), FC_F64, K, r.x, N, D, &v);
	CHECK_EQ(training_run(&t), FC_VANISHED);
	training_end(&t);
	begin(&t, "gg", fc_best_isa(), FC_F64, K, r.x, N, D, &v);
	CHECK_EQ(fc_fit_begin(&t.fit), FC_NO_NOISE);
	training_end(&t);
	free_noisy(&r);
}

/* An empty cluster goes to a row that is in a cluster, however far noise is */
static void
test_reseeding(void)
{
	enum {ROWS = 64};
	double		x[ROWS];
	double		start[] = {0, 500, 700};	/* the last two have no rows */
	Variety		v = {.distance = 20, .start = start, .iterations = 50};
	Training	t;

	for (int i = 0; i < ROWS; i++)
		x[i] = i % 16 == 5 ? 1e4 + i : i % 2 ? 10 + i / 64.0 : i % 4 ? 5 : -i / 64.0;
	begin(&t, "kmeans", fc_best_isa(), FC_F64, 3, x, ROWS, 1, &v);
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK_EQ(t.model.empty, 0);
	for (int c = 0; c < 3; c++)
		CHECK(fabs(t.model.centers[c]) < 20);
	training_end(&t);
}

/* A model with noise is read as it was written; noise is no option of algorithms that do not take it, and a share needs its distance */
static void
test_bytes(void)
{
	Noisy		r = make_noisy(N, D, K, 0.2, 0, 6);
	Variety		v = {.share = 0.2, .distance = NAN, .iterations = 100};
	size_t		length;
	char	   *bytes;
	Training	t;
	FcModel		m;

	begin(&t, "fcm", fc_best_isa(), FC_F64, K, r.x, N, D, &v);
	CHECK_EQ(training_run(&t), FC_OK);
	bytes = model_bytes(&t.model, &length);
	CHECK_EQ(fc_model_read(&m, bytes, length), FC_OK);
	CHECK(m.common[FC_NOISE] == 0.2 && m.common[FC_NOISE_DISTANCE] == t.model.common[FC_NOISE_DISTANCE] && fc_groups(&m) == K + 1);
	m.common[FC_NOISE_DISTANCE] = NAN;
	CHECK(!fc_model_options_agree(&m));
	m.common[FC_NOISE] = 0;
	CHECK(fc_model_options_agree(&m));
	m.common[FC_NOISE_DISTANCE] = 1;
	CHECK(fc_model_options_agree(&m));
	m.algo = fc_find_algorithm("gg");
	CHECK(!fc_model_options_agree(&m));
	free(bytes);
	training_end(&t);
	free_noisy(&r);
}

int
main(void)
{
	static const Variety shares[] = {
		{.share = 0.2, .distance = NAN, .iterations = 15}, {.distance = 4, .iterations = 15},
	};

	for (int a = 0; a < COUNT(algorithms); a++)
	{
		const char *name = algorithms[a];
		bool		has_shapes = fc_find_algorithm(name)->kernel->has_shapes;

		for (int cosine = 0; cosine <= !has_shapes; cosine++)
		{
			test_scores(name, cosine);
			FOR_EACH_VARIANT(isa, precision)
				if (!has_shapes)
					test_step(name, cosine, isa, precision);
			for (int precision = 0; precision < 2; precision++)
				test_statistics(name, cosine, precision);
		}
		for (int precision = 0; precision < 2; precision++)
		{
			test_descent(name, precision, 0.2, NAN);
			test_descent(name, precision, 0, 4);
			test_weights(name, precision, 0.2, NAN);
			test_weights(name, precision, 0, 4);
			test_equal_rows(name, precision, 0);
			test_equal_rows(name, precision, 1000);
			for (int i = 0; i < COUNT(shares); i++)
			{
				test_team(name, precision, &shares[i], 3000);
				test_team(name, precision, &shares[i], 9000 * 8);
			}
		}
		test_one_row(name, 0);
		test_one_row(name, 7);
		for (uint64_t seed = 0; seed < 4; seed++)
			for (int d = 2; d <= 8; d += 3)
				test_found(name, 3000, d, 0.2, seed / 2.0, seed);
	}
	for (int precision = 0; precision < 2; precision++)
	{
		test_far_noise(precision);
		for (int weighs = 0; weighs < 2; weighs++)
			for (int gaps = 0; gaps < 2; gaps++)
			{
				test_share(precision, 1000, 0.1, weighs, gaps);
				test_share(precision, 1000, 0.5, weighs, gaps);
				test_share(precision, 80000, 0.2, weighs, gaps);
			}
	}
	test_all_noise();
	test_reseeding();
	test_bytes();
	return check_report("noise");
}
