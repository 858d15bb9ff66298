-- Arguments as people and drivers give them: integers of every type, literals, parameters without a type.

\i test/sql/include/iris.psql
SET client_min_messages = warning;

-- the number of clusters
CREATE TEMP TABLE counts AS SELECT 3::smallint AS small, 3 AS int, 3::bigint AS big;
SELECT m.three = fcm_fit(x, small) AND m.three = fcm_fit(x, int) AND m.three = fcm_fit(x, big) AND m.three = fcm_fit(x, '3') AS same,
	m.three = fcm_fit(x, big, '{}') AND m.three = fcm_fit(x, small, NULL) AND m.three = fcm_fit(x, '3', fcm_options()) AS with_options
FROM iris, counts, (SELECT fcm_fit(x, 3) AS three FROM iris) m GROUP BY m.three, small, int, big;
SELECT cluster_info(kmeans_fit(x, (SELECT count(DISTINCT label) FROM iris))) -> 'clusters' AS clusters FROM iris;
PREPARE fit AS SELECT cluster_info(kmeans_fit(x, $1)) -> 'clusters' AS clusters FROM iris;
EXECUTE fit(4);
EXECUTE fit('5');
DEALLOCATE fit;
SELECT cluster_info(autoencoder_train('SELECT x FROM iris', count(*), '{"pretrain_epochs": 1}')) -> 'clusters' AS clusters
FROM counts;
SELECT clusters FROM cluster_select('SELECT x FROM iris', 2::smallint, (SELECT count(DISTINCT label) FROM iris), 'kmeans');
PREPARE choose AS SELECT clusters FROM cluster_select('SELECT x FROM iris', $1, $2, 'kmeans');
EXECUTE choose('3', 3);
DEALLOCATE choose;
SELECT cluster_create_registry('argument_models');
SELECT cluster_define('m', 'SELECT x FROM iris', 'kmeans', count(DISTINCT label), registry => 'argument_models') FROM iris;
SELECT clusters FROM argument_models.models;

-- each function has one signature for it, else smallint, '3' and $1 would be ambiguous
SELECT count(*) AS others FROM pg_proc p, unnest(proargnames, proargtypes::oid[]) a(name, type)
WHERE proname ~ '^cluster_(select|define)$|_(fit|train)$' AND name IN ('clusters', 'k_min', 'k_max') AND type <> 'int8'::regtype;

-- errors
SELECT fcm_fit(x, 0::bigint) FROM iris;
SELECT fcm_fit(x, 1::bigint << 40) FROM iris;
SELECT fcm_fit(x, -(1::bigint << 40)) FROM iris;
SELECT fcm_fit(x, (1::bigint << 32) + 3) FROM iris;
SELECT fcm_fit(x, 9223372036854775807) FROM iris;
SELECT fcm_fit(x, NULL::bigint) FROM iris;
SELECT kmeans_fit(x, CASE WHEN id = 1 THEN 2 ELSE (1::bigint << 32) + 2 END) FROM iris;
SELECT kmeans_fit(x, CASE WHEN id = 1 THEN 2 ELSE 3 END) FROM iris;
SELECT logical_fit(x, CASE WHEN id < 3 THEN 2 END ORDER BY id) FROM iris;
SELECT dec_train('SELECT x FROM iris', 1::bigint << 40);
SELECT * FROM cluster_select('SELECT x FROM iris', (1::bigint << 32) + 2, 3);
SELECT * FROM cluster_select('SELECT x FROM iris', 2, (1::bigint << 32) + 2);
SELECT * FROM cluster_select('SELECT x FROM iris', 3, 2);
SELECT * FROM cluster_select('SELECT x FROM iris', 2, 151, 'kmeans');
SELECT cluster_define('m', 'SELECT x FROM iris', 'kmeans', (1::bigint << 32) + 2, registry => 'argument_models');

SET client_min_messages = warning;
DROP SCHEMA argument_models CASCADE;
RESET client_min_messages;

