/*
 * fit.c - a training of a network: the net, the model, memory, and its order
 *
 *	1. the autoencoder learns to reproduce its input		(epochs.c)
 *	2. the codes of all rows get first clusters				(start.c)
 *	3. codes and centers learn together						(cluster.c, joint.c)
 *	4. a classifier learns the clusters, if that is asked for	(refine.c)
 *	5. one look at all rows: sizes and radii of the clusters, and their centers decoded
 *
 * The net follows from the options and the number of features alone, so a reader
 * of a model builds it again, and its size must be that of the parameters there.
 *
 * Learned values: (k, latent) centers of codes, and the parameters of the net;
 * (k, d) centers are the former, decoded.  An autoencoder whose clusters are of
 * the graph keeps (ncodes, latent + 1) codes and clusters of rows.  Codes that are
 * of neighbours too need a second encoder, and (n, 2 latent) codes of all rows by
 * the first and by the second.
 */
#include "deep/deep.h"

#include <math.h>
#include <string.h>

#define DENSE_GAIN	3			/* see net.c */
#define CONV_GAIN	4
#define LATENT		10
#define VALUES		(1 << 20)	/* between two checks */

const char *const fc_deep_networks[] = {"dense", "conv", NULL};
const char *const fc_deep_norms[] = {"l2", "none", NULL};
const char *const fc_deep_optimizers[] = {"adam", "sgd", NULL};
const char *const fc_deep_starts[] = {"graph", "kmeans", NULL};
const char *const fc_deep_refinements[] = {"none", "selflabel", NULL};
const char *const fc_deep_heads[] = {"softmax", "own", NULL};
const char *const fc_deep_phases[] = {"pretrain", "cluster", "refine"};

const FcOption fc_deep_max_iterations = {
	.name = "max_iterations", .type = FC_INTEGER, .initial = 1000, .min = 1, .max = 1000000,
	.help = "most epochs of both phases together"
};

static const int32_t usual_hidden[] = {256, 256, 512};

/* ---- the net ---- */

int32_t
fc_deep_latent(const FcModel *m)
{
	if (!isnan(m->option[FC_DEEP_LATENT]))
		return (int32_t) m->option[FC_DEEP_LATENT];
	return m->d < LATENT ? m->d : LATENT;
}

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

/* The shape of the images; of rows that are none, one pixel with many channels */
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

FcStatus
fc_deep_net(FcNet *net, const FcModel *m)
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

/* Do two nets have the same layers, and what they learned the same meaning? */
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

/* ---- the model ---- */

/* May a model keep codes of rows? */
static bool
has_codes(const FcModel *m)
{
	return m->algo->deep->loss == NULL && m->option[FC_DEEP_START] == FC_START_GRAPH;
}

/* Epochs of all phases, at most; for who waits for them */
double
fc_deep_epochs(const FcModel *m)
{
	double		epochs = m->option[FC_DEEP_PRETRAIN_EPOCHS];

	if (m->algo->deep->loss && m->common[FC_INIT] == FC_INIT_MODEL)
		epochs = 0;
	if (m->algo->deep->loss)
		epochs += m->option[FC_DEEP_EPOCHS];
	if (fc_deep_refines(m))
		epochs += m->option[FC_DEEP_REFINE_EPOCHS];
	return fmin(epochs, m->common[FC_MAX_ITERATIONS]);
}

