-- Arguments as people and drivers give them: integers of every type, literals, parameters without a type.

\i test/sql/include/iris.psql
SET client_min_messages = warning;

-- the number of clusters
CREATE TEMP TABLE counts AS SELECT 3::smallint AS small, 3 AS int, 3::bigint AS big;
SELECT m.three = fcm_fit(x, small) AND m.three = fcm_fit(x, int) AND m.three = fcm_fit(x, big) AND m.three = fcm_fit(x, '3') AS same,
	m.three = fcm_fit(x, big, '{}') AND m.three = fcm_fit(x, small, NULL) AND m.three = fcm_fit(x, '3', fcm_options()) AS with_options
FROM iris, counts, (SELECT fcm_fit(x, 3) AS three FROM iris) m GROUP BY m.three, small, int, big;
SELECT cluster_info(kmeans_fit(x, (SELECT count(DISTINCT label) FROM iris))) -> 'clusters' AS clusters FROM iris;
PREPARE fit AS SELECT cluster_info(kmeans_fit(x, $1)) -> 'clusters' AS clusters FROM iris;
EXECUTE fit(4);
EXECUTE fit('5');
DEALLOCATE fit;
SELECT cluster_info(autoencoder_train('SELECT x FROM iris', count(*), '{"pretrain_epochs": 1}')) -> 'clusters' AS clusters
FROM counts;
SELECT clusters FROM cluster_select('SELECT x FROM iris', 2::smallint, (SELECT count(DISTINCT label) FROM iris), 'kmeans');
PREPARE choose AS SELECT clusters FROM cluster_select('SELECT x FROM iris', $1, $2, 'kmeans');
EXECUTE choose('3', 3);
DEALLOCATE choose;
SELECT cluster_create_registry('argument_models');
SELECT cluster_define('m', 'SELECT x FROM iris', 'kmeans', count(DISTINCT label), registry => 'argument_models') FROM iris;
SELECT clusters FROM argument_models.models;

-- each function has one signature for it, else smallint, '3' and $1 would be ambiguous
SELECT count(*) AS others FROM pg_proc p, unnest(proargnames, proargtypes::oid[]) a(name, type)
WHERE proname ~ '^cluster_(select|define)$|_(fit|train)$' AND name IN ('clusters', 'k_min', 'k_max') AND type <> 'int8'::regtype;

-- errors
SELECT fcm_fit(x, 0::bigint) FROM iris;
SELECT fcm_fit(x, 1::bigint << 40) FROM iris;
SELECT fcm_fit(x, -(1::bigint << 40)) FROM iris;
SELECT fcm_fit(x, (1::bigint << 32) + 3) FROM iris;
SELECT fcm_fit(x, 9223372036854775807) FROM iris;
SELECT fcm_fit(x, NULL::bigint) FROM iris;
SELECT kmeans_fit(x, CASE WHEN id = 1 THEN 2 ELSE (1::bigint << 32) + 2 END) FROM iris;
SELECT kmeans_fit(x, CASE WHEN id = 1 THEN 2 ELSE 3 END) FROM iris;
SELECT logical_fit(x, CASE WHEN id < 3 THEN 2 END ORDER BY id) FROM iris;
SELECT dec_train('SELECT x FROM iris', 1::bigint << 40);
SELECT * FROM cluster_select('SELECT x FROM iris', (1::bigint << 32) + 2, 3);
SELECT * FROM cluster_select('SELECT x FROM iris', 2, (1::bigint << 32) + 2);
SELECT * FROM cluster_select('SELECT x FROM iris', 3, 2);
SELECT * FROM cluster_select('SELECT x FROM iris', 2, 151, 'kmeans');
SELECT cluster_define('m', 'SELECT x FROM iris', 'kmeans', (1::bigint << 32) + 2, registry => 'argument_models');

SET client_min_messages = warning;
DROP SCHEMA argument_models CASCADE;
