/*
 * indices.c - validity indices of a model on the rows of a store
 */
#include "pg/score/score.h"

#include "core/noise.h"
#include "lib/stringinfo.h"

/* Sums that are empty, in the current context */
void
fc_begin_validity(FcValidity *sums, const FcModel *m)
{
	FcArena		arena;

	FC_LAY_OUT(&arena, fc_validity_layout(&arena, sums, m->k, m->d, fc_has_noise(m)));
	fc_validity_begin(sums, m);
}

/* What follows from sums, of a model with this scorer */
void
fc_find_validity(const FcIndexSums *of, FcScorer *s, Validity *v)
{
	fc_indices(of, s, v->index);
	v->has_noise = fc_has_noise(s->model);
	v->noise = of->noise;
	v->all = of->all;
}

/* The same from the sums of rows */
void
fc_finish_validity(const FcValidity *sums, FcScorer *s, Validity *v)
{
	FcArena		arena;
	FcIndexSums of;

	FC_LAY_OUT(&arena, fc_index_sums_layout(&arena, &of, sums->k, sums->d));
	fc_validity_sums(sums, s->model->centers, &of);
	fc_find_validity(&of, s, v);
}

void
fc_validity_of_rows(bytea *model, RowStore *store, Validity *v)
{
	ModelSlot	slot = {0};
	FcValidity	sums;
	RowCursor	cursor;

	fc_fill_slot(&slot, CurrentMemoryContext, PointerGetDatum(model));
	fc_begin_validity(&sums, &slot.model);
	fc_cursor_begin_for(&cursor, store, &slot);
	while (fc_cursor_next(&cursor))
		if (fc_cursor_features(&cursor, slot.x))
			fc_validity_add(&sums, &slot.scorer, slot.x, fc_cursor_weight(&cursor));
	fc_finish_validity(&sums, &slot.scorer, v);
}

/* Rows in the noise cluster, and their share of all */
static void
add_noise(StringInfo s, const Validity *v)
{
	fc_json_key(s, "noise");
	appendStringInfoChar(s, '{');
	fc_json_add_number(s, "rows", v->noise);
	fc_json_add_number(s, "share", v->noise / v->all);
	appendStringInfoChar(s, '}');
}

/* As the text of a JSON object: null where an index has no value or is infinite */
char *
fc_validity_text(const Validity *v)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	for (int i = 0; i < FC_INDICES; i++)
		fc_json_add_number(&json, fc_index_names[i], v->index[i]);
	if (v->has_noise)
		add_noise(&json, v);
	appendStringInfoChar(&json, '}');
	return json.data;
}
