/*
 * categories.c - columns of rows whose values are categories
 *
 * Columns of text, varchar, char, name, boolean and enum types, and of domains over them,
 * are categories, and so are untyped literals in ROW().  A value is its text, without the blanks behind a char(n), in UTF-8,
 * whatever the encoding of the database is; so that of a boolean is "true" or "false",
 * and that of an enum its label.
 *
 * The rows of a training are kept with codes: a dictionary for each column, a hash table,
 * numbers the values as they appear first.  When all rows are there the values are
 * sorted, as the core wants them.  A model has a dictionary already, in which the values
 * of a row are found.
 */
#include "pg/value/value.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include <math.h>

#define FIRST_VALUES	8		/* that a dictionary has room for */

/* ---- types ---- */

/* How the values of a column of a type, which is no domain, are categories */
CategoryKind
fc_category_kind(Oid type)
{
	switch (type)
	{
		case TEXTOID:
		case VARCHAROID:
			return CATEGORY_TEXT;
		case BPCHAROID:
			return CATEGORY_PADDED;
		case NAMEOID:
			return CATEGORY_NAME;
		case BOOLOID:
			return CATEGORY_BOOLEAN;
		case UNKNOWNOID:
			return CATEGORY_LITERAL;
		default:
			return type_is_enum(type) ? CATEGORY_ENUM : CATEGORY_NONE;
	}
}

/* The label of an enum value */
static const char *
enum_label(Oid value)
{
	HeapTuple	tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(value));
	char	   *label;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid internal value for enum: %u", value)));
	label = pstrdup(NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel));
	ReleaseSysCache(tuple);
	return label;
}

/* ---- values ---- */

/* A value that may have no zero byte behind it */
typedef struct Word
{
	const char *text;
	int			length;
} Word;

static Word
word_of_string(const char *text)
{
	return (Word) {text, (int) strlen(text)};
}

/* The text of a value, in the encoding of the database */
static Word
text_of(CategoryKind kind, Datum datum)
{
	struct varlena *text;
	int			length;

	switch (kind)
	{
		case CATEGORY_NAME:
			return word_of_string(NameStr(*DatumGetName(datum)));
		case CATEGORY_BOOLEAN:
			return word_of_string(DatumGetBool(datum) ? "true" : "false");
		case CATEGORY_ENUM:
			return word_of_string(enum_label(DatumGetObjectId(datum)));
		case CATEGORY_LITERAL:
			return word_of_string(DatumGetCString(datum));
		default:
			text = PG_DETOAST_DATUM_PACKED(datum);
			length = (int) VARSIZE_ANY_EXHDR(text);
			return (Word) {VARDATA_ANY(text), kind == CATEGORY_PADDED ? bpchartruelen(VARDATA_ANY(text), length) : length};
	}
}

static bool
is_ascii(Word word)
{
	for (int i = 0; i < word.length; i++)
		if (IS_HIGHBIT_SET(word.text[i]))
			return false;
	return true;
}

/* In UTF-8, as far as the encoding of the database is known */
static Word
to_utf8(Word word)
{
	int			encoding = GetDatabaseEncoding();
	const char *converted;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII || is_ascii(word))
		return word;
	converted = (const char *) pg_do_encoding_conversion((unsigned char *) unconstify(char *, word.text), word.length,
														 encoding, PG_UTF8);
	return word_of_string(converted);
}

static Word
word_of(CategoryKind kind, Datum datum)
{
	return to_utf8(text_of(kind, datum));
}

/* The bytes of a database with the encoding SQL_ASCII need not be UTF-8 */
static void
check_utf8(Word word, const char *column)
{
	if (fc_is_utf8(word.text, word.length))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("column \"%s\" of the features has a value that is not valid UTF-8", column),
			 errdetail("The database encoding %s does not tell what its bytes mean.", GetDatabaseEncodingName()),
			 errhint("Convert the values to UTF-8, or leave the column out.")));
}

/* ---- dictionaries ---- */

typedef struct WordEntry
{
	Word		word;
	uint32		hash;
	int32		code;
	char		status;
} WordEntry;

static inline uint32
hash_word(Word word)
{
	return hash_bytes((const unsigned char *) word.text, word.length);
}

static inline bool
is_same_word(Word a, Word b)
{
	return a.length == b.length && memcmp(a.text, b.text, a.length) == 0;
}

