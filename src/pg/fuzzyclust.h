/*
 * fuzzyclust.h - what the PostgreSQL side shares
 */
#ifndef FUZZYCLUST_H
#define FUZZYCLUST_H

#include "postgres.h"

#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "storage/fd.h"
#include "utils/jsonb.h"
#include "utils/tuplestore.h"

#include "pg/compat.h"
#include "core/fc.h"
#include "core/score.h"

/* ---- fuzzyclust.c ---- */

extern void fc_check_interrupts(void *arg);

extern void fc_arena_allocate(FcArena *a);

/* ---- lapack.c ---- */

extern const struct FcLapack *fc_lapack(void);

/* ---- number.c ---- */

extern char *fc_double_text(double value);
extern char *fc_float_text(float value);
extern char *fc_counted(int64 n, const char *noun);

/* ---- constant.c: arguments that are the same for many rows ---- */

extern bool fc_is_constant_argument(FunctionCallInfo fcinfo, int arg);
extern struct varlena *fc_comparable(Datum datum);
extern bool fc_same_bytes(const struct varlena *a, const struct varlena *b);

/* ---- feature.c: vectors of features, of any type that holds numbers ---- */

typedef enum FeatureKind
{
	FEATURE_ARRAY,
	FEATURE_ROW,
	FEATURE_BYTES,				/* one unsigned byte a feature, over 255 */
	FEATURE_VECTOR,				/* of pgvector */
	FEATURE_HALFVEC,
	FEATURE_TEXT,				/* written out, see feature_text.c */
	FEATURE_JSON				/* likewise */
} FeatureKind;

/* How to read an argument, and the vector that was opened last */
typedef struct FeatureReader
{
	FeatureKind kind;
	Oid			element;		/* of an array */
	FcPrecision precision;		/* what fc_features_get() gives */
	bool		training;		/* rows may be skipped: hints say so */
	MemoryContext context;		/* lives as long as the reader */
	MemoryContext row_context;	/* for the row type; reset when that changes */
	Oid			row_type;
	int32		row_typmod;
	uint64		row_version;	/* changes when a named type is altered */
	TupleDesc	row;			/* of a row, without domains in it */
	const char *names;			/* (names_length) of its columns, see names.c; NULL: they have none */
	int32		names_length;
	uint64		changes;		/* how many row types there were; 0: none */
	Datum	   *columns;
	bool	   *nulls;
	FmgrInfo	output;			/* of the type of what is written out; none: it is a cstring */
	double	   *numbers;		/* (room) what was written; nulls are NaN */
	int32		room;			/* of numbers and nulls, then */

	int32		d;				/* features */
	const char *data;			/* the elements; may be unaligned */
	const uint8 *bitmap;		/* bits of null elements, or NULL */
	Datum		value;
} FeatureReader;

extern bool fc_is_number(Oid type);
extern double fc_number_from_datum(Oid type, Datum value);
extern FeatureReader *fc_feature_reader(FunctionCallInfo fcinfo, int arg);
extern FeatureReader *fc_feature_reader_of_type(Oid type);
extern FeatureReader *fc_feature_reader_of_columns(TupleDesc desc);
extern int32 fc_features_open(FeatureReader *r, Datum value);
extern int32 fc_features_open_columns(FeatureReader *r, Datum *columns, bool *nulls);
extern int32 fc_features_get(FeatureReader *r, void *out);
extern int32 fc_features_get_double(FeatureReader *r, double *out);
pg_noreturn extern void fc_features_reject(FeatureReader *r, int32 feature);

/* ---- names.c: the names of features ---- */

extern const char *fc_names_of_columns(TupleDesc desc, int32 *length);
extern const char *fc_name_text(const char *name);
extern const char *fc_list_names(const char *names, int32 d);
extern void fc_refuse_other_names(const char *names, const char *found, int32 d, const char *owner);

/* ---- feature_type.c: types that features cannot have ---- */

pg_noreturn extern void fc_features_reject_type(Oid type);
extern void fc_features_refuse_number(FunctionCallInfo fcinfo, int arg);

/* ---- feature_text.c: the same of text and JSON ---- */

