/*
 * orders.h - what the members of a team tell each other, in shared memory
 */
#ifndef FUZZYCLUST_ORDERS_H
#define FUZZYCLUST_ORDERS_H

#include "pg/fuzzyclust.h"

#include "core/team.h"
#include "port/atomics.h"
#include "storage/condition_variable.h"
#include "storage/spin.h"

/* The two counters that members wait for are in cache lines of their own */
typedef struct Orders
{
	slock_t		mutex;			/* guards the next four */
	bool		open;			/* rows are described: workers may attach */
	uint32		number;			/* of the order; 0: there was none yet */
	bool		over;			/* no order will follow */
	FcOrder		order;
	ConditionVariable ordered;	/* it has opened, there is another order, or none will follow */
	ConditionVariable merged;	/* ... a portion */
	char		apart[PG_CACHE_LINE_SIZE];
	pg_atomic_uint64 next;		/* number of the order << 32 | the next portion to be claimed */
	char		apart_too[PG_CACHE_LINE_SIZE];
	pg_atomic_uint64 turn;		/* the portion of the order that is to be merged next */
} Orders;

/* A process's view of them */
typedef struct Member
{
	Orders	   *orders;
	uint32		number;			/* of this member's order */
	bool		spins;			/* before it sleeps */
	void		(*admit) (void *arg);	/* of the leader, before it claims a portion, as workers may have arrived; or NULL */
	void	   *admit_arg;
} Member;

/* Has what a process waits for happened? */
typedef bool (*FcArrived) (void *arg, int64 number);

extern void fc_wait_until(FcArrived arrived, void *arg, int64 number, ConditionVariable *changed, bool spins);

extern void fc_orders_begin(Orders *o);
extern void fc_orders_open(Orders *o);
extern bool fc_orders_await_opening(Member *m);
extern void fc_orders_end(Orders *o);
extern FcTeam fc_orders_team(Member *m, Orders *o, int32 members);

#endif
