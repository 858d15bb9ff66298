# Each bullet of doc/security.md, and no others.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my %sentences = map { $_ => 0 } slurp_file("$FindBin::RealBin/../../doc/security.md") =~ /^\* (.*)$/mg;
my $node = start_node('security', 'jit = off');

# the output of a statement run by a role, with its notices and errors
sub told
{
	my ($role, $sql) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres', $sql, extra_params => [ '-U', $role ], on_error_stop => 1);

	return join "\n", grep { $_ ne '' } $stdout, $stderr;
}

sub as
{
	my ($role, $sql) = @_;

	return $node->safe_psql('postgres', $sql, extra_params => [ '-U', $role ]);
}

# A sentence, and its proofs: role, statement, and expected output
sub shows
{
	my ($begin, @proofs) = @_;
	my @found = grep { index($_, $begin) == 0 } keys %sentences;

	is(scalar @found, 1, "there is one sentence \"$begin\"") or return;
	$sentences{$_}++ foreach @found;
	while (my ($role, $sql, $expected) = splice @proofs, 0, 3)
	{
		my $told = told($role, $sql);

		like($told, ref $expected ? $expected : qr/^\Q$expected\E$/, "$begin: $role, " . $sql =~ s/\s+/ /gr);
		unlike($told, qr/runs as (?!owner\b)/, 'nobody else runs what the owner has written');
	}
	return;
}

$node->safe_psql('postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE ROLE chief SUPERUSER LOGIN;
	CREATE ROLE owner LOGIN;
	CREATE ROLE member LOGIN;
	CREATE ROLE reader LOGIN;
	CREATE ROLE outsider LOGIN;
	CREATE ROLE heir LOGIN;
	GRANT owner TO member;
	GRANT CREATE ON DATABASE postgres TO owner, heir;
	CREATE TABLE secret AS SELECT i::float8 AS a FROM generate_series(1, 30) i;
	GRANT SELECT ON secret TO member;
	CREATE TABLE guarded AS SELECT i::float8 AS a FROM generate_series(1, 30) i;
	ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
	CREATE POLICY few ON guarded TO owner USING (a <= 20);
	GRANT SELECT ON guarded TO owner, member;
});
as('owner', q{
	CREATE SCHEMA s;
	GRANT USAGE ON SCHEMA s TO public;
	CREATE TABLE s.points AS SELECT sin(i) AS a, cos(i) AS b FROM generate_series(1, 30) i;
	GRANT SELECT ON s.points TO public;
	CREATE FUNCTION s.tell() RETURNS boolean LANGUAGE plpgsql AS $$
		BEGIN RAISE WARNING 'runs as %, %', current_user, current_setting('search_path'); RETURN true; END $$;
	CREATE FUNCTION s.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM s.tell(); RETURN NEW; END $$;
	-- tries a statement, and tells whether it went through
	CREATE FUNCTION s.try(sql text) RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		BEGIN
			EXECUTE sql;
			RAISE WARNING 'gained by %', sql;
		EXCEPTION WHEN insufficient_privilege OR invalid_parameter_value THEN
			RAISE WARNING 'refused: %', sqlerrm;
		END;
		RETURN true;
	END
	$$;
});

# a registry r with model m, that reader may read; "recipe" is its query
sub make_registry
{
	my $recipe = shift // 'SELECT a, b FROM s.points';

	$node->safe_psql('postgres', 'DROP SCHEMA IF EXISTS r CASCADE');
	as('owner', qq{
		SELECT cluster_create_registry('r');
		SELECT cluster_define('m', \$q\$$recipe\$q\$, 'kmeans', 2, registry => 'r')});
	as('owner', q{CALL cluster_retrain('m', 'r')});
	as('owner', q{GRANT USAGE ON SCHEMA r TO reader; GRANT SELECT ON r.versions, r.models TO reader});
	return;
}

