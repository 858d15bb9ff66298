/*
 * survey.c - a survey as a value: reading, and what follows from it
 *
 * Bytes are words of 64 bits, the low byte first:
 *
 *	0	"FZSV", then the format: 2 with one of the last three flags, else 1
 *	1	flags (1: the rows are float32, 2: keyed, 4: features may be missing, 8: rows have weights,
 *		16: columns are categories), d << 32
 *	2	rows
 *	3	skipped rows
 *	4	seed
 *	5	most rows in the sample, rows in the sample << 32
 *	6	low (d) and high (d), doubles; 0 of a feature that no row has
 *		the least and the largest weight, and the sum of all, if there are weights
 *		for each feature its sum and its sum of squares, as digits.c packs them; before them, if
 *		features may be missing, the number of rows that have it, or the sum of their weights
 *		values of categories, if there are any: see survey_words.c
 *		the sample, sorted: of each row its hash, its count, its features, d
 *		doubles or pairs of floats, NaN where missing, and its weight
 *
 * Without rows there are only the first six, with 0 for what comes from rows.
 * All of it is determined by the rows that were surveyed, so a survey of the
 * same rows has the same bytes.
 */
#include "core/survey.h"

#include "core/survey_parts.h"

#include <math.h>

#define MAGIC		UINT64_C(0x56535A46)
#define FORMAT		2
#define PLAIN		1			/* the format of rows without gaps, weights and categories */
#define HEADER		(FC_SURVEY_HEADER / 8)
#define FLAG_F32	1
#define FLAG_KEYED	2
#define FLAG_GAPS	4
#define FLAG_WEIGHT	8
#define FLAG_CATEGORIES 16
#define NEW_FLAGS	(FLAG_GAPS | FLAG_WEIGHT | FLAG_CATEGORIES)
#define LOW_HALF	UINT64_C(0xFFFFFFFF)
#define CHECKED		4096		/* rows between two checks */

/* ---- writing ---- */

static uint64_t
flags_of(const FcSurvey *s)
{
	return (s->precision == FC_F32 ? FLAG_F32 : 0) | (s->keyed ? FLAG_KEYED : 0) | (s->gaps ? FLAG_GAPS : 0) |
		(s->weighted ? FLAG_WEIGHT : 0) | (s->categories ? FLAG_CATEGORIES : 0);
}

/* Up to the ranges; returns where the sums begin */
uint64_t *
fc_survey_write_header(const FcSurvey *s, uint64_t *words)
{
	bool		none = s->d == 0;
	uint64_t	flags = none ? 0 : flags_of(s);

	words[0] = MAGIC | (uint64_t) (flags & NEW_FLAGS ? FORMAT : PLAIN) << 32;
	words[1] = none ? 0 : flags | (uint64_t) s->d << 32;
	words[2] = none ? 0 : (uint64_t) s->rows;
	words[3] = (uint64_t) s->skipped;
	words[4] = s->seed;
	words[5] = (uint64_t) s->most | (none ? 0 : (uint64_t) s->count << 32);
	words += HEADER;
	if (none)
		return words;
	memcpy(words, s->low, sizeof(double) * s->d);
	memcpy(words + s->d, s->high, sizeof(double) * s->d);
	if (s->weighted)
		memcpy(words + 2 * (size_t) s->d, s->weights, 2 * sizeof(double));
	return words + fc_survey_ranges(s);
}

