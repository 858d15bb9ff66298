/*
 * rules.c - clusters as rules of a few conditions: cluster_rules
 *
 * Rules are found on a sample of the rows (row_sample.c), in which the model's memberships, times
 * the weights of rows, are what counts.  Conditions are on the columns of rows as they are, not
 * as the model scales them; a row that lacks a column satisfies none on it.
 *
 * If rows have many columns, only those that separate a cluster most from the others are tried
 * (explain.c).  Clusters are taken a few at a time: so the memory for memberships and columns does not
 * grow with their number, but the rows of the sample are scored again for each few.
 */
#include "pg/score/rules.h"

#include "utils/builtins.h"
#include "utils/memutils.h"

#include "core/explain.h"

#define FEW_COLUMNS			64	/* all of them are tried */
#define TRIED				16	/* of more columns, for each cluster ... */
#define FEW_CLUSTERS		4	/* ... of these that are taken together: FEW_COLUMNS in all */
#define CLUSTERS_TOGETHER	32	/* otherwise */

typedef struct RuleFinder
{
	ModelSlot	slot;
	FcField    *field;			/* (columns of the model) */
	int32		fields;
	RowSample	sample;
	FcSeparation separation;
	double	   *share;			/* (features) */

	/* of the clusters at hand */
	int32		first;
	int32		clusters;
	int32	   *column;			/* (rules.columns) which columns of the model are tried */
	int32	   *tried;			/* (clusters, TRIED) which of these for each; NULL: all */
	FcRules		rules;
	double	   *x;				/* (rules.columns, rows) */
	double	   *mass;			/* (clusters, rows) */
} RuleFinder;

/* ---- columns ---- */

static bool
has_few_columns(const RuleFinder *f)
{
	return f->fields <= FEW_COLUMNS;
}

static double
share_of_column(const RuleFinder *f, const FcField *at)
{
	double		sum = 0;

	for (int32 j = at->first; j < at->first + at->features; j++)
		sum += f->share[j];
	return sum;
}

/* Where a column of the model is among those that are tried, to which it is added if need be */
static int32
place_column(RuleFinder *f, int32 column)
{
	int32		at = 0;

	while (at < f->rules.columns && f->column[at] != column)
		at++;
	if (at == f->rules.columns)
		f->column[f->rules.columns++] = column;
	return at;
}

/* The columns that separate cluster c most, into tried (TRIED); sorted is work space (fields) */
static void
choose_tried(RuleFinder *f, int32 c, double *shares, int32 *tried)
{
	bool		differs = fc_separation_shares(&f->separation, c, f->share);

	for (int32 j = 0; j < f->fields; j++)
		shares[j] = differs ? share_of_column(f, &f->field[j]) : 0;
	for (int t = 0; t < TRIED; t++)
	{
		int32		best = 0;

		for (int32 j = 1; j < f->fields; j++)
			if (shares[j] > shares[best])
				best = j;
		shares[best] = -1;
		tried[t] = place_column(f, best);
	}
}

/* Of the clusters at hand */
static void
choose_columns(RuleFinder *f)
{
	double	   *shares;

	f->column = palloc(sizeof(int32) * FEW_COLUMNS);
	f->rules.columns = 0;
	f->tried = NULL;
	if (has_few_columns(f))
	{
		while (f->rules.columns < f->fields)
			(void) place_column(f, f->rules.columns);
		return;
	}
	shares = palloc(sizeof(double) * f->fields);
	f->tried = palloc(sizeof(int32) * TRIED * f->clusters);
	for (int32 c = 0; c < f->clusters; c++)
	{
		fc_check_interrupts(NULL);
		choose_tried(f, f->first + c, shares, f->tried + TRIED * c);
	}
}

/* ---- rows ---- */

