/*
 * validity_bytes.c - sums of validity indices as bytes, which can be merged elsewhere
 *
 * Words of 64 bits, the lowest byte first:
 *
 *	"FCVALID" and the format: 2 if the model has noise, else 1
 *	what tells the model apart
 *	k in the low half, d in the high half
 *	the words of FcValidity: rows, rows of each cluster, sums
 *
 * The same model and rows give the same bytes.  Forged sums are sums of other rows.
 */
#include "core/validity.h"

#include <string.h>

#include "core/bits.h"

#define MAGIC		UINT64_C(0x44494C41564346)	/* FCVALID */
#define FORMAT		2
#define FORMAT_OF(noise)	((noise) ? FORMAT : 1)
#define WORDS		3			/* before the sums */

bool
fc_validity_are(const void *bytes, size_t length)
{
	return length >= 8 && memcmp(bytes, "FCVALID", 7) == 0;
}

size_t
fc_validity_size(const FcValidity *v)
{
	return (WORDS + v->length) * sizeof(uint64_t);
}

void
fc_validity_write(FcValidity *v, uint64_t model, void *bytes)
{
	uint64_t	header[WORDS] = {MAGIC | (uint64_t) FORMAT_OF(v->noise) << 56, model, (uint64_t) v->d << 32 | (uint64_t) v->k};

	fc_fixed_settle(&v->sums);
	memcpy(bytes, header, sizeof(header));
	memcpy((char *) bytes + sizeof(header), v->words, v->length * sizeof(uint64_t));
	fc_turn_words(bytes, WORDS + v->length);
}

FcStatus
fc_validity_open(FcValidity *v, uint64_t *model, void *bytes, size_t length)
{
	uint64_t   *words = bytes;
	uint64_t	k;
	uint64_t	d;
	uint64_t	format;

	if (!fc_validity_are(bytes, length))
		return FC_NOT_STATISTICS;
	if (length < WORDS * sizeof(uint64_t) || length % sizeof(uint64_t) != 0)
		return FC_DAMAGED_STATISTICS;
	fc_turn_words(words, length / sizeof(uint64_t));
	format = words[0] >> 56;
	if (format < 1 || format > FORMAT)
		return format > FORMAT ? FC_NEWER_STATISTICS : FC_DAMAGED_STATISTICS;
	k = words[2] & UINT32_MAX;
	d = words[2] >> 32;
	if (k < 1 || k > FC_MAX_CLUSTERS || d < 1 || d > FC_MAX_COLUMNS ||
		length / sizeof(uint64_t) - WORDS != fc_validity_words((int32_t) k, (int32_t) d, format == FORMAT))
		return FC_DAMAGED_STATISTICS;
	*model = words[1];
	fc_validity_view(v, (int32_t) k, (int32_t) d, format == FORMAT, words + WORDS);
	return FC_OK;
}

void
fc_validity_close(FcValidity *v)
{
	fc_fixed_settle(&v->sums);
	fc_turn_words(v->words - WORDS, WORDS + v->length);
}
