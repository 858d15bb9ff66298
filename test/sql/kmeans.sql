-- k-means on Fisher's iris.  Golden numbers: an implementation in numpy,
-- checked against scikit-learn (KMeans), 12 digits.

\i test/sql/include/iris.psql
CREATE TEMP TABLE models AS
	SELECT kmeans_fit(x, 3) AS model, kmeans_fit(x::real[], 3) AS model4 FROM iris;

-- the best of all partitions into three
SELECT round(150 * (1 - cluster_accuracy(label, cluster_id(model, x)))) AS misclassified,
	round(150 * (1 - cluster_accuracy(label, cluster_id(model4, x)))) AS misclassified4
FROM models, iris;
SELECT pg_temp.gap(pg_temp.centers(model), golden) < 1e-9 AS centers, pg_temp.gap(pg_temp.centers(model4), golden) < 1e-5 AS centers4,
	abs((cluster_info(model) -> 'objective')::float8 - 78.8514414261) < 1e-9 AS objective,
	abs((cluster_info(model4) -> 'objective')::float8 - 78.8514414261) < 1e-4 AS objective4,
	cluster_info(model) -> 'converged' AS converged, cluster_info(model4) -> 'converged' AS converged4
FROM models, (SELECT ARRAY[5.006, 3.428, 1.462, 0.246, 5.90161290323, 2.74838709677, 4.3935483871, 1.43387096774,
	6.85, 3.07368421053, 5.74210526316, 2.07105263158] AS golden) g;
SELECT weight FROM models, cluster_centers(model) ORDER BY center;

-- memberships are crisp, and centers the means of their rows
SELECT count(*) AS rows, count(*) FILTER (WHERE cluster_membership(model, x) =
	(SELECT array_agg((c = cluster_id(model, x))::int::float8) FROM generate_series(1, 3) c)) AS right
FROM models, iris;
SELECT count(*) AS clusters, bool_and(pg_temp.gap(center, mean) < 1e-12 AND n = weight) AS means
FROM models, cluster_centers(model) JOIN (SELECT cluster_id(model, x) AS cluster, count(*) AS n,
		ARRAY[avg(sepal_length), avg(sepal_width), avg(petal_length), avg(petal_width)] AS mean
	FROM models, iris GROUP BY 1) r USING (cluster);

-- the nearest center, the first of equals
SELECT count(*) AS rows, count(*) FILTER (WHERE distance[cluster_id(model, x)] = (SELECT min(d) FROM unnest(distance) d)) AS right
FROM models, iris, LATERAL (SELECT cluster_distance(model, x) AS distance) d;
SELECT cluster_id(model, ARRAY[2]) AS middle, cluster_membership(model, ARRAY[2]),
	cluster_id(model, ARRAY[1.99]) AS left, cluster_id(model, ARRAY[2.01]) AS right
FROM (SELECT kmeans_fit(ARRAY[x], 2, kmeans_options(init => ARRAY[[4], [0]])) AS model
	FROM (VALUES (0), (4)) v(x)) m;

-- one and two clusters, with objectives by R (kmeans), and as many as there are distinct rows
SELECT k, abs((cluster_info(model) -> 'objective')::float8 - objective) < 1e-6 AS objective, cluster_info(model) -> 'empty_clusters' AS empty
FROM (SELECT k, kmeans_fit(x, k, '{"restarts": 10}') AS model FROM iris, unnest(ARRAY[1, 2, 149]) k GROUP BY k) m
	JOIN (VALUES (1, 681.3706), (2, 152.347952), (149, 0)) v(k, objective) USING (k)
ORDER BY k;

-- restarts keep the best, so more of them are not worse
SELECT bool_and(fall >= 0) AS falls
FROM (SELECT (cluster_info(one) -> 'objective')::float8 - (cluster_info(many) -> 'objective')::float8 AS fall
	FROM (SELECT kmeans_fit(x, 9, jsonb_build_object('init', 'sample', 'seed', s)) AS one,
			kmeans_fit(x, 9, jsonb_build_object('init', 'sample', 'seed', s, 'restarts', 20)) AS many
		FROM iris, generate_series(1, 5) s GROUP BY s) m) f;

-- a cluster that loses all its rows takes the farthest one
SELECT pg_temp.centers(model) AS centers, cluster_info(model) -> 'empty_clusters' AS empty, cluster_info(model) -> 'converged' AS converged
FROM (SELECT kmeans_fit(ARRAY[x], 3, kmeans_options(init => ARRAY[[0], [10], [1000]])) AS model
	FROM unnest(ARRAY[0, 0.5, 1, 10, 10.5, 11, 20]) x) m;

-- the same rows, options and seed: the same bytes
SELECT count(*) AS models, count(DISTINCT model) AS bytes
FROM (SELECT kmeans_fit(x, 3, '{"seed": 7, "restarts": 3}' ORDER BY id) AS model FROM iris, generate_series(1, 5) g GROUP BY g) f;

-- errors
SELECT kmeans_fit(x, 150) FROM iris;
SELECT kmeans_fit(x, 0) FROM iris;
SELECT kmeans_fit(x, 3, '{"fuzzifier": 2}') FROM iris;
