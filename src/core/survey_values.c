/*
 * survey_values.c - the values of categories in the bytes of a survey
 * Words of 64 bits:
 *
 *	0	values of all columns, bytes of their text << 32
 *	1	for each column two int32: its number of values, or -1 where it has numbers; and how many
 *		values the columns before have
 *		the text: each value with a zero byte after it, and zeros up to a whole word
 *		the hash of each value
 *		the number of rows with each value; or the sum of their weights, as digits.c packs it
 */
#include "core/survey_parts.h"

#include <math.h>

#define LOW_HALF		UINT64_C(0xFFFFFFFF)

/* ---- bytes of other than words ---- */

/* Between the order of bytes of a value and that of the machine, where words have been turned: pairs of int32 ... */
static void
turn_pairs(uint64_t *words, size_t count)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (size_t i = 0; i < count; i++)
		words[i] = words[i] << 32 | words[i] >> 32;
#else
	(void) words;
	(void) count;
#endif
}

/* Column j of the pairs, as they lie in memory */
static inline const int32_t *
pairs_of(const FcSurvey *s)
{
	return (const int32_t *) (const void *) s->words.pairs;
}

int32_t
fc_survey_levels(const FcSurvey *s, int32_t j)
{
	return s->categories ? pairs_of(s)[2 * (size_t) j] : -1;
}

static int32_t
first_of(const FcSurvey *s, int32_t j)
{
	return pairs_of(s)[2 * (size_t) j + 1];
}

/* ---- writing ---- */

/* Of a value in column number "column" */
uint64_t
fc_survey_hash_text(int32_t column, const char *text, size_t length)
{
	uint64_t	hash = (uint64_t) length << 32 | (uint32_t) column;

	for (size_t i = 0; i < length; i += 8)
	{
		uint64_t	word = 0;

		for (size_t b = 0; b < 8 && i + b < length; b++)
			word |= (uint64_t) (unsigned char) text[i + b] << 8 * b;
		hash = fc_survey_hash_on(hash, word);
	}
	return fc_survey_hash_on(hash, length);
}

/* What is before the hashes, for d columns */
size_t
fc_survey_front_words(int32_t d, size_t text)
{
	return 1 + (size_t) d + fc_whole_words(text);
}

/* The pairs of levels (d), which may be the first of each pair already */
void
fc_survey_write_pairs(int32_t *pairs, int32_t d)
{
	int32_t		first = 0;

	for (int32_t j = 0; j < d; j++)
	{
		pairs[2 * (size_t) j + 1] = first;
		first += pairs[2 * (size_t) j] > 0 ? pairs[2 * (size_t) j] : 0;
	}
}

/* The number of rows of a value, or sum of weights, behind the "count" words that there are, if words is not NULL */
size_t
fc_survey_pack_sum(const uint64_t *sum, int32_t digits, uint64_t *words, size_t count)
{
	if (digits > 1)
		return count + fc_digits_pack(sum, digits, words ? words + count : NULL);
	if (words)
		words[count] = *sum;
	return count + 1;
}

/* ---- bytes that are turned, when they are complete or read ---- */

void
fc_survey_turn_words(uint64_t *words, int32_t d, size_t text)
{
	turn_pairs(words + 1, (size_t) d);
	fc_turn_words(words + 1 + d, fc_whole_words(text));
}

/* ---- reading ---- */

/* Are there as many values as the columns say, each with a zero byte, and zeros behind? */
static bool
text_holds(const FcSurveyWords *w)
{
	int64_t		ends = 0;

	for (int32_t i = 0; i < w->length; i++)
		ends += w->text[i] == '\0';
	for (size_t i = (size_t) w->length; i < 8 * fc_whole_words((size_t) w->length); i++)
		if (w->text[i] != '\0')
			return false;
	return ends == w->count && (w->length == 0 || w->text[w->length - 1] == '\0') && fc_is_utf8(w->text, (size_t) w->length);
}

/* Are the values of each column sorted, with the right hashes? */
static bool
values_hold(const FcSurvey *s)
{
	const char *text = s->words.text;

	for (int32_t j = 0; j < s->d; j++)
		for (int32_t code = 0; code < fc_survey_levels(s, j); code++)
		{
			const char *next = text + strlen(text) + 1;

			if (s->words.hash[first_of(s, j) + code] != fc_survey_hash_text(j, text, strlen(text)) ||
				(code + 1 < fc_survey_levels(s, j) && strcmp(text, next) >= 0))
				return false;
			text = next;
		}
	return true;
}

static bool
pairs_hold(const FcSurvey *s)
{
	int64_t		first = 0;

	for (int32_t j = 0; j < s->d; j++)
	{
		int32_t		levels = fc_survey_levels(s, j);

		if (levels < -1 || levels > FC_MAX_CATEGORY_VALUES || first_of(s, j) != first)
			return false;
		first += levels > 0 ? levels : 0;
	}
	return first == s->words.count;
}

