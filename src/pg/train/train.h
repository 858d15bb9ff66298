/*
 * train.h - rows of a training, the training, and its reports to users
 */
#ifndef FUZZYCLUST_TRAIN_H
#define FUZZYCLUST_TRAIN_H

#include "pg/value/value.h"

#include "core/expand.h"
#include "core/survey.h"

#include "datatype/timestamp.h"
#include "nodes/parsenodes.h"
#include "storage/fd.h"
#include "tcop/dest.h"

/* ---- progress.c: progress of a training, shown to other sessions ---- */

#define FC_PROGRESS_DELAY	100		/* milliseconds; see fc_progress_due() */

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
extern double fc_seconds_between(TimestampTz from, TimestampTz to);

/* ---- rowmemory.c: memory for the rows of a training, which workers can read ---- */

typedef struct RowSegments RowSegments;

/* Private memory, allocated at a time */
typedef struct RowChunk
{
	char	   *memory;
	int64		blocks;
} RowChunk;

typedef struct RowMemory
{
	MemoryContext context;
	Size		size;			/* of a block */
	int64		count;
	int64		room;			/* of the array of blocks */
	char	  **block;			/* (count) */
	Size		spare;			/* bytes that blocks may take twice, when they are shared */
	int64		shared;			/* blocks before this one are in segments */
	int64		moved;			/* blocks before this one are only there */
	int			shared_chunks;	/* the chunks of the former */
	RowSegments *segments;		/* of dynamic shared memory, or NULL */
	int			chunks;
	int			chunk_room;
	RowChunk   *chunk;			/* (chunks) of blocks, in their order */
	char	   *next;			/* of blocks that are allocated, but not yet used */
	int64		left;			/* their number */
	char	   *mapped;			/* pages of these before this address are mapped */
} RowMemory;

extern char *fc_huge_memory(MemoryContext context, Size size, char **allocated);
extern void fc_map_memory(char *memory, Size size);
extern void fc_row_memory_begin(RowMemory *m, MemoryContext context);
extern char *fc_row_memory_first(RowMemory *m, Size size);
extern void fc_row_memory_drop(RowMemory *m, char *block);
extern char *fc_row_memory_add(RowMemory *m, Size limit);
extern void fc_row_memory_share(RowMemory *m);
#define FC_MOST_ROW_SEGMENTS	128	/* of this backend; the server has 64, and 5 for each backend */

extern int	fc_row_segments(const RowMemory *m, dsm_segment *const **segment, const int64 **blocks);
extern void fc_row_memory_end(RowMemory *m);

/* ---- rowstore.c: the rows of a training ---- */

#define FC_STORE_SURVIVES	1	/* the transaction that fills it, as its memory context does */
#define FC_STORE_PRIVATE	2	/* workers will not read it */
#define FC_STORE_WEIGHTED	4	/* rows have weights: see fc_store_weigh() */
#define FC_STORE_UNIT		8	/* rows are divided by their length: see core/direction.h */

#define FC_LEFT_BY_ROWS(limit)	((limit) / 8)	/* bytes that are left to workers */

/* Of the columns of rows that are categories, see rowfeatures.c */
typedef struct StoreCategories
{
	bool		known;			/* which columns are; after the first row */
	Dictionaries *dictionaries; /* NULL: none is */
	FcCategories sorted;		/* once all rows are there ... */
	int32	   *place;			/* ... and where each code is there; or NULL */
} StoreCategories;

/* Those of a store's rows are behind the features of their block */
typedef struct RowWeights
{
	bool		given;			/* else each is 1, and there are none */
	double		next;			/* of the next row ... */
	double		total;			/* ... and of all so far */
} RowWeights;
/* Of rows that are divided by their length */
typedef struct RowDirections
{
	bool		unit;			/* they are */
	int64		zeros;			/* rows without length, which were left out */
} RowDirections;

