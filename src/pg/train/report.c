/*
 * report.c - what the core has to say, in words
 */
#include "pg/train/train.h"

#include "deep/deep.h"
#include "core/shape.h"

#include <math.h>

/* The finest precision of a grid that is allowed, rounded up */
static double
workable_precision(const FcFit *f)
{
	return ceil(1000 / floor(pow(f->allowed, 1.0 / f->rows.d) + 1e-9)) / 1000;
}

/* An image that the rows are not, or layers that do not fit */
static void
report_net(FcStatus status, const FcFit *f)
{
	const FcModel *m = f->model;
	const double *shape = m->list[fc_list_position(m->algo, FC_DEEP_SHAPE)];

	if (status == FC_NO_IMAGE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"network\" cannot be \"conv\" without the shape of the images"),
				 errhint("Set the option shape, as in shape => '{1,28,28}': channels, height and width.")));
	if (status == FC_WIDE_CODE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"latent\" is %.0f, but rows have only %s", m->option[FC_DEEP_LATENT],
						fc_counted(m->d, "feature")),
				 errhint("Set it to at most %d.", m->d)));
	if (status == FC_NOT_WHOLE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" has a number that is not whole", m->algo->options[f->bad_option].name)));
	if (status == FC_BAD_LIST)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"shape\" has %s, not 3", fc_counted((int) m->option[FC_DEEP_SHAPE], "value")),
				 errhint("Give channels, height and width, as in '{1,28,28}'.")));
	if (status == FC_OTHER_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("images of shape %.0f x %.0f x %.0f have %.0f values, but rows have %d features",
						shape[0], shape[1], shape[2], shape[0] * shape[1] * shape[2], m->d),
				 errhint("The option shape is channels, height and width.")));
	if (status == FC_BAD_SHAPE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a convolutional network does not take images of %.0f x %.0f", shape[1], shape[2]),
				 errhint("Height and width must be multiples of 4; or set network => 'dense'.")));
	if (status == FC_OTHER_NET)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"init\" is a model of another network"),
				 errdetail("Features, hidden, latent, network, shape, norm, dropout and scale must be the same.")));
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("the network of %s is too large", m->algo->name),
			 errdetail("It may have %d hidden layers and %d million parameters, and learn from %d rows.",
					   FC_MAX_HIDDEN, FC_MAX_NET / 1000000, INT32_MAX - 1)));
}

/* Features of a network belong near unit scale: its first parameters are chosen for that */
#define FAR_ABOVE	100
#define FAR_BELOW	0.01

static bool
is_far_from_unit(const FcFit *f)
{
	return f->model->algo->deep && (f->largest > FAR_ABOVE || f->largest < FAR_BELOW);
}

/* Rows differ, and their codes do not */
static void
report_too_few_codes(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_plural("cannot find %d clusters in " INT64_FORMAT " distinct code",
						   "cannot find %d clusters in " INT64_FORMAT " distinct codes", f->distinct,
						   m->k, f->distinct),
			 errdetail_plural("The input has " INT64_FORMAT " row; the largest absolute value that the network sees is %g.",
							  "The input has " INT64_FORMAT " rows; the largest absolute value that the network sees is %g.",
							  f->rows.n, f->rows.n, f->largest),
			 m->option[FC_DEEP_LATENT] == 1 && m->option[FC_DEEP_NORMALIZE] == FC_L2 ?
			 errhint("Codes of one number and unit length are 1 or -1: raise the option latent, or set norm => 'none'.") :
			 fc_is_scaled(m) ? errhint("Raise the option pretrain_epochs, or ask for fewer clusters.") :
			 errhint("Set the option scale => 'zscore', raise pretrain_epochs, or ask for fewer clusters.")));
}

/* Fewer distinct rows, or codes of rows, than clusters */
static void
report_too_few(const FcFit *f)
{
	const FcModel *m = f->model;
	bool		narrowed = m->algo->deep && f->rows.precision == FC_F64 && !fc_is_scaled(m);

	if (f->distinct_codes)
		report_too_few_codes(f);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_plural("cannot find %d clusters in " INT64_FORMAT " distinct row",
						   "cannot find %d clusters in " INT64_FORMAT " distinct rows", f->distinct,
						   m->k, f->distinct),
			 narrowed ? errdetail_plural("The input has " INT64_FORMAT " row. Networks see rows in single precision.",
										 "The input has " INT64_FORMAT " rows. Networks see them in single precision.",
										 f->rows.n, f->rows.n) :
			 errdetail_plural("The input has " INT64_FORMAT " row.",
							  "The input has " INT64_FORMAT " rows.", f->rows.n, f->rows.n),
			 errhint_plural("Ask for " INT64_FORMAT " cluster, or set the option too_few.",
							"Ask for at most " INT64_FORMAT " clusters, or set the option too_few.", f->distinct, f->distinct)));
}

