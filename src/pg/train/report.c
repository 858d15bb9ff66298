/*
 * report.c - errors for trainings that failed in the core
 */
#include "pg/train/words.h"

#include "core/categories.h"
#include "core/noise.h"
#include "core/shape.h"

/* Fewer distinct rows than clusters */
static void
report_too_few(const FcFit *f)
{
	const FcModel *m = f->model;
	Words		w = fc_explain(f, FC_TOO_FEW_ROWS);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_plural("cannot find %d clusters in " INT64_FORMAT " distinct row",
						   "cannot find %d clusters in " INT64_FORMAT " distinct rows", f->failure.distinct,
						   m->k, f->failure.distinct),
			 w.part[FC_DETAIL] ? errdetail_internal("%s", w.part[FC_DETAIL]) :
			 errdetail_plural("The input has " INT64_FORMAT " row.",
							  "The input has " INT64_FORMAT " rows.", fc_row_count(&f->rows), fc_row_count(&f->rows)),
			 errhint_plural("Ask for " INT64_FORMAT " cluster, or set the option too_few.",
							"Ask for at most " INT64_FORMAT " clusters, or set the option too_few.", f->failure.distinct, f->failure.distinct)));
}

static bool
has_no_shapes(const FcAlgorithm *algo)
{
	return !algo->kernel->has_shapes;
}

static const char *
precision_name(const FcFit *f)
{
	return f->rows.precision == FC_F32 ? "single" : "double";
}

/* A model that no reader would accept: numbers have left their range */
static void
report_unreadable(const FcFit *f)
{
	const FcModel *m = f->model;
	const FcOption *o = f->failure.option >= 0 ? fc_option_at(m->algo, f->failure.option) : NULL;
	const char *cure = f->sample.spread < 1 ? "Scale the features up" : "Scale the features down";

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s cannot represent these rows in %s precision", m->algo->name, precision_name(f)),
			 o ? errdetail("The option \"%s\", derived from the data, would be %g; valid values are from %g to %g.",
						   o->name, *fc_option_value((FcModel *) m, f->failure.option), o->min, o->max) :
			 f->failure.array ? errdetail("The model's array \"%s\" would have values that are not finite.", f->failure.array) :
			 errdetail("The model would have values that are out of range."),
			 errhint("%s%s.", cure, fc_is_scaled(m) ? "" : ", or set the option scale => 'zscore'")));
}

/* A feature that no row has: nothing is known of it, and it would not tell clusters apart */
static void
report_never_observed(const FcFit *f)
{
	int32		column = fc_column_of_feature(&f->model->categories, f->failure.feature);
	const char *name = fc_name_of(f->model->names, column);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 name ? errmsg("feature \"%s\" is missing in all rows", name) :
			 errmsg("feature %d is missing in all rows", column + 1),
			 errhint("Leave it out of the features.")));
}

static void
report_vanished(const FcFit *f)
{
	const FcModel *m = f->model;

	if (fc_has_noise(m))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s finds only noise: no row has any weight in a cluster", m->algo->name),
				 errdetail("The distance of noise is %g.", m->common[FC_NOISE_DISTANCE]),
				 errhint("Raise noise_distance, or set the option noise to the share of rows that are noise, or begin with other centers.")));
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("the weights of %s are too small for %s precision", m->algo->name, precision_name(f)),
			 errhint("Ask for fewer clusters, or lower the fuzzifier.")));
}

static void
report_too_close(const FcFit *f)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("rows are too close together to compute squared distances in %s precision",
					precision_name(f)),
			 errhint("Scale the features up, or set the option scale => 'minmax'%s.",
					 f->rows.precision == FC_F32 ? ", or cast the features to double precision[]" : "")));
}

static void
report_too_fine(const FcFit *f)
{
	Words		w = fc_explain(f, FC_TOO_FINE);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_plural("a grid of %.0f centers is too fine for " INT64_FORMAT " row",
						   "a grid of %.0f centers is too fine for " INT64_FORMAT " rows",
						   f->rows.n, f->failure.wanted, f->rows.n),
			 errdetail("The grid may have at most " INT64_FORMAT " centers.", f->failure.allowed),
			 w.part[FC_HINT] ? errhint("%s", w.part[FC_HINT]) : errhint("Specify the number of clusters.")));
}

