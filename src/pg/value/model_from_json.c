/*
 * model_from_json.c - a model from JSON, which anybody may have written
 *
 * Nothing is trusted: each key is checked by name and type, and arrays by their lengths
 * before memory is taken.  What this leaves passes the checks of a model's bytes.
 */
#include "pg/value/model_json.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#include "core/categories.h"
#include "core/optional.h"

#include <math.h>

/* An object, of a path for messages: "" or "options." */
typedef struct Object
{
	JsonbContainer *container;
	const char *path;
} Object;

/* ---- errors ---- */

pg_noreturn static void
reject(const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("JSON is not a cluster model"),
			 errdetail("%s", detail),
			 errhint("cluster_to_json(model) gives an object with all keys.")));
}

pg_noreturn static void
reject_kind(Object o, const char *key, const char *wanted)
{
	reject(psprintf("\"%s%s\" must be %s.", o.path, key, wanted));
}

pg_noreturn static void
reject_number(const char *path, const char *key, double value)
{
	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("JSON is not a cluster model"),
			 errdetail("A number in \"%s%s\" is out of range: %s.", path, key, fc_double_text(value))));
}

/* ---- values ---- */

/* False: there is no such key */
static bool
find_value(Object o, const char *key, JsonbValue *v)
{
	return getKeyJsonValueFromContainer(o.container, key, (int) strlen(key), v) != NULL;
}

static void
get_value(Object o, const char *key, JsonbValue *v)
{
	if (!find_value(o, key, v))
		reject(psprintf("It has no key \"%s%s\".", o.path, key));
}

/* An element, or the value of a key; infinite beyond double precision */
static double
number_of(const JsonbValue *v)
{
	return fc_number_from_datum(NUMERICOID, NumericGetDatum(v->val.numeric));
}

static double
get_number(Object o, const char *key)
{
	JsonbValue	v;
	double		value;

	get_value(o, key, &v);
	if (v.type != jbvNumeric)
		reject_kind(o, key, "a number");
	value = number_of(&v);
	if (!isfinite(value))
		reject_number(o.path, key, value);
	return value;
}

/* An integer from "least" to "most", which a double has room for, or int64 */
static int64
get_integer(Object o, const char *key, int64 least, int64 most)
{
	double		value = get_number(o, key);
	JsonbValue	v;

	if (value != floor(value) || value < (double) least || value > (double) most || value >= 9.2e18)
		reject_number(o.path, key, value);
	get_value(o, key, &v);
	return DatumGetInt64(DirectFunctionCall1(numeric_int8, NumericGetDatum(v.val.numeric)));
}

static bool
get_bool(Object o, const char *key)
{
	JsonbValue	v;

	get_value(o, key, &v);
	if (v.type != jbvBool)
		reject_kind(o, key, "true or false");
	return v.val.boolean;
}

static char *
get_string(Object o, const char *key)
{
	JsonbValue	v;

	get_value(o, key, &v);
	if (v.type != jbvString)
		reject_kind(o, key, "a string");
	return pnstrdup(v.val.string.val, v.val.string.len);
}

static bool
is_array(const JsonbValue *v)
{
	return v->type == jbvBinary && JsonContainerIsArray(v->val.binary.data) && !JsonContainerIsScalar(v->val.binary.data);
}

/* ---- arrays ---- */

/* The next element of an array, whose iterator is new, or stands at another one */
static bool
next_element(JsonbIterator **it, JsonbValue *v)
{
	JsonbIteratorToken token;

	CHECK_FOR_INTERRUPTS();
	while ((token = JsonbIteratorNext(it, v, true)) != WJB_DONE)
		if (token == WJB_ELEM)
			return true;
	return false;
}

/* Numbers into out, as many as the container has */
static void
read_numbers(JsonbContainer *container, const char *path, const char *key, double *out)
{
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbValue	v;

	while (next_element(&it, &v))
	{
		if (v.type != jbvNumeric)
			reject(psprintf("\"%s%s\" has an element that is not a number.", path, key));
		*out = number_of(&v);
		if (!isfinite(*out))
			reject_number(path, key, *out);
		out++;
	}
}

/* An element of an array of rows: is it a row of that length? */
static void
check_row(Object o, const FcArray *array, const JsonbValue *v)
{
	if (!is_array(v) || (int64) JsonContainerSize(v->val.binary.data) != array->columns)
		reject_kind(o, array->name, psprintf("an array of arrays of %s", fc_counted(array->columns, "number")));
}

