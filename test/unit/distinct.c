/*
 * distinct.c - the number of different rows, up to a number
 */
#include "train.h"

#include "core/distinct.h"

static int64_t
count(const double *x, int64_t n, int32_t d, FcPrecision precision, int32_t stride, int64_t most)
{
	Source		source;
	FcArena		arena = {0};
	FcDistinct	s;
	FcHooks		hooks = {0};
	int64_t		found;

	source_begin(&source, precision, x, n, d, stride);
	fc_distinct_layout(&arena, &s, &source.rows, most);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_distinct_layout(&arena, &s, &source.rows, most);
	found = fc_count_distinct(&s, &source.rows, &hooks);
	free(arena.base);
	source_end(&source);
	return found;
}

/* Row i is number i % distinct; numbers differ in one of the columns only */
static void
test_repeated(int32_t d, int64_t distinct, FcPrecision precision)
{
	int64_t		n = 3 * distinct + 1;
	double	   *x = calloc(n * d, sizeof(double));

	for (int64_t i = 0; i < n; i++)
		x[i * d + i % distinct % d] = 1 + (double) (i % distinct);
	CHECK_EQ(count(x, n, d, precision, 16, distinct + 5), distinct);
	CHECK_EQ(count(x, n, d, precision, 48, distinct), distinct);
	CHECK_EQ(count(x, n, d, precision, 48, distinct - 1), distinct - 1);
	free(x);
}

/* Zeros of either sign are equal, and so are numbers that float32 cannot tell apart; the order of columns counts */
static void
test_equal(void)
{
	double		zeros[] = {0.0, -0.0, 0.0};
	double		near[] = {1, 1 + 1e-12, 1 + 1e-6};
	double		pairs[] = {1, 2, 2, 1, 1, 2};

	CHECK_EQ(count(zeros, 3, 1, FC_F64, 16, 3), 1);
	CHECK_EQ(count(zeros, 3, 1, FC_F32, 16, 3), 1);
	CHECK_EQ(count(near, 3, 1, FC_F64, 16, 3), 2);
	CHECK_EQ(count(pairs, 3, 2, FC_F64, 16, 3), 2);
}

/* Many of them, all different */
static void
test_many(void)
{
	double	   *x = make_noise(30000, 2, 3);

	CHECK_EQ(count(x, 30000, 2, FC_F64, 512, 30000), 30000);
	CHECK_EQ(count(x, 30000, 2, FC_F64, 512, 7), 7);
	free(x);
}

int
main(void)
{
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_repeated(1, 2, precision);
		test_repeated(3, 17, precision);
		test_repeated(70, 1000, precision);
	}
	test_equal();
	test_many();
	return check_report("distinct");
}
