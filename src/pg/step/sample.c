/*
 * sample.c - cluster_sample(features "any", n int, seed bigint [, key "any" [, missing text [, distance text
 * [, weight float8]]]]) returns bytea
 *
 * The state is a bytea that is changed in place, so that it can travel between
 * processes and servers: FcSurveyState behind a header of eight bytes.  It grows
 * with the sample, by doubling, as a value of the row's context which the executor
 * copies into that of the aggregate.  The combine function makes surveys of two
 * states and merges them; so what it returns, and what the final function takes,
 * is a state or a survey.
 *
 * cluster_sample_real and cluster_sample_double are the same for real[] and
 * double precision[]: Citus runs aggregates on shards only if their arguments have
 * types of their own, and tells the transition function nothing about the call.
 */
#include "pg/step/step.h"

#include "catalog/pg_collation.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "core/direction.h"
#include "core/variants.h"

#include <math.h>

#define STATE_HEADER	8		/* bytes before the state: those of a varlena, and 0 */

/* What lasts as long as the memory context of the aggregate */
typedef struct Sampling
{
	uint64		owner;			/* 0: not yet drawn */
	int			isa;
	FeatureReader *real;		/* of real[], or NULL ... */
	FeatureReader *wide;		/* ... and of double precision[] */
} Sampling;

static const char sampling_kind[] = "cluster_sample";

/* What lasts as long as the call, for arguments of any types */
typedef struct SampleCall
{
	FeatureReader *reader;
	Oid			key;			/* its type; invalid: it was not looked up */
	bool		literal;		/* an untyped one, read as text */
	int16		length;			/* as pg_type.typlen */
	Oid			collation;
	FmgrInfo	hash;
} SampleCall;

/* The arguments of a row, but for the features */
typedef struct SampleRow
{
	int32		most;
	int64		seed;
	int			missing;		/* FC_MISSING_ERROR, FC_MISSING_SKIP or FC_MISSING_PARTIAL, which keeps gaps */
	bool		unit;			/* it is divided by its length */
	bool		keyed;
	uint64		key;
	bool		weighted;
	double		weight;			/* not a number: it is null */
} SampleRow;

static FcHooks
interruptible(void)
{
	return (FcHooks) {.check = fc_check_interrupts};
}

/* ---- states as values ---- */

static FcSurveyState *
state_in(bytea *value)
{
	return (FcSurveyState *) ((char *) value + STATE_HEADER);
}

/* Of the current context, which is that of a row */
static bytea *
allocate_state(const FcSurveyKind *kind, FcSurveyRoom room, int32 most)
{
	Size		size = fc_survey_state_size(kind, room) + STATE_HEADER;
	bytea	   *value;

	if (size / 1024 > (Size) maintenance_work_mem || !AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a sample of %d rows with %s needs at least %zu MB of memory, but maintenance_work_mem is %d MB", most,
						fc_counted(kind->d, "feature"), size / (1024 * 1024) + 1, maintenance_work_mem / 1024),
				 errhint(AllocSizeIsValid(size) ? "Sample fewer rows, or raise maintenance_work_mem." : "Sample fewer rows.")));
	value = palloc(size);
	SET_VARSIZE(value, size);
	memset((char *) value + VARHDRSZ, 0, STATE_HEADER - VARHDRSZ);
	return value;
}

static bytea *
begin_state(const SampleRow *row, uint64 owner)
{
	bytea	   *value = allocate_state(&(FcSurveyKind) {0}, (FcSurveyRoom) {0}, row->most);
	FcSurveyState *s = state_in(value);

	fc_survey_begin(s, row->most, (uint64) row->seed);
	s->owner = owner;
	return value;
}

static bytea *
move_state(bytea *value, const FcSurveyKind *kind, FcSurveyRoom room)
{
	bytea	   *larger = allocate_state(kind, room, state_in(value)->most);

	fc_survey_move(state_in(value), state_in(larger), kind, room);
	return larger;
}

/* ---- arguments ---- */

static bool
is_word(const text *value, const char *word)
{
	return VARSIZE_ANY_EXHDR(value) == strlen(word) && memcmp(VARDATA_ANY(value), word, strlen(word)) == 0;
}

