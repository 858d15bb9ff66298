/*
 * head.c - clusters of embeddings: a small network whose memberships for a row and
 * for its neighbours agree, after TEMI (Adaloglou, Michels, Kalisch and Kollmann,
 * "Exploring the limits of deep image clustering using pretrained models", 2023)
 *
 * Rows x of unit length are embeddings that another network has made; their
 * nearest neighbours (by cosine) mostly belong to the same cluster.  A step takes
 * random rows i, and of each a random one of its neighbours j, and minimizes
 *
 *	L = (l(q_i, t_j) + l(q_j, t_i)) / 2,  l(q, t) = -ln sum_c (q_c t_c)^beta / s_c		(eq. 1)
 *
 * with q = softmax(z / TEMPERATURE) of the outputs z of the network (student), t =
 * softmax(z / temperature) of those of its teacher, whose parameters follow the
 * student's, and s the running mean of t: see nn/pair.c.
 *
 * Several networks are trained, one after the other, and the teacher with the least L
 * over its last epoch is the result.  The first begins by learning the clusters of
 * k-means, which bring it near a good optimum where clusters are compact; the third, fifth,
 * ... those of a k-means with a single start, and the others begin at random.  In contrast
 * to the paper, networks have one hidden layer of 128, pairs have no weights, and the
 * teacher follows quickly: there are some thousand steps, not a hundred thousand.
 *
 * Learned values: the arrays of head.h; centers are the (k, d) means of rows, weighted by
 * memberships.
 */
#include "deep/head.h"
#include "deep/options.h"
#include "nn/optimizer.h"

#include <math.h>
#include <string.h>

#define TEMPERATURE		0.1		/* of the student's memberships */
#define GAIN			6		/* see net.c */
#define LAST_GAIN		0.007	/* factor that reduces the initial parameters of the last layer: the first memberships are nearly equal */
#define FIRST_EPOCHS	4		/* in which a network learns the clusters of k-means */
#define SMOOTHED		0.1		/* share of a label that goes to all clusters */
#define LEAST_RATE		0.01	/* of the first one, at the end */
#define KEPT_SHARE		0.9		/* of the running mean of memberships, in each step */
#define SEED_BITS		16		/* of a random number, that a seed has not */
#define STREAM			20		/* of random numbers: one for each network from here on */

/* ---- memory ---- */

static FcStatus
begin(FcFit *f)
{
	FcModel    *m = f->model;
	FcNet		net;
	FcStatus	status = fc_head_net(&net, m);

	if (f->rows.n > INT32_MAX - 1)
		return FC_TOO_LARGE;
	if (status != FC_OK)
		return status;
	FC_HEAD_PARAMETERS(m).rows = (int32_t) net.parameters;
	m->option[FC_HEAD_NEIGHBORS] = fmax(1, fmin(m->option[FC_HEAD_NEIGHBORS], (double) f->rows.n - 1));
	return FC_OK;
}

static void
network_layout(FcArena *a, FcHead *h)
{
	(void) fc_head_net(&h->network.net, h->model);
	fc_batch_layout(a, &h->network.student, &h->network.net, h->network.net.count, 2 * h->size, true);
	fc_batch_layout(a, &h->network.teacher, &h->network.net, h->network.net.count, 2 * h->size, false);
	for (int i = 0; i < 2; i++)
	{
		h->network.parameters[i] = fc_take(a, h->network.net.parameters, sizeof(FcReal));
		h->network.moment[i] = fc_take(a, h->network.net.parameters, sizeof(FcReal));
	}
	h->network.room = fc_take(a, fc_net_range_room(&h->network.net), sizeof(FcReal));
}

static void
batch_layout(FcArena *a, FcHead *h)
{
	h->batch.x = fc_take(a, fc_times(2 * h->size, h->d), sizeof(FcReal));
	h->batch.t = fc_take(a, fc_times(2 * h->size, h->k), sizeof(FcReal));
	h->batch.share = fc_take(a, h->k, sizeof(double));
	h->batch.term = fc_take(a, h->k, sizeof(double));
	h->found.distance = fc_take(a, h->k, sizeof(double));
	h->found.count = fc_take(a, h->k, sizeof(int64_t));
	h->batch.list = fc_take(a, h->size, sizeof(int32_t));
	h->batch.near = fc_take(a, h->size, sizeof(int32_t));
	h->batch.all_near = fc_take(a, fc_times(h->size, h->neighbors), sizeof(int32_t));
	h->rows.row = fc_take(a, h->d, sizeof(FcReal));
}

