/*
 * logic.c - tests of the operators and distances of fuzzy logic
 *
 * What the algebra promises, for every generator; numbers of an independent
 * implementation are in golden_logic.c.
 */
#include "core/logic.h"
#include "core/variants.h"
#include "check.h"

#include <float.h>
#include <string.h>

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

/* from end to end, with neighbours that differ by one unit in the last place */
static const double points[] = {
	0, DBL_TRUE_MIN, DBL_MIN, 1e-300, 1e-20, 1e-9, 0.01, 0.2, 0.25, 0.3, 0.3 + DBL_EPSILON / 4,
	0.45, 0.5 - DBL_EPSILON / 4, 0.5, 0.5 + DBL_EPSILON / 2, 0.6, 0.75, 0.9, 0.99, 1 - 1e-9,
	1 - DBL_EPSILON, 1 - DBL_EPSILON / 2, 1
};

/* where the operators can be composed without loss */
static const double inner[] = {0.05, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 0.9};

static const double elements[] = {FC_LOGIC_MARGIN, 0.3, 0.5, 0.73, 0.95, 1 - FC_LOGIC_MARGIN};

typedef void (*Test) (const FcLogic *l);

/* A test for each generator, theta and vartheta */
static void
with_all_logics(Test test)
{
	for (const FcGenerator *g = fc_generators; g->name != NULL; g++)
		for (int i = 0; i < COUNT(elements); i++)
			for (int j = 0; j < COUNT(elements); j++)
			{
				FcLogic		l;

				fc_logic_begin(&l, g, elements[i], elements[j]);
				test(&l);
			}
}

static double
sigma_of(const FcLogic *l, double x, double y)
{
	return fc_logical_sigma(l, &x, &y, 1);
}

static double
distance_of(const FcLogic *l, double x, double y)
{
	return fc_logical_distance(l, sigma_of(l, x, y));
}

/* a value in (0, 1) for every i, from a sequence that fills the interval evenly */
static double
spread(int i)
{
	double		v = i * 0.6180339887498949;

	return 0.001 + 0.998 * (v - floor(v));
}

static void
test_names(void)
{
	CHECK(fc_find_generator("logit", 5) == &fc_generators[0]);
	CHECK(fc_find_generator("cauchy and more", 6) != NULL);
	CHECK(fc_find_generator("logit", 4) == NULL);
	CHECK(fc_find_generator("logits", 6) == NULL);
	CHECK(fc_find_generator("", 0) == NULL);
}

/* ---- generators ---- */

static void
test_generator(const FcLogic *l)
{
	const FcGenerator *g = l->generator;
	double		before = -INFINITY;

	CHECK(fabs(g->forward(l->theta.e, &l->theta)) < 1e-15 * (1 + fabs(l->theta.parameter)));
	CHECK(g->forward(0, &l->theta) == -INFINITY);
	CHECK(g->forward(1, &l->theta) == INFINITY);
	CHECK(g->inverse(-INFINITY, &l->theta) == 0);
	CHECK(g->inverse(INFINITY, &l->theta) == 1);
	for (int i = 0; i < COUNT(points); i++)
	{
		double		z = g->forward(points[i], &l->theta);

		CHECK(z >= before);
		before = z;
	}
	for (int i = 0; i < COUNT(inner); i++)
	{
		double		z = g->forward(inner[i], &l->theta);

		/* a theta at the margin shifts so far that digits are lost */
		CHECK_NEAR(g->inverse(z, &l->theta), inner[i], 1e-15 * (1e3 + fabs(l->theta.parameter)));
	}
}

/* Power: at e = 1/2 the logit, near 1 the logarithm of the distance to it */
static void
test_power(void)
{
	FcZero		half[2];
	FcZero		other = {0.3, fc_generators[1].parameter(0.3)};
	double		x = 1 - 1e-13;

	for (int g = 0; g < 2; g++)
	{
		half[g].e = 0.5;
		half[g].parameter = fc_generators[g].parameter(0.5);
	}
	for (int i = 1; i < COUNT(points) - 1; i++)
		CHECK_NEAR(fc_generators[0].forward(points[i], &half[0]), fc_generators[1].forward(points[i], &half[1]), 1e-14);
	CHECK_NEAR(fc_generators[1].forward(x, &other), -log(other.parameter * (1 - x)), 1e-12);
}

