-- Plans of scans that score many rows: several processes do it

CREATE TABLE many_points AS SELECT ARRAY[i, i % 7]::real[] AS x FROM generate_series(1, 60000) i;
CREATE TABLE point_model AS SELECT kmeans_fit(x, 2) AS model FROM many_points WHERE x[1] < 100;
ANALYZE many_points, point_model;
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;

CREATE FUNCTION is_parallel(query text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
	plan json;
BEGIN
	EXECUTE 'EXPLAIN (FORMAT json) ' || query INTO plan;
	RETURN plan::text LIKE '%Gather%';
END
$$;

SELECT call, is_parallel(format('SELECT count(%s) FROM many_points', format(call, '(SELECT model FROM point_model)')))
FROM unnest(ARRAY['cluster_id(%s, x)', 'cluster_membership(%s, x)', 'cluster_distance(%s, x)', 'cluster_outlier_score(%s, x)']) call;
SELECT is_parallel('SELECT x FROM many_points WHERE cluster_id((SELECT model FROM point_model), x) = 2') AS filter;

DROP FUNCTION is_parallel;
DROP TABLE many_points, point_model;
