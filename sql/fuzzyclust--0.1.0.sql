/* fuzzyclust/sql/fuzzyclust--0.1.0.sql */

-- complain if script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION fuzzyclust" to load this file. \quit

--
-- training
--

CREATE FUNCTION cluster_fit_final(internal) RETURNS bytea
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100000;

COMMENT ON FUNCTION cluster_fit_final(internal) IS 'final function of the _fit aggregates: trains the model';

-- k-means

CREATE FUNCTION kmeans_accum(internal, "any", int) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION kmeans_accum(internal, "any", int) IS 'transition function of kmeans_fit';

CREATE FUNCTION kmeans_accum(internal, "any", int, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION kmeans_accum(internal, "any", int, jsonb) IS 'transition function of kmeans_fit with options';

CREATE AGGREGATE kmeans_fit(features "any", clusters int) (
	SFUNC = kmeans_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE kmeans_fit("any", int) IS
	'k-means: a model of so many clusters, trained on the feature vectors';

CREATE AGGREGATE kmeans_fit(features "any", clusters int, options jsonb) (
	SFUNC = kmeans_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE kmeans_fit("any", int, jsonb) IS
	'k-means with options, see kmeans_options';

CREATE FUNCTION kmeans_options(
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT 1,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error'
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION kmeans_options(bigint, bigint, float8, bigint, "any", text, text) IS
	'options of kmeans_fit; NULL means the default';

-- fuzzy c-means

CREATE FUNCTION fcm_accum(internal, "any", int) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION fcm_accum(internal, "any", int) IS 'transition function of fcm_fit';

CREATE FUNCTION fcm_accum(internal, "any", int, jsonb) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION fcm_accum(internal, "any", int, jsonb) IS 'transition function of fcm_fit with options';

CREATE AGGREGATE fcm_fit(features "any", clusters int) (
	SFUNC = fcm_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE fcm_fit("any", int) IS
	'fuzzy c-means: a model of so many clusters, trained on the feature vectors';

CREATE AGGREGATE fcm_fit(features "any", clusters int, options jsonb) (
	SFUNC = fcm_accum, STYPE = internal, SSPACE = 65536,
	FINALFUNC = cluster_fit_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE fcm_fit("any", int, jsonb) IS
	'fuzzy c-means with options, see fcm_options';

CREATE FUNCTION fcm_options(
	fuzzifier float8 DEFAULT 2,
	seed bigint DEFAULT 0,
	max_iterations bigint DEFAULT 1000,
	tolerance float8 DEFAULT 1e-10,
	restarts bigint DEFAULT 1,
	init "any" DEFAULT 'kmeans++'::text,
	scale text DEFAULT 'none',
	missing text DEFAULT 'error'
) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION fcm_options(float8, bigint, bigint, float8, bigint, "any", text, text) IS
	'options of fcm_fit; NULL means the default';

--
-- scoring
--

CREATE FUNCTION cluster_id(model bytea, features "any") RETURNS int
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 20;

COMMENT ON FUNCTION cluster_id(bytea, "any") IS
	'the cluster, from 1, to which a feature vector belongs most';

CREATE FUNCTION cluster_membership(model bytea, features "any") RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 40;

COMMENT ON FUNCTION cluster_membership(bytea, "any") IS
	'the membership of a feature vector in each cluster; they add up to 1';

CREATE FUNCTION cluster_set_support(internal) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C STRICT;

COMMENT ON FUNCTION cluster_set_support(internal) IS 'planner support of cluster_set';

CREATE FUNCTION cluster_set(model bytea, features "any", top_n int DEFAULT NULL, cutoff float8 DEFAULT 0,
	OUT cluster int, OUT membership float8, OUT distance float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60 ROWS 10
	SUPPORT cluster_set_support;

COMMENT ON FUNCTION cluster_set(bytea, "any", int, float8) IS
	'clusters of a feature vector, strongest membership first: at most top_n, none below cutoff';

CREATE FUNCTION cluster_distance(model bytea, features "any") RETURNS float8[]
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 30;

COMMENT ON FUNCTION cluster_distance(bytea, "any") IS
	'the distance of a feature vector to each center, in the metric of the model';

CREATE FUNCTION cluster_outlier_score(model bytea, features "any") RETURNS float8
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 25;

COMMENT ON FUNCTION cluster_outlier_score(bytea, "any") IS
	'distance to the nearest center over the mean distance of that cluster in training';

--
-- looking into a model
--

CREATE FUNCTION cluster_centers(model bytea, OUT cluster int, OUT center float8[], OUT weight float8)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 10;

COMMENT ON FUNCTION cluster_centers(bytea) IS
	'the centers in the units of the features, each with its sum of memberships';

CREATE FUNCTION cluster_info(model bytea) RETURNS jsonb
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100;

COMMENT ON FUNCTION cluster_info(bytea) IS 'what a model is and how its training went';

CREATE FUNCTION cluster_history(model bytea, OUT phase text, OUT iteration int, OUT objective float8,
	OUT change float8, OUT temperature float8, OUT q float8, OUT reconstruction_loss float8,
	OUT clustering_loss float8) RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 100 ROWS 50;

COMMENT ON FUNCTION cluster_history(bytea) IS 'the course of a training, a row for each iteration';

CREATE FUNCTION cluster_options(INOUT algorithm text DEFAULT NULL, OUT option text, OUT type text,
	OUT default_value text, OUT min float8, OUT max float8, OUT choices text[], OUT description text)
	RETURNS SETOF record
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 100 ROWS 20;

COMMENT ON FUNCTION cluster_options(text) IS 'the options of an algorithm, or of all, with ranges and defaults';

--
-- how good is it
--

CREATE FUNCTION cluster_validity_accum(internal, bytea, "any") RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE COST 60;

COMMENT ON FUNCTION cluster_validity_accum(internal, bytea, "any") IS 'transition function of cluster_validity';

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
	SFUNC = cluster_validity_accum, STYPE = internal,
	FINALFUNC = cluster_validity_final, COMBINEFUNC = cluster_validity_combine,
	SERIALFUNC = cluster_validity_serial, DESERIALFUNC = cluster_validity_deserial,
	PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_validity(bytea, "any") IS
	'validity indices of a model on feature vectors, in one pass';

--
-- plots
--

CREATE FUNCTION cluster_plot_accum(internal, float8, float8, int, float8) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_accum(internal, float8, float8, int, float8) IS
	'transition function of cluster_plot';

CREATE FUNCTION cluster_plot_accum(internal, float8, float8, int, float8, text, text, text) RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_accum(internal, float8, float8, int, float8, text, text, text) IS
	'transition function of cluster_plot with a title and labels';

CREATE FUNCTION cluster_plot_final(internal) RETURNS text
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

COMMENT ON FUNCTION cluster_plot_final(internal) IS 'final function of cluster_plot';

-- Not partial, as a sample of samples would depend on the workers; the space is that of a full sample
CREATE AGGREGATE cluster_plot(x float8, y float8, cluster int, membership float8) (
	SFUNC = cluster_plot_accum, STYPE = internal, SSPACE = 250000,
	FINALFUNC = cluster_plot_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_plot(float8, float8, int, float8) IS
	'scatter plot as SVG: colour by cluster, opacity by membership';

CREATE AGGREGATE cluster_plot(x float8, y float8, cluster int, membership float8,
							  title text, x_label text, y_label text) (
	SFUNC = cluster_plot_accum, STYPE = internal, SSPACE = 250000,
	FINALFUNC = cluster_plot_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_plot(float8, float8, int, float8, text, text, text) IS
	'scatter plot as SVG with a title and axis labels, each of which may be NULL';

--
-- agreement with labels
--

-- agreement with known labels
--
-- Parallel safe: besides our own memory only the types' functions for hashing
-- and equality are used, as by hash_array. There is no combine function, so that
-- a parallel plan gathers the rows first and the state needs no serial form.

CREATE FUNCTION cluster_agreement_accum(internal, "any", "any") RETURNS internal
	AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE PARALLEL SAFE;

COMMENT ON FUNCTION cluster_agreement_accum(internal, "any", "any") IS
	'transition function of cluster_accuracy, cluster_nmi and cluster_ari';

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
	SFUNC = cluster_agreement_accum, STYPE = internal,
	FINALFUNC = cluster_accuracy_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_accuracy("any", "any") IS
	'share of rows whose cluster is matched with their label, by the best one-to-one matching';

CREATE AGGREGATE cluster_nmi(label "any", cluster "any") (
	SFUNC = cluster_agreement_accum, STYPE = internal,
	FINALFUNC = cluster_nmi_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_nmi("any", "any") IS
	'mutual information of label and cluster over the geometric mean of their entropies';

CREATE AGGREGATE cluster_ari(label "any", cluster "any") (
	SFUNC = cluster_agreement_accum, STYPE = internal,
	FINALFUNC = cluster_ari_final, PARALLEL = SAFE
);

COMMENT ON AGGREGATE cluster_ari("any", "any") IS
	'adjusted Rand index of label and cluster';
