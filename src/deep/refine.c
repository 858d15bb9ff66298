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
	h->v = fc_take_shared(a, count, sizeof(FcReal));
	h->dv = fc_take(a, count, sizeof(FcReal));
	for (int i = 0; i < 2; i++)
		h->moment[i] = fc_take_shared(a, count, sizeof(FcReal));
	if (fc_deep_leads(t))
		h->kept = fc_take(a, count, sizeof(FcReal));
}

static void
classifier_layout(FcArena *a, FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	fc_batch_layout(a, &r->batch, &r->net, r->net.count, r->size, true);
	r->parameters = FC_DEEP_CLASSIFIER(t->model).data;
	for (int i = 0; i < 2; i++)
		r->moment[i] = fc_take_shared(a, r->net.parameters, sizeof(FcReal));
	r->room = fc_take(a, fc_net_range_room(&r->net), sizeof(FcReal));
	r->q = fc_take_shared(a, fc_times(r->size, t->k), sizeof(FcReal));
	r->s = fc_take_shared(a, fc_times(r->size, t->k), sizeof(FcReal));
	r->hidden = fc_take_shared(a, fc_times(r->size, r->width), sizeof(FcReal));
}

/* Columns, and what the leader keeps; after targets.c */
static void
state_layout(FcArena *a, FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	size_t		before = fc_deep_taken(a);

	fc_column_layout(a, &r->kept_label, &t->space, t->n, sizeof(int32_t), t->rows.portion);
	fc_column_layout(a, &r->h, &t->space, t->smoothing.chunk, sizeof(FcReal) * r->width, FC_SEARCH_ROWS);
	t->fit->memory.rows += fc_deep_taken(a) - before;
	r->kept = fc_take(a, r->net.parameters, sizeof(FcReal));
}

void
fc_deep_refine_layout(FcArena *a, FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	const FcModel *m = t->model;

	if (!fc_deep_refines(m))
		return;
	(void) fc_deep_classifier(&r->net, m);
	r->size = (int32_t) fmin(m->option[FC_DEEP_REFINE_BATCH_SIZE], t->batch_size);
	r->outputs = fc_deep_outputs(m);
	r->width = (int32_t) fc_shape_columns(r->net.layer[r->net.embedding - 1].out);
	classifier_layout(a, t);
	head_layout(a, t);
	if (fc_deep_leads(t))
		state_layout(a, t);
}

