-- Steps in all kinds of queries, on all kinds of input; and bytes that are not what they should be

SET client_min_messages = warning;
CREATE TABLE step_rows AS
	SELECT i AS id, i % 3 AS day, 6 * (i % 2) + sin(i) AS a, cos(i) AS b, ARRAY[6 * (i % 2) + sin(i), cos(i)] AS x
	FROM generate_series(1, 600) i;
CREATE TABLE step_model AS SELECT kmeans_fit(x, 2 ORDER BY id) AS model, kmeans_fit(ROW(a, b), 2 ORDER BY id) AS unnamed,
	(SELECT kmeans_fit(r, 2 ORDER BY a) FROM (SELECT a, b FROM step_rows) r) AS named,
	fcm_fit(x, 2, '{"missing": "skip"}' ORDER BY id) AS skips FROM step_rows;

-- windows: every frame has the statistics of its rows, while the state goes on
SELECT count(*) AS frames, count(*) FILTER (WHERE s <> (SELECT cluster_step(model, x) FROM step_rows r WHERE r.id <= w.id)) AS running
FROM (SELECT id, model, cluster_step(model, x) OVER (ORDER BY id) AS s FROM step_rows, step_model WHERE id <= 100) w;
SELECT count(*) AS frames, count(*) FILTER (WHERE s <> (SELECT cluster_step(model, x) FROM step_rows r WHERE r.id BETWEEN w.id - 20 AND w.id)) AS moving
FROM (SELECT id, model, cluster_step(model, x) OVER (ORDER BY id ROWS 20 PRECEDING) AS s FROM step_rows, step_model WHERE id <= 100) w;
SELECT count(*) AS frames, count(DISTINCT s) AS results
FROM (SELECT cluster_merge(s) OVER () AS s FROM (SELECT cluster_step(model, x) AS s FROM step_rows, step_model GROUP BY day) p) w;

-- FILTER, DISTINCT, grouping sets, two steps at a time, many groups by hashing and by sorting
SELECT cluster_step(model, x) FILTER (WHERE day = 1) = (SELECT cluster_step(model, x) FROM step_rows, step_model WHERE day = 1) AS filter,
	cluster_step(model, x) FILTER (WHERE day > 5) IS NULL AS none,
	(cluster_statistics_info(cluster_step(DISTINCT model, x))->>'rows')::int AS distinct_rows,
	cluster_step(model, x) <> cluster_step(skips, x) AS two FROM step_rows, step_model;
SELECT day, (cluster_statistics_info(cluster_step(model, x))->>'rows')::int AS rows
FROM step_rows, step_model GROUP BY GROUPING SETS ((day), ()) ORDER BY day;
CREATE TABLE step_groups AS SELECT id % 97 AS g, cluster_step(model, x) AS s FROM step_rows, step_model GROUP BY 1;
SET enable_hashagg = off;
SELECT count(*) AS groups, bool_and(g.s = r.s) AS same
FROM step_groups g JOIN (SELECT id % 97 AS g, cluster_step(model, x) AS s FROM step_rows, step_model GROUP BY 1) r USING (g);
RESET enable_hashagg;

-- a model for each group
SELECT name, s = CASE name WHEN 'model' THEN whole ELSE skipping END AS same
FROM (SELECT name, cluster_step(m, x) AS s FROM step_rows, step_model, LATERAL (VALUES ('model', model), ('skips', skips)) v(name, m) GROUP BY name, m) g,
	(SELECT cluster_step(model, x) AS whole, cluster_step(skips, x) AS skipping FROM step_rows, step_model) w ORDER BY name;

-- all kinds of features; the same numbers in the same precision give the same statistics
SELECT count(DISTINCT s) AS results FROM (
	SELECT cluster_step(model, x) AS s FROM step_rows, step_model UNION ALL
	SELECT cluster_step(model, ROW(a, b)) FROM step_rows, step_model UNION ALL
	SELECT cluster_step(model, x::text) FROM step_rows, step_model UNION ALL
	SELECT cluster_step(model, to_jsonb(x)) FROM step_rows, step_model UNION ALL
	SELECT cluster_step(model, x::numeric[]) FROM step_rows, step_model UNION ALL
	SELECT cluster_step_double(model, x) FROM step_rows, step_model UNION ALL
	SELECT cluster_step(model, x, 1) FROM step_rows, step_model) v;