/* From one algebra to the other and back, and the same as by way of the interval */
static void
test_carry(const FcLogic *l)
{
	const FcGenerator *g = l->generator;

	for (double z = -100; z <= 100; z += 0.5)
	{
		double		there = g->carry(z, &l->theta, &l->vartheta);

		CHECK(there >= g->carry(z - 0.5, &l->theta, &l->vartheta));
		if (fabs(z) <= 3 && l->theta.e > 0.05 && l->theta.e < 0.9 && l->vartheta.e > 0.05 && l->vartheta.e < 0.9)
		{
			CHECK_NEAR(g->forward(g->inverse(z, &l->theta), &l->vartheta), there, 1e-12);
			CHECK_NEAR(g->carry(there, &l->vartheta, &l->theta), z, 1e-12);
		}
	}
	CHECK(g->carry(-INFINITY, &l->theta, &l->vartheta) == -INFINITY);
	CHECK(g->carry(INFINITY, &l->theta, &l->vartheta) == INFINITY);
}

/* The asymptote of the power generator takes over without a step */
static void
test_asymptote(void)
{
	FcZero		from = {0.3, fc_generators[1].parameter(0.3)};

	for (int i = 0; i < COUNT(elements); i++)
	{
		FcZero		to = {elements[i], fc_generators[1].parameter(elements[i])};
		double		before = fc_generators[1].carry(10, &from, &to);

		for (double z = 10.125; z < 80; z += 0.125)
		{
			double		there = fc_generators[1].carry(z, &from, &to);

			CHECK(there > before && there - before < 0.125 * fmax(1, to.parameter / from.parameter) + 1e-9);
			before = there;
		}
	}
}

/* ---- operators ---- */

static void
test_uninorm(const FcLogic *l)
{
	double		theta = l->theta.e;
	double		close = 1e-13 * (10 + fabs(l->theta.parameter));

	for (int i = 0; i < COUNT(points); i++)
	{
		CHECK(fc_uninorm(l, points[i], theta) == points[i]);
		CHECK(fc_uninorm(l, theta, points[i]) == points[i]);
		for (int j = 0; j < COUNT(points); j++)
		{
			double		both = fc_uninorm(l, points[i], points[j]);

			CHECK(both >= 0 && both <= 1);
			CHECK(both == fc_uninorm(l, points[j], points[i]));
		}
	}
	for (int i = 0; i < COUNT(inner); i++)
		for (int j = 0; j < COUNT(inner); j++)
			CHECK_NEAR(fc_uninorm(l, fc_uninorm(l, inner[i], inner[j]), 0.35),
					   fc_uninorm(l, inner[i], fc_uninorm(l, inner[j], 0.35)), close);
	CHECK(fc_uninorm(l, 0, 1) == 0 && fc_uninorm(l, 1, 0) == 0);
	CHECK(fc_uninorm(l, 0, 0) == 0 && fc_uninorm(l, 1, 1) == 1);
	CHECK(fc_uninorm(l, 0, 0.5) == 0 && fc_uninorm(l, 1, 0.5) == 1);
}

static void
test_absorbing_norm(const FcLogic *l)
{
	double		vartheta = l->vartheta.e;

	for (int i = 0; i < COUNT(points); i++)
	{
		CHECK(fc_absorbing_norm(l, points[i], vartheta) == vartheta);
		CHECK(fc_absorbing_norm(l, vartheta, points[i]) == vartheta);
		CHECK(fc_absorbing_norm(l, points[i], nextafter(vartheta, 1)) >= 0);	/* not NaN */
		for (int j = 0; j < COUNT(points); j++)
		{
			double		both = fc_absorbing_norm(l, points[i], points[j]);

			CHECK(both >= 0 && both <= 1);
			CHECK(both == fc_absorbing_norm(l, points[j], points[i]));
			if ((points[i] > vartheta) == (points[j] > vartheta))
				CHECK(both >= vartheta * (1 - DBL_EPSILON));
			else
				CHECK(both <= vartheta * (1 + DBL_EPSILON));
		}
	}
	CHECK(fc_absorbing_norm(l, 0, 0) == 1 && fc_absorbing_norm(l, 1, 1) == 1);
	CHECK(fc_absorbing_norm(l, 0, 1) == 0 && fc_absorbing_norm(l, 1, 0) == 0);
}

