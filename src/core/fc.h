/*
 * fc.h - the interface of the numeric core
 *
 * Nothing under src/core, src/algo or src/nn includes a PostgreSQL header; the
 * unit tests build those folders without PostgreSQL's include path.
 *
 * The core allocates nothing and raises nothing.  Memory comes from an arena
 * that the caller provides, failures are returned as an FcStatus, and the
 * hooks of a training may longjmp at any time: there is nothing to clean up.
 *
 * Letters: n rows, d columns (features), k clusters; i is a row, j a column,
 * c a cluster; x data, v centers, u memberships, w weights, m the fuzzifier.
 */
#ifndef FC_H
#define FC_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/options.h"
#include "core/status.h"

#define FC_MAX_CLUSTERS		65535
#define FC_MAX_COLUMNS		65535
#define FC_MAX_SHAPE_COLUMNS 512	/* where clusters have a covariance: its eigenvalues take 0.1 s */
#define FC_MAX_OPTIONS		48		/* of one algorithm, besides the common ones */
#define FC_MAX_LISTS		4		/* options of an algorithm that are lists */
#define FC_MAX_LIST			65535	/* numbers in one */
#define FC_MAX_EXTRA		8		/* arrays that an algorithm adds to a model */
#define FC_MAX_OPTIONAL		5		/* that only some models have */
#define FC_MAX_NARROW		8		/* of floats, likewise */
#define FC_MAX_NAMES		(1 << 20)	/* bytes of the names of all columns */
#define FC_MAX_CATEGORY_VALUES 1000 /* of one category */
#define FC_MAX_VALUE_BYTES	(1 << 24)	/* of the values of all categories */
#define FC_MAX_HISTORY		1000	/* rows kept of the course of a training ... */
#define FC_MAX_SAMPLE_HISTORY 100	/* ... and, before them, of its course on a sample */
#define FC_SAMPLE_PHASE		"sample"	/* the name of the latter */
#define FC_MAX_PARAMETERS	8		/* of a kernel */
#define FC_LANES			16		/* rows are padded to a multiple of this */
#define FC_TILE				1024	/* most rows that are weighed at once */
#define FC_ROUND_UP(n, unit) (((n) + (unit) - 1) / (unit) * (unit))

/* ---- memory: arena.c ---- */

/*
 * With base == NULL an arena only counts, so that the same function determines
 * the size and lays out the memory.
 */
typedef struct FcArena
{
	char	   *base;			/* aligned to 64 bytes */
	size_t		used;			/* SIZE_MAX: more than can be addressed, and nothing may be placed */
	struct FcArena *shared;		/* of memory that other processes see, too (see team.h); NULL: there are none */
} FcArena;

extern void *fc_take(FcArena *a, uint64_t count, size_t size);
extern void *fc_take_shared(FcArena *a, uint64_t count, size_t size);
extern void *fc_place(FcArena *a, const void *parts, size_t size);

/* Counts for fc_take(): SIZE_MAX, which it cannot take, where they are larger */
static inline size_t
fc_times(uint64_t a, uint64_t b)
{
	size_t		product;

	return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}

static inline size_t
fc_plus(uint64_t a, uint64_t b)
{
	size_t		sum;

	return __builtin_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}

/* ---- random numbers: rng.c ---- */

typedef struct FcRng
{
	uint64_t	state;
} FcRng;

extern void fc_rng_start(FcRng *r, uint64_t seed, uint64_t stream);
extern uint64_t fc_rng_next(FcRng *r);
extern void fc_rng_skip(FcRng *r, uint64_t count);
extern double fc_rng_uniform(FcRng *r);
extern double fc_rng_normal(FcRng *r);
extern int64_t fc_rng_below(FcRng *r, int64_t n);

/* ---- rows ---- */

typedef enum FcPrecision
{
	FC_F32,
	FC_F64
} FcPrecision;

#define FC_SIZE(precision)	((size_t) ((precision) == FC_F32 ? 4 : 8))

/*
 * The rows to cluster, in blocks of "stride" rows, each a (d, stride) matrix:
 * feature j of the block's row i is at [j * stride + i].  Rows next to each
 * other fill vector registers, so that a kernel's inner loop runs over rows.
 * The last block is padded with zeros to a multiple of FC_LANES.
 */
