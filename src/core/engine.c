/*
 * engine.c - the fit of algorithms that alternate between weights and centers
 *
 * k-means, fuzzy c-means and their relatives differ in how a distance becomes
 * a weight; the rest is the loop of descend.c, from one or several starts.  Starts
 * are tried on a sample where that is worth it (sample_start.c), and the best goes
 * on to all rows.
 *
 * Passes over the rows are in pass.c, distances in metric.c.  After the loop one
 * more pass measures the result: the objective at the final centers, sizes and
 * radii of the clusters.
 *
 * Where centers coincide then, and how crisp memberships are was found from the data, a kernel may
 * make them crisper (FcFoundHooks.sharpen), and all begins again.  So the result is that of a
 * training which was given these options.
 */
#include "core/coincide.h"
#include "core/engine.h"
#include "core/noise.h"
#include "core/noise_quantile.h"
#include "core/noise_share.h"
#include "core/scale.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MOST_SHARPENED	8			/* times that memberships are made crisper */
#define TILE_DISTANCES	262144		/* of one tile: they stay in the second-level cache */
#define TILE_VALUES		262144		/* the same of features, which are copied where rows have gaps */

static int32_t
tile_rows(const FcFit *f)
{
	int64_t		k = f->model->k;
	int64_t		products = k * f->model->d;
	int64_t		rows = f->model->algo->kernel->is_crisp ? FC_TILE : TILE_DISTANCES / k;

	if (f->model->algo->kernel->has_shapes)
		products *= f->model->d;
	if (rows > FC_PRODUCTS / products)
		rows = FC_PRODUCTS / products;
	if (f->rows.gaps && rows > TILE_VALUES / f->model->d)
		rows = TILE_VALUES / f->model->d;
	if (rows > f->rows.stride)
		rows = f->rows.stride;
	rows = rows / FC_LANES * FC_LANES;
	return rows < FC_LANES ? FC_LANES : rows > FC_TILE ? FC_TILE : (int32_t) rows;
}

/* Rows that first centers are chosen from, at most: a trial of clusters with shapes may have more than the sample */
static int64_t
most_seeded(const FcFit *f)
{
	int64_t		sample = fc_sample_size(&f->rows, f->model->k);
	int64_t		trial = fc_trial_rows(f);

	return trial > sample ? trial : sample;
}

void *
fc_engine_layout(FcArena *a, const FcFit *f)
{
	FcEngine	fields = {.best = *f->model, .kernel = f->model->algo->kernel, .tile = tile_rows(f)};

	fc_seeder_layout(a, &fields.seeder, f, most_seeded(f));
	fc_metric_layout(a, &fields.metric, f->model, f->rows.precision, fields.tile);
	fc_pass_layout(a, &fields, f);
	fc_trial_layout(a, &fields.trial, f);
	fc_noise_layout(a, &fields.trial, f);
	if (fc_accelerates(f))
	{
		fc_mixing_layout(a, &fields.mixing, fc_times(f->model->k, f->model->d));
		fc_twins_layout(a, &fields.twins, f->model->k, f->model->d);
	}
	fc_rival_layout(a, &fields.trial.rival, f);
	if (fc_restarts(f) > 1)
	{
		fc_model_layout(a, &fields.best);
		fc_model_share(&fields.best, f->model);
	}
	if (fields.kernel->scratch_layout)
		fields.scratch = fields.kernel->scratch_layout(a, f);
	return fc_place(a, &fields, sizeof(fields));
}

/* Doubts about the start that ended last */
static void
diagnose(FcEngine *e)
{
	if (!e->fit->rows.elsewhere)	/* whose statistics lack it: that on the sample stays */
		e->fit->doubts.largest = *e->acc.largest / fc_total_weight(&e->fit->rows);
	if (e->kernel->diagnose)
		e->kernel->diagnose(e);
}

