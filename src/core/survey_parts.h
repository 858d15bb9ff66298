/*
 * survey_parts.h - what the files of surveys share
 */
#ifndef FC_SURVEY_PARTS_H
#define FC_SURVEY_PARTS_H

#include "core/bits.h"
#include "core/survey.h"

#include <string.h>

/* Words that may hold doubles */
typedef uint64_t FcBits __attribute__((may_alias));

/* ---- survey_sample.c: the sample of a state; see survey_state.c ---- */

#define FC_ROW_HEADER	2		/* words of a row before its features: hash and count */

typedef struct FcSurveySample
{
	FcSurveyState *state;
	uint64_t   *rows;			/* (room, width) */
	uint32_t   *slots;			/* (mask + 1) position of a row + 1; 0: free */
	uint32_t	mask;
	size_t		width;
} FcSurveySample;

extern uint32_t fc_slots(int32_t room);
extern uint64_t fc_survey_hash(const FcBits *features, int32_t d, uint64_t seed, FcPrecision precision);
extern int	fc_survey_compare(const FcSurvey *a, const uint64_t *p, const FcSurvey *b, const uint64_t *q);
extern int	fc_survey_order(const FcSurvey *a, const uint64_t *p, const FcSurvey *b, const uint64_t *q);
extern void fc_sample_hash_slots(const FcSurveySample *s);
extern void fc_sample_add(const FcSurveySample *s, uint64_t hash, const double *x);
extern void fc_sample_purge(const FcSurveySample *s, const FcHooks *hooks);
extern const uint32_t *fc_sample_sort(const FcSurveySample *s, const FcHooks *hooks);

/* ---- survey.c: the bytes ---- */

/* Words that the features of a row take: doubles, or two floats each */
static inline size_t
fc_survey_feature_words(int32_t d, FcPrecision precision)
{
	return precision == FC_F32 ? ((size_t) d + 1) / 2 : (size_t) d;
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

extern void fc_survey_write_header(const FcSurvey *s, uint64_t *words);
extern void fc_survey_write_row(const FcSurvey *s, uint64_t *words, uint64_t count, const uint64_t *row, FcPrecision precision);

#endif
