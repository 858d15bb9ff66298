/*
 * rival.c - a start that a sample does not tell from the best one
 *
 * Of s rows, objectives J of two starts say nothing where
 *
 *	J(second) - J(best) <= J(best) / s						(eq. 1)
 *
 * For the objective grows with the square of the way between two minima, and what
 * chance adds to the difference with the way itself.  Two such starts are more than one, for
 * starts that end in the same minimum differ by far less:
 *
 *	J(second) - J(best) > 1e-7 |J(best)|					(eq. 2)
 *
 * Then both go on to all rows, which decide.  The best one begins; after a few passes it
 * waits until the second has converged, or has fallen behind; then it goes on, unless it
 * has fallen behind itself.  Behind is a start that would have to go down
 * several times as far as in its last two passes to reach the other.  The second one need not
 * find out what the first has: that the rows of the sample are not all lies in the same
 * direction for both, so its centers are first moved as the nearest ones of the other were.
 */
#include "core/direction.h"
#include "core/engine.h"

#include <math.h>
#include <string.h>

#define SAME			1e-7	/* eq. 2 */
#define HEAD_START		8		/* passes of the best one before it waits */

void
fc_rival_layout(FcArena *a, FcRival *r, const FcFit *f)
{
	*r = (FcRival) {.model = *f->model};
	if (!fc_accelerates(f) || fc_trial_rows(f) == 0 || fc_restarts(f) == 1)
		return;
	r->is_possible = true;
	fc_model_layout(a, &r->model);
	fc_model_share(&r->model, f->model);
	fc_mixing_layout(a, &r->mixing, fc_times(f->model->k, f->model->d));
	r->origin = fc_take(a, fc_times(f->model->k, f->model->d), sizeof(double));
}

/* Before the first start, when options have been found */
void
fc_rival_begin(FcEngine *e)
{
	e->trial.rival.exists = false;
	memcpy(e->trial.rival.model.option, e->fit->model->option, sizeof(e->fit->model->option));
}

/* Eq. 2 */
bool
fc_rivals_differ(double best, double second)
{
	return second - best > SAME * fabs(best);
}

/*
 * After a start on the sample, with FcEngine.best the best one before: the worse of them
 * becomes the second, if it is better than the second before, and not the same as the other
 */
void
fc_rival_consider(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	FcRival    *r = &e->trial.rival;

	if (!r->is_possible || !e->trial.running)
		return;
	if (fc_rivals_differ(m->objective, e->best.objective) && e->best.converged)
		fc_model_swap(&e->best, &r->model);
	else if (fc_rivals_differ(e->best.objective, m->objective) && m->converged && (!r->exists || m->objective < r->model.objective))
		fc_engine_exchange(e, &r->model);
	else
		return;
	r->exists = true;
}

/* Eq. 1, after all starts, with the best one in the model */
bool
fc_rival_is_close(const FcEngine *e)
{
	double		best = e->fit->model->objective;

	return e->trial.rival.exists && e->trial.rival.model.objective - best <= fabs(best) / e->trial.sample.n;
}

/* The waiting descent goes on, and the other waits */
static void
change_sides(FcEngine *e)
{
	FcRival    *r = &e->trial.rival;
	FcMixing	mixing = e->mixing;

	e->mixing = r->mixing;
	r->mixing = mixing;
	fc_engine_exchange(e, &r->model);
}

/* From the start in the model, up to "pause" passes, or until it is behind the other objective */
static FcStatus
begin(FcEngine *e, int32_t pause, double other)
{
	fc_engine_begin_descent(e);
	e->twins.tests = 0;			/* but that of the better one in the end */
	return fc_engine_go_on(e, pause, other);
}

/* Moves the centers of the second start, now in the model, by the way that those of the best one went on all rows */
static void
follow(FcEngine *e)
{
	const FcModel *m = e->fit->model;

	for (int32_t c = 0; c < m->k; c++)
	{
		double	   *v = m->centers + (int64_t) c * m->d;
		int64_t		b;

		fc_check(&e->fit->hooks);
		b = (int64_t) fc_nearest_center(e->trial.rival.origin, m->k, m->d, v) * m->d;
		for (int32_t j = 0; j < m->d; j++)
			v[j] += e->trial.rival.model.centers[b + j] - e->trial.rival.origin[b + j];
		if (fc_is_cosine(m))
			(void) fc_make_unit(v, FC_F64, m->d);
	}
}

/* Both descents; the better one is in the model afterwards */
static FcStatus
race(FcEngine *e, int32_t most)
{
	FcModel    *waiting = &e->trial.rival.model;
	FcStatus	status;

	memcpy(e->trial.rival.origin, e->fit->model->centers, sizeof(double) * waiting->k * waiting->d);
	status = begin(e, most < HEAD_START ? most : HEAD_START, INFINITY);
	if (status != FC_OK)
		return status;
	change_sides(e);
	follow(e);
	status = begin(e, most, waiting->objective);
	if (status == FC_OK && !waiting->converged && waiting->iterations < most)
	{
		change_sides(e);
		status = fc_engine_go_on(e, most, waiting->objective);
	}
	if (status == FC_OK && waiting->objective < e->fit->model->objective)
		change_sides(e);
	return status;
}

/* On all rows from the best start on the sample, which is in the model, and the second */
FcStatus
fc_rival_descend(FcEngine *e)
{
	FcModel    *m = e->fit->model;
	FcStatus	status = race(e, (int32_t) m->common[FC_MAX_ITERATIONS]);

	return status == FC_OK && m->converged ? fc_engine_test_twins(e) : status;
}
