/*
 * recipe.c - what a registry holds: making one, recipes, and versions of models
 *
 * cluster_create_registry, cluster_upgrade_registry, cluster_define,
 * cluster_set_default, cluster_drop.  Training is in retrain.c.
 *
 * All of it runs as the owner of the registry, see registry.c.
 */
#include "pg/registry/registry.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/varlena.h"

#include <math.h>

/* ---- cluster_create_registry ---- */

static const char *const creation[] = {
	"CREATE SCHEMA @",
	"COMMENT ON SCHEMA @ IS 'models of fuzzyclust and how they are trained; see cluster_define'",
	"CREATE TABLE @.format ("
	"	number int NOT NULL CHECK (number >= 1),"
	"	one boolean PRIMARY KEY DEFAULT true CHECK (one)) USING heap",
	"INSERT INTO @.format VALUES (1)",
	"CREATE TABLE @.recipes ("
	"	name text PRIMARY KEY CHECK (name <> ''),"
	"	query text NOT NULL,"
	"	algorithm text NOT NULL,"
	"	clusters int CHECK (clusters >= 1),"
	"	options jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(options) = 'object'),"
	"	owner name NOT NULL,"
	"	search_path text NOT NULL,"
	"	keep int NOT NULL DEFAULT 10 CHECK (keep >= 1),"
	"	warm_start boolean NOT NULL DEFAULT false,"
	"	max_validity_drop float8 CHECK (max_validity_drop >= 0 AND max_validity_drop < 'infinity'),"
	"	checkpoint_epochs int NOT NULL DEFAULT 10 CHECK (checkpoint_epochs >= 0)) USING heap",
	"CREATE TABLE @.versions ("
	"	name text NOT NULL REFERENCES @.recipes ON UPDATE CASCADE ON DELETE CASCADE,"
	"	number int NOT NULL CHECK (number >= 1),"
	"	model bytea NOT NULL,"
	"	trained_at timestamptz NOT NULL,"
	"	rows bigint NOT NULL CHECK (rows >= 1),"
	"	seconds float8 NOT NULL CHECK (seconds >= 0),"
	"	iterations int NOT NULL,"
	"	converged boolean NOT NULL,"
	"	objective float8 NOT NULL,"
	"	validity jsonb NOT NULL,"
	"	drift jsonb,"
	"	is_default boolean NOT NULL DEFAULT false,"
	"	PRIMARY KEY (name, number)) USING heap",
	"ALTER TABLE @.versions ALTER model SET STORAGE EXTERNAL",
	"CREATE UNIQUE INDEX versions_default ON @.versions (name) WHERE is_default",
	"CREATE TABLE @.runs ("
	"	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
	"	name text NOT NULL REFERENCES @.recipes ON UPDATE CASCADE ON DELETE CASCADE,"
	"	started_at timestamptz NOT NULL,"
	"	ended_at timestamptz,"
	"	status text NOT NULL CHECK (status IN ('running', 'done', 'refused', 'failed', 'cancelled', 'died')),"
	"	phase text,"
	"	epoch int,"
	"	epochs int,"
	"	loss float8,"
	"	checkpoint bytea,"
	"	error text,"
	"	version int,"
	"	CHECK ((status = 'running') = (ended_at IS NULL))) USING heap",
	"ALTER TABLE @.runs ALTER checkpoint SET STORAGE EXTERNAL",
	"CREATE INDEX runs_name ON @.runs (name)",
	"CREATE VIEW @.models AS"
	"	SELECT r.name, v.number AS version, v.is_default, r.algorithm, r.clusters, v.trained_at, v.rows, v.seconds,"
	"		v.iterations, v.converged, v.objective, v.validity, v.drift, octet_length(v.model) AS bytes, r.owner"
	"	FROM @.recipes r LEFT JOIN @.versions v USING (name)",
	"COMMENT ON VIEW @.models IS 'recipes and versions, without queries and without the models themselves'",
};