/* After the last step on all rows */
static FcStatus
conclude(FcEngine *e)
{
	fc_pass_measure(e);
	diagnose(e);
	return FC_OK;
}

static FcStatus
run_once(FcEngine *e, int32_t restart)
{
	FcStatus	status = e->kernel->first_centers ? e->kernel->first_centers(e, restart) :
		fc_first_centers(e->fit, &e->seeder, restart);

	if (status != FC_OK)
		return status;
	e->fit->model->history.count = 0;
	fc_engine_begin_descent(e);
	status = e->kernel->optimize ? e->kernel->optimize(e) : fc_engine_descend(e);
	if (status == FC_OK)
		fc_pass_measure(e);
	return status;
}

/*
 * After a start: the better one is kept in e->best, and the other's memory is reused.  Of starts that end in the same
 * minimum the first stays: rounding, which rows elsewhere or another processor change, must not choose the clusters' numbers
 */
static void
keep_better(FcEngine *e, bool first)
{
	const FcRestarts *restarts = &e->fit->model->algo->kernel->restarts;
	bool		is_best = first || (restarts->is_better ? restarts->is_better(e) : fc_rivals_differ(e->fit->model->objective, e->best.objective));

	if (!first)
		fc_rival_consider(e);
	if (!is_best)
		return;
	diagnose(e);
	fc_engine_exchange(e, &e->best);
}

/* May a start that diverged just lose?  As where clusters of gg become points; not where squared distances overflow, for then the others mean nothing */
static bool
may_lose(const FcEngine *e, FcStatus status)
{
	double		square = e->fit->sample.spread * e->fit->sample.spread;

	return status == FC_DIVERGED && square < (e->fit->rows.precision == FC_F32 ? FLT_MAX : DBL_MAX);
}

/* The best of several starts, on the rows that passes read at the moment */
static FcStatus
run_all(FcEngine *e, int32_t restarts)
{
	FcStatus	status = FC_OK;
	bool		any = false;

	if (restarts == 1)
	{
		status = run_once(e, 0);
		if (status == FC_OK)
			diagnose(e);
		return status;
	}
	for (int32_t r = 0; r < restarts && (status == FC_OK || may_lose(e, status)); r++)
	{
		status = run_once(e, r);
		if (status != FC_OK)
			continue;
		keep_better(e, !any);
		any = true;
	}
	if (any && may_lose(e, status))
		status = FC_OK;
	if (status == FC_OK)
		fc_engine_exchange(e, &e->best);
	return status;
}

/* The best of several starts on all rows: where they are compared early, it goes on from there to the end */
static FcStatus
run_to_end(FcEngine *e, int32_t restarts)
{
	FcModel    *m = e->fit->model;
	double		common[FC_NCOMMON];
	FcStatus	status;

	memcpy(common, m->common, sizeof(common));
	if (restarts == 1 || !fc_shorten_starts(e->fit))
		return run_all(e, restarts);
	status = run_all(e, restarts);
	memcpy(m->common, common, sizeof(common));
	if (status != FC_OK)
		return status;
	m->converged = false;
	status = fc_engine_go_on(e, (int32_t) m->common[FC_MAX_ITERATIONS], INFINITY);
	return status == FC_OK ? conclude(e) : status;
}

/* Whose memory fc_engine_layout() placed */
void
fc_engine_begin(FcEngine *e, FcFit *f)
{
	e->fit = f;
	f->engine = e;
	fc_pass_set_stage(e, 0);
	e->metric.share = f->rows.gaps ? f->columns->share : NULL;
	e->metric.model = f->model;
	e->metric.isa = f->isa;
	e->metric.hooks = f->hooks;
	fc_bounds_begin(&e->bounds);
}

static void
join(FcFit *f)
{
	fc_engine_begin(f->work, f);
}

const FcTeamHooks fc_engine_team = {.join = join};

