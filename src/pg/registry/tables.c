/*
 * tables.c - the tables of a registry: found, locked, and examined
 *
 * Owners may do anything to their tables, and others use them: a table may
 * have become a view, a column may have a type whose casts are functions, a
 * schema may have been renamed.  So names are used only to find a table.
 * Everything is examined after the lock, on the relation that is locked, and
 * reading is a scan by oid in C, in heap order: no planner, no index (whose
 * operator class may be the owner's), no cast, no policy, no name.
 *
 * Writing takes SQL, as the registry's owner, see registry.c.  Before that
 * fc_lock_tables() finds all other code that a statement would run: triggers,
 * rules, policies, and expressions of defaults, constraints, indexes and
 * statistics that are more than immutable functions of PostgreSQL's own.
 * These belong to the table and pass to its next owner, who has not written
 * them.  The lock prevents new ones.
 *
 * The examination itself must not run any code either: it inspects relcache
 * entries and stored trees as they are, because simplifying an expression
 * would evaluate it.
 */
#include "pg/registry/registry.h"

#include "access/genam.h"
#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

typedef struct Column
{
	const char *name;
	Oid			type;
} Column;

/* Those that we read or write */
#define MAX_COLUMNS		12

static const struct
{
	const char *name;
	Column		columns[MAX_COLUMNS + 1];
}			expected[TABLES] =
{
	[RECIPES] = {"recipes", {
			{"name", TEXTOID}, {"query", TEXTOID}, {"algorithm", TEXTOID}, {"clusters", INT4OID}, {"options", JSONBOID},
			{"owner", NAMEOID}, {"search_path", TEXTOID}, {"keep", INT4OID}, {"warm_start", BOOLOID},
			{"max_validity_drop", FLOAT8OID}, {"checkpoint_epochs", INT4OID}
		}},
	[VERSIONS] = {"versions", {
			{"name", TEXTOID}, {"number", INT4OID}, {"model", BYTEAOID}, {"is_default", BOOLOID},
			{"trained_at", TIMESTAMPTZOID}, {"rows", INT8OID}, {"seconds", FLOAT8OID}, {"iterations", INT4OID},
			{"converged", BOOLOID}, {"objective", FLOAT8OID}, {"validity", JSONBOID}, {"drift", JSONBOID}
		}},
	[RUNS] = {"runs", {
			{"id", INT8OID}, {"name", TEXTOID}, {"started_at", TIMESTAMPTZOID}, {"ended_at", TIMESTAMPTZOID},
			{"status", TEXTOID}, {"phase", TEXTOID}, {"epoch", INT4OID}, {"epochs", INT4OID}, {"loss", FLOAT8OID},
			{"checkpoint", BYTEAOID}, {"error", TEXTOID}, {"version", INT4OID}
		}},
	[FORMAT] = {"format", {
			{"number", INT4OID}
		}},
};

/* ---- what kind of table it is ---- */

pg_noreturn static void
refuse_table(const Registry *r, RegistryTable t, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 errmsg("schema \"%s\" is not a model registry", r->name),
			 errdetail(detail, expected[t].name),
			 errhint("Create a registry with SELECT cluster_create_registry(name).")));
}

static void
check_kind(const Registry *r, RegistryTable t, Relation rel)
{
	Form_pg_class form = rel->rd_rel;

	if (form->relkind != RELKIND_RELATION)
		refuse_table(r, t, "It has no table \"%s\".");
	if (form->relpersistence != RELPERSISTENCE_PERMANENT)
		refuse_table(r, t, "Its table \"%s\" is temporary or unlogged.");
	if (form->relam != HEAP_TABLE_AM_OID)
		refuse_table(r, t, "Its table \"%s\" uses an access method other than heap.");
	if (form->relispartition || has_superclass(RelationGetRelid(rel)) ||
		find_inheritance_children(RelationGetRelid(rel), NoLock) != NIL)
		refuse_table(r, t, "Its table \"%s\" is a partition, or an inheritance parent or child.");
}

static AttrNumber
column_number(Relation rel, const char *name)
{
	for (int i = 0; i < RelationGetNumberOfAttributes(rel); i++)
	{
		Form_pg_attribute a = TupleDescAttr(RelationGetDescr(rel), i);

		if (!a->attisdropped && strcmp(NameStr(a->attname), name) == 0)
			return a->attnum;
	}
	return InvalidAttrNumber;
}