typedef struct FcRows
{
	int64_t		n;
	int32_t		d;
	int32_t		stride;			/* a multiple of FC_LANES */
	FcPrecision precision;
	const void *(*block) (void *source, int64_t b); /* valid until the next call */
	const void *(*scaled) (void *source, int64_t b, const double *shift, const double *factor);	/* a block as scale.c scales it, where that takes less time; or NULL */
	const double *(*weights) (void *source, int64_t b); /* likewise: how often each row counts, padding 0; NULL: once */
	double		total;			/* of the weights, if there are any */
	bool		gaps;			/* numbers that are missing are NaN: see gaps.c; else there are none */
	struct FcElsewhere *elsewhere;	/* these are a sample of rows that are not here: see elsewhere.h; or NULL */
	void	   *source;
} FcRows;

extern int32_t fc_block_rows(int32_t d);
extern int64_t fc_blocks(const FcRows *rows);
extern int32_t fc_rows_in_block(const FcRows *rows, int64_t b);
extern const double *fc_row_weights(const FcRows *rows, int64_t b);
extern int64_t fc_row_count(const FcRows *rows);
extern double fc_total_weight(const FcRows *rows);
extern double fc_row_unit(double total, int64_t rows);

static inline double
fc_get(const void *x, FcPrecision precision, size_t at)
{
	return precision == FC_F32 ? ((const float *) x)[at] : ((const double *) x)[at];
}

static inline void
fc_set(void *x, FcPrecision precision, size_t at, double value)
{
	if (precision == FC_F32)
		((float *) x)[at] = (float) value;
	else
		((double *) x)[at] = value;
}

/* Features beyond these are refused: a squared distance could overflow */
#define FC_LIMIT_F32		1e15
#define FC_LIMIT_F64		1e140
#define FC_LIMIT(precision)	((precision) == FC_F32 ? FC_LIMIT_F32 : FC_LIMIT_F64)

/* Between 1 and the next number */
#define FC_EPSILON(precision)	((precision) == FC_F32 ? FLT_EPSILON : DBL_EPSILON)

/* Callbacks of the caller during a training; either may be NULL, both may longjmp */
typedef struct FcHooks
{
	void		(*check) (void *arg);	/* every few milliseconds */
	void		(*progress) (void *arg, int32_t iteration, double objective, double change);
	void	   *arg;
} FcHooks;

/* Where the columns of a training go that do not fit into memory, see column.h; read == NULL: nowhere.  Either may longjmp. */
typedef struct FcSpill
{
	size_t		room;			/* bytes of columns that may stay in memory */
	void		(*read) (void *arg, int64_t at, void *to, size_t size);
	void		(*write) (void *arg, int64_t at, const void *from, size_t size);
	void	   *arg;
} FcSpill;

extern void fc_check(const FcHooks *hooks);
extern void fc_clear(const FcHooks *hooks, void *data, size_t size);
extern void fc_copy(const FcHooks *hooks, void *to, const void *from, size_t size);

extern double fc_select_rank(double *values, int32_t n, int32_t rank);
extern double fc_squared_distance(const double *a, const double *b, int32_t d);
extern int32_t fc_nearest_center(const double *centers, int32_t k, int32_t d, const double *v);
extern double fc_inner_product(const double *a, const double *b, size_t length);

/* ---- models: model.c, model_bytes.c, model_check.c ---- */

typedef enum FcHistoryColumn
{
	FC_HISTORY_ITERATION,
	FC_HISTORY_OBJECTIVE,
	FC_HISTORY_CHANGE,
	FC_HISTORY_PHASE,
	FC_HISTORY_TEMPERATURE,
	FC_HISTORY_Q,
	FC_HISTORY_RECONSTRUCTION,
	FC_HISTORY_CLUSTERING,
	FC_HISTORY_COLUMNS
} FcHistoryColumn;

/* An array of floats in a model */
typedef struct FcNarrow
{
	float	   *data;			/* (rows, columns) */
	int32_t		rows;
} FcNarrow;

/* The course of a training, as far as it is kept: see fc_model_record().  First comes that on a sample: iterations -1, -2, ... */
typedef struct FcHistory
{
	double	   *rows;			/* (count, columns) */
	int32_t		count;
	int32_t		first;			/* during a training: where the rows of this descent begin */
	int32_t		step;			/* every how many iterations of it one was kept */
} FcHistory;

