/*
 * retrain_steps.c - reading from and writing to a registry for cluster_retrain
 *
 * All of it runs as the registry's owner, within a step of retrain.c.  Owners
 * may have altered their tables, so values read from them are checked first.
 */
#include "pg/registry/retrain.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include <math.h>

#define CHECKPOINT_EPOCHS	10	/* if the recipe does not set it */

/* ---- the recipe, and the run that begins ---- */

/* Only queries that the owner has defined run with the owner's privileges */
static void
check_author(const Retraining *r, const char *owner)
{
	const char *real = GetUserNameFromId(r->registry.owner, false);

	if (strcmp(owner, real) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the recipe of model \"%s\" belongs to role \"%s\", but registry \"%s\" belongs to \"%s\"",
						fc_beginning_of(r->name), fc_beginning_of(owner), r->registry.name, real),
				 errdetail("Its query would run with the privileges of \"%s\", who has not defined it.", real),
				 errhint("Review the query in %s.recipes; to adopt it, pass it to cluster_define again.",
						 r->registry.schema)));
	if (!fc_has_defined(r->registry.owner, r->recipe.search_path, r->recipe.query))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the query of model \"%s\" has not been defined by \"%s\", the owner of registry \"%s\"",
						r->name, real, r->registry.name),
				 errdetail("It would run with the privileges of \"%s\". Recipes that were written by other roles, or "
						   "changed directly in the table, are not run.", real),
				 errhint("Review query and search_path in %s.recipes; to adopt them, pass the query to "
						 "cluster_define again.", r->registry.schema)));
}

/* Constraints are there to be dropped */
static char *
required_text(int column)
{
	char	   *text = fc_text_column(0, column);

	if (text == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("column \"%s\" of a recipe is null", SPI_fname(SPI_tuptable->tupdesc, column))));
	return text;
}

static int32
int_column(int column, int32 otherwise)
{
	bool		null;
	Datum		value = fc_column(0, column, INT4OID, &null);

	return null ? otherwise : DatumGetInt32(value);
}

/* Within the SPI connection of the row */
static void
read_recipe(Retraining *r)
{
	Recipe	   *recipe = &r->recipe;
	bool		null;
	Datum		options = fc_column(0, 4, JSONBOID, &null);
	MemoryContext old = MemoryContextSwitchTo(r->context);

	recipe->query = required_text(1);
	recipe->algo = fc_algorithm_by_name(required_text(2));
	recipe->clusters = int_column(3, 0);
	if (recipe->clusters != 0 || !(recipe->algo->traits & FC_FINDS_CLUSTERS))
		fc_check_clusters(recipe->clusters);
	recipe->options = null ? NULL : DatumGetJsonbPCopy(options);
	recipe->search_path = required_text(6);
	check_author(r, required_text(5));
	recipe->keep = int_column(7, 10);
	recipe->warm_start = DatumGetBool(fc_column(0, 8, BOOLOID, &null));
	recipe->max_validity_drop = DatumGetFloat8(fc_column(0, 9, FLOAT8OID, &null));
	if (null)
		recipe->max_validity_drop = NAN;
	recipe->checkpoint_epochs = int_column(10, CHECKPOINT_EPOCHS);
	recipe->newer = fc_text_column(0, 11);
	recipe->span = fc_text_column(0, 12);
	recipe->forgetting = DatumGetFloat8(fc_column(0, 13, FLOAT8OID, &null));
	if (null || !(recipe->forgetting >= 0 && recipe->forgetting <= 1))
		recipe->forgetting = 1;
	recipe->report = DatumGetBool(fc_column(0, 14, BOOLOID, &null)) && !null;
	MemoryContextSwitchTo(old);
}

static void
find_recipe(Retraining *r)
{
	Statement	s = {.sql = "SELECT query, algorithm, clusters, options, owner::text, search_path, keep, warm_start,"
		" max_validity_drop, checkpoint_epochs, CASE WHEN incremental THEN newer END, span, forgetting, report"
		" FROM ONLY @.recipes WHERE name = $1"};

	fc_text_parameter(&s, r->name);
	if (fc_execute(&r->registry, &s, true) == 0)
		fc_unknown_model(&r->registry, r->name);
	read_recipe(r);
}

void
fc_begin_run(void *arg)
{
	Retraining *r = arg;

	SPI_connect();
	find_recipe(r);
	fc_run_begin(&r->run, r->began);
	SPI_finish();
}

/* ---- the version before ---- */

void
fc_read_default_version(Retraining *r)
{
	Statement	s = {.sql = "SELECT model, (validity ->> 'silhouette')::float8, number, frame FROM ONLY @.versions"
		" WHERE name = $1 AND is_default"};
	bool		null;

	SPI_connect();
	fc_text_parameter(&s, r->name);
	if (fc_execute(&r->registry, &s, true) > 0)
	{
		Datum		model = fc_column(0, 1, BYTEAOID, &null);
		MemoryContext old = MemoryContextSwitchTo(r->context);

		if (null)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("the default version of model \"%s\" is null", fc_beginning_of(r->name))));
		r->before.bytes = DatumGetByteaPCopy(model);
		fc_model_from_datum(&r->before.model, PointerGetDatum(r->before.bytes));
		MemoryContextSwitchTo(old);
		r->before.silhouette = DatumGetFloat8(fc_column(0, 2, FLOAT8OID, &null));
		if (null)
			r->before.silhouette = NAN;
		r->before.number = int_column(3, 0);
		r->before.frame = int_column(4, 0);
	}
	SPI_finish();
}

