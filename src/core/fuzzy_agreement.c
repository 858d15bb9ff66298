/*
 * fuzzy_agreement.c - Rand index and adjusted Rand index of two fuzzy partitions of the same rows
 *
 * Two rows r and s are together in a partition with the memberships u by
 *
 *	t_rs = sum_i u_ri u_si												(eq. 1)
 *
 * which is the probability that they are in the same cluster, if each row is put into one
 * by its memberships.  Pairs of rows are counted by products of that in both partitions (Frigui,
 * Hwang and Rhee, 2007), so that the numbers of pairs are what is expected of such
 * crisp partitions, and exactly theirs if memberships are crisp:
 *
 *	together in both	s = sum_{r != s} t_rs t'_rs
 *	in the first only	f = sum_{r != s} t_rs (1 - t'_rs)
 *	in the second only	g = sum_{r != s} (1 - t_rs) t'_rs
 *	in neither			d = sum_{r != s} (1 - t_rs) (1 - t'_rs)			(eq. 2)
 *
 *	rand = (s + d) / (s + f + g + d)									(eq. 3)
 *	adjusted = 2 (s d - f g) / ((s + f)(f + d) + (s + g)(g + d))		(eq. 4)
 *
 * as in agreement.c.  If the rows of one partition are permuted, s is on average
 * (s + f)(s + g) / (s + f + g + d), and eq. 4 is 0, exactly as with crisp partitions.  That holds because only
 * pairs of different rows count: Anderson, Bezdek, Popescu and Keller (2010) subtract n for the pairs of a row with
 * itself, as if it were crisp, and their s may be negative.
 *
 * The sums over all r and s follow in linear time from N = U'V (k x k'; Anderson et al.), whose rows and
 * columns add up to N_i. and N_.j:
 *
 *	s = sum_ij N_ij^2 - sum_r t_rr t'_rr
 *	f = sum_ij N_ij (N_i. - N_ij) - sum_r t_rr (1 - t'_rr)				(eq. 5)
 *	g = sum_ij N_ij (N_.j - N_ij) - sum_r (1 - t_rr) t'_rr
 *	d = sum_ij N_ij (n - N_i. - N_.j + N_ij) - sum_r (1 - t_rr)(1 - t'_rr)
 *
 * Memberships that add up to less than 1 leave the rest to one more cluster, the noise;
 * those that add up to more, as typicalities may, are divided by their sum.  So all that is
 * said above holds for them, too.
 *
 * A row with the weight w is w rows, in N and in the sums over rows; where weights are less than 1 on
 * average, what they weigh on average is one row (fc_row_unit()).  Then s may differ from that of agreement.c,
 * which takes 0 for a cell that weighs less than that.
 */
#include "core/fuzzy_agreement.h"

#include <math.h>
#include <string.h>

/* Makes terms of products of memberships */
#define ONE		(1.0 / (UINT64_C(1) << FC_FIXED_UNIT))

#define TERMS	65536			/* added at once, unless a line of N has more */

/* Behind N: the weight of the rows, and sums over them of what they have with themselves */
enum
{
	WEIGHT,
	SELF_BOTH,
	SELF_FIRST,
	SELF_SECOND,
	SELF_NEITHER,
	OTHERS
};

/* ---- memory ---- */

static size_t
cells_of(int32_t first, int32_t second)
{
	return ((size_t) first + 1) * ((size_t) second + 1);
}

bool
fc_memberships_fit(int32_t first, int32_t second)
{
	return cells_of(first, second) <= FC_MOST_AGREEMENTS;
}

size_t
fc_fuzzy_agreement_words(int32_t first, int32_t second)
{
	return 1 + (cells_of(first, second) + OTHERS) * FC_FIXED_DIGITS;
}

void
fc_fuzzy_agreement_view(FcFuzzyAgreement *f, int32_t first, int32_t second, uint64_t *words)
{
	*f = (FcFuzzyAgreement) {
		.k = {first + 1, second + 1}, .length = fc_fuzzy_agreement_words(first, second), .words = words, .rows = words,
		.sums = {.number = cells_of(first, second) + OTHERS, .digit = words + 1},
	};
}

/* Lines of N that are added at once */
static int32_t
lines_at_once(const FcFuzzyAgreement *f)
{
	int32_t		lines = TERMS / f->k[1];

	return lines < 1 ? 1 : lines < f->k[0] ? lines : f->k[0];
}

void
fc_fuzzy_agreement_layout(FcArena *a, FcFuzzyAgreement *f, int32_t first, int32_t second)
{
	fc_fuzzy_agreement_view(f, first, second, fc_take(a, fc_fuzzy_agreement_words(first, second), sizeof(uint64_t)));
	for (int side = 0; side < 2; side++)
		f->u[side] = fc_take(a, f->k[side], sizeof(double));
	f->term = fc_take(a, (uint64_t) lines_at_once(f) * f->k[1] + OTHERS + FC_FIXED_PAD, sizeof(double));
}

void
fc_fuzzy_agreement_begin(FcFuzzyAgreement *f, const FcHooks *hooks)
{
	fc_clear(hooks, f->words, f->length * sizeof(uint64_t));
	f->sums.added = 0;
}

/* ---- rows ---- */

/* The memberships x (k - 1) with noise, adding up to 1: into u (k).  Returns the sum of their squares */
static double
complete(const double *x, double *u, int32_t k)
{
	double		sum = 0;
	double		squares = 0;

	for (int32_t c = 0; c < k - 1; c++)
		sum += x[c];
	for (int32_t c = 0; c < k - 1; c++)
		u[c] = sum > 1 ? x[c] / sum : x[c];
	u[k - 1] = fmax(0, 1 - sum);
	for (int32_t c = 0; c < k; c++)
		squares += u[c] * u[c];
	return fmin(squares, 1);
}