/* The columns of rows, of which some are categories: see categories.h */
typedef struct FcCategories
{
	int32_t		columns;		/* 0: there are none, and each feature is a number */
	const int32_t *levels;		/* (columns) how many values a category has; 0: a number */
	const char *values;			/* (length) of all categories, in UTF-8, each with a zero byte after it; sorted by bytes within a column */
	int32_t		length;
} FcCategories;

/* Those that only algorithms of a kind have */
typedef struct FcOwnArrays
{
	double	   *extra[FC_MAX_EXTRA];
	FcNarrow	narrow[FC_MAX_NARROW];
	int32_t		nraw;			/* centers before some were merged; 0: the same as k */
} FcOwnArrays;

/* What only some models have: see optional.h */
typedef struct FcOptional
{
	uint32_t	arrays;			/* bits of those that it has */
	double	   *array[FC_MAX_OPTIONAL];
} FcOptional;

typedef struct FcModel
{
	const struct FcAlgorithm *algo;
	int32_t		k;
	int32_t		d;
	FcPrecision precision;		/* of the rows that it learned from */
	bool		converged;
	int64_t		rows;
	int64_t		skipped;
	int32_t		iterations;
	int32_t		empty;			/* clusters to which no row is nearest */
	double		objective;
	double		common[FC_NCOMMON];
	double		option[FC_MAX_OPTIONS];	/* in the order of algo->options */

	double	   *centers;		/* (k, d) in scaled units */
	double	   *weights;		/* (k) sum of memberships */
	double	   *radius;			/* (k) mean distance of the rows nearest to it */
	double	   *shift;			/* (d) scaled x = (x - shift) * factor; */
	double	   *factor;			/* (d) both NULL when rows are not scaled */
	FcHistory	history;
	FcOwnArrays own;			/* what algo->arrays names */
	FcOptional	optional;
	int32_t		memory;			/* kilobytes that the training took; 0: not known */
	double	   *list[FC_MAX_LISTS]; /* of the options that are lists, in their order */
	const char *names;			/* (names_length) of the columns, see names.c; NULL: they have none */
	int32_t		names_length;
	FcCategories categories;
} FcModel;

/* What an array has to do with the numbers of clusters, which may be permuted */
typedef enum FcArrayKind
{
	FC_OF_MODEL,				/* nothing */
	FC_OF_CLUSTERS,				/* row c belongs to cluster c */
	FC_LABELLED					/* the last column is the cluster, from 0, of each row */
} FcArrayKind;

/* A named array in a model: of doubles, or of floats */
typedef struct FcArray
{
	const char *name;			/* at most 15 characters */
	int64_t		rows;
	int64_t		columns;
	double	  **data;			/* NULL: an array of floats */
	int32_t    *count;			/* if rows may be fewer: where their number is kept */
	float	  **narrow;			/* NULL: an array of doubles */
	FcArrayKind kind;
} FcArray;

#define FC_MAX_ARRAYS	(6 + FC_MAX_EXTRA + FC_MAX_OPTIONAL + FC_MAX_NARROW + FC_MAX_LISTS)

extern void fc_model_begin(FcModel *m, const struct FcAlgorithm *algo, int32_t k, int32_t d);
extern void fc_model_layout(FcArena *a, FcModel *m);
extern int	fc_model_arrays(FcModel *m, FcArray *arrays);
extern int	fc_model_format(const FcModel *m);
extern size_t fc_model_size(const FcModel *m);
extern int32_t fc_model_clusters(const void *bytes, size_t len);
extern int32_t fc_model_groups(const void *bytes, size_t len);
extern void fc_model_write(const FcModel *m, const FcHooks *hooks, void *buf);
extern FcStatus fc_model_read(FcModel *m, void *buf, size_t len);
extern void fc_model_record(FcModel *m, const double *values);
extern bool fc_is_scaled(const FcModel *m);
extern int	fc_history_width(const struct FcAlgorithm *algo);
extern double fc_history_get(const FcModel *m, int32_t row, FcHistoryColumn column);
extern void fc_unscale(const FcModel *m, const double *v, double *out);
extern void fc_unscale_center(const FcModel *m, int32_t c, double *out);
extern void fc_model_share(FcModel *m, const FcModel *with);
extern void fc_model_swap(FcModel *a, FcModel *b);
extern void fc_permute_rows(const FcArray *array, const int32_t *place, int32_t *work);
extern void fc_model_permute(FcModel *m, const int32_t *place, int32_t *work);

