-- samples of rows, with counts, ranges and exact sums, as values that can be merged
CREATE TABLE r (i int, x real[], y float8[]);
INSERT INTO r
SELECT i, ARRAY[sin(v)::real, (v % 97)::real, 0.5], ARRAY[sin(v)::real, v % 97, 0.5]
FROM (SELECT i, i * i % 1511 AS v FROM generate_series(1, 5000) i) s;
ALTER TABLE r SET (parallel_workers = 4);
ANALYZE r;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;

-- counts are exact: all rows of a table that are equal to a row of the sample
CREATE TABLE s AS SELECT cluster_sample(y, 200, 7) AS sample FROM r;
SELECT count(*), sum(n) BETWEEN 1000 AND 2000 AS some, bool_and(n = (SELECT count(*) FROM r WHERE y = features)) AS exact
FROM s, cluster_sample_rows(sample) AS t(features, n);

-- a sample with room for all rows has all of them
SELECT count(*), sum(count), (SELECT count(DISTINCT y) FROM r) FROM cluster_sample_rows((SELECT cluster_sample(y, 2000, 7) FROM r));

-- a smaller one has the first of them; another seed gives others
SELECT bool_and(a.features = b.features AND a.count = b.count) AS same, count(*)
FROM cluster_sample_rows((SELECT cluster_sample(y, 20, 7) FROM r)) WITH ORDINALITY AS a
	JOIN cluster_sample_rows((SELECT sample FROM s)) WITH ORDINALITY AS b USING (ordinality);
SELECT count(*) < 100 AS others
FROM cluster_sample_rows((SELECT cluster_sample(y, 200, 8) FROM r)) a JOIN cluster_sample_rows((SELECT sample FROM s)) b USING (features);

-- the same rows of any type and precision
SELECT count(*), bool_and(a.features = b.features AND a.count = b.count) AS same
FROM cluster_sample_rows((SELECT cluster_sample(x, 200, 7) FROM r)) WITH ORDINALITY AS a
	JOIN cluster_sample_rows((SELECT sample FROM s)) WITH ORDINALITY AS b USING (ordinality);
SELECT cluster_sample(y, 200, 7) = (SELECT sample FROM s) AS y, cluster_sample(ROW(y[1], y[2], y[3]), 200, 7) = (SELECT sample FROM s) AS row,
	cluster_sample(to_jsonb(y), 200, 7) = (SELECT sample FROM s) AS jsonb,
	cluster_sample_double(y, 200, 7) = (SELECT sample FROM s) AS double,
	cluster_sample_real(x, 200, 7) = cluster_sample(x, 200, 7) AS real, cluster_sample(x, 200, 7) = (SELECT sample FROM s) AS precision,
	cluster_sample(ARRAY[y[2], 0.5]::numeric[], 9, 7) = cluster_sample(ARRAY[y[2], 0.5], 9, 7) AS numeric,
	cluster_sample(ARRAY[y[2]], 9, 7) = cluster_sample(ARRAY[y[2]::int], 9, 7) AS int
FROM r;

-- the same bytes for any order, and zero has one sign
SELECT bool_and(a = b) FROM (
	SELECT cluster_sample(y, 200, 7) AS a FROM (SELECT y FROM r ORDER BY i * 7919 % 5003) o) p,
	(SELECT cluster_sample(y, 200, 7) AS b FROM (SELECT y FROM r ORDER BY y DESC) o) q;
SELECT cluster_sample(ARRAY[0.0, 1], 5, 1) = cluster_sample(ARRAY['-0'::float8, 1], 5, 1);

