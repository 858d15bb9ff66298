/*
 * deep_refine.c - the third phase: a classifier that learns the clusters
 *
 * Ours, not of the papers.  A net without decoder (nn/classifier.c: convolutions
 * where rows are images) learns the labels that the second phase found, and then
 * its own: every second epoch there is a look at all rows,
 *
 *	q_i = mean of softmax(f(x)) for row i as it is and two moved copies		(eq. 1)
 *	q_i <- (q_i + mean of q of the 10 nearest h) / 2, five rounds			(eq. 2)
 *	p = target(q) of nn/target.c											(eq. 3)
 *
 * with h the last hidden layer, scaled to unit length, of the row as it is.  Epochs
 * in between minimize -(1/n) sum_ic p_ic ln softmax_c(f(x_i)) for rows that are
 * moved, turned, stretched and sheared.  The first labels are targets until the
 * first look.
 *
 * Rows and labels only: what was merged or split before stays so, borders become
 * sharper.  When a cluster shrinks to a tenth of its fair share, the state of the
 * last look is kept.
 */
#include "algo/deep.h"

#include <math.h>
#include <string.h>

#define VIEWS			3		/* of a row at a look: itself, and moved copies */
#define ROUNDS			5
#define LEAST_RATE		0.05	/* of the first one, at the end */
#define GAIN			6		/* see net.c */
#define LAST_GAIN		0.3		/* first parameters of the last layer are so much smaller */
#define FEWEST			0.1		/* of n / k rows */
#define PATIENCE		2		/* looks in a row with few changes */

static const int32_t usual_hidden[] = {512, 512};

/* ---- the net ---- */

FcStatus
fc_deep_classifier(FcNet *net, const FcModel *m)
{
	FcShape		shape;
	FcStatus	status = fc_deep_shape(m, &shape);
	double		dropout = m->option[FC_DEEP_REFINE_DROPOUT];

	if (status != FC_OK)
		return status;
	if (m->option[FC_DEEP_SHAPE] > 0)
		return fc_conv_classifier(net, shape, dropout, m->k);
	return fc_dense_classifier(net, m->d, usual_hidden, 2, dropout, m->k);
}

/* ---- memory ---- */

static int32_t
hidden_width(const FcDeepRefine *r)
{
	return (int32_t) fc_shape_columns(r->net.layer[r->net.embedding - 1].out);
}

void
fc_deep_refine_layout(FcArena *a, FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	const FcModel *m = t->model;
	size_t		parameters;

	if (!fc_deep_refines(m))
		return;
	(void) fc_deep_classifier(&r->net, m);
	parameters = r->net.parameters;
	r->size = (int32_t) fmin(m->option[FC_DEEP_REFINE_BATCH_SIZE], t->size);
	fc_batch_layout(a, &r->batch, &r->net, r->net.count, r->size, true);
	r->gradients = fc_take(a, parameters, sizeof(FcReal));
	for (int i = 0; i < 2; i++)
		r->moment[i] = fc_take(a, parameters, sizeof(FcReal));
	r->kept = fc_take(a, parameters, sizeof(FcReal));
	r->q = fc_take(a, (size_t) r->size * t->k, sizeof(FcReal));
	r->h = fc_take(a, (size_t) t->chunk * hidden_width(r), sizeof(FcReal));
	r->moved_h = fc_take(a, (size_t) r->size * hidden_width(r), sizeof(FcReal));
	fc_search_layout(a, &r->search, hidden_width(r), FC_DEEP_NEIGHBORS);
	r->nearest = fc_take(a, (size_t) t->chunk * FC_DEEP_NEIGHBORS, sizeof(int32_t));
	r->smooth = fc_take(a, (size_t) t->chunk * t->k, sizeof(FcReal));
	r->label = fc_take(a, t->n, sizeof(int32_t));
}

/* ---- a step ---- */

