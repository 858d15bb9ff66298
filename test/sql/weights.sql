-- Weights of rows: one with the weight 3 counts as three rows, in trainings, in indices, and in agreement with labels.

CREATE TABLE weighted AS
	SELECT i AS id, i % 4 AS w, i % 3 AS label, ARRAY[i % 3 * 4 + sin(i * 1.7), i % 3 * -3 + cos(i * 2.3), sin(i * 0.37) * 2]::float8[] AS x
	FROM generate_series(1, 240) i;
CREATE VIEW repeated AS SELECT id, label, x FROM weighted, generate_series(1, w);

-- the largest difference of two models in centers, sizes, objective, memberships and radii
CREATE FUNCTION difference(a bytea, b bytea) RETURNS float8 LANGUAGE sql AS $$
	SELECT greatest(abs((cluster_info(a) ->> 'objective')::float8 / (cluster_info(b) ->> 'objective')::float8 - 1),
		(SELECT max(abs(u - v) / (1 + abs(v))) FROM cluster_centers(a) p JOIN cluster_centers(b) q USING (cluster), unnest(p.center || p.weight, q.center || q.weight) s(u, v)),
		(SELECT max(abs(u - v) / (1 + abs(v))) FROM weighted, unnest(cluster_membership(a, x) || cluster_outlier_score(a, x),
			cluster_membership(b, x) || cluster_outlier_score(b, x)) s(u, v)))
$$;

-- from the same first centers the model is that of rows which are there as often; few iterations, as extrapolation
-- makes rounding larger before it converges
SET client_min_messages = warning;
CREATE TABLE pairs AS
	WITH o AS (SELECT '{"init": [[0, 1, 0], [4, -3, 1], [9, -5, 0]], "max_iterations": 6}'::jsonb AS o, '{"init": [[0, 1, 0], [4, -3, 1], [9, -5, 0]], "scale": "zscore", "max_iterations": 6}'::jsonb AS s),
		w AS (SELECT kmeans_fit(x, 3, o, w ORDER BY id) AS kmeans, kmeans_fit(x, 3, s, w ORDER BY id) AS kmeans_scaled,
			fcm_fit(x, 3, o, w ORDER BY id) AS fcm, fcm_fit(x, 3, s, w ORDER BY id) AS fcm_scaled,
			mec_fit(x, 3, o, w ORDER BY id) AS mec, tsallis_fit(x, 3, o, w ORDER BY id) AS tsallis,
			gk_fit(x, 3, o, w ORDER BY id) AS gk, gg_fit(x, 3, o, w ORDER BY id) AS gg, logical_fit(x, 3, o, w ORDER BY id) AS logical FROM weighted, o),
		r AS (SELECT kmeans_fit(x, 3, o ORDER BY id) AS kmeans, kmeans_fit(x, 3, s ORDER BY id) AS kmeans_scaled,
			fcm_fit(x, 3, o ORDER BY id) AS fcm, fcm_fit(x, 3, s ORDER BY id) AS fcm_scaled,
			mec_fit(x, 3, o ORDER BY id) AS mec, tsallis_fit(x, 3, o ORDER BY id) AS tsallis,
			gk_fit(x, 3, o ORDER BY id) AS gk, gg_fit(x, 3, o ORDER BY id) AS gg, logical_fit(x, 3, o ORDER BY id) AS logical FROM repeated, o)
	SELECT v.* FROM w, r, LATERAL (VALUES ('kmeans', w.kmeans, r.kmeans), ('kmeans, scaled', w.kmeans_scaled, r.kmeans_scaled), ('fcm', w.fcm, r.fcm),
		('fcm, scaled', w.fcm_scaled, r.fcm_scaled), ('mec', w.mec, r.mec), ('tsallis', w.tsallis, r.tsallis), ('gk', w.gk, r.gk), ('gg', w.gg, r.gg),
		('logical', w.logical, r.logical)) v(name, weighted, repeated);
