/*
 * progress.c - progress of trainings as seen by other sessions:
 * cluster_progress
 *
 * A table in shared memory has slots for backends that train.  The first
 * backend that needs it creates it, so that the library need not be preloaded;
 * if there is no memory left trainings run without being shown, and so do
 * those beyond the last slot.  A spinlock guards each slot while it is copied,
 * in or out.
 *
 * A backend may have several trainings in progress: the query of one may train
 * others, and GROUP BY may read the rows of many groups at once.  Other
 * backends see the one that reported last, and after its end the youngest
 * remaining one.  Each has its own memory context, below that of its data, and
 * ends when that context is deleted: at its end, with the query, or when the
 * transaction aborts.
 *
 * A query that is read for a training is shown from its beginning.  Any other
 * training, that of a group or of one more number of clusters, is shown after
 * FC_PROGRESS_DELAY, so that many small ones cost nothing.
 */
#include "pg/train/train.h"

#include "access/xact.h"
#include "catalog/pg_authid.h"
#include "lib/ilist.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/procarray.h"
#include "storage/spin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/timestamp.h"

#include <math.h>

/* The name has a number to be increased when Slot changes: an older library may have created the table */
#define TABLE_NAME	"fuzzyclust_progress_1"
#define SLOTS		64

typedef struct Slot
{
	slock_t		mutex;
	int			pid;			/* 0: free */
	Oid			database;
	Oid			user;			/* of the session */
	int			encoding;		/* of the model's name */
	FcProgress	progress;
} Slot;

/* A training of this backend */
typedef struct Running
{
	FcProgress	progress;		/* must be first: callers have a pointer to this part */
	dlist_node	node;
	MemoryContext context;
	MemoryContextCallback callback;
} Running;

/* State of the backend */
static Slot *table;				/* (SLOTS); NULL if not requested yet, or not available */
static bool table_refused;
static Slot *own;				/* the slot of this backend, or NULL */
static Running *shown;			/* its contents */
static dlist_head running = DLIST_STATIC_INIT(running); /* youngest first */
static char model_name[NAMEDATALEN];
static MemoryContext model_context; /* NULL if there is no name */

/* ---- the table ---- */

static void
init_table(void *memory)
{
	Slot	   *slots = memory;

	memset(slots, 0, sizeof(Slot) * SLOTS);
	for (int i = 0; i < SLOTS; i++)
		SpinLockInit(&slots[i].mutex);
}

/* Not worth an error: the training itself works */
static void
refuse_table(MemoryContext context)
{
	ErrorData  *error;

	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	if (FC_SHARED_MEMORY_IN_SUBTRANSACTION)
		RollbackAndReleaseCurrentSubTransaction();
	else
		LWLockReleaseAll();
	ereport(DEBUG1,
			(errmsg_internal("trainings of this session are not shown in cluster_progress: %s", error->message)));
	FreeErrorData(error);
	table_refused = true;
}

/* Sets table, or table_refused */
static void
find_table(void)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;

	if (FC_SHARED_MEMORY_IN_SUBTRANSACTION)
		BeginInternalSubTransaction(NULL);
	PG_TRY();
	{
		table = fc_shared_memory(TABLE_NAME, sizeof(Slot) * SLOTS, init_table);
		if (FC_SHARED_MEMORY_IN_SUBTRANSACTION)
			ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		refuse_table(context);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
}

static void
give_slot_back(void)
{
	if (own == NULL)
		return;
	SpinLockAcquire(&own->mutex);
	own->pid = 0;
	SpinLockRelease(&own->mutex);
	own = NULL;
	shown = NULL;
}

static void
give_slot_back_at_exit(int code pg_attribute_unused(), Datum arg pg_attribute_unused())
{
	give_slot_back();
}

static bool
take_slot(Slot *slot)
{
	bool		taken;

	SpinLockAcquire(&slot->mutex);
	taken = slot->pid == 0;
	if (taken)
	{
		slot->pid = MyProcPid;
		slot->database = MyDatabaseId;
		slot->user = GetSessionUserId();
		slot->encoding = GetDatabaseEncoding();
		memset(&slot->progress, 0, sizeof(FcProgress));
	}
	SpinLockRelease(&slot->mutex);
	return taken;
}

