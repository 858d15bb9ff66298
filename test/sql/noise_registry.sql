-- Recipes whose models have noise: cluster 0 stays, drift and lineage say what became of it, and newer rows keep the noise distance
\set VERBOSITY terse
CREATE ROLE regress_warden SUPERUSER;
SET ROLE regress_warden;
SET client_min_messages = warning;
SELECT cluster_create_registry();

-- four groups, and rows around them; "move" shifts the groups, "astray" says how many of ten rows are outside
CREATE TABLE points (id serial PRIMARY KEY, day int, x float8, y float8, outside bool);
CREATE FUNCTION fill(d int, move float8, astray int) RETURNS void LANGUAGE sql AS $$
	INSERT INTO points (day, x, y, outside)
		SELECT d, CASE WHEN out THEN 15 + 45 * sin(7.7 * i + d) ELSE 10 * g + sin(i + d) + move END, CASE WHEN out THEN 5 + 45 * cos(3.1 * i + d) ELSE 9 * (g % 2) + cos(3 * i + d) + move END, out
		FROM generate_series(1, 400) i, LATERAL (SELECT i / 10 % 4 AS g, i % 10 < astray AS out) t $$;
SELECT fill(1, 0, 1);

-- options are checked when a recipe is defined
SELECT cluster_define('points', 'SELECT x, y FROM points', 'tsallis', 4, '{"noise": 0.1}');
SELECT cluster_define('points', 'SELECT x, y FROM points', 'fcm', 4, '{"noise": 0.1, "noise_distance": 3}');
SELECT cluster_define('points', 'SELECT x, y FROM points', 'fcm', 4, '{"noise": 0.7}');

-- the model is the one that a training gives; most of the rows outside are noise
SELECT cluster_define('points', 'SELECT x, y FROM points ORDER BY id', 'fcm', 4, '{"noise": 0.1, "seed": 1}', keep => 10);
CALL cluster_retrain('points');
SELECT cluster_model('points') = fcm_fit(q, 4, '{"seed": 1, "noise": 0.1}' ORDER BY id) AS same FROM points p, LATERAL (SELECT p.x, p.y) q;
SELECT outside, avg((cluster_id(cluster_model('points'), ARRAY[x, y]) = 0)::int) > 0.8 AS noise, count(*) FROM points GROUP BY 1 ORDER BY 1;
SELECT validity #> '{noise,rows}' = to_jsonb(n) AS rows, (validity #> '{noise,share}')::float8 = n / 400.0 AS share
FROM cluster_registry.versions, LATERAL (SELECT count(*) AS n FROM points WHERE cluster_id(cluster_model('points'), ARRAY[x, y]) = 0) t;

-- clusters keep their numbers and 0 is 0, whatever else changes
CREATE TABLE before AS SELECT id, cluster_id(cluster_model('points'), ARRAY[x, y]) AS c FROM points;
SELECT cluster_define('points', 'SELECT x, y FROM points ORDER BY id DESC', 'fcm', 4, '{"noise": 0.1, "seed": 7}', keep => 10);
CALL cluster_retrain('points');
SELECT avg((c = cluster_id(cluster_model('points'), ARRAY[x, y]))::int) > 0.98 AS same, count(*) FILTER (WHERE c = 0) > 20 AS noise FROM points JOIN before USING (id);
SELECT number, jsonb_array_length(drift -> 'clusters') AS pairs, (drift -> 'changed')::float8 < 0.02 AS changed, abs((drift #> '{noise,old}')::float8 - 0.1) < 0.03 AS old, abs((drift #> '{noise,new}')::float8 - 0.1) < 0.03 AS new
FROM cluster_registry.versions WHERE is_default;

-- more rows astray, then none, then a recipe without noise
SELECT cluster_define('points', 'SELECT x, y FROM points WHERE day = 2 ORDER BY id', 'fcm', 4, '{"noise": 0.3}', keep => 10);
SELECT fill(2, 0.3, 3);
CALL cluster_retrain('points');
SELECT cluster_define('points', 'SELECT x, y FROM points WHERE day = 2 ORDER BY id', 'fcm', 4, '{}', keep => 10);
CALL cluster_retrain('points');
SELECT number, (drift #> '{noise,new}')::float8::numeric(3,1) AS new, drift #> '{noise,joined}' = '0' AS none_joined, (drift #> '{noise,left}') = (drift #> '{noise,old}') AS all_left, validity ? 'noise' AS noise
FROM cluster_registry.versions WHERE number > 2 ORDER BY number;
SELECT version, count(*) FILTER (WHERE event IN ('kept', 'appeared')) AS lines, min(cluster) AS first, min(from_cluster) AS was, count(*) FILTER (WHERE share < 0 OR share > 1) AS wrong
FROM cluster_lineage('points') GROUP BY version ORDER BY version;

-- newer rows: a step of the frame, whose noise distance stays; any division of the rows gives the same bytes
SELECT cluster_define(algorithm || '_grain', 'SELECT day, x, y FROM points ORDER BY id', algorithm, 4, jsonb_build_object('noise', 0.1, 'seed', 1), incremental => true, newer => 'day')
FROM unnest('{kmeans,fcm,mec,gk}'::text[]) algorithm;
DELETE FROM points WHERE day > 1;
CALL cluster_retrain('kmeans_grain');
CALL cluster_retrain('fcm_grain');
CALL cluster_retrain('mec_grain');
CALL cluster_retrain('gk_grain');
SELECT fill(2, 0.2, 2);
CALL cluster_retrain('kmeans_grain');
CALL cluster_retrain('fcm_grain');
CALL cluster_retrain('mec_grain');
CALL cluster_retrain('gk_grain');
SELECT name, cluster_info(model) -> 'noise_distance' = cluster_info(frame) -> 'noise_distance' AS distance, model <> frame AS moved, model = cluster_update(frame, s, 1) AS step, (info -> 'rows')::int AS rows,
	(info -> 'noise_weight')::float8 BETWEEN 80 AND 400 AS noise
FROM (SELECT v.name, v.model, f.model AS frame, cluster_info(v.model) AS info, (SELECT cluster_step(f.model, q) FROM points p, LATERAL (SELECT p.x, p.y) q WHERE day = 2) AS s
	FROM cluster_registry.versions v JOIN cluster_registry.versions f ON f.name = v.name AND f.number = 1 WHERE v.number = 2 AND v.name LIKE '%grain') t ORDER BY name;

-- numbers of clusters
SELECT clusters, cluster_info(model) ? 'noise_distance' AS noise, silhouette IS NOT NULL AS silhouette FROM cluster_select('SELECT x, y FROM points ORDER BY id', 1, 5, 'kmeans', '{"noise": 0.1}') ORDER BY 1;
SELECT clusters AS best FROM cluster_select('SELECT x, y FROM points ORDER BY id', 2, 6, 'kmeans', '{"noise": 0.15}') ORDER BY cardinality(best) DESC LIMIT 1;

DROP SCHEMA cluster_registry CASCADE;
DROP OWNED BY regress_warden;
RESET ROLE;
DROP ROLE regress_warden;
