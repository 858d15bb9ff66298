-- reference values: logit
SELECT x, y, theta, vartheta, abs(logical_distance(x, y, theta, vartheta) - d) < 1e-11 AS distance,
	abs(logical_distance(ARRAY[x], ARRAY[y], theta, vartheta) - d) < 1e-11 AS vector,
	abs((logical_dissimilarity(x, y, theta, vartheta) - theta) / (1 - theta) - d) < 1e-11 AS dissimilarity
FROM (VALUES (0.5, 0.6, 0.5, 0.5, 0.0820163319719), (0.2, 0.8, 0.5, 0.5, 0.99908314349), (0.9, 0.95, 0.5, 0.5, 0.272131797809),
	(0.3, 0.7, 0.3, 0.3, 0.833329657451), (0.05, 0.1, 0.7, 0.7, 0.343584418708), (0.5, 0.5, 0.5, 0.45, 0.0800294687993),
	(0.3, 0.7, 0.5, 0.45, 0.908003014727)) v(x, y, theta, vartheta, d)
ORDER BY theta, vartheta, x;

-- reference values: other generators
SELECT generator, theta, vartheta, abs(logical_distance(0.5, 0.6, theta, vartheta, generator) - d) < 1e-11 AS distance,
	abs(logical_distance(ARRAY[0.6], ARRAY[0.5], theta, vartheta, generator) - d) < 1e-11 AS vector
FROM (VALUES ('power', 0.5, 0.5, 0.0820163319719), ('power', 0.3, 0.3, 0.0495148782615), ('power', 0.5, 0.45, 0.158644584862),
	('cauchy', 0.4, 0.35, 0.130213778399)) v(generator, theta, vartheta, d)
ORDER BY 1, 2, 3;

-- reference values: vectors
SELECT abs(logical_distance(ARRAY[0.1, 0.9, 0.5], ARRAY[0.3, 0.8, 0.45]) - 0.85108873858) < 1e-11 AS three,
	abs(logical_distance(ARRAY[0.5, 0.5, 0.5, 0.5], ARRAY[0.52, 0.48, 0.5, 0.55], 0.5, 0.45) - 0.334018973459) < 1e-11 AS four,
	abs(logical_distance(ARRAY[0.2, 0.4], ARRAY[0.25, 0.5], 0.3, 0.3) - 0.0775897487688) < 1e-11 AS two;

-- reference values: operators
SELECT x, y, abs(uninorm(x, y, 0.5) - u) < 1e-11 AS uninorm, abs(absorbing_norm(x, y, 0.45) - a) < 1e-11 AS absorbing_norm,
	abs(logical_not(x, 0.5) - n) < 1e-11 AS logical_not
FROM (VALUES (0.2, 0.8, 0.5, 0.110837580876, 0.8), (0.3, 0.3, 0.155172413793, 0.554150780565, 0.7),
	(0.9, 0.6, 0.931034482759, 0.777780632053, 0.1), (0.45, 0.9, 0.880434782609, 0.45, 0.55)) v(x, y, u, a, n)
ORDER BY x;

-- numbers of every type, literals of every kind, and mixtures, without a cast
SELECT logical_distance(0.2, 0.8) = d AS numeric, logical_distance(2e-1, 0.8) = d AS exponent,
	logical_distance(x, y) = d AS float8, abs(logical_distance(x::real, y::real) - d) < 1e-9 AS real,
	logical_distance('0.2', '0.8') = d AS literals, logical_distance('0.2', y) = d AS literal, logical_distance(x, '0.8') = d AS other,
	logical_distance(0.2, y) = d AS mixed, abs(logical_distance(x::real, 0.8) - d) < 1e-9 AS real_numeric,
	logical_distance(y => 0.8, x => 0.2) = d AS named
FROM (VALUES (0.2::float8, 0.8::float8, logical_distance(0.2::float8, 0.8::float8))) v(x, y, d);
SELECT logical_distance(0, 1), logical_distance(0::smallint, 1::bigint), logical_distance(1, 1.0), logical_distance('0', 1),
	logical_distance(0::numeric, '1');
