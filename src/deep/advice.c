/*
 * advice.c - why a network could not be trained, and what makes its result doubtful, in words
 */
#include "deep/model.h"
#include "deep/outcome.h"

#include <inttypes.h>

#define MB			(1024 * 1024)

/* Features belong near unit scale: the first parameters are chosen for that */
#define FAR_ABOVE	100
#define FAR_BELOW	0.01

#define DISAGREE	0.6			/* adjusted Rand index of first clusterings that are not the same ones */

/* ---- options ---- */

/* Channels, height and width of images */
static const double *
shape_option(const FcModel *m)
{
	return m->list[fc_list_position(m->algo, FC_DEEP_SHAPE)];
}

static void
explain_no_image(const FcFit *f, FcWords *w)
{
	(void) f;
	w->say(w, FC_MESSAGE, "option \"network\" cannot be \"conv\" without the shape of the images");
	w->say(w, FC_HINT, "Set the option shape, as in shape => '{1,28,28}': channels, height and width.");
}

static void
explain_wide_code(const FcFit *f, FcWords *w)
{
	const FcModel *m = f->model;

	w->say(w, FC_MESSAGE, "option \"latent\" is %.0f, but rows have only %d %s", m->option[FC_DEEP_LATENT], m->d,
		   m->d == 1 ? "feature" : "features");
	w->say(w, FC_HINT, "Set it to at most %d.", m->d);
}

static void
explain_bad_list(const FcFit *f, FcWords *w)
{
	double		values = f->model->option[FC_DEEP_SHAPE];

	w->say(w, FC_MESSAGE, "option \"shape\" has %.0f %s, not 3", values, values == 1 ? "value" : "values");
	w->say(w, FC_HINT, "Specify channels, height and width, as in '{1,28,28}'.");
}

static void
explain_other_columns(const FcFit *f, FcWords *w)
{
	const double *shape = shape_option(f->model);

	w->say(w, FC_MESSAGE, "images of shape %.0f x %.0f x %.0f have %.0f values, but rows have %d features",
		   shape[0], shape[1], shape[2], shape[0] * shape[1] * shape[2], f->model->d);
	w->say(w, FC_HINT, "The option shape consists of channels, height and width.");
}

static void
explain_bad_shape(const FcFit *f, FcWords *w)
{
	const double *shape = shape_option(f->model);

	w->say(w, FC_MESSAGE, "a convolutional network does not support images of %.0f x %.0f", shape[1], shape[2]);
	w->say(w, FC_HINT, "Height and width must be multiples of 4. Otherwise set network => 'dense'.");
}

static void
explain_other_net(const FcFit *f, FcWords *w)
{
	(void) f;
	w->say(w, FC_MESSAGE, "option \"init\" is a model with a different network");
	w->say(w, FC_DETAIL, "Features, hidden, latent, network, shape, norm, code_activation, dropout and scale must be the same.");
}

/* ---- sizes ---- */

static void
explain_too_large(const FcFit *f, FcWords *w)
{
	w->say(w, FC_MESSAGE, "the network of %s is too large", f->model->algo->name);
	w->say(w, FC_DETAIL,
		   "A network may have up to %d hidden layers and %d million parameters, and may be trained on up to %d rows.",
		   FC_MAX_HIDDEN, FC_MAX_NET / 1000000, INT32_MAX - 1);
}

static void
explain_model_too_large(const FcFit *f, FcWords *w)
{
	if (FC_DEEP_NEIGHBOR_CODES(f->model).rows > 0)
		w->say(w, FC_HINT, "Train on fewer rows, because the model stores their codes, or set the option neighbors => 0.");
	else
		w->say(w, FC_HINT, "Lower the options hidden and latent.");
}