/* Adds n terms */
static void
add_terms(FcFuzzyAgreement *f, size_t first, size_t n, int isa)
{
	memset(f->term + n, 0, FC_FIXED_PAD * sizeof(double));
	fc_fixed_add(&f->sums, first, f->term, (int32_t) n, isa);
}

/* Products of the memberships of the row, to N */
static void
add_products(FcFuzzyAgreement *f, double weight, int isa)
{
	const double *restrict v = f->u[1];
	int32_t		columns = f->k[1];
	int32_t		lines = lines_at_once(f);

	for (int32_t first = 0; first < f->k[0]; first += lines)
	{
		int32_t		end = f->k[0] - first < lines ? f->k[0] : first + lines;

		for (int32_t i = first; i < end; i++)
		{
			double		u = f->u[0][i] * weight * ONE;
			double	   *restrict term = f->term + (size_t) (i - first) * columns;

			for (int32_t j = 0; j < columns; j++)
				term[j] = u * v[j];
		}
		add_terms(f, (size_t) first * columns, (size_t) (end - first) * columns, isa);
	}
}

void
fc_fuzzy_agreement_add(FcFuzzyAgreement *f, const double *u, const double *v, double weight, int isa)
{
	double		self = complete(u, f->u[0], f->k[0]);	/* t_rr */
	double		other = complete(v, f->u[1], f->k[1]);
	double		one = weight * ONE;

	add_products(f, weight, isa);
	f->term[WEIGHT] = one;
	f->term[SELF_BOTH] = one * self * other;
	f->term[SELF_FIRST] = one * self * (1 - other);
	f->term[SELF_SECOND] = one * (1 - self) * other;
	f->term[SELF_NEITHER] = one * (1 - self) * (1 - other);
	add_terms(f, (size_t) f->k[0] * f->k[1], OTHERS, isa);
	(*f->rows)++;
}

void
fc_fuzzy_agreement_merge(FcFuzzyAgreement *to, FcFuzzyAgreement *from)
{
	*to->rows += *from->rows;
	fc_fixed_merge(&to->sums, &from->sums);
}

/* ---- the indices ---- */

void
fc_agreement_table_layout(FcArena *a, FcAgreementTable *t, const FcFuzzyAgreement *f)
{
	t->both = fc_take(a, (uint64_t) f->k[0] * f->k[1], sizeof(double));
	for (int side = 0; side < 2; side++)
		t->total[side] = fc_take(a, f->k[side], sizeof(double));
}

/* N and its sums as doubles */
static void
fill_table(const FcFuzzyAgreement *f, FcAgreementTable *t, const FcHooks *hooks)
{
	int32_t		columns = f->k[1];

	memset(t->total[1], 0, columns * sizeof(double));
	for (int32_t i = 0; i < f->k[0]; i++)
	{
		double	   *both = t->both + (size_t) i * columns;

		fc_check(hooks);
		t->total[0][i] = 0;
		for (int32_t j = 0; j < columns; j++)
		{
			both[j] = fc_fixed_get(&f->sums, (size_t) i * columns + j, 0);
			t->total[0][i] += both[j];
			t->total[1][j] += both[j];
		}
	}
}

/* Ordered pairs of rows: eq. 2 */
typedef struct Pairs
{
	double		both;
	double		first;
	double		second;
	double		neither;
} Pairs;

static double
other_sum(const FcFuzzyAgreement *f, size_t sum)
{
	return fc_fixed_get(&f->sums, (size_t) f->k[0] * f->k[1] + sum, 0);
}

/* eq. 5, of rows that weigh n together; rounding must not make a number negative */
static Pairs
count_pairs(const FcFuzzyAgreement *f, const FcAgreementTable *t, double n, double unit, const FcHooks *hooks)
{
	Pairs		p = {0};

	for (int32_t i = 0; i < f->k[0]; i++)
	{
		fc_check(hooks);
		for (int32_t j = 0; j < f->k[1]; j++)
		{
			double		both = t->both[(size_t) i * f->k[1] + j];
			double		first = t->total[0][i] - both;

			p.both += both * both;
			p.first += both * first;
			p.second += both * (t->total[1][j] - both);
			p.neither += both * (n - t->total[1][j] - first);
		}
	}
	p.both = fmax(0, p.both - unit * other_sum(f, SELF_BOTH));
	p.first = fmax(0, p.first - unit * other_sum(f, SELF_FIRST));
	p.second = fmax(0, p.second - unit * other_sum(f, SELF_SECOND));
	p.neither = fmax(0, p.neither - unit * other_sum(f, SELF_NEITHER));
	return p;
}

FcRand
fc_fuzzy_rand(const FcFuzzyAgreement *f, FcAgreementTable *t, const FcHooks *hooks)
{
	double		n = other_sum(f, WEIGHT);
	double		unit = fc_row_unit(n, (int64_t) *f->rows);
	Pairs		p;

	if (n <= unit)				/* there are no pairs */
		return (FcRand) {1, 1};
	fill_table(f, t, hooks);
	p = count_pairs(f, t, n, unit, hooks);
	if (p.first + p.second == 0)
		return (FcRand) {1, 1};
	return (FcRand) {
		.plain = (p.both + p.neither) / (p.both + p.first + p.second + p.neither),
		.adjusted = 2 * (p.both * p.neither - p.first * p.second) /
		((p.both + p.first) * (p.first + p.neither) + (p.both + p.second) * (p.second + p.neither)),
	};
}
