/*
 * golden_categories.c - numbers and categories as an independent implementation clusters them
 *
 * The values are in test/data/categories.h, which test/golden/categories.py writes.
 */
#include "golden.h"
#include "mixed.h"

typedef struct MixedCase
{
	const char *algorithm;
	int			scale;
	double		category_weight;
	bool		weighted;
	GoldenOption options[MOST_OPTIONS];
	double		factor;			/* of indicators */
	double		objective;
	const double *centers;		/* (k, d) in the units of the rows */
	const double *sizes;		/* (k) sums of memberships */
	const double *memberships;	/* (MIXED_SHOWN, k) of the first rows */
} MixedCase;

#include "../data/categories.h"

/* Centers of indicators are shares: of each cluster they add up to 1 */
static void
check_shares(const FcModel *m, const double *centers)
{
	for (int32_t c = 0; c < m->k; c++)
		for (FcField at = fc_fields(m); fc_next_field(&at);)
		{
			double		sum = 0;

			for (int32_t j = at.first; at.values && j < at.first + at.features; j++)
				sum += centers[c * m->d + j];
			if (at.values)
				CHECK_NEAR(sum, 1, 1e-12);
		}
}

static void
compare(const MixedCase *g, const Mixed *mixed, double close)
{
	const FcModel *m = &mixed->t.model;
	double	   *centers = centers_of(m);
	FcScorer	s;
	void	   *memory = scorer_begin(&s, m);

	for (int i = 0; i < MIXED_K * MIXED_D; i++)
		CHECK_NEAR(centers[i], g->centers[i], close);
	for (int c = 0; c < MIXED_K; c++)
		CHECK_NEAR(m->weights[c], g->sizes[c], close);
	CHECK_NEAR(m->objective, g->objective, close);
	for (int i = 0; i < MIXED_SHOWN; i++)
	{
		fc_score_row(&s, mixed->features + i * MIXED_D);
		fc_score_memberships(&s);
		for (int c = 0; c < MIXED_K; c++)
			CHECK_NEAR(s.u[c], g->memberships[i * MIXED_K + c], close);
	}
	if (mixed->t.source.rows.precision == FC_F64)
		check_shares(m, centers);
	free(memory);
	free(centers);
}

static void
test_case(const MixedCase *g, int isa, FcPrecision precision)
{
	FcCategories found = CATEGORIES(MIXED_COLUMNS, mixed_levels, mixed_values);
	Mixed		mixed;
	FcModel    *m = &mixed.t.model;

	mixed_begin(&mixed, precision, mixed_table, MIXED_N, &found, 0);
	mixed_train(&mixed, fc_find_algorithm(g->algorithm), MIXED_K, g->weighted ? mixed_weights : NULL, isa);
	CHECK_EQ(mixed.d, MIXED_D);
	mixed.t.fit.start = mixed_start;
	m->common[FC_INIT] = FC_INIT_CENTERS;
	m->common[FC_SCALE] = g->scale;
	m->common[FC_CATEGORY_WEIGHT] = g->category_weight;
	m->common[FC_MAX_ITERATIONS] = 5000;
	m->common[FC_TOLERANCE] = 1e-13;
	golden_options(m, g->options);
	if (CHECK_EQ(training_run(&mixed.t), FC_OK))
	{
		for (FcField at = fc_fields(m); fc_next_field(&at);)
			for (int32_t j = at.first; at.values && j < at.first + at.features; j++)
			{
				CHECK(m->shift[j] == 0);
				CHECK_NEAR(m->factor[j], g->factor, precision == FC_F32 ? 1e-5 : 1e-11);
			}
		compare(g, &mixed, precision == FC_F32 ? 1e-4 : 1e-8);
	}
	mixed_end(&mixed);
}

int
main(void)
{
	for (int i = 0; i < COUNT(mixed_cases); i++)
		FOR_EACH_VARIANT(isa, precision)
			test_case(&mixed_cases[i], isa, precision);
	return check_report("golden_categories");
}
