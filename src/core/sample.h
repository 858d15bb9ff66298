/*
 * sample.h - a sample of the rows
 */
#ifndef FC_SAMPLE_H
#define FC_SAMPLE_H

#include "core/fc.h"

extern int64_t fc_sample_size(const FcRows *rows, int32_t k);
extern void fc_sample_place(FcArena *a, FcSample *s, const FcRows *rows, int64_t n);
extern void fc_sample_layout(FcArena *a, FcSample *s, const FcRows *rows, int32_t k);
extern void fc_sample_fill(FcSample *s, const FcRows *rows, uint64_t seed, const FcHooks *hooks);
extern int32_t fc_sample_few(const FcSample *s);
extern double fc_sample_one_of_few(const FcSample *s, FcPrecision precision, int32_t j, int32_t i);

/* One of n rows: of the i-th of equal stretches, as equal distances would see one phase of periodic rows */
static inline int64_t
fc_one_of_stretch(int64_t i, int64_t stretches, int64_t n, FcRng *rng)
{
	int64_t		first = i * n / stretches;
	int64_t		next = (i + 1) * n / stretches;

	return first + fc_rng_below(rng, next - first);
}

/* How often row i counts */
static inline double
fc_sample_weight(const FcSample *s, int64_t i)
{
	return s->weight ? s->weight[i] : 1;
}

extern void fc_sample_describe(FcSample *s, int32_t d, FcPrecision precision, const FcHooks *hooks);

#endif
