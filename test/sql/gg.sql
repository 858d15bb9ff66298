-- Gath-Geva clustering on Fisher's iris.  Golden numbers: an implementation in
-- numpy, checked against scikit-learn's GaussianMixture, 12 digits.

\i test/sql/include/iris.psql
\i test/sql/include/golden.psql

-- determinants of the covariances, by elimination
CREATE FUNCTION pg_temp.determinants(bytea) RETURNS TABLE (cluster int, det float8) LANGUAGE plpgsql AS $$
DECLARE
	f float8[];
	a float8[];
	d int;
BEGIN
	FOR cluster, f IN SELECT c.cluster, covariance FROM cluster_covariances($1) c LOOP
		d := array_length(f, 1);
		a := (SELECT array_agg(e ORDER BY j) FROM unnest(f) WITH ORDINALITY t(e, j));
		det := 1;
		FOR p IN 0..d - 1 LOOP
			det := det * a[p * d + p + 1];
			FOR r IN p + 1..d - 1 LOOP
				FOR c IN REVERSE d - 1..p LOOP
					a[r * d + c + 1] := a[r * d + c + 1] - a[r * d + p + 1] / a[p * d + p + 1] * a[p * d + c + 1];
				END LOOP;
			END LOOP;
		END LOOP;
		RETURN NEXT;
	END LOOP;
END $$;

-- golden: centers, covariances, shares of the rows, memberships of three rows, partition coefficient
CREATE TEMP TABLE golden (weight_exponent float8, centers float8[], covariances float8[], shares float8[], memberships float8[], pc float8);
INSERT INTO golden VALUES
	(2, ARRAY[5.006, 3.428, 1.462, 0.246, 5.90888359289, 2.77634584267, 4.18935874414, 1.29192007751, 6.55553220794,
		2.95132091671, 5.49695692359, 1.99530569625],
		ARRAY[0.121764, 0.097232, 0.016028, 0.010124, 0.097232, 0.140816, 0.011464, 0.009112, 0.016028, 0.011464,
		0.029556, 0.005948, 0.010124, 0.009112, 0.005948, 0.010884, 0.274402977714, 0.0978613429707, 0.182046568225,
		0.0531316120274, 0.0978613429707, 0.0930599246543, 0.0911253090309, 0.0428246090255, 0.182046568225,
		0.0911253090309, 0.194615617573, 0.0583694926117, 0.0531316120274, 0.0428246090255, 0.0583694926117,
		0.030825448395, 0.384077615252, 0.0921877029646, 0.296690735636, 0.056219999413, 0.0921877029646,
		0.110840017846, 0.0827412638338, 0.0550909305455, 0.296690735636, 0.0827412638338, 0.316599607825,
		0.0658734264021, 0.056219999413, 0.0550909305455, 0.0658734264021, 0.0811101748777],
		ARRAY[0.333333333333, 0.299873757291, 0.366792909375],
		ARRAY[1, 2.83781785599e-48, 3.24046804933e-37, 9.09414623123e-106, 0.041521339628, 0.958478660372,
		3.35118473709e-113, 0.187239295426, 0.812760704574], 0.986951168031),
	(1, ARRAY[5.006, 3.428, 1.462, 0.246, 5.91496958822, 2.77784364668, 4.2015532257, 1.29696685257, 6.54454864935,
		2.94866115002, 5.47955343468, 1.98460495285],
		ARRAY[0.121764, 0.097232, 0.016028, 0.010124, 0.097232, 0.140816, 0.011464, 0.009112, 0.016028, 0.011464,
		0.029556, 0.005948, 0.010124, 0.009112, 0.005948, 0.010884, 0.275318782016, 0.0969413814448, 0.184662392965,
		0.054390739735, 0.0969413814448, 0.0926460413654, 0.0911431741868, 0.0429973474015, 0.184662392965,
		0.0911431741868, 0.200630413464, 0.0609784705875, 0.054390739735, 0.0429973474015, 0.0609784705875,
		0.0319969540475, 0.387044293987, 0.0922079207504, 0.302811730999, 0.0616510485378, 0.0922079207504,
		0.110337702336, 0.0842875791614, 0.0560115031299, 0.302811730999, 0.0842875791614, 0.327797358578,
		0.0745300441913, 0.0616510485378, 0.0560115031299, 0.0745300441913, 0.0857977334442],
		ARRAY[0.333333333333, 0.299193187736, 0.36747347893],
		ARRAY[1, 8.87649944633e-45, 2.46041859553e-34, 7.67381541452e-106, 0.0526794390666, 0.947320560933,
		2.73910738349e-113, 0.215589527976, 0.784410472024], 0.983271346625);
