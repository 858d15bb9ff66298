/*
 * peak_loops.h - hot loops of peak.c, once for each precision and instruction set: see variants.h
 */

typedef FC_REAL FC_VARIANT(Vector) __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(FC_REAL)), may_alias));

#define VECTOR	FC_VARIANT(Vector)
#define WIDTH	((int) (FC_VECTOR_BYTES / sizeof(FC_REAL)))

static double
FC_VARIANT(add_up) (const VECTOR *a, int count)
{
	double		total = 0;

	for (int c = 0; c < count; c++)
		for (int l = 0; l < WIDTH; l++)
			total += a[c][l];
	return total;
}

/* "chains" times "steps" of what "mix" says, on registers; the result is of no use */
static inline __attribute__((always_inline)) double
FC_VARIANT(repeat_mix) (int64_t steps, const Mix mix, const int chains)
{
	VECTOR		square[CHAINS] = {{0}};
	VECTOR		product[CHAINS] = {{0}};
	VECTOR		feature = {0};
	VECTOR		center = {0};
	VECTOR		weight = {0};

	feature += (FC_REAL) 0.5;
	center += (FC_REAL) 0.25;
	weight += (FC_REAL) 0.125;
	for (int64_t step = 0; step < steps; step++)
	{
#pragma GCC unroll 16
		for (int c = 0; c < chains; c++)
		{
			TOUCH(feature);		/* so that no two differences are the same one */
			if (mix != MIX_FMA)
			{
				VECTOR		difference = feature - center;

				square[c] += difference * difference;
			}
			if (mix != MIX_SUB_FMA)
				product[c] += weight * feature;
		}
	}
	return FC_VARIANT(add_up) (square, CHAINS) + FC_VARIANT(add_up) (product, CHAINS);
}

static double
FC_VARIANT(compute) (int64_t steps, Mix mix)
{
	switch (mix)
	{
		case MIX_FMA:
			return FC_VARIANT(repeat_mix) (steps / CHAINS, MIX_FMA, CHAINS);
		case MIX_SUB_FMA:
			return FC_VARIANT(repeat_mix) (steps / CHAINS, MIX_SUB_FMA, CHAINS);
		default:
			return FC_VARIANT(repeat_mix) (steps / CHAINS * 2, MIX_SUB_2FMA, CHAINS / 2);
	}
}

/* Reads "size" bytes, a multiple of 1024 */
static double
FC_VARIANT(read) (const void *buffer, size_t size)
{
	const FC_REAL *x = buffer;
	VECTOR		sum[8] = {{0}};

	for (size_t i = 0; i < size / sizeof(FC_REAL); i += 8 * WIDTH)
#pragma GCC unroll 8
		for (int c = 0; c < 8; c++)
			sum[c] += *(const VECTOR *) (x + i + c * WIDTH);
	return FC_VARIANT(add_up) (sum, 8);
}

#undef VECTOR
#undef WIDTH
