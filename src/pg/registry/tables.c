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
 * fc_lock_tables() refuses all other code that a statement would run, see
 * table_code.c.  The lock prevents new ones.
 */
#include "pg/registry/registry.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
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
	int			since;			/* the format that it came with; 0: the table's */
} Column;

/* Those that we read or write */
#define MAX_COLUMNS		16

static const struct
{
	const char *name;
	int			since;
	Column		columns[MAX_COLUMNS + 1];
}			expected[TABLES] =
{
	[RECIPES] = {"recipes", 1, {
			{"name", TEXTOID}, {"query", TEXTOID}, {"algorithm", TEXTOID}, {"clusters", INT4OID}, {"options", JSONBOID},
			{"owner", NAMEOID}, {"search_path", TEXTOID}, {"keep", INT4OID}, {"warm_start", BOOLOID},
			{"max_validity_drop", FLOAT8OID}, {"checkpoint_epochs", INT4OID},
			{"incremental", BOOLOID, 2}, {"newer", TEXTOID, 2}, {"span", TEXTOID, 2}, {"forgetting", FLOAT8OID, 2},
			{"report", BOOLOID, 3}
		}},
	[VERSIONS] = {"versions", 1, {
			{"name", TEXTOID}, {"number", INT4OID}, {"model", BYTEAOID}, {"is_default", BOOLOID},
			{"trained_at", TIMESTAMPTZOID}, {"rows", INT8OID}, {"seconds", FLOAT8OID}, {"iterations", INT4OID},
			{"converged", BOOLOID}, {"objective", FLOAT8OID}, {"validity", JSONBOID}, {"drift", JSONBOID},
			{"frame", INT4OID, 2}, {"report", TEXTOID, 3}
		}},
	[RUNS] = {"runs", 1, {
			{"id", INT8OID}, {"name", TEXTOID}, {"started_at", TIMESTAMPTZOID}, {"ended_at", TIMESTAMPTZOID},
			{"status", TEXTOID}, {"phase", TEXTOID}, {"epoch", INT4OID}, {"epochs", INT4OID}, {"loss", FLOAT8OID},
			{"checkpoint", BYTEAOID}, {"error", TEXTOID}, {"version", INT4OID}
		}},
	[FORMAT] = {"format", 1, {
			{"number", INT4OID}
		}},
	[LINEAGE] = {"lineage", 2, {
			{"name", TEXTOID}, {"version", INT4OID}, {"cluster", INT4OID}, {"from_version", INT4OID},
			{"from_cluster", INT4OID}, {"share", FLOAT8OID}, {"from_share", FLOAT8OID}, {"event", TEXTOID}
		}},
	[STATISTICS] = {"statistics", 2, {
			{"name", TEXTOID}, {"frame", INT4OID}, {"number", INT4OID}, {"newer_than", TEXTOID}, {"up_to", TEXTOID},
			{"rows", INT8OID}, {"made_at", TIMESTAMPTZOID}, {"statistics", BYTEAOID}
		}},
};

/* ---- what kind of table it is ---- */

pg_noreturn static void
refuse_table(const Registry *r, RegistryTable t, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_TABLE),
			 expected[t].since > 1 ? errmsg("registry \"%s\" is incomplete", r->name) :
			 errmsg("schema \"%s\" is not a model registry", r->name),
			 errdetail(detail, expected[t].name),
			 expected[t].since > 1 ?
			 errhint("If it is a registry of an earlier version of fuzzyclust, upgrade it with SELECT cluster_upgrade_registry(%s).",
					 quote_literal_cstr(r->name)) :
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

/* Schema and tables, of which one is locked at least; those of later formats may be missing */
static void
check_owners(const Registry *r)
{
	Oid			owner = owner_of_schema(r->namespace);

	for (int t = 0; t < TABLES; t++)
	{
		Oid			table = get_relname_relid(expected[t].name, r->namespace);
		Oid			other = owner_of_table(table);

		if (!OidIsValid(other) && expected[t].since > Max(r->format, 1))
			continue;
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

void
fc_refuse_concurrent_change(const Registry *r)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("registry \"%s\" has been altered concurrently", r->name),
			 errhint("Try again.")));
}

/* Those of the table's format, or of the registry's as soon as that is known */
static void
check_format_columns(const Registry *r, RegistryTable t, Relation rel)
{
	for (const Column *c = expected[t].columns; c->name; c++)
		if (c->since <= Max(r->format, expected[t].since))
			check_column(rel, c);
}

/*
 * A table, locked and then examined; the first one opened determines the
 * schema and its owner. may_use is called before locking: a role must not lock
 * tables that it may not use.
 */
static Relation
open_table(Registry *r, RegistryTable t, LOCKMODE lock, RangeVarGetRelidCallback may_use, void *arg)
{
	RangeVar   *name = makeRangeVar(r->name, pstrdup(expected[t].name), -1);
	Oid			table = RangeVarGetRelidExtended(name, lock, RVR_MISSING_OK, may_use, arg);
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
		fc_refuse_concurrent_change(r);
	check_format_columns(r, t, rel);
	r->tables[t] = table;
	return rel;
}

