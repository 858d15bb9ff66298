/*
 * state.c - a training of a network as bytes: one that resumes from them ends
 * as if it had never stopped
 */
#include "deep_images.h"

#define MOST	64
#define FORGED	720			/* bytes of a state before its arrays, about */

/* The state after each epoch */
typedef struct States
{
	int			count;
	char	   *bytes[MOST];
	size_t		length[MOST];
	int			phase[MOST];
	int32_t		epoch[MOST];	/* of the phase */
} States;

static void
take_state(FcFit *f, void *work)
{
	States	   *s = f->resume.arg;
	const FcDeep *t = work;

	if (!CHECK(s->count < MOST))
		return;
	s->phase[s->count] = t->course.phase;
	s->epoch[s->count] = t->course.epoch;
	s->length[s->count] = fc_deep_state_size(work);
	s->bytes[s->count] = malloc(s->length[s->count]);
	fc_deep_save(work, s->bytes[s->count]);
	s->count++;
}

static void
free_states(States *s)
{
	for (int i = 0; i < s->count; i++)
		free(s->bytes[i]);
	s->count = 0;
}

/* A case: dropout, images that move, a head, weights and so on draw on all that a state has */
typedef struct Case
{
	const char *name;
	const char *options[8];		/* names and values, in turn; ends with NULL */
	double		values[8];
} Case;

static const Case cases[] = {
	{"autoencoder", {"start"}, {FC_START_GRAPH}},
	{"autoencoder", {"optimizer", "learning_rate", "shape", "dropout"}, {FC_SGD, 0.1, 0, 0.2}},
	{"dec", {"refresh", "epochs"}, {3, 7}},
	{"dec", {"refresh", "epochs"}, {100, 4}},
	{"edcwrn", {"epochs", "refine", "refine_batch_size", "refine_epochs"}, {3, FC_SELFLABEL, 15, 66}},
	{"idec", {"epochs", "refine", "refine_head", "refine_batch_size", "refine_epochs"},
	{3, FC_SELFLABEL, FC_HEAD_OWN, 16, 12}},
	{"edcwrn", {"neighbors", "epochs", "refresh", "shape", "dropout", "norm"}, {2, 7, 3, 0, 0.2, FC_NO_NORM}},
	{"edcwrn", {"neighbors", "epochs", "optimizer", "learning_rate", "refine", "refine_epochs"},
	{1, 3, FC_SGD, 0.1, FC_SELFLABEL, 4}},
	{"edcwrn", {"refresh_steps", "epochs", "cluster_zoom", "cluster_shift", "code_activation", "assignment"},
	{7, 5, 0.2, 0, FC_CODES_RELU, 1}},
	{"edcwrn", {"refresh_steps", "epochs", "neighbors", "label_tolerance", "refine", "refine_epochs"},	/* ends within an epoch */
	{7, 5, 2, 1, FC_SELFLABEL, 3}},
	{"dfmec", {"first_centers", "schedule", "pretrain_epochs", "epochs", "membership"}, {1, 1, 0, 5, 1}},
};

static void
begin_case(Training *t, const Case *c, const double *x)
{
	begin(t, c->name, FC_F32, x);
	*own_option(&t->model, "pretrain_epochs") = 6;
	if (fc_deep_method(&t->model)->loss)
		*own_option(&t->model, "label_tolerance") = 0;
	for (int i = 0; i < 8 && c->options[i]; i++)
		*own_option(&t->model, c->options[i]) = c->values[i];
}

/* From each state to the end, every few of them */
static void
test_resumed(const Case *c)
{
	double	   *x = make_images(21);
	States		states = {0};
	Training	whole;
	Training	plain;

	begin_case(&plain, c, x);
	run(&plain);
	begin_case(&whole, c, x);
	whole.fit.resume.epoch = take_state;
	whole.fit.resume.arg = &states;
	run(&whole);
	CHECK(same_model(&whole.model, &plain.model));	/* looking on changes nothing */
	CHECK_EQ(states.count, whole.model.iterations);
	for (int i = 0; i < states.count; i += 1 + i / 4)
	{
		Training	rest;

		begin_case(&rest, c, x);
		rest.fit.resume.state = states.bytes[i];
		rest.fit.resume.length = states.length[i];
		run(&rest);
		CHECK(same_model(&rest.model, &whole.model));
		CHECK_EQ(fc_deep_outcome(&rest.fit)->guard, fc_deep_outcome(&whole.fit)->guard);
		training_end(&rest);
	}
	free_states(&states);
	training_end(&plain);
	training_end(&whole);
	free(x);
}

/* The states of a resumed training are those of the whole one */
static void
test_states_of_resumed(void)
{
	double	   *x = make_images(22);
	States		states = {0};
	States		again = {0};
	Training	whole,
				rest;

	begin_case(&whole, &cases[5], x);
	whole.fit.resume.epoch = take_state;
	whole.fit.resume.arg = &states;
	run(&whole);
	begin_case(&rest, &cases[5], x);
	rest.fit.resume.state = states.bytes[3];
	rest.fit.resume.length = states.length[3];
	rest.fit.resume.epoch = take_state;
	rest.fit.resume.arg = &again;
	run(&rest);
	if (CHECK_EQ(again.count, states.count - 4))
		for (int i = 0; i < again.count; i++)
			CHECK(again.length[i] == states.length[i + 4] &&
				  memcmp(again.bytes[i], states.bytes[i + 4], again.length[i]) == 0);
	free_states(&states);
	free_states(&again);
	training_end(&whole);
	training_end(&rest);
	free(x);
}

