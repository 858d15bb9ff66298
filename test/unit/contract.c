/*
 * contract.c - what every registered algorithm does, in both precisions and on
 * every instruction set of this processor
 *
 * Ask first whether a new test belongs here: then all algorithms, present and
 * future, gain it.  What does not hold for all of them is a trait.
 */
#include "contract.h"

/* ---- options ---- */

static void
check_option(const FcAlgorithm *algo, int i)
{
	const FcOption *o = fc_option_at(algo, i);
	int			choices = 0;

	CHECK(o->name[0] != '\0' && strlen(o->name) < 24);
	CHECK_EQ(fc_find_option(algo, o->name), i); /* so names are unique */
	CHECK(o->help != NULL && strlen(o->help) > 10);
	CHECK(o->min <= o->max);
	CHECK(fc_option_allows(o, o->initial));
	if (o->type == FC_LIST)		/* the value is a count, the range that of what is counted */
		CHECK(fc_option_allows(o, FC_MAX_LIST) && !fc_option_allows(o, FC_MAX_LIST + 1));
	else
	{
		CHECK(fc_option_allows(o, o->min) && fc_option_allows(o, o->max));
		CHECK(!fc_option_allows(o, nextafter(o->max, INFINITY)));
		CHECK(!fc_option_allows(o, nextafter(o->min, -INFINITY)));
	}
	CHECK(!fc_option_allows(o, INFINITY) && !fc_option_allows(o, -INFINITY));
	CHECK_EQ(fc_option_allows(o, NAN), isnan(o->initial));
	if (o->type != FC_NUMBER)
		CHECK(!fc_option_allows(o, 0.5));
	CHECK_EQ(o->choices != NULL, o->type == FC_CHOICE || o->type == FC_START);
	for (; o->choices && o->choices[choices] != NULL; choices++)
		CHECK_EQ(fc_find_choice(o, o->choices[choices]), choices);
	if (o->choices)
	{
		CHECK(o->min == 0 && o->max == choices - 1);
		CHECK_EQ(fc_find_choice(o, "no such choice"), -1);
	}
}

static void
test_options(const FcAlgorithm *algo)
{
	int			n = fc_count_options(algo);
	FcModel		m;

	CHECK(fc_find_algorithm(algo->name) == algo);
	CHECK(strlen(algo->name) < 16 && strlen(algo->title) > 0);
	CHECK(n - FC_NCOMMON <= FC_MAX_OPTIONS);
	fc_model_begin(&m, algo, 2, 3);
	CHECK(m.algo == algo && m.k == 2 && m.d == 3 && m.centers == NULL && m.history.count == 0);
	for (int i = 0; i < n; i++)
	{
		double		initial = fc_option_at(algo, i)->initial;

		check_option(algo, i);
		CHECK(memcmp(fc_option_value(&m, i), &initial, sizeof(double)) == 0);
		CHECK(fc_option_value(&m, i) == (i < n - FC_NCOMMON ? &m.option[i] : &m.common[i - (n - FC_NCOMMON)]));
	}
	CHECK_EQ(fc_find_option(algo, "seed"), n - FC_NCOMMON + FC_SEED);
	CHECK_EQ(fc_find_option(algo, "noise_distance"), n - 1);
	CHECK_EQ(fc_find_option(algo, ""), -1);
}

static void
test_registry(void)
{
	int			n = 0;

	FOR_EACH_ALGORITHM(algo)
		n++;
	CHECK(n >= 2);
	CHECK(fc_find_algorithm("kmeans") != NULL && fc_find_algorithm("fcm") != NULL);
	CHECK(fc_find_algorithm("KMEANS") == NULL && fc_find_algorithm("") == NULL);
	CHECK_EQ(strcmp(fc_common_options[FC_MISSING].name, "missing"), 0);
	CHECK_EQ(strcmp(fc_common_options[FC_TOO_FEW].name, "too_few"), 0);
	CHECK(fc_common_options[FC_NCOMMON].name == NULL);
}

/* ---- traits and promises ---- */

