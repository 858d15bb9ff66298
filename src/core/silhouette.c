/*
 * silhouette.c - silhouettes and Dunn's index, from the distances between all rows of a sample
 *
 * With d_ij the distance of two rows, and c(i) the cluster of row i:
 *
 *	a_i = mean of d_ij over the other rows of c(i)
 *	b_i = least mean of d_ij over the rows of another cluster
 *	s_i = (b_i - a_i) / max(a_i, b_i), 0 if no other row is in c(i)				(eq. 1: Rousseeuw 1987)
 *
 *	silhouette = mean of s_i
 *	fuzzy silhouette = sum_i (u_ip - u_iq) s_i / sum_i (u_ip - u_iq)			(eq. 2: Campello and Hruschka 2006)
 *	Dunn's index = least d_ij with c(i) != c(j) / largest with c(i) = c(j)		(eq. 3: Dunn 1973)
 *
 * where u_ip and u_iq are the largest membership of a row and the second, and their exponent alpha is 1.
 *
 * Distances are Euclidean among the scaled features, whatever the metric of the algorithm: as in validity.c.  Of
 * rows with gaps they are partial ones, over the features that both have; two rows that have none in common are not
 * compared.  Memberships and clusters are the algorithm's; rows that belong to none are left out.
 *
 * A row stands for all that are equal to it.  Weights count as numbers of rows: a row with the weight w is not
 * compared with itself, but with the w - 1 that are equal to it.  Where weights are less than 1 on average, what they
 * weigh on average is one row (fc_row_unit()).
 *
 * The caller adds rows in an order that depends on them alone; then so do the results, in every bit.
 */
#include "core/silhouette.h"

#include <math.h>
#include <string.h>

#include "core/gaps.h"

int32_t
fc_silhouette_rows(int32_t d)
{
	int32_t		rows = FC_SILHOUETTE_NUMBERS / d;

	return rows < FC_SILHOUETTE_ROWS ? rows : FC_SILHOUETTE_ROWS;
}

void
fc_silhouettes_layout(FcArena *a, FcSilhouettes *s, const FcModel *m, int32_t n)
{
	*s = (FcSilhouettes) {.model = m, .lanes = FC_ROUND_UP(n, FC_LANES)};
	s->row = fc_take(a, s->lanes, sizeof(FcComparedRow));
	s->x = fc_take(a, fc_times(m->d, s->lanes), sizeof(double));
	s->one = fc_take(a, m->d, sizeof(double));
	s->distance = fc_take(a, s->lanes, sizeof(double));
	s->sum = fc_take(a, m->k, sizeof(double));
	s->weight = fc_take(a, m->k, sizeof(double));
	s->of_cluster = fc_take(a, m->k, sizeof(double));
	s->in_cluster = fc_take(a, m->k, sizeof(double));
}

void
fc_silhouettes_begin(FcSilhouettes *s, const FcHooks *hooks)
{
	s->n = s->noise = 0;
	s->gaps = false;
	s->rows = 0;
	s->total = 0;
	fc_clear(hooks, s->x, (size_t) s->model->d * s->lanes * sizeof(double));
	memset(s->of_cluster, 0, s->model->k * sizeof(double));
	memset(s->in_cluster, 0, s->model->k * sizeof(double));
}

/* ---- rows ---- */

/* By how much the largest of k memberships exceeds the second, which is 0 if there is none */
static double
margin_of(const double *u, int32_t k)
{
	double		largest = 0;
	double		second = 0;

	for (int32_t c = 0; c < k; c++)
	{
		second = u[c] > largest ? largest : fmax(second, u[c]);
		largest = fmax(largest, u[c]);
	}
	return largest - second;
}

void
fc_silhouettes_add(FcSilhouettes *s, FcScorer *scorer, const double *x, const double *at, int64_t count, double weight)
{
	int32_t		d = s->model->d;
	FcComparedRow *row = &s->row[s->n];
	const double *scaled;

	fc_score_row(scorer, x);
	row->cluster = fc_score_nearest(scorer);
	if (row->cluster < 0)
	{
		s->noise++;
		return;
	}
	fc_score_memberships(scorer);
	row->margin = margin_of(scorer->u, s->model->k);
	row->one = weight;
	row->weight = weight * (double) count;
	scaled = at ? at : fc_scaled_row(scorer, x);
	for (int32_t j = 0; j < d; j++)
		s->x[fc_row_place(s->lanes, d, s->n, j)] = scaled[j];
	s->gaps |= fc_has_gap(scaled, d);
	s->n++;
	s->rows += count;
	s->total += row->weight;
	s->in_cluster[row->cluster] += row->weight;
}

