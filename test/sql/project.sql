-- cluster_project: rows on a plane.  Golden numbers are in test/unit/project.c.

-- three groups in five columns; one of words; gaps
CREATE TEMP TABLE points AS
	SELECT i, i % 3 AS class, ARRAY[8 * (i % 3 = 1)::int + sin(i), 5 * (i % 3 = 2)::int + cos(i * 2.3), sin(i * 1.7), 0.5 * cos(i * 0.9), 3]::float8[] AS x,
		(ARRAY['low', 'mid', 'high'])[1 + i % 3] AS word, CASE WHEN i % 7 > 0 THEN sin(i) END AS gap
	FROM generate_series(1, 300) i;

CREATE TEMP TABLE models AS
	SELECT algorithm, NULL::bytea AS model FROM unnest(ARRAY['kmeans', 'fcm', 'mec', 'tsallis', 'logical', 'spectral']) algorithm;
DO $$ DECLARE m record; BEGIN
	FOR m IN SELECT algorithm FROM models LOOP
		EXECUTE format('UPDATE models SET model = %s_train(''SELECT x FROM points ORDER BY i'', 3) WHERE algorithm = %L', m.algorithm, m.algorithm);
	END LOOP;
END $$;

-- two numbers, around zero, not correlated, the first one with the larger variance; groups are apart on the map
SELECT algorithm, bool_and(array_length(at, 1) = 2) AS two, abs(avg(at[1])) < 1e-5 AND abs(avg(at[2])) < 1e-5 AS centered,
	abs(corr(at[1], at[2])) < 1e-5 AS uncorrelated, variance(at[1]) > variance(at[2]) AS sorted, pg_typeof(min(at)) AS type
FROM models, points, LATERAL cluster_project(model, x) AS at GROUP BY algorithm ORDER BY algorithm;
SELECT algorithm, min(r2) > 0.9 AS apart FROM (
	SELECT algorithm, 1 - sum(within) / sum(whole) AS r2 FROM (
		SELECT algorithm, (at[1] - avg(at[1]) OVER w) ^ 2 + (at[2] - avg(at[2]) OVER w) ^ 2 AS within,
			(at[1] - avg(at[1]) OVER a) ^ 2 + (at[2] - avg(at[2]) OVER a) ^ 2 AS whole
		FROM models, points, LATERAL cluster_project(model, x) AS at
		WINDOW w AS (PARTITION BY algorithm, class), a AS (PARTITION BY algorithm)) s GROUP BY algorithm) r
GROUP BY algorithm ORDER BY algorithm;

-- no plane has more of the variance: turned axes have less than the first
SELECT bool_and(turned <= first * (1 + 1e-9)) AS most FROM (
	SELECT angle, variance(cos(angle) * at[1] + sin(angle) * at[2]) AS turned, variance(at[1]) AS first
	FROM models, points, LATERAL cluster_project(model, x) AS at, generate_series(0, 3, 0.3) angle WHERE algorithm = 'fcm' GROUP BY angle) t;

-- any type of features; the same row, the same place
SELECT bool_and(cluster_project(model, x) = cluster_project(model, x::text)) AS written,
	bool_and(cluster_project(model, x) = cluster_project(model, to_jsonb(x))) AS json,
	bool_and(cluster_project(model => model, features => x) = cluster_project(model, ROW(x[1], x[2], x[3], x[4], x[5]))) AS rows
FROM models, points WHERE algorithm = 'fcm';

-- units do not matter where rows are scaled, nor where they lie; lengths do not where they are directions
CREATE TEMP TABLE moved AS SELECT i, ARRAY[x[1] * 1000 + 7e6, x[2] * 0.01 - 4, x[3], x[4], x[5]] AS y, x FROM points;
SELECT max(abs(a[1] - b[1]) + abs(a[2] - b[2])) < 1e-3 AS scaled
FROM (SELECT fcm_fit(x, 3, fcm_options(scale => 'zscore') ORDER BY i) AS mx, fcm_fit(y, 3, fcm_options(scale => 'zscore') ORDER BY i) AS my FROM moved) m,
	moved, LATERAL cluster_project(mx, x) AS a, LATERAL cluster_project(my, y) AS b;
