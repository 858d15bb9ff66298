/*
 * agreement.c - tests of the assignment problem and of accuracy, nmi and ari
 */
#include "core/agreement.h"
#include "core/assignment.h"
#include "check.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

static uint32_t seed = 1;

/* 0 .. n - 1, by a linear congruential generator */
static int32_t
draw(int32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (int32_t) ((seed >> 8) % (uint32_t) n);
}

static int32_t calls;

static void
count_call(void *arg)
{
	calls++;
	CHECK(arg == &calls);
}

/* fc_assign in memory of exactly the size that its layout counted */
static bool
assign(const FcCosts *costs, int32_t *match, double *total)
{
	FcArena		arena = {0};
	void	   *work;
	bool		ok;

	CHECK(fc_assign_layout(&arena, costs->rows, costs->columns) == NULL);
	arena.base = aligned_alloc(64, arena.used);
	arena.used = 0;
	work = fc_assign_layout(&arena, costs->rows, costs->columns);
	calls = 0;
	ok = fc_assign(costs, match, total, work, count_call, &calls);
	free(arena.base);
	return ok;
}

/* The smallest sum over all ways to match rows i, i + 1, ... with free columns */
static double
brute_force(const double *cost, int32_t rows, int32_t columns, int32_t i, uint32_t used, int32_t left_over)
{
	double		best = INFINITY;

	if (i == rows)
		return 0;
	if (left_over > 0)
		best = brute_force(cost, rows, columns, i + 1, used, left_over - 1);
	for (int32_t j = 0; j < columns; j++)
		if (!(used >> j & 1) && cost[i * columns + j] < INFINITY)
			best = fmin(best, cost[i * columns + j] +
						brute_force(cost, rows, columns, i + 1, used | 1u << j, left_over));
	return best;
}

/* Pairs matched, or -1 if a column is matched twice or the total is wrong */
static int32_t
count_pairs(const double *cost, int32_t rows, int32_t columns, const int32_t *match, double total)
{
	double		sum = 0;
	int32_t		pairs = 0;

	for (int32_t i = 0; i < rows; i++)
	{
		if (match[i] < -1 || match[i] >= columns)
			return -1;
		for (int32_t h = 0; h < i; h++)
			if (match[i] >= 0 && match[h] == match[i])
				return -1;
		if (match[i] >= 0)
		{
			sum += cost[i * columns + match[i]];
			pairs++;
		}
	}
	return fabs(sum - total) < 1e-9 ? pairs : -1;
}

static int32_t
min_side(int32_t rows, int32_t columns)
{
	return rows < columns ? rows : columns;
}

static void
check_against_brute_force(const double *cost, int32_t rows, int32_t columns)
{
	FcCosts		costs = fc_dense_costs(cost, rows, columns);
	double		best = brute_force(cost, rows, columns, 0, 0, rows > columns ? rows - columns : 0);
	double		total;
	int32_t		match[8];

	if (assign(&costs, match, &total))
	{
		CHECK_NEAR(total, best, 1e-12);
		CHECK_EQ(count_pairs(cost, rows, columns, match, total), min_side(rows, columns));
		CHECK_EQ(calls, min_side(rows, columns));
	}
	else
		CHECK(best == INFINITY);
}

/* Small tables of every shape: fractions, whole numbers with ties, forbidden pairs */
static void
test_assign_brute_force(void)
{
	double		cost[6 * 6];

	for (int32_t trial = 0; trial < 1200; trial++)
	{
		int32_t		rows = 1 + draw(6);
		int32_t		columns = 1 + draw(6);

		for (int32_t e = 0; e < rows * columns; e++)
			switch (trial % 3)
			{
				case 0:
					cost[e] = (draw(100000) - 50000) / 977.0;
					break;
				case 1:
					cost[e] = draw(3) - 1;
					break;
				default:
					cost[e] = draw(2) ? draw(10) : draw(2) ? INFINITY : NAN;
			}
		check_against_brute_force(cost, rows, columns);
	}
}

