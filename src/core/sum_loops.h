/*
 * sum_loops.h - sums over rows: what block_loops.h calls, likewise once for each precision and
 * instruction set.
 *
 * Rows lie side by side in registers, so a sum over them is one over the lanes of a register.
 * Where many rows are added before, it costs little: all sums of a tile are folded
 * together.  Else, and where each row has a center of its own, a square of rows and
 * features is turned, so that a register holds features of one row.
 */

#include "core/turn_loops.h"

#define ACROSS	(FC_VECTOR_BYTES == 64 ? 4 : 2)	/* features of a tile: 32 registers or 16 */
#define GROUP	(FC_VECTOR_BYTES == 64 ? 10 : 6)	/* centers whose sums with two registers of features stay in others */

/* The sums of the lanes of each of WIDTH registers, in one */
static inline __attribute__((always_inline)) VECTOR
FC_VARIANT(fold) (VECTOR *a)
{
#pragma GCC unroll 16
	for (int i = 0; IN_SIXTEEN == 4 && i < WIDTH / 2; i++)
		a[i] = FC_VARIANT(numbers) (a[2 * i], a[2 * i + 1], 0) + FC_VARIANT(numbers) (a[2 * i], a[2 * i + 1], 1);
#pragma GCC unroll 16
	for (int i = 0; i < WIDTH / IN_SIXTEEN; i++)
		a[i] = FC_VARIANT(eights) (a[2 * i], a[2 * i + 1], 0) + FC_VARIANT(eights) (a[2 * i], a[2 * i + 1], 1);
#pragma GCC unroll 2
	for (int left = SIXTEENS / 2; left > 0; left /= 2)
#pragma GCC unroll 2
		for (int i = 0; i < left; i++)
			a[i] = FC_VARIANT(sixteens) (a[2 * i], a[2 * i + 1], 0) + FC_VARIANT(sixteens) (a[2 * i], a[2 * i + 1], 1);
	return a[0];
}

/* to[j] += a[j] */
static inline __attribute__((always_inline)) void
FC_VARIANT(add_to) (double *restrict to, const FC_REAL *restrict a, const int32_t count)
{
#pragma GCC unroll 1
	for (int32_t j = 0; j < count; j++)
		to[j] += a[j];
}

/* The same for a register of which "count" lanes matter */
static inline __attribute__((always_inline)) void
FC_VARIANT(add_lanes_to) (double *to, VECTOR a, int32_t count)
{
	_Alignas(64) FC_REAL lane[WIDTH];

	memcpy(lane, &a, sizeof(lane));
	if (count >= WIDTH)
		FC_VARIANT(add_to) (to, lane, WIDTH);
	else
		FC_VARIANT(add_to) (to, lane, count);
}

/* Up to WIDTH features of up to TURNED rows, in sums of few centers (k, WIDTH) that stay in the cache */
static inline __attribute__((always_inline)) void
FC_VARIANT(add_panel_to_few) (const FC_REAL *x, int64_t xstride, int32_t rows, const int32_t *nearest, int32_t k,
							  double *sum, int32_t sstride, const int32_t columns)
{
	_Alignas(64) FC_REAL part[TURNED / ROWS_A_SUM * WIDTH];

	memset(part, 0, (size_t) k * WIDTH * sizeof(FC_REAL));
	for (int32_t first = 0; first < rows; first += WIDTH)
	{
		int32_t		count = rows - first < WIDTH ? rows - first : WIDTH;
		_Alignas(64) VECTOR row[WIDTH];

		FC_VARIANT(load_turned) (x + first, xstride, columns, row);
		for (int i = 0; i < count; i++)
			*(VECTOR *) (part + nearest[first + i] * WIDTH) += row[i];
	}
	for (int32_t c = 0; c < k; c++)
		FC_VARIANT(add_to) (sum + (int64_t) c * sstride, part + c * WIDTH, columns);
}

/* The same of any number of centers */
static inline __attribute__((always_inline)) void
FC_VARIANT(add_panel_to_many) (const FC_REAL *x, int64_t xstride, int32_t rows, const int32_t *nearest,
							   double *sum, int32_t sstride, const int32_t columns)
{
	for (int32_t first = 0; first < rows; first += WIDTH)
	{
		int32_t		count = rows - first < WIDTH ? rows - first : WIDTH;
		_Alignas(64) FC_REAL row[WIDTH * WIDTH];

		FC_VARIANT(load_turned) (x + first, xstride, columns, (VECTOR *) row);
		for (int i = 0; i < count; i++)
			FC_VARIANT(add_to) (sum + (int64_t) nearest[first + i] * sstride, row + i * WIDTH, columns);
	}
}

