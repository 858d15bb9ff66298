-- Models with noise: scores, validity, drift and JSON, against plain SQL.  Such a model is that without, and the option.

SET client_min_messages = warning;
CREATE TABLE rows AS
	SELECT i, CASE WHEN i % 5 < 4 THEN ARRAY[i % 3 * 8 + sin(1.3 * i) + 20, 2 * cos(i) + i % 3 % 2 * 9 + 5]
		ELSE ARRAY[20 + 30 * sin(7.7 * i), 10 + 30 * cos(3.1 * i)] END AS x, 1 + i % 3 AS n, CASE WHEN i % 5 < 4 THEN i % 3 + 1 ELSE 0 END AS label
	FROM generate_series(1, 400) i;
CREATE FUNCTION with_noise(model bytea, delta float8) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
	SELECT cluster_from_json(jsonb_set(cluster_to_json(model), '{options,noise_distance}', to_jsonb(delta))) $$;
CREATE FUNCTION delta(model bytea) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT (cluster_info(model) ->> 'noise_distance')::float8 $$;
CREATE TABLE models AS
	SELECT name, plain, with_noise(plain, delta) AS model
	FROM (SELECT kmeans_fit(x, 3 ORDER BY i) AS kmeans, kmeans_fit(x, 3, '{"scale": "zscore"}' ORDER BY i) AS zscore,
			fcm_fit(x, 3 ORDER BY i) AS fcm, fcm_fit(x, 3, '{"fuzzifier": 1.4}' ORDER BY i) AS fcm14,
			fcm_fit(x, 2, '{"distance": "cosine", "fuzzifier": 1.5}' ORDER BY i) AS cosine, mec_fit(x, 3, '{"temperature": 3}' ORDER BY i) AS mec,
			gk_fit(x, 3 ORDER BY i) AS gk, fcm_fit(x, 1 ORDER BY i) AS one FROM rows WHERE label > 0) t,
		LATERAL (VALUES ('kmeans', kmeans, 3), ('kmeans, zscore', zscore, 0.4), ('fcm', fcm, 3), ('fcm 1.4', fcm14, 3), ('fcm, cosine', cosine, 0.005),
			('mec', mec, 3), ('gk', gk, 3), ('fcm of 1', one, 9)) v(name, plain, delta);
CREATE TABLE scores AS
	SELECT name, i, x, n, label, cluster_id(model, x) AS id, cluster_membership(model, x) AS u, cluster_distance(model, x) AS d, delta(model) AS delta
	FROM models, rows;

-- cluster 0 has the rows that are farther than the noise distance from all centers, and the rest of the memberships
SELECT name, count(*) FILTER (WHERE id = 0) BETWEEN 1 AND 399 AS some, bool_and((id = 0) = (delta < (SELECT min(v) FROM unnest(d) v))) AS far,
	bool_and(cardinality(u) = cardinality(d)) AS clusters, bool_and(s BETWEEN 0 AND 1 + 1e-12) AS sums,
	bool_and(CASE id WHEN 0 THEN (SELECT max(v) FROM unnest(u) v) <= 1 - s + 1e-12 ELSE u[id] >= 1 - s - 1e-12 END) AS strongest
FROM scores, LATERAL (SELECT sum(v) AS s FROM unnest(u) v) t GROUP BY name ORDER BY name;
SELECT name, bool_and(abs(u[c] - w / total) < 1e-12) AS formula
FROM scores, LATERAL (SELECT c, CASE WHEN name LIKE 'mec' THEN exp(greatest(-(v ^ 2) / 3, -700)) WHEN name = 'fcm, cosine' THEN v ^ -2
			ELSE v ^ (-2 / CASE name WHEN 'fcm 1.4' THEN 0.4 ELSE 1 END) END AS w
		FROM unnest(d || delta) WITH ORDINALITY t(v, c)) w, LATERAL (SELECT sum(CASE WHEN name LIKE 'mec' THEN exp(greatest(-(v ^ 2) / 3, -700)) WHEN name = 'fcm, cosine' THEN v ^ -2
			ELSE v ^ (-2 / CASE name WHEN 'fcm 1.4' THEN 0.4 ELSE 1 END) END) AS total
		FROM unnest(d || delta) v) s
