/*
 * result.c - results as SQL values: sets and arrays
 */
#include "pg/value/value.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include <math.h>

/* A bytea whose bytes the caller fills in */
bytea *
fc_bytea(Size size)
{
	bytea	   *bytes = palloc(VARHDRSZ + size);

	SET_VARSIZE(bytes, VARHDRSZ + size);
	return bytes;
}

/* The caller of a set-returning function, if it accepts a materialized set */
ReturnSetInfo *
fc_set_caller(FunctionCallInfo fcinfo, SetFunctionReturnMode mode)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo) || !(rsinfo->allowedModes & mode))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));
	return rsinfo;
}

/* A set that the caller reads when it is complete */
ResultSet
fc_begin_set(FunctionCallInfo fcinfo)
{
	ReturnSetInfo *rsinfo = fc_set_caller(fcinfo, SFRM_Materialize);
	MemoryContext old;
	ResultSet	set;

	if (get_call_result_type(fcinfo, NULL, &set.desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "function must return a row type");
	old = MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	set.desc = CreateTupleDescCopy(set.desc);
	set.store = tuplestore_begin_heap(rsinfo->allowedModes & SFRM_Materialize_Random, false, work_mem);
	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = set.store;
	rsinfo->setDesc = set.desc;
	MemoryContextSwitchTo(old);
	return set;
}

Datum
fc_float8_or_null(double value, bool *null)
{
	*null = isnan(value);
	return Float8GetDatum(value);
}

Datum
fc_float8_array(const double *values, int n)
{
	Size		size = ARR_OVERHEAD_NONULLS(1) + sizeof(float8) * n;
	ArrayType  *result = palloc(size);

	SET_VARSIZE(result, size);
	result->ndim = 1;
	result->dataoffset = 0;
	result->elemtype = FLOAT8OID;
	ARR_DIMS(result)[0] = n;
	ARR_LBOUND(result)[0] = 1;
	memcpy(ARR_DATA_PTR(result), values, sizeof(float8) * n);
	return PointerGetDatum(result);
}

Datum
fc_float4_array(const float *values, int n)
{
	Datum	   *elements = palloc(sizeof(Datum) * n);

	for (int i = 0; i < n; i++)
		elements[i] = Float4GetDatum(values[i]);
	return PointerGetDatum(construct_array(elements, n, FLOAT4OID, sizeof(float4), true, TYPALIGN_INT));
}

Datum
fc_text_array(const char *const *texts, int n)
{
	Datum	   *elements = palloc(sizeof(Datum) * n);

	for (int i = 0; i < n; i++)
		elements[i] = CStringGetTextDatum(texts[i]);
	return PointerGetDatum(construct_array(elements, n, TEXTOID, -1, false, TYPALIGN_INT));
}

/* An array of two dimensions */
Datum
fc_float8_matrix(const double *values, int rows, int columns)
{
	Size		n = (Size) rows * columns;
	Datum	   *elements = palloc_extended(sizeof(Datum) * n, MCXT_ALLOC_HUGE);
	int			dims[] = {rows, columns};
	int			lower[] = {1, 1};

	for (Size i = 0; i < n; i++)
		elements[i] = Float8GetDatum(values[i]);
	return PointerGetDatum(construct_md_array(elements, NULL, 2, dims, lower, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL,
											  TYPALIGN_DOUBLE));
}
