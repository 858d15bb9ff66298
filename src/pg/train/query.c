/*
 * query.c - the rows of queries, for a training
 *
 * A query is one SELECT (or VALUES, TABLE, WITH) that returns either one
 * column of a type that features may have, or columns of numbers, each a
 * feature; and beside these one with the weights of rows, if it is named.  It
 * runs with the privileges of the current user, may not write, and uses the
 * snapshot of the calling statement.  Parallel workers may take part, so that
 * the order of the rows is certain only with ORDER BY.
 *
 * A receiver takes each row as the executor produces it, without any copy
 * except that in the store.
 */
#include "pg/train/train.h"

#include "executor/spi.h"
#include "nodes/nodeFuncs.h"
#include "tcop/cmdtag.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/plancache.h"
#include "utils/timestamp.h"

#include <math.h>

typedef struct RowReceiver
{
	DestReceiver pub;			/* the part known to the executor; must be first */
	RowStore   *store;
	const FcModel *settings;	/* of the training for which they are read, or NULL ... */
	FcProgress *progress;		/* ... without reporting progress */
	uint64		changes;		/* of the reader's row type, that are known to be accepted */
	MemoryContext context;		/* of the store, and of the reader */
	MemoryContext per_row;
	FeatureReader *reader;
	const char *weight;			/* the name of the column with weights, or NULL */
	QueryColumns columns;		/* of the query that runs */
	int			missing;		/* how rows are taken that have a feature missing */
	int			flags;			/* of the store */
	int64		skipped;
	int64		weightless;		/* rows with weight 0 */
	bool		begun;			/* the store is: there was a vector */
} RowReceiver;

/* ---- the columns ---- */

/* Their names, for messages */
const char *
fc_list_columns(TupleDesc desc)
{
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; i < desc->natts; i++)
		fc_append_item(&s, fc_beginning_of(NameStr(TupleDescAttr(desc, i)->attname)));
	return s.data;
}

/* The number of a column, from 0, of those that are not taken; it has "all" of the rows, each row one, and is named in "where" */
int
fc_find_column(TupleDesc desc, const char *name, const char *one, const char *all, const char *where)
{
	int			found = -1;

	for (int i = 0; i < desc->natts; i++)
	{
		if (TupleDescAttr(desc, i)->attisdropped || strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) != 0)
			continue;
		if (found >= 0)
			ereport(ERROR,
					(errcode(ERRCODE_AMBIGUOUS_COLUMN),
					 errmsg("query has two columns \"%s\", one of which would be %s", fc_beginning_of(name), one),
					 errhint("Give one of them another name, with AS.")));
		found = i;
	}
	if (found < 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("query has no column \"%s\" with %s", fc_beginning_of(name), all),
				 errdetail("Its columns are %s.", fc_list_columns(desc)),
				 errhint("Write the name in %s as it is listed, without quotes.", where)));
	return found;
}

/* Likewise */
static int
find_weight(TupleDesc desc, const char *name)
{
	return fc_find_column(desc, name, "the weight of rows", "the weights of rows", "the option \"weight\"");
}

static void
check_weight_type(Oid type, const char *name)
{
	if (!fc_is_number(getBaseType(type)))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" with the weights of rows is of type %s, which is not numeric", fc_beginning_of(name),
						format_type_be(type)),
				 errhint("Cast it, as in %s::float8.", quote_identifier(name))));
}

/* The only column with features, if there is one; else -1 */
static int
only_column(const QueryColumns *c)
{
	int			only = -1;

	for (int i = 0; i < c->features->natts; i++)
	{
		if (i == c->weight || TupleDescAttr(c->features, i)->attisdropped)
			continue;
		if (only >= 0)
			return -1;
		only = i;
	}
	return only;
}

/* Are all columns taken for something else? */
static bool
has_no_features(TupleDesc desc, int weight)
{
	for (int i = 0; i < desc->natts; i++)
		if (i != weight && !TupleDescAttr(desc, i)->attisdropped)
			return false;
	return true;
}