RESET client_min_messages;
SELECT name, difference(weighted, repeated) < 1e-10 AS same, cluster_info(weighted) -> 'rows' AS rows, cluster_info(weighted) -> 'total_weight' AS total,
	cluster_info(repeated) -> 'rows' AS rows_repeated, cluster_info(repeated) -> 'total_weight' AS none FROM pairs ORDER BY name;
SET client_min_messages = warning;
SELECT name, difference(weighted, repeated) < 1e-4 AS same
FROM (SELECT 'kmeans' AS name, (SELECT kmeans_fit(x::real[], 3, o, w ORDER BY id) FROM weighted) AS weighted, (SELECT kmeans_fit(x::real[], 3, o ORDER BY id) FROM repeated) AS repeated FROM (SELECT '{"init": [[0, 1, 0], [4, -3, 1], [9, -5, 0]], "max_iterations": 6}'::jsonb) t(o)
	UNION ALL SELECT 'fcm', (SELECT fcm_fit(x::real[], 3, o, w ORDER BY id) FROM weighted), (SELECT fcm_fit(x::real[], 3, o ORDER BY id) FROM repeated) FROM (SELECT '{"init": [[0, 1, 0], [4, -3, 1], [9, -5, 0]], "max_iterations": 6}'::jsonb) t(o)
	UNION ALL SELECT 'gg', (SELECT gg_fit(x::real[], 3, o, w ORDER BY id) FROM weighted), (SELECT gg_fit(x::real[], 3, o ORDER BY id) FROM repeated) FROM (SELECT '{"init": [[0, 1, 0], [4, -3, 1], [9, -5, 0]], "max_iterations": 6}'::jsonb) t(o)) m ORDER BY name;
RESET client_min_messages;

-- options may be null, and a weight of 1 changes nothing but what the model says of itself
SELECT fcm_fit(x, 3, NULL, w ORDER BY id) = fcm_fit(x, 3, '{}', w ORDER BY id) AS same, fcm_fit(x, 3, NULL, w) IS NOT NULL AS one FROM weighted;
SELECT difference(fcm_fit(x, 3, NULL, 1 ORDER BY id), fcm_fit(x, 3 ORDER BY id)) AS difference FROM weighted;

-- rows with weight 0 are left out, whatever else they have; null is skipped and counted
SELECT i -> 'rows' AS rows, i -> 'skipped' AS skipped, i -> 'total_weight' AS total
FROM (SELECT cluster_info(kmeans_fit(CASE WHEN w > 0 THEN x ELSE '{NaN}' END, 3, NULL, CASE WHEN id % 5 > 0 THEN w END)) AS i FROM weighted) t;
SELECT i -> 'rows' AS rows, i -> 'skipped' AS skipped, i -> 'total_weight' AS total
FROM (SELECT cluster_info(kmeans_fit(CASE WHEN id % 5 > 0 THEN x ELSE '{NaN, 1, 2}' END, 3, '{"missing": "skip"}', w)) AS i FROM weighted) t;
SELECT kmeans_fit(x, 3, '{"too_few": "null"}', 0) IS NULL AS none FROM weighted;
SELECT count(*) AS groups, count(model) AS models FROM (SELECT kmeans_fit(x, 2, '{"too_few": "null"}', CASE WHEN label > 0 THEN w ELSE 0 END) AS model FROM weighted GROUP BY label) g;

