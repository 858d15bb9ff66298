/*
 * plot.c - cluster_plot: rows gather into a sample, which is drawn as SVG
 *
 * Parallel workers each gather a sample, and these are merged: see sample.c.  The
 * same rows give the same picture, in any order and by any number of workers.
 */
#include "pg/value/value.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "pg/plot/sample.h"

/* How an argument is read; lives as long as the query */
typedef struct PlotArgument
{
	Oid			type;			/* without domains */
	AxisKind	kind;
	bool		number;			/* of a cluster */
	FmgrInfo	output;			/* of a type that is not a number */
} PlotArgument;

typedef struct PlotCall
{
	PlotArgument x;
	PlotArgument y;
	PlotArgument cluster;
	PlotArgument membership;
	int			membership_at;	/* the argument; 0: none */
	int			texts;			/* the first argument that is a text; 0: none */
	bool		same_texts;		/* all rows have the same ones */
	int			options_at;		/* 0: none */
	bool		same_options;	/* all rows have those of the first one of their group */
} PlotCall;

static void
check_coordinate(const char *name, double v)
{
	if (!isfinite(v))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("%s must be finite, not %s", name, float8out_internal(v))));
}

static void
check_membership(double u)
{
	if (isnan(u))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("membership must be a number, not %s", float8out_internal(u))));
	/* sums of memberships may be off by rounding */
	if (u < 0 || u > 1 + 1e-6)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("membership %s is out of range", float8out_internal(u)),
				 errdetail("Memberships must be between 0 and 1.")));
}

/* ---- arguments ---- */

static bool
is_unknown(const PlotArgument *a)
{
	return a->type == UNKNOWNOID || a->type == CSTRINGOID;
}

/* An argument of numbers or, along an axis, of dates and times */
static void
begin_number(PlotArgument *a, FunctionCallInfo fcinfo, int arg, const char *name, bool axis)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, arg);

	a->type = OidIsValid(type) ? getBaseType(type) : InvalidOid;
	a->kind = AXIS_NUMBER;
	if (fc_is_number(a->type) || is_unknown(a))
		return;
	if (axis && a->type == DATEOID)
		a->kind = AXIS_DATE;
	else if (axis && (a->type == TIMESTAMPOID || a->type == TIMESTAMPTZOID))
		a->kind = AXIS_TIMESTAMP;
	else if (axis && a->type == TIMEOID)
		a->kind = AXIS_TIME;
	else
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("%s of cluster_plot cannot be of type %s", name, format_type_be(type)),
				 a->type == JSONBOID || a->type == JSONOID ? errhint("Options are the last argument, of type jsonb.") :
				 !axis ? errhint("Cast it to double precision.") :
				 a->type == INTERVALOID ? errhint("Plot its seconds, as in extract(epoch FROM x).") :
				 errhint("Use a number, a date, a time or a timestamp, or cast it to double precision.")));
}

/* Whole numbers are clusters; values of any other type are labels, as text */
static void
begin_cluster(PlotArgument *a, FunctionCallInfo fcinfo, int arg)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, arg);
	Oid			output;
	bool		varlena;

	a->type = OidIsValid(type) ? getBaseType(type) : InvalidOid;
	a->number = fc_is_number(a->type);
	if (a->number || is_unknown(a))
		return;
	getTypeOutputInfo(type, &output, &varlena);
	fmgr_info_cxt(output, &a->output, fcinfo->flinfo->fn_mcxt);
}

/* ---- options ---- */

/* Is the argument after the cluster one of options, of type jsonb or an object as it is written? */
static bool
is_options(FunctionCallInfo fcinfo, int arg)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, arg);
	PlotArgument a = {.type = OidIsValid(type) ? getBaseType(type) : InvalidOid};
	const char *text;

	if (!is_unknown(&a) || PG_ARGISNULL(arg))
		return a.type == JSONBOID;
	text = PG_GETARG_CSTRING(arg);
	return text[strspn(text, " \t\n\r")] == '{';
}

