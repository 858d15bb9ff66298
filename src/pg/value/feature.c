/*
 * feature.c - vectors of features, of any type that holds numbers
 *
 * An argument declared "any" may be an array of numbers, a row of columns that
 * are numbers or categories (see categories.c), pgvector's vector, halfvec or sparsevec,
 * text or JSON (see feature_text.c), or a bytea with one unsigned byte a feature,
 * which is read as byte / 255.  real[], types of pgvector and bytea are read as
 * float32, the rest as float64.
 *
 * Arrays are read in place, packed or not (see feature_elements.c).
 */
#include "pg/value/value.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include <math.h>

/* ---- types ---- */

/* Is it the type of that name of the extension "vector"? */
static bool
is_pgvector(Oid type, const char *name)
{
	Oid			extension = getExtensionOfObject(TypeRelationId, type);
	char	   *extension_name = OidIsValid(extension) ? get_extension_name(extension) : NULL;
	HeapTuple	tuple;
	bool		same;

	if (extension_name == NULL || strcmp(extension_name, "vector") != 0)
		return false;
	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
	if (!HeapTupleIsValid(tuple))
		return false;
	same = strcmp(NameStr(((Form_pg_type) GETSTRUCT(tuple))->typname), name) == 0;
	ReleaseSysCache(tuple);
	return same;
}

static void
resolve_type(FeatureReader *r, Oid type)
{
	Oid			base = OidIsValid(type) ? getBaseType(type) : InvalidOid;
	Oid			element = OidIsValid(base) ? get_element_type(base) : InvalidOid;

	r->precision = FC_F32;
	if (!OidIsValid(base))
		fc_features_reject_type(type);
	else if (OidIsValid(element) && fc_is_number(getBaseType(element)))
	{
		r->kind = FEATURE_ARRAY;
		r->element = getBaseType(element);
		if (r->element != FLOAT4OID)
			r->precision = FC_F64;
	}
	else if (base == BYTEAOID)
		r->kind = FEATURE_BYTES;
	else if (base == RECORDOID || type_is_rowtype(base))
	{
		r->kind = FEATURE_ROW;
		r->precision = FC_F64;
	}
	else if (fc_is_written(base))
		fc_begin_written(r, base);
	else if (is_pgvector(base, "vector"))
		r->kind = FEATURE_VECTOR;
	else if (is_pgvector(base, "halfvec"))
		r->kind = FEATURE_HALFVEC;
	else if (is_pgvector(base, "sparsevec"))
		r->kind = FEATURE_SPARSEVEC;
	else
		fc_features_reject_type(type);
	r->elements = fc_feature_elements(r->kind, r->element);
	r->plain = r->kind == FEATURE_ARRAY && r->elements != NULL;
}

/* How to read vectors of a type; lives in the current context */
FeatureReader *
fc_feature_reader_of_type(Oid type)
{
	FeatureReader *r = palloc0(sizeof(FeatureReader));

	r->context = CurrentMemoryContext;
	resolve_type(r, type);
	return r;
}

/* How to read argument number arg; lives as long as the call's FmgrInfo */
FeatureReader *
fc_feature_reader(FunctionCallInfo fcinfo, int arg)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	FeatureReader *r;

	fc_features_refuse_number(fcinfo, arg);
	r = fc_feature_reader_of_type(get_fn_expr_argtype(fcinfo->flinfo, arg));
	MemoryContextSwitchTo(old);
	return r;
}

static bool
is_time(Oid type)
{
	return type == DATEOID || type == TIMESTAMPOID || type == TIMESTAMPTZOID || type == INTERVALOID ||
		type == TIMEOID || type == TIMETZOID;
}

pg_noreturn static void
reject_column(Form_pg_attribute att, const char *example)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" of the features is of type %s, which is not numeric",
					NameStr(att->attname), format_type_be(att->atttypid)),
			 is_time(att->atttypid) ?
			 errhint("Use a number, as in extract(epoch from %s).", quote_identifier(NameStr(att->attname))) :
			 fc_is_written(att->atttypid) ?
			 errhint("List the numeric columns, as in %s; cast text columns that contain numbers, as in a::float8.", example) :
			 errhint("List the numeric columns, as in %s.", example)));
}