/* Row number i of the rules, whose columns are these: its numbers, and its masses */
static void
take_row(RuleFinder *f, int32 i, const double *columns, double weight)
{
	FcScorer   *s = &f->slot.scorer;
	int32		n = f->rules.n;
	double		sum = 0;

	for (int32 j = 0; j < f->rules.columns; j++)
	{
		double		value = columns[f->column[j]];

		f->x[(Size) j * n + i] = f->field[f->column[j]].values && value < 0 ? NAN : value;
	}
	fc_score_row(s, f->slot.x);
	fc_score_memberships(s);
	for (int32 c = 0; c < f->slot.model.k; c++)
		sum += s->u[c];
	for (int32 c = 0; c < f->clusters; c++)
		f->mass[(Size) c * n + i] = weight * s->u[f->first + c];
	f->rules.weight[i] = weight;
	f->rules.total[i] = weight * Max(sum, 1);
}

static void
take_rows(RuleFinder *f)
{
	double	   *columns = palloc(sizeof(double) * f->fields);
	RowCursor	cursor;

	fc_cursor_begin_for(&cursor, &f->sample.rows, &f->slot);
	for (int64 i = 0; fc_cursor_next(&cursor); i++)
		if (fc_read_sampled_row(&cursor, &f->slot, columns))
			take_row(f, f->sample.place[i], columns, fc_cursor_weight(&cursor));
}

/* The rows as conditions see them */
static void
begin_rules(RuleFinder *f, const FcHooks *hooks)
{
	FcRules    *r = &f->rules;
	FcArena		arena;

	choose_columns(f);
	r->n = (int32) f->sample.rows.n;
	r->most_bins = 0;
	for (int32 j = 0; j < r->columns; j++)
		r->most_bins = Max(r->most_bins, f->field[f->column[j]].features);
	FC_LAY_OUT(&arena, fc_rules_layout(&arena, r));
	f->x = palloc(sizeof(double) * r->columns * r->n);
	f->mass = palloc(sizeof(double) * f->clusters * r->n);
	take_rows(f);
	for (int32 j = 0; j < r->columns; j++)
	{
		const FcField *at = &f->field[f->column[j]];
		const double *x = f->x + (Size) j * r->n;

		if (at->values)
			fc_rules_values(r, j, x, at->features);
		else
			fc_rules_numbers(r, j, x, hooks);
	}
	pfree(f->x);
}

/* ---- rules ---- */

static ClusterRule *
rule_of(const RuleFinder *f, int32 cluster, int number, const FcRule *rule, const QueryColumns *query)
{
	ClusterRule *result = palloc(sizeof(ClusterRule));
	RuleNames	names = {f->field, f->column, query};

	*result = (ClusterRule) {
		.cluster = cluster + 1, .number = number + 1, .words = fc_rule_words(&f->rules, rule, &names),
		.condition = fc_rule_condition(&f->rules, rule, &names),
		.coverage = rule->coverage, .purity = rule->purity, .rows = rule->rows
	};
	return result;
}

/* Appends those of the clusters at hand, in context */
static List *
add_rules(RuleFinder *f, const QueryColumns *query, MemoryContext context, List *list)
{
	FcHooks		hooks = {.check = fc_check_interrupts};
	int32	   *all = palloc(sizeof(int32) * FEW_COLUMNS);

	begin_rules(f, &hooks);
	for (int32 j = 0; j < f->rules.columns; j++)
		all[j] = j;
	for (int32 c = 0; c < f->clusters; c++)
	{
		FcRule		rule[FC_CLUSTER_RULES];
		int			n = fc_rules_find(&f->rules, f->mass + (Size) c * f->rules.n, f->tried ? f->tried + TRIED * c : all,
									  f->tried ? TRIED : f->rules.columns, &hooks, rule);
		MemoryContext old = MemoryContextSwitchTo(context);

		for (int i = 0; i < n; i++)
			list = lappend(list, rule_of(f, f->first + c, i, &rule[i], query));
		MemoryContextSwitchTo(old);
	}
	return list;
}

static void
begin_finder(RuleFinder *f, Datum model)
{
	FcArena		arena;

	fc_fill_slot(&f->slot, CurrentMemoryContext, model);
	f->fields = fc_model_columns(&f->slot.model);
	f->field = palloc_extended(sizeof(FcField) * f->fields, MCXT_ALLOC_HUGE);
	for (FcField at = fc_fields(&f->slot.model); fc_next_field(&at);)
		f->field[at.column] = at;
	FC_LAY_OUT(&arena, fc_separation_layout(&arena, &f->separation, &f->slot.model));
	fc_separation_begin(&f->separation);
	f->share = palloc(sizeof(double) * f->slot.model.d);
}

