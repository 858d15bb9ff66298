-- Scoring: id, memberships, sets, distances, outliers, and the models that are kept between calls.

\i test/sql/include/iris.psql
CREATE TEMP TABLE models AS
	SELECT 'fcm' AS name, fcm_fit(x, 3) AS model FROM iris
	UNION ALL SELECT 'kmeans', kmeans_fit(x, 3) FROM iris
	UNION ALL SELECT 'real', fcm_fit(x::real[], 3) FROM iris
	UNION ALL SELECT 'scaled', fcm_fit(x, 3, fcm_options(scale => 'zscore')) FROM iris
	UNION ALL SELECT 'soft', fcm_fit(x, 3, fcm_options(fuzzifier => 3)) FROM iris
	UNION ALL SELECT 'crisp', fcm_fit(x, 3, fcm_options(fuzzifier => 1.05)) FROM iris
	UNION ALL SELECT 'seventeen', fcm_fit(x, 17, fcm_options(fuzzifier => 1.2)) FROM iris
	UNION ALL SELECT 'one', fcm_fit(x, 1) FROM iris;

-- memberships: one a cluster, not negative, sum one; the id is the strongest and the nearest
SELECT name, count(*) AS rows, bool_and(array_length(u, 1) = (cluster_info(model) -> 'clusters')::int) AS one_each,
	bool_and(u_min >= 0) AS "not negative", max(abs(u_sum - 1)) < 1e-12 AS "sum one",
	bool_and(u[cluster_id(model, x)] = u_max) AS strongest, bool_and(d[cluster_id(model, x)] = d_min) AS nearest
FROM models, iris, LATERAL (SELECT cluster_membership(model, x) AS u, cluster_distance(model, x) AS d) s,
	LATERAL (SELECT min(v) AS u_min, max(v) AS u_max, sum(v) AS u_sum FROM unnest(u) v) a,
	LATERAL (SELECT min(v) AS d_min FROM unnest(d) v) b
GROUP BY name ORDER BY name;

