/*
 * sparse.c - sums of rows of which each has weight in few clusters only
 *
 * Where memberships are nearly crisp, as with a fuzzifier near 1, nearly all weights of a row
 * are nothing in its precision, beside the largest one, and k d products are in vain.  So
 * the weights of a tile that count are listed, and its rows are added to one cluster each, as
 * those of k-means are, then to their second one, and so on; the few that lie between many
 * clusters are gathered, and added to all.  All weights of a row that do not count are
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
#define OTHERS			4		/* at most one of so many rows is added to all clusters, or all are */

void
fc_sparse_layout(FcArena *a, FcSparse *s, const FcModel *m, FcPrecision precision, int32_t tile)
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
	s->which = fc_take(a, tile, sizeof(int32_t));
	s->room = FC_ROUND_UP(tile / OTHERS, FC_LANES);
	s->other = fc_take(a, s->room, sizeof(int32_t));
	s->w = fc_take(a, fc_times(m->k, s->room), FC_SIZE(precision));
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

/* Lists the weights of FC_LANES rows, from row "first" on, in cluster c; false: too many rows have too many */
static bool
list_lanes(FcSparse *s, FcPrecision precision, const void *w, int32_t first, int32_t c, int32_t allowed)
{
	for (int32_t i = first; i < first + FC_LANES; i++)
	{
		double		weight = fc_get(w, precision, i);
		int32_t		at;

		if (weight <= s->least[i] || s->clusters[i] < 0)
			continue;
		if (s->clusters[i] == FC_SPARSE_MOST)
		{
			if (s->others == allowed)
				return false;
			s->clusters[i] = -1;
			s->other[s->others++] = i;
			continue;
		}
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

/* The first FC_LANES rows, or all after them; false: too many rows have too many */
static bool
list_rows(FcSparse *s, const FcMetric *t, const void *w, int32_t first, int32_t end)
{
	int32_t		allowed = end / OTHERS;

	find_least(s, t->precision, w, first, end - first, t->k);
	for (int32_t c = 0; c < t->k; c++)
	{
		const char *of_cluster = (const char *) w + (size_t) c * s->tile * FC_SIZE(t->precision);

		for (int32_t i = first; i < end; i += FC_LANES)
			if (any_counts(s, of_cluster, t->precision, i) && !list_lanes(s, t->precision, of_cluster, i, c, allowed))
				return false;
	}
	return true;
}

/* ---- sums ---- */

/* "lanes" numbers of x, those of the rows "which", times weight; 0 from "count" on */
static void
gather(const void *x, FcPrecision precision, const int32_t *which, const double *weight, int32_t count, int32_t lanes, void *to)
{
	const float *narrow = x;
	const double *wide = x;

	if (precision == FC_F32)
		for (int32_t i = 0; i < count; i++)
			((float *) to)[i] = weight ? (float) (narrow[which[i]] * weight[i]) : narrow[which[i]];
	else
		for (int32_t i = 0; i < count; i++)
			((double *) to)[i] = weight ? wide[which[i]] * weight[i] : wide[which[i]];
	memset((char *) to + count * FC_SIZE(precision), 0, (lanes - count) * FC_SIZE(precision));
}

/* The same of "rows" rows of numbers */
static void
gather_all(const void *x, int64_t xstride, FcPrecision precision, int32_t rows, const int32_t *which, const double *weight,
		   int32_t count, int32_t lanes, void *to, int64_t stride)
{
	for (int32_t j = 0; j < rows; j++)
		gather((const char *) x + j * xstride * FC_SIZE(precision), precision, which, weight, count, lanes,
			   (char *) to + j * stride * FC_SIZE(precision));
}

/* The rows with weight in more than r clusters, side by side: which, their cluster number r and weight there; their number */
static int32_t
rows_of_rank(FcSparse *s, int32_t r, int32_t lanes)
{
	int32_t    *cluster = s->cluster + (size_t) r * s->tile;
	double	   *weight = s->weight + (size_t) r * s->tile;
	int32_t		count = 0;

	for (int32_t i = 0; i < lanes; i++)
		if (s->clusters[i] > r)
		{
			cluster[count] = cluster[i];
			weight[count] = weight[i];
			s->which[count++] = i;
		}
	for (int32_t i = count; i < FC_ROUND_UP(count, FC_LANES); i++)
	{
		cluster[i] = 0;
		weight[i] = 0;
	}
	return count;
}

/* Adds rows to their cluster number r; false: none has as many */
static bool
add_rank(FcSparse *s, const FcMetric *t, const void *x, int64_t xstride, int32_t lanes, int32_t r, void *wx, double *sum)
{
	int32_t		count = rows_of_rank(s, r, lanes);
	int32_t		padded = FC_ROUND_UP(count, FC_LANES);
	const double *weight = s->weight + (size_t) r * s->tile;

	if (count == lanes)
		t->ops->weigh(x, xstride, lanes, t->d, weight, wx, s->tile);
	else
		gather_all(x, xstride, t->precision, t->d, s->which, weight, count, padded, wx, s->tile);
	t->ops->add_rows(wx, s->tile, padded, t->d, s->cluster + (size_t) r * s->tile, t->k, sum, t->d, s->numbers);
	return count > 0;
}

/* Adds the rows with weight in too many clusters to all */
static void
add_others(FcSparse *s, const FcMetric *t, const void *x, int64_t xstride, const void *w, void *wx, double *sum)
{
	int32_t		padded = FC_ROUND_UP(s->others, FC_LANES);

	gather_all(x, xstride, t->precision, t->d, s->other, NULL, s->others, padded, wx, s->tile);
	gather_all(w, s->tile, t->precision, t->k, s->other, NULL, s->others, padded, s->w, s->room);
	t->ops->accumulate(wx, s->tile, padded, t->d, s->w, s->room, t->k, sum, s->numbers);
}

/*
 * sum (k, d) += w x of a tile, w (k, tile) and 0 in padding; wx (d, tile) is work space.  False,
 * and nothing is added: too many rows have weight in more clusters than there is room for.
 */
bool
fc_sparse_add(FcSparse *s, const FcMetric *t, const void *x, int64_t xstride, int32_t lanes, const void *w, void *wx, double *sum)
{
	if (s->tile == 0)
		return false;
	memset(s->clusters, 0, sizeof(int32_t) * lanes);
	s->others = 0;
	if (!list_rows(s, t, w, 0, FC_LANES) || !list_rows(s, t, w, FC_LANES, lanes))
		return false;
	for (int32_t r = 0; r < FC_SPARSE_MOST && add_rank(s, t, x, xstride, lanes, r, wx, sum); r++)
		;
	add_others(s, t, x, xstride, w, wx, sum);
	return true;
}
