/*
 * model_fuzz.c - no bytes may make the reader of models, or a user of what it
 * accepts, misbehave
 *
 * Threat: a model is a value of type bytea, and every user of the database can
 * hand any bytes at all to every function that takes one.  Whoever writes them
 * knows the format.  Nothing may be read or written outside of the bytes, no
 * count may make an allocation or a loop larger than the bytes are long, and
 * no number in them may come out as a membership that is not one.
 *
 * There is no corpus to keep: inputs grow from models that are written here,
 * one of each kind, and are then damaged word by word, since all fields are
 * four or eight bytes at a multiple of their size.
 */
#include "algo/deep.h"
#include "core/validity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PICK(rng, array)	((array)[fc_rng_below((rng), sizeof(array) / sizeof((array)[0]))])

extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
extern size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(int condition)
{
	if (!condition)
		abort();
}

static void *
take(size_t count, size_t size)
{
	void	   *p = aligned_alloc(64, FC_ROUND_UP(count * size + 1, 64));

	require(p != NULL);
	memset(p, 0xFF, count * size);
	return p;
}

/* ---- use of what is accepted ---- */

static void
score(FcScorer *s, const double *x)
{
	double		sum = 0;

	fc_score_row(s, x);
	fc_score_memberships(s);
	for (int32_t c = 0; c < s->model->k; c++)
	{
		require(s->u[c] >= 0 && s->u[c] <= 1);
		require(fc_score_length(s, c) >= 0);
		sum += s->u[c];
	}
	require(fabs(sum - 1) < 1e-9);
	require(fc_score_outlier(s) >= 0);
	require(fc_score_nearest(s) < s->model->k);
}

static void
score_rows(const FcModel *m, FcScorer *s)
{
	static const double values[] = {0, 1, -3.5, 1e-300, 1e300, -1.7e308};
	double	   *x = take(m->d, sizeof(double));

	for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++)
	{
		for (int32_t j = 0; j < m->d; j++)
			x[j] = j % 3 == 2 ? -values[v] : values[v];
		score(s, x);
	}
	for (int32_t c = 0; c < m->k; c++)
	{
		fc_unscale_center(m, c, x);
		for (int32_t j = 0; j < m->d; j++)
			require(!isnan(x[j]));
	}
	free(x);
}

/* What a network makes of a row may be infinite, or no number; it goes nowhere else */
static void
use_network(const FcModel *m, FcScorer *s)
{
	double	   *x = calloc(m->d, sizeof(double));
	float	   *z = take(fc_deep_latent(m), sizeof(float));

	require(x != NULL);
	fc_deep_embed(&s->metric, x, z);
	fc_deep_reconstruct(&s->metric, x, x);
	free(x);
	free(z);
}

static void
judge(const FcModel *m, FcScorer *s)
{
	FcArena		arena = {NULL, 0};
	FcValidity	v;
	double	   *x = calloc(m->d, sizeof(double));
	double		index[FC_INDICES];

	require(x != NULL);
	fc_validity_layout(&arena, &v, m->k, m->d);
	arena.base = take(arena.used, 1);
	arena.used = 0;
	fc_validity_layout(&arena, &v, m->k, m->d);
	fc_validity_clear(&v);
	fc_validity_add(&v, s, x);
	fc_validity_finish(&v, s, x, index);
	free(arena.base);
	free(x);
}

static void
use(const FcModel *m)
{
	FcArena		arena = {NULL, 0};
	FcScorer	s;

	memset(&s, 0, sizeof(s));
	fc_scorer_layout(&arena, &s, m);
	arena.base = take(arena.used, 1);
	arena.used = 0;
	fc_scorer_layout(&arena, &s, m);
	fc_scorer_begin(&s);
	score_rows(m, &s);
	judge(m, &s);
	if (m->algo->deep)
		use_network(m, &s);
	for (int32_t i = 0; i < m->nhistory; i++)
		for (int column = 0; column < FC_HISTORY_PHASE; column++)
			require(isfinite(fc_history_get(m, i, column)));
	free(arena.base);
}

