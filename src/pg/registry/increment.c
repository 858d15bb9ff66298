/*
 * increment.c - trainings of incremental recipes, which read newer rows only
 *
 * The last full training of the default version is its frame: the version whose
 * clusters all statistics since refer to.  A training gathers the statistics of the
 * rows that are newer than any before, in one step of the frame where the rows are,
 * merges them with those that count of earlier trainings, and makes of the frame the
 * model after that step.  So every version is one step away from its frame, and
 * statistics can be left out again when they are too old, which is exact.
 *
 *	statistics (name, frame, number, newer_than, up_to, rows, made_at, statistics)
 *
 * Number 0 stands for the rows of the frame itself, which have none.  What a version
 * that was refused would have added is not kept: its rows are read again.
 */
#include "pg/registry/retrain.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "pg/step/step.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include <math.h>

static void
frame_parameters(Statement *s, const Retraining *r)
{
	fc_text_parameter(s, r->name);
	fc_parameter(s, INT4OID, Int32GetDatum(r->before.frame), false);
}

/* ---- the frame ---- */

/* The newest row that was read since, and how often newer ones were; false: statistics are missing */
static bool
find_last_rows(Retraining *r)
{
	Increment  *inc = &r->increment;
	Statement	s = {.sql = "SELECT up_to, number FROM ONLY @.statistics AS s WHERE name = $1 AND frame = $2"
		" AND EXISTS (SELECT FROM ONLY @.statistics WHERE name = $1 AND frame = $2 AND number = 0)"
		" ORDER BY number DESC LIMIT 1"};
	char	   *up_to;
	bool		null;

	frame_parameters(&s, r);
	if (fc_execute(&r->registry, &s, true) == 0)
		return false;
	up_to = fc_text_column(0, 1);
	inc->number = DatumGetInt32(fc_column(0, 2, INT4OID, &null)) + 1;
	inc->newer_than = up_to ? MemoryContextStrdup(r->context, up_to) : NULL;
	return up_to != NULL;
}

/* false: the frame is missing, or the recipe is another one now */
static bool
find_model(Retraining *r)
{
	Statement	s = {.sql = "SELECT model FROM ONLY @.versions WHERE name = $1 AND number = $2"};
	MemoryContext old;
	FcModel		m;
	bool		null;
	Datum		model;

	frame_parameters(&s, r);
	if (fc_execute(&r->registry, &s, true) == 0)
		return false;
	model = fc_column(0, 1, BYTEAOID, &null);
	if (null)
		return false;
	old = MemoryContextSwitchTo(r->context);
	r->increment.model = DatumGetByteaPCopy(model);
	fc_model_from_datum(&m, PointerGetDatum(r->increment.model));
	MemoryContextSwitchTo(old);
	return m.algo == r->recipe.algo && (r->recipe.clusters == 0 || m.k == r->recipe.clusters) && fc_step_supports(m.algo);
}

static void
prepare_queries(Retraining *r)
{
	MemoryContext old = MemoryContextSwitchTo(r->context);
	FcModel		m;
	OptionArrays arrays = {0};

	fc_model_begin(&m, r->recipe.algo, r->recipe.clusters, 0);
	fc_training_options(&m, &arrays, r->recipe.options);
	fc_set_search_path(r->recipe.search_path);
	fc_newer_queries(r->recipe.query, &m, r->recipe.newer, arrays.weight, &r->increment.queries);
	fc_set_search_path(OWN_SEARCH_PATH);
	MemoryContextSwitchTo(old);
}

/* As the owner; afterwards a frame of 0 says that all rows are to be read */
void
fc_begin_increment(Retraining *r)
{
	bool		found = false;

	prepare_queries(r);
	if (!r->increment.full && r->before.bytes != NULL && r->before.frame > 0)
	{
		SPI_connect();
		found = find_last_rows(r) && find_model(r);
		SPI_finish();
	}
	r->increment.frame = found ? r->before.frame : 0;
	if (!found)
	{
		r->increment.newer_than = NULL;
		r->increment.number = 0;
	}
}

/* ---- newer rows ---- */

/* Which earlier statistics count; $1 and $2 are the name and the frame */
static char *
counting_condition(Statement *s, const Retraining *r)
{
	frame_parameters(s, r);
	if (r->recipe.span == NULL)
		return "name = $1 AND frame = $2";
	fc_text_parameter(s, r->increment.rows.up_to);
	fc_text_parameter(s, r->recipe.span);
	return psprintf("name = $1 AND frame = $2 AND NOT (%s)", fc_beyond_span(r->increment.queries.type, 3));
}

