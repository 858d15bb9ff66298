/*
 * bytes.h - numbers as bytes, the least significant first on every machine
 */
#ifndef FC_BYTES_H
#define FC_BYTES_H

#include <stdint.h>
#include <string.h>

static inline void
fc_put(char *p, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (char) (value >> (8 * i));
}

static inline uint64_t
fc_get_bytes(const char *p, int bytes)
{
	uint64_t	value = 0;

	for (int i = 0; i < bytes; i++)
		value |= (uint64_t) (unsigned char) p[i] << (8 * i);
	return value;
}

static inline void
fc_put_double(char *p, double value)
{
	uint64_t	bits;

	memcpy(&bits, &value, 8);
	fc_put(p, bits, 8);
}

static inline double
fc_get_double(const char *p)
{
	uint64_t	bits = fc_get_bytes(p, 8);
	double		value;

	memcpy(&value, &bits, 8);
	return value;
}

static inline int32_t
fc_get_int(const char *p)
{
	return (int32_t) (uint32_t) fc_get_bytes(p, 4);
}

#endif
