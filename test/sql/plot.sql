-- the contents of a picture, without positions

\i test/sql/include/plot.psql

SELECT well_formed('<a b=''c''><d/>&lt;</a>') AS good, well_formed('<a><b></a></b>') AS nesting,
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

SELECT name, well_formed(svg), svg ~ '^<svg xmlns=''http://www.w3.org/2000/svg'' ' AS opens, svg ~ '</svg>$' AS closes,
	drawn(svg), texts(part(svg, 'legend'))
FROM p ORDER BY name;

-- three clusters, three colours of 100 points each

SELECT color, drawn(svg, color)
FROM p, (SELECT DISTINCT m[1] AS color FROM p, regexp_matches(part(svg, 'legend'), '<g fill=''(.{7})''', 'g') m) colors
WHERE name = 'four' ORDER BY color;

-- texts are escaped; without them the two forms draw the same

SELECT substring(svg FROM '<title>.*</title>') AS name, texts(part(svg, 'title')) AS title, texts(part(svg, 'labels')) AS labels
FROM p WHERE name = 'seven';
SELECT a.svg = b.svg AS same FROM p a, p b WHERE a.name = 'four' AND b.name = 'null';

-- the same rows in the same order give the same text; a white ground comes first

SELECT svg = (SELECT cluster_plot(x, y, c, u ORDER BY i) FROM t) AS same,
	position('fill=''#fff''' IN svg) BETWEEN 1 AND position('class=''points''' IN svg) AS ground
FROM p WHERE name = 'four';

-- faint points are drawn first, and none is invisible

SELECT min(o) >= 0.15 AS visible, min(o) < max(o) AS varies, bool_and(o >= before) AS rising
FROM (SELECT m[1]::numeric AS o, lag(m[1]::numeric, 1, 0.0) OVER (ORDER BY n) AS before
	  FROM p, regexp_matches(part(svg, 'points'), 'fill-opacity=''([0-9.]+)''', 'g') WITH ORDINALITY r(m, n)
	  WHERE name = 'four') q;

SELECT substring(part(cluster_plot(1, 1, 1, 0), 'points') FROM 'fill-opacity=''([0-9.]+)''')::numeric >= 0.15 AS visible;

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

-- ticks: 1-2-5, and the common part of all labels is noted once

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
	   FROM regexp_matches(part, ' ' || attribute || '=''([0-9.]+)''', 'g') WITH ORDINALITY r(m, n) $$;

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
FROM p, regexp_matches(svg, ' c?x=''([0-9.]+)'' c?y=''([0-9.]+)''', 'g') m;

-- beyond 10,000 rows a sample is drawn, of all clusters equally; counts and axes refer to all rows

CREATE TABLE big AS
	SELECT cluster_plot(i, -i, i % 2, 1 ORDER BY i) AS svg FROM generate_series(1, 50000) i;

SELECT drawn(svg), abs(drawn(svg, '#0072b2') - 5000) < 300 AS alike, texts(part(svg, 'legend')) AS legend,
	texts(part(svg, 'x-ticks')) AS ticks, replace(substring(svg FROM '[^>]* rows drawn'), '&#44;', ',') AS caption,
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
	replace(substring(svg FROM 'and [^<]* more'), '&#44;', ',') AS folded,
	(SELECT count(DISTINCT (m[1], CASE m[2] WHEN 'circle' THEN 0 ELSE length(regexp_replace(m[3], '[^L]', '', 'g')) END))
	 FROM regexp_matches(part(svg, 'points'), '<g fill=''(.{7})''[^>]*><(circle|path)([^>]*)', 'g') m) AS looks,
	well_formed(svg)
FROM (SELECT n, cluster_plot(i, i, i, 1) AS svg FROM unnest(ARRAY[30, 31, 35, 2000]) n, generate_series(1, n) i GROUP BY n) q
ORDER BY n;

-- a cluster keeps its style when others are missing

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

-- with and without memberships, title and labels

SELECT cluster_plot(x, y, c ORDER BY i) = cluster_plot(x, y, c, NULL ORDER BY i) AS same,
	cluster_plot(x, y, c, 'Title', 'x', NULL ORDER BY i) = cluster_plot(x, y, c, 1, 'Title', 'x', NULL ORDER BY i) AS titled FROM t;