/* Words of the sums; SIZE_MAX: they are not such */
static size_t
sums_length(const FcSurvey *s, size_t length)
{
	size_t		used = 0;

	for (int32_t i = 0; i < s->words.count; i++)
	{
		const uint64_t *sum = s->words.sums + used;
		size_t		words = used == length ? 0 : s->weighted ? fc_digits_packed(sum, length - used, FC_SQUARE_DIGITS) : 1;

		if (words == 0 || (s->weighted ? sum[0] >> 63 != 0 : *sum > (uint64_t) s->rows))
			return SIZE_MAX;
		used += words;
	}
	return used;
}

/* A view of the words behind the sums of features; returns how many they are, SIZE_MAX: they are not such */
size_t
fc_survey_read_words(FcSurvey *s, uint64_t *words, size_t length)
{
	FcSurveyWords *w = &s->words;
	size_t		front;
	size_t		sums;

	if (length == 0 || (words[0] & LOW_HALF) > FC_MAX_COLUMNS || words[0] >> 32 > FC_MAX_VALUE_BYTES)
		return SIZE_MAX;
	w->count = (int32_t) (words[0] & LOW_HALF);
	w->length = (int32_t) (words[0] >> 32);
	front = fc_survey_front_words(s->d, (size_t) w->length);
	if (length < front + (size_t) w->count)
		return SIZE_MAX;
	fc_survey_turn_words(words, s->d, (size_t) w->length);
	w->pairs = words + 1;
	w->text = (const char *) (words + 1 + s->d);
	w->hash = words + front;
	w->sums = w->hash + w->count;
	if (!pairs_hold(s) || !text_holds(w) || !values_hold(s))
		return SIZE_MAX;
	sums = sums_length(s, length - front - (size_t) w->count);
	return sums == SIZE_MAX ? SIZE_MAX : front + (size_t) w->count + sums;
}

/* Is the cell of column j, a category, one of its codes? */
bool
fc_survey_code_holds(const FcSurvey *s, int32_t j, double cell)
{
	return cell >= 0 && cell < fc_survey_levels(s, j) && cell == floor(cell);
}

/* The hash of a value in a row of the sample */
uint64_t
fc_survey_hash_of_code(const FcSurvey *s, int32_t j, double cell)
{
	return s->words.hash[first_of(s, j) + (int32_t) cell];
}

/* ---- merging ---- */

size_t
fc_survey_merged_words(const FcSurvey *a, const FcSurvey *b)
{
	size_t		values = (size_t) a->words.count + (size_t) b->words.count;
	size_t		text = (size_t) a->words.length + (size_t) b->words.length;

	if (!a->categories && !b->categories)
		return 0;
	/* and the numbers of each one's values in the result */
	return fc_survey_front_words(a->d > b->d ? a->d : b->d, text) + values * (1 + (a->weighted || b->weighted ? 1 + FC_SQUARE_DIGITS / 2 : 1)) +
		fc_whole_words(sizeof(int32_t) * values) + 1;
}

bool
fc_survey_same_columns(const FcSurvey *a, const FcSurvey *b)
{
	if (a->categories != b->categories)
		return false;
	for (int32_t j = 0; a->categories && j < a->d; j++)
		if ((fc_survey_levels(a, j) < 0) != (fc_survey_levels(b, j) < 0))
			return false;
	return true;
}

/* The values of a column of one of them, as they are taken */
typedef struct Run
{
	const FcSurvey *of;
	const char *text;
	const uint64_t *sum;
	int32_t		number;
	int32_t		left;
	int32_t    *place;			/* of each value in the result */
} Run;

static void
take(Run *r, int32_t code)
{
	r->place[r->number++] = code;
	r->text += strlen(r->text) + 1;
	r->sum += r->of->weighted ? fc_digits_packed(r->sum, SIZE_MAX, FC_SQUARE_DIGITS) : 1;
	r->left--;
}

/* Below 0: the next value of a is before that of b, or b has no more */
static int
compare(const Run *a, const Run *b)
{
	return b->left == 0 ? -1 : a->left == 0 ? 1 : strcmp(a->text, b->text);
}

static void
add_sum(uint64_t *sum, const Run *r)
{
	if (r->of->weighted)
		fc_digits_unpack(sum, r->sum);
	else
		*sum += *r->sum;
}

/* Where the values of the result go */
typedef struct Merged
{
	char	   *text;
	uint64_t   *words;			/* their sums */
	size_t		count;
	uint64_t   *hash;
	int32_t		values;
} Merged;

/* The next value of either or both */
static void
merge_value(Run *a, Run *b, int32_t j, int32_t code, Merged *to)
{
	uint64_t	sum[FC_SQUARE_DIGITS] = {0};
	int			order = compare(a, b);
	const char *text = order <= 0 ? a->text : b->text;
	size_t		length = strlen(text);

	to->hash[to->values++] = fc_survey_hash_text(j, text, length);
	memcpy(to->text, text, length + 1);
	to->text += length + 1;
	if (order <= 0)
		add_sum(sum, a);
	if (order >= 0)
		add_sum(sum, b);
	to->count = fc_survey_pack_sum(sum, a->of->weighted ? FC_SQUARE_DIGITS : 1, to->words, to->count);
	if (order <= 0)
		take(a, code);
	if (order >= 0)
		take(b, code);
}

