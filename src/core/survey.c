/*
 * survey.c - a survey as a value: reading, merging, and what follows from it
 *
 * Bytes are words of 64 bits, the low byte first:
 *
 *	0	"FZSV", then the format, 1
 *	1	flags (1: the rows are float32, 2: keyed), d << 32
 *	2	rows
 *	3	skipped rows
 *	4	seed
 *	5	most rows in the sample, rows in the sample << 32
 *	6	low (d) and high (d), doubles
 *		for each feature its sum and its sum of squares, as digits.c packs them
 *		the sample, sorted: of each row its hash, its count, and its features, d
 *		doubles or pairs of floats
 *
 * Without rows there are only the first six, with 0 for what comes from rows.
 * All of it is determined by the rows that were surveyed, so a survey of the
 * same rows has the same bytes.  In particular a merge gives the survey of all
 * rows: ranges and exact sums do, and the sample does because a row that one of
 * the surveys threw out is not in it (see survey_state.c).  So merging is
 * associative and commutative.  There is no subtraction: ranges and sample
 * cannot be undone.
 */
#include "core/survey.h"

#include "core/digits.h"
#include "core/survey_parts.h"

#include <math.h>

#define MAGIC		UINT64_C(0x56535A46)
#define FORMAT		1
#define HEADER		(FC_SURVEY_HEADER / 8)
#define FLAG_F32	1
#define FLAG_KEYED	2
#define LOW_HALF	UINT64_C(0xFFFFFFFF)
#define CHECKED		4096		/* rows between two checks */

/* ---- writing ---- */

/* Up to low and high */
void
fc_survey_write_header(const FcSurvey *s, uint64_t *words)
{
	bool		none = s->d == 0;

	words[0] = MAGIC | (uint64_t) FORMAT << 32;
	words[1] = none ? 0 : (s->precision == FC_F32 ? FLAG_F32 : 0) | (s->keyed ? FLAG_KEYED : 0) | (uint64_t) s->d << 32;
	words[2] = none ? 0 : (uint64_t) s->rows;
	words[3] = (uint64_t) s->skipped;
	words[4] = s->seed;
	words[5] = (uint64_t) s->most | (none ? 0 : (uint64_t) s->count << 32);
	if (none)
		return;
	memcpy(words + HEADER, s->low, sizeof(double) * s->d);
	memcpy(words + HEADER + s->d, s->high, sizeof(double) * s->d);
}

/* A row, whose features are in another precision perhaps */
void
fc_survey_write_row(const FcSurvey *s, uint64_t *words, uint64_t count, const uint64_t *row, FcPrecision precision)
{
	memset(words, 0, sizeof(uint64_t) * s->width);
	words[0] = row[0];
	words[1] = count;
	for (int32_t j = 0; j < s->d; j++)
	{
		uint64_t	bits = fc_survey_feature(row + FC_ROW_HEADER, j, precision);
		double		value;
		float		narrow;
		uint32_t	half;

		memcpy(&value, &bits, sizeof(value));
		narrow = (float) value;
		memcpy(&half, &narrow, sizeof(half));
		if (s->precision == FC_F64)
			words[FC_ROW_HEADER + j] = bits;
		else
			words[FC_ROW_HEADER + j / 2] |= (uint64_t) half << 32 * (j % 2);
	}
}

/* ---- reading ---- */

bool
fc_is_survey(const void *bytes, size_t length)
{
	return length >= 4 && memcmp(bytes, "FZSV", 4) == 0;
}

