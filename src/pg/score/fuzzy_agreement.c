/*
 * fuzzy_agreement.c - the aggregate cluster_agreement(memberships, memberships [, weight])
 *
 *   cluster_agreement(first float8[], second float8[]) returns jsonb
 *   cluster_agreement(first float8[], second float8[], weight float8) returns jsonb
 *
 * The sums of core/fuzzy_agreement.c are flat and merge, so parallel workers each take their share of the
 * rows.  They take 40 bytes for each pair of a cluster of the first partition and one of the second,
 * whatever the number of rows.
 */
#include "pg/score/score.h"

#include "miscadmin.h"
#include "utils/array.h"

#include "core/fuzzy_agreement.h"
#include "core/variants.h"

/* Arguments of the transition function */
enum
{
	FIRST = 1,
	SECOND,
	WEIGHT
};

/* Memberships of a row in one of the partitions */
typedef struct Memberships
{
	int32		k;
	const double *u;			/* (k) */
} Memberships;

static void
check_memory(int32 first, int32 second, Size need)
{
	if (!fc_memberships_fit(first, second))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cluster_agreement cannot compare %d with %s", first, fc_counted(second, "cluster")),
				 errdetail("The product of the numbers of clusters, each plus 1, must be at most %d.", FC_MOST_AGREEMENTS),
				 errhint("Compare the results of cluster_id with cluster_ari, which needs memory only for pairs of clusters that have rows in common.")));
	if (need / 1024 > (Size) maintenance_work_mem)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cluster_agreement of %d and %s needs at least %zu MB of memory, but maintenance_work_mem is %d MB", first,
						fc_counted(second, "cluster"), need / (1024 * 1024) + 1, maintenance_work_mem / 1024),
				 errhint("Raise maintenance_work_mem, or compare the results of cluster_id with cluster_ari.")));
}

/* A state without rows */
static FcFuzzyAgreement *
begin(MemoryContext context, int32 first, int32 second)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	MemoryContext old = MemoryContextSwitchTo(context);
	FcFuzzyAgreement *f = palloc(sizeof(FcFuzzyAgreement));
	FcArena		arena = {0};

	if (fc_memberships_fit(first, second))
		fc_fuzzy_agreement_layout(&arena, f, first, second);
	check_memory(first, second, arena.used);
	FC_LAY_OUT(&arena, fc_fuzzy_agreement_layout(&arena, f, first, second));
	fc_fuzzy_agreement_begin(f, &hooks);
	MemoryContextSwitchTo(old);
	return f;
}

/* ---- rows ---- */

static void
check_shape(ArrayType *array)
{
	if (ARR_NDIM(array) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("memberships must be a one-dimensional array that is not empty"),
				 ARR_NDIM(array) == 0 ? errdetail("The array is empty.") :
				 errdetail("The array has %d dimensions.", ARR_NDIM(array)),
				 errhint("Pass the result of cluster_membership().")));
	if (ARR_DIMS(array)[0] > FC_MAX_CLUSTERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many memberships of a row: %d", ARR_DIMS(array)[0]),
				 errdetail("There are at most %d clusters.", FC_MAX_CLUSTERS)));
	if (array_contains_nulls(array))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("a membership must not be null"),
				 errhint("Leave such rows out with a WHERE clause.")));
}

static Memberships
read_memberships(FunctionCallInfo fcinfo, int arg)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(arg);
	Memberships m;

	check_shape(array);
	m = (Memberships) {ARR_DIMS(array)[0], (const double *) ARR_DATA_PTR(array)};
	for (int32 c = 0; c < m.k; c++)
		if (!(m.u[c] >= 0 && m.u[c] <= 1))
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("membership %d of a row must be between 0 and 1, not %s", c + 1, fc_double_text(m.u[c])),
					 errhint("Pass the result of cluster_membership().")));
	return m;
}

/* k is that of the partition in other rows */
static void
check_clusters(int32 k, int32 found, int arg)
{
	if (k != found)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("memberships have different lengths in a group: %d and %d", k, found),
				 errdetail("These are the %s argument of cluster_agreement.", arg == FIRST ? "first" : "second"),
				 errhint("Group by columns that identify the models.")));
}

/* The state for partitions of these numbers of clusters, created if there is none */
static FcFuzzyAgreement *
state_of(FcFuzzyAgreement *f, MemoryContext context, int32 first, int32 second)
{
	if (f == NULL)
		return begin(context, first, second);
	check_clusters(f->k[0] - 1, first, FIRST);
	check_clusters(f->k[1] - 1, second, SECOND);
	return f;
}

