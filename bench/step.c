/*
 * step.c - the cost of sums without an order, without a server
 *
 * usage: step [ROWSxDIMSxCLUSTERS ...]
 *
 * For each shape, type and algorithm, milliseconds of all rows with the best instruction set: distances
 * and weights, with the sums that a pass of a training adds to them in their order; then the sums of
 * a step alone (the step less distances and weights); then a whole step, and one that
 * gathers sizes as well.  The median of several runs in turn, of the time of the processor.
 */
#include "core/step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNS	9
#define BLOCK	1024			/* rows */

static void *
allocate(size_t size)
{
	void	   *p = aligned_alloc(64, FC_ROUND_UP(size, 64));

	if (p == NULL)
		exit(1);
	memset(p, 0, FC_ROUND_UP(size, 64));
	return p;
}

static double
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

typedef struct Bench
{
	int64_t		n;
	int32_t		d;
	int32_t		k;
	FcPrecision precision;
	const FcAlgorithm *algo;
	char	   *x;				/* (blocks, d, BLOCK) */
	FcStep		step[2];		/* for sums alone, and with sizes */
	FcStatistics s[2];
	void	   *at;				/* (k, BLOCK) */
	double	   *sum;			/* (k, d) */
	double	   *weight;			/* (k) */
	int32_t    *nearest;
} Bench;

static const void *
block_of(const Bench *b, int64_t first)
{
	return b->x + first * b->d * FC_SIZE(b->precision);
}

static void
open_step(Bench *b, int which, char *bytes, size_t length)
{
	FcStep	   *s = &b->step[which];
	FcArena		arena = {0};
	size_t		size;

	if (fc_step_open(s, bytes, length) != FC_OK)
		exit(1);
	s->precision = b->precision;
	s->gather = which == 0 ? FC_GATHER_SUMS : FC_GATHER_SUMS | FC_GATHER_SIZES;
	fc_step_layout(&arena, s);
	arena.base = allocate(arena.used);
	arena.used = 0;
	fc_step_layout(&arena, s);
	fc_step_begin(s, fc_best_isa(), NULL);
	size = fc_step_statistics_size(s);
	fc_step_statistics(s, &b->s[which], allocate(size), size);
}

static void
begin(Bench *b)
{
	FcModel		m;
	FcArena		arena = {0};
	size_t		length;
	char	   *bytes;
	FcRng		rng;

	fc_rng_start(&rng, 1, 0);
	b->x = allocate(FC_ROUND_UP(b->n, BLOCK) * b->d * FC_SIZE(b->precision));
	for (int64_t i = 0; i < FC_ROUND_UP(b->n, BLOCK) * b->d; i++)
		fc_set(b->x, b->precision, i, 10 * fc_rng_uniform(&rng) - 5);
	b->at = allocate((size_t) b->k * BLOCK * FC_SIZE(b->precision));
	b->sum = allocate(sizeof(double) * b->k * (b->d + 64));
	b->weight = allocate(sizeof(double) * b->k);
	b->nearest = allocate(sizeof(int32_t) * BLOCK);
	fc_model_begin(&m, b->algo, b->k, b->d);
	fc_model_layout(&arena, &m);
	arena.base = allocate(arena.used);
	arena.used = 0;
	fc_model_layout(&arena, &m);
	m.rows = b->n;
	m.precision = b->precision;
	for (int64_t i = 0; i < (int64_t) b->k * b->d; i++)
		m.centers[i] = 10 * fc_rng_uniform(&rng) - 5;
	for (int32_t c = 0; c < b->k; c++)
		m.radius[c] = 1;
	if (fc_find_option(b->algo, "temperature") >= 0)
		*fc_option_value(&m, fc_find_option(b->algo, "temperature")) = 10;
	bytes = allocate(length = fc_model_size(&m));
	fc_model_write(&m, &(FcHooks) {0}, bytes);
	open_step(b, 0, bytes, length);
	open_step(b, 1, bytes, length);
}

static void
weigh(Bench *b, int64_t first, bool sums)
{
	FcStep	   *s = &b->step[0];
	const FcKernel *kernel = b->algo->kernel;

	s->weighing.terms = NULL;
	if (kernel->is_crisp)
	{
		fc_metric_assign(&s->metric, block_of(b, first), BLOCK, BLOCK, b->at, b->nearest);
		if (sums)
			s->metric.ops->add_rows(block_of(b, first), BLOCK, BLOCK, b->d, b->nearest, b->k, b->sum, b->d + 8, b->weight);
		return;
	}
	fc_metric_distances(&s->metric, block_of(b, first), BLOCK, BLOCK, b->at, BLOCK);
	kernel->weights[s->metric.isa][b->precision] (&s->weighing, b->at, BLOCK, BLOCK, BLOCK, b->k);
	if (sums)
		s->metric.ops->accumulate(block_of(b, first), BLOCK, BLOCK, b->d, b->at, BLOCK, b->k, b->sum, b->weight);
}

static double
run(Bench *b, int what)
{
	double		start = milliseconds();

	for (int64_t first = 0; first < b->n; first += BLOCK)
	{
		int32_t		done;

		if (what < 2)
			weigh(b, first, what == 1);
		else if (fc_step_add(&b->step[what - 2], &b->s[what - 2], block_of(b, first), BLOCK, BLOCK, NULL, &done) != FC_OK)
			exit(1);
	}
	return milliseconds() - start;
}

static int
compare(const void *a, const void *b)
{
	return (*(const double *) a > *(const double *) b) - (*(const double *) a < *(const double *) b);
}

static void
measure(Bench b)
{
	double		time[4][RUNS];

	begin(&b);
	for (int r = 0; r < RUNS; r++)
		for (int what = 0; what < 4; what++)
			time[what][r] = run(&b, what);
	for (int what = 0; what < 4; what++)
		qsort(time[what], RUNS, sizeof(double), compare);
	printf("%-8s %-8s %8.1f %8.1f %8.1f %8.1f %8.1f\n", b.algo->name, b.precision == FC_F32 ? "real" : "float8",
		   time[0][RUNS / 2], time[1][RUNS / 2], time[2][RUNS / 2] - time[0][RUNS / 2], time[2][RUNS / 2], time[3][RUNS / 2]);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	static const char *const usual[] = {"1000000x16x10", "100000x16x500"};
	static const char *const algorithms[] = {"kmeans", "fcm", "mec"};
	int			count = argc > 1 ? argc - 1 : 2;

	for (int a = 0; a < count; a++)
	{
		Bench		b = {0};
		long		n;

		if (sscanf(argc > 1 ? argv[1 + a] : usual[a], "%ldx%dx%d", &n, &b.d, &b.k) != 3)
			return 1;
		b.n = n;
		printf("%s\n%-8s %-8s %8s %8s %8s %8s %8s\n", argc > 1 ? argv[1 + a] : usual[a],
			   "", "", "weights", "+ sums", "exact", "step", "+ sizes");
		for (int i = 0; i < 3; i++)
			for (int precision = FC_F32; precision <= FC_F64; precision++)
			{
				b.precision = precision;
				b.algo = fc_find_algorithm(algorithms[i]);
				measure(b);
			}
	}
	return 0;
}
