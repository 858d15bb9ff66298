-- Networks: autoencoder, dec, idec, dfmec and edcwrn on small images.

\i test/sql/include/spots.psql
CREATE FUNCTION pg_temp.gap(a float8[], b float8[]) RETURNS float8 LANGUAGE sql AS
	$$SELECT sqrt(avg((u - v) ^ 2)) FROM unnest(a, b) t(u, v)$$;

-- each finds the places, in codes of unit length from which images can be reconstructed
CREATE TEMP TABLE models AS
	SELECT 'autoencoder' AS algorithm, autoencoder_fit(x, 3, pg_temp.net() ORDER BY i) AS model FROM images
	UNION ALL SELECT 'graph', autoencoder_fit(x, 3, pg_temp.net('{"start": "graph"}') ORDER BY i) FROM images
	UNION ALL SELECT 'conv', autoencoder_fit(x, 3, pg_temp.net('{"network": "conv"}') ORDER BY i) FROM images
	UNION ALL SELECT 'dec', dec_fit(x, 3, pg_temp.net() ORDER BY i) FROM images
	UNION ALL SELECT 'idec', idec_fit(x, 3, pg_temp.net() ORDER BY i) FROM images
	UNION ALL SELECT 'dfmec', dfmec_fit(x, 3, pg_temp.net() ORDER BY i) FROM images
	UNION ALL SELECT 'edcwrn', edcwrn_fit(x, 3, pg_temp.net() ORDER BY i) FROM images;
SELECT algorithm, cluster_accuracy(class, cluster_id(model, x)) > CASE algorithm WHEN 'graph' THEN 0.8 ELSE 0.99 END AS found,
	bool_and(abs((SELECT sum(u) FROM unnest(cluster_membership(model, x)) u) - 1) < 1e-9) AS memberships,
	bool_and(array_length(cluster_embed(model, x), 1) = 4
		AND abs((SELECT sum(z * z) FROM unnest(cluster_embed(model, x)) z) - 1) < 1e-5) AS codes,
	max(array_length(cluster_reconstruct(model, x), 1)) AS pixels,
	avg(pg_temp.gap(cluster_reconstruct(model, x), x)) < 0.7 * avg(pg_temp.gap(mean, x)) AS reconstructs
FROM models, images, (SELECT array_agg(mean ORDER BY j) AS mean
	FROM (SELECT j, avg(v) AS mean FROM images, unnest(x) WITH ORDINALITY t(v, j) GROUP BY j) m) m
GROUP BY algorithm ORDER BY algorithm;

-- centers are decoded: images that lie in their own cluster
SELECT algorithm, bool_and(cluster_id(model, center::real[]) = cluster) AS own, sum(weight)::int AS rows
FROM models, cluster_centers(model) WHERE algorithm <> 'graph' GROUP BY algorithm ORDER BY algorithm;

-- distances are of codes
SELECT algorithm, count(*) FROM models, images WHERE algorithm IN ('dec', 'idec', 'dfmec', 'edcwrn')
	AND (SELECT array_position(d, min(v)) FROM unnest(cluster_distance(model, x)) v, cluster_distance(model, x) d GROUP BY d) = cluster_id(model, x)
	AND cluster_outlier_score(model, x) BETWEEN 0 AND 100
GROUP BY algorithm ORDER BY algorithm;

-- the information about a model: nothing that changes from one run to the next
SELECT algorithm, info -> 'parameters' AS parameters, (info ->> 'training_memory')::int BETWEEN 100000 AND 10000000 AS memory,
	info -> 'converged' AS converged, info #> '{options,hidden}' AS hidden, (info ->> 'bytes')::int = length(model) AS bytes
FROM (SELECT *, cluster_info(model) AS info FROM models) m ORDER BY algorithm;
SELECT bool_and(model = again) AS same FROM (SELECT edcwrn_fit(x, 3, pg_temp.net() ORDER BY i) AS again FROM images) a, models WHERE algorithm = 'edcwrn';

-- the course of it: both phases, losses that fall
SELECT algorithm, phase, min(iteration) AS first, count(*) > 0 AS some, (array_agg(reconstruction_loss ORDER BY iteration))[1] > 1.2 * (array_agg(reconstruction_loss ORDER BY iteration DESC))[1] AS falls,
	bool_and(clustering_loss = 0) AS alone, bool_and(abs(objective - reconstruction_loss) < 1e-12) AS nothing_else
FROM models, cluster_history(model) WHERE algorithm IN ('autoencoder', 'idec') GROUP BY algorithm, phase ORDER BY 1, 3;

-- weights of the numbers of a code
SELECT cluster, array_length(weights, 1) AS numbers, abs((SELECT sum(w) FROM unnest(weights) w) - 1) < 1e-6 AS sum
FROM models, cluster_feature_weights(model) WHERE algorithm = 'edcwrn' ORDER BY cluster;

-- init: a trained autoencoder replaces the first phase of the others
CREATE TEMP TABLE learned AS SELECT pg_temp.net(jsonb_build_object('init', model)) AS options FROM models WHERE algorithm = 'autoencoder';
CREATE TEMP TABLE warm AS
	SELECT 'dec' AS algorithm, dec_fit(x, 3, options ORDER BY i) AS model FROM images, learned
	UNION ALL SELECT 'idec', idec_fit(x, 3, options ORDER BY i) FROM images, learned
	UNION ALL SELECT 'dfmec', dfmec_fit(x, 3, options ORDER BY i) FROM images, learned
	UNION ALL SELECT 'edcwrn', edcwrn_fit(x, 3, options ORDER BY i) FROM images, learned;