WHERE name NOT LIKE 'kmeans%' AND c <= cardinality(d) GROUP BY name ORDER BY name;
SELECT name, bool_and(d = cluster_distance(plain, x)) AS distances, bool_and(cluster_outlier_score(model, x) = cluster_outlier_score(plain, x)) AS outliers,
	bool_and(cluster_id(plain, x) = id) FILTER (WHERE id > 0) AS ids
FROM scores JOIN models USING (name) GROUP BY name ORDER BY name;

-- rows of sets
SELECT name, bool_and(s.n = cardinality(scores.u) + 1) AS rows, bool_and(abs(s.total - 1) < 1e-12) AS sums, bool_and(s.strongest = id) AS strongest,
	bool_and(abs(s.noise - (1 - (SELECT sum(v) FROM unnest(scores.u) v))) < 1e-12) AS noise, bool_and(s.distance = delta) AS distance,
	bool_and(s.u = scores.u) AS memberships, bool_and(s.ordered) AS ordered
FROM scores JOIN models USING (name), LATERAL (SELECT count(*) AS n, sum(membership) AS total, min(membership) FILTER (WHERE cluster = 0) AS noise,
		min(distance) FILTER (WHERE cluster = 0) AS distance, array_agg(membership ORDER BY cluster) FILTER (WHERE cluster > 0) AS u,
		(SELECT cluster FROM cluster_set(model, x, 1)) AS strongest, array_agg(membership ORDER BY place) = array_agg(membership ORDER BY membership DESC) AS ordered
	FROM cluster_set(model, x) WITH ORDINALITY t(cluster, membership, distance, place)) s GROUP BY name ORDER BY name;
SELECT name, count(*) = count(*) FILTER (WHERE membership >= 0.5) AS cutoff, count(*) FILTER (WHERE cluster = 0) > 0 AS noise
FROM models, rows, cluster_set(model, x, cutoff => 0.5) GROUP BY name ORDER BY name;
SELECT cluster, membership, distance FROM cluster_set(with_noise((SELECT plain FROM models WHERE name = 'kmeans'), 1e6), ARRAY[20, 5]::float8[]) WHERE cluster = 0;

-- where noise is as near as a center, the row is in the cluster
CREATE FUNCTION pg_temp.at(centers text, delta text, options text DEFAULT '') RETURNS bytea LANGUAGE sql AS $$
	SELECT cluster_from_json(format('{"fuzzyclust": 1, "algorithm": "fcm", "clusters": %s, "dimensions": 1, "columns": null, "precision": "double precision",
		"rows": 9, "skipped": 0, "iterations": 0, "converged": true, "empty_clusters": 0, "objective": 0, "history_step": 1,
		"options": {"fuzzifier": 2, "noise_distance": %s %s}, "centers": %s, "weights": %s, "radius": %s, "history": []}',
		jsonb_array_length(centers::jsonb), delta, options, centers,
		(SELECT jsonb_agg(1) FROM jsonb_array_elements(centers::jsonb)), (SELECT jsonb_agg(1) FROM jsonb_array_elements(centers::jsonb)))::jsonb) $$;
SELECT x, cluster_id(m, ARRAY[x]) AS id, cluster_membership(m, ARRAY[x]) AS u, (SELECT array_agg(cluster) FROM cluster_set(m, ARRAY[x])) AS set
FROM pg_temp.at('[[0], [8]]', '3') m, unnest('{0,3,4,5,1e9,-1e140}'::float8[]) x;

