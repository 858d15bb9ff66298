/*
 * deep.c - methods that train a network: effects of the losses,
 * reproducibility, safeguards, and errors
 */
#include "deep_images.h"

static double
loss_at(const FcModel *m, int32_t row, FcHistoryColumn column)
{
	return fc_history_get(m, row, column);
}

/* ---- learning ---- */

/* The reconstruction gets better, epoch by epoch on the whole */
static void
test_reconstruction(const char *network, const char *optimizer)
{
	double	   *x = make_images(1);
	Training	t;

	begin(&t, "autoencoder", FC_F32, x);
	*own_option(&t.model, "network") = fc_find_choice(fc_option_at(t.model.algo, FC_DEEP_NETWORK), network);
	*own_option(&t.model, "optimizer") = fc_find_choice(fc_option_at(t.model.algo, FC_DEEP_OPTIMIZER), optimizer);
	if (strcmp(optimizer, "sgd") == 0)
		*own_option(&t.model, "learning_rate") = 0.1;
	if (run(&t))
	{
		double		first = loss_at(&t.model, 0, FC_HISTORY_RECONSTRUCTION);
		double		middle = loss_at(&t.model, 10, FC_HISTORY_RECONSTRUCTION);
		double		last = loss_at(&t.model, 29, FC_HISTORY_RECONSTRUCTION);

		CHECK_EQ(t.model.iterations, 30);
		CHECK(t.model.converged);
		CHECK(middle < first && last < middle && last < 0.7 * first);
		CHECK(t.model.objective == last);
	}
	training_end(&t);
	free(x);
}

/* Every method finds the three places, in both precisions and from either start */
static void
test_clusters(const char *name, FcPrecision precision, int start)
{
	double	   *x = make_images(2);
	Training	t;

	begin(&t, name, precision, x);
	*own_option(&t.model, "start") = start;
	if (run(&t))
	{
		CHECK_EQ(fc_deep_outcome(&t.fit)->guard, FC_UNGUARDED);
		CHECK_EQ(t.model.empty, 0);
		CHECK_EQ(strays(&t.model, x), 0);
		for (int c = 0; c < K; c++)
			CHECK(t.model.weights[c] > 0.7 * N / K && t.model.weights[c] < 1.3 * N / K);
	}
	training_end(&t);
	free(x);
}

/* The loss of the clusters falls too; weights of dimensions add up to 1 */
static void
test_second_phase(const char *name)
{
	double	   *x = make_images(3);
	Training	t;
	int32_t		last;

	begin(&t, name, FC_F32, x);
	*own_option(&t.model, "label_tolerance") = 0;
	*own_option(&t.model, "epochs") = 4;
	*own_option(&t.model, "refresh") = 10;	/* one look: the targets stay what they are */
	if (!run(&t))
		return;
	last = t.model.history.count - 1;
	CHECK_EQ(t.model.iterations, 34);
	CHECK(loss_at(&t.model, 29, FC_HISTORY_PHASE) == FC_PRETRAINING);
	CHECK(loss_at(&t.model, 30, FC_HISTORY_PHASE) == FC_CLUSTERING);
	CHECK(loss_at(&t.model, 29, FC_HISTORY_CLUSTERING) == 0);
	CHECK(loss_at(&t.model, last, FC_HISTORY_CLUSTERING) < loss_at(&t.model, 30, FC_HISTORY_CLUSTERING));
	for (int c = 0; fc_deep_method(&t.model)->has_weights && c < K; c++)
	{
		double		sum = 0;

		for (int j = 0; j < 4; j++)
			sum += FC_DEEP_WEIGHTS(&t.model)[c * 4 + j];
		CHECK_NEAR(sum, 1, 1e-6);
	}
	training_end(&t);
	free(x);
}

/* An autoencoder whose clusters are of the graph finds its own rows again, by their codes */
static void
test_stored_codes(void)
{
	double	   *x = make_images(4);
	Training	t;

	begin(&t, "autoencoder", FC_F32, x);
	*own_option(&t.model, "start") = FC_START_GRAPH;
	if (run(&t))
	{
		CHECK_EQ(FC_DEEP_CODES(&t.model).rows, N);
		CHECK_EQ(strays(&t.model, x), 0);
	}
	training_end(&t);
	free(x);
}

