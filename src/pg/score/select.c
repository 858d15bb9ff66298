/*
 * select.c - choosing the number of clusters
 *
 * The rows of a query go into a store once; then for each number k of clusters
 * a model is trained on them and one more pass measures all validity indices.
 * Where an index is comparable between different k, the k with its best value
 * gets the index's name.  Which k is chosen follows from rows: see choice.c.
 *
 * These do not vote, because they favour few or many clusters independent of
 * the data: the partition coefficient falls and the partition entropy rises
 * with k, as 1 / k and ln k for memberships without structure; the
 * inter-cluster variance rises with k; and Fukuyama-Sugeno, which for weights
 * that add up to 1 is the total variance less twice that variance, falls.
 */
#include "pg/score/choice.h"

#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include <math.h>

/* 1: the highest value is best, -1: the lowest; 0: does not vote */
static const int direction[FC_INDICES] = {
	[FC_PARTITION_COEFFICIENT] = 0,
	[FC_PARTITION_COEFFICIENT_NORMALIZED] = 1,
	[FC_PARTITION_ENTROPY] = 0,
	[FC_XIE_BENI] = -1,
	[FC_FUKUYAMA_SUGENO] = 0,
	[FC_KWON] = -1,
	[FC_DAVIES_BOULDIN] = -1,
	[FC_CALINSKI_HARABASZ] = 1,
	[FC_SILHOUETTE] = 1,
	[FC_INTER_CLUSTER_VARIANCE] = 0,
};

/* Columns of the result: k, the model, the indices, what choice.c measures, the names of the indices for which it is best, and whether it is chosen */
enum
{
	COLUMN_CLUSTERS,
	COLUMN_MODEL,
	COLUMN_INDEX,
	COLUMN_SILHOUETTE = COLUMN_INDEX + FC_INDICES,
	COLUMN_STABILITY,
	COLUMN_BEST,
	COLUMN_CHOSEN,
	COLUMNS
};

typedef struct Selection
{
	const FcAlgorithm *algo;
	Jsonb	   *options;
	int64		k_min;
	int64		k_max;
	int32		k;				/* at hand */
	RowStore	store;
	int64		skipped;
	int			too_few;		/* FC_TOO_FEW_ERROR or another */
	FcNotices	notices;
	uint64		seed;
	Choice		choice;
	int32		best[FC_INDICES];	/* k of the best value so far; 0: none */
	double		value[FC_INDICES];
} Selection;

/* ---- arguments ---- */

static void
check_clusters(const Selection *s)
{
	fc_check_clusters(s->k_min);
	fc_check_clusters(s->k_max);
	if (s->k_min > s->k_max)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("k_min (" INT64_FORMAT ") must not be greater than k_max (" INT64_FORMAT ")", s->k_min, s->k_max)));
}

/* What a training of k clusters begins with; the same options for each k */
static void
begin_training(const Selection *s, int32 k, FcModel *m, OptionArrays *arrays)
{
	memset(arrays, 0, sizeof(*arrays));
	fc_model_begin(m, s->algo, k, 0);
	fc_training_options(m, arrays, s->options);
	fc_refuse_passes(m);
}

/* Options are checked for both ends of the range before anything is read */
static void
read_rows(Selection *s, char *query)
{
	FcModel		m;
	OptionArrays arrays;

	begin_training(s, (int32) s->k_min, &m, &arrays);
	begin_training(s, (int32) s->k_max, &m, &arrays);
	s->skipped = fc_query_rows(list_make1(query), &m, fc_missing(&m), arrays.weight, false, &s->store);
	s->too_few = (int) m.common[FC_TOO_FEW];
	s->seed = (uint64) m.common[FC_SEED];
	if (s->k_max > s->store.n && s->too_few == FC_TOO_FEW_ERROR)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("cannot find %s in %s", fc_counted(s->k_max, "cluster"), fc_counted(s->store.n, "row")),
				 errhint("Lower k_max, or set the option too_few.")));
}

/* ---- trainings ---- */

static void
tell_clusters(void *arg)
{
	errcontext("training with %s", fc_counted(((Selection *) arg)->k, "cluster"));
}

/* Remembers for which indices this k is the best so far; equals do not decide */
static void
vote(Selection *s, int32 k, const double *index)
{
	for (int i = 0; i < FC_INDICES; i++)
	{
		double		value = direction[i] * index[i];

		if (direction[i] == 0 || !(value >= s->value[i]))
			continue;
		s->best[i] = value > s->value[i] ? k : 0;
		s->value[i] = value;
	}
}

/* The model of s->k clusters, or NULL; where "fewer" clusters are allowed, it may have them */
static bytea *
train_one(Selection *s, RowStore *rows, int too_few, FcNotices *notices)
{
	FcModel		m;
	OptionArrays arrays;

	begin_training(s, s->k, &m, &arrays);
	fc_training_features(&m, &arrays, rows->precision, fc_store_features(rows), rows->categories.dictionaries != NULL);
	m.skipped = s->skipped;
	m.common[FC_TOO_FEW] = too_few;
	return fc_train(&m, &arrays, rows, NULL, notices);
}

/* On a part of the rows */
static bytea *
train_again(void *arg, RowStore *rows)
{
	FcNotices	quiet = FC_NO_NOTICES;

	return train_one(arg, rows, FC_TOO_FEW_NULL, &quiet);
}

