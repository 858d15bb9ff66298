/*
 * advise_rows.c - the sample of cluster_advise: what its columns are like, and whether its rows have clusters
 */
#include "pg/score/advise.h"

#include "core/categories.h"
#include "core/stability.h"
#include "miscadmin.h"

#define MOST_ROWS		1000	/* that models are tried on ... */
#define MOST_PRODUCTS	2e8		/* ... or fewer, of many features: of all rows with each other ... */
#define FEWEST_ROWS		100		/* ... but not fewer than this */
#define SAMPLE			-1		/* the number of a drawing that is not a part */
#define COMPARED		-2
#define UNLIKE			3.0		/* how much larger a deviation is in another unit */
#define MANY			50		/* features, of which some are always nearly constant */
#define LEAST_UNIT		10		/* features of rows that have length 1 on purpose */
#define UNIT			1e-3
#define CORRELATED		0.95
#define MOST_CORRELATED	100		/* columns that are compared with each other */
#define LEAST_COMPARED	30		/* rows: of fewer it cannot be said whether they have clusters, or columns are correlated */
#define NUMBERS			10		/* of clusters that rows are compared with random ones for, at least */

/* ---- reading ---- */

/* How many rows of d features are sampled: their numbers take at most an eighth of the memory */
static int64
sampled_rows(int32 d)
{
	double		fit = maintenance_work_mem * 1024.0 / 8 / (sizeof(double) * d);
	double		most = Min(fit, sqrt(MOST_PRODUCTS / d));

	return (int64) Min(MOST_ROWS, Max(FEWEST_ROWS, most));
}

static void
draw_sample(Advice *a, RowStore *all)
{
	int32		d;

	fc_store_sort_categories(all);
	d = fc_store_features(all);
	a->rows.all = all->n;
	fc_draw_rows(all, &a->rows.store, a->seed, SAMPLE, sampled_rows(d));
	a->rows.n = (int32) a->rows.store.n;
	a->rows.d = d;
	a->rows.gaps = a->rows.store.gaps;
}

/* All features of the sample, row by row */
static void
copy_features(AdvisedRows *r)
{
	RowStoreReader reader;
	FcExpandedRows view;
	FcRows		rows;
	int64		i = 0;

	fc_store_sort_categories(&r->store);
	rows = fc_store_rows(&r->store, &reader);
	rows = fc_store_expand(&r->store, &rows, &view, fc_best_isa());
	r->x = palloc_extended(sizeof(double) * r->n * r->d, MCXT_ALLOC_HUGE);
	for (int64 b = 0; b < fc_blocks(&rows); b++)
	{
		const void *block = rows.block(rows.source, b);

		for (int32 row = 0; row < fc_rows_in_block(&rows, b); row++, i++)
		{
			fc_check_interrupts(NULL);
			for (int32 j = 0; j < r->d; j++)
				r->x[i * r->d + j] = fc_get(block, rows.precision, (size_t) j * rows.stride + row);
		}
	}
}

/* ---- columns ---- */

static void
name_columns(AdvisedRows *r)
{
	const FcCategories *categories = &r->store.categories.sorted;
	FcModel		m = {.d = r->d, .names = r->store.names};
	int32		j = 0;

	if (r->store.categories.dictionaries)
		m.categories = *categories;
	for (FcField at = fc_fields(&m); fc_next_field(&at);)
		for (int32 f = 0; f < at.features; f++, j++)
		{
			r->column[j].name = at.name && *at.name ? at.name : NULL;
			r->column[j].indicator = at.values != NULL;
		}
}

/* Gaps become the mean of what is there */
static void
fill_column(AdvisedRows *r, int32 j)
{
	double		sum = 0;
	int32		count = 0;

	for (int32 i = 0; i < r->n; i++)
		if (!isnan(r->x[(int64) i * r->d + j]))
		{
			sum += r->x[(int64) i * r->d + j];
			count++;
		}
	for (int32 i = 0; i < r->n; i++)
		if (isnan(r->x[(int64) i * r->d + j]))
			r->x[(int64) i * r->d + j] = count > 0 ? sum / count : 0;
}

