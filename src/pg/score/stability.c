/*
 * stability.c - the stability of a model: whether parts of its rows lead to the same clusters (see core/stability.c)
 *
 * It takes as many trainings as there are parts, so rows are a sample where there are many.
 */
#include "pg/score/score.h"

#include "core/stability.h"
#include "utils/memutils.h"

/* "wanted" rows of a store, or all, in their order: number says which drawing.  In the current context; the caller closes the part */
void
fc_draw_rows(RowStore *whole, RowStore *part, uint64 seed, int32 number, int64 wanted)
{
	double	   *row = palloc(sizeof(double) * whole->d);
	FcSubsample draw;
	RowCursor	cursor;

	fc_store_begin_part(part, whole);
	part->names = whole->names;
	part->names_length = whole->names_length;
	fc_subsample_begin(&draw, seed, number, whole->n, wanted);
	fc_cursor_begin(&cursor, whole);
	while (fc_cursor_next(&cursor))
	{
		if (!fc_subsample_takes_next(&draw))
			continue;
		fc_cursor_get(&cursor, row);
		fc_store_weigh(part, fc_cursor_weight(&cursor));
		fc_store_add_doubles(part, row);
	}
	pfree(row);
}

/* The cluster, from 0, of each row of a store that the model fits; k: it is in none */
void
fc_label_rows(bytea *model, RowStore *rows, int32 *label)
{
	ModelSlot	slot = {0};
	RowCursor	cursor;
	double	   *row = palloc(sizeof(double) * rows->d);

	fc_fill_slot(&slot, CurrentMemoryContext, PointerGetDatum(model));
	fc_cursor_begin_for(&cursor, rows, &slot);
	for (int64 i = 0; fc_cursor_next(&cursor); i++)
	{
		int32		cluster = -1;

		fc_cursor_get(&cursor, row);
		if (fc_takes_row(&slot.model, rows, row) && fc_cursor_features(&cursor, slot.x))
		{
			fc_score_row(&slot.scorer, slot.x);
			cluster = fc_score_nearest(&slot.scorer);
		}
		label[i] = cluster < 0 ? slot.model.k : cluster;
	}
	pfree(row);
}

/* ---- trainings ---- */

typedef struct Attempt
{
	TrainAgain	train;
	void	   *arg;
	RowStore   *rows;
	MemoryContext context;		/* for ... */
	bytea	   *model;			/* ... the result */
} Attempt;

static void
attempt(void *arg)
{
	Attempt    *t = arg;

	MemoryContextSwitchTo(t->context);
	t->model = t->train(t->arg, t->rows);
}

/* NULL: there are too few rows, or it failed */
bytea *
fc_try_training(TrainAgain train, void *arg, RowStore *rows)
{
	Attempt		t = {.train = train, .arg = arg, .rows = rows, .context = CurrentMemoryContext};

	return fc_attempt(attempt, &t, "a model of some of the rows cannot be trained") ? t.model : NULL;
}

/* ---- stability ---- */

/* Labels of all rows by a model of the part with this number; false: it has too few rows for one */
static bool
label_again(FcStability *s, RowStore *rows, uint64 seed, int32 number, TrainAgain train, void *arg)
{
	RowStore	part;
	bytea	   *model;

	fc_draw_rows(rows, &part, seed, number, fc_part_rows(rows->n));
	model = fc_try_training(train, arg, &part);
	fc_store_close(&part);
	if (model != NULL)
		fc_label_rows(model, rows, s->again);
	return model != NULL;
}

static void
keep_weights(FcStability *s, RowStore *rows)
{
	RowCursor	cursor;

	fc_cursor_begin(&cursor, rows);
	for (int64 i = 0; fc_cursor_next(&cursor); i++)
		s->weight[i] = fc_cursor_weight(&cursor);
}

/*
 * Of the clusters of these rows, as fc_label_rows() tells them, by a model with k clusters; train() makes models of
 * parts with the same number of clusters, or fewer.  NaN: it has no meaning, as where all rows are in one cluster.
 */
double
fc_stability_of_labels(const int32 *label, int32 k, RowStore *rows, uint64 seed, TrainAgain train, void *arg)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust stability", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	MemoryContext once = AllocSetContextCreate(context, "fuzzyclust part", ALLOCSET_DEFAULT_SIZES);
	FcHooks		hooks = {.check = fc_check_interrupts};
	FcStability s;
	FcArena		arena;
	double		result;

	FC_LAY_OUT(&arena, fc_stability_layout(&arena, &s, rows->n, k + 1, rows->weights.given));
	if (s.weight)
		keep_weights(&s, rows);
	memcpy(s.label, label, sizeof(int32) * rows->n);
	MemoryContextSwitchTo(once);
	for (int32 number = 0; number < FC_STABILITY_PARTS; number++)
	{
		if (label_again(&s, rows, seed, number, train, arg))
			(void) fc_stability_add(&s, &hooks);
		MemoryContextReset(once);
	}
	result = fc_stability(&s);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return result;
}

/* The same of a model */
double
fc_stability_of_model(bytea *model, RowStore *rows, uint64 seed, TrainAgain train, void *arg)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust labels", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	int32	   *label = palloc_extended(sizeof(int32) * rows->n, MCXT_ALLOC_HUGE);
	FcModel		m;
	double		result;

	fc_model_from_datum(&m, PointerGetDatum(model));
	fc_label_rows(model, rows, label);
	result = fc_stability_of_labels(label, m.k, rows, seed, train, arg);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
	return result;
}
