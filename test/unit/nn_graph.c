/*
 * nn_graph.c - neighbours, smoothing, merging, and clusters from them
 */
#include "nn.h"
#include "deep/groups.h"

/* ---- neighbours ---- */

static void
search(const FcReal *base, int64_t n, const FcReal *queries, int64_t q, int64_t self, int32_t m, int32_t count,
	   int32_t *nearest)
{
	FcSearch	s;
	FcArena		arena = {0};
	FcColumn	rows = fc_column_of(base, n, sizeof(FcReal) * m);
	FcColumn	sought = fc_column_of(queries, q, sizeof(FcReal) * m);

	fc_search_layout(&arena, &s, m, count, n);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_search_layout(&arena, &s, m, count, n);
	fc_search(&s, &no_hooks, &(FcSought) {
		.base = fc_column_whole(&rows), .queries = fc_column_whole(&sought), .self = self, .m = m, .count = count
	}, nearest);
	free(arena.base);
}

/* Row b comes before row c for the query */
static bool
before(const FcReal *x, const FcReal *query, int32_t m, int64_t b, int64_t c)
{
	double		to_b = 0;
	double		to_c = 0;

	for (int32_t j = 0; j < m; j++)
	{
		to_b += ((double) x[b * m + j] - query[j]) * ((double) x[b * m + j] - query[j]);
		to_c += ((double) x[c * m + j] - query[j]) * ((double) x[c * m + j] - query[j]);
	}
	return to_b < to_c || (to_b == to_c && b < c);
}

/* Nothing that is left out comes before the last that is there, and these are in order */
static void
check_nearest(const FcReal *x, int64_t n, const FcReal *queries, int64_t q, int64_t self, int32_t m, int32_t count)
{
	int32_t    *nearest = malloc(sizeof(int32_t) * q * count);
	int			wrong = 0;

	search(x, n, queries, q, self, m, count, nearest);
	for (int64_t i = 0; i < q; i++)
	{
		const int32_t *at = nearest + i * count;

		for (int32_t l = 1; l < count; l++)
			wrong += !before(x, queries + i * m, m, at[l - 1], at[l]);
		for (int64_t b = 0; b < n; b++)
		{
			bool		there = self >= 0 && b == self + i;

			for (int32_t l = 0; l < count; l++)
			{
				wrong += self >= 0 && at[l] == self + i;
				there = there || at[l] == b;
			}
			wrong += !there && before(x, queries + i * m, m, b, at[count - 1]);
		}
	}
	CHECK_EQ(wrong, 0);
	free(nearest);
}

static void
test_neighbors(void)
{
	FcReal	   *golden = reals_of(golden_knn_z, 24);
	FcReal	   *x = random_reals(1500 * 3, -1, 1, 1);
	int32_t		nearest[12];

	search(golden, 6, golden, 6, 0, 4, 2, nearest);
	for (int i = 0; i < 12; i++)
		CHECK_EQ(nearest[i], golden_knn_idx[i]);
	check_nearest(x, 1500, x, 300, 0, 3, 5);
	check_nearest(x, 1500, x + 900, 140, 300, 3, 1);
	check_nearest(x, 1025, x, 129, -1, 3, 7);
	check_nearest(x, 7, x, 7, 0, 3, 6);
	for (int i = 0; i < 1500 * 3; i++)	/* far from the origin: products have no digits left */
		x[i] += 3000;
	check_nearest(x, 1500, x, 200, 0, 3, 5);
	for (int i = 0; i < 1500 * 3; i++)	/* many equal rows and distances */
		x[i] = (int) (2 * (x[i] - 3000));
	check_nearest(x, 1500, x, 200, 0, 3, 5);
	free(x);
	x = random_reals(2100 * 300, -1, 1, 2);	/* more rows than the window has */
	check_nearest(x, 2100, x, 30, 0, 300, 4);
	check_nearest(x, 2100, x + 1020 * 300, 10, 1020, 300, 4);
	free(golden);
	free(x);
}

/* ---- the parts of the first clusters ---- */

static void
test_golden_start(void)
{
	FcReal	   *z = reals_of(golden_graph_init_z, 36);
	FcReal		work[36];
	double		edges[8 * 6];
	int32_t		nearest[54];
	int32_t		label[18];

	search(z, 18, z, 18, 0, 2, 3, nearest);
	for (int i = 0; i < 54; i++)
		CHECK_EQ(nearest[i], golden_graph_init_knn[i]);
	fc_smooth_rows(&no_hooks, nearest, 18, 3, 2, 5, z, work);
	CHECK_REALS(z, golden_graph_init_h, CLOSE);
	fc_center_rows(&no_hooks, z, 18, 2);
	fc_l2norm(z, 18, 2, z);
	CHECK_REALS(z, golden_graph_init_h_unit, 10 * CLOSE);
	for (int i = 0; i < 18; i++)
		label[i] = golden_graph_init_over_labels[i];
	fc_merge_groups(&no_hooks, nearest, 18, 3, 6, 3, edges, label);
	for (int i = 0; i < 18; i++)
		CHECK_EQ(label[i], golden_graph_init_merged[i]);
	free(z);
}