-- only proportions matter, from very small to very large weights
SET client_min_messages = warning;
SELECT name, abs(max(u / v) - 1) < 1e-9 AS same
FROM (SELECT name, p.cluster, u, v FROM
	(SELECT '{"init": [[0, 1, 0], [4, -3, 1], [9, -5, 0]], "max_iterations": 6}'::jsonb AS o) o,
	LATERAL (SELECT kmeans_fit(x, 3, o, w ORDER BY id) AS kmeans, fcm_fit(x, 3, o, w ORDER BY id) AS fcm, mec_fit(x, 3, o, w ORDER BY id) AS mec, tsallis_fit(x, 3, o, w ORDER BY id) AS tsallis,
		gk_fit(x, 3, o, w ORDER BY id) AS gk, gg_fit(x, 3, o, w ORDER BY id) AS gg, logical_fit(x, 3, o, w ORDER BY id) AS logical FROM weighted) a,
	(VALUES (1e-14), (1e-3), (1e14)) f(f),
	LATERAL (SELECT kmeans_fit(x, 3, o, w * f ORDER BY id) AS kmeans, fcm_fit(x, 3, o, w * f ORDER BY id) AS fcm, mec_fit(x, 3, o, w * f ORDER BY id) AS mec, tsallis_fit(x, 3, o, w * f ORDER BY id) AS tsallis,
		gk_fit(x, 3, o, w * f ORDER BY id) AS gk, gg_fit(x, 3, o, w * f ORDER BY id) AS gg, logical_fit(x, 3, o, w * f ORDER BY id) AS logical FROM weighted) b,
	LATERAL (VALUES ('kmeans', a.kmeans, b.kmeans), ('fcm', a.fcm, b.fcm), ('mec', a.mec, b.mec), ('tsallis', a.tsallis, b.tsallis), ('gk', a.gk, b.gk), ('gg', a.gg, b.gg), ('logical', a.logical, b.logical)) m(name, of_w, of_f),
	LATERAL (SELECT p.cluster, u, v FROM cluster_centers(of_w) p JOIN cluster_centers(of_f) q USING (cluster), unnest(p.center, q.center) s(u, v)) p) c
GROUP BY name ORDER BY name;
SELECT name, abs(max(u / v) - 1) < 1e-4 AS same
FROM (VALUES (1e-14), (1e14)) f(f), LATERAL (SELECT kmeans_fit(x::real[], 3, o, w ORDER BY id) AS kmeans, fcm_fit(x::real[], 3, o, w ORDER BY id) AS fcm, gg_fit(x::real[], 3, o, w ORDER BY id) AS gg,
		kmeans_fit(x::real[], 3, o, w * f ORDER BY id) AS kmeans_f, fcm_fit(x::real[], 3, o, w * f ORDER BY id) AS fcm_f, gg_fit(x::real[], 3, o, w * f ORDER BY id) AS gg_f
	FROM weighted, (SELECT '{"init": [[0, 1, 0], [4, -3, 1], [9, -5, 0]], "max_iterations": 6}'::jsonb AS o) o) a,
	LATERAL (VALUES ('kmeans', kmeans, kmeans_f), ('fcm', fcm, fcm_f), ('gg', gg, gg_f)) m(name, of_w, of_f),
	LATERAL (SELECT p.cluster, u, v FROM cluster_centers(of_w) p JOIN cluster_centers(of_f) q USING (cluster), unnest(p.center, q.center) s(u, v)) p
GROUP BY name ORDER BY name;
RESET client_min_messages;

-- groups and windows
SELECT count(*) AS groups, bool_and(model = alone) AS same
FROM (SELECT label, fcm_fit(x, 2, NULL, w ORDER BY id) AS model FROM weighted GROUP BY label) g
	JOIN LATERAL (SELECT fcm_fit(x, 2, NULL, w ORDER BY id) AS alone FROM weighted i WHERE i.label = g.label) a ON true;
SELECT count(*) AS windows, count(DISTINCT model) AS models, bool_and((cluster_info(model) ->> 'total_weight')::int = total) AS totals,
	bool_and(model = (SELECT kmeans_fit(x, 1, NULL, w ORDER BY id) FROM weighted r WHERE r.id <= i.id)) FILTER (WHERE id % 40 = 0) AS same
FROM (SELECT id, sum(w) OVER (ORDER BY id) AS total, kmeans_fit(x, 1, NULL, w) OVER (ORDER BY id) AS model FROM weighted) i;

