-- Centers that coincide at a temperature, or an order of the entropy, that was found: memberships become crisper.
-- Groups at 0, 3 and 6 are far nearer to each other than to the one at 100, which decides the critical temperature.
CREATE TABLE near (i int PRIMARY KEY, x float8[], w float8, gap float8[], number float8, word text);
INSERT INTO near
	SELECT i, ARRAY[at + 0.1 * sin(i), 0.1 * cos(i * i)], 1 + i % 3, ARRAY[at + 0.1 * sin(i), CASE WHEN i % 5 > 0 THEN 0.1 * cos(i * i) END],
		at + 0.1 * sin(i), CASE WHEN at < 50 THEN 'a' ELSE 'b' END
	FROM (SELECT i, (ARRAY[0, 3, 6, 100])[i % 4 + 1] AS at FROM generate_series(1, 400) i) t;

CREATE FUNCTION pg_temp.option(model bytea, name text) RETURNS float8 LANGUAGE sql AS $$ SELECT (cluster_info(model) -> 'options' ->> name)::float8 $$;
CREATE FUNCTION pg_temp.v(model bytea) RETURNS float8[] LANGUAGE sql AS $$ SELECT array_agg(v ORDER BY cluster, j) FROM cluster_centers(model), unnest(center) WITH ORDINALITY t(v, j) $$;
CREATE FUNCTION pg_temp.apart(model bytea) RETURNS bool LANGUAGE sql AS $$
	SELECT bool_and(sqrt((SELECT sum((p - q) ^ 2) FROM unnest(a.center, b.center) t(p, q))) > 1e-3)
	FROM cluster_centers(model) a JOIN cluster_centers(model) b ON a.cluster < b.cluster
$$;

-- mec: the default is an eighth of the critical temperature, which is twice the variance; halves of it where centers coincide
SELECT round((pg_temp.option(two, 'temperature') / usual)::numeric, 4) AS two, round(log(2, (usual / pg_temp.option(four, 'temperature'))::numeric), 4) AS halvings,
	pg_temp.apart(two) AND pg_temp.apart(four) AS apart
FROM (SELECT mec_fit(x, 2 ORDER BY i) AS two, mec_fit(x, 4 ORDER BY i) AS four, 2 * var_pop(x[1]) / 8 AS usual FROM near) t;
SELECT pg_temp.option(mec_fit(x, 4, mec_options(temperature => 450) ORDER BY i), 'temperature') AS given FROM near;


-- however it is trained, the temperature that the model has is the one it was trained with
CREATE FUNCTION pg_temp.trained(algorithm text, query text, k int, options jsonb) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
BEGIN
	EXECUTE format('SELECT %I_train($1, $2, $3)', algorithm) INTO model USING query, k, options;
	RETURN model;
END $$;
CREATE TABLE cases (place int, name text, algorithm text, query text, k int, options jsonb, found text);
INSERT INTO cases VALUES
	(1, 'plain', 'mec', 'SELECT x FROM near ORDER BY i', 4, '{}', 'temperature'),
	(2, 'real', 'mec', 'SELECT x::real[] FROM near ORDER BY i', 4, '{}', 'temperature'),
	(3, 'query', 'mec', 'SELECT x FROM near', 4, '{"passes": "query"}', 'temperature'),
	(4, 'weights', 'mec', 'SELECT x[1] AS a, x[2] AS b, w FROM near ORDER BY i', 4, '{"weight": "w"}', 'temperature'),
	(5, 'gaps', 'mec', 'SELECT gap FROM near ORDER BY i', 4, '{"missing": "partial"}', 'temperature'),
	(6, 'categories', 'mec', 'SELECT number, word FROM near ORDER BY i', 4, '{"scale": "none"}', 'temperature'),
	(7, 'scaled', 'mec', 'SELECT x[1] FROM near ORDER BY i', 4, '{"scale": "zscore"}', 'temperature'),
	(8, 'noise', 'mec', 'SELECT x FROM near ORDER BY i', 4, '{"noise_distance": 30}', 'temperature'),
	(9, 'share of noise', 'mec', 'SELECT x FROM near ORDER BY i', 4, '{"noise": 0.05, "seed": 4}', 'temperature'),
	(10, 'cosine', 'mec', 'SELECT ARRAY[cos(x[1] / 50), sin(x[1] / 50)] FROM near ORDER BY i', 4, '{"distance": "cosine"}', 'temperature'),
	(11, 'plain', 'tsallis', 'SELECT x FROM wide ORDER BY i', 8, '{}', 'q'),
	(12, 'query', 'tsallis', 'SELECT x FROM wide', 8, '{"passes": "query", "max_steps": 50}', 'q'),
	(13, 'q_fit', 'tsallis', 'SELECT x FROM wide ORDER BY i', 8, '{"schedule": "q_fit"}', 'q_max'),
	(14, 'q_inverse', 'tsallis', 'SELECT x FROM wide ORDER BY i', 8, '{"schedule": "q_inverse"}', 'q_max'),
	(15, 'temperature', 'tsallis', 'SELECT x FROM wide ORDER BY i', 8, '{"schedule": "q_inverse", "q_max": 100}', 'temperature'),
	(16, 'gaps', 'tsallis', 'SELECT array_append(x[1:15], CASE WHEN i % 5 > 0 THEN x[16] END) FROM wide ORDER BY i', 8, '{"missing": "partial"}', 'q');