/* cluster_fuzzy_agreement_accum(internal, first float8[], second float8[] [, weight float8]) returns internal */
PG_FUNCTION_INFO_V1(cluster_fuzzy_agreement_accum);
Datum
cluster_fuzzy_agreement_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	FcFuzzyAgreement *f = fc_aggregate_state(fcinfo, 0);
	double		weight = fc_weight_argument(fcinfo, WEIGHT);

	if (!PG_ARGISNULL(FIRST) && !PG_ARGISNULL(SECOND) && weight > 0)
	{
		Memberships first = read_memberships(fcinfo, FIRST);
		Memberships second = read_memberships(fcinfo, SECOND);

		f = state_of(f, context, first.k, second.k);
		fc_fuzzy_agreement_add(f, first.u, second.u, weight, fc_best_isa());
	}
	return fc_return_state(fcinfo, f);
}

/* ---- from one process to another, of the same query ---- */

/* Before the words of the sums */
typedef struct Serial
{
	int32		first;			/* clusters */
	int32		second;
} Serial;

/* cluster_fuzzy_agreement_combine(internal, internal) returns internal */
PG_FUNCTION_INFO_V1(cluster_fuzzy_agreement_combine);
Datum
cluster_fuzzy_agreement_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	FcFuzzyAgreement *f = fc_aggregate_state(fcinfo, 0);
	FcFuzzyAgreement *other = fc_aggregate_state(fcinfo, 1);

	if (other != NULL)
	{
		f = state_of(f, context, other->k[0] - 1, other->k[1] - 1);
		fc_fuzzy_agreement_merge(f, other);
	}
	return fc_return_state(fcinfo, f);
}

/* cluster_fuzzy_agreement_serial(internal) returns bytea */
PG_FUNCTION_INFO_V1(cluster_fuzzy_agreement_serial);
Datum
cluster_fuzzy_agreement_serial(PG_FUNCTION_ARGS)
{
	const FcFuzzyAgreement *f = (FcFuzzyAgreement *) PG_GETARG_POINTER(0);
	Serial		header = {f->k[0] - 1, f->k[1] - 1};
	Size		size = f->length * sizeof(uint64);
	bytea	   *result;

	(void) fc_aggregate_context(fcinfo);
	result = fc_bytea(sizeof(header) + size);
	memcpy(VARDATA(result), &header, sizeof(header));
	memcpy(VARDATA(result) + sizeof(header), f->words, size);
	PG_RETURN_BYTEA_P(result);
}

/* cluster_fuzzy_agreement_deserial(bytea, internal) returns internal */
PG_FUNCTION_INFO_V1(cluster_fuzzy_agreement_deserial);
Datum
cluster_fuzzy_agreement_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	FcFuzzyAgreement *f = palloc(sizeof(FcFuzzyAgreement));
	Serial		header;
	Size		size;

	(void) fc_aggregate_context(fcinfo);
	memcpy(&header, VARDATA_ANY(bytes), sizeof(header));
	size = fc_fuzzy_agreement_words(header.first, header.second) * sizeof(uint64);
	fc_fuzzy_agreement_view(f, header.first, header.second,
							memcpy(palloc(size), VARDATA_ANY(bytes) + sizeof(header), size));
	PG_RETURN_POINTER(f);
}

/* ---- the result ---- */

/*
 * cluster_fuzzy_agreement_final(internal) returns jsonb
 *
 * NULL of no rows.
 */
PG_FUNCTION_INFO_V1(cluster_fuzzy_agreement_final);
Datum
cluster_fuzzy_agreement_final(PG_FUNCTION_ARGS)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	FcFuzzyAgreement *f = fc_aggregate_state(fcinfo, 0);
	FcAgreementTable table;
	FcArena		arena;
	StringInfoData json;
	FcRand		rand;

	(void) fc_aggregate_context(fcinfo);
	if (f == NULL)
		PG_RETURN_NULL();
	FC_LAY_OUT(&arena, fc_agreement_table_layout(&arena, &table, f));
	rand = fc_fuzzy_rand(f, &table, &hooks);
	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	fc_json_add_integer(&json, "rows", (int64) *f->rows);
	fc_json_add_number(&json, "rand", rand.plain);
	fc_json_add_number(&json, "adjusted_rand", rand.adjusted);
	appendStringInfoChar(&json, '}');
	PG_RETURN_DATUM(fc_jsonb(json.data));
}
