/*
 * indices.c - validity indices of a clustering, from sums over its rows
 *
 * With u memberships, w the weights of the algorithm (u^m), d_ic the squared
 * distances, c(i) the cluster of row i, n_c its rows and s_c their mean distance
 * to v_c, e_c the mean of their x - v_c, xbar the mean of all rows, and delta^2
 * the least squared distance between two centers:
 *
 *	partition coefficient	PC = sum u^2 / n						(Bezdek 1974)
 *	normalized				(k PC - 1) / (k - 1)					(Dave 1996)
 *	partition entropy		- sum u ln u / n						(Bezdek 1974)
 *	Xie-Beni				sum w d / (n delta^2)					(1991)
 *	Fukuyama-Sugeno			sum w d - sum w |v_c - xbar|^2			(1989)
 *	Kwon					(sum w d + sum_c |v_c - xbar|^2 / k) / delta^2	(1998)
 *	Davies-Bouldin			mean_c max_b (s_c + s_b) / |v_c - v_b|	(1979)
 *	Calinski-Harabasz		(B / (k - 1)) / (W / (n - k))			(1974)
 *	simplified silhouette	mean (b - a) / max(a, b), a the distance to the center
 *							of the row's cluster, b to the nearest other
 *	inter-cluster variance	sum_c (sum_i u_ic / n) |v_c - xbar|^2
 *
 * B and W are sums of squares between and within the crisp clusters, around
 * their own means.  An index without meaning, as for k = 1, is NaN.  All are
 * in the model's units, so after scaling.  Where rows have weights, n, n_c and all sums are of these; and if
 * they are less than 1 on average, those that are not divided by n are of the weights divided by their mean.
 *
 * With noise, the noise cluster is one more group of the partition coefficient, where k is k + 1, and of the
 * entropy.  It has no center: all others are over the k clusters, and in n, n_c, xbar and all sums over
 * rows but those of u and w, which are small already, a row counts by 1 - u_i0, the part that is not noise.
 */
#include "core/indices.h"

#include <math.h>

const char *const fc_index_names[FC_INDICES] = {
	[FC_PARTITION_COEFFICIENT] = "partition_coefficient",
	[FC_PARTITION_COEFFICIENT_NORMALIZED] = "partition_coefficient_normalized",
	[FC_PARTITION_ENTROPY] = "partition_entropy",
	[FC_XIE_BENI] = "xie_beni",
	[FC_FUKUYAMA_SUGENO] = "fukuyama_sugeno",
	[FC_KWON] = "kwon",
	[FC_DAVIES_BOULDIN] = "davies_bouldin",
	[FC_CALINSKI_HARABASZ] = "calinski_harabasz",
	[FC_SILHOUETTE] = "silhouette",
	[FC_INTER_CLUSTER_VARIANCE] = "inter_cluster_variance",
};

void
fc_index_sums_layout(FcArena *a, FcIndexSums *s, int32_t k, int32_t d)
{
	s->k = k;
	s->d = d;
	s->u = fc_take(a, k, sizeof(double));
	s->w = fc_take(a, k, sizeof(double));
	s->count = fc_take(a, k, sizeof(double));
	s->distance = fc_take(a, k, sizeof(double));
	s->difference = fc_take(a, fc_times(k, d), sizeof(double));
	s->mean = fc_take(a, d, sizeof(double));
}

/* Davies-Bouldin, and the least squared distance between two centers */
static double
davies_bouldin(const FcIndexSums *of, FcScorer *s, double *least)
{
	double		total = 0;
	int32_t		used = 0;

	*least = INFINITY;
	for (int32_t c = 0; c < of->k; c++)
	{
		double		worst = 0;

		fc_score_between_centers(s, c);
		for (int32_t b = 0; b < of->k; b++)
		{
			if (b == c)
				continue;
			*least = fmin(*least, s->distance[b]);
			if (of->count[b] > 0 && of->count[c] > 0)
				worst = fmax(worst, (of->distance[c] / of->count[c] + of->distance[b] / of->count[b]) / sqrt(s->distance[b]));
		}
		if (of->count[c] > 0)
		{
			total += isnan(of->distance[c]) ? NAN : worst;
			used++;
		}
	}
	return used > 1 ? total / used : NAN;
}

static double
calinski_harabasz(const FcIndexSums *of, const double *centers)
{
	double		between = 0;
	double		within = of->within;
	double		rows = of->rows / of->unit;
	int32_t		used = 0;

	for (int32_t c = 0; c < of->k; c++)
	{
		double		n = of->count[c];

		if (n == 0)
			continue;
		used++;
		for (int32_t j = 0; j < of->d; j++)
		{
			double		e = of->difference[(int64_t) c * of->d + j] / n;
			double		away = centers[(int64_t) c * of->d + j] + e - of->mean[j];

			within -= n * e * e;
			between += n * away * away;
		}
	}
	if (used < 2 || rows <= used || !isfinite(within))
		return NAN;
	return between / (used - 1) / (fmax(within, 0) / (rows - used));
}

/* Memberships that do not add up to 1 are no partition of the rows */
static void
forget_partition(double *index)
{
	index[FC_PARTITION_COEFFICIENT] = NAN;
	index[FC_PARTITION_COEFFICIENT_NORMALIZED] = NAN;
	index[FC_PARTITION_ENTROPY] = NAN;
	index[FC_INTER_CLUSTER_VARIANCE] = NAN;
}

/* s is of the model, with the centers that the sums are of; index is (FC_INDICES) */
void
fc_indices(const FcIndexSums *of, FcScorer *s, double *index)
{
	const double *centers = s->model->centers;
	double		n = of->rows;
	int32_t		k = of->k;
	int32_t		g = of->groups;
	double		least;
	double		w_away = 0;
	double		away = 0;
	double		u_away = 0;

	index[FC_DAVIES_BOULDIN] = davies_bouldin(of, s, &least);
	for (int32_t c = 0; c < k; c++)
	{
		double		squared = fc_squared_distance(centers + (int64_t) c * of->d, of->mean, of->d);

		w_away += of->w[c] * squared;
		u_away += of->u[c] * squared;
		away += squared;
	}
	index[FC_PARTITION_COEFFICIENT] = of->squared_u / of->all;
	index[FC_PARTITION_COEFFICIENT_NORMALIZED] = g > 1 ? (g * of->squared_u / of->all - 1) / (g - 1) : NAN;
	index[FC_PARTITION_ENTROPY] = -of->u_log_u / of->all;
	index[FC_INTER_CLUSTER_VARIANCE] = u_away / n;
	if (s->model->algo->traits & FC_POSSIBILISTIC)
		forget_partition(index);
	index[FC_XIE_BENI] = k > 1 ? of->wd / (n * least) : NAN;
	index[FC_FUKUYAMA_SUGENO] = (of->wd - w_away) / of->unit;
	index[FC_KWON] = k > 1 ? (of->wd / of->unit + away / k) / least : NAN;
	index[FC_CALINSKI_HARABASZ] = calinski_harabasz(of, centers);
	index[FC_SILHOUETTE] = k > 1 ? of->silhouettes / n : NAN;
}
