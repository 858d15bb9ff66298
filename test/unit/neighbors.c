/*
 * neighbors.c - codes that combine a row and its neighbours, by two encoders:
 * results, reproducibility, scoring, and errors
 */
#include "deep_images.h"

static void
begin_joint(Training *t, int neighbors, FcPrecision precision, const double *x)
{
	begin(t, "edcwrn", precision, x);
	*own_option(&t->model, "neighbors") = neighbors;
}

/* The code of a row as the model is used; z (4) */
static void
code_of(const FcModel *m, const double *x, float *z)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	s.metric.model->algo->network->embed(&s.metric, x, z);
	free(memory);
}

static double
length_of(const float *z)
{
	double		sum = 0;

	for (int j = 0; j < 4; j++)
		sum += (double) z[j] * z[j];
	return sqrt(sum);
}

/* ---- learning ---- */

/* The three places are found; both encoders learn, each its own way */
static void
test_clusters(int neighbors, int norm, FcPrecision precision)
{
	double	   *x = make_images(2);
	Training	t;
	double		gap = 0;

	begin_joint(&t, neighbors, precision, x);
	*own_option(&t.model, "norm") = norm;
	if (run(&t))
	{
		float		z[4];

		CHECK_EQ(fc_deep_outcome(&t.fit)->guard, FC_UNGUARDED);
		CHECK_EQ(t.model.empty, 0);
		CHECK_EQ(strays(&t.model, x), 0);
		CHECK_EQ(FC_DEEP_NEIGHBOR_CODES(&t.model).rows, N);
		CHECK_EQ(*own_option(&t.model, "neighbors"), neighbors);
		for (int i = 0; i < FC_DEEP_NEIGHBOR_NET(&t.model).rows; i++)
			gap = fmax(gap, fabs(FC_DEEP_NEIGHBOR_NET(&t.model).data[i] - FC_DEEP_PARAMETERS(&t.model).data[i]));
		CHECK(gap > 1e-3);
		code_of(&t.model, x, z);
		CHECK(norm == FC_NO_NORM || fabs(length_of(z) - 1) < 1e-5);
	}
	training_end(&t);
	free(x);
}

/* At first the second encoder is the first, and codes without unit length have half of each */
static void
test_start(int norm)
{
	double	   *x = make_images(3);
	Training	plain,
				t;
	float		before[4],
				after[4];

	begin(&plain, "autoencoder", FC_F32, x);
	*own_option(&plain.model, "norm") = norm;
	run(&plain);
	begin_joint(&t, 2, FC_F32, x);
	*own_option(&t.model, "norm") = norm;
	*own_option(&t.model, "epochs") = 0;
	run(&t);
	CHECK(same_parameters(FC_DEEP_PARAMETERS(&t.model), FC_DEEP_NEIGHBOR_NET(&t.model)));
	CHECK(same_parameters(FC_DEEP_PARAMETERS(&t.model), FC_DEEP_PARAMETERS(&plain.model)) == (norm == FC_L2));
	for (int i = 0; i < N; i += 10)
	{
		code_of(&plain.model, x + i * D, before);
		code_of(&t.model, x + i * D, after);
		CHECK(length_of(after) > 0.5 * length_of(before) && length_of(after) < 2 * length_of(before));
	}
	training_end(&plain);
	training_end(&t);
	free(x);
}

/* ---- scoring ---- */

/* Distances of a code to all keys, without the row itself: is the code the sum that the model's codes make? */
static bool
is_joined(const FcModel *m, int row, int neighbors, const float *z)
{
	const float *codes = FC_DEEP_NEIGHBOR_CODES(m).data;
	bool		used[N] = {false};
	float		most[4] = {-INFINITY, -INFINITY, -INFINITY, -INFINITY};
	double		error = 0;

	used[row] = true;
	for (int l = 0; l < neighbors; l++)
	{
		int			best = -1;
		double		least = INFINITY;

		for (int i = 0; i < N; i++)
		{
			double		at = 0;

			for (int j = 0; j < 4; j++)
				at += pow((double) codes[i * 8 + j] - codes[row * 8 + j], 2);
			if (!used[i] && at < least)
			{
				least = at;
				best = i;
			}
		}
		used[best] = true;
		for (int j = 0; j < 4; j++)
			most[j] = fmaxf(most[j], codes[best * 8 + 4 + j]);
	}
	for (int j = 0; j < 4; j++)
		error = fmax(error, fabs(z[j] - codes[row * 8 + j] - most[j]));
	return error < 1e-4;
}

