/*
 * statistics.c - sums as values: merged, subtracted, read and forged
 */
#include "steps.h"

#include "core/exact.h"
#include "core/update.h"

#define CASES	10000

/* A model of k centers in d columns, as bytes; with an odd seed, features of its rows may be missing */
static char *
make_bytes(const char *name, FcPrecision precision, int32_t k, int32_t d, uint64_t seed, size_t *length)
{
	FcArena		arena = {0};
	FcModel		m;
	char	   *bytes;
	FcRng		rng;

	fc_rng_start(&rng, seed, 2);
	fc_model_begin(&m, fc_find_algorithm(name), k, d);
	fc_model_layout(&arena, &m);
	arena.base = calloc(1, arena.used);
	arena.used = 0;
	fc_model_layout(&arena, &m);
	m.common[FC_MISSING] = seed % 2 ? FC_MISSING_PARTIAL : FC_MISSING_ERROR;
	m.rows = 10;
	m.precision = precision;
	for (int32_t i = 0; i < k * d; i++)
		m.centers[i] = 4 * fc_rng_uniform(&rng) - 2;
	for (int32_t c = 0; c < k; c++)
	{
		m.radius[c] = 1;
		m.weights[c] = 1 + c;
	}
	if (own_option(&m, "temperature"))
		*own_option(&m, "temperature") = 1.5;
	bytes = model_bytes(&m, length);
	free(arena.base);
	return bytes;
}

/* A row about the centers, or far from them, with gaps perhaps */
static void
draw_row(FcRng *rng, double *x, const FcStep *step)
{
	int32_t		d = step->model.d;
	FcPrecision precision = step->precision;
	double		scale = fc_rng_below(rng, 6) == 0 ? pow(10, (double) fc_rng_below(rng, precision == FC_F32 ? 14 : 100)) : 1;

	for (int32_t j = 0; j < d; j++)
		x[j] = scale * (4 * fc_rng_uniform(rng) - 2);
	for (int32_t j = (int32_t) fc_rng_below(rng, d); (step->gather & FC_GATHER_GAPS) && j > 0; j--)
		x[j] = NAN;
}

/* ---- merged and subtracted ---- */

/* (a + b) - b is a, to the byte, in either order of adding; and b - (a + b) is none */
static void
test_cases(FcPrecision precision)
{
	static const char *const names[] = {"kmeans", "fcm", "mec"};
	FcRng		rng;
	int			wrong = 0;

	fc_rng_start(&rng, 9, precision);
	for (int n = 0; n < CASES / 2;)
	{
		int32_t		k = 1 + (int32_t) fc_rng_below(&rng, 4);
		int32_t		d = 1 + (int32_t) fc_rng_below(&rng, 4);
		size_t		length;
		Stepper		t;
		char	   *bytes = make_bytes(names[fc_rng_below(&rng, 3)], precision, k, d, (uint64_t) n / 50, &length);

		CHECK_EQ(stepper_begin(&t, bytes, length, precision, 0, fc_best_isa()), FC_OK);
		for (int repeat = 0; repeat < 50; repeat++, n++)
		{
			double		x[8 * 4];
			int32_t		rows = (int32_t) fc_rng_below(&rng, 7);
			int32_t		first = (int32_t) fc_rng_below(&rng, rows + 1);
			Gathered	a;
			Gathered	b;
			Gathered	sum;

			for (int32_t i = 0; i < rows; i++)
				draw_row(&rng, x + i * d, &t.step);
			gathered_begin(&a, &t.step);
			gathered_begin(&b, &t.step);
			gathered_begin(&sum, &t.step);
			gather_rows(&t.step, &a, x, NULL, NULL, 0, first);
			gather_rows(&t.step, &b, x, NULL, NULL, first, rows - first);
			fc_statistics_skip(&b.s, repeat % 3);
			gathered_merge(&sum, &b);
			gathered_merge(&sum, &a);
			wrong += gathered_subtract(&sum, &b) != FC_OK || !same_statistics(&sum, &a);
			gathered_merge(&sum, &b);
			if (first > 0)
				wrong += gathered_subtract(&b, &sum) != FC_NO_PART;
			gathered_end(&a);
			gathered_end(&b);
			gathered_end(&sum);
		}
		stepper_end(&t);
	}
	CHECK_EQ(wrong, 0);
}

/* ---- accuracy ---- */

