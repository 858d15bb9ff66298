/*
 * orders.c - how the members of a team wait for each other
 *
 * The leader announces an order, all members claim portions of it, and each
 * portion is merged when its turn has come (see core/team.h).  The number of the
 * order and its next portion are one word, so that a member that is late cannot
 * claim a portion of a later order as one of its own.
 *
 * Who has to wait watches the counter for some microseconds, because most waits
 * are that short and a process takes longer to wake up, and then sleeps.  It may
 * be interrupted there: that is how the leader notices that a worker has ended.
 */
#include "pg/train/orders.h"

#include "portability/instr_time.h"
#include "storage/s_lock.h"
#include "utils/wait_event.h"

#ifndef WIN32
#include <unistd.h>
#endif

#define WATCHING		200			/* microseconds, before a process sleeps */
#define LOOKS		32			/* at the counter, for one at the clock */

void
fc_orders_begin(Orders *o)
{
	memset(o, 0, sizeof(*o));
	SpinLockInit(&o->mutex);
	ConditionVariableInit(&o->ordered);
	ConditionVariableInit(&o->merged);
	pg_atomic_init_u64(&o->next, 0);
	pg_atomic_init_u64(&o->turn, 0);
}

/* ---- waiting ---- */

static bool
has_turn(void *arg, int64 portion)
{
	const Member *m = arg;

	return pg_atomic_read_u64(&m->orders->turn) == (uint64) portion;
}

static bool
has_order(void *arg, int64 number pg_attribute_unused())
{
	const Member *m = arg;
	volatile const Orders *o = m->orders;

	return o->over || o->number != m->number;
}

/* False: it did not arrive while that was worthwhile */
static bool
watch(FcArrived arrived, void *arg, int64 number)
{
	instr_time	start;
	instr_time	now;

	INSTR_TIME_SET_CURRENT(start);
	do
	{
		for (int i = 0; i < LOOKS; i++)
		{
			if (arrived(arg, number))
				return true;
			SPIN_DELAY();
		}
		INSTR_TIME_SET_CURRENT(now);
		INSTR_TIME_SUBTRACT(now, start);
	} while (INSTR_TIME_GET_MICROSEC(now) < WATCHING);
	return false;
}

/* Whoever changes what is waited for then broadcasts "changed".  May longjmp */
void
fc_wait_until(FcArrived arrived, void *arg, int64 number, ConditionVariable *changed, bool spins)
{
	if (!arrived(arg, number) && !(spins && watch(arrived, arg, number)))
	{
		ConditionVariablePrepareToSleep(changed);
		while (!arrived(arg, number))
			ConditionVariableSleep(changed, PG_WAIT_EXTENSION);
		ConditionVariableCancelSleep();
	}
	pg_memory_barrier();		/* now what others wrote before is read */
}

/* ---- before the first order ---- */

static bool
is_open(void *arg, int64 number pg_attribute_unused())
{
	const Member *m = arg;
	volatile const Orders *o = m->orders;

	return o->open || o->over;
}

/* What workers need is in shared memory now */
void
fc_orders_open(Orders *o)
{
	SpinLockAcquire(&o->mutex);
	o->open = true;
	SpinLockRelease(&o->mutex);
	ConditionVariableBroadcast(&o->ordered);
}

/* A worker: false if there will be no orders */
bool
fc_orders_await_opening(Member *m)
{
	fc_wait_until(is_open, m, 0, &m->orders->ordered, m->spins);
	return m->orders->open;
}

/* ---- the functions of FcTeam ---- */

static void
announce(void *arg, const FcOrder *order)
{
	Member	   *m = arg;
	Orders	   *o = m->orders;

	SpinLockAcquire(&o->mutex);
	o->order = *order;
	m->number = ++o->number;
	pg_atomic_write_u64(&o->turn, 0);
	pg_atomic_write_u64(&o->next, (uint64) m->number << 32);
	SpinLockRelease(&o->mutex);
	ConditionVariableBroadcast(&o->ordered);
}

static bool
await(void *arg, FcOrder *order)
{
	Member	   *m = arg;
	Orders	   *o = m->orders;
	bool		over;

	fc_wait_until(has_order, m, 0, &o->ordered, m->spins);
	SpinLockAcquire(&o->mutex);
	over = o->over;
	m->number = o->number;
	*order = o->order;
	SpinLockRelease(&o->mutex);
	return !over;
}

static int64_t
claim(void *arg, int64_t portions)
{
	Member	   *m = arg;
	uint64		next;

	if (m->admit)
		m->admit(m->admit_arg);
	next = pg_atomic_read_u64(&m->orders->next);
	while (next >> 32 == m->number && (int64_t) (next & PG_UINT32_MAX) < portions)
		if (pg_atomic_compare_exchange_u64(&m->orders->next, &next, next + 1))
			return next & PG_UINT32_MAX;
	return -1;
}

static void
await_turn(void *arg, int64_t portion)
{
	Member	   *m = arg;

	fc_wait_until(has_turn, m, portion, &m->orders->merged, m->spins);
}

static void
end_turn(void *arg, int64_t portion)
{
	Member	   *m = arg;

	pg_memory_barrier();		/* what was merged is written first */
	pg_atomic_write_u64(&m->orders->turn, portion + 1);
	ConditionVariableBroadcast(&m->orders->merged);
}

/* All portions are merged when it would be the turn of another one */
static void
finish(void *arg, int64_t portions)
{
	await_turn(arg, portions);
}

/* No order follows: other members leave */
void
fc_orders_end(Orders *o)
{
	SpinLockAcquire(&o->mutex);
	o->over = true;
	SpinLockRelease(&o->mutex);
	ConditionVariableBroadcast(&o->ordered);
}

/* Can all members run at the same time? */
static bool
have_processors(int32 members)
{
#ifdef _SC_NPROCESSORS_ONLN
	return sysconf(_SC_NPROCESSORS_ONLN) >= members;
#else
	return false;
#endif
}

/* As the core calls it, in one of the members */
FcTeam
fc_orders_team(Member *m, Orders *o, int32 members)
{
	*m = (Member) {.orders = o, .spins = have_processors(members)};
	return (FcTeam) {
		.members = members,
		.announce = announce, .await = await, .claim = claim, .await_turn = await_turn, .end_turn = end_turn,
		.finish = finish, .arg = m
	};
}
