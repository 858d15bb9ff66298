/*
 * refine.c - the third phase: a classifier that learns the clusters
 *
 * An addition to the papers.  A net without decoder (nn/classifier.c:
 * convolutional if rows are images) learns the labels found by the second
 * phase, and then its own.  Up to 15 times there is a refresh, a pass over all
 * rows:
 *
 *	q_i = mean of the memberships for row i as it is and two moved copies	(eq. 1)
 *	q of neighbours by h are smoothed as in targets.c, in five rounds		(eq. 2)
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
#define REFRESHES		15
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
	FcDeepHead *h = &t->refine.head;
	size_t		count = fc_times(t->k, t->refine.outputs);

	if (!fc_deep_has_head(t->model))
		return;
	h->v = fc_take(a, count, sizeof(FcReal));
	h->dv = fc_take(a, count, sizeof(FcReal));
	h->kept = fc_take(a, count, sizeof(FcReal));
	for (int i = 0; i < 2; i++)
		h->moment[i] = fc_take(a, count, sizeof(FcReal));
}

static void
classifier_layout(FcArena *a, FcDeepRefine *r)
{
	size_t		parameters = r->net.parameters;

	fc_batch_layout(a, &r->batch, &r->net, r->net.count, r->size, true);
	r->gradients = fc_take(a, parameters, sizeof(FcReal));
	for (int i = 0; i < 2; i++)
		r->moment[i] = fc_take(a, parameters, sizeof(FcReal));
	r->kept = fc_take(a, parameters, sizeof(FcReal));
}

/* After targets.c */
void
fc_deep_refine_layout(FcArena *a, FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	const FcModel *m = t->model;
	size_t		before;

	if (!fc_deep_refines(m))
		return;
	(void) fc_deep_classifier(&r->net, m);
	r->size = (int32_t) fmin(m->option[FC_DEEP_REFINE_BATCH_SIZE], t->batch_size);
	r->outputs = fc_deep_outputs(m);
	r->width = (int32_t) fc_shape_columns(r->net.layer[r->net.embedding - 1].out);
	classifier_layout(a, r);
	before = a->used;
	fc_column_layout(a, &r->kept_label, &t->space, t->n, sizeof(int32_t), t->rows.portion);
	fc_column_layout(a, &r->h, &t->space, t->smoothing.chunk, sizeof(FcReal) * r->width, FC_SEARCH_ROWS);
	t->fit->memory.rows += a->used - before;
	r->q = fc_take(a, fc_times(r->size, t->k), sizeof(FcReal));
	r->s = fc_take(a, fc_times(r->size, t->k), sizeof(FcReal));
	r->out = fc_take(a, fc_times(r->size, r->outputs), sizeof(FcReal));
	r->moved_h = fc_take(a, fc_times(r->size, r->width), sizeof(FcReal));
	head_layout(a, t);
	fc_search_layout(a, &r->search, r->width, FC_DEEP_NEIGHBORS);
}

/* ---- memberships ---- */

/* Outputs of the net, as codes among the centers of its head */
static FcCodes
head_codes(const FcDeep *t, const FcReal *out, int64_t rows)
{
	const FcDeepRefine *r = &t->refine;

	return (FcCodes) {
		.n = rows, .k = t->k, .m = r->outputs, .z = out, .v = r->head.v,
		.scale = fc_deep_option(t->model, t->method->distance_scale, 1), .hooks = &r->batch.hooks
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

/* The loss of a batch; its gradient is left for backward, and that of the centers in the head */
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

		return method->head_loss ? method->head_loss(&l) : method->loss(&l);
	}
	return fc_cross_entropy(out, p, r->size, t->k, 1, r->q, dz);
}

/* ---- epochs ---- */

static void
move_centers(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	FcDeepHead *h = &r->head;

	fc_adam_step(&r->adam, &r->batch.hooks, t->course.steps, (size_t) t->k * r->outputs, h->dv, h->moment[0], h->moment[1],
				 h->v);
	if (t->method->unit_centers)
		fc_l2norm(h->v, t->k, r->outputs, h->v);
}

