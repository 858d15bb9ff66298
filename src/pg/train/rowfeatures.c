/*
 * rowfeatures.c - rows with categories as rows of features
 *
 * A store keeps the columns of rows: of a category the code that its value got when it
 * was found first.  When all rows are there the values are sorted, and the core sees
 * each row through an FcExpandedRows, as features; so do workers, to which the sizes of
 * the categories travel, and where each code is among the sorted values.
 *
 * Another model may know other values than the rows have: for that, features are made
 * row by row.
 */
#include "pg/train/train.h"

#include "core/direction.h"
#include "core/gaps.h"
#include "utils/builtins.h"

#include <math.h>

/* What workers need to know of categories: they do not ask for values */
struct CategoryShare
{
	int32		columns;
	int32		places;
	int32		number[FLEXIBLE_ARRAY_MEMBER];	/* (columns) values of each, then (places) */
};

/* ---- the rows of a training ---- */

/* An error if a training takes no categories, but rows that a reader has opened, or will open, have some */
void
fc_refuse_categories(const FeatureReader *r, const FcModel *settings)
{
	bool		cosine = settings->common[FC_DISTANCE] == FC_COSINE;
	Form_pg_attribute att = fc_first_category(r);

	if (att == NULL || (fc_takes_categories(settings->algo) && !cosine))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" of the features is of type %s: %s takes no categories", NameStr(att->attname),
					format_type_be(att->atttypid), cosine ? "the cosine distance" : settings->algo->name),
			 cosine ? errhint("Leave the column out, or leave the option \"distance\" out.") :
			 errhint("Leave the column out, cast it to a number, as in %s::float8, or choose one of %s.",
					 quote_identifier(NameStr(att->attname)), fc_algorithm_names(fc_takes_categories))));
}

/* How many there are, so far */
int32
fc_store_features(const RowStore *s)
{
	return s->categories.dictionaries ? fc_dictionaries_features(s->categories.dictionaries) : s->d;
}

/* Once all rows are there; in a window others may follow, with new values */
void
fc_store_sort_categories(RowStore *s)
{
	MemoryContext old;

	if (s->categories.dictionaries == NULL || (s->categories.place != NULL && fc_count_features(&s->categories.sorted) == fc_store_features(s)))
		return;
	old = MemoryContextSwitchTo(s->context);
	s->categories.sorted = fc_sorted_categories(s->categories.dictionaries, s->names, &s->categories.place);
	MemoryContextSwitchTo(old);
}

/* The features of rows, which lives in the current context */
static FcRows
expand(const FcCategories *categories, const int32 *place, const FcRows *rows, FcExpandedRows *view, int isa)
{
	FcArena		arena;

	FC_LAY_OUT(&arena, fc_expanded_rows_layout(&arena, view, rows, categories));
	return fc_expanded_rows(view, rows, categories, place, isa);
}

/* The same of the rows of a store whose categories are sorted, if it has any */
FcRows
fc_store_expand(const RowStore *s, const FcRows *rows, FcExpandedRows *view, int isa)
{
	return s->categories.dictionaries ? expand(&s->categories.sorted, s->categories.place, rows, view, isa) : *rows;
}

/* Bytes of such a view */
Size
fc_store_expanded_size(const RowStore *s)
{
	int32		features = fc_store_features(s);

	return s->categories.dictionaries ? fc_block_rows(features) * (features + 1) * sizeof(double) : 0;
}

/* ---- in a worker ---- */

static Size
share_size(const RowStore *s)
{
	return offsetof(CategoryShare, number) + sizeof(int32) * (s->categories.sorted.columns + fc_count_values(&s->categories.sorted));
}

/* Bytes of what workers need; 0: there are no categories */
Size
fc_category_share_size(const RowStore *s)
{
	return s->categories.dictionaries ? share_size(s) : 0;
}

void
fc_category_share(const RowStore *s, CategoryShare *share)
{
	share->columns = s->categories.sorted.columns;
	share->places = (int32) fc_count_values(&s->categories.sorted);
	memcpy(share->number, s->categories.sorted.levels, sizeof(int32) * share->columns);
	memcpy(share->number + share->columns, s->categories.place, sizeof(int32) * share->places);
}

