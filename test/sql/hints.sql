-- centers that coincide: why, and what helps
CREATE TEMP TABLE noise AS
SELECT i, array_agg(sin(i * j * 1.7 + j) * cos(i * 0.3 * j * j) ORDER BY j) AS x
FROM generate_series(1, 400) i, generate_series(1, 16) j GROUP BY i;

-- first centers were equal; fcm and mec move them apart
SELECT logical_fit(x, 2, logical_options(init => ARRAY[[0.2, 0.4], [0.2, 0.4]])) IS NULL AS logical FROM (VALUES (ARRAY[0, 0]), (ARRAY[1, 0]), (ARRAY[0, 1]), (ARRAY[1, 1])) v(x);
SELECT tsallis_fit(x[1:3], 3, tsallis_options(init => ARRAY[[0, 0, 0], [1, 1, 1], [0, 0, 0]], temperature => 9, q => 2, max_steps => 1)) IS NULL AS tsallis FROM noise;
SELECT fcm_fit(x, 2, fcm_options(init => ARRAY[[0.2, 0.4], [0.2, 0.4]])) IS NULL AS fcm FROM (VALUES (ARRAY[0, 0]), (ARRAY[1, 0]), (ARRAY[0, 1]), (ARRAY[1, 1])) v(x);
SELECT mec_fit(x[1:3], 3, mec_options(init => ARRAY[[0, 0, 0], [1, 1, 1], [0, 0, 0]])) IS NULL AS mec FROM noise;

-- all are at the mean: the fuzzifier that keeps them apart is known
SELECT fcm_fit(x, 3, fcm_options(fuzzifier => 2) ORDER BY i) IS NULL AS all FROM noise;
SELECT fcm_fit(x, 3, fcm_options(fuzzifier => 1.1) ORDER BY i) IS NULL AS apart FROM noise;

-- only some are: it is not
SELECT fcm_fit(x || i % 2 * 100, 4, fcm_options(fuzzifier => 2) ORDER BY i) IS NULL AS some FROM noise;

-- an annealing that ends soft; where q is raised that is its way
SELECT tsallis_fit(x[1:2], 4, tsallis_options(q => 10) ORDER BY i) IS NULL AS soft FROM noise;
SELECT tsallis_fit(x[1:2], 4, tsallis_options(schedule => 'q_inverse') ORDER BY i) IS NULL AS raised FROM noise;

-- clusters with a shape need a low fuzzifier in many columns
CREATE TEMP TABLE groups AS
SELECT i, array_agg(sin(i * j * 1.7 + j) * cos(i * 0.3 * j * j) + i % 3 * (j % 3) * 0.8 ORDER BY j) AS x
FROM generate_series(1, 400) i, generate_series(1, 16) j GROUP BY i;
SELECT gk_fit(x, 2, gk_options(fuzzifier => 2) ORDER BY i) IS NULL AS gk FROM groups;
SELECT gk_fit(x, 2, gk_options(fuzzifier => 1.1) ORDER BY i) IS NULL AS gk FROM groups;

-- one cluster cannot be fewer
SELECT cluster_info(gk_fit(ARRAY[x, 7], 1)) ->> 'clusters' AS clusters FROM generate_series(1, 9) x;
SELECT cluster_info(gg_fit(ARRAY[x, 2 * x], 1)) ->> 'clusters' AS clusters FROM generate_series(1, 2) x;
SELECT cluster_info(gg_fit(ARRAY[x, x * x, x % 2], 1)) ->> 'clusters' AS clusters FROM generate_series(1, 3) x;

DROP TABLE noise, groups;
