/*
 * fit.c - a training of a network, from the first phase to the result
 *
 *	1. the autoencoder learns to reconstruct its input		(epochs.c)
 *	2. the codes of all rows are first clustered				(start.c)
 *	3. codes and centers learn together						(cluster.c, joint.c)
 *	4. a classifier learns the clusters, if requested	(refine.c)
 *	5. one pass over all rows: sizes and radii of the clusters, and their centers decoded; the axes of the codes
 */
#include "core/scale.h"
#include "deep/training.h"

#include <math.h>
#include <string.h>

#define DENSE_GAIN	3			/* see net.c */
#define CONV_GAIN	4
#define WORK_SIZE		32768		/* room for an FcDeep; a model says how large the layout was, whatever fields that has */
#define VALUES		(1 << 20)	/* between two checks */

const FcEpochHooks fc_deep_epoch_hooks = {
	.phases = fc_deep_phases,
	.most = fc_deep_epochs,
	.state_size = fc_deep_state_size,
	.save_state = fc_deep_save,
};

_Static_assert(sizeof(FcDeep) <= WORK_SIZE, "the work space of a training outgrew its room");

/* ---- memory ---- */

/* Sizes, and values of the options */
static void
begin_layout(FcDeep *t, FcFit *f)
{
	FcModel    *m = f->model;

	memset(t, 0, sizeof(FcDeep));
	t->fit = f;
	t->model = m;
	t->method = fc_deep_method(m);
	t->n = f->rows.n;
	t->d = m->d;
	t->k = m->k;
	t->latent = fc_deep_latent(m);
	t->batch_size = m->option[FC_DEEP_BATCH_SIZE] < t->n ? (int32_t) m->option[FC_DEEP_BATCH_SIZE] : (int32_t) t->n;
	t->joint.count = fc_deep_neighbors(m);
	t->space = fc_column_space(&f->memory.spill);
}

/* What only the leader needs, besides the columns of the phases */
static void
results_layout(FcArena *a, FcDeep *t)
{
	FcDeepClusters *s = &t->clusters;

	fc_distinct_layout(a, &t->first.distinct, &t->fit->rows, t->k);
	fc_principal_layout(a, &t->principal, t->n, t->latent, sizeof(FcReal));
	s->count = fc_take(a, t->k, sizeof(int64_t));
	s->distance = fc_take(a, t->k, sizeof(double));
	s->near = fc_take(a, fc_times(t->k, FC_DEEP_NEAR), sizeof(double));
}

/* Another member gets the same shared memory, and of the rest only its own share */
void *
fc_deep_layout(FcArena *a, const FcFit *f)
{
	FcDeep	   *placed = fc_take(a, 1, WORK_SIZE);
	FcDeep		counting;
	FcDeep	   *t = placed ? placed : &counting;
	size_t		before;

	begin_layout(t, (FcFit *) f);
	fc_deep_step_layout(a, t);
	fc_deep_network_layout(a, t);
	before = fc_deep_taken(a);
	fc_deep_rows_layout(a, t, &f->rows);
	if (fc_deep_leads(t))
		fc_deep_start_layout(a, t);
	t->fit->memory.rows = fc_deep_taken(a) - before + sizeof(float) * 2 * t->latent * FC_DEEP_NEIGHBOR_CODES(f->model).rows;
	fc_deep_cluster_layout(a, t);
	fc_deep_joint_layout(a, t);
	fc_deep_refine_layout(a, t);
	fc_deep_search_layout(a, t);
	if (fc_deep_leads(t))
		results_layout(a, t);
	return placed;
}

/* ---- tasks ---- */

/* What batches point to, in each member */
static void
connect(FcDeep *t)
{
	FcDeepNetwork *n = &t->network;

	n->parameters = FC_DEEP_PARAMETERS(t->model).data;
	n->batch.parameters = n->parameters;
	n->batch.hooks = (FcHooks) {.check = t->fit->hooks.check, .arg = t->fit->hooks.arg};
	(void) fc_deep_shape(t->model, &t->rows.image);
	fc_deep_joint_connect(t);
	fc_deep_connect_classifier(t);
	fc_deep_connect_search(t);
}

static void
join(FcFit *f)
{
	FcDeep	   *t = f->work;

	t->fit = f;
	connect(t);
}

static const FcTask *const tasks[] = {
	&fc_deep_gather_task,
	&fc_deep_embed_task,
	&fc_deep_pretrain_task,
	&fc_deep_cluster_task,
	&fc_deep_refine_task,
	&fc_deep_learn_codes_task,
	&fc_deep_learn_clusters_task,
	&fc_deep_learn_classes_task,
	&fc_deep_view_task,
	&fc_deep_classify_task,
	&fc_deep_search_task,
	NULL
};

const FcTeamHooks fc_deep_team = {.tasks = tasks, .join = join};

/* ---- training ---- */