/* Sums of a step against those of its rows' weights in long double */
static void
test_accuracy(const char *name, FcPrecision precision)
{
	enum {ROWS = 2000, K = 5, D = 6};
	double		scale = precision == FC_F32 ? 2e-6 : 1e-12;
	size_t		length;
	char	   *model = make_bytes(name, precision, K, D, 7, &length);
	FcStepPlan	plan = {.precision = precision, .gather = FC_GATHER_SUMS | FC_GATHER_SIZES};
	FcModel		m;
	char	   *bytes;
	double	   *x = malloc(sizeof(double) * ROWS * D);
	long double sum[K * D] = {0};
	long double weight[K] = {0};
	long double lengths[K] = {0};
	FcScorer	scorer;
	void	   *memory;
	Stepper		t;
	Gathered	g;
	FcAccumulator acc;
	FcArena		arena = {0};
	FcRng		rng;

	fc_rng_start(&rng, 17, 0);
	for (int i = 0; i < ROWS * D; i++)
		x[i] = precision == FC_F32 ? (float) (5 * fc_rng_uniform(&rng) - 2.5) : 5 * fc_rng_uniform(&rng) - 2.5;
	CHECK_EQ(fc_model_read(&m, model, length), FC_OK);
	bytes = hostile_memory(length = fc_step_size(&m, &plan));
	fc_step_write(&m, &plan, &(FcHooks) {0}, bytes);
	CHECK_EQ(stepper_begin(&t, bytes, length, precision, 0, fc_best_isa()), FC_OK);
	memory = scorer_begin(&scorer, &t.step.model);
	for (int i = 0; i < ROWS; i++)
	{
		int32_t		c;

		fc_score_row(&scorer, x + i * D);
		c = fc_score_nearest(&scorer);
		lengths[c] += fc_score_length(&scorer, c);
		fc_score_weights(&scorer);
		for (c = 0; c < K; c++)
		{
			weight[c] += scorer.u[c];
			for (int j = 0; j < D; j++)
				sum[c * D + j] += (long double) scorer.u[c] * x[i * D + j];
		}
	}
	gathered_begin(&g, &t.step);
	CHECK_EQ(gather_rows(&t.step, &g, x, NULL, NULL, 0, ROWS), FC_OK);
	fc_statistics_finish(&g.s);
	fc_accumulator_layout(&arena, &acc, K, D, false, false);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_accumulator_layout(&arena, &acc, K, D, false, false);
	fc_statistics_to_accumulator(&g.s, false, &acc);
	for (int c = 0; c < K; c++)
	{
		CHECK(fabsl(acc.weight[c] - weight[c]) <= scale * weight[c]);
		CHECK(fabsl(acc.radius[c] - lengths[c]) <= scale * (lengths[c] + 1));
		for (int j = 0; j < D; j++)
			CHECK_NEAR((double) (acc.sum[c * D + j] / acc.weight[c] - sum[c * D + j] / weight[c]), 0, scale);
	}
	free(arena.base);
	free(memory);
	free(model);
	free(x);
	gathered_end(&g);
	stepper_end(&t);
}

/* ---- forged bytes ---- */

/* Opened, such bytes are harmless: added, subtracted and read */
static void
use_forged(Stepper *t, char *bytes, size_t length, bool resumes)
{
	FcStatistics s;
	FcStatus	status = resumes ? fc_statistics_resume(&s, bytes, length, length) : fc_statistics_open(&s, bytes, length, length);
	Gathered	g;

	if (status != FC_OK)
		return;
	fc_statistics_finish(&s);
	for (int sum = 0; sum < FC_SUMS; sum++)
		(void) fc_statistics_get(&s, sum, 0);
	gathered_begin(&g, &t->step);
	while (fc_statistics_merge(&g.s, &s) == FC_TOO_LITTLE_ROOM)
		gathered_grow(&g);
	while (fc_statistics_subtract(&g.s, &s) == FC_TOO_LITTLE_ROOM)
		gathered_grow(&g);
	gathered_end(&g);
}

