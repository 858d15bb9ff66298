-- a model for each of many small groups; the index gives the rows in order, so that no sort is measured

SET enable_seqscan = off;
SET enable_bitmapscan = off;

CREATE PROCEDURE bench.measure_groups(groups int) LANGUAGE plpgsql
	AS $$
	BEGIN
		CALL bench.measure(format('GROUP BY, %s groups', groups), 'grouped', 3, 'count(model)',
			source => format('(SELECT fcm_fit(features, 3) AS model FROM bench.grouped WHERE grp < %s GROUP BY grp) g', groups),
			scan => format('SELECT count(s) FROM (SELECT sum(features[1]) AS s FROM bench.grouped WHERE grp < %s GROUP BY grp) g', groups),
			rows => 100 * groups);
	END
	$$;

CALL bench.measure_groups(100);
CALL bench.measure_groups(1000);
CALL bench.measure_groups(10000);
