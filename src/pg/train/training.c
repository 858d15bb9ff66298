/*
 * training.c - the part common to all trainings, however the rows are read
 */
#include "pg/train/course.h"
#include "pg/train/words.h"

#include "core/categories.h"
#include "core/direction.h"
#include "core/noise.h"
#include "core/step.h"
#include "core/variants.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include <math.h>

#define PASSES_TOLERANCE	1e-4	/* of the spread, for passes that run a query ... */
#define CLEAR_TOLERANCE		1e-4	/* ... and where memberships are nearly crisp, so that rows between clusters keep changing sides, as with k-means */

/* The number of clusters in an argument; 0: to be found */
int32
fc_clusters_argument(FunctionCallInfo fcinfo, int arg, const FcAlgorithm *algo)
{
	if (PG_ARGISNULL(arg) && (algo->traits & FC_FINDS_CLUSTERS))
		return 0;
	fc_refuse_null(fcinfo, arg, "number of clusters");
	fc_check_clusters(PG_GETARG_INT64(arg));
	return (int32) PG_GETARG_INT64(arg);
}

void
fc_check_clusters(int64 k)
{
	if (k < 1 || k > FC_MAX_CLUSTERS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of clusters must be between 1 and %d, not " INT64_FORMAT, FC_MAX_CLUSTERS, k)));
}

/* Is the option given, and not null? */
static bool
has_option(Jsonb *options, const char *name)
{
	JsonbValue	key = {.type = jbvString, .val.string = {.val = (char *) name, .len = strlen(name)}};
	JsonbValue *value = findJsonbValueFromContainer(&options->root, JB_FOBJECT, &key);

	return value != NULL && value->type != jbvNull;
}

/* At least this tolerance, unless one is given; options NULL: the model has all of them */
static void
raise_tolerance(FcModel *m, Jsonb *options, double least)
{
	if (options && !has_option(options, "tolerance"))
		m->common[FC_TOLERANCE] = Max(m->common[FC_TOLERANCE], least);
}

/* A training that runs its query for each pass: possible, and how exact unless that is given?  Options that were read before are NULL */
static void
begin_passes(FcModel *m, Jsonb *options)
{
	if (!fc_step_supports(m->algo))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s needs its rows in memory: option \"passes\" cannot be \"query\"", m->algo->name),
				 errhint("Leave the option out, or choose one of %s.", fc_algorithm_names(fc_step_supports))));
	raise_tolerance(m, options, PASSES_TOLERANCE);
}

/* Of trainings that are given rows */
void
fc_refuse_passes(const FcModel *m)
{
	if (m->common[FC_PASSES] == FC_PASSES_MEMORY)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"passes\" can be \"query\" only where there is a query"),
			 errhint("Use %s_train(query, clusters, options).", m->algo->name)));
}

static bool
takes_cosine(const FcAlgorithm *algo)
{
	return (algo->traits & FC_TAKES_COSINE) != 0;
}

static bool
takes_gaps(const FcAlgorithm *algo)
{
	return (algo->traits & FC_TAKES_GAPS) != 0;
}

static bool
takes_noise(const FcAlgorithm *algo)
{
	return (algo->traits & FC_TAKES_NOISE) != 0;
}

static bool
takes_weights(const FcAlgorithm *algo)
{
	return (algo->traits & (FC_EMBEDS | FC_SHUFFLES)) == 0;
}

/* An error unless the algorithm is one of those that take the value of an option; value NULL: any */
static void
refuse_for_others(const FcModel *m, bool (*takes) (const FcAlgorithm *algo), const char *option, const char *value)
{
	if (takes(m->algo))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 value ? errmsg("option \"%s\" cannot be \"%s\" for %s", option, value, m->algo->name) :
			 errmsg("option \"%s\" has no effect for %s", option, m->algo->name),
			 errhint("Leave the option out, or choose one of %s.", fc_algorithm_names(takes))));
}

