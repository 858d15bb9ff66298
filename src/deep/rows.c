/*
 * rows.c - rows for a network: a few in any order, or all in their original
 * order
 *
 * Rows come in transposed blocks, which may have to be read from a file.  An
 * epoch goes through a random permutation; the rows of several batches, as
 * many as fit a few megabytes, are gathered at once, so that a block is read
 * once for all of them.  Where blocks are stored does not affect the result.
 */
#include "deep/training.h"

#include <string.h>

#define WINDOW_BYTES	(4 << 20)
#define SWAPS			4096	/* between two checks */

/* ---- memory ---- */

/* Rows of codes and labels that a start needs at once: all that are in the graph, if no others are */
int64_t
fc_deep_at_hand(const FcDeep *t)
{
	return fc_deep_sampled(t->n) == t->n && t->n > t->rows.portion ? t->n : t->rows.portion;
}

/* Rows of a window: whole batches, at least one */
static int32_t
window_rows(const FcDeep *t)
{
	int64_t		batches = WINDOW_BYTES / ((int64_t) sizeof(FcReal) * t->d * t->batch_size);
	int64_t		most = t->n / t->batch_size;

	batches = batches > most ? most : batches;
	batches = batches < 1 ? 1 : batches;
	return (int32_t) batches * t->batch_size;
}

void
fc_deep_rows_layout(FcArena *a, FcDeep *t, const FcRows *rows)
{
	FcDeepRows *r = &t->rows;

	r->window = window_rows(t);
	r->portion = t->batch_size > FC_SEARCH_ROWS ? t->batch_size : FC_SEARCH_ROWS;
	fc_column_layout(a, &r->order, &t->space, t->n, sizeof(int32_t), r->window > r->portion ? r->window : r->portion);
	r->list = fc_take(a, r->window, sizeof(int32_t));
	r->begins = fc_take(a, fc_blocks(rows) + 1, sizeof(int32_t));
	r->slots = fc_take(a, fc_times(r->window, t->joint.count > 1 ? t->joint.count : 1), sizeof(int32_t));
	r->x = fc_take(a, fc_times(r->window, t->d), sizeof(FcReal));
	r->moved = fc_take(a, fc_times(t->batch_size, t->d), sizeof(FcReal));
	fc_column_layout(a, &t->clusters.z, &t->space, t->n, sizeof(FcReal) * t->latent, fc_deep_at_hand(t));
}

/* ---- a permutation ---- */

/* 0, 1, 2, ... */
static void
begin_order(FcDeep *t)
{
	for (FcPortion p = fc_deep_portions(t, t->rows.portion); fc_next_portion(&p);)
	{
		int32_t    *order = fc_column_place(&t->rows.order, p.first, p.rows);

		for (int64_t i = 0; i < p.rows; i++)
			order[i] = (int32_t) (p.first + i);
		fc_column_write(&t->rows.order, p.first, p.rows);
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

/* ---- some rows ---- */

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

/* Positions in a list, sorted by block: those of block b end at begins[b] */
static void
sort_slots(FcDeepRows *r, const FcRows *rows, const int32_t *list, int32_t count)
{
	int64_t		blocks = fc_blocks(rows);

	memset(r->begins, 0, sizeof(int32_t) * (blocks + 1));
	for (int32_t i = 0; i < count; i++)
		r->begins[list[i] / rows->stride + 1]++;
	for (int64_t b = 0; b < blocks; b++)
		r->begins[b + 1] += r->begins[b];
	for (int32_t i = 0; i < count; i++)
		r->slots[r->begins[list[i] / rows->stride]++] = i;
}

/* to (count, d) becomes the rows of a list, which may have one more than once */
void
fc_deep_gather_list(FcDeep *t, const int32_t *list, int32_t count, FcReal *to)
{
	const FcRows *rows = &t->fit->rows;
	FcDeepRows *r = &t->rows;
	int32_t		done = 0;

	sort_slots(r, rows, list, count);
	for (int64_t b = 0; done < count; b++)
	{
		const void *block;

		if (r->begins[b] == done)
			continue;
		fc_check(&t->fit->hooks);
		block = rows->block(rows->source, b);
		for (; done < r->begins[b]; done++)
			copy_row(rows, block, list[r->slots[done]] % rows->stride, to + (int64_t) r->slots[done] * t->d);
	}
}

/* The window becomes the rows of its list */
static void
gather_window(FcDeep *t, int32_t count)
{
	t->rows.gathered = count;
	fc_deep_gather_list(t, t->rows.list, count, t->rows.x);
}

/* The window becomes "count" rows of the permutation, from "first" on */
void
fc_deep_gather(FcDeep *t, int64_t first, int32_t count)
{
	memcpy(t->rows.list, fc_column_read(&t->rows.order, first, count), sizeof(int32_t) * count);
	gather_window(t, count);
}

/* ... in their own order */
void
fc_deep_gather_in_order(FcDeep *t, int64_t first, int32_t count)
{
	for (int32_t i = 0; i < count; i++)
		t->rows.list[i] = (int32_t) first + i;
	gather_window(t, count);
}

/* ---- all rows ---- */

/* Codes of the rows of a block, by an encoder */
static void
encode_block(FcDeep *t, FcBatch *encoder, int64_t b)
{
	const FcRows *rows = &t->fit->rows;
	const void *block = rows->block(rows->source, b);

	for (FcPortion p = fc_portions(&t->fit->hooks, fc_rows_in_block(rows, b), t->batch_size); fc_next_portion(&p);)
	{
		int64_t		first = b * rows->stride + p.first;

		for (int64_t i = 0; i < p.rows; i++)
			copy_row(rows, block, (int32_t) (p.first + i), t->rows.x + i * t->d);
		fc_embed_rows(encoder, t->rows.x, p.rows, fc_column_place(&t->clusters.z, first, p.rows));
		fc_column_write(&t->clusters.z, first, p.rows);
	}
}

/* Codes of all rows, by an encoder */
void
fc_deep_encode_all(FcDeep *t, FcBatch *encoder)
{
	for (int64_t b = 0; b < fc_blocks(&t->fit->rows); b++)
		encode_block(t, encoder, b);
}
