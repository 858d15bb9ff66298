-- Measures of many rows: parallel workers, grouped counts and any order of rows give the same value, to the last bit

CREATE TYPE mark AS ENUM ('a', 'b', 'c', 'd', 'e');
CREATE TYPE pair AS (a int, b text);
CREATE TABLE many AS
SELECT i, 'label ' || (i % 97 * i % 97 * 7) % 97 AS label, (3 * i + i % 7 * (i % 11)) % 83 AS cluster,
	('{a,b,c,d,e}'::mark[])[1 + i % 5] AS mark, ((i * i) % 19, 'x')::pair AS pair,
	(i % 29)::numeric(9, 2) AS number, ARRAY[i % 13] AS list, CASE WHEN i % 10 > 0 THEN repeat(chr(65 + i % 26), 300) END AS long
FROM generate_series(1, 12000) i;
ANALYZE many;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;

-- 0 and 3 workers: what the plan is like, and the value
CREATE FUNCTION measure(query text, workers int, OUT partial bool, OUT value text) LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	PERFORM set_config('max_parallel_workers_per_gather', workers::text, true);
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	partial := plan::text LIKE '%"Partial Mode": "Partial"%';
	EXECUTE query INTO value;
END
$$;

CREATE FUNCTION compare(query text, OUT serial bool, OUT partial bool, OUT same bool, OUT known bool) LANGUAGE sql AS $$
	SELECT bool_or(m.partial) FILTER (WHERE w = 0), bool_and(m.partial) FILTER (WHERE w > 0), count(DISTINCT m.value) = 1,
		count(*) = count(m.value)
	FROM unnest('{0,3}'::int[]) w, LATERAL measure(query, w) m
$$;

SELECT a.arguments, c.*
FROM unnest('{"label, cluster","cluster, label","mark, pair","number, list","long, cluster","label, ''x''"}'::text[])
	WITH ORDINALITY a(arguments, number),
	LATERAL compare(format('SELECT ARRAY[cluster_accuracy(%1$s), cluster_nmi(%1$s), cluster_ari(%1$s)] FROM many', a.arguments)) c
