/*
 * refine.c - the classifier that learns the clusters of a network: its
 * results, reproducibility, and scoring
 */
#include "deep_images.h"

static void
begin_refined(Training *t, const char *name, int head, FcPrecision precision, const double *x)
{
	begin(t, name, precision, x);
	*own_option(&t->model, "refine") = FC_SELFLABEL;
	*own_option(&t->model, "refine_head") = head;
	*own_option(&t->model, "refine_batch_size") = 16;
	*own_option(&t->model, "refine_epochs") = 6;
	*own_option(&t->model, "label_tolerance") = 0;
	*own_option(&t->model, "epochs") = 2;
}

/* No epoch is left for it: the model does without */
static void
test_no_epochs(void)
{
	double	   *x = make_images(10);
	Training	t;

	begin_refined(&t, "idec", FC_HEAD_SOFTMAX, FC_F32, x);
	t.model.common[FC_MAX_ITERATIONS] = 31;
	if (run(&t))
	{
		CHECK_EQ(fc_deep_outcome(&t.fit)->guard, FC_UNREFINED);
		CHECK_EQ(FC_DEEP_CLASSIFIER(&t.model).rows, 0);
		CHECK(!t.model.converged);
		CHECK_EQ(strays(&t.model, x), 0);
	}
	training_end(&t);
	free(x);
}

static double
phase_at(const FcModel *m, int32_t row)
{
	return fc_history_get(m, row, FC_HISTORY_PHASE);
}

/* Each method and head finds the three places; the last phase has its epochs, and its loss falls */
static void
test_clusters(const char *name, int head, FcPrecision precision)
{
	double	   *x = make_images(2);
	Training	t;

	begin_refined(&t, name, head, precision, x);
	if (run(&t))
	{
		int32_t		last = t.model.history.count - 1;
		int32_t		first = last;

		CHECK_EQ(fc_deep_outcome(&t.fit)->guard, FC_UNGUARDED);
		CHECK_EQ(t.model.empty, 0);
		CHECK(t.model.converged);
		CHECK_EQ(strays(&t.model, x), 0);
		CHECK_EQ(phase_at(&t.model, last), FC_REFINING);
		while (phase_at(&t.model, first - 1) == FC_REFINING)
			first--;
		CHECK(first >= 31 && last - first >= 1 && last - first <= 5);
		CHECK(fc_history_get(&t.model, last, FC_HISTORY_CLUSTERING) <
			  fc_history_get(&t.model, first, FC_HISTORY_CLUSTERING));
		CHECK_EQ(t.model.objective, fc_history_get(&t.model, last, FC_HISTORY_CLUSTERING));
	}
	training_end(&t);
	free(x);
}

/* Labels at first wrong for some rows: neighbours and the net put them right */
static void
test_repair(int head)
{
	double	   *x = make_images(3);
	Training	t;
	Training	plain;
	int			before;

	begin(&plain, "dec", FC_F32, x);
	*own_option(&plain.model, "pretrain_epochs") = 0;
	*own_option(&plain.model, "epochs") = 0;
	*own_option(&plain.model, "start") = FC_START_KMEANS;
	*own_option(&plain.model, "latent") = 2;
	plain.model.common[FC_SEED] = 2;
	CHECK_EQ(training_run(&plain), FC_OK);
	before = strays(&plain.model, x);

	begin_refined(&t, "dec", head, FC_F32, x);
	*own_option(&t.model, "pretrain_epochs") = 0;
	*own_option(&t.model, "epochs") = 0;
	*own_option(&t.model, "start") = FC_START_KMEANS;
	*own_option(&t.model, "latent") = 2;
	*own_option(&t.model, "refine_epochs") = 140;
	t.model.common[FC_SEED] = 2;
	run(&t);
	CHECK(before > 0 && before < N / 3);
	CHECK(strays(&t.model, x) < before);
	training_end(&t);
	training_end(&plain);
	free(x);
}

/* Rows that are not images have a dense classifier; other blocks, the same bytes; another seed, others */
static void
test_blocks(int head)
{
	double	   *x = make_images(5);
	Training	t[3];

	for (int i = 0; i < 3; i++)
	{
		begin_refined(&t[i], "edcwrn", head, FC_F32, x);
		if (head == FC_HEAD_SOFTMAX)
			*own_option(&t[i].model, "shape") = 0;
		t[i].source.rows.stride = i == 1 ? 32 : t[i].source.rows.stride;
		t[i].model.common[FC_SEED] = i == 2;
		run(&t[i]);
	}
	CHECK(same_learned(&t[0].model, &t[1].model));
	CHECK_EQ(FC_DEEP_CLASSIFIER(&t[0].model).rows, FC_DEEP_CLASSIFIER(&t[2].model).rows);
	CHECK(!same_parameters(FC_DEEP_CLASSIFIER(&t[0].model), FC_DEEP_CLASSIFIER(&t[2].model)));
	CHECK_EQ(strays(&t[0].model, x), 0);
	for (int i = 0; i < 3; i++)
		training_end(&t[i]);
	free(x);
}