-- any type of number

CREATE DOMAIN small AS int2;
SELECT count(*) AS types, count(DISTINCT svg) AS pictures
FROM (SELECT unnest(ARRAY[cluster_plot(i, -i, i % 2, 1 ORDER BY i), cluster_plot(i::float8, (-i)::real, (i % 2)::bigint, 1::real ORDER BY i),
		cluster_plot(i::numeric, (-i)::bigint, (i % 2)::numeric, 1.0 ORDER BY i), cluster_plot(i::small, (-i)::small, (i % 2)::small, 1::small ORDER BY i),
		cluster_plot(i::bigint, (-i)::int2, (i % 2)::float8, 1::bigint ORDER BY i)]) AS svg FROM generate_series(1, 20) i) q;
DROP DOMAIN small;
SELECT texts(part(cluster_plot(i, i, c), 'legend'))
FROM unnest(ARRAY[9223372036854775807, -9223372036854775808, 3]) WITH ORDINALITY v(c, i);

-- labels: in their order, whatever that of the rows, and so are the colours

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
SELECT n, texts(part(svg, 'legend')) AS legend, well_formed(svg), (SELECT string_agg(m[1], ' ') FROM regexp_matches(part(svg, 'legend'), 'fill=''(#.{6})''><', 'g') m) AS colors
FROM (SELECT 1 AS n, cluster_plot(i, i, 'c' || i % 3 ORDER BY i) AS svg FROM generate_series(1, 6) i
	UNION ALL SELECT 2, cluster_plot(i, i, 'c' || i % 3 ORDER BY i DESC) FROM generate_series(1, 6) i
	UNION ALL SELECT 3, cluster_plot(i, i, i % 3 = 0) FROM generate_series(1, 6) i
	UNION ALL SELECT 4, cluster_plot(i, i, ('{sad,ok,happy}'::mood[])[i % 3 + 1]) FROM generate_series(1, 6) i
	UNION ALL SELECT 5, cluster_plot(i, i, (ARRAY['', '<b>&', '"it''s"', NULL, ' ', '1'])[i]) FROM generate_series(1, 6) i
	UNION ALL SELECT 6, cluster_plot(i, i, ('{x,y}'::char(5)[])[i % 2 + 1]) FROM generate_series(1, 6) i
	UNION ALL SELECT 7, cluster_plot(1, 2, 'literal')
	UNION ALL SELECT 8, cluster_plot(i, i, date '2026-03-05' + i % 2) FROM generate_series(1, 6) i
	UNION ALL SELECT 9, cluster_plot(i, i, E'a\x01\nb\t' || convert_from('\xf09f9880', 'UTF8')) FROM generate_series(1, 6) i) q
ORDER BY n;
DROP TYPE mood;

-- long ones are cut, but stay apart

SELECT cardinality(texts(part(svg, 'legend'))) / 2 - 1 AS clusters, (texts(part(svg, 'legend')))[3] ~ '&#8230;$' AS cut, well_formed(svg), length(svg) < 5000 AS short
FROM (SELECT cluster_plot(i, i, repeat(U&'\00e9\4e2d', 100000) || i % 2) AS svg FROM generate_series(1, 4) i) q;
SELECT texts(part(svg, 'legend')) @> '{"and 970 more"}' AS folded, drawn(svg)
FROM (SELECT cluster_plot(i, i, 'label ' || i) AS svg FROM generate_series(1, 1000) i) q;

-- dates and times: ticks at whole units, the year or the day once

SET timezone = 'Europe/Berlin';
SET datestyle = 'German';
CREATE TABLE times (id serial, low timestamp, high timestamp);
INSERT INTO times (low, high) VALUES
	('2026-03-05 12:00:00', '2026-03-05 12:00:00.00001'), ('2026-03-05 12:00', '2026-03-05 12:00:00.5'), ('2026-03-05 12:00', '2026-03-05 12:00:07'),
	('2026-03-05 12:00', '2026-03-05 12:09'), ('2026-03-05', '2026-03-05 23:59'), ('2026-03-05 20:00', '2026-03-06 02:00'), ('2025-12-31 20:00', '2026-01-01 02:00'),
	('2026-03-05', '2026-03-12'), ('2026-02-05', '2026-04-12'), ('2025-12-05', '2026-01-15'), ('2026-01-01', '2026-12-31'), ('2024-05-01', '2026-04-30'),
	('2019-05-01', '2026-04-30'), ('1990-01-01', '2024-01-01'), ('0044-03-15 BC', '0014-08-19'), ('4713-11-24 BC', '4713-11-25 BC'), ('4713-11-24 BC', '294276-12-31'),
	('294276-12-31 23:59', '294276-12-31 23:59:59'), ('2026-03-05 12:00', '2026-03-05 12:00'), ('1999-12-31 23:59:59.9', '2000-01-01 00:00:00.1');
