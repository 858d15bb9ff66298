/*
 * create.c - the schema of a registry: cluster_create_registry, cluster_upgrade_registry
 *
 * All of it runs as the owner of the registry, see registry.c.
 */
#include "pg/registry/registry.h"

#include "access/xact.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

/*
 * What each format adds to the one before.  A new registry passes through all of
 * them, as an old one does.
 */
static const char *const format_1[] = {
	"CREATE SCHEMA @",
	"COMMENT ON SCHEMA @ IS 'registry of fuzzyclust models and their recipes; see cluster_define'",
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

static const char *const format_2[] = {
	"ALTER TABLE @.recipes"
	"	ADD incremental boolean NOT NULL DEFAULT false,"
	"	ADD newer text,"
	"	ADD span text,"
	"	ADD forgetting float8 NOT NULL DEFAULT 1 CHECK (forgetting >= 0 AND forgetting <= 1),"
	"	ADD CHECK (incremental = (newer IS NOT NULL))",
	"ALTER TABLE @.versions ADD frame int",
	"CREATE TABLE @.lineage ("
	"	name text NOT NULL REFERENCES @.recipes ON UPDATE CASCADE ON DELETE CASCADE,"
	"	version int NOT NULL,"
	"	cluster int,"
	"	from_version int,"
	"	from_cluster int,"
	"	share float8,"
	"	from_share float8,"
	"	event text NOT NULL CHECK (event IN ('kept', 'split', 'merged', 'mixed', 'appeared', 'faded'))) USING heap",
	"CREATE INDEX lineage_name ON @.lineage (name, version)",
	"CREATE TABLE @.statistics ("
	"	name text NOT NULL REFERENCES @.recipes ON UPDATE CASCADE ON DELETE CASCADE,"
	"	frame int NOT NULL,"
	"	number int NOT NULL CHECK (number >= 0),"
	"	newer_than text,"
	"	up_to text NOT NULL,"
	"	rows bigint NOT NULL CHECK (rows >= 0),"
	"	made_at timestamptz NOT NULL,"
	"	statistics bytea,"
	"	PRIMARY KEY (name, frame, number)) USING heap",
	"UPDATE ONLY @.format SET number = 2",
};

static const char *const format_3[] = {
	"ALTER TABLE @.recipes ADD report boolean NOT NULL DEFAULT false",
	"ALTER TABLE @.versions ADD report text",
	"UPDATE ONLY @.format SET number = 3",
};

/* Tables and their columns, in the words of doc/reference.md */
static const char *const explanations_1[][2] = {
	{"TABLE @.format", "the format of this registry; see cluster_upgrade_registry"},
	{"COLUMN @.format.number", "number of the format"},
	{"COLUMN @.format.one", "ensures that there is only one row"},
	{"TABLE @.recipes", "how models are trained; written by cluster_define, used by cluster_retrain"},
	{"COLUMN @.recipes.name", "name of the model"},
	{"COLUMN @.recipes.query", "returns the training rows; runs as the owner of the registry, if the owner has passed it to cluster_define"},
	{"COLUMN @.recipes.algorithm", "name of the algorithm"},
	{"COLUMN @.recipes.clusters", "number of clusters; null if the algorithm finds it"},
	{"COLUMN @.recipes.options", "options of the algorithm"},
	{"COLUMN @.recipes.owner", "owner of the registry when the recipe was defined"},
	{"COLUMN @.recipes.search_path", "search path of the query"},
	{"COLUMN @.recipes.keep", "number of newest versions to keep, in addition to the default version"},
	{"COLUMN @.recipes.warm_start", "whether training starts from the default version"},
	{"COLUMN @.recipes.max_validity_drop", "fraction by which the silhouette may fall; null: no limit"},
	{"COLUMN @.recipes.checkpoint_epochs", "number of epochs between checkpoints of a network''s training; 0: no checkpoints"},
	{"TABLE @.versions", "trained models; read by cluster_model"},
	{"COLUMN @.versions.name", "name of the model"},
	{"COLUMN @.versions.number", "number of the version, starting from 1"},
	{"COLUMN @.versions.model", "the model, for cluster_id and other functions"},
	{"COLUMN @.versions.trained_at", "when the training ended"},
	{"COLUMN @.versions.rows", "number of training rows"},
	{"COLUMN @.versions.seconds", "duration of the whole run"},
	{"COLUMN @.versions.iterations", "number of iterations or epochs"},
	{"COLUMN @.versions.converged", "whether the training converged"},
	{"COLUMN @.versions.objective", "final value of the objective function"},
	{"COLUMN @.versions.validity", "result of cluster_validity on a sample of the rows"},
	{"COLUMN @.versions.drift", "result of cluster_drift, compared with the previous default version; null if there was none"},
	{"COLUMN @.versions.is_default", "whether cluster_model returns this version if none is given"},
	{"TABLE @.runs", "training runs: their results, and checkpoints from which they can resume"},
	{"COLUMN @.runs.id", "number of the run"},
	{"COLUMN @.runs.name", "name of the model"},
	{"COLUMN @.runs.started_at", "when the run began"},
	{"COLUMN @.runs.ended_at", "when the run ended; null while it is running"},
	{"COLUMN @.runs.status", "running, done, refused, failed, cancelled or died"},
	{"COLUMN @.runs.phase", "current phase of a running training"},
	{"COLUMN @.runs.epoch", "for networks: epoch of the last checkpoint"},
	{"COLUMN @.runs.epochs", "for networks: maximum number of epochs"},
	{"COLUMN @.runs.loss", "for networks: loss at the last checkpoint"},
	{"COLUMN @.runs.checkpoint", "for networks: state of the training at the last checkpoint"},
	{"COLUMN @.runs.error", "why the run failed, or its version was refused"},
	{"COLUMN @.runs.version", "number of the resulting version"},
};

static const char *const explanations_2[][2] = {
	{"COLUMN @.recipes.incremental", "whether a retraining reads only newer rows"},
	{"COLUMN @.recipes.newer", "column of the query by which rows are newer than others"},
	{"COLUMN @.recipes.span", "difference to the newest row up to which statistics count; null: all count"},
	{"COLUMN @.recipes.forgetting", "factor applied at each retraining to the weight of the rows of the last full training"},
	{"COLUMN @.versions.frame", "version whose clusters the statistics behind this one refer to; its own number after a full training"},
	{"TABLE @.lineage", "which cluster of which version became which; read by cluster_lineage"},
	{"COLUMN @.lineage.name", "name of the model"},
	{"COLUMN @.lineage.version", "version of the model"},
	{"COLUMN @.lineage.cluster", "its cluster; null if a cluster of the earlier version has faded"},
	{"COLUMN @.lineage.from_version", "version it was compared with; null if there was none"},
	{"COLUMN @.lineage.from_cluster", "cluster of that version; null if the cluster has appeared"},
	{"COLUMN @.lineage.share", "share of the mass of the cluster that was in the earlier cluster"},
	{"COLUMN @.lineage.from_share", "share of the mass of the earlier cluster that is in the cluster"},
	{"COLUMN @.lineage.event", "kept, split, merged, mixed, appeared or faded"},
	{"TABLE @.statistics", "statistics of the rows read by the retrainings of incremental recipes"},
	{"COLUMN @.statistics.name", "name of the model"},
	{"COLUMN @.statistics.frame", "version whose clusters they refer to"},
	{"COLUMN @.statistics.number", "number of the retraining since that version, which is 0"},
	{"COLUMN @.statistics.newer_than", "the rows are newer than this; null: all rows"},
	{"COLUMN @.statistics.up_to", "the newest of the rows"},
	{"COLUMN @.statistics.rows", "number of rows"},
	{"COLUMN @.statistics.made_at", "when the rows were read"},
	{"COLUMN @.statistics.statistics", "result of cluster_step; null for the rows of the full training"},
};

static const char *const explanations_3[][2] = {
	{"COLUMN @.recipes.report", "whether each version is kept with a report"},
	{"COLUMN @.versions.report", "result of cluster_report, a page of HTML; null if the recipe wanted none, or it failed"},
};

static const struct
{
	const char *const *statements;
	int			nstatements;
	const char *const (*explanations)[2];
	int			nexplanations;
}			formats[REGISTRY_FORMAT] =
{
	{format_1, lengthof(format_1), explanations_1, lengthof(explanations_1)},
	{format_2, lengthof(format_2), explanations_2, lengthof(explanations_2)},
	{format_3, lengthof(format_3), explanations_3, lengthof(explanations_3)},
};

/* From the format that the registry has, 0 for none, to the present one */
static void
raise_format(void *arg)
{
	const Registry *r = arg;

	SPI_connect();
	for (int f = r->format; f < REGISTRY_FORMAT; f++)
	{
		for (int i = 0; i < formats[f].nstatements; i++)
			fc_execute_utility(r, formats[f].statements[i]);
		for (int i = 0; i < formats[f].nexplanations; i++)
			fc_execute_utility(r, psprintf("COMMENT ON %s IS '%s'", formats[f].explanations[i][0],
										   formats[f].explanations[i][1]));
	}
	SPI_finish();
}

/* Is there a registry of that name, or something similar to one? */
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

	fc_refuse_null(fcinfo, 0, "schema");
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
	fc_as_owner(&r, raise_format, &r);
	PG_RETURN_VOID();
}

/*
 * cluster_upgrade_registry(registry name) returns int
 *
 * Upgrades a registry to the format of this version, and returns its number.
 * What it adds belongs to the owner of the registry; all that was there stays.
 * The first lock lets only one session in, which then waits for all others.
 */
PG_FUNCTION_INFO_V1(cluster_upgrade_registry);
Datum
cluster_upgrade_registry(PG_FUNCTION_ARGS)
{
	const char *name = fc_registry_argument(fcinfo, 0);
	Registry	before;
	Registry	after;

	fc_open_any_registry(&before, name, "cluster_upgrade_registry()", ShareUpdateExclusiveLock);
	if (before.format == REGISTRY_FORMAT)
		PG_RETURN_INT32(REGISTRY_FORMAT);
	fc_open_any_registry(&before, name, "cluster_upgrade_registry()", AccessExclusiveLock);
	fc_as_owner(&before, raise_format, &before);
	CommandCounterIncrement();
	fc_open_registry(&after, name, "cluster_upgrade_registry()");
	if (after.tables[RECIPES] != before.tables[RECIPES] || after.owner != before.owner)
		fc_refuse_concurrent_change(&before);
	PG_RETURN_INT32(REGISTRY_FORMAT);
}