/* A column whose type is no domain: is it a category?  An error if it can be neither that nor a number */
static CategoryKind
learn_kind(const FeatureReader *r, Form_pg_attribute att, const char *example)
{
	CategoryKind kind = CATEGORY_NONE;

	if (fc_is_number(att->atttypid))
		return kind;
	if (r->categories.allowed)
		kind = fc_category_kind(att->atttypid);
	if (kind == CATEGORY_NONE)
		reject_column(att, example);
	return kind;
}

/* Columns as features, or categories; example shows how to name them */
static void
learn_columns(FeatureReader *r, TupleDesc desc, const char *example)
{
	TupleDesc	row = CreateTupleDescCopy(desc);
	int32		d = 0;

	r->categories.kind = palloc(sizeof(CategoryKind) * Max(row->natts, 1));
	r->categories.count = 0;
	for (int i = 0; i < row->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(row, i);

		if (att->attisdropped)
			continue;
		att->atttypid = getBaseType(att->atttypid);
		r->categories.kind[d] = learn_kind(r, att, example);
		r->categories.count += r->categories.kind[d] != CATEGORY_NONE;
		d++;
	}
	if (d == 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("a row of features must have at least one column")));
	r->row = row;
	r->d = d;
	r->names = fc_names_of_columns(row, &r->names_length);
	r->changes++;
}

/* How to read rows of a query, each column a feature or a category; lives in the current context */
FeatureReader *
fc_feature_reader_of_columns(TupleDesc desc, bool takes_categories)
{
	FeatureReader *r = palloc0(sizeof(FeatureReader));

	r->kind = FEATURE_ROW;
	r->categories.allowed = takes_categories;
	r->precision = FC_F64;
	r->context = CurrentMemoryContext;
	learn_columns(r, desc, "SELECT a, b");
	return r;
}

/* ---- opening a vector ---- */

static int32
check_length(int64 d)
{
	if (d > FC_MAX_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many features: " INT64_FORMAT, d),
				 errdetail("A feature vector has at most %d features.", FC_MAX_COLUMNS)));
	return (int32) d;
}

/* Offsets are those of ArrayType, minus the length word before VARDATA_ANY */
static void
open_array(FeatureReader *r)
{
	struct varlena *array = (struct varlena *) DatumGetPointer(r->value);
	const char *p = VARDATA_ANY(VARATT_IS_EXTERNAL(array) || VARATT_IS_COMPRESSED(array) ? detoast_attr(array) : array);
	int			ndim = fc_int_at(p, 0);
	int32		dataoffset = fc_int_at(p, 4);

	if (ndim != 1)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 ndim == 0 ? errmsg("feature array must not be empty") :
				 errmsg("feature array must have one dimension, not %d", ndim)));
	r->d = fc_int_at(p, 12);
	r->bitmap = dataoffset ? (const uint8 *) p + ARR_OVERHEAD_NONULLS(1) - VARHDRSZ : NULL;
	r->data = p + (dataoffset ? dataoffset : (int32) ARR_OVERHEAD_NONULLS(1)) - VARHDRSZ;
}

/* Numerics are found by walking, which takes an aligned array */
static void
open_numeric_array(FeatureReader *r)
{
	ArrayType  *array = DatumGetArrayTypeP(r->value);

	r->value = PointerGetDatum(array);
	open_array(r);
	deconstruct_array(array, NUMERICOID, -1, false, TYPALIGN_INT, &r->columns, &r->nulls, &r->d);
}

