/*
 * update.c - the next model from statistics
 *
 *	v_c = (f W_c v_c + sum_i w_ic x_i) / (f W_c + sum_i w_ic)		(eq. 1)
 *
 * with W_c the weights that the center was a mean of (optional.h), or the size of the cluster, and f the
 * forgetting: without it the past does not count, and this is eq. 2 of descend.c.  The same goes for
 * covariances, whose past is W_c F_c, and for sizes, radii and the objective, which are
 * those at the model's previous centers.  Radii of the past count as many rows as their cluster's size.
 *
 * Where features may be missing, sum_i w_ic in eq. 1 is that of the rows that have the feature, and a
 * feature that none has stays where it is.  Where centers are directions (direction.c), eq. 1 is divided by
 * its length, and W_c is the length of the sum that the center was the direction of.
 *
 * What a training measures on its sample, to judge covariances by, is measured on the statistics: the
 * variance of a feature is that within clusters and that of their centers.
 */
#include "core/update.h"

#include "core/direction.h"
#include "core/optional.h"
#include "core/shape.h"
#include "core/symmetric.h"

#include <math.h>

typedef struct UpdateWork
{
	FcAccumulator acc;
	void	   *shapes;			/* what the kernel's scratch_layout() made, where clusters have shapes */
	double	   *covariance;		/* (2, d, d) likewise */
} UpdateWork;

/* The step has been laid out */
void *
fc_update_layout(FcArena *a, const FcStep *s)
{
	size_t		d = s->model.d;
	UpdateWork	w = {0};

	fc_accumulator_layout(a, &w.acc, s->model.k, s->model.d, s->model.algo->kernel->has_shapes, false);
	if (s->gather & FC_GATHER_GAPS)
		fc_accumulator_layout_gaps(a, &w.acc, false);
	if (s->model.algo->kernel->has_shapes)
	{
		FcModel		m = s->model;
		FcFit		f = {.model = &m};

		w.shapes = m.algo->kernel->scratch_layout(a, &f);
		w.covariance = fc_take(a, fc_times(2, d * d), sizeof(double));
	}
	return fc_place(a, &w, sizeof(w));
}

/* The past weight of center c */
static double
past_of(const FcModel *m, int32_t c, double forgetting)
{
	return forgetting * (FC_HAS(m, FC_WITH_MASS) ? FC_CENTER_MASS(m)[c] : m->weights[c]);
}

/* The past of center c joins the sums, which have the coordinates of the step */
static void
add_past(FcAccumulator *acc, const FcStep *s, const FcModel *m, int32_t c, double past)
{
	uint64_t	d = m->d;

	acc->weight[c] += past;
	if (acc->squares == NULL)
	{
		for (uint64_t j = 0; j < d; j++)
			acc->sum[c * d + j] += past * s->centers[c * d + j];
		for (uint64_t j = 0; acc->observed && j < d; j++)
			acc->observed[c * d + j] += past;
		return;
	}
	for (uint64_t a = 0; a < d; a++)
		for (uint64_t b = 0; b <= a; b++)
		{
			const double *factor = FC_FACTOR(m) + c * d * d;
			double		f = fc_dot[FC_ISA_BASE] (factor + a * d, factor + b * d, (int32_t) b + 1);

			acc->squares[(c * d + a) * d + b] += past * f;
		}
}

/* The next center c, if anything has weight there; false: it is not finite */
static bool
move_center(FcModel *m, const FcStep *s, const FcAccumulator *acc, int32_t c)
{
	int64_t		first = (int64_t) c * m->d;
	bool		moves = s->shift && !s->factor;

	if (fc_is_cosine(m))
		return isfinite(fc_move_direction(m->centers + first, acc->sum + first, acc->weight[c], m->d, s->precision));
	for (int32_t j = 0; acc->weight[c] > 0 && j < m->d; j++)
	{
		double		weight = acc->observed ? acc->observed[first + j] : acc->weight[c];
		double		to = acc->sum[first + j] / weight;

		if (weight == 0)
			continue;

		if (acc->squares)
			to += fc_get(s->metric.v, s->precision, first + j);
		m->centers[first + j] = to + (moves ? s->origin[j] : 0);
		if (!isfinite(m->centers[first + j]))
			return false;
	}
	return true;
}

/* The past weight of center c in the next update */
static double
mass_of(const FcModel *m, const FcAccumulator *acc, int32_t c)
{
	const double *sum = acc->sum + (int64_t) c * m->d;

	return fc_is_cosine(m) ? sqrt(fc_inner_product(sum, sum, m->d)) : acc->weight[c];
}

