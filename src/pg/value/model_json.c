/*
 * model_json.c - a model as JSON, which other programs can score rows with
 *
 * The schema is in doc/json.md.  All that the bytes of a model have is written, and numbers
 * as the shortest text that reads back as the same number, so the way back (model_from_json.c)
 * gives the same bytes.
 */
#include "pg/value/model_json.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/json.h"

#include "core/categories.h"

#include <math.h>

#define MOST_NUMBERS	(1 << 23)	/* jsonb has 256 MB, of which one takes up to 24 bytes */

/* Kernels: graphs and networks take more than distances to centers */
bool
fc_has_json(const FcAlgorithm *algo)
{
	return algo->network == NULL && !(algo->traits & FC_EMBEDS);
}

/* Of arrays with one column, those that would have more with more features are matrices, too */
FcJsonForm
fc_json_form(const FcArray *array)
{
	static const char *const matrices[] = {"centers", "shape", "raw", "history", "moments", "projection"};

	if (array->columns > 1)
		return FC_JSON_ROWS;
	for (int i = 0; i < (int) lengthof(matrices); i++)
		if (strcmp(array->name, matrices[i]) == 0)
			return FC_JSON_ROWS;
	return strcmp(array->name, "total_weight") == 0 ? FC_JSON_NUMBER : FC_JSON_NUMBERS;
}

/* Is it the value of an option, and written among these? */
bool
fc_is_json_option(const FcModel *m, const FcArray *array)
{
	return fc_find_option(m->algo, array->name) >= 0;
}

/*
 * A name or a value.  Where the encoding of the database lacks a character, JSON
 * with an escape in its place would come back as another model
 */
static void
add_text(StringInfo s, const char *name)
{
	const char *text = fc_name_text(name);

	if (strcmp(fc_name_from_text(text), name) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("\"%s\" has a character that the encoding %s does not have",
						fc_beginning_of(text), GetDatabaseEncodingName()),
				 errdetail("A name or a value of a category would be another one in the JSON."),
				 errhint("Write the JSON in a database with the encoding UTF8.")));
	escape_json(s, text);
}

/* null where a column has no name; null if none has */
static void
add_names(StringInfo s, const FcModel *m)
{
	const char *name = m->names;

	fc_json_key(s, "columns");
	for (int32 column = 0; name && column < fc_model_columns(m); column++, name = fc_next_name(name))
	{
		appendStringInfoString(s, column ? ", " : "[");
		if (*name == '\0')
			appendStringInfoString(s, "null");
		else
			add_text(s, name);
	}
	appendStringInfoString(s, name ? "]" : "null");
}

/* Null for a number, else all values of the category */
static void
add_values(StringInfo s, const FcField *at)
{
	const char *value = at->values;

	if (value == NULL)
	{
		appendStringInfoString(s, "null");
		return;
	}
	for (int32 l = 0; l < at->features; l++, value = fc_next_name(value))
	{
		CHECK_FOR_INTERRUPTS();
		appendStringInfoString(s, l ? ", " : "[");
		add_text(s, value);
	}
	appendStringInfoChar(s, ']');
}

/* One a column, if one of them is a category */
static void
add_categories(StringInfo s, const FcModel *m)
{
	if (!fc_has_categories(m))
		return;
	fc_json_key(s, "categories");
	appendStringInfoChar(s, '[');
	for (FcField at = fc_fields(m); fc_next_field(&at);)
	{
		appendStringInfoString(s, at.column ? ", " : "");
		add_values(s, &at);
	}
	appendStringInfoChar(s, ']');
}