static void *
layout(FcArena *a, const FcFit *f)
{
	FcHead	   *placed = fc_take(a, 1, sizeof(FcHead));
	FcHead		counting;
	FcHead	   *h = placed ? placed : &counting;
	FcModel    *m = f->model;

	memset(h, 0, sizeof(FcHead));
	h->fit = (FcFit *) f;
	h->model = m;
	h->n = f->rows.n;
	h->d = m->d;
	h->k = m->k;
	h->size = (int32_t) fmin(m->option[FC_HEAD_BATCH_SIZE], (double) h->n);
	h->neighbors = (int32_t) m->option[FC_HEAD_NEIGHBORS];
	network_layout(a, h);
	batch_layout(a, h);
	fc_head_rows_layout(a, h);
	fc_search_layout(a, &h->rows.search, h->d, h->neighbors, h->n);
	if (f->start)
		h->rows.start = fc_take(a, fc_times(h->k, h->d), sizeof(double));
	fc_distinct_layout(a, &h->found.distinct, &f->rows, h->k);
	fc_principal_layout(a, &h->found.principal, h->n, h->d, sizeof(FcReal));
	return placed;
}

/* ---- a step ---- */

static void
draw_rows(FcHead *h)
{
	for (int32_t i = 0; i < h->size; i++)
		h->batch.list[i] = (int32_t) fc_rng_below(&h->rng, h->n);
	fc_column_take(&h->rows.z, h->batch.list, h->size, h->batch.x);
}

static void
draw_neighbors(FcHead *h)
{
	fc_column_take(&h->rows.nearest, h->batch.list, h->size, h->batch.all_near);
	for (int64_t i = 0; i < h->size; i++)
		h->batch.near[i] = h->batch.all_near[i * h->neighbors + fc_rng_below(&h->rng, h->neighbors)];
	fc_column_take(&h->rows.z, h->batch.near, h->size, h->batch.x + (int64_t) h->size * h->d);
}

static void
divide(FcReal *x, int64_t count, double by)
{
	for (int64_t i = 0; i < count; i++)
		x[i] = (FcReal) (x[i] / by);
}

/* The student's outputs for the first rows of h->batch.x, divided by TEMPERATURE */
static FcReal *
forward(FcHead *h, int32_t rows)
{
	fc_batch_encode(&h->network.student, h->batch.x, rows);
	fc_batch_decode(&h->network.student);
	divide(fc_batch_output(&h->network.student), (int64_t) rows * h->k, TEMPERATURE);
	return fc_batch_output(&h->network.student);
}

/* The gradient of a loss by what forward() returned has been found */
static void
backward(FcHead *h, int32_t rows, double rate, int64_t step)
{
	FcOptimizer how = {.adapts = true, .adam = fc_adam(rate), .step = step};

	divide(fc_batch_output_gradient(&h->network.student), (int64_t) rows * h->k, TEMPERATURE);
	fc_batch_backward(&h->network.student, true, NULL);
	for (int64_t i = 0; i < fc_net_ranges(&h->network.net, h->network.net.count); i++)
		fc_learn_range(&h->network.student, fc_net_range(&h->network.net, i), &how, h->network.moment,
					   h->network.parameters[0], h->network.room);
}

/* Labels of the rows in the batch, softened */
static void
take_labels(FcHead *h)
{
	fc_column_take(&h->rows.label, h->batch.list, h->size, h->batch.near);
	for (int64_t i = 0; i < (int64_t) h->size * h->k; i++)
		h->batch.t[i] = (FcReal) (SMOOTHED / h->k + (i % h->k == h->batch.near[i / h->k] ? 1 - SMOOTHED : 0));
}

static double
label_step(FcHead *h, double rate, int64_t step)
{
	const FcReal *z;
	double		loss;

	draw_rows(h);
	take_labels(h);
	z = forward(h, h->size);
	loss = fc_cross_entropy(z, h->batch.t, h->size, h->k, 1, h->batch.t + (int64_t) h->size * h->k,
							fc_batch_output_gradient(&h->network.student));
	backward(h, h->size, rate, step);
	return loss;
}