/* A row of the training does not find itself; one that is there twice finds the other */
static void
test_codes(int neighbors)
{
	double	   *x = make_images(4);
	Training	t;
	float		z[4],
				twin[4];
	int			right = 0;

	memcpy(x + 7 * D, x + 4 * D, sizeof(double) * D);
	begin_joint(&t, neighbors, FC_F32, x);
	*own_option(&t.model, "norm") = FC_NO_NORM;
	run(&t);
	for (int i = 0; i < N; i++)
	{
		code_of(&t.model, x + i * D, z);
		right += is_joined(&t.model, i, neighbors, z);
	}
	CHECK(right >= N - 2);		/* of equals, rounding may choose */
	code_of(&t.model, x + 4 * D, z);
	code_of(&t.model, x + 7 * D, twin);
	CHECK(memcmp(z, twin, sizeof(z)) == 0);
	for (int j = 0; neighbors == 1 && j < 4; j++)
		CHECK_NEAR(z[j], FC_DEEP_NEIGHBOR_CODES(&t.model).data[7 * 8 + j] + FC_DEEP_NEIGHBOR_CODES(&t.model).data[7 * 8 + 4 + j], 1e-4);
	training_end(&t);
	free(x);
}

/* Rows that were not there are in the cluster of their place */
static void
test_unseen(int norm)
{
	double	   *x = make_images(5);
	double	   *other = make_images(500);
	Training	t;

	begin_joint(&t, 2, FC_F64, x);
	*own_option(&t.model, "norm") = norm;
	run(&t);
	CHECK_EQ(strays(&t.model, x), 0);
	CHECK_EQ(strays(&t.model, other), 0);
	training_end(&t);
	free(x);
	free(other);
}

/* What the model says of its rows is what scoring them says */
static void
test_measures(void)
{
	double	   *x = make_images(6);
	Training	t;
	FcScorer	s;
	void	   *memory;
	double		radius[K] = {0};
	int			count[K] = {0};

	begin_joint(&t, 3, FC_F32, x);
	run(&t);
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < N; i++)
	{
		int			c;

		fc_score_row(&s, x + i * D);
		c = fc_score_nearest(&s);
		radius[c] += fc_score_length(&s, c);
		count[c]++;
	}
	for (int c = 0; c < K; c++)
		CHECK_NEAR(radius[c] / count[c] / t.model.radius[c], 1, 1e-2);
	free(memory);
	training_end(&t);
	free(x);
}

/* ---- reproducibility ---- */

static void
test_blocks(void)
{
	double	   *x = make_images(7);
	Training	t[3];

	for (int i = 0; i < 3; i++)
	{
		begin_joint(&t[i], 2, FC_F32, x);
		*own_option(&t[i].model, "label_tolerance") = 0;
		t[i].source.rows.stride = i == 1 ? 32 : t[i].source.rows.stride;
		t[i].model.common[FC_SEED] = i == 2;
		run(&t[i]);
	}
	CHECK(same_learned(&t[0].model, &t[1].model));
	CHECK(!same_parameters(FC_DEEP_NEIGHBOR_NET(&t[0].model), FC_DEEP_NEIGHBOR_NET(&t[2].model)));
	for (int i = 0; i < 3; i++)
		training_end(&t[i]);
	free(x);
}

#define WIDE	4096			/* columns of rows that are gathered in more than one go */
#define TALL	300

