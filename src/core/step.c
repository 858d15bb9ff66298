/*
 * step.c - one step of a training where the rows are
 *
 * A row is seen as the training sees it (shifted or scaled), its distances become weights, and
 * these are added to sums without an order (exact.c):
 *
 *	sum of w x / 2^e		(eq. 1)		e the exponents of weights and of the feature
 *
 * Whatever depends on a row depends on that row alone: its distances and weights have the same bits in
 * any lane of any tile, each product is rounded by itself, and whether the row is on the grid is
 * asked of all its numbers.  A row that is not is added by itself: those of its numbers that are 1 or more go
 * to the list of digits, as they are.  So tiles may end anywhere: before a row for whose digits there
 * is no room, for instance.
 *
 * Where features may be missing, distances are partial ones (gaps.c), and each feature has a sum of the
 * weights of the rows that have it, besides eq. 1, in which the others are 0.
 */
#include "core/direction.h"
#include "core/gaps.h"
#include "core/step_work.h"

#include <string.h>

/* ---- a tile: from rows to weights ---- */

/* Row i is clamped to what features may be, where scaling has taken it beyond */
static void
clamp_row(FcStep *s, int32_t i)
{
	FcStepWork *w = s->work;
	double		limit = FC_LIMIT(s->precision);

	for (int32_t j = 0; j < s->model.d; j++)
	{
		int64_t		at = (int64_t) j * s->tile + i;
		double		x = fc_get(w->view, s->precision, at);

		if (isnan(x))			/* missing, and 0 on the grid */
			continue;
		x = fmin(fmax(x, -limit), limit);
		fc_set(w->view, s->precision, at, x);
		fc_set(w->x, s->precision, at, x * fc_get(w->scale, s->precision, j));
	}
}

/* A tile as the training sees it.  What is not in whole lanes is copied. */
static FcStepTile
view_rows(FcStep *s, const char *x, int64_t stride, int32_t rows)
{
	FcStepWork *w = s->work;
	size_t		size = FC_SIZE(s->precision);
	FcStepTile	t = {x, stride, rows, FC_ROUND_UP(rows, FC_LANES)};

	if (rows < t.lanes)
	{
		for (int32_t j = 0; j < s->model.d; j++)
		{
			char	   *to = (char *) w->view + (size_t) j * s->tile * size;

			memcpy(to, x + (size_t) (j * stride) * size, (size_t) rows * size);
			memset(to + (size_t) rows * size, 0, (size_t) (t.lanes - rows) * size);
		}
		t.x = w->view;
		t.stride = s->tile;
	}
	if (s->shift)
	{
		s->metric.ops->scale(t.x, t.stride, t.lanes, s->model.d, s->shift, s->factor, w->view, s->tile);
		/* lanes that hold no row: of a forged model they may be infinite, and 0 times that is no number */
		for (int32_t j = 0; t.lanes > rows && j < s->model.d; j++)
			memset((char *) w->view + ((size_t) j * s->tile + rows) * size, 0, (size_t) (t.lanes - rows) * size);
		t.x = w->view;
		t.stride = s->tile;
	}
	return t;
}

/*
 * The rows on the grid.  Where rows are not scaled this comes after their distances, which read
 * them from memory better.
 */
static void
put_on_grid(FcStep *s, const FcStepTile *t)
{
	FcStepWork *w = s->work;

	memset(w->worst, 0, (size_t) t->lanes * FC_SIZE(s->precision));
	if (s->gather & FC_GATHER_GAPS)
	{
		fc_gap_ops(s->metric.isa, s->precision)->split(t->x, t->stride, t->lanes, s->model.d, w->x, w->observed, s->tile);
		w->ops->to_grid(w->x, s->tile, t->lanes, t->rows, s->model.d, w->scale, w->x, s->tile, w->worst);
	}
	else
		w->ops->to_grid(t->x, t->stride, t->lanes, t->rows, s->model.d, w->scale, w->x, s->tile, w->worst);
	for (int32_t i = 0; s->factor && i < t->rows; i++)
		if (fc_exact_is_beyond(w->worst, s->precision, i))
			clamp_row(s, i);
}

/* Distances that are not numbers, or infinite, count as the largest number, as in scoring */
static void
bound_distances(FcStep *s, int32_t lanes)
{
	double		most = s->precision == FC_F32 ? FLT_MAX : DBL_MAX;

	for (int32_t c = 0; c < s->model.k; c++)
		for (int32_t i = 0; i < lanes; i++)
		{
			int64_t		at = (int64_t) c * s->tile + i;

			if (!(fc_get(s->work->at, s->precision, at) <= most))
				fc_set(s->work->at, s->precision, at, most);
		}
}

