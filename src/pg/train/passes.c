/*
 * passes.c - trainings that run their queries for each pass
 *
 * First a survey of the rows, with a sample:
 *
 *	SELECT cluster_sample_real(q.c1, n, seed) FROM (query) AS q(c1)
 *
 * Starts are tried on the sample, which is all that is in this backend.  Then each
 * pass over the rows is a step, with the centers as a parameter:
 *
 *	SELECT cluster_step_real($1, q.c1) FROM (query) AS q(c1)
 *
 * and of several queries cluster_merge() of their steps, one beside the other, so
 * that postgres_fdw runs them at the same time.  Parallel workers, servers and
 * shards take part as the planner decides; the model does not depend on that.  All
 * passes use the snapshot of the calling statement; where there is none for all rows,
 * as on Citus, their number shows that they changed.
 */
#include "pg/train/train.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "pg/step/step.h"
#include "pg/train/where.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "core/direction.h"
#include "core/elsewhere.h"

#define BELOW_UNION	2		/* subqueries of a statement over several queries that are not theirs */
#define SAMPLED			16384	/* rows at least, if there are as many ... */
#define SAMPLED_A_CLUSTER 200
#define SAMPLED_A_NUMBER 400	/* of a cluster with a covariance */
#define MOST_SAMPLED	131072	/* ... and at most, unless there are more clusters */

/* A query as a part of the statements of passes */
typedef struct Source
{
	const char *suffix;			/* of the functions that take its features */
	char	   *features;
	char	   *weight;			/* or NULL */
	char	   *from;
} Source;

typedef struct Passes
{
	FcElsewhere elsewhere;
	FcSurvey	survey;
	const FcModel *settings;
	const char *schema;			/* of the extension, quoted */
	const char *weight;			/* the name of the column with weights, or NULL */
	List	   *sources;
	bool		citus;			/* they are in shards of it */
	bool		told;			/* that rows changed */
	int			number;			/* of passes so far */
	MemoryContext context;		/* of the last statistics */
} Passes;

/* ---- statements ---- */

/* The columns of features, but for the weight, as they are or as numbers of one type */
static char *
list_columns(const QueryColumns *columns, const char *cast)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < columns->features->natts; i++)
		if (i != columns->weight)
			appendStringInfo(&list, "%sq.c%d%s", list.len ? ", " : "", i + 1, cast);
	return list.data;
}

/*
 * How the features and the weight are called, and which functions take them: those of concrete types run on shards, too.
 * Rows with categories have none.
 */
static void
choose_features(Source *s, const QueryColumns *columns, bool categories)
{
	Oid			type = columns->vector < 0 ? InvalidOid : getBaseType(TupleDescAttr(columns->features, columns->vector)->atttypid);

	s->suffix = "";
	if (categories)
		s->features = psprintf("ROW(%s)", list_columns(columns, ""));
	else if (columns->vector < 0)
		s->features = psprintf("ARRAY[%s]", list_columns(columns, "::pg_catalog.float8"));
	else
		s->features = psprintf("q.c%d", columns->vector + 1);
	if (!categories)
		s->suffix = columns->vector < 0 || type == FLOAT8ARRAYOID ? "_double" : type == FLOAT4ARRAYOID ? "_real" : "";
	s->weight = columns->weight < 0 ? NULL : psprintf("q.c%d::pg_catalog.float8", columns->weight + 1);
}

/* The query itself, whose columns may have any names */
static char *
subquery_of(const ExaminedQuery *query)
{
	StringInfoData from;

	initStringInfo(&from);
	appendStringInfo(&from, "(\n%s\n) AS q(", query->text);
	for (int i = 0; i < query->desc->natts; i++)
		appendStringInfo(&from, "%sc%d", i ? ", " : "", i + 1);
	appendStringInfoChar(&from, ')');
	return from.data;
}

/* Rows of a query, or the rows in its only column, if their type says what they have */
static FeatureReader *
reader_of_rows(const QueryColumns *columns)
{
	Oid			type = columns->vector < 0 ? InvalidOid : getBaseType(TupleDescAttr(columns->features, columns->vector)->atttypid);
	FeatureReader *reader;
	TupleDesc	row;

	if (!OidIsValid(type) || type == RECORDOID || !type_is_rowtype(type))
		return fc_feature_reader_of_query(columns, true);
	row = lookup_rowtype_tupdesc(type, -1);
	reader = fc_feature_reader_of_columns(row, true);
	ReleaseTupleDesc(row);
	return reader;
}

/* The names of its features become those of the store, or must be these */
static void
take_names(const FeatureReader *reader, RowStore *store)
{
	if (reader->names == NULL)
		return;
	if (store->names)
		fc_refuse_other_names(store->names, reader->names, Min(store->d, reader->d), "the query before");
	store->names = reader->names;
	store->names_length = reader->names_length;
	store->d = reader->d;
}

