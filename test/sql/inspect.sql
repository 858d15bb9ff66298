-- Looking into a model: centers, info, history.

\i test/sql/include/iris.psql
CREATE TEMP TABLE models AS
	SELECT 'fcm' AS name, fcm_fit(x, 3, fcm_options(seed => 5) ORDER BY id) AS model FROM iris
	UNION ALL SELECT 'kmeans', kmeans_fit(x::real[], 4, kmeans_options(restarts => 3) ORDER BY id) FROM iris
	UNION ALL SELECT 'scaled', fcm_fit(x, 2, fcm_options(scale => 'minmax') ORDER BY id) FROM iris;

-- centers in the user's units, with the sum of memberships
SELECT name, count(*) AS clusters, bool_and(cluster = n) AS "in order",
	bool_and(array_length(center, 1) = 4) AS features, abs(sum(weight) - 150) < 1e-3 AS weights
FROM models, cluster_centers(model) WITH ORDINALITY t(cluster, center, weight, n) GROUP BY name ORDER BY name;
SELECT name, max(abs(weight - sum)) < 1e-9 AS "sum of memberships"
FROM models, cluster_centers(model), LATERAL (SELECT sum((cluster_membership(model, x))[cluster]) FROM iris) u
WHERE name <> 'kmeans' GROUP BY name ORDER BY name;
SELECT name, bool_and((SELECT cluster_distance(model, center))[cluster] < 1e-12) AS "a center is at itself"
FROM models, cluster_centers(model) GROUP BY name ORDER BY name;
SELECT name, max(abs(mean - expected)) < 1e-9 AS "weighted by u^2"
FROM models, cluster_centers(model), generate_series(1, 4) j,
	LATERAL (SELECT sum(u * u * x[j]) / sum(u * u) AS mean, center[j] AS expected
		FROM iris, LATERAL (SELECT (cluster_membership(model, x))[cluster] AS u) u) m
WHERE name <> 'kmeans' GROUP BY name ORDER BY name;
SELECT (cluster_centers(model)).cluster FROM models WHERE name = 'scaled';

-- the properties of a model
SELECT name, array_agg(key ORDER BY key) AS keys FROM models, jsonb_object_keys(cluster_info(model)) key GROUP BY name ORDER BY name;
SELECT name, i -> 'algorithm' AS algorithm, i -> 'clusters' AS clusters, i -> 'dimensions' AS dimensions, i -> 'rows' AS rows,
	i -> 'skipped' AS skipped, i -> 'seed' AS seed, i -> 'converged' AS converged, i -> 'empty_clusters' AS empty, i -> 'format' AS format,
	i -> 'precision' AS precision, jsonb_typeof(i -> 'scaling') AS scaling, (i -> 'bytes')::int = length(model) AS bytes
FROM models, LATERAL (SELECT cluster_info(model) AS i) i ORDER BY name;
SELECT name, cluster_info(model) -> 'options' AS options FROM models ORDER BY name;
SELECT jsonb_array_length(scaling -> 'shift') AS shifts, jsonb_array_length(scaling -> 'factor') AS factors
FROM (SELECT cluster_info(model) -> 'scaling' AS scaling FROM models WHERE name = 'scaled') s;

-- the objective is the one at the centers
SELECT name, abs((cluster_info(model) -> 'objective')::float8 - sum) < CASE name WHEN 'kmeans' THEN 1e-4 ELSE 1e-9 END AS right
FROM models, LATERAL (SELECT sum(d * d * u * u) FROM iris, unnest(cluster_distance(model, x), cluster_membership(model, x)) t(d, u)) j
ORDER BY name;

-- numbers do not depend on settings of the session
SET extra_float_digits = -15;
CREATE TEMP TABLE few AS SELECT name, cluster_info(model) AS info FROM models;
RESET extra_float_digits;
SELECT name, info = cluster_info(model) AS same FROM few JOIN models USING (name) ORDER BY name;

-- history: a row for each iteration, for a converged one down to the tolerance
SELECT name, count(*) = (cluster_info(model) -> 'iterations')::int AS complete, min(iteration) AS first,
	bool_and(iteration = n) AS "in order", bool_and(fall > -1e-4) AS descends,
	(array_agg(change ORDER BY iteration DESC))[1] <= CASE name WHEN 'kmeans' THEN 1e-5 ELSE 1e-10 END AS settled,
	count(phase) + count(temperature) + count(q) + count(reconstruction_loss) + count(clustering_loss) AS others
FROM (SELECT *, lag(objective) OVER (PARTITION BY name ORDER BY iteration) - objective AS fall
	FROM models, cluster_history(model) WITH ORDINALITY t(phase, iteration, objective, change, temperature, q, reconstruction_loss, clustering_loss, n)) h
GROUP BY name, model ORDER BY name;

-- a long one is thinned: at most 1000 rows, evenly.  For this fuzzifier and these rows the centers
-- are about to merge, and take for ever where they are not extrapolated.
SET client_min_messages = warning;	-- they do not converge
SELECT count(*) BETWEEN 500 AND 1000 AS rows, min(iteration) AS first, max(iteration) > 2400 AS last, count(DISTINCT step) AS steps
FROM (SELECT iteration, lead(iteration) OVER (ORDER BY iteration) - iteration AS step
	FROM (SELECT gk_fit(x, 2, gk_options(fuzzifier => 1.25, regularization => 1, max_iterations => 2500)) AS model
		FROM generate_series(0, 19) i, LATERAL (SELECT array_agg(CASE WHEN i / 2 = j THEN 1 - i % 2 * 2 ELSE 0 END) AS x FROM generate_series(0, 9) j) x) m,
		cluster_history(model)) h;
RESET client_min_messages;

-- from a subquery, and in a function
SELECT count(*) AS clusters FROM cluster_centers((SELECT model FROM models WHERE name = 'fcm'));
CREATE FUNCTION pg_temp.look(name text) RETURNS SETOF int LANGUAGE plpgsql AS $$
BEGIN
	RETURN QUERY SELECT c.cluster FROM models m, cluster_centers(m.model) c WHERE m.name = look.name;
END
$$;
SELECT * FROM pg_temp.look('fcm');

-- nulls
SELECT cluster_info(NULL) AS info, (SELECT count(*) FROM cluster_centers(NULL)) AS centers,
	(SELECT count(*) FROM cluster_history(NULL)) AS history;

-- errors
SELECT cluster_info('FZCM');
SELECT * FROM cluster_centers('\x00');
SELECT * FROM cluster_history(substr((SELECT model FROM models WHERE name = 'fcm'), 1, 500));
