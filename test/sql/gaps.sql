-- rows with missing features: distances from the others, or means in their place
\set VERBOSITY terse
CREATE TEMP TABLE sparse AS
	SELECT i AS id, i % 3 AS kind, (SELECT array_agg(CASE WHEN (i * i * 3 + j * j * 5 + i * j * 7 + i) % 11 > 2 OR j = 1 + i % 4
		THEN i % 3 * (ARRAY[8, -6, 5, 3])[j] + sin(i * 1.7 + j) END ORDER BY j) FROM generate_series(1, 4) j) AS x
	FROM generate_series(1, 600) i;
CREATE TEMP VIEW columns AS SELECT x[1] AS a, x[2] AS b, x[3] AS c, x[4] AS d FROM sparse ORDER BY id;
SELECT count(*) AS rows, count(*) FILTER (WHERE array_position(x, NULL) IS NOT NULL) AS with_gaps,
	min(4 - cardinality(array_positions(x, NULL))) AS fewest FROM sparse;

-- every row takes part
CREATE TEMP TABLE m AS
	SELECT 'kmeans' AS algorithm, kmeans_fit(x, 3, '{"missing": "partial"}' ORDER BY id) AS model FROM sparse
	UNION ALL SELECT 'fcm', fcm_fit(x, 3, '{"missing": "partial"}' ORDER BY id) FROM sparse
	UNION ALL SELECT 'fcm scaled', fcm_fit(x::real[], 3, '{"missing": "partial", "scale": "zscore", "fuzzifier": 1.7}' ORDER BY id) FROM sparse
	UNION ALL SELECT 'mec', mec_fit(x, 3, '{"missing": "partial"}' ORDER BY id) FROM sparse
	UNION ALL SELECT 'tsallis', tsallis_fit(x, 3, '{"missing": "partial"}' ORDER BY id) FROM sparse;
SELECT algorithm, cluster_info(model) -> 'rows' AS rows, cluster_info(model) -> 'skipped' AS skipped,
	cluster_info(model) -> 'converged' AS converged, cluster_info(model) #>> '{options,missing}' AS missing,
	(SELECT cluster_accuracy(kind, cluster_id(model, x)) > 0.97 FROM sparse) AS found
FROM m ORDER BY 1;

-- the same model in other types, by a query, and by columns
SELECT model = kmeans_train('SELECT x FROM sparse ORDER BY id', 3, '{"missing": "partial"}') AS query,
	(SELECT kmeans_fit(x::numeric[], 3, '{"missing": "partial"}' ORDER BY id) = kmeans_fit(x::numeric[]::float8[], 3, '{"missing": "partial"}' ORDER BY id)
		FROM sparse) AS numerics,
	model = (SELECT kmeans_fit(ROW(x[1], x[2], x[3], x[4]), 3, '{"missing": "partial"}' ORDER BY id) FROM sparse) AS row,
	model = (SELECT kmeans_fit(replace(x::text, 'NULL', 'NaN'), 3, '{"missing": "partial"}' ORDER BY id) FROM sparse) AS text,
	model = (SELECT kmeans_fit(array_replace(x, NULL, 'Infinity'), 3, '{"missing": "partial"}' ORDER BY id) FROM sparse) AS infinite,
	cluster_info(model) - 'features' - 'format' - 'bytes' =
		cluster_info(kmeans_train('SELECT * FROM columns', 3, '{"missing": "partial"}')) - 'features' - 'format' - 'bytes' AS columns
FROM m WHERE algorithm = 'kmeans';

-- in a file, the same
CREATE TEMP TABLE many AS SELECT i AS id, ARRAY[i % 5 * 4 + sin(i), CASE WHEN i % 7 > 0 THEN i % 5 * 3 + cos(i * 0.7) END,
	CASE WHEN i % 3 > 0 THEN sin(i * 0.3) END, i % 5 + cos(i)] AS x FROM generate_series(1, 60000) i;
CREATE TEMP TABLE spilled AS SELECT 'memory' AS place, kmeans_fit(x, 5, '{"missing": "partial"}' ORDER BY id) AS partial,
	fcm_fit(x, 5, '{"missing": "mean"}' ORDER BY id) AS mean FROM many;
SET maintenance_work_mem = '1MB';
SELECT partial = kmeans_fit(x, 5, '{"missing": "partial"}' ORDER BY id) AS partial,
	mean = fcm_fit(x, 5, '{"missing": "mean"}' ORDER BY id) AS mean
FROM many, spilled GROUP BY spilled.partial, spilled.mean;
RESET maintenance_work_mem;

