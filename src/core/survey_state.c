/*
 * survey_state.c - gathering a survey, row by row
 *
 * The state is flat memory: FcSurveyState and then, for d features,
 *
 *	low, high	(stride) doubles each, stride being d, and one for a weight, rounded up to TILE; zeros are behind them
 *	total		(FC_SQUARE_DIGITS) sum of weights, if rows have weights
 *	digits		(d) each the sums of a feature: see digits.c and fc_survey_digits()
 *	block		(BLOCK, stride) rows that are not yet in low, high and digits
 *	sample		(room, 2 + d) words: hash, count, features; one more for a weight
 *	slots		(fc_slots(room)) of a hash table: position in the sample + 1; 0: free
 *	values		of categories, if there are any: see survey_words.c
 *
 * Sums are in survey_sums.c.
 *
 * Sample. It is the "most" distinct rows that come first in the order of (hash,
 * features), each with its exact count.  The table holds more than that for a
 * while.  When it is full, those beyond "most" are thrown out, and the threshold
 * becomes the largest hash among those that remain.  Counts are exact: if a row
 * is in the sample at the end, at no time "most" other rows came before it, as
 * they still would; so it was never thrown out, nor was its hash above the
 * threshold, which is that of row "most" of some of the rows.  The same
 * argument holds for a merge: what either part threw out had "most" rows before
 * it, and they are before it in the whole.  So a row that was thrown out and
 * comes again, below the threshold because its hash is equal to it, counts too
 * few and will be thrown out again.
 *
 * A weight is a part of its row there: rows that differ by it alone are two rows, so that the weight of all
 * rows that are equal is one product, whatever their order.
 *
 * With a key, rows with the same hash of their keys are one row of the sample,
 * and it has the features that come first in order.
 */
#include "core/survey_parts.h"

#include <math.h>
#include <string.h>

#define MAGIC			UINT64_C(0x6574617473635A46)
#define WIDE			512		/* features: of more, a block has fewer rows */
#define FEWEST_ROWS		8

/* ---- layout ---- */

static int32_t
stride_of(const FcSurveyKind *kind)
{
	return FC_ROUND_UP(fc_survey_cells(kind), FC_SURVEY_TILE);
}

static int32_t
block_rows(int32_t d)
{
	int32_t		rows = d > WIDE ? FC_SURVEY_BLOCK * WIDE / d : FC_SURVEY_BLOCK;

	return rows < FEWEST_ROWS ? FEWEST_ROWS : rows;
}

/* Words before the block */
static size_t
sums_size(const FcSurveyKind *kind)
{
	int32_t		digits = fc_survey_observed_digits(kind->gaps, kind->weighted) + fc_survey_sum_digits(kind->weighted) + FC_SQUARE_DIGITS;

	return 2 * (size_t) stride_of(kind) + (kind->weighted ? FC_SQUARE_DIGITS : 0) + (size_t) digits * kind->d;
}

/* Without the sample */
static size_t
fixed_size(const FcSurveyKind *kind)
{
	return sizeof(FcSurveyState) + 8 * (sums_size(kind) + (size_t) block_rows(kind->d) * stride_of(kind));
}

size_t
fc_survey_state_size(const FcSurveyKind *kind, FcSurveyRoom room)
{
	if (kind->d == 0)
		return sizeof(FcSurveyState);
	return fixed_size(kind) + fc_times(room.rows, 8 * (FC_ROW_HEADER + (size_t) fc_survey_cells(kind))) +
		sizeof(uint32_t) * (size_t) fc_slots(room.rows) + 8 * fc_survey_words_size(kind, room);
}

