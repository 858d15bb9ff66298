-- The distance 1 - cos: rows and centers as directions.

\set SHOW_CONTEXT never

CREATE EXTENSION vector;
CREATE TABLE rays AS	-- three directions; lengths from 0.1 to 10
	SELECT id, id % 3 AS ray, ARRAY(SELECT 10 ^ sin(id * 0.7) * (cos((id % 3 + 1) * j * 1.9) + 0.3 * sin(id * j * 1.3))
		FROM generate_series(1, 6) j ORDER BY j)::float8[] AS x
	FROM generate_series(1, 300) id;
CREATE FUNCTION pg_temp.product(float8[], float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS
	$$ SELECT sum(a * b) FROM unnest($1, $2) u(a, b) $$;
CREATE FUNCTION pg_temp.cosine(float8[], float8[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS
	$$ SELECT pg_temp.product($1, $2) / sqrt(pg_temp.product($1, $1) * pg_temp.product($2, $2)) $$;
CREATE FUNCTION pg_temp.times(float8[], float8) RETURNS float8[] LANGUAGE sql IMMUTABLE AS
	$$ SELECT array_agg(a * $2 ORDER BY j) FROM unnest($1) WITH ORDINALITY u(a, j) $$;
CREATE FUNCTION pg_temp.unit(float8[]) RETURNS float8[] LANGUAGE sql IMMUTABLE AS
	$$ SELECT pg_temp.times($1, 1 / sqrt(pg_temp.product($1, $1))) $$;
CREATE FUNCTION pg_temp.fit(algorithm text, k int, options jsonb, x text DEFAULT 'x', source text DEFAULT 'rays') RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE model bytea;
BEGIN
	EXECUTE format('SELECT %s_fit(%s, $1, $2 ORDER BY id) FROM %s', algorithm, x, source) USING k, options INTO model;
	RETURN model;
END $$;

-- groups are found; centers have length 1, and the model tells its distance
CREATE TABLE models AS
	SELECT algorithm, pg_temp.fit(algorithm, 3, '{"distance": "cosine"}') AS model
	FROM unnest(ARRAY['kmeans', 'fcm', 'mec', 'tsallis', 'spectral']) algorithm;
SELECT algorithm, cluster_ari(ray, cluster_id(model, x)) AS ari, cluster_info(model) #>> '{options,distance}' AS distance,
	(SELECT max(abs(pg_temp.product(center, center) - 1)) < 1e-12 FROM cluster_centers(model)) AS unit
FROM models, rays GROUP BY algorithm, model ORDER BY algorithm;

-- lengths do not count: the same bytes where they differ by powers of two, the same scores whatever they are
SELECT algorithm, model = pg_temp.fit(algorithm, 3, '{"distance": "cosine"}', 'pg_temp.times(x, 2 ^ (id % 40 - 20))') AS same
FROM models ORDER BY algorithm;
SELECT algorithm, count(*) FILTER (WHERE cluster_id(model, x) = cluster_id(model, pg_temp.times(x, 1e3 * id))) AS ids,
	max(abs(a - b)) < 1e-9 AS distances
FROM models, rays, unnest(cluster_distance(model, x), cluster_distance(model, pg_temp.times(x, 1e-5 * id))) u(a, b)
GROUP BY algorithm ORDER BY algorithm;

-- distances are 1 - cos, and so are objective and outlier scores
SELECT algorithm, max(abs(distance - (1 - pg_temp.cosine(x, center)))) < 1e-12 AS distances
FROM models, rays, cluster_centers(model) c, unnest(cluster_distance(model, x)) WITH ORDINALITY d(distance, cluster)
WHERE algorithm <> 'spectral' AND c.cluster = d.cluster GROUP BY algorithm ORDER BY algorithm;
SELECT abs((cluster_info(model) ->> 'objective')::float8 - sum(distance)) < 1e-9 AS objective
FROM models, rays, LATERAL (SELECT min(d) AS distance FROM unnest(cluster_distance(model, x)) d) l WHERE algorithm = 'kmeans' GROUP BY model;
SELECT algorithm, max(abs(cluster_outlier_score(model, x) - distance / mean)) < 1e-9 AS outliers
FROM (SELECT algorithm, model, x, distance, avg(distance) OVER (PARTITION BY algorithm, cluster_id(model, x)) AS mean
	FROM models, rays, LATERAL (SELECT min(d) AS distance FROM unnest(cluster_distance(model, x)) d) l) s
WHERE algorithm <> 'spectral' GROUP BY algorithm ORDER BY algorithm;

-- ... and what features contribute to the distance from the second cluster
SELECT algorithm, max(abs(sum - (d[e.runner_up] - d[e.cluster]))) < 1e-12 AS reasons
FROM (SELECT algorithm, id, e.cluster, runner_up, sum(contribution) AS sum, cluster_distance(model, x) AS d
	FROM models, rays, cluster_explain(model, x) e WHERE algorithm <> 'spectral' AND id <= 30 GROUP BY algorithm, id, e.cluster, runner_up, model, x) e
GROUP BY algorithm ORDER BY algorithm;

-- models as JSON
SELECT algorithm, cluster_from_json(cluster_to_json(model)) = model AS same FROM models WHERE algorithm <> 'spectral' ORDER BY algorithm;

-- mec: memberships are those of T in units of 1 - cos; fcm: those of the fuzzifier that was found
SELECT algorithm, max(abs(u - w / total)) < 1e-9 AS memberships
FROM (SELECT algorithm, id, u, w, sum(w) OVER (PARTITION BY algorithm, id) AS total
	FROM models, rays, LATERAL (SELECT cluster_info(model) -> 'options' AS o) i,
		unnest(cluster_membership(model, x), cluster_distance(model, x)) v(u, d),
		LATERAL (SELECT CASE algorithm WHEN 'mec' THEN exp(-d / (o ->> 'temperature')::float8)
			ELSE d ^ (-1 / ((o ->> 'fuzzifier')::float8 - 1)) END AS w) t
	WHERE algorithm IN ('fcm', 'mec')) s
GROUP BY algorithm ORDER BY algorithm;
SELECT cluster_info(pg_temp.fit('fcm', 3, '{"distance": "cosine", "fuzzifier": 1.001}')) #> '{options,fuzzifier}' AS given,
	cluster_info(pg_temp.fit('fcm', 3, '{}')) #> '{options,fuzzifier}' AS euclidean;

-- features of any type
SELECT type, count(*) AS rows, count(*) FILTER (WHERE cluster_id(model, x) = cluster_id(other, x)) AS alike
FROM models m, rays, unnest(ARRAY['x::real[]', 'x::real[]::vector', 'x::real[]::halfvec', 'x::real[]::vector::sparsevec', 'x::text', 'ROW(x[1], x[2], x[3], x[4], x[5], x[6])']) type,
	pg_temp.fit('kmeans', 3, kmeans_options(distance => 'cosine', init => m.model), type) other
WHERE m.algorithm = 'kmeans' GROUP BY type ORDER BY type;
SELECT count(*) AS rows, count(*) FILTER (WHERE cluster_id(model, v) = cluster_id(model, x) AND cluster_id(model, v::sparsevec) = cluster_id(model, x)) AS alike
FROM (SELECT x, x::real[]::vector AS v FROM rays) r, models WHERE algorithm = 'fcm';

-- sparse vectors are those whose other elements are 0, also where distances are euclidean
CREATE TABLE sparse AS SELECT id, (SELECT array_agg(CASE WHEN j % 7 = id % 7 THEN 1 + sin(id * j) WHEN j = 1 THEN id % 7 ELSE 0 END ORDER BY j) FROM generate_series(1, 30) j)::real[]::vector AS x
	FROM generate_series(1, 100) id;
SELECT algorithm, pg_temp.fit(algorithm, 4, '{}', 'x', 'sparse') = pg_temp.fit(algorithm, 4, '{}', 'x::sparsevec', 'sparse') AS same
FROM unnest(ARRAY['kmeans', 'fcm', 'mec', 'tsallis', 'gk', 'spectral']) algorithm ORDER BY 1;
SELECT cluster_distance(kmeans_fit(s, 1), '{2:4}/3'::sparsevec) FROM (VALUES ('{1:1}/3'::sparsevec), ('{}/3'), ('{1:-1,3:2.5}/3'), ('{3:-2.5}/3')) v(s);
SELECT kmeans_fit(s, 1) FROM (VALUES ('{1:1}/3'::sparsevec), ('{1:1}/4')) v(s);
SELECT kmeans_fit('{1:1}/100000'::sparsevec, 1);
SELECT kmeans_fit('{2:1e16}/3'::sparsevec, 1);

-- the same model by a training on a query, and for groups
SELECT algorithm, CASE algorithm WHEN 'kmeans' THEN kmeans_train('SELECT x FROM rays ORDER BY id', 3, o) WHEN 'fcm' THEN fcm_train(ARRAY['SELECT x FROM rays ORDER BY id'], 3, o)
	WHEN 'mec' THEN mec_train('SELECT x FROM rays ORDER BY id', 3, o) WHEN 'tsallis' THEN tsallis_train('SELECT x FROM rays ORDER BY id', 3, o)
	ELSE spectral_train('SELECT x FROM rays ORDER BY id', 3, o) END = model AS same
FROM models, (VALUES ('{"distance": "cosine"}'::jsonb)) v(o) ORDER BY algorithm;
SELECT bool_and(g.model = pg_temp.fit('fcm', 2, '{"distance": "cosine"}', 'x', format('(SELECT * FROM rays WHERE id %% 2 = %s) r', half))) AS groups
FROM (SELECT id % 2 AS half, fcm_fit(x, 2, '{"distance": "cosine"}' ORDER BY id) AS model FROM rays GROUP BY 1) g;

-- first centers of any length; those of a model
SELECT max(abs(a - b)) < 1e-12 AS "any length"
FROM (SELECT pg_temp.fit('kmeans', 2, '{"distance": "cosine", "init": [[3, 0, 0, 0, 0, 0], [0, 0.1, 0, 0, 0, 0]]}') AS one,
		pg_temp.fit('kmeans', 2, '{"distance": "cosine", "init": [[1, 0, 0, 0, 0, 0], [0, 70, 0, 0, 0, 0]]}') AS two) m,
	cluster_centers(one) c JOIN cluster_centers(two) d USING (cluster), unnest(c.center, d.center) u(a, b);
SELECT algorithm, cluster_info(pg_temp.fit(algorithm, 3, jsonb_build_object('distance', 'cosine', 'init', m.model))) -> 'iterations' <= '2' AS soon
FROM models m WHERE algorithm IN ('kmeans', 'fcm', 'mec') ORDER BY algorithm;

-- rows without direction
CREATE TABLE zeros AS SELECT id, x FROM rays UNION ALL VALUES (1001, '{0,0,0,0,0,0}'::float8[]), (1002, '{0,-0.0,0,0,0,0}'), (1003, NULL);
SELECT pg_temp.fit('kmeans', 3, '{"distance": "cosine"}', 'x', 'zeros');
SELECT kmeans_train('SELECT x::real[] FROM zeros ORDER BY id', 3, '{"distance": "cosine"}');
SELECT algorithm, cluster_info(other) -> 'rows' AS rows, cluster_info(other) -> 'skipped' AS skipped
FROM models, pg_temp.fit(algorithm, 3, '{"distance": "cosine", "missing": "skip"}', 'x', 'zeros') other ORDER BY algorithm;
SELECT cluster_info(kmeans_train('SELECT x FROM zeros ORDER BY id', 3, '{"distance": "cosine", "missing": "skip"}')) -> 'skipped' AS skipped;
SELECT kmeans_fit(x, 1, '{"distance": "cosine", "missing": "skip"}') FROM zeros WHERE id > 1000;
SELECT algorithm, cluster_id(model, x), cluster_membership(model, x), cluster_distance(model, x), cluster_outlier_score(model, x),
	(SELECT count(*) FROM cluster_set(model, x)) AS set
FROM models, zeros WHERE id = 1001 ORDER BY algorithm;
SELECT algorithm, cluster_validity(model, r.x) = v AS left_out
FROM models, zeros r, LATERAL (SELECT cluster_validity(model, x) AS v FROM rays) a GROUP BY algorithm, model, v ORDER BY algorithm;

-- indices: distances are Euclidean between rows and centers of length 1
SELECT algorithm, abs((v ->> 'silhouette')::float8 - silhouette) < 1e-9 AS silhouette, (v ->> 'silhouette')::float8 > 0.5 AS good,
	abs((v ->> 'xie_beni')::float8 - 2 * w / 300 / gap) < 1e-9 AS xie_beni
FROM models, LATERAL (SELECT cluster_validity(model, x) AS v FROM rays) i,
	LATERAL (SELECT avg(1 - sqrt(d[1] / d[2])) AS silhouette, sum(least(d[1], 2)) AS w FROM rays,
		LATERAL (SELECT array_agg(1 - pg_temp.cosine(x, center) ORDER BY 1 - pg_temp.cosine(x, center)) AS d FROM cluster_centers(model)) a) s,
	LATERAL (SELECT min(2 * (1 - pg_temp.cosine(a.center, b.center))) AS gap FROM cluster_centers(model) a, cluster_centers(model) b WHERE a.cluster < b.cluster) g
WHERE algorithm = 'kmeans' ORDER BY algorithm;
SELECT algorithm, clusters FROM (VALUES ('kmeans'), ('fcm'), ('spectral')) a(algorithm),
	cluster_select('SELECT x FROM zeros ORDER BY id', 2, 5, algorithm, '{"distance": "cosine", "missing": "skip"}') WHERE 'silhouette' = ANY (best) ORDER BY 1;

-- spectral: that of rows of length 1
SELECT cluster_ari(cluster_id(model, x), cluster_id(other, pg_temp.unit(x))) AS same
FROM models, rays, pg_temp.fit('spectral', 3, '{}', 'pg_temp.unit(x)') other WHERE algorithm = 'spectral';

-- drift
SELECT algorithm, (d ->> 'rows')::int AS rows, d ->> 'changed' AS changed, jsonb_array_length(d -> 'clusters') AS clusters, (d #>> '{clusters,0,moved}')::float8 < 1e-12 AS stays
FROM models, cluster_drift(model, model, 'SELECT x FROM zeros WHERE id < 1003 ORDER BY id') d ORDER BY algorithm;
SELECT max(abs((p ->> 'moved')::float8 - (1 - pg_temp.cosine(a.center, b.center)))) < 1e-12 AS moved
FROM (SELECT model AS old, pg_temp.fit('kmeans', 3, kmeans_options(distance => 'cosine', init => model), 'x', '(SELECT * FROM rays WHERE id > 150) r') AS new
		FROM models WHERE algorithm = 'kmeans') m,
	jsonb_array_elements(cluster_drift(old, new, 'SELECT x FROM rays') -> 'clusters') p, cluster_centers(old) a, cluster_centers(new) b
WHERE a.cluster = (p ->> 'was')::int AND b.cluster = (p ->> 'cluster')::int;

-- recipes: versions keep their numbers; those of another distance cannot be compared
CREATE ROLE regress_navigator SUPERUSER;
SET ROLE regress_navigator;
SET client_min_messages = warning;
SELECT cluster_create_registry();
SELECT cluster_define('rays', 'SELECT x FROM zeros ORDER BY id', 'kmeans', 3, '{"distance": "cosine", "missing": "skip"}');
CALL cluster_retrain('rays');
SELECT cluster_define('rays', 'SELECT x FROM zeros WHERE id > 20 ORDER BY id', 'fcm', 3, '{"distance": "cosine", "missing": "skip"}');
CALL cluster_retrain('rays');
SELECT event, count(*) FROM cluster_lineage('rays') WHERE version = 2 GROUP BY event;
SELECT count(*) FILTER (WHERE cluster_id(cluster_model('rays', 1), x) = cluster_id(cluster_model('rays', 2), x)) AS same FROM rays;
SELECT cluster_define('rays', 'SELECT x FROM zeros ORDER BY id', 'kmeans', 3, '{"missing": "skip"}');
CALL cluster_retrain('rays');
SELECT cluster_define('rays', 'SELECT x FROM zeros ORDER BY id', 'kmeans', 3, '{"distance": "cosine", "missing": "skip"}', max_validity_drop => 100);
CALL cluster_retrain('rays');
DROP SCHEMA cluster_registry CASCADE;
RESET ROLE;
DROP OWNED BY regress_navigator;
DROP ROLE regress_navigator;
RESET client_min_messages;

-- the fuzzifier is found from the rows, and keeps memberships apart in many dimensions
CREATE TABLE wide AS SELECT id, (SELECT array_agg((1.2 * sin((id % 20 + 1) * j * 1.7) + sin(hashint8extended(id, j) % 1000) + 0.7)::real ORDER BY j)
	FROM generate_series(1, 200) j) AS x FROM generate_series(1, 1000) id;
SELECT o ->> 'distance' AS distance, (o ->> 'fuzzifier')::float8 < 1.1 AS small, cluster_ari(id % 20, cluster_id(m, x)) > 0.95 AS found,
	avg((SELECT max(u) FROM unnest(cluster_membership(m, x)) u)) > 0.8 AS clear
FROM wide, (SELECT fcm_fit(x, 20, '{"distance": "cosine", "restarts": 10}' ORDER BY id) AS m FROM wide) f, LATERAL (SELECT cluster_info(m) -> 'options' AS o) i GROUP BY m, o;

-- memberships that are as good as equal are noticed, with any distance
SELECT fcm_fit(x, 20, '{"distance": "cosine", "fuzzifier": 2, "max_iterations": 6, "restarts": 1}' ORDER BY id) IS NOT NULL AS trained FROM wide;
SELECT fcm_fit(x, 20, '{"fuzzifier": 2, "max_iterations": 3}' ORDER BY id) IS NOT NULL AS trained FROM wide;
SELECT fcm_fit(x, 2, '{"max_iterations": 3}' ORDER BY id) IS NOT NULL AS "two clusters" FROM wide;

-- errors
SELECT pg_temp.fit(algorithm, 3, '{"distance": "cosine"}') FROM (VALUES ('gk')) a(algorithm);
\set VERBOSITY terse
CREATE FUNCTION pg_temp.try(algorithm text, options jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_temp.fit(algorithm, 3, options);
	RETURN 'trained';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
SELECT algorithm, pg_temp.try(algorithm, '{"distance": "cosine"}') FROM (SELECT DISTINCT algorithm FROM cluster_options()) a
WHERE algorithm NOT IN (SELECT algorithm FROM models) ORDER BY 1;
\set VERBOSITY default
SELECT pg_temp.fit('kmeans', 3, '{"distance": "cosine", "scale": "zscore"}');
SELECT pg_temp.fit('kmeans', 3, '{"distance": "manhattan"}');
SELECT pg_temp.fit('kmeans', 2, '{"distance": "cosine", "init": [[1, 2, 3, 4, 5, 6], [0, 0, 0, 0, 0, 0]]}');
SELECT pg_temp.fit('fcm', 2, '{"distance": "cosine", "fuzzifier": 1.0001}');

DROP TABLE rays, models, sparse, zeros, wide;
DROP EXTENSION vector;
