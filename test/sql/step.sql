-- Steps: a pass over rows as a value

SET client_min_messages = warning;	-- models that have not converged are what a step needs

\set rows 2500
\i test/sql/include/step_rows.psql
-- models that have not yet found the groups
CREATE TABLE step_models AS
	SELECT name, features, algorithm, k, options, pg_temp.bytes(format('SELECT %s_fit(%s, %s, %L ORDER BY id) FROM step_rows',
		algorithm, features, k, options || '{"max_iterations": 2, "restarts": 1}')) AS model
	FROM (VALUES ('kmeans', 'kmeans', 5, jsonb '{}'), ('fcm', 'fcm', 5, '{}'), ('fcm 1.7', 'fcm', 5, '{"fuzzifier": 1.7}'),
			('mec', 'mec', 5, '{}'), ('gk', 'gk', 5, '{}'), ('gg', 'gg', 3, '{}'), ('zscore', 'fcm', 5, '{"scale": "zscore"}'),
			('minmax', 'kmeans', 5, '{"scale": "minmax"}'), ('500', 'kmeans', 500, '{}'), ('fcm 500', 'fcm', 500, '{}')) v(name, algorithm, k, options),
		(VALUES ('x'), ('y')) f(features);

-- the same rows, whatever their order, give the same bytes: shuffled, backwards, by shares of any sizes that are
-- merged, by their compact model, by arrays of one type
CREATE FUNCTION pg_temp.ways(model bytea, features text) RETURNS TABLE(way text, statistics bytea) LANGUAGE plpgsql AS $$
DECLARE
	call text := format('cluster_step(%L, %s)', model, features);
BEGIN
	RETURN QUERY
		SELECT v.way, pg_temp.bytes(v.query) FROM (VALUES
			('once', format('SELECT %s FROM step_rows', call)),
			('shuffled', format('SELECT cluster_step(%L, %s ORDER BY md5(id::text)) FROM step_rows', model, features)),
			('backwards', format('SELECT cluster_step(%L, %s ORDER BY id DESC) FROM step_rows', model, features)),
			('7 shares', format('SELECT cluster_merge(s) FROM (SELECT %s AS s FROM step_rows GROUP BY id %% 7) p', call)),
			('uneven shares', format('SELECT cluster_merge(s ORDER BY g) FROM (SELECT floor(log(id)) AS g, %s AS s FROM step_rows GROUP BY 1) p', call)),
			('100 shares', format('SELECT cluster_merge(s ORDER BY g DESC) FROM (SELECT id %% 100 AS g, %s AS s FROM step_rows GROUP BY 1) p', call)),
			('compact', format('SELECT cluster_step(cluster_step_model(%L), %s) FROM step_rows', model, features)),
			('concrete', format('SELECT cluster_step_%s(%L, %s) FROM step_rows', CASE features WHEN 'x' THEN 'double' ELSE 'real' END, model, features)),
			('by column', format('SELECT cluster_step(m, %s) FROM (SELECT %s, %L::bytea || substr(repeat(''x'', id), 1, 0)::bytea AS m FROM step_rows) r',
				features, features, model))) v(way, query);
END
$$;
SELECT name, features, count(*) AS ways, count(DISTINCT statistics) AS results
FROM step_models, pg_temp.ways(model, features) GROUP BY name, features ORDER BY name, features;

-- parallel workers
CREATE FUNCTION pg_temp.gathers(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan::text LIKE '%Gather%' AND plan::text LIKE '%Partial%';
END
$$;
ANALYZE step_rows;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TABLE step_parallel AS SELECT 0 AS workers, name, features, pg_temp.bytes(format('SELECT cluster_step(%L, %s) FROM step_rows', model, features)) AS s
	FROM step_models WHERE false;
SET max_parallel_workers_per_gather = 0;
INSERT INTO step_parallel SELECT 0, name, features, pg_temp.bytes(format('SELECT cluster_step(%L, %s) FROM step_rows', model, features)) FROM step_models;
ALTER TABLE step_rows SET (parallel_workers = 4);
SET max_parallel_workers_per_gather = 1;
SELECT pg_temp.gathers(format('SELECT cluster_step(%L, x) FROM step_rows', model)) AS parallel FROM step_models WHERE name = 'fcm' AND features = 'x';
INSERT INTO step_parallel SELECT 1, name, features, pg_temp.bytes(format('SELECT cluster_step(%L, %s) FROM step_rows', model, features)) FROM step_models;
SET max_parallel_workers_per_gather = 2;
INSERT INTO step_parallel SELECT 2, name, features, pg_temp.bytes(format('SELECT cluster_step(%L, %s) FROM step_rows', model, features)) FROM step_models;
SET max_parallel_workers_per_gather = 4;
INSERT INTO step_parallel SELECT 4, name, features, pg_temp.bytes(format('SELECT cluster_step(%L, %s) FROM step_rows', model, features)) FROM step_models;
SET parallel_leader_participation = off;
INSERT INTO step_parallel SELECT 5, name, features, pg_temp.bytes(format('SELECT cluster_step(%L, %s) FROM step_rows', model, features)) FROM step_models;
RESET parallel_leader_participation;
SELECT count(DISTINCT workers) AS plans, count(*) AS steps, count(*) FILTER (WHERE results <> 1) AS different
FROM (SELECT *, count(*) OVER (PARTITION BY name, features, s) / 5 AS results FROM step_parallel) p;

-- merging in parallel, too
CREATE TABLE step_shares AS SELECT id % 400 AS share, cluster_step(model, x) AS s FROM step_rows, step_models WHERE name = 'fcm' AND features = 'x' GROUP BY 1;
ALTER TABLE step_shares SET (parallel_workers = 4);
SELECT pg_temp.gathers('SELECT cluster_merge(s) FROM step_shares') AS parallel;
SELECT cluster_merge(s) = (SELECT s FROM step_parallel WHERE workers = 0 AND name = 'fcm' AND features = 'x') AS same FROM step_shares;
RESET max_parallel_workers_per_gather;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- subtraction undoes merging, to the byte
SELECT count(*) AS pairs, bool_and(cluster_subtract(merged, b) = a) AS first, bool_and(cluster_subtract(merged, a) = b) AS second
FROM (SELECT m.name, m.features, d.cut, cluster_step(m.model, CASE m.features WHEN 'x' THEN r.x ELSE r.y::float8[] END) FILTER (WHERE id <= cut) AS a,
		cluster_step(m.model, CASE m.features WHEN 'x' THEN r.x ELSE r.y::float8[] END) FILTER (WHERE id > cut) AS b
	FROM step_models m, (VALUES (1), (17), (1000), (2490)) d(cut), step_rows r WHERE name <> 'fcm 500' GROUP BY 1, 2, 3) p,
	LATERAL (SELECT cluster_merge(s) AS merged FROM (VALUES (a), (b)) v(s)) q;

DROP TABLE step_rows, step_models, step_parallel, step_shares;
