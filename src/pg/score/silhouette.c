/*
 * silhouette.c - the aggregates cluster_silhouette(model, features [, weight]) and, of the codes of rows,
 * cluster_code_silhouette(model, features [, weight])
 *
 *   cluster_silhouette(model bytea, features "any") returns jsonb
 *   cluster_silhouette(model bytea, features "any", weight float8) returns jsonb
 *
 * Rows gather in a sample (core/row_sample.c), which depends on them alone and merges, so parallel workers each
 * take their share.  Its rows are scored, and compared with each other, by the final function.  A state crosses
 * processes as what identifies the model (see value/model.c) followed by the sample.
 */
#include "pg/score/score.h"

#include "miscadmin.h"

#include "core/row_sample.h"
#include "core/silhouette.h"

typedef struct SilhouetteState
{
	ModelSlot  *slot;			/* NULL if the state was received from another process */
	struct varlena *key;		/* of its model */
	FcRowSample sample;
	double	   *row;			/* the features of a row, and its weight */
	bool		weighted;
	const void *received;		/* a sample as bytes; or NULL */
} SilhouetteState;

/* What lasts as long as the query, of the transition function and of the combine function */
typedef struct SilhouetteCall
{
	FeatureReader *reader;
	SharedModels models;
} SilhouetteCall;

static FcHooks
interruptible(void)
{
	return (FcHooks) {.check = fc_check_interrupts};
}

static SilhouetteState *
begin(MemoryContext context, ModelSlot *slot, bool weighted)
{
	SilhouetteState *s = MemoryContextAllocZero(context, sizeof(SilhouetteState));

	s->slot = slot;
	s->key = slot->key;
	s->weighted = weighted;
	fc_row_sample_begin(&s->sample, slot->model.d, weighted, fc_silhouette_rows(slot->model.d));
	s->row = MemoryContextAlloc(context, sizeof(double) * fc_row_sample_cells(&s->sample));
	return s;
}

/* The state of a group for the model in datum, created if there is none */
static SilhouetteState *
state_of_model(FunctionCallInfo fcinfo, MemoryContext context, Datum datum, bool weighted)
{
	SilhouetteState *s = fc_aggregate_state(fcinfo, 0);
	SilhouetteCall *call = fc_call_memory(fcinfo, sizeof(SilhouetteCall));

	if (s == NULL)
		return begin(context, fc_shared_model(&call->models, context, datum), weighted);
	fc_check_same_model(s->slot, datum, "cluster_silhouette");
	return s;
}

/* For the next row */
static void
make_room(MemoryContext context, FcRowSample *sample)
{
	FcHooks		hooks = interruptible();
	int32		room = fc_row_sample_room(sample, &hooks);
	char	   *old = sample->memory;

	if (room == sample->state.room.rows)
		return;
	fc_row_sample_move(sample, MemoryContextAllocHuge(context, fc_row_sample_size(sample, room)), room);
	if (old)
		pfree(old);
}

/* The row in slot->x */
static void
add_row(MemoryContext context, SilhouetteState *s, double weight)
{
	int32		d = s->slot->model.d;

	make_room(context, &s->sample);
	memcpy(s->row, s->slot->x, sizeof(double) * d);
	if (s->weighted)
		s->row[d] = weight;
	fc_row_sample_add(&s->sample, s->row);
}

/*
 * cluster_silhouette_accum(internal, model bytea, features "any" [, weight float8]) returns internal
 */
PG_FUNCTION_INFO_V1(cluster_silhouette_accum);
Datum
cluster_silhouette_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	SilhouetteState *s = fc_aggregate_state(fcinfo, 0);
	SilhouetteCall *call = fc_call_memory(fcinfo, sizeof(SilhouetteCall));
	double		weight = fc_weight_argument(fcinfo, 3);

	if (call->reader == NULL)
	{
		call->reader = fc_feature_reader(fcinfo, 2);
		call->reader->categories.allowed = true;
	}
	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && weight > 0)
	{
		s = state_of_model(fcinfo, context, PG_GETARG_DATUM(1), PG_NARGS() > 3);
		if (fc_read_features(s->slot, call->reader, PG_GETARG_DATUM(2)))
			add_row(context, s, weight);
	}
	return fc_return_state(fcinfo, s);
}

/*
 * cluster_silhouette_combine(internal, internal) returns internal
 */
PG_FUNCTION_INFO_V1(cluster_silhouette_combine);
Datum
cluster_silhouette_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	SilhouetteState *s = fc_aggregate_state(fcinfo, 0);
	SilhouetteState *other = fc_aggregate_state(fcinfo, 1);

	if (other != NULL)
	{
		const FcRowSampleHeader *header = other->received;

		s = state_of_model(fcinfo, context, PointerGetDatum(other->key), other->weighted);
		for (int32 i = 0; i < header->count; i++)
		{
			make_room(context, &s->sample);
			fc_row_sample_add_bytes(&s->sample, header, i);
		}
		fc_row_sample_add_count(&s->sample, header);
	}
	return fc_return_state(fcinfo, s);
}