ORDER BY a.number;
SELECT * FROM compare('SELECT string_agg(nmi::text, '' '' ORDER BY g) FROM
	(SELECT mark AS g, cluster_nmi(label, cluster) AS nmi FROM many GROUP BY 1) g');
SELECT * FROM compare('SELECT cluster_ari(label, cluster) FILTER (WHERE i % 3 = 0) FROM many');
SELECT partial, value FROM measure('SELECT cluster_nmi(label, cluster) FROM many WHERE i + 0 < 0', 3);

-- any order, other names of clusters
SELECT count(DISTINCT (accuracy, nmi, ari)) AS values
FROM unnest('{i,-i,md5(i::text),label DESC,"cluster, label"}'::text[]) o,
	LATERAL (SELECT v[1] AS accuracy, v[2] AS nmi, v[3] AS ari FROM measure(format(
		'SELECT ARRAY[cluster_accuracy(label, cluster), cluster_nmi(label, cluster), cluster_ari(label, cluster)]
		FROM (SELECT * FROM many ORDER BY %s) m', o), 0) m, LATERAL (SELECT m.value::float8[]) t(v)) s;
SELECT cluster_nmi(md5(label), -cluster) = cluster_nmi(label, cluster) AS nmi, cluster_ari(cluster * 7, label) = cluster_ari(cluster, label) AS ari
FROM many;

-- counts of rows
CREATE TABLE counts AS SELECT label, cluster, count(*) AS n FROM many GROUP BY 1, 2;
SELECT cluster_accuracy(label, cluster, n) = (SELECT cluster_accuracy(label, cluster) FROM many) AS accuracy,
	cluster_nmi(label, cluster, n) = (SELECT cluster_nmi(label, cluster) FROM many) AS nmi,
	cluster_ari(label, cluster, n) = (SELECT cluster_ari(label, cluster) FROM many) AS ari
FROM counts;
ANALYZE counts;
SELECT * FROM compare('SELECT cluster_ari(label, cluster, n) FROM counts');
SELECT cluster_nmi(label, cluster, n) = (SELECT cluster_nmi(label, cluster, n) FROM counts) AS "several of a pair"
FROM (SELECT label, cluster, n - n / 2 AS n FROM counts UNION ALL SELECT label, cluster, n / 2 FROM counts) c;

-- no rows: a count of 0 or null, no label or no cluster
SELECT cluster_accuracy(1, 1, 0) AS zero, cluster_nmi(1, 1, NULL) AS "null", cluster_ari(NULL, 1, 5) AS "no label";
SELECT cluster_accuracy(l, c, n) AS accuracy FROM (VALUES (1, 1, 3), (2, 1, 1), (3, 2, 0), (4, 3, NULL), (NULL, 4, 9), (5, NULL, 9)) v(l, c, n);

-- counts that are exact: one row more or less matters
SELECT n, cluster_accuracy(l, c, m) < 1 AS accuracy
FROM (VALUES (9007199254740991)) v(n), LATERAL (VALUES (1, 1, n - 1), (2, 1, 1)) p(l, c, m) GROUP BY n;

-- validity: every algorithm, other rows than those of the training
CREATE TABLE models AS
SELECT kmeans_fit(ARRAY[i % 31, (i * 7) % 53, (i % 31 + i % 3) / 3.0], 4) AS kmeans, fcm_fit(ARRAY[i % 31, (i * 7) % 53, i % 3]::real[], 3) AS fcm,
	gk_fit(ARRAY[i % 31, (i * 7) % 53, (i * i) % 17], 3) AS gk, mec_fit(ARRAY[i % 31, (i * 7) % 53, (i % 31 + i % 3) / 3.0], 3) AS mec
FROM generate_series(1, 500) i;
SELECT model, c.*
FROM unnest('{kmeans,fcm,gk,mec}'::text[]) model,
	LATERAL compare(format('SELECT cluster_validity((SELECT %s FROM models), ARRAY[i %% 37 * 1.1, cluster, 1 / i::float8]) FROM many', model)) c;
SELECT * FROM compare('SELECT string_agg(v::text, '''' ORDER BY g)
	FROM (SELECT mark AS g, cluster_validity((SELECT fcm FROM models), ARRAY[i, cluster, 1]) AS v FROM many GROUP BY 1) g');
SELECT count(DISTINCT value) AS values
FROM unnest('{i,-i,md5(i::text),"cluster, label"}'::text[]) o,
	LATERAL measure(format('SELECT cluster_validity(mec, ARRAY[i * 1e-3, cluster, 1 / i::float8]) FROM (SELECT * FROM many ORDER BY %s) m, models', o), 0) m;
-- a row far away, in any order
SELECT count(DISTINCT value) AS values, (min(value)::jsonb -> 'xie_beni')::float8 > 1e9 AS large
FROM unnest('{i,-i}'::text[]) o, LATERAL measure(format(
	'SELECT cluster_validity(fcm, ARRAY[i, cluster, 1 + (i = 77)::int * 1e12]) FROM (SELECT * FROM many ORDER BY %s) m, models', o), 0) m;

-- fuzzy agreement, and silhouettes of a sample
SELECT * FROM compare('SELECT cluster_agreement(ARRAY[sin(i) ^ 2, 1.0 / (1 + i % 7)], ARRAY[cos(i) ^ 2, i % 3 / 9.0, 1 / i::float8]) FROM many');
SELECT * FROM compare('SELECT cluster_agreement(ARRAY[sin(i) ^ 2, 0.1], ARRAY[cos(i) ^ 2], exp(cluster / 9.0)) FILTER (WHERE i % 3 = 0) FROM many');
SELECT * FROM compare('SELECT string_agg(v::text, '''' ORDER BY g)
	FROM (SELECT mark AS g, cluster_agreement(ARRAY[sin(i) ^ 2, 0.1], ARRAY[cos(i) ^ 2]) AS v FROM many GROUP BY 1) g');
SELECT model, c.*
FROM unnest('{kmeans,fcm,gk,mec}'::text[]) model,
	LATERAL compare(format('SELECT cluster_silhouette((SELECT %s FROM models), ARRAY[i %% 37 * 1.1, cluster, 1 / i::float8]) FROM many', model)) c;
SELECT * FROM compare('SELECT cluster_silhouette((SELECT fcm FROM models), ARRAY[i % 37, cluster, 1], 1 + i % 2) FROM many');
SELECT * FROM compare('SELECT string_agg(v::text, '''' ORDER BY g)
	FROM (SELECT mark AS g, cluster_silhouette((SELECT fcm FROM models), ARRAY[i % 7, cluster, 1]) AS v FROM many GROUP BY 1) g');
SELECT count(DISTINCT agreement.value) AS agreement, count(DISTINCT silhouette.value) AS silhouette
FROM unnest('{i,-i,md5(i::text),"cluster, label"}'::text[]) o,
	LATERAL measure(format('SELECT cluster_agreement(ARRAY[sin(i) ^ 2, 0.1], ARRAY[cos(i) ^ 2], exp(cluster / 9.0)) FROM (SELECT * FROM many ORDER BY %s) m', o), 0) agreement,
	LATERAL measure(format('SELECT cluster_silhouette(mec, ARRAY[i * 1e-3, cluster, 1 / i::float8]) FROM (SELECT * FROM many ORDER BY %s) m, models', o), 0) silhouette;

-- the sums of validity indices as values: the same bytes, and from them the same indices
SELECT model, c.*,
	(SELECT cluster_validity_of(m, s) FROM (SELECT cluster_validity_step(m, ARRAY[i, cluster, 1]) AS s FROM many GROUP BY mark) p)
		= (SELECT cluster_validity(m, ARRAY[i, cluster, 1]) FROM many) AS "indices of parts",
	(SELECT cluster_merge(s) FROM (SELECT cluster_validity_step(m, ARRAY[i, cluster, 1]) AS s FROM many GROUP BY mark) p)
		= (SELECT cluster_validity_step(m, ARRAY[i, cluster, 1]) FROM many) AS merged
FROM models, LATERAL (VALUES ('kmeans', kmeans), ('gk', gk)) v(model, m),
	LATERAL compare(format('SELECT cluster_validity_step((SELECT %s FROM models), ARRAY[i, cluster, 1 / i::float8]) FROM many', model)) c;
SELECT cluster_validity_step(fcm, NULL::real[]) IS NULL AS "no rows", cluster_validity_of(fcm, NULL) IS NULL AS "null" FROM models GROUP BY fcm;
SELECT cluster_validity_of(fcm, (SELECT cluster_validity_step(kmeans, ARRAY[1, 2, 3]) FROM models)) FROM models;
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_validity_of(fcm, fcm) FROM models;
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_merge(s) FROM (SELECT cluster_validity_step(m, ARRAY[1, 2, 3]) AS s FROM models, LATERAL (VALUES (kmeans), (gk)) v(m) GROUP BY m) p;
SELECT cluster_validity_of(fcm, (SELECT substr(cluster_validity_step(fcm, ARRAY[1, 2, 3]), 1, 100) FROM models)) FROM models;

-- plots of all rows and of a sample: a picture depends on the rows alone
SELECT a.arguments, c.*
FROM unnest(ARRAY['i, -i, cluster % 3', 'i % 50, i % 7, label, 1 / i::float8', '0.0 * (0.5 - i % 2), 0, mark',
	'date ''2000-01-01'' + i, timestamptz ''2000-01-01'' + make_interval(hours => i), long',
	'sin(i) * 1e6 + 1e12, i % 100, cluster % 5, 1 / i::float8, ''{"centers": true, "ellipses": true, "clip": 0.1, "hover": true, "names": {"1": "one"}}''',
	'i % 50 - 1, i % 70, label, ''{"ellipses": 1.5, "x_axis": "log", "y_axis": "log", "title": "t"}''',
	'i % 9, i % 8, 1, ''t'', ''x'', ''y''',
	'i % 9, i % 8, 1, ''t'' || i % 10, NULLIF(mark::text, ''a''), NULLIF(mark::text, ''c'')'])
	WITH ORDINALITY a(arguments, number),
	LATERAL compare(format('SELECT cluster_plot(%s) FROM many', a.arguments)) c
ORDER BY a.number;
SELECT * FROM compare('SELECT string_agg(svg, '''' ORDER BY g) FROM (SELECT mark AS g, cluster_plot(i % 100, i % 30, cluster) AS svg FROM many GROUP BY 1) g');
SELECT count(DISTINCT value) AS pictures
FROM unnest('{i,-i,md5(i::text)}'::text[]) o,
	LATERAL measure(format('SELECT cluster_plot(i, cluster, label, 1) FROM (SELECT * FROM many ORDER BY %s) m', o), 0) m;
SELECT count(DISTINCT svg) AS pictures, bool_and(svg LIKE '%10&#44;000 of 12&#44;000 rows drawn%') AS sampled
FROM unnest('{0,3}'::int[]) w, LATERAL measure('SELECT cluster_plot(i, cluster, label) FROM many', w) m(partial, svg);

-- equal rows are drawn once and counted: more of them than a sample has, and a few others
CREATE TABLE equal AS SELECT CASE WHEN i % 1000 = 0 THEN i ELSE 7 END AS x FROM generate_series(1, 60000) i;
ANALYZE equal;
SELECT * FROM compare('SELECT cluster_plot(x, x, 1) FROM equal');
SELECT array_length(string_to_array(svg, '<circle'), 1) - 1 AS "circles, one of them in the legend", svg ~ 'rows drawn' AS caption
FROM (SELECT cluster_plot(x, x, 1) AS svg FROM equal) q;
SELECT substring(cluster_plot(x, y, 1) FROM '[0-9&#;]* of [0-9&#;]* rows drawn') AS "thirds of three equal rows"
FROM generate_series(1, 20000) x, LATERAL (SELECT x % 2 FROM generate_series(1, 3)) y(y);

-- errors
SELECT cluster_accuracy(1, 1, -1);
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_ari(1, i, 9007199254740992 * 4) FROM generate_series(1, 2) i;
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_nmi(1, 1, 'NaN');

DROP FUNCTION compare, measure;
DROP TABLE many, counts, equal, models;
DROP TYPE mark, pair;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
