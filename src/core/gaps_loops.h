/*
 * gaps_loops.h - hot loops of gaps.c, once for each precision and instruction set: see variants.h
 */
#include "core/nearest.h"

typedef FC_REAL FC_VARIANT(Vector) __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(FC_REAL)), may_alias));

typedef FC_LANE FC_VARIANT(Mask) __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(FC_LANE)), may_alias));

#define VECTOR	FC_VARIANT(Vector)
#define MASK	FC_VARIANT(Mask)
#define WIDTH	((int) (FC_VECTOR_BYTES / sizeof(FC_REAL)))

/* Rows by FC_LANES: for each row all columns over those that it has, and whether any of its group has a gap */
typedef struct FC_VARIANT(Observed)
{
	_Alignas(64) FC_REAL stretch[FC_TILE];
	bool		gaps[FC_TILE / FC_LANES];
} FC_VARIANT(Observed);

/* Of FC_LANES rows.  What all columns count is added up as it is for a row, so that a complete one gets exactly 1 */
static inline __attribute__((always_inline)) bool
FC_VARIANT(observe_group) (const FC_REAL *x, int64_t xstride, int32_t d, const double *share, FC_REAL *stretch)
{
	FC_REAL		observed[FC_LANES] = {0};
	FC_LANE		missing[FC_LANES] = {0};
	FC_LANE		any = 0;
	FC_REAL		all = 0;

	for (int32_t j = 0; j < d; j++)
	{
		const FC_REAL *feature = x + j * xstride;
		FC_REAL		part = (FC_REAL) share[j];

		all += part;
		for (int l = 0; l < FC_LANES; l++)
		{
			observed[l] += feature[l] == feature[l] ? part : 0;
			missing[l] |= feature[l] != feature[l];
		}
	}
	for (int l = 0; l < FC_LANES; l++)
	{
		stretch[l] = observed[l] > 0 ? all / observed[l] : 0;
		any |= missing[l];
	}
	return any != 0;
}

/* Of at most FC_TILE rows */
static void
FC_VARIANT(observe) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d, const double *share,
					 FC_VARIANT(Observed) *o)
{
	for (int32_t i = 0; i < lanes; i += FC_LANES)
		o->gaps[i / FC_LANES] = FC_VARIANT(observe_group) (x + i, xstride, d, share, o->stretch + i);
}

/* Where the groups end that have gaps as the one at "first" has, or are complete like it */
static inline int32_t
FC_VARIANT(end_of_run) (const FC_VARIANT(Observed) *o, int32_t first, int32_t lanes)
{
	int32_t		end = first + FC_LANES;

	while (end < lanes && o->gaps[end / FC_LANES] == o->gaps[first / FC_LANES])
		end += FC_LANES;
	return end;
}

/*
 * Of FC_LANES rows to "count" centers, a constant where inlined.  The sum of a complete row is that of block.c
 * to the bit
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(partial_to) (const FC_REAL *x, int64_t xstride, int32_t d, const FC_REAL *v, const FC_REAL *stretch,
						FC_REAL *out, int32_t ostride, const int count)
{
	for (int i = 0; i < FC_LANES; i += WIDTH)
	{
		VECTOR		factor = *(const VECTOR *) (stretch + i);
		VECTOR		sum[MOST_CENTERS];

#pragma GCC unroll 16
		for (int c = 0; c < count; c++)
			sum[c] = (VECTOR) {0};
		for (int32_t j = 0; j < d; j++)
		{
			VECTOR		feature = *(const VECTOR *) (x + j * xstride + i);
			MASK		is_there = (MASK) (feature == feature);

#pragma GCC unroll 16
			for (int c = 0; c < count; c++)
			{
				VECTOR		difference = (VECTOR) ((MASK) (feature - v[(int64_t) c * d + j]) & is_there);

				sum[c] += difference * difference;
			}
		}
#pragma GCC unroll 16
		for (int c = 0; c < count; c++)
			*(VECTOR *) (out + (int64_t) c * ostride + i) = sum[c] * factor;
	}
}

static void
FC_VARIANT(partial_to_some) (const FC_REAL *x, int64_t xstride, int32_t d, const FC_REAL *v, const FC_REAL *stretch,
							 FC_REAL *out, int32_t ostride, int32_t count)
{
#define COUNT(n) \
	case n: FC_VARIANT(partial_to) (x, xstride, d, v, stretch, out, ostride, n); break
	switch (count)
	{
		COUNT(1);
		COUNT(2);
		COUNT(3);
		COUNT(4);
		COUNT(5);
		COUNT(6);
		COUNT(7);
		COUNT(8);
	}
#undef COUNT
}

/* How many of the k - c centers that are left are taken at once */
static inline int32_t
FC_VARIANT(some_of) (int32_t k, int32_t c)
{
	return k - c < MOST_CENTERS ? k - c : MOST_CENTERS;
}

