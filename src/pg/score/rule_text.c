/*
 * rule_text.c - rules in words, and as conditions of SQL
 *
 * In words a number is low, medium or high: in the lowest, middle or highest third of the rows.
 * An interval gets the name of those that it is nearest to, and its limits in brackets
 * where it is not the same.
 *
 * A condition of SQL is one on the columns of the query, as if they were those of a table.  What
 * a row lacks is NULL, and satisfies none.
 */
#include "pg/score/rules.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/typcache.h"

/* ---- names ---- */

/* Column number n, from 0, of those that are not dropped */
static const char *
nth_column(TupleDesc desc, int32 n)
{
	int			i = 0;

	while (TupleDescAttr(desc, i)->attisdropped || n-- > 0)
		i++;
	return NameStr(TupleDescAttr(desc, i)->attname);
}

/* As SQL writes it; NULL: there are two columns of this name */
static const char *
column_reference(TupleDesc desc, const char *name)
{
	int			found = 0;

	for (int i = 0; i < desc->natts; i++)
		found += strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) == 0;
	return found == 1 ? quote_identifier(name) : NULL;
}

/* Of a vector that is a row */
static const char *
field_reference(Oid type, int32 column, const char *name)
{
	TupleDesc	row;
	const char *result;

	if (type == RECORDOID)
		return quote_identifier(name ? name : psprintf("f%d", column + 1));
	row = lookup_rowtype_tupdesc(type, -1);
	result = quote_identifier(pstrdup(nth_column(row, column)));
	ReleaseTupleDesc(row);
	return result;
}

/* How to write element number "column", from 0, of a vector; name is what it is called, or NULL */
static char *
element_reference(const QueryColumns *q, const char *vector, int32 column, const char *name)
{
	Oid			type = getBaseType(TupleDescAttr(q->features, q->vector)->atttypid);

	switch (fc_feature_reader_of_type(type)->kind)
	{
		case FEATURE_ARRAY:
			return psprintf("%s[%d]", vector, column + 1);
		case FEATURE_ROW:
			return psprintf("(%s).%s", vector, field_reference(type, column, name));
		case FEATURE_BYTES:
			return psprintf("get_byte(%s, %d)", vector, column);
		case FEATURE_VECTOR:
		case FEATURE_HALFVEC:
			return psprintf("(%s::real[])[%d]", vector, column + 1);
		case FEATURE_SPARSEVEC:
			return psprintf("(%s::vector::real[])[%d]", vector, column + 1);
		case FEATURE_JSON:
			return psprintf("(%s ->> %d)::float8", vector, column);
		case FEATURE_TEXT:
			break;
	}
	return psprintf("(string_to_array(lower(translate(%s, '{}[]()\" ', '')), ',', 'null')::float8[])[%d]", vector, column + 1);
}

/* How SQL writes a column of the model; NULL: it cannot */
static const char *
reference_of(const RuleNames *n, const FcField *at)
{
	const QueryColumns *q = n->query;
	const char *name = at->name && *at->name ? fc_name_text(at->name) : NULL;
	const char *column = column_reference(q->features, q->vector < 0 ? nth_column(q->features, at->column) :
										  NameStr(TupleDescAttr(q->features, q->vector)->attname));

	return q->vector < 0 || column == NULL ? column : element_reference(q, column, at->column, name);
}

/* What people call it: its name, or else where it is */
static const char *
name_of(const RuleNames *n, const FcField *at)
{
	const QueryColumns *q = n->query;
	const char *column = q->vector < 0 ? nth_column(q->features, at->column) : "?column?";

	if (at->name && *at->name)
		return fc_beginning_of(fc_name_text(at->name));
	if (strcmp(column, "?column?") != 0 && column_reference(q->features, column))
		return column;
	if (q->vector >= 0 && fc_feature_reader_of_type(TupleDescAttr(q->features, q->vector)->atttypid)->kind == FEATURE_ARRAY)
		return psprintf("%s[%d]", NameStr(TupleDescAttr(q->features, q->vector)->attname), at->column + 1);
	return psprintf("feature %d", at->column + 1);
}

/* ---- words ---- */

/* Which thirds; ends are numbered from 0 to 3 */
typedef struct Term
{
	const char *name;
	int			first;
	int			last;
} Term;

static const Term terms[] = {
	{"low", 0, 1}, {"medium", 1, 2}, {"high", 2, 3}, {"low or medium", 0, 2}, {"medium or high", 1, 3}
};

/* The edge that an end is: number 0 before the first bin, ... */
static int32
edge_of(const FcRuleColumn *c, int end)
{
	return end == 0 ? 0 : end == 3 ? c->bins : c->third[end - 1] + 1;
}