/* All rows have been checked before memory is taken */
static void
read_rows(Object o, const FcArray *array, JsonbContainer *container)
{
	double	   *out = NULL;

	for (int pass = 0; pass < 2; pass++)
	{
		JsonbIterator *it = JsonbIteratorInit(container);
		JsonbValue	v;

		while (next_element(&it, &v))
		{
			if (pass == 0)
				check_row(o, array, &v);
			else
			{
				read_numbers(v.val.binary.data, o.path, array->name, out);
				out += array->columns;
			}
		}
		if (pass == 0)
			out = *array->data = palloc_extended(sizeof(double) * array->rows * array->columns + 1, MCXT_ALLOC_HUGE);
	}
}

static int64
length_of(Object o, const char *key)
{
	JsonbValue	v;

	get_value(o, key, &v);
	if (!is_array(&v))
		reject_kind(o, key, "an array");
	return JsonContainerSize(v.val.binary.data);
}

static void
read_array(Object o, const FcArray *array)
{
	FcJsonForm	form = fc_json_form(array);
	JsonbValue	v;

	if (form == FC_JSON_NUMBER)
	{
		*array->data = palloc(sizeof(double));
		**array->data = get_number(o, array->name);
		return;
	}
	if (length_of(o, array->name) != array->rows)
		reject_kind(o, array->name, psprintf("an array of " INT64_FORMAT " elements", array->rows));
	get_value(o, array->name, &v);
	if (form == FC_JSON_ROWS)
		read_rows(o, array, v.val.binary.data);
	else
	{
		*array->data = palloc(sizeof(double) * array->rows + 1);
		read_numbers(v.val.binary.data, o.path, array->name, *array->data);
	}
}

/* ---- options ---- */

static double
choice_value(Object o, const FcOption *option)
{
	const char *word = get_string(o, option->name);
	int			choice = fc_find_choice(option, word);

	if (choice < 0)
		reject(psprintf("\"%s%s\" cannot be \"%s\".", o.path, option->name, fc_beginning_of(word)));
	return choice;
}

static double
list_value(Object o, FcModel *m, int i)
{
	const FcOption *option = fc_option_at(m->algo, i);
	double	  **list = &m->list[fc_list_position(m->algo, i)];
	int64		n = length_of(o, option->name);
	JsonbValue	v;

	if (n > FC_MAX_LIST)
		reject(psprintf("\"%s%s\" has more than %d elements.", o.path, option->name, FC_MAX_LIST));
	*list = palloc(sizeof(double) * n + 1);
	get_value(o, option->name, &v);
	read_numbers(v.val.binary.data, o.path, option->name, *list);
	for (int64 at = 0; at < n; at++)
		if (!((*list)[at] >= option->min && (*list)[at] <= option->max))
			reject_number(o.path, option->name, (*list)[at]);
	return (double) n;
}

/* One that is there; null stands for "found from the data" */
static double
option_value(Object o, FcModel *m, int i)
{
	const FcOption *option = fc_option_at(m->algo, i);
	JsonbValue	v;

	if (option->type == FC_LIST)
		return list_value(o, m, i);
	if (option->type == FC_COLUMN)
		return get_bool(o, option->name) ? 1 : NAN;
	get_value(o, option->name, &v);
	if (v.type == jbvNull && (isnan(option->initial) || !option->choices))
		return NAN;
	return option->choices ? choice_value(o, option) : get_number(o, option->name);
}

/* Those that are not there keep their defaults: an older version did not have them */
static void
read_options(Object o, FcModel *m)
{
	JsonbValue	v;

	for (int i = 0; i < fc_count_options(m->algo); i++)
	{
		const FcOption *option = fc_option_at(m->algo, i);

		if (!find_value(o, option->name, &v))
			continue;
		*fc_option_value(m, i) = option_value(o, m, i);
		if (!fc_option_allows(option, *fc_option_value(m, i)))
			reject_number(o.path, option->name, *fc_option_value(m, i));
	}
}

/* ---- categories ---- */

/* A list of values, of which there are as many as it says, behind the others; returns how many */
static int32
append_values(StringInfo values, JsonbContainer *container)
{
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbValue	v;
	int32		n = 0;

	while (next_element(&it, &v))
	{
		const char *value;

		if (v.type != jbvString)
			reject("\"categories\" has a value that is not a string.");
		value = fc_name_from_text(pnstrdup(v.val.string.val, v.val.string.len));
		appendBinaryStringInfo(values, value, (int) strlen(value) + 1);
		n++;
	}
	return n;
}

