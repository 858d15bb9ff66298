-- what a picture says, without where it says it

CREATE FUNCTION part(svg text, class text) RETURNS text LANGUAGE sql IMMUTABLE AS
	$$ SELECT substring(svg FROM '<g class="' || class || '".*?\n</g>\n(?!</g>|<g fill)') $$;

CREATE FUNCTION texts(part text) RETURNS text[] LANGUAGE sql IMMUTABLE AS
	$$ SELECT array_agg(m[1] ORDER BY n)
	   FROM regexp_matches(part, '<text[^>]*>([^<]*)</text>', 'g') WITH ORDINALITY r(m, n) $$;

CREATE FUNCTION drawn(svg text, cluster_color text DEFAULT '') RETURNS bigint LANGUAGE sql IMMUTABLE AS
	$$ SELECT count(*)
	   FROM regexp_split_to_table(part(svg, 'points'), '</g>') g, regexp_matches(g, '<(circle|path) ', 'g')
	   WHERE g ~ ('<g fill="' || cluster_color) $$;

-- tags nest, attributes are quoted, no loose < or &
CREATE FUNCTION well_formed(svg text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
	open text[] := '{}';
	m text[];
BEGIN
	FOR m IN SELECT regexp_matches(svg, '<(/?)([a-z]+)((?: [a-zA-Z-]+="[^"<]*")*)(/?)>', 'g') LOOP
		IF m[1] = '/' THEN
			IF open[cardinality(open)] IS DISTINCT FROM m[2] THEN
				RETURN false;
			END IF;
			open := trim_array(open, 1);
		ELSIF m[4] = '' THEN
			open := open || m[2];
		END IF;
	END LOOP;
	svg := regexp_replace(svg, '</?[a-z]+(?: [a-zA-Z-]+="[^"<]*")*/?>', '', 'g');
	RETURN open = '{}' AND svg !~ '[<>]' AND svg !~ '&(?!(lt|gt|amp|quot|#[0-9]+);)'
		AND svg !~ '[^ -~\n]';
END $$;

SELECT well_formed('<a b="c"><d/>&lt;</a>') AS good, well_formed('<a><b></a></b>') AS nesting,
	well_formed('<a b=c></a>') AS quotes, well_formed('<a>&</a>') AS loose;

CREATE TABLE t AS
	SELECT i, 10 * (i % 3) + sin(i) AS x, cos(i) AS y, i % 3 + 1 AS c, 0.4 + 0.6 * abs(sin(i)) AS u
	FROM generate_series(1, 300) i;

CREATE TABLE p AS
	SELECT 'four' AS name, cluster_plot(x, y, c, u ORDER BY i) AS svg FROM t
	UNION ALL
	SELECT 'seven', cluster_plot(x, y, c, u, 'Tom & <Jerry>', 'the "x"', convert_from('\x4772c3b6c39f65', 'UTF8') ORDER BY i) FROM t
	UNION ALL
	SELECT 'null', cluster_plot(x, y, c, u, NULL, NULL, '' ORDER BY i) FROM t;

-- every row is a point, every cluster is in the legend

SELECT name, well_formed(svg), svg ~ '^<svg xmlns="http://www.w3.org/2000/svg" ' AS opens, svg ~ '</svg>\n$' AS closes,
	drawn(svg), texts(part(svg, 'legend'))
FROM p ORDER BY name;

-- three clusters, three colours of 100 points each

SELECT color, drawn(svg, color)
FROM p, (SELECT DISTINCT m[1] AS color FROM p, regexp_matches(part(svg, 'legend'), '<g fill="(.{7})"', 'g') m) colors
WHERE name = 'four' ORDER BY color;

-- texts are escaped; without them the two forms draw the same

SELECT substring(svg FROM '<title>.*</title>') AS name, texts(part(svg, 'title')) AS title, texts(part(svg, 'labels')) AS labels
FROM p WHERE name = 'seven';
SELECT a.svg = b.svg AS same FROM p a, p b WHERE a.name = 'four' AND b.name = 'null';

-- the same rows in the same order give the same text; a white ground comes first

SELECT svg = (SELECT cluster_plot(x, y, c, u ORDER BY i) FROM t) AS same,
	position('fill="#fff"' IN svg) BETWEEN 1 AND position('class="points"' IN svg) AS ground
FROM p WHERE name = 'four';

-- faint points are drawn first, and none is invisible

SELECT min(o) >= 0.15 AS visible, min(o) < max(o) AS varies, bool_and(o >= before) AS rising
FROM (SELECT m[1]::numeric AS o, lag(m[1]::numeric, 1, 0.0) OVER (ORDER BY n) AS before
	  FROM p, regexp_matches(part(svg, 'points'), 'fill-opacity="([0-9.]+)"', 'g') WITH ORDINALITY r(m, n)
	  WHERE name = 'four') q;

SELECT substring(part(cluster_plot(1, 1, 1, 0), 'points') FROM 'fill-opacity="([0-9.]+)"')::numeric >= 0.15 AS visible;

-- the key of membership is there if memberships vary

SELECT texts(part(svg, 'key')) FROM p WHERE name = 'four';
SELECT part(cluster_plot(x, y, c, NULL), 'key') IS NULL AS none FROM t;

-- no membership is membership 1

SELECT cluster_plot(x, y, c, NULL ORDER BY i) = cluster_plot(x, y, c, 1 ORDER BY i) AS same FROM t;

-- no rows, and rows that are left out

SELECT cluster_plot(x, y, c, u) IS NULL AS none FROM t WHERE false;
SELECT cluster_plot(x, y, NULL, u) IS NULL AS none FROM t;
SELECT drawn(cluster_plot(a, b, c, 'NaN')) FROM (VALUES (NULL::float8, 1, 1), (1, NULL, 1), (1, 1, NULL)) v(a, b, c);
SELECT drawn(svg), texts(part(svg, 'legend')) AS legend
FROM (SELECT cluster_plot(nullif(x, 1), nullif(i, 1), nullif(c, 2), u) AS svg
	  FROM (VALUES (1, 2, 1, 1), (2, 1, 1, 1), (2, 2, 2, 1), (3, 3, 3, 1)) v(x, i, c, u)) q;

-- ticks: 1-2-5, and what all labels share is noted once

CREATE TABLE ranges (id serial, low float8, high float8);
INSERT INTO ranges (low, high) VALUES
	(0, 1), (-3, 4), (0, 12345), (0, 7e6), (0, 3e-7), (1e9, 1e9 + 1), (-1e9 - 1, -1e9),
	(1.7e9, 1.7e9 + 86400), (123456, 123457), (0.9999999, 1.0000001), (5, 5), (0, 0), (1e9, 1e9), (-1e-300, -1e-300),
	('-1.7976931348623157e308', '1.7976931348623157e308'), (0, '5e-324'), (1e15, 1e15 + 1), (1990, 2024);

SELECT low, high, replace(texts(part(svg, 'x-ticks'))::text, '&#8722;', '-') AS ticks,
	replace((texts(part(svg, 'notes')))[1], '&#8722;', '-') AS note, well_formed(svg)
FROM (SELECT id, min(v) AS low, max(v) AS high, cluster_plot(v, v, 1, 1) AS svg
	  FROM ranges, unnest(ARRAY[low, high]) v GROUP BY id) q
ORDER BY id;

-- a point at each tick: right of the one before and above it

CREATE FUNCTION numbers(part text, attribute text) RETURNS float8[] LANGUAGE sql IMMUTABLE AS
	$$ SELECT array_agg(m[1]::float8 ORDER BY n)
	   FROM regexp_matches(part, ' ' || attribute || '="([0-9.]+)"', 'g') WITH ORDINALITY r(m, n) $$;

CREATE TABLE line AS SELECT cluster_plot(2 * i, 2 * i, 1, 1) AS svg FROM generate_series(0, 5) i;

SELECT texts(part(svg, 'x-ticks')) AS x, texts(part(svg, 'y-ticks')) AS y FROM line;
SELECT count(*), bool_and(x = point_x) AS x, bool_and(abs(y - point_y - 4.2) < 0.11) AS y,
	bool_and(x > before_x AND y < before_y) AS rising
FROM (SELECT *, lag(x, 1, 0.0) OVER w AS before_x, lag(y, 1, 600.0) OVER w AS before_y
	  FROM line, unnest(numbers(part(svg, 'x-ticks'), 'x'), numbers(part(svg, 'y-ticks'), 'y')) t(x, y),
		   unnest(numbers(part(svg, 'points'), 'cx'), numbers(part(svg, 'points'), 'cy')) p(point_x, point_y)
	  WHERE abs(x - point_x) < 1
	  WINDOW w AS (ORDER BY x)) q;

-- nothing lies outside the picture

SELECT count(*) FILTER (WHERE m[1]::float8 NOT BETWEEN 10 AND 790 OR m[2]::float8 NOT BETWEEN 10 AND 590) AS outside,
	count(*) > 300 AS many
FROM p, regexp_matches(svg, ' c?x="([0-9.]+)" c?y="([0-9.]+)"', 'g') m;

-- beyond 10,000 rows a sample is drawn, of all clusters alike; counts and axes are of all rows

CREATE TABLE big AS
	SELECT cluster_plot(i, -i, i % 2, 1 ORDER BY i) AS svg FROM generate_series(1, 50000) i;

SELECT drawn(svg), abs(drawn(svg, '#0072b2') - 5000) < 300 AS alike, texts(part(svg, 'legend')) AS legend,
	texts(part(svg, 'x-ticks')) AS ticks, substring(svg FROM '[^>]* rows drawn') AS caption,
	length(svg) < 500000 AS short
FROM big;
SELECT count(*) FILTER (WHERE abs(rows - 1000) > 150) AS uneven, count(*) AS tenths
FROM (SELECT count(*) AS rows
	  FROM big, numbers(part(svg, 'x-ticks'), 'x') tick, unnest(numbers(part(svg, 'points'), 'cx')) x
	  GROUP BY width_bucket(x, tick[1], tick[6] + 0.1, 10)) q;
SELECT svg = (SELECT cluster_plot(i, -i, i % 2, 1 ORDER BY i) FROM generate_series(1, 50000) i) AS same FROM big;
SELECT drawn(svg), svg ~ 'rows drawn' AS caption
FROM (SELECT cluster_plot(i, i, 1, 1) AS svg FROM generate_series(1, 10000) i) q;

-- any int is a cluster; the legend is in their order

SELECT texts(part(cluster_plot(i, i, c, 1), 'legend'))
FROM unnest(ARRAY[7, -1, 0, 7, 2147483647, -2147483648]) WITH ORDINALITY v(c, i);

-- 30 clusters fit into the legend; 35 look different

SELECT n, cardinality(texts(part(svg, 'legend'))) AS texts, texts(part(svg, 'legend')) @> ARRAY['30'] AS thirty,
	substring(svg FROM 'and [^<]* more') AS folded,
	(SELECT count(DISTINCT (m[1], CASE m[2] WHEN 'circle' THEN 0 ELSE length(regexp_replace(m[3], '[^L]', '', 'g')) END))
	 FROM regexp_matches(part(svg, 'points'), '<g fill="(.{7})"[^>]*>\n<(circle|path)([^>]*)', 'g') m) AS looks,
	well_formed(svg)
FROM (SELECT n, cluster_plot(i, i, i, 1) AS svg FROM unnest(ARRAY[30, 31, 35, 2000]) n, generate_series(1, n) i GROUP BY n) q
ORDER BY n;

-- a cluster keeps its look when others are missing

SELECT drawn(cluster_plot(x, y, c, 1), '#009e73') FROM t WHERE c <> 2;

-- long texts are broken and cut, and the whole title is kept for readers of the screen

SELECT cardinality(texts(part(svg, 'title'))) AS lines, (texts(part(svg, 'title')))[2] ~ '&#8230;$' AS cut,
	(texts(part(svg, 'labels')))[1] ~ '&#8230;$' AS label_cut, svg ~ ('<title>' || repeat('lorem ipsum ', 100)) AS whole, well_formed(svg)
FROM (SELECT cluster_plot(1, 1, 1, 1, repeat('lorem ipsum ', 100), repeat('x', 1000), repeat('&', 1000)) AS svg) q;

-- characters that XML has no place for

SELECT texts(part(cluster_plot(1, 1, 1, 1, E'a\x01b\tc]]>' || convert_from('\xefbfbe', 'UTF8'), NULL, NULL), 'title'));

-- the texts are those of the first row that counts

SELECT texts(part(cluster_plot(x, 1, 1, 1, title, NULL, NULL ORDER BY n), 'title'))
FROM (VALUES (1, NULL::float8, 'left out'), (2, 1, 'first'), (3, 1, 'second')) v(n, x, title);

-- a plot per group, and a growing one in a window

SELECT c, drawn(cluster_plot(x, y, c, u)) FROM t GROUP BY c ORDER BY c;
SELECT count(*) FILTER (WHERE svg = (SELECT cluster_plot(x, y, c, u ORDER BY i) FROM t WHERE i <= n)) AS same, count(*)
FROM (SELECT i AS n, cluster_plot(x, y, c, u) OVER (ORDER BY i) AS svg FROM t WHERE i <= 50) q;

-- errors

SELECT cluster_plot('NaN', 1, 1, 1);
SELECT cluster_plot(1, '-Infinity', 1, 1);
SELECT cluster_plot(1, 1, 1, 'NaN');
SELECT cluster_plot(1, 1, 1, 1.5);
SELECT cluster_plot(1, 1, 1, -1e-9, 'title', 'x', 'y');
SELECT cluster_plot(i, i, i, 1) FROM generate_series(1, 10001) i;

DROP TABLE t, p, ranges, line, big;
DROP FUNCTION part, texts, drawn, well_formed, numbers;