static FcSurveyParts
parts_of(const FcSurveyState *s)
{
	const FcSurveyKind *kind = &s->kind;
	char	   *p = (char *) (s + 1);
	FcSurveyParts parts = {.stride = stride_of(kind), .rows = block_rows(kind->d)};

	parts.low = (double *) (void *) p;
	parts.high = parts.low + parts.stride;
	parts.digits = (uint64_t *) (void *) (parts.high + parts.stride);
	if (kind->weighted)
	{
		parts.total = parts.digits;
		parts.digits += FC_SQUARE_DIGITS;
	}
	parts.observed = fc_survey_observed_digits(kind->gaps, kind->weighted);
	parts.sum = fc_survey_sum_digits(kind->weighted);
	parts.block = (double *) (void *) (p + 8 * sums_size(kind));
	parts.sample.state = (FcSurveyState *) s;
	parts.sample.cells = fc_survey_cells(kind);
	parts.sample.width = FC_ROW_HEADER + (size_t) parts.sample.cells;
	parts.sample.rows = (uint64_t *) (void *) (parts.block + (size_t) parts.rows * parts.stride);
	parts.sample.slots = (uint32_t *) (void *) (parts.sample.rows + parts.sample.width * s->room.rows);
	parts.sample.mask = fc_slots(s->room.rows) - 1;
	if (kind->categories)
		fc_survey_place_words(s, (uint64_t *) (void *) (parts.sample.slots + parts.sample.mask + 1), &parts.words);
	return parts;
}

void
fc_survey_begin(FcSurveyState *s, int32_t most, uint64_t seed)
{
	memset(s, 0, sizeof(FcSurveyState));
	s->magic = MAGIC;
	s->most = most;
	s->seed = seed;
	s->threshold = UINT64_MAX;
	s->least = INFINITY;
	s->largest = -INFINITY;
}

FcSurveyRoom
fc_survey_room(FcSurveyState *s, const FcSurveyKind *kind, const FcHooks *hooks)
{
	FcSurveyRoom room = s->room;
	FcSurveyParts parts;

	if (s->kind.d == 0)
		return fc_survey_first_room(kind, fc_sample_room(&(FcSurveySample) {.state = s}, hooks));
	if (s->count < room.rows)
		return room;
	parts = parts_of(s);
	room.rows = fc_sample_room(&parts.sample, hooks);
	return room;
}

void
fc_survey_move(const FcSurveyState *s, FcSurveyState *to, const FcSurveyKind *kind, FcSurveyRoom room)
{
	FcSurveyParts from = parts_of(s);
	bool		begins = s->kind.d == 0;
	FcSurveyParts parts;

	if (begins)
	{
		memset(to, 0, fixed_size(kind));
		*to = *s;
		to->kind = *kind;
	}
	else
		memcpy(to, s, fixed_size(kind));
	to->room = room;
	parts = parts_of(to);
	for (int32_t j = 0; j < kind->d && begins; j++)
	{
		parts.low[j] = INFINITY;
		parts.high[j] = -INFINITY;
	}
	if (s->count > 0)
		memcpy(parts.sample.rows, from.sample.rows, sizeof(uint64_t) * from.sample.width * s->count);
	fc_sample_hash_slots(&parts.sample);
	if (kind->categories)
		fc_survey_move_words(s, &from.words, to, &parts.words);
}

void
fc_survey_set_category(FcSurveyState *s, int32_t j)
{
	parts_of(s).words.levels[j] = 0;
}

bool
fc_survey_is_category(const FcSurveyState *s, int32_t j)
{
	return s->kind.categories && parts_of(s).words.levels[j] >= 0;
}

int32_t
fc_survey_code(FcSurveyState *s, int32_t j, const char *text, size_t length)
{
	FcSurveyParts parts = parts_of(s);

	return fc_survey_find_code(s, &parts.words, j, text, length);
}

/* ---- rows ---- */

double *
fc_survey_next(FcSurveyState *s)
{
	return (double *) (void *) (s + 1) + sums_size(&s->kind) + (size_t) stride_of(&s->kind) * s->filled;
}

/* Of the features of a row with categories, whose values count with their own hash */
static uint64_t
hash_of_words(const FcSurveyState *s, const double *x)
{
	const FcBits *bits = (const FcBits *) x;
	FcSurveyParts parts = parts_of(s);
	uint64_t	hash = s->seed;

	for (int32_t j = 0; j < s->kind.d; j++)
		hash = fc_survey_hash_on(hash, parts.words.levels[j] >= 0 && !isnan(x[j]) ? parts.words.hash[(int32_t) x[j]] : bits[j]);
	return hash;
}