SELECT cluster_step(model, x::real[]) = cluster_step_real(model, x::real[]) AS same FROM step_rows, step_model;

-- rows without features, or without a weight, are skipped and counted; no rows, no statistics
SELECT cluster_statistics_info(cluster_step(model, CASE WHEN day > 0 THEN x END)) - 'model' - 'objective' AS info FROM step_rows, step_model;
SELECT i->'rows' AS rows, i->'skipped' AS skipped
FROM (SELECT cluster_statistics_info(cluster_step(model, x, nullif(day, 1))) AS i FROM step_rows, step_model) s;
SELECT i->'rows' AS rows, i->'skipped' AS skipped
FROM (SELECT cluster_statistics_info(cluster_step(skips, CASE day WHEN 0 THEN x WHEN 1 THEN '{NaN,1}' ELSE '{NULL,1}' END)) AS i FROM step_rows, step_model) s;
SELECT cluster_step(model, x) IS NULL AS no_rows FROM step_rows, step_model WHERE false;
SELECT cluster_step(skips, NULL::float8[]) IS NOT NULL AS only_skipped
FROM step_model, generate_series(1, 3) GROUP BY skips;
SELECT cluster_merge(s) IS NULL AS nothing, cluster_merge(s) FILTER (WHERE g > 1) IS NULL AS no_rows FROM (VALUES (NULL::bytea, 1)) v(s, g);
SELECT (SELECT cluster_merge(m) FROM (VALUES (NULL), (s), (NULL)) v(m)) = s AS same FROM step_groups WHERE g = 1;

-- weights: 2 is two rows
SELECT bool_and(abs(w.mass - t.mass) < 1e-9 AND abs(w.rows - t.rows) < 1e-9 AND abs(w.radius - t.radius) < 1e-9 AND abs(w.mean[1] - t.mean[1]) < 1e-9) AS same
FROM step_model, (SELECT cluster_step(model, x, 1 + id % 2) AS s FROM step_rows, step_model) a,
	(SELECT cluster_step(model, x) AS s FROM step_rows, step_model, LATERAL generate_series(0, id % 2)) b,
	LATERAL (SELECT * FROM cluster_statistics(model, a.s)) w JOIN LATERAL (SELECT * FROM cluster_statistics(model, b.s)) t USING (cluster);
SELECT cluster, rows, weight, mass, mean IS NULL AS no_mean, radius FROM step_model,
	cluster_statistics(model, (SELECT cluster_step(model, x, 0) FROM step_rows WHERE id = 1)) ORDER BY cluster;

-- values far from the model's, of which each needs room of its own
CREATE TABLE step_far AS SELECT i AS id, i % 5 > 2 AS far, CASE WHEN i % 5 < 3 THEN ARRAY[sin(i), cos(i)]
	ELSE ARRAY[sin(i) * 10::float8 ^ (i % 97), cos(i) * 10::float8 ^ -(i % 201)] END AS x FROM generate_series(1, 1000) i;
CREATE TABLE step_far_models AS SELECT v.* FROM (SELECT kmeans_fit(x, 3 ORDER BY id) AS kmeans, fcm_fit(x, 3 ORDER BY id) AS fcm,
		mec_fit(x, 3 ORDER BY id) AS mec, gk_fit(x, 3 ORDER BY id) AS gk FROM step_far WHERE NOT far) m,
	LATERAL (VALUES ('kmeans', kmeans), ('fcm', fcm), ('mec', mec), ('gk', gk)) v(name, model);
SELECT name, length(whole) > length(near) AS longer, whole = backwards AS backwards, whole = merged AS merged,
	cluster_subtract(whole, near) = far AND cluster_subtract(whole, far) = near AS subtracted