static void
weigh_fuzzy(FcStep *s, const FcStepTile *t)
{
	FcStepWork *w = s->work;
	FcWeighing *g = &s->weighing;
	size_t		size = FC_SIZE(s->precision);
	int			isa = s->metric.isa;
	int32_t		k = s->metric.k;
	int32_t		groups = s->metric.groups;

	fc_metric_distances(&s->metric, t->x, t->stride, t->lanes, w->at, s->tile);
	if (!s->factor)
		put_on_grid(s, t);
	if (s->model.algo->kernel->distances)
		bound_distances(s, t->lanes);
	if (s->gather & FC_GATHER_SIZES)
		s->metric.ops->nearest(w->at, s->tile, t->lanes, groups, w->least, w->nearest);
	g->terms = w->terms;
	if (s->gather & FC_GATHER_MASS)
	{
		memcpy(w->u, w->at, (size_t) groups * s->tile * size);
		s->kernel->memberships[isa][s->precision] (g, w->u, s->tile, t->lanes, t->rows, groups);
		w->ops->weights_to_grid(w->u, s->tile, t->lanes, t->rows, groups, w->factor, w->worst);
	}
	if (s->gather & FC_GATHER_SUMS)
	{
		s->kernel->weights[isa][s->precision] (g, w->at, s->tile, t->lanes, t->rows, groups);
		w->ops->weights_to_grid(w->at, s->tile, t->lanes, t->rows, k, w->factor, w->worst);
	}
}

/* Numbers in the rows' precision as doubles, and back */
static void
to_doubles(const void *from, FcPrecision precision, int32_t count, double *to)
{
	if (precision == FC_F32)
		for (int32_t i = 0; i < count; i++)
			to[i] = ((const float *) from)[i];
	else
		memcpy(to, from, (size_t) count * sizeof(double));
}

static void
from_doubles(const double *from, FcPrecision precision, int32_t count, void *to)
{
	if (precision == FC_F32)
		for (int32_t i = 0; i < count; i++)
			((float *) to)[i] = (float) from[i];
	else
		memcpy(to, from, (size_t) count * sizeof(double));
}

/* Numbers of rows times their weights, on the grid of this exponent */
static void
to_grid(double *number, const double *weight, int32_t count, int32_t exponent)
{
	double		unit = ldexp(1, -exponent);

	if (weight)
		for (int32_t i = 0; i < count; i++)
			number[i] *= weight[i] * unit;
	else
		for (int32_t i = 0; i < count; i++)
			number[i] *= unit;
}

static void
find_lengths(FcStep *s, int32_t rows)
{
	double	   *length = s->work->length;

	to_doubles(s->work->least, s->precision, rows, length);
	if (s->model.algo->kernel->length || fc_measures_cosine(&s->model))
		for (int32_t i = 0; i < rows; i++)
			length[i] = fc_length(&s->model, s->work->nearest[i], length[i]);
	else
		for (int32_t i = 0; i < rows; i++)
			length[i] = sqrt(length[i]);
	for (int32_t i = 0; s->metric.groups > s->metric.k && i < rows; i++)
		length[i] = s->work->nearest[i] < s->metric.k ? length[i] : 0;	/* of noise nobody asks */
}

/* The nearest centers of a crisp kernel, if a row is not farther from all than noise */
static void
assign(FcStep *s, const FcStepTile *t)
{
	FcStepWork *w = s->work;
	const FcMetric *m = &s->metric;

	fc_metric_assign(&s->metric, t->x, t->stride, t->lanes, w->least, w->nearest);
	if (!s->factor)
		put_on_grid(s, t);
	to_doubles(w->least, s->precision, t->rows, w->terms);
	for (int32_t i = 0; m->groups > m->k && i < t->rows; i++)
		if (w->terms[i] > m->noise)
		{
			w->terms[i] = m->noise;
			w->nearest[i] = m->k;
		}
}

