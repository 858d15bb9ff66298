/*
 * plot.c - cluster_plot: rows gather into a sample, which is drawn as SVG
 *
 * At most SAMPLE rows are kept for drawing. Beyond that row number n, counted
 * from 1, replaces a random one of them with probability SAMPLE / n (Vitter's
 * algorithm R), so that every row is drawn equally likely. The seed is fixed: the
 * same rows in the same order give the same picture. Extremes and counts are over
 * all rows.
 *
 * Memory is bounded: SAMPLE points, and for MAX_CLUSTERS a count and the beginning
 * of a label.
 */
#include "pg/value/value.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/float.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

#include "pg/plot/svg.h"

#define SAMPLE 10000
#define MAX_CLUSTERS 10000
#define SEED UINT64CONST(0x66757A7A79)

#define LONGEST_LABEL 160		/* bytes kept of a cluster's label */

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
	int			texts;			/* the first argument that is a text; 0: none */
} PlotCall;

typedef struct PlotState
{
	Plot		plot;
	PlotPoint  *point;			/* (point_room) what plot.point points to */
	int			point_room;
	PlotCluster *cluster;		/* (cluster_room) targets of plot.cluster, in order of appearance */
	int32	   *order;			/* (cluster_room) the same by key */
	int			cluster_room;
	FcRng		random;
} PlotState;

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

/* cluster_plot(x, y, cluster [, membership] [, title, x_label, y_label]) */
static PlotCall *
begin_call(FunctionCallInfo fcinfo)
{
	PlotCall   *call = MemoryContextAllocZero(fcinfo->flinfo->fn_mcxt, sizeof(PlotCall));
	bool		membership = PG_NARGS() == 5 || PG_NARGS() == 8;

	begin_number(&call->x, fcinfo, 1, "x", true);
	begin_number(&call->y, fcinfo, 2, "y", true);
	begin_cluster(&call->cluster, fcinfo, 3);
	if (membership)
		begin_number(&call->membership, fcinfo, 4, "membership", false);
	else
		call->membership.type = InvalidOid;
	call->texts = PG_NARGS() > 5 ? PG_NARGS() - 3 : 0;
	return call;
}

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
	return v;
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

/* False for a row that is left out. Sets key and label, which identify the cluster; label is NULL for a number */
static bool
read_point(FunctionCallInfo fcinfo, PlotCall *call, PlotPoint *p, int64 *key, const char **label)
{
	bool		membership = OidIsValid(call->membership.type) && !PG_ARGISNULL(4);

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2) || PG_ARGISNULL(3))
		return false;
	p->x = read_coordinate(&call->x, PG_GETARG_DATUM(1), "x");
	p->y = read_coordinate(&call->y, PG_GETARG_DATUM(2), "y");
	p->membership = membership ? read_number(&call->membership, PG_GETARG_DATUM(4)) : 1;
	check_membership(p->membership);
	*label = NULL;
	if (call->cluster.number)
		*key = read_cluster_number(&call->cluster, PG_GETARG_DATUM(3));
	else
	{
		*label = read_label(&call->cluster, PG_GETARG_DATUM(3));
		*key = DatumGetInt64(hash_any_extended((const unsigned char *) *label, (int) strlen(*label), 0));
	}
	return true;
}

/* ---- the state ---- */

/* In UTF-8; an empty text counts as none */
static const char *
read_text(FunctionCallInfo fcinfo, int arg)
{
	char	   *s;

	if (arg == 0 || PG_ARGISNULL(arg))
		return NULL;
	s = text_to_cstring(PG_GETARG_TEXT_PP(arg));
	return *s == '\0' ? NULL : pg_server_to_any(s, strlen(s), PG_UTF8);
}

static PlotAxis
begin_axis(const PlotArgument *a, double value, const char *label)
{
	PlotAxis	axis = {.kind = a->kind, .min = value, .max = value, .label = label};

	if (a->type == TIMESTAMPTZOID)
		axis.zone = pstrdup(pg_get_timezone_name(session_timezone));
	return axis;
}

static PlotState *
begin_plot(FunctionCallInfo fcinfo, const PlotCall *call, const PlotPoint *p)
{
	PlotState  *s = palloc0(sizeof(PlotState));
	int			texts = call->texts;

	s->plot.title = read_text(fcinfo, texts);
	s->plot.x = begin_axis(&call->x, p->x, read_text(fcinfo, texts ? texts + 1 : 0));
	s->plot.y = begin_axis(&call->y, p->y, read_text(fcinfo, texts ? texts + 2 : 0));
	s->plot.membership_min = s->plot.membership_max = p->membership;
	s->random = (FcRng) {SEED};
	s->point_room = 16;
	s->plot.point = s->point = palloc(s->point_room * sizeof(PlotPoint));
	s->cluster_room = 8;
	s->plot.cluster = s->cluster = palloc(s->cluster_room * sizeof(PlotCluster));
	s->order = palloc(s->cluster_room * sizeof(int32));
	return s;
}