static int32
clusters_of(bytea *model)
{
	FcModel		m;

	fc_model_from_datum(&m, PointerGetDatum(model));
	return m.k;
}

/*
 * Trains and measures s->k clusters; the row goes to set, still without votes.
 * False: there are no rows for more clusters, and no further ones are tried.
 */
static bool
add_model(Selection *s, ResultSet *set)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
	Validity	v;
	Merits		merits;
	bytea	   *model = train_one(s, &s->store, s->too_few, &s->notices);
	int32		k = model && s->too_few == FC_TOO_FEW_FEWER ? clusters_of(model) : s->k;

	if (k < s->k && s->k > s->k_min)
		return false;
	memset(nulls, true, sizeof(nulls));
	values[COLUMN_CLUSTERS] = Int32GetDatum(k);
	nulls[COLUMN_CLUSTERS] = false;
	if (model != NULL)
	{
		fc_validity_of_rows(model, &s->store, &v);
		vote(s, k, v.index);
		values[COLUMN_MODEL] = PointerGetDatum(model);
		nulls[COLUMN_MODEL] = false;
		for (int i = 0; i < FC_INDICES; i++)
			values[COLUMN_INDEX + i] = fc_float8_or_null(v.index[i], &nulls[COLUMN_INDEX + i]);
		merits = fc_choice_judge(&s->choice, model, k);
		values[COLUMN_SILHOUETTE] = fc_float8_or_null(merits.silhouette, &nulls[COLUMN_SILHOUETTE]);
		values[COLUMN_STABILITY] = fc_float8_or_null(merits.stability, &nulls[COLUMN_STABILITY]);
	}
	tuplestore_putvalues(set->store, set->desc, values, nulls);
	return k == s->k;
}

static void
train_all(Selection *s, ResultSet *set)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "fuzzyclust selection", ALLOCSET_DEFAULT_SIZES);
	ErrorContextCallback callback = {error_context_stack, tell_clusters, s};
	bool		more = true;

	for (int i = 0; i < FC_INDICES; i++)
		s->value[i] = -INFINITY;
	error_context_stack = &callback;
	for (s->k = (int32) s->k_min; more && s->k <= s->k_max; s->k++)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		more = add_model(s, set);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	error_context_stack = callback.previous;
	MemoryContextDelete(context);
}

/* ---- the result ---- */

/* Names of the indices for which k is the best */
static Datum
best_names(const Selection *s, int32 k)
{
	const char *names[FC_INDICES];
	int			n = 0;

	for (int i = 0; i < FC_INDICES; i++)
		if (s->best[i] == k)
			names[n++] = fc_index_names[i];
	return fc_text_array(names, n);
}

/* Only when all models are there is it known which are best */
static void
copy_with_votes(const Selection *s, ResultSet *from, ResultSet *to)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(from->desc, &TTSOpsMinimalTuple);

	while (tuplestore_gettupleslot(from->store, true, false, slot))
	{
		Datum		values[COLUMNS];
		bool		nulls[COLUMNS];

		fc_check_interrupts(NULL);
		slot_getallattrs(slot);
		memcpy(values, slot->tts_values, sizeof(values));
		memcpy(nulls, slot->tts_isnull, sizeof(nulls));
		values[COLUMN_BEST] = best_names(s, DatumGetInt32(values[COLUMN_CLUSTERS]));
		nulls[COLUMN_BEST] = false;
		values[COLUMN_CHOSEN] = BoolGetDatum(DatumGetInt32(values[COLUMN_CLUSTERS]) == s->choice.k);
		nulls[COLUMN_CHOSEN] = false;
		tuplestore_putvalues(to->store, to->desc, values, nulls);
	}
	ExecDropSingleTupleTableSlot(slot);
}

/*
 * cluster_select(query text, k_min bigint, k_max bigint, algorithm text, options jsonb)
 * returns setof (clusters int, model bytea, <each index> float8, sample_silhouette float8, stability float8,
 *	best text[], chosen boolean)
 *
 * A row for each number of clusters from k_min to k_max.
 */
PG_FUNCTION_INFO_V1(cluster_select);
Datum
cluster_select(PG_FUNCTION_ARGS)
{
	ResultSet	result = fc_begin_set(fcinfo);
	ResultSet	trained = {.desc = result.desc};
	Selection	s = {0};

	fc_refuse_null(fcinfo, 0, "query");
	fc_refuse_null(fcinfo, 1, "k_min");
	fc_refuse_null(fcinfo, 2, "k_max");
	fc_refuse_null(fcinfo, 3, "algorithm");
	s.k_min = PG_GETARG_INT64(1);
	s.k_max = PG_GETARG_INT64(2);
	s.algo = fc_algorithm_by_name(text_to_cstring(PG_GETARG_TEXT_PP(3)));
	s.options = fc_options_argument(fcinfo, 4);
	check_clusters(&s);

	read_rows(&s, text_to_cstring(PG_GETARG_TEXT_PP(0)));
	trained.store = tuplestore_begin_heap(false, false, work_mem);
	fc_choice_begin(&s.choice, &s.store, s.seed, train_again, &s);
	train_all(&s, &trained);
	fc_choice_end(&s.choice);
	fc_store_close(&s.store);
	copy_with_votes(&s, &trained, &result);
	tuplestore_end(trained.store);
	return (Datum) 0;
}