SELECT logical_distance(ARRAY[0.2, 0.4], ARRAY[0.8, 0.5]) = d AS numeric, logical_distance(x, y) = d AS float8,
	abs(logical_distance(x::real[], y::real[]) - d) < 1e-9 AS real, abs(logical_distance(x, y::real[]) - d) < 1e-9 AS mixed,
	logical_distance(x::numeric[], y) = d AS numeric_float8, logical_distance('{0.2,0.4}', '{0.8,0.5}') = d AS literals,
	logical_distance('{0.2,0.4}', y) = d AS literal, logical_distance(x, ' {0.8, 0.5}') = d AS other,
	logical_distance(ARRAY[0.2, 0.4], '{0.8,0.5}') = d AS literal_numeric,
	logical_distance(ROW(0.2, 0.4), ROW(0.8, 0.5)) = d AS row, logical_distance(x, ROW(0.8, 0.5)) = d AS row_array
FROM (VALUES ('{0.2,0.4}'::float8[], '{0.8,0.5}'::float8[], logical_distance('{0.2,0.4}'::float8[], '{0.8,0.5}'::float8[]))) v(x, y, d);
SELECT logical_distance(ARRAY[0, 1], ARRAY[0, 1]), logical_distance(ARRAY[0, 1], ARRAY[1, 1]),
	logical_distance(ARRAY[0, 1]::smallint[], ARRAY[0.5, 1]), logical_distance('\x00ff'::bytea, '\x00ff'::bytea),
	abs(logical_distance('\x33'::bytea, '{0.8}') - logical_distance(0.2, 0.8)) < 1e-6 AS bytes;
SELECT logical_dissimilarity(0.5, 0.6) = d AS numeric, logical_dissimilarity('0.5', '0.6') = d AS literals,
	logical_dissimilarity(ARRAY[0.5], ARRAY[0.6]) = d AS arrays, logical_dissimilarity('{0.5}', '{0.6}') = d AS array_literals
FROM (VALUES (logical_dissimilarity(0.5::float8, 0.6::float8))) v(d);
SELECT uninorm(1, 0.5), uninorm('1', 0.5::real), absorbing_norm(1, 1), logical_not(1), logical_not('0');

-- pgvector's types
CREATE EXTENSION vector;
SELECT abs(logical_distance('[0.2,0.4]'::vector, '[0.8,0.5]'::vector) - d) < 1e-9 AS vector,
	abs(logical_distance('[0.2,0.4]'::vector, '{0.8,0.5}') - d) < 1e-9 AS literal,
	abs(logical_distance(ARRAY[0.2, 0.4], '[0.8,0.5]'::vector) - d) < 1e-9 AS mixed,
	abs(logical_distance('[0.2,0.4]'::halfvec, '[0.8,0.5]'::halfvec) - d) < 1e-4 AS halfvec
FROM (VALUES (logical_distance(ARRAY[0.2, 0.4], ARRAY[0.8, 0.5]))) v(d);
DROP EXTENSION vector;

-- parameters without a type: two are read as literals are, one takes the type of a number beside it
PREPARE two AS SELECT logical_distance($1, $2);
EXECUTE two('0', '1');
EXECUTE two('{0.5,0.5}', '{0.5,0.5}');
PREPARE one AS SELECT logical_distance(0.5, $1);
EXECUTE one(1);
PREPARE array_one AS SELECT logical_distance(ARRAY[0.5, 0.5], $1::float8[]);
EXECUTE array_one('{0.5,1}');
DEALLOCATE ALL;

-- exactly 0 and 1 are limits
SELECT logical_distance(0, 0) AS d00, logical_distance(1, 1) AS d11, logical_distance(0, 1) AS d01, logical_distance(0, 0.5) AS d0x,
	logical_distance(1, 0.5) AS d1x, logical_dissimilarity(0, 0) AS e00, logical_dissimilarity(0, 1) AS e01;
SELECT generator, logical_distance(ARRAY[0, 1, 0], ARRAY[0, 1, 0], generator => generator) AS same,
	logical_distance(ARRAY[0, 1, 0], ARRAY[0, 1, 1e-300], generator => generator) AS other,
	logical_distance(ARRAY[0, 1], ARRAY[0, 1], 0.5, 0.4, generator) = logical_distance(ARRAY[0.5, 0.3], ARRAY[0.5, 0.3], 0.5, 0.4, generator) AS shifted
