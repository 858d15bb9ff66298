/*
 * invariance.c - the same problem in other units, far from zero, in other blocks, on
 * another instruction set, from other first centers: every algorithm finds the same
 */
#include "contract.h"

/* Centers (x - offset) / unit and objective of both agree within "close" */
static void
check_same(const Training *a, const Training *b, double unit, double offset, double close)
{
	bool		squares = a->model.algo->kernel->length == NULL && !(a->model.algo->traits & FC_EMBEDS);
	double	   *va = centers_of(&a->model);
	double	   *vb = centers_of(&b->model);

	if (scales_itself(a->model.algo) || is_possibilistic(a->model.algo))
		close *= 2;				/* its units are not the user's, or eta is rounded, too */
	for (int32_t i = 0; i < a->model.k * a->model.d; i++)
		CHECK_NEAR((vb[i] - offset) / unit, va[i], close);
	free(va);
	free(vb);
	for (int32_t c = 0; c < a->model.k; c++)
	{
		CHECK_NEAR(b->model.weights[c], a->model.weights[c], close);
		if (unit == 1 || squares)
			CHECK_NEAR(b->model.radius[c] / unit, a->model.radius[c], close);
	}
	if (unit == 1 || squares)
		CHECK_NEAR(b->model.objective / unit / unit, a->model.objective, close);
}

/* Blocks may have any size, which changes the order of additions and nothing else */
static void
test_strides(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	static const int strides[] = {16, 32, 48, 256, 2048, 4096};
	enum {N = 2100, D = 3, K = 4};
	double	   *x = make_blobs(N, D, K, 1);
	Training	a;

	train(&a, algo, isa, precision, K, x, N, D);
	for (int i = 0; i < COUNT(strides); i++)
	{
		Training	b;

		training_begin(&b, algo, K, precision, x, N, D);
		b.fit.isa = isa;
		b.source.rows.stride = strides[i];
		CHECK_EQ(training_run(&b), FC_OK);
		check_model(&b);
		check_same(&a, &b, 1, 0, rounding_of(precision));
		training_end(&b);
	}
	training_end(&a);
	free(x);
}

/* Another instruction set rounds otherwise, and finds the same */
static void
test_instruction_sets(const FcAlgorithm *algo, FcPrecision precision)
{
	enum {N = 900, D = 7, K = 5};
	double	   *x = make_blobs(N, D, K, 1);
	Training	a;

	train(&a, algo, FC_ISA_BASE, precision, K, x, N, D);
	for (int isa = 1; isa <= (int) fc_best_isa(); isa++)
	{
		Training	b;

		train(&b, algo, isa, precision, K, x, N, D);
		check_same(&a, &b, 1, 0, rounding_of(precision));
		training_end(&b);
	}
	training_end(&a);
	free(x);
}

/* Rows in other units, by powers of two so that the rows themselves are not rounded */
static void
test_units(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	static const int exponents[2][4] = {{50, -50, 10, 0}, {465, -465, 50, 0}};	/* 1e15 and 1e140 */
	enum {N = 300, D = 3, K = 4};
	double	   *x = make_blobs(N, D, K, 1);
	Training	a;

	train(&a, algo, isa, precision, K, x, N, D);
	for (int e = 0; exponents[precision][e] != 0; e++)
	{
		double		unit = ldexp(1, exponents[precision][e]);
		double	   *y = malloc(N * D * sizeof(double));
		Training	b;

		for (int i = 0; i < N * D; i++)
			y[i] = x[i] * unit;
		train(&b, algo, isa, precision, K, y, N, D);
		check_same(&a, &b, unit, 0, rounding_of(precision));
		training_end(&b);
		free(y);
	}
	training_end(&a);
	free(x);
}

/* An offset a million times the clusters' size costs no digits that the rows have */
static void
test_offset(const FcAlgorithm *algo, int isa)
{
	enum {N = 300, D = 3, K = 4};
	double	   *x = make_blobs(N, D, K, 1);
	double	   *y = malloc(N * D * sizeof(double));
	Training	a,
				b;

	for (int i = 0; i < N * D; i++)
	{
		y[i] = x[i] + 1e6;
		x[i] = y[i] - 1e6;		/* what adding it left */
	}
	train(&a, algo, isa, FC_F64, K, x, N, D);
	train(&b, algo, isa, FC_F64, K, y, N, D);
	check_same(&a, &b, 1, 1e6, 4e-9);
	training_end(&a);
	training_end(&b);
	free(x);
	free(y);
}

