/*
 * cluster.c - the second phase: codes and centers learn together
 *
 *	L = mean (y - x)^2 + weight L_method(z, v, p)			(eq. 1)
 *
 * Every few epochs, or steps, a refresh, a pass over all rows without augmentation,
 * computes codes, memberships q of the method, and from them the targets p for
 * the next epochs:
 *
 *	weights of dimensions by q, if the method has them, and q by these
 *	q of neighbours are smoothed as in targets.c, in rounds of which there are
 *		at most n / (10 k): by then they reach across a cluster				(eq. 2)
 *	p = target(q) of nn/target.c, or q itself								(eq. 3)
 *
 * Labels are the largest q.  The phase ends when few of them change from one
 * refresh to the next, or after the maximum number of epochs.
 *
 * Methods that only attract rows to centers can collapse.  So there is a
 * guard: if a cluster has grown or shrunk too much, or centers of unit length
 * have all merged, or the loss is not a number, the phase ends with the best
 * state of all refreshes, by the mean of (b - a) / max(a, b), a and b the
 * distances to the nearest two centers (the simplified silhouette).
 */
#include "deep/training.h"

#include <math.h>
#include <string.h>

#define MOST			3.0		/* of n / k rows: a collapse */
#define FEWEST			0.1
#define ALIKE			0.9		/* mean cosine of centers */
#define ROUNDS			20		/* of EM, before the first refresh */
#define GROWTH			1.5		/* clusters that were so large or small at first may be a little more so */

/* ---- memory ---- */

static void
best_layout(FcArena *a, FcDeep *t)
{
	FcDeepBest *best = &t->best;
	size_t		count = fc_times(t->k, t->latent);

	best->centers.v = fc_take(a, count, sizeof(FcReal));
	if (t->method->has_weights)
		best->centers.w = fc_take(a, count, sizeof(FcReal));
	if (t->joint.count > 0)
		best->centers.second = fc_take(a, t->network.net.encoder_parameters, sizeof(FcReal));
	best->parameters = fc_take(a, t->network.net.parameters, sizeof(FcReal));
	t->clusters.frequency = fc_take(a, fc_times(t->k, t->latent + 1), sizeof(double));
}

static void
centers_layout(FcArena *a, FcDeep *t)
{
	FcDeepCenters *now = &t->clusters.now;
	size_t		count = fc_times(t->k, t->latent);

	now->v = fc_take_shared(a, count, sizeof(FcReal));
	if (t->method->has_weights)
		now->w = fc_take_shared(a, count, sizeof(FcReal));
}

void
fc_deep_cluster_layout(FcArena *a, FcDeep *t)
{
	FcDeepWork *w = &t->work;
	size_t		batch = t->batch_size;
	size_t		count = fc_times(t->k, t->latent);

	centers_layout(a, t);
	w->q = fc_take_shared(a, fc_times(batch, t->k), sizeof(FcReal));
	if (t->method->loss == NULL)
		return;
	w->dv = fc_take(a, count, sizeof(FcReal));
	for (int i = 0; i < 2; i++)
		w->moment[i] = fc_take_shared(a, count, sizeof(FcReal));
	w->dz = fc_take_shared(a, fc_times(batch, t->latent), sizeof(FcReal));
	w->s = fc_take_shared(a, fc_times(batch, t->k), sizeof(FcReal));
	w->p = fc_take_shared(a, fc_times(batch, t->k), sizeof(FcReal));
	fc_deep_variation_layout(a, t);
	if (!fc_deep_leads(t))
		return;
	best_layout(a, t);
	fc_deep_targets_layout(a, t);
}

/* ---- codes and centers ---- */

/* Codes among the present centers; for a loss, distances are scaled as it requires */
FcCodes
fc_deep_codes(const FcDeep *t, const FcReal *z, int64_t n, bool loss)
{
	const FcDeepCenters *now = &t->clusters.now;
	double		scale = now->w ? t->latent : 1;

	if (loss)
		scale *= fc_deep_option(t->model, t->method->distance_scale, 1);
	return (FcCodes) {
		.n = n, .k = t->k, .m = t->latent, .z = z, .v = now->v, .w = now->w, .scale = scale, .more = now->more,
		.hooks = &t->network.batch.hooks
	};
}

