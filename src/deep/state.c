/*
 * state.c - a training of a network as bytes, to resume from
 *
 * After each epoch the state contains everything on which the next one
 * depends: parameters and moments, random numbers, the position in the phase,
 * the results of the last refresh, and the best state kept by the guard.  A
 * training that resumes from there, over the same rows, ends with the same
 * bytes as one that was never stopped.
 *
 * visit() is the only list of its contents; measuring, saving and restoring go
 * through it.  Its first part describes the rest, so that is restored first.
 * The bytes are specific to this machine's byte order and this version: they
 * are needed only until the training is done, and a training that cannot read
 * them starts over.
 *
 * Bytes may be arbitrary: sizes and numbers are checked, so that wrong ones
 * give a wrong model at worst.
 */
#include "deep/training.h"

#include <string.h>

#define MAGIC	0x46435336		/* changes with the list */

/* What is done with the data of a state */
typedef enum Purpose
{
	MEASURE,
	SAVE,
	RESTORE
} Purpose;

typedef struct Visit
{
	Purpose		purpose;
	const FcHooks *hooks;
	size_t		size;			/* so far */
	char	   *bytes;			/* of the next data; not if they are only measured */
} Visit;

static void
visit_bytes(Visit *v, void *data, size_t size)
{
	v->size += size;
	if (v->purpose == SAVE)
		fc_copy(v->hooks, v->bytes, data, size);
	else if (v->purpose == RESTORE)
		fc_copy(v->hooks, data, v->bytes, size);
	if (v->purpose != MEASURE)
		v->bytes += size;
}

static void
visit_column(Visit *v, FcColumn *c)
{
	bool		saves = v->purpose == SAVE;

	if (v->purpose == MEASURE)
	{
		visit_bytes(v, NULL, (size_t) c->n * c->width);
		return;
	}
	for (FcPortion p = fc_portions(v->hooks, c->n, c->most); fc_next_portion(&p);)
	{
		void	   *rows = saves ? fc_column_read(c, p.first, p.rows) : fc_column_place(c, p.first, p.rows);

		visit_bytes(v, rows, (size_t) p.rows * c->width);
		if (!saves)
			fc_column_write(c, p.first, p.rows);
	}
}

/* ---- the list ---- */

/* The training to which it belongs */
typedef struct Identity
{
	uint32_t	magic;
	int32_t		k;
	int32_t		d;
	int32_t		nnetwork;
	int32_t		nclassifier;
	int64_t		n;
	double		common[FC_NCOMMON];
	double		option[FC_MAX_OPTIONS];
} Identity;

/* ... and where that is */
typedef struct Head
{
	Identity	identity;
	FcDeepCourse course;
	int32_t		iterations;
	int32_t		nhistory;
	int32_t		history_step;
	int32_t		converged;
	int32_t		guard;
	int32_t		guard_phase;
	int32_t		guard_epoch;
	int32_t		has_kept;
	int32_t		start;
	FcDeepStarts starts;
	double		objective;
	double		bounds[4];		/* of the guards: largest, smallest, quality; fewest rows of the classifier */
	FcRng		rng[2];			/* of the two networks */
} Head;

/* Gaps are 0: equal states have equal bytes */
static void
begin_identity(Identity *i, const FcDeep *t)
{
	const FcModel *m = t->model;

	memset(i, 0, sizeof(Identity));
	i->magic = MAGIC;
	i->k = t->k;
	i->d = t->d;
	i->n = t->n;
	i->nnetwork = FC_DEEP_PARAMETERS(m).rows;
	i->nclassifier = FC_DEEP_CLASSIFIER(m).rows;
	memcpy(i->common, m->common, sizeof(i->common));
	memcpy(i->option, m->option, sizeof(i->option));
}

static void
begin_head(Head *h, const FcDeep *t)
{
	const FcModel *m = t->model;

	memset(h, 0, sizeof(Head));
	begin_identity(&h->identity, t);
	memcpy(&h->course, &t->course, sizeof(h->course));
	h->iterations = m->iterations;
	h->nhistory = m->history.count;
	h->history_step = m->history.step;
	h->converged = m->converged;
	h->guard = t->outcome.guard;
	h->guard_phase = t->outcome.guard_phase;
	h->guard_epoch = t->outcome.guard_epoch;
	h->has_kept = t->refine.has_kept;
	h->start = t->outcome.start;
	h->starts = t->outcome.starts;
	h->objective = m->objective;
	h->bounds[0] = t->best.largest;
	h->bounds[1] = t->best.smallest;
	h->bounds[2] = t->best.quality;
	h->bounds[3] = t->refine.fewest;
	h->rng[0] = t->network.batch.rng;
	h->rng[1] = t->refine.batch.rng;
}

