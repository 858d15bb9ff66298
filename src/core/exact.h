/*
 * exact.h - sums that do not depend on the order of what is added: see exact.c
 */
#ifndef FC_EXACT_H
#define FC_EXACT_H

#include "core/variants.h"

/* A number below 1 is rounded to a multiple of 2^-this */
#define FC_EXACT_F32	45
#define FC_EXACT_F64	51
#define FC_EXACT_BITS(precision)	((precision) == FC_F32 ? FC_EXACT_F32 : FC_EXACT_F64)

/* A sum is a number of 128 bits in two words, the lower first */
#define FC_EXACT_WORDS	2

/* In whole cache lines: where a cluster's sums begin in "part" below */
#define FC_EXACT_STRIDE(d)	FC_ROUND_UP((int64_t) (d), 16)

/* Most rows in a call: sums of a register's lanes stay within them */
#define FC_EXACT_ROWS	FC_TILE

/*
 * Rows are those of a tile of at most FC_EXACT_ROWS, whose lanes are a multiple of FC_LANES.
 *
 * to_grid: out[j * ostride + i] = x[j * xstride + i] scale[j], and 0 in lanes that hold no row; the
 * bits of the largest absolute value of row i are in worst[i], if larger.
 * weights_to_grid: the same with at[c * stride + i] times factor[i], in place.
 * relative: y = (x - v) scale, and wy = w y, on (d, stride) blocks; w, y, wy are below 1.
 * products: sum number c, j += the sum of w[c * wstride + i] x[j * xstride + i], which are below 1; those
 * of cluster c follow each other, or, with "triangle", are those of row c of a lower triangle.
 * weights: sum number c += the sum of w[c * wstride + i].
 * rows: part[nearest[i] * FC_EXACT_STRIDE(d) + j] += factor[i] x[j * xstride + i], in units of FC_EXACT_BITS.
 */
typedef struct FcExactOps
{
	void		(*to_grid) (const void *x, int64_t xstride, int32_t lanes, int32_t rows, int32_t d,
							const void *scale, void *out, int32_t ostride, void *worst);
	void		(*weights_to_grid) (void *at, int32_t stride, int32_t lanes, int32_t rows, int32_t k,
									const void *factor, void *worst);
	void		(*relative) (const void *x, int64_t xstride, int32_t lanes, int32_t d, const void *v,
							 const void *scale, const void *w, void *y, void *wy, int32_t stride);
	void		(*products) (const void *x, int64_t xstride, int32_t lanes, int32_t d,
							 const void *w, int32_t wstride, int32_t k, bool triangle, uint64_t *sum);
	void		(*weights) (const void *w, int32_t wstride, int32_t lanes, int32_t k, uint64_t *sum);
	void		(*rows) (const void *x, int64_t xstride, int32_t rows, int32_t d, const int32_t *nearest,
						 const void *factor, int64_t *part);
} FcExactOps;

extern const FcExactOps *fc_exact_ops(int isa, FcPrecision precision);

/* Is a number with these bits of its absolute value 1, or more, or not a number? */
static inline bool
fc_exact_is_beyond(const void *worst, FcPrecision precision, int32_t i)
{
	return precision == FC_F32 ? ((const int32_t *) worst)[i] >= 0x3f800000 :
		((const int64_t *) worst)[i] >= INT64_C(0x3ff0000000000000);
}

/* Rounded to a multiple of 2^-FC_EXACT_F64, in such units; |value| < 1 */
static inline int64_t
fc_exact_round(double value)
{
	double		shifted = value + 3;	/* between 2 and 4 a number has 51 bits */
	const double three = 3;
	int64_t		bits;
	int64_t		zero;

	memcpy(&bits, &shifted, sizeof(bits));
	memcpy(&zero, &three, sizeof(zero));
	return bits - zero;
}

static inline void
fc_exact_add(uint64_t *sum, int64_t value)
{
	sum[0] += (uint64_t) value;
	sum[1] += (uint64_t) (value >> 63) + (sum[0] < (uint64_t) value);
}

/* to += from; to -= from */
static inline void
fc_exact_add_sum(uint64_t *to, const uint64_t *from)
{
	to[0] += from[0];
	to[1] += from[1] + (to[0] < from[0]);
}

static inline void
fc_exact_subtract_sum(uint64_t *to, const uint64_t *from)
{
	uint64_t	borrow = to[0] < from[0];

	to[0] -= from[0];
	to[1] -= from[1] + borrow;
}

static inline bool
fc_exact_is_negative(const uint64_t *sum)
{
	return sum[1] >> 63;
}

/* ---- numbers beyond the grid ---- */

/* A number of one sum, times 2^(32 place): one digit of a sum that has any number of them */
typedef struct FcDigit
{
	uint64_t	key;			/* number of the sum * FC_PLACES + place + FC_PLACE_0 */
	int64_t		digit;			/* -2^31 to 2^31 - 1, not 0 */
} FcDigit;

#define FC_PLACES		256
#define FC_PLACE_0		128
#define FC_LEAST_PLACE	88		/* 2^-1280 */
#define FC_MOST_PLACE	168		/* 2^1280: of sums, too */
#define FC_MOST_DIGITS	3		/* of one number */

extern int	fc_exact_digits(FcDigit *to, uint64_t sum, double value);
extern size_t fc_exact_settle(FcDigit *digits, size_t count);
extern size_t fc_exact_find(const FcDigit *digits, size_t count, uint64_t sum);
extern double fc_exact_value(const uint64_t *sum, int bits, const FcDigit *digits, size_t count, int32_t exponent);

#endif
