/*
 * names.c - names of features, from the columns of rows
 *
 * A model stores the names of the columns it was trained on, and rejects rows
 * that have other columns, or the same ones in another order.  Names are kept
 * and compared in UTF-8, whatever the encoding of the database is.
 *
 * A column counts as unnamed, and matches any name, if PostgreSQL generated
 * its name: f1, f2, ... of ROW(), column1, ... of VALUES, ?column? of an
 * expression; and where two columns have the same one, as in SELECT ln(a),
 * ln(b).  In a database with the encoding SQL_ASCII a name that is not valid
 * UTF-8 does not count either, since the encoding of its bytes is unknown.
 */
#include "pg/value/value.h"

#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#define MOST_LISTED		50		/* names, and ... */
#define LONGEST_LIST	1000	/* ... bytes, in a message */

/* ---- encodings ---- */

/* A name in the encoding of the database as a model keeps it; "" where it cannot be one in UTF-8 */
const char *
fc_name_from_text(const char *name)
{
	int			length = (int) strlen(name);
	int			encoding = GetDatabaseEncoding();

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return fc_is_utf8(name, length) ? name : "";
	return (char *) pg_do_encoding_conversion((unsigned char *) unconstify(char *, name), length, encoding, PG_UTF8);
}

/* A character that the database cannot hold, as U&'' writes it */
static void
append_escape(StringInfo s, const unsigned char *p)
{
	pg_wchar	c = utf8_to_unicode(p);

	appendStringInfo(s, c > 0xFFFF ? "\\+%06X" : "\\%04X", (unsigned int) c);
}

/* A character of more than one byte, converted if that is possible */
static void
append_character(StringInfo s, Oid conversion, const char *p, int length)
{
	unsigned char out[MAX_CONVERSION_GROWTH * MAX_MULTIBYTE_CHAR_LEN + 1];
	unsigned char in[MAX_MULTIBYTE_CHAR_LEN + 1] = {0};

	memcpy(in, p, length);
	if (OidIsValid(conversion) &&
		pg_do_encoding_conversion_buf(conversion, PG_UTF8, GetDatabaseEncoding(), in, length, out, sizeof(out), true) == length)
		appendStringInfoString(s, (char *) out);
	else
		append_escape(s, in);
}

/* A name of a model, which may be any bytes, in the encoding of the database */
const char *
fc_name_text(const char *name)
{
	int			encoding = GetDatabaseEncoding();
	Oid			conversion;
	StringInfoData s;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
		return name;
	conversion = FindDefaultConversionProc(PG_UTF8, encoding);
	initStringInfo(&s);
	while (*name != '\0')
	{
		int			length = pg_encoding_mblen(PG_UTF8, name);

		if (length == 1)
			appendStringInfoChar(&s, *name);
		else
			append_character(&s, conversion, name, length);
		name += length;
	}
	return s.data;
}

/* ---- columns ---- */

/* The name of a column, and which feature it is, from 0 */
typedef struct Column
{
	const char *name;
	int32		feature;
} Column;

static int
compare_columns(const void *a, const void *b)
{
	return strcmp(((const Column *) a)->name, ((const Column *) b)->name);
}

/* Has PostgreSQL made it up, for a column at this place? */
static bool
is_made_up(const char *name, int32 feature)
{
	char		number[16];

	snprintf(number, sizeof(number), "%d", feature + 1);
	return strcmp(name, "?column?") == 0 || (name[0] == 'f' && strcmp(name + 1, number) == 0) ||
		(strncmp(name, "column", 6) == 0 && strcmp(name + 6, number) == 0);
}

/* names (d) in the order of features; those that occur twice become empty */
static void
drop_doubles(const char **names, int32 d)
{
	Column	   *column = palloc(sizeof(Column) * d);

	for (int32 j = 0; j < d; j++)
		column[j] = (Column) {names[j], j};
	qsort(column, d, sizeof(Column), compare_columns);
	for (int32 i = 1; i < d; i++)
		if (strcmp(column[i - 1].name, column[i].name) == 0)
			names[column[i - 1].feature] = names[column[i].feature] = "";
	pfree(column);
}

