-- Passes and steps over rows with categories, gaps and weights, and over directions

SET client_min_messages = warning;
CREATE TABLE mixed AS
	SELECT i, CASE WHEN i * 7 % 13 > 0 THEN i % 4 * 3 + sin(i * 1.7) END AS a, CASE WHEN i * 5 % 11 > 0 THEN i % 3 * -200 + 50 * cos(i * 2.3) END AS b,
		CASE WHEN i * 3 % 17 > 0 THEN sin(i * 0.37) END AS c,
		CASE WHEN i * 11 % 13 > 0 THEN 'color ' || (i % 4 + (i * i % 7 = 0)::int) END AS color,
		CASE WHEN i * 2 % 19 > 0 THEN 'size ' || i % 3 END::varchar AS size, i % 4 > 1 AS flag, (i % 5) * 0.7 + 0.1 AS w
	FROM generate_series(1, 2000) i;
INSERT INTO mixed VALUES (0, NULL, NULL, NULL, NULL, NULL, NULL, 1), (-1, 1, 2, 3, 'never', 'x', true, 0), (-2, 1, 2, 3, 'never', 'x', true, NULL);
CREATE TABLE mixed_shuffled AS SELECT * FROM mixed ORDER BY md5(i::text);
ALTER TABLE mixed_shuffled SET (parallel_workers = 4);
ANALYZE mixed, mixed_shuffled;
\i test/sql/include/passes.psql

-- the model does not depend on workers, on the order of rows, or on how queries divide them
CREATE TABLE mixed_cases AS
	SELECT algorithm, k, features, options || more AS options
	FROM (VALUES ('kmeans', 4), ('fcm', 3), ('mec', 3), ('tsallis', 3)) a(algorithm, k),
		(VALUES ('a, b, c, color, size, flag, w', jsonb '{"missing": "partial", "weight": "w", "scale": "zscore"}'),
			('a, b, c, color, size, flag, w', '{"missing": "mean", "weight": "w"}'),
			('a, b, c, color, size, flag', '{"missing": "skip", "scale": "minmax"}'),
			('color, size', '{"missing": "partial"}'),
			('ARRAY[a, b, c], w', '{"missing": "partial", "weight": "w"}'),
			('ARRAY[a, b, c]::real[] AS x, w::numeric', '{"missing": "mean", "weight": "w"}'),
			('a, b, c', '{"missing": "skip", "distance": "cosine"}'),
			('ARRAY[coalesce(a, 0), coalesce(c, 0)]::real[] AS x, w', '{"missing": "skip", "weight": "w", "distance": "cosine"}')) f(features, options),
		(VALUES (jsonb '{"max_iterations": 8}')) m(more);
CREATE TABLE mixed_models AS
	SELECT c.*, s.n, pg_temp.trained(algorithm, ARRAY(SELECT format(query, features) FROM unnest(s.queries) query), k, options) AS model
	FROM mixed_cases c, (VALUES (1, ARRAY['SELECT %s FROM mixed']), (2, ARRAY['SELECT %s FROM mixed_shuffled']),
		(3, ARRAY['SELECT %s FROM mixed WHERE i <= 4000', 'SELECT %s FROM mixed_shuffled WHERE i > 4000']),
		(4, ARRAY['SELECT %s FROM mixed WHERE i %% 5 = 0', 'SELECT %s FROM mixed WHERE i %% 5 IN (1, -1)', 'SELECT %s FROM mixed WHERE i < -5',
			'SELECT %s FROM mixed WHERE i %% 5 IN (2, 3, -2)', 'SELECT %s FROM mixed WHERE i %% 5 = 4'])) s(n, queries);
SELECT pg_temp.parallel(2) IS NULL AS two;
INSERT INTO mixed_models SELECT c.*, 5, pg_temp.trained(algorithm, ARRAY[format('SELECT %s FROM mixed_shuffled', features)], k, options) FROM mixed_cases c;
SELECT pg_temp.parallel(4) IS NULL AS four;
INSERT INTO mixed_models SELECT c.*, 6, pg_temp.trained(algorithm, ARRAY[format('SELECT %s FROM mixed_shuffled', features)], k, options) FROM mixed_cases c;
SELECT pg_temp.parallel(0) IS NULL AS none;
SELECT algorithm, features, options - 'max_iterations' AS options, count(*) AS models, count(DISTINCT model) AS different,
	min(cluster_info(model) ->> 'rows') AS rows, min(cluster_info(model) ->> 'skipped') AS skipped,
	round(min((cluster_info(model) ->> 'total_weight')::numeric)) AS weight, min(cluster_info(model) ->> 'dimensions') AS dimensions
FROM mixed_models GROUP BY 1, 2, 3 ORDER BY 1, 2, 3::text;