/* Same rows, options and build: the same bytes; counting memory equals using it */
static void
test_reproducible(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	double	   *x = make_noise(1500, 3, 1);
	Training	a,
				b,
				other;
	FcArena		arena = {0};

	train_up_to(&a, algo, isa, precision, 4, x, 1500, 3, SOME);
	train_up_to(&b, algo, isa, precision, 4, x, 1500, 3, SOME);
	CHECK(same_model(&a.model, &b.model));

	fc_fit_layout(&arena, &b.fit);
	CHECK(arena.used > 0 && arena.used < (is_deep(algo) ? 32 : 8) * 1024 * 1024);

	training_begin(&other, algo, 4, precision, x, 1500, 3);
	other.fit.isa = isa;
	other.model.common[FC_SEED] = 123456789;
	other.model.common[FC_MAX_ITERATIONS] = SOME;
	if (CHECK_EQ(training_run(&other), FC_OK))
		check_model(&other);
	CHECK(!same_model(&a.model, &other.model));
	training_end(&a);
	training_end(&b);
	training_end(&other);
	free(x);
}

/* The objective never increases, and equals the one computed from the memberships of the rows */
static void
test_objective(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 700, D = 4, K = 6};
	double	   *x = make_noise(N, D, 2);
	double		sum = 0;
	double		last = INFINITY;
	double		last_phase = NAN;
	int			rises = 0;
	Training	t;
	FcScorer	s;
	void	   *memory;

	train_up_to(&t, algo, isa, precision, K, x, N, D, 5 * SOME);
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < N; i++)
	{
		fc_score_row(&s, x + i * D);
		sum += algo->kernel->memberships[s.metric.isa][FC_F64] (&s.weighing, s.distance, 1, 1, 1, t.model.k);
	}
	if (algo->kernel)
		CHECK_NEAR(t.model.objective / sum, 1, rounding_of(precision));

	for (int32_t i = 0; i < t.model.history.count; i++)
	{
		double		now = fc_history_get(&t.model, i, FC_HISTORY_OBJECTIVE);
		double		phase = fc_history_get(&t.model, i, FC_HISTORY_PHASE);

		/* each phase has an objective of its own */
		rises += (isnan(phase) || phase == last_phase) && now > last * (1 + rounding_of(precision) / 10);
		last = now;
		last_phase = phase;
	}
	if (algo->traits & FC_DESCENDS)
	{
		CHECK_EQ(rises, 0);
		CHECK(t.model.objective <= last * (1 + rounding_of(precision) / 10) || (!isnan(last_phase) && !t.model.converged));
	}
	free(memory);
	training_end(&t);
	free(x);
}

/* Cluster 1 becomes a copy of cluster 0, in all that was learned of it */
static void
copy_cluster(FcModel *m)
{
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n = fc_model_arrays(m, arrays);

	for (int i = 0; i < n; i++)
		if (arrays[i].rows == m->k && arrays[i].data && arrays[i].data != &m->history.rows)
			memcpy(*arrays[i].data + arrays[i].columns, *arrays[i].data, arrays[i].columns * sizeof(double));
}

/* Rows on centers, between centers and very far away; two clusters that are one */
static void
test_memberships(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 300, D = 2, K = 4};
	static const double far[] = {1, 1e8, 1e-8, 1e100, 1e300};	/* the last one's square is infinite */
	double	   *x = make_noise(N, D, 3);
	double		at[D];
	int			wrong = 0;
	Training	t;
	FcScorer	s;
	void	   *memory;

	train_up_to(&t, algo, isa, precision, K, x, N, D, SOME);
	copy_cluster(&t.model);
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < N; i++)
	{
		for (int j = 0; j < D; j++)
			at[j] = x[i * D + j] * far[i % COUNT(far)];
		fc_score_row(&s, at);
		wrong += !memberships_hold(&s);
		if (algo->traits & FC_SHARES_TIES)
			wrong += s.u[0] != s.u[1];
	}
	CHECK_EQ(wrong, 0);

	for (int32_t c = 0; c < t.model.k; c++)
	{
		fc_unscale_center(&t.model, c, at);
		fc_score_row(&s, at);
		CHECK(memberships_hold(&s));
		CHECK(fc_score_length(&s, c) <= (scales_itself(algo) ? 1e-12 : 0) || (algo->traits & FC_EMBEDS));
		if (!is_euclidean(algo))
			continue;
		CHECK_EQ(fc_score_nearest(&s), c == 1 ? 0 : c);
		CHECK(fc_score_outlier(&s) == 0);
	}
	free(memory);
	training_end(&t);
	free(x);
}

