-- No option is ignored: another value of any option of any algorithm makes another model.

CREATE TEMP TABLE images AS
	SELECT i, (SELECT array_agg((exp(-((r - row) ^ 2 + (c - col) ^ 2) / 2) + 0.1 * (1 + sin(i * 12.9 + r * 78.2 + c * 37.7)))::real ORDER BY r, c)
		FROM generate_series(0, 3) r, generate_series(0, 3) c) AS x
	FROM (SELECT i, (ARRAY[0.5, 0.5, 2.5])[1 + i % 3] + 0.3 * sin(i * 1.7) AS row, (ARRAY[0.5, 2.5, 1.5])[1 + i % 3] + 0.3 * cos(i * 2.3) AS col
		FROM generate_series(1, 90) i) p;

-- small networks with all that has options: images, joint training, a classifier
CREATE FUNCTION pg_temp.base(algorithm text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_object_agg(option, value) FROM cluster_options($1)
		JOIN (VALUES ('shape', '[1, 4, 4]'::jsonb), ('hidden', '[6]'), ('latent', '2'), ('batch_size', '30'), ('pretrain_epochs', '2'), ('epochs', '2'),
			('learning_rate', '0.01'), ('cluster_rate', '0.01'), ('refine', '"selflabel"'), ('refine_epochs', '2')) v(option, value) USING (option)
$$;

-- what else an option needs, to matter
CREATE TEMP TABLE needs AS
	SELECT o.algorithm, o.option, coalesce(base, '{}')::jsonb AS base, coalesce(clusters, CASE WHEN o.option NOT IN ('grid_precision', 'merge_distance', 'min_points') THEN 3 END) AS clusters
	FROM cluster_options() o LEFT JOIN (VALUES
		('tsallis', 'fit_a', '{"schedule": "q_fit"}', NULL), ('tsallis', 'fit_b', '{"schedule": "q_fit"}', NULL), ('tsallis', 'q_max', '{"schedule": "q_fit"}', NULL),
		('tsallis', 'alpha', '{"schedule": "q_inverse"}', NULL), ('spectral', 'landmarks', '{"exact_rows": 0}', NULL), ('spectral', 'exact_rows', '{"landmarks": 64}', NULL),
		('gk', 'tolerance', '{"fuzzifier": 2}', NULL), ('gg', 'tolerance', '{"weight_exponent": 2}', 2), ('gg', 'fuzzifier', '{"regularization": 0.5}', 2),
		('gg', 'restarts', '{"weight_exponent": 2, "init": "random", "max_iterations": 1}', 9), ('gg', 'start', '{"regularization": 0.5, "max_iterations": 2}', 4),
		('pcm', 'merge_distance', '{"merge_distance": 0}', 9), ('engine', 'restarts', '{"init": "random", "max_iterations": 1}', 9), ('spectral', 'restarts', '{"init": "random", "max_iterations": 1}', 9),
		('head', 'tolerance', '{"init": "random"}', 9), ('vade', 'smoothing', '{"start": "kmeans", "pretrain_epochs": 20}', 7), ('vade', 'epochs', '{"refresh": 9}', NULL), ('dkm', 'smoothing', '{"alpha": 1}', NULL), ('deep', 'restarts', '{"init": "random", "start": "kmeans", "pretrain_epochs": 0}', 30),
		('deep', 'tolerance', '{"init": "random", "start": "kmeans", "pretrain_epochs": 0}', 9),
		('deep', 'label_tolerance', '{"epochs": 6, "start": "kmeans", "cluster_rate": 0.001, "refine": "none"}', 9)) n(algorithm, option, base, clusters)
		ON n.option = o.option AND n.algorithm IN (o.algorithm, CASE WHEN o.algorithm IN (SELECT algorithm FROM cluster_options() WHERE option = 'hidden') THEN 'deep'
			WHEN o.algorithm <> 'spectral' THEN 'engine' END);

-- other values: of these options, else the other choices, or half as much again
CREATE TEMP TABLE others (option text, value jsonb);
INSERT INTO others VALUES ('hidden', '[5]'), ('latent', '3'), ('shape', '[1, 2, 8]'), ('volumes', '[1, 2, 3]'), ('sigma', '0.5'), ('temperature', '0.3'),
	('dimension_exponent', '2'), ('fit_a', '5'), ('fit_b', '-0.5'), ('inner_tolerance', '0.3'), ('outer_tolerance', '0.5'), ('weight_exponent', '1.5'),
	('vartheta', '0.3'), ('merge_distance', '0.6'), ('max_iterations', '1'), ('tolerance', '0.5'), ('exact_rows', '0'), ('landmarks', '64'), ('restarts', '20'),
	('refine_epochs', '3'), ('max_steps', '2'), ('seed', '1'), ('q', '3'), ('q_max', '2'), ('epochs', '1'), ('refine', '"none"'), ('refine_batch_size', '16'),
	('smoothing', '1'), ('label_tolerance', '1'), ('grid_precision', '0.5'), ('min_points', '40'), ('fuzzifier', '3'), ('typicality_exponent', '3'), ('noise_distance', '0.3'),
	('refresh_steps', '1'), ('cluster_shift', '0.3'), ('cluster_rotation', '40'), ('cluster_zoom', '0.4');
CREATE TEMP TABLE cases AS
	SELECT o.algorithm, o.option, n.base, n.clusters, v.value
	FROM cluster_options() o JOIN needs n USING (algorithm, option), LATERAL (
		SELECT value FROM others WHERE others.option = o.option
		UNION ALL SELECT to_jsonb(choice) FROM unnest(o.choices) choice WHERE choice <> o.default_value AND o.option NOT IN (SELECT option FROM others)
		UNION ALL SELECT to_jsonb(CASE o.type WHEN 'bigint' THEN ceil(v) ELSE v END)
			FROM (SELECT CASE WHEN initial = 0 THEN least(o.max, 0.5) WHEN initial * 1.5 > o.max THEN initial / 2 ELSE initial * 1.5 END AS v
				FROM (SELECT coalesce((pg_temp.base(o.algorithm) ->> o.option)::float8, o.default_value::float8) AS initial) i) v
			WHERE o.choices IS NULL AND o.option NOT IN (SELECT option FROM others)) v
	WHERE o.option NOT IN ('missing', 'too_few', 'weight', 'category_weight');

-- all that a model knows but its options
CREATE FUNCTION pg_temp.learned(algorithm text, clusters int, options jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	EXECUTE format('WITH rows AS (SELECT i, %s AS x FROM images) SELECT md5(concat((SELECT array_agg(c) FROM cluster_centers(model) c), (SELECT array_agg(h) FROM cluster_history(model) h),
		(SELECT array_agg(ROW(cluster_membership(model, x), cluster_distance(model, x)) ORDER BY i) FROM rows)))
		FROM (SELECT %I(x, $1, $2 ORDER BY i) AS model FROM rows) m', CASE algorithm WHEN 'logical' THEN 'x[1:2]' ELSE 'x' END, algorithm || '_fit') INTO result USING clusters, options;
	RETURN result;
EXCEPTION WHEN OTHERS THEN RETURN SQLERRM;
END
$$;
SET client_min_messages = warning;
CREATE TEMP TABLE plain AS SELECT algorithm, base, clusters, pg_temp.learned(algorithm, clusters, coalesce(pg_temp.base(algorithm), '{}') || base) AS learned
	FROM (SELECT DISTINCT algorithm, base, clusters FROM cases) c;
CREATE TEMP TABLE changed AS
	SELECT c.*, pg_temp.learned(algorithm, clusters, coalesce(pg_temp.base(algorithm), '{}') || base || jsonb_build_object(option, value)) AS learned FROM cases c;
RESET client_min_messages;
SELECT algorithm, base, clusters, learned FROM plain WHERE learned !~ '^[0-9a-f]{32}$' ORDER BY 1, 2::text;

-- refused; and ignored, as the page of tsallis says, which has tolerances of its own
SELECT algorithm, option, value, learned FROM changed WHERE learned !~ '^[0-9a-f]{32}$' ORDER BY 1, 2, 3;
SELECT c.algorithm, option, array_agg(value ORDER BY value) AS values
FROM changed c JOIN plain p ON p.algorithm = c.algorithm AND p.base = c.base AND p.clusters IS NOT DISTINCT FROM c.clusters
GROUP BY 1, 2 HAVING bool_and(c.learned = p.learned) ORDER BY 1, 2;

-- all have been tried but four, for these rows are complete, and enough, and are numbers that count once, and those with one choice
SELECT o.algorithm, o.option FROM cluster_options() o LEFT JOIN changed c USING (algorithm, option)
WHERE c.option IS NULL AND option NOT IN ('missing', 'too_few', 'weight', 'category_weight') ORDER BY 1, 2;
