/*
 * number.c - numbers of the types that features, and coordinates of a plot, may have; weights of rows
 */
#include "pg/value/value.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include <math.h>

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

/* ---- weights ---- */

pg_noreturn static void
reject_weight(double weight)
{
	if (weight > 0 && !isinf(weight))
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("weight of a row is too %s: %s", weight < 1 ? "small" : "large", fc_double_text(weight)),
				 errdetail("Weights are 0, or between %g and %g.", FC_LEAST_WEIGHT, FC_MOST_WEIGHT),
				 weight < 1 ? errhint("Multiply all weights by the same number, or set such weights to 0.") :
				 errhint("Divide all weights by the same number.")));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("weight of a row must not be %s", isnan(weight) ? "NaN" : weight < 0 ? "negative" : "infinite"),
			 errdetail("The weight is %s.", fc_double_text(weight))));
}

/* The same, unless it is refused: sums of others would not be exact, or not be finite */
double
fc_checked_weight(double weight)
{
	if (weight != 0 && !(weight >= FC_LEAST_WEIGHT && weight <= FC_MOST_WEIGHT))
		reject_weight(weight);
	return weight;
}
