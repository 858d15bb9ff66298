/*
 * bounds.c - distances that need not be computed again
 *
 * After the first passes of k-means most centers stay where they are, to the bit,
 * and so do the rows' distances to them.  A pass keeps of each row its nearest
 * center, the distance to it, and a bound below which the distance to no other
 * center is.  The next pass computes distances to centers which have moved.  If
 * one of them, or the old one if it is still there, is nearer than the bound, it
 * is the nearest of all.  Otherwise, and if there are two equally near ones, all
 * are compared.
 *
 * These are comparisons of the same numbers that would be computed, so the
 * results are the same to the bit; no rounding has to be allowed for.
 *
 * What is kept does not grow with k, and is small beside the rows.  Members of a
 * team share it: a portion of a pass may be another one's in the next pass.
 */
#include "core/bounds.h"

#include <math.h>
#include <string.h>

#define LEAST_CLUSTERS	16		/* with fewer there is little to leave out */
#define ROWS_OVER_KEPT	32		/* rows take at least so many times the memory of what is kept */
#define MOST_BYTES		((int64_t) 1 << 22)	/* which is kept */

/* Bytes that are kept for a row */
static int64_t
bytes_a_row(FcPrecision precision)
{
	return 2 * FC_SIZE(precision) + sizeof(int32_t);
}

static bool
is_worthwhile(const FcRows *rows, int32_t k, int64_t lanes)
{
	return k >= LEAST_CLUSTERS &&
		(int64_t) rows->d * (int64_t) FC_SIZE(rows->precision) >= ROWS_OVER_KEPT * bytes_a_row(rows->precision) &&
		lanes * bytes_a_row(rows->precision) <= MOST_BYTES;
}

void
fc_bounds_layout(FcArena *a, FcBounds *b, const FcRows *rows, int32_t k)
{
	size_t		size = FC_SIZE(rows->precision);
	int64_t		lanes = FC_ROUND_UP(rows->n, FC_LANES);

	*b = (FcBounds) {0};
	if (!is_worthwhile(rows, k, lanes))
		return;
	b->lanes = lanes;
	b->least = fc_take_shared(a, lanes, size);
	b->second = fc_take_shared(a, lanes, size);
	b->nearest = fc_take_shared(a, lanes, sizeof(int32_t));
	b->v = fc_take_shared(a, fc_times(k, rows->d), size);
	b->moved = fc_take_shared(a, fc_times(k, rows->d), size);
	b->number = fc_take_shared(a, k, sizeof(int32_t));
	b->has_moved = fc_take_shared(a, k, 1);
	b->moves = fc_take_shared(a, 1, sizeof(int32_t));
}

/* Nothing is known */
void
fc_bounds_begin(FcBounds *b)
{
	b->rows.n = 0;
}

static bool
is_of(const FcBounds *b, const FcRows *rows)
{
	return b->rows.n == rows->n && b->rows.source == rows->source && b->rows.block == rows->block &&
		b->rows.stride == rows->stride;
}

/* The leader, before a pass over these rows at the centers of t: which have moved? */
void
fc_bounds_prepare(FcBounds *b, const FcMetric *t, const FcRows *rows)
{
	size_t		bytes = t->d * FC_SIZE(t->precision);
	bool		known = is_of(b, rows);

	*b->moves = 0;
	for (int32_t c = 0; c < t->k; c++)
	{
		const char *v = (const char *) t->v + c * bytes;
		char	   *before = (char *) b->v + c * bytes;

		b->has_moved[c] = !known || memcmp(v, before, bytes) != 0;
		if (!b->has_moved[c])
			continue;
		memcpy(before, v, bytes);
		memcpy((char *) b->moved + *b->moves * bytes, v, bytes);
		b->number[(*b->moves)++] = c;
	}
	b->rows = *rows;
}

/* Each member, before the first rows of a portion */
void
fc_bounds_begin_portion(FcBounds *b)
{
	b->tried = b->failed = 0;
}

