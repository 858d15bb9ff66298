/*
 * structure.c - tests of what tells rows with clusters from rows without: structure, gaps, conductance, skewness
 */
#include "core/conductance.h"
#include "core/skew.h"
#include "core/spanning_tree.h"
#include "core/structure.h"
#include "core/variants.h"
#include "check.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#define ROWS	150
#define MOST	6

static const FcHooks quiet = {0};

/* ---- kinds of rows ---- */

typedef void (*Fill) (FcRng *rng, int32_t i, double *x);

static double
normal(FcRng *rng)
{
	double		sum = -6;

	for (int i = 0; i < 12; i++)
		sum += fc_rng_uniform(rng);
	return sum;
}

static void
fill_square(FcRng *rng, int32_t i, double *x)
{
	(void) i;
	x[0] = fc_rng_uniform(rng);
	x[1] = fc_rng_uniform(rng);
}

static void
fill_long(FcRng *rng, int32_t i, double *x)
{
	fill_square(rng, i, x);
	x[0] *= 20;
}

static void
fill_gaussian(FcRng *rng, int32_t i, double *x)
{
	(void) i;
	x[0] = 3 * normal(rng);
	x[1] = normal(rng) + x[0] / 2;
}

static void
fill_rounded(FcRng *rng, int32_t i, double *x)
{
	(void) i;
	x[0] = rint(normal(rng));
	x[1] = rint(2 * normal(rng));
}

static void
fill_blobs(FcRng *rng, int32_t i, double *x)
{
	x[0] = normal(rng) + 12 * (i % 3 == 1);
	x[1] = normal(rng) + 12 * (i % 3 == 2);
}

static void
fill_ring(FcRng *rng, int32_t i, double *x)
{
	double		angle = 2 * 3.14159265358979 * fc_rng_uniform(rng);
	double		radius = i % 2 ? fc_rng_uniform(rng) : 5 + fc_rng_uniform(rng) / 10;

	x[0] = radius * cos(angle);
	x[1] = radius * sin(angle);
}

static void
fill_equal(FcRng *rng, int32_t i, double *x)
{
	(void) rng;
	(void) i;
	x[0] = x[1] = 7;
}

/* A test in memory of exactly the size that its layout counted; of rows of d columns, of which those after the second are copies */
static bool
run(FcStructure *s, int32_t n, int32_t d, Fill fill, uint64_t seed, const FcHooks *hooks)
{
	FcArena		arena = {0};
	FcRng		rng;
	bool		comparable;

	*s = (FcStructure) {.n = n, .d = d, .most = MOST, .seed = seed, .isa = fc_best_isa(), .hooks = hooks};
	fc_structure_layout(&arena, s);
	arena.base = aligned_alloc(64, FC_ROUND_UP(arena.used, 64));
	arena.used = 0;
	fc_structure_layout(&arena, s);
	fc_rng_start(&rng, seed + 100, 0);
	for (int32_t i = 0; i < n; i++)
	{
		fill(&rng, i, s->x + (int64_t) i * d);
		for (int32_t j = 2; j < d; j++)
			s->x[(int64_t) i * d + j] = s->x[(int64_t) i * d + j % 2];
	}
	comparable = fc_structure_test(s);
	free(arena.base);
	return comparable;
}

/* ---- structure ---- */

static void
test_without_clusters(void)
{
	const Fill	kinds[] = {fill_square, fill_long, fill_gaussian, fill_rounded};
	FcStructure s;
	int			found = 0;

	for (int kind = 0; kind < 4; kind++)
		for (uint64_t seed = 0; seed < 3; seed++)
		{
			CHECK(run(&s, ROWS, 2, kinds[kind], seed, &quiet));
			found += s.by_gap || s.by_silhouette;
		}
	CHECK(found <= 1);
}

static void
test_with_clusters(void)
{
	FcStructure s;

	for (uint64_t seed = 0; seed < 3; seed++)
	{
		CHECK(run(&s, ROWS, 2, fill_blobs, seed, &quiet));
		CHECK(s.by_gap || s.by_silhouette);
		CHECK_EQ(s.signs.clusters, 3);
		CHECK(run(&s, ROWS, 2, fill_ring, seed, &quiet));
		CHECK(s.by_gap);
	}
	CHECK(run(&s, 60, 200, fill_blobs, 1, &quiet)); /* more columns than rows, of rank 2 */
	CHECK_EQ(s.width, 2);
	CHECK(s.by_gap || s.by_silhouette);
}

static void
test_reproducible(void)
{
	FcStructure a;
	FcStructure b;

	CHECK(run(&a, ROWS, 2, fill_square, 4, &quiet) && run(&b, ROWS, 2, fill_square, 4, &quiet));
	CHECK(memcmp(a.null, b.null, sizeof(a.null)) == 0);
	CHECK(memcmp(&a.signs, &b.signs, sizeof(a.signs)) == 0);
}

