/*
 * statistics.c - sums of rows at the centers of one model, as a value
 *
 * Words of 64 bits, in the byte order of the machine, whose instruction set they are bound to anyway:
 *	0	magic "FZST", format version in the upper half: 3 where rows may be noise, else 2 where features may be missing, else 1
 *	1	hash of the step model
 *	2	precision, instruction set << 8, what was gathered << 16
 *	3	k, d << 32
 *	4	rows, skipped rows
 *	6	digits in the list, and 0
 *	8	exponents (FC_EXPONENTS + d)
 *		sums of each kind that was gathered, in the order of FcSum, of two words each
 *		the list of digits (see exact.h), in the order of their keys
 *
 * The same rows give the same bytes in whatever order they came, as numbers are added exactly (exact.c).
 * A reader trusts nothing: no sum can exceed what the rows allow, and some cannot be negative.
 */
#include "core/statistics.h"

#include "core/exact.h"

#include <limits.h>
#include <string.h>

#define MAGIC		UINT64_C(0x54535a46)
#define FORMAT		UINT64_C(3)
#define FORMAT_OF(kind)	((kind)->gather & FC_GATHER_NOISE ? FORMAT : UINT64_C(1) + ((kind)->gather & FC_GATHER_GAPS ? 1 : 0))
#define HEADER		8			/* words before the exponents */
#define MOST_EXPONENT	2000	/* of any number: far more than double precision has */

enum
{
	AT_MAGIC,
	AT_HASH,
	AT_KIND,
	AT_SIZES,
	AT_ROWS,
	AT_SKIPPED,
	AT_DIGITS
};

/* ---- layout ---- */

/* How many sums of a kind there are, if they are gathered */
static uint64_t
sums_of(const FcStatisticsKind *kind, FcSum sum)
{
	uint64_t	k = kind->k;
	uint64_t	d = kind->d;
	static const int gathered[FC_SUMS] = {
		0, FC_GATHER_SUMS, FC_GATHER_MASS, FC_GATHER_SIZES, FC_GATHER_SIZES, FC_GATHER_SUMS, FC_GATHER_SQUARES,
		FC_GATHER_SUMS | FC_GATHER_GAPS
	};

	if ((kind->gather & gathered[sum]) != gathered[sum])
		return 0;
	switch (sum)
	{
		case FC_SUM_OBJECTIVE:
			return 1;
		case FC_SUM_X:
		case FC_SUM_OBSERVED:
			return k * d;
		case FC_SUM_SQUARES:
			return k * (d * (d + 1) / 2);
		default:
			return k + ((kind->gather & FC_GATHER_NOISE) && (sum == FC_SUM_MASS || sum == FC_SUM_COUNT) ? 1 : 0);
	}
}

/* Places of the sums; their number, which is below 2^48 */
static uint64_t
lay_out(const FcStatisticsKind *kind, size_t *at)
{
	uint64_t	sums = 0;

	for (int sum = 0; sum < FC_SUMS; sum++)
	{
		uint64_t	count = sums_of(kind, sum);

		at[sum] = count == 0 ? 0 : HEADER + FC_EXPONENTS + kind->d + (size_t) sums * FC_EXACT_WORDS;
		sums += count;
	}
	return sums;
}

size_t
fc_statistics_size(const FcStatisticsKind *kind)
{
	size_t		at[FC_SUMS];

	return fc_times(fc_plus(HEADER + FC_EXPONENTS + kind->d, fc_times(lay_out(kind, at), FC_EXACT_WORDS)), sizeof(uint64_t));
}

static uint64_t *
first_sum(const FcStatistics *s)
{
	return s->word + HEADER + FC_EXPONENTS + s->kind.d;
}

static FcDigit *
digits_of(const FcStatistics *s)
{
	return (FcDigit *) (first_sum(s) + s->sums * FC_EXACT_WORDS);
}