/* ---- names of columns: names.c ---- */

extern bool fc_is_utf8(const char *text, size_t length);
extern bool fc_names_are_valid(const char *names, size_t length, int32_t columns);
extern const char *fc_next_name(const char *name);
extern int32_t fc_names_differ(const char *a, const char *b, int32_t columns);
extern size_t fc_names_size(const FcModel *m);
extern void fc_names_write(const FcModel *m, char *p);
extern bool fc_names_read(FcModel *m, const char *p, size_t length);

/* ---- one training: fit.c ---- */

#define FC_FEW_ROWS		1024	/* of a sample, for medians */

/* Some or all of the rows, for the first centers: see sample.c */
typedef struct FcSample
{
	int64_t		n;
	int64_t		stride;			/* n rounded up to whole lanes */
	void	   *x;				/* (d, stride) in the precision of the rows */
	double	   *weight;			/* (n) of each row, or NULL: all 1 */
	double		total;			/* of these */
	double	   *mean;			/* (d) */
	double	   *present;		/* (d) the share of the rows that have a feature; NULL: they have all */
	double		spread;			/* root of the mean squared distance to the mean */
	double		usual;			/* median length of a row */
	double	   *few;			/* (FC_FEW_ROWS) work space: a number of each of a few rows */
} FcSample;

/* Memory of a training, with FC_SPILLS */
typedef struct FcMemory
{
	FcSpill		spill;			/* the caller decides where columns are stored */
	size_t		least;			/* the caller keeps here, for advice: bytes of a layout with all columns in a file ... */
	size_t		rows;			/* ... of which this many, set by the layout, are for rows that are processed together */
} FcMemory;

/* Progress of a training, for observers: set by the algorithm, if it has FcEpochHooks or FC_SHUFFLES */
typedef struct FcCourse
{
	int			phase;			/* of FcEpochHooks.phases */
	int64_t		rows_done;		/* rows of this epoch that have been processed */
	bool		on_sample;		/* set by the engine: iterations are those of a start on a sample */
} FcCourse;

struct FcFit;

#define FC_ARGUMENTS	4		/* of a task */

/* A training with FcEpochHooks that may be interrupted and resumed: all from the caller */
typedef struct FcResume
{
	void		(*epoch) (struct FcFit *f, void *work);	/* one is over: may take the state; or NULL; may longjmp */
	void	   *arg;
	const char *state;			/* to resume from, or NULL */
	size_t		length;
} FcResume;

/* Reason of a failure, set together with the status that a field names */
typedef struct FcFailure
{
	int64_t		distinct;		/* FC_TOO_FEW_ROWS: how many distinct rows there are */
	int			option;			/* FC_BAD_LIST, FC_NOT_WHOLE; FC_UNREADABLE, or -1 */
	const char *array;			/* FC_UNREADABLE without an option, or NULL */
	double		wanted;			/* FC_TOO_FINE: how many centers there would be ... */
	int64_t		allowed;		/* ... and how many there may be */
	int32_t		feature;		/* FC_NEVER_OBSERVED: the first that no row has */
} FcFailure;

/* Reasons to doubt a model, found by fc_fit() and, of covariances, by the engine */
typedef struct FcDoubts
{
	int32_t		twins[2];		/* two centers that coincide, or -1 */
	bool		equal_start;	/* they were equal initially */
	double		safe_fuzzifier; /* below it centers do not merge; 0: unknown, or of no use */
	double		largest;		/* mean of the largest memberships of rows; 0: unknown */
	int32_t		singular;		/* clusters whose covariance is singular: its eigenvalues were raised */
	int32_t		thin;			/* clusters with a covariance, and fewer rows than features + 1 */
	int32_t		sharpened;		/* how often memberships were made crisper, since centers coincided */
} FcDoubts;

