/*
 * block_loops.h - hot loops of block.c, once for each precision and instruction set: see variants.h
 */
#include "core/nearest.h"
#include "core/sum_loops.h"

#define VECTOR	FC_VARIANT(Vector)
#define WIDTH	((int) (FC_VECTOR_BYTES / sizeof(FC_REAL)))

/*
 * Squared distances of WIDTH rows to "count" centers, a constant where inlined, from d of the v_length features;
 * added to what the features before gave, or the first.  "ahead": the features after these are read
 * from memory meanwhile.
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(distance_of_register) (const FC_REAL *x, int64_t xstride, int32_t d, const FC_REAL *v, int64_t vstride,
								  FC_REAL *out, int32_t ostride, const int count, bool add, const bool ahead)
{
	VECTOR		sum[MOST_CENTERS];
	const FC_REAL *next = x + d * xstride;

#pragma GCC unroll 16
	for (int c = 0; c < count; c++)
		sum[c] = add ? *(const VECTOR *) (out + (int64_t) c * ostride) : (VECTOR) {0};
	for (int32_t j = 0; j < d; j++)
	{
		VECTOR		feature = *(const VECTOR *) (x + j * xstride);

		if (ahead)
			__builtin_prefetch(next + j * xstride, 0, 2);
#pragma GCC unroll 16
		for (int c = 0; c < count; c++)
		{
			VECTOR		difference = feature - v[c * vstride + j];

			sum[c] += difference * difference;
			IN_REGISTER(sum[c]);
		}
	}
#pragma GCC unroll 16
	for (int c = 0; c < count; c++)
		*(VECTOR *) (out + (int64_t) c * ostride) = sum[c];
}

/* Of all lanes; register number "first" reads ahead, and each "every" further ones; -1: none does */
static inline __attribute__((always_inline)) void
FC_VARIANT(distance_to) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d, const FC_REAL *v, int64_t vstride,
						 FC_REAL *out, int32_t ostride, const int count, bool add, int32_t first, int32_t every)
{
	int32_t		until = first;

	for (int32_t i = 0; i < lanes; i += WIDTH, until--)
		if (until == 0)
		{
			FC_VARIANT(distance_of_register) (x + i, xstride, d, v, vstride, out + i, ostride, count, add, true);
			until = every;
		}
		else
			FC_VARIANT(distance_of_register) (x + i, xstride, d, v, vstride, out + i, ostride, count, add, false);
}

static void
FC_VARIANT(distance_to_some) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d, const FC_REAL *v, int64_t vstride,
							  FC_REAL *out, int32_t ostride, int32_t count, bool add, int32_t first, int32_t every)
{
#define COUNT(n) \
	case n: FC_VARIANT(distance_to) (x, xstride, lanes, d, v, vstride, out, ostride, n, add, first, every); break
	switch (count)
	{
		UP_TO_TEN(COUNT)
	}
#undef COUNT
}

/* Of "width" of the d features to all k centers, whose parts take turns to read ahead */
static inline void
FC_VARIANT(distance_of_strip) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t width, const FC_REAL *v, int32_t d,
							   int32_t k, FC_REAL *out, int32_t ostride, bool add, bool ahead)
{
	int32_t		count = (k + MOST_CENTERS - 1) / MOST_CENTERS;
	int32_t		c = 0;

	for (int32_t parts = count; parts > 0; parts--)
	{
		int32_t		some = (k - c) / parts;	/* parts of equal size */

		FC_VARIANT(distance_to_some) (x, xstride, lanes, width, v + (int64_t) c * d, d, out + (int64_t) c * ostride, ostride,
									  some, add, ahead ? parts - 1 : -1, count);
		c += some;
	}
}

/*
 * All features.  If the rows may still be in memory, strip by strip, so that they are read in their order
 * while the processor is busy with all centers
 */
static void
FC_VARIANT(distance_by_strips) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d,
								const FC_REAL *v, int32_t k, FC_REAL *out, int32_t ostride, bool cold)
{
	int32_t		j = 0;

	for (int32_t strips = cold ? (d - 1) / STRIP : 0; strips > 0; strips--)
	{
		int32_t		width = (d - j) / (strips + 1);	/* strips of equal size */

		FC_VARIANT(distance_of_strip) (x + j * xstride, xstride, lanes, width, v + j, d, k, out, ostride, j > 0, true);
		j += width;
	}
	/* what comes next may be the rows after these */
	FC_VARIANT(distance_of_strip) (x + j * xstride, xstride, lanes, d - j, v + j, d, k, out, ostride, j > 0,
								   cold && k >= AHEAD);
}

static void
FC_VARIANT(distance) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
					  const void *v, int32_t k, void *out, int32_t ostride)
{
	FC_VARIANT(distance_by_strips) (x, xstride, lanes, d, v, k, out, ostride, true);
}

static void
FC_VARIANT(nearest) (const void *at, int32_t stride, int32_t lanes, int32_t k,
					 void *least, int32_t *nearest)
{
	FC_VARIANT(nearest_of) (at, stride, lanes, k, least, nearest);
}

/* Distances to centers from "first" to before "last", which are at hand together; returns their number */
static inline int32_t
FC_VARIANT(distance_at_hand) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d,
							  const FC_REAL *v, int32_t first, int32_t last, FC_REAL *at)
{
	int32_t		most = AT_HAND / lanes / MOST_CENTERS * MOST_CENTERS;
	int32_t		groups = (last - first + most - 1) / most;
	int32_t		count = (last - first) / groups;	/* of equal size */

	FC_VARIANT(distance_by_strips) (x, xstride, lanes, d, v + (int64_t) first * d, count, at, lanes, first == 0);
	return count;
}