/* "columns": a constant, where inlined for WIDTH of them */
static inline __attribute__((always_inline)) void
FC_VARIANT(add_panel) (const FC_REAL *x, int64_t xstride, int32_t rows, const int32_t *nearest, int32_t k,
					   double *sum, int32_t sstride, const int32_t columns)
{
	for (int32_t first = 0; first < rows; first += TURNED)
	{
		int32_t		count = rows - first < TURNED ? rows - first : TURNED;

		if (count >= ROWS_A_SUM * k)
			FC_VARIANT(add_panel_to_few) (x + first, xstride, count, nearest + first, k, sum, sstride, columns);
		else
			FC_VARIANT(add_panel_to_many) (x + first, xstride, count, nearest + first, sum, sstride, columns);
	}
}

/* Each row is added to the sum of its nearest center, in the order of the rows */
static void
FC_VARIANT(add_rows) (const void *xv, int64_t xstride, int32_t rows, int32_t d, const int32_t *nearest, int32_t k,
					  double *sum, int32_t sstride, double *weight)
{
	const FC_REAL *x = xv;
	int32_t		j = 0;

	for (int32_t i = 0; i < rows; i++)
		weight[nearest[i]]++;
	for (; j + WIDTH <= d; j += WIDTH)
		FC_VARIANT(add_panel) (x + j * xstride, xstride, rows, nearest, k, sum + j, sstride, WIDTH);
	if (j < d)
		FC_VARIANT(add_panel) (x + j * xstride, xstride, rows, nearest, k, sum + j, sstride, (d - j) % WIDTH);
}

/* ---- weighted sums: products of weights and features ---- */

/* Of nc rows of weights and nj features, both constants where inlined */
static inline __attribute__((always_inline)) void
FC_VARIANT(accumulate_tile) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d,
							 const FC_REAL *w, int32_t wstride, double *sum,
							 const int nc, const int nj)
{
	VECTOR		product[16];

#pragma GCC unroll 16
	for (int t = 0; t < FC_ROUND_UP(nc * nj, WIDTH); t++)
		product[t] = (VECTOR) {0};

	for (int32_t i = 0; i < lanes; i += WIDTH)
	{
		VECTOR		feature[4];

#pragma GCC unroll 4
		for (int j = 0; j < nj; j++)
			feature[j] = *(const VECTOR *) (x + j * xstride + i);
#pragma GCC unroll 4
		for (int c = 0; c < nc; c++)
		{
			VECTOR		weight = *(const VECTOR *) (w + (int64_t) c * wstride + i);

#pragma GCC unroll 4
			for (int j = 0; j < nj; j++)
				product[c * nj + j] += weight * feature[j];
		}
	}

#pragma GCC unroll 16
	for (int t = 0; t < nc * nj; t += WIDTH)
	{
		VECTOR		folded = FC_VARIANT(fold) (product + t);
		_Alignas(64) FC_REAL lane[WIDTH];

		memcpy(lane, &folded, sizeof(lane));
		for (int i = 0; i < WIDTH && t + i < nc * nj; i++)
			sum[(int64_t) ((t + i) / nj) * d + (t + i) % nj] += lane[i];
	}
}

/* One to four rows of weights, a constant where inlined, against all features */
static inline __attribute__((always_inline)) void
FC_VARIANT(accumulate_strip) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d,
							  const FC_REAL *w, int32_t wstride, double *sum, const int nc)
{
	int32_t		j = 0;

	for (; j + ACROSS <= d; j += ACROSS)
		FC_VARIANT(accumulate_tile) (x + j * xstride, xstride, lanes, d, w, wstride, sum + j, nc, ACROSS);
	for (; j < d; j++)
		FC_VARIANT(accumulate_tile) (x + j * xstride, xstride, lanes, d, w, wstride, sum + j, nc, 1);
}

/* Many rows: registers of rows are multiplied */
static void
FC_VARIANT(accumulate_many) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d,
							 const FC_REAL *w, int32_t wstride, int32_t k, double *sum)
{
	for (int32_t c = 0; c < k; c += 4)
	{
		const FC_REAL *strip = w + (int64_t) c * wstride;
		double	   *to = sum + (int64_t) c * d;

		switch (k - c)
		{
			case 1:
				FC_VARIANT(accumulate_strip) (x, xstride, lanes, d, strip, wstride, to, 1);
				break;
			case 2:
				FC_VARIANT(accumulate_strip) (x, xstride, lanes, d, strip, wstride, to, 2);
				break;
			case 3:
				FC_VARIANT(accumulate_strip) (x, xstride, lanes, d, strip, wstride, to, 3);
				break;
			default:
				FC_VARIANT(accumulate_strip) (x, xstride, lanes, d, strip, wstride, to, 4);
		}
	}
}

