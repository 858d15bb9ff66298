/*
 * network.c - the networks of a model, which follow from its options and its features
 *
 * So a reader of a model rebuilds them, and their sizes must match the
 * parameters in it.  Codes and reconstructions are the autoencoder's.  The
 * classifier scores rows in place of the encoder, where there is one: a net
 * without decoder (nn/classifier.c: convolutions where rows are images), which
 * ends with a softmax of one number for each cluster, or, with refine_head =>
 * 'own', with a place among k centers.
 */
#include "deep/model.h"

#include <math.h>

#define LATENT			10
#define MOST_OUTPUTS	256		/* of a classifier where there are centers */

static const int32_t usual_hidden[] = {256, 256, 512};
static const int32_t classifier_hidden[] = {512, 512};

/* ---- options ---- */

const char *const fc_deep_networks[] = {"dense", "conv", NULL};
const char *const fc_deep_norms[] = {"l2", "none", NULL};
const char *const fc_deep_optimizers[] = {"adam", "sgd", NULL};
const char *const fc_deep_starts[] = {"graph", "kmeans", "auto", NULL};
const char *const fc_deep_activations[] = {"linear", "relu", NULL};
const char *const fc_deep_refinements[] = {"none", "selflabel", NULL};
const char *const fc_deep_heads[] = {"softmax", "own", NULL};

const FcOption fc_deep_max_iterations = {
	.name = "max_iterations", .type = FC_INTEGER, .initial = 1000, .min = 1, .max = 1000000,
	.help = "maximum number of epochs, of all phases together"
};

/* The whole numbers of a list, at most "most" of them; false if one is not whole */
static bool
read_list(const FcModel *m, int option, int32_t *values, int most)
{
	const double *list = m->list[fc_list_position(m->algo, option)];

	for (int i = 0; i < most && i < m->option[option]; i++)
	{
		if (!(list[i] >= 1 && list[i] <= FC_MAX_COLUMNS && list[i] == floor(list[i])))
			return false;
		values[i] = (int32_t) list[i];
	}
	return true;
}

/* ---- the autoencoder ---- */

int32_t
fc_deep_latent(const FcModel *m)
{
	if (!isnan(m->option[FC_DEEP_LATENT]))
		return (int32_t) m->option[FC_DEEP_LATENT];
	return m->d < LATENT ? m->d : LATENT;
}

bool
fc_deep_is_unit(const FcModel *m)
{
	return m->option[FC_DEEP_NORMALIZE] == FC_L2;
}

/* The shape of the images; for other rows, one pixel with many channels */
FcStatus
fc_deep_shape(const FcModel *m, FcShape *shape)
{
	int32_t		values[3];

	*shape = (FcShape) {m->d, 1, 1};
	if (m->option[FC_DEEP_SHAPE] == 0)
		return m->option[FC_DEEP_NETWORK] == FC_CONV ? FC_NO_IMAGE : FC_OK;
	if (m->option[FC_DEEP_SHAPE] != 3)
		return FC_BAD_LIST;
	if (!read_list(m, FC_DEEP_SHAPE, values, 3))
		return FC_NOT_WHOLE;
	if ((double) values[0] * values[1] * values[2] != m->d)
		return FC_OTHER_COLUMNS;
	*shape = (FcShape) {values[0], values[1], values[2]};
	return FC_OK;
}

/* Which list has a number that is not whole */
int
fc_deep_bad_list(const FcModel *m)
{
	int32_t		values[FC_MAX_HIDDEN];

	return read_list(m, FC_DEEP_HIDDEN, values, FC_MAX_HIDDEN) ? FC_DEEP_SHAPE : FC_DEEP_HIDDEN;
}

