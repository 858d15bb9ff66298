-- a registry of models: recipes, versions, and numbers of clusters that stay
\set VERBOSITY terse
CREATE ROLE regress_keeper SUPERUSER;
SET ROLE regress_keeper;

-- four groups, told apart by their sizes and places; "turn" shuffles, "move" perturbs
CREATE TABLE points (id int, x float8, y float8);
CREATE FUNCTION fill(turn int, move float8) RETURNS void LANGUAGE sql AS $$
	TRUNCATE points;
	INSERT INTO points
		SELECT (i * turn) % 397, 10 * g + sin(i) + move * cos(7 * g), 8 * (g % 2) + cos(3 * i) + move * sin(5 * g)
		FROM generate_series(1, 396) i, LATERAL (SELECT i % 4 AS g) AS q;
$$;
SELECT fill(1, 0);

SELECT cluster_create_registry();
SELECT cluster_upgrade_registry();
SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'cluster_registry' ORDER BY 1;
SELECT c.relname, a.attname FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND c.relkind = 'r'
WHERE c.relnamespace = 'cluster_registry'::regnamespace AND c.relkind IN ('r', 'v')
	AND (obj_description(c.oid, 'pg_class') IS NULL OR (a.attnum > 0 AND col_description(c.oid, a.attnum) IS NULL)) ORDER BY 1, 2;
SELECT count(*) AS members_of_extension FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e' AND classid = 'pg_class'::regclass
	AND objid IN (SELECT oid FROM pg_class WHERE relnamespace = 'cluster_registry'::regnamespace);
SELECT attname, attstorage FROM pg_attribute
WHERE attrelid IN ('cluster_registry.versions'::regclass, 'cluster_registry.runs'::regclass) AND atttypid = 'bytea'::regtype
ORDER BY 1;

SELECT cluster_define('points', 'SELECT x, y FROM points ORDER BY id', 'fcm', 4, '{"seed": 1}', keep => 2);
SELECT name, algorithm, clusters, options, owner = current_user AS mine, search_path, keep, warm_start,
	max_validity_drop, checkpoint_epochs FROM cluster_registry.recipes;
SELECT cluster_model('points');

-- the model is the one that a training gives
CALL cluster_retrain('points');
SELECT cluster_model('points') = fcm_fit(q, 4, '{"seed": 1}' ORDER BY id) AS same FROM points p, LATERAL (SELECT p.x, p.y) q;
SELECT name, version, is_default, algorithm, clusters, rows, seconds >= 0 AS seconds, iterations > 0 AS iterations,
	converged, objective > 0 AS objective, validity ? 'silhouette' AS validity, drift IS NULL AS first,
	bytes = octet_length(cluster_model(name)) AS bytes FROM cluster_registry.models;
SELECT id, name, started_at <= ended_at AS ended, status, phase, error, version FROM cluster_registry.runs;

-- rows in another order, moved by less than half the distance to a neighbour, and another seed:
-- the training by itself would number its clusters differently
CREATE TABLE sites AS SELECT cluster, center FROM cluster_centers(cluster_model('points'));
SELECT fill(5, 2.5);
SELECT cluster_define('points', 'SELECT x, y FROM points ORDER BY id', 'fcm', 4, '{"seed": 3}', keep => 2);
SELECT count(*) > 0 AS anew FROM (SELECT fcm_fit(ARRAY[x, y], 4, '{"seed": 3}' ORDER BY id) AS model FROM points) AS m,
	cluster_centers(model) AS c JOIN sites USING (cluster)
WHERE abs(c.center[1] - sites.center[1]) > 5 OR abs(c.center[2] - sites.center[2]) > 5;
CALL cluster_retrain('points');
SELECT c.cluster, abs(c.center[1] - s.center[1]) < 3 AND abs(c.center[2] - s.center[2]) < 3 AS stays
FROM cluster_centers(cluster_model('points')) AS c JOIN sites AS s USING (cluster) ORDER BY 1;
SELECT drift - 'clusters' - 'validity' AS drift, jsonb_path_query_array(drift, '$.clusters[*].was') AS was,
	jsonb_path_query_array(drift, '$.clusters[*].cluster') AS cluster,
	(SELECT bool_and((c ->> 'moved')::float8 BETWEEN 0.1 AND 4) FROM jsonb_array_elements(drift -> 'clusters') AS c) AS moved