static int
missing_argument(FunctionCallInfo fcinfo, int arg)
{
	text	   *word;

	if (PG_NARGS() <= arg)
		return FC_MISSING_ERROR;
	fc_refuse_null(fcinfo, arg, "missing");
	word = PG_GETARG_TEXT_PP(arg);
	if (is_word(word, "skip"))
		return FC_MISSING_SKIP;
	if (is_word(word, "partial"))
		return FC_MISSING_PARTIAL;
	if (!is_word(word, "error"))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("missing cannot be \"%s\"", text_to_cstring(word)),
				 errhint("Valid values are \"error\", \"skip\" and \"partial\".")));
	return FC_MISSING_ERROR;
}

static bool
is_cosine_argument(FunctionCallInfo fcinfo, int arg)
{
	text	   *word;

	if (PG_NARGS() <= arg)
		return false;
	fc_refuse_null(fcinfo, arg, "distance");
	word = PG_GETARG_TEXT_PP(arg);
	if (!is_word(word, "cosine") && !is_word(word, "euclidean"))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("distance cannot be \"%s\"", text_to_cstring(word)),
				 errhint("Valid values are \"euclidean\" and \"cosine\".")));
	return is_word(word, "cosine");
}

static SampleRow
read_arguments(FunctionCallInfo fcinfo, int missing)
{
	SampleRow	row = {0};

	fc_refuse_null(fcinfo, 2, "number of rows");
	fc_refuse_null(fcinfo, 3, "seed");
	row.most = PG_GETARG_INT32(2);
	row.seed = PG_GETARG_INT64(3);
	row.missing = missing_argument(fcinfo, missing);
	row.unit = is_cosine_argument(fcinfo, missing + 1);
	row.weighted = PG_NARGS() > missing + 2;
	row.weight = !row.weighted ? 1 : PG_ARGISNULL(missing + 2) ? NAN : fc_checked_weight(PG_GETARG_FLOAT8(missing + 2));
	if (row.most < 1 || row.most > FC_MAX_SAMPLED)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of rows must be between 1 and %d, not %d", FC_MAX_SAMPLED, row.most)));
	return row;
}

static void
check_same_arguments(const FcSurveyState *s, const SampleRow *row)
{
	if (s->most != row->most)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of rows changes from %d to %d within a group", s->most, row->most),
				 errhint("Group by all columns on which it depends.")));
	if ((int64) s->seed != row->seed)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("seed changes from " INT64_FORMAT " to " INT64_FORMAT " within a group", (int64) s->seed, row->seed),
				 errhint("Group by all columns on which it depends.")));
}

/* How to hash the key, which is argument number arg */
static void
look_up_key(SampleCall *call, FunctionCallInfo fcinfo, int arg)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, arg);
	TypeCacheEntry *entry;

	call->collation = PG_GET_COLLATION();
	call->literal = type == UNKNOWNOID;
	if (call->literal)
	{
		type = TEXTOID;
		call->collation = DEFAULT_COLLATION_OID;
	}
	entry = lookup_type_cache(type, TYPECACHE_HASH_EXTENDED_PROC_FINFO);
	if (!OidIsValid(entry->hash_extended_proc_finfo.fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_FUNCTION),
				 errmsg("could not identify an extended hash function for type %s", format_type_be(type)),
				 errhint("Cast the key to a type that can be hashed, for example text.")));
	call->length = entry->typlen;
	fmgr_info_copy(&call->hash, &entry->hash_extended_proc_finfo, fcinfo->flinfo->fn_mcxt);
	call->key = type;
}

/* An argument that is null in all rows is none */
static void
read_key(FunctionCallInfo fcinfo, SampleCall *call, SampleRow *row)
{
	Datum		value;

	if (PG_NARGS() <= 4 || PG_ARGISNULL(4))
		return;
	if (!OidIsValid(call->key))
		look_up_key(call, fcinfo, 4);
	value = PG_GETARG_DATUM(4);
	if (call->literal)
		value = CStringGetTextDatum(DatumGetCString(value));
	else if (call->length == -1)
		value = PointerGetDatum(PG_DETOAST_DATUM_PACKED(value));
	if (row->weighted)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cluster_sample with weights takes no key"),
				 errhint("Pass NULL as the key.")));
	row->keyed = true;
	row->key = DatumGetUInt64(FunctionCall2Coll(&call->hash, call->collation, value, UInt64GetDatum(0)));
}

