/*
 * survey_loops.h - hot loops of survey_state.c, once for each instruction set: see variants.h
 */

/*
 * The part of x that is a multiple of half[]'s unit is added to *sum; returns the rest.
 * Adding and subtracting 1.5 * 2^(e + 7) rounds |x| <= 2^e to a multiple of 2^(e - 45).
 */
static inline __attribute__((always_inline)) double
FC_VARIANT(take_level) (double x, double unit, double *sum)
{
	double		part = x + unit;

	part -= unit;
	*sum += part;
	return x - part;
}

/* x^2 - p, where p is x^2 rounded: exact (Dekker, 1971) */
static inline __attribute__((always_inline)) double
FC_VARIANT(square_error) (double x, double p)
{
	double		scaled = 134217729.0 * x;	/* 2^27 + 1 */
	double		high = scaled - (scaled - x);
	double		low = x - high;

	if (FC_ISA_INDEX != FC_ISA_BASE)
		return __builtin_fma(x, x, -p);
	return low * low - ((p - high * high) - 2 * high * low);
}

/* Lowest and highest of each of TILE features, (TILE) each; there is a row */
static void
FC_VARIANT(range) (const double *x, int32_t stride, int32_t rows, double *low, double *high)
{
	double		least[TILE];
	double		most[TILE];

	memcpy(least, x, sizeof(least));
	memcpy(most, x, sizeof(most));
	for (int32_t i = 1; i < rows; i++)
		for (int32_t j = 0; j < TILE; j++)
		{
			double		value = x[(int64_t) i * stride + j];

			least[j] = value < least[j] ? value : least[j];
			most[j] = value > most[j] ? value : most[j];
		}
	memcpy(low, least, sizeof(least));
	memcpy(high, most, sizeof(most));
}

/*
 * Sums of TILE features and of their squares, level by level: each is exact.
 * rest[] is not 0 where something remains that belongs to no level.
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(gather) (const double *x, int32_t stride, int32_t rows, const FcLevels *levels, FcLevels *sums, double *rest,
					const bool single)
{
	FcLevels	s = {0};
	double		remains[TILE] = {0};

	for (int32_t i = 0; i < rows; i++)
		for (int32_t j = 0; j < TILE; j++)
		{
			double		value = x[(int64_t) i * stride + j];
			double		p = value * value;
			double		error = single ? 0 : FC_VARIANT(square_error) (value, p);

			for (int l = 0; l < SUM_LEVELS; l++)
				value = FC_VARIANT(take_level) (value, levels->sum[l][j], &s.sum[l][j]);
			for (int l = 0; l < (single ? SINGLE_LEVELS : SQUARE_LEVELS); l++)
			{
				p = FC_VARIANT(take_level) (p, levels->square[l][j], &s.square[l][j]);
				if (!single && l > 0)
					error = FC_VARIANT(take_level) (error, levels->square[l][j], &s.square[l][j]);
			}
			remains[j] += fabs(value) + fabs(p) + fabs(error);
		}
	*sums = s;
	memcpy(rest, remains, sizeof(remains));
}

/* Rows that were float32, whose squares are exact, or float64 */
static void
FC_VARIANT(gather_rows) (const double *x, int32_t stride, int32_t rows, bool single, const FcLevels *levels,
						 FcLevels *sums, double *rest)
{
	if (single)
		FC_VARIANT(gather) (x, stride, rows, levels, sums, rest, true);
	else
		FC_VARIANT(gather) (x, stride, rows, levels, sums, rest, false);
}
