/*
 * drift.c - changes of clusters from an old model to a new one: cluster_drift
 *
 * Both models score a sample of the rows, at most SAMPLE_ROWS of them, and
 * always the same ones for the same number of rows.  From it core/match.c
 * finds the corresponding clusters, and core/lineage.c what became of each; the
 * new model can then be given the old numbers.  Validity is measured on the same sample, for both models, so that
 * the two can be compared.
 *
 * The noise cluster keeps its number, 0: it is matched with that of the other model only.
 */
#include "pg/registry/registry.h"

#include "core/direction.h"
#include "core/match.h"
#include "core/noise.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include <math.h>

#define NOISE			(-1)	/* the cluster of rows that are noise ... */
#define UNKNOWN			(-2)	/* ... and of which the model knows no value */

/* A model and its scores of the sample */
typedef struct Scored
{
	ModelSlot	slot;
	int32	   *cluster;		/* (rows) from 0, or NOISE, or UNKNOWN */
	float	   *membership;		/* (rows) in that cluster */
	bool	   *outlier;		/* (rows) of that cluster */
	double		outliers;		/* their weight */
	double		noise;			/* that of rows that are noise */
	Validity	validity;
} Scored;

typedef struct Comparison
{
	RowStore	sample;
	double	   *weight;			/* (rows) 1 on average */
	Scored		old;
	Scored		new;
	FcMatching	matching;
	FcLineage	lineage;
	double		changed;		/* weight of rows whose cluster is not the partner of the one before ... */
	double		to_noise;		/* ... and, among them, of those that have become noise ... */
	double		from_noise;		/* ... or were it */
} Comparison;

/* ---- the sample ---- */

/*
 * Each row is as likely as any other, and keeps its weight; which are taken depends on their number alone.
 * Those that one of the models does not score are left out; old may be NULL.
 */
static void
take_sample(RowStore *store, const FcModel *old, const FcModel *new, RowStore *sample)
{
	double	   *row = palloc(sizeof(double) * store->d);
	int64		wanted = Min(store->n, SAMPLE_ROWS);
	int64		left = store->n;
	RowCursor	cursor;
	FcRng		rng;

	fc_rng_start(&rng, 0, 0);
	fc_store_begin_part(sample, store);
	for (fc_cursor_begin(&cursor, store); fc_cursor_next(&cursor); left--)
		if (fc_rng_below(&rng, left) < wanted)
		{
			wanted--;
			fc_cursor_get(&cursor, row);
			if (!fc_takes_row(new, store, row) || (old && !fc_takes_row(old, store, row)))
				continue;
			fc_store_weigh(sample, fc_cursor_weight(&cursor));
			fc_store_add_doubles(sample, row);
		}
}

/* Of a sample's rows */
static double *
mean_weights(RowStore *sample)
{
	double	   *weight = palloc(sizeof(double) * sample->n);
	RowCursor	cursor;

	fc_cursor_begin(&cursor, sample);
	for (int64 i = 0; fc_cursor_next(&cursor); i++)
		weight[i] = sample->weights.given ? fc_cursor_weight(&cursor) * ((double) sample->n / sample->weights.total) : 1;
	return weight;
}

/* ---- scores ---- */

static void
score_sample(Scored *s, bytea *model, RowStore *sample, const double *weight)
{
	FcScorer   *scorer = &s->slot.scorer;
	RowCursor	cursor;

	s->cluster = palloc(sizeof(int32) * sample->n);
	s->membership = palloc(sizeof(float) * sample->n);
	s->outlier = palloc(sizeof(bool) * sample->n);
	fc_cursor_begin_for(&cursor, sample, &s->slot);
	for (int64 i = 0; fc_cursor_next(&cursor); i++)
	{
		s->cluster[i] = UNKNOWN;
		if (!fc_cursor_features(&cursor, s->slot.x))
			continue;
		fc_score_row(scorer, s->slot.x);
		s->cluster[i] = fc_score_nearest(scorer);
		s->outlier[i] = fc_score_is_outlier(scorer);
		s->outliers += s->outlier[i] ? weight[i] : 0;
		s->noise += s->cluster[i] == NOISE ? weight[i] : 0;
		fc_score_memberships(scorer);
		s->membership[i] = (float) scorer->u[s->cluster[i] == NOISE ? scorer->model->k : s->cluster[i]];
	}
	fc_validity_of_rows(model, sample, &s->validity);
}