static void
test_assign_edges(void)
{
	double		one = 7;
	double		equal[5 * 5] = {0};
	double		wide[2 * 3] = {4, 1, 3, 2, 0, 5};
	double		tall[3 * 2] = {4, 2, 1, 0, 3, 5};	/* wide, transposed */
	double		low[2 * 2] = {-INFINITY, 1, 1, 1};
	FcCosts		costs = fc_dense_costs(&one, 1, 1);
	double		total;
	int32_t		match[5] = {-7, -7, -7, -7, -7};

	CHECK(assign(&costs, match, &total) && match[0] == 0 && total == 7);

	/* no rows, or no columns */
	costs = fc_dense_costs(NULL, 0, 0);
	CHECK(assign(&costs, match, &total) && total == 0 && calls == 0);
	costs = fc_dense_costs(NULL, 0, 3);
	CHECK(assign(&costs, match, &total) && total == 0 && calls == 0);
	costs = fc_dense_costs(NULL, 3, 0);
	CHECK(assign(&costs, match, &total) && total == 0 && calls == 0);
	CHECK(match[0] == -1 && match[1] == -1 && match[2] == -1);

	/* equal costs match a row with the column of its number, whatever the shape */
	for (int32_t rows = 1; rows <= 5; rows++)
		for (int32_t columns = 1; columns <= 5; columns++)
		{
			costs = fc_dense_costs(equal, rows, columns);
			CHECK(assign(&costs, match, &total) && total == 0);
			for (int32_t i = 0; i < rows; i++)
				CHECK_EQ(match[i], i < columns ? i : -1);
		}

	/* a table and its transpose */
	costs = fc_dense_costs(wide, 2, 3);
	CHECK(assign(&costs, match, &total) && total == 3 && match[0] == 1 && match[1] == 0);
	costs = fc_dense_costs(tall, 3, 2);
	CHECK(assign(&costs, match, &total) && total == 3);
	CHECK(match[0] == 1 && match[1] == 0 && match[2] == -1);

	/* an infinite gain is not a sensible sum */
	costs = fc_dense_costs(low, 2, 2);
	CHECK(!assign(&costs, match, &total));
}

/*
 * A matching is cheapest if no cycle of exchanges makes it cheaper.  Node h of
 * the graph is the column of row h, the last node all free columns; an edge
 * from g to h is what row g pays to change to there.  By Floyd and Warshall.
 */
static bool
can_be_improved(const double *cost, int32_t rows, int32_t columns, const int32_t *match)
{
	enum {MOST = 65};
	static double way[MOST][MOST];
	int32_t		free_node = rows;

	for (int32_t g = 0; g <= rows; g++)
		for (int32_t h = 0; h <= rows; h++)
			way[g][h] = g == free_node ? 0 : h == free_node ? INFINITY :
				cost[g * columns + match[h]] - cost[g * columns + match[g]];
	for (int32_t j = 0; j < columns; j++)
	{
		bool		taken = false;

		for (int32_t i = 0; i < rows; i++)
			taken |= match[i] == j;
		for (int32_t i = 0; i < rows && !taken; i++)
			way[i][free_node] = fmin(way[i][free_node],
									 cost[i * columns + j] - cost[i * columns + match[i]]);
	}
	for (int32_t via = 0; via <= rows; via++)
		for (int32_t g = 0; g <= rows; g++)
			for (int32_t h = 0; h <= rows; h++)
				way[g][h] = fmin(way[g][h], way[g][via] + way[via][h]);
	for (int32_t g = 0; g <= rows; g++)
		if (way[g][g] < -1e-9)
			return true;
	return false;
}

