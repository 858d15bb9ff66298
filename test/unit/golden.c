/*
 * golden.c - the numbers that independent implementations find
 *
 * The values are in test/data/golden.h, which test/golden/golden.py writes; a
 * further algorithm needs a line there and none here.
 */
#include "train.h"

#define MOST_OPTIONS	4
#define COUNT(array)	((int) (sizeof(array) / sizeof(array[0])))

typedef struct GoldenData
{
	const char *name;
	int			n;
	int			d;
	int			k;
	const double *rows;			/* (n, d) */
	const double *start;		/* (k, d) first centers */
	const int  *labels;			/* (n) true classes, or NULL */
} GoldenData;

typedef struct GoldenOption
{
	const char *name;
	double		value;
} GoldenOption;

typedef struct GoldenCase
{
	const char *algorithm;
	const GoldenData *data;
	GoldenOption options[MOST_OPTIONS];
	int			iterations;		/* 0: as many as it takes */
	double		objective;
	double		partition_coefficient;	/* 0: not known */
	int			misclassified;	/* -1: not known */
	const double *centers;		/* (k, d) */
	const int  *counts;			/* (k) rows of each cluster */
	int			nrows;
	const int  *rows;			/* (nrows) rows whose memberships follow */
	const double *memberships;	/* (nrows, k) */
} GoldenCase;

typedef struct GoldenCoincidence
{
	double		fuzzifier;
	const double *centers;		/* (3, d) */
	const double *memberships;	/* (n, 3) of all rows of the first data set */
} GoldenCoincidence;

#include "../data/golden.h"

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

static void
compare_memberships(const GoldenCase *g, const FcModel *m, double close)
{
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int r = 0; r < g->nrows; r++)
	{
		fc_score_row(&s, g->data->rows + g->rows[r] * g->data->d);
		fc_score_memberships(&s);
		for (int32_t c = 0; c < g->data->k; c++)
			CHECK_NEAR(s.u[c], g->memberships[r * g->data->k + c], close);
	}
	free(memory);
}

/* From the same first centers, as many iterations, or the defaults until it ends */
static void
test_case(const GoldenCase *g, int isa, FcPrecision precision)
{
	const GoldenData *data = g->data;
	double		close = precision == FC_F32 ? 1e-5 : 1e-9;
	const FcAlgorithm *algo = fc_find_algorithm(g->algorithm);
	Training	t;

	if (!CHECK(algo != NULL))
		return;
	training_begin(&t, algo, data->k, precision, data->rows, data->n, data->d);
	t.fit.isa = isa;
	t.fit.start = data->start;
	t.model.common[FC_INIT] = FC_INIT_CENTERS;
	if (g->iterations > 0)
		t.model.common[FC_MAX_ITERATIONS] = g->iterations;
	for (int i = 0; i < MOST_OPTIONS && g->options[i].name != NULL; i++)
		*own_option(&t.model, g->options[i].name) = g->options[i].value;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		check_model(&t);
		if (g->iterations == 0)
			CHECK(t.model.converged);
		else
			CHECK(t.model.iterations == g->iterations || t.model.converged);
		for (int i = 0; i < data->k * data->d; i++)
			CHECK_NEAR(t.model.centers[i], g->centers[i], close);
		CHECK_NEAR(t.model.objective, g->objective, close);
		compare_rows(g, &t.model, close);
		/* a row between two clusters feels a center's last digits more than others */
		compare_memberships(g, &t.model, precision == FC_F32 ? 3 * close : close);
	}
	training_end(&t);
}

/* Without being told where to begin, the same fixed point in some order */
static void
test_own_start(const GoldenCase *g, int isa, FcPrecision precision)
{
	const GoldenData *data = g->data;
	double		close = precision == FC_F32 ? 1e-5 : 1e-9;
	Training	t;

	training_begin(&t, fc_find_algorithm(g->algorithm), data->k, precision, data->rows, data->n, data->d);
	t.fit.isa = isa;
	t.model.common[FC_RESTARTS] = 20;
	for (int i = 0; i < MOST_OPTIONS && g->options[i].name != NULL; i++)
		*own_option(&t.model, g->options[i].name) = g->options[i].value;
	if (CHECK_EQ(training_run(&t), FC_OK))
	{
		/* k-means has several fixed points, and this may be a better one */
		CHECK(t.model.objective <= g->objective * (1 + close));
		if (!(t.model.algo->traits & FC_CRISP))
			CHECK_NEAR(t.model.objective, g->objective, close);
	}
	training_end(&t);
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

int
main(void)
{
	for (int i = 0; i < COUNT(golden_cases); i++)
		FOR_EACH_VARIANT(isa, precision)
		{
			test_case(&golden_cases[i], isa, precision);
			if (golden_cases[i].iterations == 0)
				test_own_start(&golden_cases[i], isa, precision);
		}
	for (int i = 0; i < COUNT(golden_coincidences); i++)
		test_coincidence(&golden_coincidences[i]);
	return check_report("golden");
}
