-- the cost of an iteration: 40 of them minus 20, divided by 20

CALL bench.measure_iterations('fcm m = 2', 'rows_real', 10, 'fcm_fit(features, 10, fcm_options(2, init => bench.start(), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('fcm m = 2', 'rows_float8', 10, 'fcm_fit(features, 10, fcm_options(2, init => bench.start(), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('fcm m = 1.7', 'rows_real', 10, 'fcm_fit(features, 10, fcm_options(1.7, init => bench.start(), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('fcm m = 1.7', 'rows_float8', 10, 'fcm_fit(features, 10, fcm_options(1.7, init => bench.start(), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('kmeans', 'rows_real', 10, 'kmeans_fit(features, 10, kmeans_options(init => bench.start(), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('kmeans', 'rows_float8', 10, 'kmeans_fit(features, 10, kmeans_options(init => bench.start(), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('mec', 'rows_real', 10, 'mec_fit(features, 10, mec_options(5, init => bench.start(), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('mec', 'rows_float8', 10, 'mec_fit(features, 10, mec_options(5, init => bench.start(), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('tsallis', 'rows_real', 10, 'tsallis_fit(features, 10, tsallis_options(q => 1.7, temperature => 5, max_steps => 1, inner_tolerance => 0, init => bench.start(), max_iterations => %s))');
CALL bench.measure_iterations('tsallis', 'rows_float8', 10, 'tsallis_fit(features, 10, tsallis_options(q => 1.7, temperature => 5, max_steps => 1, inner_tolerance => 0, init => bench.start(), max_iterations => %s))');

-- a tenth of the features missing
CALL bench.measure_iterations('fcm m = 2, partial', 'rows_gaps', 10, 'fcm_fit(features, 10, fcm_options(2, init => bench.start(), tolerance => 0, missing => ''partial'', max_iterations => %s))');
CALL bench.measure_iterations('kmeans, partial', 'rows_gaps', 10, 'kmeans_fit(features, 10, kmeans_options(init => bench.start(), tolerance => 0, missing => ''partial'', max_iterations => %s))');
CALL bench.measure_iterations('kmeans, mean', 'rows_gaps', 10, 'kmeans_fit(features, 10, kmeans_options(init => bench.start(), tolerance => 0, missing => ''mean'', max_iterations => %s))');
