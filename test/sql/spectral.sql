-- Spectral clustering.  Golden numbers: an implementation in numpy, 12 digits.

\i test/sql/include/iris.psql
CREATE TEMP TABLE models AS
	SELECT kind, precise, CASE WHEN precise THEN spectral_fit(x, 3, options ORDER BY id) ELSE spectral_fit(x::real[], 3, options ORDER BY id) END AS model
	FROM iris, (VALUES ('njw', true), ('njw', false), ('ncut', true), ('ncut', false)) k (kind, precise),
		spectral_options(sigma => 0.5, kind => k.kind) AS options
	GROUP BY kind, precise;

-- iris
SELECT kind, precise, round(150 * (1 - cluster_accuracy(label, cluster_id(model, x)))) AS misclassified,
	(SELECT array_agg(weight ORDER BY weight) FROM cluster_centers(model)) AS sizes
FROM models, iris
GROUP BY kind, precise, model ORDER BY kind, precise DESC;
SELECT kind, precise, abs((info -> 'objective')::float8 - CASE kind WHEN 'njw' THEN 12.1840604529 ELSE 0.0386076694705 END) < CASE WHEN precise THEN 1e-9 ELSE 1e-5 END AS objective,
	pg_temp.gap(ARRAY(SELECT jsonb_array_elements(info -> 'eigenvalues')::float8), ARRAY[1, 0.999940714847, 0.842082890687]) < CASE WHEN precise THEN 1e-9 ELSE 1e-5 END AS eigenvalues,
	info -> 'converged' AS converged, info -> 'options' ->> 'sigma' AS sigma
FROM models, cluster_info(model) info ORDER BY kind, precise DESC;

-- memberships are crisp, and centers the means of their rows
SELECT count(*) AS rows, count(*) FILTER (WHERE cluster_membership(model, x) =
	(SELECT array_agg((c = cluster_id(model, x))::int::float8) FROM generate_series(1, 3) c)) AS right
FROM models, iris WHERE precise;
SELECT kind, count(*) AS clusters, bool_and(pg_temp.gap(center, mean) < 1e-12 AND n = weight) AS means
FROM models, cluster_centers(model) JOIN LATERAL (SELECT cluster_id(model, x) AS id, count(*) AS n,
		ARRAY[avg(sepal_length), avg(sepal_width), avg(petal_length), avg(petal_width)] AS mean
	FROM iris GROUP BY 1) r ON id = cluster WHERE precise GROUP BY kind ORDER BY kind;

-- distances are those in the embedding: the least is that of the row's cluster, within the unit sphere for njw
SELECT kind, count(*) FILTER (WHERE distance[cluster_id(model, x)] = (SELECT min(d) FROM unnest(distance) d)) AS nearest,
	count(*) FILTER (WHERE (SELECT max(d) FROM unnest(distance) d) <= 2) AS inside,
	count(*) FILTER (WHERE cluster_outlier_score(model, x) >= 0) AS scores
FROM models, iris, LATERAL cluster_distance(model, x) distance WHERE precise GROUP BY kind ORDER BY kind;
SELECT count(*) AS sets, count(*) FILTER (WHERE cluster = cluster_id(model, x) AND membership = 1) AS right
FROM models, iris, LATERAL cluster_set(model, x, top_n => 1) WHERE precise;

-- two rings, which have the same mean: all rows in the graph, or landmarks
CREATE TEMP TABLE rings AS
	SELECT i, i % 2 + 1 AS ring, ARRAY[r * cos(2.399963 * i), r * sin(2.399963 * i)] AS x
	FROM (SELECT i, 1 + 2 * (i % 2) + 0.2 * sin(7919.0 * i) AS r FROM generate_series(1, 3000) i) t;
SELECT kind, rows, landmarks, cluster_info(model) -> 'rows' AS trained, cluster_accuracy(ring, cluster_id(model, x)) AS accuracy
FROM (SELECT kind, rows, landmarks, spectral_fit(x, 2, spectral_options(kind => kind, landmarks => landmarks) ORDER BY i) FILTER (WHERE i <= rows) AS model
	FROM rings, (VALUES ('njw'), ('ncut')) k (kind), (VALUES (1000, 500), (3000, 500), (3000, 120)) r (rows, landmarks)
	GROUP BY kind, rows, landmarks) m, rings
GROUP BY kind, rows, landmarks, model ORDER BY kind, rows, landmarks;