/* t of the batch, and s */
static void
ask_teacher(FcHead *h)
{
	double		keep = KEPT_SHARE;

	fc_apply_rows(&h->network.teacher, h->batch.x, 2 * h->size, h->batch.t);
	divide(h->batch.t, (int64_t) 2 * h->size * h->k, h->model->option[FC_HEAD_TEMPERATURE]);
	fc_softmax(h->batch.t, 2 * h->size, h->k, h->batch.t);
	memset(h->batch.term, 0, sizeof(double) * h->k);
	fc_add_frequencies(h->batch.t, 2 * h->size, h->k, h->batch.term);
	for (int32_t c = 0; c < h->k; c++)
		h->batch.share[c] = fmax(keep * h->batch.share[c] + (1 - keep) * h->batch.term[c] / (2 * h->size), FC_HEAD_LEAST_SHARE / h->k);
}

static void
follow(FcHead *h)
{
	FcReal		keep = (FcReal) h->model->option[FC_HEAD_MOMENTUM];
	const FcReal *student = h->network.parameters[0];
	FcReal	   *teacher = h->network.parameters[1];

	for (size_t i = 0; i < h->network.net.parameters; i++)
		teacher[i] = keep * teacher[i] + (1 - keep) * student[i];
}

/* Eq. 1 */
static double
pair_step(FcHead *h, double rate, int64_t step)
{
	double		weight = 0.5 / h->size;
	double		loss = 0;
	const FcReal *z;

	draw_rows(h);
	draw_neighbors(h);
	ask_teacher(h);
	z = forward(h, 2 * h->size);
	for (int64_t i = 0; i < 2 * h->size; i++)
	{
		int64_t		other = i < h->size ? i + h->size : i - h->size;

		fc_check(&h->fit->hooks);
		loss += fc_pair_loss(z + i * h->k, h->batch.t + other * h->k, h->batch.share, h->k, h->model->option[FC_HEAD_BETA], weight,
							 h->batch.term, fc_batch_output_gradient(&h->network.student) + i * h->k);
	}
	backward(h, 2 * h->size, rate, step);
	follow(h);
	return loss;
}

/* ---- a network ---- */

static int64_t
steps_of_epoch(const FcHead *h)
{
	return h->n / h->size;
}

static void
forget_moments(FcHead *h)
{
	for (int i = 0; i < 2; i++)
		fc_clear(&h->fit->hooks, h->network.moment[i], sizeof(FcReal) * h->network.net.parameters);
}

/* Random, or as labels have taught it */
static void
begin_network(FcHead *h, bool labelled)
{
	double		rate = h->model->option[FC_HEAD_RATE];

	fc_net_initialize(&h->network.net, &h->fit->hooks, GAIN, &h->rng, h->network.parameters[0]);
	fc_net_scale(&h->network.net, h->network.net.count - 1, LAST_GAIN, h->network.parameters[0]);
	forget_moments(h);
	for (int64_t step = 1; labelled && step <= FIRST_EPOCHS * steps_of_epoch(h); step++)
	{
		fc_check(&h->fit->hooks);
		(void) label_step(h, rate, step);
	}
	forget_moments(h);
	fc_copy(&h->fit->hooks, h->network.parameters[1], h->network.parameters[0], sizeof(FcReal) * h->network.net.parameters);
	for (int32_t c = 0; c < h->k; c++)
		h->batch.share[c] = 1.0 / h->k;
}

static void
record(FcHead *h, double loss, double before)
{
	FcModel    *m = h->model;
	double		row[FC_HISTORY_COLUMNS] = {0};
	const FcHooks *hooks = &h->fit->hooks;

	row[FC_HISTORY_ITERATION] = m->iterations;
	row[FC_HISTORY_OBJECTIVE] = loss;
	row[FC_HISTORY_CHANGE] = fabs(loss - before);
	fc_model_record(m, row);
	if (hooks->progress)
		hooks->progress(hooks->arg, m->iterations, loss, row[FC_HISTORY_CHANGE]);
}

