-- Options: the builders, objects by hand, the effect of each option, and errors.

\i test/sql/include/iris.psql

-- every algorithm has one builder and three aggregates, and nothing else has
CREATE TEMP TABLE algorithms AS SELECT DISTINCT algorithm FROM cluster_options();
SELECT algorithm FROM algorithms
WHERE (SELECT count(*) FROM pg_proc WHERE proname = algorithm || '_options' AND prorettype = 'jsonb'::regtype) <> 1
	OR (SELECT count(*) FROM pg_proc WHERE proname = algorithm || '_fit' AND prokind = 'a') <> 3;
SELECT proname FROM pg_proc WHERE proname ~ '_(fit|options)$' AND proname <> 'cluster_options' AND pronamespace = 'public'::regnamespace
	AND regexp_replace(proname, '_(fit|options)$', '') NOT IN (SELECT algorithm FROM algorithms);

-- the builders agree with the table of options: the same order, types and defaults
CREATE TEMP TABLE arguments AS
	SELECT p.proname, a.n, a.words[1] AS option, btrim(a.words[2], '"') AS type, nullif(a.words[3], 'NULL') AS initial
	FROM pg_proc p, LATERAL (SELECT n, regexp_match(argument, '^"?(\w+)"? ([^D]*) DEFAULT ''?([^'':]+)') AS words
		FROM unnest(string_to_array(pg_get_function_arguments(p.oid), ', ')) WITH ORDINALITY t(argument, n)) a
	WHERE p.proname ~ '_options$' AND p.prorettype = 'jsonb'::regtype;
CREATE TEMP TABLE compared AS
	SELECT o.algorithm, o.option AS told, o.type AS told_type, CASE WHEN 'auto' = ANY (o.choices) THEN o.default_value ELSE nullif(o.default_value, 'auto') END AS told_initial, o.choices, o.description, a.*
	FROM (SELECT *, row_number() OVER (PARTITION BY algorithm ORDER BY n) AS place
			FROM cluster_options() WITH ORDINALITY t(algorithm, option, type, default_value, min, max, choices, description, n)) o
		FULL JOIN arguments a ON a.proname = o.algorithm || '_options' AND a.n = o.place;
SELECT algorithm, told, option FROM compared WHERE told IS DISTINCT FROM option OR told_type IS DISTINCT FROM type;
SELECT algorithm, option, told_initial, initial FROM compared WHERE told_initial IS DISTINCT FROM initial
	AND NOT (told_type = 'double precision' AND told_initial::float8 = initial::float8);
SELECT algorithm, option FROM compared WHERE (type = 'text') <> (choices IS NOT NULL OR option = 'weight') AND type <> 'any' OR description IS NULL OR description = '';
SELECT count(*) FROM compared WHERE algorithm IN ('kmeans', 'fcm');

-- the table of one algorithm, and of all
SELECT option, type, default_value, choices FROM cluster_options('fcm') ORDER BY option;
SELECT option, min, max FROM cluster_options('kmeans') WHERE type ~ 'double|bigint' AND option <> 'seed' ORDER BY option;
SELECT count(DISTINCT t) AS tables FROM (SELECT array_agg(option ORDER BY n) AS t FROM algorithms,
	cluster_options(algorithm) WITH ORDINALITY t(algorithm, option, type, default_value, min, max, choices, description, n)
	WHERE option IN ('seed', 'max_iterations', 'tolerance', 'restarts', 'init', 'scale', 'missing', 'too_few') GROUP BY algorithms.algorithm) t;

-- what builders give: defaults and nulls are left out
SELECT fcm_options(), kmeans_options(), fcm_options(fuzzifier => NULL, seed => NULL, max_iterations => NULL, tolerance => NULL,
	restarts => NULL, init => NULL::text, scale => NULL, missing => NULL, too_few => NULL) AS nulls;
SELECT fcm_options(fuzzifier => NULL, seed => 0, max_iterations => 1000, tolerance => 1e-10, restarts => NULL,
	init => 'kmeans++'::text, scale => 'none', missing => 'error', too_few => 'error') AS defaults;
SELECT fcm_options(fuzzifier => 1.7, seed => 42, max_iterations => 5, tolerance => 0.001, restarts => 3,
	init => 'random', scale => 'zscore', missing => 'skip', too_few => 'null') AS all;
