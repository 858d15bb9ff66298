/*
 * fit.c - a training of a network, from the first phase to the result
 *
 *	1. the autoencoder learns to reconstruct its input		(epochs.c)
 *	2. the codes of all rows are first clustered				(start.c)
 *	3. codes and centers learn together						(cluster.c, joint.c)
 *	4. a classifier learns the clusters, if requested	(refine.c)
 *	5. one pass over all rows: sizes and radii of the clusters, and their centers decoded
 */
#include "deep/training.h"

#include <math.h>
#include <string.h>

#define DENSE_GAIN	3			/* see net.c */
#define CONV_GAIN	4
#define VALUES		(1 << 20)	/* between two checks */

const FcEpochHooks fc_deep_epoch_hooks = {
	.phases = fc_deep_phases,
	.most = fc_deep_epochs,
	.state_size = fc_deep_state_size,
	.save_state = fc_deep_save,
};

/* ---- memory ---- */

void *
fc_deep_layout(FcArena *a, const FcFit *f)
{
	FcModel    *m = f->model;
	FcDeep	   *placed = fc_take(a, 1, sizeof(FcDeep));
	FcDeep		counting;
	FcDeep	   *t = placed ? placed : &counting;
	size_t		before;

	memset(t, 0, sizeof(FcDeep));
	t->fit = (FcFit *) f;
	t->model = m;
	t->method = fc_deep_method(m);
	t->n = f->rows.n;
	t->d = m->d;
	t->k = m->k;
	t->latent = fc_deep_latent(m);
	t->space = fc_column_space(&f->spill);
	t->joint.count = fc_deep_neighbors(m);
	t->batch_size = m->option[FC_DEEP_BATCH_SIZE] < t->n ? (int32_t) m->option[FC_DEEP_BATCH_SIZE] : (int32_t) t->n;
	(void) fc_deep_net(&t->network.net, m);
	fc_batch_layout(a, &t->network.batch, &t->network.net, t->network.net.count, t->batch_size, true);
	fc_deep_train_layout(a, t);
	before = a->used;
	fc_deep_rows_layout(a, t, &f->rows);
	fc_deep_start_layout(a, t);
	t->row_memory = a->used - before + sizeof(float) * 2 * t->latent * FC_DEEP_NEIGHBOR_CODES(m).rows;
	fc_deep_cluster_layout(a, t);
	fc_deep_joint_layout(a, t);
	fc_deep_refine_layout(a, t);
	fc_distinct_layout(a, &t->first.distinct, &f->rows, t->k);
	t->clusters.count = fc_take(a, t->k, sizeof(int64_t));
	t->clusters.distance = fc_take(a, t->k, sizeof(double));
	t->clusters.near = fc_take(a, fc_times(t->k, FC_DEEP_NEAR), sizeof(double));
	t->fit->row_memory = t->row_memory;
	return placed;
}

/* ---- training ---- */

static void
begin_network(FcDeep *t)
{
	FcModel    *m = t->model;
	FcRng		rng;

	t->network.parameters = FC_DEEP_PARAMETERS(m).data;
	t->network.batch.parameters = FC_DEEP_PARAMETERS(m).data;
	t->network.batch.gradients = t->network.gradients;
	t->network.batch.hooks = (FcHooks) {.check = t->fit->hooks.check, .arg = t->fit->hooks.arg};
	(void) fc_deep_shape(m, &t->rows.image);
	t->course.phase = FC_DEEP_PHASES;	/* none has begun */
	m->converged = true;
	m->iterations = 0;
	m->nhistory = 0;
	m->history_step = 1;
	if (t->fit->earlier)
		fc_copy(&t->fit->hooks, t->network.parameters, FC_DEEP_PARAMETERS(t->fit->earlier).data,
				sizeof(float) * FC_DEEP_PARAMETERS(m).rows);
	else
	{
		fc_rng_start(&rng, (uint64_t) m->common[FC_SEED], FC_DEEP_STREAM_WEIGHTS);
		fc_net_initialize(&t->network.net, &t->network.batch.hooks, m->option[FC_DEEP_NETWORK] == FC_CONV ? CONV_GAIN : DENSE_GAIN,
						  &rng, t->network.parameters);
	}
	fc_deep_joint_begin(t);
}

/* ---- the result ---- */

/* Centers of codes, weights of dimensions, and the centers decoded */
static void
store_centers(FcDeep *t)
{
	FcModel    *m = t->model;

	for (int64_t i = 0; i < (int64_t) t->k * t->latent; i++)
		FC_DEEP_CENTERS(m)[i] = t->clusters.now.v[i];
	for (int64_t i = 0; t->clusters.now.w && i < (int64_t) t->k * t->latent; i++)
		FC_DEEP_WEIGHTS(m)[i] = t->clusters.now.w[i];
	for (int32_t c = 0; c < t->k; c++)
	{
		fc_check(&t->fit->hooks);
		fc_decode_rows(&t->network.batch, t->clusters.now.v + (int64_t) c * t->latent, 1, t->rows.moved);
		for (int32_t j = 0; j < t->d; j++)
			m->centers[(int64_t) c * t->d + j] = t->rows.moved[j];
	}
}

