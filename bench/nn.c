/*
 * nn.c - the cost of a training step of a network, without a server
 *
 * usage: nn [-t]		-t: a line a net, separated by tabs: name, rows, samples a second
 *
 * A step is forward, mean squared error, backward and Adam, on one batch; conv
 * classifier: cross-entropy in the place of the error.  Counted are the
 * multiplications and additions of the products alone, three times those of
 * forward, less the part that the first layer need not propagate back.  They
 * are compared with the speed of a large SGEMM, measured between the steps,
 * and printed as a share of it.  Times are processor time of one thread, the
 * best of several runs.
 */
#include "nn/affine.h"
#include "nn/loss.h"
#include "nn/optimizer.h"
#include "peak.h"

#include <cblas.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNS		12
#define TIME_ONE	0.25		/* minimum seconds of one measurement */
#define SQUARE		1536		/* rows and columns of the large product */

typedef struct Bench
{
	const char *name;
	int32_t		rows;
	double		limit;			/* share of SGEMM, at least */
	bool		classifier;
	FcNet		net;
	FcBatch		batch;
	FcOptimizer how;
	FcReal	   *parameters;
	FcReal	   *moment[2];		/* (parameters) */
	FcReal	   *room;			/* for the gradient of a range of them */
	FcReal	   *x;				/* (rows, input) */
	FcReal	   *p;				/* (rows, output) targets of a classifier */
	FcReal	   *q;				/* likewise */
	double		best;			/* seconds a step */
} Bench;

static const FcHooks no_hooks;

static void *
allocate(size_t size)
{
	void	   *p = aligned_alloc(64, FC_ROUND_UP(size, 64));

	if (p == NULL)
	{
		fprintf(stderr, "nn: out of memory\n");
		exit(1);
	}
	memset(p, 0, FC_ROUND_UP(size, 64));
	return p;
}

static FcReal *
random_numbers(int64_t count, FcRng *rng)
{
	FcReal	   *x = allocate(sizeof(FcReal) * count);

	for (int64_t i = 0; i < count; i++)
		x[i] = (FcReal) fc_rng_uniform(rng);
	return x;
}

/* The net is made by the caller */
static void
begin(Bench *b, const char *name, int32_t rows, double limit, bool classifier)
{
	FcArena		arena = {0};
	FcRng		rng;

	b->name = name;
	b->rows = rows;
	b->limit = limit;
	b->classifier = classifier;
	b->how = (FcOptimizer) {.adapts = true, .adam = fc_adam(1e-4)};
	b->best = INFINITY;
	fc_rng_start(&rng, 1, 0);
	fc_batch_layout(&arena, &b->batch, &b->net, b->net.count, rows, true);
	arena.base = allocate(arena.used);
	arena.used = 0;
	fc_batch_layout(&arena, &b->batch, &b->net, b->net.count, rows, true);
	b->parameters = allocate(sizeof(FcReal) * b->net.parameters);
	for (int i = 0; i < 2; i++)
		b->moment[i] = allocate(sizeof(FcReal) * b->net.parameters);
	b->room = allocate(sizeof(FcReal) * fc_net_range_room(&b->net));
	fc_net_initialize(&b->net, &no_hooks, 3, &rng, b->parameters);
	b->batch.parameters = b->parameters;
	b->x = random_numbers(rows * fc_shape_columns(b->net.input), &rng);
	b->p = random_numbers(rows * fc_shape_columns(b->net.shape), &rng);
	b->q = random_numbers(rows * fc_shape_columns(b->net.shape), &rng);
	fc_normalize_rows(b->p, rows, fc_shape_columns(b->net.shape));
}

static void
make_step(Bench *b)
{
	int32_t		columns = (int32_t) fc_shape_columns(b->net.shape);

	fc_batch_encode(&b->batch, b->x, b->rows);
	fc_batch_decode(&b->batch);
	if (b->classifier)
		(void) fc_cross_entropy(fc_batch_output(&b->batch), b->p, b->rows, columns, 1, b->q,
								fc_batch_output_gradient(&b->batch));
	else
		(void) fc_mse(&no_hooks, fc_batch_output(&b->batch), b->x, (int64_t) b->rows * columns, 1,
					  fc_batch_output_gradient(&b->batch));
	fc_batch_backward(&b->batch, true, NULL);
	b->how.step++;
	for (int64_t i = 0; i < fc_net_ranges(&b->net, b->net.count); i++)
		fc_learn_range(&b->batch, fc_net_range(&b->net, i), &b->how, b->moment, b->parameters, b->room);
}

