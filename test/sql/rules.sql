-- Rules: what the rows of each cluster have in common, and whether it is true.

\i test/sql/include/iris.psql
SET client_min_messages = warning;

-- what rules say against the rows that satisfy their conditions: features is how the query's row q is scored
CREATE FUNCTION pg_temp.wrong(model bytea, query text, features text, weight text DEFAULT NULL, OUT rules int, OUT wrong int)
LANGUAGE plpgsql AS $$
DECLARE
	r record;
	fine bool;
BEGIN
	rules := 0;
	wrong := 0;
	FOR r IN SELECT * FROM cluster_rules(model, query, weight) LOOP
		EXECUTE format('SELECT count(*) FILTER (WHERE %1$s) = $2
				AND abs(sum(w_ * u_[$3]) FILTER (WHERE %1$s) / sum(w_ * u_[$3]) - $4) < 1e-9
				AND abs(sum(w_ * u_[$3]) FILTER (WHERE %1$s) / sum(w_ * t_) FILTER (WHERE %1$s) - $5) < 1e-9
			FROM (%2$s) AS q, LATERAL (SELECT cluster_membership($1, %3$s) AS u_, %4$s::float8 AS w_) AS s_,
				LATERAL (SELECT greatest(sum(v), 1) AS t_ FROM unnest(u_) AS v) AS a_
			WHERE u_ IS NOT NULL AND w_ > 0', r.condition, query, features, coalesce(quote_ident(weight), '1'))
			INTO fine USING model, r.rows, r.cluster, r.coverage, r.purity;
		rules := rules + 1;
		wrong := wrong + (fine IS NOT TRUE)::int;
	END LOOP;
END $$;

-- iris, with names and without
CREATE TEMP TABLE flowers AS SELECT id, sepal_length, sepal_width, petal_length, petal_width FROM iris;
CREATE TEMP TABLE models (kind text, model bytea);
INSERT INTO models SELECT 'names', fcm_fit(f, 3 ORDER BY petal_length, petal_width, sepal_length) FROM (SELECT sepal_length, sepal_width, petal_length, petal_width FROM iris) f;
INSERT INTO models SELECT 'fcm', fcm_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'kmeans', kmeans_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'real', kmeans_fit(x::real[], 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'gk', gk_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'scaled', mec_fit(x, 4, mec_options(scale => 'zscore') ORDER BY id) FROM iris
	UNION ALL SELECT 'cosine', kmeans_fit(x, 3, kmeans_options(distance => 'cosine') ORDER BY id) FROM iris
	UNION ALL SELECT 'logical', logical_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'spectral', spectral_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'dec', dec_fit(x, 3, dec_options(hidden => ARRAY[8], latent => 2, pretrain_epochs => 30, epochs => 5) ORDER BY id) FROM iris;
SELECT cluster, rule, words, condition, round(coverage::numeric, 2) AS coverage, round(purity::numeric, 2) AS purity, rows
FROM models, cluster_rules(model, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers') WHERE kind = 'names';
SELECT cluster, rule, words, condition, rows FROM models, cluster_rules(model, 'SELECT x FROM iris') WHERE kind = 'fcm';
SELECT w.* FROM models, pg_temp.wrong(model, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers', 'q') w WHERE kind = 'names';
SELECT kind, rules > 0 AS rules, wrong FROM models, pg_temp.wrong(model, 'SELECT x FROM iris', 'x') w WHERE kind <> 'names' ORDER BY kind;
SELECT kind, rules > 2 AS rules, wrong FROM models, pg_temp.wrong(model, 'SELECT x::real[] FROM iris', 'x') w WHERE kind = 'real';

-- rows of any type
CREATE TYPE pg_temp.flower AS (length float8, width float4, third numeric, fourth int);
CREATE TEMP TABLE types AS SELECT id, x, ROW(x[1], x[2], x[3], x[4] * 10)::pg_temp.flower AS f, x::text AS t, to_jsonb(x) AS j, to_json(x) AS o,
	decode(string_agg(lpad(to_hex((v * 30)::int), 2, '0'), '' ORDER BY n), 'hex') AS b FROM iris, unnest(x) WITH ORDINALITY e(v, n) GROUP BY id, x;
SELECT c AS "column", (w).rules > 2 AS rules, (w).wrong FROM unnest('{x,f,t,j,o,b}'::text[]) c,
	LATERAL (SELECT kmeans_train(format('SELECT %I FROM types ORDER BY id', c), 3) AS model) m,
	LATERAL pg_temp.wrong(model, format('SELECT %I FROM types', c), c) w;
SELECT condition FROM cluster_rules(kmeans_train('SELECT f FROM types ORDER BY id', 2), 'SELECT f FROM types') WHERE rule = 1 ORDER BY cluster;
SELECT (w).rules, (w).wrong FROM pg_temp.wrong(kmeans_train('SELECT (f).* FROM types ORDER BY id', 3), 'SELECT (f).* FROM types', 'q') w;
SELECT condition FROM cluster_rules(kmeans_train('SELECT ROW(x[3], x[4]) FROM types ORDER BY id', 2), 'SELECT ROW(x[3], x[4]) AS r FROM types') WHERE rule = 1 ORDER BY cluster;

-- pgvector's types; those of the tests have no casts with which to execute this
CREATE EXTENSION vector;
SELECT type, condition FROM (VALUES ('vector', '[%s,7]'), ('halfvec', '[%s,7]'), ('sparsevec', '{1:%s,2:7}/2')) t(type, form),
	LATERAL cluster_rules(kmeans_train('VALUES (1, 7), (5, 7)', 2), format('SELECT format(%L, i)::%s AS v FROM generate_series(1, 5, 4) i', form, type))
WHERE condition ~ '>' ORDER BY type;
DROP EXTENSION vector;

-- a row for each row, whatever their order and whatever the memory
CREATE TEMP TABLE many AS SELECT i, i % 7 + sin(i) / 3 AS a, CASE WHEN i % 4 = 0 THEN 0 ELSE i % 11 + cos(i) END AS b, i % 3 AS c, 1 + i % 2 AS w FROM generate_series(1, 45000) i;
CREATE TEMP TABLE of_many AS SELECT kmeans_train('SELECT a, b, c FROM many ORDER BY i', 4) AS model;
CREATE FUNCTION pg_temp.rules_of(query text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(r::text, ' ') FROM of_many, cluster_rules(model, query) r $$;
SELECT count(*) > 3 AS rules, max(abs(r.rows / 20000.0 - s.share)) < 0.02 AS "share of the rows"
FROM of_many, cluster_rules(model, 'SELECT a, b, c FROM many') r,
	LATERAL (SELECT (xpath('/row/share/text()', query_to_xml('SELECT avg((' || condition || ')::int) AS share FROM many', false, true, '')))[1]::text::numeric AS share) s;
SELECT pg_temp.rules_of('SELECT a, b, c FROM many ORDER BY i') = pg_temp.rules_of('SELECT a, b, c FROM many ORDER BY sin(i)') AS "any order",
	pg_temp.rules_of('SELECT a, b, c FROM many WHERE i <= 5000') = pg_temp.rules_of('SELECT a, b, c FROM many WHERE i <= 5000 ORDER BY i DESC') AS "of few";
CREATE TEMP TABLE in_memory AS SELECT pg_temp.rules_of('SELECT a, b, c FROM many') AS rules;
SET maintenance_work_mem = '1MB';
SELECT rules = pg_temp.rules_of('SELECT a, b, c FROM many') AS spilled FROM in_memory;
RESET maintenance_work_mem;

SELECT condition, abs(rows / 20000.0 - 0.5) < 0.02 AS half
FROM cluster_rules(kmeans_train('VALUES (0::float8), (2)', 2), 'SELECT CASE WHEN i <= 30000 THEN 0 ELSE 2 + i / 1e6 END AS a FROM generate_series(1, 60000) i') ORDER BY condition;

-- weights: rules of rows that are there twice are those of rows of weight 2
SELECT count(*) AS rules, bool_and(a.words = b.words AND abs(a.coverage - b.coverage) < 1e-9 AND abs(a.purity - b.purity) < 1e-9) AS same
FROM of_many, cluster_rules(model, 'SELECT a, b, c, w FROM many WHERE i <= 3000', 'w') a
	FULL JOIN cluster_rules((SELECT model FROM of_many), 'SELECT a, b, c FROM many, generate_series(1, w) WHERE i <= 3000') b USING (cluster, rule);
SELECT w.wrong FROM of_many, pg_temp.wrong(model, 'SELECT a, w, b, c FROM many WHERE i <= 3000', 'ROW(a, b, c)', 'w') w;

-- categories, of which some values are new to the model
CREATE TEMP TABLE mixed AS SELECT i, sin(i) + i % 3 AS a, (ARRAY['it''s', 'b "b"', '<script>', ''])[i % 4 + 1] AS kind, i % 2 = 0 AS even FROM generate_series(1, 300) i;
CREATE TEMP TABLE of_mixed AS SELECT kmeans_train('SELECT a, kind, even FROM mixed ORDER BY i', 4, kmeans_options(category_weight => 3)) AS model;
SELECT cluster, rule, words, condition, rows FROM of_mixed, cluster_rules(model, 'SELECT a, kind, even FROM mixed') ORDER BY 1, 2;
SELECT w.* FROM of_mixed, pg_temp.wrong(model, 'SELECT a, kind, even FROM mixed', 'q') w;
SELECT w.* FROM of_mixed, pg_temp.wrong(model, 'SELECT a, CASE WHEN i % 5 = 0 THEN ''new'' ELSE kind END AS kind, even FROM mixed', 'q') w;

-- a row that lacks a feature satisfies no condition on it
CREATE TEMP TABLE holes AS SELECT i, CASE WHEN i % 5 > 0 THEN i % 3 * 4 + sin(i) END AS a, CASE WHEN i % 7 > 0 THEN i % 3 * 5 + cos(i) END AS b FROM generate_series(1, 400) i;
SELECT missing, (w).rules > 2 AS rules, (w).wrong FROM unnest('{partial,mean,skip}'::text[]) missing,
	LATERAL (SELECT kmeans_train('SELECT a, b FROM holes ORDER BY i', 3, kmeans_options(missing => missing)) AS model) m,
	LATERAL pg_temp.wrong(model, 'SELECT a, b FROM holes', 'q') w;

-- noise counts against a rule, and has none; so there is one for a single cluster
CREATE TEMP TABLE noisy AS SELECT i, CASE WHEN i % 10 = 0 THEN i % 37 ELSE i % 3 * 12 + sin(i) END AS a, CASE WHEN i % 10 = 0 THEN i % 41 ELSE 10 + cos(i) END AS b FROM generate_series(1, 900) i;
SELECT algorithm, (w).rules, (w).wrong, r.of_noise FROM unnest('{kmeans,fcm}'::text[]) algorithm,
	LATERAL (SELECT CASE algorithm WHEN 'kmeans' THEN kmeans_train('SELECT a, b FROM noisy ORDER BY i', 3, kmeans_options(noise => 0.1))
		ELSE fcm_train('SELECT a, b FROM noisy ORDER BY i', 3, fcm_options(noise => 0.1)) END AS model) m,
	LATERAL pg_temp.wrong(model, 'SELECT a, b FROM noisy', 'q') w,
	LATERAL (SELECT count(*) AS of_noise FROM cluster_rules(model, 'SELECT a, b FROM noisy') WHERE cluster = 0) r;
SELECT cluster, rule, condition ~ '^(a|b) > .* AND ' AS both_sides, coverage > 0.9 AS covers, purity > 0.9 AS pure
FROM cluster_rules(kmeans_train('SELECT a, b FROM noisy WHERE i % 10 = 0 OR i % 3 = 1 ORDER BY i', 1, kmeans_options(noise_distance => 3)), 'SELECT a, b FROM noisy WHERE i % 10 = 0 OR i % 3 = 1');

-- names that need quotes, that are not unique, or that are none
CREATE TEMP TABLE odd ("it's" float8, "a ""b""" float8, "<script>" float8, "select" float8);
INSERT INTO odd SELECT i % 2 * 9 + sin(i), i % 3 * 9 + cos(i), i % 4 * 3, i FROM generate_series(1, 200) i;
CREATE TEMP TABLE of_odd AS SELECT kmeans_train('SELECT * FROM odd ORDER BY "select"', 6, kmeans_options(scale => 'zscore')) AS model;
SELECT regexp_replace(words, '-?[0-9.]+', 'n', 'g') AS words, regexp_replace(condition, '-?[0-9.]+', 'n', 'g') AS condition FROM of_odd, cluster_rules(model, 'TABLE odd') WHERE cluster < 4 AND rule = 1 ORDER BY cluster;
SELECT w.wrong FROM of_odd, pg_temp.wrong(model, 'SELECT * FROM odd', 'q') w;
SELECT words, condition FROM cluster_rules(kmeans_train('SELECT x[3], x[4] FROM iris ORDER BY id', 2), 'SELECT x[3], x[4] FROM iris') ORDER BY cluster, rule;
SELECT words, condition FROM cluster_rules(kmeans_train('SELECT x[3] + 1, 7 FROM iris ORDER BY id', 2), 'SELECT x[3] + 1, 7 AS seven FROM iris') ORDER BY cluster, rule;

-- there is nothing to say of one cluster, one row, or equal rows
SELECT count(*) FROM cluster_rules(fcm_train('SELECT x FROM iris', 1), 'SELECT x FROM iris');
SELECT count(*) FROM models, cluster_rules(model, 'SELECT x FROM iris LIMIT 1') WHERE kind = 'fcm';
SELECT count(*) FROM models, cluster_rules(model, 'SELECT ARRAY[5, 3, 2, 1] FROM iris') WHERE kind = 'fcm';
SELECT count(*) FROM cluster_rules(kmeans_train('SELECT a, kind, even FROM mixed', 4, kmeans_options(missing => 'partial')), 'SELECT NULL::float8 AS a, ''new''::text AS kind, true AS even');
SELECT count(*) FROM cluster_rules(kmeans_train('SELECT a, kind FROM mixed', 4, kmeans_options(missing => 'partial')), 'SELECT 1 AS a, ''new''::text AS kind UNION ALL SELECT NULL, ''newer''');

-- as many features as there may be, of which the last separates
CREATE TEMP TABLE wide AS SELECT i, array_fill(1::real, ARRAY[65534]) || (i % 2)::real AS x FROM generate_series(1, 20) i;
CREATE TEMP TABLE of_wide AS SELECT kmeans_fit(x, 2 ORDER BY i) AS model FROM wide;
SELECT cluster, rule, words, condition, coverage, purity, rows FROM of_wide, cluster_rules(model, 'SELECT x FROM wide') ORDER BY condition;

-- as other set-returning functions
SELECT (cluster_rules(model, 'SELECT x FROM iris')).rule FROM models WHERE kind = 'kmeans' LIMIT 1;
SELECT count(*) > 0 AS found FROM models, cluster_rules(query => 'SELECT x FROM iris', model => model, weight => NULL) WHERE kind = 'kmeans';

-- with the rights of the caller
CREATE ROLE regress_rules;
CREATE TABLE secret AS SELECT x FROM iris;
SELECT model AS model FROM models WHERE kind = 'kmeans' \gset
CREATE FUNCTION for_all(bytea) RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$ SELECT count(*) FROM cluster_rules($1, 'SELECT x FROM public.secret') $$;
SET ROLE regress_rules;
SELECT count(*) FROM cluster_rules(:'model', 'SELECT x FROM public.secret');
SELECT for_all(:'model') > 0 AS "as its owner";
RESET ROLE;
DROP FUNCTION for_all;
DROP TABLE secret;
DROP ROLE regress_rules;

-- errors
SELECT * FROM cluster_rules(NULL, 'SELECT 1');
SELECT * FROM cluster_rules(:'model', NULL);
SELECT * FROM cluster_rules('\x00', 'SELECT x FROM iris');
SELECT * FROM cluster_rules(:'model', '');
SELECT * FROM cluster_rules(:'model', 'SELECT 1; SELECT 2');
SELECT * FROM cluster_rules(:'model', 'DELETE FROM iris');
SELECT * FROM cluster_rules(:'model', 'WITH gone AS (DELETE FROM iris RETURNING x) SELECT x FROM gone');
SELECT * FROM cluster_rules(:'model', 'SELECT x FROM iris FOR UPDATE');
SELECT * FROM cluster_rules(:'model', 'SELECT x[1:3] FROM iris');
SELECT * FROM cluster_rules(:'model', 'SELECT x FROM iris WHERE false');
SELECT * FROM cluster_rules(:'model', 'SELECT x, 1 AS w FROM iris', 'v');
SELECT * FROM cluster_rules(:'model', 'SELECT x, ''a'' AS w FROM iris', 'w');
SELECT * FROM cluster_rules(:'model', 'SELECT x, 0 AS w FROM iris', 'w');
SELECT * FROM cluster_rules(:'model', 'SELECT label FROM iris');
SELECT * FROM cluster_rules(:'model', 'SELECT now()');
SELECT count(*) FROM iris;
