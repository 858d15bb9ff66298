/*
 * rule_columns.c - the cuts of columns, between which conditions of rules lie
 *
 * Cuts are between numbers that are next to each other in the rows: in all gaps if there are
 * few, else in those nearest to 95 quantiles, two of which are thirds.  Of the numbers in the
 * middle half of a gap the cut is the one with the fewest digits, so that conditions are short,
 * and true of the same rows when they are read again.
 */
#include "core/rules.h"

#include "core/sort.h"

#include <math.h>

/* ---- numbers ---- */

/* Numbers and their weights */
typedef struct Numbers
{
	double	   *value;
	double	   *weight;
	int32_t		n;
	double		total;			/* weight */
} Numbers;

static bool
before(const void *table, int64_t a, int64_t b)
{
	const Numbers *s = table;

	return s->value[a] < s->value[b];
}

static void
swap(double *values, int64_t a, int64_t b)
{
	double		value = values[a];

	values[a] = values[b];
	values[b] = value;
}

static void
exchange(void *table, int64_t a, int64_t b)
{
	const Numbers *s = table;

	swap(s->value, a, b);
	swap(s->weight, a, b);
}

/* Those of a column that are there, sorted; equal ones become one, with their weights added */
static Numbers
sort_numbers(const FcRules *r, const double *x, const FcHooks *hooks)
{
	Numbers		s = {.value = r->sorted, .weight = r->sorted + r->n};
	FcOrdering	ordering = {before, exchange, hooks->check, hooks->arg};
	int32_t		distinct = 0;

	for (int32_t i = 0; i < r->n; i++)
	{
		if (isnan(x[i]))
			continue;
		s.value[s.n] = x[i];
		s.weight[s.n++] = r->weight[i];
		s.total += r->weight[i];
	}
	fc_sort(&s, s.n, &ordering);
	for (int32_t i = 0; i < s.n; i++)
	{
		if (distinct > 0 && s.value[distinct - 1] == s.value[i])
			s.weight[distinct - 1] += s.weight[i];
		else
		{
			s.value[distinct] = s.value[i];
			s.weight[distinct++] = s.weight[i];
		}
	}
	s.n = distinct;
	return s;
}

/* Rounded to a multiple of 10^exponent */
static double
rounded(double x, int exponent)
{
	double		power = pow(10, exponent > 0 ? exponent : -exponent);

	return (exponent > 0 ? round(x / power) * power : round(x * power) / power) + 0.0;
}

/* A number with few digits that is at least a, and less than b */
static double
cut_between(double a, double b)
{
	double		middle = a + (b - a) / 2;
	double		quarter = (b - a) / 4;
	int			exponent = (int) ceil(log10(fmax(fmax(fabs(a), fabs(b)), DBL_MIN)));

	for (int digits = 0; digits <= DBL_DIG; digits++)
	{
		double		cut = rounded(middle, exponent - digits);

		if (cut >= a && cut < b && fabs(cut - middle) <= quarter)
			return cut;
	}
	return a;
}

/* Behind number i of those sorted, up to which there is this share of all */
static void
add_cut(FcRuleColumn *c, const Numbers *s, int32_t i, double below)
{
	c->cut[c->bins - 1] = cut_between(s->value[i], s->value[i + 1]);
	c->below[c->bins - 1] = below;
	c->bins++;
}

/* Is the gap with the share "below" before it nearer to a quantile than the next one is?  *quantile is the first that may be */
static bool
is_nearest(double below, double next, int32_t *quantile)
{
	bool		nearest = false;

	while (*quantile <= FC_RULE_CUTS && 2 * *quantile <= (below + next) * (FC_RULE_CUTS + 1))
	{
		nearest = true;
		(*quantile)++;
	}
	return nearest;
}

static void
choose_cuts(FcRuleColumn *c, const Numbers *s)
{
	double		sum = 0;
	int32_t		quantile = 1;

	c->category = false;
	c->bins = 1;
	for (int32_t i = 0; i + 1 < s->n; i++)
	{
		double		below = (sum += s->weight[i]) / s->total;
		double		next = i + 2 < s->n ? (sum + s->weight[i + 1]) / s->total : INFINITY;
		bool		nearest = is_nearest(below, next, &quantile);

		if (nearest || s->n <= FC_RULE_CUTS + 1)
			add_cut(c, s, i, below);
	}
}

/* -1: there are no cuts */
static int32_t
nearest_cut(const FcRuleColumn *c, double share)
{
	int32_t		nearest = -1;

	for (int32_t i = 0; i + 1 < c->bins; i++)
		if (nearest < 0 || fabs(c->below[i] - share) < fabs(c->below[nearest] - share))
			nearest = i;
	return nearest;
}

/* The number of cuts below x */
static uint16_t
bin_of(const FcRuleColumn *c, double x)
{
	int32_t		low = 0;
	int32_t		high = c->bins - 1;

	while (low < high)
	{
		int32_t		middle = (low + high) / 2;

		if (c->cut[middle] < x)
			low = middle + 1;
		else
			high = middle;
	}
	return (uint16_t) low;
}

void
fc_rules_numbers(FcRules *r, int32_t column, const double *x, const FcHooks *hooks)
{
	FcRuleColumn *c = &r->column[column];
	uint16_t   *bin = r->bin + (size_t) column * r->n;
	Numbers		sorted = sort_numbers(r, x, hooks);

	choose_cuts(c, &sorted);
	for (int t = 0; t < 2; t++)
		c->third[t] = nearest_cut(c, (t + 1) / 3.0);
	for (int32_t i = 0; i < r->n; i++)
		bin[i] = isnan(x[i]) ? FC_NO_BIN : bin_of(c, x[i]);
}

void
fc_rules_values(FcRules *r, int32_t column, const double *x, int32_t values)
{
	FcRuleColumn *c = &r->column[column];
	uint16_t   *bin = r->bin + (size_t) column * r->n;

	c->category = true;
	c->bins = values;
	for (int32_t i = 0; i < r->n; i++)
		bin[i] = isnan(x[i]) ? FC_NO_BIN : (uint16_t) x[i];
}

void
fc_rule_limits(const FcRules *r, const FcRuleCondition *c, double *low, double *high)
{
	const FcRuleColumn *column = &r->column[c->column];

	*low = c->first > 0 ? column->cut[c->first - 1] : -INFINITY;
	*high = c->last + 1 < column->bins ? column->cut[c->last] : INFINITY;
}
