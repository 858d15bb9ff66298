/*
 * core.c - block operations, accumulators, arena, rows and random numbers
 *
 * Every compiled variant of a block operation is compared with plain loops in
 * double precision, at sizes that fill registers and tiles badly.
 */
#include "train.h"

#include "core/engine.h"

#define CANARY	-12345.0

static const int32_t lane_counts[] = {16, 32, 48, 1024};
static const int32_t columns[] = {1, 2, 3, 4, 5, 7, 8, 16, 17, 100};
static const int32_t clusters[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 21, 33};

#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

/* Rounding of a sum of "terms" terms of size 1 */
static double
rounding(FcPrecision precision, int32_t terms)
{
	return (precision == FC_F32 ? 0x1p-23 : 0x1p-52) * (4 + terms);
}

static void *
noise(FcPrecision precision, size_t n, uint64_t stream)
{
	return make_numbers(precision, n, 11, stream);
}

static void
test_distance(int isa, FcPrecision precision, int32_t lanes, int32_t d, int32_t k)
{
	int32_t		xstride = lanes + 16;
	int32_t		ostride = lanes + 32;
	void	   *x = noise(precision, (size_t) d * xstride, 1);
	void	   *v = noise(precision, (size_t) k * d, 2);
	void	   *out = hostile_memory((size_t) k * ostride * FC_SIZE(precision));
	int			wrong = 0;
	int			touched = 0;

	for (int32_t i = 0; i < k * ostride; i++)
		fc_set(out, precision, i, CANARY);
	fc_block_ops(isa, precision)->distance(x, xstride, lanes, d, v, k, out, ostride);
	for (int32_t c = 0; c < k; c++)
		for (int32_t i = 0; i < ostride; i++)
		{
			double		got = fc_get(out, precision, (size_t) c * ostride + i);
			double		sum = 0;

			for (int32_t j = 0; i < lanes && j < d; j++)
			{
				double		difference = fc_get(x, precision, (size_t) j * xstride + i) -
					fc_get(v, precision, (size_t) c * d + j);

				sum += difference * difference;
			}
			if (i >= lanes)
				touched += got != CANARY;
			else
				wrong += !(fabs(got - sum) <= rounding(precision, d) * (sum + 1));
		}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(touched, 0);
	free(x);
	free(v);
	free(out);
}

/* Sums are added to the present values; d = 0 adds weights alone */
static void
test_accumulate(int isa, FcPrecision precision, int32_t lanes, int32_t d, int32_t k)
{
	int32_t		xstride = lanes + 16;
	int32_t		wstride = lanes + 32;
	void	   *x = noise(precision, (size_t) d * xstride, 3);
	void	   *w = noise(precision, (size_t) k * wstride, 4);
	double	   *sum = malloc(((size_t) k * d + 1) * sizeof(double));
	double	   *weight = malloc((k + 1) * sizeof(double));
	double		close = rounding(precision, lanes) * sqrt(lanes);
	int			wrong = 0;

	for (int32_t i = 0; i <= k * d; i++)
		sum[i] = i;
	for (int32_t c = 0; c <= k; c++)
		weight[c] = -c;
	fc_block_ops(isa, precision)->accumulate(x, xstride, lanes, d, w, wstride, k, sum, weight);
	for (int32_t c = 0; c < k; c++)
	{
		double		total = -c;

		for (int32_t i = 0; i < lanes; i++)
			total += fc_get(w, precision, (size_t) c * wstride + i);
		wrong += !(fabs(weight[c] - total) <= close);
		for (int32_t j = 0; j < d; j++)
		{
			total = (double) c * d + j;
			for (int32_t i = 0; i < lanes; i++)
				total += fc_get(w, precision, (size_t) c * wstride + i) *
					fc_get(x, precision, (size_t) j * xstride + i);
			wrong += !(fabs(sum[c * d + j] - total) <= close + 1e-12 * fabs(total));
		}
	}
	CHECK_EQ(wrong, 0);
	CHECK(sum[k * d] == k * d && weight[k] == -k);
	free(x);
	free(w);
	free(sum);
	free(weight);
}

