/*
 * forged_options.c - no options, at their bounds and beyond, may make a training
 * misbehave
 *
 * Threat: a caller of a function chooses rows and options.  Options beyond
 * their bounds are rejected; with all others a training of few rows, which may
 * be equal, huge or tiny, ends with a status, or with a model that a reader
 * accepts.
 */
#include "bases.h"

#define MOST_ROWS		24
#define MOST_COLUMNS	6
#define MOST_CHECKS		400		/* of a training before it is left */

/* ---- options ---- */

static double
forge_option(Recipe *r, const FcOption *o)
{
	double		numbers[] = {
		o->initial, o->min, o->max, nextafter(o->min, -INFINITY), nextafter(o->min, INFINITY),
		nextafter(o->max, INFINITY), nextafter(o->max, -INFINITY), o->min - 1, o->min + 1, o->max - 1, o->max + 1,
		(o->min + o->max) / 2, 0, -0.0, 1, 2, 3, 0.5, 1.5, -1, 1e-300, 1e300, NAN, INFINITY, -INFINITY
	};

	return PICK(r, numbers);
}

/* What an option allows, said once more */
static bool
is_allowed(const FcOption *o, double value)
{
	double		most = o->type == FC_LIST ? FC_MAX_LIST : o->max;
	double		fewest = o->type == FC_LIST ? 0 : o->min;
	double		whole;

	if (value != value)
		return o->initial != o->initial;
	if (value < fewest || value > most)
		return false;
	return o->type == FC_NUMBER || modf(value, &whole) == 0;
}

/* Numbers of a list that are within its bounds, as a caller sees to it */
static double
forge_list(Recipe *r, const FcOption *o, double *list, size_t most)
{
	size_t		count = pick(r, most + 1);

	for (size_t i = 0; i < count; i++)
	{
		list[i] = pick(r, 2) ? 1 + (double) pick(r, 6) : forge_option(r, o);
		if (!(list[i] >= o->min && list[i] <= o->max))
			list[i] = o->min;
	}
	return (double) count;
}

/* False: they would have been refused */
static bool
forge_options(Recipe *r, Training *t, double (*lists)[4])
{
	FcModel    *m = &t->model;

	for (size_t edits = pick(r, 5); edits > 0; edits--)
	{
		int			i = (int) pick(r, fc_count_options(m->algo));
		const FcOption *o = fc_option_at(m->algo, i);
		double		value = forge_option(r, o);

		require(fc_option_allows(o, value) == is_allowed(o, value));
		if (!is_allowed(o, value))
			return false;
		if (o->type == FC_LIST)
		{
			int			position = fc_list_position(m->algo, i);

			t->fit.list[position] = lists[position];
			value = forge_list(r, o, lists[position], 4);
		}
		*fc_option_value(m, i) = value;
	}
	return true;
}

/* What the server refuses before it begins */
static bool
go_together(const FcModel *m)
{
	if (m->k == 0 && (m->common[FC_RESTARTS] > 1 || m->common[FC_INIT] != FC_INIT_KMEANSPP))
		return false;
	if (fc_most_groups(m) > m->k && !(m->algo->traits & FC_TAKES_NOISE))
		return false;
	return m->common[FC_INIT] < FC_INIT_CENTERS && (m->algo->margin == NULL || m->common[FC_SCALE] == FC_SCALE_NONE);
}

/* ---- rows ---- */

typedef enum Values
{
	NOISE,
	CLUSTERS,
	EQUAL,
	FEW_DISTINCT,
	HUGE,
	TINY,
	FAR,
	WILD,
	KINDS_OF_VALUES
} Values;

static double
value_of(Values kind, FcPrecision precision, FcRng *rng, int64_t i)
{
	double		noise = 2 * fc_rng_uniform(rng) - 1;

	switch (kind)
	{
		case CLUSTERS:
			return noise + 10 * (double) (i % 3);
		case EQUAL:
			return -7;
		case FEW_DISTINCT:
			return (double) (i % 2);
		case HUGE:
			return noise * FC_LIMIT(precision);
		case TINY:
			return noise * (precision == FC_F32 ? 1e-38 : 1e-300);
		case FAR:
			return 1e6 + noise;
		case WILD:
			return noise * pow(10, (double) fc_rng_below(rng, 25) - 12);
		default:
			return noise;
	}
}

static void
fill_rows(Recipe *r, double *x, int64_t n, int32_t d, FcPrecision precision)
{
	Values		kind = (Values) pick(r, KINDS_OF_VALUES);
	FcRng		rng;

	fc_rng_start(&rng, pick(r, 256), kind);
	for (int64_t i = 0; i < n; i++)
		for (int32_t j = 0; j < d; j++)
			x[i * d + j] = value_of(kind, precision, &rng, i);
	if (pick(r, 4) == 0)		/* a column that is constant */
		for (int64_t i = 0; i < n; i++)
			x[i * d] = x[0];
	for (int64_t i = 0; i < n * d; i++)
		if (precision == FC_F32)
			x[i] = (float) x[i];
}

/* ---- a training ---- */

static const FcAlgorithm *
pick_algorithm(Recipe *r)
{
	size_t		count = 0;

	while (fc_algorithms[count] != NULL)
		count++;
	return fc_algorithms[pick(r, count)];
}

static int32_t
pick_clusters(Recipe *r, const FcAlgorithm *algo)
{
	int32_t		k = (int32_t) pick(r, 7);

	return k == 0 && !(algo->traits & FC_FINDS_CLUSTERS) ? 1 : k;
}

static void
train(Training *t)
{
	void	   *work;

	if (place_training(t, MOST_MEMORY, &work) && fit_within(t, work, MOST_CHECKS))
		use(&t->model);
	training_end(t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Recipe		r = {data, size};
	const FcAlgorithm *algo = pick_algorithm(&r);
	FcPrecision precision = pick(&r, 2) ? FC_F32 : FC_F64;
	int64_t		n = 1 + (int64_t) pick(&r, MOST_ROWS);
	int32_t		d = 1 + (int32_t) pick(&r, MOST_COLUMNS);
	int32_t		k = pick_clusters(&r, algo);
	double		x[MOST_ROWS * MOST_COLUMNS];
	double		lists[FC_MAX_LISTS][4] = {{0}};
	Training	t;

	fill_rows(&r, x, n, d, precision);
	training_begin(&t, algo, k, precision, x, n, d);
	if (algo->network)
		cut_epochs(&t.model, 1);
	if (forge_options(&r, &t, lists) && go_together(&t.model))
		train(&t);
	return 0;
}