/* Columns of words, if there are any */
static void
read_categories(Object o, FcModel *m)
{
	int32	   *levels;
	StringInfoData values;
	FcCategories *c = &m->categories;
	JsonbIterator *it;
	JsonbValue	v;
	int32		column = 0;

	if (!find_value(o, "categories", &v))
		return;
	if (!fc_takes_categories(m->algo))
		reject(psprintf("%s models have no categories.", m->algo->name));
	if (length_of(o, "categories") > m->d)
		reject_kind(o, "categories", "an array with an element for each column");
	initStringInfo(&values);
	c->columns = (int32) length_of(o, "categories");
	levels = palloc0(sizeof(int32) * (c->columns + 1));
	it = JsonbIteratorInit(v.val.binary.data);
	while (next_element(&it, &v))
	{
		if (is_array(&v))
			levels[column] = append_values(&values, v.val.binary.data);
		else if (v.type != jbvNull)
			reject("An element of \"categories\" must be null, or an array of values.");
		column++;
	}
	c->levels = levels;
	c->values = values.data;
	c->length = values.len;
	if (!fc_categories_are_valid(c) || fc_count_features(c) != m->d)
		reject("\"categories\" must have sorted, distinct values, which are one feature each of \"dimensions\".");
}

/* ---- names ---- */

/* An element of the list of names: null or a string */
static void
append_name(StringInfo s, const JsonbValue *v)
{
	const char *name = "";

	if (v->type == jbvString)
		name = fc_name_from_text(pnstrdup(v->val.string.val, v->val.string.len));
	else if (v->type != jbvNull)
		reject("\"columns\" must be null, or an array of names and nulls.");
	appendBinaryStringInfo(s, name, (int) strlen(name) + 1);
}

static void
read_names(Object o, FcModel *m)
{
	int32		columns = fc_model_columns(m);
	JsonbIterator *it;
	JsonbValue	v;
	StringInfoData s;

	get_value(o, "columns", &v);
	if (v.type == jbvNull)
		return;
	if (!is_array(&v) || (int64) JsonContainerSize(v.val.binary.data) != columns)
		reject_kind(o, "columns", psprintf("null, or an array of %s", fc_counted(columns, "name")));
	initStringInfo(&s);
	it = JsonbIteratorInit(v.val.binary.data);
	while (next_element(&it, &v))
		append_name(&s, &v);
	if (!fc_names_are_valid(s.data, s.len, columns))
		reject("\"columns\" must be null where no column has a name, and all names may have 1 MB.");
	m->names = s.data;
	m->names_length = s.len;
}

/* ---- the model ---- */

static const char *const facts[] = {
	FC_JSON_MARK, "algorithm", "clusters", "dimensions", "columns", "precision", "rows", "skipped", "iterations",
	"converged", "empty_clusters", "objective", "history_step", "options", "categories"
};

static const FcAlgorithm *
read_algorithm(Object o)
{
	const FcAlgorithm *algo;

	if (get_integer(o, FC_JSON_MARK, 1, PG_INT32_MAX) > FC_JSON_VERSION)
		fc_refuse_newer("JSON was");
	algo = fc_algorithm_by_name(get_string(o, "algorithm"));
	fc_refuse_without(algo, fc_has_json, "a ", "form as JSON");
	return algo;
}

static FcPrecision
read_precision(Object o)
{
	const char *word = get_string(o, "precision");

	for (int precision = FC_F32; precision <= FC_F64; precision++)
		if (strcmp(word, fc_precision_text(precision)) == 0)
			return precision;
	reject_kind(o, "precision", "\"real\" or \"double precision\"");
}

static void
read_facts(Object o, FcModel *m)
{
	m->precision = read_precision(o);
	m->rows = get_integer(o, "rows", 1, PG_INT64_MAX);
	m->skipped = get_integer(o, "skipped", 0, PG_INT64_MAX);
	m->iterations = (int32) get_integer(o, "iterations", 0, PG_INT32_MAX);
	m->converged = get_bool(o, "converged");
	m->empty = (int32) get_integer(o, "empty_clusters", 0, m->k);
	m->objective = get_number(o, "objective");
	m->history.step = (int32) get_integer(o, "history_step", 1, PG_INT32_MAX);
}

