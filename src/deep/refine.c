/*
 * refine.c - the third phase: a classifier that learns the clusters
 *
 * An addition to the papers.  A net without decoder (nn/classifier.c:
 * convolutional if rows are images) learns the labels found by the second
 * phase, and then its own.  Up to 15 times there is a refresh, a pass over all
 * rows,
 *
 *	q_i = mean of the memberships for row i as it is and two moved copies	(eq. 1)
 *	q_i <- (q_i + mean of q of the 10 nearest h) / 2, five rounds			(eq. 2)
 *	p = target(q) of nn/target.c											(eq. 3)
 *
 * with h the last hidden layer, scaled to unit length, of the row as it is.
 * Epochs in between minimize the cross-entropy of targets p and memberships,
 * for rows that are shifted, rotated, zoomed and sheared.  The first labels
 * remain the targets until a refresh at which the net has learned all of them.
 *
 * Memberships are a softmax of the net's outputs for a row; or, with
 * refine_head => 'own', those of the method for its distances to k centers
 * that learn with the net.
 *
 * It uses rows and labels only: clusters that were merged or split before stay
 * so, but borders become sharper.  If a cluster almost vanishes, the state of
 * the last refresh is kept.  If the net never learns all clusters, the model
 * does without it.
 */
#include "deep/training.h"

#include <math.h>
#include <string.h>

#define VIEWS			3		/* of a row at a refresh: itself, and augmented copies */
#define ROUNDS			5
#define LOOKS			15
#define LEAST_STEPS		280		/* between two refreshes, so that enough is learned in between */
#define LEAST_RATE		0.05	/* of the first one, at the end */
#define GAIN			6		/* see net.c */
#define LAST_GAIN		0.3		/* factor that reduces the initial parameters of the last layer */
#define FEWEST			0.1		/* of n / k rows */
#define PATIENCE		2		/* successive refreshes with few changes */
#define REACH			100		/* first squared length of centers, times the scale of distances */

/* ---- memory ---- */

static void
head_layout(FcArena *a, FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	size_t		count = fc_times(t->k, r->outputs);

	if (!fc_deep_has_head(t->model))
		return;
	r->head.v = fc_take(a, count, sizeof(FcReal));
	r->head.dv = fc_take(a, count, sizeof(FcReal));
	r->head.kept = fc_take(a, count, sizeof(FcReal));
	for (int i = 0; i < 2; i++)
		r->head.moment[i] = fc_take(a, count, sizeof(FcReal));
}

void
fc_deep_refine_layout(FcArena *a, FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	const FcModel *m = t->model;
	size_t		parameters;
	size_t		before;

	if (!fc_deep_refines(m))
		return;
	(void) fc_deep_classifier(&r->net, m);
	parameters = r->net.parameters;
	r->size = (int32_t) fmin(m->option[FC_DEEP_REFINE_BATCH_SIZE], t->batch_size);
	r->outputs = fc_deep_outputs(m);
	r->width = (int32_t) fc_shape_columns(r->net.layer[r->net.embedding - 1].out);
	fc_batch_layout(a, &r->batch, &r->net, r->net.count, r->size, true);
	r->gradients = fc_take(a, parameters, sizeof(FcReal));
	for (int i = 0; i < 2; i++)
		r->moment[i] = fc_take(a, parameters, sizeof(FcReal));
	r->kept = fc_take(a, parameters, sizeof(FcReal));
	before = a->used;
	fc_column_layout(a, &r->kept_label, &t->space, t->n, sizeof(int32_t), t->rows.portion);
	fc_column_layout(a, &r->h, &t->space, t->smoothing.chunk, sizeof(FcReal) * r->width, FC_SEARCH_ROWS);
	/* the second phase has no more use for its own */
	t->smoothing.nearest = t->smoothing.clusters ? t->smoothing.nearest : fc_take(a, fc_times(t->smoothing.chunk, FC_DEEP_NEIGHBORS), sizeof(int32_t));
	t->smoothing.targets = t->smoothing.clusters ? t->smoothing.targets : fc_take(a, fc_times(t->smoothing.chunk, t->k), sizeof(FcReal));
	t->row_memory += a->used - before;
	r->q = fc_take(a, fc_times(r->size, t->k), sizeof(FcReal));
	r->s = fc_take(a, fc_times(r->size, t->k), sizeof(FcReal));
	r->out = fc_take(a, fc_times(r->size, r->outputs), sizeof(FcReal));
	r->moved_h = fc_take(a, fc_times(r->size, r->width), sizeof(FcReal));
	head_layout(a, t);
	fc_search_layout(a, &r->search, r->width, FC_DEEP_NEIGHBORS);
}