static void
take_head(FcDeep *t, const Head *h)
{
	FcModel    *m = t->model;

	memcpy(&t->course, &h->course, sizeof(t->course));
	t->fit->course.phase = h->course.phase;
	if (h->course.phase != FC_REFINING)
		fc_deep_choose_augment(t, h->course.phase);
	m->iterations = h->iterations;
	m->history.count = h->nhistory;
	m->history.step = h->history_step;
	m->converged = h->converged != 0;
	t->outcome.guard = (FcGuard) h->guard;
	t->outcome.guard_phase = h->guard_phase;
	t->outcome.guard_epoch = h->guard_epoch;
	t->refine.has_kept = h->has_kept != 0;
	t->outcome.start = h->start;
	t->outcome.starts = h->starts;
	m->objective = h->objective;
	t->best.largest = h->bounds[0];
	t->best.smallest = h->bounds[1];
	t->best.quality = h->bounds[2];
	t->refine.fewest = h->bounds[3];
	t->network.batch.rng = h->rng[0];
	t->refine.batch.rng = h->rng[1];
}

static void
visit_centers(FcDeep *t, FcDeepCenters *c, Visit *v)
{
	size_t		size = sizeof(FcReal) * t->k * t->latent;

	visit_bytes(v, c->v, size);
	if (c->w)
		visit_bytes(v, c->w, size);
	if (c->more)
		visit_bytes(v, c->more, sizeof(FcReal) * fc_deep_more(t->model));
	if (c->second)
		visit_bytes(v, c->second, sizeof(FcReal) * t->network.net.encoder_parameters);
}

/* Only where a method clusters */
static void
visit_clusters(FcDeep *t, Visit *v)
{
	size_t		size = sizeof(FcReal) * t->k * t->latent;

	visit_centers(t, &t->best.centers, v);
	visit_bytes(v, t->best.parameters, sizeof(FcReal) * t->network.net.parameters);
	for (int i = 0; i < 2; i++)
		visit_bytes(v, t->work.moment[i], size);
	for (int i = 0; i < 2 && t->variation.moment[i]; i++)
		visit_bytes(v, t->variation.moment[i], sizeof(FcReal) * fc_deep_more(t->model));
	for (int i = 0; i < 2 && t->joint.moment[i]; i++)
		visit_bytes(v, t->joint.moment[i], sizeof(FcReal) * t->network.net.encoder_parameters);
	if (t->joint.count > 0)
		visit_column(v, &t->joint.nearest);
}

static void
visit_classifier(FcDeep *t, Visit *v)
{
	FcDeepRefine *r = &t->refine;
	size_t		parameters = sizeof(FcReal) * r->net.parameters;
	size_t		head = sizeof(FcReal) * t->k * r->outputs;

	visit_bytes(v, FC_DEEP_CLASSIFIER(t->model).data, parameters);
	for (int i = 0; i < 2; i++)
		visit_bytes(v, r->moment[i], parameters);
	visit_bytes(v, r->kept, parameters);
	visit_column(v, &r->kept_label);
	if (r->head.v == NULL)
		return;
	visit_bytes(v, r->head.v, head);
	visit_bytes(v, r->head.kept, head);
	for (int i = 0; i < 2; i++)
		visit_bytes(v, r->head.moment[i], head);
}

/* All except the head, which is already known */
static void
visit(FcDeep *t, Visit *v)
{
	FcModel    *m = t->model;

	visit_bytes(v, m->history.rows, sizeof(double) * m->history.count * fc_history_width(m->algo));
	visit_bytes(v, FC_DEEP_PARAMETERS(m).data, sizeof(FcReal) * t->network.net.parameters);
	for (int i = 0; t->course.phase != FC_REFINING && i < 2 && t->network.moment[i]; i++)
		visit_bytes(v, t->network.moment[i], sizeof(FcReal) * t->network.net.parameters);
	if (t->course.phase == FC_PRETRAINING)
		return;
	visit_column(v, &t->clusters.label);
	visit_column(v, &t->clusters.target);
	visit_centers(t, &t->clusters.now, v);
	if (t->course.phase == FC_CLUSTERING)
		visit_clusters(t, v);
	else
		visit_classifier(t, v);
}

/* ---- saving ---- */

/* After an epoch */
size_t
fc_deep_state_size(void *work)
{
	FcDeep	   *t = work;
	Visit		v = {.purpose = MEASURE, .size = sizeof(Head)};

	visit(t, &v);
	return v.size;
}

/* state has this number of bytes; the hooks of the training may longjmp */
void
fc_deep_save(void *work, char *state)
{
	FcDeep	   *t = work;
	Head		h;
	Visit		v = {.purpose = SAVE, .hooks = &t->fit->hooks, .bytes = state};

	begin_head(&h, t);
	visit_bytes(&v, &h, sizeof(h));
	visit(t, &v);
}