# the same with other queries, each a recipe q
sub define
{
	my ($query, $path) = @_;

	as('owner', "SET search_path = " . ($path // 'public') . "; SELECT public.cluster_define('q', \$q\$$query\$q\$, 'kmeans', 2, registry => 'r')");
	return;
}

my $read = q{SELECT octet_length(cluster_model('m', registry => 'r')) > 0};
my $retrain = q{CALL cluster_retrain('q', 'r')};

# ---- reading a model

make_registry();
shows('`cluster_model` requires `USAGE`', 'reader', $read, 't');
as('owner', 'REVOKE SELECT ON r.versions FROM reader; GRANT SELECT (name, number, model, is_default) ON r.versions TO reader');
is(told('reader', $read), 't', 'columns do');
as('owner', 'REVOKE SELECT (model) ON r.versions FROM reader');
like(told('reader', $read), qr/permission denied for table versions/, 'each of them');
as('owner', 'GRANT SELECT ON r.versions TO reader; REVOKE USAGE ON SCHEMA r FROM reader');
like(told('reader', $read), qr/permission denied for schema r/, 'and the schema');

make_registry();
as('owner', q{
	CREATE DOMAIN s.word AS text CHECK (s.tell());
	ALTER TABLE r.versions ENABLE ROW LEVEL SECURITY;
	CREATE POLICY p ON r.versions USING (s.tell())});
shows('It never runs code of the owner', 'chief', $read, 't', 'reader', $read, qr/ERROR/);
shows('It rejects a table `versions` with row-level security', 'reader', $read, qr/row-level security applies to table "versions"/,
	'owner', $read, 't');

make_registry();
as('owner', 'ALTER TABLE r.versions RENAME TO v; CREATE VIEW r.versions AS SELECT * FROM r.v WHERE s.tell(); GRANT SELECT ON r.versions TO reader');
shows('It rejects a registry whose tables are not ordinary tables', 'reader', $read, qr/schema "r" is not a model registry/,
	'chief', $read, qr/schema "r" is not a model registry/);
make_registry();
as('owner', 'DROP VIEW r.models; ALTER TABLE r.versions ALTER name TYPE s.word');
like(told('chief', $read), qr/has type s.word instead of text/, 'nor another type');
make_registry();
$node->safe_psql('postgres', 'ALTER SCHEMA r OWNER TO heir');
like(told('chief', $read), qr/registry "r" belongs to several roles/, 'nor several owners');

make_registry();
shows('It behaves the same in parallel workers', 'reader', qq{BEGIN READ ONLY; $read; COMMIT}, 't',
	'reader', q{SET force_parallel_mode = on; SELECT octet_length(cluster_model('m', registry => 'r')) > 0}, 't')
  if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_settings WHERE name = 'force_parallel_mode'}) == 1;
shows('It behaves the same in parallel workers', 'reader', qq{BEGIN READ ONLY; $read; COMMIT}, 't',
	'reader', q{SET debug_parallel_query = on; SELECT octet_length(cluster_model('m', registry => 'r')) > 0}, 't')
  if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_settings WHERE name = 'debug_parallel_query'}) == 1;

as('owner', q{INSERT INTO r.versions (name, number, model, trained_at, rows, seconds, iterations, converged, objective, validity)
	SELECT name, 2, set_byte(model, 300, 255 - get_byte(model, 300)), trained_at, rows, seconds, iterations, converged, objective, validity FROM r.versions});
shows('A model is data', 'chief', q{SELECT cluster_id(cluster_model('m', 2, 'r'), ARRAY[1, 2])}, qr/ERROR:  invalid cluster model/);
shows('Any role that may write to `versions` decides', 'owner', q{UPDATE r.versions SET is_default = number = 2}, qr/^$/,
	'reader', q{SELECT cluster_model('m', registry => 'r') = cluster_model('m', 2, 'r')}, 't');

# ---- roles without privileges on it

make_registry();
my $denied = qr/permission denied for (?:registry "r"|schema r)/;
my @all = map { ('outsider', $_, $denied) } $read, q{CALL cluster_retrain('m', 'r')},
  q{SELECT cluster_define('m', 'SELECT 1.0', 'kmeans', 1, registry => 'r')}, q{SELECT cluster_set_default('m', 1, 'r')},
  q{SELECT cluster_drop('m', 'r')}, q{SELECT cluster_upgrade_registry('r')};