/* ---- memberships ---- */

/* What the net made of rows, as codes among the centers of its head */
static FcCodes
head_codes(const FcDeep *t, const FcReal *out, int64_t rows)
{
	const FcDeepRefine *r = &t->refine;

	return (FcCodes) {
		.n = rows, .k = t->k, .m = r->outputs, .z = out, .v = r->head.v,
		.scale = t->method->scale ? t->method->scale(t->model) : 1, .hooks = &r->batch.hooks
	};
}

/* q (rows, k) from out (rows, outputs) */
static void
find_memberships(FcDeep *t, const FcReal *out, int32_t rows, FcReal *q)
{
	if (t->refine.head.v)
	{
		FcCodes		codes = head_codes(t, out, rows);

		t->method->memberships(t->model, &codes, q);
	}
	else
		fc_softmax(out, rows, t->k, q);
}

/* The loss of a batch; its gradient is left for backward, and that of the centers in r->head.dv */
static double
find_loss(FcDeep *t, const FcReal *p)
{
	FcDeepRefine *r = &t->refine;
	const FcDeepMethod *method = t->method;
	const FcReal *out = fc_batch_output(&r->batch);
	FcReal	   *dz = fc_batch_output_gradient(&r->batch);

	if (r->head.v)
	{
		FcDeepLoss	l = {
			.model = t->model, .codes = head_codes(t, out, r->size), .p = p, .weight = 1, .q = r->q, .s = r->s, .dz = dz,
			.dv = r->head.dv
		};

		return method->head ? method->head(&l) : method->loss(&l);
	}
	return fc_cross_entropy(out, p, r->size, t->k, 1, r->q, dz);
}

/* ---- epochs ---- */

static void
move_centers(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	fc_adam_step(&r->adam, &r->batch.hooks, t->course.steps, (size_t) t->k * r->outputs, r->head.dv, r->head.moment[0], r->head.moment[1],
				 r->head.v);
	if (t->method->unit_centers)
		fc_l2norm(r->head.v, t->k, r->outputs, r->head.v);
}

static void
refine_step(FcDeep *t, const FcReal *x, const int32_t *rows)
{
	FcDeepRefine *r = &t->refine;

	fc_deep_take_targets(t, rows, r->size);
	fc_batch_encode(&r->batch, fc_deep_move(t, x, r->size, t->rows.moved), r->size);
	fc_batch_decode(&r->batch);
	t->course.loss[1] += find_loss(t, t->work.p);
	fc_batch_backward(&r->batch, true, NULL);
	fc_adam_step(&r->adam, &r->batch.hooks, t->course.steps, r->net.parameters, r->gradients, r->moment[0], r->moment[1],
				 FC_DEEP_CLASSIFIER(t->model).data);
	if (r->head.v)
		move_centers(t);
}

/* ---- refresh: a pass over all rows ---- */

/* Adds memberships / VIEWS to q (rows, k); h (rows, width) becomes the hidden layer */
static void
add_view(FcDeep *t, const FcReal *x, int32_t rows, FcReal *h, FcReal *q)
{
	FcDeepRefine *r = &t->refine;

	fc_embed_rows(&r->batch, x, rows, h);
	fc_decode_rows(&r->batch, h, rows, r->out);
	find_memberships(t, r->out, rows, r->q);
	for (int64_t i = 0; i < (int64_t) rows * t->k; i++)
		q[i] += r->q[i] / VIEWS;
}

