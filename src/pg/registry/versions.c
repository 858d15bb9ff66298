/*
 * versions.c - versions of models: choosing the default, and deleting
 *
 * cluster_set_default, cluster_drop; cluster_model is in lookup.c.  All of it runs
 * as the owner of the registry, see registry.c.
 */
#include "pg/registry/registry.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"

typedef struct Choice
{
	Registry	registry;
	const char *name;
	int32		number;			/* 0: the default */
} Choice;

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

	fc_refuse_null(fcinfo, 1, "version");
	c.number = fc_version_argument(fcinfo, 1);
	fc_open_registry(&c.registry, fc_registry_argument(fcinfo, 2), "cluster_set_default()");
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

	fc_open_registry(&c.registry, fc_registry_argument(fcinfo, 1), "cluster_drop()");
	fc_lock_model(&c.registry, c.name, false);
	fc_as_owner(&c.registry, drop, &c);
	PG_RETURN_VOID();
}
