/*
 * peak.h - what one core of this machine can do at most, measured
 */
#ifndef PEAK_H
#define PEAK_H

#include "core/variants.h"

typedef enum Mix
{
	MIX_FMA,					/* sums of products: accumulate */
	MIX_SUB_FMA,				/* sums of squared differences: distance */
	MIX_SUB_2FMA,				/* both: an iteration, but for the weights */
	MIXES
} Mix;

extern double now(void);
extern double peak_rate(int isa, FcPrecision precision, Mix mix);
extern double read_rate(int isa, const void *buffer, size_t size);

#endif
