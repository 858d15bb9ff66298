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
} Recipe;

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
	double		seconds;		/* of the whole run */
	const ErrorData *error;
} Retraining;

/* ---- retrain_steps.c: steps that read and write the registry, for fc_as_owner; they take a Retraining ---- */

extern void fc_begin_run(void *arg);
extern void fc_read_default_version(Retraining *r);
extern void fc_end_reading(Retraining *r);
extern void fc_record_checkpoint(void *arg);
extern void fc_record_version(void *arg);
extern void fc_record_failure(void *arg);

#endif
