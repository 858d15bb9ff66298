-- Validity indices.  Golden numbers: an implementation in numpy, checked against
-- R e1071 (cmeans) and Octave (fcm), 12 digits.

\i test/sql/include/iris.psql
CREATE TEMP TABLE models AS
	SELECT fcm_fit(x, 3) AS fcm, kmeans_fit(x, 3) AS kmeans, fcm_fit(x, 1) AS one, fcm_fit(x, 3, fcm_options(scale => 'zscore')) AS scaled
	FROM iris;

-- golden numbers for fuzzy c-means on iris
SELECT name, abs((cluster_validity(fcm, x) -> name)::float8 - value) < 1e-9 AS right
FROM models, iris, (VALUES ('partition_coefficient', 0.783397486897), ('partition_coefficient_normalized', 0.675096230346),
	('partition_entropy', 0.395491581133), ('xie_beni', 0.136908152873)) golden(name, value)
GROUP BY name, value ORDER BY name;
SELECT array_agg(key ORDER BY key) AS keys FROM (SELECT cluster_validity(fcm, x) AS v FROM models, iris) v, jsonb_object_keys(v) key;

-- the others by their formulas, from memberships, centers and Euclidean distances, whatever the algorithm's own are
CREATE FUNCTION pg_temp.squared(float8[], float8[]) RETURNS float8 LANGUAGE sql AS 'SELECT sum((a - b) ^ 2) FROM unnest($1, $2) t(a, b)';
CREATE TEMP TABLE named AS
	SELECT name, model FROM (SELECT gg_fit(x, 3, '{"weight_exponent": 2}') AS gg, gk_fit(x, 3, '{"fuzzifier": 2, "tolerance": 1e-6}') AS gk FROM iris) m, models,
		LATERAL (VALUES ('fcm', fcm), ('gg', gg), ('gk', gk), ('kmeans', kmeans)) v(name, model);
CREATE TEMP TABLE facts AS
	SELECT name, model, id, x, cluster_id(model, x) AS c,
		ARRAY(SELECT greatest(u, 1e-100) FROM unnest(cluster_membership(model, x)) WITH ORDINALITY t(u, c) ORDER BY c) AS u,
		ARRAY(SELECT sqrt(pg_temp.squared(x, center)) FROM cluster_centers(model) ORDER BY cluster) AS d
	FROM named, iris;
CREATE TEMP TABLE mean AS SELECT ARRAY[avg(sepal_length), avg(sepal_width), avg(petal_length), avg(petal_width)] AS mean FROM iris;
CREATE TEMP TABLE expected AS
WITH centers AS (SELECT name, cluster, center, pg_temp.squared(center, mean) AS away FROM named, cluster_centers(model), mean),
	apart AS (SELECT a.name, a.cluster AS a, b.cluster AS b, pg_temp.squared(a.center, b.center) AS apart
		FROM centers a JOIN centers b USING (name) WHERE a.cluster <> b.cluster),
	sums AS (SELECT name, cluster, away, sum(u[cluster]) AS u, sum(u[cluster] ^ 2) AS w, sum(u[cluster] ^ 2 * d[cluster] ^ 2) AS wd,
			count(*) FILTER (WHERE c = cluster) AS n, avg(d[cluster]) FILTER (WHERE c = cluster) AS s
		FROM facts JOIN centers USING (name) GROUP BY name, cluster, away),
	crisp AS (SELECT name, c, count(*) AS n, ARRAY[avg(x[1]), avg(x[2]), avg(x[3]), avg(x[4])] AS mean FROM facts GROUP BY name, c)
SELECT name, 'fukuyama_sugeno' AS index, sum(wd - w * away) AS value FROM sums GROUP BY name
UNION ALL SELECT name, 'kwon', (sum(wd) + avg(away)) / (SELECT min(apart) FROM apart WHERE apart.name = sums.name) FROM sums GROUP BY name
UNION ALL SELECT name, 'xie_beni', sum(wd) / (150 * (SELECT min(apart) FROM apart WHERE apart.name = sums.name)) FROM sums GROUP BY name
UNION ALL SELECT name, 'inter_cluster_variance', sum(u / 150 * away) FROM sums GROUP BY name
UNION ALL SELECT name, 'davies_bouldin', avg(worst) FROM (SELECT p.name, p.a, max((s.s + t.s) / sqrt(apart)) AS worst FROM apart p
	JOIN sums s ON s.name = p.name AND s.cluster = p.a JOIN sums t ON t.name = p.name AND t.cluster = p.b GROUP BY p.name, p.a) w GROUP BY name
