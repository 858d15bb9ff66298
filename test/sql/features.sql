-- Vectors of features in every type that holds numbers, by a model whose
-- centers are (0, 0) and (10, 10): (3, 4) is 5 away from the first.

CREATE EXTENSION vector;
CREATE TEMP TABLE m AS
	SELECT kmeans_fit(ARRAY[x, y], 2, kmeans_options(init => ARRAY[[0, 0], [10, 10]])) AS model
	FROM (VALUES (-1, 0), (1, 0), (9, 10), (11, 10)) v(x, y);
SELECT cluster, center FROM m, cluster_centers(model);

-- arrays of every type of number
SELECT (cluster_distance(model, ARRAY[3, 4]::smallint[]))[1] AS smallint,
	(cluster_distance(model, ARRAY[3, 4]))[1] AS integer,
	(cluster_distance(model, ARRAY[3, 4]::bigint[]))[1] AS bigint,
	(cluster_distance(model, ARRAY[3, 4]::real[]))[1] AS real,
	(cluster_distance(model, ARRAY[3, 4]::float8[]))[1] AS float8,
	(cluster_distance(model, ARRAY[3, 4]::numeric[]))[1] AS numeric
FROM m;

-- negative numbers, and fractions
SELECT (cluster_distance(model, ARRAY[-3, -4]::smallint[]))[1] AS smallint,
	(cluster_distance(model, ARRAY[-3, -4]))[1] AS integer,
	(cluster_distance(model, ARRAY[-3, -4]::bigint[]))[1] AS bigint,
	(cluster_distance(model, ARRAY[-0.75, -1]::real[]))[1] AS real,
	(cluster_distance(model, ARRAY[-0.75, -1]::float8[]))[1] AS float8,
	(cluster_distance(model, ARRAY[-0.75, -1]))[1] AS numeric
FROM m;

-- the bounds of each type
SELECT (cluster_distance(model, ARRAY[-32768, 0]::smallint[]))[1] = 32768 AS smallint,
	(cluster_distance(model, ARRAY[-2147483648, 0]))[1] = 2147483648 AS integer,
	(cluster_distance(model, ARRAY[-9223372036854775808, 0]::bigint[]))[1] = 2 ^ 63 AS bigint,
	(cluster_distance(model, ARRAY[1e15, 0]::real[]))[1] = 1e15::real AS real,
	(cluster_distance(model, ARRAY[1e140, 0]::float8[]))[1] = 1e140 AS float8,
	(cluster_distance(model, ARRAY[1e140, 0]))[1] = 1e140 AS numeric
FROM m;

-- rows
CREATE TYPE pair AS (x int, y numeric);
CREATE DOMAIN small AS smallint CHECK (VALUE < 100);
CREATE DOMAIN pair_domain AS pair;
CREATE TEMP TABLE points (x real, gone text, y small);
ALTER TABLE points DROP gone;
INSERT INTO points VALUES (3, 4);
ALTER TABLE points ADD z float8 DEFAULT 0;	-- not in the rows on disk
SELECT (cluster_distance(model, ROW(3, 4)))[1] AS row,
	(cluster_distance(model, ROW(3::bigint, 4::real)))[1] AS mixed,
	(cluster_distance(model, (3, 4)::pair))[1] AS composite,
	(cluster_distance(model, (3, 4)::pair_domain))[1] AS "domain",
	(SELECT (cluster_distance(model, p))[1] FROM (SELECT x, y FROM points) p) AS subquery
FROM m;
SELECT cluster_id(model, p) FROM m, points p;	-- has z
ALTER TABLE points DROP z;
SELECT (cluster_distance(model, p))[1] AS "table" FROM m, points p;

-- domains over arrays, and arrays of domains
CREATE DOMAIN coordinates AS float8[] CHECK (array_length(VALUE, 1) = 2);
SELECT (cluster_distance(model, ARRAY[3, 4]::coordinates))[1] AS "over array",
	(cluster_distance(model, ARRAY[3, 4]::small[]))[1] AS "of domains"
FROM m;

-- types of the extension vector
SELECT (cluster_distance(model, '[3,4]'::vector))[1] AS vector,
	(cluster_distance(model, '[3,4]'::halfvec))[1] AS halfvec
FROM m;

