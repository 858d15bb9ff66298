-- models that live: what became of their clusters, formats of their registry
\set VERBOSITY terse
CREATE ROLE regress_gardener SUPERUSER;
SET ROLE regress_gardener;
SET client_min_messages = warning;

-- groups told apart by their places
CREATE TABLE plants (id int PRIMARY KEY, spot int, x float8, y float8);
INSERT INTO plants SELECT i, i % 4, 20 * (i % 4) + sin(i), 16 * (i % 2) + cos(3 * i) FROM generate_series(1, 400) i;

SELECT cluster_create_registry();
SELECT cluster_define('plants', 'SELECT x, y FROM plants ORDER BY id', 'kmeans', 4);
SELECT * FROM cluster_lineage('plants');
CALL cluster_retrain('plants');
SELECT * FROM cluster_lineage('plants');

-- clusters become one, and come apart again
CREATE VIEW news AS SELECT version, event, count(*), count(cluster) AS clusters, count(from_cluster) AS from_clusters,
	count(DISTINCT from_version) AS from_versions, sum(share)::numeric(4,2) AS share, sum(from_share)::numeric(4,2) AS from_share
FROM cluster_lineage('plants') GROUP BY version, event;
SELECT cluster_define('plants', 'SELECT x, y FROM plants ORDER BY id', 'kmeans', 3);
CALL cluster_retrain('plants');
SELECT * FROM news WHERE version = 2 ORDER BY event;
SELECT cluster_define('plants', 'SELECT x, y FROM plants ORDER BY id', 'kmeans', 4);
CALL cluster_retrain('plants');
SELECT * FROM news WHERE version = 3 ORDER BY event;

-- a group is gone, and another one is where there was none; one that has moved is kept
UPDATE plants SET x = x + 7 WHERE spot = 3;
SELECT cluster_define('plants', 'SELECT x + CASE spot WHEN 0 THEN 900 ELSE 0 END, y FROM plants', 'kmeans', 4);
CALL cluster_retrain('plants');
SELECT event, count(*), count(cluster) AS clusters, count(from_cluster) AS from_clusters FROM cluster_lineage('plants')
WHERE version = 4 GROUP BY event ORDER BY event;

-- every cluster of both versions is in it, with the numbers that the models have
SELECT version, array_agg(DISTINCT cluster ORDER BY cluster) AS clusters, array_agg(DISTINCT from_cluster ORDER BY from_cluster) AS from_clusters
FROM cluster_lineage('plants') GROUP BY version ORDER BY version;
SELECT l.cluster, l.from_cluster FROM cluster_lineage('plants') AS l WHERE version = 3 AND event = 'kept'
	AND NOT EXISTS (SELECT FROM cluster_centers(cluster_model('plants', 3)) AS c, cluster_centers(cluster_model('plants', 2)) AS o
		WHERE c.cluster = l.cluster AND o.cluster = l.from_cluster AND cluster_id(cluster_model('plants', 2), c.center) = o.cluster);

-- compared with the default version, whichever that is; kept when versions are deleted
SELECT cluster_set_default('plants', 2);
SELECT cluster_define('plants', 'SELECT x, y FROM plants ORDER BY id', 'kmeans', 5, keep => 1);
CALL cluster_retrain('plants');
SELECT version, from_version, count(*) FROM cluster_lineage('plants') GROUP BY 1, 2 ORDER BY 1, 2;
SELECT array_agg(number ORDER BY number) AS versions FROM cluster_registry.versions;

-- other features: nothing to compare with
SELECT cluster_define('plants', 'SELECT x FROM plants ORDER BY id', 'kmeans', 2);
SET client_min_messages = error;
CALL cluster_retrain('plants');
SET client_min_messages = warning;
SELECT version, cluster, from_version, event FROM cluster_lineage('plants') WHERE version = 6;

-- a fuzzy model of the same rows: all is kept, with all of its mass
SELECT cluster_define('fuzzy', 'SELECT x, y FROM plants ORDER BY id', 'fcm', 4);
CALL cluster_retrain('fuzzy');
CALL cluster_retrain('fuzzy');
SELECT cluster = from_cluster AS same, share, from_share, event FROM cluster_lineage('fuzzy') WHERE version = 2;

-- names
SELECT cluster_lineage(NULL);
SELECT cluster_lineage('plants', NULL);
SELECT * FROM cluster_lineage('nothing');
SELECT * FROM cluster_lineage('plants', 'public');

