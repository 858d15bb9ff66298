-- bench/paper/begin.sql - shared by the studies: iris, random numbers that are the same everywhere, targets
CREATE EXTENSION fuzzyclust;
ALTER SYSTEM SET client_min_messages = warning;		-- notices of convergence are expected here
ALTER SYSTEM SET jit = off;
SELECT pg_reload_conf() \g /dev/null

-- Fisher 1936, with the values of R and scikit-learn
CREATE TABLE iris (
	id int GENERATED ALWAYS AS IDENTITY,
	sepal_length float8, sepal_width float8, petal_length float8, petal_width float8,
	label text,
	x float8[] GENERATED ALWAYS AS (ARRAY[sepal_length, sepal_width, petal_length, petal_width]) STORED
);
\copy iris (sepal_length, sepal_width, petal_length, petal_width, label) FROM 'test/data/iris.csv' (FORMAT csv, HEADER)

CREATE FUNCTION misclassified(model bytea) RETURNS int LANGUAGE sql STABLE AS $$
	SELECT round(count(*) * (1 - cluster_accuracy(label, cluster_id(model, x))))::int FROM iris
$$;

CREATE FUNCTION info(model bytea, key text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT (cluster_info(model) ->> key)::float8
$$;

-- uniform between 0 and 1, and normal; a number for each list of integers
CREATE FUNCTION uniform(VARIADIC key int[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT (('x' || left(md5(array_to_string(key, ':')), 13))::bit(52)::bigint + 0.5) / 2::float8 ^ 52
$$;
CREATE FUNCTION normal(VARIADIC key int[]) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
	SELECT sqrt(-2 * ln(uniform(VARIADIC key || 1))) * cos(2 * pi() * uniform(VARIADIC key || 2))
$$;

-- k points of the square from low to 1 - low, at least apart from each other; others for another seed
CREATE FUNCTION true_centers(k int, seed int, low float8, apart float8) RETURNS TABLE (c int, x float8, y float8)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	xs float8[] := '{}';
	ys float8[] := '{}';
	try int := 0;
	new_x float8;
	new_y float8;
BEGIN
	WHILE cardinality(xs) < k LOOP
		try := try + 1;
		new_x := low + (1 - 2 * low) * uniform(k, seed, try, 1);
		new_y := low + (1 - 2 * low) * uniform(k, seed, try, 2);
		IF NOT EXISTS (SELECT FROM unnest(xs, ys) t(u, v) WHERE (u - new_x) ^ 2 + (v - new_y) ^ 2 < apart ^ 2) THEN
			xs := xs || new_x;
			ys := ys || new_y;
		END IF;
	END LOOP;
	RETURN QUERY SELECT i::int, u, v FROM unnest(xs, ys) WITH ORDINALITY t(u, v, i);
END $$;

-- targets of the project: not less than low, not more than high
CREATE TABLE promise (what text, measured float8, low float8, high float8);
CREATE VIEW promise_report AS
	SELECT what, round(measured::numeric, 2) AS measured,
		CASE WHEN low IS NULL THEN '<= ' || high WHEN high IS NULL THEN '>= ' || low
			WHEN low = high THEN low::text ELSE low || ' to ' || high END AS promised,
		coalesce(measured >= low, true) AND coalesce(measured <= high, true) AS kept
	FROM promise;
