-- bench/deep/begin.sql - data sets, methods, published and promised results; results
CREATE EXTENSION fuzzyclust;
ALTER SYSTEM SET client_min_messages = warning;
ALTER SYSTEM SET maintenance_work_mem = '1GB';
ALTER SYSTEM SET jit = off;
SELECT pg_reload_conf() \g /dev/null

-- options required by the rows of a data set, for every method with a network.  No rotations and
-- shifts of clothes in the second phase, and no augmentation of texts.
CREATE TABLE sets (place int GENERATED ALWAYS AS IDENTITY, set text PRIMARY KEY, k int, options jsonb);
INSERT INTO sets (set, k, options) VALUES
	('usps', 10, '{"shape": [1, 16, 16]}'),
	('mnist-test', 10, '{"shape": [1, 28, 28]}'),
	('mnist', 10, '{"shape": [1, 28, 28]}'),
	('fashion', 10, '{"shape": [1, 28, 28]}'),
	('reuters-r8', 8, '{"dropout": 0.2}'),
	('20news', 20, '{"dropout": 0.2}');

-- begins: with the network of the autoencoder of the same seed
CREATE TABLE methods (place int GENERATED ALWAYS AS IDENTITY, method text PRIMARY KEY, algorithm text, options jsonb, begins boolean);
INSERT INTO methods (method, algorithm, options, begins) VALUES
	('kmeans', 'kmeans', '{"restarts": 10}', false),
	('fcm', 'fcm', '{"fuzzifier": 1.1}', false),
	('mec', 'mec', '{}', false),
	('autoencoder', 'autoencoder', '{}', false),
	('graph', 'autoencoder', '{"start": "graph", "pretrain_epochs": 0}', true),
	('dec', 'dec', '{}', true),
	('idec', 'idec', '{}', true),
	('dfmec', 'dfmec', '{}', true),
	('edcwrn', 'edcwrn', '{}', true),
	-- the same, and a classifier that learns their clusters; from the graph alone; with the method's own head
	('dec-refined', 'dec', '{"refine": "selflabel"}', true),
	('idec-refined', 'idec', '{"refine": "selflabel"}', true),
	('dfmec-refined', 'dfmec', '{"refine": "selflabel"}', true),
	('edcwrn-refined', 'edcwrn', '{"refine": "selflabel"}', true),
	('graph-refined', 'dec', '{"epochs": 0, "refine": "selflabel"}', true),
	('dec-own', 'dec', '{"refine": "selflabel", "refine_head": "own"}', true),
	('dfmec-own', 'dfmec', '{"refine": "selflabel", "refine_head": "own"}', true),
	('edcwrn-own', 'edcwrn', '{"refine": "selflabel", "refine_head": "own"}', true),
	-- first centers of k-means, as all four papers have them or (dfmec) random ones; and what else the last two print
	('dec-kmeans', 'dec', '{"start": "kmeans"}', true),
	('idec-kmeans', 'idec', '{"start": "kmeans"}', true),
	('dfmec-literal', 'dfmec', '{"start": "kmeans", "membership": "batch", "smoothing": 0, "step": 0.2}', true),
	('edcwrn-literal', 'edcwrn', '{"start": "kmeans", "assignment": "raw", "smoothing": 0, "dist_scale": 1, "neighbors": 2}', true);

-- DFMEC: Huang et al. 2024; EDCWRN: Golzari Oskouei et al. 2022 (mnist: one run of its code); DEC-DA: Guo et al. 2018, the best
-- of its variants; IDEC: Guo et al. 2017, and for mnist-test in DEC-DA; k-means: in DEC and IDEC
CREATE TABLE published (set text, method text, source text, accuracy float8, nmi float8);
INSERT INTO published VALUES
	('usps', 'kmeans', 'IDEC', 0.668, 0.626),
	('usps', 'autoencoder', 'DFMEC', 0.716, 0.686),
	('usps', 'idec', 'IDEC', 0.761, 0.785),
	('usps', 'dec', 'DEC-DA', 0.987, 0.962),
	('usps', 'dfmec', 'DFMEC', 0.847, 0.782),
	('usps', 'edcwrn', 'EDCWRN', 0.983, 0.952),
	('mnist-test', 'idec', 'DEC-DA', 0.846, 0.802),
	('mnist-test', 'dec', 'DEC-DA', 0.983, 0.958),
	('mnist-test', 'edcwrn', 'EDCWRN', 0.987, 0.963),
	('mnist', 'dec', 'DEC-DA', 0.985, 0.960),
	('mnist', 'dfmec', 'DFMEC', 0.948, 0.885),
	('mnist', 'edcwrn', 'EDCWRN', 0.988, 0.967),
	('fashion', 'dec', 'DEC-DA', 0.586, 0.636),
	('fashion', 'dfmec', 'DFMEC', 0.605, 0.672),
	('fashion', 'edcwrn', 'EDCWRN', 0.625, 0.680);