FROM (SELECT name, cluster_step(model, x) AS whole, cluster_step(model, x ORDER BY id DESC) AS backwards,
		cluster_step(model, x) FILTER (WHERE far) AS far, cluster_step(model, x) FILTER (WHERE NOT far) AS near
	FROM step_far, step_far_models GROUP BY name) s
	JOIN (SELECT name, cluster_merge(s) AS merged FROM (SELECT name, cluster_step(model, x) AS s FROM step_far, step_far_models GROUP BY name, id % 50) p GROUP BY name) m
	USING (name) ORDER BY name;

-- subtraction undoes merging, 10,000 times
SELECT count(*) AS pairs, bool_and(cluster_subtract(merged, b.s) = a.s) AS undone
FROM (SELECT id % 50 AS g, cluster_step(model, x) AS s FROM step_far, step_far_models WHERE name = 'fcm' GROUP BY 1) a,
	(SELECT id / 5 AS g, cluster_step(model, x) AS s FROM step_far, step_far_models WHERE name = 'fcm' AND id < 1000 GROUP BY 1) b,
	LATERAL (SELECT cluster_merge(s) AS merged FROM (VALUES (a.s), (b.s)) v(s)) m;

-- what statistics say
SELECT cluster, s.rows = n AS rows, abs(weight - n) < 1e-9 AS weight, abs(mass - n) < 1e-9 AS mass,
	abs(mean[1] - m) < 1e-9 AS mean, abs(radius - r) < 1e-9 AS radius
FROM step_model, cluster_statistics(model, (SELECT cluster_step(model, x) FROM step_rows)) s
	JOIN LATERAL (SELECT cluster_id(model, x) AS cluster, count(*) AS n, avg(x[1]) AS m, avg((cluster_distance(model, x))[cluster_id(model, x)]) AS r
		FROM step_rows GROUP BY 1) d USING (cluster) ORDER BY cluster;

-- names of features
SELECT cluster_step(named, r) = cluster_step(named, ROW(a, b)) AS same FROM step_model, (SELECT a, b FROM step_rows) r;
SELECT cluster_step(named, r) FROM step_model, (SELECT b, a FROM step_rows) r;
SELECT cluster_step(named, r) FROM step_model, (SELECT a, b AS c FROM step_rows) r;

-- errors: the model
SELECT cluster_step(NULL, x) FROM step_rows;
SELECT cluster_step('rows', x) FROM step_rows;
SELECT cluster_step(CASE WHEN id > 3 THEN skips ELSE model END, x) FROM step_rows, step_model;
SELECT cluster_step(CASE WHEN id < 3 THEN model END, x) FROM step_rows, step_model;
SELECT cluster_step(m, '{1,1}'::float8[]) FROM (SELECT spectral_fit(x, 2) AS m FROM step_rows WHERE id < 50) s;
SELECT cluster_step((SELECT gg_fit(ARRAY[i % 7, i % 5, i % 3], 3) FROM generate_series(1, 105) i), x) FROM step_rows;
SELECT length(cluster_step(m, array_fill(0::real, ARRAY[300]))) FROM (SELECT gk_fit(array_fill(i::real, ARRAY[300]), 100, '{"max_iterations": 1, "restarts": 1}') AS m FROM generate_series(1, 200) i) s;
SELECT cluster_step_model('\x00');
SELECT cluster_step_model(s) FROM step_groups WHERE g = 1;
SELECT cluster_id(cluster_step_model(model), x) FROM step_rows, step_model LIMIT 1;
SELECT cluster_update(cluster_step_model(model), s) FROM step_model, step_groups WHERE g = 1;

-- ... the rows
SELECT cluster_step(model, ARRAY[a]) FROM step_rows, step_model;
SELECT cluster_step(model, ARRAY[a, 'NaN']) FROM step_rows, step_model;
SELECT cluster_step(model, ARRAY[a, NULL]) FROM step_rows, step_model;
SELECT cluster_step(model, x, -1) FROM step_rows, step_model;
SELECT cluster_step(model, x, 'NaN') FROM step_rows, step_model;
SELECT cluster_step(model, x, 'Infinity') FROM step_rows, step_model;
SELECT cluster_step(model, id) FROM step_rows, step_model;

