-- cluster_report: a page of HTML about a model and the rows of a query. What is drawn is looked at elsewhere; here are facts.

SET client_min_messages = warning;
\set SHOW_CONTEXT never
\i test/sql/include/iris.psql
\set ECHO all
CREATE TEMP TABLE flowers AS SELECT id, label AS species, sepal_length, sepal_width, petal_length, petal_width FROM iris;
CREATE TEMP TABLE m (name text, model bytea);
INSERT INTO m SELECT 'fcm', fcm_train('SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers ORDER BY id', 3);
INSERT INTO m SELECT 'kmeans', kmeans_train('SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers ORDER BY id', 3);

-- the text of a cell, or all of them, without markup
CREATE FUNCTION pg_temp.words(page text) RETURNS text LANGUAGE sql AS
$$SELECT replace(regexp_replace(regexp_replace(page, '<[^>]*>', ' ', 'g'), '\s+', ' ', 'g'), '&#44;', ',')$$;

-- the part of a page between a heading and the next one
CREATE FUNCTION pg_temp.section(page text, id text) RETURNS text LANGUAGE sql AS
$$SELECT pg_temp.words(substring(page, '<h2 id="' || id || '">(.*?)</section>'))$$;

-- how many rows of a table a section has
CREATE FUNCTION pg_temp.lines(page text, id text) RETURNS bigint LANGUAGE sql AS
$$SELECT count(*) FROM regexp_matches(substring(page, '<h2 id="' || id || '">(.*?)</section>'), '<tr', 'g')$$;

-- what every page has, and what none has
CREATE FUNCTION pg_temp.wrong(page text) RETURNS text[] LANGUAGE sql AS
$$SELECT array_remove(ARRAY[
	CASE WHEN page !~ '^<!DOCTYPE html>\n<html lang="en">' THEN 'begin' END,
	CASE WHEN page !~ '</html>\n$' THEN 'end' END,
	CASE WHEN page !~ '<meta charset="utf-8">' THEN 'charset' END,
	CASE WHEN page !~ '<meta http-equiv="Content-Security-Policy" content="default-src ''none''; style-src ''unsafe-inline''; img-src data:">' THEN 'policy' END,
	CASE WHEN page !~ '<meta name="viewport" content="width=device-width, initial-scale=1">' THEN 'viewport' END,
	CASE WHEN page ~* '<script|<iframe|<object|<embed|<link|<base|<form|<foreignObject' THEN 'element' END,
	CASE WHEN page ~* '<[^>]*\son\w+\s*=' THEN 'handler' END,
	CASE WHEN regexp_replace(page, 'xmlns=["'']http://www.w3.org/2000/svg["'']', '', 'g') ~* '(https?|javascript|data):(?!;|">)|//' THEN 'reference' END,
	CASE WHEN page ~ '[^\n -~]' THEN 'character' END,
	CASE WHEN length(page) > 2 * 1024 * 1024 THEN 'length' END,
	CASE WHEN page ~ 'nan\M|\minf\M' THEN 'number' END], NULL)$$;

CREATE TEMP TABLE pages (name text PRIMARY KEY, page text);

-- a model of named columns
INSERT INTO pages SELECT 'iris', cluster_report(model,
	'SELECT sepal_length, sepal_width, petal_length, petal_width, species, id FROM flowers ORDER BY id', 'species', '{"key": "id", "title": "Fisher''s iris"}')
FROM m WHERE name = 'fcm';
SELECT pg_temp.wrong(page) FROM pages WHERE name = 'iris';
SELECT substring(page, '<title>(.*?)</title>') AS title, pg_temp.words(substring(page, '<h1>(.*?)</h1>')) AS heading,
	(SELECT array_agg(i[1]) FROM regexp_matches(page, '<h2 id="(\w+)">', 'g') i) AS sections
FROM pages WHERE name = 'iris';
SELECT substring(pg_temp.section(page, 'model'), 'Algorithm.*Trained on 150 rows') AS model,
	substring(pg_temp.section(page, 'model'), 'Columns: [^.]*') AS columns FROM pages WHERE name = 'iris';
SELECT pg_temp.section(page, 'sizes') AS sizes FROM pages WHERE name = 'iris';
SELECT pg_temp.section(page, 'labels') ~ 'Accuracy 0.8933.*Adjusted Rand index 0.7294' AS measures,
	pg_temp.lines(page, 'labels') AS lines FROM pages WHERE name = 'iris';
