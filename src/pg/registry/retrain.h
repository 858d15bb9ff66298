/*
 * retrain.h - declarations shared by the files of cluster_retrain
 */
#ifndef RETRAIN_H
#define RETRAIN_H

#include "pg/registry/registry.h"

#include "datatype/timestamp.h"

typedef struct Recipe
{
	char	   *query;
	const FcAlgorithm *algo;
	int32		clusters;		/* 0: as many as are found */
	Jsonb	   *options;
	char	   *search_path;
	int32		keep;
	bool		warm_start;
	double		max_validity_drop;	/* NaN: any */
	int32		checkpoint_epochs;	/* 0: no checkpoints */
	char	   *newer;			/* the column by which rows are newer; NULL: all are read each time */
	char	   *span;			/* NULL: all statistics count */
	double		forgetting;
	bool		report;			/* each version has one */
} Recipe;

/* What the query of an incremental recipe becomes: see newer.c */
typedef struct NewerQueries
{
	Oid			type;			/* of the column */
	char	   *all;			/* features of all rows */
	char	   *newest;			/* the newest row, and how many have no value */
	char	   *step;			/* statistics, sample and newest row of those that are newer than $2, for model $1 */
} NewerQueries;

/* From newer rows */
typedef struct Gathered
{
	bytea	   *statistics;
	bytea	   *sample;
	char	   *up_to;			/* the newest one; NULL: there are no rows */
} Gathered;

/* An incremental training, or the full one that it begins with */
typedef struct Increment
{
	bool		full;			/* the caller wants all rows to be read */
	int32		frame;			/* the version that statistics refer to; 0: it begins here */
	bytea	   *model;			/* that version's */
	char	   *newer_than;		/* the newest row before; NULL: none */
	int32		number;			/* of the statistics since that version */
	NewerQueries queries;
	Gathered	rows;
	bytea	   *merged;			/* all statistics that count */
	double		past;			/* the weight of the frame's own rows */
} Increment;

typedef struct Version
{
	bytea	   *bytes;			/* NULL: there is none */
	int32		number;
	int32		frame;			/* 0: none */
	FcModel		model;
	double		silhouette;		/* on its training rows; NaN if there is none */
} Version;

typedef struct Retraining
{
	MemoryContext context;		/* outlives the transactions */
	bool		atomic;			/* one transaction, which is not ours */
	char	   *registry_name;
	char	   *name;
	Registry	registry;		/* as the first step has found it */
	Recipe		recipe;
	Run			run;
	TimestampTz began;
	Increment	increment;

	Version		before;			/* the default version */
	FcModel		settings;
	OptionArrays arrays;
	RowStore	store;
	Checkpoints checkpoints;
	const FcModel *course;		/* the model at a checkpoint, ... */
	const char *phase;			/* the phase that it is in, ... */
	bytea	   *checkpoint;		/* ... and the state of its training */

	bytea	   *model;			/* the new one */
	FcModel		new_model;
	Drift		drift;
	char	   *refused;		/* why it does not become the default, or NULL */
	int32		version;
	int64		nrows;			/* that were read */
	double		seconds;		/* of the whole run */
	const ErrorData *error;
} Retraining;

/* ---- retrain_steps.c: steps that read and write the registry, for fc_as_owner; they take a Retraining ---- */

extern void fc_begin_run(void *arg);
extern void fc_read_default_version(Retraining *r);
extern void fc_end_reading(Retraining *r);
extern void fc_record_checkpoint(void *arg);
extern void fc_record_version(void *arg);
extern void fc_record_nothing(void *arg);
extern void fc_record_failure(void *arg);

/* ---- newer.c: queries of incremental recipes ---- */

extern void fc_newer_queries(const char *query, const FcModel *settings, const char *newer, const char *weight,
							 NewerQueries *queries);
extern char *fc_newest_row(const NewerQueries *queries, const char *newer);
extern void fc_gather_newer(const NewerQueries *queries, const char *newer, bytea *frame, const char *than, Gathered *g);
extern void fc_check_span(const char *span, Oid type);
extern char *fc_beyond_span(Oid type, int p);

/* ---- increment.c: trainings that read newer rows only ---- */

extern void fc_begin_increment(Retraining *r);
extern void fc_read_newer_rows(Retraining *r);
extern int64 fc_newer_rows(const Retraining *r);
extern void fc_update_frame(Retraining *r);
extern void fc_record_statistics(Retraining *r);

/* ---- keep_report.c: the report of a new version, where the recipe wants one ---- */

extern void fc_keep_report(void *arg);

#endif
