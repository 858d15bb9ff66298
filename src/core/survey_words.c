/*
 * survey_words.c - the values of categories while the rows of a survey come
 *
 * While rows come, a value gets the next number when it is seen first, whatever its column: a
 * row has that number in place of the value.  When all rows are there, the values of each
 * column are sorted by bytes, and a row has the place among them.  So the bytes (survey_values.c) do not
 * depend on the order of rows; nor does the hash of a row, in which a value counts
 * with a hash of its own.
 */
#include "core/survey_parts.h"

#include "core/sort.h"

#include <math.h>

#define FIRST_WORDS		64		/* that there is room for */
#define FIRST_TEXT		1024	/* bytes */

/* ---- while rows come ---- */

FcSurveyRoom
fc_survey_first_room(const FcSurveyKind *kind, int32_t rows)
{
	return (FcSurveyRoom) {.rows = rows, .words = kind->categories ? FIRST_WORDS : 0, .text = kind->categories ? FIRST_TEXT : 0};
}

/* Words of memory */
size_t
fc_survey_words_size(const FcSurveyKind *kind, FcSurveyRoom room)
{
	size_t		digits = kind->weighted ? FC_SQUARE_DIGITS : 1;

	if (!kind->categories)
		return 0;
	return fc_whole_words(sizeof(int32_t) * (size_t) kind->d) + (size_t) room.words * (2 + digits) + fc_slots(room.words) / 2 + fc_whole_words((size_t) room.text);
}

void
fc_survey_place_words(const FcSurveyState *s, uint64_t *memory, FcSurveyDictionary *w)
{
	w->digits = s->kind.weighted ? FC_SQUARE_DIGITS : 1;
	w->levels = (int32_t *) (void *) memory;
	w->hash = memory + fc_whole_words(sizeof(int32_t) * (size_t) s->kind.d);
	w->sums = w->hash + s->room.words;
	w->at = (uint32_t *) (void *) (w->sums + (size_t) w->digits * s->room.words);
	w->column = (int32_t *) (void *) (w->at + s->room.words);
	w->slots = (uint32_t *) (void *) (w->column + s->room.words);
	w->mask = fc_slots(s->room.words) - 1;
	w->text = (char *) (w->slots + w->mask + 1);
}

static const char *
text_of(const FcSurveyDictionary *w, int32_t number)
{
	return w->text + w->at[number];
}

/* All values into empty slots, when they have moved */
static void
hash_slots(const FcSurveyState *s, const FcSurveyDictionary *w)
{
	memset(w->slots, 0, sizeof(uint32_t) * ((size_t) w->mask + 1));
	for (int32_t i = 0; i < s->words; i++)
	{
		uint32_t	at = (uint32_t) w->hash[i] & w->mask;

		while (w->slots[at] != 0)
			at = (at + 1) & w->mask;
		w->slots[at] = (uint32_t) i + 1;
	}
}

/* From a state with less room, or without values */
void
fc_survey_move_words(const FcSurveyState *s, const FcSurveyDictionary *from, const FcSurveyState *to, const FcSurveyDictionary *w)
{
	size_t		words = (size_t) s->words;

	if (s->kind.d == 0)
		memset(w->levels, 0xFF, sizeof(int32_t) * (size_t) to->kind.d);
	else
	{
		memcpy(w->levels, from->levels, sizeof(int32_t) * (size_t) to->kind.d);
		memcpy(w->hash, from->hash, sizeof(uint64_t) * words);
		memcpy(w->sums, from->sums, sizeof(uint64_t) * words * (size_t) w->digits);
		memcpy(w->at, from->at, sizeof(uint32_t) * words);
		memcpy(w->column, from->column, sizeof(int32_t) * words);
		memcpy(w->text, from->text, (size_t) s->text);
	}
	hash_slots(to, w);
}

