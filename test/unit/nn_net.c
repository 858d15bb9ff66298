/*
 * nn_net.c - whole nets: shapes, the plan of buffers, steps, use
 */
#include "nn.h"
#include "deep/loss.h"
#include "nn/optimizer.h"

static const int32_t hidden[] = {5, 4};

/* ---- golden: one step of IDEC on a net of 6-5-4-3-4-5-6 ---- */

#define EACH(field) {golden_idec_tiny_net_##field##_0, golden_idec_tiny_net_##field##_1, golden_idec_tiny_net_##field##_2, \
	golden_idec_tiny_net_##field##_3, golden_idec_tiny_net_##field##_4, golden_idec_tiny_net_##field##_5}

static const double *const tiny_w[] = EACH(W);
static const double *const tiny_b[] = EACH(b);
static const double *const tiny_dw[] = EACH(dW);
static const double *const tiny_db[] = EACH(db);

static void
test_golden_idec(void)
{
	Rig			r = {0};
	FcReal	   *x = reals_of(golden_idec_tiny_net_x, 24);
	FcReal	   *mu = reals_of(golden_idec_tiny_net_mu, 6);
	FcReal		q[8],
				p[8],
				s[8],
				dz[12],
				dmu[6];
	double		f[2] = {0};
	FcCodes		codes = {4, 2, 3, NULL, mu, NULL, 1, NULL, NULL};
	double		loss;

	CHECK_EQ(fc_dense_autoencoder(&r.net, 6, hidden, 2, 3, false, 0), FC_OK);
	rig_begin(&r, 4, 4, true, 1);
	for (int l = 0; l < 6; l++)
	{
		const FcLayer *layer = r.net.layer + l;

		for (size_t i = 0; i < layer->nweights; i++)
			r.parameters[layer->weights + i] = (FcReal) tiny_w[l][i];
		for (int32_t j = 0; j < layer->out.channels; j++)
			r.parameters[layer->bias + j] = (FcReal) tiny_b[l][j];
	}
	fc_batch_encode(&r.batch, x, 4);
	fc_batch_decode(&r.batch);
	codes.z = fc_batch_embedding(&r.batch);
	CHECK_REALS(codes.z, golden_idec_tiny_net_z, CLOSE);
	CHECK_REALS(fc_batch_output(&r.batch), golden_idec_tiny_net_recon, CLOSE);
	fc_dec_memberships(&codes, 1, q);
	fc_add_frequencies(q, 4, 2, f);
	fc_target(q, f, 4, 2, p);
	CHECK_REALS(p, golden_idec_tiny_net_p, CLOSE);
	loss = golden_idec_tiny_net_gamma * fc_dec_loss(&codes, 1, p, golden_idec_tiny_net_gamma, q, s, dz, dmu);
	loss += fc_mse(&no_hooks, fc_batch_output(&r.batch), x, 24, 1, fc_batch_output_gradient(&r.batch));
	CHECK_NEAR(loss, golden_idec_tiny_net_loss, CLOSE);
	fc_batch_backward(&r.batch, true, dz);
	find_gradients(&r.batch, r.net.count, r.gradients);
	CHECK_REALS(dmu, golden_idec_tiny_net_dmu, CLOSE);
	for (int l = 0; l < 6; l++)
	{
		const FcLayer *layer = r.net.layer + l;

		CHECK_NEAR(difference(r.gradients + layer->weights, tiny_dw[l], layer->nweights), 0, CLOSE);
		CHECK_NEAR(difference(r.gradients + layer->bias, tiny_db[l], layer->out.channels), 0, CLOSE);
	}
	rig_end(&r);
	free(x);
	free(mu);
}

/* ---- gradients of the nets that are used ---- */

static void
test_gradients(void)
{
	Rig			r = {0};

	CHECK_EQ(fc_dense_autoencoder(&r.net, 7, hidden, 2, 3, true, 0.2), FC_OK);
	check_net_gradient(&r, 3, 100);
	fc_net_rectify_codes(&r.net);
	check_net_gradient(&r, 3, 102);
	CHECK_EQ(fc_dense_autoencoder(&r.net, 7, hidden, 2, 3, false, 0), FC_OK);
	fc_net_rectify_codes(&r.net);
	check_net_gradient(&r, 3, 103);
	CHECK_EQ(fc_dense_classifier(&r.net, 7, hidden, 2, 0.5, 4, false), FC_OK);
	check_net_gradient(&r, 3, 101);
}

