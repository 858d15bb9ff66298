/*
 * survey.c - surveys as SQL values: see core/survey.h
 */
#include "pg/step/step.h"

#include "miscadmin.h"
#include "storage/shmem.h"
#include "utils/memutils.h"

/* The error for bytes that are not a survey */
pg_noreturn static void
report_survey(FcStatus status)
{
	if (status == FC_NEWER_MODEL)
		fc_refuse_newer("sample was");
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("invalid cluster sample"),
			 status == FC_DAMAGED_MODEL ? errdetail("The value is damaged or incomplete.") :
			 errdetail("The value does not start with the header of a sample."),
			 status == FC_DAMAGED_MODEL ? 0 : errhint("Pass the result of cluster_sample().")));
}

/* *s becomes a view of a copy in the current context */
void
fc_survey_from_datum(FcSurvey *s, Datum datum)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	bytea	   *bytes = DatumGetByteaPP(datum);
	Size		length = VARSIZE_ANY_EXHDR(bytes);
	char	   *copy = palloc(Max(length, 1));
	FcStatus	status;

	memcpy(copy, VARDATA_ANY(bytes), length);
	status = fc_survey_read(s, copy, length, &hooks);
	if (status != FC_OK)
		report_survey(status);
}

static void
check_fit(const FcSurvey *a, const FcSurvey *b)
{
	switch (fc_survey_conflict(a, b))
	{
		case FC_SURVEYS_FIT:
			return;
		case FC_SURVEYS_FEATURES:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("samples of rows with %d and with %s cannot be merged", a->d, fc_counted(b->d, "feature"))));
			break;
		case FC_SURVEYS_MOST:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("samples of up to %d and %d rows cannot be merged", a->most, b->most),
					 errhint("Use the same number of rows in each call of cluster_sample().")));
			break;
		case FC_SURVEYS_SEED:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("samples with seeds " INT64_FORMAT " and " INT64_FORMAT " cannot be merged",
							(int64) a->seed, (int64) b->seed),
					 errhint("Use the same seed in each call of cluster_sample().")));
			break;
		case FC_SURVEYS_KEY:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("samples with and without a key cannot be merged")));
			break;
		case FC_SURVEYS_GAPS:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("samples with and without missing => 'partial' cannot be merged")));
			break;
		case FC_SURVEYS_WEIGHT:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("samples with and without weights cannot be merged")));
			break;
		case FC_SURVEYS_CATEGORIES:
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("samples whose columns are categories in one and numbers in the other cannot be merged")));
			break;
		case FC_SURVEYS_ROWS:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("samples of more than " INT64_FORMAT " rows cannot be merged", FC_MAX_SURVEYED)));
	}
}

/* An error that does not say how large a value may be would not help */
static void
check_size(Size size)
{
	if (!AllocSizeIsValid(size))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the merged sample would be too large"),
				 errdetail("It could take %zu MB; the maximum is %zu MB.", size / (1024 * 1024),
						   (Size) MaxAllocSize / (1024 * 1024)),
				 errhint("Sample fewer rows.")));
}

/* Both are surveys */
bytea *
fc_merge_surveys(Datum a, Datum b)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	FcSurvey	first;
	FcSurvey	second;
	Size		size;
	char	   *memory;

	fc_survey_from_datum(&first, a);
	fc_survey_from_datum(&second, b);
	check_fit(&first, &second);
	size = add_size(fc_survey_merged_size(&first, &second), 8);
	check_size(size);

	/* words must be aligned, which they are if the header takes eight bytes; then it moves up to them */
	memory = palloc(size);
	size = fc_survey_merge(&first, &second, memory + 8, &hooks);
	if (size == 0)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("a column of the features has too many values for a category in all rows together: more than %d",
						FC_MAX_CATEGORY_VALUES),
				 errhint("Leave the column out, group its values, or replace it by numbers that describe them.")));
	memmove(memory + VARHDRSZ, memory + 8, size);
	SET_VARSIZE(memory, VARHDRSZ + size);
	return (bytea *) memory;
}

/* cluster_sample_rows(sample bytea) returns setof (features float8[], count bigint, weight float8) */
PG_FUNCTION_INFO_V1(cluster_sample_rows);
Datum
cluster_sample_rows(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	bool		nulls[3] = {false};
	FcSurvey	s;
	int32		features;
	double	   *x;

	fc_survey_from_datum(&s, PG_GETARG_DATUM(0));
	features = fc_survey_features(&s);
	x = palloc(sizeof(double) * Max(features, 1));
	for (int32 i = 0; i < s.count; i++)
	{
		int64		count = fc_survey_row(&s, i, x);
		Datum		values[3] = {fc_float8_array(x, features), Int64GetDatum(count), Float8GetDatum(fc_survey_weight(&s, i))};

		CHECK_FOR_INTERRUPTS();
		tuplestore_putvalues(set.store, set.desc, values, nulls);
		pfree(DatumGetPointer(values[0]));
	}
	return (Datum) 0;
}
