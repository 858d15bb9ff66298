/*
 * options.c - options of plots as jsonb: reading and checking them
 */
#include "pg/value/value.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "pg/plot/figure.h"
#include "pg/plot/options.h"

#define USUAL_ELLIPSES 2.0		/* for true */
#define MOST_DEVIATIONS 10.0
#define MOST_CLIPPED 0.5

typedef enum OptionType
{
	OPTION_TEXT,				/* const char * */
	OPTION_NAMES,				/* JsonbContainer * */
	OPTION_BOOL,				/* bool */
	OPTION_NUMBER,				/* double, from 0 to "most" */
	OPTION_SWITCH,				/* likewise; true is "usual" */
	OPTION_LOG					/* bool, as a word */
} OptionType;

typedef struct Option
{
	const char *name;
	OptionType	type;
	size_t		at;				/* in the struct */
	double		most;
	double		usual;
} Option;

static const Option plot_options[] = {
	{"title", OPTION_TEXT, offsetof(PlotOptions, title), 0, 0},
	{"x_label", OPTION_TEXT, offsetof(PlotOptions, x_label), 0, 0},
	{"y_label", OPTION_TEXT, offsetof(PlotOptions, y_label), 0, 0},
	{"names", OPTION_NAMES, offsetof(PlotOptions, names), 0, 0},
	{"centers", OPTION_BOOL, offsetof(PlotOptions, centers), 0, 0},
	{"ellipses", OPTION_SWITCH, offsetof(PlotOptions, ellipses), MOST_DEVIATIONS, USUAL_ELLIPSES},
	{"x_axis", OPTION_LOG, offsetof(PlotOptions, x_log), 0, 0},
	{"y_axis", OPTION_LOG, offsetof(PlotOptions, y_log), 0, 0},
	{"clip", OPTION_NUMBER, offsetof(PlotOptions, clip), MOST_CLIPPED, 0},
	{"hover", OPTION_BOOL, offsetof(PlotOptions, hover), 0, 0},
	{NULL, OPTION_TEXT, 0, 0, 0}
};

static const char *const scales[] = {[PANEL_LINEAR] = "linear", [PANEL_LOG] = "log", [PANEL_AUTO] = "auto", NULL};

/* ---- errors ---- */

static const char *
type_text(const JsonbValue *v)
{
	switch (v->type)
	{
		case jbvString:
			return "a string";
		case jbvNumeric:
			return "a number";
		case jbvBool:
			return "a boolean";
		case jbvBinary:
			return JsonContainerIsObject(v->val.binary.data) ? "an object" : "an array";
		default:
			return "null";
	}
}

static const char *
wanted_text(OptionType type)
{
	switch (type)
	{
		case OPTION_TEXT:
			return "a string";
		case OPTION_NAMES:
			return "an object of names, each under a cluster";
		case OPTION_BOOL:
			return "a boolean";
		case OPTION_NUMBER:
			return "a number";
		case OPTION_SWITCH:
			return "a boolean or a number";
		case OPTION_LOG:
			return "\"linear\" or \"log\"";
	}
	return NULL;
}

pg_noreturn static void
reject_type(const char *name, const char *wanted, const JsonbValue *v)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" must be %s, not %s", name, wanted, type_text(v))));
}

pg_noreturn static void
reject_word(const char *name, const char *word, const char *const *words)
{
	StringInfoData list;

	initStringInfo(&list);
	for (; *words != NULL; words++)
		fc_append_item(&list, *words);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("option \"%s\" cannot be \"%s\"", name, fc_beginning_of(word)),
			 errhint("Valid values are %s.", list.data)));
}

/* ---- values ---- */

static char *
string_of(const JsonbValue *v)
{
	return pnstrdup(v->val.string.val, v->val.string.len);
}

/* In UTF-8; an empty text counts as none */
static const char *
read_text(const char *name, const JsonbValue *v)
{
	if (v->type != jbvString)
		reject_type(name, wanted_text(OPTION_TEXT), v);
	return v->val.string.len == 0 ? NULL : fc_svg_utf8(string_of(v));
}

