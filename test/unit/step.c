/*
 * step.c - one step of a training, of rows in any order and in any parts
 */
#include "steps.h"

#include "core/exact.h"
#include "core/shape.h"
#include "core/update.h"

enum {N = 300, MOST_D = 7};

static const char *const algorithms[] = {"kmeans", "fcm", "mec", "tsallis", "logical", "gk", "gg"};

#define ALGORITHMS	((int) (sizeof(algorithms) / sizeof(algorithms[0])))

/* Three groups; "far" of the rows are far away from them */
static double *
make_rows(int32_t n, int32_t d, double place, int32_t far, uint64_t seed)
{
	double	   *x = malloc((size_t) n * d * sizeof(double));
	FcRng		rng;

	fc_rng_start(&rng, seed, 0);
	for (int32_t i = 0; i < n; i++)
		for (int32_t j = 0; j < d; j++)
		{
			double		scale = i % 50 < far ? pow(10, 1 + 2 * (i % 7)) : 1;

			x[i * d + j] = place + scale * ((i % 3 - 1) * (j % 2 ? 4 : -2) + 2 * fc_rng_uniform(&rng) - 1);
		}
	return x;
}

/* For a few iterations, or where the first ones have no shapes yet, more */
static void
iterate(Training *t, int iterations)
{
	t->model.common[FC_MAX_ITERATIONS] = iterations + (t->model.algo->kernel->has_shapes ? 20 : 0);
	t->model.common[FC_TOLERANCE] = 0;
}

/* The bytes of a model of the rows that are not far */
static char *
make_model(const char *name, FcPrecision precision, int32_t k, const double *x, int32_t n, int32_t d, double fuzzifier, size_t *length)
{
	Training	t;
	char	   *bytes;

	training_begin(&t, fc_find_algorithm(name), k, precision, x, n, d);
	iterate(&t, 3);
	if (own_option(&t.model, "fuzzifier") && fuzzifier > 0)
		*own_option(&t.model, "fuzzifier") = fuzzifier;
	CHECK_EQ(training_run(&t), FC_OK);
	bytes = model_bytes(&t.model, length);
	training_end(&t);
	return bytes;
}

/* ---- the same bytes ---- */

/* All rows at once, and each alone */
static void
test_alone(Stepper *t, const double *x, const double *weight)
{
	Gathered	whole;
	Gathered	parts;
	Gathered	one;
	FcRng		rng;
	int32_t		order[N];

	fc_rng_start(&rng, 3, 1);
	for (int32_t i = 0; i < N; i++)
		order[i] = i;
	gathered_begin(&whole, &t->step);
	CHECK_EQ(gather_rows(&t->step, &whole, x, weight, NULL, 0, N), FC_OK);
	CHECK_EQ(fc_statistics_rows(&whole.s), N);

	/* each alone, merged */
	gathered_begin(&parts, &t->step);
	for (int32_t i = 0; i < N; i++)
	{
		gathered_begin(&one, &t->step);
		CHECK_EQ(gather_rows(&t->step, &one, x, weight, NULL, i, 1), FC_OK);
		gathered_merge(&parts, &one);
		gathered_end(&one);
	}
	CHECK(same_statistics(&whole, &parts));
	gathered_end(&parts);

	/* shuffled, in blocks of all sizes: every row gets into other lanes and tiles */
	for (int shuffle = 0; shuffle < 4; shuffle++)
	{
		for (int32_t i = N - 1; i > 0; i--)
		{
			int32_t		other = (int32_t) fc_rng_below(&rng, i + 1);
			int32_t		kept = order[i];

			order[i] = order[other];
			order[other] = kept;
		}
		gathered_begin(&parts, &t->step);
		for (int32_t first = 0, count; first < N; first += count)
		{
			count = 1 + (int32_t) fc_rng_below(&rng, 5 + 40 * shuffle);
			count = count < N - first ? count : N - first;
			CHECK_EQ(gather_rows(&t->step, &parts, x, weight, order, first, count), FC_OK);
		}
		CHECK(same_statistics(&whole, &parts));

		/* what was added leaves no trace */
		CHECK_EQ(gathered_subtract(&parts, &whole), FC_OK);
		CHECK_EQ(fc_statistics_rows(&parts.s), 0);
		gathered_begin(&one, &t->step);
		CHECK(same_statistics(&parts, &one));
		gathered_end(&one);
		gathered_end(&parts);
	}
	gathered_end(&whole);
}

