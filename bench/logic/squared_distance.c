/*
 * squared_distance.c - a plain squared Euclidean distance, to measure others by
 *
 * bench_squared_distance(x float8[], y float8[]) returns float8: the arrays
 * are checked and read in place, the sum runs over eight lanes so that the
 * compiler vectorizes it.  Nothing else is done; there is no faster way to
 * write it for these arguments that would not skip a check.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"

PG_MODULE_MAGIC;

#define LANES	8

static ArrayType *
plain_array(FunctionCallInfo fcinfo, int arg)
{
	ArrayType  *a = PG_GETARG_ARRAYTYPE_P(arg);

	if (ARR_NDIM(a) != 1 || ARR_HASNULL(a) || ARR_ELEMTYPE(a) != FLOAT8OID)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("array must be one-dimensional, without nulls")));
	return a;
}

static double
squared_distance(const double *x, const double *y, int d)
{
	double		sum[LANES] = {0};
	double		total = 0;
	int			j = 0;

	for (; j + LANES <= d; j += LANES)
		for (int i = 0; i < LANES; i++)
			sum[i] += (x[j + i] - y[j + i]) * (x[j + i] - y[j + i]);
	for (; j < d; j++)
		total += (x[j] - y[j]) * (x[j] - y[j]);
	for (int i = 0; i < LANES; i++)
		total += sum[i];
	return total;
}

PG_FUNCTION_INFO_V1(bench_squared_distance);
Datum
bench_squared_distance(PG_FUNCTION_ARGS)
{
	ArrayType  *x = plain_array(fcinfo, 0);
	ArrayType  *y = plain_array(fcinfo, 1);

	if (ARR_DIMS(x)[0] != ARR_DIMS(y)[0])
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("different array lengths %d and %d", ARR_DIMS(x)[0], ARR_DIMS(y)[0])));
	PG_RETURN_FLOAT8(squared_distance((const double *) ARR_DATA_PTR(x), (const double *) ARR_DATA_PTR(y),
									  ARR_DIMS(x)[0]));
}
