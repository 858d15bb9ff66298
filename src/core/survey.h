/*
 * survey.h - what is known of rows before any training: counts, ranges, exact sums and a sample
 *
 * A survey is a value that can be merged: it depends on the rows alone, not on
 * their order or on how they were divided, to the byte.  While rows come it is
 * an FcSurveyState, which is flat memory; when they are complete, bytes, of which
 * FcSurvey is a view.
 */
#ifndef FC_SURVEY_H
#define FC_SURVEY_H

#include "core/scale.h"

#define FC_MAX_SURVEYED		(INT64_C(1) << 56)	/* rows in one survey */
#define FC_MAX_SAMPLED		(1 << 24)	/* rows in its sample */
#define FC_SURVEY_HEADER	48	/* bytes of a survey without rows */

/* ---- the value: survey.c ---- */

/* What rows are like, which is known from the first one on */
typedef struct FcSurveyKind
{
	int32_t		d;				/* features; 0: there was no row yet */
	int32_t		precision;		/* an FcPrecision */
	int32_t		keyed;			/* rows of the sample are told apart by a key */
	int32_t		gaps;			/* features may be missing: NaN */
	int32_t		weighted;		/* rows have weights */
	int32_t		categories;		/* columns are, which are counted as features here: see survey_words.c */
} FcSurveyKind;

/* The values of categories: see survey_words.c */
typedef struct FcSurveyWords
{
	const uint64_t *pairs;		/* (d) */
	const char *text;			/* (length) */
	int32_t		length;
	int32_t		count;			/* of all columns */
	const uint64_t *hash;		/* (count) */
	const uint64_t *sums;		/* (count) rows with each value, or their weight */
} FcSurveyWords;

typedef struct FcSurvey
{
	int64_t		rows;			/* without the skipped ones */
	int64_t		skipped;
	int32_t		d;				/* features; 0: there were no rows, and what follows is empty */
	FcPrecision precision;		/* of the rows: FC_F64 if any of them were */
	bool		keyed;			/* rows of the sample are told apart by a key, not by their values */
	bool		gaps;			/* features may be missing: NaN in rows of the sample, and none of all rows may have one */
	bool		weighted;		/* rows are told apart by their weights, too */
	bool		categories;		/* columns are, which count as one feature each in d, and have no range and no sums */
	int32_t		most;			/* rows that the sample may have */
	int32_t		count;			/* rows that it has */
	uint64_t	seed;
	const double *low;			/* (d) */
	const double *high;			/* (d) */
	const double *weights;		/* (2) the least and the largest, if rows have weights ... */
	const uint64_t *total;		/* ... and their sum, see digits.h */
	const uint64_t *sums;		/* (d, 2) sum and sum of squares of a feature, likewise; (d, 3) with gaps: before them the number of rows, or sum of weights */
	FcSurveyWords words;		/* of categories */
	const int32_t *place;		/* while it is merged: of each of these in the result */
	const uint64_t *sample;		/* (count, width) sorted by hash, then values */
	size_t		width;			/* words of a row of the sample */
} FcSurvey;

/* Why two surveys cannot be merged */
typedef enum FcSurveyConflict
{
	FC_SURVEYS_FIT,
	FC_SURVEYS_FEATURES,		/* other numbers of features */
	FC_SURVEYS_MOST,			/* other sizes of the sample */
	FC_SURVEYS_SEED,
	FC_SURVEYS_KEY,				/* one tells rows apart by a key */
	FC_SURVEYS_GAPS,			/* one has rows with missing features */
	FC_SURVEYS_WEIGHT,			/* one has rows with weights */
	FC_SURVEYS_CATEGORIES,		/* columns are categories in one */
	FC_SURVEYS_ROWS				/* too many rows together */
} FcSurveyConflict;

/* Do the bytes begin as a survey does? */
extern bool fc_is_survey(const void *bytes, size_t length);

/*
 * Makes *s a view of bytes that are aligned to 8 and stay where they are; on a
 * big-endian machine they are put into its order.  Trusts nothing.  FC_OK,
 * FC_NOT_A_MODEL, FC_NEWER_MODEL or FC_DAMAGED_MODEL.
 */
extern FcStatus fc_survey_read(FcSurvey *s, void *bytes, size_t length, const FcHooks *hooks);

extern FcSurveyConflict fc_survey_conflict(const FcSurvey *a, const FcSurvey *b);

/* At most so many bytes */
extern size_t fc_survey_merged_size(const FcSurvey *a, const FcSurvey *b);

/* Of surveys that fit each other, into memory aligned to 8; returns the number of bytes.  0: their categories have too many values together */
extern size_t fc_survey_merge(const FcSurvey *a, const FcSurvey *b, void *bytes, const FcHooks *hooks);

/* How many features rows have, each value of a category being one; and the categories, whose levels (d) are the caller's, all 0 where there are numbers only */
extern int32_t fc_survey_features(const FcSurvey *s);
extern FcCategories fc_survey_categories(const FcSurvey *s, int32_t *levels);