/* Few different values, so that most minima are shared */
static void
test_nearest(int isa, FcPrecision precision, int32_t lanes, int32_t k)
{
	int32_t		stride = lanes + 16;
	void	   *at = hostile_memory((size_t) k * stride * FC_SIZE(precision));
	void	   *least = hostile_memory(lanes * FC_SIZE(precision));
	int32_t    *nearest = hostile_memory(lanes * sizeof(int32_t));
	int			wrong = 0;
	FcRng		rng;

	fc_rng_start(&rng, 5, k);
	for (int32_t i = 0; i < k * stride; i++)
		fc_set(at, precision, i, (double) fc_rng_below(&rng, 3));
	fc_set(at, precision, 0, INFINITY);
	fc_block_ops(isa, precision)->nearest(at, stride, lanes, k, least, nearest);
	for (int32_t i = 0; i < lanes; i++)
	{
		int32_t		best = 0;

		for (int32_t c = 1; c < k; c++)
			if (fc_get(at, precision, (size_t) c * stride + i) < fc_get(at, precision, (size_t) best * stride + i))
				best = c;
		wrong += nearest[i] != best ||
			fc_get(least, precision, i) != fc_get(at, precision, (size_t) best * stride + i);
	}
	CHECK_EQ(wrong, 0);
	free(at);
	free(least);
	free(nearest);
}

/* Exactly what plain C gives; without weights wy is not touched */
static void
test_relative(int isa, FcPrecision precision, int32_t lanes, int32_t d)
{
	int32_t		xstride = lanes + 16;
	int32_t		stride = lanes + 32;
	void	   *x = noise(precision, (size_t) d * xstride, 16);
	void	   *v = noise(precision, d, 17);
	void	   *w = noise(precision, lanes, 18);
	void	   *y = hostile_memory((size_t) d * stride * FC_SIZE(precision));
	void	   *wy = hostile_memory((size_t) d * stride * FC_SIZE(precision));
	int			wrong = 0;

	for (int weighted = 0; weighted <= 1; weighted++)
	{
		fc_block_ops(isa, precision)->relative(x, xstride, lanes, d, v, weighted ? w : NULL, y, wy, stride);
		for (int32_t j = 0; j < d; j++)
			for (int32_t i = 0; i < lanes; i++)
			{
				double		got = fc_get(y, precision, (size_t) j * stride + i);
				double		times = fc_get(wy, precision, (size_t) j * stride + i);
				double		expected = fc_get(x, precision, (size_t) j * xstride + i) - fc_get(v, precision, j);

				wrong += got != (precision == FC_F32 ? (double) (float) expected : expected);
				wrong += weighted ? !(fabs(times - got * fc_get(w, precision, i)) <= rounding(precision, 0)) :
					!isnan(times);
			}
	}
	CHECK_EQ(wrong, 0);
	free(x);
	free(v);
	free(w);
	free(y);
	free(wy);
}

/* In double, rounded once: so exactly what plain C gives */
static void
test_scale(int isa, FcPrecision precision, int32_t lanes, int32_t d)
{
	int32_t		stride = lanes + 16;
	void	   *x = noise(precision, (size_t) d * stride, 6);
	void	   *out = noise(precision, (size_t) d * stride, 7);
	double	   *shift = noise(FC_F64, d, 8);
	double	   *factor = noise(FC_F64, d, 9);
	int			wrong = 0;

	shift[0] = 1e6;				/* far from the data: digits cancel */
	fc_block_ops(isa, precision)->scale(x, stride, lanes, d, shift, factor, out, stride);
	for (int32_t j = 0; j < d; j++)
		for (int32_t i = 0; i < lanes; i++)
		{
			double		expected = (fc_get(x, precision, (size_t) j * stride + i) - shift[j]) * factor[j];

			wrong += fc_get(out, precision, (size_t) j * stride + i) !=
				(precision == FC_F32 ? (double) (float) expected : expected);
		}
	CHECK_EQ(wrong, 0);
	free(x);
	free(out);
	free(shift);
	free(factor);
}

static void
test_blocks(void)
{
	FOR_EACH_VARIANT(isa, precision)
		for (int l = 0; l < COUNT(lane_counts); l++)
		{
			for (int a = 0; a < COUNT(clusters); a++)
			{
				for (int b = 0; b < COUNT(columns); b++)
					if (lane_counts[l] < 1024 || columns[b] == 17)
					{
						test_distance(isa, precision, lane_counts[l], columns[b], clusters[a]);
						test_accumulate(isa, precision, lane_counts[l], columns[b], clusters[a]);
					}
				test_nearest(isa, precision, lane_counts[l], clusters[a]);
			}
			for (int b = 0; b < COUNT(columns); b++)
			{
				test_relative(isa, precision, lane_counts[l], columns[b]);
				test_scale(isa, precision, lane_counts[l], columns[b]);
			}
		}
}

