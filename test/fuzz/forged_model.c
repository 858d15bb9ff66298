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

#define HEAD		1400		/* bytes before the arrays, about */

/* ---- bases ---- */

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
