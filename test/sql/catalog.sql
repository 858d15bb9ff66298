-- What the extension brings: every routine is explained, and says the truth of itself.

CREATE TEMP TABLE routines AS
	SELECT p.*, obj_description(p.oid, 'pg_proc') AS comment
	FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
		JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
	WHERE e.extname = 'fuzzyclust';
SELECT count(*) > 20 AS routines, count(*) FILTER (WHERE comment IS NULL OR comment !~ '^[a-z]') AS unexplained,
	count(*) FILTER (WHERE prosecdef) AS definer, count(*) FILTER (WHERE proconfig IS NOT NULL) AS configured FROM routines;

-- all functions except planner support functions and those that run a query, inspect the server or
-- use registries depend only on their arguments and may run in parallel
SELECT DISTINCT regexp_replace(proname, '^(?!cluster_).*_train$', '<algorithm>_train') AS routine FROM routines
WHERE provolatile <> 'i' OR proparallel <> 's' ORDER BY 1;

-- only these take null
SELECT DISTINCT proname FROM routines
WHERE prokind = 'f' AND NOT proisstrict AND proname !~ '_accum$' AND proname !~ '^(?!cluster).*_(options|train)$' ORDER BY proname;

-- names: <algorithm>_fit, _train and _options, and what aggregates need
SELECT DISTINCT proname FROM routines WHERE proname !~ '^cluster_' AND proname ~ '_(fit|train|options|accum)$'
	AND regexp_replace(proname, '_(fit|train|options|accum)$', '') NOT IN (SELECT algorithm FROM cluster_options());

-- aggregates: final functions leave the state as it is, so that windows work
SELECT p.proname FROM pg_aggregate a JOIN routines p ON p.oid = a.aggfnoid WHERE aggfinalmodify <> 'r' OR aggmfinalfn <> 0 OR aggkind <> 'n';
SELECT p.proname AS aggregate, p.pronargs AS arguments, aggtransfn AS transition, aggfinalfn AS final, aggcombinefn <> 0 AS combines,
	aggserialfn <> 0 AS serial
FROM pg_aggregate a JOIN routines p ON p.oid = a.aggfnoid
WHERE p.proname IN ('fcm_fit', 'kmeans_fit', 'cluster_validity') ORDER BY p.proname, p.pronargs;

-- the planner's estimate of the size of a group's state: the rows of a training, up to maintenance_work_mem
SELECT CASE WHEN p.proname ~ '_fit$' THEN 'all _fit' ELSE p.proname END AS aggregate, count(*), a.aggtransspace
FROM pg_aggregate a JOIN routines p ON p.oid = a.aggfnoid GROUP BY 1, 3 ORDER BY 1, 3;

-- any role may call them and read the view; there are no other objects, except for the view's row
-- type from PostgreSQL 18 on
SELECT count(*) FILTER (WHERE NOT has_function_privilege('pg_monitor', oid, 'EXECUTE')) AS barred FROM routines;
SELECT classid::regclass AS catalog, count(*) > 20 AS some
FROM pg_depend d JOIN pg_extension e ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
WHERE e.extname = 'fuzzyclust' AND classid <> 'pg_type'::regclass GROUP BY classid ORDER BY classid::regclass::text;
SELECT obj_description(oid, 'pg_class') ~ '^[a-z]' AS explained, has_table_privilege('pg_monitor', oid, 'SELECT') AS readable
FROM pg_class WHERE relname = 'cluster_progress';
