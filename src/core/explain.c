/*
 * explain.c - what each feature has to do with the distances of clusters
 *
 * Of a row x, the kernel's distance to the center v_c is a sum over the features
 *
 *	d_c = sum_j p_cj + r_c,		p_cj = (x_j - v_cj)^2, r_c = 0						(eq. 1)
 *
 * half of that where distances are 1 - cos, or what FcMetricHooks.parts makes of them.  With a the nearest cluster and b the next,
 * p_bj - p_aj is what feature j contributes to d_b - d_a, to x being in a; so is r_b - r_a.
 *
 * The noise cluster (noise.h) is at the same distance of every row, which belongs to no feature: p_j = 0 and
 * r = delta^2.  With it as a, p_bj is what feature j contributes to the row being too far from the nearest center b.
 *
 * What separates cluster c from the others is the sum of the squared differences to their
 * centers, as often as these have rows, n_b.  Of that, the share of feature j is
 *
 *	S_cj / sum_l S_cl,	S_cj = sum_b n_b (v_cj - v_bj)^2 / s_cj^2					(eq. 2)
 *
 * in scaled units, where s is 1, or the standard deviation of the feature in cluster c where
 * clusters have shapes; centers are as the metric has them.  With the mean and spread of
 * all centers, S_cj = (n (v_cj - mean_j)^2 + spread_j) / s_cj^2, which takes k d steps, not k^2 d.
 */
#include "core/explain.h"

#include "core/categories.h"
#include "core/direction.h"
#include "core/gaps.h"
#include "core/noise.h"
#include "core/shape.h"

#include <math.h>
#include <string.h>

/* ---- contributions ---- */

/* Are its distances a sum over the features? */
bool
fc_explains(const FcAlgorithm *algo)
{
	return algo->network == NULL && !(algo->traits & FC_EMBEDS) && (algo->kernel->distances == NULL || algo->kernel->metric.parts);
}

/*
 * After fc_score_row(): the cluster that the row would be in without its first one, which is -1 for noise:
 * that of the first of the nearest other centers; -1 for noise if there is none.  False: there is no other.
 */
bool
fc_score_second(const FcScorer *s, int32_t first, int32_t *second)
{
	*second = -1;
	for (int32_t c = 0; c < s->model->k; c++)
		if (c != first && (*second < 0 || s->distance[c] < s->distance[*second]))
			*second = c;
	return *second >= 0 || fc_has_noise(s->model);
}

/* Eq. 1: part (d), and r_c is returned; what is missing has no part.  c is -1 for noise */
static double
parts_of(const FcScorer *s, const double *x, int32_t c, double *part, double *work)
{
	const FcModel *m = s->model;
	const double *v;
	double		times;

	if (c < 0)
	{
		memset(part, 0, sizeof(double) * m->d);
		return fc_noise_squared(m) / fc_squared_unit(m);
	}
	v = m->centers + (int64_t) c * m->d;
	if (m->algo->kernel->metric.parts)
		return m->algo->kernel->metric.parts(m, x, c, part, work);
	times = fc_columns_over_observed(s->share, x, m->d) / fc_squared_unit(m);
	for (int32_t j = 0; j < m->d; j++)
		part[j] = isnan(x[j]) ? 0 : times * ((x[j] - v[j]) * (x[j] - v[j]));
	return 0;
}

/*
 * What the features of a row in the user's units contribute to the distance of the second
 * cluster less that of the first, (d); what is returned belongs to no feature.  work is (2, d).
 */
double
fc_explain_row(FcScorer *s, const double *x, int32_t first, int32_t second, double *contribution, double *work)
{
	const FcModel *m = s->model;
	const double *scaled = fc_scaled_row(s, x);
	double		rest = -parts_of(s, scaled, first, work, work + m->d);

	rest += parts_of(s, scaled, second, contribution, work + m->d);
	for (int32_t j = 0; j < m->d; j++)
		contribution[j] -= work[j];
	return rest;
}

/* ---- what separates clusters ---- */

/* Has the kernel other coordinates, in which features are compared one by one? */
static bool
transforms(const FcModel *m)
{
	return m->algo->kernel->metric.parts && m->algo->kernel->metric.load_centers;
}

void
fc_separation_layout(FcArena *a, FcSeparation *s, const FcModel *m)
{
	s->model = m;
	if (transforms(m))
		fc_metric_layout(a, &s->metric, m, FC_F64, FC_LANES);
	s->mean = fc_take(a, m->d, sizeof(double));
	s->spread = fc_take(a, m->d, sizeof(double));
}

/* Adds a center to mean and spread, by its weight */
static void
add_center(FcSeparation *s, const double *v, double weight)
{
	s->total += weight;
	for (int32_t j = 0; j < s->model->d; j++)
	{
		double		away = v[j] - s->mean[j];

		s->mean[j] += away * (weight / s->total);
		s->spread[j] += weight * away * (v[j] - s->mean[j]);
	}
}

void
fc_separation_begin(FcSeparation *s)
{
	const FcModel *m = s->model;

	s->centers = m->centers;
	if (transforms(m))
	{
		s->metric.isa = fc_best_isa();
		fc_metric_load(&s->metric);
		s->centers = s->metric.v;
	}
	s->total = 0;
	memset(s->mean, 0, sizeof(double) * m->d);
	memset(s->spread, 0, sizeof(double) * m->d);
	for (int32_t c = 0; c < m->k; c++)
		if (m->weights[c] > 0)
			add_center(s, s->centers + (int64_t) c * m->d, m->weights[c]);
}

/* s_cj^2 of eq. 2 */
static double
variance_in(const FcModel *m, int32_t c, int32_t j)
{
	const double *l = m->algo->kernel->has_shapes ? FC_FACTOR(m) + ((int64_t) c * m->d + j) * m->d : NULL;

	return l ? fc_inner_product(l, l, (size_t) j + 1) : 1;
}

/* Eq. 2, (d); false: the centers do not differ, or there is only one */
bool
fc_separation_shares(const FcSeparation *s, int32_t c, double *share)
{
	const FcModel *m = s->model;
	const double *v = s->centers + (int64_t) c * m->d;
	double		sum = 0;

	for (int32_t j = 0; j < m->d; j++)
	{
		double		away = v[j] - s->mean[j];

		share[j] = (s->total * away * away + s->spread[j]) / variance_in(m, c, j);
		sum += share[j];
	}
	for (int32_t j = 0; j < m->d; j++)
		share[j] /= sum;
	return sum > 0 && isfinite(sum);
}
