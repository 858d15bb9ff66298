/*
 * epochs.c - epochs, and the first phase: the autoencoder
 *
 *	L = mean (y - x)^2,  y = decoder(encoder(x))			(eq. 1)
 *
 * over a batch.  If rows are images, x is shifted, rotated and zoomed
 * slightly, differently each time, and is also the target of y (as in DEC-DA,
 * Guo et al., 2018).  The last rows of an epoch that do not fill a batch are
 * left out; these are different rows in each epoch.
 */
#include "deep/training.h"

#include <math.h>
#include <string.h>

/* The option of the second phase, where it is given */
static double
of_phase(const FcModel *m, int phase, int option, int option_of_clustering)
{
	bool		own = phase == FC_CLUSTERING && fc_deep_method(m)->loss && !isnan(m->option[option_of_clustering]);

	return m->option[own ? option_of_clustering : option];
}

/* How far images are moved about in one of the first two phases */
void
fc_deep_choose_augment(FcDeep *t, int phase)
{
	const FcModel *m = t->model;
	FcDeepRows *r = &t->rows;

	r->augment = (FcAugment) {
		.rotation = of_phase(m, phase, FC_DEEP_ROTATION, FC_DEEP_CLUSTER_ROTATION),
		.shift = of_phase(m, phase, FC_DEEP_SHIFT, FC_DEEP_CLUSTER_SHIFT),
		.zoom = of_phase(m, phase, FC_DEEP_ZOOM, FC_DEEP_CLUSTER_ZOOM)
	};
	r->moves = m->option[FC_DEEP_SHAPE] > 0 && (r->augment.shift > 0 || r->augment.rotation > 0 || r->augment.zoom > 0);
}

/* Images are moved about if they are in one of the phases */
void
fc_deep_network_layout(FcArena *a, FcDeep *t)
{
	FcDeepNetwork *n = &t->network;
	FcDeepRows *r = &t->rows;
	const double *option = t->model->option;

	(void) fc_deep_net(&n->net, t->model);
	fc_batch_layout(a, &n->batch, &n->net, n->net.count, t->batch_size, true);
	for (int i = 0; i < (option[FC_DEEP_OPTIMIZER] == FC_ADAM ? 2 : 1); i++)
		n->moment[i] = fc_take_shared(a, n->net.parameters, sizeof(FcReal));
	n->room = fc_take(a, fc_net_range_room(&n->net), sizeof(FcReal));
	fc_deep_choose_augment(t, FC_CLUSTERING);
	if (!r->moves)
		fc_deep_choose_augment(t, FC_PRETRAINING);
}

/* Random numbers and moments of a phase are its own */
void
fc_deep_begin_phase(FcDeep *t, int phase)
{
	FcDeepCourse *course = &t->course;
	FcDeepNetwork *n = &t->network;
	uint64_t	seed = (uint64_t) t->model->common[FC_SEED];

	fc_rng_start(&course->rng, seed, FC_DEEP_STREAM_ROWS + 2 * phase);
	fc_rng_start(&n->batch.rng, seed, FC_DEEP_STREAM_ROWS + 2 * phase + 1);
	if (phase != FC_REFINING)
		fc_deep_choose_augment(t, phase);
	course->phase = phase;
	t->fit->course.phase = phase;
	course->epoch = 0;
	course->changed = 0;
	course->ends = 0;
	course->steps = 0;
	for (int i = 0; i < 2 && n->moment[i]; i++)
		fc_clear(&t->fit->hooks, n->moment[i], sizeof(FcReal) * n->net.parameters);
}

/* ---- a step ---- */

/* Eq. 1 of a part of a batch that was encoded: its gradient is left for backward */
void
fc_deep_decode(FcDeep *t, FcBatch *part, FcDeepPart p)
{
	int32_t		d = t->d;

	fc_batch_decode(part);
	for (int64_t i = 0; i < p.rows; i++)
		t->loss[0][p.first + i] = fc_mse(&part->hooks, fc_batch_output(part) + i * d, part->x + i * d, d,
										 1.0 / t->turn->size, fc_batch_output_gradient(part) + i * d);
}

/* A range of the network's parameters learns from the whole batch */
void
fc_deep_learn(FcDeep *t, int64_t number)
{
	FcDeepNetwork *n = &t->network;

	fc_deep_whole(t, &n->batch);
	fc_learn_range(&n->batch, fc_net_range(&n->net, number), &t->turn->how, n->moment, n->parameters, n->room);
}

/* ---- an epoch ---- */

/* A batch in the window */
static void
make_step(FcDeep *t, FcBatch *b, int32_t at, int32_t size, FcDeepStep step)
{
	t->course.steps++;
	fc_deep_turn(t, at, size, b->rng);
	step(t);
	fc_deep_moved(t, size);
	fc_batch_next(b, size);
}

/* Rows from "first" on, as many as there is room for, become the window */
static int64_t
begin_window(FcDeep *t, int64_t first, int64_t all, int64_t window)
{
	fc_deep_gather(t, first, (int32_t) (all - first < window ? all - first : window));
	return first;
}

