/*
 * report.c - why the core could not train a model, in words
 */
#include "pg/train/train.h"

#include "deep/model.h"
#include "core/shape.h"

#include <math.h>

/* ---- networks and their options ---- */

/* Channels, height and width of images */
static const double *
shape_option(const FcFit *f)
{
	return f->model->list[fc_list_position(f->model->algo, FC_DEEP_SHAPE)];
}

static void
report_no_image(const FcFit *f pg_attribute_unused())
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"network\" cannot be \"conv\" without the shape of the images"),
			 errhint("Set the option shape, as in shape => '{1,28,28}': channels, height and width.")));
}

static void
report_wide_code(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"latent\" is %.0f, but rows have only %s", m->option[FC_DEEP_LATENT],
					fc_counted(m->d, "feature")),
			 errhint("Set it to at most %d.", m->d)));
}

static void
report_not_whole(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" must contain only integers", m->algo->options[f->bad_option].name)));
}

/* The option shape has more or fewer than three numbers */
static void
report_bad_image(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"shape\" has %s, not 3", fc_counted((int) m->option[FC_DEEP_SHAPE], "value")),
			 errhint("Specify channels, height and width, as in '{1,28,28}'.")));
}

static void
report_other_columns(const FcFit *f)
{
	const FcModel *m = f->model;
	const double *shape = shape_option(f);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("images of shape %.0f x %.0f x %.0f have %.0f values, but rows have %d features",
					shape[0], shape[1], shape[2], shape[0] * shape[1] * shape[2], m->d),
			 errhint("The option shape consists of channels, height and width.")));
}

static void
report_bad_shape(const FcFit *f)
{
	const double *shape = shape_option(f);

	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("a convolutional network does not support images of %.0f x %.0f", shape[1], shape[2]),
			 errhint("Height and width must be multiples of 4. Otherwise set network => 'dense'.")));
}

static void
report_other_net(const FcFit *f pg_attribute_unused())
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"init\" is a model with a different network"),
			 errdetail("Features, hidden, latent, network, shape, norm, dropout and scale must be the same.")));
}

static void
report_large_net(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("the network of %s is too large", m->algo->name),
			 errdetail("A network may have up to %d hidden layers and %d million parameters, and may be trained on up to %d rows.",
					   FC_MAX_HIDDEN, FC_MAX_NET / 1000000, INT32_MAX - 1)));
}

/* ---- rows ---- */

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
			 errdetail_plural("The input has " INT64_FORMAT " row; the largest absolute input value of the network is %g.",
							  "The input has " INT64_FORMAT " rows; the largest absolute input value of the network is %g.",
							  f->rows.n, f->rows.n, f->largest),
			 m->option[FC_DEEP_LATENT] == 1 && m->option[FC_DEEP_NORMALIZE] == FC_L2 ?
			 errhint("Codes with a single component, normalized to unit length, are 1 or -1: raise the option latent, or set norm => 'none'.") :
			 fc_is_scaled(m) ? errhint("Raise the option pretrain_epochs, or ask for fewer clusters.") :
			 errhint("Set the option scale => 'zscore', raise pretrain_epochs, or ask for fewer clusters.")));
}

/* Fewer distinct rows, or codes of rows, than clusters */
static void
report_too_few(const FcFit *f)
{
	const FcModel *m = f->model;
	bool		narrowed = m->algo->network && f->rows.precision == FC_F64 && !fc_is_scaled(m);

	if (f->distinct_codes)
		report_too_few_codes(f);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_plural("cannot find %d clusters in " INT64_FORMAT " distinct row",
						   "cannot find %d clusters in " INT64_FORMAT " distinct rows", f->distinct,
						   m->k, f->distinct),
			 narrowed ? errdetail_plural("The input has " INT64_FORMAT " row. Networks use single precision.",
										 "The input has " INT64_FORMAT " rows. Networks use single precision.",
										 f->rows.n, f->rows.n) :
			 errdetail_plural("The input has " INT64_FORMAT " row.",
							  "The input has " INT64_FORMAT " rows.", f->rows.n, f->rows.n),
			 errhint_plural("Ask for " INT64_FORMAT " cluster, or set the option too_few.",
							"Ask for at most " INT64_FORMAT " clusters, or set the option too_few.", f->distinct, f->distinct)));
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
	const FcOption *o = f->bad_option >= 0 ? fc_option_at(m->algo, f->bad_option) : NULL;
	const char *cure = f->sample.spread < 1 ? "Scale the features up" : "Scale the features down";

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s cannot represent these rows in %s precision", m->algo->name, precision_name(f)),
			 o ? errdetail("The option \"%s\", derived from the data, would be %g; valid values are from %g to %g.",
						   o->name, *fc_option_value((FcModel *) m, f->bad_option), o->min, o->max) :
			 f->bad_array ? errdetail("The model's array \"%s\" would have values that are not finite.", f->bad_array) :
			 errdetail("The model would have values that are out of range."),
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

/* The finest precision of a grid that is allowed, rounded up */
static double
workable_precision(const FcFit *f)
{
	return ceil(1000 / floor(pow(f->allowed, 1.0 / f->rows.d) + 1e-9)) / 1000;
}

static void
report_too_fine(const FcFit *f)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg_plural("a grid of %.0f centers is too fine for " INT64_FORMAT " row",
						   "a grid of %.0f centers is too fine for " INT64_FORMAT " rows",
						   f->rows.n, f->wanted, f->rows.n),
			 errdetail("The grid may have at most " INT64_FORMAT " centers.", f->allowed),
			 errhint("Set the option grid_precision to %.3g or more, or specify the number of clusters.",
					 workable_precision(f))));
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

/* A value of an option for each cluster, and not as many as there are clusters */
static void
report_bad_list(const FcFit *f)
{
	const FcModel *m = f->model;

	if (m->algo->network)
		report_bad_image(f);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" has %s, but the number of clusters is %d",
					m->algo->options[f->bad_option].name,
					fc_counted((int) m->option[f->bad_option], "value"), m->k),
			 m->common[FC_TOO_FEW] == FC_TOO_FEW_FEWER ?
			 errhint("Leave it out, since there may be fewer clusters with too_few => 'fewer'.") : 0));
}

static void
report_diverged(const FcFit *f)
{
	const FcModel *m = f->model;

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s diverged at iteration %d", m->algo->name, m->iterations),
			 m->algo->network ?
			 errhint("Lower the options learning_rate and cluster_rate, or set scale => 'minmax'.") :
			 errhint("Set the option scale => 'zscore', or scale the features.")));
}

/* ---- by status ---- */

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
	[FC_NO_IMAGE] = report_no_image,
	[FC_WIDE_CODE] = report_wide_code,
	[FC_NOT_WHOLE] = report_not_whole,
	[FC_OTHER_COLUMNS] = report_other_columns,
	[FC_BAD_SHAPE] = report_bad_shape,
	[FC_OTHER_NET] = report_other_net,
	[FC_TOO_LARGE] = report_large_net,
};

/* An error unless the training went well */
void
fc_report_fit(FcStatus status, const FcFit *f)
{
	if (status == FC_OK)
		return;
	if ((int) status < (int) lengthof(reports) && reports[status])
		reports[status] (f);
	elog(ERROR, "unexpected status of a training: %d", (int) status);
}
