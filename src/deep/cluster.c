/*
 * cluster.c - the second phase: codes and centers learn together
 *
 *	L = mean (y - x)^2 + weight L_method(z, v, p)			(eq. 1)
 *
 * Every few epochs one look at all rows, as they are and not moved about, gives
 * codes, memberships q of the method, and from them the targets p that the next
 * epochs learn:
 *
 *	q_i <- (q_i + mean of q of the 10 nearest codes) / 2, several rounds,
 *			but at most n / (10 k): by then it reaches across a cluster		(eq. 2)
 *	p = target(q) of nn/target.c, or q itself								(eq. 3)
 *
 * Labels are the largest q.  The phase ends when few of them change from one look
 * to the next, or after so many epochs.
 *
 * Methods that only attract rows to centers can collapse.  So there is a guard: when
 * a cluster has grown or shrunk too much, or centers of unit length have all come
 * together, or the loss is no number, the phase ends with the best state of all looks,
 * by the mean of (b - a) / max(a, b), a and b the distances to the nearest two centers
 * (the simplified silhouette).
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
	size_t		count = fc_times(t->k, t->m);

	c->v = fc_take(a, count, sizeof(FcReal));
	c->w = t->method->weighs ? fc_take(a, count, sizeof(FcReal)) : NULL;
	c->second = NULL;
}

static void
smoothing_layout(FcArena *a, FcDeep *t)
{
	if (!t->smooths)
		return;
	fc_search_layout(a, &t->search, t->m, FC_DEEP_NEIGHBORS);
	t->nearest = fc_take(a, fc_times(t->chunk, FC_DEEP_NEIGHBORS), sizeof(int32_t));
	t->smooth = fc_take(a, fc_times(t->chunk, t->k), sizeof(FcReal));
}

void
fc_deep_cluster_layout(FcArena *a, FcDeep *t)
{
	size_t		batch = t->size;
	size_t		count = fc_times(t->k, t->m);
	int64_t		chunks = (t->n + CHUNK - 1) / CHUNK;
	size_t		before;

	centers_layout(a, t, &t->now);
	t->q = fc_take(a, fc_times(batch, t->k), sizeof(FcReal));
	if (t->method->loss == NULL)
		return;
	centers_layout(a, t, &t->best);
	if (t->joint.count > 0)
		t->best.second = fc_take(a, t->net.encoder_parameters, sizeof(FcReal));
	t->kept = fc_take(a, t->net.parameters, sizeof(FcReal));
	t->dv = fc_take(a, count, sizeof(FcReal));
	for (int i = 0; i < 2; i++)
		t->vmoment[i] = fc_take(a, count, sizeof(FcReal));
	t->dz = fc_take(a, fc_times(batch, t->m), sizeof(FcReal));
	t->s = fc_take(a, fc_times(batch, t->k), sizeof(FcReal));
	t->p = fc_take(a, fc_times(batch, t->k), sizeof(FcReal));
	t->frequency = fc_take(a, fc_times(t->k, t->m + 1), sizeof(double));
	before = a->used;
	t->chunk = (t->n + chunks - 1) / chunks;	/* all of equal size */
	t->smooths = t->model->option[FC_DEEP_SMOOTHING] > 0 && t->n > FC_DEEP_NEIGHBORS;	/* a row that is alone has none */
	fc_column_layout(a, &t->target, &t->space, t->n, sizeof(FcReal) * t->k,
					 (t->smooths || fc_deep_refines(t->model)) && t->chunk > t->stretch ? t->chunk : t->stretch);
	smoothing_layout(a, t);
	t->row_memory += a->used - before;
}

/* Codes among the centers as they are now; for a loss, distances are scaled as it wants them */
FcCodes
fc_deep_codes(const FcDeep *t, const FcReal *z, int64_t n, bool loss)
{
	double		scale = t->now.w ? t->m : 1;

	if (loss && t->method->scale)
		scale *= t->method->scale(t->model);
	return (FcCodes) {
		.n = n, .k = t->k, .m = t->m, .z = z, .v = t->now.v, .w = t->now.w, .scale = scale,
		.hooks = &t->batch.hooks
	};
}

