-- Models from statistics: cluster_update

SET client_min_messages = warning;
\set rows 1500
\i test/sql/include/step_rows.psql
CREATE TABLE step_models AS
	SELECT name, features, algorithm, k, options, pg_temp.bytes(format('SELECT %s_fit(%s, %s, %L ORDER BY id) FROM step_rows',
		algorithm, features, k, options || '{"max_iterations": 1, "restarts": 1, "init": "sample"}')) AS model
	FROM (VALUES ('kmeans', 'kmeans', 7, jsonb '{}'), ('fcm', 'fcm', 7, '{}'), ('fcm 1.7', 'fcm', 7, '{"fuzzifier": 1.7}'),
			('mec', 'mec', 7, '{}'), ('gk', 'gk', 5, '{}'), ('gg', 'gg', 3, '{}'), ('zscore', 'fcm', 7, '{"scale": "zscore"}'),
			('minmax', 'kmeans', 7, '{"scale": "minmax"}'), ('500', 'kmeans', 500, '{}'), ('fcm 500', 'fcm', 500, '{}')) v(name, algorithm, k, options),
		(VALUES ('x'), ('y')) f(features);
ALTER TABLE step_models ADD statistics bytea;
UPDATE step_models SET statistics = pg_temp.bytes(format('SELECT cluster_step(%L, %s) FROM step_rows', model, features));

-- a step and an update are one more iteration of the training, which besides moves empty clusters (500), and finds the
-- priors of gg anew
CREATE FUNCTION pg_temp.differ(a bytea, b bytea) RETURNS float8 LANGUAGE sql AS $$
	SELECT max(abs(p.x - q.x)) FROM cluster_centers(a) c JOIN cluster_centers(b) d USING (cluster),
		unnest(c.center) WITH ORDINALITY p(x, j) JOIN unnest(d.center) WITH ORDINALITY q(x, j) USING (j) WHERE c.weight > 0
$$;
SELECT name, features, pg_temp.differ(updated, model) > 1e-3 AS moved,
	pg_temp.differ(updated, trained) < CASE features WHEN 'x' THEN 1e-8 ELSE 1e-4 END AS same_centers,
	abs((cluster_info(updated)->>'objective')::float8 / (SELECT objective FROM cluster_history(trained) WHERE iteration = 1) - 1) < 1e-5 AS same_objective,
	cluster_info(updated)->>'rows' AS rows
FROM (SELECT *, cluster_update(model, statistics) AS updated,
		pg_temp.bytes(format('SELECT %s_fit(%s, %s, %s_options(init => %L, max_iterations => 1) || %L ORDER BY id) FROM step_rows',
			algorithm, features, k, algorithm, model, options)) AS trained
	FROM step_models m WHERE name <> 'gg') u ORDER BY name, features;
SELECT features, bool_and(abs(c.log_volume - d.log_volume) < CASE features WHEN 'x' THEN 1e-9 ELSE 1e-4 END) AS same_shapes
FROM (SELECT *, cluster_update(model, statistics) AS updated,
		pg_temp.bytes(format('SELECT gk_fit(%s, %s, gk_options(init => %L, max_iterations => 1) ORDER BY id) FROM step_rows', features, k, model)) AS trained
	FROM step_models m WHERE name = 'gk') u, cluster_covariances(updated) c JOIN LATERAL (SELECT * FROM cluster_covariances(trained)) d USING (cluster)
GROUP BY features ORDER BY features;

-- sizes and radii are those of the rows at the centers before
SELECT name, features, bool_and(abs(c.weight - s.weight) < 1e-6) AS sizes, count(*) AS clusters
FROM step_models, cluster_centers(cluster_update(model, statistics)) c
	JOIN LATERAL (SELECT * FROM cluster_statistics(model, statistics)) s USING (cluster) GROUP BY name, features ORDER BY name, features;

-- steps converge as a training does
CREATE FUNCTION pg_temp.iterate(model bytea, n int) RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1 .. n LOOP
		SELECT cluster_update(model, cluster_step(model, x)) INTO model FROM step_rows;
	END LOOP;
	RETURN model;
END
$$;
SELECT name, pg_temp.differ(pg_temp.iterate(model, 30), pg_temp.bytes(format('SELECT %s_fit(x, %s, %s_options(init => %L, tolerance => 0) || %L ORDER BY id) FROM step_rows',
	algorithm, k, algorithm, model, options))) < 1e-6 AS same
FROM step_models WHERE features = 'x' AND name IN ('kmeans', 'minmax') ORDER BY name;