int
fc_deep_arrays(FcModel *m, FcArray *extra)
{
	int32_t		latent = fc_deep_latent(m);
	int			n = 0;

	extra[n++] = (FcArray) {"embedded", m->k, latent, &FC_DEEP_CENTERS(m), NULL, NULL, FC_OF_CLUSTERS};
	if (m->algo->deep->weighs)
		extra[n++] = (FcArray) {"feature_weights", m->k, latent, &FC_DEEP_WEIGHTS(m), NULL, NULL, FC_OF_CLUSTERS};
	extra[n++] = (FcArray) {"network", m->nnetwork, 1, NULL, &m->nnetwork, &m->network, FC_OF_MODEL};
	if (has_codes(m))
		extra[n++] = (FcArray) {"codes", m->ncodes, latent + 1, NULL, &m->ncodes, &m->codes, FC_LABELLED};
	if (fc_deep_refines(m))
		extra[n++] = (FcArray) {"classifier", m->nclassifier, 1, NULL, &m->nclassifier, &m->classifier, FC_OF_MODEL};
	if (fc_deep_refines(m) && m->option[FC_DEEP_REFINE_HEAD] == FC_HEAD_OWN)
		extra[n++] = (FcArray) {"head", m->k, fc_deep_outputs(m), &FC_DEEP_HEAD(m), NULL, NULL, FC_OF_CLUSTERS};
	if (fc_deep_neighbors(m) > 0)
	{
		extra[n++] = (FcArray) {"neighbor_net", m->nneighbor_net, 1, NULL, &m->nneighbor_net, &m->neighbor_net,
		FC_OF_MODEL};
		extra[n++] = (FcArray) {"neighbor_codes", m->nneighbor_codes, 2 * (int64_t) latent, NULL, &m->nneighbor_codes,
		&m->neighbor_codes, FC_OF_MODEL};
	}
	return n;
}

/* A row has neighbours, and is not one of them */
static bool
neighbors_fit(const FcModel *m, const FcNet *net)
{
	int32_t		neighbors = fc_deep_neighbors(m);

	return neighbors == 0 || ((size_t) m->nneighbor_net == net->encoder_parameters &&
							  m->nneighbor_codes == m->rows && m->nneighbor_codes > neighbors);
}

/* Does the history have phases, and none after the last? */
bool
fc_deep_phases_fit(const FcModel *m, int last)
{
	for (int32_t i = 0; i < m->nhistory; i++)
	{
		double		phase = fc_history_get(m, i, FC_HISTORY_PHASE);

		if (!(phase >= 0 && phase <= last && phase == floor(phase)))
			return false;
	}
	return true;
}

/* The sizes of the nets, clusters of the codes, phases in the history */
bool
fc_deep_check(const FcModel *m)
{
	FcNet		net;
	int32_t		width = fc_deep_latent(m) + 1;

	if (fc_deep_net(&net, m) != FC_OK || net.parameters != (size_t) m->nnetwork || !neighbors_fit(m, &net))
		return false;
	if (fc_deep_refines(m) && (fc_deep_classifier(&net, m) != FC_OK || net.parameters != (size_t) m->nclassifier))
		return false;
	for (int64_t i = 0; m->codes && i < m->ncodes; i++)
	{
		float		c = m->codes[i * width + width - 1];

		if (!(c >= 0 && c < m->k && c == floorf(c)))
			return false;
	}
	for (int64_t i = 0; m->algo->deep->weighs && i < (int64_t) m->k * (width - 1); i++)
		if (FC_DEEP_WEIGHTS(m)[i] < 0)
			return false;
	return fc_deep_phases_fit(m, FC_DEEP_PHASES - 1);
}

/* Which list has a number that is not whole */
static int
find_bad_list(const FcModel *m)
{
	int32_t		values[FC_MAX_HIDDEN];

	return read_list(m, FC_DEEP_HIDDEN, values, FC_MAX_HIDDEN) ? FC_DEEP_SHAPE : FC_DEEP_HIDDEN;
}

/* Of few rows all are neighbours, but for the row itself */
static void
begin_neighbors(FcModel *m, const FcNet *net, int64_t rows)
{
	int			option = m->algo->deep->neighbors;

	if (option > 0)
		m->option[option] = fmin(m->option[option], rows - 1);
	m->nneighbor_net = fc_deep_neighbors(m) > 0 ? (int32_t) net->encoder_parameters : 0;
	m->nneighbor_codes = fc_deep_neighbors(m) > 0 ? (int32_t) rows : 0;
}