/* ---- distances ---- */

/* The squared distance of the row in s->one to row j, over the features that both have; NaN: there are none */
static double
partial(const FcSilhouettes *s, const double *share, int32_t j)
{
	int32_t		d = s->model->d;
	double		sum = 0;
	double		columns = 0;
	double		observed = 0;

	for (int32_t l = 0; l < d; l++)
	{
		double		difference = s->x[fc_row_place(s->lanes, d, j, l)] - s->one[l];

		columns += share[l];
		if (isnan(difference))
			continue;
		observed += share[l];
		sum += difference * difference;
	}
	return observed > 0 ? sum * (columns / observed) : NAN;
}

/* Distances of row i to all, into s->distance */
static void
measure(FcSilhouettes *s, const FcScorer *scorer, int32_t i)
{
	int32_t		d = s->model->d;

	for (int32_t l = 0; l < d; l++)
		s->one[l] = s->x[fc_row_place(s->lanes, d, i, l)];
	if (s->gaps)
		for (int32_t j = 0; j < s->n; j++)
			s->distance[j] = partial(s, scorer->share, j);
	else
		scorer->ops->distance(s->one, d, s->x, s->lanes, s->distance);
	for (int32_t j = 0; j < s->n; j++)
		s->distance[j] = sqrt(s->distance[j]);
}

/* ---- the indices ---- */

/* The least distance between rows of two clusters, the largest between rows of one */
typedef struct Extent
{
	double		between;
	double		within;
} Extent;

/* Adds the distances of row i to those to each cluster */
static void
gather(FcSilhouettes *s, int32_t i, Extent *extent)
{
	int32_t		cluster = s->row[i].cluster;

	memset(s->sum, 0, s->model->k * sizeof(double));
	memset(s->weight, 0, s->model->k * sizeof(double));
	for (int32_t j = 0; j < s->n; j++)
	{
		const FcComparedRow *other = &s->row[j];
		double		distance = s->distance[j];

		if (j == i || isnan(distance))
			continue;
		s->sum[other->cluster] += other->weight * distance;
		s->weight[other->cluster] += other->weight;
		if (other->cluster == cluster)
			extent->within = fmax(extent->within, distance);
		else
			extent->between = fmin(extent->between, distance);
	}
}

/* eq. 1; unit is what counts as one row */
static double
silhouette(const FcSilhouettes *s, int32_t i, double unit)
{
	const FcComparedRow *row = &s->row[i];
	double		others = s->weight[row->cluster] + (row->weight - fmin(row->one, unit));
	double		a = s->sum[row->cluster] / others;
	double		b = INFINITY;

	for (int32_t c = 0; c < s->model->k; c++)
		if (c != row->cluster && s->weight[c] > 0)
			b = fmin(b, s->sum[c] / s->weight[c]);
	if (!(others > 0) || !isfinite(b))
		return 0;
	return a < b ? 1 - a / b : a > b ? b / a - 1 : 0;
}

static bool
has_two_clusters(const FcSilhouettes *s)
{
	int32_t		used = 0;

	for (int32_t c = 0; c < s->model->k; c++)
		used += s->in_cluster[c] > 0;
	return used > 1;
}

/* Sums of silhouettes in of_cluster become their means */
static void
average_clusters(FcSilhouettes *s, bool known)
{
	for (int32_t c = 0; c < s->model->k; c++)
		s->of_cluster[c] = known && s->in_cluster[c] > 0 ? s->of_cluster[c] / s->in_cluster[c] : NAN;
}

FcSilhouetteIndices
fc_silhouettes_finish(FcSilhouettes *s, const FcScorer *scorer, const FcHooks *hooks)
{
	double		unit = fc_row_unit(s->total, s->rows);
	bool		known = has_two_clusters(s);
	Extent		extent = {.between = INFINITY};
	double		sum = 0;
	double		fuzzy_sum = 0;
	double		margins = 0;

	for (int32_t i = 0; known && i < s->n; i++)
	{
		const FcComparedRow *row = &s->row[i];
		double		term;

		fc_check(hooks);
		measure(s, scorer, i);
		gather(s, i, &extent);
		term = row->weight * silhouette(s, i, unit);
		sum += term;
		fuzzy_sum += row->margin * term;
		margins += row->margin * row->weight;
		s->of_cluster[row->cluster] += term;
	}
	average_clusters(s, known);
	if (!known)
		return (FcSilhouetteIndices) {NAN, NAN, NAN};
	return (FcSilhouetteIndices) {
		.silhouette = sum / s->total,
		.fuzzy = margins > 0 ? fuzzy_sum / margins : NAN,
		.dunn = extent.between / extent.within,
	};
}