/* ---- states ---- */

static void
copy_state(FcDeep *t, FcDeepCenters *to, FcReal *network, const FcDeepCenters *from, const FcReal *parameters)
{
	size_t		size = sizeof(FcReal) * t->k * t->m;

	fc_check(&t->fit->hooks);
	fc_copy(&t->fit->hooks, network, parameters, sizeof(FcReal) * t->net.parameters);
	memcpy(to->v, from->v, size);
	if (to->w)
		memcpy(to->w, from->w, size);
	if (to->second)
		fc_copy(&t->fit->hooks, to->second, from->second, sizeof(FcReal) * t->net.encoder_parameters);
}

/* The simplified silhouette at the centers, in the method's metric; 0 where there is one cluster */
static double
find_quality(FcDeep *t)
{
	double		sum = 0;

	for (int64_t first = 0; first < t->n; first += t->size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->size);
		FcCodes		codes = fc_deep_codes(t, fc_column_read(&t->z, first, rows), rows, false);

		fc_check(&t->fit->hooks);
		fc_codes_distances(&codes, t->q);
		for (const FcReal *at = t->q; at < t->q + rows * t->k; at += t->k)
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

	for (int32_t j = 0; j < t->m; j++)
	{
		double		sum = 0;

		for (int32_t c = 0; c < t->k; c++)
			sum += t->now.v[(int64_t) c * t->m + j];
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
		most = fmax(most, (double) t->count[c] / t->n);
		fewest = fmin(fewest, (double) t->count[c] / t->n);
	}
	if (first)
	{
		t->most = fmax(MOST * fair, GROWTH * most);
		t->fewest = fmin(FEWEST * fair, fewest / GROWTH);
		return false;
	}
	return most > t->most || fewest < t->fewest || (t->method->unit_centers && mean_cosine(t) > ALIKE);
}

/* ---- a look at all rows ---- */

/* q of all rows into t->target */
static void
find_memberships(FcDeep *t)
{
	for (int64_t first = 0; first < t->n; first += t->size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->size);
		FcCodes		codes = fc_deep_codes(t, fc_column_read(&t->z, first, rows), rows, true);

		fc_check(&t->fit->hooks);
		t->method->memberships(t->model, &codes, fc_column_place(&t->target, first, rows));
		fc_column_write(&t->target, first, rows);
	}
}

/* Rounds of eq. 2 among so many rows; more would mix clusters */
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
	for (int64_t first = 0; t->smooths && first < t->n; first += t->chunk)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->chunk);
		int			rounds = smoothing_rounds(t, rows);
		FcSlice		z = {&t->z, first, rows};

		if (rounds == 0 || rows <= FC_DEEP_NEIGHBORS)
			return;
		fc_search(&t->search, &t->fit->hooks, z, z, 0, t->nearest);
		fc_smooth_rows(&t->fit->hooks, t->nearest, rows, FC_DEEP_NEIGHBORS, t->k, rounds,
					   fc_column_read(&t->target, first, rows), t->smooth);
		fc_column_write(&t->target, first, rows);
	}
}

