/*
 * moments_loops.h - hot loops of moments.c, once for each precision and instruction set: see variants.h
 */
#define WIDTH	((int) (FC_VECTOR_BYTES / sizeof(double)))
#define CHAINS	4				/* of sums, side by side */

typedef double FC_VARIANT(Sums) __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(double)), may_alias));
typedef FC_REAL FC_VARIANT(Features) __attribute__((vector_size(FC_VECTOR_BYTES / sizeof(double) * sizeof(FC_REAL)), aligned(sizeof(FC_REAL)), may_alias));

/* Sums of w (x - shift) and w (x - shift)^2 of one feature of "rows" rows; weight: NULL, a constant where inlined, for 1 */
static inline __attribute__((always_inline)) void
FC_VARIANT(add_squares) (const FC_REAL *x, const double *weight, int32_t rows, double shift, double *sum, double *squares)
{
	FC_VARIANT(Sums) s[CHAINS] = {{0}};
	FC_VARIANT(Sums) q[CHAINS] = {{0}};
	double		rest[2] = {0};
	int32_t		i = 0;

	for (; i + CHAINS * WIDTH <= rows; i += CHAINS * WIDTH)
#pragma GCC unroll 4
		for (int chain = 0; chain < CHAINS; chain++)
		{
			int32_t		at = i + chain * WIDTH;
			FC_VARIANT(Sums) y = __builtin_convertvector(*(const FC_VARIANT(Features) *) (x + at), FC_VARIANT(Sums)) - shift;
			FC_VARIANT(Sums) wy = y;

			if (weight)
				wy *= *(const FC_VARIANT(Sums) *) (weight + at);
			s[chain] += wy;
			q[chain] += wy * y;
		}
	for (int half = CHAINS / 2; half > 0; half /= 2)
		for (int chain = 0; chain < half; chain++)
		{
			s[chain] += s[chain + half];
			q[chain] += q[chain + half];
		}
	for (; i < rows; i++)
	{
		double		y = x[i] - shift;
		double		wy = weight ? weight[i] * y : y;

		rest[0] += wy;
		rest[1] += wy * y;
	}
	for (int l = 0; l < WIDTH; l++)
	{
		rest[0] += s[0][l];
		rest[1] += q[0][l];
	}
	*sum = rest[0];
	*squares = rest[1];
}

static void
FC_VARIANT(squares_of) (const void *x, const double *weight, int32_t rows, double shift, double *sum, double *squares)
{
	if (weight)
		FC_VARIANT(add_squares) (x, weight, rows, shift, sum, squares);
	else
		FC_VARIANT(add_squares) (x, NULL, rows, shift, sum, squares);
}

#undef WIDTH
#undef CHAINS
