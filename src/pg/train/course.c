/*
 * course.c - progress of a training, for the view cluster_progress and for the
 * log
 */
#include "pg/train/course.h"

#include "core/elsewhere.h"

#include "utils/timestamp.h"

static const char *
phase_now(const Course *c)
{
	const FcEpochHooks *epochs = c->model->algo->epochs;

	return epochs ? epochs->phases[c->fit->course.phase] : c->fit->course.on_sample ? FC_SAMPLE_PHASE : "training";
}

/* From now on the store's progress is that of the training */
void
fc_show_course(const Course *c)
{
	const FcModel *m = c->model;
	FcProgress *p = c->store->progress;

	strlcpy(p->phase, phase_now(c), sizeof(p->phase));
	p->iteration = c->iteration;
	p->iterations = (int32) (m->algo->epochs ? m->algo->epochs->most(m) : m->common[FC_MAX_ITERATIONS]);
	/* The store observes the progress of a pass, unless rows are read in random order; with one block it cannot */
	p->rows_done = (m->algo->traits & FC_SHUFFLES) ? c->fit->course.rows_done : c->store->nblocks == 1 ? -1 : 0;
	p->rows = c->store->elsewhere ? c->store->elsewhere->rows : c->store->n;
	fc_progress_show(p);
}

/* Others see it, once it takes a while */
static pg_noinline void
show_if_due(const Course *c)
{
	RowStore   *s = c->store;

	if (s->progress && (c->model->algo->traits & FC_SHUFFLES))
	{
		s->progress->rows_done = c->fit->course.rows_done;
		fc_progress_show(s->progress);
	}
	if (s->progress || s->algo == NULL || !fc_progress_due(c->began))
		return;
	s->progress = fc_progress_begin(s->context, c->model->algo, c->began);
	fc_show_course(c);
}

/* For FcHooks.check: may longjmp */
void
fc_course_check(void *arg)
{
	Course	   *c = arg;

	fc_check_interrupts(NULL);
	/* Reading the clock takes longer than a small training between two checks */
	if (++c->checks % 64 == 0)
		show_if_due(c);
}

/* The seconds that a training has to go, if epochs go on as they did */
static double
seconds_left(const Course *c, int32 epoch)
{
	double		left = Max(c->model->algo->epochs->most(c->model) - epoch, 0);

	return fc_seconds_between(c->began, GetCurrentTimestamp()) / (epoch - c->first + 1) * left;
}

/* For the server's log */
static void
log_iteration(const Course *c, int32 iteration, double objective, double change)
{
	const FcModel *m = c->model;
	int32		row = m->history.count - 1;

	if (m->algo->epochs)
		ereport(DEBUG1,
				(errmsg_internal("%s: epoch %d of %.0f, %s, reconstruction %.6g, clustering %.6g, change %.3g, %.1f s, %.0f s to go",
								 m->algo->name, iteration, m->algo->epochs->most(m),
								 m->algo->epochs->phases[(int) fc_history_get(m, row, FC_HISTORY_PHASE)],
								 fc_history_get(m, row, FC_HISTORY_RECONSTRUCTION),
								 fc_history_get(m, row, FC_HISTORY_CLUSTERING), change, fc_seconds_between(c->began, GetCurrentTimestamp()),
								 seconds_left(c, iteration))));
	else
		ereport(DEBUG1,
				(errmsg_internal("%s: iteration %d%s, objective %.10g, change %.3g",
								 m->algo->name, iteration, c->fit->course.on_sample ? " on a sample" : "", objective, change)));
}

/* For FcHooks.progress: may longjmp */
void
fc_course_iteration(void *arg, int32_t iteration, double objective, double change)
{
	Course	   *c = arg;
	FcProgress *p = c->store->progress;

	if (c->first == 0)
		c->first = iteration;
	c->iteration = iteration;
	log_iteration(c, iteration, objective, change);
	if (p == NULL)
		return;
	strlcpy(p->phase, phase_now(c), sizeof(p->phase));
	p->iteration = iteration;
	p->objective = objective;
	p->change = change;
	if (c->model->algo->epochs)
		p->end = GetCurrentTimestamp() + (TimestampTz) (seconds_left(c, iteration) * USECS_PER_SEC);
	fc_progress_show(p);
}
