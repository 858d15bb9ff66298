-- options of plots: names, centers, ellipses, logarithmic axes, clipping, hover titles

\i test/sql/include/plot.psql

-- every kind of call finds its function, with a literal, NULL or a value of each type
CREATE TABLE t AS
	SELECT i, 10 * (i % 3) + sin(i) AS x, cos(i) AS y, i % 3 + 1 AS c, 0.4 + 0.6 * abs(sin(i)) AS u
	FROM generate_series(1, 300) i;
SELECT cluster_plot(x, y, c, '{"centers": true}'::jsonb) = cluster_plot(x, y, c, ' {"centers": true}') AS literal,
	cluster_plot(x, y, c, '{"centers": true}'::jsonb) = cluster_plot(x, y, c, 1, '{"centers": true}') AS membership,
	cluster_plot(x, y, c, '{}'::jsonb) = cluster_plot(x, y, c) AS none,
	cluster_plot(x, y, c, NULL::jsonb) = cluster_plot(x, y, c) AS typed_null,
	cluster_plot(x, y, c, NULL) = cluster_plot(x, y, c) AS untyped_null,
	cluster_plot(x, y, c, u, NULL) = cluster_plot(x, y, c, u) AS both_null
FROM t;
SELECT count(DISTINCT svg) AS pictures
FROM (SELECT cluster_plot(i, i, c, u, '{"title": "T", "x_label": "a", "y_label": null}') AS svg FROM t
	UNION ALL SELECT cluster_plot(i, i, c, u, 'T', 'a', NULL) FROM t) q;
PREPARE untyped AS SELECT cluster_plot(x, y, c, u, $1) ~ 'class=''centers''' AS centers FROM t;
EXECUTE untyped('{"centers": true}');
DEALLOCATE untyped;
CREATE DOMAIN settings AS jsonb;
SELECT cluster_plot(x, y, c, '{"centers": true}'::settings) = cluster_plot(x, y, c, '{"centers": true}') AS domain FROM t;
DROP DOMAIN settings;

-- noise is cluster 0: grey, behind all else, and named so in the legend
SELECT texts(part(svg, 'legend')) AS legend, substring(part(svg, 'points') FROM 'fill=''(#.{6})') AS first,
	(SELECT array_agg(DISTINCT m[1]) FROM regexp_matches(part(svg, 'points'), 'fill=''(#8f969e)''.*?</g>', 'g') m) AS grey,
	part(svg, 'points') !~ 'fill=''#0072b2.*fill=''#8f969e' AS behind
FROM (SELECT cluster_plot(i, i % 7, i % 3, 1 - i % 10 / 20.0) AS svg FROM generate_series(1, 60) i) q;
SELECT texts(part(cluster_plot(i, i, i % 2, '{"names": {"0": "others"}}'), 'legend')) AS legend FROM generate_series(1, 4) i;

-- names, of numbers and labels; they are text, and long ones are cut
SELECT n, texts(part(svg, 'legend')) AS legend, well_formed(svg)
FROM (SELECT 1 AS n, cluster_plot(i, i, i % 3 + 1, '{"names": {"1": "low", "3": "<b>&\"", "7": "nobody", "2": ""}}') AS svg FROM generate_series(1, 6) i
	UNION ALL SELECT 2, cluster_plot(i, i, 'c' || i % 2, '{"names": {"c0": "even", "c": "none"}}') FROM generate_series(1, 6) i
	UNION ALL SELECT 3, cluster_plot(i, i, i % 2 = 0, '{"names": {"true": "yes"}}') FROM generate_series(1, 6) i
	UNION ALL SELECT 4, cluster_plot(i, i, repeat('x', 300), jsonb_build_object('names', jsonb_build_object(repeat('x', 300), 'long'))) FROM generate_series(1, 6) i) q
ORDER BY n;
SELECT (texts(part(svg, 'legend')))[3] ~ '&#8230;$' AS cut, svg ~ ('<title>' || repeat('name ', 50) || '</title>') AS whole
FROM (SELECT cluster_plot(i, i, 1, jsonb_build_object('names', jsonb_build_object('1', repeat('name ', 50)))) AS svg FROM generate_series(1, 4) i) q;