-- features that are written out: the result is that of the same float8[]
CREATE TEMP TABLE m AS SELECT fcm_fit(x, 3 ORDER BY id) AS model FROM iris;
SELECT cluster_id(model, '{5,3,1,.2}') = cluster_id(model, ARRAY[5, 3, 1, .2]) AS id,
	cluster_membership(model, '[5, 3, 1, 0.2]') = cluster_membership(model, ARRAY[5, 3, 1, .2]) AS membership,
	cluster_distance(model, '{5,3,1,.2}') = cluster_distance(model, ARRAY[5, 3, 1, .2]) AS distance,
	cluster_outlier_score(model, '{5,3,1,.2}') = cluster_outlier_score(model, ARRAY[5, 3, 1, .2]) AS outlier_score,
	(SELECT array_agg(s) FROM cluster_set(model, '{5,3,1,.2}', 2) s) = (SELECT array_agg(s) FROM cluster_set(model, ARRAY[5, 3, 1, .2], 2) s) AS set,
	cluster_id(model => model, features => '{5,3,1,.2}') = cluster_id(model, '[5,3,1,.2]') AS named
FROM m;
CREATE TEMP TABLE codes AS SELECT autoencoder_fit(x, 3, autoencoder_options(pretrain_epochs => 1) ORDER BY id) AS model FROM iris;
SELECT cluster_embed(model, '{5,3,1,.2}') = cluster_embed(model, ARRAY[5, 3, 1, .2]) AS embed,
	cluster_reconstruct(model, '{5,3,1,.2}') = cluster_reconstruct(model, ARRAY[5, 3, 1, .2]) AS reconstruct
FROM codes;

-- how they may be written
SELECT count(DISTINCT cluster_distance(model, features)) AS results, count(*) AS ways
FROM m, (VALUES ('{5,3,1,0.2}'), ('[5,3,1,0.2]'), (E' {\t5 ,\n3,1 , 2e-1 }\n'), ('{"5","3"," 1 ","+.2"}'), ('[0:3]={5,3,1,.2}'),
	('[-3:+0]={5.0,3.,1E0,0.2}'), (ARRAY[5, 3, 1, .2]::text), (to_json(ARRAY[5, 3, 1, .2])::text),
	('(5,3,1,0.2)'), (ROW(5, 3, 1, 0.2)::text), ('( 5 ,3,1,"0.2")'), ('{0x5,3,1,0.20000000000000000000000000000000001}')) v(features);

-- types that hold text or JSON
CREATE DOMAIN pg_temp.vector_text AS text;
SELECT cluster_distance(model, t) = d AND cluster_distance(model, v) = d AND cluster_distance(model, c) = d AND cluster_distance(model, n) = d
	AND cluster_distance(model, w) = d AS text, cluster_distance(model, j) = d AND cluster_distance(model, b) = d AS json
FROM m, LATERAL (SELECT '[5,3,1,.2]'::text AS t, '{5,3,1,.2}'::varchar(20) AS v, '[5,3,1,.2]'::char(30) AS c, '{5,3,1,.2}'::name AS n,
	'{5,3,1,.2}'::pg_temp.vector_text AS w, ' [5, 3e0, 1, 0.2] '::json AS j, '[5, 3, 1, 0.2]'::jsonb AS b,
	cluster_distance(model, ARRAY[5, 3, 1, .2]) AS d) q;

-- parameters: without a type, as drivers send strings, and with one
PREPARE untyped AS SELECT cluster_id(model, $1) FROM m;
PREPARE untyped_model AS SELECT cluster_id($1, $2);
PREPARE typed(text) AS SELECT cluster_id(model, $1) FROM m;
PREPARE numbers(float8[]) AS SELECT cluster_id(model, $1) FROM m;
PREPARE json(jsonb) AS SELECT cluster_id(model, $1) FROM m;
SELECT parameter_types FROM pg_prepared_statements WHERE name ~ '^untyped' ORDER BY name;
SELECT cluster_id(model, '{5,3,1,.2}') AS right FROM m \gset
EXECUTE untyped('{5,3,1,.2}') \gset t_
EXECUTE typed('[5,3,1,.2]') \gset y_
EXECUTE numbers('{5,3,1,.2}') \gset n_
EXECUTE json('[5,3,1,0.2]') \gset j_
SELECT model AS bytes FROM m \gset
EXECUTE untyped_model(:'bytes', '{5,3,1,.2}') \gset u_
SELECT :right = :t_cluster_id AND :right = :y_cluster_id AND :right = :n_cluster_id AND :right = :j_cluster_id AND :right = :u_cluster_id AS same;
EXECUTE untyped(NULL);
DEALLOCATE ALL;

