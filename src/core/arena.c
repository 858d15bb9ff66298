/*
 * arena.c - memory owned by the caller, and reading values from it
 */
#include "core/elsewhere.h"

#include <math.h>
#include <string.h>

#define LINE	((size_t) 64)	/* of the cache */
#define SLICE	((size_t) 1 << 23)	/* bytes between two checks: memory that is touched for the first time is slow */

/*
 * Under AddressSanitizer there is a poisoned gap behind each piece, so that
 * writes beyond a piece are detected.
 */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_GAPS
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_GAPS
#endif

#ifdef HAS_GAPS
#include <sanitizer/asan_interface.h>

#define GAP		LINE

static void
guard(const char *piece, size_t bytes, size_t end)
{
	ASAN_UNPOISON_MEMORY_REGION(piece, bytes);
	ASAN_POISON_MEMORY_REGION(piece + bytes, end - bytes);
}
#else
#define GAP		0

static void
guard(const char *piece, size_t bytes, size_t end)
{
	(void) piece;
	(void) bytes;
	(void) end;
}
#endif

/* count * size bytes on a cache line of their own; NULL while only counting */
void *
fc_take(FcArena *a, uint64_t count, size_t size)
{
	size_t		at = a->used;
	size_t		bytes = fc_times(count, size);
	size_t		end = fc_plus(bytes, LINE - 1 + GAP) / LINE * LINE;

	a->used = bytes > SIZE_MAX - LINE - GAP ? SIZE_MAX : fc_plus(at, end);
	if (a->base == NULL)
		return NULL;
	guard(a->base + at, bytes, end);
	return a->base + at;
}

/* The same, at the same place for all processes that share a training */
void *
fc_take_shared(FcArena *a, uint64_t count, size_t size)
{
	return fc_take(a->shared ? a->shared : a, count, size);
}

/* A copy of a struct whose parts have been placed */
void *
fc_place(FcArena *a, const void *parts, size_t size)
{
	void	   *placed = fc_take(a, 1, size);

	if (placed != NULL)
		memcpy(placed, parts, size);
	return placed;
}

/*
 * Rows of a full block: at most 1 MB in float64, so that a pass works in the
 * second-level cache, and few enough to be weighed at once.  Depends on nothing
 * but d, because sums are added block by block.  An odd number of registers, or
 * the columns of a block would share the few places of a cache that a power of
 * two apart share.
 */
int32_t
fc_block_rows(int32_t d)
{
	int32_t		rows = 131072 / d / FC_LANES * FC_LANES;

	if (rows > FC_TILE)
		rows = FC_TILE;
	if (rows / FC_LANES % 2 == 0)
		rows -= FC_LANES;
	return rows < FC_LANES ? FC_LANES : rows;
}

int64_t
fc_blocks(const FcRows *rows)
{
	return (rows->n + rows->stride - 1) / rows->stride;
}

/* (lanes) of the rows of a block, or NULL: all 1 */
const double *
fc_row_weights(const FcRows *rows, int64_t b)
{
	return rows->weights ? rows->weights(rows->source, b) : NULL;
}

/* Of all rows, those elsewhere too */
int64_t
fc_row_count(const FcRows *rows)
{
	return rows->elsewhere ? rows->elsewhere->rows : rows->n;
}

/* The same, where each counts as often as its weight says */
double
fc_total_weight(const FcRows *rows)
{
	return !rows->weights ? (double) fc_row_count(rows) : rows->elsewhere ? rows->elsewhere->total : rows->total;
}

/* The weight that counts as one row, where numbers of rows matter: what a row weighs on average, if that is less than 1 */
double
fc_row_unit(double total, int64_t rows)
{
	return total < (double) rows ? total / (double) rows : 1;
}

int32_t
fc_rows_in_block(const FcRows *rows, int64_t b)
{
	int64_t		left = rows->n - b * rows->stride;

	return (int32_t) (left < rows->stride ? left : rows->stride);
}

void
fc_check(const FcHooks *hooks)
{
	if (hooks->check)
		hooks->check(hooks->arg);
}

/* memset and memcpy of possibly large memory */
void
fc_clear(const FcHooks *hooks, void *data, size_t size)
{
	for (size_t at = 0; at < size; at += SLICE)
	{
		fc_check(hooks);
		memset((char *) data + at, 0, size - at < SLICE ? size - at : SLICE);
	}
}

void
fc_copy(const FcHooks *hooks, void *to, const void *from, size_t size)
{
	for (size_t at = 0; at < size; at += SLICE)
	{
		fc_check(hooks);
		memcpy((char *) to + at, (const char *) from + at, size - at < SLICE ? size - at : SLICE);
	}
}

/* |a - b|^2 */
double
fc_squared_distance(const double *a, const double *b, int32_t d)
{
	double		sum = 0;

	for (int32_t j = 0; j < d; j++)
		sum += (a[j] - b[j]) * (a[j] - b[j]);
	return sum;
}

/* The first of the centers (k, d) that is nearest to v (d) */
int32_t
fc_nearest_center(const double *centers, int32_t k, int32_t d, const double *v)
{
	double		least = INFINITY;
	int32_t		nearest = 0;

	for (int32_t c = 0; c < k; c++)
	{
		double		squared = fc_squared_distance(centers + (int64_t) c * d, v, d);

		if (squared < least)
		{
			least = squared;
			nearest = c;
		}
	}
	return nearest;
}

double
fc_inner_product(const double *a, const double *b, size_t length)
{
	double		sum = 0;

	for (size_t i = 0; i < length; i++)
		sum += a[i] * b[i];
	return sum;
}

/* Reorders the n values so that the one of that rank, from 0, is at its place */
double
fc_select_rank(double *values, int32_t n, int32_t rank)
{
	int32_t		low = 0;
	int32_t		high = n - 1;

	while (low < high)
	{
		double		pivot = values[low + (high - low) / 2];
		int32_t		left = low;
		int32_t		right = high;

		while (left <= right)
		{
			while (values[left] < pivot)
				left++;
			while (values[right] > pivot)
				right--;
			if (left <= right)
			{
				double		value = values[left];

				values[left++] = values[right];
				values[right--] = value;
			}
		}
		if (rank <= right)
			high = right;
		else if (rank >= left)
			low = left;
		else
			break;
	}
	return values[rank];
}
