/*
 * fixed.c - sums of doubles that do not depend on the order
 *
 * A sum is a whole number of units, in digits of 52 bits.  A term is rounded to whole units
 * by itself, and whole numbers are added exactly, so sums of the same terms are
 * the same in any order, and however they were divided and merged.
 *
 * A term x of the scale s is p = x / (2^FC_FIXED_UNIT s), and the unit is 2^-155, 2^-123 of the
 * scale: a sum of n terms is off by at most n / 2 units, far below what a double holds unless
 * all terms are 2^-60 times smaller than the scale.  Almost all terms have |p| < 1 and are split
 * at three levels (see split_loops.h), each of which goes to a digit that has its unit:
 *
 *	p = (a 2^104 + b 2^52 + c) 2^-155	(eq. 1)	|a|, |b|, |c| <= 2^51
 *
 * Words hold the digits with room for many such terms, and digits are carried seldom.
 *
 * A term with |p| >= FAR makes its sum infinite, and that it remains.  No sum of
 * others reaches what the digits hold: 2^51 terms would be needed.
 */
#include "core/fixed.h"

#include <math.h>
#include <string.h>

#include "core/bits.h"
#include "core/variants.h"

#define LEVELS		3
#define DIGIT		52			/* bits */
#define LOWEST		155			/* the unit is 2^-LOWEST */
#define FAR			0x1p64
#define LARGEST		990			/* exponent of a scale: 2^-(LARGEST + FC_FIXED_UNIT) is a normal number */
#define TOP			(FC_FIXED_DIGITS - 1)
#define INFINITE	(UINT64_C(1) << 62)	/* top digit */
#define MOST_ADDED	4000		/* of up to 2^51 each, and what the digit was: below 2^63 */
#define LOW_BITS	((UINT64_C(1) << DIGIT) - 1)

#define FC_ONLY_F64
#define FC_VARIANTS_OF "core/fixed_loops.h"
#include "core/variants.h"

static bool (*const add_below_1[FC_ISAS]) (const double *, int32_t, uint64_t *, size_t) = FC_TABLE_F64(add_below_1);

int32_t
fc_fixed_exponent(double scale)
{
	int32_t		exponent = scale > 0 && isfinite(scale) ? ilogb(scale) : 0;

	return exponent > LARGEST ? LARGEST : exponent < -LARGEST ? -LARGEST : exponent;
}

static bool
is_infinite(const uint64_t *digit, size_t number)
{
	return digit[TOP * number] == INFINITE;
}

bool
fc_fixed_is_infinite(const FcFixed *f, size_t i)
{
	return is_infinite(f->digit + i, f->number);
}

/* Carries the digits of "count" sums that begin at "digit" */
static void
carry(uint64_t *digit, size_t number, size_t count)
{
	for (int l = 0; l < TOP; l++)
	{
		uint64_t   *low = digit + l * number;
		uint64_t   *high = low + number;

		for (size_t i = 0; i < count; i++)
		{
			high[i] += (uint64_t) ((int64_t) low[i] >> DIGIT);
			low[i] &= LOW_BITS;
		}
	}
}

static void
set_infinite(uint64_t *digit, size_t number)
{
	for (int l = 0; l < TOP; l++)
		digit[l * number] = 0;
	digit[TOP * number] = INFINITE;
}

static void
settle(uint64_t *digit, size_t number, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_infinite(digit + i, number))
			set_infinite(digit + i, number);
	carry(digit, number, count);
}

void
fc_fixed_settle(FcFixed *f)
{
	settle(f->digit, f->number, f->number);
	f->added = 0;
}

/* Any p, even one that is not a number */
static void
add_far(uint64_t *digit, size_t number, double p)
{
	int32_t		at;
	uint64_t	m = fc_take_apart(p, &at);
	uint64_t	sign = p < 0 ? -UINT64_C(1) : UINT64_C(1);

	if (is_infinite(digit, number))
		return;
	if (!(fabs(p) < FAR))
	{
		set_infinite(digit, number);
		return;
	}
	at += FC_LEAST_BIT + LOWEST;
	digit += at / DIGIT * number;
	digit[0] += sign * (m << at % DIGIT & LOW_BITS);
	digit[number] += sign * (m >> (DIGIT - at % DIGIT));
}

static void
add_each(FcFixed *f, size_t first, const double *x, int32_t n)
{
	for (int32_t i = 0; i < n; i++)
	{
		double		one[FC_FIXED_PAD + 1] = {x[i]};
		uint64_t   *digit = f->digit + first + i;

		if (add_below_1[FC_ISA_BASE] (one, 1, digit, f->number))
			continue;
		add_far(digit, f->number, x[i]);
		settle(digit, f->number, 1);
	}
}

void
fc_fixed_add(FcFixed *f, size_t first, const double *x, int32_t n, int isa)
{
	if (f->added++ == MOST_ADDED)
		fc_fixed_settle(f);
	if (!add_below_1[isa] (x, n, f->digit + first, f->number))
		add_each(f, first, x, n);
}

void
fc_fixed_merge(FcFixed *to, FcFixed *from)
{
	fc_fixed_settle(to);
	fc_fixed_settle(from);
	for (size_t i = 0; i < to->number; i++)
	{
		if (fc_fixed_is_infinite(to, i) || fc_fixed_is_infinite(from, i))
		{
			set_infinite(to->digit + i, to->number);
			continue;
		}
		for (size_t l = 0; l < FC_FIXED_DIGITS; l++)
			to->digit[l * to->number + i] += from->digit[l * to->number + i];
	}
	fc_fixed_settle(to);
}

double
fc_fixed_get(const FcFixed *f, size_t i, int32_t exponent)
{
	uint64_t	digit[FC_FIXED_DIGITS];
	uint64_t	sign = 1;
	double		result = 0;

	if (fc_fixed_is_infinite(f, i))
		return INFINITY;
	for (size_t l = 0; l < FC_FIXED_DIGITS; l++)
		digit[l] = f->digit[l * f->number + i];
	carry(digit, 1, 1);
	if ((int64_t) digit[TOP] < 0)
	{
		sign = -UINT64_C(1);
		for (int l = 0; l < FC_FIXED_DIGITS; l++)
			digit[l] *= sign;
		carry(digit, 1, 1);
	}
	for (int l = TOP; l >= 0; l--)
		result += ldexp((double) digit[l], DIGIT * l - LOWEST);
	return ldexp(sign == 1 ? result : -result, exponent + FC_FIXED_UNIT);
}