size_t
fc_statistics_length(const FcStatistics *s)
{
	return (size_t) ((char *) (digits_of(s) + s->word[AT_DIGITS]) - (char *) s->word);
}

/* ---- beginning and opening ---- */

static void
write_kind(const FcStatisticsKind *kind, uint64_t *word)
{
	word[AT_MAGIC] = MAGIC | FORMAT_OF(kind) << 32;
	word[AT_HASH] = kind->hash;
	word[AT_KIND] = (uint64_t) kind->precision | (uint64_t) kind->isa << 8 | (uint64_t) kind->gather << 16;
	word[AT_SIZES] = (uint64_t) kind->k | (uint64_t) kind->d << 32;
}

void
fc_statistics_begin(FcStatistics *s, const FcStatisticsKind *kind, const int32_t *exponents, void *memory, size_t capacity)
{
	*s = (FcStatistics) {.kind = *kind, .word = memory, .capacity = capacity};
	s->sums = lay_out(kind, s->at);
	memset(memory, 0, fc_statistics_size(kind));
	write_kind(kind, s->word);
	for (int32_t i = 0; i < FC_EXPONENTS + kind->d; i++)
		s->word[HEADER + i] = (uint64_t) (int64_t) exponents[i];
}

bool
fc_statistics_have(const FcStatistics *s, const FcStatisticsKind *kind, const int32_t *exponents)
{
	uint64_t	word[AT_ROWS];

	write_kind(kind, word);
	if (memcmp(s->word, word, sizeof(word)) != 0)
		return false;
	for (int32_t i = 0; i < FC_EXPONENTS + kind->d; i++)
		if ((int64_t) s->word[HEADER + i] != exponents[i])
			return false;
	return true;
}

bool
fc_statistics_are(const void *bytes, size_t length)
{
	uint64_t	first;

	if (length < sizeof(first))
		return false;
	memcpy(&first, bytes, sizeof(first));
	return (first & UINT32_MAX) == MAGIC;
}

/* What can be gathered together: a part of something only with the whole */
static bool
gather_holds(int gather)
{
	return (gather & ~FC_GATHER_ALL) == 0 && (gather & (FC_GATHER_SUMS | FC_GATHER_SIZES)) != 0 &&
		(!(gather & (FC_GATHER_SIZES | FC_GATHER_NOISE)) || (gather & FC_GATHER_MASS)) &&
		(!(gather & FC_GATHER_SQUARES) || (gather & (FC_GATHER_SUMS | FC_GATHER_GAPS)) == FC_GATHER_SUMS);
}

static bool
read_kind(FcStatisticsKind *kind, const uint64_t *word)
{
	uint64_t	what = word[AT_KIND];
	uint64_t	k = word[AT_SIZES] & UINT32_MAX;
	uint64_t	d = word[AT_SIZES] >> 32;

	*kind = (FcStatisticsKind) {
		.hash = word[AT_HASH], .precision = what & 0xff ? FC_F64 : FC_F32,
		.isa = (int) (what >> 8 & 0xff), .gather = (int) (what >> 16 & 0xffff), .k = (int32_t) k, .d = (int32_t) d
	};
	return (what & 0xff) <= FC_F64 && kind->isa < FC_ISAS && what >> 32 == 0 && gather_holds(kind->gather) &&
		k >= 1 && k <= FC_MAX_CLUSTERS && d >= 1 && d <= FC_MAX_COLUMNS &&
		(d <= FC_MAX_SHAPE_COLUMNS || !(kind->gather & FC_GATHER_SQUARES));
}

static bool
header_holds(const FcStatistics *s)
{
	if ((int64_t) s->word[AT_ROWS] < 0 || (int64_t) s->word[AT_SKIPPED] < 0 || s->word[AT_DIGITS + 1] != 0)
		return false;
	for (int32_t i = 0; i < FC_EXPONENTS + s->kind.d; i++)
	{
		int64_t		exponent = (int64_t) s->word[HEADER + i];

		if (exponent < -MOST_EXPONENT || exponent > MOST_EXPONENT)
			return false;
	}
	return true;
}