/* The larger nets along random directions: all parameters would take too long */
typedef struct Direction
{
	Rig		   *rig;
	FcReal	   *start;
	FcReal	   *way;
} Direction;

static double
direction_at(void *arg)
{
	Direction  *d = ((void **) arg)[0];
	const FcReal *at = ((void **) arg)[1];

	for (size_t i = 0; i < d->rig->net.parameters; i++)
		d->rig->parameters[i] = d->start[i] + *at * d->way[i];
	return rig_loss(d->rig);
}

static void
check_direction(Rig *r, uint64_t seed)
{
	Direction	d = {.rig = r};
	FcReal		at = 0;
	void	   *arg[] = {&d, &at};
	FcReal		slope = 0;
	FcRng		rng;

	fc_rng_start(&rng, seed, 0);
	rig_begin(r, 2, 2, true, seed);
	fc_net_initialize(&r->net, &no_hooks, 4, &rng, r->parameters);
	d.start = reals(r->net.parameters);
	memcpy(d.start, r->parameters, sizeof(FcReal) * r->net.parameters);
	d.way = random_reals(r->net.parameters, -0.01, 0.01, seed);
	rig_backward(r);
	for (size_t i = 0; i < r->net.parameters; i++)
		slope += r->gradients[i] * d.way[i];
	check_gradient(direction_at, arg, &at, 1, &slope);
	free(d.start);
	free(d.way);
	rig_end(r);
}

static void
test_large_gradients(void)
{
	Rig			r = {0};

	CHECK_EQ(fc_conv_autoencoder(&r.net, (FcShape) {1, 8, 12}, 3, true), FC_OK);
	check_direction(&r, 110);
	CHECK_EQ(fc_conv_autoencoder(&r.net, (FcShape) {3, 8, 4}, 3, false), FC_OK);
	check_direction(&r, 111);
	CHECK_EQ(fc_conv_classifier(&r.net, (FcShape) {3, 7, 9}, 0.5, 4, false), FC_OK);
	check_direction(&r, 112);
}

/* ---- shapes ---- */

