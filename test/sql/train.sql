-- Training on the rows of queries: <algorithm>_train

CREATE TEMP TABLE crosses AS		-- images of 4 x 4: a row or a column of them is bright
	SELECT i, ARRAY(SELECT (CASE WHEN CASE WHEN i % 8 < 4 THEN p / 4 ELSE p % 4 END = i % 4 THEN 0.9 ELSE 0.1 END + 0.1 * sin(i * 16 + p))::real
		FROM generate_series(0, 15) p ORDER BY p) AS x
	FROM generate_series(1, 240) i;
SET client_min_messages = warning;
CREATE TEMP TABLE settings AS
	SELECT DISTINCT algorithm, jsonb_build_object('hidden', '{12}'::int[], 'latent', 3, 'pretrain_epochs', 4, 'batch_size', 32, 'seed', 5)
		|| CASE algorithm WHEN 'autoencoder' THEN '{}' ELSE '{"epochs": 2}'::jsonb END AS options
	FROM cluster_options() WHERE option = 'hidden';
CREATE FUNCTION pg_temp.evaluate(expression text) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE model bytea;
BEGIN
	EXECUTE 'SELECT ' || expression INTO model;
	RETURN model;
END $$;

-- for every algorithm with a network the model is that of its aggregate
CREATE TEMP TABLE trained AS SELECT algorithm,
		pg_temp.evaluate(format('%s_train(%L, 8, %L)', algorithm, 'SELECT x FROM crosses ORDER BY i', options)) AS model,
		pg_temp.evaluate(format('%s_fit(x, 8, %L::jsonb ORDER BY i) FROM crosses', algorithm, options)) AS fitted
	FROM settings;
SELECT algorithm, model = fitted AS same, cluster_info(model) ->> 'rows' AS rows, cluster_info(model) ->> 'clusters' AS clusters
FROM trained ORDER BY algorithm;

-- ... and for all others
SELECT algorithm, pg_temp.evaluate(format('%s_train(%L, 4)', algorithm, 'SELECT x[:3] FROM crosses ORDER BY i')) =
	pg_temp.evaluate(format('%s_fit(x[:3], 4 ORDER BY i) FROM crosses', algorithm)) AS same
FROM (SELECT DISTINCT algorithm FROM cluster_options() EXCEPT SELECT algorithm FROM settings) a ORDER BY algorithm;
SELECT cluster_info(logical_train('SELECT x[1], x[2] FROM crosses ORDER BY i', NULL)) ->> 'algorithm' AS "finds the number of clusters";

-- several queries: the rows of one after those of another
SELECT count(*) AS algorithms, bool_and(pg_temp.evaluate(format('%s_train(ARRAY[%L, %L, %L], 4, %L)', algorithm, 'SELECT x FROM crosses WHERE i <= 100 ORDER BY i',
		'SELECT x FROM crosses WHERE i < 0', 'SELECT x FROM crosses WHERE i > 100 ORDER BY i', options)) =
	pg_temp.evaluate(format('%s_train(%L, 4, %L)', algorithm, 'SELECT x FROM crosses ORDER BY i', options))) AS same
FROM (SELECT algorithm, options FROM settings UNION VALUES ('kmeans', '{}'::jsonb), ('gk', '{"max_iterations": 5}'), ('spectral', '{}')) a;
SELECT kmeans_train(ARRAY['SELECT i AS a, sin(i) AS b FROM crosses WHERE i <= 100 ORDER BY i',
		'SELECT i::numeric AS a, sin(i)::real AS b FROM crosses WHERE i > 100 ORDER BY i'], 3) =
	kmeans_train('SELECT i AS a, CASE WHEN i > 100 THEN sin(i)::real ELSE sin(i) END AS b FROM crosses ORDER BY i', 3) AS columns;
SELECT cluster_info(fcm_train(ARRAY['SELECT nullif(i, 7) FROM crosses', 'VALUES (NULL), (7)'], 2, '{"missing": "skip"}')) -> 'skipped' AS skipped;

-- a literal is one query, an array literal several
SELECT kmeans_train('SELECT i FROM crosses ORDER BY i', 2) = kmeans_train('{SELECT i FROM crosses ORDER BY i}'::text[], 2) AS same;
PREPARE one AS SELECT kmeans_train($1, 2);
SELECT parameter_types FROM pg_prepared_statements WHERE name = 'one';
DEALLOCATE one;

-- defaults, and NULL options; columns of numbers
SELECT cluster_info(autoencoder_train('SELECT i, sin(i), cos(i) FROM crosses ORDER BY i', 2)) -> 'dimensions' AS columns;
SELECT autoencoder_train('SELECT i % 7, i * 0.1 FROM crosses ORDER BY i', 2, NULL) = autoencoder_fit(ARRAY[i % 7, i * 0.1], 2 ORDER BY i) AS unnamed,
	autoencoder_train('SELECT i % 7, sin(i) FROM crosses ORDER BY i', 2) = autoencoder_fit(q, 2 ORDER BY i) AS named