/* NULL: none */
static Jsonb *
read_options(FunctionCallInfo fcinfo, const PlotCall *call)
{
	int			arg = call->options_at;

	if (arg == 0 || PG_ARGISNULL(arg))
		return NULL;
	if (getBaseType(get_fn_expr_argtype(fcinfo->flinfo, arg)) != JSONBOID)
		return DatumGetJsonbP(DirectFunctionCall1(jsonb_in, PG_GETARG_DATUM(arg)));
	return PG_GETARG_JSONB_P(arg);
}

static void
check_same_options(const Jsonb *a, const Jsonb *b)
{
	if (a == b || (a != NULL && b != NULL && fc_same_bytes((const struct varlena *) a, (const struct varlena *) b)))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("options of cluster_plot must be the same for all rows of a plot"),
			 errhint("Compute them from constants or from what the rows are grouped by.")));
}

/*
 * cluster_plot(x, y, cluster [, membership] [, title, x_label, y_label]) or
 * cluster_plot(x, y, cluster [, membership], options)
 */
static PlotCall *
begin_call(FunctionCallInfo fcinfo)
{
	PlotCall   *call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(PlotCall));
	int			arguments = PG_NARGS();

	if (arguments == 6)
		call->options_at = 5;
	else if (arguments == 5 && is_options(fcinfo, 4))
		call->options_at = 4;
	if (arguments == 6 || arguments == 8 || (arguments == 5 && call->options_at == 0))
		call->membership_at = 4;
	call->texts = arguments > 6 ? arguments - 3 : 0;

	begin_number(&call->x, fcinfo, 1, "x", true);
	begin_number(&call->y, fcinfo, 2, "y", true);
	begin_cluster(&call->cluster, fcinfo, 3);
	if (call->membership_at > 0)
		begin_number(&call->membership, fcinfo, call->membership_at, "membership", false);
	call->same_texts = true;
	for (int i = 0; i < 3 && call->texts > 0; i++)
		call->same_texts = call->same_texts && fc_is_constant_argument(fcinfo, call->texts + i);
	call->same_options = call->options_at == 0 || fc_is_constant_argument(fcinfo, call->options_at);
	return call;
}

/* ---- values ---- */

static double
read_number(const PlotArgument *a, Datum value)
{
	if (is_unknown(a))
		return DatumGetFloat8(DirectFunctionCall1(float8in, value));
	return fc_number_from_datum(a->type, value);
}

/* Seconds; infinite if the value is */
static double
read_time(const PlotArgument *a, Datum value)
{
	Timestamp	t;

	if (a->type == TIMEOID)
		return DatumGetTimeADT(value) / (double) USECS_PER_SEC;
	if (a->type == DATEOID)
	{
		DateADT		day = DatumGetDateADT(value);

		return DATE_IS_NOBEGIN(day) ? -INFINITY : DATE_IS_NOEND(day) ? INFINITY : (double) day * SECS_PER_DAY;
	}
	if (a->type == TIMESTAMPTZOID)
		value = DirectFunctionCall1(timestamptz_timestamp, value);
	t = DatumGetTimestamp(value);
	return TIMESTAMP_IS_NOBEGIN(t) ? -INFINITY : TIMESTAMP_IS_NOEND(t) ? INFINITY : t / (double) USECS_PER_SEC;
}

static double
read_coordinate(const PlotArgument *a, Datum value, const char *name)
{
	double		v = a->kind == AXIS_NUMBER ? read_number(a, value) : read_time(a, value);

	check_coordinate(name, v);
	return v + 0.0;				/* zero has one sign */
}

static int64
read_cluster_number(const PlotArgument *a, Datum value)
{
	double		number;

	if (a->type == INT8OID)
		return DatumGetInt64(value);
	number = fc_number_from_datum(a->type, value);
	if (number != rint(number) || !FLOAT8_FITS_IN_INT64(number))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("cluster must be an integer, not %s", float8out_internal(number)),
				 errhint("Cast it to text to use it as a label.")));
	return (int64) number;
}

