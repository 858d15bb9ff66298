-- Agreement of fuzzy partitions, and silhouettes.  Golden numbers: scikit-learn 1.2.1, 12 digits; the
-- others from the definitions, pair by pair.

\i test/sql/include/iris.psql
CREATE TEMP TABLE models AS
	SELECT fcm_fit(x, 3) AS fcm, fcm_fit(x, 4, fcm_options(fuzzifier => 1.5)) AS four, kmeans_fit(x, 3) AS kmeans,
		kmeans_fit(x, 5) AS five, fcm_fit(x, 1) AS one, fcm_fit(x, 3, fcm_options(scale => 'zscore')) AS scaled
	FROM iris;

-- pairs of different rows by products of memberships; what is left to 1 is one more cluster, and more than 1 is divided by the sum
CREATE FUNCTION pg_temp.complete(u float8[]) RETURNS float8[] LANGUAGE sql AS $$
	SELECT array_agg(v / greatest(1, s) ORDER BY i) || greatest(0, 1 - max(s))
	FROM unnest(u) WITH ORDINALITY t(v, i), (SELECT sum(v) AS s FROM unnest(u) v) s $$;
CREATE FUNCTION pg_temp.together(float8[], float8[]) RETURNS float8 LANGUAGE sql AS 'SELECT sum(a * b) FROM unnest($1, $2) t(a, b)';
CREATE TEMP TABLE partitions (name text, id int, a float8[], b float8[]);
INSERT INTO partitions
	SELECT 'fuzzy', id, cluster_membership(fcm, x), cluster_membership(four, x) FROM models, iris
	UNION ALL SELECT 'fuzzy and crisp', id, cluster_membership(scaled, x), cluster_membership(five, x) FROM models, iris
	UNION ALL SELECT 'crisp', id, cluster_membership(kmeans, x), cluster_membership(five, x) FROM models, iris
	UNION ALL SELECT 'noise', id, ARRAY(SELECT v * (1 - id % 4 / 4.0) FROM unnest(cluster_membership(fcm, x)) v), cluster_membership(four, x) FROM models, iris
	UNION ALL SELECT 'typicalities', id, ARRAY[sin(id) ^ 2, cos(2 * id) ^ 2, sin(5 + id) ^ 2], ARRAY[cos(id) ^ 2, sin(id * 3.0) ^ 4] FROM iris;
CREATE TEMP TABLE pairs AS
	SELECT p.name, sum(t * v) AS s, sum(t * (1 - v)) AS f, sum((1 - t) * v) AS g, sum((1 - t) * (1 - v)) AS d
	FROM (SELECT name, id, pg_temp.complete(a) AS a, pg_temp.complete(b) AS b FROM partitions) p
		JOIN (SELECT name, id, pg_temp.complete(a) AS a, pg_temp.complete(b) AS b FROM partitions) q ON q.name = p.name AND q.id < p.id,
		LATERAL (SELECT pg_temp.together(p.a, q.a) AS t, pg_temp.together(p.b, q.b) AS v) u
	GROUP BY p.name;
SELECT name, v -> 'rows' AS rows, abs((v -> 'rand')::float8 - (s + d) / (s + f + g + d)) < 1e-12 AS rand,
	abs((v -> 'adjusted_rand')::float8 - (s - (s + f) * (s + g) / (s + f + g + d)) /
		((s + f + s + g) / 2 - (s + f) * (s + g) / (s + f + g + d))) < 1e-12 AS adjusted
FROM pairs JOIN (SELECT name, cluster_agreement(a, b) AS v FROM partitions GROUP BY name) v USING (name) ORDER BY name;

-- crisp partitions: the adjusted Rand index of cluster_ari, and scikit-learn's numbers; with themselves 1
SELECT abs((v -> 'adjusted_rand')::float8 - ari) < 1e-14 AS ari, abs((v -> 'rand')::float8 - 0.866845637584) < 1e-12 AS rand,
	abs(ari - 0.678896053112) < 1e-12 AS "scikit-learn", self
