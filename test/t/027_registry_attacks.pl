# Objects that owners add to the tables of a registry do not give them the privileges of roles that
# read a model or write to the registry: mallory tries.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('attacks', 'jit = off');

sub as
{
	my ($role, $sql) = @_;

	return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $role ]);
}

# the output of a statement run by a role, with its notices and errors
sub told
{
	my ($role, $sql, $stop) = @_;
	my ($status, $stdout, $stderr) =
	  $node->psql('postgres', $sql, extra_params => [ '-U', $role ], on_error_stop => $stop // 1);

	return "$stdout\n$stderr";
}

$node->safe_psql('postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE ROLE chief SUPERUSER LOGIN;
	CREATE ROLE mallory LOGIN;
	CREATE ROLE carol LOGIN;
	CREATE ROLE bob LOGIN;
	GRANT CREATE ON DATABASE postgres TO mallory, carol;
	CREATE FOREIGN DATA WRAPPER nothing;
	GRANT USAGE ON FOREIGN DATA WRAPPER nothing TO mallory;
});
# whatever mallory gets to run tells as whom
as('mallory', q{
	CREATE SCHEMA w;
	GRANT USAGE ON SCHEMA w TO public;
	CREATE TYPE w.t AS (x pg_catalog.text);
	CREATE TYPE w.text AS (x pg_catalog.text);
	CREATE FUNCTION w.tell() RETURNS boolean LANGUAGE plpgsql AS $$
		BEGIN RAISE WARNING 'code runs as %', current_user; RETURN true; END $$;
	CREATE FUNCTION w.same(x anyelement) RETURNS anyelement IMMUTABLE LANGUAGE plpgsql AS $$
		BEGIN RAISE WARNING 'code runs as %', current_user; RETURN x; END $$;
	CREATE FUNCTION w.fire() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE WARNING 'code runs as %', current_user; RETURN NEW; END $$;
	CREATE FUNCTION w.evil(w.t) RETURNS pg_catalog.text LANGUAGE plpgsql AS $$
		BEGIN RAISE WARNING 'code runs as %', current_user; RETURN ($1).x; END $$;
	CREATE FUNCTION w.evil(w.text) RETURNS pg_catalog.text LANGUAGE plpgsql AS $$
		BEGIN RAISE WARNING 'code runs as %', current_user; RETURN ($1).x; END $$;
	CREATE FUNCTION w.compare(pg_catalog.text, pg_catalog.text) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$
		BEGIN RAISE WARNING 'code runs as %', current_user; RETURN pg_catalog.bttextcmp($1, $2); END $$;
	CREATE CAST (w.t AS pg_catalog.text) WITH FUNCTION w.evil(w.t) AS IMPLICIT;
	CREATE CAST (w.text AS pg_catalog.text) WITH FUNCTION w.evil(w.text) AS IMPLICIT;
	CREATE DOMAIN w.name AS pg_catalog.text CHECK (w.tell());
	CREATE DOMAIN w.bytes AS bytea CHECK (w.tell());
	CREATE TABLE w.points AS SELECT sin(i) AS a, cos(i) AS b FROM generate_series(1, 30) i;
	CREATE SERVER nothing FOREIGN DATA WRAPPER nothing;
});

# a registry of mallory's with one model, which all may read
sub make_registry
{
	$node->safe_psql('postgres', 'DROP SCHEMA IF EXISTS r, old CASCADE');
	as('mallory', q{
		SELECT cluster_create_registry('r');
		SELECT cluster_define('m', 'SELECT a, b FROM w.points', 'kmeans', 2, registry => 'r');
		CALL cluster_retrain('m', 'r');
		GRANT USAGE ON SCHEMA r TO public;
		GRANT SELECT ON r.versions TO public});
	return;
}

# ---- tables that are read

my $columns = 'number int, model bytea, trained_at timestamptz, rows int8, seconds float8, iterations int,
	converged bool, objective float8, validity jsonb, drift jsonb, is_default bool';