/* ---- restoring ---- */

/* Options of both that are found from the data are NaN, or found */
static bool
is_same_training(const FcDeep *t, const Identity *i)
{
	Identity	own;

	begin_identity(&own, t);
	return memcmp(i, &own, sizeof(own)) == 0;
}

/*
 * Iterations decide how many rows of the history there are, see fc_model_record().
 * No epoch takes more steps than there are rows.
 */
static bool
counts_fit(const Head *h)
{
	int32_t		step = 1;

	while ((h->iterations - 1) / step >= FC_MAX_HISTORY)
		step *= 2;
	return h->history_step == step && h->nhistory == (h->iterations - 1) / step + 1 && h->course.steps >= 0 &&
		h->course.steps / h->iterations <= h->identity.n;
}

/* Are epochs such as the phase has, and those before it had? */
static bool
epochs_fit(const FcDeep *t, const Head *h)
{
	const FcModel *m = t->model;
	int32_t		epoch = h->course.epoch;
	double		before = 0;		/* most epochs of earlier phases */
	double		most = m->option[FC_DEEP_PRETRAIN_EPOCHS];

	if (h->course.phase == FC_PRETRAINING)
		return epoch == 0 && h->iterations <= most;
	if (t->fit->earlier == NULL || t->method->loss == NULL)
		before = most;
	most = m->option[FC_DEEP_EPOCHS];
	if (h->course.phase == FC_REFINING)
	{
		before += most;
		most = m->option[FC_DEEP_REFINE_EPOCHS];
	}
	return epoch >= 1 && epoch <= most && epoch <= h->iterations && h->iterations - epoch <= before;
}

/* What is told in the end */
static bool
outcome_fits(const Head *h, int last)
{
	return h->start >= FC_START_GRAPH && h->start <= FC_START_AUTO && h->guard >= FC_UNGUARDED &&
		h->guard <= FC_UNREFINED && h->guard_phase >= FC_PRETRAINING && h->guard_phase <= last && h->guard_epoch >= 0 &&
		h->guard_epoch <= h->iterations;
}

/* Only the second phase may end within an epoch */
static bool
ends_fit(const FcDeepCourse *course)
{
	return course->ends == 0 || (course->ends == 1 && course->phase == FC_CLUSTERING);
}

/* Is it of this training, and can it be? */
static bool
head_fits(const FcDeep *t, const Head *h)
{
	const FcModel *m = t->model;
	const FcDeepCourse *course = &h->course;
	int			last = fc_deep_refines(m) ? FC_REFINING : t->method->loss ? FC_CLUSTERING : FC_PRETRAINING;

	return is_same_training(t, &h->identity) && course->phase >= FC_PRETRAINING && course->phase <= last &&
		h->iterations >= 1 && h->iterations <= m->common[FC_MAX_ITERATIONS] && epochs_fit(t, h) &&
		course->quiet_refreshes >= 0 && course->quiet_refreshes <= course->epoch && ends_fit(course) && counts_fit(h) && outcome_fits(h, last);
}

/* Are all numbers of a column, from 0 on, below a limit? */
static bool
numbers_fit(FcDeep *t, FcColumn *c, int64_t limit)
{
	int64_t		in_row = (int64_t) (c->width / sizeof(int32_t));

	for (FcPortion p = fc_portions(&t->fit->hooks, c->n, c->most); fc_next_portion(&p);)
	{
		const int32_t *x = fc_column_read(c, p.first, p.rows);

		for (int64_t i = 0; i < p.rows * in_row; i++)
			if (x[i] < 0 || x[i] >= limit)
				return false;
	}
	return true;
}

/* Are labels, neighbours and phases such as there are? */
static bool
contents_fit(FcDeep *t)
{
	if (t->course.phase != FC_PRETRAINING && !numbers_fit(t, &t->clusters.label, t->k))
		return false;
	if (t->course.phase == FC_REFINING && !numbers_fit(t, &t->refine.kept_label, t->k))
		return false;
	if (t->course.phase == FC_CLUSTERING && t->joint.count > 0 && !numbers_fit(t, &t->joint.nearest, t->n))
		return false;
	return fc_deep_phases_fit(t->model, t->course.phase);
}

/* False if the bytes do not belong to this training; the contents of the layout are undefined then */
bool
fc_deep_restore(FcDeep *t, const char *state, size_t length)
{
	Head		h;
	Visit		v = {.purpose = RESTORE, .hooks = &t->fit->hooks, .bytes = (char *) state + sizeof(h)};

	if (length < sizeof(h))
		return false;
	memcpy(&h, state, sizeof(h));
	if (!head_fits(t, &h))
		return false;
	take_head(t, &h);
	if (length != fc_deep_state_size(t))
		return false;
	visit(t, &v);
	return contents_fit(t);
}
