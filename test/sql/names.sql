-- Names of features: models keep those of columns, and refuse rows whose columns are others, or in another order.

SET client_min_messages = warning;
CREATE TEMP TABLE flowers (id int, sepal float8, petal real, "Petal Width" numeric);
INSERT INTO flowers SELECT i, 5 + i % 3, i, i * i FROM generate_series(1, 12) i;
CREATE VIEW pg_temp.both AS SELECT sepal, petal FROM flowers;
CREATE TYPE pair AS (sepal float8, petal float8);
CREATE DOMAIN pair_domain AS pair;

-- where names come from: a table or view, a subquery, a composite type, a domain over it, a query of several columns
CREATE TEMP TABLE m (source text, model bytea);
INSERT INTO m SELECT 'view', kmeans_fit(b, 2) FROM pg_temp.both b;
INSERT INTO m SELECT 'subquery', kmeans_fit(q, 2) FROM (SELECT sepal, petal FROM flowers ORDER BY id) q;
INSERT INTO m SELECT 'type', kmeans_fit((sepal, petal)::pair, 2 ORDER BY id) FROM flowers;
INSERT INTO m SELECT 'domain', kmeans_fit((sepal, petal)::pair::pair_domain, 2 ORDER BY id) FROM flowers;
INSERT INTO m SELECT 'window', kmeans_fit(q, 2) OVER () FROM (SELECT sepal, petal FROM flowers ORDER BY id) q LIMIT 1;
INSERT INTO m SELECT 'group', kmeans_fit(q, 2) FROM (SELECT sepal, petal FROM flowers ORDER BY id) q GROUP BY sepal > 0;
INSERT INTO m SELECT 'lateral', kmeans_fit(q, 2 ORDER BY id) FROM flowers f, LATERAL (SELECT f.sepal, f.petal) q;
WITH q AS MATERIALIZED (SELECT sepal, petal FROM flowers ORDER BY id) INSERT INTO m SELECT 'cte', kmeans_fit(q, 2) FROM q;
INSERT INTO m SELECT 'select', model FROM cluster_select('SELECT sepal, petal FROM flowers ORDER BY id', 2, 2, 'kmeans');
INSERT INTO m SELECT 'train', autoencoder_train('SELECT sepal, petal FROM flowers ORDER BY id', 2, '{"pretrain_epochs": 1}');
INSERT INTO m SELECT 'train vectors', autoencoder_train('SELECT b FROM pg_temp.both b', 2, '{"pretrain_epochs": 1}');
SELECT source, cluster_info(model) -> 'features' AS features, cluster_info(model) -> 'format' AS format FROM m ORDER BY source;

-- ... and where there are none: arrays, rows, vectors, what PostgreSQL makes up, what occurs twice
SELECT cluster_info(kmeans_fit(ARRAY[sepal, petal], 2)) -> 'features' AS array, cluster_info(kmeans_fit(ROW(sepal, petal), 2)) -> 'features' AS row,
	cluster_info(kmeans_fit('{1,2}'::text, 1)) -> 'features' AS text, cluster_info(kmeans_fit(ARRAY[sepal, petal], 2)) -> 'format' AS format
FROM flowers;
SELECT cluster_info(kmeans_fit(v, 2)) -> 'features' AS values FROM (VALUES (1, 2), (3, 4)) v;
SELECT cluster_info(kmeans_fit(v, 2)) -> 'features' AS expressions FROM (SELECT sepal + 1, petal * 2 FROM flowers) v;
SELECT cluster_info(kmeans_fit(v, 2)) -> 'features' AS doubles FROM (SELECT ln(sepal), ln(petal), petal FROM flowers) v;
SELECT cluster_info(kmeans_fit(v, 2)) -> 'features' AS some FROM (SELECT sepal, petal * 2, petal AS "f3" FROM flowers) v;
SELECT cluster_info(kmeans_fit(v, 2)) -> 'features' AS elsewhere FROM (SELECT sepal AS f2, petal AS column3 FROM flowers) v;