/* In place of the rows of the store, with the categories of the model; both last as long as the share */
void
fc_category_attach(const CategoryShare *share, FcModel *m, FcRows *rows, FcExpandedRows *view, int isa)
{
	m->categories = (FcCategories) {.columns = share->columns, .levels = share->number};
	*rows = expand(&m->categories, share->number + share->columns, rows, view, isa);
}

/* ---- another model ---- */

/* Are the columns of a store of the kinds that the model has? */
static bool
has_kinds(const RowStore *s, const FcModel *m)
{
	for (int32 j = 0; j < s->d; j++)
		if (fc_is_category(s->categories.dictionaries, j) != (fc_has_categories(m) && m->categories.levels[j] > 0))
			return false;
	return true;
}

/* Does the model take the columns of the store? */
bool
fc_store_fits(const RowStore *s, const FcModel *m)
{
	return s->d == fc_model_columns(m) && fc_names_differ(m->names, s->names, s->d) < 0 && has_kinds(s, m);
}

/* An error unless it does; owner describes the model in the message */
void
fc_refuse_other_columns(const RowStore *s, const FcModel *m, const char *owner)
{
	const char *noun = fc_has_categories(m) || s->categories.dictionaries ? "column" : "feature";

	if (fc_model_columns(m) != s->d)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_EXCEPTION),
				 errmsg("%s expects %s, but rows have %d", owner, fc_counted(fc_model_columns(m), noun), s->d)));
	fc_refuse_other_names(m->names, s->names, s->d, owner);
	if (!has_kinds(s, m))
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("%s has categories where rows have numbers, or the other way round", owner),
				 errhint("Cast columns to the types that they had in the training of the model.")));
}

/* Does a model score a row of a store that it fits? */
bool
fc_takes_row(const FcModel *m, const RowStore *s, const double *row)
{
	return !(fc_is_cosine(m) && fc_is_zero(row, s->d)) && (fc_bears_gaps(m) || !fc_has_gap(row, s->d));
}

/* For some rows of a store, as they are there; the dictionaries of both are the same.  In the current context */
void
fc_store_begin_part(RowStore *part, const RowStore *whole)
{
	fc_store_begin(part, CurrentMemoryContext, NULL, FC_STORE_PRIVATE | (whole->weights.given ? FC_STORE_WEIGHTED : 0),
				   whole->precision, whole->d);
	part->gaps = whole->gaps;
	part->categories.dictionaries = whole->categories.dictionaries;
}

/* As fc_cursor_begin(), for fc_cursor_features() of the model in a slot, which the rows fit */
void
fc_cursor_begin_for(RowCursor *c, RowStore *s, const ModelSlot *slot)
{
	fc_cursor_begin(c, s);
	c->model = &slot->model;
	if (s->categories.dictionaries == NULL)
		return;
	c->values = &slot->values;
	c->code = fc_codes_in_model(s->categories.dictionaries, c->values);
}

/* Of a model that fills them: the features of columns that the row at hand lacks */
static void
fill_missing(const RowCursor *c, double *x)
{
	double	   *columns;

	if (fc_missing(c->model) != FC_MISSING_MEAN)
		return;
	columns = palloc(sizeof(double) * c->rows.d);
	fc_cursor_get(c, columns);
	fc_fill_columns(c->model, columns, x);
	pfree(columns);
}

/*
 * The features of the row at hand, x (d of the model).  False: it has none, but only values
 * that the model has not learned.
 */
bool
fc_cursor_features(const RowCursor *c, double *x)
{
	bool		any = false;

	if (c->values == NULL)
	{
		fc_cursor_get(c, x);
		fc_fill_row(c->model, x);
		return true;
	}
	for (int32 j = 0; j < c->rows.d; j++)
	{
		double		value = fc_get(c->block, c->rows.precision, (size_t) j * c->rows.stride + c->row);
		double	   *first = x + c->values->first[j];

		if (c->code[j] == NULL)
			*first = value;
		else
			fc_set_indicators(c->values, j, isnan(value) ? -1 : c->code[j][(int32) value], x);
		any |= !isnan(*first);
	}
	fill_missing(c, x);
	return any;
}
