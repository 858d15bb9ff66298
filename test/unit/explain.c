/*
 * explain.c - contributions of features add up to a difference of distances, and shares to 1
 */
#include "train.h"

#include "core/explain.h"
#include "core/shape.h"

enum {N = 300, D = 5, K = 4};

/* Features that depend on each other, in different units */
static double *
make_rows(void)
{
	double	   *x = make_blobs(N, D, K, 5);

	for (int i = 0; i < N; i++)
	{
		x[i * D + 1] += 0.7 * x[i * D];
		x[i * D + 2] *= 1000;
	}
	return x;
}

static bool
train_model(Training *t, const FcAlgorithm *algo, int k, int scale, const double *x)
{
	training_begin(t, algo, k, FC_F64, x, N, D);
	if (!scales_itself(algo))
		t->model.common[FC_SCALE] = scale;
	t->model.common[FC_MAX_ITERATIONS] = 30;
	return CHECK_EQ(training_run(t), FC_OK);
}

/* To cluster c, or to noise */
static double
distance_to(const FcScorer *s, int32_t c)
{
	return s->distance[c < 0 ? s->model->k : c];
}

/* Of each row, to rounding of what is added */
static void
test_sums(const FcModel *m, const double *x)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);
	double		contribution[D];
	double		work[2 * D];

	for (int i = 0; i < N; i++)
	{
		const double *row = x + i * D;
		double		size = 0;
		double		sum;
		int32_t		first;
		int32_t		second;

		fc_score_row(&s, row);
		first = fc_score_nearest(&s);
		CHECK(fc_score_second(&s, first, &second));
		for (int c = 0; c < m->k; c++)
			CHECK(c == first || s.distance[c] >= distance_to(&s, second));
		sum = fc_explain_row(&s, row, first, second, contribution, work);
		for (int j = 0; j < D; j++)
		{
			sum += contribution[j];
			size += fabs(contribution[j]);
		}
		size += fabs(distance_to(&s, second)) + fabs(distance_to(&s, first));
		CHECK_NEAR(sum / size, (distance_to(&s, second) - distance_to(&s, first)) / size, 1e-12);
		CHECK(sum >= -1e-12 * size);
	}
	free(memory);
}

/* The same with noise: as the first cluster of far rows, or as the second where there is one cluster */
static void
test_noise(FcModel *m, const double *x)
{
	FcScorer	s;
	void	   *memory;
	int			noise = 0;
	int32_t		second;

	m->common[FC_NOISE_DISTANCE] = 1.5 * m->radius[0];
	memory = scorer_begin(&s, m);
	for (int i = 0; i < N; i++)
	{
		fc_score_row(&s, x + i * D);
		noise += fc_score_nearest(&s) < 0;
		CHECK(fc_score_second(&s, fc_score_nearest(&s), &second));
		CHECK_EQ(second < 0, m->k == 1 && fc_score_nearest(&s) == 0);
	}
	CHECK(noise > 0 && noise < N);
	free(memory);
	test_sums(m, x);
	m->common[FC_NOISE_DISTANCE] = NAN;
}

/* Against a matrix that is inverted, (D, D) */
static void
invert(const double *f, double *inverse)
{
	double		a[D][2 * D];

	for (int i = 0; i < D; i++)
		for (int j = 0; j < D; j++)
		{
			a[i][j] = f[i * D + j];
			a[i][D + j] = i == j;
		}
	for (int p = 0; p < D; p++)
		for (int i = 0; i < D; i++)
		{
			double		times = i == p ? 1 - 1 / a[p][p] : a[i][p] / a[p][p];

			for (int j = 2 * D - 1; j >= p; j--)
				a[i][j] -= times * a[p][j];
		}
	for (int i = 0; i < D; i++)
		memcpy(inverse + i * D, a[i] + D, sizeof(double) * D);
}

