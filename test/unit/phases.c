/*
 * phases.c - how the phases of a deep training start, and their limits
 */
#include "deep_images.h"

/* ---- options ---- */

/* The defaults of the methods that cluster */
static void
test_defaults(void)
{
	static const struct
	{
		const char *name;
		double		epochs;
		double		rate;
		double		smoothing;
	}			defaults[] = {
		{"dec", 15, 0.0003, 0}, {"idec", 15, 0.001, 0}, {"dfmec", 8, 0.001, 20}, {"edcwrn", 15, 0.001, 3}
	};

	for (int i = 0; i < 4; i++)
	{
		FcModel		m;

		fc_model_begin(&m, fc_find_algorithm(defaults[i].name), K, D);
		CHECK_EQ(*own_option(&m, "epochs"), defaults[i].epochs);
		CHECK_EQ(*own_option(&m, "cluster_rate") * 1e4, defaults[i].rate * 1e4);
		CHECK_EQ(*own_option(&m, "smoothing"), defaults[i].smoothing);
	}
}

/* ---- the classifier ---- */

#define MANY	300				/* clusters, more than a head has outputs */
#define OUTPUTS	256

/* What the last phase has after its first epoch */
typedef struct Refining
{
	bool		taken;
	bool		moves;
	FcAugment	augment;
	double		fewest;
	int32_t		outputs;
	FcReal		head[MANY * OUTPUTS];
} Refining;

static void
take_refining(FcFit *f, void *work)
{
	Refining   *r = f->resume.arg;
	const FcDeep *t = work;

	if (t->course.phase != FC_REFINING || r->taken)
		return;
	r->taken = true;
	r->moves = t->rows.moves;
	r->augment = t->rows.augment;
	r->fewest = t->refine.fewest;
	r->outputs = t->refine.outputs;
	if (t->refine.head.v)
		memcpy(r->head, t->refine.head.v, sizeof(FcReal) * t->k * t->refine.outputs);
}

static void
begin_refined(Training *t, const char *name, Refining *r, const double *x)
{
	begin(t, name, FC_F32, x);
	*own_option(&t->model, "pretrain_epochs") = 1;
	*own_option(&t->model, "epochs") = 0;
	*own_option(&t->model, "refine") = FC_SELFLABEL;
	*own_option(&t->model, "refine_epochs") = 1;
	*r = (Refining) {.taken = false};
	t->fit.resume.epoch = take_refining;
	t->fit.resume.arg = r;
}

/* Images are moved as far as is asked for; other rows, and images if nothing is, stay where they are */
static void
test_augmentation(void)
{
	static const double asked[] = {0, 0.5, 1, 2};
	static Refining r;
	double	   *x = make_images(21);

	for (int i = 0; i < 4; i++)
		for (int shape = 0; shape <= 3; shape += 3)
		{
			Training	t;

			begin_refined(&t, "dec", &r, x);
			*own_option(&t.model, "shape") = shape;
			*own_option(&t.model, "refine_augment") = asked[i];
			CHECK_EQ(training_run(&t), FC_OK);
			CHECK(r.taken);
			CHECK_EQ(r.moves, shape > 0 && asked[i] > 0);
			CHECK_NEAR(r.augment.rotation, 15 * asked[i], 1e-12);
			CHECK_NEAR(r.augment.shift, 0.1 * asked[i], 1e-12);
			CHECK_NEAR(r.augment.zoom, 0.15 * asked[i], 1e-12);
			CHECK_NEAR(r.augment.shear, 0.2 * asked[i], 1e-12);
			training_end(&t);
		}
	free(x);
}

/* A cluster may shrink to a tenth of n / k rows */
static void
test_fewest(void)
{
	static Refining r;
	double	   *x = make_images(22);
	Training	t;

	begin_refined(&t, "dec", &r, x);
	*own_option(&t.model, "pretrain_epochs") = 30;
	CHECK_EQ(training_run(&t), FC_OK);
	CHECK(r.taken);
	CHECK_NEAR(r.fewest, 0.1 * N / K, 1e-12);
	training_end(&t);
	free(x);
}

/* Numbers of a center that are below 0 */
static int
count_negative(const FcReal *v)
{
	int			negative = 0;

	for (int j = 0; j < OUTPUTS; j++)
		negative += v[j] < 0;
	return negative;
}

