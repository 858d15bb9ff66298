/*
 * match.c - numbers of clusters: permuting those of a model, for every algorithm,
 * and finding them again after a new training
 */
#include "train.h"

#include "deep/model.h"
#include "core/match.h"

#define MOST			12		/* clusters, and columns, of the random cases */
#define ROWS			300

/* ---- permuting ---- */

/* Does cluster c of one scorer's model equal cluster place[c] of the other's? */
static int
differences(FcScorer *before, FcScorer *after, const int32_t *place, const double *x)
{
	int			wrong = 0;

	fc_score_row(before, x);
	fc_score_row(after, x);
	for (int32_t c = 0; c < before->model->k; c++)
		wrong += !(fabs(before->distance[c] - after->distance[place[c]]) <= 1e-13 * fmax(1, before->distance[c])) ||	/* a softmax adds in another order */
			before->model->radius[c] != after->model->radius[place[c]];
	fc_score_memberships(before);
	fc_score_memberships(after);
	for (int32_t c = 0; c < before->model->k; c++)
		wrong += !(fabs(before->u[c] - after->u[place[c]]) < 1e-12);
	return wrong;
}

/* Returns whether the model has rows with labels */
static bool
test_permute(const FcAlgorithm *algo)
{
	static const int32_t place[] = {2, 0, 3, 1};
	static const int32_t back[] = {1, 3, 0, 2};
	int32_t		work[4];
	double		x[2 * ROWS];
	Training	t;
	size_t		length;
	char	   *bytes;
	FcModel		m;
	FcScorer	before,
				after;
	void	   *memory[2];
	int			wrong = 0;
	bool		labelled = false;

	for (int i = 0; i < ROWS; i++)
	{
		x[2 * i] = 10 * (i % 2) + sin(i);
		x[2 * i + 1] = 13 * (i / 2 % 2) + cos(2 * i) + (i % 4);
	}
	training_begin(&t, algo, 4, FC_F64, x, ROWS, 2);
	if (own_option(&t.model, "start"))
		*own_option(&t.model, "start") = FC_START_GRAPH;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		bytes = model_bytes(&t.model, &length);
		CHECK_EQ(fc_model_read(&m, bytes, length), FC_OK);
		fc_model_permute(&m, place, work);
		memory[0] = scorer_begin(&before, &t.model);
		memory[1] = scorer_begin(&after, &m);
		for (int i = 0; i < ROWS; i++)
			wrong += differences(&before, &after, place, x + 2 * i);
		CHECK_EQ(wrong, 0);
		labelled = FC_DEEP_CODES(&m).rows > 0;
		CHECK(!same_model(&m, &t.model));
		fc_model_permute(&m, back, work);
		CHECK(same_model(&m, &t.model));
		free(memory[0]);
		free(memory[1]);
		free(bytes);
	}
	training_end(&t);
	return labelled;
}

/* ---- matching ---- */

/* Two models of centers alone, and a matching of them */
typedef struct Pair
{
	FcModel		old;
	FcModel		new;
	double		old_centers[MOST * MOST];
	double		new_centers[MOST * MOST];
	FcMatching	t;
	void	   *memory;
} Pair;

static void
pair_begin(Pair *p, const char *algorithm, int32_t old_k, int32_t new_k, int32_t d)
{
	FcArena		arena = {0};

	memset(p, 0, sizeof(*p));
	fc_model_begin(&p->old, fc_find_algorithm(algorithm), old_k, d);
	fc_model_begin(&p->new, fc_find_algorithm(algorithm), new_k, d);
	p->old.centers = p->old_centers;
	p->new.centers = p->new_centers;
	fc_match_layout(&arena, &p->t, &p->old, &p->new);
	p->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_match_layout(&arena, &p->t, &p->old, &p->new);
	fc_match_begin(&p->t);
}

static void
pair_end(Pair *p)
{
	free(p->memory);
}

