/*
 * rng.c - SplitMix64 (Steele, Lea and Flood, 2014)
 *
 * A counter with a fixed odd step, hashed: one addition and two multiplications
 * a number, every seed gives a full period of 2^64, and a seed means the same
 * on every platform for ever.  Not for secrets.
 */
#include "core/fc.h"

#include <math.h>

#define TURN	6.283185307179586	/* 2 pi */
#define STEP	UINT64_C(0x9E3779B97F4A7C15)

static uint64_t
mix(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/*
 * Streams of one seed are unrelated: restart r of a training uses stream r.
 * Stream 0 is the published sequence of the seed.
 */
void
fc_rng_start(FcRng *r, uint64_t seed, uint64_t stream)
{
	r->state = mix(seed + STEP) + mix(stream);
}

uint64_t
fc_rng_next(FcRng *r)
{
	return mix(r->state += STEP);
}

/* As if so many numbers had been drawn */
void
fc_rng_skip(FcRng *r, uint64_t count)
{
	r->state += STEP * count;
}

/* Uniform in [0, 1) */
double
fc_rng_uniform(FcRng *r)
{
	return (double) (fc_rng_next(r) >> 11) * 0x1.0p-53;
}

/* Standard normal (Box and Muller, 1958), of two numbers */
double
fc_rng_normal(FcRng *r)
{
	double		length = sqrt(-2 * log(1 - fc_rng_uniform(r)));

	return length * cos(TURN * fc_rng_uniform(r));
}

/* Uniform in 0 .. n - 1; the bias is below n / 2^53 */
int64_t
fc_rng_below(FcRng *r, int64_t n)
{
	int64_t		value = (int64_t) (fc_rng_uniform(r) * (double) n);

	return value < n ? value : n - 1;
}