typedef struct RowStore
{
	MemoryContext context;
	FcPrecision precision;
	int32		d;				/* features, or columns where some are categories */
	int64		n;
	int32		stride;			/* rows of a block; of the only one, while it grows */
	int64		in_block;		/* rows in the last block */
	int64		nblocks;		/* all, in memory or not */
	bool		gaps;			/* rows have missing features, which are NaN */
	RowMemory	memory;			/* the first ones; if there is a file, then the last one too */
	char	   *last;			/* the block that is being filled */
	char	   *bundle;			/* (FC_LANES, d) its last rows, which are transposed together; then (FC_LANES) weights */
	int			flags;			/* FC_STORE_SURVIVES, ... */
	RowDirections directions;
	int64		shared;			/* rows when they were last shared */
	const char *names;			/* (names_length) of the columns, or NULL */
	int32		names_length;
	uint64		changes;		/* of the reader's row type, that are known to have these names */
	StoreCategories categories; /* of columns, which have codes as values were found */
	File		file;			/* blocks that are not in memory, then copies for workers; 0: none */
	File		columns;		/* per-row data of a training, likewise in a file */
	struct FcElsewhere *elsewhere;	/* they are a sample of rows that are not here; or NULL */
	RowWeights	weights;
	const FcAlgorithm *algo;	/* for which they are read; NULL: progress is not reported */
	TimestampTz began;
	FcProgress *progress;		/* of reading and training; NULL: not yet shown */
} RowStore;

/* Reads a store block by block, as requested by the core */
typedef struct RowStoreReader
{
	RowStore   *store;
	char	   *buffer;			/* for a block from the file */
	int64		buffered;		/* which one is there; -1: none */
} RowStoreReader;

/* Reads a store row by row; does not move in memory */
typedef struct RowCursor
{
	FcRows		rows;
	RowStoreReader reader;
	int64		blocks;			/* that have been begun */
	const void *block;			/* the one at hand */
	const double *weights;		/* (stride) of its rows, or NULL */
	int32		rows_in_block;
	int32		row;			/* of that block; -1: before the first one of all */
	const FcModel *model;		/* for which columns become features ... */
	const FcValueIndex *values; /* ... its values, or NULL ... */
	int32	  **code;			/* ... and its codes of categories, see fc_codes_in_model() */
} RowCursor;

/* Bytes of the features of a block ... */
static inline Size
fc_features_size(int32 stride, int32 d, FcPrecision precision)
{
	return (Size) stride * d * FC_SIZE(precision);
}

/* ... and of all of it: where rows have weights, (stride) doubles follow */
static inline Size
fc_block_size(int32 stride, int32 d, FcPrecision precision, bool weighted)
{
	return fc_features_size(stride, d, precision) + (weighted ? stride * sizeof(double) : 0);
}

extern int	fc_store_flags(const FcModel *m);
extern void fc_store_begin(RowStore *s, MemoryContext context, const FcAlgorithm *algo, int flags,
						   FcPrecision precision, int32 d);
extern void fc_store_weigh(RowStore *s, double weight);
extern void fc_store_add(RowStore *s, const void *x);
extern void fc_store_add_doubles(RowStore *s, const double *x);
extern bool fc_store_add_plain(RowStore *s, const FeatureReader *r, Datum value);
extern bool fc_store_add_features(RowStore *s, FeatureReader *r, int missing);
extern void fc_store_hide(RowStore *s);
extern void fc_store_close(RowStore *s);
extern FcRows fc_store_rows(RowStore *s, RowStoreReader *reader);
extern void fc_cursor_begin(RowCursor *c, RowStore *s);
extern bool fc_cursor_next(RowCursor *c);
extern void fc_cursor_get(const RowCursor *c, double *row);
extern double fc_cursor_weight(const RowCursor *c);
extern FcSpill fc_store_spill(RowStore *s);
extern void fc_store_complete(RowStore *s);
extern void fc_store_write(RowStore *s, const void *data, Size size, off_t at);
extern void fc_store_read(File file, void *data, Size size, off_t at);
extern void fc_store_end(RowStore *s);

