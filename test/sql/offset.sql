-- rows far from zero: single precision finds what double precision finds in the same stored values
CREATE TEMP TABLE survey AS
SELECT i AS id, ARRAY[431000 + 15 * (i % 3) + 2 * sin(i * 1.3) + 2 * cos(i * 2.9),
	3900000 + 25 * (i % 2) + 3 * sin(i * 0.7) + 2 * cos(i * 3.7)]::real[] AS x
FROM generate_series(1, 900) i;
SET client_min_messages = warning;

-- objectives, centers in their order, convergence
CREATE TEMP TABLE trained AS
SELECT unnest(ARRAY['kmeans', 'fcm', 'mec', 'tsallis', 'gk', 'gg', 'logical', 'spectral']) AS algorithm,
	unnest(ARRAY[kmeans_fit(x, 6 ORDER BY id), fcm_fit(x, 6 ORDER BY id), mec_fit(x, 6, '{"temperature": 10, "restarts": 1}' ORDER BY id),
		tsallis_fit(x, 6 ORDER BY id), gk_fit(x, 6 ORDER BY id), gg_fit(x, 6 ORDER BY id), logical_fit(x, 6 ORDER BY id),
		spectral_fit(x, 6 ORDER BY id)]) AS single,
	unnest(ARRAY[kmeans_fit(x::float8[], 6 ORDER BY id), fcm_fit(x::float8[], 6 ORDER BY id), mec_fit(x::float8[], 6, '{"temperature": 10, "restarts": 1}' ORDER BY id),
		tsallis_fit(x::float8[], 6 ORDER BY id), gk_fit(x::float8[], 6 ORDER BY id), gg_fit(x::float8[], 6 ORDER BY id), logical_fit(x::float8[], 6 ORDER BY id),
		spectral_fit(x::float8[], 6 ORDER BY id)]) AS double
FROM survey;
CREATE FUNCTION pg_temp.differ(a jsonb, b jsonb) RETURNS float8 LANGUAGE sql AS $$
	SELECT abs(a::float8 / b::float8 - 1)
$$;
SELECT algorithm, pg_temp.differ(cluster_info(single) -> 'objective', cluster_info(double) -> 'objective') < 1e-4 AS objective,
	(SELECT max(abs(a.center[j] - b.center[j])) < 1e-2 FROM cluster_centers(single) a JOIN cluster_centers(double) b USING (cluster),
		generate_series(1, 2) j) AS centers,
	cluster_info(single) -> 'converged' AS single, cluster_info(double) -> 'converged' AS double
FROM trained;

-- clusters are as large as the rows that they score
SELECT algorithm, every(weight = rows) AS same
FROM (
	SELECT algorithm, weight, (SELECT count(*) FROM survey WHERE cluster_id(single, x) = c.cluster) AS rows
	FROM trained, cluster_centers(single) c WHERE algorithm IN ('kmeans', 'spectral')) t
GROUP BY algorithm ORDER BY algorithm;

-- at any offset, for any first centers
SELECT init, count(*) AS offsets, every(pg_temp.differ(cluster_info(single) -> 'objective', cluster_info(double) -> 'objective') < 1e-3) AS same
FROM (
	SELECT init, power, kmeans_fit(ARRAY[x[1] - 431000 + 10 ^ power, x[2] - 3900000 - 10 ^ power]::real[], 6, options ORDER BY id) AS single,
		kmeans_fit(ARRAY[x[1] - 431000 + 10 ^ power, x[2] - 3900000 - 10 ^ power]::real[]::float8[], 6, options ORDER BY id) AS double
	FROM survey, generate_series(1, 7) power, unnest(ARRAY['kmeans++', 'sample', 'random']) init,
		LATERAL jsonb_build_object('init', init, 'seed', 7, 'restarts', 20) options
	GROUP BY init, power) t
GROUP BY init ORDER BY init;

-- a warm start continues where the model ended, and given centers are in the units of the rows
SELECT cluster_info(fcm_fit(x, 6, fcm_options(init => single) ORDER BY id)) ->> 'iterations' AS iterations
FROM survey, trained WHERE algorithm = 'fcm' GROUP BY single;
SELECT cluster, round(center[1]) AS x, round(center[2]) AS y
FROM cluster_centers((SELECT kmeans_fit(x, 2, kmeans_options(init => ARRAY[[431010, 3900025], [431010, 3900000]])) FROM survey));