-- a column of a query, wherever it is, is no feature and no name of the model
CREATE TABLE sales AS SELECT id, x[1] AS price, x[2] AS margin, w AS "Number of sales", w::numeric / 4 AS share FROM weighted;
SELECT kmeans_train('SELECT x, w FROM weighted ORDER BY id', 3, kmeans_options(weight => 'w')) = kmeans_fit(x, 3, NULL, w ORDER BY id) AS vectors,
	kmeans_train('SELECT w, x FROM weighted ORDER BY id', 3, kmeans_options(weight => 'w')) = kmeans_fit(x, 3, NULL, w ORDER BY id) AS before,
	kmeans_train(ARRAY['SELECT x, w FROM weighted WHERE id <= 100 ORDER BY id', 'SELECT w, x FROM weighted WHERE id > 100 ORDER BY id'], 3, kmeans_options(weight => 'w')) =
		kmeans_fit(x, 3, NULL, w ORDER BY id) AS queries FROM weighted;
SELECT kmeans_train('SELECT price, "Number of sales", margin FROM sales ORDER BY id', 3, kmeans_options(weight => 'Number of sales')) = kmeans_fit(s, 3, NULL, "Number of sales" ORDER BY id) AS columns,
	cluster_info(kmeans_train('SELECT "Number of sales", price, margin FROM sales', 3, kmeans_options(weight => 'Number of sales'))) -> 'features' AS names,
	cluster_info(kmeans_train('SELECT price, share FROM sales', 3, kmeans_options(weight => 'share'))) - 'bytes' @> '{"dimensions": 1, "features": ["price"], "total_weight": 90, "options": {"weight": true}}' AS one
FROM sales, LATERAL (SELECT price, margin) s;
SELECT t AS type, cluster_info(kmeans_train(format('SELECT x, w::%s AS w FROM weighted', t), 3, kmeans_options(weight => 'w'))) -> 'total_weight' AS total
FROM unnest('{smallint,int,bigint,real,float8,numeric}'::text[]) t;

-- validity indices are those of repeated rows, also from parts
SELECT name, count(*) AS indices, bool_and(w.value = r.value OR abs(w.value::text::float8 / r.value::text::float8 - 1) < 1e-9) AS same, bool_and(p.value = w.value) AS parts
FROM pairs, LATERAL (SELECT cluster_validity(repeated, x) AS v FROM repeated) rv, LATERAL (SELECT cluster_validity(repeated, x, w) AS v FROM weighted) wv,
	LATERAL (SELECT cluster_validity_of(repeated, s) AS v FROM (SELECT cluster_validity_step(repeated, x, w) AS s FROM weighted GROUP BY id % 7) s) pv,
	LATERAL jsonb_each(wv.v) w JOIN LATERAL jsonb_each(rv.v) r USING (key) JOIN LATERAL jsonb_each(pv.v) p USING (key)
GROUP BY name ORDER BY name;
SELECT bool_and(a.value = b.value OR abs(a.value::text::float8 / b.value::text::float8 - 1) < 1e-9) AS small_as_ones
FROM pairs, LATERAL (SELECT cluster_validity(repeated, x, 1e-6) AS small, cluster_validity(repeated, x) AS ones FROM weighted) v,
	LATERAL jsonb_each(small) a JOIN LATERAL jsonb_each(ones) b USING (key) WHERE name = 'fcm';
SELECT cluster_validity(repeated, x, w) = cluster_validity(repeated, x, nullif(w, 0)) AS null_left_out, cluster_validity(repeated, x, w) = cluster_validity(repeated, x, w) FILTER (WHERE w > 0) AS zero_left_out,
	cluster_validity(repeated, x, w / 7.0 ORDER BY id) = cluster_validity(repeated, x, w / 7.0 ORDER BY -id) AS any_order, cluster_validity(repeated, x, 0) IS NULL AS none
FROM pairs, weighted WHERE name = 'gg' GROUP BY repeated;

