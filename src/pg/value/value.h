/*
 * value.h - features, options, models and results as SQL values
 */
#ifndef FUZZYCLUST_VALUE_H
#define FUZZYCLUST_VALUE_H

#include "pg/fuzzyclust.h"

#include "access/tupdesc.h"
#include "lib/stringinfo.h"
#include "nodes/execnodes.h"
#include "utils/jsonb.h"
#include "utils/tuplestore.h"

#include "core/categories.h"
#include "core/score.h"

#include <math.h>

/* ---- number_text.c ---- */

extern char *fc_double_text(double value);
extern char *fc_float_text(float value);
extern char *fc_counted(int64 n, const char *noun);

/* ---- argument.c ---- */

extern void fc_refuse_null(FunctionCallInfo fcinfo, int arg, const char *name);
extern MemoryContext fc_aggregate_context(FunctionCallInfo fcinfo);
extern double fc_weight_argument(FunctionCallInfo fcinfo, int arg);
extern bool fc_is_constant_argument(FunctionCallInfo fcinfo, int arg);
extern struct varlena *fc_comparable(Datum datum);

/* Are they stored as the same value?  TOAST pointers, which are short, are compared at once */
static inline bool
fc_same_bytes(const struct varlena *a, const struct varlena *b)
{
	if (VARATT_IS_EXTERNAL_ONDISK(a) && VARATT_IS_EXTERNAL_ONDISK(b))
		return memcmp(VARDATA_EXTERNAL(a), VARDATA_EXTERNAL(b), sizeof(varatt_external)) == 0;
	return VARSIZE_ANY(a) == VARSIZE_ANY(b) && memcmp(a, b, VARSIZE_ANY(a)) == 0;
}

/* What a call in a query keeps from one row to the next; zeros at first */
static inline void *
fc_call_memory(FunctionCallInfo fcinfo, Size size)
{
	FmgrInfo   *call = fcinfo->flinfo;

	if (call->fn_extra == NULL)
		call->fn_extra = MemoryContextAllocZero(call->fn_mcxt, size);
	return call->fn_extra;
}

/* The state of a group, or NULL */
static inline void *
fc_aggregate_state(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? NULL : PG_GETARG_POINTER(arg);
}

