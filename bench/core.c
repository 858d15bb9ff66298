/*
 * core.c - the cost of the core's loops, without a server
 *
 * usage: core [-b] [ROWSxDIMSxCLUSTERS ...]		-b: the best instruction set only
 *
 * For each shape, type and instruction set: nanoseconds a row of every block
 * operation and of the weights, on one tile that stays in the second-level
 * cache; then of a whole iteration over all rows, which is the difference of a
 * training of 15 iterations and one of 5, over 10.  Beside them the limit that
 * peak.c measures, where an operation has one, and the share of it that is
 * reached.  The best of several runs counts.
 */
#include "core/kernel.h"
#include "peak.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RUNS		7
#define FEW			5			/* iterations */
#define MANY		15
#define TIME_ONE	0.002		/* minimum seconds of one measurement */

typedef struct Shape
{
	int64_t		n;
	int32_t		d;
	int32_t		k;
} Shape;

static const char *const usual_shapes[] = {"1000000x16x10", "250000x64x32", "20000x784x10"};

static const char *const isa_names[FC_ISAS] = {"base", "avx2", "avx512"};
static const char *const type_names[2] = {"real[]", "float8[]"};

/* An algorithm with options that keep it busy for all iterations */
typedef struct Kind
{
	const char *what;
	const char *algorithm;
	struct
	{
		const char *name;
		double		value;
	}			options[4];
	double		parameters[2];	/* of its weights */
} Kind;

static const Kind kinds[] = {
	{.what = "kmeans", .algorithm = "kmeans"},
	{.what = "fcm m = 1.7", .algorithm = "fcm", .options = {{"fuzzifier", 1.7}}, .parameters = {1.7}},
	{.what = "fcm m = 2", .algorithm = "fcm", .options = {{"fuzzifier", 2}}, .parameters = {2}},
	{.what = "mec", .algorithm = "mec", .options = {{"temperature", 5}}, .parameters = {5}},
	{
		.what = "tsallis", .algorithm = "tsallis",
		.options = {{"q", 1.7}, {"temperature", 5}, {"max_steps", 1}, {"inner_tolerance", 0}}, .parameters = {1.7, 5}
	},
};

#define KINDS		((int) (sizeof(kinds) / sizeof(kinds[0])))
#define FCM_2		2			/* of kinds, with which mec and tsallis are compared */

/* What is measured at the moment */
typedef struct Bench
{
	Shape		shape;
	int			isa;
	FcPrecision precision;
	double		memory;			/* bytes a nanosecond */
	int32_t		tile;			/* rows */
	char	   *x;				/* (blocks, d, tile) */
	void	   *v;				/* (k, d) */
	void	   *distance;		/* (k, tile) */
	void	   *at;				/* (k, tile) */
	void	   *least;			/* (tile) */
	int32_t    *nearest;		/* (tile) */
	double	   *sum;			/* (k, d) */
	double	   *weight;			/* (k) */
	FcWeighing	weighing;
	FcWeigh		weigh;
} Bench;

static void *
allocate(size_t size)
{
	void	   *p = aligned_alloc(64, FC_ROUND_UP(size, 64));

	if (p == NULL)
	{
		fprintf(stderr, "core: out of memory\n");
		exit(1);
	}
	memset(p, 0, FC_ROUND_UP(size, 64));
	return p;
}

/* ---- data ---- */

/* The blobs of data.sql: two, far apart, each drawn out along a line */
static void
fill_rows(Bench *b)
{
	double	   *place = allocate(sizeof(double) * 4 * b->shape.d);	/* (2, d) origins, (2, d) directions */
	FcRng		rng;

	fc_rng_start(&rng, 1, 0);
	for (int32_t j = 0; j < 2 * b->shape.d; j++)
	{
		place[j] = 20 * fc_rng_uniform(&rng);
		place[2 * b->shape.d + j] = 6 * (2 * fc_rng_uniform(&rng) - 1);
	}
	for (int64_t i = 0; i < b->shape.n; i++)
	{
		const double *origin = place + i % 2 * b->shape.d;
		const double *direction = origin + 2 * b->shape.d;
		double		along = 2 * fc_rng_uniform(&rng) - 1;

		for (int32_t j = 0; j < b->shape.d; j++)
			fc_set(b->x, b->precision, (i / b->tile * b->shape.d + j) * b->tile + i % b->tile,
				   origin[j] + along * direction[j] + fc_rng_uniform(&rng) + fc_rng_uniform(&rng) - 1);
	}
	free(place);
}

