/*
 * fit.c - the training aggregates: <algorithm>_fit(features, clusters [, options [, weight]])
 *
 * The transition function puts rows into a store, the final function trains.
 * It may run several times, in a window, so it does not change the state.
 */
#include "pg/train/train.h"

#include "access/xact.h"
#include "nodes/execnodes.h"

#include <math.h>

/* Arguments other than the features */
typedef struct FitOptions
{
	FcModel		model;			/* clusters and options; no memory for arrays */
	OptionArrays arrays;
	struct varlena *key;		/* identifies the options that were read; NULL: none */
} FitOptions;

typedef struct FitState
{
	const FitOptions *options;
	FcModel		model;			/* the same, and counts */
	RowStore	store;			/* zeros before the first vector */
	int64		weightless;		/* rows with weight 0 */
	int64		told;			/* rows left out that were reported to the user */
} FitState;

/* What lasts as long as the query */
typedef struct FitCall
{
	FeatureReader *reader;
	bool		same_clusters;	/* for all rows of a group, as is known from the expression ... */
	bool		same_options;	/* ... likewise */
	FitOptions *options;		/* of the first group, and of those that have the same; or NULL */
} FitCall;

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

static bool
is_window(FunctionCallInfo fcinfo)
{
	return !IsA(fcinfo->context, AggState);
}

/* Temporary file and shared memory are given up with the group, not only with the query */
static void
close_with_group(FunctionCallInfo fcinfo, FitState *s)
{
	MemoryContextCallback *callback;

	if (!is_window(fcinfo))
	{
		AggRegisterCallback(fcinfo, close_store, PointerGetDatum(s));
		return;
	}
	callback = palloc(sizeof(MemoryContextCallback));
	callback->func = close_window_store;
	callback->arg = &s->store;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
}

/* ---- the aggregates ---- */

static bool
has_options(FunctionCallInfo fcinfo)
{
	return PG_NARGS() > 3 && !PG_ARGISNULL(3);
}

static bool
has_weights(FunctionCallInfo fcinfo)
{
	return PG_NARGS() > 4;
}

static void
refuse_weight_column(const FcModel *m)
{
	if (!isnan(m->common[FC_WEIGHT]))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"weight\" can name a column only where there is a query"),
				 errhint("Pass the weight as an argument, as in %s_fit(features, clusters, options, weight).", m->algo->name)));
}

static FitOptions *
read_options(FunctionCallInfo fcinfo, const FcAlgorithm *algo, MemoryContext context)
{
	Jsonb	   *options = has_options(fcinfo) ? PG_GETARG_JSONB_P(3) : NULL;
	MemoryContext old = MemoryContextSwitchTo(context);
	FitOptions *o = palloc0(sizeof(FitOptions));

	fc_model_begin(&o->model, algo, fc_clusters_argument(fcinfo, 2, algo), 0);
	fc_training_options(&o->model, &o->arrays, options);
	fc_refuse_passes(&o->model);
	refuse_weight_column(&o->model);
	if (has_weights(fcinfo))
	{
		fc_refuse_weights(algo);
		o->model.common[FC_WEIGHT] = 1;
	}
	if (options)
	{
		struct varlena *key = fc_comparable(PG_GETARG_DATUM(3));

		o->key = memcpy(palloc(VARSIZE_ANY(key)), key, VARSIZE_ANY(key));
	}
	MemoryContextSwitchTo(old);
	return o;
}

/* Are they stored as the same value? */
static bool
are_those(FunctionCallInfo fcinfo, const FitOptions *o)
{
	if (!has_options(fcinfo) || o->key == NULL)
		return !has_options(fcinfo) && o->key == NULL;
	return fc_same_bytes(o->key, fc_comparable(PG_GETARG_DATUM(3)));
}

/* The same options may be passed as another value, stored elsewhere */
static bool
same_options(FunctionCallInfo fcinfo, const FitOptions *o)
{
	Jsonb	   *a;
	Jsonb	   *b;

	if (are_those(fcinfo, o))
		return true;
	if (o->key == NULL || !has_options(fcinfo))
		return false;
	a = DatumGetJsonbP(PointerGetDatum(o->key));
	b = PG_GETARG_JSONB_P(3);
	return VARSIZE(a) == VARSIZE(b) && memcmp(a, b, VARSIZE(a)) == 0;
}

/*
 * At the first row of a group, whether it has features or not.  The arguments
 * of the first group are kept for the others, which mostly have the same: an
 * initial model is then read and stored only once.
 */
static FitState *
begin(FunctionCallInfo fcinfo, const FcAlgorithm *algo, MemoryContext context)
{
	FitCall    *call = fcinfo->flinfo->fn_extra;
	FitOptions *o = call->options;
	FitState   *s;

	if (o == NULL)
		o = call->options = read_options(fcinfo, algo, fcinfo->flinfo->fn_mcxt);
	else if (o->model.k != fc_clusters_argument(fcinfo, 2, algo) || !are_those(fcinfo, o))
		o = read_options(fcinfo, algo, context);
	s = MemoryContextAllocZero(context, sizeof(FitState));
	s->options = o;
	s->model = o->model;
	return s;
}

