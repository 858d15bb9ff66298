/*
 * graph.c - smoothing over neighbours, and merging of groups
 *
 * Smoothing: x_i <- x_i / 2 + mean of the neighbours' x / 2, repeatedly.
 *
 * Merging: e_gh is the share of the edges that run between groups g and h,
 * a_g = sum_h e_gh; the pair with the largest gain of modularity (Newman, 2004)
 *
 *   e_gh - a_g a_h
 *
 * becomes one group, until there are k; of equal pairs the first.
 *
 * The conductance of a group: the share of its edges that leave it.
 *
 * nearest (n, count): the neighbours of each row.
 */
#include "nn/graph.h"

#include <string.h>

#define ROWS_BETWEEN_CHECKS	1024

static void
smooth_row(const int32_t *nearest, int32_t count, int32_t columns, const FcReal *x, int64_t i, FcReal *to)
{
	FcReal		share = (FcReal) 0.5 / count;

	for (int32_t j = 0; j < columns; j++)
		to[j] = (FcReal) 0.5 * x[i * columns + j];
	for (int32_t l = 0; l < count; l++)
		for (int32_t j = 0; j < columns; j++)
			to[j] += share * x[(int64_t) nearest[l] * columns + j];
}

/* x, work (n, columns) */
void
fc_smooth_rows(const FcHooks *hooks, const int32_t *nearest, int64_t n, int32_t count, int32_t columns, int rounds,
			   FcReal *x, FcReal *work)
{
	for (int round = 0; round < rounds; round++)
	{
		for (int64_t i = 0; i < n; i++)
		{
			if (i % ROWS_BETWEEN_CHECKS == 0)
				fc_check(hooks);
			smooth_row(nearest + i * count, count, columns, x, i, work + i * columns);
		}
		memcpy(x, work, sizeof(FcReal) * n * columns);
	}
}

/* Columns get a mean of 0 */
void
fc_center_rows(const FcHooks *hooks, FcReal *x, int64_t n, int32_t columns)
{
	for (int32_t j = 0; j < columns; j++)
	{
		double		sum = 0;

		fc_check(hooks);
		for (int64_t i = 0; i < n; i++)
			sum += x[i * columns + j];
		for (int64_t i = 0; i < n; i++)
			x[i * columns + j] -= (FcReal) (sum / n);
	}
}

static void
count_edges(const int32_t *nearest, int64_t n, int32_t count, int32_t groups, const int32_t *label, double *edges)
{
	double		one = 0.5 / ((double) n * count);

	memset(edges, 0, sizeof(double) * groups * groups);
	for (int64_t i = 0; i < n; i++)
		for (int32_t l = 0; l < count; l++)
		{
			int64_t		g = label[i];
			int64_t		h = label[nearest[i * count + l]];

			edges[g * groups + h] += one;
			edges[h * groups + g] += one;
		}
}

static double
row_sum(const double *edges, int32_t groups)
{
	double		sum = 0;

	for (int32_t h = 0; h < groups; h++)
		sum += edges[h];
	return sum;
}

/* The first pair of the largest gain, g before h, whose share is in e; groups that are gone have a < 0 */
static void
best_pair(const double *edges, const double *a, int32_t groups, int32_t *g, int32_t *h)
{
	double		best = -INFINITY;

	for (int32_t i = 0; i < groups; i++)
	{
		if (a[i] < 0)
			continue;
		for (int32_t j = i + 1; j < groups; j++)
		{
			double		gain = edges[(int64_t) i * groups + j] - a[i] * a[j];

			if (a[j] >= 0 && gain > best)
			{
				best = gain;
				*g = i;
				*h = j;
			}
		}
	}
}

/* Group h becomes part of g */
static void
merge_pair(double *edges, double *a, int32_t groups, int32_t g, int32_t h)
{
	for (int32_t j = 0; j < groups; j++)
		edges[(int64_t) g * groups + j] += edges[(int64_t) h * groups + j];
	for (int32_t j = 0; j < groups; j++)
		edges[(int64_t) j * groups + g] += edges[(int64_t) j * groups + h];
	a[g] += a[h];
	a[h] = -1 - g;				/* where it went */
}

/* Groups that are left are numbered in their order; into[] (groups) of each */
static void
number_groups(const double *a, int32_t groups, double *into)
{
	int32_t		next = 0;

	for (int32_t g = 0; g < groups; g++)
		if (a[g] >= 0)
			into[g] = next++;
	for (int32_t g = 0; g < groups; g++)
	{
		int32_t		root = g;

		while (a[root] < 0)
			root = (int32_t) (-1 - a[root]);
		into[g] = into[root];
	}
}

/*
 * Labels (n) of "groups" groups become those of k; edges ((groups + 2), groups)
 * is work space.  Groups without rows go first.
 */
void
fc_merge_groups(const FcHooks *hooks, const int32_t *nearest, int64_t n, int32_t count, int32_t groups, int32_t k,
				double *edges, int32_t *label)
{
	double	   *a = edges + (int64_t) groups * groups;
	double	   *into = a + groups;
	int32_t		left = groups;
	int32_t		g = 0;
	int32_t		h = 0;

	count_edges(nearest, n, count, groups, label, edges);
	for (int32_t i = 0; i < groups; i++)
		a[i] = row_sum(edges + (int64_t) i * groups, groups);
	for (int32_t i = 0; i < groups && left > k; i++)
		if (a[i] == 0)
		{
			merge_pair(edges, a, groups, label[0], i);
			left--;
		}
	for (; left > k; left--)
	{
		fc_check(hooks);
		best_pair(edges, a, groups, &g, &h);
		merge_pair(edges, a, groups, g, h);
	}
	number_groups(a, groups, into);
	for (int64_t i = 0; i < n; i++)
		label[i] = (int32_t) into[label[i]];
}

/*
 * Of the edges at a group, the share that leads to others: the mean over all
 * groups that have rows.  edges (2, groups) is work space.
 */
double
fc_mean_conductance(const FcHooks *hooks, const int32_t *nearest, int64_t n, int32_t count, int32_t groups,
					const int32_t *label, int64_t *edges)
{
	int64_t    *leaving = edges + groups;
	double		sum = 0;
	int32_t		used = 0;

	memset(edges, 0, sizeof(int64_t) * 2 * groups);
	for (int64_t i = 0; i < n; i++)
	{
		if (i % ROWS_BETWEEN_CHECKS == 0)
			fc_check(hooks);
		for (int32_t l = 0; l < count; l++)
		{
			int32_t		g = label[i];
			int32_t		h = label[nearest[i * count + l]];

			edges[g]++;
			edges[h]++;
			leaving[g] += g != h;
			leaving[h] += g != h;
		}
	}
	for (int32_t g = 0; g < groups; g++)
		if (edges[g] > 0)
		{
			sum += (double) leaving[g] / edges[g];
			used++;
		}
	return used > 0 ? sum / used : 0;
}
