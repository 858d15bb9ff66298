-- Categories in the models of a registry: versions may know other values.
\set VERBOSITY terse
CREATE ROLE regress_florist SUPERUSER;
SET ROLE regress_florist;
SET client_min_messages = warning;
SELECT cluster_create_registry();

CREATE TABLE sales (id int PRIMARY KEY, amount float8, channel text, gift boolean);
INSERT INTO sales SELECT i, 20 * (i % 3) + sin(i), (ARRAY['web', 'shop', 'phone'])[1 + i % 3], i % 3 = 1 FROM generate_series(1, 300) i;
SELECT cluster_define('sales', 'SELECT amount, channel, gift FROM sales ORDER BY id', 'kmeans', 3, warm_start => true);
SET client_min_messages = notice;
CALL cluster_retrain('sales');
SELECT cluster_info(cluster_model('sales')) -> 'columns' AS "columns";

-- a value is new, another one is gone: clusters keep their numbers
UPDATE sales SET channel = 'app' WHERE id % 3 = 0 AND id > 150;
UPDATE sales SET channel = 'store' WHERE channel = 'shop';
CALL cluster_retrain('sales');
SELECT cluster_info(cluster_model('sales')) #> '{columns,1,values}' AS "values",
	jsonb_array_length(drift -> 'clusters') AS pairs, (drift ->> 'changed')::float8 AS changed FROM cluster_registry.versions WHERE number = 2;
SELECT bool_and(cluster_id(cluster_model('sales', 1), s) = cluster_id(cluster_model('sales', 2), s)) AS same
FROM (SELECT amount, channel, gift FROM sales) s;
SELECT version, event, count(*) FROM cluster_lineage('sales') GROUP BY 1, 2 ORDER BY 1, 2;
-- how far centers are from each other, values that only one of the versions knows included
SELECT array_agg((pair ->> 'moved')::numeric(4,2) ORDER BY pair ->> 'moved') AS moved
FROM cluster_registry.versions, jsonb_array_elements(drift -> 'clusters') pair WHERE number = 2;

-- rows of which a model knows nothing have no cluster: they change if the other one knows them
SELECT (cluster_drift(m, m, q) ->> 'changed')::float8 AS to_itself, (cluster_drift(m, n, q) ->> 'changed')::float8 AS changed
FROM kmeans_train('SELECT channel, gift::text FROM sales', 3) m, kmeans_train('SELECT ''q'' || channel AS channel, gift::text FROM sales', 3) n,
	(SELECT 'SELECT ''q'' || channel AS channel, ''maybe'' AS gift FROM sales WHERE id <= 4 UNION ALL SELECT channel, gift::text FROM sales WHERE id <= 12') AS t(q);

-- a column becomes a number: nothing to compare with
SELECT cluster_define('sales', 'SELECT amount, channel, gift::int AS gift FROM sales ORDER BY id', 'kmeans', 3, warm_start => true);
CALL cluster_retrain('sales');
SELECT version, event, count(*) FROM cluster_lineage('sales') WHERE version = 3 GROUP BY 1, 2 ORDER BY 1, 2;

-- an algorithm that takes none, incremental recipes, a time
SELECT cluster_define('shapes', 'SELECT amount, channel FROM sales', 'gk', 3);
SELECT cluster_define('newer', 'SELECT id, amount, channel FROM sales', 'kmeans', 3, incremental => true, newer => 'id');
SELECT cluster_define('newer', 'SELECT id, ROW(amount, channel) AS features FROM sales', 'kmeans', 3, incremental => true, newer => 'id');
CALL cluster_retrain('newer');
SELECT cluster_define('times', 'SELECT amount, now() AS "when" FROM sales', 'kmeans', 3);

RESET client_min_messages;
SET client_min_messages = warning;
DROP SCHEMA cluster_registry CASCADE;
DROP TABLE sales;
RESET ROLE;
DROP ROLE regress_florist;
