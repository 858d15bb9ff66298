/*
 * train.h - rows, training and scoring for the unit tests
 *
 * A test begins a training, changes the part under test, runs and ends it:
 *
 *		Training	t;
 *
 *		training_begin(&t, algo, 3, FC_F64, x, n, d);
 *		t.model.common[FC_SEED] = 7;
 *		if (CHECK(training_run(&t) == FC_OK))
 *			...
 *		training_end(&t);
 *
 * Memory that the core must not rely on is made hostile here: a block of rows
 * is freed as soon as the next one is requested, and unused lanes and
 * unwritten memory contain NaN.
 */
#ifndef TRAIN_H
#define TRAIN_H

#include "check.h"
#include "lapack.h"
#include "core/direction.h"
#include "core/engine.h"
#include "core/noise.h"
#include "core/optional.h"
#include "core/score.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define UNUSED __attribute__((unused))

/* Rows that hand out one block at a time */
typedef struct Source
{
	const double *x;			/* (n, d) row-major */
	const double *weight;		/* (n) see source_weigh(), or NULL */
	double	   *weights;		/* of a block, as handed out last */
	FcRows		rows;
	char	   *prepared;		/* all blocks, made when the first is asked for */
	void	   *block;			/* a copy of one: the last handed out */
} Source;

typedef struct Training
{
	Source		source;
	FcModel		model;
	FcFit		fit;
	void	   *memory;
} Training;

/* "size" bytes of NaN, aligned as an arena must be */
static inline void *
hostile_memory(size_t size)
{
	void	   *p = aligned_alloc(64, FC_ROUND_UP(size > 0 ? size : 1, 64));

	if (p == NULL)
		abort();
	memset(p, 0xFF, FC_ROUND_UP(size, 64));
	return p;
}

/* Block b as the core wants it; lanes beyond the padding stay hostile */
static void
prepare_block(const Source *s, int64_t b, void *block)
{
	const FcRows *r = &s->rows;
	int32_t		rows = fc_rows_in_block(r, b);

	for (int32_t j = 0; j < r->d; j++)
		for (int32_t i = 0; i < FC_ROUND_UP(rows, FC_LANES); i++)
			fc_set(block, r->precision, (size_t) j * r->stride + i,
				   i < rows ? s->x[(b * r->stride + i) * r->d + j] : 0);
}

static const void *
source_block(void *arg, int64_t b)
{
	Source	   *s = arg;
	size_t		size = (size_t) s->rows.d * s->rows.stride * FC_SIZE(s->rows.precision);

	if (s->prepared == NULL)
	{
		s->prepared = hostile_memory(fc_blocks(&s->rows) * size);
		for (int64_t a = 0; a < fc_blocks(&s->rows); a++)
			prepare_block(s, a, s->prepared + a * size);
	}
	free(s->block);
	s->block = hostile_memory(size);
	memcpy(s->block, s->prepared + b * size, size);
	return s->block;
}

/* The source must stay where it is while the rows are used */
UNUSED static void
source_begin(Source *s, FcPrecision precision, const double *x, int64_t n, int32_t d, int32_t stride)
{
	*s = (Source) {.x = x};
	s->rows = (FcRows) {
		.n = n, .d = d, .stride = stride, .precision = precision,
		.block = source_block, .source = s
	};
}

static const double *
source_weights(void *arg, int64_t b)
{
	Source	   *s = arg;
	int32_t		rows = fc_rows_in_block(&s->rows, b);

	free(s->weights);
	s->weights = hostile_memory(s->rows.stride * sizeof(double));
	for (int32_t i = 0; i < FC_ROUND_UP(rows, FC_LANES); i++)
		s->weights[i] = i < rows ? s->weight[b * s->rows.stride + i] : 0;
	return s->weights;
}

/* From now on rows count as often as their weights (n) say */
UNUSED static void
source_weigh(Source *s, const double *weight)
{
	s->weight = weight;
	s->rows.weights = source_weights;
	s->rows.total = 0;
	for (int64_t i = 0; i < s->rows.n; i++)
		s->rows.total += weight[i];
}

UNUSED static void
source_end(Source *s)
{
	free(s->weights);
	free(s->prepared);
	free(s->block);
	s->prepared = NULL;
	s->block = NULL;
}