-- in many columns all centers merge with a large fuzzifier, and some of them with a smaller one
CREATE TABLE wide AS
	SELECT i, array_agg(sin(i * j * 1.7 + j) * cos(i * 0.3 * j * j) + CASE WHEN j <= 3 THEN i % 5 * (j % 3) * 1.5 ELSE 0 END ORDER BY j) AS x
	FROM generate_series(1, 500) i, generate_series(1, 16) j GROUP BY i;
SET client_min_messages = warning;
CREATE TABLE models AS SELECT *, pg_temp.trained(algorithm, query, k, options) AS model, pg_temp.trained(algorithm, query, 2, options) AS two FROM cases;
SELECT place, name, pg_temp.apart(model) AS apart, pg_temp.option(model, found) < 0.9 * pg_temp.option(two, found) AS crisper,
	pg_temp.v(model) = pg_temp.v(pg_temp.trained(algorithm, query, k, options
		|| jsonb_build_object(found, pg_temp.option(model, found))
		|| CASE WHEN found = 'q_max' THEN jsonb_build_object('temperature', pg_temp.option(model, 'temperature')) ELSE '{}' END)) AS same
FROM models WHERE name <> 'share of noise' ORDER BY place;
-- the distance of noise is sought with temperatures that follow it
SELECT pg_temp.apart(model) AS apart, pg_temp.option(model, found) < 0.9 * pg_temp.option(two, found) AS crisper FROM models WHERE name = 'share of noise';

-- each group has its own, and one that needs no help has the usual one
SELECT g, round(log(2, (usual / pg_temp.option(model, 'temperature'))::numeric), 4) AS halvings
FROM (SELECT i % 2 AS g, mec_fit(x || ARRAY[i % 2 * x[1]], 2 + i % 2 ORDER BY i) AS model, 2 * var_pop(x[1]) / 8 * (1 + i % 2) AS usual
	FROM (SELECT i, x FROM near UNION ALL SELECT 2 * i, x FROM near) t GROUP BY i % 2) t ORDER BY g;

-- where a sample of all rows finds the temperature, a step has it
SELECT pg_temp.option(cluster_update(model, cluster_step(model, x)), 'temperature') = pg_temp.option(model, 'temperature') AS kept
FROM near, (SELECT model FROM models WHERE place = 1) m GROUP BY model;
RESET client_min_messages;

-- one cluster, as many as rows, and the fewest rows
SELECT mec_fit(x, 1) IS NOT NULL AS one, tsallis_fit(x, 1) IS NOT NULL AS tsallis FROM near;
SELECT pg_temp.apart(mec_fit(ARRAY[i], 9)) AS mec, pg_temp.apart(tsallis_fit(ARRAY[i], 9)) AS tsallis FROM generate_series(1, 9) i;
SELECT pg_temp.apart(mec_fit(ARRAY[i % 2], 2)) AS mec, pg_temp.apart(tsallis_fit(ARRAY[i % 2], 2)) AS tsallis FROM generate_series(1, 9) i;

DROP TABLE near, cases, wide, models;
