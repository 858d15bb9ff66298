/*
 * golden.c - the numbers that independent implementations find
 *
 * The values are in test/data/golden.h, which test/golden/golden.py writes; a
 * further algorithm needs a line there and none here.  Those of the distance 1 - cos are
 * in test/data/cosine.h, from test/golden/cosine.py.
 */
#include "golden.h"

#include "core/shape.h"

/* Of each row: cluster counts, partition coefficient, misclassified rows */
static void
compare_rows(const GoldenCase *g, const FcModel *m, double close)
{
	const GoldenData *data = g->data;
	int			counts[16] = {0};
	int			misclassified = 0;
	double		coefficient = 0;
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int i = 0; i < data->n; i++)
	{
		int32_t		c;

		fc_score_row(&s, data->rows + i * data->d);
		fc_score_memberships(&s);
		c = fc_score_nearest(&s);
		counts[c]++;
		misclassified += data->labels != NULL && data->labels[i] != c;
		for (c = 0; c < data->k; c++)
			coefficient += s.u[c] * s.u[c] / data->n;
	}
	for (int32_t c = 0; c < data->k; c++)
		CHECK_EQ(counts[c], g->counts[c]);
	if (g->partition_coefficient > 0)
		CHECK_NEAR(coefficient, g->partition_coefficient, close);
	if (g->misclassified >= 0)
		CHECK_EQ(misclassified, g->misclassified);
	free(memory);
}

/* (x - v)' F^-1 (x - v) and the determinant of F, by elimination without pivots */
static double
mahalanobis(const double *f, const double *x, const double *v, int d, double *determinant)
{
	double		a[16 * 17];
	double		square = 0;

	*determinant = 1;
	for (int i = 0; i < d; i++)
	{
		memcpy(a + i * (d + 1), f + i * d, d * sizeof(double));
		a[i * (d + 1) + d] = x[i] - v[i];
	}
	for (int p = 0; p < d; p++)
	{
		const double *row = a + p * (d + 1);

		*determinant *= row[p];
		square += row[d] * row[d] / row[p];
		for (int i = p + 1; i < d; i++)
		{
			double		ratio = a[i * (d + 1) + p] / row[p];

			for (int j = p; j <= d; j++)
				a[i * (d + 1) + j] -= ratio * row[j];
		}
	}
	return square;
}

/*
 * -(m - 1) sum_i ln sum_c d_ic^(-1 / (m - 1)) of Gath and Geva's d, by
 * elimination; the file has the sum u^m d, which is not minimized by anything
 */
static double
negative_likelihood(const GoldenCase *g, double m)
{
	const GoldenData *data = g->data;
	int			d = data->d;
	double		objective = 0;

	for (int i = 0; i < data->n; i++)
	{
		double		sum = 0;

		for (int c = 0; c < data->k; c++)
		{
			double		determinant;
			double		square = mahalanobis(g->covariances + c * d * d, data->rows + i * d, g->centers + c * d,
											 d, &determinant);

			sum += pow(sqrt(determinant) / g->shares[c] * exp(square / 2), -1 / (m - 1));
		}
		objective -= (m - 1) * log(sum);
	}
	return objective;
}

static void
compare_objective(const GoldenCase *g, const FcModel *m, double close)
{
	double		expected = g->objective;

	if (g->shares)
		expected = negative_likelihood(g, *fc_option_value((FcModel *) m, fc_find_option(m->algo, "fuzzifier")));
	CHECK_NEAR(m->objective, expected, close);
}

static void
compare_shapes(const GoldenCase *g, const FcModel *m, double close)
{
	int			size = m->d * m->d;
	double	   *covariance = malloc(size * sizeof(double));

	for (int32_t c = 0; c < m->k; c++)
	{
		fc_shape_covariance(m, c, covariance);
		for (int i = 0; i < size; i++)
			CHECK_NEAR(covariance[i], g->covariances[c * size + i], close);
		if (g->shares)
			CHECK_NEAR(m->own.extra[FC_SHAPE_ARRAYS][c], g->shares[c], close);
	}
	free(covariance);
}

/* One plain step after the other: a training of several extrapolates */
static FcStatus
run_steps(Training *t, int steps)
{
	FcModel    *m = &t->model;
	double	   *centers = malloc(sizeof(double) * m->k * m->d);
	FcStatus	status = FC_OK;

	m->common[FC_MAX_ITERATIONS] = 1;
	memcpy(centers, t->fit.start, sizeof(double) * m->k * m->d);
	t->fit.start = centers;
	for (int step = 0; step < steps && status == FC_OK; step++)
	{
		status = training_run(t);
		memcpy(centers, m->centers, sizeof(double) * m->k * m->d);
	}
	free(centers);
	return status;
}

/* The rows as an algorithm gets them, to be freed */
static double *
rows_of(const GoldenCase *g, FcPrecision precision)
{
	size_t		size = sizeof(double) * g->data->n * g->data->d;

	return g->distance == FC_COSINE ? make_unit_rows(g->data->rows, g->data->n, g->data->d, precision) :
		memcpy(malloc(size), g->data->rows, size);
}

