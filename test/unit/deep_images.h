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

#endif