static void
explain_too_little_memory(const FcFit *f, FcWords *w)
{
	const FcModel *m = f->model;
	size_t		rows = f->memory.rows;
	size_t		network = f->memory.least - rows;
	double		batch = m->option[FC_DEEP_BATCH_SIZE];

	w->say(w, FC_DETAIL,
		   "%zu MB are for %" PRId64 " parameters and batches of %.0f rows, %zu MB for rows that are processed together.",
		   network / MB + 1, m->algo->network->parameters(m), batch < m->rows ? batch : (double) m->rows, rows / MB);
	if (network >= rows)
		w->say(w, FC_HINT, "or lower the options hidden or batch_size");
	else if (FC_DEEP_NEIGHBOR_CODES(m).rows > 0)
		w->say(w, FC_HINT, "train on fewer rows, or set the option neighbors => 0");
	else if (fc_deep_refines(m))
		w->say(w, FC_HINT, "or set the option refine => 'none'");
}

/* ---- rows ---- */

/* Rows differ, and their codes do not */
static void
explain_too_few_codes(const FcFit *f, FcWords *w)
{
	const FcModel *m = f->model;

	w->say(w, FC_MESSAGE, "cannot find %d clusters in %" PRId64 " distinct %s", m->k, f->failure.distinct,
		   f->failure.distinct == 1 ? "code" : "codes");
	w->say(w, FC_DETAIL, "The input has %" PRId64 " %s; the largest absolute input value of the network is %g.",
		   f->rows.n, f->rows.n == 1 ? "row" : "rows", fc_deep_outcome(f)->largest);
	if (m->option[FC_DEEP_LATENT] == 1 && m->option[FC_DEEP_NORMALIZE] == FC_L2)
		w->say(w, FC_HINT, "Codes with a single component, normalized to unit length, are 1 or -1: "
			   "raise the option latent, or set norm => 'none'.");
	else if (fc_is_scaled(m))
		w->say(w, FC_HINT, "Raise the option pretrain_epochs, or ask for fewer clusters.");
	else
		w->say(w, FC_HINT, "Set the option scale => 'zscore', raise pretrain_epochs, or ask for fewer clusters.");
}

static void
explain_too_few_rows(const FcFit *f, FcWords *w)
{
	if (fc_deep_outcome(f)->distinct_codes)
		explain_too_few_codes(f, w);
	else if (f->rows.precision == FC_F64 && !fc_is_scaled(f->model))
		w->say(w, FC_DETAIL, "The input has %" PRId64 " %s. Networks use single precision.",
			   f->rows.n, f->rows.n == 1 ? "row" : "rows");
}

static void
explain_diverged(const FcFit *f, FcWords *w)
{
	(void) f;
	w->say(w, FC_HINT, "Lower the options learning_rate and cluster_rate, or set scale => 'minmax'.");
}

static void (*const explanations[FC_STATUSES]) (const FcFit *f, FcWords *w) = {
	[FC_TOO_FEW_ROWS] = explain_too_few_rows,
	[FC_DIVERGED] = explain_diverged,
	[FC_BAD_LIST] = explain_bad_list,
	[FC_BAD_SHAPE] = explain_bad_shape,
	[FC_NO_IMAGE] = explain_no_image,
	[FC_OTHER_COLUMNS] = explain_other_columns,
	[FC_WIDE_CODE] = explain_wide_code,
	[FC_OTHER_NET] = explain_other_net,
	[FC_TOO_LARGE] = explain_too_large,
	[FC_MODEL_TOO_LARGE] = explain_model_too_large,
	[FC_TOO_LITTLE_MEMORY] = explain_too_little_memory,
};

static void
explain(const FcFit *f, FcStatus status, FcWords *w)
{
	if (explanations[status])
		explanations[status] (f, w);
}

/* ---- doubts ---- */

static void
doubt_unit_scale(const FcFit *f, const FcDeepOutcome *o, FcWords *w)
{
	const FcModel *m = f->model;

	w->say(w, FC_MESSAGE, "features are far from unit scale for %s: the largest absolute value is %g", m->algo->name,
		   o->largest);
	w->say(w, FC_DETAIL, "Networks work best with features between about -3 and 3.");
	if (m->common[FC_SCALE] != FC_SCALE_ZSCORE)
		w->say(w, FC_HINT, "Set the option scale => 'zscore' or 'minmax'.");
}

