-- bench/paper/logical.sql - the logical distance (Kagan, Novoselsky and Rybalov, 2025) on Gaussian clusters in the unit square
--
-- Rows are scaled to .1 .. .9 beforehand, so that all algorithms see the same and
-- centers are in the same units.

-- sets of rows: n rows around k true centers, .2 apart; for the recovery 40 a batch
-- (variable batches, 5), 5 of each kind
CREATE TABLE sets (id int GENERATED ALWAYS AS IDENTITY, study text, k int, sd float8, seed int, n int);
INSERT INTO sets (study, k, sd, seed, n)
	SELECT 'spread', k, 0.1 / sqrt(k), seed, 400 FROM unnest(ARRAY[1, 5]) k, generate_series(1, 5) seed
	UNION ALL SELECT 'coefficient', 10, 0.03, seed, 400 FROM generate_series(1, 3) seed
	UNION ALL SELECT 'recovery', k, sd, seed, 200
		FROM generate_series(1, 5 * :batches) seed, unnest(ARRAY[2, 3, 5, 10]) k, unnest(ARRAY[0.02, 0.04]) sd;

CREATE TABLE centers AS SELECT id, c, x, y FROM sets, true_centers(k, seed, 0.1, 0.2);
CREATE TABLE raw_rows AS
	SELECT id, i, x + sd * normal(id, seed, i, 1) AS x, y + sd * normal(id, seed, i, 2) AS y
	FROM sets JOIN centers USING (id), generate_series(1, n) i WHERE c = (i - 1) % k + 1;
CREATE TABLE range AS SELECT id, min(x) AS x0, max(x) AS x1, min(y) AS y0, max(y) AS y1 FROM raw_rows GROUP BY id;
CREATE TABLE rows AS
	SELECT id, i, ARRAY[0.1 + 0.8 * (x - x0) / (x1 - x0), 0.1 + 0.8 * (y - y0) / (y1 - y0)] AS x FROM raw_rows JOIN range USING (id);
UPDATE centers SET x = 0.1 + 0.8 * (x - x0) / (x1 - x0), y = 0.1 + 0.8 * (y - y0) / (y1 - y0) FROM range r WHERE r.id = centers.id;
CREATE INDEX ON rows (id);
ANALYZE;

-- a model from the grid of g x g centers, none of which is merged
CREATE FUNCTION grid_model(algorithm text, set_id int, g int, options jsonb) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
	grid jsonb := (SELECT jsonb_agg(jsonb_build_array((i + 0.5) / g, (j + 0.5) / g) ORDER BY i, j)
		FROM generate_series(0, g - 1) i, generate_series(0, g - 1) j);
BEGIN
	EXECUTE format('SELECT %I_fit(x, %s, %L::jsonb ORDER BY i) FROM rows WHERE id = %s', algorithm, g * g,
		jsonb_build_object('init', grid, 'tolerance', 1e-5, 'max_iterations', 100) || options, set_id) INTO model;
	RETURN model;
END $$;

CREATE TABLE algorithms (place int GENERATED ALWAYS AS IDENTITY, name text, algorithm text, options jsonb);
INSERT INTO algorithms (name, algorithm, options) VALUES
	('fcm', 'fcm', '{}'),
	('gk', 'gk', '{"regularization": 0.01}'),
	('gg', 'gg', '{"weight_exponent": 2}'),
	('logical .5', 'logical', '{"vartheta": 0.5}'),
	('logical .4', 'logical', '{"vartheta": 0.4}');

-- ---- where the centers are that began as a grid

CREATE TABLE spread AS
	SELECT id, k, g, name, grid_model(algorithm, id, g, options) AS model
	FROM sets, algorithms, unnest(ARRAY[4, 5, 7]) g WHERE study = 'spread';
-- each center found belongs to the nearest true one
CREATE TABLE found AS
	SELECT id, g, name, t.c, t.x AS true_x, t.y AS true_y, center[1] AS x, center[2] AS y
	FROM spread, cluster_centers(model), LATERAL (SELECT c, x, y FROM centers t
		WHERE t.id = spread.id ORDER BY (x - center[1]) ^ 2 + (y - center[2]) ^ 2 LIMIT 1) t;

\echo 'Centers that began as a grid: sd (distance to the mean of those nearest to the same true center) and'
\echo 'MSE (squared distance of that mean to the true center), in the unit square; means of 5 sets of 400 rows'
SELECT k AS "true", g * g AS centers, name AS algorithm, round(sqrt(avg(var))::numeric, 3) AS sd, round((1e4 * avg(mse))::numeric, 2) AS "MSE/1e-4"
FROM (SELECT id, g, name, c, var_pop(x) + var_pop(y) AS var, (avg(x) - avg(true_x)) ^ 2 + (avg(y) - avg(true_y)) ^ 2 AS mse
		FROM found GROUP BY id, g, name, c) t
	JOIN sets USING (id) JOIN algorithms USING (name)
GROUP BY k, g, name, place ORDER BY k, g, place;

-- ---- partition coefficient

\echo 'Partition coefficient with a number of centers that began as a grid; 10 true clusters, 400 rows, 3 sets'
SELECT g * g AS centers, round(avg(pc) FILTER (WHERE name = 'fcm')::numeric, 3) AS fcm, round(avg(pc) FILTER (WHERE name = 'gk')::numeric, 3) AS gk,
	round(avg(pc) FILTER (WHERE name = 'gg')::numeric, 3) AS gg, round(avg(pc) FILTER (WHERE name = 'logical .5')::numeric, 3) AS "logical .5",
	round(avg(pc) FILTER (WHERE name = 'logical .4')::numeric, 3) AS "logical .4"
