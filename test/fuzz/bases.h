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
	{"dcn", 3, {0}, {"center_count"}, {10}},
	{"dkm", 3, {0}, {"annealing"}, {3}},
	{"dfkm", 3, {0}, {"start"}, {FC_START_KMEANS}},
	{"vade", 3, {0}, {"refresh"}, {2}},
	{"vade", 4, {1, 2, 2}, {"norm"}, {FC_NO_NORM}},
	/* hundreds of kilobytes */
	{"autoencoder", IMAGES, {"network"}, {FC_CONV}},
	{"dec", IMAGES, {"refine", "refine_batch_size"}, {FC_SELFLABEL, 8}},
	{"idec", IMAGES, {"refine", "refine_head"}, {FC_SELFLABEL, FC_HEAD_OWN}},
	{"edcwrn", IMAGES, {"refine", "refine_head", "neighbors"}, {FC_SELFLABEL, FC_HEAD_OWN, 2}},
	{"dfmec", 2, {0}, {"refine"}, {FC_SELFLABEL}},
};

#define LIGHT_KINDS	17

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

/* ---- models ---- */

#define ROWS		20
#define VARIANTS	24			/* of an algorithm without network */

UNUSED static double *
make_rows(int32_t d, uint64_t seed)
{
	double	   *x = make_noise(ROWS, d, seed);

	for (int64_t i = 0; i < ROWS; i++)
		for (int32_t j = 0; j < d; j++)
			x[i * d + j] = 2 * x[i * d + j] + 3 * (i % 4 == j);
	return x;
}

UNUSED static Bytes
train_base(Training *t)
{
	Bytes		bytes;
	void	   *work;
	size_t		size;
	char	   *data;

	require(place_training(t, SIZE_MAX, &work));
	require(fit_within(t, work, INT32_MAX));
	data = model_bytes(&t->model, &size);
	bytes = copy_bytes(data, size);
	free(data);
	training_end(t);
	return bytes;
}

/* A category, behind a number if there are three features */
static inline FcCategories
categories_of(int32_t d)
{
	static const int32_t levels[3][2] = {{1}, {2}, {0, 2}};

	return (FcCategories) {d == 3 ? 2 : 1, levels[d - 1], "a\0\xC3\xB6", d == 1 ? 2 : 5};
}

/* Numbers of clusters and features, precision, scaling, noise, names, and a choice of the algorithm's own if it has one */
UNUSED static Bytes
train_variant(const FcAlgorithm *algo, int variant)
{
	int32_t		d = 1 + variant % 3;
	int32_t		k = 1 + variant % (d == 1 && algo == fc_find_algorithm("head") ? 2 : 4);	/* there are two directions on a line */
	double	   *x = make_rows(d, variant);
	Training	t;
	Bytes		bytes;

	training_begin(&t, algo, k, variant % 2 ? FC_F32 : FC_F64, x, ROWS, d);
	t.model.common[FC_MAX_ITERATIONS] = 20;
	if (algo->margin == NULL)
		t.model.common[FC_SCALE] = variant / 2 % (FC_SCALE_ZSCORE + 1);
	for (int i = 0; algo->options[i].name != NULL; i++)
		if (algo->options[i].type == FC_CHOICE)
			t.model.option[i] = variant / 6 % (int) (algo->options[i].max + 1);
	if (variant % 8 > 5 && (algo->traits & FC_TAKES_CATEGORIES))
		t.model.categories = categories_of(d);
	if (algo->traits & FC_TAKES_NOISE)
	{
		t.model.common[FC_NOISE] = variant % 8 == 1 ? 0.2 : 0;
		t.model.common[FC_NOISE_DISTANCE] = variant % 8 == 2 ? 1.5 : NAN;
	}
	if (variant % 4 == 3)
	{
		int32_t		columns = fc_model_columns(&t.model);

		t.model.names = "a\0\0\xC3\xB6\xE2\x82\xAC";
		t.model.names_length = columns == 1 ? 2 : columns == 2 ? 3 : 9;
	}
	bytes = train_base(&t);
	free(x);
	return bytes;
}

/* The algorithm without network at this place among them */
static inline const FcAlgorithm *
plain_algorithm(int place)
{
	const FcAlgorithm *const *a = fc_algorithms;

	while ((*a)->network != NULL || place-- > 0)
		a++;
	return *a;
}

UNUSED static const Bytes *
variant_of(int algorithm, int variant)
{
	static Bytes cache[16][VARIANTS];
	Bytes	   *bytes;

	require((size_t) algorithm < COUNT_OF(cache));
	bytes = &cache[algorithm][variant];
	if (bytes->data == NULL)
		*bytes = train_variant(plain_algorithm(algorithm), variant);
	return bytes;
}

/* Of algorithms without network */
UNUSED static int
count_plain(void)
{
	int			count = 0;

	for (const FcAlgorithm *const *a = fc_algorithms; *a != NULL; a++)
		count += (*a)->network == NULL;
	return count;
}

#endif
