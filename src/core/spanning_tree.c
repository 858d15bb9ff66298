/*
 * spanning_tree.c - the widest gap between two parts of rows, from their distances
 *
 * With d_ij the distance of two rows and c_i that of row i to its NEIGHBOUR-th nearest one,
 *
 *	w_ij = d_ij / sqrt(c_i c_j)							(eq. 1: Zelnik-Manor and Perona 2004)
 *
 * is their distance in units of those around them, so that it does not matter where rows are dense and where not.
 * The shortest tree that joins all rows by such edges (Prim 1957) falls into two parts if an edge is taken out.
 * The gap is the longest edge of those which leave at least SHARE of the rows, and LEAST of them, on both sides:
 * a few rows that lie apart are no cluster.
 */
#include "core/spanning_tree.h"

#include <math.h>

#define NEIGHBOUR	7
#define SHARE		0.05
#define LEAST		10

void
fc_spanning_tree_layout(FcArena *a, FcSpanningTree *s, int32_t n)
{
	*s = (FcSpanningTree) {.n = n};
	s->near = fc_take(a, n, sizeof(double));
	s->edge = fc_take(a, n, sizeof(double));
	s->parent = fc_take(a, n, sizeof(int32_t));
	s->order = fc_take(a, n, sizeof(int32_t));
	s->size = fc_take(a, n, sizeof(int32_t));
}

/* Distances of all rows to a near neighbour: 0 only where many rows are equal, and these are at no distance to each other */
static void
find_near(FcSpanningTree *s, const double *distance, const FcHooks *hooks)
{
	int32_t		rank = s->n - 1 < NEIGHBOUR ? s->n - 1 : NEIGHBOUR;

	for (int32_t i = 0; i < s->n; i++)
	{
		fc_check(hooks);
		for (int32_t j = 0; j < s->n; j++)
			s->edge[j] = distance[(int64_t) i * s->n + j];
		s->near[i] = fc_select_rank(s->edge, s->n, rank);
	}
}

/* Eq. 1 */
static double
edge_of(const FcSpanningTree *s, const double *distance, int32_t i, int32_t j)
{
	double		d = distance[(int64_t) i * s->n + j];

	return d > 0 ? d / sqrt(s->near[i] * s->near[j]) : 0;
}

/* The row that joins next, of those from "first" on in the order, takes its place there */
static int32_t
join_next(FcSpanningTree *s, int32_t first)
{
	int32_t		best = first;
	int32_t		row;

	for (int32_t at = first + 1; at < s->n; at++)
		if (s->edge[s->order[at]] < s->edge[s->order[best]])
			best = at;
	row = s->order[best];
	s->order[best] = s->order[first];
	s->order[first] = row;
	return row;
}

static void
grow(FcSpanningTree *s, const double *distance, const FcHooks *hooks)
{
	for (int32_t i = 0; i < s->n; i++)
	{
		s->edge[i] = INFINITY;
		s->parent[i] = -1;
		s->order[i] = i;
	}
	for (int32_t first = 0; first < s->n; first++)
	{
		int32_t		row = join_next(s, first);

		fc_check(hooks);
		for (int32_t at = first + 1; at < s->n; at++)
		{
			int32_t		other = s->order[at];
			double		edge = edge_of(s, distance, row, other);

			if (edge < s->edge[other] || s->parent[other] < 0)
			{
				s->edge[other] = edge;
				s->parent[other] = row;
			}
		}
	}
}

/* Rows behind each edge: a row joined after its parent */
static void
count_rows(FcSpanningTree *s)
{
	for (int32_t i = 0; i < s->n; i++)
		s->size[i] = 1;
	for (int32_t at = s->n - 1; at > 0; at--)
		s->size[s->parent[s->order[at]]] += s->size[s->order[at]];
}

/* Of rows with these distances (n, n); 0: no edge leaves enough rows on both sides.  May be infinite, where many rows are equal */
double
fc_widest_gap(FcSpanningTree *s, const double *distance, const FcHooks *hooks)
{
	double		least = fmax(LEAST, SHARE * s->n);
	double		widest = 0;

	find_near(s, distance, hooks);
	grow(s, distance, hooks);
	count_rows(s);
	for (int32_t at = 1; at < s->n; at++)
	{
		int32_t		row = s->order[at];

		if (s->size[row] >= least && s->n - s->size[row] >= least)
			widest = fmax(widest, s->edge[row]);
	}
	return widest;
}
