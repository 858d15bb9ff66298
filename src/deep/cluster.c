/*
 * cluster.c - the second phase: codes and centers learn together
 *
 *	L = mean (y - x)^2 + weight L_method(z, v, p)			(eq. 1)
 *
 * Every few epochs a refresh, a pass over all rows without augmentation,
 * computes codes, memberships q of the method, and from them the targets p for
 * the next epochs:
 *
 *	q_i <- (q_i + mean of q of the 10 nearest codes) / 2, several rounds,
 *			but at most n / (10 k): by then it reaches across a cluster		(eq. 2)
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

#define CHUNK			50000	/* rows among which neighbours are sought */
#define MOST			3.0		/* of n / k rows: a collapse */
#define FEWEST			0.1
#define ALIKE			0.9		/* mean cosine of centers */
#define GROWTH			1.5		/* clusters that were so large or small at first may be a little more so */

/* ---- memory ---- */

static void
centers_layout(FcArena *a, const FcDeep *t, FcDeepCenters *c)
{
	size_t		count = fc_times(t->k, t->latent);

	c->v = fc_take(a, count, sizeof(FcReal));
	c->w = t->method->weighs ? fc_take(a, count, sizeof(FcReal)) : NULL;
	c->second = NULL;
}

static void
smoothing_layout(FcArena *a, FcDeep *t)
{
	if (!t->smoothing.clusters)
		return;
	fc_search_layout(a, &t->smoothing.codes, t->latent, FC_DEEP_NEIGHBORS);
	t->smoothing.nearest = fc_take(a, fc_times(t->smoothing.chunk, FC_DEEP_NEIGHBORS), sizeof(int32_t));
	t->smoothing.targets = fc_take(a, fc_times(t->smoothing.chunk, t->k), sizeof(FcReal));
}

void
fc_deep_cluster_layout(FcArena *a, FcDeep *t)
{
	size_t		batch = t->batch_size;
	size_t		count = fc_times(t->k, t->latent);
	int64_t		chunks = (t->n + CHUNK - 1) / CHUNK;
	size_t		before;

	centers_layout(a, t, &t->clusters.now);
	t->work.q = fc_take(a, fc_times(batch, t->k), sizeof(FcReal));
	if (t->method->loss == NULL)
		return;
	centers_layout(a, t, &t->best.centers);
	if (t->joint.count > 0)
		t->best.centers.second = fc_take(a, t->network.net.encoder_parameters, sizeof(FcReal));
	t->best.parameters = fc_take(a, t->network.net.parameters, sizeof(FcReal));
	t->work.dv = fc_take(a, count, sizeof(FcReal));
	for (int i = 0; i < 2; i++)
		t->work.moment[i] = fc_take(a, count, sizeof(FcReal));
	t->work.dz = fc_take(a, fc_times(batch, t->latent), sizeof(FcReal));
	t->work.s = fc_take(a, fc_times(batch, t->k), sizeof(FcReal));
	t->work.p = fc_take(a, fc_times(batch, t->k), sizeof(FcReal));
	t->clusters.frequency = fc_take(a, fc_times(t->k, t->latent + 1), sizeof(double));
	before = a->used;
	t->smoothing.chunk = (t->n + chunks - 1) / chunks;	/* all of equal size */
	t->smoothing.clusters = t->model->option[FC_DEEP_SMOOTHING] > 0 && t->n > FC_DEEP_NEIGHBORS;	/* a row that is alone has none */
	fc_column_layout(a, &t->clusters.target, &t->space, t->n, sizeof(FcReal) * t->k,
					 (t->smoothing.clusters || fc_deep_refines(t->model)) && t->smoothing.chunk > t->rows.portion ? t->smoothing.chunk : t->rows.portion);
	smoothing_layout(a, t);
	t->row_memory += a->used - before;
}

/* Codes among the centers as they are now; for a loss, distances are scaled as it wants them */
FcCodes
fc_deep_codes(const FcDeep *t, const FcReal *z, int64_t n, bool loss)
{
	double		scale = t->clusters.now.w ? t->latent : 1;

	if (loss && t->method->scale)
		scale *= t->method->scale(t->model);
	return (FcCodes) {
		.n = n, .k = t->k, .m = t->latent, .z = z, .v = t->clusters.now.v, .w = t->clusters.now.w, .scale = scale,
		.hooks = &t->network.batch.hooks
	};
}

/* ---- states ---- */