/* ---- partners ---- */

static void
lay_out(FcArena *a, FcMatching *matching, FcLineage *lineage, const FcModel *old, const FcModel *new)
{
	fc_match_layout(a, matching, old, new);
	fc_lineage_layout(a, lineage, matching);
}

/* Of two models of which no more need be known than clusters and features */
void
fc_check_matchable(const FcModel *old, const FcModel *new)
{
	FcArena		arena = {0};
	FcMatching	matching;
	FcLineage	lineage;
	Size		size;

	lay_out(&arena, &matching, &lineage, old, new);
	size = arena.used;
	if (size / 1024 > (Size) maintenance_work_mem)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("cannot match %d with %s within maintenance_work_mem", old->k, fc_counted(new->k, "cluster")),
				 errdetail("This requires %zu MB, but maintenance_work_mem is %d MB.",
						   size / (1024 * 1024) + 1, maintenance_work_mem / 1024),
				 errhint("Raise maintenance_work_mem.")));
}

/* Do both models have a cluster for row i of the sample? */
static bool
is_clustered(const Comparison *c, int64 i)
{
	return c->old.cluster[i] >= 0 && c->new.cluster[i] >= 0;
}

static void
count_changes(Comparison *c)
{
	for (int64 i = 0; i < c->sample.n; i++)
	{
		int32		old = c->old.cluster[i];
		int32		new = c->new.cluster[i];

		if ((old >= 0 ? c->matching.match[old] : old) == new)
			continue;
		c->changed += c->weight[i];
		c->to_noise += new == NOISE ? c->weight[i] : 0;
		c->from_noise += old == NOISE ? c->weight[i] : 0;
	}
}

static void
find_partners(Comparison *c)
{
	FcMatching *t = &c->matching;
	const FcModel *old = &c->old.slot.model;
	const FcModel *new = &c->new.slot.model;
	FcArena		arena;

	fc_check_matchable(old, new);
	FC_LAY_OUT(&arena, lay_out(&arena, t, &c->lineage, old, new));
	fc_match_begin(t);
	for (int64 i = 0; i < c->sample.n; i++)
		if (is_clustered(c, i))
			fc_match_add(t, c->old.cluster[i], c->new.cluster[i], c->weight[i]);
	fc_match_finish(t, fc_check_interrupts, NULL);
	count_changes(c);
}

/* Once partners have been found */
static void
find_lineage(Comparison *c)
{
	fc_lineage_begin(&c->lineage);
	for (int64 i = 0; i < c->sample.n; i++)
		if (c->old.cluster[i] != UNKNOWN && c->new.cluster[i] != UNKNOWN)
			fc_lineage_add(&c->lineage, c->old.cluster[i], c->new.cluster[i],
						   c->weight[i] * ((double) c->old.membership[i] * c->new.membership[i]),
						   c->old.outlier[i], c->new.outlier[i]);
	fc_lineage_finish(&c->lineage, fc_check_interrupts, NULL);
}

/* The new model with the numbers that its clusters are to have */
static bytea *
renumbered(bytea *model, const FcMatching *t)
{
	FcModel		m;

	fc_model_from_datum(&m, PointerGetDatum(model));
	fc_model_permute(&m, t->place, palloc(sizeof(int32) * m.k));
	return fc_model_to_datum(&m);
}

/* ---- the report ---- */

/*
 * How far a center has moved in the units of the features, or 1 - cos; a value of a category that only one
 * model knows has no share in the other
 */
static double
distance_moved(const FcMatching *t, int32 a, int32 b)
{
	double	   *from = palloc(sizeof(double) * t->old->d);
	double	   *to = palloc(sizeof(double) * t->old->d);
	double	   *own = palloc(sizeof(double) * t->new->d);
	double		squares;

	fc_unscale_center(t->old, a, from);
	fc_unscale_center(t->new, b, own);
	fc_match_translate(t, own, to);
	squares = fc_squared_distance(from, to, t->old->d);
	for (int32 j = 0; j < t->old->d; j++)
		if (t->map[j] >= 0)
			own[t->map[j]] = 0;
	squares += fc_inner_product(own, own, t->new->d);
	pfree(from);
	pfree(to);
	pfree(own);
	return fc_measures_cosine(t->old) && fc_measures_cosine(t->new) ? squares / 2 : sqrt(squares);
}