/* ---- reproducibility ---- */

/* All blocks at once, where Source hands out one that dies */
static const void *
lasting_block(void *arg, int64_t b)
{
	Source	   *s = arg;

	return s->prepared + b * s->rows.d * s->rows.stride * FC_SIZE(s->rows.precision);
}

static void
test_blocks(const char *name)
{
	double	   *x = make_images(5);
	Training	a,
				b,
				other;

	begin(&a, name, FC_F32, x);
	a.source.rows.stride = 32;
	run(&a);

	begin(&b, name, FC_F32, x);
	b.source.rows.stride = 32;
	(void) b.source.rows.block(&b.source, 0);
	b.source.rows.block = lasting_block;
	run(&b);
	CHECK(same_model(&a.model, &b.model));

	begin(&other, name, FC_F32, x);
	other.source.rows.stride = 32;
	other.model.common[FC_SEED] = 1;
	run(&other);
	CHECK(!same_parameters(FC_DEEP_PARAMETERS(&other.model), FC_DEEP_PARAMETERS(&a.model)));
	training_end(&a);
	training_end(&b);
	training_end(&other);
	free(x);
}

/* The first phase by itself, and then the second, is the same as both at once */
static void
test_warm_start(const char *name)
{
	double	   *x = make_images(6);
	Training	first,
				second,
				both;

	begin(&first, "autoencoder", FC_F32, x);
	run(&first);
	begin(&both, name, FC_F32, x);
	run(&both);
	begin(&second, name, FC_F32, x);
	second.model.common[FC_INIT] = FC_INIT_MODEL;
	second.fit.earlier = &first.model;
	run(&second);
	CHECK_EQ(second.model.iterations, both.model.iterations - 30);
	CHECK(same_parameters(FC_DEEP_PARAMETERS(&second.model), FC_DEEP_PARAMETERS(&both.model)));
	CHECK(memcmp(second.model.centers, both.model.centers, sizeof(double) * K * D) == 0);
	CHECK(memcmp(FC_DEEP_CENTERS(&second.model), FC_DEEP_CENTERS(&both.model), sizeof(double) * K * 4) == 0);

	/* from a model with clusters, these are the first */
	training_end(&second);
	begin(&second, name, FC_F32, x);
	second.model.common[FC_INIT] = FC_INIT_MODEL;
	*own_option(&second.model, "epochs") = 0;
	second.fit.earlier = &both.model;
	second.fit.start = both.model.centers;
	if (CHECK_EQ(training_run(&second), FC_OK))
	{
		CHECK_EQ(second.model.iterations, 0);
		for (int i = 0; i < K * 4; i++)
			CHECK_NEAR(FC_DEEP_CENTERS(&second.model)[i], FC_DEEP_CENTERS(&both.model)[i], 1e-6);
		CHECK_EQ(strays(&second.model, x), 0);
	}
	training_end(&first);
	training_end(&second);
	training_end(&both);
	free(x);
}

/* Distances of row i by a model, and which is the nearest */
static int
score(const FcModel *m, const double *row, double *distance)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);
	int			nearest;

	fc_score_row(&s, row);
	memcpy(distance, s.distance, sizeof(double) * K);
	nearest = fc_score_nearest(&s);
	free(memory);
	return nearest;
}

