-- whole statements that train a model, with exactly 20 iterations

CALL bench.measure('bare scan', 'rows_real', NULL, 'sum(features[1])');
CALL bench.measure('bare scan', 'rows_float8', NULL, 'sum(features[1])');

CALL bench.measure('fcm_fit m = 2', 'rows_real', 10,
	'fcm_fit(features, 10, fcm_options(2, init => bench.start(), tolerance => 0, max_iterations => 20))', iterations => 20, most => 6);
CALL bench.measure('fcm_fit m = 2', 'rows_float8', 10,
	'fcm_fit(features, 10, fcm_options(2, init => bench.start(), tolerance => 0, max_iterations => 20))', iterations => 20, most => 12);
CALL bench.measure('fcm_fit m = 1.7', 'rows_real', 10,
	'fcm_fit(features, 10, fcm_options(1.7, init => bench.start(), tolerance => 0, max_iterations => 20))', iterations => 20);
CALL bench.measure('fcm_fit m = 1.7', 'rows_float8', 10,
	'fcm_fit(features, 10, fcm_options(1.7, init => bench.start(), tolerance => 0, max_iterations => 20))', iterations => 20);
CALL bench.measure('kmeans_fit', 'rows_real', 10,
	'kmeans_fit(features, 10, kmeans_options(init => bench.start(), tolerance => 0, max_iterations => 20))', iterations => 20);
CALL bench.measure('kmeans_fit', 'rows_float8', 10,
	'kmeans_fit(features, 10, kmeans_options(init => bench.start(), tolerance => 0, max_iterations => 20))', iterations => 20);

-- rows with weights
CALL bench.measure('kmeans_fit, weights', 'rows_real', 10,
	'kmeans_fit(features, 10, kmeans_options(init => bench.start(), tolerance => 0, max_iterations => 20), 1 + abs(features[1]))', iterations => 20);
CALL bench.measure('fcm_fit m = 2, weights', 'rows_real', 10,
	'fcm_fit(features, 10, fcm_options(2, init => bench.start(), tolerance => 0, max_iterations => 20), 1 + abs(features[1]))', iterations => 20);

-- less memory than the rows take
CALL bench.measure('fcm_fit m = 2, 64MB', 'rows_real', 10, memory => '64MB', iterations => 20,
	expression => 'fcm_fit(features, 10, fcm_options(2, init => bench.start(), tolerance => 0, max_iterations => 20))');
CALL bench.measure('fcm_fit m = 2, 64MB', 'rows_float8', 10, memory => '64MB', iterations => 20,
	expression => 'fcm_fit(features, 10, fcm_options(2, init => bench.start(), tolerance => 0, max_iterations => 20))');
CALL bench.measure('fcm_fit m = 2, 1MB', 'rows_real', 10, memory => '1MB', iterations => 20,
	expression => 'fcm_fit(features, 10, fcm_options(2, init => bench.start(), tolerance => 0, max_iterations => 20))');