/*
 * cluster_silhouette_serial(internal) returns bytea
 */
PG_FUNCTION_INFO_V1(cluster_silhouette_serial);
Datum
cluster_silhouette_serial(PG_FUNCTION_ARGS)
{
	FcHooks		hooks = interruptible();
	SilhouetteState *s = (SilhouetteState *) PG_GETARG_POINTER(0);
	Size		key = VARSIZE_ANY(s->key);
	bytea	   *result;
	char	   *to;

	(void) fc_aggregate_context(fcinfo);
	fc_row_sample_settle(&s->sample, &hooks);
	result = fc_bytea(1 + key + fc_row_sample_bytes_size(&s->sample));
	to = VARDATA(result);
	*to++ = s->weighted;
	memcpy(to, s->key, key);
	fc_row_sample_write(&s->sample, to + key);
	PG_RETURN_BYTEA_P(result);
}

/*
 * cluster_silhouette_deserial(bytea, internal) returns internal
 */
PG_FUNCTION_INFO_V1(cluster_silhouette_deserial);
Datum
cluster_silhouette_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Size		length = VARSIZE_ANY_EXHDR(bytes) - 1;
	SilhouetteState *s = palloc0(sizeof(SilhouetteState));
	Size		key;

	(void) fc_aggregate_context(fcinfo);
	s->weighted = *VARDATA_ANY(bytes);
	s->key = memcpy(palloc(length), VARDATA_ANY(bytes) + 1, length);
	key = VARSIZE_ANY(s->key);
	s->received = memcpy(palloc(length - key), (char *) s->key + key, length - key);
	PG_RETURN_POINTER(s);
}

/* ---- the result ---- */

/* The rows of the sample, in its order */
static void
add_sample(FcSilhouettes *to, SilhouetteState *s, CodeSpace *codes, const FcHooks *hooks)
{
	uint32	   *work = palloc(sizeof(uint32) * 2 * s->sample.state.count);
	const uint32 *order = fc_row_sample_sort(&s->sample, work, hooks);

	fc_silhouettes_begin(to, hooks);
	for (int32 i = 0; i < s->sample.state.count; i++)
	{
		FcSampledRow row = fc_row_sample_get(&s->sample, order[i]);

		fc_check(hooks);
		fc_silhouettes_add(to, &s->slot->scorer, row.x, codes ? fc_code_of(codes, row.x) : NULL, row.count, row.weight);
	}
}

/* The indices by name, null where one has no value or is infinite.  The state stays as it is but for its form. */
static Datum
finish(FunctionCallInfo fcinfo, bool of_codes)
{
	FcHooks		hooks = interruptible();
	SilhouetteState *s = fc_aggregate_state(fcinfo, 0);
	FcSilhouettes rows;
	FcArena		arena;
	FcSilhouetteIndices index;
	CodeSpace  *codes;
	StringInfoData json;

	(void) fc_aggregate_context(fcinfo);
	if (s == NULL || s->sample.state.rows == 0)
		PG_RETURN_NULL();
	codes = of_codes ? fc_code_space(CurrentMemoryContext, s->slot) : NULL;
	fc_row_sample_settle(&s->sample, &hooks);
	FC_LAY_OUT(&arena, fc_silhouettes_layout(&arena, &rows, codes ? &codes->model : &s->slot->model, s->sample.state.count));
	add_sample(&rows, s, codes, &hooks);
	index = fc_silhouettes_finish(&rows, codes ? &codes->scorer : &s->slot->scorer, &hooks);
	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	fc_json_add_integer(&json, "rows", s->sample.state.rows);
	fc_json_add_integer(&json, "sampled", s->sample.state.count);
	fc_json_add_integer(&json, "noise", rows.noise);
	fc_json_add_number(&json, "silhouette", index.silhouette);
	fc_json_add_number(&json, "fuzzy_silhouette", index.fuzzy);
	fc_json_add_number(&json, "dunn", index.dunn);
	fc_json_add_numbers(&json, "silhouettes", rows.of_cluster, s->slot->model.k);
	appendStringInfoChar(&json, '}');
	PG_RETURN_DATUM(fc_jsonb(json.data));
}

/*
 * cluster_silhouette_final(internal) returns jsonb
 */
PG_FUNCTION_INFO_V1(cluster_silhouette_final);
Datum
cluster_silhouette_final(PG_FUNCTION_ARGS)
{
	return finish(fcinfo, false);
}

/*
 * cluster_code_silhouette_final(internal) returns jsonb
 */
PG_FUNCTION_INFO_V1(cluster_code_silhouette_final);
Datum
cluster_code_silhouette_final(PG_FUNCTION_ARGS)
{
	return finish(fcinfo, true);
}
