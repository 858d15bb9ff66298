-- bench/paper/tsallis.sql - random starts (variable starts, 1000) of each schedule of Tsallis annealing on iris (Yasuda, 2015)
--
-- Each number is printed beside that of an independent implementation in numpy without protection
-- against freezing, with other random starts.

CREATE TABLE schedules (schedule text, parameter text, value float8, options jsonb,
	reference_errors text, reference_iterations text);
INSERT INTO schedules
	SELECT schedule, parameter, value,
		jsonb_build_object('schedule', schedule, 'temperature', 2, parameter, value,
			'inner_tolerance', 0.1, 'outer_tolerance', 0.01, 'rate', 2, 'q_max', 100, 'init', 'random'),
		errors, iterations
	FROM (VALUES ('temperature', 'q', 1.5, '16/68/16.28', '5/28/12.82'),
			('temperature', 'q', 2, '16/17/16.00', '8/22/13.12'),
			('temperature', 'q', 4, '14/17/14.02', '8/26/15.50'),
			('temperature', 'q', 6, '13/16/13.02', '8/28/15.87'),
			('temperature', 'q', 8, '11/14/11.98', '7/30/15.57'),
			('temperature', 'q', 10, '9/17/11.69', '6/29/15.29'),
			('q_fit', 'q', 2, '10/13/10.46', '6/25/10.82'),
			('q_fit', 'q', 6, '10/40/10.42', '6/32/11.93'),
			('q_fit', 'q', 10, '10/25/10.42', '6/28/12.63'),
			('q_inverse', 'temperature', 0.2, '11/12/12.00', '14/28/17.20'),
			('q_inverse', 'temperature', 0.5, '10/11/11.00', '9/34/16.30'),
			('q_inverse', 'temperature', 1, '11/13/11.00', '8/29/15.39'),
			('q_inverse', 'temperature', 2, '10/12/10.48', '6/26/10.86'),
			('q_inverse', 'temperature', 3, '11/13/12.06', '6/26/10.44'),
			('q_inverse', 'temperature', 5, '12/13/12.12', '9/26/14.57'),
			('q_inverse', 'temperature', 8, '12/14/12.66', '13/31/18.27'),
			('q_inverse', 'temperature', 10, '11/13/12.06', '19/36/23.96'),
			('q_inverse', 'temperature', 20, '49-50', NULL),
			('q_inverse', 'temperature', 50, '49-50', NULL),
			('q_inverse', 'temperature', 100, '49-50', NULL)) v(schedule, parameter, value, errors, iterations);

-- The fit depends on the rows and on q only: once instead of in each start
UPDATE schedules SET options = options || (SELECT jsonb_build_object('fit_a', o -> 'fit_a', 'fit_b', o -> 'fit_b')
	FROM (SELECT cluster_info(tsallis_fit(x, 3, options ORDER BY id)) -> 'options' AS o FROM iris) t)
WHERE schedule = 'q_fit';

CREATE TABLE tsallis AS
	SELECT schedule, value, seed, misclassified(model) AS errors, info(model, 'iterations') AS iterations,
		(cluster_info(model) ->> 'converged')::boolean AS settled
	FROM (SELECT schedule, value, seed,
			(SELECT tsallis_fit(x, 3, options || jsonb_build_object('seed', seed) ORDER BY id) FROM iris) AS model
		FROM schedules, generate_series(1, :starts) seed OFFSET 0) m;

\echo 'Misclassified rows and iterations of' :starts 'random starts on iris: minimum/maximum/mean'
SELECT schedule, parameter || ' = ' || s.value AS parameter,
	format('%s/%s/%s', min(errors), max(errors), round(avg(errors), 2)) AS errors, reference_errors AS reference,
	format('%s/%s/%s', min(iterations), max(iterations), round(avg(iterations)::numeric, 2)) AS iterations,
	reference_iterations AS reference, count(*) FILTER (WHERE NOT settled) AS unsettled
FROM schedules s JOIN tsallis t USING (schedule, value)
GROUP BY schedule, parameter, s.value, reference_errors, reference_iterations
ORDER BY array_position('{temperature, q_fit, q_inverse}', schedule), s.value;

\echo 'Fits of q = a T^b'
SELECT value AS q0, 2 AS t_high, round((options ->> 'fit_a')::numeric, 3) AS a, a AS reference,
	round((options ->> 'fit_b')::numeric, 4) AS b, b AS reference
FROM schedules JOIN (VALUES (2, 5.120, -1.1627), (6, 13.098, -1.0580), (10, 21.093, -1.0359)) v(value, a, b) USING (value)
WHERE schedule = 'q_fit' ORDER BY value;

\echo 'Numerators of u^q at a squared distance d: of q0 = 2 at a temperature T, and of the q at T_high = 2 that the fit puts in its place (eq. 12)'
CREATE FUNCTION numerator(q float8, t float8, d float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$ SELECT (1 + (q - 1) * d / t) ^ (-q / (q - 1)) $$;
SELECT t AS "T", round(q::numeric, 2) AS q, d, round(numerator(2, t, d)::numeric, 4) AS "at T", round(numerator(q, 2, d)::numeric, 4) AS "at T_high"
FROM (SELECT (options ->> 'fit_a')::float8 AS a, (options ->> 'fit_b')::float8 AS b FROM schedules WHERE schedule = 'q_fit' AND value = 2) f,
	unnest(ARRAY[1, 0.5, 0.2, 0.1]::float8[]) t, LATERAL (SELECT a * t ^ b AS q) g, unnest(ARRAY[0.01, 0.1, 0.5, 1, 2, 5]::float8[]) d
ORDER BY t DESC, d;

INSERT INTO promise
	SELECT format('tsallis, %s %s, mean errors', schedule, value), avg(errors), low, high
	FROM tsallis JOIN (VALUES ('temperature', 2, 15.95, 16.05), ('temperature', 10, NULL, 12), ('q_fit', 2, NULL, 11), ('q_inverse', 2, NULL, 11))
		v(schedule, value, low, high) USING (schedule, value)
	GROUP BY schedule, value, low, high
	UNION ALL
	SELECT format('tsallis, %s %s, mean iterations', schedule, value), avg(iterations), NULL, 12
	FROM tsallis WHERE (schedule, value) IN (('q_fit', 2), ('q_inverse', 2)) GROUP BY schedule, value;
