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
 *
 * Every term of a sum is a number that follows from its row alone, so the indices
 * are the same for any order of the rows and any division among processes.
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
	U_SQUARED,
	U_LOG_U,
	SILHOUETTES,
	TOTALS
};

/* Memberships and weights have the scale 1 */
#define UNIT	fc_fixed_unit(1)

static size_t
sums_of(int32_t k, int32_t d)
{
	return fc_plus(TOTALS + 5 * (size_t) k, fc_times(k, d));
}

/* Words of the sums */
size_t
fc_validity_words(int32_t k, int32_t d)
{
	return fc_plus(1 + (size_t) k, fc_times(sums_of(k, d), FC_FIXED_WORDS));
}

/* Makes *v a view of the words of the sums, without units */
void
fc_validity_view(FcValidity *v, int32_t k, int32_t d, uint64_t *words)
{
	FcFixed    *p = (FcFixed *) (void *) (words + 1 + k);

	*v = (FcValidity) {
		.k = k, .d = d, .length = fc_validity_words(k, d),
		.words = words, .rows = words, .count = words + 1, .sums = p, .totals = p,
		.u = p + TOTALS, .w = p + TOTALS + k, .wd = p + TOTALS + 2 * k, .distance = p + TOTALS + 3 * k,
		.squared = p + TOTALS + 4 * k, .difference = p + TOTALS + 5 * k
	};
}

void
fc_validity_layout(FcArena *a, FcValidity *v, int32_t k, int32_t d)
{
	uint64_t   *words = fc_take(a, fc_validity_words(k, d), sizeof(uint64_t));

	if (words != NULL)
		fc_validity_view(v, k, d, words);
}

/* The greatest difference between centers in a feature */
static double
extent(const FcModel *m)
{
	double		most = 0;

	for (int32_t j = 0; j < m->d; j++)
	{
		double		low = m->centers[j];
		double		high = low;

		for (int32_t c = 1; c < m->k; c++)
		{
			double		v = m->centers[(int64_t) c * m->d + j];

			low = fmin(low, v);
			high = fmax(high, v);
		}
		most = fmax(most, high - low);
	}
	return most;
}

static double
greatest(const double *values, int64_t n)
{
	double		most = 0;

	for (int64_t i = 0; i < n; i++)
		most = fmax(most, fabs(values[i]));
	return most;
}

static double
first_positive(double a, double b)
{
	return a > 0 ? a : b;
}

/* How large differences between rows and centers are, roughly: see fixed.c */
static double
scale_of_features(const FcModel *m, double radius)
{
	double		among = extent(m);

	if (m->algo->traits & FC_EMBEDS)
		radius = 0;
	return first_positive(fmax(among, radius), greatest(m->centers, (int64_t) m->k * m->d));
}

void
fc_validity_use_units(FcValidity *v, const FcModel *m)
{
	double		radius = greatest(m->radius, m->k);
	double		features = scale_of_features(m, radius);
	double		distances = m->algo->traits & FC_EMBEDS ? radius : features;

	v->unit = fc_fixed_unit(distances);
	v->square_unit = fc_fixed_square_unit(distances);
	v->feature_unit = fc_fixed_unit(features);
	v->feature_square_unit = fc_fixed_square_unit(features);
}

void
fc_validity_begin(FcValidity *v, const FcModel *m)
{
	memset(v->words, 0, v->length * sizeof(uint64_t));
	fc_validity_use_units(v, m);
}

/*
 * Of a cluster with rows beyond all measure, differences are infinite too: they have
 * either sign, and could have come back from beyond
 */
void
fc_validity_settle(FcValidity *v)
{
	for (int32_t c = 0; c < v->k; c++)
		if (fc_fixed_is_infinite(&v->distance[c]))
			for (int32_t j = 0; j < v->d; j++)
				fc_fixed_set_infinite(&v->difference[(int64_t) c * v->d + j]);
}

void
fc_validity_merge(FcValidity *to, const uint64_t *words)
{
	size_t		number = sums_of(to->k, to->d);
	const FcFixed *from = (const FcFixed *) (const void *) (words + 1 + to->k);

	for (int32_t i = 0; i <= to->k; i++)
		to->words[i] += words[i];
	for (size_t i = 0; i < number; i++)
		fc_fixed_merge(&to->sums[i], &from[i]);
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
	double		squared = 0;

	v->count[cluster]++;
	fc_fixed_add(&v->distance[cluster], sqrt(s->distance[cluster]), v->unit);
	for (int32_t j = 0; j < v->d; j++)
	{
		double		scaled = m->shift ? (x[j] - m->shift[j]) * m->factor[j] : x[j];
		double		difference = scaled - center[j];

		squared += difference * difference;
		fc_fixed_add(&v->difference[(int64_t) cluster * v->d + j], difference, v->feature_unit);
	}
	fc_fixed_add(&v->squared[cluster], squared, v->feature_square_unit);
}

/* Adds the memberships */
static void
add_memberships(FcValidity *v, const FcScorer *s)
{
	double		squares = 0;
	double		entropy = 0;

	for (int32_t c = 0; c < v->k; c++)
	{
		double		u = s->u[c];

		fc_fixed_add(&v->u[c], u, UNIT);
		squares += u * u;
		if (u > 0)
			entropy += u * log(u);
	}
	fc_fixed_add(&v->totals[U_SQUARED], squares, UNIT);
	fc_fixed_add(&v->totals[U_LOG_U], entropy, UNIT);
}