FROM unnest('{logit,power,cauchy}'::text[]) generator ORDER BY 1;
SELECT uninorm(0, 1) AS u01, uninorm(1, 0) AS u10, uninorm(0, 0) AS u00, uninorm(1, 1) AS u11, absorbing_norm(0, 0) AS a00,
	absorbing_norm(1, 1) AS a11, absorbing_norm(0, 1) AS a01, absorbing_norm(0, 0.5) AS a0v, logical_not(0) AS n0, logical_not(1) AS n1;

-- the laws of the operators on a grid: neutral and absorbing element, symmetry, the negation
CREATE TEMP TABLE grid AS
SELECT x / 20.0::float8 AS x, y / 20.0::float8 AS y, e / 10.0::float8 AS e
FROM generate_series(0, 20) x, generate_series(0, 20) y, generate_series(1, 9, 2) e;
SELECT count(*), bool_and(uninorm(x, e, e) = x) AS neutral, bool_and(absorbing_norm(x, e, e) = e) AS absorbing,
	bool_and(uninorm(x, y, e) = uninorm(y, x, e)) AS symmetric, bool_and(absorbing_norm(x, y, e) = absorbing_norm(y, x, e)) AS symmetric_too,
	bool_and(abs(logical_not(logical_not(x, e), e) - x) < 1e-9) AS involution,
	bool_and(abs(uninorm(x, logical_not(x, e), e) - e) < 1e-9) FILTER (WHERE x > 0 AND x < 1) AS inverse,
	bool_and(uninorm(x, y, e) BETWEEN 0 AND 1 AND absorbing_norm(x, y, e) BETWEEN 0 AND 1) AS closed
FROM grid;

-- and of the distance: a semi-metric from 0 to 1 if theta = vartheta
SELECT generator, bool_and((d = 0) = (x = y)) AS zero_if_equal, bool_and(d = logical_distance(y, x, e, e, generator)) AS symmetric,
	bool_and(d BETWEEN 0 AND 1) AS in_range, bool_and(abs(logical_distance(ARRAY[x, 0.5], ARRAY[y, 0.5], e, e, generator) - d) < 1e-14) AS nothing_added,
	bool_and(logical_distance(ARRAY[x, 0.5], ARRAY[y, 0.6], e, e, generator) >= d) AS adds_up
FROM (SELECT *, logical_distance(x, y, e, e, generator) AS d FROM grid, unnest('{logit,power,cauchy}'::text[]) generator) t
GROUP BY 1 ORDER BY 1;
SELECT bool_and(abs(logical_distance(x, y) - tanh((ln(x / (1 - x)) - ln(y / (1 - y))) ^ 2 / 2)) < 1e-14) AS closed_form
FROM grid WHERE x > 0 AND x < 1 AND y > 0 AND y < 1;

-- equal values: apart if vartheta < theta, and cut off at 0 if vartheta > theta
SELECT generator, logical_distance(0.3, 0.3, 0.5, 0.4, generator) > 0.01 AS below, logical_distance(0.3, 0.3, 0.5, 0.6, generator) AS above,
	logical_dissimilarity(0.3, 0.3, 0.5, 0.6, generator) < 0.5 AS dissimilarity, logical_dissimilarity(0.3, 0.3, 0.3, 0.3, generator) AS equal
FROM unnest('{logit,power,cauchy}'::text[]) generator ORDER BY 1;

-- arguments that change from row to row
SELECT count(DISTINCT logical_distance(0.3, 0.4, theta / 10.0, vartheta / 10.0, generator)) AS different
FROM generate_series(4, 6) theta, generate_series(3, 4) vartheta, unnest('{cauchy,logit}'::text[]) generator;
SELECT bool_and(logical_distance(array_fill(x, ARRAY[n]), array_fill(y, ARRAY[n])) >= logical_distance(x, y)) AS longer
FROM grid, unnest('{1,7,8,9,300,2}'::int[]) n;