FROM (SELECT cluster_agreement(cluster_membership(kmeans, x), cluster_membership(five, x)) AS v,
	cluster_ari(cluster_id(kmeans, x), cluster_id(five, x)) AS ari,
	cluster_agreement(cluster_membership(five, x), cluster_membership(five, x)) AS self FROM models, iris) t;

-- a fuzzy partition with itself is below 1, the more so the softer it is; single precision is as good
SELECT (v -> 'adjusted_rand')::float8 BETWEEN 0.4 AND 0.7 AS fuzzy, (w -> 'adjusted_rand')::float8 - (v -> 'adjusted_rand')::float8 BETWEEN 0.1 AND 0.3 AS harder,
	abs((v -> 'rand')::float8 - (r -> 'rand')::float8) < 1e-6 AS real
FROM (SELECT cluster_agreement(u, u) AS v, cluster_agreement(w, w) AS w, cluster_agreement(u::real[], u::real[]) AS r
	FROM (SELECT cluster_membership(fcm, x) AS u, cluster_membership(four, x) AS w FROM models, iris) t) s;

-- weights: rows that are there as often
SELECT abs((w.v -> key)::float8 - (c.v -> key)::float8) < 1e-12 AS same, key
FROM (SELECT cluster_agreement(a, b, id % 3) AS v FROM partitions WHERE name = 'fuzzy') w,
	(SELECT cluster_agreement(a, b) AS v FROM partitions, generate_series(1, id % 3) WHERE name = 'fuzzy') c, unnest('{rand,adjusted_rand}'::text[]) key;
SELECT abs((cluster_agreement(cluster_membership(kmeans, x), cluster_membership(five, x), id * 0.01) -> 'adjusted_rand')::float8 -
	cluster_ari(cluster_id(kmeans, x), cluster_id(five, x), id * 0.01)) < 1e-12 AS ari FROM models, iris;

-- rows with a null are left out; one row has no pairs
SELECT cluster_agreement(a, b, w) FROM (VALUES (ARRAY[0.3, 0.7], ARRAY[1.0], 2), (NULL, ARRAY[1.0], 1), (ARRAY[1.0, 0], NULL, 1),
	(ARRAY[1.0, 0], ARRAY[1.0], NULL), (ARRAY[1.0, 0], ARRAY[1.0], 0)) v(a, b, w);
SELECT cluster_agreement(ARRAY[0.3, 0.7], ARRAY[0.5, 0.1]) AS one, cluster_agreement(NULL, ARRAY[1.0]) IS NULL AS "no memberships",
	cluster_agreement(ARRAY[1], ARRAY[1]) FILTER (WHERE false) IS NULL AS "no rows";
SELECT cluster_agreement(ARRAY[0, 0], ARRAY[0]) AS "all noise" FROM generate_series(1, 5);

-- windows: the final function leaves the state as it is
SELECT count(*) AS rows, count(*) FILTER (WHERE w.v <> (SELECT cluster_agreement(a, b) FROM partitions p WHERE name = 'noise' AND p.id <= w.id)) AS others
FROM (SELECT id, cluster_agreement(a, b) OVER (ORDER BY id) AS v FROM partitions WHERE name = 'noise') w WHERE id % 30 = 1;

-- silhouettes of the crisp clusters: scikit-learn's, of the same labels
SELECT abs((v -> 'silhouette')::float8 - 0.552819012356) < 1e-12 AS kmeans, (v -> 'silhouette') = (v -> 'fuzzy_silhouette') AS crisp,
	v - 'silhouette' - 'fuzzy_silhouette' - 'dunn' - 'silhouettes' AS counts, abs((f -> 'silhouette')::float8 - 0.549517512647) < 1e-12 AS fcm
FROM (SELECT cluster_silhouette(kmeans, x) AS v, cluster_silhouette(fcm, x) AS f FROM models, iris) t;

