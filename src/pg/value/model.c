/*
 * model.c - models as SQL values
 *
 * A model is a bytea whose CRC-32C covers everything behind it.  Reading one
 * costs a copy, because the core wants it aligned, so functions that score
 * rows cache the last few models that they have used.  A model is recognized
 * by its TOAST pointer where it is stored out of line, else by all of its
 * bytes, compressed or not.  An address would not do, because the memory of a
 * value is reused for the next, nor would the CRC, which only states the
 * intended contents.  The groups of an aggregate share models in the same way.
 */
#include "pg/value/value.h"

#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "port/pg_crc32c.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/direction.h"
#include "core/step.h"

#define CRC_AT			8
#define CRC_FROM		12
#define SLICE			((Size) 1 << 24)	/* bytes between two checks */

/* CRC-32C; may be interrupted */
uint32
fc_checksum(const char *p, Size len)
{
	pg_crc32c	crc;

	INIT_CRC32C(crc);
	for (Size at = 0; at < len; at += SLICE)
	{
		CHECK_FOR_INTERRUPTS();
		COMP_CRC32C(crc, p + at, Min(SLICE, len - at));
	}
	FIN_CRC32C(crc);
	return crc;
}

static pg_crc32c
model_crc(const char *p, Size len)
{
	return fc_checksum(p + CRC_FROM, len - CRC_FROM);
}

bytea *
fc_model_to_datum(const FcModel *m)
{
	Size		len = fc_model_size(m);
	bytea	   *result = fc_bytea(len);
	FcHooks		hooks = {.check = fc_check_interrupts};
	char	   *p = VARDATA(result);
	pg_crc32c	crc;

	fc_model_write(m, &hooks, p);
	crc = model_crc(p, len);
	for (int i = 0; i < 4; i++)
		p[CRC_AT + i] = (char) (crc >> (8 * i));
	return result;
}

#define LONGEST_NAME	64		/* bytes that may be meant as the name of a model */

/* Could the bytes be the name of a model, which a literal of type bytea takes as it is? */
static bool
is_name(const char *bytes, Size len)
{
	if (len >= 4 && memcmp(bytes, "FZCM", 4) == 0)
		return false;			/* the beginning of a model */
	for (Size i = 0; i < len; i++)
		if ((unsigned char) bytes[i] < ' ' || bytes[i] == 0x7F)
			return false;
	return len > 0 && len <= LONGEST_NAME && pg_verifymbstr(bytes, (int) len, true);
}

/* The error for a value in a format that this version cannot read; what: with its verb */
void
fc_refuse_newer(const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s written by a newer version of fuzzyclust", what),
			 errhint("Install that version on this server.")));
}

/* The error for a status of fc_model_read() */
pg_noreturn static void
report_model(FcStatus status)
{
	switch (status)
	{
		case FC_NEWER_MODEL:
			fc_refuse_newer("cluster model was");
		case FC_UNKNOWN_ALGORITHM:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cluster model uses an algorithm that this version of fuzzyclust does not support"),
					 errhint("Install a newer version on this server.")));
			break;
		case FC_DAMAGED_MODEL:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("invalid cluster model"),
					 errdetail("The value is damaged or incomplete.")));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("invalid cluster model"),
					 errdetail("The value does not start with the header of a cluster model."),
					 errhint("Pass the result of one of the _fit aggregates.")));
	}
	pg_unreachable();
}

/* The error for bytes that are not a model */
pg_noreturn static void
reject_bytes(FcStatus status, const char *bytes, Size len)
{
	if (status == FC_NOT_A_MODEL && is_name(bytes, len))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid cluster model"),
				 errdetail("The value \"%s\" does not start with the header of a cluster model.", pnstrdup(bytes, len)),
				 errhint("If it is the name of a model in a registry, use cluster_model(%s).",
						 quote_literal_cstr(pnstrdup(bytes, len)))));
	if (status == FC_NOT_A_MODEL && fc_step_is(bytes, len))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid cluster model"),
				 errdetail("The value is a step model, which has only what a step needs."),
				 errhint("Pass the model that cluster_step_model() was called with.")));
	report_model(status);
}