FROM cluster_registry.versions WHERE is_default;
SELECT drift #>> '{validity,new}' = validity::text AS validity FROM cluster_registry.versions WHERE is_default;

-- as many versions are kept as asked for, and the default one
CALL cluster_retrain('points');
CALL cluster_retrain('points');
SELECT version, is_default FROM cluster_registry.models ORDER BY 1;
SELECT cluster_set_default('points', 3);
CALL cluster_retrain('points');
SELECT version, is_default FROM cluster_registry.models ORDER BY 1;
SELECT cluster_model('points', 5) = cluster_model('points') AS same, cluster_model('points', 4) IS NOT NULL AS other;

-- two groups vanish, and the others keep their numbers as far as these exist
SELECT cluster_define('points', 'SELECT x, y FROM points WHERE id % 397 IN (SELECT id FROM points) AND x > 14', 'kmeans', 2);
CALL cluster_retrain('points');
SELECT drift -> 'vanished' AS vanished, drift -> 'appeared' AS appeared,
	jsonb_array_length(drift -> 'clusters') AS pairs,
	(SELECT bool_and(c -> 'cluster' = c -> 'was') FROM jsonb_array_elements(drift -> 'clusters') AS c
		WHERE (c ->> 'was')::int <= 2) AS kept
FROM cluster_registry.models WHERE is_default;
SELECT cluster_define('points', 'SELECT x, y FROM points ORDER BY id', 'kmeans', 4);
CALL cluster_retrain('points');
SELECT drift -> 'vanished' AS vanished, jsonb_array_length(drift -> 'appeared') AS appeared
FROM cluster_registry.models WHERE is_default;

-- an algorithm that finds the number of clusters; other features
SELECT cluster_define('found', 'SELECT ARRAY[x, y] FROM points ORDER BY id', 'logical', NULL);
CALL cluster_retrain('found');
SELECT count(*) > 1 AS several FROM cluster_centers((SELECT cluster_model('found')));
SELECT cluster_define('found', 'SELECT x FROM points ORDER BY id', 'logical', NULL);
CALL cluster_retrain('found');
SELECT version, is_default, drift FROM cluster_registry.models WHERE name = 'found' ORDER BY version;

-- a validity that falls too far
SELECT cluster_define('careful', 'SELECT x, y FROM points ORDER BY id', 'kmeans', 4, max_validity_drop => 0.2);
CALL cluster_retrain('careful');
UPDATE points SET x = 100 * sin(id), y = 100 * cos(3 * id);
CALL cluster_retrain('careful');
SELECT version, is_default FROM cluster_registry.models WHERE name = 'careful' ORDER BY 1;
SELECT status, version, error ~ '^the silhouette falls from 0.\d+ to 0.\d+, more than max_validity_drop = 0.2 allows$' AS why
FROM cluster_registry.runs WHERE name = 'careful' ORDER BY id;
SELECT cluster_set_default('careful', 2);
SELECT version FROM cluster_registry.models WHERE name = 'careful' AND is_default;

-- every algorithm, twice, the second time from where the first one ended
SELECT fill(1, 0);
SELECT cluster_define(algorithm, 'SELECT ARRAY[x, y]::real[] FROM points ORDER BY id', algorithm, 4,
	CASE WHEN algorithm IN (SELECT algorithm FROM cluster_options() WHERE option = 'hidden')
		THEN '{"hidden": [4], "latent": 2, "pretrain_epochs": 2, "max_iterations": 2}'::jsonb ELSE '{}' END, warm_start => true)
FROM (SELECT DISTINCT algorithm FROM cluster_options()) AS a ORDER BY algorithm;
SET client_min_messages = error;
DO $$
DECLARE r record;
BEGIN
	FOR i IN 1..2 LOOP
		FOR r IN SELECT name FROM cluster_registry.recipes WHERE name = algorithm LOOP
			CALL cluster_retrain(r.name);
		END LOOP;
	END LOOP;
END
$$;
RESET client_min_messages;
SELECT count(DISTINCT algorithm) FILTER (WHERE NOT EXISTS (SELECT FROM cluster_registry.models
	WHERE models.name = o.algorithm AND version = 2 AND is_default AND drift -> 'vanished' = '[]')) AS failed