CREATE TEMP TABLE models AS
	SELECT golden.*, model, model4, other FROM golden, start,
		LATERAL (SELECT v0 || jsonb_build_object('weight_exponent', weight_exponent, 'tolerance', 1e-14) AS o) o,
		LATERAL (SELECT gg_fit(x, 3, o ORDER BY id) AS model, gg_fit(x::real[], 3, o ORDER BY id) AS model4, gg_fit(x, 3, o - 'init' ORDER BY id) AS other FROM iris) m;
SELECT weight_exponent, pg_temp.gap(pg_temp.v(model), centers) < 1e-9 AS centers, pg_temp.gap(pg_temp.v(model4), centers) < 1e-3 AS centers4,
	pg_temp.gap(pg_temp.f(model), covariances) < 1e-9 AS covariances,
	cluster_info(model) -> 'converged' AS converged
FROM models ORDER BY weight_exponent;
SELECT weight_exponent, pg_temp.misclassified(model), pg_temp.misclassified(model4) AS misclassified4, pg_temp.misclassified(other) AS other,
	pg_temp.gap(pg_temp.u(model), memberships) < 1e-9 AS memberships, abs((v ->> 'partition_coefficient')::float8 - pc) < 1e-10 AS pc,
	pg_temp.gap((SELECT array_agg(weight / 150 ORDER BY cluster) FROM cluster_centers(model)), shares) < 1e-10 AS shares
FROM models, LATERAL (SELECT cluster_validity(model, x) AS v FROM iris) s ORDER BY weight_exponent;

-- the logarithm of the volume is that of the root of the determinant, in the units of the features
SELECT scale, count(*) AS clusters, max(abs(log_volume - ln(det) / 2)) < 1e-9 AS log_volume
FROM (SELECT scale, gg_fit(x, 3, gg_options(scale => scale, tolerance => 1e-3) ORDER BY id) AS model FROM iris, unnest('{none,minmax,zscore}'::text[]) scale GROUP BY scale) m,
	cluster_covariances(model) JOIN pg_temp.determinants(model) d USING (cluster) GROUP BY scale ORDER BY scale;

-- with weight exponent 1 the objective is the negative logarithm of the likelihood of a mixture of normal
-- distributions, less d/2 ln 2 pi for each row, and never rises
SELECT abs(pg_temp.info(model, 'objective') + sum(ln(density))) < 1e-8 AS likelihood
FROM models, iris, LATERAL (
	SELECT sum(weight / 150 / sqrt(det) * exp(-(distance ^ 2) / 2)) AS density
	FROM cluster_set(model, x) JOIN cluster_centers(model) USING (cluster)
		JOIN pg_temp.determinants(model) d USING (cluster)) l
WHERE weight_exponent = 1 GROUP BY model;
SELECT weight_exponent, count(*) = pg_temp.info(model, 'iterations') AS rows, sum(others) AS others, max(rise) FILTER (WHERE iteration > 2 AND weight_exponent = 1) < 1e-9 AS falls
FROM (SELECT weight_exponent, model, iteration, objective - lag(objective) OVER (PARTITION BY weight_exponent ORDER BY iteration) AS rise,
		num_nonnulls(phase, temperature, q, reconstruction_loss, clustering_loss) AS others
	FROM (SELECT weight_exponent, model FROM models) m, cluster_history(model)) h
GROUP BY weight_exponent, model ORDER BY weight_exponent;