/* Tables and their columns, in the words of doc/reference.md */
static const char *const explanations[][2] = {
	{"TABLE @.format", "the format of this registry; see cluster_upgrade_registry"},
	{"COLUMN @.format.number", "number of the format"},
	{"COLUMN @.format.one", "there is one row"},
	{"TABLE @.recipes", "how models are trained; written by cluster_define, used by cluster_retrain"},
	{"COLUMN @.recipes.name", "name of the model"},
	{"COLUMN @.recipes.query", "gives the rows; runs as the owner of the registry, if that has passed it to cluster_define"},
	{"COLUMN @.recipes.algorithm", "name of the algorithm"},
	{"COLUMN @.recipes.clusters", "number of clusters; null: as many as are found"},
	{"COLUMN @.recipes.options", "options of the algorithm"},
	{"COLUMN @.recipes.owner", "who owned the registry when the recipe was defined"},
	{"COLUMN @.recipes.search_path", "for the query"},
	{"COLUMN @.recipes.keep", "how many versions are kept, besides the default one"},
	{"COLUMN @.recipes.warm_start", "trainings begin where the default version is"},
	{"COLUMN @.recipes.max_validity_drop", "by which share the silhouette may fall; null: any"},
	{"COLUMN @.recipes.checkpoint_epochs", "after so many epochs a network''s training is kept; 0: never"},
	{"TABLE @.versions", "models; read by cluster_model"},
	{"COLUMN @.versions.name", "name of the model"},
	{"COLUMN @.versions.number", "from 1, a training each"},
	{"COLUMN @.versions.model", "the model, for cluster_id and others"},
	{"COLUMN @.versions.trained_at", "when the training ended"},
	{"COLUMN @.versions.rows", "rows that it has learned from"},
	{"COLUMN @.versions.seconds", "time of the whole run"},
	{"COLUMN @.versions.iterations", "iterations, or epochs"},
	{"COLUMN @.versions.converged", "whether the training ended by itself"},
	{"COLUMN @.versions.objective", "what it minimizes"},
	{"COLUMN @.versions.validity", "as of cluster_validity, on a sample of the rows"},
	{"COLUMN @.versions.drift", "as of cluster_drift, against the version before; null: there is none"},
	{"COLUMN @.versions.is_default", "what cluster_model gives unless it is asked for a version"},
	{"TABLE @.runs", "trainings: what has become of them, and where they can go on"},
	{"COLUMN @.runs.id", "number of the run"},
	{"COLUMN @.runs.name", "name of the model"},
	{"COLUMN @.runs.started_at", "when it began"},
	{"COLUMN @.runs.ended_at", "when it ended; null: it runs"},
	{"COLUMN @.runs.status", "running, done, refused, failed, cancelled or died"},
	{"COLUMN @.runs.phase", "while it runs: what it is at"},
	{"COLUMN @.runs.epoch", "of networks: the last epoch that was kept"},
	{"COLUMN @.runs.epochs", "of networks: most epochs"},
	{"COLUMN @.runs.loss", "of networks: after that epoch"},
	{"COLUMN @.runs.checkpoint", "of networks: the state after that epoch"},
	{"COLUMN @.runs.error", "why it failed, or was refused"},
	{"COLUMN @.runs.version", "number of the version that has come of it"},
};

static void
create_tables(void *arg)
{
	SPI_connect();
	for (int i = 0; i < (int) lengthof(creation); i++)
		fc_execute_utility(arg, creation[i]);
	for (int i = 0; i < (int) lengthof(explanations); i++)
		fc_execute_utility(arg, psprintf("COMMENT ON %s IS '%s'", explanations[i][0], explanations[i][1]));
	SPI_finish();
}

/* Is there a registry of that name, or what looks like one? */
static bool
registry_exists(const char *name)
{
	Oid			namespace = get_namespace_oid(name, true);

	return OidIsValid(namespace) && OidIsValid(get_relname_relid("recipes", namespace));
}

/*
 * cluster_create_registry(schema name) returns void
 *
 * Makes a schema of that name with the tables of a registry, all of which belong
 * to the caller.  A registry that the caller has already is left as it is.
 */
PG_FUNCTION_INFO_V1(cluster_create_registry);
Datum
cluster_create_registry(PG_FUNCTION_ARGS)
{
	Registry	r = {.owner = GetUserId()};

	fc_refuse_null_argument(fcinfo, 0, "schema");
	r.name = NameStr(*PG_GETARG_NAME(0));
	if (registry_exists(r.name))
	{
		fc_open_registry(&r, r.name, "cluster_create_registry()");
		ereport(NOTICE,
				(errcode(ERRCODE_DUPLICATE_SCHEMA),
				 errmsg("registry \"%s\" already exists, skipping", r.name),
				 r.owner == GetUserId() ? 0 :
				 errdetail("It belongs to role \"%s\", and its recipes run as that role.", GetUserNameFromId(r.owner, false))));
		PG_RETURN_VOID();
	}
	r.schema = pstrdup(quote_identifier(r.name));
	fc_as_owner(&r, create_tables, &r);
	PG_RETURN_VOID();
}

/*
 * cluster_upgrade_registry(registry name) returns int
 *
 * Brings a registry to the format that this version works with, and returns its
 * number.  There is one format as yet, so it only checks.
 */