/* The input of a training, and its findings besides the model */
typedef struct FcFit
{
	/* from the caller, before fc_fit_begin() */
	FcModel    *model;			/* with algo, k, d and options */
	FcRows		rows;			/* as read; scaled while the algorithm runs */
	const double *start;		/* (k, d) first centers in the user's units, or NULL */
	const double *list[FC_MAX_LISTS];	/* values of options that are lists */
	const FcModel *earlier;		/* the model to begin with, whose centers are in start; or NULL */
	FcHooks		hooks;
	int			isa;			/* an FcIsa; which compiled variant is used */
	const struct FcLapack *lapack;	/* see lapack.h; for algorithms that need it */
	FcMemory	memory;
	FcResume	resume;
	const struct FcTeam *team;	/* processes that share the work, or NULL */
	bool		joins;			/* a team that another process leads: only a part of the memory is needed */

	/* from fc_fit() for the algorithm, while that runs */
	FcSample	sample;
	struct FcColumns *columns;	/* measured for FC_INIT_RANDOM and FC_SHUFFLES, scaled as the rows are */
	const double *offset;		/* (d) subtracted from rows that are not scaled, and so from centers; or NULL */
	double	   *direction;		/* (2, d) work space of critical.c */
	void	   *work;			/* the algorithm's, from its layout() */
	struct FcEngine *engine;	/* in that, where passes are made: see pass.h */
	int			view;			/* how rows are seen now, an FcView: see team.h */
	int32_t		stage;			/* of the kernel: see FcKernel.stages, or FC_TRIMMED_STAGE */
	double		argument[FC_ARGUMENTS]; /* of the task at hand */

	/* findings */
	FcCourse	course;
	FcFailure	failure;
	FcDoubts	doubts;
	const void *outcome;		/* for the algorithm's own advice, in its work space; or NULL */
} FcFit;

extern bool fc_model_counts_hold(const FcModel *m);
extern bool fc_model_options_agree(const FcModel *m);
extern bool fc_model_values_hold(const FcModel *m);
extern FcStatus fc_model_check(FcFit *f);
extern FcStatus fc_fit_begin(FcFit *f);
extern void *fc_fit_layout(FcArena *a, FcFit *f);
extern FcStatus fc_fit(FcFit *f, void *work);
extern void fc_fit_join(FcFit *f, void *work);

/* ---- algorithms ---- */

/* What a caller, or a test, may rely on */
#define FC_CRISP			0x01	/* memberships are 0 or 1 */
#define FC_SHARES_TIES		0x02	/* a row equally near to two clusters gets both */
#define FC_DESCENDS			0x04	/* the objective never rises */
#define FC_FINDS_CLUSTERS	0x08	/* their number need not be given: see choose_clusters */
#define FC_ANNEALS			0x10	/* memberships are as soft as the temperature where centers settled */
#define FC_NEEDS_OPTIONS	0x20	/* scoring needs options, of which a model may not lack one */
#define FC_EMBEDS			0x40	/* distances, objective and radii are in another space than centers */
#define FC_NEEDS_LAPACK		0x80	/* training calls FcFit.lapack; scoring never does */
#define FC_SHUFFLES			0x100	/* training takes rows in any order: no sample, and it fills in FcFit.course */
#define FC_SPILLS			0x200	/* training keeps columns, which may be in a file: FcFit.memory */
#define FC_CONTINUES		0x400	/* continues from everything that an earlier model of its kind has learned */
#define FC_PRETRAINS		0x800	/* clusters are preliminary: a training that starts from such a model ignores its centers */
#define FC_TAKES_COSINE		0x1000	/* the option distance may be cosine */
#define FC_TAKES_CATEGORIES	0x2000	/* columns of rows may be categories */
#define FC_TAKES_GAPS		0x4000	/* the option missing may be partial */
#define FC_TAKES_NOISE		0x8000	/* rows may belong to no cluster: the options noise and noise_distance */
#define FC_POSSIBILISTIC	0x10000	/* memberships are typicalities: between 0 and 1, but those of a row do not add up to 1 */

/* Replaces squared distances by memberships or weights; see kernel.h */
typedef struct FcKernel FcKernel;
struct FcMetric;

/* ---- messages of an algorithm about a training ---- */

typedef enum FcPart
{
	FC_MESSAGE,					/* lower case, no full stop */
	FC_DETAIL,					/* sentences */
	FC_HINT,
	FC_PARTS
} FcPart;

/* Receives the messages: format and arguments are those of printf() */
typedef struct FcWords
{
	void		(*say) (struct FcWords *w, FcPart part, const char *format,...) __attribute__((format(__printf__, 3, 4)));
} FcWords;

