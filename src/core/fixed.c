/*
 * fixed.c - sums of doubles that do not depend on the order
 *
 * A sum is a whole number of units in 256 bits.  A term is rounded to whole units
 * by itself, and whole numbers are added exactly, so sums of the same terms are
 * the same in any order, and however they were divided and merged.
 *
 * A unit is 2^-130 of the scale of the terms: a sum of n terms is off by at most
 * n / 2 units, far below what a double holds unless all terms are 2^-70 times
 * smaller than the scale.  Terms of up to 2^110 times the scale fit.  A sum beyond
 * 2^119 times the scale, or with a term that does not fit, is infinite and remains so;
 * that is the same for any order if terms are not negative.
 */
#include "core/fixed.h"

#include <math.h>
#include <string.h>

#include "core/bits.h"

#define BELOW		130			/* bits of a scale's unit */
#define MOST_BITS	240			/* a term is below 2^MOST_BITS units */
#define TOP			(FC_FIXED_WORDS - 1)
#define LIMIT		(INT64_C(1) << 57)	/* of the highest word */
#define INFINITE	(UINT64_C(1) << 62)

static int32_t
exponent_of(double scale)
{
	return scale > 0 && isfinite(scale) ? ilogb(scale) : 0;
}

int32_t
fc_fixed_unit(double scale)
{
	return exponent_of(scale) - BELOW;
}

int32_t
fc_fixed_square_unit(double scale)
{
	return 2 * exponent_of(scale) - BELOW;
}

bool
fc_fixed_is_infinite(const FcFixed *sum)
{
	return sum->word[TOP] == INFINITE;
}

void
fc_fixed_set_infinite(FcFixed *sum)
{
	memset(sum, 0, sizeof(FcFixed));
	sum->word[TOP] = INFINITE;
}

/* Beyond the limit, sums are infinite */
static inline void
settle(FcFixed *sum)
{
	int64_t		top = (int64_t) sum->word[TOP];

	if (top >= LIMIT || top < -LIMIT)
		fc_fixed_set_infinite(sum);
}

/* sum += low + 2^64 high, in units of 2^(64 at) */
static inline void
add_words(FcFixed *sum, int at, uint64_t low, uint64_t high)
{
	uint64_t	before = sum->word[at];
	uint64_t	carry;

	sum->word[at] += low;
	carry = sum->word[at] < before;
	for (at++; at < FC_FIXED_WORDS && (high | carry) != 0; at++)
	{
		uint64_t	term = high + carry;

		before = sum->word[at];
		sum->word[at] += term;
		carry = term < high || sum->word[at] < before;
		high = 0;
	}
}

static inline void
subtract_words(FcFixed *sum, int at, uint64_t low, uint64_t high)
{
	uint64_t	borrow = sum->word[at] < low;

	sum->word[at] -= low;
	for (at++; at < FC_FIXED_WORDS && (high | borrow) != 0; at++)
	{
		uint64_t	before = sum->word[at];
		uint64_t	term = high + borrow;

		sum->word[at] -= term;
		borrow = term < high || before < term;
		high = 0;
	}
}

/* m * 2^-shift, to the nearest, half up */
static inline uint64_t
rounded(uint64_t m, int32_t shift)
{
	return shift > 54 ? 0 : (m + (UINT64_C(1) << (shift - 1))) >> shift;
}

void
fc_fixed_add(FcFixed *sum, double x, int32_t unit)
{
	int32_t		exponent;
	uint64_t	m;

	if (x == 0 || fc_fixed_is_infinite(sum))
		return;
	m = fc_take_apart(x, &exponent);
	exponent += FC_LEAST_BIT - unit;
	if (!isfinite(x) || exponent > MOST_BITS - 53)
	{
		fc_fixed_set_infinite(sum);
		return;
	}
	if (exponent < 0)
	{
		m = rounded(m, -exponent);
		exponent = 0;
	}
	if (x > 0)
		add_words(sum, exponent / 64, m << exponent % 64, m >> 1 >> (63 - exponent % 64));
	else
		subtract_words(sum, exponent / 64, m << exponent % 64, m >> 1 >> (63 - exponent % 64));
	settle(sum);
}

void
fc_fixed_merge(FcFixed *to, const FcFixed *from)
{
	uint64_t	carry = 0;

	if (fc_fixed_is_infinite(to) || fc_fixed_is_infinite(from))
	{
		fc_fixed_set_infinite(to);
		return;
	}
	for (int i = 0; i < FC_FIXED_WORDS; i++)
	{
		uint64_t	term = from->word[i] + carry;

		carry = term < carry;
		to->word[i] += term;
		carry |= to->word[i] < term;
	}
	settle(to);
}

/* The sum as a double; infinite if it is */
double
fc_fixed_get(const FcFixed *sum, int32_t unit)
{
	FcFixed		amount = *sum;
	bool		negative = (int64_t) sum->word[TOP] < 0;
	double		result = 0;

	if (fc_fixed_is_infinite(sum))
		return INFINITY;
	if (negative)
	{
		memset(&amount, 0, sizeof(amount));
		for (int i = 0; i < FC_FIXED_WORDS; i++)
			subtract_words(&amount, i, sum->word[i], 0);
	}
	for (int i = TOP; i >= 0; i--)
		result += ldexp((double) amount.word[i], 64 * i + unit);
	return negative ? -result : result;
}