static void
test_assign_larger(void)
{
	enum {ROWS = 50, COLUMNS = 64};
	static double cost[ROWS * COLUMNS];
	static double turned[COLUMNS * ROWS];
	int32_t		match[COLUMNS],
				again[COLUMNS];

	for (int32_t trial = 0; trial < 8; trial++)
	{
		int32_t		columns = trial % 2 ? COLUMNS : ROWS;
		FcCosts		costs = fc_dense_costs(cost, ROWS, columns);
		FcCosts		other = fc_dense_costs(turned, columns, ROWS);
		double		total,
					total_again,
					total_other;
		int32_t		swap;

		for (int32_t i = 0; i < ROWS; i++)
			for (int32_t j = 0; j < columns; j++)
				turned[j * ROWS + i] = cost[i * columns + j] =
					trial < 4 ? draw(100000) / 977.0 : draw(8) ? 0 : -draw(20);
		CHECK(assign(&costs, match, &total));
		CHECK_EQ(count_pairs(cost, ROWS, columns, match, total), ROWS);
		CHECK(!can_be_improved(cost, ROWS, columns, match));
		CHECK(assign(&costs, again, &total_again) && total_again == total);
		CHECK(memcmp(match, again, sizeof(int32_t) * ROWS) == 0);
		CHECK(assign(&other, again, &total_other));
		CHECK_NEAR(total_other, total, 1e-12);

		if (trial < 4)			/* so the test of improvement can fail */
		{
			swap = match[0];
			match[0] = match[1];
			match[1] = swap;
			CHECK(can_be_improved(cost, ROWS, columns, match));
		}
	}
}

static jmp_buf interrupted;

static void
interrupt(void *arg)
{
	if (--*(int32_t *) arg == 0)
		longjmp(interrupted, 1);
}

static void
test_assign_interrupt(void)
{
	static char memory[4096];
	static double cost[4 * 4];
	FcArena		arena = {.base = memory};
	void	   *work = fc_assign_layout(&arena, 4, 4);
	FcCosts		costs = fc_dense_costs(cost, 4, 4);
	int32_t		match[4];
	int32_t		left = 3;
	double		total;

	CHECK(arena.used <= sizeof(memory));
	if (setjmp(interrupted) == 0)
	{
		fc_assign(&costs, match, &total, work, interrupt, &left);
		CHECK(false);
	}
	CHECK_EQ(left, 0);
	CHECK(fc_assign(&costs, match, &total, work, NULL, NULL) && match[3] == 3);
}

typedef struct Count
{
	int32_t		label;
	int32_t		cluster;
	int64_t		count;
} Count;

typedef struct Measures
{
	double		accuracy;
	double		nmi;
	double		ari;
} Measures;

/* Counts are multiplied by a factor; if that is small, a row is one that weighs as much */
static Measures
measure_weighted(const Count *cells, int32_t ncells, double factor)
{
	FcArena		arena = {0};
	FcContingency t;
	Measures	result;
	int32_t		labels = 0,
				clusters = 0;
	char	   *memory;

	for (int32_t e = 0; e < ncells; e++)
	{
		labels = cells[e].label >= labels ? cells[e].label + 1 : labels;
		clusters = cells[e].cluster >= clusters ? cells[e].cluster + 1 : clusters;
	}
	fc_contingency_layout(&arena, &t, labels, clusters, ncells);
	arena.base = memory = aligned_alloc(64, arena.used);
	arena.used = 0;
	fc_contingency_layout(&arena, &t, labels, clusters, ncells);
	fc_contingency_clear(&t);
	for (int32_t e = 0; e < ncells; e++)
		fc_contingency_add(&t, cells[e].label, cells[e].cluster, factor == 1 ? fc_amount_of_count(cells[e].count) :
						   fc_amount_of_weight(factor * (double) cells[e].count));
	t.unit = factor < 1 ? factor : 1;
	fc_contingency_sort(&t, NULL, NULL);

	arena = (FcArena) {0};
	fc_accuracy_layout(&arena, &t);
	arena.base = aligned_alloc(64, arena.used);
	arena.used = 0;
	calls = 0;
	result.accuracy = fc_accuracy(&t, fc_accuracy_layout(&arena, &t), count_call, &calls);
	CHECK_EQ(calls, min_side(labels, clusters));
	result.nmi = fc_nmi(&t);
	result.ari = fc_ari(&t);
	free(arena.base);
	free(memory);
	return result;
}

static Measures
measure(const Count *cells, int32_t ncells)
{
	return measure_weighted(cells, ncells, 1);
}

