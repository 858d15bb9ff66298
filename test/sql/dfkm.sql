-- dfkm: fuzzy k-means on codes with an adaptive loss, whose network learns with it.

\i test/sql/include/spots.psql

-- it finds the places
CREATE TEMP TABLE models AS
	SELECT 'plain' AS kind, dfkm_fit(x, 3, pg_temp.net() ORDER BY i) AS model FROM images
	UNION ALL SELECT 'square', dfkm_fit(x, 3, pg_temp.net('{"loss_sigma": 1000}') ORDER BY i) FROM images
	UNION ALL SELECT 'none', dfkm_fit(x, 3, pg_temp.net('{"norm": "none", "start": "kmeans"}') ORDER BY i) FROM images
	UNION ALL SELECT 'own', dfkm_fit(x, 3, pg_temp.net('{"refine": "selflabel", "refine_head": "own", "refine_epochs": 10}') ORDER BY i) FROM images;
SELECT kind, cluster_accuracy(class, cluster_id(model, x)) > 0.99 AS found,
	bool_and(abs((SELECT sum(u) FROM unnest(cluster_membership(model, x)) u) - 1) < 1e-9) AS memberships
FROM models, images GROUP BY kind, model ORDER BY kind;

-- memberships are a softmax of the adaptive loss of the distances
CREATE FUNCTION pg_temp.adaptive(d float8, sigma float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$SELECT (1 + sigma) * d ^ 2 / (d + sigma)$$;
SELECT kind, max(abs(u[c] - (SELECT 1 / sum(exp(greatest(-500, least(500, (pg_temp.adaptive(d[c], sigma) - pg_temp.adaptive(e, sigma)) / gamma)))) FROM unnest(d) e))) < 1e-4 AS softmax
FROM (SELECT kind, cluster_membership(model, x) AS u, cluster_distance(model, x) AS d, (cluster_info(model) #>> '{options,gamma}')::float8 AS gamma,
		(cluster_info(model) #>> '{options,loss_sigma}')::float8 AS sigma FROM models, images WHERE kind <> 'own') s, generate_series(1, 3) c
GROUP BY kind ORDER BY kind;

-- a larger gamma makes memberships softer
SELECT gamma, avg((SELECT max(u) FROM unnest(cluster_membership(m, x)) u)) BETWEEN least AND most AS softness
FROM (SELECT gamma, least, most, dfkm_fit(x, 3, pg_temp.net(jsonb_build_object('gamma', gamma)) ORDER BY i) AS m
	FROM images, (VALUES (0.01, 0.999, 1), (0.2, 0.9, 0.9999)) g(gamma, least, most) GROUP BY gamma, least, most) f, images GROUP BY gamma, least, most ORDER BY gamma;

-- the same again, the same bytes
SELECT model = again AS same FROM (SELECT dfkm_fit(x, 3, pg_temp.net() ORDER BY i) AS again FROM images) a, models WHERE kind = 'plain';

-- errors
SELECT dfkm_options(gamma => 0);
SELECT dfkm_options(loss_sigma => 0);