static uint32_t *
slot_of(const FcSurveyDictionary *w, uint64_t hash, int32_t column, const char *text, size_t length)
{
	uint32_t	at = (uint32_t) hash & w->mask;

	for (;; at = (at + 1) & w->mask)
	{
		int32_t		number = (int32_t) w->slots[at] - 1;

		if (number < 0 || (w->hash[number] == hash && w->column[number] == column &&
						   strncmp(text_of(w, number), text, length) == 0 && text_of(w, number)[length] == '\0'))
			return &w->slots[at];
	}
}

/* The number of a value in column j, without a zero byte in it; below 0: an FcSurveyNoCode */
int32_t
fc_survey_find_code(FcSurveyState *s, const FcSurveyDictionary *w, int32_t j, const char *text, size_t length)
{
	uint64_t	hash = fc_survey_hash_text(j, text, length);
	uint32_t   *slot = slot_of(w, hash, j, text, length);
	int32_t		number = (int32_t) *slot - 1;

	if (number >= 0)
		return number;
	if (w->levels[j] == FC_MAX_CATEGORY_VALUES)
		return FC_TOO_MANY_CODES;
	if (s->words == FC_MAX_COLUMNS - s->kind.d)
		return FC_TOO_MANY_FEATURES;
	if (length >= (size_t) (FC_MAX_VALUE_BYTES - s->text))
		return FC_TOO_MUCH_TEXT;
	if (s->words == s->room.words || length >= (size_t) (s->room.text - s->text))
		return FC_NO_ROOM_FOR_CODE;
	number = s->words++;
	*slot = (uint32_t) number + 1;
	w->hash[number] = hash;
	w->at[number] = (uint32_t) s->text;
	w->column[number] = j;
	memset(w->sums + (size_t) w->digits * number, 0, sizeof(uint64_t) * (size_t) w->digits);
	memcpy(w->text + s->text, text, length);
	w->text[s->text + (int32_t) length] = '\0';
	s->text += (int32_t) length + 1;
	w->levels[j]++;
	return number;
}

/* With enough for a value of this length */
FcSurveyRoom
fc_survey_word_room(const FcSurveyState *s, size_t length)
{
	FcSurveyRoom room = s->room;

	if (s->words == room.words)
		room.words *= 2;
	while (length >= (size_t) (room.text - s->text))
		room.text *= 2;
	return room;
}

/* Counts the values of column j, a category, in the rows of the block */
void
fc_survey_count_words(const FcSurveyState *s, const FcSurveyParts *parts, int32_t j)
{
	const FcSurveyDictionary *w = &parts->words;

	for (int32_t i = 0; i < s->filled; i++)
	{
		const double *row = parts->block + (int64_t) i * parts->stride;

		if (isnan(row[j]))
			continue;
		if (s->kind.weighted)
			fc_digits_add(w->sums + (size_t) FC_SQUARE_DIGITS * (size_t) row[j], row[s->kind.d], FC_SQUARE_POINT);
		else
			w->sums[(size_t) row[j]]++;
	}
}

void
fc_survey_carry_words(const FcSurveyState *s, const FcSurveyDictionary *w)
{
	for (int32_t i = 0; s->kind.weighted && i < s->words; i++)
		fc_digits_carry(w->sums + (size_t) FC_SQUARE_DIGITS * i, FC_SQUARE_DIGITS);
}

/* ---- bytes from elsewhere: a state ---- */

static bool
numbers_hold(const FcSurveyState *s, const FcSurveyDictionary *w)
{
	int64_t		levels = 0;

	for (int32_t j = 0; j < s->kind.d; j++)
	{
		if (w->levels[j] < -1 || w->levels[j] > FC_MAX_CATEGORY_VALUES)
			return false;
		levels += w->levels[j] > 0 ? w->levels[j] : 0;
	}
	for (int32_t i = 0; i < s->words; i++)
		if (w->column[i] < 0 || w->column[i] >= s->kind.d || w->levels[w->column[i]] < 1 || w->at[i] >= (uint32_t) s->text)
			return false;
	return levels == s->words;
}