/* Of a transition function */
static inline Datum
fc_return_state(FunctionCallInfo fcinfo, void *state)
{
	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/* ---- feature.c: vectors of features, of any type that holds numbers ---- */

typedef enum FeatureKind
{
	FEATURE_ARRAY,
	FEATURE_ROW,
	FEATURE_BYTES,				/* one unsigned byte a feature, over 255 */
	FEATURE_VECTOR,				/* of pgvector */
	FEATURE_HALFVEC,
	FEATURE_SPARSEVEC,
	FEATURE_TEXT,				/* written out, see feature_text.c */
	FEATURE_JSON				/* likewise */
} FeatureKind;

/* How the values of a column of a row are categories */
typedef enum CategoryKind
{
	CATEGORY_NONE,				/* it has numbers */
	CATEGORY_TEXT,				/* text, varchar */
	CATEGORY_PADDED,			/* char(n) */
	CATEGORY_NAME,
	CATEGORY_BOOLEAN,
	CATEGORY_ENUM,
	CATEGORY_LITERAL			/* in ROW(), of no type */
} CategoryKind;

typedef struct CategoryColumns
{
	bool		allowed;
	int32		count;
	CategoryKind *kind;			/* (d) of each column */
} CategoryColumns;

/* Reads d elements, which may be unaligned, into out; false: one is NaN, infinite or too large */
typedef bool (*FeatureElementsRead) (const char *data, int32 d, void *out);

/* Elements of a fixed size */
typedef struct FeatureElements
{
	Size		size;
	FeatureElementsRead read;	/* in the precision of the type */
	FeatureElementsRead read_double;
} FeatureElements;

/* How to read an argument, and the vector that was opened last */
typedef struct FeatureReader
{
	FeatureKind kind;
	Oid			element;		/* of an array */
	const FeatureElements *elements;	/* NULL: they have no fixed size */
	bool		plain;			/* an array of such elements: see fc_plain_elements() */
	FcPrecision precision;		/* what fc_features_get() gives */
	bool		training;		/* rows may be skipped, and hints mention it */
	MemoryContext context;		/* lives as long as the reader */
	MemoryContext row_context;	/* for the row type; reset when that changes */
	Oid			row_type;
	int32		row_typmod;
	uint64		row_version;	/* changes when a named type is altered */
	TupleDesc	row;			/* of a row, without domains in it */
	const char *names;			/* (names_length) of its columns, see names.c; NULL: they have none */
	int32		names_length;
	CategoryColumns categories;	/* of a row */
	uint64		changes;		/* how many row types there were; 0: none */
	Datum	   *columns;
	bool	   *nulls;
	FmgrInfo	output;			/* of a type that is read as text; none for a cstring */
	double	   *numbers;		/* (room) the numbers that were read; nulls are NaN */
	int32		room;			/* of numbers and nulls, then */

	int32		d;				/* features */
	const char *data;			/* the elements, or a whole sparse vector; may be unaligned */
	const uint8 *bitmap;		/* bits of null elements, or NULL */
	Datum		value;
} FeatureReader;

/* Of an array of one dimension without nulls, what is before its elements: ArrayType, minus its length word */
#define FC_ARRAY_HEADER	20

static inline int32
fc_int_at(const char *p, int at)
{
	int32		value;

	memcpy(&value, p + at, sizeof(value));
	return value;
}

/*
 * A scan of a table reads the rows of a page from its end: the next ones are at lower
 * addresses.  Any address may be given.
 */
static inline void
fc_prefetch_next(const char *row)
{
#if defined(__GNUC__)
	__builtin_prefetch(row - 512);
	__builtin_prefetch(row - 576);
#else
	(void) row;
#endif
}

/*
 * The elements of an array as most are: in line, of one dimension, with d
 * elements of a fixed size and no nulls.  NULL: see fc_features_open().
 */
static inline const char *
fc_plain_elements(const FeatureReader *r, Datum value, int32 d)
{
	const char *array = DatumGetPointer(value);
	const char *p = VARDATA_ANY(array);

	fc_prefetch_next(array);
	if (!r->plain || VARATT_IS_EXTERNAL(array) || VARATT_IS_COMPRESSED(array) || VARSIZE_ANY_EXHDR(array) < FC_ARRAY_HEADER)
		return NULL;
	return fc_int_at(p, 0) == 1 && fc_int_at(p, 4) == 0 && fc_int_at(p, 12) == d ? p + FC_ARRAY_HEADER : NULL;
}

extern FeatureReader *fc_feature_reader(FunctionCallInfo fcinfo, int arg);
extern FeatureReader *fc_feature_reader_of_type(Oid type);
extern FeatureReader *fc_feature_reader_of_columns(TupleDesc desc, bool takes_categories);
extern int32 fc_features_open(FeatureReader *r, Datum value);
extern int32 fc_features_open_columns(FeatureReader *r, Datum *columns, bool *nulls);
extern int32 fc_features_get(FeatureReader *r, void *out);
extern int32 fc_features_get_double(FeatureReader *r, double *out);
pg_noreturn extern void fc_features_reject(FeatureReader *r, int32 feature);
pg_noreturn extern void fc_features_refuse_zero(void);

/* Is a feature not a usable number? */
static inline bool
fc_is_missing(double value, FcPrecision limit)
{
	return !(fabs(value) <= FC_LIMIT(limit));
}

/* ---- feature_gaps.c: vectors with missing features ---- */

extern bool fc_features_leave_gaps(const FeatureReader *r, void *out, FcPrecision precision);

/* ---- feature_elements.c: vectors whose elements have a fixed size ---- */

extern const FeatureElements *fc_feature_elements(FeatureKind kind, Oid element);

/* ---- categories.c: columns of rows whose values are categories ---- */

/* The values of the columns of rows that are read for a training */
typedef struct Dictionaries Dictionaries;

extern CategoryKind fc_category_kind(Oid type);
extern Dictionaries *fc_begin_dictionaries(const FeatureReader *r);
extern Dictionaries *fc_dictionaries_of(const FcCategories *categories, const bool *is_category);
extern const char *fc_category_text(const FeatureReader *r, int32 j, int *length);
extern Size fc_dictionaries_size(const Dictionaries *d);
extern int32 fc_dictionaries_features(const Dictionaries *d);
extern void fc_read_codes(const FeatureReader *r, Dictionaries *d, int64 rows, double *out);
extern void fc_refuse_other_kinds(const FeatureReader *r, const Dictionaries *d);
extern void fc_refuse_kinds(const FeatureReader *r, const FcModel *m);
extern Form_pg_attribute fc_first_category(const FeatureReader *r);
extern bool fc_is_category(const Dictionaries *d, int32 j);
extern FcCategories fc_sorted_categories(const Dictionaries *d, const char *names, int32 **place);
extern void fc_index_values(FcValueIndex *values, const FcModel *m);
extern int32 **fc_codes_in_model(const Dictionaries *d, const FcValueIndex *values);
extern bool fc_spread_columns(const FeatureReader *r, const FcValueIndex *values, const double *columns, double *x);

/* ---- names.c: the names of features ---- */

extern const char *fc_names_of_columns(TupleDesc desc, int32 *length);
extern const char *fc_name_of(const char *names, int32 feature);
extern const char *fc_name_text(const char *name);
extern const char *fc_name_from_text(const char *name);
extern const char *fc_list_names(const char *names, int32 d);
extern const char **fc_feature_names(const FcModel *m);
extern void fc_refuse_other_names(const char *names, const char *found, int32 d, const char *owner);

/* ---- feature_type.c: types that features cannot have ---- */

pg_noreturn extern void fc_features_reject_type(Oid type);
extern void fc_features_refuse_number(FunctionCallInfo fcinfo, int arg);

/* ---- feature_text.c: the same of text and JSON ---- */

extern bool fc_is_written(Oid type);
extern void fc_begin_written(FeatureReader *r, Oid type);
extern void fc_open_written(FeatureReader *r);
extern const char *fc_written_feature(FeatureReader *r, int32 feature);

/* ---- number.c ---- */

extern bool fc_is_number(Oid type);
extern double fc_number_from_datum(Oid type, Datum value);

/* Weights of rows, unless they are 0 */
#define FC_LEAST_WEIGHT	1e-15
#define FC_MOST_WEIGHT	1e15

extern double fc_checked_weight(double weight);

/* ---- words.c ---- */

extern int	fc_whole_characters(const char *text, int most);
extern const char *fc_beginning_of(const char *word);
extern void fc_append_item(StringInfo list, const char *item);

/* ---- options.c ---- */

/* How rows are taken that have a feature missing: FC_MISSING_ERROR, ... */
static inline int
fc_missing(const FcModel *m)
{
	return (int) m->common[FC_MISSING];
}

/* Are such rows left out? */
static inline bool
fc_skips_missing(const FcModel *m)
{
	return fc_missing(m) == FC_MISSING_SKIP;
}

/* Does a model score them? */
static inline bool
fc_bears_gaps(const FcModel *m)
{
	return fc_missing(m) == FC_MISSING_MEAN || fc_missing(m) == FC_MISSING_PARTIAL;
}

/* What options hold besides numbers */
typedef struct OptionArrays
{
	int32		k;				/* initial centers; 0: none */
	int32		d;
	double	   *centers;		/* (k, d) */
	double	   *list[FC_MAX_LISTS];	/* values of options that are lists */
	FcModel    *earlier;		/* a model to begin with, or NULL */
	const char *names;			/* feature names of the model with these centers, or NULL */
	const char *weight;			/* column with the weights of rows, or NULL */
} OptionArrays;

extern void fc_start_from_model(OptionArrays *arrays, const FcModel *m);
extern Jsonb *fc_options_argument(FunctionCallInfo fcinfo, int arg);
extern void fc_parse_options(FcModel *m, OptionArrays *arrays, Jsonb *options);
extern const char *fc_option_text(const FcOption *o, double value);
extern const char *fc_algorithm_names(bool (*has) (const FcAlgorithm *algo));
extern const FcAlgorithm *fc_algorithm_by_name(const char *name);
extern void fc_refuse_without(const FcAlgorithm *algo, bool (*has) (const FcAlgorithm *algo), const char *article,
							  const char *what);

/* ---- function_options.c: options of functions, other than those of algorithms ---- */

extern JsonbIterator *fc_begin_options(Jsonb *options, const char *hint);
extern bool fc_next_option(JsonbIterator **it, const char **name, JsonbValue *v);
pg_noreturn extern void fc_reject_option_name(const char *name, const char *function, const char *valid);
extern int32 fc_integer_option(const char *name, const JsonbValue *v, int32 least, int32 most);

/* ---- model.c: models as SQL values ---- */

extern uint32 fc_checksum(const char *p, Size len);
pg_noreturn extern void fc_refuse_newer(const char *what);
extern bytea *fc_model_to_datum(const FcModel *m);
extern void fc_model_from_datum(FcModel *m, Datum datum);
extern void *fc_model_bytes(Datum datum, Size *len);
extern const char *fc_phase_text(const FcModel *m, int32 row);

/* A model that is ready to score, kept between calls */
typedef struct ModelSlot
{
	MemoryContext context;
	FcModel		model;
	FcScorer	scorer;
	double	   *x;				/* (d) for a row's features */
	double	   *frame;			/* (3, width) of cluster_project, of a model that has none; NULL: not yet found */
	double	   *columns;		/* for those of a row with categories ... */
	FcValueIndex values;		/* ... and the values of these */
	uint64		changes;		/* of the reader's row type, that are known to have the model's names */
	struct varlena *key;		/* what identifies the SQL value */
	uint64		used;			/* when it was last used */
} ModelSlot;

#define MODEL_SLOTS	4

typedef struct ModelCache
{
	uint64		clock;
	ModelSlot  *last;			/* the one used last, or NULL */
	ModelSlot	slots[MODEL_SLOTS];
} ModelCache;

extern bool fc_slot_holds(const ModelSlot *slot, Datum datum);
extern void fc_fill_slot(ModelSlot *slot, MemoryContext context, Datum datum);
extern ModelSlot *fc_cached_model(ModelCache *cache, MemoryContext context, Datum datum);

/* Models that the groups of an aggregate share */
typedef struct SharedTable SharedTable;
typedef struct SharedModels
{
	SharedTable *tables;		/* in the contexts of their groups */
} SharedModels;

extern ModelSlot *fc_shared_model(SharedModels *models, MemoryContext context, Datum datum);
extern void fc_check_same_model(const ModelSlot *slot, Datum datum, const char *aggregate);
extern void fc_check_features(const FcModel *m, const FeatureReader *reader, int32 d, uint64 *changes);
extern bool fc_read_features(ModelSlot *slot, FeatureReader *reader, Datum value);
extern bool fc_read_columns(ModelSlot *slot, FeatureReader *reader, Datum *columns, bool *nulls);

/* ---- validity_value.c: sums of validity indices as SQL values ---- */

struct FcValidity;

extern bytea *fc_validity_to_datum(struct FcValidity *v, Datum model);
extern void fc_validity_from_datum(struct FcValidity *v, Datum datum, Datum model, const FcModel *m);
extern bytea *fc_merge_validity(Datum a, Datum b);

/* ---- json.c ---- */

extern void fc_json_key(StringInfo s, const char *key);
extern void fc_json_add_integer(StringInfo s, const char *key, int64 value);
extern void fc_json_add_number(StringInfo s, const char *key, double value);
extern void fc_json_append_numbers(StringInfo s, const double *values, int32 n);
extern void fc_json_add_numbers(StringInfo s, const char *key, const double *values, int32 n);
extern void fc_json_add_bool(StringInfo s, const char *key, bool value);
extern void fc_json_add_string(StringInfo s, const char *key, const char *value);
extern Datum fc_jsonb(const char *text);

/* ---- model_json.c: models as JSON ---- */

extern void fc_json_add_options(StringInfo s, FcModel *m);
extern const char *fc_precision_text(FcPrecision precision);

/* ---- result.c: results as SQL values ---- */

/* A set that the caller reads when it is complete */
typedef struct ResultSet
{
	Tuplestorestate *store;
	TupleDesc	desc;
} ResultSet;

extern ReturnSetInfo *fc_set_caller(FunctionCallInfo fcinfo, SetFunctionReturnMode mode);
extern ResultSet fc_begin_set(FunctionCallInfo fcinfo);
extern Datum fc_float8_or_null(double value, bool *null);
extern bytea *fc_bytea(Size size);
extern Datum fc_float8_array(const double *values, int n);
extern Datum fc_float4_array(const float *values, int n);
extern Datum fc_float8_matrix(const double *values, int rows, int columns);
extern Datum fc_text_array(const char *const *texts, int n);

#endif
