-- Possibilistic c-means: typicalities, whose sum over the clusters is not 1.  Reference values are in
-- the unit tests.

\i test/sql/include/iris.psql
\i test/sql/include/golden.psql
CREATE TEMP TABLE models AS
	SELECT 'pcm' AS name, pcm_fit(x, 3, pcm_options(merge_distance => 0) ORDER BY id) AS model FROM iris
	UNION ALL SELECT 'narrow', pcm_fit(x, 3, pcm_options(eta_factor => 0.3, typicality_exponent => 1.5) ORDER BY id) FROM iris
	UNION ALL SELECT 'pfcm', pcm_fit(x, 3, pcm_options(membership_weight => 1, typicality_weight => 2) ORDER BY id) FROM iris
	UNION ALL SELECT 'scaled', pcm_fit(x::real[], 3, pcm_options(membership_weight => 1, scale => 'zscore') ORDER BY id) FROM iris;
CREATE TEMP TABLE etas AS
	SELECT name, model, c::int AS cluster, e::float8 AS eta, (o ->> 'fuzzifier')::float8 AS m, (o ->> 'typicality_exponent')::float8 AS p,
		(o ->> 'membership_weight')::float8 AS a, (o ->> 'typicality_weight')::float8 AS b
	FROM models, LATERAL (SELECT cluster_to_json(model) AS json) j, LATERAL (SELECT json -> 'options' AS o) o,
		jsonb_array_elements(json -> 'eta') WITH ORDINALITY t(e, c);
SELECT name, count(*) AS clusters, bool_and(eta > 0) AS "eta above 0" FROM etas GROUP BY name ORDER BY name;

-- t = 1 / (1 + (b d^2 / eta)^(1 / (p - 1))), and the cluster of a row is the one with the largest
CREATE TEMP TABLE typical AS
	SELECT e.*, id, x, t, 1 / (1 + (b * d ^ 2 / eta) ^ (1 / (p - 1))) AS expected, d,
		1 / sum((d ^ 2) ^ (-1 / (m - 1))) OVER (PARTITION BY name, id) * (d ^ 2) ^ (-1 / (m - 1)) AS u
	FROM etas e, iris, LATERAL (SELECT (cluster_membership(model, x))[cluster] AS t, (cluster_distance(model, x))[cluster] AS d) s;
SELECT name, max(abs(t - expected)) < 1e-12 AS typicalities, bool_and(t BETWEEN 0 AND 1) AS range FROM typical GROUP BY name ORDER BY name;
SELECT name, count(*) FILTER (WHERE abs(sum - 1) < 1e-6) AS "adding up to 1", bool_and(most = t) AS nearest, max(abs(score - (1 - most))) < 1e-15 AS score
FROM (SELECT name, sum(t) AS sum, max(t) AS most, (array_agg(t ORDER BY cluster))[cluster_id(model, x)] AS t, cluster_outlier_score(model, x) AS score
	FROM typical GROUP BY name, id, model, x) s GROUP BY name ORDER BY name;

-- the objective, sizes, and centers as means by a u^m + b t^p
SELECT name, abs(sum((a * u ^ m + b * t ^ p) * d ^ 2 + eta * (1 - t) ^ p) / pg_temp.info(model, 'objective') - 1) < 1e-5 AS objective
FROM typical GROUP BY name, model ORDER BY name;
SELECT name, max(abs(weight / total - 1)) < 1e-5 AS sizes, max(pg_temp.gap(center, mean)) < 1e-4 AS means
FROM models, cluster_centers(model), LATERAL (
	SELECT array_agg(sum / w ORDER BY j) AS mean, max(total) AS total
	FROM (SELECT j, sum(e * (a * u ^ m + b * t ^ p)) AS sum, sum(a * u ^ m + b * t ^ p) AS w, sum(t) AS total
		FROM typical, unnest(x) WITH ORDINALITY f(e, j) WHERE typical.name = models.name AND typical.cluster = cluster_centers.cluster GROUP BY j) s) c
GROUP BY name ORDER BY name;

-- fuzzy c-means comes first, and the objective of each phase falls
SELECT name, array_agg(DISTINCT phase ORDER BY phase) AS phases, count(*) = pg_temp.info(model, 'iterations') AS rows, max(rise) < 1e-5 AS falls
FROM (SELECT name, model, phase, objective - lag(objective) OVER (PARTITION BY name, phase ORDER BY iteration) AS rise FROM models, cluster_history(model)) t
GROUP BY name, model ORDER BY name;

