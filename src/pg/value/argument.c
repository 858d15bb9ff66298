/*
 * argument.c - arguments of SQL functions
 *
 * An argument of an aggregate that is the same for all rows of a group is read
 * once per group.  This is decided from the expression: it has no columns,
 * nothing that runs for each row, and no volatile function.  Parameters
 * represent values from outside of the aggregation, which starts over when
 * they change.  If it cannot be decided, for example in a window, values are
 * compared as passed, by TOAST pointer if stored out of line.
 */
#include "pg/value/value.h"

#include "access/detoast.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/regproc.h"

void
fc_refuse_null(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
}

/* ---- aggregates ---- */

/* The memory context of a group */
MemoryContext
fc_aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s cannot be called directly", format_procedure(fcinfo->flinfo->fn_oid)),
				 errdetail("It is a part of an aggregate."),
				 errhint("Call the aggregate.")));
	return context;
}

/* The weight of a row, 1 if there is no such argument; 0, as for one that is null: the row is left out */
double
fc_weight_argument(FunctionCallInfo fcinfo, int arg)
{
	if (PG_NARGS() <= arg)
		return 1;
	return PG_ARGISNULL(arg) ? 0 : fc_checked_weight(PG_GETARG_FLOAT8(arg));
}

/* ---- arguments that are the same for many rows ---- */

static bool
varies(Node *node, void *context)
{
	if (node == NULL)
		return false;
	switch (nodeTag(node))
	{
		case T_Const:
			return false;
		case T_Param:
			return castNode(Param, node)->paramkind != PARAM_EXTERN && castNode(Param, node)->paramkind != PARAM_EXEC;
		case T_Var:
		case T_Aggref:
		case T_GroupingFunc:
		case T_WindowFunc:
		case T_SubPlan:
		case T_AlternativeSubPlan:
		case T_PlaceHolderVar:
		case T_CaseTestExpr:
			return true;
		default:
			return expression_tree_walker(node, varies, context);
	}
}

/* Is argument arg of the transition function the same for all rows of a group? */
bool
fc_is_constant_argument(FunctionCallInfo fcinfo, int arg)
{
	Aggref	   *aggref = AggGetAggref(fcinfo);
	Node	   *value;

	if (aggref == NULL || arg > list_length(aggref->args))
		return false;
	value = (Node *) castNode(TargetEntry, list_nth(aggref->args, arg - 1))->expr;
	return !varies(value, NULL) && !contain_volatile_functions(value);
}

/* Bytes that identify a value of variable length: those of a TOAST pointer, or all */
struct varlena *
fc_comparable(Datum datum)
{
	struct varlena *value = (struct varlena *) DatumGetPointer(datum);

	if (VARATT_IS_EXTERNAL(value) && !VARATT_IS_EXTERNAL_ONDISK(value))
		return detoast_attr(value);	/* an expanded or indirect one has no bytes of its own */
	return value;
}
