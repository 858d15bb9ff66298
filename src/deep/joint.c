/*
 * joint.c - codes of rows and of their neighbours (EDCWRN)
 *
 *	z_i = encX(x_i) + max over the nearest rows n of encN(x_n), number by number
 *
 * scaled to unit length if codes are (nn/joint.c). encN starts as a copy of
 * the pretrained encoder, on whose codes the initial clusters are based.  The
 * decoder was trained on these: if they are not of unit length, both encoders
 * start with half of them.
 *
 * The nearest rows are searched with encX alone, among all rows, at each
 * refresh.  A row that was not in training has no other information, so all
 * rows are treated equally.  The model keeps both codes of each of its rows to
 * find them, and to join them: distance.c.
 */
#include "deep/training.h"

#include <string.h>

/* ---- memory ---- */

/* Columns */
static void
neighbors_layout(FcArena *a, FcDeep *t)
{
	FcDeepJoint *j = &t->joint;

	fc_column_layout(a, &j->nearest, &t->space, t->n, sizeof(int32_t) * j->count, t->rows.portion);
	j->near = fc_take(a, fc_times(fc_times(t->batch_size, j->count), t->latent), sizeof(FcReal));
}

void
fc_deep_joint_layout(FcArena *a, FcDeep *t)
{
	FcDeepJoint *j = &t->joint;
	size_t		batch = fc_times(t->batch_size, j->count);
	size_t		window = fc_times(t->rows.window, j->count);

	if (j->count == 0)
		return;
	fc_joint_layout(a, &j->step, &t->network.batch, j->count, fc_deep_is_unit(t->model));
	for (int i = 0; i < (t->model->option[FC_DEEP_OPTIMIZER] == FC_ADAM ? 2 : 1); i++)
		j->moment[i] = fc_take_shared(a, t->network.net.encoder_parameters, sizeof(FcReal));
	j->list = fc_take_shared(a, window, sizeof(int32_t));
	j->rows = fc_take_shared(a, fc_times(window, t->d), sizeof(FcReal));
	if (t->rows.moves)
		j->moved = fc_take_shared(a, fc_times(batch, t->d), sizeof(FcReal));
	if (fc_deep_leads(t))
		neighbors_layout(a, t);
}

/* ---- the second encoder ---- */

/* Codes by the first encoder become larger or smaller, where no unit length takes that back */
static void
scale_codes(FcDeep *t, double factor)
{
	const FcNet *net = &t->network.net;

	if (!fc_deep_is_unit(t->model))
		fc_net_scale(net, net->embedding - 1, factor, t->network.parameters);
}

/* Does training go on from a model with two encoders? */
static bool
was_joint(const FcDeep *t)
{
	return t->fit->earlier && fc_deep_neighbors(t->fit->earlier) > 0;
}

/* The part of fc_deep_connect() */
void
fc_deep_joint_connect(FcDeep *t)
{
	FcBatch    *other = &t->joint.step.other;
	FcReal	   *second = FC_DEEP_NEIGHBOR_NET(t->model).data;

	t->clusters.now.second = second;
	other->parameters = second;
	other->hooks = t->network.batch.hooks;
}

/*
 * The network has its first parameters.  If its encoder was one of two, and has no
 * second one any more, its codes have to be as large as those of both.
 */
void
fc_deep_joint_begin(FcDeep *t)
{
	if (t->joint.count > 0 && was_joint(t))
		fc_copy(&t->fit->hooks, t->clusters.now.second, FC_DEEP_NEIGHBOR_NET(t->fit->earlier).data,
				sizeof(FcReal) * t->network.net.encoder_parameters);
	else if (was_joint(t))
		scale_codes(t, 2);
}

/* The second phase begins: so does the second encoder */
void
fc_deep_joint_phase(FcDeep *t)
{
	size_t		size = sizeof(FcReal) * t->network.net.encoder_parameters;

	if (t->joint.count == 0)
		return;
	for (int i = 0; i < 2 && t->joint.moment[i]; i++)
		fc_clear(&t->fit->hooks, t->joint.moment[i], size);
	if (was_joint(t))
		return;
	scale_codes(t, 0.5);
	fc_copy(&t->fit->hooks, t->clusters.now.second, t->network.parameters, size);
}

/* ---- refresh: a pass over all rows ---- */

