/*
 * options.c - options as jsonb: reading and checking them
 */
#include "pg/value/options.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

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
		fc_append_item(&s, fc_option_at(algo, i)->name);
	return s.data;
}

static char *
list_of_choices(const FcOption *o)
{
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; o->choices[i] != NULL; i++)
		if (o->type != FC_START || i < FC_INIT_CENTERS)
			fc_append_item(&s, o->choices[i]);
	return s.data;
}

/* A limit of an option's range */
static const char *
limit_text(const FcOption *o, double limit)
{
	return o->type == FC_INTEGER ? psprintf(INT64_FORMAT, (int64) limit) : fc_double_text(limit);
}

void
fc_reject_range(const FcOption *o, double value)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 o->type == FC_INTEGER && value != floor(value) ?
			 errmsg("option \"%s\" must be an integer, not %s", o->name, fc_double_text(value)) :
			 errmsg("option \"%s\" is out of range: %s", o->name, fc_double_text(value)),
			 errdetail("Valid values are %s from %s to %s.", o->type == FC_INTEGER ? "integers" : "numbers",
					   limit_text(o, o->min), limit_text(o, o->max))));
}

static void
reject_choice(const FcOption *o, const char *word)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" cannot be \"%s\"", o->name, fc_beginning_of(word)),
			 o->type == FC_START ?
			 errhint("Valid values are %s, a two-dimensional array of centers, or a model.", list_of_choices(o)) :
			 errhint("Valid values are %s.", list_of_choices(o))));
}

void
fc_reject_type(const FcOption *o, const char *found)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" must be %s, not %s", o->name,
					o->type == FC_START ? "a name, an array of centers, or a model" :
					o->type == FC_CHOICE ? "a name" :
					o->type == FC_LIST ? "an array of numbers" :
					o->type == FC_COLUMN ? "the name of a column" :
					o->type == FC_INTEGER ? "an integer" : "a number", found)));
}

/* Infinite if it is beyond double precision, which no option allows */
static double
number_of(const JsonbValue *v)
{
	return fc_number_from_datum(NUMERICOID, NumericGetDatum(v->val.numeric));
}

double
fc_checked_number(const FcOption *o, double value)
{
	if (isnan(value) || !fc_option_allows(o, value))
		fc_reject_range(o, value);
	return value;
}

double
fc_checked_choice(const FcOption *o, const char *word)
{
	int			choice = fc_find_choice(o, word);

	if (choice < 0 || (o->type == FC_START && choice >= FC_INIT_CENTERS))
		reject_choice(o, word);
	return choice;
}

/* ---- first centers ---- */

/* Bytes written as \x... */
bool
fc_is_model_text(const char *word)
{
	return strncmp(word, "\\x", 2) == 0;
}

/* Its centers, and a view of m itself, for algorithms that use more of it */
void
fc_start_from_model(OptionArrays *arrays, const FcModel *m)
{
	arrays->earlier = memcpy(palloc(sizeof(FcModel)), m, sizeof(FcModel));
	arrays->k = m->k;
	arrays->d = m->d;
	arrays->names = m->names;
	arrays->centers = palloc_extended(sizeof(double) * m->k * m->d, MCXT_ALLOC_HUGE);
	for (int32 c = 0; c < m->k; c++)
		fc_unscale_center(m, c, arrays->centers + (Size) c * m->d);
}

static void
start_from_text(OptionArrays *arrays, const char *word)
{
	FcModel		m;
	Datum		bytes = DirectFunctionCall1(byteain, CStringGetDatum(word));

	fc_model_from_datum(&m, bytes);
	pfree(DatumGetPointer(bytes));
	fc_start_from_model(arrays, &m);
}