static void
test_not(const FcLogic *l)
{
	CHECK(fc_logical_not(l, 0) == 1 && fc_logical_not(l, 1) == 0);
	CHECK_NEAR(fc_logical_not(l, l->theta.e), l->theta.e, 1e-15);
	if (l->theta.e < 0.25 || l->theta.e > 0.75)
		return;					/* the negation is too near to 1 to have the digits for the way back */
	for (int i = 0; i < COUNT(inner); i++)
	{
		CHECK_NEAR(fc_logical_not(l, fc_logical_not(l, inner[i])), inner[i], 1e-12);
		CHECK_NEAR(fc_uninorm(l, inner[i], fc_logical_not(l, inner[i])), l->theta.e, 1e-12);
	}
}

/* D as eq. 3 says it, by the operators */
static double
composed(const FcLogic *l, double x, double y)
{
	return fc_logical_not(l, fc_absorbing_norm(l, fc_uninorm(l, x, fc_logical_not(l, y)),
											   fc_uninorm(l, y, fc_logical_not(l, x))));
}

static void
test_composition(const FcLogic *l)
{
	if (l->theta.e < 0.25 || l->theta.e > 0.75 || l->vartheta.e < 0.25 || l->vartheta.e > 0.75)
		return;
	for (int i = 0; i < COUNT(inner); i++)
		for (int j = 0; j < COUNT(inner); j++)
		{
			double		x[2] = {inner[i], inner[j]};
			double		y[2] = {inner[j], 0.45};
			double		first = composed(l, x[0], y[0]);
			double		both = fc_uninorm(l, first, composed(l, x[1], y[1]));

			CHECK_NEAR(fc_logical_dissimilarity(l, fc_logical_sigma(l, x, y, 1)), first, 1e-9);
			CHECK_NEAR(fc_logical_dissimilarity(l, fc_logical_sigma(l, x, y, 2)), both, 1e-9);
		}
}

/* ---- the lemmas: theta = vartheta ---- */

static void
test_semi_metric(const FcLogic *l)
{
	if (l->theta.e != l->vartheta.e)
		return;
	for (int i = 0; i < COUNT(points); i++)
		for (int j = 0; j < COUNT(points); j++)
		{
			double		sigma = sigma_of(l, points[i], points[j]);
			double		dissimilarity = fc_logical_dissimilarity(l, sigma);
			double		distance = fc_logical_distance(l, sigma);

			CHECK(sigma == sigma_of(l, points[j], points[i]));
			CHECK(i == j ? sigma == 0 : sigma >= 0);
			CHECK(i == j ? dissimilarity == l->theta.e : dissimilarity >= l->theta.e * (1 - DBL_EPSILON));
			CHECK(dissimilarity <= 1);
			CHECK(distance >= 0 && distance <= 1);
			CHECK(i != j || distance == 0);
			/* the logit tells every two numbers apart, even neighbours */
			if (l->generator == fc_generators && i != j)
				CHECK(sigma > 0 && distance > 0);
		}
}

/* A little farther is never less */
static void
test_monotone(const FcLogic *l)
{
	double		before = 0;

	for (double sigma = 1e-30; sigma < 1e30; sigma *= 4)
	{
		double		distance = fc_logical_distance(l, sigma);

		CHECK(distance >= before * (1 - 2 * DBL_EPSILON) && distance <= 1);
		before = distance;
	}
	CHECK(before > 1 - 1e-9);
	CHECK(fc_logical_distance(l, INFINITY) == 1);
	CHECK(fc_logical_dissimilarity(l, INFINITY) == 1);
	CHECK(fc_logical_distance(l, 0) == 0 && fc_logical_distance(l, -1e300) == 0);
	CHECK(fc_logical_dissimilarity(l, 0) == l->theta.e);
	CHECK(fc_logical_dissimilarity(l, -INFINITY) == 0);
}

/* No digits are lost near 0: the distance is the slope there times Sigma */
static void
test_small(const FcLogic *l)
{
	double		step = fc_logical_distance(l, 1e-100);

	CHECK(step > 0 || l->theta.e < 0.05 || l->theta.e > 0.9);
	for (double sigma = 1e-100; sigma < 1e-12; sigma *= 100)
		CHECK(fabs(fc_logical_distance(l, sigma) - step * (sigma / 1e-100)) <=
			  1e-8 * fc_logical_distance(l, sigma));
}

