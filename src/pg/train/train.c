/*
 * train.c - training on the rows of queries
 *
 * <algorithm>_train(query text, clusters bigint, options jsonb) returns bytea
 * <algorithm>_train(queries text[], clusters bigint, options jsonb) returns bytea
 *
 * The model is the same as that of the aggregate <algorithm>_fit for the same
 * rows.  The queries run first and end, and their rows are in a store, those of
 * one query behind those of another, when the training begins, which may take
 * hours.
 */
#include "pg/train/train.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

static Datum
train_on(FunctionCallInfo fcinfo, const FcAlgorithm *algo, List *queries)
{
	Jsonb	   *options = fc_options_argument(fcinfo, 2);
	OptionArrays arrays = {0};
	FcModel		m;
	FcNotices	notices = {0};
	RowStore	store;
	bytea	   *model;

	fc_model_begin(&m, algo, fc_clusters_argument(fcinfo, 1, algo), 0);
	fc_training_options(&m, &arrays, options);
	m.skipped = m.common[FC_PASSES] == FC_PASSES_QUERY ? fc_survey_rows(queries, &m, arrays.weight, get_func_namespace(fcinfo->flinfo->fn_oid), false, &store) :
		fc_query_rows(queries, &m, fc_missing(&m), arrays.weight, false, &store);
	fc_training_features(&m, &arrays, store.precision, fc_store_features(&store), store.categories.dictionaries != NULL);
	model = fc_train(&m, &arrays, &store, NULL, &notices);
	fc_store_close(&store);
	if (model == NULL)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(model);
}

static Datum
train(FunctionCallInfo fcinfo, const FcAlgorithm *algo)
{
	fc_refuse_null(fcinfo, 0, "query");
	return train_on(fcinfo, algo, list_make1(text_to_cstring(PG_GETARG_TEXT_PP(0))));
}

/* The strings of a text[] */
static List *
read_queries(ArrayType *array)
{
	List	   *queries = NIL;
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, &n);
	if (n == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("array of queries must not be empty")));
	for (int i = 0; i < n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("array of queries must not contain nulls")));
		queries = lappend(queries, TextDatumGetCString(elements[i]));
	}
	return queries;
}

static Datum
train_queries(FunctionCallInfo fcinfo, const FcAlgorithm *algo)
{
	fc_refuse_null(fcinfo, 0, "array of queries");
	return train_on(fcinfo, algo, read_queries(PG_GETARG_ARRAYTYPE_P(0)));
}

#define FC_ALGORITHM(name) \
	FC_ALGORITHM_FUNCTION(name, train, train) \
	FC_ALGORITHM_FUNCTION(name, train_queries, train_queries)
#include "algorithms.h"
#undef FC_ALGORITHM
