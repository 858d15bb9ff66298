/*
 * agreement_measures.c - the final functions of cluster_accuracy, cluster_nmi and cluster_ari
 *
 * They only read the state, so that the aggregates can share it.
 */
#include "pg/score/agreement.h"

#include "miscadmin.h"

/* The matching of 4096 with 4096 takes a minute at worst, cubic from there */
#define MAX_MATCHED		4096

/* The counts in the form of the core, and the size of state and counts in bytes */
static Size
get_contingency(const Agreement *s, FcContingency *t)
{
	FcArena		arena = {0};
	Size		size;
	pair_iterator i;
	PairEntry  *pair;

	fc_contingency_layout(&arena, t, s->labels->members, s->clusters->members, s->pairs->members);
	size = add_size(arena.used, fc_agreement_size(s));
	fc_agreement_check_memory(size);
	FC_LAY_OUT(&arena, fc_contingency_layout(&arena, t, s->labels->members, s->clusters->members, s->pairs->members));

	fc_contingency_clear(t);
	pair_start_iterate(s->pairs, &i);
	while ((pair = pair_iterate(s->pairs, &i)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		fc_contingency_add(t, pair->key >> 32, (uint32) pair->key, pair->count);
	}
	t->unit = fc_row_unit(fc_amount_value(s->total), s->rows);
	fc_contingency_sort(t, fc_check_interrupts, NULL);
	return size;
}

static void
check_matchable(uint32 members, const char *what)
{
	if (members > MAX_MATCHED)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cluster_accuracy cannot match %u distinct %s", members, what),
				 errdetail("At most %d labels and %d clusters can be matched.", MAX_MATCHED, MAX_MATCHED),
				 errhint("Use cluster_nmi or cluster_ari, which do not match.")));
}

/* cluster_accuracy_final(internal) returns float8 */
PG_FUNCTION_INFO_V1(cluster_accuracy_final);
Datum
cluster_accuracy_final(PG_FUNCTION_ARGS)
{
	const Agreement *s = fc_aggregate_state(fcinfo, 0);
	FcArena		arena = {0};
	FcContingency t;
	Size		size;

	(void) fc_aggregate_context(fcinfo);
	check_matchable(s->labels->members, "labels");
	check_matchable(s->clusters->members, "clusters");
	size = get_contingency(s, &t);
	(void) fc_accuracy_layout(&arena, &t);
	fc_agreement_check_memory(add_size(size, arena.used));
	PG_RETURN_FLOAT8(fc_accuracy(&t, FC_LAY_OUT(&arena, fc_accuracy_layout(&arena, &t)), fc_check_interrupts, NULL));
}

/* From the counts alone */
static Datum
measure(FunctionCallInfo fcinfo, double (*of_counts) (const FcContingency *t))
{
	FcContingency t;

	(void) fc_aggregate_context(fcinfo);
	(void) get_contingency(fc_aggregate_state(fcinfo, 0), &t);
	PG_RETURN_FLOAT8(of_counts(&t));
}

/* cluster_nmi_final(internal) returns float8 */
PG_FUNCTION_INFO_V1(cluster_nmi_final);
Datum
cluster_nmi_final(PG_FUNCTION_ARGS)
{
	return measure(fcinfo, fc_nmi);
}

/* cluster_ari_final(internal) returns float8 */
PG_FUNCTION_INFO_V1(cluster_ari_final);
Datum
cluster_ari_final(PG_FUNCTION_ARGS)
{
	return measure(fcinfo, fc_ari);
}
