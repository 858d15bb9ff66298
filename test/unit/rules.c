/*
 * rules.c - boxes that describe clusters: known cases, and what holds for all rows
 */
#include "train.h"

#include "core/rules.h"

enum {MOST = 600};

/* Rows with columns of numbers, NaN where one is missing, and masses in one cluster */
typedef struct Case
{
	int			n;
	int			columns;
	double		x[4][MOST];
	int			values[4];		/* of a category; 0: numbers */
	double		weight[MOST];
	double		total[MOST];
	double		mass[MOST];
	FcRules		rules;
	FcRule		rule[FC_CLUSTER_RULES];
	int			count;
	void	   *memory;
} Case;

/* n rows of weight 1 in no cluster */
static void
case_begin(Case *c, int n, int columns)
{
	memset(c, 0, sizeof(*c));
	c->n = n;
	c->columns = columns;
	for (int i = 0; i < n; i++)
		c->weight[i] = c->total[i] = 1;
}

/* Finds the rules; the case is to be freed */
static void
case_run(Case *c)
{
	FcHooks		hooks = {0};
	FcArena		arena = {0};
	const int32_t columns[] = {0, 1, 2, 3};

	c->rules = (FcRules) {.n = c->n, .columns = c->columns};
	fc_rules_layout(&arena, &c->rules);
	c->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_rules_layout(&arena, &c->rules);
	memcpy(c->rules.weight, c->weight, sizeof(double) * c->n);
	memcpy(c->rules.total, c->total, sizeof(double) * c->n);
	for (int j = 0; j < c->columns; j++)
		if (c->values[j])
			fc_rules_values(&c->rules, j, c->x[j], c->values[j]);
		else
			fc_rules_numbers(&c->rules, j, c->x[j], &hooks);
	c->count = fc_rules_find(&c->rules, c->mass, columns, c->columns, &hooks, c->rule);
}

/* ---- a second way ---- */

/* Does a row satisfy a condition, by its numbers? */
static bool
satisfies(const Case *c, const FcRuleCondition *condition, int i)
{
	double		x = c->x[condition->column][i];
	double		low;
	double		high;

	if (!c->values[condition->column])
	{
		fc_rule_limits(&c->rules, condition, &low, &high);
		return x > low && x <= high;
	}
	for (int v = 0; v < condition->values; v++)
		if (x == condition->value[v])
			return true;
	return false;
}

/* Coverage, purity and rows are those of the rows that satisfy the limits; no column comes twice */
static void
check_rules(const Case *c)
{
	double		whole = 0;

	for (int i = 0; i < c->n; i++)
		whole += c->mass[i];
	CHECK(c->count <= FC_CLUSTER_RULES);
	for (int r = 0; r < c->count; r++)
	{
		const FcRule *rule = &c->rule[r];
		double		mass = 0;
		double		all = 0;
		int			rows = 0;

		CHECK(rule->conditions >= 1 && rule->conditions <= FC_RULE_CONDITIONS);
		for (int i = 0; i < c->n; i++)
		{
			bool		inside = true;

			for (int l = 0; l < rule->conditions; l++)
				inside &= satisfies(c, &rule->condition[l], i);
			rows += inside;
			mass += inside ? c->mass[i] : 0;
			all += inside ? c->total[i] : 0;
		}
		CHECK_EQ(rule->rows, rows);
		CHECK_NEAR(rule->coverage, mass / whole, 1e-12);
		CHECK_NEAR(rule->purity, mass / all, 1e-12);
		for (int a = 0; a < rule->conditions; a++)
			for (int b = 0; b < a; b++)
				CHECK(rule->condition[a].column != rule->condition[b].column);
	}
}

/* Rule r has one condition with these limits */
static void
check_limits(const Case *c, int r, int column, double low, double high)
{
	double		found[2];

	if (!CHECK(c->count > r && c->rule[r].conditions == 1))
		return;
	CHECK_EQ(c->rule[r].condition[0].column, column);
	fc_rule_limits(&c->rules, &c->rule[r].condition[0], &found[0], &found[1]);
	CHECK(found[0] == low);
	CHECK(found[1] == high);
}

/* ---- known cases ---- */