/* Also with labels and clusters exchanged, which must not matter */
static void
check_measures(const Count *cells, int32_t ncells, Measures expected, double tol)
{
	Measures	m = measure(cells, ncells);
	Count	   *turned = malloc(sizeof(Count) * ncells);

	for (int32_t turn = 0; turn < 2; turn++)
	{
		CHECK_NEAR(m.accuracy, expected.accuracy, tol);
		CHECK_NEAR(m.nmi, expected.nmi, tol);
		CHECK_NEAR(m.ari, expected.ari, tol);
		for (int32_t e = 0; e < ncells; e++)
			turned[e] = (Count) {cells[e].cluster, cells[e].label, cells[e].count};
		m = measure(turned, ncells);
	}
	free(turned);
}

/* The numbers, to 12 digits, come from scikit-learn's metrics and scipy's assignment */
static void
test_golden(void)
{
	static const Count iris[] = {{0, 0, 50}, {1, 1, 47}, {1, 2, 3}, {2, 1, 13}, {2, 2, 37}};	/* species, fcm */
	static const Count permuted[] = {{0, 2, 2}, {1, 0, 2}, {2, 1, 2}};
	static const Count one_cluster[] = {{0, 0, 2}, {1, 0, 2}};
	static const Count both_one[] = {{0, 0, 4}};
	static const Count more[] = {{0, 0, 2}, {0, 1, 1}, {1, 2, 2}, {1, 3, 1}};
	static const Count independent[] = {{0, 0, 1}, {0, 1, 1}, {1, 0, 1}, {1, 1, 1}};

	check_measures(iris, 5, (Measures) {0.893333333333, 0.749637261585, 0.729420348602}, 1e-12);
	check_measures(permuted, 3, (Measures) {1, 1, 1}, 0);
	check_measures(one_cluster, 2, (Measures) {0.5, 0, 0}, 0);
	check_measures(both_one, 1, (Measures) {1, 1, 1}, 0);
	check_measures(more, 4, (Measures) {0.666666666667, 0.722008330017, 0.375}, 1e-12);
	check_measures(independent, 4, (Measures) {0.5, 0, -0.5}, 0);
}

/*
 * Counts near the limits, and partitions that are nearly one cluster or nearly
 * independent.  Expected: equations 1 to 4 in Python's decimal, 60 digits.
 */
static void
test_large_counts(void)
{
	static const Count apart[] = {{0, 0, 999999998}, {0, 1, 1}, {1, 0, 1}};
	static const Count alike[] = {{0, 0, 999999998}, {0, 1, 1}, {1, 1, 1}};
	static const Count huge[] = {{0, 0, INT64_C(4000000000000000)}, {0, 1, INT64_C(1000000000000000)},
	{1, 0, INT64_C(1000000000000000)}, {1, 1, INT64_C(3000000000000000)}};
	static const Count billion[] = {{0, 0, 300000000}, {0, 1, 100000000}, {1, 0, 200000000}, {1, 1, 400000000}};
	static const Count flat[] = {{0, 0, 250000001}, {0, 1, 249999999}, {1, 0, 249999999}, {1, 1, 250000001}};
	Measures	m;

	check_measures(alike, 3, (Measures) {0.999999999, 0.672802910763610651, 0.666666665555555538}, 1e-15);
	check_measures(huge, 4, (Measures) {7.0 / 9, 0.231502757451523544, 0.308536585365853655}, 1e-15);
	check_measures(billion, 4, (Measures) {0.7, 0.126360119048609554, 0.159999999193600001}, 1e-15);
	check_measures(flat, 4, (Measures) {0.500000002, 1.15415603271117067e-17, -9.99999986000000041e-10}, 1e-15);

	/* tiny values, by their ratio to the expected */
	m = measure(apart, 3);
	CHECK_NEAR(m.nmi / 4.60335940520619483e-11, 1, 1e-12);
	CHECK_NEAR(m.ari / -1.00000000100000000e-09, 1, 1e-12);
}