/* One row in the code space: adds its part to its cluster, and memberships q (k), if there are any, to all clusters */
static void
measure_row(FcDeep *t, const FcReal *place, const FcReal *q)
{
	FcModel    *m = t->model;
	int32_t		nearest = fc_deep_nearest(m, place, t->clusters.distance, t->clusters.near);
	double		sum = 0;

	m->radius[nearest] += sqrt(t->clusters.distance[nearest]);
	t->clusters.count[nearest]++;
	if (q == NULL)
	{
		m->weights[nearest]++;
		return;
	}
	for (int32_t c = 0; c < t->k; c++)
		sum += q[c];
	for (int32_t c = 0; c < t->k; c++)
		m->weights[c] += q[c] / sum;
}

/* Positions of the rows from "first" on: their codes, or a classifier's outputs; and memberships in t->work.q */
static const FcReal *
find_places(FcDeep *t, int64_t first, int32_t rows)
{
	FcCodes		codes;

	if (fc_deep_refines(t->model))
		return fc_deep_classify(t, first, rows, t->work.q);
	codes = fc_deep_codes(t, fc_column_read(&t->clusters.z, first, rows), rows, true);
	if (t->method->memberships)
		t->method->memberships(t->model, &codes, t->work.q);
	return codes.z;
}

static void
measure(FcDeep *t)
{
	FcModel    *m = t->model;
	bool		refines = fc_deep_refines(m);
	int32_t		size = refines ? t->refine.size : t->batch_size;
	int32_t		width = refines ? t->refine.outputs : t->latent;

	memset(m->weights, 0, sizeof(double) * t->k);
	memset(m->radius, 0, sizeof(double) * t->k);
	memset(t->clusters.count, 0, sizeof(int64_t) * t->k);
	for (int64_t first = 0; first < t->n; first += size)
	{
		int32_t		rows = (int32_t) (t->n - first < size ? t->n - first : size);
		const FcReal *places;

		fc_check(&t->fit->hooks);
		places = find_places(t, first, rows);
		for (int64_t i = 0; i < rows; i++)
			measure_row(t, places + i * width, t->method->memberships ? t->work.q + i * t->k : NULL);
	}
	m->empty = 0;
	for (int32_t c = 0; c < t->k; c++)
		if (t->clusters.count[c] > 0)
			m->radius[c] /= t->clusters.count[c];
		else
			m->empty++;
}

/* After the first phase, if there was one: the mean squared error of rows far apart, as many as a batch has */
static void
measure_reconstruction(FcDeep *t)
{
	const FcModel *m = t->model;
	double		sum = 0;

	if (m->option[FC_DEEP_PRETRAIN_EPOCHS] == 0 || (t->fit->earlier && t->method->loss))
		return;
	for (int32_t i = 0; i < t->batch_size; i++)
		t->rows.list[i] = (int32_t) (i * t->n / t->batch_size);
	fc_deep_gather_list(t, t->rows.list, t->batch_size, t->rows.x);
	for (int64_t i = 0; i < t->batch_size; i++)
	{
		fc_check(&t->fit->hooks);
		fc_decode_rows(&t->network.batch, fc_column_read(&t->clusters.z, t->rows.list[i], 1), 1, t->rows.moved);
		for (int32_t j = 0; j < t->d; j++)
			sum += ((double) t->rows.moved[j] - t->rows.x[i * t->d + j]) * ((double) t->rows.moved[j] - t->rows.x[i * t->d + j]);
	}
	t->fit->reconstruction = sum / t->batch_size / t->d;
}

/* Whatever the model consists of */
static bool
is_finite(const FcDeep *t)
{
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n = fc_model_arrays(t->model, arrays);
	bool		finite = isfinite(t->model->objective);

	for (int a = 0; finite && a < n; a++)
	{
		int64_t		values = arrays[a].rows * arrays[a].columns;

		for (int64_t i = 0; finite && i < values; i++)
		{
			if (i % VALUES == 0)
				fc_check(&t->fit->hooks);
			finite = isfinite(arrays[a].narrow ? (*arrays[a].narrow)[i] : (*arrays[a].data)[i]);
		}
	}
	return finite;
}

/* The first phase, and the first clustering of its codes */
static FcStatus
learn_codes(FcDeep *t)
{
	FcStatus	status = FC_OK;

	/* A warm start is already trained; only an autoencoder continues this phase */
	if (t->fit->earlier == NULL || t->method->loss == NULL)
		status = fc_deep_pretrain(t);
	if (status != FC_OK)
		return status;
	t->fit->phase = FC_CLUSTERING;
	fc_deep_first_codes(t);
	measure_reconstruction(t);
	t->fit->distinct_codes = true;
	return fc_deep_start(t);
}

FcStatus
fc_deep_fit(FcFit *f, void *work)
{
	FcDeep	   *t = work;
	FcStatus	status = FC_OK;

	t->fit = f;
	f->distinct = fc_count_distinct(&t->first.distinct, &f->rows, &f->hooks);
	f->distinct_codes = false;
	if (f->distinct < t->k)
		return FC_TOO_FEW_ROWS;
	begin_network(t);
	if (f->state && !fc_deep_restore(t, f->state, f->state_length))
		return FC_OTHER_STATE;
	if (t->course.phase == FC_REFINING)
		fc_deep_embed_all(t);
	else if (t->course.phase != FC_CLUSTERING)	/* which begins with a refresh, or needs no codes until the next one */
		status = learn_codes(t);
	if (status != FC_OK)
		return status;
	if (t->method->loss && t->course.phase != FC_REFINING)
		fc_deep_cluster(t);
	if (fc_deep_keeps_classifier(f))
		fc_deep_keep_classifier(t);
	else if (fc_deep_refines(t->model))
		fc_deep_refine(t);
	store_centers(t);
	measure(t);
	return is_finite(t) ? FC_OK : FC_DIVERGED;
}
