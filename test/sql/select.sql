-- The number of clusters: cluster_select, and the queries that it reads

\i test/sql/include/iris.psql
CREATE TEMP TABLE squares AS		-- four groups, well apart
	SELECT i, i % 2 * (10 + i % 4) + sin(i) AS a, i / 2 % 2 * 12 + cos(i * 1.7) AS b FROM generate_series(1, 200) i;
\set SHOW_CONTEXT never

-- a row for each number of clusters
SELECT clusters, length(model) > 0 AS model, best
FROM cluster_select('SELECT a, b FROM squares ORDER BY i', 2, 7) ORDER BY clusters;
SELECT clusters, (cluster_info(model) ->> 'clusters')::int = clusters AS same, cluster_info(model) ->> 'algorithm' AS algorithm,
	num_nulls(partition_coefficient_normalized, xie_beni, kwon, davies_bouldin, calinski_harabasz, silhouette) AS nulls, best
FROM cluster_select('SELECT a, b FROM squares ORDER BY i', 1, 1);

-- for every algorithm the models are those of its aggregate, the indices those of cluster_validity
CREATE FUNCTION pg_temp.fit(algorithm text, clusters int) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE model bytea;
BEGIN
	EXECUTE format('SELECT %s_fit(x, %s, ''{"seed": 3}'' ORDER BY id) FROM iris', algorithm, clusters) INTO model;
	RETURN model;
END $$;
SET client_min_messages = warning;
CREATE TEMP TABLE selected AS SELECT algorithm, s.* FROM (SELECT DISTINCT algorithm FROM cluster_options()) a,
		cluster_select('SELECT x FROM iris ORDER BY id', 2, 3, algorithm, '{"seed": 3}') s;
SELECT count(*) >= 12 AS models, count(*) - count(*) FILTER (WHERE model = pg_temp.fit(algorithm, clusters)) AS differ FROM selected;
RESET client_min_messages;
SELECT count(*) >= 120 AS indices,
	count(*) - count(*) FILTER (WHERE value IS NULL OR abs(value::float8 - (to_jsonb(s) ->> key)::float8) <= 1e-9 * abs(value::float8)) AS differ
FROM selected s, LATERAL (SELECT cluster_validity(model, x) AS v FROM iris) t, jsonb_each_text(v);

-- the best has the highest or the lowest value; what always grows or falls does not vote
SELECT index, direction, (array_agg(clusters ORDER BY direction * value DESC))[1] AS by_value,
	min(clusters) FILTER (WHERE index = ANY (best)) AS best, count(*) FILTER (WHERE index = ANY (best)) AS votes
FROM cluster_select('SELECT x FROM iris ORDER BY id', 2, 6) s,
	(VALUES ('partition_coefficient', 0), ('partition_coefficient_normalized', 1), ('partition_entropy', 0), ('xie_beni', -1),
		('fukuyama_sugeno', 0), ('kwon', -1), ('davies_bouldin', -1), ('calinski_harabasz', 1), ('silhouette', 1),
		('inter_cluster_variance', 0)) d(index, direction),
	LATERAL (SELECT (to_jsonb(s) ->> index)::float8 AS value) v
WHERE direction <> 0 GROUP BY index, direction ORDER BY index;
SELECT bool_and(pc_rise < 0) AS coefficient_falls, bool_and(pe_rise > 0) AS entropy_rises
FROM (SELECT partition_coefficient - lag(partition_coefficient) OVER (ORDER BY clusters) AS pc_rise,
		partition_entropy - lag(partition_entropy) OVER (ORDER BY clusters) AS pe_rise
	FROM cluster_select('SELECT x FROM iris ORDER BY id', 1, 6)) r;
SELECT bool_and(fs_rise < 0) AS fukuyama_sugeno_falls, bool_and(icv_rise > 0) AS variance_rises
FROM (SELECT fukuyama_sugeno - lag(fukuyama_sugeno) OVER (ORDER BY clusters) AS fs_rise,
		inter_cluster_variance - lag(inter_cluster_variance) OVER (ORDER BY clusters) AS icv_rise
	FROM cluster_select('SELECT x FROM iris ORDER BY id', 1, 6, 'kmeans', '{"restarts": 20}')) r;

-- an index that is the same for several does not decide: memberships of k-means are always crisp
SELECT clusters, partition_coefficient_normalized AS crisp, best
FROM cluster_select('SELECT a, b FROM squares ORDER BY i', 3, 5, 'kmeans', '{"restarts": 20}') ORDER BY clusters;

-- one number is chosen, that with the best silhouette times stability; the silhouette is that of cluster_silhouette
SELECT clusters, best <> '{}' AS voted, stability BETWEEN 0.99 AND 1 AS stable, chosen,
	abs(sample_silhouette - (SELECT (cluster_silhouette(model, ARRAY[a, b]) ->> 'silhouette')::float8 FROM squares)) < 1e-12 AS silhouette
