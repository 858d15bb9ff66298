/*
 * stability.c - tests of the stability of a clustering, and of the parts of rows that it needs
 */
#include "core/stability.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

#define ROWS	12
#define GROUPS	3

static void *
lay_out(FcArena *arena, FcStability *s, int64_t n, int32_t groups, bool weighted)
{
	*arena = (FcArena) {0};
	fc_stability_layout(arena, s, n, groups, weighted);
	arena->base = aligned_alloc(64, FC_ROUND_UP(arena->used, 64));
	arena->used = 0;
	fc_stability_layout(arena, s, n, groups, weighted);
	return arena->base;
}

static const FcHooks hooks = {0};

/* The agreement of two labellings of a few rows */
static double
agreement(const int32_t *label, const int32_t *again, const double *weight, int64_t n)
{
	FcArena		arena;
	FcStability s;
	void	   *memory = lay_out(&arena, &s, n, GROUPS, weight != NULL);
	double		result;

	memcpy(s.label, label, sizeof(int32_t) * n);
	memcpy(s.again, again, sizeof(int32_t) * n);
	if (weight)
		memcpy(s.weight, weight, sizeof(double) * n);
	result = fc_stability_add(&s, &hooks);
	CHECK(memcmp(s.label, label, sizeof(int32_t) * n) == 0);
	CHECK(isnan(result) ? isnan(fc_stability(&s)) : fc_stability(&s) == result);
	free(memory);
	return result;
}

/* sklearn.metrics.adjusted_rand_score of scikit-learn 1.2.1 */
static void
test_agreement(void)
{
	const int32_t a[ROWS] = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2};
	const int32_t renumbered[ROWS] = {2, 2, 2, 2, 0, 0, 0, 0, 1, 1, 1, 1};
	const int32_t moved[ROWS] = {0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 0};
	const int32_t crossed[ROWS] = {0, 1, 2, 0, 0, 1, 2, 1, 0, 1, 2, 2};
	const int32_t one[ROWS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};

	CHECK_NEAR(agreement(a, a, NULL, ROWS), 1, 0);
	CHECK_NEAR(agreement(a, renumbered, NULL, ROWS), 1, 0);
	CHECK_NEAR(agreement(a, moved, NULL, ROWS), 0.5119453924914675, 1e-12);
	CHECK_NEAR(agreement(a, crossed, NULL, ROWS), -0.14583333333333334, 1e-12);
	CHECK_NEAR(agreement(a, one, NULL, ROWS), 0, 0);
	CHECK(isnan(agreement(one, a, NULL, ROWS)));
	CHECK(isnan(agreement(one, one, NULL, ROWS)));
}

/* A weight of 2 is a row that is there twice */
static void
test_weights(void)
{
	const int32_t a[] = {0, 0, 1, 1, 2, 2};
	const int32_t b[] = {0, 1, 1, 1, 2, 0};
	const double twice[] = {2, 1, 1, 2, 1, 1};
	const int32_t all_a[] = {0, 0, 0, 1, 1, 1, 2, 2};
	const int32_t all_b[] = {0, 0, 1, 1, 1, 1, 2, 0};
	const double ones[] = {1, 1, 1, 1, 1, 1};

	CHECK_NEAR(agreement(a, b, ones, 6), agreement(a, b, NULL, 6), 0);
	CHECK_NEAR(agreement(a, b, twice, 6), agreement(all_a, all_b, NULL, 8), 1e-15);
}

/* Labels by chance agree about 0 on average, whatever the sizes of the clusters */
static void
test_chance(void)
{
	FcArena		arena;
	FcStability s;
	void	   *memory = lay_out(&arena, &s, 1000, GROUPS, false);
	FcRng		rng;

	fc_rng_start(&rng, 1, 0);
	for (int32_t part = 0; part < FC_STABILITY_PARTS; part++)
	{
		for (int i = 0; i < 1000; i++)
		{
			s.label[i] = fc_rng_uniform(&rng) < .9 ? 0 : 1;
			s.again[i] = fc_rng_uniform(&rng) < .9 ? 2 : 1;
		}
		(void) fc_stability_add(&s, &hooks);
	}
	CHECK(fabs(fc_stability(&s)) < .02);
	CHECK_EQ(s.parts, FC_STABILITY_PARTS);
	free(memory);
}

/* The size is exact, each row is in as many parts as any other, and a part depends on its number and the seed alone */
static void
test_parts(void)
{
	int			taken[10] = {0};
	int			same = 0;
	FcSubsample all;

	for (int32_t number = 0; number < 2000; number++)
	{
		FcSubsample		part;
		FcSubsample		again;
		FcSubsample		other;
		int			rows = 0;

		fc_subsample_begin(&part, 5, number, 10, fc_part_rows(10));
		fc_subsample_begin(&again, 5, number, 10, fc_part_rows(10));
		fc_subsample_begin(&other, 6, number, 10, fc_part_rows(10));
		for (int i = 0; i < 10; i++)
		{
			bool		takes = fc_subsample_takes_next(&part);

			CHECK_EQ(fc_subsample_takes_next(&again), takes);
			same += fc_subsample_takes_next(&other) == takes;
			taken[i] += takes;
			rows += takes;
		}
		CHECK_EQ(rows, 8);
	}
	for (int i = 0; i < 10; i++)
		CHECK(abs(taken[i] - 1600) < 100);
	CHECK(abs(same - 13600) < 400);	/* of 20000, if drawn independently: .8^2 + .2^2 */
	fc_subsample_begin(&all, 1, 1, 3, 4);
	for (int i = 0; i < 3; i++)
		CHECK(fc_subsample_takes_next(&all));
	CHECK_EQ(fc_part_rows(1), 1);
	CHECK_EQ(fc_part_rows(2), 2);
	CHECK_EQ(fc_part_rows(5), 4);
}

int
main(void)
{
	test_agreement();
	test_weights();
	test_chance();
	test_parts();
	return check_report("stability");
}