/* Feature by feature, in the user's units: y_j (F^-1 y)_j does not depend on these */
static void
test_shapes(const FcModel *m, const double *row)
{
	bool		half = strcmp(m->algo->name, "gg") == 0;
	double		expected[D] = {0};
	double		contribution[D];
	double		work[2 * D];
	double		rest;
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	rest = fc_explain_row(&s, row, 0, 1, contribution, work);
	CHECK_NEAR(rest, half ? FC_VOLUME(m)[1] - FC_VOLUME(m)[0] : 0, 1e-12);
	for (int c = 0; c < 2; c++)
	{
		double		covariance[D * D];
		double		inverse[D * D];
		double		center[D];

		fc_shape_covariance(m, c, covariance);
		invert(covariance, inverse);
		fc_unscale_center(m, c, center);
		for (int j = 0; j < D; j++)
			for (int l = 0; l < D; l++)
				expected[j] += (c == 0 ? -1 : 1) * (half ? 0.5 : FC_VOLUME(m)[c]) *
					(row[j] - center[j]) * inverse[j * D + l] * (row[l] - center[l]);
	}
	for (int j = 0; j < D; j++)
		CHECK_NEAR(contribution[j], expected[j], 1e-8);
	free(memory);
}

/* Shares add up to 1, and are those of the definition, over all pairs */
static void
test_shares(const FcModel *m)
{
	FcSeparation p;
	FcArena		arena = {0};
	void	   *memory;
	bool		direct = !scales_itself(m->algo);	/* centers are those that are compared */

	fc_separation_layout(&arena, &p, m);
	memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_separation_layout(&arena, &p, m);
	fc_separation_begin(&p);
	for (int c = 0; c < m->k; c++)
	{
		double		share[D];
		double		expected[D] = {0};
		double		total = 0;
		double		sum = 0;

		CHECK_EQ(fc_separation_shares(&p, c, share), m->k > 1);
		for (int j = 0; j < D && m->k > 1; j++)
		{
			for (int b = 0; b < m->k; b++)
				expected[j] += m->weights[b] * pow(m->centers[c * D + j] - m->centers[b * D + j], 2);
			if (m->algo->kernel->has_shapes)
			{
				double		covariance[D * D];

				fc_shape_covariance(m, c, covariance);
				expected[j] /= covariance[j * D + j] * (m->factor ? m->factor[j] * m->factor[j] : 1);
			}
			total += expected[j];
			sum += share[j];
			CHECK(share[j] >= 0);
		}
		for (int j = 0; j < D && m->k > 1; j++)
			if (direct)
				CHECK_NEAR(share[j], expected[j] / total, 1e-12);
		CHECK_NEAR(sum, m->k > 1, 1e-12);
	}
	free(memory);
}

/* Of one cluster there is no second */
static void
test_one(const FcAlgorithm *algo, const double *x)
{
	Training	t;

	if (train_model(&t, algo, 1, FC_SCALE_NONE, x))
	{
		FcScorer	s;
		void	   *memory = scorer_begin(&s, &t.model);
		int32_t		second;

		fc_score_row(&s, x);
		CHECK(!fc_score_second(&s, 0, &second));
		test_shares(&t.model);
		free(memory);
		if (algo->traits & FC_TAKES_NOISE)
			test_noise(&t.model, x);
	}
	training_end(&t);
}

int
main(int argc, char **argv)
{
	double	   *x = make_rows();

	FOR_EACH_ALGORITHM(algo)
	{
		if (!is_wanted(algo, argc, argv))
			continue;
		CHECK_EQ(fc_explains(algo), !is_deep(algo) && !(algo->traits & FC_EMBEDS));
		for (int scale = FC_SCALE_NONE; fc_explains(algo) && scale <= FC_SCALE_ZSCORE; scale++)
		{
			Training	t;

			if (train_model(&t, algo, K, scale, x))
			{
				test_sums(&t.model, x);
				test_shares(&t.model);
				if (algo->traits & FC_TAKES_NOISE)
					test_noise(&t.model, x);
				if (algo->kernel->has_shapes)
					test_shapes(&t.model, x);
			}
			training_end(&t);
		}
		if (fc_explains(algo))
			test_one(algo, x);
	}
	free(x);
	return check_report("explain");
}