/* From the same first centers, as many iterations, or as many as it takes */
static void
test_case(const GoldenCase *g, int isa, FcPrecision precision)
{
	const GoldenData *data = g->data;
	const FcAlgorithm *algo = fc_find_algorithm(g->algorithm);
	double	   *rows = rows_of(g, precision);
	double		close = precision == FC_F32 ? 1e-5 : 1e-9;
	int			steps;
	Training	t;

	if (!CHECK(algo != NULL))
		return;
	/* covariances settle slowly, so that roundings of many iterations add up */
	if (precision == FC_F32 && algo->kernel->has_shapes && g->iterations == 0)
		close = 2e-4;
	training_begin(&t, algo, data->k, precision, rows, data->n, data->d);
	t.fit.isa = isa;
	t.fit.start = data->start;
	t.model.common[FC_DISTANCE] = g->distance;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	t.model.common[FC_MAX_ITERATIONS] = g->iterations > 0 ? g->iterations : 5000;
	t.model.common[FC_TOLERANCE] = 1e-13;
	golden_options(&t.model, g->options);
	steps = algo->kernel->accelerates ? g->iterations : 0;
	if (CHECK_EQ(steps > 0 ? run_steps(&t, steps) : training_run(&t), FC_OK))
	{
		check_model(&t);
		/* an annealing of one step continues until nothing moves, or to its end */
		if (g->iterations == 0)
			CHECK(t.model.converged || t.model.algo->traits & FC_ANNEALS);
		else
			CHECK(t.model.iterations == g->iterations || t.model.converged || steps > 0);
		for (int i = 0; i < data->k * data->d; i++)
			CHECK_NEAR(t.model.centers[i], g->centers[i], close);
		compare_objective(g, &t.model, close);
		if (g->covariances)
			compare_shapes(g, &t.model, close);
		compare_rows(g, &t.model, close);
		/* a row between two clusters feels a center's last digits more than others */
		golden_memberships(&t.model, data, g->nrows, g->rows, g->memberships, precision == FC_F32 ? 3 * close : close);
	}
	training_end(&t);
	free(rows);
}

/* Without being told where to begin, the same fixed point in some order */
static void
test_own_start(const GoldenCase *g, int isa, FcPrecision precision)
{
	const GoldenData *data = g->data;
	double	   *rows = rows_of(g, precision);
	double		close = precision == FC_F32 ? 1e-5 : 1e-9;
	Training	t;

	training_begin(&t, fc_find_algorithm(g->algorithm), data->k, precision, rows, data->n, data->d);
	t.fit.isa = isa;
	t.model.common[FC_DISTANCE] = g->distance;
	t.model.common[FC_RESTARTS] = 20;
	golden_options(&t.model, g->options);
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		/* k-means has several fixed points, and this may be a better one */
		CHECK(t.model.objective <= g->objective * (1 + close));
		if (!(t.model.algo->traits & FC_CRISP))
			CHECK_NEAR(t.model.objective, g->objective, close);
	}
	training_end(&t);
	free(rows);
}

/* Options that are found from directions, and where fuzzy c-means has merged all centers, what would keep them apart */
static void
test_critical(FcPrecision precision)
{
	double		close = precision == FC_F32 ? 1e-3 : 1e-4;	/* power iteration ends at a millionth, and m is near a pole */
	double	   *rows = make_unit_rows(cosine_rows, cosine_data.n, cosine_data.d, precision);
	static const char *const names[] = {"fcm", "fcm", "mec"};

	for (int i = 0; i < 3; i++)
	{
		Training	t;

		training_begin(&t, fc_find_algorithm(names[i]), cosine_data.k, precision, rows, cosine_data.n, cosine_data.d);
		t.model.common[FC_DISTANCE] = FC_COSINE;
		if (i == 0)
			*own_option(&t.model, "fuzzifier") = 10;
		CHECK_EQ(training_run(&t), FC_OK);
		CHECK_EQ(t.fit.doubts.twins[0] >= 0, i == 0);
		CHECK_NEAR(i == 0 ? t.fit.doubts.safe_fuzzifier - 1 : i == 1 ? *own_option(&t.model, "fuzzifier") - 1 :
				   *own_option(&t.model, "temperature"), cosine_critical[i] - (i < 2), close);
		training_end(&t);
	}
	free(rows);
}

/* A row on one center belongs to it, on two to both by half, and nothing divides by 0 */
static void
test_coincidence(const GoldenCoincidence *g)
{
	const GoldenData *data = &golden_data[0];
	double		centers[3 * 2];
	FcModel		m;
	FcScorer	s;
	void	   *memory;

	fc_model_begin(&m, fc_find_algorithm("fcm"), 3, data->d);
	*own_option(&m, "fuzzifier") = g->fuzzifier;
	memcpy(centers, g->centers, sizeof(centers));
	m.centers = centers;
	memory = scorer_begin(&s, &m);
	for (int i = 0; i < data->n; i++)
	{
		fc_score_row(&s, data->rows + i * data->d);
		fc_score_memberships(&s);
		for (int32_t c = 0; c < 3; c++)
			CHECK_NEAR(s.u[c], g->memberships[i * 3 + c], 1e-11);
	}
	free(memory);
}

static void
test_cases(const GoldenCase *cases, int count)
{
	for (int i = 0; i < count; i++)
		FOR_EACH_VARIANT(isa, precision)
		{
			test_case(&cases[i], isa, precision);
			if (cases[i].iterations == 0 && is_plain(fc_find_algorithm(cases[i].algorithm)))
				test_own_start(&cases[i], isa, precision);
		}
}

int
main(void)
{
	test_cases(golden_cases, COUNT(golden_cases));
	test_cases(cosine_cases, COUNT(cosine_cases));
	for (int precision = FC_F32; precision <= FC_F64; precision++)
		test_critical(precision);
	for (int i = 0; i < COUNT(golden_coincidences); i++)
		test_coincidence(&golden_coincidences[i]);
	return check_report("golden");
}
