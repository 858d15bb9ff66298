/*
 * score.c - using a model on rows
 *
 * All of these take the model first and a feature vector second, are strict,
 * and keep parsed models between calls.
 */
#include "pg/score/score.h"

#include "core/noise.h"

#include "access/htup_details.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"

/*
 * A parameter would not do: PL/pgSQL evaluates an expression again with other
 * values of its variables.
 */
static bool
has_constant_model(FunctionCallInfo fcinfo)
{
	Node	   *call = fcinfo->flinfo->fn_expr;

	return call && IsA(call, FuncExpr) && ((FuncExpr *) call)->args != NIL &&
		IsA(linitial(((FuncExpr *) call)->args), Const);
}

/* What the call site keeps: a Scoring, or a struct of this size that begins with one */
Scoring *
fc_scoring_of(FunctionCallInfo fcinfo, Size size)
{
	Scoring    *s = fc_call_memory(fcinfo, size);

	if (s->reader == NULL)
	{
		s->constant = has_constant_model(fcinfo);
		s->reader = fc_feature_reader(fcinfo, 1);
		s->reader->categories.allowed = true;
	}
	return s;
}

/* The model of this call, ready to score */
ModelSlot *
fc_scoring_slot(FunctionCallInfo fcinfo, Scoring *s)
{
	if (s->constant && s->cache.last)
		return s->cache.last;
	return fc_cached_model(&s->cache, fcinfo->flinfo->fn_mcxt, PG_GETARG_DATUM(0));
}

/* The scorer with the distances of this call's row; NULL: the result is NULL */
static FcScorer *
score_row(FunctionCallInfo fcinfo)
{
	Scoring    *s = fc_scoring_of(fcinfo, sizeof(Scoring));
	ModelSlot  *slot = fc_scoring_slot(fcinfo, s);

	if (!fc_read_features(slot, s->reader, PG_GETARG_DATUM(1)))
		return NULL;
	fc_score_row(&slot->scorer, slot->x);
	return &slot->scorer;
}

/*
 * cluster_id(model bytea, features "any") returns int
 *
 * The cluster with the highest membership, from 1; the first of equals.  0: noise.
 */
PG_FUNCTION_INFO_V1(cluster_id);
Datum
cluster_id(PG_FUNCTION_ARGS)
{
	FcScorer   *s = score_row(fcinfo);

	if (s == NULL)
		PG_RETURN_NULL();
	PG_RETURN_INT32(fc_score_nearest(s) + 1);
}

/*
 * cluster_membership(model bytea, features "any") returns float8[]
 *
 * The row's membership in each cluster; they add up to 1, less that in noise, unless they are typicalities.
 */
PG_FUNCTION_INFO_V1(cluster_membership);
Datum
cluster_membership(PG_FUNCTION_ARGS)
{
	FcScorer   *s = score_row(fcinfo);

	if (s == NULL)
		PG_RETURN_NULL();
	fc_score_memberships(s);
	PG_RETURN_DATUM(fc_float8_array(s->u, s->model->k));
}

static bool
may_have_typicalities(const FcAlgorithm *algo)
{
	return (algo->traits & FC_POSSIBILISTIC) || algo->kernel->metric.typicality;
}

/*
 * cluster_typicality(model bytea, features "any") returns float8[]
 *
 * How typical the row is of each cluster, whatever the others are: its memberships, not divided by their sum.
 */
PG_FUNCTION_INFO_V1(cluster_typicality);
Datum
cluster_typicality(PG_FUNCTION_ARGS)
{
	FcScorer   *s = score_row(fcinfo);

	if (s == NULL)
		PG_RETURN_NULL();
	fc_refuse_without(s->model->algo, may_have_typicalities, "", "typicalities");
	if (!fc_has_typicalities(s->model))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("this %s model has no typicalities", s->model->algo->name),
				 errdetail("Its memberships are the softmax of a classifier, which only compares clusters."),
				 errhint("Train with refine => 'none', or with refine_head => 'own'.")));
	fc_score_typicalities(s);
	PG_RETURN_DATUM(fc_float8_array(s->u, s->model->k));
}

/*
 * cluster_distance(model bytea, features "any") returns float8[]
 *
 * The distance to each center, in the model's metric and scaled units.
 */
PG_FUNCTION_INFO_V1(cluster_distance);
Datum
cluster_distance(PG_FUNCTION_ARGS)
{
	FcScorer   *s = score_row(fcinfo);

	if (s == NULL)
		PG_RETURN_NULL();
	for (int32 c = 0; c < s->model->k; c++)
		s->u[c] = fc_score_length(s, c);
	PG_RETURN_DATUM(fc_float8_array(s->u, s->model->k));
}

