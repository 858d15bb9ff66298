/*
 * agreement.c - accuracy, normalised mutual information, adjusted Rand index
 *
 * With c the count of a cell, a and b the rows of its label and of its cluster:
 *
 *   accuracy = max over one-to-one matchings of sum c / n			(eq. 1)
 *   nmi = I / sqrt(H(labels) H(clusters))							(eq. 2)
 *   I = sum (c/n) ln(n c / (a b)),  H = -sum (a/n) ln(a/n)			(eq. 3)
 *   ari = 2 (s d - f g) / ((s + f)(f + d) + (s + g)(g + d))		(eq. 4)
 *
 * where s, d, f, g are the ordered pairs of rows that are together in both
 * partitions, in neither, only by label and only by cluster (Hubert and Arabie,
 * 1985, in the form of Warrens, 2008).  Each is a sum of terms >= 0, and so is
 * the denominator: a huge table neither overflows nor cancels.  Likewise
 *
 *   n c - a b = c (n - a - b + c) - (a - c)(b - c)					(eq. 5)
 *
 * gives the logarithm in I for pairs that are nearly independent.
 *
 * Conventions: partitions that are the same have nmi and ari 1, which covers
 * 0/0; of one cluster, or of one label, only: nmi 0.
 *
 * Terms are added in an order that follows from their values (fc_contingency_sort),
 * so the measures do not depend on the order of the rows, nor on that of labels and
 * clusters, in any bit.  Numbers of rows are exact as doubles: see FC_MOST_COUNTED.
 *
 * Rows may have weights, which count as numbers of rows; where they are less than 1 on average,
 * a row is not together with the part of itself that its mean is in eq. 4.
 */
#include "core/agreement.h"

#include <math.h>

#include "core/assignment.h"
#include "core/sort.h"

void
fc_contingency_layout(FcArena *a, FcContingency *t, int32_t labels, int32_t clusters, int64_t cells)
{
	*t = (FcContingency) {
		.labels = labels, .clusters = clusters,
		.label = fc_take(a, cells, sizeof(int32_t)),
		.cluster = fc_take(a, cells, sizeof(int32_t)),
		.count = fc_take(a, cells, sizeof(FcAmount)),
		.of_label = fc_take(a, labels, sizeof(FcAmount)),
		.of_cluster = fc_take(a, clusters, sizeof(FcAmount)),
		.place = fc_take(a, labels > clusters ? labels : clusters, sizeof(int32_t)),
	};
}

void
fc_contingency_clear(FcContingency *t)
{
	t->n = (FcAmount) {0};
	t->unit = 1;
	t->cells = 0;
	for (int32_t i = 0; i < t->labels; i++)
		t->of_label[i] = (FcAmount) {0};
	for (int32_t j = 0; j < t->clusters; j++)
		t->of_cluster[j] = (FcAmount) {0};
}

void
fc_contingency_add(FcContingency *t, int32_t label, int32_t cluster, FcAmount count)
{
	int64_t		e = t->cells++;

	t->label[e] = label;
	t->cluster[e] = cluster;
	t->count[e] = count;
	t->of_label[label] = fc_amount_plus(t->of_label[label], count);
	t->of_cluster[cluster] = fc_amount_plus(t->of_cluster[cluster], count);
	t->n = fc_amount_plus(t->n, count);
}

/* ---- the order of sums ---- */

/* Labels, or clusters: how many rows each has, and its number before */
typedef struct Parts
{
	FcAmount   *rows;			/* (parts) */
	int32_t    *number;			/* (parts) */
} Parts;

static bool
part_before(const void *table, int64_t a, int64_t b)
{
	const Parts *p = table;

	return fc_amount_is_less(p->rows[a], p->rows[b]);
}

static void
exchange_parts(void *table, int64_t a, int64_t b)
{
	Parts	   *p = table;
	FcAmount	rows = p->rows[a];
	int32_t		number = p->number[a];

	p->rows[a] = p->rows[b];
	p->rows[b] = rows;
	p->number[a] = p->number[b];
	p->number[b] = number;
}

/* number becomes its inverse, in place along its cycles; places that are done are negative */
static void
invert(int32_t *number, int32_t n)
{
	for (int32_t start = 0; start < n; start++)
	{
		int32_t		at = start;
		int32_t		from = number[start];

		if (from < 0)
			continue;
		while (from != start)
		{
			int32_t		next = number[from];

			number[from] = ~at;
			at = from;
			from = next;
		}
		number[start] = ~at;
	}
	for (int32_t i = 0; i < n; i++)
		number[i] = ~number[i];
}

