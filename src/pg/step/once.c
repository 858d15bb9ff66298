/*
 * once.c - cluster_step_once(model): a model that is sent to the first row only
 *
 *	cluster_step_once(model bytea) returns bytea
 *
 * Citus wraps the arguments of an aggregate that it runs on its shards into a row,
 * for each row of the table: a model of 200 kB is copied as often, which
 * takes 20 times as long as the scan.  This returns the model when an expression is
 * evaluated for the first time, and an empty value afterwards, which the
 * transition functions of steps take for the model that their state has.  So it is
 * volatile, but each process of a parallel plan has a first row.
 */
#include "pg/step/step.h"

PG_FUNCTION_INFO_V1(cluster_step_once);
Datum
cluster_step_once(PG_FUNCTION_ARGS)
{
	struct varlena *empty = fcinfo->flinfo->fn_extra;

	if (empty != NULL)
		PG_RETURN_POINTER(empty);
	empty = MemoryContextAlloc(fcinfo->flinfo->fn_mcxt, VARHDRSZ);
	SET_VARSIZE(empty, VARHDRSZ);
	fcinfo->flinfo->fn_extra = empty;
	PG_RETURN_DATUM(PG_GETARG_DATUM(0));
}
