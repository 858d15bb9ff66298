/*
 * advise_models.c - the algorithms that cluster_advise compares, judged on its sample without labels
 *
 *	score = stability separation							(eq. 1)
 *
 * where stability says whether parts of the rows lead to the same clusters (core/stability.c), and separation how well
 * the cluster that is cut off worst is apart (1 less core/conductance.c).  Neither says enough alone: few clusters of any
 * rows are stable, and a few rows apart are separated.
 *
 * The number of clusters is the largest with which an algorithm comes within SLACK of the best score: of clusters in
 * clusters, all are found.  Stability takes the trainings, so it is asked for only where the separation allows such a score.
 */
#include "pg/score/advise.h"

#include "core/categories.h"
#include "core/cost.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#define SLACK		0.95
#define SAME		0.01		/* scores that are this close are equal: the faster algorithm is better */
#define ROWS_A_FEATURE	2		/* of each cluster, for a covariance */
#define MOST_SHAPED	64			/* features, likewise: a training takes their cube */
#define RATE		1e9			/* multiplications of a training in a second */

/* The fastest first */
static const char *const algorithms[FC_ADVISED] = {"kmeans", "fcm", "gk", "gg", "spectral"};

/* ---- trainings ---- */

/* How to train */
typedef struct Trainee
{
	const Advice *advice;
	const Candidate *candidate;
} Trainee;

/* Errors of an algorithm on these rows, such as a divergence, say only that it is not the one to advise */
static bytea *
train_candidate(void *arg, RowStore *rows)
{
	const Trainee *t = arg;
	FcNotices	quiet = FC_NO_NOTICES;
	FcModel		m;
	OptionArrays arrays = {0};

	fc_model_begin(&m, t->candidate->algo, t->candidate->k, 0);
	fc_training_options(&m, &arrays, DatumGetJsonbP(fc_jsonb(fc_advise_options(t->advice, t->candidate->algo))));
	m.common[FC_SEED] = (double) t->advice->seed;
	m.common[FC_TOO_FEW] = FC_TOO_FEW_NULL;
	fc_training_features(&m, &arrays, rows->precision, fc_store_features(rows), rows->categories.dictionaries != NULL);
	return fc_train(&m, &arrays, rows, NULL, &quiet);
}

/* Raises the error for which there are no models of these rows at all; none if it is that too few of them are distinct */
static void
refuse_untrainable(Advice *a)
{
	Candidate	first = {.algo = fc_find_algorithm(algorithms[0]), .k = a->k_min};
	Trainee		t = {a, &first};

	(void) train_candidate(&t, &a->rows.store);
}

/* ---- judging ---- */

static void
separate(Advice *a, Candidate *c)
{
	Trainee		t = {a, c};
	bytea	   *model = fc_try_training(train_candidate, &t, &a->rows.store);

	c->separation = NAN;
	if (model == NULL)
		return;
	fc_label_rows(model, &a->rows.store, c->label);
	c->separation = 1 - fc_conductance(&a->conductance, c->label, c->k);
}

static void
find_stability(Advice *a, Candidate *c)
{
	Trainee		t = {a, c};

	if (c->judged || isnan(c->separation))
		return;
	c->judged = true;
	c->stability = fc_stability_of_labels(c->label, c->k, &a->rows.store, a->seed, train_candidate, &t);
}

/* In a memory context of its own */
static void
judge(Advice *a, Candidate *c, void (*by) (Advice *a, Candidate *c))
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust advice", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	by(a, c);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* Eq. 1; 0: not known */
double
fc_advise_score(const Candidate *c)
{
	return c->judged && c->stability > 0 ? c->stability * c->separation : 0;
}

/* ---- candidates ---- */

static bool
has_room(const Advice *a, const FcAlgorithm *algo, int32 k)
{
	FcModel		m;
	double		nodes;

	if (algo->nodes == NULL)
		return true;
	fc_model_begin(&m, algo, k, a->rows.d);
	m.rows = a->rows.n;
	nodes = algo->nodes(&m);
	return sizeof(double) * nodes * nodes / 1024 <= maintenance_work_mem;
}