/* Without an epoch a model is as the earlier one: what scores its rows besides the net is kept, whatever the options say */
static void
begin_earlier(FcFit *f)
{
	static const int options[] = {FC_DEEP_REFINE, FC_DEEP_REFINE_HEAD, FC_DEEP_REFINE_DROPOUT};
	FcModel    *m = f->model;
	int			neighbors = m->algo->deep->neighbors;

	if (fc_deep_keeps_classifier(f))
		for (int i = 0; i < 3; i++)
			m->option[options[i]] = f->earlier->option[options[i]];
	if (f->earlier->algo == m->algo && m->algo->deep->loss && m->option[FC_DEEP_EPOCHS] == 0 && neighbors > 0)
		m->option[neighbors] = f->earlier->option[neighbors];
}

/* Sizes that the layout needs */
FcStatus
fc_deep_begin(FcFit *f)
{
	FcModel    *m = f->model;
	FcNet		net;
	FcNet		before;
	FcStatus	status;

	if (f->rows.n > INT32_MAX - 1)
		return FC_TOO_LARGE;
	status = fc_deep_net(&net, m);
	if (status == FC_NOT_WHOLE)
		f->bad_option = find_bad_list(m);
	if (status == FC_BAD_LIST)
		f->bad_option = FC_DEEP_SHAPE;
	if (status != FC_OK)
		return status;
	if (f->earlier && (fc_deep_net(&before, f->earlier) != FC_OK || !same_nets(m, &net, f->earlier, &before)))
		return FC_OTHER_NET;
	if (f->earlier)
		begin_earlier(f);
	m->option[FC_DEEP_LATENT] = fc_deep_latent(m);
	m->nnetwork = (int32_t) net.parameters;
	begin_neighbors(m, &net, f->rows.n);
	if (fc_deep_refines(m))
	{
		status = fc_deep_classifier(&net, m);
		if (status != FC_OK)
			return status;
		m->nclassifier = (int32_t) net.parameters;
		m->option[FC_DEEP_REFINE_EPOCHS] = fc_deep_refine_epochs(m, f->rows.n);
	}
	m->ncodes = has_codes(m) && fc_deep_uses_graph(f) ? (int32_t) fc_deep_sampled(f->rows.n) : 0;
	return FC_OK;
}

/* ---- memory ---- */

void *
fc_deep_layout(FcArena *a, const FcFit *f)
{
	FcModel    *m = f->model;
	FcDeep	   *placed = fc_take(a, 1, sizeof(FcDeep));
	FcDeep		counting;
	FcDeep	   *t = placed ? placed : &counting;
	size_t		before;

	memset(t, 0, sizeof(FcDeep));
	t->fit = (FcFit *) f;
	t->model = m;
	t->method = m->algo->deep;
	t->n = f->rows.n;
	t->d = m->d;
	t->k = m->k;
	t->m = fc_deep_latent(m);
	t->space = fc_column_space(&f->spill);
	t->joint.count = fc_deep_neighbors(m);
	t->size = m->option[FC_DEEP_BATCH_SIZE] < t->n ? (int32_t) m->option[FC_DEEP_BATCH_SIZE] : (int32_t) t->n;
	(void) fc_deep_net(&t->net, m);
	fc_batch_layout(a, &t->batch, &t->net, t->net.count, t->size, true);
	fc_deep_train_layout(a, t);
	before = a->used;
	fc_deep_rows_layout(a, t, &f->rows);
	fc_deep_start_layout(a, t);
	t->row_memory = a->used - before + sizeof(float) * 2 * t->m * m->nneighbor_codes;
	fc_deep_cluster_layout(a, t);
	fc_deep_joint_layout(a, t);
	fc_deep_refine_layout(a, t);
	fc_distinct_layout(a, &t->distinct, &f->rows, t->k);
	t->count = fc_take(a, t->k, sizeof(int64_t));
	t->at = fc_take(a, t->k, sizeof(double));
	t->near = fc_take(a, fc_times(t->k, FC_DEEP_NEAR), sizeof(double));
	t->fit->row_memory = t->row_memory;
	return placed;
}

/* ---- training ---- */