/* Weights, memberships, lengths and terms of the rows, on the grid */
static void
weigh(FcStep *s, const FcStepTile *t, const double *weight)
{
	FcStepWork *w = s->work;

	for (int32_t i = 0; i < t->rows; i++)
		w->count[i] = 1;
	to_grid(w->count, weight, t->rows, s->exponents[FC_WEIGHT_EXPONENT]);
	from_doubles(w->count, s->precision, t->rows, w->factor);
	if (s->factor)
		put_on_grid(s, t);
	if (s->kernel->is_crisp)
		assign(s, t);
	else
		weigh_fuzzy(s, t);
	to_grid(w->terms, weight, t->rows, s->term_exponent);
	if (s->gather & FC_GATHER_SIZES)
	{
		find_lengths(s, t->rows);
		to_grid(w->length, weight, t->rows, s->exponents[FC_RADIUS_EXPONENT]);
	}
}

/* ---- sums ---- */

static uint64_t *
sums_at(const FcStatistics *to, FcSum sum, uint64_t at)
{
	return to->word + to->at[sum] + (size_t) at * FC_EXACT_WORDS;
}

/* The objective, lengths and counts: of each row, one number */
static void
add_scalars(FcStep *s, FcStatistics *to, const FcStepTile *t)
{
	FcStepWork *w = s->work;
	int64_t		objective = 0;

	for (int32_t i = 0; i < t->rows; i++)
		objective += fc_exact_round(w->terms[i]);
	fc_exact_add(sums_at(to, FC_SUM_OBJECTIVE, 0), objective);
	for (int32_t i = 0; (s->gather & FC_GATHER_SIZES) && i < t->rows; i++)
	{
		int32_t		c = w->nearest[i];

		w->seen[c]++;
		w->counts[c] += fc_exact_round(w->count[i]);
		w->lengths[c] += fc_exact_round(w->length[i]);
	}
}

static void
add_shapes(FcStep *s, FcStatistics *to, const FcStepTile *t)
{
	FcStepWork *w = s->work;
	size_t		size = FC_SIZE(s->precision);
	uint64_t	d = s->model.d;

	for (int32_t c = 0; c < s->model.k; c++)
	{
		fc_check(&s->hooks);
		w->ops->relative(t->x, t->stride, t->lanes, s->model.d, (const char *) s->metric.v + c * d * size, w->scale_of_difference,
						 (const char *) w->at + (size_t) c * s->tile * size, w->y, w->wy, s->tile);
		w->ops->weights(w->wy, s->tile, t->lanes, s->model.d, sums_at(to, FC_SUM_X, c * d));
		w->ops->products(w->y, s->tile, t->lanes, s->model.d, w->wy, s->tile, s->model.d, true,
						 sums_at(to, FC_SUM_SQUARES, c * (d * (d + 1) / 2)));
	}
}

static void
add_fuzzy(FcStep *s, FcStatistics *to, const FcStepTile *t)
{
	FcStepWork *w = s->work;
	size_t		size = FC_SIZE(s->precision);
	int32_t		step = fc_clusters_at_once(&s->metric, t->lanes);

	if (s->gather & FC_GATHER_MASS)
		w->ops->weights(w->u, s->tile, t->lanes, s->metric.groups, sums_at(to, FC_SUM_MASS, 0));
	if (!(s->gather & FC_GATHER_SUMS))
		return;
	w->ops->weights(w->at, s->tile, t->lanes, s->model.k, sums_at(to, FC_SUM_WEIGHT, 0));
	if (s->gather & FC_GATHER_SQUARES)
	{
		add_shapes(s, to, t);
		return;
	}
	for (int32_t c = 0; c < s->model.k; c += step)
	{
		const char *weight = (const char *) w->at + (size_t) c * s->tile * size;
		int32_t		count = s->model.k - c < step ? s->model.k - c : step;
		uint64_t	at = (uint64_t) c * s->model.d;

		fc_check(&s->hooks);
		w->ops->products(w->x, s->tile, t->lanes, s->model.d, weight, s->tile, count, false, sums_at(to, FC_SUM_X, at));
		if (s->gather & FC_GATHER_GAPS)
			w->ops->products(w->observed, s->tile, t->lanes, s->model.d, weight, s->tile, count, false,
							 sums_at(to, FC_SUM_OBSERVED, at));
	}
}

/* Rows of a crisp kernel, each of which belongs to one cluster, to the parts of these */
static void
add_crisp(FcStep *s, const FcStepTile *t)
{
	FcStepWork *w = s->work;
	double		one = ldexp(1, FC_EXACT_BITS(s->precision));

	to_doubles(w->factor, s->precision, t->rows, w->count);
	for (int32_t i = 0; i < t->rows; i++)
	{
		w->seen[w->nearest[i]]++;
		w->tally[w->nearest[i]] += (int64_t) (w->count[i] * one);
	}
	if (s->gather & FC_GATHER_SUMS)
		w->ops->rows(w->x, s->tile, t->rows, s->model.d, w->nearest, w->factor, w->part);
	if ((s->gather & FC_GATHER_SUMS) && (s->gather & FC_GATHER_GAPS))
		w->ops->rows(w->observed, s->tile, t->rows, s->model.d, w->nearest, w->factor, w->observed_part);
}

