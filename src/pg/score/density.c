/*
 * density.c - models whose clusters are distributions of codes: densities of rows, and rows drawn from them
 */
#include "pg/score/score.h"

#include "miscadmin.h"

static bool
has_density(const FcAlgorithm *algo)
{
	return algo->network != NULL && algo->network->has_density != NULL && algo->network->has_density(algo);
}

/*
 * cluster_density(model bytea, features "any") returns float8
 *
 * The logarithm of the density of the row, scaled as in training, or the model's bound of it.
 */
PG_FUNCTION_INFO_V1(cluster_density);
Datum
cluster_density(PG_FUNCTION_ARGS)
{
	ModelSlot  *slot = fc_code_row(fcinfo, has_density, "", "density");

	if (slot == NULL)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(slot->model.algo->network->density(&slot->scorer.metric, slot->x));
}

/* ---- rows that are drawn ---- */

/* A cluster, from 0, in proportion to the weights */
static int32
draw_cluster(const FcModel *m, FcRng *rng)
{
	double		sum = 0;
	double		at;

	for (int32 c = 0; c < m->k; c++)
		sum += m->weights[c];
	at = fc_rng_uniform(rng) * sum;
	for (int32 c = 0; c < m->k - 1; c++)
	{
		at -= m->weights[c];
		if (at < 0)
			return c;
	}
	return m->k - 1;
}

static int64
rows_argument(FunctionCallInfo fcinfo)
{
	int64		rows;

	fc_refuse_null(fcinfo, 1, "rows");
	rows = PG_GETARG_INT64(1);
	if (rows < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of rows must not be negative: " INT64_FORMAT, rows)));
	return rows;
}

/* From 0; -1: any */
static int32
cluster_argument(FunctionCallInfo fcinfo, int32 k)
{
	int32		cluster;

	if (PG_ARGISNULL(3))
		return -1;
	cluster = PG_GETARG_INT32(3);
	if (cluster < 1 || cluster > k)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("model has no cluster %d", cluster),
				 errdetail("Its clusters are numbered from 1 to %d.", k)));
	return cluster - 1;
}

static void
put_row(ResultSet set, ModelSlot *slot, int32 cluster, FcRng *rng)
{
	const FcModel *m = &slot->model;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	m->algo->network->generate(&slot->scorer.metric, cluster, rng, slot->x);
	fc_unscale(m, slot->x, slot->x);
	values[0] = Int32GetDatum(cluster + 1);
	values[1] = fc_float8_array(slot->x, m->d);
	tuplestore_putvalues(set.store, set.desc, values, nulls);
	pfree(DatumGetPointer(values[1]));
}

/*
 * cluster_generate(model bytea, rows bigint, seed bigint, cluster int)
 * returns setof (cluster int, features float8[])
 *
 * Rows decoded from codes that are drawn from a cluster, or from all in proportion to
 * their weights; the same for the same seed.
 */
PG_FUNCTION_INFO_V1(cluster_generate);
Datum
cluster_generate(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	ModelCache *cache = fc_call_memory(fcinfo, sizeof(ModelCache));
	int64		rows = rows_argument(fcinfo);
	ModelSlot  *slot;
	int32		wanted;
	FcRng		rng;

	fc_refuse_null(fcinfo, 0, "model");
	fc_refuse_null(fcinfo, 2, "seed");
	slot = fc_cached_model(cache, fcinfo->flinfo->fn_mcxt, PG_GETARG_DATUM(0));
	fc_refuse_without(slot->model.algo, has_density, "", "density");
	wanted = cluster_argument(fcinfo, slot->model.k);
	fc_rng_start(&rng, (uint64) PG_GETARG_INT64(2), 0);
	for (int64 i = 0; i < rows; i++)
	{
		CHECK_FOR_INTERRUPTS();
		put_row(set, slot, wanted >= 0 ? wanted : draw_cluster(&slot->model, &rng), &rng);
	}
	return (Datum) 0;
}
