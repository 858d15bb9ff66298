-- Noise: rows that belong to no cluster, by the options noise and noise_distance of kmeans, fcm, gk and mec

CREATE SCHEMA of_noise;
SET search_path = of_noise, public;
SET client_min_messages = warning;
CREATE TABLE noisy AS
	SELECT i, i % 5 = 0 AS far, i % 3 AS label, i % 4 AS w,
		ARRAY[CASE WHEN i % 5 = 0 THEN 40 * cos(i * 1.1) ELSE i % 3 * 12 + sin(i * 1.7) END,
			CASE WHEN i % 5 = 0 THEN 40 * sin(i * i * 0.37) ELSE i % 3 * -8 + cos(i * 2.3) END]::float8[] AS x
	FROM generate_series(1, 3000) i;
ALTER TABLE noisy SET (parallel_workers = 2);
ANALYZE noisy;
\i test/sql/include/passes.psql

-- how many rows that are near have a cluster, and how many that are far have none; are the centers where they belong?
CREATE FUNCTION found(model bytea) RETURNS TABLE (kept bool, caught bool, centers bool) LANGUAGE sql AS $$
	SELECT count(*) FILTER (WHERE NOT far AND id > 0) > 0.97 * count(*) FILTER (WHERE NOT far),
		count(*) FILTER (WHERE far AND id = 0) > 0.9 * count(*) FILTER (WHERE far),
		(SELECT bool_and((SELECT min(abs(center[1] - c * 12) + abs(center[2] + c * 8)) < 0.2 FROM generate_series(0, 2) c)) FROM cluster_centers(model))
	FROM noisy, cluster_id(model, x) id
$$;
CREATE TABLE models AS
	SELECT algorithm, way, model FROM (SELECT kmeans_fit(x, 3, '{"noise": 0.2}' ORDER BY i) AS kmeans, fcm_fit(x, 3, '{"noise": 0.2}' ORDER BY i) AS fcm,
		gk_fit(x, 3, '{"noise": 0.2}' ORDER BY i) AS gk, mec_fit(x, 3, '{"noise": 0.2}' ORDER BY i) AS mec FROM noisy) s,
		LATERAL (VALUES ('kmeans', 'share', kmeans), ('fcm', 'share', fcm), ('gk', 'share', gk), ('mec', 'share', mec)) v(algorithm, way, model);
INSERT INTO models SELECT algorithm, way, model FROM (SELECT kmeans_fit(x, 3, '{"noise_distance": 2}' ORDER BY i) AS kmeans, fcm_fit(x, 3, '{"noise_distance": 2}' ORDER BY i) AS fcm,
		gk_fit(x, 3, '{"noise_distance": 2}' ORDER BY i) AS gk, mec_fit(x, 3, '{"noise_distance": 2}' ORDER BY i) AS mec FROM noisy) s,
		LATERAL (VALUES ('kmeans', 'distance', kmeans), ('fcm', 'distance', fcm), ('gk', 'distance', gk), ('mec', 'distance', mec)) v(algorithm, way, model);
INSERT INTO models SELECT algorithm, 'none', kmeans FROM (SELECT 'kmeans' AS algorithm, kmeans_fit(x, 3 ORDER BY i) AS kmeans FROM noisy) s;
SELECT algorithm, way, f.* FROM models, found(model) f ORDER BY 2, 1;

-- the options of a model: the share and the distance that was found from it
SELECT algorithm, way, cluster_info(model) #> '{options,noise}' AS noise, (cluster_info(model) #>> '{options,noise_distance}')::float8 BETWEEN 1 AND 4 AS distance
FROM models ORDER BY 2, 1;

-- a row in the midst of a cluster, and one far away: what memberships lack of 1 is noise
SELECT algorithm, cluster_id(model, '{12,-8}') > 0 AS cluster, cluster_id(model, '{200,300}') AS noise,
	(SELECT sum(u) > 0.9 FROM unnest(cluster_membership(model, '{12,-8}')) u) AS near,
	(SELECT sum(u) < 0.1 FROM unnest(cluster_membership(model, '{200,300}')) u) AS far,
	cardinality(cluster_membership(model, '{0,0}')) AS memberships
