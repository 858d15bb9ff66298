/*
 * outside.c - first centers from outside the sample
 *
 * Where all rows of the sample lie on c < k centers, but the sample is not all
 * rows, one pass over these finds the k - c that are farthest from the centers.  The
 * farthest becomes a center, then the farthest from that, too, and so on (Gonzalez,
 * 1985): so there are several passes only where most of those found are too close to
 * each other.
 */
#include "core/outside.h"

#include "core/gaps.h"

#include <math.h>
#include <string.h>

/* Row i of block x, at squared distance "far", becomes number "at" of the centers, its gaps filled */
static void
take_far_row(const FcFit *f, FcSeeder *s, const char *x, int32_t i, double far, int32_t at)
{
	size_t		size = FC_SIZE(f->rows.precision);
	char	   *to = (char *) s->chosen + (size_t) at * f->rows.d * size;

	for (int32_t j = 0; j < f->rows.d; j++)
		memcpy(to + j * size, x + ((int64_t) j * f->rows.stride + i) * size, size);
	fc_fill_center(f, s->chosen, at);
	s->distance[at] = far;
}

/* Is row i of block x equal to center b, in what it has? */
static bool
is_center(const FcFit *f, const FcSeeder *s, const char *x, int32_t i, int32_t b)
{
	FcPrecision precision = f->rows.precision;
	int64_t		d = f->rows.d;

	for (int64_t j = 0; j < d; j++)
		if (!fc_same_or_missing(fc_get(s->chosen, precision, b * d + j), fc_get(x, precision, j * f->rows.stride + i)))
			return false;
	return true;
}

/*
 * Keeps row i of block x behind the first c centers if it is among the k - c
 * farthest ones, of which "found" are known, and no copy of one
 */
static void
keep_if_far(const FcFit *f, FcSeeder *s, const char *x, int32_t i, double far, int32_t c, int32_t *found)
{
	int32_t		k = f->model->k;
	int32_t		nearest = c;

	if (!(far > 0) || (c + *found == k && far <= s->least_far))
		return;
	for (int32_t b = c; b < c + *found; b++)
	{
		if (s->distance[b] == far && is_center(f, s, x, i, b))
			return;
		if (s->distance[b] < s->distance[nearest])
			nearest = b;
	}
	take_far_row(f, s, x, i, far, c + *found < k ? c + (*found)++ : nearest);
	s->least_far = INFINITY;
	for (int32_t b = c; b < c + *found; b++)
		s->least_far = fmin(s->least_far, s->distance[b]);
}

/* The rows of the whole input that are farthest from c centers, behind these; returns their number, at most k - c */
static int32_t
find_far_rows(const FcFit *f, FcSeeder *s, int32_t c)
{
	const FcBlockOps *ops = fc_block_ops(f->isa, f->rows.precision);
	size_t		size = FC_SIZE(f->rows.precision);
	double		least[FC_LANES];
	int32_t		nearest[FC_LANES];
	int32_t		found = 0;

	for (int64_t b = 0; b < fc_blocks(&f->rows); b++)
	{
		const char *x = f->rows.block(f->rows.source, b);
		int32_t		rows = fc_rows_in_block(&f->rows, b);

		for (int32_t first = 0; first < rows; first += FC_LANES)
		{
			fc_check(&f->hooks);
			fc_distances_between(f, x + first * size, f->rows.stride, FC_LANES, s->chosen, c, s->near, FC_LANES);
			ops->nearest(s->near, FC_LANES, FC_LANES, c, least, nearest);
			for (int32_t i = 0; i < FC_LANES && first + i < rows; i++)
				keep_if_far(f, s, x, first + i, fc_get(least, f->rows.precision, i), c, &found);
		}
	}
	return found;
}

/* Swaps centers a and b, and their distances */
static void
swap_centers(const FcFit *f, FcSeeder *s, int32_t a, int32_t b)
{
	FcPrecision precision = f->rows.precision;
	int64_t		d = f->rows.d;
	double		distance = s->distance[a];

	s->distance[a] = s->distance[b];
	s->distance[b] = distance;
	for (int64_t j = 0; j < d; j++)
	{
		double		x = fc_get(s->chosen, precision, a * d + j);

		fc_set(s->chosen, precision, a * d + j, fc_get(s->chosen, precision, b * d + j));
		fc_set(s->chosen, precision, b * d + j, x);
	}
}

/* |v_a - v_b|^2 of two centers, 0 where that is less than the rows' precision can tell */
static double
distance_between(const FcFit *f, FcSeeder *s, int64_t a, int64_t b)
{
	FcPrecision precision = f->rows.precision;
	int64_t		d = f->rows.d;
	double		sum = 0;

	for (int64_t j = 0; j < d; j++)
	{
		double		difference = fc_get(s->chosen, precision, a * d + j) - fc_get(s->chosen, precision, b * d + j);

		sum += difference * difference;
	}
	return precision == FC_F32 ? (float) sum : sum;
}

/*
 * Of the far rows of the whole input, the farthest from all centers so far
 * becomes the next one, as long as it differs from them.  Returns the number of
 * centers: if it is still c, every row lies on one.
 */
int32_t
fc_search_outside(const FcFit *f, FcSeeder *s, int32_t c)
{
	int32_t		end = c + find_far_rows(f, s, c);

	while (c < end)
	{
		int32_t		farthest = c;

		for (int32_t b = c + 1; b < end; b++)
			if (s->distance[b] > s->distance[farthest])
				farthest = b;
		if (!(s->distance[farthest] > 0))
			break;
		swap_centers(f, s, c, farthest);
		fc_check(&f->hooks);
		for (int32_t b = c + 1; b < end; b++)
			s->distance[b] = fmin(s->distance[b], distance_between(f, s, c, b));
		c++;
	}
	return c;
}
