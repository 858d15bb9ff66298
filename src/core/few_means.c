/*
 * few_means.c - k-means of a few rows, many times, and the silhouette of its clusters
 *
 * For comparisons of rows with random ones (structure.c), of which each takes a k-means for each number of
 * clusters: no model, no blocks, no team.  First centers are drawn by D^2 (Arthur and Vassilvitskii 2007), and
 * the better of a few starts is kept, the same way for rows and for draws, which is what makes them comparable.
 */
#include "core/few_means.h"

#include <math.h>
#include <string.h>

#define STARTS		3
#define ITERATIONS	30

void
fc_few_means_layout(FcArena *a, FcFewMeans *s, int32_t n, int32_t width, int32_t most)
{
	*s = (FcFewMeans) {.n = n, .width = width, .most = most};
	s->center = fc_take(a, fc_times(most, width), sizeof(double));
	s->count = fc_take(a, most, sizeof(double));
	s->label = fc_take(a, n, sizeof(int32_t));
	s->other = fc_take(a, n, sizeof(int32_t));
	s->least = fc_take(a, n, sizeof(double));
	s->sum = fc_take(a, most, sizeof(double));
}

/* A row drawn by its least, which add up to total */
static int32_t
draw_row(const FcFewMeans *s, double total, FcRng *rng)
{
	double		left = fc_rng_uniform(rng) * total;

	for (int32_t i = 0; i < s->n; i++)
	{
		left -= s->least[i];
		if (left < 0)
			return i;
	}
	return (int32_t) fc_rng_below(rng, s->n);
}

static void
first_centers(FcFewMeans *s, const double *x, int32_t width, int32_t k, FcRng *rng)
{
	double		total = s->n;

	for (int32_t i = 0; i < s->n; i++)
		s->least[i] = 1;
	for (int32_t c = 0; c < k; c++)
	{
		double	   *center = s->center + (int64_t) c * width;

		memcpy(center, x + (int64_t) draw_row(s, total, rng) * width, sizeof(double) * width);
		total = 0;
		for (int32_t i = 0; i < s->n; i++)
		{
			double		squared = fc_squared_distance(x + (int64_t) i * width, center, width);

			s->least[i] = c == 0 ? squared : fmin(squared, s->least[i]);
			total += s->least[i];
		}
	}
}

/* Labels by the centers, into s->other; returns the objective */
static double
assign(FcFewMeans *s, const double *x, int32_t width, int32_t k, bool *moved)
{
	double		objective = 0;

	*moved = false;
	for (int32_t i = 0; i < s->n; i++)
	{
		const double *row = x + (int64_t) i * width;
		int32_t		c = fc_nearest_center(s->center, k, width, row);

		*moved |= c != s->other[i];
		s->other[i] = c;
		objective += fc_squared_distance(row, s->center + (int64_t) c * width, width);
	}
	return objective;
}

/* Centers as means of their rows; one without rows stays */
static void
average(FcFewMeans *s, const double *x, int32_t width, int32_t k)
{
	memset(s->count, 0, sizeof(double) * k);
	for (int32_t i = 0; i < s->n; i++)
		if (s->count[s->other[i]]++ == 0)
			memset(s->center + (int64_t) s->other[i] * width, 0, sizeof(double) * width);
	for (int32_t i = 0; i < s->n; i++)
		for (int32_t j = 0; j < width; j++)
			s->center[(int64_t) s->other[i] * width + j] += x[(int64_t) i * width + j] / s->count[s->other[i]];
}

static double
descend(FcFewMeans *s, const double *x, int32_t width, int32_t k, const FcHooks *hooks)
{
	bool		moved;
	double		objective;

	memset(s->other, -1, sizeof(int32_t) * s->n);
	objective = assign(s, x, width, k, &moved);
	for (int i = 1; i < ITERATIONS && moved; i++)
	{
		fc_check(hooks);
		average(s, x, width, k);
		objective = assign(s, x, width, k, &moved);
	}
	return objective;
}

/* Labels of the rows x (n, width) in s->label; k is at most n */
void
fc_few_means(FcFewMeans *s, const double *x, int32_t width, int32_t k, FcRng *rng, const FcHooks *hooks)
{
	double		best = INFINITY;

	for (int start = 0; start < STARTS; start++)
	{
		double		objective;

		first_centers(s, x, width, k, rng);
		objective = descend(s, x, width, k, hooks);
		if (start > 0 && objective >= best)
			continue;
		best = objective;
		memcpy(s->label, s->other, sizeof(int32_t) * s->n);
	}
}

/* The silhouette of a row by s->sum and s->count; 0 if it is alone in its cluster, or there is no other one */
static double
silhouette_of_row(const FcFewMeans *s, int32_t own, int32_t k)
{
	double		within = s->sum[own] / (s->count[own] - 1);
	double		between = INFINITY;

	for (int32_t c = 0; c < k; c++)
		if (c != own && s->count[c] > 0)
			between = fmin(between, s->sum[c] / s->count[c]);
	if (s->count[own] < 2 || isinf(between) || fmax(within, between) == 0)
		return 0;
	return (between - within) / fmax(within, between);
}

/* The mean silhouette of the labels in s->label, from the distances (n, n) of the rows */
double
fc_few_silhouette(FcFewMeans *s, const double *distance, int32_t k, const FcHooks *hooks)
{
	double		total = 0;

	memset(s->count, 0, sizeof(double) * k);
	for (int32_t i = 0; i < s->n; i++)
		s->count[s->label[i]]++;
	for (int32_t i = 0; i < s->n; i++)
	{
		const double *to = distance + (int64_t) i * s->n;

		fc_check(hooks);
		memset(s->sum, 0, sizeof(double) * k);
		for (int32_t j = 0; j < s->n; j++)
			s->sum[s->label[j]] += to[j];
		total += silhouette_of_row(s, s->label[i], k);
	}
	return total / s->n;
}