static double
value_of(const FcSurvey *s, const uint64_t *row, int32_t j)
{
	uint64_t	bits = fc_survey_feature(row + FC_ROW_HEADER, j, s->precision);
	double		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* Finite, with one zero, and of the precision */
static bool
is_feature(double value, FcPrecision precision)
{
	if (!isfinite(value) || (value == 0 && signbit(value)))
		return false;
	return precision == FC_F64 || (fabs(value) <= FLT_MAX && (float) value == value);
}

static bool
ranges_hold(const FcSurvey *s)
{
	for (int32_t j = 0; j < s->d; j++)
		if (!is_feature(s->low[j], s->precision) || !is_feature(s->high[j], s->precision) || s->low[j] > s->high[j])
			return false;
	return true;
}

/* Words of the sums; 0: they are not such */
static size_t
sums_length(const FcSurvey *s, size_t length)
{
	size_t		used = 0;

	for (int64_t i = 0; i < 2 * (int64_t) s->d; i++)
	{
		size_t		words = fc_digits_packed(s->sums + used, length - used, i % 2 ? FC_SQUARE_DIGITS : FC_SUM_DIGITS);

		if (words == 0)
			return 0;
		used += words;
	}
	return used;
}

static bool
row_holds(const FcSurvey *s, const uint64_t *row)
{
	for (int32_t j = 0; j < s->d; j++)
	{
		double		value = value_of(s, row, j);

		if (!is_feature(value, s->precision) || value < s->low[j] || value > s->high[j])
			return false;
	}
	if (s->precision == FC_F32 && s->d % 2 && row[s->width - 1] >> 32)
		return false;
	return s->keyed || row[0] == fc_survey_hash(row + FC_ROW_HEADER, s->d, s->seed, s->precision);
}

/* Rows are sorted and their counts are possible: those of all rows, if there was room for all */
static bool
sample_holds(const FcSurvey *s, const FcHooks *hooks)
{
	int64_t		left = s->rows;

	for (int32_t i = 0; i < s->count; i++)
	{
		const uint64_t *row = s->sample + s->width * i;

		if (i % CHECKED == 0)
			fc_check(hooks);
		if (row[1] < 1 || row[1] > (uint64_t) left || !row_holds(s, row) ||
			(i > 0 && fc_survey_order(s, row - s->width, s, row) >= 0))
			return false;
		left -= (int64_t) row[1];
	}
	return s->count == s->most || left == 0;
}

/* The words behind the header */
static FcStatus
read_rest(FcSurvey *s, const uint64_t *words, size_t length, const FcHooks *hooks)
{
	size_t		sums;

	if (length < 2 * (size_t) s->d)
		return FC_DAMAGED_MODEL;
	s->low = (const double *) (const void *) words;
	s->high = s->low + s->d;
	s->sums = words + 2 * (size_t) s->d;
	length -= 2 * (size_t) s->d;
	sums = ranges_hold(s) ? sums_length(s, length) : 0;
	if (sums == 0)
		return FC_DAMAGED_MODEL;
	s->sample = s->sums + sums;
	s->width = FC_ROW_HEADER + fc_survey_feature_words(s->d, s->precision);
	if (length - sums != fc_times(s->width, s->count))
		return FC_DAMAGED_MODEL;
	return sample_holds(s, hooks) ? FC_OK : FC_DAMAGED_MODEL;
}

static bool
counts_hold(const FcSurvey *s, uint64_t flags)
{
	if (s->skipped < 0 || s->skipped > FC_MAX_SURVEYED || s->most < 1 || s->most > FC_MAX_SAMPLED)
		return false;
	if (s->d == 0)
		return flags == 0 && s->rows == 0 && s->count == 0;
	return s->d > 0 && s->d <= FC_MAX_COLUMNS && flags <= (FLAG_F32 | FLAG_KEYED) && s->rows >= 1 && s->rows <= FC_MAX_SURVEYED &&
		s->count >= 1 && s->count <= s->most;
}

FcStatus
fc_survey_read(FcSurvey *s, void *bytes, size_t length, const FcHooks *hooks)
{
	uint64_t   *words = bytes;

	if (!fc_is_survey(bytes, length))
		return FC_NOT_A_MODEL;
	if (length < FC_SURVEY_HEADER || length % 8)
		return FC_DAMAGED_MODEL;
	fc_turn_words(words, length / 8);
	if (words[0] >> 32 != FORMAT)
		return words[0] >> 32 > FORMAT ? FC_NEWER_MODEL : FC_DAMAGED_MODEL;
	*s = (FcSurvey) {
		.rows = (int64_t) words[2], .skipped = (int64_t) words[3], .d = (int32_t) (words[1] >> 32),
		.precision = words[1] & FLAG_F32 ? FC_F32 : FC_F64, .keyed = (words[1] & FLAG_KEYED) != 0,
		.most = (int32_t) (words[5] & LOW_HALF), .count = (int32_t) (words[5] >> 32), .seed = words[4],
	};
	if (!counts_hold(s, words[1] & LOW_HALF))
		return FC_DAMAGED_MODEL;
	if (s->d == 0)
		return length == FC_SURVEY_HEADER ? FC_OK : FC_DAMAGED_MODEL;
	return read_rest(s, words + HEADER, length / 8 - HEADER, hooks);
}

/* ---- merging ---- */

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
	return a->d != b->d ? FC_SURVEYS_FEATURES : a->keyed != b->keyed ? FC_SURVEYS_KEY : FC_SURVEYS_FIT;
}

static FcPrecision
common_precision(const FcSurvey *a, const FcSurvey *b)
{
	return a->d == 0 ? b->precision : b->d == 0 ? a->precision :
		a->precision == FC_F32 && b->precision == FC_F32 ? FC_F32 : FC_F64;
}

size_t
fc_survey_merged_size(const FcSurvey *a, const FcSurvey *b)
{
	int32_t		d = a->d > b->d ? a->d : b->d;
	size_t		sums = (size_t) d * (2 + (FC_SUM_DIGITS + FC_SQUARE_DIGITS) / 2);
	size_t		sample = (size_t) (a->count < a->most - b->count ? a->count + b->count : a->most);
	size_t		width = FC_ROW_HEADER + fc_survey_feature_words(d, common_precision(a, b));

	return FC_SURVEY_HEADER + 8 * (2 * (size_t) d + sums + fc_times(sample, width));
}

