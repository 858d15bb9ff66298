/*
 * transpose.c - rows as they arrive into the columns of a block
 *
 * In squares of 4 x 4 (float32) or 2 x 2 (float64) that are transposed in
 * registers of 16 bytes, which every processor has that matters.
 */
#include "core/transpose.h"

typedef float Floats __attribute__((vector_size(16), aligned(4), may_alias));
typedef double Doubles __attribute__((vector_size(16), aligned(8), may_alias));

#ifdef __clang__
#define MIX4(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#define MIX2(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
typedef int32_t Mask4 __attribute__((vector_size(16)));
typedef int64_t Mask2 __attribute__((vector_size(16)));
#define MIX4(a, b, ...) __builtin_shuffle(a, b, (Mask4) {__VA_ARGS__})
#define MIX2(a, b, ...) __builtin_shuffle(a, b, (Mask2) {__VA_ARGS__})
#endif

/* Four features of four rows, d apart */
static inline void
square_f32(const float *x, int32_t d, float *to, int64_t stride)
{
	Floats		a = *(const Floats *) x;
	Floats		b = *(const Floats *) (x + d);
	Floats		c = *(const Floats *) (x + 2 * (int64_t) d);
	Floats		e = *(const Floats *) (x + 3 * (int64_t) d);
	Floats		ab_low = MIX4(a, b, 0, 4, 1, 5);
	Floats		ab_high = MIX4(a, b, 2, 6, 3, 7);
	Floats		ce_low = MIX4(c, e, 0, 4, 1, 5);
	Floats		ce_high = MIX4(c, e, 2, 6, 3, 7);

	*(Floats *) to = MIX4(ab_low, ce_low, 0, 1, 4, 5);
	*(Floats *) (to + stride) = MIX4(ab_low, ce_low, 2, 3, 6, 7);
	*(Floats *) (to + 2 * stride) = MIX4(ab_high, ce_high, 0, 1, 4, 5);
	*(Floats *) (to + 3 * stride) = MIX4(ab_high, ce_high, 2, 3, 6, 7);
}

static void
transpose_f32(const float *x, int32_t d, float *to, int64_t stride)
{
	int32_t		j = 0;

	for (; j + 4 <= d; j += 4)
		for (int i = 0; i < FC_LANES; i += 4)
			square_f32(x + (int64_t) i * d + j, d, to + j * stride + i, stride);
	for (; j < d; j++)
		for (int i = 0; i < FC_LANES; i++)
			to[j * stride + i] = x[(int64_t) i * d + j];
}

static void
transpose_f64(const double *x, int32_t d, double *to, int64_t stride)
{
	int32_t		j = 0;

	for (; j + 2 <= d; j += 2)
		for (int i = 0; i < FC_LANES; i += 2)
		{
			Doubles		a = *(const Doubles *) (x + (int64_t) i * d + j);
			Doubles		b = *(const Doubles *) (x + (int64_t) (i + 1) * d + j);

			*(Doubles *) (to + j * stride + i) = MIX2(a, b, 0, 2);
			*(Doubles *) (to + (j + 1) * stride + i) = MIX2(a, b, 1, 3);
		}
	for (; j < d; j++)
		for (int i = 0; i < FC_LANES; i++)
			to[j * stride + i] = x[(int64_t) i * d + j];
}

void
fc_transpose(const void *rows, int32_t d, FcPrecision precision, void *block, int64_t stride)
{
	if (precision == FC_F32)
		transpose_f32(rows, d, block, stride);
	else
		transpose_f64(rows, d, block, stride);
}
