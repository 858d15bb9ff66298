/*
 * turn_loops.h - squares of rows and features, turned in registers: for hot loops, once for each
 * precision and instruction set.  Who includes it ends with undefining its macros.
 */

#define VECTOR	FC_VARIANT(Vector)
#define WIDE	FC_VARIANT(Wide)
#define WIDTH	((int) (FC_VECTOR_BYTES / sizeof(FC_REAL)))

typedef FC_REAL VECTOR __attribute__((vector_size(FC_VECTOR_BYTES), aligned(sizeof(FC_REAL)), may_alias));
typedef FC_LANE FC_VARIANT(Mask) __attribute__((vector_size(FC_VECTOR_BYTES)));
typedef double WIDE __attribute__((vector_size(FC_VECTOR_BYTES)));
typedef long long FC_VARIANT(WideMask) __attribute__((vector_size(FC_VECTOR_BYTES)));

#ifdef __clang__
#define SHUFFLE(mask, a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(mask, a, b, ...) __builtin_shuffle(a, b, (FC_VARIANT(mask)) {__VA_ARGS__})
#endif

/*
 * Of a and b by turns: the lower numbers of each 16 bytes, or the upper ones; first numbers of
 * the type, then of 8 bytes; and of each register, the 16 bytes at even places, or at odd ones
 */
static inline __attribute__((always_inline)) VECTOR
FC_VARIANT(numbers) (VECTOR a, VECTOR b, const int upper)
{
#if FC_REAL_BYTES == 8
	(void) b;
	(void) upper;
	return a;
#elif FC_VECTOR_BYTES == 64
	return upper ? SHUFFLE(Mask, a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31) :
		SHUFFLE(Mask, a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
#elif FC_VECTOR_BYTES == 32
	return upper ? SHUFFLE(Mask, a, b, 2, 10, 3, 11, 6, 14, 7, 15) : SHUFFLE(Mask, a, b, 0, 8, 1, 9, 4, 12, 5, 13);
#else
	return upper ? SHUFFLE(Mask, a, b, 2, 6, 3, 7) : SHUFFLE(Mask, a, b, 0, 4, 1, 5);
#endif
}

static inline __attribute__((always_inline)) VECTOR
FC_VARIANT(eights) (VECTOR x, VECTOR y, const int upper)
{
	WIDE		a = (WIDE) x;
	WIDE		b = (WIDE) y;

#if FC_VECTOR_BYTES == 64
	return (VECTOR) (upper ? SHUFFLE(WideMask, a, b, 1, 9, 3, 11, 5, 13, 7, 15) :
					 SHUFFLE(WideMask, a, b, 0, 8, 2, 10, 4, 12, 6, 14));
#elif FC_VECTOR_BYTES == 32
	return (VECTOR) (upper ? SHUFFLE(WideMask, a, b, 1, 5, 3, 7) : SHUFFLE(WideMask, a, b, 0, 4, 2, 6));
#else
	return (VECTOR) (upper ? SHUFFLE(WideMask, a, b, 1, 3) : SHUFFLE(WideMask, a, b, 0, 2));
#endif
}

static inline __attribute__((always_inline)) VECTOR
FC_VARIANT(sixteens) (VECTOR x, VECTOR y, const int odd)
{
#if FC_VECTOR_BYTES == 64
	WIDE		a = (WIDE) x;
	WIDE		b = (WIDE) y;

	return (VECTOR) (odd ? SHUFFLE(WideMask, a, b, 2, 3, 6, 7, 10, 11, 14, 15) :
					 SHUFFLE(WideMask, a, b, 0, 1, 4, 5, 8, 9, 12, 13));
#elif FC_VECTOR_BYTES == 32
	WIDE		a = (WIDE) x;
	WIDE		b = (WIDE) y;

	return (VECTOR) (odd ? SHUFFLE(WideMask, a, b, 2, 3, 6, 7) : SHUFFLE(WideMask, a, b, 0, 1, 4, 5));
#else
	(void) y;
	(void) odd;
	return x;
#endif
}

#define IN_SIXTEEN	((int) (16 / sizeof(FC_REAL)))
#define SIXTEENS	(FC_VECTOR_BYTES / 16)	/* of a register */

/* Those at even places of a[i] and a[i + apart] into the former, the others into the latter */
static inline __attribute__((always_inline)) void
FC_VARIANT(exchange) (VECTOR *a, const int apart)
{
#pragma GCC unroll 8
	for (int i = 0; i < WIDTH / 2; i++)
	{
		VECTOR	   *to = a + i / apart * 2 * apart + i % apart;
		VECTOR		x = to[0];
		VECTOR		y = to[apart];

		to[0] = FC_VARIANT(sixteens) (x, y, 0);
		to[apart] = FC_VARIANT(sixteens) (x, y, 1);
	}
}

/* The transpose of a square */
static inline __attribute__((always_inline)) void
FC_VARIANT(turn) (VECTOR *a)
{
	VECTOR		b[WIDTH];

#pragma GCC unroll 16
	for (int i = 0; IN_SIXTEEN == 4 && i < WIDTH; i += 4)
	{
		b[i] = FC_VARIANT(numbers) (a[i], a[i + 1], 0);
		b[i + 1] = FC_VARIANT(numbers) (a[i + 2], a[i + 3], 0);
		b[i + 2] = FC_VARIANT(numbers) (a[i], a[i + 1], 1);
		b[i + 3] = FC_VARIANT(numbers) (a[i + 2], a[i + 3], 1);
	}
#pragma GCC unroll 16
	for (int i = 0; i < WIDTH; i += 2)
	{
		const VECTOR *from = IN_SIXTEEN == 4 ? b : a;
		VECTOR		x = from[i];
		VECTOR		y = from[i + 1];

		a[i] = FC_VARIANT(eights) (x, y, 0);
		a[i + 1] = FC_VARIANT(eights) (x, y, 1);
	}
	/* now place q IN_SIXTEEN + r has, at its 16 bytes u, row u IN_SIXTEEN + r */
	if (SIXTEENS == 4)
		FC_VARIANT(exchange) (a, IN_SIXTEEN);
	if (SIXTEENS >= 2)
		FC_VARIANT(exchange) (a, WIDTH / 2);
}

/* Up to WIDTH features of WIDTH rows, turned: a[i] are those of row i */
static inline __attribute__((always_inline)) void
FC_VARIANT(load_turned) (const FC_REAL *x, int64_t xstride, int32_t count, VECTOR *a)
{
	if (count >= WIDTH)
#pragma GCC unroll 16
		for (int j = 0; j < WIDTH; j++)
			a[j] = *(const VECTOR *) (x + j * xstride);
	else
#pragma GCC unroll 16
		for (int j = 0; j < WIDTH; j++)
			a[j] = j < count ? *(const VECTOR *) (x + j * xstride) : (VECTOR) {0};
	FC_VARIANT(turn) (a);
}