static void
test_order(const char *name, FcPrecision precision, int isa, int32_t k, int32_t d, double place, int32_t far, double fuzzifier)
{
	double	   *x = make_rows(N, d, place, 0, 5);
	double	   *y = make_rows(N, d, place, far, 6);
	double		weight[N];
	size_t		length;
	char	   *bytes = make_model(name, precision, k, x, N, d, fuzzifier, &length);
	Stepper		t;

	for (int32_t i = 0; i < N; i++)
		weight[i] = i % 5 == 0 ? 1000.0 * i : i % 3 * 0.7;
	CHECK_EQ(stepper_begin(&t, bytes, length, precision, far % 3 == 2 ? FC_GATHER_SUMS : far % 3 == 1 ? FC_GATHER_SIZES : 0, isa), FC_OK);
	test_alone(&t, y, far > 1 ? weight : NULL);
	stepper_end(&t);
	free(x);
	free(y);
}

/* ---- the next model ---- */

/* A model after three iterations and a step is that after four, where centers move without extrapolation */
static void
test_update(const char *name, FcPrecision precision)
{
	enum {K = 3, D = 3};
	double	   *x = make_rows(N, D, 2, 0, 5);
	size_t		length;
	char	   *bytes = make_model(name, precision, K, x, N, D, 0, &length);
	char	   *copy = hostile_memory(length);
	Training	t;
	FcModel		m;
	Stepper		s;
	Gathered	g;
	FcArena		arena = {0};

	training_begin(&t, fc_find_algorithm(name), K, precision, x, N, D);
	iterate(&t, 4);
	CHECK_EQ(training_run(&t), FC_OK);
	memcpy(copy, bytes, length);
	CHECK_EQ(fc_model_read(&m, copy, length), FC_OK);
	CHECK_EQ(stepper_begin(&s, bytes, length, precision, 0, fc_best_isa()), FC_OK);
	gathered_begin(&g, &s.step);
	CHECK_EQ(gather_rows(&s.step, &g, x, NULL, NULL, 0, N), FC_OK);
	fc_statistics_finish(&g.s);
	fc_update_layout(&arena, &s.step);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	CHECK_EQ(fc_update(&m, &s.step, &g.s, 0, &(FcHooks) {0}, fc_update_layout(&arena, &s.step)), FC_OK);
	CHECK_EQ(m.rows, N);
	for (int i = 0; i < K * D; i++)
		CHECK_NEAR(m.centers[i], t.model.centers[i], precision == FC_F32 ? 1e-5 : 1e-10);
	for (int i = 0; t.model.algo->kernel->has_shapes && i < K * D * D; i++)
		CHECK_NEAR(FC_FACTOR(&m)[i], FC_FACTOR(&t.model)[i], precision == FC_F32 ? 1e-4 : 1e-10);
	free(arena.base);
	free(copy);
	free(x);
	gathered_end(&g);
	stepper_end(&s);
	training_end(&t);
}

/* ---- memory ---- */

/* Of the widest rows, a few are weighed at once */
static void
test_width(const char *name)
{
	FcStep		s = {
		.model = {.algo = fc_find_algorithm(name), .k = 2, .d = FC_MAX_COLUMNS},
		.precision = FC_F64, .gather = FC_GATHER_SUMS | FC_GATHER_SIZES
	};
	FcArena		arena = {0};

	fc_step_layout(&arena, &s);
	CHECK(arena.used < 64 * 1024 * 1024);
	CHECK(s.tile >= FC_LANES && s.tile % FC_LANES == 0);
}

int
main(void)
{
	test_width("kmeans");
	test_width("fcm");
	for (int a = 0; a < ALGORITHMS; a++)
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			for (int isa = FC_ISA_BASE; isa <= (int) fc_best_isa(); isa++)
			{
				test_order(algorithms[a], precision, isa, 3, 2, 0, 0, 0);
				test_order(algorithms[a], precision, isa, 5, 5, 1e4, 1, 1.7);
				test_order(algorithms[a], precision, isa, 4, MOST_D, -3, 2, 2);
				test_order(algorithms[a], precision, isa, 1, 1, 3, 3, 2);
			}
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_update("kmeans", precision);
		test_update("gk", precision);
		test_update("gg", precision);
	}
	return check_report("step");
}