static void
learn_row_type(FeatureReader *r, Oid type, int32 typmod)
{
	TupleDesc	shared = lookup_rowtype_tupdesc(type, typmod);
	MemoryContext old;

	r->row_type = InvalidOid;	/* should a column be refused */
	if (r->row_context == NULL)
		r->row_context = AllocSetContextCreate(r->context, "fuzzyclust row type", ALLOCSET_SMALL_SIZES);
	MemoryContextReset(r->row_context);
	old = MemoryContextSwitchTo(r->row_context);
	learn_columns(r, shared, "ROW(a, b)");
	r->columns = palloc(sizeof(Datum) * r->row->natts);
	r->nulls = palloc(sizeof(bool) * r->row->natts);
	MemoryContextSwitchTo(old);
	ReleaseTupleDesc(shared);
	r->row_type = type;
	r->row_typmod = typmod;
	r->row_version = assign_record_type_identifier(type, typmod);
}

/* Is it the type that was learned last, and has it not been altered since? */
static bool
is_known_row_type(const FeatureReader *r, Oid type, int32 typmod)
{
	return OidIsValid(r->row_type) && type == r->row_type && typmod == r->row_typmod &&
		(type == RECORDOID || assign_record_type_identifier(type, typmod) == r->row_version);
}

static void
open_row(FeatureReader *r)
{
	HeapTupleHeader header = DatumGetHeapTupleHeader(r->value);
	HeapTupleData tuple;
	Oid			type = HeapTupleHeaderGetTypeId(header);
	int32		typmod = HeapTupleHeaderGetTypMod(header);

	if (!is_known_row_type(r, type, typmod))
		learn_row_type(r, type, typmod);

	memset(&tuple, 0, sizeof(tuple));
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	heap_deform_tuple(&tuple, r->row, r->columns, r->nulls);
}

pg_noreturn static void
reject_vector(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid vector value")));
}

/* pgvector: int16 dimensions, int16 unused, then the elements */
static void
open_vector(FeatureReader *r, Size element)
{
	struct varlena *vector = PG_DETOAST_DATUM_PACKED(r->value);
	int16		d;

	if (VARSIZE_ANY_EXHDR(vector) < 4)
		d = 0;
	else
		memcpy(&d, VARDATA_ANY(vector), sizeof(d));
	if (d < 1 || VARSIZE_ANY_EXHDR(vector) != 4 + element * d)
		reject_vector();
	r->d = d;
	r->data = (const char *) VARDATA_ANY(vector) + 4;
}

#define SPARSE_HEADER	12		/* bytes */

/*
 * pgvector: int32 dimensions, int32 number of elements that are not 0, int32 unused, their
 * int32 indices from 0, in ascending order, then the elements
 */
static void
open_sparse(FeatureReader *r)
{
	struct varlena *vector = PG_DETOAST_DATUM_PACKED(r->value);
	const char *p = VARDATA_ANY(vector);
	Size		size = VARSIZE_ANY_EXHDR(vector);
	int32		before = -1;

	if (size < SPARSE_HEADER || fc_int_at(p, 0) < 1 || fc_int_at(p, 4) < 0 ||
		size != SPARSE_HEADER + (sizeof(int32) + sizeof(float4)) * (Size) fc_int_at(p, 4))
		reject_vector();
	r->d = fc_int_at(p, 0);
	r->data = p;
	for (int32 i = 0; i < fc_int_at(p, 4); i++)
	{
		int32		index = fc_int_at(p, SPARSE_HEADER + i * (int) sizeof(int32));

		if (index <= before || index >= r->d)
			reject_vector();
		before = index;
	}
}

static void
open_bytes(FeatureReader *r)
{
	struct varlena *bytes = PG_DETOAST_DATUM_PACKED(r->value);

	r->d = check_length(VARSIZE_ANY_EXHDR(bytes));
	r->data = VARDATA_ANY(bytes);
	if (r->d == 0)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("feature bytes must not be empty")));
}

