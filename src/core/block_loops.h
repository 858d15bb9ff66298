/*
 * block_loops.h - hot loops of block.c, once for each precision and instruction set: see variants.h
 */
#include "core/nearest.h"
#include "core/sum_loops.h"

#define VECTOR	FC_VARIANT(Vector)
#define WIDTH	((int) (FC_VECTOR_BYTES / sizeof(FC_REAL)))

/*
 * Squared distances of all lanes to "count" centers, a constant where inlined, from d of the v_length features;
 * added to what the features before gave, or the first.  "ahead": the features after these are read
 * from memory meanwhile.
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(distance_to) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d,
						 const FC_REAL *v, int64_t vstride, FC_REAL *out, int32_t ostride,
						 const int count, bool add, const bool ahead)
{
	for (int32_t i = 0; i < lanes; i += WIDTH)
	{
		VECTOR		sum[MOST_CENTERS];

#pragma GCC unroll 16
		for (int c = 0; c < count; c++)
			sum[c] = add ? *(const VECTOR *) (out + (int64_t) c * ostride + i) : (VECTOR) {0};
		for (int32_t j = 0; j < d; j++)
		{
			VECTOR		feature = *(const VECTOR *) (x + j * xstride + i);

			if (ahead)
				__builtin_prefetch(x + (j + d) * xstride + i, 0, 2);
#pragma GCC unroll 16
			for (int c = 0; c < count; c++)
			{
				VECTOR		difference = feature - v[c * vstride + j];

				sum[c] += difference * difference;
			}
		}
#pragma GCC unroll 16
		for (int c = 0; c < count; c++)
			*(VECTOR *) (out + (int64_t) c * ostride + i) = sum[c];
	}
}

/*
 * All features: strip by strip, if the rows may still be in memory, whose columns are read
 * in their order only so; else at once
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(distance_by_strips) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d,
								const FC_REAL *v, FC_REAL *out, int32_t ostride, const int count, bool cold)
{
	int32_t		j = 0;

	for (int32_t strips = cold ? (d - 1) / STRIP : 0; strips > 0; strips--)
	{
		int32_t		width = (d - j) / (strips + 1);	/* strips of equal size */

		FC_VARIANT(distance_to) (x + j * xstride, xstride, lanes, width, v + j, d, out, ostride, count, j > 0, true);
		j += width;
	}
	/* what comes next may be the rows after these */
	if (cold && count >= AHEAD)
		FC_VARIANT(distance_to) (x + j * xstride, xstride, lanes, d - j, v + j, d, out, ostride, count, j > 0, true);
	else
		FC_VARIANT(distance_to) (x + j * xstride, xstride, lanes, d - j, v + j, d, out, ostride, count, j > 0, false);
}

/* To "count" centers; the first who needs the rows reads them from memory */
static void
FC_VARIANT(distance_to_some) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d,
							  const FC_REAL *v, FC_REAL *out, int32_t ostride, int32_t count, bool cold)
{
#define COUNT(n) case n: FC_VARIANT(distance_by_strips) (x, xstride, lanes, d, v, out, ostride, n, cold); break
	switch (count)
	{
		UP_TO_TEN(COUNT)
	}
#undef COUNT
}

static void
FC_VARIANT(distance) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
					  const void *v, int32_t k, void *out, int32_t ostride)
{
	int32_t		c = 0;

	for (int32_t parts = (k + MOST_CENTERS - 1) / MOST_CENTERS; parts > 0; parts--)
	{
		int32_t		count = (k - c) / parts;	/* parts of equal size */

		FC_VARIANT(distance_to_some) (x, xstride, lanes, d, (const FC_REAL *) v + (int64_t) c * d,
									  (FC_REAL *) out + (int64_t) c * ostride, ostride, count, c == 0);
		c += count;
	}
}

static void
FC_VARIANT(nearest) (const void *at, int32_t stride, int32_t lanes, int32_t k,
					 void *least, int32_t *nearest)
{
	FC_VARIANT(nearest_of) (at, stride, lanes, k, least, nearest);
}

static void
FC_VARIANT(assign) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
					const void *v, int32_t first, int32_t last, void *least, int32_t *nearest)
{
	_Alignas(64) FC_REAL at[MOST_CENTERS * FC_TILE];
	int32_t		c = first;

	for (int32_t parts = (last - first + MOST_CENTERS - 1) / MOST_CENTERS; parts > 0; parts--)
	{
		int32_t		count = (last - c) / parts;

		FC_VARIANT(distance_to_some) (x, xstride, lanes, d, (const FC_REAL *) v + (int64_t) c * d, at, lanes, count, c == 0);
		if (c == 0)
			FC_VARIANT(nearest_of) (at, lanes, lanes, count, least, nearest);
		else
			FC_VARIANT(nearest_of_more) (at, lanes, lanes, count, c, least, nearest);
		c += count;
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
FC_VARIANT(compare) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
					 const void *v, const int32_t *number, int32_t first, int32_t last,
					 void *least, int32_t *nearest, void *second)
{
	_Alignas(64) FC_REAL at[MOST_CENTERS * FC_TILE];
	int32_t		c = first;

	for (int32_t parts = (last - first + MOST_CENTERS - 1) / MOST_CENTERS; parts > 0; parts--)
	{
		int32_t		count = (last - c) / parts;

		FC_VARIANT(distance_to_some) (x, xstride, lanes, d, (const FC_REAL *) v + (int64_t) c * d, at, lanes, count, c == 0);
		FC_VARIANT(nearest_two_of_more) (at, lanes, lanes, count, c, number, least, nearest, second);
		c += count;
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
FC_VARIANT(scale) (const void *xv, int64_t stride, int32_t lanes, int32_t d,
				   const double *shift, const double *factor, void *outv)
{
	for (int32_t j = 0; j < d; j++)
	{
		const FC_REAL *x = (const FC_REAL *) xv + j * stride;
		FC_REAL    *out = (FC_REAL *) outv + j * stride;

		if (factor == NULL)
			FC_VARIANT(subtract) (x, lanes, (FC_REAL) shift[j], out);
		for (int32_t i = 0; factor != NULL && i < lanes; i++)
			out[i] = (FC_REAL) ((x[i] - shift[j]) * factor[j]);
	}
}

#undef VECTOR
#undef WIDTH
