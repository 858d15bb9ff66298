-- cluster_images: the centers of a model as images, with the rows nearest to them.

-- the images of a figure: the PNG files, their sizes and channels, and a sample of a pixel
CREATE FUNCTION pg_temp.images(svg text) RETURNS TABLE (n bigint, png bytea) LANGUAGE sql IMMUTABLE AS
	$$ SELECT n, decode(m[1], 'base64') FROM regexp_matches(svg, 'href=''data:image/png;base64&#44;([^'']*)''', 'g') WITH ORDINALITY r(m, n) $$;
CREATE FUNCTION pg_temp.width(png bytea) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT get_byte(png, 18) * 256 + get_byte(png, 19) $$;
CREATE FUNCTION pg_temp.height(png bytea) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT get_byte(png, 22) * 256 + get_byte(png, 23) $$;
CREATE FUNCTION pg_temp.channels(png bytea) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT CASE get_byte(png, 25) WHEN 2 THEN 3 ELSE 1 END $$;
CREATE FUNCTION pg_temp.pixel(png bytea, x int, y int, channel int DEFAULT 0) RETURNS int LANGUAGE sql IMMUTABLE AS
	$$ SELECT get_byte(png, 48 + y * (1 + pg_temp.width(png) * pg_temp.channels(png)) + 1 + x * pg_temp.channels(png) + channel) $$;