/* ---- rowshare.c: the rows of a training, read by parallel workers ---- */

/* Consecutive blocks */
typedef struct RowRun
{
	int64		first;
	int64		blocks;
	dsm_handle	segment;		/* where they are; DSM_HANDLE_INVALID: in the file */
	int64		at;				/* bytes from there to the first one */
} RowRun;

/* A store as workers see it; may be copied */
typedef struct RowStoreShare
{
	Size		size;			/* bytes of all this */
	int64		n;
	int32		d;
	int32		stride;
	FcPrecision precision;
	bool		weighted;		/* rows have weights, behind the features of their block ... */
	double		total;			/* ... which add up to this */
	bool		gaps;
	char		file[MAXPGPATH];	/* may be empty */
	int			runs;
	RowRun		run[FLEXIBLE_ARRAY_MEMBER]; /* (runs) in the order of blocks */
} RowStoreShare;

/* Of a worker */
typedef struct RowShareReader
{
	const RowStoreShare *share;
	Size		size;			/* of a block */
	char	  **start;			/* (runs) of the first block; NULL: in the file */
	int			run;			/* of the block that was read last */
	File		file;			/* 0: none */
	char	   *buffer;			/* for a block from the file */
	int64		buffered;		/* which one is there; -1: none */
	dsm_segment **segment;		/* (segments) attached */
	int			segments;
} RowShareReader;

extern Size fc_store_share_room(void);
extern RowStoreShare *fc_store_share(RowStore *s);
extern FcRows fc_store_attach(const RowStoreShare *share, RowShareReader *reader);
extern void fc_store_detach(RowShareReader *reader);

/* ---- rowfeatures.c: rows with categories as rows of features ---- */

typedef struct CategoryShare CategoryShare;

extern void fc_refuse_categories(const FeatureReader *r, const FcModel *settings);
extern int32 fc_store_features(const RowStore *s);
extern void fc_store_sort_categories(RowStore *s);
extern FcRows fc_store_expand(const RowStore *s, const FcRows *rows, FcExpandedRows *view, int isa);
extern Size fc_store_expanded_size(const RowStore *s);
extern Size fc_category_share_size(const RowStore *s);
extern void fc_category_share(const RowStore *s, CategoryShare *share);
extern void fc_category_attach(const CategoryShare *share, FcModel *m, FcRows *rows, FcExpandedRows *view, int isa);
extern bool fc_store_fits(const RowStore *s, const FcModel *m);
extern void fc_refuse_other_columns(const RowStore *s, const FcModel *m, const char *owner);
extern bool fc_takes_row(const FcModel *m, const RowStore *s, const double *row);
extern void fc_store_begin_part(RowStore *part, const RowStore *whole);
extern void fc_cursor_begin_for(RowCursor *c, RowStore *s, const ModelSlot *slot);
extern bool fc_cursor_features(const RowCursor *c, double *x);

/* ---- query.c: the rows of a query, for a training ---- */

/* What the columns of a query are for */
typedef struct QueryColumns
{
	TupleDesc	features;		/* where the column with weights is dropped */
	int			vector;			/* the only column of features, which has vectors; -1: each of them is a feature */
	int			weight;			/* the column with weights; -1: none */
	Oid			weight_type;	/* not a domain */
} QueryColumns;

/* A query that may be a part of another one */
typedef struct ExaminedQuery
{
	char	   *text;			/* of the statement, without what follows it */
	TupleDesc	desc;			/* of what it returns */
} ExaminedQuery;