static void
check_merge(const int32_t *nearest, int n, int count, int groups, int k, const int32_t *label, const int32_t *expected)
{
	double		edges[8 * 6];
	int32_t		found[8];

	memcpy(found, label, sizeof(int32_t) * n);
	fc_merge_groups(&no_hooks, nearest, n, count, groups, k, edges, found);
	for (int i = 0; i < n; i++)
		CHECK_EQ(found[i], expected[i]);
}

static void
test_merge(void)
{
	static const int32_t pairs[] = {1, 0, 3, 2, 5, 4, 7, 6};
	static const int32_t of_pairs[] = {0, 0, 1, 1, 2, 2, 3, 3};

	/* of equal gains the first pair */
	check_merge(pairs, 8, 1, 4, 3, of_pairs, (const int32_t[]) {0, 0, 0, 0, 1, 1, 2, 2});
	/* an edge joins whichever way it points */
	check_merge((const int32_t[]) {1, 0, 3, 2, 1, 0}, 6, 1, 3, 2, of_pairs, (const int32_t[]) {0, 0, 1, 1, 0, 0});
	/* groups without rows go first: these two would gain by a merger */
	check_merge((const int32_t[]) {2, 3, 0, 1, 5, 4}, 6, 1, 6, 3, (const int32_t[]) {1, 1, 3, 3, 4, 4}, of_pairs);
	check_merge((const int32_t[]) {2, 3, 0, 1, 5, 4}, 6, 1, 6, 2, (const int32_t[]) {1, 1, 3, 3, 4, 4},
				(const int32_t[]) {0, 0, 0, 0, 1, 1});
}

/* ---- all of it ---- */

typedef struct Start
{
	FcGraphStart start;
	FcSearch	search;
	void	   *memory;
	int32_t    *label;
	FcReal	   *centers;
} Start;

static void
start_layout(FcArena *a, Start *s)
{
	fc_search_layout(a, &s->search, s->start.latent, s->start.neighbors, s->start.n);
	fc_graph_start_layout(a, &s->start);
	s->start.search = &s->search;
}

static void
start_begin(Start *s, int64_t n, int32_t m, int32_t k)
{
	FcArena		arena = {0};

	s->start = fc_graph_start_defaults(n, m, k, 1);
	start_layout(&arena, s);
	s->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	start_layout(&arena, s);
	s->label = malloc(sizeof(int32_t) * n);
	s->centers = reals(k * m);
}

static void
start_end(Start *s)
{
	free(s->memory);
	free(s->label);
	free(s->centers);
}

/*
 * Four patches of the unit sphere, row i on patch i % 4: a wide one, and three
 * small ones near each other.  The sum of squares is least if the wide one is
 * cut and two small ones are taken as one.
 */
static void
fill_patches(FcReal *z, int64_t n)
{
	FcRng		rng;

	fc_rng_start(&rng, 9, 0);
	for (int64_t i = 0; i < n; i++)
	{
		double		wide = i % 4 == 0;
		double		along = wide ? 180 : 20.0 * (i % 4 - 2);
		double		across = (fc_rng_uniform(&rng) - 0.5) * (wide ? 80 : 10) / 57.29577951308232;

		along = (along + (fc_rng_uniform(&rng) - 0.5) * (wide ? 120 : 10)) / 57.29577951308232;
		z[3 * i] = (FcReal) (cos(across) * cos(along));
		z[3 * i + 1] = (FcReal) (cos(across) * sin(along));
		z[3 * i + 2] = (FcReal) sin(across);
	}
}

/* Labels (n) of codes (n, m) */
static FcStatus
means(FcMeans *s, const FcReal *z, int32_t k, int32_t *label)
{
	FcColumn	codes = fc_column_of(z, s->n, sizeof(FcReal) * s->latent);
	FcColumn	labels = fc_column_of(label, s->n, sizeof(int32_t));

	return fc_means(s, &no_hooks, &codes, k, 1, &labels);
}

/* The mean of a label's codes, counted here */
static void
check_center(const Start *s, const FcReal *z, int32_t c)
{
	double		sum[3] = {0};
	int			count = 0;

	for (int64_t i = 0; i < s->start.n; i++)
		if (s->label[i] == c)
		{
			count++;
			for (int j = 0; j < 3; j++)
				sum[j] += z[3 * i + j];
		}
	for (int j = 0; j < 3; j++)
		CHECK_NEAR(s->centers[3 * c + j], sum[j] / count, CLOSE);
}

