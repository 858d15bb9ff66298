/*
 * author.c - which role has defined a query that is to run as that role
 *
 * A recipe runs as the owner of its registry.  But that is the present owner
 * of the tables, for instance after REASSIGN OWNED, and their contents may
 * have been written by a former owner, or by any role that may update them.
 * So cluster_define records, in a table of the extension, that a role has
 * defined a query, and no other query runs as that role: neither one that was
 * in a table before its owner changed, nor one that was put there by an
 * UPDATE.
 *
 *	cluster_definitions (definer name, role oid, digest bytea)
 *
 * The digest covers search path and query.  The table is dumped with the
 * database, so that a restored registry keeps working; the role that restores
 * it may insert rows for roles whose privileges it has, and a trigger ignores
 * all others.  Only a superuser may change it in other ways.
 */
#include "pg/registry/registry.h"

#include "access/detoast.h"
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define DIGEST_LENGTH	32

/* Columns of the table, from 1 */
enum {DEFINER = 1, ROLE, DIGEST, COLUMNS = DIGEST};

/* ---- the table ---- */

/* Where the extension is */
Oid
fc_extension_schema(void)
{
	Oid			extension = get_extension_oid("fuzzyclust", true);
	Relation	rel = table_open(ExtensionRelationId, AccessShareLock);
	Oid			schema = InvalidOid;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	row;

	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(extension));
	scan = systable_beginscan(rel, ExtensionOidIndexId, true, NULL, 1, &key);
	row = systable_getnext(scan);
	if (HeapTupleIsValid(row))
		schema = ((Form_pg_extension) GETSTRUCT(row))->extnamespace;
	systable_endscan(scan);
	table_close(rel, AccessShareLock);
	return schema;
}

/* The table must belong to the extension and to a superuser, so that no other role can have written to it */
static Relation
open_definitions(LOCKMODE lock)
{
	Oid			extension = get_extension_oid("fuzzyclust", true);
	Oid			table = get_relname_relid("cluster_definitions", fc_extension_schema());
	Relation	rel = OidIsValid(table) ? table_open(table, lock) : NULL;

	if (rel == NULL || !OidIsValid(extension) || getExtensionOfObject(RelationRelationId, table) != extension ||
		!superuser_arg(rel->rd_rel->relowner) || RelationGetNumberOfAttributes(rel) != COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"cluster_definitions\" of extension \"fuzzyclust\" has been altered"),
				 errdetail("It must be owned by a superuser and have its original columns."),
				 errhint("Ask a superuser to drop and re-create the extension.")));
	return rel;
}

static Datum
digest_of(const char *search_path, const char *query)
{
	Size		path_length = strlen(search_path) + 1;	/* with its end, which no text contains */
	Size		length = path_length + strlen(query);
	bytea	   *both = fc_bytea(length);

	memcpy(VARDATA(both), search_path, path_length);
	memcpy(VARDATA(both) + path_length, query, length - path_length);
	return DirectFunctionCall1(sha256_bytea, PointerGetDatum(both));
}

/* By the index, so that no role can make it slow for others */
static bool
has_definition(Relation rel, Oid role, Datum digest)
{
	Oid			index = get_relname_relid("cluster_definitions_role_digest_idx", RelationGetNamespace(rel));
	ScanKeyData keys[2];
	SysScanDesc scan;
	bool		found;

	ScanKeyInit(&keys[0], ROLE, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(role));
	ScanKeyInit(&keys[1], DIGEST, BTEqualStrategyNumber, F_BYTEAEQ, digest);
	scan = systable_beginscan(rel, index, OidIsValid(index), GetActiveSnapshot(), lengthof(keys), keys);
	found = HeapTupleIsValid(systable_getnext(scan));
	systable_endscan(scan);
	return found;
}

/* ---- for other files ---- */

/* Has the role passed this query, with this search path, to cluster_define? */
bool
fc_has_defined(Oid role, const char *search_path, const char *query)
{
	Relation	rel = open_definitions(AccessShareLock);
	bool		found = has_definition(rel, role, digest_of(search_path, query));

	table_close(rel, AccessShareLock);
	return found;
}

/* It just did */
void
fc_note_definition(Oid role, const char *search_path, const char *query)
{
	Relation	rel = open_definitions(RowExclusiveLock);
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};
	NameData	name;

	values[DIGEST - 1] = digest_of(search_path, query);
	if (!has_definition(rel, role, values[DIGEST - 1]))
	{
		namestrcpy(&name, GetUserNameFromId(role, false));
		values[DEFINER - 1] = NameGetDatum(&name);
		values[ROLE - 1] = ObjectIdGetDatum(role);
		CatalogTupleInsert(rel, heap_form_tuple(RelationGetDescr(rel), values, nulls));
		CommandCounterIncrement();
	}
	table_close(rel, RowExclusiveLock);
}

/*
 * cluster_definitions_insert() returns trigger
 *
 * Before a row is inserted by SQL, as a restore does: it is left out unless the
 * current user has the privileges of the role that it speaks of, and if it is
 * there already, or has no digest.
 */
PG_FUNCTION_INFO_V1(cluster_definitions_insert);
Datum
cluster_definitions_insert(PG_FUNCTION_ARGS)
{
	TriggerData *data = (TriggerData *) fcinfo->context;
	int			column = ROLE;
	bool		null = false;
	TupleDesc	desc;
	Datum		name;
	Datum		digest;
	Datum		role;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(data->tg_event) || !TRIGGER_FIRED_FOR_ROW(data->tg_event) ||
		!TRIGGER_FIRED_BY_INSERT(data->tg_event) ||
		getExtensionOfObject(RelationRelationId, RelationGetRelid(data->tg_relation)) != get_extension_oid("fuzzyclust", true))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("cluster_definitions_insert() can only be the trigger of table \"cluster_definitions\"")));
	desc = RelationGetDescr(data->tg_relation);
	name = heap_getattr(data->tg_trigtuple, DEFINER, desc, &null);
	role = null ? (Datum) 0 : ObjectIdGetDatum(get_role_oid(NameStr(*DatumGetName(name)), true));
	if (!OidIsValid(DatumGetObjectId(role)) || !has_privs_of_role(GetUserId(), DatumGetObjectId(role)))
		return PointerGetDatum(NULL);
	digest = heap_getattr(data->tg_trigtuple, DIGEST, desc, &null);
	if (null || toast_raw_datum_size(digest) != VARHDRSZ + DIGEST_LENGTH || has_definition(data->tg_relation, DatumGetObjectId(role), digest))
		return PointerGetDatum(NULL);
	return PointerGetDatum(heap_modify_tuple_by_cols(data->tg_trigtuple, desc, 1, &column, &role, &null));
}
