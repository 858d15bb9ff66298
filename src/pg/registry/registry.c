/*
 * registry.c - access to a registry of models: whose it is, and its tables
 *
 * A registry is a schema with ordinary tables.  It belongs to one role, the
 * owner of these tables, as pg_class says, which nobody can forge.  Whoever calls
 * must have that role's privileges.  Whatever touches the tables, or runs what
 * is written in them, runs as that role, in a security-restricted operation and
 * with a search path that the caller's does not matter to: so triggers, functions
 * and queries of the owner do not get at the rights of the caller.
 *
 * The work is done in a subtransaction, which puts user, settings, snapshots and
 * SPI back after an error, also where the caller catches it and goes on.
 */
#include "pg/registry/registry.h"

#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "parser/parse_node.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/* Tells our advisory locks from those of users, whose functions give 1 and 2 */
#define LOCK_CLASS		0xFC

void
fc_refuse_null_argument(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("%s must not be null", name)));
}

static void
check_format(void *arg)
{
	const Registry *r = arg;
	Statement	s = {.sql = "SELECT number FROM ONLY @.format"};
	bool		null;
	int			format;

	SPI_connect();
	format = fc_execute(r, &s, true) > 0 ? DatumGetInt32(fc_column(0, 1, INT4OID, &null)) : 0;
	SPI_finish();
	if (format != REGISTRY_FORMAT)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("registry \"%s\" has format %d, this version of fuzzyclust knows format %d",
						r->name, format, REGISTRY_FORMAT),
				 format > REGISTRY_FORMAT ? errhint("Update the extension.") :
				 errhint("Bring it up to date with SELECT cluster_upgrade_registry(%s).", quote_literal_cstr(r->name))));
}

/*
 * For a command that writes.  Such a command does not run within the query of a
 * recipe, an index expression, or whatever else may not take part in it.
 */
void
fc_open_registry(Registry *r, const char *name, const char *command)
{
	PreventCommandDuringRecovery(command);
	PreventCommandIfReadOnly(command);
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot execute %s within security-restricted operation", command)));
	fc_find_registry(r, name);
	fc_lock_tables(r);
	fc_as_owner(r, check_format, r);
}

/* ---- as the owner ---- */

/* Until the work that fc_as_owner runs ends */
void
fc_set_search_path(const char *path)
{
	(void) set_config_option("search_path", path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/* Functions whose locks, or what they release, stay in the session of whoever calls */
static const Oid session_locks[] = {
	F_PG_ADVISORY_LOCK_INT8, F_PG_ADVISORY_LOCK_INT4_INT4, F_PG_ADVISORY_LOCK_SHARED_INT8,
	F_PG_ADVISORY_LOCK_SHARED_INT4_INT4, F_PG_TRY_ADVISORY_LOCK_INT8, F_PG_TRY_ADVISORY_LOCK_INT4_INT4,
	F_PG_TRY_ADVISORY_LOCK_SHARED_INT8, F_PG_TRY_ADVISORY_LOCK_SHARED_INT4_INT4, F_PG_ADVISORY_UNLOCK_INT8,
	F_PG_ADVISORY_UNLOCK_INT4_INT4, F_PG_ADVISORY_UNLOCK_SHARED_INT8, F_PG_ADVISORY_UNLOCK_SHARED_INT4_INT4,
	F_PG_ADVISORY_UNLOCK_ALL
};

/* What was to be asked before us, while something runs as an owner */
static object_access_hook_type next_hook = NULL;

/* A security-restricted operation does not know of them */
static void
refuse_session_locks(ObjectAccessType access, Oid class, Oid object, int sub, void *arg)
{
	for (int i = 0; access == OAT_FUNCTION_EXECUTE && i < (int) lengthof(session_locks); i++)
		if (object == session_locks[i])
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("cannot execute %s() within a recipe", get_func_name(object)),
					 errdetail("Its effect would stay in the session of whoever retrains."),
					 errhint("Take a lock that ends with the transaction, such as pg_advisory_xact_lock.")));
	if (next_hook)
		next_hook(access, class, object, sub, arg);
}

static void
work_without_session_locks(void (*work) (void *arg), void *arg)
{
	object_access_hook_type hook = object_access_hook;
	object_access_hook_type next = next_hook;

	next_hook = hook == refuse_session_locks ? next : hook;
	object_access_hook = refuse_session_locks;
	PG_TRY();
	{
		work(arg);
	}
	PG_FINALLY();
	{
		object_access_hook = hook;
		next_hook = next;
	}
	PG_END_TRY();
}