/* ---- what sums may be ---- */

static int
bits_of(const FcStatisticsKind *kind, FcSum sum)
{
	bool		is_double = sum == FC_SUM_OBJECTIVE || sum == FC_SUM_RADIUS || sum == FC_SUM_COUNT;

	return FC_EXACT_BITS(is_double ? FC_F64 : kind->precision);
}

static bool
is_positive(FcSum sum)
{
	return sum == FC_SUM_WEIGHT || sum == FC_SUM_MASS || sum == FC_SUM_RADIUS || sum == FC_SUM_COUNT || sum == FC_SUM_OBSERVED;
}

/* Can this number of rows, each below 2^bits, have the sum? */
static bool
sum_holds(const uint64_t *sum, uint64_t rows, int bits, bool positive)
{
	const uint64_t most[] = {rows << bits, rows >> (64 - bits)};
	uint64_t	rest[] = {most[0], most[1]};

	if (!fc_exact_is_negative(sum))
		fc_exact_subtract_sum(rest, sum);
	else if (positive)
		return false;
	else
		fc_exact_add_sum(rest, sum);
	return !fc_exact_is_negative(rest);
}

/* The kind of a sum with this number */
static FcSum
kind_of(const FcStatistics *s, uint64_t number)
{
	size_t		at = HEADER + FC_EXPONENTS + s->kind.d + (size_t) number * FC_EXACT_WORDS;
	int			sum = FC_SUMS - 1;

	while (s->at[sum] == 0 || s->at[sum] > at)
		sum--;
	return sum;
}

/* All sums, less those of "part" if it is not NULL, of this number of rows */
static bool
sums_hold(const FcStatistics *s, const FcStatistics *part, uint64_t rows)
{
	for (int sum = 0; sum < FC_SUMS; sum++)
	{
		uint64_t	count = sums_of(&s->kind, sum);
		int			bits = bits_of(&s->kind, sum);

		for (uint64_t i = 0; i < count; i++)
		{
			size_t		at = s->at[sum] + (size_t) i * FC_EXACT_WORDS;
			uint64_t	rest[] = {s->word[at], s->word[at + 1]};

			if (part)
				fc_exact_subtract_sum(rest, part->word + at);
			if (!sum_holds(rest, rows, bits, is_positive(sum)))
				return false;
		}
	}
	return true;
}

/* Of a list that is settled: no rows have none, and some sums are positive, of which the last digit decides */
static bool
signs_hold(const FcStatistics *s)
{
	const FcDigit *digits = digits_of(s);
	uint64_t	count = s->word[AT_DIGITS];

	if (s->word[AT_ROWS] == 0)
		return count == 0;
	for (uint64_t i = 0; i < count; i++)
	{
		uint64_t	number = digits[i].key / FC_PLACES;
		bool		is_last = i + 1 == count || digits[i + 1].key / FC_PLACES != number;

		if (is_last && digits[i].digit < 0 && is_positive(kind_of(s, number)))
			return false;
	}
	return true;
}

static bool
digits_hold(const FcStatistics *s, bool settled)
{
	const FcDigit *digits = digits_of(s);

	for (uint64_t i = 0; i < s->word[AT_DIGITS]; i++)
	{
		uint64_t	place = digits[i].key % FC_PLACES;

		if (digits[i].key / FC_PLACES >= s->sums || place < FC_LEAST_PLACE || place > FC_MOST_PLACE ||
			digits[i].digit < INT32_MIN || digits[i].digit > INT32_MAX || digits[i].digit == 0)
			return false;
		if (settled && i > 0 && digits[i].key <= digits[i - 1].key)
			return false;
	}
	return !settled || signs_hold(s);
}