static void
move_number(FcStatistics *to, FcSum sum, uint64_t at, int64_t *part)
{
	fc_exact_add(sums_at(to, sum, at), *part);
	*part = 0;
}

/* Those of noise, which has no center, and no sums if sizes are not gathered */
static void
move_noise(FcStep *s, FcStatistics *to, uint64_t c)
{
	FcStepWork *w = s->work;
	size_t		stride = FC_EXACT_STRIDE(s->model.d);

	w->seen[c] = 0;
	w->lengths[c] = 0;
	if (s->gather & FC_GATHER_SIZES)
		move_number(to, FC_SUM_COUNT, c, &w->counts[c]);
	if (!s->kernel->is_crisp)
		return;
	if (s->gather & FC_GATHER_MASS)
		fc_exact_add(sums_at(to, FC_SUM_MASS, c), w->tally[c]);
	w->tally[c] = 0;
	memset(w->part + c * stride, 0, stride * sizeof(int64_t));
	if (w->observed_part)
		memset(w->observed_part + c * stride, 0, stride * sizeof(int64_t));
}

/* The parts of cluster c go to its sums, and become 0 */
static void
move_parts(FcStep *s, FcStatistics *to, uint64_t c)
{
	FcStepWork *w = s->work;
	uint64_t	d = s->model.d;
	int64_t		at = (int64_t) c * FC_EXACT_STRIDE(d);
	bool		gaps = (s->gather & FC_GATHER_GAPS) != 0;

	w->seen[c] = 0;
	if (s->gather & FC_GATHER_SIZES)
	{
		move_number(to, FC_SUM_COUNT, c, &w->counts[c]);
		move_number(to, FC_SUM_RADIUS, c, &w->lengths[c]);
	}
	if (!s->kernel->is_crisp)
		return;
	if (s->gather & FC_GATHER_MASS)
		fc_exact_add(sums_at(to, FC_SUM_MASS, c), w->tally[c]);
	if (s->gather & FC_GATHER_SUMS)
		fc_exact_add(sums_at(to, FC_SUM_WEIGHT, c), w->tally[c]);
	w->tally[c] = 0;
	for (uint64_t j = 0; (s->gather & FC_GATHER_SUMS) && j < d; j++)
		move_number(to, FC_SUM_X, c * d + j, &w->part[at + (int64_t) j]);
	for (uint64_t j = 0; (s->gather & FC_GATHER_SUMS) && gaps && j < d; j++)
		move_number(to, FC_SUM_OBSERVED, c * d + j, &w->observed_part[at + (int64_t) j]);
}

static FcStatus
add_tile(FcStep *s, FcStatistics *to, FcStepTile *t, const double *weight)
{
	const FcStepWork *w = s->work;
	FcStatus	status;

	weigh(s, t, weight);
	status = fc_step_add_beyond(s, to, t);
	add_scalars(s, to, t);
	if (s->kernel->is_crisp)
		add_crisp(s, t);
	else
		add_fuzzy(s, to, t);
	for (int32_t i = 0; (s->kernel->is_crisp || (s->gather & FC_GATHER_SIZES)) && i < t->rows; i++)
		if (w->seen[w->nearest[i]] > 0 && w->nearest[i] >= s->metric.k)
			move_noise(s, to, w->nearest[i]);
		else if (w->seen[w->nearest[i]] > 0)
			move_parts(s, to, w->nearest[i]);
	(void) fc_statistics_count(to, t->rows);
	return status;
}

FcStatus
fc_step_add(FcStep *s, FcStatistics *to, const void *x, int64_t stride, int32_t rows, const double *weight, int32_t *done)
{
	FcStatus	status = FC_OK;

	*done = 0;
	if (fc_statistics_rows(to) > INT64_MAX - rows)
		return FC_TOO_MANY_ROWS;
	while (status == FC_OK && *done < rows)
	{
		int32_t		count = rows - *done < s->tile ? rows - *done : s->tile;
		FcStepTile	t = view_rows(s, (const char *) x + (size_t) *done * FC_SIZE(s->precision), stride, count);

		status = add_tile(s, to, &t, weight ? weight + *done : NULL);
		*done += t.rows;
	}
	return status;
}