/* An error unless the algorithm takes weights of rows */
void
fc_refuse_weights(const FcAlgorithm *algo)
{
	if (takes_weights(algo))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s does not take weights of rows", algo->name),
			 algo->traits & FC_SHUFFLES ? errdetail("A network learns from one row as often as from another.") :
			 errdetail("In a graph of rows each is one node."),
			 errhint("Leave the weights out, or choose one of %s.", fc_algorithm_names(takes_weights))));
}

static void
check_noise(const FcModel *m)
{
	if (fc_seeks_noise(m))
		refuse_for_others(m, takes_noise, "noise", NULL);
	if (fc_has_noise(m))
		refuse_for_others(m, takes_noise, "noise_distance", NULL);
	if (fc_seeks_noise(m) && fc_has_noise(m))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"noise\" and \"noise_distance\" cannot both be given"),
				 errdetail("The noise distance is found from the share of noise."),
				 errhint("Leave one of them out.")));
}

/* Options that not all algorithms have a meaning for, or not together */
static void
check_rows_options(const FcModel *m)
{
	if (m->common[FC_DISTANCE] == FC_COSINE)
	{
		refuse_for_others(m, takes_cosine, "distance", "cosine");
		if (m->common[FC_SCALE] != FC_SCALE_NONE)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"scale\" must be \"none\" where option \"distance\" is \"cosine\""),
					 errdetail("The cosine depends on where zero is, and on the units of the features.")));
	}
	if (m->common[FC_MISSING] == FC_MISSING_PARTIAL)
		refuse_for_others(m, takes_gaps, "missing", "partial");
	if (m->common[FC_DISTANCE] == FC_COSINE && fc_bears_gaps(m))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"missing\" cannot be \"%s\" where option \"distance\" is \"cosine\"",
						fc_missing(m) == FC_MISSING_MEAN ? "mean" : "partial"),
				 errdetail("The length of a row needs all its features."),
				 errhint("Set missing => 'skip', or fill the gaps in the query.")));
	if (m->common[FC_CATEGORY_WEIGHT] != 1)
		refuse_for_others(m, fc_takes_categories, "category_weight", NULL);
	if (!isnan(m->common[FC_WEIGHT]))
		fc_refuse_weights(m->algo);
	check_noise(m);
}

/* Is the fuzzifier found from the rows? */
static bool
finds_fuzzifier(FcModel *m)
{
	int			i = fc_find_option(m->algo, "fuzzifier");

	return i >= 0 && isnan(*fc_option_value(m, i));
}

/* m has algorithm and clusters; reads options, which may be NULL, and checks them */
void
fc_training_options(FcModel *m, OptionArrays *arrays, Jsonb *options)
{
	if (options)
		fc_parse_options(m, arrays, options);
	check_rows_options(m);
	if (m->common[FC_DISTANCE] == FC_COSINE && finds_fuzzifier(m))
		raise_tolerance(m, options, CLEAR_TOLERANCE);
	if (m->common[FC_PASSES] == FC_PASSES_QUERY)
		begin_passes(m, options);
	if ((m->algo->traits & FC_CONTINUES) && arrays->earlier && (arrays->earlier->algo->traits & FC_PRETRAINS))
	{
		arrays->k = 0;
		arrays->centers = NULL;
	}
	if (m->k == 0 && (m->common[FC_RESTARTS] > 1 || m->common[FC_INIT] != FC_INIT_KMEANSPP))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" requires a number of clusters", m->common[FC_RESTARTS] > 1 ? "restarts" : "init")));
	if (arrays->k > 0 && arrays->k != m->k)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"init\" has %s, but the number of clusters is %d", fc_counted(arrays->k, "center"), m->k)));
	if (m->algo->margin && m->common[FC_SCALE] != FC_SCALE_NONE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"scale\" has no effect for %s, which scales the features itself", m->algo->name),
				 errhint("See its option \"stretch\".")));
	if (arrays->k > 0 && m->common[FC_RESTARTS] > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"restarts\" has no effect when \"init\" gives the centers")));
}

