/*
 * options.c - the options of an algorithm: its own, then the common ones,
 * whose defaults it may replace
 */
#include "core/fc.h"

#include <math.h>
#include <string.h>

static const char *const starts[] = {"kmeans++", "random", "sample", "centers", "model", NULL};
static const char *const scales[] = {"none", "minmax", "zscore", NULL};
static const char *const missings[] = {"error", "skip", "mean", "partial", NULL};
static const char *const passes[] = {"memory", "query", NULL};
static const char *const distances[] = {"euclidean", "cosine", NULL};
static const char *const too_fews[] = {"error", "null", "fewer", NULL};

const FcOption fc_common_options[] = {
	[FC_SEED] = {
		.name = "seed", .type = FC_INTEGER, .initial = 0, .min = 0, .max = 9007199254740991.0,
		.help = "seed of the random number generator; the same rows and seed give the same model"
	},
	[FC_MAX_ITERATIONS] = FC_MAX_ITERATIONS_FROM(1000),
	[FC_TOLERANCE] = FC_TOLERANCE_FROM(1e-10),
	[FC_RESTARTS] = {
		.name = "restarts", .type = FC_INTEGER, .initial = NAN, .min = 1, .max = 10000,
		.help = "number of independent starts; the one with the best objective is kept; default: 10 (gg: 4) where they take little time, as for kmeans and fcm of few rows, or on a sample of many, else 1"
	},
	[FC_INIT] = {
		.name = "init", .type = FC_START, .initial = FC_INIT_KMEANSPP, .min = 0, .max = FC_INIT_MODEL,
		.choices = starts,
		.help = "initial centers: kmeans++, random (in the bounding box), sample (of the rows), a two-dimensional array of centers, or an earlier model"
	},
	[FC_SCALE] = {
		.name = "scale", .type = FC_CHOICE, .initial = FC_SCALE_NONE, .min = 0, .max = FC_SCALE_ZSCORE,
		.choices = scales,
		.help = "scaling of each feature: none, minmax (to 0..1) or zscore (mean 0, standard deviation 1)"
	},
	[FC_MISSING] = {
		.name = "missing", .type = FC_CHOICE, .initial = FC_MISSING_ERROR, .min = 0, .max = FC_MISSING_PARTIAL,
		.choices = missings,
		.help = "how to handle rows with a feature that is null, NaN, infinite or too large: error, skip (and count) them, mean (of the feature, in its place), or partial (distances from the other features)"
	},
	[FC_TOO_FEW] = {
		.name = "too_few", .type = FC_CHOICE, .initial = FC_TOO_FEW_ERROR, .min = 0, .max = FC_TOO_FEW_FEWER,
		.choices = too_fews,
		.help = "how to handle fewer distinct rows than clusters: error, null (no model), or fewer (one cluster per distinct row)"
	},
	[FC_PASSES] = {
		.name = "passes", .type = FC_CHOICE, .initial = FC_PASSES_MEMORY, .min = 0, .max = FC_PASSES_QUERY,
		.choices = passes,
		.help = "where the rows of a query are during the training: memory, or query, which runs for each pass (not for _fit)"
	},
	[FC_DISTANCE] = {
		.name = "distance", .type = FC_CHOICE, .initial = FC_EUCLIDEAN, .min = 0, .max = FC_COSINE,
		.choices = distances,
		.help = "distance between rows and centers: euclidean, or cosine, which is 1 minus the cosine of their angle"
	},
	[FC_CATEGORY_WEIGHT] = {
		.name = "category_weight", .type = FC_NUMBER, .initial = 1, .min = 1e-6, .max = 1e6,
		.help = "how much a column of categories weighs on average, compared with a column of numbers"
	},
	[FC_WEIGHT] = {
		.name = "weight", .type = FC_COLUMN, .initial = NAN, .min = 1, .max = 1,
		.help = "column of the query that says how often each row counts (not for _fit, which has an argument for it)"
	},
	[FC_NOISE] = {
		.name = "noise", .type = FC_NUMBER, .initial = 0, .min = 0, .max = 0.5,
		.help = "share of the rows that are noise, far from all centers: the noise distance is found from it (for kmeans, fcm, gk and mec)"
	},
	[FC_NOISE_DISTANCE] = {
		.name = "noise_distance", .type = FC_NUMBER, .initial = NAN, .min = 1e-150, .max = 1e150,
		.help = "distance of noise from every row, as cluster_distance() measures it: rows farther from all centers are noise; default: there is no noise, or found from the option noise"
	},
	{.name = NULL}
};

static int
count_own(const FcAlgorithm *algo)
{
	int			n = 0;

	while (algo->options[n].name != NULL)
		n++;
	return n;
}

int
fc_count_options(const FcAlgorithm *algo)
{
	return count_own(algo) + FC_NCOMMON;
}

const FcOption *
fc_option_at(const FcAlgorithm *algo, int i)
{
	int			own = count_own(algo);

	if (i < own)
		return &algo->options[i];
	return algo->common[i - own] ? algo->common[i - own] : &fc_common_options[i - own];
}

double *
fc_option_value(FcModel *m, int i)
{
	int			own = count_own(m->algo);

	return i < own ? &m->option[i] : &m->common[i - own];
}

/* -1 if the name is unknown */
int
fc_find_option(const FcAlgorithm *algo, const char *name)
{
	for (int i = 0; i < fc_count_options(algo); i++)
		if (strcmp(fc_option_at(algo, i)->name, name) == 0)
			return i;
	return -1;
}

/* -1 if the name is unknown */
int
fc_find_choice(const FcOption *o, const char *name)
{
	for (int i = 0; o->choices[i] != NULL; i++)
		if (strcmp(o->choices[i], name) == 0)
			return i;
	return -1;
}

/* Which of the lists option i is, which is one */
int
fc_list_position(const FcAlgorithm *algo, int i)
{
	int			position = 0;

	for (int before = 0; before < i; before++)
		position += fc_option_at(algo, before)->type == FC_LIST;
	return position;
}

/* Is it the default? */
bool
fc_is_initial(const FcOption *o, double value)
{
	return isnan(o->initial) ? isnan(value) : value == o->initial;
}

/* NaN, "found from the data", is allowed where it is the default */
bool
fc_option_allows(const FcOption *o, double value)
{
	if (isnan(value))
		return isnan(o->initial);
	if (o->type == FC_LIST)
		return value >= 0 && value <= FC_MAX_LIST && value == floor(value);
	if (o->type != FC_NUMBER && value != floor(value))
		return false;
	return value >= o->min && value <= o->max;
}