/* The rows are there; an earlier run may have learned from the same ones */
void
fc_end_reading(Retraining *r)
{
	SPI_connect();
	fc_run_phase(&r->run, "training");
	if (r->recipe.algo->epochs && r->recipe.checkpoint_epochs > 0)
		r->checkpoints.last = fc_run_checkpoint(&r->run, r->context);
	SPI_finish();
}

void
fc_record_checkpoint(void *arg)
{
	Retraining *r = arg;

	SPI_connect();
	fc_run_keep(&r->run, r->course, r->phase, r->checkpoint);
	SPI_finish();
}

/* ---- the new version ---- */

static Datum
jsonb_of(const char *text)
{
	return text ? fc_jsonb(text) : (Datum) 0;
}

static void
insert_version(Retraining *r)
{
	const FcModel *m = &r->new_model;
	Statement	s = {.sql = "INSERT INTO @.versions (name, number, model, trained_at, rows, seconds, iterations, converged,"
		" objective, validity, drift, is_default, frame)"
		" SELECT $1, next, $2, clock_timestamp(), $3, $4, $5, $6, $7, $8, $9, $10, CASE $11 WHEN 0 THEN next ELSE $11 END"
		" FROM (SELECT coalesce(max(number), 0) + 1 AS next FROM ONLY @.versions WHERE name = $1) AS v RETURNING number"};

	r->seconds = fc_seconds_between(r->began, GetCurrentTimestamp());
	fc_text_parameter(&s, r->name);
	fc_parameter(&s, BYTEAOID, PointerGetDatum(r->model), false);
	fc_parameter(&s, INT8OID, Int64GetDatum(m->rows), false);
	fc_parameter(&s, FLOAT8OID, Float8GetDatum(r->seconds), false);
	fc_parameter(&s, INT4OID, Int32GetDatum(m->iterations), false);
	fc_parameter(&s, BOOLOID, BoolGetDatum(m->converged), false);
	fc_parameter(&s, FLOAT8OID, Float8GetDatum(m->objective), false);
	fc_parameter(&s, JSONBOID, jsonb_of(r->drift.validity), false);
	fc_parameter(&s, JSONBOID, jsonb_of(r->drift.report), r->drift.report == NULL);
	fc_parameter(&s, BOOLOID, BoolGetDatum(r->refused == NULL), false);
	fc_parameter(&s, INT4OID, Int32GetDatum(r->increment.frame), r->recipe.newer == NULL);
	fc_execute(&r->registry, &s, false);
	r->version = int_column(1, 0);
}

/* All but the newest ones, the default, and their frames */
static void
delete_old_versions(Retraining *r)
{
	Statement	s = {.sql = "WITH kept AS (SELECT number, frame FROM ONLY @.versions WHERE name = $1 AND (is_default OR number IN"
		" (SELECT number FROM ONLY @.versions WHERE name = $1 ORDER BY number DESC LIMIT $2)))"
		" DELETE FROM ONLY @.versions WHERE name = $1 AND number NOT IN"
		" (SELECT number FROM kept UNION ALL SELECT frame FROM kept WHERE frame IS NOT NULL)"};

	fc_text_parameter(&s, r->name);
	fc_parameter(&s, INT4OID, Int32GetDatum(r->recipe.keep), false);
	fc_execute(&r->registry, &s, false);
}

/* Is the recipe still the one that the version was trained by, as far as statistics depend on it? */
static bool
is_recipe(const Retraining *r)
{
	const Recipe *recipe = &r->recipe;
	Statement	s = {.sql = "SELECT 1 FROM ONLY @.recipes WHERE name = $1 AND query = $2 AND algorithm = $3"
		" AND coalesce(clusters, 0) = $4 AND options = $5 AND newer = $6"};

	fc_text_parameter(&s, r->name);
	fc_text_parameter(&s, recipe->query);
	fc_text_parameter(&s, recipe->algo->name);
	fc_parameter(&s, INT4OID, Int32GetDatum(recipe->clusters), false);
	fc_parameter(&s, JSONBOID, PointerGetDatum(recipe->options), recipe->options == NULL);
	fc_text_parameter(&s, recipe->newer);
	return fc_execute(&r->registry, &s, true) > 0;
}

void
fc_record_version(void *arg)
{
	Retraining *r = arg;

	SPI_connect();
	fc_take_turn(&r->registry, r->name);
	if (r->recipe.newer != NULL && !is_recipe(r))
		r->recipe.newer = NULL;
	if (!r->refused)
		fc_clear_default(&r->registry, r->name);
	insert_version(r);
	fc_record_lineage(&r->registry, r->name, r->version, r->drift.report ? r->before.number : 0, &r->drift);
	delete_old_versions(r);
	if (r->recipe.newer != NULL)
		fc_record_statistics(r);
	fc_run_end(&r->run, r->refused ? "refused" : "done", r->refused, r->version);
	SPI_finish();
}

/* A run that has found no rows */
void
fc_record_nothing(void *arg)
{
	Retraining *r = arg;

	SPI_connect();
	fc_run_end(&r->run, "done", NULL, 0);
	SPI_finish();
}

/* ---- failures ---- */

void
fc_record_failure(void *arg)
{
	Retraining *r = arg;

	SPI_connect();
	fc_run_end(&r->run, r->error->sqlerrcode == ERRCODE_QUERY_CANCELED ? "cancelled" : "failed", r->error->message, 0);
	SPI_finish();
}