-- memberships are shares of P / sqrt |F| exp(-d^2 / 2), d the Mahalanobis distance
SELECT weight_exponent, max(abs(membership - density / total)) < 1e-9 AS memberships
FROM models, iris, LATERAL (
	SELECT membership, density, sum(density) OVER () AS total FROM (
		SELECT membership, weight / sqrt(det) * exp(-(distance ^ 2) / 2) AS density
		FROM cluster_set(model, x) JOIN cluster_centers(model) USING (cluster) JOIN pg_temp.determinants(model) d USING (cluster)) d) u
GROUP BY weight_exponent ORDER BY weight_exponent;

-- the distance is Mahalanobis', with covariances in the units of the features, here with two, where F is easily inverted
SELECT scale, count(*) AS distances, max(abs(distance ^ 2 - (f22 * a ^ 2 - 2 * f12 * a * b + f11 * b ^ 2) / (f11 * f22 - f12 ^ 2))) < 1e-7 AS distance
FROM (SELECT scale, gg_fit(ARRAY[petal_length, petal_width], 3, gg_options(seed => 3, scale => scale) ORDER BY id) AS model
		FROM iris, unnest(ARRAY['none', 'minmax', 'zscore']) scale GROUP BY scale) m,
	iris, cluster_set(model, ARRAY[petal_length, petal_width]) s, cluster_centers(model) c,
	LATERAL (SELECT f[1][1] AS f11, f[1][2] AS f12, f[2][2] AS f22, petal_length - center[1] AS a, petal_width - center[2] AS b
		FROM cluster_covariances(model) v(cluster, f) WHERE v.cluster = c.cluster) t
WHERE c.cluster = s.cluster GROUP BY scale ORDER BY scale;

-- clusters of unequal size and shape, which fuzzy c-means splits wrongly
CREATE TEMP TABLE unequal AS
	SELECT i, i > 300 AS small, CASE WHEN i <= 300 THEN ARRAY[i / 15 - 10 + sin(i * 1.3) * 0.3, cos(i * 0.7)] ELSE ARRAY[sin(i) / 2, 3.2 + cos(i * 1.9) / 2] END AS x
	FROM generate_series(1, 340) i;
SELECT 340 - round(340 * cluster_accuracy(small, cluster_id(gg, x))) AS gg, 340 - round(340 * cluster_accuracy(small, cluster_id(fcm, x))) > 100 AS fcm
FROM unequal, (SELECT gg_fit(x, 2, gg_options(seed => 1, init => ARRAY[[0, 0], [0, 3]]) ORDER BY i) AS gg, fcm_fit(x, 2, fcm_options(seed => 1) ORDER BY i) AS fcm FROM unequal) m;

-- rows in a plane, on a line, and features that are constant: there is a result, and it is finite
SET client_min_messages = warning;
SELECT what, count(DISTINCT cluster) AS clusters, bool_and(e = e AND abs(e) < 1e6) AS finite
FROM (SELECT 'plane' AS what, gg_fit(ARRAY[sepal_length, petal_length, sepal_length + petal_length], 2, gg_options(seed => 1, max_iterations => 50)) AS model FROM iris
	UNION ALL SELECT 'line', gg_fit(ARRAY[i, 2 * i], 2, gg_options(seed => 1, max_iterations => 50)) FROM generate_series(1, 40) i
	UNION ALL SELECT 'constant', gg_fit(ARRAY[i, i % 7, 5], 2, gg_options(seed => 1, max_iterations => 50)) FROM generate_series(1, 40) i
	UNION ALL SELECT 'regularized', gg_fit(ARRAY[i, i % 7, 5], 2, gg_options(seed => 1, regularization => 0.1, max_iterations => 50)) FROM generate_series(1, 40) i) m,
	cluster_centers(model), unnest(center) e GROUP BY what ORDER BY what;

RESET client_min_messages;

\set fit gg_fit
\set exponent '{"weight_exponent": 2}'
\i test/sql/include/singular.psql

