/*
 * step_beyond.c - rows of a step that are beyond its grid
 *
 * Such a row is added by itself: each of its numbers that is 1 or more goes to the list of digits
 * (exact.c), the others to the sums as they would anyway.
 */
#include "core/step_work.h"

#include <math.h>
#include <string.h>

#define MOST_ROOM		65536	/* digits asked for at once, unless one row needs more */

static bool
is_beyond(const FcStep *s, int32_t i)
{
	const FcStepWork *w = s->work;

	return fc_exact_is_beyond(w->worst, s->precision, i) || !(fabs(w->terms[i]) < 1) || !(w->count[i] < 1) ||
		((s->gather & FC_GATHER_SIZES) && !(w->length[i] < 1));
}

/* Are all absolute values below 1?  A comparison of bits, which NaN does not pass either, without branches */
static bool
are_on_grid(const double *number, int32_t count)
{
	uint64_t	most = 0;

	for (int32_t i = 0; i < count; i++)
	{
		uint64_t	bits;

		memcpy(&bits, number + i, sizeof(bits));
		bits &= UINT64_MAX >> 1;
		most |= bits + ((UINT64_C(1) << 63) - UINT64_C(0x3ff0000000000000));
	}
	return most >> 63 == 0;
}

/* Is any of the first rows beyond the grid?  A loop without branches: there is hardly ever one */
static bool
any_beyond(const FcStep *s, int32_t rows)
{
	const FcStepWork *w = s->work;
	int			beyond = 0;

	for (int32_t i = 0; s->precision == FC_F32 && i < rows; i++)
		beyond |= fc_exact_is_beyond(w->worst, FC_F32, i);
	for (int32_t i = 0; s->precision == FC_F64 && i < rows; i++)
		beyond |= fc_exact_is_beyond(w->worst, FC_F64, i);
	return beyond != 0 || !are_on_grid(w->terms, rows) || !are_on_grid(w->count, rows) ||
		((s->gather & FC_GATHER_SIZES) && !are_on_grid(w->length, rows));
}

/* Takes a number of a row, which belongs to sum number "at" of a kind; false: it cannot be added */
typedef bool (*Take) (void *arg, FcSum sum, uint64_t at, double p);

static bool
count_digits(void *arg, FcSum sum, uint64_t at, double p)
{
	uint64_t   *digits = arg;

	(void) sum;
	(void) at;
	if (fabs(p) >= 1)
		*digits += FC_MOST_DIGITS;
	return isfinite(p);
}

static bool
add_number(void *arg, FcSum sum, uint64_t at, double p)
{
	fc_statistics_add(arg, sum, at, p);
	return true;
}

static double
number_of(const FcStep *s, const void *of, int64_t j, int32_t i)
{
	return fc_get(of, s->precision, j * s->tile + i);
}

/* The products of row i for cluster c, in which only its lanes are computed */
static bool
visit_shape(const FcStep *s, const FcStepTile *t, int32_t i, int32_t c, Take take, void *arg)
{
	const FcStepWork *w = s->work;
	size_t		size = FC_SIZE(s->precision);
	int32_t		first = i / FC_LANES * FC_LANES;
	uint64_t	d = s->model.d;
	uint64_t	at = c * (d * (d + 1) / 2);

	w->ops->relative((const char *) t->x + first * size, t->stride, FC_LANES, s->model.d,
					 (const char *) s->metric.v + c * d * size, w->scale_of_difference,
					 (const char *) w->at + ((size_t) c * s->tile + first) * size, w->y, w->wy, s->tile);
	for (uint64_t a = 0; a < d; a++)
	{
		double		product = number_of(s, w->wy, a, i - first);

		if (!take(arg, FC_SUM_X, c * d + a, product))
			return false;
		for (uint64_t b = 0; b <= a; b++)
			if (!take(arg, FC_SUM_SQUARES, at++, product * number_of(s, w->y, b, i - first)))
				return false;
	}
	return true;
}

