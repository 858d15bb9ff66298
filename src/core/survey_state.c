/*
 * survey_state.c - gathering a survey, row by row
 *
 * The state is flat memory: FcSurveyState and then, for d features,
 *
 *	low, high	(stride) doubles each, stride being d rounded up to TILE; zeros are behind d
 *	digits		(d, FC_SUM_DIGITS + FC_SQUARE_DIGITS) see digits.c
 *	block		(BLOCK, stride) rows that are not yet in low, high and digits
 *	sample		(room, 2 + d) words: hash, count, features
 *	slots		(fc_slots(room)) of a hash table: position in the sample + 1; 0: free
 *
 * Sums. Of a block of rows, the part of each number down to a fixed unit below
 * the largest is added to a double, the part from there to a second unit to
 * another, and so on: each sum is exact, since all its terms are multiples of
 * one unit and at most 2^53 of these units together.  So a block costs a few
 * vector operations a number, and a feature a few numbers for its digits.  Where
 * something remains below the last unit, or numbers are extreme, all numbers of
 * the feature are added to its digits one by one.  Either way nothing is
 * rounded, and the sums are those of the rows in any order.
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
 * With a key, rows with the same hash of their keys are one row of the sample,
 * and it has the features that come first in order.
 */
#include "core/survey_parts.h"

#include "core/digits.h"
#include "core/variants.h"

#include <math.h>
#include <string.h>

/* a*b + c must be rounded twice here */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize ("fp-contract=off")
#endif

#define MAGIC			UINT64_C(0x6574617473635A46)
#define TILE			8		/* features that are summed together */
#define BLOCK			128		/* rows, of up to WIDE features */
#define WIDE			512
#define FEWEST_ROWS		8
#define FIRST_ROOM		16

/* Levels are 46 bits apart, each of 45 bits and sign: 2^8 numbers, two from each row of a block, make 53 */
#define STEP			0x1p-46
#define HEADROOM		7
#define SUM_LEVELS		2
#define SQUARE_LEVELS	4
/* Squares of numbers between these powers of two, and of those that differ from them by any level, are exact in two doubles */
#define LEAST_EXPONENT	(-390)
#define MOST_EXPONENT	500

#define DIGITS			(FC_SUM_DIGITS + FC_SQUARE_DIGITS)

/* What rounds to levels, or sums at them */
typedef struct FcLevels
{
	double		sum[SUM_LEVELS][TILE];
	double		square[SQUARE_LEVELS][TILE];
} FcLevels;

/* Of TILE features of a block */
typedef struct FcGathered
{
	double		low[TILE];
	double		high[TILE];
	double		rest[TILE];		/* 0, of any sign: the sums are exact if low and high are within the levels */
	FcLevels	sums;
} FcGathered;

#define FC_ONLY_F64
#define FC_VARIANTS_OF "core/survey_loops.h"
#include "core/variants.h"

typedef void (*Gather) (const double *x, int32_t stride, int32_t rows, const FcLevels *levels, FcGathered *to);

static const Gather gather_single_of[FC_ISAS] = FC_TABLE_F64(gather_single);
static const Gather gather_double_of[FC_ISAS] = FC_TABLE_F64(gather_double);
static const Gather gather_all_of[FC_ISAS] = FC_TABLE_F64(gather_all);

/* ---- layout ---- */

typedef struct Parts
{
	double	   *low;			/* (stride) */
	double	   *high;			/* (stride) */
	uint64_t   *digits;			/* (d, DIGITS) */
	double	   *block;			/* (rows, stride) */
	int32_t		stride;
	int32_t		rows;
	FcSurveySample sample;
} Parts;

static int32_t
stride_of(int32_t d)
{
	return FC_ROUND_UP(d, TILE);
}

static int32_t
block_rows(int32_t d)
{
	int32_t		rows = d > WIDE ? BLOCK * WIDE / d : BLOCK;

	return rows < FEWEST_ROWS ? FEWEST_ROWS : rows;
}

/* Without the sample */
static size_t
fixed_size(int32_t d)
{
	size_t		stride = stride_of(d);

	return sizeof(FcSurveyState) + 8 * (2 * stride + (size_t) DIGITS * d + block_rows(d) * stride);
}