-- centers: the weighted means of all rows, in the middle of their marks
CREATE FUNCTION centers(svg text) RETURNS TABLE (x float8, y float8) LANGUAGE sql IMMUTABLE AS
	$$ SELECT m[1]::float8, m[2]::float8
	   FROM regexp_matches(part(svg, 'centers'), '<circle cx=''([0-9.]+)'' cy=''([0-9.]+)'' r=''1.6''', 'g') m $$;
CREATE FUNCTION point_at(svg text, n int) RETURNS TABLE (x float8, y float8) LANGUAGE sql IMMUTABLE AS
	$$ SELECT m[1]::float8, m[2]::float8
	   FROM regexp_matches(part(svg, 'points'), '<circle cx=''([0-9.]+)'' cy=''([0-9.]+)''', 'g') WITH ORDINALITY r(m, i) WHERE i = n $$;
-- three corners with weights 1, 1 and 2: the mean of x is 1/2 of the way, that of y as well
SELECT abs(c.x - (l.x + r.x) / 2) < 0.2 AS x, abs(c.y - (l.y + r.y) / 2) < 0.2 AS y
FROM (SELECT cluster_plot(a, b, 1, w, '{"centers": true}') AS svg FROM (VALUES (0, 0, 0.5), (0, 0, 0.5), (1, 1, 1)) v(a, b, w)) q,
	centers(svg) c, point_at(svg, 1) l, point_at(svg, 2) r;
SELECT count(*) AS centers, part(svg, 'centers') ~ 'center of cluster low' AS named
FROM (SELECT cluster_plot(x, y, c - 1, u, '{"centers": true, "names": {"1": "low"}}') AS svg FROM t) q, centers(svg) GROUP BY svg;
SELECT part(cluster_plot(x, y, c, 0, '{"centers": true, "ellipses": true}'), 'centers') ~ '<circle' AS "of memberships 0" FROM t;

-- ellipses: semi-axes are so many standard deviations, whatever the values are like
CREATE FUNCTION ellipses(svg text) RETURNS TABLE (longer float8, shorter float8, angle float8) LANGUAGE sql IMMUTABLE AS
	$$ SELECT m[1]::float8, m[2]::float8, m[3]::float8
	   FROM regexp_matches(svg, '<ellipse rx=''([0-9.]+)'' ry=''([0-9.]+)'' transform=''translate\([-0-9. ]+\)rotate\(([-0-9.]+)\)''', 'g') m $$;
-- a cross: deviations of x are a, of y 0.5 a, where 2 a is the distance of the points left and right by the square root of two
SELECT scale, shift, abs(longer - (r.x - l.x) / 2 / sqrt(2) * deviations) < 0.2 AS longer, abs(angle) < 0.01 AS flat, count(*) OVER (PARTITION BY scale, shift) AS one
FROM (VALUES (1.0::float8, 0.0::float8), (1e-3, 1e9), (1e150, 0), (1e-150, 0), (1e-300, 0), (8e307, 0), (1, -1e12)) v(scale, shift), (VALUES (1.0), (2.5)) d(deviations),
	LATERAL (SELECT cluster_plot(shift + scale * a, scale * b, 1, jsonb_build_object('ellipses', deviations)) AS svg
		FROM (VALUES (1, 0), (-1, 0), (0, 0.5), (0, -0.5)) p(a, b)) q, ellipses(svg),
	LATERAL (SELECT min(x) AS x FROM generate_series(1, 4) n, point_at(svg, n)) l, LATERAL (SELECT max(x) AS x FROM generate_series(1, 4) n, point_at(svg, n)) r