-- ... statistics
SELECT cluster_merge(model) FROM step_model;
SELECT cluster_merge(cluster_step_model(model)) FROM step_model;
SELECT cluster_merge('\x00');
SELECT cluster_merge(s) FROM (SELECT cluster_step(model, x) AS s FROM step_rows, step_model UNION ALL SELECT cluster_step(skips, x) FROM step_rows, step_model) v;
SELECT cluster_merge(s) FROM (SELECT cluster_step(model, x) AS s FROM step_rows, step_model UNION ALL SELECT cluster_step(model, x::real[]) FROM step_rows, step_model) v;
SELECT cluster_merge(s) FROM (SELECT cluster_step(model, x) AS s FROM step_rows, step_model UNION ALL SELECT cluster_sample(x, 5, 1) FROM step_rows) v;
SELECT cluster_subtract(a.s, b.s) FROM step_groups a, (SELECT cluster_merge(s) AS s FROM step_groups) b WHERE g = 1;
SELECT cluster_subtract(s, model) FROM step_groups, step_model WHERE g = 1;
SELECT * FROM step_model, cluster_statistics(skips, (SELECT s FROM step_groups WHERE g = 1));
SELECT cluster_statistics_info(substr(s, 1, length(s) - 1)) FROM step_groups WHERE g = 1;

-- parts of the aggregates are not for others
SELECT cluster_step_final('\x00');
SELECT cluster_step_combine('\x00', '\x00');
CREATE AGGREGATE pg_temp.forged(bytea, float8[]) (SFUNC = cluster_step_double_accum, STYPE = bytea, FINALFUNC = cluster_step_final, INITCOND = '\x00');
SELECT pg_temp.forged(model, x) FROM step_rows, step_model;
CREATE AGGREGATE pg_temp.open_step(bytea, float8[]) (SFUNC = cluster_step_double_accum, STYPE = bytea);
CREATE AGGREGATE pg_temp.combined(bytea) (SFUNC = cluster_step_combine, STYPE = bytea, FINALFUNC = cluster_step_final);
SELECT pg_temp.combined(s) = (SELECT cluster_step(model, x) FROM step_rows, step_model) AS same
FROM (SELECT pg_temp.open_step(model, x) AS s FROM step_rows, step_model GROUP BY id % 7) p;
SELECT pg_temp.combined(s) FROM (SELECT pg_temp.open_step(model, x) AS s FROM step_rows, step_model UNION ALL SELECT pg_temp.open_step(skips, x) FROM step_rows, step_model) v;
SELECT pg_temp.combined(s) FROM step_groups;

-- a model that only the first row of each process has
CREATE VIEW step_once AS SELECT cluster_step(cluster_step_once(m.model), x) AS any, cluster_step_real(cluster_step_once(m.model), x::real[]) AS real,
	cluster_step_double(cluster_step_once(m.model), x, id) AS weights, cluster_step_double(cluster_step_once(m.model), x) FILTER (WHERE id > 7) AS filter,
	cluster_step_double(cluster_step_once(m.model), CASE WHEN id > 7 THEN x END) AS skipped FROM step_rows, (SELECT (SELECT model FROM step_model) AS model) m;
CREATE VIEW step_always AS SELECT cluster_step(m.model, x) AS any, cluster_step_real(m.model, x::real[]) AS real,
	cluster_step_double(m.model, x, id) AS weights, cluster_step_double(m.model, x) FILTER (WHERE id > 7) AS filter,
	cluster_step_double(m.model, CASE WHEN id > 7 THEN x END) AS skipped FROM step_rows, (SELECT (SELECT model FROM step_model) AS model) m;
