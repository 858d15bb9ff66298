/*
 * bounds.c - nearest centers found with what is known from the pass before
 *
 * They are those that a comparison with all centers finds, to the bit, wherever
 * centers move in between.
 */
#include "train.h"

#include "core/bounds.h"

#define PASSES		12
#define FEWEST		96			/* features, for which something is kept */

/* Where the rows are */
typedef enum Place
{
	SCATTERED,
	IN_CLUSTERS,
	FAR_FROM_ZERO,				/* digits are lost: many equal distances */
	EQUAL,						/* a few distinct rows, many times */
	TINY,						/* squares vanish */
	HUGE,						/* squares are near the largest number */
	PLACES
} Place;

/* How many centers move between two passes */
typedef enum Motion
{
	NONE,
	FEW,
	MOST,
	ALL,
	MOTIONS
} Motion;

typedef struct Case
{
	FcMetric	metric;
	FcRows		rows;
	FcBounds	bounds;
	FcHooks		hooks;
	Place		place;
	FcRng		rng;
	int32_t		step;			/* centers at once */
	char	   *x;				/* (blocks, d, stride) */
	void	   *least;			/* (stride) by comparison with all centers */
	int32_t    *nearest;		/* (stride) */
} Case;

static double
feature(Case *t, int64_t i)
{
	double		noise = 2 * fc_rng_uniform(&t->rng) - 1;

	switch (t->place)
	{
		case IN_CLUSTERS:
			return i % 5 + noise / 16;
		case FAR_FROM_ZERO:
			return (t->metric.precision == FC_F32 ? 1e5 : 1e13) + noise / 8;
		case EQUAL:
			return i % 7;
		case TINY:
			return noise * (t->metric.precision == FC_F32 ? 1e-22 : 1e-161);
		case HUGE:
			return noise * (t->metric.precision == FC_F32 ? 1e15 : 1e140);
		default:
			return noise;
	}
}

static const void *
block(void *source, int64_t b)
{
	const Case *t = source;

	return t->x + b * t->rows.stride * t->rows.d * FC_SIZE(t->metric.precision);
}

/* A center begins at a row, or goes to another place */
static void
move_center(Case *t, int32_t c, int64_t row)
{
	for (int32_t j = 0; j < t->metric.d; j++)
		fc_set(t->metric.v, t->metric.precision, (size_t) c * t->metric.d + j, feature(t, row));
}

static void
move_some(Case *t, Motion motion)
{
	int32_t		k = t->metric.k;
	int32_t		count = motion == NONE ? 0 : motion == FEW ? 1 + k / 10 : motion == MOST ? k / 2 : k;
	int32_t		d = t->metric.d;

	for (int32_t i = 0; i < count; i++)
	{
		int32_t		c = motion == ALL ? i : (int32_t) (fc_rng_next(&t->rng) % k);

		if (i % 3 == 2)			/* by little */
			fc_set(t->metric.v, t->metric.precision, (size_t) c * d + i % d,
				   1.0001 * fc_get(t->metric.v, t->metric.precision, (size_t) c * d + i % d));
		else if (i % 3 == 1)	/* onto another one */
			memmove((char *) t->metric.v + (size_t) c * d * FC_SIZE(t->metric.precision),
					(char *) t->metric.v + (size_t) (c * 7 % k) * d * FC_SIZE(t->metric.precision),
					d * FC_SIZE(t->metric.precision));
		else
			move_center(t, c, i);
	}
}

static void
begin(Case *t, int isa, FcPrecision precision, int32_t d, int32_t k, int64_t n, Place place)
{
	int32_t		stride = 5 * FC_LANES;
	int64_t		blocks = (n + stride - 1) / stride;
	FcArena		arena = {0};

	*t = (Case) {.place = place, .step = k};
	t->metric = (FcMetric) {.ops = fc_block_ops(isa, precision), .isa = isa, .precision = precision, .k = k, .d = d};
	fc_rng_start(&t->rng, 5, place);
	t->x = calloc(blocks * stride * d, FC_SIZE(precision));
	t->rows = (FcRows) {.n = n, .d = d, .stride = stride, .precision = precision, .block = block, .source = t};
	for (int64_t i = 0; i < n; i++)
		for (int32_t j = 0; j < d; j++)
			fc_set(t->x, precision, (i / stride * d + j) * stride + i % stride, feature(t, i));
	t->metric.v = hostile_memory((size_t) k * d * FC_SIZE(precision));
	for (int32_t c = 0; c < k; c++)
		move_center(t, c, c * 3);
	t->least = hostile_memory(stride * FC_SIZE(precision));
	t->nearest = hostile_memory(stride * sizeof(int32_t));
	fc_bounds_layout(&arena, &t->bounds, &t->rows, k);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_bounds_layout(&arena, &t->bounds, &t->rows, k);
	fc_bounds_begin(&t->bounds);
}

static void
end(Case *t)
{
	free(t->x);
	free(t->metric.v);
	free(t->least);
	free(t->nearest);
	free(t->bounds.least);		/* the first piece */
}

