-- scikit-learn's values: rows of labels a and clusters b
CREATE TEMP TABLE golden AS
SELECT * FROM (VALUES
	('permuted', '{0,0,1,1,2,2}'::int[], '{2,2,0,0,1,1}'::int[], 1.0::float8, 1.0::float8, 1.0::float8),
	('one cluster', '{0,0,1,1}', '{0,0,0,0}', 0.5, 0, 0),
	('both one cluster', '{0,0,0,0}', '{0,0,0,0}', 1, 1, 1),
	('more clusters than labels', '{0,0,0,1,1,1}', '{0,0,1,2,2,3}', 0.666666666667, 0.722008330017, 0.375),
	('independent', '{0,0,1,1}', '{0,1,0,1}', 0.5, 0, -0.5)) v(name, a, b, accuracy, nmi, ari);
SELECT name,
	abs(cluster_accuracy(label, cluster) - min(accuracy)) < 1e-12 AS accuracy,
	abs(cluster_nmi(label, cluster) - min(nmi)) < 1e-12 AS nmi,
	abs(cluster_ari(label, cluster) - min(ari)) < 1e-12 AS ari
FROM golden, unnest(a, b) r(label, cluster)
GROUP BY name ORDER BY name;

-- labels and clusters exchanged
SELECT name,
	abs(cluster_accuracy(cluster, label) - min(accuracy)) < 1e-12 AS accuracy,
	abs(cluster_nmi(cluster, label) - min(nmi)) < 1e-12 AS nmi,
	abs(cluster_ari(cluster, label) - min(ari)) < 1e-12 AS ari
FROM golden, unnest(a, b) r(label, cluster)
GROUP BY name ORDER BY name;

-- iris, species against the clusters of fuzzy c-means: text against int
CREATE TEMP TABLE iris AS
SELECT species, cluster
FROM (VALUES ('setosa', 2, 50), ('versicolor', 3, 47), ('versicolor', 1, 3),
	('virginica', 3, 13), ('virginica', 1, 37)) v(species, cluster, n), generate_series(1, n);
SELECT round(150 * (1 - cluster_accuracy(species, cluster))) AS misclassified,
	abs(cluster_accuracy(species, cluster) - 0.893333333333) < 1e-12 AS accuracy,
	abs(cluster_nmi(species, cluster) - 0.749637261585) < 1e-12 AS nmi,
	abs(cluster_ari(species, cluster) - 0.729420348602) < 1e-12 AS ari
FROM iris;

-- rows with a null on either side do not count
SELECT cluster_accuracy(label, cluster), cluster_nmi(label, cluster), cluster_ari(label, cluster)
FROM (VALUES (NULL, 1), ('a', 1), ('b', NULL), ('b', 2), ('a', 1), (NULL, NULL)) v(label, cluster);

-- no rows, nothing but nulls
SELECT cluster_accuracy(species, cluster) IS NULL, cluster_nmi(species, cluster) IS NULL, cluster_ari(species, cluster) IS NULL
FROM iris WHERE false;
SELECT cluster_accuracy(species, NULL::int) IS NULL, cluster_nmi(NULL, cluster) IS NULL, cluster_ari(NULL, NULL) IS NULL
FROM iris;

-- one row
SELECT cluster_accuracy('a'::text, 1), cluster_nmi('a'::text, 1), cluster_ari('a'::text, 1);

-- every type that can be hashed, by its own equality
CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE duo AS (a int, b text);
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
SELECT cluster_ari(k, k::bigint) AS int8, cluster_ari(k, k::smallint) AS int2, cluster_ari(k, k::float8) AS float8,
	cluster_ari(k, k::text) AS text, cluster_ari(k, k::text::char(9)) AS bpchar, cluster_ari(k, k::text::name) AS name,
	cluster_ari(k, (enum_range(NULL::mood))[k]) AS enum, cluster_ari(k, date '2000-01-01' + k) AS date,
	cluster_ari(k, k::text::bytea) AS bytea, cluster_ari(k, ARRAY[1, k]) AS int_array, cluster_ari(k, ARRAY[k::text]) AS text_array,
	cluster_ari(k, ('(1,' || k || ')')::duo) AS composite, cluster_ari(k, k::positive) AS domain, cluster_ari(k, to_jsonb(k)) AS jsonb,
	cluster_ari(k, int4range(k, k + 1)) AS range, cluster_ari(k, make_interval(hours => k)) AS interval
FROM (SELECT i % 3 + 1 AS k FROM generate_series(1, 30) i) t;
SELECT cluster_accuracy(i % 2 = 0, CASE i % 2 WHEN 0 THEN 'ok'::mood ELSE 'sad' END) AS bool_enum,
	cluster_nmi(i % 2 = 0, i % 4) > 0.7 AS bool_int
FROM generate_series(1, 40) i;
SELECT cluster_nmi(a, b) AS scale, cluster_nmi(c, d) AS zero_and_nan
FROM (VALUES (1.0, 1, 0::float8, 1), (1.00, 1, -0::float8, 1), (2, 2, 'NaN', 2), (2.000, 2, 'NaN', 2)) v(a, b, c, d);

-- an untyped literal is one text
SELECT cluster_accuracy(i % 2, 'x'), cluster_nmi('x', i % 2), cluster_ari('x', 'y') FROM generate_series(1, 4) i;

-- long values, compressed and out of line
CREATE TEMP TABLE long AS
SELECT i % 4 AS k, repeat(chr(65 + i % 4), 20000) AS compressed,
	(SELECT string_agg(md5((i % 4 + j)::text), '') FROM generate_series(1, 400) j) AS plain