static void
test_gap(void)
{
	Case		c;
	const double x[] = {1, 2, 3, 10, 11, 12};

	case_begin(&c, 6, 1);
	memcpy(c.x[0], x, sizeof(x));
	for (int i = 0; i < 3; i++)
		c.mass[i] = 1;
	case_run(&c);
	CHECK_EQ(c.count, 1);
	check_limits(&c, 0, 0, -INFINITY, 7);	/* the roundest number near 6.5 */
	CHECK(c.rule[0].coverage == 1 && c.rule[0].purity == 1);
	CHECK_EQ(c.rule[0].rows, 3);
	CHECK_EQ(c.rules.column[0].third[0], 1);	/* between 2 and 3 */
	CHECK_EQ(c.rules.column[0].third[1], 3);	/* between 10 and 11 */
	check_rules(&c);
	free(c.memory);
}

/* Which of two columns, and an interval in its middle */
static void
test_middle(void)
{
	Case		c;

	case_begin(&c, 30, 2);
	for (int i = 0; i < 30; i++)
	{
		c.x[0][i] = i * 7 % 30;
		c.x[1][i] = -i;
		c.mass[i] = i >= 10 && i < 20;
	}
	case_run(&c);
	CHECK_EQ(c.count, 1);
	check_limits(&c, 0, 1, -19.5, -9.5);
	check_rules(&c);
	free(c.memory);
}

/* A corner takes two conditions; a third column has nothing to do with it */
static void
test_corner(void)
{
	Case		c;

	case_begin(&c, 400, 3);
	for (int i = 0; i < 400; i++)
	{
		c.x[0][i] = i / 20;
		c.x[1][i] = i % 20;
		c.x[2][i] = i * 37 % 11;
		c.mass[i] = i / 20 >= 12 && i % 20 < 5;
	}
	case_run(&c);
	CHECK_EQ(c.count, 1);
	CHECK_EQ(c.rule[0].conditions, 2);
	CHECK(c.rule[0].coverage == 1 && c.rule[0].purity == 1);
	check_rules(&c);
	free(c.memory);
}

/* A cluster in two places has two rules */
static void
test_two(void)
{
	Case		c;

	case_begin(&c, 90, 1);
	for (int i = 0; i < 90; i++)
	{
		c.x[0][i] = i;
		c.mass[i] = i < 20 || i >= 60;
	}
	case_run(&c);
	CHECK_EQ(c.count, 2);
	check_limits(&c, 0, 0, 59.5, INFINITY);
	check_limits(&c, 1, 0, -INFINITY, 19.5);
	CHECK_NEAR(c.rule[0].coverage, 0.6, 1e-12);
	CHECK_NEAR(c.rule[1].coverage, 0.4, 1e-12);
	CHECK(c.rule[1].purity == 1);
	check_rules(&c);
	free(c.memory);
}

/* One row is not worth a second limit */
static void
test_edge(void)
{
	Case		c;

	case_begin(&c, MOST, 1);
	for (int i = 0; i < MOST; i++)
	{
		c.x[0][i] = i < 300 ? 0 : i < MOST - 1 ? 2 : 4;
		c.mass[i] = c.x[0][i] == 2;
	}
	case_run(&c);
	CHECK_EQ(c.count, 1);
	check_limits(&c, 0, 0, 1, INFINITY);
	check_rules(&c);
	free(c.memory);
}

/* A column that comes first, as it tells most alone, is dropped when two others say all */
static void
test_dropped(void)
{
	Case		c;

	case_begin(&c, 400, 3);
	for (int i = 0; i < 400; i++)
	{
		bool		in = i / 20 >= 10 && i % 20 >= 10;

		c.x[0][i] = in ? i * 17 % 29 > 3 : i * 23 % 31 < 4;
		c.x[1][i] = i / 20;
		c.x[2][i] = i % 20;
		c.mass[i] = in;
	}
	case_run(&c);
	CHECK_EQ(c.count, 1);
	CHECK_EQ(c.rule[0].conditions, 2);
	CHECK(c.rule[0].coverage == 1 && c.rule[0].purity == 1);
	check_rules(&c);
	free(c.memory);
}

/* A value with few rows, all in the cluster, comes before one with more of the cluster among many others */
static void
test_purest(void)
{
	Case		c;

	case_begin(&c, 210, 1);
	c.values[0] = 3;
	for (int i = 0; i < 210; i++)
	{
		c.x[0][i] = i < 100 ? 0 : i < 110 ? 1 : 2;
		c.mass[i] = i < 100 ? 0.11 : i < 110 ? 1 : 0;
	}
	case_run(&c);
	CHECK_EQ(c.count, 1);
	CHECK_EQ(c.rule[0].condition[0].values, 1);
	CHECK_EQ(c.rule[0].condition[0].value[0], 1);
	check_rules(&c);
	free(c.memory);
}