PG_FUNCTION_INFO_V1(cluster_upgrade_registry);
Datum
cluster_upgrade_registry(PG_FUNCTION_ARGS)
{
	Registry	r;

	fc_refuse_null_argument(fcinfo, 0, "registry");
	fc_open_registry(&r, NameStr(*PG_GETARG_NAME(0)), "cluster_upgrade_registry()");
	PG_RETURN_INT32(REGISTRY_FORMAT);
}

/* ---- cluster_define ---- */

typedef struct Definition
{
	Registry	registry;
	char	   *name;
	char	   *query;
	const FcAlgorithm *algo;
	Statement	insert;
	char	   *search_path;
	char	   *before;			/* the algorithm of the recipe that this one replaces, or NULL */
	MemoryContext context;
} Definition;

/* Everything that a training would refuse, as far as it is known before it */
static void
check_recipe(FunctionCallInfo fcinfo, const FcAlgorithm *algo)
{
	FcModel		m;
	OptionArrays arrays = {0};

	fc_model_begin(&m, algo, fc_clusters_argument(fcinfo, 3, algo), 0);
	fc_training_options(&m, &arrays, PG_ARGISNULL(4) ? NULL : PG_GETARG_JSONB_P(4));
	if (!PG_ARGISNULL(5) && PG_GETARG_INT32(5) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("keep must be at least 1, not %d", PG_GETARG_INT32(5))));
	if (!PG_ARGISNULL(7) && !(PG_GETARG_FLOAT8(7) >= 0 && isfinite(PG_GETARG_FLOAT8(7))))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("max_validity_drop must be a share of at least 0, not %s", fc_double_text(PG_GETARG_FLOAT8(7)))));
	if (!PG_ARGISNULL(8) && PG_GETARG_INT32(8) < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("checkpoint_epochs must be at least 0, not %d", PG_GETARG_INT32(8))));
}

/* Temporary tables of this session or of any other, by either name of their schema */
static bool
is_temporary(const char *schema)
{
	return strcmp(schema, "pg_temp") == 0 || strncmp(schema, "pg_temp_", 8) == 0 || strncmp(schema, "pg_toast_temp_", 14) == 0;
}

/*
 * The caller's search path, with temporary tables last, wherever it has them: a
 * recipe outlives them, and they must not hide what it means
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
		" keep, warm_start, max_validity_drop, checkpoint_epochs)"
		" VALUES ($1, $2, $3, $4, coalesce($5, '{}'), $6, $7, coalesce($8, 10), coalesce($9, false), $10, coalesce($11, 10))"
		" ON CONFLICT (name) DO UPDATE SET (query, algorithm, clusters, options, owner, search_path,"
		" keep, warm_start, max_validity_drop, checkpoint_epochs) = (excluded.query, excluded.algorithm,"
		" excluded.clusters, excluded.options, excluded.owner, excluded.search_path, excluded.keep,"
		" excluded.warm_start, excluded.max_validity_drop, excluded.checkpoint_epochs)";
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
}

static void
define(void *arg)
{
	Definition *d = arg;
	Statement	find = {.sql = "SELECT algorithm FROM ONLY @.recipes WHERE name = $1"};
	char	   *before = NULL;

	fc_set_search_path(d->search_path);
	fc_check_query(d->query);
	fc_set_search_path(OWN_SEARCH_PATH);

	SPI_connect();
	fc_text_parameter(&find, d->name);
	if (fc_execute(&d->registry, &find, true) > 0)
		before = fc_text_column(0, 1);
	d->before = before ? MemoryContextStrdup(d->context, before) : NULL;
	fc_execute(&d->registry, &d->insert, false);
	SPI_finish();
	fc_note_definition(d->registry.owner, d->search_path, d->query);
}

/*
 * cluster_define(name text, query text, algorithm text, clusters bigint, options jsonb,
 *		keep int, warm_start boolean, max_validity_drop float8, checkpoint_epochs int,
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

	fc_refuse_null_argument(fcinfo, 0, "name");
	fc_refuse_null_argument(fcinfo, 1, "query");
	fc_refuse_null_argument(fcinfo, 2, "algorithm");
	fc_refuse_null_argument(fcinfo, 9, "registry");
	d.name = text_to_cstring(PG_GETARG_TEXT_PP(0));
	if (d.name[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("name must not be empty")));
	if (strlen(d.name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("name of a model must have at most %d bytes, not %zu", NAMEDATALEN - 1, strlen(d.name))));
	d.query = text_to_cstring(PG_GETARG_TEXT_PP(1));
	d.algo = fc_algorithm_by_name(text_to_cstring(PG_GETARG_TEXT_PP(2)));
	d.search_path = recipe_search_path();
	check_recipe(fcinfo, d.algo);

	fc_open_registry(&d.registry, NameStr(*PG_GETARG_NAME(9)), "cluster_define()");
	set_parameters(fcinfo, &d);
	fc_as_owner(&d.registry, define, &d);
	if (d.before != NULL && strcmp(d.before, d.algo->name) != 0)
		ereport(NOTICE,
				(errmsg("model \"%s\" changes from %s to %s", fc_beginning_of(d.name), fc_beginning_of(d.before), d.algo->name),
				 errdetail("Its versions stay; the next one takes over their numbers of clusters as far as rows agree.")));
	PG_RETURN_VOID();
}

/* ---- versions ---- */

