/*
 * registry.h - the registry of models: declarations shared by its files
 */
#ifndef REGISTRY_H
#define REGISTRY_H

#include "pg/score/score.h"

#include "core/lineage.h"

#include "access/htup.h"
#include "catalog/namespace.h"
#include "storage/lock.h"
#include "utils/relcache.h"

/* ---- registry.c: whose it is ---- */

#define REGISTRY_FORMAT		3
#define OWN_SEARCH_PATH		"pg_catalog, pg_temp"	/* of our own statements */

typedef enum RegistryTable
{
	RECIPES,
	VERSIONS,
	RUNS,
	FORMAT,
	LINEAGE,					/* this and the following since format 2 */
	STATISTICS,
	TABLES						/* their number */
} RegistryTable;

typedef struct Registry
{
	char	   *name;			/* of its schema */
	char	   *schema;			/* the same, as SQL has it */
	Oid			namespace;		/* the schema itself */
	Oid			tables[TABLES]; /* those that have been opened; locks on models are known by RECIPES */
	Oid			owner;
	int			format;			/* 0: not known */
} Registry;

extern char *fc_name_argument(FunctionCallInfo fcinfo, int arg);
extern int32 fc_version_argument(FunctionCallInfo fcinfo, int arg);
extern const char *fc_registry_argument(FunctionCallInfo fcinfo, int arg);
extern void fc_open_any_registry(Registry *r, const char *name, const char *command, LOCKMODE lock);
extern void fc_open_registry(Registry *r, const char *name, const char *command);
extern void fc_set_search_path(const char *path);
extern ErrorData *fc_in_subtransaction(void (*work) (void *arg), void *arg);
extern void fc_as_owner(const Registry *r, void (*work) (void *arg), void *arg);
extern LOCKTAG fc_model_lock(const Registry *r, const char *name);
extern void fc_lock_model(const Registry *r, const char *name, bool for_session);

/* ---- statement.c: statements on its tables, as the owner ---- */

/* A statement with its parameters; "@" in the text is replaced by the schema */
#define MAX_PARAMETERS		16

typedef struct Statement
{
	const char *sql;
	int			n;
	Oid			types[MAX_PARAMETERS];
	Datum		values[MAX_PARAMETERS];
	char		nulls[MAX_PARAMETERS];
} Statement;

extern void fc_parameter(Statement *s, Oid type, Datum value, bool null);
extern void fc_text_parameter(Statement *s, const char *value);
extern ParamListInfo fc_parameters(const Statement *s);
extern void fc_execute_utility(const Registry *r, const char *sql);
extern int64 fc_execute(const Registry *r, const Statement *s, bool read_only);
extern Datum fc_column(int row, int column, Oid type, bool *null);
extern char *fc_text_column(int row, int column);
pg_noreturn extern void fc_unknown_model(const Registry *r, const char *name);

/* ---- tables.c: the tables, examined ---- */

pg_noreturn extern void fc_refuse_concurrent_change(const Registry *r);
extern void fc_find_registry(Registry *r, const char *name);
extern bool fc_may_read(const Registry *r, RegistryTable t);
extern bool fc_may_read_columns(Relation rel, const char *const *columns);
extern Relation fc_open_to_read(Registry *r, RegistryTable t);
extern void fc_lock_tables(Registry *r, LOCKMODE lock);
extern AttrNumber fc_table_column(Relation rel, const char *name);
extern void fc_scan_table(Relation rel, bool (*visit) (void *arg, HeapTuple row, TupleDesc desc), void *arg);

/* ---- table_code.c: code that writing to a table would run ---- */

extern void fc_refuse_code_in(const Registry *r, Relation rel);

/* ---- author.c: who has defined which query ---- */

extern Oid fc_extension_schema(void);
extern bool fc_has_defined(Oid role, const char *search_path, const char *query);
extern void fc_note_definition(Oid role, const char *search_path, const char *query);

/* ---- lookup.c: models by name ---- */

extern bool fc_row_is_named(HeapTuple row, AttrNumber name_at, TupleDesc desc, const char *name);
extern bool fc_has_version(Relation versions, const char *name);
extern bytea *fc_find_model(const char *registry, const char *name, int32 *number);
pg_noreturn extern void fc_refuse_version(const Registry *r, Relation versions, const char *name, int32 number);

/* ---- versions.c: swaps of the default version ---- */

extern void fc_take_turn(const Registry *r, const char *name);
extern void fc_clear_default(const Registry *r, const char *name);

/* ---- run_log.c: the record of trainings ---- */

typedef struct Run
{
	const Registry *registry;
	const char *name;			/* of the model */
	int64		id;
} Run;

extern void fc_run_begin(Run *run, TimestampTz began);
extern void fc_run_phase(const Run *run, const char *phase);
extern void fc_run_keep(const Run *run, const FcModel *m, const char *phase, bytea *checkpoint);
extern bytea *fc_run_checkpoint(const Run *run, MemoryContext context);
extern void fc_run_end(const Run *run, const char *status, const char *error, int32 version);

/* ---- drift.c: changes of clusters from an old model to a new one ---- */

/* A cluster of the new model and one of the old model that it continues; 0: none */
typedef struct LineageLine
{
	int32		cluster;
	int32		from_cluster;
	double		share;			/* of the mass of the first; NaN: not known */
	double		from_share;		/* of the mass of the second; NaN likewise */
	FcEvent		event;
} LineageLine;

#define SAMPLE_ROWS		10000	/* on which models are compared */

typedef struct Drift
{
	bytea	   *model;			/* the new one, with the old one's numbers as far as there are partners */
	char	   *validity;		/* of the new one on the sample: JSON */
	char	   *report;			/* JSON; NULL if there is no old model, or it has different features */
	double		silhouette[2];	/* of the old and the new model; NaN if there is none */
	double		changed;		/* share of the rows whose cluster has changed; NaN if there is no old model */
	LineageLine *lineage;		/* (nlineage) */
	int32		nlineage;
} Drift;

extern void fc_check_matchable(const FcModel *old, const FcModel *new);
extern void fc_measure_drift(bytea *old, bytea *new, RowStore *rows, bool renumber, Drift *drift);

/* ---- lineage.c: what became of clusters ---- */

extern void fc_begin_lineage(Drift *drift, int32 k);
extern void fc_keep_lineage(Drift *drift, const FcLineage *l, const int32 *number);
extern void fc_record_lineage(const Registry *r, const char *name, int32 version, int32 from, const Drift *drift);

enum
{
	LINEAGE_VERSION,
	LINEAGE_CLUSTER,
	LINEAGE_FROM_VERSION,
	LINEAGE_FROM_CLUSTER,
	LINEAGE_SHARE,
	LINEAGE_FROM_SHARE,
	LINEAGE_EVENT,
	LINEAGE_COLUMNS
};

/* A line of the table */
typedef struct LineageRow
{
	Datum		values[LINEAGE_COLUMNS];
	bool		nulls[LINEAGE_COLUMNS];
} LineageRow;

extern LineageRow *fc_read_lineage(const char *registry, const char *name, int64 *n);

/* ---- facts.c: what is known of versions ---- */

typedef struct VersionFact
{
	int32		number;
	bool		is_default;
	TimestampTz trained_at;		/* 0: not known */
	int64		rows;
	double		seconds;
	int32		iterations;
	double		silhouette;		/* NaN: not known */
	double		changed;		/* share of the rows that changed cluster; NaN likewise */
} VersionFact;

extern VersionFact *fc_read_versions(const char *registry, const char *name, int *n);

#endif