/*
 * Rules of the clusters of a model on rows, which the model takes: a list of ClusterRule.  query
 * says which columns the rows had.
 */
List *
fc_rules_of_rows(Datum model, RowStore *rows, const QueryColumns *query)
{
	MemoryContext result = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(result, "fuzzyclust rules", ALLOCSET_DEFAULT_SIZES);
	MemoryContext few;
	RuleFinder	f = {0};
	List	   *list = NIL;

	MemoryContextSwitchTo(context);
	few = AllocSetContextCreate(context, "fuzzyclust rules of clusters", ALLOCSET_DEFAULT_SIZES);
	begin_finder(&f, model);
	fc_sample_rows(rows, &f.slot, &f.sample);
	MemoryContextSwitchTo(few);
	for (f.first = 0; f.sample.rows.n > 0 && f.first < f.slot.model.k; f.first += f.clusters)
	{
		f.clusters = Min(has_few_columns(&f) ? CLUSTERS_TOGETHER : FEW_CLUSTERS, f.slot.model.k - f.first);
		list = add_rules(&f, query, result, list);
		MemoryContextReset(few);
	}
	fc_store_close(&f.sample.rows);
	MemoryContextSwitchTo(result);
	MemoryContextDelete(context);
	return list;
}

/* ---- the function ---- */

/* Those of its columns that are features; rejects the query where a training would */
static QueryColumns
columns_of_query(const char *query, const char *weight)
{
	const RawStmt *statement;

	return fc_split_columns(fc_query_columns(query, &statement), weight);
}

static void
put_rule(ResultSet *set, const ClusterRule *rule)
{
	Datum		values[7] = {Int32GetDatum(rule->cluster), Int32GetDatum(rule->number)};
	bool		nulls[7] = {false};

	values[2] = CStringGetTextDatum(rule->words);
	nulls[3] = rule->condition == NULL;
	values[3] = nulls[3] ? (Datum) 0 : CStringGetTextDatum(rule->condition);
	values[4] = Float8GetDatum(rule->coverage);
	values[5] = Float8GetDatum(rule->purity);
	values[6] = Int64GetDatum(rule->rows);
	tuplestore_putvalues(set->store, set->desc, values, nulls);
}

/*
 * cluster_rules(model bytea, query text, weight text)
 * returns setof (cluster int, rule int, words text, condition text, coverage float8, purity float8, rows bigint)
 *
 * What the rows of each cluster have in common: boxes of a few conditions, see core/rules.c.  The query runs like
 * that of a _train function; weight is its column with the weights of rows.
 */
PG_FUNCTION_INFO_V1(cluster_rules);
Datum
cluster_rules(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	RowStore	store = {0};
	QueryColumns columns;
	const char *weight;
	char	   *query;
	FcModel		m;
	ListCell   *cell;

	fc_refuse_null(fcinfo, 0, "model");
	fc_refuse_null(fcinfo, 1, "query");
	fc_model_from_datum(&m, PG_GETARG_DATUM(0));
	query = text_to_cstring(PG_GETARG_TEXT_PP(1));
	weight = PG_ARGISNULL(2) ? NULL : text_to_cstring(PG_GETARG_TEXT_PP(2));
	columns = columns_of_query(query, weight);
	fc_check_query_features(&columns, &m, "Select the features of the model, and no other column but the one of the argument \"weight\".");
	(void) fc_query_rows(list_make1(query), NULL, fc_missing(&m), weight, false, &store);
	fc_refuse_other_columns(&store, &m, "the model");
	foreach(cell, fc_rules_of_rows(PG_GETARG_DATUM(0), &store, &columns))
		put_rule(&set, lfirst(cell));
	fc_store_close(&store);
	return (Datum) 0;
}
