/*
 * score.h - models and rows: scores, and the validity of models
 */
#ifndef FUZZYCLUST_SCORE_H
#define FUZZYCLUST_SCORE_H

#include "pg/train/train.h"

#include "core/validity.h"

/* ---- score.c: models that score rows, a row a call ---- */

/* What a call site keeps */
typedef struct Scoring
{
	ModelCache	cache;
	FeatureReader *reader;
	bool		constant;		/* the model, as the expression shows */
} Scoring;

extern Scoring *fc_scoring_of(FunctionCallInfo fcinfo, Size size);
extern ModelSlot *fc_scoring_slot(FunctionCallInfo fcinfo, Scoring *s);
extern ModelSlot *fc_code_row(FunctionCallInfo fcinfo, bool (*has) (const FcAlgorithm *algo), const char *article, const char *what);
extern int32 fc_top_n_argument(FunctionCallInfo fcinfo);

/* ---- codes.c ---- */

/* What a network makes of rows, and where its clusters are there */
typedef struct CodeSpace
{
	ModelSlot  *slot;			/* of the network */
	FcModel		model;			/* of centers of codes */
	FcScorer	scorer;			/* of that */
	float	   *code;			/* (latent) of a row ... */
	double	   *z;				/* ... and the same */
} CodeSpace;

extern bool fc_has_network(const FcAlgorithm *algo);
extern CodeSpace *fc_code_space(MemoryContext context, ModelSlot *slot);
extern const double *fc_code_of(CodeSpace *s, const double *x);

/* ---- project.c ---- */

extern void fc_project_row(ModelSlot *slot, double at[2]);

/* ---- features.c ---- */

extern double fc_standardized(FcModel *m, int32 j, double value);

/* ---- indices.c ---- */

/* Of a model on rows */
typedef struct Validity
{
	double		index[FC_INDICES];
	bool		has_noise;		/* the model; then: */
	double		noise;			/* rows in the noise cluster, or their weight ... */
	double		all;			/* ... and all rows; NaN: not known */
} Validity;

extern void fc_begin_validity(FcValidity *sums, const FcModel *m);
extern void fc_finish_validity(const FcValidity *sums, FcScorer *s, Validity *v);
extern void fc_find_validity(const FcIndexSums *of, FcScorer *s, Validity *v);
extern void fc_validity_of_rows(bytea *model, RowStore *store, Validity *v);
extern char *fc_validity_text(const Validity *v);

/* ---- stability.c ---- */

/* A model of other rows, trained as another one was; NULL: there are too few.  An error says only that these lead to none */
typedef bytea *(*TrainAgain) (void *arg, RowStore *rows);

extern void fc_draw_rows(RowStore *whole, RowStore *part, uint64 seed, int32 number, int64 wanted);
extern void fc_label_rows(bytea *model, RowStore *rows, int32 *label);
extern bytea *fc_try_training(TrainAgain train, void *arg, RowStore *rows);
extern double fc_stability_of_labels(const int32 *label, int32 k, RowStore *rows, uint64 seed, TrainAgain train, void *arg);
extern double fc_stability_of_model(bytea *model, RowStore *rows, uint64 seed, TrainAgain train, void *arg);

/* ---- rules.c ---- */

/* A rule that describes a cluster: see core/rules.c */
typedef struct ClusterRule
{
	int32		cluster;		/* from 1 */
	int			number;			/* of the cluster's rules, from 1 */
	char	   *words;
	char	   *condition;		/* of SQL, or NULL: SQL cannot name a column */
	double		coverage;
	double		purity;
	int64		rows;			/* of the sample that satisfy it */
} ClusterRule;

extern List *fc_rules_of_rows(Datum model, RowStore *rows, const QueryColumns *query);

#endif