/* ---- rows ---- */

/* The row x (d) divided by its length, in the precision in which others read it; false: it has none */
static bool
make_unit(const FeatureReader *r, double *x, int32 d)
{
	float	   *narrow;
	bool		result;

	if (r->precision == FC_F64)
		return fc_make_unit(x, FC_F64, d);
	narrow = palloc(sizeof(float) * d);
	for (int32 j = 0; j < d; j++)
		narrow[j] = (float) x[j];
	result = fc_make_unit(narrow, FC_F32, d);
	for (int32 j = 0; j < d; j++)
		x[j] = narrow[j];
	pfree(narrow);
	return result;
}

/* The features of the row into x (d); false: some are missing, and it is to be skipped */
static bool
get_features(FeatureReader *r, Datum value, int32 d, const SampleRow *row, double *x)
{
	const char *plain = fc_plain_elements(r, value, d);
	int32		missing;

	if (plain && r->elements->read_double(plain, d, x))
		return true;
	if (plain)
		(void) fc_features_open(r, value);
	missing = fc_features_get_double(r, x);
	if (missing != 0 && row->missing == FC_MISSING_ERROR)
		fc_features_reject(r, missing);
	if (missing != 0 && row->missing == FC_MISSING_PARTIAL)
		return fc_features_leave_gaps(r, x, FC_F64);
	return missing == 0;
}

/* The same as the survey has them */
static bool
read_features(FeatureReader *r, Datum value, int32 d, const SampleRow *row, double *x)
{
	if (!get_features(r, value, d, row, x))
		return false;
	if (!row->unit || make_unit(r, x, d))
		return true;
	if (row->missing == FC_MISSING_ERROR)
		fc_features_refuse_zero();
	return false;
}

/* How many features there are; the row is open unless they can be read at once */
static int32
count_features(FeatureReader *r, Datum value, int32 d)
{
	int32		found = d > 0 && fc_plain_elements(r, value, d) ? d : fc_features_open(r, value);

	if (d > 0 && found != d)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("feature vectors have different lengths: %d and %d", d, found)));
	return found;
}

/* ---- categories ---- */

pg_noreturn static void
refuse_value(int32 code, int32 column)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 code == FC_TOO_MANY_CODES ?
			 errmsg("column %d of the features has too many values for a category: more than %d", column + 1, FC_MAX_CATEGORY_VALUES) :
			 code == FC_TOO_MANY_FEATURES ? errmsg("too many features: more than %d", FC_MAX_COLUMNS) :
			 errmsg("the values of categories are too long: more than %d bytes", FC_MAX_VALUE_BYTES),
			 errhint("Leave the column out, group its values, or replace it by numbers that describe them.")));
}

/* Are the columns of the row those of the state? */
static void
check_kinds(const FcSurveyState *s, const FeatureReader *r)
{
	if ((s->kind.categories != 0) != (r->categories.count > 0))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("some rows have categories, others have numbers only")));
	for (int32 j = 0; s->kind.categories && j < s->kind.d; j++)
		if (fc_survey_is_category(s, j) != (r->categories.kind[j] != CATEGORY_NONE))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("column %d of the features is a category in some rows and a number in others", j + 1)));
}

/* The values of categories in the row that the reader has opened, in place of 0 in the next row of the state, which may move */
static bytea *
set_codes(bytea *value, const FeatureReader *r)
{
	for (int32 j = 0; j < r->d; j++)
	{
		const char *text;
		int			length;
		int32		code;

		if (r->categories.kind[j] == CATEGORY_NONE || isnan(fc_survey_next(state_in(value))[j]))
			continue;
		text = fc_category_text(r, j, &length);
		while ((code = fc_survey_code(state_in(value), j, text, length)) == FC_NO_ROOM_FOR_CODE)
			value = move_state(value, &state_in(value)->kind, fc_survey_word_room(state_in(value), length));
		if (code < 0)
			refuse_value(code, j);
		fc_survey_next(state_in(value))[j] = code;
	}
	return value;
}

