/*
 * deep_state.c - a training of a network as bytes, to go on from another day
 *
 * After any epoch the state is all that the next one depends on: parameters and
 * moments, random numbers, where the phase is, what the last look at all rows
 * found, and the best state that the guard keeps.  What goes on from there, over
 * the same rows, ends with the same bytes as a training that was never stopped.
 *
 * visit() is the one list of what belongs to it; measuring, saving and restoring
 * go through it.  Its first part says what the rest is, so that is restored first.
 * The bytes are of this machine's order and this version: they are for the time
 * until the training is done, and who cannot read them begins anew.
 *
 * Bytes may come from anywhere: sizes and numbers are checked, so that wrong ones
 * give a wrong model at worst.
 */
#include "algo/deep.h"

#include <string.h>

#define MAGIC	0x46435333		/* changes with the list */

/* Data that belongs to the state */
typedef void (*Piece) (void *arg, void *data, size_t size);

/* ---- the list ---- */

/* Which training it is of, and where that is */
typedef struct Head
{
	uint32_t	magic;
	int32_t		phase;
	int32_t		k;
	int32_t		d;
	int64_t		n;
	double		common[FC_NCOMMON];
	double		option[FC_MAX_OPTIONS];
	int32_t		nnetwork;
	int32_t		nclassifier;
	int32_t		iterations;
	int32_t		nhistory;
	int32_t		history_step;
	int32_t		converged;
	int32_t		guard;
	int32_t		guard_phase;
	int32_t		guard_epoch;
	int32_t		epoch;
	int32_t		calm;
	int32_t		looked;
	int64_t		steps;
	double		objective;
	double		changed;
	double		loss[2];
	double		bounds[4];		/* of the guards: most, fewest, quality; fewest of the classifier */
	FcRng		rng[3];
} Head;

static Head
head_of(const FcDeep *t)
{
	const FcModel *m = t->model;
	Head		h;

	memset(&h, 0, sizeof(h));	/* its gaps too: equal states have equal bytes */
	h.magic = MAGIC;
	h.phase = t->phase;
	h.k = t->k;
	h.d = t->d;
	h.n = t->n;
	memcpy(h.common, m->common, sizeof(h.common));
	memcpy(h.option, m->option, sizeof(h.option));
	h.nnetwork = m->nnetwork;
	h.nclassifier = m->nclassifier;
	h.iterations = m->iterations;
	h.nhistory = m->nhistory;
	h.history_step = m->history_step;
	h.converged = m->converged;
	h.guard = t->fit->guard;
	h.guard_phase = t->fit->guard_phase;
	h.guard_epoch = t->fit->guard_epoch;
	h.epoch = t->epoch;
	h.calm = t->calm;
	h.looked = t->refine.looked;
	h.steps = t->steps;
	h.objective = m->objective;
	h.changed = t->changed;
	memcpy(h.loss, t->loss, sizeof(h.loss));
	h.bounds[0] = t->most;
	h.bounds[1] = t->fewest;
	h.bounds[2] = t->quality;
	h.bounds[3] = t->refine.fewest;
	h.rng[0] = t->rng;
	h.rng[1] = t->batch.rng;
	h.rng[2] = t->refine.batch.rng;
	return h;
}

static void
take_head(FcDeep *t, const Head *h)
{
	FcModel    *m = t->model;

	t->phase = h->phase;
	t->fit->phase = h->phase;
	m->iterations = h->iterations;
	m->nhistory = h->nhistory;
	m->history_step = h->history_step;
	m->converged = h->converged != 0;
	t->fit->guard = (FcGuard) h->guard;
	t->fit->guard_phase = h->guard_phase;
	t->fit->guard_epoch = h->guard_epoch;
	t->epoch = h->epoch;
	t->calm = h->calm;
	t->refine.looked = h->looked != 0;
	t->steps = h->steps;
	m->objective = h->objective;
	t->changed = h->changed;
	memcpy(t->loss, h->loss, sizeof(h->loss));
	t->most = h->bounds[0];
	t->fewest = h->bounds[1];
	t->quality = h->bounds[2];
	t->refine.fewest = h->bounds[3];
	t->rng = h->rng[0];
	t->batch.rng = h->rng[1];
	t->refine.batch.rng = h->rng[2];
}

