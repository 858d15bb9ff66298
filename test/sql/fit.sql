-- Training: groups, filters, order, windows, empty and degenerate input, notices.

\i test/sql/include/iris.psql

-- a model for each group is the model of its rows alone
SELECT count(*) AS groups, bool_and(model = alone) AS same
FROM (SELECT label, fcm_fit(x, 2 ORDER BY id) AS model FROM iris GROUP BY label) g
	JOIN LATERAL (SELECT fcm_fit(x, 2 ORDER BY id) AS alone FROM iris i WHERE i.label = g.label) a ON true;
SELECT label, cluster_info(fcm_fit(x, 2)) -> 'rows' AS rows FROM iris GROUP BY ROLLUP (label) ORDER BY label;
SELECT count(*) AS groups, sum((cluster_info(model) -> 'rows')::int) = 4 * 150 AS rows
FROM (SELECT kmeans_fit(x, 2) AS model FROM iris GROUP BY CUBE (label, id % 3)) m;

-- hashed and sorted groups give the same models
SET enable_sort = off;
SET enable_hashagg = on;
CREATE TEMP TABLE hashed AS SELECT id % 10 AS g, kmeans_fit(x, 2) AS model FROM iris GROUP BY 1;
RESET enable_sort;
SET enable_hashagg = off;
CREATE TEMP TABLE sorted AS
	SELECT id % 10 AS g, kmeans_fit(x, 2) AS model FROM (SELECT * FROM iris ORDER BY id % 10, id) i GROUP BY 1;
RESET enable_hashagg;
SELECT count(*) AS groups, count(*) FILTER (WHERE h.model = s.model) AS same FROM hashed h JOIN sorted s USING (g);

-- the number of clusters and the options may differ from group to group
SELECT k, cluster_info(fcm_fit(x, k)) -> 'clusters' AS clusters FROM iris, generate_series(1, 5) k GROUP BY k ORDER BY k;
SELECT m, cluster_info(fcm_fit(x, 3, fcm_options(fuzzifier => m))) #> '{options,fuzzifier}' AS fuzzifier
FROM iris, unnest(ARRAY[1.5, 2.5]::float8[]) m GROUP BY m ORDER BY m;

-- FILTER, ORDER BY, DISTINCT
SELECT fcm_fit(x, 2) FILTER (WHERE label = 'setosa') = (SELECT fcm_fit(x, 2) FROM iris WHERE label = 'setosa') AS filter FROM iris;
SELECT fcm_fit(x, 3 ORDER BY x) = (SELECT fcm_fit(x, 3) FROM (SELECT x FROM iris ORDER BY x) i) AS "order" FROM iris;
SELECT cluster_info(fcm_fit(DISTINCT x, 3)) -> 'rows' AS distinct,
	cluster_info(fcm_fit(DISTINCT ARRAY[id % 7, id % 2], 3, fcm_options(seed => 1))) -> 'rows' AS pairs
FROM iris;
SELECT fcm_fit(ALL x, 3) = fcm_fit(x, 3) AS "all", fcm_fit(x, 3) <> kmeans_fit(x, 3) AS two FROM iris;

-- in a HAVING clause, a subquery, a CTE, a lateral join, a view, an INSERT
SELECT label FROM iris GROUP BY label HAVING (cluster_info(kmeans_fit(x, 1)) -> 'objective')::float8 > 20 ORDER BY label;
WITH m AS (SELECT label, kmeans_fit(x, 2) AS model FROM iris GROUP BY label)
SELECT label, sum(weight) FROM m, cluster_centers(model) GROUP BY label ORDER BY label;
CREATE TEMP VIEW segments AS SELECT label, kmeans_fit(x, 2) AS model FROM iris GROUP BY label;
SELECT count(*) FROM segments WHERE label <> 'setosa' AND length(model) > 0;
CREATE TEMP TABLE kept AS SELECT * FROM segments WITH NO DATA;
INSERT INTO kept SELECT * FROM segments RETURNING label, cluster_info(model) -> 'clusters' AS clusters;

-- windows: a whole partition, and frames that grow or move; each is the model of its rows alone
SELECT count(*) AS rows, count(DISTINCT model) AS models, bool_and(model = alone) AS same
FROM (SELECT label, kmeans_fit(x, 2) OVER (PARTITION BY label) AS model FROM iris) w
	JOIN (SELECT label, kmeans_fit(x, 2) AS alone FROM iris GROUP BY label) g USING (label);
SELECT count(*) AS rows, count(DISTINCT model) AS models, bool_and((cluster_info(model) -> 'rows')::int = id) AS grows,
	bool_and(model = (SELECT kmeans_fit(x, 1) FROM iris i WHERE i.id <= w.id)) FILTER (WHERE id % 30 = 0) AS same
