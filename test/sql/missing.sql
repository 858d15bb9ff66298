-- missing features: null, NaN, infinite, or too large for their squares
CREATE EXTENSION vector;
CREATE TEMP TABLE grid (id int, x float8[]);
INSERT INTO grid
	SELECT i, ARRAY[i % 2 * 10 + sin(i), cos(i)] FROM generate_series(1, 20) i;
INSERT INTO grid VALUES
	(21, NULL), (22, '{NULL,1}'), (23, '{1,NaN}'), (24, '{-Infinity,1}'), (25, '{2,-9.97e36}'), (26, '{1e200,2}');

-- single precision has no place for -9.97e36 and 1e200, double precision for the second
CREATE FUNCTION pg_temp.counts(model bytea) RETURNS text LANGUAGE sql AS $$
	SELECT format('%s rows, %s skipped', cluster_info(model) -> 'rows', cluster_info(model) -> 'skipped')
$$;
SELECT pg_temp.counts(kmeans_fit(x, 2, '{"missing": "skip"}')) FROM grid;
SELECT pg_temp.counts(kmeans_fit(x::numeric[], 2, '{"missing": "skip"}')) FROM grid WHERE id <> 24;
SELECT pg_temp.counts(kmeans_fit(ROW(x[1], x[2]), 2, '{"missing": "skip"}')) FROM grid;
SELECT pg_temp.counts(kmeans_fit(x::real[], 2, '{"missing": "skip"}')) FROM grid WHERE id <> 26;
SELECT pg_temp.counts(kmeans_fit(x::real[]::vector, 2, '{"missing": "skip"}')) FROM grid WHERE id < 22 OR id = 25;
SELECT pg_temp.counts(kmeans_fit(CASE WHEN id <> 21 THEN ARRAY[id, 0]::real[]::halfvec END, 2)) FROM grid;
SELECT pg_temp.counts(kmeans_fit(CASE WHEN id > 22 THEN '\x0102'::bytea END, 1)) FROM grid;
SELECT pg_temp.counts(kmeans_fit(CASE WHEN id > 22 THEN ARRAY[id, nullif(id, 23)] END, 1, '{"missing": "skip"}')) FROM grid;

-- the clusters are those of the other rows
SELECT algorithm, cluster_info(model) - 'skipped' - 'options' = cluster_info(clean) - 'skipped' - 'options' AS same
FROM (
	SELECT unnest(ARRAY['fcm', 'gk', 'logical', 'spectral']) AS algorithm, unnest(ARRAY[
		fcm_fit(x, 2, '{"missing": "skip"}' ORDER BY id), gk_fit(x, 2, '{"missing": "skip"}' ORDER BY id),
		logical_fit(x, 2, '{"missing": "skip"}' ORDER BY id), spectral_fit(x, 2, '{"missing": "skip"}' ORDER BY id)]) AS model,
		unnest(ARRAY[
		fcm_fit(x, 2, '{"missing": "skip"}' ORDER BY id) FILTER (WHERE id <= 20), gk_fit(x, 2, '{"missing": "skip"}' ORDER BY id) FILTER (WHERE id <= 20),
		logical_fit(x, 2, '{"missing": "skip"}' ORDER BY id) FILTER (WHERE id <= 20), spectral_fit(x, 2, '{"missing": "skip"}' ORDER BY id) FILTER (WHERE id <= 20)]) AS clean
	FROM grid WHERE id <> 25) t;

-- they have no cluster, if the model says so
CREATE TEMP TABLE m AS SELECT kmeans_fit(x, 2, '{"missing": "skip"}' ORDER BY id) AS skip, kmeans_fit(x, 2 ORDER BY id) AS error FROM grid WHERE id <= 20;
SELECT bool_and((cluster_id(skip, x) IS NULL) = (id > 20 AND id <> 25)) AS id,
	bool_and((cluster_id(skip, x::numeric[]) IS NULL) = (id > 20 AND id <> 25)) AS numerics,
	bool_and((cluster_membership(skip, x) IS NULL) = (id > 20 AND id <> 25)) AS membership,
	bool_and((cluster_outlier_score(skip, x) IS NULL) = (id > 20 AND id <> 25)) AS outlier,
	bool_and((SELECT count(*) FROM cluster_set(skip, x)) = CASE WHEN id > 20 AND id <> 25 THEN 0 ELSE 2 END) AS set
FROM grid, m;
SELECT bool_and((cluster_id(skip, x::real[]) IS NULL) = (id > 20)) AS single FROM grid, m WHERE id <> 26;
SELECT cluster_id(skip, ARRAY[1, 1e400]) AS id, cluster_id(skip, ROW(1, -1e4000)) AS row, cluster_id(skip, '[1,1e30]'::vector) AS vector,
	cluster_id(skip, ARRAY[1, 1e-400]) IS NOT NULL AS tiny
FROM m;

-- indices and drift are of the other rows
SELECT cluster_validity(skip, x) = cluster_validity(skip, x) FILTER (WHERE id <= 20) AS validity
FROM grid, m WHERE id <> 25 GROUP BY skip;
SELECT cluster_drift(skip, skip, 'SELECT x FROM grid WHERE id <> 25') -> 'rows' AS rows FROM m;

-- with a query, and once for all numbers of clusters
SELECT clusters, pg_temp.counts(model) FROM cluster_select('SELECT x FROM grid WHERE id <> 25', 2, 4, options => '{"missing": "skip"}');
SELECT pg_temp.counts(autoencoder_train('SELECT x[1], x[2] FROM grid WHERE id <> 25', 2,
	'{"missing": "skip", "pretrain_epochs": 1, "latent": 1, "hidden": [2]}'));

-- in a window each is reported once, in groups for each group
SELECT id, pg_temp.counts(kmeans_fit(x, 1, '{"missing": "skip"}') OVER (ORDER BY id)) FROM grid WHERE id BETWEEN 20 AND 23;
SELECT id > 24 AS large, pg_temp.counts(kmeans_fit(x, 1, '{"missing": "skip"}')) FROM grid WHERE id > 19 GROUP BY 1 ORDER BY 1;

-- all are missing
SELECT kmeans_fit(x, 1, '{"missing": "skip"}') IS NULL AS one FROM grid WHERE id = 23;
SELECT fcm_fit(x, 3, '{"missing": "skip"}') IS NULL AS three FROM grid WHERE id BETWEEN 21 AND 23;
SELECT fcm_fit(x, 3) IS NULL AS none FROM grid WHERE id < 0;

-- errors
SELECT kmeans_fit(x, 2) FROM grid WHERE id > 24;
SELECT kmeans_fit(x::real[], 2) FROM grid WHERE id = 25;
SELECT kmeans_fit(ARRAY[1, 1e400], 1);
SELECT kmeans_fit(ROW(-1.25e4000, 1), 1);
SELECT kmeans_fit(ROW(1, 'infinity'::numeric), 1);
SELECT kmeans_fit(ARRAY[1, 'NaN'::numeric], 1);
SELECT kmeans_fit(a, 1) FROM (VALUES ('[1,1e20]'::vector)) v(a);
SELECT cluster_id(error, x) FROM grid, m WHERE id = 26;
SELECT cluster_id(error, ARRAY[1e400, 1]) FROM m;
SELECT cluster_validity(error, x) FROM grid, m WHERE id = 22;
SELECT autoencoder_train('SELECT x FROM grid WHERE id > 25', 2, '{"missing": "skip"}');

DROP TABLE grid, m;
DROP EXTENSION vector;
