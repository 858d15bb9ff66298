/*
 * fcm_loops.h - hot loops of fcm.c, once for each precision and instruction set: see variants.h
 */
#include "core/nearest.h"

/*
 * Replaces d by r, and gives s.  "power" 1 is m = 2, where r is the ratio.
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(ratios) (FC_REAL *at, int32_t stride, int32_t lanes, int32_t k, double power,
					const FC_REAL *least, FC_REAL *s)
{
	FC_REAL		p = (FC_REAL) power;

	for (int32_t i = 0; i < lanes; i++)
		s[i] = 0;
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			d[i] = d[i] > least[i] ? least[i] / d[i] : 1;
			if (power != 1)
				d[i] = FC_EXP(p * FC_LOG(d[i]));
			s[i] += d[i];
		}
	}
}

/* Eq. 4 and 5 for m = 2: no logarithm, no exponential */
static double
FC_VARIANT(weigh_2) (const FcWeighing *g, FC_REAL *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL		least[FC_TILE];
	FC_REAL		s[FC_TILE];
	double		part[FC_TILE];

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	FC_VARIANT(ratios) (at, stride, lanes, k, 1, least, s);
	for (int32_t i = 0; i < lanes; i++)
		s[i] = 1 / s[i];
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *r = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
			r[i] = (r[i] * s[i]) * (r[i] * s[i]);
	}
	for (int32_t i = 0; i < lanes; i++)
		part[i] = least[i] * s[i];
	return FC_VARIANT(objective_of) (g, part, lanes, rows);
}

/* Eq. 4 and 5 for any m */
static double
FC_VARIANT(weigh_m) (const FcWeighing *g, FC_REAL *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL		least[FC_TILE];
	FC_REAL		s[FC_TILE];
	double		part[FC_TILE];
	double		m = g->parameters[0];
	FC_REAL		p = (FC_REAL) (1 / (m - 1));
	FC_REAL		e = (FC_REAL) -m;

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	for (int32_t i = 0; i < lanes; i++)
		s[i] = 0;
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		ratio = d[i] > least[i] ? least[i] / d[i] : 1;
			FC_REAL		r = FC_EXP(p * FC_LOG(ratio));

			s[i] += r;
			d[i] = r * ratio;
		}
	}
	for (int32_t i = 0; i < lanes; i++)
	{
		FC_REAL		power = FC_EXP(e * FC_LOG(s[i]));

		part[i] = least[i] * s[i] * power;
		s[i] = power;
	}
	FC_VARIANT(multiply_by) (at, stride, lanes, k, s);
	return FC_VARIANT(objective_of) (g, part, lanes, rows);
}

static double
FC_VARIANT(weights) (FcWeighing *g, void *at, int32_t stride,
					 int32_t lanes, int32_t rows, int32_t k)
{
	if (g->parameters[0] == 2)
		return FC_VARIANT(weigh_2) (g, at, stride, lanes, rows, k);
	return FC_VARIANT(weigh_m) (g, at, stride, lanes, rows, k);
}

/* Eq. 3 */
static double
FC_VARIANT(memberships) (FcWeighing *g, void *atv, int32_t stride,
						 int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	FC_REAL		least[FC_TILE];
	FC_REAL		s[FC_TILE];
	double		m = g->parameters[0];
	FC_REAL		e = (FC_REAL) (1 - m);
	double		part[FC_TILE];

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	FC_VARIANT(ratios) (at, stride, lanes, k, 1 / (m - 1), least, s);
	FC_VARIANT(divide_by) (at, stride, lanes, k, s);
	for (int32_t i = 0; i < lanes; i++)
		part[i] = least[i] * FC_EXP(e * FC_LOG(s[i]));
	return FC_VARIANT(objective_of) (g, part, lanes, rows);
}
