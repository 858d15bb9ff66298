-- Gustafson-Kessel clustering on Fisher's iris.  Golden numbers: an implementation
-- in numpy, checked against Octave's gustafson_kessel, 12 digits.

\i test/sql/include/iris.psql
\i test/sql/include/golden.psql
UPDATE start SET v0 = v0 || '{"fuzzifier": 2}';

-- golden: centers, covariances, objective, memberships of three rows, partition coefficient and entropy
CREATE TEMP TABLE golden AS SELECT
	ARRAY[5.01411776621, 3.43793981665, 1.46540034092, 0.244071189891, 6.12793227835, 2.80189592464,
		4.51018998779, 1.40204991735, 6.39793475253, 2.97516524588, 5.30488947718, 2.01470879045] AS centers,
	ARRAY[0.118757357636, 0.091054493434, 0.017741399737, 0.011238020264, 0.091054493434, 0.130059313654,
		0.00720937193546, 0.0084753975993, 0.017741399737, 0.00720937193546, 0.0376909073134, 0.00953781399409,
		0.011238020264, 0.0084753975993, 0.00953781399409, 0.0117588854052, 0.467339573924, 0.133012685592,
		0.501318543226, 0.158240511109, 0.133012685592, 0.107015525717, 0.133539446071, 0.0538063139722,
		0.501318543226, 0.133539446071, 0.706948210639, 0.229267056552, 0.158240511109, 0.0538063139722,
		0.229267056552, 0.0903002982026, 0.289132187078, 0.0733132682503, 0.228623594006, 0.089482831387,
		0.0733132682503, 0.0832696685873, 0.074652651552, 0.0561127148611, 0.228623594006, 0.074652651552,
		0.300689645226, 0.130685003227, 0.089482831387, 0.0561127148611, 0.130685003227, 0.112437837274] AS covariances,
	31.5266810465 AS objective,
	ARRAY[0.995128604568, 0.00349986525852, 0.00137153017397, 0.0171248702379, 0.313695750754, 0.669179379008,
		0.00737479853635, 0.674769802827, 0.317855398636] AS memberships, 0.727779549341 AS pc, 0.466188632775 AS pe;
CREATE TEMP TABLE models AS SELECT gk_fit(x, 3, v0 || '{"tolerance": 1e-14}' ORDER BY id) AS model, gk_fit(x::real[], 3, v0 ORDER BY id) AS model4,
	gk_fit(x, 3, gk_options(fuzzifier => 2, seed => 1, tolerance => 1e-14) ORDER BY id) AS other FROM iris, start;
SELECT pg_temp.gap(pg_temp.v(model), centers) < 1e-9 AS centers, pg_temp.gap(pg_temp.v(model4), centers) < 1e-3 AS centers4,
	pg_temp.gap(pg_temp.f(model), covariances) < 1e-9 AS covariances,
	abs(pg_temp.info(model, 'objective') - objective) < 1e-8 AS objective, abs(pg_temp.info(other, 'objective') - objective) < 1e-8 AS other,
	cluster_info(model) -> 'converged' AS converged
FROM models, golden;
SELECT pg_temp.misclassified(model), pg_temp.misclassified(model4) AS misclassified4, pg_temp.misclassified(other) AS other,
	pg_temp.gap(pg_temp.u(model), memberships) < 1e-9 AS memberships,
	abs((v ->> 'partition_coefficient')::float8 - pc) < 1e-10 AS pc, abs((v ->> 'partition_entropy')::float8 - pe) < 1e-10 AS pe
FROM models, golden, LATERAL (SELECT cluster_validity(model, x) AS v FROM iris) s;
SELECT count(*) AS clusters, abs(sum(weight) - 150) < 1e-9 AS weight, sum(cardinality(covariance)) AS covariances,
	array_agg(DISTINCT array_dims(covariance)) AS dimensions, bool_and(covariance[1][3] = covariance[3][1]) AS symmetric
FROM models, cluster_centers(model) JOIN cluster_covariances(model) USING (cluster);
SELECT cluster_covariances(model) IS NOT NULL AS "a row a call" FROM models LIMIT 2;
SELECT cluster_info(model) ? 'covariances' AS "in info", (SELECT count(*) FROM cluster_covariances(NULL)) AS "of null" FROM models;