-- how many rows a set is expected to have
CREATE FUNCTION pg_temp.expected(model bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE format('EXPLAIN (FORMAT json) SELECT FROM cluster_set(%L::bytea, ARRAY[1.0])', model) INTO plan;
	RETURN plan #>> '{0,Plan,Plan Rows}';
END $$;
SELECT pg_temp.expected(plain) AS plain, pg_temp.expected(model) AS noise FROM models WHERE name IN ('kmeans', 'fcm of 1') ORDER BY name;

-- reasons add up: of a row in a cluster against the next one, of noise against the nearest
SELECT name, bool_and(abs(sum - (next - own)) < 1e-9 * (next + own)) AS sums, bool_and(cluster = id) AS clusters,
	bool_and(runner_up = CASE WHEN cardinality(d) = 1 AND id > 0 THEN 0 ELSE other END) AS runners, bool_and((no_feature > 0) = (id = 0 OR cardinality(d) = 1)) AS names
FROM (SELECT scores.name, id, d, min(e.cluster) AS cluster, min(e.runner_up) AS runner_up, sum(contribution) AS sum,
		count(*) FILTER (WHERE feature IS NULL AND e.name = '(noise distance)') AS no_feature,
		CASE WHEN scores.name = 'fcm, cosine' THEN least(delta, min(d[id])) ELSE least(delta, min(d[id])) ^ 2 END AS own,
		min(CASE WHEN cardinality(d) = 1 AND id > 0 THEN CASE WHEN scores.name = 'fcm, cosine' THEN delta ELSE delta ^ 2 END
			ELSE (SELECT min(CASE WHEN scores.name = 'fcm, cosine' THEN v ELSE v ^ 2 END) FROM unnest(d) WITH ORDINALITY t(v, c) WHERE c <> id) END) AS next,
		min((SELECT c FROM unnest(d) WITH ORDINALITY t(v, c) WHERE c <> id ORDER BY v LIMIT 1)) AS other
	FROM scores JOIN models USING (name), LATERAL cluster_explain(model, x) e GROUP BY scores.name, id, d, delta, i) t
GROUP BY name ORDER BY name;
SELECT x, e.* FROM pg_temp.at('[[0]]', '3') m, unnest('{2,5}'::float8[]) x, cluster_explain(m, ARRAY[x]) e;

-- what a model tells of it
SELECT name, (info -> 'noise_distance') = (info #> '{options,noise_distance}') AS distance, info ? 'noise_weight' AS weight, cluster_info(plain) ?| '{noise_distance,noise_weight}' AS plain,
	(SELECT count(*) = (info ->> 'clusters')::int FROM cluster_centers(model)) AS centers
FROM models, cluster_info(model) info ORDER BY name;

-- validity by its formulas: a row counts by what is no noise, in the cluster of its nearest center
CREATE FUNCTION pg_temp.squared(float8[], float8[]) RETURNS float8 LANGUAGE sql AS 'SELECT sum((a - b) ^ 2) FROM unnest($1, $2) t(a, b)';
CREATE TABLE facts AS
	SELECT name, i, n AS weight, (SELECT array_agg((a - coalesce((info #>> ARRAY['scaling', 'shift', (j - 1)::text])::float8, 0)) * coalesce((info #>> ARRAY['scaling', 'factor', (j - 1)::text])::float8, 1) ORDER BY j)
			FROM unnest(CASE WHEN name = 'fcm, cosine' THEN (SELECT array_agg(v / sqrt(x[1] ^ 2 + x[2] ^ 2)) FROM unnest(x) v) ELSE x END) WITH ORDINALITY t(a, j)) AS x,
		id, u, (SELECT sum(v) FROM unnest(u) v) AS part, (SELECT c FROM unnest(scores.d) WITH ORDINALITY t(v, c) ORDER BY v, c LIMIT 1) AS c,
		CASE WHEN name IN ('mec', 'kmeans', 'kmeans, zscore') THEN 1 WHEN name = 'fcm 1.4' THEN 1.4 WHEN name = 'fcm, cosine' THEN 1.5 ELSE 2 END AS m, model
	FROM scores JOIN models USING (name), cluster_info(model) info;
CREATE TABLE centers AS
	SELECT name, cluster, (SELECT array_agg((a - coalesce((info #>> ARRAY['scaling', 'shift', (j - 1)::text])::float8, 0)) * coalesce((info #>> ARRAY['scaling', 'factor', (j - 1)::text])::float8, 1) ORDER BY j)
		FROM unnest(center) WITH ORDINALITY t(a, j)) AS center FROM models, cluster_info(model) info, cluster_centers(model);
CREATE FUNCTION pg_temp.expected_validity(weighted bool) RETURNS TABLE (name text, index text, value float8) LANGUAGE sql AS $$
WITH f AS (SELECT name, i, x, u, c, part, m, CASE WHEN weighted THEN weight ELSE 1 END AS w, id FROM facts),
	far AS (SELECT f.*, cluster, center, pg_temp.squared(x, center) AS d2 FROM f JOIN centers USING (name)),
	total AS (SELECT name, sum(w) AS n, sum(w * part) AS part, sum(w) FILTER (WHERE id = 0) AS noise, ARRAY[sum(w * part * x[1]), sum(w * part * x[2])] AS sums, max(cardinality(u)) AS k FROM f GROUP BY name),
	means AS (SELECT name, ARRAY[sums[1] / part, sums[2] / part] AS mean FROM total),
	apart AS (SELECT a.name, a.cluster AS a, b.cluster AS b, pg_temp.squared(a.center, b.center) AS apart FROM centers a JOIN centers b USING (name) WHERE a.cluster <> b.cluster),
	sums AS (SELECT name, cluster, min(pg_temp.squared(center, mean)) AS away, sum(w * u[cluster]) AS u, sum(w * greatest(u[cluster], 1e-100) ^ m) AS um, sum(w * greatest(u[cluster], 1e-100) ^ m * d2) AS wd,
			sum(w * part) FILTER (WHERE c = cluster) AS n, sum(w * part * sqrt(d2)) FILTER (WHERE c = cluster) / sum(w * part) FILTER (WHERE c = cluster) AS s
		FROM far JOIN means USING (name) GROUP BY name, cluster),
	crisp AS (SELECT name, c, sum(w * part) AS n, ARRAY[sum(w * part * x[1]) / sum(w * part), sum(w * part * x[2]) / sum(w * part)] AS own FROM f GROUP BY name, c)
SELECT name, 'noise rows', noise FROM total
UNION ALL SELECT name, 'noise share', noise::float8 / n FROM total
UNION ALL SELECT name, 'partition_coefficient', sum(w * greatest(v, 1e-100) ^ 2) / n FROM f JOIN total USING (name), unnest(u || (1 - f.part)::float8) v GROUP BY name, n
UNION ALL SELECT name, 'partition_coefficient_normalized', ((k + 1) * sum(w * greatest(v, 1e-100) ^ 2) / n - 1) / k FROM f JOIN total USING (name), unnest(u || (1 - f.part)::float8) v GROUP BY name, n, k
UNION ALL SELECT name, 'partition_entropy', coalesce(-sum(w * v * ln(greatest(v, 1e-300))) FILTER (WHERE v > 0) / n, 0) FROM f JOIN total USING (name), unnest(u || (1 - f.part)::float8) v GROUP BY name, n
UNION ALL SELECT name, 'fukuyama_sugeno', sum(wd - um * away) FROM sums GROUP BY name
UNION ALL SELECT name, 'inter_cluster_variance', sum(u / part * away) FROM sums JOIN total USING (name) GROUP BY name
UNION ALL SELECT name, 'kwon', (sum(wd) + avg(away)) / (SELECT min(apart) FROM apart WHERE apart.name = sums.name) FROM sums GROUP BY name HAVING count(*) > 1
UNION ALL SELECT name, 'xie_beni', sum(wd) / (min(part) * (SELECT min(apart) FROM apart WHERE apart.name = sums.name)) FROM sums JOIN total USING (name) GROUP BY name HAVING count(*) > 1
UNION ALL SELECT name, 'davies_bouldin', avg(worst) FROM (SELECT p.name, p.a, max((s.s + t.s) / sqrt(apart)) AS worst FROM apart p
	JOIN sums s ON s.name = p.name AND s.cluster = p.a JOIN sums t ON t.name = p.name AND t.cluster = p.b GROUP BY p.name, p.a) w GROUP BY name
UNION ALL SELECT name, 'silhouette', sum(w * part * (other - own) / greatest(other, own)) / sum(w * part) FROM (SELECT name, i, w, part, min(sqrt(d2)) FILTER (WHERE cluster = c) AS own,
	min(sqrt(d2)) FILTER (WHERE cluster <> c) AS other FROM far GROUP BY name, i, w, part) s WHERE other IS NOT NULL GROUP BY name
UNION ALL SELECT f.name, 'calinski_harabasz', (SELECT sum(n * pg_temp.squared(c.own, mean)) FROM crisp c JOIN means USING (name) WHERE c.name = f.name) / (max(k) - 1)
	/ (sum(w * f.part * pg_temp.squared(x, own)) / (max(total.part) - max(k))) FROM f JOIN crisp c USING (name, c) JOIN total USING (name) GROUP BY f.name HAVING max(k) > 1
$$;
CREATE FUNCTION pg_temp.flat(v jsonb) RETURNS TABLE (index text, value float8) LANGUAGE sql AS $$
	SELECT key, value::float8 FROM jsonb_each_text(v) WHERE key <> 'noise' UNION ALL SELECT 'noise ' || key, value::float8 FROM jsonb_each_text(v -> 'noise') $$;
CREATE TABLE expected AS SELECT weighted, e.* FROM unnest('{f,t}'::bool[]) weighted, pg_temp.expected_validity(weighted) e;
CREATE TABLE found AS
	SELECT weighted, name, f.* FROM unnest('{f,t}'::bool[]) weighted, LATERAL (SELECT name, cluster_validity(model, x, CASE WHEN weighted THEN n ELSE 1 END) AS v FROM models, rows GROUP BY name) v,
		pg_temp.flat(v) f;
SELECT weighted, name, count(e.value) AS indices, string_agg(f.index, ' ') FILTER (WHERE (e.value IS NULL) <> (f.value IS NULL) OR abs(e.value - f.value) > 1e-9 * (1 + abs(e.value))) AS differ
FROM found f LEFT JOIN expected e USING (weighted, name, index) GROUP BY weighted, name ORDER BY weighted, name;
SELECT name, cluster_validity(model, x) ? 'noise' AS noise, cluster_validity(plain, x) ? 'noise' AS plain FROM models, rows WHERE name = 'gk' GROUP BY name;

-- rows with weights count as often; the same bytes for any order and division, and by any way to the sums
SELECT name, cluster_validity(model, x, n::float8) = (SELECT cluster_validity(model, x) FROM rows, generate_series(1, n)) AS weights
FROM models, rows WHERE name IN ('kmeans', 'kmeans, zscore') GROUP BY name, model ORDER BY name;
SELECT name, cluster_validity_of(model, s) = (SELECT cluster_validity(model, x) FROM rows) AS parts, cluster_merge(s) = (SELECT cluster_validity_step(model, x ORDER BY -i) FROM rows) AS merged
FROM models, LATERAL (SELECT cluster_validity_step(model, x) AS s FROM rows GROUP BY label) p GROUP BY name, model ORDER BY name;
SELECT cluster_validity_of(model, (SELECT cluster_validity_step(plain, x) FROM rows)) FROM models WHERE name = 'fcm' GROUP BY model;
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_validity_of(plain, (SELECT cluster_validity_step(model, x) FROM rows)) FROM models WHERE name = 'fcm' GROUP BY plain;
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_merge(s) FROM (SELECT cluster_validity_step(plain, x) AS s FROM models, rows WHERE name = 'fcm' UNION ALL SELECT cluster_validity_step(model, x) FROM models, rows WHERE name = 'fcm') s;
\echo :LAST_ERROR_SQLSTATE
CREATE FUNCTION pg_temp.verdict(step bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM cluster_merge(s) FROM unnest(ARRAY[step, step]) s;
	RETURN 'merged';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT format, pg_temp.verdict(set_byte(noise, 7, format)) AS noise, pg_temp.verdict(set_byte(plain, 7, format)) AS plain
FROM (SELECT cluster_validity_step(model, x) AS noise, cluster_validity_step(plain, x) AS plain FROM models, rows WHERE name = 'fcm') s, generate_series(0, 3) format;
CREATE TABLE many AS SELECT g AS i, ARRAY[20 + 15 * sin(g), 10 + 15 * cos(3.3 * g)] AS x, 1 + g % 3 * 0.5 AS w FROM generate_series(1, 20000) g;
ANALYZE many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE FUNCTION pg_temp.judge(workers int) RETURNS TABLE (name text, v jsonb, s bytea) LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
	RETURN QUERY EXECUTE 'SELECT m.name, v, s FROM models m, LATERAL (SELECT cluster_validity(m.model, x, w) AS v, cluster_validity_step(m.model, x, w) AS s FROM many) t WHERE m.name LIKE ''%kmeans%'' OR m.name LIKE ''fcm%''';
END $$;
SELECT name, a.v = b.v AND a.s = b.s AS parallel FROM pg_temp.judge(0) a JOIN pg_temp.judge(4) b USING (name) ORDER BY name;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;

-- all rows are noise, none is, one is, and rows that are not scored
SELECT key, value FROM models, LATERAL (SELECT cluster_validity(with_noise(plain, 1e-9), x) AS v FROM rows) v, jsonb_each(v) WHERE name = 'kmeans' ORDER BY key;
SELECT name, key, abs(a.value::float8 - b.value::float8) <= 1e-9 * abs(b.value::float8) AS "as without"
FROM models, LATERAL (SELECT cluster_validity(with_noise(plain, 1e9), x) AS v, cluster_validity(plain, x) AS w FROM rows) t, jsonb_each_text(v) a JOIN LATERAL jsonb_each_text(w) b USING (key)
WHERE name IN ('kmeans', 'fcm') AND key <> 'partition_coefficient_normalized' ORDER BY name, key;
SELECT cluster_validity(model, ARRAY[1e9, 0]) - 'noise' AS indices, cluster_validity(model, ARRAY[1e9, 0]) -> 'noise' AS noise FROM models WHERE name = 'kmeans' GROUP BY model;
SELECT cluster_validity(model, ARRAY[1e140, -1e140]) -> 'partition_coefficient' AS far, cluster_id(model, ARRAY[1e140, -1e140]) AS id, cluster_membership(model, ARRAY[1e140, -1e140]) AS u FROM models WHERE name = 'fcm 1.4' GROUP BY model;
SELECT cluster_id(model, NULL::float8[]) IS NULL AS id, cluster_validity(model, NULL::float8[]) IS NULL AS validity, (SELECT count(*) FROM cluster_set(model, NULL::float8[])) AS set FROM models WHERE name = 'fcm' GROUP BY model;

-- agreement: noise is a cluster like others, unless it is filtered
SELECT cluster_ari(label, id) < 1 AS all, cluster_ari(label, id) FILTER (WHERE id > 0 AND label > 0) AS inliers, cluster_nmi(label, id) FILTER (WHERE id > 0 AND label > 0) AS nmi,
	cluster_accuracy(label, id) = count(*) FILTER (WHERE (label = 0) = (id = 0)) / 400.0 AS accuracy
FROM scores WHERE name = 'kmeans';

-- drift: noise is matched with noise, and numbers stay
CREATE FUNCTION pg_temp.drift(old bytea, new bytea) RETURNS jsonb LANGUAGE sql AS $$ SELECT cluster_drift(old, new, 'SELECT x FROM rows ORDER BY i') $$;
SELECT name, pg_temp.drift(plain, plain) ? 'noise' AS none, pg_temp.drift(model, model) -> 'changed' AS same, pg_temp.drift(model, model) #> '{noise,joined}' AS joined,
	(became -> 'changed') = to_jsonb(share) AND became -> 'noise' = jsonb_build_object('old', 0, 'new', share, 'joined', share, 'left', 0) AS became,
	was -> 'noise' = jsonb_build_object('old', share, 'new', 0, 'joined', 0, 'left', share) AS was, became #> '{validity,new,noise,share}' = to_jsonb(share) AS validity, became -> 'vanished' AS vanished
FROM models, LATERAL (SELECT avg((id = 0)::int)::float8 AS share FROM scores s WHERE s.name = models.name) s, LATERAL (SELECT pg_temp.drift(plain, model) AS became, pg_temp.drift(model, plain) AS was) d
ORDER BY name;
SELECT (pg_temp.drift(with_noise(plain, 1e-9), model) #- '{noise,new}' #- '{noise,left}') - '{validity,clusters,changed,outliers}'::text[] AS "from all" FROM models WHERE name = 'kmeans';
SELECT d -> 'vanished' AS vanished, (d -> 'changed') = (d #> '{noise,joined}') AS changed
FROM models, LATERAL (SELECT pg_temp.drift(plain, with_noise((SELECT plain FROM models WHERE name = 'fcm of 1'), 1e-9)) AS d) t WHERE name = 'kmeans';

-- drift of rows with weights, which are not numbers that add up exactly: a share is at most 1
CREATE TABLE weighted AS SELECT i, sin(i) AS x, 0.1 * (i % 3 + 1) AS w FROM generate_series(1, 26) i;
SELECT cluster_create_registry('regress_noise');
SELECT cluster_define('all', 'SELECT x, w FROM weighted', 'kmeans', 1, '{"weight": "w", "noise_distance": 1e-9}', registry => 'regress_noise');
CALL cluster_retrain('all', 'regress_noise');
UPDATE weighted SET x = x + 9;
SELECT cluster_define('all', 'SELECT x, w FROM weighted', 'kmeans', 1, '{"weight": "w", "noise_distance": 4}', registry => 'regress_noise');
CALL cluster_retrain('all', 'regress_noise');
SELECT number, drift -> 'changed' AS changed, drift -> 'noise' AS noise FROM regress_noise.versions WHERE number > 1;
SELECT cluster_drop('all', 'regress_noise');
DROP SCHEMA regress_noise CASCADE;
DROP TABLE weighted;

-- JSON there and back, and options that are not those of a model
SELECT name, cluster_from_json(cluster_to_json(model)) = model AS same FROM models ORDER BY name;
CREATE FUNCTION pg_temp.accepted(model bytea, options jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM cluster_id(cluster_from_json(jsonb_set(cluster_to_json(model), '{options}', cluster_to_json(model) -> 'options' || options)), ARRAY[1e140, -1e140]);
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT o AS options, pg_temp.accepted(plain, o::jsonb) FROM models, unnest('{"{\"noise_distance\": 0}", "{\"noise_distance\": -1}", "{\"noise_distance\": 1e-300}", "{\"noise_distance\": 1e300}",
	"{\"noise_distance\": \"NaN\"}", "{\"noise_distance\": null}", "{\"noise_distance\": 1e-150}", "{\"noise_distance\": 1e150}", "{\"noise\": 0.3}", "{\"noise\": -0.1}", "{\"noise\": 0.3, \"noise_distance\": 2}"}'::text[]) o WHERE name = 'fcm';
SELECT name, pg_temp.accepted(m, '{"noise_distance": 3}') FROM (SELECT tsallis_fit(x, 2) AS tsallis, gg_fit(x, 2) AS gg, logical_fit(x, 2) AS logical FROM rows) t, LATERAL (VALUES ('tsallis', tsallis), ('gg', gg), ('logical', logical)) v(name, m);

-- statistics tell the same, as far as they know, and how many rows are noise
SELECT name, string_agg(key, ' ' ORDER BY key) FILTER (WHERE key <> 'noise' AND a.value <> 'null') AS known,
	bool_and(abs(a.value::text::float8 - b.value::text::float8) <= 1e-7 * abs(b.value::text::float8)) FILTER (WHERE key <> 'noise' AND a.value <> 'null') AS right, bool_and(a.value = b.value) FILTER (WHERE key = 'noise') AS noise
FROM models, LATERAL (SELECT cluster_statistics_validity(model, cluster_step(model, x)) AS v, cluster_validity(model, x) AS w FROM rows) t, jsonb_each(v) a JOIN LATERAL jsonb_each(w) b USING (key)
GROUP BY name ORDER BY name;
SELECT name, cluster_statistics_validity(model, cluster_step(model, x, n)) -> 'noise' = cluster_validity(model, x, n) -> 'noise' AS weights FROM models, rows GROUP BY name, model ORDER BY name;

-- categories and missing features
CREATE TABLE mixed AS SELECT i, x[1] AS a, CASE label WHEN 0 THEN 'none' ELSE 'group ' || label END AS b FROM rows;
SELECT id, count(*) > 0 AS rows, min(first) AS reason, min(runner_up) > 0 AS runner_up
FROM (SELECT cluster_id(m, q) AS id, e.name AS first, e.runner_up
	FROM (SELECT with_noise(fcm_fit(q, 3 ORDER BY i), 4) AS m FROM (SELECT * FROM mixed WHERE b <> 'none') r, LATERAL (SELECT r.a, r.b) q) t, mixed r, LATERAL (SELECT r.a, r.b) q, cluster_explain(m, q, 1) e) t
GROUP BY id ORDER BY id;
SELECT v -> 'noise' = to_jsonb(jsonb_build_object('rows', n, 'share', n / 400.0)) AS noise, (v -> 'silhouette')::float8 BETWEEN 0 AND 1 AS silhouette
FROM (SELECT with_noise(kmeans_fit(CASE i % 7 WHEN 0 THEN ARRAY[x[1], NULL] ELSE x END, 3, '{"missing": "partial"}' ORDER BY i), 3) AS m FROM rows WHERE label > 0) t,
	LATERAL (SELECT cluster_validity(m, y) AS v, count(*) FILTER (WHERE cluster_id(m, y) = 0)::float8 AS n FROM rows, LATERAL (SELECT CASE i % 7 WHEN 0 THEN ARRAY[x[1], NULL] ELSE x END AS y) r) s;

-- trained models: what was found is what scores, and what a model tells is what its rows say
CREATE TABLE trained AS SELECT name, model FROM (SELECT kmeans_fit(x, 3, '{"noise": 0.2}' ORDER BY i) AS kmeans, fcm_fit(x::real[], 3, '{"noise": 0.2}' ORDER BY i) AS fcm, mec_fit(x, 3, '{"noise": 0.2, "scale": "zscore"}' ORDER BY i) AS mec,
		gk_fit(x, 3, '{"noise": 0.2}' ORDER BY i) AS gk, fcm_fit(x, 1, '{"noise": 0.4}' ORDER BY i) AS one, kmeans_fit(x, 3, '{"noise_distance": 4}', n ORDER BY i) AS weights FROM rows) t,
	LATERAL (VALUES ('kmeans', kmeans), ('fcm', fcm), ('mec', mec), ('gk', gk), ('one', one), ('weights', weights)) v(name, model);
SELECT name, abs((info ->> 'noise_weight')::float8 - s.weight) < 1e-3 * s.weight AS weight, s.rows > 0 AS rows, (v #>> '{noise,rows}')::float8 = s.rows AS validity, info ? 'total_weight' AS weights
FROM trained, LATERAL (SELECT sum(w * (1 - (SELECT sum(u) FROM unnest(cluster_membership(model, x)) u))) AS weight, coalesce(sum(w) FILTER (WHERE cluster_id(model, x) = 0), 0) AS rows, cluster_validity(model, x, w) AS v
	FROM rows, LATERAL (SELECT CASE WHEN name = 'weights' THEN n ELSE 1 END AS w) t) s, cluster_info(model) info ORDER BY name;

DROP TABLE rows, models, scores, facts, centers, expected, found, many, mixed, trained;
DROP FUNCTION with_noise, delta;
