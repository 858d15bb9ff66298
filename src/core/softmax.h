/*
 * softmax.h - softmax of distances to k centers, for hot loops: files NAME_loops.h
 * include it (see variants.h), so it has no include guard.
 *
 * The factor is -1 / temperature.  A row's least distance is subtracted first, so
 * that no exponential overflows and one of them is 1.
 */
#include "core/nearest.h"

/* at[c][i] = (at[c][i] - least[i]) factor, or the exponential of it; and the sum of these */
static inline __attribute__((always_inline, unused)) void
FC_VARIANT(sum_exponentials) (FC_REAL *at, int32_t stride, int32_t lanes, int32_t k, FC_REAL factor,
							  FC_REAL *least, FC_REAL *sum, const bool keep_logarithms)
{
	FC_VARIANT(least_of) (at, stride, lanes, k, least);
	for (int32_t i = 0; i < lanes; i++)
		sum[i] = 0;
	for (int32_t c = 0; c < k; c++)
	{
		FC_REAL    *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
			d[i] = (d[i] - least[i]) * factor;
		for (int32_t i = 0; i < lanes; i++)
		{
			FC_REAL		exponential = FC_EXP(d[i]);

			sum[i] += exponential;
			d[i] = keep_logarithms ? d[i] : exponential;
		}
	}
}

/* at[c][i] = exp((at[c][i] - least[i]) factor), whose softmax is at[c][i] / sum[i] */
static inline __attribute__((always_inline, unused)) void
FC_VARIANT(exponentials_of) (FC_REAL *at, int32_t stride, int32_t lanes, int32_t k, FC_REAL factor,
							 FC_REAL *least, FC_REAL *sum)
{
	FC_VARIANT(sum_exponentials) (at, stride, lanes, k, factor, least, sum, false);
}

/* at[c][i] = (at[c][i] - least[i]) factor, whose softmax has the logarithms at[c][i] - log_sum[i] */
static inline __attribute__((always_inline, unused)) void
FC_VARIANT(log_softmax_of) (FC_REAL *at, int32_t stride, int32_t lanes, int32_t k, FC_REAL factor,
							FC_REAL *least, FC_REAL *log_sum)
{
	FC_VARIANT(sum_exponentials) (at, stride, lanes, k, factor, least, log_sum, true);
	for (int32_t i = 0; i < lanes; i++)
		log_sum[i] = FC_LOG(log_sum[i]);
}