ORDER BY scale, shift, deviations;
SELECT count(*) AS diagonal, bool_and(angle BETWEEN -45 AND -20 AND shorter = 0.5) AS thin
FROM (SELECT cluster_plot(i, i, 1, '{"ellipses": true}') AS svg FROM generate_series(1, 10) i) q, ellipses(svg);
SELECT name, (SELECT count(*) FROM ellipses(svg)) AS ellipses, well_formed(svg)
FROM (SELECT 'one point' AS name, cluster_plot(1, 1, 1, '{"ellipses": true, "centers": true}') AS svg
	UNION ALL SELECT 'identical', cluster_plot(1e300, 5, 1, '{"ellipses": true, "centers": true}') FROM generate_series(1, 100)
	UNION ALL SELECT 'noise', cluster_plot(i, i % 3, 0, '{"ellipses": true, "centers": true}') FROM generate_series(1, 9) i
	UNION ALL SELECT 'extreme', cluster_plot(i * 1.7e308, 5e-324, 1, '{"ellipses": true, "centers": true}') FROM generate_series(-1, 1) i) q
ORDER BY name;

-- axes have room for them, but for no more than half the extent of the rows at either end; where an axis is cut it stays so
SELECT deviations, clip, texts(part(svg, 'x-ticks')) AS x FROM (VALUES (1, 0), (2, 0), (10, 0), (2, 0.1)) v(deviations, clip), LATERAL (
	SELECT cluster_plot(CASE WHEN i = 1 THEN 1000 ELSE i % 2 * 10 END, i % 4 / 2 * 10, 1, jsonb_build_object('ellipses', deviations, 'clip', clip)) AS svg
	FROM generate_series(CASE WHEN clip > 0 THEN 1 ELSE 2 END, 41) i) q;
SELECT texts(part(svg, 'y-ticks')) AS y FROM (SELECT cluster_plot(1, i % 2 * 10, 1, '{"ellipses": 2}') AS svg FROM generate_series(1, 40) i) q;

-- logarithmic axes: ticks at powers of ten, or at 1, 2 and 5 times one, or as usual; rows without a logarithm are counted
CREATE TABLE ranges (id serial, low float8, high float8);
INSERT INTO ranges (low, high) VALUES (1, 1e6), (0.5, 30), (3, 3), (100, 110), (1, 10), (1e-300, 1e300), (5e-324, 1.7e308), (1e-5, 1e-3), (2e7, 9e8), (1e200, 1.1e200), (1e-200, 1.1e-200), (15, 85);
SELECT low, high, replace(texts(part(svg, 'x-ticks'))::text, '&#8722;', '-') AS x, (texts(part(svg, 'notes')))[1] AS note, well_formed(svg)
FROM (SELECT id, min(v) AS low, max(v) AS high, cluster_plot(v, v, 1, '{"x_axis": "log", "y_axis": "log"}') AS svg
	FROM ranges, unnest(ARRAY[low, high]) v GROUP BY id) q
ORDER BY id;
-- labels do not touch each other, at any number of decades
SELECT min(gap) >= 14 AS apart, count(*) > 200 AS many
FROM (SELECT decades, m[1]::float8 - lead(m[1]::float8) OVER (PARTITION BY decades ORDER BY n) AS gap
	FROM (SELECT decades, cluster_plot(v, v, 1, '{"y_axis": "log"}') AS svg FROM generate_series(0.05, 12, 0.2) decades, LATERAL unnest(ARRAY[1.5, 1.5 * 10 ^ decades]) v GROUP BY decades) q,
		regexp_matches(part(svg, 'y-ticks'), ' y=''([0-9.]+)''', 'g') WITH ORDINALITY r(m, n)) g;