/* By name; NULL if the algorithm does not have it */
UNUSED static double *
own_option(FcModel *m, const char *name)
{
	int			i = fc_find_option(m->algo, name);

	return i < 0 ? NULL : fc_option_value(m, i);
}

/* Does it train a network?  Then rows that it puts together need not be near among the features */
static inline bool
is_deep(const FcAlgorithm *algo)
{
	return (algo->traits & FC_SHUFFLES) != 0;
}

/* One hidden layer, few epochs of small batches */
static inline void
make_net_small(Training *t)
{
	static const double hidden[] = {6};

	if (t->model.algo->network)
	{
		*own_option(&t->model, "hidden") = 1;
		t->fit.list[0] = hidden;
		*own_option(&t->model, "pretrain_epochs") = 4;
	}
	else
		*own_option(&t->model, "width") = hidden[0];
	*own_option(&t->model, "batch_size") = 50;
	if (own_option(&t->model, "epochs"))
		*own_option(&t->model, "epochs") = 3;
}

/* Default options, but small graphs and nets; the best instruction set, blocks of the usual size */
UNUSED static void
training_begin(Training *t, const FcAlgorithm *algo, int32_t k, FcPrecision precision,
			   const double *x, int64_t n, int32_t d)
{
	memset(t, 0, sizeof(*t));
	source_begin(&t->source, precision, x, n, d, fc_block_rows(d));
	fc_model_begin(&t->model, algo, k, d);
	if (is_deep(algo))
		make_net_small(t);
	else if (algo->traits & FC_EMBEDS)
	{
		*own_option(&t->model, "exact_rows") = 200;
		*own_option(&t->model, "landmarks") = 64;
	}
	t->fit.model = &t->model;
	t->fit.isa = fc_best_isa();
	t->fit.lapack = &linked_lapack;
}

/* Lays out memory; training_run() is this and the fit */
UNUSED static void *
training_place(Training *t)
{
	FcArena		arena = {0};

	t->fit.rows = t->source.rows;
	if (is_deep(t->model.algo))
		CHECK_EQ(fc_fit_begin(&t->fit), FC_OK);
	fc_fit_layout(&arena, &t->fit);
	free(t->memory);
	t->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	return fc_fit_layout(&arena, &t->fit);
}

UNUSED static FcStatus
training_run(Training *t)
{
	return fc_fit(&t->fit, training_place(t));
}

UNUSED static void
training_end(Training *t)
{
	source_end(&t->source);
	free(t->memory);
	t->memory = NULL;
}

/* Does an algorithm measure |x - v|^2, and have nothing but centers to learn? */
static inline bool
is_euclidean(const FcAlgorithm *algo)
{
	return algo->kernel->distances == NULL;
}

/* Does it iterate from the first centers to the last without schedule or stages? */
static inline bool
is_plain(const FcAlgorithm *algo)
{
	return algo->kernel->optimize == NULL && algo->fit == fc_engine_fit;
}

/* Covariances of d x d numbers are not for hundreds of columns */
static inline bool
takes_columns(const FcAlgorithm *algo, int32_t d)
{
	return d <= 20 || !algo->kernel->has_shapes;
}

/* Does it bring rows to a scale of its own, whatever the option says? */
static inline bool
scales_itself(const FcAlgorithm *algo)
{
	return algo->margin != NULL;
}

/* Where a covariance is singular, rounding decides about clusters that have one */
static inline bool
takes_collinear(const FcAlgorithm *algo)
{
	return !algo->kernel->has_shapes;
}

/* The centers of model m, in the user's units, to be freed */
UNUSED static double *
centers_of(const FcModel *m)
{
	double	   *centers = malloc((size_t) m->k * m->d * sizeof(double));

	for (int32_t c = 0; c < m->k; c++)
		fc_unscale_center(m, c, centers + c * m->d);
	return centers;
}

/* The bytes of a model, to be freed */
UNUSED static char *
model_bytes(const FcModel *m, size_t *length)
{
	char	   *bytes = hostile_memory(*length = fc_model_size(m));

	fc_model_write(m, &(FcHooks) {0}, bytes);
	return bytes;
}

