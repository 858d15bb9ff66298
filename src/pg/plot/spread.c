/*
 * spread.c - means and covariances of the points of clusters, of all rows
 *
 * Points are weighted by their memberships. The sums are exact (see digits.h), so they are
 * the same in any order of the rows and however these are divided among workers, and a
 * small spread far from zero is not lost.
 */
#include "postgres.h"

#include <math.h>

#include "miscadmin.h"

#include "core/digits.h"
#include "pg/plot/sample.h"

/* For centers, and further ones for ellipses */
typedef enum Sum
{
	SUM_WEIGHT,
	SUM_X,
	SUM_Y,
	SUMS_OF_CENTERS,
	SUM_XX = SUMS_OF_CENTERS,
	SUM_XY,
	SUM_YY,
	SUMS_OF_ELLIPSES
} Sum;

#define CARRY_EVERY (FC_MOST_ADDED / 32)	/* rows: of each up to 18 parts go to one digit */
#define PACKED_WORDS (1 + (FC_SQUARE_DIGITS + 1) / 2)

/* That a cluster needs */
int
fc_spread_sums(const PlotOptions *o)
{
	return o->ellipses > 0 ? SUMS_OF_ELLIPSES : o->centers ? SUMS_OF_CENTERS : 0;
}

Size
fc_spread_size(int sums, int clusters)
{
	return sizeof(uint64) * FC_SQUARE_DIGITS * sums * clusters;
}

static void
carry(uint64 *digits, int sums)
{
	for (int i = 0; i < sums; i++)
		fc_digits_carry(digits + i * FC_SQUARE_DIGITS, FC_SQUARE_DIGITS);
}

static uint64 *
sum_of(uint64 *digits, Sum sum)
{
	return digits + sum * FC_SQUARE_DIGITS;
}

/* rows: of the cluster, with this one */
void
fc_spread_add(uint64 *digits, int sums, const PlotPoint *p, int64 rows)
{
	if (sums == 0)
		return;
	fc_digits_add(sum_of(digits, SUM_WEIGHT), p->membership, FC_SQUARE_POINT);
	fc_digits_add_weighted(sum_of(digits, SUM_X), p->membership, p->x);
	fc_digits_add_weighted(sum_of(digits, SUM_Y), p->membership, p->y);
	if (sums == SUMS_OF_ELLIPSES)
	{
		fc_digits_add_weighted_square(sum_of(digits, SUM_XX), p->membership, p->x);
		fc_digits_add_weighted_product(sum_of(digits, SUM_XY), p->membership, p->x, p->y);
		fc_digits_add_weighted_square(sum_of(digits, SUM_YY), p->membership, p->y);
	}
	if (rows % CARRY_EVERY == 0)
		carry(digits, sums);
}

void
fc_spread_merge(uint64 *digits, const uint64 *from, int sums)
{
	carry(digits, sums);
	for (int i = 0; i < sums * FC_SQUARE_DIGITS; i++)
		digits[i] += from[i];
	carry(digits, sums);
}

/* The exponent of numbers as far apart as those of an axis */
static int
exponent_of(const PlotAxis *axis)
{
	double		half = axis->max / 2 - axis->min / 2;

	return half > 0 ? ilogb(half) + 1 : 0;
}

static PlotSpread
spread_of(const uint64 *digits, int sums, int x_exponent, int y_exponent)
{
	PlotSpread	s = {.x_exponent = x_exponent, .y_exponent = y_exponent};
	uint64		packed[SUMS_OF_ELLIPSES][PACKED_WORDS];

	for (int i = 0; i < sums; i++)
		(void) fc_digits_pack(digits + i * FC_SQUARE_DIGITS, FC_SQUARE_DIGITS, packed[i]);
	s.weight = fc_digits_weight(packed[SUM_WEIGHT]);
	if (s.weight <= 0)
		return s;
	s.x = fc_digits_weighted_mean(packed[SUM_WEIGHT], packed[SUM_X]);
	s.y = fc_digits_weighted_mean(packed[SUM_WEIGHT], packed[SUM_Y]);
	if (sums < SUMS_OF_ELLIPSES)
		return s;
	s.xx = fc_digits_weighted_covariance(packed[SUM_WEIGHT], packed[SUM_X], packed[SUM_X], packed[SUM_XX], 2 * x_exponent);
	s.xy = fc_digits_weighted_covariance(packed[SUM_WEIGHT], packed[SUM_X], packed[SUM_Y], packed[SUM_XY],
										 x_exponent + y_exponent);
	s.yy = fc_digits_weighted_covariance(packed[SUM_WEIGHT], packed[SUM_Y], packed[SUM_Y], packed[SUM_YY], 2 * y_exponent);
	return s;
}

/* (ncluster), or NULL if there are no sums; x, y: the axes that they are for */
PlotSpread *
fc_spreads(const PlotSample *s, const PlotAxis *x, const PlotAxis *y)
{
	PlotSpread *spread;

	if (s->sums == 0)
		return NULL;
	spread = palloc(s->plot.ncluster * sizeof(PlotSpread));
	for (int c = 0; c < s->plot.ncluster; c++)
	{
		CHECK_FOR_INTERRUPTS();
		spread[c] = spread_of(s->digits + fc_spread_size(s->sums, c) / sizeof(uint64), s->sums,
							  exponent_of(x), exponent_of(y));
	}
	return spread;
}
