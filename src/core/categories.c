/*
 * categories.c - columns whose values are words, and the features that stand for them
 */
#include "core/categories.h"

#include <math.h>
#include <string.h>

#include "core/sort.h"

/* ---- columns and their features ---- */

/* How many features a column has */
static int32_t
features_of(const FcCategories *c, int32_t column)
{
	return c->levels[column] > 0 ? c->levels[column] : 1;
}

int64_t
fc_count_features(const FcCategories *c)
{
	int64_t		features = 0;

	for (int32_t column = 0; column < c->columns; column++)
		features += features_of(c, column);
	return features;
}

int64_t
fc_count_values(const FcCategories *c)
{
	int64_t		values = 0;

	for (int32_t column = 0; column < c->columns; column++)
		values += c->levels[column];
	return values;
}

int32_t
fc_first_feature(const FcCategories *c, int32_t column)
{
	int32_t		first = 0;

	if (c->columns == 0)
		return column;
	while (column-- > 0)
		first += features_of(c, column);
	return first;
}

int32_t
fc_column_of_feature(const FcCategories *c, int32_t feature)
{
	int32_t		column = 0;

	if (c->columns == 0)
		return feature;
	while (feature >= features_of(c, column))
		feature -= features_of(c, column++);
	return column;
}

double
fc_feature_share(const FcModel *m, int32_t j)
{
	return fc_has_categories(m) ? 1.0 / features_of(&m->categories, fc_column_of_feature(&m->categories, j)) : 1;
}

/* Members of a team that do not lead may know how many values categories have, but not which */
void
fc_feature_shares(const FcModel *m, FcPrecision precision, void *share)
{
	int32_t		j = 0;

	for (int32_t column = 0; column < fc_model_columns(m); column++)
		for (int32_t left = fc_has_categories(m) ? features_of(&m->categories, column) : 1, features = left; left > 0; left--)
			fc_set(share, precision, j++, 1.0 / features);
}

const char *
fc_nth_value(const char *values, int32_t code)
{
	while (code-- > 0)
		values = fc_next_name(values);
	return values;
}

/* Before the first column */
FcField
fc_fields(const FcModel *m)
{
	return (FcField) {.model = m, .column = -1, .next = m->categories.values};
}

bool
fc_next_field(FcField *at)
{
	const FcModel *m = at->model;
	int32_t		levels;

	if (++at->column == fc_model_columns(m))
		return false;
	levels = fc_has_categories(m) ? m->categories.levels[at->column] : 0;
	at->first += at->features;
	at->features = levels > 0 ? levels : 1;
	at->name = at->column == 0 ? m->names : at->name ? fc_next_name(at->name) : NULL;
	at->values = levels > 0 ? at->next : NULL;
	if (levels > 0)
		at->next = fc_nth_value(at->next, levels);
	return true;
}

int32_t
fc_likeliest_value(const double *share, int32_t features)
{
	int32_t		likeliest = 0;

	for (int32_t code = 1; code < features; code++)
		if (share[code] > share[likeliest])
			likeliest = code;
	return likeliest;
}

/* ---- finding values ---- */

void
fc_value_index_layout(FcArena *a, FcValueIndex *x, const FcCategories *c)
{
	*x = (FcValueIndex) {
		.categories = *c,
		.first = fc_take(a, c->columns, sizeof(int32_t)),
		.value = fc_take(a, fc_count_features(c), sizeof(char *)),
	};
}

void
fc_value_index_begin(FcValueIndex *x)
{
	const char *value = x->categories.values;
	int32_t		feature = 0;

	for (int32_t column = 0; column < x->categories.columns; column++)
	{
		x->first[column] = feature;
		if (x->categories.levels[column] == 0)
			x->value[feature++] = NULL;
		for (int32_t code = 0; code < x->categories.levels[column]; code++)
		{
			x->value[feature++] = value;
			value = fc_next_name(value);
		}
	}
}

/* As strcmp() compares them; a value of "length" bytes with one that ends with a zero byte */
static int
compare_bytes(const char *value, size_t length, const char *with)
{
	int			difference = strncmp(value, with, length);

	return difference != 0 ? difference : with[length] == '\0' ? 0 : -1;
}

