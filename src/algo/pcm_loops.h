/*
 * pcm_loops.h - hot loops of pcm.c, once for each precision and instruction set: see variants.h
 */
#include "core/nearest.h"

/* d / eta */
static void
FC_VARIANT(distances) (FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	fc_metric_euclidean(t, x, xstride, lanes, at, stride);
	for (int32_t c = 0; c < t->k; c++)
	{
		FC_REAL    *d = (FC_REAL *) at + (int64_t) c * stride;
		FC_REAL		inverse = (FC_REAL) fmin(1 / ETA(t->model)[c], FC_LARGEST);

		for (int32_t i = 0; i < lanes; i++)
			d[i] *= inverse;
	}
}

/* The least d of fuzzy c-means, and ln sum_c (least / d)^(1/(m-1)); at has d / eta */
static inline __attribute__((always_inline)) void
FC_VARIANT(compare) (const FcWeighing *g, const FC_REAL *at, int32_t stride, int32_t lanes, int32_t k,
					 FC_REAL *least, FC_REAL *log_s)
{
	FC_REAL		power = (FC_REAL) (1 / (g->parameters[FUZZIFIER] - 1));

	for (int32_t i = 0; i < lanes; i++)
	{
		least[i] = FC_LARGEST;
		log_s[i] = 0;
	}
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL		eta = (FC_REAL) ETA(g->model)[c];

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		d = at[(int64_t) c * stride + i] * eta;

			least[i] = d < least[i] ? d : least[i];
		}
	}
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL		eta = (FC_REAL) ETA(g->model)[c];

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		d = at[(int64_t) c * stride + i] * eta;

			log_s[i] += FC_EXP(power * FC_LOG(d > least[i] ? least[i] / d : 1));
		}
	}
	for (int32_t i = 0; i < lanes; i++)
		log_s[i] = FC_LOG(log_s[i]);
}

/* out[i] = u^m of a cluster */
static inline __attribute__((always_inline)) void
FC_VARIANT(memberships_of) (const FcWeighing *g, const FC_REAL *at, int32_t lanes, double eta_c,
							const FC_REAL *least, const FC_REAL *log_s, FC_REAL *out)
{
	FC_REAL		power = (FC_REAL) (1 / (g->parameters[FUZZIFIER] - 1));
	FC_REAL		m = (FC_REAL) g->parameters[FUZZIFIER];
	FC_REAL		eta = (FC_REAL) eta_c;

	for (int32_t i = 0; i < lanes; i++)
	{
		FC_REAL		d = at[i] * eta;

		out[i] = FC_EXP(m * (power * FC_LOG(d > least[i] ? least[i] / d : 1) - log_s[i]));
	}
}

/*
 * Eq. 6 for a cluster: at[i] = t, or t^p, and rest[i] = (1 - t)^(p-1).  Of small r, 1 - t would lose
 * digits, and of large ones r t might not be a number.
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(typicalities_of) (const FcWeighing *g, FC_REAL *at, int32_t lanes, const bool to_power, FC_REAL *rest)
{
	double		p = g->parameters[EXPONENT];
	FC_REAL		b = (FC_REAL) g->parameters[TYPICALITY_WEIGHT];
	FC_REAL		power = (FC_REAL) (1 / (p - 1));

	for (int32_t i = 0; i < lanes; i++)
	{
		FC_REAL		r = b * at[i];
		FC_REAL		t;

		if (p != 2)
			r = FC_EXP(power * FC_LOG(r));
		t = 1 / (1 + r);
		rest[i] = r < 1 ? r * t : 1 - t;
		at[i] = t;
	}
	if (p == 2)
		for (int32_t i = 0; i < lanes; i++)
			at[i] = to_power ? at[i] * at[i] : at[i];
	else
		for (int32_t i = 0; i < lanes; i++)
		{
			at[i] = to_power ? FC_EXP((FC_REAL) p * FC_LOG(at[i])) : at[i];
			rest[i] = FC_EXP((FC_REAL) (p - 1) * FC_LOG(rest[i]));
		}
}

/* Weights of eq. 7, or typicalities; the objective is that of eq. 5, with eq. 8 and eq. 5 of fcm.c */
static inline __attribute__((always_inline)) double
FC_VARIANT(weigh) (FcWeighing *g, FC_REAL *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k, const bool to_weights)
{
	FC_REAL		least[FC_TILE];
	FC_REAL		log_s[FC_TILE];
	FC_REAL		u[FC_TILE];
	FC_REAL		rest[FC_TILE];
	double		part[FC_TILE];
	double		a = g->parameters[MEMBERSHIP_WEIGHT];
	double		b = g->parameters[TYPICALITY_WEIGHT];
	FC_REAL		share_of_u = (FC_REAL) (a / (a + b));
	FC_REAL		share_of_t = (FC_REAL) (b / (a + b));

	if (a > 0)
		FC_VARIANT(compare) (g, at, stride, lanes, k, least, log_s);
	for (int32_t i = 0; i < lanes; i++)
		part[i] = a > 0 ? a * (double) least[i] * FC_EXP((FC_REAL) (1 - g->parameters[FUZZIFIER]) * log_s[i]) : 0;
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *t = at + (int64_t) c * stride;
		double		eta = ETA(g->model)[c];

		if (a > 0 && to_weights)
			FC_VARIANT(memberships_of) (g, t, lanes, eta, least, log_s, u);
		FC_VARIANT(typicalities_of) (g, t, lanes, to_weights, rest);
		for (int32_t i = 0; i < lanes; i++)
			part[i] += eta * rest[i];
		if (a > 0 && to_weights)
			for (int32_t i = 0; i < lanes; i++)
				t[i] = share_of_u * u[i] + share_of_t * t[i];
	}
	return FC_VARIANT(objective_of) (g, part, lanes, rows);
}

static double
FC_VARIANT(weights) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	return FC_VARIANT(weigh) (g, at, stride, lanes, rows, k, true);
}

static double
FC_VARIANT(typicalities) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	return FC_VARIANT(weigh) (g, at, stride, lanes, rows, k, false);
}

/* u^m d of fuzzy c-means: u^(m-1) d is the same for all clusters, and the row's part of the objective */
static double
FC_VARIANT(inertias) (FcWeighing *g, void *atv, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	FC_REAL		factor[FC_TILE];
	double		part[FC_TILE];
	FcWeighing	of_rows = *g;
	double		objective;

	of_rows.terms = part;
	objective = fc_fcm_memberships[FC_ISA_INDEX][FC_PRECISION_INDEX] (&of_rows, at, stride, lanes, rows, k);
	for (int32_t i = 0; i < lanes; i++)
		factor[i] = (FC_REAL) (i < rows ? part[i] : 0);
	FC_VARIANT(multiply_by) (at, stride, lanes, k, factor);
	if (g->terms)
		memcpy(g->terms, part, (size_t) rows * sizeof(double));
	return objective;
}