-- numbers of half precision: subnormal, least normal, largest, signs
CREATE TEMP TABLE origin AS SELECT kmeans_fit(ARRAY[x], 1) AS model FROM (VALUES (-1), (1)) v(x);
SELECT count(*) AS numbers, count(*) FILTER (WHERE (cluster_distance(model, half))[1] = expected) AS right
FROM origin, (VALUES
	('[0]'::halfvec, 0), ('[-0]', 0), ('[1]', 1), ('[-1.5]', 1.5), ('[65504]', 65504), ('[-65504]', 65504),
	('[0.333251953125]', 0.333251953125), ('[0.00006103515625]', 2::float8 ^ -14),
	('[0.000060975551605224609375]', 2::float8 ^ -14 - 2::float8 ^ -24), ('[0.000000059604644775390625]', 2::float8 ^ -24)) v(half, expected);

-- bytes, as b / 255
SELECT cluster_id(model, '\x0000'::bytea), round(10 * (cluster_distance(model, '\xff00'::bytea))[1]) AS "10",
	round(1000 * (cluster_distance(model, '\x8000'::bytea))[1]) AS "502"
FROM m;

-- calls without casts
SELECT cluster_id(model, ARRAY[9, 8]), cluster_id(model, ARRAY[9, 8.5]), cluster_id(model, ROW(9, 8.5)),
	cluster_id(model => model, features => ARRAY[9, 8])
FROM m;
SELECT cluster_info(fcm_fit(ARRAY[i, i % 2], 1)) -> 'dimensions' AS integer,
	cluster_info(fcm_fit(ARRAY[i, i % 2, 0.5], 1)) -> 'dimensions' AS numeric,
	cluster_info(fcm_fit(ROW(i, i % 2, 0.5, i), 1)) -> 'dimensions' AS row
FROM generate_series(1, 4) i;

-- parameters
PREPARE typed(float8[]) AS SELECT cluster_id(model, $1) FROM m;
EXECUTE typed('{9, 9}');
DEALLOCATE typed;
PREPARE untyped AS SELECT cluster_id(model, $1) FROM m;
EXECUTE untyped('{9, 9}');
DEALLOCATE untyped;
PREPARE casted AS SELECT cluster_id(model, $1::real[]) FROM m;
EXECUTE casted('{9, 9}');
DEALLOCATE casted;

-- lower bounds do not matter, nor does an expanded array
SELECT (cluster_distance(model, '[0:1]={3,4}'::int[]))[1] AS zero,
	(cluster_distance(model, '[-5:-4]={3,4}'::float8[]))[1] AS negative
FROM m;
DO $$
DECLARE
	features float8[] := ARRAY[0, 0];
BEGIN
	features[1] := 3;
	features[2] := 4;
	RAISE NOTICE '%', (SELECT (cluster_distance(model, features))[1] FROM m);
END
$$;

-- arrays as they lie in tables: packed, plain, compressed, out of line
CREATE TEMP TABLE stored (id int, short float8[], plain float8[], compressed float8[], outside real[], numbers numeric[]);
ALTER TABLE stored ALTER plain SET STORAGE plain, ALTER compressed SET STORAGE main, ALTER outside SET STORAGE external,
	ALTER numbers SET STORAGE external;
INSERT INTO stored
	SELECT i, ARRAY[i, 2 * i], ARRAY[i, 2 * i], array_agg(v), array_agg(v), array_agg(v)
	FROM generate_series(0, 9) i, LATERAL (SELECT i / 4 + i % 4 * (j / 500) AS v FROM generate_series(1, 1000) j) v
	GROUP BY i;
SELECT bool_and(pg_column_size(short) < pg_column_size(plain)) AS packed,
	bool_and(pg_column_size(compressed) < 2000) AS compressed,
	bool_and(pg_column_size(outside) = 4020 AND pg_column_size(numbers) > 4000) AS outside
FROM stored;
SELECT count(DISTINCT model) AS models
FROM (SELECT fcm_fit(short, 2) AS model FROM stored UNION ALL SELECT fcm_fit(plain, 2) FROM stored) s;
SELECT count(DISTINCT model) AS models
FROM (SELECT fcm_fit(compressed, 2) AS model FROM stored UNION ALL SELECT fcm_fit(numbers, 2) FROM stored
	UNION ALL SELECT fcm_fit(outside::float8[], 2) FROM stored) s;
SELECT count(*) AS alike
FROM stored, (SELECT fcm_fit(compressed, 2) AS model FROM stored) s
WHERE cluster_membership(model, compressed) = cluster_membership(model, outside)
	AND cluster_membership(model, compressed) = cluster_membership(model, numbers);

