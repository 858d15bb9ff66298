/*
 * categories.h - columns whose values are words, and the features that stand for them
 *
 * A row has columns, as its owner sees it; algorithms see features.  A number
 * is one feature.  A category with L values is L of them in the place of the
 * column, its indicators: 1 for the value of the row, 0 for the others, and NaN
 * in all of them where the value is missing or not one of these.  Values are
 * in UTF-8, sorted by bytes, so that they do not depend on the order of rows.
 */
#ifndef FC_CATEGORIES_H
#define FC_CATEGORIES_H

#include "core/fc.h"

/* ---- columns and their features ---- */

static inline bool
fc_takes_categories(const FcAlgorithm *algo)
{
	return (algo->traits & FC_TAKES_CATEGORIES) != 0;
}

static inline bool
fc_has_categories(const FcModel *m)
{
	return m->categories.columns > 0;
}

/* How many names a model has, and values a row of the user */
static inline int32_t
fc_model_columns(const FcModel *m)
{
	return fc_has_categories(m) ? m->categories.columns : m->d;
}

/* 1 for a number, 1 / L for each indicator of a category with L values: a column counts as 1.  Of all: share (d) in a precision */
extern double fc_feature_share(const FcModel *m, int32_t j);
extern void fc_feature_shares(const FcModel *m, FcPrecision precision, void *share);

/*
 * A column of a row.  To visit all of them:
 *
 *		for (FcField at = fc_fields(m); fc_next_field(&at);)
 *			features at.first to at.first + at.features - 1 are column at.column
 */
typedef struct FcField
{
	const FcModel *model;
	int32_t		column;			/* from 0 */
	int32_t		first;			/* its first feature, from 0 */
	int32_t		features;		/* how many it has */
	const char *values;			/* (features) of a category, one behind the other; NULL: a number */
	const char *name;			/* may be empty; NULL: columns have no names */
	const char *next;			/* values of the next category */
} FcField;

extern FcField fc_fields(const FcModel *m);
extern bool fc_next_field(FcField *at);

/* Number "code", from 0, of values that lie one behind the other */
extern const char *fc_nth_value(const char *values, int32_t code);

/* Of a category's part of a center in the user's units, (features) shares: the first of the largest */
extern int32_t fc_likeliest_value(const double *share, int32_t features);

/* Of all columns together, of which there may be too many as long as nobody has checked them */
extern int64_t fc_count_features(const FcCategories *c);
extern int64_t fc_count_values(const FcCategories *c);

/* The first feature of a column, and the column of a feature; both from 0 */
extern int32_t fc_first_feature(const FcCategories *c, int32_t column);
extern int32_t fc_column_of_feature(const FcCategories *c, int32_t feature);

/* ---- finding values ---- */

typedef struct FcValueIndex
{
	FcCategories categories;
	int32_t    *first;			/* (columns) first feature of each */
	const char **value;			/* (features) of each indicator; NULL: a number */
} FcValueIndex;

extern void fc_value_index_layout(FcArena *a, FcValueIndex *x, const FcCategories *c);
extern void fc_value_index_begin(FcValueIndex *x);	/* once it is placed */

/* The code, from 0, of "length" bytes, none of them zero, that need no zero byte behind them; -1: the category has no such value */
extern int32_t fc_find_value(const FcValueIndex *x, int32_t column, const char *value, size_t length);

/* The indicators of a category into the features x (d) of a row; code -1: NaN */
extern void fc_set_indicators(const FcValueIndex *x, int32_t column, int32_t code, double *features);

/* ---- making categories ---- */

/* 1 to FC_MAX_CATEGORY_VALUES values in each, in UTF-8, sorted and distinct; at most FC_MAX_COLUMNS features; at least one category */
extern bool fc_categories_are_valid(const FcCategories *c);
extern bool fc_same_categories(const FcCategories *a, const FcCategories *b);

/*
 * Sorts the values of "found", which within each column are distinct and in the order
 * of their codes, as by first appearance.  values (found->length) receives them, and
 * place (fc_count_values) the new code of each old one, column by column; work (as many)
 * is work space.  The result has the levels of "found".
 */
extern FcCategories fc_sort_categories(const FcCategories *found, char *values, int32_t *place, const char **work);

/*
 * The values of two, each sorted.  levels (columns) and values (a->length + b->length)
 * receive those of the result, from_a and from_b (fc_count_values) the new code of
 * each; they may be NULL.  FC_OTHER_CATEGORIES: a column is a category in one of
 * them only, or there are other columns; FC_TOO_MANY_VALUES: more than a category may
 * have.
 */
extern FcStatus fc_merge_categories(const FcCategories *a, const FcCategories *b, int32_t *levels, char *values,
									int32_t *from_a, int32_t *from_b, FcCategories *merged);

/*
 * Which feature of "from" each one of "to" is: map (d of "to"), -1 for a value that
 * "from" does not have.  False: their columns are not of the same kinds.
 */
extern bool fc_map_features(const FcModel *from, const FcModel *to, int32_t *map);

/* ---- in the bytes of a model ---- */

extern size_t fc_categories_size(const FcModel *m);
extern void fc_categories_write(const FcModel *m, char *p);
extern size_t fc_categories_read(FcModel *m, char *p, size_t length);

#endif
