/*
 * survey_sample.c - the distinct rows with the smallest hashes
 *
 * Rows with the same hash (survey_hash.c) are told apart by their features, so hashes decide which rows
 * are in the sample, and how fast, but never what is true of them.  Rows are found by the low bits of
 * the hash, linear probing.
 */
#include "core/survey_parts.h"

#include <math.h>

#define CHECKED		4096		/* steps between two checks */
#define FIRST_ROOM	16			/* rows */

/* One zero, and one NaN, which is that of a missing feature: the numbers of a row */
void
fc_sample_normalize(const FcSurveyKind *kind, double *x)
{
	for (int32_t j = 0; j < fc_survey_cells(kind); j++)
		x[j] += 0.0;			/* -0 becomes 0 */
	if (kind->gaps)
		for (int32_t j = 0; j < kind->d; j++)
			if (isnan(x[j]))
			{
				uint64_t	missing = fc_survey_missing();

				memcpy(x + j, &missing, sizeof(missing));
			}
}

/* ---- order ---- */

static int
compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int
compare_features(const FcBits *p, FcPrecision a, const FcBits *q, FcPrecision b, int32_t d)
{
	int			order = 0;

	for (int32_t j = 0; j < d && order == 0; j++)
		order = compare(fc_survey_feature(p, j, a), fc_survey_feature(q, j, b));
	return order;
}

/* The same with values of categories, which have other places in the result of a merge */
static int
compare_words(const FcSurvey *a, const uint64_t *p, const FcSurvey *b, const uint64_t *q)
{
	int			order = 0;

	for (int32_t j = 0; j < a->d && order == 0; j++)
		order = compare(fc_survey_cell(a, p, j), fc_survey_cell(b, q, j));
	return order;
}

/* The features of two rows of surveys, then their weights */
int
fc_survey_compare(const FcSurvey *a, const uint64_t *p, const FcSurvey *b, const uint64_t *q)
{
	int			order = a->categories ? compare_words(a, p, b, q) :
		compare_features(p + FC_ROW_HEADER, a->precision, q + FC_ROW_HEADER, b->precision, a->d);

	return order || !a->weighted ? order : compare(p[a->width - 1], q[b->width - 1]);
}

/* Two rows of surveys, by hash, then features; with keys by the hash alone */
int
fc_survey_order(const FcSurvey *a, const uint64_t *p, const FcSurvey *b, const uint64_t *q)
{
	int			order = compare(p[0], q[0]);

	return order || a->keyed ? order : fc_survey_compare(a, p, b, q);
}

static uint64_t *
row_at(const FcSurveySample *s, int64_t i)
{
	return s->rows + s->width * i;
}

/* Of two rows of a sample */
static int
order_of(const FcSurveySample *s, uint32_t i, uint32_t j)
{
	const uint64_t *p = row_at(s, i);
	const uint64_t *q = row_at(s, j);
	int			order = compare(p[0], q[0]);

	return order ? order : compare_features(p + FC_ROW_HEADER, FC_F64, q + FC_ROW_HEADER, FC_F64, s->cells);
}

/* ---- the table ---- */

/* At least two for each row */
uint32_t
fc_slots(int32_t room)
{
	return room <= 2 ? 4 : (uint32_t) 2 << (32 - __builtin_clz((uint32_t) room - 1));
}

static bool
is_row(const FcSurveySample *s, const uint64_t *row, uint64_t hash, const double *x)
{
	return row[0] == hash &&
		(s->state->kind.keyed || memcmp(row + FC_ROW_HEADER, x, sizeof(double) * s->cells) == 0);
}

/* The slot of a row, or a free one */
static uint32_t *
slot_of(const FcSurveySample *s, uint64_t hash, const double *x)
{
	uint32_t	at = (uint32_t) hash & s->mask;

	while (s->slots[at] != 0 && !is_row(s, row_at(s, s->slots[at] - 1), hash, x))
		at = (at + 1) & s->mask;
	return &s->slots[at];
}

/* All rows into empty slots, when they have moved */
void
fc_sample_hash_slots(const FcSurveySample *s)
{
	memset(s->slots, 0, sizeof(uint32_t) * ((size_t) s->mask + 1));
	for (int32_t i = 0; i < s->state->count; i++)
	{
		uint32_t	at = (uint32_t) row_at(s, i)[0] & s->mask;

		while (s->slots[at] != 0)
			at = (at + 1) & s->mask;
		s->slots[at] = (uint32_t) i + 1;
	}
}

/* "count" times a row below the threshold, for which there is room */
void
fc_sample_add(const FcSurveySample *s, uint64_t hash, const double *x, uint64_t count)
{
	uint32_t   *slot = slot_of(s, hash, x);
	size_t		size = sizeof(double) * s->cells;
	bool		is_new = *slot == 0;
	uint64_t   *row = row_at(s, is_new ? s->state->count : (int64_t) *slot - 1);

	if (is_new)
	{
		*slot = (uint32_t) ++s->state->count;
		row[0] = hash;
		row[1] = 0;
	}
	row[1] += count;
	if (is_new)
		memcpy(row + FC_ROW_HEADER, x, size);
	else if (s->state->kind.keyed)
	{
		uint64_t   *features = row + FC_ROW_HEADER;

		if (compare_features((const FcBits *) x, FC_F64, features, FC_F64, s->cells) < 0)
			memcpy(features, x, size);
	}
}

