/*
 * newer.c - queries of incremental recipes: their rows without the column by which
 * some are newer, and what is gathered from the newer ones
 *
 * A recipe's query becomes a table in the FROM of another one, as text; what it
 * returns is known from its analysis.  Names in the recipe's search path are those
 * of its owner, so names outside of the query have their schemas, and the
 * aggregates must be the extension's.
 */
#include "pg/registry/retrain.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

/* ---- the column ---- */

static bool
is_time(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID;
}

static bool
is_integer(Oid type)
{
	return type == INT2OID || type == INT4OID || type == INT8OID;
}

/* Its position, from 0 */
static int
find_newer(TupleDesc desc, const char *newer)
{
	int			found = -1;

	for (int i = 0; i < desc->natts; i++)
		if (strcmp(NameStr(TupleDescAttr(desc, i)->attname), newer) == 0)
			found = i;
	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("query has no column \"%s\" by which rows are newer", fc_beginning_of(newer)),
				 errhint("Its columns are %s.", fc_list_columns(desc))));
	if (!is_time(TupleDescAttr(desc, found)->atttypid) && !is_integer(TupleDescAttr(desc, found)->atttypid))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" cannot tell which rows are newer, because it has type %s", fc_beginning_of(newer),
						format_type_be(TupleDescAttr(desc, found)->atttypid)),
				 errhint("Use a column of type date, timestamp, timestamptz, smallint, integer or bigint.")));
	return found;
}

/* ---- the queries ---- */

/* What the columns of the recipe's query are for; the others are features */
typedef struct Columns
{
	TupleDesc	desc;
	int			newer;
	int			weight;			/* -1: there is none */
} Columns;

/* All columns but two, either of which may be -1, with the table that they are of */
static char *
columns_text(TupleDesc desc, int without, int or_without)
{
	const char *comma = "";
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; i < desc->natts; i++)
		if (i != without && i != or_without)
		{
			appendStringInfo(&s, "%sq.%s", comma, quote_identifier(NameStr(TupleDescAttr(desc, i)->attname)));
			comma = ", ";
		}
	return s.data;
}

/* The type of the only column of features, with vectors as query.c reads it; invalid: there are several, or numbers */
static Oid
type_of_vectors(const Columns *c)
{
	int			features = 0;
	Oid			type = InvalidOid;

	for (int i = 0; i < c->desc->natts; i++)
		if (i != c->newer && i != c->weight)
		{
			features++;
			type = TupleDescAttr(c->desc, i)->atttypid;
		}
	return features == 1 && !fc_is_number(getBaseType(type)) ? type : InvalidOid;
}

/*
 * Aggregates of concrete types, where there are some for the column, can be sent to
 * other servers; others take features of any type, and a key, which there is none of.
 * The sample has all rows that the statistics have, so those with gaps, too, where models score them.
 */
static char *
aggregates_text(const char *features, Oid type, const char *weight, bool gaps)
{
	const char *schema = quote_identifier(get_namespace_name(fc_extension_schema()));
	const char *suffix = type == FLOAT4ARRAYOID ? "_real" : type == FLOAT8ARRAYOID ? "_double" : "";
	const char *key = suffix[0] == '\0' ? "NULL::pg_catalog.int4, " : "";
	char	   *sample = psprintf("%s.cluster_sample%s(%s, %d, 0::pg_catalog.int8, %s'%s'", schema, suffix, features, SAMPLE_ROWS, key,
								gaps ? "partial" : "skip");

	if (weight == NULL)
		return psprintf("%s.cluster_step%s($1, %s), %s)", schema, suffix, features, sample);
	return psprintf("%s.cluster_step%s($1, %s, q.%s::pg_catalog.float8), %s, 'euclidean', q.%s::pg_catalog.float8)",
					schema, suffix, features, weight, sample, weight);
}

static const char *
column_name(const Columns *c, int column)
{
	return column < 0 ? NULL : quote_identifier(NameStr(TupleDescAttr(c->desc, column)->attname));
}

static char *
step_text(const char *source, const Columns *c, bool gaps)
{
	const char *newer = column_name(c, c->newer);
	const char *weight = column_name(c, c->weight);
	char	   *features = columns_text(c->desc, c->newer, c->weight);
	char	   *columns = psprintf(", LATERAL (SELECT %s) AS f", features);
	Oid			vectors = type_of_vectors(c);

	return psprintf("SELECT %s, pg_catalog.max(q.%s) FROM %s%s WHERE q.%s OPERATOR(pg_catalog.>) $2",
					OidIsValid(vectors) ? aggregates_text(features, vectors, weight, gaps) : aggregates_text("f", RECORDOID, weight, gaps),
					newer, source, OidIsValid(vectors) ? "" : columns, newer);
}

static Columns
find_columns(TupleDesc desc, const char *newer, const char *weight)
{
	Columns		c = {.desc = desc, .newer = find_newer(desc, newer), .weight = fc_split_columns(desc, weight).weight};

	if (c.weight == c.newer)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("column \"%s\" cannot be both the weight of rows and what makes them newer", fc_beginning_of(newer))));
	if (desc->natts == (weight ? 2 : 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 weight ? errmsg("query has no features besides columns \"%s\" and \"%s\"", fc_beginning_of(newer), fc_beginning_of(weight)) :
				 errmsg("query has no features besides column \"%s\"", fc_beginning_of(newer))));
	return c;
}