static Source *
examine_source(const Passes *p, const char *query, RowStore *store, bool first)
{
	Source	   *s = palloc(sizeof(Source));
	ExaminedQuery *q = fc_examine_query(query);
	FeatureReader *reader;
	QueryColumns columns = fc_split_columns(q->desc, p->weight);

	reader = reader_of_rows(&columns);
	fc_refuse_categories(reader, p->settings);
	if (!first)
		fc_refuse_other_precision(store->precision, reader->precision);
	store->precision = reader->precision;
	take_names(reader, store);
	choose_features(s, &columns, columns.vector < 0 && reader->categories.count > 0);
	s->from = subquery_of(q);
	return s;
}

/* SELECT of an aggregate, whose arguments begin with "before" and end with "after", over each source */
static char *
statement_of(const Passes *p, const char *aggregate, const char *before, const char *(*after) (const Passes *p, const Source *s))
{
	StringInfoData sql;
	ListCell   *cell;

	initStringInfo(&sql);
	foreach(cell, p->sources)
	{
		const Source *s = lfirst(cell);

		appendStringInfo(&sql, "%sSELECT %s.%s%s(%s%s%s) AS s FROM %s", sql.len ? "\nUNION ALL " : "", p->schema, aggregate, s->suffix,
						 before, s->features, after(p, s), s->from);
	}
	return list_length(p->sources) == 1 ? sql.data :
		psprintf("SELECT %s.cluster_merge(u.s) FROM (\n%s\n) AS u", p->schema, sql.data);
}

/* How many rows the sample is to have */
static int32
wanted_rows(const FcModel *m)
{
	int64		a_cluster = m->algo->kernel->has_shapes ? SAMPLED_A_NUMBER : SAMPLED_A_CLUSTER;
	int64		rows = Min(Max(SAMPLED, a_cluster * m->k), MOST_SAMPLED);

	return (int32) Max(rows, 2 * m->k);
}

/* A survey keeps the gaps that are filled later */
static const char *
missing_text(const FcModel *m)
{
	return fc_skips_missing(m) ? "skip" : fc_bears_gaps(m) ? "partial" : "error";
}

/* Only as many arguments as are needed */
static const char *
after_sampled(const Passes *p, const Source *s)
{
	const FcModel *m = p->settings;
	const char *key = s->suffix[0] ? "" : ", NULL::text";
	char	   *sample = psprintf(", %d, " INT64_FORMAT, wanted_rows(m), (int64) m->common[FC_SEED]);

	if (s->weight || fc_is_cosine(m))
		return psprintf("%s%s, '%s', '%s'%s%s", sample, key, missing_text(m), fc_is_cosine(m) ? "cosine" : "euclidean",
						s->weight ? ", " : "", s->weight ? s->weight : "");
	if (fc_missing(m) != FC_MISSING_ERROR)
		return psprintf("%s%s, '%s'", sample, key, missing_text(m));
	return sample;
}

static const char *
after_weighed(const Passes *p pg_attribute_unused(), const Source *s)
{
	return s->weight ? psprintf(", %s", s->weight) : "";
}

/* ---- running them ---- */

/* Notes where rows are, once the statement is planned, and says so if they are sent to where they are aggregated */
static void
look_at_plan(Passes *p, SPIPlanPtr plan)
{
	FcWhere		where = fc_where(plan);

	p->citus = where.citus;
	if (where.fetched)
		ereport(DEBUG1,
				(errmsg_internal("rows of the query are fetched from other servers for each pass")));
}

/* Of a statement with the bytes as its parameter, or without one if there are none; into "context" */
static Datum
run_statement(Passes *p, const char *sql, bytea *bytes, MemoryContext context)
{
	Oid			type = BYTEAOID;
	Datum		value = PointerGetDatum(bytes);
	MemoryContext old;
	SPIPlanPtr	plan;
	Datum		result;
	bool		null;
	int			status;

	SPI_connect();
	plan = fc_prepare_aggregates(sql, list_length(p->sources) == 1 ? 0 : BELOW_UNION, bytes ? 1 : 0, &type);
	status = SPI_execute_plan(plan, &value, NULL, true, 0);
	if (status != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(status));
	result = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
	old = MemoryContextSwitchTo(context);
	result = null ? (Datum) 0 : PointerGetDatum(DatumGetByteaPCopy(result));
	MemoryContextSwitchTo(old);
	if (bytes == NULL)
		look_at_plan(p, plan);
	SPI_finish();
	return result;
}

/* Statistics of other rows than those of the survey?  There is no error: a model of changing rows may be what is wanted */
static void
compare_rows(Passes *p, const FcStatistics *s)
{
	int64		before = p->survey.rows + p->survey.skipped;
	int64		now = fc_statistics_rows(s) + fc_statistics_skipped(s);

	if (now == before || p->told)
		return;
	p->told = true;
	ereport(NOTICE,
			(errmsg("the number of rows changed during the training, from " INT64_FORMAT " to " INT64_FORMAT, before, now),
			 errdetail("The query is run for each pass, and its servers do not share a snapshot."),
			 errhint("Train on rows that do not change, or set passes => 'memory'.")));
}