SELECT drawn(svg), replace(substring(svg FROM '>([^>]* left out[^<]*)<'), '&#44;', ',') AS caption, texts(part(svg, 'legend')) AS legend
FROM (SELECT cluster_plot(v, 1, c, '{"x_axis": "log"}') AS svg FROM (VALUES (0::float8, 1), (-1, 1), ('-0', 2), (5, 3), (7, 3)) r(v, c)) q;
SELECT cluster_plot(v, 1, 1, '{"x_axis": "log"}') IS NULL AS none FROM (VALUES (0), (-1)) r(v);
-- a point at each tick
SELECT bool_and(abs(x - point_x) < 0.11) AS at_ticks, count(*)
FROM (SELECT cluster_plot(v, 1, 1, '{"x_axis": "log"}') AS svg FROM unnest(ARRAY[1, 10, 100, 1000, 10000]) v) q,
	unnest((SELECT array_agg(m[1]::float8 ORDER BY n) FROM regexp_matches(part(svg, 'x-ticks'), ' x=''([0-9.]+)''', 'g') WITH ORDINALITY r(m, n)),
		(SELECT array_agg(m[1]::float8 ORDER BY m[1]::float8) FROM regexp_matches(part(svg, 'points'), ' cx=''([0-9.]+)''', 'g') m)) t(x, point_x);

-- clipping: outliers become triangles at the edge, which are counted; without outliers nothing is cut
SELECT texts(part(svg, 'x-ticks')) AS x, substring(svg FROM '>([^>]* beyond the axes[^<]*)<') AS caption, drawn(svg), well_formed(svg)
FROM (SELECT cluster_plot(CASE WHEN i % 100 = 0 THEN i * 1000 ELSE i % 50 END, i % 10, 1, '{"clip": 0.05}') AS svg FROM generate_series(1, 1000) i) q;
SELECT cluster_plot(i % 50, i % 10, 1, '{"clip": 0.05}') = cluster_plot(i % 50, i % 10, 1) AS same FROM generate_series(1, 1000) i;
SELECT cluster_plot(v, v, 1, '{"clip": 0.5}') = cluster_plot(v, v, 1) AS same FROM unnest('{1,1}'::int[]) v;
SELECT texts(part(svg, 'x-ticks')) AS x, substring(svg FROM '>([^>]* beyond the axes[^<]*)<') AS caption
FROM (SELECT cluster_plot(CASE WHEN i = 1 THEN date '1900-01-01' ELSE date '2026-01-01' + i END, i, 1, '{"clip": 0.02, "centers": true, "ellipses": true}') AS svg FROM generate_series(1, 100) i) q;
SELECT substring(svg FROM '>([^>]* centers? beyond the axes[^<]*)<') AS caption, (SELECT count(*) FROM centers(svg)) AS centers
FROM (SELECT cluster_plot(CASE WHEN i > 195 THEN 1e6 ELSE i % 20 END, i % 10, 1 + i / 100, '{"clip": 0.1, "centers": true}') AS svg FROM generate_series(1, 199) i) q;
-- none of them is drawn outside the frame
SELECT bool_and(m[1]::float8 BETWEEN 20 AND 780 AND m[2]::float8 BETWEEN 20 AND 580) AS inside, count(*) > 20 AS many
FROM (SELECT cluster_plot(CASE i % 20 WHEN 0 THEN -1e300 WHEN 1 THEN 1e300 ELSE i % 7 END, CASE i % 25 WHEN 0 THEN -1e300 WHEN 1 THEN 1e300 ELSE i % 7 END,
	i % 3, '{"clip": 0.2, "centers": true, "ellipses": true, "hover": true}') AS svg FROM generate_series(1, 300) i) q,
	regexp_matches(part(svg, 'points'), '[ML]([-0-9.e+]+) ([-0-9.e+]+)', 'g') m;

-- hover: a title for each point, whose texts are text
SELECT n, replace(m[1], '&#183;', '.') AS title
FROM (SELECT 1 AS n, cluster_plot(1.5, -2, 3, 0.25, '{"hover": true}') AS svg
	UNION ALL SELECT 2, cluster_plot(x, 1e10, c, u, '{"hover": true, "x_label": "<script>alert(1)</script>", "names": {"1": "]]>", "2": "\u202eabc"}, "x_axis": "log"}')
		FROM (VALUES (1, 1, 0.5), (1, 1, 0.5), (1000, 2, 1)) v(x, c, u)
	UNION ALL SELECT 3, cluster_plot(date '2026-03-05', timestamp '2026-03-05 12:00:00.25', 'a', '{"hover": true}')
	UNION ALL SELECT 4, cluster_plot(time '12:30', timestamp '0044-03-15 BC', 0, '{"hover": true}')) q,
	regexp_matches(part(svg, 'points'), '<title>(.*?)</title>', 'g') m