/* First parameters: those of an earlier model, or random ones */
static void
begin_parameters(FcDeep *t)
{
	FcModel    *m = t->model;
	FcDeepNetwork *n = &t->network;
	double		gain = m->option[FC_DEEP_NETWORK] == FC_CONV ? CONV_GAIN : DENSE_GAIN;
	FcRng		rng;

	if (t->fit->earlier)
	{
		fc_copy(&t->fit->hooks, n->parameters, FC_DEEP_PARAMETERS(t->fit->earlier).data, sizeof(float) * FC_DEEP_PARAMETERS(m).rows);
		return;
	}
	fc_rng_start(&rng, (uint64_t) m->common[FC_SEED], FC_DEEP_STREAM_WEIGHTS);
	fc_net_initialize(&n->net, &n->batch.hooks, gain, &rng, n->parameters);
}

static void
begin_training(FcDeep *t)
{
	FcModel    *m = t->model;

	connect(t);
	memset(&t->course, 0, sizeof(t->course));
	t->course.phase = FC_DEEP_PHASES;	/* none has begun */
	m->converged = true;
	m->iterations = 0;
	m->history.count = 0;
	m->history.step = 1;
	begin_parameters(t);
	fc_deep_joint_begin(t);
}

/* ---- the result ---- */

/* Centers of codes, weights of dimensions, and the centers decoded */
static void
store_centers(FcDeep *t)
{
	FcModel    *m = t->model;
	const FcDeepCenters *now = &t->clusters.now;
	FcReal	   *y = t->rows.moved;

	for (int64_t i = 0; i < (int64_t) t->k * t->latent; i++)
		FC_DEEP_CENTERS(m)[i] = now->v[i];
	fc_deep_store_mixture(t);
	for (int64_t i = 0; now->w && i < (int64_t) t->k * t->latent; i++)
		FC_DEEP_WEIGHTS(m)[i] = now->w[i];
	for (int32_t c = 0; c < t->k; c++)
	{
		fc_check(&t->fit->hooks);
		fc_decode_rows(&t->network.batch, now->v + (int64_t) c * t->latent, 1, y);
		for (int32_t j = 0; j < t->d; j++)
			m->centers[(int64_t) c * t->d + j] = y[j];
	}
}

/* One row in the code space: adds its part to its cluster, and memberships q (k), if there are any, to all clusters */
static void
measure_row(FcDeep *t, const FcReal *z, const FcReal *q)
{
	FcModel    *m = t->model;
	FcDeepClusters *s = &t->clusters;
	int32_t		nearest = fc_deep_nearest(m, z, s->distance, s->near);
	double		sum = 0;

	m->radius[nearest] += sqrt(s->distance[nearest]);
	s->count[nearest]++;
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

/* Codes of a portion of the rows, or outputs of a classifier; and memberships in t->work.q */
static const FcReal *
find_codes(FcDeep *t, const FcPortion *p)
{
	FcCodes		codes;

	if (fc_deep_refines(t->model))
		return fc_deep_classify(t, p->first, (int32_t) p->rows);
	codes = fc_deep_codes(t, fc_column_read(&t->clusters.z, p->first, p->rows), p->rows, true);
	if (t->method->memberships)
		t->method->memberships(t->model, &codes, t->work.q);
	return codes.z;
}

/* Radii are sums so far */
static void
finish_clusters(FcModel *m, const int64_t *count)
{
	m->empty = 0;
	for (int32_t c = 0; c < m->k; c++)
		if (count[c] > 0)
			m->radius[c] /= count[c];
		else
			m->empty++;
}

/* Sizes and radii of the clusters */
static void
measure_clusters(FcDeep *t)
{
	FcModel    *m = t->model;
	bool		refines = fc_deep_refines(m);
	int32_t		width = refines ? t->refine.outputs : t->latent;

	memset(m->weights, 0, sizeof(double) * t->k);
	memset(m->radius, 0, sizeof(double) * t->k);
	memset(t->clusters.count, 0, sizeof(int64_t) * t->k);
	for (FcPortion p = refines ? fc_deep_portions(t, t->refine.size) : fc_deep_tiles(t); fc_next_portion(&p);)
	{
		const FcReal *z = find_codes(t, &p);

		for (int64_t i = 0; i < p.rows; i++)
			measure_row(t, z + i * width, t->method->memberships ? t->work.q + i * t->k : NULL);
	}
	finish_clusters(m, t->clusters.count);
}

/* The axes of codes, which are those of the last refresh */
static void
project_codes(FcDeep *t)
{
	FcPrincipal *p = &t->principal;
	FcReal	   *x = p->x;

	fc_principal_choose(p, t->n, t->latent);
	for (int32_t i = 0; i < p->cloud.n; i++)
	{
		const FcReal *code = fc_column_read(&t->clusters.z, p->from[i], 1);

		for (int32_t j = 0; j < t->latent; j++)
			x[j * p->cloud.stride + i] = code[j];
	}
	p->cloud.x = x;
	p->cloud.precision = sizeof(FcReal) == sizeof(float) ? FC_F32 : FC_F64;
	fc_principal_axes(p, t->fit->isa, &t->fit->hooks, FC_PROJECTION(t->model));
}

/* (y - x)^2 of a row in the window, by its code */
static double
squared_error(FcDeep *t, int32_t i)
{
	const FcReal *x = t->rows.x + (int64_t) i * t->d;
	FcReal	   *y = t->rows.moved;
	double		sum = 0;

	fc_decode_rows(&t->network.batch, fc_column_read(&t->clusters.z, t->rows.list[i], 1), 1, y);
	for (int32_t j = 0; j < t->d; j++)
		sum += ((double) y[j] - x[j]) * ((double) y[j] - x[j]);
	return sum;
}

/* After the first phase, if there was one, or the method wants to know: the mean squared error of as many rows as a batch has, far apart */
static void
measure_reconstruction(FcDeep *t)
{
	FcDeepRows *r = &t->rows;
	double		sum = 0;

	if (t->method->variational == NULL &&
		(t->model->option[FC_DEEP_PRETRAIN_EPOCHS] == 0 || (t->fit->earlier && t->method->loss)))
		return;
	for (int32_t i = 0; i < t->batch_size; i++)
		r->list[i] = (int32_t) (i * t->n / t->batch_size);
	fc_deep_gather_rows(t, t->batch_size);
	for (int32_t i = 0; i < t->batch_size; i++)
	{
		fc_check(&t->fit->hooks);
		sum += squared_error(t, i);
	}
	t->outcome.reconstruction = sum / t->batch_size / t->d;
}

static bool
is_finite_array(const FcArray *array, const FcHooks *hooks)
{
	for (FcPortion p = fc_portions(hooks, array->rows * array->columns, VALUES); fc_next_portion(&p);)
		for (int64_t i = p.first; i < p.first + p.rows; i++)
			if (!isfinite(array->narrow ? (*array->narrow)[i] : (*array->data)[i]))
				return false;
	return true;
}

/* All that the model consists of */
static bool
is_finite(const FcDeep *t)
{
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n = fc_model_arrays(t->model, arrays);

	for (int a = 0; a < n; a++)
		if (!is_finite_array(&arrays[a], &t->fit->hooks))
			return false;
	return isfinite(t->model->objective);
}

/* ---- phases ---- */

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
	t->fit->course.phase = FC_CLUSTERING;
	fc_deep_first_codes(t);
	measure_reconstruction(t);
	t->outcome.distinct_codes = true;
	return fc_deep_start(t);
}