/* Rows whose nearest center or distance is another, or to which another center is nearer than the bound */
static int
count_wrong(Case *t, const char *x, int64_t first, int32_t rows, int32_t lanes)
{
	const FcBounds *b = &t->bounds;
	FcPrecision precision = t->metric.precision;
	double	   *at = hostile_memory((size_t) t->metric.k * lanes * FC_SIZE(precision));
	int			wrong = 0;

	t->metric.ops->assign(x, t->rows.stride, lanes, t->metric.d, t->metric.v, 0, t->metric.k, t->least, t->nearest);
	t->metric.ops->distance(x, t->rows.stride, lanes, t->metric.d, t->metric.v, t->metric.k, at, lanes);
	for (int32_t i = 0; i < rows; i++)
	{
		wrong += fc_get(t->least, precision, i) != fc_get(b->least, precision, first + i);
		wrong += t->nearest[i] != b->nearest[first + i];
		for (int32_t c = 0; c < t->metric.k; c++)
			wrong += c != t->nearest[i] && fc_get(at, precision, (size_t) c * lanes + i) < fc_get(b->second, precision, first + i);
	}
	free(at);
	return wrong;
}

static int
pass(Case *t)
{
	int			wrong = 0;

	fc_bounds_prepare(&t->bounds, &t->metric, &t->rows);
	fc_bounds_begin_portion(&t->bounds);
	for (int64_t b = 0; b < fc_blocks(&t->rows); b++)
	{
		const char *x = t->rows.block(t->rows.source, b);
		int32_t		rows = fc_rows_in_block(&t->rows, b);
		int32_t		lanes = FC_ROUND_UP(rows, FC_LANES);

		fc_bounds_find(&t->bounds, &t->metric, &t->hooks, x, t->rows.stride, b * t->rows.stride, lanes, t->step);
		wrong += count_wrong(t, x, b * t->rows.stride, rows, lanes);
	}
	return wrong;
}

static void
test_passes(int32_t d, int32_t k, int64_t n)
{
	FOR_EACH_VARIANT(isa, precision)
		for (int place = 0; place < PLACES; place++)
		{
			Case		t;
			int			wrong = 0;

			begin(&t, isa, precision, d, k, n, place);
			CHECK(t.bounds.lanes >= n);
			for (int i = 0; i < PASSES; i++)
			{
				t.step = i % 2 ? k : 7;
				wrong += pass(&t);
				move_some(&t, i * 5 % MOTIONS);
				if (i == PASSES / 2)	/* other rows, as if after a sample */
				{
					t.rows.n = n / 2;
					wrong += pass(&t);
					t.rows.n = n;
				}
			}
			CHECK_EQ(wrong, 0);
			end(&t);
		}
}

/* Distances to centers that stay are not computed: with infinite features in their place nothing changes */
static void
test_left_out(void)
{
	FOR_EACH_VARIANT(isa, precision)
	{
		Case		t;
		size_t		bytes;

		begin(&t, isa, precision, FEWEST, 40, 500, IN_CLUSTERS);
		CHECK_EQ(pass(&t), 0);
		move_center(&t, 11, 3);
		CHECK_EQ(pass(&t), 0);
		CHECK_EQ(*t.bounds.moves, 1);
		CHECK_EQ(t.bounds.number[0], 11);
		CHECK(t.bounds.tried > 0);
		bytes = (size_t) t.rows.stride * t.rows.d * FC_SIZE(precision);
		CHECK_EQ(pass(&t), 0);
		CHECK_EQ(*t.bounds.moves, 0);
		CHECK_EQ(t.bounds.failed, 0);
		/* no center has moved, so not even rows are read */
		fc_bounds_prepare(&t.bounds, &t.metric, &t.rows);
		memcpy(t.nearest, t.bounds.nearest, t.rows.stride * sizeof(int32_t));
		memset(t.x, 0xff, bytes);
		fc_bounds_find(&t.bounds, &t.metric, &t.hooks, t.x, t.rows.stride, 0, t.rows.stride, 40);
		CHECK(memcmp(t.nearest, t.bounds.nearest, t.rows.stride * sizeof(int32_t)) == 0);
		end(&t);
	}
}

/* Little memory, whatever n and k */
static void
test_memory(void)
{
	FcRows		rows = {.n = 100000, .d = 768, .precision = FC_F32};
	FcBounds	b;
	FcArena		arena = {0};

	fc_bounds_layout(&arena, &b, &rows, 1000);
	CHECK(b.lanes == rows.n);
	CHECK(arena.used < 12 * 100000 + 2 * 4 * 1000 * 768 + 10000);
	rows.n = 1000000;
	fc_bounds_layout(&arena, &b, &rows, 1000);
	CHECK_EQ(b.lanes, 0);
	rows = (FcRows) {.n = 1000, .d = FEWEST - 1, .precision = FC_F32};
	fc_bounds_layout(&arena, &b, &rows, 1000);
	CHECK_EQ(b.lanes, 0);
	rows.d = 1000;
	fc_bounds_layout(&arena, &b, &rows, 15);
	CHECK_EQ(b.lanes, 0);
}

int
main(void)
{
	test_passes(FEWEST, 16, 333);
	test_passes(FEWEST + 1, 17, 80);
	test_passes(130, 43, 161);
	test_passes(201, 20, 1);
	test_left_out();
	test_memory();
	return check_report("bounds");
}
