-- Input of networks: rows that repeat each other, features far from unit scale, and the messages about them.

CREATE TEMP TABLE three AS
	SELECT i, (CASE i % 3 WHEN 0 THEN '{1,0,0}' WHEN 1 THEN '{0,1,0}' ELSE '{0,0,1}' END)::real[] AS x FROM generate_series(1, 30) i;
CREATE FUNCTION pg_temp.small(options jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql IMMUTABLE AS
	$$SELECT '{"hidden": [16, 8], "latent": 3, "pretrain_epochs": 15, "batch_size": 16}'::jsonb || options$$;
-- fits and trains k clusters of a query with each network; returns the result, or the error
CREATE FUNCTION pg_temp.outcomes(query text, k int, options jsonb) RETURNS TABLE (algorithm text, fit text, train text) LANGUAGE plpgsql AS $$
DECLARE message text;
BEGIN
	FOR algorithm IN SELECT o.algorithm FROM cluster_options() o WHERE option = 'hidden' ORDER BY 1 LOOP
		BEGIN
			EXECUTE format('SELECT %s_fit(x, $1, $2 ORDER BY i) IS NOT NULL FROM (%s) t', algorithm, query) INTO fit USING k, options;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
			fit := SQLSTATE || ' ' || message;
		END;
		BEGIN
			EXECUTE format('SELECT %s_train($1, $2, $3) IS NOT NULL', algorithm) INTO train
				USING format('SELECT x FROM (%s) t ORDER BY i', query), k, options;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS message = MESSAGE_TEXT;
			train := SQLSTATE || ' ' || message;
		END;
		RETURN NEXT;
	END LOOP;
END
$$;

-- no more clusters than different rows, few rows or many, in either precision
SELECT algorithm, fit, fit = train AS same FROM pg_temp.outcomes('SELECT i, x FROM three', 4, pg_temp.small());
SELECT DISTINCT fit, train FROM pg_temp.outcomes('SELECT i * 10 + j AS i, x::float8[] FROM three, generate_series(0, 9) j', 5, pg_temp.small());
SELECT DISTINCT fit, train FROM pg_temp.outcomes('SELECT i, x FROM three', 4, pg_temp.small('{"start": "kmeans"}'));
SELECT DISTINCT fit, train FROM pg_temp.outcomes('SELECT i, x FROM three', 4, pg_temp.small('{"scale": "zscore"}'));
SELECT DISTINCT fit, train FROM pg_temp.outcomes('SELECT i, x FROM three', 4, pg_temp.small('{"init": [[1,0,0],[0,1,0],[0,0,1],[1,1,1]]}'));
SELECT idec_fit(x::float8[], 4, pg_temp.small()) FROM three;
SELECT cluster_info(dec_fit(x, 4, pg_temp.small('{"too_few": "fewer"}') ORDER BY i)) -> 'clusters' AS clusters FROM three;

-- as many: equal rows are in the same cluster, and weights are their numbers
\set VERBOSITY terse
SELECT (SELECT array_agg(weight ORDER BY weight) FROM cluster_centers(m)) AS weights, array_agg(n ORDER BY n) AS rows
FROM (SELECT m, cluster_id(m, x) AS cluster, count(*) AS n
	FROM three, (SELECT autoencoder_fit(x, 3, pg_temp.small() ORDER BY i) AS m FROM three WHERE i < 29) t WHERE i < 29 GROUP BY m, cluster) z
GROUP BY m;
\set VERBOSITY default

-- rows that differ, whose codes do not
SELECT fit ~ '^22023 cannot find 3 clusters in [12] distinct code' AS codes, fit = train AS same FROM pg_temp.outcomes('SELECT i, x FROM three', 3, pg_temp.small('{"latent": 1}'))
WHERE algorithm = 'autoencoder';

-- features far from unit scale: a notice, which scaling cures
CREATE TEMP TABLE far AS
	SELECT i, i % 3 AS class, ARRAY(SELECT 1e5 + i % 3 + sin(i * j) * .1 FROM generate_series(1, 5) j)::real[] AS x FROM generate_series(1, 300) i;
\set VERBOSITY terse
CREATE TEMP TABLE far_models AS SELECT autoencoder_fit(x, 3, '{"pretrain_epochs": 1}' ORDER BY i) AS model FROM far;
\set VERBOSITY default
SELECT cluster_ari(class, cluster_id(m, x)) FROM far, (SELECT autoencoder_fit(x, 3, '{"scale": "zscore"}' ORDER BY i) AS m FROM far) f;

DROP TABLE three, far, far_models;
