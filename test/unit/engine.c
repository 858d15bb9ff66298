/*
 * engine.c - single steps of alternating optimization: clusters without rows,
 * when nothing moves any more, and how many rows are weighed at once
 */
#include "train.h"

#include "core/engine.h"

#define TILE_DISTANCES	262144	/* as there */

/* ---- clusters without rows ---- */

/* Rows within 1 of the origin, except for the last two */
static double *
make_far_rows(int n)
{
	double	   *x = make_noise(n, 2, 3);

	x[2 * n - 4] = 0;
	x[2 * n - 3] = -9;
	x[2 * n - 2] = 10;
	x[2 * n - 1] = 0;
	return x;
}

/* Two clusters that lose all rows in one step go to different rows: the two that are farthest from their center */
static void
test_two_empty(int isa, FcPrecision precision)
{
	enum {N = 40};
	static const double start[] = {0, 0, 1000, 1000, -1000, 1000};
	static const double far[2][2] = {{10, 0}, {0, -9}};
	double	   *x = make_far_rows(N);
	Training	t;

	training_begin(&t, fc_find_algorithm("kmeans"), 3, precision, x, N, 2);
	t.fit.isa = isa;
	t.fit.start = start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	t.model.common[FC_MAX_ITERATIONS] = 1;
	if (CHECK_EQ(training_run(&t), FC_OK))
		for (int i = 0; i < 2; i++)
			for (int j = 0; j < 2; j++)
				CHECK_NEAR(t.model.centers[(i + 1) * 2 + j], far[i][j], 1e-6);
	training_end(&t);
	free(x);
}

/* ---- the end ---- */

/* With a tolerance of 0 a training ends when nothing moves, and says that it has settled */
static void
test_standstill(int isa, FcPrecision precision)
{
	double	   *x = make_blobs(90, 2, 3, 2);
	Training	t;

	training_begin(&t, fc_find_algorithm("kmeans"), 3, precision, x, 90, 2);
	t.fit.isa = isa;
	t.model.common[FC_TOLERANCE] = 0;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		CHECK(t.model.converged);
		CHECK(t.model.iterations < t.model.common[FC_MAX_ITERATIONS]);
		CHECK_EQ(fc_history_get(&t.model, t.model.history.count - 1, FC_HISTORY_CHANGE), 0);
	}
	training_end(&t);
	free(x);
}

/* ---- tiles ---- */

/* As many rows as have TILE_DISTANCES, in whole registers, but no more than a block has */
static void
test_tile(int32_t k, int32_t d)
{
	FcArena		arena = {0};
	double	   *x = make_noise(4, d, 1);
	FcEngine   *e;
	int32_t		block = fc_block_rows(d);
	Training	t;

	training_begin(&t, fc_find_algorithm("fcm"), k, FC_F64, x, 4, d);
	t.fit.rows = t.source.rows;
	fc_engine_layout(&arena, &t.fit);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	e = fc_engine_layout(&arena, &t.fit);
	CHECK_EQ(e->tile % FC_LANES, 0);
	CHECK(e->tile <= block);
	CHECK(e->tile == FC_LANES || (int64_t) e->tile * k <= TILE_DISTANCES);
	CHECK(e->tile + FC_LANES > block || (int64_t) (e->tile + FC_LANES) * k > TILE_DISTANCES);
	free(arena.base);
	training_end(&t);
	free(x);
}

/* The first step with rows that fill a block, and so its tile, to the last lane is that in a block with lanes to spare */
static void
test_full_block(const FcAlgorithm *algo, FcPrecision precision)
{
	enum {N = 990, D = 2, K = 3};
	double	   *x = make_noise(N, D, 41);
	Training	t[2];

	for (int i = 0; i < 2; i++)
	{
		training_begin(&t[i], algo, K, precision, x, N, D);
		t[i].source.rows.stride = i == 0 ? 992 : 1008;
		t[i].fit.start = x;
		t[i].model.common[FC_INIT] = FC_INIT_CENTERS;
		t[i].model.common[FC_MAX_ITERATIONS] = 1;
		CHECK_EQ(training_run(&t[i]), FC_OK);
	}
	for (int i = 0; i < K * D; i++)
		CHECK_NEAR(t[0].model.centers[i], t[1].model.centers[i], rounding_of(precision) / 10);
	for (int i = 0; i < 2; i++)
		training_end(&t[i]);
	free(x);
}

int
main(void)
{
	FOR_EACH_VARIANT(isa, precision)
	{
		test_two_empty(isa, precision);
		test_standstill(isa, precision);
	}
	FOR_EACH_ALGORITHM(algo)
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			if (!is_deep(algo) && !(algo->traits & FC_EMBEDS))
				test_full_block(algo, precision);
	test_tile(1, 1);
	test_tile(3, 2);
	test_tile(3, 2000);
	test_tile(100, 2);
	test_tile(1500, 2);
	test_tile(20000, 1);
	return check_report("engine");
}
