/*
 * stability.c - whether parts of the rows lead to the same clusters as all of them
 *
 * A model of all rows and models of parts of them label all rows; with c the labels by
 * the former and c_b those by the model of part b of B,
 *
 *	stability = 1/B sum_b ari(c, c_b)								(eq. 1)
 *
 * where ari is the adjusted Rand index (agreement.c), 0 for labels that agree as much as by
 * chance, and 1 for the same clusters in any numbering.  A part is 80 % of the rows, drawn
 * without replacement: Ben-Hur, Elisseeff and Guyon, 2002; for the comparison on all
 * rows, which tells how the clusters generalize, Lange, Roth, Braun and Buhmann, 2004.
 *
 * It says that clusters are reproducible, not that rows have clusters: two halves of a long uniform
 * rectangle are stable.  And if all rows are in one cluster, there is
 * nothing to be stable: NaN.
 */
#include "core/stability.h"

#include <math.h>

#include "core/sort.h"

#define SEED	UINT64_C(0x7374616265)	/* so that parts are drawn by other numbers than first centers */

/* ---- parts ---- */

/* How many of n rows a part has: at least one, if there are any */
int64_t
fc_part_rows(int64_t n)
{
	return (int64_t) ceil(FC_STABILITY_SHARE * (double) n);
}

/* For "wanted" of n rows, or all if there are not so many; numbers are of independent drawings */
void
fc_subsample_begin(FcSubsample *s, uint64_t seed, int32_t number, int64_t n, int64_t wanted)
{
	fc_rng_start(&s->rng, seed ^ SEED, (uint64_t) number);
	s->left = n;
	s->wanted = wanted < n ? wanted : n;
}

/* Each set of rows is as likely as any other: the next one is taken with the probability wanted / left */
bool
fc_subsample_takes_next(FcSubsample *s)
{
	bool		takes = fc_rng_below(&s->rng, s->left) < s->wanted;

	s->left--;
	s->wanted -= takes;
	return takes;
}

/* ---- agreement ---- */

void
fc_stability_layout(FcArena *a, FcStability *s, int64_t n, int32_t groups, bool weighted)
{
	*s = (FcStability) {.n = n, .groups = groups};
	s->label = fc_take(a, n, sizeof(int32_t));
	s->again = fc_take(a, n, sizeof(int32_t));
	s->weight = weighted ? fc_take(a, n, sizeof(double)) : NULL;
	s->pair = fc_take(a, n, sizeof(FcLabelPair));
	fc_contingency_layout(a, &s->table, groups, groups, n);
}

static bool
pair_before(const void *table, int64_t a, int64_t b)
{
	const FcLabelPair *pair = table;

	return pair[a].labels < pair[b].labels;
}

static void
exchange_pairs(void *table, int64_t a, int64_t b)
{
	FcLabelPair *pair = table;
	FcLabelPair swap = pair[a];

	pair[a] = pair[b];
	pair[b] = swap;
}

static void
sort_pairs(FcStability *s, const FcHooks *hooks)
{
	FcOrdering	o = {.before = pair_before, .exchange = exchange_pairs, .check = hooks->check, .arg = hooks->arg};

	for (int64_t i = 0; i < s->n; i++)
		s->pair[i] = (FcLabelPair) {
			.labels = (uint64_t) s->label[i] * (uint64_t) s->groups + (uint64_t) s->again[i],
			.weight = s->weight ? s->weight[i] : 1,
		};
	fc_sort(s->pair, s->n, &o);
}

/* A cell for each pair of labels that rows have */
static void
count_pairs(FcStability *s)
{
	uint64_t	groups = (uint64_t) s->groups;

	fc_contingency_clear(&s->table);
	for (int64_t first = 0, next; first < s->n; first = next)
	{
		uint64_t	labels = s->pair[first].labels;
		FcAmount	rows = {0};

		for (next = first; next < s->n && s->pair[next].labels == labels; next++)
			rows = fc_amount_plus(rows, fc_amount_of_weight(s->pair[next].weight));
		fc_contingency_add(&s->table, (int32_t) (labels / groups), (int32_t) (labels % groups), rows);
	}
}

/* Of the model of all rows, are all rows in one cluster? */
static bool
is_one_cluster(const FcStability *s)
{
	for (int64_t i = 1; i < s->n; i++)
		if (s->label[i] != s->label[0])
			return false;
	return true;
}

/* The agreement of the labels in s->label and s->again, which is a term of eq. 1 */
double
fc_stability_add(FcStability *s, const FcHooks *hooks)
{
	double		agreement = NAN;

	if (!is_one_cluster(s))
	{
		sort_pairs(s, hooks);
		count_pairs(s);
		s->table.unit = fc_row_unit(fc_amount_value(s->table.n), s->n);
		fc_contingency_sort(&s->table, hooks->check, hooks->arg);
		agreement = fc_ari(&s->table);
	}
	s->sum += agreement;
	s->parts++;
	return agreement;
}

/* Eq. 1, of the parts so far; NaN if there are none, or only one cluster has rows */
double
fc_stability(const FcStability *s)
{
	return s->parts > 0 ? s->sum / s->parts : NAN;
}
