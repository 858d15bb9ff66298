/*
 * registry.c - access to a registry of models: its owner, and running code as
 * the owner
 *
 * A registry is a schema with ordinary tables.  It belongs to one role, the
 * owner of these tables according to pg_class, which cannot be forged.  The
 * caller must have that role's privileges.  All code that accesses the tables,
 * or runs queries stored in them, runs as that role, in a security-restricted
 * operation and with a search path independent of the caller's: so triggers,
 * functions and queries of the owner cannot use the privileges of the caller.
 *
 * The work is done in a subtransaction, which puts user, settings, snapshots
 * and SPI back after an error, also if the caller catches it and continues.
 */
#include "pg/registry/registry.h"

#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

/* Tells our advisory locks from those of users, whose functions give 1 and 2 */
#define LOCK_CLASS		0xFC

/* ---- arguments ---- */

char *
fc_name_argument(FunctionCallInfo fcinfo, int arg)
{
	fc_refuse_null(fcinfo, arg, "name");
	return text_to_cstring(PG_GETARG_TEXT_PP(arg));
}

int32
fc_version_argument(FunctionCallInfo fcinfo, int arg)
{
	if (PG_ARGISNULL(arg))
		return 0;
	if (PG_GETARG_INT32(arg) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("version must be at least 1, not %d", PG_GETARG_INT32(arg))));
	return PG_GETARG_INT32(arg);
}

const char *
fc_registry_argument(FunctionCallInfo fcinfo, int arg)
{
	fc_refuse_null(fcinfo, arg, "registry");
	return NameStr(*PG_GETARG_NAME(arg));
}

/* ---- the owner's tables ---- */

/* Of the present format or an earlier one, for cluster_upgrade_registry */
void
fc_open_any_registry(Registry *r, const char *name, const char *command, LOCKMODE lock)
{
	PreventCommandDuringRecovery(command);
	PreventCommandIfReadOnly(command);
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot execute %s within security-restricted operation", command)));
	fc_find_registry(r, name);
	fc_lock_tables(r, lock);
}

/*
 * For a command that writes.  Such a command does not run within the query of a
 * recipe, an index expression, or whatever else may not take part in it.
 */
void
fc_open_registry(Registry *r, const char *name, const char *command)
{
	fc_open_any_registry(r, name, command, RowExclusiveLock);
	if (r->format < REGISTRY_FORMAT)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("registry \"%s\" has format %d, but this version of fuzzyclust writes format %d",
						r->name, r->format, REGISTRY_FORMAT),
				 errdetail("Its models can still be read."),
				 errhint("Upgrade it with SELECT cluster_upgrade_registry(%s).", quote_literal_cstr(r->name))));
}

/* ---- as the owner ---- */

/* Until the work that fc_as_owner runs ends */
void
fc_set_search_path(const char *path)
{
	(void) set_config_option("search_path", path, PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/* Functions with effects on locks that persist in the session of the caller */
static const Oid session_locks[] = {
	F_PG_ADVISORY_LOCK_INT8, F_PG_ADVISORY_LOCK_INT4_INT4, F_PG_ADVISORY_LOCK_SHARED_INT8,
	F_PG_ADVISORY_LOCK_SHARED_INT4_INT4, F_PG_TRY_ADVISORY_LOCK_INT8, F_PG_TRY_ADVISORY_LOCK_INT4_INT4,
	F_PG_TRY_ADVISORY_LOCK_SHARED_INT8, F_PG_TRY_ADVISORY_LOCK_SHARED_INT4_INT4, F_PG_ADVISORY_UNLOCK_INT8,
	F_PG_ADVISORY_UNLOCK_INT4_INT4, F_PG_ADVISORY_UNLOCK_SHARED_INT8, F_PG_ADVISORY_UNLOCK_SHARED_INT4_INT4,
	F_PG_ADVISORY_UNLOCK_ALL
};

/* The previous hook, called before ours while something runs as an owner */
static object_access_hook_type next_hook = NULL;

/* A security-restricted operation does not restrict them */
static void
refuse_session_locks(ObjectAccessType access, Oid class, Oid object, int sub, void *arg)
{
	for (int i = 0; access == OAT_FUNCTION_EXECUTE && i < (int) lengthof(session_locks); i++)
		if (object == session_locks[i])
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
					 errmsg("cannot execute %s() within a recipe", get_func_name(object)),
					 errdetail("Its effect would persist in the session that runs the retraining."),
					 errhint("Use a lock that is released at the end of the transaction, such as pg_advisory_xact_lock.")));
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

typedef struct OwnersWork
{
	const Registry *registry;
	void		(*work) (void *arg);
	void	   *arg;
} OwnersWork;

static void
switch_and_work(void *arg)
{
	const OwnersWork *w = arg;
	int			nest = NewGUCNestLevel();
	Oid			user;
	int			security;

	GetUserIdAndSecContext(&user, &security);
	SetUserIdAndSecContext(w->registry->owner, security | SECURITY_RESTRICTED_OPERATION);
	fc_set_search_path(OWN_SEARCH_PATH);
	PushActiveSnapshot(GetTransactionSnapshot());
	work_without_session_locks(w->work, w->arg);
	PopActiveSnapshot();
	AtEOXact_GUC(false, nest);
	SetUserIdAndSecContext(user, security);
}

/* Runs work in a subtransaction; the error that ended it, or NULL */
ErrorData *
fc_in_subtransaction(void (*work) (void *arg), void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);
	PG_TRY();
	{
		work(arg);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return error;
}

/* Results that must survive are allocated in the memory context of the caller, given in arg */
void
fc_as_owner(const Registry *r, void (*work) (void *arg), void *arg)
{
	OwnersWork	w = {r, work, arg};
	ErrorData  *error = fc_in_subtransaction(switch_and_work, &w);

	if (error)
		ReThrowError(error);
}

/* ---- one training of a model at a time ---- */

/* By the table's oid, and the name */
LOCKTAG
fc_model_lock(const Registry *r, const char *name)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, r->tables[RECIPES], hash_bytes((const unsigned char *) name, strlen(name)),
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
			 errmsg("model \"%s\" is already being trained", fc_beginning_of(c->name)),
			 pid == 0 ? 0 : errdetail("Process %d is training it.", pid)));
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