shows('Without privileges on the registry', @all);
as('owner', 'GRANT USAGE ON SCHEMA r TO outsider');
{
	my $output = '';
	my $session = IPC::Run::start(
		[
			'psql', '-X', '-U', 'owner', '-d', $node->connstr('postgres'), '-c', q{SET application_name = 'locker'},
			'-c', 'BEGIN; LOCK TABLE r.versions, r.recipes, r.runs, r.format; SELECT pg_sleep(1000)'
		],
		'<', \undef, '>&', \$output,
		IPC::Run::timeout(180));

	$node->poll_query_until('postgres', q{SELECT count(*) = 4 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted
		AND relation IN (SELECT oid FROM pg_class WHERE relnamespace = 'r'::regnamespace)}) or die 'no locks';
	shows('It gets an error before it waits', map { ($all[3 * $_], "SET lock_timeout = '5s'; $all[3 * $_ + 1]", qr/permission denied/) } 0 .. 5);
	like(told('reader', "SET lock_timeout = '100ms'; $read"), qr/lock timeout/, 'who may read, waits');
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'locker'});
	eval { $session->finish };
}
shows('With `SELECT` on `versions` and `models` alone', 'reader', 'SELECT query FROM r.recipes', qr/permission denied for table recipes/,
	'reader', 'SELECT name, version, owner FROM r.models', 'm|1|owner');

# ---- members

make_registry();
shows('A member of the owner\'s role may do whatever', 'member', q{SELECT cluster_define('n', 'SELECT a, b FROM s.points', 'kmeans', 2, registry => 'r');
	SET client_min_messages = warning; CALL cluster_retrain('n', 'r'); SELECT cluster_set_default('n', 1, 'r'), cluster_drop('n', 'r')}, qr/^\s*\|$/);
define('SELECT a FROM public.secret');
like(told('member', 'SELECT count(*) FROM public.secret'), qr/^30$/, 'the member may read it');
shows('What a member does counts as done by the owner', 'member', $retrain, qr/permission denied for table secret/);

# ---- the owner

define('SELECT a FROM public.guarded WHERE s.tell()', 's, public');
shows('Whoever the caller is, the query of a recipe runs', map { ($_, "SET search_path = public; $retrain", qr/runs as owner, s, public, pg_temp/) } 'chief', 'member', 'owner');
is(as('chief', q{SELECT DISTINCT rows FROM r.versions WHERE name = 'q'}), 20, 'row-level security is that of the owner');

foreach my $try ('SET ROLE chief', 'SET SESSION AUTHORIZATION chief', 'RESET SESSION AUTHORIZATION', 'CREATE TEMP TABLE x (i int)',
	'SELECT pg_advisory_lock(1)', 'LISTEN x')
{
	define("SELECT a, b FROM s.points, (SELECT s.try('$try') OFFSET 0) AS t");
	my $told = told('chief', $retrain);
	like($told, qr/refused: /, "$try within a query: refused");
	unlike($told, qr/gained/, 'and not done');
}
define(q{SELECT a, b FROM s.points, (SELECT set_config('work_mem', '777kB', false) OFFSET 0) AS t});
shows('It cannot change its role', 'chief', "SET client_min_messages = warning; $retrain; SELECT current_user, current_setting('work_mem') = '777kB'; "
	  . q{SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}, "chief|f\n0");
foreach my $try (q{SELECT cluster_define(''q'', ''SELECT 1.0'', ''kmeans'', 1, registry => ''r'')}, q{CALL cluster_retrain(''m'', ''r'')},
	q{SELECT cluster_set_default(''m'', 1, ''r'')}, q{SELECT cluster_drop(''m'', ''r'')})
{
	define("SELECT a, b FROM s.points, (SELECT s.try('$try') OFFSET 0) AS t");
	like(told('owner', $retrain), qr/refused: cannot execute cluster_\w+\(\) within security-restricted operation/, 'a query is not to do that');
}
shows('It cannot define, retrain, choose or drop models', 'owner', q{SELECT max(number) FROM r.versions WHERE name = 'm'}, '1');

my $undefined = qr/the query of model "q" has not been defined by "owner", the owner of registry "r"/;
my $evil = q{SELECT a, b FROM s.points WHERE s.tell()};

define('SELECT a, b FROM s.points');
as('owner', q{UPDATE r.recipes SET query = 'SELECT b, a FROM s.points' WHERE name = 'q'});
shows('It runs only if the owner has passed it', 'owner', $retrain, $undefined,
	'member', q{SELECT cluster_define('q', 'SELECT b, a FROM s.points', 'kmeans', 2, registry => 'r')}, qr/^$/,
	'owner', "SET client_min_messages = error; $retrain", qr/^$/);
