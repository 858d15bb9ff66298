-- Categories: columns of text, enum and boolean types in rows of features.

CREATE FUNCTION pg_temp.try(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE query;
	RETURN NEXT 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT 'ERROR:  ' || message;
	IF detail <> '' THEN RETURN NEXT 'DETAIL:  ' || detail; END IF;
	IF hint <> '' THEN RETURN NEXT 'HINT:  ' || hint; END IF;
END $$;
CREATE TYPE colour AS ENUM ('red', 'green', 'blue');
CREATE DOMAIN word AS text CHECK (value <> '');
CREATE DOMAIN short_word AS word;
CREATE DOMAIN tone AS colour;
CREATE TEMP TABLE things (id int, size float8, species text, kind varchar(10), code char(8), label name, tint colour,
	alive boolean, said short_word, tone tone, made date);
INSERT INTO things
	SELECT i, i % 3 * 10 + sin(i), (ARRAY['setosa', 'virginica', 'versicolor'])[1 + i % 3], (ARRAY['x', 'y'])[1 + i % 3 % 2],
		(ARRAY['a', 'bb', ''])[1 + i % 3], (ARRAY['n', 'm', 'o'])[1 + i % 3], (ARRAY['red', 'blue', 'green'])[1 + i % 3]::colour,
		i % 3 = 1, (ARRAY['yes', 'no'])[1 + i % 2], (ARRAY['green', 'red'])[1 + i % 2]::colour, date '2026-01-01' + i
	FROM generate_series(1, 30) i;

-- all types; values are sorted by bytes, and each is a feature in the place of the column
CREATE TEMP TABLE m AS SELECT kmeans_fit(t, 3 ORDER BY size) AS model
	FROM (SELECT size, species, kind, code, label, tint, alive, said, tone FROM things ORDER BY id) t;
SELECT c AS "column" FROM m, jsonb_array_elements(cluster_info(model) -> 'columns') WITH ORDINALITY c (c, n) ORDER BY n;
SELECT cluster_info(model) -> 'features' AS features, cluster_info(model) -> 'dimensions' AS dimensions, cluster_info(model) -> 'format' AS format FROM m;
SELECT count(DISTINCT cluster) AS clusters, bool_and(n = 10) AS even FROM (
	SELECT cluster_id(model, t) AS cluster, count(*) AS n, count(DISTINCT species) AS species
	FROM m, (SELECT size, species, kind, code, label, tint, alive, said, tone FROM things) t GROUP BY 1) s WHERE species = 1;

-- the same from text, of which the blanks of char(n) are no part
SELECT (SELECT model FROM m) = kmeans_fit(t, 3 ORDER BY size) AS text
	FROM (SELECT size, species, kind::text, code::text, label::text, tint::text, alive::text, said::text, tone::text FROM things ORDER BY id) t;

-- a query, a view, a composite type, a domain over it, ROW(), several queries with one dictionary
CREATE TEMP VIEW small AS SELECT size, species, alive FROM things;
CREATE TYPE thing AS (size float8, species text, alive boolean);
CREATE DOMAIN living_thing AS thing;
CREATE TEMP TABLE same (source text, model bytea);
SET client_min_messages = warning;
INSERT INTO same SELECT 'query', kmeans_train('SELECT size, species, alive FROM things ORDER BY id', 3);
INSERT INTO same SELECT 'view', kmeans_train('TABLE small', 3);
INSERT INTO same SELECT 'rows of a view', kmeans_fit(s, 3) FROM small s;
INSERT INTO same SELECT 'a column of rows', kmeans_train('SELECT s FROM small s', 3);
INSERT INTO same SELECT 'type', kmeans_fit((size, species, alive)::thing, 3 ORDER BY id) FROM things;
INSERT INTO same SELECT 'domain', kmeans_fit((size, species, alive)::thing::living_thing, 3 ORDER BY id) FROM things;
INSERT INTO same SELECT 'queries', kmeans_train(ARRAY['SELECT size, species, alive FROM things WHERE id < 2',
	'SELECT size, species, alive FROM things WHERE id BETWEEN 2 AND 10 ORDER BY id',
	'SELECT size, species::name, alive::text FROM things WHERE id > 10 ORDER BY id'], 3);
INSERT INTO same SELECT 'select', model FROM cluster_select('TABLE small', 3, 3, 'kmeans');
INSERT INTO same SELECT 'window', kmeans_fit(s, 3) OVER () FROM small s LIMIT 1;
SELECT count(*) AS sources, count(DISTINCT model) AS models FROM same;
RESET client_min_messages;

-- ROW() has no names; then the features are called as PostgreSQL calls its columns
SELECT cluster_info(model) -> 'features' AS features, cluster_info(model) #> '{columns,1}' AS "column",
	cluster_id(model, ROW(0, 'setosa')) AS literal, cluster_id(model, ROW(0, NULL::text)) AS missing
FROM (SELECT kmeans_fit(ROW(size, species), 2, '{"missing": "skip"}' ORDER BY id) AS model FROM things) m;
SELECT cluster_info(kmeans_fit(ROW(species), 2 ORDER BY id)) -> 'features' AS one FROM things;
SELECT cluster_info(kmeans_train('SELECT ROW(alive) FROM things ORDER BY id', 2)) -> 'features' AS query;

-- in groups and windows there is one notice
SELECT id % 2 AS odd, cluster_info(kmeans_fit(ROW(size, species), 2 ORDER BY id)) -> 'rows' AS rows FROM things GROUP BY 1 ORDER BY 1;
SELECT count(*) AS windows FROM (SELECT kmeans_fit(ROW(size, species), 1) OVER (ORDER BY id) AS model FROM things WHERE id > 20) s WHERE model IS NOT NULL;
SELECT clusters FROM cluster_select('SELECT size, species, tint FROM things ORDER BY id', 2, 4, 'fcm');

-- rows in another order have the same dictionary, and the same clusters
SELECT bool_and(cluster_info(a) -> 'columns' = cluster_info(b) -> 'columns') AS dictionaries,
	bool_and(abs((cluster_info(a) ->> 'objective')::float8 - (cluster_info(b) ->> 'objective')::float8) < 1e-9) AS objectives
FROM (SELECT kmeans_fit(ROW(size, species, tint), 3, '{"restarts": 3}' ORDER BY id) AS a,
	kmeans_fit(ROW(size, species, tint), 3, '{"restarts": 3}' ORDER BY id * 7 % 31) AS b FROM things) s;

-- centers have shares of the values: of a cluster they add up to 1 for each category
SELECT name, array_agg(category ORDER BY cluster) AS likeliest, array_agg(value::numeric(4,2) ORDER BY cluster) AS shares
FROM m, cluster_features(model) WHERE name IN ('species', 'said') GROUP BY feature, name ORDER BY feature;
SELECT bool_and(abs(total - 1) < 1e-12) AS shares FROM (SELECT cluster, sum(center[j]) AS total
	FROM m, cluster_centers(model), jsonb_array_elements_text(cluster_info(model) -> 'features') WITH ORDINALITY f(name, j)
	WHERE name LIKE 'tint=%' GROUP BY cluster) s;

-- each algorithm that takes categories gives the clusters of indicators that are written out, with the same factor
CREATE TEMP TABLE written AS SELECT id, size / spread AS size, species, alive, sqrt(1 / ((gini1 + gini2) / 2)) AS factor
	FROM things, (SELECT stddev_pop(size) AS spread FROM things) s,
		(SELECT 1 - sum(p * p) AS gini1 FROM (SELECT count(*) / 30.0::float8 AS p FROM things GROUP BY species) g) g1,
		(SELECT 1 - sum(p * p) AS gini2 FROM (SELECT count(*) / 30.0::float8 AS p FROM things GROUP BY alive) g) g2;
SELECT algorithm, count(DISTINCT (a, b)) AS pairs, count(DISTINCT a) AS clusters, bool_and(same) AS objectives FROM (
	SELECT algorithm, cluster_id(m1, ROW(size, species, alive)) AS a,
		cluster_id(m2, ARRAY[size, f * (species = 'setosa')::int, f * (species = 'versicolor')::int, f * (species = 'virginica')::int,
			f * (NOT alive)::int, f * alive::int]) AS b,
		abs((cluster_info(m1) ->> 'objective')::float8 / (cluster_info(m2) ->> 'objective')::float8 - 1) < 1e-6 AS same
	FROM (SELECT id, size, species, alive, factor AS f FROM written) w, (
		SELECT unnest(ARRAY['kmeans', 'fcm', 'mec', 'tsallis', 'spectral']) AS algorithm,
			unnest(ARRAY[kmeans_fit(r, 3, '{"restarts": 3}' ORDER BY id), fcm_fit(r, 3 ORDER BY id), mec_fit(r, 3, '{"temperature": 0.5}' ORDER BY id), tsallis_fit(r, 3, '{"temperature": 0.5, "q": 1.5}' ORDER BY id),
				spectral_fit(r, 3 ORDER BY id)]) AS m1,
			unnest(ARRAY[kmeans_fit(x, 3, '{"restarts": 3}' ORDER BY id), fcm_fit(x, 3 ORDER BY id), mec_fit(x, 3, '{"temperature": 0.5}' ORDER BY id), tsallis_fit(x, 3, '{"temperature": 0.5, "q": 1.5}' ORDER BY id),
				spectral_fit(x, 3 ORDER BY id)]) AS m2
		FROM (SELECT id, (size, species, alive)::thing AS r, ARRAY[size, f * (species = 'setosa')::int, f * (species = 'versicolor')::int, f * (species = 'virginica')::int,
			f * (NOT alive)::int, f * alive::int] AS x FROM (SELECT *, factor AS f FROM written) w) t) ms) s
GROUP BY algorithm ORDER BY algorithm;

-- a category counts more or less than numbers
SELECT count(DISTINCT model) AS models, bool_and(cluster_info(model) #>> '{options,category_weight}' = weight::text) AS kept
FROM (SELECT w AS weight, kmeans_fit(ROW(size, species), 2, jsonb_build_object('category_weight', w) ORDER BY id) AS model
	FROM things, unnest(ARRAY[0.25, 1, 4]) w GROUP BY w) s;

-- rows with weights count as often, in the shares too
SELECT bool_and(abs(a.value - b.value) < 1e-12) AS same FROM
	(SELECT f.* FROM (SELECT kmeans_fit(ROW(size, species, tint), 3, '{"init": [[0,1,0,0,0,0,1],[10,0,0,1,1,0,0],[20,0,1,0,0,1,0]]}', id % 3 + 1 ORDER BY id) AS model FROM things) m, cluster_features(model) f) a
	JOIN (SELECT f.* FROM (SELECT kmeans_fit(ROW(size, species, tint), 3, '{"init": [[0,1,0,0,0,0,1],[10,0,0,1,1,0,0],[20,0,1,0,0,1,0]]}' ORDER BY id) AS model
		FROM things, generate_series(1, id % 3 + 1)) m, cluster_features(model) f) b USING (cluster, feature);

-- scoring: an array has the features themselves, as centers do
SELECT bool_and(cluster_id(model, center) = cluster) AS centers FROM m, cluster_centers(model);
-- ... a value that the model does not know leaves its column out, whatever the option missing says; so does a NULL, if it is "partial"
CREATE TEMP TABLE known AS SELECT missing, kmeans_fit(ROW(size, species), 3, jsonb_build_object('missing', missing) ORDER BY id) AS model
	FROM things, unnest(ARRAY['error', 'skip', 'mean', 'partial']) AS missing GROUP BY missing;
SELECT missing, bool_and(cluster_id(model, ROW(size, 'unknown')) = cluster_id(model, ROW(size, species))) AS id,
	bool_and(cluster_membership(model, ROW(size, 'unknown')) = cluster_membership(model, ROW(size, species))) AS membership,
	bool_and((SELECT max(abs(d - sqrt(2) * abs(size - center[1]))) < 1e-9 FROM unnest(cluster_distance(model, ROW(size, 'unknown'))) WITH ORDINALITY AS u (d, cluster)
		JOIN cluster_centers(model) USING (cluster))) AS distance,
	bool_and(cluster_outlier_score(model, ROW(size, ' setosa')) > 0) AS outlier,
	bool_and((SELECT count(*) FROM cluster_set(model, ROW(size, 'Setosa'))) = 3) AS set,
	cluster_validity(model, ROW(size, 'unknown')) -> 'partition_coefficient' AS validity,
	bool_and(CASE missing WHEN 'error' THEN true WHEN 'skip' THEN cluster_id(model, ROW(size, NULL::text)) IS NULL
		ELSE (cluster_distance(model, ROW(size, NULL::text)) = cluster_distance(model, ROW(size, 'unknown'))) = (missing = 'partial') END) AS "null"
FROM known, things GROUP BY missing, model ORDER BY missing;
SELECT algorithm, bool_and(cluster_id(model, ROW(size, 'unknown', alive)) = cluster_id(model, ROW(size, species, alive))) AS id,
	bool_and('NaN' <> ALL (cluster_distance(model, ROW(size, 'unknown', alive)))) AS distance
FROM things, (SELECT unnest(ARRAY['kmeans', 'fcm', 'mec', 'tsallis', 'spectral']) AS algorithm,
		unnest(ARRAY[kmeans_fit(s, 3), fcm_fit(s, 3), mec_fit(s, 3), tsallis_fit(s, 3), spectral_fit(s, 3)]) AS model FROM small s) ms
GROUP BY algorithm ORDER BY algorithm;
-- ... and a row of nothing else has no cluster
SELECT cluster_id(model, ROW('unknown')) AS id, cluster_distance(model, ROW('unknown')) AS distance,
	(SELECT count(*) FROM cluster_set(model, ROW('unknown'))) AS set, cluster_id(model, ROW('setosa')) > 0 AS known
FROM (SELECT kmeans_fit(ROW(species), 2 ORDER BY id) AS model FROM things) m;
-- ... other types of the same values
SELECT cluster_id(model, ROW(size, species::name)) = cluster_id(model, ROW(size, species::char(12))) AS name
FROM known, things WHERE id = 7 AND missing = 'skip';

-- validity, drift between models of other values
SELECT cluster_validity(model, ROW(size, species)) ? 'silhouette' AS validity FROM known, things WHERE missing = 'skip' GROUP BY model;
SELECT drift -> 'rows' AS rows, jsonb_array_length(drift -> 'clusters') AS pairs, (drift ->> 'changed')::float8 < 0.2 AS changed
FROM (SELECT cluster_drift(kmeans_fit(s, 3 ORDER BY id), kmeans_fit(s, 3 ORDER BY id) FILTER (WHERE id <> 9),
		'SELECT size, CASE WHEN id = 9 THEN ''new'' ELSE species END AS species, alive FROM things') AS drift
	FROM (SELECT id, (size, CASE WHEN id = 9 THEN 'new' ELSE species END, alive)::thing AS s FROM things) t) d;

-- an earlier model to begin with, whose values were others
SELECT cluster_info(fcm_fit(ROW(size, species), 3, jsonb_build_object('init', model) ORDER BY id)) -> 'iterations' <= '3' AS same
FROM things, (SELECT fcm_fit(ROW(size, species), 3 ORDER BY id) AS model FROM things) f GROUP BY model;
SELECT cluster_info(kmeans_fit(ROW(size, species), 2, jsonb_build_object('init', model) ORDER BY id)) -> 'dimensions' AS more
FROM things, (SELECT kmeans_fit(ROW(size, species), 2 ORDER BY id) AS model FROM things WHERE species <> 'virginica') f GROUP BY model;
-- ... or centers with a number for each feature
SELECT cluster_info(kmeans_fit(ROW(size, species), 2, '{"init": [[0,1,0,0],[10,0,0,1]]}' ORDER BY id)) -> 'converged' AS centers FROM things;

-- NULL is missing, as it is in a number
SELECT cluster_info(model) -> 'rows' AS rows, cluster_info(model) -> 'skipped' AS skipped, cluster_info(model) #> '{columns,1,values}' AS "values"
FROM (SELECT kmeans_fit(ROW(nullif(id, 5), CASE WHEN id = 5 THEN 'lost' ELSE nullif(species, 'setosa') END), 2, '{"missing": "skip"}' ORDER BY id) AS model FROM things) m;

SELECT missing, cluster_info(model) -> 'rows' AS rows, round((SELECT sum(abs(share)) FROM cluster_centers(model), unnest(center[2:4]) share)::numeric, 6) AS shares
FROM (SELECT missing, kmeans_fit(ROW(size, CASE WHEN id % 5 > 0 THEN species END), 3, jsonb_build_object('missing', missing) ORDER BY id) AS model
	FROM things, unnest(ARRAY['mean', 'partial']) AS missing GROUP BY missing) m ORDER BY missing;
SELECT pg_temp.try($$SELECT kmeans_fit(t, 2, '{"missing": "partial"}') FROM (SELECT size, NULL::text AS species FROM things) t$$);
SELECT pg_temp.try($$SELECT kmeans_fit(t, 2, '{"missing": "partial"}') FROM (SELECT species, NULL::float8 AS length, size FROM things) t$$);

-- limits: 1000 values, 65535 features
SELECT cluster_info(kmeans_fit(ROW(i, (i % 1000)::text), 2)) -> 'dimensions' AS most FROM generate_series(1, 2000) i;
SELECT pg_temp.try($$SELECT kmeans_fit(ROW(i, (i % 1001)::text), 2) FROM generate_series(1, 2000) i$$);
SELECT pg_temp.try($$SELECT kmeans_train('SELECT i, ''c'' || i AS city FROM generate_series(1, 5000) i', 2)$$);
SELECT pg_temp.try(format('SELECT kmeans_fit(ROW(%s), 2) FROM generate_series(1, 1000) i', string_agg(format('(i * %s)::text', c), ', '))) FROM generate_series(1, 66) c;
SELECT pg_temp.try($$SELECT kmeans_fit(ROW(repeat(chr(64 + i), 6000000)), 1) FROM generate_series(1, 4) i$$);

-- algorithms that take none
SELECT algorithm, (SELECT string_agg(t, ' ') FROM pg_temp.try(format('SELECT %s_fit(s, 2) FROM small s', algorithm)) t) AS fit,
	(SELECT min(t) FROM pg_temp.try(format('SELECT %s_train(''TABLE small'', 2)', algorithm)) t) AS train
FROM (VALUES ('gk'), ('gg'), ('logical')) a (algorithm);
SELECT algorithm, (SELECT min(t) FROM pg_temp.try(format('SELECT %s_train(''TABLE small'', 2)', algorithm)) t) AS train
FROM cluster_options() WHERE option = 'hidden' ORDER BY algorithm;
SELECT pg_temp.try($$SELECT kmeans_fit(s, 2, '{"distance": "cosine"}') FROM small s$$);
SELECT pg_temp.try($$SELECT kmeans_train('TABLE small', 2, '{"distance": "cosine"}')$$);
SELECT pg_temp.try($$SELECT clusters FROM cluster_select('TABLE small', 2, 3, 'gk')$$);
SELECT pg_temp.try($$SELECT gk_train('SELECT s FROM small s', 2)$$);
SELECT pg_temp.try($$SELECT logical_distance(ROW(0.5, 'a'::text), ROW(0.5, 'b'::text))$$);

-- errors: times, other types, one column that is no row
SELECT pg_temp.try($$SELECT kmeans_fit(ROW(size, made), 2) FROM things$$);
SELECT pg_temp.try($$SELECT kmeans_train('SELECT size, made::timestamptz AS "when" FROM things', 2)$$);
SELECT pg_temp.try($$SELECT kmeans_fit(t, 2) FROM (SELECT size, made - timestamp '2026-01-01' AS age FROM things) t$$);
SELECT pg_temp.try($$SELECT kmeans_fit(t, 2) FROM (SELECT size, '{}'::jsonb AS document FROM things) t$$);
SELECT pg_temp.try($$SELECT kmeans_fit(species, 2) FROM things$$);
SELECT pg_temp.try($$SELECT kmeans_fit(alive, 2) FROM things$$);
SELECT pg_temp.try($$SELECT kmeans_train('SELECT tint FROM things', 2)$$);
SELECT pg_temp.try($$SELECT kmeans_fit(ROW(id, nullif(species, 'setosa')), 2 ORDER BY id) FROM things$$);
-- ... rows of other kinds
SELECT pg_temp.try($$SELECT kmeans_train(ARRAY['SELECT size, species FROM things', 'SELECT size, id AS species FROM things'], 2)$$);
SELECT pg_temp.try($$SELECT kmeans_train(ARRAY['SELECT size, id FROM things', 'SELECT size, species AS id FROM things'], 2)$$);
SELECT pg_temp.try($$SELECT kmeans_train(ARRAY['SELECT size, species FROM things', 'SELECT ARRAY[size, id] FROM things'], 2)$$);
SELECT pg_temp.try($$SELECT cluster_id(model, s) FROM same, (SELECT 1.5 AS size, 2 AS species, true AS alive) s WHERE source = 'view'$$);
SELECT pg_temp.try($$SELECT cluster_id(model, s) FROM same, (SELECT '1.5'::text AS size, 'setosa' AS species, true AS alive) s WHERE source = 'view'$$);
SELECT pg_temp.try($$SELECT cluster_id(model, s) FROM same, (SELECT 1.5 AS size, 'setosa' AS kind, true AS alive) s WHERE source = 'view'$$);
SELECT pg_temp.try($$SELECT cluster_id(model, ROW(1, 'setosa'::text)) FROM same WHERE source = 'view'$$);
SELECT pg_temp.try($$SELECT cluster_id(model, ARRAY[1, 2, 3]) FROM same WHERE source = 'view'$$);
SELECT pg_temp.try($$SELECT cluster_id(model, ROW(1, NULL::text, true)) FROM same WHERE source = 'view'$$);
SELECT pg_temp.try($$SELECT cluster_id(kmeans_fit(ARRAY[size, id], 2), ROW(1, 'a'::text)) FROM things$$);
SELECT pg_temp.try($$SELECT cluster_drift(model, model, 'SELECT size, id AS species, alive FROM things') FROM same WHERE source = 'view'$$);
SELECT pg_temp.try($$SELECT kmeans_fit(ROW(size, id, alive), 3, jsonb_build_object('init', model)) FROM things, same WHERE source = 'view' GROUP BY model$$);
SELECT pg_temp.try($$SELECT kmeans_fit(ROW(size, species), 2, '{"init": [[0,1],[10,0]]}') FROM things$$);

DROP TABLE things, m, same, written, known CASCADE;
DROP DOMAIN living_thing;
DROP TYPE thing;
DROP DOMAIN tone;
DROP DOMAIN short_word;
DROP DOMAIN word;
DROP TYPE colour;