SELECT kmeans_options(init => ARRAY[[1, 2], [3, 4]]) AS integers, kmeans_options(init => ARRAY[[1.5], [-2e3]]) AS numerics,
	kmeans_options(init => ARRAY[[0.1, 1e-7]]::real[]) AS reals, kmeans_options(init => '[-1:0][5:5]={{1},{2}}'::float8[]) AS bounds;
SELECT kmeans_options(init => 'random'::name) AS name, kmeans_options(init => 'random'::varchar(6)) AS varchar,
	kmeans_options(init => 'random'::char(6)) AS char;
SELECT fcm_options(seed => 9007199254740991) AS largest;
CREATE DOMAIN centers AS float8[];
CREATE DOMAIN model AS bytea;
SELECT fcm_options(init => ARRAY[[1, 2], [3, 4]]::centers) AS domain,
	fcm_options(init => model) = fcm_options(init => model::model) AS domain_of_model, fcm_options(init => model) = fcm_options(init => model::text) AS text
FROM (SELECT fcm_fit(x, 3) AS model FROM iris) m;
DROP DOMAIN centers, model;

-- a builder that runs for each row follows its arguments, those of an array that changes in place too
SELECT array_agg(fcm_options(seed => i / 2, init => CASE WHEN i % 3 > 0 THEN repeat('kmeans++', 1) ELSE 'random' END) ORDER BY i) FROM generate_series(0, 5) i;
DO $$
DECLARE
	centers float8[] := ARRAY[[1, 2], [3, 4]];
	seen jsonb[];
BEGIN
	FOR i IN 1..3 LOOP
		centers[1][1] := i;
		seen := seen || fcm_options(init => centers);
	END LOOP;
	ASSERT seen = ARRAY['{"init": [[1, 2], [3, 4]]}', '{"init": [[2, 2], [3, 4]]}', '{"init": [[3, 2], [3, 4]]}']::jsonb[], seen;
END
$$;

-- every option is heeded, in an object by hand as from the builder
CREATE TEMP TABLE heeded AS
	SELECT option, value, fcm_fit(x, 3, jsonb_build_object(option, value) ORDER BY id) AS model
	FROM iris, (VALUES ('fuzzifier', '1.7'::jsonb), ('seed', '42'), ('seed', '0'), ('max_iterations', '100'), ('tolerance', '0.001'),
		('restarts', '3'), ('init', '"sample"'), ('init', '"random"'), ('scale', '"zscore"'), ('scale', '"minmax"'),
		('missing', '"skip"'), ('too_few', '"fewer"')) o(option, value)
	GROUP BY option, value;
SELECT option, value, cluster_info(h.model) -> 'options' -> option = value AS told, h.model <> m.model AS other,
	cluster_info(h.model) -> 'options' = (cluster_info(m.model) -> 'options') || jsonb_build_object(option, value) AS rest
FROM heeded h, (SELECT fcm_fit(x, 3 ORDER BY id) AS model FROM iris) m
ORDER BY option, value;
SELECT count(*) AS builders, count(*) FILTER (WHERE b.model = h.model) AS same
FROM (SELECT unnest(ARRAY['fuzzifier', 'tolerance', 'scale', 'missing', 'max_iterations']) AS option, unnest(ARRAY[
		fcm_fit(x, 3, fcm_options(fuzzifier => 1.7) ORDER BY id), fcm_fit(x, 3, fcm_options(tolerance => 0.001) ORDER BY id),
		fcm_fit(x, 3, fcm_options(scale => 'zscore') ORDER BY id), fcm_fit(x, 3, fcm_options(missing => 'skip') ORDER BY id),
		fcm_fit(x, 3, fcm_options(max_iterations => 100) ORDER BY id)]) AS model FROM iris) b
	JOIN heeded h USING (option) WHERE h.value <> '"minmax"';

-- no options, null, an empty object and nulls in it are all the same
SELECT count(*) AS models, count(DISTINCT model) AS bytes
FROM (SELECT unnest(ARRAY[fcm_fit(x, 3 ORDER BY id), fcm_fit(x, 3, NULL ORDER BY id), fcm_fit(x, 3, '{}' ORDER BY id),
	fcm_fit(x, 3, '{"seed": null, "init": null, "scale": null, "fuzzifier": null}' ORDER BY id),
	fcm_fit(x, 3, fcm_options() ORDER BY id)]) AS model FROM iris) m;

