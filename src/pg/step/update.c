/*
 * update.c - cluster_update(model, statistics [, forgetting]): the model after a step
 *
 * The inverse of sending a model to the rows: what they added up becomes centers,
 * shapes and sizes (core/update.c).
 */
#include "pg/step/step.h"

#include "core/direction.h"
#include "core/optional.h"
#include "core/update.h"

/*
 * What the centers are means of; of a model that was only trained, the sizes of its clusters stand for that.  As sums
 * of directions these are shorter by the mean of 1 - cos.
 */
static void
complete_mass(FcModel *m)
{
	if (FC_HAS(m, FC_WITH_MASS))
		return;
	m->optional.arrays |= 1u << FC_WITH_MASS;
	FC_CENTER_MASS(m) = palloc(sizeof(double) * m->k);
	for (int32 c = 0; c < m->k; c++)
		FC_CENTER_MASS(m)[c] = m->weights[c] * (fc_is_cosine(m) ? Max(1 - m->radius[c], 0) : 1);
}

static double
forgetting_argument(FunctionCallInfo fcinfo)
{
	double		value;

	fc_refuse_null(fcinfo, 2, "forgetting");
	value = PG_GETARG_FLOAT8(2);
	if (!(value >= 0 && value <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("forgetting is out of range: %s", fc_double_text(value)),
				 errdetail("Valid values are from 0, where only the new rows count, to 1, where all rows count the same.")));
	return value;
}

static void
update(FcModel *m, const FcStatistics *of, double forgetting)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	FcStep		step;
	Size		length;
	char	   *bytes = fc_compact_model(m, &length);
	FcArena		arena;
	FcStatus	status;

	fc_begin_step_of(&step, bytes, length, of);
	complete_mass(m);
	status = fc_update(m, &step, of, forgetting, &hooks, FC_LAY_OUT(&arena, fc_update_layout(&arena, &step)));
	if (status == FC_VANISHED)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the rows of the statistics have no weight in any cluster"),
				 errhint("Multiply the weights of the rows, so that they are around 1.")));
	if (status != FC_OK)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("the updated model would contain numbers that are not finite")));
}

/* The model after the statistics of a step of it; itself if they are of no rows */
bytea *
fc_update_model(Datum model, Datum statistics, double forgetting)
{
	FcStatistics of;
	FcModel		m;

	fc_model_from_datum(&m, model);
	fc_statistics_from_datum(&of, statistics);
	if (fc_statistics_rows(&of) == 0)
		return DatumGetByteaPP(model);
	update(&m, &of, forgetting);
	return fc_model_to_datum(&m);
}

/*
 * cluster_update(model bytea, statistics bytea, forgetting float8 DEFAULT 0) returns bytea
 *
 * No statistics, or those of no rows, leave the model as it is.
 */
PG_FUNCTION_INFO_V1(cluster_update);
Datum
cluster_update(PG_FUNCTION_ARGS)
{
	double		forgetting;
	FcModel		m;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	forgetting = forgetting_argument(fcinfo);
	if (!PG_ARGISNULL(1))
		PG_RETURN_BYTEA_P(fc_update_model(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1), forgetting));
	fc_model_from_datum(&m, PG_GETARG_DATUM(0));
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}

