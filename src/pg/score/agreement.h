/*
 * agreement.h - what cluster_accuracy, cluster_nmi and cluster_ari gather: see agreement.c
 */
#ifndef FUZZYCLUST_AGREEMENT_H
#define FUZZYCLUST_AGREEMENT_H

#include "pg/score/score.h"

#include "common/hashfn.h"
#include "storage/shmem.h"

#include "core/agreement.h"

/* How the values of one argument are compared; lives as long as the query */
typedef struct Side
{
	bool		literal;		/* an untyped one, read as text */
	bool		byval;
	int16		length;			/* as pg_type.typlen */
	Oid			type;
	Oid			collation;
	FmgrInfo	hash;
	FmgrInfo	equal;
} Side;

typedef struct ValueEntry
{
	Datum		value;
	uint32		hash;
	int32		id;				/* 0, 1, ... as first seen */
	char		status;
} ValueEntry;

typedef struct PairEntry
{
	uint64		key;			/* id of the label, id of the cluster */
	FcAmount	count;
	char		status;
} PairEntry;

static inline uint32
hash_value(Side *side, Datum value)
{
	/* some types' hashes leave bits unused that the table relies on */
	return murmurhash32(DatumGetUInt32(FunctionCall1Coll(&side->hash, side->collation, value)));
}

static inline bool
same_value(Side *side, Datum a, Datum b)
{
	return DatumGetBool(FunctionCall2Coll(&side->equal, side->collation, a, b));
}

static inline uint32
hash_pair(uint64 key)
{
	return murmurhash32(hash_combine(murmurhash32((uint32) (key >> 32)), (uint32) key));
}

#define SH_PREFIX		value
#define SH_ELEMENT_TYPE	ValueEntry
#define SH_KEY_TYPE		Datum
#define SH_KEY			value
#define SH_HASH_KEY(tb, key)	hash_value((tb)->private_data, key)
#define SH_EQUAL(tb, a, b)		same_value((tb)->private_data, a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a)		((a)->hash)
#include "pg/hash_table.h"

#define SH_PREFIX		pair
#define SH_ELEMENT_TYPE	PairEntry
#define SH_KEY_TYPE		uint64
#define SH_KEY			key
#define SH_HASH_KEY(tb, key)	hash_pair(key)
#define SH_EQUAL(tb, a, b)		((a) == (b))
#include "pg/hash_table.h"

/* Transition state, in the aggregate's context; of another process the serial form */
typedef struct Agreement
{
	value_hash *labels;
	value_hash *clusters;
	pair_hash  *pairs;
	Size		copied;			/* bytes of values passed by reference */
	FcAmount	total;			/* rows, or their weight ... */
	int64		rows;			/* ... and how many there are */
	const char *serial;			/* NULL: one that counts */
} Agreement;

extern Size fc_agreement_size(const Agreement *s);
extern void fc_agreement_check_memory(Size need);

#endif