static double
dot(const FcReal *v, const FcReal *w)
{
	double		sum = 0;

	for (int j = 0; j < OUTPUTS; j++)
		sum += (double) v[j] * w[j];
	return sum;
}

/* Centers of a head are at right angles as far as there are outputs; the others go in any direction, equally far */
static void
test_head(const char *name)
{
	enum {ROWS = 2 * MANY, COLUMNS = 4};
	static Refining r;
	double	   *x = make_noise(ROWS, COLUMNS, 23);
	double		square;
	int			wrong = 0;
	Training	t;

	training_begin(&t, fc_find_algorithm(name), MANY, FC_F32, x, ROWS, COLUMNS);
	*own_option(&t.model, "pretrain_epochs") = 1;
	*own_option(&t.model, "epochs") = 0;
	*own_option(&t.model, "start") = FC_START_KMEANS;
	*own_option(&t.model, "refine") = FC_SELFLABEL;
	*own_option(&t.model, "refine_head") = FC_HEAD_OWN;
	*own_option(&t.model, "refine_epochs") = 1;
	*own_option(&t.model, "refine_rate") = 0;
	r = (Refining) {.taken = false};
	t.fit.resume.epoch = take_refining;
	t.fit.resume.arg = &r;
	(void) training_run(&t);	/* whether it learns anything is not asked */
	training_end(&t);
	free(x);
	if (!CHECK(r.taken) || !CHECK_EQ(r.outputs, OUTPUTS))
		return;
	square = dot(r.head, r.head);
	CHECK(square > 0);
	for (int c = 0; c < MANY; c++)
	{
		const FcReal *v = r.head + c * OUTPUTS;

		wrong += !(fabs(dot(v, v) / square - 1) <= 1e-4);
		for (int b = 0; b < c; b++)
			wrong += !(fabs(dot(v, r.head + b * OUTPUTS)) <= (c < OUTPUTS ? 0 : 0.5) * square);
		if (c >= OUTPUTS)
			wrong += count_negative(v) < OUTPUTS / 3 || count_negative(v) > OUTPUTS * 2 / 3;
	}
	CHECK_EQ(wrong, 0);
}

/* The part of the head that is kept at refreshes */
typedef struct Looks
{
	int			all;
	int			kept;			/* of which all of the head as it was */
} Looks;

static void
compare_kept(FcFit *f, void *work)
{
	Looks	   *l = f->resume.arg;
	const FcDeep *t = work;
	const FcDeepRefine *r = &t->refine;

	if (t->course.phase != FC_REFINING || !r->has_kept)
		return;
	l->all++;
	l->kept += memcmp(r->head.kept, r->head.v, sizeof(FcReal) * t->k * r->outputs) == 0;
}

/* Each epoch ends with a refresh, so that later changes can be undone */
static void
test_kept_head(void)
{
	double	   *x = make_images(26);
	Looks		looks = {0, 0};
	Training	t;

	begin(&t, "idec", FC_F32, x);
	*own_option(&t.model, "epochs") = 2;
	*own_option(&t.model, "refine") = FC_SELFLABEL;
	*own_option(&t.model, "refine_head") = FC_HEAD_OWN;
	*own_option(&t.model, "refine_batch_size") = 16;
	*own_option(&t.model, "refine_epochs") = 6;
	t.fit.resume.epoch = compare_kept;
	t.fit.resume.arg = &looks;
	run(&t);
	CHECK(looks.all > 0);
	CHECK_EQ(looks.kept, looks.all);
	training_end(&t);
	free(x);
}

/* ---- a step ---- */

typedef struct Moves
{
	int			epochs;
	int			still;			/* numbers of centers that an epoch left as they were */
	FcReal		v[K * 4];
} Moves;

static void
compare_centers(FcFit *f, void *work)
{
	Moves	   *moves = f->resume.arg;
	const FcDeep *t = work;

	if (t->course.phase != FC_CLUSTERING)
		return;
	for (int i = 0; i < t->k * t->latent; i++)
		moves->still += moves->epochs > 0 && t->clusters.now.v[i] == moves->v[i];
	memcpy(moves->v, t->clusters.now.v, sizeof(FcReal) * t->k * t->latent);
	moves->epochs++;
}

