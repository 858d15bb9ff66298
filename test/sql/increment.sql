-- incremental recipes: retrainings that read newer rows only
\set VERBOSITY terse
CREATE ROLE regress_miller SUPERUSER;
SET ROLE regress_miller;
SET client_min_messages = warning;
SELECT cluster_create_registry();

-- three groups that move on every day
CREATE TABLE grain (id serial PRIMARY KEY, day date, x float8, y float8);
CREATE FUNCTION harvest(d int) RETURNS void LANGUAGE sql AS $$
	INSERT INTO grain (day, x, y) SELECT '2026-01-01'::date + d, 20 * (i % 3) + sin(i + d) + d, 16 * (i % 2) + cos(3 * i + d) FROM generate_series(1, 300) i;
$$;
SELECT harvest(1), harvest(2);
CREATE VIEW kept AS SELECT frame, number, newer_than, up_to, rows, statistics IS NOT NULL AS statistics FROM cluster_registry.statistics
	WHERE name = 'grain' ORDER BY frame, number;

SELECT cluster_define('grain', 'SELECT day, x, y FROM grain ORDER BY id;', 'kmeans', 3, '{"seed": 1}', incremental => true, newer => 'day', keep => 20);
SELECT incremental, newer, span, forgetting FROM cluster_registry.recipes;

-- the first one is full, and trains on the features alone
SET client_min_messages = notice;
CALL cluster_retrain('grain');
SELECT cluster_model('grain') = kmeans_fit(q, 3, '{"seed": 1}' ORDER BY id) AS same FROM grain AS g, LATERAL (SELECT g.x, g.y) AS q;
SELECT * FROM kept;
CALL cluster_retrain('grain');
SELECT status, version FROM cluster_registry.runs ORDER BY id;
RESET client_min_messages;
SET client_min_messages = warning;

-- then each is one step of the frame over what is newer; no other row is read
SELECT harvest(3);
CALL cluster_retrain('grain');
SELECT * FROM kept;
SELECT cluster_model('grain') = cluster_update(cluster_model('grain', 1), s, 1) AS same, s = statistics AS kept
FROM (SELECT cluster_step(cluster_model('grain', 1), q) AS s FROM grain AS g, LATERAL (SELECT g.x, g.y) AS q WHERE day > '2026-01-03') AS s,
	cluster_registry.statistics WHERE number = 1;
SELECT harvest(4);
CALL cluster_retrain('grain');
SELECT cluster_model('grain') = cluster_update(cluster_model('grain', 1), s, 1) AS same
FROM (SELECT cluster_step(cluster_model('grain', 1), q) AS s FROM grain AS g, LATERAL (SELECT g.x, g.y) AS q WHERE day > '2026-01-03') AS s;
SELECT cluster_model('grain') = cluster_update(cluster_model('grain', 1), cluster_merge(statistics), 1) AS same FROM cluster_registry.statistics;
SELECT number, rows, frame, is_default, drift IS NOT NULL AS drift, validity ? 'silhouette' AS validity FROM cluster_registry.versions ORDER BY number;
SELECT version, from_version, count(*) FILTER (WHERE event = 'kept') AS kept FROM cluster_lineage('grain') GROUP BY 1, 2 ORDER BY 1;

BEGIN;
UPDATE grain SET x = 'NaN' WHERE day < '2026-01-05';
SELECT harvest(5);
CALL cluster_retrain('grain');
SELECT * FROM kept WHERE number = 3;
ROLLBACK;
BEGIN;
UPDATE grain SET x = 'NaN' WHERE day = '2026-01-05';
SELECT cluster_set_default('grain', 1);
DELETE FROM cluster_registry.statistics WHERE number = 2;
CALL cluster_retrain('grain');
ROLLBACK;

-- forgetting: the frame's rows count less with each
SELECT cluster_define('grain', 'SELECT day, x, y FROM grain ORDER BY id;', 'kmeans', 3, '{"seed": 1}', incremental => true, newer => 'day', forgetting => 0.5, keep => 20);
SELECT harvest(5);
CALL cluster_retrain('grain');
SELECT cluster_model('grain') = cluster_update(cluster_model('grain', 1), cluster_merge(statistics), 0.125) AS same FROM cluster_registry.statistics;

