/*
 * critical.c - the temperature, or fuzzifier, at which all centers merge, where
 * a formula gives it
 */
#include "train.h"

#include "core/critical.h"
#include "core/seed.h"

/* What the functions use of a fit, with its memory */
typedef struct Rows
{
	Source		source;
	FcModel		model;
	FcFit		fit;
	void	   *memory;
	double	   *direction;
} Rows;

static void
rows_begin(Rows *r, FcPrecision precision, const double *x, int64_t n, int32_t d)
{
	FcArena		arena = {0};

	source_begin(&r->source, precision, x, n, d, fc_block_rows(d));
	fc_model_begin(&r->model, fc_find_algorithm("fcm"), 2, d);
	r->fit = (FcFit) {.model = &r->model, .rows = r->source.rows, .isa = fc_best_isa()};
	fc_sample_place(&arena, &r->fit.sample, &r->fit.rows, n);
	r->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_sample_place(&arena, &r->fit.sample, &r->fit.rows, n);
	fc_sample_fill(&r->fit.sample, &r->fit.rows, 0, &r->fit.hooks);
	r->direction = r->fit.direction = hostile_memory(sizeof(double) * 2 * d);
}

static void
rows_end(Rows *r)
{
	source_end(&r->source);
	free(r->memory);
	free(r->direction);
}

/*
 * Two rows on each axis, at 1 and -1 of it: all have s = 1 and the spread is 1.
 * Every direction is an eigenvector, and lambda(g) = g(1) / d.
 */
static void
test_axes(int32_t d, FcPrecision precision)
{
	double	   *x = calloc((size_t) 2 * d * d, sizeof(double));
	double		nearly[] = {1 + 0.1 / d, 1 + 1.0 / d, 1 + 1.5 / d};
	Rows		r;

	for (int32_t j = 0; j < d; j++)
	{
		x[(size_t) 2 * j * d + j] = 1;
		x[(size_t) (2 * j + 1) * d + j] = -1;
	}
	rows_begin(&r, precision, x, 2 * d, d);
	CHECK_NEAR(fc_critical_temperature(&r.fit, 1) * d, 2, 1e-9);
	for (int i = 0; i < 3; i++)		/* T = 2 q / d T / (T + q - 1) */
		CHECK_NEAR(fc_critical_temperature(&r.fit, nearly[i]) / (2 * nearly[i] / d - (nearly[i] - 1)), 1, 1e-4);
	CHECK_NEAR(fc_safe_fuzzifier(&r.fit), d > 2 ? 1 / (1 - 2.0 / d) : 0, 1e-9);
	rows_end(&r);
	free(x);
}

/* The eigenvalue of a matrix of two columns, from the root of a square; the mean is not 0, nor the spread 1 */
static void
test_two_columns(FcPrecision precision)
{
	enum {N = 11};
	double		x[N * 2];
	double		mean[2] = {0, 0};
	double		a = 0,
				b = 0,
				c = 0;
	Rows		r;

	for (int i = 0; i < N; i++)
	{
		x[2 * i] = (float) (30 + 7 * sin(5 * i));
		x[2 * i + 1] = (float) (-20 + 4 * sin(5 * i) + 2 * cos(3 * i));
		mean[0] += x[2 * i] / N;
		mean[1] += x[2 * i + 1] / N;
	}
	for (int i = 0; i < N; i++)
	{
		a += (x[2 * i] - mean[0]) * (x[2 * i] - mean[0]) / N;
		b += (x[2 * i] - mean[0]) * (x[2 * i + 1] - mean[1]) / N;
		c += (x[2 * i + 1] - mean[1]) * (x[2 * i + 1] - mean[1]) / N;
	}
	rows_begin(&r, precision, x, N, 2);
	CHECK_NEAR(fc_critical_temperature(&r.fit, 1) / (a + c + sqrt((a - c) * (a - c) + 4 * b * b)), 1, 1e-5);
	rows_end(&r);
}

/* Rows that are all the same have none */
static void
test_no_spread(FcPrecision precision)
{
	static const double x[] = {5, 7, 5, 7, 5, 7};
	Rows		r;

	rows_begin(&r, precision, x, 3, 2);
	CHECK_EQ(fc_critical_temperature(&r.fit, 1), 0);
	CHECK_EQ(fc_critical_temperature(&r.fit, 2), 0);
	CHECK_EQ(fc_safe_fuzzifier(&r.fit), 0);
	rows_end(&r);
}

int
main(void)
{
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_axes(2, precision);
		test_axes(3, precision);
		test_axes(100, precision);
		test_two_columns(precision);
		test_no_spread(precision);
	}
	return check_report("critical");
}
