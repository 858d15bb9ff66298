/*
 * arena.c - memory is counted as it is placed, whatever the sizes; nothing lies next to anything else
 */
#include "train.h"

#include "core/engine.h"
#include "core/validity.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

/* What cannot be counted stays so, and nothing that follows makes it less */
static void
test_overflow(void)
{
	static const struct
	{
		uint64_t	count;
		size_t		size;
		bool		fits;
	}			cases[] = {
		{0, 8, true}, {1, 1, true}, {SIZE_MAX / 16, 8, true},
		{SIZE_MAX, 1, false}, {SIZE_MAX - 1, 1, false}, {SIZE_MAX - 63, 1, false}, {SIZE_MAX / 8, 8, false},
		{SIZE_MAX / 8 + 1, 8, false}, {SIZE_MAX / 8 + 2, 8, false}, {SIZE_MAX / 4 + 1, 8, false},
		{UINT64_MAX, 8, false}, {UINT64_C(1) << 63, 2, false}, {(uint64_t) INT64_MIN, 4, false}
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
	{
		FcArena		a = {0};

		CHECK(fc_take(&a, cases[i].count, cases[i].size) == NULL);
		if (cases[i].fits)
			CHECK(a.used >= cases[i].count * cases[i].size && a.used < SIZE_MAX);
		else
			CHECK(a.used == SIZE_MAX);
		(void) fc_take(&a, 1000, 8);
		CHECK((a.used < SIZE_MAX) == cases[i].fits);
	}
}

/* Pieces that fit one by one, and not together */
static void
test_sum(void)
{
	FcArena		a = {0};

	for (int i = 0; i < 3; i++)
	{
		(void) fc_take(&a, SIZE_MAX / 3 - 1000, 1);
		CHECK(a.used < SIZE_MAX);
	}
	for (int i = 0; i < 3; i++)
	{
		(void) fc_take(&a, SIZE_MAX / 3, 1);
		CHECK(a.used == SIZE_MAX);
	}
}

static void
test_arithmetic(void)
{
	CHECK(fc_times(0, UINT64_MAX) == 0);
	CHECK(fc_times(3, 5) == 15);
	CHECK(fc_times(SIZE_MAX, 1) == SIZE_MAX);
	CHECK(fc_times(SIZE_MAX / 2 + 1, 2) == SIZE_MAX);
	CHECK(fc_times(UINT64_C(1) << 32, UINT64_C(1) << 32) == SIZE_MAX);
	CHECK(fc_times((uint64_t) -1, 2) == SIZE_MAX);
	CHECK(fc_plus(3, 5) == 8);
	CHECK(fc_plus(SIZE_MAX - 5, 5) == SIZE_MAX);
	CHECK(fc_plus(SIZE_MAX - 5, 6) == SIZE_MAX);
	CHECK(fc_plus(UINT64_MAX, UINT64_MAX) == SIZE_MAX);
}

/* The bytes of doubles for this number of clusters with a covariance, or SIZE_MAX */
static void
check_doubles(size_t used, double doubles)
{
	if (8 * doubles >= (double) SIZE_MAX)
		CHECK(used == SIZE_MAX);
	else
		CHECK((double) used >= 8 * doubles && (double) used < 8 * doubles * 1.01 + 4096);
}

/* k d^2 is more than 32 bits hold; 64 bits are enough for the largest k and d, as a model of them has no rows */
static void
test_largest(void)
{
	double		k = FC_MAX_CLUSTERS;
	double		d = FC_MAX_SHAPE_COLUMNS;
	FcArena		a = {0};
	FcAccumulator acc;
	FcValidity	v;
	FcModel		m;

	fc_accumulator_layout(&a, &acc, FC_MAX_CLUSTERS, FC_MAX_SHAPE_COLUMNS, true, false);
	check_doubles(a.used, 1 + 4 * k + k * d + k * d * d);
	a.used = 0;
	fc_validity_layout(&a, &v, FC_MAX_CLUSTERS, FC_MAX_COLUMNS, true);
	check_doubles(a.used, FC_FIXED_DIGITS * k * FC_MAX_COLUMNS);
	fc_model_begin(&m, fc_find_algorithm("kmeans"), FC_MAX_CLUSTERS, FC_MAX_COLUMNS);
	check_doubles(fc_model_size(&m), k * FC_MAX_COLUMNS);
	a.used = 0;
	fc_model_layout(&a, &m);
	check_doubles(a.used, k * FC_MAX_COLUMNS);
}

/* A network keeps a number for each row and cluster: more than 32 bits hold */
static void
test_rows(void)
{
	int64_t		n = INT32_MAX - 1;
	FcModel		m;
	FcFit		f = {.model = &m, .rows = {.n = n, .d = 3, .stride = fc_block_rows(3), .precision = FC_F64}};
	FcArena		a = {0};

	fc_model_begin(&m, fc_find_algorithm("dfmec"), FC_MAX_CLUSTERS, 3);
	m.option[fc_find_option(m.algo, "start")] = 1;
	CHECK_EQ(fc_fit_begin(&f), FC_OK);
	(void) fc_fit_layout(&a, &f);
	CHECK((double) a.used >= fmin(4.0 * n * m.k, (double) SIZE_MAX));
}

/* Between two pieces is poisoned memory; counted as it is placed */
static void
test_gaps(void)
{
	FcArena		counted = {0};
	FcArena		placed = {.base = hostile_memory(65536)};
	char	   *last = placed.base;

	for (int i = 0; i < 100; i++)
	{
		char	   *p = fc_take(&placed, i, 3);

		(void) fc_take(&counted, i, 3);
		CHECK(counted.used == placed.used);
		CHECK((uintptr_t) p % 64 == 0 && p >= last);
		memset(p, 0, 3 * i);
		last = p + 3 * i;
#if defined(__SANITIZE_ADDRESS__)
		CHECK(__asan_address_is_poisoned(last) && __asan_address_is_poisoned(placed.base + placed.used - 1));
#endif
	}
	free(placed.base);
}

int
main(void)
{
	test_overflow();
	test_sum();
	test_arithmetic();
	test_largest();
	test_rows();
	test_gaps();
	return check_report("arena");
}
