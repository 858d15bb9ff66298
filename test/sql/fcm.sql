-- Fuzzy c-means on Fisher's iris.  Golden numbers: an implementation in numpy,
-- checked against R e1071 (cmeans) and Octave (fcm), 12 digits.

\i test/sql/include/iris.psql

-- the fixed point, from our own first centers
CREATE TEMP TABLE golden AS SELECT * FROM (VALUES
	(1.5::float8, 74.3821841871::float8, 17, ARRAY[5.00600927203, 3.42028367977, 1.4748468321, 0.25183298247,
		5.88871915005, 2.74853561943, 4.37752783516, 1.41438043819, 6.8272884934, 3.06615082739, 5.70574142337, 2.06677888927]),
	(2, 60.5057106295, 16, ARRAY[5.00396596061, 3.41408885878, 1.48281553261, 0.253546317479,
		5.88893236061, 2.7610693632, 4.36395164313, 1.39731504071, 6.77501122375, 3.05238227104, 5.64678178192, 2.05354665854]),
	(3, 29.0736095548, 15, ARRAY[5.00268379099, 3.40364507353, 1.49175176673, 0.254125529979,
		5.90964349733, 2.79115296296, 4.37820463019, 1.39629066671, 6.69503591018, 3.03743335849, 5.55144076727, 2.03543077777])
) v(m, objective, misclassified, centers);
CREATE TEMP TABLE models AS
	SELECT g.m, fcm_fit(x, 3, fcm_options(fuzzifier => g.m)) AS model, fcm_fit(x::real[], 3, fcm_options(fuzzifier => g.m)) AS model4
	FROM iris, golden g GROUP BY g.m;
SELECT m, cluster_info(model) -> 'converged' AS converged,
	pg_temp.gap(pg_temp.centers(model), centers) < 1e-9 AS centers,
	abs((cluster_info(model) -> 'objective')::float8 - objective) < 1e-9 AS objective,
	pg_temp.gap(pg_temp.centers(model4), centers) < 1e-5 AS centers4,
	abs((cluster_info(model4) -> 'objective')::float8 - objective) < 1e-4 AS objective4
FROM models JOIN golden USING (m) ORDER BY m;
SELECT m, round(150 * (1 - cluster_accuracy(label, cluster_id(model, x)))) = misclassified AS misclassified,
	round(150 * (1 - cluster_accuracy(label, cluster_id(model4, x::real[])))) = misclassified AS misclassified4
FROM models JOIN golden USING (m), iris GROUP BY m, misclassified ORDER BY m;
SELECT round(150 * (1 - cluster_accuracy(label, cluster_id(model, x)))) AS misclassified,
	abs((cluster_validity(model, x) -> 'partition_coefficient')::float8 - 0.783397486897) < 1e-10 AS coefficient,
	abs((cluster_validity(model4, x::real[]) -> 'partition_coefficient')::float8 - 0.783397486897) < 1e-5 AS coefficient4
FROM models, iris WHERE m = 2;

-- memberships at the fixed point
SELECT m, count(*) AS rows, max(pg_temp.gap((SELECT array_agg(s.membership ORDER BY center) FROM cluster_centers(model) c,
		LATERAL (SELECT (cluster_membership(model, x))[c.cluster] AS membership) s), u)) < 1e-8 AS right
FROM models JOIN (VALUES
	(1.5, 1, ARRAY[0.999994983531, 4.1482218373e-06, 8.68246922775e-07]),
	(1.5, 71, ARRAY[0.00126368567518, 0.916175730841, 0.0825605834841]),
	(1.5, 134, ARRAY[0.00119969479279, 0.685489996731, 0.313310308477]),
	(2, 1, ARRAY[0.996623586023, 0.00230437971413, 0.00107203426239]),
	(2, 71, ARRAY[0.0276153271734, 0.721644656429, 0.250740016397]),
	(2, 134, ARRAY[0.0233886410592, 0.54020372949, 0.43640762945]),
	(3, 1, ARRAY[0.9198352389, 0.0471457999967, 0.033018961103]),
	(3, 71, ARRAY[0.104025293053, 0.549538665377, 0.34643604157]),
	(3, 134, ARRAY[0.0926707835093, 0.456724722134, 0.450604494357])) golden(m, id, u) USING (m)
	JOIN iris USING (id)
GROUP BY m ORDER BY m;

