/*
 * joint.c - codes of rows and of their neighbours (EDCWRN)
 *
 *	z_i = encX(x_i) + max over the nearest rows n of encN(x_n), number by number
 *
 * and scaled to unit length where codes are (nn/joint.c).  encN begins as a copy of
 * the pretrained encoder, whose codes the first clusters are of.  The decoder knows
 * these: where they have no unit length, both encoders begin with half of them.
 *
 * The nearest rows are searched with encX alone, among all rows, at each
 * refresh.  A row that was not in training has no other information, so all
 * rows are treated equally.  The model keeps both codes of each of its rows to
 * find them, and to join them: distance.c.
 */
#include "deep/training.h"

#include <string.h>

/* ---- memory ---- */

void
fc_deep_joint_layout(FcArena *a, FcDeep *t)
{
	FcDeepJoint *j = &t->joint;
	size_t		parameters = t->network.net.encoder_parameters;
	size_t		batch = fc_times(t->batch_size, j->count);
	size_t		window = fc_times(t->rows.window, j->count);

	if (j->count == 0)
		return;
	fc_joint_layout(a, &j->step, &t->network.batch, j->count, fc_deep_is_unit(t->model));
	j->gradients = fc_take(a, parameters, sizeof(FcReal));
	for (int i = 0; i < (t->model->option[FC_DEEP_OPTIMIZER] == FC_ADAM ? 2 : 1); i++)
		j->moment[i] = fc_take(a, parameters, sizeof(FcReal));
	fc_search_layout(a, &j->search, t->latent, j->count);
	fc_column_layout(a, &j->nearest, &t->space, t->n, sizeof(int32_t) * j->count, t->rows.portion);
	j->list = fc_take(a, window, sizeof(int32_t));
	j->rows = fc_take(a, fc_times(window, t->d), sizeof(FcReal));
	if (t->rows.moves)
		j->moved = fc_take(a, fc_times(batch, t->d), sizeof(FcReal));
	j->near = fc_take(a, fc_times(batch, t->latent), sizeof(FcReal));
}

/* ---- the beginning ---- */

/* What encX says, where no unit length takes that back */
static void
scale_codes(FcDeep *t, double factor)
{
	if (!fc_deep_is_unit(t->model))
		fc_net_scale(&t->network.net, t->network.net.embedding - 1, factor, t->network.parameters);
}

/* Does training go on from a model with two encoders? */
static bool
was_joint(const FcDeep *t)
{
	return t->fit->earlier && fc_deep_neighbors(t->fit->earlier) > 0;
}

/* The network has its first parameters; if its encoder was one of two, and is alone now, it has to say all */
void
fc_deep_joint_begin(FcDeep *t)
{
	FcBatch    *other = &t->joint.step.other;

	t->clusters.now.second = FC_DEEP_NEIGHBOR_NET(t->model).data;
	other->parameters = t->clusters.now.second;
	other->gradients = t->joint.gradients;
	other->hooks = t->network.batch.hooks;
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

/* Codes in t->clusters.z become one half of those that the model keeps */
static void
store_codes(FcDeep *t, int half)
{
	FcReal	   *codes = FC_DEEP_NEIGHBOR_CODES(t->model).data + half * t->latent;

	for (int64_t first = 0; first < t->n; first += t->batch_size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->batch_size);
		const FcReal *z = fc_column_read(&t->clusters.z, first, rows);

		fc_check(&t->fit->hooks);
		for (int64_t i = 0; i < rows; i++)
			memcpy(codes + 2 * (first + i) * t->latent, z + i * t->latent, sizeof(FcReal) * t->latent);
	}
}

/* The nearest of rows from "first" on, among codes by the first encoder, and z of these rows by both */
static void
join_rows(FcDeep *t, FcColumn *codes, int64_t first, int64_t rows)
{
	FcDeepJoint *j = &t->joint;
	const FcHooks *hooks = &t->fit->hooks;
	int32_t    *nearest = fc_column_place(&j->nearest, first, rows);
	FcReal	   *z;

	fc_search(&j->search, hooks, fc_column_whole(codes), (FcSlice) {codes, first, rows}, first, nearest);
	z = fc_column_read(&t->clusters.z, first, rows);
	for (int64_t i = 0; i < rows; i++)
	{
		fc_deep_neighbor_codes(t->model, nearest + i * j->count, j->count, j->near);
		fc_join_codes(hooks, j->near, 1, j->count, t->latent, fc_deep_is_unit(t->model), z + i * t->latent);
	}
	fc_column_write(&j->nearest, first, rows);
	fc_column_write(&t->clusters.z, first, rows);
}

/* The nearest rows, and t->clusters.z of all */
static void
join_all(FcDeep *t)
{
	FcColumn	codes = fc_column_of(FC_DEEP_NEIGHBOR_CODES(t->model).data, t->n, sizeof(FcReal) * 2 * t->latent);

	fc_deep_encode_all(t, &t->joint.step.other);
	store_codes(t, 1);
	fc_deep_encode_all(t, &t->network.batch);
	store_codes(t, 0);
	for (int64_t first = 0; first < t->n; first += t->rows.portion)
		join_rows(t, &codes, first, fc_deep_rows_from(t, first, t->rows.portion));
}

/* t->clusters.z becomes the codes of all rows */
void
fc_deep_embed_all(FcDeep *t)
{
	if (t->joint.count > 0)
		join_all(t);
	else
		fc_deep_encode_all(t, &t->network.batch);
}

/* t->clusters.z for the first clusters: by one encoder, unless there have been two */
void
fc_deep_first_codes(FcDeep *t)
{
	if (was_joint(t))
		fc_deep_embed_all(t);
	else
		fc_deep_encode_all(t, &t->network.batch);
}

/* ---- a step ---- */

/* j->rows becomes the neighbours of the rows that were gathered */
static void
gather(FcDeep *t)
{
	FcDeepJoint *j = &t->joint;

	fc_column_take(&j->nearest, t->rows.list, t->rows.gathered, j->list);
	fc_deep_gather_list(t, j->list, t->rows.gathered * j->count, j->rows);
}

/* A batch x of the rows that were gathered, which are these, with its neighbours: codes in the batch */
void
fc_deep_joint_encode(FcDeep *t, const FcReal *x, const int32_t *rows)
{
	FcDeepJoint *j = &t->joint;
	int64_t		at = rows - t->rows.list;
	const FcReal *near;

	if (at == 0)
		gather(t);
	near = fc_deep_move(t, j->rows + at * j->count * t->d, (int64_t) t->batch_size * j->count, j->moved);
	fc_joint_encode(&j->step, x, near, t->batch_size);
}

void
fc_deep_joint_optimize(FcDeep *t, double rate)
{
	if (t->joint.count > 0)
		fc_deep_optimize(t, rate, t->network.net.encoder_parameters, t->joint.gradients, t->joint.moment, t->clusters.now.second);
}