/* Rows at hand, and where what is known of them begins */
typedef struct Group
{
	const FcMetric *t;
	const FcHooks *hooks;
	const char *x;
	int64_t		stride;
	int32_t		step;			/* centers between two checks at most */
	int32_t		lanes;
	char	   *least;
	char	   *second;
	int32_t    *nearest;
} Group;

/* Some of its lanes */
static Group
part_of(const Group *g, int32_t first, int32_t lanes)
{
	size_t		skipped = first * FC_SIZE(g->t->precision);
	Group		part = *g;

	part.lanes = lanes;
	part.x += skipped;
	part.least += skipped;
	part.second += skipped;
	part.nearest += first;
	return part;
}

/* With centers v (k, d), whose numbers these are; NULL: 0, 1, ... */
static void
compare(const Group *g, const void *v, const int32_t *number, int32_t k)
{
	const FcMetric *t = g->t;

	for (int32_t c = 0; c < k; c += g->step)
	{
		fc_check(g->hooks);
		t->ops->compare(g->x, g->stride, g->lanes, t->d, v, number, c, k - c < g->step ? k : c + g->step,
						g->least, g->nearest, g->second);
	}
}

static void
compare_with_all(const Group *g)
{
	FcPrecision precision = g->t->precision;

	for (int32_t i = 0; i < g->lanes; i++)
	{
		fc_set(g->least, precision, i, INFINITY);
		fc_set(g->second, precision, i, INFINITY);
		g->nearest[i] = 0;
	}
	compare(g, g->t->v, NULL, g->t->k);
}

/* Is none of FC_LANES rows as near to another center as to its nearest one, as far as is known? */
static bool
is_certain(const Group *g, int32_t first)
{
	FcPrecision precision = g->t->precision;
	bool		certain = true;

	for (int32_t i = first; i < first + FC_LANES; i++)
		certain = certain && fc_get(g->least, precision, i) < fc_get(g->second, precision, i);
	return certain;
}

static void
compare_with_moved(FcBounds *b, const Group *g)
{
	for (int32_t i = 0; i < g->lanes; i++)
		if (b->has_moved[g->nearest[i]])
			fc_set(g->least, g->t->precision, i, INFINITY);
	compare(g, b->moved, b->number, *b->moves);
}

/* Rows of which the nearest center is not certain, as many as lie together */
static void
compare_uncertain(FcBounds *b, const Group *g)
{
	for (int32_t first = 0; first < g->lanes; first += FC_LANES)
	{
		int32_t		end = first;
		Group		uncertain;

		while (end < g->lanes && !is_certain(g, end))
			end += FC_LANES;
		if (end == first)
			continue;
		uncertain = part_of(g, first, end - first);
		compare_with_all(&uncertain);
		b->failed += (end - first) / FC_LANES;
		first = end;
	}
	b->tried += g->lanes / FC_LANES;
}

/*
 * Nearest centers of a tile, whose rows are "first" and those after it, into
 * b->least and b->nearest
 */
void
fc_bounds_find(FcBounds *b, const FcMetric *t, const FcHooks *hooks, const void *x, int64_t stride,
			   int64_t first, int32_t lanes, int32_t step)
{
	size_t		skipped = first * FC_SIZE(t->precision);
	Group		g = {
		.t = t, .hooks = hooks, .x = x, .stride = stride, .step = step, .lanes = lanes,
		.least = (char *) b->least + skipped, .second = (char *) b->second + skipped, .nearest = b->nearest + first
	};

	/* the share of centers that are left out, less that of rows which need them all the same */
	if (*b->moves >= t->k - t->k / 4 || b->failed > b->tried - b->tried / 2)
	{
		compare_with_all(&g);
		return;
	}
	if (*b->moves > 0)
		compare_with_moved(b, &g);
	compare_uncertain(b, &g);
}