FROM cluster_options() AS o;
SELECT min(iterations) FILTER (WHERE version = 1) > min(iterations) FILTER (WHERE version = 2) AS warm
FROM cluster_registry.models WHERE name = 'fcm';
SELECT cluster_model('kmeans', 2) = kmeans_fit(ARRAY[x, y]::real[], 4, kmeans_options(init => cluster_model('kmeans', 1)) ORDER BY id) AS same
FROM points;

DO $$
BEGIN
	PERFORM cluster_drop(name) FROM cluster_registry.recipes WHERE name = algorithm AND name <> 'kmeans';
END
$$;

-- within a transaction block, and a function, it is one transaction
SELECT cluster_define('block', 'SELECT x, y FROM points ORDER BY id', 'kmeans', 4);
BEGIN;
CALL cluster_retrain('block');
SELECT status FROM cluster_registry.runs WHERE name = 'block';
CALL cluster_retrain('block');
ROLLBACK;
SELECT count(*) FROM cluster_registry.runs WHERE name = 'block';
CREATE FUNCTION retrain(name text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	CALL cluster_retrain(name);
	RETURN 'trained';
EXCEPTION WHEN division_by_zero THEN
	RETURN 'caught';
END
$$;
SELECT retrain('block');
SELECT cluster_define('block', 'SELECT x / 0, y FROM points', 'kmeans', 4);
SELECT retrain('block');
SELECT id > 0 AS id, status, version FROM cluster_registry.runs WHERE name = 'block';

-- failures are recorded, and a run without an end is marked as died
CALL cluster_retrain('block');
INSERT INTO cluster_registry.runs (name, started_at, status) VALUES ('block', now(), 'running');
SELECT cluster_define('block', 'SELECT x, y FROM points WHERE false', 'kmeans', 4);
CALL cluster_retrain('block');
SELECT status, phase, error, version FROM cluster_registry.runs WHERE name = 'block' ORDER BY id;
SELECT count(*) AS locks FROM pg_locks WHERE locktype = 'advisory';

-- the search path of the definition holds, whatever that of the caller is
CREATE SCHEMA here;
CREATE TABLE here.rows AS SELECT x, y FROM points;
SET search_path = here, public;
SELECT cluster_define('path', 'SELECT x, y FROM rows', 'kmeans', 4);
SET search_path = public;
CREATE TEMP TABLE rows (x text);
CALL cluster_retrain('path');
SELECT search_path FROM cluster_registry.recipes WHERE name = 'path';
SHOW search_path;
DROP TABLE pg_temp.rows;

-- a schema whose name contains another's, temporary tables first or last, by either name
CREATE SCHEMA my_pg_temp_work;
SET search_path = my_pg_temp_work, public;
SELECT cluster_define('temp', 'SELECT x, y FROM points', 'kmeans', 4);
SELECT search_path FROM cluster_registry.recipes WHERE name = 'temp';
SET search_path = pg_temp, "my_pg_temp_work", "$user", pg_temp_3, "a b", public;
SELECT cluster_define('temp', 'SELECT x, y FROM points', 'kmeans', 4);
SELECT search_path FROM cluster_registry.recipes WHERE name = 'temp';
CREATE TEMP TABLE points AS SELECT x, y FROM public.points LIMIT 7;
CALL cluster_retrain('temp');
SELECT rows FROM cluster_registry.models WHERE name = 'temp';
DROP TABLE pg_temp.points;
SET search_path = '';
SELECT public.cluster_define('temp', 'SELECT x, y FROM public.points', 'kmeans', 4);
SET search_path = public;
SELECT search_path FROM cluster_registry.recipes WHERE name = 'temp';
DROP SCHEMA my_pg_temp_work;

-- what would lock or change rows is refused at once, wherever it is
CREATE VIEW locking AS SELECT x, y FROM points FOR UPDATE;
SELECT cluster_define('locks', 'SELECT x, y FROM (SELECT x, y FROM points FOR UPDATE) s', 'kmeans', 4);
SELECT cluster_define('locks', 'WITH s AS (SELECT x, y FROM points FOR SHARE) SELECT x, y FROM s', 'kmeans', 4);
SELECT cluster_define('locks', 'SELECT x, (SELECT y FROM sites FOR KEY SHARE) FROM points', 'kmeans', 4);
SELECT cluster_define('locks', 'SELECT x, y FROM points WHERE x IN (SELECT x FROM points FOR NO KEY UPDATE)', 'kmeans', 4);
SELECT cluster_define('locks', 'SELECT x, y FROM points UNION ALL (SELECT x, y FROM points FOR UPDATE)', 'kmeans', 4);
SELECT cluster_define('locks', 'SELECT x, y FROM locking', 'kmeans', 4);
SELECT cluster_define('locks', 'WITH d AS (DELETE FROM points RETURNING x, y) SELECT x, y FROM d', 'kmeans', 4);
SELECT clusters FROM cluster_select('SELECT x, y FROM locking', 2, 3);
DROP VIEW locking;

-- names are as long as any other
SELECT cluster_define(repeat('x', 63), 'SELECT x, y FROM points', 'kmeans', 4);
SELECT cluster_define(repeat('x', 64), 'SELECT x, y FROM points', 'kmeans', 4);
SELECT cluster_define(repeat('x', 70000), 'SELECT x, y FROM points', 'kmeans', 4);
SELECT cluster_define(repeat('é', 32), 'SELECT x, y FROM points', 'kmeans', 4);
CALL cluster_retrain(repeat('x', 63));
SELECT cluster_drop(repeat('x', 63));

-- locks that would persist in the session that retrains
SELECT pg_advisory_lock(1);
SELECT cluster_define('held', 'SELECT x, y FROM points, (SELECT pg_advisory_lock(2, 3) OFFSET 0) AS l', 'kmeans', 4);
CALL cluster_retrain('held');
SELECT cluster_define('held', 'SELECT x, y FROM points, (SELECT pg_advisory_unlock_all() OFFSET 0) AS l', 'kmeans', 4);
CALL cluster_retrain('held');
CREATE FUNCTION hold() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN pg_try_advisory_lock_shared(4); END';
SELECT cluster_define('held', 'SELECT x, y FROM points WHERE hold()', 'kmeans', 4);
CALL cluster_retrain('held');
SELECT cluster_define('held', 'SELECT x, y FROM points, (SELECT pg_advisory_xact_lock(5) OFFSET 0) AS l', 'kmeans', 4);
CALL cluster_retrain('held');
SELECT objid FROM pg_locks WHERE locktype = 'advisory';
SELECT pg_advisory_unlock(1), hold(), pg_advisory_unlock_shared(4);
SELECT cluster_drop(name) FROM cluster_registry.recipes WHERE name IN ('temp', 'held') ORDER BY name;
DROP FUNCTION hold;

-- hostile names
SELECT cluster_create_registry(E'a"b''; DROP SCHEMA here; --\n');
SELECT cluster_define(E'm"n''; DROP SCHEMA here; --\n@', 'SELECT x, y FROM points', 'kmeans', 2, registry => E'a"b''; DROP SCHEMA here; --\n');
CALL cluster_retrain(E'm"n''; DROP SCHEMA here; --\n@', registry => E'a"b''; DROP SCHEMA here; --\n');
CALL cluster_retrain(E'm"n''; DROP SCHEMA here; --\n@', E'a"b''; DROP SCHEMA here; --\n');
SELECT cluster_set_default(E'm"n''; DROP SCHEMA here; --\n@', 1, registry => E'a"b''; DROP SCHEMA here; --\n');
SELECT name, version, is_default FROM "a""b'; DROP SCHEMA here; --
".models ORDER BY 2;
SELECT cluster_drop(E'm"n''; DROP SCHEMA here; --\n@', E'a"b''; DROP SCHEMA here; --\n');
SELECT count(*) AS schemas FROM pg_namespace WHERE nspname = 'here';

-- two models that are compared
SELECT d -> 'rows' AS rows, d -> 'changed' AS changed, jsonb_path_query_array(d, '$.clusters[*].was') AS was
FROM (SELECT cluster_drift(m, m, 'SELECT x, y FROM points') AS d FROM (SELECT cluster_model('careful', 1) AS m) AS m) AS q;
SELECT cluster_drift(NULL, cluster_model('careful'), 'SELECT 1') IS NULL AS null_in;

-- dropping takes versions and runs along
SELECT cluster_drop('careful');
SELECT count(*) FROM cluster_registry.models WHERE name = 'careful';

-- a change of the algorithm is told
SELECT cluster_define('points', 'SELECT x, y FROM points', 'gk', 4);

-- errors
\set VERBOSITY default
SELECT cluster_create_registry();
SELECT cluster_create_registry(NULL);
SELECT cluster_define('e', 'SELECT 1', 'fmc', 2);
SELECT cluster_define('e', 'SELECT x, y FROM points', 'fcm', NULL);
SELECT cluster_define('e', 'SELECT x, y FROM points', 'fcm', 0);
SELECT cluster_define('e', 'SELECT x, y FROM points', 'fcm', 2, '{"m": 2}');
SELECT cluster_define('e', 'SELECT x, y FROM points', 'fcm', 2, keep => 0);
SELECT cluster_define('e', 'SELECT x, y FROM points', 'fcm', 2, max_validity_drop => -0.1);
SELECT cluster_define('e', 'SELECT x, y FROM points', 'fcm', 2, checkpoint_epochs => -1);
SELECT cluster_define('e', 'SELECT z FROM points', 'fcm', 2);
SELECT cluster_define('e', 'SELECT now()', 'fcm', 2);
SELECT cluster_define('e', 'SELECT', 'fcm', 2);
SELECT cluster_define('e', 'DELETE FROM points RETURNING x', 'fcm', 2);
SELECT cluster_define('e', 'SELECT x FROM points; SELECT y FROM points', 'fcm', 2);
SELECT cluster_define('e', 'SELECT x FROM', 'fcm', 2);
SELECT cluster_define('', 'SELECT x FROM points', 'fcm', 2);
SELECT cluster_define(NULL, 'SELECT x FROM points', 'fcm', 2);
SELECT cluster_define('e', 'SELECT x FROM points', 'fcm', 2, registry => 'nowhere');
SELECT cluster_define('e', 'SELECT x FROM points', 'fcm', 2, registry => 'here');
CALL cluster_retrain('e');
CALL cluster_retrain(NULL);
CALL cluster_retrain('points', 'nowhere');
SELECT cluster_model('e');
SELECT cluster_create_registry('elsewhere');
SELECT cluster_model('e', registry => 'elsewhere');
SET client_min_messages = warning;
DROP SCHEMA elsewhere CASCADE;
RESET client_min_messages;
SELECT cluster_model('points', 99);
SELECT cluster_model('points', 0);
SELECT cluster_model('points', registry => 'here');
SELECT cluster_set_default('points', 99);
SELECT cluster_set_default('e', 1);
SELECT cluster_set_default('points', NULL);
SELECT cluster_drop('e');
SELECT cluster_drift(cluster_model('kmeans'), cluster_model('found'), 'SELECT x, y FROM points');
UPDATE cluster_registry.versions SET is_default = false WHERE name = 'points';
SELECT cluster_model('points');
UPDATE cluster_registry.recipes SET owner = 'somebody else' WHERE name = 'points';
CALL cluster_retrain('points');
UPDATE cluster_registry.recipes SET owner = current_user, query = 'SELECT x, 2 * y FROM points' WHERE name = 'points';
CALL cluster_retrain('points');
BEGIN READ ONLY;
CALL cluster_retrain('points');
ROLLBACK;

-- tables that owners have altered
UPDATE cluster_registry.recipes SET query = 'SELECT x, y FROM points', clusters = 70000 WHERE name = 'points';
CALL cluster_retrain('points');
ALTER TABLE cluster_registry.recipes ALTER query DROP NOT NULL;
UPDATE cluster_registry.recipes SET query = NULL, clusters = 2 WHERE name = 'points';
CALL cluster_retrain('points');
ALTER TABLE cluster_registry.recipes ALTER keep TYPE numeric;
CALL cluster_retrain('kmeans');
ALTER TABLE cluster_registry.recipes ALTER keep TYPE int;
CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER forget BEFORE INSERT ON cluster_registry.runs FOR EACH ROW EXECUTE FUNCTION forget();
CALL cluster_retrain('kmeans');
DROP TRIGGER forget ON cluster_registry.runs;
UPDATE cluster_registry.format SET number = 4;
CALL cluster_retrain('kmeans');
SELECT cluster_upgrade_registry();
UPDATE cluster_registry.format SET number = 3;
ALTER TABLE cluster_registry.runs RENAME TO races;
CREATE VIEW cluster_registry.runs AS SELECT * FROM cluster_registry.races;
CALL cluster_retrain('kmeans');
SELECT cluster_model('kmeans');
SET client_min_messages = error;
DROP SCHEMA cluster_registry, here, "a""b'; DROP SCHEMA here; --
" CASCADE;
DROP TABLE points, sites;
DROP FUNCTION fill, retrain, forget;
RESET ROLE;
DROP ROLE regress_keeper;