extern const char *fc_list_columns(TupleDesc desc);
extern int	fc_find_column(TupleDesc desc, const char *name, const char *one, const char *all, const char *where);
extern QueryColumns fc_split_columns(TupleDesc desc, const char *weight);
extern FeatureReader *fc_feature_reader_of_query(const QueryColumns *columns, bool categories);
extern void fc_check_query_features(const QueryColumns *columns, const FcModel *m, const char *hint);
extern void fc_check_query(const char *query, const FcModel *settings, const char *weight);
extern TupleDesc fc_query_columns(const char *query, const RawStmt **statement);
extern ExaminedQuery *fc_examine_query(const char *query);
extern int32 fc_open_row(FeatureReader *reader, const QueryColumns *c, const TupleTableSlot *slot);
extern double fc_weight_of_row(const QueryColumns *c, const TupleTableSlot *slot);
extern void fc_run_query(const char *query, DestReceiver *receiver);
extern void fc_refuse_other_precision(FcPrecision before, FcPrecision found);
pg_noreturn extern void fc_refuse_no_rows(bool training, int64 skipped, bool weighted);
pg_noreturn extern void fc_refuse_weightless(void);
extern int64 fc_query_rows(List *queries, const FcModel *settings, int missing, const char *weight, bool survives,
						   RowStore *store);

/* ---- passes.c: trainings that run their queries for each pass ---- */

extern void fc_store_sample(const FcSurvey *sample, const FcAlgorithm *algo, int flags, RowStore *store);
extern int64 fc_survey_rows(List *queries, const FcModel *m, const char *weight, Oid schema, bool survives, RowStore *store);

/* ---- aggregates.c: statements that call the extension's aggregates by name ---- */

struct _SPI_plan;

extern struct _SPI_plan *fc_prepare_aggregates(const char *sql, int depth, int arguments, Oid *types);

/* ---- team.c: parallel workers that share the work of a training, see team.h ---- */

typedef struct Team Team;

/* ---- checkpoint.c: trainings in epochs, which can go on another day ---- */

typedef struct Checkpoints
{
	int32		every;			/* epochs; 0: none is kept */
	bytea	   *last;			/* of an earlier training, not toasted, or NULL */
	bool		resumed;		/* it went on from there */
	void		(*save) (void *arg, const FcModel *m, const char *phase, bytea *checkpoint);	/* may commit */
	void	   *arg;
	uint32		rows;			/* checksum */
	Team	   *team;			/* whose workers are dismissed before that, or NULL */
} Checkpoints;

extern void fc_checkpoints_begin(Checkpoints *c, FcFit *f);
extern void fc_checkpoints_forget(Checkpoints *c, FcFit *f);

/* ---- training.c: what trainings share ---- */

/* Notices of a statement, which may train many models */
typedef struct FcNotices
{
	int			models;			/* with something to report */
	bool		no_model;		/* one was NULL for too few rows, which has been reported */
	bool		categories;		/* they have been reported */
} FcNotices;

/* For a training of which nobody is to be told */
#define FC_NO_NOTICES	{.models = INT_MAX - 1, .no_model = true, .categories = true}

extern int32 fc_clusters_argument(FunctionCallInfo fcinfo, int arg, const FcAlgorithm *algo);
extern void fc_check_clusters(int64 k);
extern void fc_refuse_passes(const FcModel *m);
extern void fc_refuse_weights(const FcAlgorithm *algo);
extern void fc_training_options(FcModel *m, OptionArrays *arrays, Jsonb *options);
extern void fc_training_features(FcModel *m, const OptionArrays *arrays, FcPrecision precision, int32 d,
								 bool categories);
extern bytea *fc_train(const FcModel *settings, const OptionArrays *arrays, RowStore *store,
					   Checkpoints *checkpoints, FcNotices *notices);

/* ---- report.c: errors of failed trainings ---- */

extern void fc_report_fit(FcStatus status, const FcFit *f);

/* ---- notices.c: notices about a trained model, or a missing one ---- */

extern bool fc_may_tell(FcNotices *notices);
extern void fc_report_categories(const FcModel *m, FcNotices *notices);
extern void fc_report_no_model(const FcFit *f, FcNotices *notices);
extern void fc_report_doubts(const FcFit *f, FcNotices *notices);
extern void fc_report_skipped(int64 skipped, int64 zeros, int64 rows, bool weighted);

#endif
