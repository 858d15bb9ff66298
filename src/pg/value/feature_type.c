/*
 * feature_type.c - types that features cannot have, and alternatives for hints
 */
#include "pg/value/value.h"

#include "executor/executor.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include <ctype.h>

/* What to write instead; for an ereport */
static int
hint_for_type(Oid type)
{
	Oid			element = get_element_type(type);

	if (OidIsValid(element) && fc_is_written(getBaseType(element)))
		return errhint("Cast the elements to numbers: ARRAY[$1::float8, $2::float8] for parameters, x::float8[] for a column x.");
	if (fc_category_kind(type) != CATEGORY_NONE)
		return errhint("For a single category write ROW(x); for several columns, ROW(x, y).");
	return errhint("Use an array of numbers, a row of numeric columns, vector, halfvec, sparsevec, bytea, text or JSON.");
}

/* The error for a type that features cannot have; invalid: it is not known */
void
fc_features_reject_type(Oid type)
{
	if (!OidIsValid(type))
		ereport(ERROR,
				(errcode(ERRCODE_INDETERMINATE_DATATYPE),
				 errmsg("could not determine the type of the features"),
				 errhint("Write ARRAY[...], or add a cast, as in '{1,2}'::double precision[] or $1::real[].")));
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("features cannot be of type %s", format_type_be(type)),
			 hint_for_type(getBaseType(type))));
}

/* The name of the column that argument number arg of an aggregate is, or NULL */
static const char *
column_of_argument(FunctionCallInfo fcinfo, int arg)
{
	Aggref	   *aggref = AggGetAggref(fcinfo);
	TargetEntry *entry = aggref && arg <= list_length(aggref->args) ? list_nth(aggref->args, arg - 1) : NULL;
	Var		   *var = entry && IsA(entry->expr, Var) ? (Var *) entry->expr : NULL;
	EState	   *state = var ? ((AggState *) fcinfo->context)->ss.ps.state : NULL;
	RangeTblEntry *relation;
	List	   *names;

	/* As the query was written, wherever the executor takes it from */
	if (var == NULL || var->varnosyn == 0 || (int) var->varnosyn > list_length(state->es_range_table))
		return NULL;
	relation = exec_rt_fetch(var->varnosyn, state);
	names = relation->eref->colnames;
	if (relation->rtekind != RTE_RELATION || var->varattnosyn < 1 || var->varattnosyn > list_length(names))
		return NULL;
	return quote_identifier(strVal(list_nth(names, var->varattnosyn - 1)));
}

/* The end of the name at the beginning of text, which may be quoted; text itself if there is none */
static const char *
end_of_name(const char *text)
{
	const char *p = text;

	if (*p == '"')
	{
		p += 1 + strcspn(p + 1, "\"");
		return *p ? p + 1 : text;
	}
	while (isalnum((unsigned char) *p) || *p == '_' || IS_HIGHBIT_SET(*p))
		p++;
	return isdigit((unsigned char) *text) ? text : p;
}

/* The column that a call has as its only or first argument, as the query was written, or NULL; text begins with the function */
static const char *
first_argument(const char *text, const char *function)
{
	const char *begin;
	const char *end;

	if (pg_strncasecmp(text, function, strlen(function)) != 0)
		return NULL;
	text += strlen(function);
	text += strspn(text, " \t\r\n");
	if (*text++ != '(')
		return NULL;
	begin = text + strspn(text, " \t\r\n");
	end = end_of_name(begin);
	while (end > begin && *end == '.' && end_of_name(end + 1) > end + 1)
		end = end_of_name(end + 1);
	if (end == begin || end[strspn(end, " \t\r\n")] != ',')
		return NULL;
	return pnstrdup(begin, end - begin);
}

/* The column that argument number arg of an aggregate is called in the query, or NULL */
static const char *
column_as_written(FunctionCallInfo fcinfo, int arg)
{
	Aggref	   *aggref = AggGetAggref(fcinfo);
	const char *text = aggref ? ((AggState *) fcinfo->context)->ss.ps.state->es_sourceText : NULL;

	if (arg != 1 || text == NULL || aggref->location < 0 || (size_t) aggref->location >= strlen(text))
		return NULL;
	return first_argument(text + aggref->location, get_func_name(aggref->aggfnoid));
}

/* A single number is not a vector; several columns must be combined into one */
void
fc_features_refuse_number(FunctionCallInfo fcinfo, int arg)
{
	Oid			type = get_fn_expr_argtype(fcinfo->flinfo, arg);
	const char *column;

	if (!OidIsValid(type) || !fc_is_number(getBaseType(type)))
		return;
	column = column_as_written(fcinfo, arg);
	if (column == NULL)
		column = column_of_argument(fcinfo, arg);
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("features cannot be of type %s", format_type_be(type)),
			 column ? errhint("For a single feature write ARRAY[%s]; for several, ARRAY[%s, ...].", column, column) :
			 errhint("For a single feature write ARRAY[x]; for several, ARRAY[x, y].")));
}