static void
switch_and_work(const Registry *r, void (*work) (void *arg), void *arg)
{
	int			nest = NewGUCNestLevel();
	Oid			user;
	int			security;

	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(r->owner, security | SECURITY_RESTRICTED_OPERATION);
	fc_set_search_path(OWN_SEARCH_PATH);
	PushActiveSnapshot(GetTransactionSnapshot());
	work_without_session_locks(work, arg);
	PopActiveSnapshot();
	AtEOXact_GUC(false, nest);
	SetUserIdAndSecContext(user, security);
}

/* Results of the work that are to stay go to the memory context of the caller, as arg knows it */
void
fc_as_owner(const Registry *r, void (*work) (void *arg), void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *error;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		switch_and_work(r, work, arg);
		ReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		MemoryContextSwitchTo(context);
		CurrentResourceOwner = owner;
		ReThrowError(error);
	}
	PG_END_TRY();
}

/* ---- one training of a model at a time ---- */

/* By the table's oid, and the name */
LOCKTAG
fc_model_lock(const Registry *r, const char *name)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, r->tables[0], hash_bytes((const unsigned char *) name, strlen(name)),
						 LOCK_CLASS);
	return tag;
}

/* The process that holds a lock, or 0 */
static int
lock_holder(const Registry *r, const LOCKTAG *tag)
{
	Statement	s = {.sql = "SELECT pid FROM pg_lock_status() WHERE locktype = 'advisory' AND granted AND database = $1 "
	"AND classid = $2 AND objid = $3 AND objsubid = $4"};
	bool		null;
	int			pid;

	fc_parameter(&s, OIDOID, ObjectIdGetDatum(tag->locktag_field1), false);
	fc_parameter(&s, OIDOID, ObjectIdGetDatum(tag->locktag_field2), false);
	fc_parameter(&s, OIDOID, ObjectIdGetDatum(tag->locktag_field3), false);
	fc_parameter(&s, INT2OID, Int16GetDatum(tag->locktag_field4), false);
	SPI_connect();
	pid = fc_execute(r, &s, true) > 0 ? DatumGetInt32(fc_column(0, 1, INT4OID, &null)) : 0;
	SPI_finish();
	return pid;
}

typedef struct Contest
{
	const Registry *registry;
	const char *name;
	LOCKTAG		tag;
} Contest;

static void
refuse_second(void *arg)
{
	const Contest *c = arg;
	int			pid = lock_holder(c->registry, &c->tag);

	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("model \"%s\" is being trained already", fc_beginning_of(c->name)),
			 pid == 0 ? 0 : errdetail("By process %d.", pid)));
}

/*
 * Until the transaction ends, or until it is released or the session ends; an
 * error at once if another session has it
 */
void
fc_lock_model(const Registry *r, const char *name, bool for_session)
{
	Contest		c = {r, name, fc_model_lock(r, name)};

	if (LockAcquire(&c.tag, ExclusiveLock, for_session, true) == LOCKACQUIRE_NOT_AVAIL)
		fc_as_owner(r, refuse_second, &c);
}

/* ---- statements ---- */

void
fc_parameter(Statement *s, Oid type, Datum value, bool null)
{
	if (s->n == MAX_PARAMETERS)
		elog(ERROR, "too many parameters");
	s->types[s->n] = type;
	s->values[s->n] = value;
	s->nulls[s->n] = null ? 'n' : ' ';
	s->n++;
}

/* NULL is null */
void
fc_text_parameter(Statement *s, const char *value)
{
	fc_parameter(s, TEXTOID, value ? CStringGetTextDatum(value) : (Datum) 0, value == NULL);
}

static char *
with_schema(const char *sql, const char *schema)
{
	StringInfoData s;

	initStringInfo(&s);
	for (const char *p = sql; *p != '\0'; p++)
		if (*p == '@')
			appendStringInfoString(&s, schema);
		else
			appendStringInfoChar(&s, *p);
	return s.data;
}