/* For messages */
static const char *
clusters_text(int32 k)
{
	return k == 0 ? "NULL" : psprintf("%d", k);
}

/* The arguments of the first row of a group apply to all its rows */
static void
check_same_arguments(FunctionCallInfo fcinfo, const FitState *s)
{
	const FitCall *call = fcinfo->flinfo->fn_extra;
	int32		k = call->same_clusters ? s->model.k : fc_clusters_argument(fcinfo, 2, s->model.algo);

	if (k != s->model.k)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of clusters changes from %s to %s within a group",
						clusters_text(s->model.k), clusters_text(k)),
				 errhint("Group by all columns on which the number of clusters depends.")));
	if (!call->same_options && !same_options(fcinfo, s->options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options change within a group"),
				 errhint("Group by all columns on which the options depend.")));
}

/* At the first vector, which determines the number of features */
static void
begin_rows(FunctionCallInfo fcinfo, FitState *s, const FeatureReader *r, int32 d)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	MemoryContext old = MemoryContextSwitchTo(context);

	fc_refuse_categories(r, &s->model);
	fc_training_features(&s->model, &s->options->arrays, r->precision, d, r->categories.count > 0);
	fc_store_begin(&s->store, context, s->model.algo,
				   fc_store_flags(&s->model) | (is_window(fcinfo) ? FC_STORE_PRIVATE : 0) | (has_weights(fcinfo) ? FC_STORE_WEIGHTED : 0), r->precision, d);
	close_with_group(fcinfo, s);
	MemoryContextSwitchTo(old);
}

static FitCall *
begin_call(FunctionCallInfo fcinfo)
{
	FitCall    *call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(FitCall));

	call->reader = fc_feature_reader(fcinfo, 1);
	call->reader->training = true;
	call->reader->categories.allowed = true;
	call->same_clusters = fc_is_constant_argument(fcinfo, 2);
	call->same_options = PG_NARGS() <= 3 || fc_is_constant_argument(fcinfo, 3);
	return call;
}

/* Adds the features of a row; false: they are missing */
static bool
add_features(FunctionCallInfo fcinfo, FitState *s, FeatureReader *r, double weight)
{
	int32		d;

	if (PG_ARGISNULL(1))
		return false;
	fc_store_weigh(&s->store, weight);
	if (s->store.d > 0 && fc_store_add_plain(&s->store, r, PG_GETARG_DATUM(1)))
		return true;
	d = fc_features_open(r, PG_GETARG_DATUM(1));
	if (s->store.d == 0)
	{
		begin_rows(fcinfo, s, r, d);
		fc_store_weigh(&s->store, weight);
	}
	return fc_store_add_features(&s->store, r, fc_missing(&s->model));
}

static Datum
accumulate(FunctionCallInfo fcinfo, const FcAlgorithm *algo)
{
	FitState   *s = fc_aggregate_state(fcinfo, 0);
	FeatureReader *r;
	double		weight = 1;

	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = begin_call(fcinfo);
	r = ((FitCall *) fcinfo->flinfo->fn_extra)->reader;
	if (s == NULL)
		s = begin(fcinfo, algo, fc_aggregate_context(fcinfo));
	else
		check_same_arguments(fcinfo, s);
	if (has_weights(fcinfo))
		weight = PG_ARGISNULL(4) ? NAN : fc_checked_weight(PG_GETARG_FLOAT8(4));
	if (weight == 0)
		s->weightless++;
	else if (isnan(weight) || !add_features(fcinfo, s, r, weight))
		s->model.skipped++;
	PG_RETURN_POINTER(s);
}

#define FC_ALGORITHM(name)	FC_ALGORITHM_FUNCTION(name, accum, accumulate)
#include "algorithms.h"
#undef FC_ALGORITHM

/* ---- the end of a group ---- */

/* In a window, where the state stays and grows, only of new ones */
static void
tell_skipped(FitState *s, FcNotices *notices)
{
	if (s->model.skipped > s->told && fc_may_tell(notices))
		fc_report_skipped(s->model.skipped, s->store.directions.zeros, s->store.n, !isnan(s->model.common[FC_WEIGHT]));
	s->told = s->model.skipped;
}

/*
 * cluster_fit_final(internal) returns bytea
 *
 * NULL without rows, and with too few of them if the option too_few is "null".
 * Rows that all have weight 0 are too few.
 */
PG_FUNCTION_INFO_V1(cluster_fit_final);
Datum
cluster_fit_final(PG_FUNCTION_ARGS)
{
	FitState   *s = fc_aggregate_state(fcinfo, 0);
	FcNotices  *notices;
	bytea	   *model = NULL;

	if (s == NULL)
		PG_RETURN_NULL();
	notices = fc_call_memory(fcinfo, sizeof(FcNotices));
	if (s->store.n == 0 && s->weightless > 0 && s->model.common[FC_TOO_FEW] != FC_TOO_FEW_NULL)
		fc_refuse_weightless();
	if (s->store.n > 0)
		model = fc_train(&s->model, &s->options->arrays, &s->store, NULL, notices);
	tell_skipped(s, notices);
	if (model == NULL)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(model);
}