/* Numbers labels, or clusters, by their rows */
static void
sort_parts(FcContingency *t, FcAmount *rows, int32_t n, int32_t *of_cell, FcOrdering *o)
{
	Parts		p = {rows, t->place};

	for (int32_t i = 0; i < n; i++)
		p.number[i] = i;
	o->before = part_before;
	o->exchange = exchange_parts;
	fc_sort(&p, n, o);
	invert(p.number, n);
	for (int64_t e = 0; e < t->cells; e++)
		of_cell[e] = p.number[of_cell[e]];
}

static bool
cell_before(const void *table, int64_t a, int64_t b)
{
	const FcContingency *t = table;
	FcAmount	label_a = t->of_label[t->label[a]];
	FcAmount	label_b = t->of_label[t->label[b]];

	if (!fc_amount_is_same(t->count[a], t->count[b]))
		return fc_amount_is_less(t->count[a], t->count[b]);
	if (!fc_amount_is_same(label_a, label_b))
		return fc_amount_is_less(label_a, label_b);
	return fc_amount_is_less(t->of_cluster[t->cluster[a]], t->of_cluster[t->cluster[b]]);
}

static void
exchange_cells(void *table, int64_t a, int64_t b)
{
	FcContingency *t = table;
	int32_t		label = t->label[a];
	int32_t		cluster = t->cluster[a];
	FcAmount	count = t->count[a];

	t->label[a] = t->label[b];
	t->cluster[a] = t->cluster[b];
	t->count[a] = t->count[b];
	t->label[b] = label;
	t->cluster[b] = cluster;
	t->count[b] = count;
}

/*
 * Cells in order of what their terms depend on: their rows, those of the label and
 * those of the cluster.  So equals have equal terms.
 */
void
fc_contingency_sort(FcContingency *t, void (*check) (void *arg), void *arg)
{
	FcOrdering	o = {.check = check, .arg = arg};

	sort_parts(t, t->of_label, t->labels, t->label, &o);
	sort_parts(t, t->of_cluster, t->clusters, t->cluster, &o);
	o.before = cell_before;
	o.exchange = exchange_cells;
	fc_sort(t, t->cells, &o);
}

/* ---- accuracy ---- */

/*
 * The cells by the shorter side of the table, for the matching: those of line i
 * are at start[i] .. start[i + 1] - 1.
 */
typedef struct Lines
{
	int64_t    *start;			/* (lines + 2) */
	int32_t    *place;			/* (cells) on the longer side */
	double	   *cost;			/* (cells) negative counts */
	int32_t    *match;			/* (lines) */
	void	   *assign;			/* work memory of fc_assign */
} Lines;

void *
fc_accuracy_layout(FcArena *a, const FcContingency *t)
{
	int32_t		n = t->labels < t->clusters ? t->labels : t->clusters;
	int32_t		m = t->labels < t->clusters ? t->clusters : t->labels;
	Lines	   *l = fc_take(a, 1, sizeof(Lines));
	Lines		fields = {
		.start = fc_take(a, fc_plus(n, 2), sizeof(int64_t)),
		.place = fc_take(a, t->cells, sizeof(int32_t)),
		.cost = fc_take(a, t->cells, sizeof(double)),
		.match = fc_take(a, n, sizeof(int32_t)),
		.assign = fc_assign_layout(a, n, m),
	};

	if (l != NULL)				/* NULL: the arena is only counting */
		*l = fields;
	return l;
}

/* Sort the cells by line, keeping their order within a line */
static void
sort_cells(const FcContingency *t, Lines *l, int32_t nlines, const int32_t *line, const int32_t *place)
{
	int64_t    *next = l->start + 1;	/* of line i at next[i]; ends as start[i + 1] */

	for (int32_t i = 0; i < nlines + 2; i++)
		l->start[i] = 0;
	for (int64_t e = 0; e < t->cells; e++)
		next[line[e] + 1]++;
	for (int32_t i = 0; i < nlines; i++)
		next[i + 1] += next[i];
	for (int64_t e = 0; e < t->cells; e++)
	{
		int64_t		at = next[line[e]]++;

		l->place[at] = place[e];
		l->cost[at] = -fc_amount_value(t->count[e]);
	}
}