as('owner', q{UPDATE r.recipes SET search_path = 's' WHERE name = 'q'});
like(told('owner', $retrain), $undefined, 'with that search path');
as('owner', 'GRANT UPDATE, SELECT ON r.recipes TO reader');
as('reader', "UPDATE r.recipes SET query = '$evil' WHERE name = 'q'");
shows('A query written to the table `recipes`', 'owner', $retrain, $undefined, 'chief', $retrain, $undefined);

make_registry($evil);
as('owner', q{UPDATE r.recipes SET owner = 'heir'});
$node->safe_psql('postgres', 'ALTER SCHEMA r OWNER TO heir; ALTER TABLE r.recipes OWNER TO heir; ALTER TABLE r.versions OWNER TO heir;
	ALTER TABLE r.runs OWNER TO heir; ALTER TABLE r.format OWNER TO heir; ALTER TABLE r.lineage OWNER TO heir; ALTER TABLE r.statistics OWNER TO heir; ALTER VIEW r.models OWNER TO heir');
shows('After a registry has changed its owner', 'heir', q{CALL cluster_retrain('m', 'r')},
	qr/the query of model "m" has not been defined by "heir", the owner of registry "r"/, 'reader', $read, 't',
	'heir', q{SET client_min_messages = warning; SELECT cluster_define('m', 'SELECT a, b FROM s.points', 'kmeans', 2, registry => 'r');
		CALL cluster_retrain('m', 'r')}, qr/^$/);

make_registry();
as('owner', 'CREATE TRIGGER t BEFORE INSERT OR UPDATE ON r.versions FOR EACH ROW EXECUTE FUNCTION s.fire()');
shows('A registry is not written while', map { ($_, q{CALL cluster_retrain('m', 'r')}, qr/registry table "versions" has trigger "t"/) } 'chief', 'member', 'owner');
as('owner', q{DROP TRIGGER t ON r.versions});
shows('An owner may add columns', 'owner', q{SET client_min_messages = warning; ALTER TABLE r.recipes ADD note text DEFAULT 'none' CHECK (note <> '');
	CREATE INDEX ON r.versions (trained_at); CALL cluster_retrain('m', 'r')}, qr/^$/);

# the schema changes its name while the rows are read
as('owner', q{CREATE FUNCTION s.wait() RETURNS boolean LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN 1..1000 LOOP
			EXIT WHEN EXISTS (SELECT FROM pg_namespace WHERE nspname = 'renamed');
			PERFORM pg_sleep(0.02);
		END LOOP;
		RETURN true;
	END $$});
define('SELECT a, b FROM s.points, (SELECT s.wait() OFFSET 0) AS w');
as('heir', q{SELECT cluster_create_registry('trap');
	CREATE FUNCTION trap.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'runs as %', current_user; RETURN NEW; END $$;
	CREATE TRIGGER t BEFORE INSERT OR UPDATE ON trap.runs FOR EACH ROW EXECUTE FUNCTION trap.fire();
	GRANT ALL ON SCHEMA trap TO public; GRANT ALL ON ALL TABLES IN SCHEMA trap TO public});
{
	my $output = '';
	my $session = IPC::Run::start([ 'psql', '-X', '-U', 'owner', '-d', $node->connstr('postgres'), '-c', $retrain ],
		'<', \undef, '>&', \$output, IPC::Run::timeout(180));

	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM r.runs WHERE name = 'q' AND status = 'running'}) or die 'does not begin';
	$node->safe_psql('postgres', 'BEGIN; ALTER SCHEMA r RENAME TO renamed; ALTER SCHEMA trap RENAME TO r; COMMIT');
	$session->finish;
	like($output, qr/registry "r" has been altered concurrently/, 'it is noticed');
	unlike($output, qr/runs as/, 'and nothing of the other schema runs');
	shows('If schemas are renamed');
}
$node->safe_psql('postgres', 'DROP SCHEMA r, renamed CASCADE');

make_registry();
define('SELECT a, b FROM points', 's, public');
shows('Temporary tables of the role that retrains', 'chief', "SET client_min_messages = warning; CREATE TEMP TABLE points AS SELECT 1.0 AS a, 2.0 AS b; $retrain; "
	  . q{SELECT rows FROM r.versions WHERE name = 'q'}, '30');

