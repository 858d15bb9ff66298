-- Which algorithm, with which options and how many clusters: cluster_advise

\set SHOW_CONTEXT never
CREATE FUNCTION pg_temp.uniform(i int, j int) RETURNS float8 IMMUTABLE LANGUAGE sql AS
	$$ SELECT (hashint4(i * 16 + j) & 1048575) / 1048576.0 $$;	-- random, but the same every time
CREATE TEMP TABLE squares AS		-- four groups, well apart
	SELECT i, i % 2 * 12 + 3 * pg_temp.uniform(i, 1) AS a, i / 2 % 2 * 12 + 3 * pg_temp.uniform(i, 2) AS b, i % 4 AS label
	FROM generate_series(1, 160) i;
CREATE TEMP TABLE ring AS			-- one group around another
	SELECT i, r * sin(phi) AS a, r * cos(phi) AS b, i % 2 AS label FROM (SELECT i,
		CASE i % 2 WHEN 0 THEN pg_temp.uniform(i, 1) ELSE 5 + pg_temp.uniform(i, 1) / 5 END AS r,
		2 * pi() * pg_temp.uniform(i, 2) AS phi FROM generate_series(1, 240) i) AS polar;
CREATE TEMP TABLE rectangle AS		-- none
	SELECT i, 10 * pg_temp.uniform(i, 1) AS a, pg_temp.uniform(i, 2) AS b FROM generate_series(1, 160) i;
CREATE FUNCTION pg_temp.run(statement text) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE model bytea;
BEGIN
	EXECUTE statement INTO model;
	RETURN model;
END $$;

-- the number of clusters is found, and the statements run as they are
CREATE TEMP TABLE advice AS SELECT * FROM cluster_advise('SELECT a, b FROM squares ORDER BY i', 2, 5);
SELECT rank, algorithm, clusters, options, stability > 0.9 AS stable, separation > 0.9 AS separated, seconds > 0 AS seconds,
	reason <> '' AS reason FROM advice ORDER BY rank;
SELECT statement FROM advice WHERE rank = 1;
SELECT rank, cluster_ari(label, cluster_id(model, ROW(a, b)))::numeric(3, 2) AS ari
FROM (SELECT rank, pg_temp.run(statement) AS model FROM advice) AS m, squares GROUP BY rank ORDER BY rank;

-- by connected clusters, where those of k-means are not
SELECT algorithm, clusters FROM cluster_advise('SELECT a, b FROM ring ORDER BY i', 2, 3) WHERE rank = 1;

-- no clusters: the first row says so and has no statement, those after it have
SELECT rank, statement IS NULL AS no_statement, num_nulls(statement, algorithm, clusters, options, stability, separation, seconds) AS nulls,
	left(reason, 18) AS reason FROM cluster_advise('SELECT a, b FROM rectangle ORDER BY i', 2, 3) WHERE rank <= 2 ORDER BY rank;

-- one scan of the query; the same advice each time, and for the same seed
CREATE TEMP SEQUENCE scanned;
CREATE TEMP TABLE again AS SELECT * FROM cluster_advise('SELECT a, b FROM squares WHERE nextval(''scanned'') > 0 ORDER BY i', 4, 4, seed => 7);
SELECT last_value FROM scanned;
SELECT count(*) AS differ FROM (SELECT rank, algorithm, options, stability, separation, reason FROM again EXCEPT
	SELECT rank, algorithm, options, stability, separation, reason FROM cluster_advise('SELECT a, b FROM squares ORDER BY i', 4, 4, seed => 7)) AS d;
SELECT DISTINCT options FROM again;

-- columns: units, tails, what is constant, what says the same
CREATE TEMP TABLE people AS
	SELECT i, 30 * a + 200 AS height_mm, b AS shoe, 2 * b + pg_temp.uniform(i, 5) / 100 AS size, exp(4 * pg_temp.uniform(i, 3)) AS "In come", 1 AS planet FROM squares;
SELECT statement, options, substring(reason FROM '% its own rows.#"%#"' FOR '#') AS columns
FROM cluster_advise('SELECT height_mm, shoe, size, "In come", planet FROM people', 2, 2) WHERE rank = 1;

-- what is missing, categories, weights, arrays, and rows of length 1
SELECT statement, algorithm FROM cluster_advise('SELECT nullif(a, 0), CASE WHEN i <> 3 THEN b END AS b FROM squares', 4, 4) WHERE rank = 1;
SELECT algorithm, options FROM cluster_advise('SELECT a, label::text AS kind FROM squares', 4, 4) ORDER BY algorithm;
SELECT algorithm, options, length(pg_temp.run(statement)) > 0 AS runs FROM cluster_advise('SELECT a, b, 1 + i % 2 AS w FROM squares', 4, 4, 'w') ORDER BY algorithm;
SELECT algorithm, options, length(pg_temp.run(statement)) > 0 AS runs
FROM cluster_advise('SELECT (SELECT array_agg(v / l)::real[] FROM unnest(x) v, (SELECT sqrt(sum(w * w)) FROM unnest(x) w) AS s (l)) FROM
	(SELECT ARRAY[a, b, 1, 2, 3, 4, a, b, a, b, a, 6] AS x FROM squares) AS t', 4, 4) WHERE algorithm IN ('kmeans', 'spectral') ORDER BY algorithm;

-- names are quoted
CREATE TEMP TABLE "it's" AS SELECT a AS "x""y", b AS "select" FROM squares;
SELECT length(pg_temp.run(statement)) > 0 AS runs, statement FROM cluster_advise($$SELECT * FROM "it's" -- all$$, 4, 4) WHERE rank = 1;

-- little to advise on
SELECT rank, statement, reason FROM cluster_advise('SELECT 1 AS a, 2 AS b');
SELECT rank, statement, left(reason, 26) AS reason FROM cluster_advise('SELECT 1 AS a, 2 AS b FROM generate_series(1, 50)', 2, 4);
SELECT rank, clusters, algorithm FROM cluster_advise('SELECT i % 2 AS a FROM generate_series(1, 50) i', 2, 4) WHERE rank = 2;
SELECT rank, statement, reason FROM cluster_advise('SELECT 1 AS a, 2 AS b UNION ALL SELECT 3, 3');	-- which does not say that columns are correlated

-- what no algorithm can be trained on is an error, as of a training
SELECT * FROM cluster_advise('SELECT a, NULL::float8 AS nothing FROM squares', 2, 3);
SELECT * FROM cluster_advise('SELECT a * 1e-200, b * 1e-200 FROM squares', 2, 3);
SELECT * FROM cluster_advise('SELECT a * 1e200 AS large FROM squares WHERE i % 4 = 3', 2, 3);

-- with the rights of the caller
CREATE ROLE regress_advise;
SET ROLE regress_advise;
SELECT * FROM cluster_advise('SELECT a, b FROM squares', 2, 2);
RESET ROLE;
DROP ROLE regress_advise;

-- errors
SELECT * FROM cluster_advise(NULL);
SELECT * FROM cluster_advise('SELECT a, b FROM squares', 1, 2);
SELECT * FROM cluster_advise('SELECT a, b FROM squares', 3, 2);
SELECT * FROM cluster_advise('SELECT a, b FROM squares', 2, 101);
SELECT * FROM cluster_advise('SELECT a, b FROM squares', 2, 3, 'w');
SELECT * FROM cluster_advise('SELECT a, b FROM squares', seed => -1);
SELECT * FROM cluster_advise('SELECT a, b FROM squares WHERE false');
SELECT * FROM cluster_advise('DELETE FROM squares RETURNING a');
SELECT * FROM cluster_advise('SELECT now()');