static double
read_number(const Option *o, const JsonbValue *v)
{
	double		number;

	if (v->type == jbvBool && o->type == OPTION_SWITCH)
		return v->val.boolean ? o->usual : 0;
	if (v->type != jbvNumeric)
		reject_type(o->name, wanted_text(o->type), v);
	number = fc_number_from_datum(NUMERICOID, NumericGetDatum(v->val.numeric));
	if (!(number >= 0 && number <= o->most))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("option \"%s\" is out of range: %s", o->name, fc_double_text(number)),
				 errdetail("Valid values are numbers from 0 to %s.", fc_double_text(o->most))));
	return number;
}

/* The place of a word in a list that ends with NULL */
static int
read_word(const char *name, const JsonbValue *v, const char *const *words, const char *wanted)
{
	char	   *word;

	if (v->type != jbvString)
		reject_type(name, wanted, v);
	word = string_of(v);
	for (int i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], word) == 0)
			return i;
	reject_word(name, word, words);
}

static JsonbContainer *
read_names(const char *name, const JsonbValue *v)
{
	JsonbIterator *it;
	JsonbIteratorToken token;
	JsonbValue	member;

	if (v->type != jbvBinary || !JsonContainerIsObject(v->val.binary.data))
		reject_type(name, wanted_text(OPTION_NAMES), v);
	it = JsonbIteratorInit(v->val.binary.data);
	while ((token = JsonbIteratorNext(&it, &member, true)) != WJB_DONE)
		if (token == WJB_VALUE && member.type != jbvString)
			reject_type(name, "an object of strings", &member);
	return v->val.binary.data;
}

static void
read_option(const Option *o, const JsonbValue *v, void *to)
{
	static const char *const axes[] = {"linear", "log", NULL};

	switch (o->type)
	{
		case OPTION_TEXT:
			*(const char **) to = read_text(o->name, v);
			break;
		case OPTION_NAMES:
			*(JsonbContainer **) to = read_names(o->name, v);
			break;
		case OPTION_BOOL:
			if (v->type != jbvBool)
				reject_type(o->name, wanted_text(o->type), v);
			*(bool *) to = v->val.boolean;
			break;
		case OPTION_NUMBER:
		case OPTION_SWITCH:
			*(double *) to = read_number(o, v);
			break;
		case OPTION_LOG:
			*(bool *) to = read_word(o->name, v, axes, wanted_text(o->type)) == 1;
			break;
	}
}

/* ---- of scatter plots ---- */

static const Option *
find_option(const char *name)
{
	StringInfoData list;

	for (const Option *o = plot_options; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	initStringInfo(&list);
	for (const Option *o = plot_options; o->name != NULL; o++)
		fc_append_item(&list, o->name);
	fc_reject_option_name(name, "cluster_plot", list.data);
}

PlotOptions *
fc_plot_options(Jsonb *options)
{
	PlotOptions *o = palloc0(sizeof(PlotOptions));
	JsonbIterator *it = fc_begin_options(options, "Write an object as in '{\"centers\": true}'.");
	const char *name;
	JsonbValue	v;

	while (fc_next_option(&it, &name, &v))
	{
		const Option *option = find_option(name);

		if (v.type != jbvNull)
			read_option(option, &v, (char *) o + option->at);
	}
	return o;
}

const char *
fc_cluster_name(const PlotOptions *o, const char *cluster)
{
	JsonbValue	name;

	if (o->names == NULL ||
		getKeyJsonValueFromContainer(o->names, cluster, (int) strlen(cluster), &name) == NULL || name.val.string.len == 0)
		return NULL;
	return fc_svg_utf8(string_of(&name));
}

/* ---- of histories ---- */

HistoryOptions
fc_history_options(Jsonb *options)
{
	HistoryOptions o = {.scale = PANEL_AUTO};
	JsonbIterator *it = fc_begin_options(options, "Write an object as in '{\"y_axis\": \"log\"}'.");
	const char *name;
	JsonbValue	v;

	while (fc_next_option(&it, &name, &v))
	{
		bool		title = strcmp(name, "title") == 0;

		if (!title && strcmp(name, "y_axis") != 0)
			fc_reject_option_name(name, "cluster_plot_history", "title, y_axis");
		if (v.type == jbvNull)
			continue;
		if (title)
			o.title = read_text(name, &v);
		else
			o.scale = read_word(name, &v, scales, "a word");
	}
	return o;
}
