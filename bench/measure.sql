-- how the benchmark measures: bench.measure and bench.measure_iterations, and the tables that they fill
--
-- Seconds are of the clock on the wall; beside them the processor time of this backend, which does not
-- count what other processes take away (from /proc, to a few milliseconds; NULL where there is none).

CREATE TABLE bench.result (
	id			int GENERATED ALWAYS AS IDENTITY,
	name		text,
	type		text,
	rows		bigint,
	dims		int,
	clusters	int,
	seconds		float8[],			-- of each run
	cpu			float8[],
	scan		float8[],			-- of the bare scan that was run before it
	scan_cpu	float8[],
	spilled		bigint,				-- bytes written to temporary files
	most		float8				-- times the bare scan, or NULL
);

CREATE TABLE bench.iteration (
	id			int GENERATED ALWAYS AS IDENTITY,
	name		text,
	type		text,
	rows		bigint,
	dims		int,
	clusters	int,
	bytes		int,
	few			float8[],			-- seconds of a few iterations, of each run
	many		float8[],			-- of many
	more		int					-- how many more these are
);

-- of limit.c
CREATE TABLE bench.machine (
	variant		text,
	type		text,
	what		text,
	value		float8
);

CREATE FUNCTION bench.clock(OUT wall float8, OUT cpu float8) LANGUAGE sql
	AS $$
	SELECT extract(epoch FROM clock_timestamp())::float8,
		   split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 1)::float8 * 1e-9
	$$;

CREATE FUNCTION bench.time(statement text, OUT wall float8, OUT cpu float8) LANGUAGE plpgsql
	AS $$
	DECLARE
		start record;
		finish record;
	BEGIN
		start := bench.clock();
		EXECUTE statement;
		finish := bench.clock();
		wall := finish.wall - start.wall;
		cpu := finish.cpu - start.cpu;
	END
	$$;

CREATE FUNCTION bench.median(x float8[]) RETURNS float8 LANGUAGE sql
	AS 'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY v) FROM unnest(x) v';

CREATE FUNCTION bench.least(x float8[]) RETURNS float8 LANGUAGE sql
	AS 'SELECT min(v) FROM unnest(x) v';

-- median of the pairwise ratios
CREATE FUNCTION bench.ratio(x float8[], y float8[]) RETURNS float8 LANGUAGE sql
	AS 'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY a / nullif(b, 0)) FROM unnest(x, y) AS v(a, b)';

-- Bytes that a statement writes to temporary files.  Complains when it is not one process on warm data.
CREATE FUNCTION bench.look_at_plan(statement text) RETURNS bigint LANGUAGE plpgsql
	AS $$
	DECLARE
		plan json;
	BEGIN
		EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF, BUFFERS, FORMAT JSON) ' || statement INTO plan;
		IF plan::text LIKE '%"Workers Launched"%' THEN
			RAISE EXCEPTION 'several processes: %', statement;
		END IF;
		IF (plan->0->'Plan'->>'Shared Read Blocks')::bigint > 0 THEN
			RAISE EXCEPTION 'not all in shared buffers: %', statement;
		END IF;
		RETURN (plan->0->'Plan'->>'Temp Written Blocks')::bigint * current_setting('block_size')::bigint;
	END
	$$;

-- Iterations that a fit makes; no cluster may have died
CREATE FUNCTION bench.iterations(expression text, source text) RETURNS int LANGUAGE plpgsql
	AS $$
	DECLARE
		info jsonb;
	BEGIN
		EXECUTE format('SELECT cluster_info(%s) FROM %s', expression, source) INTO info;
		IF (info->>'empty_clusters')::int > 0 THEN
			RAISE EXCEPTION '% clusters are empty: %', info->>'empty_clusters', expression
				USING HINT = 'The data of bench/data.sql do not suit this measurement.';
		END IF;
		RETURN info->>'iterations';
	END
	$$;

-- One line of the table: SELECT expression FROM source, and before each run of it the bare scan
CREATE PROCEDURE bench.measure(name text, relation text, clusters int, expression text,
	source text DEFAULT NULL, scan text DEFAULT NULL, most float8 DEFAULT NULL, iterations int DEFAULT NULL,
	memory text DEFAULT '1GB', rows bigint DEFAULT NULL) LANGUAGE plpgsql
	AS $$
	DECLARE
		about	bench.input := (SELECT i FROM bench.input i WHERE i.relation = measure.relation);
		result	bench.result;
		took	record;
		statement text;
	BEGIN
		source := coalesce(source, 'bench.' || relation);
		scan := coalesce(scan, 'SELECT sum(features[1]) FROM bench.' || relation);
		statement := format('SELECT %s FROM %s', expression, source);
		PERFORM set_config('maintenance_work_mem', memory, true);

		EXECUTE scan;
		IF iterations IS NOT NULL THEN
			IF bench.iterations(expression, source) <> iterations THEN
				RAISE EXCEPTION 'not % iterations: %', iterations, expression
					USING HINT = 'The data of bench/data.sql do not suit this measurement.';
			END IF;
		END IF;
		result.spilled := bench.look_at_plan(statement);
		FOR run IN 1 .. current_setting('bench.runs')::int LOOP
			took := bench.time(scan);
			result.scan := result.scan || took.wall;
			result.scan_cpu := result.scan_cpu || took.cpu;
			took := bench.time(statement);
			result.seconds := result.seconds || took.wall;
			result.cpu := result.cpu || took.cpu;
		END LOOP;
		INSERT INTO bench.result (name, type, rows, dims, clusters, seconds, cpu, scan, scan_cpu, spilled, most)
		VALUES (name, about.type, coalesce(measure.rows, about.rows), about.dims, measure.clusters, result.seconds,
				result.cpu, result.scan, result.scan_cpu, result.spilled, measure.most);
	END
	$$;

-- What one iteration costs: "expression" has %s for their number, which is 20 and 40 by turns
CREATE PROCEDURE bench.measure_iterations(name text, relation text, clusters int, expression text) LANGUAGE plpgsql
	AS $$
	DECLARE
		about	bench.input := (SELECT i FROM bench.input i WHERE i.relation = measure_iterations.relation);
		source	text := 'bench.' || relation;
		few		float8[];
		many	float8[];
		more	int;
		took	record;
	BEGIN
		PERFORM set_config('maintenance_work_mem', '1GB', true);
		more := bench.iterations(format(expression, 40), source) - bench.iterations(format(expression, 20), source);
		IF more <= 0 THEN
			RAISE EXCEPTION 'less than 20 iterations: %', expression
				USING HINT = 'The data of bench/data.sql do not suit this measurement.';
		END IF;
		FOR run IN 1 .. current_setting('bench.runs')::int LOOP
			took := bench.time(format('SELECT %s FROM %s', format(expression, 20), source));
			few := few || coalesce(took.cpu, took.wall);
			took := bench.time(format('SELECT %s FROM %s', format(expression, 40), source));
			many := many || coalesce(took.cpu, took.wall);
		END LOOP;
		INSERT INTO bench.iteration (name, type, rows, dims, clusters, bytes, few, many, more)
		VALUES (name, about.type, about.rows, about.dims, measure_iterations.clusters, about.bytes, few, many, more);
	END
	$$;
