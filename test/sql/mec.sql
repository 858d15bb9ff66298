-- Maximum-entropy clustering on Fisher's iris.  Golden numbers: an implementation
-- in numpy, checked against a minimizer of the free energy, 12 digits.

\i test/sql/include/iris.psql
\i test/sql/include/golden.psql

-- golden: centers, objective, memberships of three rows, partition coefficient and entropy
CREATE TEMP TABLE golden (temperature float8, centers float8[], objective float8, memberships float8[], pc float8, pe float8);
INSERT INTO golden VALUES
	(0.5, ARRAY[5.00610386762, 3.42671889751, 1.46413487196, 0.247144667233, 5.87014229644, 2.73890174677,
		4.35496777711, 1.40912384558, 6.77180540065, 3.04513961798, 5.6232240806, 2.02286705767],
		75.096808426,
		ARRAY[0.99999999986, 1.39722265578e-10, 1.07760129036e-21, 8.52086037851e-13, 0.869223003279, 0.13077699672,
		5.54040839285e-15, 0.538923602977, 0.461076397023], 0.928678222127, 0.11618738074),
	(1, ARRAY[5.00649097755, 3.42056971353, 1.47473751417, 0.252174210445, 5.87750402754, 2.74106318028,
		4.37173522101, 1.41969142288, 6.69626423782, 3.020102694, 5.51017591751, 1.96400266774],
		61.9815079968,
		ARRAY[0.999989623759, 1.03761108847e-05, 1.30419902663e-10, 6.9585222764e-07, 0.658916619974, 0.341082684173,
		5.06049490756e-08, 0.467599903307, 0.532400046088], 0.853881792032, 0.23070648732);
CREATE TEMP TABLE models AS
	SELECT golden.*, model, model4 FROM golden, start,
		LATERAL (SELECT mec_fit(x, 3, v0 || jsonb_build_object('temperature', temperature) ORDER BY id) AS model,
			mec_fit(x::real[], 3, v0 || jsonb_build_object('temperature', temperature) ORDER BY id) AS model4 FROM iris) m;
SELECT temperature, pg_temp.gap(pg_temp.v(model), centers) < 1e-9 AS centers, pg_temp.gap(pg_temp.v(model4), centers) < 1e-4 AS centers4,
	abs(pg_temp.info(model, 'objective') - objective) < 1e-9 AS objective, cluster_info(model) -> 'converged' AS converged
FROM models ORDER BY temperature;
SELECT temperature, pg_temp.misclassified(model), pg_temp.misclassified(model4) AS misclassified4, pg_temp.gap(pg_temp.u(model), memberships) < 1e-9 AS memberships,
	abs((v ->> 'partition_coefficient')::float8 - pc) < 1e-10 AS pc, abs((v ->> 'partition_entropy')::float8 - pe) < 1e-10 AS pe
FROM models, LATERAL (SELECT cluster_validity(model, x) AS v FROM iris) s ORDER BY temperature;

-- u = exp(-d / T) / Z; the objective is the free energy sum u d + T sum u ln u, and -T sum ln Z
SELECT temperature, max(gap) < 1e-12 AS memberships, abs(sum(energy) - temperature * sum(entropy) - pg_temp.info(model, 'objective')) < 1e-9 AS energy,
	abs(sum(log_z) * -temperature - pg_temp.info(model, 'objective')) < 1e-9 AS log_z
FROM models, iris, LATERAL (
	SELECT max(abs(u - exp(-(d ^ 2) / temperature) / z)) AS gap, sum(u * d ^ 2) AS energy, -sum(u * ln(nullif(u, 0))) AS entropy, max(ln(z)) AS log_z
	FROM (SELECT u, d, sum(exp(-(d ^ 2) / temperature)) OVER () AS z FROM unnest(cluster_membership(model, x), cluster_distance(model, x)) t(u, d)) t) s
GROUP BY temperature, model ORDER BY temperature;

-- centers are means weighted by memberships, and weights their sums
SELECT temperature, count(*) AS clusters, max(pg_temp.gap(center, mean)) < 1e-9 AS means, max(abs(weight - total)) < 1e-9 AS weights
FROM models, cluster_centers(model), LATERAL (
	SELECT array_agg(sum / total ORDER BY j) AS mean, max(total) AS total
	FROM (SELECT j, sum(e * u) AS sum, sum(u) AS total
		FROM iris, unnest(x) WITH ORDINALITY t(e, j), LATERAL (SELECT (cluster_membership(model, x))[cluster] AS u) m GROUP BY j) s) c
GROUP BY temperature ORDER BY temperature;

-- the free energy never rises; history has a row for each iteration, and no columns of annealing
SELECT temperature, count(*) = pg_temp.info(model, 'iterations') AS rows, bool_and(iteration = place) AS counted, max(rise) < 1e-9 AS falls,
	bool_and(change >= 0) AS changes, sum(others) AS others
FROM (SELECT m.temperature, model, h.iteration, h.change, row_number() OVER w AS place, h.objective - lag(h.objective) OVER w AS rise,
		num_nonnulls(h.phase, h.temperature, h.q, h.reconstruction_loss, h.clustering_loss) AS others
	FROM models m, cluster_history(model) h WINDOW w AS (PARTITION BY m.temperature ORDER BY h.iteration)) t
GROUP BY temperature, model ORDER BY temperature;

