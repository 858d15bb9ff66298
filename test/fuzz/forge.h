/*
 * forge.h - bytes of models and states that are valid except for a field or
 * two
 *
 * The fuzzer's own input is a recipe of a few bytes: which of the cached bases
 * to start with, which of its words to change, and their new values.  So
 * whatever the fuzzer does to a recipe, all counts and sizes that it leaves
 * alone stay valid, and the reader accepts the bytes that far.  A recipe that
 * ends early continues with zeros.
 */
#ifndef FORGE_H
#define FORGE_H

#include "core/fc.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_OF(array)		(sizeof(array) / sizeof((array)[0]))
#define PICK(recipe, array)	((array)[pick((recipe), COUNT_OF(array))])

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Like assert(), whatever NDEBUG says */
#define require(condition)	((condition) ? (void) 0 : fail(#condition, __FILE__, __LINE__))

static inline void
fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, condition);
	abort();
}

/* ---- recipes ---- */

typedef struct Recipe
{
	const uint8_t *next;
	size_t		left;
} Recipe;

static inline uint64_t
read_number(Recipe *r, int bytes)
{
	uint64_t	value = 0;

	for (; bytes > 0 && r->left > 0; bytes--, r->left--)
		value = value << 8 | *r->next++;
	return value;
}

/* From 0 to n - 1, by as few bytes as that takes */
static inline size_t
pick(Recipe *r, size_t n)
{
	return (size_t) (read_number(r, n <= 256 ? 1 : n <= 65536 ? 2 : 3) % n);
}

/* ---- bytes ---- */

typedef struct Bytes
{
	char	   *data;
	size_t		size;
} Bytes;

/* A copy with not a byte more, so that reading beyond it is seen; to be freed */
static inline Bytes
copy_bytes(const char *data, size_t size)
{
	Bytes		copy = {malloc(size > 0 ? size : 1), size};

	require(copy.data != NULL);
	if (size > 0)
		memcpy(copy.data, data, size);
	return copy;
}

static const int64_t forged_integers[] = {
	0, 1, 2, 3, -1, -2, 7, 8, 16, 17, 255, 256, 1000, 1001, 65535, 65536, INT32_MAX, INT32_MAX - 1, INT32_MIN,
	UINT32_MAX, (int64_t) 1 << 32, (int64_t) 1 << 40, INT64_MAX, INT64_MAX - 1, INT64_MAX / 8, INT64_MIN, INT64_MIN / 8
};

static const double forged_numbers[] = {
	0, -0.0, 1, 2, 3, 0.5, -1, 1.01, 10, 65536, 1e15, 1e-5, 1e-30, 1e30, 3e38, -3e38, 1e-45, 1e-160, 1e160, 5e-324,
	1e-310, 1.7e308, -1.7e308, 2147483647, 2147483648, -2147483649, 9.3e18, INFINITY, -INFINITY, NAN
};

/* One word of 4 or 8 bytes becomes another */
static inline void
forge_word(Recipe *r, char *at, size_t room)
{
	int64_t		integer = PICK(r, forged_integers);
	double		number = PICK(r, forged_numbers);
	float		narrow = (float) fmax(fmin(number, 3.4e38), -3.4e38);
	int32_t		word;
	double		was;

	memcpy(&word, at, 4);
	switch (pick(r, 8))
	{
		case 0:
			memcpy(at, &integer, 4);
			break;
		case 1:
			memcpy(at, &integer, room);
			break;
		case 2:
			memcpy(at, &number, room);
			break;
		case 3:
			memcpy(at, isfinite(number) ? &narrow : &(float) {(float) number}, 4);
			break;
		case 4:
			word = (int32_t) ((uint32_t) word + 1);
			memcpy(at, &word, 4);
			break;
		case 5:
			word = (int32_t) ((uint32_t) word - 1);
			memcpy(at, &word, 4);
			break;
		case 6:
			memcpy(&was, at, room);
			was = room == 8 ? -was : 0;
			memcpy(at, &was, room);
			break;
		default:
			integer = (int64_t) read_number(r, 8);
			memcpy(at, &integer, room);
	}
}

/* Where: mostly among the first "head" bytes, where counts and options are */
static inline size_t
pick_place(Recipe *r, size_t size, size_t head)
{
	size_t		within = pick(r, 4) < 3 && head < size ? head : size;

	return pick(r, within / 4) * 4;
}

static inline void
forge_field(Recipe *r, Bytes *b, size_t head)
{
	size_t		at;
	size_t		from;

	if (b->size < 8)
		return;
	at = pick_place(r, b->size, head);
	switch (pick(r, 16))
	{
		case 0:					/* a word of another place */
			from = pick_place(r, b->size, head);
			memmove(b->data + at, b->data + from, b->size - at < 8 || b->size - from < 8 ? 4 : 8);
			break;
		case 1:					/* the end is missing */
			b->size = at;
			break;
		case 2:					/* some words are missing */
			from = pick(r, 8) * 4 + 4;
			if (from > b->size - at)
				from = b->size - at;
			memmove(b->data + at, b->data + at + from, b->size - at - from);
			b->size -= from;
			break;
		default:
			forge_word(r, b->data + at, b->size - at < 8 ? 4 : 8);
	}
}

/* A copy of the base that is forged as the recipe says; to be freed */
static inline Bytes
forge_bytes(Recipe *r, const Bytes *base, size_t head)
{
	Bytes		work = copy_bytes(base->data, base->size);
	Bytes		exact;

	for (size_t edits = pick(r, 4); edits > 0; edits--)
		forge_field(r, &work, head);
	if (work.size == base->size)
		return work;
	exact = copy_bytes(work.data, work.size);
	free(work.data);
	return exact;
}

#endif