-- packed, compressed and toasted arrays
CREATE TEMP TABLE long AS
SELECT n, array_agg(0.5 + 0.4 * sin(j)) AS x, array_agg((0.5 + 0.4 * sin(j))::real) AS y, array_fill(0.25::float8, ARRAY[n]) AS z
FROM unnest('{1,3,15,17,1000,40000}'::int[]) n, generate_series(1, n) j GROUP BY n;
SELECT n, logical_distance(x, x) AS same, logical_distance(x, y) < 1e-4 AS near, logical_distance(x, z) = logical_distance(z, x) AS symmetric
FROM long ORDER BY n;

-- null for null
SELECT logical_distance(NULL, 0.5) IS NULL, logical_distance(ARRAY[0.5], NULL) IS NULL, logical_distance(NULL, NULL) IS NULL,
	logical_distance(0.5, 0.5, generator => NULL) IS NULL, uninorm(0.5, NULL) IS NULL;

-- immutable, strict, safe in parallel
SELECT count(*), bool_and(provolatile = 'i' AND proisstrict AND proparallel = 's') AS all
FROM pg_proc WHERE proname IN ('logical_distance', 'logical_dissimilarity', 'uninorm', 'absorbing_norm', 'logical_not');

-- errors
SELECT logical_distance(1.0000000000000002, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT logical_distance(0.5, -1e-300);
SELECT logical_distance('NaN', 0.5);
SELECT logical_distance(0.5, 'infinity');
SELECT logical_distance('0.5', '1.5');
SELECT logical_distance(ARRAY[0.5, 1.5], ARRAY[0.5, 0.5]);
\echo :LAST_ERROR_SQLSTATE
SELECT logical_distance(ARRAY[0.5, 0.5]::float8[], ARRAY[0.5, -0.5]::float8[]);
SELECT logical_distance(ARRAY[2], ARRAY[2], generator => 'cauchy');
SELECT logical_distance(ARRAY[0.5, 0.5]::float8[], ARRAY['NaN', 0.5]::float8[]);
\echo :LAST_ERROR_SQLSTATE
SELECT logical_distance(ARRAY[0.5, 'infinity']::float8[], ARRAY[0.5, 0.5]::float8[]);
SELECT logical_distance(ARRAY[0.5, NULL], ARRAY[0.5, 0.5]);
\echo :LAST_ERROR_SQLSTATE
SELECT logical_distance(ARRAY[0.5, 0.5], ARRAY[0.5]);
\echo :LAST_ERROR_SQLSTATE
SELECT logical_distance('{}', '{}');
\echo :LAST_ERROR_SQLSTATE
SELECT logical_distance(ARRAY[[0.5], [0.5]], ARRAY[0.5, 0.5]);
SELECT logical_distance(0.5, ARRAY[0.5]);
\echo :LAST_ERROR_SQLSTATE
SELECT logical_distance(true, false);
SELECT logical_distance('0.5'::text, 0.5);
SELECT logical_distance('0.5', '{0.5}');
SELECT logical_distance('half', '0.5');
PREPARE array_one AS SELECT logical_distance(ARRAY[0.5], $1);
\echo :LAST_ERROR_SQLSTATE
SELECT logical_distance(0.5, 0.5, 0);
\echo :LAST_ERROR_SQLSTATE
SELECT logical_distance(0.5, 0.5, 0.5, 'NaN');
SELECT logical_distance(0.5, 0.5, vartheta => 1);
SELECT logical_distance(0.5, 0.5, generator => 'Logit');
\echo :LAST_ERROR_SQLSTATE
SELECT logical_dissimilarity(ARRAY[0.5], ARRAY[0.5], generator => '');
SELECT logical_dissimilarity('2', '0.5');
SELECT uninorm(0.5, 2);
SELECT uninorm(0.5, 0.5, 1);
SELECT absorbing_norm(0.5, 'NaN');
SELECT absorbing_norm(0.5, 0.5, -1);
SELECT logical_not(-0.5);
SELECT logical_not(0.5, 0);
-- their words differ between versions of PostgreSQL
\set VERBOSITY sqlstate
SELECT logical_distance('{0.5}', '0.5');
SELECT logical_distance(ARRAY[0.5], '[0.5]');
SELECT logical_not(ARRAY[0.5]);
\set VERBOSITY default

DROP TABLE grid, long;
