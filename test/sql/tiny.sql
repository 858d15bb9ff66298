-- rows at the end of the range of numbers: a model that can be read, or an error that says why
SET client_min_messages = warning;
CREATE TEMP TABLE specks AS
SELECT i AS id, ARRAY[i % 2 + sin(i) * 0.1, i % 2 + cos(i) * 0.1] AS x FROM generate_series(1, 60) i;

-- models read back have the clusters of larger rows
CREATE TEMP TABLE grown AS
SELECT unnest(ARRAY['kmeans', 'fcm', 'mec', 'tsallis', 'gk', 'gg', 'logical', 'spectral']) AS algorithm, power, unnest(ARRAY[
	kmeans_fit(y, 2 ORDER BY id), fcm_fit(y, 2 ORDER BY id), mec_fit(y, 2 ORDER BY id), tsallis_fit(y, 2 ORDER BY id),
	gk_fit(y, 2 ORDER BY id), gg_fit(y, 2 ORDER BY id), logical_fit(y, 2 ORDER BY id), spectral_fit(y, 2 ORDER BY id)]) AS model
FROM specks, unnest(ARRAY[-151, -100, 0, 100, 139]) power, LATERAL (SELECT ARRAY[x[1] * 10::float8 ^ power, x[2] * 10::float8 ^ power] AS y) y
GROUP BY power;
SELECT algorithm, count(*) AS sizes, every(cluster_info(model) ->> 'converged' = 'true') AS converged,
	every((SELECT count(DISTINCT cluster_id(model, ARRAY[x[1] * 10::float8 ^ power, x[2] * 10::float8 ^ power])) = 2
		AND cluster_accuracy(id % 2, cluster_id(model, ARRAY[x[1] * 10::float8 ^ power, x[2] * 10::float8 ^ power])) = 1 FROM specks)) AS same
FROM grown GROUP BY algorithm ORDER BY algorithm;

-- single precision can square distances above 1e-19; scaling helps
SELECT cluster_info(gk_fit(ARRAY[x[1] * 1e-18, x[2] * 1e-18]::real[], 2 ORDER BY id)) ->> 'converged' AS gk,
	cluster_info(gg_fit(ARRAY[x[1] * 1e-30, x[2] * 1e-30]::real[], 2, '{"scale": "minmax"}' ORDER BY id)) ->> 'converged' AS scaled,
	cluster_info(mec_fit(ARRAY[x[1] * 1e-30, x[2] * 1e-30], 2 ORDER BY id)) ->> 'converged' AS mec
FROM specks;

-- errors
SELECT gk_fit(ARRAY[x[1] * 1e-22, x[2] * 1e-22]::real[], 2 ORDER BY id) FROM specks;
SELECT kmeans_fit(ARRAY[x[1] * 1e-160, x[2] * 1e-160], 2 ORDER BY id) FROM specks;
SELECT mec_fit(ARRAY[x[1] * 5e-154, x[2] * 5e-154], 2 ORDER BY id) FROM specks;
SELECT tsallis_fit(ARRAY[x[1] * 2.5e-154, x[2] * 2.5e-154], 2, '{"schedule": "q_inverse"}' ORDER BY id) FROM specks;
DROP TABLE specks, grown;
