-- groups with fewer distinct rows than clusters: the option too_few of all trainings
CREATE TABLE points AS
	SELECT g AS id, CASE WHEN g % 3 = 0 THEN 'small' ELSE 'large' END AS grp,
		CASE WHEN g % 3 = 0 THEN ARRAY[(g % 2)::float8, (g % 2) * 2] ELSE ARRAY[g % 4 + sin(g), g / 30 * 3 + cos(g)] END AS x
	FROM generate_series(1, 90) g;

-- the model of each group, or the error; networks are small
CREATE FUNCTION try(algorithm text, k int, more jsonb, type text DEFAULT 'float8[]')
	RETURNS TABLE (grp text, clusters int, model bytea) LANGUAGE plpgsql SET client_min_messages = warning AS $$
DECLARE
	network bool := EXISTS (SELECT FROM cluster_options(algorithm) WHERE option = 'pretrain_epochs');
	options jsonb := CASE WHEN network THEN '{"hidden": [4], "latent": 2, "pretrain_epochs": 2, "batch_size": 16}' ELSE '{"max_iterations": 10}' END;
BEGIN
	RETURN QUERY EXECUTE format('SELECT grp, (cluster_info(m) ->> ''clusters'')::int, m FROM (SELECT grp,
		%I(x::%s, %s, %L ORDER BY id) AS m FROM points GROUP BY grp) t', algorithm || '_fit', type, k, options || more);
EXCEPTION WHEN OTHERS THEN
	RETURN QUERY SELECT SQLSTATE, NULL::int, NULL::bytea;
END $$;

-- error ends the statement, null costs the small group its model, fewer finds as many clusters as there are rows
SELECT too_few, type, t.grp, t.clusters, count(*) AS algorithms
FROM (SELECT DISTINCT algorithm FROM cluster_options()) a, unnest(ARRAY['error', 'null', 'fewer']) too_few,
	unnest(ARRAY['float8[]', 'real[]']) type, LATERAL try(algorithm, 3, jsonb_build_object('too_few', too_few), type) t
GROUP BY too_few, type, t.grp, t.clusters ORDER BY too_few, type, t.grp;

-- the model is the one of as many clusters
SELECT count(*) AS algorithms, bool_and(t.model = u.model) AS same
FROM (SELECT DISTINCT algorithm FROM cluster_options()) a, LATERAL try(algorithm, 3, '{"too_few": "fewer"}') t,
	LATERAL try(algorithm, 2, '{"too_few": "fewer"}') u
WHERE t.grp = 'small' AND u.grp = 'small';