FROM models WHERE way <> 'none' ORDER BY way, algorithm;

-- about the share of the rows is noise with kmeans; sizes of clusters are without it
SELECT share, abs(avg((cluster_id(model, x) = 0)::int) - share) < 0.01 AS near,
	abs((SELECT sum(weight) FROM cluster_centers(model)) - count(*) FILTER (WHERE cluster_id(model, x) > 0)) <= 1 AS sizes
FROM (SELECT share, kmeans_fit(x, 3, kmeans_options(noise => share) ORDER BY i) AS model FROM noisy, unnest(ARRAY[0.05, 0.2, 0.5]) share GROUP BY share) m, noisy
GROUP BY share, model ORDER BY share;

-- where the rows are: the same model whatever the order, the queries and the workers, and nearly that of rows in memory
CREATE TABLE shuffled AS SELECT * FROM noisy ORDER BY md5(i::text);
ALTER TABLE shuffled SET (parallel_workers = 4);
SELECT algorithm, count(DISTINCT model) AS different, bool_and(kept AND caught AND centers) AS found
FROM (SELECT algorithm, pg_temp.trained(algorithm, queries, 3, options) AS model
	FROM unnest(ARRAY['kmeans', 'fcm', 'gk', 'mec']) algorithm, (VALUES ('{"noise": 0.2}'::jsonb), ('{"noise": 0.2, "scale": "zscore"}')) o(options),
		(VALUES (ARRAY['SELECT x FROM noisy']), (ARRAY['SELECT x FROM shuffled']), (ARRAY['SELECT x FROM noisy WHERE i % 3 = 0', 'SELECT x FROM shuffled WHERE i % 3 > 0'])) q(queries)) m,
	found(model)
GROUP BY 1 ORDER BY 1;
SELECT algorithm, way, cluster_info(model) #>> '{options,noise_distance}' = cluster_info(next) #>> '{options,noise_distance}' AS same_distance, f.*
FROM models, LATERAL (SELECT cluster_update(model, cluster_step(model, x)) AS next FROM noisy) s, found(next) f WHERE way <> 'none' ORDER BY 2, 1;
SELECT algorithm, cluster_step(model, x ORDER BY i) = cluster_step(model, x ORDER BY -i) AS same FROM models, noisy WHERE way = 'share' GROUP BY algorithm, model ORDER BY 1;
SELECT s.cluster, s.rows, round(s.weight) AS weight, s.mass, s.mean, s.radius
FROM (SELECT model, cluster_step(model, x) AS statistics FROM models, noisy WHERE way = 'distance' AND algorithm = 'kmeans' GROUP BY model) m, cluster_statistics(model, statistics) s
WHERE s.cluster = 0;

-- as bytes and as JSON
SELECT bool_and(cluster_from_json(cluster_to_json(model)) = model) AS same FROM models;
SELECT cluster_from_json(jsonb_set(cluster_to_json(model), '{options,noise_distance}', 'null')) FROM models WHERE way = 'share' AND algorithm = 'fcm';
SELECT cluster_from_json(jsonb_set(cluster_to_json(gg_fit(x, 2)), '{options,noise_distance}', '3')) FROM noisy WHERE i < 50;