static void
test_shapes(void)
{
	FcNet		net;
	int32_t		wide[] = {65535, 65535};
	int32_t		many[FC_MAX_HIDDEN + 1];

	CHECK_EQ(fc_conv_autoencoder(&net, (FcShape) {1, 28, 28}, 10, false), FC_OK);
	CHECK_EQ(fc_shape_columns(net.shape), 784);
	CHECK_EQ(fc_shape_columns(net.layer[net.embedding - 1].out), 10);
	CHECK_EQ(fc_conv_autoencoder(&net, (FcShape) {1, 28, 30}, 10, false), FC_BAD_SHAPE);
	CHECK_EQ(fc_conv_autoencoder(&net, (FcShape) {1, 30, 28}, 10, false), FC_BAD_SHAPE);
	CHECK_EQ(fc_conv_autoencoder(&net, (FcShape) {0, 28, 28}, 10, false), FC_BAD_SHAPE);
	CHECK_EQ(fc_conv_autoencoder(&net, (FcShape) {1, 0, 0}, 10, false), FC_BAD_SHAPE);
	CHECK_EQ(fc_conv_autoencoder(&net, (FcShape) {1, -4, 4}, 10, false), FC_BAD_SHAPE);
	CHECK_EQ(fc_conv_autoencoder(&net, (FcShape) {1, 28, 28}, 0, false), FC_BAD_SHAPE);
	CHECK_EQ(fc_conv_autoencoder(&net, (FcShape) {4, 256, 256}, 10, false), FC_TOO_LARGE);
	CHECK_EQ(fc_conv_autoencoder(&net, (FcShape) {1 << 30, 1 << 30, 1 << 30}, 10, false), FC_BAD_SHAPE);
	CHECK_EQ(fc_conv_classifier(&net, (FcShape) {1, 28, 28}, 0.5, 10, false), FC_OK);
	CHECK_EQ(net.parameters, 857738);	/* as the recipe says */
	CHECK_EQ(fc_conv_classifier(&net, (FcShape) {1, 16, 16}, 0.5, 10, false), FC_OK);
	CHECK_EQ(net.parameters, 317066);
	CHECK_EQ(fc_conv_classifier(&net, (FcShape) {1, 1, 1}, 0.5, 10, true), FC_OK);
	CHECK_EQ(fc_conv_classifier(&net, (FcShape) {1, 28, 28}, 1, 10, false), FC_BAD_SHAPE);
	CHECK_EQ(fc_dense_autoencoder(&net, 784, hidden, 0, 10, false, 0), FC_OK);
	CHECK_EQ(net.count, 2);
	CHECK_EQ(fc_dense_autoencoder(&net, 65536, hidden, 2, 10, false, 0), FC_TOO_LARGE);
	CHECK_EQ(fc_dense_autoencoder(&net, 0, hidden, 2, 10, false, 0), FC_BAD_SHAPE);
	CHECK_EQ(fc_dense_autoencoder(&net, 784, wide, 2, 10, false, 0), FC_TOO_LARGE);
	CHECK_EQ(fc_dense_classifier(&net, 784, wide, 2, 0, 10, false), FC_TOO_LARGE);
	for (int i = 0; i <= FC_MAX_HIDDEN; i++)
		many[i] = 2;
	CHECK_EQ(fc_dense_autoencoder(&net, 784, many, FC_MAX_HIDDEN, 10, true, 0.1), FC_OK);
	CHECK_EQ(fc_dense_autoencoder(&net, 784, many, FC_MAX_HIDDEN + 1, 10, true, 0.1), FC_TOO_LARGE);
	CHECK_EQ(fc_dense_classifier(&net, 784, many, FC_MAX_HIDDEN, 0.5, 10, true), FC_OK);
	CHECK_EQ(fc_dense_classifier(&net, 784, many, FC_MAX_HIDDEN + 1, 0.5, 10, true), FC_TOO_LARGE);
	CHECK_EQ(fc_dense_classifier(&net, FC_MAX_COLUMNS, hidden, 2, 0.5, 10, true), FC_OK);
	CHECK_EQ(fc_dense_classifier(&net, FC_MAX_COLUMNS + 1, hidden, 2, 0.5, 10, true), FC_TOO_LARGE);
}

/* ---- the plan ---- */

typedef struct Part
{
	const FcReal *first;
	size_t		count;
} Part;

static int
add_part(Part *parts, int count, const FcReal *first, size_t size)
{
	if (first != NULL && size > 0)
		parts[count++] = (Part) {first, size};
	return count;
}

/* Buffers that are in use at the same time: apart, aligned, within the memory */
static void
check_plan(Rig *r, int32_t capacity)
{
	Part		parts[3 * FC_MAX_LAYERS + 1];
	int			count = 0;
	size_t		scratch = 0;

	for (int32_t l = 0; l < r->net.count; l++)
	{
		const FcLayer *layer = r->net.layer + l;
		size_t		size = capacity * fc_shape_columns(layer->out);

		if (layer->ops->scratch && layer->ops->scratch(layer) > scratch)
			scratch = layer->ops->scratch(layer);
		count = add_part(parts, count, r->batch.y[l], size);
		count = add_part(parts, count, r->batch.gradient[l], size);
		if (layer->ops->state)
			count = add_part(parts, count, r->batch.state[l], capacity * layer->ops->state(layer));
	}
	count = add_part(parts, count, r->batch.scratch, scratch);
	for (int i = 0; i < count; i++)
	{
		const char *begin = (const char *) parts[i].first;
		const char *end = (const char *) (parts[i].first + parts[i].count);

		CHECK((uintptr_t) begin % 64 == 0);
		CHECK(begin >= (char *) r->memory && end <= (char *) r->memory + r->size);
		for (int j = 0; j < i; j++)
			CHECK((const char *) (parts[j].first + parts[j].count) <= begin || end <= (const char *) parts[j].first);
	}
}