/* In the search path of the recipe, which has these settings; weight may be NULL */
void
fc_newer_queries(const char *query, const FcModel *settings, const char *newer, const char *weight, NewerQueries *queries)
{
	const ExaminedQuery *examined = fc_examine_query(query);
	Columns		c = find_columns(examined->desc, newer, weight);
	const char *column = quote_identifier(newer);
	char	   *source = psprintf("(%s\n) AS q", examined->text);	/* its last line may be a comment */

	queries->type = TupleDescAttr(c.desc, c.newer)->atttypid;
	queries->all = psprintf("SELECT %s FROM %s", columns_text(c.desc, c.newer, -1), source);
	queries->newest = psprintf("SELECT pg_catalog.max(q.%s), pg_catalog.count(*) OPERATOR(pg_catalog.-) pg_catalog.count(q.%s) FROM %s",
							   column, column, source);
	queries->step = step_text(source, &c, fc_bears_gaps(settings));
}

/* ---- running them, in the search path of the recipe ---- */

/* Its only row is the first one of SPI_tuptable; within an SPI connection */
static void
run_aggregates(const char *sql, Statement *s)
{
	SPIPlanPtr	plan = fc_prepare_aggregates(sql, 0, s->n, s->types);
	ParamListInfo params = fc_parameters(s);
	SPIExecuteOptions options = {.params = params, .read_only = true};
	int			result;

	result = SPI_execute_plan_extended(plan, &options);
	if (result != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(result));
}

/* A value of the column as text that does not depend on settings; NULL if there is none */
static char *
newest_text(int column, Oid type, const char *newer, MemoryContext context)
{
	bool		null;
	Datum		value = fc_column(0, column, type, &null);
	char		text[MAXDATELEN + 1];
	bool		infinite;

	if (null)
		return NULL;
	infinite = type == DATEOID ? DATE_NOT_FINITE(DatumGetDateADT(value)) :
		is_time(type) && TIMESTAMP_NOT_FINITE(DatumGetTimestamp(value));
	if (infinite)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("the newest value of column \"%s\" is infinite", fc_beginning_of(newer)),
				 errdetail("No row could be newer."),
				 errhint("Leave such rows out in the query.")));
	if (is_time(type))
		return MemoryContextStrdup(context, JsonEncodeDateTime(text, value, type, NULL));
	return MemoryContextStrdup(context, psprintf(INT64_FORMAT, type == INT2OID ? (int64) DatumGetInt16(value) :
														type == INT4OID ? (int64) DatumGetInt32(value) : DatumGetInt64(value)));
}

/* The newest row of all, or NULL if there are none; all of them must have a value in that column */
char *
fc_newest_row(const NewerQueries *queries, const char *newer)
{
	MemoryContext context = CurrentMemoryContext;
	Statement	s = {.n = 0};
	char	   *newest;
	bool		null;
	int64		nulls;

	SPI_connect();
	run_aggregates(queries->newest, &s);
	nulls = DatumGetInt64(fc_column(0, 2, INT8OID, &null));
	if (nulls > 0)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg_plural("column \"%s\" is null in " INT64_FORMAT " row", "column \"%s\" is null in " INT64_FORMAT " rows",
							   nulls, fc_beginning_of(newer), nulls),
				 errdetail("These rows would never be newer than others."),
				 errhint("Leave them out in the query.")));
	newest = newest_text(1, queries->type, newer, context);
	SPI_finish();
	return newest;
}

static bytea *
copy_bytes(int column, MemoryContext context)
{
	bool		null;
	Datum		value = fc_column(0, column, BYTEAOID, &null);
	MemoryContext old = MemoryContextSwitchTo(context);
	bytea	   *copy = null ? NULL : DatumGetByteaPCopy(value);

	MemoryContextSwitchTo(old);
	return copy;
}

/* Statistics and a sample of the rows that are newer than a value, in the current context; up_to NULL: there are none */
void
fc_gather_newer(const NewerQueries *queries, const char *newer, bytea *frame, const char *than, Gathered *g)
{
	MemoryContext context = CurrentMemoryContext;
	Statement	s = {.n = 0};
	Oid			input;
	Oid			io;

	SPI_connect();
	getTypeInputInfo(queries->type, &input, &io);
	fc_parameter(&s, BYTEAOID, PointerGetDatum(frame), false);
	fc_parameter(&s, queries->type, OidInputFunctionCall(input, unconstify(char *, than), io, -1), false);
	run_aggregates(queries->step, &s);
	g->statistics = copy_bytes(1, context);
	g->sample = copy_bytes(2, context);
	g->up_to = newest_text(3, queries->type, newer, context);
	SPI_finish();
}

/* ---- the span ---- */

/* Refuses one that cannot be subtracted from the column; text of both is that of a recipe */
void
fc_check_span(const char *span, Oid type)
{
	Interval   *interval;

	if (span == NULL)
		return;
	if (is_integer(type))
	{
		if (DatumGetInt64(DirectFunctionCall1(int8in, CStringGetDatum(span))) <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("span must be greater than 0, not %s", span)));
		return;
	}
	interval = DatumGetIntervalP(DirectFunctionCall3(interval_in, CStringGetDatum(span), ObjectIdGetDatum(InvalidOid),
													 Int32GetDatum(-1)));
	if (!DatumGetBool(DirectFunctionCall2(interval_gt, IntervalPGetDatum(interval),
										  DirectFunctionCall3(interval_in, CStringGetDatum("0"), ObjectIdGetDatum(InvalidOid),
															  Int32GetDatum(-1)))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("span must be greater than 0, not %s", span)));
}

/* A condition of SQL, under which column up_to is more than the span of $p + 1 older than the value of $p */
char *
fc_beyond_span(Oid type, int p)
{
	const char *time = type == TIMESTAMPTZOID ? "timestamptz" : "timestamp";

	if (is_integer(type))
		return psprintf("up_to::numeric <= $%d::numeric - $%d::numeric", p, p + 1);
	return psprintf("up_to::%s <= $%d::%s - $%d::interval", time, p, time, p + 1);
}
