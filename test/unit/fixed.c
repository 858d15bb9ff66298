/*
 * fixed.c - sums that do not depend on the order
 */
#include "check.h"

#include <math.h>
#include <string.h>

#include "core/fixed.h"
#include "core/variants.h"

#define TERMS	400
#define SUMS	19
#define WORDS	(FC_FIXED_DIGITS * SUMS)
#define ONE		(1.0 / (UINT64_C(1) << FC_FIXED_UNIT))	/* what terms with the scale 1 are divided by */

/* Sums of all lanes get the same terms, so that each place among them is tested */
typedef struct Sums
{
	FcFixed		fixed;
	uint64_t	word[WORDS];
} Sums;

static Sums *
sums_begin(Sums *s)
{
	*s = (Sums) {.fixed = {.number = SUMS, .digit = s->word}};
	return s;
}

/* x to the first n sums */
static void
add(Sums *s, double x, int32_t n, int isa)
{
	double		terms[SUMS + FC_FIXED_PAD] = {0};

	for (int32_t i = 0; i < n; i++)
		terms[i] = x * ONE;
	fc_fixed_add(&s->fixed, 0, terms, n, isa);
}

static void
add_all(Sums *s, const double *x, const int *order, int n, int isa)
{
	for (int i = 0; i < n; i++)
		add(s, x[order[i]], SUMS, isa);
	fc_fixed_settle(&s->fixed);
}

static bool
same(const Sums *a, const Sums *b)
{
	return memcmp(a->word, b->word, sizeof(a->word)) == 0;
}

/* Do all sums have the digits of the first? */
static bool
alike(const Sums *s)
{
	for (int l = 0; l < FC_FIXED_DIGITS; l++)
		for (int i = 1; i < SUMS; i++)
			if (s->word[l * SUMS + i] != s->word[l * SUMS])
				return false;
	return true;
}

