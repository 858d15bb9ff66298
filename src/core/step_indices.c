/*
 * step_indices.c - validity indices from the statistics of a step
 *
 * Statistics are sums for the next centers, not for indices.  What they tell:
 *
 *	distances to centers		where they are Euclidean
 *	sum w d						the objective, if it is this sum
 *	mean of all rows			where weights are memberships, which add up to 1
 *	all but silhouettes			where they are 0 or 1
 *
 * Rows that are noise do not count; where memberships are fuzzy, neither does what they tell of distances and of
 * the mean.
 *
 * Everything is in the coordinates x' of the step, which differ from the model's by a shift.
 */
#include "core/step_indices.h"

#include "core/direction.h"
#include "core/noise.h"

#include <math.h>

/* Sum number "at" of a kind; not a number if it was not gathered */
static double
get(const FcStatistics *of, FcSum sum, uint64_t at)
{
	return of->at[sum] == 0 ? NAN : fc_statistics_get(of, sum, at);
}

/* Mean of all rows, from means of clusters whose weights are memberships */
static void
grand_mean(const FcStatistics *of, FcIndexSums *to)
{
	double		weight = 0;

	for (int32_t c = 0; c < to->k; c++)
		weight += to->w[c];
	for (int32_t j = 0; j < to->d; j++)
	{
		to->mean[j] = 0;
		for (int32_t c = 0; c < to->k; c++)
			to->mean[j] += get(of, FC_SUM_X, (uint64_t) c * to->d + j) / weight;
	}
}

/* Differences between the rows of a crisp cluster and its center */
static void
use_rows(const FcStep *s, const FcStatistics *of, FcIndexSums *to)
{
	for (int32_t c = 0; c < to->k; c++)
		for (int32_t j = 0; j < to->d; j++)
		{
			int64_t		at = (int64_t) c * to->d + j;

			to->difference[at] = get(of, FC_SUM_X, (uint64_t) at) - to->w[c] * s->centers[at];
		}
	to->squared_u = to->rows;
	to->u_log_u = 0;
	to->within = to->wd;
}

/* Has any row of them a missing feature? */
static bool
have_gaps(const FcStatistics *of, const FcIndexSums *to)
{
	bool		any = false;

	for (int64_t i = 0; of->at[FC_SUM_OBSERVED] != 0 && i < (int64_t) to->k * to->d && !any; i++)
		any = fc_statistics_get(of, FC_SUM_OBSERVED, (uint64_t) i) != to->w[i / to->d];
	return any;
}

/* sum w d: noise has its part in the objective, which is known where it is crisp */
static double
sum_of_products(const FcStep *s, const FcStatistics *of)
{
	const FcKernel *kernel = s->kernel;
	double		objective = get(of, FC_SUM_OBJECTIVE, 0) * fc_squared_unit(&s->model);

	if (!fc_has_noise(&s->model))
		return kernel->is_crisp || kernel->sums_distances ? objective : NAN;
	if (!kernel->is_crisp || !(of->kind.gather & FC_GATHER_NOISE))
		return NAN;
	return fmax(0, objective - get(of, FC_SUM_COUNT, (uint64_t) of->kind.k) * s->metric.noise);
}

void
fc_step_index_sums(const FcStep *s, const FcStatistics *of, FcIndexSums *to)
{
	const FcKernel *kernel = s->kernel;
	bool		noise = fc_has_noise(&s->model);
	bool		euclidean = kernel->distances == NULL && kernel->length == NULL && !fc_measures_cosine(&s->model);

	to->rows = 0;
	to->squared_u = to->u_log_u = to->silhouettes = to->within = NAN;
	to->wd = sum_of_products(s, of);
	for (int32_t c = 0; c < to->k; c++)
	{
		to->u[c] = get(of, FC_SUM_MASS, (uint64_t) c);
		to->w[c] = get(of, FC_SUM_WEIGHT, (uint64_t) c);
		to->count[c] = get(of, FC_SUM_COUNT, (uint64_t) c);
		to->distance[c] = euclidean ? get(of, FC_SUM_RADIUS, (uint64_t) c) : NAN;
		to->rows += to->count[c];
	}
	to->unit = fc_row_unit(to->rows, fc_statistics_rows(of));
	for (int64_t i = 0; i < (int64_t) to->k * to->d; i++)
		to->difference[i] = NAN;
	for (int32_t j = 0; j < to->d; j++)
		to->mean[j] = NAN;
	if (have_gaps(of, to))
		return;
	if (kernel->is_crisp || (kernel->weights == kernel->memberships && !kernel->has_shapes && !noise))
		grand_mean(of, to);
	if (kernel->is_crisp)
		use_rows(s, of, to);
}
