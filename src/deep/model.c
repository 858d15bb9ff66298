/*
 * model.c - a model of a method of deep clustering: its arrays, and the sizes of a training
 *
 * Learned values: (k, latent) centers of codes, and the parameters of the net;
 * (k, d) centers are the former, decoded.  An autoencoder whose clusters come
 * from the graph stores (rows, latent + 1) codes and clusters of rows.  Codes
 * that include neighbours need a second encoder, and (n, 2 latent) codes of
 * all rows by the first and by the second.
 */
#include "deep/model.h"

#include <math.h>

#define FEWEST_IN_GRAPH	40
#define MOST_SAMPLED	10000
#define STEPS			4700	/* of a classifier: about as many as 30 epochs of 10,000 rows have */
#define LEAST_EPOCHS	5
#define MOST_EPOCHS		200

const char *const fc_deep_phases[] = {"pretrain", "cluster", "refine"};

/* ---- epochs ---- */

/* The most that all phases together may have */
double
fc_deep_epochs(const FcModel *m)
{
	double		epochs = m->option[FC_DEEP_PRETRAIN_EPOCHS];

	if (fc_deep_method(m)->loss && m->common[FC_INIT] == FC_INIT_MODEL)
		epochs = 0;
	if (fc_deep_method(m)->loss)
		epochs += m->option[FC_DEEP_EPOCHS];
	if (fc_deep_refines(m))
		epochs += m->option[FC_DEEP_REFINE_EPOCHS];
	return fmin(epochs, m->common[FC_MAX_ITERATIONS]);
}

/* Of the classifier: the option, or by the number of rows */
int32_t
fc_deep_refine_epochs(const FcModel *m, int64_t rows)
{
	double		steps = fmax(floor(rows / m->option[FC_DEEP_REFINE_BATCH_SIZE]), 1);

	if (!isnan(m->option[FC_DEEP_REFINE_EPOCHS]))
		return (int32_t) m->option[FC_DEEP_REFINE_EPOCHS];
	return (int32_t) fmin(fmax(floor(STEPS / steps), LEAST_EPOCHS), MOST_EPOCHS);
}

/* Does the history have phases, and none after the last? */
bool
fc_deep_phases_fit(const FcModel *m, int last)
{
	for (int32_t i = 0; i < m->history.count; i++)
	{
		double		phase = fc_history_get(m, i, FC_HISTORY_PHASE);

		if (!(phase >= 0 && phase <= last && phase == floor(phase)))
			return false;
	}
	return true;
}

/* ---- arrays ---- */

/* May a model keep codes of rows? */
static bool
has_codes(const FcModel *m)
{
	return fc_deep_method(m)->loss == NULL && m->option[FC_DEEP_START] != FC_START_KMEANS;
}

static FcArray
narrow_array(const char *name, FcNarrow *narrow, int64_t columns, FcArrayKind kind)
{
	return (FcArray) {name, narrow->rows, columns, NULL, &narrow->rows, &narrow->data, kind};
}

int
fc_deep_arrays(FcModel *m, FcArray *extra)
{
	int32_t		latent = fc_deep_latent(m);
	int			n = 0;

	extra[n++] = (FcArray) {"embedded", m->k, latent, &FC_DEEP_CENTERS(m), NULL, NULL, FC_OF_CLUSTERS};
	if (fc_deep_method(m)->has_weights)
		extra[n++] = (FcArray) {"feature_weights", m->k, latent, &FC_DEEP_WEIGHTS(m), NULL, NULL, FC_OF_CLUSTERS};
	extra[n++] = narrow_array("network", &FC_DEEP_PARAMETERS(m), 1, FC_OF_MODEL);
	if (has_codes(m))
		extra[n++] = narrow_array("codes", &FC_DEEP_CODES(m), latent + 1, FC_LABELLED);
	if (fc_deep_refines(m))
		extra[n++] = narrow_array("classifier", &FC_DEEP_CLASSIFIER(m), 1, FC_OF_MODEL);
	if (fc_deep_refines(m) && m->option[FC_DEEP_REFINE_HEAD] == FC_HEAD_OWN)
		extra[n++] = (FcArray) {"head", m->k, fc_deep_outputs(m), &FC_DEEP_HEAD(m), NULL, NULL, FC_OF_CLUSTERS};
	if (fc_deep_neighbors(m) > 0)
	{
		extra[n++] = narrow_array("neighbor_net", &FC_DEEP_NEIGHBOR_NET(m), 1, FC_OF_MODEL);
		extra[n++] = narrow_array("neighbor_codes", &FC_DEEP_NEIGHBOR_CODES(m), 2 * (int64_t) latent, FC_OF_MODEL);
	}
	if (fc_deep_method(m)->variational)
	{
		extra[n++] = (FcArray) {"mixture", m->k, 1 + (int64_t) latent, &FC_DEEP_MIXTURE(m), NULL, NULL, FC_OF_CLUSTERS};
		extra[n++] = narrow_array("variation", &FC_DEEP_VARIATION(m), 1, FC_OF_MODEL);
	}
	return n;
}