-- equal numbers give equal models, whatever type they came in
CREATE TEMP TABLE numbers AS SELECT i, round(cos(i) * 100) AS b FROM generate_series(1, 50) i;
SELECT precision, count(*), count(DISTINCT model) AS models, count(DISTINCT model) FILTER (WHERE named) AS named
FROM (SELECT cluster_info(model) ->> 'precision' AS precision, model, jsonb_typeof(cluster_info(model) -> 'features') = 'array' AS named
	FROM (SELECT unnest(ARRAY[
		fcm_fit(ARRAY[b, i]::smallint[], 3), fcm_fit(ARRAY[b, i]::int[], 3), fcm_fit(ARRAY[b, i]::bigint[], 3),
		fcm_fit(ARRAY[b, i]::numeric[], 3), fcm_fit(ARRAY[b, i]::float8[], 3), fcm_fit(ROW(b, i), 3),
		fcm_fit((b, i)::pair, 3), fcm_fit(ROW(b::real, i::small), 3),
		fcm_fit(ARRAY[b, i]::real[], 3), fcm_fit(ARRAY[b, i]::real[]::vector, 3), fcm_fit(ARRAY[b, i]::real[]::halfvec, 3)
	]) AS model FROM numbers) a) b
GROUP BY 1 ORDER BY 1;

-- null vectors are left out and counted, and have no cluster
SELECT info -> 'rows' AS rows, info -> 'skipped' AS skipped
FROM (SELECT cluster_info(fcm_fit(CASE WHEN i % 3 > 0 THEN ARRAY[i, 0] END, 2)) AS info
	FROM generate_series(1, 30) i) s;
SELECT cluster_id(model, NULL::int[]), cluster_membership(model, NULL::vector), cluster_distance(model, NULL::pair),
	cluster_outlier_score(model, NULL::bytea), cluster_id(NULL, ARRAY[1, 2])
FROM m;

-- missing features: an error, or skipped and counted if the options say so
CREATE TEMP TABLE holes AS
	SELECT * FROM (VALUES (1, ARRAY[0, 0]::float8[]), (2, ARRAY[0, 1]), (3, ARRAY[NULL, 1]), (4, ARRAY[1, 'NaN'::float8]),
		(5, ARRAY['-Infinity'::float8, 1]), (6, ARRAY[9, 9]), (7, ARRAY[9, 8]), (8, NULL)) v(id, x);
SELECT info -> 'rows' AS rows, info -> 'skipped' AS skipped
FROM (SELECT cluster_info(kmeans_fit(x, 2, kmeans_options(missing => 'skip'))) AS info FROM holes) s;
SELECT count(*) AS types, count(DISTINCT info) AS infos, min((info -> 'skipped')::int) AS skipped
FROM (SELECT cluster_info(unnest(ARRAY[
		kmeans_fit(x::real[], 2, '{"missing": "skip"}'), kmeans_fit(x[1:2]::real[], 2, '{"missing": "skip"}')
	])) AS info FROM holes) s;
SELECT count(*) AS types, count(DISTINCT info) AS infos, min((info -> 'skipped')::int) AS skipped
FROM (SELECT cluster_info(unnest(ARRAY[
		kmeans_fit(x, 2, '{"missing": "skip"}'), kmeans_fit(x::numeric[], 2, '{"missing": "skip"}'),
		kmeans_fit(CASE WHEN x IS NOT NULL THEN ROW(x[1], x[2]) END, 2, '{"missing": "skip"}')
	])) AS info FROM holes) s;
SELECT id, cluster_id(model, x) IS NULL AS id, cluster_membership(model, x) IS NULL AS membership,
	cluster_distance(model, x) IS NULL AS distance, cluster_outlier_score(model, x) IS NULL AS outlier,
	(SELECT count(*) FROM cluster_set(model, x)) AS set
FROM holes, (SELECT kmeans_fit(x, 2, kmeans_options(missing => 'skip')) AS model FROM holes) s
ORDER BY holes.id;

