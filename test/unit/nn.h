/*
 * nn.h - numbers, nets and finite differences for the tests of src/nn
 *
 * The tests run twice, with networks that calculate in float and in double;
 * finite differences tell something in double only.
 */
#ifndef NN_H
#define NN_H

#include "train.h"

#include "nn/loss.h"
#include "nn/net.h"

#include "../data/golden_deep.h"

#define IS_DOUBLE		(sizeof(FcReal) == sizeof(double))
#define CLOSE			(IS_DOUBLE ? 1e-12 : 1e-5)
#define COUNT(array)	((int64_t) (sizeof(array) / sizeof((array)[0])))
#define STEP			1e-6	/* of finite differences */
#define GRADIENT_ERROR	1e-6	/* relative to the length of the gradient */

static const FcHooks no_hooks;

UNUSED static FcReal *
reals(int64_t count)
{
	return hostile_memory(sizeof(FcReal) * count);
}

UNUSED static FcReal *
reals_of(const double *x, int64_t count)
{
	FcReal	   *y = reals(count);

	for (int64_t i = 0; i < count; i++)
		y[i] = (FcReal) x[i];
	return y;
}

/* Uniform in least .. most */
UNUSED static void
fill_random(FcReal *x, int64_t count, double least, double most, uint64_t seed)
{
	FcRng		rng;

	fc_rng_start(&rng, seed, 0);
	for (int64_t i = 0; i < count; i++)
		x[i] = (FcReal) (least + (most - least) * fc_rng_uniform(&rng));
}

UNUSED static FcReal *
random_reals(int64_t count, double least, double most, uint64_t seed)
{
	FcReal	   *x = reals(count);

	fill_random(x, count, least, most, seed);
	return x;
}

/* Rows that are memberships */
UNUSED static FcReal *
random_memberships(int64_t n, int32_t k, uint64_t seed)
{
	FcReal	   *p = random_reals(n * k, 0.05, 1, seed);

	fc_normalize_rows(p, n, k);
	return p;
}

/* The largest difference, or infinity where there is a NaN */
UNUSED static double
difference(const FcReal *a, const double *b, int64_t count)
{
	double		most = 0;

	for (int64_t i = 0; i < count; i++)
	{
		double		at = fabs(a[i] - b[i]);

		most = at <= most ? most : isnan(at) ? INFINITY : at;
	}
	return most;
}

#define CHECK_REALS(a, b, tolerance)	CHECK_NEAR(difference(a, b, COUNT(b)), 0, tolerance)

/* |a - b| / |b| */
UNUSED static double
relative_error(const FcReal *a, const double *b, int64_t count)
{
	double		error = 0;
	double		length = 0;

	for (int64_t i = 0; i < count; i++)
	{
		error += (a[i] - b[i]) * (a[i] - b[i]);
		length += b[i] * b[i];
	}
	return sqrt(error) / sqrt(length > 0 ? length : 1);
}

/* Is "gradient" that of loss(arg) with respect to x?  In float nothing is said. */
UNUSED static void
check_gradient(double (*loss) (void *arg), void *arg, FcReal *x, int64_t count, const FcReal *gradient)
{
	double	   *slope = malloc(sizeof(double) * (count + 1));

	if (slope == NULL)
		abort();
	for (int64_t i = 0; IS_DOUBLE && i < count; i++)
	{
		FcReal		kept = x[i];
		double		above;

		x[i] = kept + (FcReal) STEP;
		above = loss(arg);
		x[i] = kept - (FcReal) STEP;
		slope[i] = (above - loss(arg)) / (2 * STEP);
		x[i] = kept;
	}
	if (IS_DOUBLE)
		CHECK(relative_error(gradient, slope, count) <= GRADIENT_ERROR);
	free(slope);
}

/* ---- a net with parameters and buffers ---- */

/* Of all parameters of the first layers, from what backward left */
UNUSED static void
find_gradients(FcBatch *b, int32_t layers, FcReal *gradients)
{
	size_t		count = 0;

	for (int64_t i = 0; i < fc_net_ranges(b->net, layers); i++)
		count += fc_range_gradient(b, fc_net_range(b->net, i), gradients + count);
	CHECK_EQ(count, layers == b->net->count ? b->net->parameters : b->net->encoder_parameters);
}

typedef struct Rig
{
	FcNet		net;
	FcBatch		batch;
	FcReal	   *parameters;
	FcReal	   *gradients;
	void	   *memory;
	size_t		size;			/* of the memory */
	int32_t		rows;			/* of x */
	FcReal	   *x;				/* (rows, input) */
	FcReal	   *c;				/* (rows, output) the loss is sum c y + sum e z */
	FcReal	   *e;				/* (rows, embedding) */
} Rig;

UNUSED static int64_t
rig_embedding(const Rig *r)
{
	return fc_shape_columns(r->net.layer[r->net.embedding - 1].out);
}

UNUSED static int64_t
rig_output(const Rig *r)
{
	return fc_shape_columns(r->net.shape);
}

/* r->net is made by the caller; random parameters and input */
UNUSED static void
rig_begin(Rig *r, int32_t capacity, int32_t rows, bool training, uint64_t seed)
{
	FcArena		arena = {0};

	fc_batch_layout(&arena, &r->batch, &r->net, r->net.count, capacity, training);
	r->size = arena.used;
	r->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_batch_layout(&arena, &r->batch, &r->net, r->net.count, capacity, training);
	r->parameters = random_reals(r->net.parameters, -0.6, 0.6, seed);
	r->gradients = reals(r->net.parameters);
	r->batch.parameters = r->parameters;
	r->rows = rows;
	r->x = random_reals(rows * fc_shape_columns(r->net.input), -1, 1, seed + 1);
	r->c = random_reals(rows * rig_output(r), -1, 1, seed + 2);
	r->e = random_reals(rows * rig_embedding(r), -1, 1, seed + 3);
}

UNUSED static void
rig_end(Rig *r)
{
	free(r->memory);
	free(r->parameters);
	free(r->gradients);
	free(r->x);
	free(r->c);
	free(r->e);
}

UNUSED static void
rig_forward(Rig *r)
{
	fc_rng_start(&r->batch.rng, 7, 0);	/* the same columns are left out each time */
	fc_batch_encode(&r->batch, r->x, r->rows);
	fc_batch_decode(&r->batch);
}

UNUSED static double
rig_loss(void *arg)
{
	Rig		   *r = arg;
	double		loss = 0;

	rig_forward(r);
	for (int64_t i = 0; i < r->rows * rig_output(r); i++)
		loss += (double) r->c[i] * fc_batch_output(&r->batch)[i];
	for (int64_t i = 0; i < r->rows * rig_embedding(r); i++)
		loss += (double) r->e[i] * fc_batch_embedding(&r->batch)[i];
	return loss;
}

UNUSED static void
rig_backward(Rig *r)
{
	rig_forward(r);
	memcpy(fc_batch_output_gradient(&r->batch), r->c, sizeof(FcReal) * r->rows * rig_output(r));
	fc_batch_backward(&r->batch, true, r->e);
	find_gradients(&r->batch, r->batch.layers, r->gradients);
}

/* Gradients of all parameters of a net of any layers; its rows are few */
UNUSED static void
check_net_gradient(Rig *r, int32_t rows, uint64_t seed)
{
	if (!CHECK_EQ(fc_net_end(&r->net), FC_OK))
		return;
	rig_begin(r, rows, rows, true, seed);
	rig_backward(r);
	check_gradient(rig_loss, r, r->parameters, r->net.parameters, r->gradients);
	rig_end(r);
}

#endif