/* Numbers that the method learns besides network and centers */
int64_t
fc_deep_more(const FcModel *m)
{
	const FcDeepVariational *v = fc_deep_method(m)->variational;

	return v ? v->count(m->k, fc_deep_latent(m)) : 0;
}

/* ... without those in the array "mixture" */
static int64_t
variation_of(const FcModel *m)
{
	return fc_deep_method(m)->variational ? fc_deep_more(m) - (int64_t) m->k * (1 + fc_deep_latent(m)) : 0;
}

/* A row has neighbours, and is not one of them */
static bool
neighbors_fit(const FcModel *m, const FcNet *net)
{
	int32_t		neighbors = fc_deep_neighbors(m);
	int32_t		rows = FC_DEEP_NEIGHBOR_CODES(m).rows;

	return neighbors == 0 || ((size_t) FC_DEEP_NEIGHBOR_NET(m).rows == net->encoder_parameters && rows == m->rows &&
							  rows > neighbors);
}

/* The sizes of the nets, clusters of the codes, phases in the history */
bool
fc_deep_check(const FcModel *m)
{
	const FcNarrow *codes = &FC_DEEP_CODES(m);
	FcNet		net;
	int32_t		width = fc_deep_latent(m) + 1;

	if (fc_deep_net(&net, m) != FC_OK || net.parameters != (size_t) FC_DEEP_PARAMETERS(m).rows || !neighbors_fit(m, &net))
		return false;
	if (FC_DEEP_VARIATION(m).rows != variation_of(m))
		return false;
	if (fc_deep_refines(m) &&
		(fc_deep_classifier(&net, m) != FC_OK || net.parameters != (size_t) FC_DEEP_CLASSIFIER(m).rows))
		return false;
	for (int64_t i = 0; codes->data && i < codes->rows; i++)
	{
		float		c = codes->data[i * width + width - 1];

		if (!(c >= 0 && c < m->k && c == floorf(c)))
			return false;
	}
	for (int64_t i = 0; fc_deep_method(m)->has_weights && i < (int64_t) m->k * (width - 1); i++)
		if (FC_DEEP_WEIGHTS(m)[i] < 0)
			return false;
	return fc_deep_phases_fit(m, FC_DEEP_PHASES - 1);
}

const double *
fc_deep_feature_weights(const FcModel *m, int32_t *width)
{
	*width = fc_deep_latent(m);
	return FC_DEEP_WEIGHTS(m);
}

/* A softmax has a row of weights, and a bias, for each cluster: those of the last layer */
void
fc_deep_permute_outputs(const FcNet *net, int32_t k, float *parameters, const int32_t *place, int32_t *work)
{
	const FcLayer *last = &net->layer[net->count - 1];
	float	   *weights = parameters + last->weights;
	float	   *bias = parameters + last->bias;
	FcArray		arrays[2] = {
		{.rows = k, .columns = fc_shape_columns(last->in), .narrow = &weights},
		{.rows = k, .columns = 1, .narrow = &bias}
	};

	for (int i = 0; i < 2; i++)
		fc_permute_rows(&arrays[i], place, work);
}

void
fc_deep_permute(FcModel *m, const int32_t *place, int32_t *work)
{
	FcNet		net;

	if (fc_deep_refines(m) && !fc_deep_has_head(m) && fc_deep_classifier(&net, m) == FC_OK)
		fc_deep_permute_outputs(&net, m->k, FC_DEEP_CLASSIFIER(m).data, place, work);
}

/* ---- before a training ---- */

int64_t
fc_deep_sampled(int64_t n)
{
	return n < MOST_SAMPLED ? n : MOST_SAMPLED;
}

/* One cluster has all rows, whatever the graph; and of few rows all are neighbours */
static bool
can_use_graph(const FcFit *f)
{
	return f->model->k > 1 && f->rows.n >= FEWEST_IN_GRAPH && f->start == NULL;
}

/* Is there a graph, used in the end or not? */
bool
fc_deep_has_graph(const FcFit *f)
{
	return can_use_graph(f) && f->model->option[FC_DEEP_START] != FC_START_KMEANS;
}