-- every option takes effect
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.centers_with(options jsonb) RETURNS float8[] LANGUAGE sql AS $$ SELECT pg_temp.v(gg_fit(x, 3, options ORDER BY id)) FROM iris $$;
SELECT option, pg_temp.gap(pg_temp.centers_with(a), pg_temp.centers_with(b)) > 1e-6 AS differ
FROM (VALUES ('fuzzifier', '{"fuzzifier": 2}'::jsonb, '{"fuzzifier": 1.8}'::jsonb), ('weight_exponent', '{}', '{"weight_exponent": 1.5}'), ('start', '{"start": "fcm", "max_iterations": 8}', '{"start": "mec", "max_iterations": 8}'), ('regularization', '{}', '{"regularization": 0.1}'),
	('seed', '{"init": "random", "max_iterations": 2}', '{"init": "random", "max_iterations": 2, "seed": 8}'),
	('max_iterations', '{"max_iterations": 3}', '{"max_iterations": 4}'), ('tolerance', '{"tolerance": 0.1}', '{"tolerance": 1e-6}'),
	('init', '{"init": "sample", "max_iterations": 1}', '{"init": "random", "max_iterations": 1}'), ('scale', '{"max_iterations": 4}', '{"max_iterations": 4, "scale": "minmax"}')) v(option, a, b);

-- four starts: that which is kept is the most likely, and the model says where it began; an exponent without objective, given centers and a given start have one
CREATE TEMP TABLE mixed AS	-- a ring around a spot, a narrow band, and a cloud: starts end apart
	SELECT i, CASE WHEN i % 4 = 0 THEN ARRAY[6 * cos(i * 1.7), 6 * sin(i * 1.7)] WHEN i % 4 = 1 THEN ARRAY[sin(i * 3.1), cos(i * 2.3)]
		WHEN i % 4 = 2 THEN ARRAY[12 + sin(i * 1.3) * 0.2, 9 * sin(i * 0.7)] ELSE ARRAY[17 + 3 * sin(i * 5.3), 3 * cos(i * 1.1)] END AS x
	FROM generate_series(1, 400) i;
CREATE FUNCTION pg_temp.fit_mixed(options jsonb) RETURNS bytea LANGUAGE sql AS $$ SELECT gg_fit(x, 4, options ORDER BY i) FROM mixed $$;
CREATE TEMP TABLE tried AS
	SELECT seed, start, options, pg_temp.fit_mixed(options || jsonb_build_object('seed', seed)) AS model
	FROM generate_series(0, 4) seed, (VALUES ('all', '{}'::jsonb), ('kmeans', '{"start": "kmeans"}'), ('fcm', '{"start": "fcm"}'), ('mec', '{"start": "mec"}'), ('two', '{"start": "kmeans", "restarts": 2}')) s(start, options);
SELECT bool_and(pg_temp.info(a.model, 'objective') < least + 1e-6) AS "most likely of all",
	bool_and(cluster_info(a.model) -> 'options' ->> 'restarts' = '4') AS four, bool_and(pg_temp.info(k.model, 'objective') > least) AS "always better than the first"
FROM tried a JOIN tried k USING (seed) JOIN (SELECT seed, min(pg_temp.info(model, 'objective')) AS least FROM tried WHERE start <> 'all' GROUP BY seed) l USING (seed) WHERE a.start = 'all' AND k.start = 'kmeans';
SELECT start, count(DISTINCT cluster_info(model) -> 'options' -> 'restarts') = 1 AS same, min(cluster_info(model) -> 'options' ->> 'restarts') AS restarts,
	bool_and(start IN ('all', 'two') OR cluster_info(model) -> 'options' ->> 'start' = start) AS named
FROM tried GROUP BY start ORDER BY start;
SELECT what, cluster_info(model) -> 'options' -> 'start' AS start, cluster_info(model) -> 'options' -> 'restarts' AS restarts
FROM (VALUES ('exponent 2', pg_temp.fit_mixed('{"weight_exponent": 2}')), ('exponent 2, three', pg_temp.fit_mixed('{"weight_exponent": 2, "restarts": 3}')), ('one', pg_temp.fit_mixed('{"restarts": 1}')),
	('centers', pg_temp.fit_mixed('{"init": [[0, 0], [0, 6], [12, 0], [17, 0]]}'))) v(what, model)