-- the definitions, whatever the metric of the algorithm; of directions those of length 1
CREATE TEMP TABLE units AS SELECT id, ARRAY(SELECT v / sqrt((SELECT sum(w * w) FROM unnest(x) w)) FROM unnest(x) v) AS y FROM iris;
CREATE TEMP TABLE named AS
	SELECT name, model FROM (SELECT gg_fit(x, 3) AS gg, gk_fit(x, 3, '{"tolerance": 1e-6}') AS gk FROM iris) m, models,
		LATERAL (VALUES ('fcm', fcm), ('four', four), ('gg', gg), ('gk', gk), ('kmeans', kmeans), ('five', five)) v(name, model)
	UNION ALL SELECT 'cosine', kmeans_fit(x, 3, kmeans_options(distance => 'cosine')) FROM iris;
CREATE TEMP TABLE facts AS
	SELECT name, id, CASE WHEN name = 'cosine' THEN y ELSE x END AS x, cluster_id(model, x) AS c, (SELECT max(u) - (array_agg(u ORDER BY u DESC))[2] FROM unnest(cluster_membership(model, x)) u) AS margin
	FROM named, iris JOIN units USING (id);
CREATE TEMP TABLE apart AS
	SELECT a.name, a.id, a.c, a.margin, b.c AS other, a.id = b.id AS self, sqrt((SELECT sum((p - q) ^ 2) FROM unnest(a.x, b.x) t(p, q))) AS d
	FROM facts a JOIN facts b USING (name);
CREATE TEMP TABLE silhouettes AS
	SELECT name, id, c, margin, CASE WHEN a IS NULL THEN 0 ELSE (b - a) / greatest(a, b) END AS s
	FROM (SELECT name, id, c, margin, min(mean) FILTER (WHERE other <> c) AS b, min(within) AS a
		FROM (SELECT name, id, c, margin, other, avg(d) AS mean, avg(d) FILTER (WHERE other = c AND NOT self) AS within
			FROM apart GROUP BY 1, 2, 3, 4, 5) m GROUP BY 1, 2, 3, 4) t;
SELECT name, abs((v -> 'silhouette')::float8 - silhouette) < 1e-12 AS silhouette, abs((v -> 'fuzzy_silhouette')::float8 - fuzzy) < 1e-9 AS fuzzy,
	abs((v -> 'dunn')::float8 - dunn) < 1e-12 AS dunn, ARRAY(SELECT round(e::numeric, 10) FROM jsonb_array_elements_text(v -> 'silhouettes') e) = clusters AS clusters
FROM (SELECT name, cluster_silhouette(model, x) AS v FROM named, iris GROUP BY name) v
	JOIN (SELECT name, avg(s) AS silhouette, sum(margin * s) / sum(margin) AS fuzzy FROM silhouettes GROUP BY name) s USING (name)
	JOIN (SELECT name, min(d) FILTER (WHERE c <> other) / max(d) FILTER (WHERE c = other) AS dunn FROM apart GROUP BY name) d USING (name)
	JOIN (SELECT name, array_agg(round(s::numeric, 10) ORDER BY c) AS clusters FROM (SELECT name, c, avg(s) AS s FROM silhouettes GROUP BY name, c) c GROUP BY name) c USING (name)
ORDER BY name;

-- in the units of the model
CREATE TEMP TABLE zscores AS SELECT ARRAY[(x[1] - m1) / s1, (x[2] - m2) / s2, (x[3] - m3) / s3, (x[4] - m4) / s4] AS y
	FROM iris, (SELECT avg(x[1]) AS m1, avg(x[2]) AS m2, avg(x[3]) AS m3, avg(x[4]) AS m4,
		stddev_pop(x[1]) AS s1, stddev_pop(x[2]) AS s2, stddev_pop(x[3]) AS s3, stddev_pop(x[4]) AS s4 FROM iris) m;
SELECT abs((s.v -> key)::float8 - (h.v -> key)::float8) < 1e-6 AS zscore, key
FROM (SELECT cluster_silhouette(scaled, x) AS v FROM models, iris) s,
	(SELECT cluster_silhouette(model, y) AS v FROM (SELECT fcm_fit(y, 3) AS model FROM zscores) m, zscores) h, unnest('{silhouette,fuzzy_silhouette,dunn}'::text[]) key;