/* Values of a category, of which three are the cluster; rows without a value are not in it */
static void
test_category(void)
{
	Case		c;

	case_begin(&c, 80, 2);
	c.values[0] = 7;
	for (int i = 0; i < 80; i++)
	{
		c.x[0][i] = i < 70 ? i % 7 : NAN;
		c.x[1][i] = i % 3;
		c.mass[i] = i >= 70 ? 0.1 : i % 7 == 1 || i % 7 == 3 || i % 7 == 6 ? 0.9 : 0.05;
	}
	case_run(&c);
	CHECK_EQ(c.count, 1);
	CHECK_EQ(c.rule[0].conditions, 1);
	CHECK_EQ(c.rule[0].condition[0].values, 3);
	CHECK(c.rule[0].condition[0].value[0] == 1 && c.rule[0].condition[0].value[1] == 3 && c.rule[0].condition[0].value[2] == 6);
	CHECK_EQ(c.rule[0].rows, 30);
	check_rules(&c);
	free(c.memory);
}

/* Rows that lack a number satisfy no condition on it */
static void
test_missing(void)
{
	Case		c;

	case_begin(&c, 60, 1);
	for (int i = 0; i < 60; i++)
	{
		c.x[0][i] = i % 5 == 0 ? NAN : i;
		c.mass[i] = i < 30;
	}
	case_run(&c);
	CHECK_EQ(c.count, 1);
	CHECK_EQ(c.rule[0].rows, 24);
	CHECK_NEAR(c.rule[0].coverage, 0.8, 1e-12);
	check_rules(&c);
	free(c.memory);
}

/* Nothing describes all rows, constant columns, columns without numbers, or a cluster without rows */
static void
test_nothing(void)
{
	Case		c;

	for (int what = 0; what < 5; what++)
	{
		case_begin(&c, what == 4 ? 1 : 20, 2);
		c.values[1] = what == 2 ? 1 : 0;
		for (int i = 0; i < 20; i++)
		{
			c.x[0][i] = what == 0 || what == 3 ? i : what == 1 ? NAN : 5;
			c.mass[i] = what == 0 ? 1 : what == 3 ? 0 : i % 2;
		}
		case_run(&c);
		CHECK_EQ(c.count, 0);
		free(c.memory);
	}
}

/* A row of weight 3 is three rows */
static void
test_weights(void)
{
	Case		c;
	Case		copies;

	case_begin(&c, 40, 2);
	case_begin(&copies, 0, 2);
	for (int i = 0; i < 40; i++)
	{
		c.x[0][i] = sin(i);
		c.x[1][i] = cos(3 * i);
		c.weight[i] = c.total[i] = 1 + i % 3;
		c.mass[i] = (sin(i) > 0.3 && cos(3 * i) < 0.4 ? 0.9 : 0.2) * c.weight[i];
		for (int l = 0; l <= i % 3; l++)
		{
			copies.x[0][copies.n] = c.x[0][i];
			copies.x[1][copies.n] = c.x[1][i];
			copies.weight[copies.n] = copies.total[copies.n] = 1;
			copies.mass[copies.n++] = c.mass[i] / c.weight[i];
		}
	}
	case_run(&c);
	case_run(&copies);
	check_rules(&c);
	check_rules(&copies);
	CHECK(c.count > 0);
	CHECK_EQ(c.count, copies.count);
	for (int r = 0; r < c.count && r < copies.count; r++)
	{
		CHECK_NEAR(c.rule[r].coverage, copies.rule[r].coverage, 1e-12);
		CHECK_NEAR(c.rule[r].purity, copies.rule[r].purity, 1e-12);
		CHECK_EQ(c.rule[r].conditions, copies.rule[r].conditions);
	}
	free(c.memory);
	free(copies.memory);
}

/* ---- cuts ---- */