static void
test_too_few(void)
{
	FcStructure s;

	CHECK(!run(&s, MOST, 2, fill_square, 1, &quiet));
	CHECK(!run(&s, ROWS, 2, fill_equal, 1, &quiet));
	CHECK(!s.by_gap && !s.by_silhouette);
}

static jmp_buf stopped;
static int	checks;

static void
stop(void *arg)
{
	(void) arg;
	if (++checks == 5000)
		longjmp(stopped, 1);
}

/* Checks come all the time, and may end the test */
static void
test_interrupt(void)
{
	static char memory[1 << 22] __attribute__((aligned(64)));
	FcHooks		hooks = {.check = stop};
	FcStructure s = {.n = ROWS, .d = 2, .most = MOST, .isa = fc_best_isa(), .hooks = &hooks};
	FcArena		arena = {.base = memory};

	fc_structure_layout(&arena, &s);
	CHECK(arena.used <= sizeof(memory));
	for (int32_t i = 0; i < 2 * ROWS; i++)
		s.x[i] = i * i % 97;
	if (setjmp(stopped) == 0)
	{
		(void) fc_structure_test(&s);
		CHECK(false);
	}
	CHECK_EQ(checks, 5000);
}

/* ---- gaps ---- */

/* 12 rows one apart, a gap of 5, 12 more, and one far off */
static void
test_gap(void)
{
	FcSpanningTree s;
	FcArena		arena = {0};
	double		distance[25 * 25];
	double		at[25];

	for (int i = 0; i < 25; i++)
		at[i] = i < 12 ? i : i < 24 ? i + 4 : 1000;
	for (int i = 0; i < 25; i++)
		for (int j = 0; j < 25; j++)
			distance[i * 25 + j] = fabs(at[i] - at[j]);
	fc_spanning_tree_layout(&arena, &s, 25);
	arena.base = aligned_alloc(64, FC_ROUND_UP(arena.used, 64));
	arena.used = 0;
	fc_spanning_tree_layout(&arena, &s, 25);
	CHECK_NEAR(fc_widest_gap(&s, distance, &quiet), 5.0 / 6, 1e-12);	/* its ends have their 7th neighbour at a distance of 6 */
	memset(distance, 0, sizeof(distance));
	CHECK_NEAR(fc_widest_gap(&s, distance, &quiet), 0, 0);
	free(arena.base);
}

/* ---- conductance ---- */

static void
test_conductance(void)
{
	FcConductance s;
	FcArena		arena = {0};
	double		x[24];
	int32_t		label[24];

	for (int i = 0; i < 24; i++)
	{
		x[i] = i + 100 * (i / 12);
		label[i] = i / 12;
	}
	fc_conductance_layout(&arena, &s, 24, 3);
	arena.base = aligned_alloc(64, FC_ROUND_UP(arena.used, 64));
	arena.used = 0;
	fc_conductance_layout(&arena, &s, 24, 3);
	fc_conductance_begin(&s, x, 1, &quiet);
	CHECK_NEAR(fc_conductance(&s, label, 2), 0, 0);
	CHECK(isnan(fc_conductance(&s, label, 3)));
	for (int i = 0; i < 24; i++)
		label[i] = i % 2;
	CHECK(fc_conductance(&s, label, 2) >= .5);
	label[0] = 2;				/* in no cluster */
	CHECK(fc_conductance(&s, label, 2) > .5);
	free(arena.base);
}

/* ---- skewness ---- */

static void
test_skewness(void)
{
	double		x[] = {1, 2, 3, 10};
	double		powers[] = {1, 2, 4, 8, 16, 32, 64, 128, 256};
	double		negative[] = {-1, -2, -4, -8, -16, -32, -64, -128, -256};
	double		even[] = {1, 2, 3, 4, 5};
	double		zero[] = {0, 1, 2, 4, 8, 16, 32, 64, 128, 256};

	CHECK_NEAR(fc_skewness(x, 4), 1.0182337649086284, 1e-12); /* scipy.stats.skew */
	CHECK_NEAR(fc_skewness(even, 5), 0, 1e-15);
	CHECK_EQ(fc_straighten(even, 5), FC_AS_IT_IS);
	CHECK_NEAR(even[4], 5, 0);
	CHECK_EQ(fc_straighten(powers, 9), FC_LOGARITHM);
	CHECK_NEAR(powers[8], log(256), 1e-15);
	CHECK_EQ(fc_straighten(negative, 9), FC_LOGARITHM);
	CHECK(fc_straighten(zero, 10) != FC_LOGARITHM);
	CHECK(fabs(fc_skewness(zero, 10)) < 1);
}

int
main(void)
{
	test_without_clusters();
	test_with_clusters();
	test_reproducible();
	test_too_few();
	test_interrupt();
	test_gap();
	test_conductance();
	test_skewness();
	return check_report("structure");
}
