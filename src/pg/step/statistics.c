/*
 * statistics.c - statistics as SQL values: cluster_merge, cluster_subtract
 *
 * The state of cluster_merge is its result so far, a value like those that it
 * adds; so its combine function is its transition function, and it needs no final one.
 */
#include "pg/step/step.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "core/validity.h"
#include "core/variants.h"

/* ---- values ---- */

/* What a value may be that this extension has made of rows */
typedef struct ValueKind
{
	const char *name;
	bool		(*is) (const void *bytes, size_t length);
	bytea	   *(*merge) (Datum a, Datum b);	/* NULL: there is no sum of two */
} ValueKind;

static bytea *merge_statistics(Datum a, Datum b);

static bool
is_model(const void *bytes, size_t length)
{
	return fc_model_clusters(bytes, length) != 0;
}

static const ValueKind kinds[] = {
	{"statistics", fc_statistics_are, merge_statistics},
	{"a sample", fc_is_survey, fc_merge_surveys},
	{"sums of validity indices", fc_validity_are, fc_merge_validity},
	{"a step model", fc_step_is, NULL},
	{"a model", is_model, NULL},
};

/* NULL: it is something else */
static const ValueKind *
kind_of(Datum datum)
{
	bytea	   *value = DatumGetByteaPP(datum);

	for (int i = 0; i < (int) lengthof(kinds); i++)
		if (kinds[i].is(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value)))
			return &kinds[i];
	return NULL;
}

/* The error for bytes that are not statistics */
pg_noreturn static void
report_statistics(FcStatus status, const ValueKind *kind)
{
	bool		damaged = kind != NULL && kind->is == fc_statistics_are;

	if (status == FC_NEWER_STATISTICS)
		fc_refuse_newer("cluster statistics were");
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid cluster statistics"),
			 damaged ? errdetail("The value is damaged or incomplete.") :
			 kind == NULL ? errdetail("The value does not start with the header of statistics.") :
			 errdetail("The value is %s.", kind->name),
			 damaged ? 0 : errhint("Pass the result of cluster_step().")));
}

/* *s becomes a view of a copy in the current context */
void
fc_statistics_from_datum(FcStatistics *s, Datum datum)
{
	Size		length;
	void	   *bytes = fc_aligned_bytes(datum, &length);
	FcStatus	status = fc_statistics_open(s, bytes, length, length);

	if (status != FC_OK)
		report_statistics(status, kind_of(datum));
	CHECK_FOR_INTERRUPTS();
}

bytea *
fc_statistics_to_datum(FcStatistics *s)
{
	Size		length = fc_statistics_finish(s);
	bytea	   *result;

	CHECK_FOR_INTERRUPTS();
	if (!AllocSizeIsValid(length + VARHDRSZ))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("statistics would be too large: %zu MB", length / (1024 * 1024)),
				 errdetail("Too many values are far from those that the model was trained on."),
				 errhint("Train a new model on these rows.")));
	result = fc_bytea(length);
	memcpy(VARDATA(result), s->word, length);
	return result;
}

/* ---- merging ---- */

static const char *
isa_name(int isa)
{
	return isa == FC_ISA_AVX512 ? "AVX-512" : isa == FC_ISA_AVX2 ? "AVX2" : "the base instruction set";
}

/* For an ereport: in which way they differ */
static int
tell_difference(const FcStatisticsKind *a, const FcStatisticsKind *b)
{
	if (a->hash != b->hash)
		return errdetail("They were computed with different models.");
	if (a->precision != b->precision)
		return errdetail("One was computed from rows in single precision, the other from rows in double precision.");
	if (a->isa != b->isa)
		return errdetail("They were computed with %s and %s, whose results differ by rounding.",
						 isa_name(a->isa), isa_name(b->isa));
	return errdetail("They contain different sums.");
}

static int
advise_on_difference(const FcStatisticsKind *a, const FcStatisticsKind *b)
{
	if (a->hash != b->hash)
		return errhint("Use the same model in each call of cluster_step().");
	if (a->precision != b->precision)
		return errhint("Cast the features to the same type in each call of cluster_step().");
	if (a->isa != b->isa)
		return errhint("Compute them on processors of the same kind.");
	return errhint("Use the same step model in each call of cluster_step().");
}