-- weights: rows that are there as often; rows that are equal
SELECT key, abs((w.v -> key)::float8 - (c.v -> key)::float8) < 1e-12 AS same
FROM (SELECT cluster_silhouette(fcm, x, id % 3) AS v FROM models, iris) w,
	(SELECT cluster_silhouette(fcm, x) AS v FROM models, iris, generate_series(1, id % 3)) c, unnest('{silhouette,fuzzy_silhouette,dunn}'::text[]) key;
SELECT v -> 'rows' AS rows, v -> 'sampled' AS distinct, v -> 'noise' AS noise FROM (SELECT cluster_silhouette(fcm, x) AS v FROM models, iris, generate_series(1, 100)) t;

-- many rows: a sample, whose silhouette is near that of others
CREATE TEMP TABLE many AS SELECT i, ARRAY[i % 3 * 4 + sin(i) + cos(i * 3.1), i % 3 * 3 + cos(i * 1.7)] AS x FROM generate_series(1, 20000) i;
SELECT v -> 'rows' AS rows, v -> 'sampled' AS sampled, abs((v -> 'silhouette')::float8 - (s -> 'silhouette')::float8) < 0.02 AS near
FROM (SELECT kmeans_fit(x, 3) AS model, count(*) FROM many) m, LATERAL (SELECT cluster_silhouette(model, x) AS v FROM many) v,
	LATERAL (SELECT cluster_silhouette(model, x) AS s FROM many WHERE i <= 2000) s;

-- gaps, categories, nulls
CREATE TEMP TABLE gaps AS SELECT ARRAY[CASE WHEN id % 4 > 0 THEN x[1] END, x[2], CASE WHEN id % 5 > 0 THEN x[3] END, CASE WHEN id % 2 > 0 THEN x[4] END] AS y FROM iris;
SELECT v -> 'rows' AS rows, jsonb_typeof(v -> 'silhouette') AS silhouette
FROM (SELECT cluster_silhouette(model, y) AS v
	FROM (SELECT fcm_fit(y, 3, fcm_options(missing => 'partial')) AS model FROM gaps) m, gaps) t;
SELECT v -> 'rows' AS rows, (v -> 'silhouette')::float8 > 0.3 AS silhouette
FROM (SELECT cluster_silhouette(model, ROW(label, petal_length)) AS v
	FROM (SELECT kmeans_fit(ROW(label, petal_length), 3) AS model FROM iris) m, iris) t;
SELECT cluster_silhouette(fcm, x, nullif(id % 4, 0)) -> 'rows' AS weight, cluster_silhouette(fcm, CASE WHEN id > 10 THEN x END) -> 'rows' AS features,
	cluster_silhouette(CASE WHEN id > 20 THEN fcm END, x) -> 'rows' AS model FROM models, iris;

-- noise: rows in no cluster are left out and counted; it is one more cluster of a partition
CREATE TEMP TABLE noisy AS SELECT i, CASE WHEN i % 10 = 0 THEN ARRAY[sin(i * 7.1) * 20, cos(i * 3.3) * 20]
	ELSE ARRAY[i % 3 * 6 + sin(i), i % 3 % 2 * 6 + cos(i * 1.7)] END AS x FROM generate_series(1, 600) i;
CREATE TEMP TABLE noise AS SELECT name, model FROM (SELECT kmeans_fit(x, 3, kmeans_options(noise_distance => 3)) AS kmeans,
	fcm_fit(x, 3, fcm_options(noise_distance => 3)) AS fcm, kmeans_fit(x, 3) AS without FROM noisy) m,
	LATERAL (VALUES ('kmeans', kmeans), ('fcm', fcm), ('without', without)) v(name, model);