/* An aligned copy of the model's bytes, whose CRC is right */
void *
fc_model_bytes(Datum datum, Size *len)
{
	bytea	   *bytes = DatumGetByteaPP(datum);
	const char *from = VARDATA_ANY(bytes);
	char	   *copy;
	pg_crc32c	stored = 0;

	*len = VARSIZE_ANY_EXHDR(bytes);
	/* A value that was stored out of line, or compressed, has been detoasted into a private copy */
	copy = (Pointer) bytes != DatumGetPointer(datum) ? (char *) bytes : palloc_extended(Max(*len, 1), MCXT_ALLOC_HUGE);
	for (Size at = 0; at < *len; at += SLICE)
	{
		CHECK_FOR_INTERRUPTS();
		memmove(copy + at, from + at, Min(SLICE, *len - at));
	}
	if (*len < CRC_FROM)
		reject_bytes(FC_NOT_A_MODEL, copy, *len);
	for (int i = 0; i < 4; i++)
		stored |= (pg_crc32c) (unsigned char) copy[CRC_AT + i] << (8 * i);
	if (memcmp(copy, "FZCM", 4) == 0 && !EQ_CRC32C(stored, model_crc(copy, *len)))
		report_model(FC_DAMAGED_MODEL);
	return copy;
}

/* *m becomes a view of a copy in the current context */
void
fc_model_from_datum(FcModel *m, Datum datum)
{
	Size		len;
	void	   *bytes = fc_model_bytes(datum, &len);
	FcStatus	status = fc_model_read(m, bytes, len);

	if (status != FC_OK)
		reject_bytes(status, bytes, len);
}

/* ---- cache ---- */

/* Does the slot hold the model in datum? */
bool
fc_slot_holds(const ModelSlot *slot, Datum datum)
{
	return slot->key != NULL && fc_same_bytes(slot->key, fc_comparable(datum));
}

/* Reads the model in datum into context; garbage is left to the current one. The key is set last */
static void
load_slot(ModelSlot *slot, MemoryContext context, Datum datum)
{
	struct varlena *value = fc_comparable(datum);
	struct varlena *plain = PG_DETOAST_DATUM_PACKED(PointerGetDatum(value));
	MemoryContext old = MemoryContextSwitchTo(context);
	FcArena		arena;

	fc_model_from_datum(&slot->model, PointerGetDatum(plain));
	FC_LAY_OUT(&arena, fc_scorer_layout(&arena, &slot->scorer, &slot->model));
	slot->scorer.metric.hooks.check = fc_check_interrupts;
	fc_scorer_begin(&slot->scorer);
	slot->x = palloc(sizeof(double) * slot->model.d);
	slot->columns = NULL;
	slot->frame = NULL;
	if (fc_has_categories(&slot->model))
	{
		slot->columns = palloc(sizeof(double) * fc_model_columns(&slot->model));
		fc_index_values(&slot->values, &slot->model);
	}
	slot->changes = 0;

	slot->key = memcpy(palloc_extended(VARSIZE_ANY(value), MCXT_ALLOC_HUGE), value, VARSIZE_ANY(value));
	MemoryContextSwitchTo(old);
}

/* Makes the slot hold the model in datum; context outlives the slot */
void
fc_fill_slot(ModelSlot *slot, MemoryContext context, Datum datum)
{
	if (slot->context == NULL)
		slot->context = AllocSetContextCreate(context, "fuzzyclust model", ALLOCSET_SMALL_SIZES);
	slot->key = NULL;			/* should the next lines fail */
	MemoryContextReset(slot->context);
	load_slot(slot, slot->context, datum);
}