extern bool fc_is_written(Oid type);
extern void fc_begin_written(FeatureReader *r, Oid type);
extern void fc_open_written(FeatureReader *r);
extern const char *fc_written_feature(FeatureReader *r, int32 feature);

/* ---- progress.c: what others see of a training that takes a while ---- */

#define FC_PROGRESS_DELAY	100		/* milliseconds before it is seen */

/* What is below 0, or no number, is not known; after a change fc_progress_show() */
typedef struct FcProgress
{
	char		model[NAMEDATALEN]; /* may be empty */
	char		algorithm[16];
	char		phase[16];
	int32		iteration;		/* the last one that is complete */
	int32		iterations;		/* at most */
	int64		rows_done;		/* of this pass */
	int64		rows;
	double		objective;
	double		change;
	TimestampTz began;
	TimestampTz end;			/* expected; 0: not known */
} FcProgress;

extern void fc_progress_model(const char *name);
extern bool fc_progress_due(TimestampTz began);
extern FcProgress *fc_progress_begin(MemoryContext parent, const FcAlgorithm *algo, TimestampTz began);
extern void fc_progress_show(FcProgress *p);
extern void fc_progress_end(FcProgress *p);

/* ---- rowstore.c: the rows of a training ---- */

typedef struct RowStore
{
	MemoryContext context;
	FcPrecision precision;
	int32		d;
	int64		n;
	int32		stride;			/* rows of a block; of the only one, while it grows */
	int64		in_block;		/* rows in the last block */
	char	  **blocks;			/* those in memory */
	int64		nblocks;		/* all, in memory or not */
	int64		room;			/* of the array of blocks */
	int64		in_memory;		/* blocks before this one are in memory */
	char	   *last;			/* the block that is being filled */
	bool		survives;		/* the transaction that fills it */
	const char *names;			/* (names_length) of the columns, or NULL */
	int32		names_length;
	uint64		changes;		/* of the reader's row type, that are known to have these names */
	File		file;			/* the blocks from in_memory on, but the last; 0: none */
	File		columns;		/* what a training keeps of each row, likewise */
	const FcAlgorithm *algo;	/* that will learn from them; NULL: nobody watches them come */
	TimestampTz began;
	FcProgress *progress;		/* of reading and training; NULL: not shown, as yet */
} RowStore;

/* Reads a store block by block, as the core asks for it */
typedef struct RowStoreReader
{
	RowStore   *store;
	char	   *buffer;			/* for a block from the file */
} RowStoreReader;

extern void fc_store_begin(RowStore *s, MemoryContext context, const FcAlgorithm *algo, bool survives,
						   FcPrecision precision, int32 d);
extern void fc_store_add(RowStore *s, const void *x);
extern bool fc_store_add_features(RowStore *s, FeatureReader *r, void *row, bool skip_missing);
extern void fc_store_hide(RowStore *s);
extern void fc_store_close(RowStore *s);
extern FcRows fc_store_rows(RowStore *s, RowStoreReader *reader);
extern FcSpill fc_store_spill(RowStore *s);
extern void fc_store_end(RowStore *s);

/* ---- query.c: the rows of a query, for a training ---- */

extern void fc_check_query(const char *query);
extern int64 fc_query_rows(const char *query, const FcAlgorithm *algo, bool skip_missing, bool survives,
						   RowStore *store);

/* ---- options.c ---- */

/* What options hold besides numbers */
typedef struct OptionArrays
{
	int32		k;				/* first centers; 0: there are none */
	int32		d;
	double	   *centers;		/* (k, d) */
	double	   *list[FC_MAX_LISTS];	/* values of options that are lists */
	FcModel    *earlier;		/* a model to begin with, or NULL */
	const char *names;			/* of the features of the model that the centers are of, or NULL */
} OptionArrays;

extern void fc_start_from_model(OptionArrays *arrays, const FcModel *m);
extern void fc_parse_options(FcModel *m, OptionArrays *arrays, Jsonb *options);
extern const char *fc_option_text(const FcOption *o, double value);
extern int	fc_whole_characters(const char *text, int most);
extern const char *fc_beginning_of(const char *word);