-- the default temperature is an eighth of the critical one, 8.400 for iris
SELECT abs((cluster_info(mec_fit(x, 3)) #>> '{options,temperature}')::float8 - 8.400 / 8) < 1e-3 AS eighth,
	abs((cluster_info(mec_fit(x, 3, '{"scale": "zscore"}')) #>> '{options,temperature}')::float8 - 2 * 2.9184978 / 8) < 1e-4 AS scaled
FROM iris;

-- just below it two centers part, just above all merge
SELECT t, (SELECT count(DISTINCT round(center[3]::numeric, 3)) FROM cluster_centers(model)) AS different
FROM (SELECT t, mec_fit(x, 2, mec_options(temperature => t, max_iterations => 20000, seed => 1)) AS model FROM iris, unnest(ARRAY[8.0, 8.8]) t GROUP BY t) m ORDER BY t;

-- a low temperature gives k-means
SELECT pg_temp.gap(pg_temp.v(cold), pg_temp.v(hard)) < 1e-9 AS centers,
	abs(pg_temp.info(cold, 'objective') - pg_temp.info(hard, 'objective')) < 1e-3 AS objective
FROM start, LATERAL (SELECT mec_fit(x, 3, v0 || '{"temperature": 1e-4}') AS cold, kmeans_fit(x, 3, v0) AS hard FROM iris) m;

-- temperatures are in units of the features squared
SELECT pg_temp.gap(pg_temp.v(model), ARRAY(SELECT e / 1000 FROM unnest(pg_temp.v(large)) WITH ORDINALITY t(e, i) ORDER BY i)) < 1e-9 AS centers,
	pg_temp.info(large, 'iterations') = pg_temp.info(model, 'iterations') AS iterations
FROM models, LATERAL (SELECT mec_fit(ARRAY(SELECT 1000 * e FROM unnest(x) WITH ORDINALITY t(e, i) ORDER BY i), 3,
		jsonb_build_object('temperature', 1e6 * temperature, 'init', (SELECT jsonb_agg(ARRAY(SELECT 1000 * e FROM unnest(x) WITH ORDINALITY t(e, i) ORDER BY i) ORDER BY id)
			FROM iris WHERE id IN (1, 51, 101))) ORDER BY id) AS large FROM iris) l
ORDER BY temperature;

-- every option takes effect
CREATE FUNCTION pg_temp.centers_with(options jsonb) RETURNS float8[] LANGUAGE sql AS $$ SELECT pg_temp.v(mec_fit(x, 3, options ORDER BY id)) FROM iris $$;
SET client_min_messages = warning;
SELECT option, pg_temp.gap(pg_temp.centers_with(a), pg_temp.centers_with(b)) > 1e-6 AS differ
FROM (VALUES ('temperature', '{"temperature": 0.5}'::jsonb, '{"temperature": 0.6}'::jsonb), ('seed', '{"init": "random"}', '{"init": "random", "seed": 8}'),
	('max_iterations', '{"max_iterations": 3}', '{"max_iterations": 4}'), ('tolerance', '{"tolerance": 0.1}', '{"tolerance": 0.001}'),
	('init', '{"init": "sample", "max_iterations": 1}', '{"init": "random", "max_iterations": 1}'), ('scale', '{}', '{"scale": "minmax"}')) v(option, a, b);
RESET client_min_messages;
SELECT bool_and(many <= one) AS "restarts no worse", count(*) FILTER (WHERE many < one - 0.1) AS better
FROM (SELECT pg_temp.info(mec_fit(x, 6, o || '{"restarts": 1}'), 'objective') AS one, pg_temp.info(mec_fit(x, 6, o || '{"restarts": 10}'), 'objective') AS many
	FROM iris, generate_series(1, 5) s, jsonb_build_object('init', 'random', 'temperature', 0.05, 'tolerance', 1e-5, 'seed', s) o GROUP BY o) r;
SELECT cluster_info(mec_fit(ARRAY[nullif(id, 3), 1], 2, '{"missing": "skip"}')) -> 'skipped' AS skipped FROM iris;
SELECT pg_temp.gap(pg_temp.v(warm), pg_temp.v(model)) < 1e-8 AS same, pg_temp.info(warm, 'iterations') <= 2 AS at_once
FROM models, LATERAL (SELECT mec_fit(x, 3, mec_options(temperature => temperature, init => model)) AS warm FROM iris) w ORDER BY temperature;

-- one cluster, and as many as rows
SELECT pg_temp.gap(pg_temp.v(model), mean) < 1e-12 AS mean, abs(pg_temp.info(model, 'objective') - 681.3706) < 1e-6 AS objective
FROM (SELECT mec_fit(x, 1) AS model, ARRAY[avg(sepal_length), avg(sepal_width), avg(petal_length), avg(petal_width)] AS mean FROM iris) m;
SELECT array_agg(round(center[1]) ORDER BY center) AS centers
FROM (SELECT mec_fit(ARRAY[i * 100], 5, '{"temperature": 1}') AS model FROM generate_series(1, 5) i) m, cluster_centers(model);

-- notices
SELECT mec_fit(x, 3, mec_options(temperature => 20, seed => 1)) IS NOT NULL AS merged FROM iris;
SELECT mec_fit(x, 3, mec_options(temperature => 1, max_iterations => 2)) IS NOT NULL AS early FROM iris;

-- errors
SELECT mec_fit(x, 3, '{"temperature": 0}') FROM iris;
SELECT mec_options(temperature => -1);
SELECT mec_fit(x, 3, '{"temperature": "cold"}') FROM iris;
SELECT mec_fit(x, 3, '{"fuzzifier": 2}') FROM iris;
SELECT mec_fit(x, 150) FROM iris;
