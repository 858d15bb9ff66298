-- The rows of a training: none is lost, doubled or mixed up, wherever one is the last

-- one center is the mean, for every number of rows and features
SELECT count(*) AS models, count(*) FILTER (WHERE exact) AS right
FROM generate_series(1, 50) n, unnest(ARRAY[1, 2, 3, 4, 5, 17]) d, LATERAL (
	SELECT (SELECT bool_and(abs(c.center[j] - ((n + 1) / 2.0 * j + 100 * (j % 3))) < 1e-9)
			FROM cluster_centers(kmeans_fit(ARRAY(SELECT i * j + 100 * (j % 3) FROM generate_series(1, d) j)::float8[], 1)) c,
				generate_series(1, d) j) AS exact
	FROM generate_series(1, n) i) s;
SELECT count(*) AS models, count(*) FILTER (WHERE exact) AS right
FROM generate_series(1, 50) n, unnest(ARRAY[1, 2, 3, 4, 5, 17]) d, LATERAL (
	SELECT (SELECT bool_and(abs(c.center[j] - ((n + 1) / 2.0 * j + 100 * (j % 3))) < 1e-3)
			FROM cluster_centers(kmeans_fit(ARRAY(SELECT i * j + 100 * (j % 3) FROM generate_series(1, d) j)::real[], 1)) c,
				generate_series(1, d) j) AS exact
	FROM generate_series(1, n) i) s;

-- beyond the first block, and many groups at a time
SELECT count(*) AS groups, bool_and(rows = wanted) AS complete, bool_and(exact) AS right
FROM (SELECT g, (cluster_info(model) ->> 'rows')::int AS rows, n AS wanted,
		(SELECT abs(center[1] - (n + 1) / 2.0) < 1e-6 AND abs(center[2] - g) < 1e-6 FROM cluster_centers(model)) AS exact
	FROM (SELECT g, count(*) AS n, kmeans_fit(ARRAY[i, g]::float8[], 1) AS model
		FROM generate_series(1, 60) g, generate_series(1, 3000) i WHERE i <= 50 * g GROUP BY g) s) s;

SET client_min_messages = warning;

-- a window trains again and again, and goes on with the rows
CREATE TEMP TABLE points AS
	SELECT i, ARRAY[sin(i), cos(i * 1.7), i % 5, (i % 2) * 10]::real[] AS x FROM generate_series(1, 70) i;
SELECT count(*) AS windows, count(*) FILTER (WHERE w.model = g.model) AS alike
FROM (SELECT i, fcm_fit(x, 2, '{"too_few": "null"}') OVER (ORDER BY i) AS model FROM points) w
	JOIN (SELECT n, (SELECT fcm_fit(x, 2, '{"too_few": "null"}' ORDER BY i) AS model FROM points WHERE i <= n)
		FROM generate_series(2, 70) n) g ON n = i;

-- rows that are skipped leave nothing behind
SELECT count(*) AS models, count(*) FILTER (WHERE alike) AS alike
FROM generate_series(20, 70) n, LATERAL (
	SELECT array_agg(center ORDER BY cluster) FILTER (WHERE cluster IS NOT NULL) = (
			SELECT array_agg(center ORDER BY cluster)
			FROM cluster_centers((SELECT fcm_fit(x, 2 ORDER BY i) FROM points WHERE i <= n AND i % 3 > 0))) AS alike
	FROM cluster_centers((
		SELECT fcm_fit(CASE WHEN i % 6 = 0 THEN ARRAY['NaN'::real, 7, NULL, 7] WHEN i % 3 = 0 THEN ARRAY[7, 7, 7, NULL]::real[] ELSE x END,
			2, '{"missing": "skip"}' ORDER BY i)
		FROM points WHERE i <= n))) s;

-- errors
SELECT fcm_fit(CASE WHEN i = 40 THEN x[1:3] ELSE x END, 2 ORDER BY i) FROM points;
SELECT fcm_fit(CASE WHEN i = 40 THEN ARRAY[1, 2, NULL, 4]::real[] ELSE x END, 2 ORDER BY i) FROM points;
SELECT fcm_fit(CASE WHEN i = 40 THEN ARRAY[1, 2, 'infinity', 4]::real[] ELSE x END, 2 ORDER BY i) FROM points;
SELECT fcm_fit(CASE WHEN i = 40 THEN ARRAY[1, 2, 1e30, 4]::real[] ELSE x END, 2 ORDER BY i) FROM points;
SELECT fcm_fit(CASE WHEN i = 40 THEN ARRAY[[1, 2], [3, 4]]::real[] ELSE x END, 2 ORDER BY i) FROM points;
SELECT fcm_fit(CASE WHEN i = 40 THEN '{}' ELSE x END, 2 ORDER BY i) FROM points;
