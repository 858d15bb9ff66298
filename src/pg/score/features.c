/*
 * features.c - why: what the features have to do with clusters, and with the cluster of a row
 *
 * A result has a row for each column of the rows: a number, or a category.
 */
#include "pg/score/score.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "core/categories.h"
#include "core/explain.h"
#include "core/noise.h"
#include "core/optional.h"

#include <math.h>

/* What belongs to no feature, as names: what a cluster contributes by its size and shape, and how far noise is */
#define SIZE_AND_SHAPE	"(size and shape)"
#define NOISE_DISTANCE	"(noise distance)"

/* NULL if there is no text, or none in it; else in the encoding of the database */
static Datum
text_or_null(const char *text, bool *null)
{
	*null = text == NULL || *text == '\0';
	return *null ? (Datum) 0 : CStringGetTextDatum(fc_name_text(text));
}

/* The value of a category; it may be empty */
static Datum
category_value(const FcField *at, int32 code)
{
	return CStringGetTextDatum(fc_name_text(fc_nth_value(at->values, code)));
}

/* The part of a column in numbers of its features */
static double
sum_of(const double *part, const FcField *at)
{
	double		sum = 0;

	for (int32 j = at->first; j < at->first + at->features; j++)
		sum += part[j];
	return sum;
}

/* ---- clusters ---- */

/*
 * How many standard deviations a center's value is above the mean of all rows; 0 where
 * the feature was constant, NaN where the model does not know
 */
double
fc_standardized(FcModel *m, int32 j, double value)
{
	const double *moments = FC_MOMENTS(m);

	if (!FC_HAS(m, FC_WITH_MOMENTS))
		return NAN;
	return moments[m->d + j] > 0 ? (value - moments[j]) / moments[m->d + j] : 0;
}

/* A model, and what all its rows of a result need */
typedef struct FeatureTable
{
	FcModel		m;
	FcSeparation separation;
	double	   *center;			/* (d) of the cluster at hand */
	double	   *share;			/* (d) likewise */
	bool		differs;		/* whether its shares are known */
} FeatureTable;

static void
begin_table(FeatureTable *t, Datum model)
{
	FcArena		arena;

	fc_model_from_datum(&t->m, model);
	FC_LAY_OUT(&arena, fc_separation_layout(&arena, &t->separation, &t->m));
	fc_separation_begin(&t->separation);
	t->center = palloc(sizeof(double) * t->m.d);
	t->share = palloc(sizeof(double) * t->m.d);
}

/* A number at the center, or the likeliest value of a category and its share, which rounding could make more than 1 */
static void
put_column(ResultSet *set, FeatureTable *t, int32 c, const FcField *at)
{
	int32		j = at->first + (at->values ? fc_likeliest_value(t->center + at->first, at->features) : 0);
	Datum		values[7] = {Int32GetDatum(c + 1), Int32GetDatum(at->column + 1)};
	bool		nulls[7] = {false};

	CHECK_FOR_INTERRUPTS();
	values[2] = text_or_null(at->name, &nulls[2]);
	values[3] = Float8GetDatum(at->values ? Min(t->center[j], 1) : t->center[j]);
	nulls[4] = at->values == NULL;
	values[4] = nulls[4] ? (Datum) 0 : category_value(at, j - at->first);
	values[5] = fc_float8_or_null(fc_standardized(&t->m, j, t->center[j]), &nulls[5]);
	values[6] = fc_float8_or_null(t->differs ? sum_of(t->share, at) : NAN, &nulls[6]);
	tuplestore_putvalues(set->store, set->desc, values, nulls);
}

/*
 * cluster_features(model bytea)
 * returns setof (cluster int, feature int, name text, value float8, category text, z float8, share float8)
 *
 * The centers in long form: value is the feature's value at the center, in its own units,
 * z the same in standard deviations from the mean of all rows, and share the part that the
 * feature has in what separates the cluster from the others: see explain.c.  Of a category
 * it is the likeliest one, with its share of the cluster as value.
 */
PG_FUNCTION_INFO_V1(cluster_features);
Datum
cluster_features(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	FeatureTable t;

	begin_table(&t, PG_GETARG_DATUM(0));
	for (int32 c = 0; c < t.m.k; c++)
	{
		fc_unscale_center(&t.m, c, t.center);
		t.differs = fc_separation_shares(&t.separation, c, t.share);
		for (FcField at = fc_fields(&t.m); fc_next_field(&at);)
			put_column(&set, &t, c, &at);
	}
	return (Datum) 0;
}