-- distances are Euclidean, in the units of the model
SELECT name, max(abs(d[cluster] - CASE name WHEN 'scaled' THEN scaled ELSE plain END)) < 1e-12 AS right
FROM models, cluster_centers(model), iris, LATERAL (SELECT cluster_distance(model, x) AS d) s,
	LATERAL (SELECT ARRAY(SELECT v::float8 FROM jsonb_array_elements(cluster_info(model) #> '{scaling,factor}') v) AS factor) f,
	LATERAL (SELECT sqrt(sum((a - b) ^ 2)) AS plain, sqrt(sum(((a - b) * coalesce(f, 1)) ^ 2)) AS scaled
		FROM unnest(x, center, factor) t(a, b, f)) e
WHERE name IN ('fcm', 'kmeans', 'real', 'scaled') GROUP BY name ORDER BY name;

-- memberships by the formula of fuzzy c-means
SELECT name, max(abs(u[c] - 1 / (SELECT sum((d[c] / o) ^ (2 / (m - 1))) FROM unnest(d) o))) < 1e-12 AS right
FROM models, iris, LATERAL (SELECT cluster_membership(model, x) AS u, cluster_distance(model, x) AS d) s,
	LATERAL (SELECT (cluster_info(model) #> '{options,fuzzifier}')::float8 AS m) o, generate_subscripts(u, 1) c
WHERE name <> 'kmeans' AND name <> 'crisp' GROUP BY name ORDER BY name;

-- a set is the same in another form: strongest first
SELECT name, count(*) AS rows, bool_and(s.cluster[1] = cluster_id(model, x)) AS id,
	bool_and(s.membership = ARRAY(SELECT v FROM unnest(cluster_membership(model, x)) v ORDER BY v DESC)) AS sorted,
	bool_and(s.again = cluster_membership(model, x)) AS membership, bool_and(s.distance = cluster_distance(model, x)) AS distance
FROM models, iris, LATERAL (SELECT array_agg(cluster ORDER BY n) AS cluster, array_agg(membership ORDER BY n) AS membership,
	array_agg(membership ORDER BY cluster) AS again, array_agg(distance ORDER BY cluster) AS distance
	FROM cluster_set(model, x) WITH ORDINALITY t(cluster, membership, distance, n)) s
GROUP BY name ORDER BY name;

-- equals come nearest first, then by id
SELECT cluster, membership, distance FROM (SELECT fcm_fit(x, 2, fcm_options(init => ARRAY[[5, 1], [1, 1]])) AS model
	FROM (VALUES (ARRAY[1, 1]), (ARRAY[5, 1])) v(x)) m, cluster_set(model, ARRAY[3, 2]);
SELECT cluster, membership, distance FROM (SELECT kmeans_fit(ARRAY[x], 4, kmeans_options(init => ARRAY[[9], [1], [5], [0]])) AS model
	FROM unnest(ARRAY[0, 1, 5, 9]) x) m, cluster_set(model, ARRAY[4]);

-- a row on a center
SELECT cluster_id(model, ARRAY[5, 1]) AS id, cluster_membership(model, ARRAY[5, 1]) AS membership,
	cluster_distance(model, ARRAY[5, 1]) AS distance, cluster_outlier_score(model, ARRAY[5, 1]) AS outlier
FROM (SELECT fcm_fit(x, 2, fcm_options(init => ARRAY[[5, 1], [1, 1]])) AS model FROM (VALUES (ARRAY[1, 1]), (ARRAY[5, 1])) v(x)) m;

-- top_n and cutoff
CREATE TEMP VIEW model AS SELECT model FROM models WHERE name = 'fcm';
SELECT top_n, (SELECT count(*) FROM model, cluster_set(model, '{6,3,5,2}'::int[], top_n)) AS clusters
FROM (VALUES (0), (1), (2), (3), (4), (2147483647), (NULL)) v(top_n);
SELECT cutoff, (SELECT count(*) FROM model, cluster_set(model, '{6,3,5,2}'::int[], cutoff => cutoff)) AS clusters
FROM (VALUES (0), (0.01), (0.2), (0.99), (1), (NULL)) v(cutoff);
SELECT count(*) AS kept, bool_and(membership >= 0.2) AS above, count(DISTINCT id) AS rows
FROM model, iris, cluster_set(model, x, top_n => 2, cutoff => 0.2);
SELECT count(*) AS all, count(*) FILTER (WHERE membership >= 0.2) AS kept FROM model, iris, cluster_set(model, x);
SELECT count(*) AS rows, bool_and(membership = most) AS "cutoff is inclusive"
FROM model, iris, LATERAL (SELECT max(u) AS most FROM unnest(cluster_membership(model, x)) u) l, cluster_set(model, x, NULL, most);

-- the set is made to be stopped: in a FROM clause, in the SELECT list, under LIMIT, in a cursor
SELECT count(*) AS rows, count(DISTINCT s.cluster) AS clusters FROM model, iris, LATERAL (SELECT * FROM cluster_set(model, x) LIMIT 1) s;
SELECT count(*) AS rows, count((s).cluster) AS clusters, round(sum((s).membership)::numeric, 9) AS total
FROM (SELECT cluster_set(model, x) AS s FROM model, (SELECT x FROM iris ORDER BY id LIMIT 4) r) t;
SELECT (cluster_set(model, x)).cluster IS NOT NULL AS one FROM model, iris LIMIT 4;
SELECT id, (SELECT (s).cluster FROM (SELECT cluster_set(model, x) AS s LIMIT 1) t) = cluster_id(model, x) AS first
FROM model, iris WHERE id % 50 = 1 ORDER BY id;
SELECT count(*) AS pairs FROM (SELECT cluster_set(model, x), cluster_set(model, x, 1) FROM model, iris) s;
BEGIN;
DECLARE c CURSOR FOR SELECT (cluster_set(model, x)).cluster > 0 AS some FROM model, iris;
FETCH 4 FROM c;
CLOSE c;
DECLARE c SCROLL CURSOR FOR SELECT n, cluster > 0 AS some
	FROM model, cluster_set(model, '{6,3,5,2}'::int[]) WITH ORDINALITY t(cluster, membership, distance, n);
FETCH 2 FROM c;
FETCH BACKWARD 1 FROM c;
FETCH ABSOLUTE 3 FROM c;
COMMIT;
SELECT name, n FROM models, LATERAL (SELECT count(*) AS n FROM ROWS FROM (cluster_set(model, '{6,3,5,2}'::int[]), generate_series(1, 2))) s
WHERE name IN ('one', 'fcm', 'seventeen') ORDER BY name;

-- the planner is told how many rows come
CREATE FUNCTION pg_temp.estimate(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan #>> '{0,Plan,Plan Rows}';
END
$$;
SELECT name, pg_temp.estimate(format('SELECT * FROM cluster_set(%L, ARRAY[1,2,3,4])', model)) AS all,
	pg_temp.estimate(format('SELECT * FROM cluster_set(%L, ARRAY[1,2,3,4], 2)', model)) AS two,
	pg_temp.estimate(format('SELECT cluster_set(%L, ARRAY[1,2,3,4], top_n => 5)', model)) AS five
FROM models WHERE name IN ('one', 'fcm', 'seventeen') ORDER BY name;
SELECT pg_temp.estimate('SELECT * FROM cluster_set('''', ARRAY[1,2,3,4])') AS broken,
	pg_temp.estimate('SELECT * FROM cluster_set(NULL, ARRAY[1,2,3,4])') >= 0 AS "null",
	pg_temp.estimate('SELECT s.* FROM models, cluster_set(model, ARRAY[1,2,3,4], 2) s WHERE name = ''fcm''') > 0 AS "no constant";

-- nulls
SELECT cluster_id(NULL, ARRAY[1]), cluster_membership(NULL, ARRAY[1]), cluster_distance(model, NULL::int[]),
	cluster_outlier_score(model, NULL::int[])
FROM model;
SELECT (SELECT count(*) FROM cluster_set(NULL, ARRAY[1, 2])) AS "no model",
	(SELECT count(*) FROM cluster_set(model, NULL::int[])) AS "no features",
	(SELECT count(*) FROM cluster_set(model, ARRAY[1, 2, 3, 4], NULL, NULL)) AS "no limits"
FROM model;
SELECT count(*) AS rows, count(cluster_id(model, CASE WHEN id % 5 > 0 THEN x END)) AS ids,
	(SELECT count(*) FROM model, iris LEFT JOIN LATERAL cluster_set(model, CASE WHEN id % 5 > 0 THEN x END, 1) s ON true) AS joined
FROM model, iris;

-- outlier score: the distance to the nearest center over the mean distance of that cluster's rows in training
SELECT name, count(*) AS rows, max(abs(outlier - nearest / mean)) < 1e-9 AS right, abs(avg(outlier) - 1) < 1e-9 AS "one on average"
FROM (SELECT name, cluster_outlier_score(model, x) AS outlier, nearest, avg(nearest) OVER (PARTITION BY name, cluster_id(model, x)) AS mean
	FROM models, iris, LATERAL (SELECT min(v) AS nearest FROM unnest(cluster_distance(model, x)) v) d WHERE name <> 'real') o
GROUP BY name ORDER BY name;
SELECT cluster_outlier_score(model, ARRAY[0]) AS "on it", cluster_outlier_score(model, ARRAY[6]) AS beside
FROM (SELECT kmeans_fit(ARRAY[x], 2) AS model FROM unnest(ARRAY[0, 5]) x) m;

-- a model for each group, joined to its rows
CREATE TEMP TABLE regions AS
	SELECT 'r' || i % 7 AS region, ARRAY[sin(i) + 10 * (i % 3), cos(i) + i % 7] AS x FROM generate_series(1, 700) i;
CREATE TEMP TABLE segments AS SELECT region, kmeans_fit(x, 3, kmeans_options(restarts => 3)) AS model FROM regions GROUP BY region;
SELECT count(*) AS rows, count(DISTINCT region) AS regions, count(DISTINCT (region, s.cluster)) AS clusters, min(s.membership) AS crisp
FROM regions r JOIN segments USING (region), LATERAL cluster_set(model, x, top_n => 1) s;

-- alternating models give the same results as each alone: more models than are cached, in every order
CREATE TEMP TABLE many AS
	SELECT n, kmeans_fit(ARRAY[100 * n + i % 3], 3) AS model FROM generate_series(1, 9) n, generate_series(1, 30) i GROUP BY n;
CREATE FUNCTION pg_temp.least(float8[]) RETURNS float8 LANGUAGE sql AS 'SELECT min(v) FROM unnest($1) v';
SELECT turn, count(*) AS calls, count(*) FILTER (WHERE pg_temp.least(cluster_distance(model, ARRAY[100 * n])) = 0) AS right,
	count(*) FILTER (WHERE pg_temp.least(cluster_distance(model, ARRAY[100 * n + 100])) = 98) AS "also right"
FROM (VALUES ('one by one', 9), ('two', 2), ('four', 4), ('five', 5)) t(turn, k), generate_series(0, 199) i
	JOIN LATERAL (SELECT n, model FROM many WHERE n = CASE turn WHEN 'one by one' THEN i / 23 + 1 ELSE 1 + (i * 7) % k END) m ON true
GROUP BY turn ORDER BY turn;
SELECT count(*) AS rows, count(*) FILTER (WHERE pg_temp.least(cluster_distance(a.model, ARRAY[100 * a.n])) = 0
	AND pg_temp.least(cluster_distance(b.model, ARRAY[100 * b.n])) = 0) AS right
FROM generate_series(1, 3) i, many a, many b;

-- ... stored plain, compressed, and out of line
CREATE TEMP TABLE stored (n int, plain bytea, compressed bytea, outside bytea);
ALTER TABLE stored ALTER plain SET STORAGE plain, ALTER compressed SET STORAGE main, ALTER outside SET STORAGE external;
CREATE TEMP TABLE wide AS SELECT n, i, array_agg(n + i % 3 * (j % 2) ORDER BY j) AS x
	FROM generate_series(1, 6) n, generate_series(1, 12) i, generate_series(1, 100) j GROUP BY n, i;
INSERT INTO stored SELECT n, model, model, model FROM (SELECT n, kmeans_fit(x, 3) AS model FROM wide GROUP BY n) m;
SELECT bool_and(pg_column_size(plain) > 2400) AS plain, bool_and(pg_column_size(compressed) < 1500) AS compressed,
	bool_and(pg_column_size(outside) > 2400) AS outside, count(DISTINCT outside) AS models
FROM stored;
SELECT count(*) AS rows, count(*) FILTER (WHERE pg_temp.least(cluster_distance(model, x)) = 0) AS right
FROM (SELECT s.n, w.x, unnest(ARRAY[plain, compressed, outside]) AS model FROM stored s JOIN wide w USING (n)) m;
SELECT count(*) AS rows, count(*) FILTER (WHERE cluster_distance(plain, x) = cluster_distance(compressed, x)
	AND cluster_distance(plain, x) = cluster_distance(outside, x)) AS same FROM stored s JOIN wide w USING (n);

-- ... in a prepared statement, with a generic plan
SET plan_cache_mode = force_generic_plan;
CREATE TEMP TABLE given (n int, d float8);
PREPARE give(int, bytea) AS INSERT INTO given SELECT $1, pg_temp.least(cluster_distance($2, ARRAY[100 * $1])) FROM generate_series(1, 2);
DO $$
DECLARE
	m record;
BEGIN
	FOR m IN SELECT * FROM many, generate_series(1, 2) turn ORDER BY turn, n LOOP
		EXECUTE format('EXECUTE give(%s, %L)', m.n, m.model);
	END LOOP;
END
$$;
RESET plan_cache_mode;
SELECT count(*) AS rows, count(*) FILTER (WHERE d = 0) AS right FROM given;
DEALLOCATE give;

-- ... in loops of plpgsql, whose expressions keep their state, also after errors
DO $$
DECLARE
	model bytea;
	least float8;
	at int;
	wrong int := 0;
	errors int := 0;
BEGIN
	FOR i IN 0 .. 199 LOOP
		at := 1 + i * i % 9;
		SELECT m.model INTO model FROM many m WHERE n = at;
		least := (cluster_distance(model, ARRAY[100 * at]))[cluster_id(model, ARRAY[100 * at])];
		IF least <> 0 THEN
			wrong := wrong + 1;
		END IF;
		IF i % 20 = 19 THEN
			BEGIN
				least := cluster_outlier_score(model, ARRAY[1, 2]);
			EXCEPTION WHEN data_exception THEN
				errors := errors + 1;
			END;
		END IF;
	END LOOP;
	RAISE NOTICE '% wrong, % errors', wrong, errors;
END
$$;

-- ... and in place: a row that is updated, a value that is built again for each row
CREATE TEMP TABLE present AS SELECT model FROM many WHERE n = 1;
ALTER TABLE present ALTER model SET STORAGE external;
CREATE FUNCTION pg_temp.distance(int) RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
	RETURN pg_temp.least(cluster_distance((SELECT model FROM present), ARRAY[100 * $1]));
END
$$;
DO $$
BEGIN
	FOR i IN 1 .. 9 LOOP
		UPDATE present SET model = (SELECT m.model FROM many m WHERE n = i);
		IF pg_temp.distance(i) <> 0 THEN
			RAISE NOTICE 'model % is stale', i;
		END IF;
	END LOOP;
END
$$;
SELECT count(*) AS rows,
	count(*) FILTER (WHERE pg_temp.least(cluster_distance(overlay(model PLACING '' FROM 1 FOR 0), ARRAY[100 * n])) = 0) AS right
FROM many, generate_series(1, 5);

-- expression indexes and generated columns may use a model that is constant
DO $$
DECLARE
	model bytea := (SELECT model FROM model);
BEGIN
	EXECUTE format('CREATE INDEX iris_cluster ON iris (cluster_id(%L::bytea, x))', model);
	EXECUTE format('ALTER TABLE iris ADD cluster int GENERATED ALWAYS AS
		(cluster_id(%L::bytea, ROW(sepal_length, sepal_width, petal_length, petal_width))) STORED', model);
END
$$;
SELECT count(*) AS rows, count(*) FILTER (WHERE cluster = cluster_id(model, x)) AS right FROM iris, model;
SELECT count(*) AS functions, bool_and(provolatile = 'i') AS immutable, bool_and(proparallel = 's') AS "parallel safe"
FROM pg_proc WHERE proname IN ('cluster_id', 'cluster_membership', 'cluster_distance', 'cluster_outlier_score', 'cluster_set');

-- errors
SELECT cluster_id(model, ARRAY[1, 2, 3]) FROM model;
SELECT count(*) FROM model, cluster_set(model, '{6,3,5,2}'::int[], -1);
SELECT count(*) FROM model, cluster_set(model, '{6,3,5,2}'::int[], cutoff => -0.1);
SELECT count(*) FROM model, cluster_set(model, '{6,3,5,2}'::int[], cutoff => 1.1);
SELECT count(*) FROM model, cluster_set(model, '{6,3,5,2}'::int[], cutoff => 'NaN');
SELECT cluster_id('model', ARRAY[1]);
SELECT cluster_id('', ARRAY[1]);