/* What decides which arrays there are, and how long they are */
static void
read_lengths(Object o, FcModel *m)
{
	JsonbValue	v;
	int64		history = length_of(o, "history");

	if (history > FC_MAX_HISTORY + FC_MAX_SAMPLE_HISTORY)
		reject(psprintf("\"history\" has more than %d elements.", FC_MAX_HISTORY + FC_MAX_SAMPLE_HISTORY));
	m->history.count = (int32) history;
	if (find_value(o, "raw", &v))
		m->own.nraw = (int32) Min(length_of(o, "raw"), FC_MAX_CLUSTERS + 1);
	if (m->own.nraw > FC_MAX_CLUSTERS)
		reject(psprintf("\"raw\" has more than %d elements.", FC_MAX_CLUSTERS));
	for (int which = 0; which < FC_ALL_OPTIONAL; which++)
		if (find_value(o, fc_optional_array(m, which).name, &v))
			m->optional.arrays |= 1u << which;
}

/* A key that is none of these would be lost silently */
static void
refuse_other_keys(Object o, const char *const *keys, int n)
{
	JsonbIterator *it = JsonbIteratorInit(o.container);
	JsonbIteratorToken token;
	JsonbValue	v;

	while ((token = JsonbIteratorNext(&it, &v, true)) != WJB_DONE)
	{
		char	   *key = token == WJB_KEY ? pnstrdup(v.val.string.val, v.val.string.len) : NULL;
		int			i = 0;

		if (key == NULL)
			continue;
		CHECK_FOR_INTERRUPTS();
		while (i < n && strcmp(keys[i], key) != 0)
			i++;
		if (i == n)
			reject(psprintf("The key \"%s%s\" is none of a model like this.", o.path, fc_beginning_of(key)));
		pfree(key);
	}
}

static Object
get_object(Object o, const char *key, const char *path)
{
	JsonbValue	v;

	get_value(o, key, &v);
	if (v.type != jbvBinary || !JsonContainerIsObject(v.val.binary.data))
		reject_kind(o, key, "an object");
	return (Object) {v.val.binary.data, path};
}

static void
read_all_options(Object o, FcModel *m)
{
	const char *names[FC_NCOMMON + FC_MAX_OPTIONS];
	Object		options = get_object(o, "options", "options.");

	for (int i = 0; i < fc_count_options(m->algo); i++)
		names[i] = fc_option_at(m->algo, i)->name;
	refuse_other_keys(options, names, fc_count_options(m->algo));
	read_options(options, m);
}

static void
read_arrays(Object o, FcModel *m)
{
	FcArray		arrays[FC_MAX_ARRAYS];
	int			n = fc_model_arrays(m, arrays);
	const char *keys[lengthof(facts) + FC_MAX_ARRAYS];
	int			nkeys = lengthof(facts);

	memcpy(keys, facts, sizeof(facts));
	for (int i = 0; i < n; i++)
		if (!fc_is_json_option(m, &arrays[i]))
			keys[nkeys++] = arrays[i].name;
	refuse_other_keys(o, keys, nkeys);
	for (int i = 0; i < n; i++)
		if (!fc_is_json_option(m, &arrays[i]))
			read_array(o, &arrays[i]);
}

/* The bytes, if they would be accepted as a model, whose arrays may be worth less than their lengths promise */
static bytea *
checked_bytes(const FcModel *m)
{
	bytea	   *bytes = fc_model_to_datum(m);
	Size		len;
	void	   *copy = fc_model_bytes(PointerGetDatum(bytes), &len);
	FcModel		back;

	if (fc_model_read(&back, copy, len) != FC_OK)
		reject("Its numbers cannot be those of a model: weights, radii and deviations are not negative, factors are positive.");
	pfree(copy);
	return bytes;
}

/*
 * cluster_from_json(json jsonb) returns bytea
 *
 * The model that cluster_to_json() has written, or another program.
 */
PG_FUNCTION_INFO_V1(cluster_from_json);
Datum
cluster_from_json(PG_FUNCTION_ARGS)
{
	Jsonb	   *json = PG_GETARG_JSONB_P(0);
	Object		o = {&json->root, ""};
	const FcAlgorithm *algo;
	FcModel		m;

	if (!JB_ROOT_IS_OBJECT(json))
		reject("It is not an object.");
	algo = read_algorithm(o);
	fc_model_begin(&m, algo, (int32) get_integer(o, "clusters", 1, FC_MAX_CLUSTERS),
				   (int32) get_integer(o, "dimensions", 1, FC_MAX_COLUMNS));
	read_facts(o, &m);
	read_all_options(o, &m);
	read_categories(o, &m);
	if (!fc_model_options_agree(&m))
		reject("Its options \"distance\", \"missing\", \"noise\" and \"scale\" do not go together, or not with the algorithm or categories.");
	read_lengths(o, &m);
	read_arrays(o, &m);
	read_names(o, &m);
	PG_RETURN_BYTEA_P(checked_bytes(&m));
}
