/*
 * match.c - matching the clusters of two models
 *
 * Both models have scored the same rows.  With n_ab the rows in the old
 * cluster a and in the new cluster b, the matching maximizes the sum of
 *
 *   n_ab + (rows + 1) [b is near a] - e_ab							(eq. 1)
 *
 * over its pairs.  The e_ab grow with the distance of the centers and add up
 * to less than 1: they decide where the rows do not, as for clusters too small
 * to be among these rows.  And b is near a if
 *
 *   |v_b - v_a| < min |v_a - v_c| / 2 over the other old centers c	(eq. 2)
 *   4 n_ab >= n_a, or 4 n_ab >= n_b								(eq. 3)
 *
 * Eq. 3 is used only if both models measure Euclidean distances to their
 * centers.  By eq. 2 a new center is near one old center at most, so that a
 * cluster that has hardly moved keeps its number, whatever happened to the
 * others.  Eq. 3 ignores centers where they carry little information: two
 * lines that cross, or two rings, have the same center and no rows in common.
 *
 * Clusters without a partner have vanished, or appeared.  Numbers are always
 * 1 to k: a new cluster gets that of its partner if there is such a number, and
 * the others fill the gaps in their order.
 */
#include "core/match.h"

#include <math.h>
#include <string.h>

#include "core/assignment.h"
#include "core/categories.h"
#include "core/direction.h"
#include "core/kernel.h"

void
fc_match_layout(FcArena *a, FcMatching *s, const FcModel *old, const FcModel *new)
{
	*s = (FcMatching) {
		.old = old, .new = new,
		.table = fc_take(a, fc_times(old->k, new->k), sizeof(double)),
		.of_old = fc_take(a, old->k, sizeof(double)),
		.of_new = fc_take(a, new->k, sizeof(double)),
		.map = fc_take(a, old->d, sizeof(int32_t)),
		.center = fc_take(a, new->d, sizeof(double)),
		.centers = fc_take(a, fc_times(new->k, old->d), sizeof(double)),
		.assign = fc_assign_layout(a, old->k, new->k),
		.match = fc_take(a, old->k, sizeof(int32_t)),
		.place = fc_take(a, new->k, sizeof(int32_t)),
		.taken = fc_take(a, new->k, sizeof(int32_t)),
	};
}

void
fc_match_begin(FcMatching *s)
{
	memset(s->table, 0, sizeof(double) * s->old->k * s->new->k);
	memset(s->of_old, 0, sizeof(double) * s->old->k);
	memset(s->of_new, 0, sizeof(double) * s->new->k);
	if (!fc_map_features(s->new, s->old, s->map))
		for (int32_t j = 0; j < s->old->d; j++)
			s->map[j] = j < s->new->d ? j : -1;
}

/* A row that is in both clusters; weights are around 1 */
void
fc_match_add(FcMatching *s, int32_t old, int32_t new, double weight)
{
	s->table[(int64_t) old * s->new->k + new] += weight;
	s->of_old[old] += weight;
	s->of_new[new] += weight;
}

/* ---- centers ---- */

/* A center v (new d) in the user's units, with the features of the old model: out (old d); a value that the new model does not know has no share */
void
fc_match_translate(const FcMatching *s, const double *v, double *out)
{
	for (int32_t j = 0; j < s->old->d; j++)
		out[j] = s->map[j] < 0 ? 0 : v[s->map[j]];
}

/* New centers in the scaled units of the old model */
static void
rescale_centers(FcMatching *s)
{
	const FcModel *old = s->old;

	for (int32_t b = 0; b < s->new->k; b++)
	{
		double	   *v = s->centers + (int64_t) b * old->d;

		fc_unscale_center(s->new, b, s->center);
		fc_match_translate(s, s->center, v);
		for (int32_t j = 0; old->shift && j < old->d; j++)
			v[j] = (v[j] - old->shift[j]) * old->factor[j];
		if (fc_is_cosine(old))
			(void) fc_make_unit(v, FC_F64, old->d);
	}
}

/* The square of the distance to the nearest other center, infinite if there is none */
static double
squared_gap(const FcModel *m, int32_t a)
{
	double		gap = INFINITY;

	for (int32_t c = 0; c < m->k; c++)
		if (c != a)
			gap = fmin(gap, fc_squared_distance(m->centers + (int64_t) a * m->d, m->centers + (int64_t) c * m->d, m->d));
	return gap;
}

static bool
is_euclidean(const FcModel *m)
{
	return m->algo->kernel->distances == NULL;
}

/* Eq. 3, if it is used */
static bool
shares_rows(const FcMatching *s, int32_t a, int32_t b, double n)
{
	return (is_euclidean(s->old) && is_euclidean(s->new)) || 4 * n >= s->of_old[a] || 4 * n >= s->of_new[b];
}

/* From old center a to new center b, which may be farther than numbers go */
static double
squared_move(const FcMatching *s, int32_t a, int32_t b)
{
	int32_t		d = s->old->d;

	return fc_squared_distance(s->old->centers + (int64_t) a * d, s->centers + (int64_t) b * d, d);
}

static double
largest_move(const FcMatching *s, int32_t a)
{
	double		largest = 0;

	for (int32_t b = 0; b < s->new->k; b++)
		largest = fmax(largest, squared_move(s, a, b));
	return largest;
}

/*
 * Counts of line a become costs, eq. 1; there will be "pairs", and no center
 * has moved by more than the root of "largest", if that is a number
 */
static void
set_costs(FcMatching *s, int32_t a, double rows, double pairs, double largest)
{
	double	   *line = s->table + (int64_t) a * s->new->k;
	double		gap = squared_gap(s->old, a);

	for (int32_t b = 0; b < s->new->k; b++)
	{
		double		squared = squared_move(s, a, b);
		bool		near = 4 * squared < gap && shares_rows(s, a, b, line[b]);
		double		share = squared > 0 ? sqrt(squared / largest) : 0;

		line[b] = (share <= 1 ? share : 1) / (pairs + 1) - line[b] - (near ? rows + 1 : 0);
	}
}

/* ---- the matching ---- */

/* Partners keep the number of the old cluster where it is one of 1 .. k */
static void
give_numbers(FcMatching *s)
{
	int32_t		next = 0;

	for (int32_t b = 0; b < s->new->k; b++)
		s->place[b] = s->taken[b] = -1;
	for (int32_t a = 0; a < s->old->k; a++)
		if (s->match[a] >= 0 && a < s->new->k)
		{
			s->place[s->match[a]] = a;
			s->taken[a] = s->match[a];
		}
	for (int32_t b = 0; b < s->new->k; b++)
		if (s->place[b] < 0)
		{
			while (s->taken[next] >= 0)
				next++;
			s->place[b] = next;
			s->taken[next] = b;
		}
}

/*
 * Fills match and place.  check, unless NULL, is called every few milliseconds
 * and may longjmp.
 */
void
fc_match_finish(FcMatching *s, void (*check) (void *arg), void *arg)
{
	FcCosts		costs = fc_dense_costs(s->table, s->old->k, s->new->k);
	double		rows = 0;
	double		largest = 0;
	double		total;

	rescale_centers(s);
	for (int32_t a = 0; a < s->old->k; a++)
	{
		if (check)
			check(arg);
		rows += s->of_old[a];
		largest = fmax(largest, largest_move(s, a));
	}
	for (int32_t a = 0; a < s->old->k; a++)
	{
		if (check)
			check(arg);
		set_costs(s, a, rows, s->old->k < s->new->k ? s->old->k : s->new->k, largest);
	}
	(void) fc_assign(&costs, s->match, &total, s->assign, check, arg);
	give_numbers(s);
}