/* With those at hand */
static void
merge_statistics(Retraining *r)
{
	Statement	s = {.n = 0};
	char	   *counts = counting_condition(&s, r);
	MemoryContext old;
	bool		null;
	Datum		merged;

	fc_parameter(&s, BYTEAOID, PointerGetDatum(r->increment.rows.statistics), false);
	s.sql = psprintf("SELECT %s.cluster_merge(s.part) FROM (SELECT statistics FROM ONLY @.statistics"
					 " WHERE %s AND number > 0 UNION ALL SELECT $%d) AS s (part)",
					 quote_identifier(get_namespace_name(fc_extension_schema())), counts, s.n);
	fc_execute(&r->registry, &s, true);
	merged = fc_column(0, 1, BYTEAOID, &null);
	old = MemoryContextSwitchTo(r->context);
	r->increment.merged = DatumGetByteaPCopy(merged);
	MemoryContextSwitchTo(old);
}

/* The frame's own rows count less with each training, and not at all when they are too old */
static void
weigh_past(Retraining *r)
{
	Statement	s = {.n = 0};

	s.sql = psprintf("SELECT 1 FROM ONLY @.statistics WHERE %s AND number = 0", counting_condition(&s, r));
	if (fc_execute(&r->registry, &s, true) > 0)
		r->increment.past = pow(r->recipe.forgetting, r->increment.number);
}

/* That were not skipped */
int64
fc_newer_rows(const Retraining *r)
{
	FcStatistics s;

	if (r->increment.rows.statistics == NULL)
		return 0;
	fc_statistics_from_datum(&s, PointerGetDatum(r->increment.rows.statistics));
	return fc_statistics_rows(&s);
}

/* As the owner */
void
fc_read_newer_rows(Retraining *r)
{
	Increment  *inc = &r->increment;
	MemoryContext old = MemoryContextSwitchTo(r->context);

	fc_set_search_path(r->recipe.search_path);
	fc_gather_newer(&inc->queries, r->recipe.newer, inc->model, inc->newer_than, &inc->rows);
	fc_set_search_path(OWN_SEARCH_PATH);
	MemoryContextSwitchTo(old);
	if (fc_newer_rows(r) == 0)
		inc->rows.up_to = NULL;
	if (inc->rows.up_to != NULL)
	{
		SPI_connect();
		merge_statistics(r);
		weigh_past(r);
		SPI_finish();
	}
}

/* ---- the model ---- */

/* Touches no table */
void
fc_update_frame(Retraining *r)
{
	Increment  *inc = &r->increment;
	FcSurvey	sample;
	FcModel		frame;

	fc_model_from_datum(&frame, PointerGetDatum(inc->model));
	r->model = fc_update_model(PointerGetDatum(inc->model), PointerGetDatum(inc->merged), inc->past);
	fc_survey_from_datum(&sample, PointerGetDatum(inc->rows.sample));
	fc_store_sample(&sample, NULL, FC_STORE_SURVIVES, &r->store);
	r->store.names = frame.names;
}

/* ---- keeping statistics ---- */

static void
insert_statistics(Retraining *r, int32 frame)
{
	Increment  *inc = &r->increment;
	Statement	s = {.sql = "INSERT INTO @.statistics (name, frame, number, newer_than, up_to, rows, made_at, statistics)"
		" VALUES ($1, $2, $3, $4, $5, $6, clock_timestamp(), $7)"};

	fc_text_parameter(&s, r->name);
	fc_parameter(&s, INT4OID, Int32GetDatum(frame), false);
	fc_parameter(&s, INT4OID, Int32GetDatum(inc->number), false);
	fc_text_parameter(&s, inc->newer_than);
	fc_text_parameter(&s, inc->rows.up_to);
	fc_parameter(&s, INT8OID, Int64GetDatum(r->nrows), false);
	fc_parameter(&s, BYTEAOID, PointerGetDatum(inc->rows.statistics), inc->rows.statistics == NULL);
	fc_execute(&r->registry, &s, false);
}

/* Those that will never count again; number 0 says that the frame is complete */
static void
delete_old_statistics(Retraining *r)
{
	Statement	s = {.n = 0};

	if (r->recipe.span == NULL)
		return;
	frame_parameters(&s, r);
	fc_text_parameter(&s, r->increment.rows.up_to);
	fc_text_parameter(&s, r->recipe.span);
	s.sql = psprintf("DELETE FROM ONLY @.statistics WHERE name = $1 AND frame = $2 AND number > 0 AND %s",
					 fc_beyond_span(r->increment.queries.type, 3));
	fc_execute(&r->registry, &s, false);
}

static void
delete_orphans(Retraining *r)
{
	Statement	s = {.sql = "DELETE FROM ONLY @.statistics WHERE name = $1 AND frame NOT IN"
		" (SELECT frame FROM ONLY @.versions WHERE name = $1 AND frame IS NOT NULL)"};

	fc_text_parameter(&s, r->name);
	fc_execute(&r->registry, &s, false);
}

/* As the owner, within an SPI connection, once the version is there and old ones are deleted */
void
fc_record_statistics(Retraining *r)
{
	if (r->increment.frame == 0)
		insert_statistics(r, r->version);
	else if (r->refused == NULL)
	{
		insert_statistics(r, r->increment.frame);
		delete_old_statistics(r);
	}
	delete_orphans(r);
}