void
fc_reject_centers(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"init\" must be a rectangular array of finite numbers"),
			 errhint("Specify one row of features for each cluster, as in ARRAY[[1,2],[3,4]].")));
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
				fc_reject_centers();
			arrays->d = column;
			depth--;
		}
		else if (token == WJB_ELEM && depth == 2 && v.type == jbvNumeric)
		{
			if (n == room)
				arrays->centers = repalloc_huge(arrays->centers, sizeof(double) * (room *= 2));
			arrays->centers[n] = number_of(&v);
			if (!isfinite(arrays->centers[n++]))
				fc_reject_centers();
			column++;
		}
		else
			fc_reject_centers();
	}
	if (arrays->k == 0)
		fc_reject_centers();
}

/* ---- algorithms ---- */

/* Those that have a property, for messages; NULL: all */
const char *
fc_algorithm_names(bool (*has) (const FcAlgorithm *algo))
{
	StringInfoData names;

	initStringInfo(&names);
	for (const FcAlgorithm *const *a = fc_algorithms; *a != NULL; a++)
		if (has == NULL || has(*a))
			fc_append_item(&names, (*a)->name);
	return names.data;
}

const FcAlgorithm *
fc_algorithm_by_name(const char *name)
{
	const FcAlgorithm *algo = fc_find_algorithm(name);

	if (algo)
		return algo;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized algorithm \"%s\"", fc_beginning_of(name)),
			 errhint("Valid algorithms are %s.", fc_algorithm_names(NULL))));
}

/* An error unless models of the algorithm have the named part, as in "no network" and "a network" */
void
fc_refuse_without(const FcAlgorithm *algo, bool (*has) (const FcAlgorithm *algo), const char *article, const char *what)
{
	if (has(algo))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s models have no %s", algo->name, what),
			 errhint("Algorithms whose models have %s%s: %s.", article, what, fc_algorithm_names(has))));
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
			fc_reject_type(o, "an array of other values");
		if (n == FC_MAX_LIST)
			ereport(ERROR,
					(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
					 errmsg("option \"%s\" has more than %d values", o->name, FC_MAX_LIST)));
		if (n == room)
			*list = repalloc(*list, sizeof(double) * (room *= 2));
		(*list)[n] = number_of(&v);
		if (!((*list)[n] >= o->min && (*list)[n] <= o->max))
			fc_reject_range(o, (*list)[n]);
		n++;
	}
	*fc_option_value(m, i) = n;
}

static void
read_string(OptionArrays *arrays, const FcOption *o, double *value, const JsonbValue *v)
{
	char	   *word = pnstrdup(v->val.string.val, v->val.string.len);

	if (o->type == FC_NUMBER || o->type == FC_INTEGER || o->type == FC_LIST)
		fc_reject_type(o, "a string");
	if (o->type == FC_COLUMN)
	{
		arrays->weight = word;
		*value = 1;
		return;
	}
	if (o->type == FC_START && fc_is_model_text(word))
	{
		start_from_text(arrays, word);
		*value = FC_INIT_MODEL;
	}
	else
		*value = fc_checked_choice(o, word);
	pfree(word);				/* a model's is long, and there may be many groups */
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
			if (o->choices || o->type == FC_LIST || o->type == FC_COLUMN)
				fc_reject_type(o, "a number");
			*value = fc_checked_number(o, number_of(v));
			break;
		default:
			fc_reject_type(o, "a boolean");
	}
}

static int
find_option(const FcAlgorithm *algo, const char *name)
{
	int			i = fc_find_option(algo, name);

	if (i < 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized option \"%s\" for %s", fc_beginning_of(name), algo->name),
				 errhint("Valid options are %s.", list_of_options(algo))));
	return i;
}

/* NULL if there are none */
Jsonb *
fc_options_argument(FunctionCallInfo fcinfo, int arg)
{
	return PG_ARGISNULL(arg) ? NULL : PG_GETARG_JSONB_P(arg);
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
			fc_reject_type(fc_option_at(m->algo, i), token == WJB_BEGIN_ARRAY ? "an array" : "an object");
	}
}