static void
doubt_reconstruction(const FcFit *f, const FcDeepOutcome *o, FcWords *w)
{
	const FcModel *m = f->model;

	w->say(w, FC_MESSAGE, "the network of %s does not reconstruct rows better than their mean does", m->algo->name);
	w->say(w, FC_DETAIL, "Its mean squared error is %.3g, the variance of the features is %.3g.",
		   o->reconstruction, o->variance);
	if (fc_is_scaled(m))
		w->say(w, FC_HINT, "Raise the option pretrain_epochs, or lower learning_rate.");
	else
		w->say(w, FC_HINT, "Set the option scale => 'zscore', or raise pretrain_epochs.");
}

/* Which of two clusterings of the codes is right, only the user can say */
static void
doubt_start(const FcFit *f, const FcDeepOutcome *o, FcWords *w)
{
	const FcDeepStarts *s = &o->starts;
	bool		by_graph = o->start == FC_START_GRAPH;

	w->say(w, FC_MESSAGE, "k-means and the graph of neighbours find different clusters of the codes for %s to start from; those of %s are used",
		   f->model->algo->name, by_graph ? "the graph" : "k-means");
	w->say(w, FC_DETAIL, "Their adjusted Rand index is %.2f. A code's neighbours are in another cluster in %.1f %% of cases by k-means, in %.1f %% by the graph.",
		   s->agreement, 100 * s->means_conductance, 100 * s->graph_conductance);
	w->say(w, FC_HINT, "Compare the clusters with those of start => '%s', and with those of kmeans on the rows themselves.",
		   by_graph ? "kmeans" : "graph");
}

static void
doubt_collapsed(const FcFit *f, const FcDeepOutcome *o, FcWords *w)
{
	const FcAlgorithm *algo = f->model->algo;

	w->say(w, FC_MESSAGE, "clusters of %s collapsed by epoch %d; the best earlier state is kept", algo->name,
		   o->guard_epoch);
	if (o->guard_phase == FC_REFINING)
		w->say(w, FC_HINT, "Lower the option refine_rate or refine_epochs.");
	else
		w->say(w, FC_HINT, "Lower the option epochs or cluster_rate%s.",
			   fc_find_option(algo, "lambda") >= 0 ? ", or lambda" : "");
}

static void
doubt_unrefined(const FcFit *f, FcWords *w)
{
	w->say(w, FC_MESSAGE, "the clusters of %s were not refined, because the classifier did not learn them",
		   f->model->algo->name);
	w->say(w, FC_HINT, "Lower the option refine_rate, or raise refine_epochs.");
}

static void
doubt_loss(const FcFit *f, const FcDeepOutcome *o, FcWords *w)
{
	w->say(w, FC_MESSAGE, "the loss of %s was not finite after epoch %d; the best earlier state is kept",
		   f->model->algo->name, o->guard_epoch);
	w->say(w, FC_HINT, "Lower the option %s.", o->guard_phase == FC_REFINING ? "refine_rate" : "cluster_rate");
}

static void
doubt_end(const FcFit *f, FcWords *w)
{
	w->say(w, FC_MESSAGE, "%s stopped at epoch %d because max_iterations was reached", f->model->algo->name,
		   f->model->iterations);
	w->say(w, FC_HINT, "Raise the option max_iterations.");
}

static void
doubt(const FcFit *f, FcWords *w)
{
	const FcDeepOutcome *o = fc_deep_outcome(f);

	if (o->largest > FAR_ABOVE || o->largest < FAR_BELOW)
		doubt_unit_scale(f, o, w);
	if (o->reconstruction > o->variance && o->variance > 0)
		doubt_reconstruction(f, o, w);
	if (o->starts.agreement < DISAGREE)
		doubt_start(f, o, w);
	if (o->guard == FC_COLLAPSED)
		doubt_collapsed(f, o, w);
	else if (o->guard == FC_UNREFINED)
		doubt_unrefined(f, w);
	else if (o->guard == FC_LOST)
		doubt_loss(f, o, w);
	else if (!f->model->converged)
		doubt_end(f, w);
}

const FcAdviceHooks fc_deep_advice = {
	.explain = explain,
	.doubt = doubt,
};