CREATE TABLE step_ways AS SELECT 'always' AS way, * FROM step_always UNION ALL SELECT 'once', * FROM step_once;
SET max_parallel_workers_per_gather = 3;
SET parallel_setup_cost = 0;
SET min_parallel_table_scan_size = 0;
EXPLAIN (COSTS off) SELECT cluster_step_double(cluster_step_once('\x00'), x) FROM step_rows;
CREATE TABLE step_shared AS SELECT 'once, in parallel' AS way, * FROM step_once;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET min_parallel_table_scan_size;
SELECT count(*) AS ways, count(DISTINCT "any") AS any, count(DISTINCT "real") AS real, count(DISTINCT weights) AS weights,
	count(DISTINCT filter) AS filter, count(DISTINCT skipped) AS skipped
FROM (TABLE step_ways UNION ALL TABLE step_shared) w;
SELECT i, octet_length(cluster_step_once(model)) > 0 AS sent FROM step_model, generate_series(1, 3) i ORDER BY i;
SELECT cluster_step_once(NULL);
SELECT id % 2, cluster_step_double(cluster_step_once(model), x) FROM step_rows, step_model GROUP BY 1;
SELECT cluster_step_double('', x) FROM step_rows;

-- states and statistics that somebody changed: refused, or harmless
CREATE FUNCTION pg_temp.vary(value bytea, i int) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	draw bytea := decode(md5(i::text), 'hex');
	n int := length(value);
	a int := (get_byte(draw, 0) * 65536 + get_byte(draw, 1) * 256 + get_byte(draw, 2)) % n;
	b int := (get_byte(draw, 3) * 65536 + get_byte(draw, 4) * 256 + get_byte(draw, 5)) % n;
	header int := get_byte(draw, 6) % least(n, 240);
BEGIN
	CASE i % 7
		WHEN 0 THEN RETURN set_bit(value, 8 * a + i / 10 % 8, 1 - get_bit(value, 8 * a + i / 10 % 8));
		WHEN 1, 2 THEN RETURN set_byte(value, header, get_byte(draw, 7));
		WHEN 3 THEN RETURN substr(value, 1, a);
		WHEN 4 THEN RETURN value || substr(draw, 1, 1 + get_byte(draw, 9) % 16);
		WHEN 5 THEN RETURN overlay(value PLACING draw FROM 1 + a);
		ELSE RETURN overlay(value PLACING '\xffffffffffffff7f' FROM 1 + header / 8 * 8 + 4 * (i / 7 % 2));
	END CASE;
END
$$;
CREATE FUNCTION pg_temp.verdict(query text, value bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query USING value;
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END
$$;
CREATE TABLE step_forged AS SELECT 'SELECT pg_temp.combined(s) FROM (VALUES ($1), ($1)) v(s)' AS query, (SELECT pg_temp.open_step(model, x) FROM step_rows, step_model WHERE id < 50) AS value
	UNION ALL SELECT 'SELECT cluster_subtract(cluster_merge(s), $1) FROM (VALUES ($1), ($1)) v(s)', s FROM step_groups WHERE g = 1
	UNION ALL SELECT 'SELECT * FROM step_model, cluster_statistics(model, $1)', s FROM step_groups WHERE g = 1
	UNION ALL SELECT 'SELECT cluster_update(model, $1) FROM step_model', s FROM step_groups WHERE g = 1
	UNION ALL SELECT 'SELECT cluster_statistics_info($1)', s FROM step_groups WHERE g = 1
	UNION ALL SELECT 'SELECT cluster_step($1, x) FROM step_rows WHERE id < 5', cluster_step_model(model) FROM step_model;
SELECT query, pg_temp.verdict(query, value) AS value, count(*) FILTER (WHERE verdict <> 'accepted') > 1000 AS refused,
	array_agg(DISTINCT verdict ORDER BY verdict) FILTER (WHERE verdict !~ 'accepted|XX001|0A000|22023|54000|22003') AS others
FROM step_forged, generate_series(1, 3000) i, LATERAL (SELECT pg_temp.verdict(query, pg_temp.vary(value, i)) AS verdict OFFSET 0) v GROUP BY query, value ORDER BY 1;

DROP VIEW step_once, step_always;
DROP TABLE step_ways, step_shared, step_rows, step_model, step_groups, step_forged, step_far, step_far_models;