as('owner', q{SELECT cluster_define('net', 'SELECT a, b FROM s.points', 'dec', 2,
		'{"hidden": [4], "latent": 2, "pretrain_epochs": 3, "epochs": 3, "batch_size": 10}', checkpoint_epochs => 1, registry => 'r');
	INSERT INTO r.runs (name, started_at, ended_at, status, checkpoint) VALUES ('net', now(), now(), 'failed', decode(repeat('2f', 3000), 'hex'));
	UPDATE r.versions SET model = '\x00' WHERE name = 'm'});
shows('Owners can damage only their own registries', 'owner', q{SET client_min_messages = warning; CALL cluster_retrain('net', 'r')}, qr/^$/,
	'chief', q{CALL cluster_retrain('m', 'r')}, qr/ERROR:  invalid cluster model/,
	'reader', q{SELECT cluster_id(cluster_model('m', registry => 'r'), ARRAY[1, 2])}, qr/ERROR:  invalid cluster model/);

# ---- superusers

make_registry();
define('SELECT a FROM public.secret');
shows('A superuser may use any registry', 'chief', $retrain, qr/permission denied for table secret/,
	'chief', q{SET client_min_messages = warning; CALL cluster_retrain('m', 'r'); SELECT cluster_drop('m', 'r')}, qr/^$/);
shows('If a superuser defines', 'chief', qq{SELECT cluster_define('q', 'SELECT a, a FROM secret', 'kmeans', 2, registry => 'r'); $retrain}, qr/permission denied for table secret/,
	'chief', qq{SELECT cluster_define('q', 'SELECT a, b FROM s.points WHERE s.tell()', 'kmeans', 2, registry => 'r'); $retrain}, qr/runs as owner, /);

# ---- queries of callers

my $train = q{'SELECT a, b FROM s.points FOR UPDATE'};
my $insert = q{'WITH i AS (INSERT INTO s.points SELECT 1, 2 RETURNING a, b) SELECT a, b FROM i'};

shows('The query of `<algorithm>_train`',
	map({ ('owner', "SELECT dec_train($_, 2)", qr/query must be read-only/, 'owner', "SELECT cluster_select($_, 2, 3)", qr/query must be read-only/,
			'owner', "SELECT cluster_advise($_, 2, 3)", qr/query must be read-only/,
			'owner', "SELECT cluster_rules(m, $_) FROM (SELECT kmeans_fit(ARRAY[1, 2], 1) AS m) AS q", qr/query must be read-only/,
			'owner', "SELECT cluster_drift(m, m, $_) FROM (SELECT kmeans_fit(ARRAY[1, 2], 1) AS m) AS q", qr/query must be read-only/) } $train, $insert),
	'outsider', q{SELECT dec_train('SELECT a FROM public.secret', 2)}, qr/permission denied for table secret/,
	'outsider', q{SELECT cluster_rules(m, 'SELECT a FROM public.secret') FROM (SELECT kmeans_fit(ARRAY[1], 1) AS m) AS q}, qr/permission denied for table secret/,
	'outsider', q{SELECT cluster_advise('SELECT a FROM public.secret', 2, 3)}, qr/permission denied for table secret/,
	'outsider', q{SELECT cluster_select('SELECT a FROM public.secret', 2, 3)}, qr/permission denied for table secret/);
as('owner', q{CREATE FUNCTION s.definer() RETURNS bigint SECURITY DEFINER SET search_path = s, pg_temp LANGUAGE sql AS
	$$SELECT count(*) FROM public.cluster_select('SELECT a, b FROM s.points WHERE s.tell()', 2, 3)$$});
shows('Within a `SECURITY DEFINER` function', 'outsider', 'SELECT s.definer()', qr/runs as owner, /);
{
	my $output = '';
	my $session = IPC::Run::start(
		[
			'psql', '-X', '-U', 'owner', '-d', $node->connstr('postgres'), '-c',
			q{SELECT fcm_fit(ARRAY[sin(i), cos(i)], 20, '{"tolerance": 0, "max_iterations": 1000000}') FROM generate_series(1, 20000) i}
		],
		'<', \undef, '>&', \$output,
		IPC::Run::timeout(180));

	$node->poll_query_until('postgres', 'SELECT count(*) = 1 FROM cluster_progress WHERE iteration > 0') or die 'does not begin';
	shows('For trainings of other roles', 'outsider', 'SELECT pid > 0, datname, usename, algorithm, rows FROM cluster_progress', 't|postgres|owner|fcm|',
		'member', 'SELECT datname, usename, algorithm, rows FROM cluster_progress', 'postgres|owner|fcm|20000');
	$node->safe_psql('postgres', 'SELECT pg_cancel_backend(pid) FROM cluster_progress');
	eval { $session->finish };
}