/* Can the algorithm take these rows, of which there are enough? */
static bool
suits(const Advice *a, const FcAlgorithm *algo, int32 k)
{
	const AdvisedRows *r = &a->rows;

	if (r->store.categories.dictionaries && !fc_takes_categories(algo))
		return false;
	if (a->weight && (algo->traits & (FC_EMBEDS | FC_SHUFFLES)))
		return false;
	if (algo->kernel->has_shapes && (r->d > MOST_SHAPED || r->n < (int64) ROWS_A_FEATURE * (r->d + 1) * k))
		return false;
	return has_room(a, algo, k);
}

static void
list_candidates(Advice *a)
{
	a->candidate = palloc(sizeof(Candidate) * FC_ADVISED * (a->k_max - a->k_min + 1));
	for (int32 k = a->k_min; k <= a->k_max; k++)
		for (int i = 0; i < FC_ADVISED; i++)
		{
			const FcAlgorithm *algo = fc_find_algorithm(algorithms[i]);

			if (suits(a, algo, k))
				a->candidate[a->candidates++] = (Candidate) {
					.algo = algo, .k = k, .cost = i, .label = palloc(sizeof(int32) * a->rows.n), .separation = NAN, .stability = NAN
				};
		}
}

/* The one with the best separation of those that have not been judged; NULL: there is none that may come near the best score */
static Candidate *
next_to_judge(Advice *a, double best)
{
	Candidate  *next = NULL;

	for (int i = 0; i < a->candidates; i++)
	{
		Candidate  *c = &a->candidate[i];

		if (!c->judged && c->separation >= SLACK * best && (next == NULL || c->separation > next->separation))
			next = c;
	}
	return next;
}

static void
judge_the_best(Advice *a)
{
	double		best = 0;
	Candidate  *c;

	while ((c = next_to_judge(a, best)) != NULL)
	{
		judge(a, c, find_stability);
		best = Max(best, fc_advise_score(c));
	}
	for (int i = 0; i < a->candidates; i++)
		if (fc_advise_score(&a->candidate[i]) > 0 && fc_advise_score(&a->candidate[i]) >= SLACK * best)
			a->k = Max(a->k, a->candidate[i].k);
}

/* The better score first, as far as scores differ; then the faster algorithm */
static int
compare_candidates(const void *x, const void *y)
{
	const Candidate *p = x;
	const Candidate *q = y;
	double		a = rint(fc_advise_score(p) / SAME);
	double		b = rint(fc_advise_score(q) / SAME);

	return a != b ? (a > b ? -1 : 1) : p->cost - q->cost;
}

/* Chooses the number of clusters; then candidates are those that have it, the best one first */
void
fc_advise_judge(Advice *a)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	FcArena		arena;
	int			kept = 0;

	if (a->k_min > a->k_max)
		return;
	FC_LAY_OUT(&arena, fc_conductance_layout(&arena, &a->conductance, a->rows.n, a->k_max));
	fc_conductance_begin(&a->conductance, a->rows.x, a->rows.d, &hooks);
	list_candidates(a);
	for (int i = 0; i < a->candidates; i++)
		judge(a, &a->candidate[i], separate);
	judge_the_best(a);
	for (int i = 0; i < a->candidates; i++)
	{
		Candidate  *c = &a->candidate[i];

		if (c->k != a->k || isnan(c->separation))
			continue;
		judge(a, c, find_stability);
		a->candidate[kept++] = *c;
	}
	a->candidates = kept;
	if (kept == 0)
		refuse_untrainable(a);
	qsort(a->candidate, a->candidates, sizeof(Candidate), compare_candidates);
}

/* ---- cost ---- */

/* About how long a training on all rows takes */
double
fc_advise_seconds(const Advice *a, const Candidate *c)
{
	FcModel		m;
	FcFit		f = {.model = &m, .rows = {.n = a->rows.all, .d = a->rows.d, .precision = a->rows.store.precision}};
	double		nodes = 0;

	fc_model_begin(&m, c->algo, c->k, a->rows.d);
	m.rows = a->rows.all;
	if (c->algo->nodes)
		nodes = c->algo->nodes(&m);
	return (fc_fit_cost(&f) + nodes * nodes * nodes) / RATE;
}