-- after 1 and 2 iterations, which are plain steps, from rows 1, 51 and 101; ids stay those of the first centers
CREATE TEMP TABLE steps AS SELECT * FROM (VALUES
	(1.5::float8, 1, 81.5950575099, ARRAY[5.01317185546, 3.38414314516, 1.54712929103, 0.282307769355, 6.15187520776, 2.82950486383,
		4.57878991211, 1.47783957408, 6.61205963495, 3.02874145517, 5.61081954184, 2.07656513912]),
	(1.5, 2, 74.7552688652, ARRAY[5.00665460489, 3.40888425309, 1.49440490711, 0.260537801419, 5.95633379508, 2.77232307994,
		4.43177033864, 1.42934751562, 6.79966942812, 3.06259392009, 5.71397825158, 2.08689985587]),
	(2, 1, 67.1684177906, ARRAY[5.01936226672, 3.39721604841, 1.53929038788, 0.276996333469, 6.25278625742, 2.86484033389,
		4.65656610205, 1.50860065434, 6.54878765029, 3.02633150255, 5.52843836068, 2.05179025974]),
	(2, 2, 61.9377710941, ARRAY[5.00660938857, 3.40533722313, 1.50156598345, 0.261372867509, 6.04651527878, 2.80947713188,
		4.50747954032, 1.45238146463, 6.68603133213, 3.03728770373, 5.59689114211, 2.05705919031]),
	(3, 1, 31.3324174848, ARRAY[5.03150787987, 3.41500245557, 1.52375568137, 0.268638980264, 6.36074547527, 2.91132547644,
		4.70543533729, 1.52440252924, 6.50022517099, 3.04649703413, 5.50338274449, 2.06228187875]),
	(3, 2, 29.8804840638, ARRAY[5.01033043123, 3.40392508649, 1.5057963435, 0.260394973292, 6.15695290059, 2.85000197763,
		4.59465191325, 1.48770875847, 6.58197194058, 3.01713338638, 5.48342083714, 2.02041569565])
) v(m, iterations, objective, centers);
SET client_min_messages = warning;	-- these do not converge
SELECT m, iterations, cluster_info(model) -> 'iterations' AS told, cluster_info(model) -> 'converged' AS converged,
	(SELECT max(pg_temp.gap(center, centers[4 * cluster - 3:4 * cluster])) FROM cluster_centers(model)) < 1e-9 AS centers,
	abs((cluster_info(model) -> 'objective')::float8 - objective) < 1e-9 AS objective
FROM (SELECT s.m, s.iterations, objective, centers, fcm_fit(x, 3, fcm_options(fuzzifier => s.m,
		max_iterations => s.iterations, init => (SELECT array_agg(x ORDER BY id) FROM iris WHERE id % 50 = 1))) AS model
	FROM steps s, iris GROUP BY s.m, s.iterations, objective, centers) f
ORDER BY m, iterations;
RESET client_min_messages;

-- twelve rows in the plane
CREATE TEMP TABLE tiny AS SELECT i AS id, ARRAY[x, y] AS x FROM (VALUES
	(1, 1.0, 1.1), (2, 1.3, 0.8), (3, 0.7, 1.4), (4, 1.6, 1.2), (5, 5.1, 4.8), (6, 5.6, 5.3),
	(7, 4.7, 5.5), (8, 5.9, 4.4), (9, 1.2, 6.0), (10, 0.6, 6.7), (11, 1.9, 6.3), (12, 1.5, 5.2)) v(i, x, y);
SELECT pg_temp.gap(pg_temp.centers(model), ARRAY[1.15143362462, 1.1269473088,
		1.30237358199, 6.06280409653, 5.32785170396, 4.99629891945]) < 1e-9 AS centers,
	abs((cluster_info(model) -> 'objective')::float8 - 4.10178731101) < 1e-9 AS objective
FROM (SELECT fcm_fit(x, 3) AS model FROM tiny) f;

-- one feature
SELECT pg_temp.gap(pg_temp.centers(model), ARRAY[0.997000109873, 8.17213561845]) < 1e-9 AS centers,
	abs((cluster_info(model) -> 'objective')::float8 - 5.03387086516) < 1e-9 AS objective
FROM (SELECT fcm_fit(ARRAY[x], 2) AS model FROM unnest(ARRAY[0, 1, 2, 7, 8, 9.5]) x) f;

