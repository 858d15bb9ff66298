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
 * With noise a row counts by 1 - noise: sums of memberships and of what they weigh are such sums, but
 * counts and distances of fuzzy clusters are not, and the objective has terms of noise, which are only known where memberships
 * are 0 or 1.
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
	to->squared_u = to->all;
	to->u_log_u = 0;
	to->within = to->wd;
}

/* Rows, all of them and those in noise */
static void
count_rows(const FcStep *s, const FcStatistics *of, FcIndexSums *to)
{
	bool		noise = fc_has_noise(&s->model);

	to->groups = fc_groups(&s->model);
	to->rows = to->all = 0;
	to->noise = noise ? get(of, FC_SUM_COUNT, (uint64_t) to->k) : 0;
	for (int32_t c = 0; c < to->k; c++)
	{
		to->rows += noise ? to->u[c] : to->count[c];
		to->all += to->count[c];
	}
	to->all += to->noise;
	to->unit = fc_row_unit(to->all, fc_statistics_rows(of));
}

/* Sums that rows do not count in by 1 - noise, where these are neither 0 nor 1 */
static void
forget_fuzzy(FcIndexSums *to)
{
	to->wd = NAN;
	for (int32_t c = 0; c < to->k; c++)
		to->count[c] = to->distance[c] = NAN;
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

void
fc_step_index_sums(const FcStep *s, const FcStatistics *of, FcIndexSums *to)
{
	const FcKernel *kernel = s->kernel;
	bool		euclidean = kernel->distances == NULL && kernel->length == NULL && !fc_measures_cosine(&s->model);

	to->squared_u = to->u_log_u = to->silhouettes = to->within = NAN;
	to->wd = kernel->is_crisp || kernel->sums_distances ? get(of, FC_SUM_OBJECTIVE, 0) * fc_squared_unit(&s->model) : NAN;
	for (int32_t c = 0; c < to->k; c++)
	{
		to->u[c] = get(of, FC_SUM_MASS, (uint64_t) c);
		to->w[c] = get(of, FC_SUM_WEIGHT, (uint64_t) c);
		to->count[c] = get(of, FC_SUM_COUNT, (uint64_t) c);
		to->distance[c] = euclidean ? get(of, FC_SUM_RADIUS, (uint64_t) c) : NAN;
	}
	count_rows(s, of, to);
	if (kernel->is_crisp && to->noise > 0)
		to->wd = fmax(0, to->wd - to->noise * s->metric.noise);
	if (!kernel->is_crisp && fc_has_noise(&s->model))
		forget_fuzzy(to);
	for (int64_t i = 0; i < (int64_t) to->k * to->d; i++)
		to->difference[i] = NAN;
	for (int32_t j = 0; j < to->d; j++)
		to->mean[j] = NAN;
	if (have_gaps(of, to))
		return;
	if (kernel->is_crisp || (kernel->weights == kernel->memberships && !kernel->has_shapes))
		grand_mean(of, to);
	if (kernel->is_crisp)
		use_rows(s, of, to);
}