/* With linear codes */
static FcStatus
build_net(FcNet *net, const FcModel *m)
{
	int32_t		hidden[FC_MAX_HIDDEN];
	int32_t		nhidden = (int32_t) m->option[FC_DEEP_HIDDEN];
	int32_t		latent = fc_deep_latent(m);
	bool		unit = m->option[FC_DEEP_NORMALIZE] == FC_L2;
	FcShape		shape;
	FcStatus	status = fc_deep_shape(m, &shape);

	if (status != FC_OK)
		return status;
	if (latent > m->d)
		return FC_WIDE_CODE;
	if (m->option[FC_DEEP_NETWORK] == FC_CONV)
		return fc_conv_autoencoder(net, shape, latent, unit);
	if (nhidden == 0)
		return fc_dense_autoencoder(net, m->d, usual_hidden, 3, latent, unit, m->option[FC_DEEP_DROPOUT]);
	if (nhidden > FC_MAX_HIDDEN)
		return FC_TOO_LARGE;
	if (!read_list(m, FC_DEEP_HIDDEN, hidden, nhidden))
		return FC_NOT_WHOLE;
	return fc_dense_autoencoder(net, m->d, hidden, nhidden, latent, unit, m->option[FC_DEEP_DROPOUT]);
}

FcStatus
fc_deep_net(FcNet *net, const FcModel *m)
{
	FcStatus	status = build_net(net, m);

	if (status == FC_OK && m->option[FC_DEEP_CODE_ACTIVATION] == FC_CODES_RELU)
		fc_net_rectify_codes(net);
	return status;
}

/* Do two nets have the same layers, and their parameters the same meaning? */
static bool
same_nets(const FcModel *a, const FcNet *na, const FcModel *b, const FcNet *nb)
{
	if (a->d != b->d || a->common[FC_SCALE] != b->common[FC_SCALE] || na->count != nb->count ||
		na->parameters != nb->parameters)
		return false;
	for (int32_t l = 0; l < na->count; l++)
	{
		const FcLayer *x = na->layer + l;
		const FcLayer *y = nb->layer + l;

		if (x->ops != y->ops || x->activation != y->activation || x->nweights != y->nweights ||
			fc_shape_columns(x->out) != fc_shape_columns(y->out) || x->out.channels != y->out.channels ||
			x->out.height != y->out.height)
			return false;
	}
	return true;
}

/* Do two models have the same network, with parameters of the same meaning? */
bool
fc_deep_same_net(const FcModel *a, const FcModel *b)
{
	FcNet		na;
	FcNet		nb;

	return fc_deep_net(&na, a) == FC_OK && fc_deep_net(&nb, b) == FC_OK && same_nets(a, &na, b, &nb);
}

/* The number of neighbours of a row in this model; 0: codes do not include neighbours */
int32_t
fc_deep_neighbors(const FcModel *m)
{
	return (int32_t) fc_deep_option(m, fc_deep_method(m)->neighbors, 0);
}

/* ---- the classifier ---- */

bool
fc_deep_refines(const FcModel *m)
{
	return fc_deep_method(m)->loss && m->option[FC_DEEP_REFINE] == FC_SELFLABEL;
}

bool
fc_deep_has_head(const FcModel *m)
{
	return m->option[FC_DEEP_REFINE_HEAD] == FC_HEAD_OWN;
}

/* What the classifier makes of a row: one number for each cluster, or a place among centers */
int32_t
fc_deep_outputs(const FcModel *m)
{
	return fc_deep_has_head(m) && m->k > MOST_OUTPUTS ? MOST_OUTPUTS : m->k;
}

FcStatus
fc_deep_classifier(FcNet *net, const FcModel *m)
{
	FcShape		shape;
	FcStatus	status = fc_deep_shape(m, &shape);
	double		dropout = m->option[FC_DEEP_REFINE_DROPOUT];
	bool		unit = fc_deep_has_head(m) && fc_deep_method(m)->unit_centers;

	if (status != FC_OK)
		return status;
	if (m->option[FC_DEEP_SHAPE] > 0)
		return fc_conv_classifier(net, shape, dropout, fc_deep_outputs(m), unit);
	return fc_dense_classifier(net, m->d, classifier_hidden, 2, dropout, fc_deep_outputs(m), unit);
}

bool
fc_deep_has_softmax(const FcModel *m)
{
	return fc_deep_refines(m) && m->option[FC_DEEP_REFINE_HEAD] == FC_HEAD_SOFTMAX;
}