static void
refine_step(FcDeep *t, const FcReal *x, const int32_t *rows, double rate)
{
	FcDeepRefine *r = &t->refine;
	FcBatch    *b = &r->batch;
	FcReal	   *p = t->p;

	for (int32_t i = 0; i < r->size; i++)
		memcpy(p + (int64_t) i * t->k, t->target + (int64_t) rows[i] * t->k, sizeof(FcReal) * t->k);
	if (r->moves)
		fc_augment(&r->augment, t->image, &b->hooks, &t->rng, x, r->size, t->moved);
	fc_batch_encode(b, r->moves ? t->moved : x, r->size);
	fc_batch_decode(b);
	t->loss[1] += fc_cross_entropy(fc_batch_output(b), p, r->size, t->k, 1, r->q, fc_batch_output_gradient(b));
	fc_batch_backward(b, true, NULL);
	r->adam.rate = rate;
	fc_adam_step(&r->adam, &b->hooks, ++t->steps, r->net.parameters, r->gradients, r->moment[0], r->moment[1],
				 t->model->classifier);
}

/* All batches of a permutation; false if the loss is no finite number */
static bool
refine_epoch(FcDeep *t, double rate)
{
	FcDeepRefine *r = &t->refine;
	int64_t		all = t->n / r->size * r->size;
	int64_t		window = t->window / r->size * r->size;

	t->loss[0] = t->loss[1] = 0;
	t->model->iterations++;
	fc_deep_shuffle(t);
	for (int64_t first = 0; first < all; first += r->size)
	{
		if (first % window == 0)
			fc_deep_gather(t, first, (int32_t) (all - first < window ? all - first : window));
		fc_check(&t->fit->hooks);
		refine_step(t, t->rows + first % window * t->d, t->order + first, rate);
		if (!isfinite(t->loss[1]))
			return false;
	}
	t->loss[1] /= all / r->size;
	return true;
}

/* ---- a look at all rows ---- */

/* Adds softmax(f(x)) / VIEWS to q (rows, k); h (rows, width) becomes the hidden layer */
static void
add_view(FcDeep *t, const FcReal *x, int32_t rows, FcReal *h, FcReal *q)
{
	FcDeepRefine *r = &t->refine;

	fc_embed_rows(&r->batch, x, rows, h);
	fc_decode_rows(&r->batch, h, rows, r->q);
	fc_softmax(r->q, rows, t->k, r->q);
	for (int64_t i = 0; i < (int64_t) rows * t->k; i++)
		q[i] += r->q[i] / VIEWS;
}

/* Eq. 1 for "rows" rows in t->rows, at most r->size */
static void
view_rows(FcDeep *t, int32_t rows, FcReal *h, FcReal *q)
{
	FcDeepRefine *r = &t->refine;

	memset(q, 0, sizeof(FcReal) * rows * t->k);
	add_view(t, t->rows, rows, h, q);
	for (int view = 1; view < VIEWS; view++)
	{
		if (r->moves)
			fc_augment(&r->augment, t->image, &r->batch.hooks, &t->rng, t->rows, rows, t->moved);
		add_view(t, r->moves ? t->moved : t->rows, rows, r->moved_h, q);
	}
}

/* Eq. 2 for "rows" rows from "first" on, whose h are in r->h */
static void
smooth_chunk(FcDeep *t, int64_t first, int64_t rows)
{
	FcDeepRefine *r = &t->refine;

	if (rows <= FC_DEEP_NEIGHBORS)
		return;
	fc_l2norm(r->h, rows, hidden_width(r), r->h);
	fc_search(&r->search, &t->fit->hooks, r->h, rows, r->h, rows, 0, r->nearest);
	fc_smooth_rows(&t->fit->hooks, r->nearest, rows, FC_DEEP_NEIGHBORS, t->k, ROUNDS, t->target + first * t->k,
				   r->smooth);
}

/* Smoothed q of all rows into t->target */
static void
look_at_rows(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	for (int64_t i = 0; i < t->n; i++)
		t->order[i] = (int32_t) i;
	for (int64_t first = 0; first < t->n; first += t->chunk)
	{
		int64_t		rows = t->n - first < t->chunk ? t->n - first : t->chunk;

		for (int64_t i = 0; i < rows; i += r->size)
		{
			int32_t		count = (int32_t) (rows - i < r->size ? rows - i : r->size);

			fc_check(&t->fit->hooks);
			fc_deep_gather(t, first + i, count);
			view_rows(t, count, r->h + i * hidden_width(r), t->target + (first + i) * t->k);
		}
		smooth_chunk(t, first, rows);
	}
}

