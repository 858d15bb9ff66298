-- refine => 'selflabel': a classifier learns the clusters of a network, and scores rows.

-- a spot in one of three places, a little beside it, with noise that follows from the numbers alone
CREATE TEMP TABLE images AS
	SELECT i, i % 3 AS class, (SELECT array_agg((0.9 * exp(-((r - row) ^ 2 + (c - col) ^ 2) / 3)
			+ 0.05 * (1 + sin(i * 12.9 + r * 78.2 + c * 37.7)))::real ORDER BY r, c)
		FROM generate_series(0, 7) r, generate_series(0, 7) c) AS x
	FROM (SELECT i, (ARRAY[1.5, 1.5, 5.5])[1 + i % 3] + 0.3 * sin(i * 1.7) AS row, (ARRAY[1.5, 5.5, 3.5])[1 + i % 3] + 0.3 * cos(i * 2.3) AS col
		FROM generate_series(1, 240) i) p;
CREATE FUNCTION pg_temp.net(options jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql IMMUTABLE AS
	$$SELECT '{"shape": [1, 8, 8], "hidden": [24, 12], "latent": 4, "batch_size": 40, "pretrain_epochs": 30, "learning_rate": 0.003, "epochs": 2, "refine_epochs": 10}'::jsonb || options$$;

-- each method with each head
CREATE TEMP TABLE heads AS SELECT head, pg_temp.net(jsonb_build_object('refine', 'selflabel', 'refine_head', head)) AS options
	FROM unnest(ARRAY['softmax', 'own']) AS head;
CREATE TEMP TABLE models AS
	SELECT 'dec' AS algorithm, head, dec_fit(x, 3, options ORDER BY i) AS model FROM images, heads GROUP BY head
	UNION ALL SELECT 'idec', head, idec_fit(x, 3, options ORDER BY i) FROM images, heads GROUP BY head
	UNION ALL SELECT 'dfmec', head, dfmec_fit(x, 3, options ORDER BY i) FROM images, heads GROUP BY head
	UNION ALL SELECT 'edcwrn', head, edcwrn_fit(x, 3, options ORDER BY i) FROM images, heads GROUP BY head;
SELECT algorithm, head, cluster_accuracy(class, cluster_id(model, x)) AS accuracy,
	bool_and(abs((SELECT sum(u) FROM unnest(cluster_membership(model, x)) u) - 1) < 1e-9) AS memberships,
	bool_and(cluster_outlier_score(model, x) BETWEEN 0 AND 100) AS outliers
FROM models, images GROUP BY algorithm, head ORDER BY algorithm, head;

-- the nearest is the one of the largest membership; of a softmax, distances are roots of -ln u
SELECT algorithm, head, count(*) AS rows, bool_and(head = 'own' OR abs(exp(-(d[1] ^ 2)) - u[1]) < 1e-6) AS logarithms
FROM (SELECT algorithm, head, cluster_id(model, x) AS c, cluster_membership(model, x) AS u, cluster_distance(model, x) AS d FROM models, images) s
WHERE u[c] = (SELECT max(v) FROM unnest(u) v) AND d[c] = (SELECT min(v) FROM unnest(d) v)
GROUP BY algorithm, head ORDER BY algorithm, head;

-- centers are the decoded means of codes: images of their own cluster
SELECT algorithm, head, bool_and(cluster_id(model, center::real[]) = cluster) AS own, sum(weight)::int AS rows
FROM models, cluster_centers(model) GROUP BY algorithm, head ORDER BY algorithm, head;

-- codes and reconstructions are those of the network, as without the classifier
SELECT bool_and(cluster_embed(m.model, x) = cluster_embed(p.model, x)) AS codes,
	bool_and(cluster_reconstruct(m.model, x) = cluster_reconstruct(p.model, x)) AS reconstructions
FROM images, models m, (SELECT idec_fit(x, 3, pg_temp.net() ORDER BY i) AS model FROM images) p WHERE algorithm = 'idec';

-- the information about it
SELECT algorithm, head, phase, count(*) AS epochs, min(iteration) > 30 AS "after the others", bool_and(objective = clustering_loss AND reconstruction_loss = 0) AS "one loss"
FROM models, cluster_history(model) WHERE phase = 'refine' AND algorithm = 'dec' GROUP BY 1, 2, 3 ORDER BY 1, 2;
SELECT head, (cluster_info(model) ->> 'parameters')::int > 100000 AS parameters, cluster_info(model) #> '{options,refine}' AS refine,
	(cluster_info(model) ->> 'bytes')::int = length(model) AS bytes FROM models WHERE algorithm = 'dfmec' ORDER BY head;

-- epochs follow from the rows, if they are not given; the same again, the same bytes
SELECT cluster_info(a) #> '{options,refine_epochs}' AS epochs, a = b AS same
FROM (SELECT dec_fit(x, 3, pg_temp.net('{"refine": "selflabel", "refine_epochs": null, "label_tolerance": 1}') ORDER BY i) AS a,
	dec_fit(x, 3, pg_temp.net('{"refine": "selflabel", "refine_epochs": null, "label_tolerance": 1}') ORDER BY i) AS b FROM images) m;

-- rows that are not images; init: from a refined model, with its clusters
SELECT cluster_accuracy(class, cluster_id(m, ARRAY[a, b])) > 0.95 AS found
FROM (SELECT i % 3 AS class, sin(i) + 5 * (i % 3) AS a, cos(i * 3) - 4 * (i % 3) AS b FROM generate_series(1, 150) i) r,
	(SELECT dec_fit(ARRAY[sin(i) + 5 * (i % 3), cos(i * 3) - 4 * (i % 3)], 3,
		dec_options(hidden => '{16}', latent => 2, norm => 'none', scale => 'zscore', batch_size => 30, refine => 'selflabel')) AS m
	FROM generate_series(1, 150) i) f;
SELECT bool_and(cluster_id(old, x) = cluster_id(new, x)) AS "ids stay"
FROM images, (SELECT m.model AS old, dec_fit(x, 3, pg_temp.net(jsonb_build_object('init', m.model, 'seed', 5, 'refine', 'selflabel')) ORDER BY i) AS new
	FROM images, models m WHERE algorithm = 'dec' AND head = 'own' GROUP BY m.model) t;

-- a classifier that learns nothing is left out, and it is said so
SELECT cluster_info(dec_fit(x, 3, pg_temp.net('{"refine": "selflabel", "refine_head": "own", "refine_rate": 1000000}') ORDER BY i)) #> '{options,refine}' AS refine FROM images;

-- clusters that collapse: the classifier learns those of the best state before
SELECT refine, cluster_accuracy(class, cluster_id(model, x)) AS accuracy, count(DISTINCT cluster_id(model, x)) AS clusters
FROM images, (SELECT refine, dfmec_fit(x, 3, pg_temp.net(jsonb_build_object('membership', 'batch', 'eta', 1, 'lambda', 1000, 'step', 0.2,
	'epochs', 50, 'refresh', 10, 'smoothing', 0, 'refine', refine)) ORDER BY i) AS model
	FROM images, unnest(ARRAY['none', 'selflabel']) AS refine GROUP BY refine) m
GROUP BY refine ORDER BY refine;

-- errors
SELECT dec_options(refine => 'both');
SELECT dfmec_options(refine_head => 'phi');
SELECT edcwrn_options(refine_epochs => 0);
SELECT idec_options(refine_dropout => 1);
SELECT autoencoder_fit(x, 3, pg_temp.net('{"refine": "selflabel"}')) FROM images;