-- agreement with labels, likewise
CREATE TABLE labelled AS SELECT id, label, w, w / 7.0 AS part, cluster_id(repeated, x) % 3 + (id % 11 = 0)::int AS cluster FROM pairs, weighted WHERE name = 'kmeans';
SELECT cluster_accuracy(label, cluster, w::float8) = cluster_accuracy(label, cluster, w::bigint) AS accuracy, cluster_nmi(label, cluster, w::float8) = cluster_nmi(label, cluster, w::bigint) AS nmi,
	cluster_ari(label, cluster, w::float8) = cluster_ari(label, cluster, w::bigint) AS ari, cluster_accuracy(label, cluster, w) < 1 AS imperfect,
	cluster_ari(label, cluster, nullif(w, 0)) = cluster_ari(label, cluster, w) AS null_left_out, cluster_nmi(label, cluster, 0) IS NULL AS none FROM labelled;
SELECT abs(cluster_accuracy(label, cluster, part) - cluster_accuracy(label, cluster, w)) < 1e-12 AS accuracy, abs(cluster_nmi(label, cluster, part) - cluster_nmi(label, cluster, w)) < 1e-12 AS nmi,
	abs(cluster_ari(label, cluster, 1e-3) - cluster_ari(label, cluster)) < 1e-12 AS ari,
	cluster_nmi(label, cluster, part ORDER BY id) = cluster_nmi(label, cluster, part ORDER BY -id) AND cluster_ari(label, cluster, part ORDER BY id) = cluster_ari(label, cluster, part ORDER BY -id) AS any_order FROM labelled;

-- selection
SELECT clusters, cluster_info(model) -> 'total_weight' AS total, abs((v ->> 'silhouette')::float8 / silhouette - 1) < 1e-12 AND abs((v ->> 'calinski_harabasz')::float8 / calinski_harabasz - 1) < 1e-12 AS validity
FROM cluster_select('SELECT x, w FROM weighted', 2, 4, 'fcm', fcm_options(weight => 'w')) s, LATERAL (SELECT cluster_validity(model, x, w) AS v FROM weighted) v ORDER BY clusters;

-- recipes; details of notices have times
\set VERBOSITY terse
SELECT cluster_create_registry('weights_registry');
SELECT cluster_define('sales', 'SELECT price, margin, "Number of sales" FROM sales ORDER BY id', 'kmeans', 3, kmeans_options(weight => 'Number of sales'), registry => 'weights_registry');
CALL cluster_retrain('sales', 'weights_registry');
SELECT m = kmeans_fit(s, 3, NULL, "Number of sales" ORDER BY id) AS same FROM sales, LATERAL (SELECT price, margin) s, cluster_model('sales', registry => 'weights_registry') m GROUP BY m;
UPDATE sales SET "Number of sales" = 2 * "Number of sales";
CALL cluster_retrain('sales', 'weights_registry');
SELECT version, rows, (validity ->> 'silhouette')::float8 = (v ->> 'silhouette')::float8 AS validity, drift -> 'changed' AS changed
FROM weights_registry.models, LATERAL (SELECT cluster_validity(cluster_model('sales', version, registry => 'weights_registry'), ROW(price, margin), "Number of sales") AS v FROM sales) v ORDER BY version;
SELECT cluster_define('sales', 'SELECT price, margin FROM sales', 'kmeans', 3, kmeans_options(weight => 'Number of sales'), registry => 'weights_registry');
CREATE TABLE news AS SELECT id, id > 160 AS late, x[1] AS a, x[2] AS b, w, id AS at FROM weighted;
CREATE VIEW early AS SELECT a, w, at, b FROM news WHERE NOT late OR EXISTS (SELECT FROM sales WHERE id = -1);
SELECT cluster_define('news', 'SELECT a, w, at, b FROM early ORDER BY at', 'kmeans', 3, kmeans_options(weight => 'w'), incremental => true, newer => 'at', registry => 'weights_registry');
CALL cluster_retrain('news', 'weights_registry');
INSERT INTO sales (id) VALUES (-1);
CALL cluster_retrain('news', 'weights_registry');
SELECT cluster_info(cluster_model('news', registry => 'weights_registry')) -> 'total_weight' AS total, (SELECT sum(w) FROM news) AS sum,
	cluster_model('news', registry => 'weights_registry') = cluster_update(cluster_model('news', 1, 'weights_registry'), s, 1) AS same