-- means of seeds 0 to 2, to be met within this tolerance
CREATE TABLE promised (set text, method text, accuracy float8, nmi float8, within float8 DEFAULT 0.01);
INSERT INTO promised (set, method, accuracy, nmi) VALUES
	('usps', 'autoencoder', 0.746, 0.750),
	('usps', 'graph', 0.959, 0.903),
	('usps', 'idec', 0.960, 0.910),
	('usps', 'edcwrn', 0.965, 0.914),
	('usps', 'dfmec', 0.962, 0.913),
	('mnist-test', 'autoencoder', 0.770, 0.709),
	('mnist-test', 'graph', 0.940, 0.873),
	('mnist-test', 'idec', 0.955, 0.900),
	('mnist-test', 'edcwrn', 0.961, 0.910),
	('mnist-test', 'dfmec', 0.942, 0.889);
INSERT INTO promised SELECT set, method, accuracy, nmi, 0.004
	FROM (VALUES ('usps', 0.984, 0.954), ('mnist-test', 0.985, 0.960)) t(set, accuracy, nmi), methods WHERE method LIKE '%-refined';

CREATE TABLE networks (set text, seed int, model bytea, PRIMARY KEY (set, seed));
CREATE TABLE results (set text, seed int, method text, accuracy float8, nmi float8, minutes float8, PRIMARY KEY (set, seed, method));

CREATE FUNCTION row_table(set text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT quote_ident('rows ' || set) $$;

-- a model of the rows, which are in the order of ids, not of classes: they get mixed anyway where that matters
CREATE FUNCTION trained(set text, k int, algorithm text, options jsonb) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
	source text := format('SELECT x FROM %s ORDER BY id', row_table(set));
BEGIN
	IF to_regproc(algorithm || '_train') IS NOT NULL THEN
		EXECUTE format('SELECT %s_train($1, $2, $3)', algorithm) INTO model USING source, k, options;
	ELSE
		EXECUTE format('SELECT %s_fit(x, $1, $2) FROM (%s) r', algorithm, source) INTO model USING k, options;
	END IF;
	RETURN model;
END $$;

-- Trains and scores; begins with the network of its set and seed, which is trained if it is not there.
-- Minutes are those of the training, without that of a network that it began with.
CREATE FUNCTION measure(of_set text, with_seed int, by_method text, more jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	m methods := (SELECT methods FROM methods WHERE method = by_method);
	s sets := (SELECT sets FROM sets WHERE set = of_set);
	options jsonb := m.options || jsonb_build_object('seed', with_seed);
	model bytea;
	began timestamptz;
	result results;
BEGIN
	IF to_regproc(m.algorithm || '_train') IS NOT NULL THEN
		options := s.options || more || options;
		IF m.algorithm = 'autoencoder' THEN
			options := options - 'epochs';
		END IF;
	END IF;
	IF m.begins THEN
		IF NOT EXISTS (SELECT FROM networks WHERE set = of_set AND seed = with_seed) THEN
			RAISE WARNING '%', measure(of_set, with_seed, 'autoencoder', more);
		END IF;
		options := options || jsonb_build_object('init', (SELECT n.model FROM networks n WHERE set = of_set AND seed = with_seed));
	END IF;
	began := clock_timestamp();
	model := trained(of_set, s.k, m.algorithm, options);
	result.minutes := extract(epoch FROM clock_timestamp() - began) / 60;
	EXECUTE format('SELECT cluster_accuracy(label, cluster), cluster_nmi(label, cluster)
			FROM (SELECT label, cluster_id($1, x) AS cluster FROM %s) r', row_table(of_set))
		INTO result.accuracy, result.nmi USING model;
	INSERT INTO results VALUES (of_set, with_seed, by_method, result.accuracy, result.nmi, result.minutes)
		ON CONFLICT ON CONSTRAINT results_pkey DO NOTHING;
	IF by_method = 'autoencoder' THEN
		INSERT INTO networks VALUES (of_set, with_seed, model) ON CONFLICT DO NOTHING;
	END IF;
	RETURN format('%s seed %s %s: accuracy %s, NMI %s, %s minutes', of_set, with_seed, by_method,
		round(result.accuracy::numeric, 4), round(result.nmi::numeric, 4), round(result.minutes::numeric, 2));
END $$;

CREATE VIEW report AS
	SELECT set, method, count(*) AS seeds, round(avg(r.accuracy)::numeric, 4) AS accuracy, round(avg(r.nmi)::numeric, 4) AS nmi,
		round(min(r.accuracy)::numeric, 4) || ' to ' || round(max(r.accuracy)::numeric, 4) AS "accuracy of seeds",
		round(avg(minutes)::numeric, 2) AS minutes,
		(SELECT format('%s / %s %s', to_char(p.accuracy, 'FM0.000'), to_char(p.nmi, 'FM0.000'), source) FROM published p
			WHERE p.set = r.set AND p.method = r.method) AS published,
		(SELECT format('%s / %s', to_char(p.accuracy, 'FM0.000'), to_char(p.nmi, 'FM0.000')) FROM promised p
			WHERE p.set = r.set AND p.method = r.method) AS promised,
		(SELECT avg(r.accuracy) >= p.accuracy - p.within AND avg(r.nmi) >= p.nmi - p.within FROM promised p
			WHERE p.set = r.set AND p.method = r.method) AS kept
	FROM results r GROUP BY set, method;