/* Without an epoch a model that begins with another is as that one: all pairs of methods, scaled rows, other rows */
static void
test_kept(const char *from, const char *to, int refine, int neighbors)
{
	double	   *x = make_images(18);
	double		distance[2][K];
	Training	first,
				second;
	int			other = 0;

	begin(&first, from, FC_F64, x);
	first.model.common[FC_SCALE] = FC_SCALE_ZSCORE;
	*own_option(&first.model, "epochs") = 2;
	*own_option(&first.model, "refine") = refine >= 0 ? FC_SELFLABEL : FC_REFINE_NONE;
	*own_option(&first.model, "refine_head") = refine >= 0 ? refine : 0;
	*own_option(&first.model, "refine_epochs") = 4;
	if (neighbors > 0)
		*own_option(&first.model, "neighbors") = neighbors;
	run(&first);
	begin(&second, to, FC_F64, x);
	second.source.rows.n = neighbors > 0 ? N : N - 20;	/* the model keeps codes of its rows as neighbours */
	second.model.common[FC_SCALE] = FC_SCALE_ZSCORE;
	second.model.common[FC_INIT] = FC_INIT_MODEL;
	*own_option(&second.model, "epochs") = 0;
	second.fit.earlier = &first.model;
	second.fit.start = first.model.centers;
	if (CHECK_EQ(training_run(&second), FC_OK))
	{
		CHECK(same_parameters(FC_DEEP_PARAMETERS(&second.model), FC_DEEP_PARAMETERS(&first.model)));
		CHECK(strcmp(from, to) != 0 || FC_DEEP_CLASSIFIER(&first.model).rows == FC_DEEP_CLASSIFIER(&second.model).rows);
		for (int i = 0; i < N; i++)
		{
			other += score(&first.model, x + i * D, distance[0]) != score(&second.model, x + i * D, distance[1]);
			for (int c = 0; c < K && strcmp(from, to) == 0; c++)
				CHECK(distance[0][c] == distance[1][c]);
		}
		CHECK_EQ(other, 0);
	}
	training_end(&first);
	training_end(&second);
	free(x);
}

/* Centers in units of the rows: cluster c stays the one at center c */
static void
test_given_centers(const char *name)
{
	double	   *x = make_images(7);
	Training	t;
	FcScorer	s;
	void	   *memory;
	int			wrong = 0;

	begin(&t, name, FC_F64, x);
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	t.fit.start = x;			/* the first three rows */
	if (run(&t))
	{
		memory = scorer_begin(&s, &t.model);
		for (int i = 0; i < N; i++)
		{
			fc_score_row(&s, x + i * D);
			wrong += fc_score_nearest(&s) != i % K;
		}
		CHECK_EQ(wrong, 0);
		free(memory);
	}
	training_end(&t);
	free(x);
}

/* ---- shapes ---- */

/* A method by its name */
static void
begin_named(Training *t, const void *name, FcPrecision precision, const double *x)
{
	begin(t, name, precision, x);
}

/* Rows that are all the same have one code */
static void
test_constant(const char *name)
{
	double	   *x = calloc(N * D, sizeof(double));
	Training	t;

	begin(&t, name, FC_F32, x);
	CHECK_EQ(training_run(&t), FC_TOO_FEW_ROWS);
	CHECK_EQ(t.fit.failure.distinct, 1);
	training_end(&t);
	free(x);
}

/* Rows of three kinds: no more clusters than these, and equal rows are in one cluster, whose weight is their number */
static void
test_repeated(const char *name, bool given)
{
	double	   *x = make_images(16);
	Training	t;
	FcScorer	s;
	void	   *memory;
	double		count[K] = {0};

	for (int i = K; i < N; i++)
		memcpy(x + i * D, x + i % K * D, sizeof(double) * D);
	begin(&t, name, FC_F64, x);
	t.model.k = K + 1;
	t.fit.start = given ? x : NULL;
	CHECK_EQ(training_run(&t), FC_TOO_FEW_ROWS);
	CHECK_EQ(t.fit.failure.distinct, K);
	CHECK(!fc_deep_outcome(&t.fit)->distinct_codes);
	training_end(&t);

	begin(&t, name, FC_F64, x);
	t.fit.start = given ? x : NULL;
	if (run(&t))
	{
		memory = scorer_begin(&s, &t.model);
		for (int i = 0; i < N; i++)
		{
			fc_score_row(&s, x + i * D);
			fc_score_memberships(&s);
			for (int c = 0; c < K; c++)
				count[c] += s.u[c];
		}
		for (int c = 0; c < K; c++)
			CHECK_NEAR(count[c], t.model.weights[c], 1e-3);
		CHECK_EQ(strays(&t.model, x), 0);
		free(memory);
	}
	training_end(&t);
	free(x);
}

