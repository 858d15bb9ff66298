/*
 * fit.c - one training: the part common to all algorithms
 *
 * Scaling, the sample, the algorithm itself, and checks of the result, such as
 * for coinciding centers, which are reported to the user.
 */
#include "core/categories.h"
#include "core/coincide.h"
#include "core/critical.h"
#include "core/direction.h"
#include "core/elsewhere.h"
#include "core/gaps.h"
#include "core/moments.h"
#include "core/noise.h"
#include "core/offset.h"
#include "core/optional.h"
#include "core/pass.h"
#include "core/project.h"
#include "core/scale.h"
#include "core/score.h"
#include "core/seed.h"
#include "core/shape.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct FitWork
{
	FcColumns	columns;
	bool		measured;		/* columns are those of the rows as they are seen now */
	bool		fills;			/* means take the place of missing numbers, and there are any */
	FcFilledRows filled;
	FcScaledRows scaled;		/* rows that are scaled, or shifted, or both */
	double	   *offset;			/* (d) */
	FcScorer	scorer;
	FcPrincipal principal;
	void	   *algorithm;
} FitWork;

/*
 * Put list options into the model: copies if the arena has memory; the caller's
 * lists while memory is only counted, and in a member that does not lead
 */
static void
use_lists(FcFit *f, bool copies)
{
	const FcAlgorithm *algo = f->model->algo;

	for (int i = 0; algo->options[i].name != NULL; i++)
		if (algo->options[i].type == FC_LIST && f->model->option[i] > 0)
		{
			int			position = fc_list_position(algo, i);

			if (copies && !f->joins)
				memcpy(f->model->list[position], f->list[position], sizeof(double) * (size_t) f->model->option[i]);
			else
				f->model->list[position] = (double *) f->list[position];
		}
}

/* Do means take the place of missing numbers? */
static bool
fills_gaps(const FcModel *m)
{
	return m->common[FC_MISSING] == FC_MISSING_MEAN;
}

/* Before the layout: limits, options, and the number of clusters where the algorithm finds it */
FcStatus
fc_fit_begin(FcFit *f)
{
	const FcAlgorithm *algo = f->model->algo;

	if (algo->kernel->has_shapes && f->model->d > FC_MAX_SHAPE_COLUMNS)
		return FC_TOO_MANY_COLUMNS;
	if (f->rows.weights && (algo->traits & (FC_EMBEDS | FC_SHUFFLES)))
		return FC_NO_WEIGHTS;
	if (fc_has_categories(f->model) && !fc_takes_categories(algo))
		return FC_NO_CATEGORIES;
	if (f->rows.gaps && !fills_gaps(f->model) && !(algo->traits & FC_TAKES_GAPS))
		return FC_NO_GAPS;
	if (fc_most_groups(f->model) > f->model->k && !(algo->traits & FC_TAKES_NOISE))
		return FC_NO_NOISE;
	f->outcome = NULL;			/* of an earlier try, whose memory may be gone */
	use_lists(f, false);
	if (algo->begin)
		return algo->begin(f);
	return f->model->k == 0 ? algo->choose_clusters(f) : FC_OK;
}

/* Are clusters the same wherever the rows lie?  Not in a cube, nor where single rows teach, nor those of directions */
static bool
may_shift(const FcModel *m)
{
	return m->algo->margin == NULL && !(m->algo->traits & FC_SHUFFLES) && !fc_is_cosine(m);
}

static void
layout_gaps(FcArena *a, FitWork *w, const FcFit *f)
{
	w->fills = fills_gaps(f->model) && f->rows.gaps;
	if (w->fills)
		fc_filled_rows_layout(a, &w->filled, &f->rows);
	else if (f->rows.gaps)
		w->columns.share = fc_take(a, f->rows.d, sizeof(double));
}

void *
fc_fit_layout(FcArena *a, FcFit *f)
{
	FitWork    *w = fc_take(a, 1, sizeof(FitWork));
	FitWork		fields = {0};
	bool		gaps = f->rows.gaps;

	f->model->rows = fc_row_count(&f->rows);
	f->model->precision = f->rows.precision;
	if (!isnan(f->model->common[FC_WEIGHT]))
		f->model->optional.arrays |= 1u << FC_WITH_TOTAL_WEIGHT;
	f->model->optional.arrays |= 1u << FC_WITH_MOMENTS | 1u << FC_WITH_PROJECTION;
	if (fills_gaps(f->model))
		f->model->optional.arrays |= 1u << FC_WITH_FILL;
	fc_model_layout(a, f->model);
	use_lists(f, w != NULL);
	layout_gaps(a, &fields, f);
	f->rows.gaps = gaps && !fields.fills;	/* as the algorithm will see them */
	if (!(f->model->algo->traits & FC_SHUFFLES))
	{
		fc_sample_layout(a, &f->sample, &f->rows, f->model->k);
		if (!f->joins)
			fc_principal_layout(a, &fields.principal, f->sample.n, f->rows.d, 0);
	}
	fc_columns_layout(a, &fields.columns, f->rows.d);
	if ((fc_is_scaled(f->model) || may_shift(f->model)) && (f->rows.scaled == NULL || fields.fills))
		fc_scaled_rows_layout(a, &fields.scaled, &f->rows);
	if (may_shift(f->model))
		fields.offset = fc_take_shared(a, f->rows.d, sizeof(double));
	if (!(f->model->algo->traits & FC_EMBEDS))
		fc_scorer_layout(a, &fields.scorer, f->model);
	if (f->rows.elsewhere)
		f->rows.elsewhere->layout(a, f);
	f->direction = fc_take(a, fc_times(2, f->rows.d), sizeof(double));
	fields.algorithm = f->model->algo->layout(a, f);
	f->rows.gaps = gaps;
	if (w != NULL)
		*w = fields;
	return w;
}