-- a span: statistics leave it, then the frame's rows do
SELECT cluster_define('grain', 'SELECT day, x, y FROM grain ORDER BY id;', 'kmeans', 3, '{"seed": 1}', incremental => true, newer => 'day', span => '3 days', keep => 20);
SELECT harvest(6);
CALL cluster_retrain('grain');
SELECT * FROM kept;
SELECT cluster_model('grain') = cluster_update(cluster_model('grain', 1), s, 0) AS same
FROM (SELECT cluster_step(cluster_model('grain', 1), q) AS s FROM grain AS g, LATERAL (SELECT g.x, g.y) AS q WHERE day > '2026-01-04') AS s;

-- another definition starts anew; the same one does not
SELECT cluster_define('grain', 'SELECT day, x, y FROM grain ORDER BY id;', 'kmeans', 3, '{"seed": 1}', incremental => true, newer => 'day', keep => 3);
SELECT count(*) FROM kept;
SELECT cluster_define('grain', 'SELECT day, x, y FROM grain ORDER BY id', 'kmeans', 3, '{"seed": 1}', incremental => true, newer => 'day', keep => 3);
SELECT count(*) FROM kept;
CALL cluster_retrain('grain');
SELECT * FROM kept;

-- on demand, too; a frame is kept as long as versions refer to it, and so are its statistics
SELECT harvest(7);
CALL cluster_retrain('grain');
SELECT harvest(8);
CALL cluster_retrain('grain');
SELECT harvest(9);
CALL cluster_retrain('grain');
SELECT harvest(10);
CALL cluster_retrain('grain');
SELECT number, frame, is_default FROM cluster_registry.versions ORDER BY number;
CALL cluster_retrain('grain', full => true);
CALL cluster_retrain('grain', full => true);
SELECT number, frame, is_default FROM cluster_registry.versions ORDER BY number;
SELECT * FROM kept;

-- back to an earlier version: its frame and statistics go on
SELECT cluster_set_default('grain', 11);
SELECT harvest(11);
CALL cluster_retrain('grain');
SELECT number, frame, is_default FROM cluster_registry.versions ORDER BY number;
SELECT * FROM kept;

-- a version that is refused: its rows are read again
SELECT cluster_define('picky', 'SELECT id, ARRAY[x, y] AS xy FROM grain', 'kmeans', 3, incremental => true, newer => 'id', max_validity_drop => 0.3);
CALL cluster_retrain('picky');
INSERT INTO grain (day, x, y) SELECT '2026-02-01', 70 * sin(i * i), 70 * cos(i * i * i) FROM generate_series(1, 300) i;
CALL cluster_retrain('picky');
SELECT number, frame, is_default FROM cluster_registry.versions WHERE name = 'picky' ORDER BY number;
SELECT number, newer_than, up_to FROM cluster_registry.statistics WHERE name = 'picky';
DELETE FROM grain WHERE day = '2026-02-01';
SELECT harvest(12);
CALL cluster_retrain('picky');
SELECT number, newer_than, up_to, rows FROM cluster_registry.statistics WHERE name = 'picky' ORDER BY number;

-- rows without features are counted as skipped, and do not move the bound alone
INSERT INTO grain (day, x, y) VALUES ('2026-01-14', NULL, 1), ('2026-01-14', 1, NULL);
SET client_min_messages = notice;
SELECT cluster_define('patient', 'SELECT day, x, y FROM grain WHERE day < ''2026-01-14''', 'fcm', 3, '{"missing": "skip", "scale": "zscore"}', incremental => true, newer => 'day');
CALL cluster_retrain('patient');
UPDATE cluster_registry.recipes SET query = 'SELECT day, x, y FROM grain' WHERE name = 'patient';
CALL cluster_retrain('patient');
SELECT cluster_define('patient', 'SELECT day, x, y FROM grain', 'fcm', 3, '{"missing": "skip", "scale": "zscore"}', incremental => true, newer => 'day');
DELETE FROM grain WHERE day = '2026-01-14';
CALL cluster_retrain('patient');
INSERT INTO grain (day, x, y) VALUES ('2026-01-14', NULL, 1), ('2026-01-14', 1, NULL);
CALL cluster_retrain('patient');
SELECT number, up_to FROM cluster_registry.statistics WHERE name = 'patient';
DELETE FROM grain WHERE x IS NULL OR y IS NULL;
SET client_min_messages = warning;