static void
FC_VARIANT(distance) (const void *xv, int64_t xstride, int32_t lanes, int32_t d, const double *share,
					  const void *vv, int32_t k, void *outv, int32_t ostride)
{
	const FC_REAL *x = xv;
	const FC_REAL *v = vv;
	FC_REAL    *out = outv;
	FC_VARIANT(Observed) o;

	FC_VARIANT(observe) (x, xstride, lanes, d, share, &o);
	for (int32_t first = 0, end; first < lanes; first = end)
	{
		end = FC_VARIANT(end_of_run) (&o, first, lanes);
		if (!o.gaps[first / FC_LANES])
		{
			fc_block_ops(FC_ISA_INDEX, FC_PRECISION_INDEX)->distance(x + first, xstride, end - first, d, v, k,
																	 out + first, ostride);
			continue;
		}
		for (int32_t c = 0; c < k; c += MOST_CENTERS)
			for (int32_t i = first; i < end; i += FC_LANES)
				FC_VARIANT(partial_to_some) (x + i, xstride, d, v + (int64_t) c * d, o.stretch + i,
											 out + (int64_t) c * ostride + i, ostride, FC_VARIANT(some_of) (k, c));
	}
}

/* Of FC_LANES rows */
static void
FC_VARIANT(assign_group) (const FC_REAL *x, int64_t xstride, int32_t d, const FC_REAL *stretch, const FC_REAL *v,
						  int32_t first, int32_t last, FC_REAL *least, int32_t *nearest)
{
	_Alignas(64) FC_REAL at[MOST_CENTERS * FC_LANES];

	for (int32_t c = first; c < last; c += MOST_CENTERS)
	{
		int32_t		count = FC_VARIANT(some_of) (last, c);

		FC_VARIANT(partial_to_some) (x, xstride, d, v + (int64_t) c * d, stretch, at, FC_LANES, count);
		if (c == 0)
			FC_VARIANT(nearest_of) (at, FC_LANES, FC_LANES, count, least, nearest);
		else
			FC_VARIANT(nearest_of_more) (at, FC_LANES, FC_LANES, count, c, least, nearest);
	}
}

static void
FC_VARIANT(assign) (const void *xv, int64_t xstride, int32_t lanes, int32_t d, const double *share,
					const void *v, int32_t first, int32_t last, void *leastv, int32_t *nearest)
{
	const FC_REAL *x = xv;
	FC_REAL    *least = leastv;
	FC_VARIANT(Observed) o;

	FC_VARIANT(observe) (x, xstride, lanes, d, share, &o);
	for (int32_t i = 0, end; i < lanes; i = end)
	{
		end = FC_VARIANT(end_of_run) (&o, i, lanes);
		if (!o.gaps[i / FC_LANES])
			fc_block_ops(FC_ISA_INDEX, FC_PRECISION_INDEX)->assign(x + i, xstride, end - i, d, v, first, last,
																   least + i, nearest + i);
		else
			for (int32_t g = i; g < end; g += FC_LANES)
				FC_VARIANT(assign_group) (x + g, xstride, d, o.stretch + g, v, first, last, least + g, nearest + g);
	}
}

/* Without a branch in the inner loop */
static bool
FC_VARIANT(has_gaps) (const void *xv, int64_t xstride, int32_t lanes, int32_t d)
{
	for (int32_t j = 0; j < d; j++)
	{
		const FC_REAL *x = (const FC_REAL *) xv + j * xstride;
		FC_LANE		missing = 0;

		for (int32_t i = 0; i < lanes; i++)
			missing |= x[i] != x[i];
		if (missing)
			return true;
	}
	return false;
}

static void
FC_VARIANT(split) (const void *xv, int64_t xstride, int32_t lanes, int32_t d, void *yv, void *zv, int32_t stride)
{
	for (int32_t j = 0; j < d; j++)
	{
		const FC_REAL *x = (const FC_REAL *) xv + j * xstride;
		FC_REAL    *y = (FC_REAL *) yv + (int64_t) j * stride;
		FC_REAL    *z = (FC_REAL *) zv + (int64_t) j * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			y[i] = x[i] == x[i] ? x[i] : 0;
			z[i] = x[i] == x[i] ? 1 : 0;
		}
	}
}

static void
FC_VARIANT(fill) (const void *xv, int64_t xstride, int32_t lanes, int32_t d, const double *value, void *outv, int64_t ostride)
{
	for (int32_t j = 0; j < d; j++)
	{
		const FC_REAL *x = (const FC_REAL *) xv + j * xstride;
		FC_REAL    *out = (FC_REAL *) outv + j * ostride;
		FC_REAL		other = (FC_REAL) value[j];

		for (int32_t i = 0; i < lanes; i++)
			out[i] = x[i] == x[i] ? x[i] : other;
	}
}

#undef VECTOR
#undef MASK
#undef WIDTH
