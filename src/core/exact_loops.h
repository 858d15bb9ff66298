/*
 * exact_loops.h - hot loops of exact.c, once for each precision and instruction set: see variants.h
 */
#include "core/turn_loops.h"
#include "core/split_loops.h"

#define LONGS	FC_VARIANT(Longs)
#define LEVELS	(FC_REAL_BYTES == 4 ? 2 : 1)
#define STRIP	2				/* clusters of a tile */
#define ACROSS	(FC_VECTOR_BYTES == 64 ? 4 : 2)	/* features of a tile: 32 registers or 16 */

typedef FC_LANE FC_VARIANT(Lane) __attribute__((may_alias));

/* The sum of "count" registers at each level, in units of FC_EXACT_BITS */
static inline __attribute__((always_inline)) int64_t
FC_VARIANT(total) (const BITS *level, int32_t count)
{
	int64_t		total = 0;

	for (int l = 0; l < LEVELS; l++)
	{
		BITS		bits = level[l] - FC_VARIANT(split_zero) (l) * (unsigned FC_LANE) count;
		_Alignas(64) FC_LANE lane[WIDTH];
		int64_t		sum = 0;

		memcpy(lane, &bits, sizeof(lane));
		for (int i = 0; i < WIDTH; i++)
			sum += lane[i];
		total = total * (INT64_C(1) << SECOND_BITS) + sum;
	}
	return total;
}

/* worst[i] = the largest of its bits and those of the absolute value of x[i] */
static inline __attribute__((always_inline)) void
FC_VARIANT(watch) (const FC_REAL *x, int32_t lanes, FC_LANE *worst)
{
	const FC_VARIANT(Lane) *bits = (const FC_VARIANT(Lane) *) x;
	const FC_LANE all = (FC_LANE) (((unsigned FC_LANE) -1) >> 1);

	for (int32_t i = 0; i < lanes; i++)
		worst[i] = (bits[i] & all) > worst[i] ? (bits[i] & all) : worst[i];
}

static void
FC_VARIANT(to_grid) (const void *xv, int64_t xstride, int32_t lanes, int32_t rows, int32_t d,
					 const void *scale, void *outv, int32_t ostride, void *worst)
{
	for (int32_t j = 0; j < d; j++)
	{
		const FC_REAL *x = (const FC_REAL *) xv + j * xstride;
		FC_REAL    *out = (FC_REAL *) outv + (int64_t) j * ostride;
		FC_REAL		unit = ((const FC_REAL *) scale)[j];

		for (int32_t i = 0; i < lanes; i++)
			out[i] = i < rows ? x[i] * unit : 0;
		FC_VARIANT(watch) (out, lanes, worst);
	}
}

static void
FC_VARIANT(weights_to_grid) (void *atv, int32_t stride, int32_t lanes, int32_t rows, int32_t k,
							 const void *factor, void *worst)
{
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *at = (FC_REAL *) atv + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
			at[i] = i < rows ? at[i] * ((const FC_REAL *) factor)[i] : 0;
		FC_VARIANT(watch) (at, lanes, worst);
	}
}

static inline __attribute__((always_inline)) void
FC_VARIANT(relative_column) (const FC_REAL *x, int32_t lanes, FC_REAL center, FC_REAL unit, const FC_REAL *w,
							 FC_REAL *y, FC_REAL *wy)
{
	for (int32_t i = 0; i < lanes; i++)
	{
		y[i] = (x[i] - center) * unit;
		wy[i] = w[i] * y[i];
	}
}

static void
FC_VARIANT(relative_to) (const void *x, int64_t xstride, int32_t lanes, int32_t d, const void *v,
						 const void *scale, const void *w, void *y, void *wy, int32_t stride)
{
	for (int32_t j = 0; j < d; j++)
		FC_VARIANT(relative_column) ((const FC_REAL *) x + j * xstride, lanes, ((const FC_REAL *) v)[j],
									 ((const FC_REAL *) scale)[j], w, (FC_REAL *) y + (int64_t) j * stride,
									 (FC_REAL *) wy + (int64_t) j * stride);
}

/* ---- sums of products ---- */

/* Of nc rows of weights and nj features, both constants where inlined; of row c, those before last[c] count */
static inline __attribute__((always_inline)) void
FC_VARIANT(products_of) (const FC_REAL *x, int64_t xstride, int32_t lanes, const FC_REAL *w, int32_t wstride,
						 uint64_t *const *sum, const int32_t *last, const int nc, const int nj)
{
	BITS		level[STRIP * ACROSS][LEVELS];

#pragma GCC unroll 16
	for (int t = 0; t < nc * nj; t++)
		for (int l = 0; l < LEVELS; l++)
			level[t][l] = (BITS) {0};
	for (int32_t i = 0; i < lanes; i += WIDTH)
	{
		VECTOR		weight[STRIP];

#pragma GCC unroll 4
		for (int c = 0; c < nc; c++)
			weight[c] = *(const VECTOR *) (w + (int64_t) c * wstride + i);
#pragma GCC unroll 4
		for (int j = 0; j < nj; j++)
		{
			VECTOR		feature = *(const VECTOR *) (x + j * xstride + i);

#pragma GCC unroll 4
			for (int c = 0; c < nc; c++)
				FC_VARIANT(split) (weight[c] * feature, level[c * nj + j], LEVELS);
		}
	}
#pragma GCC unroll 4
	for (int c = 0; c < nc; c++)
		for (int j = 0; j < nj && j < last[c]; j++)
			fc_exact_add(sum[c] + FC_EXACT_WORDS * j, FC_VARIANT(total) (level[c * nj + j], lanes / WIDTH));
}