/* Of a survey, which may be empty; *from moves behind it */
static void
unpack(uint64_t *digits, const uint64_t **from, int32_t n)
{
	fc_digits_unpack(digits, *from);
	*from += fc_digits_packed(*from, SIZE_MAX, n);
}

static size_t
merge_sums(const FcSurvey *a, const FcSurvey *b, uint64_t *words)
{
	const uint64_t *from[] = {a->sums, b->sums};
	size_t		used = 0;

	for (int64_t i = 0; i < 2 * (int64_t) a->d; i++)
	{
		uint64_t	digits[FC_SQUARE_DIGITS] = {0};
		int32_t		n = i % 2 ? FC_SQUARE_DIGITS : FC_SUM_DIGITS;

		unpack(digits, &from[0], n);
		unpack(digits, &from[1], n);
		used += fc_digits_pack(digits, n, words + used);
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
	}
	return words;
}

/* Of surveys with rows */
static uint64_t *
merge_rows(FcSurvey *s, const FcSurvey *a, const FcSurvey *b, uint64_t *words, const FcHooks *hooks)
{
	double	   *low = (double *) (void *) (words + HEADER);
	double	   *high = low + a->d;
	uint64_t   *p = words + HEADER + 2 * (size_t) a->d;

	p += merge_sums(a, b, p);
	p = merge_samples(s, a, b, p, hooks);
	fc_survey_write_header(s, words);
	for (int32_t j = 0; j < a->d; j++)
	{
		low[j] = fmin(a->low[j], b->low[j]);
		high[j] = fmax(a->high[j], b->high[j]);
	}
	return p;
}

/* A survey as it is, but for what its header says */
static uint64_t *
copy_survey(const FcSurvey *s, uint64_t *words)
{
	size_t		rest = s->d == 0 ? 0 : (size_t) (s->sample - s->sums) + s->width * s->count;

	fc_survey_write_header(s, words);
	words += HEADER + 2 * (size_t) s->d;
	if (rest > 0)
		memcpy(words, s->sums, sizeof(uint64_t) * rest);
	return words + rest;
}

size_t
fc_survey_merge(const FcSurvey *a, const FcSurvey *b, void *bytes, const FcHooks *hooks)
{
	FcSurvey	s = b->d == 0 ? *a : *b;
	uint64_t   *words = bytes;
	uint64_t   *end;

	s.rows = a->rows + b->rows;
	s.skipped = a->skipped + b->skipped;
	s.precision = common_precision(a, b);
	s.width = FC_ROW_HEADER + fc_survey_feature_words(s.d, s.precision);
	end = a->d == 0 || b->d == 0 ? copy_survey(&s, words) : merge_rows(&s, a, b, words, hooks);
	fc_turn_words(words, end - words);
	return (end - words) * sizeof(uint64_t);
}

/* ---- what follows from it ---- */

int64_t
fc_survey_row(const FcSurvey *s, int32_t i, double *x)
{
	const uint64_t *row = s->sample + s->width * i;

	for (int32_t j = 0; j < s->d; j++)
		x[j] = value_of(s, row, j);
	return (int64_t) row[1];
}

/* Forged sums can give a mean that is not between low and high */
void
fc_survey_columns(const FcSurvey *s, FcColumns *columns)
{
	const uint64_t *p = s->sums;

	columns->n = s->rows;
	columns->precision = s->precision;
	for (int32_t j = 0; j < s->d; j++)
	{
		const uint64_t *squares = p + fc_digits_packed(p, SIZE_MAX, FC_SUM_DIGITS);

		columns->low[j] = s->low[j];
		columns->high[j] = s->high[j];
		columns->mean[j] = fmin(fmax(fc_digits_sum(p) / (double) s->rows, s->low[j]), s->high[j]);
		columns->squares[j] = fc_digits_spread(p, squares, s->rows);
		p = squares + fc_digits_packed(squares, SIZE_MAX, FC_SQUARE_DIGITS);
	}
}

/* A number as it is when rows are scaled */
static double
scaled(double x, double shift, double factor, FcPrecision precision)
{
	double		value = (x - shift) * factor;

	return precision == FC_F32 ? (float) value : value;
}

void
fc_survey_exponents(const FcSurvey *s, const double *shift, const double *factor, int32_t *exponent)
{
	for (int32_t j = 0; j < s->d; j++)
	{
		double		by = shift ? shift[j] : 0;
		double		unit = factor ? factor[j] : 1;
		double		low = scaled(s->low[j], by, unit, s->precision);
		double		high = scaled(s->high[j], by, unit, s->precision);
		int			e = 0;

		(void) frexp(fmax(fabs(low), fabs(high)), &e);
		exponent[j] = e;
	}
}
