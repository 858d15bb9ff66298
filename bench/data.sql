-- data of the benchmark; psql variables: rows, dims, groups
--
-- Two blobs, drawn out along a line each, far from each other.  Ten clusters share them, five a
-- blob: centers do not merge at a fuzzifier of 2, as they do in one round blob of 16 dimensions, and go on
-- sliding along the lines for more than 40 iterations, so that a fixed number of iterations is what runs.
-- Every value follows from the row's number by a hash: the same on each machine, and no function of a
-- mathematical library is involved.

CREATE SCHEMA bench;

-- uniform in [0, 1)
CREATE FUNCTION bench.uniform(row_number bigint, seed bigint) RETURNS float8
	IMMUTABLE PARALLEL SAFE LANGUAGE sql
	AS 'SELECT hashint8extended(row_number, seed) / 18446744073709551616.0::float8 + 0.5';

-- Expressions of i (row) and t (place along the blob, 0 to 1), one for each feature
CREATE FUNCTION bench.features(blobs int, dims int) RETURNS text
	IMMUTABLE LANGUAGE sql
	AS $$
	SELECT string_agg(format('20 * bench.uniform(i %% %s, %s) + (2 * t - 1) * 6 * (2 * bench.uniform(i %% %1$s, %s) - 1)'
							 ' + bench.uniform(i, %s) + bench.uniform(i, %s) - 1',
							 blobs, 10000 + j, 20000 + j, 2 * j, 2 * j + 1), ', ' ORDER BY j)
	FROM generate_series(0, dims - 1) j
	$$;

-- label: one of five stretches of one of the two blobs
SELECT format('CREATE TABLE bench.rows_float8 AS
	SELECT i::int AS id, (1 + i %% 2 * 5 + floor(5 * t))::int AS label, ARRAY[%s]::float8[] AS features
	FROM generate_series(0::bigint, %s - 1) i, LATERAL (SELECT bench.uniform(i, 30000) AS t) place',
	bench.features(2, :dims), :rows) \gexec

CREATE TABLE bench.rows_real AS
	SELECT id, label, features::real[] AS features FROM bench.rows_float8;

-- the same, a tenth of the features missing
CREATE TABLE bench.rows_gaps AS
	SELECT id, label, ARRAY(SELECT CASE WHEN bench.uniform(id::bigint * 1000 + j, 40000) >= 0.1 THEN x END
		FROM unnest(features) WITH ORDINALITY AS u(x, j) ORDER BY j) AS features
	FROM bench.rows_real;

-- many small groups, 100 rows of 4 features each, in their order
SELECT format('CREATE TABLE bench.grouped AS
	SELECT (i / 100)::int AS grp, ARRAY[%s]::real[] AS features
	FROM generate_series(0::bigint, 100 * %s::bigint - 1) i, LATERAL (SELECT bench.uniform(i, 30000) AS t) place',
	bench.features(3, 4), :groups) \gexec
CREATE INDEX grouped_grp ON bench.grouped (grp);

-- ten columns, of which four are categories of 3 to 12 values, or numbers that are as many
CREATE TABLE bench.mixed AS
	SELECT id, a, b, c, d, e, f, s, t, u, v, 'value ' || s AS category_s, 'value ' || t AS category_t, 'value ' || u AS category_u, 'value ' || v AS category_v
	FROM (SELECT id, features[1] AS a, features[2] AS b, features[3] AS c, features[4] AS d, features[1] + features[2] AS e, features[3] - features[4] AS f,
			label % 3 AS s, (label * 7 + id % 2) % 5 AS t, hashint4(id) & 7 AS u, label + id % 3 AS v
		FROM bench.rows_float8 WHERE id < 200000) rows;

VACUUM (FREEZE, ANALYZE) bench.rows_float8, bench.rows_real, bench.rows_gaps, bench.grouped, bench.mixed;

-- contents of the tables; bytes are those of one feature in the row store
CREATE TABLE bench.input AS
	SELECT 'rows_real' AS relation, 'real[]' AS type, :rows::bigint AS rows, :dims AS dims, 4 AS bytes
	UNION ALL SELECT 'rows_float8', 'float8[]', :rows, :dims, 8
	UNION ALL SELECT 'rows_gaps', 'real[] with NULL', :rows, :dims, 4
	UNION ALL SELECT 'grouped', 'real[]', 100 * :groups, 4, 4
	UNION ALL SELECT 'mixed', 'row', least(:rows, 200000), 10, 8;

-- First centers, five rows from each of the two blobs: with better ones a training would end before the iterations that
-- it is told to make.  Immutable, so that options with them are a constant.
CREATE TABLE bench.first AS
	SELECT array_agg(features ORDER BY id) AS centers FROM bench.rows_float8
	WHERE id IN (SELECT (c * (:rows / 10) + c % 2)::int FROM generate_series(0, 9) c);
CREATE FUNCTION bench.start() RETURNS float8[] IMMUTABLE LANGUAGE sql AS 'SELECT centers FROM bench.first';
