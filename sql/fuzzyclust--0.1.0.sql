/* fuzzyclust/sql/fuzzyclust--0.1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION fuzzyclust" to load this file. \quit

--
-- training
--

-- A group's rows take up to maintenance_work_mem, 64 MB by default, before they spill to a file. The planner
-- is told so, to make it sort the groups, or keep few of them in memory at a time.

CREATE FUNCTION cluster_fit_final(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;

COMMENT ON FUNCTION cluster_fit_final(internal) IS 'final function of the _fit aggregates: trains the model';

-- The _train functions are volatile and parallel unsafe, because their query may be

-- begin: printed by script/options-sql from the tables of options

-- k-means

CREATE FUNCTION kmeans_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION kmeans_accum(internal, "any", bigint) IS 'transition function of kmeans_fit';

CREATE FUNCTION kmeans_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION kmeans_accum(internal, "any", bigint, jsonb) IS 'transition function of kmeans_fit with options';

CREATE FUNCTION kmeans_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION kmeans_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of kmeans_fit with options and weights';

CREATE AGGREGATE kmeans_fit(features "any", clusters bigint) (
	SFUNC = kmeans_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE kmeans_fit("any", bigint) IS
	'k-means: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE kmeans_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = kmeans_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE kmeans_fit("any", bigint, jsonb) IS
	'k-means, with options, see kmeans_options';

CREATE AGGREGATE kmeans_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = kmeans_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE kmeans_fit("any", bigint, jsonb, float8) IS
	'k-means, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION kmeans_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION kmeans_train(text, bigint, jsonb) IS
	'k-means: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION kmeans_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'kmeans_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION kmeans_train(text[], bigint, jsonb) IS
	'k-means: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION kmeans_options(
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 0.0001,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION kmeans_options(
	bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text, float8, float8) IS
	'options of kmeans_fit; NULL means the default';

-- fuzzy c-means

CREATE FUNCTION fcm_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION fcm_accum(internal, "any", bigint) IS 'transition function of fcm_fit';

CREATE FUNCTION fcm_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION fcm_accum(internal, "any", bigint, jsonb) IS 'transition function of fcm_fit with options';

CREATE FUNCTION fcm_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION fcm_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of fcm_fit with options and weights';

CREATE AGGREGATE fcm_fit(features "any", clusters bigint) (
	SFUNC = fcm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE fcm_fit("any", bigint) IS
	'fuzzy c-means: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE fcm_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = fcm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE fcm_fit("any", bigint, jsonb) IS
	'fuzzy c-means, with options, see fcm_options';

CREATE AGGREGATE fcm_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = fcm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE fcm_fit("any", bigint, jsonb, float8) IS
	'fuzzy c-means, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION fcm_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION fcm_train(text, bigint, jsonb) IS
	'fuzzy c-means: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION fcm_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'fcm_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION fcm_train(text[], bigint, jsonb) IS
	'fuzzy c-means: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION fcm_options(
	fuzzifier float8 DEFAULT NULL,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION fcm_options(
	float8, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text, float8, float8) IS
	'options of fcm_fit; NULL means the default';

-- possibilistic c-means

CREATE FUNCTION pcm_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION pcm_accum(internal, "any", bigint) IS 'transition function of pcm_fit';

CREATE FUNCTION pcm_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION pcm_accum(internal, "any", bigint, jsonb) IS 'transition function of pcm_fit with options';

CREATE FUNCTION pcm_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION pcm_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of pcm_fit with options and weights';

CREATE AGGREGATE pcm_fit(features "any", clusters bigint) (
	SFUNC = pcm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE pcm_fit("any", bigint) IS
	'possibilistic c-means: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE pcm_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = pcm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE pcm_fit("any", bigint, jsonb) IS
	'possibilistic c-means, with options, see pcm_options';

CREATE AGGREGATE pcm_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = pcm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE pcm_fit("any", bigint, jsonb, float8) IS
	'possibilistic c-means, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION pcm_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION pcm_train(text, bigint, jsonb) IS
	'possibilistic c-means: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION pcm_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'pcm_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION pcm_train(text[], bigint, jsonb) IS
	'possibilistic c-means: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION pcm_options(
	fuzzifier float8 DEFAULT 2,
	typicality_exponent float8 DEFAULT NULL,
	membership_weight float8 DEFAULT 0,
	typicality_weight float8 DEFAULT 1,
	eta_factor float8 DEFAULT 1,
	merge_distance float8 DEFAULT 0.5,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION pcm_options(
	float8, float8, float8, float8, float8, float8, bigint, bigint, float8, bigint, "any", text, text, text, text,
	text, float8, text, float8, float8) IS
	'options of pcm_fit; NULL means the default';

-- maximum-entropy clustering

CREATE FUNCTION mec_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION mec_accum(internal, "any", bigint) IS 'transition function of mec_fit';

CREATE FUNCTION mec_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION mec_accum(internal, "any", bigint, jsonb) IS 'transition function of mec_fit with options';

CREATE FUNCTION mec_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION mec_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of mec_fit with options and weights';

CREATE AGGREGATE mec_fit(features "any", clusters bigint) (
	SFUNC = mec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE mec_fit("any", bigint) IS
	'maximum-entropy clustering: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE mec_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = mec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE mec_fit("any", bigint, jsonb) IS
	'maximum-entropy clustering, with options, see mec_options';

CREATE AGGREGATE mec_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = mec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE mec_fit("any", bigint, jsonb, float8) IS
	'maximum-entropy clustering, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION mec_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION mec_train(text, bigint, jsonb) IS
	'maximum-entropy clustering: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION mec_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'mec_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION mec_train(text[], bigint, jsonb) IS
	'maximum-entropy clustering: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION mec_options(
	temperature float8 DEFAULT NULL,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION mec_options(
	float8, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text, float8, float8) IS
	'options of mec_fit; NULL means the default';

-- fuzzy c-means with Tsallis entropy by deterministic annealing

CREATE FUNCTION tsallis_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION tsallis_accum(internal, "any", bigint) IS 'transition function of tsallis_fit';

CREATE FUNCTION tsallis_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION tsallis_accum(internal, "any", bigint, jsonb) IS 'transition function of tsallis_fit with options';

CREATE FUNCTION tsallis_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION tsallis_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of tsallis_fit with options and weights';

CREATE AGGREGATE tsallis_fit(features "any", clusters bigint) (
	SFUNC = tsallis_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE tsallis_fit("any", bigint) IS
	'fuzzy c-means with Tsallis entropy by deterministic annealing: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE tsallis_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = tsallis_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE tsallis_fit("any", bigint, jsonb) IS
	'fuzzy c-means with Tsallis entropy by deterministic annealing, with options, see tsallis_options';

CREATE AGGREGATE tsallis_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = tsallis_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE tsallis_fit("any", bigint, jsonb, float8) IS
	'fuzzy c-means with Tsallis entropy by deterministic annealing, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION tsallis_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION tsallis_train(text, bigint, jsonb) IS
	'fuzzy c-means with Tsallis entropy by deterministic annealing: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION tsallis_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'tsallis_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION tsallis_train(text[], bigint, jsonb) IS
	'fuzzy c-means with Tsallis entropy by deterministic annealing: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION tsallis_options(
	schedule text DEFAULT 'temperature',
	q float8 DEFAULT NULL,
	temperature float8 DEFAULT NULL,
	rate float8 DEFAULT 2,
	dimension_exponent float8 DEFAULT NULL,
	alpha float8 DEFAULT 0.1,
	fit_a float8 DEFAULT NULL,
	fit_b float8 DEFAULT NULL,
	inner_tolerance float8 DEFAULT NULL,
	outer_tolerance float8 DEFAULT NULL,
	q_max float8 DEFAULT NULL,
	max_steps bigint DEFAULT 400,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION tsallis_options(
	text, float8, float8, float8, float8, float8, float8, float8, float8, float8, float8, bigint, bigint, bigint,
	float8, bigint, "any", text, text, text, text, text, float8, text, float8, float8) IS
	'options of tsallis_fit; NULL means the default';

-- clustering by the Gustafson-Kessel algorithm

CREATE FUNCTION gk_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION gk_accum(internal, "any", bigint) IS 'transition function of gk_fit';

CREATE FUNCTION gk_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION gk_accum(internal, "any", bigint, jsonb) IS 'transition function of gk_fit with options';

CREATE FUNCTION gk_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION gk_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of gk_fit with options and weights';

CREATE AGGREGATE gk_fit(features "any", clusters bigint) (
	SFUNC = gk_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE gk_fit("any", bigint) IS
	'clustering by the Gustafson-Kessel algorithm: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE gk_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = gk_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE gk_fit("any", bigint, jsonb) IS
	'clustering by the Gustafson-Kessel algorithm, with options, see gk_options';

CREATE AGGREGATE gk_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = gk_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE gk_fit("any", bigint, jsonb, float8) IS
	'clustering by the Gustafson-Kessel algorithm, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION gk_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION gk_train(text, bigint, jsonb) IS
	'clustering by the Gustafson-Kessel algorithm: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION gk_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'gk_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION gk_train(text[], bigint, jsonb) IS
	'clustering by the Gustafson-Kessel algorithm: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION gk_options(
	fuzzifier float8 DEFAULT NULL,
	regularization float8 DEFAULT 0,
	volumes float8[] DEFAULT NULL,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION gk_options(
	float8, float8, float8[], bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text,
	float8, float8) IS
	'options of gk_fit; NULL means the default';

-- clustering by the Gath-Geva algorithm

CREATE FUNCTION gg_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION gg_accum(internal, "any", bigint) IS 'transition function of gg_fit';

CREATE FUNCTION gg_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION gg_accum(internal, "any", bigint, jsonb) IS 'transition function of gg_fit with options';

CREATE FUNCTION gg_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION gg_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of gg_fit with options and weights';

CREATE AGGREGATE gg_fit(features "any", clusters bigint) (
	SFUNC = gg_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE gg_fit("any", bigint) IS
	'clustering by the Gath-Geva algorithm: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE gg_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = gg_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE gg_fit("any", bigint, jsonb) IS
	'clustering by the Gath-Geva algorithm, with options, see gg_options';

CREATE AGGREGATE gg_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = gg_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE gg_fit("any", bigint, jsonb, float8) IS
	'clustering by the Gath-Geva algorithm, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION gg_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION gg_train(text, bigint, jsonb) IS
	'clustering by the Gath-Geva algorithm: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION gg_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'gg_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION gg_train(text[], bigint, jsonb) IS
	'clustering by the Gath-Geva algorithm: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION gg_options(
	fuzzifier float8 DEFAULT 2,
	weight_exponent float8 DEFAULT 1,
	regularization float8 DEFAULT 0,
	start text DEFAULT NULL,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION gg_options(
	float8, float8, float8, text, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text,
	float8, float8) IS
	'options of gg_fit; NULL means the default';

-- fuzzy c-means with the fuzzy logical distance

CREATE FUNCTION logical_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION logical_accum(internal, "any", bigint) IS 'transition function of logical_fit';

CREATE FUNCTION logical_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION logical_accum(internal, "any", bigint, jsonb) IS 'transition function of logical_fit with options';

CREATE FUNCTION logical_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION logical_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of logical_fit with options and weights';

CREATE AGGREGATE logical_fit(features "any", clusters bigint) (
	SFUNC = logical_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE logical_fit("any", bigint) IS
	'fuzzy c-means with the fuzzy logical distance: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE logical_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = logical_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE logical_fit("any", bigint, jsonb) IS
	'fuzzy c-means with the fuzzy logical distance, with options, see logical_options';

CREATE AGGREGATE logical_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = logical_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE logical_fit("any", bigint, jsonb, float8) IS
	'fuzzy c-means with the fuzzy logical distance, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION logical_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION logical_train(text, bigint, jsonb) IS
	'fuzzy c-means with the fuzzy logical distance: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION logical_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'logical_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION logical_train(text[], bigint, jsonb) IS
	'fuzzy c-means with the fuzzy logical distance: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION logical_options(
	fuzzifier float8 DEFAULT 2,
	grid_precision float8 DEFAULT 0.125,
	theta float8 DEFAULT 0.5,
	vartheta float8 DEFAULT NULL,
	margin float8 DEFAULT 0.1,
	generator text DEFAULT 'logit',
	merge_distance float8 DEFAULT NULL,
	min_points bigint DEFAULT 1,
	stretch text DEFAULT 'common',
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 100,
	tolerance float8 DEFAULT 0.0001,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION logical_options(
	float8, float8, float8, float8, float8, text, float8, bigint, text, bigint, bigint, float8, bigint, "any", text,
	text, text, text, text, float8, text, float8, float8) IS
	'options of logical_fit; NULL means the default';

-- spectral clustering

CREATE FUNCTION spectral_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION spectral_accum(internal, "any", bigint) IS 'transition function of spectral_fit';

CREATE FUNCTION spectral_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION spectral_accum(internal, "any", bigint, jsonb) IS 'transition function of spectral_fit with options';

CREATE FUNCTION spectral_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION spectral_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of spectral_fit with options and weights';

CREATE AGGREGATE spectral_fit(features "any", clusters bigint) (
	SFUNC = spectral_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE spectral_fit("any", bigint) IS
	'spectral clustering: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE spectral_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = spectral_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE spectral_fit("any", bigint, jsonb) IS
	'spectral clustering, with options, see spectral_options';

CREATE AGGREGATE spectral_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = spectral_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE spectral_fit("any", bigint, jsonb, float8) IS
	'spectral clustering, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION spectral_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION spectral_train(text, bigint, jsonb) IS
	'spectral clustering: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION spectral_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'spectral_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION spectral_train(text[], bigint, jsonb) IS
	'spectral clustering: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION spectral_options(
	kind text DEFAULT 'njw',
	sigma float8 DEFAULT NULL,
	affinity text DEFAULT NULL,
	exact_rows bigint DEFAULT 2000,
	landmarks bigint DEFAULT 1000,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION spectral_options(
	text, float8, text, bigint, bigint, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8,
	text, float8, float8) IS
	'options of spectral_fit; NULL means the default';

-- autoencoder and k-means on its codes

CREATE FUNCTION autoencoder_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION autoencoder_accum(internal, "any", bigint) IS 'transition function of autoencoder_fit';

CREATE FUNCTION autoencoder_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION autoencoder_accum(internal, "any", bigint, jsonb) IS 'transition function of autoencoder_fit with options';

CREATE FUNCTION autoencoder_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION autoencoder_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of autoencoder_fit with options and weights';

CREATE AGGREGATE autoencoder_fit(features "any", clusters bigint) (
	SFUNC = autoencoder_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE autoencoder_fit("any", bigint) IS
	'autoencoder and k-means on its codes: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE autoencoder_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = autoencoder_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE autoencoder_fit("any", bigint, jsonb) IS
	'autoencoder and k-means on its codes, with options, see autoencoder_options';

CREATE AGGREGATE autoencoder_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = autoencoder_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE autoencoder_fit("any", bigint, jsonb, float8) IS
	'autoencoder and k-means on its codes, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION autoencoder_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION autoencoder_train(text, bigint, jsonb) IS
	'autoencoder and k-means on its codes: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION autoencoder_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'autoencoder_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION autoencoder_train(text[], bigint, jsonb) IS
	'autoencoder and k-means on its codes: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION autoencoder_options(
	hidden float8[] DEFAULT NULL,
	latent bigint DEFAULT NULL,
	network text DEFAULT 'dense',
	shape float8[] DEFAULT NULL,
	norm text DEFAULT 'l2',
	dropout float8 DEFAULT 0,
	pretrain_epochs bigint DEFAULT 150,
	batch_size bigint DEFAULT 256,
	learning_rate float8 DEFAULT 0.001,
	optimizer text DEFAULT 'adam',
	shift float8 DEFAULT 0.1,
	rotation float8 DEFAULT 10,
	zoom float8 DEFAULT 0,
	start text DEFAULT 'kmeans',
	code_activation text DEFAULT 'linear',
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION autoencoder_options(
	float8[], bigint, text, float8[], text, float8, bigint, bigint, float8, text, float8, float8, float8, text, text,
	bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text, float8, float8) IS
	'options of autoencoder_fit; NULL means the default';

-- deep embedded clustering

CREATE FUNCTION dec_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dec_accum(internal, "any", bigint) IS 'transition function of dec_fit';

CREATE FUNCTION dec_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dec_accum(internal, "any", bigint, jsonb) IS 'transition function of dec_fit with options';

CREATE FUNCTION dec_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dec_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of dec_fit with options and weights';

CREATE AGGREGATE dec_fit(features "any", clusters bigint) (
	SFUNC = dec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dec_fit("any", bigint) IS
	'deep embedded clustering: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE dec_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = dec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dec_fit("any", bigint, jsonb) IS
	'deep embedded clustering, with options, see dec_options';

CREATE AGGREGATE dec_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = dec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dec_fit("any", bigint, jsonb, float8) IS
	'deep embedded clustering, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION dec_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION dec_train(text, bigint, jsonb) IS
	'deep embedded clustering: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION dec_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'dec_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION dec_train(text[], bigint, jsonb) IS
	'deep embedded clustering: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION dec_options(
	hidden float8[] DEFAULT NULL,
	latent bigint DEFAULT NULL,
	network text DEFAULT 'dense',
	shape float8[] DEFAULT NULL,
	norm text DEFAULT 'l2',
	dropout float8 DEFAULT 0,
	pretrain_epochs bigint DEFAULT 150,
	batch_size bigint DEFAULT 256,
	learning_rate float8 DEFAULT 0.001,
	optimizer text DEFAULT 'adam',
	shift float8 DEFAULT 0.1,
	rotation float8 DEFAULT 10,
	zoom float8 DEFAULT 0,
	start text DEFAULT 'auto',
	code_activation text DEFAULT 'linear',
	epochs bigint DEFAULT 15,
	cluster_rate float8 DEFAULT 0.0003,
	refresh bigint DEFAULT 1,
	label_tolerance float8 DEFAULT 0.001,
	smoothing bigint DEFAULT 0,
	refine text DEFAULT 'none',
	refine_head text DEFAULT 'softmax',
	refine_epochs bigint DEFAULT NULL,
	refine_batch_size bigint DEFAULT 64,
	refine_rate float8 DEFAULT 0.001,
	refine_dropout float8 DEFAULT 0.5,
	refine_augment float8 DEFAULT 1,
	refresh_steps bigint DEFAULT NULL,
	cluster_shift float8 DEFAULT NULL,
	cluster_rotation float8 DEFAULT NULL,
	cluster_zoom float8 DEFAULT NULL,
	dist_scale float8 DEFAULT 20,
	freedom float8 DEFAULT 1,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dec_options(
	float8[], bigint, text, float8[], text, float8, bigint, bigint, float8, text, float8, float8, float8, text, text,
	bigint, float8, bigint, float8, bigint, text, text, bigint, bigint, float8, float8, float8, bigint, float8, float8,
	float8, float8, float8, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text, float8,
	float8) IS
	'options of dec_fit; NULL means the default';

-- improved deep embedded clustering

CREATE FUNCTION idec_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION idec_accum(internal, "any", bigint) IS 'transition function of idec_fit';

CREATE FUNCTION idec_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION idec_accum(internal, "any", bigint, jsonb) IS 'transition function of idec_fit with options';

CREATE FUNCTION idec_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION idec_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of idec_fit with options and weights';

CREATE AGGREGATE idec_fit(features "any", clusters bigint) (
	SFUNC = idec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE idec_fit("any", bigint) IS
	'improved deep embedded clustering: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE idec_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = idec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE idec_fit("any", bigint, jsonb) IS
	'improved deep embedded clustering, with options, see idec_options';

CREATE AGGREGATE idec_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = idec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE idec_fit("any", bigint, jsonb, float8) IS
	'improved deep embedded clustering, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION idec_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION idec_train(text, bigint, jsonb) IS
	'improved deep embedded clustering: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION idec_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'idec_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION idec_train(text[], bigint, jsonb) IS
	'improved deep embedded clustering: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION idec_options(
	hidden float8[] DEFAULT NULL,
	latent bigint DEFAULT NULL,
	network text DEFAULT 'dense',
	shape float8[] DEFAULT NULL,
	norm text DEFAULT 'l2',
	dropout float8 DEFAULT 0,
	pretrain_epochs bigint DEFAULT 150,
	batch_size bigint DEFAULT 256,
	learning_rate float8 DEFAULT 0.001,
	optimizer text DEFAULT 'adam',
	shift float8 DEFAULT 0.1,
	rotation float8 DEFAULT 10,
	zoom float8 DEFAULT 0,
	start text DEFAULT 'auto',
	code_activation text DEFAULT 'linear',
	epochs bigint DEFAULT 15,
	cluster_rate float8 DEFAULT 0.001,
	refresh bigint DEFAULT 1,
	label_tolerance float8 DEFAULT 0.001,
	smoothing bigint DEFAULT 0,
	refine text DEFAULT 'none',
	refine_head text DEFAULT 'softmax',
	refine_epochs bigint DEFAULT NULL,
	refine_batch_size bigint DEFAULT 64,
	refine_rate float8 DEFAULT 0.001,
	refine_dropout float8 DEFAULT 0.5,
	refine_augment float8 DEFAULT 1,
	refresh_steps bigint DEFAULT NULL,
	cluster_shift float8 DEFAULT NULL,
	cluster_rotation float8 DEFAULT NULL,
	cluster_zoom float8 DEFAULT NULL,
	dist_scale float8 DEFAULT 20,
	freedom float8 DEFAULT 1,
	lambda float8 DEFAULT 0.1,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION idec_options(
	float8[], bigint, text, float8[], text, float8, bigint, bigint, float8, text, float8, float8, float8, text, text,
	bigint, float8, bigint, float8, bigint, text, text, bigint, bigint, float8, float8, float8, bigint, float8, float8,
	float8, float8, float8, float8, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text,
	float8, float8) IS
	'options of idec_fit; NULL means the default';

-- deep fuzzy clustering based on maximum entropy

CREATE FUNCTION dfmec_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dfmec_accum(internal, "any", bigint) IS 'transition function of dfmec_fit';

CREATE FUNCTION dfmec_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dfmec_accum(internal, "any", bigint, jsonb) IS 'transition function of dfmec_fit with options';

CREATE FUNCTION dfmec_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dfmec_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of dfmec_fit with options and weights';

CREATE AGGREGATE dfmec_fit(features "any", clusters bigint) (
	SFUNC = dfmec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dfmec_fit("any", bigint) IS
	'deep fuzzy clustering based on maximum entropy: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE dfmec_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = dfmec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dfmec_fit("any", bigint, jsonb) IS
	'deep fuzzy clustering based on maximum entropy, with options, see dfmec_options';

CREATE AGGREGATE dfmec_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = dfmec_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dfmec_fit("any", bigint, jsonb, float8) IS
	'deep fuzzy clustering based on maximum entropy, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION dfmec_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION dfmec_train(text, bigint, jsonb) IS
	'deep fuzzy clustering based on maximum entropy: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION dfmec_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'dfmec_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION dfmec_train(text[], bigint, jsonb) IS
	'deep fuzzy clustering based on maximum entropy: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION dfmec_options(
	hidden float8[] DEFAULT NULL,
	latent bigint DEFAULT NULL,
	network text DEFAULT 'dense',
	shape float8[] DEFAULT NULL,
	norm text DEFAULT 'l2',
	dropout float8 DEFAULT 0,
	pretrain_epochs bigint DEFAULT 150,
	batch_size bigint DEFAULT 256,
	learning_rate float8 DEFAULT 0.001,
	optimizer text DEFAULT 'adam',
	shift float8 DEFAULT 0.1,
	rotation float8 DEFAULT 10,
	zoom float8 DEFAULT 0,
	start text DEFAULT 'auto',
	code_activation text DEFAULT 'linear',
	epochs bigint DEFAULT 8,
	cluster_rate float8 DEFAULT 0.001,
	refresh bigint DEFAULT 1,
	label_tolerance float8 DEFAULT 0.001,
	smoothing bigint DEFAULT 20,
	refine text DEFAULT 'none',
	refine_head text DEFAULT 'softmax',
	refine_epochs bigint DEFAULT NULL,
	refine_batch_size bigint DEFAULT 64,
	refine_rate float8 DEFAULT 0.001,
	refine_dropout float8 DEFAULT 0.5,
	refine_augment float8 DEFAULT 1,
	refresh_steps bigint DEFAULT NULL,
	cluster_shift float8 DEFAULT NULL,
	cluster_rotation float8 DEFAULT NULL,
	cluster_zoom float8 DEFAULT NULL,
	lambda float8 DEFAULT 0.3,
	eta float8 DEFAULT 0.05,
	step float8 DEFAULT 0.005,
	membership text DEFAULT 'frozen',
	first_centers text DEFAULT 'start',
	schedule text DEFAULT 'joint',
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dfmec_options(
	float8[], bigint, text, float8[], text, float8, bigint, bigint, float8, text, float8, float8, float8, text, text,
	bigint, float8, bigint, float8, bigint, text, text, bigint, bigint, float8, float8, float8, bigint, float8, float8,
	float8, float8, float8, float8, text, text, text, bigint, bigint, float8, bigint, "any", text, text, text, text,
	text, float8, text, float8, float8) IS
	'options of dfmec_fit; NULL means the default';

-- deep clustering with the weight of representations

CREATE FUNCTION edcwrn_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION edcwrn_accum(internal, "any", bigint) IS 'transition function of edcwrn_fit';

CREATE FUNCTION edcwrn_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION edcwrn_accum(internal, "any", bigint, jsonb) IS 'transition function of edcwrn_fit with options';

CREATE FUNCTION edcwrn_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION edcwrn_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of edcwrn_fit with options and weights';

CREATE AGGREGATE edcwrn_fit(features "any", clusters bigint) (
	SFUNC = edcwrn_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE edcwrn_fit("any", bigint) IS
	'deep clustering with the weight of representations: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE edcwrn_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = edcwrn_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE edcwrn_fit("any", bigint, jsonb) IS
	'deep clustering with the weight of representations, with options, see edcwrn_options';

CREATE AGGREGATE edcwrn_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = edcwrn_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE edcwrn_fit("any", bigint, jsonb, float8) IS
	'deep clustering with the weight of representations, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION edcwrn_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION edcwrn_train(text, bigint, jsonb) IS
	'deep clustering with the weight of representations: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION edcwrn_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'edcwrn_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION edcwrn_train(text[], bigint, jsonb) IS
	'deep clustering with the weight of representations: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION edcwrn_options(
	hidden float8[] DEFAULT NULL,
	latent bigint DEFAULT NULL,
	network text DEFAULT 'dense',
	shape float8[] DEFAULT NULL,
	norm text DEFAULT 'l2',
	dropout float8 DEFAULT 0,
	pretrain_epochs bigint DEFAULT 150,
	batch_size bigint DEFAULT 256,
	learning_rate float8 DEFAULT 0.001,
	optimizer text DEFAULT 'adam',
	shift float8 DEFAULT 0.1,
	rotation float8 DEFAULT 10,
	zoom float8 DEFAULT 0,
	start text DEFAULT 'auto',
	code_activation text DEFAULT 'linear',
	epochs bigint DEFAULT 15,
	cluster_rate float8 DEFAULT 0.001,
	refresh bigint DEFAULT 1,
	label_tolerance float8 DEFAULT 0.001,
	smoothing bigint DEFAULT 3,
	refine text DEFAULT 'none',
	refine_head text DEFAULT 'softmax',
	refine_epochs bigint DEFAULT NULL,
	refine_batch_size bigint DEFAULT 64,
	refine_rate float8 DEFAULT 0.001,
	refine_dropout float8 DEFAULT 0.5,
	refine_augment float8 DEFAULT 1,
	refresh_steps bigint DEFAULT NULL,
	cluster_shift float8 DEFAULT NULL,
	cluster_rotation float8 DEFAULT NULL,
	cluster_zoom float8 DEFAULT NULL,
	lambda float8 DEFAULT 0.1,
	dist_scale float8 DEFAULT 20,
	a float8 DEFAULT 1.93,
	b float8 DEFAULT 0.79,
	alpha float8 DEFAULT 2,
	assignment text DEFAULT 'normalized',
	weights text DEFAULT 'adaptive',
	neighbors bigint DEFAULT 0,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION edcwrn_options(
	float8[], bigint, text, float8[], text, float8, bigint, bigint, float8, text, float8, float8, float8, text, text,
	bigint, float8, bigint, float8, bigint, text, text, bigint, bigint, float8, float8, float8, bigint, float8, float8,
	float8, float8, float8, float8, float8, float8, text, text, bigint, bigint, bigint, float8, bigint, "any", text,
	text, text, text, text, float8, text, float8, float8) IS
	'options of edcwrn_fit; NULL means the default';

-- network head on embeddings

CREATE FUNCTION head_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION head_accum(internal, "any", bigint) IS 'transition function of head_fit';

CREATE FUNCTION head_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION head_accum(internal, "any", bigint, jsonb) IS 'transition function of head_fit with options';

CREATE FUNCTION head_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION head_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of head_fit with options and weights';

CREATE AGGREGATE head_fit(features "any", clusters bigint) (
	SFUNC = head_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE head_fit("any", bigint) IS
	'network head on embeddings: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE head_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = head_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE head_fit("any", bigint, jsonb) IS
	'network head on embeddings, with options, see head_options';

CREATE AGGREGATE head_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = head_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE head_fit("any", bigint, jsonb, float8) IS
	'network head on embeddings, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION head_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION head_train(text, bigint, jsonb) IS
	'network head on embeddings: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION head_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'head_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION head_train(text[], bigint, jsonb) IS
	'network head on embeddings: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION head_options(
	width bigint DEFAULT 128,
	heads bigint DEFAULT 4,
	epochs bigint DEFAULT 60,
	batch_size bigint DEFAULT 256,
	learning_rate float8 DEFAULT 0.01,
	neighbors bigint DEFAULT 20,
	temperature float8 DEFAULT 0.1,
	beta float8 DEFAULT 0.6,
	momentum float8 DEFAULT 0.9,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION head_options(
	bigint, bigint, bigint, bigint, float8, bigint, float8, float8, float8, bigint, bigint, float8, bigint, "any",
	text, text, text, text, text, float8, text, float8, float8) IS
	'options of head_fit; NULL means the default';

-- deep clustering network

CREATE FUNCTION dcn_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dcn_accum(internal, "any", bigint) IS 'transition function of dcn_fit';

CREATE FUNCTION dcn_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dcn_accum(internal, "any", bigint, jsonb) IS 'transition function of dcn_fit with options';

CREATE FUNCTION dcn_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dcn_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of dcn_fit with options and weights';

CREATE AGGREGATE dcn_fit(features "any", clusters bigint) (
	SFUNC = dcn_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dcn_fit("any", bigint) IS
	'deep clustering network: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE dcn_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = dcn_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dcn_fit("any", bigint, jsonb) IS
	'deep clustering network, with options, see dcn_options';

CREATE AGGREGATE dcn_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = dcn_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dcn_fit("any", bigint, jsonb, float8) IS
	'deep clustering network, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION dcn_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION dcn_train(text, bigint, jsonb) IS
	'deep clustering network: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION dcn_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'dcn_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION dcn_train(text[], bigint, jsonb) IS
	'deep clustering network: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION dcn_options(
	hidden float8[] DEFAULT NULL,
	latent bigint DEFAULT NULL,
	network text DEFAULT 'dense',
	shape float8[] DEFAULT NULL,
	norm text DEFAULT 'l2',
	dropout float8 DEFAULT 0,
	pretrain_epochs bigint DEFAULT 150,
	batch_size bigint DEFAULT 256,
	learning_rate float8 DEFAULT 0.001,
	optimizer text DEFAULT 'adam',
	shift float8 DEFAULT 0.1,
	rotation float8 DEFAULT 10,
	zoom float8 DEFAULT 0,
	start text DEFAULT 'auto',
	code_activation text DEFAULT 'linear',
	epochs bigint DEFAULT 15,
	cluster_rate float8 DEFAULT 0.001,
	refresh bigint DEFAULT 1,
	label_tolerance float8 DEFAULT 0.001,
	smoothing bigint DEFAULT 0,
	refine text DEFAULT 'none',
	refine_head text DEFAULT 'softmax',
	refine_epochs bigint DEFAULT NULL,
	refine_batch_size bigint DEFAULT 64,
	refine_rate float8 DEFAULT 0.001,
	refine_dropout float8 DEFAULT 0.5,
	refine_augment float8 DEFAULT 1,
	refresh_steps bigint DEFAULT NULL,
	cluster_shift float8 DEFAULT NULL,
	cluster_rotation float8 DEFAULT NULL,
	cluster_zoom float8 DEFAULT NULL,
	lambda float8 DEFAULT 0.05,
	center_count float8 DEFAULT 100,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dcn_options(
	float8[], bigint, text, float8[], text, float8, bigint, bigint, float8, text, float8, float8, float8, text, text,
	bigint, float8, bigint, float8, bigint, text, text, bigint, bigint, float8, float8, float8, bigint, float8, float8,
	float8, float8, float8, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text, float8,
	float8) IS
	'options of dcn_fit; NULL means the default';

-- deep k-means

CREATE FUNCTION dkm_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dkm_accum(internal, "any", bigint) IS 'transition function of dkm_fit';

CREATE FUNCTION dkm_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dkm_accum(internal, "any", bigint, jsonb) IS 'transition function of dkm_fit with options';

CREATE FUNCTION dkm_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dkm_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of dkm_fit with options and weights';

CREATE AGGREGATE dkm_fit(features "any", clusters bigint) (
	SFUNC = dkm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dkm_fit("any", bigint) IS
	'deep k-means: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE dkm_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = dkm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dkm_fit("any", bigint, jsonb) IS
	'deep k-means, with options, see dkm_options';

CREATE AGGREGATE dkm_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = dkm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dkm_fit("any", bigint, jsonb, float8) IS
	'deep k-means, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION dkm_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION dkm_train(text, bigint, jsonb) IS
	'deep k-means: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION dkm_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'dkm_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION dkm_train(text[], bigint, jsonb) IS
	'deep k-means: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION dkm_options(
	hidden float8[] DEFAULT NULL,
	latent bigint DEFAULT NULL,
	network text DEFAULT 'dense',
	shape float8[] DEFAULT NULL,
	norm text DEFAULT 'l2',
	dropout float8 DEFAULT 0,
	pretrain_epochs bigint DEFAULT 150,
	batch_size bigint DEFAULT 256,
	learning_rate float8 DEFAULT 0.001,
	optimizer text DEFAULT 'adam',
	shift float8 DEFAULT 0.1,
	rotation float8 DEFAULT 10,
	zoom float8 DEFAULT 0,
	start text DEFAULT 'auto',
	code_activation text DEFAULT 'linear',
	epochs bigint DEFAULT 15,
	cluster_rate float8 DEFAULT 0.001,
	refresh bigint DEFAULT 1,
	label_tolerance float8 DEFAULT 0.001,
	smoothing bigint DEFAULT 0,
	refine text DEFAULT 'none',
	refine_head text DEFAULT 'softmax',
	refine_epochs bigint DEFAULT NULL,
	refine_batch_size bigint DEFAULT 64,
	refine_rate float8 DEFAULT 0.001,
	refine_dropout float8 DEFAULT 0.5,
	refine_augment float8 DEFAULT 1,
	refresh_steps bigint DEFAULT NULL,
	cluster_shift float8 DEFAULT NULL,
	cluster_rotation float8 DEFAULT NULL,
	cluster_zoom float8 DEFAULT NULL,
	lambda float8 DEFAULT 0.05,
	alpha float8 DEFAULT 1000,
	annealing bigint DEFAULT 1,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dkm_options(
	float8[], bigint, text, float8[], text, float8, bigint, bigint, float8, text, float8, float8, float8, text, text,
	bigint, float8, bigint, float8, bigint, text, text, bigint, bigint, float8, float8, float8, bigint, float8, float8,
	float8, float8, float8, bigint, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text,
	float8, float8) IS
	'options of dkm_fit; NULL means the default';

-- deep fuzzy k-means

CREATE FUNCTION dfkm_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dfkm_accum(internal, "any", bigint) IS 'transition function of dfkm_fit';

CREATE FUNCTION dfkm_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dfkm_accum(internal, "any", bigint, jsonb) IS 'transition function of dfkm_fit with options';

CREATE FUNCTION dfkm_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dfkm_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of dfkm_fit with options and weights';

CREATE AGGREGATE dfkm_fit(features "any", clusters bigint) (
	SFUNC = dfkm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dfkm_fit("any", bigint) IS
	'deep fuzzy k-means: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE dfkm_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = dfkm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dfkm_fit("any", bigint, jsonb) IS
	'deep fuzzy k-means, with options, see dfkm_options';

CREATE AGGREGATE dfkm_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = dfkm_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE dfkm_fit("any", bigint, jsonb, float8) IS
	'deep fuzzy k-means, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION dfkm_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION dfkm_train(text, bigint, jsonb) IS
	'deep fuzzy k-means: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION dfkm_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'dfkm_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION dfkm_train(text[], bigint, jsonb) IS
	'deep fuzzy k-means: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION dfkm_options(
	hidden float8[] DEFAULT NULL,
	latent bigint DEFAULT NULL,
	network text DEFAULT 'dense',
	shape float8[] DEFAULT NULL,
	norm text DEFAULT 'l2',
	dropout float8 DEFAULT 0,
	pretrain_epochs bigint DEFAULT 150,
	batch_size bigint DEFAULT 256,
	learning_rate float8 DEFAULT 0.001,
	optimizer text DEFAULT 'adam',
	shift float8 DEFAULT 0.1,
	rotation float8 DEFAULT 10,
	zoom float8 DEFAULT 0,
	start text DEFAULT 'auto',
	code_activation text DEFAULT 'linear',
	epochs bigint DEFAULT 15,
	cluster_rate float8 DEFAULT 0.001,
	refresh bigint DEFAULT 1,
	label_tolerance float8 DEFAULT 0.001,
	smoothing bigint DEFAULT 0,
	refine text DEFAULT 'none',
	refine_head text DEFAULT 'softmax',
	refine_epochs bigint DEFAULT NULL,
	refine_batch_size bigint DEFAULT 64,
	refine_rate float8 DEFAULT 0.001,
	refine_dropout float8 DEFAULT 0.5,
	refine_augment float8 DEFAULT 1,
	refresh_steps bigint DEFAULT NULL,
	cluster_shift float8 DEFAULT NULL,
	cluster_rotation float8 DEFAULT NULL,
	cluster_zoom float8 DEFAULT NULL,
	lambda float8 DEFAULT 0.05,
	gamma float8 DEFAULT 0.1,
	loss_sigma float8 DEFAULT 0.1,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION dfkm_options(
	float8[], bigint, text, float8[], text, float8, bigint, bigint, float8, text, float8, float8, float8, text, text,
	bigint, float8, bigint, float8, bigint, text, text, bigint, bigint, float8, float8, float8, bigint, float8, float8,
	float8, float8, float8, float8, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text,
	float8, float8) IS
	'options of dfkm_fit; NULL means the default';

-- variational deep embedding

CREATE FUNCTION vade_accum(internal, "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION vade_accum(internal, "any", bigint) IS 'transition function of vade_fit';

CREATE FUNCTION vade_accum(internal, "any", bigint, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION vade_accum(internal, "any", bigint, jsonb) IS 'transition function of vade_fit with options';

CREATE FUNCTION vade_accum(internal, "any", bigint, jsonb, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION vade_accum(internal, "any", bigint, jsonb, float8) IS
	'transition function of vade_fit with options and weights';

CREATE AGGREGATE vade_fit(features "any", clusters bigint) (
	SFUNC = vade_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE vade_fit("any", bigint) IS
	'variational deep embedding: a model with the given number of clusters, trained on feature vectors';

CREATE AGGREGATE vade_fit(features "any", clusters bigint, options jsonb) (
	SFUNC = vade_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE vade_fit("any", bigint, jsonb) IS
	'variational deep embedding, with options, see vade_options';

CREATE AGGREGATE vade_fit(features "any", clusters bigint, options jsonb, weight float8) (
	SFUNC = vade_accum, STYPE = internal, SSPACE = 67108864,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE vade_fit("any", bigint, jsonb, float8) IS
	'variational deep embedding, with options, which may be NULL, and a weight for each row';

CREATE FUNCTION vade_train(query text, clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION vade_train(text, bigint, jsonb) IS
	'variational deep embedding: a model with the given number of clusters, trained on the rows of a query';

CREATE FUNCTION vade_train(queries text[], clusters bigint, options jsonb DEFAULT '{}') RETURNS bytea
	AS 'MODULE_PATHNAME', 'vade_train_queries' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION vade_train(text[], bigint, jsonb) IS
	'variational deep embedding: a model with the given number of clusters, trained on the rows of several queries';

CREATE FUNCTION vade_options(
	hidden float8[] DEFAULT NULL,
	latent bigint DEFAULT NULL,
	network text DEFAULT 'dense',
	shape float8[] DEFAULT NULL,
	norm text DEFAULT 'l2',
	dropout float8 DEFAULT 0,
	pretrain_epochs bigint DEFAULT 150,
	batch_size bigint DEFAULT 256,
	learning_rate float8 DEFAULT 0.001,
	optimizer text DEFAULT 'adam',
	shift float8 DEFAULT 0.1,
	rotation float8 DEFAULT 10,
	zoom float8 DEFAULT 0,
	start text DEFAULT 'auto',
	code_activation text DEFAULT 'linear',
	epochs bigint DEFAULT 15,
	cluster_rate float8 DEFAULT 0.001,
	refresh bigint DEFAULT 1,
	label_tolerance float8 DEFAULT 0.001,
	smoothing bigint DEFAULT 0,
	refine text DEFAULT 'none',
	refine_head text DEFAULT 'softmax',
	refine_epochs bigint DEFAULT NULL,
	refine_batch_size bigint DEFAULT 64,
	refine_rate float8 DEFAULT 0.001,
	refine_dropout float8 DEFAULT 0.5,
	refine_augment float8 DEFAULT 1,
	refresh_steps bigint DEFAULT NULL,
	cluster_shift float8 DEFAULT NULL,
	cluster_rotation float8 DEFAULT NULL,
	cluster_zoom float8 DEFAULT NULL,
	lambda float8 DEFAULT 1,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT NULL,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error',
	too_few text DEFAULT 'error',
	passes text DEFAULT 'memory',
	distance text DEFAULT 'euclidean',
	category_weight float8 DEFAULT 1,
	weight text DEFAULT NULL,
	noise float8 DEFAULT 0,
	noise_distance float8 DEFAULT NULL
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION vade_options(
	float8[], bigint, text, float8[], text, float8, bigint, bigint, float8, text, float8, float8, float8, text, text,
	bigint, float8, bigint, float8, bigint, text, text, bigint, bigint, float8, float8, float8, bigint, float8, float8,
	float8, float8, bigint, bigint, float8, bigint, "any", text, text, text, text, text, float8, text, float8, float8) IS
	'options of vade_fit; NULL means the default';

-- end: printed by script/options-sql

--
-- scoring
--

-- Each function exists twice. "any" takes values of known types; untyped literals and parameters resolve to text, which
-- PostgreSQL prefers for them; with "any" alone their type could not be determined.

CREATE FUNCTION cluster_id(model bytea, features "any") RETURNS int
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

COMMENT ON FUNCTION cluster_id(bytea, "any") IS
	'cluster with the highest membership of a feature vector, numbered from 1; 0 is noise';

CREATE FUNCTION cluster_id(model bytea, features text) RETURNS int
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

COMMENT ON FUNCTION cluster_id(bytea, text) IS
	'cluster with the highest membership of a feature vector, numbered from 1; 0 is noise; features are text such as {1,2} or [1,2]';

CREATE FUNCTION cluster_membership(model bytea, features "any") RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 40;

COMMENT ON FUNCTION cluster_membership(bytea, "any") IS
	'memberships of a feature vector in all clusters, which add up to 1, or with noise to 1 less that in noise, unless they are typicalities';

CREATE FUNCTION cluster_membership(model bytea, features text) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 40;

COMMENT ON FUNCTION cluster_membership(bytea, text) IS
	'memberships of a feature vector in all clusters, which add up to 1, or with noise to 1 less that in noise, unless they are typicalities; features are text such as {1,2} or [1,2]';

CREATE FUNCTION cluster_typicality(model bytea, features "any") RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 40;

COMMENT ON FUNCTION cluster_typicality(bytea, "any") IS
	'how typical a feature vector is of each cluster, between 0 and 1, whatever the other clusters are: pcm, dec, idec and edcwrn models';

CREATE FUNCTION cluster_typicality(model bytea, features text) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 40;

COMMENT ON FUNCTION cluster_typicality(bytea, text) IS
	'how typical a feature vector is of each cluster, between 0 and 1, whatever the other clusters are: pcm, dec, idec and edcwrn models; features are text such as {1,2} or [1,2]';

CREATE FUNCTION cluster_set_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STRICT;

COMMENT ON FUNCTION cluster_set_support(internal) IS 'planner support function of cluster_set';

CREATE FUNCTION cluster_set(model bytea, features "any", top_n int DEFAULT NULL, cutoff float8 DEFAULT 0,
	OUT cluster int, OUT membership float8, OUT distance float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60 ROWS 10
	SUPPORT cluster_set_support;

COMMENT ON FUNCTION cluster_set(bytea, "any", int, float8) IS
	'clusters of a feature vector with memberships and distances, strongest membership first: at most top_n, none below cutoff';

CREATE FUNCTION cluster_set(model bytea, features text, top_n int DEFAULT NULL, cutoff float8 DEFAULT 0,
	OUT cluster int, OUT membership float8, OUT distance float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60 ROWS 10
	SUPPORT cluster_set_support;

COMMENT ON FUNCTION cluster_set(bytea, text, int, float8) IS
	'clusters of a feature vector with memberships and distances, strongest membership first: at most top_n, none below cutoff; features are text such as {1,2} or [1,2]';

CREATE FUNCTION cluster_explain(model bytea, features "any", top_n int DEFAULT NULL,
	OUT cluster int, OUT runner_up int, OUT feature int, OUT name text, OUT value float8, OUT category text,
	OUT contribution float8)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 10;

COMMENT ON FUNCTION cluster_explain(bytea, "any", int) IS
	'why a feature vector is in its cluster: what each feature contributes to the difference of its distances to the second nearest center and to the nearest, largest first, at most top_n';

CREATE FUNCTION cluster_explain(model bytea, features text, top_n int DEFAULT NULL,
	OUT cluster int, OUT runner_up int, OUT feature int, OUT name text, OUT value float8, OUT category text,
	OUT contribution float8)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 10;

COMMENT ON FUNCTION cluster_explain(bytea, text, int) IS
	'why a feature vector is in its cluster: what each feature contributes to the difference of its distances to the second nearest center and to the nearest, largest first, at most top_n; features are text such as {1,2} or [1,2]';

CREATE FUNCTION cluster_distance(model bytea, features "any") RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30;

COMMENT ON FUNCTION cluster_distance(bytea, "any") IS
	'distances of a feature vector to all centers, in the metric of the model';

CREATE FUNCTION cluster_distance(model bytea, features text) RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30;

COMMENT ON FUNCTION cluster_distance(bytea, text) IS
	'distances of a feature vector to all centers, in the metric of the model; features are text such as {1,2} or [1,2]';

CREATE FUNCTION cluster_outlier_score(model bytea, features "any") RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;

COMMENT ON FUNCTION cluster_outlier_score(bytea, "any") IS
	'distance to the nearest center, divided by the mean distance of that cluster in training; or 1 less the largest typicality';

CREATE FUNCTION cluster_outlier_score(model bytea, features text) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;

COMMENT ON FUNCTION cluster_outlier_score(bytea, text) IS
	'distance to the nearest center, divided by the mean distance of that cluster in training; features are text such as {1,2} or [1,2]';

CREATE FUNCTION cluster_embed(model bytea, features "any") RETURNS real[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION cluster_embed(bytea, "any") IS 'code of a row, computed by the network of a deep model';

CREATE FUNCTION cluster_embed(model bytea, features text) RETURNS real[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION cluster_embed(bytea, text) IS
	'code of a row, computed by the network of a deep model; features are text such as {1,2} or [1,2]';

CREATE FUNCTION cluster_reconstruct(model bytea, features "any") RETURNS real[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000;

COMMENT ON FUNCTION cluster_reconstruct(bytea, "any") IS
	'reconstruction of a row from its code, computed by the network of a deep model';

CREATE FUNCTION cluster_reconstruct(model bytea, features text) RETURNS real[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000;

COMMENT ON FUNCTION cluster_reconstruct(bytea, text) IS
	'reconstruction of a row from its code, computed by the network of a deep model; features are text such as {1,2} or [1,2]';

CREATE FUNCTION cluster_density(model bytea, features "any") RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000;

COMMENT ON FUNCTION cluster_density(bytea, "any") IS
	'logarithm of the density of a row by a vade model';

CREATE FUNCTION cluster_density(model bytea, features text) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 2000;

COMMENT ON FUNCTION cluster_density(bytea, text) IS
	'logarithm of the density of a row by a vade model; features are text such as {1,2} or [1,2]';

CREATE FUNCTION cluster_project(model bytea, features "any") RETURNS real[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;

COMMENT ON FUNCTION cluster_project(bytea, "any") IS
	'two coordinates of a feature vector, along the first two principal components of the rows of the training, or of their codes';

CREATE FUNCTION cluster_project(model bytea, features text) RETURNS real[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 50;

COMMENT ON FUNCTION cluster_project(bytea, text) IS
	'two coordinates of a feature vector, along the first two principal components of the rows of the training, or of their codes; features are text such as {1,2} or [1,2]';

--
-- inspecting models
--

CREATE FUNCTION cluster_centers(model bytea, OUT cluster int, OUT center float8[], OUT weight float8)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;

COMMENT ON FUNCTION cluster_centers(bytea) IS
	'cluster centers in the units of the features, each with its sum of memberships';

CREATE FUNCTION cluster_features(model bytea, OUT cluster int, OUT feature int, OUT name text, OUT value float8,
	OUT category text, OUT z float8, OUT share float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 50;

COMMENT ON FUNCTION cluster_features(bytea) IS
	'cluster centers in long form: one row per cluster and column, the likeliest value of a category, with standard deviations from the mean of all rows, and the share in what separates the cluster from the others';

CREATE FUNCTION cluster_to_json(model bytea) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION cluster_to_json(bytea) IS 'a model as JSON, with all that other programs need to score rows';

CREATE FUNCTION cluster_from_json(json jsonb) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION cluster_from_json(jsonb) IS 'the model that cluster_to_json has written';

CREATE FUNCTION cluster_info(model bytea) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_info(bytea) IS 'properties of a model and of its training';

CREATE FUNCTION cluster_covariances(model bytea, OUT cluster int, OUT covariance float8[], OUT log_volume float8)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000 ROWS 10;

COMMENT ON FUNCTION cluster_covariances(bytea) IS
	'covariance matrix of each cluster of a gk or gg model, in the units of the features, and the logarithm of the square root of its determinant';

CREATE FUNCTION cluster_raw_centers(model bytea) RETURNS SETOF float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 100;

COMMENT ON FUNCTION cluster_raw_centers(bytea) IS
	'centers of a logical model before they were merged, if it found the number of clusters';

CREATE FUNCTION cluster_feature_weights(model bytea, OUT cluster int, OUT weights float8[])
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;

COMMENT ON FUNCTION cluster_feature_weights(bytea) IS
	'weight of each code component in each cluster of an edcwrn model';

CREATE FUNCTION cluster_code_centers(model bytea, OUT cluster int, OUT center float8[])
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;

COMMENT ON FUNCTION cluster_code_centers(bytea) IS
	'centers of the clusters of a network among its codes';

CREATE FUNCTION cluster_generate(model bytea, rows bigint, seed bigint DEFAULT 0, only_cluster int DEFAULT NULL,
	OUT cluster int, OUT features float8[]) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 2000 ROWS 100;

COMMENT ON FUNCTION cluster_generate(bytea, bigint, bigint, int) IS
	'rows drawn from the clusters of a vade model, or from one of them: the same for the same seed';

CREATE FUNCTION cluster_history(model bytea, OUT phase text, OUT iteration int, OUT objective float8,
	OUT change float8, OUT temperature float8, OUT q float8, OUT reconstruction_loss float8,
	OUT clustering_loss float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 50;

COMMENT ON FUNCTION cluster_history(bytea) IS 'history of a training, one row per iteration';

CREATE FUNCTION cluster_options(INOUT algorithm text DEFAULT NULL, OUT option text, OUT type text,
	OUT default_value text, OUT min float8, OUT max float8, OUT choices text[], OUT description text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 20;

COMMENT ON FUNCTION cluster_options(text) IS 'options of one or all algorithms, with ranges and defaults';

--
-- quality of a clustering
--

CREATE FUNCTION cluster_validity_accum(internal, bytea, "any") RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60;

COMMENT ON FUNCTION cluster_validity_accum(internal, bytea, "any") IS 'transition function of cluster_validity';

CREATE FUNCTION cluster_validity_accum(internal, bytea, "any", float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60;

COMMENT ON FUNCTION cluster_validity_accum(internal, bytea, "any", float8) IS
	'transition function of cluster_validity, with weights of rows';

CREATE FUNCTION cluster_validity_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_validity_combine(internal, internal) IS 'combine function of cluster_validity';

CREATE FUNCTION cluster_validity_serial(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_validity_serial(internal) IS 'serialization function of cluster_validity';

CREATE FUNCTION cluster_validity_deserial(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_validity_deserial(bytea, internal) IS 'deserialization function of cluster_validity';

CREATE FUNCTION cluster_validity_final(internal) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_validity_final(internal) IS 'final function of cluster_validity';

CREATE AGGREGATE cluster_validity(model bytea, features "any") (
	SFUNC = cluster_validity_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = cluster_validity_final, COMBINEFUNC = cluster_validity_combine,
	SERIALFUNC = cluster_validity_serial, DESERIALFUNC = cluster_validity_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_validity(bytea, "any") IS
	'validity indices of a model on feature vectors, in one pass';

CREATE AGGREGATE cluster_validity(model bytea, features "any", weight float8) (
	SFUNC = cluster_validity_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = cluster_validity_final, COMBINEFUNC = cluster_validity_combine,
	SERIALFUNC = cluster_validity_serial, DESERIALFUNC = cluster_validity_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_validity(bytea, "any", float8) IS
	'validity indices of a model on feature vectors, in one pass, with a weight for each row';

CREATE FUNCTION cluster_validity_step_final(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_validity_step_final(internal) IS 'final function of cluster_validity_step';

CREATE AGGREGATE cluster_validity_step(model bytea, features "any") (
	SFUNC = cluster_validity_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = cluster_validity_step_final, COMBINEFUNC = cluster_validity_combine,
	SERIALFUNC = cluster_validity_serial, DESERIALFUNC = cluster_validity_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_validity_step(bytea, "any") IS
	'sums for the validity indices of a model on a part of the rows, for cluster_validity_of';

CREATE AGGREGATE cluster_validity_step(model bytea, features "any", weight float8) (
	SFUNC = cluster_validity_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = cluster_validity_step_final, COMBINEFUNC = cluster_validity_combine,
	SERIALFUNC = cluster_validity_serial, DESERIALFUNC = cluster_validity_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_validity_step(bytea, "any", float8) IS
	'sums for the validity indices of a model on a part of the rows, for cluster_validity_of, with a weight for each row';

CREATE FUNCTION cluster_validity_of_accum(internal, bytea, bytea) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_validity_of_accum(internal, bytea, bytea) IS 'transition function of cluster_validity_of';

CREATE AGGREGATE cluster_validity_of(model bytea, statistics bytea) (
	SFUNC = cluster_validity_of_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = cluster_validity_final, COMBINEFUNC = cluster_validity_combine,
	SERIALFUNC = cluster_validity_serial, DESERIALFUNC = cluster_validity_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_validity_of(bytea, bytea) IS
	'validity indices of a model from results of cluster_validity_step';

CREATE FUNCTION cluster_code_validity_accum(internal, bytea, "any") RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 160;

COMMENT ON FUNCTION cluster_code_validity_accum(internal, bytea, "any") IS
	'transition function of cluster_code_validity';

CREATE FUNCTION cluster_code_validity_accum(internal, bytea, "any", float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 160;

COMMENT ON FUNCTION cluster_code_validity_accum(internal, bytea, "any", float8) IS
	'transition function of cluster_code_validity, with weights of rows';

CREATE AGGREGATE cluster_code_validity(model bytea, features "any") (
	SFUNC = cluster_code_validity_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = cluster_validity_final, COMBINEFUNC = cluster_validity_combine,
	SERIALFUNC = cluster_validity_serial, DESERIALFUNC = cluster_validity_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_code_validity(bytea, "any") IS
	'validity indices of a network, by the codes of feature vectors, in one pass';

CREATE AGGREGATE cluster_code_validity(model bytea, features "any", weight float8) (
	SFUNC = cluster_code_validity_accum, STYPE = internal, SSPACE = 2048,
	FINALFUNC = cluster_validity_final, COMBINEFUNC = cluster_validity_combine,
	SERIALFUNC = cluster_validity_serial, DESERIALFUNC = cluster_validity_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_code_validity(bytea, "any", float8) IS
	'validity indices of a network, by the codes of feature vectors, in one pass, with a weight for each row';

CREATE FUNCTION cluster_silhouette_accum(internal, bytea, "any") RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_silhouette_accum(internal, bytea, "any") IS
	'transition function of cluster_silhouette';

CREATE FUNCTION cluster_silhouette_accum(internal, bytea, "any", float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_silhouette_accum(internal, bytea, "any", float8) IS
	'transition function of cluster_silhouette, with weights of rows';

CREATE FUNCTION cluster_silhouette_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_silhouette_combine(internal, internal) IS
	'combine function of cluster_silhouette';

CREATE FUNCTION cluster_silhouette_serial(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_silhouette_serial(internal) IS 'serialization function of cluster_silhouette';

CREATE FUNCTION cluster_silhouette_deserial(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_silhouette_deserial(bytea, internal) IS
	'deserialization function of cluster_silhouette';

CREATE FUNCTION cluster_silhouette_final(internal) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_silhouette_final(internal) IS 'final function of cluster_silhouette';

CREATE AGGREGATE cluster_silhouette(model bytea, features "any") (
	SFUNC = cluster_silhouette_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = cluster_silhouette_final, COMBINEFUNC = cluster_silhouette_combine,
	SERIALFUNC = cluster_silhouette_serial, DESERIALFUNC = cluster_silhouette_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_silhouette(bytea, "any") IS
	'silhouettes, fuzzy silhouette and Dunn index of a model, from the distances between all rows of a sample';

CREATE AGGREGATE cluster_silhouette(model bytea, features "any", weight float8) (
	SFUNC = cluster_silhouette_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = cluster_silhouette_final, COMBINEFUNC = cluster_silhouette_combine,
	SERIALFUNC = cluster_silhouette_serial, DESERIALFUNC = cluster_silhouette_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_silhouette(bytea, "any", float8) IS
	'silhouettes, fuzzy silhouette and Dunn index of a model, from the distances between all rows of a sample, with a weight for each row';

CREATE FUNCTION cluster_code_silhouette_final(internal) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_code_silhouette_final(internal) IS 'final function of cluster_code_silhouette';

CREATE AGGREGATE cluster_code_silhouette(model bytea, features "any") (
	SFUNC = cluster_silhouette_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = cluster_code_silhouette_final, COMBINEFUNC = cluster_silhouette_combine,
	SERIALFUNC = cluster_silhouette_serial, DESERIALFUNC = cluster_silhouette_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_code_silhouette(bytea, "any") IS
	'silhouettes and Dunn''s index of a network, by the codes of a sample of feature vectors';

CREATE AGGREGATE cluster_code_silhouette(model bytea, features "any", weight float8) (
	SFUNC = cluster_silhouette_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = cluster_code_silhouette_final, COMBINEFUNC = cluster_silhouette_combine,
	SERIALFUNC = cluster_silhouette_serial, DESERIALFUNC = cluster_silhouette_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_code_silhouette(bytea, "any", float8) IS
	'silhouettes and Dunn''s index of a network, by the codes of a sample of feature vectors, with a weight for each row';

--
-- plots
--

-- Stable, because times are shown in the session's time zone, and the text form of labels may depend on settings

CREATE FUNCTION cluster_plot_accum(internal, "any", "any", "any") RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_accum(internal, "any", "any", "any") IS
	'transition function of cluster_plot';

CREATE FUNCTION cluster_plot_accum(internal, "any", "any", "any", text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_accum(internal, "any", "any", "any", text, text, text) IS
	'transition function of cluster_plot with a title and labels';

CREATE FUNCTION cluster_plot_accum(internal, "any", "any", "any", "any") RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_accum(internal, "any", "any", "any", "any") IS
	'transition function of cluster_plot with memberships or options';

CREATE FUNCTION cluster_plot_accum(internal, "any", "any", "any", "any", jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_accum(internal, "any", "any", "any", "any", jsonb) IS
	'transition function of cluster_plot with memberships and options';

CREATE FUNCTION cluster_plot_accum(internal, "any", "any", "any", "any", text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_accum(internal, "any", "any", "any", "any", text, text, text) IS
	'transition function of cluster_plot with memberships, a title and labels';

CREATE FUNCTION cluster_plot_final(internal) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_final(internal) IS 'final function of cluster_plot';

CREATE FUNCTION cluster_plot_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_combine(internal, internal) IS 'combine function of cluster_plot';

CREATE FUNCTION cluster_plot_serial(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_serial(internal) IS 'serialization function of cluster_plot';

CREATE FUNCTION cluster_plot_deserial(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_deserial(bytea, internal) IS 'deserialization function of cluster_plot';

-- The space is that of a full sample
CREATE AGGREGATE cluster_plot(x "any", y "any", cluster "any") (
	SFUNC = cluster_plot_accum, STYPE = internal, SSPACE = 1048576,
	FINALFUNC = cluster_plot_final, COMBINEFUNC = cluster_plot_combine,
	SERIALFUNC = cluster_plot_serial, DESERIALFUNC = cluster_plot_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_plot("any", "any", "any") IS
	'scatter plot as SVG: colour by cluster';

CREATE AGGREGATE cluster_plot(x "any", y "any", cluster "any",
							  title text, x_label text, y_label text) (
	SFUNC = cluster_plot_accum, STYPE = internal, SSPACE = 1048576,
	FINALFUNC = cluster_plot_final, COMBINEFUNC = cluster_plot_combine,
	SERIALFUNC = cluster_plot_serial, DESERIALFUNC = cluster_plot_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_plot("any", "any", "any", text, text, text) IS
	'scatter plot as SVG with a title and axis labels, each of which may be NULL';

CREATE AGGREGATE cluster_plot(x "any", y "any", cluster "any", membership "any") (
	SFUNC = cluster_plot_accum, STYPE = internal, SSPACE = 1048576,
	FINALFUNC = cluster_plot_final, COMBINEFUNC = cluster_plot_combine,
	SERIALFUNC = cluster_plot_serial, DESERIALFUNC = cluster_plot_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_plot("any", "any", "any", "any") IS
	'scatter plot as SVG: colour by cluster, opacity by membership; or with options, of type jsonb, as the last argument';

CREATE AGGREGATE cluster_plot(x "any", y "any", cluster "any", membership "any", options jsonb) (
	SFUNC = cluster_plot_accum, STYPE = internal, SSPACE = 1048576,
	FINALFUNC = cluster_plot_final, COMBINEFUNC = cluster_plot_combine,
	SERIALFUNC = cluster_plot_serial, DESERIALFUNC = cluster_plot_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_plot("any", "any", "any", "any", jsonb) IS
	'scatter plot as SVG with memberships and options: title, labels, names of clusters, centers, ellipses, log axes, clipping, hover titles';

CREATE AGGREGATE cluster_plot(x "any", y "any", cluster "any", membership "any",
							  title text, x_label text, y_label text) (
	SFUNC = cluster_plot_accum, STYPE = internal, SSPACE = 1048576,
	FINALFUNC = cluster_plot_final, COMBINEFUNC = cluster_plot_combine,
	SERIALFUNC = cluster_plot_serial, DESERIALFUNC = cluster_plot_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_plot("any", "any", "any", "any", text, text, text) IS
	'scatter plot as SVG with memberships, a title and axis labels, each of which may be NULL';

CREATE FUNCTION cluster_plot_history(model bytea, options jsonb DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION cluster_plot_history(bytea, jsonb) IS
	'course of a training as SVG: objective, losses and change by iteration or epoch, with its phases';

CREATE FUNCTION cluster_images(model bytea, query text DEFAULT NULL, options jsonb DEFAULT NULL) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000;

COMMENT ON FUNCTION cluster_images(bytea, text, jsonb) IS
	'the centers of a model as images, in one SVG; with a query, the rows nearest to each center beside it';

--
-- agreement with labels
--

-- Parallel safe: apart from their own memory they use only the types' functions for
-- hashing and equality, like hash_array. The state is internal because it holds values of any type.

CREATE FUNCTION cluster_agreement_accum(internal, "any", "any") RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_agreement_accum(internal, "any", "any") IS
	'transition function of cluster_accuracy, cluster_nmi and cluster_ari';

CREATE FUNCTION cluster_agreement_accum(internal, "any", "any", bigint) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_agreement_accum(internal, "any", "any", bigint) IS
	'transition function of cluster_accuracy, cluster_nmi and cluster_ari over counts';

CREATE FUNCTION cluster_agreement_weigh(internal, "any", "any", float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_agreement_weigh(internal, "any", "any", float8) IS
	'transition function of cluster_accuracy, cluster_nmi and cluster_ari over weights';

CREATE FUNCTION cluster_agreement_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_agreement_combine(internal, internal) IS
	'combine function of cluster_accuracy, cluster_nmi and cluster_ari';

CREATE FUNCTION cluster_agreement_serial(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_agreement_serial(internal) IS
	'serialization function of cluster_accuracy, cluster_nmi and cluster_ari';

CREATE FUNCTION cluster_agreement_deserial(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_agreement_deserial(bytea, internal) IS
	'deserialization function of cluster_accuracy, cluster_nmi and cluster_ari';

CREATE FUNCTION cluster_accuracy_final(internal) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_accuracy_final(internal) IS 'final function of cluster_accuracy';

CREATE FUNCTION cluster_nmi_final(internal) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_nmi_final(internal) IS 'final function of cluster_nmi';

CREATE FUNCTION cluster_ari_final(internal) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_ari_final(internal) IS 'final function of cluster_ari';

CREATE AGGREGATE cluster_accuracy(label "any", cluster "any") (
	SFUNC = cluster_agreement_accum, STYPE = internal, SSPACE = 4096,
	FINALFUNC = cluster_accuracy_final, COMBINEFUNC = cluster_agreement_combine,
	SERIALFUNC = cluster_agreement_serial, DESERIALFUNC = cluster_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_accuracy("any", "any") IS
	'share of rows that agree under the best one-to-one matching of clusters with labels';

CREATE AGGREGATE cluster_accuracy(label "any", cluster "any", n bigint) (
	SFUNC = cluster_agreement_accum, STYPE = internal, SSPACE = 4096,
	FINALFUNC = cluster_accuracy_final, COMBINEFUNC = cluster_agreement_combine,
	SERIALFUNC = cluster_agreement_serial, DESERIALFUNC = cluster_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_accuracy("any", "any", bigint) IS
	'share of rows that agree under the best one-to-one matching of clusters with labels, from counts of rows';

CREATE AGGREGATE cluster_accuracy(label "any", cluster "any", weight float8) (
	SFUNC = cluster_agreement_weigh, STYPE = internal, SSPACE = 4096,
	FINALFUNC = cluster_accuracy_final, COMBINEFUNC = cluster_agreement_combine,
	SERIALFUNC = cluster_agreement_serial, DESERIALFUNC = cluster_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_accuracy("any", "any", float8) IS
	'share of rows that agree under the best one-to-one matching of clusters with labels, from rows with weights';

CREATE AGGREGATE cluster_nmi(label "any", cluster "any") (
	SFUNC = cluster_agreement_accum, STYPE = internal, SSPACE = 4096,
	FINALFUNC = cluster_nmi_final, COMBINEFUNC = cluster_agreement_combine,
	SERIALFUNC = cluster_agreement_serial, DESERIALFUNC = cluster_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_nmi("any", "any") IS
	'mutual information of label and cluster, divided by the geometric mean of their entropies';

CREATE AGGREGATE cluster_nmi(label "any", cluster "any", n bigint) (
	SFUNC = cluster_agreement_accum, STYPE = internal, SSPACE = 4096,
	FINALFUNC = cluster_nmi_final, COMBINEFUNC = cluster_agreement_combine,
	SERIALFUNC = cluster_agreement_serial, DESERIALFUNC = cluster_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_nmi("any", "any", bigint) IS
	'mutual information of label and cluster, divided by the geometric mean of their entropies, from counts of rows';

CREATE AGGREGATE cluster_nmi(label "any", cluster "any", weight float8) (
	SFUNC = cluster_agreement_weigh, STYPE = internal, SSPACE = 4096,
	FINALFUNC = cluster_nmi_final, COMBINEFUNC = cluster_agreement_combine,
	SERIALFUNC = cluster_agreement_serial, DESERIALFUNC = cluster_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_nmi("any", "any", float8) IS
	'mutual information of label and cluster, divided by the geometric mean of their entropies, from rows with weights';

CREATE AGGREGATE cluster_ari(label "any", cluster "any") (
	SFUNC = cluster_agreement_accum, STYPE = internal, SSPACE = 4096,
	FINALFUNC = cluster_ari_final, COMBINEFUNC = cluster_agreement_combine,
	SERIALFUNC = cluster_agreement_serial, DESERIALFUNC = cluster_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_ari("any", "any") IS
	'adjusted Rand index of label and cluster';

CREATE AGGREGATE cluster_ari(label "any", cluster "any", n bigint) (
	SFUNC = cluster_agreement_accum, STYPE = internal, SSPACE = 4096,
	FINALFUNC = cluster_ari_final, COMBINEFUNC = cluster_agreement_combine,
	SERIALFUNC = cluster_agreement_serial, DESERIALFUNC = cluster_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_ari("any", "any", bigint) IS
	'adjusted Rand index of label and cluster, from counts of rows';

CREATE AGGREGATE cluster_ari(label "any", cluster "any", weight float8) (
	SFUNC = cluster_agreement_weigh, STYPE = internal, SSPACE = 4096,
	FINALFUNC = cluster_ari_final, COMBINEFUNC = cluster_agreement_combine,
	SERIALFUNC = cluster_agreement_serial, DESERIALFUNC = cluster_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_ari("any", "any", float8) IS
	'adjusted Rand index of label and cluster, from rows with weights';

--
-- agreement of fuzzy partitions
--

CREATE FUNCTION cluster_fuzzy_agreement_accum(internal, float8[], float8[]) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_fuzzy_agreement_accum(internal, float8[], float8[]) IS
	'transition function of cluster_agreement';

CREATE FUNCTION cluster_fuzzy_agreement_accum(internal, float8[], float8[], float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_fuzzy_agreement_accum(internal, float8[], float8[], float8) IS
	'transition function of cluster_agreement, with weights of rows';

CREATE FUNCTION cluster_fuzzy_agreement_combine(internal, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_fuzzy_agreement_combine(internal, internal) IS
	'combine function of cluster_agreement';

CREATE FUNCTION cluster_fuzzy_agreement_serial(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_fuzzy_agreement_serial(internal) IS 'serialization function of cluster_agreement';

CREATE FUNCTION cluster_fuzzy_agreement_deserial(bytea, internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_fuzzy_agreement_deserial(bytea, internal) IS
	'deserialization function of cluster_agreement';

CREATE FUNCTION cluster_fuzzy_agreement_final(internal) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_fuzzy_agreement_final(internal) IS 'final function of cluster_agreement';

CREATE AGGREGATE cluster_agreement(first float8[], second float8[]) (
	SFUNC = cluster_fuzzy_agreement_accum, STYPE = internal, SSPACE = 8192,
	FINALFUNC = cluster_fuzzy_agreement_final, COMBINEFUNC = cluster_fuzzy_agreement_combine,
	SERIALFUNC = cluster_fuzzy_agreement_serial, DESERIALFUNC = cluster_fuzzy_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_agreement(float8[], float8[]) IS
	'fuzzy Rand index and adjusted Rand index of two fuzzy partitions of the rows, such as the memberships in the clusters of two models';

CREATE AGGREGATE cluster_agreement(first float8[], second float8[], weight float8) (
	SFUNC = cluster_fuzzy_agreement_accum, STYPE = internal, SSPACE = 8192,
	FINALFUNC = cluster_fuzzy_agreement_final, COMBINEFUNC = cluster_fuzzy_agreement_combine,
	SERIALFUNC = cluster_fuzzy_agreement_serial, DESERIALFUNC = cluster_fuzzy_agreement_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_agreement(float8[], float8[], float8) IS
	'fuzzy Rand index and adjusted Rand index of two fuzzy partitions of the rows, with a weight for each row';

--
-- samples, which can be merged
--

-- Of any types; and of one type each, which Citus can run on shards. States are flat,
-- and the same rows give the same bytes, whoever gathers them.

CREATE FUNCTION cluster_sample_accum(bytea, "any", int, bigint) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_accum(bytea, "any", int, bigint) IS
	'transition function of cluster_sample';

CREATE FUNCTION cluster_sample_accum(bytea, "any", int, bigint, "any") RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_accum(bytea, "any", int, bigint, "any") IS
	'transition function of cluster_sample with a key';

CREATE FUNCTION cluster_sample_accum(bytea, "any", int, bigint, "any", text) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_accum(bytea, "any", int, bigint, "any", text) IS
	'transition function of cluster_sample with a key and rows to skip';

CREATE FUNCTION cluster_sample_real_accum(bytea, real[], int, bigint) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_real_accum(bytea, real[], int, bigint) IS
	'transition function of cluster_sample_real';

CREATE FUNCTION cluster_sample_real_accum(bytea, real[], int, bigint, text) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_real_accum(bytea, real[], int, bigint, text) IS
	'transition function of cluster_sample_real with rows to skip';

CREATE FUNCTION cluster_sample_double_accum(bytea, double precision[], int, bigint) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_double_accum(bytea, double precision[], int, bigint) IS
	'transition function of cluster_sample_double';

CREATE FUNCTION cluster_sample_double_accum(bytea, double precision[], int, bigint, text) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_double_accum(bytea, double precision[], int, bigint, text) IS
	'transition function of cluster_sample_double with rows to skip';

CREATE FUNCTION cluster_sample_accum(bytea, "any", int, bigint, "any", text, text) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_accum(bytea, "any", int, bigint, "any", text, text) IS
	'transition function of cluster_sample with a distance';

CREATE FUNCTION cluster_sample_accum(bytea, "any", int, bigint, "any", text, text, float8) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_accum(bytea, "any", int, bigint, "any", text, text, float8) IS
	'transition function of cluster_sample with weights';

CREATE FUNCTION cluster_sample_real_accum(bytea, real[], int, bigint, text, text) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_real_accum(bytea, real[], int, bigint, text, text) IS
	'transition function of cluster_sample_real with a distance';

CREATE FUNCTION cluster_sample_real_accum(bytea, real[], int, bigint, text, text, float8) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_real_accum(bytea, real[], int, bigint, text, text, float8) IS
	'transition function of cluster_sample_real with weights';

CREATE FUNCTION cluster_sample_double_accum(bytea, double precision[], int, bigint, text, text) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_double_accum(bytea, double precision[], int, bigint, text, text) IS
	'transition function of cluster_sample_double with a distance';

CREATE FUNCTION cluster_sample_double_accum(bytea, double precision[], int, bigint, text, text, float8) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_double_accum(bytea, double precision[], int, bigint, text, text, float8) IS
	'transition function of cluster_sample_double with weights';

CREATE FUNCTION cluster_sample_combine(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_combine(bytea, bytea) IS
	'combine function of cluster_sample';

CREATE FUNCTION cluster_sample_final(bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_final(bytea) IS
	'final function of cluster_sample';

CREATE AGGREGATE cluster_sample(features "any", n int, seed bigint) (
	SFUNC = cluster_sample_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample("any", int, bigint) IS
	'counts, ranges and exact sums of rows, and up to n distinct rows chosen by seed, as a value that can be merged';

CREATE AGGREGATE cluster_sample(features "any", n int, seed bigint, key "any") (
	SFUNC = cluster_sample_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample("any", int, bigint, "any") IS
	'the same, with up to n rows of distinct keys';

CREATE AGGREGATE cluster_sample(features "any", n int, seed bigint, key "any", missing text) (
	SFUNC = cluster_sample_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample("any", int, bigint, "any", text) IS
	'the same; missing: error, skip rows that have a feature missing, or partial, which keeps them; a key that is null in all rows is none';

CREATE AGGREGATE cluster_sample(features "any", n int, seed bigint, key "any", missing text, distance text) (
	SFUNC = cluster_sample_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample("any", int, bigint, "any", text, text) IS
	'the same; distance: euclidean, or cosine, of rows that are divided by their length';

CREATE AGGREGATE cluster_sample(features "any", n int, seed bigint, key "any", missing text, distance text, weight float8) (
	SFUNC = cluster_sample_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample("any", int, bigint, "any", text, text, float8) IS
	'the same, in which each row counts as often as its weight says';

CREATE AGGREGATE cluster_sample_real(features real[], n int, seed bigint) (
	SFUNC = cluster_sample_real_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample_real(real[], int, bigint) IS
	'cluster_sample of real[], which can run on the shards of Citus';

CREATE AGGREGATE cluster_sample_real(features real[], n int, seed bigint, missing text) (
	SFUNC = cluster_sample_real_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample_real(real[], int, bigint, text) IS
	'cluster_sample of real[]; missing: error, skip rows that have a feature missing, or partial, which keeps them';

CREATE AGGREGATE cluster_sample_real(features real[], n int, seed bigint, missing text, distance text) (
	SFUNC = cluster_sample_real_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample_real(real[], int, bigint, text, text) IS
	'cluster_sample of real[]; distance: euclidean, or cosine, of rows that are divided by their length';

CREATE AGGREGATE cluster_sample_real(features real[], n int, seed bigint, missing text, distance text, weight float8) (
	SFUNC = cluster_sample_real_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample_real(real[], int, bigint, text, text, float8) IS
	'cluster_sample of real[], in which each row counts as often as its weight says';

CREATE AGGREGATE cluster_sample_double(features double precision[], n int, seed bigint) (
	SFUNC = cluster_sample_double_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample_double(double precision[], int, bigint) IS
	'cluster_sample of double precision[], which can run on the shards of Citus';

CREATE AGGREGATE cluster_sample_double(features double precision[], n int, seed bigint, missing text) (
	SFUNC = cluster_sample_double_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample_double(double precision[], int, bigint, text) IS
	'cluster_sample of double precision[]; missing: error, skip rows that have a feature missing, or partial, which keeps them';

CREATE AGGREGATE cluster_sample_double(features double precision[], n int, seed bigint, missing text, distance text) (
	SFUNC = cluster_sample_double_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample_double(double precision[], int, bigint, text, text) IS
	'cluster_sample of double precision[]; distance: euclidean, or cosine, of rows that are divided by their length';

CREATE AGGREGATE cluster_sample_double(features double precision[], n int, seed bigint, missing text, distance text, weight float8) (
	SFUNC = cluster_sample_double_accum, STYPE = bytea, SSPACE = 65536, FINALFUNC = cluster_sample_final,
	COMBINEFUNC = cluster_sample_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_sample_double(double precision[], int, bigint, text, text, float8) IS
	'cluster_sample of double precision[], in which each row counts as often as its weight says';

CREATE FUNCTION cluster_sample_rows(sample bytea, OUT features double precision[], OUT count bigint,
	OUT weight double precision) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_sample_rows(bytea) IS
	'rows of a sample in a fixed random order, and how often each occurs';

--
-- steps: a pass over rows as a value
--

CREATE FUNCTION cluster_step_model(model bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_step_model(bytea) IS
	'the part of a model that a step needs, small enough to be sent to the rows';

CREATE FUNCTION cluster_step_once(model bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_step_once(bytea) IS
	'the model for the first row, and an empty value, which stands for it, for the others';

CREATE FUNCTION cluster_step_combine(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_step_combine(bytea, bytea) IS 'combine function of the cluster_step aggregates';

CREATE FUNCTION cluster_step_final(bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_step_final(bytea) IS 'final function of the cluster_step aggregates';

CREATE FUNCTION cluster_step_accum(bytea, bytea, "any") RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60;

COMMENT ON FUNCTION cluster_step_accum(bytea, bytea, "any") IS 'transition function of cluster_step';

CREATE AGGREGATE cluster_step(model bytea, features "any") (
	SFUNC = cluster_step_accum, STYPE = bytea, SSPACE = 65536,
	FINALFUNC = cluster_step_final, COMBINEFUNC = cluster_step_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_step(bytea, "any") IS
	'statistics of rows under a model: one step of its training, as a value';

CREATE FUNCTION cluster_step_accum(bytea, bytea, "any", float8) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60;

COMMENT ON FUNCTION cluster_step_accum(bytea, bytea, "any", float8) IS
	'transition function of cluster_step, with weights of rows';

CREATE AGGREGATE cluster_step(model bytea, features "any", weight float8) (
	SFUNC = cluster_step_accum, STYPE = bytea, SSPACE = 65536,
	FINALFUNC = cluster_step_final, COMBINEFUNC = cluster_step_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_step(bytea, "any", float8) IS
	'statistics of rows under a model: one step of its training, as a value, with a weight for each row';

CREATE FUNCTION cluster_step_real_accum(bytea, bytea, real[]) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60;

COMMENT ON FUNCTION cluster_step_real_accum(bytea, bytea, real[]) IS 'transition function of cluster_step_real';

CREATE AGGREGATE cluster_step_real(model bytea, features real[]) (
	SFUNC = cluster_step_real_accum, STYPE = bytea, SSPACE = 65536,
	FINALFUNC = cluster_step_final, COMBINEFUNC = cluster_step_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_step_real(bytea, real[]) IS
	'cluster_step of single-precision arrays, with argument types that a cluster of servers can push down';

CREATE FUNCTION cluster_step_real_accum(bytea, bytea, real[], float8) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60;

COMMENT ON FUNCTION cluster_step_real_accum(bytea, bytea, real[], float8) IS
	'transition function of cluster_step_real, with weights of rows';

CREATE AGGREGATE cluster_step_real(model bytea, features real[], weight float8) (
	SFUNC = cluster_step_real_accum, STYPE = bytea, SSPACE = 65536,
	FINALFUNC = cluster_step_final, COMBINEFUNC = cluster_step_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_step_real(bytea, real[], float8) IS
	'cluster_step of single-precision arrays, with argument types that a cluster of servers can push down, with a weight for each row';

CREATE FUNCTION cluster_step_double_accum(bytea, bytea, float8[]) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60;

COMMENT ON FUNCTION cluster_step_double_accum(bytea, bytea, float8[]) IS 'transition function of cluster_step_double';

CREATE AGGREGATE cluster_step_double(model bytea, features float8[]) (
	SFUNC = cluster_step_double_accum, STYPE = bytea, SSPACE = 65536,
	FINALFUNC = cluster_step_final, COMBINEFUNC = cluster_step_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_step_double(bytea, float8[]) IS
	'cluster_step of double-precision arrays, with argument types that a cluster of servers can push down';

CREATE FUNCTION cluster_step_double_accum(bytea, bytea, float8[], float8) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60;

COMMENT ON FUNCTION cluster_step_double_accum(bytea, bytea, float8[], float8) IS
	'transition function of cluster_step_double, with weights of rows';

CREATE AGGREGATE cluster_step_double(model bytea, features float8[], weight float8) (
	SFUNC = cluster_step_double_accum, STYPE = bytea, SSPACE = 65536,
	FINALFUNC = cluster_step_final, COMBINEFUNC = cluster_step_combine, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_step_double(bytea, float8[], float8) IS
	'cluster_step of double-precision arrays, with argument types that a cluster of servers can push down, with a weight for each row';

CREATE FUNCTION cluster_merge_accum(bytea, bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_merge_accum(bytea, bytea) IS 'transition and combine function of cluster_merge';

CREATE AGGREGATE cluster_merge(bytea) (
	SFUNC = cluster_merge_accum, STYPE = bytea, SSPACE = 65536,
	COMBINEFUNC = cluster_merge_accum, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_merge(bytea) IS
	'sum of statistics, of samples or of sums of validity indices, as of all their rows together';

CREATE FUNCTION cluster_subtract(statistics bytea, part bytea) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_subtract(bytea, bytea) IS
	'statistics without the rows of a part that was merged before';

CREATE FUNCTION cluster_update(model bytea, statistics bytea, forgetting float8 DEFAULT 0) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1000;

COMMENT ON FUNCTION cluster_update(bytea, bytea, float8) IS
	'the model after a step: centers, shapes and sizes from statistics of rows';

CREATE FUNCTION cluster_statistics(model bytea, statistics bytea, OUT cluster int, OUT rows float8,
	OUT weight float8, OUT mass float8, OUT mean float8[], OUT radius float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;

COMMENT ON FUNCTION cluster_statistics(bytea, bytea) IS
	'sums of statistics for each cluster, with means in the units of the features';

CREATE FUNCTION cluster_statistics_info(statistics bytea) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_statistics_info(bytea) IS
	'totals of statistics: numbers of rows, clusters and features, the objective';

CREATE FUNCTION cluster_statistics_validity(model bytea, statistics bytea) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_statistics_validity(bytea, bytea) IS
	'validity indices of a model, those that follow from statistics';

--
-- trainings in progress
--

CREATE FUNCTION cluster_get_progress(OUT pid int, OUT datid oid, OUT usesysid oid, OUT model text, OUT algorithm text,
	OUT phase text, OUT iteration int, OUT iterations int, OUT rows_done bigint, OUT rows bigint, OUT objective float8,
	OUT change float8, OUT seconds float8, OUT seconds_left float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT PARALLEL RESTRICTED ROWS 10;

COMMENT ON FUNCTION cluster_get_progress() IS
	'trainings in progress in the server, for the view cluster_progress';

CREATE VIEW cluster_progress AS
	SELECT p.pid, d.datname, r.rolname AS usename, p.model, p.algorithm, p.phase, p.iteration, p.iterations, p.rows_done,
		p.rows, p.objective, p.change, p.seconds, p.seconds_left
	FROM cluster_get_progress() AS p
		LEFT JOIN pg_catalog.pg_database AS d ON d.oid = p.datid
		LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = p.usesysid;

COMMENT ON VIEW cluster_progress IS 'trainings in progress in the server, in all databases';

GRANT SELECT ON cluster_progress TO PUBLIC;

--
-- choosing the number of clusters
--

-- Volatile and parallel unsafe like query_to_xml, because the query may be

CREATE FUNCTION cluster_select(query text, k_min bigint, k_max bigint, algorithm text DEFAULT 'fcm', options jsonb DEFAULT '{}',
	OUT clusters int, OUT model bytea, OUT partition_coefficient float8, OUT partition_coefficient_normalized float8,
	OUT partition_entropy float8, OUT xie_beni float8, OUT fukuyama_sugeno float8, OUT kwon float8,
	OUT davies_bouldin float8, OUT calinski_harabasz float8, OUT silhouette float8,
	OUT inter_cluster_variance float8, OUT sample_silhouette float8, OUT stability float8, OUT best text[],
	OUT chosen boolean) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;

COMMENT ON FUNCTION cluster_select(text, bigint, bigint, text, jsonb) IS
	'a model for each number of clusters, its validity indices, silhouette and stability; best lists the indices that prefer it, and chosen marks the number with the best silhouette and stability';

CREATE FUNCTION cluster_advise(query text, k_min bigint DEFAULT NULL, k_max bigint DEFAULT NULL, weight text DEFAULT NULL,
	seed bigint DEFAULT 0,
	OUT rank int, OUT statement text, OUT algorithm text, OUT clusters int, OUT options jsonb, OUT stability float8,
	OUT separation float8, OUT seconds float8, OUT reason text) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 5;

COMMENT ON FUNCTION cluster_advise(text, bigint, bigint, text, bigint) IS
	'which algorithm to use on the rows of a query, with which options and how many clusters, and why; without clusters the first row says so';

CREATE FUNCTION cluster_rules(model bytea, query text, weight text DEFAULT NULL, OUT cluster int, OUT rule int, OUT words text,
	OUT condition text, OUT coverage float8, OUT purity float8, OUT rows bigint) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000 ROWS 10;

COMMENT ON FUNCTION cluster_rules(bytea, text, text) IS
	'what the rows of each cluster have in common: at most two rules of at most three conditions, in words and as SQL, with the share of the cluster that is in a rule and the share of the cluster in the rule';

--
-- fuzzy logic: operators and distances on the unit interval and the unit cube
--

CREATE FUNCTION uninorm(x float8, y float8, theta float8 DEFAULT 0.5) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;

COMMENT ON FUNCTION uninorm(float8, float8, float8) IS
	'uninorm of two truth values, with theta as its neutral element';

CREATE FUNCTION absorbing_norm(x float8, y float8, vartheta float8 DEFAULT 0.5) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;

COMMENT ON FUNCTION absorbing_norm(float8, float8, float8) IS
	'absorbing norm of two truth values, with vartheta as its absorbing element';

CREATE FUNCTION logical_not(x float8, theta float8 DEFAULT 0.5) RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;

COMMENT ON FUNCTION logical_not(float8, float8) IS
	'negation of a truth value; theta is its own negation';

-- Numbers of all types resolve to float8, other types to "any", two untyped literals to text

CREATE FUNCTION logical_distance(x float8, y float8, theta float8 DEFAULT 0.5, vartheta float8 DEFAULT 0.5,
	generator text DEFAULT 'logit') RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;

COMMENT ON FUNCTION logical_distance(float8, float8, float8, float8, text) IS
	'fuzzy logical distance of two numbers from 0 to 1';

CREATE FUNCTION logical_distance(x "any", y "any", theta float8 DEFAULT 0.5, vartheta float8 DEFAULT 0.5,
	generator text DEFAULT 'logit') RETURNS float8
	AS 'MODULE_PATHNAME', 'logical_distance_vectors' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

COMMENT ON FUNCTION logical_distance("any", "any", float8, float8, text) IS
	'fuzzy logical distance of two feature vectors in the unit cube';

CREATE FUNCTION logical_distance(x text, y text, theta float8 DEFAULT 0.5, vartheta float8 DEFAULT 0.5,
	generator text DEFAULT 'logit') RETURNS float8
	AS 'MODULE_PATHNAME', 'logical_distance_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION logical_distance(text, text, float8, float8, text) IS
	'fuzzy logical distance of two untyped literals, numbers or arrays';

CREATE FUNCTION logical_dissimilarity(x float8, y float8, theta float8 DEFAULT 0.5, vartheta float8 DEFAULT 0.5,
	generator text DEFAULT 'logit') RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5;

COMMENT ON FUNCTION logical_dissimilarity(float8, float8, float8, float8, text) IS
	'fuzzy logical dissimilarity of two numbers from 0 to 1';

CREATE FUNCTION logical_dissimilarity(x "any", y "any", theta float8 DEFAULT 0.5, vartheta float8 DEFAULT 0.5,
	generator text DEFAULT 'logit') RETURNS float8
	AS 'MODULE_PATHNAME', 'logical_dissimilarity_vectors' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

COMMENT ON FUNCTION logical_dissimilarity("any", "any", float8, float8, text) IS
	'fuzzy logical dissimilarity of two feature vectors in the unit cube';

CREATE FUNCTION logical_dissimilarity(x text, y text, theta float8 DEFAULT 0.5, vartheta float8 DEFAULT 0.5,
	generator text DEFAULT 'logit') RETURNS float8
	AS 'MODULE_PATHNAME', 'logical_dissimilarity_text' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION logical_dissimilarity(text, text, float8, float8, text) IS
	'fuzzy logical dissimilarity of two untyped literals, numbers or arrays';

--
-- model registry
--

-- All functions except cluster_model, cluster_lineage and cluster_drift run as the registry's owner. None is STRICT: a null name is an error

CREATE FUNCTION cluster_create_registry(schema name DEFAULT 'cluster_registry') RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION cluster_create_registry(name) IS
	'create a schema with the tables of a model registry, owned by the caller; an existing registry of the caller is left unchanged';

-- Recipes run as the owner of their registry, which may have changed since they were written: see src/pg/registry/author.c.
-- Dumped, so that a restored registry keeps working; rows are inserted only by a restore, and the trigger ignores false ones.

CREATE TABLE cluster_definitions (definer name NOT NULL, role oid, digest bytea NOT NULL);

CREATE INDEX ON cluster_definitions (role, digest);

COMMENT ON TABLE cluster_definitions IS 'which role has passed which query to cluster_define; only these queries run as that role';
COMMENT ON COLUMN cluster_definitions.definer IS 'name of the role';
COMMENT ON COLUMN cluster_definitions.role IS 'the role itself';
COMMENT ON COLUMN cluster_definitions.digest IS 'SHA-256 of search path and query';

CREATE FUNCTION cluster_definitions_insert() RETURNS trigger
	AS 'MODULE_PATHNAME' LANGUAGE C;

COMMENT ON FUNCTION cluster_definitions_insert() IS
	'trigger of cluster_definitions: ignores rows of roles whose privileges the current user does not have';

CREATE TRIGGER cluster_definitions_insert BEFORE INSERT ON cluster_definitions
	FOR EACH ROW EXECUTE FUNCTION cluster_definitions_insert();

GRANT SELECT, INSERT ON cluster_definitions TO PUBLIC;

SELECT pg_catalog.pg_extension_config_dump('cluster_definitions', '');

CREATE FUNCTION cluster_upgrade_registry(registry name DEFAULT 'cluster_registry') RETURNS int
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION cluster_upgrade_registry(name) IS
	'upgrade a registry to the format of the installed version; returns the number of the format';

CREATE FUNCTION cluster_define(name text, query text, algorithm text, clusters bigint, options jsonb DEFAULT '{}',
	keep int DEFAULT 10, warm_start boolean DEFAULT false, max_validity_drop float8 DEFAULT NULL,
	checkpoint_epochs int DEFAULT 10, incremental boolean DEFAULT false, newer text DEFAULT NULL, span text DEFAULT NULL,
	forgetting float8 DEFAULT 1, report boolean DEFAULT false, registry name DEFAULT 'cluster_registry') RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION cluster_define(text, text, text, bigint, jsonb, int, boolean, float8, int, boolean, text, text, float8, boolean, name) IS
	'store a recipe for training a model with cluster_retrain; replaces an existing recipe with that name';

CREATE PROCEDURE cluster_retrain(name text, registry name DEFAULT 'cluster_registry', "full" boolean DEFAULT false)
	AS 'MODULE_PATHNAME' LANGUAGE C;

COMMENT ON PROCEDURE cluster_retrain(text, name, boolean) IS
	'train the next version of a model from its recipe, keeping the numbers of its clusters, and make it the default';

CREATE FUNCTION cluster_model(name text, version int DEFAULT NULL, registry name DEFAULT 'cluster_registry') RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_model(text, int, name) IS
	'a version of a model, the default version if none is given; call it as (SELECT cluster_model(...))';

CREATE FUNCTION cluster_lineage(name text, registry name DEFAULT 'cluster_registry', OUT version int, OUT cluster int,
	OUT from_version int, OUT from_cluster int, OUT share float8, OUT from_share float8, OUT event text) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C STABLE PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_lineage(text, name) IS
	'which cluster of which version of a model became which: kept, split, merged, mixed, appeared or faded';

CREATE FUNCTION cluster_set_default(name text, version int, registry name DEFAULT 'cluster_registry') RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION cluster_set_default(text, int, name) IS
	'set the version of a model that cluster_model returns by default';

CREATE FUNCTION cluster_drop(name text, registry name DEFAULT 'cluster_registry') RETURNS void
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE;

COMMENT ON FUNCTION cluster_drop(text, name) IS
	'delete a model with its recipe, versions and runs';

CREATE FUNCTION cluster_drift(old bytea, new bytea, query text) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION cluster_drift(bytea, bytea, text) IS
	'changes of the clusters from one model to another, on a sample of the rows of a query';

--
-- reports
--

-- Volatile and parallel unsafe like cluster_select. Not STRICT: a null query is an error

CREATE FUNCTION cluster_report(model bytea, query text, label text DEFAULT NULL, options jsonb DEFAULT '{}') RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION cluster_report(bytea, text, text, jsonb) IS
	'a page of HTML about a model and the rows of a query; label is a column with known classes';

CREATE FUNCTION cluster_report(name text, query text, label text DEFAULT NULL, options jsonb DEFAULT '{}', version int DEFAULT NULL,
	registry name DEFAULT 'cluster_registry') RETURNS text
	AS 'MODULE_PATHNAME', 'cluster_report_by_name' LANGUAGE C VOLATILE PARALLEL UNSAFE COST 100000;

COMMENT ON FUNCTION cluster_report(text, text, text, jsonb, int, name) IS
	'a page of HTML about a version of a model in a registry, its other versions and lineage, and the rows of a query';