-- memberships are those of fuzzy c-means in the metric of the clusters, and the objective is sum u^2 d
SELECT max(gap) < 1e-12 AS memberships, abs(sum(part) - pg_temp.info(model, 'objective')) < 1e-9 AS objective
FROM models, iris, LATERAL (SELECT max(abs(u - 1 / (d ^ 2 * s))) AS gap, sum(u ^ 2 * d ^ 2) AS part
	FROM (SELECT u, d, sum(1 / d ^ 2) OVER () AS s FROM unnest(cluster_membership(model, x), cluster_distance(model, x)) t(u, d)) t) m
GROUP BY model;

-- the distance is that of the norm (rho |F|)^(1/d) F^-1, here with two features, where F is easily inverted
CREATE TEMP TABLE two AS SELECT gk_fit(ARRAY[petal_length, petal_width], 3, gk_options(seed => 3, volumes => ARRAY[1, 2, 3]) ORDER BY id) AS model FROM iris;
SELECT count(*) AS distances, max(abs(distance ^ 2 - (f22 * a ^ 2 - 2 * f12 * a * b + f11 * b ^ 2) / (f11 * f22 - f12 ^ 2) * sqrt(cluster * (f11 * f22 - f12 ^ 2)))) < 1e-9 AS distance
FROM two, iris, cluster_set(model, ARRAY[petal_length, petal_width]) s JOIN cluster_centers((SELECT model FROM two)) c USING (cluster),
	LATERAL (SELECT f[1][1] AS f11, f[1][2] AS f12, f[2][2] AS f22, petal_length - center[1] AS a, petal_width - center[2] AS b
		FROM cluster_covariances(model) v(c, f) WHERE c = cluster) t;

-- units do not matter: other scales give the same memberships, and covariances in the units of the features
SELECT scale, max(pg_temp.gap(cluster_membership(model, x), cluster_membership(scaled, x))) < 1e-6 AS memberships,
	pg_temp.gap(pg_temp.v(scaled), pg_temp.v(model)) < 1e-6 AS centers,
	pg_temp.gap(pg_temp.f(scaled), pg_temp.f(model)) < 1e-6 AS covariances
FROM models, iris, LATERAL (SELECT scale, gk_fit(i.x, 3, v0 || jsonb_build_object('scale', scale, 'tolerance', 1e-12, 'max_iterations', 5000)) AS scaled
	FROM iris i, start, unnest(ARRAY['minmax', 'zscore']) scale GROUP BY scale) s
WHERE iris.id = 1 GROUP BY scale, model, scaled ORDER BY scale;

-- history has a row for each iteration, and no columns of annealing
SELECT count(*) = pg_temp.info(model, 'iterations') AS rows, sum(num_nonnulls(phase, temperature, q, reconstruction_loss, clustering_loss)) AS others,
	(array_agg(objective ORDER BY iteration))[1] > (array_agg(objective ORDER BY iteration DESC))[1] AS falls
FROM models, cluster_history(model) GROUP BY model;

-- volumes scale the metric: a cluster with a larger one takes fewer rows
SELECT volumes, sum(weight) FILTER (WHERE volumes[cluster] = 16) < sum(weight) FILTER (WHERE volumes[cluster] = 1) AS fewer
FROM (SELECT volumes, gk_fit(ARRAY[petal_length, petal_width], 2, gk_options(volumes => volumes, seed => 1, init => ARRAY[[4, 1.2], [5.5, 2]]) ORDER BY id) AS model
		FROM iris, (VALUES (ARRAY[1, 16]::float8[]), (ARRAY[16, 1])) v(volumes) WHERE label <> 'setosa' GROUP BY volumes) m,
	cluster_centers(model)
GROUP BY volumes ORDER BY volumes;
SELECT gk_fit(x, 3, v0 ORDER BY id) = gk_fit(x, 3, v0 || '{"volumes": []}' ORDER BY id) AS empty,
	pg_temp.gap(pg_temp.v(gk_fit(x, 3, v0 ORDER BY id)), pg_temp.v(gk_fit(x, 3, v0 || '{"volumes": [7, 7, 7]}' ORDER BY id))) < 1e-8 AS equal
FROM iris, start;

