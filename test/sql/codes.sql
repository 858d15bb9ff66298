-- Codes: typicalities of rows, centers, indices; and options by which networks learn as in the papers.

\i test/sql/include/spots.psql
SET client_min_messages = warning;		-- of collapses, and of trainings that are short
CREATE TEMP TABLE models AS
	SELECT 'dec' AS algorithm, dec_fit(x, 3, pg_temp.net('{"freedom": 3}') ORDER BY i) AS model FROM images
	UNION ALL SELECT 'edcwrn', edcwrn_fit(x, 3, pg_temp.net() ORDER BY i) FROM images
	UNION ALL SELECT 'raw', edcwrn_fit(x, 3, pg_temp.net('{"assignment": "raw", "dist_scale": 0.25, "smoothing": 0}') ORDER BY i) FROM images
	UNION ALL SELECT 'own', edcwrn_fit(x, 3, pg_temp.net('{"refine": "selflabel", "refine_head": "own", "refine_epochs": 2}') ORDER BY i) FROM images
	UNION ALL SELECT 'dfmec', dfmec_fit(x, 3, pg_temp.net() ORDER BY i) FROM images;

-- centers of codes: the formulas of distances and memberships hold with them, and with the weights of dimensions
CREATE TEMP TABLE measured AS
	SELECT m.algorithm, i.i, cluster, cluster_embed(model, x) AS z, center AS v, CASE WHEN algorithm IN ('raw', 'edcwrn') THEN (SELECT weights FROM cluster_feature_weights(model) w WHERE w.cluster = v.cluster) END AS w,
		(cluster_distance(model, x))[cluster] AS distance, (cluster_membership(model, x))[cluster] AS u,
		CASE WHEN algorithm <> 'dfmec' THEN (cluster_typicality(model, x))[cluster] END AS q
	FROM models m, cluster_code_centers(model) v, images i WHERE m.algorithm <> 'own';
CREATE TEMP TABLE formulas AS
	SELECT *, CASE algorithm WHEN 'dec' THEN (1 + 20 * d / 3) ^ -2 WHEN 'dfmec' THEN exp(-d / 0.05)
			ELSE 1 / (1 + 1.93 * (CASE algorithm WHEN 'raw' THEN 0.25 ELSE 20 END * d) ^ 0.79) END AS similarity
	FROM (SELECT *, (SELECT sum(coalesce(4 * w[j], 1) * (z[j] - v[j]) ^ 2) FROM generate_series(1, 4) j) AS d FROM measured) m;
SELECT algorithm, count(*), bool_and(abs(distance - sqrt(d)) < 1e-5) AS distance, bool_and(abs(q - similarity) < 1e-5) AS typicality
FROM formulas GROUP BY algorithm ORDER BY algorithm;
SELECT algorithm, bool_and(abs(u - similarity / total) < 1e-4) AS membership
FROM formulas JOIN (SELECT algorithm, i, sum(similarity) AS total FROM formulas GROUP BY 1, 2) t USING (algorithm, i) GROUP BY algorithm ORDER BY algorithm;
SELECT algorithm, count(*) AS clusters, min(cardinality(center)) AS numbers FROM models, cluster_code_centers(model) GROUP BY algorithm ORDER BY algorithm;

-- they do not add up to 1, as memberships do; an own head has typicalities, too
SELECT algorithm, bool_or(abs(sum - 1) > 0.1) AS free
FROM (SELECT algorithm, i, sum(q) FROM measured WHERE algorithm <> 'dfmec' GROUP BY 1, 2) s GROUP BY algorithm ORDER BY algorithm;
SELECT bool_and(q > 0 AND q <= 1) AS own FROM models, images, unnest(cluster_typicality(model, x)) q WHERE algorithm = 'own';
SELECT bool_and(cluster_typicality(model, ARRAY[a, b]) = cluster_membership(model, ARRAY[a, b])) AS pcm
FROM (VALUES (1, 1), (1, 2), (5, 5), (5, 6)) r(a, b), (SELECT pcm_fit(ARRAY[a, b], 2) AS model FROM (VALUES (1, 1), (1, 2), (5, 5), (5, 6)) r(a, b)) m;
SELECT cluster_typicality(model, '{1,2}'::text) IS NULL AS none FROM (SELECT pcm_fit(ARRAY[i, -i], 2) AS model FROM generate_series(1, 9) i) m;
SELECT cluster_typicality(kmeans_fit(ARRAY[i, i], 2), ARRAY[1, 2]) FROM generate_series(1, 9) i;
\set VERBOSITY terse
SELECT cluster_typicality(dec_fit(x, 3, pg_temp.net('{"refine": "selflabel", "refine_epochs": 1}') ORDER BY i), min(x)) FROM images;
SELECT cluster_code_centers(kmeans_fit(ARRAY[i, i], 2)) FROM generate_series(1, 9) i;
\set VERBOSITY default

-- indices of codes are those of a model whose rows are the codes, and whose centers are those of codes
CREATE TEMP TABLE codes AS
	SELECT i, class, x, cluster_embed(model, x) AS z, cluster_id(model, x) AS cluster FROM models, images WHERE algorithm = 'dec';
CREATE TEMP TABLE plain AS
	SELECT kmeans_fit(z, 3, kmeans_options(init => (SELECT array_agg(center ORDER BY cluster) FROM models, cluster_code_centers(model) WHERE algorithm = 'dec'), max_iterations => 1)) AS model FROM codes;