/* How many values column j has in both together, and of how many bytes */
static int32_t
count_merged(const Run *a, const Run *b, size_t *text)
{
	Run			p = *a;
	Run			q = *b;
	int32_t		count;

	for (count = 0; p.left > 0 || q.left > 0; count++)
	{
		int			order = compare(&p, &q);

		*text += strlen(order <= 0 ? p.text : q.text) + 1;
		if (order <= 0)
			take(&p, 0);
		if (order >= 0)
			take(&q, 0);
	}
	return count;
}

static void
begin_column(Run *r, int32_t j)
{
	r->left = fc_survey_levels(r->of, j) > 0 ? fc_survey_levels(r->of, j) : 0;
}

/* Behind the values of column j, which have been counted */
static void
skip_column(Run *r)
{
	while (r->left > 0)
		take(r, 0);
}

/*
 * The values of two surveys, and the place of each one's value in the result: place_a and place_b.
 * Returns how many words there are; 0: too many values.
 */
size_t
fc_survey_merge_words(const FcSurvey *a, const FcSurvey *b, uint64_t *words, int32_t *place_a, int32_t *place_b)
{
	Run			p = {a, a->words.text, a->words.sums, 0, 0, place_a};
	Run			q = {b, b->words.text, b->words.sums, 0, 0, place_b};
	int32_t    *pairs = (int32_t *) (void *) (words + 1);
	size_t		text = 0;
	int64_t		values = 0;
	Merged		to;
	size_t		front;

	for (int32_t j = 0; j < a->d; j++)
	{
		begin_column(&p, j);
		begin_column(&q, j);
		pairs[2 * (size_t) j] = fc_survey_levels(a, j) < 0 ? -1 : count_merged(&p, &q, &text);
		values += pairs[2 * (size_t) j] > 0 ? pairs[2 * (size_t) j] : 0;
		if (pairs[2 * (size_t) j] > FC_MAX_CATEGORY_VALUES || values > FC_MAX_COLUMNS - a->d || text > FC_MAX_VALUE_BYTES)
			return 0;
		skip_column(&p);
		skip_column(&q);
	}
	front = fc_survey_front_words(a->d, text);
	words[0] = (uint64_t) values | (uint64_t) text << 32;
	fc_survey_write_pairs(pairs, a->d);
	memset(words + 1 + a->d, 0, sizeof(uint64_t) * fc_whole_words(text));
	to = (Merged) {.text = (char *) (words + 1 + a->d), .words = words + front + values, .hash = words + front};
	p = (Run) {a, a->words.text, a->words.sums, 0, 0, place_a};
	q = (Run) {b, b->words.text, b->words.sums, 0, 0, place_b};
	for (int32_t j = 0; j < a->d; j++)
	{
		begin_column(&p, j);
		begin_column(&q, j);
		for (int32_t code = 0; code < pairs[2 * (size_t) j]; code++)
			merge_value(&p, &q, j, code, &to);
	}
	return front + (size_t) values + to.count;
}

/* Feature j of a row of a survey with categories: of a value its place, as the result of a merge has it */
uint64_t
fc_survey_cell(const FcSurvey *s, const uint64_t *row, int32_t j)
{
	uint64_t	bits = row[FC_ROW_HEADER + j];
	double		cell;

	if (s->place == NULL || fc_survey_levels(s, j) < 0 || bits == fc_survey_missing())
		return bits;
	memcpy(&cell, &bits, sizeof(cell));
	cell = s->place[first_of(s, j) + (int32_t) cell];
	memcpy(&bits, &cell, sizeof(bits));
	return bits;
}

/* ---- what follows ---- */

FcCategories
fc_survey_categories(const FcSurvey *s, int32_t *levels)
{
	for (int32_t j = 0; j < s->d; j++)
		levels[j] = fc_survey_levels(s, j) > 0 ? fc_survey_levels(s, j) : 0;
	return (FcCategories) {.columns = s->d, .levels = levels, .values = s->words.text, .length = s->words.length};
}

/* How many features rows have, once each value is one; a category without values is one that is never there */
int32_t
fc_survey_features(const FcSurvey *s)
{
	int32_t		features = s->d;

	for (int32_t j = 0; j < s->d; j++)
		features += fc_survey_levels(s, j) > 0 ? fc_survey_levels(s, j) - 1 : 0;
	return features;
}

/* Weights of the rows with each of the values of column j (its levels), from sums at *p, which moves behind them; returns their sum */
double
fc_survey_value_weights(const FcSurvey *s, int32_t j, const uint64_t **p, double *weight)
{
	double		total = 0;

	for (int32_t code = 0; code < fc_survey_levels(s, j); code++)
	{
		weight[code] = s->weighted ? fc_digits_weight(*p) : (double) **p;
		*p += s->weighted ? fc_digits_packed(*p, SIZE_MAX, FC_SQUARE_DIGITS) : 1;
		total += weight[code];
	}
	return total;
}
