-- dcn: k-means on codes, whose network learns with it.

\i test/sql/include/spots.psql

-- it finds the places; memberships are 0 or 1, also with the head of its own
CREATE TEMP TABLE models AS
	SELECT 'plain' AS kind, dcn_fit(x, 3, pg_temp.net() ORDER BY i) AS model FROM images
	UNION ALL SELECT 'none', dcn_fit(x, 3, pg_temp.net('{"norm": "none", "start": "kmeans"}') ORDER BY i) FROM images
	UNION ALL SELECT 'own', dcn_fit(x, 3, pg_temp.net('{"refine": "selflabel", "refine_head": "own", "refine_epochs": 10}') ORDER BY i) FROM images;
SELECT kind, cluster_accuracy(class, cluster_id(model, x)) > 0.99 AS found, bool_and((SELECT max(u) = 1 AND sum(u) = 1 FROM unnest(cluster_membership(model, x)) u)) AS crisp,
	avg((SELECT sum((a - b) ^ 2) FROM unnest(cluster_reconstruct(model, x), x) t(a, b))) < 0.7 * (SELECT sum(v) FROM (SELECT var_pop(b) AS v FROM images, unnest(x) WITH ORDINALITY t(b, j) GROUP BY j) v) AS reconstructs
FROM models, images GROUP BY kind, model ORDER BY kind;
SELECT kind, sum(weight) AS rows, bool_and(weight = round(weight)) AS whole FROM models, cluster_centers(model) WHERE kind <> 'own' GROUP BY kind ORDER BY kind;

-- codes come to their centers: the clusters are narrower than without the loss
SELECT narrow[2] < 0.95 * narrow[1] AS narrower
FROM (SELECT array_agg((SELECT avg((SELECT min(d) FROM unnest(cluster_distance(m, x)) d)) FROM images) ORDER BY lambda) AS narrow
	FROM (SELECT lambda, dcn_fit(x, 3, pg_temp.net(jsonb_build_object('lambda', lambda, 'label_tolerance', 0, 'start', 'graph')) ORDER BY i) AS m
		FROM images, unnest(ARRAY[0, 2]) lambda GROUP BY lambda) f) n;

-- the number of rows that a first center counts for
SELECT count(DISTINCT (SELECT array_agg(c.center ORDER BY cluster) FROM cluster_centers(m) c)) AS models
FROM (SELECT dcn_fit(x, 3, pg_temp.net(jsonb_build_object('center_count', rows)) ORDER BY i) AS m FROM images, unnest(ARRAY[1, 100, 1e9]) rows GROUP BY rows) t;

-- a warm start goes on with the same clusters; the same again, the same bytes
SELECT bool_and(cluster_id(m.model, x) = cluster_id(n.model, x)) AS "ids stay"
FROM models m, images, (SELECT dcn_fit(x, 3, pg_temp.net(jsonb_build_object('init', m.model, 'seed', 5)) ORDER BY i) AS model
	FROM images, models m WHERE kind = 'plain' GROUP BY m.model) n WHERE kind = 'plain';
SELECT model = again AS same FROM (SELECT dcn_fit(x, 3, pg_temp.net() ORDER BY i) AS again FROM images) a, models WHERE kind = 'plain';

-- errors
SELECT dcn_options(center_count => 0.5);
SELECT dcn_options(lambda => -1);
