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

typedef struct FcSurvey
{
	int64_t		rows;			/* without the skipped ones */
	int64_t		skipped;
	int32_t		d;				/* features; 0: there were no rows, and what follows is empty */
	FcPrecision precision;		/* of the rows: FC_F64 if any of them were */
	bool		keyed;			/* rows of the sample are told apart by a key, not by their values */
	int32_t		most;			/* rows that the sample may have */
	int32_t		count;			/* rows that it has */
	uint64_t	seed;
	const double *low;			/* (d) */
	const double *high;			/* (d) */
	const uint64_t *sums;		/* (d, 2) sum and sum of squares of a feature, see digits.h */
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

/* Of surveys that fit each other, into memory aligned to 8; returns the number of bytes */
extern size_t fc_survey_merge(const FcSurvey *a, const FcSurvey *b, void *bytes, const FcHooks *hooks);

/* Row i of the sample: its features, x (d); returns how often it occurs among the rows */
extern int64_t fc_survey_row(const FcSurvey *s, int32_t i, double *x);

/* n, low, high, mean and squares, whose arrays are the caller's, (d) each; squares is exact but for its last rounding */
extern void fc_survey_columns(const FcSurvey *s, FcColumns *columns);

/*
 * The grid of sums: |x'| < 2^exponent (d) for each x' = (x - shift) * factor,
 * rounded to the precision; shift and factor may be NULL: 0 and 1
 */
extern void fc_survey_exponents(const FcSurvey *s, const double *shift, const double *factor, int32_t *exponent);

/* ---- while rows come: survey_state.c ---- */

typedef struct FcSurveyState
{
	uint64_t	magic;
	uint64_t	owner;			/* for the caller, who recognizes its own states by it */
	int64_t		rows;
	int64_t		skipped;
	uint64_t	seed;
	uint64_t	threshold;		/* rows with a larger hash are not in the sample */
	int32_t		d;				/* 0: there was no row yet, and nothing follows */
	int32_t		precision;
	int32_t		keyed;
	int32_t		most;			/* rows that the sample has in the end ... */
	int32_t		room;			/* ... that there is room for ... */
	int32_t		count;			/* ... and that there are */
	int32_t		filled;			/* rows of the block that are not yet in the sums */
	int32_t		flushes;		/* since digits were carried */
	/* low, high, digits, block, sample and slots follow: see survey_state.c */
} FcSurveyState;

/* SIZE_MAX: more than can be addressed */
extern size_t fc_survey_state_size(int32_t d, int32_t room);

/* Without rows, in fc_survey_state_size(0, 0) bytes */
extern void fc_survey_begin(FcSurveyState *s, int32_t most, uint64_t seed);

/*
 * Rows of the sample that there must be room for before the next row; s->room if
 * there is, perhaps now.  d is known from the first row on.
 */
extern int32_t fc_survey_room(FcSurveyState *s, const FcHooks *hooks);

/* The same with more room, in fc_survey_state_size(d, room) bytes; at the first row with its features, precision and keyed */
extern void fc_survey_move(const FcSurveyState *s, FcSurveyState *to, int32_t d, int32_t room);

/* Where the d features of the next row belong ... */
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