/* The share of the rows before an edge */
static double
share_before(const FcRuleColumn *c, int32 edge)
{
	return edge == 0 ? 0 : edge == c->bins ? 1 : c->below[edge - 1];
}

/* How far it is from an interval; infinite: none of these bins are in it */
static double
distance_of(const FcRuleColumn *c, const Term *term, int32 first, int32 last)
{
	int32		from = edge_of(c, term->first);
	int32		to = edge_of(c, term->last);

	if (from >= to || (from == 0 && to == c->bins))
		return INFINITY;
	return fabs(share_before(c, from) - share_before(c, first)) + fabs(share_before(c, to) - share_before(c, last));
}

static void
append_limits(StringInfo s, double low, double high)
{
	appendStringInfoString(s, " (");
	if (!isinf(low))
		appendStringInfo(s, "above %s", fc_double_text(low));
	if (!isinf(high))
		appendStringInfo(s, "%sat most %s", isinf(low) ? "" : ", ", fc_double_text(high));
	appendStringInfoChar(s, ')');
}

static void
append_term(StringInfo s, const FcRules *r, const FcRuleCondition *c)
{
	const FcRuleColumn *column = &r->column[c->column];
	int32		last = c->last + 1;
	const Term *best = NULL;
	double		low;
	double		high;

	for (int i = 0; i < (int) lengthof(terms); i++)
		if (best == NULL || distance_of(column, &terms[i], c->first, last) < distance_of(column, best, c->first, last))
			best = &terms[i];
	appendStringInfoString(s, best->name);
	fc_rule_limits(r, c, &low, &high);
	if (edge_of(column, best->first) != c->first || edge_of(column, best->last) != last)
		append_limits(s, low, high);
}

static const char *
value_of(const FcField *at, uint16 value)
{
	return fc_name_text(fc_nth_value(at->values, value));
}

/* For people */
static const char *
shown_value(const FcField *at, uint16 value)
{
	const char *text = value_of(at, value);

	return *text ? fc_beginning_of(text) : "\"\"";
}

/* "a is low and b is x or y" */
char *
fc_rule_words(const FcRules *r, const FcRule *rule, const RuleNames *n)
{
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; i < rule->conditions; i++)
	{
		const FcRuleCondition *c = &rule->condition[i];
		const FcField *at = &n->field[n->column[c->column]];

		appendStringInfo(&s, "%s%s is ", i ? " and " : "", name_of(n, at));
		if (at->values == NULL)
			append_term(&s, r, c);
		for (int v = 0; at->values && v < c->values; v++)
			appendStringInfo(&s, "%s%s", v ? " or " : "", shown_value(at, c->value[v]));
	}
	return s.data;
}

/* ---- SQL ---- */

static bool
is_bytes(const RuleNames *n)
{
	const QueryColumns *q = n->query;

	return q->vector >= 0 && getBaseType(TupleDescAttr(q->features, q->vector)->atttypid) == BYTEAOID;
}

static void
append_interval(StringInfo s, const RuleNames *n, const char *reference, double low, double high)
{
	double		unit = is_bytes(n) ? 255 : 1;

	if (!isinf(low))
		appendStringInfo(s, "%s > %s", reference, fc_double_text(low * unit));
	if (!isinf(low) && !isinf(high))
		appendStringInfoString(s, " AND ");
	if (!isinf(high))
		appendStringInfo(s, "%s <= %s", reference, fc_double_text(high * unit));
}

static void
append_values(StringInfo s, const char *reference, const FcField *at, const FcRuleCondition *c)
{
	appendStringInfo(s, c->values == 1 ? "%s = " : "%s IN (", reference);
	for (int v = 0; v < c->values; v++)
		appendStringInfo(s, "%s%s", v ? ", " : "", quote_literal_cstr(value_of(at, c->value[v])));
	if (c->values > 1)
		appendStringInfoChar(s, ')');
}

/* As a condition of SQL; NULL: there is no way to write a column in it */
char *
fc_rule_condition(const FcRules *r, const FcRule *rule, const RuleNames *n)
{
	StringInfoData s;

	initStringInfo(&s);
	for (int i = 0; i < rule->conditions; i++)
	{
		const FcRuleCondition *c = &rule->condition[i];
		const FcField *at = &n->field[n->column[c->column]];
		const char *reference = reference_of(n, at);
		double		low;
		double		high;

		if (reference == NULL)
			return NULL;
		appendStringInfoString(&s, i ? " AND " : "");
		if (at->values)
		{
			append_values(&s, reference, at, c);
			continue;
		}
		fc_rule_limits(r, c, &low, &high);
		append_interval(&s, n, reference, low, high);
	}
	return s.data;
}
