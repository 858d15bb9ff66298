-- The _options builders match arguments by name: a script may be older than the library, or newer.

SELECT probin AS library FROM pg_proc WHERE proname = 'kmeans_options' \gset

-- an older script: options are missing, and in another order
CREATE FUNCTION pg_temp.older(missing text DEFAULT 'error', seed bigint DEFAULT 0) RETURNS jsonb
	AS :'library', 'kmeans_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.older() AS none, pg_temp.older('skip') AS first, pg_temp.older(seed => 7) AS named, pg_temp.older('skip', 7) AS both,
	pg_temp.older(NULL, NULL) AS nulls;
SELECT pg_temp.older('skip', i) AS options FROM generate_series(1, 2) i;
CREATE FUNCTION pg_temp.none() RETURNS jsonb AS :'library', 'kmeans_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.none();

-- a newer script: options that the library does not know are left alone at their defaults
CREATE FUNCTION pg_temp.newer(seed bigint DEFAULT 0, speed float8 DEFAULT 1e-10, mode text DEFAULT 'fast', list float8[] DEFAULT NULL,
	scale text DEFAULT 'none', init "any" DEFAULT 'kmeans++'::text, steps bigint DEFAULT 2 + 3) RETURNS jsonb
	AS :'library', 'kmeans_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.newer() AS none, pg_temp.newer(3, scale => 'zscore') AS known, pg_temp.newer(speed => 1e-10, mode => 'fast', steps => 5) AS defaults,
	pg_temp.newer(init => ARRAY[[1, 2], [3, 4]]) AS init, pg_temp.newer(speed => NULL, mode => NULL) AS nulls;

-- ... also where the default comes from a table, with a short header
CREATE TEMP TABLE modes AS SELECT 'fast' AS mode;
SELECT pg_temp.newer(mode => mode) AS defaults FROM modes;

-- a script with other defaults: a call has the meaning given by its signature
CREATE FUNCTION pg_temp.other(fuzzifier float8 DEFAULT 3, seed bigint DEFAULT 7, max_iterations bigint DEFAULT 1000, tolerance float8 DEFAULT NULL,
	restarts bigint DEFAULT 1, init "any" DEFAULT 'sample'::text, scale text DEFAULT 'zscore', missing text DEFAULT 'error') RETURNS jsonb
	AS :'library', 'fcm_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.other() AS none, pg_temp.other(3, 7, 1000, NULL, 1, 'sample'::text, 'zscore', 'error') = pg_temp.other() AS defaults;
SELECT pg_temp.other(2, 0, 1000, 1e-10, 1, 'kmeans++'::text, 'none', 'error') AS "defaults of the library";
SELECT pg_temp.other(NULL, NULL, NULL, NULL, NULL, NULL::text, NULL, NULL) AS nulls;
SELECT pg_temp.other(i + 1.5, max_iterations => 999 + i, missing => CASE i WHEN 1 THEN 'error' ELSE 'skip' END) AS options FROM generate_series(1, 2) i;
SELECT cluster_info(model) -> 'options' ->> 'fuzzifier' AS fuzzifier, cluster_info(model) -> 'options' ->> 'scale' AS scale,
	cluster_info(model) ->> 'seed' AS seed
FROM (SELECT fcm_fit(ARRAY[i, i % 3], 2, pg_temp.other()) AS model FROM generate_series(1, 20) i) m;

-- ... without defaults, and with one that is not a constant, all values count
CREATE FUNCTION pg_temp.bare(seed bigint, scale text, volumes float8[], tolerance float8 DEFAULT random()) RETURNS jsonb
	AS :'library', 'gk_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.bare(0, 'none', '{}', 1e-10) AS zeros, pg_temp.bare(NULL, NULL, NULL, NULL) AS nulls;

-- ... of lists and of numbers that are found from the data, NULL is the default
CREATE FUNCTION pg_temp.lists(volumes float8[] DEFAULT NULL, regularization float8 DEFAULT NULL) RETURNS jsonb
	AS :'library', 'gk_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.lists('{}') AS empty, pg_temp.lists('{1,2}') AS full, pg_temp.lists(regularization => 0) AS number;
CREATE FUNCTION pg_temp.full(volumes float8[] DEFAULT '{1,2}', seed bigint DEFAULT 0) RETURNS jsonb
	AS :'library', 'gk_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.full() AS full, pg_temp.full('{}') AS empty;

