/*
 * deep_team.c - trainings of networks by several processes give the same bytes
 * as by one, in every phase of every method
 */
#include "deep_images.h"
#include "spill.h"
#include "team.h"

#define MOST	128

/* Options that draw on all that a step has: names and values, in turn; ends with NULL */
typedef struct Case
{
	const char *name;
	const char *options[9];
	double		values[9];
} Case;

static const Case cases[] = {
	{"autoencoder", {"start"}, {FC_START_GRAPH}},
	{"autoencoder", {"optimizer", "learning_rate", "shape", "dropout"}, {FC_SGD, 0.1, 0, 0.2}},
	{"autoencoder", {"network", "pretrain_epochs"}, {FC_CONV, 2}},
	{"dec", {"refresh", "epochs"}, {3, 4}},
	{"edcwrn", {"epochs", "refine", "refine_batch_size", "refine_epochs"}, {3, FC_SELFLABEL, 17, 66}},
	{"idec", {"epochs", "shape", "scale", "refine", "refine_head", "refine_batch_size", "refine_epochs"},
	{2, 0, FC_SCALE_ZSCORE, FC_SELFLABEL, FC_HEAD_OWN, 16, 6}},
	{"edcwrn", {"neighbors", "epochs", "refresh", "shape", "dropout", "norm"}, {2, 4, 3, 0, 0.2, FC_NO_NORM}},
	{"edcwrn", {"neighbors", "epochs", "optimizer", "learning_rate"}, {1, 3, FC_SGD, 0.1}},
	{"edcwrn", {"neighbors", "epochs", "refresh_steps", "cluster_zoom", "code_activation"}, {2, 3, 2, 0.2, FC_CODES_RELU}},
	{"dfmec", {"first_centers", "schedule", "epochs", "pretrain_epochs"}, {1, 1, 3, 0}},
};

/* The bytes of the states after all epochs, added up in a way that minds their order */
typedef struct States
{
	int			count;
	uint64_t	sum[MOST];
} States;

static void
take_state(FcFit *f, void *work)
{
	States	   *s = f->resume.arg;
	size_t		length = fc_deep_state_size(work);
	unsigned char *bytes = malloc(length);
	uint64_t	sum = 14695981039346656037u;

	fc_deep_save(work, (char *) bytes);
	for (size_t i = 0; i < length; i++)
		sum = (sum ^ bytes[i]) * 1099511628211u;
	free(bytes);
	if (CHECK(s->count < MOST))
		s->sum[s->count++] = sum;
}

static void
begin_case(Training *t, const Case *c, const double *x, States *s)
{
	begin(t, c->name, FC_F32, x);
	*own_option(&t->model, "pretrain_epochs") = 3;
	if (fc_deep_method(&t->model)->loss)
		*own_option(&t->model, "label_tolerance") = 0;
	for (int i = 0; i < 9 && c->options[i]; i++)
		if (strcmp(c->options[i], "scale") == 0)
			t->model.common[FC_SCALE] = c->values[i];
		else
			*own_option(&t->model, c->options[i]) = c->values[i];
	s->count = 0;
	t->fit.resume.epoch = take_state;
	t->fit.resume.arg = s;
}

static void
compare(const Case *c, const double *x)
{
	static const int sizes[] = {1, 2, 3, MOST_MEMBERS};
	Training	alone;
	States		expected;
	int			claims[MOST_MEMBERS];

	begin_case(&alone, c, x, &expected);
	run(&alone);
	for (int j = 0; j < 4; j++)
	{
		int			members = sizes[j];
		Training	t;
		States		s;
		File		file = {NULL, 0, 0, 0};

		begin_case(&t, c, x, &s);
		if (members == 3)		/* no column stays in memory */
			t.fit.memory.spill = spill_to(&file, 0);
		CHECK_EQ(team_run(&t, members, claims), FC_OK);
		CHECK_EQ(file.writes > 0, members == 3);
		CHECK_EQ(s.count, expected.count);
		for (int i = 0; i < s.count; i++)
			if (!CHECK(s.sum[i] == expected.sum[i]))
			{
				printf("%s, %s: another state after epoch %d with %d members\n", c->name, c->options[0], i + 1, members);
				break;
			}
		CHECK(same_model(&alone.model, &t.model));
		training_end(&t);
		file_end(&file);
	}
	training_end(&alone);
}

/* Members other than the leader do work, sooner or later */
static void
test_share(const double *x)
{
	int			claims[MOST_MEMBERS] = {0};

	for (int try = 0; try < 50 && claims[1] == 0; try++)
	{
		Training	t;
		States		s;

		begin_case(&t, &cases[0], x, &s);
		CHECK_EQ(team_run(&t, 2, claims), FC_OK);
		training_end(&t);
	}
	CHECK(claims[1] > 0);
}

int
main(void)
{
	double	   *x = make_images(31);
	const char *methods[MOST_METHODS];
	int			count = list_methods(methods, true);

	for (int i = 0; i < count; i++)
		compare(&(Case) {methods[i], {"epochs"}, {4}}, x);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		compare(&cases[i], x);
	test_share(x);
	free(x);
	return check_report("deep_team");
}