/* The codes of a portion of the rows */
static FcCodes
codes_of(FcDeep *t, const FcPortion *p, bool loss)
{
	return fc_deep_codes(t, fc_column_read(&t->clusters.z, p->first, p->rows), p->rows, loss);
}

static void
copy_state(FcDeep *t, FcDeepCenters *to, FcReal *network, const FcDeepCenters *from, const FcReal *parameters)
{
	const FcNet *net = &t->network.net;
	size_t		size = sizeof(FcReal) * t->k * t->latent;

	fc_check(&t->fit->hooks);
	fc_copy(&t->fit->hooks, network, parameters, sizeof(FcReal) * net->parameters);
	memcpy(to->v, from->v, size);
	if (to->w)
		memcpy(to->w, from->w, size);
	if (to->more)
		memcpy(to->more, from->more, sizeof(FcReal) * fc_deep_more(t->model));
	if (to->second)
		fc_copy(&t->fit->hooks, to->second, from->second, sizeof(FcReal) * net->encoder_parameters);
}

/* ---- the guard ---- */

/* 1 - a / b of a row, by its squared distances to the centers; 0 where there is one */
static double
silhouette(const FcReal *distance, int32_t k)
{
	double		a = INFINITY;
	double		b = INFINITY;

	for (int32_t c = 0; c < k; c++)
	{
		b = distance[c] < a ? a : fmin(b, distance[c]);
		a = fmin(a, distance[c]);
	}
	return isfinite(b) && b > 0 ? 1 - sqrt(a / b) : 0;
}

/* The simplified silhouette at the centers, in the method's metric */
static double
find_quality(FcDeep *t)
{
	const FcReal *distance = t->work.q;
	double		sum = 0;

	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
	{
		FcCodes		codes = codes_of(t, &p, false);

		fc_codes_distances(&codes, t->work.q);
		for (int64_t i = 0; i < p.rows; i++)
			sum += silhouette(distance + i * t->k, t->k);
	}
	return sum / t->n;
}

/* Mean cosine of two centers of unit length */
static double
mean_cosine(const FcDeep *t)
{
	double		squares = 0;

	for (int32_t j = 0; j < t->latent; j++)
	{
		double		sum = 0;

		for (int32_t c = 0; c < t->k; c++)
			sum += t->clusters.now.v[(int64_t) c * t->latent + j];
		squares += sum * sum;
	}
	return (squares - t->k) / ((double) t->k * (t->k - 1));
}

/* Shares of the rows that are in the smallest and in the largest cluster */
static void
find_shares(FcDeep *t, double *smallest, double *largest)
{
	*smallest = 1;
	*largest = 0;
	fc_deep_count_labels(t);
	for (int32_t c = 0; c < t->k; c++)
	{
		*largest = fmax(*largest, (double) t->clusters.count[c] / t->n);
		*smallest = fmin(*smallest, (double) t->clusters.count[c] / t->n);
	}
}

/* By the first clusters */
static void
set_limits(FcDeep *t)
{
	double		fair = 1.0 / t->k;
	double		smallest;
	double		largest;

	find_shares(t, &smallest, &largest);
	t->best.largest = fmax(MOST * fair, GROWTH * largest);
	t->best.smallest = fmin(FEWEST * fair, smallest / GROWTH);
}

static bool
has_collapsed(FcDeep *t)
{
	double		smallest;
	double		largest;

	if (t->k == 1)
		return false;
	find_shares(t, &smallest, &largest);
	return largest > t->best.largest || smallest < t->best.smallest ||
		(t->method->unit_centers && mean_cosine(t) > ALIKE);
}

/* ---- refresh: a pass over all rows ---- */

