/*
 * run_log.c - the runs of a registry: results of trainings, and checkpoints to
 * resume from
 *
 * All of these are statements of the registry's owner, within an SPI connection.
 * Checkpoints are large: there is one a model, that of its last run, until a
 * training has been completed.
 */
#include "pg/registry/registry.h"

#include "catalog/pg_type.h"
#include "utils/timestamp.h"

static void
id_parameter(Statement *s, const Run *run)
{
	fc_parameter(s, INT8OID, Int64GetDatum(run->id), false);
}

/* The session that recorded a run holds the lock, and now we hold it */
static void
bury_dead_runs(const Run *run)
{
	Statement	s = {.sql = "UPDATE ONLY @.runs SET status = 'died', ended_at = clock_timestamp(),"
		" error = 'the session ended during the run' WHERE name = $1 AND status = 'running'"};

	fc_text_parameter(&s, run->name);
	fc_execute(run->registry, &s, false);
}

/* run has registry and name, and gets its number */
void
fc_run_begin(Run *run, TimestampTz began)
{
	Statement	s = {.sql = "INSERT INTO @.runs (name, started_at, status, phase)"
		" VALUES ($1, $2, 'running', 'reading rows') RETURNING id"};
	bool		null;

	bury_dead_runs(run);
	fc_text_parameter(&s, run->name);
	fc_parameter(&s, TIMESTAMPTZOID, TimestampTzGetDatum(began), false);
	fc_execute(run->registry, &s, false);
	run->id = DatumGetInt64(fc_column(0, 1, INT8OID, &null));
}

void
fc_run_phase(const Run *run, const char *phase)
{
	Statement	s = {.sql = "UPDATE ONLY @.runs SET phase = $2 WHERE id = $1"};

	id_parameter(&s, run);
	fc_text_parameter(&s, phase);
	fc_execute(run->registry, &s, false);
}

static void
forget_checkpoints(const Run *run, bool own_too)
{
	Statement	s = {.sql = "UPDATE ONLY @.runs SET checkpoint = NULL"
		" WHERE name = $1 AND checkpoint IS NOT NULL AND (id <> $2 OR $3)"};

	fc_text_parameter(&s, run->name);
	id_parameter(&s, run);
	fc_parameter(&s, BOOLOID, BoolGetDatum(own_too), false);
	fc_execute(run->registry, &s, false);
}

/* The state after an epoch, in the place of the one before */
void
fc_run_keep(const Run *run, const FcModel *m, const char *phase, bytea *checkpoint)
{
	Statement	s = {.sql = "UPDATE ONLY @.runs SET phase = $2, epoch = $3, epochs = $4, loss = $5, checkpoint = $6"
		" WHERE id = $1"};

	forget_checkpoints(run, false);
	id_parameter(&s, run);
	fc_text_parameter(&s, phase);
	fc_parameter(&s, INT4OID, Int32GetDatum(m->iterations), false);
	fc_parameter(&s, INT4OID, Int32GetDatum((int32) m->algo->epochs->most(m)), false);
	fc_parameter(&s, FLOAT8OID, Float8GetDatum(m->objective), false);
	fc_parameter(&s, BYTEAOID, PointerGetDatum(checkpoint), false);
	fc_execute(run->registry, &s, false);
}

/* What the last run of the model has left, in a memory context; or NULL */
bytea *
fc_run_checkpoint(const Run *run, MemoryContext context)
{
	Statement	s = {.sql = "SELECT checkpoint FROM ONLY @.runs WHERE name = $1 AND checkpoint IS NOT NULL"
		" ORDER BY id DESC LIMIT 1"};
	MemoryContext old;
	bytea	   *checkpoint;
	bool		null;
	Datum		value;

	fc_text_parameter(&s, run->name);
	if (fc_execute(run->registry, &s, true) == 0)
		return NULL;
	value = fc_column(0, 1, BYTEAOID, &null);
	old = MemoryContextSwitchTo(context);
	checkpoint = null ? NULL : DatumGetByteaPCopy(value);
	MemoryContextSwitchTo(old);
	return checkpoint;
}

/* version 0: there is no resulting version, and the next run may resume from the checkpoint */
void
fc_run_end(const Run *run, const char *status, const char *error, int32 version)
{
	Statement	s = {.sql = "UPDATE ONLY @.runs SET status = $2, ended_at = clock_timestamp(), phase = NULL, error = $3,"
		" version = $4 WHERE id = $1"};

	if (version > 0)
		forget_checkpoints(run, true);
	id_parameter(&s, run);
	fc_text_parameter(&s, status);
	fc_text_parameter(&s, error);
	fc_parameter(&s, INT4OID, Int32GetDatum(version), version == 0);
	fc_execute(run->registry, &s, false);
}
