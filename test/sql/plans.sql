-- Plans of scans that score many rows: several processes do it

CREATE TABLE many_points AS SELECT ARRAY[i, i % 7]::real[] AS x FROM generate_series(1, 60000) i;
CREATE TABLE point_model AS SELECT kmeans_fit(x, 2) AS model FROM many_points WHERE x[1] < 100;
ANALYZE many_points, point_model;
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;

EXPLAIN (COSTS OFF) SELECT sum(cluster_id((SELECT model FROM point_model), x)) FROM many_points;
EXPLAIN (COSTS OFF) SELECT x FROM many_points WHERE cluster_outlier_score((SELECT model FROM point_model), x) > 3;

DROP TABLE many_points, point_model;