/* Adds a row in the user's units */
void
fc_validity_add(FcValidity *v, FcScorer *s, const double *x)
{
	int32_t		cluster;

	fc_score_row(s, x);
	fc_score_memberships(s);
	cluster = fc_score_nearest(s);
	(*v->rows)++;
	add_memberships(v, s);
	fc_score_weights(s);
	if (s->model->algo->kernel->distances)
		fc_score_row_euclidean(s, x);
	if (v->k > 1)
		fc_fixed_add(&v->totals[SILHOUETTES], silhouette(s, cluster), UNIT);
	add_to_cluster(v, s, cluster, x);
	for (int32_t c = 0; c < v->k; c++)
	{
		fc_fixed_add(&v->w[c], s->u[c], UNIT);
		fc_fixed_add(&v->wd[c], s->u[c] * s->distance[c], v->square_unit);
	}
}

/* The sum of differences in feature j, of the rows of a cluster */
static double
difference_of(const FcValidity *v, int32_t c, int32_t j)
{
	if (fc_fixed_is_infinite(&v->distance[c]))
		return INFINITY;		/* see fc_validity_settle() */
	return fc_fixed_get(&v->difference[(int64_t) c * v->d + j], v->feature_unit);
}

/* Mean of all rows: sum_c (n_c v_c + sum of differences) / n */
static void
grand_mean(const FcValidity *v, const double *centers, double *mean)
{
	double		n = (double) *v->rows;

	for (int32_t j = 0; j < v->d; j++)
	{
		mean[j] = 0;
		for (int32_t c = 0; c < v->k; c++)
			mean[j] += ((double) v->count[c] * centers[(int64_t) c * v->d + j] + difference_of(v, c, j)) / n;
	}
}

/*
 * Davies-Bouldin, and the least squared distance between two centers; work (k)
 * is for mean distances
 */
static double
davies_bouldin(const FcValidity *v, FcScorer *s, double *work, double *least)
{
	double		total = 0;
	int32_t		used = 0;

	*least = INFINITY;
	for (int32_t c = 0; c < v->k; c++)
		work[c] = fc_fixed_get(&v->distance[c], v->unit) / (double) v->count[c];
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
				worst = fmax(worst, (work[c] + work[b]) / sqrt(s->distance[b]));
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
	double		rows = (double) *v->rows;
	double		between = 0;
	double		within = 0;
	int32_t		used = 0;

	for (int32_t c = 0; c < v->k; c++)
	{
		double		n = (double) v->count[c];

		if (n == 0)
			continue;
		used++;
		within += fc_fixed_get(&v->squared[c], v->feature_square_unit);
		for (int32_t j = 0; j < v->d; j++)
		{
			double		e = difference_of(v, c, j) / n;
			double		away = centers[(int64_t) c * v->d + j] + e - mean[j];

			within -= n * e * e;
			between += n * away * away;
		}
	}
	if (used < 2 || rows <= used)
		return NAN;
	return between / (used - 1) / (fmax(within, 0) / (rows - used));
}

/* work is (k + d); index is (FC_INDICES) */
void
fc_validity_finish(const FcValidity *v, FcScorer *s, double *work, double *index)
{
	const double *centers = s->model->centers;
	double	   *mean = work + v->k;
	double		n = (double) *v->rows;
	double		squares = fc_fixed_get(&v->totals[U_SQUARED], UNIT);
	double		least;
	double		wd = 0;
	double		w_away = 0;
	double		away = 0;
	double		u_away = 0;

	grand_mean(v, centers, mean);
	index[FC_DAVIES_BOULDIN] = davies_bouldin(v, s, work, &least);
	for (int32_t c = 0; c < v->k; c++)
	{
		double		squared = fc_squared_distance(centers + (int64_t) c * v->d, mean, v->d);

		wd += fc_fixed_get(&v->wd[c], v->square_unit);
		w_away += fc_fixed_get(&v->w[c], UNIT) * squared;
		u_away += fc_fixed_get(&v->u[c], UNIT) * squared;
		away += squared;
	}
	index[FC_PARTITION_COEFFICIENT] = squares / n;
	index[FC_PARTITION_COEFFICIENT_NORMALIZED] = v->k > 1 ? (v->k * squares / n - 1) / (v->k - 1) : NAN;
	index[FC_PARTITION_ENTROPY] = -fc_fixed_get(&v->totals[U_LOG_U], UNIT) / n;
	index[FC_XIE_BENI] = v->k > 1 ? wd / (n * least) : NAN;
	index[FC_FUKUYAMA_SUGENO] = wd - w_away;
	index[FC_KWON] = v->k > 1 ? (wd + away / v->k) / least : NAN;
	index[FC_CALINSKI_HARABASZ] = calinski_harabasz(v, centers, mean);
	index[FC_SILHOUETTE] = v->k > 1 ? fc_fixed_get(&v->totals[SILHOUETTES], UNIT) / n : NAN;
	index[FC_INTER_CLUSTER_VARIANCE] = u_away / n;
}
