/*
 * metric.c - distances in the metric of a kernel
 *
 * Training needs a tile of rows in their precision, scoring one row in double
 * precision; both use these functions unless the distance is Euclidean and
 * there is a faster way (see score.c).
 */
#include "core/gaps.h"
#include "core/noise.h"

void
fc_metric_layout(FcArena *a, FcMetric *t, const FcModel *m, FcPrecision precision, int32_t tile)
{
	size_t		size = FC_SIZE(precision);
	const FcKernel *kernel = m->algo->kernel;

	t->model = m;
	t->precision = precision;
	t->k = t->groups = m->k;
	t->noise = NAN;
	t->d = m->d;
	t->tile = tile;
	t->v = fc_take(a, fc_times(m->k, m->d), size);
	t->y = kernel->distances ? fc_take(a, fc_times(m->d, tile), size) : NULL;
	t->private_data = kernel->metric.private_layout ? kernel->metric.private_layout(a, m) : NULL;
	t->share = NULL;
	t->hooks = (FcHooks) {NULL};
	t->one_row = false;
}

/* The squared distance of noise, which a number of the rows' precision can be */
static double
noise_of(const FcMetric *t)
{
	double		squared = fc_noise_squared(t->model);

	return t->precision == FC_F32 ? (float) fmin(fmax(squared, FLT_MIN), FLT_MAX) : fmin(fmax(squared, DBL_MIN), DBL_MAX);
}

/* Whenever the model has changed; isa is set */
void
fc_metric_load(FcMetric *t)
{
	const FcModel *m = t->model;

	t->ops = fc_block_ops(t->isa, t->precision);
	t->groups = t->k + (fc_has_noise(m) ? 1 : 0);
	t->noise = fc_has_noise(m) ? noise_of(t) : NAN;
	if (m->algo->kernel->metric.load_centers)
		m->algo->kernel->metric.load_centers(t);
	else
		for (int64_t i = 0; i < (int64_t) t->k * t->d; i++)
			fc_set(t->v, t->precision, i, m->centers[i]);
}

/* Clusters between two checks; all of them, unless k d is huge */
int32_t
fc_clusters_at_once(const FcMetric *t, int32_t lanes)
{
	int64_t		most = FC_PRODUCTS / ((int64_t) lanes * t->d);

	return most < 1 ? 1 : most < t->k ? (int32_t) most : t->k;
}

/* Squared Euclidean distances to k of the centers */
static void
distances_to(const FcMetric *t, const void *x, int64_t xstride, int32_t lanes, const void *v, int32_t k, void *at, int32_t stride)
{
	if (t->share)
		fc_gap_ops(t->isa, t->precision)->distance(x, xstride, lanes, t->d, t->share, v, k, at, stride);
	else
		t->ops->distance(x, xstride, lanes, t->d, v, k, at, stride);
}

/* Squared Euclidean distances to all centers */
void
fc_metric_euclidean(const FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	size_t		size = FC_SIZE(t->precision);
	int32_t		step = fc_clusters_at_once(t, lanes);

	for (int32_t c = 0; c < t->k; c += step)
	{
		if (c > 0)
			fc_check(&t->hooks);
		distances_to(t, x, xstride, lanes, (char *) t->v + (size_t) c * t->d * size, t->k - c < step ? t->k - c : step,
					 (char *) at + (size_t) c * stride * size, stride);
	}
}

/* To all centers, and behind these to noise: at (groups, stride) */
void
fc_metric_distances(FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	const FcKernel *kernel = t->model->algo->kernel;

	fc_check(&t->hooks);
	if (kernel->distances)
		kernel->distances[t->isa][t->precision](t, x, xstride, lanes, at, stride);
	else
		fc_metric_euclidean(t, x, xstride, lanes, at, stride);
	for (int32_t i = 0; t->groups > t->k && i < lanes; i++)
		fc_set(at, t->precision, (int64_t) t->k * stride + i, t->noise);
}

/* The nearest centers of "lanes" rows and their squared Euclidean distances, likewise */
void
fc_metric_assign(FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *least, int32_t *nearest)
{
	int32_t		step = fc_clusters_at_once(t, lanes);

	for (int32_t c = 0; c < t->k; c += step)
	{
		int32_t		last = t->k - c < step ? t->k : c + step;

		fc_check(&t->hooks);
		if (t->share)
			fc_gap_ops(t->isa, t->precision)->assign(x, xstride, lanes, t->d, t->share, t->v, c, last, least, nearest);
		else
			t->ops->assign(x, xstride, lanes, t->d, t->v, c, last, least, nearest);
	}
}