/* Eq. 1 for rows in t->rows.x, at most r->size; without images all views are the same */
static void
view_rows(FcDeep *t, int32_t rows, FcReal *h, FcReal *q)
{
	FcDeepRefine *r = &t->refine;

	memset(q, 0, sizeof(FcReal) * rows * t->k);
	add_view(t, t->rows.x, rows, h, q);
	for (int view = 1; t->rows.moves && view < VIEWS; view++)
		add_view(t, fc_deep_move(t, t->rows.x, rows, t->rows.moved), rows, r->moved_h, q);
	fc_normalize_rows(q, rows, t->k);
}

/* Hidden layers get unit length */
static void
normalize_hidden(FcDeep *t, int64_t rows)
{
	FcDeepRefine *r = &t->refine;

	for (int64_t i = 0; i < rows; i += r->size)
	{
		int64_t		count = rows - i < r->size ? rows - i : r->size;
		FcReal	   *h = fc_column_read(&r->h, i, count);

		fc_l2norm(h, count, r->width, h);
		fc_column_write(&r->h, i, count);
	}
}

/* Eq. 2 for rows from "first" on, whose hidden layers are in r->h */
static void
smooth_chunk(FcDeep *t, int64_t first, int64_t rows)
{
	FcDeepRefine *r = &t->refine;
	FcSlice		h = {&r->h, 0, rows};

	if (rows <= FC_DEEP_NEIGHBORS)
		return;
	normalize_hidden(t, rows);
	fc_search(&r->search, &t->fit->hooks, h, h, 0, t->smoothing.nearest);
	fc_smooth_rows(&t->fit->hooks, t->smoothing.nearest, rows, FC_DEEP_NEIGHBORS, t->k, ROUNDS,
				   fc_column_read(&t->clusters.target, first, rows), t->smoothing.targets);
	fc_column_write(&t->clusters.target, first, rows);
}

/* Eq. 1 of rows from "first" on, row i of a chunk, whose hidden layers are kept */
static void
view_batch(FcDeep *t, int64_t first, int64_t i, int32_t count)
{
	FcDeepRefine *r = &t->refine;

	fc_check(&t->fit->hooks);
	fc_deep_gather_own(t, first, count);
	view_rows(t, count, fc_column_place(&r->h, i, count), fc_column_place(&t->clusters.target, first, count));
	fc_column_write(&r->h, i, count);
	fc_column_write(&t->clusters.target, first, count);
}

/* Eq. 1 and 2 of all rows into t->clusters.target */
static void
view_all(FcDeep *t)
{
	int32_t		size = t->refine.size;

	for (int64_t first = 0; first < t->n; first += t->smoothing.chunk)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->smoothing.chunk);

		for (int64_t i = 0; i < rows; i += size)
			view_batch(t, first + i, i, (int32_t) (rows - i < size ? rows - i : size));
		smooth_chunk(t, first, rows);
	}
}

static double
smallest_cluster(FcDeep *t)
{
	double		fewest = INFINITY;

	fc_deep_count(t);
	for (int32_t c = 0; c < t->k; c++)
		fewest = fmin(fewest, t->clusters.count[c]);
	return fewest;
}

/* ---- states ---- */

static void
keep_state(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	fc_copy(&t->fit->hooks, r->kept, FC_DEEP_CLASSIFIER(t->model).data, sizeof(FcReal) * r->net.parameters);
	fc_column_copy(&r->kept_label, &t->clusters.label);
	if (r->head.v)
		memcpy(r->head.kept, r->head.v, sizeof(FcReal) * t->k * r->outputs);
}

static void
restore_state(FcDeep *t, FcGuard why)
{
	FcDeepRefine *r = &t->refine;
	FcModel    *m = t->model;

	fc_deep_guard(t, r->has_kept ? why : FC_UNREFINED);
	fc_column_copy(&t->clusters.label, &r->kept_label);
	if (!r->has_kept)
	{
		m->option[FC_DEEP_REFINE] = FC_REFINE_NONE;
		FC_DEEP_CLASSIFIER(m).rows = 0;
		return;
	}
	fc_copy(&t->fit->hooks, FC_DEEP_CLASSIFIER(m).data, r->kept, sizeof(FcReal) * r->net.parameters);
	if (r->head.v)
		memcpy(r->head.v, r->head.kept, sizeof(FcReal) * t->k * r->outputs);
}

