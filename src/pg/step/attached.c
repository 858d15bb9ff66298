/*
 * attached.c - memory that belongs to the memory context of an aggregate
 *
 * A transition function that another one calls for each row (worker_partial_agg
 * of Citus) keeps nothing from one row to the next in its call.  The memory context
 * of the aggregate remains.  What belongs to it is found through a callback of the
 * context, which does nothing, and is forgotten when the context is reset.
 *
 * A state that is a plain SQL value could be anybody's bytes: that of an
 * aggregate whose INITCOND somebody wrote.  So a transition function, which changes
 * states in place, gives them a random number which it keeps here, and trusts those
 * that have it.  Who defines an aggregate can read the number in a state, and
 * write it into another one while the statement runs.  But a transition function only
 * gets what it has returned, unless it is a part of an aggregate in another
 * role as well: that of moving frames, whose inverse may return anything, or a final
 * function.  Such aggregates are refused.  Combine and final functions trust nothing.
 */
#include "pg/step/step.h"

#include "access/htup_details.h"
#include "catalog/pg_aggregate.h"
#include "nodes/execnodes.h"
#include "nodes/memnodes.h"
#include "utils/memutils.h"
#include "utils/regproc.h"
#include "utils/syscache.h"

typedef struct Attachment
{
	MemoryContextCallback callback;
	const char *kind;
	uint64		memory[FLEXIBLE_ARRAY_MEMBER];
} Attachment;

/* The callback by which an attachment is recognized */
static void
forget(void *attachment)
{
	(void) attachment;
}

/* Memory of a kind that belongs to context, zeros at first; kind is compared by its address */
void *
fc_attached(MemoryContext context, const char *kind, Size size)
{
	Attachment *a;

	for (MemoryContextCallback *c = context->reset_cbs; c != NULL; c = c->next)
		if (c->func == forget && ((Attachment *) c->arg)->kind == kind)
			return ((Attachment *) c->arg)->memory;
	a = MemoryContextAllocZero(context, offsetof(Attachment, memory) + size);
	a->kind = kind;
	a->callback = (MemoryContextCallback) {.func = forget, .arg = a};
	MemoryContextRegisterResetCallback(context, &a->callback);
	return a->memory;
}

/* Nobody can guess it */
uint64
fc_owner_number(void)
{
	uint64		number;

	if (!pg_strong_random(&number, sizeof(number)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random number")));
	return number;
}

/* ---- aggregates of others ---- */

extern Datum cluster_step_accum(PG_FUNCTION_ARGS);
extern Datum cluster_step_real_accum(PG_FUNCTION_ARGS);
extern Datum cluster_step_double_accum(PG_FUNCTION_ARGS);
extern Datum cluster_sample_accum(PG_FUNCTION_ARGS);
extern Datum cluster_sample_real_accum(PG_FUNCTION_ARGS);
extern Datum cluster_sample_double_accum(PG_FUNCTION_ARGS);

/* Transition functions that trust their states */
static const PGFunction trusting[] = {
	cluster_step_accum, cluster_step_real_accum, cluster_step_double_accum,
	cluster_sample_accum, cluster_sample_real_accum, cluster_sample_double_accum
};

static bool
is_trusting(Oid function)
{
	FmgrInfo	info;

	if (!OidIsValid(function))
		return false;
	fmgr_info(function, &info);
	for (int i = 0; i < (int) lengthof(trusting); i++)
		if (info.fn_addr == trusting[i])
			return true;
	return false;
}

/* Does the aggregate pass states to such a function that are not its own? */
static void
refuse_misuse(Oid aggregate)
{
	HeapTuple	tuple = SearchSysCache1(AGGFNOID, ObjectIdGetDatum(aggregate));
	FormData_pg_aggregate form;

	if (!HeapTupleIsValid(tuple))
		return;					/* a function of windows that is no aggregate */
	form = *(Form_pg_aggregate) GETSTRUCT(tuple);
	ReleaseSysCache(tuple);
	if (is_trusting(form.aggfinalfn) || is_trusting(form.aggmtransfn) ||
		is_trusting(form.aggminvtransfn) || is_trusting(form.aggmfinalfn))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
				 errmsg("aggregate %s uses a transition function of another aggregate in another role",
						format_procedure(aggregate)),
				 errhint("Use cluster_step() or cluster_sample(), which return values that can be merged.")));
}

/* Of a transition function: all aggregates that share its memory context must use such functions as what they are */
void
fc_refuse_misuse(FunctionCallInfo fcinfo)
{
	ListCell   *cell;

	if (IsA(fcinfo->context, AggState))
		foreach(cell, ((AggState *) fcinfo->context)->aggs)
			refuse_misuse(lfirst_node(Aggref, cell)->aggfnoid);
	else if (IsA(fcinfo->context, WindowAggState))
		foreach(cell, ((WindowAggState *) fcinfo->context)->funcs)
			refuse_misuse(((WindowFuncExprState *) lfirst(cell))->wfunc->winfnoid);
}