UNION ALL SELECT name, 'silhouette', avg((other - d[c]) / greatest(other, d[c]))
	FROM facts, LATERAL (SELECT min(v) AS other FROM unnest(d) WITH ORDINALITY t(v, b) WHERE b <> c) o GROUP BY name
UNION ALL SELECT f.name, 'calinski_harabasz', (SELECT sum(n * pg_temp.squared(c.mean, m.mean)) FROM crisp c, mean m WHERE c.name = f.name) / 2
	/ (sum(pg_temp.squared(x, c.mean)) / 147) FROM facts f JOIN crisp c USING (name, c) GROUP BY f.name
UNION ALL SELECT name, 'partition_coefficient', sum(v * v) / 150 FROM facts, unnest(u) v GROUP BY name
UNION ALL SELECT name, 'partition_coefficient_normalized', (3 * sum(v * v) / 150 - 1) / 2 FROM facts, unnest(u) v GROUP BY name
UNION ALL SELECT name, 'partition_entropy', coalesce(-sum(v * ln(nullif(v, 0))) / 150, 0) FROM facts, unnest(u) v GROUP BY name;
SELECT name, index, abs((v -> index)::float8 - value) < 1e-9 * (1 + abs(value)) AS right
FROM expected JOIN (SELECT name, cluster_validity(model, x) AS v FROM named, iris GROUP BY name) v USING (name)
ORDER BY name, index;

-- the unit of the features does not matter, nor does it make clusters coincide
CREATE TEMP TABLE units AS
	SELECT f, i, ARRAY[f * ((i % 4) * 6 + sin(i) + cos(i * 3.1)), f * ((i % 4) * (i % 4) * 3 + cos(i * 1.7))] AS x
	FROM generate_series(1, 800) i, unnest(ARRAY[1, 1000, 0.00005]) f;
SELECT name, key, count(value) AS units, max(value) - min(value) <= 1e-5 * max(value) AS same
FROM (SELECT name, cluster_validity(m, x) AS v
		FROM (SELECT f, gg_fit(x, 4 ORDER BY i) AS gg, gk_fit(x, 4 ORDER BY i) AS gk, logical_fit(x, 4, '{"max_iterations": 1000, "vartheta": 0.5}' ORDER BY i) AS logical FROM units GROUP BY f) models
			JOIN units USING (f), LATERAL (VALUES ('gg', gg), ('gk', gk), ('logical', logical)) m(name, m) GROUP BY name, f) v,
	LATERAL (SELECT key, value::float8 FROM jsonb_each_text(v) WHERE key IN ('xie_beni', 'davies_bouldin', 'silhouette', 'calinski_harabasz', 'partition_coefficient')) i
GROUP BY name, key ORDER BY name, key;
CREATE FUNCTION pg_temp.chosen(algorithm text, f float8) RETURNS int LANGUAGE sql AS $$
	SELECT clusters FROM cluster_select(format('SELECT x FROM units WHERE f = %s ORDER BY i', f), 2, 6, algorithm) ORDER BY cardinality(best) DESC LIMIT 1 $$;
SET client_min_messages = warning;
SELECT algorithm, pg_temp.chosen(algorithm, 1) AS one, pg_temp.chosen(algorithm, 0.00005) AS small FROM unnest('{gg,gk}'::text[]) algorithm;
RESET client_min_messages;

-- in the units of the model
CREATE TEMP TABLE zscores AS SELECT ARRAY[(x[1] - m1) / s1, (x[2] - m2) / s2, (x[3] - m3) / s3, (x[4] - m4) / s4] AS y
	FROM iris, (SELECT avg(x[1]) AS m1, avg(x[2]) AS m2, avg(x[3]) AS m3, avg(x[4]) AS m4,
		stddev_pop(x[1]) AS s1, stddev_pop(x[2]) AS s2, stddev_pop(x[3]) AS s3, stddev_pop(x[4]) AS s4 FROM iris) m;