-- indices of partitions have no meaning, others do
SELECT name, v ->> 'partition_coefficient' AS pc, v ->> 'partition_coefficient_normalized' AS pcn, v ->> 'partition_entropy' AS pe, v ->> 'inter_cluster_variance' AS icv,
	(v ->> 'xie_beni')::float8 > 0 AS xb, (v ->> 'silhouette')::float8 > 0.5 AS silhouette, (v ->> 'davies_bouldin')::float8 > 0 AS db
FROM models, LATERAL (SELECT cluster_validity(model, x) AS v FROM iris) s ORDER BY name;
SELECT clusters, partition_coefficient AS pc, silhouette > 0 AS silhouette, best && '{partition_coefficient_normalized}' AS voted
FROM cluster_select('SELECT x FROM iris ORDER BY id', 2, 3, 'pcm', '{"membership_weight": 1}') ORDER BY 1;

-- groups, and rows far from all of them
CREATE TEMP TABLE groups AS
	SELECT i, ARRAY[i % 3 * 10 + sin(i * 1.7) * exp(cos(i * 0.9)), cos(i * 2.3) * exp(sin(i * 0.7))] AS x FROM generate_series(1, 900) i;
CREATE TEMP TABLE noisy AS SELECT * FROM groups UNION ALL SELECT 900 + i, ARRAY[60 * (i * 0.618034 - floor(i * 0.618034)) - 20, 60 * (i * 0.754877 - floor(i * 0.754877)) - 30] FROM generate_series(1, 225) i;
CREATE TEMP TABLE of_noisy AS
	SELECT pcm_fit(x, 3, pcm_options(eta_factor => 0.1) ORDER BY i) AS p, fcm_fit(x, 3 ORDER BY i) AS f FROM noisy;
SELECT sum(pcm) < sum(fcm) / 2 AS nearer
FROM of_noisy, generate_series(0, 2) g, LATERAL (SELECT min(abs(center[1] - 10 * g) + abs(center[2])) AS pcm FROM cluster_centers(p)) a,
	LATERAL (SELECT min(abs(center[1] - 10 * g) + abs(center[2])) AS fcm FROM cluster_centers(f)) b;
SELECT count(*) FILTER (WHERE i > 900) > 150 AS noise, count(*) FILTER (WHERE i <= 900) AS groups FROM of_noisy, noisy WHERE cluster_outlier_score(p, x) > 0.95;

-- clusters that coincide are merged; memberships keep them apart
SELECT pg_temp.info(pcm_fit(x, 5 ORDER BY i), 'clusters') AS clusters FROM groups;
SELECT pg_temp.info(pcm_fit(x, 5, pcm_options(membership_weight => 20) ORDER BY i), 'clusters') AS apart FROM groups;
SELECT pg_temp.info(pcm_fit(x, 5, pcm_options(merge_distance => 0) ORDER BY i), 'clusters') AS kept FROM groups;

-- one cluster, equal rows, as many clusters as rows
SELECT pg_temp.info(model, 'clusters') AS clusters, cluster_membership(model, ARRAY[7]) AS here, cluster_membership(model, ARRAY[8])::numeric(6,4)[] AS there
FROM (SELECT pcm_fit(ARRAY[7], 1) AS model FROM generate_series(1, 9)) m;
SELECT count(*) AS centers, array_agg(round(center[1]) ORDER BY center) AS at
FROM (SELECT pcm_fit(ARRAY[i * 100], 5) AS model FROM generate_series(1, 5) i) m, cluster_centers(model);
SELECT pcm_fit(ARRAY[i % 2], 3) FROM generate_series(1, 9) i;

-- a model of this kind gives its eta, too
SELECT name, pg_temp.gap(pg_temp.v(warm), pg_temp.v(model)) < 1e-4 AS same, pg_temp.info(warm, 'iterations') <= 3 AS at_once,
	cluster_to_json(warm) -> 'eta' = cluster_to_json(model) -> 'eta' AS eta
FROM models, LATERAL (SELECT pcm_fit(x, 3, CASE name WHEN 'pcm' THEN pcm_options(init => model, merge_distance => 0)
		ELSE pcm_options(init => model, membership_weight => 1, typicality_weight => 2) END ORDER BY id) AS warm FROM iris) w
WHERE name IN ('pcm', 'pfcm') ORDER BY name;

-- weights of rows, missing numbers, categories
SELECT pg_temp.gap(pg_temp.v(w), pg_temp.v(r)) < 1e-6 AS weighted
FROM (SELECT pcm_fit(x, 3, '{"init": [[0, 0], [10, 0], [20, 0]]}', i % 3 + 1 ORDER BY i) AS w FROM groups) w,
	(SELECT pcm_fit(x, 3, '{"init": [[0, 0], [10, 0], [20, 0]]}' ORDER BY i) AS r FROM groups, generate_series(0, i % 3)) r;
