/*
 * bits.h - words of bytes, and doubles as whole numbers
 */
#ifndef FC_BITS_H
#define FC_BITS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FC_LEAST_BIT	(-1074)	/* every double is a whole number of 2^-1074 */

/* Between the order of bytes of a value, the lowest first, and that of the machine */
static inline void
fc_turn_words(uint64_t *words, size_t count)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	for (size_t i = 0; i < count; i++)
		words[i] = __builtin_bswap64(words[i]);
#else
	(void) words;
	(void) count;
#endif
}

/* |x| = m * 2^(at + FC_LEAST_BIT), at >= 0, for a finite x; returns m, of 53 bits */
static inline uint64_t
fc_take_apart(double x, int32_t *at)
{
	const uint64_t hidden = UINT64_C(1) << 52;
	uint64_t	bits;
	int32_t		exponent;

	memcpy(&bits, &x, sizeof(bits));
	exponent = (int32_t) (bits >> 52 & 0x7FF);
	*at = exponent ? exponent - 1 : 0;
	return (bits & (hidden - 1)) | (exponent ? hidden : 0);
}

#endif
