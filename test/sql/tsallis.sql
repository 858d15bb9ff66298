-- Fuzzy c-means with Tsallis entropy, by annealing, on Fisher's iris.  Golden
-- numbers: an implementation in numpy, checked against a minimizer of the free
-- energy, 12 digits.

\i test/sql/include/iris.psql
\i test/sql/include/golden.psql

-- golden, at fixed q and T, which is the first step of the schedule
CREATE TEMP TABLE fixed (q float8, temperature float8, centers float8[], objective float8, memberships float8[], pc float8, misclassified int);
INSERT INTO fixed VALUES
	(1.5, 0.5, ARRAY[5.00681478236, 3.4154946509, 1.48438591769, 0.25567222896, 5.88070342132, 2.7474979135, 4.36490289993,
		1.40803477741, 6.76290620519, 3.04126471819, 5.61047550264, 2.01665422957],
		61.6362447959,
		ARRAY[0.991569318724, 0.00676099132631, 0.0016696899497, 0.00737671573784, 0.713260102304, 0.279363181958,
		0.00494916693647, 0.518001186709, 0.477049646355], 0.812053797042, 16),
	(2.5, 0.5, ARRAY[5.00631609902, 3.40340700347, 1.50528060117, 0.261717121945, 5.93539418236, 2.7873602644,
		4.41259091183, 1.42356431601, 6.67573658226, 3.02289579583, 5.50273403258, 1.9862308438],
		18.5753332879,
		ARRAY[0.861877923251, 0.0836672411002, 0.0544548356489, 0.0805678260145, 0.554782484882, 0.364649689104,
		0.0678086879521, 0.4624360391, 0.469755272948], 0.556145163444, 14),
	(6, 2, ARRAY[5.02657157969, 3.38694556514, 1.57055658316, 0.287160514101, 6.18225004914, 2.90365774358,
		4.70557819399, 1.58795614751, 6.31674919987, 2.93787722556, 4.92562116682, 1.70380445871],
		-57.7870319444,
		ARRAY[0.504076296568, 0.251267268226, 0.244656435206, 0.212856006469, 0.396386366771, 0.39075762676,
		0.201705400812, 0.391977004423, 0.406317594764], 0.355091014332, 12);
SET client_min_messages = warning;		-- one step is not enough to converge
CREATE TEMP TABLE models AS
	SELECT fixed.*, model, model4 FROM fixed, start,
		LATERAL (SELECT v0 || jsonb_build_object('q', q, 'temperature', temperature, 'max_steps', 1, 'inner_tolerance', 0, 'max_iterations', 20000) AS o) o,
		LATERAL (SELECT tsallis_fit(x, 3, o || '{"inner_tolerance": 1e-14}' ORDER BY id) AS model, tsallis_fit(x::real[], 3, o || '{"inner_tolerance": 1e-6}' ORDER BY id) AS model4 FROM iris) m;
RESET client_min_messages;
SELECT q, temperature, pg_temp.gap(pg_temp.v(model), centers) < 1e-9 AS centers, pg_temp.gap(pg_temp.v(model4), centers) < 2e-3 AS centers4,
	abs(pg_temp.info(model, 'objective') - objective) < 1e-8 AS objective, pg_temp.gap(pg_temp.u(model), memberships) < 1e-9 AS memberships,
	abs((v ->> 'partition_coefficient')::float8 - pc) < 1e-10 AS pc, pg_temp.misclassified(model) - misclassified AS more, pg_temp.misclassified(model4) - misclassified AS more4
FROM models, LATERAL (SELECT cluster_validity(model, x) AS v FROM iris) s ORDER BY q;

-- u = (1 + (q - 1) d / T)^(-1 / (q - 1)) / Z, and the objective -T sum ln_q Z is sum u^q d - T S_q
SELECT q, temperature, max(gap) < 1e-12 AS memberships, abs(sum(log_z) * -temperature - pg_temp.info(model, 'objective')) < 1e-8 AS log_z,
	abs(sum(energy) - temperature * sum(entropy) - pg_temp.info(model, 'objective')) < 1e-8 AS energy
