/*
 * digits.h - exact sums of any doubles and of their squares
 */
#ifndef FC_DIGITS_H
#define FC_DIGITS_H

#include "core/fc.h"

#define FC_SUM_DIGITS		68	/* of 2^63 doubles ... */
#define FC_SQUARE_DIGITS	134 /* ... and of their squares */
#define FC_SUM_POINT		1074	/* bits below 1 */
#define FC_SQUARE_POINT		2148	/* likewise, and of sums with weights, which have FC_SQUARE_DIGITS too */
#define FC_MOST_ADDED		(1 << 29)	/* numbers between two calls of fc_digits_carry() */

extern void fc_digits_add(uint64_t *digits, double x, int32_t point);
extern void fc_digits_add_square(uint64_t *digits, double x);
extern void fc_digits_add_weighted(uint64_t *digits, double weight, double x);
extern void fc_digits_add_weighted_square(uint64_t *digits, double weight, double x);
extern void fc_digits_add_weighted_product(uint64_t *digits, double weight, double x, double y);
extern void fc_digits_carry(uint64_t *digits, int32_t n);

extern size_t fc_digits_pack(const uint64_t *digits, int32_t n, uint64_t *words);
extern size_t fc_digits_packed(const uint64_t *words, size_t length, int32_t n);
extern void fc_digits_unpack(uint64_t *digits, const uint64_t *words);

extern double fc_digits_sum(const uint64_t *words);
extern double fc_digits_spread(const uint64_t *sum, const uint64_t *squares, int64_t n);
extern double fc_digits_weight(const uint64_t *weight);
extern double fc_digits_weighted_mean(const uint64_t *weight, const uint64_t *sum);
extern double fc_digits_weighted_spread(const uint64_t *weight, const uint64_t *sum, const uint64_t *squares);
extern double fc_digits_weighted_covariance(const uint64_t *weight, const uint64_t *sum_x, const uint64_t *sum_y,
											const uint64_t *products, int32_t exponent);

#endif