static void
begin(Bench *b)
{
	size_t		size = FC_SIZE(b->precision);
	size_t		d = b->shape.d;
	size_t		k = b->shape.k;

	b->tile = fc_block_rows(b->shape.d);
	b->x = allocate(FC_ROUND_UP(b->shape.n, b->tile) * d * size);
	b->v = allocate(k * d * size);
	b->distance = allocate(k * b->tile * size);
	b->at = allocate(k * b->tile * size);
	b->least = allocate(b->tile * size);
	b->nearest = allocate(b->tile * sizeof(int32_t));
	b->sum = allocate(k * d * sizeof(double));
	b->weight = allocate(k * sizeof(double));
	b->weighing.offset = allocate(k * sizeof(double));
	b->weighing.mass = allocate(k * sizeof(double));
	fill_rows(b);
	for (size_t c = 0; c < k; c++)	/* the first rows are the centers */
		for (size_t j = 0; j < d; j++)
			fc_set(b->v, b->precision, c * d + j, fc_get(b->x, b->precision, j * b->tile + c));
}

static void
end(Bench *b)
{
	free(b->x);
	free(b->v);
	free(b->distance);
	free(b->at);
	free(b->least);
	free(b->nearest);
	free(b->sum);
	free(b->weight);
	free(b->weighing.offset);
	free(b->weighing.mass);
}

/* ---- one operation, on one tile ---- */

static void
run_distance(Bench *b)
{
	fc_block_ops(b->isa, b->precision)->distance(b->x, b->tile, b->tile, b->shape.d, b->v, b->shape.k,
												 b->distance, b->tile);
}

static void
run_accumulate(Bench *b)
{
	fc_block_ops(b->isa, b->precision)->accumulate(b->x, b->tile, b->tile, b->shape.d, b->at, b->tile,
												   b->shape.k, b->sum, b->weight);
}

static void
run_nearest(Bench *b)
{
	fc_block_ops(b->isa, b->precision)->nearest(b->distance, b->tile, b->tile, b->shape.k, b->least, b->nearest);
}

/* Weights replace distances, so these are copied each time; run_copy says how much that is */
static void
run_copy(Bench *b)
{
	memcpy(b->at, b->distance, FC_SIZE(b->precision) * b->shape.k * b->tile);
}

static void
run_weigh(Bench *b)
{
	run_copy(b);
	b->weigh(&b->weighing, b->at, b->tile, b->tile, b->tile, b->shape.k);
}

/* Nanoseconds a row */
static double
time_tile(Bench *b, void (*operation) (Bench *b))
{
	double		best = INFINITY;
	int64_t		times = 1;

	for (int run = 0; run < RUNS;)
	{
		double		start = now();
		double		took;

		for (int64_t i = 0; i < times; i++)
			operation(b);
		took = now() - start;
		if (took < TIME_ONE)
		{
			times *= 2;
			continue;
		}
		best = fmin(best, took / times / b->tile * 1e9);
		run++;
	}
	return best;
}

/* ---- whole iterations ---- */

static const void *
block(void *source, int64_t at)
{
	const Bench *b = source;

	return b->x + (size_t) at * b->shape.d * b->tile * FC_SIZE(b->precision);
}

/* Seconds of a training of exactly this number of iterations */
static double
time_fit(Bench *b, const Kind *kind, int iterations)
{
	const FcAlgorithm *algo = fc_find_algorithm(kind->algorithm);
	FcModel		model;
	FcFit		f = {.model = &model, .isa = b->isa};
	FcArena		arena = {0};
	void	   *memory;
	void	   *work;
	double		start;

	fc_model_begin(&model, algo, b->shape.k, b->shape.d);
	model.common[FC_TOLERANCE] = 0;
	model.common[FC_MAX_ITERATIONS] = iterations;
	for (int i = 0; i < 4 && kind->options[i].name != NULL; i++)
		*fc_option_value(&model, fc_find_option(algo, kind->options[i].name)) = kind->options[i].value;
	f.rows = (FcRows) {
		.n = b->shape.n, .d = b->shape.d, .stride = b->tile, .precision = b->precision,
		.block = block, .source = b
	};
	(void) fc_fit_layout(&arena, &f);
	arena.base = memory = allocate(arena.used);
	arena.used = 0;
	work = fc_fit_layout(&arena, &f);

	start = now();
	if (fc_fit(&f, work) != FC_OK || model.iterations != iterations)
	{
		fprintf(stderr, "core: %s made %d iterations, not %d: choose other data\n",
				algo->name, model.iterations, iterations);
		exit(1);
	}
	start = now() - start;
	free(memory);
	return start;
}