FROM models, iris, LATERAL (
	SELECT max(abs(u - f / z)) AS gap, (power(max(z), 1 - q) - 1) / (1 - q) AS log_z, sum(power(u, q) * d ^ 2) AS energy, (sum(power(u, q)) - 1) / (1 - q) AS entropy
	FROM (SELECT u, d, f, sum(f) OVER () AS z FROM unnest(cluster_membership(model, x), cluster_distance(model, x)) t(u, d),
		LATERAL (SELECT power(1 + (q - 1) * d ^ 2 / temperature, -1 / (q - 1)) AS f) f) t) s
GROUP BY q, temperature, model ORDER BY q;

-- centers are means weighted by u^q
SELECT q, count(*) AS clusters, max(pg_temp.gap(center, mean)) < 1e-9 AS means
FROM models, cluster_centers(model), LATERAL (
	SELECT array_agg(mean ORDER BY j) AS mean
	FROM (SELECT j, sum(e * power(u, q)) / sum(power(u, q)) AS mean
		FROM iris, unnest(x) WITH ORDINALITY t(e, j), LATERAL (SELECT (cluster_membership(model, x))[cluster] AS u) m GROUP BY j) s) c
GROUP BY q ORDER BY q;

-- golden annealing: as in the paper, with tolerances 0.1 and 0.01; and four steps to the bottom of each
CREATE FUNCTION pg_temp.sorted(float8[]) RETURNS float8[] LANGUAGE sql AS $$
	SELECT array_agg(e ORDER BY v, j) FROM generate_series(1, cardinality($1), 4) i, LATERAL (SELECT $1[i:i + 3] AS v) v, unnest(v) WITH ORDINALITY t(e, j)
