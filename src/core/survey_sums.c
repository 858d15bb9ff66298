/*
 * survey_sums.c - exact sums of the rows of a survey, block by block
 *
 * Of a block of rows, the part of each number down to a fixed unit below
 * the largest is added to a double, the part from there to a second unit to
 * another, and so on: each sum is exact, since all its terms are multiples of
 * one unit and at most 2^53 of these units together.  So a block costs a few
 * vector operations a number, and a feature a few numbers for its digits.  Where
 * something remains below the last unit, or numbers are extreme, all numbers of
 * the feature are added to its digits one by one.  Either way nothing is
 * rounded, and the sums are those of the rows in any order.  Numbers with weights, and those of a
 * block in which one is missing, are added one by one.
 */
#include "core/survey_parts.h"

#include "core/variants.h"

#include <math.h>
#include <string.h>

/* a*b + c must be rounded twice here */
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize ("fp-contract=off")
#endif

#define TILE			FC_SURVEY_TILE
#define BLOCK			FC_SURVEY_BLOCK

/* Levels are 46 bits apart, each of 45 bits and sign: 2^8 numbers, two from each row of a block, make 53 */
#define STEP			0x1p-46
#define HEADROOM		7
#define SUM_LEVELS		2
#define SQUARE_LEVELS	4
/* Squares of numbers between these powers of two, and of those that differ from them by any level, are exact in two doubles */
#define LEAST_EXPONENT	(-390)
#define MOST_EXPONENT	500

#define CARRY_EVERY		(FC_MOST_ADDED / (16 * BLOCK))	/* blocks: of a number up to 15 parts go to one digit */

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

/* The sum and, behind it, that of squares */
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

/* A feature's value of a row that has this weight, into all its sums */
static void
add_number(const FcSurveyParts *parts, uint64_t *digits, double x, const double *weight)
{
	uint64_t   *sum = digits + parts->observed;

	if (parts->observed > 0 && weight)
		fc_digits_add(digits, *weight, FC_SQUARE_POINT);
	else if (parts->observed > 0)
		digits[0]++;
	if (weight)
	{
		fc_digits_add_weighted(sum, *weight, x);
		fc_digits_add_weighted_square(sum + parts->sum, *weight, x);
	}
	else
		add_numbers(sum, &x, 0, 1);
}

/* Feature j of the block, of which values may be missing, number by number */
static void
add_column(const FcSurveyState *s, const FcSurveyParts *parts, int32_t j)
{
	for (int32_t i = 0; i < s->filled; i++)
	{
		const double *row = parts->block + (int64_t) i * parts->stride;

		if (isnan(row[j]))
			continue;
		parts->low[j] = fmin(parts->low[j], row[j]);
		parts->high[j] = fmax(parts->high[j], row[j]);
		add_number(parts, fc_survey_digits(parts, j), row[j], s->kind.weighted ? row + s->kind.d : NULL);
	}
}

/* Is a value of these features of the block missing? */
static bool
has_gaps(const FcSurveyState *s, const FcSurveyParts *parts, int32_t first, int32_t columns)
{
	bool		any = false;

	for (int32_t i = 0; i < s->filled; i++)
		for (int32_t j = first; j < first + columns; j++)
			any |= isnan(parts->block[(int64_t) i * parts->stride + j]);
	return any;
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
extend_range(const FcSurveyParts *parts, int32_t first, int32_t columns, const FcGathered *g, double *largest)
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
flush_numbers(FcSurveyState *s, const FcSurveyParts *parts, int32_t first, int32_t columns, int isa)
{
	const double *x = parts->block + first;
	Gather		gather = s->kind.precision == FC_F32 ? gather_single_of[isa] : gather_double_of[isa];
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
		uint64_t   *digits = fc_survey_digits(parts, first + j);

		if (parts->observed > 0)
			digits[0] += (uint64_t) s->filled;
		digits += parts->observed;
		if (extreme[j] || g.rest[j] != 0)
			add_numbers(digits, x + j, parts->stride, s->filled);
		else
			add_levels(digits, &g.sums, j);
	}
}

static void
flush_tile(FcSurveyState *s, const FcSurveyParts *parts, int32_t first, int isa)
{
	int32_t		columns = s->kind.d - first < TILE ? s->kind.d - first : TILE;

	if (!s->kind.weighted && !s->kind.categories && !(s->kind.gaps && has_gaps(s, parts, first, columns)))
	{
		flush_numbers(s, parts, first, columns, isa);
		return;
	}
	for (int32_t j = first; j < first + columns; j++)
		if (s->kind.categories && parts->words.levels[j] >= 0)
			fc_survey_count_words(s, parts, j);
		else
			add_column(s, parts, j);
}

static void
flush_weights(FcSurveyState *s, const FcSurveyParts *parts)
{
	for (int32_t i = 0; i < s->filled; i++)
	{
		double		weight = parts->block[(int64_t) i * parts->stride + s->kind.d];

		s->least = fmin(s->least, weight);
		s->largest = fmax(s->largest, weight);
		fc_digits_add(parts->total, weight, FC_SQUARE_POINT);
	}
}

static void
carry_digits(const FcSurveyState *s, const FcSurveyParts *parts)
{
	for (int32_t j = 0; j < s->kind.d; j++)
	{
		uint64_t   *digits = fc_survey_digits(parts, j);

		if (parts->observed > 1)
			fc_digits_carry(digits, parts->observed);
		fc_digits_carry(digits + parts->observed, parts->sum);
		fc_digits_carry(digits + parts->observed + parts->sum, FC_SQUARE_DIGITS);
	}
	if (parts->total)
		fc_digits_carry(parts->total, FC_SQUARE_DIGITS);
	if (s->kind.categories)
		fc_survey_carry_words(s, &parts->words);
}

/* Rows of the block into ranges and sums */
void
fc_survey_flush(FcSurveyState *s, const FcSurveyParts *parts, int isa)
{
	for (int32_t first = 0; first < s->kind.d; first += TILE)
		flush_tile(s, parts, first, isa);
	if (parts->total)
		flush_weights(s, parts);
	s->filled = 0;
	if (++s->flushes < CARRY_EVERY)
		return;
	carry_digits(s, parts);
	s->flushes = 0;
}
