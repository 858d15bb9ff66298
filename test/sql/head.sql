-- head: a network on embeddings, by the consistency of neighbours

-- five rays in twelve dimensions; lengths do not matter
CREATE TEMP TABLE embeddings AS
	SELECT i, i % 5 AS class, (SELECT array_agg(((1 + i % 3) * (CASE WHEN j % 5 = i % 5 THEN 1 ELSE 0 END + 0.25 * sin(i * 12.9 + j * 78.2)))::real ORDER BY j)
		FROM generate_series(0, 11) j) AS x FROM generate_series(1, 500) i;
CREATE FUNCTION pg_temp.small(more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS
	$$ SELECT '{"width": 16, "heads": 2, "epochs": 30, "batch_size": 50, "neighbors": 10}'::jsonb || more $$;
CREATE TEMP TABLE models AS SELECT head_fit(x, 5, pg_temp.small() ORDER BY i) AS model FROM embeddings;

-- it finds them; memberships are those of a softmax, and distances their logarithms
SELECT cluster_accuracy(class, cluster_id(model, x)) > 0.99 AS found FROM embeddings, models GROUP BY model;
SELECT count(*) FILTER (WHERE abs(sum - 1) > 1e-9) AS not_one, count(*) FILTER (WHERE abs(least - exp(-near * near)) > 1e-6) AS other_distance
FROM embeddings, models, LATERAL (SELECT sum(u), max(u) AS least FROM unnest(cluster_membership(model, x)) u) m,
	LATERAL (SELECT min(d) AS near FROM unnest(cluster_distance(model, x)) d) d;
SELECT count(*) AS other_length FROM embeddings, models WHERE cluster_id(model, x) <> cluster_id(model, (SELECT array_agg(v * 4 ORDER BY o) FROM unnest(x) WITH ORDINALITY u(v, o)));
SELECT cluster_info(model) ->> 'algorithm' AS algorithm, (cluster_info(model) ->> 'iterations')::int AS epochs, cluster_info(model) -> 'converged' AS converged,
	(cluster_info(model) ->> 'objective')::float8 < -1 AS consistent FROM models;

-- centers are means of rows; sizes add up
SELECT count(*) AS far FROM models, cluster_centers(model) c, LATERAL (SELECT avg(x[1]) AS first FROM embeddings WHERE cluster_id(model, x) = c.cluster) m WHERE abs(c.center[1] - first) > 0.05;
SELECT round(sum(weight)::numeric, 6) AS rows FROM models, cluster_centers(model);

-- the same seed, the same bytes, from a query, too
SELECT bool_and(model = again) AS same FROM (SELECT head_fit(x, 5, pg_temp.small() ORDER BY i) AS again FROM embeddings) a, models;
SELECT bool_and(model = again) AS same FROM (SELECT head_train('SELECT x FROM embeddings ORDER BY i', 5, pg_temp.small()) AS again) a, models;
SELECT bool_or(model = other) AS same_for_other_seed FROM (SELECT head_fit(x, 5, pg_temp.small('{"seed": 1}') ORDER BY i) AS other FROM embeddings) a, models;

-- groups; more neighbours than rows; one cluster; one row; first centers, and those of another model
SELECT count(DISTINCT model) AS models FROM (SELECT head_fit(x, 2, pg_temp.small() ORDER BY i) AS model FROM embeddings WHERE i % 5 < 2 GROUP BY i % 3) m;
SELECT cluster_info(head_fit(x, 2, pg_temp.small('{"neighbors": 100}') ORDER BY i)) #> '{options,neighbors}' AS neighbors FROM embeddings WHERE i <= 7;
SELECT array_agg(DISTINCT cluster_membership(model, x)) AS memberships FROM embeddings, (SELECT head_fit(x, 1, pg_temp.small() ORDER BY i) AS model FROM embeddings) m;
SELECT cluster_id(head_fit(x, 1, pg_temp.small()), ARRAY[1, 2]) FROM (VALUES (ARRAY[1, 2])) v(x);
SELECT cluster_accuracy(class, cluster_id(warm, x)) > 0.99 AS found
FROM embeddings, (SELECT head_fit(x, 5, pg_temp.small(jsonb_build_object('init', m.model, 'heads', 1)) ORDER BY i) AS warm FROM embeddings, models m GROUP BY m.model) w GROUP BY warm;

-- a row without a direction has memberships, too
SELECT abs(sum(u) - 1) < 1e-9 AS whole FROM models, unnest(cluster_membership(model, array_fill(0::real, ARRAY[12]))) u;

-- errors
SELECT head_fit(x, 4, pg_temp.small()) FROM (VALUES (ARRAY[1, 2]), (ARRAY[3, 4]), (ARRAY[1, 2])) v(x);
SELECT head_options(neighbors => 0);
SELECT head_options(temperature => 0);
SELECT head_options(beta => 2);
SELECT head_options(heads => 0);
SELECT head_fit(x, 2, pg_temp.small(), 1.0) FROM embeddings;
SELECT head_fit(x, 2, pg_temp.small('{"distance": "cosine"}')) FROM embeddings;