/* d is 0 before the first row */
size_t
fc_survey_state_size(int32_t d, int32_t room)
{
	if (d == 0)
		return sizeof(FcSurveyState);
	return fixed_size(d) + fc_times(room, 8 * (FC_ROW_HEADER + (size_t) d)) + sizeof(uint32_t) * (size_t) fc_slots(room);
}

static Parts
parts_of(const FcSurveyState *s)
{
	char	   *p = (char *) (s + 1);
	Parts		parts = {.stride = stride_of(s->d), .rows = block_rows(s->d)};

	parts.low = (double *) (void *) p;
	parts.high = parts.low + parts.stride;
	parts.digits = (uint64_t *) (void *) (parts.high + parts.stride);
	parts.block = (double *) (void *) (parts.digits + (size_t) DIGITS * s->d);
	parts.sample.state = (FcSurveyState *) s;
	parts.sample.width = FC_ROW_HEADER + (size_t) s->d;
	parts.sample.rows = (uint64_t *) (void *) (parts.block + (size_t) parts.rows * parts.stride);
	parts.sample.slots = (uint32_t *) (void *) (parts.sample.rows + parts.sample.width * s->room);
	parts.sample.mask = fc_slots(s->room) - 1;
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
}

/* A quarter more than there will be: then throwing out the rest costs each row a few visits */
static int32_t
most_room(const FcSurveyState *s)
{
	return s->most + (s->most < 4 * FIRST_ROOM ? FIRST_ROOM : s->most / 4);
}

int32_t
fc_survey_room(FcSurveyState *s, const FcHooks *hooks)
{
	int32_t		most = most_room(s);
	Parts		parts;

	if (s->count < s->room)
		return s->room;
	if (s->room < most)
		return s->room < FIRST_ROOM ? FIRST_ROOM : s->room > most / 2 ? most : 2 * s->room;
	parts = parts_of(s);
	fc_sample_purge(&parts.sample, hooks);
	return s->room;
}

void
fc_survey_move(const FcSurveyState *s, FcSurveyState *to, int32_t d, int32_t room)
{
	Parts		from = parts_of(s);
	Parts		parts;

	if (s->d == 0)
	{
		memset(to, 0, fixed_size(d));
		*to = *s;
		to->d = d;
	}
	else
		memcpy(to, s, fixed_size(d));
	to->room = room;
	parts = parts_of(to);
	for (int32_t j = 0; j < d && s->d == 0; j++)
	{
		parts.low[j] = INFINITY;
		parts.high[j] = -INFINITY;
	}
	if (s->count > 0)
		memcpy(parts.sample.rows, from.sample.rows, sizeof(uint64_t) * from.sample.width * s->count);
	fc_sample_hash_slots(&parts.sample);
}

/* ---- sums ---- */

/* 1.5 * 2^(exponent + HEADROOM) and so on, for numbers up to 2^exponent */
static void
set_level(double (*level)[TILE], int levels, int32_t j, int32_t exponent)
{
	level[0][j] = ldexp(1.5, exponent + HEADROOM);
	for (int l = 1; l < levels; l++)
		level[l][j] = level[l - 1][j] * STEP;
}

/* The levels for TILE features of some amount; those that are extreme get none */
static void
set_levels(FcLevels *levels, const double *largest, bool *extreme)
{
	for (int32_t j = 0; j < TILE; j++)
	{
		int			exponent = 0;

		if (largest[j] != 0)
			(void) frexp(largest[j], &exponent);
		extreme[j] = exponent < LEAST_EXPONENT || exponent > MOST_EXPONENT;
		set_level(levels->sum, SUM_LEVELS, j, extreme[j] ? 0 : exponent);
		set_level(levels->square, SQUARE_LEVELS, j, extreme[j] ? 0 : 2 * exponent);
	}
}

static void
add_levels(uint64_t *digits, const FcLevels *sums, int32_t j)
{
	for (int l = 0; l < SUM_LEVELS; l++)
		fc_digits_add(digits, sums->sum[l][j], FC_SUM_POINT);
	for (int l = 0; l < SQUARE_LEVELS; l++)
		fc_digits_add(digits + FC_SUM_DIGITS, sums->square[l][j], FC_SQUARE_POINT);
}