# ---- reports

make_registry();
my $report = q{SELECT cluster_report(kmeans_fit(ARRAY[i], 2), 'SELECT a FROM public.secret') ~ 'html' FROM generate_series(1, 5) i};
shows('The query of `cluster_report` runs', 'outsider', $report, qr/permission denied for table secret/, 'member', $report, 't',
	'outsider', q{SELECT cluster_report(kmeans_fit(ARRAY[i], 2), 'DELETE FROM s.points') FROM generate_series(1, 5) i}, qr/must be a SELECT/,
	'reader', q{SELECT cluster_report('m', NULL, registry => 'r')}, qr/query must not be null/);
shows('Names, labels, keys and titles', 'outsider', q{SELECT page ~ '<script|<img', page ~ '&lt;script&gt;', page ~ 'default-src ''none'';'
	FROM (SELECT cluster_report(kmeans_train('SELECT i AS "<script>" FROM generate_series(1, 9) i', 2),
		'SELECT i AS "<script>", ''<script>''::text AS l, ''<img src=x>''::text AS k FROM generate_series(1, 9) i', 'l', '{"key": "k", "title": "<script>"}') AS page) p},
	'f|t|t');
as('owner', 'REVOKE SELECT ON r.versions FROM reader; GRANT SELECT (name, number, model, is_default) ON r.versions TO reader');
shows('A role that may read models, but not', 'reader', q{SELECT page ~ 'may not read the facts about versions', page ~ 'Trained at'
	FROM cluster_report('m', 'SELECT a, b FROM s.points', registry => 'r') AS page}, 't|f',
	'owner', q{SELECT page ~ 'may not read the facts about versions', page ~ 'Trained at'
	FROM cluster_report('m', 'SELECT a, b FROM s.points', registry => 'r') AS page}, 'f|t');
as('owner', q{SELECT cluster_define('m', 'SELECT a, b FROM s.points WHERE s.tell()', 'kmeans', 2, report => true, registry => 'r')});
shows('With `report => true` the report', 'chief', q{CALL cluster_retrain('m', 'r')}, qr/runs as owner.*is now the default.*runs as owner|runs as owner/s,
	'owner', q{SELECT report ~ '</html>' FROM r.versions WHERE number = 2}, 't',
	'reader', q{SELECT report FROM r.versions}, qr/permission denied for table versions/);

# ---- the table of the extension

shows('Any role may insert rows', 'outsider', q{INSERT INTO cluster_definitions
		SELECT r, 10, sha256('x') FROM (VALUES ('outsider'), ('owner'), ('chief'), ('unknown')) v (r);
		SELECT definer, role::regrole FROM cluster_definitions WHERE digest = sha256('x')}, 'outsider|outsider',
	'outsider', q{INSERT INTO cluster_definitions VALUES ('outsider', 10, sha256('x')), ('outsider', 10, ''), ('outsider', 10, repeat('x', 1000000)::bytea);
		SELECT count(*) FROM cluster_definitions WHERE definer = 'outsider'}, '1',
	'member', q{INSERT INTO cluster_definitions VALUES ('owner', 10, sha256('y'));
		SELECT definer, role::regrole FROM cluster_definitions WHERE digest = sha256('y')}, 'owner|owner');
shows('Only a superuser may change', map { ('owner', $_, qr/permission denied|must be owner/) } 'UPDATE cluster_definitions SET role = 10',
	'DELETE FROM cluster_definitions', 'TRUNCATE cluster_definitions', 'ALTER TABLE cluster_definitions DISABLE TRIGGER ALL', 'DROP TABLE cluster_definitions');

# ---- all of them

is(join("\n", grep { $sentences{$_} == 0 } sort keys %sentences), '', 'each sentence has been shown');
unlike(slurp_file($node->logfile), qr/PANIC|TRAP/, 'the log is clean');

$node->stop;
done_testing();