void
fc_json_add_options(StringInfo s, FcModel *m)
{
	fc_json_key(s, "options");
	appendStringInfoChar(s, '{');
	for (int i = 0; i < fc_count_options(m->algo); i++)
	{
		const FcOption *o = fc_option_at(m->algo, i);
		double		value = *fc_option_value(m, i);

		if (o->choices && !isnan(value))
			fc_json_add_string(s, o->name, fc_option_text(o, value));
		else if (o->type == FC_LIST)
			fc_json_add_numbers(s, o->name, value > 0 ? m->list[fc_list_position(m->algo, i)] : NULL, (int32) value);
		else if (o->type == FC_COLUMN)
			fc_json_add_bool(s, o->name, !isnan(value));
		else
			fc_json_add_number(s, o->name, value);
	}
	appendStringInfoChar(s, '}');
}

const char *
fc_precision_text(FcPrecision precision)
{
	return precision == FC_F32 ? "real" : "double precision";
}

static void
add_facts(StringInfo s, const FcModel *m)
{
	fc_json_add_integer(s, FC_JSON_MARK, FC_JSON_VERSION);
	fc_json_add_string(s, "algorithm", m->algo->name);
	fc_json_add_integer(s, "clusters", m->k);
	fc_json_add_integer(s, "dimensions", m->d);
	add_names(s, m);
	fc_json_add_string(s, "precision", fc_precision_text(m->precision));
	fc_json_add_integer(s, "rows", m->rows);
	fc_json_add_integer(s, "skipped", m->skipped);
	fc_json_add_integer(s, "iterations", m->iterations);
	fc_json_add_bool(s, "converged", m->converged);
	fc_json_add_integer(s, "empty_clusters", m->empty);
	fc_json_add_number(s, "objective", m->objective);
	fc_json_add_integer(s, "history_step", m->history.step);
}

static void
add_rows(StringInfo s, const FcArray *array)
{
	fc_json_key(s, array->name);
	appendStringInfoChar(s, '[');
	for (int64 i = 0; i < array->rows; i++)
	{
		appendStringInfoString(s, i ? ", " : "");
		fc_json_append_numbers(s, *array->data + i * array->columns, (int32) array->columns);
	}
	appendStringInfoChar(s, ']');
}

static void
add_array(StringInfo s, const FcArray *array)
{
	switch (fc_json_form(array))
	{
		case FC_JSON_NUMBER:
			fc_json_add_number(s, array->name, **array->data);
			break;
		case FC_JSON_NUMBERS:
			fc_json_add_numbers(s, array->name, *array->data, (int32) array->rows);
			break;
		case FC_JSON_ROWS:
			add_rows(s, array);
			break;
	}
}

/* jsonb would refuse it as well, but after seconds, and in its own words */
static void
refuse_large(const FcArray *arrays, int n)
{
	Size		numbers = 0;

	for (int i = 0; i < n; i++)
		numbers += (Size) (arrays[i].rows * arrays[i].columns);
	if (numbers > MOST_NUMBERS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("model is too large for jsonb"),
				 errdetail("It has %zu numbers, and there may be %d at most.", numbers, MOST_NUMBERS),
				 errhint("Copy the model itself, a value of type bytea.")));
}

/*
 * cluster_to_json(model bytea) returns jsonb
 *
 * All of a model whose clusters are centers in the space of the features.
 */
PG_FUNCTION_INFO_V1(cluster_to_json);
Datum
cluster_to_json(PG_FUNCTION_ARGS)
{
	FcArray		arrays[FC_MAX_ARRAYS];
	StringInfoData s;
	FcModel		m;
	int			n;

	fc_model_from_datum(&m, PG_GETARG_DATUM(0));
	fc_refuse_without(m.algo, fc_has_json, "a ", "form as JSON");
	n = fc_model_arrays(&m, arrays);
	refuse_large(arrays, n);
	initStringInfo(&s);
	appendStringInfoChar(&s, '{');
	add_facts(&s, &m);
	add_categories(&s, &m);
	fc_json_add_options(&s, &m);
	for (int i = 0; i < n; i++)
		if (!fc_is_json_option(&m, &arrays[i]))
			add_array(&s, &arrays[i]);
	appendStringInfoChar(&s, '}');
	PG_RETURN_DATUM(fc_jsonb(s.data));
}