/* What is written is accepted, and written the same again */
static void
write_again(const FcModel *m)
{
	size_t		size = fc_model_size(m);
	char	   *first = take(size, 1);
	char	   *second = take(size, 1);
	FcModel		back;

	fc_model_write(m, &(FcHooks) {0}, first);
	fc_model_write(m, &(FcHooks) {0}, second);
	require(fc_model_read(&back, first, size) == FC_OK);
	require(fc_model_size(&back) == size);
	fc_model_write(&back, &(FcHooks) {0}, first);
	require(memcmp(first, second, size) == 0);
	free(first);
	free(second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	   *bytes = malloc(size > 0 ? size : 1);	/* aligned, and not a byte more */
	FcModel		m;

	require(bytes != NULL);
	if (size > 0)
		memcpy(bytes, data, size);
	if (fc_model_read(&m, bytes, size) == FC_OK)
	{
		require(fc_model_size(&m) >= size || size - fc_model_size(&m) < 1024);
		use(&m);
		write_again(&m);
	}
	free(bytes);
	return 0;
}

/* ---- inputs ---- */

/* What a training finds where the user says nothing, such as a temperature */
static void
complete_options(FcRng *rng, FcModel *m)
{
	for (int i = 0; i < fc_count_options(m->algo); i++)
	{
		const FcOption *o = fc_option_at(m->algo, i);

		if (o->type == FC_NUMBER && isnan(o->initial))
			*fc_option_value(m, i) = fmin(fmax(fc_rng_uniform(rng), o->min), o->max);
	}
}

/* A model of a network, and its layers' widths or its images; small, but for the classifier */
typedef struct Network
{
	double		hidden[2];
	double		shape[3];
} Network;

static void
choose_network(FcRng *rng, FcModel *m, Network *n)
{
	FcNet		net;

	*n = (Network) {{1 + (double) fc_rng_below(rng, 4), 1 + (double) fc_rng_below(rng, 4)}, {1, 4, 4}};
	m->option[FC_DEEP_HIDDEN] = 1 + (double) fc_rng_below(rng, 2);
	m->option[FC_DEEP_NORMALIZE] = (double) fc_rng_below(rng, 1 + (int64_t) m->algo->options[FC_DEEP_NORMALIZE].max);
	m->option[FC_DEEP_START] = (double) fc_rng_below(rng, 2);
	/* Convolutions take 200 kB, a classifier 1 MB: seldom */
	if (fc_rng_below(rng, 32) == 0)
	{
		m->d = 16;
		m->option[FC_DEEP_SHAPE] = 3;
		m->option[FC_DEEP_NETWORK] = FC_CONV;
	}
	m->option[FC_DEEP_LATENT] = 1 + (double) fc_rng_below(rng, m->d);
	if (m->algo->deep->loss && fc_rng_below(rng, 64) == 0)
	{
		m->option[FC_DEEP_REFINE] = FC_SELFLABEL;
		m->option[FC_DEEP_REFINE_HEAD] = (double) fc_rng_below(rng, 2);
	}
	m->list[fc_list_position(m->algo, FC_DEEP_HIDDEN)] = n->hidden;
	m->list[fc_list_position(m->algo, FC_DEEP_SHAPE)] = n->shape;
	require(fc_deep_net(&net, m) == FC_OK);
	m->nnetwork = (int32_t) net.parameters;
	if (fc_deep_refines(m))
	{
		require(fc_deep_classifier(&net, m) == FC_OK);
		m->nclassifier = (int32_t) net.parameters;
	}
	if (m->algo->deep->loss == NULL && m->option[FC_DEEP_START] == FC_START_GRAPH)
		m->ncodes = (int32_t) fc_rng_below(rng, 9);
}

/* What may not be any number, once the model has its arrays */
static void
complete_network(FcRng *rng, FcModel *m, const Network *n)
{
	int			width = fc_deep_latent(m) + 1;

	memcpy(m->list[fc_list_position(m->algo, FC_DEEP_HIDDEN)], n->hidden,
		   sizeof(double) * (size_t) m->option[FC_DEEP_HIDDEN]);
	memcpy(m->list[fc_list_position(m->algo, FC_DEEP_SHAPE)], n->shape,
		   sizeof(double) * (size_t) m->option[FC_DEEP_SHAPE]);
	for (int32_t i = 0; i < m->ncodes; i++)
		m->codes[(i + 1) * width - 1] = (float) fc_rng_below(rng, m->k);
	for (int32_t i = 0; i < m->nhistory; i++)
		m->history[i * fc_history_width(m->algo) + FC_HISTORY_PHASE] = (double) fc_rng_below(rng, FC_DEEP_PHASES);
}

/* Numbers up to 2, for some must not be below 1; and parameters of networks around 0 */
static void
fill_array(FcRng *rng, FcArray *array)
{
	for (int64_t v = 0; v < array->rows * array->columns; v++)
		if (array->data)
			(*array->data)[v] = 2 * fc_rng_uniform(rng);
		else
			(*array->narrow)[v] = (float) fc_rng_uniform(rng) - 0.5f;
}

/* A model of some algorithm, size and scaling; its length, or 0 if it is too long */
static size_t
write_model(FcRng *rng, uint8_t *data, size_t max_size)
{
	FcArena		arena = {NULL, 0};
	FcArray		arrays[FC_MAX_ARRAYS];
	FcModel		m;
	Network		network;
	int			algorithms = 0;
	size_t		size;

	while (fc_algorithms[algorithms] != NULL)
		algorithms++;
	fc_model_begin(&m, fc_algorithms[fc_rng_below(rng, algorithms)],
				   1 + (int32_t) fc_rng_below(rng, 5), 1 + (int32_t) fc_rng_below(rng, 4));
	m.common[FC_SCALE] = (double) fc_rng_below(rng, FC_SCALE_ZSCORE + 1);
	m.common[FC_MAX_ITERATIONS] = 9;
	m.precision = fc_rng_below(rng, 2) == 0 ? FC_F32 : FC_F64;
	m.rows = 100;
	complete_options(rng, &m);
	if (m.algo->deep)
		choose_network(rng, &m, &network);
	fc_model_layout(&arena, &m);
	arena.base = take(arena.used, 1);
	arena.used = 0;
	fc_model_layout(&arena, &m);
	m.nhistory = (int32_t) fc_rng_below(rng, 4);
	for (int i = fc_model_arrays(&m, arrays) - 1; i >= 0; i--)
		fill_array(rng, &arrays[i]);
	if (m.algo->deep)
		complete_network(rng, &m, &network);
	size = fc_model_size(&m);
	if (size <= max_size)
		fc_model_write(&m, &(FcHooks) {0}, data);
	free(arena.base);
	return size <= max_size ? size : 0;
}

/* One field becomes a number that is often trouble */
static void
damage_field(FcRng *rng, uint8_t *data, size_t size)
{
	static const int64_t integers[] = {0, 1, 2, -1, 255, 65535, 65536, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN};
	static const double doubles[] = {0, -0.0, 1, 2, 1.01, 10, -1, 1e-310, 1e-160, 1e160, 1.7e308, -1.7e308, INFINITY, NAN};
	size_t		width = fc_rng_below(rng, 2) == 0 ? 4 : 8;
	size_t		at = (size_t) fc_rng_below(rng, (int64_t) (size / width)) * width;

	if (width == 8 && fc_rng_below(rng, 2) == 0)
		memcpy(data + at, &PICK(rng, doubles), 8);
	else
		memcpy(data + at, &PICK(rng, integers), width);
}

size_t
LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	FcRng		rng;
	int64_t		what;

	fc_rng_start(&rng, seed, 0);
	what = fc_rng_below(&rng, 10);
	if (size < 8 || what == 0)
	{
		size_t		written = write_model(&rng, data, max_size);

		return written > 0 ? written : LLVMFuzzerMutate(data, size, max_size);
	}
	if (what < 3)
		return LLVMFuzzerMutate(data, size, max_size);
	for (; what >= 3; what -= 2)
		damage_field(&rng, data, size);
	return size;
}