/* verb: what could have been done with statistics of the same rows */
static void
refuse_others(const FcStatistics *a, const FcStatistics *b, const char *verb)
{
	if (!fc_statistics_match(a, b))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("statistics of different kinds cannot be %s", verb),
				 tell_difference(&a->kind, &b->kind), advise_on_difference(&a->kind, &b->kind)));
}

/* Which of two operations */
typedef FcStatus (*Operation) (FcStatistics *to, const FcStatistics *from);

/* The operation on a, which needs room as long as it says so */
static FcStatus
operate(Operation operation, FcStatistics *a, const FcStatistics *b)
{
	FcStatus	status;

	while ((status = operation(a, b)) == FC_TOO_LITTLE_ROOM)
	{
		a->word = repalloc_huge(a->word, a->needed);
		a->capacity = a->needed;
	}
	return status;
}

static bytea *
merge_statistics(Datum a, Datum b)
{
	FcStatistics to;
	FcStatistics from;

	fc_statistics_from_datum(&to, a);
	fc_statistics_from_datum(&from, b);
	refuse_others(&to, &from, "merged");
	if (operate(fc_statistics_merge, &to, &from) != FC_OK)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many rows for one value of statistics")));
	return fc_statistics_to_datum(&to);
}

/* The kind of a value, which must be one that can be merged */
static const ValueKind *
mergeable_kind_of(Datum datum)
{
	const ValueKind *kind = kind_of(datum);

	if (kind == NULL || kind->merge == NULL)
		ereport(ERROR,
				(errcode(kind == NULL ? ERRCODE_DATA_CORRUPTED : ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cluster_merge cannot merge %s", kind == NULL ? "an unknown value" : kind->name),
				 errhint("Merge results of cluster_step(), cluster_sample() or cluster_validity_step().")));
	return kind;
}

static bytea *
merge(Datum a, Datum b)
{
	const ValueKind *kind = mergeable_kind_of(a);
	const ValueKind *other = mergeable_kind_of(b);

	if (kind != other)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cluster_merge cannot merge %s with %s", kind->name, other->name),
				 errhint("Merge values of one kind.")));
	return kind->merge(a, b);
}

/* The first value of a group is checked like the others */
static bytea *
first(Datum datum)
{
	(void) merge(datum, datum);
	return DatumGetByteaPCopy(datum);
}

/*
 * cluster_merge_accum(bytea, bytea) returns bytea
 */
PG_FUNCTION_INFO_V1(cluster_merge_accum);
Datum
cluster_merge_accum(PG_FUNCTION_ARGS)
{
	if (PG_ARGISNULL(1))
	{
		if (PG_ARGISNULL(0))
			PG_RETURN_NULL();
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));
	}
	PG_RETURN_BYTEA_P(PG_ARGISNULL(0) ? first(PG_GETARG_DATUM(1)) : merge(PG_GETARG_DATUM(0), PG_GETARG_DATUM(1)));
}

/*
 * cluster_subtract(statistics bytea, part bytea) returns bytea
 *
 * Statistics of the rows of the first that are not among those of the second.
 */
PG_FUNCTION_INFO_V1(cluster_subtract);
Datum
cluster_subtract(PG_FUNCTION_ARGS)
{
	FcStatistics all;
	FcStatistics part;
	FcStatus	status;

	fc_statistics_from_datum(&all, PG_GETARG_DATUM(0));
	fc_statistics_from_datum(&part, PG_GETARG_DATUM(1));
	refuse_others(&all, &part, "subtracted");
	status = operate(fc_statistics_subtract, &all, &part);
	if (status != FC_OK)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot subtract statistics of rows that were not added"),
				 errdetail("There are " INT64_FORMAT " rows, from which " INT64_FORMAT " would be subtracted.",
						   fc_statistics_rows(&all), fc_statistics_rows(&part)),
				 errhint("Subtract only statistics that were merged before.")));
	PG_RETURN_BYTEA_P(fc_statistics_to_datum(&all));
}