/* Are two centers one, compared with the size of their clusters?  s has the distances of center c to the others */
static bool
coincide(const FcModel *m, FcScorer *s, int32_t b, int32_t c)
{
	if (m->algo->kernel->has_shapes)
		return fc_shapes_coincide(m, b, c, FC_COINCIDENT, s->x);
	return sqrt(s->distance[b]) <= FC_COINCIDENT * fmax(fc_radius_of_features(m, b), fc_radius_of_features(m, c));
}

/* Finds two centers that are one; are they all? */
static bool
find_twins(FcFit *f, FcScorer *s)
{
	FcModel    *m = f->model;
	bool		all = true;

	fc_scorer_begin(s);
	for (int32_t c = 1; c < m->k && (f->doubts.twins[0] < 0 || all); c++)
	{
		fc_check(&f->hooks);
		fc_score_between_centers(s, c);
		for (int32_t b = 0; b < c && f->doubts.twins[0] < 0; b++)
			if (coincide(m, s, b, c))
			{
				f->doubts.twins[0] = b;
				f->doubts.twins[1] = c;
			}
		all = all && coincide(m, s, 0, c);
	}
	return all && m->k > 1;
}

/* Did two centers begin at the same place? */
static bool
begin_equal(const FcFit *f, int32_t a, int32_t b)
{
	int32_t		d = f->model->d;

	return f->start != NULL && memcmp(f->start + (int64_t) a * d, f->start + (int64_t) b * d, sizeof(double) * d) == 0;
}

/* What is worth telling of the centers */
static void
examine_centers(FcFit *f, FcScorer *s)
{
	const FcAlgorithm *algo = f->model->algo;
	bool		all = find_twins(f, s);

	if (f->doubts.twins[0] < 0)
		return;
	f->doubts.equal_start = begin_equal(f, f->doubts.twins[0], f->doubts.twins[1]);
	if (algo->safe_fuzzifier)
		f->doubts.safe_fuzzifier = algo->safe_fuzzifier(f->model);
	else if (all && algo->kernel->distances == NULL)
		f->doubts.safe_fuzzifier = fc_safe_fuzzifier(f);
}

/* From here on means are in place of what is missing */
static void
fill_rows(FcFit *f, FitWork *w)
{
	for (int32_t j = 0; j < f->rows.d; j++)	/* the same numbers in training and scoring */
		FC_FILL(f->model)[j] = f->rows.precision == FC_F32 ? (float) w->columns.mean[j] : w->columns.mean[j];
	if (!w->fills)
		return;
	f->rows = fc_filled_rows(&w->filled, &f->rows, f->isa, FC_FILL(f->model));
	f->view = FC_FILLED;
	w->measured = false;
	w->columns.n = 0;			/* moments are those of these rows */
}

/* Means of what has been observed, where they are needed */
static FcStatus
see_gaps(FcFit *f, FitWork *w)
{
	w->measured = f->rows.gaps || fills_gaps(f->model);
	if (!w->measured)
		return FC_OK;
	fc_columns_measure(f);
	for (int32_t j = 0; j < f->rows.d; j++)
		if (w->columns.weight[j] == 0)
		{
			f->failure.feature = j;
			return FC_NEVER_OBSERVED;
		}
	if (fills_gaps(f->model))
		fill_rows(f, w);
	return FC_OK;
}

/* From here on rows, and the bounding box, are scaled, if they are to be */
static void
scale_rows(FcFit *f, FitWork *w)
{
	FcModel    *m = f->model;

	if (!w->measured && (fc_is_scaled(m) || m->common[FC_INIT] == FC_INIT_RANDOM || (m->algo->traits & FC_SHUFFLES)))
		fc_columns_measure(f);
	if (fc_is_scaled(m))
	{
		if ((m->algo->traits & FC_CONTINUES) && f->earlier)	/* what was learned refers to rows scaled in this way */
		{
			memcpy(m->shift, f->earlier->shift, sizeof(double) * m->d);
			memcpy(m->factor, f->earlier->factor, sizeof(double) * m->d);
		}
		else if (m->algo->margin)
			fc_scale_to_unit(&w->columns, m->algo->margin(m), m->algo->one_factor && m->algo->one_factor(m),
							 f->rows.d, m->shift, m->factor);
		else
		{
			fc_scale_choose(&w->columns, (int) m->common[FC_SCALE], f->rows.d, m->shift, m->factor);
			fc_scale_categories(&w->columns, m, m->shift, m->factor);
		}
		fc_columns_scale(&w->columns, f->rows.d, m->shift, m->factor);
		f->rows = fc_scaled_rows(&w->scaled, &f->rows, f->isa, m->shift, m->factor);
		f->view = FC_AS_SCALED;
	}
}

