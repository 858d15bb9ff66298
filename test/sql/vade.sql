-- vade: a variational autoencoder with a mixture of normal distributions; densities, and rows that are drawn.

\i test/sql/include/spots.psql
-- it finds the places
CREATE TEMP TABLE models AS
	SELECT 'plain' AS kind, vade_fit(x, 3, pg_temp.net() ORDER BY i) AS model FROM images
	UNION ALL SELECT 'scaled', vade_fit(x, 3, pg_temp.net('{"scale": "zscore", "shape": null}') ORDER BY i) FROM images
	UNION ALL SELECT 'none', vade_fit(x, 3, pg_temp.net('{"norm": "none", "start": "kmeans"}') ORDER BY i) FROM images
	UNION ALL SELECT 'own', vade_fit(x, 3, pg_temp.net('{"refine": "selflabel", "refine_head": "own", "refine_epochs": 10}') ORDER BY i) FROM images;
SELECT kind, cluster_accuracy(class, cluster_id(model, x)) > 0.99 AS found,
	bool_and(abs((SELECT sum(u) FROM unnest(cluster_membership(model, x)) u) - 1) < 1e-9) AS memberships,
	avg((SELECT sum((a - b) ^ 2) FROM unnest(cluster_reconstruct(model, x), x) t(a, b))) < 0.7 * (SELECT sum(v) FROM (SELECT var_pop(b) AS v FROM images, unnest(x) WITH ORDINALITY t(b, j) GROUP BY j) v) AS reconstructs
FROM models, images GROUP BY kind, model ORDER BY kind;

-- memberships are a softmax of half the squared distances, with negative sign
SELECT kind, max(abs(u[c] - (SELECT 1 / sum(exp(greatest(-500, least(500, (d[c] ^ 2 - e ^ 2) / 2)))) FROM unnest(d) e))) < 1e-4 AS softmax
FROM (SELECT kind, cluster_membership(model, x) AS u, cluster_distance(model, x) AS d FROM models, images) s, generate_series(1, 3) c GROUP BY kind ORDER BY kind;

-- rows are denser than noise, or than nothing
SELECT kind, min(cluster_density(model, x)) > max(cluster_density(model, ARRAY(SELECT (0.5 + 0.5 * sin(i * 7.1 + j * j))::real FROM generate_series(1, 64) j))) AS "than noise",
	avg(cluster_density(model, x)) > cluster_density(model, array_fill(0, ARRAY[64])) AS "than nothing"
FROM models, images WHERE kind <> 'own' GROUP BY kind, model ORDER BY kind;

-- nor has a row whose numbers are too large for networks
SELECT DISTINCT cluster_density(model, array_fill(1e100, ARRAY[64])) AS "none" FROM models WHERE kind <> 'own';

-- rows that are drawn belong to their cluster, come as often as it has rows, and are like its rows
SELECT kind, count(*) AS rows, count(DISTINCT g.cluster) AS clusters, avg((cluster_id(model, g.features) = g.cluster)::int) > 0.95 AS own,
	max(array_length(g.features, 1)) AS pixels
FROM models, cluster_generate(model, 300, 7) g WHERE kind <> 'own' GROUP BY kind ORDER BY kind;
SELECT models.kind, bool_and(abs(g.rows - 100 * c.weight / 80) < 30) AS shares FROM models, cluster_centers(model) c,
	(SELECT kind, g.cluster, count(*) AS rows FROM models, cluster_generate(model, 300, 7) g GROUP BY 1, 2) g
WHERE models.kind = g.kind AND c.cluster = g.cluster GROUP BY models.kind ORDER BY 1;
SELECT g.cluster, count(*) FROM models, cluster_generate(model, 5, only_cluster => 2) g WHERE kind = 'plain' GROUP BY 1;
SELECT avg((SELECT avg((a - b) ^ 2) FROM unnest(g.features, c.center) t(a, b))) < 0.01 AS near, stddev(g.features[19]) > 0 AS various
FROM models, cluster_generate(model, 50, 3) g, cluster_centers(model) c WHERE kind = 'plain' AND c.cluster = g.cluster;

-- the same seed, the same rows; another seed, others
SELECT seed, (SELECT md5(array_agg(g::text)::text) FROM cluster_generate(model, 20, seed) g) = (SELECT md5(array_agg(g::text)::text) FROM cluster_generate(model, 20, 1) g) AS same
FROM models, generate_series(1, 2) seed WHERE kind = 'plain' ORDER BY seed;
SELECT count(*) AS none FROM models, cluster_generate(model, 0) g WHERE kind = 'plain';

-- a warm start goes on with the same clusters; the same again, the same bytes; without an epoch, the same scores
SELECT bool_and(cluster_id(m.model, x) = cluster_id(n.model, x)) AS "ids stay"
FROM models m, images, (SELECT vade_fit(x, 3, pg_temp.net(jsonb_build_object('init', m.model, 'seed', 5)) ORDER BY i) AS model
	FROM images, models m WHERE kind = 'plain' GROUP BY m.model) n WHERE kind = 'plain';
SELECT bool_and(cluster_density(m.model, x) = cluster_density(n.model, x)) AS "densities stay"
FROM models m, images, (SELECT vade_fit(x, 3, pg_temp.net(jsonb_build_object('init', m.model, 'epochs', 0)) ORDER BY i) AS model
	FROM images, models m WHERE kind = 'plain' GROUP BY m.model) n WHERE kind = 'plain';
SELECT model = again AS same FROM (SELECT vade_fit(x, 3, pg_temp.net() ORDER BY i) AS again FROM images) a, models WHERE kind = 'plain';

-- errors
SELECT cluster_density(dec_fit(x, 3, pg_temp.net('{"pretrain_epochs": 1, "epochs": 0}')), '{1,2}') FROM images;
SELECT count(*) FROM models, cluster_generate(model, -1) WHERE kind = 'plain';
SELECT count(*) FROM models, cluster_generate(model, 1, only_cluster => 4) WHERE kind = 'plain';
SELECT count(*) FROM models, cluster_generate(model, NULL) WHERE kind = 'plain';
SELECT count(*) FROM cluster_generate(NULL, 1);
SELECT count(*) FROM models, cluster_generate(model, 1, NULL) WHERE kind = 'plain';
SELECT count(*) FROM (SELECT kmeans_fit(x, 3) AS model FROM images) m, cluster_generate(model, 1);