static void
time_steps(Bench *b)
{
	double		start = now();
	int			steps = 0;

	do
	{
		make_step(b);
		steps++;
	} while (now() - start < TIME_ONE);
	b->best = fmin(b->best, (now() - start) / steps);
}

/* Operations of the products of a step, in thousands of millions */
static double
operations(const Bench *b)
{
	double		total = 0;

	for (int32_t at = 0; at < b->net.count; at++)
	{
		const FcLayer *l = b->net.layer + at;
		int64_t		in = fc_shape_pixels(l->in);
		int64_t		out = fc_shape_pixels(l->out);

		/* a weight serves every place of the window: the pixels of the smaller image, of a dense layer one */
		if (l->activation)
			total += (at == 0 ? 2 : 3) * 2.0 * b->rows * l->nweights * (l->window.size == 0 ? 1 : in < out ? in : out);
	}
	return total * 1e-9;
}

/* GFLOP/s of a large product */
static double
time_product(const FcReal *a, const FcReal *b, FcReal *c)
{
	double		start = now();

	cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, SQUARE, SQUARE, SQUARE, 1, a, SQUARE, b, SQUARE, 0, c, SQUARE);
	return 2e-9 * SQUARE * SQUARE * SQUARE / (now() - start);
}

static double
measure(Bench *benches, int count)
{
	FcRng		rng = {1};
	FcReal	   *a = random_numbers(SQUARE * SQUARE, &rng);
	FcReal	   *b = random_numbers(SQUARE * SQUARE, &rng);
	FcReal	   *c = allocate(sizeof(FcReal) * SQUARE * SQUARE);
	double		peak = 0;

	for (int run = 0; run < RUNS; run++)
		for (int i = 0; i < count; i++)
		{
			peak = fmax(peak, time_product(a, b, c));
			time_steps(benches + i);
		}
	free(a);
	free(b);
	free(c);
	return peak;
}

static void
print_line(const Bench *b, double peak)
{
	double		rate = operations(b) / b->best;

	printf("%-24s %5d %9.2f %10.0f %8.1f %8.1f %6.2f", b->name, b->rows, 1e3 * b->best, b->rows / b->best, rate, peak,
		   rate / peak);
	if (b->limit > 0)
		printf(" %6.2f  %s", b->limit, rate >= b->limit * peak ? "PASS" : "over");
	printf("\n");
}

int
main(int argc, char **argv)
{
	static const int32_t wide[] = {500, 500, 2000};
	static const int32_t small[] = {256, 256, 512};
	static Bench benches[4];
	bool		tabs = argc > 1 && strcmp(argv[1], "-t") == 0;
	double		peak;

	fc_dense_autoencoder(&benches[0].net, 784, wide, 3, 10, false, 0);
	begin(benches, "dense 500-500-2000-10", 256, 0.6, false);
	fc_dense_autoencoder(&benches[1].net, 784, small, 3, 10, true, 0);
	begin(benches + 1, "dense 256-256-512-10", 256, 0.45, false);
	fc_conv_autoencoder(&benches[2].net, (FcShape) {1, 28, 28}, 10, false);
	begin(benches + 2, "conv autoencoder", 256, 0.35, false);
	fc_conv_classifier(&benches[3].net, (FcShape) {1, 28, 28}, 0.5, 10, false);
	begin(benches + 3, "conv classifier", 64, 0, true);
	peak = measure(benches, 4);
	if (!tabs)
		printf("%-24s %5s %9s %10s %8s %8s %6s %6s\n", "net", "batch", "ms/step", "samples/s", "GFLOP/s", "SGEMM",
			   "share", "limit");
	for (int i = 0; i < 4; i++)
		if (tabs)
			printf("%s\t%d\t%.1f\n", benches[i].name, benches[i].rows, benches[i].rows / benches[i].best);
		else
			print_line(benches + i, peak);
	return 0;
}
