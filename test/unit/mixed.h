/*
 * mixed.h - trainings on rows of numbers and categories
 *
 * The rows that a training gets are those of an FcExpandedRows; "features" are
 * the same in plain loops, for scoring and for comparison.
 */
#ifndef MIXED_H
#define MIXED_H

#include "train.h"

#include "core/expand.h"

typedef struct Mixed
{
	Source		columns;		/* of numbers and codes */
	FcExpandedRows expanded;
	void	   *memory;			/* of these */
	FcCategories found;			/* values as they were first seen */
	FcCategories sorted;
	char	   *values;			/* of the latter */
	int32_t    *place;
	int32_t		d;
	double	   *features;		/* (n, d) */
	Training	t;
} Mixed;

/* "values" are a string literal, which has a zero byte more */
#define CATEGORIES(columns, levels, values)	((FcCategories) {(columns), (levels), (values), sizeof(values) - 1})

static inline void
sort_mixed(Mixed *m, const FcCategories *found)
{
	int64_t		values = fc_count_values(found);
	const char **work = malloc(sizeof(char *) * values);

	m->found = *found;
	m->values = malloc(found->length);
	m->place = malloc(sizeof(int32_t) * values);
	m->sorted = fc_sort_categories(found, m->values, m->place, work);
	m->d = (int32_t) fc_count_features(found);
	free((void *) work);
}

/* Row by row, by finding the text of each value */
static inline void
expand_plainly(Mixed *m, const double *x, int64_t n)
{
	FcArena		arena = {0};
	FcValueIndex index;

	fc_value_index_layout(&arena, &index, &m->sorted);
	arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_value_index_layout(&arena, &index, &m->sorted);
	fc_value_index_begin(&index);
	m->features = malloc(sizeof(double) * n * m->d);
	for (int64_t i = 0; i < n; i++)
	{
		const char *values = m->found.values;

		for (int32_t column = 0; column < m->found.columns; column++)
		{
			double		x_ij = x[i * m->found.columns + column];
			double	   *row = m->features + i * m->d;

			if (m->found.levels[column] == 0)
				row[index.first[column]] = x_ij;
			else if (isnan(x_ij))
				fc_set_indicators(&index, column, -1, row);
			else
			{
				const char *value = fc_nth_value(values, (int32_t) x_ij);

				fc_set_indicators(&index, column, fc_find_value(&index, column, value, strlen(value)), row);
			}
			values = fc_nth_value(values, m->found.levels[column]);
		}
	}
	free(arena.base);
}

/* The view of m->columns, whose weights have been set */
static inline FcRows
mixed_rows(Mixed *m, int isa)
{
	FcArena		arena = {0};

	fc_expanded_rows_layout(&arena, &m->expanded, &m->columns.rows, &m->sorted);
	free(m->memory);
	m->memory = arena.base = hostile_memory(arena.used);
	arena.used = 0;
	fc_expanded_rows_layout(&arena, &m->expanded, &m->columns.rows, &m->sorted);
	return fc_expanded_rows(&m->expanded, &m->columns.rows, &m->sorted, m->place, isa);
}

/* Rows x (n, columns); stride 0: as usual */
UNUSED static void
mixed_begin(Mixed *m, FcPrecision precision, const double *x, int64_t n, const FcCategories *found, int32_t stride)
{
	memset(m, 0, sizeof(*m));
	source_begin(&m->columns, precision, x, n, found->columns, stride > 0 ? stride : fc_block_rows(found->columns));
	sort_mixed(m, found);
	expand_plainly(m, x, n);
}

/* ... with a training of them, in m->t */
UNUSED static void
mixed_train(Mixed *m, const FcAlgorithm *algo, int32_t k, const double *weight, int isa)
{
	training_begin(&m->t, algo, k, m->columns.rows.precision, m->features, m->columns.rows.n, m->d);
	if (weight)
		source_weigh(&m->columns, weight);
	m->t.fit.isa = isa;
	m->t.source.rows = mixed_rows(m, isa);
	m->t.model.categories = m->sorted;
}

UNUSED static void
mixed_end(Mixed *m)
{
	training_end(&m->t);
	source_end(&m->columns);
	free(m->memory);
	free(m->values);
	free(m->place);
	free(m->features);
}

#endif
