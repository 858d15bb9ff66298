/*
 * team.c - parallel workers that share the work of a training
 *
 * The leader is the backend that trains.  Workers are launched when rows, options
 * and number of clusters are known, for as long as fc_fit() runs.  A description
 * of the training travels with the parallel context; with it a worker makes the
 * same layout as the leader and joins in its orders (orders.c).  Pieces of the
 * layout that all members see are in a segment of dynamic shared memory.  That
 * one outlives the workers: models are read from it, and a training that keeps
 * checkpoints dismisses its workers before each commit, because there is no
 * transaction control in parallel mode, and launches others after it.
 *
 * A team only saves time.  Where there is no worker, no shared memory, or not
 * enough maintenance_work_mem, fewer members or the leader alone do the same work,
 * with the same result to the last bit.  But a worker that is lost has taken a
 * part of the sums with it, so that is an error, as in a parallel query.
 *
 * While there are workers the leader is in parallel mode: it must not write, call
 * functions of users or commit.  After an error the abort of the transaction, or
 * subtransaction, ends them.
 */
#include "pg/train/team.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "core/cost.h"
#include "miscadmin.h"
#include "optimizer/optimizer.h"
#include "pg/train/orders.h"
#include "pg/train/rowcopy.h"
#include "storage/condition_variable.h"
#include "storage/dsm.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#define LEAST_WORK	1e9			/* multiplications: some 200 ms of one process; a launch takes 10 to 30 */

/* In the parallel context */
enum
{
	KEY_ORDERS,
	KEY_TRAINING,
	KEY_ROWS,
	KEY_COPIES,
	KEY_CATEGORIES,
	KEY_LISTS
};

/* What workers need to know of a training besides its rows and options that are lists */
typedef struct Training
{
	char		algorithm[NAMEDATALEN];
	FcModel		model;			/* without arrays */
	int			isa;
	Size		room;			/* FcFit.memory.spill.room */
	bool		has_start;		/* FcFit.start is not NULL */
	int32		members;
	dsm_handle	memory;			/* the shared part of the layout ... */
	Size		size;			/* ... and how large it is */
} Training;

struct Team
{
	FcFit	   *fit;
	RowStore   *store;
	const RowStoreShare *rows;	/* NULL: not yet described */
	void	   *described;		/* the copy for workers */
	bool		copies_rows;	/* for each worker, instead of sharing them ... */
	RowCopies  *copies;			/* ... in shared memory */
	int			workers;		/* at most */
	MemoryContext context;
	MemoryContextCallback callback;
	dsm_segment *memory;		/* the shared part of the layout */
	Size		size;			/* ... in bytes */
	bool		parallel_mode;	/* entered by this team, with a snapshot of its own */
	ParallelContext *parallel;	/* NULL: workers are dismissed */
	Member		leader;
	FcTeam		team;			/* as the core sees it */
};

/* ---- is a team worthwhile, and how large may it be? ---- */

/* May this training have one at all? */
static bool
is_allowed(const FcFit *f, const RowStore *store)
{
	return IsUnderPostmaster && !IsParallelWorker() && !(store->flags & FC_STORE_PRIVATE) && f->model->algo->team != NULL;
}

static int
wanted_workers(const FcFit *f, const RowStore *store)
{
	int64		workers = Min(max_parallel_maintenance_workers, max_parallel_workers);

	if (!is_allowed(f, store))
		return 0;
	if (!(f->model->algo->traits & FC_SHUFFLES))
		workers = Min(workers, fc_portions_of(&f->rows) - 1);
	return fc_forces_parallel() || fc_fit_cost(f) >= LEAST_WORK ? (int) workers : 0;
}

/* Bytes of a layout, without what is shared */
static Size
private_size(FcFit *f, bool joins, FcArena *shared)
{
	FcArena		arena = {.shared = shared};

	*shared = (FcArena) {0};
	f->joins = joins;
	(void) fc_fit_layout(&arena, f);
	f->joins = false;
	return arena.used;
}

/* Rather than in a file, in part */
static bool
is_in_memory(const RowStore *s)
{
	return s->memory.count == s->nblocks;
}

/* Has maintenance_work_mem room for as many copies of the rows, beside the workers? */
static bool
may_copy_rows(const RowStore *s, int copies)
{
	return is_in_memory(s) && copies * s->memory.count * s->memory.size + fc_copies_size(s, copies) <= s->memory.spare;
}

/*
 * As many as maintenance_work_mem has room for beside the rows in memory and what all
 * share: accumulators and tiles of all members count, and in a worker the block that is
 * read from a file.  What the leader would need alone, too, leaves workers at least what
 * rows have left to them: without any, memory would not be less by more than that.
 */