/* In the encoding of the server */
static char *
read_label(PlotArgument *a, Datum value)
{
	if (is_unknown(a))
		return DatumGetCString(value);
	if (a->type == BOOLOID)
		return DatumGetBool(value) ? "true" : "false";
	return OutputFunctionCall(&a->output, value);
}

/* Sets key and label, which identify the cluster; label is NULL for a number */
static void
read_point(FunctionCallInfo fcinfo, PlotCall *call, PlotPoint *p, int64 *key, const char **label)
{
	bool		membership = call->membership_at > 0 && !PG_ARGISNULL(call->membership_at);

	p->x = read_coordinate(&call->x, PG_GETARG_DATUM(1), "x");
	p->y = read_coordinate(&call->y, PG_GETARG_DATUM(2), "y");
	p->membership = membership ? read_number(&call->membership, PG_GETARG_DATUM(call->membership_at)) + 0.0 : 1;
	check_membership(p->membership);
	*label = NULL;
	if (call->cluster.number)
		*key = read_cluster_number(&call->cluster, PG_GETARG_DATUM(3));
	else
	{
		*label = read_label(&call->cluster, PG_GETARG_DATUM(3));
		*key = DatumGetInt64(hash_any_extended((const unsigned char *) *label, (int) strlen(*label), 0));
	}
}

/* A coordinate along an axis that may be logarithmic; false: it has no logarithm */
static bool
place_on_axis(double *v, AxisKind kind)
{
	if (kind != AXIS_LOG)
		return true;
	if (*v <= 0)
		return false;
	*v = log10(*v) + 0.0;
	return true;
}

/* ---- the aggregate ---- */

/* In UTF-8; an empty text counts as none */
static const char *
read_text(FunctionCallInfo fcinfo, int arg)
{
	char	   *s;

	if (PG_ARGISNULL(arg))
		return NULL;
	s = text_to_cstring(PG_GETARG_TEXT_PP(arg));
	return *s == '\0' ? NULL : fc_svg_utf8(s);
}

/* Keeps a text if it comes before the one of earlier rows */
static void
keep_text(FunctionCallInfo fcinfo, int arg, const char **kept)
{
	const char *text = read_text(fcinfo, arg);

	if (fc_first_text(*kept, text) != *kept)
		*kept = MemoryContextStrdup(fc_aggregate_context(fcinfo), text);
}

static void
keep_texts(FunctionCallInfo fcinfo, int texts, Plot *plot)
{
	keep_text(fcinfo, texts, &plot->title);
	keep_text(fcinfo, texts + 1, &plot->x.label);
	keep_text(fcinfo, texts + 2, &plot->y.label);
}

static AxisKind
axis_kind(const PlotArgument *a, bool log, const char *option)
{
	if (log && a->kind != AXIS_NUMBER)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" cannot be \"log\" for dates and times", option),
				 errhint("Only numbers have logarithms.")));
	return log ? AXIS_LOG : a->kind;
}

static PlotSample *
begin_plot(const PlotCall *call, const Jsonb *options)
{
	PlotSample *s = fc_begin_sample(call->x.kind, call->y.kind, options);

	s->plot.x.kind = axis_kind(&call->x, s->options->x_log, "x_axis");
	s->plot.y.kind = axis_kind(&call->y, s->options->y_log, "y_axis");
	if (call->x.type == TIMESTAMPTZOID)
		s->plot.x.zone = pstrdup(pg_get_timezone_name(session_timezone));
	if (call->y.type == TIMESTAMPTZOID)
		s->plot.y.zone = pstrdup(pg_get_timezone_name(session_timezone));
	return s;
}

