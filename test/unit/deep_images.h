/*
 * deep_images.h - small images for tests of methods that train a network
 */
#ifndef DEEP_IMAGES_H
#define DEEP_IMAGES_H

#include "train.h"

#include "deep/training.h"

#include <setjmp.h>

#define SIDE	8
#define D		(SIDE * SIDE)
#define N		150
#define K		3

/* Images of a spot, in one of three places and a little beside it; in [0, 1] with noise */
UNUSED static double *
make_images(uint64_t seed)
{
	static const double places[K][2] = {{1.5, 1.5}, {1.5, 5.5}, {5.5, 3.5}};
	double	   *x = malloc(N * D * sizeof(double));
	FcRng		rng;

	fc_rng_start(&rng, seed, 0);
	for (int i = 0; i < N; i++)
	{
		double		row = places[i % K][0] + 0.5 * fc_rng_uniform(&rng);
		double		column = places[i % K][1] + 0.5 * fc_rng_uniform(&rng);

		for (int j = 0; j < D; j++)
		{
			double		r = j / SIDE - row;
			double		c = j % SIDE - column;

			/* float32, so that both precisions see the same */
			x[i * D + j] = (float) (0.9 * exp(-(r * r + c * c) / 3) + 0.1 * fc_rng_uniform(&rng));
		}
	}
	return x;
}

#define MOST_METHODS	16

/* Names of all methods that train a network, those that do not cluster first; returns how many */
UNUSED static int
list_methods(const char **names, bool clustering)
{
	int			count = 0;

	for (int clusters = clustering; clusters <= 1; clusters++)
		for (const FcAlgorithm *const *algo = fc_algorithms; *algo; algo++)
		{
			static FcModel m;

			fc_model_begin(&m, *algo, K, D);
			if ((*algo)->network && (fc_deep_method(&m)->loss != NULL) == (clusters != 0) && CHECK(count < MOST_METHODS))
				names[count++] = (*algo)->name;
		}
	CHECK(count >= 4);
	return count;
}

static const double image_shape[] = {1, SIDE, SIDE};
static const double hidden[] = {24, 12};

/* A small net for these images, which are moved about a little */
UNUSED static void
begin(Training *t, const char *name, FcPrecision precision, const double *x)
{
	training_begin(t, fc_find_algorithm(name), K, precision, x, N, D);
	*own_option(&t->model, "hidden") = 2;
	*own_option(&t->model, "shape") = 3;
	t->fit.list[0] = hidden;
	t->fit.list[1] = image_shape;
	*own_option(&t->model, "latent") = 4;
	*own_option(&t->model, "pretrain_epochs") = 30;
	*own_option(&t->model, "batch_size") = 30;
	*own_option(&t->model, "learning_rate") = 3e-3;
}

/* Have two nets the same parameters, as far as the second has some? */
UNUSED static bool
same_parameters(FcNarrow a, FcNarrow b)
{
	return memcmp(a.data, b.data, sizeof(float) * b.rows) == 0;
}

UNUSED static bool
run(Training *t)
{
	bool		fine = CHECK_EQ(training_run(t), FC_OK);

	if (fine)
		check_model(t);
	return fine;
}

/* Rows of a class that are not where most of it is */
UNUSED static int
strays(const FcModel *m, const double *x)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);
	int			table[K][K] = {{0}};
	int			wrong = 0;

	for (int i = 0; i < N; i++)
	{
		fc_score_row(&s, x + i * D);
		table[i % K][fc_score_nearest(&s)]++;
	}
	for (int c = 0; c < K; c++)
	{
		int			most = 0;

		for (int b = 0; b < K; b++)
			if (table[c][b] > table[c][most])
				most = b;
		wrong += N / K - table[c][most];
		for (int a = 0; a < c; a++)
			wrong += table[a][most] > N / K / 2;
	}
	free(memory);
	return wrong;
}

/* ---- a training that is watched, and may be left at any check ---- */

typedef struct Watch
{
	jmp_buf		out;
	int			checks;
	int			leave_at;		/* 0: never */
	int			epochs;
} Watch;

UNUSED static void
count_check(void *arg)
{
	Watch	   *w = arg;

	if (++w->checks == w->leave_at)
		longjmp(w->out, 1);
}

UNUSED static void
count_epoch(void *arg, int32_t iteration, double objective, double change)
{
	Watch	   *w = arg;

	w->epochs += isfinite(objective) && change >= 0 && iteration == w->epochs + 1;
}

/* Has it come to its end? */
UNUSED static bool
watched(Training *t, Watch *w)
{
	t->fit.hooks = (FcHooks) {count_check, count_epoch, w};
	if (setjmp(w->out) != 0)
		return false;
	return training_run(t) == FC_OK;
}

/* ---- trainings that begin in one of several ways ---- */

/* Begins a training of the images x; "way" is what else it wants to know */
typedef void (*Begin) (Training *t, const void *way, FcPrecision precision, const double *x);

/* With fewer rows than a batch, or than neighbours, it ends as with many; "also" checks more, unless it is NULL */
UNUSED static void
check_few_rows(Begin begin_training, const void *way, void (*also) (Training *t))
{
	static const int rows[] = {1, 2, 3, 7, 10, 11, 12, 16, 17, 31, 39, 40, 41};
	double	   *x = make_images(8);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		Training	t;

		begin_training(&t, way, FC_F32, x);
		t.source.rows.n = rows[i];
		t.model.k = rows[i] > 4 ? 2 : 1;
		*own_option(&t.model, "pretrain_epochs") = 3;
		if (run(&t) && also)
			also(&t);
		training_end(&t);
	}
	free(x);
}

/* It may be left at any check; how many there are until its end, and how many epochs */
UNUSED static Watch
check_leaving(Begin begin_training, const void *way)
{
	double	   *x = make_images(11);
	Watch		whole = {.leave_at = 0};
	Training	t;

	begin_training(&t, way, FC_F32, x);
	CHECK(watched(&t, &whole));
	CHECK_EQ(whole.epochs, t.model.iterations);
	training_end(&t);
	for (int at = 1; at <= whole.checks; at += 1 + at / 3)
	{
		Watch		leaving = {.leave_at = at};

		begin_training(&t, way, FC_F32, x);
		CHECK(!watched(&t, &leaving));
		training_end(&t);
	}
	free(x);
	return whole;
}

/* ---- models as bytes ---- */

/* The status of reading; whatever numbers are read, scoring a row gives memberships */
UNUSED static FcStatus
read_back(const FcModel *m, const double *x)
{
	size_t		length;
	char	   *bytes = model_bytes(m, &length);
	FcModel		back;
	FcStatus	status = fc_model_read(&back, bytes, length);

	if (status == FC_OK)
	{
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &back);

		fc_score_row(&s, x);
		CHECK(memberships_hold(&s));
		free(memory);
	}
	free(bytes);
	return status;
}

/* An array of a model, one row shorter than its options and rows want; with a NaN; with a large number, which is finite */
UNUSED static void
check_damaged_array(const FcModel *m, const double *x, FcNarrow *array)
{
	float		kept = array->data[3];

	array->rows--;
	CHECK_EQ(read_back(m, x), FC_DAMAGED_MODEL);
	array->rows++;
	array->data[3] = NAN;
	CHECK_EQ(read_back(m, x), FC_DAMAGED_MODEL);
	array->data[3] = 1e38f;
	CHECK_EQ(read_back(m, x), FC_OK);
	array->data[3] = kept;
}

#endif
