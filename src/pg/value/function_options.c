/*
 * function_options.c - options of functions as jsonb, other than those of algorithms: the members of an object
 */
#include "pg/value/value.h"

#include "catalog/pg_type.h"

#include <math.h>

/* NULL for no options, which may be NULL; hint says how to write an object */
JsonbIterator *
fc_begin_options(Jsonb *options, const char *hint)
{
	JsonbIterator *it;
	JsonbValue	v;

	if (options == NULL)
		return NULL;
	if (!JB_ROOT_IS_OBJECT(options))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object"),
				 errhint("%s", hint)));
	it = JsonbIteratorInit(&options->root);
	(void) JsonbIteratorNext(&it, &v, false);
	return it;
}

/* The next one; false: there are no more */
bool
fc_next_option(JsonbIterator **it, const char **name, JsonbValue *v)
{
	if (*it == NULL || JsonbIteratorNext(it, v, true) != WJB_KEY)
		return false;
	*name = pnstrdup(v->val.string.val, v->val.string.len);
	return JsonbIteratorNext(it, v, true) == WJB_VALUE;
}

/* valid: the names that there are */
void
fc_reject_option_name(const char *name, const char *function, const char *valid)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized option \"%s\" for %s", fc_beginning_of(name), function),
			 errhint("Valid options are %s.", valid)));
}

/* A number, which must be an integer from least to most */
int32
fc_integer_option(const char *name, const JsonbValue *v, int32 least, int32 most)
{
	double		value = fc_number_from_datum(NUMERICOID, NumericGetDatum(v->val.numeric));

	if (!(value >= least && value <= most && value == rint(value)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be an integer from %d to %d, not %s", name, least, most, fc_double_text(value))));
	return (int32) value;
}