my $copy = 'SELECT * FROM r.kept';
my $keep = 'ALTER TABLE r.versions RENAME TO kept; DROP VIEW r.models';
my $grant = 'GRANT SELECT ON r.versions TO public';

foreach my $attack (
	[ 'a cast of a composite type', "$keep; CREATE TABLE r.versions (name w.t, $columns);
		INSERT INTO r.versions SELECT ROW(k.name)::w.t, k.number, model, trained_at, rows, seconds, iterations, converged,
			objective, validity, drift, is_default FROM r.kept k; $grant", qr/column "name" of a registry table has type w.t instead of text/ ],
	[ 'a type that is called text', "$keep; CREATE TABLE r.versions (name w.text, $columns); $grant",
		qr/column "name" of a registry table has type w.text instead of text/ ],
	[ 'a domain over text', "DROP VIEW r.models; ALTER TABLE r.versions ALTER name TYPE w.name",
		qr/column "name" of a registry table has type w.name instead of text/ ],
	[ 'a domain over bytea', "DROP VIEW r.models; ALTER TABLE r.versions ALTER model TYPE w.bytes",
		qr/column "model" of a registry table has type w.bytes instead of bytea/ ],
	[ 'varchar', "DROP VIEW r.models; ALTER TABLE r.versions ALTER name TYPE varchar",
		qr/column "name" of a registry table has type character varying instead of text/ ],
	[ 'another collation', qq{DROP VIEW r.models; ALTER TABLE r.versions ALTER name TYPE text COLLATE "C"},
		qr/column "name" of a registry table is generated, or has a non-default collation/ ],
	[ 'a generated column', "DROP VIEW r.models; ALTER TABLE r.versions DROP is_default,
		ADD is_default bool GENERATED ALWAYS AS (w.same(true)) STORED", qr/column "is_default" of a registry table is generated/ ],
	[ 'a column less', "DROP VIEW r.models; ALTER TABLE r.versions DROP is_default; GRANT SELECT ON r.versions TO public",
		qr/registry table "versions" has no column "is_default"|permission denied for table versions/ ],
	[ 'a policy', 'ALTER TABLE r.versions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
		CREATE POLICY p ON r.versions USING (w.tell())', qr/row-level security applies to table "versions" of registry "r"/, 'bob' ],
	[ 'a view', "$keep; CREATE VIEW r.versions AS $copy WHERE w.tell(); $grant", qr/schema "r" is not a model registry/ ],
	[ 'a view with a security barrier', "$keep; CREATE VIEW r.versions WITH (security_barrier) AS $copy WHERE w.tell(); $grant",
		qr/schema "r" is not a model registry/ ],
	[ 'a materialized view', "$keep; CREATE MATERIALIZED VIEW r.versions AS $copy; $grant", qr/schema "r" is not a model registry/ ],
	[ 'a foreign table', "$keep; CREATE FOREIGN TABLE r.versions (name text, $columns) SERVER nothing; $grant",
		qr/schema "r" is not a model registry/ ],
	[ 'a partitioned table', "$keep; CREATE TABLE r.versions (name text, $columns) PARTITION BY LIST (name); $grant",
		qr/schema "r" is not a model registry/ ],
	[ 'an inherited table', "CREATE TABLE r.child () INHERITS (r.versions)", qr/is a partition, or an inheritance parent or child/ ],
	[ 'an inheriting table', "CREATE TABLE r.parent (name text NOT NULL); ALTER TABLE r.versions INHERIT r.parent",
		qr/is a partition, or an inheritance parent or child/ ],
	[ 'an unlogged table', 'ALTER TABLE r.versions SET UNLOGGED', qr/Its table "versions" is temporary or unlogged/ ],
	[ 'an index', "$keep; CREATE INDEX versions ON r.kept (name)", qr/schema "r" is not a model registry|permission denied/ ],
	[ 'a sequence', "$keep; CREATE SEQUENCE r.versions; $grant", qr/schema "r" is not a model registry|permission denied/ ],
	[ 'a table of recipes that is a view', 'ALTER TABLE r.recipes RENAME TO other; CREATE VIEW r.recipes AS SELECT * FROM r.other',
		qr/schema "r" is not a model registry\nDETAIL:  It has no table "recipes"/ ],
  )
{
	my ($name, $sql, $error, $only) = @$attack;

	make_registry();
	as('mallory', $sql);
	foreach my $reader ($only // ('chief', 'bob'))
	{
		my $told = told($reader, q{SELECT octet_length(cluster_model('m', registry => 'r'))});

		like($told, $error, "$name: refused, $reader reads");
		unlike($told, qr/code runs as/, "$name: and nothing runs");
		unlike(told($reader, q{SELECT cluster_model('n', 7, 'r')}), qr/code runs as/, "$name: nor for a model that is not there");
	}
}

# the policy does not apply to the owner or a superuser, and does not run
make_registry();
as('mallory', 'ALTER TABLE r.versions ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON r.versions USING (w.tell())');
foreach my $reader ('chief', 'mallory')
{
	like(told($reader, q{SELECT octet_length(cluster_model('m', registry => 'r')) > 0}), qr/^t\s*$/, "$reader reads past policies");
}

# an index with an operator class of mallory's is not used, whatever the settings
make_registry();
$node->safe_psql('postgres', q{
	CREATE OPERATOR CLASS w.ops FOR TYPE text USING btree AS OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=,
		OPERATOR 5 >, FUNCTION 1 w.compare(text, text);
	ALTER OPERATOR CLASS w.ops USING btree OWNER TO mallory;
	ALTER OPERATOR FAMILY w.ops USING btree OWNER TO mallory});
as('mallory', q{SET client_min_messages = error; CREATE INDEX evil ON r.versions (name w.ops)});
my $told = told('chief', q{SET enable_seqscan = off; SELECT octet_length(cluster_model('m', registry => 'r')) > 0});
like($told, qr/^t\s*$/, 'an operator class: the model is read without it');

# names of any length, and none
make_registry();
as('mallory', q{
	ALTER TABLE r.versions DROP CONSTRAINT versions_pkey, DROP CONSTRAINT versions_name_fkey, ALTER name DROP NOT NULL, ALTER number DROP NOT NULL,
		ALTER model DROP NOT NULL;
	DROP INDEX r.versions_default;
	CREATE TEMP TABLE one AS SELECT * FROM r.versions;
	INSERT INTO r.versions SELECT (jsonb_populate_record(one, jsonb_build_object('name', name || repeat('é', 1000000 * i), 'is_default', true))).*
		FROM one, generate_series(1, 20) i;
	INSERT INTO r.versions SELECT (jsonb_populate_record(one, jsonb_build_object('number', i))).* FROM one, generate_series(2, 30) i;
	INSERT INTO r.versions SELECT (jsonb_populate_record(one, '{"name": null, "number": null}')).* FROM one;
	INSERT INTO r.versions SELECT (jsonb_populate_record(one, '{"number": 77, "model": null}')).* FROM one});
like(told('chief', q{SELECT octet_length(cluster_model('m', 1, 'r')) > 0}), qr/^t\s*$/, 'long names and nulls: found');
like(told('chief', q{SELECT cluster_model('m', 99, 'r')}), qr/HINT:  Existing versions are ..., 12, 13, .*30, 77\.$/m, 'and the last numbers are listed');
like(told('chief', q{SELECT cluster_model('m', 77, 'r')}), qr/has no version 77/, 'null is no model');
like(told('chief', q{SELECT cluster_model('n', registry => 'r')}), qr/Models with versions are m, m(?:é){31}\.$/m, 'and names are cut');

# whose it is, in part
make_registry();
foreach my $change ('ALTER SCHEMA r OWNER TO carol', 'ALTER TABLE r.versions OWNER TO carol', 'ALTER TABLE r.recipes OWNER TO carol')
{
	$node->safe_psql('postgres', $change);
	like(told('chief', q{SELECT cluster_model('m', registry => 'r')}), qr/registry "r" belongs to several roles/, "$change: refused to read");
	like(told('chief', q{CALL cluster_retrain('m', 'r')}), qr/registry "r" belongs to several roles/, 'and to write');
	$node->safe_psql('postgres', 'ALTER SCHEMA r OWNER TO mallory; ALTER TABLE r.versions OWNER TO mallory; ALTER TABLE r.recipes OWNER TO mallory');
}

# privileges
make_registry();
as('mallory', 'REVOKE SELECT ON r.versions FROM public; REVOKE USAGE ON SCHEMA r FROM public');
like(told('bob', q{SELECT cluster_model('m', registry => 'r')}), qr/permission denied for schema r/, 'USAGE on the schema');
as('mallory', 'GRANT USAGE ON SCHEMA r TO bob');
like(told('bob', q{SELECT cluster_model('m', registry => 'r')}), qr/permission denied for table versions/, 'SELECT on the table');
as('mallory', 'GRANT SELECT (name, number, is_default) ON r.versions TO bob');
like(told('bob', q{SELECT cluster_model('m', registry => 'r')}), qr/permission denied for table versions/, 'and on the model');
as('mallory', 'GRANT SELECT (model) ON r.versions TO bob');
like(told('bob', q{SELECT octet_length(cluster_model('m', registry => 'r')) > 0}), qr/^t\s*$/, 'or on the columns that are read');

# a parallel worker reads as the caller
as('mallory', 'GRANT SELECT ON r.versions TO public; GRANT USAGE ON SCHEMA r TO public');
my $parallel = q{
	CREATE TABLE many AS SELECT i FROM generate_series(1, 1000) i;
	ALTER TABLE many SET (parallel_workers = 2);
	SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
	SET parallel_leader_participation = off;
	EXPLAIN (COSTS OFF) SELECT count(DISTINCT octet_length(cluster_model('m', registry => 'r'))) FROM many;
	SELECT count(DISTINCT octet_length(cluster_model('m', registry => 'r' || left(i::text, 0)))) FROM many;
	DROP TABLE many};
like(told('chief', $parallel), qr/Parallel Seq Scan.*^1$/ms, 'a parallel worker reads');
as('mallory', "$keep; CREATE VIEW r.versions AS $copy WHERE w.tell(); $grant");
$told = told('chief', $parallel);
like($told, qr/Parallel Seq Scan.*schema "r" is not a model registry/s, 'a parallel worker is refused');
unlike($told, qr/code runs as/, 'and runs nothing');
$node->safe_psql('postgres', 'DROP TABLE IF EXISTS many');

# ---- swapped while another session waits for the lock

# Runs $first in a session that then waits until $role waits for a lock with $sql, and continues
# with $then; returns the output of the second one
sub race
{
	my ($first, $role, $sql, $then) = @_;
	my $output = '';
	my $script = PostgreSQL::Test::Utils::tempdir() . '/race.sql';

	append_to_file($script, qq{
			SET application_name = 'first';
			BEGIN;
			$first;
			SET application_name = 'has begun';
			DO \$\$
			BEGIN
				FOR i IN 1..1000 LOOP
					PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
					EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted);
				END LOOP;
			END
			\$\$;
			$then;
			COMMIT});
	my $session = IPC::Run::start(
		[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-U', 'mallory', '-d', $node->connstr('postgres'), '-f', $script ],
		'<', \undef, '>&', \$output,
		IPC::Run::timeout(120));

	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'has begun'})
	  or die 'the race does not begin';
	my $told = told($role, $sql);
	$session->finish or die "the first session fails: $output";
	return $told;
}

make_registry();
$told = race('LOCK TABLE r.versions', 'chief', q{SELECT cluster_model('m', registry => 'r')},
	"$keep; CREATE VIEW r.versions AS $copy WHERE w.tell(); $grant");
like($told, qr/schema "r" is not a model registry/, 'a view under the lock: refused');
unlike($told, qr/code runs as/, 'and not run');
make_registry();
$told = race('LOCK TABLE r.versions', 'bob', q{SELECT cluster_model('m', registry => 'r')},
	'ALTER TABLE r.versions ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON r.versions USING (w.tell())');
like($told, qr/row-level security applies/, 'a policy under the lock: refused');
unlike($told, qr/code runs as/, 'and not run');
make_registry();
$told = race('LOCK TABLE r.versions', 'bob', q{SELECT cluster_model('m', registry => 'r')}, 'REVOKE SELECT ON r.versions FROM public');
like($told, qr/permission denied for table versions/, 'a privilege that is taken under the lock');
make_registry();
$told = race('LOCK TABLE r.runs', 'chief', q{CALL cluster_retrain('m', 'r')},
	'CREATE TRIGGER t BEFORE INSERT ON r.runs FOR EACH ROW EXECUTE FUNCTION w.fire()');
like($told, qr/registry table "runs" has trigger "t"/, 'a trigger under the lock: refused');
unlike($told, qr/code runs as/, 'and not run');

# ---- schemas that change names

# carol's registry is read for a while, and meanwhile the schema of that name becomes mallory's, whose tables have triggers
$node->safe_psql('postgres', 'DROP SCHEMA IF EXISTS r, old CASCADE');
as('carol', q{
	CREATE SCHEMA c;
	CREATE TABLE c.points AS SELECT sin(i) AS a, cos(i) AS b FROM generate_series(1, 30) i;
	CREATE FUNCTION c.wait() RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1..1000 LOOP
			EXIT WHEN EXISTS (SELECT FROM pg_namespace WHERE nspname = 'old');
			PERFORM pg_sleep(0.02);
		END LOOP;
		RETURN true;
	END
	$$;
	SELECT cluster_create_registry('r');
	SELECT cluster_define('m', 'SELECT a, b FROM c.points, (SELECT c.wait() OFFSET 0) AS w', 'kmeans', 2, registry => 'r');
});
as('mallory', q{
	SELECT cluster_create_registry('trap');
	SELECT cluster_define('m', 'SELECT a, b FROM w.points', 'kmeans', 2, registry => 'trap');
	INSERT INTO trap.runs (name, started_at, status) VALUES ('m', now(), 'running');
	CREATE TRIGGER t BEFORE INSERT OR UPDATE ON trap.runs FOR EACH ROW EXECUTE FUNCTION w.fire();
	GRANT ALL ON SCHEMA trap TO public;
	GRANT ALL ON ALL TABLES IN SCHEMA trap TO public;
});
my $output = '';
my $session = IPC::Run::start(
	[ 'psql', '-X', '-U', 'carol', '-d', $node->connstr('postgres'), '-c', q{CALL cluster_retrain('m', 'r')} ],
	'<', \undef, '>&', \$output,
	IPC::Run::timeout(120));
$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM r.runs WHERE status = 'running'})
  or die 'the training does not begin';