/* The beginning of a label, in UTF-8 */
static const char *
keep_label(const char *label)
{
	char	   *kept = pnstrdup(label, fc_whole_characters(label, LONGEST_LABEL));

	return *kept == '\0' ? kept : pg_server_to_any(kept, strlen(kept), PG_UTF8);
}

/* A cluster without rows, at this place of those by key */
static void
insert_cluster(PlotState *s, int at, int64 key, const char *label)
{
	int32		c = s->plot.ncluster;

	if (c == MAX_CLUSTERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cluster_plot takes at most %d clusters", MAX_CLUSTERS),
				 errhint("The third argument must be the cluster of the row, for example the result of cluster_id.")));
	if (c == s->cluster_room)
	{
		s->cluster_room *= 2;
		s->plot.cluster = s->cluster = repalloc(s->cluster, s->cluster_room * sizeof(PlotCluster));
		s->order = repalloc(s->order, s->cluster_room * sizeof(int32));
	}
	s->cluster[c] = (PlotCluster) {.key = key, .label = label ? keep_label(label) : NULL};
	memmove(&s->order[at + 1], &s->order[at], (c - at) * sizeof(int32));
	s->order[at] = c;
	s->plot.ncluster++;
}

/* The position of a cluster in the list, in which it is put if need be */
static int32
find_cluster(PlotState *s, int64 key, const char *label)
{
	int			low = 0;
	int			high = s->plot.ncluster;

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (s->cluster[s->order[middle]].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == s->plot.ncluster || s->cluster[s->order[low]].key != key)
		insert_cluster(s, low, key, label);
	return s->order[low];
}

static void
widen(double *min, double *max, double v)
{
	*min = Min(*min, v);
	*max = Max(*max, v);
}

static void
sample_row(PlotState *s, const PlotPoint *p)
{
	uint64		at;

	if (s->plot.npoint < SAMPLE)
	{
		if (s->plot.npoint == s->point_room)
		{
			s->point_room *= 2;
			s->plot.point = s->point = repalloc(s->point, s->point_room * sizeof(PlotPoint));
		}
		s->point[s->plot.npoint++] = *p;
		return;
	}
	at = fc_rng_next(&s->random) % (uint64) s->plot.rows;
	if (at < SAMPLE)
		s->point[at] = *p;
}

static void
add_row(PlotState *s, const PlotPoint *p)
{
	s->plot.rows++;
	widen(&s->plot.x.min, &s->plot.x.max, p->x);
	widen(&s->plot.y.min, &s->plot.y.max, p->y);
	widen(&s->plot.membership_min, &s->plot.membership_max, p->membership);
	s->cluster[p->cluster].rows++;
	sample_row(s, p);
}

/*
 * cluster_plot_accum(internal, x "any", y "any", cluster "any" [, membership "any"]
 *	  [, title text, x_label text, y_label text]) returns internal
 *
 * Rows without x, y or cluster are left out; a missing membership counts as 1.
 * The texts are those of the first row that is not left out.
 */
PG_FUNCTION_INFO_V1(cluster_plot_accum);
Datum
cluster_plot_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	MemoryContext old;
	PlotState  *s = fc_aggregate_state(fcinfo, 0);
	PlotCall   *call;
	PlotPoint	p;
	int64		key;
	const char *label;

	if (fcinfo->flinfo->fn_extra == NULL)
		fcinfo->flinfo->fn_extra = begin_call(fcinfo);
	call = fcinfo->flinfo->fn_extra;
	if (!read_point(fcinfo, call, &p, &key, &label))
		return fc_return_state(fcinfo, s);

	old = MemoryContextSwitchTo(context);
	if (s == NULL)
		s = begin_plot(fcinfo, call, &p);
	p.cluster = find_cluster(s, key, label);
	add_row(s, &p);
	MemoryContextSwitchTo(old);

	PG_RETURN_POINTER(s);
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
	const PlotState *s;
	StringInfoData out;

	if (PG_ARGISNULL(0))
		PG_RETURN_NULL();
	s = (const PlotState *) PG_GETARG_POINTER(0);
	initStringInfo(&out);
	fc_svg_plot(&out, &s->plot);

	PG_RETURN_TEXT_P(cstring_to_text_with_len(out.data, out.len));
}