/* Nanoseconds a row of an iteration */
static double
time_iteration(Bench *b, const Kind *kind)
{
	double		few = INFINITY;
	double		many = INFINITY;

	for (int run = 0; run < 3; run++)
	{
		few = fmin(few, time_fit(b, kind, FEW));
		many = fmin(many, time_fit(b, kind, MANY));
	}
	return (many - few) / (MANY - FEW) / b->shape.n * 1e9;
}

/* ---- the table ---- */

static void
print_line(const Bench *b, const char *what, double took, double limit)
{
	printf("%7lld %4d %3d  %-8s  %-6s  %-24s %9.2f", (long long) b->shape.n, b->shape.d, b->shape.k,
		   type_names[b->precision], isa_names[b->isa], what, took);
	if (limit > 0)
		printf(" %9.2f %7.0f %%", limit, 100 * limit / took);
	printf("\n");
	fflush(stdout);
}

/* Nanoseconds a row, at least, of d k repetitions of the mix */
static double
limit_of(const Bench *b, Mix mix)
{
	return (double) b->shape.d * b->shape.k / peak_rate(b->isa, b->precision, mix);
}

static void
print_weights(Bench *b, const Kind *kind)
{
	char		what[32];

	memcpy(b->weighing.parameters, kind->parameters, sizeof(kind->parameters));
	b->weigh = fc_find_algorithm(kind->algorithm)->kernel->weights[b->isa][b->precision];
	snprintf(what, sizeof(what), "weights, %s", kind->what);
	print_line(b, what, time_tile(b, run_weigh) - time_tile(b, run_copy), 0);
}

static void
print_tile(Bench *b)
{
	print_line(b, "distance", time_tile(b, run_distance), limit_of(b, MIX_SUB_FMA));
	for (int i = 0; i < KINDS; i++)
		print_weights(b, &kinds[i]);
	print_line(b, "accumulate", time_tile(b, run_accumulate), limit_of(b, MIX_FMA));
	print_line(b, "nearest", time_tile(b, run_nearest), 0);
}

static void
print_iterations(Bench *b)
{
	double		limit = fmax(limit_of(b, MIX_SUB_2FMA), b->shape.d * FC_SIZE(b->precision) / b->memory);

	double		took[KINDS];
	char		what[32];

	for (int i = 0; i < KINDS; i++)
	{
		took[i] = time_iteration(b, &kinds[i]);
		snprintf(what, sizeof(what), "iteration, %s", kinds[i].what);
		print_line(b, what, took[i], limit);
	}
	for (int i = FCM_2 + 1; i < KINDS; i++)
		printf("%40s%s: %.2f x an iteration of fcm m = 2; at most 3 x\n", "", kinds[i].what, took[i] / took[FCM_2]);
}

static double
memory_rate(void)
{
	size_t		size = (size_t) 256 << 20;
	void	   *buffer = allocate(size);
	double		rate = read_rate(fc_best_isa(), buffer, size);

	free(buffer);
	return rate;
}

static void
print_shape(const char *text, bool best_only, double memory)
{
	Bench		b = {.memory = memory};
	int			best = fc_best_isa();
	long long	n;

	if (sscanf(text, "%lldx%dx%d", &n, &b.shape.d, &b.shape.k) != 3 ||
		b.shape.d < 1 || b.shape.d > FC_MAX_COLUMNS || b.shape.k < 1 || b.shape.k > n || n < FC_TILE)
	{
		fprintf(stderr, "usage: core [-b] [ROWSxDIMSxCLUSTERS ...]\n");
		exit(2);
	}
	b.shape.n = n;
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		b.precision = precision;
		begin(&b);
		for (b.isa = best_only ? best : 0; b.isa <= best; b.isa++)
		{
			print_tile(&b);
			print_iterations(&b);
		}
		end(&b);
	}
}

int
main(int argc, char **argv)
{
	double		memory = memory_rate();
	bool		best_only = argc > 1 && strcmp(argv[1], "-b") == 0;
	int			first = best_only ? 2 : 1;

	printf("%7s %4s %3s  %-8s  %-6s  %-24s %9s %9s %9s\n",
		   "rows", "dims", "k", "type", "for", "operation", "ns/row", "limit", "reached");
	for (int i = first; i < argc; i++)
		print_shape(argv[i], best_only, memory);
	for (size_t i = 0; first >= argc && i < sizeof(usual_shapes) / sizeof(usual_shapes[0]); i++)
		print_shape(usual_shapes[i], best_only, memory);
	return 0;
}
