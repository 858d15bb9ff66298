/*
 * gg_loops.h - hot loops of gg.c, once for each precision and instruction set: see variants.h
 */
#include "core/softmax.h"

/* sum_i exp(l_i - s_i), weighted: all exponentials first, as the sum must keep its order */
static inline __attribute__((always_inline)) double
FC_VARIANT(mass) (const FC_REAL *l, const FC_REAL *s, const double *weight, int32_t lanes, int32_t rows)
{
	double		u[FC_TILE];

	for (int32_t i = 0; i < lanes; i++)
		u[i] = FC_EXP(l[i] - s[i]);
	return FC_VARIANT(weighted_sum_of) (u, weight, lanes, rows);
}

/* Eq. 4; at holds ln d and becomes u, or u^exponent */
static inline __attribute__((always_inline)) double
FC_VARIANT(softmax) (FcWeighing *g, FC_REAL *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k,
					 bool weights)
{
	FC_REAL		least[FC_TILE];
	FC_REAL		s[FC_TILE];
	double		m = g->parameters[0];
	FC_REAL		minus_p = (FC_REAL) (-1 / (m - 1));
	FC_REAL		exponent = (FC_REAL) (weights ? g->parameters[1] : 1);
	double		part[FC_TILE];

	FC_VARIANT(log_softmax_of) (at, stride, lanes, k, minus_p, least, s);
	for (int32_t i = 0; i < lanes; i++)
		part[i] = least[i] - (m - 1) * s[i];
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *l = at + (int64_t) c * stride;

		if (weights)
			g->mass[c] += FC_VARIANT(mass) (l, s, g->row_weight, lanes, rows);
		for (int32_t i = 0; i < lanes; i++)
			l[i] = FC_EXP((l[i] - s[i]) * exponent);
	}
	return FC_VARIANT(objective_of) (g, part, lanes, rows);
}

static double
FC_VARIANT(weights) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	return FC_VARIANT(softmax) (g, at, stride, lanes, rows, k, true);
}

static double
FC_VARIANT(memberships) (FcWeighing *g, void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	return FC_VARIANT(softmax) (g, at, stride, lanes, rows, k, false);
}

/* The memberships of fuzzy c-means are a softmax of logarithms, too */
static double
FC_VARIANT(first_weights) (FcWeighing *g, void *atv, int32_t stride, int32_t lanes, int32_t rows, int32_t k)
{
	FC_REAL    *at = atv;
	const FC_REAL tiny = (FC_REAL) FC_LEAST;

	for (int32_t c = 0; c < k; c++)
		for (int32_t i = 0; i < lanes; i++)
			at[(int64_t) c * stride + i] = FC_LOG(at[(int64_t) c * stride + i] > tiny ? at[(int64_t) c * stride + i] : tiny);
	return FC_VARIANT(softmax) (g, at, stride, lanes, rows, k, true);
}