/* Either may be NULL */
typedef struct FcAdviceHooks
{
	/*
	 * The error for a failed training.  Without a message, detail and hint
	 * replace those common to all algorithms; the hint of FC_TOO_LITTLE_MEMORY
	 * names alternatives to more memory, as the continuation of a sentence.
	 */
	void		(*explain) (const FcFit *f, FcStatus status, FcWords *w);

	/* Reasons to doubt a model, each with a message, except those common to all algorithms: twins, empty clusters */
	void		(*doubt) (const FcFit *f, FcWords *w);
} FcAdviceHooks;

/* Of a training in epochs, whose number is known before: its progress, and its state, to resume from */
typedef struct FcEpochHooks
{
	const char *const *phases;	/* names of the phases in the history */
	double		(*most) (const FcModel *m); /* of all phases together */
	size_t		(*state_size) (void *work); /* after an epoch */
	void		(*save_state) (void *work, char *state);	/* (state_size); the hooks of the training may longjmp */
} FcEpochHooks;

/* Of a network: codes of rows, which are scaled; t has been loaded by a scorer */
typedef struct FcNetworkHooks
{
	int64_t		(*parameters) (const FcModel *m);	/* their number */
	int32_t		(*latent) (const FcModel *m);	/* numbers in a code */
	const double *(*centers) (const FcModel *m);	/* (k, latent) of codes */
	void		(*embed) (struct FcMetric *t, const double *x, float *z);	/* z (latent) */
	void		(*reconstruct) (struct FcMetric *t, const double *x, double *y);	/* y (d), which may be x */
	bool		(*has_density) (const struct FcAlgorithm *algo);	/* clusters are distributions of codes, with the next two; or NULL: never */
	double		(*density) (struct FcMetric *t, const double *x);	/* its logarithm, of a row */
	void		(*generate) (struct FcMetric *t, int32_t c, FcRng *rng, double *y);	/* y (d): a scaled row drawn from cluster c */
} FcNetworkHooks;

typedef struct FcAlgorithm
{
	const char *name;			/* SQL name, stored in models: never reuse */
	const char *title;			/* for people: comments of the SQL objects begin with it */
	uint32_t	traits;
	uint32_t	history;		/* bits (1 << FcHistoryColumn) besides the first three */
	const FcOption *options;	/* ends with name == NULL */
	const FcOption *common[FC_NCOMMON];	/* in place of the common ones; NULL: as they are */
	const FcKernel *kernel;		/* used by the engine, and for scoring */
	int			(*arrays) (FcModel *m, FcArray *extra);	/* or NULL */
	bool		(*check) (const FcModel *m);	/* of a model that was read, or NULL */
	void		(*permute) (FcModel *m, const int32_t *place, int32_t *work);	/* data by cluster other than rows of arrays; or NULL */
	double		(*margin) (const FcModel *m);	/* rows are scaled to margin .. 1 - margin, or NULL */
	bool		(*one_factor) (const FcModel *m);	/* columns keep their proportions, or NULL */
	void		(*move) (FcModel *m, const double *offset);	/* adds it to coordinates other than centers; or NULL */
	double		(*safe_fuzzifier) (const FcModel *m);	/* below it clusters stay apart, 0: any; or NULL: see critical.c */
	FcStatus	(*begin) (FcFit *f);	/* before the layout: checks options and completes them; or NULL */
	FcStatus	(*choose_clusters) (FcFit *f);	/* sets model->k, with FC_FINDS_CLUSTERS */
	int32_t		(*nodes) (const FcModel *m);	/* of a graph: training needs their square in doubles; or NULL */
	const double *(*feature_weights) (const FcModel *m, int32_t *width);	/* (k, width), rows adding up to 1; or NULL */
	const FcEpochHooks *epochs; /* or NULL: iterations continue until nothing moves */
	const FcNetworkHooks *network;	/* or NULL: not a network */
	const FcAdviceHooks *advice;	/* or NULL: messages common to all algorithms, from FcFit */
	const void *method;			/* data shared by algorithms of a kind, or NULL */
	const struct FcTeamHooks *team; /* see team.h; or NULL */
	void	   *(*layout) (FcArena *a, const FcFit *f);
	FcStatus	(*fit) (FcFit *f, void *work);
} FcAlgorithm;

extern const FcAlgorithm *const fc_algorithms[];	/* ends with NULL */
extern const FcAlgorithm *fc_find_algorithm(const char *name);

#endif