/*
 * All batches of the given number of rows of a permutation; false if a loss is not finite.  Before each of them "pause",
 * unless it is NULL, may take time for something else, and says so: then the rows that are at hand are others.
 */
bool
fc_deep_epoch(FcDeep *t, FcBatch *b, int32_t size, FcDeepStep step, FcDeepPause pause)
{
	double	   *loss = t->course.loss;
	int64_t		all = t->n / size * size;
	int64_t		window = t->rows.window / size * size;
	int64_t		begin = -window;
	int64_t		steps = t->course.steps;

	loss[0] = loss[1] = 0;
	t->model->iterations++;
	fc_deep_shuffle(t);
	for (FcPortion p = fc_portions(&t->fit->hooks, all, size); fc_next_portion(&p);)
	{
		bool		other = pause && pause(t);

		if (t->course.ends)
			break;
		if (other || p.first - begin >= window)
			begin = begin_window(t, p.first, all, window);
		t->fit->course.rows_done = p.first;
		make_step(t, b, (int32_t) (p.first - begin), size, step);
		if (!isfinite(loss[0]) || !isfinite(loss[1]))
			return false;
	}
	for (int i = 0; i < 2 && t->course.steps > steps; i++)
		loss[i] /= t->course.steps - steps;
	return true;
}

/* The training ends before it has converged: why, and when */
void
fc_deep_end_early(FcDeep *t, FcGuard why)
{
	t->outcome.guard = why;
	t->outcome.guard_phase = t->course.phase;
	t->outcome.guard_epoch = t->model->iterations;
	t->model->converged = false;
}

/* What the epoch minimized */
static double
objective(const FcDeep *t)
{
	const double *loss = t->course.loss;

	if (t->course.phase == FC_REFINING)
		return loss[1];
	if (t->course.phase == FC_CLUSTERING)
		return loss[0] + fc_deep_option(t->model, t->method->loss_weight, 1) * loss[1];
	return loss[0];
}

/* A row of the history; change is the share of the rows that changed their cluster */
void
fc_deep_record(FcDeep *t, double change)
{
	FcModel    *m = t->model;
	const FcHooks *hooks = &t->fit->hooks;
	double		row[FC_HISTORY_COLUMNS] = {0};

	m->objective = objective(t);
	row[FC_HISTORY_ITERATION] = m->iterations;
	row[FC_HISTORY_OBJECTIVE] = m->objective;
	row[FC_HISTORY_CHANGE] = change;
	row[FC_HISTORY_PHASE] = t->course.phase;
	row[FC_HISTORY_RECONSTRUCTION] = t->course.loss[0];
	row[FC_HISTORY_CLUSTERING] = t->course.loss[1];
	fc_model_record(m, row);
	if (hooks->progress)
		hooks->progress(hooks->arg, m->iterations, m->objective, change);
	if (t->fit->resume.epoch)
		t->fit->resume.epoch(t->fit, t);
}

/* ---- the first phase ---- */

static void
pretrain_part(FcFit *f, int64_t portion)
{
	FcDeep	   *t = f->work;
	FcDeepPart	p = fc_deep_part(t, portion);
	FcBatch		part;

	fc_deep_encode_part(t, &t->network.batch, p, &part);
	fc_deep_decode(t, &part, p);
	fc_batch_backward(&part, true, NULL);
}

static void
learn_range(FcFit *f, int64_t portion)
{
	fc_deep_learn(f->work, portion);
}

const FcTask fc_deep_pretrain_task = {.number = FC_DEEP_TASK_PRETRAIN, .run = pretrain_part};
const FcTask fc_deep_learn_codes_task = {.number = FC_DEEP_TASK_LEARN_CODES, .run = learn_range};

static void
pretrain_step(FcDeep *t)
{
	const FcNet *net = &t->network.net;

	fc_deep_share(t, &fc_deep_pretrain_task, t->turn->size);
	fc_deep_add_loss(t, 0);
	t->turn->how = fc_deep_optimizer(t, t->model->option[FC_DEEP_LEARNING_RATE]);
	fc_team_run(t->fit, &fc_deep_learn_codes_task, fc_net_ranges(net, net->count));
}

FcStatus
fc_deep_pretrain(FcDeep *t)
{
	FcModel    *m = t->model;
	double		epochs = m->option[FC_DEEP_PRETRAIN_EPOCHS];

	if (t->course.phase != FC_PRETRAINING)
		fc_deep_begin_phase(t, FC_PRETRAINING);
	while (m->iterations < epochs && m->iterations < m->common[FC_MAX_ITERATIONS])
	{
		if (!fc_deep_epoch(t, &t->network.batch, t->batch_size, pretrain_step, NULL))
			return FC_DIVERGED;
		fc_deep_record(t, 0);
	}
	m->converged = m->iterations >= epochs;
	return FC_OK;
}