/* In the current context; weight may be NULL.  Columns that the caller has taken are marked as dropped. */
QueryColumns
fc_split_columns(TupleDesc desc, const char *weight)
{
	QueryColumns c = {.features = desc, .weight = weight ? find_weight(desc, weight) : -1};

	if (has_no_features(desc, c.weight))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 weight ? errmsg("query has no columns besides the weight \"%s\"", fc_beginning_of(weight)) :
				 errmsg("query has no columns"),
				 errhint("Select one column of feature vectors, or numeric columns, each a feature.")));
	if (weight)
	{
		c.features = CreateTupleDescCopy(desc);
		TupleDescAttr(c.features, c.weight)->attisdropped = true;
		check_weight_type(TupleDescAttr(desc, c.weight)->atttypid, weight);
		c.weight_type = getBaseType(TupleDescAttr(desc, c.weight)->atttypid);
	}
	c.vector = only_column(&c);
	if (c.vector >= 0 && fc_is_number(getBaseType(TupleDescAttr(desc, c.vector)->atttypid)))
		c.vector = -1;
	return c;
}

/* An error unless columns that are a feature each are as many as the model's; "hint" says what to do with others */
void
fc_check_query_features(const QueryColumns *columns, const FcModel *m, const char *hint)
{
	const TupleDesc desc = columns->features;
	StringInfoData s;
	int32		n = 0;

	if (columns->vector >= 0)
		return;
	initStringInfo(&s);
	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
		{
			fc_append_item(&s, quote_identifier(fc_beginning_of(NameStr(TupleDescAttr(desc, i)->attname))));
			n++;
		}
	if (n != fc_model_columns(m))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("model expects %s, not %d", fc_counted(fc_model_columns(m), fc_has_categories(m) ? "column" : "feature"), n),
				 m->names ? errdetail("The features of the query are %s, those of the model %s.", s.data, fc_list_names(m->names, fc_model_columns(m))) :
				 errdetail("The features of the query are %s.", s.data),
				 n > fc_model_columns(m) ? errhint("%s", hint) : 0));
}

/* In the current context; rejects columns that are not features; may they be categories? */
FeatureReader *
fc_feature_reader_of_query(const QueryColumns *columns, bool categories)
{
	if (columns->vector < 0)
		return fc_feature_reader_of_columns(columns->features, categories);
	return fc_feature_reader_of_type(TupleDescAttr(columns->features, columns->vector)->atttypid);
}

/* ---- the receiver ---- */

static const char *
precision_name(FcPrecision precision)
{
	return precision == FC_F32 ? "single" : "double";
}

/* Of several queries */
void
fc_refuse_other_precision(FcPrecision before, FcPrecision found)
{
	if (before != found)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("queries return features of different precision: %s and %s",
						precision_name(before), precision_name(found)),
				 errhint("Cast them to one type, as in x::real[] or x::float8[].")));
}

/* Another query: its rows must be like those before */
static void
check_like_before(RowReceiver *r)
{
	fc_refuse_other_precision(r->store->precision, r->reader->precision);
	r->store->changes = PG_UINT64_MAX;	/* names and kinds of columns are compared again */
}

/* A training may take no categories, which may be in a row type that was not known before */
static void
check_categories(RowReceiver *r)
{
	if (r->settings && r->changes != r->reader->changes)
		fc_refuse_categories(r->reader, r->settings);
	r->changes = r->reader->changes;
}

/* Called when the columns of the query are known: rejects those that are not features */
static void
begin_reader(RowReceiver *r, TupleDesc desc)
{
	r->columns = fc_split_columns(desc, r->weight);
	r->reader = fc_feature_reader_of_query(&r->columns, true);
	r->reader->training = true;
	r->reader->categories.allowed = true;
	r->changes = 0;
	check_categories(r);
	if (r->begun)
		check_like_before(r);
}

static void
receive_begin(DestReceiver *self, int operation pg_attribute_unused(), TupleDesc desc)
{
	RowReceiver *r = (RowReceiver *) self;
	MemoryContext old = MemoryContextSwitchTo(r->context);

	begin_reader(r, desc);
	MemoryContextSwitchTo(old);
}

