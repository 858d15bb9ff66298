/*
 * gk_loops.h - hot loops of gk.c, once for each precision and instruction set: see variants.h
 */

static void
FC_VARIANT(distances) (FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	for (int32_t c = 0; c < t->k; c++)
	{
		FC_REAL    *d = (FC_REAL *) at + (int64_t) c * stride;
		FC_REAL		volume = (FC_REAL) FC_VOLUME(t->model)[c];

		fc_mahalanobis[t->isa][t->precision] (t, x, xstride, lanes, c, d);
		for (int32_t i = 0; i < lanes; i++)
			d[i] *= volume;
	}
}