FROM (SELECT id, kmeans_fit(x, 1) OVER (ORDER BY id) AS model FROM iris) w;
SELECT count(*) AS rows, min((cluster_info(model) -> 'rows')::int) AS least, max((cluster_info(model) -> 'rows')::int) AS most,
	bool_and(model = (SELECT fcm_fit(x, 1) FROM iris i WHERE abs(i.id - w.id) <= 2)) AS same
FROM (SELECT id, fcm_fit(x, 1) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING) AS model FROM iris WHERE id <= 40) w
WHERE id <= 38;
SELECT id, cluster_info(model) -> 'rows' AS rows
FROM (SELECT id, kmeans_fit(x, 1, kmeans_options(seed => 1)) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) AS model
	FROM iris WHERE id < 6) w ORDER BY id;
SELECT count(*) AS rows, count(early) AS early, count(filtered) AS filtered
FROM (SELECT kmeans_fit(x, 1) OVER (ORDER BY id ROWS BETWEEN 3 PRECEDING AND 2 PRECEDING) AS early,
		kmeans_fit(x, 1) FILTER (WHERE id > 3) OVER (ORDER BY id) AS filtered
	FROM iris WHERE id <= 6) w;

-- nothing to learn from
SELECT fcm_fit(x, 3) AS "no rows", fcm_fit(x, 3, fcm_options(seed => 1)) AS "with options" FROM iris WHERE id < 0;
SELECT fcm_fit(NULL::float8[], 3) AS "all null", kmeans_fit(NULL::bytea, 3, '{"missing": "skip"}') AS "with options",
	kmeans_fit(ARRAY[NULL, 1], 3, '{"missing": "skip"}') AS "all skipped", fcm_fit(x, 3) FILTER (WHERE id < 0) AS "all filtered"
FROM iris;
SELECT label, fcm_fit(CASE WHEN label <> 'setosa' THEN x END, 3) IS NULL AS "null" FROM iris GROUP BY label ORDER BY label;

-- as few rows as there can be
SELECT center, weight, cluster_info(model) -> 'objective' AS objective
FROM (SELECT fcm_fit(ARRAY[3, 4], 1) AS model) m, cluster_centers(model);
SELECT center, weight FROM (SELECT kmeans_fit(ARRAY[i, i], 3) AS model FROM generate_series(1, 3) i) m, cluster_centers(model) ORDER BY center;
SELECT array_agg(round(center[1]) ORDER BY center) AS centers
FROM (SELECT fcm_fit(ARRAY[i * 100], 5) AS model FROM generate_series(1, 5) i) m, cluster_centers(model);

-- constant columns, with and without scaling, and rows that are all equal
SELECT scale, array_agg(center ORDER BY center) AS centers
FROM (SELECT scale, kmeans_fit(ARRAY[i % 2 * 8, 7, -3], 2, kmeans_options(scale => scale)) AS model
	FROM generate_series(1, 10) i, unnest(ARRAY['none', 'minmax', 'zscore']) scale GROUP BY scale) m, cluster_centers(model)
GROUP BY scale ORDER BY scale;
SELECT scale, center, weight FROM (SELECT scale, fcm_fit(ARRAY[0.1, 7], 1, fcm_options(scale => scale)) AS model
	FROM generate_series(1, 8) i, unnest(ARRAY['none', 'minmax', 'zscore']) scale GROUP BY scale) m, cluster_centers(model) ORDER BY scale;
SELECT cluster_info(kmeans_fit(ARRAY[0.1]::real[], 1)) -> 'converged' AS converged FROM generate_series(1, 1000);
SELECT center, weight FROM (SELECT kmeans_fit(ARRAY[(i % 100 = 0)::int], 2) AS model FROM generate_series(1, 1000) i) m, cluster_centers(model)
ORDER BY center;

-- a common offset costs no digits, nor do tiny or huge numbers
CREATE TEMP TABLE sizes AS
	SELECT magnitude, label, ARRAY[x[1] * magnitude, x[2] * magnitude, x[3] * magnitude, x[4] * magnitude] AS x
	FROM iris, unnest(ARRAY[1e-100, 1, 1e100]::float8[]) magnitude;
SELECT magnitude, round(150 * (1 - cluster_accuracy(label, cluster_id(model, x)))) AS misclassified
FROM sizes JOIN (SELECT magnitude, fcm_fit(x, 3) AS model FROM sizes GROUP BY magnitude) m USING (magnitude)
GROUP BY magnitude ORDER BY magnitude;
SELECT round(150 * (1 - cluster_accuracy(label, cluster_id(model, ARRAY[x[1] + 1e6, x[2] - 1e6, x[3] + 1e6, x[4]])))) AS misclassified
FROM iris, (SELECT fcm_fit(ARRAY[x[1] + 1e6, x[2] - 1e6, x[3] + 1e6, x[4]], 3) AS model FROM iris) m;

-- many features, many clusters
SELECT cluster_info(model) -> 'dimensions' AS dimensions, cluster_info(model) -> 'converged' AS converged,
	(SELECT count(DISTINCT cluster_id(model, array_fill(i, ARRAY[16000]))) FROM generate_series(0, 2) i) AS clusters