static void
check_column(Relation rel, const Column *c)
{
	AttrNumber	number = column_number(rel, c->name);
	Form_pg_attribute a;

	if (number == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("registry table \"%s\" has no column \"%s\"", RelationGetRelationName(rel), c->name)));
	a = TupleDescAttr(RelationGetDescr(rel), number - 1);
	if (a->atttypid != c->type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of a registry table has type %s instead of %s",
						c->name, format_type_be(a->atttypid), format_type_be(c->type))));
	if (a->attcollation != get_typcollation(c->type) || a->attgenerated != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of a registry table is generated, or has a non-default collation", c->name)));
}

/* ---- whose it is ---- */

/* The value of a catalog's column; InvalidOid if the object no longer exists */
static Oid
owner_of(int cache, Oid object, AttrNumber column)
{
	HeapTuple	tuple = SearchSysCache1(cache, ObjectIdGetDatum(object));
	Oid			owner = InvalidOid;
	bool		null;

	if (HeapTupleIsValid(tuple))
	{
		owner = DatumGetObjectId(SysCacheGetAttr(cache, tuple, column, &null));
		ReleaseSysCache(tuple);
	}
	return owner;
}

static Oid
owner_of_schema(Oid namespace)
{
	return owner_of(NAMESPACEOID, namespace, Anum_pg_namespace_nspowner);
}

static Oid
owner_of_table(Oid table)
{
	return owner_of(RELOID, table, Anum_pg_class_relowner);
}

/* Schema and tables, of which one is locked at least */
static void
check_owners(const Registry *r)
{
	Oid			owner = owner_of_schema(r->namespace);

	for (int t = 0; t < TABLES; t++)
	{
		Oid			table = get_relname_relid(expected[t].name, r->namespace);
		Oid			other = owner_of_table(table);

		if (!OidIsValid(other) || get_rel_relkind(table) != RELKIND_RELATION)
			refuse_table(r, t, "It has no table \"%s\".");
		if (other != owner)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("registry \"%s\" belongs to several roles", r->name),
					 errdetail("Its schema belongs to \"%s\", its table \"%s\" to \"%s\".",
							   GetUserNameFromId(owner, true), expected[t].name, GetUserNameFromId(other, true)),
					 errhint("Give the schema and its tables the same owner, with ALTER SCHEMA and ALTER TABLE ... OWNER TO.")));
	}
}

/* ---- finding and locking ---- */

/* By the name of its schema.  What that holds, and whether the caller may use it, are other questions. */
void
fc_find_registry(Registry *r, const char *name)
{
	AcceptInvalidationMessages();	/* the transaction may have been training for hours */
	memset(r, 0, sizeof(*r));
	r->namespace = get_namespace_oid(name, true);
	if (!OidIsValid(r->namespace))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_SCHEMA),
				 errmsg("registry \"%s\" does not exist", name),
				 errhint("Create it with SELECT cluster_create_registry(%s).", quote_literal_cstr(name))));
	r->name = pstrdup(name);
	r->schema = pstrdup(quote_identifier(name));
}

/*
 * A table, locked and then examined; the first one opened determines the
 * schema and its owner. may_use is called before locking: a role must not lock
 * tables that it may not use.
 */
Relation
fc_open_table(Registry *r, RegistryTable t, LOCKMODE lock, RangeVarGetRelidCallback may_use)
{
	RangeVar   *name = makeRangeVar(r->name, pstrdup(expected[t].name), -1);
	Oid			table = RangeVarGetRelidExtended(name, lock, RVR_MISSING_OK, may_use, r);
	Relation	rel;

	if (!OidIsValid(table))
		refuse_table(r, t, "It has no table \"%s\".");
	rel = relation_open(table, NoLock);
	check_kind(r, t, rel);
	if (!OidIsValid(r->owner))
	{
		r->namespace = RelationGetNamespace(rel);
		r->owner = rel->rd_rel->relowner;
		check_owners(r);
	}
	if (RelationGetNamespace(rel) != r->namespace || rel->rd_rel->relowner != r->owner)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("registry \"%s\" has been altered concurrently", r->name),
				 errhint("Try again.")));
	for (const Column *c = expected[t].columns; c->name; c++)
		check_column(rel, c);
	r->tables[t] = table;
	return rel;
}

