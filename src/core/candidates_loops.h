/*
 * candidates_loops.h - hot loops of candidates.c, once for each precision and instruction set: see variants.h
 *
 * Sums have a part for each lane, and one of the rows of a tile only, so that few
 * numbers are added in the precision of the rows.
 */

/* What D^2 falls by, added up over the rows, if there is a center at the distances at (lanes) */
static double
FC_VARIANT(gain) (const void *leastv, const void *atv, const double *weight, int32_t lanes, int32_t rows)
{
	const FC_REAL *least = leastv;
	const FC_REAL *at = atv;
	FC_REAL		part[FC_LANES] = {0};
	double		sum = 0;

	if (weight)
	{
		for (int32_t i = 0; i < rows; i++)
			sum += at[i] < least[i] ? weight[i] * (least[i] - at[i]) : 0;
		return sum;
	}
	for (int32_t i = 0; i < lanes; i += FC_LANES)
		for (int l = 0; l < FC_LANES; l++)
			part[l] += at[i + l] < least[i + l] ? least[i + l] - at[i + l] : 0;
	for (int l = 0; l < FC_LANES; l++)
		sum += part[l];
	return sum;
}

/* D^2 with a center at the distances at (lanes); the weighted sum of it */
static double
FC_VARIANT(cover) (void *leastv, const void *atv, const double *weight, int32_t lanes, int32_t rows)
{
	FC_REAL    *least = leastv;
	const FC_REAL *at = atv;
	FC_REAL		part[FC_LANES] = {0};
	double		sum = 0;

	for (int32_t i = 0; i < lanes; i += FC_LANES)
		for (int l = 0; l < FC_LANES; l++)
		{
			least[i + l] = at[i + l] < least[i + l] ? at[i + l] : least[i + l];
			part[l] += least[i + l];
		}
	if (weight)
	{
		for (int32_t i = 0; i < rows; i++)
			sum += weight[i] * least[i];
		return sum;
	}
	for (int l = 0; l < FC_LANES; l++)
		sum += part[l];
	return sum;
}