static void
test_saturation(void)
{
	FcLogic		l;

	fc_logic_begin(&l, &fc_generators[0], 0.5, 0.5);
	CHECK(fc_logical_distance(&l, 38) == 1);
	CHECK(fc_logical_distance(&l, 36) < 1);
	CHECK_NEAR(1e13 * (1 - fc_logical_distance(&l, 30)), 1e13 * 2 * exp(-30), 0.01);
	for (double sigma = 1e-20; sigma < 40; sigma *= 1.1)
		CHECK(fabs(fc_logical_distance(&l, sigma) - tanh(sigma / 2)) <= 4 * DBL_EPSILON * tanh(sigma / 2));
	/* no triangle inequality */
	CHECK(distance_of(&l, 0.5, 0.6) > 1.9 * (distance_of(&l, 0.5, 0.55) + distance_of(&l, 0.55, 0.6)));
}

static void
test_limits(const FcLogic *l)
{
	static const double ends[4][2] = {{0, 1}, {1, 0}, {0, 0.5}, {0.5, 1}};
	double		same[2] = {0, 1};

	for (int i = 0; i < COUNT(ends); i++)
	{
		CHECK(sigma_of(l, ends[i][0], ends[i][1]) == INFINITY);
		CHECK(distance_of(l, ends[i][0], ends[i][1]) == 1);
	}
	CHECK(sigma_of(l, 0, 0) == sigma_of(l, 0.5, 0.5));
	CHECK(sigma_of(l, 1, 1) == sigma_of(l, 0.5, 0.5));
	CHECK_NEAR(fc_logical_sigma(l, same, same, 2), 2 * sigma_of(l, 0.5, 0.5), 1e-15);
}

/* Close to the ends, where 1 - x or the odds could lose everything */
static void
test_ends(void)
{
	static const double pairs[][3] = {	/* x, y, |u(x) - u(y)| */
		{1e-300, 2e-300, 0.69314718055994531},
		{DBL_TRUE_MIN, 3 * DBL_TRUE_MIN, 1.0986122886681098},
		{1 - DBL_EPSILON / 2, 1 - DBL_EPSILON, 0.69314718055994531},
		{1e-10, 1e-10 * (1 + 1e-8), 1e-8},
		{0.5, 0.5 + DBL_EPSILON / 2, 2 * DBL_EPSILON},
		{0.5, 0.5 + 1e-9, 4e-9},
		{1e-200, 1 - 1e-16, 497.25381916848625}
	};
	FcLogic		l;

	fc_logic_begin(&l, &fc_generators[0], 0.5, 0.5);
	for (int i = 0; i < COUNT(pairs); i++)
		CHECK_NEAR(sqrt(sigma_of(&l, pairs[i][0], pairs[i][1])) / pairs[i][2], 1, 2e-7);
}

/* ---- theta and vartheta apart ---- */

/* Eq. 5: a constant for each column, positive only for 0 < c < 1 */
static void
test_excess(const FcLogic *l)
{
	double		c = l->generator->forward(l->theta.e, &l->vartheta);
	double		same = sigma_of(l, 0.3, 0.3);
	FcLogic		equal;

	if (l->theta.e == l->vartheta.e)
	{
		CHECK(same == 0);
		return;
	}
	CHECK((c > 0) == (l->vartheta.e < l->theta.e));
	CHECK((same > 0) == (c > 0 && c < 1) || !l->squares);
	CHECK(sigma_of(l, 0.8, 0.8) == same);
	if (l->vartheta.e > l->theta.e)
	{
		CHECK(same < 0 && fc_logical_distance(l, same) == 0);
		CHECK(fc_logical_dissimilarity(l, same) < l->theta.e);
	}
	if (!l->squares)
		return;
	fc_logic_begin(&equal, l->generator, l->theta.e, l->theta.e);
	CHECK_NEAR(same, c * (1 - c), 1e-12);
	for (int i = 0; i < COUNT(inner); i++)
		CHECK_NEAR(sigma_of(l, inner[i], 0.3), sigma_of(&equal, inner[i], 0.3) + c * (1 - c), 1e-12);
}

/* Where the paper's simulations are: farther than 0 from itself, and symmetric */
static void
test_paper(void)
{
	for (const FcGenerator *g = fc_generators; g->name != NULL; g++)
	{
		FcLogic		l;

		fc_logic_begin(&l, g, 0.5, 0.4);
		CHECK(distance_of(&l, 0.3, 0.3) > 0.01);
		for (int i = 0; i < COUNT(inner); i++)
			for (int j = 0; j < COUNT(inner); j++)
				CHECK(sigma_of(&l, inner[i], inner[j]) == sigma_of(&l, inner[j], inner[i]));
	}
}

/* ---- vectors ---- */

