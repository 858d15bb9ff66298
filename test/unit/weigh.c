/*
 * weigh.c - weights and memberships of many rows are those of each row alone
 *
 * The weights that an algorithm computes from distances are compared, in every
 * variant, with those for one row in double precision, as in scoring.
 */
#include "train.h"

#include "deep/model.h"

#define K		5

/* Rows of distances, in this number of lanes of the stride of a cluster */
typedef struct Tile
{
	int32_t		rows;
	int32_t		lanes;
	int32_t		stride;
} Tile;

static const Tile part = {37, 48, 64};
static const Tile whole = {FC_TILE, FC_TILE, FC_TILE};	/* no lane is left over */

#define MOST	(K * FC_TILE)	/* distances */

/* Distances between 0 and 4 of the rows, whatever is in the other lanes; (K, stride) */
static void
make_distances(double *at, Tile tile, FcPrecision precision)
{
	FcRng		rng;

	fc_rng_start(&rng, 77, 0);
	for (int32_t c = 0; c < K; c++)
		for (int32_t i = 0; i < tile.stride; i++)
		{
			double		distance = i < tile.rows ? 4 * fc_rng_uniform(&rng) : c == 0 ? 3 : 1e30;

			at[c * tile.stride + i] = precision == FC_F32 ? (float) distance : distance;
		}
}

typedef struct Weighed
{
	double		at[K];			/* of one row */
	double		objective;		/* of it, or of all */
	double		mass[K];
} Weighed;

static FcWeighing
weighing_into(const FcScorer *s, double *mass)
{
	FcWeighing	g = s->weighing;

	memset(mass, 0, sizeof(double) * K);
	g.mass = mass;
	return g;
}

static Weighed
weigh_one(const FcScorer *s, FcWeighTable table, const double *distances, Tile tile, int32_t row)
{
	Weighed		w;
	FcWeighing	g = weighing_into(s, w.mass);

	for (int32_t c = 0; c < K; c++)
		w.at[c] = distances[c * tile.stride + row];
	w.objective = table[s->metric.isa][FC_F64] (&g, w.at, 1, 1, 1, K);
	return w;
}

/* Adds up the values of single rows, and counts those that differ; lanes beyond those of the tile are unchanged */
static int
compare_rows(const FcScorer *s, FcWeighTable table, const double *distances, Tile tile, const void *at,
			 FcPrecision precision, Weighed *sum)
{
	double		tolerance = precision == FC_F32 ? 2e-5 : 1e-12;
	int			wrong = 0;

	memset(sum, 0, sizeof(*sum));
	for (int32_t c = 0; c < K; c++)
		for (int32_t i = tile.lanes; i < tile.stride; i++)
			wrong += fc_get(at, precision, (size_t) c * tile.stride + i) != distances[c * tile.stride + i];
	for (int32_t i = 0; i < tile.rows; i++)
	{
		Weighed		one = weigh_one(s, table, distances, tile, i);

		sum->objective += one.objective;
		for (int32_t c = 0; c < K; c++)
		{
			double		here = fc_get(at, precision, (size_t) c * tile.stride + i);

			sum->mass[c] += one.mass[c];
			wrong += !(fabs(here - one.at[c]) <= tolerance * fmax(1, fabs(one.at[c])));
		}
	}
	return wrong;
}

static void
test_table(const FcScorer *s, FcWeighTable table, Tile tile, int isa, FcPrecision precision)
{
	static double distances[MOST];
	void	   *at = hostile_memory(sizeof(distances));
	double		mass[K];
	FcWeighing	g = weighing_into(s, mass);
	Weighed		sum;
	double		objective;

	make_distances(distances, tile, precision);
	for (int i = 0; i < K * tile.stride; i++)
		fc_set(at, precision, i, distances[i]);
	objective = table[isa][precision] (&g, at, tile.stride, tile.lanes, tile.rows, K);
	CHECK_EQ(compare_rows(s, table, distances, tile, at, precision, &sum), 0);
	CHECK_NEAR(objective, sum.objective, precision == FC_F32 ? 2e-5 : 1e-12);
	for (int32_t c = 0; c < K; c++)
		CHECK_NEAR(mass[c], sum.mass[c], precision == FC_F32 ? 2e-5 : 1e-12);
	free(at);
}