/* ---- a row ---- */

/* What a column contributes; of number -1: what belongs to none */
typedef struct Reason
{
	FcField		of;
	double		contribution;
} Reason;

static int
compare_reasons(const void *a, const void *b)
{
	const Reason *x = a;
	const Reason *y = b;
	double		difference = fabs(y->contribution) - fabs(x->contribution);

	return difference > 0 ? 1 : difference < 0 ? -1 : x->of.column < y->of.column ? -1 : 1;
}

/* Sorted by size; returns how many */
static int32
find_reasons(ModelSlot *slot, int32 first, int32 second, Reason *reason)
{
	int32		d = slot->model.d;
	double	   *contribution = palloc(sizeof(double) * 3 * d);
	double		rest = fc_explain_row(&slot->scorer, slot->x, first, second, contribution, contribution + d);
	int32		n = 0;

	for (FcField at = fc_fields(&slot->model); fc_next_field(&at);)
		reason[n++] = (Reason) {at, sum_of(contribution, &at)};
	if (rest != 0)
		reason[n++] = (Reason) {{.column = -1, .name = fc_has_noise(&slot->model) ? NOISE_DISTANCE : SIZE_AND_SHAPE}, rest};
	qsort(reason, n, sizeof(Reason), compare_reasons);
	pfree(contribution);
	return n;
}

/* Of the row's features x (d): which value the category has; -1: none of its values */
static int32
code_of(const double *x, const FcField *at)
{
	for (int32 l = 0; l < at->features; l++)
		if (x[at->first + l] == 1)
			return l;
	return -1;
}

static void
put_reason(ResultSet *set, const double *x, int32 first, int32 second, const Reason *reason)
{
	const FcField *at = &reason->of;
	bool		none = at->column < 0;
	int32		code = at->values ? code_of(x, at) : -1;
	Datum		values[7] = {Int32GetDatum(first + 1), Int32GetDatum(second + 1), Int32GetDatum(at->column + 1)};
	bool		nulls[7] = {false, false, none};

	CHECK_FOR_INTERRUPTS();
	values[3] = text_or_null(at->name, &nulls[3]);
	values[4] = fc_float8_or_null(none || at->values ? NAN : x[at->first], &nulls[4]);
	nulls[5] = code < 0;
	values[5] = nulls[5] ? (Datum) 0 : category_value(at, code);
	values[6] = fc_float8_or_null(reason->contribution, &nulls[6]);
	tuplestore_putvalues(set->store, set->desc, values, nulls);
}

/*
 * cluster_explain(model bytea, features "any", top_n int) returns setof (cluster int, runner_up int,
 * feature int, name text, value float8, category text, contribution float8)
 *
 * Why a row is in its cluster and not in the next one: contributions of the features add up
 * to the distance to the second nearest center less that to the nearest, as the kernel
 * measures.  Largest first; of one cluster there are none.  Of a row in the noise cluster, 0, they
 * say why it is not in the cluster of the nearest center, which is the next one; and noise is the
 * next one where there is only one cluster.
 */
PG_FUNCTION_INFO_V1(cluster_explain);
Datum
cluster_explain(PG_FUNCTION_ARGS)
{
	ResultSet	set = fc_begin_set(fcinfo);
	int32		top_n = fc_top_n_argument(fcinfo);
	ModelSlot  *slot;
	Scoring    *s;
	int32		first;
	int32		second;
	int32		n;
	Reason	   *reason;

	if (PG_ARGISNULL(0) || PG_ARGISNULL(1))
		return (Datum) 0;
	s = fc_scoring_of(fcinfo, sizeof(Scoring));
	slot = fc_scoring_slot(fcinfo, s);
	fc_refuse_without(slot->model.algo, fc_explains, "", "distances that are sums over the features");
	if (!fc_read_features(slot, s->reader, PG_GETARG_DATUM(1)))
		return (Datum) 0;
	fc_score_row(&slot->scorer, slot->x);
	first = fc_score_nearest(&slot->scorer);
	if (!fc_score_second(&slot->scorer, first, &second))
		return (Datum) 0;
	reason = palloc(sizeof(Reason) * ((Size) fc_model_columns(&slot->model) + 1));
	n = find_reasons(slot, first, second, reason);
	for (int32 i = 0; i < n && i < top_n; i++)
		put_reason(&set, slot->x, first, second, &reason[i]);
	return (Datum) 0;
}
