-- dkm: k-means on codes by a softmax of the distances, whose network learns with it.

\i test/sql/include/spots.psql

-- it finds the places, also where alpha rises to its value
CREATE TEMP TABLE models AS
	SELECT 'plain' AS kind, dkm_fit(x, 3, pg_temp.net() ORDER BY i) AS model FROM images
	UNION ALL SELECT 'annealed', dkm_fit(x, 3, pg_temp.net('{"alpha": 30, "annealing": 5, "label_tolerance": 0, "epochs": 10}') ORDER BY i) FROM images
	UNION ALL SELECT 'none', dkm_fit(x, 3, pg_temp.net('{"norm": "none", "start": "kmeans"}') ORDER BY i) FROM images
	UNION ALL SELECT 'own', dkm_fit(x, 3, pg_temp.net('{"refine": "selflabel", "refine_head": "own", "refine_epochs": 10}') ORDER BY i) FROM images;
SELECT kind, cluster_accuracy(class, cluster_id(model, x)) > 0.99 AS found,
	bool_and(abs((SELECT sum(u) FROM unnest(cluster_membership(model, x)) u) - 1) < 1e-9) AS memberships
FROM models, images GROUP BY kind, model ORDER BY kind;

-- memberships are a softmax of -alpha times squared distances
SELECT kind, max(abs(u[c] - (SELECT 1 / sum(exp(greatest(-500, least(500, alpha * (d[c] ^ 2 - e ^ 2))))) FROM unnest(d) e))) < 1e-4 AS softmax
FROM (SELECT kind, cluster_membership(model, x) AS u, cluster_distance(model, x) AS d, (cluster_info(model) #>> '{options,alpha}')::float8 AS alpha
	FROM models, images WHERE kind <> 'own') s, generate_series(1, 3) c GROUP BY kind ORDER BY kind;

-- where alpha rises, the first epochs are as if it were smaller
SELECT a.iteration - 30 AS epoch, abs(a.clustering_loss - b.clustering_loss) < 1e-9 AS same
FROM (SELECT h.* FROM (SELECT dkm_fit(x, 3, pg_temp.net('{"alpha": 30, "annealing": 2, "refresh": 9, "epochs": 4, "lambda": 0}') ORDER BY i) AS m FROM images) f, cluster_history(m) h) a
	JOIN (SELECT h.* FROM (SELECT dkm_fit(x, 3, pg_temp.net('{"alpha": 30, "refresh": 9, "epochs": 4, "lambda": 0}') ORDER BY i) AS m FROM images) f, cluster_history(m) h) b USING (iteration)
WHERE a.phase = 'cluster' ORDER BY 1;

-- the same again, the same bytes
SELECT model = again AS same FROM (SELECT dkm_fit(x, 3, pg_temp.net() ORDER BY i) AS again FROM images) a, models WHERE kind = 'plain';

-- errors
SELECT dkm_options(alpha => 0);
SELECT dkm_options(annealing => 0);