SELECT key, abs(scaled.value::float8 - by_hand.value::float8) < 1e-6 AS same
FROM (SELECT cluster_validity(scaled, x) AS scaled FROM models, iris) s,
	(SELECT cluster_validity(model, y) AS by_hand FROM (SELECT fcm_fit(y, 3) AS model FROM zscores) m, zscores) h,
	LATERAL jsonb_each(scaled) scaled JOIN LATERAL jsonb_each(by_hand) by_hand USING (key)
ORDER BY key;

-- one cluster, one row, no rows
SELECT key, one.value = 'null' AS "one cluster", row.value = 'null' AS "one row"
FROM models, LATERAL (SELECT cluster_validity(one, x) AS v, cluster_validity(fcm, x) FILTER (WHERE id = 1) AS w FROM iris) v,
	LATERAL jsonb_each(v) one JOIN LATERAL jsonb_each(w) row USING (key)
ORDER BY key;
SELECT cluster_validity(fcm, x) IS NULL AS "no rows" FROM models, iris WHERE id < 0;
SELECT cluster_validity(NULL, x) IS NULL AS "no model", cluster_validity(fcm, NULL::int[]) IS NULL AS "no features" FROM models, iris;

-- nulls are left out, and missing features if the model says so
CREATE TEMP TABLE half AS SELECT cluster_validity(fcm, x) AS v FROM models, iris WHERE id <= 50;
SELECT cluster_validity(fcm, CASE WHEN id <= 50 THEN x END) = v AS nulls, cluster_validity(fcm, x) FILTER (WHERE id <= 50) = v AS filter
FROM models, iris, half GROUP BY v;
SELECT cluster_validity(m, x || CASE WHEN id <= 50 THEN 1 END::float8)
	= (SELECT cluster_validity(m, x || 1::float8) FROM iris WHERE id <= 50) AS missing
FROM iris, (SELECT fcm_fit(x || 1::float8, 3, '{"missing": "skip"}') AS m FROM iris) m GROUP BY m;

-- a cluster without rows
SELECT v -> 'xie_beni' AS xie_beni, v -> 'davies_bouldin' AS davies_bouldin, abs((v -> 'silhouette')::float8 - 2 / 3.0) < 1e-12 AS silhouette
FROM (SELECT cluster_validity(kmeans_fit, ARRAY[3]) AS v
	FROM (SELECT kmeans_fit(ARRAY[x], 2, '{"init": [[1], [9]]}') FROM unnest(ARRAY[1, 9]) x) m GROUP BY kmeans_fit) v;

-- groups, the same model stored in different ways, several at once
SELECT count(*) AS groups, count(DISTINCT v) AS values
FROM (SELECT label, cluster_validity(fcm, x) AS v FROM models, iris GROUP BY label, fcm) v;
CREATE TEMP TABLE stored (id int, model bytea);
INSERT INTO stored SELECT 1, kmeans_fit(array_fill(i % 3, ARRAY[110]), 3) FROM generate_series(1, 30) i;
ALTER TABLE stored ALTER model SET STORAGE external;
INSERT INTO stored SELECT 2, model || '' FROM stored;
ALTER TABLE stored ALTER model SET STORAGE plain;
INSERT INTO stored SELECT 3, model || '' FROM stored WHERE id = 1;
SELECT count(DISTINCT pg_column_size(model)) AS sizes, count(DISTINCT model) AS models FROM stored;
SELECT cluster_validity(model, array_fill(i % 3, ARRAY[110])) -> 'partition_coefficient' AS one FROM stored, generate_series(1, 30) i;
SELECT cluster_validity(fcm, x) <> cluster_validity(kmeans, x) AS two FROM models, iris;

-- groups in a hash table and sorted ones, in several sets, and in partial states
CREATE TABLE many AS SELECT g AS id, g % 2000 AS grp, g % 7 AS week, ARRAY[sin(g), cos(g)] AS x FROM generate_series(1, 12000) g;
CREATE TABLE one (m bytea);
INSERT INTO one SELECT kmeans_fit(x, 2 ORDER BY id) FROM many;
ANALYZE many;
CREATE FUNCTION plan(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) ' || query INTO plan;
	RETURN plan -> 0 -> 'Plan';