static uint64_t
hash_of(const FcSurveyState *s, const double *x, uint64_t key)
{
	const FcBits *bits = (const FcBits *) x;
	uint64_t	hash;

	if (s->kind.keyed)
		return fc_survey_hash(&key, 1, s->seed, FC_F64);
	hash = s->kind.categories ? hash_of_words(s, x) : fc_survey_hash(bits, s->kind.d, s->seed, FC_F64);
	return s->kind.weighted ? fc_survey_hash_on(hash, bits[s->kind.d]) : hash;
}

void
fc_survey_add(FcSurveyState *s, uint64_t key, int isa)
{
	double	   *x = fc_survey_next(s);
	uint64_t	hash;

	fc_sample_normalize(&s->kind, x);
	hash = hash_of(s, x, key);
	if (hash <= s->threshold)
	{
		FcSurveyParts parts = parts_of(s);

		fc_sample_add(&parts.sample, hash, x, 1);
	}
	s->rows++;
	if (++s->filled == block_rows(s->kind.d))
	{
		FcSurveyParts parts = parts_of(s);

		fc_survey_flush(s, &parts, isa);
	}
}

/* ---- the end ---- */

/* Can the numbers of a row of the block be added? */
static bool
row_holds(const FcSurveyState *s, const FcSurveyParts *parts, const double *row)
{
	if (s->kind.categories && !fc_survey_codes_hold(s, &parts->words, row))
		return false;
	for (int32_t j = 0; j < parts->stride; j++)
		if (!isfinite(row[j]) && !(s->kind.gaps && j < s->kind.d && isnan(row[j])))
			return false;
	return !s->kind.weighted || row[s->kind.d] >= 0;
}

static bool
rows_hold(const FcSurveyState *s, const FcSurveyParts *parts)
{
	for (int32_t i = 0; i < s->count; i++)
	{
		const uint64_t *row = parts->sample.rows + parts->sample.width * i;

		if (row[1] == 0 ||
			(s->kind.categories && !fc_survey_codes_hold(s, &parts->words, (const double *) (const void *) (row + FC_ROW_HEADER))))
			return false;
	}
	for (int32_t i = 0; i < s->filled; i++)
		if (!row_holds(s, parts, parts->block + (int64_t) i * parts->stride))
			return false;
	return true;
}

static bool
kind_holds(const FcSurveyKind *kind)
{
	return kind->d >= 0 && kind->d <= FC_MAX_COLUMNS && (kind->precision == FC_F32 || kind->precision == FC_F64) &&
		(kind->gaps == 0 || kind->gaps == 1) && (kind->weighted == 0 || kind->weighted == 1) &&
		(kind->categories == 0 || (kind->categories == 1 && kind->precision == FC_F64 && kind->keyed == 0));
}

static bool
room_holds(const FcSurveyState *s)
{
	return s->room.rows >= 0 && s->room.rows <= fc_sample_most_room(s) &&
		s->room.words >= 0 && s->room.words <= 2 * FC_MAX_COLUMNS && s->room.text >= 0 && s->room.text <= 2 * FC_MAX_VALUE_BYTES;
}

bool
fc_survey_state_holds(const FcSurveyState *s, size_t size)
{
	FcSurveyParts parts;

	if (size < sizeof(FcSurveyState) || s->magic != MAGIC || !kind_holds(&s->kind) ||
		s->most < 1 || s->most > FC_MAX_SAMPLED || !room_holds(s) || s->count < 0 || s->count > s->room.rows ||
		size != fc_survey_state_size(&s->kind, s->room))
		return false;
	if (s->kind.d == 0)
		return s->count == 0 && s->filled == 0;
	parts = parts_of(s);
	if (s->kind.categories && !fc_survey_words_hold(s, &parts.words))
		return false;
	return s->flushes >= 0 && s->flushes < INT32_MAX && s->filled >= 0 && s->filled < parts.rows && rows_hold(s, &parts);
}

