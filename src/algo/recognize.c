/*
 * recognize.c - which of many centers are clusters (Kagan, Novoselsky and
 * Rybalov, 2025, second stage of algorithm 2)
 *
 *	merge	centers that a chain of steps below merge_distance connects
 *	drop	those that fewer than min_points rows are nearest to: where the
 *			distance is the same to all rows a center rests at their mean
 *	settle	by k-means over the centers found, from the merged ones
 *
 * The number of clusters is the number of centers left.
 */
#include "algo/recognize.h"

#include <math.h>
#include <string.h>

/* The scratch of a training: FcEngine.scratch; nraw is at most k */
typedef struct Recognition
{
	int32_t    *joined;			/* (k) a center of the same group before this one, or itself */
	int32_t    *group;			/* (k) of each center that was found, or -1 */
	int32_t    *renamed;		/* (k) the number that a group has later, or -1 */
	double	   *total;			/* (k) weight of a group */
} Recognition;

void *
fc_recognition_layout(FcArena *a, const FcFit *f)
{
	size_t		k = f->model->k;
	Recognition fields = {
		.joined = fc_take(a, k, sizeof(int32_t)),
		.group = fc_take(a, k, sizeof(int32_t)),
		.renamed = fc_take(a, k, sizeof(int32_t)),
		.total = fc_take(a, k, sizeof(double)),
	};

	return fc_place(a, &fields, sizeof(fields));
}

/* The root of center c among those that were joined */
static int32_t
root_of(const int32_t *joined, int32_t c)
{
	while (joined[c] != c)
		c = joined[c];
	return c;
}

/* Centers that a chain of short steps connects get the same root, the first of them */
static void
join_close(FcEngine *e, const double *raw, double reach)
{
	FcModel    *m = e->fit->model;
	int32_t    *joined = ((Recognition *) e->scratch)->joined;

	for (int32_t c = 0; c < m->own.nraw; c++)
	{
		joined[c] = c;
		fc_check(&e->fit->hooks);
		for (int32_t b = 0; b < c; b++)
			if (fc_squared_distance(raw + (int64_t) b * m->d, raw + (int64_t) c * m->d, m->d) < reach * reach)
			{
				int32_t		x = root_of(joined, b);
				int32_t		y = root_of(joined, c);

				joined[x > y ? x : y] = x < y ? x : y;
			}
	}
}

/* Adds a center that was found, with its weight, to the mean that center c is */
static void
add_to_center(FcModel *m, int32_t c, const double *raw, double weight, double *total)
{
	double	   *center = m->centers + (int64_t) c * m->d;

	total[c] += weight;
	for (int32_t j = 0; j < m->d && total[c] > 0; j++)
		center[j] = total[c] == weight ? raw[j] : center[j] + weight / total[c] * (raw[j] - center[j]);
}

/* Weighted means of the groups become the centers, in the order of their roots */
static void
merge_groups(FcEngine *e, const double *raw)
{
	FcModel    *m = e->fit->model;
	const Recognition *s = e->scratch;

	m->k = 0;
	for (int32_t r = 0; r < m->own.nraw; r++)
	{
		int32_t		root = root_of(s->joined, r);

		if (root == r)
		{
			s->group[r] = m->k++;
			s->total[s->group[r]] = 0;
		}
		s->group[r] = s->group[root];
		add_to_center(m, s->group[r], raw + (int64_t) r * m->d, e->acc.weight[r], s->total);
	}
}

/* Leaves out centers that own too few rows; the largest stay in any case */
static void
drop_ghosts(FcEngine *e, double min_points)
{
	FcModel    *m = e->fit->model;
	const Recognition *s = e->scratch;
	double		unit = fc_row_unit(fc_total_weight(&e->fit->rows), fc_row_count(&e->fit->rows));
	double		largest = 0;
	double		least;
	int32_t		kept = 0;

	for (int32_t c = 0; c < m->k; c++)
		largest = e->count[c] > largest ? e->count[c] : largest;
	least = fmin(min_points * unit, largest);
	for (int32_t c = 0; c < m->k; c++)
	{
		s->renamed[c] = -1;
		if (e->count[c] < least)
			continue;
		memmove(m->centers + (int64_t) kept * m->d, m->centers + (int64_t) c * m->d, sizeof(double) * m->d);
		s->renamed[c] = kept++;
	}
	for (int32_t c = 0; c < m->own.nraw; c++)
		s->group[c] = s->renamed[s->group[c]];
	m->k = kept;
}

/* The sums of k-means: each center becomes the mean of its raw ones, with equal weights */
static void
move_to_means(FcModel *m, const double *raw, const int32_t *group, double *total)
{
	memset(total, 0, sizeof(double) * m->k);
	for (int32_t r = 0; r < m->own.nraw; r++)
		if (group[r] >= 0)
			add_to_center(m, group[r], raw + (int64_t) r * m->d, 1, total);
}

/* k-means over the raw centers that belong to a recognized one */
static void
settle(FcEngine *e, const double *raw)
{
	FcModel    *m = e->fit->model;
	const Recognition *s = e->scratch;
	bool		changed = true;

	/* in exact arithmetic it ends in fewer rounds than there are centers, except in contrived cases */
	for (int32_t round = 0; changed && round < m->own.nraw; round++)
	{
		changed = false;
		move_to_means(m, raw, s->group, s->total);
		for (int32_t r = 0; r < m->own.nraw; r++)
		{
			int32_t		c = s->group[r] < 0 ? -1 : fc_nearest_center(m->centers, m->k, m->d, raw + (int64_t) r * m->d);

			fc_check(&e->fit->hooks);
			changed = changed || c != s->group[r];
			s->group[r] = c;
		}
	}
}

/* The centers that were found go to raw, (nraw, d), those that are recognized to the model */
void
fc_recognize(FcEngine *e, double *raw, double merge_distance, double min_points)
{
	FcModel    *m = e->fit->model;

	memcpy(raw, m->centers, sizeof(double) * m->own.nraw * m->d);
	join_close(e, raw, merge_distance);
	merge_groups(e, raw);
	e->metric.k = m->k;
	fc_pass_measure(e);
	drop_ghosts(e, min_points);
	e->metric.k = m->k;
	settle(e, raw);
}