/* At the end of an epoch: the last rows that were gathered are neighbours, and were moved if they are images */
static void
check_gathered(FcFit *f, void *work)
{
	FcDeep	   *t = work;
	FcDeepJoint *j = &t->joint;
	const int32_t *order = fc_column_read(&t->rows.order, 0, t->n);
	const double *x = f->resume.arg;
	int64_t		all = t->n / t->batch_size * t->batch_size;
	int64_t		first = (all - 1) / t->rows.window * t->rows.window;
	const FcReal *near;
	int			wrong = 0;

	if (t->course.phase != FC_CLUSTERING)
		return;
	CHECK(t->d != WIDE || first > 0);
	for (int64_t i = 0; i < (all - first) * j->count; i++)
	{
		const int32_t *nearest = fc_column_read(&j->nearest, order[first + i / j->count], 1);
		int32_t		row = nearest[i % j->count];

		wrong += row == order[first + i / j->count];
		for (int32_t c = 0; c < t->d; c++)
			wrong += j->rows[i * t->d + c] != (FcReal) x[(int64_t) row * t->d + c];
	}
	CHECK_EQ(wrong, 0);
	near = j->rows + (all - first - t->batch_size) * j->count * t->d;	/* of the last batch */
	if (t->rows.moves)
		CHECK(memcmp(j->moved, near, sizeof(FcReal) * t->d) != 0);
	else
		CHECK(j->step.other.x == near);
}

static void
test_gathered(void)
{
	double	   *images = make_images(14);
	double	   *wide = make_blobs(TALL, WIDE, K, 4);
	Training	t;

	for (int shape = 0; shape <= 3; shape += 3)	/* rows that are not images, and images */
	{
		begin_joint(&t, 3, FC_F32, images);
		*own_option(&t.model, "shape") = shape;
		t.fit.resume.epoch = check_gathered;
		t.fit.resume.arg = images;
		run(&t);
		training_end(&t);
	}

	training_begin(&t, fc_find_algorithm("edcwrn"), K, FC_F64, wide, TALL, WIDE);
	*own_option(&t.model, "neighbors") = 2;
	*own_option(&t.model, "latent") = 2;
	t.fit.resume.epoch = check_gathered;
	t.fit.resume.arg = wide;
	(void) training_run(&t);
	CHECK(t.model.iterations > 4);
	training_end(&t);
	free(images);
	free(wide);
}

static void
begin_ten(Training *t, const void *way, FcPrecision precision, const double *x)
{
	(void) way;
	begin_joint(t, 10, precision, x);
}

/* Of few rows all are neighbours, and of one there is none */
static void
check_neighbors(Training *t)
{
	int64_t		rows = t->model.rows;

	CHECK_EQ(*own_option(&t->model, "neighbors"), rows > 10 ? 10 : rows - 1);
	CHECK_EQ(FC_DEEP_NEIGHBOR_CODES(&t->model).rows, rows > 1 ? rows : 0);
}