/* The network is unchanged: codes and reconstructions are those without the phase */
static void
test_embedding(void)
{
	double	   *x = make_images(6);
	Training	plain,
				refined;

	begin_refined(&refined, "idec", FC_HEAD_SOFTMAX, FC_F32, x);
	run(&refined);
	begin_refined(&plain, "idec", FC_HEAD_SOFTMAX, FC_F32, x);
	*own_option(&plain.model, "refine") = FC_REFINE_NONE;
	run(&plain);
	CHECK_EQ(FC_DEEP_CLASSIFIER(&plain.model).rows, 0);
	CHECK(same_parameters(FC_DEEP_PARAMETERS(&plain.model), FC_DEEP_PARAMETERS(&refined.model)));
	training_end(&plain);
	training_end(&refined);
	free(x);
}

/* Distances of a softmax are -ln of its memberships */
static void
test_distances(void)
{
	double	   *x = make_images(7);
	Training	t;
	FcScorer	s;
	void	   *memory;

	begin_refined(&t, "dfmec", FC_HEAD_SOFTMAX, FC_F32, x);
	run(&t);
	memory = scorer_begin(&s, &t.model);
	for (int i = 0; i < N; i += 10)
	{
		fc_score_row(&s, x + i * D);
		fc_score_memberships(&s);
		for (int c = 0; c < K; c++)
			CHECK_NEAR(s.u[c], exp(-s.distance[c]), 1e-6);
	}
	free(memory);
	training_end(&t);
	free(x);
}

/* Other numbers for the clusters: every row has the same distances, under their new numbers */
static void
test_permuted(int head)
{
	static const int32_t place[K] = {2, 0, 1};
	double	   *x = make_images(14);
	double		distance[K];
	int32_t		work[K];
	Training	t,
				other;

	begin_refined(&t, "dfmec", head, FC_F32, x);
	run(&t);
	begin_refined(&other, "dfmec", head, FC_F32, x);
	run(&other);
	fc_model_permute(&other.model, place, work);
	for (int i = 0; i < N; i += 10)
	{
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &t.model);

		fc_score_row(&s, x + i * D);
		memcpy(distance, s.distance, sizeof(distance));
		free(memory);
		memory = scorer_begin(&s, &other.model);
		fc_score_row(&s, x + i * D);
		for (int c = 0; c < K; c++)
			CHECK_NEAR(s.distance[place[c]], distance[c], 1e-4);	/* sums of a product in another order */
		free(memory);
	}
	training_end(&t);
	training_end(&other);
	free(x);
}

/* ---- shapes ---- */

typedef struct Refined
{
	const char *name;
	int			head;
} Refined;

static void
begin_way(Training *t, const void *way, FcPrecision precision, const double *x)
{
	const Refined *refined = way;

	begin_refined(t, refined->name, refined->head, precision, x);
}

/* As many epochs as make a number of steps, within bounds */
static void
test_epochs(void)
{
	FcModel		m;

	fc_model_begin(&m, fc_find_algorithm("dec"), K, D);
	CHECK_EQ(fc_deep_refine_epochs(&m, 100), 200);
	CHECK_EQ(fc_deep_refine_epochs(&m, 10000), 30);
	CHECK_EQ(fc_deep_refine_epochs(&m, 20000), 15);
	CHECK_EQ(fc_deep_refine_epochs(&m, 70000), 5);
	CHECK_EQ(fc_deep_refine_epochs(&m, 1000000), 5);
	*own_option(&m, "refine_epochs") = 40;
	CHECK_EQ(fc_deep_refine_epochs(&m, 70000), 40);
}

/* Many clusters have a head with fewer outputs, in which centers are not at right angles */
static void
test_outputs(void)
{
	FcModel		m;
	FcNet		net;

	fc_model_begin(&m, fc_find_algorithm("dfmec"), 300, D);
	*own_option(&m, "refine") = FC_SELFLABEL;
	CHECK_EQ(fc_deep_outputs(&m), 300);
	*own_option(&m, "refine_head") = FC_HEAD_OWN;
	CHECK_EQ(fc_deep_outputs(&m), 256);
	CHECK_EQ(fc_deep_classifier(&net, &m), FC_OK);
	CHECK_EQ(net.shape.channels, 256);
	m.k = 200;
	CHECK_EQ(fc_deep_outputs(&m), 200);
}