/* From the best start on the sample, with its shapes, or from the best two */
static FcStatus
go_on(FcEngine *e)
{
	if (fc_rival_is_close(e))
		return fc_rival_descend(e);
	return e->kernel->go_on ? e->kernel->go_on(e) : fc_engine_descend(e);
}

/* The same on all rows, and what is known of them then */
static FcStatus
descend_from_trial(FcEngine *e)
{
	FcStatus	status;

	fc_engine_begin_descent(e);
	status = go_on(e);
	return status == FC_OK ? conclude(e) : status;
}

/* Where centers coincide after all: are memberships to be crisper, and the training repeated?  Then all starts have the new options */
static bool
is_to_repeat(FcEngine *e)
{
	FcModel    *m = e->fit->model;

	if (e->kernel->found.sharpen == NULL || e->fit->doubts.sharpened == MOST_SHARPENED || !fc_centers_coincide(e->fit) ||
		!e->kernel->found.sharpen(e))
		return false;
	e->fit->doubts.sharpened++;
	memcpy(e->best.option, m->option, sizeof(m->option));
	fc_rival_begin(e);
	return true;
}

/* The best of several starts on the sample, by a model that would not be better if it were crisper */
static FcStatus
run_all_on_sample(FcEngine *e, int32_t restarts)
{
	FcStatus	status;

	do
		status = run_all(e, restarts);
	while (status == FC_OK && is_to_repeat(e));
	return status;
}

/* Starts on the sample, if there is one; they may fail, as with too few distinct rows among its few */
static FcStatus
run_trial(FcEngine *e, FcStatus (*starts) (FcEngine *e, int32_t restarts), int32_t restarts)
{
	FcStatus	status;

	if (e->trial.sample.n == 0)
		return FC_TOO_FEW_ROWS;
	fc_trial_prepare(&e->trial, e->fit);
	fc_trial_begin(&e->trial, e->fit);
	status = starts(e, restarts);
	fc_trial_end(&e->trial, e->fit);
	return status;
}

/* Where no number of starts is given, and those on the sample fail, one on all rows */
static int32_t
restarts_on_all_rows(const FcEngine *e, int32_t restarts)
{
	return e->trial.sample.n > 0 && isnan(e->fit->model->common[FC_RESTARTS]) ? 1 : restarts;
}

/* Centers and the distance of noise from starts on the sample, or else on all rows, on which the best goes on */
static FcStatus
fit_with_share(FcEngine *e, int32_t *restarts)
{
	FcStatus	status = run_trial(e, fc_noise_find, *restarts);

	if (status != FC_OK && !e->fit->rows.elsewhere)
	{
		*restarts = restarts_on_all_rows(e, *restarts);
		status = fc_noise_find(e, *restarts);
		e->fit->model->history.count = 0;
	}
	return status == FC_OK ? descend_from_trial(e) : status;
}

/* From first centers to the last, from "restarts" starts, or how many there were in the end */
static FcStatus
fit_once(FcEngine *e, int32_t *restarts)
{
	if (fc_seeks_noise(e->fit->model))
		return fit_with_share(e, restarts);
	if (run_trial(e, run_all_on_sample, *restarts) == FC_OK)
		return descend_from_trial(e);
	*restarts = restarts_on_all_rows(e, *restarts);
	return run_to_end(e, *restarts);
}

FcStatus
fc_engine_fit(FcFit *f, void *work)
{
	FcEngine   *e = work;
	FcModel    *m = f->model;
	int32_t		restarts;
	FcStatus	status = FC_OK;

	fc_engine_begin(e, f);
	if (e->kernel->resolve_options)
		status = e->kernel->resolve_options(e);
	if (status != FC_OK)
		return status;
	memcpy(e->best.option, m->option, sizeof(m->option));
	fc_rival_begin(e);
	do
	{
		restarts = fc_restarts(f);
		status = fit_once(e, &restarts);
	} while (status == FC_OK && is_to_repeat(e));
	m->common[FC_RESTARTS] = restarts;
	return status;
}
