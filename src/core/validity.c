/*
 * validity.c - validity indices of a clustering, in one pass over the rows
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
 * in the model's units, so after scaling.  Sums of x - v lose no digits to
 * offsets.  Distances are Euclidean among the features, whatever the metric of
 * the algorithm, so that distances from rows to centers are comparable with
 * those between centers, and one algorithm with another.  Memberships, weights
 * and c(i) are the algorithm's.
 */
#include "core/validity.h"

#include <math.h>
#include <string.h>

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

enum
{
	ROWS,
	U_SQUARED,
	U_LOG_U,
	SILHOUETTES,
	TOTALS
};

void
fc_validity_layout(FcArena *a, FcValidity *v, int32_t k, int32_t d)
{
	double	   *p;

	v->k = k;
	v->d = d;
	v->length = fc_plus(TOTALS + 6 * (size_t) k, fc_times(k, d));
	v->sums = p = fc_take(a, v->length, sizeof(double));
	if (p == NULL)
		return;
	v->totals = p;
	v->u = p + TOTALS;
	v->w = v->u + k;
	v->wd = v->w + k;
	v->count = v->wd + k;
	v->distance = v->count + k;
	v->squared = v->distance + k;
	v->difference = v->squared + k;
}

void
fc_validity_clear(FcValidity *v)
{
	memset(v->sums, 0, v->length * sizeof(double));
}

void
fc_validity_merge(FcValidity *to, const double *sums)
{
	for (size_t i = 0; i < to->length; i++)
		to->sums[i] += sums[i];
}

/* (b - a) / max(a, b) of the center of the row's cluster and the nearest other */
static double
silhouette(const FcScorer *s, int32_t cluster)
{
	int32_t		other = cluster == 0 ? 1 : 0;
	double		a;
	double		b;

	for (int32_t c = 0; c < s->model->k; c++)
		if (c != cluster && s->distance[c] < s->distance[other])
			other = c;
	a = sqrt(s->distance[cluster]);
	b = sqrt(s->distance[other]);
	return a < b ? 1 - a / b : a > b ? b / a - 1 : 0;
}

/* Adds the scaled row to the sums of its crisp cluster */
static void
add_to_cluster(FcValidity *v, const FcScorer *s, int32_t cluster, const double *x)
{
	const FcModel *m = s->model;
	const double *center = m->centers + (int64_t) cluster * v->d;

	v->count[cluster]++;
	v->distance[cluster] += sqrt(s->distance[cluster]);
	for (int32_t j = 0; j < v->d; j++)
	{
		double		scaled = m->shift ? (x[j] - m->shift[j]) * m->factor[j] : x[j];
		double		difference = scaled - center[j];

		v->squared[cluster] += difference * difference;
		v->difference[(int64_t) cluster * v->d + j] += difference;
	}
}

/* Adds a row in the user's units */
void
fc_validity_add(FcValidity *v, FcScorer *s, const double *x)
{
	int32_t		cluster;

	fc_score_row(s, x);
	fc_score_memberships(s);
	cluster = fc_score_nearest(s);
	v->totals[ROWS]++;
	for (int32_t c = 0; c < v->k; c++)
	{
		v->u[c] += s->u[c];
		v->totals[U_SQUARED] += s->u[c] * s->u[c];
		if (s->u[c] > 0)
			v->totals[U_LOG_U] += s->u[c] * log(s->u[c]);
	}
	fc_score_weights(s);
	if (s->model->algo->kernel->distances)
		fc_score_row_euclidean(s, x);
	if (v->k > 1)
		v->totals[SILHOUETTES] += silhouette(s, cluster);
	add_to_cluster(v, s, cluster, x);
	for (int32_t c = 0; c < v->k; c++)
	{
		v->w[c] += s->u[c];
		v->wd[c] += s->u[c] * s->distance[c];
	}
}

/* Mean of all rows: sum_c (n_c v_c + sum of differences) / n */
static void
grand_mean(const FcValidity *v, const double *centers, double *mean)
{
	double		n = v->totals[ROWS];

	for (int32_t j = 0; j < v->d; j++)
	{
		mean[j] = 0;
		for (int32_t c = 0; c < v->k; c++)
			mean[j] += (v->count[c] * centers[(int64_t) c * v->d + j] +
						v->difference[(int64_t) c * v->d + j]) / n;
	}
}

/* Davies-Bouldin, and the least squared distance between two centers */
static double
davies_bouldin(const FcValidity *v, FcScorer *s, double *least)
{
	double		total = 0;
	int32_t		used = 0;

	*least = INFINITY;
	for (int32_t c = 0; c < v->k; c++)
	{
		double		worst = 0;

		fc_score_between_centers(s, c);
		for (int32_t b = 0; b < v->k; b++)
		{
			if (b == c)
				continue;
			*least = fmin(*least, s->distance[b]);
			if (v->count[b] > 0 && v->count[c] > 0)
				worst = fmax(worst, (v->distance[c] / v->count[c] + v->distance[b] / v->count[b]) / sqrt(s->distance[b]));
		}
		if (v->count[c] > 0)
		{
			total += worst;
			used++;
		}
	}
	return used > 1 ? total / used : NAN;
}

static double
calinski_harabasz(const FcValidity *v, const double *centers, const double *mean)
{
	double		between = 0;
	double		within = 0;
	int32_t		used = 0;

	for (int32_t c = 0; c < v->k; c++)
	{
		double		n = v->count[c];

		if (n == 0)
			continue;
		used++;
		within += v->squared[c];
		for (int32_t j = 0; j < v->d; j++)
		{
			double		e = v->difference[(int64_t) c * v->d + j] / n;
			double		away = centers[(int64_t) c * v->d + j] + e - mean[j];

			within -= n * e * e;
			between += n * away * away;
		}
	}
	if (used < 2 || v->totals[ROWS] <= used)
		return NAN;
	return between / (used - 1) / (fmax(within, 0) / (v->totals[ROWS] - used));
}

/* work is (d); index is (FC_INDICES) */
void
fc_validity_finish(const FcValidity *v, FcScorer *s, double *work, double *index)
{
	const double *centers = s->model->centers;
	double		n = v->totals[ROWS];
	double		least;
	double		wd = 0;
	double		w_away = 0;
	double		away = 0;
	double		u_away = 0;

	grand_mean(v, centers, work);
	index[FC_DAVIES_BOULDIN] = davies_bouldin(v, s, &least);
	for (int32_t c = 0; c < v->k; c++)
	{
		double		squared = fc_squared_distance(centers + (int64_t) c * v->d, work, v->d);

		wd += v->wd[c];
		w_away += v->w[c] * squared;
		u_away += v->u[c] * squared;
		away += squared;
	}
	index[FC_PARTITION_COEFFICIENT] = v->totals[U_SQUARED] / n;
	index[FC_PARTITION_COEFFICIENT_NORMALIZED] = v->k > 1 ?
		(v->k * v->totals[U_SQUARED] / n - 1) / (v->k - 1) : NAN;
	index[FC_PARTITION_ENTROPY] = -v->totals[U_LOG_U] / n;
	index[FC_XIE_BENI] = v->k > 1 ? wd / (n * least) : NAN;
	index[FC_FUKUYAMA_SUGENO] = wd - w_away;
	index[FC_KWON] = v->k > 1 ? (wd + away / v->k) / least : NAN;
	index[FC_CALINSKI_HARABASZ] = calinski_harabasz(v, centers, work);
	index[FC_SILHOUETTE] = v->k > 1 ? v->totals[SILHOUETTES] / n : NAN;
	index[FC_INTER_CLUSTER_VARIANCE] = u_away / n;
}