-- centers that lie on rows, with golden memberships: no other row holds a membership there
SELECT id, pg_temp.gap(cluster_membership(model, x), u) < 1e-11 AS right
FROM (SELECT fcm_fit(x, 3, fcm_options(init => ARRAY[[1.0, 1.1], [5.1, 4.8], [1.2, 6.0]])) AS model FROM tiny WHERE id % 4 = 1) f,
	tiny JOIN (VALUES
	(1, ARRAY[1, 0, 0]),
	(2, ARRAY[0.987588368794, 0.0058398786591, 0.00657175254651]),
	(3, ARRAY[0.985970856246, 0.00573980446715, 0.00828933928652]),
	(4, ARRAY[0.970285029273, 0.014240597415, 0.0154743733117]),
	(5, ARRAY[0, 1, 0]),
	(6, ARRAY[0.0124139311199, 0.963321054903, 0.0242650139774]),
	(7, ARRAY[0.0183519393765, 0.933125532912, 0.0485225277114]),
	(8, ARRAY[0.021719855715, 0.947528705565, 0.0307514387202]),
	(9, ARRAY[0, 0, 1]),
	(10, ARRAY[0.0253785255704, 0.033526032103, 0.941095442327]),
	(11, ARRAY[0.0195133277683, 0.0435105026698, 0.936976169562]),
	(12, ARRAY[0.0389557249574, 0.05065431919, 0.910389955853])) v(id, u) USING (id)
ORDER BY id;
SELECT cluster_membership(model, ARRAY[1, 1]) AS here, cluster_membership(model, ARRAY[3, 1]) AS between,
	cluster_membership(model, ARRAY[5, 1]) AS there
FROM (SELECT fcm_fit(x, 2, fcm_options(init => ARRAY[[1, 1], [5, 1]])) AS model
	FROM (VALUES (ARRAY[1, 1]), (ARRAY[5, 1])) v(x)) m;

-- the same rows, options and seed: the same bytes; another order or seed: the same centers, nearly
SELECT count(*) AS models, count(DISTINCT model) AS bytes
FROM (SELECT fcm_fit(x, 3, '{"seed": 7, "restarts": 3}' ORDER BY id) AS model
	FROM iris, generate_series(1, 5) g GROUP BY g) f;
SELECT count(*) AS models, count(DISTINCT f.model) > 1 AS bytes,
	max(pg_temp.gap(pg_temp.centers(f.model), pg_temp.centers(m.model))) < 1e-8 AS centers
FROM models m, (SELECT unnest(ARRAY[fcm_fit(x, 3, '{"seed": 1}' ORDER BY id), fcm_fit(x, 3, '{"seed": 2}' ORDER BY id),
		fcm_fit(x, 3, '{"init": "random"}' ORDER BY id), fcm_fit(x, 3, '{"init": "sample"}' ORDER BY id),
		fcm_fit(x, 3 ORDER BY id DESC), fcm_fit(x, 3 ORDER BY sin(id))]) AS model FROM iris) f
WHERE m.m = 2;

-- the objective falls from iteration to iteration, and ends where the model says
SELECT bool_and(fall >= -1e-9) AS falls, count(*) = max((cluster_info(model) -> 'iterations')::int) AS complete,
	abs(min(objective) - max((cluster_info(model) -> 'objective')::float8)) < 1e-9 AS ends
FROM (SELECT model, objective, lag(objective) OVER (ORDER BY iteration) - objective AS fall
	FROM models, cluster_history(model) WHERE m = 2) h;

-- near 1 the memberships are crisp, and the centers those of k-means
SELECT pg_temp.gap(pg_temp.centers(fcm), pg_temp.centers(kmeans)) < 0.01 AS centers,
	(SELECT count(*) FROM iris, unnest(cluster_membership(fcm, x)) u WHERE u > 0.0001 AND u < 0.9999) < 10 AS crisp
FROM (SELECT fcm_fit(x, 3, fcm_options(fuzzifier => 1.01)) AS fcm, kmeans_fit(x, 3) AS kmeans FROM iris) m;

-- errors
SELECT fcm_fit(x, 3, fcm_options(fuzzifier => 1)) FROM iris;
SELECT fcm_fit(x, 3, '{"fuzzifier": 10.5}') FROM iris;
SELECT fcm_fit(x, 150) FROM iris;