/* Two halves, merged, are the whole */
static void
test_merge(FcPrecision precision, bool squares)
{
	enum {LANES = 64, D = 5, K = 7};
	const FcBlockOps *ops = fc_block_ops(fc_best_isa(), precision);
	size_t		half = LANES / 2 * FC_SIZE(precision);
	char	   *x = noise(precision, D * LANES, 12);
	char	   *w = noise(precision, K * LANES, 13);
	const size_t length = 1 + 4 * K + K * D + (squares ? K * D * D : 0);
	FcAccumulator acc[3] = {0};
	FcArena		arena = {0};
	void	   *memory;
	int			wrong = 0;

	for (int a = 0; a < 3; a++)
		fc_accumulator_layout(&arena, &acc[a], K, D, squares, false);
	memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	for (int a = 0; a < 3; a++)
	{
		fc_accumulator_layout(&arena, &acc[a], K, D, squares, false);
		fc_accumulator_clear(&acc[a]);
		*acc[a].objective = a;
	}
	CHECK_EQ(acc[0].sum - acc[0].objective, 2 + 4 * K);
	for (size_t i = 0; i < length; i++)
		wrong += acc[0].objective[i] != 0;
	CHECK_EQ(wrong, 0);

	ops->accumulate(x, LANES, LANES, D, w, LANES, K, acc[0].sum, acc[0].weight);
	ops->accumulate(x, LANES, LANES / 2, D, w, LANES, K, acc[1].sum, acc[1].weight);
	ops->accumulate(x + half, LANES, LANES / 2, D, w + half, LANES, K, acc[2].sum, acc[2].weight);
	fc_accumulator_merge(&acc[1], &acc[2]);
	CHECK(*acc[1].objective == 3);
	for (size_t i = 1; i < length; i++)
		wrong += !(fabs(acc[0].objective[i] - acc[1].objective[i]) <= rounding(precision, LANES) * 8);
	CHECK_EQ(wrong, 0);
	free(x);
	free(w);
	free(memory);
}

static void
test_arena(void)
{
	static const size_t sizes[][2] = {{1, 1}, {63, 1}, {64, 1}, {65, 1}, {0, 8}, {7, 8}, {1000, 4}, {1, 200}};
	FcArena		counting = {0};
	FcArena		placing = {0};
	char	   *end;

	for (int i = 0; i < COUNT(sizes); i++)
		CHECK(fc_take(&counting, sizes[i][0], sizes[i][1]) == NULL);
	end = placing.base = hostile_memory(counting.used);
	for (int i = 0; i < COUNT(sizes); i++)
	{
		char	   *p = fc_take(&placing, sizes[i][0], sizes[i][1]);

		CHECK((uintptr_t) p % 64 == 0);
		CHECK(p >= end);
		end = p + sizes[i][0] * sizes[i][1];
	}
	CHECK_EQ(counting.used, placing.used);
	CHECK(end <= placing.base + placing.used);
	free(placing.base);
}

static void
test_rows(void)
{
	FcRows		rows = {.n = 2049, .d = 1, .stride = 1024};
	int			wrong = 0;
	float		f[2] = {0, 0};
	double		g[2] = {0, 0};

	for (int32_t d = 1; d <= FC_MAX_COLUMNS; d++)
	{
		int32_t		stride = fc_block_rows(d);

		wrong += stride < FC_LANES || stride > FC_TILE || stride % FC_LANES != 0 ||
			(stride > FC_LANES && (int64_t) stride * d * 8 > 1024 * 1024);
	}
	CHECK_EQ(wrong, 0);

	CHECK_EQ(fc_blocks(&rows), 3);
	CHECK_EQ(fc_rows_in_block(&rows, 1), 1024);
	CHECK_EQ(fc_rows_in_block(&rows, 2), 1);
	rows.n = 2048;
	CHECK_EQ(fc_blocks(&rows), 2);
	CHECK_EQ(fc_rows_in_block(&rows, 1), 1024);
	rows.n = INT64_C(3000000000000);
	CHECK_EQ(fc_blocks(&rows), INT64_C(2929687500));
	CHECK_EQ(fc_rows_in_block(&rows, INT64_C(2929687499)), 1024);

	fc_set(f, FC_F32, 1, 0.1);
	fc_set(g, FC_F64, 1, 0.1);
	CHECK(f[0] == 0 && f[1] == 0.1f && fc_get(f, FC_F32, 1) == (double) 0.1f);
	CHECK(g[0] == 0 && g[1] == 0.1 && fc_get(g, FC_F64, 1) == 0.1);
}