-- max_iterations and tolerance end a training
SELECT cluster_info(few) -> 'iterations' AS few, cluster_info(few) -> 'converged' AS converged,
	(cluster_info(rough) -> 'iterations')::int < (cluster_info(fine) -> 'iterations')::int AS rough
FROM (SELECT fcm_fit(x, 3, fcm_options(max_iterations => 3)) AS few, fcm_fit(x, 3, fcm_options(tolerance => 0.01)) AS rough,
	fcm_fit(x, 3) AS fine FROM iris) m;
SELECT cluster_info(kmeans_fit(x, 3, kmeans_options(tolerance => 0))) -> 'converged' AS "until nothing moves" FROM iris;

-- init: explicit centers are the first ones, in their order
SELECT cluster, center FROM (SELECT kmeans_fit(x, 2, '{"init": [[100, 100, 100, 1e2], [0, 0.0, -1, 0]]}') AS model
	FROM (VALUES ('{1,1,1,1}'::int[]), ('{9,9,9,9}')) v(x)) m, cluster_centers(model) ORDER BY 1;

-- init: an earlier model; from where it converged there is little left to do
SELECT cluster_info(cold) -> 'iterations' > '10' AS cold, cluster_info(warm) -> 'iterations' <= '2' AS warm,
	cluster_info(warm) -> 'options' -> 'init' AS init, pg_temp.gap(pg_temp.centers(cold), pg_temp.centers(warm)) < 1e-8 AS same
FROM (SELECT cold, fcm_fit(x, 3, fcm_options(init => cold)) AS warm FROM (SELECT fcm_fit(x, 3) AS cold FROM iris) c, iris GROUP BY cold) w;
SELECT bool_and(cold.center = warm.center) AS "ids stay", count(*) AS clusters
FROM (SELECT kmeans_fit(x, 5, kmeans_options(seed => 3)) AS model FROM iris) c, LATERAL cluster_centers(model) cold,
	LATERAL (SELECT * FROM (SELECT kmeans_fit(x, 5, jsonb_build_object('init', model)) AS next FROM iris) w, cluster_centers(next)) warm
WHERE cold.cluster = warm.cluster;

-- ... also of another algorithm, precision and scaling
SELECT cluster_info(model) -> 'iterations' <= '4' AS soon
FROM (SELECT kmeans_fit(x::real[], 3, kmeans_options(scale => 'zscore',
		init => (SELECT fcm_fit(x, 3, fcm_options(fuzzifier => 1.1, scale => 'zscore')) FROM iris))) AS model FROM iris) m;

-- scale: the model works in other units, and centers come back in the user's
SELECT scale, cluster_info(model) -> 'scaling' = 'null' AS plain,
	cluster_ari(cluster_id(model, x), cluster_id(thousandth, ARRAY[x[1] * 1000, x[2], x[3], x[4] / 1000])) = 1 AS "whatever unit"
FROM iris, (SELECT scale, fcm_fit(x, 3, fcm_options(scale => scale)) AS model,
		fcm_fit(ARRAY[x[1] * 1000, x[2], x[3], x[4] / 1000], 3, fcm_options(scale => scale)) AS thousandth
	FROM iris, unnest(ARRAY['none', 'minmax', 'zscore']) scale GROUP BY scale) m
GROUP BY scale, model ORDER BY scale;
SELECT scale, bool_and(u.center BETWEEN low AND high) AS "inside the box"
FROM (SELECT scale, fcm_fit(x, 3, fcm_options(scale => scale)) AS model
		FROM iris, unnest(ARRAY['minmax', 'zscore']) scale GROUP BY scale) m,
	cluster_centers(model) c, unnest(c.center) WITH ORDINALITY u(center, j)
	JOIN (SELECT j, min(v) AS low, max(v) AS high FROM iris, unnest(x) WITH ORDINALITY t(v, j) GROUP BY j) b USING (j)