-- whoever may read the table, and only they; a policy of the owner is not run
CREATE ROLE regress_neighbor;
GRANT USAGE ON SCHEMA cluster_registry TO regress_neighbor;
SET ROLE regress_neighbor;
SELECT count(*) FROM cluster_lineage('fuzzy');
RESET ROLE;
GRANT SELECT ON cluster_registry.lineage TO regress_neighbor;
SET ROLE regress_neighbor;
SELECT count(*) FROM cluster_lineage('fuzzy');
SELECT count(*) FROM cluster_lineage('nothing');
RESET ROLE;
ALTER TABLE cluster_registry.lineage ENABLE ROW LEVEL SECURITY;
SET ROLE regress_neighbor;
SELECT count(*) FROM cluster_lineage('fuzzy');
RESET ROLE;
ALTER TABLE cluster_registry.lineage DISABLE ROW LEVEL SECURITY;

-- a table that is not what it was
SET ROLE regress_gardener;
CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'spy'; RETURN NULL; END $$;
CREATE TRIGGER spy AFTER INSERT ON cluster_registry.lineage FOR EACH ROW EXECUTE FUNCTION spy();
CALL cluster_retrain('fuzzy');
DROP TRIGGER spy ON cluster_registry.lineage;
ALTER TABLE cluster_registry.lineage RENAME event TO happening;
SELECT count(*) FROM cluster_lineage('fuzzy');
CALL cluster_retrain('fuzzy');
ALTER TABLE cluster_registry.lineage RENAME happening TO event;
ALTER TABLE cluster_registry.lineage RENAME TO descent;
SELECT count(*) FROM cluster_lineage('fuzzy');
CALL cluster_retrain('fuzzy');
CREATE VIEW cluster_registry.lineage AS SELECT * FROM cluster_registry.descent;
SELECT count(*) FROM cluster_lineage('fuzzy');
CALL cluster_retrain('fuzzy');
DROP VIEW cluster_registry.lineage;
ALTER TABLE cluster_registry.descent RENAME TO lineage;
ALTER TABLE cluster_registry.statistics OWNER TO regress_neighbor;
CALL cluster_retrain('fuzzy');
ALTER TABLE cluster_registry.statistics OWNER TO regress_gardener;

-- a registry of the first format, of a role without other rights, with a version and a grant
RESET ROLE;
CREATE ROLE regress_ancestor;
SELECT format('GRANT CREATE ON DATABASE %I TO regress_ancestor', current_database()) AS grant \gset
:grant;
GRANT SELECT ON plants TO regress_ancestor, regress_neighbor;
SET ROLE regress_ancestor;
\set registry old_registry
\set ECHO none
\i test/sql/include/registry_1.psql
\set ECHO all
INSERT INTO old_registry.recipes VALUES ('old', 'SELECT x, y FROM public.plants ORDER BY id', 'kmeans', 4, '{"seed": 3}', current_user,
	'public, pg_temp');
INSERT INTO cluster_definitions SELECT current_user, NULL, sha256(convert_to(search_path, 'UTF8') || '\x00'::bytea || convert_to(query, 'UTF8'))
FROM old_registry.recipes;
INSERT INTO old_registry.versions SELECT 'old', 1, kmeans_fit(q, 4 ORDER BY id), now(), 400, 0, 1, true, 1, '{}', NULL, true
FROM plants, LATERAL (SELECT x, y) AS q;
INSERT INTO old_registry.runs (name, started_at, ended_at, status, version) VALUES ('old', now(), now(), 'done', 1);
GRANT USAGE ON SCHEMA old_registry TO regress_neighbor;
GRANT SELECT ON old_registry.versions TO regress_neighbor;
GRANT UPDATE (keep) ON old_registry.recipes TO regress_neighbor;

-- it is read as before; what writes asks for the upgrade
SELECT count(*) FROM cluster_centers(cluster_model('old', registry => 'old_registry'));
SET ROLE regress_neighbor;
SELECT count(*) FROM cluster_centers(cluster_model('old', registry => 'old_registry'));
SELECT cluster_upgrade_registry('old_registry');
SET ROLE regress_ancestor;
\set VERBOSITY default
CALL cluster_retrain('old', 'old_registry');
SELECT cluster_lineage('old', 'old_registry');
\set VERBOSITY terse
SELECT cluster_define('old', 'SELECT x FROM public.plants', 'kmeans', 4, registry => 'old_registry');
SELECT cluster_set_default('old', 1, 'old_registry');
SELECT cluster_drop('old', 'old_registry');
SELECT cluster_create_registry('old_registry');

