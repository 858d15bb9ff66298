/*
 * sparse.c - sums of rows that have weight in few clusters are those of all products
 */
#include "train.h"

#include "core/sparse.h"

#define K		40
#define D		37
#define TILE	64
#define ROWS	50				/* the rest is padding */
#define MEMORY	65536

typedef struct Sparse
{
	FcModel		model;
	FcMetric	metric;
	FcSparse	sparse;
	char	   *memory;
	double		x[D * TILE];
	double		w[K * TILE];
	double		wx[D * TILE];
	double		sum[K * D];
	double		expected[K * D];
} Sparse;

/* Weights of each row in "most" clusters or fewer */
static void
make(Sparse *t, int isa, FcPrecision precision, int32_t most)
{
	FcArena		a = {.base = aligned_alloc(64, MEMORY)};
	FcRng		rng;

	fc_rng_start(&rng, 5, (uint64_t) most);
	memset(t->w, 0, sizeof(t->w));
	memset(t->expected, 0, sizeof(t->expected));
	fc_model_begin(&t->model, fc_find_algorithm("fcm"), K, D);
	t->metric = (FcMetric) {.model = &t->model, .ops = fc_block_ops(isa, precision), .isa = isa, .precision = precision, .k = K, .d = D};
	for (int32_t j = 0; j < D; j++)
		for (int32_t i = 0; i < TILE; i++)
			fc_set(t->x, precision, j * TILE + i, i < ROWS ? fc_rng_uniform(&rng) - 0.5 : 0);
	for (int32_t i = 0; i < ROWS; i++)
		for (int32_t r = 0; r < (i % 3 == 0 ? most : most / 2); r++)
			fc_set(t->w, precision, (size_t) (i + 7 * r) % K * TILE + i, fc_rng_uniform(&rng) + 0.1);
	for (int32_t i = 0; i < K * D; i++)
		t->sum[i] = t->expected[i] = i;
	free(t->memory);
	t->memory = memset(a.base, 0xFF, MEMORY);
	t->sparse = (FcSparse) {0};
	fc_sparse_layout(&a, &t->sparse, &t->model, precision, TILE);
}

static void
test_sums(int isa, FcPrecision precision)
{
	Sparse		t = {.memory = NULL};
	double		weight[K];

	for (int32_t most = 0; most <= FC_SPARSE_MOST; most++)
	{
		make(&t, isa, precision, most);
		memset(weight, 0, sizeof(weight));
		t.metric.ops->accumulate(t.x, TILE, TILE, D, t.w, TILE, K, t.expected, weight);
		CHECK(fc_sparse_add(&t.sparse, &t.metric, t.x, TILE, TILE, t.w, t.wx, t.sum));
		for (int32_t i = 0; i < K * D; i++)
			CHECK_NEAR(t.sum[i], t.expected[i], precision == FC_F32 ? 1e-6 : 1e-14);
	}
	free(t.memory);
}

/* Gives some rows, from "row" on, weight in more clusters than there is room for */
static void
spread_rows(Sparse *t, FcPrecision precision, int32_t row, int32_t count)
{
	for (int32_t i = row; i < row + count; i++)
		for (int32_t c = 0; c <= FC_SPARSE_MOST; c++)
			fc_set(t->w, precision, (size_t) (3 * c + i) % K * TILE + i, 0.25);
}

/* Few of them are added to all clusters, wherever they are */
static void
test_others(int isa, FcPrecision precision)
{
	Sparse		t = {.memory = NULL};
	double		weight[K] = {0};

	for (int32_t row = 0; row < ROWS; row += 4)
	{
		make(&t, isa, precision, 2);
		spread_rows(&t, precision, row, row + 4 < ROWS ? 4 : ROWS - row);
		t.metric.ops->accumulate(t.x, TILE, TILE, D, t.w, TILE, K, t.expected, weight);
		CHECK(fc_sparse_add(&t.sparse, &t.metric, t.x, TILE, TILE, t.w, t.wx, t.sum));
		for (int32_t i = 0; i < K * D; i++)
			CHECK_NEAR(t.sum[i], t.expected[i], precision == FC_F32 ? 1e-6 : 1e-14);
	}
	free(t.memory);
}

/* Of many of them, nothing is added */
static void
test_dense(int isa, FcPrecision precision)
{
	Sparse		t = {.memory = NULL};

	for (int32_t row = 0; row < ROWS; row += FC_LANES)
	{
		make(&t, isa, precision, 1);
		spread_rows(&t, precision, row, 17);
		CHECK(!fc_sparse_add(&t.sparse, &t.metric, t.x, TILE, TILE, t.w, t.wx, t.sum));
		CHECK(memcmp(t.sum, t.expected, sizeof(t.sum)) == 0);
	}
	free(t.memory);
}

/* Weights that are nothing beside a row's largest one are left out: the sums are the same but for rounding */
static void
test_nothing(int isa, FcPrecision precision)
{
	Sparse		t = {.memory = NULL};
	double		weight[K] = {0};

	make(&t, isa, precision, 2);
	for (int32_t i = 0; i < ROWS; i++)
		for (int32_t c = 0; c < K; c++)
			if (fc_get(t.w, precision, (size_t) c * TILE + i) == 0)
				fc_set(t.w, precision, (size_t) c * TILE + i, FC_EPSILON(precision) / (100 * K));
	CHECK(fc_sparse_add(&t.sparse, &t.metric, t.x, TILE, TILE, t.w, t.wx, t.sum));
	CHECK(t.sparse.others == 0);
	t.metric.ops->accumulate(t.x, TILE, TILE, D, t.w, TILE, K, t.expected, weight);
	for (int32_t i = 0; i < K * D; i++)
		CHECK_NEAR(t.sum[i], t.expected[i], precision == FC_F32 ? 1e-6 : 1e-14);
	free(t.memory);
}

/* Where looking for zeros is not worth it */
static void
test_never(void)
{
	FcArena		a = {0};
	FcSparse	s = {0};
	FcModel		m;

	fc_model_begin(&m, fc_find_algorithm("fcm"), 10, 1000);
	fc_sparse_layout(&a, &s, &m, FC_F32, TILE);
	fc_model_begin(&m, fc_find_algorithm("kmeans"), K, D);
	fc_sparse_layout(&a, &s, &m, FC_F32, TILE);
	CHECK(s.tile == 0 && a.used == 0);
	CHECK(!fc_sparse_add(&s, NULL, NULL, 0, 0, NULL, NULL, NULL));
}

int
main(void)
{
	for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
		for (int precision = FC_F32; precision <= FC_F64; precision++)
		{
			test_sums(isa, (FcPrecision) precision);
			test_others(isa, (FcPrecision) precision);
			test_dense(isa, (FcPrecision) precision);
			test_nothing(isa, (FcPrecision) precision);
		}
	test_never();
	return check_report("sparse");
}