/* Is match one-to-one, as large as can be, and place a permutation that follows it? */
static void
check_numbers(const Pair *p)
{
	bool		seen[2][MOST] = {{false}};
	int			pairs = 0;
	int			wrong = 0;

	for (int32_t a = 0; a < p->old.k; a++)
		if (p->t.match[a] >= 0)
		{
			wrong += seen[0][p->t.match[a]];
			seen[0][p->t.match[a]] = true;
			wrong += a < p->new.k && p->t.place[p->t.match[a]] != a;
			pairs++;
		}
	for (int32_t b = 0; b < p->new.k; b++)
	{
		wrong += p->t.place[b] < 0 || p->t.place[b] >= p->new.k || seen[1][p->t.place[b]];
		seen[1][p->t.place[b]] = true;
	}
	CHECK_EQ(wrong, 0);
	CHECK_EQ(pairs, p->old.k < p->new.k ? p->old.k : p->new.k);
}

static int32_t
nearest(const FcModel *m, const double *x)
{
	int32_t		best = 0;

	for (int32_t c = 1; c < m->k; c++)
		if (fc_squared_distance(m->centers + c * m->d, x, m->d) < fc_squared_distance(m->centers + best * m->d, x, m->d))
			best = c;
	return best;
}

static double
gap(const FcModel *m, int32_t a)
{
	double		least = INFINITY;

	for (int32_t c = 0; c < m->k; c++)
		if (c != a)
			least = fmin(least, sqrt(fc_squared_distance(m->centers + a * m->d, m->centers + c * m->d, m->d)));
	return least;
}

/* Moves center a by up to "share" of the distance to its nearest neighbour */
static void
move_center(Pair *p, FcRng *rng, int32_t a, int32_t b, double share)
{
	double		step[MOST];
	double		length = 0;

	for (int32_t j = 0; j < p->old.d; j++)
	{
		step[j] = fc_rng_uniform(rng) - 0.5;
		length += step[j] * step[j];
	}
	for (int32_t j = 0; j < p->old.d; j++)
		p->new_centers[b * p->old.d + j] = p->old_centers[a * p->old.d + j] +
			share * fc_rng_uniform(rng) * gap(&p->old, a) * step[j] / sqrt(length);
}

/* Rows around the new centers, of very different numbers, as both models see them */
static void
add_rows(Pair *p, FcRng *rng, double spread)
{
	double		x[MOST];

	for (int32_t b = 0; b < p->new.k; b++)
		for (int n = 1 + (int) fc_rng_below(rng, b % 3 == 0 ? 400 : 20); n > 0; n--)
		{
			for (int32_t j = 0; j < p->old.d; j++)
				x[j] = p->new_centers[b * p->old.d + j] + spread * (fc_rng_uniform(rng) - 0.5);
			fc_match_add(&p->t, nearest(&p->old, x), nearest(&p->new, x), 1);
		}
}

/* How many new centers are within half the gap of old center a */
static int
rivals(const Pair *p, int32_t a)
{
	int			n = 0;

	for (int32_t b = 0; b < p->new.k; b++)
		n += 2 * sqrt(fc_squared_distance(p->old_centers + a * p->old.d, p->new_centers + b * p->old.d, p->old.d)) <
			gap(&p->old, a);
	return n;
}

/*
 * Clusters in another order, moved by less than half the distance to their nearest
 * neighbour, keep their numbers, whatever becomes of the others: these move
 * anywhere, vanish, or appear
 */
static void
test_kept_numbers(FcRng *rng, int *kept)
{
	int32_t		d = 1 + (int32_t) fc_rng_below(rng, 4);
	int32_t		k = 2 + (int32_t) fc_rng_below(rng, MOST - 2);
	int32_t		new_k = 2 + (int32_t) fc_rng_below(rng, MOST - 2);
	int32_t		turn = (int32_t) fc_rng_below(rng, new_k);
	Pair		p;

	pair_begin(&p, "kmeans", k, new_k, d);
	for (int i = 0; i < k * d; i++)
		p.old_centers[i] = 100 * fc_rng_uniform(rng);
	for (int32_t a = 0; a < new_k; a++)
	{
		int32_t		b = (a + turn) % new_k;

		if (a < k && fc_rng_below(rng, 3) > 0)
			move_center(&p, rng, a, b, 0.49);
		else
			for (int32_t j = 0; j < d; j++)
				p.new_centers[b * d + j] = 300 * fc_rng_uniform(rng) - 100;
	}
	add_rows(&p, rng, 1 + 20 * fc_rng_uniform(rng));
	fc_match_finish(&p.t, NULL, NULL);
	check_numbers(&p);
	for (int32_t a = 0; a < k && a < new_k; a++)
	{
		int32_t		b = (a + turn) % new_k;
		double		moved = sqrt(fc_squared_distance(p.old_centers + a * d, p.new_centers + b * d, d));

		if (2 * moved < gap(&p.old, a) && rivals(&p, a) == 1)
		{
			CHECK_EQ(p.t.match[a], b);
			(*kept)++;
		}
	}
	pair_end(&p);
}

