/*
 * survey_loops.h - hot loops of survey_state.c, once for each instruction set: see variants.h
 */

#define VECTOR	FC_VARIANT(Numbers)
#define BITS	FC_VARIANT(Bits)
#define WIDTH	((int) (FC_VECTOR_BYTES / sizeof(double)))

typedef double VECTOR __attribute__((vector_size(FC_VECTOR_BYTES), aligned(8), may_alias));
typedef long long BITS __attribute__((vector_size(FC_VECTOR_BYTES)));

/* a where the condition holds, else b */
static inline __attribute__((always_inline)) VECTOR
FC_VARIANT(choose) (BITS condition, VECTOR a, VECTOR b)
{
	return (VECTOR) ((condition & (BITS) a) | (~condition & (BITS) b));
}

/*
 * The part of x that is a multiple of the level's unit is added to *sum; returns the rest.
 * Adding and subtracting 1.5 * 2^(e + 7) rounds |x| <= 2^e to a multiple of 2^(e - 45).
 */
static inline __attribute__((always_inline)) VECTOR
FC_VARIANT(take_level) (VECTOR x, VECTOR level, VECTOR *sum)
{
	VECTOR		part = (x + level) - level;

	*sum += part;
	return x - part;
}

/* x^2 - p, where p is x^2 rounded: exact (Dekker, 1971) */
static inline __attribute__((always_inline)) VECTOR
FC_VARIANT(square_error) (VECTOR x, VECTOR p)
{
	VECTOR		scaled = 134217729.0 * x;	/* 2^27 + 1 */
	VECTOR		high = scaled - (scaled - x);
	VECTOR		low = x - high;

	if (FC_ISA_INDEX == FC_ISA_BASE)
		return low * low - ((p - high * high) - 2 * high * low);
	for (int i = 0; i < WIDTH; i++)
		p[i] = __builtin_fma(x[i], x[i], -p[i]);
	return p;
}

/*
 * Ranges of WIDTH features, and sums of theirs and of their squares, level by level:
 * each is exact.  There are so many levels of the sum and of squares rounded,
 * and of what the rounding left, the first of which is the second level.  rest is 0
 * where nothing remains that belongs to no level.  "to" may be used before it is
 * known to be exact.
 */
static inline __attribute__((always_inline)) void
FC_VARIANT(gather) (const double *x, int32_t stride, int32_t rows, const FcLevels *levels, FcGathered *to, const int first,
					const int sums, const int squares, const int errors)
{
	VECTOR		low = *(const VECTOR *) (x + first);
	VECTOR		high = low;
	VECTOR		sum[SUM_LEVELS] = {{0}};
	VECTOR		square[SQUARE_LEVELS] = {{0}};
	BITS		rest = {0};

	for (int32_t i = 0; i < rows; i++)
	{
		VECTOR		value = *(const VECTOR *) (x + (int64_t) i * stride + first);
		VECTOR		p = value * value;
		VECTOR		error = errors > 0 ? FC_VARIANT(square_error) (value, p) : (VECTOR) {0};

		low = FC_VARIANT(choose) (value < low, value, low);
		high = FC_VARIANT(choose) (value > high, value, high);
#pragma GCC unroll 4
		for (int l = 0; l < sums; l++)
			value = FC_VARIANT(take_level) (value, *(const VECTOR *) &levels->sum[l][first], &sum[l]);
#pragma GCC unroll 4
		for (int l = 0; l < squares; l++)
			p = FC_VARIANT(take_level) (p, *(const VECTOR *) &levels->square[l][first], &square[l]);
#pragma GCC unroll 4
		for (int l = 1; l <= errors; l++)
			error = FC_VARIANT(take_level) (error, *(const VECTOR *) &levels->square[l][first], &square[l]);
		rest |= (BITS) value | (BITS) p | (BITS) error;
	}
	*(VECTOR *) &to->low[first] = low;
	*(VECTOR *) &to->high[first] = high;
	*(VECTOR *) &to->rest[first] = (VECTOR) rest;
	for (int l = 0; l < SUM_LEVELS; l++)
		*(VECTOR *) &to->sums.sum[l][first] = sum[l];
	for (int l = 0; l < SQUARE_LEVELS; l++)
		*(VECTOR *) &to->sums.square[l][first] = square[l];
}

/* TILE features of float32 rows, whose squares are exact; for numbers that differ by a factor of up to 2^20 */
static void
FC_VARIANT(gather_single) (const double *x, int32_t stride, int32_t rows, const FcLevels *levels, FcGathered *to)
{
	for (int first = 0; first < TILE; first += WIDTH)
		FC_VARIANT(gather) (x, stride, rows, levels, to, first, 1, 2, 0);
}

/* The same of float64 rows */
static void
FC_VARIANT(gather_double) (const double *x, int32_t stride, int32_t rows, const FcLevels *levels, FcGathered *to)
{
	for (int first = 0; first < TILE; first += WIDTH)
		FC_VARIANT(gather) (x, stride, rows, levels, to, first, 2, 2, 2);
}

/* The same of either, for numbers that differ by more */
static void
FC_VARIANT(gather_all) (const double *x, int32_t stride, int32_t rows, const FcLevels *levels, FcGathered *to)
{
	for (int first = 0; first < TILE; first += WIDTH)
		FC_VARIANT(gather) (x, stride, rows, levels, to, first, SUM_LEVELS, SQUARE_LEVELS, SQUARE_LEVELS - 1);
}

#undef VECTOR
#undef BITS
#undef WIDTH
