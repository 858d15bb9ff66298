-- Trainings that run their queries for each pass: the option passes of <algorithm>_train

CREATE TABLE mix AS
	SELECT i, ARRAY[x, y, z]::real[] AS f, ARRAY[x, y, z] AS v, x, y
	FROM (SELECT i, i % 4 * 3 + sin(i * 1.7) AS x, i % 3 * -2 + cos(i * 2.3) AS y, sin(i * 0.37) AS z FROM generate_series(1, 30000) i) s;
CREATE TABLE shuffled AS SELECT * FROM mix ORDER BY md5(i::text);
ALTER TABLE shuffled SET (parallel_workers = 4);
ANALYZE mix, shuffled;
SET client_min_messages = warning;
\i test/sql/include/passes.psql

-- the model does not depend on workers, on the order of rows, or on how queries divide them
CREATE TABLE cases AS
	SELECT a.algorithm, a.k, a.options, c AS features
	FROM (VALUES ('kmeans', 5, '{}'::jsonb), ('kmeans', 100, '{"max_iterations": 3}'), ('fcm', 5, '{}'), ('fcm', 5, '{"fuzzifier": 1.7, "scale": "zscore"}'),
		('mec', 5, '{}'), ('gk', 4, '{"max_iterations": 5}'), ('gg', 4, '{"max_iterations": 5, "scale": "minmax"}'),
		('tsallis', 3, '{"max_iterations": 10}'), ('logical', 3, '{"max_iterations": 5}'),
		('kmeans', 4, '{"init": "random", "restarts": 2}'), ('fcm', 4, '{"init": "sample"}'), ('fcm', 2, '{"init": [[0, 0, 0], [9, -4, 0]]}')) a(algorithm, k, options),
		unnest(ARRAY['f', 'v']) c;
CREATE TABLE models AS
	SELECT c.*, s.n, pg_temp.trained(algorithm, ARRAY(SELECT format(query, features) FROM unnest(s.queries) query), k, options) AS model, 0 AS workers
	FROM cases c, (VALUES (1, ARRAY['SELECT %s FROM mix']), (2, ARRAY['SELECT %s FROM shuffled']),
		(3, ARRAY['SELECT %s FROM mix WHERE i <= 20000', 'SELECT %s FROM shuffled WHERE i > 20000']),
		(4, ARRAY['SELECT %s FROM mix WHERE i %% 5 = 0', 'SELECT %s FROM mix WHERE i %% 5 = 1', 'SELECT %s FROM mix WHERE i < 0',
			'SELECT %s FROM mix WHERE i %% 5 IN (2, 3)', 'SELECT %s FROM mix WHERE i %% 5 = 4'])) s(n, queries);
SELECT pg_temp.parallel(2) IS NULL AS two;
INSERT INTO models SELECT c.*, 5, pg_temp.trained(algorithm, ARRAY[format('SELECT %s FROM shuffled', features)], k, options), 2 FROM cases c;
SELECT pg_temp.parallel(4) IS NULL AS four;
INSERT INTO models SELECT c.*, 6, pg_temp.trained(algorithm, ARRAY[format('SELECT %s FROM shuffled', features)], k, options), 4 FROM cases c;
SELECT pg_temp.parallel(0) IS NULL AS none;
SELECT algorithm, k, options, features, count(*) AS models, count(DISTINCT model) AS different, min(cluster_info(model) ->> 'rows') AS rows
FROM models GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3::text, 4;

-- the two ways agree
SELECT algorithm, abs((cluster_info(query) ->> 'objective')::float8 / (cluster_info(memory) ->> 'objective')::float8 - 1) < 1e-6 AS agree
FROM (VALUES ('kmeans', '{"tolerance": 0}'::jsonb), ('fcm', '{"tolerance": 1e-9, "restarts": 10}'), ('mec', '{"tolerance": 1e-9, "restarts": 10, "temperature": 1}'), ('gk', '{"tolerance": 1e-9}')) a(algorithm, options),
	LATERAL (SELECT pg_temp.trained(algorithm, '{SELECT v FROM mix}', 4, options) AS query) q,
	LATERAL (SELECT CASE algorithm WHEN 'kmeans' THEN (SELECT kmeans_fit(v, 4, options) FROM mix) WHEN 'fcm' THEN (SELECT fcm_fit(v, 4, options) FROM mix)
		WHEN 'mec' THEN (SELECT mec_fit(v, 4, options) FROM mix) ELSE (SELECT gk_fit(v, 4, options) FROM mix) END AS memory) m ORDER BY 1;

