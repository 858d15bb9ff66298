-- Models as JSON: the way there and back, and JSON that anybody may have written.

\i test/sql/include/iris.psql
SET client_min_messages = warning;
CREATE TEMP TABLE models AS
	SELECT 'kmeans' AS name, kmeans_fit(x, 4 ORDER BY id) AS model FROM iris
	UNION ALL SELECT 'real', kmeans_fit(x::real[], 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'fcm', fcm_fit(x, 3, fcm_options(scale => 'minmax', fuzzifier => 1.7, restarts => 3) ORDER BY id) FROM iris
	UNION ALL SELECT 'named', fcm_fit(f, 3) FROM (SELECT sepal_length, sepal_width AS "größe ""3""", petal_length * 1, petal_width FROM iris ORDER BY id) f
	UNION ALL SELECT 'mec', mec_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'tsallis', tsallis_fit(x, 3, tsallis_options(schedule => 'q_fit') ORDER BY id) FROM iris
	UNION ALL SELECT 'gk', gk_fit(x, 3, gk_options(volumes => ARRAY[1, 2, 3]) ORDER BY id) FROM iris
	UNION ALL SELECT 'gg', gg_fit(x, 3, gg_options(scale => 'zscore') ORDER BY id) FROM iris
	UNION ALL SELECT 'logical', logical_fit(x, 3 ORDER BY id) FROM iris
	UNION ALL SELECT 'recognized', logical_fit(x[3:4], NULL ORDER BY id) FROM iris
	UNION ALL SELECT 'narrow', gk_fit(x[3:3], 2 ORDER BY id) FROM iris
	UNION ALL SELECT 'mixed', fcm_fit(f, 3) FROM (SELECT sepal_length, label, id % 2 = 0 AS even, 'größe' AS word FROM iris ORDER BY id) f
	UNION ALL SELECT 'one', fcm_fit(x, 1 ORDER BY id) FROM iris;
CREATE TEMP TABLE written AS SELECT name, model, cluster_to_json(model) AS json FROM models;

-- there and back: the same bytes
SELECT name, cluster_from_json(json) = model AS same, cluster_from_json(json::text::jsonb) = model AS "through text" FROM written ORDER BY name;
SELECT json ->> 'algorithm' AS algorithm, (SELECT string_agg(key, ' ' ORDER BY key) FROM jsonb_object_keys(json) key) AS keys
FROM written WHERE name IN ('fcm', 'gk', 'gg', 'tsallis', 'recognized') ORDER BY 1;
SELECT json -> 'columns' AS columns FROM written WHERE name IN ('named', 'fcm') ORDER BY name;
SELECT json -> 'columns' AS columns, json -> 'categories' AS categories FROM written WHERE name = 'mixed';
SELECT jsonb_array_length(json -> 'centers') AS clusters, jsonb_array_length(json #> '{centers,0}') AS features, jsonb_array_length(json #> '{shape,0}') AS shape
FROM written WHERE name IN ('gk', 'narrow') ORDER BY name;
SELECT cluster_to_json(NULL) IS NULL AND cluster_from_json(NULL) IS NULL AS nulls;

-- whatever the settings of the session
SET extra_float_digits = 0;
SELECT bool_and(cluster_to_json(model) = json) AS same FROM written;
RESET extra_float_digits;

-- options that an older writer lacked take their defaults, and keys may be in any order
SELECT cluster_info(cluster_from_json(json #- '{options,passes}' #- '{options,weight}' #- '{options,seed}')) #> '{options,seed}' AS seed FROM written WHERE name = 'kmeans';

-- a model that was written by hand
SELECT cluster_id(model, ARRAY[1, 1]) AS near, cluster_id(model, ARRAY[9, 9]) AS far, cluster_membership(model, ARRAY[4.5, 5]) AS between
FROM cluster_from_json('{"fuzzyclust": 1, "algorithm": "fcm", "clusters": 2, "dimensions": 2, "columns": null, "precision": "double precision",
	"rows": 10, "skipped": 0, "iterations": 0, "converged": false, "empty_clusters": 0, "objective": 0, "history_step": 1, "options": {},
	"centers": [[0, 0], [9, 10]], "weights": [5, 5], "radius": [1, 1], "history": []}') model;

-- JSON that is no model: each key is missing, or another value
CREATE FUNCTION pg_temp.verdict(json jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
	d int;
BEGIN
	model := cluster_from_json(json);
	d := (cluster_info(model) ->> 'dimensions')::int;
	PERFORM cluster_membership(model, array_fill(0.5::float8, ARRAY[d])), cluster_outlier_score(model, array_fill(1e9::float8, ARRAY[d]));
	PERFORM count(*) FROM cluster_explain(model, array_fill(-3::float8, ARRAY[d]));
	PERFORM count(*) FROM cluster_features(model);
	PERFORM count(*) FROM cluster_history(model);
	PERFORM cluster_plot_history(model);
	IF cluster_from_json(cluster_to_json(model)) <> model THEN
		RETURN 'another model';
	END IF;
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	RETURN sqlstate;
END
$$;
CREATE TEMP TABLE evil AS SELECT value::jsonb FROM unnest(ARRAY['null', 'true', '0', '-1', '1', '2', '1.5', '70000', '1e9', '-1e9', '1e400', '-1e400', '1e-400', '9223372036854775807', '1e19', '""', '"x"',
	'"NaN"', '"Infinity"', '[]', '{}', '[1]', '[null]', '[[]]', '[[1]]', '[[1, 2], [3]]', '[{}]', '{"a": 1}', '[-1, -1, -1]', '[0, 0, 0]', '["a", "b"]', '[1e308, 1e308, 1e308]',
	repeat('[', 500) || repeat(']', 500), '[' || repeat('0,', 3000) || '0]']) value;
CREATE TEMP TABLE paths AS
	SELECT name, json, ARRAY[key] AS path FROM written, jsonb_object_keys(json) key
	UNION ALL SELECT name, json, ARRAY['options', key] FROM written, jsonb_object_keys(json -> 'options') key
	UNION ALL SELECT name, json, ARRAY[key, '0'] FROM written, jsonb_object_keys(json) key WHERE jsonb_typeof(json -> key) = 'array'
	UNION ALL SELECT name, json, ARRAY[key, '1', '0'] FROM written, jsonb_object_keys(json) key WHERE jsonb_typeof(json #> ARRAY[key, '0']) = 'array';
SELECT path[1] AS without, string_agg(DISTINCT pg_temp.verdict(json #- path), ' ') AS verdict FROM paths WHERE array_length(path, 1) = 1 GROUP BY 1 ORDER BY 1;
SELECT DISTINCT pg_temp.verdict(json #- path) AS "without an element" FROM paths WHERE array_length(path, 1) > 1 AND path[1] <> 'options' ORDER BY 1;
SELECT pg_temp.verdict(jsonb_set(json, path, value)) AS verdict, count(*) > 100 AS many FROM paths, evil WHERE name IN ('fcm', 'gg', 'recognized', 'mixed') GROUP BY 1 ORDER BY 1;
SELECT pg_temp.verdict(jsonb_set(json, ARRAY[key], to_jsonb(value))) AS "another key", count(*) FROM written, unnest(ARRAY['center', 'mean', 'algorithm ', '']) key, generate_series(1, 2) value GROUP BY 1;
SELECT pg_temp.verdict(value) AS verdict, count(*) AS values FROM evil GROUP BY 1;
SELECT pg_temp.verdict(jsonb_set(a.json, ARRAY[key], b.json -> key)) AS "a key of another model", count(*) > 10 AS many
FROM written a, written b, jsonb_object_keys(b.json) key WHERE a.name <> b.name GROUP BY 1 ORDER BY 1;

-- errors
SELECT cluster_from_json('[]');
SELECT cluster_from_json('1');
SELECT cluster_from_json('{}');
SELECT cluster_from_json('{"fuzzyclust": 2}');
SELECT cluster_from_json('{"fuzzyclust": 1, "algorithm": "dbscan"}');
SELECT cluster_from_json('{"fuzzyclust": 1, "algorithm": "dec"}');
SELECT cluster_from_json(jsonb_set(json, '{clusters}', '70000')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{clusters}', '2')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{dimensions}', '65535')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{centers,1}', '[1, 2]')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{centers,1,2}', '"NaN"')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{centers,1,2}', '1e400')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{weights,0}', '-1')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{factor,0}', '0')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{options,fuzzifier}', '0.5')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{options,scale}', '"log"')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{options,volumes}', '[1, 2, 0]')) FROM written WHERE name = 'gk';
SELECT cluster_from_json(jsonb_set(json, '{options,depth}', '1')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{options,missing}', '"partial"')) FROM written WHERE name = 'gk';
SELECT name, options, pg_temp.verdict(jsonb_set(json, '{options}', (json -> 'options') || options::jsonb)) AS verdict
FROM written, unnest(ARRAY['{"distance": "cosine"}', '{"missing": "partial"}', '{"missing": "mean"}', '{"distance": "cosine", "missing": "partial"}', '{"distance": "cosine", "missing": "mean"}',
	'{"distance": "cosine", "scale": "none"}', '{"distance": "cosine", "scale": "zscore"}']) AS options
WHERE name IN ('fcm', 'kmeans', 'gk', 'mixed') ORDER BY name, options COLLATE "C";
SELECT cluster_from_json(jsonb_set(json, '{centres}', '[]')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{columns}', '["a", "b"]')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{columns}', '[null, null, null, null]')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{categories}', '[null, ["b", "a"], null]')) FROM written WHERE name = 'mixed';
SELECT cluster_from_json(jsonb_set(json, '{categories,1,0}', '1')) FROM written WHERE name = 'mixed';
SELECT cluster_from_json(jsonb_set(json, '{categories}', '[null, null, null, ["a"]]')) FROM written WHERE name = 'gk';
SELECT cluster_from_json(jsonb_set(json, '{precision}', '"float"')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(jsonb_set(json, '{converged}', '1')) FROM written WHERE name = 'fcm';
SELECT cluster_from_json(json - 'moments' - 'radius') FROM written WHERE name = 'fcm';
SELECT cluster_to_json(spectral_fit(x, 3)) FROM iris;
SELECT cluster_to_json('abc');
