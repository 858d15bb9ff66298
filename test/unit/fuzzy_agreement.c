/*
 * fuzzy_agreement.c - Rand indices of fuzzy partitions, against their definition pair by pair
 */
#include "train.h"

#include "core/agreement.h"
#include "core/fuzzy_agreement.h"

#define MOST_ROWS	160
#define MOST		5			/* clusters */

/* Two partitions of the same rows */
typedef struct Case
{
	int			n;
	int32_t		k[2];
	double		u[2][MOST_ROWS][MOST];
	double		weight[MOST_ROWS];
} Case;

static double
uniform(void)
{
	static uint32_t seed = 7;

	seed = seed * 1664525u + 1013904223u;
	return ((seed >> 8) + 0.5) / (1 << 24);
}

/* Memberships of kinds: crisp, fuzzy, with noise, typicalities */
enum
{
	CRISP,
	FUZZY,
	NOISY,
	POSSIBILISTIC,
	KINDS
};

static void
make_row(double *u, int32_t k, int kind)
{
	double		sum = 0;

	for (int32_t c = 0; c < k; c++)
		sum += u[c] = kind == CRISP ? 0 : uniform();
	for (int32_t c = 0; c < k && (kind == FUZZY || kind == NOISY); c++)
		u[c] /= kind == NOISY ? 1.5 * sum : sum;
	if (kind == CRISP)
		u[(int) (uniform() * k)] = 1;
}

static void
make_case(Case *t, int n, int32_t first, int32_t second, int kind)
{
	*t = (Case) {.n = n, .k = {first, second}};
	for (int i = 0; i < n; i++)
	{
		t->weight[i] = 1;
		make_row(t->u[0][i], first, kind);
		make_row(t->u[1][i], second, kind);
	}
}

/* ---- the definition ---- */

/* With what is left to 1 as one more cluster, or divided by the sum if that is more */
static double
together(const double *a, const double *b, int32_t k)
{
	double		sum[2] = {0};
	double		result = 0;

	for (int32_t c = 0; c < k; c++)
	{
		sum[0] += a[c];
		sum[1] += b[c];
	}
	for (int32_t c = 0; c < k; c++)
		result += a[c] / fmax(1, sum[0]) * b[c] / fmax(1, sum[1]);
	return result + fmax(0, 1 - sum[0]) * fmax(0, 1 - sum[1]);
}

/* What counts as one row: what rows weigh on average, if that is less than 1 */
static double
unit_of(const Case *t)
{
	double		total = 0;

	for (int i = 0; i < t->n; i++)
		total += t->weight[i];
	return fmin(1, total / t->n);
}

static FcRand
by_definition(const Case *t)
{
	double		unit = unit_of(t);
	double		s = 0,
				f = 0,
				g = 0,
				d = 0;

	for (int i = 0; i < t->n; i++)
		for (int j = 0; j < t->n; j++)
		{
			double		first = together(t->u[0][i], t->u[0][j], t->k[0]);
			double		second = together(t->u[1][i], t->u[1][j], t->k[1]);
			double		pairs = t->weight[i] * (t->weight[j] - (i == j ? unit : 0));

			s += pairs * first * second;
			f += pairs * first * (1 - second);
			g += pairs * (1 - first) * second;
			d += pairs * (1 - first) * (1 - second);
		}
	return (FcRand) {
		.plain = (s + d) / (s + f + g + d),
		.adjusted = (s - (s + f) * (s + g) / (s + f + g + d)) / ((s + f + s + g) / 2 - (s + f) * (s + g) / (s + f + g + d))
	};
}

/* ---- the core ---- */

static void *
sums_begin(FcFuzzyAgreement *f, const Case *t)
{
	FcArena		arena = {0};

	CHECK(fc_memberships_fit(t->k[0], t->k[1]));
	fc_fuzzy_agreement_layout(&arena, f, t->k[0], t->k[1]);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_fuzzy_agreement_layout(&arena, f, t->k[0], t->k[1]);
	fc_fuzzy_agreement_begin(f, &(FcHooks) {0});
	return arena.base;
}

static void
add_rows(FcFuzzyAgreement *f, const Case *t, int first, int end, int step, int isa)
{
	for (int i = first; i != end; i += step)
		fc_fuzzy_agreement_add(f, t->u[0][i], t->u[1][i], t->weight[i], isa);
}

static FcRand
indices_of(const FcFuzzyAgreement *f)
{
	FcAgreementTable table;
	FcArena		arena = {0};
	FcRand		result;

	fc_agreement_table_layout(&arena, &table, f);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_agreement_table_layout(&arena, &table, f);
	result = fc_fuzzy_rand(f, &table, &(FcHooks) {0});
	free(arena.base);
	return result;
}

static FcRand
measure(const Case *t)
{
	FcFuzzyAgreement f;
	void	   *memory = sums_begin(&f, t);
	FcRand		result;

	add_rows(&f, t, 0, t->n, 1, fc_best_isa());
	result = indices_of(&f);
	free(memory);
	return result;
}

