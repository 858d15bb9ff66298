-- What is refused, by SQLSTATE: the class of the mistake decides, whatever function meets it.

CREATE FUNCTION pg_temp.state_of(query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE query;
	RETURN 'none';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END
$$;
CREATE TEMP TABLE m AS SELECT fcm_fit(ARRAY[i % 3, i % 5], 2) AS model FROM generate_series(1, 30) i;

-- vectors of features: each mistake by each of the functions
CREATE TEMP TABLE calls (call text);
INSERT INTO calls VALUES
	('SELECT fcm_fit(%s, 1)'), ('SELECT kmeans_fit(%s, 1, ''{}'')'), ('SELECT kmeans_fit(%s, 1) OVER ()'), ('SELECT cluster_id(model, %s) FROM m'),
	('SELECT cluster_membership(model, %s) FROM m'), ('SELECT cluster_distance(model, %s) FROM m'),
	('SELECT cluster_outlier_score(model, %s) FROM m'), ('SELECT * FROM m, cluster_set(model, %s)'), ('SELECT cluster_set(model, %s, 1) FROM m'),
	('SELECT cluster_validity(model, %s) FROM m'), ('SELECT cluster_silhouette(model, %s) FROM m');
SELECT mistake, features, pg_temp.state_of(format(call, features)) AS sqlstate, count(*) AS calls
FROM calls, (VALUES
	('null', 'ARRAY[1, NULL]'), ('null', 'ROW(NULL::int, 1)'), ('null', 'ARRAY[NULL, 1.5]'),
	('not finite', 'ARRAY[1, ''NaN''::real]'), ('not finite', 'ARRAY[''Infinity''::float8, 1]'), ('not finite', 'ROW(1, ''-Infinity''::float8)'),
	('too large', 'ARRAY[1e200, 1]'), ('too large', 'ARRAY[1e400, 1]'), ('too large', 'ARRAY[1, 1e30::real]'),
	('shape', '''{}''::int[]'), ('shape', 'ARRAY[[1, 2]]'), ('shape', '''''::bytea'),
	('too many', 'array_fill(1, ARRAY[65536])'),
	('type', 'ARRAY[true, false]'), ('type', 'ARRAY[now()]'), ('type', '1'), ('text', '''1,2''::text'), ('type', 'ROW(1, now())'), ('type', 'ROW()'),
	('text', '''{1,two}''')) v(mistake, features)
GROUP BY mistake, features, sqlstate ORDER BY mistake, features COLLATE "C";

-- a wrong length, a broken model, wrong limits
SELECT pg_temp.state_of(format(call, 'ARRAY[1, 2, 3]')) AS sqlstate, count(*) AS calls FROM calls GROUP BY 1 ORDER BY 1;
SELECT pg_temp.state_of(format(replace(call, '(model,', '(set_byte(model, 9, 0),'), 'ARRAY[1, 2]')) AS sqlstate, count(*) AS calls
FROM calls WHERE call ~ 'model' GROUP BY 1 ORDER BY 1;
SELECT query, pg_temp.state_of(query) AS sqlstate FROM (VALUES
	('SELECT fcm_fit(CASE i WHEN 1 THEN ARRAY[1] ELSE ARRAY[1, 2] END, 1) FROM generate_series(1, 2) i'),
	('SELECT cluster_info(''FZCM'')'), ('SELECT * FROM cluster_centers(''\x00'')'), ('SELECT * FROM cluster_history('''')'),
	('SELECT cluster_id(set_byte(model, 4, 4), ARRAY[1, 2]) FROM m'), ('SELECT cluster_id(set_byte(model, 16, 65), ARRAY[1, 2]) FROM m'),
	('SELECT * FROM m, cluster_set(model, ARRAY[1, 2], -1)'), ('SELECT * FROM m, cluster_set(model, ARRAY[1, 2], 1, 2)'),
	('SELECT cluster_validity(model, ARRAY[1, 2]) FROM (SELECT model FROM m UNION ALL SELECT kmeans_fit(ARRAY[i, i], 2) FROM generate_series(1, 2) i) v')
	) v(query);

-- training
SELECT query, pg_temp.state_of(query) AS sqlstate FROM (VALUES
	('SELECT fcm_fit(ARRAY[1], 0)'), ('SELECT fcm_fit(ARRAY[1], 65536)'), ('SELECT fcm_fit(ARRAY[1], NULL)'), ('SELECT fcm_fit(ARRAY[1], 2)'),
	('SELECT fcm_fit(ARRAY[i], i) FROM generate_series(1, 2) i'), ('SELECT fcm_fit(array_fill(1, ARRAY[60000]), 60000)'),
	('SELECT fcm_fit(ARRAY[i * 1e-200], 2) FROM generate_series(1, 3) i'), ('SELECT fcm_fit(ARRAY[1], 1, ''[]'')'),
	('SELECT fcm_fit(ARRAY[1], 1, ''{"m": 2}'')'), ('SELECT fcm_fit(ARRAY[1], 1, ''{"fuzzifier": "2"}'')'), ('SELECT fcm_fit(ARRAY[1], 1, ''{"seed": -1}'')'),
	('SELECT fcm_fit(ARRAY[1], 1, ''{"init": [[1, 2]]}'')'), ('SELECT fcm_options(fuzzifier => 0)'), ('SELECT fcm_options(init => now())'),
	('SELECT fcm_options(scale => ''?'')'), ('SELECT * FROM cluster_options(''?'')')) v(query);

-- a message repeats the beginning of a long word, and of a long list
CREATE FUNCTION pg_temp.told(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
	hint text;
BEGIN
	EXECUTE query;
	RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN CASE WHEN octet_length(message || detail || hint) < 2000 THEN 'short, ' || SQLSTATE ELSE left(message, 100) END;
END $$;
SET client_min_messages = warning;
SELECT cluster_create_registry('words');
SELECT count(cluster_define(lpad(n::text, 63, 'm'), 'SELECT 1.5', 'kmeans', 1, registry => 'words')) FROM generate_series(1, 30) n;
DO $$ BEGIN FOR n IN 1..30 LOOP CALL cluster_retrain(lpad(n::text, 63, 'm'), 'words'); END LOOP; END $$;
RESET client_min_messages;
SELECT replace(query, '#', '...') AS query, pg_temp.told(replace(query, '#', repeat('ä', 100000))) FROM (VALUES
	('SELECT fcm_fit(ARRAY[1], 1, ''{"#": 1}'')'), ('SELECT fcm_fit(ARRAY[1], 1, ''{"scale": "#"}'')'), ('SELECT fcm_options(init => ''#''::text)'),
	('SELECT fcm_options(scale => ''#'')'), ('SELECT * FROM cluster_options(''#'')'), ('SELECT * FROM cluster_select(''SELECT 1'', 1, 2, ''#'')'),
	('SELECT logical_distance(ARRAY[0.5], ARRAY[0.5], generator => ''#'')'), ('SELECT cluster_model(''#'', registry => ''words'')'),
	('SELECT cluster_model(lpad(''1'', 63, ''m''), 7, ''words'')'), ('SELECT cluster_set_default(''#'', 1, ''words'')'),
	('SELECT cluster_drop(''#'', registry => ''words'')'), ('CALL cluster_retrain(''#'', ''words'')'), ('SELECT cluster_id(model, ''{1,#}'') FROM m'),
	('SELECT cluster_id(model, ''#'') FROM m'), ('SELECT cluster_id(model, ''[1, "#"]''::jsonb) FROM m'), ('SELECT cluster_define(''a'', ''SELECT 1'', ''#'', 1, registry => ''words'')'),
	('SELECT cluster_plot(1, 1, 1, 1e300::numeric ^ 100)')) v(query);
SET client_min_messages = warning;
DROP SCHEMA words CASCADE;
RESET client_min_messages;

-- the session continues
SELECT cluster_id(model, ARRAY[1, 2]) > 0 AS fine FROM m;
