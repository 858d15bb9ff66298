/*
 * rows.c - rows for a network: a few in any order, or all in their own
 *
 * Rows come in transposed blocks, which may have to be read from a file.  An
 * epoch goes through a random permutation; the rows of several batches, as many
 * as fit a few megabytes, are gathered at once, so that a block is asked for once
 * for all of them.  Where blocks are does not change the result.
 */
#include "deep/training.h"

#include <string.h>

#define WINDOW_BYTES	(4 << 20)
#define SWAPS			4096	/* between two checks */

/* Rows of codes and labels that a start needs at once: all that are in the graph, if no others are */
int64_t
fc_deep_at_hand(const FcDeep *t)
{
	return fc_deep_sampled(t->n) == t->n && t->n > t->rows.portion ? t->n : t->rows.portion;
}

void
fc_deep_rows_layout(FcArena *a, FcDeep *t, const FcRows *rows)
{
	int64_t		batches = WINDOW_BYTES / ((int64_t) sizeof(FcReal) * t->d * t->batch_size);
	int64_t		most = t->n / t->batch_size;

	batches = batches > most ? most : batches;
	batches = batches < 1 ? 1 : batches;
	t->rows.window = (int32_t) batches * t->batch_size;
	t->rows.portion = t->batch_size > FC_SEARCH_ROWS ? t->batch_size : FC_SEARCH_ROWS;
	fc_column_layout(a, &t->rows.order, &t->space, t->n, sizeof(int32_t), t->rows.window > t->rows.portion ? t->rows.window : t->rows.portion);
	t->rows.list = fc_take(a, t->rows.window, sizeof(int32_t));
	t->rows.begins = fc_take(a, fc_blocks(rows) + 1, sizeof(int32_t));
	t->rows.slots = fc_take(a, fc_times(t->rows.window, t->joint.count > 1 ? t->joint.count : 1), sizeof(int32_t));
	t->rows.x = fc_take(a, fc_times(t->rows.window, t->d), sizeof(FcReal));
	t->rows.moved = fc_take(a, fc_times(t->batch_size, t->d), sizeof(FcReal));
	fc_column_layout(a, &t->clusters.z, &t->space, t->n, sizeof(FcReal) * t->latent, fc_deep_at_hand(t));
}

/* 0, 1, 2, ... */
static void
begin_order(FcDeep *t)
{
	for (int64_t first = 0; first < t->n; first += t->rows.portion)
	{
		int64_t		count = fc_deep_rows_from(t, first, t->rows.portion);
		int32_t    *order = fc_column_place(&t->rows.order, first, count);

		for (int64_t i = 0; i < count; i++)
			order[i] = (int32_t) (first + i);
		fc_column_write(&t->rows.order, first, count);
	}
}

/* A new permutation (Fisher and Yates, 1938) */
void
fc_deep_shuffle(FcDeep *t)
{
	begin_order(t);
	for (int64_t i = t->n - 1; i > 0; i--)
	{
		if (i % SWAPS == 0)
			fc_check(&t->fit->hooks);
		fc_column_swap(&t->rows.order, i, fc_rng_below(&t->course.rng, i + 1));
	}
}

/* Row i of a block */
static void
copy_row(const FcRows *rows, const void *block, int32_t i, FcReal *to)
{
	int64_t		stride = rows->stride;

	if (rows->precision == FC_F32)
		for (int32_t j = 0; j < rows->d; j++)
			to[j] = ((const float *) block)[j * stride + i];
	else
		for (int32_t j = 0; j < rows->d; j++)
			to[j] = (FcReal) ((const double *) block)[j * stride + i];
}

/* Slots in the order of their blocks; begins[b] becomes the end of block b's */
static void
sort_slots(FcDeep *t, const int32_t *order, int32_t count)
{
	const FcRows *rows = &t->fit->rows;
	int64_t		blocks = fc_blocks(rows);

	memset(t->rows.begins, 0, sizeof(int32_t) * (blocks + 1));
	for (int32_t i = 0; i < count; i++)
		t->rows.begins[order[i] / rows->stride + 1]++;
	for (int64_t b = 0; b < blocks; b++)
		t->rows.begins[b + 1] += t->rows.begins[b];
	for (int32_t i = 0; i < count; i++)
		t->rows.slots[t->rows.begins[order[i] / rows->stride]++] = i;
}

/* to (count, d) becomes the rows of a list, which may have one more than once */
void
fc_deep_gather_list(FcDeep *t, const int32_t *list, int32_t count, FcReal *to)
{
	const FcRows *rows = &t->fit->rows;
	int32_t		at = 0;

	sort_slots(t, list, count);
	for (int64_t b = 0; at < count; b++)
	{
		const void *block;

		if (t->rows.begins[b] == at)
			continue;
		fc_check(&t->fit->hooks);
		block = rows->block(rows->source, b);
		for (; at < t->rows.begins[b]; at++)
			copy_row(rows, block, list[t->rows.slots[at]] % rows->stride, to + (int64_t) t->rows.slots[at] * t->d);
	}
}

/* t->rows.x becomes those of t->rows.list */
static void
gather(FcDeep *t, int32_t count)
{
	t->rows.gathered = count;
	fc_deep_gather_list(t, t->rows.list, count, t->rows.x);
}

/* t->rows.x becomes "count" rows of the permutation, from "first" on */
void
fc_deep_gather(FcDeep *t, int64_t first, int32_t count)
{
	memcpy(t->rows.list, fc_column_read(&t->rows.order, first, count), sizeof(int32_t) * count);
	gather(t, count);
}

/* ... in their own order */
void
fc_deep_gather_own(FcDeep *t, int64_t first, int32_t count)
{
	for (int32_t i = 0; i < count; i++)
		t->rows.list[i] = (int32_t) first + i;
	gather(t, count);
}

/* Sets t->clusters.z to the codes of all rows by one encoder */
void
fc_deep_encode_all(FcDeep *t, FcBatch *batch)
{
	const FcRows *rows = &t->fit->rows;

	for (int64_t b = 0; b < fc_blocks(rows); b++)
	{
		const void *block = rows->block(rows->source, b);
		int32_t		in_block = fc_rows_in_block(rows, b);

		for (int32_t first = 0; first < in_block; first += t->batch_size)
		{
			int32_t		count = in_block - first < t->batch_size ? in_block - first : t->batch_size;

			fc_check(&t->fit->hooks);
			for (int32_t i = 0; i < count; i++)
				copy_row(rows, block, first + i, t->rows.x + (int64_t) i * t->d);
			fc_embed_rows(batch, t->rows.x, count, fc_column_place(&t->clusters.z, b * rows->stride + first, count));
			fc_column_write(&t->clusters.z, b * rows->stride + first, count);
		}
	}
}
