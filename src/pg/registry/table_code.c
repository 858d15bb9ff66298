/*
 * table_code.c - code in the tables of a registry, which writing to them would run
 *
 * Triggers, rules, policies, and expressions of defaults, constraints, indexes
 * and statistics that are more than immutable functions of PostgreSQL's own.
 * These belong to the table and pass to its next owner, who has not written
 * them.
 *
 * The examination itself must not run any code either: it inspects relcache
 * entries and stored trees as they are, because simplifying an expression
 * would evaluate it.
 */
#include "pg/registry/registry.h"

#include "access/genam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "commands/trigger.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/syscache.h"

pg_noreturn static void
refuse_code(Relation rel, const char *what, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("registry table \"%s\" has %s%s%s%s", RelationGetRelationName(rel), what,
					name ? " \"" : "", name ? name : "", name ? "\"" : ""),
			 errdetail("Writing to a registry must not run any code except PostgreSQL's own."),
			 errhint("Drop it.")));
}

static bool
is_built_in(Oid object)
{
	return object < FirstUnpinnedObjectId;
}

static bool
is_foreign_function(Oid function, void *arg pg_attribute_unused())
{
	return !is_built_in(function);
}

/* Finds functions, types and domains that are not built in, and queries */
static bool
has_foreign_code(Node *node, void *arg)
{
	if (node == NULL)
		return false;
	if (IsA(node, SubLink) || IsA(node, Query) || IsA(node, CoerceToDomain) || IsA(node, NextValueExpr))
		return true;
	if (check_functions_in_node(node, is_foreign_function, NULL))
		return true;
	if (!IsA(node, List) && !is_built_in(exprType(node)))
		return true;
	return expression_tree_walker(node, has_foreign_code, arg);
}

/* A tree as catalogs have it */
static bool
is_harmless(const char *tree)
{
	Node	   *node = stringToNode(tree);

	return !has_foreign_code(node, NULL) && !contain_mutable_functions(node);
}

/* Those of foreign keys between our tables belong there */
static void
check_triggers(const Registry *r, Relation rel)
{
	TriggerDesc *triggers = rel->trigdesc;

	for (int i = 0; triggers && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];
		bool		ours = !OidIsValid(trigger->tgconstrrelid);

		for (int t = 0; t < TABLES; t++)
			ours |= trigger->tgconstrrelid == r->tables[t];
		if (!trigger->tgisinternal)
			refuse_code(rel, "trigger", trigger->tgname);
		if (!ours || !is_built_in(trigger->tgfoid))
			refuse_code(rel, "a foreign key with table", get_rel_name(trigger->tgconstrrelid));
	}
}

static void
check_columns(Relation rel)
{
	TupleDesc	desc = RelationGetDescr(rel);
	TupleConstr *c = desc->constr;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute a = TupleDescAttr(desc, i);

		if (!a->attisdropped && (!is_built_in(a->atttypid) || a->attgenerated != '\0'))
			refuse_code(rel, "a generated column, or a column of a non-built-in type:", NameStr(a->attname));
	}
	for (int i = 0; c && i < c->num_defval; i++)
		if (!is_harmless(c->defval[i].adbin))
			refuse_code(rel, "functions in the default of column",
						NameStr(TupleDescAttr(desc, c->defval[i].adnum - 1)->attname));
	for (int i = 0; c && i < c->num_check; i++)
		if (!is_harmless(c->check[i].ccbin))
			refuse_code(rel, "functions in constraint", c->check[i].ccname);
}

static void
check_index(Relation rel, Relation index)
{
	Form_pg_index form = index->rd_index;
	bool		null;
	oidvector  *classes = (oidvector *) DatumGetPointer(SysCacheGetAttr(INDEXRELID, index->rd_indextuple,
																		Anum_pg_index_indclass, &null));
	Datum		predicate;
	bool		foreign = !is_built_in(index->rd_rel->relam) || form->indisexclusion;

	for (int i = 0; i < classes->dim1; i++)
		foreign |= !is_built_in(classes->values[i]);
	for (int i = 0; i < form->indnatts; i++)
		foreign |= form->indkey.values[i] == InvalidAttrNumber;
	predicate = SysCacheGetAttr(INDEXRELID, index->rd_indextuple, Anum_pg_index_indpred, &null);
	if (foreign || (!null && !is_harmless(TextDatumGetCString(predicate))))
		refuse_code(rel, "functions in index", RelationGetRelationName(index));
}

static void
check_indexes(Relation rel)
{
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *cell;

	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		check_index(rel, index);
		index_close(index, NoLock);
	}
	list_free(indexes);
}

/* All tables are known, and rel is locked so that nothing can be added */
void
fc_refuse_code_in(const Registry *r, Relation rel)
{
	check_triggers(r, rel);
	check_columns(rel);
	check_indexes(rel);
	if (rel->rd_rules)
		refuse_code(rel, "a rule", NULL);
	if (RelationGetStatExtList(rel) != NIL)
		refuse_code(rel, "extended statistics", NULL);
	if (check_enable_rls(RelationGetRelid(rel), r->owner, true) == RLS_ENABLED)
		refuse_code(rel, "row-level security that also applies to its owner", NULL);
}