int32_t
fc_find_value(const FcValueIndex *x, int32_t column, const char *value, size_t length)
{
	const char *const *values = x->value + x->first[column];
	int32_t		low = 0;
	int32_t		high = x->categories.levels[column];

	while (low < high)
	{
		int32_t		middle = (low + high) / 2;
		int			difference = compare_bytes(value, length, values[middle]);

		if (difference == 0)
			return middle;
		if (difference < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -1;
}

void
fc_set_indicators(const FcValueIndex *x, int32_t column, int32_t code, double *features)
{
	double	   *indicator = features + x->first[column];

	for (int32_t other = 0; other < x->categories.levels[column]; other++)
		indicator[other] = code < 0 ? NAN : other == code;
}

/* ---- making categories ---- */

/* Are these values in ascending order?  Sets where the next ones begin */
static bool
are_sorted(const char *value, int32_t levels, const char **next)
{
	bool		sorted = true;

	for (int32_t code = 0; code < levels; code++)
	{
		*next = fc_next_name(value);
		if (code + 1 < levels)
			sorted = sorted && strcmp(value, *next) < 0;
		value = *next;
	}
	return sorted;
}

/* Numbers of columns, values and features */
static bool
are_counts_valid(const FcCategories *c)
{
	if (c->columns < 1 || c->columns > FC_MAX_COLUMNS || c->length < 1 || c->length > FC_MAX_VALUE_BYTES)
		return false;
	for (int32_t column = 0; column < c->columns; column++)
		if (c->levels[column] < 0 || c->levels[column] > FC_MAX_CATEGORY_VALUES)
			return false;
	return fc_count_features(c) <= FC_MAX_COLUMNS && fc_count_values(c) > 0;
}

/* Do the bytes consist of as many values as there are? */
static bool
are_complete(const FcCategories *c)
{
	int64_t		ends = 0;

	for (int32_t i = 0; i < c->length; i++)
		ends += c->values[i] == '\0';
	return c->values[c->length - 1] == '\0' && ends == fc_count_values(c);
}

bool
fc_categories_are_valid(const FcCategories *c)
{
	const char *value = c->values;

	if (!are_counts_valid(c) || !are_complete(c) || !fc_is_utf8(c->values, (size_t) c->length))
		return false;
	for (int32_t column = 0; column < c->columns; column++)
		if (!are_sorted(value, c->levels[column], &value))
			return false;
	return true;
}

bool
fc_same_categories(const FcCategories *a, const FcCategories *b)
{
	if (a->columns == 0 || b->columns == 0)
		return a->columns == b->columns;
	return a->columns == b->columns && a->length == b->length &&
		memcmp(a->levels, b->levels, sizeof(int32_t) * a->columns) == 0 && memcmp(a->values, b->values, a->length) == 0;
}

/* Copies a value; returns where the next one belongs */
static char *
put_value(char *to, const char *value)
{
	size_t		size = strlen(value) + 1;

	memcpy(to, value, size);
	return to + size;
}

/* ---- sorting ---- */

/* Values of a column, and their codes, which are exchanged together */
typedef struct Sorting
{
	const char **value;
	int32_t    *code;
} Sorting;

static bool
is_before(const void *table, int64_t a, int64_t b)
{
	const Sorting *s = table;

	return strcmp(s->value[a], s->value[b]) < 0;
}

static void
exchange(void *table, int64_t a, int64_t b)
{
	Sorting    *s = table;
	const char *value = s->value[a];
	int32_t		code = s->code[a];

	s->value[a] = s->value[b];
	s->value[b] = value;
	s->code[a] = s->code[b];
	s->code[b] = code;
}

/* code (levels) of each place becomes the place of each code */
static void
invert(int32_t *code, int32_t levels)
{
	int32_t		place[FC_MAX_CATEGORY_VALUES];

	for (int32_t i = 0; i < levels; i++)
		place[code[i]] = i;
	memcpy(code, place, sizeof(int32_t) * levels);
}

FcCategories
fc_sort_categories(const FcCategories *found, char *values, int32_t *place, const char **work)
{
	static const FcOrdering ordering = {.before = is_before, .exchange = exchange};
	const char *value = found->values;
	char	   *to = values;

	for (int32_t column = 0; column < found->columns; column++)
	{
		int32_t		levels = found->levels[column];
		Sorting		s = {work, place};

		for (int32_t code = 0; code < levels; code++)
		{
			work[code] = value;
			place[code] = code;
			value = fc_next_name(value);
		}
		fc_sort(&s, levels, &ordering);
		for (int32_t code = 0; code < levels; code++)
			to = put_value(to, work[code]);
		invert(place, levels);
		work += levels;
		place += levels;
	}
	return (FcCategories) {found->columns, found->levels, values, found->length};
}

/* ---- merging ---- */

/* The values of one column, as they are taken */
typedef struct Run
{
	const char *value;			/* the next one */
	int32_t		left;
	int32_t    *place;			/* where its new code belongs, or NULL */
} Run;

/* Takes the next value, whose new code this is */
static void
take_value(Run *r, int32_t code)
{
	if (r->place)
		*r->place++ = code;
	r->value = fc_next_name(r->value);
	r->left--;
}

/* Below 0: the next value of a is before that of b, or b has no more */
static int
compare_runs(const Run *a, const Run *b)
{
	return b->left == 0 ? -1 : a->left == 0 ? 1 : strcmp(a->value, b->value);
}

/* One column of both into "values"; returns how many it has, and moves *values behind them */
static int32_t
merge_column(Run *a, Run *b, char **values)
{
	int32_t		code;

	for (code = 0; a->left > 0 || b->left > 0; code++)
	{
		int			difference = compare_runs(a, b);

		*values = put_value(*values, difference <= 0 ? a->value : b->value);
		if (difference <= 0)
			take_value(a, code);
		if (difference >= 0)
			take_value(b, code);
	}
	return code;
}

static bool
are_of_one_kind(const FcCategories *a, const FcCategories *b)
{
	if (a->columns != b->columns)
		return false;
	for (int32_t column = 0; column < a->columns; column++)
		if ((a->levels[column] > 0) != (b->levels[column] > 0))
			return false;
	return true;
}

FcStatus
fc_merge_categories(const FcCategories *a, const FcCategories *b, int32_t *levels, char *values,
					int32_t *from_a, int32_t *from_b, FcCategories *merged)
{
	Run			run_a = {.value = a->values, .place = from_a};
	Run			run_b = {.value = b->values, .place = from_b};
	char	   *to = values;

	if (!are_of_one_kind(a, b))
		return FC_OTHER_CATEGORIES;
	for (int32_t column = 0; column < a->columns; column++)
	{
		run_a.left = a->levels[column];
		run_b.left = b->levels[column];
		levels[column] = merge_column(&run_a, &run_b, &to);
		if (levels[column] > FC_MAX_CATEGORY_VALUES)
			return FC_TOO_MANY_VALUES;
	}
	*merged = (FcCategories) {a->columns, levels, values, (int32_t) (to - values)};
	return FC_OK;
}

/* ---- features of two models ---- */

/* Of one column, whose values are sorted in both */
static void
map_field(FcField from, FcField to, int32_t *map)
{
	int32_t		code = 0;

	for (int32_t j = 0; j < to.features; j++)
	{
		int			difference = -1;

		while (code < from.features && (difference = to.values ? strcmp(to.values, from.values) : 0) > 0)
		{
			from.values = fc_next_name(from.values);
			code++;
		}
		map[to.first + j] = code < from.features && difference == 0 ? from.first + code : -1;
		to.values = to.values ? fc_next_name(to.values) : NULL;
	}
}

bool
fc_map_features(const FcModel *from, const FcModel *to, int32_t *map)
{
	FcField		a = fc_fields(from);
	FcField		b = fc_fields(to);

	if (fc_model_columns(from) != fc_model_columns(to))
		return false;
	while (fc_next_field(&a) && fc_next_field(&b))
	{
		if ((a.values == NULL) != (b.values == NULL))
			return false;
		map_field(a, b, map);
	}
	return true;
}
