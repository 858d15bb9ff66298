-- using a model on every row

CREATE TABLE bench.model AS
	SELECT 'real[]' AS type, fcm_fit(features, 10, fcm_options(max_iterations => 20)) AS model FROM bench.rows_real
	UNION ALL
	SELECT 'float8[]', fcm_fit(features, 10, fcm_options(max_iterations => 20)) FROM bench.rows_float8;

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
CALL bench.measure('cluster_validity', 'rows_real', 10,
	$$cluster_validity((SELECT model FROM bench.model WHERE type = 'real[]'), features)$$);

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