static void
begin_network(FcDeep *t)
{
	FcModel    *m = t->model;
	FcRng		rng;

	t->parameters = m->network;
	t->batch.parameters = m->network;
	t->batch.gradients = t->gradients;
	t->batch.hooks = (FcHooks) {.check = t->fit->hooks.check, .arg = t->fit->hooks.arg};
	(void) fc_deep_shape(m, &t->image);
	t->phase = FC_DEEP_PHASES;	/* none has begun */
	m->converged = true;
	m->iterations = 0;
	m->nhistory = 0;
	m->history_step = 1;
	if (t->fit->earlier)
		fc_copy(&t->fit->hooks, m->network, t->fit->earlier->network, sizeof(float) * m->nnetwork);
	else
	{
		fc_rng_start(&rng, (uint64_t) m->common[FC_SEED], FC_DEEP_STREAM_WEIGHTS);
		fc_net_initialize(&t->net, &t->batch.hooks, m->option[FC_DEEP_NETWORK] == FC_CONV ? CONV_GAIN : DENSE_GAIN,
						  &rng, t->parameters);
	}
	fc_deep_joint_begin(t);
}

FcCodes
fc_deep_codes(const FcDeep *t, const FcReal *z, int64_t n, bool loss)
{
	double		scale = t->now.w ? t->m : 1;

	if (loss && t->method->scale)
		scale *= t->method->scale(t->model);
	return (FcCodes) {
		.n = n, .k = t->k, .m = t->m, .z = z, .v = t->now.v, .w = t->now.w, .scale = scale,
		.hooks = &t->batch.hooks
	};
}

/* ---- the result ---- */

/* Centers of codes, weights of dimensions, and the centers decoded */
static void
store_centers(FcDeep *t)
{
	FcModel    *m = t->model;

	for (int64_t i = 0; i < (int64_t) t->k * t->m; i++)
		FC_DEEP_CENTERS(m)[i] = t->now.v[i];
	for (int64_t i = 0; t->now.w && i < (int64_t) t->k * t->m; i++)
		FC_DEEP_WEIGHTS(m)[i] = t->now.w[i];
	for (int32_t c = 0; c < t->k; c++)
	{
		fc_check(&t->fit->hooks);
		fc_decode_rows(&t->batch, t->now.v + (int64_t) c * t->m, 1, t->moved);
		for (int32_t j = 0; j < t->d; j++)
			m->centers[(int64_t) c * t->d + j] = t->moved[j];
	}
}

/* A row of places: what it adds to its cluster, and memberships q (k), if there are any, to all */
static void
measure_row(FcDeep *t, const FcReal *place, const FcReal *q)
{
	FcModel    *m = t->model;
	int32_t		nearest = fc_deep_nearest(m, place, t->at, t->near);
	double		sum = 0;

	m->radius[nearest] += sqrt(t->at[nearest]);
	t->count[nearest]++;
	if (q == NULL)
	{
		m->weights[nearest]++;
		return;
	}
	for (int32_t c = 0; c < t->k; c++)
		sum += q[c];
	for (int32_t c = 0; c < t->k; c++)
		m->weights[c] += q[c] / sum;
}

/* Where rows from "first" on are: their codes, or what a classifier makes of them; and memberships in t->q */
static const FcReal *
find_places(FcDeep *t, int64_t first, int32_t rows)
{
	FcCodes		codes;

	if (fc_deep_refines(t->model))
		return fc_deep_classify(t, first, rows, t->q);
	codes = fc_deep_codes(t, fc_column_read(&t->z, first, rows), rows, true);
	if (t->method->memberships)
		t->method->memberships(t->model, &codes, t->q);
	return codes.z;
}

