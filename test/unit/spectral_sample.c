/*
 * spectral_sample.c - the sample of rows that spectral clustering begins with
 */
#include "train.h"

#include "spectral/model.h"

extern const FcAlgorithm fc_spectral;

/* Memory that a training of n rows into k clusters takes */
static size_t
memory_of(int32_t k, int64_t n)
{
	FcArena		arena = {0};
	double		x[2] = {0, 0};
	Training	t;

	training_begin(&t, &fc_spectral, k, FC_F64, x, 1, 2);
	t.fit.rows = t.source.rows;
	t.fit.rows.n = n;
	t.model.rows = n;
	fc_fit_layout(&arena, &t.fit);
	training_end(&t);
	return arena.used;
}

/* Memory that a row takes between two numbers of rows */
static double
memory_of_row(int32_t k, int64_t from, int64_t to)
{
	return (double) (memory_of(k, to) - memory_of(k, from)) / (to - from);
}

/* It has 8192 rows, but 20 for each of many clusters: up to there a row takes two columns more than beyond */
static void
test_rows(int32_t k, int64_t rows)
{
	double		beyond = memory_of_row(k, rows + 1600, rows + 3200);	/* where first centers see all rows, too */

	CHECK(memory_of_row(k, rows - 1600, rows) > beyond + 2 * sizeof(double));
	CHECK_NEAR(memory_of_row(k, rows, rows + 1600), beyond, 0.1);
}

/* Rows that fill no register, in several blocks: nothing is in the lanes that are left over */
static void
test_padding(int64_t n, FcPrecision precision)
{
	double	   *x = make_blobs(n, 2, 3, 1);
	Training	t;

	training_begin(&t, &fc_spectral, 3, precision, x, n, 2);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		check_model(&t);
		for (int32_t c = 0; c < 3; c++)
			CHECK_EQ(t.model.weights[c], (n - c + 2) / 3);
	}
	training_end(&t);
	free(x);
}

int
main(void)
{
	test_rows(3, 8192);
	test_rows(409, 8192);
	test_rows(500, 10000);
	for (int precision = FC_F32; precision <= FC_F64; precision++)
	{
		test_padding(1101, precision);
		test_padding(2017, precision);
		test_padding(9001, precision);
	}
	return check_report("spectral_sample");
}