/* Codes of all rows by one encoder become one half of those that the model keeps */
static void
store_codes(FcDeep *t, int half)
{
	FcReal	   *codes = FC_DEEP_NEIGHBOR_CODES(t->model).data + half * t->latent;

	for (FcPortion p = fc_deep_portions(t, t->batch_size); fc_next_portion(&p);)
	{
		const FcReal *z = fc_column_read(&t->clusters.z, p.first, p.rows);

		for (int64_t i = 0; i < p.rows; i++)
			memcpy(codes + 2 * (p.first + i) * t->latent, z + i * t->latent, sizeof(FcReal) * t->latent);
	}
}

/* The nearest of a portion of the rows, among codes by the first encoder, and z of these rows by both */
static void
join_rows(FcDeep *t, FcColumn *codes, const FcPortion *p)
{
	FcDeepJoint *j = &t->joint;
	const FcHooks *hooks = &t->fit->hooks;
	int32_t    *nearest = fc_column_place(&j->nearest, p->first, p->rows);
	FcReal	   *z;

	fc_search(&t->search, hooks, &(FcSought) {
		.base = fc_column_whole(codes), .queries = {codes, p->first, p->rows}, .self = p->first, .m = t->latent,
		.count = j->count
	}, nearest);
	z = fc_column_read(&t->clusters.z, p->first, p->rows);
	for (int64_t i = 0; i < p->rows; i++)
	{
		fc_deep_neighbor_codes(t->model, nearest + i * j->count, j->count, j->near);
		fc_join_codes(hooks, j->near, 1, j->count, t->latent, fc_deep_is_unit(t->model), z + i * t->latent);
	}
	fc_column_write(&j->nearest, p->first, p->rows);
	fc_column_write(&t->clusters.z, p->first, p->rows);
}

/* The nearest rows of each, and codes of all rows by both encoders */
static void
join_all(FcDeep *t)
{
	FcColumn	codes = fc_column_of(FC_DEEP_NEIGHBOR_CODES(t->model).data, t->n, sizeof(FcReal) * 2 * t->latent);

	fc_deep_encode_all(t, true);
	store_codes(t, 1);
	fc_deep_encode_all(t, false);
	store_codes(t, 0);
	for (FcPortion p = fc_deep_portions(t, t->rows.portion); fc_next_portion(&p);)
		join_rows(t, &codes, &p);
}

/* Codes of all rows */
void
fc_deep_embed_all(FcDeep *t)
{
	if (t->joint.count > 0)
		join_all(t);
	else
		fc_deep_encode_all(t, false);
}

/* Codes for the first clusters: by one encoder, unless there have been two */
void
fc_deep_first_codes(FcDeep *t)
{
	if (was_joint(t))
		fc_deep_embed_all(t);
	else
		fc_deep_encode_all(t, false);
}

/* ---- a step ---- */

/* Before the first batch of a window: the neighbours of its rows */
void
fc_deep_joint_gather(FcDeep *t)
{
	FcDeepJoint *j = &t->joint;

	if (j->count == 0 || t->turn->first > 0)
		return;
	fc_column_take(&j->nearest, t->rows.list, t->rows.gathered, j->list);
	fc_deep_gather_neighbors(t, t->rows.gathered * j->count);
}

/* Some rows of the batch, with their neighbours */
void
fc_deep_joint_part(FcDeep *t, FcDeepPart p, FcBatch *own, FcJoint *part)
{
	FcDeepJoint *j = &t->joint;

	fc_joint_rng(&j->step, t->turn->rng);
	fc_joint_part(part, own, &j->step, p.first, p.rows);
}

/* Codes of those, for x as they were moved */
void
fc_deep_joint_encode(FcDeep *t, FcDeepPart p, FcJoint *part, const FcReal *x)
{
	FcDeepJoint *j = &t->joint;
	int64_t		first = (int64_t) p.first * j->count;
	const FcReal *near = j->rows + ((int64_t) t->turn->first * j->count + first) * t->d;
	FcReal	   *moved = t->turn->moves ? j->moved + first * t->d : NULL;

	near = fc_deep_augment(t, near, t->turn->size + first, (int64_t) p.rows * j->count, moved);
	fc_joint_encode(part, x, near, p.rows);
}

/* A range of the second encoder's parameters learns from the whole batch */
void
fc_deep_joint_learn(FcDeep *t, int64_t number)
{
	FcDeepJoint *j = &t->joint;
	FcBatch    *b = &j->step.other;

	b->rows = t->turn->size * j->count;
	b->x = t->turn->moves ? j->moved : j->rows + (int64_t) t->turn->first * j->count * t->d;
	fc_learn_range(b, fc_net_range(&t->network.net, number), &t->turn->how, j->moment, t->clusters.now.second,
				   t->network.room);
}
