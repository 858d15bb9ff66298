/*
 * step.h - what is gathered from rows as SQL values that can be merged
 */
#ifndef FUZZYCLUST_STEP_H
#define FUZZYCLUST_STEP_H

#include "pg/value/value.h"

#include "core/step.h"
#include "core/survey.h"

/* ---- attached.c ---- */

extern void *fc_attached(MemoryContext context, const char *kind, Size size);
extern uint64 fc_owner_number(void);
extern void fc_refuse_misuse(FunctionCallInfo fcinfo);

/* ---- survey.c ---- */

extern void fc_survey_from_datum(FcSurvey *s, Datum datum);
extern bytea *fc_merge_surveys(Datum a, Datum b);

/* ---- opened.c: step models, ready to weigh rows ---- */

#define MOST_STATISTICS	(64 * 1024 * 1024)	/* bytes of statistics */
#define MOST_GATHERED	65536	/* bytes of rows that are gathered before they are weighed, if that is more than a few rows */

typedef struct OpenStep
{
	FcStep		step;
	char	   *bytes;			/* (length) of the step model */
	Size		length;
	int32		rows;			/* that are gathered before they are weighed */
	int			number;			/* in its table */
	struct varlena *key;		/* identifies the model, or step model, that it was passed as; NULL: it came with a state */
	const FeatureReader *reader;	/* of the last rows ... */
	uint64		changes;		/* ... of whose row type it is known that it has the model's names, and categories */
	double	   *columns;		/* of a row with categories, or NULL ... */
	FcValueIndex values;		/* ... and the values of these */
} OpenStep;

/* What the groups of an aggregate share */
typedef struct StepTable
{
	MemoryContext context;
	uint64		owner;			/* of states that are made here */
	FeatureReader *reader[2];	/* [FcPrecision] of arrays of concrete types; NULL: not yet needed */
	int			count;
	int			room;
	OpenStep  **step;			/* (count) */
} StepTable;

extern StepTable *fc_step_table(FunctionCallInfo fcinfo);
extern void *fc_aligned_bytes(Datum datum, Size *length);
extern char *fc_compact_model(const FcModel *m, Size *length);
extern char *fc_step_bytes(Datum datum, Size *length, FcModel *named);
extern void fc_view_step(FcStep *s, char *bytes, Size length);
extern void fc_begin_step(FcStep *s, char *bytes, Size length, FcPrecision precision);
extern OpenStep *fc_open_step(StepTable *t, Datum model, FcPrecision precision);
extern OpenStep *fc_open_step_bytes(StepTable *t, const char *bytes, Size length, FcPrecision precision);
extern bool fc_step_holds(const OpenStep *s, Datum model);
extern bool fc_same_step(const OpenStep *a, const OpenStep *b);

/* ---- state.c: the state of a step ---- */

typedef struct StepState StepState;

extern StepState *fc_begin_state(const StepTable *t, const OpenStep *step, bool weighted);
extern StepState *fc_own_state(const StepTable *t, Datum datum);
extern StepState *fc_foreign_state(StepTable *t, Datum datum);
extern OpenStep *fc_step_of_state(const StepTable *t, const StepState *s);
extern void fc_replace_step(StepState *s, const OpenStep *step);
extern void *fc_next_row(StepTable *t, StepState **state);
extern void fc_commit_row(StepState *s, double weight);
extern void fc_skip_row(StepState *s);
extern StepState *fc_merge_states(StepTable *t, StepState *to, StepState *from);
extern bytea *fc_finish_state(StepTable *t, StepState *s);

/* ---- statistics.c: statistics as SQL values ---- */

extern void fc_statistics_from_datum(FcStatistics *s, Datum datum);
extern bytea *fc_statistics_to_datum(FcStatistics *s);

/* ---- update.c ---- */

extern bytea *fc_update_model(Datum model, Datum statistics, double forgetting);

/* ---- contents.c ---- */

extern void fc_begin_step_of(FcStep *s, char *bytes, Size length, const FcStatistics *of);

#endif
