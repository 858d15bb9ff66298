/*
 * contents.c - what statistics contain: cluster_statistics, cluster_statistics_info
 */
#include "pg/step/step.h"

#include "core/direction.h"
#include "miscadmin.h"

#include <math.h>

/* The step of these bytes, whose statistics these must be; all in the current context */
void
fc_begin_step_of(FcStep *s, char *bytes, Size length, const FcStatistics *of)
{
	fc_begin_step(s, bytes, length, of->kind.precision);
	if (!fc_step_fits(s, of))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("statistics do not belong to the model"),
				 s->hash != of->kind.hash ? errdetail("They were computed with another model.") :
				 errdetail("They were computed on a processor of another kind, or contain other sums."),
				 errhint("Pass the model that cluster_step() was called with.")));
}

/* The mean of cluster c in the units of the features, (d): of those that were there, NaN if none was; or its direction */
static void
get_mean(const FcStep *s, const FcStatistics *of, int32 c, double *mean)
{
	double		weight = fc_statistics_get(of, FC_SUM_WEIGHT, c);

	for (int32 j = 0; j < of->kind.d; j++)
	{
		uint64		at = (uint64) c * of->kind.d + j;
		double		observed = of->kind.gather & FC_GATHER_GAPS ? fc_statistics_get(of, FC_SUM_OBSERVED, at) : weight;
		double		x = observed > 0 ? fc_statistics_get(of, FC_SUM_X, at) / observed : NAN;

		if (s->kernel->has_shapes)
			x += fc_get(s->metric.v, s->precision, at);
		mean[j] = (s->factor ? x / s->factor[j] : x) + (s->shift ? s->shift[j] : 0);
	}
	if (fc_is_cosine(&s->model))
		(void) fc_make_unit(mean, FC_F64, of->kind.d);
}

/* A sum, or NULL if it was not gathered */
static void
set_sum(const FcStatistics *of, FcSum sum, uint64 at, Datum *value, bool *null)
{
	*null = of->at[sum] == 0;
	*value = Float8GetDatum(*null ? 0 : fc_statistics_get(of, sum, at));
}

/* Cluster c, or noise, which has number 0, and no center and no radius; mean (d) is overwritten */
static void
put_cluster(ResultSet *set, const FcStep *step, const FcStatistics *of, int32 c, double *mean)
{
	bool		is_noise = c == of->kind.k;
	Datum		values[6] = {Int32GetDatum(is_noise ? 0 : c + 1)};
	bool		nulls[6] = {false, false, false, true, true, true};

	set_sum(of, FC_SUM_COUNT, c, &values[1], &nulls[1]);
	set_sum(of, FC_SUM_MASS, c, &values[2], &nulls[2]);
	if (!is_noise)
	{
		set_sum(of, FC_SUM_WEIGHT, c, &values[3], &nulls[3]);
		get_mean(step, of, c, mean);
		nulls[4] = nulls[3] || DatumGetFloat8(values[3]) == 0;
		values[4] = nulls[4] ? (Datum) 0 : fc_float8_array(mean, of->kind.d);
		nulls[5] = nulls[1] || DatumGetFloat8(values[1]) == 0;
		values[5] = Float8GetDatum(nulls[5] ? 0 : fc_statistics_get(of, FC_SUM_RADIUS, c) / DatumGetFloat8(values[1]));
	}
	tuplestore_putvalues(set->store, set->desc, values, nulls);
}

/*
 * cluster_statistics(model bytea, statistics bytea)
 * returns setof (cluster int, rows float8, weight float8, mass float8, mean float8[], radius float8)
 *
 * The radius is in the scaled units of the model.  The last row is that of noise, if the model has it: cluster 0.
 */
PG_FUNCTION_INFO_V1(cluster_statistics);
Datum
cluster_statistics(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	FcStatistics of;
	FcModel		named;
	FcStep		step;
	Size		length;
	char	   *bytes = fc_step_bytes(PG_GETARG_DATUM(0), &length, &named);
	double	   *mean;

	fc_statistics_from_datum(&of, PG_GETARG_DATUM(1));
	fc_begin_step_of(&step, bytes, length, &of);
	mean = palloc(sizeof(double) * of.kind.d);
	for (int32 c = 0; c < of.kind.k + (of.kind.gather & FC_GATHER_NOISE ? 1 : 0); c++)
	{
		CHECK_FOR_INTERRUPTS();
		put_cluster(&set, &step, &of, c, mean);
	}
	return (Datum) 0;
}

/*
 * cluster_statistics_info(statistics bytea) returns jsonb
 */
PG_FUNCTION_INFO_V1(cluster_statistics_info);
Datum
cluster_statistics_info(PG_FUNCTION_ARGS)
{
	FcStatistics of;
	StringInfoData s;

	fc_statistics_from_datum(&of, PG_GETARG_DATUM(0));
	initStringInfo(&s);
	appendStringInfoChar(&s, '{');
	fc_json_add_integer(&s, "clusters", of.kind.k);
	fc_json_add_integer(&s, "dimensions", of.kind.d);
	fc_json_add_string(&s, "precision", of.kind.precision == FC_F32 ? "real" : "double precision");
	fc_json_add_integer(&s, "rows", fc_statistics_rows(&of));
	fc_json_add_integer(&s, "skipped", fc_statistics_skipped(&of));
	fc_json_add_number(&s, "objective", fc_statistics_get(&of, FC_SUM_OBJECTIVE, 0));
	fc_json_add_bool(&s, "centers", (of.kind.gather & FC_GATHER_SUMS) != 0);
	fc_json_add_bool(&s, "sizes", (of.kind.gather & FC_GATHER_SIZES) != 0);
	fc_json_add_string(&s, "model", psprintf("%08x%08x", (uint32) (of.kind.hash >> 32), (uint32) of.kind.hash));
	appendStringInfoChar(&s, '}');
	PG_RETURN_DATUM(fc_jsonb(s.data));
}