SELECT pg_temp.info(model, 'clusters') AS clusters, count(*) FILTER (WHERE cluster_id(model, x) IS NULL) AS unknown
FROM (SELECT pcm_fit(ARRAY[nullif(x[1], x[1] * (i % 7 = 0)::int), x[2]], 3, '{"missing": "partial"}' ORDER BY i) AS model FROM groups) m, groups GROUP BY model;
SELECT cluster, name, category FROM (SELECT pcm_fit(r, 2) AS model FROM (SELECT x[1] AS a, CASE WHEN i % 3 = 0 THEN 'low' ELSE 'high' END AS kind FROM groups WHERE i % 3 < 2 ORDER BY i) r) m,
	cluster_features(model) ORDER BY 1, 2;

-- reasons: contributions add up to the difference of d^2 / eta
SELECT name, max(abs(sum - expected)) < 1e-6 AS sums
FROM (SELECT s.name, id, sum(contribution) AS sum, max(expected) AS expected
	FROM (SELECT name, model, id, x, (array_agg(d ^ 2 / eta ORDER BY d ^ 2 / eta))[2] - min(d ^ 2 / eta) AS expected FROM typical WHERE name <> 'scaled' GROUP BY name, model, id, x) s,
		cluster_explain(model, x) GROUP BY s.name, id) t GROUP BY name ORDER BY name;

-- JSON and back; nobody may have made an eta that is 0
SELECT name, cluster_from_json(cluster_to_json(model)) = model AS same FROM models ORDER BY name;
SELECT cluster_from_json(jsonb_set(cluster_to_json(model), '{eta,1}', '0')) FROM models WHERE name = 'pcm';
SELECT cluster_from_json(jsonb_set(cluster_to_json(model), '{eta}', '[1, 2]')) FROM models WHERE name = 'pcm';

-- passes over a query, steps and updates
CREATE TEMP TABLE many AS SELECT i, ARRAY[i % 4 * 9 + sin(i * 1.7) * 2, i % 3 * 5 + cos(i * 2.3)] AS x FROM generate_series(1, 20000) i;
SELECT a AS membership_weight, pg_temp.info(q, 'clusters') AS clusters, pg_temp.gap(pg_temp.centers(q), pg_temp.centers(m)) < 1e-3 AS agree, q = shuffled AS same
FROM unnest(ARRAY[0, 1]) a, LATERAL (SELECT pcm_options(membership_weight => a, tolerance => 1e-9) || '{"init": [[0, 0], [9, 5], [18, 9], [27, 3]]}' AS o) o,
	LATERAL (SELECT pcm_train('SELECT x FROM many', 4, o || '{"passes": "query"}') AS q, pcm_train('SELECT x FROM many ORDER BY md5(i::text)', 4, o || '{"passes": "query"}') AS shuffled,
		pcm_train('SELECT x FROM many ORDER BY i', 4, o) AS m) t ORDER BY 1;
SELECT name, pg_temp.gap(pg_temp.v(cluster_update(model, step)), pg_temp.v(model)) < 1e-3 AS settled,
	cluster_to_json(cluster_update(model, step)) -> 'eta' = cluster_to_json(model) -> 'eta' AS eta
FROM models, LATERAL (SELECT cluster_step(model, x) AS step FROM iris) s ORDER BY name;
SELECT name, cluster_statistics_validity(model, step) -> 'partition_coefficient' AS pc FROM models, LATERAL (SELECT cluster_step(model, x) AS step FROM iris) s WHERE name = 'pcm';

-- drift: a row is an outlier where its largest typicality is below 1/5
SELECT cluster_drift(model, model, 'SELECT x FROM iris') #>> '{outliers,old}' = (SELECT (avg((cluster_outlier_score(model, x) > 0.8)::int))::float8::text FROM iris) AS outliers
FROM models WHERE name = 'narrow';

-- notices and errors
SELECT pcm_fit(x, 3, pcm_options(max_iterations => 2) ORDER BY i) IS NOT NULL AS early FROM groups;
SELECT pcm_fit(ARRAY[x], 2, pcm_options(eta_factor => 1e-6, typicality_exponent => 1.01) ORDER BY x) FROM unnest('{0,1,10,11}'::float8[]) x;
SELECT pcm_fit(x, 3, '{"distance": "cosine"}') FROM groups;
SELECT pcm_options(typicality_weight => 0);
SELECT pcm_options(eta_factor => -1);