-- without forgetting the new rows count; with all of the past, all rows; and a past that counts half is half of the rows
SELECT cluster, abs(n.center[1] - new_mean) < 1e-9 AS new_rows, abs(a.center[1] - all_mean) < 1e-9 AS all_rows, abs(a.weight - all_rows) < 1e-9 AS weight,
	abs(h.center[1] - half_mean) < 1e-9 AS half, abs(h.weight - half_rows) < 1e-9 AS half_weight,
	abs(t.center[1] - all_mean) < 1e-9 AS twice, abs(t.weight - all_rows) < 1e-9 AS twice_weight
FROM (SELECT kmeans_fit(x, 5 ORDER BY id) AS model FROM step_rows WHERE day = 0) m,
	LATERAL (SELECT cluster_step(model, x) AS s FROM step_rows WHERE day = 1) s,
	LATERAL (SELECT cluster, avg(x[1]) FILTER (WHERE day = 1) AS new_mean, avg(x[1]) AS all_mean, count(*) AS all_rows,
			sum(x[1] * (1 + day)) / sum(1 + day) AS half_mean, sum(1 + day) / 2.0 AS half_rows
		FROM step_rows, cluster_id(model, x) cluster WHERE day < 2 GROUP BY cluster) r
	JOIN LATERAL (SELECT * FROM cluster_centers(cluster_update(model, s))) n USING (cluster)
	JOIN LATERAL (SELECT * FROM cluster_centers(cluster_update(model, s, 1))) a USING (cluster)
	JOIN LATERAL (SELECT * FROM cluster_centers(cluster_update(model, s, forgetting => 0.5))) h USING (cluster)
	JOIN LATERAL (SELECT cluster, center, weight FROM (SELECT cluster_update(model, (SELECT cluster_step(model, x) FROM step_rows WHERE day = 0)) AS frame) f,
		LATERAL (SELECT cluster_update(frame, (SELECT cluster_step(frame, x) FROM step_rows WHERE day = 1), 1) AS updated) b, cluster_centers(updated)) t USING (cluster)
ORDER BY cluster;

-- no statistics, or those of no rows, leave the model as it is; a cluster without rows stays where it is
SELECT cluster_update(model, NULL) = model AS unchanged, cluster_update(NULL, NULL) IS NULL AS none, cluster_update(NULL, statistics) IS NULL AS no_model,
	cluster_update(model, cluster_subtract(statistics, statistics)) = model AS no_rows
FROM step_models WHERE name = 'kmeans' AND features = 'x';
SELECT count(*) AS clusters, count(*) FILTER (WHERE u.weight > 0) AS with_rows, count(*) FILTER (WHERE u.center = c.center) AS unmoved, cluster_info(updated)->'empty_clusters' AS empty
FROM (SELECT model, cluster_update(model, (SELECT cluster_step(model, x) FROM step_rows WHERE id = 3)) AS updated FROM step_models WHERE name = 'kmeans' AND features = 'x') m,
	cluster_centers(model) c JOIN LATERAL (SELECT * FROM cluster_centers(updated)) u USING (cluster) GROUP BY updated;

-- an updated model is a model: scored, updated, a model to start from
SELECT name, count(DISTINCT cluster_id(updated, x)) > 1 AS scores, cluster_update(updated, cluster_step(updated, x)) <> updated AS steps,
	pg_temp.bytes(format('SELECT %s_fit(x, %s, %s_options(init => %L, max_iterations => 3) || %L ORDER BY id) FROM step_rows', algorithm, k, algorithm, updated, options)) IS NOT NULL AS starts
FROM (SELECT *, cluster_update(model, statistics, 0.5) AS updated FROM step_models WHERE features = 'x') m, step_rows GROUP BY name, algorithm, k, options, updated ORDER BY name;

-- errors
SELECT cluster_update(a.model, b.statistics) FROM step_models a, step_models b WHERE a.name = 'fcm' AND b.name = 'mec' AND a.features = 'x' AND b.features = 'x';
SELECT cluster_update(model, model) FROM step_models WHERE name = 'fcm' AND features = 'x';
SELECT cluster_update(model, statistics, 1.5) FROM step_models WHERE name = 'fcm' AND features = 'x';
SELECT cluster_update(model, statistics, 'NaN') FROM step_models WHERE name = 'fcm' AND features = 'x';
SELECT cluster_update(model, statistics, NULL) FROM step_models WHERE name = 'fcm' AND features = 'x';
SELECT cluster_update(statistics, statistics) FROM step_models WHERE name = 'fcm' AND features = 'x';
SELECT cluster_update(cluster_step_model(model), statistics) FROM step_models WHERE name = 'fcm' AND features = 'x';
-- rows that count nothing are left out, and centers stay
SELECT (SELECT array_agg(center) FROM cluster_centers(model)) = (SELECT array_agg(center) FROM cluster_centers(next)) AS same
FROM (SELECT model, cluster_update(model, cluster_step(model, x, 0)) AS next
	FROM step_rows, step_models WHERE name = 'kmeans' AND features = 'x' GROUP BY model) u;

DROP TABLE step_rows, step_models;