static double
get(const Sums *s)
{
	return fc_fixed_get(&s->fixed, SUMS - 1, 0);
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

/* Of either sign, from 2^-low to 2^high */
static double
term(FcRng *r, int low, int high)
{
	double		x = ldexp(1 + fc_rng_uniform(r), -low + (int) (fc_rng_next(r) % (uint64_t) (low + high)));

	return fc_rng_next(r) % 2 ? x : -x;
}

/* In any order, with any instruction set, and divided and merged in any way */
static void
test_any_order(void)
{
	FcRng		r = {1};
	double		x[TERMS];
	int			order[TERMS];
	int			differ = 0;

	for (int trial = 0; trial < 200; trial++)
	{
		int			part = (int) (fc_rng_next(&r) % TERMS);
		Sums		all;
		Sums		a;
		Sums		b;

		for (int i = 0; i < TERMS; i++)
			x[i] = term(&r, 140, trial % 2 ? 30 : 95);
		shuffle(&r, order, TERMS);
		add_all(sums_begin(&all), x, order, TERMS, FC_ISA_BASE);
		shuffle(&r, order, TERMS);
		add_all(sums_begin(&a), x, order, part, (int) (fc_rng_next(&r) % (uint64_t) (fc_best_isa() + 1)));
		add_all(sums_begin(&b), x, order + part, TERMS - part, fc_best_isa());
		fc_fixed_merge(&b.fixed, &a.fixed);
		differ += !same(&all, &b) || !alike(&all);
	}
	CHECK_EQ(differ, 0);
}

/* Whole numbers, whose sum is known; more of them than are added without a carry */
static void
test_exact(void)
{
	Sums		s;
	int64_t		expected = 0;
	int64_t		wrong = 0;

	sums_begin(&s);
	for (int64_t i = 1; i <= 13000; i++)
	{
		int64_t		x = (i * i % 1000003 * i % 1000003 * 7919) % 1000003 * (i % 3 ? 1 : -2) * (i % 5 ? 1 : 1000000);

		expected += x;
		add(&s, (double) x, SUMS, fc_best_isa());
		wrong += get(&s) != (double) expected;
	}
	CHECK_EQ(wrong, 0);
}

/* As many of the largest terms that are added without a carry as possible, of one sign */
static void
test_full_digits(void)
{
	static const double largest[] = {1 - 0x1p-53, -1 + 0x1p-53};

	for (int sign = 0; sign < 2; sign++)
		for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
		{
			Sums		s;
			double		x = largest[sign] / ONE;

			sums_begin(&s);
			for (int i = 0; i < 20000; i++)
				add(&s, x, SUMS, isa);
			CHECK(get(&s) == 20000 * x && alike(&s));
		}
}

/* Sums behind those that are added stay as they are */
static void
test_others(void)
{
	for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
		for (int n = 1; n <= SUMS; n++)
		{
			Sums		s;
			int			wrong = 0;

			sums_begin(&s);
			add(&s, 1.5, SUMS, isa);
			add(&s, -0.25, n, isa);
			add(&s, 1e20, n, isa);
			for (int i = 0; i < SUMS; i++)
				wrong += fc_fixed_get(&s.fixed, (size_t) i, 0) != (i < n ? 1e20 + 1.25 : 1.5);
			CHECK_EQ(wrong, 0);
		}
}

/* Large terms leave nothing behind when they are taken away again */
static void
test_cancellation(void)
{
	Sums		s;
	Sums		none;
	int			isa = fc_best_isa();

	sums_begin(&none);
	sums_begin(&s);
	add(&s, 0.1, SUMS, isa);
	for (int e = -60; e <= 94; e += 7)
		add(&s, ldexp(1.1, e), SUMS, isa);
	for (int e = 94; e >= -60; e--)
		if ((e + 60) % 7 == 0)
			add(&s, -ldexp(1.1, e), SUMS, isa);
	CHECK(get(&s) == 0.1);
	add(&s, -0.1, SUMS, isa);
	fc_fixed_settle(&s.fixed);
	CHECK(same(&s, &none));
	add(&s, -1e-300, SUMS, isa);
	add(&s, -0.0, SUMS, isa);
	fc_fixed_settle(&s.fixed);
	CHECK(same(&s, &none));
	add(&s, -1e-36, SUMS, isa);
	CHECK(get(&s) < 0 && get(&s) > -2e-36);
}

/* Of any scale, and squares of it */
static void
test_exponents(void)
{
	static const double scale[] = {1, 3, 1e-300, 5e-324, 1e300, DBL_MAX};

	CHECK_EQ(fc_fixed_exponent(0), 0);
	CHECK_EQ(fc_fixed_exponent(INFINITY), 0);
	for (size_t i = 0; i < sizeof(scale) / sizeof(*scale); i++)
	{
		int32_t		exponent = fc_fixed_exponent(scale[i]);
		double		unit = ldexp(1, -exponent);
		Sums		s;

		CHECK(isnormal(unit) && isnormal(unit * ONE));
		sums_begin(&s);
		add(&s, scale[i] * unit, SUMS, fc_best_isa());
		CHECK(fc_fixed_get(&s.fixed, 0, exponent) == scale[i]);
	}
}

static bool
becomes_infinite(double x)
{
	bool		always = true;

	for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
	{
		Sums		s;

		sums_begin(&s);
		add(&s, 1, SUMS, isa);
		add(&s, x, SUMS, isa);
		for (int i = 0; i < 9000; i++)
			add(&s, -0.7, SUMS, isa);
		fc_fixed_settle(&s.fixed);
		always = always && isinf(get(&s)) && alike(&s);
	}
	return always;
}

static void
test_infinite(void)
{
	Sums		s;
	Sums		infinite;
	Sums		held;

	CHECK(becomes_infinite(INFINITY) && becomes_infinite(NAN) && becomes_infinite(-INFINITY));
	CHECK(becomes_infinite(1e300) && becomes_infinite(-1e300));
	CHECK(!becomes_infinite(-ldexp(1.9, 95)) && becomes_infinite(ldexp(1, 96)));
	sums_begin(&s);
	add(&s, -0.3, SUMS, fc_best_isa());
	sums_begin(&infinite);
	add(&infinite, 1e200, SUMS, fc_best_isa());
	held = s;
	held.fixed.digit = held.word;
	fc_fixed_merge(&s.fixed, &infinite.fixed);
	CHECK(isinf(get(&s)) && same(&s, &infinite));
	fc_fixed_merge(&infinite.fixed, &held.fixed);
	CHECK(isinf(get(&infinite)) && same(&s, &infinite));
}

int
main(void)
{
	test_any_order();
	test_exact();
	test_full_digits();
	test_others();
	test_cancellation();
	test_exponents();
	test_infinite();
	return check_report("fixed");
}
