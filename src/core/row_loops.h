/*
 * row_loops.h - hot loops of row.c, once for each instruction set: see variants.h
 */
typedef FC_REAL FC_VARIANT(Vector) __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(FC_REAL)), may_alias));

typedef int64_t FC_VARIANT(Mask) __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(int64_t)), may_alias));

#define VECTOR	FC_VARIANT(Vector)
#define MASK	FC_VARIANT(Mask)
#define WIDTH	((int) (FC_VECTOR_BYTES / sizeof(FC_REAL)))
#define MOST	8				/* registers of sums */

/* Squared distances to the centers of "count" registers, a constant where inlined, as "gaps" is; v is (d, stride) */
static inline __attribute__((always_inline)) void
FC_VARIANT(distance_to) (const FC_REAL *x, int32_t d, const FC_REAL *v, int32_t stride, FC_REAL *out, const int count,
						 const bool gaps)
{
	VECTOR		sum[MOST];

#pragma GCC unroll 8
	for (int r = 0; r < count; r++)
		sum[r] = (VECTOR) {0};
	for (int32_t j = 0; j < d; j++)
	{
		const VECTOR *center = (const VECTOR *) (v + (int64_t) j * stride);

		if (gaps && x[j] != x[j])
			continue;
#pragma GCC unroll 8
		for (int r = 0; r < count; r++)
		{
			VECTOR		difference = center[r] - x[j];

			sum[r] += difference * difference;
		}
	}
#pragma GCC unroll 8
	for (int r = 0; r < count; r++)
		((VECTOR *) out)[r] = sum[r];
}

/* Of one panel */
static inline __attribute__((always_inline)) void
FC_VARIANT(distance_to_panel) (const FC_REAL *x, int32_t d, const FC_REAL *v, int32_t width, FC_REAL *out, const bool gaps)
{
	for (int32_t c = 0; c < width; c += MOST * WIDTH)
		switch ((width - c) / WIDTH)
		{
#if FC_VECTOR_BYTES == 64
			case 2:
				FC_VARIANT(distance_to) (x, d, v + c, width, out + c, 2, gaps);
				break;
			case 6:
				FC_VARIANT(distance_to) (x, d, v + c, width, out + c, 6, gaps);
				break;
#endif
#if FC_VECTOR_BYTES >= 32
			case 4:
				FC_VARIANT(distance_to) (x, d, v + c, width, out + c, 4, gaps);
				break;
#endif
			default:
				FC_VARIANT(distance_to) (x, d, v + c, width, out + c, MOST, gaps);
		}
}

static inline __attribute__((always_inline)) void
FC_VARIANT(distances) (const double *x, int32_t d, const double *v, int32_t lanes, double *out, const bool gaps)
{
	for (int32_t c = 0; c < lanes; c += FC_ROW_PANEL)
	{
		int32_t		width = lanes - c < FC_ROW_PANEL ? lanes - c : FC_ROW_PANEL;

		FC_VARIANT(distance_to_panel) (x, d, v + (int64_t) c * d, width, out + c, gaps);
	}
}

static void
FC_VARIANT(distance) (const double *x, int32_t d, const double *v, int32_t lanes, double *out)
{
	FC_VARIANT(distances) (x, d, v, lanes, out, false);
}

static void
FC_VARIANT(partial) (const double *x, int32_t d, const double *v, int32_t lanes, double *out)
{
	FC_VARIANT(distances) (x, d, v, lanes, out, true);
}

/* Lanes of a where they are less, else those of b */
static inline __attribute__((always_inline)) MASK
FC_VARIANT(select) (MASK less, MASK a, MASK b)
{
	return (a & less) | (b & ~less);
}

/* The least of the k numbers */
static inline __attribute__((always_inline)) double
FC_VARIANT(least) (const double *distance, int32_t k)
{
	VECTOR		least = *(const VECTOR *) distance;
	double		part[WIDTH];

	for (int32_t i = WIDTH; i < k; i += WIDTH)
	{
		VECTOR		next = *(const VECTOR *) (distance + i);

		least = (VECTOR) FC_VARIANT(select) (next < least, (MASK) next, (MASK) least);
	}
	memcpy(part, &least, sizeof(part));
	for (int step = WIDTH / 2; step > 0; step /= 2)
		for (int l = 0; l < step; l++)
			part[l] = part[l + step] < part[l] ? part[l + step] : part[l];
	return part[0];
}

/* Without a branch on distances: which is the least cannot be predicted */
static int32_t
FC_VARIANT(nearest) (const double *distance, int32_t k)
{
	VECTOR		least = FC_VARIANT(least) (distance, k) - (VECTOR) {0};
	MASK		place;
	MASK		first;
	int64_t		part[WIDTH];

	for (int l = 0; l < WIDTH; l++)
		place[l] = l;
	first = (MASK) {0} + (k - 1);
	for (int32_t i = 0; i < k; i += WIDTH)
	{
		MASK		here = *(const VECTOR *) (distance + i) <= least;

		here &= place < first;
		first = FC_VARIANT(select) (here, place, first);
		place += WIDTH;
	}
	memcpy(part, &first, sizeof(part));
	for (int step = WIDTH / 2; step > 0; step /= 2)
		for (int l = 0; l < step; l++)
			part[l] = part[l + step] < part[l] ? part[l + step] : part[l];
	return (int32_t) part[0];
}

#undef VECTOR
#undef MASK
#undef WIDTH
#undef MOST