SELECT max(abs(a[1] - b[1]) + abs(a[2] - b[2])) < 1e-3 AS far
FROM (SELECT fcm_fit(x, 3 ORDER BY i) AS mx, fcm_fit(ARRAY[x[1] + 2e7, x[2], x[3], x[4], x[5]], 3 ORDER BY i) AS my FROM points) m,
	points, LATERAL cluster_project(mx, x) AS a, LATERAL cluster_project(my, ARRAY[x[1] + 2e7, x[2], x[3], x[4], x[5]]) AS b;
SELECT max(abs(a[1] - b[1]) + abs(a[2] - b[2])) < 1e-6 AS directions
FROM (SELECT kmeans_fit(x, 3, kmeans_options(distance => 'cosine') ORDER BY i) AS model FROM points) m,
	points, LATERAL cluster_project(model, x) AS a, LATERAL cluster_project(model, ARRAY[9 * x[1], 9 * x[2], 9 * x[3], 9 * x[4], 9 * x[5]]) AS b;

-- weights of rows: as if rows were there as often
SELECT max(abs(a[1] - b[1]) + abs(a[2] - b[2])) < 1e-5 AS weighted
FROM (SELECT kmeans_train('SELECT x, 1 + i % 3 AS w FROM points ORDER BY i', 3, kmeans_options(weight => 'w')) AS weighted,
		kmeans_train('SELECT x FROM points, generate_series(0, i % 3) ORDER BY i', 3) AS repeated) m,
	points, LATERAL cluster_project(weighted, x) AS a, LATERAL cluster_project(repeated, x) AS b;

-- categories, and values that are not there: the mean
CREATE TEMP TABLE mixed AS SELECT kmeans_train('SELECT word, x[1] AS a, gap FROM points ORDER BY i', 3, kmeans_options(missing => 'partial')) AS partial,
	kmeans_train('SELECT word, x[1] AS a, gap FROM points ORDER BY i', 3, kmeans_options(missing => 'mean')) AS mean,
	kmeans_train('SELECT x[1] AS a, gap FROM points ORDER BY i', 3, kmeans_options(missing => 'skip')) AS skip;
SELECT count(cluster_project(partial, r)) AS partial, count(cluster_project(mean, r)) AS mean,
	count(cluster_project(skip, (SELECT s FROM (SELECT (r).a, (r).gap) s))) AS skip, count(*) FILTER (WHERE gap IS NOT NULL) AS complete
FROM mixed, (SELECT p AS r, gap FROM (SELECT word, x[1] AS a, gap FROM points) p) q;
SELECT cluster_project(partial, ROW('nowhere', NULL::float8, NULL::float8)) IS NULL AS nothing,
	abs(corr(at[1], at[2])) < 0.05 AS uncorrelated
FROM mixed, points, LATERAL (SELECT cluster_project(partial, p) AS at FROM (SELECT word, x[1] AS a, gap) p) l GROUP BY partial;

-- an update keeps the axes, however far the centers go
SELECT bool_and(cluster_project(model, x) = cluster_project(updated, x)) AS same, bool_and((SELECT min(center[1]) FROM cluster_centers(model)) <> (SELECT min(center[1]) FROM cluster_centers(updated))) AS moved
FROM (SELECT model, cluster_update(model, cluster_step(model, ARRAY[x[1] + 3, x[2], x[3], x[4], x[5]])) AS updated
	FROM models, points WHERE algorithm = 'kmeans' GROUP BY model) m, (SELECT x FROM points LIMIT 5) p;
SELECT cluster_project(cluster_step_model(model), ARRAY[1, 2, 3, 4, 5]) FROM models WHERE algorithm = 'kmeans';

-- passes: the same model in any order of the rows
SELECT cluster_project(a, x) = cluster_project(b, x) AS same
FROM (SELECT kmeans_train('SELECT x FROM points ORDER BY i', 3, kmeans_options(passes => 'query')) AS a,
		kmeans_train('SELECT x FROM points ORDER BY i DESC', 3, kmeans_options(passes => 'query')) AS b) m, points WHERE i = 1;