/* q of all rows: memberships, or similarities if a method makes its targets from others */
static void
find_memberships(FcDeep *t)
{
	FcColumn   *target = &t->clusters.target;
	const FcDeepMethod *method = t->method;

	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
	{
		FcCodes		codes = codes_of(t, &p, true);

		(method->similarities ? method->similarities : method->memberships) (t->model, &codes,
																			fc_column_place(target, p.first, p.rows));
		fc_column_write(target, p.first, p.rows);
	}
}

/* A round of EM, where clusters are distributions */
static void
fit_mixture(FcDeep *t)
{
	find_memberships(t);
	fc_deep_fit_mixture(t);
}

/* Eq. 2 */
static void
smooth_memberships(FcDeep *t)
{
	FcDeepSmoothing *s = &t->smoothing;
	double		asked = t->model->option[FC_DEEP_SMOOTHING];

	if (!s->by_codes)
		return;
	for (FcPortion p = fc_deep_portions(t, s->chunk); fc_next_portion(&p);)
	{
		int64_t		most = p.rows / ((int64_t) FC_DEEP_NEIGHBORS * t->k);
		FcSlice		codes = {&t->clusters.z, p.first, p.rows};

		fc_deep_smooth_targets(t, codes, p.first, (int) (asked < most ? asked : most));
	}
}

/* Weights of dimensions, by the q of all rows, which are then those by the new weights */
static void
weigh_dimensions(FcDeep *t)
{
	double		exponent = t->method->weight_exponent ? t->method->weight_exponent(t->model) : 0;
	double	   *spread = t->clusters.frequency + t->k;

	if (exponent == 0)
		return;
	memset(spread, 0, sizeof(double) * t->k * t->latent);
	for (FcPortion p = fc_deep_tiles(t); fc_next_portion(&p);)
	{
		FcCodes		codes = codes_of(t, &p, false);

		fc_code_spread(&codes, fc_column_read(&t->clusters.target, p.first, p.rows), exponent, spread);
	}
	fc_code_weights(spread, t->k, t->latent, t->clusters.now.w);
	find_memberships(t);
}

static void
keep_best(FcDeep *t, bool first)
{
	double		quality = find_quality(t);

	if (!first && !(quality > t->best.quality))
		return;
	t->best.quality = quality;
	copy_state(t, &t->best.centers, t->best.parameters, &t->clusters.now, t->network.parameters);
}

/* New targets.  False: the clusters have collapsed */
static bool
refresh(FcDeep *t, bool first)
{
	fc_deep_embed_all(t);
	if (!first && t->method->center_weights)
		fc_deep_move_to_means(t);
	if (!first && t->method->variational)
		fit_mixture(t);
	if (first && t->method->starts_crisp)
		fc_deep_target_labels(t);
	else
		find_memberships(t);
	if (!first || !fc_deep_has_earlier_weights(t))
		weigh_dimensions(t);
	smooth_memberships(t);
	t->course.changed = fc_deep_label_rows(t);
	if (first)
		set_limits(t);
	else if (has_collapsed(t))
		return false;
	keep_best(t, first);
	if (t->method->sharpens)
		fc_deep_sharpen_targets(t);
	return true;
}

/* Restores the best state; codes, memberships and labels are recomputed from it */
static void
restore_best(FcDeep *t, FcGuard why)
{
	copy_state(t, &t->clusters.now, t->network.parameters, &t->best.centers, t->best.parameters);
	fc_deep_embed_all(t);
	find_memberships(t);
	(void) fc_deep_label_rows(t);
	fc_deep_end_early(t, why);
}

/* ---- epochs ---- */