static bool
has_no_shapes(const FcAlgorithm *algo)
{
	return algo->kernel == NULL || !algo->kernel->has_shapes;
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
	const FcOption *o = f->bad_option >= 0 ? fc_option_at(m->algo, f->bad_option) : NULL;
	const char *cure = f->sample.spread < 1 ? "Multiply the features" : "Divide the features";

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s cannot describe these rows in %s precision", m->algo->name, precision_name(f)),
			 o ? errdetail("The option \"%s\", found from the data, would be %g; valid are numbers from %g to %g.",
						   o->name, *fc_option_value((FcModel *) m, f->bad_option), o->min, o->max) :
			 f->bad_array ? errdetail("The model's array \"%s\" would have values that are no finite numbers.", f->bad_array) :
			 errdetail("The model would have values out of their range."),
			 errhint("%s%s.", cure, fc_is_scaled(m) ? "" : ", or set the option scale => 'zscore'")));
}

/* No weights to speak of, or no edges in a graph */
static void
report_vanished(const FcFit *f)
{
	const FcModel *m = f->model;

	if (m->algo->nodes)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("too few rows have neighbors at sigma %.3g for %d clusters",
						m->option[fc_find_option(m->algo, "sigma")], m->k),
				 errhint("Raise the option sigma.")));
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("the weights of %s are too small for %s precision", m->algo->name, precision_name(f)),
			 errhint("Ask for fewer clusters, or lower the fuzzifier.")));
}

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
			report_too_few(f);
			break;
		case FC_TOO_CLOSE:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("rows are too close together for squares of their distances in %s precision",
							precision_name(f)),
					 errhint("Multiply the features, or set the option scale => 'minmax'%s.",
							 f->rows.precision == FC_F32 ? ", or cast the features to double precision[]" : "")));
			break;
		case FC_TOO_FINE:
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg_plural("a grid of %.0f centers is too fine for " INT64_FORMAT " row",
								   "a grid of %.0f centers is too fine for " INT64_FORMAT " rows",
								   f->rows.n, f->wanted, f->rows.n),
					 errdetail("There may be at most " INT64_FORMAT ".", f->allowed),
					 errhint("Set the option grid_precision to %.3g or more, or give the number of clusters.",
							 workable_precision(f))));
			break;
		case FC_TOO_MANY_COLUMNS:
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("%s takes at most %d features, and the rows have %d",
							m->algo->name, FC_MAX_SHAPE_COLUMNS, m->d),
					 errdetail("Each cluster has a covariance of all features."),
					 errhint("Use fewer features, or an algorithm without covariances: %s.",
							 fc_algorithm_names(has_no_shapes))));
			break;
		case FC_BAD_SHAPE:
		case FC_TOO_LARGE:
		case FC_NOT_WHOLE:
		case FC_OTHER_COLUMNS:
		case FC_NO_IMAGE:
		case FC_WIDE_CODE:
		case FC_OTHER_NET:
			report_net(status, f);
			break;
		case FC_BAD_LIST:
			if (m->algo->deep)
				report_net(status, f);
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("option \"%s\" has %s, but the number of clusters is %d",
							m->algo->options[f->bad_option].name,
							fc_counted((int) m->option[f->bad_option], "value"), m->k),
					 m->common[FC_TOO_FEW] == FC_TOO_FEW_FEWER ?
					 errhint("Leave it out, as there may be fewer clusters with too_few => 'fewer'.") : 0));
			break;
		case FC_VANISHED:
			report_vanished(f);
			break;
		case FC_DIVERGED:
			ereport(ERROR,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("%s diverged at iteration %d", m->algo->name, m->iterations),
					 m->algo->deep ?
					 errhint("Lower the options learning_rate and cluster_rate, or set scale => 'minmax'.") :
					 errhint("Set the option scale => 'zscore', or scale the features.")));
			break;
		case FC_UNREADABLE:
			report_unreadable(f);
			break;
		default:
			elog(ERROR, "unexpected status of a training: %d", (int) status);
	}
}