FROM (SELECT kmeans_fit(array_fill(i % 3, ARRAY[16000]), 3) AS model FROM generate_series(1, 20) i) m;
SELECT cluster_info(fcm_fit(array_fill(i % 2 + 0.5, ARRAY[16000])::real[], 2)) -> 'dimensions' AS dimensions FROM generate_series(1, 20) i;
SELECT cluster_info(kmeans_fit(array_fill(1, ARRAY[65535]), 1)) -> 'dimensions' AS dimensions;
SELECT cluster_info(model) -> 'clusters' AS clusters, cluster_info(model) -> 'objective' AS objective
FROM (SELECT kmeans_fit(ARRAY[i], 1000) AS model FROM generate_series(1, 1000) i) m;

-- notices: centers that merge in ten equal dimensions, and a fuzzifier that keeps them apart
CREATE TEMP TABLE ball AS
	SELECT i, array_agg(CASE WHEN i / 2 = j THEN 1 - i % 2 * 2 ELSE 0 END + 0.01 * sin(7 * i + j) ORDER BY j) AS x
	FROM generate_series(0, 19) i, generate_series(0, 9) j GROUP BY i;
SELECT cluster_info(fcm_fit(x, 2, '{"fuzzifier": 2}' ORDER BY i)) -> 'converged' AS converged FROM ball;
SELECT cluster_info(fcm_fit(x, 2, fcm_options(fuzzifier => 1.1) ORDER BY i)) -> 'converged' AS converged FROM ball;

-- ... no convergence, a cluster to which no row is nearest
SELECT cluster_info(fcm_fit(x, 3, fcm_options(max_iterations => 2))) -> 'converged' AS converged FROM iris;
SELECT cluster_info(kmeans_fit(x, 3, kmeans_options(max_iterations => 1))) -> 'converged' AS converged FROM iris;
SELECT cluster_info(fcm_fit(ARRAY[x], 3, fcm_options(max_iterations => 2, init => ARRAY[[0], [5], [10]]))) -> 'empty_clusters' AS empty
FROM unnest(ARRAY[-1, 0, 1, 9, 10, 11]) x;

-- of many models, the doubts about a few are told
SELECT count(m) AS models FROM (SELECT i % 30 AS grp, fcm_fit(ARRAY[sin(i), cos(i)], 2, '{"max_iterations": 1}') AS m FROM generate_series(1, 300) i GROUP BY 1) g;
SELECT count(m) AS models, count(*) AS groups
FROM (SELECT i % 30 AS grp, kmeans_fit(ARRAY[nullif(i % 60, 3), 1], 1, '{"missing": "skip", "too_few": "null"}') AS m FROM generate_series(1, 60) i GROUP BY 1) g;

-- errors
SELECT fcm_fit(x, 0) FROM iris;
SELECT fcm_fit(x, -1) FROM iris;
SELECT fcm_fit(x, NULL) FROM iris;
SELECT fcm_fit(x, 65536) FROM iris;
SELECT fcm_fit(x, 151) FROM iris;
SELECT fcm_fit(x, 65535) FROM iris;
SELECT fcm_fit(ARRAY[1, 2], 2);
SELECT fcm_fit(ARRAY[0.1, 7], 2) FROM generate_series(1, 8);
SELECT kmeans_fit(ARRAY[i % 3, 7], 4, '{"init": "random"}') FROM generate_series(1, 8) i;
SELECT kmeans_fit(ARRAY[i % 3, 7], 4, '{"init": [[1, 1], [2, 2], [3, 3], [4, 4]]}') FROM generate_series(1, 8) i;
SELECT fcm_fit(CASE WHEN id < 3 THEN x END, 3) FROM iris;
SELECT kmeans_fit(ARRAY[CASE WHEN i % 2 = 0 THEN 0.0 ELSE '-0'::float8 END], 2) FROM generate_series(1, 8) i;
SELECT kmeans_fit(ARRAY[i * 1e-200], 2) FROM generate_series(1, 8) i;
SELECT kmeans_fit(ARRAY[i * 1e-30]::real[], 2) FROM generate_series(1, 8) i;
SELECT fcm_fit(x, id) FROM iris;
SELECT fcm_fit(CASE WHEN id > 1 THEN x END, CASE WHEN id > 2 THEN 3 ELSE 2 END) FROM iris;
SELECT fcm_fit(x, CASE WHEN id < 100 THEN 3 END) FROM iris;
SELECT fcm_fit(x, 3, CASE WHEN id > 1 THEN '{"seed": 1}'::jsonb END ORDER BY id) FROM iris;
SELECT fcm_fit(x, 3, fcm_options(seed => id / 100) ORDER BY id) FROM iris;
SELECT kmeans_fit(array_fill(1, ARRAY[65535]), 2000);
SELECT kmeans_fit(x, 2) OVER (ORDER BY id) FROM iris;