-- ... and for any number of workers
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT cluster_sample(y, 200, 7) FROM r;
SELECT cluster_sample(y, 200, 7) = (SELECT sample FROM s) AS same FROM r;
SET max_parallel_workers_per_gather = 4;
SELECT cluster_sample(y, 200, 7) = (SELECT sample FROM s) AS same FROM r;
SET parallel_leader_participation = off;
SELECT cluster_sample(y, 200, 7) = (SELECT sample FROM s) AS same, cluster_sample_real(x, 200, 7) = cluster_sample(x, 200, 7) AS real FROM r;
RESET parallel_leader_participation;
SELECT count(*), bool_and(a.sample = b.sample) AS same FROM
	(SELECT i % 3 AS g, cluster_sample(y, 50, 7) AS sample FROM r GROUP BY 1) a JOIN
	(SELECT i % 3 AS g, cluster_sample(y, 50, 7) AS sample FROM (SELECT * FROM r ORDER BY y, i LIMIT 5000) o GROUP BY 1) b USING (g);
SET max_parallel_workers_per_gather = 0;

-- groups, whether hashed or sorted; windows
SET enable_hashagg = off;
CREATE TABLE g AS SELECT i % 500 AS g, cluster_sample(y, 5, 1) AS sample FROM r GROUP BY 1;
RESET enable_hashagg;
SELECT count(*), bool_and(g.sample = h.sample) AS same
FROM g JOIN (SELECT i % 500 AS g, cluster_sample(y, 5, 1) AS sample FROM r GROUP BY 1) h USING (g);
SELECT count(*), bool_and(w = (SELECT cluster_sample(y, 3, 1) FROM r WHERE i <= t.i)) AS same
FROM (SELECT i, cluster_sample(y, 3, 1) OVER (ORDER BY i) AS w FROM r WHERE i <= 300) t WHERE i % 10 = 0;

-- with a key rows are told apart by it; of those with the same key one is in the sample
SELECT count(*), sum(count) FROM cluster_sample_rows((SELECT cluster_sample(y, 200, 7, i % 150) FROM r));
SELECT count(*), sum(count), bool_and(count = 50) AS each
FROM cluster_sample_rows((SELECT cluster_sample(y, 20, 7, 'key ' || i % 100) FROM r));
SELECT cluster_sample(y, 20, 7, (i % 100)::int) = cluster_sample(y, 20, 7, (i % 100)::bigint) AS types,
	cluster_sample(y, 20, 7, NULL, 'error') = cluster_sample(y, 20, 7) AS none FROM r;

-- rows without features are left out, and so are those with a feature missing, if wanted
SELECT cluster_sample(v, 5, 1) IS NULL AS no_rows FROM (SELECT NULL::real[] LIMIT 0) t(v);
SELECT length(cluster_sample(v, 5, 1)) AS empty FROM (VALUES (NULL::real[]), (NULL)) t(v);
SELECT length(cluster_sample(v, 5, 1, NULL, 'skip')) AS empty FROM (VALUES ('{1, NaN}'::real[]), (NULL)) t(v);
SELECT * FROM cluster_sample_rows((SELECT cluster_sample(v, 5, 1, NULL, 'skip')
	FROM (VALUES (ARRAY[1, 2]::real[]), (NULL), ('{1, NULL}'), ('{1, NaN}'), ('{Infinity, 1}'), ('{1, 2}')) t(v)));
SELECT * FROM cluster_sample_rows((SELECT cluster_sample_real(v, 5, 1, 'skip') FROM (VALUES (ARRAY[NULL, 2]::real[]), (ARRAY[3, 4])) t(v)));
SELECT * FROM cluster_sample_rows((SELECT cluster_sample_double(v, 5, 1, 'skip') FROM (VALUES (ARRAY[NULL, 2]::float8[]), (ARRAY[3, 4])) t(v)));
SELECT count(*) FROM cluster_sample_rows((SELECT cluster_sample(v, 5, 1) FROM (VALUES (NULL::real[])) t(v)));

-- numbers at the limits
SELECT features[1] = 1e140, features[2] = 5e-324, count FROM cluster_sample_rows((SELECT cluster_sample(ARRAY[1e140, 5e-324], 5, 1) FROM generate_series(1, 300)));

