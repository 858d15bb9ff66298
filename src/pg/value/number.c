/*
 * number.c - numbers of the types that features, and coordinates of a plot, may have
 */
#include "pg/value/value.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

bool
fc_is_number(Oid type)
{
	return type == FLOAT4OID || type == FLOAT8OID || type == INT4OID ||
		type == INT8OID || type == INT2OID || type == NUMERICOID;
}

/* Of such a type */
double
fc_number_from_datum(Oid type, Datum value)
{
	switch (type)
	{
		case FLOAT8OID:
			return DatumGetFloat8(value);
		case FLOAT4OID:
			return DatumGetFloat4(value);
		case INT4OID:
			return DatumGetInt32(value);
		case INT8OID:
			return (double) DatumGetInt64(value);
		case INT2OID:
			return DatumGetInt16(value);
		default:
			/* infinite beyond double precision, which is too large: no error of the server's */
			return DatumGetFloat8(DirectFunctionCall1(numeric_float8_no_overflow, value));
	}
}
