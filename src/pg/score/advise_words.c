/*
 * advise_words.c - what cluster_advise says: statements, options and reasons
 */
#include "pg/score/advise.h"

#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#define MOST_LISTED		5		/* columns */
#define SURE			0.9		/* stability, and separation, of clusters that are clear ... */
#define DOUBTFUL		0.6		/* ... and of those that are doubtful */

/* ---- options and statement ---- */

static bool
takes_cosine(const FcAlgorithm *algo)
{
	return (algo->traits & FC_TAKES_COSINE) != 0;
}

/* As the text of a JSON object */
char *
fc_advise_options(const Advice *a, const FcAlgorithm *algo)
{
	StringInfoData json;

	initStringInfo(&json);
	appendStringInfoChar(&json, '{');
	if (a->rows.cosine && takes_cosine(algo))
		fc_json_add_string(&json, "distance", "cosine");
	if (a->rows.scaled)
		fc_json_add_string(&json, "scale", "zscore");
	if (a->rows.gaps)
		fc_json_add_string(&json, "missing", "mean");
	if (a->weight)
		fc_json_add_string(&json, "weight", a->weight);
	if (a->seed != 0)
		fc_json_add_integer(&json, "seed", (int64) a->seed);
	appendStringInfoChar(&json, '}');
	return json.data;
}

/* The name of a training function, with the schema of the extension if that is needed to find it */
static const char *
training_name(const FcAlgorithm *algo, Oid function)
{
	char	   *name = psprintf("%s_train", algo->name);
	Oid			schema = get_func_namespace(function);

	if (list_member_oid(fetch_search_path(true), schema))
		return name;
	return quote_qualified_identifier(get_namespace_name(schema), name);
}

/* function: one that is in the extension's schema */
char *
fc_advise_statement(const Advice *a, const Candidate *c, Oid function)
{
	const char *options = fc_advise_options(a, c->algo);
	StringInfoData s;

	initStringInfo(&s);
	appendStringInfo(&s, "SELECT %s(%s, %d", training_name(c->algo, function), quote_literal_cstr(a->query), c->k);
	if (strcmp(options, "{}") != 0)
		appendStringInfo(&s, ", %s", quote_literal_cstr(options));
	appendStringInfoString(&s, ") AS model");
	return s.data;
}

/* ---- columns ---- */

static const char *
column_text(const AdvisedRows *r, int32 j)
{
	if (r->column[j].name)
		return psprintf("\"%s\"", fc_beginning_of(fc_name_text(r->column[j].name)));
	return psprintf("%d", j + 1);
}

/* Adds a list of the columns that "is" true of, between two texts; nothing if there are none */
static void
add_columns(StringInfo s, const AdvisedRows *r, bool (*is) (const AdvisedColumn *column), const char *before, const char *after)
{
	int32		count = 0;

	for (int32 j = 0; j < r->d; j++)
	{
		if (!is(&r->column[j]))
			continue;
		if (count < MOST_LISTED)
			appendStringInfo(s, "%s%s", count == 0 ? before : ", ", column_text(r, j));
		count++;
	}
	if (count > MOST_LISTED)
		appendStringInfo(s, " and %d more", count - MOST_LISTED);
	if (count > 0)
		appendStringInfoString(s, after);
}

static bool
is_constant(const AdvisedColumn *column)
{
	return column->range == 0 && !column->indicator;
}

static bool
wants_logarithm(const AdvisedColumn *column)
{
	return column->power == FC_LOGARITHM && column->skewness > 0;
}

static bool
wants_root(const AdvisedColumn *column)
{
	return column->power != FC_AS_IT_IS && !wants_logarithm(column);
}

/* What to do about the columns, for which the statement alone cannot care */
static void
add_advice_on_columns(StringInfo s, const AdvisedRows *r)
{
	if (r->cosine)
		appendStringInfoString(s, " All rows have length 1, so they are compared by the cosine.");
	if (r->scaled)
		appendStringInfoString(s, r->store.categories.dictionaries ? " Numbers are scaled to be comparable with categories." :
							   " The spread of the columns differs by a factor of more than 3, so they are scaled to standard deviation 1.");
	if (r->gaps)
		appendStringInfoString(s, " What is missing counts as the mean of its column.");
	add_columns(s, r, is_constant, " Constant, so without effect: ", ".");
	add_columns(s, r, wants_logarithm, " Has a long tail: ", "; consider its logarithm, ln(x), in the query.");
	add_columns(s, r, wants_root, " Is lopsided: ", "; consider its square or cube root in the query.");
	if (r->twins[0] >= 0)
		appendStringInfo(s, " Columns %s and %s are correlated by %.2f and count twice; consider leaving one out.",
						 column_text(r, r->twins[0]), column_text(r, r->twins[1]), r->correlation);
}

/* ---- reasons ---- */

/* Why there is a row without a statement */
char *
fc_advise_no_clusters(const Advice *a)
{
	const AdvisedRows *r = &a->rows;
	StringInfoData s;

	initStringInfo(&s);
	if (a->comparable && !a->has_clusters)
		appendStringInfo(&s, "No clusters found: the best silhouette (%.2f with %d clusters) and the widest gap are those of random rows without structure; "
						 "what follows divides the rows, but does not discover groups.",
						 a->signs.silhouette, a->signs.clusters);
	else if (r->n < 8)
		appendStringInfo(&s, "Too few rows to advise on: %s.", fc_counted(r->all, "row"));
	else
		appendStringInfoString(&s, "Too few different rows to advise on: none of the algorithms finds so many clusters.");
	add_advice_on_columns(&s, r);
	return s.data;
}

static const char *
judgement(double value)
{
	return value >= SURE ? "" : value >= DOUBTFUL ? "only " : "as little as ";
}

/* Of a statement */
char *
fc_advise_reason(const Advice *a, const Candidate *c, int rank)
{
	bool		first = rank == 1;
	StringInfoData s;

	initStringInfo(&s);
	if (c->judged && !isnan(c->stability))
		appendStringInfo(&s, "Parts of the rows lead to the same clusters with an agreement of %s%.2f, and %s%.0f %% of the nearest neighbours in the least separated cluster are its own rows.",
						 judgement(c->stability), c->stability, judgement(c->separation), 100 * c->separation);
	else
		appendStringInfoString(&s, "Parts of the rows do not lead to clusters that can be compared.");
	if (first && !a->comparable)
		appendStringInfo(&s, " Of %s it cannot be said whether they have clusters at all.", fc_counted(a->rows.all, "row"));
	if (first && a->only_tails)
		appendStringInfoString(&s, " But on a scale on which columns have no long tails, no clusters are found.");
	if (first)
		add_advice_on_columns(&s, &a->rows);
	return s.data;
}