/* A statement that makes tables, in a schema that nobody else has seen yet */
void
fc_execute_utility(const Registry *r, const char *sql)
{
	int			result = SPI_execute(with_schema(sql, r->schema), false, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
}

/* ---- what names mean ---- */

/* What the hooks of the parser see */
typedef struct Meaning
{
	const Registry *registry;
	const Statement *statement;
	bool		checked;
} Meaning;

static bool
is_ours(const Registry *r, Oid table)
{
	for (int t = 0; t < TABLES; t++)
		if (r->tables[t] == table)
			return true;
	return false;
}

/*
 * Schemas cannot be locked against another name, so tables are looked at where
 * names have been looked up, each time that the statement is analyzed: those that
 * it means are those that have been examined, and are locked
 */
static void
check_meaning(const ParseState *pstate)
{
	Meaning    *meaning = pstate->p_ref_hook_state;
	ListCell   *cell;

	for (; pstate; pstate = pstate->parentParseState)
		foreach(cell, pstate->p_rtable)
		{
			const RangeTblEntry *entry = lfirst_node(RangeTblEntry, cell);

			if (entry->rtekind == RTE_RELATION && !is_ours(meaning->registry, entry->relid))
				ereport(ERROR,
						(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						 errmsg("registry \"%s\" has just been altered", meaning->registry->name),
						 errhint("Try again.")));
		}
	meaning->checked = true;
}

static Node *
on_column(ParseState *pstate, ColumnRef *ref pg_attribute_unused())
{
	check_meaning(pstate);
	return NULL;
}

static Node *
on_parameter(ParseState *pstate, ParamRef *ref)
{
	const Statement *s = ((Meaning *) pstate->p_ref_hook_state)->statement;
	Param	   *param = makeNode(Param);

	check_meaning(pstate);
	if (ref->number < 1 || ref->number > s->n)
		elog(ERROR, "there is no parameter $%d", ref->number);
	param->paramkind = PARAM_EXTERN;
	param->paramid = ref->number;
	param->paramtype = s->types[ref->number - 1];
	param->paramtypmod = -1;
	param->paramcollid = get_typcollation(param->paramtype);
	param->location = ref->location;
	return (Node *) param;
}

static void
set_hooks(ParseState *pstate, void *meaning)
{
	pstate->p_pre_columnref_hook = on_column;
	pstate->p_paramref_hook = on_parameter;
	pstate->p_ref_hook_state = meaning;
}

static ParamListInfo
parameters(const Statement *s)
{
	ParamListInfo params = makeParamList(s->n);

	for (int i = 0; i < s->n; i++)
		params->params[i] = (ParamExternData) {
			.value = s->values[i], .isnull = s->nulls[i] == 'n', .pflags = PARAM_FLAG_CONST, .ptype = s->types[i]
		};
	return params;
}

/* Within an SPI connection, on tables of the registry only; returns the number of rows */
int64
fc_execute(const Registry *r, const Statement *s, bool read_only)
{
	Meaning		meaning = {.registry = r, .statement = s};
	SPIExecuteOptions options = {.params = parameters(s), .read_only = read_only};
	SPIPlanPtr	plan = SPI_prepare_params(with_schema(s->sql, r->schema), set_hooks, &meaning, 0);
	int			result;

	if (plan == NULL || !meaning.checked)
		elog(ERROR, "SPI_prepare_params failed: %s", SPI_result_code_string(SPI_result));
	result = SPI_execute_plan_extended(plan, &options);
	if (result < 0)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(result));
	return SPI_processed;
}

/* A column, from 1, of the last result: owners may have altered their tables */
Datum
fc_column(int row, int column, Oid type, bool *null)
{
	if (SPI_tuptable == NULL || (uint64) row >= SPI_processed)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("a registry's table has not kept a row")));
	if (SPI_gettypeid(SPI_tuptable->tupdesc, column) != type)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of a registry's table has type %s instead of %s",
						SPI_fname(SPI_tuptable->tupdesc, column),
						format_type_be(SPI_gettypeid(SPI_tuptable->tupdesc, column)), format_type_be(type))));
	return SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, null);
}

/* NULL is null */
char *
fc_text_column(int row, int column)
{
	bool		null;
	Datum		value = fc_column(row, column, TEXTOID, &null);

	return null ? NULL : TextDatumGetCString(value);
}

/* ---- unknown models ---- */

void
fc_unknown_model(const Registry *r, const char *name)
{
	Statement	s = {.sql = "SELECT string_agg(CASE WHEN octet_length(name) < 64 THEN name ELSE left(name, 20) || '...' END, ', ' ORDER BY name) FROM "
	"(SELECT name FROM ONLY @.recipes ORDER BY name LIMIT 20) AS r"};
	char	   *names;

	fc_execute(r, &s, true);
	names = fc_text_column(0, 1);
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("model \"%s\" is not in registry \"%s\"", fc_beginning_of(name), r->name),
			 names ? errhint("It has %s.", names) : errhint("Define it with cluster_define.")));
}
