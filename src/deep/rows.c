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
	r->list = fc_take_shared(a, r->window, sizeof(int32_t));
	r->slots = fc_take_shared(a, fc_times(r->window, t->joint.count > 1 ? t->joint.count : 1), sizeof(int32_t));
	r->x = fc_take_shared(a, fc_times(r->window, t->d), sizeof(FcReal));
	r->moved = fc_take_shared(a, fc_times(t->batch_size, t->d), sizeof(FcReal));
	if (!fc_deep_leads(t))
		return;
	r->begins = fc_take(a, fc_blocks(rows) + 1, sizeof(int32_t));
	fc_column_layout(a, &r->order, &t->space, t->n, sizeof(int32_t), r->window > r->portion ? r->window : r->portion);
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

/* Those of a portion of the slots */
static void
gather_part(FcFit *f, int64_t portion)
{
	FcDeep	   *t = f->work;
	const FcRows *rows = &f->rows;
	bool		neighbors = t->turn->neighbors;
	const int32_t *list = neighbors ? t->joint.list : t->rows.list;
	FcReal	   *to = neighbors ? t->joint.rows : t->rows.x;
	FcDeepPart	p = fc_deep_part(t, portion);
	const void *block = NULL;
	int64_t		before = -1;

	for (const int32_t *slot = t->rows.slots + p.first; slot < t->rows.slots + p.first + p.rows; slot++)
	{
		int64_t		b = list[*slot] / rows->stride;

		if (b != before)
		{
			fc_check(&f->hooks);
			block = rows->block(rows->source, b);
			before = b;
		}
		copy_row(rows, block, list[*slot] % rows->stride, to + (int64_t) *slot * t->d);
	}
}

const FcTask fc_deep_gather_task = {.number = FC_DEEP_TASK_GATHER, .run = gather_part};

/* The window becomes the "count" rows of its list */
void
fc_deep_gather_rows(FcDeep *t, int32_t count)
{
	t->rows.gathered = count;
	t->turn->neighbors = false;
	sort_slots(&t->rows, &t->fit->rows, t->rows.list, count);
	fc_deep_share(t, &fc_deep_gather_task, count);
}

/* ... and joint.rows those of joint.list, which may have one more than once */
void
fc_deep_gather_neighbors(FcDeep *t, int32_t count)
{
	t->turn->neighbors = true;
	sort_slots(&t->rows, &t->fit->rows, t->joint.list, count);
	fc_deep_share(t, &fc_deep_gather_task, count);
}

/* The window becomes "count" rows of the permutation, from "first" on */
void
fc_deep_gather(FcDeep *t, int64_t first, int32_t count)
{
	memcpy(t->rows.list, fc_column_read(&t->rows.order, first, count), sizeof(int32_t) * count);
	fc_deep_gather_rows(t, count);
}

/* ... in their own order */
void
fc_deep_gather_in_order(FcDeep *t, int64_t first, int32_t count)
{
	for (int32_t i = 0; i < count; i++)
		t->rows.list[i] = (int32_t) first + i;
	fc_deep_gather_rows(t, count);
}

/* ---- all rows ---- */

static FcBatch *
encoder(FcDeep *t)
{
	return t->turn->neighbors ? &t->joint.step.other : &t->network.batch;
}

/* Codes of a part of a batch, in the encoder's buffers */
static void
embed_part(FcFit *f, int64_t portion)
{
	FcDeep	   *t = f->work;
	FcDeepPart	p = fc_deep_part(t, portion);
	FcBatch		part;

	fc_deep_batch_part(t, encoder(t), p, &part);
	fc_batch_apply(&part, fc_deep_input(t) + (int64_t) p.first * t->d, p.rows, t->network.net.embedding);
}

const FcTask fc_deep_embed_task = {.number = FC_DEEP_TASK_EMBED, .run = embed_part};

/* Of a batch in the window, whose first row is row "first" of all */
static void
encode_batch(FcDeep *t, int32_t at, int64_t first, int32_t rows, bool neighbors)
{
	FcColumn   *z = &t->clusters.z;

	fc_deep_turn(t, at, rows, t->network.batch.rng);
	t->turn->neighbors = neighbors;
	fc_deep_share(t, &fc_deep_embed_task, rows);
	memcpy(fc_column_place(z, first, rows), fc_batch_embedding(encoder(t)), sizeof(FcReal) * rows * t->latent);
	fc_column_write(z, first, rows);
}

/* Codes of all rows, by the encoder, or that of neighbours */
void
fc_deep_encode_all(FcDeep *t, bool neighbors)
{
	for (FcPortion w = fc_deep_portions(t, t->rows.window); fc_next_portion(&w);)
	{
		fc_deep_gather_in_order(t, w.first, (int32_t) w.rows);
		for (FcPortion p = fc_portions(&t->fit->hooks, w.rows, t->batch_size); fc_next_portion(&p);)
			encode_batch(t, (int32_t) p.first, w.first + p.first, (int32_t) p.rows, neighbors);
	}
}
