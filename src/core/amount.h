/*
 * amount.h - numbers of rows, and weights of rows, whose sums are exact
 *
 * An amount is a whole number of 2^-74, below 2^54: so sums do not depend on the order.
 */
#ifndef FC_AMOUNT_H
#define FC_AMOUNT_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define FC_AMOUNT_BITS	10		/* of the high part that are below 1 */

typedef struct FcAmount
{
	uint64_t	high;
	uint64_t	low;
} FcAmount;

/* 0 to 2^53 */
static inline FcAmount
fc_amount_of_count(int64_t n)
{
	return (FcAmount) {(uint64_t) n << FC_AMOUNT_BITS, 0};
}

/* Likewise; to the nearest amount */
static inline FcAmount
fc_amount_of_weight(double weight)
{
	double		scaled = ldexp(weight, FC_AMOUNT_BITS);
	uint64_t	high = (uint64_t) scaled;

	return (FcAmount) {high, (uint64_t) rint(ldexp(scaled - (double) high, 64))};
}

static inline FcAmount
fc_amount_plus(FcAmount a, FcAmount b)
{
	uint64_t	low = a.low + b.low;

	return (FcAmount) {a.high + b.high + (low < a.low), low};
}

/* a is at least b */
static inline FcAmount
fc_amount_minus(FcAmount a, FcAmount b)
{
	return (FcAmount) {a.high - b.high - (a.low < b.low), a.low - b.low};
}

static inline bool
fc_amount_is_less(FcAmount a, FcAmount b)
{
	return a.high != b.high ? a.high < b.high : a.low < b.low;
}

static inline bool
fc_amount_is_same(FcAmount a, FcAmount b)
{
	return a.high == b.high && a.low == b.low;
}

static inline double
fc_amount_value(FcAmount a)
{
	return ldexp((double) a.high, -FC_AMOUNT_BITS) + ldexp((double) a.low, -FC_AMOUNT_BITS - 64);
}

#endif