static void
test_additive(const FcLogic *l)
{
	double		x[600];
	double		y[600];

	for (int i = 0; i < COUNT(x); i++)
	{
		x[i] = spread(2 * i);
		y[i] = spread(2 * i + 1);
	}
	for (int32_t d = 1; d < COUNT(x); d += 1 + d / 4)
	{
		double		sum = 0;
		double		size = 0;

		for (int32_t j = 0; j < d; j++)
		{
			sum += sigma_of(l, x[j], y[j]);
			size += fabs(sigma_of(l, x[j], y[j]));
		}
		CHECK(fabs(fc_logical_sigma(l, x, y, d) - sum) <= 1e-12 * size);
		CHECK(fabs(fc_logical_sigma(l, x, y, d / 3) + fc_logical_sigma(l, x + d / 3, y + d / 3, d - d / 3) - sum) <=
			  1e-12 * size);
		CHECK(fc_logical_sigma(l, x, y, d) == fc_logical_sigma(l, y, x, d));
	}
}

/* Every place counts: a value out of the interval, or at its ends, anywhere */
static void
test_places(const FcLogic *l)
{
	static const double outside[] = {-DBL_TRUE_MIN, -1, 1 + DBL_EPSILON, 2, INFINITY, -INFINITY, NAN};

	if (l->theta.e != 0.5)
		return;
	for (int32_t d = 1; d <= 19; d += 3)
		for (int32_t j = 0; j < d; j++)
		{
			double		x[19];
			double		y[19];

			for (int32_t i = 0; i < d; i++)
				x[i] = y[i] = spread(i);
			for (int i = 0; i < COUNT(outside); i++)
			{
				x[j] = outside[i];
				CHECK(isnan(fc_logical_sigma(l, x, y, d)));
				CHECK(isnan(fc_logical_sigma(l, y, x, d)));
				CHECK(isnan(fc_logical_sigma(l, x, x, d)));
				CHECK_EQ(fc_outside_unit(x, d), j);
			}
			CHECK_EQ(fc_outside_unit(y, d), -1);
			x[j] = 0;
			CHECK(fc_logical_sigma(l, x, y, d) == INFINITY);
			y[j] = -0.0;
			CHECK_NEAR(fc_logical_sigma(l, x, y, d), d * sigma_of(l, 0.5, 0.5), 1e-12);
			CHECK_EQ(fc_outside_unit(y, d), -1);
		}
}

/* logit(x) - logit(y), close by as 2 artanh((x - y) / (x + y - 2 x y)) */
static long double
difference(long double x, long double y)
{
	if (fabsl(x - y) > 0.1)
		return logl(x / (1 - x)) - logl(y / (1 - y));
	return 2 * atanhl((x - y) / (x + y - 2 * x * y));
}

/* Each variant against another formula in long double */
static void
test_variants(void)
{
	double		x[100];
	double		y[100];
	float		fx[100];
	float		fy[100];
	int			best = fc_best_isa();

	for (int i = 0; i < COUNT(x); i++)
	{
		fx[i] = (float) (x[i] = spread(3 * i));
		fy[i] = (float) (y[i] = i % 10 ? spread(3 * i + 1) : x[i] * (1 - 1e-12));
	}
	for (int isa = 0; isa <= best; isa++)
		for (int32_t d = 0; d <= COUNT(x); d++)
		{
			long double sum = 0;
			long double fsum = 0;

			for (int32_t j = 0; j < d; j++)
			{
				long double z = difference(x[j], y[j]);
				long double fz = difference(fx[j], fy[j]);

				sum += z * z;
				fsum += fz * fz;
			}
			CHECK(fabs(fc_logit_squares(isa, FC_F64, x, y, d) - (double) sum) <= 2e-14 * (double) sum);
			CHECK(fabs(fc_logit_squares(isa, FC_F32, fx, fy, d) - (double) fsum) <= 1e-5 * (double) fsum);
		}
}

int
main(void)
{
	test_names();
	with_all_logics(test_generator);
	test_power();
	with_all_logics(test_carry);
	test_asymptote();
	with_all_logics(test_uninorm);
	with_all_logics(test_absorbing_norm);
	with_all_logics(test_not);
	with_all_logics(test_composition);
	with_all_logics(test_semi_metric);
	with_all_logics(test_monotone);
	with_all_logics(test_small);
	test_saturation();
	with_all_logics(test_limits);
	test_ends();
	with_all_logics(test_excess);
	test_paper();
	with_all_logics(test_additive);
	with_all_logics(test_places);
	test_variants();
	return check_report("logic");
}