FROM generate_series(1, 40) i;
SELECT cluster_ari(k, compressed), cluster_ari(plain, k), cluster_accuracy(plain, compressed) FROM long;

-- groups, filters, distinct rows
SELECT i % 3 AS g, cluster_accuracy(i % 4, (i + (i % 8 = g)::int) % 4) < 1 AS wrong,
	cluster_ari(i % 4, (i * 3) % 4) FILTER (WHERE i % 2 = 0) AS filtered,
	cluster_accuracy(DISTINCT i % 4, (i % 4) / 2) AS distinct_rows,
	cluster_nmi(i, i) FILTER (WHERE i < 0) IS NULL AS none
FROM generate_series(1, 240) i, LATERAL (SELECT i % 3 AS g) s
GROUP BY 1 ORDER BY 1;
SELECT count(*) AS groups, count(*) FILTER (WHERE ari = 1 AND accuracy = 1) AS perfect
FROM (SELECT cluster_ari(i % 3, -(i % 3)::text::int) AS ari, cluster_accuracy(i % 3, i % 3) AS accuracy
	FROM generate_series(1, 10000) i GROUP BY i / 10) t;

-- over windows: the final function leaves the state as it is
CREATE TEMP TABLE ordered AS
SELECT i, 'label ' || (7 * i * i) % 5 AS label, (3 * i) % 4 AS cluster FROM generate_series(1, 60) i;
SELECT count(*) AS rows,
	count(*) FILTER (WHERE w.accuracy <> s.accuracy OR abs(w.nmi - s.nmi) > 1e-12 OR abs(w.ari - s.ari) > 1e-12) AS running_differs,
	count(*) FILTER (WHERE w.sliding <> s.sliding) AS sliding_differs
FROM (SELECT i, cluster_accuracy(label, cluster) OVER running AS accuracy, cluster_nmi(label, cluster) OVER running AS nmi,
		cluster_ari(label, cluster) OVER running AS ari,
		cluster_accuracy(label, cluster) OVER (ORDER BY i ROWS 9 PRECEDING) AS sliding
	FROM ordered WINDOW running AS (ORDER BY i)) w
JOIN LATERAL (SELECT cluster_accuracy(label, cluster) AS accuracy, cluster_nmi(label, cluster) AS nmi,
		cluster_ari(label, cluster) AS ari,
		cluster_accuracy(label, cluster) FILTER (WHERE o.i >= w.i - 9) AS sliding
	FROM ordered o WHERE o.i <= w.i) s ON true;

-- against plain SQL: adjusted Rand index and mutual information of a larger table
CREATE TEMP TABLE larger AS
SELECT (i * 37) % 101 AS label, ((i * 37) % 101 + (i % 5 = 0)::int * (i % 17)) % 90 AS cluster FROM generate_series(1, 20000) i;
WITH cell AS (SELECT label, cluster, count(*)::numeric AS c FROM larger GROUP BY 1, 2),
	a AS (SELECT label, sum(c) AS a FROM cell GROUP BY 1),
	b AS (SELECT cluster, sum(c) AS b FROM cell GROUP BY 1),
	n AS (SELECT sum(c) AS n FROM cell),
	pairs AS (SELECT (SELECT sum(c * (c - 1)) FROM cell) AS s, (SELECT sum(a * (a - 1)) FROM a) AS sa,
		(SELECT sum(b * (b - 1)) FROM b) AS sb, n * (n - 1) AS t FROM n),
	info AS (SELECT (SELECT sum(c / n * ln(c * n / (a * b))) FROM cell JOIN a USING (label) JOIN b USING (cluster)) AS i,
		(SELECT -sum(a / n * ln(a / n)) FROM a) AS ha, (SELECT -sum(b / n * ln(b / n)) FROM b) AS hb FROM n)
SELECT (SELECT count(*) FROM a) AS labels, (SELECT count(*) FROM b) AS clusters,
	abs(cluster_ari(label, cluster) - (SELECT (s - sa * sb / t) / ((sa + sb) / 2 - sa * sb / t) FROM pairs)) < 1e-12 AS ari,
	abs(cluster_nmi(label, cluster) - (SELECT i / sqrt(ha * hb) FROM info)) < 1e-12 AS nmi
FROM larger;

-- as many as can be matched; nmi and ari take more
SELECT cluster_accuracy(i, -i) AS accuracy FROM generate_series(1, 4096) i;
SELECT cluster_nmi(i, -i) AS nmi, cluster_ari(i, -i) AS ari FROM generate_series(1, 20000) i;

-- errors
SELECT cluster_accuracy(i, 1) FROM generate_series(1, 4097) i;
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_accuracy(1, i % 5000) FROM generate_series(1, 9999) i;
SELECT cluster_nmi(point(1, 2), 1);
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_ari(1, '{}'::json);
SELECT cluster_ari(ARRAY[point(1, 2)], 1);
SELECT cluster_ari(NULL::point, NULL::int);
SELECT cluster_nmi(a, b) FROM (SELECT 'a' COLLATE "C" AS a, 'b' COLLATE "POSIX" AS b) t;
SET maintenance_work_mem = '1MB';
SELECT cluster_nmi(i, i) FROM generate_series(1, 100000) i;
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_nmi(repeat('x', i), 1) FROM generate_series(1, 10000) i;
RESET maintenance_work_mem;

DROP TABLE golden, iris, long, ordered, larger;
DROP TYPE mood, duo;
DROP DOMAIN positive;
