/*
 * nn_joint.c - codes by two encoders: their values, and gradients of all
 * parameters
 */
#include "nn.h"

#include "deep/loss.h"
#include "nn/graph.h"

#define ROWS	4
#define COLUMNS	6
#define M		3
#define K		2

static const int32_t hidden[] = {5};

/* A net, its second encoder, and the whole loss of a step: of the output and of codes */
typedef struct Pair
{
	Rig			rig;
	FcJoint		joint;
	int32_t		count;
	void	   *memory;
	FcReal	   *second;			/* parameters of the second encoder */
	FcReal	   *gradients;
	FcReal	   *neighbors;		/* (ROWS, count, COLUMNS) */
	FcReal	   *p;				/* (ROWS, K) */
	FcReal	   *v;				/* (K, M) */
	FcReal		q[ROWS * K];
	FcReal		s[ROWS * K];
	FcReal		dz[ROWS * M];
} Pair;

static void
pair_begin(Pair *p, int32_t count, bool unit, double dropout, uint64_t seed)
{
	FcArena		arena = {0};

	memset(p, 0, sizeof(*p));
	p->count = count;
	CHECK_EQ(fc_dense_autoencoder(&p->rig.net, COLUMNS, hidden, 1, M, unit, dropout), FC_OK);
	rig_begin(&p->rig, ROWS, ROWS, true, seed);
	fc_joint_layout(&arena, &p->joint, &p->rig.batch, count, unit);
	p->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_joint_layout(&arena, &p->joint, &p->rig.batch, count, unit);
	p->second = random_reals(p->rig.net.encoder_parameters, -0.6, 0.6, seed + 10);
	p->gradients = reals(p->rig.net.encoder_parameters);
	p->joint.other.parameters = p->second;
	p->neighbors = random_reals(ROWS * count * COLUMNS, -1, 1, seed + 11);
	p->p = random_memberships(ROWS, K, seed + 12);
	p->v = random_reals(K * M, -1, 1, seed + 13);
}

static void
pair_end(Pair *p)
{
	rig_end(&p->rig);
	free(p->memory);
	free(p->second);
	free(p->gradients);
	free(p->neighbors);
	free(p->p);
	free(p->v);
}

static double
pair_loss(void *arg)
{
	Pair	   *p = arg;
	FcBatch    *b = &p->rig.batch;
	FcCodes		codes = {ROWS, K, M, NULL, p->v, NULL, 3, NULL, NULL};
	FcEdcwrn	curve = {1.93, 0.79, true};
	double		loss;
	FcRng		rng;

	fc_rng_start(&rng, 7, 0);
	fc_joint_rng(&p->joint, rng);
	fc_joint_encode(&p->joint, p->rig.x, p->neighbors, ROWS);
	codes.z = fc_batch_embedding(b);
	loss = fc_edcwrn_loss(&codes, &curve, p->p, 0.5, p->q, p->s, p->dz, NULL);
	fc_batch_decode(b);
	return 0.5 * loss + fc_mse(&no_hooks, fc_batch_output(b), p->rig.x, ROWS * COLUMNS, 1, fc_batch_output_gradient(b));
}

/* Of every parameter of both encoders and the decoder, through the decoder and through the clusters */
static void
test_gradients(int32_t count, bool unit, double dropout)
{
	Pair		p;

	pair_begin(&p, count, unit, dropout, 60 + count);
	(void) pair_loss(&p);
	fc_joint_backward(&p.joint, p.dz);
	find_gradients(&p.rig.batch, p.rig.net.count, p.rig.gradients);
	find_gradients(&p.joint.other, p.rig.net.embedding, p.gradients);
	check_gradient(pair_loss, &p, p.rig.parameters, p.rig.net.parameters, p.rig.gradients);
	check_gradient(pair_loss, &p, p.second, p.rig.net.encoder_parameters, p.gradients);
	pair_end(&p);
}

/* Codes of a step are those of its parts */
static void
test_codes(bool unit)
{
	Pair		p;
	FcReal		z[ROWS * M];
	FcReal		near[ROWS * 2 * M];
	double		expected[ROWS * M];

	pair_begin(&p, 2, unit, 0, 70);
	fc_joint_encode(&p.joint, p.rig.x, p.neighbors, ROWS);
	for (int i = 0; i < ROWS * M; i++)
		expected[i] = fc_batch_embedding(&p.rig.batch)[i];
	fc_embed_rows(&p.rig.batch, p.rig.x, ROWS, z);
	CHECK(difference(z, expected, ROWS * M) > 0.01);
	fc_embed_rows(&p.joint.other, p.neighbors, ROWS * 2, near);
	fc_join_codes(&no_hooks, near, ROWS, 2, M, unit, z);
	CHECK_NEAR(difference(z, expected, ROWS * M), 0, CLOSE);
	for (int i = 0; unit && i < ROWS; i++)
		CHECK_NEAR(z[i * M] * z[i * M] + z[i * M + 1] * z[i * M + 1] + z[i * M + 2] * z[i * M + 2], 1, CLOSE);
	pair_end(&p);
}

/* A single query finds the same as a search of many; NaN finds the first row */
static void
test_search_one(void)
{
	enum {n = 1100, count = 5, m = 7, stride = 9};
	FcReal	   *wide = random_reals(n * stride, -1, 1, 80);
	FcReal	   *base = reals(n * m);
	int32_t    *all = malloc(sizeof(int32_t) * n * count);
	FcSearch	s;
	FcArena		arena = {0};
	FcColumn	rows = fc_column_of(base, n, sizeof(FcReal) * m);
	double		distance[count];
	int32_t		nearest[count];

	for (int i = 0; i < n; i++)
		memcpy(base + i * m, wide + i * stride, sizeof(FcReal) * m);
	fc_search_layout(&arena, &s, m, count, n);
	arena = (FcArena) {.base = hostile_memory(arena.used)};
	fc_search_layout(&arena, &s, m, count, n);
	fc_search(&s, &no_hooks, &(FcSought) {
		.base = fc_column_whole(&rows), .queries = fc_column_whole(&rows), .self = -1, .m = m, .count = count
	}, all);
	for (int i = 0; i < n; i += 37)
	{
		fc_search_one(&no_hooks, wide, n, stride, base + i * m, m, count, distance, nearest);
		CHECK(memcmp(nearest, all + i * count, sizeof(nearest)) == 0);
		CHECK(nearest[0] == i && distance[0] == 0 && distance[1] > 0);
	}
	base[0] = NAN;
	fc_search_one(&no_hooks, wide, n, stride, base, m, count, distance, nearest);
	CHECK(nearest[0] == 0 && nearest[count - 1] == 0 && isinf(distance[0]));
	free(wide);
	free(base);
	free(all);
	free(arena.base);
}

int
main(void)
{
	for (int unit = 0; unit < 2; unit++)
	{
		test_gradients(1, unit, 0);
		test_gradients(2, unit, 0.3);
		test_gradients(5, unit, 0);
		test_codes(unit);
	}
	test_search_one();
	return check_report("nn_joint");
}
