/*
 * logical_loops.h - hot loops of logical.c, once for each precision and instruction set: see variants.h
 */

/* t->y = u(x) up to a constant */
static void
FC_VARIANT(transform) (FcMetric *t, const FcLogic *l, const FC_REAL *x, int64_t xstride, int32_t lanes)
{
	const FC_REAL least = (FC_REAL) (sizeof(FC_REAL) == sizeof(float) ? 1e-7 : CLAMP);

	for (int32_t j = 0; j < t->d; j++)
	{
		FC_REAL    *y = (FC_REAL *) t->y + (int64_t) j * t->tile;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		value = x[j * xstride + i];

			value = value > least ? value : least;
			y[i] = value < 1 - least ? value : 1 - least;
		}
		if (l->generator == fc_generators)
			for (int32_t i = 0; i < lanes; i++)
				y[i] = FC_LOG(y[i] / (1 - y[i]));
		else
			for (int32_t i = 0; i < lanes; i++)
				y[i] = (FC_REAL) l->generator->forward(y[i], &l->theta);
	}
}

/* Sigma pair by pair, if it is not a sum of squares */
static void
FC_VARIANT(pairs) (FcMetric *t, const FcLogic *l, int32_t lanes, FC_REAL *at, int32_t stride)
{
	int32_t		rows = t->one_row ? 1 : lanes;

	for (int32_t c = 0; c < t->k; c++)
	{
		fc_check(&t->hooks);
		for (int32_t i = 0; i < rows; i++)
		{
			double		sigma = 0;

			for (int32_t j = 0; j < t->d; j++)
				sigma += fc_logical_square(l, (double) ((const FC_REAL *) t->y)[(int64_t) j * t->tile + i] -
										   ((const FC_REAL *) t->v)[(int64_t) c * t->d + j]);
			at[(int64_t) c * stride + i] = (FC_REAL) sigma;
		}
	}
}

static void
FC_VARIANT(distances) (FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	FcLogic		l;
	FC_REAL		excess;

	begin_logic(t->model, &l);
	FC_VARIANT(transform) (t, &l, x, xstride, lanes);
	if (!l.squares)
	{
		FC_VARIANT(pairs) (t, &l, lanes, at, stride);
		return;
	}
	t->ops->distance(t->y, t->tile, lanes, t->d, t->v, t->k, at, stride);
	excess = (FC_REAL) (l.excess * t->d);
	for (int32_t c = 0; c < t->k; c++)
		for (int32_t i = 0; i < lanes; i++)
			((FC_REAL *) at)[(int64_t) c * stride + i] += excess;
}

/* Sigma becomes d^2, whatever the generator */
static void
FC_VARIANT(square_any) (const FcGenerator *g, const FcZero *theta, FC_REAL *at, int32_t stride, int32_t lanes, int32_t k)
{
	for (int32_t c = 0; c < k; c++)
		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL    *d = at + (int64_t) c * stride + i;
			double		value = fc_logical_rise(g, theta, *d);

			*d = (FC_REAL) (value * value);
		}
}

/* The same for the logit, optimized */
static void
FC_VARIANT(square_logit) (double theta, FC_REAL *at, int32_t stride, int32_t lanes, int32_t k)
{
	FC_REAL		odds = (FC_REAL) ((1 - theta) / theta);

	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		sigma = d[i] > 0 ? d[i] : 0;
			FC_REAL		e = FC_EXP(-sigma);
			FC_REAL		small = sigma * (1 - sigma / 2 + sigma * sigma / 6);
			FC_REAL		value = (sigma < (FC_REAL) 1e-3 ? small : 1 - e) / (1 + odds * e);

			d[i] = value * value;
		}
	}
}

static void
FC_VARIANT(square_distances) (const double *parameters, FC_REAL *at, int32_t stride, int32_t lanes, int32_t k)
{
	const FcGenerator *g = &fc_generators[(int) parameters[GENERATOR]];
	FcZero		theta = {parameters[THETA], parameters[THETA_PARAMETER]};

	if (g == fc_generators)
		FC_VARIANT(square_logit) (theta.e, at, stride, lanes, k);
	else
		FC_VARIANT(square_any) (g, &theta, at, stride, lanes, k);
}

static double
FC_VARIANT(weights) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_VARIANT(square_distances) (g->parameters, at, stride, lanes, k);
	return fc_fcm_weights[FC_ISA_INDEX][FC_PRECISION_INDEX] (g, at, stride, lanes, rows, k);
}

static double
FC_VARIANT(memberships) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_VARIANT(square_distances) (g->parameters, at, stride, lanes, k);
	return fc_fcm_memberships[FC_ISA_INDEX][FC_PRECISION_INDEX] (g, at, stride, lanes, rows, k);
}