static void
read_line(const FcCosts *costs, int32_t i, double *cost)
{
	const Lines *l = costs->table;

	for (int32_t j = 0; j < costs->columns; j++)
		cost[j] = 0;
	for (int64_t at = l->start[i]; at < l->start[i + 1]; at++)
		cost[l->place[at]] = l->cost[at];
}

/* eq. 1 */
double
fc_accuracy(const FcContingency *t, void *work, void (*check) (void *arg), void *arg)
{
	Lines	   *l = work;
	bool		wide = t->labels <= t->clusters;
	FcCosts		costs = {
		.rows = wide ? t->labels : t->clusters,
		.columns = wide ? t->clusters : t->labels,
		.table = l, .row = read_line
	};
	double		total;

	sort_cells(t, l, costs.rows, wide ? t->label : t->cluster, wide ? t->cluster : t->label);
	if (!fc_assign(&costs, l->match, &total, l->assign, check, arg))
		return NAN;				/* cannot be: all counts are finite */
	return -total / fc_amount_value(t->n);
}

/* ---- mutual information and Rand index ---- */

/* ln(n / part), to full precision also where part is nearly n */
static double
log_inverse_share(FcAmount part, FcAmount n)
{
	FcAmount	rest = fc_amount_minus(n, part);

	return fc_amount_is_less(rest, part) ? -log1p(-fc_amount_value(rest) / fc_amount_value(n)) :
		log(fc_amount_value(n) / fc_amount_value(part));
}

static double
entropy(const FcAmount *part, int32_t parts, FcAmount n)
{
	double		sum = 0;

	for (int32_t i = 0; i < parts; i++)
		if (fc_amount_is_less((FcAmount) {0}, part[i]))
			sum += fc_amount_value(part[i]) * log_inverse_share(part[i], n);
	return sum / fc_amount_value(n);
}

/* The rows of a cell, and those only in its label, only in its cluster, in neither */
typedef struct Cell
{
	double		both;
	double		label;
	double		cluster;
	double		neither;
} Cell;

static inline Cell
get_cell(const FcContingency *t, int64_t e)
{
	FcAmount	c = t->count[e];
	FcAmount	label = fc_amount_minus(t->of_label[t->label[e]], c);
	FcAmount	cluster = fc_amount_minus(t->of_cluster[t->cluster[e]], c);
	FcAmount	neither = fc_amount_minus(fc_amount_minus(fc_amount_minus(t->n, c), label), cluster);

	return (Cell) {fc_amount_value(c), fc_amount_value(label), fc_amount_value(cluster), fc_amount_value(neither)};
}

/* eq. 3, by eq. 5 */
static double
mutual_information(const FcContingency *t)
{
	double		sum = 0;

	for (int64_t e = 0; e < t->cells; e++)
	{
		Cell		x = get_cell(t, e);
		double		excess = x.both * x.neither - x.label * x.cluster;

		sum += x.both * log1p(excess / ((x.both + x.label) * (x.both + x.cluster)));
	}
	return sum / fc_amount_value(t->n);
}

static bool
same_partition(const FcContingency *t)
{
	for (int64_t e = 0; e < t->cells; e++)
		if (!fc_amount_is_same(t->count[e], t->of_label[t->label[e]]) ||
			!fc_amount_is_same(t->count[e], t->of_cluster[t->cluster[e]]))
			return false;
	return true;
}

/* eq. 2; rounding must not carry it out of [0, 1] */
double
fc_nmi(const FcContingency *t)
{
	double		scale = sqrt(entropy(t->of_label, t->labels, t->n)) *
		sqrt(entropy(t->of_cluster, t->clusters, t->n));

	if (same_partition(t))
		return 1;
	if (scale == 0)
		return 0;
	return fmin(1, fmax(0, mutual_information(t) / scale));
}

/* eq. 4 */
double
fc_ari(const FcContingency *t)
{
	double		s = 0,
				d = 0,
				f = 0,
				g = 0;

	for (int64_t e = 0; e < t->cells; e++)
	{
		Cell		x = get_cell(t, e);

		s += x.both * fmax(0, x.both - t->unit);
		d += x.both * x.neither;
		f += x.both * x.label;
		g += x.both * x.cluster;
	}
	if (f + g == 0)
		return 1;
	return 2 * (s * d - f * g) / ((s + f) * (f + d) + (s + g) * (g + d));
}