static int
affordable_workers(FcFit *f, RowStore *store, int wanted)
{
	FcArena		shared;
	Size		view = fc_store_expanded_size(store);
	Size		worker = private_size(f, true, &shared) + view + (is_in_memory(store) ? 0 : store->memory.size);
	Size		own = private_size(f, false, &shared) + view;
	Size		used = own + shared.used + store->memory.count * store->memory.size;
	Size		allowed = (Size) maintenance_work_mem * 1024;
	Size		left = used < allowed ? allowed - used : 0;
	Size		room = Max(left, FC_LEFT_BY_ROWS(allowed) - Min(own, FC_LEFT_BY_ROWS(allowed)));
	int			workers = (int) Min((Size) wanted, room / worker);

	if (workers < wanted)
		ereport(DEBUG1,
				(errmsg_internal("maintenance_work_mem has room for %d of %d parallel workers: each needs %zu kB, and the leader has %zu kB",
								 workers, wanted, worker / 1024, used / 1024)));
	store->memory.spare = left > workers * worker ? left - workers * worker : 0;
	return workers;
}

/* ---- memory that all members see ---- */

/* Also when the context is deleted */
static void
free_memory(void *arg)
{
	Team	   *t = arg;

	if (t->memory)
		dsm_detach(t->memory);
	t->memory = NULL;
}

static Team *
create_team(FcFit *f, RowStore *store, int workers)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust team", ALLOCSET_SMALL_SIZES);
	Team	   *t = MemoryContextAllocZero(context, sizeof(Team));
	FcArena		shared;

	t->context = context;
	t->fit = f;
	t->store = store;
	t->workers = workers;
	t->copies_rows = may_copy_rows(store, workers);
	(void) private_size(f, false, &shared);
	t->size = shared.used;
	t->callback.func = free_memory;
	t->callback.arg = t;
	MemoryContextRegisterResetCallback(context, &t->callback);
	return t;
}

/*
 * Before the layout of a training, which lives in the current context; NULL: it
 * has no team
 */
Team *
fc_team_begin(FcFit *f, RowStore *store)
{
	int			wanted = store->elsewhere ? 0 : wanted_workers(f, store);
	int			workers = wanted > 0 ? affordable_workers(f, store, wanted) : 0;
	Team	   *t;

	if (workers == 0)
		return NULL;
	t = create_team(f, store, workers);
	t->memory = fc_create_segment(t->size, "parallel workers");
	if (t->memory != NULL)
		return t;
	fc_team_end(t);
	return NULL;
}

/* As fc_fit_layout(), which all members do */
void *
fc_team_lay_out(Team *t)
{
	FcArena		shared = {0};
	FcArena		arena = {.shared = &shared};

	(void) fc_fit_layout(&arena, t->fit);
	shared = (FcArena) {.base = dsm_segment_address(t->memory)};
	fc_arena_allocate(&arena);
	return fc_fit_layout(&arena, t->fit);
}

/* ---- launching workers ---- */

static Size
lists_size(const FcModel *m)
{
	Size		count = 0;

	for (int i = 0; m->algo->options[i].name != NULL; i++)
		if (m->algo->options[i].type == FC_LIST)
			count += (Size) m->option[i];
	return Max(count, 1) * sizeof(double);
}

/* One behind the other, in the order of the options; lists of f point there */
static void
put_lists(const FcFit *f, double *to)
{
	const FcModel *m = f->model;

	for (int i = 0; m->algo->options[i].name != NULL; i++)
		if (m->algo->options[i].type == FC_LIST && m->option[i] > 0)
		{
			memcpy(to, f->list[fc_list_position(m->algo, i)], (Size) m->option[i] * sizeof(double));
			to += (Size) m->option[i];
		}
}

/* ... in a worker, where f points to them */
static void
take_lists(FcFit *f, const double *from)
{
	FcModel    *m = f->model;

	for (int i = 0; m->algo->options[i].name != NULL; i++)
		if (m->algo->options[i].type == FC_LIST && m->option[i] > 0)
		{
			int			position = fc_list_position(m->algo, i);

			f->list[position] = from;
			m->list[position] = (double *) from;
			from += (Size) m->option[i];
		}
}

static Training
describe(const Team *t)
{
	const FcFit *f = t->fit;
	Training	training = {
		.model = *f->model, .isa = f->isa, .room = f->memory.spill.room, .has_start = f->start != NULL,
		.members = t->workers + 1, .memory = dsm_segment_handle(t->memory), .size = t->size
	};

	strlcpy(training.algorithm, f->model->algo->name, sizeof(training.algorithm));
	return training;
}