-- the signature of each type, none of which is ambiguous
CREATE EXTENSION vector;
SELECT (SELECT cluster_id(model, ARRAY[5, 3, 1, 0])) = (SELECT cluster_id(model, '{5,3,1,0}')) AS int,
	cluster_id(model, ARRAY[5, 3, 1, .2]) = cluster_id(model, '{5,3,1,.2}') AS numeric,
	cluster_id(model, ARRAY[5, 3, 1, .2]::real[]) = cluster_id(model, '{5,3,1,.2}') AS real,
	cluster_id(model, ARRAY[5, 3, 1, .2]::float8[]) = cluster_id(model, '{5,3,1,.2}') AS float8,
	cluster_id(model, '[5,3,1,.2]'::vector) = cluster_id(model, '{5,3,1,.2}') AS vector,
	cluster_id(model, '[5,3,1,.2]'::halfvec) = cluster_id(model, '{5,3,1,.2}') AS halfvec,
	cluster_id(model, '[5,3,1,.2]'::vector::text) = cluster_id(model, '{5,3,1,.2}') AS vector_text,
	cluster_id(model, ROW(5, 3, 1, .2)) = cluster_id(model, '{5,3,1,.2}') AS row,
	cluster_id(model, (5, 3, 1, .2)) = cluster_id(model, '{5,3,1,.2}') AS pair,
	cluster_id(model, '\x05030100'::bytea) IS NOT NULL AS bytea,
	cluster_id(model, NULL) IS NULL AND cluster_id(NULL, '{1}') IS NULL AND cluster_id(NULL, NULL) IS NULL AS null
FROM m;
SELECT count(*) AS rows FROM m, cluster_set(model, NULL);
DROP EXTENSION vector;

-- training and indices: the same model as of the same numbers
CREATE TEMP TABLE written AS
	SELECT id, x, x::text AS text, x::text::varchar AS varchar, to_json(x) AS json, to_jsonb(x) AS jsonb FROM iris;
SELECT kmeans_fit(text, 3 ORDER BY id) = m AND kmeans_fit(varchar, 3 ORDER BY id) = m AS text,
	kmeans_fit(json, 3 ORDER BY id) = m AND kmeans_fit(jsonb, 3 ORDER BY id) = m AS json
FROM written, (SELECT kmeans_fit(x, 3 ORDER BY id) AS m FROM iris) q GROUP BY m;
SELECT autoencoder_train('SELECT text FROM written ORDER BY id', 3, '{"pretrain_epochs": 1}') = model AS text,
	autoencoder_train('SELECT jsonb FROM written ORDER BY id', 3, '{"pretrain_epochs": 1}') = model AS jsonb
FROM codes;
SELECT cluster_validity(model, text) = cluster_validity(model, x) AS text, cluster_validity(model, jsonb) = cluster_validity(model, x) AS jsonb
FROM m, written;
SELECT cluster_info(kmeans_fit(f, 1, '{"missing": "skip"}')) -> 'skipped' AS skipped
FROM (VALUES ('{1,2}'), ('{NULL,2}'), ('[null, 3]'), ('{3,NaN}'), ('[4,-Infinity]'), (NULL), ('{3,4}'), ('{1e999,1}'), ('[2, 1e200]')) v(f);
SELECT cluster_info(kmeans_fit('{1,2}', 1)) -> 'rows' AS rows FROM iris;
SELECT logical_distance(ARRAY[.1, .2], '{.3,.4}'::text) = logical_distance('{.1,.2}', '[.3,.4]') AS same,
	logical_distance('[.1,.2]', ARRAY[.3, .4]) = logical_distance('[0.1,0.2]'::jsonb, '{.3,.4}'::varchar) AS json;

-- many numbers
SELECT cluster_info(kmeans_fit(x, 1)) -> 'dimensions' AS dimensions
FROM (SELECT '[' || string_agg(i::text, ', ') || ']' FROM generate_series(1, 65535) i) t(x);
SELECT kmeans_fit(x, 1) FROM (SELECT '[' || string_agg(i::text, ', ') || ']' FROM generate_series(1, 65536) i) t(x);