static void
check_same(FcRand a, FcRand b, double tolerance)
{
	CHECK_NEAR(a.plain, b.plain, tolerance);
	CHECK_NEAR(a.adjusted, b.adjusted, tolerance);
}

static void
test_definition(int kind)
{
	Case		t;

	for (int32_t first = 1; first <= MOST; first++)
		for (int32_t second = 2; second <= MOST; second++)
		{
			make_case(&t, 40 + first, first, second, kind);
			check_same(measure(&t), by_definition(&t), 1e-12);
		}
}

/* Whole numbers as weights are rows that are there as often; weights that are all small count as rows */
static void
test_weights(int kind)
{
	Case		t;
	Case		copies;
	FcRand		expected;

	make_case(&t, 40, 3, 4, kind);
	copies = t;
	copies.n = 0;
	for (int i = 0; i < t.n; i++)
	{
		t.weight[i] = 1 + i % 3;
		for (int times = 0; times < t.weight[i]; times++, copies.n++)
			for (int side = 0; side < 2; side++)
				memcpy(copies.u[side][copies.n], t.u[side][i], sizeof(t.u[side][i]));
	}
	for (int i = 0; i < copies.n; i++)
		copies.weight[i] = 1;
	expected = measure(&copies);
	check_same(measure(&t), expected, 1e-12);
	check_same(by_definition(&t), expected, 1e-12);
	for (int i = 0; i < copies.n; i++)
		copies.weight[i] = 1e-12;
	check_same(measure(&copies), expected, 1e-9);

	/* fractions */
	for (double scale = 0.1; scale < 5; scale *= 3)
	{
		for (int i = 0; i < t.n; i++)
			t.weight[i] = scale * exp(sin(i));
		check_same(measure(&t), by_definition(&t), 1e-12);
	}
}

/* ---- crisp partitions ---- */

/* Adjusted Rand index as for labels */
static double
crisp_ari(const Case *t)
{
	FcContingency table;
	FcArena		arena = {0};
	double		result;

	fc_contingency_layout(&arena, &table, t->k[0], t->k[1], (int64_t) t->k[0] * t->k[1]);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_contingency_layout(&arena, &table, t->k[0], t->k[1], (int64_t) t->k[0] * t->k[1]);
	fc_contingency_clear(&table);
	for (int32_t a = 0; a < t->k[0]; a++)
		for (int32_t b = 0; b < t->k[1]; b++)
		{
			int64_t		count = 0;

			for (int i = 0; i < t->n; i++)
				count += t->u[0][i][a] == 1 && t->u[1][i][b] == 1;
			if (count > 0)
				fc_contingency_add(&table, a, b, fc_amount_of_count(count));
		}
	fc_contingency_sort(&table, NULL, NULL);
	result = fc_ari(&table);
	free(arena.base);
	return result;
}

/* The share of the pairs that are together in both, or in neither */
static double
crisp_rand(const Case *t)
{
	int			same = 0;
	int			pairs = 0;

	for (int i = 0; i < t->n; i++)
		for (int j = 0; j < i; j++, pairs++)
			same += (together(t->u[0][i], t->u[0][j], t->k[0]) == 1) == (together(t->u[1][i], t->u[1][j], t->k[1]) == 1);
	return (double) same / pairs;
}

static void
test_crisp(void)
{
	Case		t;

	for (int trial = 0; trial < 30; trial++)
	{
		FcRand		found;

		make_case(&t, 30 + trial, 1 + trial % MOST, 1 + trial % 4, CRISP);
		found = measure(&t);
		CHECK_NEAR(found.adjusted, crisp_ari(&t), 1e-13);
		CHECK_NEAR(found.plain, crisp_rand(&t), 1e-13);
		t.k[1] = t.k[0];
		memcpy(t.u[1], t.u[0], sizeof(t.u[0]));
		found = measure(&t);
		CHECK(found.plain == 1 && found.adjusted == 1);
	}
}

/* ---- properties ---- */

/* Over all orders of the rows of one partition */
static double
sum_of_orders(Case *t, int fixed, int *orders)
{
	double		sum = 0;

	if (fixed == t->n)
	{
		(*orders)++;
		return measure(t).adjusted;
	}
	for (int i = fixed; i < t->n; i++)
	{
		double		kept[MOST];

		memcpy(kept, t->u[1][i], sizeof(kept));
		memcpy(t->u[1][i], t->u[1][fixed], sizeof(kept));
		memcpy(t->u[1][fixed], kept, sizeof(kept));
		sum += sum_of_orders(t, fixed + 1, orders);
		memcpy(kept, t->u[1][i], sizeof(kept));
		memcpy(t->u[1][i], t->u[1][fixed], sizeof(kept));
		memcpy(t->u[1][fixed], kept, sizeof(kept));
	}
	return sum;
}

