/*
 * validity_value.c - sums of validity indices as SQL values, which can be merged
 */
#include "pg/value/value.h"

#include "common/hashfn.h"
#include "utils/memutils.h"

#include "core/noise.h"
#include "core/validity.h"

#define HASH_SEED	UINT64CONST(0x76616C6964)

/* Tells models apart */
static uint64
hash_of_model(Datum model)
{
	bytea	   *bytes = DatumGetByteaPP(model);

	return hash_bytes_extended((const unsigned char *) VARDATA_ANY(bytes), (int) VARSIZE_ANY_EXHDR(bytes), HASH_SEED);
}

bytea *
fc_validity_to_datum(FcValidity *v, Datum model)
{
	Size		size = fc_validity_size(v);
	bytea	   *result;
	void	   *bytes;

	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("sums of %d clusters and %d features take %zu MB, more than a value can have", v->k, v->d, size / (1024 * 1024)),
				 errhint("Use cluster_validity, which returns indices.")));
	bytes = palloc(size);
	fc_validity_write(v, hash_of_model(model), bytes);
	result = fc_bytea(size);
	memcpy(VARDATA(result), bytes, size);
	pfree(bytes);
	return result;
}

pg_noreturn static void
reject(FcStatus status)
{
	if (status == FC_NEWER_STATISTICS)
		fc_refuse_newer("sums of validity indices were");
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid sums of validity indices"),
			 status == FC_DAMAGED_STATISTICS ? errdetail("The value is damaged or incomplete.") :
			 errdetail("The value does not start with the header of such sums."),
			 errhint("Pass a result of cluster_validity_step.")));
}

/* *v becomes a view of a copy in the current context */
static void
open_copy(FcValidity *v, uint64 *model, Datum datum)
{
	bytea	   *value = DatumGetByteaPP(datum);
	Size		length = VARSIZE_ANY_EXHDR(value);
	void	   *bytes = memcpy(palloc(Max(length, 1)), VARDATA_ANY(value), length);
	uint64_t	hash;
	FcStatus	status = fc_validity_open(v, &hash, bytes, length);

	if (status != FC_OK)
		reject(status);
	*model = hash;
}

/* The sums of a model, of which m are the contents */
void
fc_validity_from_datum(FcValidity *v, Datum datum, Datum model, const FcModel *m)
{
	uint64		hash;

	open_copy(v, &hash, datum);
	if (hash != hash_of_model(model) || v->k != m->k || v->d != m->d || v->noise != fc_has_noise(m))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sums of validity indices are those of another model"),
				 errhint("Pass the model that cluster_validity_step was called with.")));
	fc_validity_use_units(v, m);
}

/* For cluster_merge */
bytea *
fc_merge_validity(Datum a, Datum b)
{
	FcValidity	to;
	FcValidity	from;
	uint64		model;
	uint64		other;
	Size		size;
	bytea	   *result;

	open_copy(&to, &model, a);
	open_copy(&from, &other, b);
	if (model != other || to.k != from.k || to.d != from.d || to.noise != from.noise)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("sums of validity indices of different models cannot be merged"),
				 errhint("Use the same model in each call of cluster_validity_step.")));
	fc_validity_merge(&to, from.words);
	fc_validity_close(&to);
	size = fc_validity_size(&to);
	result = fc_bytea(size);
	memcpy(VARDATA(result), (char *) (to.words + to.length) - size, size);
	return result;
}