FROM cluster_select('SELECT a, b FROM squares ORDER BY i', 2, 6) ORDER BY clusters;
SELECT algorithm, count(*) FILTER (WHERE chosen) AS chosen, count(stability) AS stabilities, count(sample_silhouette) AS silhouettes,
	bool_and(chosen = (sample_silhouette * coalesce(stability, 1) = most)) AS right
FROM (SELECT *, max(sample_silhouette * coalesce(stability, 1)) OVER (PARTITION BY algorithm) AS most FROM selected) s
WHERE algorithm IN ('kmeans', 'gg', 'spectral', 'idec') GROUP BY algorithm ORDER BY algorithm;
SELECT clusters, sample_silhouette, stability, chosen FROM cluster_select('SELECT a, b FROM squares ORDER BY i', 1, 1);

-- the same for weights as for repeated rows
SELECT clusters, abs(w.sample_silhouette - r.sample_silhouette) < 1e-9 AS silhouette, w.chosen = r.chosen AS chosen
FROM cluster_select('SELECT a, b, 1 + i % 3 AS w FROM squares ORDER BY i', 2, 5, 'kmeans', '{"weight": "w", "restarts": 20}') w
	JOIN cluster_select('SELECT a, b FROM squares, generate_series(0, i % 3) ORDER BY i', 2, 5, 'kmeans', '{"restarts": 20}') r USING (clusters) ORDER BY clusters;

-- where parts have too few rows for so many clusters, there is no stability, and others are chosen
SELECT clusters, stability IS NOT NULL AS stability, sample_silhouette > 0.1 AS silhouette, chosen
FROM cluster_select('SELECT i / 2 * 100 + i % 2 FROM generate_series(0, 9) i', 8, 10, 'kmeans') ORDER BY clusters;

-- one scan, whatever the number of trainings
CREATE TEMP SEQUENCE scanned;
SELECT count(*) AS models FROM cluster_select('SELECT x FROM iris WHERE nextval(''scanned'') > 0', 2, 5);
SELECT currval('scanned') AS rows_read;

-- results of the query: any features, or numbers, each a feature
CREATE TYPE pg_temp.pair AS (a float8, b float8);
CREATE DOMAIN pg_temp.positive AS float8 CHECK (VALUE > 0);
SELECT q, (cluster_info(model) ->> 'dimensions')::int AS d, cluster_info(model) ->> 'precision' AS precision, cluster_info(model) ->> 'rows' AS rows
FROM (VALUES (1, 'SELECT a FROM squares'), (2, 'SELECT a, b::real, i, i::smallint, i::bigint, b::numeric FROM squares'),
		(3, 'SELECT ARRAY[a, b]::real[] FROM squares'), (4, 'SELECT ROW(a, b) FROM squares'), (5, 'SELECT squares FROM squares'),
		(6, 'SELECT ROW(a, b)::pg_temp.pair FROM squares'), (7, 'SELECT decode(lpad(to_hex(i), 4, ''0''), ''hex'') FROM squares'),
		(8, 'SELECT (a + 3)::pg_temp.positive FROM squares'), (9, 'TABLE squares'), (10, 'VALUES (1), (2), (5)'),
		(11, 'WITH s AS (SELECT a, b FROM squares) SELECT * FROM s LIMIT 20;'),
		(12, 'SELECT ARRAY[a, b]::numeric[] FROM squares UNION ALL SELECT ARRAY[1, 2]')) v(q, query),
	LATERAL cluster_select(query, 2, 2) ORDER BY q;

-- rows without features are left out and counted
SELECT cluster_info(model) ->> 'rows' AS rows, cluster_info(model) ->> 'skipped' AS skipped
FROM cluster_select('SELECT CASE WHEN i > 3 THEN ARRAY[a, b] END FROM squares', 2, 2);
SELECT cluster_info(model) ->> 'rows' AS rows, cluster_info(model) ->> 'skipped' AS skipped
FROM cluster_select('SELECT nullif(i, 7), CASE i WHEN 9 THEN ''NaN'' WHEN 8 THEN ''infinity'' ELSE a END FROM squares', 2, 2, options => '{"missing": "skip"}');

-- rows beyond the memory go to a file, with the same result
CREATE TEMP TABLE many AS SELECT i, ARRAY[i % 5 * 3 + sin(i), i % 7 * 2 + cos(i), i % 3, 1]::float8[] AS x FROM generate_series(1, 60000) i;
CREATE TEMP TABLE in_memory AS SELECT * FROM cluster_select('SELECT x FROM many ORDER BY i', 2, 3, options => '{"max_iterations": 3}');
SET maintenance_work_mem = '1MB';
CREATE TEMP TABLE spilled AS SELECT * FROM cluster_select('SELECT x FROM many ORDER BY i', 2, 3, options => '{"max_iterations": 3}');
RESET maintenance_work_mem;
SELECT count(*) AS models FROM in_memory m, spilled s WHERE m = s;

-- in a SELECT list, in plpgsql, with names, with NULL options, under LIMIT, and twice at once
SELECT (cluster_select('SELECT a, b FROM squares ORDER BY i', 3, 5)).clusters;
DO $$ BEGIN
	INSERT INTO squares VALUES (201, 100, 100);
	RAISE NOTICE 'sees %', (SELECT cluster_info(model) -> 'rows' FROM cluster_select('SELECT a, b FROM squares', 2, 2));
	DELETE FROM squares WHERE i = 201;