static void
test_forged(FcPrecision precision, uint64_t seed)
{
	size_t		length;
	char	   *model = make_bytes("fcm", precision, 3, 2, seed, &length);
	Stepper		t;
	Gathered	g;
	FcRng		rng;
	int			refused = 0;

	fc_rng_start(&rng, 4, precision);
	CHECK_EQ(stepper_begin(&t, model, length, precision, 0, fc_best_isa()), FC_OK);
	gathered_begin(&g, &t.step);
	for (int i = 0; i < 20; i++)
	{
		double		x[2];

		draw_row(&rng, x, &t.step);
		CHECK_EQ(gather_rows(&t.step, &g, x, NULL, NULL, 0, 1), FC_OK);
	}
	g.length = fc_statistics_finish(&g.s);
	for (int i = 0; i < 20000; i++)
	{
		size_t		kept = i % 4 == 0 ? (size_t) fc_rng_below(&rng, (int64_t) g.length + 1) : g.length;
		char	   *copy = malloc(kept + 1);
		FcStatistics s;

		memcpy(copy, g.memory, kept);
		for (int64_t changes = 1 + fc_rng_below(&rng, 3); changes > 0 && kept > 0; changes--)
			copy[fc_rng_below(&rng, (int64_t) (i % 2 && kept > 120 ? 120 : kept))] ^= (char) (1 << fc_rng_below(&rng, 8));
		refused += kept > 0 && fc_statistics_open(&s, copy, kept, kept) != FC_OK;
		use_forged(&t, copy, kept, i % 3 == 0);
		free(copy);
	}
	CHECK(refused > 5000);
	gathered_end(&g);
	stepper_end(&t);
}

/* Step models, likewise */
static void
test_forged_step(void)
{
	size_t		length;
	char	   *model = make_bytes("mec", FC_F32, 3, 2, 1, &length);
	FcModel		m;
	size_t		size;
	char	   *bytes;
	FcRng		rng;
	int			opened = 0;

	fc_rng_start(&rng, 5, 0);
	CHECK_EQ(fc_model_read(&m, model, length), FC_OK);
	bytes = hostile_memory(size = fc_step_size(&m, NULL));
	fc_step_write(&m, NULL, &(FcHooks) {0}, bytes);
	CHECK(fc_step_is(bytes, size));
	for (int i = 0; i < 5000; i++)
	{
		size_t		kept = i % 4 == 0 ? (size_t) fc_rng_below(&rng, (int64_t) size + 1) : size;
		char	   *copy = hostile_memory(kept);
		double		x[] = {0.5, -0.25, 3, 1e9};
		Stepper		t;
		Gathered	g;

		memcpy(copy, bytes, kept);
		for (int64_t changes = fc_rng_below(&rng, 3); changes > 0 && kept > 0; changes--)
			copy[fc_rng_below(&rng, (int64_t) (i % 2 && kept > 100 ? 100 : kept))] ^= (char) (1 << fc_rng_below(&rng, 8));
		if (stepper_begin(&t, copy, kept, FC_F32, 0, fc_best_isa()) == FC_OK)
		{
			opened++;
			gathered_begin(&g, &t.step);
			(void) gather_rows(&t.step, &g, x, NULL, NULL, 0, 2);
			gathered_end(&g);
		}
		stepper_end(&t);
	}
	CHECK(opened > 500 && opened < 4900);
	free(bytes);
	free(model);
}

/* Too many rows are an error */
static void
test_capacity(void)
{
	size_t		length;
	char	   *model = make_bytes("kmeans", FC_F64, 1, 1, 1, &length);
	double		x = 0.5;
	Stepper		t;
	Gathered	g;
	Gathered	h;

	CHECK_EQ(stepper_begin(&t, model, length, FC_F64, 0, fc_best_isa()), FC_OK);
	gathered_begin(&g, &t.step);
	gathered_begin(&h, &t.step);
	CHECK(fc_statistics_count(&g.s, INT64_MAX));
	CHECK_EQ(gather_rows(&t.step, &g, &x, NULL, NULL, 0, 1), FC_TOO_MANY_ROWS);
	CHECK_EQ(gather_rows(&t.step, &h, &x, NULL, NULL, 0, 1), FC_OK);
	CHECK_EQ(fc_statistics_merge(&g.s, &h.s), FC_TOO_MANY_ROWS);
	CHECK_EQ(fc_statistics_skip(&h.s, INT64_MAX), FC_OK);
	CHECK_EQ(fc_statistics_skip(&h.s, 1), FC_TOO_MANY_ROWS);
	CHECK_EQ(fc_statistics_rows(&g.s), INT64_MAX);
	gathered_end(&g);
	gathered_end(&h);
	stepper_end(&t);
}

int
main(void)
{
	static const char *const names[] = {"kmeans", "fcm", "mec"};

	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_cases(precision);
		for (int i = 0; i < 3; i++)
			test_accuracy(names[i], precision);
		test_forged(precision, 0);
		test_forged(precision, 1);
	}
	test_forged_step();
	test_capacity();
	return check_report("statistics");
}