static void
copy_state(FcDeep *t, FcDeepCenters *to, FcReal *network, const FcDeepCenters *from, const FcReal *parameters)
{
	size_t		size = sizeof(FcReal) * t->k * t->latent;

	fc_check(&t->fit->hooks);
	fc_copy(&t->fit->hooks, network, parameters, sizeof(FcReal) * t->network.net.parameters);
	memcpy(to->v, from->v, size);
	if (to->w)
		memcpy(to->w, from->w, size);
	if (to->second)
		fc_copy(&t->fit->hooks, to->second, from->second, sizeof(FcReal) * t->network.net.encoder_parameters);
}

/* The simplified silhouette at the centers, in the method's metric; 0 where there is one cluster */
static double
find_quality(FcDeep *t)
{
	double		sum = 0;

	for (int64_t first = 0; first < t->n; first += t->batch_size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->batch_size);
		FcCodes		codes = fc_deep_codes(t, fc_column_read(&t->clusters.z, first, rows), rows, false);

		fc_check(&t->fit->hooks);
		fc_codes_distances(&codes, t->work.q);
		for (const FcReal *at = t->work.q; at < t->work.q + rows * t->k; at += t->k)
		{
			double		a = INFINITY;
			double		b = INFINITY;

			for (int32_t c = 0; c < t->k; c++)
			{
				b = at[c] < a ? a : fmin(b, at[c]);
				a = fmin(a, at[c]);
			}
			if (isfinite(b) && b > 0)
				sum += 1 - sqrt(a / b);
		}
	}
	return sum / t->n;
}

/* ---- the guard ---- */

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

static bool
has_collapsed(FcDeep *t, bool first)
{
	double		fair = 1.0 / t->k;
	double		most = 0;
	double		fewest = 1;

	if (t->k == 1)
		return false;
	fc_deep_count(t);
	for (int32_t c = 0; c < t->k; c++)
	{
		most = fmax(most, (double) t->clusters.count[c] / t->n);
		fewest = fmin(fewest, (double) t->clusters.count[c] / t->n);
	}
	if (first)
	{
		t->best.largest = fmax(MOST * fair, GROWTH * most);
		t->best.smallest = fmin(FEWEST * fair, fewest / GROWTH);
		return false;
	}
	return most > t->best.largest || fewest < t->best.smallest || (t->method->unit_centers && mean_cosine(t) > ALIKE);
}

/* ---- refresh: a pass over all rows ---- */

/* q of all rows into t->clusters.target */
static void
find_memberships(FcDeep *t)
{
	for (int64_t first = 0; first < t->n; first += t->batch_size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->batch_size);
		FcCodes		codes = fc_deep_codes(t, fc_column_read(&t->clusters.z, first, rows), rows, true);

		fc_check(&t->fit->hooks);
		t->method->memberships(t->model, &codes, fc_column_place(&t->clusters.target, first, rows));
		fc_column_write(&t->clusters.target, first, rows);
	}
}

/* Number of rounds of eq. 2 for this number of rows; more would mix clusters */
static int
smoothing_rounds(const FcDeep *t, int64_t rows)
{
	int64_t		most = rows / ((int64_t) FC_DEEP_NEIGHBORS * t->k);
	double		asked = t->model->option[FC_DEEP_SMOOTHING];

	return (int) (asked < most ? asked : most);
}

/* Eq. 2 */
static void
smooth_memberships(FcDeep *t)
{
	for (int64_t first = 0; t->smoothing.clusters && first < t->n; first += t->smoothing.chunk)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->smoothing.chunk);
		int			rounds = smoothing_rounds(t, rows);
		FcSlice		z = {&t->clusters.z, first, rows};

		if (rounds == 0 || rows <= FC_DEEP_NEIGHBORS)
			return;
		fc_search(&t->smoothing.codes, &t->fit->hooks, z, z, 0, t->smoothing.nearest);
		fc_smooth_rows(&t->fit->hooks, t->smoothing.nearest, rows, FC_DEEP_NEIGHBORS, t->k, rounds,
					   fc_column_read(&t->clusters.target, first, rows), t->smoothing.targets);
		fc_column_write(&t->clusters.target, first, rows);
	}
}

/* Weights of dimensions, by the memberships in t->clusters.target */
static void
weigh_dimensions(FcDeep *t)
{
	double		exponent = t->method->spread ? t->method->spread(t->model) : 0;
	double	   *spread = t->clusters.frequency + t->k;

	if (exponent == 0)
		return;
	memset(spread, 0, sizeof(double) * t->k * t->latent);
	for (int64_t first = 0; first < t->n; first += t->batch_size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->batch_size);
		FcCodes		codes = fc_deep_codes(t, fc_column_read(&t->clusters.z, first, rows), rows, false);

		fc_check(&t->fit->hooks);
		fc_edcwrn_spread(&codes, fc_column_read(&t->clusters.target, first, rows), exponent, spread);
	}
	fc_edcwrn_weights(spread, t->k, t->latent, t->clusters.now.w);
}