/* Starting from an autoencoder equals a single training; of a model with two encoders both are taken over, or the first alone */
static void
test_warm_start(int norm)
{
	double	   *x = make_images(9);
	Training	first,
				both,
				next,
				alone;

	begin(&first, "autoencoder", FC_F32, x);
	*own_option(&first.model, "norm") = norm;
	run(&first);
	begin_joint(&both, 2, FC_F32, x);
	*own_option(&both.model, "norm") = norm;
	run(&both);
	begin_joint(&next, 2, FC_F32, x);
	*own_option(&next.model, "norm") = norm;
	next.model.common[FC_INIT] = FC_INIT_MODEL;
	next.fit.earlier = &first.model;
	run(&next);
	CHECK(same_parameters(FC_DEEP_NEIGHBOR_NET(&next.model), FC_DEEP_NEIGHBOR_NET(&both.model)));
	CHECK(memcmp(next.model.centers, both.model.centers, sizeof(double) * K * D) == 0);
	training_end(&next);

	begin_joint(&next, 3, FC_F32, x);
	*own_option(&next.model, "norm") = norm;
	*own_option(&next.model, "epochs") = 0;
	next.model.common[FC_INIT] = FC_INIT_MODEL;
	next.fit.earlier = &both.model;
	next.fit.start = both.model.centers;
	if (CHECK_EQ(training_run(&next), FC_OK))
	{
		CHECK(same_parameters(FC_DEEP_PARAMETERS(&next.model), FC_DEEP_PARAMETERS(&both.model)));
		CHECK(same_parameters(FC_DEEP_NEIGHBOR_NET(&next.model), FC_DEEP_NEIGHBOR_NET(&both.model)));
		CHECK_EQ(strays(&next.model, x), 0);
	}
	begin(&alone, "idec", FC_F32, x);
	*own_option(&alone.model, "norm") = norm;
	*own_option(&alone.model, "epochs") = 0;
	alone.model.common[FC_INIT] = FC_INIT_MODEL;
	alone.fit.earlier = &both.model;
	alone.fit.start = both.model.centers;
	if (CHECK_EQ(training_run(&alone), FC_OK))
	{
		CHECK_EQ(strays(&alone.model, x), 0);
		CHECK(same_parameters(FC_DEEP_PARAMETERS(&alone.model), FC_DEEP_PARAMETERS(&both.model)) == (norm == FC_L2));
	}
	training_end(&first);
	training_end(&both);
	training_end(&next);
	training_end(&alone);
	free(x);
}

/* A classifier has rows and labels; codes are still of both encoders */
static void
test_refined(void)
{
	double	   *x = make_images(10);
	Training	t;
	float		z[4];

	begin_joint(&t, 2, FC_F32, x);
	*own_option(&t.model, "refine") = FC_SELFLABEL;
	*own_option(&t.model, "refine_epochs") = 6;
	*own_option(&t.model, "refine_batch_size") = 16;
	*own_option(&t.model, "epochs") = 2;
	*own_option(&t.model, "norm") = FC_NO_NORM;
	run(&t);
	CHECK_EQ(fc_deep_outcome(&t.fit)->guard, FC_UNGUARDED);
	CHECK_EQ(strays(&t.model, x), 0);
	code_of(&t.model, x, z);
	CHECK(is_joined(&t.model, 0, 2, z));
	training_end(&t);
	free(x);
}

/* ---- safeguards ---- */

/* The best state has both encoders */
static void
test_guard(void)
{
	double	   *x = make_images(11);
	Training	t,
				before;

	begin_joint(&before, 2, FC_F32, x);
	*own_option(&before.model, "epochs") = 0;
	run(&before);
	begin_joint(&t, 2, FC_F32, x);
	*own_option(&t.model, "cluster_rate") = 1e6;
	*own_option(&t.model, "label_tolerance") = 0;
	if (run(&t))
	{
		CHECK(fc_deep_outcome(&t.fit)->guard != FC_UNGUARDED && !t.model.converged);
		CHECK_EQ(strays(&t.model, x), 0);
		CHECK(same_parameters(FC_DEEP_PARAMETERS(&t.model), FC_DEEP_PARAMETERS(&before.model)));
		CHECK(same_parameters(FC_DEEP_NEIGHBOR_NET(&t.model), FC_DEEP_NEIGHBOR_NET(&before.model)));
		CHECK(memcmp(FC_DEEP_NEIGHBOR_CODES(&t.model).data, FC_DEEP_NEIGHBOR_CODES(&before.model).data, sizeof(float) * 8 * N) == 0);
	}
	training_end(&t);
	training_end(&before);
	free(x);
}

/* Two epochs with as many neighbours as "way" says, an int */
static void
begin_two_epochs(Training *t, const void *way, FcPrecision precision, const double *x)
{
	begin_joint(t, *(const int *) way, precision, x);
	*own_option(&t->model, "label_tolerance") = 0;
	*own_option(&t->model, "epochs") = 2;
}

/* There are more checks than without neighbours: for each row at three refreshes, and its steps */
static void
test_hooks(void)
{
	static const int neighbors[] = {0, 2};
	Watch		w[2];

	for (int i = 0; i < 2; i++)
		w[i] = check_leaving(begin_two_epochs, &neighbors[i]);
	CHECK(w[1].checks > w[0].checks + 3 * 2 * N);
}