/* Have rows numbers of values of their columns? */
bool
fc_survey_codes_hold(const FcSurveyState *s, const FcSurveyDictionary *w, const double *row)
{
	for (int32_t j = 0; j < s->kind.d; j++)
		if (w->levels[j] >= 0 && !isnan(row[j]) &&
			!(row[j] >= 0 && row[j] < s->words && row[j] == floor(row[j]) && w->column[(int32_t) row[j]] == j))
			return false;
	return true;
}

bool
fc_survey_words_hold(const FcSurveyState *s, const FcSurveyDictionary *w)
{
	return s->words >= 0 && s->words <= s->room.words && s->text >= 0 && s->text <= s->room.text &&
		(s->text == 0 || w->text[s->text - 1] == '\0') && numbers_hold(s, w);
}

/* ---- the end ---- */

static bool
is_before(const void *table, int64_t a, int64_t b)
{
	const FcSurveyDictionary *w = table;
	int32_t		i = (int32_t) w->slots[a];
	int32_t		j = (int32_t) w->slots[b];

	return w->column[i] != w->column[j] ? w->column[i] < w->column[j] : strcmp(text_of(w, i), text_of(w, j)) < 0;
}

static void
exchange(void *table, int64_t a, int64_t b)
{
	FcSurveyDictionary *w = table;
	uint32_t	kept = w->slots[a];

	w->slots[a] = w->slots[b];
	w->slots[b] = kept;
}

/*
 * Sorts the values: from now on slots have their numbers in order, then the place of each in its
 * column, which the rows of the sample get in place of their numbers
 */
void
fc_survey_sort_words(const FcSurveyState *s, const FcSurveyParts *parts, const FcHooks *hooks)
{
	FcSurveyDictionary w = parts->words;
	const FcOrdering ordering = {.before = is_before, .exchange = exchange, .check = hooks->check, .arg = hooks->arg};
	uint32_t   *place = w.slots + s->words;

	for (int32_t i = 0; i < s->words; i++)
		w.slots[i] = (uint32_t) i;
	fc_sort(&w, s->words, &ordering);
	for (int32_t i = 0, first = 0; i < s->words; i++)
	{
		if (w.column[w.slots[i]] != w.column[w.slots[first]])
			first = i;
		place[w.slots[i]] = (uint32_t) (i - first);
	}
	for (int32_t i = 0; i < s->count; i++)
	{
		double	   *row = (double *) (void *) (parts->sample.rows + parts->sample.width * i + FC_ROW_HEADER);

		for (int32_t j = 0; j < s->kind.d; j++)
			if (w.levels[j] >= 0 && !isnan(row[j]))
				row[j] = place[(int32_t) row[j]];
	}
}

/* The bytes of sorted values, if words is not NULL; returns how many words they take */
size_t
fc_survey_write_words(const FcSurveyState *s, const FcSurveyDictionary *w, uint64_t *words)
{
	size_t		count = fc_survey_front_words(s->kind.d, (size_t) s->text);
	char	   *text = (char *) (words + 1 + s->kind.d);

	if (words)
	{
		memset(words, 0, sizeof(uint64_t) * count);
		words[0] = (uint64_t) (uint32_t) s->words | (uint64_t) (uint32_t) s->text << 32;
		for (int32_t j = 0; j < s->kind.d; j++)
			((int32_t *) (void *) (words + 1))[2 * (size_t) j] = w->levels[j];
		fc_survey_write_pairs((int32_t *) (void *) (words + 1), s->kind.d);
	}
	for (int32_t i = 0; words && i < s->words; i++)
	{
		const char *value = text_of(w, (int32_t) w->slots[i]);

		words[count + (size_t) i] = w->hash[w->slots[i]];
		memcpy(text, value, strlen(value) + 1);
		text += strlen(value) + 1;
	}
	count += (size_t) s->words;
	for (int32_t i = 0; i < s->words; i++)
		count = fc_survey_pack_sum(w->sums + (size_t) w->digits * w->slots[i], w->digits, words, count);
	return count;
}