static FcStatus
open_bytes(FcStatistics *s, void *bytes, size_t length, size_t capacity, bool settled)
{
	uint64_t   *word = bytes;
	size_t		size;

	if (!fc_statistics_are(bytes, length))
		return FC_NOT_STATISTICS;
	if (word[AT_MAGIC] >> 32 > FORMAT)
		return FC_NEWER_STATISTICS;
	*s = (FcStatistics) {.word = word, .capacity = capacity};
	if (length < HEADER * sizeof(uint64_t) || !read_kind(&s->kind, word) || word[AT_MAGIC] >> 32 != FORMAT_OF(&s->kind))
		return FC_DAMAGED_STATISTICS;
	size = fc_statistics_size(&s->kind);
	if (size > length || (length - size) % sizeof(FcDigit) != 0 || word[AT_DIGITS] != (length - size) / sizeof(FcDigit))
		return FC_DAMAGED_STATISTICS;
	s->sums = lay_out(&s->kind, s->at);
	return header_holds(s) && sums_hold(s, NULL, word[AT_ROWS]) && digits_hold(s, settled) ? FC_OK : FC_DAMAGED_STATISTICS;
}

FcStatus
fc_statistics_open(FcStatistics *s, void *bytes, size_t length, size_t capacity)
{
	return open_bytes(s, bytes, length, capacity, true);
}

FcStatus
fc_statistics_resume(FcStatistics *s, void *bytes, size_t length, size_t capacity)
{
	return open_bytes(s, bytes, length, capacity, false);
}

/* ---- adding ---- */

static void
settle(FcStatistics *s)
{
	s->word[AT_DIGITS] = fc_exact_settle(digits_of(s), (size_t) s->word[AT_DIGITS]);
}

size_t
fc_statistics_finish(FcStatistics *s)
{
	settle(s);
	return fc_statistics_length(s);
}

bool
fc_statistics_make_room(FcStatistics *s, uint64_t digits)
{
	size_t		wanted = fc_times(digits, sizeof(FcDigit));

	if (fc_plus(fc_statistics_length(s), wanted) <= s->capacity)
		return true;
	settle(s);
	s->needed = fc_plus(fc_statistics_length(s), wanted);
	return s->needed <= s->capacity;
}

void
fc_statistics_add(FcStatistics *s, FcSum sum, uint64_t at, double p)
{
	uint64_t   *to = s->word + s->at[sum] + (size_t) at * FC_EXACT_WORDS;

	if (fabs(p) < 1)
		fc_exact_add(to, (int64_t) rint(ldexp(p, bits_of(&s->kind, sum))));
	else
		s->word[AT_DIGITS] += fc_exact_digits(digits_of(s) + s->word[AT_DIGITS],
											  (uint64_t) (to - first_sum(s)) / FC_EXACT_WORDS, p);
}

/* Adds to a count; false, and it is as it was, if that is too large */
static bool
count_rows(uint64_t *to, int64_t rows)
{
	if (rows > INT64_MAX - (int64_t) *to)
		return false;
	*to += (uint64_t) rows;
	return true;
}

bool
fc_statistics_count(FcStatistics *s, int64_t rows)
{
	return count_rows(&s->word[AT_ROWS], rows);
}

FcStatus
fc_statistics_skip(FcStatistics *s, int64_t rows)
{
	return count_rows(&s->word[AT_SKIPPED], rows) ? FC_OK : FC_TOO_MANY_ROWS;
}

/* ---- two of them ---- */

bool
fc_statistics_match(const FcStatistics *a, const FcStatistics *b)
{
	size_t		exponents = (FC_EXPONENTS + (size_t) a->kind.d) * sizeof(uint64_t);

	return memcmp(a->word, b->word, AT_ROWS * sizeof(uint64_t)) == 0 && memcmp(a->word + HEADER, b->word + HEADER, exponents) == 0;
}