/* ---- the phase ---- */

/* Centers at right angles as far as there are outputs, then in random directions */
static void
begin_head(FcDeep *t, FcRng *rng)
{
	FcDeepRefine *r = &t->refine;
	double		scale = t->method->scale ? t->method->scale(t->model) : 1;
	double		length = t->method->unit_centers ? 1 : sqrt(REACH / scale);

	for (int32_t c = 0; c < t->k; c++)
	{
		FcReal	   *v = r->head.v + (int64_t) c * r->outputs;

		for (int32_t j = 0; j < r->outputs; j++)
			v[j] = c < r->outputs ? j == c : (FcReal) (2 * fc_rng_uniform(rng) - 1);
		fc_l2norm(v, 1, r->outputs, v);
		for (int32_t j = 0; j < r->outputs; j++)
			v[j] *= (FcReal) length;
	}
	for (int i = 0; i < 2; i++)
		memset(r->head.moment[i], 0, sizeof(FcReal) * t->k * r->outputs);
}

static void
begin_classifier(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	FcModel    *m = t->model;
	FcRng		rng;

	fc_rng_start(&rng, (uint64_t) m->common[FC_SEED], FC_DEEP_STREAM_CLASSIFIER);
	fc_net_initialize(&r->net, &r->batch.hooks, GAIN, &rng, FC_DEEP_CLASSIFIER(m).data);
	if (r->head.v)
		begin_head(t, &rng);
	else
		fc_net_scale(&r->net, r->net.count - 1, LAST_GAIN, FC_DEEP_CLASSIFIER(m).data);
	for (int i = 0; i < 2; i++)
		fc_clear(&t->fit->hooks, r->moment[i], sizeof(FcReal) * r->net.parameters);
}

/* What does not change during the phase */
static void
prepare(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	double		more = t->model->option[FC_DEEP_REFINE_AUGMENT];

	r->batch.parameters = FC_DEEP_CLASSIFIER(t->model).data;
	r->batch.gradients = r->gradients;
	r->batch.hooks = t->network.batch.hooks;
	t->rows.augment = (FcAugment) {.rotation = 15 * more, .shift = 0.1 * more, .zoom = 0.15 * more, .shear = 0.2 * more};
	t->rows.moves = t->model->option[FC_DEEP_SHAPE] > 0 && more > 0;
}

static void
begin(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	fc_deep_phase(t, FC_REFINING);
	r->batch.rng = t->network.batch.rng;
	begin_classifier(t);
	r->fewest = fmin(FEWEST * t->n / t->k, smallest_cluster(t) / 2);
	r->has_kept = false;
	t->course.quiet_refreshes = 0;
	fc_column_copy(&r->kept_label, &t->clusters.label);
	fc_deep_take_labels(t);
}

/* The net has not yet learned all clusters: their first labels remain the targets */
static bool
wait(FcDeep *t)
{
	t->course.changed = 0;
	fc_column_copy(&t->clusters.label, &t->refine.kept_label);
	fc_deep_take_labels(t);
	return false;
}

/* A refresh after an epoch; true: the phase ends */
static bool
look(FcDeep *t, bool last)
{
	view_all(t);
	t->course.changed = fc_deep_label_rows(t);
	if (smallest_cluster(t) < t->refine.fewest)
	{
		if (!t->refine.has_kept)
			return wait(t);
		restore_state(t, FC_COLLAPSED);
		return true;
	}
	t->refine.has_kept = true;
	keep_state(t);
	t->course.quiet_refreshes = t->course.changed <= t->model->option[FC_DEEP_LABEL_TOLERANCE] ? t->course.quiet_refreshes + 1 : 0;
	if (last || t->course.quiet_refreshes == PATIENCE)
		return true;
	fc_deep_sharpen(t);
	return false;
}