-- a vector without any feature is left out
SELECT cluster_info(kmeans_fit(x, 1, '{"missing": "partial"}')) - 'options' ->> 'skipped' AS skipped
FROM (VALUES (ARRAY[1, 2]), (ARRAY[NULL, 3]), (ARRAY[NULL, NULL]::int[]), (NULL)) v(x);
SELECT cluster_info(kmeans_fit(x, 1, '{"missing": "mean"}')) ->> 'skipped' AS skipped
FROM (VALUES (ARRAY[1, 2]), (ARRAY[NULL, 3]), (ARRAY[NULL, NULL]::int[]), (NULL)) v(x);
SELECT kmeans_fit(x, 1, '{"missing": "partial"}') IS NULL AS nothing FROM (VALUES (ARRAY[NULL, NULL]::int[]), (NULL)) v(x);

-- distances are as long as if the missing features differed like the others
SELECT algorithm, bool_and(abs(d.distance - sqrt(e.squared * 4 / e.present)) < 1e-9) AS distances
FROM m, sparse, LATERAL unnest(cluster_distance(model, x)) WITH ORDINALITY AS d(distance, cluster),
	LATERAL (SELECT sum((v - w) ^ 2), count(v) FROM cluster_centers(model) c, unnest(x, c.center) AS u(v, w)
		WHERE c.cluster = d.cluster AND v IS NOT NULL) AS e(squared, present)
WHERE algorithm IN ('kmeans', 'fcm', 'mec') GROUP BY 1 ORDER BY 1;
SELECT algorithm, bool_and(cluster_id(model, x) = (SELECT cluster FROM cluster_set(model, x, 1))) AS first,
	bool_and(abs((SELECT sum(u) FROM unnest(cluster_membership(model, x)) u) - 1) < 1e-12) AS sums,
	bool_and(cluster_outlier_score(model, x) < 10) AS outliers,
	count(cluster_id(model, array_fill(NULL::float8, ARRAY[4]))) AS nothing
FROM m, sparse GROUP BY 1 ORDER BY 1;
SELECT cluster_id(model, '{NULL,NULL,NULL,NULL}') IS NULL AS nothing, cluster_id(model, '{NaN,NULL,0,Infinity}') =
	cluster_id(model, '{NULL,NULL,0,NULL}') AS same FROM m WHERE algorithm = 'fcm';

-- so are indices: the partition coefficient is that of all rows
SELECT algorithm, abs((cluster_validity(model, x) ->> 'partition_coefficient')::float8 -
		avg((SELECT sum(u * u) FROM unnest(cluster_membership(model, x)) u))) < 1e-9 AS coefficient,
	cluster_validity(model, x) = (SELECT cluster_validity_of(model, s.step) FROM (SELECT cluster_validity_step(model, x) AS step FROM sparse GROUP BY kind) AS s) AS merged,
	jsonb_typeof(cluster_validity(model, x) -> 'davies_bouldin') AS index
FROM m, sparse GROUP BY algorithm, model ORDER BY 1;

-- means: those of what there is, written in place of what is missing
CREATE TEMP TABLE means AS SELECT j, v::float8 AS mean
	FROM (SELECT kmeans_fit(x, 3, '{"missing": "mean"}' ORDER BY id) AS model FROM sparse) q,
		jsonb_array_elements_text(cluster_info(model) -> 'fill') WITH ORDINALITY AS f(v, j);
SELECT j, abs(mean - (SELECT avg(x[j]) FROM sparse)) < 1e-12 AS mean FROM means ORDER BY j;
CREATE TEMP TABLE filled AS SELECT id, kind, ARRAY(SELECT coalesce(v, mean) FROM unnest(x) WITH ORDINALITY u(v, j) JOIN means USING (j) ORDER BY j) AS x
	FROM sparse;
CREATE FUNCTION pg_temp.compare(algorithm text, options text) RETURNS TABLE (centers boolean, scores boolean, fill boolean) LANGUAGE plpgsql AS $$
DECLARE
	gaps bytea;
	complete bytea;
BEGIN
	EXECUTE format('SELECT %s_fit(x, 3, %L ORDER BY id) FROM sparse', algorithm, options::jsonb || '{"missing": "mean"}') INTO gaps;
	EXECUTE format('SELECT %s_fit(x, 3, %L ORDER BY id) FROM filled', algorithm, options::jsonb) INTO complete;
	RETURN QUERY SELECT (SELECT bool_and(a.center = b.center) FROM cluster_centers(gaps) a JOIN cluster_centers(complete) b USING (cluster)),
		(SELECT bool_and(cluster_membership(gaps, s.x) = cluster_membership(complete, f.x)) FROM sparse s JOIN filled f USING (id)),
		cluster_info(gaps) -> 'fill' = (SELECT jsonb_agg(mean ORDER BY j) FROM means);