/* The part of fc_deep_connect() */
void
fc_deep_connect_classifier(FcDeep *t)
{
	t->refine.batch.parameters = t->refine.parameters;
	t->refine.batch.hooks = t->network.batch.hooks;
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

/* The loss of row i of a part, which is row "row" of the batch; its gradient is left for backward */
static double
find_loss(FcDeep *t, const FcBatch *part, int64_t i, int64_t row)
{
	FcDeepRefine *r = &t->refine;
	const FcDeepMethod *method = t->method;
	const FcReal *out = fc_batch_output(part) + i * r->outputs;
	FcReal	   *dz = fc_batch_output_gradient(part) + i * r->outputs;
	const FcReal *p = t->work.p + row * t->k;
	double		weight = 1.0 / t->turn->size;

	if (r->head.v)
	{
		FcDeepLoss	l = {
			.model = t->model, .codes = head_codes(t, out, 1), .p = p, .weight = weight, .q = r->q + row * t->k,
			.s = r->s + row * t->k, .dz = dz
		};

		return method->head_loss ? method->head_loss(&l) : method->loss(&l);
	}
	return fc_cross_entropy(out, p, 1, t->k, weight, r->q + row * t->k, dz);
}

/* ---- epochs ---- */

static void
refine_part(FcFit *f, int64_t portion)
{
	FcDeep	   *t = f->work;
	FcDeepPart	p = fc_deep_part(t, portion);
	FcBatch		part;

	fc_deep_encode_part(t, &t->refine.batch, p, &part);
	fc_batch_decode(&part);
	for (int32_t i = 0; i < p.rows; i++)
	{
		fc_check(&part.hooks);
		t->loss[1][p.first + i] = find_loss(t, &part, i, p.first + i);
	}
	fc_batch_backward(&part, true, NULL);
}

static void
learn_head(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;
	FcDeepHead *h = &r->head;
	FcCodes		codes = head_codes(t, fc_batch_output(&r->batch), t->turn->size);

	t->method->pull(&codes, r->s, NULL, h->dv);
	fc_optimize(&t->turn->how, codes.hooks, 0, (size_t) t->k * r->outputs, h->dv, h->moment, h->v);
	if (t->method->unit_centers)
		fc_l2norm(h->v, t->k, r->outputs, h->v);
}

/* A range of the net, or the centers of its head, which come first */
static void
learn_part(FcFit *f, int64_t portion)
{
	FcDeep	   *t = f->work;
	FcDeepRefine *r = &t->refine;

	if (r->head.v && portion-- == 0)
	{
		learn_head(t);
		return;
	}
	fc_deep_whole(t, &r->batch);
	fc_learn_range(&r->batch, fc_net_range(&r->net, portion), &t->turn->how, r->moment, r->parameters, r->room);
}

const FcTask fc_deep_refine_task = {.number = FC_DEEP_TASK_REFINE, .run = refine_part};
const FcTask fc_deep_learn_classes_task = {.number = FC_DEEP_TASK_LEARN_CLASSES, .run = learn_part};

static void
refine_step(FcDeep *t)
{
	FcDeepRefine *r = &t->refine;

	fc_deep_take_targets(t, t->rows.list + t->turn->first, r->size);
	fc_deep_share(t, &fc_deep_refine_task, r->size);
	fc_deep_add_loss(t, 1);
	t->turn->how = (FcOptimizer) {.adapts = true, .adam = fc_adam(r->rate), .step = t->course.steps};
	fc_team_run(t->fit, &fc_deep_learn_classes_task, (r->head.v != NULL) + fc_net_ranges(&r->net, r->net.count));
}

/* ---- refresh: a pass over all rows ---- */

/* Adds memberships / VIEWS of a part to q (rows, k) */
static void
add_view(FcDeep *t, FcDeepPart p, FcBatch *part, const FcReal *x, FcReal *q)
{
	FcDeepRefine *r = &t->refine;
	FcReal	   *own = r->q + (int64_t) p.first * t->k;

	fc_batch_apply(part, x, p.rows, r->net.count);
	find_memberships(t, fc_batch_output(part), p.rows, own);
	for (int64_t i = 0; i < (int64_t) p.rows * t->k; i++)
		q[i] += own[i] / VIEWS;
}

/* Eq. 1 for a part of a batch, and its hidden layers; without images all views are the same */
static void
view_part(FcFit *f, int64_t portion)
{
	FcDeep	   *t = f->work;
	FcDeepRefine *r = &t->refine;
	FcDeepPart	p = fc_deep_part(t, portion);
	int64_t		at = (int64_t) p.first * t->d;
	const FcReal *x = fc_deep_input(t) + at;
	FcReal	   *q = t->work.p + (int64_t) p.first * t->k;
	FcBatch		part;

	fc_deep_batch_part(t, &r->batch, p, &part);
	memset(q, 0, sizeof(FcReal) * p.rows * t->k);
	add_view(t, p, &part, x, q);
	memcpy(r->hidden + (int64_t) p.first * r->width, fc_batch_embedding(&part), sizeof(FcReal) * p.rows * r->width);
	for (int view = 1; t->turn->moves && view < VIEWS; view++)
		add_view(t, p, &part,
				 fc_deep_augment(t, x, (int64_t) (view - 1) * t->turn->size + p.first, p.rows, t->rows.moved + at), q);
	fc_normalize_rows(q, p.rows, t->k);
}

const FcTask fc_deep_view_task = {.number = FC_DEEP_TASK_VIEW, .run = view_part};

/* Rows from "first" on, at most refine.size, are the batch */
static void
gather_batch(FcDeep *t, int64_t first, int32_t rows)
{
	fc_deep_gather_in_order(t, first, rows);
	fc_deep_turn(t, 0, rows, t->refine.batch.rng);
}

/* Eq. 1 for a chunk of the rows, from "first" on, whose hidden layers are kept */
static void
view_chunk(FcDeep *t, const FcPortion *chunk)
{
	FcDeepRefine *r = &t->refine;
	FcColumn   *target = &t->clusters.target;

	for (FcPortion p = fc_portions(&t->fit->hooks, chunk->rows, r->size); fc_next_portion(&p);)
	{
		int64_t		first = chunk->first + p.first;

		gather_batch(t, first, (int32_t) p.rows);
		fc_deep_share(t, &fc_deep_view_task, (int32_t) p.rows);
		fc_deep_moved(t, (VIEWS - 1) * p.rows);
		memcpy(fc_column_place(&r->h, p.first, p.rows), r->hidden, sizeof(FcReal) * p.rows * r->width);
		memcpy(fc_column_place(target, first, p.rows), t->work.p, sizeof(FcReal) * p.rows * t->k);
		fc_column_write(&r->h, p.first, p.rows);
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
		fc_deep_smooth_targets(t, (FcSlice) {&r->h, 0, p.rows}, p.first, ROUNDS);
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
	double		more = t->model->option[FC_DEEP_REFINE_AUGMENT];

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

		t->refine.rate = fc_cosine_rate(m->option[FC_DEEP_REFINE_RATE], LEAST_RATE, course->epoch, epochs);
		if (!fc_deep_epoch(t, &t->refine.batch, t->refine.size, refine_step, NULL))
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

/* Outputs of the net, and memberships in t->work.q, of a part of a batch */
static void
classify_part(FcFit *f, int64_t portion)
{
	FcDeep	   *t = f->work;
	FcDeepRefine *r = &t->refine;
	FcDeepPart	p = fc_deep_part(t, portion);
	FcBatch		part;

	fc_deep_batch_part(t, &r->batch, p, &part);
	fc_batch_apply(&part, fc_deep_input(t) + (int64_t) p.first * t->d, p.rows, r->net.count);
	find_memberships(t, fc_batch_output(&part), p.rows, t->work.q + (int64_t) p.first * t->k);
}

const FcTask fc_deep_classify_task = {.number = FC_DEEP_TASK_CLASSIFY, .run = classify_part};

/* Of rows from "first" on, at most refine.size: outputs (rows, outputs), and memberships in t->work.q */
const FcReal *
fc_deep_classify(FcDeep *t, int64_t first, int32_t rows)
{
	gather_batch(t, first, rows);
	fc_deep_share(t, &fc_deep_classify_task, rows);
	return fc_batch_output(&t->refine.batch);
}
