/*
 * survey_parts.h - what the files of surveys share
 */
#ifndef FC_SURVEY_PARTS_H
#define FC_SURVEY_PARTS_H

#include "core/bits.h"
#include "core/digits.h"
#include "core/survey.h"

#include <string.h>

/* Words that may hold doubles */
typedef uint64_t FcBits __attribute__((may_alias));

/* ---- survey_hash.c ---- */

extern uint64_t fc_survey_hash(const FcBits *features, int32_t d, uint64_t seed, FcPrecision precision);
extern uint64_t fc_survey_hash_on(uint64_t hash, uint64_t word);

/* ---- survey_sample.c: the sample of a state; see survey_state.c ---- */

#define FC_ROW_HEADER	2		/* words of a row before its features: hash and count */

/* Numbers of a row in a state: its features, and its weight */
static inline int32_t
fc_survey_cells(const FcSurveyKind *kind)
{
	return kind->d + (kind->weighted != 0);
}

typedef struct FcSurveySample
{
	FcSurveyState *state;
	uint64_t   *rows;			/* (room, width) */
	uint32_t   *slots;			/* (mask + 1) position of a row + 1; 0: free */
	uint32_t	mask;
	size_t		width;
	int32_t		cells;			/* of a row: see fc_survey_cells() */
} FcSurveySample;

/* ---- survey_words.c: values of categories in a state, and in bytes ---- */

typedef struct FcSurveyDictionary
{
	int32_t		digits;			/* of each sum */
	int32_t    *levels;			/* (d) values of each column; -1: it has numbers */
	uint64_t   *hash;			/* (room) */
	uint64_t   *sums;			/* (room, digits) rows with a value, or their weight */
	uint32_t   *at;				/* (room) in the text */
	int32_t    *column;			/* (room) */
	uint32_t   *slots;			/* (mask + 1) number of a value + 1; 0: free */
	uint32_t	mask;
	char	   *text;			/* values, with zero bytes behind them */
} FcSurveyDictionary;

struct FcSurveyParts;

/* Words of an int32 for each of two numbers, and of text */
static inline size_t
fc_whole_words(size_t bytes)
{
	return (bytes + 7) / 8;
}

extern FcSurveyRoom fc_survey_first_room(const FcSurveyKind *kind, int32_t rows);
extern size_t fc_survey_words_size(const FcSurveyKind *kind, FcSurveyRoom room);
extern void fc_survey_place_words(const FcSurveyState *s, uint64_t *memory, FcSurveyDictionary *w);
extern void fc_survey_move_words(const FcSurveyState *s, const FcSurveyDictionary *from, const FcSurveyState *to, const FcSurveyDictionary *w);
extern int32_t fc_survey_find_code(FcSurveyState *s, const FcSurveyDictionary *w, int32_t j, const char *text, size_t length);
extern void fc_survey_count_words(const FcSurveyState *s, const struct FcSurveyParts *parts, int32_t j);
extern void fc_survey_carry_words(const FcSurveyState *s, const FcSurveyDictionary *w);
extern bool fc_survey_codes_hold(const FcSurveyState *s, const FcSurveyDictionary *w, const double *row);
extern bool fc_survey_words_hold(const FcSurveyState *s, const FcSurveyDictionary *w);
extern void fc_survey_sort_words(const FcSurveyState *s, const struct FcSurveyParts *parts, const FcHooks *hooks);
extern size_t fc_survey_write_words(const FcSurveyState *s, const FcSurveyDictionary *w, uint64_t *words);

/* ---- survey_values.c ---- */

extern uint64_t fc_survey_hash_text(int32_t column, const char *text, size_t length);
extern size_t fc_survey_front_words(int32_t d, size_t text);
extern void fc_survey_write_pairs(int32_t *pairs, int32_t d);
extern size_t fc_survey_pack_sum(const uint64_t *sum, int32_t digits, uint64_t *words, size_t count);
extern void fc_survey_turn_words(uint64_t *words, int32_t d, size_t text);
extern size_t fc_survey_read_words(FcSurvey *s, uint64_t *words, size_t length);
extern bool fc_survey_code_holds(const FcSurvey *s, int32_t j, double cell);
extern uint64_t fc_survey_hash_of_code(const FcSurvey *s, int32_t j, double cell);
extern size_t fc_survey_merged_words(const FcSurvey *a, const FcSurvey *b);
extern bool fc_survey_same_columns(const FcSurvey *a, const FcSurvey *b);
extern size_t fc_survey_merge_words(const FcSurvey *a, const FcSurvey *b, uint64_t *words, int32_t *place_a, int32_t *place_b);
extern uint64_t fc_survey_cell(const FcSurvey *s, const uint64_t *row, int32_t j);
extern double fc_survey_value_weights(const FcSurvey *s, int32_t j, const uint64_t **p, double *weight);

