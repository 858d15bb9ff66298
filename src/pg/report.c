/*
 * report.c - what the core has to say, in words
 */
#include "fuzzyclust.h"

/* An error unless the training went well */
void
fc_report_fit(FcStatus status, const FcFit *f)
{
	const FcModel *m = f->model;

	switch (status)
	{
		case FC_OK:
			return;
		case FC_TOO_FEW_ROWS:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg_plural("cannot find %d clusters in " INT64_FORMAT " distinct row",
								   "cannot find %d clusters in " INT64_FORMAT " distinct rows", f->distinct,
								   m->k, f->distinct),
					 errdetail_plural("The input has " INT64_FORMAT " row.",
									  "The input has " INT64_FORMAT " rows.", f->rows.n, f->rows.n),
					 errhint_plural("Ask for " INT64_FORMAT " cluster.",
									"Ask for at most " INT64_FORMAT " clusters.", f->distinct, f->distinct)));
			break;
		case FC_TOO_CLOSE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("rows are too close together: their squared distances are zero in %s precision",
							f->rows.precision == FC_F32 ? "single" : "double"),
					 errhint("Multiply the features, or set the option scale => 'minmax'%s.",
							 f->rows.precision == FC_F32 ? ", or cast the features to double precision[]" : "")));
			break;
		case FC_BAD_LIST:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" has %d values, but there are %d clusters",
							m->algo->options[f->bad_option].name, (int) m->option[f->bad_option], m->k)));
			break;
		case FC_VANISHED:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("the weights of %s are too small for %s precision", m->algo->name,
							f->rows.precision == FC_F32 ? "single" : "double"),
					 errhint("Ask for fewer clusters, or lower the fuzzifier.")));
			break;
		case FC_DIVERGED:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s diverged at iteration %d", m->algo->name, m->iterations),
					 errhint("Set the option scale => 'zscore', or scale the features.")));
			break;
		default:
			elog(ERROR, "unexpected status of a training: %d", (int) status);
	}
}

static void
report_twins(const FcFit *f)
{
	int			a = f->twins[0] + 1;
	int			b = f->twins[1] + 1;
	bool		fuzzifier = fc_find_option(f->model->algo, "fuzzifier") >= 0;

	ereport(NOTICE,
			(errmsg("clusters %d and %d of %s coincide", a, b, f->model->algo->name),
			 fuzzifier && f->safe_fuzzifier > 1.01 ?
			 errhint("In these data a fuzzifier below %.2f keeps centers apart; fewer clusters may also help.",
					 f->safe_fuzzifier) :
			 errhint("Ask for fewer clusters.")));
}

/* A notice for each reason to doubt the result */
void
fc_report_doubts(const FcFit *f)
{
	const FcModel *m = f->model;

	if (f->twins[0] >= 0)
		report_twins(f);
	else if (m->empty > 0)
		ereport(NOTICE,
				(errmsg_plural("%d of %d clusters of %s is no row's nearest",
							   "%d of %d clusters of %s are no row's nearest", m->empty,
							   m->empty, m->k, m->algo->name),
				 errhint("Ask for fewer clusters.")));
	if (!m->converged)
		ereport(NOTICE,
				(errmsg_plural("%s did not converge within %d iteration",
							   "%s did not converge within %d iterations", m->iterations,
							   m->algo->name, m->iterations),
				 errhint("Raise the option max_iterations or tolerance.")));
}

/* The error for bytes that are no model */
void
fc_report_model(FcStatus status)
{
	switch (status)
	{
		case FC_NEWER_MODEL:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cluster model was written by a newer version of fuzzyclust"),
					 errhint("Install that version on this server.")));
			break;
		case FC_UNKNOWN_ALGORITHM:
			ereport(ERROR,
					(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
					 errmsg("cluster model is of an algorithm that this version of fuzzyclust does not have"),
					 errhint("Install a newer version on this server.")));
			break;
		case FC_DAMAGED_MODEL:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("invalid cluster model"),
					 errdetail("The value is damaged or incomplete.")));
			break;
		default:
			ereport(ERROR,
					(errcode(ERRCODE_DATA_CORRUPTED),
					 errmsg("invalid cluster model"),
					 errdetail("The value does not begin as a model does."),
					 errhint("Pass the result of one of the _fit aggregates.")));
	}
	pg_unreachable();
}