/* The model in datum, ready to score; context outlives the cache */
ModelSlot *
fc_cached_model(ModelCache *cache, MemoryContext context, Datum datum)
{
	ModelSlot  *oldest = &cache->slots[0];

	if (cache->last && fc_slot_holds(cache->last, datum))
		return cache->last;
	cache->clock++;
	for (ModelSlot *slot = cache->slots; slot < cache->slots + MODEL_SLOTS; slot++)
	{
		if (fc_slot_holds(slot, datum))
		{
			slot->used = cache->clock;
			return cache->last = slot;
		}
		if (slot->used < oldest->used)
			oldest = slot;
	}
	oldest->used = cache->clock;
	fc_fill_slot(oldest, context, datum);
	return cache->last = oldest;
}

/* ---- models that the groups of an aggregate share ---- */

typedef struct SharedEntry
{
	struct varlena *key;
	ModelSlot  *slot;
	uint32		hash;
	char		status;
} SharedEntry;

static inline uint32
hash_key(const struct varlena *key)
{
	return DatumGetUInt32(hash_any((const unsigned char *) key, (int) VARSIZE_ANY(key)));
}

#define SH_PREFIX		shared
#define SH_ELEMENT_TYPE	SharedEntry
#define SH_KEY_TYPE		struct varlena *
#define SH_KEY			key
#define SH_HASH_KEY(tb, key)	hash_key(key)
#define SH_EQUAL(tb, a, b)		fc_same_bytes(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a)		((a)->hash)
#include "pg/hash_table.h"

/* Of one context; in a grouping set there are several at a time */
struct SharedTable
{
	MemoryContextCallback reset;
	SharedModels *models;
	SharedTable *next;
	MemoryContext context;
	shared_hash *hash;
};

/* The context is reset, or deleted */
static void
forget_table(void *arg)
{
	SharedTable *gone = arg;
	SharedTable **t = &gone->models->tables;

	while (*t != gone)
		t = &(*t)->next;
	*t = gone->next;
}

static SharedTable *
table_of_context(SharedModels *models, MemoryContext context)
{
	SharedTable *t = models->tables;

	while (t != NULL && t->context != context)
		t = t->next;
	if (t != NULL)
		return t;
	t = MemoryContextAllocZero(context, sizeof(SharedTable));
	t->models = models;
	t->context = context;
	t->hash = shared_create(context, 4, NULL);
	t->reset = (MemoryContextCallback) {.func = forget_table, .arg = t};
	t->next = models->tables;
	models->tables = t;
	MemoryContextRegisterResetCallback(context, &t->reset);
	return t;
}

/*
 * The model in datum, ready to score, for as long as context lasts.  Groups get
 * the same one: of a context each they would be many, and PostgreSQL visits all
 * contexts below that of a hash table to measure it, for each new group.
 */
ModelSlot *
fc_shared_model(SharedModels *models, MemoryContext context, Datum datum)
{
	SharedTable *t = table_of_context(models, context);
	struct varlena *key = fc_comparable(datum);
	SharedEntry *entry = shared_lookup(t->hash, key);
	bool		found;
	ModelSlot  *slot;

	if (entry != NULL)
		return entry->slot;
	slot = MemoryContextAllocZero(context, sizeof(ModelSlot));
	load_slot(slot, context, PointerGetDatum(key));
	entry = shared_insert(t->hash, slot->key, &found);
	entry->slot = slot;
	return slot;
}

/* An error unless the model in datum, of another row of a group, is that of the slot; it may be stored elsewhere */
void
fc_check_same_model(const ModelSlot *slot, Datum datum, const char *aggregate)
{
	bytea	   *own;
	bytea	   *other;

	if (fc_slot_holds(slot, datum))
		return;
	own = DatumGetByteaPP(PointerGetDatum(slot->key));
	other = DatumGetByteaPP(datum);
	if (VARSIZE_ANY_EXHDR(other) != VARSIZE_ANY_EXHDR(own) ||
		memcmp(VARDATA_ANY(other), VARDATA_ANY(own), VARSIZE_ANY_EXHDR(other)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s needs the same model for all rows of a group", aggregate),
				 errhint("Group by a column that identifies the model.")));
}

/* ---- rows for a model ---- */

/*
 * An error unless the d features that the reader has opened are the model's, or the
 * d columns of a row; *changes tells which row type is known to have its names and kinds
 */