/* The names of the columns of a row as the core keeps them; NULL: none has one */
const char *
fc_names_of_columns(TupleDesc desc, int32 *length)
{
	const char **names = palloc(sizeof(char *) * desc->natts);
	int32		d = 0;
	bool		named = false;
	StringInfoData s;

	for (int i = 0; i < desc->natts; i++)
	{
		const char *name = NameStr(TupleDescAttr(desc, i)->attname);

		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		names[d] = is_made_up(name, d) ? "" : fc_name_from_text(name);
		d++;
	}
	drop_doubles(names, d);
	initStringInfo(&s);
	for (int32 j = 0; j < d; j++)
	{
		named |= names[j][0] != '\0';
		appendBinaryStringInfo(&s, names[j], (int) strlen(names[j]) + 1);
	}
	*length = s.len;
	return named && s.len <= FC_MAX_NAMES ? s.data : NULL;
}

/* Of each feature of a model (d), in the encoding of the database; NULL: it has none.  That of a category is column=value */
const char **
fc_feature_names(const FcModel *m)
{
	const char **names = palloc0(sizeof(char *) * m->d);

	for (FcField at = fc_fields(m); fc_next_field(&at);)
	{
		const char *column = at.name && *at.name ? fc_name_text(at.name) : NULL;
		const char *value = at.values;

		if (value == NULL)
			names[at.first] = column;
		else if (column == NULL)
			column = psprintf("f%d", at.column + 1);	/* as PostgreSQL calls it in a row */
		for (int32 i = 0; value && i < at.features; i++, value = fc_next_name(value))
			names[at.first + i] = psprintf("%s=%s", column, fc_name_text(value));
	}
	return names;
}

/* ---- refusing ---- */

/* Which of d names it is, from 1; 0: none */
static int32
position_of(const char *name, const char *names, int32 d)
{
	for (int32 j = 1; j <= d; j++, names = fc_next_name(names))
		if (strcmp(name, names) == 0)
			return j;
	return 0;
}

static const char *
nth_name(const char *names, int32 feature)
{
	while (feature-- > 0)
		names = fc_next_name(names);
	return names;
}

/* A name of a model, which may be long, for a message */
static const char *
shown_name(const char *name)
{
	return fc_beginning_of(fc_name_text(name));
}

/* Of a feature, from 0, for a message; NULL: it has none */
const char *
fc_name_of(const char *names, int32 feature)
{
	const char *name = names ? nth_name(names, feature) : "";

	return *name ? shown_name(name) : NULL;
}

/* As a list of columns; those without a name as ... */
const char *
fc_list_names(const char *names, int32 d)
{
	StringInfoData s;

	initStringInfo(&s);
	for (int32 j = 0; j < d; j++, names = fc_next_name(names))
	{
		appendStringInfoString(&s, j ? ", " : "");
		if (j == MOST_LISTED || s.len > LONGEST_LIST)
		{
			appendStringInfo(&s, "and %d more", d - j);
			break;
		}
		appendStringInfoString(&s, *names ? quote_identifier(shown_name(names)) : "...");
	}
	return s.data;
}

/* For an ereport: where the feature is in the row, or that it is not */
static int
tell_position(const char *name, const char *found, int32 d)
{
	int32		at = position_of(name, found, d);

	return at > 0 ? errdetail("\"%s\" is column %d of the row.", shown_name(name), at) :
		errdetail("The row has no column \"%s\".", shown_name(name));
}

/* For an ereport: how to have the right columns at the right place */
static int
advise_on_names(const char *names, const char *found, int32 d, int32 feature)
{
	if (position_of(nth_name(names, feature), found, d) > 0)
		return errhint("Give the columns in the order of the features: %s.", fc_list_names(names, d));
	return errhint("If it is the same feature, rename it, as in SELECT %s AS %s; ROW(...) and ARRAY[...] are read by position.",
				   quote_identifier(shown_name(nth_name(found, feature))),
				   quote_identifier(shown_name(nth_name(names, feature))));
}

/*
 * An error unless columns with the names "found" match features with these
 * names; either may be NULL. owner describes the features in the message.
 */
void
fc_refuse_other_names(const char *names, const char *found, int32 d, const char *owner)
{
	int32		feature = fc_names_differ(names, found, d);

	if (feature < 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("column %d of the row is \"%s\", but feature %d of %s is \"%s\"", feature + 1,
					shown_name(nth_name(found, feature)), feature + 1, owner, shown_name(nth_name(names, feature))),
			 tell_position(nth_name(names, feature), found, d),
			 advise_on_names(names, found, d, feature)));
}