/* A strip of nc rows of weights, a constant where inlined, the first of which is number c */
static inline __attribute__((always_inline)) void
FC_VARIANT(products_of_strip) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d, const FC_REAL *w,
							   int32_t wstride, int32_t c, bool triangle, uint64_t *sum, const int nc)
{
	uint64_t   *to[STRIP];
	int32_t		last[STRIP];
	int32_t		columns = triangle ? c + nc : d;
	int32_t		j = 0;

	for (int t = 0; t < nc; t++)
	{
		to[t] = sum + FC_EXACT_WORDS * (triangle ? (int64_t) (c + t) * (c + t + 1) / 2 : (int64_t) (c + t) * d);
		last[t] = triangle ? c + t + 1 : d;
	}
	for (int32_t step; j < columns; j += step)
	{
		const FC_REAL *feature = x + j * xstride;

		step = columns - j >= ACROSS ? ACROSS : 1;
		if (step == ACROSS)
			FC_VARIANT(products_of) (feature, xstride, lanes, w, wstride, to, last, nc, ACROSS);
		else
			FC_VARIANT(products_of) (feature, xstride, lanes, w, wstride, to, last, nc, 1);
		for (int t = 0; t < nc; t++)
		{
			to[t] += FC_EXACT_WORDS * step;
			last[t] -= step;
		}
	}
}

static void
FC_VARIANT(products) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
					  const void *wv, int32_t wstride, int32_t k, bool triangle, uint64_t *sum)
{
	const FC_REAL *w = wv;
	int32_t		c = 0;

	for (; c + STRIP <= k; c += STRIP)
		FC_VARIANT(products_of_strip) (x, xstride, lanes, d, w + (int64_t) c * wstride, wstride, c, triangle, sum, STRIP);
	if (c < k)
		FC_VARIANT(products_of_strip) (x, xstride, lanes, d, w + (int64_t) c * wstride, wstride, c, triangle, sum, 1);
}

static void
FC_VARIANT(weights) (const void *wv, int32_t wstride, int32_t lanes, int32_t k, uint64_t *sum)
{
	for (int32_t c = 0; c < k; c++)
	{
		const FC_REAL *w = (const FC_REAL *) wv + (int64_t) c * wstride;
		BITS		level[LEVELS] = {{0}};

		for (int32_t i = 0; i < lanes; i += WIDTH)
			FC_VARIANT(split) (*(const VECTOR *) (w + i), level, LEVELS);
		fc_exact_add(sum + FC_EXACT_WORDS * (int64_t) c, FC_VARIANT(total) (level, lanes / WIDTH));
	}
}

/* ---- sums of the rows of a cluster ---- */

typedef int64_t LONGS __attribute__((vector_size(FC_VECTOR_BYTES), aligned(8), may_alias));
typedef int32_t FC_VARIANT(Half) __attribute__((vector_size(FC_VECTOR_BYTES / 2), aligned(4), may_alias));

/* part[j] += the register's lanes, each in units of FC_EXACT_BITS */
static inline __attribute__((always_inline)) void
FC_VARIANT(add_lanes) (VECTOR p, int64_t *part)
{
	BITS		level[2] = {(BITS) {0} - FC_VARIANT(split_zero) (0), (BITS) {0} - FC_VARIANT(split_zero) (1)};

	FC_VARIANT(split) (p, level, LEVELS);
	if (LEVELS == 1)
	{
		*(LONGS *) part += (LONGS) level[0];
		return;
	}
	for (int half = 0; half < 2; half++)
	{
		FC_VARIANT(Half) number[2];

		for (int l = 0; l < 2; l++)
			memcpy(&number[l], (const char *) &level[l] + half * sizeof(number[l]), sizeof(number[l]));
		*(LONGS *) (part + half * WIDTH / 2) += __builtin_convertvector(number[0], LONGS) * (INT64_C(1) << SECOND_BITS) +
			__builtin_convertvector(number[1], LONGS);
	}
}

static void
FC_VARIANT(rows) (const void *xv, int64_t xstride, int32_t rows, int32_t d, const int32_t *nearest,
				  const void *factor, int64_t *part)
{
	for (int32_t j = 0; j < d; j += WIDTH)
		for (int32_t first = 0; first < rows; first += WIDTH)
		{
			const FC_REAL *x = (const FC_REAL *) xv + j * xstride + first;
			int32_t		count = rows - first < WIDTH ? rows - first : WIDTH;
			VECTOR		row[WIDTH];

			FC_VARIANT(load_turned) (x, xstride, d - j, row);
			for (int32_t i = 0; i < count; i++)
				FC_VARIANT(add_lanes) (row[i] * ((const FC_REAL *) factor)[first + i],
									   part + nearest[first + i] * FC_EXACT_STRIDE(d) + j);
		}
}

#undef VECTOR
#undef WIDE
#undef WIDTH
#undef IN_SIXTEEN
#undef SIXTEENS
#undef SHUFFLE
#undef BITS
#undef LONGS
#undef SPLIT_STEP
#undef LEVELS
#undef STRIP
#undef ACROSS