SELECT w.algorithm, (SELECT bool_and(a.center = b.center) FROM cluster_centers(w.model) a JOIN cluster_centers(m.model) b USING (cluster)) AS same,
	(cluster_info(m.model) ->> 'iterations')::int - (cluster_info(w.model) ->> 'iterations')::int AS saved
FROM warm w JOIN models m USING (algorithm) ORDER BY 1;

-- ... and a model continues with its own clusters, or passes its centers to other algorithms
SELECT bool_and(cluster_id(old, x) = cluster_id(new, x)) AS "ids stay", bool_and(cluster_id(old, x) = cluster_id(other, x)) AS other
FROM images, (SELECT m.model AS old, idec_fit(x, 3, pg_temp.net(jsonb_build_object('init', m.model, 'seed', 5)) ORDER BY i) AS new,
	kmeans_fit(x, 3, jsonb_build_object('init', m.model)) AS other FROM images, models m WHERE algorithm = 'idec' GROUP BY m.model) t;

-- features of other types, scaled; a model for each group; rows that are not images
SELECT cluster_accuracy(class, cluster_id(m, ARRAY[a, b, 1000 * c])) > 0.95 AS found,
	max(pg_temp.gap(cluster_reconstruct(m, ARRAY[a, b, 1000 * c]), ARRAY[a, b, 1000 * c])) < 2000 AS "units of the features"
FROM (SELECT i % 3 AS class, sin(i) + 5 * (i % 3) AS a, cos(i * 3) - 4 * (i % 3) AS b, sin(i * 7) AS c FROM generate_series(1, 150) i) r,
	(SELECT autoencoder_fit(ARRAY[sin(i) + 5 * (i % 3), cos(i * 3) - 4 * (i % 3), 1000 * sin(i * 7)], 3,
		autoencoder_options(hidden => '{16}', latent => 2, norm => 'none', scale => 'zscore', batch_size => 30)) AS m FROM generate_series(1, 150) i) f;
\set VERBOSITY terse
SELECT half, length(model) > 1000 AS model FROM (SELECT i % 2 AS half, dec_fit(x, 2, pg_temp.net('{"pretrain_epochs": 2, "epochs": 1}') ORDER BY i) AS model
	FROM images GROUP BY 1) m ORDER BY half;
\set VERBOSITY default

-- the guard: the best state is kept, and it is said so
SELECT cluster_info(dfmec_fit(x, 3, pg_temp.net('{"membership": "batch", "eta": 1, "lambda": 1000, "step": 0.2, "epochs": 40, "refresh": 10, "smoothing": 0}')
	ORDER BY i)) -> 'converged' AS converged FROM images;
\set VERBOSITY terse
SELECT cluster_info(autoencoder_fit(x, 3, pg_temp.net('{"max_iterations": 2}') ORDER BY i)) -> 'converged' AS converged FROM images;
\set VERBOSITY default

-- smoothing over neighbours ends before it reaches across a cluster: 240 images in 3 clusters are smoothed 8 times at most
SELECT count(DISTINCT (SELECT array_agg(cluster_membership(m, x) ORDER BY i) FROM images)) AS models
FROM (SELECT dfmec_fit(x, 3, pg_temp.net(jsonb_build_object('smoothing', smoothing, 'epochs', 2)) ORDER BY i) AS m
	FROM images, unnest(ARRAY[8, 9, 20, 1000]) AS smoothing GROUP BY smoothing) t;

-- errors
SELECT dec_fit(x, 3, dec_options(shape => '{1,8,9}')) FROM images;
SELECT dec_fit(x, 3, dec_options(shape => '{8,8}')) FROM images;
SELECT dec_fit(x, 3, dec_options(shape => '{1,6.4,10}')) FROM images;
SELECT dec_fit(x, 3, dec_options(hidden => '{20,1.5}')) FROM images;
SELECT dec_fit(x, 3, dec_options(latent => 65)) FROM images;
SELECT dec_fit(x, 3, dec_options(network => 'conv')) FROM images;
SELECT dec_fit(x[1:36], 3, dec_options(network => 'conv', shape => '{1,6,6}')) FROM images;
SELECT dec_fit(x, 3, dec_options(hidden => '{65000,65000}')) FROM images;
SET maintenance_work_mem = '16MB';
\set VERBOSITY terse
SELECT dec_fit(x, 3, dec_options(hidden => '{2000,2000}')) FROM images;
\set VERBOSITY default
RESET maintenance_work_mem;
SELECT dfmec_options(norm => 'none');
SELECT dec_fit(x, 3, pg_temp.net(jsonb_build_object('init', model, 'latent', 5))) FROM images, models WHERE algorithm = 'autoencoder' GROUP BY model;
SELECT idec_fit(x, 4, pg_temp.net(jsonb_build_object('init', model))) FROM images, models WHERE algorithm = 'idec' GROUP BY model;
SELECT autoencoder_fit(x, 3, pg_temp.net('{"optimizer": "sgd", "learning_rate": 1e6}')) FROM images;
SELECT dec_fit(ARRAY[1, 1, 1], 2, '{"pretrain_epochs": 1}') FROM images;
SELECT cluster_embed((SELECT kmeans_fit(x, 2) FROM images), ARRAY[1, 2]);
SELECT cluster_embed(model, ARRAY[1, 2]) FROM models WHERE algorithm = 'dec';
SELECT cluster_feature_weights(model) FROM models WHERE algorithm = 'dec';