-- the feature that is missing has the right number, over several bytes of a bitmap of nulls
CREATE FUNCTION pg_temp.complaint(model bytea, x float8[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	messages text[];
BEGIN
	FOR i IN 1 .. 4 LOOP
		BEGIN
			CASE i
				WHEN 1 THEN PERFORM cluster_id(model, x);
				WHEN 2 THEN PERFORM cluster_id(model, x::real[]);
				WHEN 3 THEN PERFORM cluster_id(model, x::numeric[]);
				WHEN 4 THEN PERFORM cluster_id(model, x::bigint[]);
			END CASE;
			messages := messages || 'none'::text;
		EXCEPTION WHEN null_value_not_allowed THEN
			messages := messages || sqlerrm;
		END;
	END LOOP;
	RETURN (SELECT string_agg(DISTINCT m, ', ') FROM unnest(messages) m);
END
$$;
SELECT count(*) AS rows, count(*) FILTER (WHERE complaint = 'feature ' || h || ' is null') AS right
FROM (SELECT kmeans_fit(x, 1) AS model FROM (SELECT array_agg(j ORDER BY j) AS x FROM generate_series(1, 20) j) r) s,
	LATERAL (SELECT h, pg_temp.complaint(model, array_agg(nullif(j, h) ORDER BY j)) AS complaint
		FROM generate_series(1, 20) j, generate_series(1, 20) h GROUP BY h) v;

-- errors
SELECT fcm_fit(x, 2) FROM holes WHERE id IN (1, 3);
SELECT fcm_fit(x::real[], 2) FROM holes WHERE id IN (1, 4);
SELECT fcm_fit(x::numeric[], 2) FROM holes WHERE id IN (1, 5);
SELECT fcm_fit(ROW(i, 1, nullif(i, 3)), 2) FROM generate_series(1, 5) i;
SELECT cluster_id(model, ARRAY[1, NULL]) FROM m;
SELECT cluster_membership(model, ARRAY[NULL, NULL]::real[]) FROM m;
SELECT cluster_distance(model, ARRAY['NaN', 1]::numeric[]) FROM m;
SELECT cluster_outlier_score(model, ROW(1, 'Infinity'::float8)) FROM m;
SELECT * FROM m, cluster_set(model, ARRAY[1, '-Infinity']::real[]);
SELECT cluster_id(model, ARRAY[1, 1.1e15]::real[]) FROM m;
SELECT cluster_id(model, ARRAY[1.1e140, 1]) FROM m;
SELECT fcm_fit(ARRAY[1e141], 1);
SELECT fcm_fit(CASE WHEN i < 5 THEN ARRAY[i, i] ELSE ARRAY[i] END, 2) FROM generate_series(1, 9) i;
SELECT cluster_id(model, ARRAY[1]) FROM m;
SELECT cluster_id(model, ARRAY[1, 2, 3]::real[]) FROM m;
SELECT cluster_id(model, '\x00'::bytea) FROM m;
SELECT cluster_id(model, '[1,2,3]'::vector) FROM m;
SELECT cluster_id(model, ROW(1, 2, 3)) FROM m;
SELECT cluster_id(model, '{}'::int[]) FROM m;
SELECT fcm_fit('{}'::numeric[], 1);
SELECT cluster_id(model, '\x'::bytea) FROM m;
SELECT cluster_id(model, ROW()) FROM m;
SELECT cluster_id(model, ARRAY[[1, 2]]) FROM m;
SELECT fcm_fit(ARRAY[[[1.5]]], 1);
SELECT fcm_fit(array_fill(0, ARRAY[65536]), 1);
SELECT fcm_fit(decode(repeat('00', 65536), 'hex'), 1);
SELECT fcm_fit(NULL, 1);
SELECT cluster_id(model, ARRAY['1', '2']) FROM m;
SELECT cluster_id(model, '1,2'::text) FROM m;
SELECT cluster_id(model, 1.5) FROM m;
SELECT cluster_id(model, ARRAY[true, false]) FROM m;
SELECT fcm_fit('"[1,2]"'::jsonb, 1);
SELECT fcm_fit(ARRAY[ROW(1, 2)], 1);
SELECT cluster_id(model, ROW(1, 'two'::text)) FROM m;
SELECT cluster_id(model, h) FROM m, holes h;

-- only the extension's types are meant, not their names
DROP TABLE numbers, stored;
DROP EXTENSION vector;
CREATE TYPE vector AS ENUM ('[3,4]');
SELECT cluster_id(model, '[3,4]'::vector) FROM m;
DROP TYPE vector;
DROP TABLE points;
DROP DOMAIN coordinates, small, pair_domain;
DROP TYPE pair;
