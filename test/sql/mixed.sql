-- Numbers and texts with weights and gaps: centers, memberships and objective as those of a reference in numpy, which
-- test/golden/mixed.py computes from the formulas and from the same first centers
\i test/sql/include/mixed.psql
SET client_min_messages = warning;

-- the largest difference of two arrays, relative above 1
CREATE FUNCTION pg_temp.difference(a float8[], b float8[]) RETURNS float8 LANGUAGE sql AS $$
	SELECT CASE WHEN count(*) FILTER (WHERE (x IS NULL) <> (y IS NULL)) > 0 THEN 'Infinity'
		ELSE max(abs(x - y) / greatest(1, abs(y))) END
	FROM unnest(a, b) AS t (x, y)
$$;
CREATE FUNCTION pg_temp.train(algorithm text, query text, options jsonb) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
BEGIN
	EXECUTE format('SELECT %s_train($1, 4, $2)', algorithm) INTO model USING query, options;
	RETURN model;
END
$$;

CREATE TABLE trained AS
SELECT reference.*, pg_temp.train(algorithm, 'SELECT n1, n2, n3, n4, n5, n6, c1, c2, c3, c4, weight FROM mixed ORDER BY id',
	options || jsonb_build_object('init', :'first'::jsonb, 'scale', 'zscore', 'missing', missing, 'weight', 'weight',
	'max_iterations', iterations, 'tolerance', CASE iterations WHEN 2000 THEN 1e-12 ELSE 0 END)) AS model
FROM reference;

-- what is far off, and how far
SELECT algorithm, missing, iterations, centers, memberships, objective
FROM (
	SELECT algorithm, missing, iterations,
		pg_temp.difference((SELECT array_agg(x ORDER BY cluster, j) FROM cluster_centers(model), unnest(center) WITH ORDINALITY AS t (x, j)),
			ARRAY(SELECT unnest(centers))) AS centers,
		pg_temp.difference((SELECT array_agg(x ORDER BY id, j)
			FROM (SELECT id, cluster_membership(model, r) AS u
				FROM (SELECT id, r FROM mixed, LATERAL (SELECT n1, n2, n3, n4, n5, n6, c1, c2, c3, c4) AS r WHERE id <= 12) s) AS t,
				unnest(u) WITH ORDINALITY AS e (x, j)),
			ARRAY(SELECT unnest(memberships))) AS memberships,
		abs((cluster_info(model) ->> 'objective')::float8 / objective - 1) AS objective
	FROM trained) AS d
WHERE NOT (centers < 1e-8 AND memberships < 1e-8 AND objective < 1e-8)
ORDER BY 1, 2, 3;
SELECT count(model) FROM trained;

-- rows without a value, and rows of weight 0, are left out
SELECT DISTINCT cluster_info(model) -> 'rows' AS rows, cluster_info(model) -> 'skipped' AS skipped FROM trained WHERE missing = 'partial';

-- the same through an aggregate, with a column of weights
SELECT fcm_fit(r, 4, options || jsonb_build_object('init', :'first'::jsonb, 'scale', 'zscore', 'missing', missing,
	'max_iterations', iterations, 'tolerance', 0), weight ORDER BY id) = min(model::text)::bytea AS same
FROM trained, mixed, LATERAL (SELECT n1, n2, n3, n4, n5, n6, c1, c2, c3, c4) AS r
WHERE algorithm = 'fcm' AND missing = 'partial' AND iterations = 5 GROUP BY options, missing, iterations;

DROP TABLE trained, reference, mixed;