-- the same rows, names, options, seed and build give the same bytes; other names give others
SELECT count(DISTINCT model) AS models FROM m WHERE source NOT LIKE 'train%';
SELECT (SELECT kmeans_fit(q, 2) FROM (SELECT sepal, petal FROM flowers ORDER BY id) q) = (SELECT kmeans_fit(q, 2) FROM (SELECT sepal AS a, petal FROM flowers ORDER BY id) q) AS other_names;

-- centers in long form
SELECT cluster, feature, name, value, round(z::numeric, 4) AS z, share FROM m, cluster_features(model) f WHERE source = 'view' ORDER BY cluster, feature;
SELECT count(*) AS rows, bool_and(value = center[feature]) AS same, bool_and(f.name = (ARRAY['sepal', 'petal'])[feature]) AS names
FROM m, cluster_features(model) f JOIN cluster_centers(model) c USING (cluster);
SELECT count(*) AS rows, count(name) AS named FROM cluster_features((SELECT kmeans_fit(v, 2) FROM (SELECT sepal, petal * 2 FROM flowers) v));
SELECT count(*) AS rows FROM cluster_features(NULL);

-- scoring accepts the same columns, and features without names
SELECT bool_and(cluster_id(model, b) = cluster_id(model, ARRAY[b.sepal, b.petal])) AS view,
	bool_and(cluster_id(model, q) = cluster_id(model, ARRAY[b.sepal, b.petal])) AS subquery,
	bool_and(cluster_id(model, ROW(b.sepal, b.petal)) = cluster_id(model, ARRAY[b.sepal, b.petal])) AS row,
	bool_and(cluster_id(model, (b.sepal, b.petal)::pair::pair_domain) = cluster_id(model, ARRAY[b.sepal, b.petal]::text)) AS type,
	bool_and(cluster_id(model, e) = cluster_id(model, ARRAY[b.sepal, b.petal])) AS expressions,
	bool_and(cluster_id(model, v) = 1 OR cluster_id(model, v) = 2) AS values
FROM m, pg_temp.both b, LATERAL (SELECT b.sepal, b.petal) q, LATERAL (SELECT b.sepal + 0, b.petal + 0) e, (VALUES (1, 2)) v;
SELECT cluster_validity(model, b) IS NOT NULL AS validity FROM m, pg_temp.both b WHERE source = 'view';
SELECT cluster_id(model, q) > 0 AS half_named FROM m, (SELECT 1 AS sepal, 2 + 3) q WHERE source = 'view';
SELECT cluster_id(model, q) > 0 AS model_half_named FROM (SELECT kmeans_fit(v, 2) AS model FROM (SELECT sepal, petal * 2 FROM flowers) v) m, (SELECT 1 AS sepal, 3 AS other) q;
SELECT cluster_drift(model, model, 'SELECT sepal, petal FROM flowers') -> 'changed' AS drift FROM m WHERE source = 'view';