-- where the groups are large enough the option changes nothing but itself
SELECT count(*) AS algorithms, bool_and(cluster_info(t.model) - '{options,memory}'::text[] = cluster_info(u.model) - '{options,memory}'::text[]) AS same,
	bool_and(cluster_info(t.model) #>> '{options,too_few}' = 'fewer' AND cluster_info(u.model) #>> '{options,too_few}' = 'null') AS kept
FROM (SELECT DISTINCT algorithm FROM cluster_options()) a, LATERAL try(algorithm, 3, '{"too_few": "fewer"}') t,
	LATERAL try(algorithm, 3, '{"too_few": "null"}') u
WHERE t.grp = 'large' AND u.grp = 'large';

-- a group may be small in many ways
SELECT what, cluster_info(m) -> 'clusters' AS clusters, cluster_info(m) -> 'rows' AS rows
FROM (SELECT what, kmeans_fit(x, 3, kmeans_options(too_few => 'fewer', missing => 'skip')) AS m
	FROM (VALUES ('one row', ARRAY[1, 2]), ('equal rows', ARRAY[1, 2]), ('equal rows', ARRAY[1, 2]), ('a null row', NULL),
		('a null row', ARRAY[1, 2]), ('no rows', NULL), ('missing', ARRAY[1, NULL]), ('missing', ARRAY[3, 4]), ('zeros', ARRAY[0, 0.0]),
		('zeros', ARRAY[0, -0.0]), ('two', ARRAY[1, 2]), ('two', ARRAY[1, 3])) v(what, x) GROUP BY what) t
ORDER BY what;

-- first centers, of which there are too many then, are left out; scaling and restarts are not
SELECT grp, cluster_info(kmeans_fit(x, 3, kmeans_options(init => ARRAY[[0, 0], [1, 1], [5, 5]], too_few => 'fewer') ORDER BY id)) -> 'clusters' AS centers,
	cluster_info(fcm_fit(x, 3, fcm_options(init => (SELECT fcm_fit(x, 3 ORDER BY id) FROM points), too_few => 'fewer') ORDER BY id)) -> 'clusters' AS model,
	cluster_info(mec_fit(x, 3, mec_options(scale => 'zscore', restarts => 3, too_few => 'fewer') ORDER BY id)) -> 'clusters' AS scaled
FROM points GROUP BY grp ORDER BY grp;

-- one notice a statement
SELECT id, fcm_fit(ARRAY[id], 2, '{"too_few": "null"}') AS model FROM points WHERE id < 4 GROUP BY id ORDER BY id;
SELECT id, fcm_fit(ARRAY[id], 2, '{"too_few": "null"}') OVER (PARTITION BY id) IS NULL AS model FROM points WHERE id < 4 ORDER BY id;

-- the number of clusters is to be found, but the grid has more nodes than there are rows
SELECT logical_fit(x, NULL, '{"too_few": "null"}' ORDER BY id) IS NULL AS no_model FROM points WHERE id < 20;
SELECT cluster_info(logical_fit(x, NULL, '{"too_few": "fewer"}' ORDER BY id)) -> 'clusters' AS clusters FROM points WHERE id < 20;
SELECT cluster_info(logical_fit(x, NULL, '{"too_few": "fewer"}' ORDER BY id)) -> 'clusters' AS clusters FROM points WHERE grp = 'small';

-- training on a query
SELECT autoencoder_train('SELECT x FROM points WHERE grp = ''small'' ORDER BY id', 3,
	'{"hidden": [4], "latent": 2, "pretrain_epochs": 2, "batch_size": 16, "too_few": "null"}') IS NULL AS no_model;
SELECT cluster_info(autoencoder_train('SELECT x FROM points WHERE grp = ''small'' ORDER BY id', 3,
	'{"hidden": [4], "latent": 2, "pretrain_epochs": 2, "batch_size": 16, "too_few": "fewer"}')) -> 'clusters' AS clusters;

-- choosing among numbers of clusters
SELECT clusters, model IS NULL AS no_model, silhouette IS NULL AS no_index, best
FROM cluster_select('SELECT g % 3 FROM generate_series(1, 9) g', 2, 5, 'kmeans', '{"too_few": "null"}');
SELECT clusters, cluster_info(model) -> 'clusters' AS found
FROM cluster_select('SELECT g % 3 FROM generate_series(1, 9) g', 2, 50, 'kmeans', '{"too_few": "fewer"}');
SELECT clusters, cluster_info(model) -> 'clusters' AS found
FROM cluster_select('SELECT g % 3 FROM generate_series(1, 9) g', 20, 50, 'kmeans', '{"too_few": "fewer"}');

-- a version in a registry is always a model, and its clusters may become fewer
SET client_min_messages = warning;
SELECT cluster_create_registry('few');
SELECT cluster_define('fewer', 'SELECT x FROM points WHERE grp = ''large'' OR id > 60 ORDER BY id', 'fcm', 3, '{"too_few": "fewer"}', registry => 'few');
SELECT cluster_define('null', 'SELECT x FROM points WHERE grp = ''small''', 'fcm', 3, '{"too_few": "null"}', registry => 'few');
CALL cluster_retrain('fewer', 'few');
UPDATE points SET grp = '' WHERE grp = 'large' AND id <= 60;
DELETE FROM points WHERE grp = 'large';
CALL cluster_retrain('fewer', 'few');
CALL cluster_retrain('fewer', 'few');
CALL cluster_retrain('null', 'few');
SELECT name, number, cluster_info(model) -> 'clusters' AS clusters, rows FROM few.versions ORDER BY 1, 2;
DROP SCHEMA few CASCADE;
RESET client_min_messages;

-- errors
SELECT fcm_fit(x, 3) FROM points WHERE grp = 'small';
SELECT fcm_options(too_few => 'skip');
SELECT gk_fit(x, 3, gk_options(volumes => '{1,1,1}', too_few => 'fewer')) FROM points WHERE grp = 'small';
SELECT logical_fit(x, NULL, '{"too_few": "error"}' ORDER BY id) FROM points WHERE id < 20;
SELECT logical_fit(x, NULL, '{"too_few": "null", "grid_precision": 0.001}' ORDER BY id) FROM points;
SELECT clusters FROM cluster_select('SELECT g % 3 FROM generate_series(1, 9) g', 2, 5);

DROP FUNCTION try;
DROP TABLE points;