static void
FC_VARIANT(assign) (const void *xv, int64_t xstride, int32_t all, int32_t d,
					const void *v, int32_t first, int32_t last, void *leastv, int32_t *nearest)
{
	_Alignas(64) FC_REAL at[AT_HAND];
	int32_t		count;

	for (int32_t i = 0, lanes; i < all; i += lanes)
	{
		const FC_REAL *x = (const FC_REAL *) xv + i;
		FC_REAL    *least = (FC_REAL *) leastv + i;

		lanes = all <= FEW_LANES || all - i < LANES_AT_HAND ? all - i : LANES_AT_HAND;
		for (int32_t c = first; c < last; c += count)
		{
			count = FC_VARIANT(distance_at_hand) (x, xstride, lanes, d, v, c, last, at);
			if (c == 0)
				FC_VARIANT(nearest_of) (at, lanes, lanes, count, least, nearest + i);
			else
				FC_VARIANT(nearest_of_more) (at, lanes, lanes, count, c, least, nearest + i);
		}
	}
}

/* The nearest of k more centers, and the distance to the second */
static inline __attribute__((always_inline)) void
FC_VARIANT(nearest_two_of_more) (const FC_REAL *at, int32_t stride, int32_t lanes, int32_t k, int32_t first,
								 const int32_t *number, FC_REAL *least, int32_t *nearest, FC_REAL *second)
{
	for (int32_t c = 0; c < k; c++)
	{
		const FC_REAL *d = at + (int64_t) c * stride;
		int32_t		own = number ? number[first + c] : first + c;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		other = d[i] < least[i] ? least[i] : d[i];

			second[i] = other < second[i] ? other : second[i];
			nearest[i] = d[i] < least[i] ? own : nearest[i];
			least[i] = d[i] < least[i] ? d[i] : least[i];
		}
	}
}

static void
FC_VARIANT(compare) (const void *xv, int64_t xstride, int32_t all, int32_t d,
					 const void *v, const int32_t *number, int32_t first, int32_t last,
					 void *least, int32_t *nearest, void *second)
{
	_Alignas(64) FC_REAL at[AT_HAND];
	int32_t		count;

	for (int32_t i = 0, lanes; i < all; i += lanes)
	{
		const FC_REAL *x = (const FC_REAL *) xv + i;

		lanes = all <= FEW_LANES || all - i < LANES_AT_HAND ? all - i : LANES_AT_HAND;
		for (int32_t c = first; c < last; c += count)
		{
			count = FC_VARIANT(distance_at_hand) (x, xstride, lanes, d, v, c, last, at);
			FC_VARIANT(nearest_two_of_more) (at, lanes, lanes, count, c, number, (FC_REAL *) least + i, nearest + i,
											 (FC_REAL *) second + i);
		}
	}
}

static void
FC_VARIANT(relative) (const void *xv, int64_t xstride, int32_t lanes, int32_t d, const void *v,
					  const void *wv, void *yv, void *wyv, int32_t stride)
{
	const FC_REAL *w = wv;

	for (int32_t j = 0; j < d; j++)
	{
		const FC_REAL *x = (const FC_REAL *) xv + j * xstride;
		FC_REAL    *y = (FC_REAL *) yv + (int64_t) j * stride;
		FC_REAL    *wy = (FC_REAL *) wyv + (int64_t) j * stride;
		FC_REAL		center = ((const FC_REAL *) v)[j];

		for (int32_t i = 0; i < lanes; i++)
			y[i] = x[i] - center;
		if (w)
			for (int32_t i = 0; i < lanes; i++)
				wy[i] = w[i] * y[i];
	}
}

/* Subtract the same shift, which has the rows' precision, from all rows */
static inline __attribute__((always_inline)) void
FC_VARIANT(subtract) (const FC_REAL *x, int32_t lanes, FC_REAL shift, FC_REAL *out)
{
	for (int32_t i = 0; i < lanes; i++)
		out[i] = x[i] - shift;
}

/* Times a factor in double precision, so that a large common offset costs no digits */
static void
FC_VARIANT(scale) (const void *xv, int64_t xstride, int32_t lanes, int32_t d,
				   const double *shift, const double *factor, void *outv, int64_t ostride)
{
	for (int32_t j = 0; j < d; j++)
	{
		const FC_REAL *x = (const FC_REAL *) xv + j * xstride;
		FC_REAL    *out = (FC_REAL *) outv + j * ostride;

		if (factor == NULL)
			FC_VARIANT(subtract) (x, lanes, (FC_REAL) shift[j], out);
		for (int32_t i = 0; factor != NULL && i < lanes; i++)
			out[i] = (FC_REAL) ((x[i] - shift[j]) * factor[j]);
	}
}

static void
FC_VARIANT(weigh) (const void *xv, int64_t xstride, int32_t lanes, int32_t d, const double *weight,
				   void *outv, int64_t ostride)
{
	for (int32_t j = 0; j < d; j++)
	{
		const FC_REAL *x = (const FC_REAL *) xv + j * xstride;
		FC_REAL    *out = (FC_REAL *) outv + j * ostride;

		for (int32_t i = 0; i < lanes; i++)
			out[i] = (FC_REAL) (x[i] * weight[i]);
	}
}

#undef VECTOR
#undef WIDTH