-- errors name the feature and the word
CREATE FUNCTION pg_temp.try(features text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
BEGIN
	PERFORM cluster_id(model, features) FROM m;
	RETURN 'fine';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	RETURN SQLSTATE || ' ' || message || coalesce(' (' || nullif(detail, '') || ')', '');
END
$$;
\pset format unaligned
SELECT left(f, 50) AS features, pg_temp.try(f) AS error FROM (VALUES (''), ('  '), ('5'), ('5,3,1,.2'), ('(5,3,1,.2)'), ('{}'), ('[ ]'), ('{'), ('['), ('{5'), ('{5,3,1,.2'),
	('{5,3,1,.2]'), ('[5,3,1,.2}'), ('{5,3,1,.2}}'), ('[5,3,1,.2] x'), ('{5,3,,.2}'), ('{5,3,1,}'), ('{,5,3,1}'), ('{5,three,1,.2}'), ('{5,3 1,1,.2}'),
	('{5,3,1,.2e}'), ('[5,"3",1,.2]'), ('{5,"3,1,.2}'), ('{5,"",1,.2}'), ('{5,"3"4,1,.2}'), ('{5,3,1,1e999}'), ('{5,3,1,1e-999}'), ('{5,3,1,1e200}'), ('[0:3]={"-1e999",3,1,1}'), ('[ 1e999 ,3,1,1]'), ('{5,NULL,1,.2}'),
	('[5,3,null,.2]'), ('{5,"NULL",1,.2}'), ('{5,NaN,1,.2}'), ('{5,3,-inf,.2}'), ('{{5,3},{1,.2}}'), ('[[5,3],[1,.2]]'), ('{5,3,1}'), ('{5,3,1,.2,9}'),
	('[0:1]=[5,3]'), ('[a:b]={5,3}'), ('[1:2]{5,3}'), ('[true,false,1,2]'), ('(5,3,1)'), ('(5,,1,.2)'), ('(5,3,1,.2]'), ('((5,3),1,.2)'), ('()'), ('{5,3,1,.2)'), ('{5,' || repeat('x', 1000) || ',1,.2}')) v(f);
\pset format aligned
SELECT cluster_id(model, '{"a": 5, "b": 3}'::jsonb) FROM m;
SELECT cluster_id(model, '5'::json) FROM m;
SELECT cluster_id(model, 'null'::jsonb) FROM m;
SELECT cluster_id(model, '[5, "three", 1, 0.2]'::jsonb) FROM m;
SELECT cluster_id(model, '[5, [3], 1, 0.2]'::jsonb) FROM m;
SELECT cluster_id(model, '[5, null, 1, 0.2]'::jsonb) FROM m;
SELECT cluster_id(model, '[]'::jsonb) FROM m;
SELECT cluster_id(model, '[5, 1e400, 1, 0.2]'::jsonb) FROM m;
SELECT cluster_id(model, '[5, 1e-400, 1, 0.2]'::jsonb) = cluster_id(model, '{5,0,1,.2}') AS tiny FROM m;

-- errors that have a cure
PREPARE elements AS SELECT cluster_id(model, ARRAY[$1, $2]) FROM m;
EXECUTE elements(1, 2);
PREPARE columns(text) AS SELECT cluster_id(model, ROW($1, 2)) FROM m;
EXECUTE columns(1);
DEALLOCATE ALL;
CREATE TEMP TABLE flowers AS SELECT id, x[3] AS pl, x[4] AS "Petal Width" FROM iris;
SELECT kmeans_fit(pl, 3) FROM flowers;
SELECT kmeans_fit(f."Petal Width", 3) FROM (SELECT * FROM flowers) f GROUP BY id % 2;
SELECT kmeans_fit(pl, 3) FROM (VALUES (1.0::float8)) t(pl);
SELECT kmeans_fit(t.width, 3) FROM (SELECT i AS width FROM generate_series(1, 4) i) t;
SELECT kmeans_fit(1.0::float8, 3);
SELECT fcm_fit(pl + 1, 3) FROM flowers;
SELECT kmeans_fit(pl, 3) OVER () FROM flowers;
SELECT fcm_fit(v, 2) FROM (VALUES (1.5), (2.5)) t(v);
SELECT cluster_id(model, pl) FROM m, flowers;
SELECT cluster_validity(model, pl) FROM m, flowers;
SELECT cluster_id('iris', ARRAY[1, 2]);
SELECT cluster_id('it''s a model with a name', '{1,2}');
SELECT cluster_id('\x00', '{1,2}');
SELECT cluster_id('', '{1,2}');
SELECT cluster_info('iris');
