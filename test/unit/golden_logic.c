/*
 * golden_logic.c - the numbers that an independent implementation finds for the
 * operators and distances of fuzzy logic
 *
 * The values are in test/data/logic.h, which test/golden/logic.py writes.
 */
#include "core/logic.h"
#include "check.h"

#include <string.h>

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

typedef struct GoldenDistance
{
	const char *generator;
	double		theta;
	double		vartheta;
	int32_t		d;
	double		x[4];
	double		y[4];
	double		sigma;
	double		raw;			/* (D - theta) / (1 - theta) */
	double		distance;
} GoldenDistance;

typedef struct GoldenOperators
{
	double		theta;
	double		vartheta;
	double		x;
	double		y;
	double		uninorm;
	double		absorbing;
	double		negation;
} GoldenOperators;

#include "../data/logic.h"

/*
 * One reference value is right to six digits only: in double precision x^a is
 * so small that 1 - x^a, or its logarithm, was lost on the way.  The value
 * here is (u(x) - u(y))^2 computed with Python's decimal and 45 digits: a =
 * -ln 2 / ln 0.7, u(x) = ln(p / (1 - p)), p = exp(a ln x), x = 10^-6, y = 1/2.
 */
static double
golden_sigma(const GoldenDistance *g)
{
	if (strcmp(g->generator, "power") == 0 && g->theta == 0.7 && g->vartheta == 0.7 && g->x[0] == 1e-6)
		return 665.772715858450537;
	return g->sigma;
}

static void
test_golden_distances(void)
{
	for (int i = 0; i < COUNT(golden_distances); i++)
	{
		const GoldenDistance *g = &golden_distances[i];
		const FcGenerator *generator = fc_find_generator(g->generator, strlen(g->generator));
		FcLogic		l;
		double		sigma;

		if (!CHECK(generator != NULL))
			return;
		fc_logic_begin(&l, generator, g->theta, g->vartheta);
		sigma = fc_logical_sigma(&l, g->x, g->y, g->d);
		CHECK_NEAR(sigma, golden_sigma(g), 1e-9);
		CHECK_NEAR((fc_logical_dissimilarity(&l, sigma) - g->theta) / (1 - g->theta), g->raw, 1e-9);
		CHECK_NEAR(fc_logical_distance(&l, sigma), g->distance, 1e-9);
		CHECK(fabs(fc_logical_distance(&l, sigma) - g->distance) <= 1e-9 * (1e-6 + g->distance));
	}
	CHECK(COUNT(golden_distances) > 100);
}

static void
test_golden_operators(void)
{
	for (int i = 0; i < COUNT(golden_operators); i++)
	{
		const GoldenOperators *g = &golden_operators[i];
		FcLogic		l;

		fc_logic_begin(&l, &fc_generators[0], g->theta, g->vartheta);
		CHECK_NEAR(fc_uninorm(&l, g->x, g->y), g->uninorm, 1e-9);
		CHECK_NEAR(fc_absorbing_norm(&l, g->x, g->y), g->absorbing, 1e-9);
		CHECK_NEAR(fc_logical_not(&l, g->x), g->negation, 1e-9);
	}
}

int
main(void)
{
	test_golden_distances();
	test_golden_operators();
	return check_report("golden_logic");
}