$$;
CREATE TEMP TABLE annealed (schedule text, options jsonb, exact boolean, centers float8[], objective float8, q float8, temperature float8, iterations int, steps int, misclassified int);
INSERT INTO annealed VALUES
	('temperature', '{"q": 1.5}', false, ARRAY[5.00601176727, 3.41992152172, 1.47549531552, 0.252051508627, 5.87820045124, 2.74554683232,
		4.36141717605, 1.40582907674, 6.8093367486, 3.05891465688, 5.68030971281, 2.05406538353],
		72.6411426189, 1.5, 0.100504740657, 10, 6, 16),
	('temperature', '{"q": 1.5}', true, ARRAY[5.0060513584, 3.41930997042, 1.4765720404, 0.252507302865, 5.88071906664, 2.74644257013, 4.36495322206,
		1.40748286359, 6.80987009478, 3.05879606286, 5.68057642699, 2.0535842493],
		71.7550164579, 1.5, 0.143847604003, 1284, 4, 17),
	('temperature', '{"q": 2}', false, ARRAY[5.00437436575, 3.41291308168, 1.48555826101, 0.254715967383, 5.89041269102, 2.76092859024,
		4.36621334015, 1.39937707325, 6.761657064, 3.04691763563, 5.6255159812, 2.04107053742],
		56.352259202, 2, 0.118211493124, 10, 5, 16),
	('temperature', '{"q": 2}', true, ARRAY[5.00448668085, 3.41267332592, 1.48618343349, 0.254988020508, 5.89180689519, 2.76123816504,
		4.36859373827, 1.40103743496, 6.76363702294, 3.04713213528, 5.62676046742, 2.0404287021],
		55.3728854279, 2, 0.143847604003, 2813, 4, 16),
	('temperature', '{"q": 4}', false, ARRAY[5.00488632667, 3.39912559446, 1.49908699244, 0.256061354439, 5.95303896104, 2.81554881644,
		4.41998141866, 1.4170058913, 6.63156132778, 3.02077242064, 5.46771723116, 1.99888210207],
		8.56969917221, 4, 0.0692218662185, 12, 9, 14),
	('temperature', '{"q": 4}', true, ARRAY[5.00484935872, 3.39853182128, 1.5021672577, 0.257710236551, 5.94668108324, 2.81225476816,
		4.41092358469, 1.41455257097, 6.63024089369, 3.02004748703, 5.46140847934, 1.99318579508],
		5.33918877206, 4, 0.143847604003, 8129, 4, 15),
	('temperature', '{"q": 10}', false, ARRAY[5.01822427132, 3.40023097356, 1.50676270978, 0.255677432474, 6.0214627871, 2.86099316128,
		4.48313461738, 1.45248688121, 6.51065102322, 2.98982947618, 5.28441428188, 1.91138631944],
		-1.02236001772, 10, 0.0626022264899, 12, 10, 12),
	('temperature', '{"q": 10}', true, ARRAY[5.01686486195, 3.39873836742, 1.51069213681, 0.258747398816, 6.0074520747, 2.85506208125,
		4.46127727079, 1.44289246637, 6.51694222998, 2.99209649529, 5.29366541555, 1.91411576559],
		-2.376150334, 10, 0.143847604003, 558, 4, 11),
	('q_fit', '{"fit_a": 5.12001, "fit_b": -1.16266}', false, ARRAY[5.02305816958, 3.39412709728, 1.53400352914, 0.269507104254, 6.09214471113, 2.8897619902,
		4.55900256695, 1.50060953617, 6.38758002635, 2.95482869733, 5.05904537303, 1.78458672261],
		-4.97521982088, 61.2988432272, 2, 7, 5, 11),
	('q_fit', '{"fit_a": 5.12001, "fit_b": -1.16266}', true, ARRAY[5.0233608907, 3.39401523333, 1.53617215483, 0.270671693412, 6.07345571836, 2.88485628071,
		4.52978881611, 1.48638404845, 6.4022905842, 2.95943354833, 5.0844528442, 1.79859763944],
		-6.27727330159, 48.7914510945, 2, 2939, 4, 10),
	('q_inverse', '{"temperature": 0.5}', false, ARRAY[5.02360164106, 3.39841912109, 1.52122571442, 0.262730284771, 6.02591207509, 2.87124914812,
		4.4705699013, 1.45245894616, 6.46387007724, 2.97884512659, 5.19574276168, 1.86459096637],
		-2.19668198881, 35.1424022148, 0.5, 15, 11, 11),
	('q_inverse', '{"temperature": 0.5}', true, ARRAY[5.01790603057, 3.39522602197, 1.52369059421, 0.26525769612, 6.03069925497, 2.86518141709,
		4.48172680258, 1.45734296493, 6.47485754921, 2.97976243225, 5.21462940487, 1.86996024167],
		-5.76735029462, 14.0036031491, 0.5, 285, 4, 12),
	('q_inverse', '{"temperature": 2}', false, ARRAY[5.02365640981, 3.38950785084, 1.55335199043, 0.278773387406, 6.09024733652, 2.88594186946,
		4.55460956744, 1.50510243874, 6.38886182611, 2.95751492785, 5.05330738731, 1.77804415158],
		-18.7279496871, 17.0188286786, 2, 8, 5, 11),
	('q_inverse', '{"temperature": 2}', true, ARRAY[5.0239142865, 3.38897076584, 1.55618544157, 0.280115013171, 6.11425358879, 2.89134578247,
		4.59145859953, 1.5255798683, 6.36593950589, 2.95121108459, 5.01407460048, 1.75588620012],
		-23.070213076, 14.0036031491, 2, 1250, 4, 11);
SET client_min_messages = warning;
CREATE TEMP TABLE cooled AS
	SELECT annealed.*, model FROM annealed, start,
		LATERAL (SELECT tsallis_fit(x, 3, v0 || jsonb_build_object('schedule', schedule, 'temperature', 2, 'rate', 2, 'max_iterations', 20000) ||
			CASE WHEN exact THEN '{"inner_tolerance": 1e-10, "outer_tolerance": 0, "max_steps": 4}' ELSE '{"inner_tolerance": 0.1, "outer_tolerance": 0.01}' END::jsonb
			|| options ORDER BY id) AS model FROM iris) m;