/* The mean loss over an epoch */
static double
run_epoch(FcHead *h, int32_t epoch)
{
	int64_t		steps = steps_of_epoch(h);
	int64_t		all = steps * (int64_t) h->model->option[FC_HEAD_EPOCHS];
	double		loss = 0;

	h->model->iterations++;
	for (int64_t step = epoch * steps; step < (epoch + 1) * steps; step++)
	{
		fc_check(&h->fit->hooks);
		h->fit->course.rows_done = (step - epoch * steps) * h->size;
		loss += pair_step(h, fc_cosine_rate(h->model->option[FC_HEAD_RATE], LEAST_RATE, step, all), step + 1);
	}
	return loss / steps;
}

/* The loss over the last epoch */
static double
train_network(FcHead *h)
{
	FcModel    *m = h->model;
	double		loss = 0;

	for (int32_t epoch = 0; epoch < m->option[FC_HEAD_EPOCHS] && m->iterations < m->common[FC_MAX_ITERATIONS]; epoch++)
	{
		double		now = run_epoch(h, epoch);

		record(h, now, epoch > 0 ? loss : 0);
		loss = now;
	}
	return loss;
}

/* All networks; the best is left in the model */
static FcStatus
train_networks(FcHead *h)
{
	FcModel    *m = h->model;
	FcStatus	status = FC_OK;

	m->objective = INFINITY;
	for (int32_t i = 0; i < m->option[FC_HEAD_HEADS] && m->iterations < m->common[FC_MAX_ITERATIONS]; i++)
	{
		double		loss;

		fc_rng_start(&h->rng, (uint64_t) m->common[FC_SEED], STREAM + i);
		if (i % 2 == 0 && (i == 0 || h->rows.start == NULL))
			status = fc_head_find_labels(h, fc_rng_next(&h->rng) >> SEED_BITS, i == 0);
		if (status != FC_OK)
			return status;
		begin_network(h, i % 2 == 0);
		loss = train_network(h);
		if (!(loss < m->objective))
			continue;
		m->objective = loss;
		fc_copy(&h->fit->hooks, FC_HEAD_PARAMETERS(m).data, h->network.parameters[1], sizeof(FcReal) * h->network.net.parameters);
	}
	m->converged = m->iterations >= m->option[FC_HEAD_HEADS] * m->option[FC_HEAD_EPOCHS];
	if (!isfinite(m->objective))
		return FC_DIVERGED;
	fc_net_scale(&h->network.net, h->network.net.count - 1, 1 / m->option[FC_HEAD_TEMPERATURE], FC_HEAD_PARAMETERS(m).data);
	return FC_OK;
}

static void
connect(FcHead *h)
{
	FcHooks		check = {.check = h->fit->hooks.check, .arg = h->fit->hooks.arg};

	h->network.student.parameters = h->network.parameters[0];
	h->network.teacher.parameters = h->network.parameters[1];
	h->network.student.hooks = h->network.teacher.hooks = check;
	h->rows.means.common = h->model->common;
	h->model->iterations = 0;
	h->model->history.count = 0;
	h->model->history.step = 1;
}

static FcStatus
fit(FcFit *f, void *work)
{
	FcHead	   *h = work;
	FcStatus	status;

	h->fit = f;
	f->failure.distinct = fc_count_distinct(&h->found.distinct, &f->rows, &f->hooks);
	if (f->failure.distinct < h->k)
		return FC_TOO_FEW_ROWS;
	connect(h);
	fc_head_see_rows(h);
	fc_head_find_neighbors(h);
	status = train_networks(h);
	if (status != FC_OK)
		return status;
	fc_head_measure_clusters(h);
	fc_head_project_rows(h);
	return FC_OK;
}

extern const FcAlgorithm fc_head;
const FcAlgorithm fc_head = {
	.name = "head",
	.title = "network head on embeddings",
	.traits = FC_EMBEDS | FC_NEEDS_OPTIONS | FC_SHUFFLES | FC_SPILLS,
	FC_DEEP_COMMON,
	.options = fc_head_options,
	.kernel = &fc_head_kernel,
	.arrays = fc_head_arrays,
	.check = fc_head_check,
	.permute = fc_head_permute,
	.begin = begin,
	.layout = layout,
	.fit = fit,
};