$node->safe_psql('postgres', 'BEGIN; ALTER SCHEMA r RENAME TO old; ALTER SCHEMA trap RENAME TO r; COMMIT');
$session->finish;
like($output, qr/registry "r" has been altered concurrently/, 'another schema of that name: noticed');
unlike($output, qr/code runs as/, 'and its triggers do not run');
$node->safe_psql('postgres', 'DROP SCHEMA r, old CASCADE');

# ---- tables that are written: whatever else would run there

foreach my $attack (
	[ 'a trigger', 'CREATE TRIGGER t BEFORE INSERT ON r.runs FOR EACH ROW EXECUTE FUNCTION w.fire()', qr/has trigger "t"/ ],
	[ 'a disabled trigger', 'CREATE TRIGGER t BEFORE INSERT ON r.runs FOR EACH ROW EXECUTE FUNCTION w.fire();
		ALTER TABLE r.runs DISABLE TRIGGER t', qr/has trigger "t"/ ],
	[ 'a deferred trigger', 'CREATE CONSTRAINT TRIGGER t AFTER INSERT ON r.versions DEFERRABLE INITIALLY DEFERRED
		FOR EACH ROW EXECUTE FUNCTION w.fire()', qr/has trigger "t"/ ],
	[ 'a trigger of the statement', 'CREATE TRIGGER t AFTER UPDATE ON r.recipes EXECUTE FUNCTION w.fire()', qr/has trigger "t"/ ],
	[ 'a rule', 'CREATE RULE x AS ON INSERT TO r.runs DO ALSO SELECT w.tell()', qr/has a rule/ ],
	[ 'a default', 'ALTER TABLE r.versions ALTER is_default SET DEFAULT w.tell()', qr/functions in the default of column "is_default"/ ],
	[ 'a default of a new column', 'ALTER TABLE r.versions ADD new bool DEFAULT w.tell()', qr/functions in the default of column "new"/ ],
	[ 'a default of PostgreSQL that runs a query', q{ALTER TABLE r.versions ADD new xml DEFAULT query_to_xml('SELECT w.tell()', false, false, '')},
		qr/functions in the default of column "new"/ ],
	[ 'a constraint', 'ALTER TABLE r.runs ADD CONSTRAINT x CHECK (w.tell()) NOT VALID', qr/functions in constraint "x"/ ],
	[ 'a constraint with a cast', q{ALTER TABLE r.recipes ADD CONSTRAINT x CHECK (name::w.name <> '') NOT VALID}, qr/functions in constraint "x"/ ],
	[ 'a domain', 'ALTER TABLE r.runs ADD new w.name', qr/of a non-built-in type: "new"|"new"/ ],
	[ 'a generated column', 'ALTER TABLE r.runs ADD new bool GENERATED ALWAYS AS (w.same(true)) STORED', qr/a generated column.*"new"/ ],
	[ 'an expression in an index', 'CREATE INDEX x ON r.runs (w.same(id))', qr/functions in index "x"/ ],
	[ 'a condition of an index', 'CREATE INDEX x ON r.runs (id) WHERE w.same(true)', qr/functions in index "x"/ ],
	[ 'an operator class', 'CREATE INDEX x ON r.versions (name w.ops)', qr/functions in index "x"/ ],
	[ 'statistics', 'CREATE STATISTICS r.x ON (w.same(1)), (id + 1) FROM r.runs', qr/has extended statistics/ ],
	[ 'a policy upon the owner', 'ALTER TABLE r.runs ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
		CREATE POLICY p ON r.runs USING (w.tell())', qr/row-level security that also applies to its owner/ ],
	[ 'a key of another table', 'CREATE TABLE w.other (name text REFERENCES r.recipes ON UPDATE CASCADE ON DELETE CASCADE)',
		qr/registry table "recipes" has a foreign key with table "other"/ ],
	[ 'a key to another table', 'CREATE TABLE w.other (id int8 PRIMARY KEY); ALTER TABLE r.runs ADD FOREIGN KEY (id) REFERENCES w.other NOT VALID',
		qr/registry table "runs" has a foreign key with table "other"/ ],
  )
{
	my ($name, $sql, $error) = @$attack;

	make_registry();
	as('mallory', "SET client_min_messages = error; $sql");
	foreach my $writer ('chief', 'mallory')
	{
		my $told = told($writer, q{
			CALL cluster_retrain('m', 'r');
			SELECT cluster_set_default('m', 1, 'r');
			SELECT cluster_define('m', 'SELECT a, b FROM w.points', 'kmeans', 2, registry => 'r');
			SELECT cluster_drop('m', 'r')}, 0);

		is(scalar(() = $told =~ /ERROR:  [^\n]*$error/g), 4, "$name: refused, $writer writes") or diag($told);
		unlike($told, qr/code runs as/, "$name: and nothing runs");
	}
	$node->safe_psql('postgres', 'DROP TABLE IF EXISTS w.other CASCADE');
}

# ---- recipes that another role has written

# mallory's query becomes that of the next owner of her tables
my $taken = qr/the query of model "(?:m|forged)" has not been defined by "chief", the owner of registry "r"/;

make_registry();
as('mallory', q{
	INSERT INTO r.recipes (name, query, algorithm, clusters, owner, search_path)
	VALUES ('forged', 'SELECT a, b FROM w.points WHERE w.tell()', 'kmeans', 2, 'chief', 'pg_temp');
	UPDATE r.recipes SET owner = 'chief', query = 'SELECT a, b FROM w.points WHERE w.tell()' WHERE name = 'm';
	-- rights of a restore: only for the role itself
	INSERT INTO cluster_definitions SELECT r, 10, sha256(convert_to('pg_temp', 'UTF8') || '\\000'::bytea ||
		convert_to('SELECT a, b FROM w.points WHERE w.tell()', 'UTF8')) FROM (VALUES ('mallory'), ('chief'), ('nobody')) q(r)});
is( $node->safe_psql('postgres', q{SELECT definer, role::regrole FROM cluster_definitions WHERE definer IN ('chief', 'nobody')
		OR role <> (SELECT oid FROM pg_roles WHERE rolname = definer)}),
	'', 'nobody notes down definitions of others');
foreach my $sql (q{UPDATE cluster_definitions SET role = 10}, q{DELETE FROM cluster_definitions}, q{TRUNCATE cluster_definitions},
	q{ALTER TABLE cluster_definitions DISABLE TRIGGER ALL}, q{CREATE TRIGGER t BEFORE INSERT ON cluster_definitions
		FOR EACH ROW EXECUTE FUNCTION w.fire()})
{
	like(told('mallory', $sql), qr/permission denied|must be owner/, "$sql: refused");
}
like(told('mallory', q{CREATE TEMP TABLE t (definer name, role oid, digest bytea); CREATE TRIGGER t BEFORE INSERT ON t
		FOR EACH ROW EXECUTE FUNCTION cluster_definitions_insert(); INSERT INTO t VALUES ('mallory', 1, '')}),
	qr/can only be the trigger of table "cluster_definitions"/, 'the trigger serves no other table');
foreach my $how ('REASSIGN OWNED BY mallory TO chief', 'ALTER SCHEMA r OWNER TO chief; ALTER TABLE r.recipes OWNER TO chief;
	ALTER TABLE r.versions OWNER TO chief; ALTER TABLE r.runs OWNER TO chief; ALTER TABLE r.format OWNER TO chief;
	ALTER TABLE r.lineage OWNER TO chief; ALTER TABLE r.statistics OWNER TO chief')
{
	$node->safe_psql('postgres', $how);
	foreach my $model ('m', 'forged')
	{
		$told = told('chief', "CALL cluster_retrain('$model', 'r')");
		like($told, $taken, "$model is not retrained after it has changed hands");
		unlike($told, qr/code runs as/, 'and nothing runs');
	}
	like(told('chief', q{SELECT octet_length(cluster_model('m', registry => 'r')) > 0}), qr/^t\s*$/, 'scoring goes on');
	as('chief', q{SELECT cluster_define('m', 'SELECT a, b FROM w.points', 'kmeans', 2, registry => 'r');
		CALL cluster_retrain('m', 'r')});
	$node->safe_psql('postgres', q{UPDATE r.recipes SET query = 'SELECT b, a FROM w.points'});
	like(told('chief', q{CALL cluster_retrain('m', 'r')}), $taken, 'until it is defined anew, and not once more changed');
	$node->safe_psql('postgres', q{UPDATE r.recipes SET query = 'SELECT a, b FROM w.points', search_path = 'w, pg_temp'});
	like(told('chief', q{CALL cluster_retrain('m', 'r')}), $taken, 'nor its search path');
	$node->safe_psql('postgres', 'REASSIGN OWNED BY chief TO mallory');
	make_registry();
	as('mallory', q{
		INSERT INTO r.recipes (name, query, algorithm, clusters, owner, search_path)
		VALUES ('forged', 'SELECT a, b FROM w.points WHERE w.tell()', 'kmeans', 2, 'chief', 'pg_temp');
		UPDATE r.recipes SET owner = 'chief', query = 'SELECT a, b FROM w.points WHERE w.tell()' WHERE name = 'm'});
}
# a role that may update recipes gains nothing
make_registry();
as('mallory', 'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA r TO bob');
as('bob', q{UPDATE r.recipes SET query = 'SELECT a, b FROM w.points WHERE w.tell()'});
$told = told('mallory', q{CALL cluster_retrain('m', 'r')});
like($told, qr/the query of model "m" has not been defined by "mallory"/, 'a query that somebody else has written is refused');

# the extension may move, and a session may prefer another access method for its own tables
$node->safe_psql('postgres', q{
	DROP SCHEMA r CASCADE;
	CREATE ACCESS METHOD other TYPE TABLE HANDLER heap_tableam_handler;
	CREATE SCHEMA x;
	GRANT USAGE ON SCHEMA x TO public;
	ALTER EXTENSION fuzzyclust SET SCHEMA x});
as('mallory', q{
	SET client_min_messages = warning;
	SET search_path = x;
	SET default_table_access_method = other;
	SELECT cluster_create_registry('r');
	SELECT cluster_define('m', 'SELECT a, b FROM w.points', 'kmeans', 2, registry => 'r');
	CALL cluster_retrain('m', 'r')});
is(as('mallory', q{SELECT x.cluster_model('m', registry => 'r') IS NOT NULL}), 't', 'wherever the extension is');
as('mallory', q{ALTER TABLE r.versions RENAME TO kept; CREATE TABLE r.versions (LIKE r.kept) USING other; GRANT SELECT ON r.versions TO public});
like(told('chief', q{SELECT x.cluster_model('m', registry => 'r')}), qr/Its table "versions" uses an access method other than heap/,
	'another access method is refused');
$node->safe_psql('postgres', 'ALTER EXTENSION fuzzyclust SET SCHEMA public');

# an owner may add indexes, columns and constraints that use only built-in functions
make_registry();
as('mallory', q{
	ALTER TABLE r.recipes ADD note text DEFAULT 'none' CHECK (length(note) < 100);
	CREATE INDEX ON r.runs (started_at) WHERE status = 'done';
	CREATE INDEX ON r.runs USING brin (started_at);
	CREATE INDEX ON r.recipes USING gin (options);
	CREATE INDEX ON r.versions USING hash (rows);
	ALTER TABLE r.recipes ADD tags text[] DEFAULT '{}' CHECK (CASE WHEN tags IS NULL THEN true ELSE cardinality(tags) < 9 END),
		ADD CHECK (coalesce(note, 'x') = ANY (ARRAY[note, 'x']) AND greatest(keep, 1) IS DISTINCT FROM 0),
		ADD CHECK (ROW(keep, clusters) IS NOT NULL OR (keep, 1) < (clusters, 2) OR tags[1] ~ 'x' OR nullif(keep, 1) = 2),
		ADD CHECK (warm_start IS NOT UNKNOWN AND name NOT LIKE '%;%' AND query::varchar(10) IS NOT NULL AND options #>> '{a}' IS NULL);
	SELECT cluster_define('m', 'SELECT a, b FROM w.points', 'kmeans', 3, registry => 'r');
	CALL cluster_retrain('m', 'r')});
is(as('chief', q{CALL cluster_retrain('m', 'r'); SELECT max(number) FROM r.versions}), 3, 'an owner may add what runs nothing');

unlike(slurp_file($node->logfile), qr/PANIC|TRAP/, 'the log is clean');

$node->stop;
done_testing();