static void
begin_categories(FcSurveyState *s, const FeatureReader *r)
{
	for (int32 j = 0; r->categories.count > 0 && j < r->d; j++)
		if (r->categories.kind[j] != CATEGORY_NONE)
			fc_survey_set_category(s, j);
}

/* ---- adding ---- */

/* A state that has room for the row, and knows what rows are like */
static bytea *
make_room(bytea *value, FeatureReader *r, const SampleRow *row, int32 d)
{
	FcHooks		hooks = interruptible();
	FcSurveyState *s = state_in(value);
	FcSurveyKind kind = {
		.d = d, .precision = r->precision, .keyed = row->keyed, .gaps = row->missing == FC_MISSING_PARTIAL,
		.weighted = row->weighted, .categories = r->categories.count > 0
	};
	bool		first = s->kind.d == 0;
	FcSurveyRoom room = fc_survey_room(s, &kind, &hooks);

	if (!first && s->kind.keyed != row->keyed)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("key is null in some rows only"),
				 errhint("Leave such rows out with a WHERE clause, or use coalesce().")));
	if (!first && s->kind.gaps != kind.gaps)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("missing changes within a group"),
				 errhint("Group by all columns on which it depends.")));
	if (kind.categories && kind.keyed)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cluster_sample of categories takes no key"),
				 errhint("Pass NULL as the key.")));
	if (room.rows != s->room.rows)
		value = move_state(value, first ? &kind : &s->kind, room);
	if (first)
		begin_categories(state_in(value), r);
	else
		check_kinds(s, r);
	return value;
}

/* Adds a row with features */
static bytea *
add_row(bytea *value, FeatureReader *r, Datum features, const SampleRow *row, int isa)
{
	int32		d = count_features(r, features, state_in(value)->kind.d);

	value = make_room(value, r, row, d);
	if (!read_features(r, features, d, row, fc_survey_next(state_in(value))))
	{
		state_in(value)->skipped++;
		return value;
	}
	if (r->categories.count > 0)
		value = set_codes(value, r);
	if (row->weighted)
		fc_survey_next(state_in(value))[d] = row->weight;
	fc_survey_add(state_in(value), row->key, isa);
	return value;
}

static Sampling *
begin_sampling(FunctionCallInfo fcinfo)
{
	Sampling   *sampling = fc_attached(fc_aggregate_context(fcinfo), sampling_kind, sizeof(Sampling));

	if (sampling->owner == 0)
	{
		fc_refuse_misuse(fcinfo);
		sampling->isa = fc_best_isa();
		sampling->owner = fc_owner_number();
	}
	return sampling;
}

/* The state so far, or NULL */
static bytea *
own_state(FunctionCallInfo fcinfo, const Sampling *sampling)
{
	bytea	   *value = fc_aggregate_state(fcinfo, 0);

	if (value == NULL)
		return NULL;
	if (VARATT_IS_EXTENDED(value) || VARSIZE(value) < STATE_HEADER + sizeof(FcSurveyState) ||
		state_in(value)->owner != sampling->owner)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid state of cluster_sample")));
	return value;
}

/* The new state, after a row whose other arguments are given */
static Datum
accumulate(FunctionCallInfo fcinfo, const Sampling *sampling, FeatureReader *reader, const SampleRow *row)
{
	bytea	   *value = own_state(fcinfo, sampling);

	if (value == NULL)
		value = begin_state(row, sampling->owner);
	else
		check_same_arguments(state_in(value), row);
	if (row->weight == 0)
		PG_RETURN_POINTER(value);
	if (PG_ARGISNULL(1) || isnan(row->weight))
		state_in(value)->skipped++;
	else
		value = add_row(value, reader, PG_GETARG_DATUM(1), row, sampling->isa);
	PG_RETURN_POINTER(value);
}

/* cluster_sample_accum(bytea, features "any", n int, seed bigint [, key "any" [, missing text [, distance text [, weight float8]]]]) returns bytea */
PG_FUNCTION_INFO_V1(cluster_sample_accum);
Datum
cluster_sample_accum(PG_FUNCTION_ARGS)
{
	Sampling   *sampling = begin_sampling(fcinfo);
	SampleCall *call = fc_call_memory(fcinfo, sizeof(SampleCall));
	SampleRow	row = read_arguments(fcinfo, 5);

	if (call->reader == NULL)
	{
		call->reader = fc_feature_reader(fcinfo, 1);
		call->reader->categories.allowed = !row.unit;
		call->reader->training = PG_NARGS() > 5;
	}
	if (!PG_ARGISNULL(1))
		read_key(fcinfo, call, &row);
	return accumulate(fcinfo, sampling, call->reader, &row);
}

