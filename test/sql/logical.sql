-- Fuzzy c-means with the fuzzy logical distance.  Golden numbers are in test/unit/logical.c.

\i test/sql/include/iris.psql

-- round clusters, evenly filled: n rows around each of some points of the plane
CREATE TEMP TABLE places (place int, px float8, py float8);
INSERT INTO places VALUES (1, 0, 0), (2, 10, 1), (3, 4, 8), (4, -6, 7), (5, 12, 12);
CREATE TEMP TABLE points AS
	SELECT i * 5 + place AS id, place, px + sqrt(i / 40.0) * cos(i * 2.4) AS a, py + sqrt(i / 40.0) * sin(i * 2.4) AS b
	FROM places, generate_series(1, 40) i;

-- the number of clusters is found, whatever it is and however precise the rows are
SELECT k, cluster_info(model) -> 'clusters' AS found, cluster_info(model4) -> 'clusters' AS found4,
	cluster_info(model) -> 'converged' AS converged, cluster_info(model) #> '{options,vartheta}' AS vartheta
FROM (SELECT k, logical_fit(ARRAY[a, b], NULL ORDER BY id) AS model, logical_fit(ARRAY[a, b]::real[], NULL ORDER BY id) AS model4
	FROM points, generate_series(2, 5) k WHERE place <= k GROUP BY k) m
ORDER BY k;

CREATE TEMP TABLE m AS SELECT logical_fit(ARRAY[a, b], NULL ORDER BY id) AS model FROM points;
SELECT cluster_accuracy(place, cluster_id(model, ARRAY[a, b])) FROM points, m;
SELECT count(*) AS clusters, bool_and(least < 0.6) AS near, sum(weight) BETWEEN 199.999 AND 200.001 AS weights
FROM m, cluster_centers(model), LATERAL (SELECT min(sqrt((px - center[1]) ^ 2 + (py - center[2]) ^ 2)) AS least FROM places) p;

-- both stages are reported: the nodes of the grid where they settled, and the clusters
SELECT cluster_info(model) -> 'raw_centers' AS raw, (SELECT count(*) FROM cluster_raw_centers(model)) AS centers, count(*) AS clusters,
	count(*) FILTER (WHERE nearest < 0.5) AS among_them
FROM m, cluster_centers(model), LATERAL (SELECT min(sqrt((r[1] - center[1]) ^ 2 + (r[2] - center[2]) ^ 2)) AS nearest FROM cluster_raw_centers(model) r) n
GROUP BY 1, 2;
SELECT cluster_info(logical) ? 'raw_centers' AS given, (SELECT count(*) FROM cluster_raw_centers(logical)) AS rows, (SELECT count(*) FROM cluster_raw_centers(kmeans)) AS kmeans
FROM (SELECT logical_fit(ARRAY[a, b], 3) AS logical, kmeans_fit(ARRAY[a, b], 3) AS kmeans FROM points) m;
SELECT cluster_info(logical_fit(ARRAY[a, b], NULL, logical_options(grid_precision => 0.2))) -> 'raw_centers' AS "25" FROM points;

-- distances and memberships are those of logical_distance between scaled rows and centers
CREATE TEMP TABLE generators AS
	SELECT generator, theta, vartheta, logical_fit(ARRAY[a, b], 3, logical_options(generator => generator, theta => theta, vartheta => vartheta,
		margin => 0.2, max_iterations => 3, tolerance => 0.5)) AS model
	FROM points, (VALUES ('logit', 0.5, 0.5), ('logit', 0.4, 0.3), ('power', 0.6, 0.6), ('power', 0.5, 0.45), ('cauchy', 0.5, 0.5), ('cauchy', 0.3, 0.2))
		g(generator, theta, vartheta)
	GROUP BY 1, 2, 3;
CREATE FUNCTION pg_temp.scaled(model bytea, x float8[]) RETURNS float8[] LANGUAGE sql AS $$
	SELECT array_agg((x[j] - (scaling -> 'shift' ->> j - 1)::float8) * (scaling -> 'factor' ->> j - 1)::float8 ORDER BY j)
	FROM generate_subscripts(x, 1) j, (SELECT cluster_info(model) -> 'scaling' AS scaling) s
$$;
SELECT generator, theta, vartheta, max(pg_temp.gap(cluster_distance(model, ARRAY[a, b]), d)) < 1e-9 AS distances,
	max(pg_temp.gap(cluster_membership(model, ARRAY[a, b]), (SELECT array_agg(1 / (SELECT sum((c / e) ^ 2) FROM unnest(d) e) ORDER BY n)
		FROM unnest(d) WITH ORDINALITY t(c, n)))) < 1e-9 AS memberships
FROM generators, points, LATERAL (SELECT array_agg(logical_distance(pg_temp.scaled(model, ARRAY[a, b]), pg_temp.scaled(model, center),
		theta, vartheta, generator) ORDER BY cluster) AS d FROM cluster_centers(model)) x