/* ---- reading by any role ---- */

#define MAX_READ	8

/* Columns that are read with the caller's privileges */
static const char *const columns_read[TABLES][MAX_READ + 1] = {
	[VERSIONS] = {"name", "number", "model", "is_default"},
	[LINEAGE] = {"name", "version", "cluster", "from_version", "from_cluster", "share", "from_share", "event"},
};

/* SELECT on the table, or on these columns, of which the last is followed by NULL */
static bool
may_select_columns(Oid table, const char *const *columns)
{
	if (pg_class_aclcheck(table, GetUserId(), ACL_SELECT) == ACLCHECK_OK)
		return true;
	for (const char *const *column = columns; *column; column++)
	{
		AttrNumber	number = get_attnum(table, *column);

		if (number == InvalidAttrNumber || pg_attribute_aclcheck(table, number, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
			return false;
	}
	return true;
}

/* Those that are always read */
static bool
may_select(RegistryTable t, Oid table)
{
	return may_select_columns(table, columns_read[t]);
}

/* Is there such a table, and may the caller read it? */
bool
fc_may_read(const Registry *r, RegistryTable t)
{
	Oid			table = get_relname_relid(expected[t].name, r->namespace);

	return OidIsValid(table) && may_select(t, table);
}

/* Of a table that has been opened */
bool
fc_may_read_columns(Relation rel, const char *const *columns)
{
	return may_select_columns(RelationGetRelid(rel), columns);
}

static void
check_select(RegistryTable t, Oid table)
{
	if (!may_select(t, table))
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE, get_rel_name(table));
}

static void
may_read(const RangeVar *name pg_attribute_unused(), Oid table, Oid before pg_attribute_unused(), void *arg)
{
	if (OidIsValid(table))
		check_select(*(const RegistryTable *) arg, table);
}

/* A table for roles that may read it; with its lock, which ends with the transaction */
Relation
fc_open_to_read(Registry *r, RegistryTable t)
{
	Relation	rel = open_table(r, t, AccessShareLock, may_read, &t);
	AclResult	schema = fc_schema_aclcheck(r->namespace, GetUserId(), ACL_USAGE);

	if (schema != ACLCHECK_OK)
		aclcheck_error(schema, OBJECT_SCHEMA, r->name);
	check_select(t, RelationGetRelid(rel));
	if (check_enable_rls(RelationGetRelid(rel), InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("row-level security applies to table \"%s\" of registry \"%s\"", expected[t].name, r->name),
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

typedef struct FormatRow
{
	AttrNumber	number_at;
	int			number;
} FormatRow;

static bool
read_number(void *arg, HeapTuple row, TupleDesc desc)
{
	FormatRow  *f = arg;
	bool		null;
	Datum		number = heap_getattr(row, f->number_at, desc, &null);

	f->number = null ? 0 : DatumGetInt32(number);
	return true;
}

/* All tables are locked, and some or all have been opened */
static int
format_number(Relation rel)
{
	FormatRow	f = {.number_at = fc_table_column(rel, "number")};

	PushActiveSnapshot(GetLatestSnapshot());	/* an upgrade may just have ended */
	fc_scan_table(rel, read_number, &f);
	PopActiveSnapshot();
	return f.number;
}

static void
check_format(const Registry *r)
{
	if (r->format < 1 || r->format > REGISTRY_FORMAT)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("registry \"%s\" has format %d, but this version of fuzzyclust supports formats 1 to %d",
						r->name, r->format, REGISTRY_FORMAT),
				 r->format > REGISTRY_FORMAT ? errhint("Update the extension.") : 0));
}

/* Once the format is known: what must be there besides that of the first one? */
static void
complete_format(const Registry *r, Relation *rel)
{
	for (int t = 0; t < TABLES; t++)
	{
		if (rel[t] != NULL)
			check_format_columns(r, t, rel[t]);
		else if (expected[t].since <= r->format)
			refuse_table(r, t, "It has no table \"%s\".");
	}
}

/*
 * All tables, locked against whatever would alter them until the transaction
 * ends, and examined.  The caller must have the privileges of the owner.  Those
 * of formats later than the registry's need not be there.
 */
void
fc_lock_tables(Registry *r, LOCKMODE lock)
{
	Relation	rel[TABLES] = {NULL};

	may_write(NULL, get_relname_relid(expected[RECIPES].name, r->namespace), InvalidOid, r);
	for (int t = 0; t < TABLES; t++)
		if (expected[t].since == 1 || OidIsValid(get_relname_relid(expected[t].name, r->namespace)))
			rel[t] = open_table(r, t, lock, may_write, r);
	r->format = format_number(rel[FORMAT]);
	check_format(r);
	complete_format(r, rel);
	check_owners(r);
	for (int t = 0; t < TABLES; t++)
		if (rel[t] != NULL)
			fc_refuse_code_in(r, rel[t]);
	for (int t = 0; t < TABLES; t++)
		if (rel[t] != NULL)
			relation_close(rel[t], NoLock);
}