#define FC_SURVEY_TILE	8		/* features that are summed together */
#define FC_SURVEY_BLOCK	128		/* rows */

/* Places within a state */
typedef struct FcSurveyParts
{
	double	   *low;			/* (stride) */
	double	   *high;			/* (stride) */
	uint64_t   *total;			/* (FC_SQUARE_DIGITS), or NULL */
	uint64_t   *digits;			/* (d, observed + sum + FC_SQUARE_DIGITS) */
	double	   *block;			/* (rows, stride) */
	int32_t		observed;		/* digits of each feature: of the rows that have it, if any may not, ... */
	int32_t		sum;			/* ... of their sum, and then of their squares */
	int32_t		stride;
	int32_t		rows;
	FcSurveySample sample;
	FcSurveyDictionary words;	/* of categories, if there are any */
} FcSurveyParts;

extern uint32_t fc_slots(int32_t room);
extern int	fc_survey_compare(const FcSurvey *a, const uint64_t *p, const FcSurvey *b, const uint64_t *q);
extern int	fc_survey_order(const FcSurvey *a, const uint64_t *p, const FcSurvey *b, const uint64_t *q);
extern void fc_sample_hash_slots(const FcSurveySample *s);
extern void fc_sample_normalize(const FcSurveyKind *kind, double *x);
extern void fc_sample_add(const FcSurveySample *s, uint64_t hash, const double *x, uint64_t count);
extern int32_t fc_sample_most_room(const FcSurveyState *s);
extern int32_t fc_sample_room(const FcSurveySample *s, const FcHooks *hooks);
extern void fc_sample_purge(const FcSurveySample *s, const FcHooks *hooks);
extern const uint32_t *fc_sample_sort(const FcSurveySample *s, const FcHooks *hooks);

/* ---- survey_sums.c ---- */

/* The sums of feature j */
static inline uint64_t *
fc_survey_digits(const FcSurveyParts *parts, int32_t j)
{
	return parts->digits + (size_t) (parts->observed + parts->sum + FC_SQUARE_DIGITS) * j;
}

extern void fc_survey_flush(FcSurveyState *s, const FcSurveyParts *parts, int isa);

/* ---- survey.c: the bytes ---- */

/* Digits of a feature's sums; see digits.h */
static inline int32_t
fc_survey_sum_digits(bool weighted)
{
	return weighted ? FC_SQUARE_DIGITS : FC_SUM_DIGITS;
}

/* ... and of what comes before them: how many rows have the feature, as a plain number or as a sum of weights */
static inline int32_t
fc_survey_observed_digits(bool gaps, bool weighted)
{
	return !gaps ? 0 : weighted ? FC_SQUARE_DIGITS : 1;
}

/* Words of ranges: of the features, and of the weights */
static inline size_t
fc_survey_ranges(const FcSurvey *s)
{
	return 2 * ((size_t) s->d + s->weighted);
}

/* The only NaN that a survey has */
static inline uint64_t
fc_survey_missing(void)
{
	return UINT64_C(0x7FF8000000000000);
}

/* Words that a row takes: its features are doubles, or two floats each; its weight comes last */
static inline size_t
fc_survey_width(int32_t d, FcPrecision precision, bool weighted)
{
	return FC_ROW_HEADER + (precision == FC_F32 ? ((size_t) d + 1) / 2 : (size_t) d) + weighted;
}

/* Feature j of a row, as the bits of a double */
static inline uint64_t
fc_survey_feature(const FcBits *features, int32_t j, FcPrecision precision)
{
	uint32_t	bits;
	float		narrow;
	double		wide;
	uint64_t	result;

	if (precision == FC_F64)
		return features[j];
	bits = (uint32_t) (features[j / 2] >> 32 * (j % 2));
	memcpy(&narrow, &bits, sizeof(narrow));
	wide = narrow;
	memcpy(&result, &wide, sizeof(result));
	return result;
}

/* The sums of the next feature */
static inline const uint64_t *
fc_survey_next_sums(const FcSurvey *s, const uint64_t *p)
{
	if (s->gaps)
		p += s->weighted ? fc_digits_packed(p, SIZE_MAX, FC_SQUARE_DIGITS) : 1;
	p += fc_digits_packed(p, SIZE_MAX, fc_survey_sum_digits(s->weighted));
	return p + fc_digits_packed(p, SIZE_MAX, FC_SQUARE_DIGITS);
}

extern uint64_t *fc_survey_write_header(const FcSurvey *s, uint64_t *words);
extern void fc_survey_write_row(const FcSurvey *s, uint64_t *words, uint64_t count, const uint64_t *row, FcPrecision precision);

#endif