/* ---- the first ones ---- */

/* How many hashes there are of each value of the byte at "shift", of those that begin with "prefix" */
static void
count_bytes(const FcSurveySample *s, uint64_t prefix, uint64_t mask, int shift, int32_t *counts)
{
	memset(counts, 0, 256 * sizeof(int32_t));
	for (int32_t i = 0; i < s->state->count; i++)
	{
		uint64_t	hash = row_at(s, i)[0];

		counts[hash >> shift & 255] += (hash & mask) == prefix;
	}
}

/* The hash of rank number "rank", from 0: byte by byte */
static uint64_t
hash_of_rank(const FcSurveySample *s, int32_t rank, const FcHooks *hooks)
{
	uint64_t	prefix = 0;
	uint64_t	mask = 0;

	for (int shift = 56; shift >= 0; shift -= 8)
	{
		int32_t		counts[256];
		uint64_t	byte = 0;

		fc_check(hooks);
		count_bytes(s, prefix, mask, shift, counts);
		for (; rank >= counts[byte]; byte++)
			rank -= counts[byte];
		prefix |= byte << shift;
		mask |= UINT64_C(255) << shift;
	}
	return prefix;
}

/* Merges two sorted stretches of from[], which end at middle and end */
static void
merge_stretches(const FcSurveySample *s, const uint32_t *from, int64_t first, int64_t middle, int64_t end, uint32_t *to)
{
	int64_t		a = first;
	int64_t		b = middle;

	for (int64_t i = first; i < end; i++)
		to[i] = b == end || (a < middle && order_of(s, from[a], from[b]) <= 0) ? from[a++] : from[b++];
}

/*
 * Positions of all rows in order (count), in place of the slots, which have room
 * for two for each row
 */
const uint32_t *
fc_sample_sort(const FcSurveySample *s, const FcHooks *hooks)
{
	int64_t		n = s->state->count;
	uint32_t   *from = s->slots;
	uint32_t   *to = s->slots + n;

	for (int64_t i = 0; i < n; i++)
		from[i] = (uint32_t) i;
	for (int64_t size = 1; size < n; size *= 2)
	{
		uint32_t   *sorted = to;

		for (int64_t first = 0; first < n; first += 2 * size)
		{
			int64_t		middle = first + size < n ? first + size : n;
			int64_t		end = middle + size < n ? middle + size : n;

			if (first % CHECKED == 0)
				fc_check(hooks);
			merge_stretches(s, from, first, middle, end, to);
		}
		to = from;
		from = sorted;
	}
	return from;
}

/* Marks rows beyond the first "most", where hashes are equal; their counts become 0 */
static void
mark_last(const FcSurveySample *s, const FcHooks *hooks)
{
	const uint32_t *order = fc_sample_sort(s, hooks);

	for (int32_t i = s->state->most; i < s->state->count; i++)
		row_at(s, order[i])[1] = 0;
}

/* Keeps the first "most" rows, of which there are more */
void
fc_sample_purge(const FcSurveySample *s, const FcHooks *hooks)
{
	FcSurveyState *state = s->state;
	int32_t		count = 0;
	int32_t		equal = 0;

	state->threshold = hash_of_rank(s, state->most - 1, hooks);
	for (int32_t i = 0; i < state->count; i++)
		equal += row_at(s, i)[0] <= state->threshold;
	if (equal > state->most)
		mark_last(s, hooks);
	for (int32_t i = 0; i < state->count; i++)
	{
		const uint64_t *row = row_at(s, i);

		if (row[0] > state->threshold || row[1] == 0)
			continue;
		if (i > count)
			memcpy(row_at(s, count), row, sizeof(uint64_t) * s->width);
		count++;
	}
	state->count = count;
	fc_sample_hash_slots(s);
}

/* ---- room ---- */

/* A quarter more than there will be: then throwing out the rest costs each row a few visits */
int32_t
fc_sample_most_room(const FcSurveyState *s)
{
	return s->most + (s->most < 4 * FIRST_ROOM ? FIRST_ROOM : s->most / 4);
}

/* How many rows there must be room for before the next one comes: as many as there is room for, if there is, perhaps now */
int32_t
fc_sample_room(const FcSurveySample *s, const FcHooks *hooks)
{
	int32_t		room = s->state->room.rows;
	int32_t		most = fc_sample_most_room(s->state);

	if (s->state->count < room)
		return room;
	if (room < most)
		return room < FIRST_ROOM ? FIRST_ROOM : room > most / 2 ? most : 2 * room;
	fc_sample_purge(s, hooks);
	return room;
}