static void
visit_centers(FcDeep *t, FcDeepCenters *c, Piece piece, void *arg)
{
	size_t		size = sizeof(FcReal) * t->k * t->m;

	piece(arg, c->v, size);
	if (c->w)
		piece(arg, c->w, size);
	if (c->second)
		piece(arg, c->second, sizeof(FcReal) * t->net.encoder_parameters);
}

/* Only where a method clusters */
static void
visit_clusters(FcDeep *t, Piece piece, void *arg)
{
	size_t		size = sizeof(FcReal) * t->k * t->m;

	visit_centers(t, &t->best, piece, arg);
	piece(arg, t->kept, sizeof(FcReal) * t->net.parameters);
	for (int i = 0; i < 2; i++)
		piece(arg, t->vmoment[i], size);
	for (int i = 0; i < 2 && t->joint.moment[i]; i++)
		piece(arg, t->joint.moment[i], sizeof(FcReal) * t->net.encoder_parameters);
	if (t->joint.nearest)
		piece(arg, t->joint.nearest, sizeof(int32_t) * t->n * t->joint.count);
}

static void
visit_classifier(FcDeep *t, Piece piece, void *arg)
{
	FcDeepRefine *r = &t->refine;
	size_t		parameters = sizeof(FcReal) * r->net.parameters;
	size_t		head = sizeof(FcReal) * t->k * r->outputs;

	piece(arg, t->model->classifier, parameters);
	for (int i = 0; i < 2; i++)
		piece(arg, r->moment[i], parameters);
	piece(arg, r->kept, parameters);
	piece(arg, r->kept_label, sizeof(int32_t) * t->n);
	if (r->head == NULL)
		return;
	piece(arg, r->head, head);
	piece(arg, r->kept_head, head);
	for (int i = 0; i < 2; i++)
		piece(arg, r->hmoment[i], head);
}

/* All but the head, which is known */
static void
visit(FcDeep *t, Piece piece, void *arg)
{
	FcModel    *m = t->model;

	piece(arg, m->history, sizeof(double) * m->nhistory * fc_history_width(m->algo));
	piece(arg, m->network, sizeof(FcReal) * t->net.parameters);
	for (int i = 0; t->phase != FC_REFINING && i < 2 && t->moment[i]; i++)
		piece(arg, t->moment[i], sizeof(FcReal) * t->net.parameters);
	if (t->phase == FC_PRETRAINING)
		return;
	piece(arg, t->label, sizeof(int32_t) * t->n);
	piece(arg, t->target, sizeof(FcReal) * t->n * t->k);
	visit_centers(t, &t->now, piece, arg);
	if (t->phase == FC_CLUSTERING)
		visit_clusters(t, piece, arg);
	else
		visit_classifier(t, piece, arg);
}

/* ---- saving ---- */

/* Where in the bytes */
typedef struct Place
{
	const FcHooks *hooks;
	char	   *bytes;
} Place;

static void
add_size(void *arg, void *data, size_t size)
{
	(void) data;
	*(size_t *) arg += size;
}

static void
append(void *arg, void *data, size_t size)
{
	Place	   *to = arg;

	fc_copy(to->hooks, to->bytes, data, size);
	to->bytes += size;
}

/* After an epoch */
size_t
fc_deep_state_size(FcDeep *t)
{
	size_t		size = sizeof(Head);

	visit(t, add_size, &size);
	return size;
}

/* state has so many bytes; the hooks of the training may longjmp */
void
fc_deep_save(FcDeep *t, char *state)
{
	Head		h = head_of(t);
	Place		to = {&t->fit->hooks, state};

	append(&to, &h, sizeof(h));
	visit(t, append, &to);
}