/*
 * The same in radii of the old cluster, as the old model measures; NaN where it
 * measures in another space than that of the centers
 */
static double
radii_moved(Scored *old, int32 a, const FcMatching *t, int32 b, double *work)
{
	const FcModel *m = &old->slot.model;

	if ((m->algo->traits & FC_EMBEDS) || m->radius[a] <= 0)
		return NAN;
	fc_unscale_center(t->new, b, work);
	fc_match_translate(t, work, old->slot.x);
	fc_score_row(&old->slot.scorer, old->slot.x);
	return fc_score_length(&old->slot.scorer, a) / m->radius[a];
}

/* One object for each pair of partners; number (new k) are the numbers of the clusters */
static void
add_pairs(StringInfo s, Comparison *c, const int32 *number)
{
	const FcMatching *t = &c->matching;
	const char *begin = "{";
	double	   *work = palloc(sizeof(double) * t->new->d);

	fc_json_key(s, "clusters");
	appendStringInfoChar(s, '[');
	for (int32 a = 0; a < t->old->k; a++)
		if (t->match[a] >= 0)
		{
			int32		b = t->match[a];

			fc_check_interrupts(NULL);
			appendStringInfoString(s, begin);
			fc_json_add_integer(s, "cluster", number[b] + 1);
			fc_json_add_integer(s, "was", a + 1);
			fc_json_add_number(s, "moved", distance_moved(t, a, b));
			fc_json_add_number(s, "radii", radii_moved(&c->old, a, t, b, work));
			appendStringInfoChar(s, '}');
			begin = ", {";
		}
	appendStringInfoChar(s, ']');
}

/* Clusters without a partner, by their numbers (k) */
static void
add_lonely(StringInfo s, const char *key, int32 k, const bool *paired, const int32 *number)
{
	const char *comma = "";

	fc_json_key(s, key);
	appendStringInfoChar(s, '[');
	for (int32 c = 0; c < k; c++)
		if (!paired[c])
		{
			appendStringInfo(s, "%s%d", comma, number[c] + 1);
			comma = ", ";
		}
	appendStringInfoChar(s, ']');
}

/* The same of both models */
static void
add_both(StringInfo s, const char *key, const char *old, const char *new)
{
	fc_json_key(s, key);
	appendStringInfo(s, "{\"old\": %s, \"new\": %s}", old, new);
}

/* What a weight of rows is of all rows; sums may be all of it but for rounding */
static double
share_of_rows(const Comparison *c, double weight)
{
	return fmin(weight / (double) c->sample.n, 1);
}

/* Shares of the rows that are noise, and of those that have become it or were it; if one of the models has noise */
static void
add_noise(StringInfo s, const Comparison *c)
{
	if (!fc_has_noise(&c->old.slot.model) && !fc_has_noise(&c->new.slot.model))
		return;
	fc_json_key(s, "noise");
	appendStringInfoChar(s, '{');
	fc_json_add_number(s, "old", share_of_rows(c, c->old.noise));
	fc_json_add_number(s, "new", share_of_rows(c, c->new.noise));
	fc_json_add_number(s, "joined", share_of_rows(c, c->to_noise));
	fc_json_add_number(s, "left", share_of_rows(c, c->from_noise));
	appendStringInfoChar(s, '}');
}

/* The numbers that the clusters of a model have */
static int32 *
present_numbers(const FcModel *m)
{
	int32	   *number = palloc(sizeof(int32) * m->k);

	for (int32 c = 0; c < m->k; c++)
		number[c] = c;
	return number;
}

static char *
report_text(Comparison *c, const int32 *number)
{
	const FcMatching *t = &c->matching;
	bool	   *old = palloc0(sizeof(bool) * t->old->k);	/* has it a partner? */
	bool	   *new = palloc0(sizeof(bool) * t->new->k);
	StringInfoData s;

	for (int32 a = 0; a < t->old->k; a++)
		if (t->match[a] >= 0)
			old[a] = new[t->match[a]] = true;
	initStringInfo(&s);
	appendStringInfoChar(&s, '{');
	fc_json_add_integer(&s, "rows", c->sample.n);
	fc_json_add_number(&s, "changed", share_of_rows(c, c->changed));
	add_both(&s, "outliers", fc_double_text(share_of_rows(c, c->old.outliers)),
			 fc_double_text(share_of_rows(c, c->new.outliers)));
	add_noise(&s, c);
	add_lonely(&s, "vanished", t->old->k, old, present_numbers(t->old));
	add_lonely(&s, "appeared", t->new->k, new, number);
	add_pairs(&s, c, number);
	add_both(&s, "validity", fc_validity_text(&c->old.validity), fc_validity_text(&c->new.validity));
	appendStringInfoChar(&s, '}');
	return s.data;
}

