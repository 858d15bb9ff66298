/*
 * define.c - recipes, by which models are trained: cluster_define
 *
 * What a training would refuse is refused when its recipe is defined, as far as
 * it is known then.  The query is examined, and the row written, as the owner of
 * the registry, see registry.c.
 */
#include "pg/registry/retrain.h"
#include "pg/step/step.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/varlena.h"

#include <math.h>

typedef struct Definition
{
	Registry	registry;
	char	   *name;
	char	   *query;
	const FcAlgorithm *algo;
	Statement	insert;
	char	   *search_path;
	char	   *newer;			/* NULL: not incremental */
	char	   *span;
	double		forgetting;
	const char *weight;			/* column of the query with the weights of rows, or NULL */
	char	   *before;			/* the algorithm of the recipe that this one replaces, or NULL */
	FcModel		settings;		/* of a training */
	MemoryContext context;
} Definition;

/* Everything that a training would refuse, as far as it is known before it */
static void
check_recipe(FunctionCallInfo fcinfo, Definition *d)
{
	OptionArrays arrays = {0};

	fc_model_begin(&d->settings, d->algo, fc_clusters_argument(fcinfo, 3, d->algo), 0);
	fc_training_options(&d->settings, &arrays, fc_options_argument(fcinfo, 4));
	d->weight = arrays.weight;
	if (!PG_ARGISNULL(5) && PG_GETARG_INT32(5) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("keep must be at least 1, not %d", PG_GETARG_INT32(5))));
	if (!PG_ARGISNULL(7) && !(PG_GETARG_FLOAT8(7) >= 0 && isfinite(PG_GETARG_FLOAT8(7))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_validity_drop must be a fraction of at least 0, not %s", fc_double_text(PG_GETARG_FLOAT8(7)))));
	if (!PG_ARGISNULL(8) && PG_GETARG_INT32(8) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("checkpoint_epochs must be at least 0, not %d", PG_GETARG_INT32(8))));
}

/* How it learns from newer rows only */
static void
read_increment(FunctionCallInfo fcinfo, Definition *d)
{
	bool		incremental = !PG_ARGISNULL(9) && PG_GETARG_BOOL(9);

	d->newer = PG_ARGISNULL(10) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(10));
	d->span = PG_ARGISNULL(11) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(11));
	d->forgetting = PG_ARGISNULL(12) ? 1 : PG_GETARG_FLOAT8(12);
	if (incremental != (d->newer != NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 incremental ? errmsg("an incremental recipe needs a column by which rows are newer") :
				 errmsg("newer requires incremental => true"),
				 errhint("Pass, for example, incremental => true, newer => 'created_at'.")));
	if (!incremental && (d->span != NULL || d->forgetting != 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("span and forgetting require incremental => true")));
	if (!(d->forgetting >= 0 && d->forgetting <= 1))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("forgetting must be between 0 and 1, not %s", fc_double_text(d->forgetting))));
	if (incremental && !fc_step_supports(d->algo))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s cannot be trained incrementally", d->algo->name),
				 errhint("Algorithms that can are %s.", fc_algorithm_names(fc_step_supports))));
}

/* Temporary tables of this session or of any other, by either name of their schema */
static bool
is_temporary(const char *schema)
{
	return strcmp(schema, "pg_temp") == 0 || strncmp(schema, "pg_temp_", 8) == 0 || strncmp(schema, "pg_toast_temp_", 14) == 0;
}

/*
 * The caller's search path, with temporary tables last, wherever it has them:
 * a recipe outlives them, and they must not hide the tables that it refers to
 */
static char *
recipe_search_path(void)
{
	char	   *path = pstrdup(GetConfigOption("search_path", false, false));
	StringInfoData complete;
	List	   *schemas;
	ListCell   *cell;

	initStringInfo(&complete);
	if (!SplitIdentifierString(path, ',', &schemas))
		elog(ERROR, "invalid list of schemas");
	foreach(cell, schemas)
		if (*(char *) lfirst(cell) != '\0' && !is_temporary(lfirst(cell)))
			appendStringInfo(&complete, "%s, ", quote_identifier(lfirst(cell)));
	appendStringInfoString(&complete, "pg_temp");
	return complete.data;
}

