/*
 * step.c - cluster_step(model, features [, weight]): one pass over rows as a value
 *
 *	cluster_step(model bytea, features "any" [, weight float8]) returns bytea
 *	cluster_step_real(model bytea, features real[] [, weight float8]) returns bytea
 *	cluster_step_double(model bytea, features float8[] [, weight float8]) returns bytea
 *
 * What an iteration of a training adds up at the centers of a model, as statistics
 * that can be stored, merged and subtracted.  The sums have no order: rows may
 * be divided among processes and servers in any way, and come in any order.
 *
 * The last two are for Citus, which runs aggregates on its shards only if
 * their arguments have types of their own, and calls the transition function
 * without an expression, and with nothing that lasts from one row to the next but the
 * memory context of the aggregate.
 */
#include "pg/step/step.h"

#include "catalog/pg_type.h"

#include "core/direction.h"
#include "core/gaps.h"
#include "core/optional.h"

#include <math.h>

/* What a call in a query keeps, if there is an expression to call it */
typedef struct StepCall
{
	bool		known;			/* what follows */
	bool		constant;		/* the model is the same for all rows of a group */
	FeatureReader *reader;		/* of arguments of any type */
} StepCall;

/* What a row is read with */
typedef struct StepRow
{
	StepTable  *table;
	FeatureReader *reader;
	bool		constant;
	bool		weighted;
} StepRow;

/* ---- the model ---- */

static void
refuse_null_model(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(1))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("model must not be null"),
				 errhint("If it comes from a subquery, does that return a row?")));
}

/* Has cluster_step_once() sent the model with an earlier row? */
static bool
is_sent(FunctionCallInfo fcinfo)
{
	return !PG_ARGISNULL(1) && VARSIZE_ANY_EXHDR(PG_GETARG_POINTER(1)) == 0;
}

static void
refuse_no_model(FunctionCallInfo fcinfo)
{
	refuse_null_model(fcinfo);
	if (is_sent(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the first row of a group has an empty model"),
				 errhint("cluster_step_once gives the model to the first of all rows: use it without GROUP BY.")));
}

pg_noreturn static void
refuse_other_model(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cluster_step needs the same model for all rows of a group"),
			 errhint("Group by a column that identifies the model.")));
}

/* The step of the state, whose model must be that of this row; it may be passed as another value, stored elsewhere */
static OpenStep *
step_of_row(FunctionCallInfo fcinfo, const StepRow *row, StepState *s)
{
	OpenStep   *step = fc_step_of_state(row->table, s);
	OpenStep   *other;

	if (row->constant || is_sent(fcinfo) || (!PG_ARGISNULL(1) && fc_step_holds(step, PG_GETARG_DATUM(1))))
		return step;
	refuse_null_model(fcinfo);
	other = fc_open_step(row->table, PG_GETARG_DATUM(1), step->step.precision);
	if (!fc_same_step(step, other))
		refuse_other_model();
	fc_replace_step(s, other);
	return other;
}

static StepState *
begin(FunctionCallInfo fcinfo, const StepRow *row)
{
	refuse_no_model(fcinfo);
	return fc_begin_state(row->table, fc_open_step(row->table, PG_GETARG_DATUM(1), row->reader->precision), row->weighted);
}

/* ---- rows ---- */

/*
 * Of the features that have been read into "to", number "missing" and perhaps others are not there.  What the model
 * puts into their places; false: the row is skipped.
 */
static bool
fill_gaps(OpenStep *step, FeatureReader *reader, int32 missing, void *to)
{
	const FcModel *m = &step->step.model;
	bool		any;

	if (fc_missing(m) == FC_MISSING_ERROR)
		fc_features_reject(reader, missing);
	if (fc_missing(m) == FC_MISSING_SKIP)
		return false;
	any = fc_features_leave_gaps(reader, to, reader->precision);
	for (int32 j = 0; FC_HAS(m, FC_WITH_FILL) && j < m->d; j++)
		if (isnan(fc_get(to, reader->precision, j)))
			fc_set(to, reader->precision, j, FC_FILL(m)[j]);
	return any && (FC_HAS(m, FC_WITH_FILL) || (step->step.gather & FC_GATHER_GAPS));
}