/* A table of products except for a few rows: rounding must not make nmi negative */
static void
test_nearly_independent(void)
{
	static const int64_t label[] = {740, 71, 789, 167};
	static const int64_t cluster[] = {149, 840, 14, 843};
	Count		cells[4 * 4];

	for (int32_t more = 0; more <= 3; more++)
	{
		Measures	m;

		for (int32_t e = 0; e < 16; e++)
			cells[e] = (Count) {e / 4, e % 4, label[e / 4] * cluster[e % 4] * 1000000000};
		cells[0].count += more;
		m = measure(cells, 16);
		CHECK(m.nmi >= 0 && m.nmi < 1e-15 && fabs(m.ari) < 1e-15);
	}
}

/* Every row of its own, on one side or on both; one row only */
static void
test_singletons(void)
{
	enum {N = 300};
	static Count cells[N];

	for (int32_t i = 0; i < N; i++)
		cells[i] = (Count) {i, (i * 7) % N, 1};
	check_measures(cells, N, (Measures) {1, 1, 1}, 0);
	check_measures(cells, 1, (Measures) {1, 1, 1}, 0);
	for (int32_t i = 0; i < N; i++)
		cells[i] = (Count) {i, 0, 1};
	check_measures(cells, N, (Measures) {1.0 / N, 0, 0}, 0);
}

/* Random tables: the matching by brute force, nmi in its range */
static void
test_random_tables(void)
{
	for (int32_t trial = 0; trial < 200; trial++)
	{
		double		cost[6 * 6] = {0};
		Count		cells[6 * 6];
		int32_t		ncells = 0;
		int32_t		labels = 1 + draw(6),
					clusters = 1 + draw(6);
		int64_t		n = 0;
		Measures	m;

		for (int32_t e = 0; e < labels * clusters; e++)
		{
			int32_t		count = e == labels * clusters - 1 ? 1 : draw(2) * draw(9);

			if (count == 0)
				continue;
			cost[e] = -count;
			cells[ncells++] = (Count) {e / clusters, e % clusters, count};
			n += count;
		}
		m = measure(cells, ncells);
		CHECK(m.accuracy == -brute_force(cost, labels, clusters, 0, 0, labels > clusters ? labels - clusters : 0) / (double) n);
		CHECK(m.nmi >= 0 && m.nmi <= 1 && m.ari >= -1 && m.ari <= 1);
	}
}

/* Amounts, of which the low part is below one row */
static void
test_amounts(void)
{
	FcAmount	sum = {0};
	FcAmount	third = fc_amount_of_weight(1.0 / 3);
	FcAmount	large = fc_amount_of_count(FC_MOST_COUNTED);

	for (int i = 0; i < 3000; i++)
		sum = fc_amount_plus(sum, third);
	CHECK_NEAR(fc_amount_value(sum), 1000, 1e-12);
	CHECK(fc_amount_is_less(sum, fc_amount_of_count(1001)) && fc_amount_is_less(fc_amount_of_count(999), sum));
	for (int i = 0; i < 3000; i++)
		sum = fc_amount_minus(sum, third);
	CHECK(fc_amount_is_same(sum, (FcAmount) {0}));
	CHECK(fc_amount_is_same(fc_amount_of_weight(5), fc_amount_of_count(5)));
	CHECK(fc_amount_value(large) == (double) FC_MOST_COUNTED);
	CHECK(fc_amount_value(fc_amount_minus(fc_amount_plus(large, third), large)) == fc_amount_value(third));
	CHECK_NEAR(fc_amount_value(fc_amount_of_weight(1e-15)) / 1e-15, 1, 1e-7);
	CHECK(fc_amount_value(fc_amount_of_weight(1e15)) == 1e15);
}

/* Weights in the same proportions: the same measures */
static void
test_proportions(void)
{
	static const Count cells[] = {{0, 0, 50}, {0, 1, 7}, {1, 1, 40}, {1, 2, 3}, {2, 2, 60}, {2, 0, 1}};
	int32_t		ncells = sizeof(cells) / sizeof(*cells);
	Measures	expected = measure(cells, ncells);

	for (double factor = 0.5; factor > 1e-9; factor /= 7)
	{
		Measures	m = measure_weighted(cells, ncells, factor);

		CHECK_NEAR(m.accuracy, expected.accuracy, 1e-12);
		CHECK_NEAR(m.nmi, expected.nmi, 1e-12);
		CHECK_NEAR(m.ari, expected.ari, 1e-12);
	}
}

