/*
 * choice.c - which number of clusters to choose: what cluster_select measures besides the indices
 *
 * Silhouettes are those of a sample of rows, from the distances between them (core/silhouette.c), not the index of the
 * same name, which measures distances to centers.  The stability says whether parts of the rows lead to the same
 * clusters (core/stability.c).  Both are of the same rows for each number of clusters.
 *
 *	score = silhouette stability							(eq. 1)
 *
 * The number with the highest score is chosen; of equal ones, the smallest.  Neither factor says enough alone: few clusters
 * are stable whatever the rows, and a few rows that are far away have high silhouettes.  Where no stability was
 * measured, the silhouette decides.
 */
#include "pg/score/choice.h"

#include "core/silhouette.h"
#include "core/stability.h"

#include <math.h>

#define MOST_ROWS		5000	/* that stability is measured on: it takes trainings ... */
#define MOST_COMPARED	1000	/* ... and silhouettes, which take their square */

/* A drawing that is none of the parts */
enum
{
	SAMPLE = FC_STABILITY_PARTS,
	COMPARED
};

/* Rows to measure on, in the current context; all, where they are few */
void
fc_choice_begin(Choice *c, RowStore *store, uint64 seed, TrainAgain train, void *arg)
{
	*c = (Choice) {.seed = seed, .train = train, .arg = arg, .sample = store, .compared = store, .best = {NAN, NAN}};
	if (store->n > MOST_ROWS)
	{
		c->sample = &c->store[0];
		fc_draw_rows(store, c->sample, seed, SAMPLE, MOST_ROWS);
	}
	if (store->n > MOST_COMPARED)
	{
		c->compared = &c->store[1];
		fc_draw_rows(store, c->compared, seed, COMPARED, MOST_COMPARED);
	}
}

void
fc_choice_end(Choice *c)
{
	if (c->sample == &c->store[0])
		fc_store_close(c->sample);
	if (c->compared == &c->store[1])
		fc_store_close(c->compared);
}

static double
silhouette_of(bytea *model, RowStore *rows)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	ModelSlot	slot = {0};
	FcSilhouettes s;
	FcArena		arena;
	RowCursor	cursor;
	double	   *row = palloc(sizeof(double) * rows->d);

	fc_fill_slot(&slot, CurrentMemoryContext, PointerGetDatum(model));
	FC_LAY_OUT(&arena, fc_silhouettes_layout(&arena, &s, &slot.model, (int32_t) rows->n));
	fc_silhouettes_begin(&s, &hooks);
	fc_cursor_begin_for(&cursor, rows, &slot);
	while (fc_cursor_next(&cursor))
	{
		fc_cursor_get(&cursor, row);
		if (fc_takes_row(&slot.model, rows, row) && fc_cursor_features(&cursor, slot.x))
			fc_silhouettes_add(&s, &slot.scorer, slot.x, NULL, 1, fc_cursor_weight(&cursor));
	}
	return s.n > 0 ? fc_silhouettes_finish(&s, &slot.scorer, &hooks).silhouette : NAN;
}

/* Trainings of networks take too long to repeat them */
static bool
is_quick(bytea *model)
{
	FcModel		m;

	fc_model_from_datum(&m, PointerGetDatum(model));
	return m.algo->network == NULL;
}

/* Eq. 1; instability makes a negative silhouette no better */
static double
score_of(const Merits *of)
{
	return isnan(of->stability) || of->silhouette < 0 ? of->silhouette : of->silhouette * of->stability;
}

/* Those whose stability is not known are not chosen beside others */
static bool
is_better(const Merits *a, const Merits *b)
{
	if (isnan(a->silhouette) || isnan(b->silhouette))
		return !isnan(a->silhouette);
	if (isnan(a->stability) != isnan(b->stability))
		return isnan(b->stability);
	return score_of(a) > score_of(b);
}

/* Of a model with k clusters, larger than those before */
Merits
fc_choice_judge(Choice *c, bytea *model, int32 k)
{
	Merits		of = {.silhouette = silhouette_of(model, c->compared), .stability = NAN};

	if (is_quick(model))
		of.stability = fc_stability_of_model(model, c->sample, c->seed, c->train, c->arg);
	if (is_better(&of, &c->best))
	{
		c->best = of;
		c->k = k;
	}
	return of;
}
