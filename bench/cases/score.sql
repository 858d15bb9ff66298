-- using a model on every row

CREATE TABLE bench.model AS
	SELECT 'real[]' AS type, fcm_fit(features, 10, fcm_options(2, max_iterations => 20)) AS model FROM bench.rows_real
	UNION ALL
	SELECT 'float8[]', fcm_fit(features, 10, fcm_options(2, max_iterations => 20)) FROM bench.rows_float8;

CALL bench.measure('cluster_id', 'rows_real', 10, most => 3,
	expression => $$sum(cluster_id((SELECT model FROM bench.model WHERE type = 'real[]'), features))$$);
CALL bench.measure('cluster_id', 'rows_float8', 10, most => 3,
	expression => $$sum(cluster_id((SELECT model FROM bench.model WHERE type = 'float8[]'), features))$$);
CALL bench.measure('cluster_id, model joined', 'rows_real', 10, most => 3,
	expression => 'sum(cluster_id(model, features))',
	source => $$bench.rows_real, bench.model WHERE type = 'real[]'$$);
CALL bench.measure('cluster_membership', 'rows_real', 10,
	$$count(cluster_membership((SELECT model FROM bench.model WHERE type = 'real[]'), features))$$);
CALL bench.measure('cluster_distance', 'rows_real', 10,
	$$count(cluster_distance((SELECT model FROM bench.model WHERE type = 'real[]'), features))$$);
CALL bench.measure('cluster_outlier_score', 'rows_real', 10,
	$$sum(cluster_outlier_score((SELECT model FROM bench.model WHERE type = 'real[]'), features))$$);
CALL bench.measure('cluster_set', 'rows_real', 10, 'sum(s.membership)',
	$$bench.rows_real, cluster_set((SELECT model FROM bench.model WHERE type = 'real[]'), features) s$$);
CALL bench.measure('cluster_set top_n => 2', 'rows_real', 10, 'sum(s.membership)',
	$$bench.rows_real, cluster_set((SELECT model FROM bench.model WHERE type = 'real[]'), features, top_n => 2) s$$);
CALL bench.measure('cluster_explain', 'rows_real', 10, 'sum(e.contribution)',
	$$bench.rows_real, cluster_explain((SELECT model FROM bench.model WHERE type = 'real[]'), features, 3) e$$);
CALL bench.measure('cluster_validity', 'rows_real', 10,
	$$cluster_validity((SELECT model FROM bench.model WHERE type = 'real[]'), features)$$);

-- rows with four categories beside the same number of columns that are all numbers
CREATE TABLE bench.mixed_model AS
	SELECT kmeans_fit(ROW(a, b, c, d, e, f, s, t, u, v), 10, '{"scale": "zscore"}') AS numbers,
		kmeans_fit(ROW(a, b, c, d, e, f, category_s, category_t, category_u, category_v), 10, '{"scale": "zscore"}') AS categories
	FROM bench.mixed;
CALL bench.measure('cluster_id, 4 of 10 columns categories', 'mixed', 10, most => 2,
	expression => 'sum(cluster_id((SELECT categories FROM bench.mixed_model), ROW(a, b, c, d, e, f, category_s, category_t, category_u, category_v)))',
	scan => 'SELECT sum(cluster_id((SELECT numbers FROM bench.mixed_model), ROW(a, b, c, d, e, f, s, t, u, v))) FROM bench.mixed');
CALL bench.measure('kmeans_fit, 4 of 10 columns categories', 'mixed', 10,
	expression => $$length(kmeans_fit(ROW(a, b, c, d, e, f, category_s, category_t, category_u, category_v), 10, '{"scale": "zscore", "max_iterations": 5}'))$$,
	scan => $$SELECT length(kmeans_fit(ROW(a, b, c, d, e, f, s, t, u, v), 10, '{"scale": "zscore", "max_iterations": 5}')) FROM bench.mixed$$);

-- what needs no model, from a table of results
CREATE TABLE bench.scored AS
	SELECT label, cluster_id(model, features) AS cluster, m.membership, features[1]::float8 AS x, features[2]::float8 AS y
	FROM bench.rows_real, bench.model, cluster_set(model, features, top_n => 1) m
	WHERE type = 'real[]';
VACUUM (FREEZE, ANALYZE) bench.scored;

CALL bench.measure('cluster_plot', 'rows_real', 10, 'cluster_plot(x, y, cluster, membership)', 'bench.scored',
	'SELECT sum(x) FROM bench.scored');
CALL bench.measure('cluster_nmi', 'rows_real', 10, 'cluster_nmi(label, cluster)', 'bench.scored',
	'SELECT sum(x) FROM bench.scored');
CALL bench.measure('cluster_accuracy', 'rows_real', 10, 'cluster_accuracy(label, cluster)', 'bench.scored',
	'SELECT sum(x) FROM bench.scored');
