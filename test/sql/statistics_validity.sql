-- Validity indices that follow from statistics: those of cluster_validity on the same rows, or null

CREATE TABLE rows AS
SELECT i, i % 4 AS part, 1 + i % 3 AS n, ARRAY[3 * sin(1.3 * i) + i % 3 * 7, 2 * cos(i) + i % 5 + 1000, i % 7 / 3.0] AS x
FROM generate_series(1, 600) i;
CREATE TABLE models AS
SELECT name, algorithm || CASE scale WHEN 'none' THEN '' ELSE ', ' || scale END AS model, m
FROM (SELECT kmeans_fit(x, 4) AS a, kmeans_fit(x, 4, '{"scale": "zscore"}') AS b, fcm_fit(x, 4) AS c,
		fcm_fit(x, 3, '{"fuzzifier": 1.6, "scale": "minmax"}') AS d, mec_fit(x, 3) AS e, gk_fit(x, 3) AS f, kmeans_fit(x, 1) AS g
	FROM rows WHERE i <= 400) t,
	LATERAL (VALUES (1, a, 'kmeans', 'none'), (2, b, 'kmeans', 'zscore'), (3, c, 'fcm', 'none'), (4, d, 'fcm', 'minmax'),
		(5, e, 'mec', 'none'), (6, f, 'gk', 'none'), (7, g, 'kmeans of 1', 'none')) v(name, m, algorithm, scale);

-- which there are, and whether they agree
CREATE FUNCTION agree(found jsonb, expected jsonb, OUT "indices" text, OUT differ text) LANGUAGE sql AS $$
	SELECT string_agg(key, ' ' ORDER BY key) FILTER (WHERE f IS NOT NULL),
		string_agg(key, ' ' ORDER BY key) FILTER (WHERE f IS NOT NULL AND (abs(f - e) <= 1e-7 * abs(e)) IS NOT TRUE)
	FROM jsonb_each(expected) a(key, value), LATERAL (SELECT (found ->> key)::float8, (expected ->> key)::float8) b(f, e)
$$;
SELECT model, a.*
FROM models, LATERAL (SELECT cluster_statistics_validity(m, cluster_step(m, x)) AS found, cluster_validity(m, x) AS expected FROM rows) r,
	LATERAL agree(found, expected) a
ORDER BY name;

-- of parts that were merged, of a step model, and of rows with weights
SELECT model, cluster_statistics_validity(m, cluster_merge(s)) = (SELECT cluster_statistics_validity(m, cluster_step(m, x)) FROM rows) AS merged
FROM models, LATERAL (SELECT cluster_step(m, x) AS s FROM rows GROUP BY part) p
WHERE name IN (1, 4) GROUP BY model, m ORDER BY 1;
SELECT model, a.differ IS NULL AND a.indices <> '' AS "step model"
FROM models, LATERAL (SELECT cluster_step_model(m)) s(m_step),
	LATERAL (SELECT cluster_statistics_validity(m_step, cluster_step(m_step, x)) AS found, cluster_validity(m, x) AS expected FROM rows) r,
	LATERAL agree(found, expected) a
WHERE name <= 5 ORDER BY name;
SELECT model, a.differ IS NULL AND a.indices <> '' AS weights
FROM models, LATERAL (SELECT cluster_statistics_validity(m, cluster_step(m, x, n)) AS found FROM rows) r,
	LATERAL (SELECT cluster_validity(m, x) AS expected FROM rows, LATERAL generate_series(1, n)) e,
	LATERAL agree(found, expected) a
WHERE name <= 5 ORDER BY name;

-- no rows, statistics of another model, and what is not statistics
SELECT cluster_statistics_validity(m, cluster_step(m, NULL::float8[])) IS NULL AS "no rows",
	cluster_statistics_validity(m, NULL) IS NULL AS "null"
FROM models WHERE name = 1 GROUP BY m;
SELECT cluster_statistics_validity(m, (SELECT cluster_step(o.m, x) FROM rows, models o WHERE o.name = 3)) FROM models WHERE name = 1;
\echo :LAST_ERROR_SQLSTATE
SELECT cluster_statistics_validity(m, m) FROM models WHERE name = 1;
\echo :LAST_ERROR_SQLSTATE

DROP FUNCTION agree;
DROP TABLE models, rows;
