/*
 * report.c - cluster_report: its arguments, and what it does one after the other
 *
 * A report is about a model that is passed, or about one in a registry, by its name.  In
 * either case the caller passes the query, which runs as the caller: that of a recipe belongs
 * to the owner of the registry, and would run with the privileges of whoever wants a report.
 */
#include "pg/report/report.h"

#include "utils/builtins.h"
#include "utils/jsonb.h"

/* ---- options ---- */

typedef struct OptionName
{
	const char *name;
	bool		text;			/* else a number */
	size_t		offset;			/* in ReportOptions */
} OptionName;

static const OptionName option_names[] = {
	{"title", true, offsetof(ReportOptions, title)},
	{"key", true, offsetof(ReportOptions, key)},
	{"weight", true, offsetof(ReportOptions, weight)},
	{"points", false, offsetof(ReportOptions, points)},
};

static const OptionName *
find_option(const char *name)
{
	for (int i = 0; i < (int) lengthof(option_names); i++)
		if (strcmp(option_names[i].name, name) == 0)
			return &option_names[i];
	fc_reject_option_name(name, "cluster_report", "title, key, weight, points");
}

static void
read_option(ReportOptions *options, const OptionName *o, const JsonbValue *v)
{
	void	   *field = (char *) options + o->offset;

	if (v->type == jbvNull)
		return;
	if (v->type != (o->text ? jbvString : jbvNumeric))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" must be a %s", o->name, o->text ? "string" : "number")));
	if (o->text)
		*(const char **) field = pnstrdup(v->val.string.val, v->val.string.len);
	else
		*(int32 *) field = fc_integer_option(o->name, v, 0, MOST_POINTS);
}

static void
read_options(ReportOptions *options, Jsonb *json)
{
	JsonbIterator *it = fc_begin_options(json, "Write an object, as in '{\"title\": \"Customers\"}'.");
	const char *name;
	JsonbValue	v;

	options->points = MOST_POINTS;
	while (fc_next_option(&it, &name, &v))
		read_option(options, find_option(name), &v);
	if (options->title)
		options->title = fc_svg_utf8(options->title);
}

/* ---- the model ---- */

static void
load_model(Report *r, Datum model)
{
	r->model = model;
	fc_fill_slot(&r->slot, CurrentMemoryContext, model);
	r->m = &r->slot.model;
	r->bytes = fc_model_size(r->m);
	fc_report_columns(r);
}

/* Arguments that both forms have: the query is the second */
static char *
begin(FunctionCallInfo fcinfo, Report *r)
{
	fc_refuse_null(fcinfo, 1, "query");
	*r = (Report) {.options = {.label = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2))}};
	read_options(&r->options, fc_options_argument(fcinfo, 3));
	return text_to_cstring(PG_GETARG_TEXT_PP(1));
}

static text *
finish(Report *r, const char *query)
{
	fc_report_rows(r, query);
	return fc_report_page(r);
}

/*
 * cluster_report(model bytea, query text, label text, options jsonb) returns text
 *
 * A page of HTML about the model and the rows of the query; label is its column with known
 * classes, or null.
 */
PG_FUNCTION_INFO_V1(cluster_report);
Datum
cluster_report(PG_FUNCTION_ARGS)
{
	Report		r;
	char	   *query;

	fc_refuse_null(fcinfo, 0, "model");
	query = begin(fcinfo, &r);
	load_model(&r, PG_GETARG_DATUM(0));
	PG_RETURN_TEXT_P(finish(&r, query));
}

/*
 * cluster_report(name text, query text, label text, options jsonb, version int, registry name)
 * returns text
 *
 * The same about a version of a model in a registry, with all its versions.
 */
PG_FUNCTION_INFO_V1(cluster_report_by_name);
Datum
cluster_report_by_name(PG_FUNCTION_ARGS)
{
	Report		r;
	char	   *query = begin(fcinfo, &r);
	ReportVersion v = {.registry = fc_registry_argument(fcinfo, 5), .number = fc_version_argument(fcinfo, 4)};
	const char *name = fc_name_argument(fcinfo, 0);

	load_model(&r, PointerGetDatum(fc_find_model(v.registry, name, &v.number)));
	v.name = fc_svg_utf8(name);
	v.versions = fc_read_versions(v.registry, name, &v.nversions);
	v.lineage = fc_read_lineage(v.registry, name, &v.nlineage);
	r.version = v;
	PG_RETURN_TEXT_P(finish(&r, query));
}