/* Adds the row of a call to the plot of its group */
static void
add_row(FunctionCallInfo fcinfo, PlotCall *call, PlotSample *s, MemoryContext context)
{
	MemoryContext old;
	PlotPoint	p;
	int64		key;
	const char *label;

	read_point(fcinfo, call, &p, &key, &label);
	if (!place_on_axis(&p.x, s->plot.x.kind) || !place_on_axis(&p.y, s->plot.y.kind))
	{
		fc_sample_leave_out(s);
		return;
	}
	old = MemoryContextSwitchTo(context);
	fc_sample_row(s, &p, key, label);
	MemoryContextSwitchTo(old);
	if (call->texts > 0 && (s->plot.rows == 1 || !call->same_texts))
		keep_texts(fcinfo, call->texts, &s->plot);
}

/*
 * cluster_plot_accum(internal, x "any", y "any", cluster "any" [, membership "any"]
 *	  [, title text, x_label text, y_label text | , options jsonb]) returns internal
 *
 * Rows without x, y or cluster are left out; a missing membership counts as 1.  Behind the
 * cluster may be options in place of the membership: two functions would be ambiguous for NULL.
 */
PG_FUNCTION_INFO_V1(cluster_plot_accum);
Datum
cluster_plot_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	PlotSample *s = fc_aggregate_state(fcinfo, 0);
	PlotCall   *call;

	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = begin_call(fcinfo);
	call = fcinfo->flinfo->fn_extra;
	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return fc_return_state(fcinfo, s);

	if (s == NULL)
	{
		Jsonb	   *options = read_options(fcinfo, call);
		MemoryContext old = MemoryContextSwitchTo(context);

		s = begin_plot(call, options);
		MemoryContextSwitchTo(old);
	}
	else if (!call->same_options)
		check_same_options(s->jsonb, read_options(fcinfo, call));
	add_row(fcinfo, call, s, context);
	PG_RETURN_POINTER(s);
}

/* cluster_plot_combine(internal, internal) returns internal */
PG_FUNCTION_INFO_V1(cluster_plot_combine);
Datum
cluster_plot_combine(PG_FUNCTION_ARGS)
{
	MemoryContext old = MemoryContextSwitchTo(fc_aggregate_context(fcinfo));
	PlotSample *s = fc_aggregate_state(fcinfo, 0);
	const PlotSample *other = fc_aggregate_state(fcinfo, 1);

	if (other != NULL)
	{
		if (s == NULL)
			s = fc_begin_sample(other->plot.x.kind, other->plot.y.kind, other->jsonb);
		check_same_options(s->jsonb, other->jsonb);
		fc_merge_samples(s, other);
	}
	MemoryContextSwitchTo(old);
	return fc_return_state(fcinfo, s);
}

/* cluster_plot_serial(internal) returns bytea */
PG_FUNCTION_INFO_V1(cluster_plot_serial);
Datum
cluster_plot_serial(PG_FUNCTION_ARGS)
{
	(void) fc_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(fc_sample_to_bytes(fc_aggregate_state(fcinfo, 0)));
}

/* cluster_plot_deserial(bytea, internal) returns internal */
PG_FUNCTION_INFO_V1(cluster_plot_deserial);
Datum
cluster_plot_deserial(PG_FUNCTION_ARGS)
{
	(void) fc_aggregate_context(fcinfo);
	PG_RETURN_POINTER(fc_sample_from_bytes(PG_GETARG_BYTEA_PP(0)));
}

/*
 * cluster_plot_final(internal) returns text
 *
 * The picture. A window may call it again, so it leaves the state as it is.
 */
PG_FUNCTION_INFO_V1(cluster_plot_final);
Datum
cluster_plot_final(PG_FUNCTION_ARGS)
{
	const PlotSample *s = fc_aggregate_state(fcinfo, 0);
	StringInfoData out;
	Plot		plot;

	if (s == NULL || s->plot.rows == 0)
		PG_RETURN_NULL();
	plot = fc_plot_of_sample(s);
	initStringInfo(&out);
	fc_svg_plot(&out, &plot);

	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}