/* ---- notices ---- */

#define MOST_TOLD	20			/* models of a statement */

/* Is there room for notices about another model?  NULL: there always is */
bool
fc_may_tell(FcNotices *notices)
{
	if (notices == NULL || ++notices->models <= MOST_TOLD)
		return true;
	if (notices->models == MOST_TOLD + 1)
		ereport(NOTICE,
				(errmsg("further notices about models of this statement are left out"),
				 errdetail("There were some about %d models.", MOST_TOLD)));
	return false;
}

/* In place of the error: the model is NULL.  Once a statement, for there may be many groups */
void
fc_report_no_model(const FcFit *f, FcNotices *notices)
{
	const FcModel *m = f->model;

	if (notices->no_model)
		return;
	notices->no_model = true;
	ereport(NOTICE,
			(m->k == 0 ? errmsg("too few rows for a grid of %.0f centers: the model is null", f->wanted) :
			 errmsg("too few different rows for %d clusters: the model is null", m->k),
			 errdetail("Other models of this statement may be null for the same reason, without a notice."),
			 errhint("Set the option too_few => 'fewer' to find as many clusters as there are different rows.")));
}

static void
report_twins(const FcFit *f)
{
	const FcModel *m = f->model;
	int			a = f->twins[0] + 1;
	int			b = f->twins[1] + 1;
	int			option = fc_find_option(m->algo, "fuzzifier");
	double		fuzzifier = option >= 0 ? *fc_option_value((FcModel *) m, option) : 0;
	bool		temperature = fc_find_option(m->algo, "temperature") >= 0;

	ereport(NOTICE,
			(errmsg("clusters %d and %d of %s coincide", a, b, m->algo->name),
			 f->equal_start ? errdetail("Their first centers are equal.") : 0,
			 f->equal_start ? errhint("Give different first centers in the option init.") :
			 f->safe_fuzzifier > 1.01 && f->safe_fuzzifier < fuzzifier && !has_no_shapes(m->algo) ?
			 errhint("Lower the option fuzzifier: with %d features, below about %.2f keeps clusters apart.",
					 m->d, f->safe_fuzzifier) :
			 f->safe_fuzzifier > 1.01 && f->safe_fuzzifier < fuzzifier ?
			 errhint("In these data a fuzzifier below %.2f keeps centers apart; fewer clusters may also help.",
					 f->safe_fuzzifier) :
			 fuzzifier > 0 ? errhint("Lower the option fuzzifier, or ask for fewer clusters.") :
			 temperature ? errhint("Lower the option temperature, or ask for fewer clusters.") :
			 errhint("Ask for fewer clusters.")));
}

static void
report_guard(const FcFit *f)
{
	const FcModel *m = f->model;
	bool		refining = f->guard_phase == FC_REFINING;

	if (f->guard == FC_COLLAPSED)
		ereport(NOTICE,
				(errmsg("clusters of %s collapsed by epoch %d; the best state before is kept", m->algo->name, f->guard_epoch),
				 refining ? errhint("Lower the option refine_rate or refine_epochs.") :
				 errhint("Lower the option epochs or cluster_rate%s.",
						 fc_find_option(m->algo, "lambda") >= 0 ? ", or lambda" : "")));
	else if (f->guard == FC_UNREFINED)
		ereport(NOTICE,
				(errmsg("the clusters of %s are not refined: the classifier did not learn them", m->algo->name),
				 errhint("Lower the option refine_rate, or raise refine_epochs.")));
	else
		ereport(NOTICE,
				(errmsg("the loss of %s was no finite number after epoch %d; the best state before is kept",
						m->algo->name, f->guard_epoch),
				 errhint("Lower the option %s.", refining ? "refine_rate" : "cluster_rate")));
}

static void
report_unit(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(NOTICE,
			(errmsg("features are far from unit scale for %s: the largest absolute value is %g", m->algo->name, f->largest),
			 errdetail("Networks learn best from features between about -3 and 3."),
			 m->common[FC_SCALE] == FC_SCALE_ZSCORE ? 0 : errhint("Set the option scale => 'zscore' or 'minmax'.")));
}

