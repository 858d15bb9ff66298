/*
 * sparse.c - sums of rows of which each has weight in few clusters only
 *
 * Where memberships are nearly crisp, as with a fuzzifier near 1, nearly all weights of a row
 * are nothing in its precision, beside the largest one, and k d products are in vain.  So
 * the weights of a tile that count are listed, and its rows are added to one cluster each, as
 * those of k-means are, then to their second one, and so on.  All that do not count are
 * together at most
 *
 *	epsilon max_c w_ic											(eq. 1)
 *
 * with epsilon of the rows' precision, less than rounding changes.  Which way a tile is added
 * depends on its weights alone.
 */
#include "core/sparse.h"

#include <string.h>

#define FEWEST_CLUSTERS	32		/* with fewer of them, or fewer features, looking for zeros costs more than it saves */
#define FEWEST_FEATURES	32

void
fc_sparse_layout(FcArena *a, FcSparse *s, const FcModel *m, int32_t tile)
{
	const FcKernel *kernel = m->algo->kernel;

	if (kernel->is_crisp || kernel->has_shapes || m->k < FEWEST_CLUSTERS || m->d < FEWEST_FEATURES)
		return;
	s->tile = tile;
	s->least = fc_take(a, tile, sizeof(double));
	s->clusters = fc_take(a, tile, sizeof(int32_t));
	s->cluster = fc_take(a, fc_times(FC_SPARSE_MOST, tile), sizeof(int32_t));
	s->weight = fc_take(a, fc_times(FC_SPARSE_MOST, tile), sizeof(double));
	s->numbers = fc_take(a, m->k, sizeof(double));
}

/* Eq. 1: s->least of "lanes" rows, from row "first" on, of k clusters in each of which a weight of that size is left out */
static void
find_least(FcSparse *s, FcPrecision precision, const void *w, int32_t first, int32_t lanes, int32_t k)
{
	double	   *restrict least = s->least + first;

	for (int32_t i = 0; i < lanes; i++)
		least[i] = 0;
	for (int32_t c = 0; c < k; c++)
	{
		const float *narrow = (const float *) w + (size_t) c * s->tile + first;
		const double *wide = (const double *) w + (size_t) c * s->tile + first;

		if (precision == FC_F32)
			for (int32_t i = 0; i < lanes; i++)
				least[i] = least[i] < narrow[i] ? narrow[i] : least[i];
		else
			for (int32_t i = 0; i < lanes; i++)
				least[i] = least[i] < wide[i] ? wide[i] : least[i];
	}
	for (int32_t i = 0; i < lanes; i++)
		least[i] *= FC_EPSILON(precision) / k;
}

/* Lists the weights of FC_LANES rows, from row "first" on, in cluster c; false: a row has too many */
static bool
list_lanes(FcSparse *s, FcPrecision precision, const void *w, int32_t first, int32_t c)
{
	for (int32_t i = first; i < first + FC_LANES; i++)
	{
		double		weight = fc_get(w, precision, i);
		int32_t		at;

		if (weight <= s->least[i])
			continue;
		if (s->clusters[i] == FC_SPARSE_MOST)
			return false;
		at = s->clusters[i]++ * s->tile + i;
		s->cluster[at] = c;
		s->weight[at] = weight;
	}
	return true;
}

/* Does any of FC_LANES weights count? */
static bool
any_counts(const FcSparse *s, const void *w, FcPrecision precision, int32_t first)
{
	const double *restrict least = s->least + first;
	bool		any = false;

	if (precision == FC_F32)
		for (int i = 0; i < FC_LANES; i++)
			any |= ((const float *) w)[first + i] > least[i];
	else
		for (int i = 0; i < FC_LANES; i++)
			any |= ((const double *) w)[first + i] > least[i];
	return any;
}

/* The first FC_LANES rows, or all others; false: a row has too many */
static bool
list_rows(FcSparse *s, const FcMetric *t, const void *w, int32_t first, int32_t end)
{
	find_least(s, t->precision, w, first, end - first, t->k);
	for (int32_t c = 0; c < t->k; c++)
	{
		const char *of_cluster = (const char *) w + (size_t) c * s->tile * FC_SIZE(t->precision);

		for (int32_t i = first; i < end; i += FC_LANES)
			if (any_counts(s, of_cluster, t->precision, i) && !list_lanes(s, t->precision, of_cluster, i, c))
				return false;
	}
	return true;
}

/* In how many clusters any row has weight */
static int32_t
most_clusters(const FcSparse *s, int32_t lanes)
{
	int32_t		most = 0;

	for (int32_t i = 0; i < lanes; i++)
		most = s->clusters[i] > most ? s->clusters[i] : most;
	return most;
}

/* Rows that have weight in r clusters or fewer: 0 in any */
static void
fill(FcSparse *s, int32_t r, int32_t lanes)
{
	for (int32_t i = 0; i < lanes; i++)
		if (s->clusters[i] <= r)
		{
			s->cluster[r * s->tile + i] = 0;
			s->weight[r * s->tile + i] = 0;
		}
}

/*
 * sum (k, d) += w x of a tile, w (k, tile) and 0 in padding; wx (d, tile) is work space.  False,
 * and nothing is added: a row has weight in more clusters than there is room for.
 */
bool
fc_sparse_add(FcSparse *s, const FcMetric *t, const void *x, int64_t xstride, int32_t lanes, const void *w, void *wx, double *sum)
{
	int32_t		most;

	if (s->tile == 0)
		return false;
	memset(s->clusters, 0, sizeof(int32_t) * lanes);
	if (!list_rows(s, t, w, 0, FC_LANES) || !list_rows(s, t, w, FC_LANES, lanes))
		return false;
	most = most_clusters(s, lanes);
	for (int32_t r = 0; r < most; r++)
	{
		fill(s, r, lanes);
		t->ops->weigh(x, xstride, lanes, t->d, s->weight + (size_t) r * s->tile, wx, s->tile);
		t->ops->add_rows(wx, s->tile, lanes, t->d, s->cluster + (size_t) r * s->tile, t->k, sum, t->d, s->numbers);
	}
	return true;
}