/*
 * The same of the columns of a row with categories.  A value that the model has not learned is missing, whatever it puts
 * into the places of others.
 */
static bool
read_columns(OpenStep *step, FeatureReader *reader, double *x)
{
	const FcModel *m = &step->step.model;
	int32		missing = fc_features_get_double(reader, step->columns);

	if (missing != 0 && fc_missing(m) == FC_MISSING_ERROR)
		fc_features_reject(reader, missing);
	if (missing != 0 && (fc_missing(m) == FC_MISSING_SKIP || !fc_features_leave_gaps(reader, step->columns, FC_F64)))
		return false;
	if (!fc_spread_columns(reader, &step->values, step->columns, x))
		return false;
	fc_fill_columns(m, step->columns, x);
	return (step->step.gather & FC_GATHER_GAPS) || !fc_has_gap(x, m->d);
}

/* The row in "to" divided by its length, where its direction is what counts; false: it has none, and is skipped */
static bool
take_direction(const OpenStep *step, const FeatureReader *reader, void *to)
{
	const FcModel *m = &step->step.model;

	if (!fc_is_cosine(m) || fc_make_unit(to, reader->precision, m->d))
		return true;
	if (fc_missing(m) == FC_MISSING_ERROR)
		fc_features_refuse_zero();
	return false;
}

/* The features into "to"; false: the row is skipped */
static bool
read_features(OpenStep *step, FeatureReader *reader, Datum value, void *to)
{
	const FcModel *m = &step->step.model;
	const char *plain = fc_plain_elements(reader, value, m->d);
	int32		missing;

	if (plain && reader->elements->read(plain, m->d, to))
		return take_direction(step, reader, to);
	if (step->reader != reader)
	{
		step->reader = reader;
		step->changes = 0;
	}
	fc_check_features(m, reader, fc_features_open(reader, value), &step->changes);
	if (step->columns && reader->kind == FEATURE_ROW)
		return read_columns(step, reader, to);
	missing = fc_features_get(reader, to);
	return (missing == 0 || fill_gaps(step, reader, missing, to)) && take_direction(step, reader, to);
}

static Datum
accumulate(FunctionCallInfo fcinfo, const StepRow *row)
{
	StepState  *s = PG_ARGISNULL(0) ? begin(fcinfo, row) : fc_own_state(row->table, PG_GETARG_DATUM(0));
	OpenStep   *step = step_of_row(fcinfo, row, s);
	double		weight = !row->weighted ? 1 : PG_ARGISNULL(3) ? NAN : fc_checked_weight(PG_GETARG_FLOAT8(3));

	if (weight == 0)			/* it is left out */
		PG_RETURN_POINTER(s);
	if (PG_ARGISNULL(2) || isnan(weight))
		fc_skip_row(s);
	else
	{
		void	   *to = fc_next_row(row->table, &s);

		if (read_features(step, row->reader, PG_GETARG_DATUM(2), to))
			fc_commit_row(s, weight);
		else
			fc_skip_row(s);
	}
	PG_RETURN_POINTER(s);
}

/* ---- calls ---- */

/* NULL: the call comes without an expression, and keeps nothing */
static StepCall *
call_of(FunctionCallInfo fcinfo)
{
	StepCall   *call;

	if (fcinfo->flinfo->fn_expr == NULL)
		return NULL;
	call = fc_call_memory(fcinfo, sizeof(StepCall));
	if (!call->known)
	{
		call->constant = fc_is_constant_argument(fcinfo, 1);
		call->known = true;
	}
	return call;
}