/* Sets own, unless all slots are taken or there is no table */
static void
find_slot(void)
{
	static bool at_exit = false;

	if (table == NULL && !table_refused)
		find_table();
	if (table == NULL)
		return;
	if (!at_exit)
	{
		before_shmem_exit(give_slot_back_at_exit, (Datum) 0);
		at_exit = true;
	}
	for (int i = 0; i < SLOTS && own == NULL; i++)
		if (take_slot(table + i))
			own = table + i;
}

/* ---- trainings of this backend ---- */

/* Needs a slot, because none can be searched for while a transaction aborts */
static void
put_into_slot(Running *r)
{
	SpinLockAcquire(&own->mutex);
	own->progress = r->progress;
	SpinLockRelease(&own->mutex);
	shown = r;
}

/* Called when the context of a training is deleted; must not fail */
static void
forget_training(void *arg)
{
	Running    *r = arg;

	dlist_delete(&r->node);
	if (shown != r)
		return;
	if (dlist_is_empty(&running))
		give_slot_back();
	else
		put_into_slot(dlist_container(Running, node, dlist_head_node(&running)));
}

static void
forget_model(void *arg pg_attribute_unused())
{
	model_name[0] = '\0';
	model_context = NULL;
}

/*
 * The name of the model that trainings of this backend are for, from now on;
 * NULL: none.  It holds no longer than the current memory context.
 */
void
fc_progress_model(const char *name)
{
	MemoryContextCallback *callback;

	if (model_context)
		MemoryContextDelete(model_context);
	if (name == NULL)
		return;
	model_context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust model name", ALLOCSET_SMALL_SIZES);
	callback = MemoryContextAllocZero(model_context, sizeof(MemoryContextCallback));
	callback->func = forget_model;
	MemoryContextRegisterResetCallback(model_context, callback);
	strlcpy(model_name, name, pg_mbcliplen(name, strlen(name), NAMEDATALEN - 1) + 1);
}

/* Is a training that began then old enough to be shown? */
bool
fc_progress_due(TimestampTz began)
{
	return TimestampDifferenceExceeds(began, GetCurrentTimestamp(), FC_PROGRESS_DELAY);
}

/*
 * A training that gathers its rows, to be seen from now on; it lives no longer
 * than the context
 */
FcProgress *
fc_progress_begin(MemoryContext parent, const FcAlgorithm *algo, TimestampTz began)
{
	MemoryContext context = AllocSetContextCreate(parent, "fuzzyclust progress", ALLOCSET_SMALL_SIZES);
	Running    *r = MemoryContextAllocZero(context, sizeof(Running));
	FcProgress *p = &r->progress;

	strlcpy(p->model, model_name, sizeof(p->model));
	strlcpy(p->algorithm, algo->name, sizeof(p->algorithm));
	strlcpy(p->phase, "rows", sizeof(p->phase));
	p->iteration = p->iterations = -1;
	p->rows = -1;
	p->objective = p->change = NAN;
	p->began = began;

	r->context = context;
	r->callback.func = forget_training;
	r->callback.arg = r;
	dlist_push_head(&running, &r->node);
	MemoryContextRegisterResetCallback(context, &r->callback);
	fc_progress_show(p);
	return p;
}

/* Makes changes visible to other backends */
void
fc_progress_show(FcProgress *p)
{
	if (own == NULL)
		find_slot();
	if (own != NULL)
		put_into_slot((Running *) p);
}

void
fc_progress_end(FcProgress *p)
{
	MemoryContextDelete(((Running *) p)->context);
}

/* ---- the view ---- */

enum
{
	COLUMN_PID,
	COLUMN_DATABASE,
	COLUMN_USER,
	COLUMN_MODEL,
	COLUMN_ALGORITHM,
	COLUMN_PHASE,
	COLUMN_ITERATION,
	COLUMN_ITERATIONS,
	COLUMN_ROWS_DONE,
	COLUMN_ROWS,
	COLUMN_OBJECTIVE,
	COLUMN_CHANGE,
	COLUMN_SECONDS,
	COLUMN_SECONDS_LEFT,
	COLUMNS
};