#define SH_PREFIX		words
#define SH_ELEMENT_TYPE	WordEntry
#define SH_KEY_TYPE		Word
#define SH_KEY			word
#define SH_HASH_KEY(tb, key)	hash_word(key)
#define SH_EQUAL(tb, a, b)		is_same_word(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(tb, a)		((a)->hash)
#include "pg/hash_table.h"

/* The values of a column */
typedef struct Dictionary
{
	words_hash *table;			/* NULL: numbers */
	const char **value;			/* (count) by their codes */
	int32		count;
	int32		room;
} Dictionary;

struct Dictionaries
{
	MemoryContext context;
	Size		size;			/* bytes that they take, nearly */
	Size		length;			/* ... and of all values, each with a zero byte */
	int32		features;		/* numbers, and values of categories */
	int32		columns;
	Dictionary	column[FLEXIBLE_ARRAY_MEMBER];	/* (columns) */
};

/* Column j is a category, without values as yet */
static void
begin_dictionary(Dictionaries *d, int32 j)
{
	d->column[j].table = words_create(d->context, FIRST_VALUES, NULL);
	d->column[j].value = palloc(sizeof(char *) * FIRST_VALUES);
	d->column[j].room = FIRST_VALUES;
}

/* Without values, of rows as the reader has opened one; in the current context.  NULL: there are no categories */
Dictionaries *
fc_begin_dictionaries(const FeatureReader *r)
{
	Dictionaries *d;

	if (r->categories.count == 0)
		return NULL;
	d = palloc0(offsetof(Dictionaries, column) + r->d * sizeof(Dictionary));
	d->context = CurrentMemoryContext;
	d->columns = r->d;
	d->features = r->d - r->categories.count;
	for (int32 j = 0; j < r->d; j++)
		if (r->categories.kind[j] != CATEGORY_NONE)
			begin_dictionary(d, j);
	return d;
}

/* Bytes that they take; d may be NULL */
Size
fc_dictionaries_size(const Dictionaries *d)
{
	return d ? d->size : 0;
}

/* Numbers and values of categories so far */
int32
fc_dictionaries_features(const Dictionaries *d)
{
	return d->features;
}

/* An error if there is no room for another value; "rows" were read before this one */
static void
check_room(const Dictionaries *d, int32 j, Word word, const char *column, int64 rows)
{
	if (d->column[j].count == FC_MAX_CATEGORY_VALUES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("column \"%s\" of the features has too many values for a category: more than %d", column,
						FC_MAX_CATEGORY_VALUES),
				 errdetail("There are %d in the first " INT64_FORMAT " rows.", FC_MAX_CATEGORY_VALUES + 1, rows + 1),
				 errhint("Leave the column out, group its values, or replace it by numbers that describe them; cast it if it contains numbers, as in %s::float8.",
						 quote_identifier(column))));
	if (d->features == FC_MAX_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many features: more than %d", FC_MAX_COLUMNS),
				 errdetail("Each value of a category is a feature; column \"%s\" has at least %d.", column,
						   d->column[j].count + 1),
				 errhint("Leave out columns with many values, or group their values.")));
	if (d->length + word.length >= FC_MAX_VALUE_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("the values of categories are too long: more than %d bytes", FC_MAX_VALUE_BYTES),
				 errdetail("Column \"%s\" has a value of %d bytes.", column, word.length),
				 errhint("Leave out columns with long texts.")));
}

/* The code of a value that the dictionary of column j does not have */
static int32
add_word(Dictionaries *d, int32 j, Word word)
{
	Dictionary *of = &d->column[j];
	MemoryContext old = MemoryContextSwitchTo(d->context);
	WordEntry  *entry;
	bool		found;

	if (of->count == of->room)
		of->value = repalloc(of->value, sizeof(char *) * (of->room *= 2));
	of->value[of->count] = pnstrdup(word.text, word.length);
	entry = words_insert(of->table, (Word) {of->value[of->count], word.length}, &found);
	entry->code = of->count;
	MemoryContextSwitchTo(old);
	d->size += word.length + 1 + sizeof(char *) + 2 * sizeof(WordEntry);
	d->length += word.length + 1;
	d->features++;
	return of->count++;
}