/* ---- value/model.c: models as SQL values ---- */

extern uint32 fc_checksum(const char *p, Size len);
extern bytea *fc_model_to_datum(const FcModel *m);
extern void fc_model_from_datum(FcModel *m, Datum datum);
extern void *fc_model_bytes(Datum datum, Size *len);

/* A model that is ready to score, kept between calls */
typedef struct ModelSlot
{
	MemoryContext context;
	FcModel		model;
	FcScorer	scorer;
	double	   *x;				/* (d) for a row's features */
	uint64		changes;		/* of the reader's row type, that are known to have the model's names */
	struct varlena *key;		/* what identifies the SQL value */
	uint64		used;			/* when it was asked for last */
} ModelSlot;

#define MODEL_SLOTS	4

typedef struct ModelCache
{
	uint64		clock;
	ModelSlot	slots[MODEL_SLOTS];
} ModelCache;

extern bool fc_slot_holds(const ModelSlot *slot, Datum datum);
extern void fc_fill_slot(ModelSlot *slot, MemoryContext context, Datum datum);
extern ModelSlot *fc_cached_model(ModelCache *cache, MemoryContext context, Datum datum);

/* Models that the groups of an aggregate share */
typedef struct SharedTable SharedTable;
typedef struct SharedModels
{
	SharedTable *tables;		/* in the contexts of their groups */
} SharedModels;

extern ModelSlot *fc_shared_model(SharedModels *models, MemoryContext context, Datum datum);
extern bool fc_read_features(ModelSlot *slot, FeatureReader *reader, Datum value);

/* ---- checkpoint.c: trainings of networks that can go on another day ---- */

typedef struct Checkpoints
{
	int32		every;			/* epochs; 0: none is kept */
	bytea	   *last;			/* of an earlier training, not toasted, or NULL */
	bool		resumed;		/* it went on from there */
	void		(*save) (void *arg, const FcModel *m, const char *phase, bytea *checkpoint);	/* may commit */
	void	   *arg;
	uint32		rows;			/* checksum */
} Checkpoints;

extern void fc_checkpoints_begin(Checkpoints *c, FcFit *f);
extern void fc_checkpoints_forget(Checkpoints *c, FcFit *f);

/* ---- fit.c: what trainings share ---- */

/* Notices of a statement, which may train many models */
typedef struct FcNotices
{
	int			models;			/* that there was something to tell of */
	bool		no_model;		/* one was NULL as there were too few rows, which has been told */
} FcNotices;

extern int32 fc_clusters_argument(FunctionCallInfo fcinfo, int arg, const FcAlgorithm *algo);
extern void fc_check_clusters(int64 k);
extern void fc_training_options(FcModel *m, OptionArrays *arrays, Jsonb *options);
extern void fc_training_features(FcModel *m, const OptionArrays *arrays, FcPrecision precision, int32 d);
extern bytea *fc_train(const FcModel *settings, const OptionArrays *arrays, RowStore *store,
					   Checkpoints *checkpoints, FcNotices *notices);

/* ---- validity.c ---- */

extern char *fc_validity_text(const double *index);
extern void fc_validity_of_rows(bytea *model, RowStore *store, double *index);

/* ---- inspect.c ---- */

/* A set that the caller reads when it is complete */
typedef struct ResultSet
{
	Tuplestorestate *store;
	TupleDesc	desc;
} ResultSet;

extern ResultSet fc_begin_set(FunctionCallInfo fcinfo);
extern Datum fc_float8_or_null(double value, bool *null);
extern const char *fc_algorithm_names(bool (*has) (const FcAlgorithm *algo));
extern const FcAlgorithm *fc_algorithm_by_name(const char *name);

/* ---- report.c: what the core has to say, in words ---- */

extern void fc_report_fit(FcStatus status, const FcFit *f);
extern bool fc_may_tell(FcNotices *notices);
extern void fc_report_no_model(const FcFit *f, FcNotices *notices);
extern void fc_report_doubts(const FcFit *f, FcNotices *notices);
extern void fc_report_skipped(int64 skipped, int64 rows);
pg_noreturn extern void fc_report_model(FcStatus status);

#endif
