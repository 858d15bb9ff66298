/*
 * nearest.h - the nearest of k centers, and sums over rows, for hot loops: files
 * NAME_loops.h include it (see variants.h), so it has no include guard.
 */

/* least[i] = min_c at[c][i]; nearest[i] = the first c that has it */
static inline __attribute__((always_inline, unused)) void
FC_VARIANT(nearest_of) (const FC_REAL *at, int32_t stride, int32_t lanes, int32_t k,
						FC_REAL *least, int32_t *nearest)
{
	for (int32_t i = 0; i < lanes; i++)
	{
		least[i] = at[i];
		nearest[i] = 0;
	}
	for (int32_t c = 1; c < k; c++)
	{
		const FC_REAL *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			nearest[i] = d[i] < least[i] ? c : nearest[i];
			least[i] = d[i] < least[i] ? d[i] : least[i];
		}
	}
}

/* least[i] = min_c at[c][i] */
static inline __attribute__((always_inline, unused)) void
FC_VARIANT(least_of) (const FC_REAL *at, int32_t stride, int32_t lanes, int32_t k, FC_REAL *least)
{
	for (int32_t i = 0; i < lanes; i++)
		least[i] = at[i];
	for (int32_t c = 1; c < k; c++)
	{
		const FC_REAL *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
			least[i] = d[i] < least[i] ? d[i] : least[i];
	}
}

/* The sum over the rows among all lanes, each of which has a part */
static inline __attribute__((always_inline, unused)) double
FC_VARIANT(sum_of) (const double *part, int32_t lanes, int32_t rows)
{
	double		sum = 0;

	for (int32_t i = 0; i < lanes; i++)
		sum += i < rows ? part[i] : 0;
	return sum;
}