ORDER BY n, 2;
-- long texts are cut in them, or a picture of many points would be huge
SELECT drawn(svg), length(svg) < 10000000 AS short
FROM (SELECT cluster_plot(i, i, 1, jsonb_build_object('hover', true, 'x_label', repeat('x', 100000), 'names', jsonb_build_object('1', repeat('n', 100000)))) AS svg FROM generate_series(1, 5000) i) q;
SELECT well_formed(cluster_plot(x, y, c, u, '{"hover": true, "centers": true, "ellipses": true, "clip": 0.1, "x_label": "x, \"\\"}')) FROM t;

-- the picture is the same for any order of the rows, and they are divided as they may
SELECT count(DISTINCT svg) AS pictures
FROM unnest(ARRAY[0, 1, 2]) o,
	LATERAL (SELECT cluster_plot(x * 1e5, y / 3, c, u, '{"centers": true, "ellipses": true, "hover": true, "clip": 0.1}' ORDER BY CASE o WHEN 0 THEN i WHEN 1 THEN -i ELSE i * 7919 % 300 END) AS svg FROM t) q;
SELECT count(*) FILTER (WHERE svg = (SELECT cluster_plot(x, y, c, u, '{"ellipses": true}') FROM t WHERE i <= n)) AS same, count(*)
FROM (SELECT i AS n, cluster_plot(x, y, c, u, '{"ellipses": true}') OVER (ORDER BY i) AS svg FROM t WHERE i <= 40) q;

-- groups may have options of their own
SELECT c, texts(part(cluster_plot(x, y, c, u, jsonb_build_object('title', 'cluster ' || c)), 'title')) FROM t GROUP BY c ORDER BY c;

-- many clusters
SELECT well_formed(svg), drawn(svg) FROM (SELECT cluster_plot(i, i, i, '{"hover": true, "clip": 0.1}') AS svg FROM generate_series(1, 10000) i) q;
SELECT (SELECT count(*) FROM centers(svg)) AS centers FROM (SELECT cluster_plot(i, i, i, '{"centers": true}') AS svg FROM generate_series(1, 1000) i) q;

-- errors
SELECT cluster_plot(1, 1, 1, '{"colour": "red"}'::jsonb);
SELECT cluster_plot(1, 1, 1, '{"Centers": true}');
SELECT cluster_plot(1, 1, 1, '[1]'::jsonb);
SELECT cluster_plot(1, 1, 1, '"x"'::jsonb);
SELECT cluster_plot(1, 1, 1, '{"centers": 1}');
SELECT cluster_plot(1, 1, 1, '{"ellipses": "two"}');
SELECT cluster_plot(1, 1, 1, '{"ellipses": -1}');
SELECT cluster_plot(1, 1, 1, '{"ellipses": 1e400}');
SELECT cluster_plot(1, 1, 1, '{"x_axis": "logarithmic"}');
SELECT cluster_plot(1, 1, 1, '{"y_axis": true}');
SELECT cluster_plot(1, 1, 1, '{"clip": 0.6}');
SELECT cluster_plot(1, 1, 1, '{"clip": [0.1]}');
SELECT cluster_plot(1, 1, 1, '{"names": ["a"]}');
SELECT cluster_plot(1, 1, 1, '{"names": {"1": 2}}');
SELECT cluster_plot(1, 1, 1, '{"names": {"1": {"2": "a"}}}');
SELECT cluster_plot(1, 1, 1, '{"title": {"a": "b"}}');
SELECT cluster_plot(date '2026-01-01', 1, 1, '{"x_axis": "log"}');
SELECT cluster_plot(1, 1, 1, '{}'::json);
SELECT cluster_plot(1, 1, 1, 1, i) FROM (VALUES ('{"hover": true}'::jsonb), ('{}')) v(i);
SELECT cluster_plot(1, 1, 1, i) FROM (VALUES ('{"hover": true}'::jsonb), (NULL)) v(i);
SELECT cluster_plot(i, i, i, '{"centers": true}') FROM generate_series(1, 1001) i;

