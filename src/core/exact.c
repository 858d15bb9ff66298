/*
 * exact.c - sums that do not depend on the order of what is added
 *
 * Every number is rounded by itself to a multiple of a fixed unit and then added as an integer:
 * integers have no order.  Numbers are first divided by a power of two that is known before, so that
 * they are below 1 (the grid); those few that are not are added as they are, to lists of digits.
 *
 *	p = w x						(eq. 1)
 *	a = round(p 2^22)			(eq. 2)		float32; in float64 a = round(p 2^51), and no b
 *	b = round((p - a 2^-22) 2^45)	(eq. 3)
 *	sum of p = sum of a 2^-22 + sum of b 2^-45
 *
 * 3 + p has the bits of 3 plus a (eq. 2): between 2 and 4, a float32 has units of 2^-22 and a float64
 * of 2^-51.  So the bits themselves are added, as integers of a lane's size, and those of 3 are
 * subtracted once for all rows.  Eq. 3 is the same with 3 2^-23.  A sum is exact then: |a| is at most 2^22
 * and a lane of 32 bits gets at most FC_EXACT_ROWS / 4 of them, 2^30 together; of 64 bits, 2^51 times
 * FC_EXACT_ROWS / 2 is 2^60.
 *
 * A sum has 128 bits, two's complement.  Each row adds less than 2^51 units, or 2^45, so that 2^76 rows would
 * be needed to exceed it; rows are counted in 63 bits.
 *
 * Beyond the grid, a number is the sum of at most three digits times a power of 2^32.  Digits are
 * signed, -2^31 to 2^31 - 1: every sum then has exactly one list of digits that are not 0, in
 * the order of their places, which is the one that is stored.
 */
#include "core/exact.h"

#include <math.h>

#define SECOND_BITS	(FC_EXACT_F32 - 22)

#define FC_VARIANTS_OF "core/exact_loops.h"
#include "core/variants.h"

#ifdef FC_X86
#define OPS(precision, isa) {to_grid_##precision##_##isa, weights_to_grid_##precision##_##isa, relative_to_##precision##_##isa, \
	products_##precision##_##isa, weights_##precision##_##isa, rows_##precision##_##isa}
#else
#define OPS(precision, isa) {to_grid_##precision##_base, weights_to_grid_##precision##_base, relative_to_##precision##_base, \
	products_##precision##_base, weights_##precision##_base, rows_##precision##_base}
#endif

static const FcExactOps ops[FC_ISAS][2] = {
	{OPS(f32, base), OPS(f64, base)},
	{OPS(f32, avx2), OPS(f64, avx2)},
	{OPS(f32, avx512), OPS(f64, avx512)},
};

const FcExactOps *
fc_exact_ops(int isa, FcPrecision precision)
{
	return &ops[isa][precision];
}

/* ---- digits ---- */

/* The digit of a sum that belongs to its place; *sum becomes what is carried to the next one */
static int64_t
take_digit(int64_t *sum)
{
	int64_t		digit = (int32_t) (uint32_t) *sum;

	*sum = (*sum - digit) >> 32;
	return digit;
}

/* Writes the digits of a finite value of sum number "sum", and returns how many: at most FC_MOST_DIGITS */
int
fc_exact_digits(FcDigit *to, uint64_t sum, double value)
{
	int			exponent;
	int64_t		mantissa = (int64_t) ldexp(frexp(value, &exponent), 53);
	int			place = (exponent - 53 + 32 * FC_PLACE_0) / 32;	/* rounded down: the numerator is positive */
	int			shift = exponent - 53 + 32 * FC_PLACE_0 - 32 * place;
	int64_t		lowest = (int64_t) (uint32_t) ((uint64_t) mantissa << shift);
	int64_t		rest = take_digit(&lowest);
	int			count = 0;

	/* "lowest" is now what its sign carries */
	for (int64_t digit = rest, above = (mantissa >> (32 - shift)) + lowest;; digit = take_digit(&above))
	{
		if (digit != 0)
			to[count++] = (FcDigit) {sum * FC_PLACES + place, digit};
		place++;
		if (above == 0)
			return count;
	}
}

static void
sift(FcDigit *a, size_t at, size_t count)
{
	FcDigit		moved = a[at];

	for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1)
	{
		if (child + 1 < count && a[child].key < a[child + 1].key)
			child++;
		if (a[child].key <= moved.key)
			break;
		a[at] = a[child];
		at = child;
	}
	a[at] = moved;
}

static bool
is_sorted(const FcDigit *a, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (a[i].key < a[i - 1].key)
			return false;
	return true;
}

/* By keys, in place */
static void
sort(FcDigit *a, size_t count)
{
	if (is_sorted(a, count))
		return;
	for (size_t i = count / 2; i-- > 0;)
		sift(a, i, count);
	for (size_t last = count; last-- > 1;)
	{
		FcDigit		largest = a[0];

		a[0] = a[last];
		a[last] = largest;
		sift(a, 0, last);
	}
}

