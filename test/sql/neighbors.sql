-- neighbors: codes of edcwrn that are of a row and of its nearest, by two encoders

-- a spot in one of three places, a little beside it, with noise that follows from the numbers alone
CREATE TEMP TABLE images AS
	SELECT i, i % 3 AS class, (SELECT array_agg((0.9 * exp(-((r - row) ^ 2 + (c - col) ^ 2) / 3)
			+ 0.05 * (1 + sin(i * 12.9 + r * 78.2 + c * 37.7)))::real ORDER BY r, c)
		FROM generate_series(0, 7) r, generate_series(0, 7) c) AS x
	FROM (SELECT i, (ARRAY[1.5, 1.5, 5.5])[1 + i % 3] + 0.3 * sin(i * 1.7) AS row, (ARRAY[1.5, 5.5, 3.5])[1 + i % 3] + 0.3 * cos(i * 2.3) AS col
		FROM generate_series(1, 300) i) p;
CREATE FUNCTION pg_temp.net(options jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql IMMUTABLE AS
	$$SELECT '{"shape": [1, 8, 8], "hidden": [24, 12], "latent": 4, "batch_size": 40, "pretrain_epochs": 30, "learning_rate": 0.003, "start": "kmeans"}'::jsonb || options$$;

-- the places are found, by codes of unit length or others; rows from 241 on were not there in training
CREATE TEMP TABLE models AS
	SELECT neighbors, norm, edcwrn_fit(x, 3, pg_temp.net(jsonb_build_object('neighbors', neighbors, 'norm', norm)) ORDER BY i) AS model
	FROM images, unnest(ARRAY[0, 1, 2, 10]) AS neighbors, unnest(ARRAY['l2', 'none']) AS norm WHERE i <= 240 GROUP BY 1, 2;
SELECT neighbors, norm, cluster_accuracy(class, cluster_id(model, x)) FILTER (WHERE i <= 240) > 0.99 AS found,
	cluster_accuracy(class, cluster_id(model, x)) FILTER (WHERE i > 240) > 0.99 AS unseen,
	bool_and(abs((SELECT sum(u) FROM unnest(cluster_membership(model, x)) u) - 1) < 1e-9) AS memberships,
	bool_and(abs((SELECT sum(z * z) FROM unnest(cluster_embed(model, x)) z) - 1) < 1e-5) AS "unit length",
	max(array_length(cluster_reconstruct(model, x), 1)) AS pixels
FROM models, images GROUP BY neighbors, norm ORDER BY neighbors, norm;

-- centers are decoded sums: images of their own cluster; the same again, the same bytes
SELECT neighbors, norm, bool_and(cluster_id(model, center::real[]) = cluster) AS own, sum(weight)::int AS rows
FROM models, cluster_centers(model) GROUP BY neighbors, norm ORDER BY neighbors, norm;
SELECT model = again AS same FROM models,
	(SELECT edcwrn_fit(x, 3, pg_temp.net('{"neighbors": 2}') ORDER BY i) AS again FROM images WHERE i <= 240) a WHERE neighbors = 2 AND norm = 'l2';

-- the model's information: the second encoder has parameters too, and codes of all rows are in the model
SELECT neighbors, cluster_info(model) -> 'parameters' AS parameters, cluster_info(model) #> '{options,neighbors}' AS option,
	(cluster_info(model) ->> 'bytes')::int = length(model) AS bytes, length(model) > 240 * 2 * 4 * 4 + (cluster_info(model) ->> 'parameters')::int * 4 AS codes
FROM models WHERE norm = 'l2' ORDER BY neighbors;

-- init: from an autoencoder as in one go; ids stay, with both encoders, with another number of neighbours, with one encoder
CREATE TEMP TABLE learned AS SELECT autoencoder_fit(x, 3, pg_temp.net() ORDER BY i) AS model FROM images WHERE i <= 240;
SELECT bool_and(a.center = b.center) AS same FROM models m, cluster_centers(m.model) a,
	(SELECT edcwrn_fit(x, 3, pg_temp.net(jsonb_build_object('neighbors', 2, 'init', model)) ORDER BY i) AS model FROM images, learned WHERE i <= 240) w, cluster_centers(w.model) b
	WHERE neighbors = 2 AND norm = 'l2' AND a.cluster = b.cluster;
SELECT norm, neighbors, bool_and(cluster_id(old, x) = cluster_id(new, x)) AS "ids stay"
FROM images, (SELECT m.norm, n.neighbors, m.model AS old,
		edcwrn_fit(x, 3, pg_temp.net(jsonb_build_object('init', m.model, 'norm', m.norm, 'neighbors', n.neighbors, 'seed', 5)) ORDER BY i) AS new
	FROM images, models m, unnest(ARRAY[0, 2, 3]) AS n(neighbors) WHERE m.neighbors = 2 GROUP BY m.norm, n.neighbors, m.model) t
GROUP BY norm, neighbors ORDER BY norm, neighbors;

-- of three rows, two are neighbours; with a classifier on top
\set VERBOSITY terse
SELECT cluster_info(edcwrn_fit(x, 1, pg_temp.net('{"neighbors": 10}') ORDER BY i)) #> '{options,neighbors}' AS two FROM images WHERE i <= 3;
\set VERBOSITY default
SELECT cluster_info(edcwrn_fit(x, 1, pg_temp.net('{"neighbors": 10}') ORDER BY i)) #> '{options,neighbors}' AS none FROM images WHERE i = 1;
SELECT cluster_accuracy(class, cluster_id(model, x)) > 0.99 AS found
FROM images, (SELECT edcwrn_fit(x, 3, pg_temp.net('{"neighbors": 2, "refine": "selflabel", "refine_epochs": 10, "epochs": 2}') ORDER BY i) AS model FROM images) m;

-- errors
SELECT edcwrn_options(neighbors => 11);
SELECT edcwrn_options(neighbors => -1);