static void
test_plan(void)
{
	Rig			r = {0};

	fc_dense_autoencoder(&r.net, 7, hidden, 2, 3, true, 0.2);
	rig_begin(&r, 9, 9, true, 1);
	check_plan(&r, 9);
	rig_end(&r);
	fc_conv_autoencoder(&r.net, (FcShape) {3, 8, 8}, 3, true);
	rig_begin(&r, 5, 5, true, 1);
	check_plan(&r, 5);
	rig_end(&r);
	fc_conv_classifier(&r.net, (FcShape) {1, 9, 8}, 0.5, 3, false);
	rig_begin(&r, 5, 5, true, 1);
	check_plan(&r, 5);
	rig_end(&r);
}

/* ---- use ---- */

/* z and y are what nets make of 7 rows; here they come "capacity" at a time, perhaps with packed weights */
static void
check_plan_of_use(const FcNet *net, int32_t capacity, bool training, bool packed, const FcReal *z, const FcReal *y)
{
	Rig			r = {.net = *net};
	int64_t		codes = rig_embedding(&r);
	int64_t		output = rig_output(&r);
	FcReal	   *z2 = reals(7 * codes);
	FcReal	   *y2 = reals(7 * output);

	rig_begin(&r, capacity, 7, training, 1);
	if (packed)
		fc_batch_pack(&r.batch);
	fc_embed_rows(&r.batch, r.x, 7, z2);
	CHECK(memcmp(z2, z, sizeof(FcReal) * 7 * codes) == 0);
	fc_apply_rows(&r.batch, r.x, 7, y2);
	CHECK(memcmp(y2, y, sizeof(FcReal) * 7 * output) == 0);
	memset(y2, 0, sizeof(FcReal) * 7 * output);
	fc_decode_rows(&r.batch, z2, 7, y2);
	CHECK(memcmp(y2, y, sizeof(FcReal) * 7 * output) == 0);
	rig_end(&r);
	free(z2);
	free(y2);
}

/* However many rows at a time, and with whichever plan: the same codes and outputs to the bit */
static void
check_use(const FcNet *net)
{
	Rig			r = {.net = *net};
	size_t		codes = sizeof(FcReal) * 7 * rig_embedding(&r);
	size_t		output = sizeof(FcReal) * 7 * rig_output(&r);
	FcReal	   *z = hostile_memory(codes);
	FcReal	   *y = hostile_memory(output);

	rig_begin(&r, 7, 7, true, 1);
	rig_forward(&r);
	memcpy(z, fc_batch_embedding(&r.batch), codes);
	memcpy(y, fc_batch_output(&r.batch), output);
	rig_end(&r);
	for (int32_t capacity = 1; capacity <= 9; capacity++)
	{
		check_plan_of_use(net, capacity, true, false, z, y);
		check_plan_of_use(net, capacity, false, false, z, y);
		check_plan_of_use(net, capacity, false, true, z, y);
	}
	free(z);
	free(y);
}

static void
test_use(void)
{
	static const int32_t wide[] = {70, 300, 33};
	FcNet		net;

	fc_dense_autoencoder(&net, 7, hidden, 2, 3, true, 0);
	check_use(&net);
	fc_dense_autoencoder(&net, 290, wide, 3, 20, true, 0);
	check_use(&net);
	fc_conv_autoencoder(&net, (FcShape) {2, 8, 12}, 3, true);
	check_use(&net);
	fc_conv_classifier(&net, (FcShape) {1, 8, 12}, 0, 3, true);
	check_use(&net);
}

/* A batch of fewer rows than the capacity is the batch of these rows */
static void
test_short_batch(void)
{
	Rig			whole = {0};
	Rig			part = {0};
	int64_t		count;

	fc_conv_autoencoder(&whole.net, (FcShape) {1, 8, 8}, 3, true);
	part.net = whole.net;
	count = whole.net.parameters;
	rig_begin(&whole, 5, 5, true, 1);
	rig_begin(&part, 64, 5, true, 1);
	rig_backward(&whole);
	rig_backward(&part);
	CHECK(memcmp(whole.gradients, part.gradients, sizeof(FcReal) * count) == 0);
	rig_end(&whole);
	rig_end(&part);
}