typedef struct Choice
{
	Registry	registry;
	const char *name;
	int32		number;			/* 0: the default */
} Choice;

char *
fc_name_argument(FunctionCallInfo fcinfo, int arg)
{
	fc_refuse_null_argument(fcinfo, arg, "name");
	return text_to_cstring(PG_GETARG_TEXT_PP(arg));
}

int32
fc_version_argument(FunctionCallInfo fcinfo, int arg)
{
	if (PG_ARGISNULL(arg))
		return 0;
	if (PG_GETARG_INT32(arg) < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("version must be at least 1, not %d", PG_GETARG_INT32(arg))));
	return PG_GETARG_INT32(arg);
}

/* Swaps of the default take turns at the row of the recipe */
void
fc_take_turn(const Registry *r, const char *name)
{
	Statement	s = {.sql = "SELECT 1 FROM ONLY @.recipes WHERE name = $1 FOR NO KEY UPDATE"};

	fc_text_parameter(&s, name);
	if (fc_execute(r, &s, false) == 0)
		fc_unknown_model(r, name);
}

void
fc_clear_default(const Registry *r, const char *name)
{
	Statement	s = {.sql = "UPDATE ONLY @.versions SET is_default = false WHERE name = $1 AND is_default"};

	fc_text_parameter(&s, name);
	fc_execute(r, &s, false);
}

static void
set_default(void *arg)
{
	const Choice *c = arg;
	Statement	s = {.sql = "UPDATE ONLY @.versions SET is_default = true WHERE name = $1 AND number = $2"};

	SPI_connect();
	fc_text_parameter(&s, c->name);
	fc_parameter(&s, INT4OID, Int32GetDatum(c->number), false);
	fc_take_turn(&c->registry, c->name);
	fc_clear_default(&c->registry, c->name);
	if (fc_execute(&c->registry, &s, false) == 0)
		fc_refuse_version(&c->registry, table_open(c->registry.tables[VERSIONS], NoLock), c->name, c->number);
	SPI_finish();
}

/*
 * cluster_set_default(name text, version int, registry name) returns void
 *
 * From now on cluster_model(name) is that version.
 */
PG_FUNCTION_INFO_V1(cluster_set_default);
Datum
cluster_set_default(PG_FUNCTION_ARGS)
{
	Choice		c = {.name = fc_name_argument(fcinfo, 0)};

	fc_refuse_null_argument(fcinfo, 1, "version");
	fc_refuse_null_argument(fcinfo, 2, "registry");
	c.number = fc_version_argument(fcinfo, 1);
	fc_open_registry(&c.registry, NameStr(*PG_GETARG_NAME(2)), "cluster_set_default()");
	fc_as_owner(&c.registry, set_default, &c);
	PG_RETURN_VOID();
}

static void
drop(void *arg)
{
	const Choice *c = arg;
	Statement	s = {.sql = "DELETE FROM ONLY @.recipes WHERE name = $1"};

	SPI_connect();
	fc_text_parameter(&s, c->name);
	if (fc_execute(&c->registry, &s, false) == 0)
		fc_unknown_model(&c->registry, c->name);
	SPI_finish();
}

/*
 * cluster_drop(name text, registry name) returns void
 *
 * The recipe, its versions and its runs; not while it is being trained.
 */
PG_FUNCTION_INFO_V1(cluster_drop);
Datum
cluster_drop(PG_FUNCTION_ARGS)
{
	Choice		c = {.name = fc_name_argument(fcinfo, 0)};

	fc_refuse_null_argument(fcinfo, 1, "registry");
	fc_open_registry(&c.registry, NameStr(*PG_GETARG_NAME(1)), "cluster_drop()");
	fc_lock_model(&c.registry, c.name, false);
	fc_as_owner(&c.registry, drop, &c);
	PG_RETURN_VOID();
}
