-- bench/paper/iris.sql - misclassified rows of Fisher's iris, of 150, by each algorithm with three clusters
--
-- From rows 1, 51 and 101 as first centers, where the references begin, and from
-- the default, k-means++ with seed 0.
CREATE TABLE cases (algorithm text, options jsonb, reference int, promised boolean);
INSERT INTO cases VALUES
	('kmeans', '{}', 16, false),
	('fcm', '{"fuzzifier": 1.5}', 17, false),
	('fcm', '{"fuzzifier": 2}', 16, false),
	('fcm', '{"fuzzifier": 3}', 15, false),
	('mec', '{"temperature": 0.2}', 17, false),
	('mec', '{"temperature": 0.5}', 16, true),
	('mec', '{"temperature": 1}', 16, false),
	('mec', '{"temperature": 2}', 17, false),
	('mec', '{}', NULL, false),
	('tsallis', '{}', NULL, false),
	('tsallis', '{"schedule": "q_fit"}', NULL, false),
	('tsallis', '{"schedule": "q_inverse"}', NULL, false),
	('gk', '{"fuzzifier": 2}', 15, true),
	('gg', '{"weight_exponent": 2}', 5, true),
	('gg', '{"weight_exponent": 1}', 5, true),
	('logical', '{}', NULL, false),
	('logical', '{"vartheta": 0.4, "stretch": "each"}', 50, false),
	('spectral', '{"kind": "njw", "sigma": 0.5}', 14, true),
	('spectral', '{"kind": "njw", "sigma": 1}', 16, false),
	('spectral', '{"kind": "ncut", "sigma": 0.5}', 15, false),
	('spectral', '{"kind": "ncut", "sigma": 1}', 15, false);
DELETE FROM cases WHERE algorithm NOT IN (SELECT algorithm FROM cluster_options());

CREATE FUNCTION iris_model(algorithm text, options jsonb) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
BEGIN
	EXECUTE format('SELECT %I_fit(x, 3, %L::jsonb ORDER BY id) FROM iris', algorithm, options) INTO model;
	RETURN model;
END $$;

CREATE TABLE iris_results AS
	SELECT c.*, misclassified(started) AS errors, misclassified(model) AS default_errors, info(started, 'iterations') AS iterations
	FROM cases c, LATERAL (SELECT iris_model(algorithm, options) AS model,
			iris_model(algorithm, CASE algorithm WHEN 'spectral' THEN options ELSE options ||
				(SELECT jsonb_build_object('init', jsonb_agg(to_jsonb(x) ORDER BY id)) FROM iris WHERE id IN (1, 51, 101)) END) AS started
		OFFSET 0) m;

\echo 'Misclassified rows of iris'
SELECT algorithm, options, errors, reference, default_errors AS "from k-means++", iterations
FROM iris_results ORDER BY array_position('{kmeans, fcm, mec, tsallis, gk, gg, logical, spectral}', algorithm), options;

INSERT INTO promise
	SELECT format('iris, %s %s, errors', algorithm, options), errors, reference, reference FROM iris_results WHERE promised;