/*
 * cluster_outlier_score(model bytea, features "any") returns float8
 *
 * Distance to the nearest center over the mean distance that the rows of that
 * cluster had in training; or 1 less the largest typicality.
 */
PG_FUNCTION_INFO_V1(cluster_outlier_score);
Datum
cluster_outlier_score(PG_FUNCTION_ARGS)
{
	FcScorer   *s = score_row(fcinfo);

	if (s == NULL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(fc_score_outlier(s));
}

/* ---- codes ---- */

/* The model of this call, which has a network and "what", its row scaled in slot->x; NULL: the result is NULL */
ModelSlot *
fc_code_row(FunctionCallInfo fcinfo, bool (*has) (const FcAlgorithm *algo), const char *article, const char *what)
{
	Scoring    *s = fc_scoring_of(fcinfo, sizeof(Scoring));
	ModelSlot  *slot = fc_scoring_slot(fcinfo, s);
	const FcModel *m = &slot->model;

	fc_refuse_without(m->algo, has, article, what);
	if (!fc_read_features(slot, s->reader, PG_GETARG_DATUM(1)))
		return NULL;
	for (int32 j = 0; m->shift && j < m->d; j++)
		slot->x[j] = (slot->x[j] - m->shift[j]) * m->factor[j];
	return slot;
}

/*
 * cluster_embed(model bytea, features "any") returns real[]
 *
 * The code that the network makes of the row.
 */
PG_FUNCTION_INFO_V1(cluster_embed);
Datum
cluster_embed(PG_FUNCTION_ARGS)
{
	ModelSlot  *slot = fc_code_row(fcinfo, fc_has_network, "a ", "network");
	const FcNetworkHooks *network;
	int			width;
	float	   *z;

	if (slot == NULL)
		PG_RETURN_NULL();
	network = slot->model.algo->network;
	width = network->latent(&slot->model);
	z = palloc(sizeof(float) * width);
	network->embed(&slot->scorer.metric, slot->x, z);
	PG_RETURN_DATUM(fc_float4_array(z, width));
}

/*
 * cluster_reconstruct(model bytea, features "any") returns real[]
 *
 * The row as the decoder makes it from its code, in the units of the features.
 */
PG_FUNCTION_INFO_V1(cluster_reconstruct);
Datum
cluster_reconstruct(PG_FUNCTION_ARGS)
{
	ModelSlot  *slot = fc_code_row(fcinfo, fc_has_network, "a ", "network");
	float	   *y;

	if (slot == NULL)
		PG_RETURN_NULL();
	y = palloc(sizeof(float) * slot->model.d);
	slot->model.algo->network->reconstruct(&slot->scorer.metric, slot->x, slot->x);
	fc_unscale(&slot->model, slot->x, slot->x);
	for (int32 j = 0; j < slot->model.d; j++)
		y[j] = (float) slot->x[j];
	PG_RETURN_DATUM(fc_float4_array(y, slot->model.d));
}

/* ---- cluster_set ---- */

typedef struct SetRow
{
	int32		cluster;		/* from 0; k: noise */
	double		membership;
	double		distance;
} SetRow;

/* The parsed models outlive one call of the set, so it keeps its own state */
typedef struct SetScoring
{
	Scoring		scoring;
	TupleDesc	desc;
	bool		active;			/* between the first and the last row of a set */
	SetRow	   *rows;
	int32		room;
	int32		n;
	int32		next;
	int32		k;				/* of the model of these rows */
} SetScoring;

static void
end_set(Datum arg)
{
	((SetScoring *) DatumGetPointer(arg))->active = false;
}

static int
compare_rows(const void *a, const void *b)
{
	const SetRow *x = a;
	const SetRow *y = b;

	if (x->membership != y->membership)
		return x->membership > y->membership ? -1 : 1;
	if (x->distance != y->distance)
		return x->distance < y->distance ? -1 : 1;
	return x->cluster - y->cluster;
}

/* How many rows a set may have at most: the third argument */
int32
fc_top_n_argument(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(2))
		return PG_INT32_MAX;
	if (PG_GETARG_INT32(2) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("top_n must not be negative: %d", PG_GETARG_INT32(2))));
	return PG_GETARG_INT32(2);
}