UNION ALL SELECT 'model', cluster_info(gg) -> 'options' -> 'start', cluster_info(gg) -> 'options' -> 'restarts' FROM (SELECT gg_fit(x, 4, gg_options(init => (SELECT kmeans_fit(x, 4 ORDER BY i) FROM mixed)) ORDER BY i) AS gg FROM mixed) m;
-- ... and that of one start is that of its kind
SELECT pg_temp.gap(pg_temp.v(pg_temp.fit_mixed('{"restarts": 1}')), pg_temp.v(pg_temp.fit_mixed('{"start": "kmeans"}'))) = 0 AS first,
	pg_temp.gap(pg_temp.v(pg_temp.fit_mixed('{"weight_exponent": 2}')), pg_temp.v(pg_temp.fit_mixed('{"weight_exponent": 2, "start": "fcm"}'))) = 0 AS without_objective;
-- a start with a cluster that has shrunk to fewer than d + 1 rows loses, however likely it is; where all have such a cluster, that with the fewest is kept
CREATE TEMP TABLE few AS SELECT i, ARRAY[sin(i * 8.5) * 3 + (i % 3) * 4, cos(i * 14.5) * 2] AS x FROM generate_series(1, 30) i;
CREATE FUNCTION pg_temp.least_weight(model bytea) RETURNS float8 LANGUAGE sql AS $$ SELECT min(weight) FROM cluster_centers($1) $$;
SELECT pg_temp.least_weight(fcm) < 3 AS "fcm shrinks", pg_temp.least_weight(best) >= 3 AS "best does not", pg_temp.info(fcm, 'objective') < pg_temp.info(best, 'objective') AS "yet fcm is more likely",
	cluster_info(best) -> 'options' ->> 'start' <> 'fcm' AS "begins elsewhere"
FROM (SELECT gg_fit(x, 5, '{"start": "fcm"}' ORDER BY i) AS fcm, gg_fit(x, 5 ORDER BY i) AS best FROM few) m;
SELECT count(*) AS clusters, bool_and(weight > 0) AS weights FROM (SELECT gg_fit(x, 3 ORDER BY i) AS model FROM few WHERE i <= 6) m, cluster_centers(model);
SELECT bool_and(many <= one) AS "restarts no worse"
FROM (SELECT pg_temp.info(gg_fit(x, 4, o), 'objective') AS one, pg_temp.info(gg_fit(x, 4, o || '{"restarts": 5}'), 'objective') AS many
	FROM iris, generate_series(1, 5) s, jsonb_build_object('init', 'random', 'tolerance', 1e-3, 'seed', s) o GROUP BY o) r;
RESET client_min_messages;
SELECT cluster_info(gg_fit(ARRAY[nullif(id, 3), id % 5], 2, '{"missing": "skip", "tolerance": 1e-3}')) -> 'skipped' AS skipped FROM iris;

-- errors
SELECT gg_options(weight_exponent => 0.5);
SELECT gg_options(start => 'graph');
SELECT gg_options(start => NULL, weight_exponent => NULL), gg_options(start => 'mec');
SELECT cluster_from_json(json) = model AS same, json -> 'options' -> 'start' AS start FROM (SELECT gg_fit(x, 2, options ORDER BY id) AS model FROM iris, (VALUES ('{"start": "mec"}'::jsonb), ('{"init": [[5, 3, 1, 0], [6, 3, 4, 1]]}')) o(options) GROUP BY options) m, cluster_to_json(model) json ORDER BY 2;
SELECT gg_fit(x, 3, '{"volumes": [1, 2, 3]}') FROM iris;
SELECT gg_options(regularization => -0.1);
SELECT gg_fit(x, 3, '{"weight_exponent": [1]}') FROM iris;
SELECT gg_fit(x, 150) FROM iris;
SELECT gg_fit(array_fill(i, ARRAY[513]), 2) FROM generate_series(1, 3) i;
