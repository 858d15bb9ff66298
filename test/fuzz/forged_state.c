/*
 * forged_state.c - a state of a training that is valid except for a field or
 * two must not make a training that resumes from it misbehave
 *
 * Threat: a checkpoint is a value in a table of the registry's owner.  Its
 * checksum is not secret, and its sizes follow from options that the owner
 * knows.  A training from an accepted state must end like any other, within
 * its epochs; a rejected state must leave nothing behind: the training that
 * starts over has the bytes of one that never saw the state.
 */
#include "bases.h"
#include "deep/training.h"

#define CLUSTERS	3
#define HEAD		720			/* bytes before the arrays, about */

/* States after each epoch of a kind of network, and the model in the end */
typedef struct Base
{
	double	   *x;
	int			count;
	Bytes		state[MOST_EPOCHS];
	Bytes		model;
} Base;

static void
begin_base(Training *t, size_t kind, const Base *base)
{
	begin_kind(t, &kinds[kind], CLUSTERS, kind % 2 ? FC_F32 : FC_F64, base->x, ROWS);
}

static void
keep_state(FcFit *f, void *work)
{
	Base	   *base = f->resume.arg;
	Bytes	   *state = &base->state[base->count++];

	require(base->count <= MOST_EPOCHS);
	state->size = fc_deep_state_size(work);
	state->data = malloc(state->size);
	require(state->data != NULL);
	fc_deep_save(work, state->data);
}

static const Base *
base_of(size_t kind)
{
	static Base cache[COUNT_OF(kinds)];
	Base	   *base = &cache[kind];
	Training	t;
	void	   *work;

	if (base->count > 0)
		return base;
	base->x = make_noise(ROWS, kinds[kind].d, kind);
	begin_base(&t, kind, base);
	t.fit.resume.epoch = keep_state;
	t.fit.resume.arg = base;
	require(place_training(&t, SIZE_MAX, &work) && fc_fit(&t.fit, work) == FC_OK);
	base->model.data = model_bytes(&t.model, &base->model.size);
	training_end(&t);
	return base;
}

/* The state was refused: the same memory serves for a training from the beginning */
static void
begin_anew(Training *t, void *work, const Base *base)
{
	size_t		size;
	char	   *bytes;

	t->fit.resume.state = NULL;
	require(fc_fit(&t->fit, work) == FC_OK);
	bytes = model_bytes(&t->model, &size);
	require(size == base->model.size && memcmp(bytes, base->model.data, size) == 0);
	free(bytes);
}

static void
check_trained(const FcModel *m, double epochs)
{
	require(m->iterations <= epochs);
	require(m->history.count <= m->iterations);
	use(m);
}

static void
go_on(Recipe *r, size_t kind, const Base *base, const Bytes *state)
{
	Training	t;
	void	   *work;
	FcStatus	status;
	double		epochs;

	begin_base(&t, kind, base);
	require(place_training(&t, SIZE_MAX, &work));
	t.fit.resume.state = state->data;
	t.fit.resume.length = state->size;
	epochs = fc_deep_epochs(&t.model);
	status = fc_fit(&t.fit, work);
	if (status == FC_OK)
		check_trained(&t.model, epochs);
	else if (status == FC_OTHER_STATE && pick(r, 16) == 15)
		begin_anew(&t, work, base);
	training_end(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Recipe		r = {data, size};
	size_t		kind = pick_kind(&r);
	const Base *base = base_of(kind);
	Bytes		state = forge_bytes(&r, &base->state[pick(&r, base->count)], HEAD);

	go_on(&r, kind, base, &state);
	free(state.data);
	return 0;
}