/* The first vector determines the number of features */
static void
begin_store(RowReceiver *r, int32 d)
{
	MemoryContext old = MemoryContextSwitchTo(r->context);

	fc_store_begin(r->store, r->context, r->settings ? r->settings->algo : NULL, r->flags | (r->weight ? FC_STORE_WEIGHTED : 0),
				   r->reader->precision, d);
	r->store->progress = r->progress;
	r->begun = true;
	MemoryContextSwitchTo(old);
}

/* Of a row; not a number if it is null */
double
fc_weight_of_row(const QueryColumns *c, const TupleTableSlot *slot)
{
	if (c->weight < 0)
		return 1;
	return slot->tts_isnull[c->weight] ? NAN :
		fc_checked_weight(fc_number_from_datum(c->weight_type, slot->tts_values[c->weight]));
}

/* Opens a row, whose vector, if it is one, is not null; returns how many features or columns it has */
int32
fc_open_row(FeatureReader *reader, const QueryColumns *c, const TupleTableSlot *slot)
{
	return c->vector >= 0 ? fc_features_open(reader, slot->tts_values[c->vector]) :
		fc_features_open_columns(reader, slot->tts_values, slot->tts_isnull);
}

/* False: features are missing */
static bool
add_features(RowReceiver *r, const TupleTableSlot *slot, double weight)
{
	int			vector = r->columns.vector;
	int32		d;

	if (vector >= 0 && slot->tts_isnull[vector])
		return false;
	d = fc_open_row(r->reader, &r->columns, slot);
	check_categories(r);
	if (!r->begun)
		begin_store(r, d);
	fc_store_weigh(r->store, weight);
	return fc_store_add_features(r->store, r->reader, r->missing);
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *r = (RowReceiver *) self;
	MemoryContext old = MemoryContextSwitchTo(r->per_row);
	double		weight;

	slot_getallattrs(slot);
	weight = fc_weight_of_row(&r->columns, slot);
	if (weight == 0)
		r->weightless++;
	else if (isnan(weight) || !add_features(r, slot, weight))
		r->skipped++;
	MemoryContextSwitchTo(old);
	MemoryContextReset(r->per_row);
	return true;
}

static void
receive_end(DestReceiver *self pg_attribute_unused())
{
}

/* ---- the query ---- */

/* Is there a query within it, of a view for instance, that changes rows or locks them? */
static bool
writes(Node *node, void *arg)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
	{
		Query	   *query = (Query *) node;

		return query->commandType != CMD_SELECT || query->hasModifyingCTE || query->rowMarks != NIL ||
			query_tree_walker(query, writes, arg, 0);
	}
	return expression_tree_walker(node, writes, arg);
}

static void
check_query(SPIPlanPtr plan)
{
	List	   *sources = SPI_plan_get_plan_sources(plan);
	CachedPlanSource *source;

	if (list_length(sources) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 sources == NIL ? errmsg("query is empty") :
				 errmsg("query must be a single statement, not %d", list_length(sources))));
	source = linitial(sources);
	if (source->commandTag != CMDTAG_SELECT)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("query must be a SELECT, not %s", GetCommandTagName(source->commandTag))));
	if (writes(linitial(source->query_list), NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("query must be read-only"),
				 errdetail("It would create a table, change rows, or lock them.")));
}

/* Within an SPI connection */
static SPIPlanPtr
prepare_query(const char *query)
{
	SPIPlanPtr	plan = SPI_prepare_cursor(query, 0, NULL, CURSOR_OPT_PARALLEL_OK);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s", SPI_result_code_string(SPI_result));
	check_query(plan);
	return plan;
}

/* Rejects what fc_query_rows would reject, as far as possible without running the query */
void
fc_check_query(const char *query, const FcModel *settings, const char *weight)
{
	RowReceiver receiver = {.settings = settings, .weight = weight};
	CachedPlanSource *source;

	SPI_connect();
	source = linitial(SPI_plan_get_plan_sources(prepare_query(query)));
	begin_reader(&receiver, source->resultDesc);
	SPI_finish();
}

