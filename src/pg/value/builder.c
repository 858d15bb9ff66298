/*
 * builder.c - the _options builders: named arguments to options as jsonb
 */
#include "pg/value/options.h"

#include "access/htup_details.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/json.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include <math.h>

/* ---- values as JSON ---- */

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
		fc_reject_centers();
	getTypeOutputInfo(element, &out, &varlena);
	get_typlenbyvalalign(element, &len, &byval, &align);
	deconstruct_array(array, ARR_ELEMTYPE(array), len, byval, align, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		char	   *word = nulls[i] ? "NaN" :
			element == FLOAT8OID ? fc_double_text(DatumGetFloat8(elements[i])) :
			element == FLOAT4OID ? fc_float_text(DatumGetFloat4(elements[i])) :
			OidOutputFunctionCall(out, elements[i]);

		if (strspn(word, "+-.0123456789eE") != strlen(word))
			fc_reject_centers();
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
		fc_reject_type(o, "a multidimensional array");
	deconstruct_array(array, FLOAT8OID, sizeof(float8), FLOAT8PASSBYVAL, TYPALIGN_DOUBLE, &elements, &nulls, &n);
	appendStringInfoChar(s, '[');
	for (int i = 0; i < n; i++)
	{
		double		number;

		if (nulls[i])
			fc_reject_type(o, "an array with nulls");
		number = DatumGetFloat8(elements[i]);
		if (!(number >= o->min && number <= o->max))
			fc_reject_range(o, number);
		appendStringInfo(s, "%s%s", i ? ", " : "", fc_double_text(number));
	}
	appendStringInfoChar(s, ']');
}

static bool
is_number_array(Oid type)
{
	Oid			element = get_element_type(type);

	return OidIsValid(element) && fc_is_number(getBaseType(element));
}

static void
append_model(StringInfo s, Datum value)
{
	FcModel		m;

	fc_model_from_datum(&m, value); /* reject other values */
	appendStringInfo(s, "\"\\\\x%s\"",
					 TextDatumGetCString(DirectFunctionCall2(binary_encode, value, CStringGetTextDatum("hex"))));
}

static char *
string_of(Datum value, Oid type)
{
	Oid			out;
	bool		varlena;

	getTypeOutputInfo(type, &out, &varlena);
	return OidOutputFunctionCall(out, value);
}

/* The option init, which takes several types */
static void
append_start(StringInfo s, const FcOption *o, Datum value, Oid type)
{
	Oid			base = getBaseType(type);
	char	   *word;

	if (is_number_array(base))
	{
		append_centers(s, value, getBaseType(get_element_type(base)));
		return;
	}
	if (base == BYTEAOID)
	{
		append_model(s, value);
		return;
	}
	if (base == UNKNOWNOID)
		word = pstrdup(DatumGetCString(value));
	else if (TypeCategory(base) == TYPCATEGORY_STRING)
		word = string_of(value, base);
	else
		fc_reject_type(o, format_type_be(type));
	if (fc_is_model_text(word))
		append_model(s, DirectFunctionCall1(byteain, CStringGetDatum(word)));
	else
	{
		(void) fc_checked_choice(o, word);
		escape_json(s, word);
	}
}

static void
append_option(StringInfo s, const FcOption *o, Datum value, Oid type)
{
	char	   *word;

	fc_json_key(s, o->name);
	switch (o->type)
	{
		case FC_NUMBER:
			appendStringInfoString(s, fc_double_text(fc_checked_number(o, DatumGetFloat8(value))));
			break;
		case FC_INTEGER:
			(void) fc_checked_number(o, (double) DatumGetInt64(value));
			appendStringInfo(s, INT64_FORMAT, DatumGetInt64(value));
			break;
		case FC_CHOICE:
			word = TextDatumGetCString(value);
			(void) fc_checked_choice(o, word);
			escape_json(s, word);
			break;
		case FC_LIST:
			append_list(s, o, value);
			break;
		case FC_COLUMN:
			escape_json(s, TextDatumGetCString(value));
			break;
		case FC_START:
			append_start(s, o, value, type);
			break;
	}
}

/* Is it the default of the library? */
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
			return !isnan(o->initial) && strcmp(TextDatumGetCString(value), o->choices[(int) o->initial]) == 0;
		case FC_LIST:
			return ARR_NDIM(DatumGetArrayTypeP(value)) == 0;
		case FC_COLUMN:
			return false;
		case FC_START:
			return type == TEXTOID && strcmp(TextDatumGetCString(value), o->choices[(int) o->initial]) == 0;
	}
	return false;
}