/* Two clusters with the same center, as rings are: the rows know which is which */
static void
test_rows_decide(void)
{
	Pair		p;

	pair_begin(&p, "spectral", 2, 2, 1);
	p.old_centers[0] = 0;
	p.old_centers[1] = 0.1;
	p.new_centers[0] = 0.001;
	p.new_centers[1] = 0.101;
	for (int i = 0; i < 100; i++)
		fc_match_add(&p.t, i % 2, i < 4 ? i % 2 : 1 - i % 2, 1);
	fc_match_finish(&p.t, NULL, NULL);
	CHECK(p.t.match[0] == 1 && p.t.match[1] == 0);
	pair_end(&p);
}

/* Where no row was sampled the centers decide, however far they are */
static void
test_centers_decide(void)
{
	Pair		p;

	pair_begin(&p, "kmeans", 3, 3, 1);
	memcpy(p.old_centers, ((double[]) {0, 10, 20}), 3 * sizeof(double));
	memcpy(p.new_centers, ((double[]) {15, 1, 25}), 3 * sizeof(double));
	fc_match_add(&p.t, 0, 1, 1);
	fc_match_finish(&p.t, NULL, NULL);
	CHECK(p.t.match[0] == 1 && p.t.match[1] == 0 && p.t.match[2] == 2);
	pair_end(&p);
}

/* Fewer clusters, farther than numbers go, and none that can be told apart */
static void
test_odd_cases(void)
{
	Pair		p;

	pair_begin(&p, "kmeans", 3, 2, 1);
	memcpy(p.old_centers, ((double[]) {0, 10, 20}), 3 * sizeof(double));
	memcpy(p.new_centers, ((double[]) {20, 10}), 2 * sizeof(double));
	fc_match_finish(&p.t, NULL, NULL);
	check_numbers(&p);
	CHECK(p.t.match[0] == -1 && p.t.match[1] == 1 && p.t.match[2] == 0);
	CHECK(p.t.place[1] == 1 && p.t.place[0] == 0);
	pair_end(&p);

	pair_begin(&p, "kmeans", 2, 2, 1);
	memcpy(p.old_centers, ((double[]) {-1e200, 1e200}), 2 * sizeof(double));
	memcpy(p.new_centers, ((double[]) {1e200, -1e200}), 2 * sizeof(double));
	fc_match_finish(&p.t, NULL, NULL);
	check_numbers(&p);
	pair_end(&p);

	pair_begin(&p, "kmeans", 5, 5, 1);
	fc_match_finish(&p.t, NULL, NULL);
	check_numbers(&p);
	for (int32_t a = 0; a < 5; a++)
		CHECK_EQ(p.t.match[a], a);
	pair_end(&p);
}

int
main(int argc, char **argv)
{
	FcRng		rng;
	int			kept = 0;
	int			labelled = 0;

	for (const FcAlgorithm *const *a = fc_algorithms; *a != NULL; a++)
		if (is_wanted(*a, argc, argv))
			labelled += test_permute(*a);
	CHECK(labelled > 0 || argc > 1);
	fc_rng_start(&rng, 5, 0);
	for (int i = 0; i < 3000; i++)
		test_kept_numbers(&rng, &kept);
	CHECK(kept > 3000);
	test_rows_decide();
	test_centers_decide();
	test_odd_cases();
	return check_report("match");
}