static void *
put(ParallelContext *p, uint64 key, Size size, const void *data)
{
	void	   *memory = shm_toc_allocate(p->toc, size);

	if (data)
		memcpy(memory, data, size);
	shm_toc_insert(p->toc, key, memory);
	return memory;
}

static void
estimate(ParallelContext *p, Size size)
{
	shm_toc_estimate_chunk(&p->estimator, size);
	shm_toc_estimate_keys(&p->estimator, 1);
}

/* Where the server has no segment left, the context has no workers */
static void
create_context(Team *t)
{
	ParallelContext *p = t->parallel = CreateParallelContext(fc_library(), "fc_team_member", t->workers);

	estimate(p, sizeof(Orders));
	estimate(p, sizeof(Training));
	estimate(p, t->copies_rows ? fc_copies_size(t->store, t->workers) : fc_store_share_room());
	estimate(p, lists_size(t->fit->model));
	estimate(p, fc_category_share_size(t->store));
	PG_TRY();
	{
		InitializeParallelDSM(p);
	}
	PG_CATCH();
	{
		DestroyParallelContext(p);
		t->parallel = NULL;
		PG_RE_THROW();
	}
	PG_END_TRY();
}

/* Between portions, to workers that have arrived */
static void
send_rows(void *arg)
{
	Team	   *t = arg;

	fc_copies_send(t->copies, t->store, t->leader.spins);
}

/* Where rows are to be described, or copies of them can be had */
static void
put_rows(Team *t)
{
	if (!t->copies_rows)
	{
		t->described = put(t->parallel, KEY_ROWS, fc_store_share_room(), NULL);
		return;
	}
	t->copies = put(t->parallel, KEY_COPIES, fc_copies_size(t->store, t->workers), NULL);
	fc_copies_begin(t->copies, t->store, t->workers);
}

/* In parallel mode */
static void
launch(void *arg)
{
	Team	   *t = arg;
	Training	training = describe(t);
	ParallelContext *p;
	Orders	   *orders;

	create_context(t);
	p = t->parallel;
	if (p->seg == NULL)
		return;
	dsm_pin_mapping(p->seg);
	orders = put(p, KEY_ORDERS, sizeof(Orders), NULL);
	fc_orders_begin(orders);
	put(p, KEY_TRAINING, sizeof(Training), &training);
	put_rows(t);
	put_lists(t->fit, put(p, KEY_LISTS, lists_size(t->fit->model), NULL));
	if (t->store->categories.dictionaries)
		fc_category_share(t->store, put(p, KEY_CATEGORIES, fc_category_share_size(t->store), NULL));
	LaunchParallelWorkers(p);
	t->team = fc_orders_team(&t->leader, orders, p->nworkers_launched + 1);
	if (t->copies_rows)
	{
		t->leader.admit = send_rows;
		t->leader.admit_arg = t;
	}
}

static void
leave_parallel_mode(Team *t)
{
	if (t->parallel)
		DestroyParallelContext(t->parallel);
	t->parallel = NULL;
	t->fit->team = NULL;
	t->parallel_mode = false;
	ExitParallelMode();
	PopActiveSnapshot();
}

/* A worker that the server could not start has done nothing, and is no reason for an error */
static void
forget_unstarted(ParallelContext *p)
{
	for (int i = 0; i < p->nworkers_launched; i++)
	{
		ParallelWorkerInfo *w = &p->worker[i];
		pid_t		pid;

		if (w->error_mqh != NULL && GetBackgroundWorkerPid(w->bgwhandle, &pid) == BGWH_STOPPED &&
			shm_mq_get_sender(shm_mq_get_queue(w->error_mqh)) == NULL)
		{
			shm_mq_detach(w->error_mqh);
			w->error_mqh = NULL;
		}
	}
}

/* Workers leave when there is no more work for them */
static void
dismiss(Team *t)
{
	if (t->parallel && t->parallel->nworkers_launched > 0)
	{
		fc_orders_end(t->leader.orders);
		if (t->copies_rows)
			fc_copies_end(t->copies);
		forget_unstarted(t->parallel);
		WaitForParallelWorkersToFinish(t->parallel);
	}
	leave_parallel_mode(t);
}

/*
 * While workers start, as that takes time as well: rows into shared memory, if they
 * are not there, and into a file where that is too small.  The blocks of the store move.
 */
static bool
share_rows(Team *t)
{
	MemoryContext old;

	if (t->copies_rows)
		return true;
	old = MemoryContextSwitchTo(t->context);
	if (t->rows == NULL)
		t->rows = fc_store_share(t->store);
	MemoryContextSwitchTo(old);
	if (t->rows == NULL)
		return false;
	memcpy(t->described, t->rows, t->rows->size);
	fc_orders_open(t->leader.orders);
	return true;
}

