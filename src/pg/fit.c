/*
 * fit.c - the training aggregates: <algorithm>_fit(features, clusters [, options])
 *
 * The transition function gathers rows in a store, the final function trains.
 * It may run several times, in a window, so it leaves the state as it is.
 */
#include "fuzzyclust.h"

#include "access/xact.h"
#include "core/variants.h"
#include "nodes/execnodes.h"
#include "utils/memutils.h"

#include <math.h>

typedef struct FitState
{
	FcModel		model;			/* options and counts; no memory for arrays */
	OptionArrays arrays;
	Jsonb	   *options;		/* what was read into the two above; NULL: none */
	RowStore	store;
	void	   *row;			/* (d) the row at hand; NULL before the first one */
} FitState;

static void
close_store(Datum state)
{
	fc_store_close(&((FitState *) DatumGetPointer(state))->store);
}

/*
 * In a window, when a partition ends.  When a transaction aborts, the file has
 * been closed already, or will be.
 */
static void
close_window_store(void *arg)
{
	if (IsTransactionState())
		fc_store_close((RowStore *) arg);
}

/* The temporary file goes with the group, not only with the query */
static void
close_with_group(FunctionCallInfo fcinfo, FitState *s)
{
	MemoryContextCallback *callback;

	if (IsA(fcinfo->context, AggState))
	{
		AggRegisterCallback(fcinfo, close_store, PointerGetDatum(s));
		return;
	}
	callback = palloc(sizeof(MemoryContextCallback));
	callback->func = close_window_store;
	callback->arg = &s->store;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
}

static int32
clusters_argument(FunctionCallInfo fcinfo)
{
	int32		k;

	if (PG_ARGISNULL(2))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("number of clusters must not be null")));
	k = PG_GETARG_INT32(2);
	if (k < 1 || k > FC_MAX_CLUSTERS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of clusters must be between 1 and %d, not %d", FC_MAX_CLUSTERS, k)));
	return k;
}

/* At the first row of a group, whether it has features or not */
static FitState *
begin(FunctionCallInfo fcinfo, const FcAlgorithm *algo)
{
	FitState   *s = palloc0(sizeof(FitState));

	fc_model_begin(&s->model, algo, clusters_argument(fcinfo), 0);
	if (PG_NARGS() > 3 && !PG_ARGISNULL(3))
	{
		s->options = PG_GETARG_JSONB_P_COPY(3);
		fc_parse_options(&s->model, &s->arrays, s->options);
	}
	if (s->arrays.k > 0 && s->arrays.k != s->model.k)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"init\" has %d centers, but %d clusters are asked for", s->arrays.k, s->model.k)));
	if (s->arrays.k > 0 && s->model.common[FC_RESTARTS] > 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"restarts\" has no effect when \"init\" gives the centers")));
	return s;
}

/* What the first row of a group asks for holds for all of them */
static void
check_same_arguments(FunctionCallInfo fcinfo, const FitState *s)
{
	Jsonb	   *options = PG_NARGS() > 3 && !PG_ARGISNULL(3) ? PG_GETARG_JSONB_P(3) : NULL;

	if (clusters_argument(fcinfo) != s->model.k)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of clusters changes from %d to %d within a group", s->model.k, PG_GETARG_INT32(2)),
				 errhint("Group by what the number of clusters depends on.")));
	if ((options == NULL) != (s->options == NULL) ||
		(options && (VARSIZE(options) != VARSIZE(s->options) || memcmp(options, s->options, VARSIZE(options)) != 0)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options change within a group"),
				 errhint("Group by what the options depend on.")));
}

/* Centers that the user gives must be such as rows may be */
static void
check_start(const OptionArrays *arrays, FcPrecision precision, int32 d)
{
	if (arrays->d != d)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"init\" has centers of %d features, but rows have %d", arrays->d, d)));
	for (Size i = 0; i < (Size) arrays->k * d; i++)
		if (fabs(arrays->centers[i]) > FC_LARGEST(precision))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"init\" has a center that is too large: feature %d of center %d is %g",
							(int) (i % d) + 1, (int) (i / d) + 1, arrays->centers[i]),
					 errdetail("Features are at most %g in single and %g in double precision.",
							   FC_LARGEST_F32, FC_LARGEST_F64)));
}

