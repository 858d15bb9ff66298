/*
 * json.c - JSON objects, written key by key
 */
#include "pg/value/value.h"

#include "miscadmin.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"

#include <math.h>

/* The next key of an object, after its brace or a value */
void
fc_json_key(StringInfo s, const char *key)
{
	if (s->data[s->len - 1] != '{')
		appendStringInfoString(s, ", ");
	escape_json(s, key);
	appendStringInfoString(s, ": ");
}

void
fc_json_add_integer(StringInfo s, const char *key, int64 value)
{
	fc_json_key(s, key);
	appendStringInfo(s, INT64_FORMAT, value);
}

/* JSON has no infinity and no NaN */
static void
append_number(StringInfo s, double value)
{
	appendStringInfoString(s, isfinite(value) ? fc_double_text(value) : "null");
}

void
fc_json_add_number(StringInfo s, const char *key, double value)
{
	fc_json_key(s, key);
	append_number(s, value);
}

/* An array */
void
fc_json_append_numbers(StringInfo s, const double *values, int32 n)
{
	appendStringInfoChar(s, '[');
	for (int32 j = 0; j < n; j++)
	{
		CHECK_FOR_INTERRUPTS();
		appendStringInfoString(s, j ? ", " : "");
		append_number(s, values[j]);
	}
	appendStringInfoChar(s, ']');
}

void
fc_json_add_numbers(StringInfo s, const char *key, const double *values, int32 n)
{
	fc_json_key(s, key);
	fc_json_append_numbers(s, values, n);
}

void
fc_json_add_bool(StringInfo s, const char *key, bool value)
{
	fc_json_key(s, key);
	appendStringInfoString(s, value ? "true" : "false");
}

void
fc_json_add_string(StringInfo s, const char *key, const char *value)
{
	fc_json_key(s, key);
	escape_json(s, value);
}

/* A text of JSON as jsonb */
Datum
fc_jsonb(const char *text)
{
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(text));
}