static void
measure(FcDeep *t)
{
	FcModel    *m = t->model;
	bool		refines = fc_deep_refines(m);
	int32_t		size = refines ? t->refine.size : t->size;
	int32_t		width = refines ? t->refine.outputs : t->m;

	memset(m->weights, 0, sizeof(double) * t->k);
	memset(m->radius, 0, sizeof(double) * t->k);
	memset(t->count, 0, sizeof(int64_t) * t->k);
	for (int64_t first = 0; first < t->n; first += size)
	{
		int32_t		rows = (int32_t) (t->n - first < size ? t->n - first : size);
		const FcReal *places;

		fc_check(&t->fit->hooks);
		places = find_places(t, first, rows);
		for (int64_t i = 0; i < rows; i++)
			measure_row(t, places + i * width, t->method->memberships ? t->q + i * t->k : NULL);
	}
	m->empty = 0;
	for (int32_t c = 0; c < t->k; c++)
		if (t->count[c] > 0)
			m->radius[c] /= t->count[c];
		else
			m->empty++;
}

/* After the first phase, if there was one: the mean squared error of rows far apart, as many as a batch has */
static void
measure_reconstruction(FcDeep *t)
{
	const FcModel *m = t->model;
	double		sum = 0;

	if (m->option[FC_DEEP_PRETRAIN_EPOCHS] == 0 || (t->fit->earlier && t->method->loss))
		return;
	for (int32_t i = 0; i < t->size; i++)
		t->list[i] = (int32_t) (i * t->n / t->size);
	fc_deep_gather_list(t, t->list, t->size, t->rows);
	for (int64_t i = 0; i < t->size; i++)
	{
		fc_check(&t->fit->hooks);
		fc_decode_rows(&t->batch, fc_column_read(&t->z, t->list[i], 1), 1, t->moved);
		for (int32_t j = 0; j < t->d; j++)
			sum += ((double) t->moved[j] - t->rows[i * t->d + j]) * ((double) t->moved[j] - t->rows[i * t->d + j]);
	}
	t->fit->reconstruction = sum / t->size / t->d;
}

/* Whatever the model consists of */
static bool
is_finite(const FcDeep *t)
{
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n = fc_model_arrays(t->model, arrays);
	bool		finite = isfinite(t->model->objective);

	for (int a = 0; finite && a < n; a++)
	{
		int64_t		values = arrays[a].rows * arrays[a].columns;

		for (int64_t i = 0; finite && i < values; i++)
		{
			if (i % VALUES == 0)
				fc_check(&t->fit->hooks);
			finite = isfinite(arrays[a].narrow ? (*arrays[a].narrow)[i] : (*arrays[a].data)[i]);
		}
	}
	return finite;
}

/* The first phase, and the first clusters of what it learned */
static FcStatus
learn_codes(FcDeep *t)
{
	FcStatus	status = FC_OK;

	/* A warm start has been trained; only an autoencoder goes on with that */
	if (t->fit->earlier == NULL || t->method->loss == NULL)
		status = fc_deep_pretrain(t);
	if (status != FC_OK)
		return status;
	t->fit->phase = FC_CLUSTERING;
	fc_deep_first_codes(t);
	measure_reconstruction(t);
	t->fit->distinct_codes = true;
	return fc_deep_start(t);
}

FcStatus
fc_deep_fit(FcFit *f, void *work)
{
	FcDeep	   *t = work;
	FcStatus	status = FC_OK;

	t->fit = f;
	f->distinct = fc_count_distinct(&t->distinct, &f->rows, &f->hooks);
	f->distinct_codes = false;
	if (f->distinct < t->k)
		return FC_TOO_FEW_ROWS;
	begin_network(t);
	if (f->state && !fc_deep_restore(t, f->state, f->state_length))
		return FC_OTHER_STATE;
	if (t->phase == FC_REFINING)
		fc_deep_embed_all(t);
	else if (t->phase != FC_CLUSTERING)	/* which begins with a look, or needs no codes until the next */
		status = learn_codes(t);
	if (status != FC_OK)
		return status;
	if (t->method->loss && t->phase != FC_REFINING)
		fc_deep_cluster(t);
	if (fc_deep_keeps_classifier(f))
		fc_deep_keep_classifier(t);
	else if (fc_deep_refines(t->model))
		fc_deep_refine(t);
	store_centers(t);
	measure(t);
	return is_finite(t) ? FC_OK : FC_DIVERGED;
}