/* Do two models have the same bytes? */
UNUSED static bool
same_model(const FcModel *a, const FcModel *b)
{
	size_t		na,
				nb;
	char	   *pa = model_bytes(a, &na);
	char	   *pb = model_bytes(b, &nb);
	bool		same = na == nb && memcmp(pa, pb, na) == 0;

	free(pa);
	free(pb);
	return same;
}

/* The same but for moments, whose sums depend on where blocks end */
UNUSED static bool
same_learned(const FcModel *a, const FcModel *b)
{
	FcModel		one = *a;
	FcModel		other = *b;

	one.optional.arrays &= ~(1u << FC_WITH_MOMENTS);
	other.optional.arrays &= ~(1u << FC_WITH_MOMENTS);
	return same_model(&one, &other);
}

/* A scorer that is ready; returns its memory, to be freed */
UNUSED static void *
scorer_begin(FcScorer *s, const FcModel *m)
{
	FcArena		arena = {0};

	memset(s, 0, sizeof(*s));
	fc_scorer_layout(&arena, s, m);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_scorer_layout(&arena, s, m);
	fc_scorer_begin(s);
	return arena.base;
}

/* Is the algorithm named among the arguments of the program, or none at all? */
UNUSED static bool
is_wanted(const FcAlgorithm *algo, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], algo->name) == 0)
			return true;
	return argc == 1;
}

/* Rounding that a result from such rows may show, relative to its size */
static inline double
rounding_of(int precision)
{
	return precision == FC_F32 ? 1e-5 : 1e-9;
}

/* Are memberships typicalities, which do not add up to 1? */
static inline bool
is_possibilistic(const FcAlgorithm *algo)
{
	return (algo->traits & FC_POSSIBILISTIC) != 0;
}

/* Memberships of one row, whose distances the scorer has: in [0, 1], adding up to 1 with that of noise, unless they are typicalities */
UNUSED static bool
memberships_hold(FcScorer *s)
{
	double		sum = 0;
	double		most = 0;
	int			ones = 0;
	bool		inside = true;
	bool		crisp = (s->model->algo->traits & FC_CRISP) != 0;

	int32_t		nearest = fc_score_nearest(s);

	fc_score_memberships(s);
	for (int32_t c = 0; c < fc_groups(s->model); c++)
	{
		sum += s->u[c];
		most = fmax(most, s->u[c]);
		ones += s->u[c] == 1;
		inside = inside && s->u[c] >= 0 && s->u[c] <= 1;
	}
	return inside && (is_possibilistic(s->model->algo) || fabs(sum - 1) <= 1e-12) && (!crisp || ones == 1) &&
		s->u[nearest < 0 ? s->model->k : nearest] == most;
}

/* What holds for every trained model, whatever it was trained on */
UNUSED static void
check_model(const Training *t)
{
	const FcModel *m = &t->model;
	double		sizes = 0;
	int			wrong = 0;
	int32_t		step = m->history.step;
	int32_t		first = m->history.first;	/* behind the rows of a sample */
	size_t		length;
	char	   *bytes = model_bytes(m, &length);
	FcModel		back;
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	CHECK_EQ(fc_model_read(&back, bytes, length), FC_OK);
	CHECK_EQ(m->rows, t->source.rows.n);
	CHECK(isfinite(m->objective));
	for (int32_t c = 0; c < m->k; c++)
	{
		sizes += m->weights[c];
		wrong += !(m->weights[c] >= 0 && m->radius[c] >= 0 && isfinite(m->radius[c]));
		for (int32_t j = 0; j < m->d; j++)
			wrong += !isfinite(m->centers[c * m->d + j]);
	}
	CHECK_EQ(wrong, 0);
	if (fc_has_noise(m))
		CHECK(sizes / m->rows <= 1 + rounding_of(m->precision));
	else if (is_possibilistic(m->algo))
		CHECK(sizes >= 0 && sizes <= m->rows * m->k * (1 + rounding_of(m->precision)));
	else
		CHECK_NEAR(sizes / m->rows, 1, rounding_of(m->precision));

	CHECK(m->iterations >= 1 && m->iterations <= m->common[FC_MAX_ITERATIONS]);
	CHECK_EQ(m->history.count - first, (m->iterations - 1) / step + 1);
	for (int32_t i = 0; i < m->history.count; i++)
		wrong += fc_history_get(m, i, FC_HISTORY_ITERATION) != (i < first ? -1 - i : 1 + (i - first) * step) ||
			!isfinite(fc_history_get(m, i, FC_HISTORY_OBJECTIVE)) ||
			!(fc_history_get(m, i, FC_HISTORY_CHANGE) >= 0);
	CHECK_EQ(wrong, 0);

	for (int64_t i = 0; i < t->source.rows.n; i += 1 + t->source.rows.n / 100)
	{
		fc_score_row(&s, t->source.x + i * m->d);
		wrong += !memberships_hold(&s);
	}
	CHECK_EQ(wrong, 0);
	free(bytes);
	free(memory);
}

