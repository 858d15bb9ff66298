/*
 * survey_merge.c - the survey of the rows of two surveys
 *
 * A merge gives the survey of all rows, to the byte: ranges and exact sums do, and
 * the sample does because a row that one of the surveys threw out is not in it (see
 * survey_state.c).  So merging is associative and commutative.  There is no subtraction:
 * ranges and sample cannot be undone.
 */
#include "core/survey_parts.h"

#include <math.h>
#include <string.h>

#define CHECKED		4096		/* rows between two checks */

FcSurveyConflict
fc_survey_conflict(const FcSurvey *a, const FcSurvey *b)
{
	if (a->most != b->most)
		return FC_SURVEYS_MOST;
	if (a->seed != b->seed)
		return FC_SURVEYS_SEED;
	if (a->rows > FC_MAX_SURVEYED - b->rows || a->skipped > FC_MAX_SURVEYED - b->skipped)
		return FC_SURVEYS_ROWS;
	if (a->d == 0 || b->d == 0)
		return FC_SURVEYS_FIT;
	return a->d != b->d ? FC_SURVEYS_FEATURES : a->keyed != b->keyed ? FC_SURVEYS_KEY :
		a->gaps != b->gaps ? FC_SURVEYS_GAPS : a->weighted != b->weighted ? FC_SURVEYS_WEIGHT :
		!fc_survey_same_columns(a, b) ? FC_SURVEYS_CATEGORIES : FC_SURVEYS_FIT;
}

static FcPrecision
common_precision(const FcSurvey *a, const FcSurvey *b)
{
	return a->d == 0 ? b->precision : b->d == 0 ? a->precision :
		a->precision == FC_F32 && b->precision == FC_F32 ? FC_F32 : FC_F64;
}

/* Words that a packed sum of n digits takes at most */
static size_t
most_packed(int32_t n)
{
	return n <= 1 ? (size_t) n : 1 + (size_t) n / 2;
}

size_t
fc_survey_merged_size(const FcSurvey *a, const FcSurvey *b)
{
	const FcSurvey *s = a->d > 0 ? a : b;
	size_t		sums = most_packed(fc_survey_observed_digits(s->gaps, s->weighted)) +
		most_packed(fc_survey_sum_digits(s->weighted)) + most_packed(FC_SQUARE_DIGITS);
	size_t		sample = (size_t) (a->count < a->most - b->count ? a->count + b->count : a->most);
	size_t		width = fc_survey_width(s->d, common_precision(a, b), s->weighted);

	return FC_SURVEY_HEADER + 8 * (fc_survey_ranges(s) + most_packed(FC_SQUARE_DIGITS) + sums * (size_t) s->d + fc_times(sample, width) +
								   fc_survey_merged_words(a, b));
}

/* Of a survey, which may be empty; *from moves behind it */
static void
unpack(uint64_t *digits, const uint64_t **from, int32_t n)
{
	fc_digits_unpack(digits, *from);
	*from += fc_digits_packed(*from, SIZE_MAX, n);
}

/* The sum of two numbers of n digits at *p and *q, which move behind them; returns how many words it takes */
static size_t
merge_sum(const uint64_t **p, const uint64_t **q, int32_t n, uint64_t *words)
{
	uint64_t	digits[FC_SQUARE_DIGITS] = {0};

	if (n == 0)
		return 0;
	if (n == 1)
	{
		*words = *(*p)++ + *(*q)++;
		return 1;
	}
	unpack(digits, p, n);
	unpack(digits, q, n);
	return fc_digits_pack(digits, n, words);
}

/* That of the weights, and those of all features */
static size_t
merge_sums(const FcSurvey *a, const FcSurvey *b, uint64_t *words)
{
	const uint64_t *p = a->total;
	const uint64_t *q = b->total;
	size_t		used = a->weighted ? merge_sum(&p, &q, FC_SQUARE_DIGITS, words) : 0;

	for (int32_t j = 0; j < a->d; j++)
	{
		used += merge_sum(&p, &q, fc_survey_observed_digits(a->gaps, a->weighted), words + used);
		used += merge_sum(&p, &q, fc_survey_sum_digits(a->weighted), words + used);
		used += merge_sum(&p, &q, FC_SQUARE_DIGITS, words + used);
	}
	return used;
}

/*
 * The first rows of both samples together; s has the precision and width of the
 * result, and gets their number.  Of a row in both, which may have other features
 * with the same key, those that come first.
 */
