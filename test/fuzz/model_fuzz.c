/*
 * model_fuzz.c - no bytes may make the reader of models, or a user of an
 * accepted model, misbehave
 *
 * Threat: a model is a value of type bytea, and every user of the database can
 * pass any bytes at all to every function that takes one.  An attacker knows
 * the format.  Nothing may be read or written outside of the bytes, no count
 * may make an allocation or a loop larger than the bytes are long, and no
 * number in them may lead to an invalid membership.
 *
 * There is no corpus to keep: inputs grow from models that are written here,
 * one of each kind, and are then damaged word by word, since all fields are
 * four or eight bytes at a multiple of their size.
 */
#include "use.h"

#define CHOOSE(rng, array)	((array)[fc_rng_below((rng), COUNT_OF(array))])

extern size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
extern size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Bytes		bytes = copy_bytes((const char *) data, size);
	FcModel		m;

	if (fc_model_read(&m, bytes.data, size) == FC_OK)
	{
		require(fc_model_size(&m) >= size || size - fc_model_size(&m) < 1024);
		use(&m);
	}
	free(bytes.data);
	return 0;
}

/* ---- inputs ---- */

/* What a training finds where the user says nothing, such as a temperature; some models have noise */
static void
complete_options(FcRng *rng, FcModel *m)
{
	if ((m->algo->traits & FC_TAKES_NOISE) && fc_rng_below(rng, 2) == 0)
		m->common[FC_NOISE_DISTANCE] = 0.1 + fc_rng_uniform(rng);
	for (int i = 0; i < fc_count_options(m->algo) - FC_NCOMMON; i++)
	{
		const FcOption *o = fc_option_at(m->algo, i);

		if (o->type == FC_NUMBER && isnan(o->initial))
			*fc_option_value(m, i) = fmin(fmax(fc_rng_uniform(rng), o->min), o->max);
	}
}

/* A model of a network, and its layers' widths or its images; small, except for the classifier */
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
	if (fc_deep_method(m)->loss && fc_rng_below(rng, 64) == 0)
	{
		m->option[FC_DEEP_REFINE] = FC_SELFLABEL;
		m->option[FC_DEEP_REFINE_HEAD] = (double) fc_rng_below(rng, 2);
	}
	m->list[fc_list_position(m->algo, FC_DEEP_HIDDEN)] = n->hidden;
	m->list[fc_list_position(m->algo, FC_DEEP_SHAPE)] = n->shape;
	require(fc_deep_net(&net, m) == FC_OK);
	FC_DEEP_PARAMETERS(m).rows = (int32_t) net.parameters;
	if (fc_deep_refines(m))
	{
		require(fc_deep_classifier(&net, m) == FC_OK);
		FC_DEEP_CLASSIFIER(m).rows = (int32_t) net.parameters;
	}
	if (fc_deep_method(m)->loss == NULL && m->option[FC_DEEP_START] == FC_START_GRAPH)
		FC_DEEP_CODES(m).rows = (int32_t) fc_rng_below(rng, 9);
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
	for (int32_t i = 0; i < FC_DEEP_CODES(m).rows; i++)
		FC_DEEP_CODES(m).data[(i + 1) * width - 1] = (float) fc_rng_below(rng, m->k);
	for (int32_t i = 0; i < m->history.count; i++)
		m->history.rows[i * fc_history_width(m->algo) + FC_HISTORY_PHASE] = (double) fc_rng_below(rng, FC_DEEP_PHASES);
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
	FcArena		arena = {0};
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
	if (m.algo->network)
		choose_network(rng, &m, &network);
	fc_model_layout(&arena, &m);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_model_layout(&arena, &m);
	m.history.count = (int32_t) fc_rng_below(rng, 4);
	for (int i = fc_model_arrays(&m, arrays) - 1; i >= 0; i--)
		fill_array(rng, &arrays[i]);
	if (m.algo->network)
		complete_network(rng, &m, &network);
	if (m.d <= 4 && fc_rng_below(rng, 2) == 0)
	{
		m.names = "a\0b\0\xC3\xA9\0d";
		m.names_length = (int32_t) (m.d < 3 ? 2 * m.d : 2 * m.d + 1);
	}
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
		memcpy(data + at, &CHOOSE(rng, doubles), 8);
	else
		memcpy(data + at, &CHOOSE(rng, integers), width);
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
