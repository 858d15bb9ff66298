/*
 * distinct.c - counting distinct rows, up to a limit
 *
 * Rows are compared in single precision, by hashes of 64 bits: two different
 * rows of n count as one with a probability of n^2 / 2^65.  It stops as soon
 * as there are enough, which is early unless rows are few or repeat each
 * other.
 */
#include "core/distinct.h"

#include <string.h>

#define COLUMNS		64			/* of a block between two checks */
#define FACTOR		0x9E3779B97F4A7C15u

void
fc_distinct_layout(FcArena *a, FcDistinct *s, const FcRows *rows, int64_t most)
{
	uint64_t	slots = 4;

	while (slots < 2 * (uint64_t) most)
		slots *= 2;
	s->most = most;
	s->mask = slots - 1;
	s->slot = fc_take(a, slots, sizeof(uint64_t));
	s->hash = fc_take(a, rows->stride, sizeof(uint64_t));
}

/* Zero has one sign */
static uint64_t
bits_of(double value)
{
	float		narrow = (float) value + 0.0f;
	uint32_t	bits;

	memcpy(&bits, &narrow, sizeof(bits));
	return bits;
}

static uint64_t
mix(uint64_t hash, uint64_t bits)
{
	hash = (hash ^ bits) * FACTOR;
	return hash ^ hash >> 32;
}

static void
hash_block(FcDistinct *s, const FcRows *rows, const void *x, int32_t count, const FcHooks *hooks)
{
	for (int32_t i = 0; i < count; i++)
		s->hash[i] = FACTOR;
	for (int32_t j = 0; j < rows->d; j++)
	{
		if (j % COLUMNS == 0)
			fc_check(hooks);
		for (int32_t i = 0; i < count; i++)
			s->hash[i] = mix(s->hash[i], bits_of(fc_get(x, rows->precision, (size_t) j * rows->stride + i)));
	}
}

/* False: it was there */
static bool
add(FcDistinct *s, uint64_t hash)
{
	uint64_t	at;

	hash = hash ? hash : 1;
	for (at = hash & s->mask; s->slot[at] != 0; at = (at + 1) & s->mask)
		if (s->slot[at] == hash)
			return false;
	s->slot[at] = hash;
	return true;
}

int64_t
fc_count_distinct(FcDistinct *s, const FcRows *rows, const FcHooks *hooks)
{
	int64_t		found = 0;

	memset(s->slot, 0, sizeof(uint64_t) * (s->mask + 1));
	for (int64_t b = 0; b < fc_blocks(rows) && found < s->most; b++)
	{
		int32_t		count = fc_rows_in_block(rows, b);

		hash_block(s, rows, rows->block(rows->source, b), count, hooks);
		for (int32_t i = 0; i < count && found < s->most; i++)
			found += add(s, s->hash[i]);
	}
	return found;
}