/* Adds the digits of "from", or their negatives, for which there is room for two digits each */
static void
append(FcStatistics *to, const FcStatistics *from, bool negative)
{
	const FcDigit *digits = digits_of(from);
	FcDigit    *out = digits_of(to) + to->word[AT_DIGITS];

	for (uint64_t i = 0; i < from->word[AT_DIGITS]; i++)
	{
		int64_t		digit = negative ? -digits[i].digit : digits[i].digit;

		*out++ = (FcDigit) {digits[i].key, digit > INT32_MAX ? INT32_MIN : digit};
		if (digit > INT32_MAX)	/* 2^31 is -2^31 and one of the next place */
			*out++ = (FcDigit) {digits[i].key + 1, 1};
	}
	to->word[AT_DIGITS] = (uint64_t) (out - digits_of(to));
}

FcStatus
fc_statistics_merge(FcStatistics *to, const FcStatistics *from)
{
	const uint64_t *sum = first_sum(from);
	uint64_t   *out = first_sum(to);

	if (!fc_statistics_match(to, from))
		return FC_OTHER_STATISTICS;
	if ((int64_t) from->word[AT_ROWS] > INT64_MAX - (int64_t) to->word[AT_ROWS] ||
		(int64_t) from->word[AT_SKIPPED] > INT64_MAX - (int64_t) to->word[AT_SKIPPED])
		return FC_TOO_MANY_ROWS;
	if (!fc_statistics_make_room(to, from->word[AT_DIGITS]))
		return FC_TOO_LITTLE_ROOM;
	append(to, from, false);
	for (uint64_t i = 0; i < to->sums * FC_EXACT_WORDS; i += FC_EXACT_WORDS)
		fc_exact_add_sum(out + i, sum + i);
	to->word[AT_ROWS] += from->word[AT_ROWS];
	to->word[AT_SKIPPED] += from->word[AT_SKIPPED];
	return FC_OK;
}

/* Subtracts the digits of "from", from rows that are subtracted already; false, and nothing has changed, if they are no part */
static bool
subtract_digits(FcStatistics *to, const FcStatistics *from)
{
	append(to, from, true);
	settle(to);
	if (signs_hold(to))
		return true;
	append(to, from, false);
	settle(to);
	return false;
}

FcStatus
fc_statistics_subtract(FcStatistics *to, const FcStatistics *from)
{
	uint64_t	rows = to->word[AT_ROWS] - from->word[AT_ROWS];
	uint64_t   *out = first_sum(to);
	const uint64_t *sum = first_sum(from);

	if (!fc_statistics_match(to, from))
		return FC_OTHER_STATISTICS;
	if (from->word[AT_ROWS] > to->word[AT_ROWS] || from->word[AT_SKIPPED] > to->word[AT_SKIPPED] || !sums_hold(to, from, rows))
		return FC_NO_PART;
	if (!fc_statistics_make_room(to, 2 * from->word[AT_DIGITS]))
		return FC_TOO_LITTLE_ROOM;
	to->word[AT_ROWS] = rows;
	if (!subtract_digits(to, from))
	{
		to->word[AT_ROWS] = rows + from->word[AT_ROWS];
		return FC_NO_PART;
	}
	for (uint64_t i = 0; i < to->sums * FC_EXACT_WORDS; i += FC_EXACT_WORDS)
		fc_exact_subtract_sum(out + i, sum + i);
	to->word[AT_SKIPPED] -= from->word[AT_SKIPPED];
	return FC_OK;
}

/* ---- reading ---- */

int64_t
fc_statistics_rows(const FcStatistics *s)
{
	return (int64_t) s->word[AT_ROWS];
}

int64_t
fc_statistics_skipped(const FcStatistics *s)
{
	return (int64_t) s->word[AT_SKIPPED];
}

static int32_t
exponent_at(const FcStatistics *s, int32_t i)
{
	return (int32_t) (int64_t) s->word[HEADER + i];
}

/* Of feature j, as sums have it: see FC_EXPONENTS */
static int32_t
feature_exponent(const FcStatistics *s, int32_t j)
{
	return exponent_at(s, FC_EXPONENTS + j) + (s->kind.gather & FC_GATHER_SQUARES ? 1 : 0);
}