void
fc_survey_finish(FcSurveyState *s, int isa, const FcHooks *hooks)
{
	FcSurveyParts parts = parts_of(s);

	if (s->rows == 0)
		s->kind.d = s->count = s->filled = 0;
	if (s->kind.d == 0)
		return;
	if (s->filled > 0)
		fc_survey_flush(s, &parts, isa);
	if (s->count > s->most)
		fc_sample_purge(&parts.sample, hooks);
	if (s->kind.categories)
		fc_survey_sort_words(s, &parts, hooks);
}

/* Packs n digits behind the "count" words that there are, if words is not NULL; returns how many there are then */
static size_t
pack(const uint64_t *digits, int32_t n, uint64_t *words, size_t count)
{
	if (n > 1)
		return count + fc_digits_pack(digits, n, words ? words + count : NULL);
	if (n > 0 && words)
		words[count] = digits[0];
	return count + (size_t) n;
}

/* Words of the sums of all features, after that of the weights, which are written if words is not NULL */
static size_t
pack_sums(const FcSurveyState *s, const FcSurveyParts *parts, uint64_t *words)
{
	size_t		count = parts->total ? pack(parts->total, FC_SQUARE_DIGITS, words, 0) : 0;

	for (int32_t j = 0; j < s->kind.d; j++)
	{
		const uint64_t *digits = fc_survey_digits(parts, j);

		count = pack(digits, parts->observed, words, count);
		digits += parts->observed;
		count = pack(digits, parts->sum, words, count);
		count = pack(digits + parts->sum, FC_SQUARE_DIGITS, words, count);
	}
	return count;
}

/* The range of a feature that no row has is that of 0 */
static void
settle_ranges(const FcSurveyState *s, const FcSurveyParts *parts)
{
	for (int32_t j = 0; j < s->kind.d; j++)
		if (parts->low[j] > parts->high[j])
			parts->low[j] = parts->high[j] = 0;
}

/* As far as the state has its values, which is up to the range of weights */
static FcSurvey
survey_of(const FcSurveyState *s, const FcSurveyParts *parts)
{
	const FcSurveyKind *kind = &s->kind;

	return (FcSurvey) {
		.rows = s->rows, .skipped = s->skipped, .d = kind->d, .precision = kind->precision, .keyed = kind->keyed != 0,
		.gaps = kind->gaps != 0, .weighted = kind->weighted != 0, .categories = kind->categories != 0,
		.most = s->most, .count = s->count, .seed = s->seed, .low = parts->low, .high = parts->high, .weights = &s->least,
		.width = fc_survey_width(kind->d, kind->precision, kind->weighted),
	};
}

size_t
fc_survey_size(const FcSurveyState *s)
{
	FcSurveyParts parts = parts_of(s);
	FcSurvey	survey = survey_of(s, &parts);

	if (s->kind.d == 0)
		return FC_SURVEY_HEADER;
	return FC_SURVEY_HEADER + 8 * (fc_survey_ranges(&survey) + pack_sums(s, &parts, NULL) + survey.width * s->count +
								   (s->kind.categories ? fc_survey_write_words(s, &parts.words, NULL) : 0));
}

/* After fc_survey_finish(), into fc_survey_size() bytes, aligned to 8; the table of the sample is lost */
void
fc_survey_write(FcSurveyState *s, void *bytes, const FcHooks *hooks)
{
	FcSurveyParts parts = parts_of(s);
	FcSurvey	survey = survey_of(s, &parts);
	uint64_t   *words = bytes;
	uint64_t   *p;
	uint64_t   *values = NULL;
	const uint32_t *order;

	settle_ranges(s, &parts);
	p = fc_survey_write_header(&survey, words);
	if (s->kind.d > 0)
	{
		p += pack_sums(s, &parts, p);
		values = p;
		if (s->kind.categories)
			p += fc_survey_write_words(s, &parts.words, p);
		order = fc_sample_sort(&parts.sample, hooks);
		for (int32_t i = 0; i < s->count; i++, p += survey.width)
		{
			const uint64_t *row = parts.sample.rows + parts.sample.width * order[i];

			fc_survey_write_row(&survey, p, row[1], row, FC_F64);
		}
	}
	fc_turn_words(words, p - words);
	if (values && s->kind.categories)
		fc_survey_turn_words(values, s->kind.d, (size_t) s->text);
}