static int32
code_of(Dictionaries *d, int32 j, Word word, const char *column, int64 rows)
{
	WordEntry  *entry = words_lookup(d->column[j].table, word);

	if (entry != NULL)
		return entry->code;
	check_utf8(word, column);
	check_room(d, j, word, column, rows);
	return add_word(d, j, word);
}

/*
 * The codes of the categories in the row that the reader has opened, into the places of
 * their columns in out (d), which has the numbers; missing ones stay as they are.
 * New values get the next codes; "rows" were read before.
 */
void
fc_read_codes(const FeatureReader *r, Dictionaries *d, int64 rows, double *out)
{
	int32		j = 0;

	for (int i = 0; i < r->row->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(r->row, i);

		if (att->attisdropped)
			continue;
		if (r->categories.kind[j] != CATEGORY_NONE && !r->nulls[i])
			out[j] = code_of(d, j, word_of(r->categories.kind[j], r->columns[i]), NameStr(att->attname), rows);
		j++;
	}
}

/*
 * With values that are known, each in its column, in the order of their codes; in the current context.  A
 * category may have none.
 */
Dictionaries *
fc_dictionaries_of(const FcCategories *categories, const bool *is_category)
{
	Dictionaries *d = palloc0(offsetof(Dictionaries, column) + categories->columns * sizeof(Dictionary));
	const char *value = categories->values;

	d->context = CurrentMemoryContext;
	d->columns = categories->columns;
	for (int32 j = 0; j < d->columns; j++)
	{
		if (is_category[j])
			begin_dictionary(d, j);
		else
			d->features++;
		for (int32 code = 0; code < categories->levels[j]; code++, value += strlen(value) + 1)
			(void) add_word(d, j, word_of_string(value));
	}
	return d;
}

/* The value of a category in the row that the reader has opened, which is not null: in UTF-8, without a zero byte behind it perhaps */
const char *
fc_category_text(const FeatureReader *r, int32 j, int *length)
{
	int			i = 0;
	Word		word;

	for (int32 columns = 0; TupleDescAttr(r->row, i)->attisdropped || columns < j; i++)
		columns += !TupleDescAttr(r->row, i)->attisdropped;
	word = word_of(r->categories.kind[j], r->columns[i]);
	check_utf8(word, NameStr(TupleDescAttr(r->row, i)->attname));
	*length = word.length;
	return word.text;
}

/* ---- which columns are categories ---- */

/* Of rows of a training; d may be NULL */
bool
fc_is_category(const Dictionaries *d, int32 j)
{
	return d != NULL && d->column[j].table != NULL;
}

/* Column j of the rows of a reader, without those that were dropped */
static Form_pg_attribute
nth_column(const FeatureReader *r, int32 j)
{
	for (int i = 0; i < r->row->natts; i++)
		if (!TupleDescAttr(r->row, i)->attisdropped && j-- == 0)
			return TupleDescAttr(r->row, i);
	return NULL;
}

/* The first column that is a category, or NULL */
Form_pg_attribute
fc_first_category(const FeatureReader *r)
{
	int32		j = 0;

	if (r->categories.count == 0)
		return NULL;
	while (r->categories.kind[j] == CATEGORY_NONE)
		j++;
	return nth_column(r, j);
}

/* An error if the kind of column j is not the one expected, that of its owner */
static void
check_kind(const FeatureReader *r, int32 j, bool expected, const char *owner)
{
	Form_pg_attribute att;

	if ((r->categories.kind[j] != CATEGORY_NONE) == expected)
		return;
	att = nth_column(r, j);
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column \"%s\" of the features is of type %s, but in %s it is a %s", NameStr(att->attname),
					format_type_be(att->atttypid), owner, expected ? "category" : "number"),
			 expected ? errhint("Cast it to text, as in %s::text.", quote_identifier(NameStr(att->attname))) :
			 errhint("Cast it to a number, as in %s::float8.", quote_identifier(NameStr(att->attname)))));
}

/* An error unless the columns are of the same kinds as those of earlier rows; d may be NULL, and there are as many */
void
fc_refuse_other_kinds(const FeatureReader *r, const Dictionaries *d)
{
	if (r->kind != FEATURE_ROW && d != NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("features are numbers, but earlier rows have categories"),
				 errhint("Return the same columns from all queries.")));
	for (int32 j = 0; (r->categories.count > 0 || d != NULL) && j < r->d; j++)
		check_kind(r, j, fc_is_category(d, j), "earlier rows");
}

