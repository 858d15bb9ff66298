-- Any bytes may be passed as a model: 100,000 values made of valid ones, by every function.
-- Whatever is not the model itself is refused as damaged (or as written by a newer version).

CREATE TEMP TABLE valid AS
	SELECT 'fcm' AS name, fcm_fit(ARRAY[sin(i), i % 3], 3) AS model FROM generate_series(1, 30) i
	UNION ALL SELECT 'kmeans', kmeans_fit(ARRAY[i % 5, i % 7]::real[], 4) FROM generate_series(1, 35) i
	UNION ALL SELECT 'scaled', fcm_fit(ARRAY[i % 5, i * i % 7], 2, fcm_options(scale => 'zscore', fuzzifier => 1.5)) FROM generate_series(1, 35) i
	UNION ALL SELECT 'one', kmeans_fit(ARRAY[i % 2, i % 3], 1) FROM generate_series(1, 6) i;

-- Variation i of a model, drawn by md5(i): some bytes are changed, or it is cut off, lengthened, or
-- parts of it are swapped; nearer to the front more often, as there lie the counts
CREATE FUNCTION pg_temp.vary(model bytea, i int) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	draw bytea := decode(md5(i::text), 'hex');
	n int := length(model);
	a int := (get_byte(draw, 0) * 65536 + get_byte(draw, 1) * 256 + get_byte(draw, 2)) % n;
	b int := (get_byte(draw, 3) * 65536 + get_byte(draw, 4) * 256 + get_byte(draw, 5)) % n;
	header int := get_byte(draw, 6) % 96;
BEGIN
	CASE i % 10
		WHEN 0, 1 THEN RETURN set_bit(model, 8 * a + i / 10 % 8, 1 - get_bit(model, 8 * a + i / 10 % 8));
		WHEN 2, 3 THEN RETURN set_byte(model, header, (get_byte(model, header) + 1 + get_byte(draw, 7) % 255) % 256);
		WHEN 4 THEN RETURN set_byte(set_byte(model, a, 255 - get_byte(model, a)), header, get_byte(draw, 8));
		WHEN 5 THEN RETURN substr(model, 1, a);
		WHEN 6 THEN RETURN model || substr(draw, 1, 1 + get_byte(draw, 9) % 16);
		WHEN 7 THEN RETURN substr(model, 1, least(a, b)) || substr(model, greatest(a, b) + 2);
		WHEN 8 THEN RETURN overlay(model PLACING draw FROM 1 + a);
		ELSE RETURN substr(model, 1, header) || draw || substr(model, header + 1 + i % 40);
	END CASE;
END
$$;

-- What a function makes of it: the SQLSTATE
CREATE FUNCTION pg_temp.verdict(function int, model bytea) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	CASE function
		WHEN 0 THEN PERFORM cluster_id(model, ARRAY[1, 2]);
		WHEN 1 THEN PERFORM cluster_membership(model, ARRAY[1, 2]::real[]);
		WHEN 2 THEN PERFORM cluster_distance(model, ARRAY[1, 2]);
		WHEN 3 THEN PERFORM cluster_outlier_score(model, ROW(1, 2));
		WHEN 4 THEN PERFORM count(*) FROM cluster_set(model, ARRAY[1, 2], 2);
		WHEN 5 THEN PERFORM count(*) FROM cluster_centers(model);
		WHEN 6 THEN PERFORM cluster_info(model);
		WHEN 7 THEN PERFORM count(*) FROM cluster_history(model);
		WHEN 8 THEN PERFORM cluster_validity(model, ARRAY[1, 2]);
		WHEN 9 THEN PERFORM count(*) FROM cluster_features(model);
		WHEN 10 THEN PERFORM count(*) FROM cluster_explain(model, ARRAY[1, 2], 1);
		WHEN 11 THEN PERFORM cluster_to_json(model);
		WHEN 12 THEN PERFORM cluster_plot_history(model);
		ELSE PERFORM kmeans_options(init => model);
	END CASE;
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END
$$;

-- every function, on the models and their variations
SELECT f AS function, count(*) AS models, min(pg_temp.verdict(f, model)) AS verdict
FROM generate_series(0, 13) f, valid GROUP BY f, pg_temp.verdict(f, model) ORDER BY f;
SELECT verdict, count(*) > 500 AS many, count(DISTINCT f) AS functions, count(DISTINCT name) AS models
FROM (SELECT f, name, pg_temp.verdict(f, varied) AS verdict
	FROM valid, generate_series(1, 25000) i, LATERAL (SELECT pg_temp.vary(model, i) AS varied, i / 10 % 14 AS f OFFSET 0) v
	WHERE varied <> model) v
GROUP BY verdict ORDER BY verdict;

-- every length, and every byte of the header changed to every other
SELECT verdict, count(*) = sum(length) AS all FROM (SELECT pg_temp.verdict(n % 14, substr(model, 1, n)) AS verdict, 1 AS length
	FROM valid, generate_series(0, length(model) - 1) n WHERE name = 'fcm') v GROUP BY verdict;
SELECT verdict, count(*) > 0 AS some FROM (SELECT pg_temp.verdict((at + value) % 14, set_byte(model, at, value)) AS verdict
	FROM valid, generate_series(0, 95) at, generate_series(0, 255, 5) value WHERE name = 'kmeans' AND get_byte(model, at) <> value) v
GROUP BY verdict ORDER BY verdict;

-- after a sound one that differs in one bit, it is damaged still: compressed, out of line, plain
CREATE TEMP TABLE pair (id int, model bytea);
INSERT INTO pair SELECT 1, model FROM valid WHERE name = 'fcm';
INSERT INTO pair SELECT 2, set_byte(model, length(model) - 9, get_byte(model, length(model) - 9) # 1) FROM valid WHERE name = 'fcm';
SELECT cluster_id(model, ARRAY[1, 2]) > 0 FROM pair ORDER BY id;
ALTER TABLE pair ALTER model SET STORAGE external;
UPDATE pair SET model = model || '';
SELECT cluster_id(model, ARRAY[1, 2]) > 0 FROM pair ORDER BY id;
ALTER TABLE pair ALTER model SET STORAGE plain;
UPDATE pair SET model = model || '';
SELECT cluster_id(model, ARRAY[1, 2]) > 0 FROM pair ORDER BY id;
SELECT cluster_validity(model, ARRAY[1, 2]) FROM (SELECT model FROM pair ORDER BY id) p;

-- the errors
SELECT cluster_id('', ARRAY[1]);
SELECT cluster_id('hello, world', ARRAY[1]);
SELECT cluster_id(substr(model, 1, 400), ARRAY[1]) FROM pair;
SELECT cluster_id(model || '\x00', ARRAY[1]) FROM pair;
SELECT cluster_id(set_byte(model, 4, 2), ARRAY[1]) FROM pair;
SELECT cluster_id(set_byte(model, 4, 4), ARRAY[1]) FROM pair;