CREATE FUNCTION pg_temp.try(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE detail text; hint text;
BEGIN
	EXECUTE query;
	RETURN 'no error';
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
	RETURN sqlstate || ': ' || sqlerrm || coalesce(' / ' || nullif(detail, ''), '') || coalesce(' / ' || nullif(hint, ''), '');
END $$;

-- images of three by three pixels: a bright row, column or corner, with some noise that leaves the means alone
CREATE TEMP TABLE images AS
	SELECT i, i % 3 AS class, (SELECT array_agg((CASE i % 3 WHEN 0 THEN (y = 1)::int WHEN 1 THEN (x = 0)::int ELSE (x + y = 4)::int END
			+ 0.01 * (i / 3 - 11) * (1 - 2 * ((x + y) % 2)))::real ORDER BY y, x) FROM generate_series(0, 2) y, generate_series(0, 2) x) AS pixels
	FROM generate_series(3, 65) i;
CREATE TEMP TABLE models AS SELECT kmeans_fit(pixels, 3 ORDER BY i) AS model FROM images;

-- centers alone: an image each, whose pixels are the centers' values; their numbers and weights; a name
SELECT count(*) AS images, bool_and(substr(png, 1, 8) = '\x89504e470d0a1a0a' AND pg_temp.width(png) = 3 AND pg_temp.height(png) = 3 AND pg_temp.channels(png) = 1) AS png,
	bool_and((SELECT bool_and(pg_temp.pixel(png, x, y) = round(255 * least(greatest(center[1 + 3 * y + x], 0), 1))::int) FROM generate_series(0, 2) x, generate_series(0, 2) y)) AS pixels
FROM models, pg_temp.images(cluster_images(model)), cluster_centers(model) WHERE cluster = n;
SELECT svg ~ '^<svg .* role=''img''.*</svg>$' AS svg, svg ~ '<title>Centers of clusters</title>' AS title, svg ~ '>21</text>' AS weight, svg ~ '>3</text>' AS number,
	svg ~ '<title>Center of cluster 3</title>' AS hover, svg ~ '[^ -~]|[,"\\]' AS special, svg = cluster_images(model) AS again
FROM models, cluster_images(model) svg;
SELECT md5(png) FROM models, pg_temp.images(cluster_images(model)) WHERE pg_temp.pixel(png, 0, 1) > 128 AND pg_temp.pixel(png, 1, 1) > 128;

-- with a query: the rows nearest to a center beside it, nearest first, as many as are wanted
SELECT count(*) AS images, count(*) FILTER (WHERE n % 9 = 1) AS centers FROM models, pg_temp.images(cluster_images(model, 'SELECT pixels FROM images'));
SELECT count(*) FROM models, pg_temp.images(cluster_images(model, 'SELECT pixels FROM images', '{"nearest": 2}'));
SELECT count(*) AS rows, bool_and(noise >= before) AS sorted, min(noise) = 0 AS from_the_nearest
FROM (SELECT greatest(pg_temp.pixel(png, 0, 0), pg_temp.pixel(png, 1, 0)) AS noise, lag(greatest(pg_temp.pixel(png, 0, 0), pg_temp.pixel(png, 1, 0)), 1, 0) OVER (ORDER BY n) AS before
	FROM (SELECT kmeans_fit(pixels, 1 ORDER BY i) AS model FROM images WHERE class = 0) m, pg_temp.images(cluster_images(model, 'SELECT pixels FROM images WHERE class = 0')) WHERE n > 1) s;
SELECT count(*) AS nobody FROM models, pg_temp.images(cluster_images(model, 'SELECT pixels FROM images WHERE class = 1'));
SELECT cluster_images(model, 'SELECT pixels FROM images', '{"nearest": 0}') = cluster_images(model) AS same FROM models;
SELECT count(*) FROM models, pg_temp.images(cluster_images(model, options => '{"nearest": 4}'));

-- shapes: three colours, one after the other; not square; values in other ranges, black to white
SELECT pg_temp.width(png) AS width, pg_temp.height(png) AS height, pg_temp.channels(png) AS channels, pg_temp.pixel(png, 1, 0, 0) AS r, pg_temp.pixel(png, 1, 0, 1) AS g, pg_temp.pixel(png, 1, 0, 2) AS b
FROM (SELECT kmeans_fit(ARRAY[0, 1, 0, 0, 0, 0.4, 0, 0.2, 0, 0, 0, 0], 1) AS model) m, pg_temp.images(cluster_images(model, options => '{"channels": 3}'));
SELECT pg_temp.width(png) AS width, pg_temp.height(png) AS height, pg_temp.pixel(png, 0, 0) AS black, pg_temp.pixel(png, 1, 0) AS grey, pg_temp.pixel(png, 3, 1) AS white
FROM (SELECT kmeans_fit(ARRAY[-100, 0, 0, 0, 0, 0, 0, 100], 1) AS model) m, pg_temp.images(cluster_images(model, options => '{"width": 4}'));
SELECT DISTINCT pg_temp.pixel(png, x, 0) AS one FROM (SELECT kmeans_fit(ARRAY[7, 7, 7, 7], 1) AS model) m, pg_temp.images(cluster_images(model)), generate_series(0, 1) x;

-- bytes are pixels over 255; networks know the shape of their images
SELECT pg_temp.pixel(png, 0, 0) AS a, pg_temp.pixel(png, 1, 1) AS b FROM (SELECT kmeans_fit('\x2000ff80'::bytea, 1) AS model) m, pg_temp.images(cluster_images(model));
CREATE TEMP TABLE net AS SELECT dec_fit(ARRAY[i % 2, i % 3, 1, 0, 0.5, i % 2, i % 3, 1, 0, 0.5, 1, 0], 2,
	'{"shape": [3, 1, 4], "hidden": [4], "latent": 2, "pretrain_epochs": 2, "epochs": 1, "batch_size": 8}') AS model FROM generate_series(1, 30) i;
SELECT pg_temp.width(png) AS width, pg_temp.height(png) AS height, pg_temp.channels(png) AS channels, count(*) FROM net, pg_temp.images(cluster_images(model)) GROUP BY 1, 2, 3;
SELECT pg_temp.width(png) AS width, pg_temp.height(png) AS height, pg_temp.channels(png) AS channels, count(*) FROM net, pg_temp.images(cluster_images(model, NULL, '{"width": 6}')) GROUP BY 1, 2, 3;

-- no more than 2 MB: of many clusters the first ones, of many pixels means, fewer rows beside
SELECT length(svg) < 2 * 1024 * 1024 AS bounded, svg ~ '>200 of 300 clusters drawn<' AS says, (SELECT count(*) FROM pg_temp.images(svg)) > 500 AS some
FROM (SELECT kmeans_train('SELECT ARRAY(SELECT ((i * (j + 2)) % 997) / 997.0 FROM generate_series(1, 64) j) FROM generate_series(1, 900) i', 300, '{"max_iterations": 1}') AS model) m,
	cluster_images(model, 'SELECT ARRAY(SELECT ((i * (j + 2)) % 997) / 997.0 FROM generate_series(1, 64) j) FROM generate_series(1, 900) i') svg;
SELECT length(svg) < 2 * 1024 * 1024 AS bounded, svg ~ 'clusters drawn<' AS says, (SELECT min(pg_temp.width(png)) FROM pg_temp.images(svg)) AS width
FROM (SELECT kmeans_train('SELECT ARRAY(SELECT ((i * (j + 2)) % 997) / 997.0 FROM generate_series(1, 12288) j) FROM generate_series(1, 150) i', 150, '{"max_iterations": 1}') AS model) m,
	cluster_images(model, NULL, '{"channels": 3}') svg;
SELECT pg_temp.width(png) AS width, pg_temp.height(png) AS height, pg_temp.pixel(png, 0, 0) AS mean
FROM (SELECT kmeans_fit(ARRAY(SELECT (j % 2)::real FROM generate_series(1, 65000) j), 1) AS model) m, pg_temp.images(cluster_images(model, NULL, '{"width": 260}'));

-- titles are text
SELECT substring(cluster_images(model, NULL, '{"title": "<script>alert(1)</script> & '' , ]]>"}') FROM '<title>[^<]*</title>') AS title FROM models;
SELECT cluster_images(model, NULL, '{"title": "<script>"}') ~ '<script' AS script FROM models;

-- rows that the model does not score are left out; null
SELECT count(*) FROM (SELECT kmeans_fit(pixels, 3, kmeans_options(missing => 'skip') ORDER BY i) AS model FROM images) m,
	pg_temp.images(cluster_images(model, 'SELECT CASE WHEN i % 2 = 0 THEN pixels END FROM images', '{"nearest": 10}'));
SELECT cluster_images(NULL) IS NULL AS null, cluster_images(model, NULL, NULL) = cluster_images(model) AS same FROM models;

-- errors
SELECT pg_temp.try('SELECT cluster_images(kmeans_fit(ARRAY[i, 1, 2], 2)) FROM generate_series(1, 4) i');
SELECT pg_temp.try('SELECT cluster_images(model, NULL, ''{"width": 4}'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, NULL, ''{"width": 20, "channels": 3}'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, NULL, ''{"width": 1.5}'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, NULL, ''{"channels": 2}'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, NULL, ''{"nearest": 11}'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, NULL, ''{"nearest": "8"}'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, NULL, ''{"title": 1}'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, NULL, ''{"height": 3}'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, NULL, ''[1]'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, ''SELECT ARRAY[1, 2]'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, ''SELECT pixels FROM images WHERE false'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, ''DELETE FROM images'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(model, ''SELECT pixels FROM nowhere'') FROM models');
SELECT pg_temp.try('SELECT cluster_images(''digits'')');