SELECT name, v -> 'rows' AS rows, v -> 'sampled' AS sampled, (v -> 'noise')::int = noise AS noise, noise BETWEEN 30 AND 60 AS some, v - gone = w - gone AS same
FROM (SELECT name, cluster_silhouette(model, x) AS v, cluster_silhouette(model, x) FILTER (WHERE cluster_id(model, x) > 0) AS w,
	count(*) FILTER (WHERE cluster_id(model, x) = 0) AS noise, '{rows,sampled,noise}'::text[] AS gone
	FROM noise, noisy GROUP BY name) t ORDER BY name;
SELECT a.name, b.name, abs((cluster_agreement(cluster_membership(a.model, x), cluster_membership(b.model, x)) -> 'adjusted_rand')::float8 -
	cluster_ari(cluster_id(a.model, x), cluster_id(b.model, x))) < 1e-13 AS same
FROM noise a JOIN noise b ON a.name <= b.name AND 'fcm' NOT IN (a.name, b.name), noisy GROUP BY 1, 2 ORDER BY 1, 2;
SELECT cluster_silhouette(model, ARRAY[1000 + i, 0]) AS noise_only FROM noise, generate_series(1, 9) i WHERE name = 'kmeans';

-- what has no meaning
SELECT cluster_silhouette(one, x) AS one_cluster, cluster_silhouette(kmeans, x) FILTER (WHERE id = 1) - 'silhouettes' AS one_row,
	cluster_silhouette(kmeans, x) FILTER (WHERE false) IS NULL AS no_rows, cluster_silhouette(NULL, x) IS NULL AS no_model FROM models, iris;
SELECT cluster_silhouette(model, ARRAY[i]) AS alone
FROM (SELECT kmeans_fit(ARRAY[i], 3) AS model FROM generate_series(1, 3) i) m, generate_series(1, 3) i;

-- windows
SELECT count(*) AS rows, count(*) FILTER (WHERE w.v <> (SELECT cluster_silhouette(fcm, x) FROM models, iris p WHERE p.id <= w.id)) AS others
FROM (SELECT id, cluster_silhouette(fcm, x) OVER (ORDER BY id) AS v FROM models, iris) w WHERE id % 30 = 1;

-- errors
SELECT cluster_agreement(ARRAY[0.5, 0.6, 1.5], ARRAY[1.0]);
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_agreement(ARRAY[1.0], ARRAY[-0.1]);
SELECT cluster_agreement(ARRAY['NaN'::float8], ARRAY[1.0]);
SELECT cluster_agreement(ARRAY[1.0, NULL], ARRAY[1.0]);
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_agreement('{}', ARRAY[1.0]);
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_agreement(ARRAY[1.0], ARRAY[[1.0], [0.0]]);
SELECT cluster_agreement(u, ARRAY[1.0]) FROM (VALUES (ARRAY[1.0, 0]), (ARRAY[1.0, 0, 0])) v(u);
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_agreement(ARRAY[1.0], u) FROM (VALUES (ARRAY[1.0, 0]), (ARRAY[1.0])) v(u);
SELECT cluster_agreement(ARRAY[1.0], ARRAY[1.0], -1);
SELECT cluster_agreement(ARRAY[1.0], array_fill(0::float8, ARRAY[65536]));
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_agreement(array_fill(0::float8, ARRAY[3000]), array_fill(0::float8, ARRAY[2000]));
\echo :LAST_ERROR_SQLSTATE
SET maintenance_work_mem = '1MB';
SELECT cluster_agreement(array_fill(0::float8, ARRAY[300]), array_fill(0::float8, ARRAY[200]));
\echo :LAST_ERROR_SQLSTATE
RESET maintenance_work_mem;
SELECT cluster_agreement(1.0, 1.0);
SELECT cluster_silhouette(m, x) FROM models, LATERAL (VALUES (fcm), (kmeans)) m(m), iris;
SELECT cluster_silhouette(fcm, ARRAY[1, 2]) FROM models;
SELECT cluster_silhouette(fcm, ARRAY[1, 2, 3, NULL]) FROM models;
SELECT cluster_silhouette(fcm, x, -1) FROM models, iris;
SELECT cluster_silhouette('FZCM', x) FROM iris;