-- whatever is in the way of the upgrade, nothing of it remains
CREATE VIEW old_registry.statistics AS SELECT 1 AS one;
SELECT cluster_upgrade_registry('old_registry');
DROP VIEW old_registry.statistics;
ALTER TABLE old_registry.versions ADD frame int;
SELECT cluster_upgrade_registry('old_registry');
ALTER TABLE old_registry.versions DROP frame;
CREATE RULE spy AS ON UPDATE TO old_registry.format DO ALSO SELECT 1;
SELECT cluster_upgrade_registry('old_registry');
DROP RULE spy ON old_registry.format;
UPDATE old_registry.format SET number = 4;
SELECT cluster_upgrade_registry('old_registry');
UPDATE old_registry.format SET number = 1;
BEGIN;
SELECT cluster_upgrade_registry('old_registry');
ROLLBACK;
BEGIN READ ONLY;
SELECT cluster_upgrade_registry('old_registry');
ROLLBACK;
SELECT number, to_regclass('old_registry.lineage') AS lineage FROM old_registry.format;

-- contents, owners and grants are what they were; twice is once
CREATE TEMP TABLE before AS SELECT (SELECT jsonb_agg(to_jsonb(r)) FROM old_registry.recipes AS r) AS recipes,
	(SELECT jsonb_agg(to_jsonb(v)) FROM old_registry.versions AS v) AS versions, (SELECT jsonb_agg(to_jsonb(r)) FROM old_registry.runs AS r) AS runs,
	(SELECT jsonb_object_agg(relname, array[relowner::text, relacl::text]) FROM pg_class WHERE relnamespace = 'old_registry'::regnamespace) AS tables;
RESET ROLE;
SELECT cluster_upgrade_registry('old_registry'), cluster_upgrade_registry('old_registry');
SELECT r - '{incremental,newer,span,forgetting,report}'::text[] = b.recipes -> 0 AS recipes, v - '{frame,report}'::text[] = b.versions -> 0 AS versions,
	u = b.runs -> 0 AS runs, r -> 'incremental' AS incremental, r -> 'forgetting' AS forgetting, v -> 'frame' AS frame,
	(SELECT jsonb_object_agg(relname, array[relowner::text, relacl::text]) FROM pg_class WHERE relnamespace = 'old_registry'::regnamespace) @> b.tables AS tables
FROM (SELECT to_jsonb(x) AS r FROM old_registry.recipes AS x) AS r, (SELECT to_jsonb(x) AS v FROM old_registry.versions AS x) AS v,
	(SELECT to_jsonb(x) AS u FROM old_registry.runs AS x) AS u, before AS b;
SELECT count(*) AS others FROM pg_class WHERE relnamespace = 'old_registry'::regnamespace AND relowner <> 'regress_ancestor'::regrole;

-- the same tables, columns, constraints, indexes and comments as those of a new registry
SELECT cluster_create_registry('new_registry');
CREATE FUNCTION shape(registry regnamespace) RETURNS SETOF text STABLE LANGUAGE sql AS $$
	SELECT concat_ws(' ', relname, attnum, attname, atttypid::regtype, attnotnull, attstorage, pg_get_expr(adbin, adrelid))
	FROM pg_class c JOIN pg_attribute ON attrelid = c.oid LEFT JOIN pg_attrdef ON adrelid = c.oid AND adnum = attnum
	WHERE relnamespace = registry AND relkind IN ('r', 'v') AND attnum > 0 AND NOT attisdropped AND attname NOT IN ('frame', 'report')
	UNION ALL
	SELECT concat_ws(' ', conrelid::regclass::text, conname, replace(pg_get_constraintdef(pg_constraint.oid), registry::text || '.', ''))
	FROM pg_constraint WHERE connamespace = registry
$$;
SELECT count(*) > 50 AS columns FROM shape('new_registry');
SELECT replace(s, 'old_registry.', '') AS missing FROM shape('old_registry') AS s
EXCEPT SELECT replace(s, 'new_registry.', '') FROM shape('new_registry') AS s;
SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relname IN ('lineage', 'statistics') AND c.relnamespace = 'old_registry'::regnamespace
	AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL);

-- and it trains
SET ROLE regress_ancestor;
SELECT sum(share), sum(from_share), count(*) FROM cluster_lineage('old', 'old_registry');
SET client_min_messages = notice;
\set VERBOSITY terse
CALL cluster_retrain('old', 'old_registry');
SET client_min_messages = warning;
SELECT version, from_version, count(*) FROM cluster_lineage('old', 'old_registry') GROUP BY 1, 2;

RESET ROLE;
DROP SCHEMA cluster_registry, old_registry, new_registry CASCADE;
DROP VIEW IF EXISTS news;
DROP FUNCTION shape, spy CASCADE;
DROP TABLE plants;
DROP OWNED BY regress_neighbor, regress_ancestor, regress_gardener;
DROP ROLE regress_neighbor, regress_ancestor, regress_gardener;
