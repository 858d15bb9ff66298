/*
 * head_use.c - a model of a head: options, arrays, and the distances of a row
 *
 * A row, scaled to unit length, less the mean of all rows and times a factor, goes
 * through one hidden layer; a softmax makes memberships u of the outputs.  The
 * distance to cluster c is -ln u_c.
 */
#include "deep/head.h"
#include "deep/method.h"

#include <math.h>
#include <string.h>

const FcOption fc_head_options[] = {
	[FC_HEAD_WIDTH] = {
		.name = "width", .type = FC_INTEGER, .initial = 128, .min = 1, .max = FC_MAX_COLUMNS,
		.help = "width of the hidden layer"
	},
	[FC_HEAD_HEADS] = {
		.name = "heads", .type = FC_INTEGER, .initial = 4, .min = 1, .max = 100,
		.help = "number of networks that are trained, each from other clusters; the one with the least loss is kept"
	},
	[FC_HEAD_EPOCHS] = {
		.name = "epochs", .type = FC_INTEGER, .initial = 60, .min = 1, .max = 100000,
		.help = "number of passes over the rows for training each network"
	},
	[FC_HEAD_BATCH_SIZE] = {
		.name = "batch_size", .type = FC_INTEGER, .initial = 256, .min = 1, .max = 65536,
		.help = "pairs of neighbours per optimizer step (at most the number of rows)"
	},
	[FC_HEAD_RATE] = {
		.name = "learning_rate", .type = FC_NUMBER, .initial = 0.01, .min = 0, .max = 1e6,
		.help = "initial learning rate; it falls to a hundredth"
	},
	[FC_HEAD_NEIGHBORS] = {
		.name = "neighbors", .type = FC_INTEGER, .initial = 20, .min = 1, .max = 1000,
		.help = "number of nearest rows that belong to the same cluster as a row, most of the time"
	},
	[FC_HEAD_TEMPERATURE] = {
		.name = "temperature", .type = FC_NUMBER, .initial = 0.1, .min = 0.001, .max = 10,
		.help = "of the memberships that networks learn from, and of the result: lower values give crisper clusters"
	},
	[FC_HEAD_BETA] = {
		.name = "beta", .type = FC_NUMBER, .initial = 0.6, .min = 0.01, .max = 1,
		.help = "exponent of memberships in the loss; 1 is the mutual information, with clusters of nearly equal size"
	},
	[FC_HEAD_MOMENTUM] = {
		.name = "momentum", .type = FC_NUMBER, .initial = 0.9, .min = 0, .max = 0.9999,
		.help = "share of the teacher's parameters that stays in each step; the rest is the student's"
	},
	{.name = NULL}
};

/* ---- the network ---- */

FcStatus
fc_head_net(FcNet *net, const FcModel *m)
{
	int32_t		hidden = (int32_t) m->option[FC_HEAD_WIDTH];

	return fc_dense_classifier(net, m->d, &hidden, 1, 0, m->k, false);
}

/* x (d), a scaled row, becomes what the network sees; a row of zeros has no direction and stays at zero before the mean goes */
void
fc_head_see(const FcModel *m, FcReal *x)
{
	const double *view = FC_HEAD_VIEW(m);

	fc_l2norm(x, 1, m->d, x);
	for (int32_t j = 0; j < m->d; j++)
		x[j] = (FcReal) ((x[j] - view[j]) * view[m->d]);
}

/* ---- the model ---- */

int
fc_head_arrays(FcModel *m, FcArray *extra)
{
	FcNarrow   *parameters = &FC_HEAD_PARAMETERS(m);

	extra[0] = (FcArray) {"view", 1, (int64_t) m->d + 1, &FC_HEAD_VIEW(m), NULL, NULL, FC_OF_MODEL};
	extra[1] = (FcArray) {"network", parameters->rows, 1, NULL, &parameters->rows, &parameters->data, FC_OF_MODEL};
	return 2;
}

bool
fc_head_check(const FcModel *m)
{
	FcNet		net;

	return fc_head_net(&net, m) == FC_OK && net.parameters == (size_t) FC_HEAD_PARAMETERS(m).rows;
}

/* A softmax has a row of weights, and a bias, for each cluster */
void
fc_head_permute(FcModel *m, const int32_t *place, int32_t *work)
{
	FcNet		net;

	if (fc_head_net(&net, m) == FC_OK)
		fc_deep_permute_outputs(&net, m->k, FC_HEAD_PARAMETERS(m).data, place, work);
}

/* ---- a row ---- */

/* FcMetric.private_data */
typedef struct HeadScorer
{
	FcNet		net;
	FcBatch		batch;
	FcReal	   *x;				/* (d) */
	FcReal	   *out;			/* (k) */
	double	   *distance;		/* (k) */
	int			rows;			/* that it has seen, up to 2 */
} HeadScorer;

static void *
use_layout(FcArena *a, const FcModel *m)
{
	HeadScorer *placed = fc_take(a, 1, sizeof(HeadScorer));
	HeadScorer	counting;
	HeadScorer *s = placed ? placed : &counting;

	memset(s, 0, sizeof(HeadScorer));
	(void) fc_head_net(&s->net, m);
	fc_batch_layout(a, &s->batch, &s->net, s->net.count, 1, false);
	s->x = fc_take(a, m->d, sizeof(FcReal));
	s->out = fc_take(a, m->k, sizeof(FcReal));
	s->distance = fc_take(a, m->k, sizeof(double));
	return placed;
}

static void
load(FcMetric *t)
{
	HeadScorer *s = t->private_data;

	s->batch.parameters = FC_HEAD_PARAMETERS(t->model).data;
	s->batch.hooks = (FcHooks) {.check = t->hooks.check, .arg = t->hooks.arg};
	s->batch.packed = NULL;
	s->rows = 0;
}

static void
distances(FcMetric *t, const void *x, int64_t xstride, int32_t lanes, void *at, int32_t stride)
{
	HeadScorer *s = t->private_data;

	for (int32_t i = 0; i < (t->one_row ? 1 : lanes); i++)
	{
		fc_check(&t->hooks);
		for (int32_t j = 0; j < t->d; j++)
			s->x[j] = (FcReal) fc_get(x, t->precision, j * xstride + i);
		fc_head_see(t->model, s->x);
		fc_deep_pack_from_second_row(&s->batch, &s->rows);
		fc_apply_rows(&s->batch, s->x, 1, s->out);
		fc_negative_log_softmax(s->out, t->k, s->distance);
		for (int32_t c = 0; c < t->k; c++)
			fc_set(at, t->precision, (int64_t) c * stride + i, s->distance[c]);
	}
}

static const FcDistances head_distances[FC_ISAS][2] = {
	{distances, distances},
	{distances, distances},
	{distances, distances},
};

const FcKernel fc_head_kernel = {
	.distances = head_distances,
	.metric.private_layout = use_layout,
	.metric.load_centers = load,
	.weights = fc_deep_exponentials,
	.memberships = fc_deep_exponentials,
};
