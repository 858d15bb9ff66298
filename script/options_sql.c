/*
 * options_sql.c - the SQL of each algorithm, printed from its table of options
 *
 * usage: options_sql [NAME | NAME_options]...
 *        options_sql --table
 *
 * Of each algorithm, or of those that are named: the aggregates NAME_fit with their
 * transition functions, NAME_train for a query and for several, and the builder
 * NAME_options, whose arguments, types and defaults are those of the table; or the
 * builder alone.  script/options-sql puts this into the script of the extension.
 *
 * With --table, a line for each option of each algorithm, for the reference: option,
 * algorithm, type, default, allowed values and help, with tabs between them.
 */
#include "core/fc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE	120				/* most characters of a line of types */
#define TAB		4

typedef void (*Printer) (const FcAlgorithm *algo);

/* ---- options ---- */

static const char *
type_of(const FcOption *o)
{
	switch (o->type)
	{
		case FC_NUMBER:
			return "float8";
		case FC_INTEGER:
			return "bigint";
		case FC_CHOICE:
			return "text";
		case FC_LIST:
			return "float8[]";
		case FC_COLUMN:
			return "text";
		case FC_START:
			return "\"any\"";
	}
	abort();
}

/* With as many digits as it takes to read it back; where a server has an exponent, so has this */
static void
print_number(double value)
{
	bool		large = fabs(value) >= 1e15;
	char		text[32];
	int			digits = large ? 0 : 15;

	do
		snprintf(text, sizeof(text), large ? "%.*e" : "%.*g", digits, value);
	while (strtod(text, NULL) != value && ++digits <= 17);
	fputs(text, stdout);
}

/* Within quotes */
static void
print_quoted(const char *text)
{
	for (; *text != '\0'; text++)
		printf(*text == '\'' ? "''" : "%c", *text);
}

static void
print_default(const FcOption *o)
{
	if (o->type == FC_LIST || isnan(o->initial))
		fputs("NULL", stdout);
	else if (o->choices == NULL)
		print_number(o->initial);
	else
	{
		putchar('\'');
		print_quoted(o->choices[(int) o->initial]);
		/* "any" would take an untyped literal as cstring */
		fputs(o->type == FC_START ? "'::text" : "'", stdout);
	}
}

/* ---- parts of the text ---- */

static void
print_name(const FcAlgorithm *algo)
{
	fputs(algo->name, stdout);
}

static void
print_title(const FcAlgorithm *algo)
{
	print_quoted(algo->title);
}

/* A line for each option */
static void
print_arguments(const FcAlgorithm *algo)
{
	for (int i = 0; i < fc_count_options(algo); i++)
	{
		const FcOption *o = fc_option_at(algo, i);

		printf("%s\n\t%s %s DEFAULT ", i ? "," : "", o->name, type_of(o));
		print_default(o);
	}
}

/* Characters of the line that comments on the builder, if it is one */
static int
width_of_comment(const FcAlgorithm *algo)
{
	int			width = (int) (strlen("COMMENT ON FUNCTION _options() IS") + strlen(algo->name));

	for (int i = 0; i < fc_count_options(algo); i++)
		width += (int) strlen(type_of(fc_option_at(algo, i))) + (i ? 2 : 0);
	return width;
}

/* The types alone: in one line with the rest of the comment, or in as many of their own as they need */
static void
print_types(const FcAlgorithm *algo)
{
	bool		fits = width_of_comment(algo) <= LINE;
	int			column = LINE;

	for (int i = 0; i < fc_count_options(algo); i++)
	{
		const char *type = type_of(fc_option_at(algo, i));
		int			width = (int) strlen(type) + 2;

		column += width;
		if (fits || column <= LINE)
			printf("%s%s", i ? ", " : "", type);
		else
		{
			printf("%s\n\t%s", i ? "," : "", type);
			column = TAB + width;
		}
	}
}

/* ---- the table ---- */

static void
print_value(const FcOption *o)
{
	if (o->type == FC_LIST || isnan(o->initial))
		fputs("auto", stdout);
	else if (o->choices)
		fputs(o->choices[(int) o->initial], stdout);
	else
		print_number(o->initial);
}

static void
print_allowed(const FcOption *o)
{
	if (o->type == FC_COLUMN)
	{
		fputs("a name", stdout);
		return;
	}
	if (o->choices == NULL)
	{
		print_number(o->min);
		fputs(" to ", stdout);
		print_number(o->max);
		return;
	}
	for (int i = 0; o->choices[i] != NULL && (o->type != FC_START || i < FC_INIT_CENTERS); i++)
		printf("%s%s", i ? ", " : "", o->choices[i]);
}

static void
print_table(const FcAlgorithm *algo)
{
	for (int i = 0; i < fc_count_options(algo); i++)
	{
		const FcOption *o = fc_option_at(algo, i);

		printf("%s\t%s\t%s\t", o->name, algo->name, type_of(o));
		print_value(o);
		putchar('\t');
		print_allowed(o);
		printf("\t%s\n", o->help);
	}
}

/* ---- the text ---- */

static const struct
{
	const char *name;
	Printer		print;
}			parts[] = {
	{"{name}", print_name},
	{"{title}", print_title},
	{"{arguments}", print_arguments},
	{"{types}", print_types},
};