/* Has a cluster all but vanished? */
static bool
has_lost_a_cluster(FcDeep *t)
{
	memset(t->count, 0, sizeof(int64_t) * t->k);
	for (int64_t i = 0; i < t->n; i++)
		t->count[t->label[i]]++;
	for (int32_t c = 0; c < t->k; c++)
		if (t->count[c] < fmin(FEWEST * t->n / t->k, t->refine.fewest))
			return true;
	return false;
}

static void
keep_state(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	memcpy(r->kept, t->model->classifier, sizeof(FcReal) * r->net.parameters);
	memcpy(r->label, t->label, sizeof(int32_t) * t->n);
}

static void
restore_state(FcDeep *t, FcGuard why)
{
	FcDeepRefine *r = &t->refine;

	memcpy(t->model->classifier, r->kept, sizeof(FcReal) * r->net.parameters);
	memcpy(t->label, r->label, sizeof(int32_t) * t->n);
	t->fit->guard = why;
	t->model->converged = false;
}

/* ---- the phase ---- */

static void
begin(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	FcModel    *m = t->model;
	uint64_t	seed = (uint64_t) m->common[FC_SEED];
	double		more = m->option[FC_DEEP_REFINE_AUGMENT];
	FcRng		rng;

	fc_deep_phase(t, FC_REFINING);
	fc_rng_start(&rng, seed, FC_DEEP_STREAM_CLASSIFIER);
	fc_net_initialize(&r->net, GAIN, &rng, m->classifier);
	fc_net_scale(&r->net, r->net.count - 1, LAST_GAIN, m->classifier);
	r->batch.parameters = m->classifier;
	r->batch.gradients = r->gradients;
	r->batch.hooks = t->batch.hooks;
	fc_rng_start(&r->batch.rng, seed, FC_DEEP_STREAM_CLASSIFIER + 1);
	r->adam = fc_adam(m->option[FC_DEEP_REFINE_RATE]);
	r->augment = (FcAugment) {.rotation = 15 * more, .shift = 0.1 * more, .zoom = 0.15 * more, .shear = 0.2 * more};
	r->moves = m->option[FC_DEEP_SHAPE] > 0 && more > 0;
	for (int i = 0; i < 2; i++)
		memset(r->moment[i], 0, sizeof(FcReal) * r->net.parameters);
	r->fewest = INFINITY;
	(void) has_lost_a_cluster(t);
	for (int32_t c = 0; c < t->k; c++)
		r->fewest = fmin(r->fewest, t->count[c] / 2.0);
	fc_deep_take_labels(t);
	keep_state(t);
}

/* A look after an epoch; true: the phase ends */
static bool
look(FcDeep *t, bool last, int *calm)
{
	double		changed;

	look_at_rows(t);
	changed = fc_deep_label_rows(t);
	if (has_lost_a_cluster(t))
	{
		restore_state(t, FC_COLLAPSED);
		return true;
	}
	keep_state(t);
	*calm = changed <= t->model->option[FC_DEEP_LABEL_TOLERANCE] ? *calm + 1 : 0;
	if (last || *calm == PATIENCE)
		return true;
	fc_deep_sharpen(t);
	return false;
}

void
fc_deep_refine(FcDeep *t)
{
	FcModel    *m = t->model;
	int32_t		epochs = (int32_t) m->option[FC_DEEP_REFINE_EPOCHS];
	int			calm = 0;

	begin(t);
	for (int32_t e = 1; e <= epochs; e++)
	{
		bool		last = e == epochs;

		if (!refine_epoch(t, fc_cosine_rate(m->option[FC_DEEP_REFINE_RATE], LEAST_RATE, e - 1, epochs)))
		{
			restore_state(t, FC_LOST);
			return;
		}
		fc_deep_record(t, FC_REFINING, 0);
		if ((e % 2 == 0 || last) && look(t, last, &calm))
			return;
	}
}
