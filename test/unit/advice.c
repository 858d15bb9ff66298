/*
 * advice.c - what algorithms say of their trainings: messages, details and hints as users expect them
 */
#include "train.h"

#include "deep/model.h"
#include "deep/outcome.h"

#include <stdarg.h>

/* What was said last, and how often */
typedef struct Heard
{
	FcWords		words;
	char		part[FC_PARTS][400];
	int			messages;
	bool		unbegun;		/* a detail or a hint came before any message */
} Heard;

static void __attribute__((format(__printf__, 3, 4)))
hear(FcWords *w, FcPart part, const char *format,...)
{
	Heard	   *h = (Heard *) w;
	va_list		arguments;

	va_start(arguments, format);
	CHECK(vsnprintf(h->part[part], sizeof(h->part[part]), format, arguments) < (int) sizeof(h->part[part]));
	va_end(arguments);
	h->messages += part == FC_MESSAGE;
	h->unbegun = h->unbegun || h->messages == 0;
}

static bool
is_sentence(const char *text)
{
	return text[0] == '\0' || (!(text[0] >= 'a' && text[0] <= 'z') && text[strlen(text) - 1] == '.');
}

static bool
is_message(const char *text)
{
	return text[0] == '\0' || !is_sentence(text);
}

static void
begin_fit(FcFit *f, FcModel *m, const FcAlgorithm *algo, FcDeepOutcome *o)
{
	static const double shape[3] = {1, 28, 28};

	fc_model_begin(m, algo, 3, 5);
	if (algo->network != NULL)
		m->list[fc_list_position(algo, FC_DEEP_SHAPE)] = (double *) shape;
	*o = (FcDeepOutcome) {.largest = 1, .variance = 1, .reconstruction = NAN, .starts.agreement = NAN};
	*f = (FcFit) {.model = m, .rows = {.n = 10, .d = 5, .precision = FC_F64}, .outcome = o};
	f->memory.least = 1 << 20;
	f->failure.allowed = 100;
	m->converged = true;
}

/* Every status has an answer or none; what ends as a sentence begins as one */
static int
test_explanations(const FcAlgorithm *algo)
{
	FcDeepOutcome o;
	FcModel		m;
	FcFit		f;
	int			messages = 0;
	int			hints = 0;

	for (int status = FC_OK; status < FC_STATUSES; status++)
	{
		Heard		h = {.words.say = hear};

		begin_fit(&f, &m, algo, &o);
		o.distinct_codes = true;
		algo->advice->explain(&f, (FcStatus) status, &h.words);
		CHECK(h.messages <= 1 && is_message(h.part[FC_MESSAGE]) && is_sentence(h.part[FC_DETAIL]));
		CHECK(h.part[FC_HINT][0] == '\0' || is_sentence(h.part[FC_HINT]) == (status != FC_TOO_LITTLE_MEMORY));
		hints += h.part[FC_HINT][0] != '\0';
		messages += h.messages;
	}
	CHECK(hints > 0);
	return messages;
}

/* None of a model that is all right; one of each reason */
static void
test_doubts(const FcAlgorithm *algo)
{
	static const FcGuard guards[] = {FC_COLLAPSED, FC_LOST, FC_UNREFINED};
	FcDeepOutcome o;
	FcModel		m;
	FcFit		f;

	for (int i = 0; i < 8; i++)
	{
		Heard		h = {.words.say = hear};

		begin_fit(&f, &m, algo, &o);
		if (i >= 1 && i <= 3)
			o.guard = guards[i - 1];
		m.converged = i == 0 || i > 4;
		o.reconstruction = i == 5 ? 2 : NAN;
		o.largest = i == 6 ? 1000 : 1;
		o.starts.agreement = i == 7 ? 0.3 : NAN;
		algo->advice->doubt(&f, &h.words);
		CHECK_EQ(h.messages, i > 0);
		CHECK(!h.unbegun && is_message(h.part[FC_MESSAGE]) && is_sentence(h.part[FC_DETAIL]) && is_sentence(h.part[FC_HINT]));
	}
}

/* How many statuses have an answer */
static int
count_explanations(const FcAlgorithm *algo)
{
	if (algo->network != NULL)
		return 8;
	return algo == fc_find_algorithm("spectral") ? 2 : algo == fc_find_algorithm("pcm") ? 1 : 0;
}

/* Of the others doubts are in tests through SQL: pcm, sharpen, spectral */
static bool
has_doubts(const FcAlgorithm *algo)
{
	static const char *const others[] = {"pcm", "fcm", "mec", "tsallis", "spectral", NULL};

	for (int i = 0; others[i] != NULL; i++)
		if (algo == fc_find_algorithm(others[i]))
			return true;
	return algo->network != NULL;
}

int
main(int argc, char **argv)
{
	for (int i = 0; fc_algorithms[i] != NULL; i++)
	{
		const FcAlgorithm *algo = fc_algorithms[i];

		CHECK((algo->advice && algo->advice->doubt) == has_doubts(algo));
		if (algo->advice == NULL || algo->advice->explain == NULL || !is_wanted(algo, argc, argv))
			continue;
		CHECK_EQ(test_explanations(algo), count_explanations(algo));
		if (algo->network != NULL)
			test_doubts(algo);
	}
	return check_report("advice");
}
