/*
 * statistics_validity.c - cluster_statistics_validity(model, statistics): indices without another pass over the rows
 */
#include "pg/score/score.h"

#include "pg/step/step.h"

#include "core/step_indices.h"

static void
validity_of(FcStep *step, const FcStatistics *of, Validity *v)
{
	FcIndexSums sums;
	FcScorer	scorer;
	FcArena		arena;

	FC_LAY_OUT(&arena, fc_index_sums_layout(&arena, &sums, of->kind.k, of->kind.d));
	FC_LAY_OUT(&arena, fc_scorer_layout(&arena, &scorer, &step->model));
	scorer.metric.hooks.check = fc_check_interrupts;
	fc_scorer_begin(&scorer);
	fc_step_index_sums(step, of, &sums);
	fc_find_validity(&sums, &scorer, v);
}

/*
 * cluster_statistics_validity(model bytea, statistics bytea) returns jsonb
 *
 * As cluster_validity: null where an index does not follow from statistics.
 */
PG_FUNCTION_INFO_V1(cluster_statistics_validity);
Datum
cluster_statistics_validity(PG_FUNCTION_ARGS)
{
	FcStatistics of;
	FcModel		named;
	FcStep		step;
	Size		length;
	char	   *bytes = fc_step_bytes(PG_GETARG_DATUM(0), &length, &named);
	Validity	v;

	fc_statistics_from_datum(&of, PG_GETARG_DATUM(1));
	fc_begin_step_of(&step, bytes, length, &of);
	if (fc_statistics_rows(&of) == 0)
		PG_RETURN_NULL();
	validity_of(&step, &of, &v);
	PG_RETURN_DATUM(fc_jsonb(fc_validity_text(&v)));
}