GROUP BY scale ORDER BY scale;
SELECT pg_temp.gap(zscore, deviation) < 1e-12 AS zscore, pg_temp.gap(minmax, range) < 1e-12 AS minmax
FROM (SELECT ARRAY(SELECT 1 / v::float8 FROM jsonb_array_elements(zscore #> '{scaling,factor}') v) AS zscore,
		ARRAY(SELECT 1 / v::float8 FROM jsonb_array_elements(minmax #> '{scaling,factor}') v) AS minmax
	FROM (SELECT cluster_info(fcm_fit(x, 3, '{"scale": "zscore"}')) AS zscore,
			cluster_info(fcm_fit(x, 3, '{"scale": "minmax"}')) AS minmax FROM iris) i) f,
	(SELECT array_agg(deviation ORDER BY j) AS deviation, array_agg(range ORDER BY j) AS range
	FROM (SELECT j, stddev_pop(v) AS deviation, max(v) - min(v) AS range FROM iris, unnest(x) WITH ORDINALITY t(v, j) GROUP BY j) r) r;

-- a builder's object does not depend on settings of the session
SET extra_float_digits = -15;
SELECT fcm_options(fuzzifier => 1.7, tolerance => 0.000123) AS options, kmeans_options(init => ARRAY[[1.25, 2.125]]::float8[]) AS init;
RESET extra_float_digits;

-- a model to begin with is read once a group, wherever the options come from, and in whatever order rows are taken
CREATE TABLE wide AS SELECT id, id % 2 AS half, ARRAY(SELECT sin(id * j) FROM generate_series(1, 20) j) AS x FROM generate_series(1, 400) id;
SET client_min_messages = warning;
CREATE TABLE warm AS SELECT kmeans_fit(x, 100, '{"max_iterations": 3}' ORDER BY id) AS m FROM wide;
ALTER TABLE warm ADD o jsonb, ADD plain jsonb;
ALTER TABLE warm ALTER o SET STORAGE external, ALTER plain SET STORAGE main;
UPDATE warm SET o = kmeans_options(init => m, max_iterations => 3), plain = kmeans_options(init => m, max_iterations => 3);
CREATE TABLE ways (way text, model bytea);
INSERT INTO ways SELECT 'builder', kmeans_fit(x, 100, kmeans_options(init => (SELECT m FROM warm), max_iterations => 3) ORDER BY id) FROM wide;
INSERT INTO ways SELECT 'sorted rows', kmeans_fit(x, 100, kmeans_options(init => (SELECT m FROM warm), max_iterations => 3)) FROM (SELECT * FROM wide ORDER BY id) w;
INSERT INTO ways SELECT 'subquery', kmeans_fit(x, 100, (SELECT kmeans_options(init => m, max_iterations => 3) FROM warm) ORDER BY id) FROM wide;
INSERT INTO ways SELECT 'table', kmeans_fit(x, 100, (SELECT o FROM warm) ORDER BY id) FROM wide;
INSERT INTO ways SELECT 'column', kmeans_fit(x, 100, o ORDER BY id) FROM wide, warm;
INSERT INTO ways SELECT 'columns', kmeans_fit(x, 100, CASE id % 3 WHEN 0 THEN o WHEN 1 THEN plain ELSE o || '{}' END ORDER BY id) FROM wide, warm;
INSERT INTO ways SELECT 'column of models', kmeans_fit(x, 100, kmeans_options(init => m, max_iterations => 3) ORDER BY id) FROM wide, warm;
INSERT INTO ways SELECT 'window', kmeans_fit(x, 100, o) OVER (ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM wide, warm LIMIT 1;
SELECT count(*) AS ways, count(DISTINCT model) AS models FROM ways;
SELECT count(*) AS groups, bool_and(a.model = b.model) AS same
FROM (SELECT half, kmeans_fit(x, 100, (SELECT o FROM warm) ORDER BY id) AS model FROM wide GROUP BY half) a
	JOIN (SELECT half, kmeans_fit(x, 100, o ORDER BY id) AS model FROM wide, warm GROUP BY half) b USING (half);

-- ... so that pages of the table are read a few times, not for each row
CREATE FUNCTION pages(query text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
	plan jsonb;
BEGIN
	EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ' || query INTO plan;
	RETURN (plan #> '{0,Plan,Shared Hit Blocks}')::int + (plan #> '{0,Plan,Shared Read Blocks}')::int;
END $$;
SELECT way, pages(format('SELECT kmeans_fit(x, 100, %s) FROM wide, warm', way)) < 1000 AS few
FROM unnest(ARRAY['o', 'o ORDER BY id', '(SELECT o FROM warm)', '(SELECT o FROM warm) ORDER BY id', 'kmeans_options(init => m)',
	'kmeans_options(init => (SELECT m FROM warm))']) WITH ORDINALITY w(way, n) ORDER BY n;

-- ... and the options of another group may be others
SELECT k, cluster_info(model) #>> '{options,max_iterations}' AS iterations
FROM (VALUES (2), (3)) g(k), LATERAL (SELECT fcm_fit(x, k, fcm_options(max_iterations => k + 10)) AS model FROM iris) m ORDER BY k;
SELECT cluster_info(fcm_fit(x, 3, CASE WHEN id > 0 THEN fcm_options(seed => (SELECT max(i.id) FROM iris i WHERE i.id < iris.id / 200 + 3)) END)) -> 'seed' AS seed FROM iris;
SELECT count(*) AS groups, count(DISTINCT t.model) AS models, bool_and(t.model = alone.model) AS same
FROM (SELECT g, fcm_fit(x, 2 + g % 2, CASE WHEN g < 5 THEN fcm_options(seed => g % 3, max_iterations => 5) END ORDER BY id) AS model
	FROM wide, generate_series(0, 5) g GROUP BY g) t,
	LATERAL (SELECT fcm_fit(x, 2 + g % 2, CASE WHEN g < 5 THEN fcm_options(seed => g % 3, max_iterations => 5) END ORDER BY id) AS model FROM wide) alone;
RESET client_min_messages;
DROP FUNCTION pages;

-- options come from anywhere
PREPARE train(float8, text) AS
	SELECT cluster_info(fcm_fit(x, 3, fcm_options(fuzzifier => $1, init => $2))) #> '{options,fuzzifier}' AS fuzzifier FROM iris;
EXECUTE train(1.5, 'sample');
EXECUTE train(1.8, 'random');
EXECUTE train(NULL, NULL);
DEALLOCATE train;
SELECT m, cluster_info(fcm_fit(x, 3, fcm_options(fuzzifier => m))) -> 'options' -> 'fuzzifier' AS told
FROM iris, unnest(ARRAY[1.5, 2, 2.5]::float8[]) m GROUP BY m ORDER BY m;

-- errors: of builders
SELECT fcm_options(fuzzifier => 1);
SELECT fcm_options(fuzzifier => 'NaN');
SELECT fcm_options(fuzzifier => 'Infinity');
SELECT fcm_options(seed => -1);
SELECT fcm_options(seed => 9007199254740992);
SELECT kmeans_options(max_iterations => 0);
SELECT kmeans_options(max_iterations => 1000001);
SELECT kmeans_options(tolerance => -0.1);
SELECT kmeans_options(restarts => 0);
SELECT kmeans_options(scale => 'log');
SELECT kmeans_options(missing => '');
SELECT kmeans_options(init => 'forgy');
SELECT kmeans_options(init => 'centers');
SELECT kmeans_options(init => '{{1,2},{3,4}}');
SELECT kmeans_options(init => ARRAY[1, 2]);
SELECT kmeans_options(init => '{}'::int[]);
SELECT kmeans_options(init => ARRAY[[1, NULL]]);
SELECT kmeans_options(init => ARRAY[[1, 'NaN'::float8]]);
SELECT kmeans_options(init => ARRAY[[1, '-Infinity'::float8]]);
SELECT kmeans_options(init => ARRAY[[true]]);
SELECT kmeans_options(init => 5);
SELECT kmeans_options(init => 'no model'::bytea);
\set VERBOSITY terse
SELECT * FROM cluster_options('kmeens');
\set VERBOSITY default

-- errors: of objects by hand
SELECT fcm_fit(x, 3, '{"fuzifier": 2}') FROM iris;
SELECT kmeans_fit(x, 3, '{"": 2}') FROM iris;
SELECT fcm_fit(x, 3, '[]') FROM iris;
SELECT fcm_fit(x, 3, '"seed"') FROM iris;
SELECT fcm_fit(x, 3, 'null') FROM iris;
SELECT fcm_fit(x, 3, '{"fuzzifier": 0.5}') FROM iris;
SELECT fcm_fit(x, 3, '{"fuzzifier": "2"}') FROM iris;
SELECT fcm_fit(x, 3, '{"fuzzifier": true}') FROM iris;
SELECT fcm_fit(x, 3, '{"fuzzifier": [2]}') FROM iris;
SELECT fcm_fit(x, 3, '{"fuzzifier": {"m": 2}}') FROM iris;
SELECT fcm_fit(x, 3, '{"seed": 1.5}') FROM iris;
SELECT fcm_fit(x, 3, '{"restarts": 1e9}') FROM iris;
SELECT fcm_fit(x, 3, '{"scale": 1}') FROM iris;
SELECT fcm_fit(x, 3, '{"scale": "ZSCORE"}') FROM iris;
SELECT fcm_fit(x, 3, '{"scale": ["zscore"]}') FROM iris;
SELECT fcm_fit(x, 3, '{"missing": false}') FROM iris;
SELECT kmeans_fit(x, 100, CASE WHEN id < 400 THEN o ELSE o || '{"seed": 1}' END ORDER BY id) FROM wide, warm;
SELECT kmeans_fit(x, 100, CASE WHEN id < 400 THEN o END ORDER BY id) FROM wide, warm;
SELECT kmeans_fit(x, 100, CASE WHEN id > 1 THEN o END ORDER BY id) FROM wide, warm;
SELECT kmeans_fit(x, 100, (SELECT CASE WHEN id > 1 THEN o END FROM warm) ORDER BY id) FROM wide;
CREATE SEQUENCE seeds;
CREATE FUNCTION next_options(r bigint) RETURNS jsonb LANGUAGE sql VOLATILE AS $$ SELECT jsonb_build_object('seed', nextval('seeds') / r) $$;
SELECT kmeans_fit(x, 100, next_options(100)) FROM wide;
DROP FUNCTION next_options;
DROP SEQUENCE seeds;
SELECT fcm_fit(x, 3, '{"init": "model"}') FROM iris;
SELECT fcm_fit(x, 3, '{"init": 3}') FROM iris;
SELECT fcm_fit(x, 3, '{"init": {"centers": [[1]]}}') FROM iris;
SELECT fcm_fit(x, 3, '{"init": []}') FROM iris;
SELECT fcm_fit(x, 3, '{"init": [1, 2, 3]}') FROM iris;
SELECT fcm_fit(x, 3, '{"init": [[]]}') FROM iris;
SELECT fcm_fit(x, 3, '{"init": [[1, 2, 3, 4], [5, 6, 7]]}') FROM iris;
SELECT fcm_fit(x, 3, '{"init": [[1, 2, 3, "4"]]}') FROM iris;
SELECT fcm_fit(x, 3, '{"init": [[[1, 2], [3, 4]]]}') FROM iris;
SELECT fcm_fit(x, 3, '{"init": [[1, 2, 3, 4], [5, 6, 7, 8]]}') FROM iris;
SELECT fcm_fit(x, 2, '{"init": [[1, 2, 3], [5, 6, 7]]}') FROM iris;
SELECT fcm_fit(x, 1, '{"init": [[1, 2, 3, 4]], "restarts": 5}') FROM iris;
SELECT fcm_fit(x, 3, '{"init": "\\x465a434d"}') FROM iris;
SELECT fcm_fit(x, 3, fcm_options(init => (SELECT fcm_fit(x, 2) FROM iris))) FROM iris;
SELECT fcm_fit(x[1:2], 2, fcm_options(init => (SELECT fcm_fit(x, 2) FROM iris))) FROM iris;
SELECT fcm_fit(x, 2, '{"init": [[1, 2, 3, 4], [5, 1e200, 7, 8]]}') FROM iris;
SELECT fcm_fit(x::real[], 2, '{"init": [[1, 2, 3, 4], [5, 1e20, 7, 8]]}') FROM iris;
SELECT fcm_options(init => repeat('ä', 100));
SELECT fcm_options(init => '\x465a434d');

-- numbers that double precision does not hold
SELECT kmeans_fit(x, 2, '{"seed": 1e999}') FROM (VALUES ('{1}'::real[]), ('{2}')) t(x);
SELECT kmeans_fit(x, 2, '{"tolerance": 1e-999}') IS NULL FROM (VALUES ('{1}'::real[]), ('{2}')) t(x);
SELECT kmeans_fit(x, 2, '{"init": [[1], [1e999]]}') FROM (VALUES ('{1}'::real[]), ('{2}')) t(x);
SELECT autoencoder_fit(x, 2, '{"hidden": [1e999]}') FROM (VALUES ('{1}'::real[]), ('{2}')) t(x);

DROP TABLE wide, warm, ways;