/* The encoder of r->net with buffers for nothing else, on the same rows */
static void
check_encoder_batch(const Rig *r, const FcReal *gradients)
{
	FcBatch		b;
	FcArena		arena = {0};
	FcReal	   *found = reals(r->net.encoder_parameters);

	fc_batch_layout(&arena, &b, &r->net, r->net.embedding, r->rows, true);
	CHECK(arena.used < r->size);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_batch_layout(&arena, &b, &r->net, r->net.embedding, r->rows, true);
	b.parameters = r->parameters;
	fc_batch_encode(&b, r->x, r->rows);
	fc_batch_backward(&b, false, r->e);
	find_gradients(&b, r->net.embedding, found);
	CHECK(memcmp(found, gradients, sizeof(FcReal) * r->net.encoder_parameters) == 0);
	free(arena.base);
	free(found);
}

/* Without the decoder: gradients of the encoder only, as if the output said nothing */
static void
test_encoder_alone(void)
{
	Rig			r = {0};
	FcReal	   *alone;
	int			touched = 0;

	fc_dense_autoencoder(&r.net, 7, hidden, 2, 3, true, 0);
	rig_begin(&r, 4, 4, true, 1);
	memset(r.c, 0, sizeof(FcReal) * 4 * 7);
	rig_backward(&r);
	alone = hostile_memory(sizeof(FcReal) * r.net.parameters);
	for (int l = r.net.embedding; l < r.net.count; l++)
		for (int64_t i = 0; i < 4 * fc_shape_columns(r.net.layer[l].out); i++)
			r.batch.gradient[l][i] = NAN;
	fc_batch_encode(&r.batch, r.x, 4);
	fc_batch_backward(&r.batch, false, r.e);
	find_gradients(&r.batch, r.net.embedding, alone);
	CHECK(memcmp(alone, r.gradients, sizeof(FcReal) * r.net.encoder_parameters) == 0);
	for (int l = r.net.embedding; l < r.net.count; l++)
		for (int64_t i = 0; i < 4 * fc_shape_columns(r.net.layer[l].out); i++)
			touched += !isnan(r.batch.gradient[l][i]);
	CHECK_EQ(touched, 0);
	check_encoder_batch(&r, alone);
	free(alone);
	rig_end(&r);
}

/* A caller may change the embedding before it is decoded */
static double
changed_loss(void *arg)
{
	Rig		   *r = arg;
	double		loss = 0;

	fc_batch_encode(&r->batch, r->x, r->rows);
	for (int64_t i = 0; i < r->rows * rig_embedding(r); i++)
		fc_batch_embedding(&r->batch)[i] += r->e[i];
	fc_batch_decode(&r->batch);
	for (int64_t i = 0; i < r->rows * rig_output(r); i++)
		loss += (double) r->c[i] * fc_batch_output(&r->batch)[i];
	return loss;
}

static void
test_changed_embedding(void)
{
	Rig			r = {0};

	fc_dense_autoencoder(&r.net, 7, hidden, 2, 3, true, 0);
	rig_begin(&r, 4, 4, true, 1);
	(void) changed_loss(&r);
	memcpy(fc_batch_output_gradient(&r.batch), r.c, sizeof(FcReal) * 4 * 7);
	fc_batch_backward(&r.batch, true, NULL);
	find_gradients(&r.batch, r.net.count, r.gradients);
	check_gradient(changed_loss, &r, r.parameters, r.net.parameters, r.gradients);
	rig_end(&r);
}

/* ---- training ---- */