static void
set_parameters(FunctionCallInfo fcinfo, Definition *d)
{
	Statement  *s = &d->insert;

	s->sql = "INSERT INTO @.recipes AS r (name, query, algorithm, clusters, options, owner, search_path,"
		" keep, warm_start, max_validity_drop, checkpoint_epochs, incremental, newer, span, forgetting, report)"
		" VALUES ($1, $2, $3, $4, coalesce($5, '{}'), $6, $7, coalesce($8, 10), coalesce($9, false), $10, coalesce($11, 10),"
		" $12 IS NOT NULL, $12, $13, $14, coalesce($15, false))"
		" ON CONFLICT (name) DO UPDATE SET (query, algorithm, clusters, options, owner, search_path,"
		" keep, warm_start, max_validity_drop, checkpoint_epochs, incremental, newer, span, forgetting, report) = (excluded.query, excluded.algorithm,"
		" excluded.clusters, excluded.options, excluded.owner, excluded.search_path, excluded.keep,"
		" excluded.warm_start, excluded.max_validity_drop, excluded.checkpoint_epochs, excluded.incremental,"
		" excluded.newer, excluded.span, excluded.forgetting, excluded.report)";
	fc_text_parameter(s, d->name);
	fc_text_parameter(s, d->query);
	fc_text_parameter(s, d->algo->name);
	fc_parameter(s, INT4OID, Int32GetDatum(PG_ARGISNULL(3) ? 0 : (int32) PG_GETARG_INT64(3)), PG_ARGISNULL(3));
	fc_parameter(s, JSONBOID, PG_GETARG_DATUM(4), PG_ARGISNULL(4));
	fc_text_parameter(s, GetUserNameFromId(d->registry.owner, false));
	fc_text_parameter(s, d->search_path);
	fc_parameter(s, INT4OID, PG_GETARG_DATUM(5), PG_ARGISNULL(5));
	fc_parameter(s, BOOLOID, PG_GETARG_DATUM(6), PG_ARGISNULL(6));
	fc_parameter(s, FLOAT8OID, PG_GETARG_DATUM(7), PG_ARGISNULL(7));
	fc_parameter(s, INT4OID, PG_GETARG_DATUM(8), PG_ARGISNULL(8));
	fc_text_parameter(s, d->newer);
	fc_text_parameter(s, d->span);
	fc_parameter(s, FLOAT8OID, Float8GetDatum(d->forgetting), false);
	fc_parameter(s, BOOLOID, PG_GETARG_DATUM(13), PG_ARGISNULL(13));
}

/* In the search path of the recipe */
static void
check_query(const Definition *d)
{
	NewerQueries queries;

	if (d->newer == NULL)
	{
		fc_check_query(d->query, &d->settings, d->weight);
		return;
	}
	fc_newer_queries(d->query, &d->settings, d->newer, d->weight, &queries);
	fc_check_span(d->span, queries.type);
	fc_check_query(queries.all, &d->settings, d->weight);
}

/* Statistics belong to a recipe that has been replaced: the next training begins anew */
static void
forget_frames(const Definition *d)
{
	Statement	versions = {.sql = "UPDATE ONLY @.versions SET frame = NULL WHERE name = $1 AND frame IS NOT NULL"};
	Statement	statistics = {.sql = "DELETE FROM ONLY @.statistics WHERE name = $1"};

	fc_text_parameter(&versions, d->name);
	fc_execute(&d->registry, &versions, false);
	fc_text_parameter(&statistics, d->name);
	fc_execute(&d->registry, &statistics, false);
}

static void
define(void *arg)
{
	Definition *d = arg;
	Statement	find = d->insert;
	char	   *before = NULL;
	bool		null;

	fc_set_search_path(d->search_path);
	check_query(d);
	fc_set_search_path(OWN_SEARCH_PATH);

	SPI_connect();
	find.sql = "SELECT algorithm, query = $2 AND algorithm = $3 AND clusters IS NOT DISTINCT FROM $4"
		" AND options = coalesce($5, '{}') AND newer = $12 FROM ONLY @.recipes WHERE name = $1";
	if (fc_execute(&d->registry, &find, true) > 0)
	{
		before = fc_text_column(0, 1);
		if (!DatumGetBool(fc_column(0, 2, BOOLOID, &null)) || null)
			forget_frames(d);
	}
	d->before = before ? MemoryContextStrdup(d->context, before) : NULL;
	fc_execute(&d->registry, &d->insert, false);
	SPI_finish();
	fc_note_definition(d->registry.owner, d->search_path, d->query);
}

/*
 * cluster_define(name text, query text, algorithm text, clusters bigint, options jsonb,
 *		keep int, warm_start boolean, max_validity_drop float8, checkpoint_epochs int,
 *		incremental boolean, newer text, span text, forgetting float8, report boolean,
 *		registry name) returns void
 *
 * Checks a recipe and keeps it.  A recipe of that name is replaced, and its
 * versions stay.
 */
PG_FUNCTION_INFO_V1(cluster_define);
Datum
cluster_define(PG_FUNCTION_ARGS)
{
	Definition	d = {.context = CurrentMemoryContext};
	const char *registry;

	d.name = fc_name_argument(fcinfo, 0);
	fc_refuse_null(fcinfo, 1, "query");
	fc_refuse_null(fcinfo, 2, "algorithm");
	registry = fc_registry_argument(fcinfo, 14);
	if (d.name[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("name must not be empty")));
	if (strlen(d.name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("model name must have at most %d bytes, not %zu", NAMEDATALEN - 1, strlen(d.name))));
	d.query = text_to_cstring(PG_GETARG_TEXT_PP(1));
	d.algo = fc_algorithm_by_name(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	d.search_path = recipe_search_path();
	check_recipe(fcinfo, &d);
	read_increment(fcinfo, &d);

	fc_open_registry(&d.registry, registry, "cluster_define()");
	set_parameters(fcinfo, &d);
	fc_as_owner(&d.registry, define, &d);
	if (d.before != NULL && strcmp(d.before, d.algo->name) != 0)
		ereport(NOTICE,
				(errmsg("model \"%s\" changes from %s to %s", fc_beginning_of(d.name), fc_beginning_of(d.before), d.algo->name),
				 errdetail("Existing versions are kept; the next one takes over their cluster numbers as far as the rows agree.")));
	PG_RETURN_VOID();
}