/* Three long groups across each other, which overlap */
static double *
make_sticks(int n, int d)
{
	double	   *x = malloc((size_t) n * d * sizeof(double));

	for (int i = 0; i < n; i++)
		for (int j = 0; j < d; j++)
			x[i * d + j] = (i % 3 == j ? 10 * sin(i * 0.37) : cos(i * 1.3 + j * 2.1)) + (i % 3) * 3 + 1e-4 * sin(i * i * 0.7 + j);
	return x;
}

/* A converged model to begin with has converged, whatever it has learned besides centers, and in other units */
static void
test_warm_start(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 600, D = 3, K = 3};
	bool		shapes = algo->kernel->has_shapes;
	double	   *x = make_sticks(N, D);
	Training	first;

	if (algo->traits & (FC_EMBEDS | FC_ANNEALS) || scales_itself(algo))
	{
		free(x);
		return;
	}
	train(&first, algo, isa, precision, K, x, N, D);
	CHECK(first.model.converged);
	CHECK(first.model.iterations > 3);
	/* shapes do not depend on units; other algorithms find other clusters in other units */
	for (int scale = FC_SCALE_NONE; scale <= (shapes ? FC_SCALE_ZSCORE : FC_SCALE_NONE); scale++)
	{
		double	   *centers = centers_of(&first.model);
		double	   *after;
		Training	again;

		training_begin(&again, algo, first.model.k, precision, x, N, D);
		again.fit.isa = isa;
		again.fit.start = centers;
		again.fit.earlier = &first.model;
		again.model.common[FC_INIT] = FC_INIT_MODEL;
		again.model.common[FC_SCALE] = scale;
		again.model.common[FC_MAX_ITERATIONS] = 1000;
		again.model.common[FC_TOLERANCE] = 1e-5;
		CHECK_EQ(training_run(&again), FC_OK);
		CHECK(again.model.iterations <= 2);
		after = centers_of(&again.model);
		for (int i = 0; i < first.model.k * D; i++)
			CHECK_NEAR(after[i], centers[i], 1e-3);
		training_end(&again);
		free(after);
		free(centers);
	}
	training_end(&first);
	free(x);
}

/* A model of any other algorithm gives first centers, and may have shapes */
static void
test_other_start(const FcAlgorithm *algo, int isa, FcPrecision precision)
{
	enum {N = 600, D = 3, K = 3};
	double	   *x = make_sticks(N, D);

	FOR_EACH_ALGORITHM(other)
	{
		Training	first;
		Training	next;
		double	   *centers;

		if (is_deep(other) || other == algo)
			continue;
		train(&first, other, isa, precision, K, x, N, D);
		centers = centers_of(&first.model);
		training_begin(&next, algo, first.model.k, precision, x, N, D);
		next.fit.isa = isa;
		next.fit.start = centers;
		next.fit.earlier = &first.model;
		next.model.common[FC_INIT] = FC_INIT_MODEL;
		next.model.common[FC_MAX_ITERATIONS] = 100;
		CHECK_EQ(training_run(&next), FC_OK);
		check_model(&next);
		training_end(&next);
		training_end(&first);
		free(centers);
	}
	free(x);
}

/* Algorithms may be named as arguments; else all are tested */
int
main(int argc, char **argv)
{
	FOR_EACH_ALGORITHM(algo)
	{
		if (!is_wanted(algo, argc, argv) || is_deep(algo))
			continue;
		test_instruction_sets(algo, FC_F32);
		test_instruction_sets(algo, FC_F64);
		FOR_EACH_VARIANT(isa, precision)
		{
			test_strides(algo, isa, precision);
			test_units(algo, isa, precision);
			test_warm_start(algo, isa, precision);
			test_other_start(algo, isa, precision);
		}
		for (int isa = 0; isa <= (int) fc_best_isa(); isa++)
			test_offset(algo, isa);
	}
	return check_report("invariance");
}
