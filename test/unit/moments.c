/*
 * moments.c - a model keeps mean and standard deviation of each feature, of all rows that count
 */
#include "team.h"

#include "core/optional.h"

enum {N = 9000, D = 3, K = 3};

/* Features of three kinds: far from zero, with an outlier, and constant; networks that are not scaled diverge on such rows */
static double *
make_rows(int n, FcPrecision precision, bool far)
{
	double	   *x = make_blobs(n, D, K, 5);

	for (int i = 0; i < n; i++)
	{
		x[i * D] += !far ? 3 : precision == FC_F32 ? 5e4 : 1e7;
		x[i * D + 2] = 0.1;
	}
	if (far)
		x[7 * D + 1] = 1e6;
	for (int i = 0; precision == FC_F32 && i < n * D; i++)
		x[i] = (float) x[i];
	return x;
}

/* In two passes, in extended precision */
static void
expect_moments(const double *x, const double *weight, int n, int j, double *mean, double *deviation)
{
	long double sum = 0;
	long double total = 0;
	long double squares = 0;

	for (int i = 0; i < n; i++)
	{
		total += weight ? weight[i] : 1;
		sum += (weight ? weight[i] : 1) * (long double) x[i * D + j];
	}
	for (int i = 0; i < n; i++)
	{
		long double away = x[i * D + j] - sum / total;

		squares += (weight ? weight[i] : 1) * away * away;
	}
	*mean = (double) (sum / total);
	*deviation = (double) sqrtl(squares / total);
}

static void
check_moments(const FcModel *m, const double *x, const double *weight, int n)
{
	if (!CHECK(FC_HAS(m, FC_WITH_MOMENTS)))
		return;
	for (int j = 0; j < D; j++)
	{
		double		mean;
		double		deviation;

		expect_moments(x, weight, n, j, &mean, &deviation);
		CHECK_NEAR(FC_MOMENTS(m)[j], mean, 1e-12 * fabs(mean));
		if (j == 2)
			CHECK(FC_MOMENTS(m)[D + j] == 0);
		else
			CHECK_NEAR(FC_MOMENTS(m)[D + j] / deviation, 1, 1e-9);
	}
}

static void
begin(Training *t, const FcAlgorithm *algo, FcPrecision precision, int scale, const double *x, const double *weight, int n)
{
	training_begin(t, algo, K, precision, x, n, D);
	if (weight)
		source_weigh(&t->source, weight);
	if (!scales_itself(algo))
		t->model.common[FC_SCALE] = scale;
	if (!is_deep(algo))
		t->model.common[FC_MAX_ITERATIONS] = 3;
	if (own_option(&t->model, "regularization"))
		*own_option(&t->model, "regularization") = 0.1;
}

/* Of each algorithm, wherever they are found */
static void
test_moments(const FcAlgorithm *algo, FcPrecision precision, int scale, bool weighted)
{
	int			n = is_deep(algo) || (algo->traits & FC_EMBEDS) ? 600 : N;
	double	   *x = make_rows(n, precision, !is_deep(algo));
	double	   *weight = make_noise(n, 1, 2);
	Training	t;

	for (int i = 0; i < n; i++)
		weight[i] = i % 5 == 0 ? 0 : fabs(weight[i]);
	for (int isa = FC_ISA_BASE; isa <= (int) fc_best_isa(); isa++)
	{
		begin(&t, algo, precision, scale, x, weighted ? weight : NULL, n);
		t.fit.isa = isa;
		if (CHECK_EQ(training_run(&t), FC_OK))
			check_moments(&t.model, x, weighted ? weight : NULL, n);
		training_end(&t);
	}
	free(x);
	free(weight);
}

/* Members of a team find the same bits */
static void
test_team(FcPrecision precision, bool weighted)
{
	double	   *x = make_rows(N, precision, true);
	double	   *weight = make_noise(N, 1, 2);
	Training	t[2];

	for (int i = 0; i < N; i++)
		weight[i] = fabs(weight[i]);
	for (int i = 0; i < 2; i++)
		begin(&t[i], fc_find_algorithm("fcm"), precision, FC_SCALE_NONE, x, weighted ? weight : NULL, N);
	CHECK_EQ(training_run(&t[0]), FC_OK);
	CHECK_EQ(team_run(&t[1], 3, NULL), FC_OK);
	CHECK(memcmp(FC_MOMENTS(&t[0].model), FC_MOMENTS(&t[1].model), sizeof(double) * 2 * D) == 0);
	for (int i = 0; i < 2; i++)
		training_end(&t[i]);
	free(x);
	free(weight);
}

/* Rows for starts on a sample: the moments are those of all rows */
static void
test_trial(void)
{
	enum {MANY = 70000};
	double	   *x = make_rows(MANY, FC_F32, true);
	Training	t;

	begin(&t, fc_find_algorithm("kmeans"), FC_F32, FC_SCALE_NONE, x, NULL, MANY);
	CHECK_EQ(training_run(&t), FC_OK);
	check_moments(&t.model, x, NULL, MANY);
	training_end(&t);
	free(x);
}

int
main(int argc, char **argv)
{
	FOR_EACH_ALGORITHM(algo)
	{
		bool		weights = !is_deep(algo) && !(algo->traits & FC_EMBEDS);

		if (!is_wanted(algo, argc, argv))
			continue;
		for (int precision = FC_F32; precision <= FC_F64; precision++)
			for (int scale = FC_SCALE_NONE; scale <= FC_SCALE_ZSCORE; scale += FC_SCALE_ZSCORE)
				for (int weighted = 0; weighted <= weights; weighted++)
					test_moments(algo, precision, scale, weighted);
	}
	for (int precision = FC_F32; precision <= FC_F64; precision++)
		for (int weighted = 0; weighted < 2; weighted++)
			test_team(precision, weighted);
	test_trial();
	return check_report("moments");
}
