/*
 * fixed.h - sums of doubles that do not depend on the order: see fixed.c
 */
#ifndef FC_FIXED_H
#define FC_FIXED_H

#include "core/fc.h"

#define FC_FIXED_DIGITS	5
#define FC_FIXED_UNIT	32		/* terms are divided by 2^this times their scale */
#define FC_FIXED_PAD	7		/* numbers that may be read, and are 0, behind those that are added */

/* Sums, which are flat memory of (FC_FIXED_DIGITS, number) words */
typedef struct FcFixed
{
	size_t		number;
	uint64_t   *digit;			/* (FC_FIXED_DIGITS, number) two's complement, the lowest first */
	int32_t		added;			/* terms since digits were carried */
} FcFixed;

/* The power of two for numbers of about the size of "scale": of 1 if it is 0 */
extern int32_t fc_fixed_exponent(double scale);

/*
 * To sums number first to first + n - 1, x[i]: terms, divided already.  x has FC_FIXED_PAD
 * numbers more, which are 0; and there are more than FC_FIXED_PAD sums.
 */
extern void fc_fixed_add(FcFixed *f, size_t first, const double *x, int32_t n, int isa);

/* Makes digits those that are the only ones of their sums */
extern void fc_fixed_settle(FcFixed *f);

/* Of as many sums; those of "from" are settled, too */
extern void fc_fixed_merge(FcFixed *to, FcFixed *from);
extern bool fc_fixed_is_infinite(const FcFixed *f, size_t i);

/* A sum of terms with the scale 2^exponent */
extern double fc_fixed_get(const FcFixed *f, size_t i, int32_t exponent);

#endif
