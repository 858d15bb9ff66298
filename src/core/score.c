/*
 * score.c - using a model on one row
 *
 * Euclidean distances of a row to all centers are computed together, see row.c.  Features that
 * are missing are NaN, and distances then partial ones (gaps.c).
 * Other metrics get a tile with one row in it.
 */
#include "core/score.h"

#include "core/direction.h"
#include "core/gaps.h"
#include "core/noise.h"
#include "core/optional.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define FAR			2.0			/* score of an outlier ... */
#define ATYPICAL	0.8			/* ... and where it is 1 less a typicality */

void
fc_scorer_layout(FcArena *a, FcScorer *s, const FcModel *m)
{
	s->model = m;
	s->tile = NULL;				/* Euclidean */
	s->padded = FC_ROUND_UP(fc_most_groups(m), FC_LANES);
	s->centers = fc_take(a, fc_times(s->padded, m->d), sizeof(double));
	s->x = fc_take(a, m->d, sizeof(double));
	s->share = fc_take(a, m->d, sizeof(double));
	s->distance = fc_take(a, s->padded, sizeof(double));
	s->u = fc_take(a, s->padded, sizeof(double));
	s->weighing.offset = fc_take(a, fc_most_groups(m), sizeof(double));
	s->weighing.mass = fc_take(a, fc_most_groups(m), sizeof(double));
	s->weighing.terms = NULL;
	if (m->algo->kernel->distances)
	{
		fc_metric_layout(a, &s->metric, m, FC_F64, FC_LANES);
		s->metric.one_row = true;
		s->tile = fc_take(a, fc_times(m->d, FC_LANES), sizeof(double));
		s->at = fc_take(a, fc_times(fc_most_groups(m), FC_LANES), sizeof(double));
	}
}

/* The faster way of a kernel, if its memberships are those of this model */
static FcWeighRow
row_memberships(const FcModel *m, int isa)
{
	const FcKernel *kernel = m->algo->kernel;
	const FcWeighRow *table = NULL;

	if (kernel->row_memberships && (!kernel->scoring_memberships || !kernel->scoring_memberships(m)))
		table = kernel->row_memberships(m);
	return table ? table[isa] : NULL;
}

/* Once the model is known */
void
fc_scorer_begin(FcScorer *s)
{
	const FcModel *m = s->model;

	s->metric.isa = fc_best_isa();
	s->ops = fc_row_ops(s->metric.isa);
	s->row_memberships = row_memberships(m, s->metric.isa);
	s->groups = fc_groups(m);
	s->noise = fc_has_noise(m) ? fc_noise_squared(m) : INFINITY;
	for (int32_t c = m->k; c < s->padded; c++)
		s->distance[c] = INFINITY;
	fc_feature_shares(m, FC_F64, s->share);
	memset(s->weighing.offset, 0, s->groups * sizeof(double));
	memset(s->weighing.mass, 0, s->groups * sizeof(double));
	for (int32_t c = 0; c < s->padded; c++)
		for (int32_t j = 0; j < m->d; j++)
			s->centers[fc_row_place(s->padded, m->d, c, j)] = c < m->k ? m->centers[(int64_t) c * m->d + j] : INFINITY;
	fc_weighing_load(&s->weighing, m);
	if (s->tile)
	{
		memset(s->tile, 0, (size_t) m->d * FC_LANES * sizeof(double));
		fc_metric_load(&s->metric);
	}
}

/* Partial distances of a scaled row, whose missing features are NaN.  Nothing is far from a row that has none */
static void
partial(FcScorer *s, const double *scaled)
{
	const FcModel *m = s->model;
	double		times = fc_columns_over_observed(s->share, scaled, m->d);

	s->ops->partial(scaled, m->d, s->centers, s->padded, s->distance);
	for (int32_t c = 0; c < s->padded; c++)
		s->distance[c] = c < m->k ? s->distance[c] * times : INFINITY;
}

/* Squared Euclidean distances of a scaled row to all centers; of finite numbers none is NaN */
static void
euclidean(FcScorer *s, const double *scaled)
{
	s->ops->distance(scaled, s->model->d, s->centers, s->padded, s->distance);
	if (isnan(s->distance[0]))
		partial(s, scaled);
}

/* Distances in the metric of the kernel */
static void
tile_distances(FcScorer *s, const double *scaled)
{
	const FcModel *m = s->model;

	for (int32_t j = 0; j < m->d; j++)
		s->tile[(int64_t) j * FC_LANES] = scaled[j];
	s->metric.share = fc_has_gap(scaled, m->d) ? s->share : NULL;
	fc_metric_distances(&s->metric, s->tile, FC_LANES, FC_LANES, s->at, FC_LANES);
	for (int32_t c = 0; c < m->k; c++)
	{
		double		distance = s->at[(int64_t) c * FC_LANES];

		/* infinity minus infinity on the way: farther than numbers go */
		s->distance[c] = isnan(distance) ? INFINITY : distance;
	}
}

/* Distances of a row that is scaled already, to centers and noise */
void
fc_score_scaled(FcScorer *s, const double *scaled)
{
	if (s->tile)
		tile_distances(s, scaled);
	else
		euclidean(s, scaled);
	if (s->groups > s->model->k)
		s->distance[s->model->k] = s->noise;
}

/* Of a model that was trained with means in place of missing numbers: so is a row in the user's units, where it has NaN */
void
fc_fill_row(const FcModel *m, double *x)
{
	for (int32_t j = 0; FC_HAS(m, FC_WITH_FILL) && j < m->d; j++)
		x[j] = isnan(x[j]) ? FC_FILL(m)[j] : x[j];
}

