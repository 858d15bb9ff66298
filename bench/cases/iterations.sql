-- what an iteration costs: 40 of them less 20, over 20

CALL bench.measure_iterations('fcm m = 2', 'rows_real', 10, 'fcm_fit(features, 10, fcm_options(tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('fcm m = 2', 'rows_float8', 10, 'fcm_fit(features, 10, fcm_options(tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('fcm m = 1.7', 'rows_real', 10, 'fcm_fit(features, 10, fcm_options(1.7, tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('fcm m = 1.7', 'rows_float8', 10, 'fcm_fit(features, 10, fcm_options(1.7, tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('kmeans', 'rows_real', 10, 'kmeans_fit(features, 10, kmeans_options(tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('kmeans', 'rows_float8', 10, 'kmeans_fit(features, 10, kmeans_options(tolerance => 0, max_iterations => %s))');