static void
examine_column(AdvisedRows *r, int32 j, double *values)
{
	AdvisedColumn *column = &r->column[j];
	double		least = INFINITY;
	double		most = -INFINITY;

	fill_column(r, j);
	for (int32 i = 0; i < r->n; i++)
	{
		values[i] = r->x[(int64) i * r->d + j];
		least = Min(least, values[i]);
		most = Max(most, values[i]);
	}
	column->range = most - least;
	column->deviation = fc_deviation(values, r->n, &column->mean);
	if (column->range == 0)
		column->deviation = 0;	/* but for rounding */
	column->skewness = fc_skewness(values, r->n);
	column->power = column->indicator || column->range == 0 ? FC_AS_IT_IS : fc_straighten(values, r->n);
}

/* Rows that were normalized, as embeddings are */
static bool
have_length_one(const AdvisedRows *r)
{
	if (r->d < LEAST_UNIT || r->gaps || r->store.categories.dictionaries)
		return false;
	for (int32 i = 0; i < r->n; i++)
	{
		double		squared = 0;

		for (int32 j = 0; j < r->d; j++)
			squared += r->x[(int64) i * r->d + j] * r->x[(int64) i * r->d + j];
		if (fabs(squared - 1) > UNIT)
			return false;
	}
	return true;
}

/* Of many features, as of images: do at least half of them have about the range of the widest? */
static bool
share_a_range(const AdvisedRows *r)
{
	double		widest = 0;
	int32		wide = 0;

	for (int32 j = 0; j < r->d; j++)
		widest = Max(widest, r->column[j].range);
	for (int32 j = 0; j < r->d; j++)
		wide += r->column[j].range * UNLIKE >= widest;
	return wide * 2 >= r->d;
}

/* A column with a deviation UNLIKE times another's counts that much squared in every distance */
static bool
have_different_units(const AdvisedRows *r)
{
	double		least = INFINITY;
	double		most = 0;
	int32		numbers = 0;

	if (r->d >= MANY && share_a_range(r))
		return false;
	for (int32 j = 0; j < r->d; j++)
	{
		if (r->column[j].indicator || r->column[j].deviation == 0)
			continue;
		numbers++;
		least = Min(least, r->column[j].deviation);
		most = Max(most, r->column[j].deviation);
	}
	return most > UNLIKE * least || (r->store.categories.dictionaries && numbers > 0);
}

static double
correlation(const AdvisedRows *r, int32 a, int32 b)
{
	const AdvisedColumn *p = &r->column[a];
	const AdvisedColumn *q = &r->column[b];
	double		sum = 0;

	if (p->deviation == 0 || q->deviation == 0 || p->indicator || q->indicator)
		return 0;
	for (int32 i = 0; i < r->n; i++)
		sum += (r->x[(int64) i * r->d + a] - p->mean) / p->deviation * ((r->x[(int64) i * r->d + b] - q->mean) / q->deviation);
	return sum / r->n;
}

/* The two columns that are correlated most, if they say nearly the same */
static void
find_twins(AdvisedRows *r)
{
	r->twins[0] = r->twins[1] = -1;
	r->correlation = CORRELATED;
	if (r->d > MOST_CORRELATED || r->n < LEAST_COMPARED)
		return;
	for (int32 a = 0; a < r->d; a++)
		for (int32 b = 0; b < a; b++)
		{
			double		found = correlation(r, a, b);

			fc_check_interrupts(NULL);
			if (!(fabs(found) > fabs(r->correlation)))
				continue;
			r->twins[0] = b;
			r->twins[1] = a;
			r->correlation = found;
		}
}

/* As the option scale => 'zscore' does */
static void
scale_columns(AdvisedRows *r)
{
	for (int32 j = 0; j < r->d; j++)
	{
		const AdvisedColumn *column = &r->column[j];

		if (column->deviation > 0 && !column->indicator)
			for (int32 i = 0; i < r->n; i++)
				r->x[(int64) i * r->d + j] = (r->x[(int64) i * r->d + j] - column->mean) / column->deviation;
	}
}