static void
test_patches(void)
{
	enum {ROWS = 600};
	FcReal	   *z = reals(3 * ROWS);
	Start		s;
	Start		again;
	int			wrong = 0;
	int			cut = 0;

	fill_patches(z, ROWS);
	start_begin(&s, ROWS, 3, 4);
	start_begin(&again, ROWS, 3, 4);
	CHECK_EQ(fc_graph_start(&s.start, &no_hooks, z, s.label, s.centers), FC_OK);
	for (int i = 0; i < ROWS; i++)
		wrong += s.label[i] != s.label[i % 4];
	CHECK(s.label[0] + s.label[1] + s.label[2] + s.label[3] == 6 && s.label[1] != s.label[2]);
	CHECK_EQ(wrong, 0);
	CHECK_EQ(means(&again.start.means, z, 4, again.label), FC_OK);
	for (int i = 0; i < ROWS; i++)
		cut += again.label[i] != again.label[i % 4];
	CHECK(cut > ROWS / 20);
	for (int32_t c = 0; c < 4; c++)
		check_center(&s, z, c);
	CHECK_EQ(fc_graph_start(&again.start, &no_hooks, z, again.label, again.centers), FC_OK);
	CHECK(memcmp(again.label, s.label, sizeof(int32_t) * ROWS) == 0);
	CHECK(memcmp(again.centers, s.centers, sizeof(FcReal) * 12) == 0);
	for (int i = 0; i < 3 * ROWS; i++)
		z[i] += 4;				/* where the origin is does not matter */
	CHECK_EQ(fc_graph_start(&again.start, &no_hooks, z, again.label, again.centers), FC_OK);
	CHECK(!IS_DOUBLE || memcmp(again.label, s.label, sizeof(int32_t) * ROWS) == 0);
	start_end(&s);
	start_end(&again);
	free(z);
}

/* Fewer different rows than groups, and than clusters */
static void
test_few_rows(void)
{
	enum {ROWS = 48};
	FcReal		z[ROWS];
	Start		s;
	int			wrong = 0;

	for (int i = 0; i < ROWS; i++)
		z[i] = i / 12 * 10;		/* four different ones, twelve of each */
	start_begin(&s, ROWS, 1, 2);
	if (CHECK_EQ(fc_graph_start(&s.start, &no_hooks, z, s.label, s.centers), FC_OK))
		for (int i = 0; i < ROWS; i++)
			wrong += s.label[i] != s.label[i / 12 * 12];
	CHECK_EQ(wrong, 0);
	start_end(&s);
	start_begin(&s, 2, 1, 3);
	CHECK_EQ(fc_graph_start(&s.start, &no_hooks, z, s.label, s.centers), FC_TOO_FEW_ROWS);
	start_end(&s);
	start_begin(&s, 1, 1, 1);
	CHECK_EQ(fc_graph_start(&s.start, &no_hooks, z, s.label, s.centers), FC_TOO_FEW_ROWS);
	start_end(&s);
}

static void
test_means(void)
{
	enum {ROWS = 3000};			/* more than a block */
	FcReal	   *z = random_reals(ROWS * 3, -1, 1, 1);
	FcMeans		s;
	FcSpill		none = {0};
	FcColumnSpace space = fc_column_space(&none);
	FcArena		arena = {0};
	int32_t    *label = malloc(sizeof(int32_t) * ROWS);
	double		mean = 0;
	int			wrong = 0;

	for (int i = 0; i < ROWS; i++)
		z[i * 3 + i % 3] += 10;
	fc_means_layout(&arena, &s, &space, ROWS, 3, 20, 4);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_means_layout(&arena, &s, &space, ROWS, 3, 20, 4);
	CHECK_EQ(means(&s, z, 3, label), FC_OK);
	for (int i = 0; i < ROWS; i++)
		wrong += label[i] != label[i % 3];
	CHECK_EQ(wrong, 0);
	CHECK(label[0] != label[1] && label[1] != label[2] && label[0] != label[2]);
	for (int i = 2; i < ROWS; i += 3)
		mean += z[i * 3 + 2] / (ROWS / 3);
	CHECK_NEAR(s.model.centers[label[2] * 3 + 2], mean, CLOSE);
	CHECK_EQ(means(&s, z, 20, label), FC_OK);
	free(arena.base);
	free(label);
	free(z);
}

/* The share of edges that leave a group, either way; groups without rows do not count */
static void
test_conductance(void)
{
	static const int32_t nearest[] = {1, 0, 3, 2, 3};	/* edges 0-1 twice, 2-3 twice, 4-3 */
	static const int32_t pairs[] = {0, 0, 1, 1, 3};
	static const int32_t mixed[] = {0, 1, 0, 1, 0};
	static const int32_t one[] = {2, 2, 2, 2, 2};
	int64_t		edges[8];

	/* group 0: none of 4; group 1: 1 of 5; group 3: 1 of 1 */
	CHECK_NEAR(fc_mean_conductance(&no_hooks, nearest, 5, 1, 4, pairs, edges), (0 + 0.2 + 1) / 3, 1e-15);
	CHECK_NEAR(fc_mean_conductance(&no_hooks, nearest, 5, 1, 2, mixed, edges), 1, 1e-15);
	CHECK_EQ(fc_mean_conductance(&no_hooks, nearest, 5, 1, 4, one, edges), 0);
}

int
main(void)
{
	test_conductance();
	test_neighbors();
	test_golden_start();
	test_merge();
	test_means();
	test_patches();
	test_few_rows();
	return check_report("nn_graph");
}