-- where gaps are features, they are in the sample as well: clusters keep their numbers if no newer row is complete
SELECT cluster_define('gaps_' || missing, 'SELECT id, x, y FROM grain', 'kmeans', 3, jsonb_build_object('missing', missing), incremental => true, newer => 'id')
FROM unnest(ARRAY['partial', 'mean']) AS missing;
CALL cluster_retrain('gaps_partial');
CALL cluster_retrain('gaps_mean');
INSERT INTO grain (day, x, y) VALUES ('2026-01-14', NULL, 1), ('2026-01-14', 1, NULL), ('2026-01-14', NULL, NULL);
CALL cluster_retrain('gaps_partial');
CALL cluster_retrain('gaps_mean');
SELECT name, number, rows, drift -> 'rows' AS sample FROM cluster_registry.versions WHERE name LIKE 'gaps%' ORDER BY name, number;
DELETE FROM grain WHERE x IS NULL OR y IS NULL;

-- every algorithm that has steps, every type that orders rows
CREATE VIEW ages AS SELECT x, y, day, day::timestamp AS stamp, day::timestamptz AS zoned, id::smallint AS small, id, 4000000000 * id AS big FROM grain;
SELECT cluster_define(concat_ws(' ', algorithm, age), format('SELECT x, %I, y FROM ages', age), algorithm, 3,
	incremental => true, newer => age, span => CASE WHEN age IN ('day', 'stamp', 'zoned') THEN '400 days' ELSE '4000000000000' END)
FROM unnest(ARRAY['kmeans', 'fcm', 'mec', 'gk']) AS algorithm, unnest(ARRAY['day', 'stamp', 'zoned', 'small', 'id', 'big']) AS age
WHERE algorithm = 'kmeans' OR age = 'id';
SET DateStyle = 'SQL, DMY';
SET TimeZone = 'Asia/Kathmandu';
SET client_min_messages = error;
DO $$
DECLARE r record;
BEGIN
	FOR r IN SELECT name FROM cluster_registry.recipes WHERE name LIKE '% %' ORDER BY name LOOP
		CALL cluster_retrain(r.name);
	END LOOP;
	PERFORM harvest(15);
	SET LOCAL DateStyle = 'German';
	FOR r IN SELECT name FROM cluster_registry.recipes WHERE name LIKE '% %' ORDER BY name LOOP
		CALL cluster_retrain(r.name);
	END LOOP;
END
$$;
RESET DateStyle;
RESET TimeZone;
SET client_min_messages = warning;
SELECT name, frame, number, rows FROM cluster_registry.statistics WHERE name LIKE '% %' AND number > 0 ORDER BY name;

-- what a definition refuses
SELECT cluster_define('bad', 'SELECT day, x, y FROM grain', 'kmeans', 3, incremental => true);
SELECT cluster_define('bad', 'SELECT day, x, y FROM grain', 'kmeans', 3, newer => 'day');
SELECT cluster_define('bad', 'SELECT day, x, y FROM grain', 'kmeans', 3, span => '3 days');
SELECT cluster_define('bad', 'SELECT day, x, y FROM grain', 'kmeans', 3, incremental => true, newer => 'date');
SELECT cluster_define('bad', 'SELECT day::text, x, y FROM grain', 'kmeans', 3, incremental => true, newer => 'day');
SELECT cluster_define('bad', 'SELECT day FROM grain', 'kmeans', 3, incremental => true, newer => 'day');
SELECT cluster_define('bad', 'SELECT day, x, day AS y FROM grain', 'kmeans', 3, incremental => true, newer => 'day');
SELECT cluster_define('bad', 'SELECT day, x, x FROM grain', 'kmeans', 3, incremental => true, newer => 'day');
SELECT cluster_define('bad', 'SELECT day, x FROM grain) AS q; SELECT (1', 'kmeans', 3, incremental => true, newer => 'day');
SELECT cluster_define('bad', 'SELECT day, x FROM grain FOR UPDATE', 'kmeans', 3, incremental => true, newer => 'day');
SELECT cluster_define('bad', 'SELECT day, x, y FROM grain', 'kmeans', 3, incremental => true, newer => 'day', span => 'long');
SELECT cluster_define('bad', 'SELECT day, x, y FROM grain', 'kmeans', 3, incremental => true, newer => 'day', span => '-3 days');
SELECT cluster_define('bad', 'SELECT id, x, y FROM grain', 'kmeans', 3, incremental => true, newer => 'id', span => '3 days');
SELECT cluster_define('bad', 'SELECT id, x, y FROM grain', 'kmeans', 3, incremental => true, newer => 'id', span => '0');
SELECT cluster_define('bad', 'SELECT day, x, y FROM grain', 'kmeans', 3, incremental => true, newer => 'day', forgetting => 1.5);
SELECT cluster_define('bad', 'SELECT day, x, y FROM grain', 'kmeans', 3, incremental => true, newer => 'day', forgetting => 'NaN');
SELECT cluster_define('bad', 'SELECT day, x, y FROM grain', 'dec', 3, incremental => true, newer => 'day');
SELECT cluster_define('bad', 'SELECT day, x, y FROM grain', 'spectral', 3, incremental => true, newer => 'day');
CALL cluster_retrain('grain', full => NULL);

