/*
 * options.c - options as jsonb: reading them, and the _options builders
 */
#include "fuzzyclust.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"

#include <math.h>

/* ---- words ---- */

/* A value as a user writes it */
const char *
fc_option_text(const FcOption *o, double value)
{
	if (isnan(value) || o->type == FC_LIST)
		return "auto";
	if (o->choices)
		return o->choices[(int) value];
	return fc_double_text(value);
}

static char *
list_of_options(const FcAlgorithm *algo)
{
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; i < fc_count_options(algo); i++)
		appendStringInfo(&s, "%s%s", i ? ", " : "", fc_option_at(algo, i)->name);
	return s.data;
}

static char *
list_of_choices(const FcOption *o)
{
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; o->choices[i] != NULL; i++)
		if (o->type != FC_START || i < FC_INIT_CENTERS)
			appendStringInfo(&s, "%s%s", i ? ", " : "", o->choices[i]);
	return s.data;
}

static void
reject_range(const FcOption *o, double value)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" is out of range: %s", o->name, fc_double_text(value)),
			 errdetail("Valid are %s from %s to %s.", o->type == FC_INTEGER ? "whole numbers" : "numbers",
					   fc_double_text(o->min), fc_double_text(o->max))));
}

static void
reject_choice(const FcOption *o, const char *word)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" cannot be \"%s\"", o->name, word),
			 o->type == FC_START ?
			 errhint("Valid are %s, a two-dimensional array of centers, or a model.", list_of_choices(o)) :
			 errhint("Valid are %s.", list_of_choices(o))));
}

static void
reject_type(const FcOption *o, const char *found)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" must be %s, not %s", o->name,
					o->type == FC_START ? "a name, an array of centers, or a model" :
					o->type == FC_CHOICE ? "a name" :
					o->type == FC_LIST ? "an array of numbers" :
					o->type == FC_INTEGER ? "a whole number" : "a number", found)));
}

static double
checked_number(const FcOption *o, double value)
{
	if (isnan(value) || !fc_option_allows(o, value))
		reject_range(o, value);
	return value;
}

static double
checked_choice(const FcOption *o, const char *word)
{
	int			choice = fc_find_choice(o, word);

	if (choice < 0 || (o->type == FC_START && choice >= FC_INIT_CENTERS))
		reject_choice(o, word);
	return choice;
}

/* ---- first centers ---- */

/* Bytes written as \x... */
static void
start_from_model(OptionArrays *arrays, const char *word)
{
	FcModel		m;

	fc_model_from_datum(&m, DirectFunctionCall1(byteain, CStringGetDatum(word)));
	arrays->k = m.k;
	arrays->d = m.d;
	arrays->centers = palloc_extended(sizeof(double) * m.k * m.d, MCXT_ALLOC_HUGE);
	for (int32 c = 0; c < m.k; c++)
		fc_unscale_center(&m, c, arrays->centers + (Size) c * m.d);
}

static void
reject_centers(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"init\" is not a rectangular array of finite numbers"),
			 errhint("Give one row of features for each cluster, as in ARRAY[[1,2],[3,4]].")));
}

/* An array of arrays of numbers; the iterator stands behind its first token */
static void
start_from_array(OptionArrays *arrays, JsonbIterator **it)
{
	JsonbIteratorToken token;
	JsonbValue	v;
	Size		room = 16;
	Size		n = 0;
	int			depth = 1;
	int32		column = 0;

	arrays->centers = palloc(sizeof(double) * room);
	while (depth > 0 && (token = JsonbIteratorNext(it, &v, false)) != WJB_DONE)
	{
		if (token == WJB_BEGIN_ARRAY && depth == 1)
		{
			depth++;
			column = 0;
		}
		else if (token == WJB_END_ARRAY)
		{
			if (depth == 2 && (column == 0 || (arrays->k++ > 0 && column != arrays->d)))
				reject_centers();
			arrays->d = column;
			depth--;
		}
		else if (token == WJB_ELEM && depth == 2 && v.type == jbvNumeric)
		{
			if (n == room)
				arrays->centers = repalloc_huge(arrays->centers, sizeof(double) * (room *= 2));
			arrays->centers[n] = DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(v.val.numeric)));
			if (!isfinite(arrays->centers[n++]))
				reject_centers();
			column++;
		}
		else
			reject_centers();
	}
	if (arrays->k == 0)
		reject_centers();
}

/* ---- jsonb to options ---- */

