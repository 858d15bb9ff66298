/*
 * advise.c - which algorithm to use, with which options and how many clusters: cluster_advise
 *
 * The query runs once; a sample of its rows is examined (advise_rows.c), compared with random rows that have no
 * clusters, and clustered by several algorithms (advise_models.c), which are judged without labels.
 */
#include "pg/score/advise.h"

#include "core/agreement.h"
#include "utils/builtins.h"

#define K_MIN	2
#define K_MAX	15

enum
{
	COLUMN_RANK,
	COLUMN_STATEMENT,
	COLUMN_ALGORITHM,
	COLUMN_CLUSTERS,
	COLUMN_OPTIONS,
	COLUMN_STABILITY,
	COLUMN_SEPARATION,
	COLUMN_SECONDS,
	COLUMN_REASON,
	COLUMNS
};

/* ---- arguments ---- */

static int32
read_clusters(FunctionCallInfo fcinfo, int arg, const char *name, int32 other)
{
	int64		k;

	if (PG_ARGISNULL(arg))
		return other;
	k = PG_GETARG_INT64(arg);
	if (k < K_MIN || k > FC_ADVISE_MOST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be between %d and %d, not " INT64_FORMAT, name, K_MIN, FC_ADVISE_MOST, k)));
	return (int32) k;
}

static uint64
read_seed(FunctionCallInfo fcinfo, int arg)
{
	int64		seed = PG_ARGISNULL(arg) ? 0 : PG_GETARG_INT64(arg);

	if (seed < 0 || seed >= FC_MOST_COUNTED)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("seed must be between 0 and " INT64_FORMAT ", not " INT64_FORMAT, FC_MOST_COUNTED - 1, seed)));
	return (uint64) seed;
}

static void
read_arguments(FunctionCallInfo fcinfo, Advice *a)
{
	fc_refuse_null(fcinfo, 0, "query");
	a->query = text_to_cstring(PG_GETARG_TEXT_PP(0));
	a->k_min = read_clusters(fcinfo, 1, "k_min", K_MIN);
	a->k_max = read_clusters(fcinfo, 2, "k_max", Max(a->k_min, K_MAX));
	if (a->k_min > a->k_max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k_min (%d) must not be greater than k_max (%d)", a->k_min, a->k_max)));
	a->weight = PG_ARGISNULL(3) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(3));
	a->seed = read_seed(fcinfo, 4);
}

/* ---- the result ---- */

static void
add_row(ResultSet *set, int rank, Datum *values, bool *nulls, char *reason)
{
	values[COLUMN_RANK] = Int32GetDatum(rank);
	nulls[COLUMN_RANK] = false;
	values[COLUMN_REASON] = CStringGetTextDatum(reason);
	nulls[COLUMN_REASON] = false;
	tuplestore_putvalues(set->store, set->desc, values, nulls);
}

/* A row that advises nothing, and says why */
static void
add_remark(ResultSet *set, int rank, char *remark)
{
	Datum		values[COLUMNS] = {0};
	bool		nulls[COLUMNS];

	memset(nulls, true, sizeof(nulls));
	add_row(set, rank, values, nulls, remark);
}

static void
add_candidate(ResultSet *set, const Advice *a, const Candidate *c, int rank, Oid function)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS] = {false};

	values[COLUMN_STATEMENT] = CStringGetTextDatum(fc_advise_statement(a, c, function));
	values[COLUMN_ALGORITHM] = CStringGetTextDatum(c->algo->name);
	values[COLUMN_CLUSTERS] = Int32GetDatum(c->k);
	values[COLUMN_OPTIONS] = fc_jsonb(fc_advise_options(a, c->algo));
	values[COLUMN_STABILITY] = fc_float8_or_null(c->stability, &nulls[COLUMN_STABILITY]);
	values[COLUMN_SEPARATION] = fc_float8_or_null(c->separation, &nulls[COLUMN_SEPARATION]);
	values[COLUMN_SECONDS] = Float8GetDatum(fc_advise_seconds(a, c));
	add_row(set, rank, values, nulls, fc_advise_reason(a, c, rank));
}

/*
 * cluster_advise(query text, k_min bigint, k_max bigint, weight text, seed bigint)
 * returns setof (rank int, statement text, algorithm text, clusters int, options jsonb, stability float8,
 * separation float8, seconds float8, reason text)
 *
 * The best first.  If no clusters are found, the first row says so, and has no statement.
 */
PG_FUNCTION_INFO_V1(cluster_advise);
Datum
cluster_advise(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	Advice		a = {0};
	int			rank = 0;

	read_arguments(fcinfo, &a);
	fc_advise_read(&a);
	fc_advise_compare(&a);
	a.k_max = Min(a.k_max, a.rows.n);
	fc_advise_judge(&a);
	if ((a.comparable && !a.has_clusters) || a.candidates == 0)
		add_remark(&set, ++rank, fc_advise_no_clusters(&a));
	for (int i = 0; i < a.candidates; i++)
		add_candidate(&set, &a, &a.candidate[i], ++rank, fcinfo->flinfo->fn_oid);
	fc_store_close(&a.rows.store);
	return (Datum) 0;
}
