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

-- local affinities (Zelnik-Manor and Perona): eigenvalues, the objective of k-means, and distances of three new rows, in numpy
CREATE TEMP TABLE local_golden (kind text, objective float8, distances float8[]);
INSERT INTO local_golden VALUES
	('njw', 11.87287041167, ARRAY[0.0338576847312, 1.33663791537, 1.40442945876, 1.41439697603, 0.357511031922, 0.903396327806, 1.4140861839, 1.3455920359, 0.238562506976]),
	('ncut', 0.04918152717024, ARRAY[0.00229573807924, 0.0713177579799, 0.0811328680692, 0.0686313079679, 0.0213848853497, 0.0494984875759, 0.0958895394928, 0.0937474275012, 0.0228640695956]);
SELECT kind, abs((cluster_info(three) ->> 'objective')::float8 - objective) < 1e-10 AS objective,
	pg_temp.gap(ARRAY(SELECT jsonb_array_elements(cluster_info(five) -> 'eigenvalues')::float8), ARRAY[1, 0.9999399855201, 0.9382360266771, 0.8564457180877, 0.8440784748044]) < 1e-10 AS eigenvalues,
	pg_temp.gap(cluster_distance(three, ARRAY[5, 3, 2, 0.5]) || cluster_distance(three, ARRAY[6.05, 2.85, 4.8, 1.65]) || cluster_distance(three, ARRAY[7.5, 3.5, 6, 2.45]), distances) < 1e-8 AS distances,
	cluster_info(three) -> 'options' ->> 'affinity' AS affinity, cluster_info(three) -> 'options' -> 'sigma' AS sigma
FROM local_golden, LATERAL (SELECT spectral_fit(x, 3, spectral_options(kind => kind, affinity => 'local') ORDER BY id) AS three,
		spectral_fit(x, 5, spectral_options(kind => kind, affinity => 'local') ORDER BY id) AS five FROM iris) m ORDER BY kind DESC;
-- ... a row of the graph is where it was in training, whichever way it is scored
SELECT count(*) AS rows, sum(weight) AS weights, count(*) FILTER (WHERE n = weight) AS clusters
FROM (SELECT cluster, weight, (SELECT count(*) FROM iris WHERE cluster_id(model, x) = cluster) AS n
	FROM (SELECT spectral_fit(x, 3, spectral_options(affinity => 'local') ORDER BY id) AS model FROM iris) m, cluster_centers(model)) c;

-- two clusters and four rows beside them, which are more easily cut off: a notice tells; local affinities are found where none are given
CREATE TEMP TABLE strays AS
	SELECT i, i % 2 AS side, CASE WHEN i <= 4 THEN ARRAY[1.1 + 0.3 * (i - 2.5), 3 + i % 2 * 0.3] WHEN i % 2 = 0 THEN ARRAY[sin(i * 1.7), cos(i * 2.3)] ELSE ARRAY[2.8 + sin(i * 3.1), cos(i * 1.3)] END AS x
	FROM generate_series(1, 300) i;
SELECT what, (SELECT min(weight) FROM cluster_centers(model)) < 8 AS small, cluster_accuracy(side, cluster_id(model, x)) > 0.98 AS right, cluster_info(model) -> 'options' ->> 'affinity' AS affinity,
	(cluster_info(model) -> 'options' ->> 'sigma') IS NULL AS own_widths
FROM strays, (SELECT what, spectral_fit(x, 2, options ORDER BY i) AS model
	FROM strays, (VALUES (1, 'gaussian', spectral_options(affinity => 'gaussian')), (2, 'found', spectral_options()), (3, 'local', spectral_options(affinity => 'local')),
		(4, 'given', spectral_options(sigma => 0.3)), (5, 'started', spectral_options(init => '{{0,0},{1.1,3}}'::float8[]))) o (place, what, options) GROUP BY place, what, options) m
GROUP BY what, model ORDER BY what;
-- ... also by landmarks, in single precision, and with distances 1 - cos; and rows in groups too small for any of that
SELECT cluster_accuracy(ring, cluster_id(model, x)) AS accuracy, cluster_info(model) -> 'options' ->> 'affinity' AS affinity
FROM rings, (SELECT spectral_fit(x::real[], 2, spectral_options(exact_rows => 0, landmarks => 300, affinity => 'local') ORDER BY i) AS model FROM rings) m GROUP BY model;
SELECT cluster_info(model) -> 'options' ->> 'affinity' AS affinity, (SELECT sum(weight) FROM cluster_centers(model)) AS rows
FROM (SELECT spectral_fit(x, 3, spectral_options(distance => 'cosine', affinity => 'local') ORDER BY id) AS model FROM iris) m;
SELECT count(*) AS models, count(*) FILTER (WHERE cluster_info(model) -> 'options' ->> 'affinity' = 'gaussian') AS gaussian FROM (SELECT spectral_fit(x, 3 ORDER BY i) AS model FROM rings WHERE i <= 60 GROUP BY i % 6) g;

-- errors
SELECT spectral_fit(ARRAY[1.0, 2.0], 2) FROM generate_series(1, 5);
SELECT spectral_fit(x, 2, spectral_options(sigma => 1e-6)) FROM rings WHERE i <= 300;
SELECT spectral_options(exact_rows => 4001);
SELECT spectral_options(landmarks => 10);
SELECT spectral_options(sigma => 0);
SELECT spectral_fit(x, 2, spectral_options(sigma => 1, affinity => 'local')) FROM rings WHERE i <= 300;
SELECT spectral_options(affinity => 'rbf');
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