-- what a training refuses: rows that are never newer, a value that nothing is newer than, other features
SELECT cluster_define('odd', 'SELECT CASE WHEN id > 2 THEN day END AS "Tag; --", x, y FROM grain -- and no more', 'kmeans', 3, incremental => true, newer => 'Tag; --');
CALL cluster_retrain('odd');
SELECT cluster_define('odd', 'SELECT CASE WHEN id > 2 THEN day ELSE ''infinity'' END AS "Tag; --", x, y FROM grain -- and no more', 'kmeans', 3, incremental => true, newer => 'Tag; --');
CALL cluster_retrain('odd');
SELECT cluster_define('odd', 'SELECT day AS "Tag; --", x, y FROM grain -- and no more', 'kmeans', 3, incremental => true, newer => 'Tag; --');
CALL cluster_retrain('odd');
SELECT harvest(16);
CALL cluster_retrain('odd');
CREATE VIEW sack AS SELECT day, x, y FROM grain;
SELECT cluster_define('sack', 'SELECT * FROM sack', 'kmeans', 3, incremental => true, newer => 'day');
CALL cluster_retrain('sack');
SELECT harvest(17);
DROP VIEW sack;
CREATE VIEW sack AS SELECT day, x FROM grain;
CALL cluster_retrain('sack');
DROP VIEW sack;
CREATE VIEW sack AS SELECT day, y, x FROM grain;
CALL cluster_retrain('sack');
DROP VIEW sack;
CREATE VIEW sack AS SELECT day AS days, x, y FROM grain;
CALL cluster_retrain('sack');
SELECT version, status, error FROM cluster_registry.runs WHERE name = 'sack' ORDER BY id;

-- statistics that an owner has lost or spoilt: all rows are read, or an error says what is wrong
DELETE FROM cluster_registry.statistics WHERE name = 'odd' AND number = 0;
SELECT harvest(18);
CALL cluster_retrain('odd');
SELECT frame, number FROM cluster_registry.statistics WHERE name = 'odd' ORDER BY frame, number;
SELECT harvest(19);
CALL cluster_retrain('odd');
UPDATE cluster_registry.statistics SET statistics = '\x00' WHERE name = 'odd' AND number > 0;
SELECT harvest(20);
CALL cluster_retrain('odd');
UPDATE cluster_registry.statistics SET statistics = (SELECT statistics FROM cluster_registry.statistics WHERE name = 'kmeans id' AND number = 1)
WHERE name = 'odd' AND number > 0;
CALL cluster_retrain('odd');
UPDATE cluster_registry.statistics SET up_to = 'yesteryear' WHERE name = 'odd';
CALL cluster_retrain('odd');
CALL cluster_retrain('odd', full => true);
SELECT count(*) FROM cluster_registry.statistics WHERE name = 'odd' AND frame = (SELECT frame FROM cluster_registry.versions WHERE name = 'odd' AND is_default);

-- an aggregate that fits better than the extension's is not called
CREATE FUNCTION spy(bytea, bytea, record) RETURNS bytea LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'spy'; RETURN NULL; END $$;
CREATE AGGREGATE public.cluster_step(bytea, record) (SFUNC = spy, STYPE = bytea);
SELECT harvest(21);
CALL cluster_retrain('odd');
DROP AGGREGATE public.cluster_step(bytea, record);