/* ---- models ---- */

/* Bytes whose second encoder or codes are not those of their options and rows */
static void
test_damage(void)
{
	double	   *x = make_images(13);
	Training	t;
	FcModel	   *m = &t.model;
	double	   *neighbors;

	begin_joint(&t, 10, FC_F32, x);
	t.source.rows.n = 12;
	run(&t);
	neighbors = own_option(m, "neighbors");
	CHECK_EQ(read_back(m, x), FC_OK);
	check_damaged_array(m, x, &FC_DEEP_NEIGHBOR_NET(m));
	FC_DEEP_NEIGHBOR_CODES(m).rows--;
	CHECK_EQ(read_back(m, x), FC_DAMAGED_MODEL);
	m->rows = FC_DEEP_NEIGHBOR_CODES(m).rows;
	CHECK_EQ(read_back(m, x), FC_OK);
	m->rows = FC_DEEP_NEIGHBOR_CODES(m).rows = 10;	/* a row has no ten others among ten */
	CHECK_EQ(read_back(m, x), FC_DAMAGED_MODEL);
	m->rows = FC_DEEP_NEIGHBOR_CODES(m).rows = 12;
	*neighbors = 11;
	CHECK_EQ(read_back(m, x), FC_DAMAGED_MODEL);
	*neighbors = 2.5;
	CHECK_EQ(read_back(m, x), FC_DAMAGED_MODEL);
	*neighbors = 10;
	FC_DEEP_NEIGHBOR_CODES(m).data[5] = NAN;
	CHECK_EQ(read_back(m, x), FC_DAMAGED_MODEL);
	for (int i = 0; i < 12 * 8; i++)
		FC_DEEP_NEIGHBOR_CODES(m).data[i] = 3e38f;	/* finite, but the result is not */
	CHECK_EQ(read_back(m, x), FC_OK);
	training_end(&t);
	free(x);
}

/* Any bytes of a model may be others: it is refused, or scores rows */
static void
test_changed_bytes(void)
{
	double	   *x = make_images(15);
	Training	t;
	size_t		length;
	char	   *bytes;
	FcRng		rng;
	int			refused = 0;

	begin_joint(&t, 3, FC_F32, x);
	t.source.rows.n = 30;
	*own_option(&t.model, "pretrain_epochs") = 1;
	*own_option(&t.model, "epochs") = 1;
	run(&t);
	bytes = model_bytes(&t.model, &length);
	fc_rng_start(&rng, 3, 0);
	for (int i = 0; i < 3000; i++)
	{
		char	   *copy = hostile_memory(length);
		FcModel		m;

		memcpy(copy, bytes, length);
		copy[fc_rng_below(&rng, i % 3 ? (int64_t) length : 2500)] ^= (char) (1 + fc_rng_below(&rng, 255));
		if (fc_model_read(&m, copy, length) != FC_OK)
			refused++;
		else if (m.k <= K && m.d == D)
		{
			FcScorer	s;
			void	   *memory = scorer_begin(&s, &m);

			fc_score_row(&s, x);
			CHECK(memberships_hold(&s));
			free(memory);
		}
		free(copy);
	}
	CHECK(refused > 100 && refused < 3000);
	free(bytes);
	training_end(&t);
	free(x);
}

int
main(void)
{
	for (int norm = FC_L2; norm <= FC_NO_NORM; norm++)
	{
		test_clusters(1, norm, FC_F32);
		test_clusters(2, norm, FC_F64);
		test_start(norm);
		test_unseen(norm);
		test_warm_start(norm);
	}
	test_codes(1);
	test_codes(3);
	test_measures();
	test_blocks();
	test_gathered();
	check_few_rows(begin_ten, NULL, check_neighbors);
	test_refined();
	test_guard();
	test_hooks();
	test_damage();
	test_changed_bytes();
	return check_report("neighbors");
}
