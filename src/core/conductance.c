/*
 * conductance.c - how badly clusters of a sample are cut off from each other
 *
 *	conductance = max over clusters c of the share of the nearest neighbours of its rows that are not in c		(eq. 1)
 *
 * with FC_GRAPH_NEIGHBOURS of each row: of the cluster that is cut off worst, in the graph of neighbours.  It asks
 * nothing of the shape of clusters, so that those of all algorithms can be compared; a silhouette would prefer those of k-means.
 * A cluster with fewer rows than a row has neighbours is cut off badly by definition.
 */
#include "core/conductance.h"

#include <math.h>
#include <string.h>

void
fc_conductance_layout(FcArena *a, FcConductance *s, int32_t n, int32_t clusters)
{
	*s = (FcConductance) {.n = n, .neighbours = n - 1 < FC_GRAPH_NEIGHBOURS ? n - 1 : FC_GRAPH_NEIGHBOURS};
	s->near = fc_take(a, fc_times(n, s->neighbours), sizeof(int32_t));
	s->distance = fc_take(a, n, sizeof(double));
	s->rows = fc_take(a, clusters, sizeof(int64_t));
	s->inside = fc_take(a, clusters, sizeof(int64_t));
}

/* Of row i, by s->distance: the nearest first, and of equals the first */
static void
find_neighbours(FcConductance *s, int32_t i)
{
	int32_t    *near = s->near + (int64_t) i * s->neighbours;
	int32_t		count = 0;

	for (int32_t h = 0; h < s->n; h++)
	{
		int32_t		at;

		if (h == i || (count == s->neighbours && s->distance[h] >= s->distance[near[count - 1]]))
			continue;
		if (count < s->neighbours)
			count++;
		for (at = count - 1; at > 0 && s->distance[near[at - 1]] > s->distance[h]; at--)
			near[at] = near[at - 1];
		near[at] = h;
	}
}

/* For the rows x (n, d) */
void
fc_conductance_begin(FcConductance *s, const double *x, int32_t d, const FcHooks *hooks)
{
	for (int32_t i = 0; i < s->n; i++)
	{
		fc_check(hooks);
		for (int32_t h = 0; h < s->n; h++)
			s->distance[h] = fc_squared_distance(x + (int64_t) i * d, x + (int64_t) h * d, d);
		find_neighbours(s, i);
	}
}

/* Eq. 1 of labels (n), 0 .. k - 1, or k for rows in no cluster; NaN if a cluster has no rows */
double
fc_conductance(FcConductance *s, const int32_t *label, int32_t k)
{
	double		most = 0;

	memset(s->rows, 0, sizeof(int64_t) * k);
	memset(s->inside, 0, sizeof(int64_t) * k);
	for (int32_t i = 0; i < s->n; i++)
	{
		if (label[i] >= k)
			continue;
		s->rows[label[i]]++;
		for (int32_t at = 0; at < s->neighbours; at++)
			s->inside[label[i]] += label[s->near[(int64_t) i * s->neighbours + at]] == label[i];
	}
	for (int32_t c = 0; c < k; c++)
	{
		if (s->rows[c] == 0)
			return NAN;
		most = fmax(most, 1 - s->inside[c] / ((double) s->rows[c] * s->neighbours));
	}
	return most;
}