/* At the first vector, which says how many features there are */
static void
begin_rows(FunctionCallInfo fcinfo, FitState *s, FcPrecision precision, int32 d)
{
	Size		size;

	s->model.d = d;
	size = fc_model_size(&s->model);
	if (size > MaxAllocSize / 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a model of %d clusters and %d features is too large", s->model.k, d),
				 errdetail("It would take %zu MB; a model has at most %zu MB.",
						   size / (1024 * 1024), (Size) MaxAllocSize / 2 / (1024 * 1024))));
	if (s->arrays.k > 0)
		check_start(&s->arrays, precision, d);
	fc_store_begin(&s->store, CurrentMemoryContext, precision, d);
	s->row = palloc(sizeof(double) * d);
	close_with_group(fcinfo, s);
}

/* Adds the vector that the reader holds, or counts it as skipped */
static void
add_row(FitState *s, FeatureReader *r)
{
	int32		missing = fc_features_get(r, s->row);

	if (missing == 0)
		fc_store_add(&s->store, s->row);
	else if (s->model.common[FC_MISSING] == FC_MISSING_SKIP && fc_features_missing(r, missing, s->row))
		s->model.skipped++;
	else
		fc_features_reject(r, missing);
}

static Datum
accumulate(FunctionCallInfo fcinfo, const FcAlgorithm *algo)
{
	MemoryContext context;
	MemoryContext old;
	FitState   *s = PG_ARGISNULL(0) ? NULL : (FitState *) PG_GETARG_POINTER(0);
	FeatureReader *r = fcinfo->flinfo->fn_extra;
	int32		d;

	if (!AggCheckCallContext(fcinfo, &context))
		elog(ERROR, "%s_fit called in non-aggregate context", algo->name);
	if (r == NULL)
	{
		r = fcinfo->flinfo->fn_extra = fc_feature_reader(fcinfo, 1);
		r->training = true;
	}
	if (s == NULL)
	{
		old = MemoryContextSwitchTo(context);
		s = begin(fcinfo, algo);
		MemoryContextSwitchTo(old);
	}
	else
		check_same_arguments(fcinfo, s);
	if (PG_ARGISNULL(1))
	{
		s->model.skipped++;
		PG_RETURN_POINTER(s);
	}

	d = fc_features_open(r, PG_GETARG_DATUM(1));
	if (s->row == NULL)
	{
		old = MemoryContextSwitchTo(context);
		begin_rows(fcinfo, s, r->precision, d);
		MemoryContextSwitchTo(old);
	}
	else if (d != s->model.d)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("feature vectors of different lengths: %d and %d", s->model.d, d)));
	add_row(s, r);
	PG_RETURN_POINTER(s);
}

#define FC_ALGORITHM(name) \
	extern const FcAlgorithm fc_##name; \
	PG_FUNCTION_INFO_V1(name##_accum); \
	Datum name##_accum(PG_FUNCTION_ARGS) { return accumulate(fcinfo, &fc_##name); }
#include "algo/list.h"
#undef FC_ALGORITHM

/* ---- the end of a group ---- */

static void
show_progress(void *arg, int32_t iteration, double objective, double change)
{
	ereport(DEBUG1,
			(errmsg_internal("%s: iteration %d, objective %.10g, change %.3g",
							 (const char *) arg, iteration, objective, change)));
}

/*
 * cluster_fit_final(internal) returns bytea
 */
PG_FUNCTION_INFO_V1(cluster_fit_final);
Datum
cluster_fit_final(PG_FUNCTION_ARGS)
{
	FitState   *s = PG_ARGISNULL(0) ? NULL : (FitState *) PG_GETARG_POINTER(0);
	RowStoreReader reader;
	FcArena		arena = {0};
	FcModel		model;
	FcFit		f = {.model = &model};
	void	   *work;

	if (s == NULL || s->row == NULL || s->store.n == 0)
		PG_RETURN_NULL();

	model = s->model;
	f.rows = fc_store_rows(&s->store, &reader);
	f.start = s->arrays.centers;
	memcpy(f.list, s->arrays.list, sizeof(f.list));
	f.isa = fc_best_isa();
	f.hooks = (FcHooks) {fc_check_interrupts, show_progress, (void *) model.algo->name};

	/* Measure, then lay out */
	(void) fc_fit_layout(&arena, &f);
	fc_arena_allocate(&arena);
	work = fc_fit_layout(&arena, &f);

	fc_report_fit(fc_fit(&f, work), &f);
	fc_report_doubts(&f);
	PG_RETURN_BYTEA_P(fc_model_to_datum(&model));
}
