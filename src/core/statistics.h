/*
 * statistics.h - sums of rows at the centers of one model, as a value: see statistics.c
 */
#ifndef FC_STATISTICS_H
#define FC_STATISTICS_H

#include "core/pass.h"

/* What is added up, besides the objective */
#define FC_GATHER_SUMS		1	/* for the next centers: weights, weighted rows, and their squares where clusters have shapes */
#define FC_GATHER_SIZES		2	/* for the model: memberships, radii, and how many rows are nearest */
#define FC_GATHER_MASS		4	/* memberships: a part of FC_GATHER_SIZES, and of sums where the kernel needs them */
#define FC_GATHER_SQUARES	8	/* a part of FC_GATHER_SUMS: set where clusters have shapes, by fc_step_gather() */
#define FC_GATHER_GAPS		16	/* features may be missing: for FC_GATHER_SUMS, weights of the rows that have each; with any of the first two */
#define FC_GATHER_NOISE		32	/* rows may be noise, which has memberships and rows, too: set with FC_GATHER_MASS where the model has noise */
#define FC_GATHER_ALL		63

/* One kind of sums; of the others, squares are in the order of a lower triangle, row by row.  Append only */
typedef enum FcSum
{
	FC_SUM_OBJECTIVE,			/* (1) */
	FC_SUM_WEIGHT,				/* (k) sum of weights */
	FC_SUM_MASS,				/* (k) sum of memberships, and behind them that of noise, with FC_GATHER_NOISE */
	FC_SUM_RADIUS,				/* (k) sum of lengths from nearest centers */
	FC_SUM_COUNT,				/* (k) rows nearest to a center, or their weights; and behind them those that are noise, likewise */
	FC_SUM_X,					/* (k, d) weighted sum of rows; of x - v, where clusters have shapes */
	FC_SUM_SQUARES,				/* (k, d (d + 1) / 2) weighted sum of (x - v)(x - v)' */
	FC_SUM_OBSERVED,			/* (k, d) sum of the weights of rows that have feature j */
	FC_SUMS
} FcSum;

/*
 * The powers of two that numbers are divided by.  These, and one for each feature: a number with
 * exponent e is below 2^e, or goes to the list.  Those of a sum of products add up; x - v has one more.
 */
enum
{
	FC_WEIGHT_EXPONENT,			/* of weights, memberships and counts */
	FC_OBJECTIVE_EXPONENT,		/* of a row's part of the objective */
	FC_RADIUS_EXPONENT,			/* of lengths */
	FC_EXPONENTS
};

/* What two of them must have in common to be added */
typedef struct FcStatisticsKind
{
	uint64_t	hash;			/* of the bytes of the step model: fc_step_hash() */
	FcPrecision precision;
	int			isa;			/* an FcIsa: results of two differ by rounding */
	int			gather;			/* FC_GATHER_... */
	int32_t		k;
	int32_t		d;
} FcStatisticsKind;

/*
 * A view of the bytes.  Flat: they can be copied, and opened elsewhere with
 * fc_statistics_resume(), at any time between two calls.
 */
typedef struct FcStatistics
{
	FcStatisticsKind kind;
	uint64_t   *word;			/* the bytes, at a multiple of 8 */
	size_t		capacity;		/* bytes at "word" */
	size_t		needed;			/* after FC_TOO_LITTLE_ROOM: a capacity with which the same call goes on */
	size_t		at[FC_SUMS];	/* of the first sum of each kind, in words; 0: not gathered */
	uint64_t	sums;			/* how many there are; behind them is the list of digits: see exact.h */
} FcStatistics;

/* Bytes without a list, which is where new statistics begin; SIZE_MAX: more than can be addressed */
extern size_t fc_statistics_size(const FcStatisticsKind *kind);

/* No rows yet; "exponents" (FC_EXPONENTS + d): see below.  "memory" has at least fc_statistics_size() bytes. */
extern void fc_statistics_begin(FcStatistics *s, const FcStatisticsKind *kind, const int32_t *exponents,
								void *memory, size_t capacity);

/*
 * Opens bytes that fc_statistics_finish() has made, of "length", in memory of
 * "capacity" (at least length) bytes aligned to 8.  Trusts nothing: FC_NOT_STATISTICS,
 * FC_NEWER_STATISTICS or FC_DAMAGED_STATISTICS.  Whoever only reads passes length twice.
 */
extern FcStatus fc_statistics_open(FcStatistics *s, void *bytes, size_t length, size_t capacity);

/* The same of bytes in between, as they lie in memory: of a state that has not been finished.  length: of what is used. */
extern FcStatus fc_statistics_resume(FcStatistics *s, void *bytes, size_t length, size_t capacity);

/* Are these the bytes of statistics?  Only the beginning is read */
extern bool fc_statistics_are(const void *bytes, size_t length);

/* Bytes in use: what has to be copied with a state */
extern size_t fc_statistics_length(const FcStatistics *s);

/* Makes the bytes canonical, the same for the same rows in any order, and gives their length */
extern size_t fc_statistics_finish(FcStatistics *s);

/* Do they begin as fc_statistics_begin() would make them? */
extern bool fc_statistics_have(const FcStatistics *s, const FcStatisticsKind *kind, const int32_t *exponents);

/* Of the same model, precision and instruction set, and of the same sums? */
extern bool fc_statistics_match(const FcStatistics *a, const FcStatistics *b);

/*
 * to += from, and to -= from.  FC_OTHER_STATISTICS: they do not match; FC_NO_PART:
 * "from" has something that "to" lacks; FC_TOO_MANY_ROWS: more than can be counted;
 * FC_TOO_LITTLE_ROOM: to->needed bytes.  Without FC_OK, nothing has changed.  Subtraction
 * needs statistics that are finished or opened.
 */
extern FcStatus fc_statistics_merge(FcStatistics *to, const FcStatistics *from);
extern FcStatus fc_statistics_subtract(FcStatistics *to, const FcStatistics *from);

/* More rows that were left out; FC_TOO_MANY_ROWS as above */
extern FcStatus fc_statistics_skip(FcStatistics *s, int64_t rows);

/* ---- adding ---- */

/* Room for this number of digits more; false, and s->needed is set: there is none */
extern bool fc_statistics_make_room(FcStatistics *s, uint64_t digits);

/* Adds p, finite, to sum number "at" of a kind, divided by its power of two already; one beyond the grid needs FC_MOST_DIGITS of room */
extern void fc_statistics_add(FcStatistics *s, FcSum sum, uint64_t at, double p);

/* More rows; false: they cannot be counted */
extern bool fc_statistics_count(FcStatistics *s, int64_t rows);

/* ---- reading, once finished or opened ---- */

extern int64_t fc_statistics_rows(const FcStatistics *s);
extern int64_t fc_statistics_skipped(const FcStatistics *s);

/* Sum number "at" of a kind, row-major, correctly rounded; 0 where it was not gathered */
extern double fc_statistics_get(const FcStatistics *s, FcSum sum, uint64_t at);

/*
 * All of them, in the layout of a pass, whose sums of the result (FC_GATHER_SIZES) have the
 * memberships as weights: "sizes" says so.  What was not gathered is 0.
 */
extern void fc_statistics_to_accumulator(const FcStatistics *s, bool sizes, FcAccumulator *acc);

#endif