/* What row i adds to cluster c, or to noise, with weight w and membership u, which are on the grid */
static bool
visit_cluster(const FcStep *s, const FcStepTile *t, int32_t i, int32_t c, double weight, double u, Take take, void *arg)
{
	uint64_t	d = s->model.d;

	if ((s->gather & FC_GATHER_MASS) && !take(arg, FC_SUM_MASS, c, u))
		return false;
	if (!(s->gather & FC_GATHER_SUMS) || c >= s->metric.k)
		return true;
	if (!take(arg, FC_SUM_WEIGHT, c, weight))
		return false;
	if (s->gather & FC_GATHER_SQUARES)
		return visit_shape(s, t, i, c, take, arg);
	for (uint64_t j = 0; j < d; j++)
		if (!take(arg, FC_SUM_X, c * d + j, weight * number_of(s, s->work->x, j, i)))
			return false;
	for (uint64_t j = 0; (s->gather & FC_GATHER_GAPS) && j < d; j++)
		if (!take(arg, FC_SUM_OBSERVED, c * d + j, weight * number_of(s, s->work->observed, j, i)))
			return false;
	return true;
}

/* What row i adds to the sizes of its cluster, or of noise */
static bool
visit_sizes(const FcStep *s, int32_t i, Take take, void *arg)
{
	const FcStepWork *w = s->work;

	return (w->nearest[i] >= s->metric.k || take(arg, FC_SUM_RADIUS, w->nearest[i], w->length[i])) &&
		take(arg, FC_SUM_COUNT, w->nearest[i], w->count[i]);
}

/* All numbers of row i */
static bool
visit_row(const FcStep *s, const FcStepTile *t, int32_t i, Take take, void *arg)
{
	const FcStepWork *w = s->work;
	bool		is_crisp = s->kernel->is_crisp;

	if (!take(arg, FC_SUM_OBJECTIVE, 0, w->terms[i]) || ((s->gather & FC_GATHER_SIZES) && !visit_sizes(s, i, take, arg)))
		return false;
	for (int32_t c = is_crisp ? w->nearest[i] : 0; c < (is_crisp ? w->nearest[i] + 1 : s->metric.groups); c++)
	{
		double		weight = is_crisp ? fc_get(w->factor, s->precision, i) : number_of(s, w->at, c, i);
		double		u = is_crisp ? weight : s->gather & FC_GATHER_MASS ? number_of(s, w->u, c, i) : 0;

		if (!visit_cluster(s, t, i, c, weight, u, take, arg))
			return false;
	}
	return true;
}

/* Row i weighs nothing from here on */
static void
clear_row(FcStep *s, int32_t i)
{
	FcStepWork *w = s->work;

	w->terms[i] = w->length[i] = w->count[i] = 0;
	fc_set(w->factor, s->precision, i, 0);
	for (int32_t c = 0; !s->kernel->is_crisp && c < s->metric.groups; c++)
	{
		fc_set(w->at, s->precision, (int64_t) c * s->tile + i, 0);
		fc_set(w->u, s->precision, (int64_t) c * s->tile + i, 0);
	}
}

/* Adds the rows that are beyond the grid; the tile ends before the first for which there is no room */
FcStatus
fc_step_add_beyond(FcStep *s, FcStatistics *to, FcStepTile *t)
{
	FcStatus	status = FC_OK;
	int32_t		end = t->rows;

	if (!any_beyond(s, t->rows))
		return FC_OK;
	for (int32_t i = 0; i < end; i++)
	{
		uint64_t	digits = 0;

		if (!is_beyond(s, i))
			continue;
		fc_check(&s->hooks);
		if (!visit_row(s, t, i, count_digits, &digits))
			status = FC_DIVERGED;
		else if (!fc_statistics_make_room(to, digits))
		{
			status = FC_TOO_LITTLE_ROOM;
			if (digits < MOST_ROOM)
				(void) fc_statistics_make_room(to, MOST_ROOM);
		}
		if (status != FC_OK)
			end = i;
		else
		{
			visit_row(s, t, i, add_number, to);
			clear_row(s, i);
		}
	}
	for (int32_t i = end; i < t->rows; i++)
		clear_row(s, i);
	t->rows = end;
	return status;
}