/* An array of numbers; the iterator stands behind its first token */
static void
read_list(FcModel *m, OptionArrays *arrays, int i, JsonbIterator **it)
{
	const FcOption *o = fc_option_at(m->algo, i);
	double	  **list = &arrays->list[fc_list_position(m->algo, i)];
	int			n = 0;
	int			room = 16;
	JsonbIteratorToken token;
	JsonbValue	v;

	*list = palloc(sizeof(double) * room);
	while ((token = JsonbIteratorNext(it, &v, false)) != WJB_END_ARRAY)
	{
		if (token != WJB_ELEM || v.type != jbvNumeric)
			reject_type(o, "an array of something else");
		if (n == FC_MAX_LIST)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("option \"%s\" has more than %d values", o->name, FC_MAX_LIST)));
		if (n == room)
			*list = repalloc(*list, sizeof(double) * (room *= 2));
		(*list)[n] = DatumGetFloat8(DirectFunctionCall1(numeric_float8, NumericGetDatum(v.val.numeric)));
		if (!((*list)[n] >= o->min && (*list)[n] <= o->max))
			reject_range(o, (*list)[n]);
		n++;
	}
	*fc_option_value(m, i) = n;
}

static void
read_string(OptionArrays *arrays, const FcOption *o, double *value, const JsonbValue *v)
{
	char	   *word = pnstrdup(v->val.string.val, v->val.string.len);

	if (o->type == FC_NUMBER || o->type == FC_INTEGER || o->type == FC_LIST)
		reject_type(o, "a string");
	if (o->type == FC_START && strncmp(word, "\\x", 2) == 0)
	{
		start_from_model(arrays, word);
		*value = FC_INIT_MODEL;
	}
	else
		*value = checked_choice(o, word);
}

static void
read_value(FcModel *m, OptionArrays *arrays, int i, const JsonbValue *v)
{
	const FcOption *o = fc_option_at(m->algo, i);
	double	   *value = fc_option_value(m, i);

	switch (v->type)
	{
		case jbvNull:
			*value = o->initial;
			break;
		case jbvString:
			read_string(arrays, o, value, v);
			break;
		case jbvNumeric:
			if (o->choices || o->type == FC_LIST)
				reject_type(o, "a number");
			*value = checked_number(o, DatumGetFloat8(DirectFunctionCall1(numeric_float8,
																		  NumericGetDatum(v->val.numeric))));
			break;
		default:
			reject_type(o, "a boolean");
	}
}

static int
find_option(const FcAlgorithm *algo, const char *name)
{
	int			i = fc_find_option(algo, name);

	if (i < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized option \"%s\" for %s", name, algo->name),
				 errhint("Valid options are %s.", list_of_options(algo))));
	return i;
}

/* m has its defaults; options overrides them.  What arrays gets is palloc'd */
void
fc_parse_options(FcModel *m, OptionArrays *arrays, Jsonb *options)
{
	JsonbIterator *it = JsonbIteratorInit(&options->root);
	JsonbIteratorToken token;
	JsonbValue	v;
	int			i = -1;

	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object"),
				 errhint("Use %s_options(...), or write an object as in '{\"seed\": 1}'.", m->algo->name)));

	(void) JsonbIteratorNext(&it, &v, false);
	while ((token = JsonbIteratorNext(&it, &v, false)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			i = find_option(m->algo, pnstrdup(v.val.string.val, v.val.string.len));
		else if (token == WJB_VALUE)
			read_value(m, arrays, i, &v);
		else if (token == WJB_BEGIN_ARRAY && fc_option_at(m->algo, i)->type == FC_START)
		{
			start_from_array(arrays, &it);
			*fc_option_value(m, i) = FC_INIT_CENTERS;
		}
		else if (token == WJB_BEGIN_ARRAY && fc_option_at(m->algo, i)->type == FC_LIST)
			read_list(m, arrays, i, &it);
		else if (token == WJB_BEGIN_ARRAY || token == WJB_BEGIN_OBJECT)
			reject_type(fc_option_at(m->algo, i), token == WJB_BEGIN_ARRAY ? "an array" : "an object");
	}
}

/* ---- the builders ---- */

/* Centers as nested arrays */
static void
append_centers(StringInfo s, Datum value, Oid element)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Oid			out;
	bool		varlena;
	Datum	   *elements;
	bool	   *nulls;
	int			n;
	int16		len;
	bool		byval;
	char		align;

	if (ARR_NDIM(array) != 2)
		reject_centers();
	getTypeOutputInfo(element, &out, &varlena);
	get_typlenbyvalalign(element, &len, &byval, &align);
	deconstruct_array(array, element, len, byval, align, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		char	   *word = nulls[i] ? "NaN" :
			element == FLOAT8OID ? fc_double_text(DatumGetFloat8(elements[i])) :
			element == FLOAT4OID ? fc_float_text(DatumGetFloat4(elements[i])) :
			OidOutputFunctionCall(out, elements[i]);

		if (strspn(word, "+-.0123456789eE") != strlen(word))
			reject_centers();
		appendStringInfo(s, "%s%s", i == 0 ? "[[" : i % ARR_DIMS(array)[1] == 0 ? "],[" : ",", word);
	}
	appendStringInfoString(s, "]]");
}