/* Are the clusters by the graph compared with those by k-means? */
bool
fc_deep_chooses_start(const FcFit *f)
{
	return can_use_graph(f) && f->model->option[FC_DEEP_START] == FC_START_AUTO;
}

/*
 * Without an epoch an earlier model's classifier continues to score rows,
 * unless it has another number of clusters, or a head of another method
 */
bool
fc_deep_keeps_classifier(const FcFit *f)
{
	const FcModel *m = f->model;
	const FcModel *earlier = f->earlier;

	return earlier && f->start && fc_deep_method(m)->loss && m->option[FC_DEEP_EPOCHS] == 0 && fc_deep_refines(earlier) &&
		earlier->k == m->k && (!fc_deep_has_head(earlier) || earlier->algo == m->algo);
}

/* The training failed: the method scores rows by itself */
void
fc_deep_drop_classifier(FcModel *m)
{
	m->option[FC_DEEP_REFINE] = FC_REFINE_NONE;
	FC_DEEP_CLASSIFIER(m).rows = 0;
}

/* A model has the start that was used; without any, such as around centers of the caller, all are the same */
void
fc_deep_note_start(FcModel *m, int32_t start)
{
	if (m->option[FC_DEEP_START] != FC_START_AUTO)
		return;
	m->option[FC_DEEP_START] = start;
	if (!has_codes(m))
		FC_DEEP_CODES(m).rows = 0;
}

/* With few rows, all except the row itself are neighbours */
static void
begin_neighbors(FcModel *m, const FcNet *net, int64_t rows)
{
	int			option = fc_deep_method(m)->neighbors;

	if (option > 0)
		m->option[option] = fmin(m->option[option], rows - 1);
	FC_DEEP_NEIGHBOR_NET(m).rows = fc_deep_neighbors(m) > 0 ? (int32_t) net->encoder_parameters : 0;
	FC_DEEP_NEIGHBOR_CODES(m).rows = fc_deep_neighbors(m) > 0 ? (int32_t) rows : 0;
}

/* Without an epoch a model equals the earlier one: everything besides the net that scores its rows is kept, whatever the options */
static void
begin_earlier(FcFit *f)
{
	static const int options[] = {FC_DEEP_REFINE, FC_DEEP_REFINE_HEAD, FC_DEEP_REFINE_DROPOUT};
	FcModel    *m = f->model;
	int			neighbors = fc_deep_method(m)->neighbors;

	if (fc_deep_keeps_classifier(f))
		for (int i = 0; i < 3; i++)
			m->option[options[i]] = f->earlier->option[options[i]];
	if (f->earlier->algo == m->algo && fc_deep_method(m)->loss && m->option[FC_DEEP_EPOCHS] == 0 && neighbors > 0)
		m->option[neighbors] = f->earlier->option[neighbors];
}

/* Sizes that the layout needs */
FcStatus
fc_deep_begin(FcFit *f)
{
	FcModel    *m = f->model;
	FcNet		net;
	FcStatus	status;

	if (f->earlier && f->earlier->algo->network != m->algo->network)
		f->earlier = NULL;		/* a network has use for another one only */
	if (f->rows.n > INT32_MAX - 1)
		return FC_TOO_LARGE;
	status = fc_deep_net(&net, m);
	if (status == FC_NOT_WHOLE)
		f->failure.option = fc_deep_bad_list(m);
	if (status == FC_BAD_LIST)
		f->failure.option = FC_DEEP_SHAPE;
	if (status != FC_OK)
		return status;
	if (f->earlier && !fc_deep_same_net(m, f->earlier))
		return FC_OTHER_NET;
	if (f->earlier)
		begin_earlier(f);
	m->option[FC_DEEP_LATENT] = fc_deep_latent(m);
	FC_DEEP_PARAMETERS(m).rows = (int32_t) net.parameters;
	begin_neighbors(m, &net, f->rows.n);
	FC_DEEP_VARIATION(m).rows = (int32_t) variation_of(m);
	if (fc_deep_refines(m))
	{
		status = fc_deep_classifier(&net, m);
		if (status != FC_OK)
			return status;
		FC_DEEP_CLASSIFIER(m).rows = (int32_t) net.parameters;
		m->option[FC_DEEP_REFINE_EPOCHS] = fc_deep_refine_epochs(m, f->rows.n);
	}
	FC_DEEP_CODES(m).rows = has_codes(m) && fc_deep_has_graph(f) ? (int32_t) fc_deep_sampled(f->rows.n) : 0;
	return FC_OK;
}