/* Centers that the user gives must be such as rows may be */
static void
check_start(const OptionArrays *arrays, FcPrecision precision, int32 d)
{
	if (arrays->d != d)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"init\" has centers of %s, but rows have %d", fc_counted(arrays->d, "feature"), d)));
	for (Size i = 0; i < (Size) arrays->k * d; i++)
		if (fabs(arrays->centers[i]) > FC_LIMIT(precision))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"init\" has a center that is too large: feature %d of center %d is %g",
							(int) (i % d) + 1, (int) (i / d) + 1, arrays->centers[i]),
					 errdetail("Features must be at most %g in single and %g in double precision.",
							   FC_LIMIT_F32, FC_LIMIT_F64)));
}

/* ... and have a direction, where that is what counts */
static void
check_directions(const OptionArrays *arrays)
{
	for (int32 c = 0; c < arrays->k; c++)
		if (fc_is_zero(arrays->centers + (Size) c * arrays->d, arrays->d))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"init\" has a center without direction: all features of center %d are 0", c + 1),
					 errdetail("With distance => 'cosine' rows and centers are compared by the angle between them.")));
}

static void
check_model_size(const FcModel *m)
{
	FcFit		f = {.model = (FcModel *) m};
	Size		size = fc_model_size(m);
	Words		w;

	if (size <= MaxAllocSize / 2)
		return;
	w = fc_explain(&f, FC_MODEL_TOO_LARGE);
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a model with %s and %s is too large", fc_counted(m->k, "cluster"), fc_counted(m->d, "feature")),
			 errdetail("It would take %zu MB; the maximum is %zu MB.",
					   size / (1024 * 1024), (Size) MaxAllocSize / 2 / (1024 * 1024)),
			 w.part[FC_HINT] ? errhint("%s", w.part[FC_HINT]) : 0));
}

/* The least memory that a training needs, all that can be in a file being there */
static void
check_memory(const FcFit *f)
{
	const FcModel *m = f->model;
	Size		needed = f->memory.least / (1024 * 1024) + 1;
	Words		w;

	check_model_size(m);
	if (f->memory.least / 1024 <= (Size) maintenance_work_mem)
		return;
	w = fc_explain(f, FC_TOO_LITTLE_MEMORY);
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("%s needs %zu MB of memory in addition to the rows, but maintenance_work_mem is %d MB", m->algo->name,
					needed, maintenance_work_mem / 1024),
			 w.part[FC_DETAIL] ? errdetail_internal("%s", w.part[FC_DETAIL]) : 0,
			 w.part[FC_HINT] ? errhint("Raise maintenance_work_mem to %zu MB, %s.", needed, w.part[FC_HINT]) :
			 errhint("Raise maintenance_work_mem to %zu MB.", needed)));
}

/* Bytes of a layout that keeps this number of bytes of columns in memory */
static Size
layout_size(FcFit *f, Size room)
{
	FcArena		arena = {0};

	f->memory.spill.room = room;
	(void) fc_fit_layout(&arena, f);
	return arena.used;
}

/*
 * Decides how much of a training's per-row data stays in memory, in addition to
 * the rest.  The model records the amount without a limit, so that it has the
 * same bytes whatever the memory.
 */
static void
choose_columns(FcFit *f, RowStore *store)
{
	Size		allowed = (Size) maintenance_work_mem * 1024;
	Size		all;
	Size		least;

	f->memory.spill = fc_store_spill(store);
	all = layout_size(f, SIZE_MAX);
	least = f->memory.least = layout_size(f, 0);
	check_memory(f);
	f->memory.spill.room = all <= allowed ? SIZE_MAX : allowed > least ? allowed - least : 0;
	f->model->memory = (int32) Min((all + 1023) / 1024, (Size) INT_MAX);
}