/* ... as those of a model, which has as many */
void
fc_refuse_kinds(const FeatureReader *r, const FcModel *m)
{
	if (r->kind != FEATURE_ROW)
		return;
	for (int32 j = 0; (r->categories.count > 0 || fc_has_categories(m)) && j < r->d; j++)
		check_kind(r, j, fc_has_categories(m) && m->categories.levels[j] > 0, "the model");
}

/* ---- when all rows are there ---- */

/* A category of which all rows have NULL */
static void
refuse_empty(int32 j, const char *names)
{
	for (int32 before = 0; names && before < j; before++)
		names = fc_next_name(names);
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 names && *names ? errmsg("column \"%s\" of the features is null in all rows", fc_beginning_of(fc_name_text(names))) :
			 errmsg("column %d of the features is null in all rows", j + 1),
			 errhint("Leave the column out.")));
}

/* One behind the other, in the order of their codes, in the current context */
static FcCategories
as_found(const Dictionaries *d, const char *names)
{
	int32	   *levels = palloc(sizeof(int32) * d->columns);
	char	   *values = palloc(Max(d->length, 1));
	char	   *to = values;

	for (int32 j = 0; j < d->columns; j++)
	{
		levels[j] = d->column[j].count;
		if (levels[j] == 0 && fc_is_category(d, j))
			refuse_empty(j, names);
		for (int32 code = 0; code < levels[j]; code++)
			to += strlen(strcpy(to, d->column[j].value[code])) + 1;
	}
	return (FcCategories) {.columns = d->columns, .levels = levels, .values = values, .length = (int32) d->length};
}

/* Sorted, in the current context; *place gets the new code of each old one, column by column */
FcCategories
fc_sorted_categories(const Dictionaries *d, const char *names, int32 **place)
{
	FcCategories found = as_found(d, names);
	int64		count = fc_count_values(&found);
	const char **work = palloc(sizeof(char *) * Max(count, 1));
	FcCategories sorted;

	*place = palloc(sizeof(int32) * Max(count, 1));
	sorted = fc_sort_categories(&found, palloc(Max(d->length, 1)), *place, work);
	pfree((char *) found.values);
	pfree(work);
	return sorted;
}

/* ---- the categories of a model ---- */

/* To find values of a model that has categories; in the current context */
void
fc_index_values(FcValueIndex *values, const FcModel *m)
{
	FcArena		arena;

	FC_LAY_OUT(&arena, fc_value_index_layout(&arena, values, &m->categories));
	fc_value_index_begin(values);
}

/* The codes that a model has for those of a dictionary, -1 where it does not know the value; by column, NULL: numbers */
int32 **
fc_codes_in_model(const Dictionaries *d, const FcValueIndex *values)
{
	int32	  **codes = palloc0(sizeof(int32 *) * d->columns);

	for (int32 j = 0; j < d->columns; j++)
	{
		const Dictionary *of = &d->column[j];

		if (of->table == NULL)
			continue;
		codes[j] = palloc(sizeof(int32) * of->room);
		for (int32 code = 0; code < of->count; code++)
			codes[j][code] = fc_find_value(values, j, of->value[code], strlen(of->value[code]));
	}
	return codes;
}

static int32
code_in_model(const FcValueIndex *values, int32 j, Word word, const char *column)
{
	int32		code = fc_find_value(values, j, word.text, word.length);

	if (code < 0)
		check_utf8(word, column);
	return code;
}

/*
 * The features of a model, x (d), from the columns of the row that the reader has opened:
 * numbers that were read already, and categories.  Where one is missing, or has a value
 * that the model has not learned, its features are NaN.  False: all are.
 */
bool
fc_spread_columns(const FeatureReader *r, const FcValueIndex *values, const double *columns, double *x)
{
	bool		any = false;
	int32		j = 0;

	for (int i = 0; i < r->row->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(r->row, i);
		int32		code = -1;

		if (att->attisdropped)
			continue;
		if (r->categories.kind[j] == CATEGORY_NONE)
			x[values->first[j]] = columns[j];
		else
		{
			if (!r->nulls[i])
				code = code_in_model(values, j, word_of(r->categories.kind[j], r->columns[i]), NameStr(att->attname));
			fc_set_indicators(values, j, code, x);
		}
		any |= !isnan(x[values->first[j]]);
		j++;
	}
	return any;
}