-- as many landmarks as rows: the same as the exact graph, in everything that was learned
SELECT count(DISTINCT cluster_info(model) - 'options') AS models FROM (
	SELECT spectral_fit(x, 2, options ORDER BY i) AS model
	FROM rings, (VALUES (spectral_options()), (spectral_options(exact_rows => 0, landmarks => 400)), (spectral_options(exact_rows => 400))) o (options)
	WHERE i <= 400 GROUP BY options) t;

-- other rows find their cluster: between training rows, and far outside
SELECT cluster_accuracy(ring, cluster_id(model, x)) AS accuracy,
	count(DISTINCT cluster_id(model, ARRAY[1000 * x[1], 1000 * x[2]])) AS clusters_far_away
FROM (SELECT spectral_fit(x, 2 ORDER BY i) FILTER (WHERE i <= 500) AS model FROM rings) m, rings WHERE i > 500;

-- the same rows and seed: the same model; first centers as rows, or of a model
SELECT count(DISTINCT model) AS models FROM (SELECT spectral_fit(x, 3 ORDER BY i) AS model FROM rings GROUP BY i < 0 UNION ALL SELECT spectral_fit(x, 3 ORDER BY i) FROM rings) t;
SELECT cluster_accuracy(ring, cluster_id(model, x)) AS accuracy, cluster_id(model, ARRAY[3, 0.0]) = cluster_id(model, ARRAY[-3, 0.0]) AS same
FROM rings, (SELECT spectral_fit(x, 2, spectral_options(init => '{{1,0},{3,0}}'::float8[]) ORDER BY i) AS model FROM rings WHERE i <= 500) m GROUP BY model;

-- how good it is, Euclidean among the features
SELECT kind, (v ->> 'calinski_harabasz')::numeric(8, 4) AS calinski_harabasz, v -> 'partition_coefficient' AS coefficient, v -> 'partition_entropy' AS entropy
FROM (SELECT kind, cluster_validity(model, x) AS v FROM models, iris WHERE precise GROUP BY kind) t ORDER BY kind;
SELECT cluster_plot(x[1], x[2], cluster_id(model, x), 1.0) ~ '^<svg' AS plot FROM models, iris WHERE kind = 'njw' AND precise;
SELECT count(*) > 0 AS history, bool_and(objective >= 0) AS objectives FROM models, cluster_history(model);

-- rows on each other, all of them, a single one, one cluster, as many clusters as rows
SELECT (cluster_info(spectral_fit(ARRAY[i % 5], 5 ORDER BY i)) ->> 'objective')::float8 < 1e-20 AS zero FROM generate_series(1, 100) i;
SELECT weight, center FROM cluster_centers((SELECT spectral_fit(ARRAY[7, 7], 1) FROM generate_series(1, 20)));
SELECT weight, center FROM cluster_centers((SELECT spectral_fit(ARRAY[1.5], 1)));
SELECT count(*) AS clusters, min(weight) AS least, max(weight) AS most FROM cluster_centers((SELECT spectral_fit(ARRAY[i * i], 8) FROM generate_series(1, 8) i));
-- a row without neighbours is in the cluster that is nearest
SELECT cluster_id(model, ARRAY[1e9, 0]) = cluster_id(model, ARRAY[3.0, 0]) AS outside, cluster_accuracy(ring, cluster_id(model, x)) AS accuracy
FROM rings, (SELECT spectral_fit(x, 2 ORDER BY i) AS model FROM (SELECT i, x FROM rings WHERE i <= 500 UNION ALL SELECT 0, ARRAY[1e9, 0]) t) m
GROUP BY model;

-- errors
SELECT spectral_fit(ARRAY[1.0, 2.0], 2) FROM generate_series(1, 5);
SELECT spectral_fit(x, 2, spectral_options(sigma => 1e-6)) FROM rings WHERE i <= 300;
SELECT spectral_options(exact_rows => 4001);
SELECT spectral_options(landmarks => 10);
SELECT spectral_options(sigma => 0);
SELECT spectral_options(kind => 'cut');
SELECT cluster_id(model, ARRAY[1.0]) FROM models LIMIT 1;
SET maintenance_work_mem = '1MB';
SELECT spectral_fit(x, 2) FROM rings WHERE i <= 1000;
SELECT spectral_fit(x, 2) FROM rings;
SELECT cluster_accuracy(ring, cluster_id(model, x)) AS accuracy
FROM rings, (SELECT spectral_fit(x, 2, spectral_options(landmarks => 200) ORDER BY i) AS model FROM rings) m;
RESET maintenance_work_mem;
-- a model that would be larger than a value
SELECT spectral_fit(features, 2) FROM (SELECT array_fill(i, ARRAY[60000]) AS features FROM generate_series(1, 1200) i) t;

DROP TABLE models, rings, iris;