/*
 * Adds up digits of the same place, and carries: the list becomes the only one of its numbers.  It
 * never grows, as only two or more digits have a carry.  Returns the new count.
 */
size_t
fc_exact_settle(FcDigit *digits, size_t count)
{
	size_t		kept = 0;
	int64_t		carry = 0;
	uint64_t	place = 0;		/* key of the carry */

	sort(digits, count);
	for (size_t i = 0; i < count || carry != 0;)
	{
		int64_t		sum = carry;
		int64_t		digit;

		if (carry == 0)
			place = digits[i].key;
		for (; i < count && digits[i].key == place; i++)
			sum += digits[i].digit;
		digit = take_digit(&sum);
		carry = sum;
		if (digit != 0)
			digits[kept++] = (FcDigit) {place, digit};
		place++;
	}
	return kept;
}

/* The first digit of sum number "sum", or of one after it */
size_t
fc_exact_find(const FcDigit *digits, size_t count, uint64_t sum)
{
	size_t		low = 0;

	while (low < count)
	{
		size_t		middle = low + (count - low) / 2;

		if (digits[middle].key < sum * FC_PLACES)
			low = middle + 1;
		else
			count = middle;
	}
	return low;
}

/* ---- to the nearest double ---- */

/* The number with these leading 64 bits, and others after them or not, times 2^exponent */
static double
nearest(uint64_t high, uint64_t low, int32_t exponent)
{
	int			shift;

	if (high == 0)
		return ldexp((double) low, exponent);
	shift = __builtin_clzll(high);
	if (shift > 0)
	{
		high = high << shift | low >> (64 - shift);
		low <<= shift;
	}
	return ldexp((double) (high | (low != 0)), exponent + 64 - shift);
}

static double
value_of_sum(const uint64_t *sum, int32_t exponent)
{
	uint64_t	low = sum[0];
	uint64_t	high = sum[1];

	if (!fc_exact_is_negative(sum))
		return nearest(high, low, exponent);
	return -nearest(~high + (low == 0), ~low + 1, exponent);
}

#define WORDS	(FC_MOST_PLACE - FC_LEAST_PLACE + 6)

/* Adds the sum to digits, the first of which is that of FC_LEAST_PLACE */
static void
add_sum(int64_t *digit, const uint64_t *sum, int bits)
{
	int			place = (32 * FC_PLACE_0 - bits) / 32;
	int			shift = 32 * FC_PLACE_0 - bits - 32 * place;

	for (int i = 0; i < 4; i++)
	{
		uint64_t	word = sum[i / 2] >> (32 * (i % 2)) & UINT32_MAX;
		uint64_t	moved = word << shift;

		if (i == 3 && fc_exact_is_negative(sum))
			moved -= (UINT64_C(1) << 32) << shift;
		digit[place - FC_LEAST_PLACE + i] += (int64_t) (moved & UINT32_MAX);
		digit[place - FC_LEAST_PLACE + i + 1] += (int64_t) moved >> 32;
	}
}

/* Makes all digits but the last 0 to 2^32 - 1; true if the number is negative */
static bool
carry_on(int64_t *digit)
{
	for (int i = 0; i + 1 < WORDS; i++)
	{
		digit[i + 1] += digit[i] >> 32;
		digit[i] &= UINT32_MAX;
	}
	return digit[WORDS - 1] < 0;
}

/*
 * (sum 2^-bits + digits) 2^exponent, correctly rounded; digits (count) are those of this sum alone
 */
double
fc_exact_value(const uint64_t *sum, int bits, const FcDigit *digits, size_t count, int32_t exponent)
{
	int64_t		digit[WORDS] = {0};
	bool		negative;
	int			top = WORDS - 1;
	bool		rest = false;

	if (count == 0)
		return value_of_sum(sum, exponent - bits);
	add_sum(digit, sum, bits);
	for (size_t i = 0; i < count; i++)
		digit[digits[i].key % FC_PLACES - FC_LEAST_PLACE] += digits[i].digit;
	negative = carry_on(digit);
	if (negative)
	{
		for (int i = 0; i < WORDS; i++)
			digit[i] = -digit[i];
		carry_on(digit);
	}
	while (top > 3 && digit[top] == 0)
		top--;
	for (int i = 0; i < top - 3; i++)
		rest = rest || digit[i] != 0;
	exponent += 32 * (top - 3 + FC_LEAST_PLACE - FC_PLACE_0);
	{
		double		value = nearest((uint64_t) digit[top] << 32 | (uint64_t) digit[top - 1],
									(uint64_t) digit[top - 2] << 32 | (uint64_t) digit[top - 3] | rest, exponent);

		return negative ? -value : value;
	}
}
