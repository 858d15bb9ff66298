/*
 * rows.c - the rows of a report's query, read once
 *
 * The query is that of a training (see train/query.c): it runs as the caller, may not write,
 * and uses the snapshot of the calling statement.  Beside the features it may have columns
 * with labels, keys and weights, by name.
 */
#include "pg/report/report.h"

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "tcop/dest.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include <math.h>

#define MOST_RULED	64			/* clusters: to find rules of more would take too long, and few are shown */

/* A column that is shown as text */
typedef struct TextColumn
{
	int			at;				/* from 0; -1: none */
	FmgrInfo	output;
} TextColumn;

typedef struct RowReader
{
	DestReceiver pub;			/* the part known to the executor; must be first */
	Report	   *report;
	MemoryContext context;		/* of the reader, and of what is gathered */
	MemoryContext per_row;
	QueryColumns columns;
	FeatureReader *features;
	RowStore	store;			/* rows again, for rules ... */
	bool		keeps;			/* ... if there are to be any ... */
	bool		begun;			/* ... and is: there was a row */
	TextColumn	label;
	TextColumn	key;
} RowReader;

/* ---- the columns ---- */

/* Takes a column of the query away from the features; it may have been taken before */
static TextColumn
take_column(TupleDesc desc, TupleDesc features, const char *name, const char *one, const char *all, const char *where)
{
	TextColumn	column = {.at = -1};
	Oid			output;
	bool		varlena;

	if (name == NULL)
		return column;
	column.at = fc_find_column(desc, name, one, all, where);
	getTypeOutputInfo(TupleDescAttr(desc, column.at)->atttypid, &output, &varlena);
	fmgr_info_cxt(output, &column.output, CurrentMemoryContext);
	TupleDescAttr(features, column.at)->attisdropped = true;
	return column;
}

static void
receive_begin(DestReceiver *self, int operation pg_attribute_unused(), TupleDesc desc)
{
	RowReader  *r = (RowReader *) self;
	const ReportOptions *options = &r->report->options;
	MemoryContext old = MemoryContextSwitchTo(r->context);
	TupleDesc	features = CreateTupleDescCopy(desc);

	r->label = take_column(desc, features, options->label, "the label of rows", "the labels of rows", "the argument \"label\"");
	r->key = take_column(desc, features, options->key, "the key of rows", "the keys of rows", "the option \"key\"");
	r->columns = fc_split_columns(features, options->weight);
	fc_check_query_features(&r->columns, r->report->m, "Name other columns in the argument \"label\" or the options \"key\" and "
							"\"weight\", or leave them out.");
	fc_name_report_columns(r->report, &r->columns);
	r->features = fc_feature_reader_of_query(&r->columns, true);
	r->features->categories.allowed = true;
	MemoryContextSwitchTo(old);
}

/* ---- a row ---- */

static const char *
text_of(TextColumn *column, const TupleTableSlot *slot)
{
	if (column->at < 0 || slot->tts_isnull[column->at])
		return NULL;
	return OutputFunctionCall(&column->output, slot->tts_values[column->at]);
}

/* Its features into the slot of the model; false: it has no score */
static bool
read_features(RowReader *r, const TupleTableSlot *slot)
{
	int			vector = r->columns.vector;

	if (vector < 0)
		return fc_read_columns(&r->report->slot, r->features, slot->tts_values, slot->tts_isnull);
	return !slot->tts_isnull[vector] && fc_read_features(&r->report->slot, r->features, slot->tts_values[vector]);
}

/* Into the store: rules are found among all rows, in several passes */
static void
store_row(RowReader *r, const TupleTableSlot *slot, double weight)
{
	int32		d = fc_open_row(r->features, &r->columns, slot);

	if (!r->begun)
	{
		MemoryContext old = MemoryContextSwitchTo(r->context);

		fc_store_begin(&r->store, r->context, NULL, FC_STORE_PRIVATE | (r->columns.weight >= 0 ? FC_STORE_WEIGHTED : 0),
					   r->features->precision, d);
		r->begun = true;
		MemoryContextSwitchTo(old);
	}
	fc_store_weigh(&r->store, weight);
	(void) fc_store_add_features(&r->store, r->features, fc_missing(r->report->m));
}

static void
read_row(RowReader *r, const TupleTableSlot *slot)
{
	Gathered   *g = &r->report->rows;
	double		weight = fc_weight_of_row(&r->columns, slot);

	if (weight == 0)
		g->weightless++;
	else if (isnan(weight) || !read_features(r, slot))
		g->skipped++;
	else
	{
		const char *label = text_of(&r->label, slot);
		const char *key = text_of(&r->key, slot);

		if (r->keeps)
			store_row(r, slot, weight);
		MemoryContextSwitchTo(r->context);
		fc_gather_row(r->report, weight, label, key);
	}
}

static bool
receive_row(TupleTableSlot *slot, DestReceiver *self)
{
	RowReader  *r = (RowReader *) self;
	MemoryContext old = MemoryContextSwitchTo(r->per_row);

	CHECK_FOR_INTERRUPTS();
	slot_getallattrs(slot);
	read_row(r, slot);
	MemoryContextSwitchTo(old);
	MemoryContextReset(r->per_row);
	return true;
}

static void
receive_end(DestReceiver *self pg_attribute_unused())
{
}

void
fc_report_rows(Report *r, const char *query)
{
	RowReader	reader = {
		.pub = {receive_row, receive_begin, receive_end, receive_end, DestNone},
		.report = r,
		.context = CurrentMemoryContext,
		.keeps = r->nshown > 0 && r->m->k <= MOST_RULED,
		.per_row = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust report row", ALLOCSET_SMALL_SIZES)
	};

	fc_begin_gathering(r);
	fc_run_query(query, &reader.pub);
	MemoryContextDelete(reader.per_row);
	if (r->rows.rows == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("query returns no rows to report on"),
				 r->rows.skipped == 0 ? 0 :
				 errdetail_plural(INT64_FORMAT " row was left out because features or weights are missing.",
								  INT64_FORMAT " rows were left out because features or weights are missing.",
								  (unsigned long) r->rows.skipped, r->rows.skipped)));
	fc_finish_validity(&r->rows.validity, &r->slot.scorer, &r->validity);
	if (reader.begun)
	{
		r->rules = fc_rules_of_rows(r->model, &reader.store, &reader.columns);
		fc_store_close(&reader.store);
	}
}