/* Some steps; the loss of the last */
static double
train(Rig *r, int steps, double rate, uint64_t seed)
{
	size_t		count = r->net.parameters;
	FcReal	   *m = calloc(count, sizeof(FcReal));
	FcReal	   *v = calloc(count, sizeof(FcReal));
	FcAdam		adam = fc_adam(rate);
	double		loss = 0;
	FcRng		rng;

	fc_rng_start(&rng, seed, 0);
	fc_net_initialize(&r->net, &no_hooks, 3, &rng, r->parameters);
	fc_rng_start(&r->batch.rng, seed, 1);
	for (int step = 1; step <= steps; step++)
	{
		fc_batch_encode(&r->batch, r->x, r->rows);
		fc_batch_decode(&r->batch);
		loss = fc_mse(&no_hooks, fc_batch_output(&r->batch), r->x, r->rows * rig_output(r), 1,
					  fc_batch_output_gradient(&r->batch));
		fc_batch_backward(&r->batch, true, NULL);
		find_gradients(&r->batch, r->net.count, r->gradients);
		fc_batch_next(&r->batch, r->rows);
		fc_adam_step(&adam, &no_hooks, step, count, r->gradients, m, v, r->parameters);
	}
	free(m);
	free(v);
	return loss;
}

/* Learns, and from a seed always the same bytes */
static void
test_training(void)
{
	static const int32_t layers[] = {20, 20};
	Rig			r = {0};
	Rig			again = {0};
	double		before;
	double		after;

	fc_dense_autoencoder(&r.net, 10, layers, 2, 6, false, 0.05);
	again.net = r.net;
	rig_begin(&r, 16, 16, true, 1);
	rig_begin(&again, 16, 16, true, 1);
	before = train(&r, 1, 3e-3, 5);
	after = train(&r, 600, 3e-3, 5);
	CHECK(after < before / 10);
	CHECK(train(&again, 600, 3e-3, 5) == after);
	CHECK(memcmp(r.parameters, again.parameters, sizeof(FcReal) * r.net.parameters) == 0);
	CHECK(train(&again, 600, 3e-3, 6) != after);
	rig_end(&r);
	rig_end(&again);
}

static void
test_initialization(void)
{
	Rig			r = {0};
	const FcLayer *l = r.net.layer;
	FcRng		rng;
	double		most = 0;
	double		squares = 0;

	fc_conv_classifier(&r.net, (FcShape) {1, 28, 28}, 0.5, 10, false);
	rig_begin(&r, 1, 1, false, 1);
	fc_rng_start(&rng, 1, 0);
	fc_net_initialize(&r.net, &no_hooks, 6, &rng, r.parameters);
	for (size_t i = 0; i < l[2].nweights; i++)	/* dense, 3136 to 256 */
	{
		double		w = r.parameters[l[2].weights + i];

		most = fmax(most, fabs(w));
		squares += w * w;
	}
	CHECK(most <= sqrt(6 / 3136.0) * 1.000001 && most > 0.99 * sqrt(6 / 3136.0));
	CHECK_NEAR(squares / l[2].nweights * 3136 / 2, 1, 0.01);
	CHECK(r.parameters[l[2].bias] == 0 && r.parameters[l[4].bias + 9] == 0);
	most = r.parameters[l[4].weights];
	r.parameters[l[4].bias] = 1;
	fc_net_scale(&r.net, 4, 0.25, r.parameters);
	CHECK_NEAR(r.parameters[l[4].weights], most * 0.25, CLOSE);
	CHECK_NEAR(r.parameters[l[4].bias], 0.25, CLOSE);
	rig_end(&r);
}

/* ---- interruption ---- */

static void
count_call(void *arg)
{
	++*(int *) arg;
}

/* Each product is a call at least */
static void
test_checks(void)
{
	Rig			r = {0};
	int			calls = 0;

	fc_conv_autoencoder(&r.net, (FcShape) {1, 8, 8}, 3, true);
	rig_begin(&r, 5, 5, true, 1);
	r.batch.hooks = (FcHooks) {.check = count_call, .arg = &calls};
	rig_backward(&r);
	CHECK(calls >= 3 * (r.net.count - 1) - 1);
	rig_end(&r);
}

int
main(void)
{
	test_golden_idec();
	test_gradients();
	test_large_gradients();
	test_shapes();
	test_plan();
	test_use();
	test_short_batch();
	test_encoder_alone();
	test_changed_embedding();
	test_training();
	test_initialization();
	test_checks();
	return check_report("nn_net");
}