/* ---- restoring ---- */

static void
fetch(void *arg, void *data, size_t size)
{
	Place	   *from = arg;

	fc_copy(from->hooks, data, from->bytes, size);
	from->bytes += size;
}

/* Options of both that are found from the data are NaN, or found */
static bool
same_numbers(const double *a, const double *b, int count)
{
	return memcmp(a, b, sizeof(double) * count) == 0;
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
	return h->history_step == step && h->nhistory == (h->iterations - 1) / step + 1 && h->steps >= 0 &&
		h->steps / h->iterations <= h->n;
}

/* Are epochs such as the phase has, and those before it had? */
static bool
epochs_fit(const FcDeep *t, const Head *h)
{
	const FcModel *m = t->model;
	double		before = 0;		/* most epochs of earlier phases */
	double		most = m->option[FC_DEEP_PRETRAIN_EPOCHS];

	if (h->phase == FC_PRETRAINING)
		return h->epoch == 0 && h->iterations <= most;
	if (t->fit->earlier == NULL || t->method->loss == NULL)
		before = most;
	most = m->option[FC_DEEP_EPOCHS];
	if (h->phase == FC_REFINING)
	{
		before += most;
		most = m->option[FC_DEEP_REFINE_EPOCHS];
	}
	return h->epoch >= 1 && h->epoch <= most && h->iterations - h->epoch <= before;
}

/* Is it of this training, and can it be? */
static bool
head_fits(const FcDeep *t, const Head *h)
{
	const FcModel *m = t->model;
	int			last = fc_deep_refines(m) ? FC_REFINING : t->method->loss ? FC_CLUSTERING : FC_PRETRAINING;

	return h->magic == MAGIC && h->k == t->k && h->d == t->d && h->n == t->n && h->nnetwork == m->nnetwork &&
		h->nclassifier == m->nclassifier && same_numbers(h->common, m->common, FC_NCOMMON) &&
		same_numbers(h->option, m->option, FC_MAX_OPTIONS) && h->phase >= FC_PRETRAINING && h->phase <= last &&
		h->iterations >= 1 && h->iterations <= m->common[FC_MAX_ITERATIONS] && epochs_fit(t, h) &&
		h->epoch <= h->iterations && h->calm >= 0 && h->calm <= h->epoch && counts_fit(h) && h->guard >= FC_UNGUARDED &&
		h->guard <= FC_UNREFINED && h->guard_phase >= FC_PRETRAINING && h->guard_phase <= last && h->guard_epoch >= 0 &&
		h->guard_epoch <= h->iterations;
}

/* Are labels, neighbours and phases such as there are? */
static bool
contents_fit(const FcDeep *t)
{
	const int32_t *kept = t->phase == FC_REFINING ? t->refine.kept_label : NULL;
	int64_t		near = t->phase == FC_CLUSTERING ? t->n * t->joint.count : 0;

	for (int64_t i = 0; t->phase != FC_PRETRAINING && i < t->n; i++)
		if (t->label[i] < 0 || t->label[i] >= t->k || (kept && (kept[i] < 0 || kept[i] >= t->k)))
			return false;
	for (int64_t i = 0; i < near; i++)
		if (t->joint.nearest[i] < 0 || t->joint.nearest[i] >= t->n)
			return false;
	return fc_deep_phases_fit(t->model, t->phase);
}

/* False: the bytes are not of this training; what was laid out holds anything then */
bool
fc_deep_restore(FcDeep *t, const char *state, size_t length)
{
	Head		h;
	Place		from = {&t->fit->hooks, (char *) state + sizeof(h)};

	if (length < sizeof(h))
		return false;
	memcpy(&h, state, sizeof(h));
	if (!head_fits(t, &h))
		return false;
	take_head(t, &h);
	if (length != fc_deep_state_size(t))
		return false;
	visit(t, fetch, &from);
	return contents_fit(t);
}