/* For features of one type, whose reader is kept in *reader, without a look at the call */
static Datum
accumulate_type(FunctionCallInfo fcinfo, const Sampling *sampling, Oid type, FeatureReader **reader)
{
	SampleRow	row = read_arguments(fcinfo, 4);

	if (*reader == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(fc_aggregate_context(fcinfo));

		*reader = fc_feature_reader_of_type(type);
		MemoryContextSwitchTo(old);
	}
	(*reader)->training = PG_NARGS() > 4;
	return accumulate(fcinfo, sampling, *reader, &row);
}

/* cluster_sample_real_accum(bytea, features real[], n int, seed bigint [, missing text [, distance text [, weight float8]]]) returns bytea */
PG_FUNCTION_INFO_V1(cluster_sample_real_accum);
Datum
cluster_sample_real_accum(PG_FUNCTION_ARGS)
{
	Sampling   *sampling = begin_sampling(fcinfo);

	return accumulate_type(fcinfo, sampling, FLOAT4ARRAYOID, &sampling->real);
}

/* cluster_sample_double_accum(bytea, features float8[], n int, seed bigint [, missing text [, distance text [, weight float8]]]) returns bytea */
PG_FUNCTION_INFO_V1(cluster_sample_double_accum);
Datum
cluster_sample_double_accum(PG_FUNCTION_ARGS)
{
	Sampling   *sampling = begin_sampling(fcinfo);

	return accumulate_type(fcinfo, sampling, FLOAT8ARRAYOID, &sampling->wide);
}

/* ---- the end ---- */

/* The survey in a state, which may be one already; neither is changed */
static bytea *
survey_of(Datum datum)
{
	FcHooks		hooks = interruptible();
	bytea	   *value = DatumGetByteaPP(datum);
	Size		size = VARSIZE_ANY_EXHDR(value) + VARHDRSZ;
	bytea	   *copy;
	FcSurveyState *s;
	bytea	   *result;

	if (fc_is_survey(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)))
		return value;
	copy = palloc(Max(size, STATE_HEADER));
	memcpy(VARDATA(copy), VARDATA_ANY(value), size - VARHDRSZ);
	s = state_in(copy);
	if (size < STATE_HEADER || !fc_survey_state_holds(s, size - STATE_HEADER))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("invalid state of cluster_sample")));
	fc_survey_finish(s, fc_best_isa(), &hooks);
	size = fc_survey_size(s);
	result = palloc(size + STATE_HEADER);
	fc_survey_write(s, (char *) result + STATE_HEADER, &hooks);
	pfree(copy);
	memmove(VARDATA(result), (char *) result + STATE_HEADER, size);
	SET_VARSIZE(result, VARHDRSZ + size);
	return result;
}

/* cluster_sample_combine(bytea, bytea) returns bytea */
PG_FUNCTION_INFO_V1(cluster_sample_combine);
Datum
cluster_sample_combine(PG_FUNCTION_ARGS)
{
	bytea	   *a = survey_of(PG_GETARG_DATUM(0));
	bytea	   *b = survey_of(PG_GETARG_DATUM(1));

	(void) fc_aggregate_context(fcinfo);
	PG_RETURN_BYTEA_P(fc_merge_surveys(PointerGetDatum(a), PointerGetDatum(b)));
}

/* cluster_sample_final(bytea) returns bytea */
PG_FUNCTION_INFO_V1(cluster_sample_final);
Datum
cluster_sample_final(PG_FUNCTION_ARGS)
{
	FcSurvey	s;
	bytea	   *result = survey_of(PG_GETARG_DATUM(0));

	(void) fc_aggregate_context(fcinfo);
	fc_survey_from_datum(&s, PointerGetDatum(result));	/* states may be forged */
	PG_RETURN_BYTEA_P(result);
}