-- an incremental recipe that becomes an ordinary one, and the other way round
SELECT cluster_define('odd', 'SELECT x, y FROM grain', 'kmeans', 3);
CALL cluster_retrain('odd');
SELECT count(frame) AS frames, (SELECT count(*) FROM cluster_registry.statistics WHERE name = 'odd') AS statistics FROM cluster_registry.versions WHERE name = 'odd';
SELECT cluster_define('odd', 'SELECT day, x, y FROM grain', 'kmeans', 3, incremental => true, newer => 'day');
BEGIN;
CALL cluster_retrain('odd');
SELECT harvest(22);
CALL cluster_retrain('odd');
SELECT number FROM cluster_registry.statistics WHERE name = 'odd' ORDER BY number;
ROLLBACK;
SELECT count(*) FROM cluster_registry.statistics WHERE name = 'odd';
SELECT cluster_drop('odd');

-- passes over the query, by the owner: the model is that of _train, in any order of the rows
SELECT cluster_define('passes', 'SELECT x, y FROM grain ORDER BY id', 'kmeans', 3, '{"passes": "query"}');
CALL cluster_retrain('passes');
CALL cluster_retrain('passes');
SELECT number, model = kmeans_train('SELECT x, y FROM grain ORDER BY random()', 3, '{"passes": "query"}') AS same,
	rows = (SELECT count(*) FROM grain) AS all, drift -> 'changed' AS changed, drift -> 'rows' = to_jsonb(rows) AS sampled
FROM cluster_registry.versions WHERE name = 'passes' ORDER BY number;
SELECT cluster_define('passes', 'SELECT day, x, y FROM grain', 'kmeans', 3, '{"passes": "query"}', incremental => true, newer => 'day');
CALL cluster_retrain('passes');
SELECT harvest(23);
CALL cluster_retrain('passes');
SELECT frame, number, rows FROM cluster_registry.statistics WHERE name = 'passes' ORDER BY 1, 2;
SELECT cluster_define('passes', 'SELECT x, y FROM grain', 'dec', 3, '{"passes": "query"}');
SELECT cluster_define('passes', 'SELECT x, y FROM grain WHERE x > 1e9', 'kmeans', 3, '{"passes": "query"}');
CALL cluster_retrain('passes');

-- categories, whose values are those of the frame: a new one is left out of the distance until the next full training
CREATE VIEW sorted AS SELECT id, day, x, y, CASE WHEN id % 3 = 1 THEN 'rye' WHEN id % 3 = 2 THEN 'oats' ELSE 'spelt' END AS kind, id % 2 = 0 AS organic FROM grain
	WHERE day > '2026-01-20';
SELECT cluster_define('sorted', 'SELECT day, x, kind, y, organic FROM sorted ORDER BY id', 'kmeans', 3, '{"scale": "zscore"}', incremental => true, newer => 'day');
CALL cluster_retrain('sorted');
SELECT harvest(24);
CREATE OR REPLACE VIEW sorted AS SELECT id, day, x, y, CASE WHEN day > '2026-01-24' AND id % 7 = 0 THEN 'emmer' WHEN id % 3 = 1 THEN 'rye' WHEN id % 3 = 2 THEN 'oats' ELSE 'spelt' END AS kind, id % 2 = 0 AS organic FROM grain
	WHERE day > '2026-01-20';
CALL cluster_retrain('sorted');
SELECT frame, number, rows FROM cluster_registry.statistics WHERE name = 'sorted' ORDER BY 1, 2;
SELECT cluster_model('sorted') = cluster_update(cluster_model('sorted', 1), s, 1) AS same
FROM (SELECT cluster_step(cluster_model('sorted', 1), ROW(x, kind, y, organic)) AS s FROM sorted WHERE day > '2026-01-24') AS s;
SELECT number, drift -> 'rows' = to_jsonb(300) AS sampled, drift ->> 'changed' AS changed FROM cluster_registry.versions WHERE name = 'sorted' ORDER BY 1;
SELECT cluster_to_json(cluster_model('sorted'))::text LIKE '%emmer%' AS learned;
CALL cluster_retrain('sorted', full => true);
SELECT cluster_to_json(cluster_model('sorted'))::text LIKE '%emmer%' AS learned;
DROP VIEW sorted;

DROP SCHEMA cluster_registry CASCADE;
DROP OWNED BY regress_miller;
RESET ROLE;
DROP ROLE regress_miller;