/* Weights of dimensions, by the memberships in t->target */
static void
weigh_dimensions(FcDeep *t)
{
	double		exponent = t->method->spread ? t->method->spread(t->model) : 0;
	double	   *spread = t->frequency + t->k;

	if (exponent == 0)
		return;
	memset(spread, 0, sizeof(double) * t->k * t->m);
	for (int64_t first = 0; first < t->n; first += t->size)
	{
		int64_t		rows = fc_deep_rows_from(t, first, t->size);
		FcCodes		codes = fc_deep_codes(t, fc_column_read(&t->z, first, rows), rows, false);

		fc_check(&t->fit->hooks);
		fc_edcwrn_spread(&codes, fc_column_read(&t->target, first, rows), exponent, spread);
	}
	fc_edcwrn_weights(spread, t->k, t->m, t->now.w);
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
	t->changed = fc_deep_label_rows(t);
	if (has_collapsed(t, first))
		return false;
	quality = find_quality(t);
	if (first || quality > t->quality)
	{
		t->quality = quality;
		copy_state(t, &t->best, t->kept, &t->now, t->parameters);
	}
	if (t->method->sharpens)
		fc_deep_sharpen(t);
	return true;
}

/* The best state comes back; codes, memberships and labels are those that it gives, not those that were lost */
static void
restore(FcDeep *t, FcGuard why)
{
	copy_state(t, &t->now, t->parameters, &t->best, t->kept);
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
		fc_batch_encode(&t->batch, x, t->size);
}

/* From t->dz, and what the decoder left, to gradients */
static void
backward(FcDeep *t)
{
	if (t->joint.count > 0)
		fc_joint_backward(&t->joint.step, t->dz);
	else
		fc_batch_backward(&t->batch, t->method->decodes, t->dz);
}

/* Eq. 1 */
static void
cluster_step(FcDeep *t, const FcReal *x, const int32_t *rows)
{
	const FcDeepMethod *method = t->method;
	const FcModel *m = t->model;
	double		rate = m->option[FC_DEEP_CLUSTER_RATE];
	FcDeepLoss	l = {.model = m, .p = t->p, .weight = method->weight(m), .q = t->q, .s = t->s, .dz = t->dz, .dv = t->dv};

	fc_deep_take_targets(t, rows, t->size);
	x = fc_deep_move(t, x, t->size, t->moved);
	encode(t, x, rows);
	l.codes = fc_deep_codes(t, fc_batch_embedding(&t->batch), t->size, true);
	t->loss[1] += method->loss(&l);
	if (method->decodes)
		fc_deep_decode(t, x);
	backward(t);
	fc_deep_joint_optimize(t, rate);
	fc_deep_optimize(t, rate, method->decodes ? t->net.parameters : t->net.encoder_parameters, t->gradients,
					 t->moment, t->parameters);
	if (method->step)
		fc_dfmec_step(t->now.v, t->dv, t->k, t->m, method->step(m));
	else
		fc_deep_optimize(t, rate, (size_t) t->k * t->m, t->dv, t->vmoment, t->now.v);
}

static void
begin(FcDeep *t)
{
	fc_deep_phase(t, FC_CLUSTERING);
	for (int i = 0; i < 2; i++)
		memset(t->vmoment[i], 0, sizeof(FcReal) * t->k * t->m);
	fc_deep_joint_phase(t);
}

void
fc_deep_cluster(FcDeep *t)
{
	FcModel    *m = t->model;
	int32_t		epochs = (int32_t) m->option[FC_DEEP_EPOCHS];
	int32_t		refresh = (int32_t) m->option[FC_DEEP_REFRESH];

	if (t->phase != FC_CLUSTERING)
		begin(t);
	for (;;)
	{
		bool		first = t->epoch == 0;
		bool		due = t->epoch % refresh == 0;
		bool		last = t->epoch == epochs || m->iterations >= m->common[FC_MAX_ITERATIONS];

		if ((due || last) && !look(t, first))
		{
			restore(t, FC_COLLAPSED);
			return;
		}
		if (!first && due && t->changed <= m->option[FC_DEEP_LABEL_TOLERANCE])
			return;
		if (last)
		{
			m->converged = m->converged && t->epoch == epochs;
			return;
		}
		if (!fc_deep_epoch(t, t->size, cluster_step))
		{
			m->iterations--;	/* it came to nothing */
			restore(t, FC_LOST);
			return;
		}
		t->epoch++;
		fc_deep_record(t, t->changed);
	}
}
