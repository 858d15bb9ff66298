-- bench/paper/time.sql - time of an iteration against the number of rows and of clusters
--
-- From trainings of 2 and of 50 to 200 iterations, the least of some each (variable repeats, 5), so that gathering
-- rows and measuring the result do not count; from given centers, so gk and gg do not
-- begin with fuzzy c-means.
CREATE TABLE timed_rows AS
	SELECT i, ARRAY[x + 0.04 * normal(i, 1), y + 0.04 * normal(i, 2)] AS x
	FROM generate_series(1, 80000) i JOIN true_centers(10, 1, 0.1, 0.2) ON c = i % 10 + 1;
ANALYZE timed_rows;

CREATE FUNCTION seconds(algorithm text, n int, k int, INOUT iterations float8, OUT seconds float8) LANGUAGE plpgsql AS $$
DECLARE
	start timestamptz := clock_timestamp();
	model bytea;
BEGIN
	EXECUTE format('SELECT %I_fit(x, %s, %L::jsonb) FROM timed_rows WHERE i <= %s', algorithm, k,
		jsonb_build_object('init', (SELECT jsonb_agg(to_jsonb(x)) FROM timed_rows WHERE i <= k),
			'tolerance', 0, 'max_iterations', iterations), n) INTO model;
	seconds := extract(epoch FROM clock_timestamp() - start);
	iterations := info(model, 'iterations');
END $$;

CREATE FUNCTION iteration_ms(algorithm text, n int, k int, repeats int) RETURNS float8 LANGUAGE sql AS $$
	SELECT 1000 * (min(many.seconds) - min(few.seconds)) / (min(many.iterations) - min(few.iterations))
	FROM generate_series(1, repeats) try, seconds(algorithm, n, k, try * 0 + 2) few, seconds(algorithm, n, k, try * 0 + greatest(50, least(200, 128000000 / (n * k)))) many
$$;

CREATE TABLE timed AS
	SELECT algorithm, n, k, iteration_ms(algorithm, n, k, :repeats) AS ms
	FROM unnest(ARRAY['fcm', 'gk', 'gg', 'logical']) algorithm,
		(VALUES (5000, 16), (10000, 16), (20000, 16), (40000, 16), (80000, 16),
			(20000, 4), (20000, 8), (20000, 32), (20000, 64), (20000, 128)) v(n, k);

\echo 'Milliseconds of an iteration with 16 clusters, 2 columns'
SELECT n AS rows, round((max(ms) FILTER (WHERE algorithm = 'fcm'))::numeric, 2) AS fcm, round((max(ms) FILTER (WHERE algorithm = 'gk'))::numeric, 2) AS gk,
	round((max(ms) FILTER (WHERE algorithm = 'gg'))::numeric, 2) AS gg, round((max(ms) FILTER (WHERE algorithm = 'logical'))::numeric, 2) AS logical
FROM timed WHERE k = 16 GROUP BY n ORDER BY n;
\echo 'Milliseconds of an iteration with 20000 rows, 2 columns'
SELECT k AS clusters, round((max(ms) FILTER (WHERE algorithm = 'fcm'))::numeric, 2) AS fcm, round((max(ms) FILTER (WHERE algorithm = 'gk'))::numeric, 2) AS gk,
	round((max(ms) FILTER (WHERE algorithm = 'gg'))::numeric, 2) AS gg, round((max(ms) FILTER (WHERE algorithm = 'logical'))::numeric, 2) AS logical
FROM timed WHERE n = 20000 GROUP BY k ORDER BY k;

-- growth: the exponent of the best power law; 1 is linear
CREATE TABLE growth AS
	SELECT 'rows' AS of, algorithm, regr_slope(ln(ms), ln(n)) AS exponent FROM timed WHERE k = 16 AND ms > 0 GROUP BY algorithm
	UNION ALL SELECT 'clusters', algorithm, regr_slope(ln(ms), ln(k)) FROM timed WHERE n = 20000 AND ms > 0 GROUP BY algorithm;
\echo 'Exponent of growth: 1 is linear'
SELECT of, round((max(exponent) FILTER (WHERE algorithm = 'fcm'))::numeric, 2) AS fcm, round((max(exponent) FILTER (WHERE algorithm = 'gk'))::numeric, 2) AS gk,
	round((max(exponent) FILTER (WHERE algorithm = 'gg'))::numeric, 2) AS gg, round((max(exponent) FILTER (WHERE algorithm = 'logical'))::numeric, 2) AS logical
FROM growth GROUP BY of ORDER BY of DESC;

INSERT INTO promise
	SELECT format('logical, time grows with %s to the power of', of), exponent, 0.8, 1.15 FROM growth WHERE algorithm = 'logical';