static void
report_reconstruction(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(NOTICE,
			(errmsg("the network of %s reconstructs rows no better than their mean does", m->algo->name),
			 errdetail("Its mean squared error is %.3g, the variance of the features is %.3g.", f->reconstruction, f->variance),
			 fc_is_scaled(m) ? errhint("Raise the option pretrain_epochs, or lower learning_rate.") :
			 errhint("Set the option scale => 'zscore', or raise pretrain_epochs.")));
}

/* Covariances of directions in which a cluster has no extent, or too few rows */
static void
report_shapes(const FcFit *f)
{
	const FcModel *m = f->model;

	if (f->singular > 0)
		ereport(NOTICE,
				(errmsg_plural("the covariance of %d of %s of %s is singular",
							   "the covariances of %d of %s of %s are singular", f->singular,
							   f->singular, fc_counted(m->k, "cluster"), m->algo->name),
				 errdetail("In some direction these clusters have no extent, but for rounding."),
				 errhint("Leave out features that are constant or follow from others, ask for fewer clusters, or raise the option regularization.")));
	else
		ereport(NOTICE,
				(errmsg_plural("%d of %s of %s has fewer rows than features + 1, which is %d",
							   "%d of %s of %s have fewer rows than features + 1, which is %d", f->thin,
							   f->thin, fc_counted(m->k, "cluster"), m->algo->name, m->d + 1),
				 errdetail("Its rows say little about the shape of such a cluster."),
				 errhint("Ask for fewer clusters, or raise the option regularization.")));
}

static bool
has_doubts(const FcFit *f)
{
	return f->twins[0] >= 0 || f->model->empty > 0 || is_far_from_unit(f) || f->reconstruction > f->variance ||
		f->singular > 0 || f->thin > 0 || f->guard != FC_UNGUARDED || !f->model->converged;
}

/* A notice for each reason to doubt the result */
void
fc_report_doubts(const FcFit *f, FcNotices *notices)
{
	const FcModel *m = f->model;

	if (!has_doubts(f) || !fc_may_tell(notices))
		return;
	if (f->twins[0] >= 0)
		report_twins(f);
	else if (m->empty > 0)
		ereport(NOTICE,
				(errmsg_plural("%d of %s of %s is no row's nearest",
							   "%d of %s of %s are no row's nearest", m->empty,
							   m->empty, fc_counted(m->k, "cluster"), m->algo->name),
				 errhint("Ask for fewer clusters.")));
	if (is_far_from_unit(f))
		report_unit(f);
	if (f->reconstruction > f->variance && f->variance > 0)
		report_reconstruction(f);
	if (f->singular > 0 || f->thin > 0)
		report_shapes(f);
	if (f->guard != FC_UNGUARDED)
		report_guard(f);
	else if (!m->converged && m->algo->deep)
		ereport(NOTICE,
				(errmsg("%s ended after %d epochs, before its last one", m->algo->name, m->iterations),
				 errhint("Raise the option max_iterations.")));
	else if (!m->converged)
		ereport(NOTICE,
				(errmsg_plural("%s did not converge within %d iteration",
							   "%s did not converge within %d iterations", m->iterations,
							   m->algo->name, m->iterations),
				 m->iterations < m->common[FC_MAX_ITERATIONS] && fc_find_option(m->algo, "max_steps") >= 0 ?
				 errhint("Raise the option max_steps or outer_tolerance.") :
				 errhint("Raise the option max_iterations or tolerance.")));
}

/* Rows that were left out of a training, or of what else a query was read for; "rows" were not */
void
fc_report_skipped(int64 skipped, int64 rows)
{
	if (skipped == 0)
		return;
	if (rows == 0)
		ereport(NOTICE,
				(errmsg_plural("the result is NULL: the only row was left out because features are missing",
							   "the result is NULL: all rows were left out because features are missing", skipped),
				 errdetail_plural(INT64_FORMAT " row has a feature that is null, NaN, infinite or too large.",
								  INT64_FORMAT " rows have a feature that is null, NaN, infinite or too large.",
								  skipped, skipped)));
	else
		ereport(NOTICE,
				(errmsg_plural(INT64_FORMAT " of " INT64_FORMAT " rows was left out because features are missing",
							   INT64_FORMAT " of " INT64_FORMAT " rows were left out because features are missing",
							   skipped, skipped, skipped + rows)));
}