/* Of "count" centers, a constant where inlined, and one or two registers of features of each turned row */
static inline __attribute__((always_inline)) void
FC_VARIANT(accumulate_turned) (const VECTOR *row, int32_t rows, const FC_REAL *w, int32_t wstride, double *sum,
							   int32_t d, int32_t columns, const int count, const int across)
{
	VECTOR		product[GROUP][2];
	const FC_REAL *from[GROUP / 4 + 1];	/* every fourth center's: few registers hold where all of them are */

#pragma GCC unroll 16
	for (int c = 0; c < count; c += 4)
		from[c / 4] = w + (int64_t) c * wstride;
#pragma GCC unroll 16
	for (int c = 0; c < count; c++)
#pragma GCC unroll 2
		for (int q = 0; q < across; q++)
			product[c][q] = (VECTOR) {0};
	for (int32_t i = 0; i < rows; i++)
	{
#pragma GCC unroll 16
		for (int c = 0; c < count; c++)
#pragma GCC unroll 2
			for (int q = 0; q < across; q++)
				product[c][q] += row[i * across + q] * from[c / 4][c % 4 * (int64_t) wstride];
#pragma GCC unroll 16
		for (int c = 0; c < count; c += 4)
			from[c / 4]++;
	}
#pragma GCC unroll 16
	for (int c = 0; c < count; c++)
#pragma GCC unroll 2
		for (int q = 0; q < across; q++)
			FC_VARIANT(add_lanes_to) (sum + (int64_t) c * d + q * WIDTH, product[c][q], columns - q * WIDTH);
}

/* All centers, in groups of equal size */
static void
FC_VARIANT(accumulate_groups) (const VECTOR *row, int32_t rows, const FC_REAL *w, int32_t wstride, int32_t k,
							   double *sum, int32_t d, int32_t columns)
{
	int32_t		c = 0;

	for (int32_t groups = (k + GROUP - 1) / GROUP; groups > 0; groups--)
	{
		int32_t		count = (k - c) / groups;
		const FC_REAL *from = w + (int64_t) c * wstride;
		double	   *to = sum + (int64_t) c * d;

#define COUNT(n) \
	case n: \
		if (n > GROUP) \
			break; \
		if (columns > WIDTH) \
			FC_VARIANT(accumulate_turned) (row, rows, from, wstride, to, d, columns, n, 2); \
		else \
			FC_VARIANT(accumulate_turned) (row, rows, from, wstride, to, d, columns, n, 1); \
		break
		switch (count)
		{
			UP_TO_TEN(COUNT)
		}
#undef COUNT
		c += count;
	}
}

/* Few rows: a register of one row's features is multiplied by its weight */
static void
FC_VARIANT(accumulate_few) (const FC_REAL *x, int64_t xstride, int32_t lanes, int32_t d,
							const FC_REAL *w, int32_t wstride, int32_t k, double *sum)
{
	_Alignas(64) VECTOR row[2 * TURNED];
	int32_t		rows;

	for (int32_t parts = (lanes + TURNED - 1) / TURNED, first = 0; parts > 0; parts--, first += rows)
	{
		rows = FC_ROUND_UP((lanes - first) / parts, FC_LANES);	/* parts of about equal size */

		for (int32_t j = 0; j < d; j += 2 * WIDTH)
		{
			int			across = d - j > WIDTH ? 2 : 1;

			for (int32_t i = 0; i < rows; i += WIDTH)
				for (int q = 0; q < across; q++)
				{
					VECTOR		square[WIDTH];

					FC_VARIANT(load_turned) (x + (j + q * WIDTH) * xstride + first + i, xstride, d - j - q * WIDTH, square);
#pragma GCC unroll 16
					for (int t = 0; t < WIDTH; t++)
						row[(i + t) * across + q] = square[t];
				}
			FC_VARIANT(accumulate_groups) (row, rows, w + first, wstride, k, sum + j, d, d - j);
		}
	}
}

/* weight[c] += the weights of center c */
static void
FC_VARIANT(add_weights) (const FC_REAL *w, int32_t wstride, int32_t lanes, int32_t k, double *weight)
{
	for (int32_t c = 0; c < k; c += WIDTH)
	{
		int32_t		count = k - c < WIDTH ? k - c : WIDTH;
		VECTOR		total[WIDTH] = {{0}};

		for (int32_t t = 0; t < count; t++)
			for (int32_t i = 0; i < lanes; i += WIDTH)
				total[t] += *(const VECTOR *) (w + (int64_t) (c + t) * wstride + i);
		total[0] = FC_VARIANT(fold) (total);
		FC_VARIANT(add_lanes_to) (weight + c, total[0], count);
	}
}

static void
FC_VARIANT(accumulate) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
						const void *w, int32_t wstride, int32_t k, double *sum, double *weight)
{
	FC_VARIANT(add_weights) (w, wstride, lanes, k, weight);
	if (FC_FEW_LANES(lanes, d, k, WIDTH))
		FC_VARIANT(accumulate_few) (x, xstride, lanes, d, w, wstride, k, sum);
	else
		FC_VARIANT(accumulate_many) (x, xstride, lanes, d, w, wstride, k, sum);
}

#undef VECTOR
#undef WIDE
#undef WIDTH
#undef IN_SIXTEEN
#undef SIXTEENS
#undef ACROSS
#undef GROUP
#undef SHUFFLE
