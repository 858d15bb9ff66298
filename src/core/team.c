/*
 * team.c - a task and its portions, by one process or by several: see team.h
 */
#include "core/team.h"

#include <string.h>

#define MOST_PORTIONS	64		/* of a pass */
#define LEAST_PORTIONS	8
#define ROWS_A_PORTION	2048	/* at least, if that makes LEAST_PORTIONS: sums of each are added */

/*
 * Portions of a pass over rows, of whole blocks.  Their number is a multiple of 8, so that two, four
 * or eight members get as many.
 */
int64_t
fc_portions_of(const FcRows *rows)
{
	int64_t		portions = rows->n / ROWS_A_PORTION / LEAST_PORTIONS * LEAST_PORTIONS;
	int64_t		blocks = fc_blocks(rows);

	if (portions < LEAST_PORTIONS)
		portions = LEAST_PORTIONS;
	if (portions > MOST_PORTIONS)
		portions = MOST_PORTIONS;
	return portions < blocks ? portions : blocks;
}

/* The first block of a portion, which may be the one after the last */
int64_t
fc_portion_first(const FcRows *rows, int64_t portion)
{
	return fc_blocks(rows) * portion / fc_portions_of(rows);
}

/* The members' part of f, as the leader has it now */
static void
give_order(const FcFit *f, FcOrder *o)
{
	const FcModel *m = f->model;

	o->k = m->k;
	o->stage = f->stage;
	o->view = f->view;
	memcpy(o->common, m->common, sizeof(o->common));
	memcpy(o->option, m->option, sizeof(o->option));
	o->spread = f->sample.spread;
	o->usual = f->sample.usual;
	memcpy(o->argument, f->argument, sizeof(o->argument));
}

/* The same in another member */
static void
take_order(FcFit *f, const FcOrder *o)
{
	FcModel    *m = f->model;

	m->k = o->k;
	f->stage = o->stage;
	memcpy(m->common, o->common, sizeof(o->common));
	memcpy(m->option, o->option, sizeof(o->option));
	f->sample.spread = o->spread;
	f->sample.usual = o->usual;
	memcpy(f->argument, o->argument, sizeof(o->argument));
}

/* Portions of an order, as long as there are some */
void
fc_team_take_part(FcFit *f, const FcTask *task, int64_t portions)
{
	const FcTeam *t = f->team;
	int64_t		portion;

	if (task->begin)
		task->begin(f);
	while ((portion = t->claim(t->arg, portions)) >= 0)
	{
		task->run(f, portion);
		t->await_turn(t->arg, portion);
		if (task->merge)
			task->merge(f, portion);
		t->end_turn(t->arg, portion);
	}
}

static void
run_alone(FcFit *f, const FcTask *task, int64_t portions)
{
	if (task->begin)
		task->begin(f);
	for (int64_t portion = 0; portion < portions; portion++)
	{
		task->run(f, portion);
		if (task->merge)
			task->merge(f, portion);
	}
}

/* The leader: returns when all portions are merged */
void
fc_team_run(FcFit *f, const FcTask *task, int64_t portions)
{
	FcOrder		order = {.task = task->number, .portions = portions};

	if (f->team == NULL || portions < 2)
	{
		run_alone(f, task, portions);
		return;
	}
	give_order(f, &order);
	f->team->announce(f->team->arg, &order);
	fc_team_take_part(f, task, portions);
	f->team->finish(f->team->arg, portions);
}

/* Another member: false at the end */
bool
fc_team_await(FcFit *f, FcOrder *order)
{
	if (!f->team->await(f->team->arg, order))
		return false;
	take_order(f, order);
	return true;
}