/* From where the training is */
static FcStatus
run_phases(FcDeep *t)
{
	FcStatus	status = FC_OK;

	if (t->course.phase == FC_REFINING)
		fc_deep_embed_all(t);
	else if (t->course.phase != FC_CLUSTERING)	/* which begins with a refresh, or needs no codes until the next */
		status = learn_codes(t);
	if (status != FC_OK)
		return status;
	if (t->method->loss && t->course.phase != FC_REFINING)
		fc_deep_cluster(t);
	if (fc_deep_keeps_classifier(t->fit))
		fc_deep_keep_classifier(t);
	else if (fc_deep_refines(t->model))
		fc_deep_refine(t);
	return FC_OK;
}

/* What the features are like, as the network sees them */
static void
measure_features(FcDeep *t)
{
	const FcColumns *s = t->fit->columns;
	FcDeepOutcome *o = &t->outcome;

	for (int32_t j = 0; j < t->d; j++)
	{
		double		factor = t->model->factor ? t->model->factor[j] : 1;

		o->largest = fmax(o->largest, fmax(fabs(s->low[j]), fabs(s->high[j])));
		o->variance += s->squares[j] / t->n * factor * factor / t->d;
	}
}

FcStatus
fc_deep_fit(FcFit *f, void *work)
{
	FcDeep	   *t = work;
	FcStatus	status;

	t->fit = f;
	f->work = t;
	t->outcome = (FcDeepOutcome) {.start = FC_START_AUTO, .starts = {NAN, NAN, NAN, NAN}, .reconstruction = NAN};
	f->outcome = &t->outcome;
	measure_features(t);
	f->failure.distinct = fc_count_distinct(&t->first.distinct, &f->rows, &f->hooks);
	if (f->failure.distinct < t->k)
		return FC_TOO_FEW_ROWS;
	begin_training(t);
	if (f->resume.state && !fc_deep_restore(t, f->resume.state, f->resume.length))
		return FC_OTHER_STATE;
	status = run_phases(t);
	if (status != FC_OK)
		return status;
	fc_deep_note_start(t->model, t->outcome.start);
	store_centers(t);
	measure_clusters(t);
	project_codes(t);
	return is_finite(t) ? FC_OK : FC_DIVERGED;
}