RESET client_min_messages;
-- where a step went to its bottom, two centers have merged, and a nudge decides which of them goes where, and when
SELECT schedule, options, exact, pg_temp.gap(pg_temp.centers(model), pg_temp.sorted(centers)) < 1e-7 AS centers, abs(pg_temp.info(model, 'objective') - c.objective) < 1e-6 AS objective,
	CASE WHEN NOT exact THEN pg_temp.info(model, 'iterations') - iterations END AS iterations, pg_temp.misclassified(model) - misclassified AS errors,
	abs(h.q / c.q - 1) < 1e-9 AS q, abs(h.temperature / c.temperature - 1) < 1e-9 AS temperature, h.phase::int + 1 - steps AS steps, cluster_info(model) -> 'converged' AS converged
FROM cooled c, LATERAL (SELECT * FROM cluster_history(model) ORDER BY iteration DESC LIMIT 1) h ORDER BY schedule, exact, c.q;

-- T falls as T_high exp(-rate step^(1/D)), or q rises as a T^b or as T_high / T + alpha, to q_max at most
SET client_min_messages = warning;
CREATE TEMP TABLE courses AS
	SELECT schedule, tsallis_fit(x, 3, tsallis_options(schedule => schedule, q => 5, temperature => 3, rate => 1.5, dimension_exponent => 3, alpha => 0.2,
			fit_a => 8, fit_b => -1.1, q_max => 30, max_steps => 50, outer_tolerance => 0, inner_tolerance => 1e-5, max_iterations => 20000)) AS model
	FROM iris, unnest(ARRAY['temperature', 'q_fit', 'q_inverse']) schedule GROUP BY schedule;
RESET client_min_messages;
SELECT schedule, count(*) = pg_temp.info(model, 'iterations') AS rows, bool_and(iteration = place) AS counted, max(step) AS last, bool_and(step - before IN (0, 1)) AS phases,
	max(abs(temperature / CASE schedule WHEN 'temperature' THEN cooled ELSE 3 END - 1)) < 1e-12 AS temperature,
	max(abs(q / CASE schedule WHEN 'temperature' THEN 5 WHEN 'q_fit' THEN least(8 * power(cooled, -1.1), 30) ELSE least(3 / cooled + 0.2, 30) END - 1)) < 1e-12 AS q,
	max(q) = 30 AS capped, sum(num_nonnulls(reconstruction_loss, clustering_loss)) AS others
FROM (SELECT schedule, model, h.*, phase::int AS step, 3 * exp(-1.5 * power(phase::int, 1 / 3.0)) AS cooled, lag(phase::int, 1, 0) OVER w AS before, row_number() OVER w AS place
	FROM courses, cluster_history(model) h WINDOW w AS (PARTITION BY schedule ORDER BY iteration)) t
GROUP BY schedule, model ORDER BY schedule;

-- within a step the free energy never rises, and the step ends when no center moves by the inner tolerance
SELECT schedule, max(rise) < 1e-9 AS falls, bool_and((change * spread <= 1e-5) = last) AS ends
FROM (SELECT schedule, objective - lag(objective) OVER w AS rise, change, lead(iteration) OVER w IS NULL AS last
		FROM courses, cluster_history(model) WINDOW w AS (PARTITION BY schedule, phase ORDER BY iteration)) h,
	(SELECT sqrt(sum(variance)) AS spread FROM (SELECT var_pop(e) AS variance FROM iris, unnest(x) WITH ORDINALITY t(e, j) GROUP BY j) v) s
GROUP BY schedule ORDER BY schedule;