/* Of sum number "at" of a kind */
static int32_t
exponent_of(const FcStatistics *s, FcSum sum, uint64_t at)
{
	int32_t		weight = exponent_at(s, FC_WEIGHT_EXPONENT);
	uint64_t	d = s->kind.d;
	int32_t		row = 0;

	switch (sum)
	{
		case FC_SUM_OBJECTIVE:
			return exponent_at(s, FC_OBJECTIVE_EXPONENT);
		case FC_SUM_RADIUS:
			return exponent_at(s, FC_RADIUS_EXPONENT);
		case FC_SUM_X:
			return weight + feature_exponent(s, (int32_t) (at % d));
		case FC_SUM_SQUARES:
			at %= d * (d + 1) / 2;
			for (; at > (uint64_t) row; row++)
				at -= row + 1;
			return weight + feature_exponent(s, row) + feature_exponent(s, (int32_t) at);
		default:
			return weight;
	}
}

/* A sum that was gathered, with this exponent */
static double
get_sum(const FcStatistics *s, FcSum sum, uint64_t at, int32_t exponent)
{
	const uint64_t *words = s->word + s->at[sum] + (size_t) at * FC_EXACT_WORDS;
	const FcDigit *digits = digits_of(s);
	size_t		count = (size_t) s->word[AT_DIGITS];
	uint64_t	number;
	size_t		first;

	number = (uint64_t) (words - first_sum(s)) / FC_EXACT_WORDS;
	first = fc_exact_find(digits, count, number);
	return fc_exact_value(words, bits_of(&s->kind, sum), digits + first, fc_exact_find(digits, count, number + 1) - first,
						  exponent);
}

double
fc_statistics_get(const FcStatistics *s, FcSum sum, uint64_t at)
{
	return s->at[sum] == 0 ? 0 : get_sum(s, sum, at, exponent_of(s, sum, at));
}

static void
get_all(const FcStatistics *s, FcSum sum, double *out, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++)
		out[i] = fc_statistics_get(s, sum, i);
}

/* Both triangles of a cluster's squares, from the first of them on */
static void
get_squares(const FcStatistics *s, uint64_t first, double *out)
{
	int32_t		d = s->kind.d;
	int32_t		weight = exponent_at(s, FC_WEIGHT_EXPONENT);

	for (int32_t a = 0; a < d; a++)
		for (int32_t b = 0; b <= a; b++)
			out[(int64_t) a * d + b] = out[(int64_t) b * d + a] =
				get_sum(s, FC_SUM_SQUARES, first++, weight + feature_exponent(s, a) + feature_exponent(s, b));
}

void
fc_statistics_to_accumulator(const FcStatistics *s, bool sizes, FcAccumulator *acc)
{
	uint64_t	k = s->kind.k;
	uint64_t	d = s->kind.d;

	fc_accumulator_clear(acc);
	*acc->objective = fc_statistics_get(s, FC_SUM_OBJECTIVE, 0);
	get_all(s, sizes ? FC_SUM_MASS : FC_SUM_WEIGHT, acc->weight, k);
	get_all(s, FC_SUM_MASS, acc->mass, k);
	get_all(s, FC_SUM_RADIUS, acc->radius, k);
	get_all(s, FC_SUM_COUNT, acc->count, k);
	for (uint64_t i = 0; i < k * d; i++)
		acc->sum[i / d * (acc->squares ? d : acc->sums) + i % d] = fc_statistics_get(s, FC_SUM_X, i);
	for (uint64_t i = 0; acc->observed && i < k * d; i++)
		acc->observed[i / d * acc->sums + i % d] = fc_statistics_get(s, FC_SUM_OBSERVED, i);
	for (uint64_t c = 0; acc->squares && c < k; c++)
		get_squares(s, c * (d * (d + 1) / 2), acc->squares + c * d * d);
}
