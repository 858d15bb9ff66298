-- The fuzzifier where it is not given: found from the rows of each model

SET client_min_messages = warning;
CREATE FUNCTION pg_temp.m(model bytea) RETURNS numeric LANGUAGE sql AS $$ SELECT (cluster_info(model) #>> '{options,fuzzifier}')::numeric(8,6) $$;

-- two rows on each of d axes: all centers merge at d / (d - 2); the default is halfway from 1, at most 2
CREATE TEMP TABLE axes AS
	SELECT d, i, (SELECT array_agg(CASE WHEN i / 2 = j THEN 1 - i % 2 * 2 ELSE 0 END ORDER BY j) FROM generate_series(0, d - 1) j)::float8[] AS x
	FROM unnest(ARRAY[1, 2, 3, 4, 5, 10, 100, 600]) d, generate_series(0, 2 * d - 1) i;
SELECT d, m, pg_temp.m(fcm_fit(x, 2, '{"max_iterations": 1}')) = m AS fcm, pg_temp.m(fcm_fit(x::real[], 2, '{"max_iterations": 1}')) = m AS fcm4,
	pg_temp.m(gk_fit(x, 2, '{"max_iterations": 1}') FILTER (WHERE d <= 100)) = m AS gk
FROM (SELECT *, CASE WHEN d < 4 THEN 2 ELSE (1 + 1.0 / (d - 2))::numeric(8,6) END AS m FROM axes) a GROUP BY d, m ORDER BY d;

-- where one direction has a third of the scatter it is 2; each group has its own, and given it is the same for all
SELECT more, pg_temp.m(fcm_fit(x, 2)) AS fcm, pg_temp.m(fcm_fit(x, 2, '{"scale": "zscore"}')) AS scaled, pg_temp.m(fcm_fit(x, 2, '{"fuzzifier": 1.4}')) AS given,
	pg_temp.m(gk_fit(x, 2, '{"max_iterations": 1}')) AS gk
FROM axes, unnest(ARRAY[0, 1, 3, 5]) more, generate_series(0, CASE WHEN i < 2 THEN more ELSE 0 END) WHERE d = 10 GROUP BY more ORDER BY more;
-- equal rows have no critical value
SELECT pg_temp.m(fcm_fit(array_fill(7, ARRAY[10]), 1)) AS fcm, pg_temp.m(gk_fit(array_fill(7, ARRAY[10]), 1)) AS gk FROM generate_series(1, 5);

-- a constant far away, a weight in place of equal rows, gaps, categories, noise
SELECT pg_temp.m(fcm_fit(ARRAY(SELECT 1e6 + v FROM unnest(x) WITH ORDINALITY t(v, j) ORDER BY j), 2)) AS far,
	pg_temp.m(fcm_fit(x, 2, '{}', 1 + i)) = (SELECT pg_temp.m(fcm_fit(x, 2)) FROM axes a, generate_series(0, i) WHERE d = 10) AS weights,
	pg_temp.m(fcm_fit(x, 2, '{"noise_distance": 5}')) AS noise, pg_temp.m(gk_fit(x, 2, '{"noise_distance": 5, "max_iterations": 1}')) AS gk
FROM axes WHERE d = 10;
SELECT pg_temp.m(fcm_fit(ARRAY(SELECT nullif(v, CASE WHEN j = 1 + i % 10 THEN 0 END) FROM unnest(x) WITH ORDINALITY t(v, j) ORDER BY j), 2, '{"missing": "partial"}')) BETWEEN 1.1 AND 1.3 AS gaps
FROM axes WHERE d = 10;
SELECT pg_temp.m(fcm_train('SELECT x[1], x[2], x[3], chr(97 + i / 2) FROM axes WHERE d = 10', 2)) BETWEEN 1.1 AND 1.4 AS categories;

-- where the query runs for each pass, and for any number of processes, the same; a step keeps that of its model
SELECT pg_temp.m(fcm_train(q, 2, '{"passes": "query"}')) AS query, pg_temp.m(fcm_train(q, 2)) AS memory,
	pg_temp.m(gk_train(q, 2, '{"passes": "query", "max_iterations": 1}')) AS gk
FROM (VALUES ('SELECT x FROM axes WHERE d = 10')) v(q);
SELECT pg_temp.m(cluster_update(model, (SELECT cluster_step(model, x) FROM axes WHERE d = 10))) AS updated
FROM (SELECT fcm_fit(x, 2) AS model FROM axes WHERE d = 10) f;

-- a training that begins with a model of its kind keeps that of the model, whose memberships it continues; others do not
SELECT pg_temp.m(fcm_fit(x, 2, jsonb_build_object('init', model))) AS kept, pg_temp.m(fcm_fit(x, 2, jsonb_build_object('init', model, 'fuzzifier', 1.2))) AS given,
	pg_temp.m(fcm_fit(x, 2, jsonb_build_object('init', model, 'scale', 'zscore'))) AS scaled,
	pg_temp.m(fcm_fit(x, 2, jsonb_build_object('init', means))) AS "from kmeans", pg_temp.m(gk_fit(x, 2, jsonb_build_object('init', model, 'max_iterations', 1))) AS gk
FROM axes, (SELECT fcm_fit(x, 2, '{"fuzzifier": 1.3}') AS model, kmeans_fit(x, 2) AS means FROM axes WHERE d = 10) f WHERE d = 10 GROUP BY model, means;

-- of gk, features that are constant or determined by others do not count
SELECT pg_temp.m(gk_fit(x, 2, o)) AS ten, pg_temp.m(gk_fit(x || ARRAY[5, x[1] + x[2]], 2, o)) AS twelve, pg_temp.m(gk_fit(x[1:3] || ARRAY[1, 2 * x[3]], 2, o)) AS three
FROM axes, LATERAL (VALUES ('{"max_iterations": 1}'::jsonb)) v(o) WHERE d = 10;

-- while centers coincide, what has been found is lowered, and a notice tells it; what is given is not
CREATE TEMP TABLE groups AS
	SELECT i, array_agg(sin(i * j * 1.7 + j) * cos(i * 0.3 * j * j) + i % 3 * (j % 3) * 1.5 ORDER BY j) AS x FROM generate_series(1, 500) i, generate_series(1, 10) j GROUP BY i;
RESET client_min_messages;
SELECT pg_temp.m(two) > pg_temp.m(twelve) AS lowered, log(2, (pg_temp.m(two) - 1) / (pg_temp.m(twelve) - 1))::numeric(6,3) AS halvings
FROM (SELECT fcm_fit(x, 2 ORDER BY i) AS two, fcm_fit(x, 12 ORDER BY i) AS twelve FROM groups) m;
SELECT pg_temp.m(fcm_fit(x, 12, '{"fuzzifier": 1.9}' ORDER BY i)) AS given FROM groups;
SELECT count(*) AS groups, count(DISTINCT m) AS fuzzifiers FROM (SELECT pg_temp.m(fcm_fit(x[1:5 + g * 5], 3 + g * 9 ORDER BY i)) AS m FROM groups, generate_series(0, 1) g GROUP BY g) t;
