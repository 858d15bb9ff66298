/*
 * assignment.c - the assignment problem, by shortest augmenting paths
 *
 * Assigns each line, on the shorter side of the table, to a different place,
 * on the longer side, at the smallest total cost.  The lines enter one at a
 * time; each takes the cheapest chain of moves that ends in a free place
 * (Edmonds and Karp, 1972; Jonker and Volgenant, 1987).  Potentials u and v
 * keep
 *
 *   cost(i, j) - u_i - v_j >= 0, with equality where i has place j	(eq. 1)
 *
 * for the lines already in, so that the chain is a shortest path with no
 * negative edge, which Dijkstra's method finds.  For n lines and m places a
 * chain takes O(n m) operations, the whole O(n^2 m), and memory is O(n + m).
 * Integers are computed without rounding while sums stay below 2^53.
 *
 * Of two places equally near a free one is preferred, because it ends the
 * search: in a sparse table most costs are equal.
 */
#include "core/assignment.h"

#include <math.h>

/* n lines, m places; i is a line, j a place */
typedef struct Work
{
	double	   *u;				/* (n) potentials of the lines */
	double	   *v;				/* (m) potentials of the places */
	double	   *cost;			/* (m) costs of the line at hand */
	double	   *distance;		/* (m) length of the shortest path found so far */
	int32_t    *from;			/* (m) the line that takes this place on that path */
	int32_t    *line;			/* (m) the line that has this place, or -1 */
	int32_t    *place;			/* (n) the place of each line, or -1 */
	int32_t    *open;			/* (m) the places not yet reached, then the reached */
} Work;

void *
fc_assign_layout(FcArena *a, int32_t rows, int32_t columns)
{
	size_t		n = rows < columns ? rows : columns;
	size_t		m = rows < columns ? columns : rows;
	Work	   *w = fc_take(a, 1, sizeof(Work));
	Work		fields = {
		.u = fc_take(a, n, sizeof(double)),
		.v = fc_take(a, m, sizeof(double)),
		.cost = fc_take(a, m, sizeof(double)),
		.distance = fc_take(a, m, sizeof(double)),
		.from = fc_take(a, m, sizeof(int32_t)),
		.line = fc_take(a, m, sizeof(int32_t)),
		.place = fc_take(a, n, sizeof(int32_t)),
		.open = fc_take(a, m, sizeof(int32_t)),
	};

	if (w != NULL)				/* NULL: the arena is only counting */
		*w = fields;
	return w;
}

/*
 * Extend the paths by line i, at the distance "reached", and return the index
 * in open[] of the nearest place, or -1.  NaN never compares smaller, so
 * forbidden places are never reached.
 */
static int32_t
find_nearest(Work *w, int32_t nopen, int32_t i, double reached)
{
	double		nearest = INFINITY;
	int32_t		best = -1;

	for (int32_t o = 0; o < nopen; o++)
	{
		int32_t		j = w->open[o];
		double		length = reached + (w->cost[j] - w->u[i] - w->v[j]);

		if (length < w->distance[j])
		{
			w->distance[j] = length;
			w->from[j] = i;
		}
		if (w->distance[j] < nearest ||
			(best >= 0 && w->distance[j] == nearest &&
			 w->line[j] < 0 && w->line[w->open[best]] >= 0))
		{
			nearest = w->distance[j];
			best = o;
		}
	}
	return best;
}

/* Move the potentials so that eq. 1 still holds once the chain has moved */
static void
update_potentials(Work *w, int32_t start, const int32_t *reached, int32_t nreached, double length)
{
	w->u[start] += length;
	for (int32_t r = 0; r < nreached; r++)
	{
		int32_t		j = reached[r];
		double		nearer = length - w->distance[j];

		w->v[j] -= nearer;
		if (w->line[j] >= 0)
			w->u[w->line[j]] += nearer;
	}
}

/* Each line of the path to place j takes its new place; the first had none */
static void
move_chain(Work *w, int32_t j)
{
	while (j >= 0)
	{
		int32_t		i = w->from[j];
		int32_t		left = w->place[i];

		w->place[i] = j;
		w->line[j] = i;
		j = left;
	}
}

/* Give line "start" a place; false if no path leads to a free one */
static bool
add_line(Work *w, const FcCosts *costs, int32_t m, int32_t start,
		 void (*read) (const FcCosts *costs, int32_t i, double *cost))
{
	double		length = 0;
	int32_t		nopen = m;
	int32_t		i = start;
	int32_t		j;

	for (j = 0; j < m; j++)
	{
		w->distance[j] = INFINITY;
		w->open[j] = j;
	}
	do
	{
		int32_t		best;

		read(costs, i, w->cost);
		best = find_nearest(w, nopen, i, length);
		if (best < 0)
			return false;
		j = w->open[best];
		w->open[best] = w->open[--nopen];
		w->open[nopen] = j;
		length = w->distance[j];
		i = w->line[j];
	} while (i >= 0);

	update_potentials(w, start, w->open + nopen, m - nopen, length);
	move_chain(w, j);
	return true;
}

bool
fc_assign(const FcCosts *costs, int32_t *match, double *total, void *work,
		  void (*check) (void *arg), void *arg)
{
	Work	   *w = work;
	bool		wide = costs->rows <= costs->columns;
	int32_t		n = wide ? costs->rows : costs->columns;
	int32_t		m = wide ? costs->columns : costs->rows;

	for (int32_t i = 0; i < n; i++)
	{
		w->u[i] = 0;
		w->place[i] = -1;
	}
	for (int32_t j = 0; j < m; j++)
	{
		w->v[j] = 0;
		w->line[j] = -1;
	}
	for (int32_t i = 0; i < n; i++)
	{
		if (check)
			check(arg);
		if (!add_line(w, costs, m, i, wide ? costs->row : costs->column))
			return false;
	}

	for (int32_t i = 0; i < costs->rows; i++)
		match[i] = wide ? w->place[i] : w->line[i];
	*total = 0;
	for (int32_t i = 0; i < n; i++)
	{
		(wide ? costs->row : costs->column) (costs, i, w->cost);
		*total += w->cost[w->place[i]];
	}
	return isfinite(*total);
}

static void
dense_row(const FcCosts *costs, int32_t i, double *cost)
{
	const double *row = (const double *) costs->table + (size_t) i * costs->columns;

	for (int32_t j = 0; j < costs->columns; j++)
		cost[j] = row[j];
}

static void
dense_column(const FcCosts *costs, int32_t j, double *cost)
{
	const double *column = (const double *) costs->table + j;

	for (int32_t i = 0; i < costs->rows; i++)
		cost[i] = column[(size_t) i * costs->columns];
}

FcCosts
fc_dense_costs(const double *cost, int32_t rows, int32_t columns)
{
	return (FcCosts) {
		.rows = rows, .columns = columns, .table = cost,
		.row = dense_row, .column = dense_column
	};
}