/* ---- safeguards ---- */

static void
test_absurd_rate(int head)
{
	double	   *x = make_images(9);
	Training	t;

	begin_refined(&t, "dec", head, FC_F32, x);
	*own_option(&t.model, "refine_rate") = 1e6;
	if (run(&t))
	{
		/* as it was before, or after a refresh with all clusters present */
		CHECK(fc_deep_outcome(&t.fit)->guard == FC_UNGUARDED || !t.model.converged);
		CHECK_EQ(t.model.option[FC_DEEP_REFINE], fc_deep_outcome(&t.fit)->guard == FC_UNREFINED ? FC_REFINE_NONE : FC_SELFLABEL);
		CHECK_EQ(t.model.empty, 0);
		CHECK(head == FC_HEAD_SOFTMAX || fc_deep_outcome(&t.fit)->guard != FC_UNGUARDED);
	}
	training_end(&t);
	free(x);
}

/* ---- after a guard ---- */

/* How a training is damaged, and the initial state of its last phase */
typedef struct Spoiled
{
	FcGuard		how;
	bool		done;
	int32_t		label[N];
	bool		taken;
} Spoiled;

/* All clusters alike: their centers, and all that makes centers or memberships */
static void
merge_clusters(FcDeep *t)
{
	FcReal	   *p = fc_column_place(&t->clusters.target, 0, t->n);

	for (int32_t i = 0; i < t->k * t->latent; i++)
		t->clusters.now.v[i] = t->clusters.now.v[i % t->latent];
	for (int32_t i = 0; t->clusters.now.more && i < t->k * (1 + t->latent); i++)
		t->clusters.now.more[i] = t->clusters.now.more[i % (1 + t->latent)];
	for (int64_t i = 0; i < t->n * t->k; i++)
		p[i] = (FcReal) 1 / t->k;
	fc_column_write(&t->clusters.target, 0, t->n);
}

/* After the first epoch with clusters: centers that are all the same, or parameters that are NaN */
static void
spoil(FcFit *f, void *work)
{
	Spoiled    *s = f->resume.arg;
	FcDeep	   *t = work;

	if (t->course.phase == FC_CLUSTERING && !s->done)
	{
		s->done = true;
		if (s->how == FC_COLLAPSED)
			merge_clusters(t);
		for (int32_t i = 0; s->how == FC_LOST && i < (int32_t) t->network.net.parameters; i++)
			t->network.parameters[i] = NAN;
	}
	if (t->course.phase == FC_REFINING && !s->taken)
	{
		s->taken = true;
		memcpy(s->label, fc_column_read(&t->refine.kept_label, 0, t->n), sizeof(s->label));
	}
}

static void
run_spoiled(Training *t, Spoiled *s, const char *name, FcGuard how, int neighbors, const double *x)
{
	*s = (Spoiled) {.how = how};
	begin_refined(t, name, FC_HEAD_SOFTMAX, FC_F32, x);
	*own_option(&t->model, "epochs") = 4;
	*own_option(&t->model, "refresh") = how == FC_LOST ? 9 : 1;
	if (neighbors > 0)
		*own_option(&t->model, "neighbors") = neighbors;
	t->fit.resume.epoch = spoil;
	t->fit.resume.arg = s;
}

/* The best state comes back, and so do its clusters: the classifier learns those that the model has without it */
static void
test_guarded(const char *name, FcGuard how, int neighbors)
{
	double	   *x = make_images(15);
	Training	plain,
				refined;
	Spoiled		spoiled;
	FcScorer	s;
	void	   *memory;
	int			wrong = 0;

	run_spoiled(&plain, &spoiled, name, how, neighbors, x);
	*own_option(&plain.model, "refine") = FC_REFINE_NONE;
	run(&plain);
	CHECK_EQ(fc_deep_outcome(&plain.fit)->guard, how);
	run_spoiled(&refined, &spoiled, name, how, neighbors, x);
	run(&refined);
	CHECK(spoiled.taken);
	CHECK_EQ(fc_deep_outcome(&refined.fit)->guard, how);
	CHECK_EQ(fc_deep_outcome(&refined.fit)->guard_phase, FC_CLUSTERING);
	CHECK_EQ(fc_deep_outcome(&refined.fit)->guard_epoch, fc_deep_outcome(&plain.fit)->guard_epoch);	/* epochs of the classifier do not count */
	CHECK_EQ(fc_deep_outcome(&plain.fit)->guard_epoch, plain.model.iterations);
	memory = scorer_begin(&s, &plain.model);
	for (int i = 0; i < N; i++)
	{
		fc_score_row(&s, x + i * D);
		wrong += fc_score_nearest(&s) != spoiled.label[i];
	}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(strays(&refined.model, x), strays(&plain.model, x));
	free(memory);
	training_end(&plain);
	training_end(&refined);
	free(x);
}

