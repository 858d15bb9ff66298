/*
 * fixed.c - sums that do not depend on the order
 */
#include "check.h"

#include <math.h>
#include <string.h>

#include "core/fixed.h"

#define TERMS	400

static FcFixed
sum_of(const double *x, const int *order, int n, int32_t unit)
{
	FcFixed		sum = {{0}};

	for (int i = 0; i < n; i++)
		fc_fixed_add(&sum, x[order[i]], unit);
	return sum;
}

static bool
same(const FcFixed *a, const FcFixed *b)
{
	return memcmp(a, b, sizeof(FcFixed)) == 0;
}

static void
shuffle(FcRng *r, int *order, int n)
{
	for (int i = 0; i < n; i++)
		order[i] = i;
	for (int i = n - 1; i > 0; i--)
	{
		int			other = (int) (fc_rng_next(r) % (uint64_t) (i + 1));
		int			held = order[i];

		order[i] = order[other];
		order[other] = held;
	}
}

/* Of either sign, from 2^-low to 2^high times the scale */
static double
term(FcRng *r, double scale, int low, int high)
{
	double		x = ldexp(1 + fc_rng_uniform(r), -low + (int) (fc_rng_next(r) % (uint64_t) (low + high)));

	return fc_rng_next(r) % 2 ? x * scale : -x * scale;
}

/* In any order, and divided and merged in any way */
static void
test_any_order(void)
{
	FcRng		r = {1};
	double		x[TERMS];
	int			order[TERMS];
	int			differ = 0;

	for (int trial = 0; trial < 300; trial++)
	{
		double		scale = ldexp(1, trial % 5 * 200 - 400);
		int32_t		unit = fc_fixed_unit(scale);
		int			part = (int) (fc_rng_next(&r) % TERMS);
		FcFixed		all;
		FcFixed		a;
		FcFixed		b;

		for (int i = 0; i < TERMS; i++)
			x[i] = term(&r, scale, 140, 100);
		shuffle(&r, order, TERMS);
		all = sum_of(x, order, TERMS, unit);
		shuffle(&r, order, TERMS);
		a = sum_of(x, order, part, unit);
		b = sum_of(x, order + part, TERMS - part, unit);
		fc_fixed_merge(&b, &a);
		differ += !same(&all, &b);
	}
	CHECK_EQ(differ, 0);
}

/* Whole numbers, whose sum is known */
static void
test_exact(void)
{
	FcFixed		sum = {{0}};
	int64_t		expected = 0;
	int64_t		wrong = 0;

	for (int64_t i = 1; i <= 3000; i++)
	{
		int64_t		x = (i * i * i * 7919) % 1000003 * (i % 3 ? 1 : -2) * (i % 5 ? 1 : 1000000);

		expected += x;
		fc_fixed_add(&sum, (double) x, fc_fixed_unit(1));
		wrong += fc_fixed_get(&sum, fc_fixed_unit(1)) != (double) expected;
	}
	CHECK_EQ(wrong, 0);
}

/* Large terms leave nothing behind when they are taken away again */
static void
test_cancellation(void)
{
	int32_t		unit = fc_fixed_unit(1);
	FcFixed		sum = {{0}};

	fc_fixed_add(&sum, 0.1, unit);
	for (int e = -60; e <= 108; e += 7)
		fc_fixed_add(&sum, ldexp(1.1, e), unit);
	for (int e = 108; e >= -60; e--)
		if ((e + 60) % 7 == 0)
			fc_fixed_add(&sum, -ldexp(1.1, e), unit);
	CHECK(fc_fixed_get(&sum, unit) == 0.1);
	fc_fixed_add(&sum, -0.1, unit);
	CHECK(same(&sum, &(FcFixed) {{0}}));
	fc_fixed_add(&sum, -1e-300, unit);
	CHECK(same(&sum, &(FcFixed) {{0}}));
	fc_fixed_add(&sum, -1e-39, unit);
	CHECK(fc_fixed_get(&sum, unit) < 0 && fc_fixed_get(&sum, unit) > -2e-39);
}

/* Units of any scale; squares of very large or small ones do not matter to them */
static void
test_units(void)
{
	static const double scale[] = {1, 3, 1e-300, 5e-324, 1e300, DBL_MAX};

	CHECK_EQ(fc_fixed_unit(0), fc_fixed_unit(1));
	CHECK_EQ(fc_fixed_square_unit(INFINITY), fc_fixed_unit(1));
	for (size_t i = 0; i < sizeof(scale) / sizeof(*scale); i++)
	{
		FcFixed		sum = {{0}};

		fc_fixed_add(&sum, scale[i], fc_fixed_unit(scale[i]));
		CHECK(fc_fixed_get(&sum, fc_fixed_unit(scale[i])) == scale[i]);
		fc_fixed_add(&sum, INFINITY, fc_fixed_unit(scale[i]));
		CHECK(fc_fixed_is_infinite(&sum));
	}
}

static bool
becomes_infinite(double x, int64_t times)
{
	FcFixed		sum = {{0}};

	for (int64_t i = 0; i < times; i++)
		fc_fixed_add(&sum, x, fc_fixed_unit(1));
	fc_fixed_add(&sum, 1, fc_fixed_unit(1));
	return isinf(fc_fixed_get(&sum, fc_fixed_unit(1)));
}

static void
test_infinite(void)
{
	FcFixed		sum = {{0}};
	FcFixed		other = {{1}};

	CHECK(becomes_infinite(INFINITY, 1) && becomes_infinite(NAN, 1) && becomes_infinite(-INFINITY, 1));
	CHECK(becomes_infinite(1e300, 1) && becomes_infinite(-1e300, 1));
	CHECK(!becomes_infinite(ldexp(1, 109), 1) && becomes_infinite(ldexp(1, 110), 1));
	CHECK(!becomes_infinite(ldexp(1, 109), 1000) && becomes_infinite(ldexp(1, 109), 5000));
	fc_fixed_set_infinite(&sum);
	fc_fixed_merge(&other, &sum);
	CHECK(fc_fixed_is_infinite(&other));
	other = (FcFixed) {{1}};
	fc_fixed_merge(&sum, &other);
	CHECK(fc_fixed_is_infinite(&sum));
}

int
main(void)
{
	test_any_order();
	test_exact();
	test_cancellation();
	test_units();
	test_infinite();
	return check_report("fixed");
}