/* Of a graph, once the rows are counted */
static void
check_graph_size(const FcModel *m)
{
	int32		nodes = m->algo->nodes(m);
	Size		size = sizeof(double) * nodes * nodes / 1024;
	FcFit		f = {.model = (FcModel *) m};
	Words		w;

	check_model_size(m);
	if (size <= (Size) maintenance_work_mem)
		return;
	w = fc_explain(&f, FC_TOO_LITTLE_MEMORY);
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a graph of %d rows does not fit into maintenance_work_mem", nodes),
			 errdetail("It requires %zu kB, but maintenance_work_mem is %d kB.", size, maintenance_work_mem),
			 w.part[FC_HINT] ? errhint("Raise maintenance_work_mem, %s.", w.part[FC_HINT]) :
			 errhint("Raise maintenance_work_mem.")));
}

/* How many features there are, or columns where some are categories: then fc_train() checks what it is given */
void
fc_training_features(FcModel *m, const OptionArrays *arrays, FcPrecision precision, int32 d, bool categories)
{
	m->d = d;
	check_model_size(m);
	if (arrays->k > 0 && !categories)
		check_start(arrays, precision, d);
	if (arrays->k > 0 && fc_is_cosine(m))
		check_directions(arrays);
}

/* The categories of the rows become those of the model, and their values features */
static void
take_categories(FcModel *m, RowStore *store, FcNotices *notices)
{
	if (store->categories.dictionaries == NULL)
		return;
	fc_store_sort_categories(store);
	m->categories = store->categories.sorted;
	m->d = fc_store_features(store);
	check_model_size(m);
	fc_report_categories(m, notices);
}

/* Centers of a model whose categories have other values: map (d) says where each feature was, -1: nowhere */
static double *
translated_centers(const FcModel *m, const OptionArrays *arrays, const int32 *map)
{
	double	   *centers = palloc_extended(sizeof(double) * arrays->k * m->d, MCXT_ALLOC_HUGE);

	for (int32 c = 0; c < arrays->k; c++)
		for (int32 j = 0; j < m->d; j++)
			centers[(Size) c * m->d + j] = map[j] < 0 ? 0 : arrays->centers[(Size) c * arrays->d + map[j]];
	return centers;
}

/* Centers to begin with, for a model with the features of the rows */
static OptionArrays
start_for(const FcModel *m, const OptionArrays *arrays, const RowStore *store)
{
	OptionArrays start = *arrays;
	int32	   *map;

	if (arrays->k > 0 && arrays->earlier && (fc_has_categories(m) || fc_has_categories(arrays->earlier)))
	{
		fc_refuse_other_columns(store, arrays->earlier, "the model of option \"init\"");
		map = palloc(sizeof(int32) * m->d);
		if (!fc_map_features(arrays->earlier, m, map))
			elog(ERROR, "categories of models cannot be compared");
		start.centers = translated_centers(m, arrays, map);
		start.d = m->d;
		if (!fc_same_categories(&arrays->earlier->categories, &m->categories))
			start.earlier = NULL;	/* it has other features */
	}
	else if (arrays->d == store->d)
		fc_refuse_other_names(arrays->names, store->names, store->d, "the model of option \"init\"");
	if (arrays->k > 0 && fc_has_categories(m))
		check_start(&start, store->precision, m->d);
	return start;
}

/* The status of a training, which resumes from a matching checkpoint if there is one */
static FcStatus
run(FcFit *f, void *work, Checkpoints *checkpoints)
{
	FcStatus	status;

	if (checkpoints)
		fc_checkpoints_begin(checkpoints, f);
	status = fc_fit(f, work);
	if (status != FC_OTHER_STATE)
		return status;
	fc_checkpoints_forget(checkpoints, f);
	return fc_fit(f, work);
}

/* The same, with a team of workers if that is worthwhile, which ends with it but for its memory */
static FcStatus
run_with_team(Course *c, FcFit *f, Checkpoints *checkpoints)
{
	FcArena		arena = {0};
	volatile FcStatus status;
	void	   *work;

	c->team = fc_team_begin(f, c->store);
	work = c->team ? fc_team_lay_out(c->team) : FC_LAY_OUT(&arena, fc_fit_layout(&arena, f));
	if (checkpoints)
		checkpoints->team = c->team;
	PG_TRY();
	{
		fc_team_gather(c->team);
		status = run(f, work, checkpoints);
		fc_team_dismiss(c->team);
	}
	PG_CATCH();
	{
		fc_team_abandon(c->team);
		PG_RE_THROW();
	}
	PG_END_TRY();
	return status;
}

