/*
 * step.c - batches that members of a team share
 *
 * A step of a training, and a batch of a pass over all rows, is divided in two ways:
 * among parts of its rows, and, to learn, among ranges of the parameters (see
 * nn/net.h).  What either computes does not depend on where parts and ranges end, so
 * there is a part for each member: products of fewer rows take longer for a row.  The
 * leader says in t->turn what a batch is about; batches and parameters lie in memory
 * that all members see.
 *
 * Losses are kept for each row, and added in the order of rows.
 */
#include "deep/training.h"

#define LEAST_ROWS	8			/* of a part */
#define MOMENTUM	0.9

void
fc_deep_step_layout(FcArena *a, FcDeep *t)
{
	t->turn = fc_take_shared(a, 1, sizeof(FcDeepTurn));
	for (int i = 0; i < 2; i++)
		t->loss[i] = fc_take_shared(a, t->batch_size, sizeof(double));
}

/* What is common to all tasks of a batch: "size" rows, from "first" on in the window, and the network's random numbers */
void
fc_deep_turn(FcDeep *t, int32_t first, int32_t size, FcRng rng)
{
	FcDeepTurn *turn = t->turn;

	turn->first = first;
	turn->size = size;
	turn->moving = t->course.rng;
	turn->rng = rng;
	turn->moves = t->rows.moves;
	turn->augment = t->rows.augment;
	turn->step = t->course.steps;
	if (t->course.phase == FC_CLUSTERING)
		turn->progress = t->course.epoch / t->model->option[FC_DEEP_EPOCHS];
}

/* A task for which "count" rows are divided */
void
fc_deep_share(FcDeep *t, const FcTask *task, int32_t count)
{
	const FcTeam *team = t->fit->team;
	int32_t		most = count / LEAST_ROWS > 1 ? count / LEAST_ROWS : 1;
	int32_t		parts = team ? team->members : 1;

	t->turn->count = count;
	t->turn->parts = parts < most ? parts : most;
	fc_team_run(t->fit, task, t->turn->parts);
}

/* ---- within a task ---- */

FcDeepPart
fc_deep_part(const FcDeep *t, int64_t portion)
{
	const FcDeepTurn *turn = t->turn;
	int32_t		first = (int32_t) (portion * turn->count / turn->parts);

	return (FcDeepPart) {first, (int32_t) ((portion + 1) * turn->count / turn->parts) - first};
}

/* Those rows of a batch */
void
fc_deep_batch_part(const FcDeep *t, const FcBatch *b, FcDeepPart p, FcBatch *part)
{
	fc_batch_part(part, b, p.first, p.rows);
	part->rng = t->turn->rng;
}

/* Rows of the batch as they are in the window */
const FcReal *
fc_deep_input(const FcDeep *t)
{
	return t->rows.x + (int64_t) t->turn->first * t->d;
}

/* x (count, d), or a copy of it in "moved", whose images are moved about by the draws from "drawn" on, one for each */
const FcReal *
fc_deep_augment(FcDeep *t, const FcReal *x, int64_t drawn, int64_t count, FcReal *moved)
{
	const FcDeepTurn *turn = t->turn;
	FcRng		rng = turn->moving;

	if (!turn->moves)
		return x;
	fc_rng_skip(&rng, (uint64_t) drawn * FC_AFFINE_DRAWS);
	fc_augment(&turn->augment, t->rows.image, &t->network.batch.hooks, &rng, x, count, moved);
	return moved;
}

/* Rows of a part as the network gets them in training */
const FcReal *
fc_deep_move(FcDeep *t, FcDeepPart p)
{
	int64_t		at = (int64_t) p.first * t->d;

	return fc_deep_augment(t, fc_deep_input(t) + at, p.first, p.rows, t->rows.moved + at);
}

/* ... and their codes, for a step of b */
void
fc_deep_encode_part(FcDeep *t, const FcBatch *b, FcDeepPart p, FcBatch *part)
{
	fc_deep_batch_part(t, b, p, part);
	fc_batch_encode(part, fc_deep_move(t, p), p.rows);
}

/* The whole batch as it got them */
void
fc_deep_whole(const FcDeep *t, FcBatch *b)
{
	b->rows = t->turn->size;
	b->x = t->turn->moves ? t->rows.moved : fc_deep_input(t);
}

/* ---- afterwards ---- */

/* So many images have been moved about */
void
fc_deep_moved(FcDeep *t, int64_t count)
{
	if (t->turn->moves)
		fc_rng_skip(&t->course.rng, (uint64_t) count * FC_AFFINE_DRAWS);
}

/* Adds the mean loss of the batch to that of the epoch */
void
fc_deep_add_loss(FcDeep *t, int which)
{
	double		sum = 0;

	for (int32_t i = 0; i < t->turn->size; i++)
		sum += t->loss[which][i];
	t->course.loss[which] += sum / t->turn->size;
}

/* The next step of the model's optimizer, already counted */
FcOptimizer
fc_deep_optimizer(const FcDeep *t, double rate)
{
	return (FcOptimizer) {
		.adapts = t->model->option[FC_DEEP_OPTIMIZER] == FC_ADAM, .adam = fc_adam(rate), .sgd = {rate, MOMENTUM},
		.step = t->course.steps
	};
}