/* Launches workers after fc_team_begin(), or after they were dismissed; there may be none */
void
fc_team_gather(Team *t)
{
	if (t == NULL || fc_library() == NULL)
		return;
	/* Between two transactions of a procedure there is none, and workers need one */
	PushActiveSnapshot(ActiveSnapshotSet() ? GetActiveSnapshot() : GetTransactionSnapshot());
	EnterParallelMode();
	t->parallel_mode = true;
	if (fc_attempt(launch, t, "parallel workers cannot be launched") && t->parallel->nworkers_launched > 0 && share_rows(t))
		t->fit->team = &t->team;
	ereport(DEBUG1,
			(errmsg_internal("parallel workers in this training: %d of %d", t->fit->team ? t->team.members - 1 : 0, t->workers)));
	if (t->fit->team == NULL)
		dismiss(t);
}

void
fc_team_dismiss(Team *t)
{
	if (t != NULL && t->parallel != NULL)
		dismiss(t);
}

/*
 * After an error in the training.  A procedure goes on with a rollback of its
 * own, which expects no snapshot but its own.  What the leader slept on goes.
 */
void
fc_team_abandon(Team *t)
{
	if (t == NULL || !t->parallel_mode)
		return;
	ConditionVariableCancelSleep();
	leave_parallel_mode(t);
}

/* The training is over, and its model has been read */
void
fc_team_end(Team *t)
{
	if (t == NULL)
		return;
	fc_team_dismiss(t);
	MemoryContextDelete(t->context);
}

/* ---- in a worker ---- */

/* The layout of the leader, whose shared part begins at memory */
static void *
lay_out(FcFit *f, char *memory, Size size)
{
	FcArena		shared = {0};
	FcArena		arena = {.shared = &shared};
	void	   *work;

	(void) fc_fit_layout(&arena, f);
	if (shared.used != size)
		elog(ERROR, "parallel worker has a layout of %zu bytes, its leader one of %zu", shared.used, size);
	shared = (FcArena) {.base = memory};
	fc_arena_allocate(&arena);
	work = fc_fit_layout(&arena, f);
	return work;
}

static dsm_segment *
attach_memory(dsm_handle handle)
{
	dsm_segment *segment = dsm_attach(handle);

	if (segment == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("could not map dynamic shared memory segment")));
	return segment;
}

/* The reader of rows that are shared, or the copy */
typedef struct WorkerRows
{
	RowShareReader shared;
	RowCopy		copy;
	FcExpandedRows view;		/* of rows with categories */
} WorkerRows;

/* False: the training is over */
static bool
take_rows(WorkerRows *w, shm_toc *toc, Member *member, FcRows *rows)
{
	RowCopies  *copies = shm_toc_lookup(toc, KEY_COPIES, true);

	w->shared = (RowShareReader) {0};
	if (copies != NULL)
		return fc_copies_receive(copies, ParallelWorkerNumber, member->spins, &w->copy, rows);
	if (!fc_orders_await_opening(member))
		return false;
	*rows = fc_store_attach(shm_toc_lookup(toc, KEY_ROWS, false), &w->shared);
	return true;
}

/* The entry point of a worker, called by the server */
extern PGDLLEXPORT void fc_team_member(dsm_segment *segment, shm_toc *toc);
void
fc_team_member(dsm_segment *segment pg_attribute_unused(), shm_toc *toc)
{
	const Training *training = shm_toc_lookup(toc, KEY_TRAINING, false);
	dsm_segment *memory = attach_memory(training->memory);
	const CategoryShare *categories = shm_toc_lookup(toc, KEY_CATEGORIES, true);
	Member		member;
	FcTeam		team = fc_orders_team(&member, shm_toc_lookup(toc, KEY_ORDERS, false), training->members);
	WorkerRows	rows;
	FcModel		model = training->model;
	FcFit		f = {
		.model = &model,
		.isa = training->isa, .hooks = {.check = fc_check_interrupts}, .memory = {.spill = {.room = training->room}},
		.team = &team, .joins = true
	};

	if (!take_rows(&rows, toc, &member, &f.rows))
	{
		dsm_detach(memory);
		return;
	}
	model.algo = fc_find_algorithm(training->algorithm);
	model.names = NULL;
	model.names_length = 0;
	model.categories = (FcCategories) {0};
	if (categories)
		fc_category_attach(categories, &model, &f.rows, &rows.view, f.isa);
	if (training->has_start)
		f.start = dsm_segment_address(memory);	/* only layouts ask, whether there is one */
	take_lists(&f, shm_toc_lookup(toc, KEY_LISTS, false));
	fc_fit_join(&f, lay_out(&f, dsm_segment_address(memory), training->size));
	fc_store_detach(&rows.shared);
	dsm_detach(memory);
}
