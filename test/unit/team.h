/*
 * team.h - a training by several processes, forked from the test
 *
 * What is shared lies in a file that every process maps for itself, at an
 * address of its own as in a server's workers.
 */
#ifndef TEST_TEAM_H
#define TEST_TEAM_H

#include "train.h"

#include "core/team.h"

#include <limits.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_MEMBERS	8

typedef struct TeamControl
{
	atomic_flag lock;			/* of the order */
	FcOrder		order;
	atomic_uint generation;		/* of the order; UINT_MAX: the end */
	_Atomic uint64_t next;		/* generation << 32 | the next portion */
	_Atomic int64_t turn;		/* portions before this one are merged */
	atomic_int	claims[MOST_MEMBERS];	/* portions of each member */
} TeamControl;

typedef struct TeamMember
{
	TeamControl *control;
	int			number;
	unsigned	generation;		/* of the order it has */
	unsigned	random;			/* for pauses */
} TeamMember;

/* Shuffles who claims which portion */
static void
pause_somewhat(TeamMember *m)
{
	m->random = m->random * 1664525 + 1013904223;
	for (unsigned i = m->random >> 30; i > 0; i--)
		sched_yield();
}

static void
team_lock(TeamControl *c)
{
	while (atomic_flag_test_and_set(&c->lock))
		sched_yield();
}

static void
team_announce(void *arg, const FcOrder *order)
{
	TeamMember *m = arg;
	TeamControl *c = m->control;

	team_lock(c);
	c->order = *order;
	m->generation++;
	atomic_store(&c->turn, 0);
	atomic_store(&c->next, (uint64_t) m->generation << 32);
	atomic_store(&c->generation, m->generation);
	atomic_flag_clear(&c->lock);
}

static bool
team_await(void *arg, FcOrder *order)
{
	TeamMember *m = arg;
	TeamControl *c = m->control;

	while (atomic_load(&c->generation) == m->generation)
		sched_yield();
	pause_somewhat(m);
	team_lock(c);
	*order = c->order;
	m->generation = atomic_load(&c->generation);
	atomic_flag_clear(&c->lock);
	return m->generation != UINT_MAX;
}

static int64_t
team_claim(void *arg, int64_t portions)
{
	TeamMember *m = arg;
	uint64_t	next = atomic_load(&m->control->next);

	pause_somewhat(m);
	do
		if (next >> 32 != m->generation || (int64_t) (next & UINT32_MAX) >= portions)
			return -1;
	while (!atomic_compare_exchange_weak(&m->control->next, &next, next + 1));
	atomic_fetch_add(&m->control->claims[m->number], 1);
	return (int64_t) (next & UINT32_MAX);
}

static void
team_await_turn(void *arg, int64_t portion)
{
	TeamMember *m = arg;

	while (atomic_load(&m->control->turn) != portion)
		sched_yield();
}

static void
team_end_turn(void *arg, int64_t portion)
{
	TeamMember *m = arg;

	atomic_store(&m->control->turn, portion + 1);
}

static FcTeam
team_of(TeamMember *m, int members)
{
	return (FcTeam) {
		.members = members, .announce = team_announce, .await = team_await, .claim = team_claim,
		.await_turn = team_await_turn, .end_turn = team_end_turn, .finish = team_await_turn, .arg = m
	};
}

static void *
map_file(FILE *file, size_t size)
{
	void	   *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fileno(file), 0);

	if (at == MAP_FAILED)
		abort();
	return at;
}

/* Memory of one member for a training; the work */
static void *
member_place(Training *t, FILE *file, size_t size)
{
	FcArena		shared = {0};
	FcArena		arena = {.shared = &shared};

	t->fit.rows = t->source.rows;
	fc_fit_layout(&arena, &t->fit);
	if (shared.used > size)
		abort();
	t->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	shared = (FcArena) {.base = map_file(file, size)};
	return fc_fit_layout(&arena, &t->fit);
}

/* The life of a member that does not lead */
static void
be_member(Training *t, FILE *file, size_t size, TeamMember *m, int members)
{
	FcTeam		team = team_of(m, members);

	t->fit.joins = true;
	t->fit.team = &team;
	fc_fit_join(&t->fit, member_place(t, file, size));
	_exit(0);
}

/* Bytes of shared memory that a training needs */
static size_t
shared_size(Training *t)
{
	FcArena		shared = {0};
	FcArena		arena = {.shared = &shared};

	t->fit.rows = t->source.rows;
	fc_fit_layout(&arena, &t->fit);
	return shared.used + 64;
}

/* A training by that many processes; claims (members) becomes how many portions each has had, or is NULL */
UNUSED static FcStatus
team_run(Training *t, int members, int *claims)
{
	TeamControl *control = mmap(NULL, sizeof(TeamControl), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	TeamMember	leader = {control, 0, 0, 1};
	FcTeam		team = team_of(&leader, members);
	FILE	   *file = tmpfile();
	size_t		size;
	FcStatus	status = FC_OK;

	t->fit.rows = t->source.rows;
	if (t->model.algo->begin || t->model.k == 0)
		status = fc_fit_begin(&t->fit);
	size = shared_size(t);
	if (control == MAP_FAILED || file == NULL || ftruncate(fileno(file), (off_t) size) != 0)
		abort();
	fflush(stdout);
	for (int i = 1; i < members; i++)
		if (fork() == 0)
			be_member(t, file, size, &(TeamMember) {control, i, 0, (unsigned) i * 77}, members);
	t->fit.team = &team;
	status = status == FC_OK ? fc_fit(&t->fit, member_place(t, file, size)) : status;
	atomic_store(&control->generation, UINT_MAX);
	for (int i = 1; i < members; i++)
	{
		int			result;

		CHECK(wait(&result) > 0 && result == 0);
	}
	for (int i = 0; claims != NULL && i < members; i++)
		claims[i] = atomic_load(&control->claims[i]);
	fclose(file);
	return status;
}

#endif
