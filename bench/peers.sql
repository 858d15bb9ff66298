-- our side of the comparison with peers: the same first centers; psql variable: first, a WHERE clause

CREATE TABLE bench.peer (
	peer		text,
	algorithm	text,
	type		text,
	ms			float8				-- an iteration
);

CREATE TABLE bench.start AS
	SELECT array_agg(features ORDER BY id) AS centers FROM bench.rows_float8 :first;

CALL bench.measure_iterations('fcm, given centers', 'rows_real', 10,
	'fcm_fit(features, 10, fcm_options(init => (SELECT centers FROM bench.start), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('fcm, given centers', 'rows_float8', 10,
	'fcm_fit(features, 10, fcm_options(init => (SELECT centers FROM bench.start), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('kmeans, given centers', 'rows_real', 10,
	'kmeans_fit(features, 10, kmeans_options(init => (SELECT centers FROM bench.start), tolerance => 0, max_iterations => %s))');
CALL bench.measure_iterations('kmeans, given centers', 'rows_float8', 10,
	'kmeans_fit(features, 10, kmeans_options(init => (SELECT centers FROM bench.start), tolerance => 0, max_iterations => %s))');
