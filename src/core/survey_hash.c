/*
 * survey_hash.c - hashes of the rows of a survey
 *
 * The hash of a row is that of its features as doubles, so that a number has the
 * same in either precision; zero has one sign.  Two features at a time are folded
 * into it by a product of 128 bits (as by Wang's wyhash), in two lanes.
 */
#include "core/survey_parts.h"

#define FACTOR		UINT64_C(0x9E3779B97F4A7C15)
#define HALF		UINT64_C(0xFFFFFFFF)

/* Both halves of a product, together */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	unsigned __int128 product = (unsigned __int128) a * b;

	return (uint64_t) product ^ (uint64_t) (product >> 64);
#else
	uint64_t	low = (a & HALF) * (b & HALF);
	uint64_t	first = (a >> 32) * (b & HALF);
	uint64_t	second = (a & HALF) * (b >> 32);
	uint64_t	middle = (low >> 32) + (first & HALF) + (second & HALF);

	return ((low & HALF) | middle << 32) ^ ((a >> 32) * (b >> 32) + (first >> 32) + (second >> 32) + (middle >> 32));
#endif
}

/* Every bit of the result depends on every one of z: as in rng.c */
static uint64_t
finish(uint64_t z)
{
	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

static inline __attribute__((always_inline)) uint64_t
hash_features(const FcBits *features, int32_t d, uint64_t seed, const FcPrecision precision)
{
	uint64_t	key = finish(seed + FACTOR);
	uint64_t	other = key ^ FACTOR;
	uint64_t	a = key + (uint64_t) d;
	uint64_t	b = key - (uint64_t) d;
	int32_t		j;

	for (j = 0; j + 4 <= d; j += 4)
	{
		a = fold(fc_survey_feature(features, j, precision) ^ key, fc_survey_feature(features, j + 1, precision) ^ a);
		b = fold(fc_survey_feature(features, j + 2, precision) ^ other, fc_survey_feature(features, j + 3, precision) ^ b);
	}
	for (; j < d; j++)
		a = fold(fc_survey_feature(features, j, precision) ^ key, a ^ FACTOR);
	return finish(fold(a ^ key, b ^ other));
}

uint64_t
fc_survey_hash(const FcBits *features, int32_t d, uint64_t seed, FcPrecision precision)
{
	return precision == FC_F32 ? hash_features(features, d, seed, FC_F32) : hash_features(features, d, seed, FC_F64);
}

/* A hash with another word behind what it is of: a weight, or a feature of a row with categories */
uint64_t
fc_survey_hash_on(uint64_t hash, uint64_t word)
{
	return finish(fold(hash ^ FACTOR, word ^ finish(hash)));
}