void
fc_check_features(const FcModel *m, const FeatureReader *reader, int32 d, uint64 *changes)
{
	bool		columns = reader->kind == FEATURE_ROW && fc_has_categories(m);
	int32		expected = columns ? fc_model_columns(m) : m->d;

	if (d != expected)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("model expects %s, not %d", fc_counted(expected, columns ? "column" : "feature"), d),
				 m->names ? errdetail("The %s of the model are %s.", fc_has_categories(m) ? "columns" : "features",
									  fc_list_names(m->names, fc_model_columns(m))) : 0,
				 fc_has_categories(m) && !columns ?
				 errhint("Pass a row, as in ROW(...), or the features that cluster_info lists.") : 0));
	if (*changes != reader->changes)
	{
		fc_refuse_other_names(m->names, reader->names, d, "the model");
		fc_refuse_kinds(reader, m);
		*changes = reader->changes;
	}
}

/* A vector with a feature missing, "first" from 1, in "at"; false: it has no score */
static bool
take_gaps(const FcModel *m, FeatureReader *reader, double *at, int32 first)
{
	if (fc_missing(m) == FC_MISSING_ERROR)
		fc_features_reject(reader, first);
	return fc_bears_gaps(m) && fc_features_leave_gaps(reader, at, FC_F64);
}

/* The same as fc_read_features(), of a row with categories; values that the model has not learned do not count, but something must */
static bool
read_columns(ModelSlot *slot, FeatureReader *reader)
{
	int32		missing = fc_features_get_double(reader, slot->columns);

	if (missing != 0 && !take_gaps(&slot->model, reader, slot->columns, missing))
		return false;
	if (!fc_spread_columns(reader, &slot->values, slot->columns, slot->x))
		return false;
	if (missing != 0)
		fc_fill_columns(&slot->model, slot->columns, slot->x);
	return true;
}

/* Has the row in slot->x a direction, if that is what counts? */
static inline bool
has_direction(const ModelSlot *slot)
{
	return !fc_is_cosine(&slot->model) || !fc_is_zero(slot->x, slot->model.d);
}

/* What the reader has opened, d features or columns */
static bool
read_opened(ModelSlot *slot, FeatureReader *reader, int32 d)
{
	int32		missing;

	fc_check_features(&slot->model, reader, d, &slot->changes);
	if (slot->columns && reader->kind == FEATURE_ROW)
		return read_columns(slot, reader);
	missing = fc_features_get_double(reader, slot->x);
	if (missing != 0 && !take_gaps(&slot->model, reader, slot->x, missing))
		return false;
	if (missing != 0)
		fc_fill_row(&slot->model, slot->x);
	return has_direction(slot);
}

/*
 * A feature vector into slot->x.  False if a feature is missing and the model
 * was trained to skip such rows, if all are, or if the row has no direction and needs one.
 */
bool
fc_read_features(ModelSlot *slot, FeatureReader *reader, Datum value)
{
	const char *plain = fc_plain_elements(reader, value, slot->model.d);

	if (plain && reader->elements->read_double(plain, slot->model.d, slot->x))
		return has_direction(slot);
	return read_opened(slot, reader, fc_features_open(reader, value));
}

/* The same of the columns of a query, of a reader of columns */
bool
fc_read_columns(ModelSlot *slot, FeatureReader *reader, Datum *columns, bool *nulls)
{
	return read_opened(slot, reader, fc_features_open_columns(reader, columns, nulls));
}

/* ---- its history ---- */

/* The phase of a row of the history as people call it: by its name, or the number of a stage.  NULL: it has none */
const char *
fc_phase_text(const FcModel *m, int32 row)
{
	double		phase = fc_history_get(m, row, FC_HISTORY_PHASE);

	if (fc_history_get(m, row, FC_HISTORY_ITERATION) < 0)
		return FC_SAMPLE_PHASE;
	if (isnan(phase))
		return NULL;
	return m->algo->epochs ? m->algo->epochs->phases[(int) phase] : fc_double_text(phase);
}