/* Trains a model with its number of clusters, in memory of the current context */
static FcStatus
train_clusters(Course *c, FcFit *f, Checkpoints *checkpoints)
{
	FcModel    *m = f->model;
	FcArena		arena = {0};
	FcStatus	status = fc_fit_begin(f);

	c->team = NULL;
	if (status != FC_OK)
		return status;
	if (c->store->progress)
		fc_show_course(c);

	/* Measure, then lay out */
	if (m->algo->traits & FC_SPILLS)
		choose_columns(f, c->store);
	if (m->algo->nodes)
	{
		(void) fc_fit_layout(&arena, f);	/* then the number of rows is in the model */
		check_graph_size(m);
	}
	return run_with_team(c, f, checkpoints);
}

/*
 * The same, but with one cluster for each distinct row as its initial center,
 * if the option too_few requests it.  Codes of rows may coincide where the
 * rows do not, so it can take several tries.
 */
static FcStatus
train_up_to(Course *c, FcFit *f, Checkpoints *checkpoints)
{
	FcModel		settings = *f->model;
	MemoryContext context;
	MemoryContext old;
	FcStatus	status;

	if (settings.common[FC_TOO_FEW] != FC_TOO_FEW_FEWER)
		return train_clusters(c, f, checkpoints);
	context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust training", ALLOCSET_DEFAULT_SIZES);
	old = MemoryContextSwitchTo(context);
	while ((status = train_clusters(c, f, checkpoints)) == FC_TOO_FEW_ROWS &&
		   f->failure.distinct > 0 && f->failure.distinct < f->model->k)
	{
		*f->model = settings;
		f->model->k = (int32) f->failure.distinct;
		f->start = NULL;
		MemoryContextReset(context);
	}
	MemoryContextSwitchTo(old);
	return status;
}

/*
 * A model of the rows, or NULL if there are too few and the option too_few
 * requests it. settings and arrays are not changed. checkpoints may be NULL;
 * if notices is NULL, there must be a model, and all notices about it are
 * raised.
 */
bytea *
fc_train(const FcModel *settings, const OptionArrays *arrays, RowStore *store, Checkpoints *checkpoints, FcNotices *notices)
{
	RowStoreReader reader;
	FcExpandedRows view;
	FcRows		rows;
	OptionArrays start;
	FcModel		model = *settings;
	FcFit		f = {.model = &model};
	Course		course = {.model = &model, .fit = &f, .store = store, .began = GetCurrentTimestamp()};
	FcStatus	status;
	bytea	   *bytes;

	model.names = store->names;
	model.names_length = store->names_length;
	take_categories(&model, store, notices);
	start = start_for(&model, arrays, store);
	f.isa = fc_best_isa();
	rows = fc_store_rows(store, &reader);
	f.rows = fc_store_expand(store, &rows, &view, f.isa);
	f.start = start.centers;
	memcpy(f.list, arrays->list, sizeof(f.list));
	f.lapack = (model.algo->traits & FC_NEEDS_LAPACK) ? fc_lapack() : NULL;
	f.earlier = start.earlier;
	f.hooks = (FcHooks) {fc_course_check, fc_course_iteration, &course};

	status = train_up_to(&course, &f, checkpoints);
	if (status == FC_TOO_FEW_ROWS && model.common[FC_TOO_FEW] == FC_TOO_FEW_NULL && notices != NULL)
	{
		fc_team_end(course.team);
		fc_store_end(store);
		fc_report_no_model(&f, notices);
		return NULL;
	}
	fc_report_fit(status == FC_TOO_FEW_ROWS && model.k == 0 ? FC_TOO_FINE : status, &f);
	fc_report_doubts(&f, notices);
	bytes = fc_model_to_datum(&model);
	fc_team_end(course.team);
	fc_store_end(store);
	return bytes;
}