static StepRow
row_of(FunctionCallInfo fcinfo, const StepCall *call)
{
	return (StepRow) {
		.table = fc_step_table(fcinfo),
		.constant = call != NULL && call->constant,
		.weighted = PG_NARGS() > 3
	};
}

/*
 * cluster_step_accum(bytea, model bytea, features "any" [, weight float8]) returns bytea
 */
PG_FUNCTION_INFO_V1(cluster_step_accum);
Datum
cluster_step_accum(PG_FUNCTION_ARGS)
{
	StepCall   *call = call_of(fcinfo);
	StepRow		row = row_of(fcinfo, call);

	if (call == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("cluster_step cannot determine the type of the features"),
				 errhint("Use cluster_step_real or cluster_step_double.")));
	if (call->reader == NULL)
	{
		call->reader = fc_feature_reader(fcinfo, 2);
		call->reader->categories.allowed = true;
	}
	row.reader = call->reader;
	return accumulate(fcinfo, &row);
}

/* For arrays of one type, whose reader lasts as long as the memory context of the aggregate */
static Datum
accumulate_arrays(FunctionCallInfo fcinfo, Oid type, FcPrecision precision)
{
	StepRow		row = row_of(fcinfo, call_of(fcinfo));

	if (row.table->reader[precision] == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(row.table->context);

		row.table->reader[precision] = fc_feature_reader_of_type(type);
		MemoryContextSwitchTo(old);
	}
	row.reader = row.table->reader[precision];
	return accumulate(fcinfo, &row);
}

/*
 * cluster_step_real_accum(bytea, model bytea, features real[] [, weight float8]) returns bytea
 */
PG_FUNCTION_INFO_V1(cluster_step_real_accum);
Datum
cluster_step_real_accum(PG_FUNCTION_ARGS)
{
	return accumulate_arrays(fcinfo, FLOAT4ARRAYOID, FC_F32);
}

/*
 * cluster_step_double_accum(bytea, model bytea, features float8[] [, weight float8]) returns bytea
 */
PG_FUNCTION_INFO_V1(cluster_step_double_accum);
Datum
cluster_step_double_accum(PG_FUNCTION_ARGS)
{
	return accumulate_arrays(fcinfo, FLOAT8ARRAYOID, FC_F64);
}

/*
 * cluster_step_combine(bytea, bytea) returns bytea
 *
 * Neither state has been finished.
 */
PG_FUNCTION_INFO_V1(cluster_step_combine);
Datum
cluster_step_combine(PG_FUNCTION_ARGS)
{
	StepTable  *t = fc_step_table(fcinfo);
	StepState  *to = fc_foreign_state(t, PG_GETARG_DATUM(0));
	StepState  *from = fc_foreign_state(t, PG_GETARG_DATUM(1));

	if (!fc_same_step(fc_step_of_state(t, to), fc_step_of_state(t, from)))
		refuse_other_model();
	PG_RETURN_POINTER(fc_merge_states(t, to, from));
}

/*
 * cluster_step_final(bytea) returns bytea
 */
PG_FUNCTION_INFO_V1(cluster_step_final);
Datum
cluster_step_final(PG_FUNCTION_ARGS)
{
	StepTable  *t = fc_step_table(fcinfo);

	PG_RETURN_BYTEA_P(fc_finish_state(t, fc_foreign_state(t, PG_GETARG_DATUM(0))));
}

/*
 * cluster_step_model(model bytea) returns bytea
 */
PG_FUNCTION_INFO_V1(cluster_step_model);
Datum
cluster_step_model(PG_FUNCTION_ARGS)
{
	Size		length;
	FcModel		named;
	char	   *bytes = fc_step_bytes(PG_GETARG_DATUM(0), &length, &named);
	FcStep		step;
	bytea	   *result;

	fc_view_step(&step, bytes, length);
	result = fc_bytea(length);
	memcpy(VARDATA(result), bytes, length);
	PG_RETURN_BYTEA_P(result);
}
