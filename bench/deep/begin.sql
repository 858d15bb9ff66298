-- bench/deep/begin.sql - data sets, methods, published and promised results; results
CREATE EXTENSION fuzzyclust;
ALTER SYSTEM SET client_min_messages = warning;
ALTER SYSTEM SET maintenance_work_mem = '1GB';
ALTER SYSTEM SET jit = off;
SELECT pg_reload_conf() \g /dev/null

-- Options required by the rows of a set, for every method with a network; and those that hold from the second phase on,
-- when the autoencoder has learned: clothes are neither turned nor shifted there, for their outlines say what they are.
-- Texts are not augmented, but words are dropped.  "-log" are texts whose words count by 1 + ln(count), as in the papers:
-- codes have as many numbers as there are clusters, and more epochs than images, which are augmented, need.
CREATE TABLE sets (place int GENERATED ALWAYS AS IDENTITY, set text PRIMARY KEY, k int, options jsonb, second jsonb DEFAULT '{}');
INSERT INTO sets (set, k, options, second) VALUES
	('usps', 10, '{"shape": [1, 16, 16]}', DEFAULT),
	('mnist-test', 10, '{"shape": [1, 28, 28]}', DEFAULT),
	('mnist', 10, '{"shape": [1, 28, 28]}', DEFAULT),
	('fashion', 10, '{"shape": [1, 28, 28]}', '{"shift": 0, "rotation": 0}'),
	('reuters-r8', 8, '{"dropout": 0.2}', DEFAULT),
	('20news', 20, '{"dropout": 0.2}', DEFAULT),
	('reuters-r8-log', 8, '{"dropout": 0.2, "latent": 8}', '{"start": "kmeans", "epochs": 40}'),
	('20news-log', 20, '{"dropout": 0.2, "latent": 20}', '{"start": "kmeans", "epochs": 40}'),
	('cifar10', 10, '{"shape": [3, 32, 32], "network": "conv"}', DEFAULT),
	('cifar10-lossless', 10, '{"shape": [3, 32, 32], "network": "conv"}', DEFAULT);

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
	('dcn', 'dcn', '{}', true),
	('dkm', 'dkm', '{}', true),
	('dfkm', 'dfkm', '{}', true),
	('vade', 'vade', '{}', true),
	-- the same, and a classifier that learns their clusters; from the graph alone; with the method's own head
	('dec-refined', 'dec', '{"refine": "selflabel"}', true),
	('idec-refined', 'idec', '{"refine": "selflabel"}', true),
	('dfmec-refined', 'dfmec', '{"refine": "selflabel"}', true),
	('edcwrn-refined', 'edcwrn', '{"refine": "selflabel"}', true),
	-- of 70,000 rows the default is 5 epochs, in which a classifier sees each row a sixth as often as of 10,000
	('idec-refined-15', 'idec', '{"refine": "selflabel", "refine_epochs": 15}', true),
	('graph-refined', 'dec', '{"epochs": 0, "refine": "selflabel"}', true),
	('dec-own', 'dec', '{"refine": "selflabel", "refine_head": "own"}', true),
	('dfmec-own', 'dfmec', '{"refine": "selflabel", "refine_head": "own"}', true),
	('edcwrn-own', 'edcwrn', '{"refine": "selflabel", "refine_head": "own"}', true),
	-- first centers of k-means, as all four papers have them or (dfmec) random ones; and what else the last two print
	('dec-kmeans', 'dec', '{"start": "kmeans"}', true),
	('idec-kmeans', 'idec', '{"start": "kmeans"}', true),
	('dcn-kmeans', 'dcn', '{"start": "kmeans"}', true),
	('dkm-kmeans', 'dkm', '{"start": "kmeans"}', true),
	('dfkm-kmeans', 'dfkm', '{"start": "kmeans"}', true),
	('vade-kmeans', 'vade', '{"start": "kmeans"}', true),
	('dfmec-literal', 'dfmec', '{"start": "kmeans", "membership": "batch", "smoothing": 0, "step": 0.2}', true),
	('edcwrn-literal', 'edcwrn', '{"start": "kmeans", "assignment": "raw", "smoothing": 0, "dist_scale": 1, "neighbors": 2}', true);

-- DFMEC: Huang et al. 2024; EDCWRN: Golzari Oskouei et al. 2022 (mnist: one run of its code); DEC-DA: Guo et al. 2018, the best
-- of its variants; IDEC: Guo et al. 2017, and for mnist-test in DEC-DA; k-means: in DEC and IDEC; DCN: Yang et al. 2017; VaDE: Jiang et al. 2017,
-- whose code says 0.9446 and no NMI
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
	('mnist', 'dcn', 'DCN', 0.830, 0.810),
	('mnist', 'vade', 'VaDE', 0.945, NULL),
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
INSERT INTO promised VALUES ('20news-log', 'idec', 0.55, 0.54, 0);
INSERT INTO promised SELECT set, method, accuracy, nmi, 0.004
	FROM (VALUES ('usps', 0.984, 0.954), ('mnist-test', 0.985, 0.960)) t(set, accuracy, nmi), methods WHERE method LIKE '%-refined';

