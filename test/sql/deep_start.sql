-- the first clusters of codes: by the graph of neighbours or by k-means, chosen where the user leaves it open
\set VERBOSITY terse
CREATE TABLE start_rows AS
	-- a wide sheet and two small balls beside each other: k-means cuts the sheet and unites the balls
	SELECT 'sheet' AS kind, i, i % 3 AS label, CASE i % 3
			WHEN 0 THEN ARRAY[i / 3 % 15 / 3.0 - 2.5, i / 45 / 3.0 - 2.5, -1.5 + 0.02 * sin(i * 12.9)]
			ELSE ARRAY[0.25 * sin(i * 2.4) + 0.9 * (i % 3) - 1.35, 0.25 * cos(i * 5.1), 1.5 + 0.2 * sin(i * 7.7)] END::real[] AS x
		FROM generate_series(1, 675) i
	UNION ALL
	-- two bars, so far apart that k-means does not cut them; smoothing over neighbours unites their ends
	SELECT 'bars', i, i % 2, ARRAY[i / 25.0, 2 * (i % 2), 0.2 * sin(i * 12.9)]::real[] FROM generate_series(1, 400) i
	UNION ALL
	SELECT 'few', i, i % 2, ARRAY[i % 2, i / 20.0, 0]::real[] FROM generate_series(1, 30) i;
CREATE FUNCTION start_model(kind text, algorithm text, options jsonb) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
BEGIN
	EXECUTE format('SELECT %s_train($1, $2, $3)', algorithm) INTO model
		USING format('SELECT x FROM start_rows WHERE kind = %L ORDER BY i', kind), CASE kind WHEN 'sheet' THEN 3 ELSE 2 END,
			'{"hidden": [16, 16], "latent": 3, "pretrain_epochs": 30, "learning_rate": 0.003, "batch_size": 40, "seed": 1}'
			|| CASE algorithm WHEN 'autoencoder' THEN '{}' ELSE '{"epochs": 0}'::jsonb END
			|| CASE algorithm WHEN 'dfmec' THEN '{}' ELSE '{"norm": "none"}'::jsonb END || options;
	RETURN model;
END $$;
CREATE FUNCTION start_taken(model bytea) RETURNS text LANGUAGE sql RETURN cluster_info(model) #>> '{options,start}';
-- all methods have the choice; an autoencoder uses k-means unless it is asked
SELECT algorithm, default_value, choices FROM cluster_options() WHERE option = 'start' AND default_value <> 'auto';
SET client_min_messages = warning;
SELECT kind, algorithm, start, start_taken(start_model(kind, algorithm, jsonb_build_object('start', start))) AS taken
	FROM unnest('{sheet,bars,few}'::text[]) kind, unnest('{autoencoder,dec,edcwrn,idec}'::text[]) algorithm, unnest('{auto,graph,kmeans}'::text[]) start
	WHERE algorithm = 'dec' OR start = 'auto' ORDER BY kind, algorithm, start;
-- the clusters are those of the start that was taken
CREATE FUNCTION start_centers(model bytea) RETURNS text LANGUAGE sql RETURN (SELECT string_agg(c::text, ' ') FROM cluster_centers(model) c);
SELECT kind, algorithm, start_centers(start_model(kind, algorithm, '{"start": "auto"}'))
		= start_centers(start_model(kind, algorithm, jsonb_build_object('start', start))) AS same
	FROM (VALUES ('sheet', 'graph'), ('bars', 'kmeans')) k(kind, start), unnest('{autoencoder,dec,edcwrn,idec}'::text[]) algorithm
	ORDER BY kind, algorithm;
RESET client_min_messages;
-- a notice says so, but only if both are compared and differ
WITH m AS MATERIALIZED (SELECT start_model('sheet', 'dec', jsonb_build_object('start', start)) AS model FROM unnest('{auto,graph}'::text[]) start)
	SELECT start_taken(model), cluster_ari(label, cluster_id(model, x)) > 0.9 AS found FROM m, start_rows WHERE kind = 'sheet' GROUP BY model;
-- nothing to choose: one cluster; around centers of another model
SELECT start_taken(dec_train('SELECT x FROM start_rows WHERE kind = ''bars'' ORDER BY i', 1, '{"hidden": [16, 16], "pretrain_epochs": 60, "learning_rate": 0.01, "epochs": 0}'));
SELECT start_taken(start_model('sheet', 'dec', jsonb_build_object('init', start_model('sheet', 'dec', '{"start": "graph"}'))));
DROP TABLE start_rows;
DROP FUNCTION start_model, start_taken, start_centers;
