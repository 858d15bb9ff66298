/*
 * aggregates.c - statements that call the extension's aggregates by name
 *
 * A name with its schema is not enough: whoever may create something in that schema can
 * add an aggregate of the same name whose arguments fit better, and it would run
 * with the rights of whoever trains.
 */
#include "pg/train/train.h"

#include "access/transam.h"
#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "commands/extension.h"
#include "executor/spi_priv.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"

static bool
is_trusted(Oid function)
{
	return function < FirstUnpinnedObjectId ||
		getExtensionOfObject(ProcedureRelationId, function) == get_extension_oid("fuzzyclust", false);
}

static bool
has_other_aggregate(Node *node, void *arg)
{
	if (node == NULL)
		return false;
	if (IsA(node, Aggref) && !is_trusted(((Aggref *) node)->aggfnoid))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("aggregate %s() stands in the way of the one of extension \"fuzzyclust\"",
						get_func_name(((Aggref *) node)->aggfnoid)),
				 errhint("Drop it, or move it to another schema.")));
	return expression_tree_walker(node, has_other_aggregate, arg);
}

static void
examine(const Query *query, int depth)
{
	ListCell   *cell;

	(void) has_other_aggregate((Node *) query->targetList, NULL);
	if (depth == 0)
		return;
	foreach(cell, query->rtable)
	{
		const RangeTblEntry *table = lfirst_node(RangeTblEntry, cell);

		if (table->rtekind == RTE_SUBQUERY)
			examine(table->subquery, depth - 1);
	}
}

/*
 * Prepares a statement whose aggregates, in what it and its subqueries down to a depth
 * return, must be the extension's; below that are queries of users.  Within an SPI connection.
 */
SPIPlanPtr
fc_prepare_aggregates(const char *sql, int depth, int arguments, Oid *types)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(sql, arguments, types, CURSOR_OPT_PARALLEL_OK);
	CachedPlanSource *source;

	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
	source = linitial(SPI_plan_get_plan_sources(plan));
	examine(linitial_node(Query, source->query_list), depth);
	return plan;
}