END $$;
SELECT algorithm, c.* FROM unnest('{kmeans,fcm,mec,tsallis,gk,gg,logical,spectral}'::text[]) algorithm, pg_temp.compare(algorithm, '{}') c;
SELECT algorithm, c.* FROM unnest('{kmeans,fcm,mec,tsallis,gk,gg,spectral}'::text[]) algorithm, pg_temp.compare(algorithm, '{"scale": "zscore"}') c;
SET client_min_messages = warning;
SELECT algorithm, c.* FROM cluster_options() o,
	pg_temp.compare(algorithm, '{"hidden": [6], "latent": 2, "pretrain_epochs": 2}') c WHERE option = 'hidden' ORDER BY algorithm;
RESET client_min_messages;

-- they are kept, also where nothing was missing, and used for other rows
CREATE TEMP TABLE kept AS SELECT fcm_fit(x, 3, '{"missing": "mean"}' ORDER BY id) AS model FROM filled;
SELECT cluster_membership(model, '{NULL,1,2,3}') = cluster_membership(model, ARRAY[(cluster_info(model) #>> '{fill,0}')::float8, 1, 2, 3]) AS filled,
	cluster_id(model, '{NULL,NULL,NULL,NULL}') IS NULL AS nothing FROM kept;
SELECT cluster_validity(model, s.x) = cluster_validity(model, f.x) AS validity
FROM (SELECT gk_fit(x, 3, '{"missing": "mean", "regularization": 0.1}' ORDER BY id) AS model FROM sparse) q, sparse s JOIN filled f USING (id) GROUP BY model;
SELECT array_length(cluster_embed(model, '{NULL,1,2,3}'), 1) AS code
FROM (SELECT autoencoder_fit(x, 3, '{"hidden": [6], "latent": 2, "pretrain_epochs": 1, "missing": "mean"}' ORDER BY id) AS model FROM sparse) q;

-- numbers of clusters, drift
SELECT clusters, cluster_info(model) -> 'rows' AS rows, best <> '{}' AS best
FROM cluster_select('SELECT x FROM sparse ORDER BY id', 2, 4, 'kmeans', '{"missing": "partial"}') ORDER BY 1;
SELECT clusters, cluster_info(model) -> 'rows' AS rows FROM cluster_select('SELECT * FROM columns', 3, 3, 'gk', '{"missing": "mean"}');
SELECT a.algorithm, b.algorithm, d -> 'rows' AS rows, (d ->> 'changed')::float8 < 0.1 AS same
FROM m a, m b, cluster_drift(a.model, b.model, 'SELECT x FROM sparse') d WHERE a.algorithm = 'kmeans' AND b.algorithm IN ('kmeans', 'mec') ORDER BY 2;
SELECT cluster_drift(old, kept.model, 'SELECT x FROM sparse') -> 'rows' AS both_score, cluster_drift(kept.model, m.model, 'SELECT x FROM sparse') -> 'rows' AS all_rows
FROM kept, m, (SELECT gk_fit(x, 3, '{"missing": "skip", "regularization": 0.1}' ORDER BY id) AS old FROM sparse) q WHERE m.algorithm = 'mec';

-- a registry, whose models take gaps after one that does not
SELECT cluster_create_registry();
CREATE TABLE recipe_rows AS SELECT id, x FROM sparse;
SELECT cluster_define('sparse', 'SELECT x FROM recipe_rows ORDER BY id', 'kmeans', 3, '{"missing": "skip"}');
CALL cluster_retrain('sparse');
SELECT cluster_define('sparse', 'SELECT x FROM recipe_rows ORDER BY id', 'kmeans', 3, '{"missing": "partial"}');
CALL cluster_retrain('sparse');
SELECT cluster_define('sparse', 'SELECT x FROM recipe_rows ORDER BY id', 'gk', 3, '{"missing": "mean", "regularization": 0.1}');
CALL cluster_retrain('sparse');
SELECT version, algorithm, rows, drift -> 'rows' AS compared, validity ? 'silhouette' AS validity
FROM cluster_registry.models ORDER BY version;
SELECT count(cluster_id(cluster_model('sparse'), x)) AS scored FROM sparse;
DROP TABLE recipe_rows;
SET client_min_messages = warning;
DROP SCHEMA cluster_registry CASCADE;
RESET client_min_messages;

-- errors
SELECT gk_fit(x, 3, '{"missing": "partial"}') FROM sparse;
SELECT spectral_train('SELECT x FROM sparse', 3, '{"missing": "partial"}');
SELECT fcm_fit(x, 3) FROM sparse;
\set VERBOSITY default
SELECT kmeans_fit(ARRAY[x[1], NULL, x[2]], 3, '{"missing": "partial"}') FROM sparse;
SELECT fcm_train('SELECT a, b, NULL::float8 AS "no where" FROM columns', 3, '{"missing": "mean"}');
SELECT kmeans_fit(x, 3, '{"missing": "median"}') FROM sparse;

DROP VIEW columns;
DROP TABLE sparse, m, many, spilled, means, filled, kept;
