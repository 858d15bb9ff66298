/*
 * vector.c - types "vector", "halfvec" and "sparsevec", a stand-in for pgvector in tests
 *
 * fuzzyclust reads columns of pgvector's types without depending on pgvector,
 * which many systems do not package.  So that this can be tested everywhere,
 * here are three types of the same names and the same layout on disk, and
 * nothing else of pgvector: text in, text out, a cast from real[], or from vector.
 * Where the real extension is installed, the tests use that.
 *
 *		vector: varlena header, int16 dimensions, int16 zero, float4 x[]
 *		halfvec: the same, but IEEE 754 half precision x[]
 *		sparsevec: varlena header, int32 dimensions, int32 n of those that are not 0,
 *			int32 zero, int32 indices[n] from 0 and ascending, float4 x[n]
 *
 * For tests only: never install it where data are to be kept.
 */
#include "postgres.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"

PG_MODULE_MAGIC;

#define MAX_DIM			16000
#define HALF_INFINITY	0x7C00

typedef struct Vector
{
	int32		vl_len_;
	int16		dim;
	int16		unused;
	float		x[FLEXIBLE_ARRAY_MEMBER];
} Vector;

typedef struct HalfVector
{
	int32		vl_len_;
	int16		dim;
	int16		unused;
	uint16		x[FLEXIBLE_ARRAY_MEMBER];
} HalfVector;

typedef struct SparseVector
{
	int32		vl_len_;
	int32		dim;
	int32		n;
	int32		unused;
	int32		indices[FLEXIBLE_ARRAY_MEMBER]; /* (n), then the elements */
} SparseVector;

PG_FUNCTION_INFO_V1(vector_in);
PG_FUNCTION_INFO_V1(vector_out);
PG_FUNCTION_INFO_V1(array_to_vector);
PG_FUNCTION_INFO_V1(halfvec_in);
PG_FUNCTION_INFO_V1(halfvec_out);
PG_FUNCTION_INFO_V1(array_to_halfvec);
PG_FUNCTION_INFO_V1(sparsevec_in);
PG_FUNCTION_INFO_V1(sparsevec_out);
PG_FUNCTION_INFO_V1(vector_to_sparsevec);

/* nearest half, ties to even; too large is infinity */
static uint16
half_from_float(float value)
{
	int			exponent;
	int			magnitude;

	/* below 2^-14 the spacing of halves stays 2^-24: zero and subnormals */
	frexpf(value, &exponent);
	if (value == 0 || exponent < -13)
		exponent = -13;
	magnitude = (int) rintf(ldexpf(fabsf(value), 11 - exponent));

	/* the carry out of a rounded mantissa goes into the exponent by itself */
	magnitude += (exponent + 13) << 10;
	return (signbit(value) ? 0x8000 : 0) | Min(magnitude, HALF_INFINITY);
}

static float
half_to_float(uint16 half)
{
	int			exponent = (half >> 10) & 0x1F;
	int			mantissa = half & 0x3FF;
	float		value;

	if (exponent == 0)
		value = ldexpf(mantissa, -24);
	else
		value = ldexpf(mantissa | 0x400, exponent - 25);
	return (half & 0x8000) ? -value : value;
}

static void
check_element(float value)
{
	if (!isfinite(value))
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("NaN and infinity are not allowed in vector")));
}

static void
check_dim(int dim)
{
	if (dim < 1 || dim > MAX_DIM)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("vector must have between 1 and %d dimensions, not %d", MAX_DIM, dim)));
}

static Vector *
new_vector(int dim)
{
	Size		size = offsetof(Vector, x) + dim * sizeof(float);
	Vector	   *v = palloc0(size);

	SET_VARSIZE(v, size);
	v->dim = dim;
	return v;
}

static HalfVector *
halves(const Vector *v)
{
	Size		size = offsetof(HalfVector, x) + v->dim * sizeof(uint16);
	HalfVector *h = palloc0(size);

	SET_VARSIZE(h, size);
	h->dim = v->dim;
	for (int j = 0; j < v->dim; j++)
	{
		h->x[j] = half_from_float(v->x[j]);
		if ((h->x[j] & 0x7FFF) == HALF_INFINITY)
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%g is out of range for type halfvec", v->x[j])));
	}
	return h;
}

/* "[1,2.5,3]" */
static Vector *
parse(const char *text)
{
	const char *at = text;
	float		x[MAX_DIM];
	int			dim = 0;
	char		closing = *at++ == '[' ? ',' : '\0';
	Vector	   *v;

	while (closing == ',' && dim < MAX_DIM)
	{
		char	   *end;

		x[dim] = strtof(at, &end);
		if (end == at)
			break;
		check_element(x[dim++]);
		closing = *end;
		at = end + 1;
	}
	if (closing != ']' || *at != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
				 errmsg("invalid input syntax for type vector: \"%.40s\"", text)));
	v = new_vector(dim);
	memcpy(v->x, x, dim * sizeof(float));
	return v;
}