static void
examine(AdvisedRows *r)
{
	double	   *values = palloc(sizeof(double) * r->n);

	r->column = palloc0(sizeof(AdvisedColumn) * r->d);
	name_columns(r);
	for (int32 j = 0; j < r->d; j++)
	{
		fc_check_interrupts(NULL);
		examine_column(r, j, values);
	}
	pfree(values);
	r->cosine = have_length_one(r);
	r->scaled = !r->cosine && have_different_units(r);
	find_twins(r);
	if (r->scaled)
		scale_columns(r);
}

/* Reads the rows of the query once, as the caller may, and examines a sample of them */
void
fc_advise_read(Advice *a)
{
	RowStore	all;
	FcModel		settings;

	fc_model_begin(&settings, fc_find_algorithm("kmeans"), a->k_min, 0);	/* which takes rows of any kind */
	(void) fc_query_rows(list_make1(a->query), &settings, FC_MISSING_PARTIAL, a->weight, false, &all);
	fc_store_hide(&all);
	draw_sample(a, &all);
	fc_store_close(&all);
	copy_features(&a->rows);
	examine(&a->rows);
}

/* ---- clusters or none ---- */

/* Puts skewed columns of the (n, d) rows x on another scale, with the deviation they had */
static void
straighten(const AdvisedRows *r, double *x, int32 n)
{
	double	   *values = palloc(sizeof(double) * n);

	for (int32 j = 0; j < r->d; j++)
	{
		double		before = 0;
		double		after = 0;
		double		mean = 0;

		if (r->column[j].power == FC_AS_IT_IS)
			continue;
		for (int32 i = 0; i < n; i++)
			values[i] = x[(int64) i * r->d + j];
		before = fc_deviation(values, n, &mean);
		(void) fc_straighten(values, n);
		after = fc_deviation(values, n, &mean);
		for (int32 i = 0; i < n && after > 0; i++)
			x[(int64) i * r->d + j] = (values[i] - mean) * before / after;
	}
	pfree(values);
}

/* On some rows of the sample; signs are those of rows as they are */
static bool
test(Advice *a, bool straightened, FcStructure *s)
{
	const AdvisedRows *r = &a->rows;
	FcHooks		hooks = {.check = fc_check_interrupts};
	FcSubsample draw;
	FcArena		arena;
	int64		kept = 0;

	*s = (FcStructure) {
		.n = Min(r->n, FC_STRUCTURE_ROWS), .d = r->d, .seed = a->seed, .isa = fc_best_isa(), .hooks = &hooks,
	};
	s->most = Min(Min(Max(NUMBERS, a->k_max), FC_STRUCTURE_MOST), s->n / 4);
	FC_LAY_OUT(&arena, fc_structure_layout(&arena, s));
	fc_subsample_begin(&draw, a->seed, COMPARED, r->n, s->n);
	for (int32 i = 0; i < r->n; i++)
		if (fc_subsample_takes_next(&draw))
			memcpy(s->x + kept++ * r->d, r->x + (int64) i * r->d, sizeof(double) * r->d);
	if (straightened)
		straighten(r, s->x, s->n);
	return fc_structure_test(s);
}

static bool
is_any_skewed(const AdvisedRows *r)
{
	for (int32 j = 0; j < r->d; j++)
		if (r->column[j].power != FC_AS_IT_IS)
			return true;
	return false;
}

/* Compares the rows with random ones that have no clusters */
void
fc_advise_compare(Advice *a)
{
	FcStructure s;

	if (a->rows.n < LEAST_COMPARED)
		return;
	a->comparable = test(a, false, &s);
	a->has_clusters = s.by_gap || s.by_silhouette;
	a->signs = s.signs;
	if (s.by_silhouette && is_any_skewed(&a->rows))
		a->only_tails = test(a, true, &s) && !s.by_gap && !s.by_silhouette;
}