SELECT id, texts(part(svg, 'x-ticks')) AS ticks, texts(part(svg, 'notes')) AS notes, well_formed(svg)
FROM (SELECT id, cluster_plot(v, 1, 1) AS svg FROM times, unnest(ARRAY[low, high]) v GROUP BY id) q ORDER BY id;
SELECT id, texts(part(svg, 'y-ticks')) AS ticks, texts(part(svg, 'notes')) AS notes
FROM (SELECT id, cluster_plot(1, v::date, 1) AS svg FROM times, unnest(ARRAY[low, high]) v WHERE id > 7 GROUP BY id) q ORDER BY id;
SELECT texts(part(cluster_plot(d, 1, 1), 'x-ticks')) AS ticks FROM unnest('{4714-11-24 BC,5874897-12-31}'::date[]) d;
SELECT texts(part(svg, 'x-ticks')) AS ticks, texts(part(svg, 'notes')) AS notes
FROM (SELECT cluster_plot('2026-03-29 00:00+01'::timestamptz + i * '1 hour'::interval, 1, 1) AS svg FROM generate_series(0, 6) i) q;
SET timezone = 'America/New_York';
SELECT texts(part(svg, 'x-ticks')) AS ticks, texts(part(svg, 'notes')) AS notes
FROM (SELECT cluster_plot('2026-03-29 00:00+01'::timestamptz + i * '1 hour'::interval, 1, 1) AS svg FROM generate_series(0, 6) i) q;
SELECT texts(part(svg, 'x-ticks')) AS ticks, texts(part(svg, 'notes')) AS notes
FROM (SELECT cluster_plot(t, t, 1) AS svg FROM unnest('{08:00,24:00,00:00}'::time[]) t) q;
RESET timezone;
RESET datestyle;
DROP TABLE times;

-- a file has the whole picture, whatever wrote it

CREATE TABLE picture AS SELECT cluster_plot(x, y, 'c, "' || c, u, E'a\tb\nc\\d', 'x, y', '''' ORDER BY i) AS svg FROM t;
COPY picture TO PROGRAM 'cat > cluster_plot_test.svg';
SELECT pg_read_file('cluster_plot_test.svg') = svg || E'\n' AS text FROM picture;
COPY picture TO PROGRAM 'cat > cluster_plot_test.svg' WITH (FORMAT csv);
SELECT pg_read_file('cluster_plot_test.svg') = svg || E'\n' AS csv FROM picture;
COPY (SELECT) TO PROGRAM 'rm cluster_plot_test.svg';
DROP TABLE picture;

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
SELECT cluster_plot(i, i, 'c' || i) FROM generate_series(1, 10001) i;
SELECT cluster_plot(1, 'x', 1);
SELECT cluster_plot('x'::text, 1, 1);
SELECT cluster_plot(1, true, 1);
SELECT cluster_plot('1 day'::interval, 1, 1);
SELECT cluster_plot(1, 1, 1, now());
SELECT cluster_plot(1, 1, 1.5);
SELECT cluster_plot(1, 1, 1e30);
SELECT cluster_plot(1, 1, 'NaN'::float8);
SELECT cluster_plot('infinity'::timestamp, 1, 1);
SELECT cluster_plot(1, '-infinity'::date, 1);
SELECT cluster_plot('infinity'::timestamptz, 1, 1);
SELECT cluster_plot('NaN'::numeric, 1, 1);
SELECT cluster_plot(1e400, 1, 1);
SELECT cluster_plot(1, 1, 1, 1, 1, 1);

DROP TABLE t, p, ranges, line, big;
DROP FUNCTION part, texts, drawn, well_formed, numbers;