FROM crosses c, LATERAL (SELECT c.i % 7, sin(c.i)) q;

-- one network for several methods: a model in the options
SELECT algorithm, model = fitted AS same
FROM (SELECT s.algorithm, pg_temp.evaluate(format('%s_train(%L, 8, %L)', s.algorithm, 'SELECT x FROM crosses ORDER BY i',
			s.options || jsonb_build_object('init', a.model))) AS model,
		pg_temp.evaluate(format('%s_fit(x, 8, %L::jsonb ORDER BY i) FROM crosses', s.algorithm,
			s.options || jsonb_build_object('init', a.model))) AS fitted
	FROM settings s, trained a WHERE a.algorithm = 'autoencoder') t ORDER BY algorithm;

-- rows without features are left out and counted
SELECT info -> 'rows' AS rows, info -> 'skipped' AS skipped
FROM (SELECT cluster_info(autoencoder_train('SELECT CASE WHEN i > 40 THEN x END FROM crosses', 2, '{"pretrain_epochs": 1}')) AS info) i;
SELECT info -> 'rows' AS rows, info -> 'skipped' AS skipped
FROM (SELECT cluster_info(autoencoder_train('SELECT nullif(i, 7), CASE i WHEN 9 THEN ''NaN'' ELSE sin(i) END FROM crosses', 2,
	'{"pretrain_epochs": 1, "missing": "skip"}')) AS info) i;

-- rows beyond the memory go to a file, with the same result
CREATE TEMP TABLE many AS SELECT i, ARRAY(SELECT sin(i % 9 * p)::real FROM generate_series(1, 400) p ORDER BY p) AS x FROM generate_series(1, 8000) i;
CREATE TEMP TABLE in_memory AS
	SELECT autoencoder_train('SELECT x FROM many ORDER BY i', 2, '{"hidden": [8], "batch_size": 64, "pretrain_epochs": 2, "latent": 2}') AS model;
SET maintenance_work_mem = '10MB';
CREATE TEMP TABLE spilled AS
	SELECT autoencoder_train('SELECT x FROM many ORDER BY i', 2, '{"hidden": [8], "batch_size": 64, "pretrain_epochs": 2, "latent": 2}') AS model;
RESET maintenance_work_mem;
SELECT m.model = s.model AS same FROM in_memory m, spilled s;

-- it sees the changes of the transaction, with the privileges of the caller
DO $$ BEGIN
	INSERT INTO crosses SELECT 241, x FROM crosses WHERE i = 1;
	RAISE WARNING 'sees %', (SELECT cluster_info(dfmec_train('SELECT x FROM crosses', 2, '{"pretrain_epochs": 1, "epochs": 1}')) -> 'rows');
	DELETE FROM crosses WHERE i = 241;
END $$;
CREATE ROLE regress_train;
CREATE TABLE secret AS SELECT x FROM crosses;
SET ROLE regress_train;
\set SHOW_CONTEXT never
SELECT dfmec_train('SELECT x FROM public.secret', 2);
RESET ROLE;
DROP TABLE secret;
DROP ROLE regress_train;

-- errors: arguments
SELECT dec_train(NULL, 2);
SELECT dec_train('SELECT x FROM crosses', NULL);
SELECT dec_train('SELECT x FROM crosses', 0);
SELECT idec_train('SELECT x FROM crosses', 65536);
\set VERBOSITY terse
SELECT autoencoder_train('SELECT x FROM crosses', 2, '{"fuzzifier": 2}');
\set VERBOSITY default
SELECT dec_train('SELECT x FROM crosses', 2, '{"shape": [1, 5, 5]}');
-- options are checked before the query runs
SELECT edcwrn_train('SELECT 1 / 0 FROM crosses', 2, '{"latent": 0}');

-- errors: unsuitable queries and rows
SELECT dec_train('', 2);
SELECT dec_train('SELECT x FROM crosses; SELECT x FROM crosses', 2);
SELECT dec_train('DELETE FROM crosses RETURNING x', 2);
SELECT dec_train('SELECT x FROM crosses WHERE i < 0', 2);
SELECT dec_train('SELECT ''a''::text FROM crosses', 2);

-- errors: several queries
SELECT kmeans_train('{}'::text[], 2);
SELECT kmeans_train(NULL::text[], 2);
SELECT kmeans_train(ARRAY['SELECT x FROM crosses', NULL], 2);
SELECT kmeans_train(ARRAY['SELECT x FROM crosses', 'SELECT i FROM crosses'], 2);
SELECT kmeans_train(ARRAY['SELECT i AS a, i AS b FROM crosses', 'SELECT i AS b, i AS a FROM crosses'], 2);
SELECT kmeans_train(ARRAY['SELECT x FROM crosses', 'SELECT x[:3] FROM crosses'], 2);
SELECT kmeans_train(ARRAY['SELECT x FROM crosses WHERE i < 0', 'SELECT x FROM crosses WHERE i < 0'], 2);
SELECT kmeans_train(ARRAY['SELECT x FROM crosses', 'DELETE FROM crosses RETURNING x'], 2);