static uint64_t *
merge_samples(FcSurvey *s, const FcSurvey *a, const FcSurvey *b, uint64_t *words, const FcHooks *hooks)
{
	int32_t		i = 0;
	int32_t		j = 0;

	for (s->count = 0; s->count < s->most && (i < a->count || j < b->count); s->count++, words += s->width)
	{
		const uint64_t *p = a->sample + a->width * i;
		const uint64_t *q = b->sample + b->width * j;
		int			order = i == a->count ? 1 : j == b->count ? -1 : fc_survey_order(a, p, b, q);
		bool		first = order < 0 || (order == 0 && fc_survey_compare(a, p, b, q) <= 0);

		if (s->count % CHECKED == 0)
			fc_check(hooks);
		i += order <= 0;
		j += order >= 0;
		fc_survey_write_row(s, words, (order <= 0 ? p[1] : 0) + (order >= 0 ? q[1] : 0), first ? p : q,
							first ? a->precision : b->precision);
		for (int32_t column = 0; s->categories && column < s->d; column++)
			words[FC_ROW_HEADER + column] = fc_survey_cell(first ? a : b, first ? p : q, column);
	}
	return words;
}

/* Does the number of rows, or sum of weights, at a feature's sums say that no row has it? */
static bool
is_empty(const FcSurvey *s, const uint64_t *sums)
{
	return s->gaps && sums[0] == 0;
}

/* Of each feature and of the weights; a feature that one of them has in no row has the range of the other */
static void
merge_ranges(const FcSurvey *a, const FcSurvey *b, double *low, double *high)
{
	const uint64_t *p = a->sums;
	const uint64_t *q = b->sums;

	for (int32_t j = 0; j < a->d; j++)
	{
		bool		only_b = is_empty(a, p);
		bool		only_a = is_empty(b, q);

		low[j] = only_b ? b->low[j] : only_a ? a->low[j] : fmin(a->low[j], b->low[j]);
		high[j] = only_b ? b->high[j] : only_a ? a->high[j] : fmax(a->high[j], b->high[j]);
		p = fc_survey_next_sums(a, p);
		q = fc_survey_next_sums(b, q);
	}
	if (a->weighted)
	{
		high[a->d] = fmin(a->weights[0], b->weights[0]);
		high[a->d + 1] = fmax(a->weights[1], b->weights[1]);
	}
}

/* The values of categories of both, whose places they get at the end of the memory; returns how many words there are, 0: too many values */
static size_t
merge_values(FcSurvey *a, FcSurvey *b, uint64_t *words, char *end)
{
	int32_t    *place_b = (int32_t *) (void *) end - b->words.count;
	int32_t    *place_a = place_b - a->words.count;

	a->place = place_a;
	b->place = place_b;
	return fc_survey_merge_words(a, b, words, place_a, place_b);
}

/* Of surveys with rows, in memory for fc_survey_merged_size(); NULL: too many values.  *values is where those of categories are */
static uint64_t *
merge_rows(FcSurvey *s, FcSurvey *a, FcSurvey *b, uint64_t *words, uint64_t **values, const FcHooks *hooks)
{
	double	   *low = (double *) (void *) (words + FC_SURVEY_HEADER / 8);
	uint64_t   *p = words + FC_SURVEY_HEADER / 8 + fc_survey_ranges(a);
	size_t		count;

	p += merge_sums(a, b, p);
	*values = p;
	count = s->categories ? merge_values(a, b, p, (char *) words + fc_survey_merged_size(a, b)) : 0;
	if (s->categories && count == 0)
		return NULL;
	p = merge_samples(s, a, b, p + count, hooks);
	(void) fc_survey_write_header(s, words);
	merge_ranges(a, b, low, low + a->d);
	return p;
}

/* A survey as it is, but for what its header says */
static uint64_t *
copy_survey(const FcSurvey *s, uint64_t *words, uint64_t **values)
{
	size_t		rest = s->d == 0 ? 0 : (size_t) (s->sample - s->total) + s->width * s->count;

	words = fc_survey_write_header(s, words);
	*values = words + (s->categories ? s->words.pairs - 1 - s->total : 0);
	if (rest > 0)
		memcpy(words, s->total, sizeof(uint64_t) * rest);
	return words + rest;
}

size_t
fc_survey_merge(const FcSurvey *a, const FcSurvey *b, void *bytes, const FcHooks *hooks)
{
	FcSurvey	s = b->d == 0 ? *a : *b;
	FcSurvey	both[] = {*a, *b};
	uint64_t   *words = bytes;
	uint64_t   *values;
	size_t		text = 0;
	uint64_t   *end;

	s.rows = a->rows + b->rows;
	s.skipped = a->skipped + b->skipped;
	s.precision = common_precision(a, b);
	s.width = fc_survey_width(s.d, s.precision, s.weighted);
	end = a->d == 0 || b->d == 0 ? copy_survey(&s, words, &values) : merge_rows(&s, &both[0], &both[1], words, &values, hooks);
	if (end == NULL)
		return 0;
	if (s.categories)
		text = (size_t) (values[0] >> 32);
	fc_turn_words(words, end - words);
	if (s.categories)
		fc_survey_turn_words(values, s.d, text);
	return (end - words) * sizeof(uint64_t);
}