-- weights, categories, missing features, cosines; a model or centers to begin with
SELECT abs((cluster_info(a) #>> '{options,noise_distance}')::float8 / (cluster_info(b) #>> '{options,noise_distance}')::float8 - 1) < 1e-9 AS distance,
	abs((cluster_info(a) ->> 'objective')::float8 / (cluster_info(b) ->> 'objective')::float8 - 1) < 1e-9 AS objective
FROM (SELECT kmeans_fit(x, 3, '{"noise": 0.2, "init": [[0, 0], [12, -8], [24, -16]]}', w ORDER BY i) AS a FROM noisy) a,
	(SELECT kmeans_fit(x, 3, '{"noise": 0.2, "init": [[0, 0], [12, -8], [24, -16]]}' ORDER BY i) AS b FROM noisy, generate_series(1, w)) b;
SELECT f.* FROM (SELECT fcm_fit(x, 3, '{"noise": 0.2}', w) AS model FROM noisy) s, found(model) f;
SELECT f.* FROM (SELECT kmeans_fit(CASE i % 7 WHEN 0 THEN ARRAY[x[1], NULL] ELSE x END, 3, '{"noise": 0.2, "missing": "partial"}' ORDER BY i) AS model FROM noisy) s, found(model) f;
SELECT cluster, center, round(weight) AS weight FROM cluster_centers(kmeans_train('SELECT label * 12 + x[1] / 1e3 AS a, CASE WHEN i % 5 > 0 THEN chr(65 + label) ELSE ''Z'' END AS b FROM noisy ORDER BY i', 3, '{"noise": 0.2}')) c
WHERE cluster = 0;
SELECT algorithm, avg((cluster_id(model, x) = 0)::int)::numeric(2,1) AS noise
FROM (SELECT kmeans_fit(x, 3, '{"noise": 0.2, "distance": "cosine"}' ORDER BY i) AS kmeans, fcm_fit(x, 3, '{"noise": 0.2, "distance": "cosine"}' ORDER BY i) AS fcm FROM noisy WHERE x <> '{0,0}') s,
	LATERAL (VALUES ('kmeans', kmeans), ('fcm', fcm)) v(algorithm, model), noisy WHERE x <> '{0,0}' GROUP BY algorithm ORDER BY 1;
SELECT m.algorithm, f.* FROM models m, LATERAL (SELECT CASE m.algorithm WHEN 'gk' THEN (SELECT gk_fit(x, 3, gk_options(noise => 0.2, init => m.model)) FROM noisy)
	ELSE (SELECT fcm_fit(x, 3, fcm_options(noise => 0.2, init => m.model)) FROM noisy) END AS next) n, found(next) f WHERE way = 'share' ORDER BY 1;
SELECT algorithm, f.* FROM (SELECT kmeans_fit(x, 3, '{"noise": 0.2, "init": [[0, 0], [12, -8], [24, -16]]}') AS kmeans, mec_fit(x, 3, '{"noise": 0.2, "init": [[0, 0], [12, -8], [24, -16]]}') AS mec FROM noisy) s,
	LATERAL (VALUES ('kmeans', kmeans), ('mec', mec)) v(algorithm, model), found(model) f ORDER BY 1;

-- one cluster, and noise; equal rows
SELECT center::numeric(3,1)[] AS center, weight FROM cluster_centers((SELECT kmeans_fit(ARRAY[y], 1, '{"noise": 0.25}' ORDER BY y) FROM unnest(ARRAY[1, 2, 3, 1000]) y));
SELECT id, count(*) FROM (SELECT kmeans_fit(ARRAY[y], 2, '{"noise": 0.4}' ORDER BY y) AS model FROM (SELECT CASE WHEN i % 10 = 0 THEN i ELSE i % 2 END AS y FROM generate_series(1, 100) i) s) m,
	(SELECT CASE WHEN i % 10 = 0 THEN i ELSE i % 2 END AS y FROM generate_series(1, 100) i) s, cluster_id(model, ARRAY[y]) id GROUP BY (id > 0), id ORDER BY count(*), id;

-- errors
SELECT gg_fit(x, 2, '{"noise": 0.1}') FROM noisy;
SELECT dec_fit(x, 2, '{"noise_distance": 1}') FROM noisy;
SELECT kmeans_fit(x, 2, '{"noise": 0.1, "noise_distance": 1}') FROM noisy;
SELECT kmeans_fit(x, 2, '{"noise": 0.6}') FROM noisy;
SELECT kmeans_fit(x, 2, '{"noise_distance": 0}') FROM noisy;
SELECT kmeans_fit(x, 2, '{"noise_distance": "far"}') FROM noisy;
SELECT kmeans_fit(x, 1, '{"noise_distance": 0.001, "init": [[1000, 1000]]}') FROM noisy;

DROP TABLE noisy, models, shuffled;
DROP FUNCTION found;