SELECT key, abs((a.value::float8 - b.value::float8) / b.value::float8) < 1e-6 AS same
FROM (SELECT cluster_code_validity(m.model, x) AS of_codes, cluster_code_silhouette(m.model, x) AS pairs FROM codes, models m WHERE algorithm = 'dec') d,
	(SELECT cluster_silhouette(p.model, z) AS pairs FROM codes, plain p) s,
	jsonb_each_text(d.pairs) a JOIN jsonb_each_text(s.pairs) b USING (key) WHERE key IN ('silhouette', 'dunn') ORDER BY key;
WITH centers AS (SELECT cluster, center FROM models, cluster_code_centers(model) WHERE algorithm = 'dec'),
	distances AS (SELECT i, codes.cluster, centers.cluster AS other, sqrt((SELECT sum((a - b) ^ 2) FROM unnest(z, center) t(a, b))) AS d FROM codes, centers),
	silhouettes AS (SELECT i, 1 - max(d) FILTER (WHERE cluster = other) / min(d) FILTER (WHERE cluster <> other) AS s FROM distances GROUP BY i)
SELECT abs((SELECT avg(s) FROM silhouettes) - (SELECT (cluster_code_validity(model, x) ->> 'silhouette')::float8 FROM models, images WHERE algorithm = 'dec')) < 1e-5 AS silhouette;
SELECT key FROM (SELECT cluster_validity(model, x) AS features, cluster_code_validity(model, x) AS of_codes FROM models, images WHERE algorithm = 'dec') v,
	jsonb_each(features) f JOIN jsonb_each(of_codes) c USING (key) WHERE f.value = c.value ORDER BY key;

-- weights count as rows; parallel workers have the same sums; without rows there is no result
SELECT cluster_code_validity(model, x, 2) ->> 'davies_bouldin' = cluster_code_validity(model, x) ->> 'davies_bouldin' AS weighted,
	cluster_code_silhouette(model, x, 2) ->> 'dunn' = cluster_code_silhouette(model, x) ->> 'dunn' AS pairs FROM models, images WHERE algorithm = 'dec';
CREATE TABLE code_rows AS SELECT i, x FROM images;
CREATE TABLE code_models AS SELECT model FROM models WHERE algorithm = 'edcwrn';
CREATE TEMP TABLE alone AS SELECT cluster_code_validity(model, x) AS validity, cluster_code_silhouette(model, x) AS pairs FROM code_rows, code_models;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SELECT cluster_code_validity(model, x) = (SELECT validity FROM alone) AS validity, cluster_code_silhouette(model, x) = (SELECT pairs FROM alone) AS pairs
FROM code_rows, code_models;
RESET min_parallel_table_scan_size;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
DROP TABLE code_rows, code_models;
SELECT cluster_code_validity(model, x) AS validity, cluster_code_silhouette(model, x) AS pairs FROM models, images WHERE algorithm = 'dec' AND i < 0;
\set VERBOSITY terse
SELECT cluster_code_validity(model, ARRAY[1, 2]) FROM (SELECT kmeans_fit(ARRAY[i, -i], 2) AS model FROM generate_series(1, 9) i) m;
SELECT cluster_code_silhouette(model, ARRAY[1, 2]) FROM (SELECT kmeans_fit(ARRAY[i, -i], 2) AS model FROM generate_series(1, 9) i) m;
\set VERBOSITY default

-- a refresh after as many steps as an epoch has is one after each epoch
CREATE FUNCTION pg_temp.course(model bytea) RETURNS text LANGUAGE sql AS
	$$SELECT md5(concat((SELECT array_agg(c) FROM cluster_code_centers(model) c), (SELECT array_agg(h) FROM cluster_history(model) h)))$$;
SELECT pg_temp.course(edcwrn_fit(x, 3, pg_temp.net('{"epochs": 4, "label_tolerance": 0}') ORDER BY i))
	= pg_temp.course(edcwrn_fit(x, 3, pg_temp.net('{"epochs": 4, "label_tolerance": 0, "refresh_steps": 6}') ORDER BY i)) AS "as an epoch" FROM images;

-- if labels stay as they are the phase ends within an epoch, which counts if it had a step
SELECT steps, (cluster_info(dec_fit(x, 3, pg_temp.net(jsonb_build_object('epochs', 9, 'label_tolerance', 1, 'refresh_steps', steps)) ORDER BY i)) ->> 'iterations')::int - 30 AS epochs
FROM images, unnest(ARRAY[1, 5, 6, 7, 13, 1000]) AS steps GROUP BY steps ORDER BY steps;

-- rectified codes are not negative
SELECT min(z) = 0 AS least, max(z) > 0 AS some FROM (SELECT idec_fit(x, 3, pg_temp.net('{"code_activation": "relu"}') ORDER BY i) AS model FROM images) m, images, unnest(cluster_embed(model, x)) z;

-- the second phase may move images about in a way of its own: where it does not, the first one is not needed for that
SELECT pg_temp.course(dec_fit(x, 3, pg_temp.net('{"epochs": 2, "shift": 0, "rotation": 0, "zoom": 0}') ORDER BY i))
	= pg_temp.course(dec_fit(x, 3, pg_temp.net('{"epochs": 2, "shift": 0, "rotation": 0, "zoom": 0, "cluster_shift": 0, "cluster_rotation": 0, "cluster_zoom": 0}') ORDER BY i)) AS same FROM images;

-- random directions as first centers, before any training
SELECT bool_and(abs((SELECT sum(v * v) FROM unnest(center) v) - 1) < 1e-6) AS unit, count(DISTINCT center) AS centers
FROM (SELECT dfmec_fit(x, 3, pg_temp.net('{"first_centers": "random", "pretrain_epochs": 0, "epochs": 0}') ORDER BY i) AS model FROM images) m, cluster_code_centers(model);
