/*
 * where.c - where the rows of an aggregating statement are, found in its plan
 *
 * Citus and postgres_fdw run an aggregate beside the rows, or fetch the rows, and say
 * neither.  Whoever trains by passes wants to know, for a pass that fetches the rows
 * costs as much as sending all of them; and Citus wraps arguments
 * into a row each time, for which cluster_step_once() is made.
 */
#include "pg/train/where.h"

#include "executor/spi_priv.h"
#include "nodes/extensible.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/clauses.h"
#include "utils/lsyscache.h"
#include "utils/plancache.h"

#define CITUS_SCAN		"Citus Adaptive"	/* how Citus names its scans ... */
#define CITUS_COMBINE	"coord_combine_agg" /* ... and the aggregate above those that are divided among shards */

static void see_plan(Plan *plan, FcWhere *where);

static bool
combines(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Aggref))
	{
		char	   *name = get_func_name(((Aggref *) node)->aggfnoid);

		if (name != NULL && strcmp(name, CITUS_COMBINE) == 0)
			return true;
	}
	return expression_tree_walker(node, combines, context);
}

static void
see_plans(List *plans, FcWhere *where)
{
	ListCell   *cell;

	foreach(cell, plans)
		see_plan((Plan *) lfirst(cell), where);
}

/* What has inputs besides the two of every node */
static void
see_children(Plan *plan, FcWhere *where)
{
	switch (nodeTag(plan))
	{
		case T_Append:
			see_plans(((Append *) plan)->appendplans, where);
			break;
		case T_MergeAppend:
			see_plans(((MergeAppend *) plan)->mergeplans, where);
			break;
		case T_SubqueryScan:
			see_plan(((SubqueryScan *) plan)->subplan, where);
			break;
		case T_CustomScan:
			see_plans(((CustomScan *) plan)->custom_plans, where);
			break;
		default:
			break;
	}
	see_plan(plan->lefttree, where);
	see_plan(plan->righttree, where);
}

static void
see_plan(Plan *plan, FcWhere *where)
{
	if (plan == NULL)
		return;
	if (IsA(plan, ForeignScan))
	{
		where->foreign = true;
		if (!contain_agg_clause((Node *) ((ForeignScan *) plan)->fdw_scan_tlist))
			where->fetched = true;
	}
	else if (IsA(plan, CustomScan) && strcmp(((CustomScan *) plan)->methods->CustomName, CITUS_SCAN) == 0)
		where->citus = true;
	else if (IsA(plan, Agg) && combines((Node *) plan->targetlist, NULL))
		where->divided = true;
	see_children(plan, where);
}

/* Of a prepared statement, which is planned for this */
FcWhere
fc_where(SPIPlanPtr plan)
{
	FcWhere		where = {0};
	CachedPlan *cached = SPI_plan_get_cached_plan(plan);
	ListCell   *cell;

	if (cached == NULL)
		return where;
	foreach(cell, cached->stmt_list)
	{
		PlannedStmt *statement = lfirst_node(PlannedStmt, cell);

		see_plan(statement->planTree, &where);
		see_plans(statement->subplans, &where);
	}
	ReleaseCachedPlan(cached, plan->saved ? CurrentResourceOwner : NULL);
	if (where.citus && !where.divided)
		where.fetched = true;
	return where;
}
