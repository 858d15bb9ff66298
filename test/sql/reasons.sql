-- Reasons: what separates clusters from each other, and why a row is in its cluster.

\i test/sql/include/iris.psql
SET client_min_messages = warning;
CREATE TEMP TABLE flowers AS SELECT id, sepal_length, sepal_width, petal_length, petal_width, 7 AS seven FROM iris;
CREATE TEMP TABLE models AS
	SELECT 'fcm' AS kind, fcm_fit(x, 3 ORDER BY id) AS model FROM iris
	UNION ALL SELECT 'kmeans', kmeans_fit(x, 4 ORDER BY id) FROM iris
	UNION ALL SELECT 'real', kmeans_fit(x::real[], 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'mec', mec_fit(x, 3, mec_options(scale => 'minmax') ORDER BY id) FROM iris
	UNION ALL SELECT 'tsallis', tsallis_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'scaled', fcm_fit(x, 3, fcm_options(scale => 'zscore') ORDER BY id) FROM iris
	UNION ALL SELECT 'gk', gk_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'gg', gg_fit(x, 3, gg_options(scale => 'zscore') ORDER BY id) FROM iris
	UNION ALL SELECT 'logical', logical_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'power', logical_fit(x, 3, logical_options(generator => 'power', vartheta => 0.45) ORDER BY id) FROM iris
	UNION ALL SELECT 'spectral', spectral_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'dec', dec_fit(x, 3, dec_options(hidden => ARRAY[8], latent => 2, pretrain_epochs => 2, epochs => 1) ORDER BY id) FROM iris
	UNION ALL SELECT 'one', fcm_fit(x, 1 ORDER BY id) FROM iris;

-- moments: z is measured from the mean of all rows, in their standard deviations, whatever the scale and the precision
SELECT kind, count(*) AS features, max(abs(z - (value - mean) / deviation)) < 1e-6 AS z
FROM models, cluster_features(model) f, LATERAL (SELECT avg(x[feature]) AS mean, stddev_pop(x[feature]) AS deviation FROM iris) m
GROUP BY kind ORDER BY kind;
SELECT kind, max(abs(sum)) < 1e-3 AS "weighted z add up to 0"
FROM (SELECT kind, feature, sum(weight * z) AS sum FROM models, cluster_features(model) JOIN cluster_centers(model) USING (cluster)
	WHERE kind IN ('real', 'one', 'kmeans') GROUP BY kind, feature) s GROUP BY kind ORDER BY kind;
SELECT feature, name, value, z, share FROM cluster_features((SELECT kmeans_fit(f, 2) FROM (SELECT seven, petal_length FROM flowers ORDER BY id) f)) WHERE feature = 1;
SELECT (cluster_info(model) ->> 'format')::int AS format, count(*) AS models FROM models GROUP BY 1;

-- shares: as they are defined, and add up to 1; of one cluster there are none
SELECT kind, max(abs(sum - 1)) < 1e-12 AS "sum one", min(least) >= 0 AS "not negative"
FROM (SELECT kind, cluster, sum(share) AS sum, min(share) AS least FROM models, cluster_features(model) GROUP BY kind, cluster) s
GROUP BY kind ORDER BY kind;
SELECT kind, max(abs(share - part / whole)) < 1e-9 AS right
FROM (SELECT kind, a.cluster, a.feature, a.share, part, sum(part) OVER (PARTITION BY kind, a.cluster) AS whole
	FROM models, cluster_features(model) a,
		LATERAL (SELECT ARRAY(SELECT v::float8 FROM jsonb_array_elements(cluster_info(model) #> '{scaling,factor}') v) AS factor) s,
		LATERAL (SELECT sum(weight * ((b.value - a.value) * coalesce(factor[a.feature], 1)) ^ 2) AS part
			FROM cluster_features(model) b JOIN cluster_centers(model) USING (cluster) WHERE b.feature = a.feature) p
	WHERE kind IN ('fcm', 'kmeans', 'real', 'mec', 'scaled', 'tsallis', 'spectral')) s GROUP BY kind ORDER BY kind;
SELECT max(abs(share - part / whole)) < 1e-9 AS "in standard deviations of the cluster"
FROM (SELECT a.cluster, a.feature, a.share, part, sum(part) OVER (PARTITION BY a.cluster) AS whole
	FROM models, cluster_features(model) a JOIN cluster_covariances(model) v USING (cluster),
		LATERAL (SELECT sum(weight * (b.value - a.value) ^ 2) / v.covariance[a.feature][a.feature] AS part
			FROM cluster_features(model) b JOIN cluster_centers(model) USING (cluster) WHERE b.feature = a.feature) p
	WHERE kind = 'gk') s;

-- contributions add up to the difference of two distances, as the kernel measures them
CREATE TEMP TABLE explained AS
	SELECT kind, id, model, e.* FROM models, iris, cluster_explain(model, x) e WHERE kind NOT IN ('spectral', 'dec');
CREATE TEMP TABLE sums AS
	SELECT kind, id, cluster, runner_up, sum(contribution) AS sum, sum(abs(contribution)) AS size FROM explained GROUP BY kind, id, cluster, runner_up;
SELECT kind, count(*) AS rows, bool_and(cluster = cluster_id(model, x)) AS nearest,
	bool_and(runner_up = (SELECT s.cluster FROM cluster_set(model, x) s WHERE s.cluster <> e.cluster ORDER BY membership DESC, distance LIMIT 1)) AS second,
	bool_and(sum >= -1e-12 * size) AS "not negative"
FROM sums e JOIN models USING (kind) JOIN iris USING (id) GROUP BY kind ORDER BY kind;
SELECT kind, max(abs(sum - (d[runner_up] ^ 2 - d[cluster] ^ 2)) / size) < 1e-12 AS exact
FROM sums JOIN models USING (kind) JOIN iris USING (id), LATERAL (SELECT cluster_distance(model, x) AS d OFFSET 0) t
WHERE kind NOT IN ('gg', 'logical', 'power') GROUP BY kind ORDER BY kind;
SELECT max(abs(sum - (d[runner_up] ^ 2 / 2 - d[cluster] ^ 2 / 2) - (volume[runner_up] - volume[cluster])) / size) < 1e-12 AS "gg exact",
	max(abs(contribution - (volume[runner_up] - volume[cluster]))) < 1e-12 AS "size and shape"
FROM sums JOIN models USING (kind) JOIN iris USING (id), LATERAL (SELECT cluster_distance(model, x) AS d OFFSET 0) t,
	LATERAL (SELECT array_agg(v::float8 ORDER BY c) AS volume FROM jsonb_array_elements(cluster_to_json(model) -> 'volume') WITH ORDINALITY j(v, c)) v,
	LATERAL (SELECT contribution FROM explained e WHERE e.kind = sums.kind AND e.id = sums.id AND e.feature IS NULL) r
WHERE sums.kind = 'gg';

-- ... of which each feature has one, that it has by itself
SELECT kind, max(abs(contribution - ((x[e.feature] - b.value) ^ 2 - (x[e.feature] - a.value) ^ 2))) < 1e-9 AS right, bool_and(e.value = x[e.feature]) AS value
FROM explained e JOIN iris USING (id), LATERAL cluster_features(model) a, LATERAL cluster_features(model) b
WHERE kind IN ('fcm', 'kmeans', 'tsallis') AND a.cluster = e.cluster AND b.cluster = e.runner_up AND a.feature = e.feature AND b.feature = e.feature
GROUP BY kind ORDER BY kind;
SELECT kind, count(*) FILTER (WHERE feature IS NULL) AS "of no feature", min(e.name) = max(e.name) AS named FROM explained e WHERE kind LIKE 'g%' GROUP BY kind ORDER BY kind;

-- largest first, at most top_n, with the names and the values of the row
CREATE TEMP TABLE named AS SELECT kmeans_fit(f, 3) AS model FROM (SELECT seven, petal_length, sepal_width FROM flowers ORDER BY id) f;
SELECT e.name, e.value, e.contribution > 0 AS speaks_for FROM named, (SELECT seven, petal_length, sepal_width FROM flowers WHERE id = 1) f, cluster_explain(model, f) e;
SELECT count(*) AS rows, count(*) FILTER (WHERE n <= 2 AND big) AS largest
FROM (SELECT e.*, row_number() OVER (PARTITION BY id) AS n, abs(contribution) >= all_of[2] AS big
	FROM models, iris, LATERAL (SELECT array_agg(abs(contribution) ORDER BY abs(contribution) DESC) AS all_of FROM cluster_explain(model, x)) a,
		cluster_explain(model, x, 2) e WHERE models.kind = 'fcm') s;
SELECT count(*) AS none FROM models, cluster_explain(model, '{1,2,3,4}', 0) WHERE models.kind = 'fcm';
SELECT count(*) AS "of one cluster" FROM models, cluster_explain(model, '{1,2,3,4}') WHERE models.kind = 'one';
SELECT count(*) AS nulls FROM models, cluster_explain(model, NULL::float8[]) WHERE models.kind = 'fcm';
SELECT count(*) AS nulls FROM cluster_explain(NULL, ARRAY[1, 2]);
SELECT count(*) AS skipped FROM (SELECT fcm_fit(x, 3, fcm_options(missing => 'skip')) AS model FROM iris) m, cluster_explain(model, ARRAY[1, NULL, 3, 4]) e;
SELECT e.* FROM (SELECT (cluster_explain(model, x, 1)).feature FROM models, iris WHERE models.kind = 'fcm' AND id IN (1, 51) ORDER BY id) e;

-- a category has one row: of a cluster its likeliest value and the share of that, of a row its value
CREATE TEMP TABLE mixed AS SELECT id, petal_length, label, sepal_width > 3 AS wide, CASE WHEN id % 2 = 0 THEN 'x' ELSE '' END AS parity FROM iris;
CREATE TEMP TABLE mixed_model AS SELECT fcm_fit(f, 3, fcm_options(scale => 'zscore')) AS model FROM (SELECT petal_length, label, wide, parity FROM mixed ORDER BY id) f;
SELECT name, count(DISTINCT category) AS categories, bool_and(value BETWEEN 1 / 3.0 AND 1) AS shares, bool_and(category IS NOT NULL) AS category, count(z) AS z
FROM mixed_model, cluster_features(model) GROUP BY feature, name ORDER BY feature;
SELECT max(abs(sum - 1)) < 1e-12 AS "sum one" FROM (SELECT sum(share) FROM mixed_model, cluster_features(model) GROUP BY cluster) s;
SELECT max(abs(z - (f.value - p) / sqrt(p * (1 - p)))) < 1e-9 AS z
FROM mixed_model, cluster_features(model) f, LATERAL (SELECT avg((label = f.category)::int::float8) AS p FROM mixed) s WHERE f.name = 'label';
SELECT max(value) <= 1 AS "no share above 1" FROM generate_series(1, 30) n, LATERAL (SELECT kmeans_fit(f, 3) AS model
	FROM (SELECT i * n / 7.0::float8 AS x, 'v' || i % 3 AS word FROM generate_series(1, 60) i) f) m, cluster_features(model) WHERE feature = 2;
SELECT feature, name, value, category FROM mixed_model, (SELECT petal_length, label, wide, parity FROM mixed WHERE id = 1) r, cluster_explain(model, r) e ORDER BY feature;
SELECT max(abs(sum - (d[runner_up] ^ 2 - d[cluster] ^ 2)) / size) < 1e-12 AS exact
FROM mixed_model, mixed r, LATERAL (SELECT cluster_distance(model, ROW(petal_length, label, wide, parity)) AS d OFFSET 0) t,
	LATERAL (SELECT cluster, runner_up, sum(contribution), sum(abs(contribution)) AS size
		FROM cluster_explain(model, ROW(petal_length, label, wide, parity)) GROUP BY cluster, runner_up) e;
SELECT bool_and(abs(e.contribution - 2 * factor ^ 2 * ((1 - b.center[j]) ^ 2 - (1 - a.center[j]) ^ 2)) < 1e-9) AS "a category's contribution"
FROM mixed_model, mixed r, cluster_explain(model, ROW(petal_length, label, wide, parity)) e JOIN cluster_centers((SELECT model FROM mixed_model)) a USING (cluster)
	JOIN cluster_centers((SELECT model FROM mixed_model)) b ON b.cluster = runner_up,
	LATERAL (SELECT (cluster_info(model) #>> '{scaling,factor,5}')::float8 AS factor, 5 + wide::int AS j) s
WHERE e.name = 'wide' AND abs(a.center[5] + a.center[6] - 1) < 1e-9;

-- a model without moments, as an older version left it, has no z
CREATE TEMP TABLE older AS SELECT cluster_from_json(cluster_to_json(model) - '{moments,projection}'::text[]) AS model FROM models WHERE kind = 'fcm';
SELECT count(*) AS rows, count(z) AS z, abs(sum(share) - 3) < 1e-12 AS shares, (cluster_info(model) ->> 'format')::int AS format FROM older, cluster_features(model) GROUP BY model;
SELECT bool_and(cluster_membership(o.model, x) = cluster_membership(m.model, x)) AS same,
	bool_and((SELECT array_agg(e) FROM cluster_explain(o.model, x) e) = (SELECT array_agg(e) FROM cluster_explain(m.model, x) e)) AS explained
FROM older o, models m, iris WHERE m.kind = 'fcm';

-- errors
SELECT count(*) FROM models, cluster_explain(model, '{1,2,3,4}') WHERE models.kind = 'spectral';
SELECT count(*) FROM models, cluster_explain(model, '{1,2,3,4}') WHERE models.kind = 'dec';
SELECT count(*) FROM models, cluster_explain(model, '{1,2,3}') WHERE models.kind = 'fcm';
SELECT count(*) FROM models, cluster_explain(model, '{1,2,3,NaN}') WHERE models.kind = 'fcm';
SELECT count(*) FROM models, cluster_explain(model, '{1,2,3,4}', -1) WHERE models.kind = 'fcm';
SELECT count(*) FROM named, (SELECT petal_length, seven, sepal_width FROM flowers WHERE id = 1) f, cluster_explain(model, f);
SELECT count(*) FROM cluster_explain('abc', ARRAY[1, 2]);
SELECT count(*) FROM cluster_features('abc');