CREATE FUNCTION pg_temp.built(builder oid, given boolean) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	result jsonb;
BEGIN
	EXECUTE format('SELECT %s(%s)', builder::regproc, CASE WHEN given THEN (
		SELECT string_agg(regexp_replace(argument, '^.* DEFAULT ', ''), ', ' ORDER BY n)
		FROM unnest(string_to_array(pg_get_function_arguments(builder), ', ')) WITH ORDINALITY a(argument, n)) END) INTO result;
	RETURN result;
END
$$;
-- each builder of the extension leaves out all of its defaults, be they given or not
SELECT count(*) AS builders, count(*) FILTER (WHERE pg_temp.built(oid, false) = '{}') AS without, count(*) FILTER (WHERE pg_temp.built(oid, true) = '{}') AS defaults
FROM pg_proc WHERE proname ~ '_options$' AND prorettype = 'jsonb'::regtype AND pronamespace = 'public'::regnamespace;

-- as many arguments as there may be
SELECT 'CREATE FUNCTION pg_temp.many(' || string_agg(format('option_%s bigint DEFAULT %s', i, i), ', ') || ', seed bigint DEFAULT 0) RETURNS jsonb AS '
	|| quote_literal(:'library') || ', ''kmeans_options'' LANGUAGE C IMMUTABLE' AS many
FROM generate_series(1, 99) i \gset
:many;
SELECT pg_temp.many(seed => 4);

-- each algorithm finds its options whatever their order is
CREATE FUNCTION pg_temp.reversed(algorithm text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	declared text;
	result jsonb;
BEGIN
	SELECT format('CREATE FUNCTION pg_temp.%I(%s) RETURNS jsonb AS %L, %L LANGUAGE C IMMUTABLE', p.proname || '_reversed',
			string_agg(format('%I %s', a.name, format_type(a.type, NULL)), ', ' ORDER BY a.n DESC), p.probin, p.prosrc)
	INTO declared FROM pg_proc p, unnest(p.proargnames, p.proargtypes::oid[]) WITH ORDINALITY a(name, type, n)
	WHERE p.proname = reversed.algorithm || '_options' GROUP BY p.proname, p.probin, p.prosrc;
	EXECUTE declared;
	EXECUTE format('SELECT pg_temp.%I(%s)', algorithm || '_options_reversed', (
		SELECT string_agg(CASE o.option WHEN 'seed' THEN 'seed => 5' WHEN 'scale' THEN 'scale => ''zscore''' ELSE format('%I => NULL', o.option) END, ', ')
		FROM cluster_options(algorithm) o)) INTO result;
	RETURN result::text;
END
$$;
SELECT algorithm, pg_temp.reversed(algorithm) AS options FROM (SELECT DISTINCT algorithm FROM cluster_options()) o ORDER BY algorithm;

-- errors
SELECT pg_temp.newer(speed => 0.5);
SELECT pg_temp.newer(mode => 'slow');
SELECT pg_temp.newer(list => '{1}');
SELECT pg_temp.newer(steps => 6);
SELECT pg_temp.many(option_99 => 4);
SELECT pg_temp.older('skop');
CREATE FUNCTION pg_temp.unnamed(bigint) RETURNS jsonb AS :'library', 'kmeans_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.unnamed(3);
CREATE FUNCTION pg_temp.half_named(seed bigint, text) RETURNS jsonb AS :'library', 'kmeans_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.half_named(3, NULL);
SELECT pg_temp.half_named(3, 'x');
CREATE FUNCTION pg_temp.mistyped(seed int DEFAULT 0, tolerance text DEFAULT '') RETURNS jsonb AS :'library', 'kmeans_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.mistyped();
CREATE FUNCTION pg_temp.out(seed bigint, OUT a jsonb, OUT b jsonb) AS :'library', 'kmeans_options' LANGUAGE C IMMUTABLE;
SELECT pg_temp.out(1);

-- hints name algorithms from their list
SELECT cluster_embed(kmeans_fit(ARRAY[i], 1), ARRAY[1]) FROM generate_series(1, 3) i;
SELECT cluster_feature_weights(kmeans_fit(ARRAY[i], 1)) FROM generate_series(1, 3) i;
SELECT gk_fit(array_fill(i, ARRAY[600]), 1) FROM generate_series(1, 3) i;
