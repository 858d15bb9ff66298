/*
 * bases.h - small trainings of every algorithm and kind of network, to be forged
 *
 * Each is trained once, when it is first asked for.
 */
#ifndef BASES_H
#define BASES_H

#include "use.h"

#define MOST_EPOCHS	8

/* A kind of network, small as it can be */
typedef struct Kind
{
	const char *algo;
	int32_t		d;
	double		shape[3];		/* d numbers; or zeros if rows are not images */
	const char *options[6];		/* names and values, in turn */
	double		values[6];
} Kind;

#define IMAGES	16, {1, 4, 4}

static const Kind kinds[] = {
	{"autoencoder", 3, {0}, {"start"}, {FC_START_GRAPH}},
	{"autoencoder", 4, {0}, {"optimizer", "norm", "dropout", "start"}, {FC_SGD, FC_NO_NORM, 0.2, FC_START_KMEANS}},
	{"autoencoder", 4, {1, 2, 2}, {"zoom"}, {0.1}},
	{"dec", 3, {0}, {"refresh"}, {2}},
	{"dec", 4, {1, 2, 2}, {"start"}, {FC_START_KMEANS}},
	{"idec", 2, {0}, {"smoothing"}, {2}},
	{"idec", 4, {2, 2, 1}, {"optimizer"}, {FC_SGD}},
	{"dfmec", 3, {0}, {"start"}, {FC_START_KMEANS}},
	{"dfmec", 4, {1, 2, 2}, {"refresh"}, {2}},
	{"edcwrn", 3, {0}, {"neighbors"}, {0}},
	{"edcwrn", 3, {0}, {"neighbors"}, {2}},
	{"edcwrn", 4, {1, 2, 2}, {"neighbors", "norm"}, {1, FC_NO_NORM}},
	/* hundreds of kilobytes */
	{"autoencoder", IMAGES, {"network"}, {FC_CONV}},
	{"dec", IMAGES, {"refine", "refine_batch_size"}, {FC_SELFLABEL, 8}},
	{"idec", IMAGES, {"refine", "refine_head"}, {FC_SELFLABEL, FC_HEAD_OWN}},
	{"edcwrn", IMAGES, {"refine", "refine_head", "neighbors"}, {FC_SELFLABEL, FC_HEAD_OWN, 2}},
	{"dfmec", 2, {0}, {"refine"}, {FC_SELFLABEL}},
};

#define LIGHT_KINDS	12

static const double kind_hidden[] = {3, 2};

static inline bool
is_image(const Kind *kind)
{
	return kind->shape[0] > 0;
}

/* A training of n rows x (n, d) */
static inline void
begin_kind(Training *t, const Kind *kind, int32_t k, FcPrecision precision, const double *x, int64_t n)
{
	training_begin(t, fc_find_algorithm(kind->algo), k, precision, x, n, kind->d);
	*own_option(&t->model, "hidden") = 1 + k % 2;
	t->fit.list[0] = kind_hidden;
	*own_option(&t->model, "shape") = is_image(kind) ? 3 : 0;
	t->fit.list[1] = kind->shape;
	*own_option(&t->model, "latent") = 2;
	*own_option(&t->model, "batch_size") = 8;
	cut_epochs(&t->model, 2);
	if (fc_deep_method(&t->model)->loss)
		*own_option(&t->model, "label_tolerance") = 0;
	t->model.common[FC_MAX_ITERATIONS] = MOST_EPOCHS;
	for (size_t i = 0; i < COUNT_OF(kind->options) && kind->options[i]; i++)
		*own_option(&t->model, kind->options[i]) = kind->values[i];
}

/* One in 40 is heavy */
static inline size_t
pick_kind(Recipe *r)
{
	size_t		choice = pick(r, 40 * LIGHT_KINDS);

	if (choice < 39 * LIGHT_KINDS)
		return choice % LIGHT_KINDS;
	return LIGHT_KINDS + choice % (COUNT_OF(kinds) - LIGHT_KINDS);
}

#endif