-- the two ways agree: rows, weights and features are the same, and so is nearly what they lead to
CREATE FUNCTION pg_temp.in_memory(algorithm text, query text, k int, options jsonb) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE model bytea;
BEGIN
	EXECUTE format('SELECT %s_train($1, $2, $3)', algorithm) INTO model USING query, k, options;
	RETURN model;
END $$;
SELECT algorithm, features, options,
	abs((q ->> 'objective')::float8 / (m ->> 'objective')::float8 - 1) < 1e-3 AS objective, q -> 'rows' = m -> 'rows' AS rows, q -> 'skipped' = m -> 'skipped' AS skipped,
	abs((q ->> 'total_weight')::float8 / (m ->> 'total_weight')::float8 - 1) < 1e-12 AS weight, q -> 'features' = m -> 'features' AS names
FROM (SELECT DISTINCT ON (algorithm, features, options::text) algorithm, k, features, options - 'max_iterations' || '{"tolerance": 1e-7, "restarts": 10}' AS options
		FROM mixed_cases WHERE algorithm IN ('kmeans', 'mec')) c,
	LATERAL (SELECT cluster_info(pg_temp.trained(algorithm, ARRAY[format('SELECT %s FROM mixed', features)], k, options)) AS q) query,
	LATERAL (SELECT cluster_info(pg_temp.in_memory(algorithm, format('SELECT %s FROM mixed', features), k, options)) AS m) memory
ORDER BY 1, 2, 3::text;

-- steps of a model of such rows: merged in any order, subtracted without a trace; the next model is one of the same kind
CREATE TABLE mixed_steps AS
	SELECT m.algorithm, m.model, (SELECT cluster_step(m.model, ROW(a, b, c, color, size, flag), w) FROM mixed) AS s,
		(SELECT cluster_merge(s ORDER BY g DESC) FROM (SELECT i % 7 AS g, cluster_step(m.model, ROW(a, b, c, color, size, flag), w) AS s FROM mixed_shuffled GROUP BY 1) p) AS merged,
		(SELECT cluster_step(m.model, ROW(a, b, c, color, size, flag), w) FROM mixed WHERE i < 100) AS part,
		(SELECT cluster_step(m.model, ROW(a, b, c, color, size, flag), w) FROM mixed WHERE i >= 100) AS rest
	FROM mixed_models m WHERE n = 1 AND options @> '{"missing": "partial"}' AND features LIKE 'a, b, c, color%';
SELECT algorithm, s = merged AS merged, cluster_subtract(s, part) = rest AS subtracted,
	(SELECT cluster_merge(v) FROM (VALUES (rest), (part)) t(v)) = s AS added,
	cluster_statistics_info(s) -> 'rows' AS rows, cluster_statistics_info(s) -> 'skipped' AS skipped
FROM mixed_steps ORDER BY algorithm;
SELECT algorithm, abs((cluster_info(next) ->> 'objective')::float8 / (cluster_info(model) ->> 'objective')::float8 - 1) < 0.1 AS near,
	cluster_info(next) -> 'features' = cluster_info(model) -> 'features' AS features,
	(SELECT count(*) FROM mixed WHERE cluster_id(next, ROW(a, b, c, color, size, flag)) IS NULL) AS without
FROM mixed_steps, LATERAL (SELECT cluster_update(model, s) AS next OFFSET 0) u ORDER BY algorithm;

-- a value that the model has not learned is left out of the distance
SELECT cluster_statistics_info(cluster_step(model, ROW(a, b, c, 'never seen', size, flag))) ->> 'rows' AS rows
FROM mixed_steps, mixed WHERE algorithm = 'kmeans' AND i BETWEEN 1 AND 100 GROUP BY model;

-- directions: rows without one are skipped, centers of the next model have length 1
SELECT cluster_statistics_info(s) -> 'rows' AS rows, cluster_statistics_info(s) -> 'skipped' AS skipped, bool_and(abs(x ^ 2 + y ^ 2 - 1) < 1e-14) AS unit
FROM (SELECT kmeans_train('SELECT a, c FROM mixed WHERE i > 0', 3, '{"missing": "skip", "distance": "cosine"}') AS model) m,
	LATERAL (SELECT cluster_step(model, v) AS s FROM (SELECT ARRAY[a, c] AS v FROM mixed WHERE i > 0 UNION ALL VALUES (ARRAY[0.0, 0.0])) r) t,
	LATERAL (SELECT center[1] AS x, center[2] AS y FROM cluster_centers(cluster_update(model, s))) u GROUP BY 1, 2;

-- samples
SELECT cluster_sample_rows(cluster_sample(ROW(a, color), 3, 1, NULL::text, 'partial', 'euclidean', w)) FROM mixed WHERE i BETWEEN 1 AND 12;
SELECT cluster_sample_rows(cluster_sample_double(v, 5, 1, 'partial')) FROM (VALUES ('{1, NULL}'::float8[]), ('{NaN, NULL}'), ('{1, NULL}')) t(v);
SELECT cluster_sample_rows(cluster_sample_real(v, 5, 1, 'skip', 'cosine')) FROM (VALUES ('{3, 4}'::real[]), ('{6, 8}'), ('{0, 0}')) t(v);