/* Makes value the vector at hand; returns how many features it has */
int32
fc_features_open(FeatureReader *r, Datum value)
{
	r->value = value;
	r->bitmap = NULL;
	switch (r->kind)
	{
		case FEATURE_ARRAY:
			if (r->element == NUMERICOID)
				open_numeric_array(r);
			else
				open_array(r);
			break;
		case FEATURE_ROW:
			open_row(r);
			break;
		case FEATURE_BYTES:
			open_bytes(r);
			break;
		case FEATURE_VECTOR:
			open_vector(r, sizeof(float4));
			break;
		case FEATURE_HALFVEC:
			open_vector(r, sizeof(uint16));
			break;
		case FEATURE_SPARSEVEC:
			open_sparse(r);
			break;
		case FEATURE_TEXT:
		case FEATURE_JSON:
			fc_open_written(r);
			break;
	}
	return check_length(r->d);
}

/* Makes the columns of a row the vector at hand, of a reader of columns */
int32
fc_features_open_columns(FeatureReader *r, Datum *columns, bool *nulls)
{
	r->columns = columns;
	r->nulls = nulls;
	return check_length(r->d);
}

/* ---- reading it ---- */

/* Element by element, nulls as NaN */
static void
read_nullable(const FeatureReader *r, void *out)
{
	const char *data = r->data;

	for (int32 j = 0; j < r->d; j++)
		if (!(r->bitmap[j / 8] & (1 << (j % 8))))
			fc_set(out, r->precision, j, NAN);
		else
		{
			r->elements->read(data, 1, (char *) out + j * FC_SIZE(r->precision));
			data += r->elements->size;
		}
}

/* A sparse vector; out has single precision */
static void
read_sparse(const FeatureReader *r, char *out)
{
	int32		stored = fc_int_at(r->data, 4);
	const char *index = r->data + SPARSE_HEADER;
	const char *element = index + sizeof(int32) * stored;

	memset(out, 0, sizeof(float4) * r->d);
	for (int32 i = 0; i < stored; i++)
		memcpy(out + sizeof(float4) * fc_int_at(index, i * (int) sizeof(int32)), element + sizeof(float4) * i, sizeof(float4));
}

/* Columns of a row, or numerics; dropped columns are left out.  Categories that are there are 0: see fc_read_codes() */
static void
read_datums(const FeatureReader *r, double *out)
{
	int			natts = r->kind == FEATURE_ROW ? r->row->natts : r->d;
	int32		j = 0;

	for (int i = 0; i < natts; i++)
	{
		Form_pg_attribute att = r->kind == FEATURE_ROW ? TupleDescAttr(r->row, i) : NULL;

		if (att && att->attisdropped)
			continue;
		if (r->nulls[i])
			out[j] = NAN;
		else if (att && r->categories.kind[j] != CATEGORY_NONE)
			out[j] = 0;
		else
			out[j] = fc_number_from_datum(att ? att->atttypid : NUMERICOID, r->columns[i]);
		j++;
	}
}

/* The first feature that is not a usable number, from 1; 0 if all are usable */
static int32
find_missing(const void *out, FcPrecision precision, FcPrecision limit, int32 d)
{
	for (int32 j = 0; j < d; j++)
		if (fc_is_missing(fc_get(out, precision, j), limit))
			return j + 1;
	return 0;
}

/* What has no elements of a fixed size, or nulls among them, in the reader's precision */
static void
read_any(const FeatureReader *r, void *out)
{
	if (r->elements)
		read_nullable(r, out);
	else if (r->kind == FEATURE_SPARSEVEC)
		read_sparse(r, out);
	else if (r->numbers)
		memcpy(out, r->numbers, sizeof(double) * r->d);
	else
		read_datums(r, out);
}

/*
 * The d features in the reader's precision.  Returns 0, or the number of the
 * first one that is null, NaN, infinite or too large.
 */
int32
fc_features_get(FeatureReader *r, void *out)
{
	if (r->elements == NULL || r->bitmap)
		read_any(r, out);
	else if (r->elements->read(r->data, r->d, out))
		return 0;
	return find_missing(out, r->precision, r->precision, r->d);
}