/* Which of the k blobs each cluster is, by the first coordinate; false if one is missing */
static bool
match_blobs(const FcModel *m, const double *center, int32_t *blob)
{
	bool		found[64] = {false};

	for (int32_t c = 0; c < m->k; c++)
	{
		blob[c] = (int32_t) lround(center[c * m->d] / 10);
		if (blob[c] < 0 || blob[c] >= m->k || found[blob[c]])
			return false;
		found[blob[c]] = true;
	}
	return true;
}

/* Well separated blobs are found, every row of them; sizes and radii are theirs */
static void
test_blobs(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {D = 3, K = 5, EACH = 130, N = K * EACH};
	double	   *x = make_blobs(N, D, K, 0.5);
	double		radius[K] = {0};
	int32_t		blob[K];
	int			wrong = 0;
	Training	t;
	FcScorer	s;
	void	   *memory;
	double	   *centers;

	train(&t, algo, isa, precision, K, x, N, D);
	CHECK(t.model.converged);
	CHECK_EQ(t.model.empty, 0);
	CHECK(t.fit.doubts.twins[0] == -1 && t.fit.doubts.twins[1] == -1);
	centers = centers_of(&t.model);
	if (!CHECK(match_blobs(&t.model, centers, blob)))
	{
		free(centers);
		training_end(&t);
		free(x);
		return;
	}
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < N; i++)
	{
		int32_t		c;

		fc_score_row(&s, x + i * D);
		c = fc_score_nearest(&s);
		wrong += blob[c] != i % K;
		radius[c] += fc_score_length(&s, c) / EACH;
		fc_score_memberships(&s);
		wrong += s.u[c] < (is_possibilistic(algo) ? 0.1 : algo->traits & FC_ANNEALS ? 0.5 : 0.9);
	}
	CHECK_EQ(wrong, 0);
	for (int32_t c = 0; c < K; c++)
	{
		CHECK_NEAR(t.model.radius[c], radius[c], rounding_of(precision));
		if (is_possibilistic(algo))
			CHECK(t.model.weights[c] > 0.1 * EACH && t.model.weights[c] < EACH);
		else
			CHECK_NEAR(t.model.weights[c] / EACH, 1, algo->traits & FC_CRISP ? 0 : 0.05);
		for (int32_t j = 0; j < D; j++)
			CHECK_NEAR(centers[c * D + j], blob_center(blob[c], j), 0.25);
	}
	free(centers);
	free(memory);
	training_end(&t);
	free(x);
}

/* Rows may be noise, or the algorithm says that it takes none */
static void
test_noise(const FcAlgorithm *algo, int isa, FcPrecision precision, double share, double distance)
{
	enum {N = 600, D = 2, K = 3};
	double	   *x = make_blobs(N, D, K, 1);
	int			wrong = 0;
	Training	t;

	for (int i = 0; i < N; i += 7)
		x[i * D] += 100 + i;
	training_begin(&t, algo, K, precision, x, N, D);
	t.fit.isa = isa;
	t.model.common[FC_NOISE] = share;
	t.model.common[FC_NOISE_DISTANCE] = distance;
	if (!(algo->traits & FC_TAKES_NOISE))
		CHECK_EQ(fc_fit_begin(&t.fit), FC_NO_NOISE);
	else if (CHECK_EQ(training_run(&t), FC_OK))
	{
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &t.model);

		check_model(&t);
		for (int i = 0; i < N; i++)
		{
			fc_score_row(&s, x + i * D);
			wrong += (fc_score_nearest(&s) < 0) != (i % 7 == 0) || !memberships_hold(&s);
		}
		if (!CHECK(wrong <= (share > 0 ? N / 50 : 0)))
			printf("%s, noise %g: %d rows are wrong\n", algo->name, t.model.common[FC_NOISE_DISTANCE], wrong);
		free(memory);
	}
	training_end(&t);
	free(x);
}

/* ---- shapes ---- */