/* Two refreshes */
static int32_t
epochs_between(const FcDeep *t)
{
	int64_t		steps = t->n / t->refine.size;
	double		epochs = t->model->option[FC_DEEP_REFINE_EPOCHS];

	return (int32_t) fmax(1, fmax(floor(epochs / LOOKS), ceil((double) LEAST_STEPS / steps)));
}

static void
run(FcDeep *t)
{
	FcModel    *m = t->model;
	int32_t		epochs = (int32_t) m->option[FC_DEEP_REFINE_EPOCHS];
	int32_t		between = epochs_between(t);

	while (t->course.epoch < epochs && m->iterations < m->common[FC_MAX_ITERATIONS])
	{
		bool		last = t->course.epoch + 1 == epochs || m->iterations + 1 >= m->common[FC_MAX_ITERATIONS];
		bool		ends = false;

		t->refine.adam = fc_adam(fc_cosine_rate(m->option[FC_DEEP_REFINE_RATE], LEAST_RATE, t->course.epoch, epochs));
		if (!fc_deep_epoch(t, t->refine.size, refine_step))
		{
			m->iterations--;	/* it came to nothing */
			restore_state(t, FC_LOST);
			return;
		}
		t->course.epoch++;
		if (t->course.epoch % between == 0 || last)
			ends = look(t, last);
		fc_deep_record(t, t->course.changed);
		if (ends)
			break;
	}
	if (!t->refine.has_kept)
		restore_state(t, FC_UNREFINED);
	m->converged = m->converged && (t->course.epoch == epochs || t->course.quiet_refreshes == PATIENCE);
}

/* Centers of codes are those of the rows that the classifier puts into a cluster */
static void
find_centers(FcDeep *t)
{
	for (int32_t c = 0; c < t->k; c++)
		if (t->clusters.count[c] > 0)
			memset(t->clusters.now.v + (int64_t) c * t->latent, 0, sizeof(FcReal) * t->latent);
	for (int64_t first = 0; first < t->n; first += t->rows.portion)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->rows.portion);
		const int32_t *label = fc_column_read(&t->clusters.label, first, rows);
		const FcReal *z = fc_column_read(&t->clusters.z, first, rows);

		fc_check(&t->fit->hooks);
		for (int64_t i = 0; i < rows; i++)
			for (int32_t j = 0; j < t->latent; j++)
				t->clusters.now.v[(int64_t) label[i] * t->latent + j] += z[i * t->latent + j] / t->clusters.count[label[i]];
	}
	if (t->method->unit_centers)
		fc_l2norm(t->clusters.now.v, t->k, t->latent, t->clusters.now.v);
}

/* The classifier of an earlier model, and its centers, are those of this one */
void
fc_deep_keep_classifier(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	const FcModel *earlier = t->fit->earlier;

	prepare(t);
	fc_copy(&t->fit->hooks, FC_DEEP_CLASSIFIER(t->model).data, FC_DEEP_CLASSIFIER(earlier).data,
			sizeof(FcReal) * r->net.parameters);
	for (int64_t i = 0; r->head.v && i < (int64_t) t->k * r->outputs; i++)
	{
		FC_DEEP_HEAD(t->model)[i] = FC_DEEP_HEAD(earlier)[i];
		r->head.v[i] = (FcReal) FC_DEEP_HEAD(earlier)[i];
	}
}

void
fc_deep_refine(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	prepare(t);
	if (t->course.phase != FC_REFINING)
		begin(t);
	run(t);
	if (!fc_deep_refines(t->model))
		return;
	fc_deep_count(t);
	find_centers(t);
	for (int64_t i = 0; r->head.v && i < (int64_t) t->k * r->outputs; i++)
		FC_DEEP_HEAD(t->model)[i] = r->head.v[i];
}

/* ---- when it is done ---- */

/* What the net makes of rows from "first" on, at most refine.size, (rows, outputs), and memberships q (rows, k) */
const FcReal *
fc_deep_classify(FcDeep *t, int64_t first, int32_t rows, FcReal *q)
{
	FcDeepRefine *r = &t->refine;

	fc_deep_gather_own(t, first, rows);
	fc_apply_rows(&r->batch, t->rows.x, rows, r->out);
	find_memberships(t, r->out, rows, q);
	return r->out;
}