/* Bytes whose classifier is not the one that their options ask for, or whose phases are none */
static void
test_damage(void)
{
	double	   *x = make_images(13);
	Training	t;

	begin_refined(&t, "dec", FC_HEAD_OWN, FC_F32, x);
	run(&t);
	check_damaged_array(&t.model, x, &FC_DEEP_CLASSIFIER(&t.model));
	*own_option(&t.model, "refine_head") = FC_HEAD_SOFTMAX;
	CHECK_EQ(read_back(&t.model, x), FC_OK);
	*own_option(&t.model, "refine_head") = FC_HEAD_OWN;
	for (int i = 0; i < 3; i++)
	{
		int			width = fc_history_width(t.model.algo);
		double	   *phase = t.model.history.rows + width * (t.model.history.count - 1) + FC_HISTORY_PHASE;
		double		kept = *phase;

		*phase = ((double[]) {-1, FC_DEEP_PHASES, 0.5})[i];
		CHECK_EQ(read_back(&t.model, x), FC_DAMAGED_MODEL);
		*phase = kept;
	}
	training_end(&t);
	free(x);
}

/* The first row that a scorer sees finds weights as they lie, later ones packed, which changes no bit */
static void
test_first_row(bool refined)
{
	double	   *x = make_images(12);
	double		y[2][D];
	double		distance[2][K];
	float		z[2][4];
	Training	t;

	begin_refined(&t, "edcwrn", FC_HEAD_SOFTMAX, FC_F32, x);
	if (!refined)
		*own_option(&t.model, "refine") = FC_REFINE_NONE;
	if (run(&t))
	{
		CHECK_EQ(FC_DEEP_CLASSIFIER(&t.model).rows > 0, refined);
		for (int later = 0; later < 2; later++)
		{
			FcScorer	s;

			for (int what = 0; what < 3; what++)
			{
				void	   *memory = scorer_begin(&s, &t.model);

				for (int i = 3 * later; i >= 0; i--)	/* row 0 comes last */
					if (what == 0)
						fc_score_row(&s, x + i * D);
					else if (what == 1)
						s.metric.model->algo->network->embed(&s.metric, x + i * D, z[later]);
					else
						s.metric.model->algo->network->reconstruct(&s.metric, x + i * D, y[later]);
				if (what == 0)
					memcpy(distance[later], s.distance, sizeof(distance[later]));
				free(memory);
			}
		}
		CHECK(memcmp(distance[0], distance[1], sizeof(distance[0])) == 0);
		CHECK(memcmp(z[0], z[1], sizeof(z[0])) == 0);
		CHECK(memcmp(y[0], y[1], sizeof(y[0])) == 0);
	}
	training_end(&t);
	free(x);
}

int
main(void)
{
	const char *methods[MOST_METHODS];
	int			count = list_methods(methods, true);

	for (int i = 0; i < count; i++)
	{
		test_clusters(methods[i], FC_HEAD_SOFTMAX, i % 2 ? FC_F32 : FC_F64);
		test_clusters(methods[i], FC_HEAD_OWN, i % 2 ? FC_F64 : FC_F32);
		test_guarded(methods[i], FC_COLLAPSED, 0);
		test_guarded(methods[i], FC_LOST, 0);
	}
	for (int head = FC_HEAD_SOFTMAX; head <= FC_HEAD_OWN; head++)
	{
		test_repair(head);
		test_blocks(head);
		test_permuted(head);
		check_few_rows(begin_way, &(Refined) {"dfmec", head}, NULL);
		test_absurd_rate(head);
	}
	test_guarded("edcwrn", FC_COLLAPSED, 2);
	test_guarded("edcwrn", FC_LOST, 2);
	test_embedding();
	test_distances();
	test_epochs();
	test_no_epochs();
	test_first_row(false);
	test_first_row(true);
	test_outputs();
	check_leaving(begin_way, &(Refined) {"dec", FC_HEAD_OWN});
	test_damage();
	return check_report("refine");
}