-- other columns
CREATE FUNCTION pg_temp.try(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE query;
	RETURN NEXT 'fine';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN NEXT SQLSTATE || ' ' || message;
	RETURN NEXT '  ' || detail;
	RETURN NEXT '  ' || hint;
END
$$;
CREATE TEMP TABLE v AS SELECT model FROM m WHERE source = 'view';
\t on
\pset format unaligned
SELECT pg_temp.try('SELECT cluster_id(model, q) FROM v, (SELECT petal, sepal FROM flowers) q');
SELECT pg_temp.try('SELECT cluster_id(model, q) FROM v, (SELECT sepal, "Petal Width" FROM flowers) q');
SELECT pg_temp.try('SELECT cluster_id(model, q) FROM v, (SELECT id, sepal FROM flowers) q');
SELECT pg_temp.try('SELECT cluster_id(model, q) FROM v, (SELECT sepal, petal, id FROM flowers) q');
SELECT pg_temp.try('SELECT cluster_id(model, f) FROM v, flowers f');
SELECT pg_temp.try('SELECT cluster_membership(model, q) FROM v, (SELECT "Petal Width" AS sepal, sepal AS "Petal Width" FROM flowers) q');
SELECT pg_temp.try('SELECT cluster_distance(model, q) FROM v, (SELECT petal, sepal FROM flowers) q');
SELECT pg_temp.try('SELECT cluster_outlier_score(model, q) FROM v, (SELECT petal, sepal FROM flowers) q');
SELECT pg_temp.try('SELECT cluster_set(model, q) FROM v, (SELECT petal, sepal FROM flowers) q');
SELECT pg_temp.try('SELECT cluster_embed(model, q) FROM m, (SELECT petal, sepal FROM flowers) q WHERE source = ''train''');
SELECT pg_temp.try('SELECT cluster_reconstruct(model, q) FROM m, (SELECT petal, sepal FROM flowers) q WHERE source = ''train''');
SELECT pg_temp.try('SELECT cluster_validity(model, q) FROM v, (SELECT petal, sepal FROM flowers) q');
SELECT pg_temp.try('SELECT cluster_drift(model, model, ''SELECT petal, sepal FROM flowers'') FROM v');
SELECT pg_temp.try('SELECT cluster_drift(model, (SELECT kmeans_fit(q, 2) FROM (SELECT petal, sepal FROM flowers) q), ''SELECT ARRAY[1, 2]'') FROM v');
SELECT pg_temp.try('SELECT kmeans_fit(q, 2, kmeans_options(init => model)) FROM v, (SELECT petal, sepal FROM flowers) q GROUP BY model');
SELECT pg_temp.try('SELECT idec_train(''SELECT petal, sepal FROM flowers'', 2, idec_options(init => model)) FROM m WHERE source = ''train''');
SELECT pg_temp.try('SELECT idec_train(''SELECT petal, sepal, id FROM flowers'', 2, idec_options(init => model)) FROM m WHERE source = ''train''');
SELECT pg_temp.try('SELECT kmeans_fit(ARRAY[sepal, petal], 2, kmeans_options(init => model)) FROM v, flowers GROUP BY model');

-- checked for each row type that comes along, and for each model, in one plan node
SELECT pg_temp.try('SELECT kmeans_fit(r, 2) FROM (SELECT q AS r FROM (SELECT sepal, petal FROM flowers) q UNION ALL SELECT q FROM (SELECT petal, sepal FROM flowers) q) u');
SELECT pg_temp.try('SELECT g, kmeans_fit(r, 2) FROM (SELECT 1 AS g, q AS r FROM (SELECT sepal, petal FROM flowers) q UNION ALL SELECT 2, q FROM (SELECT petal, sepal FROM flowers) q) u GROUP BY g');
SELECT pg_temp.try('SELECT cluster_id(model, r) FROM v, (SELECT q AS r FROM (SELECT sepal, petal FROM flowers) q UNION ALL SELECT q FROM (SELECT petal, sepal FROM flowers) q) u');
SELECT pg_temp.try('SELECT cluster_id(model, q) FROM (SELECT model FROM v UNION ALL SELECT kmeans_fit(q, 2) FROM (SELECT petal, sepal FROM flowers) q) m, (SELECT sepal, petal FROM flowers) q');
\t off
\pset format aligned

-- groups of rows of different types have the names of theirs, hashed or sorted
SELECT g, cluster_info(kmeans_fit(r, 2)) -> 'features' AS features
FROM (SELECT 1 AS g, q AS r FROM (SELECT sepal, petal FROM flowers) q UNION ALL SELECT 2, q FROM (SELECT petal, sepal FROM flowers) q
	UNION ALL SELECT 3, ROW(1, i) FROM generate_series(1, 3) i) u GROUP BY g ORDER BY g;

-- features without names may come before those with names, and after
SELECT cluster_info(kmeans_fit(r, 2)) -> 'features' AS features
FROM (SELECT ROW(1, i) AS r FROM generate_series(1, 3) i UNION ALL SELECT q FROM (SELECT sepal, petal FROM flowers) q
	UNION ALL SELECT ROW(1, 2)) u;

-- dropped columns, children with another order of columns, functions
CREATE TEMP TABLE parent (a float8, gone text, b float8);
ALTER TABLE parent DROP gone;
CREATE TEMP TABLE child (b float8, a float8);
ALTER TABLE child INHERIT parent;
INSERT INTO parent VALUES (1, 10), (2, 20);
INSERT INTO child VALUES (30, 3), (40, 4);
CREATE TEMP TABLE p AS SELECT kmeans_fit(p, 4) AS model FROM parent p;
SELECT cluster_info(model) -> 'features' AS features, (SELECT array_agg(value ORDER BY value) FROM cluster_features(model) WHERE name = 'a') AS a FROM p;
SELECT count(DISTINCT cluster_id(model, parent)) AS parents FROM p, parent;
SELECT cluster_id(model, child) FROM p, child;
ALTER TABLE parent RENAME a TO c;
SELECT cluster_id(model, parent) FROM p, parent;
CREATE FUNCTION pg_temp.give(OUT a float8, OUT b float8) RETURNS SETOF record LANGUAGE sql AS 'SELECT i, i * 10 FROM generate_series(1, 3) i';
SELECT cluster_info(kmeans_fit(g, 2)) -> 'features' AS features FROM pg_temp.give() g;
SELECT cluster_info(kmeans_fit(g, 2)) -> 'features' AS features FROM json_to_recordset('[{"u": 1, "v": 2}, {"u": 3, "v": 4}]') AS g(u int, v int);

-- names that need quotes, of 63 bytes of two each, and 1600 of them
SELECT cluster_info(model) -> 'features' AS features, f.name FROM (SELECT kmeans_fit(q, 1) AS model FROM (SELECT 1 AS "a ""b"" \c
d", 2 AS "Größe", 3 AS "🌷") q) m, cluster_features(model) f ORDER BY feature;
SELECT format('SELECT %s', string_agg(format('%s AS %I', i, 'ö' || repeat('ü', 28) || lpad(i::text, 4, '0')), ', ' ORDER BY i)) AS wide,
	format('SELECT %s', string_agg(format('%s AS %I', i, 'ö' || repeat('ü', 28) || lpad(i::text, 4, '0')), ', ' ORDER BY i % 1599, i)) AS swapped
FROM generate_series(1, 1600) i \gset
CREATE TEMP TABLE wide AS SELECT kmeans_fit(q, 1) AS model FROM (:wide) q;
SELECT jsonb_array_length(cluster_info(model) -> 'features') AS features, octet_length(model) > 1600 * 70 AS kept, cluster_id(model, q) FROM wide, (:wide) q;
\t on
\pset format unaligned
SELECT pg_temp.try(format('SELECT cluster_id(model, q) FROM wide, (%s) q', :'swapped'));
\t off
\pset format aligned

-- a model of format 1, as an earlier version wrote it, has no names
SELECT cluster_info(old) -> 'format' AS format, cluster_info(old) -> 'features' AS features, cluster_id(old, ROW(1, 2)) AS row,
	cluster_id(old, b) > 0 AS named, (SELECT count(name) FROM cluster_features(old)) AS names
FROM pg_temp.both b, (SELECT '\x465a434d01000000cc4d42d70100000066636d00000000000000000000000000010000000200000001000000000000000000000000000000010000000000000000000000000000000100000008000000040000000000000066757a7a6966696572000000000000000000000000000000000000000000004073656564000000000000000000000000000000000000000000000000000000006d61785f697465726174696f6e73000000000000000000000000000000408f40746f6c6572616e6365000000000000000000000000000000bbbdd7d9df7cdb3d726573746172747300000000000000000000000000000000000000000000f03f696e6974000000000000000000000000000000000000000000000000000000007363616c650000000000000000000000000000000000000000000000000000006d697373696e670000000000000000000000000000000000000000000000000063656e7465727300000000000000000001000000000000000200000000000000000000000000f03f00000000000000407765696768747300000000000000000001000000000000000100000000000000000000000000f03f72616469757300000000000000000000010000000000000001000000000000000000000000000000686973746f727900000000000000000001000000000000000300000000000000000000000000f03f00000000000000000000000000000000'::bytea AS old) o
LIMIT 1;

-- a registry keeps them; rows with other features are numbered from 1
SELECT cluster_create_registry('name_models');
CREATE TABLE name_rows AS SELECT * FROM flowers;
SELECT cluster_define('m', 'SELECT sepal, petal FROM name_rows ORDER BY id', 'kmeans', 2, warm_start => true, registry => 'name_models');
CALL cluster_retrain('m', 'name_models');
CALL cluster_retrain('m', 'name_models');
SELECT cluster_define('m', 'SELECT petal, sepal FROM name_rows ORDER BY id', 'kmeans', 2, warm_start => true, registry => 'name_models');
CALL cluster_retrain('m', 'name_models');
SELECT number, cluster_info(model) -> 'features' AS features, drift IS NOT NULL AS compared, is_default FROM name_models.versions ORDER BY number;
SET client_min_messages = warning;
DROP SCHEMA name_models CASCADE;
DROP TABLE name_rows;
DROP TYPE pair CASCADE;

-- parallel workers see the names too: of tables, and of subqueries
CREATE TABLE name_parallel AS SELECT sepal, petal FROM flowers, generate_series(1, 100);
CREATE TABLE name_parallel_model AS SELECT model FROM v;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE FUNCTION pg_temp.is_parallel(query text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json, COSTS off) ' || query INTO plan;
	RETURN plan::text LIKE '%Partial%Parallel%name_parallel%';
END
$$;
SELECT pg_temp.is_parallel('SELECT count(cluster_id((SELECT model FROM name_parallel_model), p)) FROM name_parallel p') AS parallel;
SELECT count(cluster_id((SELECT model FROM name_parallel_model), p)) FROM name_parallel p;
SELECT cluster_validity((SELECT model FROM name_parallel_model), p) IS NOT NULL AS validity FROM name_parallel p;
SELECT count(cluster_id((SELECT model FROM name_parallel_model), q)) FROM (SELECT sepal, petal FROM name_parallel) q;
\set VERBOSITY terse
SELECT count(cluster_id((SELECT model FROM name_parallel_model), q)) FROM (SELECT petal, sepal FROM name_parallel) q;
\set VERBOSITY default
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
DROP TABLE name_parallel, name_parallel_model;

-- a table that is altered between two rows of one statement
CREATE TABLE name_altered (sepal float8, petal float8);
INSERT INTO name_altered VALUES (6, 3);
CREATE FUNCTION pg_temp.after_alter(change text) RETURNS name_altered LANGUAGE plpgsql VOLATILE AS $$
DECLARE
	r name_altered;
BEGIN
	EXECUTE change;
	EXECUTE 'SELECT * FROM name_altered' INTO r;
	RETURN r;
END
$$;
SELECT change, cluster_distance(model, pg_temp.after_alter(change)) = cluster_distance(model, ARRAY[6, 3]) AS same
FROM v, (VALUES (1, 'SELECT'), (2, 'ALTER TABLE name_altered ALTER sepal TYPE numeric, ALTER petal TYPE numeric'),
	(3, 'ALTER TABLE name_altered ALTER sepal TYPE real, ALTER petal TYPE float8'), (4, 'SELECT')) c(n, change) ORDER BY n;
SELECT change, cluster_id(model, pg_temp.after_alter(change)) > 0 AS fine
FROM v, (VALUES (1, 'SELECT'), (2, 'ALTER TABLE name_altered RENAME petal TO width')) c(n, change) ORDER BY n;
DROP TABLE name_altered CASCADE;