/* Do rows lie so close together that their squares have lost digits, or all? */
static bool
squares_vanish(const FcFit *f)
{
	double		spread = f->sample.spread;

	return spread > 0 && spread * spread < (f->rows.precision == FC_F32 ? FLT_MIN : DBL_MIN);
}

/* The algorithm itself, on rows that are scaled, or near zero if that helps */
static FcStatus
run_algorithm(FcFit *f, FitWork *w)
{
	FcModel    *m = f->model;
	FcStatus	status;

	if (m->algo->traits & FC_SHUFFLES)
		return m->algo->fit(f, w->algorithm);
	fc_sample_fill(&f->sample, &f->rows, (uint64_t) m->common[FC_SEED], &f->hooks);
	if (may_shift(m) && fc_offset_choose(f, w->offset))
		fc_offset_begin(f, w->offset, &w->scaled);
	if (squares_vanish(f))
		return FC_TOO_CLOSE;
	status = m->algo->fit(f, w->algorithm);
	if (status == FC_OK && !(m->algo->traits & FC_EMBEDS))
		examine_centers(f, &w->scorer);
	if (status == FC_OK)
		fc_project_sample(f, &w->principal);
	if (status == FC_OK && f->offset)
		fc_offset_end(f);
	return status;
}

/* What is the same for all members */
static void
begin(FcFit *f, FitWork *w)
{
	f->offset = NULL;
	f->columns = &w->columns;
	f->work = w->algorithm;
	f->view = FC_AS_READ;
	if (w->columns.share)
		fc_feature_shares(f->model, FC_F64, w->columns.share);
}

FcStatus
fc_fit(FcFit *f, void *work)
{
	FcRows		given = f->rows;
	FcStatus	status;

	f->doubts = (FcDoubts) {.twins = {-1, -1}};
	f->outcome = NULL;
	begin(f, work);
	f->columns->n = 0;
	/* found later, but an algorithm may look at all arrays */
	memset(FC_MOMENTS(f->model), 0, sizeof(double) * 2 * f->model->d);
	memset(FC_PROJECTION(f->model), 0, sizeof(double) * 3 * fc_projection_width(f->model));
	status = see_gaps(f, work);
	if (status == FC_OK)
	{
		scale_rows(f, work);
		status = run_algorithm(f, work);
	}
	if (isnan(f->model->common[FC_RESTARTS]))
		f->model->common[FC_RESTARTS] = 1;
	f->rows = given;
	f->offset = NULL;
	f->view = FC_AS_READ;
	if (status != FC_OK)
		return status;
	if (FC_HAS(f->model, FC_WITH_TOTAL_WEIGHT))
		*FC_TOTAL_WEIGHT(f->model) = fc_total_weight(&f->rows);
	fc_moments_finish(f);
	return fc_model_check(f);
}

/* ---- in a process that another one leads ---- */

static const FcTask *const own_tasks[] = {&fc_columns_task, &fc_candidates_task, NULL};

static const FcTask *
find_among(const FcTask *const *tasks, int32_t number)
{
	while (*tasks != NULL && (*tasks)->number != number)
		tasks++;
	return *tasks;
}

static const FcTask *
find_task(const FcFit *f, int32_t number)
{
	const FcTask *task = find_among(own_tasks, number);

	if (task == NULL)
		task = find_among(fc_pass_tasks, number);
	return task ? task : find_among(f->model->algo->team->tasks, number);
}

/* Rows as the leader sees them */
static void
see_rows(FcFit *f, FitWork *w, const FcRows *read, int view)
{
	const FcModel *m = f->model;
	FcRows		complete = w->fills && view != FC_AS_READ ? fc_filled_rows(&w->filled, read, f->isa, FC_FILL(m)) : *read;

	f->rows = view == FC_AS_READ || view == FC_FILLED ? complete :
		view == FC_AS_SCALED ? fc_scaled_rows(&w->scaled, &complete, f->isa, m->shift, m->factor) :
		fc_scaled_rows(&w->scaled, &complete, f->isa, w->offset, NULL);
	f->offset = view == FC_SHIFTED ? w->offset : NULL;
}

/* Takes part in the leader's tasks until the training is over; work is from fc_fit_layout() */
void
fc_fit_join(FcFit *f, void *work)
{
	FitWork    *w = work;
	FcRows		read = f->rows;
	FcOrder		order;

	begin(f, w);
	f->model->algo->team->join(f);
	while (fc_team_await(f, &order))
	{
		see_rows(f, w, &read, order.view);
		fc_team_take_part(f, find_task(f, order.task), order.portions);
	}
}