static void
shuffle(int32_t *list, int32_t n)
{
	for (int32_t i = 0; i < n; i++)
		list[i] = i;
	for (int32_t i = n - 1; i > 0; i--)
	{
		int32_t		other = draw(i + 1);
		int32_t		held = list[i];

		list[i] = list[other];
		list[other] = held;
	}
}

/* Cells in another order, labels and clusters with other numbers: the same bits */
static void
test_any_order(void)
{
	enum {SIDE = 23};
	static Count cells[SIDE * SIDE],
				moved[SIDE * SIDE];
	int32_t		label[SIDE],
				cluster[SIDE],
				order[SIDE * SIDE];
	int32_t		differ = 0;

	for (int32_t trial = 0; trial < 300; trial++)
	{
		int32_t		n = 0;
		Measures	m;
		Measures	other;

		for (int32_t e = 0; e < SIDE * SIDE; e++)
			if (e == SIDE * SIDE - 1 || draw(3) == 0)
				cells[n++] = (Count) {e / SIDE, e % SIDE, 1 + draw(trial % 2 ? 7 : 1000000)};
		shuffle(label, SIDE);
		shuffle(cluster, SIDE);
		shuffle(order, n);
		for (int32_t e = 0; e < n; e++)
			moved[order[e]] = (Count) {label[cells[e].label], cluster[cells[e].cluster], cells[e].count};
		m = measure(cells, n);
		other = measure(moved, n);
		differ += m.accuracy != other.accuracy || m.nmi != other.nmi || m.ari != other.ari;
	}
	CHECK_EQ(differ, 0);
}

/* The check of a long sort is called, and a sorted table has its cells in order */
static void
test_sort(void)
{
	enum {N = 20000};
	FcArena		arena = {0};
	FcContingency t;
	void	   *memory;

	fc_contingency_layout(&arena, &t, N, 3, N);
	memory = arena.base = aligned_alloc(64, arena.used);
	arena.used = 0;
	fc_contingency_layout(&arena, &t, N, 3, N);
	fc_contingency_clear(&t);
	for (int32_t i = 0; i < N; i++)
		fc_contingency_add(&t, (i * 7) % N, i % 3, fc_amount_of_count(1 + draw(100)));
	calls = 0;
	fc_contingency_sort(&t, count_call, &calls);
	CHECK(calls > 0);
	for (int32_t i = 0; i < N; i++)
	{
		CHECK(fc_amount_is_same(t.of_label[t.label[i]], t.count[i]));
		CHECK(i == 0 || !fc_amount_is_less(t.count[i], t.count[i - 1]));
		CHECK(i == 0 || !fc_amount_is_less(t.of_label[i], t.of_label[i - 1]));
	}
	free(memory);
}

/* A table that fills its memory to the end is cleared without touching what follows */
static void
test_neighbour(void)
{
	enum {LINE = 64, COUNTS = LINE / sizeof(int64_t)};
	FcArena		arena = {0};
	FcContingency t;
	char	   *next;

	for (int counting = 1; counting >= 0; counting--)
	{
		fc_contingency_layout(&arena, &t, COUNTS, COUNTS, 4);
		next = fc_take(&arena, LINE, 1);
		if (counting)
		{
			arena.base = aligned_alloc(LINE, arena.used);
			arena.used = 0;
		}
	}
	memset(next, 'x', LINE);
	fc_contingency_clear(&t);
	for (int i = 0; i < LINE; i++)
		CHECK_EQ(next[i], 'x');
	for (int i = 0; i < COUNTS; i++)
		CHECK(fc_amount_is_same(t.of_label[i], (FcAmount) {0}) && fc_amount_is_same(t.of_cluster[i], (FcAmount) {0}));
	free(arena.base);
}

int
main(void)
{
	test_assign_brute_force();
	test_assign_edges();
	test_assign_larger();
	test_assign_interrupt();
	test_golden();
	test_large_counts();
	test_nearly_independent();
	test_singletons();
	test_random_tables();
	test_amounts();
	test_proportions();
	test_any_order();
	test_sort();
	test_neighbour();
	return check_report("agreement");
}