WHERE id % 7 = 0
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- stretch: proportions kept, or each feature over the whole cube
SELECT stretch, bool_and(gap < 1e-9) AS scaled
FROM (SELECT stretch, pg_temp.gap(ARRAY[min(s[1]), max(s[1]), min(s[2]), max(s[2])], CASE stretch WHEN 'each' THEN ARRAY[0.1, 0.9, 0.1, 0.9]
		ELSE ARRAY[0.1, 0.9, 0.5 - 0.4 / 50, 0.5 + 0.4 / 50] END) AS gap
	FROM (SELECT stretch, logical_fit(ARRAY[i, i % 3], 2, logical_options(stretch => stretch)) AS model
			FROM generate_series(1, 101) i, unnest(ARRAY['common', 'each']) stretch GROUP BY 1) m,
		LATERAL (SELECT pg_temp.scaled(model, ARRAY[i, i % 3]) AS s FROM generate_series(1, 101) i) s
	GROUP BY stretch) g
GROUP BY stretch ORDER BY stretch;

-- two clusters in line: with features stretched one by one there seem to be more
SELECT stretch, cluster_info(logical_fit(ARRAY[x, y], NULL, logical_options(stretch => stretch) ORDER BY i)) -> 'clusters' AS found
FROM (SELECT i, i % 2 * 10 + sqrt(i / 200.0) * cos(i * 2.4) AS x, sqrt(i / 200.0) * sin(i * 2.4) AS y FROM generate_series(1, 200) i) p,
	unnest(ARRAY['common', 'each']) stretch
GROUP BY stretch ORDER BY stretch;

-- rows in a far place, and on a line, and more features than a grid is for
SELECT cluster_info(logical_fit(ARRAY[1e9 + a, 1e9 + b], NULL ORDER BY id)) -> 'clusters' AS far,
	cluster_info(logical_fit(ARRAY[a / 1e20, b / 1e20], NULL ORDER BY id)) -> 'clusters' AS small,
	cluster_info(logical_fit(ARRAY[a, b, 7], NULL, logical_options(grid_precision => 0.2) ORDER BY id)) -> 'clusters' AS flat,
	cluster_info(logical_fit(ARRAY[a, b, a + b, a - b, b], NULL ORDER BY id)) -> 'clusters' AS five,
	cluster_info(logical_fit(ARRAY[1, 1], NULL)) -> 'clusters' AS one
FROM points;

-- min_points and merge_distance
SELECT cluster_info(logical_fit(x, NULL ORDER BY id)) -> 'clusters' AS lonely,
	cluster_info(logical_fit(x, NULL, logical_options(min_points => 2) ORDER BY id)) -> 'clusters' AS "without it",
	cluster_info(logical_fit(x, NULL, logical_options(merge_distance => 2) ORDER BY id)) -> 'clusters' AS merged
FROM (SELECT id, ARRAY[px + 0.3 * (a - px), py + 0.3 * (b - py)] AS x FROM points JOIN places USING (place) WHERE place <= 2
	UNION ALL SELECT 0, ARRAY[5, 9]) p;

-- iris: with a given number vartheta is theta, and the same rows and seed give the same bytes
SELECT round(150 * (1 - cluster_accuracy(label, cluster_id(model, x)))) AS misclassified, cluster_info(model) #> '{options,vartheta}' AS vartheta
FROM iris, (SELECT logical_fit(x, 3 ORDER BY id) AS model FROM iris) m GROUP BY model;
SELECT count(DISTINCT model) AS bytes
FROM (SELECT logical_fit(x, 3, '{"seed": 7, "restarts": 3}' ORDER BY id) AS model FROM iris, generate_series(1, 3) g GROUP BY g) f;

-- errors
SELECT logical_fit(ARRAY[a, b], NULL) FROM points WHERE place = 1;
SELECT logical_fit(ARRAY[a], NULL) FROM points WHERE id = 6;
SELECT logical_fit(ARRAY[a, b, a], NULL, logical_options(grid_precision => 0.001)) FROM points;
SELECT logical_fit(ARRAY[a, b], NULL, logical_options(restarts => 3)) FROM points;
SELECT logical_fit(ARRAY[a, b], NULL, logical_options(init => 'sample')) FROM points;
SELECT logical_fit(ARRAY[a, b], NULL, logical_options(init => ARRAY[[1, 2], [3, 4]])) FROM points;
SELECT logical_fit(ARRAY[a, b], 3, '{"scale": "zscore"}') FROM points;
SELECT logical_options(stretch => 'wide');
SELECT logical_options(grid_precision => 0);
SELECT logical_options(margin => 0.5);
SELECT fcm_fit(ARRAY[a, b], NULL) FROM points;