FROM sets, algorithms, generate_series(2, 10) g,
	LATERAL (SELECT grid_model(algorithm, id, g, options) AS model OFFSET 0) m,
	LATERAL (SELECT (cluster_validity(model, x) ->> 'partition_coefficient')::float8 AS pc FROM rows WHERE rows.id = sets.id) v
WHERE study = 'coefficient' GROUP BY g ORDER BY g;

-- ---- the number of clusters

-- Rows as they came: how they are scaled matters here.  The paper scales each
-- column by its own range; 100 iterations and a tolerance of 1e-4 are the defaults.
CREATE TABLE recognized AS
	SELECT id, k, sd, (seed - 1) / 5 + 1 AS batch, vartheta, stretch, info(model, 'clusters')::int AS clusters
	FROM sets, unnest(ARRAY[0.35, 0.4, 0.45, 0.5]) vartheta, unnest(ARRAY['common', 'each']) stretch,
		LATERAL (SELECT logical_fit(ARRAY[x, y], NULL, logical_options(vartheta => vartheta, stretch => stretch) ORDER BY i) AS model
			FROM raw_rows r WHERE r.id = sets.id) m
	WHERE study = 'recovery';

\echo 'Recognized number of clusters: exact ones of 40 sets, in the batches, and their mean'
SELECT stretch, vartheta, string_agg(exact::text, ' ' ORDER BY batch) AS batches, round(avg(exact), 1) AS mean
FROM (SELECT stretch, vartheta, batch, count(*) FILTER (WHERE clusters = k) AS exact FROM recognized GROUP BY 1, 2, 3) t
GROUP BY stretch, vartheta ORDER BY stretch, vartheta;

\echo 'The same by kind, with vartheta = .4: how often which number'
SELECT stretch, k AS "true", sd, round(avg((clusters = k)::int), 2) AS exact,
	(SELECT string_agg(format('%s x %s', n, clusters), ', ' ORDER BY clusters)
	 FROM (SELECT clusters, count(*) AS n FROM recognized s WHERE (s.k, s.sd, s.vartheta, s.stretch) = (r.k, r.sd, 0.4, r.stretch)
		GROUP BY clusters) c) AS recognized
FROM recognized r WHERE vartheta = 0.4 GROUP BY stretch, k, sd ORDER BY stretch, k, sd;

-- more columns than the paper has: with its vartheta everything merges, the default depends on their number
CREATE TABLE columns AS
	SELECT d, k, sd, seed, i, (SELECT array_agg(0.1 + 0.8 * uniform(d, k, seed, i % k, j) + sd * normal(d, k, seed, i, j, 1) ORDER BY j)
			FROM generate_series(1, d) j) AS x
	FROM unnest(ARRAY[3, 4, 5, 6, 8, 10, 12]) d, unnest(ARRAY[2, 3, 5, 10]) k, unnest(ARRAY[0.02, 0.04]) sd,
		generate_series(21, 25) seed, generate_series(1, 600) i;
CREATE INDEX ON columns (d, k, sd, seed);
ANALYZE columns;

\echo 'Exact ones of 40 sets of 600 rows around random centers, which may be close together, by the number of columns'
SELECT d AS columns, round((min(vartheta) FILTER (WHERE given IS NULL))::numeric, 3) AS vartheta,
	count(*) FILTER (WHERE given IS NULL AND clusters = k) AS "default", count(*) FILTER (WHERE given = 0.4 AND clusters = k) AS "0.4",
	count(*) FILTER (WHERE given = 0.48 AND clusters = k) AS "0.48"
FROM (SELECT s.d, s.k, given, info(model, 'clusters')::int AS clusters, (cluster_info(model) #>> '{options,vartheta}')::float8 AS vartheta
	FROM (SELECT DISTINCT d, k, sd, seed FROM columns) s, unnest(ARRAY[NULL, 0.4, 0.48]) given,
		LATERAL (SELECT logical_fit(x, NULL, logical_options(vartheta => given) ORDER BY i) AS model
			FROM columns c WHERE (c.d, c.k, c.sd, c.seed) = (s.d, s.k, s.sd, s.seed)) m) t
GROUP BY d ORDER BY d;

-- beside it: the number for which an index of other algorithms is best
CREATE TABLE selected AS
	SELECT id, k, algorithm, clusters, best
	FROM sets, unnest(ARRAY['fcm', 'gk', 'gg']) algorithm,
		cluster_select(format('SELECT x FROM rows WHERE id = %s ORDER BY i', id), 2, 12, algorithm,
			CASE algorithm WHEN 'gk' THEN '{"regularization": 0.01, "restarts": 3, "tolerance": 1e-5}'
				WHEN 'gg' THEN '{"weight_exponent": 2, "restarts": 3, "tolerance": 1e-5}' ELSE '{"restarts": 3, "tolerance": 1e-5}' END::jsonb)
	WHERE study = 'recovery' AND seed <= 5;

\echo 'Exact ones of the 40 sets of the first batch when cluster_select tries 2 to 12 clusters'
SELECT index, count(*) FILTER (WHERE algorithm = 'fcm') AS fcm, count(*) FILTER (WHERE algorithm = 'gk') AS gk, count(*) FILTER (WHERE algorithm = 'gg') AS gg
FROM selected, unnest(best) index WHERE clusters = k GROUP BY index ORDER BY index;

INSERT INTO promise
	SELECT format('logical, stretch %s, exact number of clusters, mean of 40', stretch), count(*) FILTER (WHERE clusters = k) * 1.0 / :batches,
		CASE stretch WHEN 'common' THEN 36 END, NULL
	FROM recognized WHERE vartheta = 0.4 GROUP BY stretch ORDER BY stretch;