/* ---- reading by any role ---- */

/* SELECT on the table, or on those columns that are read */
static bool
may_select(Oid table)
{
	static const char *const columns[] = {"name", "number", "model", "is_default"};

	if (pg_class_aclcheck(table, GetUserId(), ACL_SELECT) == ACLCHECK_OK)
		return true;
	for (int i = 0; i < (int) lengthof(columns); i++)
	{
		AttrNumber	number = get_attnum(table, columns[i]);

		if (number == InvalidAttrNumber || pg_attribute_aclcheck(table, number, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			return false;
	}
	return true;
}

static void
check_select(Oid table)
{
	if (!may_select(table))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(table));
}

static void
may_read(const RangeVar *name pg_attribute_unused(), Oid table, Oid before pg_attribute_unused(),
		 void *arg pg_attribute_unused())
{
	if (OidIsValid(table))
		check_select(table);
}

/* The table of versions, for roles that may read it; with its lock, which ends with the transaction */
Relation
fc_open_versions(Registry *r)
{
	Relation	rel = fc_open_table(r, VERSIONS, AccessShareLock, may_read);
	AclResult	schema = fc_schema_aclcheck(r->namespace, GetUserId(), ACL_USAGE);

	if (schema != ACLCHECK_OK)
		aclcheck_error(schema, OBJECT_SCHEMA, r->name);
	check_select(RelationGetRelid(rel));
	if (check_enable_rls(RelationGetRelid(rel), InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("row-level security applies to table \"versions\" of registry \"%s\"", r->name),
				 errdetail("Its policies may call functions of the owner, which would run with your privileges.")));
	return rel;
}

/* Where the table has a column, which has been examined; by the name of it */
AttrNumber
fc_table_column(Relation rel, const char *name)
{
	AttrNumber	number = column_number(rel, name);

	if (number == InvalidAttrNumber)
		elog(ERROR, "column \"%s\" has not been examined", name);
	return number;
}

/* Visits every row visible to the snapshot of the statement, until visit returns true, in per-row memory */
void
fc_scan_table(Relation rel, bool (*visit) (void *arg, HeapTuple row, TupleDesc desc), void *arg)
{
	MemoryContext per_row = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust row of a registry", ALLOCSET_SMALL_SIZES);
	SysScanDesc scan = systable_beginscan(rel, InvalidOid, false, GetActiveSnapshot(), 0, NULL);
	bool		done = false;
	HeapTuple	row;

	while (!done && HeapTupleIsValid(row = systable_getnext(scan)))
	{
		MemoryContext old = MemoryContextSwitchTo(per_row);

		CHECK_FOR_INTERRUPTS();
		done = visit(arg, row, RelationGetDescr(rel));
		MemoryContextSwitchTo(old);
		MemoryContextReset(per_row);
	}
	systable_endscan(scan);
	MemoryContextDelete(per_row);
}

/* ---- code in tables that are written ---- */

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
static void
refuse_code_in(const Registry *r, Relation rel)
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

/* ---- writing by the owner ---- */

static void
may_write(const RangeVar *name pg_attribute_unused(), Oid table, Oid before pg_attribute_unused(), void *arg)
{
	const Registry *r = arg;
	Oid			owner = owner_of_table(table);

	if (OidIsValid(owner) && !has_privs_of_role(GetUserId(), owner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for registry \"%s\"", r->name),
				 errdetail("It belongs to role \"%s\".", GetUserNameFromId(owner, true)),
				 errhint("Call the function as that role, or as a member of it.")));
}

/*
 * All tables, locked against whatever would alter them until the transaction
 * ends, and examined.  The caller must have the privileges of the owner.
 */
void
fc_lock_tables(Registry *r)
{
	Relation	rel[TABLES];

	may_write(NULL, get_relname_relid(expected[RECIPES].name, r->namespace), InvalidOid, r);
	for (int t = 0; t < TABLES; t++)
		rel[t] = fc_open_table(r, t, RowExclusiveLock, may_write);
	check_owners(r);
	for (int t = 0; t < TABLES; t++)
		refuse_code_in(r, rel[t]);
	for (int t = 0; t < TABLES; t++)
		relation_close(rel[t], NoLock);
}
