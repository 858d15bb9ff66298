/*
 * train.c - training on the rows of a query: <algorithm>_train(query, clusters, options)
 *
 * The model is the same as that of the aggregate <algorithm>_fit for the same
 * rows.  The query runs first and ends, and its rows are in a store when the
 * training begins, which may take hours.
 */
#include "pg/train/train.h"

#include "utils/builtins.h"

static Datum
train(FunctionCallInfo fcinfo, const FcAlgorithm *algo)
{
	Jsonb	   *options = fc_options_argument(fcinfo, 2);
	OptionArrays arrays = {0};
	FcModel		m;
	FcNotices	notices = {0};
	RowStore	store;
	bytea	   *model;

	fc_refuse_null(fcinfo, 0, "query");
	fc_model_begin(&m, algo, fc_clusters_argument(fcinfo, 1, algo), 0);
	fc_training_options(&m, &arrays, options);
	m.skipped = fc_query_rows(text_to_cstring(PG_GETARG_TEXT_PP(0)), algo, fc_skips_missing(&m),
							  false, &store);
	fc_training_features(&m, &arrays, store.precision, store.d);
	model = fc_train(&m, &arrays, &store, NULL, &notices);
	fc_store_close(&store);
	if (model == NULL)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(model);
}

/* For all algorithms, at no cost; SQL declares those that train a network */
#define FC_ALGORITHM(name)	FC_ALGORITHM_FUNCTION(name, train, train)
#include "algorithms.h"
#undef FC_ALGORITHM