/* A row, whose features are in another precision perhaps */
void
fc_survey_write_row(const FcSurvey *s, uint64_t *words, uint64_t count, const uint64_t *row, FcPrecision precision)
{
	memset(words, 0, sizeof(uint64_t) * s->width);
	words[0] = row[0];
	words[1] = count;
	if (s->weighted)
		words[s->width - 1] = row[fc_survey_width(s->d, precision, true) - 1];
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

static bool
is_missing(const FcSurvey *s, double value)
{
	uint64_t	bits;

	memcpy(&bits, &value, sizeof(bits));
	return s->gaps && bits == fc_survey_missing();
}

/* The weight of a row, if rows have one */
static double
weight_of(const FcSurvey *s, const uint64_t *row)
{
	double		weight;

	memcpy(&weight, row + s->width - 1, sizeof(weight));
	return weight;
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
	return !s->weighted || (s->weights[0] >= 0 && s->weights[0] <= s->weights[1] && s->weights[1] <= DBL_MAX);
}

/* The words of one sum of n digits at the beginning of "length" words; 0: there is none.  One of weights, or of rows, cannot be negative */
static size_t
sum_length(const uint64_t *words, size_t length, int32_t n, bool positive)
{
	if (length == 0 || (positive && words[0] >> 63))
		return 0;
	return n == 1 ? 1 : fc_digits_packed(words, length, n);
}

/* Words of all sums, after that of the weights; 0: they are not such */
static size_t
sums_length(const FcSurvey *s, size_t length)
{
	const int32_t digits[] = {fc_survey_observed_digits(s->gaps, s->weighted), fc_survey_sum_digits(s->weighted), FC_SQUARE_DIGITS};
	size_t		used = 0;

	for (int64_t i = 0; i < 3 * (int64_t) s->d; i++)
	{
		size_t		words;

		if (digits[i % 3] == 0)
			continue;
		words = sum_length(s->sums + used, length - used, digits[i % 3], i % 3 == 0);
		if (words == 0 || (digits[i % 3] == 1 && s->sums[used] > (uint64_t) s->rows))
			return 0;
		used += words;
	}
	return used;
}

static bool
features_hold(const FcSurvey *s, const uint64_t *row)
{
	int32_t		missing = 0;

	for (int32_t j = 0; j < s->d; j++)
	{
		double		value = value_of(s, row, j);

		if (is_missing(s, value))
			missing++;
		else if (fc_survey_levels(s, j) >= 0)
		{
			if (!fc_survey_code_holds(s, j, value))
				return false;
		}
		else if (!is_feature(value, s->precision) || value < s->low[j] || value > s->high[j])
			return false;
	}
	return missing < s->d && !(s->precision == FC_F32 && s->d % 2 && row[FC_ROW_HEADER + s->d / 2] >> 32);
}

/* Of the features of a row with categories */
static uint64_t
hash_of_words(const FcSurvey *s, const uint64_t *row)
{
	uint64_t	hash = s->seed;

	for (int32_t j = 0; j < s->d; j++)
	{
		double		value = value_of(s, row, j);

		hash = fc_survey_hash_on(hash, fc_survey_levels(s, j) >= 0 && !isnan(value) ? fc_survey_hash_of_code(s, j, value) :
								 fc_survey_feature(row + FC_ROW_HEADER, j, s->precision));
	}
	return hash;
}

static uint64_t
hash_of(const FcSurvey *s, const uint64_t *row)
{
	uint64_t	hash = s->categories ? hash_of_words(s, row) : fc_survey_hash(row + FC_ROW_HEADER, s->d, s->seed, s->precision);

	return s->weighted ? fc_survey_hash_on(hash, row[s->width - 1]) : hash;
}

static bool
row_holds(const FcSurvey *s, const uint64_t *row)
{
	if (s->weighted && (!(weight_of(s, row) >= s->weights[0] && weight_of(s, row) <= s->weights[1]) || signbit(weight_of(s, row))))
		return false;
	return features_hold(s, row) && (s->keyed || row[0] == hash_of(s, row));
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
	size_t		ranges = fc_survey_ranges(s);
	size_t		sums;

	if (length < ranges)
		return FC_DAMAGED_MODEL;
	s->low = (const double *) (const void *) words;
	s->high = s->low + s->d;
	s->weights = s->high + s->d;
	s->total = s->sums = words + ranges;
	length -= ranges;
	if (!ranges_hold(s))
		return FC_DAMAGED_MODEL;
	sums = s->weighted ? sum_length(s->total, length, FC_SQUARE_DIGITS, true) : 0;
	if (s->weighted && sums == 0)
		return FC_DAMAGED_MODEL;
	s->sums += sums;
	length -= sums;
	sums = sums_length(s, length);
	if (sums == 0)
		return FC_DAMAGED_MODEL;
	length -= sums;
	s->sample = s->sums + sums;
	sums = s->categories ? fc_survey_read_words(s, (uint64_t *) s->sample, length) : 0;
	if (sums > length)
		return FC_DAMAGED_MODEL;
	s->sample += sums;
	s->width = fc_survey_width(s->d, s->precision, s->weighted);
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
	if (s->categories && (s->precision == FC_F32 || s->keyed))
		return false;
	return s->d > 0 && s->d <= FC_MAX_COLUMNS && flags <= (FLAG_F32 | FLAG_KEYED | NEW_FLAGS) && s->rows >= 1 && s->rows <= FC_MAX_SURVEYED &&
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
	if (words[0] >> 32 > FORMAT)
		return FC_NEWER_MODEL;
	if (words[0] >> 32 != (words[1] & NEW_FLAGS ? FORMAT : PLAIN))
		return FC_DAMAGED_MODEL;
	*s = (FcSurvey) {
		.rows = (int64_t) words[2], .skipped = (int64_t) words[3], .d = (int32_t) (words[1] >> 32),
		.precision = words[1] & FLAG_F32 ? FC_F32 : FC_F64, .keyed = (words[1] & FLAG_KEYED) != 0,
		.gaps = (words[1] & FLAG_GAPS) != 0, .weighted = (words[1] & FLAG_WEIGHT) != 0,
		.categories = (words[1] & FLAG_CATEGORIES) != 0,
		.most = (int32_t) (words[5] & LOW_HALF), .count = (int32_t) (words[5] >> 32), .seed = words[4],
	};
	if (!counts_hold(s, words[1] & LOW_HALF))
		return FC_DAMAGED_MODEL;
	if (s->d == 0)
		return length == FC_SURVEY_HEADER ? FC_OK : FC_DAMAGED_MODEL;
	return read_rest(s, words + HEADER, length / 8 - HEADER, hooks);
}

/* ---- what follows from it ---- */

int64_t
fc_survey_row(const FcSurvey *s, int32_t i, double *x)
{
	const uint64_t *row = s->sample + s->width * i;

	for (int32_t j = 0; j < s->d; j++)
	{
		double		value = value_of(s, row, j);
		int32_t		levels = fc_survey_levels(s, j);

		for (int32_t code = 0; code < levels; code++)
			*x++ = isnan(value) ? NAN : code == value;
		if (levels < 1)
			*x++ = levels < 0 ? value : NAN;
	}
	return (int64_t) row[1];
}

void
fc_survey_columns_of_row(const FcSurvey *s, int32_t i, double *x)
{
	const uint64_t *row = s->sample + s->width * i;

	for (int32_t j = 0; j < s->d; j++)
		x[j] = value_of(s, row, j);
}

double
fc_survey_weight(const FcSurvey *s, int32_t i)
{
	const uint64_t *row = s->sample + s->width * i;

	return (double) row[1] * (s->weighted ? weight_of(s, row) : 1);
}

double
fc_survey_total(const FcSurvey *s)
{
	return s->weighted ? fc_digits_weight(s->total) : (double) s->rows;
}

/* What is known of a feature */
typedef struct Moments
{
	double		observed;		/* rows that have it, or their weight */
	double		mean;
	double		squares;
} Moments;

/* From sums at p.  Forged ones can give a mean that is not between low and high */
static Moments
moments_of(const FcSurvey *s, const uint64_t *p)
{
	const uint64_t *weight = s->gaps ? p : s->total;
	Moments		m = {.observed = fc_survey_total(s)};
	const uint64_t *sum = p;
	const uint64_t *squares;

	if (s->gaps && s->weighted)
	{
		m.observed = fc_digits_weight(p);
		sum += fc_digits_packed(p, SIZE_MAX, FC_SQUARE_DIGITS);
	}
	else if (s->gaps)
		m.observed = (double) *sum++;
	squares = sum + fc_digits_packed(sum, SIZE_MAX, fc_survey_sum_digits(s->weighted));
	if (s->weighted && weight[0] != 0)
	{
		m.mean = fc_digits_weighted_mean(weight, sum);
		m.squares = fc_digits_weighted_spread(weight, sum, squares);
	}
	else if (!s->weighted && m.observed > 0)
	{
		m.mean = fc_digits_sum(sum) / m.observed;
		m.squares = fc_digits_spread(sum, squares, (int64_t) m.observed);
	}
	return m;
}

/* Rows with the values of a category: no row lacks one exactly if this is all of them, as both are exact */
static bool
lacks_values(const FcSurvey *s, int32_t j, const uint64_t **p)
{
	uint64_t	digits[FC_SQUARE_DIGITS] = {0};
	uint64_t	words[FC_SQUARE_DIGITS];
	uint64_t	count = 0;

	for (int32_t code = 0; code < fc_survey_levels(s, j); code++)
	{
		if (s->weighted)
			fc_digits_unpack(digits, *p);
		else
			count += **p;
		*p += s->weighted ? fc_digits_packed(*p, SIZE_MAX, FC_SQUARE_DIGITS) : 1;
	}
	if (!s->weighted)
		return count < (uint64_t) s->rows;
	return memcmp(words, s->total, sizeof(uint64_t) * fc_digits_pack(digits, FC_SQUARE_DIGITS, words)) != 0;
}

/* Is a sum of the weights of rows not that of all of them? */
static bool
lacks_rows(const FcSurvey *s, const uint64_t *p)
{
	if (!s->weighted)
		return *p < (uint64_t) s->rows;
	return memcmp(p, s->total, sizeof(uint64_t) * fc_digits_packed(p, SIZE_MAX, FC_SQUARE_DIGITS)) != 0;
}

bool
fc_survey_has_gaps(const FcSurvey *s)
{
	const uint64_t *p = s->sums;
	const uint64_t *values = s->words.sums;
	bool		any = false;

	for (int32_t j = 0; s->gaps && j < s->d && !any; j++)
	{
		any = fc_survey_levels(s, j) < 0 ? lacks_rows(s, p) : lacks_values(s, j, &values);
		p = fc_survey_next_sums(s, p);
	}
	return any;
}

/* What is known of feature number "at" */
static void
set_column(FcColumns *columns, int32_t at, Moments m, double low, double high)
{
	columns->low[at] = low;
	columns->high[at] = high;
	columns->mean[at] = fmin(fmax(m.mean, low), high);
	columns->squares[at] = m.squares;
	if (columns->weight)
		columns->weight[at] = m.observed;
}

/* The indicators of a category, from sums of its values at *p, which moves behind them; returns how many */
static int32_t
set_indicators(const FcSurvey *s, FcColumns *columns, int32_t at, int32_t j, const uint64_t **p)
{
	double		weight[FC_MAX_CATEGORY_VALUES];
	int32_t		levels = fc_survey_levels(s, j);
	double		total = fmin(fc_survey_value_weights(s, j, p, weight), DBL_MAX);	/* forged ones may be larger */

	for (int32_t code = 0; code < levels; code++)
	{
		double		share = total > 0 ? fmin(weight[code] / total, 1) : 0;

		set_column(columns, at + code, (Moments) {total, share, total * share * (1 - share)}, 0, 1);
	}
	if (levels == 0)
		set_column(columns, at, (Moments) {0}, 0, 0);
	return levels > 0 ? levels : 1;
}

void
fc_survey_columns(const FcSurvey *s, FcColumns *columns)
{
	const uint64_t *p = s->sums;
	const uint64_t *values = s->words.sums;
	int32_t		at = 0;

	columns->n = fc_survey_total(s);
	columns->precision = s->precision;
	for (int32_t j = 0; j < s->d; j++)
	{
		if (fc_survey_levels(s, j) < 0)
			set_column(columns, at++, moments_of(s, p), s->low[j], s->high[j]);
		else
			at += set_indicators(s, columns, at, j, &values);
		p = fc_survey_next_sums(s, p);
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
	int32_t		at = 0;

	for (int32_t j = 0; j < s->d; j++)
	{
		int32_t		levels = fc_survey_levels(s, j);

		for (int32_t end = at + (levels > 0 ? levels : 1); at < end; at++)
		{
			double		by = shift ? shift[at] : 0;
			double		unit = factor ? factor[at] : 1;
			double		low = scaled(levels > 0 ? 0 : s->low[j], by, unit, s->precision);
			double		high = scaled(levels > 0 ? 1 : s->high[j], by, unit, s->precision);
			int			e = 0;

			(void) frexp(fmax(fabs(low), fabs(high)), &e);
			exponent[at] = e;
		}
	}
}
