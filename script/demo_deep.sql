-- demo_deep.sql - a network learns shapes, for script/demo --deep
--
-- Runs in the top directory, in an empty database with the extension, and writes
-- pictures to demo-output/.  What it prints is the same on every run on the same
-- machine; another processor may round differently, and the last digits move.

\pset footer off
\timing off

\echo
\echo '== 1. 6,000 small images of eight shapes, drawn in SQL =='
\echo

-- uniform random numbers, made by hashing: the same everywhere
CREATE FUNCTION uniform(id bigint, stream int) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql
AS 'SELECT ((hashint8extended(id, stream) & 4294967295) + 0.5) / 4294967296';

-- how far (u, v) is from the lines of a shape, which fills about -1 to 1; v points down
CREATE FUNCTION distance(kind text, u float8, v float8) RETURNS float8 IMMUTABLE PARALLEL SAFE LANGUAGE sql
AS $$
SELECT CASE kind
	WHEN 'ring' THEN abs(sqrt(u * u + v * v) - 0.85)
	WHEN 'disc' THEN sqrt(u * u + v * v) - 0.7
	WHEN 'H' THEN least(greatest(abs(abs(u) - 0.7), abs(v) - 0.9), greatest(abs(v), abs(u) - 0.7))
	WHEN 'triangle' THEN abs(greatest(v, 0.866 * abs(u) - 0.5 * v) - 0.5)
	WHEN 'plus' THEN least(greatest(abs(u), abs(v) - 1), greatest(abs(v), abs(u) - 1))
	WHEN 'cross' THEN least(greatest(abs(u + v) / 1.414, abs(u - v) / 1.414 - 1), greatest(abs(u - v) / 1.414, abs(u + v) / 1.414 - 1))
	WHEN 'T' THEN least(greatest(abs(v + 0.8), abs(u) - 0.9), greatest(abs(u), abs(v) - 0.9))
	WHEN 'L' THEN least(greatest(abs(u + 0.6), abs(v) - 0.9), greatest(abs(v - 0.8), abs(u) - 0.8))
END $$;

CREATE TABLE shapes (id int PRIMARY KEY, kind text, pixels real[]);

\echo 'drawing them: 16 x 16 grey levels, with random position, rotation, size and stroke width, and noise ...'
INSERT INTO shapes
SELECT id, kind, array_agg((greatest(0, least(1, ink + 0.3 * (uniform(id * 256 + y * 16 + x, 7) - 0.5))))::real ORDER BY y, x)
FROM (SELECT id, (ARRAY['ring', 'disc', 'H', 'triangle', 'plus', 'cross', 'T', 'L'])[id % 8 + 1] AS kind,
		7.5 + 4 * (uniform(id, 1) - 0.5) AS cx, 7.5 + 4 * (uniform(id, 2) - 0.5) AS cy, 4.5 + 1.5 * uniform(id, 3) AS size,
		radians(30 * (uniform(id, 4) - 0.5)) AS angle, 0.1 + 0.15 * uniform(id, 5) AS width, 0.6 + 0.4 * uniform(id, 6) AS bright
	FROM generate_series(1, 6000) AS id) AS images,
	generate_series(0, 15) AS y, generate_series(0, 15) AS x,
	LATERAL (SELECT ((x - cx) * cos(angle) + (y - cy) * sin(angle)) / size AS u, ((y - cy) * cos(angle) - (x - cx) * sin(angle)) / size AS v) AS turned,
	LATERAL (SELECT bright * greatest(0, least(1, 1 - (distance(kind, u, v) - width) * 4)) AS ink) AS drawn
GROUP BY id, kind;
ANALYZE shapes;

CREATE TABLE models (name text PRIMARY KEY, model bytea NOT NULL);

\echo
\echo '== 2. A network finds the shapes, without labels =='
\echo
\echo 'dfmec_train(''SELECT pixels FROM shapes ORDER BY id'', 8, dfmec_options(shape => ''{1,16,16}''))'
\echo 'It learns to reconstruct the images from codes of ten numbers each, and then to move these codes towards eight centers.'
\timing on
INSERT INTO models SELECT 'dfmec', dfmec_train('SELECT pixels FROM shapes ORDER BY id', 8, dfmec_options(shape => '{1,16,16}'));
\timing off

\echo
\echo 'For comparison, k-means and fuzzy c-means on the grey levels themselves:'
INSERT INTO models SELECT 'kmeans', kmeans_fit(pixels, 8, kmeans_options(restarts => 10) ORDER BY id) FROM shapes;
INSERT INTO models SELECT 'fcm', fcm_fit(pixels, 8, fcm_options(fuzzifier => 1.1) ORDER BY id) FROM shapes;
CREATE TABLE found AS
SELECT name, id, kind, s.cluster, s.membership FROM models, shapes, cluster_set(model, pixels, top_n => 1) AS s;

SELECT name, cluster_accuracy(kind, cluster)::numeric(4,3) AS accuracy, cluster_nmi(kind, cluster)::numeric(4,3) AS nmi
FROM found GROUP BY name ORDER BY cluster_accuracy(kind, cluster) DESC;

\echo 'The course of the training.  Moving the codes costs some accuracy of the reconstruction:'
SELECT phase, iteration AS epoch, reconstruction_loss::numeric(7,5), clustering_loss::numeric(7,5)
FROM models, cluster_history(model) WHERE name = 'dfmec' AND (iteration IN (1, 10, 50, 150) OR phase = 'cluster') ORDER BY iteration;

\echo 'Which shapes are in which cluster:'
SELECT cluster, string_agg(kind || ' ' || images, ', ' ORDER BY images DESC, kind) AS shapes
FROM (SELECT cluster, kind, count(*) AS images FROM found WHERE name = 'dfmec' GROUP BY 1, 2) AS c GROUP BY cluster ORDER BY cluster;

\echo
\echo '== 3. The centers that the network has learned =='
\echo

-- decoded, with the images nearest to each
SELECT cluster_images(model, 'SELECT pixels FROM shapes ORDER BY id', '{"width": 16, "title": "Centers of dfmec, decoded, and the images nearest to them"}')
FROM models WHERE name = 'dfmec'
\g (format=unaligned tuples_only=on) demo-output/shapes_centers.svg

-- codes have ten numbers; a map of them has the two axes along which they differ most
SELECT cluster_plot(at[1], at[2], cluster, membership, 'Codes of 6,000 images, dfmec with 8 clusters', 'first principal component', 'second' ORDER BY id)
FROM shapes JOIN found USING (id, kind) JOIN models USING (name), LATERAL cluster_project(model, pixels) AS at WHERE name = 'dfmec'
\g (format=unaligned tuples_only=on) demo-output/shapes_codes.svg

\echo
\echo '== 4. A report: all of this on one page =='
\echo
SELECT cluster_report(model, 'SELECT pixels, kind, id FROM shapes', 'kind', '{"title": "Shapes, dfmec with 8 clusters", "key": "id"}')
FROM models WHERE name = 'dfmec'
\g (format=unaligned tuples_only=on) demo-output/shapes.html

\echo 'Plots and the report shapes.html, to be opened in a browser (as with xdg-open demo-output/shapes.html):'