/* New targets.  False: the clusters have collapsed */
static bool
look(FcDeep *t, bool first)
{
	double		quality;

	fc_deep_embed_all(t);
	if (first && t->method->starts_crisp)
		fc_deep_take_labels(t);
	else
		find_memberships(t);
	smooth_memberships(t);
	if (!first || !fc_deep_has_earlier_weights(t))
		weigh_dimensions(t);
	t->course.changed = fc_deep_label_rows(t);
	if (has_collapsed(t, first))
		return false;
	quality = find_quality(t);
	if (first || quality > t->best.quality)
	{
		t->best.quality = quality;
		copy_state(t, &t->best.centers, t->best.parameters, &t->clusters.now, t->network.parameters);
	}
	if (t->method->sharpens)
		fc_deep_sharpen(t);
	return true;
}

/* The best state comes back; codes, memberships and labels are those that it gives, not those that were lost */
static void
restore(FcDeep *t, FcGuard why)
{
	copy_state(t, &t->clusters.now, t->network.parameters, &t->best.centers, t->best.parameters);
	fc_deep_embed_all(t);
	find_memberships(t);
	(void) fc_deep_label_rows(t);
	fc_deep_guard(t, why);
}

/* ---- epochs ---- */

/* Codes of a batch */
static void
encode(FcDeep *t, const FcReal *x, const int32_t *rows)
{
	if (t->joint.count > 0)
		fc_deep_joint_encode(t, x, rows);
	else
		fc_batch_encode(&t->network.batch, x, t->batch_size);
}

/* Adds t->work.dz, and the gradient left by the decoder, to the gradients */
static void
backward(FcDeep *t)
{
	if (t->joint.count > 0)
		fc_joint_backward(&t->joint.step, t->work.dz);
	else
		fc_batch_backward(&t->network.batch, t->method->decodes, t->work.dz);
}

/* Eq. 1 */
static void
cluster_step(FcDeep *t, const FcReal *x, const int32_t *rows)
{
	const FcDeepMethod *method = t->method;
	const FcModel *m = t->model;
	double		rate = m->option[FC_DEEP_CLUSTER_RATE];
	FcDeepLoss	l = {.model = m, .p = t->work.p, .weight = method->weight(m), .q = t->work.q, .s = t->work.s, .dz = t->work.dz, .dv = t->work.dv};

	fc_deep_take_targets(t, rows, t->batch_size);
	x = fc_deep_move(t, x, t->batch_size, t->rows.moved);
	encode(t, x, rows);
	l.codes = fc_deep_codes(t, fc_batch_embedding(&t->network.batch), t->batch_size, true);
	t->course.loss[1] += method->loss(&l);
	if (method->decodes)
		fc_deep_decode(t, x);
	backward(t);
	fc_deep_joint_optimize(t, rate);
	fc_deep_optimize(t, rate, method->decodes ? t->network.net.parameters : t->network.net.encoder_parameters, t->network.gradients,
					 t->network.moment, t->network.parameters);
	if (method->step)
		fc_dfmec_step(t->clusters.now.v, t->work.dv, t->k, t->latent, method->step(m));
	else
		fc_deep_optimize(t, rate, (size_t) t->k * t->latent, t->work.dv, t->work.moment, t->clusters.now.v);
}

static void
begin(FcDeep *t)
{
	fc_deep_phase(t, FC_CLUSTERING);
	for (int i = 0; i < 2; i++)
		memset(t->work.moment[i], 0, sizeof(FcReal) * t->k * t->latent);
	fc_deep_joint_phase(t);
}

void
fc_deep_cluster(FcDeep *t)
{
	FcModel    *m = t->model;
	int32_t		epochs = (int32_t) m->option[FC_DEEP_EPOCHS];
	int32_t		refresh = (int32_t) m->option[FC_DEEP_REFRESH];

	if (t->course.phase != FC_CLUSTERING)
		begin(t);
	for (;;)
	{
		bool		first = t->course.epoch == 0;
		bool		due = t->course.epoch % refresh == 0;
		bool		last = t->course.epoch == epochs || m->iterations >= m->common[FC_MAX_ITERATIONS];

		if ((due || last) && !look(t, first))
		{
			restore(t, FC_COLLAPSED);
			return;
		}
		if (!first && due && t->course.changed <= m->option[FC_DEEP_LABEL_TOLERANCE])
			return;
		if (last)
		{
			m->converged = m->converged && t->course.epoch == epochs;
			return;
		}
		if (!fc_deep_epoch(t, t->batch_size, cluster_step))
		{
			m->iterations--;	/* it came to nothing */
			restore(t, FC_LOST);
			return;
		}
		t->course.epoch++;
		fc_deep_record(t, t->course.changed);
	}
}