/* Every combination of precision and instruction set that runs here */
#define FOR_EACH_VARIANT(isa, precision) \
	for (int isa = 0; isa <= (int) fc_best_isa(); isa++) \
		for (int precision = FC_F32; precision <= FC_F64; precision++)

#define FOR_EACH_ALGORITHM(algo) \
	for (const FcAlgorithm *const *algo##_at = fc_algorithms, *algo; (algo = *algo##_at) != NULL; algo##_at++)

/*
 * Rows around k points of a lattice, row i near point i % k: coordinate j of
 * point c is a multiple of 10, and no two points are closer than 10.  Rows are
 * within "spread" of their point in every coordinate.
 */
UNUSED static double
blob_center(int32_t c, int32_t j)
{
	return 10.0 * (j == 0 ? c : (c * (j + 1)) % 3);
}

UNUSED static double *
make_blobs(int64_t n, int32_t d, int32_t k, double spread)
{
	double	   *x = malloc((size_t) n * d * sizeof(double));
	FcRng		rng;

	if (x == NULL)
		abort();
	fc_rng_start(&rng, 20240229, 0);
	for (int64_t i = 0; i < n; i++)
		for (int32_t j = 0; j < d; j++)
			x[i * d + j] = blob_center((int32_t) (i % k), j) + spread * (2 * fc_rng_uniform(&rng) - 1);
	return x;
}

/* Uniform in the cube from -1/2 to 1/2 */
UNUSED static double *
make_noise(int64_t n, int32_t d, uint64_t seed)
{
	double	   *x = malloc((size_t) n * d * sizeof(double));
	FcRng		rng;

	if (x == NULL)
		abort();
	fc_rng_start(&rng, seed, 0);
	for (int64_t i = 0; i < n * d; i++)
		x[i] = fc_rng_uniform(&rng) - 0.5;
	return x;
}

/* Rows (n, d) divided by their length, as a reader does it, rounded to the precision; to be freed */
UNUSED static double *
make_unit_rows(const double *x, int64_t n, int32_t d, FcPrecision precision)
{
	double	   *unit = malloc((size_t) n * d * sizeof(double));
	void	   *row = malloc(d * sizeof(double));

	if (unit == NULL || row == NULL)
		abort();
	for (int64_t i = 0; i < n; i++)
	{
		for (int32_t j = 0; j < d; j++)
			fc_set(row, precision, j, x[i * d + j]);
		if (!fc_make_unit(row, precision, d))
			abort();
		for (int32_t j = 0; j < d; j++)
			unit[i * d + j] = fc_get(row, precision, j);
	}
	free(row);
	return unit;
}

/* n numbers, uniform in -1 .. 1, rounded to the precision; to be freed */
UNUSED static void *
make_numbers(FcPrecision precision, size_t n, uint64_t seed, uint64_t stream)
{
	void	   *x = hostile_memory(n * FC_SIZE(precision));
	FcRng		rng;

	fc_rng_start(&rng, seed, stream);
	for (size_t i = 0; i < n; i++)
		fc_set(x, precision, i, 2 * fc_rng_uniform(&rng) - 1);
	return x;
}

/* Does it, or a stage of it, extrapolate where rows have no gaps? */
static inline bool
extrapolates(const FcAlgorithm *algo)
{
	bool		any = algo->kernel->accelerates;

	for (int i = 0; algo->kernel->stages && algo->kernel->stages[i]; i++)
		any = any || algo->kernel->stages[i]->accelerates;
	return any;
}

#endif
