/*
 * keep_report.c - the report of a new version, where the recipe wants one
 *
 * When the version is there, in a step of its own: a report that fails is a warning, and
 * its message is kept with the run, but the version stays.
 *
 * The report is above the registry, so it is called by name, with arguments of exactly its
 * types: no function that somebody has added to the schema of the extension can fit better.
 */
#include "pg/registry/retrain.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#define ARGUMENTS	5

/* The column with weights is an option of the recipe, which the report needs, too */
static Datum
report_options(const Recipe *recipe)
{
	JsonbValue	v;
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfoChar(&s, '{');
	if (recipe->options && getKeyJsonValueFromContainer(&recipe->options->root, "weight", 6, &v) && v.type == jbvString)
		fc_json_add_string(&s, "weight", pnstrdup(v.val.string.val, v.val.string.len));
	appendStringInfoChar(&s, '}');
	return fc_jsonb(s.data);
}

/* Within an SPI connection; the query is that of the training, and has its search path */
static char *
make_report(const Retraining *r)
{
	static const Oid types[ARGUMENTS] = {TEXTOID, TEXTOID, JSONBOID, INT4OID, NAMEOID};
	const char *query = r->increment.queries.all ? r->increment.queries.all : r->recipe.query;
	NameData	registry;
	Datum		values[ARGUMENTS] = {
		CStringGetTextDatum(r->name), CStringGetTextDatum(query), report_options(&r->recipe), Int32GetDatum(r->version),
		NameGetDatum(&registry)
	};
	char	   *sql = psprintf("SELECT %s.cluster_report($1, $2, NULL::pg_catalog.text, $3, $4, $5)",
							   quote_identifier(get_namespace_name(fc_extension_schema())));

	namestrcpy(&registry, r->registry.name);
	fc_set_search_path(r->recipe.search_path);
	if (SPI_execute_with_args(sql, ARGUMENTS, (Oid *) types, values, NULL, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed");
	fc_set_search_path(OWN_SEARCH_PATH);
	return fc_text_column(0, 1);
}

static void
store_report(const Retraining *r, const char *page)
{
	Statement	s = {.sql = "UPDATE ONLY @.versions SET report = $3 WHERE name = $1 AND number = $2"};

	fc_text_parameter(&s, r->name);
	fc_parameter(&s, INT4OID, Int32GetDatum(r->version), false);
	fc_text_parameter(&s, page);
	fc_execute(&r->registry, &s, false);
}

static void
try_report(void *arg)
{
	const Retraining *r = arg;

	SPI_connect();
	store_report(r, make_report(r));
	SPI_finish();
}

/* Why it failed; the run ended well */
static void
note_failure(const Retraining *r, const char *message)
{
	Statement	s = {.sql = "UPDATE ONLY @.runs SET error = concat_ws('; ', error, $2) WHERE id = $1"};

	SPI_connect();
	fc_parameter(&s, INT8OID, Int64GetDatum(r->run.id), false);
	fc_text_parameter(&s, psprintf("report: %s", message));
	fc_execute(&r->registry, &s, false);
	SPI_finish();
}

/* A step of a retraining, once its version is recorded */
void
fc_keep_report(void *arg)
{
	const Retraining *r = arg;
	ErrorData  *error = fc_in_subtransaction(try_report, arg);

	if (error == NULL)
		return;
	if (error->sqlerrcode == ERRCODE_QUERY_CANCELED)
		ReThrowError(error);
	fc_set_search_path(OWN_SEARCH_PATH);
	note_failure(r, error->message);
	ereport(WARNING,
			(errmsg("version %d of model \"%s\" has no report", r->version, fc_beginning_of(r->name)),
			 errdetail("%s.", error->message)));
}