/* ---- a builder that is called for every row, as with init => (SELECT ...) ---- */

typedef struct BuiltArgument
{
	const FcOption *option;		/* NULL: not supported by this library */
	const char *name;
	const Const *initial;		/* the default that the script declares; NULL: none, or no constant */
	bool		agrees;			/* script and library have the same default */
	NullableDatum last;
	int16		length;			/* of the type */
	bool		byval;
} BuiltArgument;

typedef struct BuiltOptions
{
	MemoryContext context;		/* of the last arguments and the result */
	MemoryContext before;		/* of the ones before */
	Jsonb	   *result;			/* NULL: nothing is kept */
	BuiltArgument arguments[FUNC_MAX_ARGS];
} BuiltOptions;

/* Do the bytes of an argument identify its value? Not those of an expanded one */
static bool
is_comparable(Datum value, int16 length)
{
	return length != -1 || !VARATT_IS_EXTERNAL(DatumGetPointer(value)) ||
		VARATT_IS_EXTERNAL_ONDISK(DatumGetPointer(value));
}

/*
 * The result of the last call, if it had the same arguments.  It is not
 * copied, because it may be large, and is not freed by the next call, because
 * it may be in use.
 */
static Jsonb *
last_result(FunctionCallInfo fcinfo)
{
	BuiltOptions *built = fcinfo->flinfo->fn_extra;

	if (built->result == NULL)
		return NULL;
	for (int i = 0; i < PG_NARGS(); i++)
	{
		const BuiltArgument *a = &built->arguments[i];

		if (PG_ARGISNULL(i) != a->last.isnull)
			return NULL;
		if (!a->last.isnull &&
			!(is_comparable(PG_GETARG_DATUM(i), a->length) &&
			  datumIsEqual(PG_GETARG_DATUM(i), a->last.value, a->byval, a->length)))
			return NULL;
	}
	return built->result;
}

static void
keep_result(FunctionCallInfo fcinfo, const Jsonb *result)
{
	BuiltOptions *built = fcinfo->flinfo->fn_extra;
	MemoryContext old;

	built->result = NULL;		/* should the next lines fail */
	old = built->before;
	built->before = built->context;
	built->context = old;
	MemoryContextReset(built->context);
	old = MemoryContextSwitchTo(built->context);
	for (int i = 0; i < PG_NARGS(); i++)
	{
		BuiltArgument *a = &built->arguments[i];

		a->last = fcinfo->args[i];
		if (!a->last.isnull)
			a->last.value = datumCopy(a->last.value, a->byval, a->length);
	}
	built->result = memcpy(palloc(VARSIZE(result)), result, VARSIZE(result));
	MemoryContextSwitchTo(old);
}

/* ---- arguments by name, as script and library may be of different versions ---- */

static Oid
type_of_option(const FcOption *o)
{
	switch (o->type)
	{
		case FC_NUMBER:
			return FLOAT8OID;
		case FC_INTEGER:
			return INT8OID;
		case FC_CHOICE:
			return TEXTOID;
		case FC_LIST:
			return FLOAT8ARRAYOID;
		case FC_COLUMN:
			return TEXTOID;
		case FC_START:
			return ANYOID;
	}
	return InvalidOid;
}

static void
check_type(const FcOption *o, Oid declared)
{
	Oid			type = type_of_option(o);

	if (declared != type)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
				 errmsg("argument \"%s\" is declared as %s, not %s", o->name, format_type_be(declared),
						format_type_be(type))));
}

/* The default of an argument as declared in the script; NULL if there is none, or not a constant */
static const Const *
declared_default(const List *defaults, int arguments, int arg)
{
	int			position = arg - (arguments - list_length(defaults));
	Node	   *node = position < 0 ? NULL : eval_const_expressions(NULL, list_nth(defaults, position));

	return node && IsA(node, Const) ? (Const *) node : NULL;
}

/* NULL is the library's default of any option, but declares it only of one that has no value by default */
static bool
has_same_default(const BuiltArgument *a)
{
	const FcOption *o = a->option;

	if (o == NULL || a->initial == NULL)
		return false;
	if (a->initial->constisnull)
		return o->type == FC_LIST || isnan(o->initial);
	return is_initial(o, a->initial->constvalue, a->initial->consttype);
}

