/*
 * tsallis_loops.h - hot loops of tsallis.c, once for each precision and instruction set: see variants.h
 */
#include "core/softmax.h"

#define IS_ONE(q)	((q) - 1 < 1e-9)

/* ln(u_ic s_i) into at, ln s_i, and the least distances, for q > 1 */
static inline __attribute__((always_inline)) void
FC_VARIANT(log_memberships) (const double *parameters, FC_REAL *at, int32_t stride,
							 int32_t lanes, int32_t k, FC_REAL *least, FC_REAL *log_s)
{
	double		q = parameters[0];
	FC_REAL		lambda = (FC_REAL) fmax(parameters[1] / (q - 1), FC_LEAST);
	FC_REAL		minus_p = (FC_REAL) (-1 / (q - 1));
	FC_REAL		inverse[FC_TILE];

	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	for (int32_t i = 0; i < lanes; i++)
	{
		log_s[i] = 0;
		inverse[i] = 1 / (least[i] + lambda);
	}
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
			d[i] = minus_p * FC_LOG1P((d[i] - least[i]) * inverse[i]);
		for (int32_t i = 0; i < lanes; i++)
			log_s[i] += FC_EXP(d[i]);
	}
	for (int32_t i = 0; i < lanes; i++)
		log_s[i] = FC_LOG(log_s[i]);
}

/* F of the rows */
static inline __attribute__((always_inline)) double
FC_VARIANT(free_energy) (const FcWeighing *g, int32_t lanes, int32_t rows,
						 const FC_REAL *least, const FC_REAL *log_s)
{
	double		q = g->parameters[0];
	double		t = g->parameters[1];
	double		lambda = t / (q - 1);
	double		part[FC_TILE];

	for (int32_t i = 0; i < lanes; i++)
	{
		double		e = IS_ONE(q) ? 0 : expm1((1 - q) * log_s[i]);

		part[i] = IS_ONE(q) ? least[i] - t * log_s[i] : least[i] * (1 + e) + lambda * e;
	}
	return FC_VARIANT(objective_of) (g, part, lanes, rows);
}

static inline __attribute__((always_inline)) double
FC_VARIANT(weigh) (FcWeighing *g, void *atv, int32_t stride, int32_t lanes, int32_t rows, int32_t k,
				   double exponent, bool offset)
{
	FC_REAL    *at = atv;
	FC_REAL		least[FC_TILE];
	FC_REAL		log_s[FC_TILE];

	if (IS_ONE(g->parameters[0]))
		FC_VARIANT(log_softmax_of) (at, stride, lanes, k, (FC_REAL) fmax(-1 / g->parameters[1], -FC_LARGEST),
									least, log_s);
	else
		FC_VARIANT(log_memberships) (g->parameters, at, stride, lanes, k, least, log_s);
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *l = at + (int64_t) c * stride;
		FC_REAL		minus = (FC_REAL) (offset ? g->offset[c] : 0);
		FC_REAL		e = (FC_REAL) exponent;

		for (int32_t i = 0; i < lanes; i++)
			l[i] = FC_EXP(e * (l[i] - log_s[i]) - minus);
	}
	return FC_VARIANT(free_energy) (g, lanes, rows, least, log_s);
}

static double
FC_VARIANT(weights) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	return FC_VARIANT(weigh) (g, at, stride, lanes, rows, k, g->parameters[0], true);
}

static double
FC_VARIANT(memberships) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	return FC_VARIANT(weigh) (g, at, stride, lanes, rows, k, 1, false);
}
