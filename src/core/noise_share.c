/*
 * noise_share.c - the distance of noise that a share of the rows asks for
 *
 * Of a sample, with c(i) the center nearest to row i:
 *
 *	delta^2 = the (1 - share)-quantile of d_ic(i)						(eq. 1)
 *
 * so that about the share of the rows is nearer to noise than to any center.  It depends on the centers,
 * and these on it.  Centers without noise are a bad beginning: one of them may stand for rows far away,
 * and two clusters share another.  So both are found together first, by trimmed k-means
 * (Cuesta-Albertos, Gordaliza and Matran, 1997), which takes eq. 1 before each pass and
 *
 *	v_c = mean of the rows with c(i) = c and d_ic <= delta^2			(eq. 2)
 *
 * after it.  That never raises the sum of squares of the rows which are left, and by this sum starts are
 * compared.  Rows far away do not lead first centers astray either: from the second start on, none is
 * farther than delta (seed.c).
 *
 * Then the algorithm itself goes on from there with delta fixed, eq. 1 is taken of its own distances, and so on until
 * delta stays.  All of that is on a sample, if starts are tried on one.
 */
#include "core/noise_share.h"

#include "core/noise.h"
#include "core/noise_quantile.h"

#include <math.h>
#include <string.h>

#define MOST_ROUNDS		10		/* of an algorithm, and eq. 1 */
#define SAME			1e-3	/* a delta^2 that changes by a smaller part has settled */

/* The distance of noise becomes eq. 1, and what depends on it follows */
static void
use_quantile(FcEngine *e, bool own)
{
	FcModel    *m = e->fit->model;

	fc_noise_set(m, fc_noise_quantile(e, own));
	if (m->algo->kernel->found.follow_noise)
		m->algo->kernel->found.follow_noise(e);
}

/* ---- the search ---- */

/* A start by trimmed k-means */
static FcStatus
trim_once(FcEngine *e, int32_t restart)
{
	FcStatus	status = fc_first_centers(e->fit, &e->seeder, restart);

	if (status != FC_OK)
		return status;
	e->fit->model->history.count = 0;
	fc_engine_begin_descent(e);
	fc_pass_set_stage(e, FC_TRIMMED_STAGE);
	status = fc_engine_descend(e);
	fc_pass_set_stage(e, 0);
	return status;
}

/* The best of several */
static FcStatus
trim(FcEngine *e, int32_t restarts)
{
	FcModel    *m = e->fit->model;

	for (int32_t r = 0; r < restarts; r++)
	{
		FcStatus	status = trim_once(e, r);

		if (status != FC_OK)
			return status;
		if (restarts > 1 && (r == 0 || m->objective < e->best.objective))
			fc_engine_exchange(e, &e->best);
	}
	if (restarts > 1)
		fc_engine_exchange(e, &e->best);
	return FC_OK;
}

/* The algorithm itself from the centers that there are, until its distances ask for the same delta again */
static FcStatus
settle(FcEngine *e)
{
	FcModel    *m = e->fit->model;

	for (int round = 0; round < MOST_ROUNDS; round++)
	{
		double		before = fc_noise_squared(m);
		FcStatus	status;

		m->history.count = 0;
		fc_engine_begin_descent(e);
		status = round == 0 && e->kernel->optimize ? e->kernel->optimize(e) : fc_engine_descend(e);
		if (status != FC_OK)
			return status;
		use_quantile(e, !e->kernel->is_crisp);
		if (fabs(fc_noise_squared(m) - before) <= SAME * before)
			break;
	}
	return FC_OK;
}

FcStatus
fc_noise_find(FcEngine *e, int32_t restarts)
{
	FcFit	   *f = e->fit;
	bool		trims = f->start == NULL || e->kernel->is_crisp;
	FcStatus	status;

	f->model->common[FC_NOISE_DISTANCE] = NAN;
	status = trims ? trim(e, restarts) : fc_first_centers(f, &e->seeder, 0);
	if (status != FC_OK)
		return status;
	use_quantile(e, false);
	return e->kernel->is_crisp ? FC_OK : settle(e);
}