/* Values of column j; -1: it has numbers */
extern int32_t fc_survey_levels(const FcSurvey *s, int32_t j);

/* Row i of the sample: its features, x, NaN where one is missing; returns how often it occurs among the rows */
extern int64_t fc_survey_row(const FcSurvey *s, int32_t i, double *x);

/* The same row with columns as features: in x (d) values of categories as their places among the values of the column */
extern void fc_survey_columns_of_row(const FcSurvey *s, int32_t i, double *x);

/* The same for the weight: of all these rows together */
extern double fc_survey_weight(const FcSurvey *s, int32_t i);

/* Has a row a feature missing? */
extern bool fc_survey_has_gaps(const FcSurvey *s);

/* Of all rows; without weights, their number */
extern double fc_survey_total(const FcSurvey *s);

/*
 * n, low, high, mean and squares, whose arrays are the caller's, (d) each; squares is exact but for its last
 * rounding.  They are those of the values that there are, and weight (d) is how many rows these have, or how much they weigh.
 */
extern void fc_survey_columns(const FcSurvey *s, FcColumns *columns);

/*
 * The grid of sums: |x'| < 2^exponent (d) for each x' = (x - shift) * factor,
 * rounded to the precision; shift and factor may be NULL: 0 and 1
 */
extern void fc_survey_exponents(const FcSurvey *s, const double *shift, const double *factor, int32_t *exponent);

/* ---- while rows come: survey_state.c ---- */

/* What there is room for in a state */
typedef struct FcSurveyRoom
{
	int32_t		rows;			/* of the sample */
	int32_t		words;			/* values of categories ... */
	int32_t		text;			/* ... and their bytes */
} FcSurveyRoom;

typedef struct FcSurveyState
{
	uint64_t	magic;
	uint64_t	owner;			/* for the caller, who recognizes its own states by it */
	int64_t		rows;
	int64_t		skipped;
	uint64_t	seed;
	uint64_t	threshold;		/* rows with a larger hash are not in the sample */
	FcSurveyKind kind;			/* without features, nothing follows */
	int32_t		most;			/* rows that the sample has in the end ... */
	int32_t		count;			/* ... and that there are */
	FcSurveyRoom room;
	int32_t		words;			/* values of categories ... */
	int32_t		text;			/* ... and their bytes */
	int32_t		filled;			/* rows of the block that are not yet in the sums */
	int32_t		flushes;		/* since digits were carried */
	double		least;			/* weight, and ... */
	double		largest;		/* ... of rows that are in the sums */
	/* low, high, digits, block, sample and slots follow: see survey_state.c */
} FcSurveyState;

/* SIZE_MAX: more than can be addressed */
extern size_t fc_survey_state_size(const FcSurveyKind *kind, FcSurveyRoom room);

/* Without rows, in bytes for no features and no room */
extern void fc_survey_begin(FcSurveyState *s, int32_t most, uint64_t seed);

/*
 * What there must be room for before the next row, of the kind if it is the first one; s->room if
 * there is, perhaps now
 */
extern FcSurveyRoom fc_survey_room(FcSurveyState *s, const FcSurveyKind *kind, const FcHooks *hooks);

/* The same with more room, in fc_survey_state_size(kind, room) bytes; the kind becomes known at the first row */
extern void fc_survey_move(const FcSurveyState *s, FcSurveyState *to, const FcSurveyKind *kind, FcSurveyRoom room);

/* With categories, once the kind is known: column j is one */
extern void fc_survey_set_category(FcSurveyState *s, int32_t j);
extern bool fc_survey_is_category(const FcSurveyState *s, int32_t j);

/* Why a value has no number */
typedef enum FcSurveyNoCode
{
	FC_NO_ROOM_FOR_CODE = -1,	/* yet */
	FC_TOO_MANY_CODES = -2,		/* of this column */
	FC_TOO_MANY_FEATURES = -3,
	FC_TOO_MUCH_TEXT = -4
} FcSurveyNoCode;

/*
 * What a row has in column j in place of a value, "length" bytes in UTF-8 without a zero byte; below 0: an
 * FcSurveyNoCode.  And what there must be room for then.
 */
extern int32_t fc_survey_code(FcSurveyState *s, int32_t j, const char *text, size_t length);
extern FcSurveyRoom fc_survey_word_room(const FcSurveyState *s, size_t length);

/* Where the d features of the next row belong, and its weight behind them; not all features may be missing ... */
extern double *fc_survey_next(FcSurveyState *s);

/* ... and when they are there; key is the hash of its key, if keyed */
extern void fc_survey_add(FcSurveyState *s, uint64_t key, int isa);

/* Bytes from elsewhere: are they a state that may be finished, as far as memory is concerned? */
extern bool fc_survey_state_holds(const FcSurveyState *s, size_t size);

/* No more rows: then it can only be written */
extern void fc_survey_finish(FcSurveyState *s, int isa, const FcHooks *hooks);
extern size_t fc_survey_size(const FcSurveyState *s);
extern void fc_survey_write(FcSurveyState *s, void *bytes, const FcHooks *hooks);

#endif