static void
report_too_many_columns(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("%s supports at most %d features, but the rows have %d",
					m->algo->name, FC_MAX_SHAPE_COLUMNS, m->d),
			 errdetail("Each cluster has a covariance matrix of all features."),
			 errhint("Use fewer features, or an algorithm without covariance matrices: %s.",
					 fc_algorithm_names(has_no_shapes))));
}

/* The first category among the columns of a model that has some */
static FcField
first_category(const FcModel *m)
{
	FcField		at = fc_fields(m);

	while (fc_next_field(&at) && at.values == NULL)
		continue;
	return at;
}

static void
report_no_categories(const FcFit *f)
{
	const FcModel *m = f->model;
	FcField		at = first_category(m);

	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 at.name && *at.name ? errmsg("%s cannot use column \"%s\", which is a category", m->algo->name, fc_name_text(at.name)) :
			 errmsg("%s cannot use column %d, which is a category", m->algo->name, at.column + 1),
			 errhint("Leave the column out, or choose one of %s.", fc_algorithm_names(fc_takes_categories))));
}

static void
report_not_whole(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" must contain only integers", m->algo->options[f->failure.option].name)));
}

/* A value of an option for each cluster, and not as many as there are clusters */
static void
report_bad_list(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" has %s, but the number of clusters is %d",
					m->algo->options[f->failure.option].name,
					fc_counted((int) m->option[f->failure.option], "value"), m->k),
			 m->common[FC_TOO_FEW] == FC_TOO_FEW_FEWER ?
			 errhint("Leave it out, since there may be fewer clusters with too_few => 'fewer'.") : 0));
}

static void
report_diverged(const FcFit *f)
{
	const FcModel *m = f->model;
	Words		w = fc_explain(f, FC_DIVERGED);

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s diverged at iteration %d", m->algo->name, m->iterations),
			 w.part[FC_HINT] ? errhint("%s", w.part[FC_HINT]) :
			 errhint("Set the option scale => 'zscore', or scale the features.")));
}

/* ---- by status ---- */

static int
explanation_code(FcStatus status)
{
	return status == FC_TOO_LARGE ? ERRCODE_PROGRAM_LIMIT_EXCEEDED :
		status == FC_VANISHED ? ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE : ERRCODE_INVALID_PARAMETER_VALUE;
}

/* The algorithm's own message, if it has one, as an error */
static void
report_explanation(FcStatus status, const FcFit *f)
{
	Words		w = fc_explain(f, status);

	if (w.part[FC_MESSAGE])
		ereport(ERROR,
				(errcode(explanation_code(status)),
				 errmsg_internal("%s", w.part[FC_MESSAGE]),
				 w.part[FC_DETAIL] ? errdetail_internal("%s", w.part[FC_DETAIL]) : 0,
				 w.part[FC_HINT] ? errhint("%s", w.part[FC_HINT]) : 0));
}

/* Each raises an error */
static void (*const reports[]) (const FcFit *f) =
{
	[FC_TOO_FEW_ROWS] = report_too_few,
	[FC_TOO_CLOSE] = report_too_close,
	[FC_TOO_FINE] = report_too_fine,
	[FC_TOO_MANY_COLUMNS] = report_too_many_columns,
	[FC_BAD_LIST] = report_bad_list,
	[FC_VANISHED] = report_vanished,
	[FC_DIVERGED] = report_diverged,
	[FC_UNREADABLE] = report_unreadable,
	[FC_NEVER_OBSERVED] = report_never_observed,
	[FC_NOT_WHOLE] = report_not_whole,
	[FC_NO_CATEGORIES] = report_no_categories,
};

/* An error unless the training went well */
void
fc_report_fit(FcStatus status, const FcFit *f)
{
	if (status == FC_OK)
		return;
	report_explanation(status, f);
	if ((int) status < (int) lengthof(reports) && reports[status])
		reports[status] (f);
	elog(ERROR, "unexpected status of a training: %d", (int) status);
}