-- options that are not given are derived from the rows: a quarter of the critical temperature (10.10 for q = 2, 8.530
-- for q = 1.1), the number of features, parts of the mean standard deviation, and the fit; units do not matter
SELECT schedule, options -> 'dimension_exponent' AS d, abs((options ->> 'temperature')::float8 / CASE schedule WHEN 'q_inverse' THEN 8.530 ELSE 10.10 END * 4 - 1) < 1e-3 AS temperature,
	abs((options ->> 'inner_tolerance')::float8 / deviation - 0.1) < 1e-9 AS inner, abs((options ->> 'outer_tolerance')::float8 / deviation - 0.01) < 1e-9 AS outer,
	options -> 'fit_a' <> 'null' AS fitted, pg_temp.misclassified(model) < 17 AS clusters
FROM (SELECT schedule, tsallis_fit(x, 3, tsallis_options(schedule => schedule)) AS model FROM iris, unnest(ARRAY['temperature', 'q_fit', 'q_inverse']) schedule GROUP BY schedule) m,
	LATERAL (SELECT cluster_info(model) -> 'options' AS options) o,
	(SELECT sqrt(avg(variance)) AS deviation FROM (SELECT var_pop(e) AS variance FROM iris, unnest(x) WITH ORDINALITY t(e, j) GROUP BY j) v) s ORDER BY schedule;
SELECT schedule, pg_temp.gap(pg_temp.v(model), ARRAY(SELECT e / 1000 FROM unnest(pg_temp.v(large)) WITH ORDINALITY t(e, i) ORDER BY i)) < 1e-6 AS centers,
	pg_temp.info(large, 'iterations') = pg_temp.info(model, 'iterations') AS iterations
FROM (SELECT schedule, tsallis_fit(x, 3, tsallis_options(schedule => schedule) ORDER BY id) AS model,
		tsallis_fit(ARRAY[1000 * x[1], 1000 * x[2], 1000 * x[3], 1000 * x[4]], 3, tsallis_options(schedule => schedule) ORDER BY id) AS large
	FROM iris, unnest(ARRAY['temperature', 'q_fit', 'q_inverse']) schedule GROUP BY schedule) m ORDER BY schedule;

-- the fit, against one with 10000 distances from 0 to 100, and with a or b given
SELECT q, t, abs((options ->> 'fit_a')::float8 / a - 1) < 0.001 AS a, abs((options ->> 'fit_b')::float8 - b) < 0.002 AS b
FROM (SELECT q, t, a, b, cluster_info(tsallis_fit(x, 3, tsallis_options(schedule => 'q_fit', q => q, temperature => t))) -> 'options' AS options
	FROM iris, (VALUES (2, 2, 5.12000937048, -1.16265949773), (6, 2, 13.0981269924, -1.05797974505), (10, 2, 21.0933522668, -1.03594849147), (2, 20, 73.5526027616, -1.16095499769)) v(q, t, a, b)
	GROUP BY q, t, a, b) f ORDER BY q, t;
SELECT options -> 'fit_a' AS a, options -> 'fit_b' <> 'null' AS b
FROM (SELECT cluster_info(tsallis_fit(x, 3, tsallis_options(schedule => 'q_fit', fit_a => 4, temperature => 2))) -> 'options' AS options FROM iris) f;

-- q = 1 is maximum-entropy clustering, and a low temperature is fuzzy c-means with m = q
SET client_min_messages = warning;
SELECT pg_temp.gap(pg_temp.v(model), pg_temp.v(mec)) < 1e-9 AS mec, abs(pg_temp.info(model, 'objective') - pg_temp.info(mec, 'objective')) < 1e-8 AS energy
FROM start, LATERAL (SELECT mec_fit(x, 3, v0 || '{"temperature": 0.5, "tolerance": 1e-14}') AS mec,
	tsallis_fit(x, 3, v0 || '{"q": 1, "temperature": 0.5, "max_steps": 1, "inner_tolerance": 1e-14, "max_iterations": 20000}') AS model FROM iris) m;