-- regularization 1 is fuzzy c-means, whatever the shapes
SELECT pg_temp.gap(pg_temp.v(gk_fit(x, 3, v0 || '{"regularization": 1}')), pg_temp.v(fcm_fit(x, 3, v0))) < 1e-7 AS fcm FROM iris, start;
-- rows in a plane, on a line, and features that are constant: there is a result, and it is finite
SET client_min_messages = warning;
SELECT what, count(DISTINCT cluster) AS clusters, bool_and(e = e AND abs(e) < 1e6) AS finite
FROM (SELECT 'plane' AS what, gk_fit(ARRAY[sepal_length, petal_length, sepal_length + petal_length], 2, gk_options(seed => 1, max_iterations => 50)) AS model FROM iris
	UNION ALL SELECT 'line', gk_fit(ARRAY[i, 2 * i], 2, gk_options(seed => 1, max_iterations => 50)) FROM generate_series(1, 40) i
	UNION ALL SELECT 'constant', gk_fit(ARRAY[i, i % 7, 5], 2, gk_options(seed => 1, max_iterations => 50)) FROM generate_series(1, 40) i
	UNION ALL SELECT 'regularized', gk_fit(ARRAY[i, i % 7, 5], 2, gk_options(seed => 1, regularization => 0.1, max_iterations => 50)) FROM generate_series(1, 40) i) m,
	cluster_centers(model), unnest(center) e GROUP BY what ORDER BY what;
RESET client_min_messages;

\set fit gk_fit
\set exponent '{}'
\i test/sql/include/singular.psql

-- every option takes effect
CREATE FUNCTION pg_temp.centers_with(options jsonb) RETURNS float8[] LANGUAGE sql AS $$ SELECT pg_temp.v(gk_fit(x, 3, options ORDER BY id)) FROM iris $$;
SET client_min_messages = warning;
SELECT option, pg_temp.gap(pg_temp.centers_with(a), pg_temp.centers_with(b)) > 1e-6 AS differ
FROM (VALUES ('fuzzifier', '{"fuzzifier": 2}'::jsonb, '{"fuzzifier": 1.8}'::jsonb), ('regularization', '{}', '{"regularization": 0.1}'),
	('volumes', '{}', '{"volumes": [1, 2, 3]}'), ('seed', '{"init": "random"}', '{"init": "random", "seed": 8}'),
	('max_iterations', '{"max_iterations": 3}', '{"max_iterations": 4}'), ('tolerance', '{"tolerance": 0.1}', '{"tolerance": 1e-6}'),
	('init', '{"init": "sample", "max_iterations": 1}', '{"init": "random", "max_iterations": 1}'), ('scale', '{"regularization": 0.1}', '{"regularization": 0.1, "scale": "minmax"}')) v(option, a, b);
SELECT bool_and(many <= one) AS "restarts no worse"
FROM (SELECT pg_temp.info(gk_fit(x, 4, o), 'objective') AS one, pg_temp.info(gk_fit(x, 4, o || '{"restarts": 5}'), 'objective') AS many
	FROM iris, generate_series(1, 5) s, jsonb_build_object('init', 'random', 'tolerance', 1e-3, 'seed', s) o GROUP BY o) r;
RESET client_min_messages;
SELECT cluster_info(gk_fit(ARRAY[nullif(id, 3), id % 5], 2, '{"missing": "skip"}')) -> 'skipped' AS skipped FROM iris;

-- errors
SELECT cluster_covariances(fcm_fit(ARRAY[i], 1)) FROM generate_series(1, 3) i;
SELECT * FROM cluster_covariances('\x');
SELECT gk_fit(x, 3, '{"volumes": [1, 2]}') FROM iris;
SELECT gk_fit(x, 3, gk_options(volumes => ARRAY[1, 2, 3, 4])) FROM iris;
SELECT gk_options(volumes => ARRAY[1, 0, 2]);
SELECT gk_options(volumes => ARRAY[1, NULL, 2]);
SELECT gk_options(volumes => ARRAY[[1, 2], [3, 4]]);
SELECT gk_fit(x, 3, '{"volumes": [1, "2", 3]}') FROM iris;
SELECT gk_fit(x, 3, '{"volumes": 2}') FROM iris;
SELECT gk_options(regularization => 1.5);
SELECT gk_fit(x, 3, '{"weight_exponent": 1}') FROM iris;
SELECT gk_fit(array_fill(i, ARRAY[513]), 2) FROM generate_series(1, 3) i;
