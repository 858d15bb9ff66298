/*
 * forged_model.c - a model that is valid except for a field or two must not
 * make the reader of models, or a user of an accepted model, misbehave
 *
 * Threat: as in model_fuzz.c, by an attacker who has a model of the server's
 * own and changes the relevant fields.  Bases are trained models of every
 * algorithm, scaling, precision and kind of network; all functions are applied
 * to the models that the reader accepts, and trainings start from them.
 */
#include "bases.h"

#define ROWS		20
#define VARIANTS	24			/* of an algorithm without network */
#define HEAD		1400		/* bytes before the arrays, about */

static double *
make_rows(int32_t d, uint64_t seed)
{
	double	   *x = make_noise(ROWS, d, seed);

	for (int64_t i = 0; i < ROWS; i++)
		for (int32_t j = 0; j < d; j++)
			x[i * d + j] = 2 * x[i * d + j] + 3 * (i % 4 == j);
	return x;
}

/* ---- bases ---- */

static Bytes
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

/* Numbers of clusters and features, precision, scaling, names, and a choice of the algorithm's own if it has one */
static Bytes
train_variant(const FcAlgorithm *algo, int variant)
{
	int32_t		k = 1 + variant % 4;
	int32_t		d = 1 + variant % 3;
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
	if (variant % 4 == 3)
	{
		t.model.names = "a\0\0\xC3\xB6\xE2\x82\xAC";
		t.model.names_length = d == 1 ? 2 : d == 2 ? 3 : 9;
	}
	bytes = train_base(&t);
	free(x);
	return bytes;
}

static const Bytes *
variant_of(int algorithm, int variant)
{
	static Bytes cache[16][VARIANTS];
	Bytes	   *bytes;

	require((size_t) algorithm < COUNT_OF(cache));
	bytes = &cache[algorithm][variant];
	if (bytes->data == NULL)
		*bytes = train_variant(fc_algorithms[algorithm], variant);
	return bytes;
}

static const Bytes *
network_of(size_t kind, int variant)
{
	static Bytes cache[COUNT_OF(kinds)][4];
	Bytes	   *bytes = &cache[kind][variant];

	if (bytes->data == NULL)
	{
		double	   *x = make_rows(kinds[kind].d, variant);
		Training	t;

		begin_kind(&t, &kinds[kind], 2 + variant / 2, variant % 2 ? FC_F32 : FC_F64, x, ROWS);
		t.model.common[FC_SCALE] = variant % (FC_SCALE_ZSCORE + 1);
		*bytes = train_base(&t);
		free(x);
	}
	return bytes;
}

/* Algorithms without network come first */
static int
count_plain(void)
{
	int			count = 0;

	while (fc_algorithms[count] != NULL && fc_algorithms[count]->network == NULL)
		count++;
	return count;
}

static const Bytes *
pick_base(Recipe *r)
{
	int			plain = count_plain();
	int			algorithm = (int) pick(r, 2 * plain);
	size_t		kind;

	if (algorithm < plain)
		return variant_of(algorithm, (int) pick(r, VARIANTS));
	kind = pick_kind(r);
	return network_of(kind, (int) pick(r, 4));
}

/* ---- use ---- */

/* The algorithm of the model, or another one of networks */
static const FcAlgorithm *
pick_algorithm(Recipe *r, const FcModel *m)
{
	size_t		choice = pick(r, COUNT_OF(kinds));

	return m->algo->network && choice % 2 ? fc_find_algorithm(kinds[choice].algo) : m->algo;
}

/* With a model of as many features, in both orders */
static void
match_another(Recipe *r, const FcModel *m)
{
	const Bytes *base = pick_base(r);
	Bytes		copy = copy_bytes(base->data, base->size);
	FcModel		other;

	require(fc_model_read(&other, copy.data, copy.size) == FC_OK);
	if (other.d == m->d)
	{
		match(&other, m);
		match(m, &other);
	}
	free(copy.data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Recipe		r = {data, size};
	Bytes		bytes = forge_bytes(&r, pick_base(&r), HEAD);
	FcModel		m;

	if (fc_model_read(&m, bytes.data, bytes.size) == FC_OK)
	{
		use(&m);
		match_another(&r, &m);
		if (pick(&r, 4) == 0)
			start_from(&m, pick_algorithm(&r, &m));
		permute(&m);
		use(&m);
	}
	free(bytes.data);
	return 0;
}