-- Both survive the server if "run --resume" says so; what was measured with other options, or of other rows, is measured again
CREATE TABLE networks (set text, seed int, rows bigint, options jsonb, model bytea, PRIMARY KEY (set, seed));
CREATE TABLE results (set text, seed int, method text, accuracy float8, nmi float8, minutes float8, rows bigint, options jsonb,
	PRIMARY KEY (set, seed, method));

CREATE FUNCTION row_table(set text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT quote_ident('rows ' || set) $$;

-- a model of the rows, which are in the order of ids, not of classes: they get mixed anyway where that matters
CREATE FUNCTION trained(set text, k int, algorithm text, options jsonb) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
	model bytea;
	source text := format('SELECT x FROM %s ORDER BY id', row_table(set));
BEGIN
	EXECUTE format('SELECT %s_train($1, $2, $3)', algorithm) INTO model USING source, k, options;
	RETURN model;
END $$;

CREATE FUNCTION row_count(set text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
	n bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM %s', row_table(set)) INTO n;
	RETURN n;
END $$;

-- the options of a training, without the network that it begins with
CREATE FUNCTION options_of(of_set text, with_seed int, by_method text, more jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN NOT EXISTS (SELECT FROM cluster_options(m.algorithm) WHERE option = 'hidden') THEN own
			ELSE s.options || CASE WHEN m.begins THEN s.second ELSE '{}' END || more || own END
			- CASE WHEN m.algorithm = 'autoencoder' THEN '{epochs}' ELSE '{}'::text[] END
		FROM sets s, methods m, LATERAL (SELECT m.options || jsonb_build_object('seed', with_seed)) o(own)
		WHERE s.set = of_set AND m.method = by_method
$$;

CREATE FUNCTION line(r results) RETURNS text LANGUAGE sql AS $$
	SELECT format('%s seed %s %s: accuracy %s, NMI %s, %s minutes', r.set, r.seed, r.method,
		round(r.accuracy::numeric, 4), round(r.nmi::numeric, 4), round(r.minutes::numeric, 2))
$$;

-- the network that methods of a set and seed begin with, or NULL
CREATE FUNCTION network(of_set text, with_seed int, more jsonb) RETURNS bytea LANGUAGE sql STABLE AS $$
	SELECT model FROM networks WHERE set = of_set AND seed = with_seed AND rows = row_count(of_set)
		AND options = options_of(of_set, with_seed, 'autoencoder', more)
$$;

CREATE FUNCTION lacks_network(of_set text, with_seed int, by_method text, more jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
	SELECT begins AND network(of_set, with_seed, more) IS NULL FROM methods WHERE method = by_method
$$;

-- Trains and scores; minutes are those of the training, without that of a network that it began with
CREATE FUNCTION measure(of_set text, with_seed int, by_method text, more jsonb) RETURNS text LANGUAGE plpgsql AS $$
<<this>>
DECLARE
	m methods := (SELECT methods FROM methods WHERE method = by_method);
	clusters int := (SELECT k FROM sets WHERE set = of_set);
	rows bigint := row_count(of_set);
	options jsonb := options_of(of_set, with_seed, by_method, more);
	model bytea;
	began timestamptz;
	result results;
BEGIN
	SELECT r.* INTO result FROM results r WHERE r.set = of_set AND r.seed = with_seed AND r.method = by_method
		AND r.rows = this.rows AND r.options = this.options;
	IF FOUND THEN
		RETURN line(result) || ' (kept)';
	END IF;
	began := clock_timestamp();
	model := trained(of_set, clusters, m.algorithm, options
		|| CASE WHEN m.begins THEN jsonb_build_object('init', network(of_set, with_seed, more)) ELSE '{}' END);
	result := (of_set, with_seed, by_method, NULL, NULL, extract(epoch FROM clock_timestamp() - began) / 60, rows, options);
	EXECUTE format('SELECT cluster_accuracy(label, cluster), cluster_nmi(label, cluster)
			FROM (SELECT label, cluster_id($1, x) AS cluster FROM %s) r', row_table(of_set))
		INTO result.accuracy, result.nmi USING model;
	DELETE FROM results r WHERE r.set = of_set AND r.seed = with_seed AND r.method = by_method;
	INSERT INTO results SELECT result.*;
	IF by_method = 'autoencoder' THEN
		DELETE FROM networks n WHERE n.set = of_set AND n.seed = with_seed;
		INSERT INTO networks VALUES (of_set, with_seed, rows, options, model);
	END IF;
	RETURN line(result);
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