/* The same as doubles */
int32
fc_features_get_double(FeatureReader *r, double *out)
{
	if (r->elements == NULL || r->bitmap)
	{
		read_any(r, out);
		for (int32 j = r->d - 1; j >= 0 && r->precision == FC_F32; j--)
		{
			float		value;

			memcpy(&value, (const char *) out + sizeof(float) * j, sizeof(float));
			out[j] = value;
		}
	}
	else if (r->elements->read_double(r->data, r->d, out))
		return 0;
	return find_missing(out, FC_F64, r->precision, r->d);
}

/* ---- refusing it ---- */

static bool
is_null(const FeatureReader *r, int32 feature)
{
	if (r->kind == FEATURE_ARRAY && r->element != NUMERICOID)
		return r->bitmap && !(r->bitmap[(feature - 1) / 8] & (1 << ((feature - 1) % 8)));
	if (r->kind == FEATURE_ROW)
		for (int i = 0; i < r->row->natts; i++)
			if (!TupleDescAttr(r->row, i)->attisdropped && --feature == 0)
				return r->nulls[i];
	return r->nulls && r->nulls[feature - 1];
}

/* The datum of a feature of a row or of a numeric array, and its type */
static Datum
datum_of(const FeatureReader *r, int32 feature, Oid *type)
{
	*type = NUMERICOID;
	for (int i = 0; r->kind == FEATURE_ROW; i++)
		if (!TupleDescAttr(r->row, i)->attisdropped && --feature == 0)
		{
			*type = TupleDescAttr(r->row, i)->atttypid;
			return r->columns[i];
		}
	return r->columns[feature - 1];
}

/* A finite feature in readable form; value is infinite for a numeric beyond double precision */
static const char *
finite_text(FeatureReader *r, int32 feature, double value)
{
	Oid			type;
	Datum		datum;

	if (isfinite(value))
		return r->numbers ? fc_written_feature(r, feature) : psprintf("%g", value);
	if (isnan(value) || (r->kind != FEATURE_ROW && r->element != NUMERICOID))
		return NULL;
	datum = datum_of(r, feature, &type);
	if (type != NUMERICOID || numeric_is_inf(DatumGetNumeric(datum)))
		return NULL;
	return numeric_out_sci(DatumGetNumeric(datum), 2);
}

/* The error for a feature that fc_features_get() found */
void
fc_features_reject(FeatureReader *r, int32 feature)
{
	double	   *x = palloc(sizeof(double) * r->d);
	double		value;
	const char *text;

	if (is_null(r, feature))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("feature %d is null", feature),
				 r->training ?
				 errhint("Leave such rows out with a WHERE clause or the option missing => 'skip', or use coalesce().") :
				 errhint("Leave such rows out with a WHERE clause, or use coalesce().")));

	fc_features_get_double(r, x);
	value = x[feature - 1];
	text = finite_text(r, feature, value);
	if (text != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("feature %d is too large: %s", feature, text),
				 errdetail("Squared distances would overflow beyond %g in single and %g in double precision.",
						   FC_LIMIT_F32, FC_LIMIT_F64),
				 errhint("%s%s.", r->precision == FC_F32 ? "Cast the features to double precision[], or scale them down" :
						 "Scale the features down",
						 r->training ? "; leave fill values out with a WHERE clause or the option missing => 'skip'" : "")));
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("feature %d is %s", feature, isnan(value) ? "NaN" : "infinite"),
			 r->training ?
			 errhint("Leave such rows out with a WHERE clause or the option missing => 'skip'.") :
			 errhint("Leave such rows out with a WHERE clause.")));
}

/* The error for a row that is to be divided by its length, which is 0 */
void
fc_features_refuse_zero(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("all features of a row are 0, which has no direction"),
			 errdetail("With distance => 'cosine' rows are compared by the angle between them."),
			 errhint("Leave such rows out with a WHERE clause or the option missing => 'skip'.")));
}
