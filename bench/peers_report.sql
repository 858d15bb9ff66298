-- the table of the peers, each against ours on rows of the same type

\pset footer off
\echo 'Peers on the same rows, from the same first centers, one thread: ms an iteration'
\echo
SELECT p.peer, p.algorithm, p.type, round(p.ms::numeric, 1) AS "ms",
	round(ours.ms::numeric, 1) AS "fuzzyclust", round((p.ms / ours.ms)::numeric, 1) AS times
FROM bench.peer p,
	LATERAL (SELECT (bench.least(many) - bench.least(few)) / 20 * 1000 FROM bench.iteration i
			 WHERE i.name = p.algorithm || ', given centers' AND i.type = p.type) AS ours(ms)
ORDER BY 1, 3;
