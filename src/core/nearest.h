/*
 * nearest.h - the nearest of k centers, and sums of a row or over rows, for hot
 * loops: files NAME_loops.h include it (see variants.h), so it has no include guard.
 */

/* The same of k more centers, the first of which is "first" */
static inline __attribute__((always_inline, unused)) void
FC_VARIANT(nearest_of_more) (const FC_REAL *at, int32_t stride, int32_t lanes, int32_t k, int32_t first,
							 FC_REAL *least, int32_t *nearest)
{
	for (int32_t c = 0; c < k; c++)
	{
		const FC_REAL *d = at + (int64_t) c * stride;

		for (int32_t i = 0; i < lanes; i++)
		{
			nearest[i] = d[i] < least[i] ? first + c : nearest[i];
			least[i] = d[i] < least[i] ? d[i] : least[i];
		}
	}
}

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
	FC_VARIANT(nearest_of_more) (at + stride, stride, lanes, k - 1, 1, least, nearest);
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

/* The sum over the rows among all lanes, in their order */
static inline __attribute__((always_inline, unused)) double
FC_VARIANT(total_of) (const FC_REAL *x, int32_t lanes, int32_t rows)
{
	double		total = 0;

	for (int32_t i = 0; i < lanes; i++)
		total += i < rows ? x[i] : 0;
	return total;
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

/* The same of parts that count as often as weight[i] (lanes) says; NULL: once */
static inline __attribute__((always_inline, unused)) double
FC_VARIANT(weighted_sum_of) (double *part, const double *weight, int32_t lanes, int32_t rows)
{
	if (weight)
		for (int32_t i = 0; i < lanes; i++)
			part[i] *= weight[i];
	return FC_VARIANT(sum_of) (part, lanes, rows);
}

/* Of the parts of the objective, each of which is also kept by itself, unweighted, where it is asked for */
static inline __attribute__((always_inline, unused)) double
FC_VARIANT(objective_of) (const FcWeighing *g, double *part, int32_t lanes, int32_t rows)
{
	if (g->terms)
		memcpy(g->terms, part, (size_t) rows * sizeof(double));
	return FC_VARIANT(weighted_sum_of) (part, g->row_weight, lanes, rows);
}

/* at[c][i] *= factor[i] */
static inline __attribute__((always_inline, unused)) void
FC_VARIANT(multiply_by) (FC_REAL *at, int32_t stride, int32_t lanes, int32_t k, const FC_REAL *factor)
{
	for (int32_t c = 0; c < k; c++)
		for (int32_t i = 0; i < lanes; i++)
			at[(int64_t) c * stride + i] *= factor[i];
}

/* at[c][i] /= sum[i] */
static inline __attribute__((always_inline, unused)) void
FC_VARIANT(divide_by) (FC_REAL *at, int32_t stride, int32_t lanes, int32_t k, const FC_REAL *sum)
{
	for (int32_t c = 0; c < k; c++)
		for (int32_t i = 0; i < lanes; i++)
			at[(int64_t) c * stride + i] /= sum[i];
}