-- columns of numbers, with their names; a query with a semicolon and a comment
SELECT name, round(value::numeric, 4) AS value FROM cluster_features(fcm_train('SELECT x, y FROM mix; -- all', 2, '{"passes": "query"}')) LIMIT 1;
SELECT fcm_train('SELECT x, y FROM mix', 2, '{"passes": "query", "seed": 3}') = fcm_train('SELECT x AS x, y + 0 AS y FROM shuffled', 2, '{"passes": "query", "seed": 3}') AS same;

-- what a model tells of it; the default tolerance; other models have the bytes that they had
SELECT cluster_info(model) #>> '{options,passes}' AS passes, cluster_info(model) #>> '{options,tolerance}' AS tolerance,
	cluster_info(model) ->> 'rows' AS rows, cluster_info(model) ->> 'skipped' AS skipped
FROM fcm_train('SELECT CASE WHEN i > 10 THEN v END FROM mix', 2, fcm_options(passes => 'query')) model;
SELECT cluster_info(fcm_train('SELECT v FROM mix', 2, fcm_options(passes => 'query', tolerance => 1e-3))) #>> '{options,tolerance}' AS tolerance;
SELECT kmeans_train('SELECT f FROM mix ORDER BY i', 3, '{"passes": "memory"}') = kmeans_fit(f, 3 ORDER BY i) AS same FROM mix;

-- few rows: all of them are in the sample
SELECT cluster_info(kmeans_train('SELECT v FROM mix WHERE i <= 3', 3, '{"passes": "query"}')) ->> 'objective' AS objective;
SELECT cluster_info(kmeans_train('SELECT i % 3, 1 FROM mix', 9, '{"passes": "query", "too_few": "fewer"}')) ->> 'clusters' AS fewer,
	kmeans_train('SELECT i % 3, 1 FROM mix', 9, '{"passes": "query", "too_few": "null"}') IS NULL AS none;
SELECT cluster_info(kmeans_train('SELECT nullif(i, 7) FROM mix', 3, '{"passes": "query", "missing": "skip"}')) ->> 'skipped' AS skipped;

-- errors
SELECT kmeans_fit(v, 3, '{"passes": "query"}') FROM mix;
SELECT cluster_select('SELECT v FROM mix', 2, 3, 'kmeans', '{"passes": "query"}');
SELECT spectral_train('SELECT v FROM mix', 3, '{"passes": "query"}');
SELECT kmeans_train('SELECT v FROM mix', 3, '{"passes": "disk"}');
SELECT kmeans_train('SELECT v FROM mix WHERE i < 0', 3, '{"passes": "query"}');
SELECT kmeans_train('SELECT i % 3, 1 FROM mix', 9, '{"passes": "query"}');
SELECT kmeans_train('DELETE FROM mix RETURNING v', 3, '{"passes": "query"}');
SELECT kmeans_train('SELECT v FROM mix) AS q(c1), (SELECT v FROM mix', 3, '{"passes": "query"}');
SELECT kmeans_train('SELECT nullif(i, 7) FROM mix', 3, '{"passes": "query"}');
SELECT kmeans_train(ARRAY['SELECT x, y FROM mix', 'SELECT y, x FROM mix'], 3, '{"passes": "query"}');
SELECT kmeans_train(ARRAY['SELECT f FROM mix', 'SELECT v FROM mix'], 3, '{"passes": "query"}');
-- an aggregate that fits better than the extension's is not called, be it at the top or below a union
CREATE FUNCTION spy(bytea, real[], int, int) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'spy'; RETURN NULL; END $$;
CREATE AGGREGATE public.cluster_sample_real(real[], int, int) (SFUNC = spy, STYPE = bytea);
SELECT kmeans_train('SELECT f FROM mix', 2, '{"passes": "query"}');
SELECT kmeans_train(ARRAY['SELECT f FROM mix', 'SELECT f FROM shuffled'], 2, '{"passes": "query"}');
DROP FUNCTION spy CASCADE;

DROP TABLE mix, shuffled, cases, models;