-- beside a column that does not vary, however far from zero it is
SELECT algorithm, every(pg_temp.differ(a -> 'objective', b -> 'objective') < 1e-5) AS same
FROM (
	SELECT far, cluster_info(fcm_fit(ARRAY[x, 0], 3 ORDER BY i)) AS fcm, cluster_info(fcm_fit(ARRAY[x, far], 3 ORDER BY i)) AS far_fcm,
		cluster_info(mec_fit(ARRAY[x, 0], 3 ORDER BY i)) AS mec, cluster_info(mec_fit(ARRAY[x, far], 3 ORDER BY i)) AS far_mec,
		cluster_info(tsallis_fit(ARRAY[x, 0], 3 ORDER BY i)) AS tsallis, cluster_info(tsallis_fit(ARRAY[x, far], 3 ORDER BY i)) AS far_tsallis
	FROM (SELECT i, (i % 3 * 8 + sin(i) + cos(i * 2.1))::real AS x FROM generate_series(1, 300) i) t,
		unnest('{1e5,-7e8,1e12}'::real[]) far
	GROUP BY far) t, LATERAL (VALUES ('fcm', fcm, far_fcm), ('mec', mec, far_mec), ('tsallis', tsallis, far_tsallis)) v(algorithm, a, b)
GROUP BY algorithm ORDER BY algorithm;

-- a fill value among them, which keeps scaled rows far from zero; fcm has several minima then
SELECT scale, pg_temp.differ(cluster_info(fcm_fit(x, 7, options || '{"restarts": 10}' ORDER BY id)) -> 'objective', cluster_info(fcm_fit(x::float8[], 7, options || '{"restarts": 10}' ORDER BY id)) -> 'objective') < 1e-4 AS fcm,
	pg_temp.differ(cluster_info(kmeans_fit(x, 7, options ORDER BY id)) -> 'objective', cluster_info(kmeans_fit(x::float8[], 7, options ORDER BY id)) -> 'objective') < 1e-4 AS kmeans,
	pg_temp.differ(cluster_info(spectral_fit(x, 7, options ORDER BY id)) -> 'objective', cluster_info(spectral_fit(x::float8[], 7, options ORDER BY id)) -> 'objective') < 1e-4 AS spectral
FROM (SELECT * FROM survey UNION ALL SELECT 0, '{0,0}') s, unnest(ARRAY['none', 'minmax', 'zscore']) scale, LATERAL jsonb_build_object('scale', scale) options
GROUP BY scale ORDER BY scale;
-- clusters are as large as the rows that they score, then too
SELECT algorithm, scale, every(weight = rows) AS same
FROM (
	SELECT algorithm, scale, weight, (SELECT count(*) FROM (SELECT x FROM survey UNION ALL VALUES ('{0,0}'::real[])) s WHERE cluster_id(model, x) = c.cluster) AS rows
	FROM (
		SELECT scale, kmeans_fit(x, 7, options ORDER BY id) AS kmeans, spectral_fit(x, 7, options ORDER BY id) AS spectral
		FROM (SELECT * FROM survey UNION ALL SELECT 0, '{0,0}') s, unnest(ARRAY['minmax', 'zscore']) scale, LATERAL jsonb_build_object('scale', scale) options
		GROUP BY scale) t,
		LATERAL (VALUES ('kmeans', kmeans), ('spectral', spectral)) v(algorithm, model), cluster_centers(model) c) t
GROUP BY algorithm, scale ORDER BY algorithm, scale;

-- time stamps in microseconds, and large amounts
SELECT cluster, to_char(to_timestamp(center[1] / 1e6) AT TIME ZONE 'UTC', 'HH24:MI:SS.MS') AS middle, weight
FROM cluster_centers((SELECT kmeans_fit(ARRAY[(extract(epoch FROM timestamptz '2024-02-29 12:00+00') * 1e6)::bigint + i % 2 * 3600000000 + i % 7 * 1000], 2 ORDER BY i)
	FROM generate_series(1, 140) i)) ORDER BY 1;
SELECT abs((cluster_info(kmeans_fit(ARRAY[1e12 + i % 3 * 100 + i % 5 - 2], 3, '{"restarts": 5}' ORDER BY i)) ->> 'objective')::float8 - 600) < 1e-6 AS squares
FROM generate_series(1, 300) i;

RESET client_min_messages;
DROP TABLE survey, trained;