/* Rows differ, but codes of one number and of unit length are 1 or -1: so it is said */
static void
test_equal_codes(void)
{
	double	   *x = make_images(17);
	Training	t;

	for (int i = 0; i < N * D; i++)
		x[i] += 1000;
	begin(&t, "autoencoder", FC_F64, x);
	*own_option(&t.model, "latent") = 1;
	CHECK_EQ(training_run(&t), FC_TOO_FEW_ROWS);
	CHECK(t.fit.failure.distinct < K && fc_deep_outcome(&t.fit)->distinct_codes);
	CHECK_NEAR(fc_deep_outcome(&t.fit)->largest, 1001, 1);
	training_end(&t);
	free(x);
}

/* ---- safeguards ---- */

/* The loss of an absurd rate: no model from the first phase, the best state from the second */
static void
test_absurd_rates(const char *name)
{
	double	   *x = make_images(9);
	Training	t;

	begin(&t, name, FC_F32, x);
	*own_option(&t.model, "learning_rate") = 1e6;
	*own_option(&t.model, "optimizer") = FC_SGD;
	CHECK_EQ(training_run(&t), FC_DIVERGED);
	training_end(&t);

	begin(&t, name, FC_F32, x);
	*own_option(&t.model, "cluster_rate") = 1e6;
	*own_option(&t.model, "optimizer") = FC_SGD;
	*own_option(&t.model, "learning_rate") = 0.1;
	*own_option(&t.model, "label_tolerance") = 0;
	if (run(&t))
	{
		CHECK(fc_deep_outcome(&t.fit)->guard != FC_UNGUARDED && !t.model.converged);
		CHECK_EQ(t.model.empty, 0);
	}
	training_end(&t);
	free(x);
}

/* With soft memberships of the moment there is nothing but attraction */
static void
test_collapse(void)
{
	double	   *x = make_images(10);
	Training	t;

	begin(&t, "dfmec", FC_F32, x);
	*own_option(&t.model, "membership") = 1;
	*own_option(&t.model, "eta") = 1;
	*own_option(&t.model, "lambda") = 1e3;
	*own_option(&t.model, "step") = 0.2;
	*own_option(&t.model, "epochs") = 50;
	*own_option(&t.model, "refresh") = 10;
	*own_option(&t.model, "smoothing") = 0;
	if (run(&t))
	{
		CHECK_EQ(fc_deep_outcome(&t.fit)->guard, FC_COLLAPSED);
		CHECK(!t.model.converged);
		CHECK_EQ(strays(&t.model, x), 0);	/* the state before was fine */
	}
	training_end(&t);
	free(x);
}

/* ---- hooks ---- */

/* There are many checks in each epoch */
static void
test_hooks(const char *name)
{
	Watch		w = check_leaving(begin_named, name);

	CHECK(w.checks > w.epochs * (N / 30));
}

/* ---- errors ---- */

/* The status of options, before anything is laid out; "values" are the list at "position" */
static FcStatus
status_of(const char *option, double value, int position, const double *values)
{
	FcModel		m;
	FcFit		f = {.model = &m, .rows = {.n = N, .d = D}};

	fc_model_begin(&m, fc_find_algorithm("dec"), K, D);
	*own_option(&m, option) = value;
	f.list[position] = values;
	return fc_fit_begin(&f);
}

