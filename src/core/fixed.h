/*
 * fixed.h - sums of doubles that do not depend on the order: see fixed.c
 */
#ifndef FC_FIXED_H
#define FC_FIXED_H

#include "core/fc.h"

#define FC_FIXED_WORDS	4

/* A whole number of units, in two's complement, the lowest bits first */
typedef struct FcFixed
{
	uint64_t	word[FC_FIXED_WORDS];
} FcFixed;

/* The unit for numbers of about the size of "scale", and for their squares; of 1 if it is 0 */
extern int32_t fc_fixed_unit(double scale);
extern int32_t fc_fixed_square_unit(double scale);

/* sum += x, rounded to whole units of 2^unit */
extern void fc_fixed_add(FcFixed *sum, double x, int32_t unit);
extern void fc_fixed_merge(FcFixed *to, const FcFixed *from);
extern bool fc_fixed_is_infinite(const FcFixed *sum);
extern void fc_fixed_set_infinite(FcFixed *sum);
extern double fc_fixed_get(const FcFixed *sum, int32_t unit);

#endif