/* A float8[] */
static void
append_list(StringInfo s, const FcOption *o, Datum value)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	if (ARR_NDIM(array) > 1)
		reject_type(o, "an array of several dimensions");
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls, &n);
	appendStringInfoChar(s, '[');
	for (int i = 0; i < n; i++)
	{
		double		number = nulls[i] ? NAN : DatumGetFloat8(elements[i]);

		if (!(number >= o->min && number <= o->max))
			reject_range(o, number);
		appendStringInfo(s, "%s%s", i ? ", " : "", fc_double_text(number));
	}
	appendStringInfoChar(s, ']');
}

static bool
is_number_array(Oid type)
{
	Oid			element = get_element_type(type);

	return element == FLOAT8OID || element == FLOAT4OID || element == NUMERICOID ||
		element == INT4OID || element == INT8OID || element == INT2OID;
}

/* The option init, which takes several types */
static void
append_start(StringInfo s, const FcOption *o, Datum value, Oid type)
{
	char	   *word;

	if (is_number_array(type))
	{
		append_centers(s, value, get_element_type(type));
		return;
	}
	if (type == TEXTOID || type == VARCHAROID)
		word = TextDatumGetCString(value);
	else if (type == UNKNOWNOID)
		word = pstrdup(DatumGetCString(value));
	else if (type == BYTEAOID)
	{
		FcModel		m;

		fc_model_from_datum(&m, value);	/* refuse what is none */
		appendStringInfo(s, "\"\\\\x%s\"",
						 TextDatumGetCString(DirectFunctionCall2(binary_encode, value, CStringGetTextDatum("hex"))));
		return;
	}
	else
		reject_type(o, format_type_be(type));
	(void) checked_choice(o, word);
	escape_json(s, word);
}

static void
append_option(StringInfo s, const FcOption *o, Datum value, Oid type)
{
	char	   *word;

	appendStringInfo(s, "%s\"%s\": ", s->len > 1 ? ", " : "", o->name);
	switch (o->type)
	{
		case FC_NUMBER:
			appendStringInfoString(s, fc_double_text(checked_number(o, DatumGetFloat8(value))));
			break;
		case FC_INTEGER:
			(void) checked_number(o, (double) DatumGetInt64(value));
			appendStringInfo(s, INT64_FORMAT, DatumGetInt64(value));
			break;
		case FC_CHOICE:
			word = TextDatumGetCString(value);
			(void) checked_choice(o, word);
			escape_json(s, word);
			break;
		case FC_LIST:
			append_list(s, o, value);
			break;
		case FC_START:
			append_start(s, o, value, type);
			break;
	}
}

/* Is it the default?  Then it is left out */
static bool
is_initial(const FcOption *o, Datum value, Oid type)
{
	switch (o->type)
	{
		case FC_NUMBER:
			return DatumGetFloat8(value) == o->initial;
		case FC_INTEGER:
			return (double) DatumGetInt64(value) == o->initial;
		case FC_CHOICE:
			return strcmp(TextDatumGetCString(value), o->choices[(int) o->initial]) == 0;
		case FC_LIST:
			return ARR_NDIM(DatumGetArrayTypeP(value)) == 0;
		case FC_START:
			return type == TEXTOID && strcmp(TextDatumGetCString(value), o->choices[(int) o->initial]) == 0;
	}
	return false;
}

/*
 * <algorithm>_options(...) returns jsonb
 *
 * The arguments are the options of the algorithm's table, in its order: own
 * ones, then common ones.  NULL and the default value leave an option out.
 */
static Datum
build_options(FunctionCallInfo fcinfo, const FcAlgorithm *algo)
{
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfoChar(&s, '{');
	if (PG_NARGS() != fc_count_options(algo))
		elog(ERROR, "%s_options takes %d arguments, not %d", algo->name, fc_count_options(algo), PG_NARGS());
	for (int i = 0; i < PG_NARGS(); i++)
	{
		const FcOption *o = fc_option_at(algo, i);
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, i);

		if (!PG_ARGISNULL(i) && !is_initial(o, PG_GETARG_DATUM(i), type))
			append_option(&s, o, PG_GETARG_DATUM(i), type);
	}
	appendStringInfoChar(&s, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(s.data));
}

#define FC_ALGORITHM(name) \
	extern const FcAlgorithm fc_##name; \
	PG_FUNCTION_INFO_V1(name##_options); \
	Datum name##_options(PG_FUNCTION_ARGS) { return build_options(fcinfo, &fc_##name); }
#include "algo/list.h"
#undef FC_ALGORITHM
