/*
 * feature_elements.c - vectors whose elements have a fixed size
 *
 * Each element is converted and checked in the same loop, which has no exit,
 * so that the compiler vectorizes it.  Elements may be unaligned: a small array
 * in a table has a one-byte header, and copying it would cost more than using
 * it as it is.
 */
#include "pg/value/value.h"

#include "catalog/pg_type.h"

#include <math.h>

typedef float4 Float4 __attribute__((aligned(1), may_alias));
typedef float8 Float8 __attribute__((aligned(1), may_alias));
typedef int16 Int2 __attribute__((aligned(1), may_alias));
typedef int32 Int4 __attribute__((aligned(1), may_alias));
typedef int64 Int8 __attribute__((aligned(1), may_alias));
typedef uint16 Half __attribute__((aligned(1), may_alias));

/* Is a number missing, or too large?  NaN fails the comparison */
#define UNUSABLE_F32(value)	!(fabsf(value) <= (float) FC_LIMIT_F32)
#define UNUSABLE_F64(value)	!(fabs(value) <= FC_LIMIT_F64)
#define ALWAYS_USABLE(value)	0

/* IEEE half to single, which holds every half: its exponent is 112 smaller */
static inline float
from_half(uint16 half)
{
	uint32		bits = (uint32) (half & 0x7fff) << 13;
	uint32		sign = (uint32) (half & 0x8000) << 16;
	float		value;

	memcpy(&value, &bits, sizeof(value));
	value *= 0x1p112f;
	memcpy(&bits, &value, sizeof(bits));
	bits |= (half & 0x7c00) == 0x7c00 ? 0x7f800000 | sign : sign;
	memcpy(&value, &bits, sizeof(value));
	return value;
}

#define AS_IS(value)		(value)
#define OVER_255(value)		((float) (value) / 255.0f)

/* Elements of a type as numbers of another; false: one of them is unusable */
#define READER(name, element, convert, intermediate, number, unusable) \
static bool \
name(const char *data, int32 d, void *out) \
{ \
	const element *from = (const element *) data; \
	number	   *to = out; \
	int			bad = 0; \
\
	for (int32 j = 0; j < d; j++) \
	{ \
		intermediate value = (intermediate) convert(from[j]); \
\
		to[j] = (number) value; \
		bad |= unusable(value); \
	} \
	return !bad; \
}

READER(float4_as_float, Float4, AS_IS, float, float, UNUSABLE_F32)
READER(float4_as_double, Float4, AS_IS, float, double, UNUSABLE_F32)
READER(half_as_float, Half, from_half, float, float, UNUSABLE_F32)
READER(half_as_double, Half, from_half, float, double, UNUSABLE_F32)
READER(byte_as_float, uint8, OVER_255, float, float, ALWAYS_USABLE)
READER(byte_as_double, uint8, OVER_255, float, double, ALWAYS_USABLE)
READER(float8_as_double, Float8, AS_IS, double, double, UNUSABLE_F64)
READER(int2_as_double, Int2, AS_IS, double, double, ALWAYS_USABLE)
READER(int4_as_double, Int4, AS_IS, double, double, ALWAYS_USABLE)
READER(int8_as_double, Int8, AS_IS, double, double, ALWAYS_USABLE)

static const FeatureElements float4_elements = {sizeof(float4), float4_as_float, float4_as_double};
static const FeatureElements half_elements = {sizeof(uint16), half_as_float, half_as_double};
static const FeatureElements byte_elements = {sizeof(uint8), byte_as_float, byte_as_double};
static const FeatureElements float8_elements = {sizeof(float8), float8_as_double, float8_as_double};
static const FeatureElements int2_elements = {sizeof(int16), int2_as_double, int2_as_double};
static const FeatureElements int4_elements = {sizeof(int32), int4_as_double, int4_as_double};
static const FeatureElements int8_elements = {sizeof(int64), int8_as_double, int8_as_double};

/* Elements of vectors of a kind, element being that of an array; NULL: they have no fixed size */
const FeatureElements *
fc_feature_elements(FeatureKind kind, Oid element)
{
	switch (kind)
	{
		case FEATURE_BYTES:
			return &byte_elements;
		case FEATURE_VECTOR:
			return &float4_elements;
		case FEATURE_HALFVEC:
			return &half_elements;
		case FEATURE_ARRAY:
			return element == FLOAT4OID ? &float4_elements :
				element == FLOAT8OID ? &float8_elements :
				element == INT2OID ? &int2_elements :
				element == INT4OID ? &int4_elements :
				element == INT8OID ? &int8_elements : NULL;
		default:
			return NULL;
	}
}