static void
add_numbers(uint64_t *digits, const double *x, int32_t stride, int32_t rows)
{
	for (int32_t i = 0; i < rows; i++)
	{
		fc_digits_add(digits, x[(int64_t) i * stride], FC_SUM_POINT);
		fc_digits_add_square(digits + FC_SUM_DIGITS, x[(int64_t) i * stride]);
	}
}

/* Is there a rest in a feature that could be without one? */
static bool
has_rest(const FcGathered *g, const bool *extreme)
{
	for (int32_t j = 0; j < TILE; j++)
		if (!extreme[j] && g->rest[j] != 0)
			return true;
	return false;
}

/* Ranges of TILE features with those of the block, and the largest amounts; have these grown? */
static bool
extend_range(const Parts *parts, int32_t first, int32_t columns, const FcGathered *g, double *largest)
{
	bool		grown = false;

	for (int32_t j = 0; j < columns; j++)
	{
		parts->low[first + j] = fmin(parts->low[first + j], g->low[j]);
		parts->high[first + j] = fmax(parts->high[first + j], g->high[j]);
		grown = grown || fmax(-g->low[j], g->high[j]) > largest[j];
		largest[j] = fmax(-parts->low[first + j], parts->high[first + j]);
	}
	return grown;
}

/*
 * TILE features of the block, from the first-th; those behind d are 0.  The levels
 * are those for the rows so far; if these rows are beyond them, once more.
 */
static void
flush_tile(FcSurveyState *s, const Parts *parts, int32_t first, int isa)
{
	const double *x = parts->block + first;
	int32_t		columns = s->d - first < TILE ? s->d - first : TILE;
	Gather		gather = s->precision == FC_F32 ? gather_single_of[isa] : gather_double_of[isa];
	double		largest[TILE] = {0};
	bool		extreme[TILE];
	FcLevels	levels;
	FcGathered	g;

	for (int32_t j = 0; j < columns; j++)
		largest[j] = fmax(0, fmax(-parts->low[first + j], parts->high[first + j]));
	do
	{
		set_levels(&levels, largest, extreme);
		gather(x, parts->stride, s->filled, &levels, &g);
	} while (extend_range(parts, first, columns, &g, largest));
	if (has_rest(&g, extreme))
		gather_all_of[isa] (x, parts->stride, s->filled, &levels, &g);
	for (int32_t j = 0; j < columns; j++)
	{
		uint64_t   *digits = parts->digits + (size_t) DIGITS * (first + j);

		if (extreme[j] || g.rest[j] != 0)
			add_numbers(digits, x + j, parts->stride, s->filled);
		else
			add_levels(digits, &g.sums, j);
	}
}

/* Rows of the block into ranges and sums */
static void
flush(FcSurveyState *s, int isa)
{
	Parts		parts = parts_of(s);

	for (int32_t first = 0; first < s->d; first += TILE)
		flush_tile(s, &parts, first, isa);
	s->filled = 0;
	if (++s->flushes < FC_MOST_ADDED / (3 * BLOCK))
		return;
	for (int32_t j = 0; j < s->d; j++)
	{
		fc_digits_carry(parts.digits + (size_t) DIGITS * j, FC_SUM_DIGITS);
		fc_digits_carry(parts.digits + (size_t) DIGITS * j + FC_SUM_DIGITS, FC_SQUARE_DIGITS);
	}
	s->flushes = 0;
}

/* ---- rows ---- */

double *
fc_survey_next(FcSurveyState *s)
{
	size_t		stride = stride_of(s->d);

	return (double *) (void *) (s + 1) + 2 * stride + (size_t) DIGITS * s->d + stride * s->filled;
}

void
fc_survey_add(FcSurveyState *s, uint64_t key, int isa)
{
	double	   *x = fc_survey_next(s);
	uint64_t	hash;

	for (int32_t j = 0; j < s->d; j++)
		x[j] += 0.0;			/* -0 becomes 0 */
	hash = s->keyed ? fc_survey_hash(&key, 1, s->seed, FC_F64) : fc_survey_hash((const FcBits *) x, s->d, s->seed, FC_F64);
	if (hash <= s->threshold)
	{
		Parts		parts = parts_of(s);

		fc_sample_add(&parts.sample, hash, x);
	}
	s->rows++;
	if (++s->filled == block_rows(s->d))
		flush(s, isa);
}