END $$;
SELECT clusters FROM cluster_select(k_max => 4, k_min => 3, options => NULL, query => 'SELECT a, b FROM squares ORDER BY i') LIMIT 1;
SELECT f.model = k.model AS same FROM cluster_select('SELECT a, b FROM squares ORDER BY i', 2, 3) f
	JOIN cluster_select('SELECT a, b FROM squares ORDER BY i', 3, 4) k USING (clusters);
SELECT count(*) FROM cluster_select($$SELECT c.center FROM cluster_select('SELECT a, b FROM squares', 8, 8) s, cluster_centers(s.model) c$$, 2, 4);

-- with the rights of the caller
CREATE ROLE regress_select;
CREATE TABLE secret AS SELECT a, b FROM squares;
CREATE FUNCTION for_all() RETURNS SETOF int LANGUAGE sql SECURITY DEFINER AS $$
	SELECT clusters FROM cluster_select('SELECT a, b FROM public.secret', 2, 3) $$;
SET ROLE regress_select;
SELECT clusters FROM cluster_select('SELECT a, b FROM secret', 2, 3);
SELECT count(*) FROM for_all();
RESET ROLE;
DROP FUNCTION for_all();
DROP TABLE secret;
DROP ROLE regress_select;

-- errors: arguments
SELECT * FROM cluster_select(NULL, 2, 3);
SELECT * FROM cluster_select('SELECT a, b FROM squares', NULL, 3);
SELECT * FROM cluster_select('SELECT a, b FROM squares', 2, NULL);
SELECT * FROM cluster_select('SELECT a, b FROM squares', 2, 3, NULL);
SELECT * FROM cluster_select('SELECT a, b FROM squares', 3, 2);
SELECT * FROM cluster_select('SELECT a, b FROM squares', 0, 2);
SELECT * FROM cluster_select('SELECT a, b FROM squares', 2, 65536);
\set VERBOSITY terse
SELECT * FROM cluster_select('SELECT a, b FROM squares', 2, 3, 'FCM');
\set VERBOSITY default
SELECT * FROM cluster_select('SELECT a, b FROM squares', 2, 3, 'fcm', '{"temperature": 1}');
SELECT * FROM cluster_select('SELECT a, b FROM squares', 2, 3, 'fcm', '{"fuzzifier": 1}');
SELECT * FROM cluster_select('SELECT a, b FROM squares', 2, 3, 'fcm', fcm_options(init => ARRAY[[0, 0], [10, 10]]));
SELECT * FROM cluster_select('SELECT a, b FROM squares', 2, 3, 'gk', gk_options(volumes => ARRAY[1, 2], max_iterations => 2));

-- errors: unsuitable queries
SELECT * FROM cluster_select('', 2, 3);
SELECT * FROM cluster_select('SELECT a FROM squares; SELECT b FROM squares', 2, 3);
SELECT * FROM cluster_select('INSERT INTO squares VALUES (0, 0, 0) RETURNING a', 2, 3);
SELECT * FROM cluster_select('EXPLAIN SELECT a FROM squares', 2, 3);
SELECT * FROM cluster_select('COMMIT', 2, 3);
SELECT * FROM cluster_select('SELECT a INTO copy FROM squares', 2, 3);
SELECT * FROM cluster_select('SELECT a FROM squares FOR UPDATE', 2, 3);
SELECT * FROM cluster_select('WITH d AS (DELETE FROM squares RETURNING a) SELECT * FROM d', 2, 3);
SELECT * FROM cluster_select('SELECT c FROM squares', 2, 3);
SELECT * FROM cluster_select('SELECT a FROM squares WHERE b > $1', 2, 3);
SELECT * FROM cluster_select('SELECT FROM squares', 2, 3);
SELECT * FROM cluster_select('SELECT label FROM iris', 2, 3);
SELECT * FROM cluster_select('SELECT now(), sepal_length FROM iris', 2, 3);
SELECT * FROM cluster_select('SELECT x, sepal_length FROM iris', 2, 3);

-- errors: rows
SELECT * FROM cluster_select('SELECT a, b FROM squares WHERE i < 0', 2, 3);
SELECT * FROM cluster_select('SELECT NULL::real[] FROM squares', 2, 3);
SELECT * FROM cluster_select('SELECT a, b FROM squares WHERE i < 5', 2, 5);
SELECT * FROM cluster_select('SELECT i % 2 FROM squares', 1, 3, 'kmeans');
SELECT * FROM cluster_select('SELECT a, nullif(i, 7) FROM squares', 2, 3);
SELECT * FROM cluster_select('SELECT ARRAY[a, ''NaN''] FROM squares', 2, 3);
SELECT * FROM cluster_select('SELECT array_agg(a) FROM squares GROUP BY i / 2 ORDER BY i / 2 DESC', 2, 3);