static FcStatus
status_from(const Case *c, const double *x, const char *bytes, size_t length, const char *option, double value)
{
	Training	t;
	char	   *copy = malloc(length);	/* so that reading beyond it is seen */
	void	   *work;
	double		epochs;
	FcStatus	status;

	memcpy(copy, bytes, length);
	begin_case(&t, c, x);
	if (option)
		*own_option(&t.model, option) = value;
	t.fit.resume.state = copy;
	t.fit.resume.length = length;
	work = training_place(&t);
	epochs = fc_deep_epochs(&t.model);
	status = fc_fit(&t.fit, work);
	CHECK(status != FC_OK || t.model.iterations <= epochs);
	training_end(&t);
	free(copy);
	return status;
}

/* Of another training, cut, or changed: refused, or a model that is wrong at worst */
static void
test_damage(const Case *c)
{
	double	   *x = make_images(23);
	States		states = {0};
	Training	t;
	FcRng		rng;

	begin_case(&t, c, x);
	t.fit.resume.epoch = take_state;
	t.fit.resume.arg = &states;
	run(&t);
	fc_rng_start(&rng, 5, 0);
	for (int i = 0; i < states.count; i += 6)
	{
		char	   *bytes = states.bytes[i];
		size_t		length = states.length[i];

		CHECK_EQ(status_from(c, x, bytes, length, NULL, 0), FC_OK);
		CHECK_EQ(status_from(c, x, bytes, length, "epochs", 99), FC_OTHER_STATE);
		CHECK_EQ(status_from(c, x, bytes, length, "latent", 3), FC_OTHER_STATE);
		CHECK_EQ(status_from(c, x, bytes, length - 1, NULL, 0), FC_OTHER_STATE);
		CHECK_EQ(status_from(c, x, bytes, 0, NULL, 0), FC_OTHER_STATE);
		CHECK_EQ(status_from(c, x, bytes, length / 2, NULL, 0), FC_OTHER_STATE);
		for (int j = 0; j < 12; j++)
		{
			int64_t		at = fc_rng_below(&rng, j % 2 ? (int64_t) length : 700);
			char		kept = bytes[at];

			bytes[at] ^= (char) (1 + fc_rng_below(&rng, 255));
			(void) status_from(c, x, bytes, length, NULL, 0);
			bytes[at] = kept;
		}
	}
	free_states(&states);
	training_end(&t);
	free(x);
}

/* Each word of the beginning becomes 0, once in each phase: no training has more epochs than were asked for */
static void
test_forged_counts(const Case *c)
{
	static const int32_t none = 0;
	double	   *x = make_images(24);
	States		states = {0};
	Training	t;

	begin_case(&t, c, x);
	*own_option(&t.model, "pretrain_epochs") = 2;
	t.fit.resume.epoch = take_state;
	t.fit.resume.arg = &states;
	run(&t);
	for (int i = 1; i < states.count; i += 3)
		for (size_t at = 0; at < FORGED; at += 4)
		{
			int32_t		kept;

			memcpy(&kept, states.bytes[i] + at, 4);
			memcpy(states.bytes[i] + at, &none, 4);
			(void) status_from(c, x, states.bytes[i], states.length[i], "pretrain_epochs", 2);
			memcpy(states.bytes[i] + at, &kept, 4);
		}
	free_states(&states);
	training_end(&t);
	free(x);
}

/* Where all states of the second phase have the number of its epochs */
static bool
is_epoch(const States *s, size_t at)
{
	for (int i = 0; i < s->count; i++)
		if (s->phase[i] == FC_CLUSTERING && memcmp(s->bytes[i] + at, &s->epoch[i], 4) != 0)
			return false;
	return true;
}

/* The second phase is past its first epoch, and not past its last; what else a state says allows more */
static void
test_forged_epoch(const Case *c)
{
	double	   *x = make_images(24);
	States		states = {0};
	Training	t;
	int			places = 0;
	int			last;

	begin_case(&t, c, x);
	*own_option(&t.model, "pretrain_epochs") = 2;
	t.fit.resume.epoch = take_state;
	t.fit.resume.arg = &states;
	run(&t);
	last = states.count - 1;
	CHECK_EQ(states.phase[last], FC_CLUSTERING);
	CHECK(states.epoch[last] >= 3);
	for (size_t at = 0; at < FORGED; at += 4)
		if (is_epoch(&states, at))
		{
			static const int32_t none = 0;
			int32_t		beyond = (int32_t) *own_option(&t.model, "epochs") + 1;

			places++;
			memcpy(states.bytes[last] + at, &none, 4);
			CHECK_EQ(status_from(c, x, states.bytes[last], states.length[last], "pretrain_epochs", 2), FC_OTHER_STATE);
			memcpy(states.bytes[last] + at, &beyond, 4);
			CHECK_EQ(status_from(c, x, states.bytes[last], states.length[last], "pretrain_epochs", 2), FC_OTHER_STATE);
		}
	CHECK_EQ(places, 1);
	free_states(&states);
	training_end(&t);
	free(x);
}

int
main(void)
{
	const char *methods[MOST_METHODS];
	int			count = list_methods(methods, true);

	for (int i = 0; i < count; i++)
		test_resumed(&(Case) {methods[i], {"epochs"}, {6}});
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		test_resumed(&cases[i]);
	test_states_of_resumed();
	test_damage(&cases[5]);
	test_damage(&cases[6]);
	test_forged_counts(&cases[3]);
	test_forged_epoch(&cases[3]);
	return check_report("state");
}