/* The columns of a query, which is rejected where a training would, and where the statement is within its text */
TupleDesc
fc_query_columns(const char *query, const RawStmt **statement)
{
	MemoryContext context = CurrentMemoryContext;
	CachedPlanSource *source;
	MemoryContext old;
	TupleDesc	desc;

	SPI_connect();
	source = linitial(SPI_plan_get_plan_sources(prepare_query(query)));
	old = MemoryContextSwitchTo(context);
	desc = CreateTupleDescCopy(source->resultDesc);
	*statement = copyObject(source->raw_parse_tree);
	MemoryContextSwitchTo(old);
	SPI_finish();
	return desc;
}

/* The statement of a query that would not be rejected, and its columns, in the current context */
ExaminedQuery *
fc_examine_query(const char *query)
{
	ExaminedQuery *result = palloc(sizeof(ExaminedQuery));
	const RawStmt *statement;
	const char *begin;

	result->desc = fc_query_columns(query, &statement);
	begin = query + Max(statement->stmt_location, 0);
	result->text = statement->stmt_len > 0 ? pnstrdup(begin, statement->stmt_len) : pstrdup(begin);
	return result;
}

/* Sends the rows of a query to a receiver */
void
fc_run_query(const char *query, DestReceiver *receiver)
{
	SPIExecuteOptions options = {.read_only = true, .dest = receiver};
	SPIPlanPtr	plan;
	int			result;

	SPI_connect();
	plan = prepare_query(query);
	result = SPI_execute_plan_extended(plan, &options);
	if (result < 0)
		elog(ERROR, "SPI_execute_plan_extended failed: %s", SPI_result_code_string(result));
	SPI_finish();
}

void
fc_refuse_no_rows(bool training, int64 skipped, bool weighted)
{
	const char *missing = weighted ? "features or weights" : "features";

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 training ? errmsg("query returns no rows to train on") : errmsg("query returns no rows to score"),
			 skipped == 0 ? (weighted ? errdetail("Rows with weight 0 are left out.") : 0) :
			 errdetail_plural(INT64_FORMAT " row was left out because %s are missing or too large.",
							  INT64_FORMAT " rows were left out because %s are missing or too large.",
							  skipped, skipped, missing)));
}

void
fc_refuse_weightless(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no row has a weight above 0"),
			 errdetail("Rows with weight 0 are left out.")));
}

/*
 * Fills a store, which lives in the current context, with the vectors returned
 * by the queries (strings), one after the other, at least one.  Returns how many rows were skipped, as they
 * were null, had no weight in the column of that name (if it is not NULL), or had features
 * missing and are not taken then, and reports them.
 * If the store is to survive the transaction, the caller closes it, after an
 * error too.
 *
 * With settings, of which algorithm and options count, the rows are for a training,
 * which others see from now on until fc_train() ends; else they are NULL.
 */
int64
fc_query_rows(List *queries, const FcModel *settings, int missing, const char *weight, bool survives, RowStore *store)
{
	RowReceiver receiver = {
		.pub = {receive_row, receive_begin, receive_end, receive_end, DestNone},
		.store = store,
		.settings = settings,
		.progress = settings ? fc_progress_begin(CurrentMemoryContext, settings->algo, GetCurrentTimestamp()) : NULL,
		.context = CurrentMemoryContext,
		.per_row = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust row", ALLOCSET_SMALL_SIZES),
		.weight = weight,
		.missing = missing,
		.flags = (survives ? FC_STORE_SURVIVES : 0) | (settings ? fc_store_flags(settings) : FC_STORE_PRIVATE),
	};
	ListCell   *cell;

	foreach(cell, queries)
		fc_run_query(lfirst(cell), &receiver.pub);
	MemoryContextDelete(receiver.per_row);
	if ((!receiver.begun || store->n == 0) && receiver.weightless > 0)
		fc_refuse_weightless();
	if (!receiver.begun || store->n == 0)
		fc_refuse_no_rows(settings != NULL, receiver.skipped, weight != NULL);
	fc_report_skipped(receiver.skipped, store->directions.zeros, store->n, weight != NULL);
	return receiver.skipped;
}