/* For FcElsewhere.pass */
static void
run_pass(void *arg, const void *step, size_t length, FcStatistics *s)
{
	Passes	   *p = arg;
	TimestampTz began = GetCurrentTimestamp();
	MemoryContext old;
	bytea	   *bytes;
	Datum		result;

	MemoryContextReset(p->context);
	old = MemoryContextSwitchTo(p->context);
	bytes = fc_bytea(length);
	memcpy(VARDATA(bytes), step, length);
	result = run_statement(p, statement_of(p, "cluster_step", p->citus ? psprintf("%s.cluster_step_once($1), ", p->schema) : "$1, ",
										   after_weighed), bytes, p->context);
	if (result == (Datum) 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("query returns no more rows to train on")));
	fc_statistics_from_datum(s, result);
	MemoryContextSwitchTo(old);
	p->number++;
	ereport(DEBUG1,
			(errmsg_internal("%s: pass %d over " INT64_FORMAT " rows, %zu bytes sent, %.0f ms", p->settings->algo->name, p->number,
							 fc_statistics_rows(s), (Size) length, 1000 * fc_seconds_between(began, GetCurrentTimestamp()))));
	compare_rows(p, s);
}

/* ---- the sample ---- */

/* The categories of a sample, whose values have codes in their order */
static Dictionaries *
dictionaries_of(const FcSurvey *sample)
{
	int32	   *levels = palloc(sizeof(int32) * sample->d);
	FcCategories categories = fc_survey_categories(sample, levels);
	bool	   *is_category = palloc(sizeof(bool) * sample->d);

	for (int32 j = 0; j < sample->d; j++)
		is_category[j] = fc_survey_levels(sample, j) >= 0;
	return fc_dictionaries_of(&categories, is_category);
}

/* Rows of a sample, and how often each occurs or how much it weighs, into a store that lives in the current context */
void
fc_store_sample(const FcSurvey *sample, const FcAlgorithm *algo, int flags, RowStore *store)
{
	double	   *x = palloc(sizeof(double) * sample->d);
	void	   *row = palloc(FC_SIZE(sample->precision) * sample->d);

	fc_store_begin(store, CurrentMemoryContext, algo, flags | FC_STORE_PRIVATE | FC_STORE_WEIGHTED, sample->precision, sample->d);
	for (int32 i = 0; i < sample->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		fc_survey_columns_of_row(sample, i, x);
		fc_store_weigh(store, fc_survey_weight(sample, i));
		for (int32 j = 0; j < sample->d; j++)
			fc_set(row, sample->precision, j, x[j]);
		fc_store_add(store, row);
	}
	store->gaps = fc_survey_has_gaps(sample);
	if (sample->categories)
		store->categories.dictionaries = dictionaries_of(sample);
}

static void
fill_store(const Passes *p, int flags, RowStore *store)
{
	RowStore	named = *store;

	fc_store_sample(&p->survey, p->settings->algo, flags, store);
	store->names = named.names;
	store->names_length = named.names_length;
	store->progress = named.progress;
}

static void
survey_rows(Passes *p)
{
	Datum		result = run_statement(p, statement_of(p, "cluster_sample", "", after_sampled), NULL, CurrentMemoryContext);

	if (result != (Datum) 0)
		fc_survey_from_datum(&p->survey, result);
	if (p->survey.rows == 0)
		fc_refuse_no_rows(true, p->survey.skipped, p->weight != NULL);
}

/*
 * As fc_query_rows(), but the store, which lives in the current context, gets a
 * sample, and passes run the queries, which the training must therefore follow in
 * the same snapshot.  m has the number of clusters and the options; "weight" is the column with weights, or NULL; "schema" is that
 * of the extension.
 */
int64
fc_survey_rows(List *queries, const FcModel *m, const char *weight, Oid schema, bool survives, RowStore *store)
{
	Passes	   *p = palloc0(sizeof(Passes));
	ListCell   *cell;

	memset(store, 0, sizeof(*store));
	store->progress = fc_progress_begin(CurrentMemoryContext, m->algo, GetCurrentTimestamp());
	p->settings = m;
	p->weight = weight;
	p->schema = quote_identifier(get_namespace_name(schema));
	p->context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust pass", ALLOCSET_DEFAULT_SIZES);
	foreach(cell, queries)
		p->sources = lappend(p->sources, examine_source(p, lfirst(cell), store, p->sources == NIL));
	survey_rows(p);
	fill_store(p, survives ? FC_STORE_SURVIVES : 0, store);
	p->elsewhere = (FcElsewhere) {
		.rows = p->survey.rows, .total = fc_survey_total(&p->survey), .largest = p->survey.weighted ? p->survey.weights[1] : 1,
		.survey = &p->survey, .pass = run_pass, .arg = p, .layout = fc_elsewhere_layout, .run = fc_elsewhere_pass
	};
	store->elsewhere = &p->elsewhere;
	fc_report_skipped(p->survey.skipped, 0, p->survey.rows, weight != NULL);
	return p->survey.skipped;
}