static const char aggregates[] =
"\n"
"-- {title}\n"
"\n"
"CREATE FUNCTION {name}_accum(internal, \"any\", bigint) RETURNS internal\n"
"	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;\n"
"\n"
"COMMENT ON FUNCTION {name}_accum(internal, \"any\", bigint) IS 'transition function of {name}_fit';\n"
"\n"
"CREATE FUNCTION {name}_accum(internal, \"any\", bigint, jsonb) RETURNS internal\n"
"	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;\n"
"\n"
"COMMENT ON FUNCTION {name}_accum(internal, \"any\", bigint, jsonb) IS 'transition function of {name}_fit with options';\n"
"\n"
"CREATE FUNCTION {name}_accum(internal, \"any\", bigint, jsonb, float8) RETURNS internal\n"
"	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;\n"
"\n"
"COMMENT ON FUNCTION {name}_accum(internal, \"any\", bigint, jsonb, float8) IS\n"
"	'transition function of {name}_fit with options and weights';\n"
"\n"
"CREATE AGGREGATE {name}_fit(features \"any\", clusters bigint) (\n"
"	SFUNC = {name}_accum, STYPE = internal, SSPACE = 67108864,\n"
"	FINALFUNC = cluster_fit_final, PARALLEL = SAFE\n"
");\n"
"\n"
"COMMENT ON AGGREGATE {name}_fit(\"any\", bigint) IS\n"
"	'{title}: a model with the given number of clusters, trained on feature vectors';\n"
"\n"
"CREATE AGGREGATE {name}_fit(features \"any\", clusters bigint, options jsonb) (\n"
"	SFUNC = {name}_accum, STYPE = internal, SSPACE = 67108864,\n"
"	FINALFUNC = cluster_fit_final, PARALLEL = SAFE\n"
");\n"
"\n"
"COMMENT ON AGGREGATE {name}_fit(\"any\", bigint, jsonb) IS\n"
"	'{title}, with options, see {name}_options';\n"
"\n"
"CREATE AGGREGATE {name}_fit(features \"any\", clusters bigint, options jsonb, weight float8) (\n"
"	SFUNC = {name}_accum, STYPE = internal, SSPACE = 67108864,\n"
"	FINALFUNC = cluster_fit_final, PARALLEL = SAFE\n"
");\n"
"\n"
"COMMENT ON AGGREGATE {name}_fit(\"any\", bigint, jsonb, float8) IS\n"
"	'{title}, with options, which may be NULL, and a weight for each row';\n";

static const char train[] =
"\n"
"CREATE FUNCTION {name}_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea\n"
"	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;\n"
"\n"
"COMMENT ON FUNCTION {name}_train(text, bigint, jsonb) IS\n"
"	'{title}: a model with the given number of clusters, trained on the rows of a query';\n"
"\n"
"CREATE FUNCTION {name}_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea\n"
"	AS 'MODULE_PATHNAME', '{name}_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;\n"
"\n"
"COMMENT ON FUNCTION {name}_train(text[], bigint, jsonb) IS\n"
"	'{title}: a model with the given number of clusters, trained on the rows of several queries';\n";

static const char builder[] =
"\n"
"CREATE FUNCTION {name}_options({arguments}\n"
") RETURNS jsonb\n"
"	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;\n"
"\n"
"COMMENT ON FUNCTION {name}_options({types}) IS\n"
"	'options of {name}_fit; NULL means the default';\n";

/* A text, with the parts that it names in braces */
static void
print_text(const char *text, const FcAlgorithm *algo)
{
	while (*text != '\0')
	{
		size_t		part = 0;

		while (part < sizeof(parts) / sizeof(*parts) && strncmp(text, parts[part].name, strlen(parts[part].name)) != 0)
			part++;
		if (part == sizeof(parts) / sizeof(*parts))
			putchar(*text++);
		else
		{
			parts[part].print(algo);
			text += strlen(parts[part].name);
		}
	}
}

static void
print_algorithm(const FcAlgorithm *algo)
{
	print_text(aggregates, algo);
	print_text(train, algo);
	print_text(builder, algo);
}

/* An algorithm, or its builder; is there one? */
static bool
print_named(const char *name)
{
	for (const FcAlgorithm *const *a = fc_algorithms; *a != NULL; a++)
	{
		size_t		length = strlen((*a)->name);

		if (strncmp(name, (*a)->name, length) != 0)
			continue;
		if (name[length] == '\0')
			print_algorithm(*a);
		else if (strcmp(name + length, "_options") == 0)
			print_text(builder, *a);
		else
			continue;
		return true;
	}
	fprintf(stderr, "options_sql: there is no algorithm or builder \"%s\"\n", name);
	return false;
}

static void
print_all(Printer print)
{
	for (const FcAlgorithm *const *a = fc_algorithms; *a != NULL; a++)
		print(*a);
}

int
main(int argc, char **argv)
{
	bool		good = true;

	if (argc == 2 && strcmp(argv[1], "--table") == 0)
		print_all(print_table);
	else if (argc == 1)
		print_all(print_algorithm);
	else
		for (int i = 1; i < argc; i++)
			good &= print_named(argv[i]);
	return good && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