/* Which option each argument is */
static void
match_arguments(FunctionCallInfo fcinfo, const FcAlgorithm *algo, HeapTuple function, BuiltOptions *built)
{
	bool		null;
	Datum		trees = SysCacheGetAttr(PROCOID, function, Anum_pg_proc_proargdefaults, &null);
	List	   *defaults = null ? NIL : (List *) stringToNode(TextDatumGetCString(trees));
	Oid		   *types;
	char	  **names;
	char	   *modes;
	int			n = get_func_arg_info(function, &types, &names, &modes);

	if (n != PG_NARGS() || (n > 0 && names == NULL))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_FUNCTION_DEFINITION),
				 errmsg("arguments of %s_options must be named like its options", algo->name)));
	for (int i = 0; i < n; i++)
	{
		BuiltArgument *a = &built->arguments[i];
		int			option = fc_find_option(algo, names[i]);

		get_typlenbyval(get_fn_expr_argtype(fcinfo->flinfo, i), &a->length, &a->byval);
		a->name = names[i];
		a->initial = declared_default(defaults, n, i);
		if (option < 0)
			continue;
		a->option = fc_option_at(algo, option);
		check_type(a->option, types[i]);
		a->agrees = has_same_default(a);
	}
}

static BuiltOptions *
begin_keeping(FunctionCallInfo fcinfo, const FcAlgorithm *algo)
{
	MemoryContext old = MemoryContextSwitchTo(fcinfo->flinfo->fn_mcxt);
	HeapTuple	function = SearchSysCache1(PROCOID, ObjectIdGetDatum(fcinfo->flinfo->fn_oid));
	BuiltOptions *built = palloc0(sizeof(BuiltOptions));

	if (!HeapTupleIsValid(function))
		elog(ERROR, "cache lookup failed for function %u", fcinfo->flinfo->fn_oid);
	match_arguments(fcinfo, algo, function, built);
	ReleaseSysCache(function);
	built->context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust options", ALLOCSET_SMALL_SIZES);
	built->before = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust options", ALLOCSET_SMALL_SIZES);
	MemoryContextSwitchTo(old);
	return fcinfo->flinfo->fn_extra = built;
}

/* An option that a newer script has must be left alone */
static void
refuse_unknown(const BuiltArgument *a, Datum value, Oid type, const FcAlgorithm *algo)
{
	const Const *initial = a->initial;

	if (initial && !initial->constisnull && initial->consttype == type &&
		datum_image_eq(value, initial->constvalue, a->byval, a->length))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("the fuzzyclust library does not support option \"%s\" of %s", a->name, algo->name),
			 errhint("Install the version of the library that matches the extension, or leave the option out.")));
}

/*
 * <algorithm>_options(...) returns jsonb
 *
 * The arguments are options of the algorithm's table, by their names; a script
 * of another version may have more of them, or fewer.  NULL leaves an option
 * out, and so does the default of the signature, unless the library has
 * another one: a call has the meaning given by the signature, whatever the
 * library's version.  Hence values other than the signature's defaults are
 * never left out, even if they are the library's defaults.
 */
static Datum
build_options(FunctionCallInfo fcinfo, const FcAlgorithm *algo)
{
	BuiltOptions *built = fcinfo->flinfo->fn_extra;
	StringInfoData s;
	Jsonb	   *result;

	if (built == NULL)
		built = begin_keeping(fcinfo, algo);
	result = last_result(fcinfo);
	if (result != NULL)
		PG_RETURN_JSONB_P(result);
	initStringInfo(&s);
	appendStringInfoChar(&s, '{');
	for (int i = 0; i < PG_NARGS(); i++)
	{
		const BuiltArgument *a = &built->arguments[i];
		Oid			type = get_fn_expr_argtype(fcinfo->flinfo, i);

		if (PG_ARGISNULL(i))
			continue;
		if (a->option == NULL)
			refuse_unknown(a, PG_GETARG_DATUM(i), type, algo);
		else if (!a->agrees || !is_initial(a->option, PG_GETARG_DATUM(i), type))
			append_option(&s, a->option, PG_GETARG_DATUM(i), type);
	}
	appendStringInfoChar(&s, '}');
	result = DatumGetJsonbP(fc_jsonb(s.data));
	keep_result(fcinfo, result);
	PG_RETURN_JSONB_P(result);
}

#define FC_ALGORITHM(name)	FC_ALGORITHM_FUNCTION(name, options, build_options)
#include "algorithms.h"
#undef FC_ALGORITHM
