/*
 * indices.c - validity indices of a model on the rows of a store
 */
#include "pg/score/score.h"

#include "lib/stringinfo.h"

/* Sums that are empty, in the current context */
void
fc_begin_validity(FcValidity *sums, const FcModel *m)
{
	FcArena		arena;

	FC_LAY_OUT(&arena, fc_validity_layout(&arena, sums, m->k, m->d));
	fc_validity_begin(sums, m);
}

/* The indices that follow from sums, of a model with this scorer; index is (FC_INDICES) */
void
fc_finish_validity(const FcValidity *sums, FcScorer *s, double *index)
{
	FcArena		arena;
	FcIndexSums of;

	FC_LAY_OUT(&arena, fc_index_sums_layout(&arena, &of, sums->k, sums->d));
	fc_validity_sums(sums, s->model->centers, &of);
	fc_indices(&of, s, index);
}

/* index is (FC_INDICES) */
void
fc_validity_of_rows(bytea *model, RowStore *store, double *index)
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
	fc_finish_validity(&sums, &slot.scorer, index);
}

/* As the text of a JSON object: null where one has no value or is infinite */
char *
fc_validity_text(const double *index)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	for (int i = 0; i < FC_INDICES; i++)
		fc_json_add_number(&json, fc_index_names[i], index[i]);
	appendStringInfoChar(&json, '}');
	return json.data;
}