/* The weight of all rows, also of those that are noise, with the past, if the model keeps that */
static void
set_total(FcModel *m, const FcAccumulator *acc, double noise, double forgetting)
{
	double		total = noise;

	for (int32_t c = 0; c < m->k; c++)
		total += acc->count[c];
	if (FC_HAS(m, FC_WITH_TOTAL_WEIGHT))
		*FC_TOTAL_WEIGHT(m) = forgetting * *FC_TOTAL_WEIGHT(m) + total;
}

/* Sizes and radii, with their past */
static void
set_sizes(FcModel *m, const FcAccumulator *acc, double forgetting)
{
	m->empty = 0;
	for (int32_t c = 0; c < m->k; c++)
	{
		double		past = forgetting * m->weights[c];
		double		rows = past + acc->count[c];

		m->radius[c] = rows > 0 ? (past * m->radius[c] + acc->radius[c]) / rows : 0;
		m->weights[c] = acc->mass[c];
		m->empty += rows == 0;
	}
}

/* Of rows that are not here, only the total weight is known */
static const double *
no_weights(void *source, int64_t b)
{
	(void) source;
	(void) b;
	return NULL;
}

/* Shapes and what the kernel derives from them, before centers move */
static FcStatus
move_shapes(FcModel *m, const FcStep *s, const UpdateWork *w, const FcHooks *hooks)
{
	FcFit		f = {.model = m, .isa = s->metric.isa, .hooks = *hooks, .rows = {.n = m->rows, .weights = no_weights}};
	FcEngine	e = {.fit = &f, .metric = s->metric, .acc = w->acc, .scratch = w->shapes, .kernel = s->kernel};

	for (int32_t c = 0; c < m->k; c++)
		f.rows.total += w->acc.mass[c];
	fc_shape_measure(&e, *fc_option_value(m, fc_find_option(m->algo, "regularization")), w->covariance);
	return m->algo->kernel->after_pass(&e);
}

static int64_t
rows_with_past(int64_t past, int64_t rows, double forgetting)
{
	double		all = forgetting * (double) past + (double) rows;

	return forgetting == 0 ? rows : all < 0x1p62 ? (int64_t) rint(all) : INT64_C(1) << 62;
}

/* Does the step gather what the next model follows from?  One of a stage of the kernel may lack squares, which shapes need */
static bool
has_sums(const FcStep *s)
{
	int			needed = FC_GATHER_SUMS | (s->model.algo->kernel->has_shapes ? FC_GATHER_SQUARES : 0);

	return (s->gather & needed) == needed;
}

/*
 * "m" becomes the model after step "s" of it, which has been begun; its statistics have been opened.  The
 * arrays of m may be written; its history stays.  FC_VANISHED: nothing has any weight;
 * FC_OTHER_STATISTICS: they are not of this step, or lack sums; FC_DIVERGED or FC_UNREADABLE: there is
 * no such model, and m is of no use.
 */
FcStatus
fc_update(FcModel *m, const FcStep *s, const FcStatistics *of, double forgetting, const FcHooks *hooks, void *work)
{
	UpdateWork *w = work;
	FcAccumulator *acc = &w->acc;
	double		total = 0;
	FcStatus	status = FC_OK;

	if (!fc_step_fits(s, of) || !has_sums(s) || m->k != s->model.k || m->d != s->model.d)
		return FC_OTHER_STATISTICS;
	fc_statistics_to_accumulator(of, false, acc);
	for (int32_t c = 0; c < m->k; c++)
	{
		fc_check(hooks);
		if (forgetting > 0)
			add_past(acc, s, m, c, past_of(m, c, forgetting));
		acc->mass[c] += forgetting * m->weights[c];
		total += acc->weight[c];
	}
	if (!(total > 0))
		return FC_VANISHED;
	m->rows = rows_with_past(m->rows, fc_statistics_rows(of), forgetting);
	m->skipped = rows_with_past(m->skipped, fc_statistics_skipped(of), forgetting);
	m->objective = forgetting * m->objective + *acc->objective;
	if (acc->squares)
		status = move_shapes(m, s, w, hooks);
	for (int32_t c = 0; status == FC_OK && c < m->k; c++)
	{
		if (!move_center(m, s, acc, c))
			status = FC_DIVERGED;
		if (FC_HAS(m, FC_WITH_MASS))
			FC_CENTER_MASS(m)[c] = mass_of(m, acc, c);
	}
	if (status != FC_OK)
		return status;
	if (s->gather & FC_GATHER_SIZES)
	{
		set_sizes(m, acc, forgetting);
		set_total(m, acc, of->kind.gather & FC_GATHER_NOISE ? fc_statistics_get(of, FC_SUM_COUNT, m->k) : 0, forgetting);
	}
	m->iterations += m->iterations < INT32_MAX;
	m->converged = false;
	return fc_model_check(&(FcFit) {.model = m, .hooks = *hooks});
}