/* Of many numbers: each cut is between two of them, and there is one at each third */
static void
check_cuts(const double *x, int n)
{
	Case		c;
	const FcRuleColumn *column;

	case_begin(&c, n, 1);
	memcpy(c.x[0], x, sizeof(double) * n);
	case_run(&c);
	column = &c.rules.column[0];
	CHECK_EQ(column->bins, FC_RULE_CUTS + 1);
	for (int t = 0; t < column->bins - 1; t++)
	{
		int			below = 0;

		CHECK(t == 0 || column->cut[t] > column->cut[t - 1]);
		for (int i = 0; i < n; i++)
		{
			below += x[i] <= column->cut[t];
			CHECK(c.rules.bin[i] <= t || x[i] > column->cut[t]);
			CHECK(c.rules.bin[i] > t || x[i] <= column->cut[t]);
		}
		CHECK_NEAR(column->below[t], (double) below / n, 1e-12);
		CHECK_NEAR(column->below[t], (t + 1.0) / (FC_RULE_CUTS + 1), 0.51 / n);
	}
	CHECK_NEAR(column->below[column->third[0]], 1.0 / 3, 1e-12);
	CHECK_NEAR(column->below[column->third[1]], 2.0 / 3, 1e-12);
	free(c.memory);
}

/* In units from tiny to huge, around zero and far from it, and next to each other */
static void
test_cuts(void)
{
	const double units[] = {1, 1e-300, 1e-7, 1e130, -1e5};
	const double offsets[] = {0, 1, -1e6};
	double		x[MOST];

	for (int u = 0; u < 5; u++)
		for (int o = 0; o < 3; o++)
		{
			for (int i = 0; i < MOST; i++)
				x[i] = ((i * 241) % MOST + 0.3 * sin(i) + offsets[o]) * units[u];
			check_cuts(x, MOST);
		}
	x[0] = 1;
	for (int i = 1; i < MOST; i++)
		x[i] = nextafter(x[i - 1], 2);
	check_cuts(x, MOST);
}

/* ---- any rows ---- */

/* Fuzzy masses, ties, gaps and categories; of all one-sided conditions none has more of F than the first rule */
static void
test_any(uint64_t seed)
{
	Case		c;
	FcRng		rng;
	double		whole = 0;
	double		best = 0;
	double		mass = 0;
	double		all = 0;

	fc_rng_start(&rng, seed, 0);
	case_begin(&c, 20 + (int) fc_rng_below(&rng, MOST - 20), 3);
	c.values[2] = 1 + (int) fc_rng_below(&rng, 12);
	for (int i = 0; i < c.n; i++)
	{
		c.x[0][i] = fc_rng_uniform(&rng);
		c.x[1][i] = (double) fc_rng_below(&rng, 5);
		c.x[2][i] = (double) fc_rng_below(&rng, c.values[2]);
		if (fc_rng_below(&rng, 10) == 0)
			c.x[fc_rng_below(&rng, 3)][i] = NAN;
		c.weight[i] = 1 + (double) fc_rng_below(&rng, 3);
		c.total[i] = c.weight[i] * (1 + (fc_rng_below(&rng, 5) == 0 ? 0.5 : 0));
		c.mass[i] = c.weight[i] * fc_rng_uniform(&rng) * (c.x[0][i] > 0.6 || c.x[1][i] == 2 ? 1 : 0.2);
		whole += c.mass[i];
	}
	case_run(&c);
	check_rules(&c);
	for (int t = 0; t < c.rules.column[0].bins - 1; t++)
	{
		mass = all = 0;
		for (int i = 0; i < c.n; i++)
			if (c.x[0][i] > c.rules.column[0].cut[t])
			{
				mass += c.mass[i];
				all += c.total[i];
			}
		best = fmax(best, 2 * mass / (whole + all));
	}
	mass = all = 0;
	for (int i = 0; i < c.n; i++)
		all += c.total[i];
	if (best < 2 * whole / (whole + all) + 0.01 || !CHECK(c.count > 0))
	{
		free(c.memory);
		return;
	}
	mass = c.rule[0].coverage * whole;
	CHECK(2 * mass / (whole + mass / c.rule[0].purity) >= best - 0.02);
	free(c.memory);
}

int
main(void)
{
	test_gap();
	test_middle();
	test_corner();
	test_two();
	test_edge();
	test_dropped();
	test_purest();
	test_category();
	test_missing();
	test_nothing();
	test_weights();
	test_cuts();
	for (uint64_t seed = 1; seed <= 40; seed++)
		test_any(seed);
	return check_report("rules");
}