-- JSON has them; without, they are those of the centers, also of a network's codes and of one center
SELECT cluster_from_json(cluster_to_json(model)) = model AS same, jsonb_array_length(cluster_to_json(model) -> 'projection') AS rows FROM models WHERE algorithm = 'gk' OR algorithm = 'fcm';
CREATE TEMP TABLE older AS SELECT k, cluster_from_json(cluster_to_json(fcm_fit(x, k ORDER BY i)) - 'projection') AS model FROM points, generate_series(1, 4) k GROUP BY k;
SELECT k, abs(sum(at[1])) < 1e-4 AND abs(sum(at[2])) < 1e-4 AS centered, abs(sum(at[1] * at[2])) < 1e-3 AS uncorrelated, sum(at[1] ^ 2) >= sum(at[2] ^ 2) AS sorted
FROM older, cluster_centers(model), LATERAL cluster_project(model, center) AS at GROUP BY k ORDER BY k;
SELECT cluster_from_json(cluster_to_json(model) || '{"projection": [[1,2,3,4,5]]}') FROM models WHERE algorithm = 'fcm';
SELECT cluster_from_json(cluster_to_json(model) || '{"projection": [[1,2,3,4,5],[1,2,3,4,5],[1,2,3,4,1e400]]}') FROM models WHERE algorithm = 'fcm';

-- rows that do not vary, or along one axis; one feature, many features
SELECT cluster_project(kmeans_fit(ARRAY[1, 2, 3], 1), ARRAY[2, 4, 3]) AS axes, cluster_project(kmeans_fit(ARRAY[1, 2, 3], 1), ARRAY[1, 2, 3]) AS mean FROM generate_series(1, 5);
SELECT cluster_project(kmeans_fit(ARRAY[i, 2 * i, 7], 2), ARRAY[2, 4, 10])::numeric(5,3)[] AS line FROM generate_series(1, 3) i;
SELECT cluster_project(kmeans_fit(ARRAY[i], 2), ARRAY[5])::numeric(5,3)[] AS one FROM generate_series(1, 3) i;
SELECT array_length(cluster_project(model, x), 1) AS wide
FROM (SELECT kmeans_fit(x, 2) AS model, min(x) AS x FROM (SELECT array_agg(sin(i * j)::real ORDER BY j) AS x FROM generate_series(1, 6) i, generate_series(1, 65535) j GROUP BY i) r) m;

-- networks: of codes
CREATE TEMP TABLE net AS SELECT dec_fit(x, 3, '{"hidden": [8], "latent": 3, "pretrain_epochs": 20, "epochs": 3, "batch_size": 50, "scale": "zscore"}' ORDER BY i) AS model FROM points;
SELECT abs(avg(at[1])) < 1e-5 AND abs(avg(at[2])) < 1e-5 AS centered, abs(corr(at[1], at[2])) < 1e-4 AS uncorrelated, variance(at[1]) > variance(at[2]) AS sorted,
	variance(at[1]) + variance(at[2]) <= variance(z[1]) + variance(z[2]) + variance(z[3]) + 1e-9 AS part,
	variance(at[1]) >= greatest(variance(z[1]), variance(z[2]), variance(z[3])) - 1e-9 AS most
FROM net, points, LATERAL (SELECT cluster_project(model, x) AS at, cluster_embed(model, x) AS z) l;

-- errors
SELECT cluster_project(model, ARRAY[1, 2]) FROM models WHERE algorithm = 'fcm';
SELECT cluster_project(model, ARRAY[1, 2, 3, 4, NULL]) FROM models WHERE algorithm = 'fcm';
SELECT cluster_project(NULL, ARRAY[1, 2]) IS NULL AS null, cluster_project(model, NULL::float8[]) IS NULL AS null FROM models WHERE algorithm = 'fcm';
SELECT cluster_project('model', ARRAY[1, 2]);
SELECT cluster_project(kmeans_fit(ARRAY[i * 1e60, 1], 2), ARRAY[1e61, 1]) FROM generate_series(1, 3) i;
