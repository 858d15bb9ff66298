/*
 * shape_loops.h - hot loops of shape.c, once for each precision and instruction set: see variants.h
 */

/* Forward substitution for all lanes at once; t->y becomes L^-1 (x - v) */
static void
FC_VARIANT(mahalanobis) (FcMetric *t, const void *x, int64_t xstride, int32_t lanes, int32_t c, FC_REAL *out)
{
	const double *factor = FC_FACTOR(t->model) + (int64_t) c * t->d * t->d;

	t->ops->relative(x, xstride, lanes, t->d, (FC_REAL *) t->v + (int64_t) c * t->d, NULL, t->y, t->y, t->tile);
	for (int32_t i = 0; i < lanes; i++)
		out[i] = 0;
	for (int32_t a = 0; a < t->d; a++)
	{
		FC_REAL    *y = (FC_REAL *) t->y + (int64_t) a * t->tile;
		FC_REAL		inverse = (FC_REAL) (1 / factor[(int64_t) a * t->d + a]);

		for (int32_t b = 0; b < a; b++)
		{
			const FC_REAL *z = (FC_REAL *) t->y + (int64_t) b * t->tile;
			FC_REAL		l = (FC_REAL) factor[(int64_t) a * t->d + b];

			for (int32_t i = 0; i < lanes; i++)
				y[i] -= l * z[i];
		}
		for (int32_t i = 0; i < lanes; i++)
		{
			y[i] *= inverse;
			out[i] += y[i] * y[i];
		}
	}
}

/* Of all clusters: each distance is multiplied by the cluster's volume; or half of it, and the volume added */
static inline __attribute__((always_inline)) void
FC_VARIANT(all) (FcMetric *t, const void *x, int64_t xstride, int32_t lanes, FC_REAL *at, int32_t stride, bool multiply)
{
	for (int32_t c = 0; c < t->k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;
		FC_REAL		volume = (FC_REAL) FC_VOLUME(t->model)[c];

		FC_VARIANT(mahalanobis) (t, x, xstride, lanes, c, d);
		for (int32_t i = 0; i < lanes; i++)
			d[i] = multiply ? d[i] * volume : volume + d[i] / 2;
	}
}

static void
FC_VARIANT(times_volume) (FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	FC_VARIANT(all) (t, x, xstride, lanes, at, stride, true);
}

static void
FC_VARIANT(plus_volume) (FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	FC_VARIANT(all) (t, x, xstride, lanes, at, stride, false);
}