static void
test_shape(const FcAlgorithm *algo, int isa, FcPrecision precision, int32_t k, int64_t n, int32_t d)
{
	double	   *x = make_noise(n, d, (uint64_t) (n * 1000 + d));
	double	   *center = malloc(d * sizeof(double));
	Training	t;

	train_up_to(&t, algo, isa, precision, k, x, n, d, SOME);
	if (k == 1 && !is_possibilistic(algo))	/* whose rows weigh by their distances also if there is no other cluster */
	{
		double	   *center = centers_of(&t.model);

		CHECK_NEAR(t.model.weights[0], n, rounding_of(precision));
		CHECK_EQ(t.model.empty, 0);
		for (int32_t j = 0; j < d; j++)
		{
			double		mean = 0;

			for (int64_t i = 0; i < n; i++)
				mean += x[i * d + j] / n;
			CHECK_NEAR(center[j], mean, precision == FC_F32 ? 1e-6 : 1e-14);
		}
		free(center);
	}
	if (k == n && algo->traits & FC_CRISP)
	{
		CHECK(t.model.objective == 0 && t.model.empty == 0 && t.model.converged);
		for (int32_t c = 0; c < k; c++)
			CHECK(t.model.weights[c] == 1 && t.model.radius[c] == 0);
	}
	training_end(&t);
	free(center);
	free(x);
}

static void
test_shapes(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	static const int rows[] = {1, 2, 7, 15, 16, 17, 31, 32, 33, 511, 512, 513, 1023, 1024, 1025, 2049};
	static const int columns[] = {1, 2, 3, 4, 5, 8, 15, 16, 17, 100};

	for (int i = 0; i < COUNT(rows); i++)
	{
		test_shape(algo, isa, precision, 1, rows[i], 3);
		if (rows[i] >= 3)
			test_shape(algo, isa, precision, 3, rows[i], 2);
		if (rows[i] <= 33)
			test_shape(algo, isa, precision, rows[i], rows[i], 2);
	}
	for (int i = 0; i < COUNT(columns); i++)
		if (takes_columns(algo, columns[i]))
			test_shape(algo, isa, precision, 3, 200, columns[i]);
	for (int32_t k = 1; k <= 12; k++)
		test_shape(algo, isa, precision, k, 150, 2);
	test_shape(algo, isa, precision, 33, 400, 2);
	test_shape(algo, isa, precision, 100, 100, 1);
	test_shape(algo, isa, precision, 1, 1, 1);
	if (takes_columns(algo, 9000))
		test_shape(algo, isa, precision, 2, 20, 9000);
}

/* More columns than a covariance may have: a status before memory is laid out */
static void
test_too_many_columns(const FcAlgorithm *algo)
{
	FcModel		m;
	FcFit		f = {.model = &m};

	for (int32_t more = 0; more <= 1; more++)
	{
		bool		refused = more > 0 && algo->kernel->has_shapes;

		fc_model_begin(&m, algo, 2, FC_MAX_SHAPE_COLUMNS + more);
		CHECK_EQ(fc_fit_begin(&f), refused ? FC_TOO_MANY_COLUMNS : FC_OK);
	}
}

/* Algorithms may be named as arguments; else all are tested */
int
main(int argc, char **argv)
{
	test_registry();
	FOR_EACH_ALGORITHM(algo)
	{
		if (!is_wanted(algo, argc, argv))
			continue;
		test_options(algo);
		if (is_deep(algo))		/* the rest is in deep.c */
		{
			FOR_EACH_VARIANT(isa, precision)
			{
				test_reproducible(algo, isa, precision);
				test_memberships(algo, isa, precision);
			}
			continue;
		}
		test_too_many_columns(algo);
		FOR_EACH_VARIANT(isa, precision)
		{
			test_reproducible(algo, isa, precision);
			test_noise(algo, isa, precision, 0.15, NAN);
			test_noise(algo, isa, precision, 0, 5);
			test_objective(algo, isa, precision);
			test_memberships(algo, isa, precision);
			if (!scales_itself(algo))	/* its own centers may merge, as its paper says */
				test_blobs(algo, isa, precision);
			test_shapes(algo, isa, precision);
		}
	}
	return check_report("contract");
}