SELECT pg_temp.lines(page, 'memberships') AS ambiguous, pg_temp.lines(page, 'outliers') AS outliers, pg_temp.lines(page, 'validity') AS indices
FROM pages WHERE name = 'iris';

-- measures and indices are those of the aggregates
SELECT position(cluster_ari(species, cluster_id(model, ROW(sepal_length, sepal_width, petal_length, petal_width)))::numeric(5, 4)::text
	IN (SELECT pg_temp.section(page, 'labels') FROM pages WHERE pages.name = 'iris')) > 0 AS ari,
	position((cluster_validity(model, ROW(sepal_length, sepal_width, petal_length, petal_width)) ->> 'silhouette')::numeric(5, 4)::text
	IN (SELECT pg_temp.section(page, 'validity') FROM pages WHERE pages.name = 'iris')) > 0 AS silhouette
FROM m, flowers WHERE name = 'fcm' GROUP BY model;

-- without label and key; crisp clusters have no histogram, but rows that are nearly as far from a second center
INSERT INTO pages SELECT 'crisp', cluster_report(model, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers')
FROM m WHERE name = 'kmeans';
SELECT pg_temp.wrong(page), pg_temp.words(substring(page, '<h1>(.*?)</h1>')) AS heading,
	(SELECT array_agg(i[1]) FROM regexp_matches(page, '<h2 id="(\w+)">', 'g') i) AS sections,
	pg_temp.section(page, 'memberships') ~ 'belongs to one cluster.*Second is farther by' AS crisp
FROM pages WHERE name = 'crisp';

-- the same rows in another order give the same page, but for the time
SELECT regexp_replace(cluster_report(model, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers ORDER BY petal_width DESC, id'),
	'<footer>.*', '') = regexp_replace(page, '<footer>.*', '') AS same
FROM m, pages WHERE m.name = 'kmeans' AND pages.name = 'crisp';

-- equal rows are listed once
SELECT pg_temp.lines(cluster_report(kmeans_fit(ARRAY[i % 3, i % 2], 2 ORDER BY i), 'SELECT ARRAY[i % 3, i % 2] FROM generate_series(1, 60) i'), 'outliers') AS lines
FROM generate_series(1, 60) i;

-- rows of every kind: vectors, weights, missing features, categories, one feature, one cluster, many features
SELECT k, pg_temp.wrong(cluster_report(kmeans_fit(v, k), 'SELECT v FROM (SELECT ARRAY[sin(i), cos(i), i % 7] AS v FROM generate_series(1, 50) i) q'))
FROM (SELECT ARRAY[sin(i), cos(i), i % 7] AS v FROM generate_series(1, 50) i) q, unnest(ARRAY[1, 5, 50]) k GROUP BY k ORDER BY k;
SELECT pg_temp.wrong(page), pg_temp.section(page, 'sizes') ~ 'returned 50 rows. 10 rows left out, because their weight is 0' AS weightless
FROM (SELECT cluster_report(kmeans_train('SELECT sin(i) AS a, cos(i) AS b, i % 5 AS w FROM generate_series(1, 50) i', 2, '{"weight": "w"}'),
	'SELECT i % 5 AS w, sin(i) AS a, cos(i) AS b FROM generate_series(1, 50) i', NULL, '{"weight": "w"}') AS page) q;

-- columns that have names in the query only, cells of text, and weights beside labels
SELECT pg_temp.wrong(page), substring(pg_temp.section(page, 'model'), 'Columns: [^.]*') AS columns,
	pg_temp.section(page, 'outliers') ~ 'Outlier score (petal_length petal_width|petal_width petal_length)' AS named,
	substring(pg_temp.section(page, 'labels'), 'Weight of .* 1 2') AS head, pg_temp.section(page, 'sizes') ~ 'Share by weight' AS share
FROM (SELECT cluster_report(kmeans_fit(ROW(petal_length, petal_width), 2 ORDER BY id),
	'SELECT petal_length, petal_width, species, 2 AS twice FROM flowers', 'species', '{"weight": "twice"}') AS page FROM flowers) p;
SELECT (SELECT array_agg(c[1]) FROM regexp_matches(page, '<th scope="col" class="n"><bdi>(a|b)<', 'g') c) AS numbers,
	(SELECT array_agg(c[1]) FROM regexp_matches(page, '<th scope="col"><bdi>(a|b)<', 'g') c) AS texts
FROM (SELECT cluster_report(kmeans_train('SELECT i AS a, (i > 20)::text AS b FROM generate_series(1, 40) i', 2),
	'SELECT i AS a, (i > 20)::text AS b FROM generate_series(1, 40) i') AS page) p;
SELECT pg_temp.wrong(page), pg_temp.section(page, 'sizes') ~ '7 rows left out, because features are missing' AS skipped
FROM (SELECT cluster_report(kmeans_train('SELECT nullif(i % 7, 0) AS a, i AS b FROM generate_series(1, 50) i', 2, '{"missing": "skip"}'),
	'SELECT nullif(i % 7, 0) AS a, i AS b FROM generate_series(1, 50) i') AS page) q;
SELECT pg_temp.wrong(cluster_report(fcm_train('SELECT nullif(i % 7, 0) AS a, i AS b FROM generate_series(1, 50) i', 2, '{"missing": "partial"}'),
	'SELECT nullif(i % 7, 0) AS a, i AS b FROM generate_series(1, 50) i'));
SELECT pg_temp.wrong(page), pg_temp.section(page, 'sizes') ~ 'town = (Rome|Oslo)' AS category
FROM (SELECT cluster_report(kmeans_train('SELECT i % 2 AS a, CASE WHEN i % 2 = 0 THEN ''Rome'' ELSE ''Oslo'' END AS town FROM generate_series(1, 50) i', 2),
	'SELECT i % 2 AS a, CASE WHEN i % 2 = 0 THEN ''Rome'' ELSE ''Oslo'' END AS town FROM generate_series(1, 50) i') AS page) q;
SELECT pg_temp.wrong(cluster_report(kmeans_train('SELECT i AS a FROM generate_series(1, 50) i', 2), 'SELECT i AS a FROM generate_series(1, 50) i'));
SELECT pg_temp.wrong(page), pg_temp.section(page, 'centers') ~ 'Shown are 24 of 300 columns' AS reduced
FROM (SELECT cluster_report(kmeans_train(q, 3, '{"distance": "cosine"}'), q) AS page
	FROM (SELECT 'SELECT (SELECT array_agg(sin(i * j) ORDER BY j) FROM generate_series(1, 300) j) FROM generate_series(1, 40) i' AS q) q) p;

-- every algorithm
SELECT a, pg_temp.wrong(cluster_report(model, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers', NULL, '{}'))
FROM (SELECT a, (cluster_select('SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers', 3, 3, a,
	CASE WHEN o THEN '{"pretrain_epochs": 2, "hidden": [5]}'::jsonb ELSE '{}' END)).model
	FROM (SELECT algorithm AS a, bool_or(option = 'pretrain_epochs') AS o FROM cluster_options() GROUP BY algorithm) q) q
WHERE cardinality(pg_temp.wrong(cluster_report(model, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers', NULL, '{}'))) > 0
ORDER BY a;

-- memberships that do not add up to 1 are explained, noise is a group of its own
SELECT pg_temp.section(page, 'memberships') ~ 'Memberships of pcm say how typical a row is' AS typicality,
	pg_temp.section(page, 'outliers') ~ 'The outlier score is 1 less the largest membership' AS score, pg_temp.section(page, 'map') ~ 'the paler' AS paler,
	pg_temp.section(page, 'training') ~ 'fuzzy c-means.*typicalities' AS phases
FROM (SELECT cluster_report(pcm_train(q, 3), q) AS page FROM (SELECT 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers ORDER BY id' AS q) q) p;
SELECT pg_temp.section(page, 'map') ~ 'Left out: 7 rows with a missing value' AS left_out, pg_temp.section(page, 'map') !~ 'paler' AS crisp
FROM (SELECT cluster_report(kmeans_train(q, 2, '{"missing": "partial"}'), q) AS page FROM (SELECT 'SELECT nullif(i % 7, 0) AS a, i AS b FROM generate_series(1, 50) i' AS q) q) p;
SELECT pg_temp.wrong(page), pg_temp.section(page, 'sizes') ~ 'noise [0-9]+ [0-9.]+ %.*far from all clusters' AS noise,
	pg_temp.section(page, 'outliers') ~ 'belong to no cluster: noise' AS outliers
FROM (SELECT cluster_report(fcm_train(q, 3, '{"noise": 0.1}'), q) AS page
	FROM (SELECT 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers ORDER BY id' AS q) q) p;

-- one column may be label and key
SELECT pg_temp.wrong(page), pg_temp.section(page, 'outliers') ~ 'virginica' AS keys, pg_temp.section(page, 'labels') ~ 'virginica' AS labels
FROM (SELECT cluster_report(model, 'SELECT sepal_length, sepal_width, petal_length, petal_width, species FROM flowers', 'species', '{"key": "species"}') AS page FROM m WHERE name = 'fcm') p;

-- names, labels and keys of whoever wants to be heard
CREATE TEMP TABLE hostile ("<script>alert(1)</script>" int, "]]>" int, "&amp;""'--><!--" text, "<img src=x onerror=alert(1)>" text);
INSERT INTO hostile SELECT i % 5, i, (ARRAY['<script>alert(1)</script>', ']]>', '"''&<>', chr(1) || chr(27) || E'\n\t', '</title><svg onload=alert(1)>',
	'javascript:alert(1)', U&'\202Eevil\2066', '%s%n$%1$d', 'http://example.com/'])[i % 9 + 1], repeat('<b>' || i, 1 + i % 40 * 100)
FROM generate_series(1, 90) i;
INSERT INTO pages SELECT 'hostile', cluster_report(kmeans_train('SELECT "<script>alert(1)</script>", "]]>" FROM hostile', 4), 'SELECT * FROM hostile', '&amp;"''--><!--',
	'{"key": "<img src=x onerror=alert(1)>", "title": "</title><script>alert(1)</script>%s%n\u202e"}');
SELECT array_remove(pg_temp.wrong(page), 'reference') AS wrong, page ~ '<(b>|b |img|svg onload)' AS raw, page ~ '%s%n' AS title,
	regexp_replace(page, 'xmlns=["'']http://www.w3.org/2000/svg["'']|http://example.com/<|javascript:alert\(1\)<', '', 'g') ~ '(https?|javascript):' AS reference
FROM pages WHERE name = 'hostile';
SELECT page ~ '&lt;script&gt;alert\(1\)&lt;/script&gt;' AS escaped, page ~ ']]&gt;' AS sections, page !~ '8238|8294' AND page ~ 'evil' AS no_direction FROM pages WHERE name = 'hostile';

-- as much as there can be: long names, many columns, clusters, labels and points
CREATE TEMP TABLE wide AS SELECT format('SELECT %s FROM generate_series(1, 3000) i', string_agg(format('sin(i * %s) AS "%s"', j, rpad(j::text, 63, '<')), ', ')) AS q
FROM generate_series(1, 200) j;
SELECT length(page) < 2 * 1024 * 1024 AS fits, pg_temp.wrong(page), page ~ 'too many different labels' AS labels
FROM (SELECT cluster_report(kmeans_train(q, 60, '{"max_iterations": 2}'),
	replace(q, ' FROM', ', repeat(U&''\00e9'', 300) || i AS label, repeat(''<'', 1000) || i AS key FROM'), 'label', '{"key": "key"}') AS page FROM wide) p;

-- more clusters than are listed, have rules, or have their centers drawn
SELECT pg_temp.wrong(page), page ~ 'Shown are the first 40 of 1100 clusters' AS listed
FROM (SELECT cluster_report(kmeans_train(q, 1100, '{"max_iterations": 1}'), q) AS page FROM (SELECT 'SELECT i::float8 AS a FROM generate_series(1, 2000) i' AS q) q) p;

-- points
SELECT (SELECT count(*) FROM regexp_matches(page, '<(circle|path|rect|use)', 'g')) > 1500 AS many,
	(SELECT count(*) FROM regexp_matches(few, '<(circle|path|rect|use)', 'g')) < 300 AS few
FROM (SELECT cluster_report(model, q) AS page, cluster_report(model, q, NULL, '{"points": 50}') AS few
	FROM (SELECT q, kmeans_train(q, 3) AS model FROM (SELECT 'SELECT sin(i) AS a, cos(i * i) AS b FROM generate_series(1, 5000) i' AS q) q) m) p;

-- a registry: versions, drift and lineage; the page of a version is kept if the recipe wants it, and goes with the version
SELECT cluster_create_registry('regress_reports');
CREATE TABLE regress_points (a float8, b float8, w float8 DEFAULT 1);
INSERT INTO regress_points SELECT i % 3 * 10 + sin(i), i % 2 * 10 + cos(i) FROM generate_series(1, 300) i;
SELECT cluster_define('points', 'SELECT a, b, w FROM regress_points', 'fcm', 6, '{"weight": "w"}', keep => 2, report => true, registry => 'regress_reports');
CALL cluster_retrain('points', 'regress_reports');
UPDATE regress_points SET a = a + 5 WHERE b > 5;
CALL cluster_retrain('points', 'regress_reports');
CALL cluster_retrain('points', 'regress_reports');
SELECT number, is_default, pg_temp.wrong(report), pg_temp.words(substring(report, '<h1>(.*?)</h1>')) AS heading, pg_temp.lines(report, 'versions') AS lines
FROM regress_reports.versions ORDER BY number;
SELECT pg_temp.section(report, 'versions') ~ 'Clusters of version 3 and those of version 2.*kept' AS lineage FROM regress_reports.versions WHERE number = 3;
SELECT page ~ format('at %s[-+0-9:]+ from', to_char(now(), 'YYYY-MM-DD HH24:MI:SS')) AS made_now
FROM (SELECT cluster_report('points', 'SELECT a, b FROM regress_points', registry => 'regress_reports') AS page) p;
SELECT id, status, error, version FROM regress_reports.runs ORDER BY id;
SELECT pg_temp.wrong(page), pg_temp.words(substring(page, '<h1>(.*?)</h1>')) AS heading
FROM (SELECT cluster_report('points', 'SELECT a, b FROM regress_points', version => 2, registry => 'regress_reports') AS page) p;

-- a report that fails is a warning, and a message of the run
SELECT cluster_define('fails', 'SELECT a, b + (SELECT 1 / (1 - count(*)) FROM regress_reports.versions WHERE name = ''fails'') AS b FROM regress_points', 'kmeans', 2,
	report => true, registry => 'regress_reports');
CALL cluster_retrain('fails', 'regress_reports');
SELECT status, error, version FROM regress_reports.runs WHERE name = 'fails';
SELECT is_default, report IS NULL AS no_report FROM regress_reports.versions WHERE name = 'fails';

-- who may read models, but not the facts about versions, gets no list of them
CREATE ROLE regress_reporter;
GRANT USAGE ON SCHEMA regress_reports TO regress_reporter;
GRANT SELECT (name, number, model, is_default) ON regress_reports.versions TO regress_reporter;
GRANT SELECT ON regress_points TO regress_reporter;
SET ROLE regress_reporter;
SELECT pg_temp.section(cluster_report('points', 'SELECT a, b FROM regress_points', registry => 'regress_reports'), 'versions') AS versions;
SELECT cluster_report('points', 'SELECT clusters AS a, keep AS b FROM regress_reports.recipes', registry => 'regress_reports') IS NULL;
RESET ROLE;

-- errors
SELECT cluster_report(NULL::bytea, 'SELECT 1') IS NULL;
SELECT cluster_report(model, NULL) IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, '') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT 1; SELECT 2') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'DELETE FROM flowers') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT sepal_length FROM flowers') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT * FROM flowers', 'species') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT sepal_length, sepal_width, petal_width, petal_length FROM flowers') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers WHERE false') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT sepal_length, sepal_width, petal_length, petal_width FROM flowers', 'kind') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT species FROM flowers', 'species') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT * FROM flowers', NULL, '{"key": "x"}') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT * FROM flowers', NULL, '{"colour": "red"}') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT * FROM flowers', NULL, '{"title": 1}') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT * FROM flowers', NULL, '{"points": 2001}') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT * FROM flowers', NULL, '{"points": 1.5}') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT * FROM flowers', NULL, '{"title": ["a"]}') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report(model, 'SELECT * FROM flowers', NULL, '[]') IS NULL FROM m WHERE name = 'fcm';
SELECT cluster_report('\x00'::bytea, 'SELECT 1') IS NULL;
SELECT cluster_report('none', 'SELECT 1', registry => 'regress_reports') IS NULL;
SELECT cluster_report('points', 'SELECT 1', registry => 'regress_nowhere') IS NULL;

DROP SCHEMA regress_reports CASCADE;
DROP TABLE regress_points;
DROP ROLE regress_reporter;