static void
test_refusals(void)
{
	static const double other[] = {1, 8, 9};
	static const double negative[] = {-1, -8, 8};
	static const double half[] = {1, 8.5, 8};
	static const double wide[] = {65535, 65535, 65535, 65535, 65535};
	static const double many[30] = {1, 1, 1};
	Training	t;
	FcModel		m;
	FcFit		f = {.model = &m, .rows = {.n = N, .d = 100}};
	double	   *x = make_images(12);
	static const double odd[] = {4, 5, 5};

	CHECK_EQ(status_of("shape", 3, 1, image_shape), FC_OK);
	CHECK_EQ(status_of("shape", 3, 1, other), FC_OTHER_COLUMNS);
	CHECK_EQ(status_of("shape", 3, 1, negative), FC_NOT_WHOLE);
	CHECK_EQ(status_of("shape", 3, 1, half), FC_NOT_WHOLE);
	CHECK_EQ(status_of("shape", 2, 1, other), FC_BAD_LIST);
	CHECK_EQ(status_of("hidden", 3, 0, half), FC_NOT_WHOLE);
	CHECK_EQ(status_of("hidden", 5, 0, wide), FC_TOO_LARGE);
	CHECK_EQ(status_of("hidden", 30, 0, many), FC_TOO_LARGE);
	CHECK_EQ(status_of("latent", D, 0, NULL), FC_OK);
	CHECK_EQ(status_of("latent", D + 1, 0, NULL), FC_WIDE_CODE);
	CHECK_EQ(status_of("network", FC_CONV, 0, NULL), FC_NO_IMAGE);

	/* sides that cannot be halved twice */
	fc_model_begin(&m, fc_find_algorithm("dec"), K, 100);
	*own_option(&m, "network") = FC_CONV;
	*own_option(&m, "shape") = 3;
	f.list[1] = odd;
	CHECK_EQ(fc_fit_begin(&f), FC_BAD_SHAPE);

	/* to begin with another net */
	begin(&t, "autoencoder", FC_F32, x);
	*own_option(&t.model, "pretrain_epochs") = 1;
	run(&t);
	fc_model_begin(&m, fc_find_algorithm("dec"), K, D);
	f = (FcFit) {.model = &m, .rows = {.n = N, .d = D}, .earlier = &t.model};
	CHECK_EQ(fc_fit_begin(&f), FC_OTHER_NET);
	*own_option(&m, "hidden") = 2;
	*own_option(&m, "latent") = 4;
	f.list[0] = hidden;
	CHECK_EQ(fc_fit_begin(&f), FC_OK);
	m.common[FC_SCALE] = FC_SCALE_MINMAX;
	CHECK_EQ(fc_fit_begin(&f), FC_OTHER_NET);
	training_end(&t);
	free(x);
}

/* Bytes whose net is not the one that their options ask for */
static void
test_damage(void)
{
	double	   *x = make_images(13);
	Training	t;

	begin(&t, "autoencoder", FC_F32, x);
	*own_option(&t.model, "pretrain_epochs") = 1;
	*own_option(&t.model, "start") = FC_START_GRAPH;
	run(&t);
	check_damaged_array(&t.model, x, &FC_DEEP_PARAMETERS(&t.model));
	FC_DEEP_CODES(&t.model).data[4] = K;		/* there is no such cluster */
	CHECK_EQ(read_back(&t.model, x), FC_DAMAGED_MODEL);
	training_end(&t);

	begin(&t, "vade", FC_F32, x);
	*own_option(&t.model, "pretrain_epochs") = 1;
	run(&t);
	check_damaged_array(&t.model, x, &FC_DEEP_VARIATION(&t.model));
	for (int i = 0; i < 2 * (1 + 4); i++)
		FC_DEEP_MIXTURE(&t.model)[i] = i % 2 ? -1e300 : 1e300;
	CHECK_EQ(read_back(&t.model, x), FC_OK);
	training_end(&t);
	free(x);
}

int
main(void)
{
	const char *methods[MOST_METHODS];
	int			count = list_methods(methods, false);

	test_reconstruction("dense", "adam");
	test_reconstruction("dense", "sgd");
	test_reconstruction("conv", "adam");
	test_stored_codes();
	for (int i = 0; i < count; i++)
	{
		test_clusters(methods[i], FC_F32, FC_START_GRAPH);
		test_clusters(methods[i], FC_F64, FC_START_KMEANS);
		test_blocks(methods[i]);
		test_given_centers(methods[i]);
		check_few_rows(begin_named, methods[i], NULL);
		test_constant(methods[i]);
		test_repeated(methods[i], false);
		test_repeated(methods[i], true);
		if (i == 0)
			continue;
		test_second_phase(methods[i]);
		test_warm_start(methods[i]);
		test_absurd_rates(methods[i]);
	}
	for (int i = 1; i < count; i++)
		for (int j = 1; j < count; j++)
			for (int refine = -1; refine <= FC_HEAD_OWN; refine++)
				test_kept(methods[i], methods[j], refine, 0);
	test_kept("edcwrn", "edcwrn", -1, 2);
	test_hooks("autoencoder");
	test_hooks("edcwrn");
	test_collapse();
	test_equal_codes();
	test_refusals();
	test_damage();
	return check_report("deep");
}