/* What a network's method weighs has the least distances as its objective: nothing else is a row's part */
static void
test_least(const FcScorer *s, FcWeighTable table)
{
	static double distances[MOST];

	make_distances(distances, part, FC_F64);
	for (int32_t i = 0; i < part.rows; i++)
	{
		double		least = distances[i];

		for (int32_t c = 1; c < K; c++)
			least = fmin(least, distances[c * part.stride + i]);
		CHECK(weigh_one(s, table, distances, part, i).objective == least);
	}
}

/* Memberships add up to 1, unless they are typicalities, the nearest has the most, and none is below 0 */
static void
test_memberships(const FcScorer *s, FcWeighTable table)
{
	static double distances[MOST];
	int			wrong = 0;

	make_distances(distances, part, FC_F64);
	for (int32_t i = 0; i < part.rows; i++)
	{
		Weighed		w = weigh_one(s, table, distances, part, i);
		double		sum = 0;

		for (int32_t c = 0; c < K; c++)
		{
			sum += w.at[c];
			for (int32_t b = 0; b < K; b++)
				wrong += w.at[c] < 0 || (distances[c * part.stride + i] < distances[b * part.stride + i] && w.at[c] < w.at[b]);
		}
		wrong += !is_possibilistic(s->model->algo) && fabs(sum - 1) > 1e-12;
	}
	CHECK_EQ(wrong, 0);
}

/* The memberships of a model of a network, once refined; or NULL */
static FcWeighTable
refined(const FcModel *m)
{
	FcModel		copy = *m;
	double	   *refine = own_option(&copy, "refine");

	if (refine)
		*refine = FC_SELFLABEL;
	return m->algo->kernel->scoring_memberships ? m->algo->kernel->scoring_memberships(&copy) : NULL;
}

static void
test_model(const FcModel *m)
{
	const FcKernel *kernel = m->algo->kernel;
	FcWeighTable refined_table = refined(m);
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	CHECK((refined_table != NULL) == (m->algo->network && fc_deep_method(m)->loss != NULL));
	FOR_EACH_VARIANT(isa, precision)
		for (int i = 0; i < 2; i++)
		{
			Tile		tile = i == 0 ? part : whole;

			test_table(&s, kernel->weights, tile, isa, (FcPrecision) precision);
			test_table(&s, kernel->memberships, tile, isa, (FcPrecision) precision);
			if (refined_table)
				test_table(&s, refined_table, tile, isa, (FcPrecision) precision);
		}
	test_memberships(&s, kernel->memberships);
	if (refined_table)
	{
		test_memberships(&s, refined_table);
		test_least(&s, refined_table);
		test_least(&s, kernel->weights);
		test_least(&s, kernel->memberships);
	}
	free(memory);
}

/* A scorer of as many clusters as fill a line of memory writes into no other of its arrays */
static void
test_neighbours(void)
{
	enum {N = 60, D = 2, CLUSTERS = 8};
	double	   *x = make_blobs(N, D, CLUSTERS, 2);
	double		offset[CLUSTERS];
	Training	t;

	training_begin(&t, fc_find_algorithm("tsallis"), CLUSTERS, FC_F64, x, N, D);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &t.model);

		memcpy(offset, s.weighing.offset, sizeof(offset));
		fc_score_row(&s, x);
		fc_score_memberships(&s);
		fc_score_weights(&s);
		CHECK(memcmp(offset, s.weighing.offset, sizeof(offset)) == 0);
		free(memory);
	}
	training_end(&t);
	free(x);
}

static void
test_algorithm(const FcAlgorithm *algo)
{
	double	   *x = make_blobs(60, 3, K, 2);
	Training	t;

	training_begin(&t, algo, K, FC_F64, x, 60, 3);
	if (CHECK_EQ(training_run(&t), FC_OK))
		test_model(&t.model);
	training_end(&t);
	free(x);
}

int
main(int argc, char **argv)
{
	FOR_EACH_ALGORITHM(algo)
		if (is_wanted(algo, argc, argv))
			test_algorithm(algo);
	if (argc == 1)
		test_neighbours();
	return check_report("weigh");
}