-- the course of a training
CREATE TABLE models (name text, model bytea);
INSERT INTO models
	SELECT 'fcm', fcm_fit(ARRAY[x, y], 3 ORDER BY i) FROM t UNION ALL
	SELECT 'kmeans', kmeans_fit(ARRAY[x, y], 3 ORDER BY i) FROM t UNION ALL
	SELECT 'tsallis', tsallis_fit(ARRAY[x, y], 3 ORDER BY i) FROM t UNION ALL
	SELECT 'spectral', spectral_fit(ARRAY[x, y], 3 ORDER BY i) FROM t UNION ALL
	SELECT 'dec', dec_fit(ARRAY[x, y], 3, '{"hidden": [4], "latent": 2, "pretrain_epochs": 3, "max_iterations": 4}' ORDER BY i) FROM t UNION ALL
	SELECT 'sample', kmeans_fit(ARRAY[10 * (i % 3) + sin(i), cos(i * 7)], 10, '{"restarts": 3}' ORDER BY i) FROM generate_series(1, 100000) i;
SELECT name, well_formed(svg), (SELECT array_agg(m[1]) FROM regexp_matches(svg, '<g class=''labels''.*?rotate[^>]*>([^<]*)<', 'g') m) AS panels,
	texts(part(svg, 'phases')) AS phases, (SELECT count(DISTINCT m[1]) FROM regexp_matches(svg, 'M[0-9.]+ [0-9.]+L', 'g') m) > 0 AS lines
FROM (SELECT name, cluster_plot_history(model) AS svg FROM models) q ORDER BY name;
SELECT substring(cluster_plot_history(model, '{"title": "a <b>"}') FROM '<title[^>]*>([^<]*)') AS title,
	cluster_plot_history(model, '{"y_axis": "log"}') <> cluster_plot_history(model, '{"y_axis": "linear"}') AS scales,
	cluster_plot_history(model, NULL) = cluster_plot_history(model) AS nothing, cluster_plot_history(NULL) IS NULL AS none
FROM models WHERE name = 'fcm';
SELECT cluster_plot_history(model, '{"clip": 1}') FROM models WHERE name = 'fcm';
SELECT cluster_plot_history(model, '{"y_axis": "sqrt"}') FROM models WHERE name = 'fcm';
SELECT cluster_plot_history(model, '{"title": 1}') FROM models WHERE name = 'fcm';
SELECT cluster_plot_history(model, '[]') FROM models WHERE name = 'fcm';
SELECT cluster_plot_history('\x00');
-- a model from elsewhere may have any numbers in its history
SELECT n, well_formed(svg), svg ~* 'inf|nan' AS infinite, texts(part(svg, 'x-ticks')) AS ticks
FROM (VALUES (1, '[1e308, 1e308, 1e308]'), (2, '[-1e308, -1e308, 1], [1, 2, 3], [1, 1e-300, 2]'), (3, '[0, 0, 0]'), (4, '[5, 1, 0], [4, 2, 1], [-3, 3, 2]'),
	(5, '[1, 1, 1], [2, -1.7e308, 1], [3, 1.7e308, 1e-320]'), (6, '[1, 3, 1], [2, 2, 0], [3, 1, 0]'), (7, '[2147483647, 1, 1], [1, 1, 1]')) v(n, history),
	LATERAL (SELECT cluster_plot_history(cluster_from_json(jsonb_set(cluster_to_json(model), '{history}', ('[' || history || ']')::jsonb))) AS svg FROM models WHERE name = 'fcm') q
ORDER BY n;

DROP TABLE t, ranges, models;
DROP FUNCTION part, texts, drawn, well_formed, centers, point_at, ellipses;