static void
refine_step(FcDeep *t, const FcReal *x, const int32_t *rows)
{
	FcDeepRefine *r = &t->refine;

	fc_deep_take_targets(t, rows, r->size);
	fc_batch_encode(&r->batch, fc_deep_augment(t, x, r->size, t->rows.moved), r->size);
	fc_batch_decode(&r->batch);
	t->course.loss[1] += find_loss(t, t->work.p);
	fc_batch_backward(&r->batch, true, NULL);
	fc_adam_step(&r->adam, &r->batch.hooks, t->course.steps, r->net.parameters, r->gradients, r->moment[0], r->moment[1],
				 r->parameters);
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

/* Eq. 1 for the rows that were gathered, at most refine.size; without images all views are the same */
static void
view_rows(FcDeep *t, int32_t rows, FcReal *h, FcReal *q)
{
	FcDeepRefine *r = &t->refine;
	const FcReal *x = t->rows.x;

	memset(q, 0, sizeof(FcReal) * rows * t->k);
	add_view(t, x, rows, h, q);
	for (int view = 1; t->rows.moves && view < VIEWS; view++)
		add_view(t, fc_deep_augment(t, x, rows, t->rows.moved), rows, r->moved_h, q);
	fc_normalize_rows(q, rows, t->k);
}

/* Eq. 1 for a chunk of the rows, from "first" on, whose hidden layers are kept */
static void
view_chunk(FcDeep *t, const FcPortion *chunk)
{
	FcColumn   *h = &t->refine.h;
	FcColumn   *target = &t->clusters.target;

	for (FcPortion p = fc_portions(&t->fit->hooks, chunk->rows, t->refine.size); fc_next_portion(&p);)
	{
		int64_t		first = chunk->first + p.first;

		fc_deep_gather_in_order(t, first, (int32_t) p.rows);
		view_rows(t, (int32_t) p.rows, fc_column_place(h, p.first, p.rows), fc_column_place(target, first, p.rows));
		fc_column_write(h, p.first, p.rows);
		fc_column_write(target, first, p.rows);
	}
}

/* Hidden layers get unit length */
static void
normalize_hidden(FcDeepRefine *r, const FcHooks *hooks, int64_t rows)
{
	for (FcPortion p = fc_portions(hooks, rows, r->size); fc_next_portion(&p);)
	{
		FcReal	   *h = fc_column_read(&r->h, p.first, p.rows);

		fc_l2norm(h, p.rows, r->width, h);
		fc_column_write(&r->h, p.first, p.rows);
	}
}

/* Eq. 1 and 2 of all rows */
static void
view_all(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	for (FcPortion p = fc_deep_portions(t, t->smoothing.chunk); fc_next_portion(&p);)
	{
		view_chunk(t, &p);
		normalize_hidden(r, &t->fit->hooks, p.rows);
		fc_deep_smooth_targets(t, &r->search, (FcSlice) {&r->h, 0, p.rows}, p.first, ROUNDS);
	}
}

static double
smallest_cluster(FcDeep *t)
{
	double		fewest = INFINITY;

	fc_deep_count_labels(t);
	for (int32_t c = 0; c < t->k; c++)
		fewest = fmin(fewest, t->clusters.count[c]);
	return fewest;
}

/* ---- states ---- */

static void
keep_state(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	fc_copy(&t->fit->hooks, r->kept, r->parameters, sizeof(FcReal) * r->net.parameters);
	fc_column_copy(&r->kept_label, &t->clusters.label);
	if (r->head.v)
		memcpy(r->head.kept, r->head.v, sizeof(FcReal) * t->k * r->outputs);
	r->has_kept = true;
}

static void
restore_state(FcDeep *t, FcGuard why)
{
	FcDeepRefine *r = &t->refine;

	fc_deep_end_early(t, r->has_kept ? why : FC_UNREFINED);
	fc_column_copy(&t->clusters.label, &r->kept_label);
	if (!r->has_kept)
	{
		fc_deep_drop_classifier(t->model);
		return;
	}
	fc_copy(&t->fit->hooks, r->parameters, r->kept, sizeof(FcReal) * r->net.parameters);
	if (r->head.v)
		memcpy(r->head.v, r->head.kept, sizeof(FcReal) * t->k * r->outputs);
}

/* ---- the phase ---- */

/* Centers at right angles as far as there are outputs, then in random directions */
static void
begin_head(FcDeep *t, FcRng *rng)
{
	FcDeepHead *h = &t->refine.head;
	int32_t		outputs = t->refine.outputs;
	double		scale = fc_deep_option(t->model, t->method->distance_scale, 1);
	double		length = t->method->unit_centers ? 1 : sqrt(REACH / scale);

	for (int32_t c = 0; c < t->k; c++)
	{
		FcReal	   *v = h->v + (int64_t) c * outputs;

		for (int32_t j = 0; j < outputs; j++)
			v[j] = c < outputs ? j == c : (FcReal) (2 * fc_rng_uniform(rng) - 1);
		fc_l2norm(v, 1, outputs, v);
		for (int32_t j = 0; j < outputs; j++)
			v[j] *= (FcReal) length;
	}
	for (int i = 0; i < 2; i++)
		memset(h->moment[i], 0, sizeof(FcReal) * t->k * outputs);
}

static void
begin_classifier(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	FcRng		rng;

	fc_rng_start(&rng, (uint64_t) t->model->common[FC_SEED], FC_DEEP_STREAM_CLASSIFIER);
	fc_net_initialize(&r->net, &r->batch.hooks, GAIN, &rng, r->parameters);
	if (r->head.v)
		begin_head(t, &rng);
	else
		fc_net_scale(&r->net, r->net.count - 1, LAST_GAIN, r->parameters);
	for (int i = 0; i < 2; i++)
		fc_clear(&t->fit->hooks, r->moment[i], sizeof(FcReal) * r->net.parameters);
}

/* What does not change during the phase */
static void
prepare(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	double		more = t->model->option[FC_DEEP_REFINE_AUGMENT];

	r->parameters = FC_DEEP_CLASSIFIER(t->model).data;
	r->batch.parameters = r->parameters;
	r->batch.gradients = r->gradients;
	r->batch.hooks = t->network.batch.hooks;
	t->rows.augment = (FcAugment) {.rotation = 15 * more, .shift = 0.1 * more, .zoom = 0.15 * more, .shear = 0.2 * more};
	t->rows.moves = t->model->option[FC_DEEP_SHAPE] > 0 && more > 0;
}

static void
begin(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	fc_deep_begin_phase(t, FC_REFINING);
	r->batch.rng = t->network.batch.rng;
	begin_classifier(t);
	r->fewest = fmin(FEWEST * t->n / t->k, smallest_cluster(t) / 2);
	r->has_kept = false;
	t->course.quiet_refreshes = 0;
	fc_column_copy(&r->kept_label, &t->clusters.label);
	fc_deep_target_labels(t);
}

/* The net has not yet learned all clusters: their first labels remain the targets */
static void
keep_first_labels(FcDeep *t)
{
	t->course.changed = 0;
	fc_column_copy(&t->clusters.label, &t->refine.kept_label);
	fc_deep_target_labels(t);
}

/* A refresh after an epoch; true: the phase ends */
static bool
refresh(FcDeep *t, bool last)
{
	FcDeepCourse *course = &t->course;
	FcDeepRefine *r = &t->refine;
	bool		lost;

	view_all(t);
	course->changed = fc_deep_label_rows(t);
	lost = smallest_cluster(t) < r->fewest;
	if (lost && r->has_kept)
		restore_state(t, FC_COLLAPSED);
	else if (lost)
		keep_first_labels(t);
	if (lost)
		return r->has_kept;
	keep_state(t);
	course->quiet_refreshes = course->changed <= t->model->option[FC_DEEP_LABEL_TOLERANCE] ? course->quiet_refreshes + 1 : 0;
	if (last || course->quiet_refreshes == PATIENCE)
		return true;
	fc_deep_sharpen_targets(t);
	return false;
}

/* Two refreshes */
static int32_t
epochs_between(const FcDeep *t)
{
	int64_t		steps = t->n / t->refine.size;
	double		epochs = t->model->option[FC_DEEP_REFINE_EPOCHS];

	return (int32_t) fmax(1, fmax(floor(epochs / REFRESHES), ceil((double) LEAST_STEPS / steps)));
}

static void
run_epochs(FcDeep *t)
{
	FcDeepCourse *course = &t->course;
	FcModel    *m = t->model;
	int32_t		epochs = (int32_t) m->option[FC_DEEP_REFINE_EPOCHS];
	int32_t		between = epochs_between(t);
	bool		ends = false;

	while (!ends && course->epoch < epochs && m->iterations < m->common[FC_MAX_ITERATIONS])
	{
		bool		last = course->epoch + 1 == epochs || m->iterations + 1 >= m->common[FC_MAX_ITERATIONS];

		t->refine.adam = fc_adam(fc_cosine_rate(m->option[FC_DEEP_REFINE_RATE], LEAST_RATE, course->epoch, epochs));
		if (!fc_deep_epoch(t, t->refine.size, refine_step))
		{
			m->iterations--;	/* the epoch does not count */
			restore_state(t, FC_LOST);
			return;
		}
		course->epoch++;
		if (course->epoch % between == 0 || last)
			ends = refresh(t, last);
		fc_deep_record(t, course->changed);
	}
	if (!t->refine.has_kept)
		restore_state(t, FC_UNREFINED);
	m->converged = m->converged && (course->epoch == epochs || course->quiet_refreshes == PATIENCE);
}

/* Centers of codes are the means of the rows that the classifier puts into a cluster */
static void
find_centers(FcDeep *t)
{
	FcDeepClusters *s = &t->clusters;
	FcReal	   *v = s->now.v;
	int32_t		latent = t->latent;

	for (int32_t c = 0; c < t->k; c++)
		if (s->count[c] > 0)
			memset(v + (int64_t) c * latent, 0, sizeof(FcReal) * latent);
	for (FcPortion p = fc_deep_portions(t, t->rows.portion); fc_next_portion(&p);)
	{
		const int32_t *label = fc_column_read(&s->label, p.first, p.rows);
		const FcReal *z = fc_column_read(&s->z, p.first, p.rows);

		for (int64_t i = 0; i < p.rows; i++)
			for (int32_t j = 0; j < latent; j++)
				v[(int64_t) label[i] * latent + j] += z[i * latent + j] / s->count[label[i]];
	}
	if (t->method->unit_centers)
		fc_l2norm(v, t->k, latent, v);
}

/* Takes over the classifier of an earlier model, and its centers */
void
fc_deep_keep_classifier(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	const FcModel *earlier = t->fit->earlier;

	prepare(t);
	fc_copy(&t->fit->hooks, r->parameters, FC_DEEP_CLASSIFIER(earlier).data, sizeof(FcReal) * r->net.parameters);
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
	run_epochs(t);
	if (!fc_deep_refines(t->model))
		return;
	fc_deep_count_labels(t);
	find_centers(t);
	for (int64_t i = 0; r->head.v && i < (int64_t) t->k * r->outputs; i++)
		FC_DEEP_HEAD(t->model)[i] = r->head.v[i];
}

/* ---- when it is done ---- */

/* Outputs for rows from "first" on, at most refine.size, (rows, outputs), and memberships q (rows, k) */
const FcReal *
fc_deep_classify(FcDeep *t, int64_t first, int32_t rows, FcReal *q)
{
	FcDeepRefine *r = &t->refine;

	fc_deep_gather_in_order(t, first, rows);
	fc_apply_rows(&r->batch, t->rows.x, rows, r->out);
	find_memberships(t, r->out, rows, q);
	return r->out;
}