FROM (SELECT cluster_step(cluster_model('news', 1, 'weights_registry'), f, w) AS s FROM news AS n, LATERAL (SELECT n.a, n.b) AS f WHERE late) s;
SELECT cluster_define('news', 'SELECT a, w, at, b FROM early', 'kmeans', 3, kmeans_options(weight => 'at'), incremental => true, newer => 'at', registry => 'weights_registry');
DROP VIEW early;
DROP TABLE news;
DELETE FROM sales WHERE id = -1;
DROP SCHEMA weights_registry CASCADE;
\set VERBOSITY default

-- errors
SELECT kmeans_fit(x, 3, NULL, -1) FROM weighted;
SELECT kmeans_fit(x, 3, NULL, 'NaN') FROM weighted;
SELECT kmeans_fit(x, 3, NULL, 'infinity') FROM weighted;
SELECT kmeans_fit(x, 3, NULL, '-infinity') FROM weighted;
SELECT kmeans_fit(x, 3, NULL, 1e300) FROM weighted;
SELECT kmeans_fit(x, 3, NULL, 1e-300) FROM weighted;
SELECT kmeans_fit(x, 3, NULL, 0) FROM weighted;
SELECT kmeans_fit(x, 4, NULL, w) FROM weighted WHERE id < 5;
SELECT kmeans_fit(x, 3, kmeans_options(weight => 'w'), w) FROM weighted;
SELECT kmeans_fit(x, 3, kmeans_options(weight => 'w')) FROM weighted;
SELECT spectral_fit(x, 3, NULL, w) FROM weighted;
SELECT dec_fit(x, 3, NULL, w) FROM weighted;
SELECT dec_train('SELECT x, w FROM weighted', 3, dec_options(weight => 'w'));
SELECT kmeans_train('SELECT x, w FROM weighted', 3, kmeans_options(weight => 'W'));
SELECT kmeans_train('SELECT price, margin, "Number of sales" FROM sales', 3, kmeans_options(weight => '"Number of sales"'));
SELECT kmeans_train('SELECT x, w, w FROM weighted', 3, kmeans_options(weight => 'w'));
SELECT kmeans_train('SELECT x, w::text FROM weighted', 3, kmeans_options(weight => 'w'));
SELECT kmeans_train('SELECT w FROM weighted', 3, kmeans_options(weight => 'w'));
SELECT kmeans_train('SELECT x, -w AS w FROM weighted', 3, kmeans_options(weight => 'w'));
SELECT kmeans_train('SELECT x, 0 AS w FROM weighted', 3, kmeans_options(weight => 'w'));
SELECT kmeans_train('SELECT x, 0 AS w FROM weighted', 3, kmeans_options(weight => 'w', passes => 'query'));
SELECT kmeans_train('SELECT x, NULL::int AS w FROM weighted', 3, kmeans_options(weight => 'w'));
SELECT kmeans_train('SELECT x, ''1e400''::numeric AS w FROM weighted', 3, kmeans_options(weight => 'w'));
SELECT kmeans_train('SELECT x, w FROM weighted', 3, '{"weight": 1}');
SELECT cluster_validity(repeated, x, -1) FROM pairs, weighted;
SELECT cluster_nmi(label, cluster, -0.5) FROM labelled;
SELECT cluster_ari(label, cluster, 1e16) FROM labelled;

DROP VIEW repeated;
DROP TABLE weighted, pairs, sales, labelled;
DROP FUNCTION difference;