/* ---- both ---- */

/*
 * Compares two models, of which old may be NULL, on the rows.  If renumber, the
 * new one gets the old one's numbers, and the report uses these.
 */
void
fc_measure_drift(bytea *old, bytea *new, RowStore *rows, bool renumber, Drift *drift)
{
	Comparison	c = {0};
	const int32 *number;

	*drift = (Drift) {.model = new, .silhouette = {NAN, NAN}, .changed = NAN};
	fc_fill_slot(&c.new.slot, CurrentMemoryContext, PointerGetDatum(new));
	if (old != NULL)
		fc_fill_slot(&c.old.slot, CurrentMemoryContext, PointerGetDatum(old));
	take_sample(rows, old ? &c.old.slot.model : NULL, &c.new.slot.model, &c.sample);
	if (c.sample.n == 0)		/* the old model scores none of them */
	{
		take_sample(rows, NULL, &c.new.slot.model, &c.sample);
		old = NULL;
	}
	c.weight = mean_weights(&c.sample);
	score_sample(&c.new, new, &c.sample, c.weight);
	drift->validity = fc_validity_text(&c.new.validity);
	drift->silhouette[1] = c.new.validity.index[FC_SILHOUETTE];
	if (old != NULL)
	{
		score_sample(&c.old, old, &c.sample, c.weight);
		drift->silhouette[0] = c.old.validity.index[FC_SILHOUETTE];
		find_partners(&c);
		drift->changed = share_of_rows(&c, c.changed);
		number = renumber ? c.matching.place : present_numbers(c.matching.new);
		drift->report = report_text(&c, number);
		find_lineage(&c);
		fc_keep_lineage(drift, &c.lineage, number);
		if (renumber)
			drift->model = renumbered(new, &c.matching);
	}
	else
		fc_begin_lineage(drift, c.new.slot.model.k);
	fc_store_close(&c.sample);
}

/* Rows that are read by position would be other features to one of them */
static void
check_models(const FcModel *old, const FcModel *new)
{
	int32		columns = fc_model_columns(old);

	if (columns == fc_model_columns(new) && fc_names_differ(old->names, new->names, columns) >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the two models have different features"),
				 errdetail("The features of the old model are %s, those of the new model %s.",
						   fc_list_names(old->names, columns), fc_list_names(new->names, columns))));
}

/* How rows are read that have features missing: as for the new model, if the old one scores them too */
static int
missing_of(const FcModel *old, const FcModel *new)
{
	return fc_bears_gaps(new) && !fc_bears_gaps(old) ? FC_MISSING_SKIP : fc_missing(new);
}

/*
 * cluster_drift(old bytea, new bytea, query text) returns jsonb
 *
 * Changes of the clusters from the old model to the new one, on a sample of
 * the rows of the query.  The query runs like that of a _train function.
 */
PG_FUNCTION_INFO_V1(cluster_drift);
Datum
cluster_drift(PG_FUNCTION_ARGS)
{
	bytea	   *old = PG_GETARG_BYTEA_P(0);
	bytea	   *new = PG_GETARG_BYTEA_P(1);
	FcModel		m[2];
	RowStore	store = {0};
	Drift		drift;

	fc_model_from_datum(&m[0], PointerGetDatum(old));
	fc_model_from_datum(&m[1], PointerGetDatum(new));
	check_models(&m[0], &m[1]);
	(void) fc_query_rows(list_make1(text_to_cstring(PG_GETARG_TEXT_PP(2))), NULL, missing_of(&m[0], &m[1]), NULL, false, &store);
	fc_refuse_other_columns(&store, &m[0], "the old model");
	fc_refuse_other_columns(&store, &m[1], "the new model");
	fc_measure_drift(old, new, &store, false, &drift);
	fc_store_close(&store);
	PG_RETURN_DATUM(fc_jsonb(drift.report));
}
