/*
 * validity.c - the aggregates cluster_validity(model, features [, weight]),
 * cluster_validity_step(model, features [, weight]), cluster_validity_of(model, statistics)
 * and cluster_code_validity(model, features [, weight])
 *
 * The last measures distances among the codes of a network, the others among features.
 * The first returns indices, the second the sums that they follow from, as a value, and
 * the third the indices from such values.
 *
 * The sums of core/validity.c are flat and merge, so parallel workers each take
 * their share of the rows.  A state crosses processes as what is measured, what
 * identifies the model (see value/model.c) and the sums: a model that is stored out of line, as large
 * ones are, stays where it is.  All groups share the models that they have in common.
 */
#include "pg/score/score.h"

typedef struct ValidityState
{
	ModelSlot  *slot;			/* NULL if the state was received from another process */
	struct varlena *key;		/* of its model */
	bool		of_codes;		/* distances are those of codes: cluster_code_validity ... */
	CodeSpace  *codes;			/* ... among which they are */
	FcValidity	sums;
} ValidityState;

/* What lasts as long as the query, of the transition function and of the combine function */
typedef struct ValidityCall
{
	FeatureReader *reader;
	SharedModels models;
} ValidityCall;

static ValidityCall *
call_of(FunctionCallInfo fcinfo)
{
	return fc_call_memory(fcinfo, sizeof(ValidityCall));
}

static ValidityState *
begin(MemoryContext context, ModelSlot *slot, bool of_codes)
{
	MemoryContext old = MemoryContextSwitchTo(context);
	ValidityState *s = palloc0(sizeof(ValidityState));

	s->slot = slot;
	s->key = slot->key;
	s->of_codes = of_codes;
	if (of_codes)
		s->codes = fc_code_space(context, slot);
	fc_begin_validity(&s->sums, of_codes ? &s->codes->model : &slot->model);
	MemoryContextSwitchTo(old);
	return s;
}

/* The state of a group for the model in datum, created if there is none */
static ValidityState *
state_of_model(FunctionCallInfo fcinfo, MemoryContext context, Datum datum, bool of_codes)
{
	ValidityState *s = fc_aggregate_state(fcinfo, 0);

	if (s == NULL)
		return begin(context, fc_shared_model(&call_of(fcinfo)->models, context, datum), of_codes);
	fc_check_same_model(s->slot, datum, of_codes ? "cluster_code_validity" : "cluster_validity");
	return s;
}

/* Adds the row in the slot, or its code */
static void
add_row(ValidityState *s, double weight)
{
	ModelSlot  *slot = s->slot;

	if (s->of_codes)
		fc_validity_add_code(&s->sums, &slot->scorer, slot->x, &s->codes->scorer, fc_code_of(s->codes, slot->x), weight);
	else
		fc_validity_add(&s->sums, &slot->scorer, slot->x, weight);
}

static Datum
accumulate(FunctionCallInfo fcinfo, bool of_codes)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	ValidityState *s = fc_aggregate_state(fcinfo, 0);
	ValidityCall *call = call_of(fcinfo);
	double		weight = fc_weight_argument(fcinfo, 3);

	if (call->reader == NULL)
	{
		call->reader = fc_feature_reader(fcinfo, 2);
		call->reader->categories.allowed = true;
	}
	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2) && weight > 0)
	{
		s = state_of_model(fcinfo, context, PG_GETARG_DATUM(1), of_codes);
		if (fc_read_features(s->slot, call->reader, PG_GETARG_DATUM(2)))
			add_row(s, weight);
	}
	return fc_return_state(fcinfo, s);
}

/*
 * cluster_validity_accum(internal, model bytea, features "any" [, weight float8]) returns internal
 */
PG_FUNCTION_INFO_V1(cluster_validity_accum);
Datum
cluster_validity_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, false);
}

/*
 * cluster_code_validity_accum(internal, model bytea, features "any" [, weight float8]) returns internal
 */
PG_FUNCTION_INFO_V1(cluster_code_validity_accum);
Datum
cluster_code_validity_accum(PG_FUNCTION_ARGS)
{
	return accumulate(fcinfo, true);
}

/*
 * cluster_validity_of_accum(internal, model bytea, statistics bytea) returns internal
 *
 * Adds the rows of a result of cluster_validity_step.
 */
