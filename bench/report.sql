-- the tables of bench/run, those that have lines

\pset footer off
\pset null ''

SELECT EXISTS (SELECT FROM bench.result) AS results,
	EXISTS (SELECT FROM bench.result WHERE name LIKE 'GROUP BY%') AS groups,
	EXISTS (SELECT FROM bench.iteration) AS iterations \gset

\if :results
\echo
\echo 'Whole statements: median and least seconds, and times the bare scan before each run'
\echo '(medians of the ratios, by the wall clock and by processor time; the limit is for the former)'
\echo
SELECT name, type, rows, dims, clusters AS k,
	CASE WHEN spilled > 0 THEN round(spilled / 1e6) END AS "spilled MB",
	round(bench.median(seconds)::numeric, 3) AS seconds,
	round(bench.least(seconds)::numeric, 3) AS least,
	round((rows / bench.median(seconds))::numeric) AS "rows/s",
	round(bench.ratio(seconds, scan)::numeric, 2) AS "x scan",
	round(bench.ratio(cpu, scan_cpu)::numeric, 2) AS "x scan cpu",
	most AS "limit",
	CASE WHEN bench.ratio(seconds, scan) <= most THEN 'PASS' WHEN most IS NOT NULL THEN 'over' END AS verdict
FROM bench.result ORDER BY id;
\endif

\if :groups
\echo 'Groups of 100 rows: is the time linear in their number?'
\echo
SELECT name, round((bench.least(seconds) / rows * 100 * 1e6)::numeric, 1) AS "us a group",
	round((bench.least(seconds) / rows /
		   (SELECT bench.least(seconds) / rows FROM bench.result WHERE name = 'GROUP BY, 1000 groups'))::numeric, 2)
		AS "to that of 1000"
FROM bench.result WHERE name LIKE 'GROUP BY%' ORDER BY id;
\endif

\echo 'One core of this machine at most: operations a nanosecond on single features, and GB/s'
\echo
SELECT what, variant AS "for", type, value FROM bench.machine
WHERE variant = (SELECT variant FROM bench.machine WHERE what = 'memory GB/s');

\if :iterations
\echo 'An iteration inside the server: 40 of them less 20, over their difference, least of each (processor time); the limit is the'
\echo 'larger of arithmetic (dims x k subtractions and twice as many multiply-adds) and of reading the rows once'
\echo
SELECT i.name, i.type, i.rows, i.dims, i.clusters AS k,
	round((cost.ns * rows / 1e6)::numeric, 1) AS "ms", round(cost.ns::numeric, 2) AS "ns/row",
	round(best.arithmetic::numeric, 2) AS arithmetic, round(best.memory::numeric, 2) AS memory,
	round((100 * greatest(best.arithmetic, best.memory) / cost.ns)::numeric) AS "% of limit",
	round((cost.ns / (SELECT (bench.least(f.many) - bench.least(f.few)) / f.more / f.rows * 1e9
					  FROM bench.iteration f WHERE f.name = 'fcm m = 2' AND f.type = i.type))::numeric, 2) AS "x fcm m = 2"
FROM bench.iteration i,
	LATERAL (SELECT (bench.least(many) - bench.least(few)) / more / rows * 1e9) AS cost(ns),
	LATERAL (SELECT dims * clusters / a.value, dims * i.bytes / m.value
			 FROM bench.machine a, bench.machine m
			 WHERE m.what = 'memory GB/s' AND a.what = 'sub+2fma' AND a.variant = m.variant AND a.type = i.type)
		AS best(arithmetic, memory)
ORDER BY id;
\endif