/* The same of a row with columns (fc_model_columns), of which some are NaN: their features, but not those of values that are not known */
void
fc_fill_columns(const FcModel *m, const double *columns, double *x)
{
	if (!FC_HAS(m, FC_WITH_FILL))
		return;
	for (FcField at = fc_fields(m); fc_next_field(&at);)
		if (isnan(columns[at.column]))
			memcpy(x + at.first, FC_FILL(m) + at.first, sizeof(double) * at.features);
}

/* A row in the user's units as the model has it: in s->x, or x itself */
const double *
fc_scaled_row(FcScorer *s, const double *x)
{
	const FcModel *m = s->model;

	if (fc_is_cosine(m))
	{
		memcpy(s->x, x, sizeof(double) * m->d);
		(void) fc_make_unit(s->x, FC_F64, m->d);
		return s->x;
	}
	if (m->shift == NULL)
		return x;
	for (int32_t j = 0; j < m->d; j++)
		s->x[j] = (x[j] - m->shift[j]) * m->factor[j];
	return s->x;
}

/* Distances of a row in the user's units; the others follow from them */
void
fc_score_row(FcScorer *s, const double *x)
{
	fc_score_scaled(s, fc_scaled_row(s, x));
}

/* The same, squared Euclidean, whatever the model's metric is */
void
fc_score_row_euclidean(FcScorer *s, const double *x)
{
	euclidean(s, fc_scaled_row(s, x));
}

/* The cluster of the row: the first of the nearest centers, or -1 if noise is nearer */
int32_t
fc_score_nearest(const FcScorer *s)
{
	int32_t		c = s->ops->nearest(s->distance, s->groups);

	return c < s->model->k ? c : -1;
}

/* The first of the nearest centers, be the row noise or not */
int32_t
fc_score_nearest_center(const FcScorer *s)
{
	int32_t		k = s->model->k;
	int32_t		c;

	if (s->groups == k)
		return s->ops->nearest(s->distance, k);
	s->distance[k] = INFINITY;
	c = s->ops->nearest(s->distance, k);
	s->distance[k] = s->noise;
	return c;
}

/* A distance that is not finite counts as the largest number: differences stay numbers */
static void
weigh(FcScorer *s, FcWeighTable table)
{
	const FcKernel *kernel = s->model->algo->kernel;
	FcWeighTable other = kernel->scoring_memberships ? kernel->scoring_memberships(s->model) : NULL;

	for (int32_t c = 0; c < s->groups; c++)
		s->u[c] = s->distance[c] <= DBL_MAX ? s->distance[c] : DBL_MAX;
	if (other)
		table = other;
	table[s->metric.isa][FC_F64] (&s->weighing, s->u, 1, 1, 1, s->groups);
}

/* Memberships into s->u, behind those of clusters that of noise */
void
fc_score_memberships(FcScorer *s)
{
	double		least = s->row_memberships ? s->distance[s->ops->nearest(s->distance, s->groups)] : INFINITY;

	if (least <= DBL_MAX)
		s->row_memberships(s->distance, least, s->groups, s->u);
	else
		weigh(s, s->model->algo->kernel->memberships);
}

/* What the row would weigh in the update of each center, and as noise, into s->u */
void
fc_score_weights(FcScorer *s)
{
	weigh(s, s->model->algo->kernel->weights);
}

/* Does it tell how typical a row is of a cluster?  Not if it has other memberships than its kernel when it scores rows */
bool
fc_has_typicalities(const FcModel *m)
{
	const FcKernel *kernel = m->algo->kernel;

	if (m->algo->traits & FC_POSSIBILISTIC)
		return true;
	return kernel->metric.typicality && !(kernel->scoring_memberships && kernel->scoring_memberships(m));
}

/* Into s->u (k), of a model that has them: memberships that are not divided by their sum */
void
fc_score_typicalities(FcScorer *s)
{
	const FcModel *m = s->model;

	if (m->algo->traits & FC_POSSIBILISTIC)
		fc_score_memberships(s);
	else
		for (int32_t c = 0; c < m->k; c++)
			s->u[c] = m->algo->kernel->metric.typicality(m, s->distance[c]);
}

/* The distance to center c in the units of the model */
double
fc_score_length(const FcScorer *s, int32_t c)
{
	return fc_length(s->model, c, s->distance[c]);
}

/* Distance to the nearest center over the mean distance of its cluster's rows; where memberships are typicalities, 1 less the largest */
double
fc_score_outlier(FcScorer *s)
{
	int32_t		c = fc_score_nearest_center(s);
	double		length = fc_score_length(s, c);

	if (s->model->algo->traits & FC_POSSIBILISTIC)
	{
		fc_score_memberships(s);
		return 1 - s->u[c];
	}
	return s->model->radius[c] > 0 ? length / s->model->radius[c] : length > 0 ? INFINITY : 0;
}

/* Is a row twice as far as usual?  At such a distance a typicality is 1 / 5, with eta and exponent as they are initially */
bool
fc_score_is_outlier(FcScorer *s)
{
	return fc_score_outlier(s) > (s->model->algo->traits & FC_POSSIBILISTIC ? ATYPICAL : FAR);
}

/* Squared Euclidean distances of center c to all, in any metric */
void
fc_score_between_centers(FcScorer *s, int32_t c)
{
	euclidean(s, s->model->centers + (int64_t) c * s->model->d);
}