SELECT q, pg_temp.gap(pg_temp.v(model), pg_temp.v(fcm)) < 1e-6 AS fcm
FROM start, unnest(ARRAY[1.5, 2, 3]) q, LATERAL (SELECT fcm_fit(x, 3, v0 || jsonb_build_object('fuzzifier', q, 'tolerance', 1e-14)) AS fcm,
	tsallis_fit(x, 3, v0 || jsonb_build_object('q', q, 'temperature', 1e-9, 'max_steps', 1, 'inner_tolerance', 1e-14, 'max_iterations', 20000)) AS model FROM iris) m ORDER BY q;

-- centers that have merged above the critical temperature part when it falls
SELECT q, count(DISTINCT misclassified) AS results, max(misclassified) AS worst, bool_and(settled) AS settled
FROM (SELECT q, s, pg_temp.misclassified(model) AS misclassified, (cluster_info(model) -> 'converged')::bool AS settled
	FROM (SELECT q, s, tsallis_fit(x, 3, tsallis_options(q => q, temperature => 50, init => 'random', seed => s)) AS model
		FROM iris, unnest(ARRAY[1.5, 2]) q, generate_series(1, 10) s GROUP BY q, s) m) r
GROUP BY q ORDER BY q;

-- every option takes effect
CREATE FUNCTION pg_temp.centers_with(options jsonb) RETURNS float8[] LANGUAGE sql AS $$
	SELECT pg_temp.v(tsallis_fit(x, 3, '{"temperature": 2, "inner_tolerance": 0.1, "outer_tolerance": 0.01}' || options ORDER BY id)) FROM iris
$$;
SELECT option, pg_temp.gap(pg_temp.centers_with(a), pg_temp.centers_with(b)) > 1e-9 AS differ
FROM (VALUES ('schedule', '{}'::jsonb, '{"schedule": "q_fit"}'::jsonb), ('q', '{}', '{"q": 3}'), ('temperature', '{}', '{"temperature": 1}'), ('rate', '{}', '{"rate": 1}'),
	('dimension_exponent', '{}', '{"dimension_exponent": 2}'), ('alpha', '{"schedule": "q_inverse"}', '{"schedule": "q_inverse", "alpha": 1}'),
	('fit_a', '{"schedule": "q_fit"}', '{"schedule": "q_fit", "fit_a": 9}'), ('fit_b', '{"schedule": "q_fit"}', '{"schedule": "q_fit", "fit_b": -2}'),
	('inner_tolerance', '{}', '{"inner_tolerance": 0.001}'), ('outer_tolerance', '{}', '{"outer_tolerance": 0.1}'), ('q_max', '{"schedule": "q_inverse"}', '{"schedule": "q_inverse", "q_max": 3}'),
	('max_steps', '{}', '{"max_steps": 2}'), ('seed', '{"init": "random"}', '{"init": "random", "seed": 8}'), ('max_iterations', '{}', '{"max_iterations": 4}'),
	('init', '{"init": "sample", "max_iterations": 1}', '{"init": "random", "max_iterations": 1}'), ('scale', '{}', '{"scale": "minmax"}')) v(option, a, b);
RESET client_min_messages;
SELECT cluster_info(tsallis_fit(ARRAY[nullif(id, 3), id % 5], 2, '{"missing": "skip"}')) -> 'skipped' AS skipped FROM iris;

-- restarts are independent starts, of which the least free energy stays
SET client_min_messages = warning;
SELECT count(*) AS starts, bool_and(many <= one) AS "no worse"
FROM (SELECT pg_temp.info(tsallis_fit(x, 5, o), 'objective') AS one, pg_temp.info(tsallis_fit(x, 5, o || '{"restarts": 10}'), 'objective') AS many
	FROM iris, generate_series(1, 5) s, jsonb_build_object('init', 'random', 'seed', s, 'schedule', 'q_inverse', 'temperature', 1, 'q_max', 100) o GROUP BY o) r;