/* L_method of rows that were encoded, each by itself: gradients of their codes are left in t->work */
static void
find_loss(FcDeep *t, FcDeepPart p, const FcBatch *part)
{
	FcDeepWork *w = &t->work;
	double		weight = fc_deep_option(t->model, t->method->loss_weight, 1) / t->turn->size;

	for (int64_t i = 0; i < p.rows; i++)
	{
		int64_t		row = p.first + i;
		FcDeepLoss	l = {
			.model = t->model, .codes = fc_deep_codes(t, fc_batch_embedding(part) + i * t->latent, 1, true),
			.p = w->p + row * t->k, .weight = weight, .q = w->q + row * t->k, .s = w->s + row * t->k,
			.dz = w->dz + row * t->latent, .progress = t->turn->progress
		};

		if (t->method->variational)
		{
			l.logs = t->variation.logs + row * t->latent;
			l.dlogs = t->variation.dlogs + row * t->latent;
		}

		t->loss[1][row] = t->method->loss(&l);
		if (t->turn->codes_stay)
			memset(l.dz, 0, sizeof(FcReal) * t->latent);
	}
}

/* From codes to gradients */
static void
find_gradients(FcDeep *t, FcDeepPart p, FcBatch *part)
{
	find_loss(t, p, part);
	if (t->method->decodes)
		fc_deep_decode(t, part, p);
}

/* Eq. 1 */
static void
cluster_part(FcFit *f, int64_t portion)
{
	FcDeep	   *t = f->work;
	FcDeepPart	p = fc_deep_part(t, portion);
	FcReal	   *dz = t->work.dz + (int64_t) p.first * t->latent;
	FcBatch		part;
	FcJoint		joint;

	if (t->joint.count > 0)
	{
		fc_deep_joint_part(t, p, &part, &joint);
		fc_deep_joint_encode(t, p, &joint, fc_deep_move(t, p));
		find_gradients(t, p, &part);
		fc_joint_backward(&joint, dz);
		return;
	}
	fc_deep_encode_part(t, &t->network.batch, p, &part);
	if (t->method->variational)
	{
		fc_deep_find_spread(t, p, &part);
		find_loss(t, p, &part);
		fc_deep_draw(t, p, &part);
		fc_deep_decode(t, &part, p);
		fc_deep_draw_backward(t, p, &part);
		return;
	}
	find_gradients(t, p, &part);
	fc_batch_backward(&part, t->method->decodes, dz);
}

static void
learn_centers(FcDeep *t)
{
	FcDeepWork *w = &t->work;
	FcReal	   *v = t->clusters.now.v;
	FcDeepMove	move = {
		.model = t->model, .codes = fc_deep_codes(t, fc_batch_embedding(&t->network.batch), t->turn->size, true),
		.q = w->q, .s = w->s, .dv = w->dv, .kept = w->moment[0], .v = v
	};

	if (t->turn->centers_stay || t->method->center_weights)
		return;
	if (t->method->variational)
	{
		fc_deep_learn_mixture(t);
		return;
	}
	if (t->method->move_centers)
	{
		t->method->move_centers(&move);
		return;
	}
	t->method->pull(&move.codes, w->s, NULL, w->dv);
	fc_optimize(&t->turn->how, move.codes.hooks, 0, (size_t) t->k * t->latent, w->dv, w->moment, v);
}

/* Ranges of the encoder of neighbours, if there is one */
static int64_t
joint_ranges(const FcDeep *t)
{
	const FcNet *net = &t->network.net;

	return t->joint.count > 0 ? fc_net_ranges(net, net->embedding) : 0;
}

/* The centers, or a range of an encoder, or of the decoder */
static void
learn_part(FcFit *f, int64_t portion)
{
	FcDeep	   *t = f->work;
	int64_t		others = joint_ranges(t);

	if (portion == 0)
		learn_centers(t);
	else if (portion <= others)
		fc_deep_joint_learn(t, portion - 1);
	else
		fc_deep_learn(t, portion - 1 - others);
}

const FcTask fc_deep_cluster_task = {.number = FC_DEEP_TASK_CLUSTER, .run = cluster_part};
const FcTask fc_deep_learn_clusters_task = {.number = FC_DEEP_TASK_LEARN_CLUSTERS, .run = learn_part};

/* What learns in this epoch */
static void
choose_learners(FcDeep *t)
{
	bool		alternates = fc_deep_option(t->model, t->method->alternates, 0) != 0;

	t->turn->codes_stay = alternates && t->course.epoch % 2 == 1;
	t->turn->centers_stay = alternates && t->course.epoch % 2 == 0;
}