/* Codes and centers learn together: all of them */
static void
test_centers_move(const char *name)
{
	double	   *x = make_images(27);
	Moves		moves = {0};
	Training	t;

	begin(&t, name, FC_F32, x);
	*own_option(&t.model, "epochs") = 4;
	*own_option(&t.model, "refresh") = 10;	/* no refresh ends it earlier */
	t.fit.resume.epoch = compare_centers;
	t.fit.resume.arg = &moves;
	run(&t);
	CHECK_EQ(moves.epochs, 4);
	CHECK_EQ(moves.still, fc_deep_method(&t.model)->center_weights ? 3 * K * 4 : 0);	/* means move at a refresh only */
	training_end(&t);
	free(x);
}

/* ---- collapses ---- */

/* After the first refresh: the largest, or the smallest, cluster is within its limit, up to "more" */
typedef struct Limit
{
	bool		fewest;
	double		more;
	int			looks;
} Limit;

static void
set_limit(FcFit *f, void *work)
{
	Limit	   *l = f->resume.arg;
	FcDeep	   *t = work;
	int64_t		most = 0;
	int64_t		least = t->n;

	if (t->course.phase != FC_CLUSTERING)
		return;
	for (int32_t c = 0; c < t->k; c++)
	{
		most = t->clusters.count[c] > most ? t->clusters.count[c] : most;
		least = t->clusters.count[c] < least ? t->clusters.count[c] : least;
	}
	l->looks++;
	if (l->fewest)
		t->best.smallest = (double) least / t->n + l->more;
	else
		t->best.largest = (double) most / t->n + l->more;
}

/* Clusters that stay as they are, at the limit: no collapse; a little beyond it: one */
static void
test_limit(bool fewest)
{
	double	   *x = make_images(24);

	for (int beyond = 0; beyond <= 1; beyond++)
	{
		Limit		limit = {fewest, !beyond ? 0 : fewest ? 1e-9 : -1e-9, 0};
		Training	t;

		begin(&t, "idec", FC_F32, x);
		*own_option(&t.model, "cluster_rate") = 0;
		*own_option(&t.model, "label_tolerance") = 0;
		*own_option(&t.model, "epochs") = 6;
		t.fit.resume.epoch = set_limit;
		t.fit.resume.arg = &limit;
		CHECK_EQ(training_run(&t), FC_OK);
		CHECK(limit.looks > 0);
		CHECK_EQ(fc_deep_outcome(&t.fit)->guard, beyond ? FC_COLLAPSED : FC_UNGUARDED);
		training_end(&t);
	}
	free(x);
}

/* ---- few rows ---- */

/* Memory of neighbours is as hostile as it was: none have been sought */
static void
check_unsought(FcFit *f, void *work)
{
	const FcDeep *t = work;
	bool	   *clustered = f->resume.arg;

	if (t->course.phase != FC_CLUSTERING)
		return;
	*clustered = true;
	CHECK(t->smoothing.by_codes);
	CHECK_EQ(t->smoothing.nearest[0], -1);
}

/* Too few for targets to become more like those of neighbours: a round needs 10 rows for each cluster */
static void
test_few_rows(int rows, int k)
{
	double	   *x = make_images(25);
	bool		clustered = false;
	Training	t;

	begin(&t, "dfmec", FC_F64, x);
	t.source.rows.n = rows;
	t.model.k = k;
	*own_option(&t.model, "pretrain_epochs") = 2;
	*own_option(&t.model, "start") = FC_START_KMEANS;
	t.fit.resume.epoch = check_unsought;
	t.fit.resume.arg = &clustered;
	run(&t);
	CHECK(clustered);
	training_end(&t);
	free(x);
}

int
main(void)
{
	const char *methods[MOST_METHODS];
	int			count = list_methods(methods, true);

	test_defaults();
	test_augmentation();
	test_fewest();
	test_kept_head();
	for (int i = 0; i < count; i++)
	{
		test_head(methods[i]);
		test_centers_move(methods[i]);
	}
	test_limit(false);
	test_limit(true);
	test_few_rows(19, 2);
	test_few_rows(29, 3);
	return check_report("phases");
}