PG_FUNCTION_INFO_V1(cluster_validity_of_accum);
Datum
cluster_validity_of_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	ValidityState *s = fc_aggregate_state(fcinfo, 0);
	FcValidity	part;

	if (!PG_ARGISNULL(1) && !PG_ARGISNULL(2))
	{
		s = state_of_model(fcinfo, context, PG_GETARG_DATUM(1), false);
		fc_validity_from_datum(&part, PG_GETARG_DATUM(2), PointerGetDatum(s->key), &s->slot->model);
		fc_validity_merge(&s->sums, part.words);
	}
	return fc_return_state(fcinfo, s);
}

/*
 * cluster_validity_combine(internal, internal) returns internal
 */
PG_FUNCTION_INFO_V1(cluster_validity_combine);
Datum
cluster_validity_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = fc_aggregate_context(fcinfo);
	ValidityState *s = fc_aggregate_state(fcinfo, 0);
	ValidityState *other = fc_aggregate_state(fcinfo, 1);

	if (other != NULL)
	{
		s = state_of_model(fcinfo, context, PointerGetDatum(other->key), other->of_codes);
		if (other->sums.length != s->sums.length)
			elog(ERROR, "cluster_validity state has a wrong length");
		fc_validity_merge(&s->sums, other->sums.words);
	}
	return fc_return_state(fcinfo, s);
}

/*
 * cluster_validity_serial(internal) returns bytea
 */
PG_FUNCTION_INFO_V1(cluster_validity_serial);
Datum
cluster_validity_serial(PG_FUNCTION_ARGS)
{
	ValidityState *s = (ValidityState *) PG_GETARG_POINTER(0);
	Size		sums = sizeof(uint64) * s->sums.length;
	Size		key = VARSIZE_ANY(s->key);
	bytea	   *result;
	char	   *to;

	(void) fc_aggregate_context(fcinfo);
	result = fc_bytea(1 + key + sums);
	to = VARDATA(result);
	*to++ = s->of_codes;
	memcpy(to, s->key, key);
	memcpy(to + key, s->sums.words, sums);
	PG_RETURN_BYTEA_P(result);
}

/*
 * cluster_validity_deserial(bytea, internal) returns internal
 */
PG_FUNCTION_INFO_V1(cluster_validity_deserial);
Datum
cluster_validity_deserial(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	Size		len = VARSIZE_ANY_EXHDR(bytes) - 1;
	struct varlena *key = memcpy(palloc(len), VARDATA_ANY(bytes) + 1, len);
	ValidityState *s = palloc0(sizeof(ValidityState));
	Size		sums = len - VARSIZE_ANY(key);

	(void) fc_aggregate_context(fcinfo);
	s->of_codes = *VARDATA_ANY(bytes);
	s->key = key;
	s->sums.length = sums / sizeof(uint64);
	s->sums.words = memcpy(palloc(sums), (char *) key + VARSIZE_ANY(key), sums);
	PG_RETURN_POINTER(s);
}

/*
 * cluster_validity_final(internal) returns jsonb
 *
 * The indices by name; null where one has no value or is infinite.  Of a model with noise
 * also the rows in the noise cluster.
 */
PG_FUNCTION_INFO_V1(cluster_validity_final);
Datum
cluster_validity_final(PG_FUNCTION_ARGS)
{
	ValidityState *s = fc_aggregate_state(fcinfo, 0);
	Validity	v;

	if (s == NULL || *s->sums.rows == 0)
		PG_RETURN_NULL();
	fc_finish_validity(&s->sums, s->codes ? &s->codes->scorer : &s->slot->scorer, &v);
	PG_RETURN_DATUM(fc_jsonb(fc_validity_text(&v)));
}

/*
 * cluster_validity_step_final(internal) returns bytea
 *
 * The sums, which cluster_merge merges; the state stays as it is but for its form.
 */
PG_FUNCTION_INFO_V1(cluster_validity_step_final);
Datum
cluster_validity_step_final(PG_FUNCTION_ARGS)
{
	ValidityState *s = fc_aggregate_state(fcinfo, 0);

	if (s == NULL)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(fc_validity_to_datum(&s->sums, PointerGetDatum(s->key)));
}