-- a column of rows: their columns are named, and refused where a training takes no categories
CREATE VIEW mixed_rows AS SELECT a, color FROM mixed WHERE i > 0;
SELECT passes, cluster_info(kmeans_train('SELECT m FROM mixed_rows m', 3, jsonb_build_object('missing', 'partial', 'passes', passes))) -> 'features' AS features
FROM unnest(ARRAY['memory', 'query']) AS passes;
SELECT kmeans_train('SELECT m FROM mixed_rows m', 3, '{"missing": "skip", "passes": "query", "distance": "cosine"}');
SELECT kmeans_train('SELECT ROW(a, color) FROM mixed_rows', 3, '{"missing": "skip", "passes": "query", "distance": "cosine"}');
SELECT gk_train('SELECT m FROM mixed_rows m', 3, '{"missing": "skip", "passes": "query"}');
SELECT kmeans_train(ARRAY['SELECT m FROM mixed_rows m', 'SELECT a, color AS other FROM mixed'], 3, '{"missing": "partial", "passes": "query"}');

-- a recipe begins where the default version is, also if a value is new
SELECT cluster_create_registry('passes_registry');
SELECT cluster_define('warm', 'SELECT * FROM mixed_rows', 'kmeans', 3, '{"missing": "partial", "passes": "query", "tolerance": 1e-9}', warm_start => true, registry => 'passes_registry');
CALL cluster_retrain('warm', 'passes_registry');
CALL cluster_retrain('warm', 'passes_registry');
SELECT number, (drift ->> 'changed')::float8 AS changed, cluster_info(model) #> '{options,tolerance}' AS tolerance
FROM passes_registry.versions ORDER BY number;
CREATE OR REPLACE VIEW mixed_rows AS SELECT a, CASE i WHEN 7 THEN 'new' ELSE color END AS color FROM mixed WHERE i > 0;
CALL cluster_retrain('warm', 'passes_registry');
SELECT count(*) AS features FROM passes_registry.versions, jsonb_array_elements(cluster_info(model) -> 'features') WHERE number = 3;
DROP SCHEMA passes_registry CASCADE;
DROP VIEW mixed_rows;

-- errors
SELECT cluster_sample(ROW(a, color), 5, 1, i, 'partial') FROM mixed;
SELECT cluster_sample(a, 5, 1, i, 'skip', 'euclidean', w) FROM (SELECT ARRAY[a] AS a, i, w FROM mixed) m;
SELECT cluster_sample_double('{1, 2}', 5, 1, 'partial', 'manhattan');
SELECT cluster_sample_double('{1, 2}', 5, 1, 'mean');
SELECT cluster_sample_double('{1, 2}', 5, 1, 'error', 'euclidean', -1);
SELECT cluster_sample_double('{0, 0}', 5, 1, 'error', 'cosine');
SELECT kmeans_train('SELECT i, md5(i::text) AS hash FROM mixed', 3, '{"passes": "query"}');
SELECT kmeans_train('SELECT i, nullif(color, color) AS color FROM mixed', 3, '{"passes": "query", "missing": "partial"}');
SELECT kmeans_train('SELECT a, color FROM mixed', 3, '{"passes": "query"}');
SELECT kmeans_train('SELECT i, 0 AS w FROM mixed', 3, '{"passes": "query", "weight": "w"}');
SELECT kmeans_train('SELECT i, flag AS w FROM mixed', 3, '{"passes": "query", "weight": "w"}');
SELECT kmeans_train(ARRAY['SELECT i, color FROM mixed', 'SELECT i, 1 AS color FROM mixed'], 3, '{"passes": "query", "missing": "partial"}');
SELECT gk_train('SELECT i, color FROM mixed', 3, '{"passes": "query"}');
SELECT cluster_merge(s) FROM (VALUES ((SELECT cluster_sample_double('{1, 2}', 5, 1, 'partial'))), ((SELECT cluster_sample_double('{1, 2}', 5, 1)))) t(s);
SELECT cluster_merge(s) FROM (VALUES ((SELECT cluster_sample_double('{1, 2}', 5, 1, 'skip', 'euclidean', 2))), ((SELECT cluster_sample_double('{1, 2}', 5, 1)))) t(s);
SELECT cluster_merge(s) FROM (VALUES ((SELECT cluster_sample(ROW(1, 'a'::text), 5, 1))), ((SELECT cluster_sample(ROW(1, 2), 5, 1)))) t(s);
DROP TABLE mixed, mixed_shuffled, mixed_cases, mixed_models, mixed_steps;