/* ---- the end ---- */

static bool
rows_hold(const FcSurveyState *s, const Parts *parts)
{
	for (int32_t i = 0; i < s->count; i++)
		if (parts->sample.rows[parts->sample.width * i + 1] == 0)
			return false;
	for (int32_t i = 0; i < s->filled; i++)
		for (int32_t j = 0; j < parts->stride; j++)
			if (!isfinite(parts->block[(int64_t) i * parts->stride + j]))
				return false;
	return true;
}

bool
fc_survey_state_holds(const FcSurveyState *s, size_t size)
{
	Parts		parts;

	if (size < sizeof(FcSurveyState) || s->magic != MAGIC || s->d < 0 || s->d > FC_MAX_COLUMNS ||
		s->most < 1 || s->most > FC_MAX_SAMPLED || s->room < 0 || s->room > most_room(s) || s->count < 0 || s->count > s->room ||
		size != fc_survey_state_size(s->d, s->room))
		return false;
	if (s->d == 0)
		return s->count == 0 && s->filled == 0;
	parts = parts_of(s);
	return (s->precision == FC_F32 || s->precision == FC_F64) && s->flushes >= 0 && s->flushes < INT32_MAX &&
		s->filled >= 0 && s->filled < parts.rows && rows_hold(s, &parts);
}

void
fc_survey_finish(FcSurveyState *s, int isa, const FcHooks *hooks)
{
	Parts		parts = parts_of(s);

	if (s->rows == 0)
		s->d = s->count = s->filled = 0;
	if (s->d == 0)
		return;
	if (s->filled > 0)
		flush(s, isa);
	if (s->count > s->most)
		fc_sample_purge(&parts.sample, hooks);
}

/* Words of the sums of all features, which are written if words is not NULL */
static size_t
pack_sums(const FcSurveyState *s, const Parts *parts, uint64_t *words)
{
	size_t		count = 0;

	for (int32_t j = 0; j < s->d; j++)
	{
		const uint64_t *digits = parts->digits + (size_t) DIGITS * j;

		count += fc_digits_pack(digits, FC_SUM_DIGITS, words ? words + count : NULL);
		count += fc_digits_pack(digits + FC_SUM_DIGITS, FC_SQUARE_DIGITS, words ? words + count : NULL);
	}
	return count;
}

/* As far as the state has its values, which is up to low and high */
static FcSurvey
survey_of(const FcSurveyState *s, const Parts *parts)
{
	return (FcSurvey) {
		.rows = s->rows, .skipped = s->skipped, .d = s->d, .precision = s->precision, .keyed = s->keyed != 0,
		.most = s->most, .count = s->count, .seed = s->seed, .low = parts->low, .high = parts->high,
		.width = FC_ROW_HEADER + fc_survey_feature_words(s->d, s->precision),
	};
}

size_t
fc_survey_size(const FcSurveyState *s)
{
	Parts		parts = parts_of(s);
	FcSurvey	survey = survey_of(s, &parts);

	if (s->d == 0)
		return FC_SURVEY_HEADER;
	return FC_SURVEY_HEADER + 8 * (2 * (size_t) s->d + pack_sums(s, &parts, NULL) + survey.width * s->count);
}

/* After fc_survey_finish(), into fc_survey_size() bytes, aligned to 8; the table of the sample is lost */
void
fc_survey_write(FcSurveyState *s, void *bytes, const FcHooks *hooks)
{
	Parts		parts = parts_of(s);
	FcSurvey	survey = survey_of(s, &parts);
	uint64_t   *words = bytes;
	uint64_t   *p = words + FC_SURVEY_HEADER / 8 + 2 * (size_t) s->d;
	const uint32_t *order;

	fc_survey_write_header(&survey, words);
	if (s->d > 0)
	{
		p += pack_sums(s, &parts, p);
		order = fc_sample_sort(&parts.sample, hooks);
		for (int32_t i = 0; i < s->count; i++, p += survey.width)
		{
			const uint64_t *row = parts.sample.rows + parts.sample.width * order[i];

			fc_survey_write_row(&survey, p, row[1], row, FC_F64);
		}
	}
	fc_turn_words(words, p - words);
}