static Vector *
from_array(ArrayType *array)
{
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	Vector	   *v;

	deconstruct_array(array, FLOAT4OID, sizeof(float4), true, TYPALIGN_INT, &elements, &nulls, &n);
	check_dim(n);
	v = new_vector(n);
	for (int j = 0; j < n; j++)
	{
		if (nulls[j])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("array must not contain nulls")));
		v->x[j] = DatumGetFloat4(elements[j]);
		check_element(v->x[j]);
	}
	return v;
}

static void
append_element(StringInfo text, int j, float value)
{
	appendStringInfo(text, "%s%s", j == 0 ? "[" : ",",
					 DatumGetCString(DirectFunctionCall1(float4out, Float4GetDatum(value))));
}

Datum
vector_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(parse(PG_GETARG_CSTRING(0)));
}

Datum
vector_out(PG_FUNCTION_ARGS)
{
	Vector	   *v = (Vector *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	StringInfoData text;

	initStringInfo(&text);
	for (int j = 0; j < v->dim; j++)
		append_element(&text, j, v->x[j]);
	appendStringInfoChar(&text, ']');
	PG_RETURN_CSTRING(text.data);
}

Datum
array_to_vector(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(from_array(PG_GETARG_ARRAYTYPE_P(0)));
}

Datum
halfvec_in(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(halves(parse(PG_GETARG_CSTRING(0))));
}

Datum
halfvec_out(PG_FUNCTION_ARGS)
{
	HalfVector *h = (HalfVector *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	StringInfoData text;

	initStringInfo(&text);
	for (int j = 0; j < h->dim; j++)
		append_element(&text, j, half_to_float(h->x[j]));
	appendStringInfoChar(&text, ']');
	PG_RETURN_CSTRING(text.data);
}

Datum
array_to_halfvec(PG_FUNCTION_ARGS)
{
	PG_RETURN_POINTER(halves(from_array(PG_GETARG_ARRAYTYPE_P(0))));
}

/* ---- sparse vectors ---- */

static SparseVector *
new_sparse(int dim, int n)
{
	Size		size = offsetof(SparseVector, indices) + n * (sizeof(int32) + sizeof(float));
	SparseVector *s = palloc0(size);

	SET_VARSIZE(s, size);
	s->dim = dim;
	s->n = n;
	return s;
}

static float *
elements_of(SparseVector *s)
{
	return (float *) (s->indices + s->n);
}

static void
reject_sparse(const char *text)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid input syntax for type sparsevec: \"%.40s\"", text)));
}

/* "{1:2.5,4:-1}/5", with ascending indices from 1 */
Datum
sparsevec_in(PG_FUNCTION_ARGS)
{
	const char *text = PG_GETARG_CSTRING(0);
	const char *at = text;
	int32		index[MAX_DIM];
	float		x[MAX_DIM];
	int			n = 0;
	char	   *end;
	SparseVector *s;

	if (*at++ != '{')
		reject_sparse(text);
	while (*at != '}' && n < MAX_DIM)
	{
		index[n] = (int32) strtol(at, &end, 10) - 1;
		if (end == at || *end != ':' || index[n] < 0 || (n > 0 && index[n] <= index[n - 1]))
			reject_sparse(text);
		at = end + 1;
		x[n] = strtof(at, &end);
		if (end == at || x[n] == 0)
			reject_sparse(text);
		check_element(x[n++]);
		at = *end == ',' ? end + 1 : end;
	}
	if (strncmp(at, "}/", 2) != 0)
		reject_sparse(text);
	s = new_sparse((int) strtol(at + 2, &end, 10), n);
	if (*end != '\0' || s->dim < 1 || (n > 0 && index[n - 1] >= s->dim))
		reject_sparse(text);
	memcpy(s->indices, index, n * sizeof(int32));
	memcpy(elements_of(s), x, n * sizeof(float));
	PG_RETURN_POINTER(s);
}

Datum
sparsevec_out(PG_FUNCTION_ARGS)
{
	SparseVector *s = (SparseVector *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < s->n; i++)
		appendStringInfo(&text, "%s%d:%s", i == 0 ? "{" : ",", s->indices[i] + 1,
						 DatumGetCString(DirectFunctionCall1(float4out, Float4GetDatum(elements_of(s)[i]))));
	appendStringInfo(&text, "%s}/%d", s->n == 0 ? "{" : "", s->dim);
	PG_RETURN_CSTRING(text.data);
}

Datum
vector_to_sparsevec(PG_FUNCTION_ARGS)
{
	Vector	   *v = (Vector *) PG_DETOAST_DATUM(PG_GETARG_DATUM(0));
	int			n = 0;
	SparseVector *s;

	for (int j = 0; j < v->dim; j++)
		n += v->x[j] != 0;
	s = new_sparse(v->dim, n);
	n = 0;
	for (int j = 0; j < v->dim; j++)
		if (v->x[j] != 0)
		{
			s->indices[n] = j;
			elements_of(s)[n++] = v->x[j];
		}
	PG_RETURN_POINTER(s);
}
