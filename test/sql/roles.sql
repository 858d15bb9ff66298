-- aggregates that somebody else makes of the parts of ours: no state reaches a transition function that it has not returned
CREATE TABLE role_rows AS SELECT i AS id, ARRAY[i % 7, i % 5]::float8[] AS x FROM generate_series(1, 200) i;
CREATE TABLE role_model AS SELECT kmeans_fit(x, 3 ORDER BY id) AS model FROM role_rows;

-- the inverse of a moving frame sees the number of a state, and leaves it as it is
CREATE FUNCTION pg_temp.forge(state bytea) RETURNS bytea LANGUAGE sql AS
	$$ SELECT overlay(state PLACING decode(repeat('7f', length(state) - 12), 'hex') FROM 13) $$;
CREATE FUNCTION pg_temp.undo(state bytea, m bytea, x float8[]) RETURNS bytea LANGUAGE sql AS 'SELECT pg_temp.forge(state)';
CREATE FUNCTION pg_temp.undo(state bytea, x float8[], n int, seed bigint) RETURNS bytea LANGUAGE sql AS
	$$ SELECT overlay(state PLACING decode(repeat('7f', length(state) - 20), 'hex') FROM 21) $$;
CREATE AGGREGATE moving(bytea, float8[]) (SFUNC = cluster_step_double_accum, STYPE = bytea,
	MSFUNC = cluster_step_double_accum, MINVFUNC = pg_temp.undo, MSTYPE = bytea);
CREATE AGGREGATE moving(float8[], int, bigint) (SFUNC = cluster_sample_double_accum, STYPE = bytea,
	MSFUNC = cluster_sample_double_accum, MINVFUNC = pg_temp.undo, MSTYPE = bytea);
SELECT moving(model, x) OVER (ROWS 2 PRECEDING) FROM role_rows, role_model;
SELECT moving(x, 10, 1) OVER (ROWS 2 PRECEDING) FROM role_rows;

-- ... as the final function of an aggregate whose state is anything
CREATE FUNCTION pg_temp.last(state bytea, value bytea) RETURNS bytea LANGUAGE sql AS 'SELECT value';
CREATE AGGREGATE late(bytea, float8[] ORDER BY bytea) (SFUNC = pg_temp.last, STYPE = bytea, FINALFUNC = cluster_step_double_accum);
CREATE AGGREGATE late(float8[], int, bigint ORDER BY bytea) (SFUNC = pg_temp.last, STYPE = bytea, FINALFUNC = cluster_sample_double_accum);
SELECT cluster_step(model, ARRAY[1, 2]::float8[]) IS NULL, late('\x00', ARRAY[1, 2]::float8[]) WITHIN GROUP (ORDER BY '\x01'::bytea) FROM role_model;
SELECT late(ARRAY[1, 2]::float8[], 10, 1) WITHIN GROUP (ORDER BY '\x01'::bytea);

-- combine and final functions get any bytes, even with the number of the running aggregate
CREATE AGGREGATE pg_temp.open(bytea, float8[]) (SFUNC = cluster_step_double_accum, STYPE = bytea);
CREATE AGGREGATE pg_temp.combined(bytea) (SFUNC = cluster_step_combine, STYPE = bytea);
CREATE FUNCTION pg_temp.known(id int, honest bool) RETURNS bytea LANGUAGE sql VOLATILE AS
	$$ SELECT CASE WHEN id > 1 THEN CASE WHEN honest OR id < 3 THEN s ELSE pg_temp.forge(s) END END
	FROM decode(current_setting('roles.state', true), 'hex') s $$;
CREATE FUNCTION pg_temp.attack(honest bool) RETURNS bigint LANGUAGE sql AS
	$$ SELECT count(s) FROM (SELECT set_config('roles.state', encode(pg_temp.open(model, x) OVER w, 'hex'), false),
		pg_temp.combined(pg_temp.known(id, honest)) OVER w AS s
	FROM role_rows, role_model WINDOW w AS (ORDER BY id ROWS UNBOUNDED PRECEDING)) v $$;
SELECT pg_temp.attack(true) AS states;
SELECT pg_temp.attack(false);

-- what is in no other role may be used
SELECT length(pg_temp.open(model, x)) > 0 AS opened FROM role_rows, role_model;
SELECT count(s) AS steps, count(r) AS samples FROM (SELECT cluster_step(model, x) OVER (ORDER BY id ROWS 2 PRECEDING) AS s,
	cluster_sample(x, 3, 1) OVER (ORDER BY id ROWS 2 PRECEDING) AS r FROM role_rows, role_model) v;
DROP AGGREGATE moving(bytea, float8[]), moving(float8[], int, bigint), late(bytea, float8[] ORDER BY bytea), late(float8[], int, bigint ORDER BY bytea);
DROP TABLE role_rows, role_model;