/* A copy; false if the slot is unused */
static bool
read_slot(Slot *slot, Slot *copy)
{
	SpinLockAcquire(&slot->mutex);
	*copy = *slot;
	SpinLockRelease(&slot->mutex);
	return copy->pid != 0 && BackendPidGetProc(copy->pid) != NULL;
}

static bool
may_see(Oid user)
{
	return has_privs_of_role(GetUserId(), ROLE_PG_READ_ALL_STATS) || has_privs_of_role(GetUserId(), user);
}

double
fc_seconds_between(TimestampTz from, TimestampTz to)
{
	return Max(to - from, 0) / (double) USECS_PER_SEC;
}

/* What all may see */
static void
put_identity(const Slot *s, Datum *values, bool *nulls)
{
	values[COLUMN_PID] = Int32GetDatum(s->pid);
	values[COLUMN_DATABASE] = ObjectIdGetDatum(s->database);
	values[COLUMN_USER] = ObjectIdGetDatum(s->user);
	values[COLUMN_ALGORITHM] = CStringGetTextDatum(s->progress.algorithm);
	nulls[COLUMN_PID] = nulls[COLUMN_DATABASE] = nulls[COLUMN_USER] = nulls[COLUMN_ALGORITHM] = false;
}

static void
put_count(int64 count, Datum value, int column, Datum *values, bool *nulls)
{
	values[column] = value;
	nulls[column] = count < 0;
}

static void
put_number(double number, int column, Datum *values, bool *nulls)
{
	values[column] = fc_float8_or_null(number, &nulls[column]);
}

static void
put_course(const Slot *s, Datum *values, bool *nulls)
{
	const FcProgress *p = &s->progress;
	TimestampTz now = GetCurrentTimestamp();

	/* Names in another encoding would not be valid text here */
	nulls[COLUMN_MODEL] = p->model[0] == '\0' || s->encoding != GetDatabaseEncoding();
	if (!nulls[COLUMN_MODEL])
		values[COLUMN_MODEL] = CStringGetTextDatum(p->model);
	values[COLUMN_PHASE] = CStringGetTextDatum(p->phase);
	nulls[COLUMN_PHASE] = false;
	put_count(p->iteration, Int32GetDatum(p->iteration), COLUMN_ITERATION, values, nulls);
	put_count(p->iterations, Int32GetDatum(p->iterations), COLUMN_ITERATIONS, values, nulls);
	put_count(p->rows_done, Int64GetDatum(p->rows_done), COLUMN_ROWS_DONE, values, nulls);
	put_count(p->rows, Int64GetDatum(p->rows), COLUMN_ROWS, values, nulls);
	put_number(p->objective, COLUMN_OBJECTIVE, values, nulls);
	put_number(p->change, COLUMN_CHANGE, values, nulls);
	put_number(fc_seconds_between(p->began, now), COLUMN_SECONDS, values, nulls);
	/* An estimate that has passed was none */
	put_number(p->end <= now ? NAN : fc_seconds_between(now, p->end), COLUMN_SECONDS_LEFT, values, nulls);
}

/*
 * cluster_get_progress() returns setof (pid int, datid oid, usesysid oid,
 * model text, algorithm text, phase text, iteration int, iterations int,
 * rows_done bigint, rows bigint, objective, change, seconds, seconds_left float8)
 *
 * The trainings that are under way in the server, for the view cluster_progress.
 * Of other users' it gives what pg_stat_activity would, and the algorithm; the
 * rest is NULL.  It raises no errors.
 */
PG_FUNCTION_INFO_V1(cluster_get_progress);
Datum
cluster_get_progress(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);

	if (table == NULL && !table_refused)
		find_table();
	for (int i = 0; table != NULL && i < SLOTS; i++)
	{
		Datum		values[COLUMNS] = {0};
		bool		nulls[COLUMNS];
		Slot		slot;

		if (!read_slot(table + i, &slot))
			continue;
		memset(nulls, true, sizeof(nulls));
		put_identity(&slot, values, nulls);
		if (may_see(slot.user))
			put_course(&slot, values, nulls);
		tuplestore_putvalues(set.store, set.desc, values, nulls);
	}
	return (Datum) 0;
}
