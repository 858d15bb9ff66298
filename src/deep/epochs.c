/*
 * epochs.c - epochs, and the first phase: the autoencoder
 *
 *	L = mean (y - x)^2,  y = decoder(encoder(x))			(eq. 1)
 *
 * over a batch.  If rows are images, x is shifted, rotated and zoomed
 * slightly, differently each time, and is also the target of y (as in DEC-DA,
 * Guo et al., 2018).  The last rows of an epoch that do not fill a batch are
 * left out; the next epoch has others there.
 */
#include "deep/training.h"

#include <math.h>
#include <string.h>

#define MOMENTUM	0.9

void
fc_deep_train_layout(FcArena *a, FcDeep *t)
{
	const double *option = t->model->option;

	t->rows.moves = option[FC_DEEP_SHAPE] > 0 &&
		(option[FC_DEEP_SHIFT] > 0 || option[FC_DEEP_ROTATION] > 0 || option[FC_DEEP_ZOOM] > 0);
	t->rows.augment = (FcAugment) {
		.rotation = option[FC_DEEP_ROTATION], .shift = option[FC_DEEP_SHIFT], .zoom = option[FC_DEEP_ZOOM]
	};
	t->network.gradients = fc_take(a, t->network.net.parameters, sizeof(FcReal));
	t->network.moment[0] = fc_take(a, t->network.net.parameters, sizeof(FcReal));
	if (option[FC_DEEP_OPTIMIZER] == FC_ADAM)
		t->network.moment[1] = fc_take(a, t->network.net.parameters, sizeof(FcReal));
}

/* Random numbers and moments of a phase are its own */
void
fc_deep_phase(FcDeep *t, int phase)
{
	uint64_t	seed = (uint64_t) t->model->common[FC_SEED];

	fc_rng_start(&t->course.rng, seed, FC_DEEP_STREAM_ROWS + 2 * phase);
	fc_rng_start(&t->network.batch.rng, seed, FC_DEEP_STREAM_ROWS + 2 * phase + 1);
	t->course.phase = phase;
	t->fit->phase = phase;
	t->course.epoch = 0;
	t->course.changed = 0;
	t->course.steps = 0;
	for (int i = 0; i < 2 && t->network.moment[i]; i++)
		fc_clear(&t->fit->hooks, t->network.moment[i], sizeof(FcReal) * t->network.net.parameters);
}

/* A step of the optimizer, the t->course.steps-th */
void
fc_deep_optimize(FcDeep *t, double rate, size_t count, const FcReal *gradients, FcReal *const *moment,
				 FcReal *parameters)
{
	FcAdam		adam = fc_adam(rate);
	FcSgd		sgd = {rate, MOMENTUM};

	if (t->model->option[FC_DEEP_OPTIMIZER] == FC_ADAM)
		fc_adam_step(&adam, &t->network.batch.hooks, t->course.steps, count, gradients, moment[0], moment[1], parameters);
	else
		fc_sgd_step(&sgd, &t->network.batch.hooks, count, gradients, moment[0], parameters);
}

/* Input rows of the network: as they are, or augmented, in "moved" */
const FcReal *
fc_deep_move(FcDeep *t, const FcReal *x, int64_t count, FcReal *moved)
{
	if (!t->rows.moves)
		return x;
	fc_augment(&t->rows.augment, t->rows.image, &t->network.batch.hooks, &t->course.rng, x, count, moved);
	return moved;
}

/* Eq. 1 of the batch that was encoded: its gradient is left for backward */
void
fc_deep_decode(FcDeep *t, const FcReal *x)
{
	fc_batch_decode(&t->network.batch);
	t->course.loss[0] += fc_mse(&t->network.batch.hooks, fc_batch_output(&t->network.batch), x, (int64_t) t->batch_size * t->d, 1,
						 fc_batch_output_gradient(&t->network.batch));
}

/* All batches of the given number of rows of a permutation; false if a loss is not finite */
bool
fc_deep_epoch(FcDeep *t, int32_t size, FcDeepStep step)
{
	int64_t		all = t->n / size * size;
	int64_t		window = t->rows.window / size * size;

	t->course.loss[0] = t->course.loss[1] = 0;
	t->model->iterations++;
	fc_deep_shuffle(t);
	for (int64_t first = 0; first < all; first += size)
	{
		if (first % window == 0)
			fc_deep_gather(t, first, (int32_t) (all - first < window ? all - first : window));
		fc_check(&t->fit->hooks);
		t->course.steps++;
		t->fit->rows_done = first;
		step(t, t->rows.x + first % window * t->d, t->rows.list + first % window);
		if (!isfinite(t->course.loss[0]) || !isfinite(t->course.loss[1]))
			return false;
	}
	t->course.loss[0] /= all / size;
	t->course.loss[1] /= all / size;
	return true;
}

/* The training ends before it has converged: why, and when */
void
fc_deep_guard(FcDeep *t, FcGuard why)
{
	t->fit->guard = why;
	t->fit->guard_phase = t->course.phase;
	t->fit->guard_epoch = t->model->iterations;
	t->model->converged = false;
}

/* A row of the history; change is the share of the rows that changed their cluster */
void
fc_deep_record(FcDeep *t, double change)
{
	FcModel    *m = t->model;
	double		row[FC_HISTORY_COLUMNS] = {0};

	m->objective = t->course.loss[0];
	if (t->course.phase == FC_CLUSTERING)
		m->objective += t->method->weight(m) * t->course.loss[1];
	if (t->course.phase == FC_REFINING)
		m->objective = t->course.loss[1];
	row[FC_HISTORY_ITERATION] = m->iterations;
	row[FC_HISTORY_OBJECTIVE] = m->objective;
	row[FC_HISTORY_CHANGE] = change;
	row[FC_HISTORY_PHASE] = t->course.phase;
	row[FC_HISTORY_RECONSTRUCTION] = t->course.loss[0];
	row[FC_HISTORY_CLUSTERING] = t->course.loss[1];
	fc_model_record(m, row);
	if (t->fit->hooks.progress)
		t->fit->hooks.progress(t->fit->hooks.arg, m->iterations, m->objective, change);
	if (t->fit->epoch)
		t->fit->epoch(t->fit, t);
}

/* ---- the first phase ---- */

static void
pretrain_step(FcDeep *t, const FcReal *x, const int32_t *rows)
{
	(void) rows;
	x = fc_deep_move(t, x, t->batch_size, t->rows.moved);
	fc_batch_encode(&t->network.batch, x, t->batch_size);
	fc_deep_decode(t, x);
	fc_batch_backward(&t->network.batch, true, NULL);
	fc_deep_optimize(t, t->model->option[FC_DEEP_LEARNING_RATE], t->network.net.parameters, t->network.gradients, t->network.moment,
					 t->network.parameters);
}

FcStatus
fc_deep_pretrain(FcDeep *t)
{
	FcModel    *m = t->model;
	double		epochs = m->option[FC_DEEP_PRETRAIN_EPOCHS];

	if (t->course.phase != FC_PRETRAINING)
		fc_deep_phase(t, FC_PRETRAINING);
	while (m->iterations < epochs && m->iterations < m->common[FC_MAX_ITERATIONS])
	{
		if (!fc_deep_epoch(t, t->batch_size, pretrain_step))
			return FC_DIVERGED;
		fc_deep_record(t, 0);
	}
	m->converged = m->iterations >= epochs;
	return FC_OK;
}