/* What SplitMix64 gives from state 1234567, found by an implementation of its own */
static void
test_rng_values(void)
{
	static const uint64_t expected[] = {
		UINT64_C(6457827717110365317), UINT64_C(3203168211198807973), UINT64_C(9817491932198370423),
		UINT64_C(4593380528125082431), UINT64_C(16408922859458223821)
	};
	FcRng		rng = {1234567};

	for (int i = 0; i < COUNT(expected); i++)
		CHECK(fc_rng_next(&rng) == expected[i]);
}

static void
test_rng_ranges(void)
{
	enum {DRAWS = 70000};
	int			count[7] = {0};
	int			wrong = 0;
	double		sum = 0;
	FcRng		rng;

	fc_rng_start(&rng, 3, 1);
	for (int i = 0; i < DRAWS; i++)
	{
		double		u = fc_rng_uniform(&rng);
		int64_t		below = fc_rng_below(&rng, 7);

		sum += u;
		wrong += !(u >= 0 && u < 1) || below < 0 || below >= 7;
		count[below]++;
	}
	CHECK_EQ(wrong, 0);
	CHECK_NEAR(sum / DRAWS, 0.5, 0.005);
	for (int i = 0; i < 7; i++)
		CHECK_NEAR(count[i] / (double) DRAWS, 1.0 / 7, 0.006);
	for (int i = 0; i < 100; i++)
		wrong += fc_rng_below(&rng, 1) != 0;
	for (int i = 0; i < 100; i++)
	{
		int64_t		below = fc_rng_below(&rng, INT64_MAX);

		wrong += below < 0 || below == INT64_MAX;
	}
	CHECK_EQ(wrong, 0);
}

/* Streams, and seeds, have no number in common at the start */
static void
test_rng_streams(void)
{
	enum {STREAMS = 40, DRAWS = 50};
	static uint64_t drawn[2 * STREAMS * DRAWS];
	int			equal = 0;
	int			n = 0;

	for (uint64_t s = 0; s < STREAMS; s++)
	{
		FcRng		stream;
		FcRng		seed;

		fc_rng_start(&stream, 0, s);
		fc_rng_start(&seed, s + 1, 0);
		for (int i = 0; i < DRAWS; i++)
		{
			drawn[n++] = fc_rng_next(&stream);
			drawn[n++] = fc_rng_next(&seed);
		}
	}
	for (int a = 0; a < n; a++)
		for (int b = 0; b < a; b++)
			equal += drawn[a] == drawn[b];
	CHECK_EQ(equal, 0);
}

static int
compare_doubles(const void *a, const void *b)
{
	double		x = *(const double *) a;
	double		y = *(const double *) b;

	return (x > y) - (x < y);
}

/* The value of each rank is that of the sorted values, many of which are equal */
static void
test_ranks(void)
{
	enum {MOST = 40};
	FcRng		rng;
	int			wrong = 0;

	fc_rng_start(&rng, 21, 0);
	for (int32_t n = 1; n <= MOST; n++)
		for (int32_t rank = 0; rank < n; rank++)
		{
			double		values[MOST];
			double		sorted[MOST];

			for (int32_t i = 0; i < n; i++)
				sorted[i] = values[i] = floor((1 + n / 2) * fc_rng_uniform(&rng));
			qsort(sorted, n, sizeof(double), compare_doubles);
			wrong += fc_select_rank(values, n, rank) != sorted[rank];
			for (int32_t i = 0; i < n; i++)
				wrong += i < rank ? values[i] > values[rank] : values[i] < values[rank];
		}
	CHECK_EQ(wrong, 0);
}

int
main(void)
{
	test_ranks();
	test_blocks();
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_merge(precision, false);
		test_merge(precision, true);
	}
	test_arena();
	test_rows();
	test_rng_values();
	test_rng_ranges();
	test_rng_streams();
	return check_report("core");
}