/* The adjusted index is 0 on average, if rows are compared with others by chance */
static void
test_chance(int kind)
{
	Case		t;
	int			orders = 0;

	make_case(&t, 5, 2, 3, kind);
	t.u[0][0][0] = kind == CRISP ? 1 - t.u[0][1][0] : t.u[0][0][0];	/* not all in one cluster */
	t.u[0][0][1] = kind == CRISP ? 1 - t.u[0][0][0] : t.u[0][0][1];
	CHECK_NEAR(sum_of_orders(&t, 0, &orders) / 120, 0, 1e-12);
	CHECK_EQ(orders, 120);
}

/* A fuzzy partition is not the same as itself: rows are put into clusters twice */
static void
test_self(void)
{
	Case		t;
	FcRand		found;

	make_case(&t, 60, 3, 3, FUZZY);
	memcpy(t.u[1], t.u[0], sizeof(t.u[0]));
	found = measure(&t);
	check_same(found, by_definition(&t), 1e-12);
	CHECK(found.plain < 1 && found.adjusted < 1 && found.adjusted > 0);
}

/* No pairs: nothing disagrees; one cluster for all; a row of noise alone */
static void
test_edges(void)
{
	Case		t;
	FcRand		found;

	for (int kind = CRISP; kind < KINDS; kind++)
	{
		make_case(&t, 1, 3, 4, kind);
		found = measure(&t);
		CHECK(found.plain == 1 && found.adjusted == 1);
		t.weight[0] = 0.3;
		found = measure(&t);
		CHECK(found.plain == 1 && found.adjusted == 1);
	}
	make_case(&t, 30, 1, 3, FUZZY);
	check_same(measure(&t), (FcRand) {by_definition(&t).plain, 0}, 1e-12);
	make_case(&t, 30, 2, 3, FUZZY);
	for (int side = 0; side < 2; side++)
		memset(t.u[side], 0, sizeof(t.u[side]));
	found = measure(&t);
	CHECK(found.plain == 1 && found.adjusted == 1);
}

/* Sums have the same bytes for any order, division and instruction set */
static void
test_order(int kind)
{
	Case		t;
	FcFuzzyAgreement f[3];
	void	   *memory[3];

	make_case(&t, 150, 4, 5, kind);
	for (int i = 0; i < t.n; i++)
		t.weight[i] = exp(20 * (uniform() - 0.5));
	for (int part = 0; part < 3; part++)
		memory[part] = sums_begin(&f[part], &t);
	add_rows(&f[0], &t, 0, t.n, 1, fc_best_isa());
	fc_fixed_settle(&f[0].sums);
	for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
	{
		fc_fuzzy_agreement_begin(&f[1], &(FcHooks) {0});
		fc_fuzzy_agreement_begin(&f[2], &(FcHooks) {0});
		add_rows(&f[1], &t, t.n - 1, 40, -1, isa);
		add_rows(&f[2], &t, 0, 41, 1, fc_best_isa());
		fc_fuzzy_agreement_merge(&f[1], &f[2]);
		CHECK(memcmp(f[0].words, f[1].words, f[0].length * sizeof(uint64_t)) == 0);
	}
	for (int part = 0; part < 3; part++)
		free(memory[part]);
}

/* More lines, and longer ones, than terms are added at once */
static void
test_large(int32_t first, int32_t second)
{
	FcFuzzyAgreement f;
	FcArena		arena = {0};
	double	   *u = calloc(first, sizeof(double));
	double	   *v = calloc(second, sizeof(double));
	FcRand		found;

	fc_fuzzy_agreement_layout(&arena, &f, first, second);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_fuzzy_agreement_layout(&arena, &f, first, second);
	fc_fuzzy_agreement_begin(&f, &(FcHooks) {0});
	for (int i = 0; i < 4; i++)
	{
		u[i % 2 ? first - 1 : 0] = 1;
		v[i == 3 ? second - 1 : 0] = 1;
		fc_fuzzy_agreement_add(&f, u, v, 1, fc_best_isa());
		u[i % 2 ? first - 1 : 0] = 0;
		v[i == 3 ? second - 1 : 0] = 0;
	}
	found = indices_of(&f);
	CHECK_NEAR(found.plain, 0.5, 1e-15);	/* labels 0 1 0 1 and 0 0 0 1 */
	CHECK_NEAR(found.adjusted, 0, 1e-15);
	free(u);
	free(v);
	free(arena.base);
}

int
main(void)
{
	for (int kind = CRISP; kind < KINDS; kind++)
	{
		test_definition(kind);
		test_weights(kind);
		test_order(kind);
		test_chance(kind);
	}
	test_crisp();
	test_self();
	test_edges();
	test_large(500, 300);
	test_large(2, 65535);
	test_large(65535, 2);
	CHECK(fc_memberships_fit(1023, 1023) && !fc_memberships_fit(1024, 1023) && !fc_memberships_fit(65535, 65535));
	return check_report("fuzzy_agreement");
}