-- large q and many clusters, where all weights would underflow
SELECT q, count(DISTINCT cluster) AS clusters, bool_and(e = e AND e BETWEEN 0 AND 8) AS finite
FROM (SELECT q, tsallis_fit(x, 100, tsallis_options(q => q, temperature => 1, q_max => 1000, max_steps => 1, max_iterations => 3)) AS model FROM iris, unnest(ARRAY[50, 100]) q GROUP BY q) m,
	cluster_centers(model), unnest(center) e GROUP BY q ORDER BY q;

-- 100 random starts of each schedule as in the paper, T_high = 2: q_fit and q_inverse have fewer errors in fewer iterations than cooling
SELECT schedule, q, avg(errors)::numeric(5, 1) <= most AS errors, avg(iterations) <= 12 AS few, bool_and(settled) AS settled
FROM (SELECT schedule, q, most, pg_temp.misclassified(model) AS errors, pg_temp.info(model, 'iterations') AS iterations, (cluster_info(model) -> 'converged')::boolean AS settled
	FROM (SELECT schedule, q, most, s, tsallis_fit(x, 3, tsallis_options(schedule => schedule, q => q, temperature => 2, rate => 2, inner_tolerance => 0.1,
				outer_tolerance => 0.01, init => 'random', seed => s)) AS model
		FROM iris, (VALUES ('temperature', 2, 16.0), ('temperature', 10, 12), ('q_fit', 2, 11), ('q_inverse', 2, 11)) v(schedule, q, most), generate_series(1, 100) s
		GROUP BY schedule, q, most, s) m) e
GROUP BY schedule, q, most ORDER BY schedule, q;
RESET client_min_messages;

-- above the critical temperature, 8.53, two centers part late and slowly; they are not waited for
SELECT temperature, avg(iterations) < 60 AS few, max(iterations) < 100 AS none_many, bool_and(settled) AS settled
FROM (SELECT temperature, pg_temp.info(model, 'iterations') AS iterations, (cluster_info(model) -> 'converged')::boolean AS settled
	FROM (SELECT temperature, s, tsallis_fit(x, 3, tsallis_options(schedule => 'q_inverse', temperature => temperature, q_max => 100, inner_tolerance => 0.1,
				outer_tolerance => 0.01, init => 'random', seed => s)) AS model
		FROM iris, unnest(ARRAY[8, 10]) temperature, generate_series(1, 60) s GROUP BY temperature, s) m) e
GROUP BY temperature ORDER BY temperature;

-- scoring uses the q and T at which annealing ended
SELECT max(abs(u - f / z)) < 1e-9 AS memberships
FROM (SELECT tsallis_fit(x, 3, tsallis_options(schedule => 'q_inverse', temperature => 2)) AS model FROM iris) m,
	LATERAL (SELECT q, temperature FROM cluster_history(model) ORDER BY iteration DESC LIMIT 1) h, iris,
	LATERAL (SELECT u, f, sum(f) OVER () AS z FROM unnest(cluster_membership(model, x), cluster_distance(model, x)) t(u, d),
		LATERAL (SELECT power(1 + (q - 1) * d ^ 2 / temperature, -1 / (q - 1)) AS f) f) s;

-- the notice names the option that ended the training
SELECT cluster_info(tsallis_fit(x, 3, tsallis_options(max_steps => 2))) -> 'converged' AS converged FROM iris;

-- errors
SELECT tsallis_fit(x, 3, '{"schedule": "q_slow"}') FROM iris;
SELECT tsallis_options(q => 0.5);
SELECT tsallis_options(temperature => 0);
SELECT tsallis_options(rate => 0);
SELECT tsallis_options(fit_b => 1);
SELECT tsallis_options(max_steps => 0);
SELECT tsallis_fit(x, 3, '{"fuzzifier": 2}') FROM iris;
SELECT tsallis_fit(x, 3, '{"q": "2"}') FROM iris;
SELECT tsallis_fit(x, 150) FROM iris;