static double
cutoff_argument(FunctionCallInfo fcinfo)
{
	double		cutoff = PG_ARGISNULL(3) ? 0 : PG_GETARG_FLOAT8(3);

	if (!(cutoff >= 0 && cutoff <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cutoff must be between 0 and 1, not %s", fc_double_text(cutoff))));
	return cutoff;
}

/* Of a cluster, or of noise */
static double
group_distance(const FcScorer *s, int32 c)
{
	return c < s->model->k ? fc_score_length(s, c) : s->model->common[FC_NOISE_DISTANCE];
}

/* Finds the rows of a set, strongest first */
static void
fill_set(FunctionCallInfo fcinfo, SetScoring *set)
{
	int32		top_n = fc_top_n_argument(fcinfo);
	double		cutoff = cutoff_argument(fcinfo);
	FcScorer   *s = PG_ARGISNULL(0) || PG_ARGISNULL(1) ? NULL : score_row(fcinfo);
	int32		groups;

	set->n = set->next = 0;
	if (s == NULL)
		return;
	groups = fc_groups(s->model);
	set->k = s->model->k;
	if (set->room < groups)
	{
		set->rows = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, sizeof(SetRow) * groups);
		set->room = groups;
	}
	fc_score_memberships(s);
	for (int32 c = 0; c < groups; c++)
		if (s->u[c] >= cutoff)
			set->rows[set->n++] = (SetRow) {c, s->u[c], group_distance(s, c)};
	qsort(set->rows, set->n, sizeof(SetRow), compare_rows);
	set->n = Min(set->n, top_n);
}

static SetScoring *
begin_set(FunctionCallInfo fcinfo, ReturnSetInfo *rsinfo)
{
	SetScoring *set = (SetScoring *) fc_scoring_of(fcinfo, sizeof(SetScoring));

	if (set->desc == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
		TupleDesc	desc;

		if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
			elog(ERROR, "cluster_set must return a row type");
		set->desc = BlessTupleDesc(desc);
		MemoryContextSwitchTo(old);
	}
	fill_set(fcinfo, set);
	set->active = true;
	/* Should the caller stop before the last row, as under LIMIT */
	RegisterExprContextCallback(rsinfo->econtext, end_set, PointerGetDatum(set));
	return set;
}

/*
 * cluster_set(model bytea, features "any", top_n int, cutoff float8)
 * returns setof (cluster int, membership float8, distance float8)
 *
 * A row for each cluster, and one with cluster 0 for noise, strongest membership first: at most
 * top_n, and none with a membership below cutoff.
 */
PG_FUNCTION_INFO_V1(cluster_set);
Datum
cluster_set(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = fc_set_caller(fcinfo, SFRM_ValuePerCall);
	SetScoring *set = fcinfo->flinfo->fn_extra;
	Datum		values[3];
	bool		nulls[3] = {false, false, false};
	const SetRow *row;

	if (set == NULL || !set->active)
		set = begin_set(fcinfo, rsinfo);

	if (set->next == set->n)
	{
		UnregisterExprContextCallback(rsinfo->econtext, end_set, PointerGetDatum(set));
		set->active = false;
		rsinfo->isDone = ExprEndResult;
		PG_RETURN_NULL();
	}
	row = &set->rows[set->next++];
	values[0] = Int32GetDatum(row->cluster < set->k ? row->cluster + 1 : 0);
	values[1] = Float8GetDatum(row->membership);
	values[2] = Float8GetDatum(row->distance);
	rsinfo->isDone = ExprMultipleResult;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(set->desc, values, nulls)));
}

/* How many rows a set has: top_n where it is a constant, else one for each cluster of the model, and for noise */
static double
expected_rows(List *args)
{
	Node	   *model = linitial(args);
	Node	   *top_n = list_length(args) > 2 ? lthird(args) : NULL;
	double		rows = 10;

	if (IsA(model, Const) && !((Const *) model)->constisnull)
	{
		struct varlena *v = PG_DETOAST_DATUM_PACKED(((Const *) model)->constvalue);
		int32		groups = fc_model_groups(VARDATA_ANY(v), VARSIZE_ANY_EXHDR(v));

		if (groups > 0)
			rows = Min(groups, FC_MAX_CLUSTERS + 1);
	}
	if (top_n && IsA(top_n, Const) && !((Const *) top_n)->constisnull)
		rows = Min(rows, Max(1, DatumGetInt32(((Const *) top_n)->constvalue)));
	return rows;
}

/*
 * cluster_set_support(internal) returns internal
 */
PG_FUNCTION_INFO_V1(cluster_set_support);
Datum
cluster_set_support(PG_FUNCTION_ARGS)
{
	Node	   *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestRows))
	{
		SupportRequestRows *r = (SupportRequestRows *) request;

		if (is_funcclause(r->node))
		{
			r->rows = expected_rows(((FuncExpr *) r->node)->args);
			PG_RETURN_POINTER(r);
		}
	}
	PG_RETURN_POINTER(NULL);
}