END $$;
SET max_parallel_workers_per_gather = 0;
SET enable_sort = off;
SELECT plan ->> 'Strategy' AS strategy, (plan -> 'Peak Memory Usage')::int < 3500 AS small
FROM plan('SELECT cluster_validity((SELECT m FROM one), x) FROM many GROUP BY grp');
CREATE TABLE hashed AS SELECT grp, cluster_validity((SELECT m FROM one), x) AS v FROM many GROUP BY grp;
RESET enable_sort;
SET enable_hashagg = off;
CREATE TABLE sorted AS SELECT grp, cluster_validity((SELECT m FROM one), x) AS v FROM many GROUP BY grp;
RESET enable_hashagg;
SELECT count(*) AS groups, bool_and(h.v = s.v) AS same FROM hashed h JOIN sorted s USING (grp);
SELECT count(*) AS groups, bool_and(t.v = s.v) AS same
FROM (SELECT grp, week, cluster_validity((SELECT m FROM one), x) AS v FROM many GROUP BY GROUPING SETS (grp, week, (grp, week), ())) t
	JOIN sorted s USING (grp) WHERE week IS NULL;
SELECT count(*) AS groups, bool_and(t.v = s.v) AS same
FROM (SELECT grp, m, cluster_validity(m, x) AS v FROM many, (SELECT m FROM one UNION ALL SELECT kmeans_fit(x, 3 ORDER BY id) FROM many) m GROUP BY grp, m) t
	JOIN sorted s USING (grp) JOIN one USING (m);
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT count(*) AS groups, bool_and(t.v = s.v) AS same
FROM (SELECT grp, cluster_validity((SELECT m FROM one), x) AS v FROM many GROUP BY grp) t JOIN sorted s USING (grp);
SELECT jsonb_path_exists(plan('SELECT cluster_validity((SELECT m FROM one), x) FROM many GROUP BY grp'), '$.**."Partial Mode" ? (@ == "Partial")') AS parallel;
ALTER TABLE one ALTER m SET STORAGE external;
DELETE FROM one;
INSERT INTO one SELECT kmeans_fit(x || array_fill(0::float8, ARRAY[500]), 2 ORDER BY id) FROM many;
CREATE TABLE wide AS SELECT grp, x || array_fill(0::float8, ARRAY[500]) AS x FROM many WHERE id <= 600;
SELECT count(*) AS groups, bool_and(p.v = q.v) AS same
FROM (SELECT grp, cluster_validity((SELECT m FROM one), x) AS v FROM wide GROUP BY grp) p
	JOIN (SELECT grp, cluster_validity((SELECT m || '' FROM one), x ORDER BY grp) AS v FROM wide GROUP BY grp) q USING (grp);
SELECT jsonb_path_exists(plan('SELECT cluster_validity((SELECT m FROM one), x) FROM wide GROUP BY grp'), '$.**."Partial Mode" ? (@ == "Partial")') AS parallel;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
DROP TABLE many, one, hashed, sorted, wide;
DROP FUNCTION plan;

-- growing windows
SELECT id, v = (SELECT cluster_validity(fcm, x) FROM models, iris i WHERE i.id <= w.id) AS same
FROM (SELECT id, cluster_validity(fcm, x) OVER (ORDER BY id) AS v FROM models, iris) w WHERE id % 50 = 1 ORDER BY id;

-- numbers do not depend on settings of the session
SET extra_float_digits = -15;
CREATE TEMP TABLE few AS SELECT cluster_validity(fcm, x) AS v FROM models, iris;
RESET extra_float_digits;
SELECT v = (SELECT cluster_validity(fcm, x) FROM models, iris) AS same FROM few;

-- errors
SELECT cluster_validity(m, x) FROM models, LATERAL (VALUES (fcm), (kmeans)) m(m), iris;
SELECT cluster_validity(fcm, ARRAY[1, 2]) FROM models;
SELECT cluster_validity(fcm, ARRAY[1, 2, 3, NULL]) FROM models;
SELECT cluster_validity(fcm, 'x') FROM models;
SELECT cluster_validity('FZCM', x) FROM iris;