static void
cluster_step(FcDeep *t)
{
	const FcNet *net = &t->network.net;
	int32_t		size = t->turn->size;

	fc_deep_take_targets(t, t->rows.list + t->turn->first, size);
	fc_deep_joint_gather(t);
	choose_learners(t);
	fc_deep_share(t, &fc_deep_cluster_task, size);
	fc_deep_add_loss(t, 1);
	if (t->method->decodes)
		fc_deep_add_loss(t, 0);
	t->turn->how = fc_deep_optimizer(t, t->model->option[FC_DEEP_CLUSTER_RATE]);
	fc_team_run(t->fit, &fc_deep_learn_clusters_task,
				1 + joint_ranges(t) + fc_net_ranges(net, t->method->decodes ? net->count : net->embedding));
	fc_deep_moved(t, (int64_t) size * t->joint.count);
	fc_batch_next(&t->network.batch, (int64_t) size * t->joint.count);
}

static void
begin(FcDeep *t)
{
	fc_deep_begin_phase(t, FC_CLUSTERING);
	for (int i = 0; i < 2; i++)
		memset(t->work.moment[i], 0, sizeof(FcReal) * t->k * t->latent);
	fc_deep_joint_phase(t);
	if (t->method->variational && fc_deep_begin_mixture(t))
		for (int i = 0; i < ROUNDS; i++)
			fit_mixture(t);
}

/* Before a step: a refresh, if it is time by their number, after which the phase may end */
static bool
pause_step(FcDeep *t)
{
	FcDeepCourse *course = &t->course;
	double		steps = t->model->option[FC_DEEP_REFRESH_STEPS];

	if (isnan(steps) || course->steps == 0 || course->steps % (int64_t) steps != 0)
		return false;
	if (!refresh(t, false))
	{
		restore_best(t, FC_COLLAPSED);
		course->ends = 1;
	}
	else
		course->ends = course->changed <= t->model->option[FC_DEEP_LABEL_TOLERANCE];
	return true;
}

/* Is it time for a refresh, before the first epoch or after others? */
static bool
is_due(const FcDeep *t)
{
	const double *option = t->model->option;
	int32_t		epoch = t->course.epoch;

	return epoch == 0 || (isnan(option[FC_DEEP_REFRESH_STEPS]) && epoch % (int32_t) option[FC_DEEP_REFRESH] == 0);
}

/* False: the phase has come to its end */
static bool
run_epoch(FcDeep *t)
{
	FcDeepCourse *course = &t->course;
	int64_t		steps = course->steps;

	if (!fc_deep_epoch(t, &t->network.batch, t->batch_size, cluster_step, pause_step))
	{
		t->model->iterations--;	/* the epoch does not count */
		restore_best(t, FC_LOST);
		return false;
	}
	if (course->steps == steps)
	{
		t->model->iterations--;
		return false;
	}
	course->epoch++;
	fc_deep_record(t, course->changed);
	return !course->ends;
}

void
fc_deep_cluster(FcDeep *t)
{
	FcDeepCourse *course = &t->course;
	FcModel    *m = t->model;
	int32_t		epochs = (int32_t) m->option[FC_DEEP_EPOCHS];

	if (course->phase != FC_CLUSTERING)
		begin(t);
	if (course->ends)			/* a state of its end */
	{
		fc_deep_embed_all(t);
		return;
	}
	for (;;)
	{
		bool		first = course->epoch == 0;
		bool		due = is_due(t);
		bool		last = course->epoch == epochs || m->iterations >= m->common[FC_MAX_ITERATIONS];

		if ((due || last) && !refresh(t, first))
		{
			restore_best(t, FC_COLLAPSED);
			return;
		}
		if (!first && due && course->changed <= m->option[FC_DEEP_LABEL_TOLERANCE])
			return;
		if (last)
		{
			m->converged = m->converged && course->epoch == epochs;
			return;
		}
		if (!run_epoch(t))
			return;
	}
}