-- errors
SELECT cluster_sample(ARRAY[1, 'NaN']::real[], 5, 1);
SELECT cluster_sample(ARRAY[1, NULL]::real[], 5, 1, NULL, 'error');
SELECT cluster_sample(v, 5, 1) FROM (VALUES (ARRAY[1.0]), (ARRAY[1.0, 2])) t(v);
SELECT cluster_sample(ARRAY[1], 0, 1);
SELECT cluster_sample(ARRAY[1], 100000000, 1);
SELECT cluster_sample(ARRAY[1], NULL, 1);
SELECT cluster_sample(ARRAY[1], 5, NULL);
SELECT cluster_sample(ARRAY[1], n, 1) FROM generate_series(1, 2) n;
SELECT cluster_sample(ARRAY[1], 5, n) FROM generate_series(1, 2) n;
SELECT cluster_sample(ARRAY[1], 5, 1, NULL, 'maybe');
SELECT cluster_sample(ARRAY[1], 5, 1, NULL, NULL);
SELECT cluster_sample(ARRAY[1], 5, 1, NULLIF(n, 2)) FROM generate_series(1, 2) n;
SELECT cluster_sample(ARRAY[1], 5, 1, point(1, 2));
SELECT cluster_sample(1, 5, 1);
SET maintenance_work_mem = '1MB';
SELECT length(cluster_sample(ARRAY[n, n], 100000, 1)) FROM generate_series(1, 100000) n;
RESET maintenance_work_mem;
SELECT * FROM cluster_sample_rows('abc');
SELECT * FROM cluster_sample_rows(substr((SELECT sample FROM s), 1, 1000));
SELECT * FROM cluster_sample_rows(set_byte((SELECT sample FROM s), 4, 3));
SELECT count(*) FROM s, cluster_sample_rows(set_byte(sample, length(sample) - 3, 7));

-- states that somebody made are refused
CREATE AGGREGATE forged(x real[], n int, seed bigint) (
	SFUNC = cluster_sample_real_accum, STYPE = bytea, FINALFUNC = cluster_sample_final, INITCOND = '\x00'
);
CREATE AGGREGATE raw(x real[], n int, seed bigint) (SFUNC = cluster_sample_real_accum, STYPE = bytea);
CREATE AGGREGATE combined(bytea) (SFUNC = cluster_sample_combine, STYPE = bytea, FINALFUNC = cluster_sample_final);
SELECT forged(x, 5, 1) FROM r;
SELECT combined(v) FROM (VALUES ('\x01'::bytea), ('\x02')) t(v);
SELECT combined(v) FROM (SELECT decode(repeat('00', 500), 'hex')) t(v);
SELECT combined(sample ORDER BY i) = cluster_sample_real(ARRAY[1, 2], 5, 1) AS whole
FROM (SELECT i, raw(ARRAY[1, 2], 5, 1) AS sample FROM generate_series(1, 1) i GROUP BY i) t;
SELECT combined(sample) = (SELECT cluster_sample_real(x, 5, 1) FROM r) AS whole
FROM (SELECT i % 7, raw(x, 5, 1) AS sample FROM r GROUP BY 1) t;
SELECT combined(v) FROM (SELECT substr(raw(x, 5, 1), 2) FROM r) t(v);
SELECT combined(v) FROM (SELECT cluster_sample(x, 5, 1) FROM r UNION ALL SELECT cluster_sample(x, 5, 2) FROM r) t(v);
SELECT combined(v) FROM (SELECT cluster_sample(x, 5, 1) FROM r UNION ALL SELECT cluster_sample(x, 6, 1) FROM r) t(v);
SELECT combined(v) FROM (SELECT cluster_sample(x, 5, 1) FROM r UNION ALL SELECT cluster_sample(ARRAY[1], 5, 1)) t(v);
SELECT combined(v) FROM (SELECT cluster_sample(x, 5, 1) FROM r UNION ALL SELECT cluster_sample(x, 5, 1, i) FROM r) t(v);
SELECT cluster_sample_final('\x00');
DROP AGGREGATE forged(real[], int, bigint), raw(real[], int, bigint), combined(bytea);
DROP TABLE r, s, g;
