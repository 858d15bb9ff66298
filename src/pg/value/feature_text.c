/*
 * feature_text.c - vectors of features written as text
 *
 * Text, untyped literals and parameters, json and jsonb contain numbers
 * between braces, like arrays, between brackets, like JSON and pgvector, or
 * between parentheses, like rows: {5.1,3.5}, [5.1, 3.5], (5.1,3.5).  Any type
 * of the string category will do, since its output function gives the text.
 * Numbers are what float8 takes; a null is a missing feature; in text a number
 * may have quotes, with which some drivers write arrays.
 *
 * The array is not read by array_in(), whose errors do not identify the wrong
 * number.
 */
#include "pg/value/value.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/lsyscache.h"

#include <errno.h>
#include <float.h>
#include <math.h>

#define SPACE			" \t\n\r\f\v"
#define FIRST_ROOM		16
#define ENDS			",}])"			/* of a word */
#define UNFINISHED		"It ends before the list of numbers is complete."

/* ---- types ---- */

bool
fc_is_written(Oid type)
{
	char		category;
	bool		preferred;

	if (type == JSONOID || type == JSONBOID || type == UNKNOWNOID)
		return true;
	get_type_category_preferred(type, &category, &preferred);
	return category == TYPCATEGORY_STRING;
}

/* r->kind is FEATURE_TEXT or FEATURE_JSON; an untyped literal is a cstring already */
void
fc_begin_written(FeatureReader *r, Oid type)
{
	Oid			out;
	bool		varlena;

	r->kind = type == JSONOID || type == JSONBOID ? FEATURE_JSON : FEATURE_TEXT;
	r->precision = FC_F64;
	if (type == UNKNOWNOID)
		return;
	getTypeOutputInfo(type, &out, &varlena);
	fmgr_info_cxt(out, &r->output, r->context);
}

/* ---- refusing ---- */

static void
reject_text(const FeatureReader *r, const char *text, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("invalid %s of features: \"%s\"", r->kind == FEATURE_JSON ? "JSON" : "text", fc_beginning_of(text)),
			 detail ? errdetail("%s", detail) : 0,
			 r->kind == FEATURE_JSON ?
			 errhint("Use an array of numbers, as in [1,2]; extract the values of an object, as in ARRAY[(x->>'a')::float8, (x->>'b')::float8].") :
			 errhint("Write the numbers between braces or brackets, as in {1,2} or [1,2].")));
}

static void
reject_word(int32 feature, const char *word, const char *end)
{
	while (end > word && strchr(SPACE, end[-1]))
		end--;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("feature %d is not a number: \"%s\"", feature, fc_beginning_of(pnstrdup(word, end - word)))));
}

static void
reject_nested(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
			 errmsg("feature array must have one dimension"),
			 errhint("Write the numbers of one row, as in {1,2} or [1,2].")));
}

/* ---- reading ---- */

static const char *
skip_space(const char *p)
{
	return p + strspn(p, SPACE);
}

/* Behind the bounds of an array that does not begin at 1, as in [0:1]={3,4} */
static const char *
skip_bounds(const char *p)
{
	const char *digits = "+-0123456789";
	const char *q = p + 1;

	if (*p != '[')
		return p;
	q += strspn(q, digits);
	if (*q != ':')
		return p;
	q++;
	q += strspn(q, digits);
	return strncmp(q, "]={", 3) == 0 ? q + 2 : p;
}

/* The number from word to end, and nothing else */
static double
read_number(int32 feature, const char *word, const char *end)
{
	char	   *stop;
	double		value;

	errno = 0;
	value = strtod(word, &stop);
	if (stop == word || skip_space(stop) < end || stop > end)
		reject_word(feature, word, end);
	/* beyond double precision it is too large, not infinite */
	return errno == ERANGE && isinf(value) ? copysign(DBL_MAX, value) : value;
}

static void
make_room(FeatureReader *r, int32 d)
{
	MemoryContext old;
	int32		room = Max(FIRST_ROOM, 2 * r->room);

	if (d <= r->room)
		return;
	if (d > FC_MAX_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many features: more than %d", FC_MAX_COLUMNS)));
	old = MemoryContextSwitchTo(r->context);
	r->numbers = r->room ? repalloc(r->numbers, sizeof(double) * room) : palloc(sizeof(double) * room);
	r->nulls = r->room ? repalloc(r->nulls, sizeof(bool) * room) : palloc(sizeof(bool) * room);
	r->room = room;
	MemoryContextSwitchTo(old);
}

/* The word null, or nothing at all in a row */
static bool
is_null(const char *word, const char *end, char close)
{
	return (end - word == 4 && pg_strncasecmp(word, "null", 4) == 0) || (end == word && close == ')');
}

/* One more feature, which begins at p; returns where the comma or the end of the list is */
static const char *
read_feature(FeatureReader *r, const char *p, char close, const char *text)
{
	bool		quoted = *p == '"' && r->kind == FEATURE_TEXT;
	const char *word = quoted ? p + 1 : p;
	const char *end = word + strcspn(word, quoted ? "\"" : ENDS);
	int32		feature = r->d + 1;

	if (*p == '{' || *p == '[' || *p == '(')
		reject_nested();
	if (*end == '\0')
		reject_text(r, text, UNFINISHED);
	make_room(r, feature);
	while (!quoted && end > word && strchr(SPACE, end[-1]))
		end--;
	r->nulls[r->d] = !quoted && is_null(word, end, close);
	r->numbers[r->d] = r->nulls[r->d] ? NAN : read_number(feature, word, end);
	r->d = feature;
	p = skip_space(quoted ? end + 1 : end);
	if (*p == '\0')
		reject_text(r, text, UNFINISHED);
	if (strchr(ENDS, *p) == NULL)
		reject_word(feature, word, p + strcspn(p, ENDS));
	return p;
}

static void
read_list(FeatureReader *r, const char *text)
{
	const char *p = skip_space(text);
	const char *open = r->kind == FEATURE_TEXT ? skip_bounds(p) : p;
	char		close = *open == '{' ? '}' : *open == '(' ? ')' : ']';

	if (*open != '[' && ((*open != '{' && *open != '(') || r->kind == FEATURE_JSON))
		reject_text(r, text, NULL);
	p = skip_space(open + 1);
	r->d = 0;
	if (*p == close)
		ereport(ERROR,
				(errcode(ERRCODE_ARRAY_SUBSCRIPT_ERROR),
				 errmsg("feature array must not be empty")));
	for (;;)
	{
		p = read_feature(r, p, close, text);
		if (*p != ',')
			break;
		p = skip_space(p + 1);
	}
	if (*p != close)
		reject_text(r, text, "Its brackets do not match.");
	if (*skip_space(p + 1) != '\0')
		reject_text(r, text, "More text follows the list of numbers.");
}

static const char *
text_of(FeatureReader *r)
{
	return r->output.fn_oid == InvalidOid ? DatumGetCString(r->value) : OutputFunctionCall(&r->output, r->value);
}

/* Reads r->value into r->numbers and r->nulls (r->d) */
void
fc_open_written(FeatureReader *r)
{
	read_list(r, text_of(r));
}

/* A feature of the vector at hand, from 1, as it is written */
const char *
fc_written_feature(FeatureReader *r, int32 feature)
{
	const char *p = skip_bounds(skip_space(text_of(r))) + 1;

	while (--feature > 0)
		p = strchr(p, ',') + 1;
	p += strspn(p, SPACE "\"");
	return fc_beginning_of(pnstrdup(p, strcspn(p, SPACE ENDS "\"")));
}
