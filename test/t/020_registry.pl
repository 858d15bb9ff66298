# A registry outlives its sessions: dump and restore, sessions that die, are
# cancelled or run out of space, and readers while a model is swapped.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('registry', 'jit = off', 'max_connections = 80');
my $dir = PostgreSQL::Test::Utils::tempdir();
my ($status, $stdout, $stderr);

# a database of alice's
sub make_database
{
	my $name = shift;

	$node->safe_psql('postgres', "CREATE DATABASE $name OWNER alice");
	return;
}

sub as
{
	my ($role, $database, $sql) = @_;

	return $node->safe_psql($database, $sql, extra_params => [ '-U', $role ]);
}

$node->safe_psql('postgres', 'CREATE ROLE alice LOGIN; CREATE ROLE bob LOGIN');
make_database('source');
as( 'alice', 'source', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE points AS SELECT i, 10 * (i % 4) + sin(i) AS x, cos(3 * i) AS y FROM generate_series(1, 400) i;
	SELECT cluster_create_registry();
	SELECT cluster_define('points', 'SELECT x, y FROM points ORDER BY i', 'fcm', 4);
	CALL cluster_retrain('points');
	UPDATE points SET x = x + 1;
	CALL cluster_retrain('points');
	GRANT USAGE ON SCHEMA cluster_registry TO bob;
	GRANT SELECT ON cluster_registry.versions TO bob;
});

# ---- dump and restore

my $content = q{
	SELECT name, number, md5(model), trained_at, rows, drift, is_default FROM cluster_registry.versions ORDER BY 2;
	SELECT name, query, algorithm, owner FROM cluster_registry.recipes ORDER BY 1;
	SELECT id, name, status, version FROM cluster_registry.runs ORDER BY 1;
	SELECT attname, attstorage FROM pg_attribute
	WHERE attrelid = 'cluster_registry.versions'::regclass AND attname = 'model'};
my $expected = as('alice', 'source', $content);

foreach my $format ('c', 'p')
{
	my $target = "target_$format";
	my $file = "$dir/$format";

	make_database($target);
	local $ENV{PGUSER} = 'alice';
	$node->command_ok([ 'pg_dump', "-F$format", '-f', $file, 'source' ], "dump as $format");
	$node->command_ok(
		$format eq 'p' ? [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', $file, $target ] :
		  [ 'pg_restore', '--exit-on-error', '-d', $target, $file ],
		"restore from $format");
	is(as('alice', $target, $content), $expected, "$format: everything is there");
	is( as('alice', $target, q{
			CALL cluster_retrain('points');
			SELECT number, is_default FROM cluster_registry.versions ORDER BY 1;
			SELECT status FROM cluster_registry.runs WHERE id = 3}),
		"1|f\n2|f\n3|t\ndone",
		"$format: and goes on");
	is(as('bob', $target, q{SELECT cluster_model('points', 1) IS NOT NULL}), 't', "$format: grants too");
}

# under another role: its query would run with the privileges of a role that has not written it
$node->safe_psql('postgres', 'CREATE DATABASE taken OWNER bob');
{
	local $ENV{PGUSER} = 'bob';
	$node->command_ok([ 'pg_restore', '--no-owner', '--no-acl', '--exit-on-error', '-d', 'taken', "$dir/c" ],
		'restore by another role');
}
fails($node, 'taken', q{CALL cluster_retrain('points')},
	qr/the recipe of model "points" belongs to role "alice", but registry "cluster_registry" belongs to "bob".*HINT:.*cluster_define/s,
	'a recipe of somebody else is refused', extra_params => [ '-U', 'bob' ]);
is( as('bob', 'taken', q{
		SELECT cluster_model('points') IS NOT NULL;
		SELECT cluster_define('points', query, algorithm, clusters, options) FROM cluster_registry.recipes;
		CALL cluster_retrain('points');
		SELECT max(number) FROM cluster_registry.versions}),
	"t\n\n3",
	'until it is taken over; scoring goes on');

($status, undef, $stderr) = $node->psql(
	'source', q{SET client_min_messages = debug1; BEGIN; CALL cluster_retrain('points'); ROLLBACK},
	extra_params => [ '-U', 'alice' ]);
like($stderr, qr/DEBUG:  model "points" is trained in a single transaction/, 'a transaction block: one transaction, which DEBUG1 tells');

# ---- sessions that end

# rows enough for a file of 1.6 MB, and a training that does not end by itself
as( 'alice', 'source', q{
	CREATE TABLE many AS SELECT ARRAY[sin(i), sin(2 * i), cos(i), cos(3 * i)]::float8[] AS x FROM generate_series(1, 100000) i;
	SELECT cluster_define('many', 'SELECT x FROM many', 'fcm', 5, '{"max_iterations": 3}');
	CALL cluster_retrain('many');
	SELECT cluster_define('many', 'SELECT x FROM many', 'fcm', 20, '{"tolerance": 0, "max_iterations": 1000000}');
});

my $runs = 0;

# Starts a training; returns when it has read its rows
sub begin_training
{
	my ($name, $settings, $out, $err) = @_;
	my $session = IPC::Run::start(
		[
			'psql', '-X', '-A', '-t', '-U', 'alice', '-d', $node->connstr('source'),
			'-c', "SET application_name = 'victim'", '-c', "SET maintenance_work_mem = '1MB'", '-c', $settings,
			'-c', q{CALL cluster_retrain('many')}, '-c', q{SELECT 'goes on'}
		],
		'<', \undef, '>', $out, '2>', $err,
		IPC::Run::timeout(120));

	$node->poll_query_until('source',
		q{SELECT count(*) = 1 FROM cluster_registry.runs WHERE name = 'many' AND status = 'running' AND phase = 'training'})
	  or die "$name: the training does not begin";
	is($node->safe_psql('postgres', 'SELECT count(*) > 0 FROM pg_ls_tmpdir()'), 't', "$name: its rows are in a file");
	return $session;
}

# the old version stays, the run says what happened, and neither file nor lock is left
sub check_end
{
	my ($name, $status, $error) = @_;

	$node->poll_query_until('postgres', 'SELECT count(*) = 0 FROM pg_ls_tmpdir()')
	  or die "$name: files are left";
	is( $node->safe_psql(
			'source', q{
			SELECT string_agg(number || ' ' || is_default, ',') FROM cluster_registry.versions WHERE name = 'many';
			SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'}),
		"1 true\n0",
		"$name: the old version stays, no lock is left");
	like(
		$node->safe_psql(
			'source',
			q{SELECT status, error FROM cluster_registry.runs WHERE name = 'many' ORDER BY id DESC LIMIT 1}),
		qr/^$status\|$error/,
		"$name: the run is recorded");
	return;
}

my ($out, $err) = ('', '');
my $session = begin_training('cancelled', 'SELECT 1', \$out, \$err);

# while it runs, no snapshot holds vacuum back
is( $node->safe_psql(
		'source', q{SELECT backend_xmin IS NULL FROM pg_stat_activity WHERE application_name = 'victim'}),
	't', 'a training holds no snapshot');
fails($node, 'source', q{CALL cluster_retrain('many')},
	qr/model "many" is already being trained\nDETAIL:  Process \d+\ is training it./, 'a second session is told who trains it');
$node->safe_psql('source', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'});
$session->finish;
like($err, qr/canceling statement due to user request/, 'cancelled: the caller is told');
like($out, qr/goes on/, 'cancelled: and the session goes on');
check_end('cancelled', 'cancelled', 'canceling statement due to user request');

($out, $err) = ('', '');
$session = begin_training('timed out', q{SET statement_timeout = '3s'}, \$out, \$err);
$session->finish;
like($out, qr/goes on/, 'timed out: the session goes on');
check_end('timed out', 'cancelled', 'canceling statement due to statement timeout');

($out, $err) = ('', '');
$session = begin_training('terminated', 'SELECT 1', \$out, \$err);
$node->safe_psql('source', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'});
$session->finish;
check_end('terminated', 'running', '');

# ---- where temporary files are to be

mkdir "$dir/spill";
$node->safe_psql('postgres', "CREATE TABLESPACE spill LOCATION '$dir/spill'");
$node->safe_psql('postgres', 'GRANT CREATE ON TABLESPACE spill TO alice');
my $spilled = q{SELECT count(*) FROM pg_ls_tmpdir((SELECT oid FROM pg_tablespace WHERE spcname = 'spill'))};

# the run of the terminated session still counts as running
my $last = $node->safe_psql('source', q{SELECT max(id) FROM cluster_registry.runs});

($out, $err) = ('', '');
$session = IPC::Run::start(
	[
		'psql', '-X', '-A', '-t', '-U', 'alice', '-d', $node->connstr('source'),
		'-c', q{SET application_name = 'victim'; SET maintenance_work_mem = '1MB'; SET temp_tablespaces = spill},
		'-c', q{CALL cluster_retrain('many')}
	],
	'<', \undef, '>', \$out, '2>', \$err,
	IPC::Run::timeout(120));
$node->poll_query_until('source',
	"SELECT count(*) = 1 FROM cluster_registry.runs WHERE id > $last AND status = 'running' AND phase = 'training'")
  or die 'the training does not begin';
is($node->safe_psql('postgres', "$spilled; SELECT count(*) FROM pg_ls_tmpdir()"), "1\n0", 'the file is in temp_tablespaces');
fails($node, 'postgres', 'DROP TABLESPACE spill', qr/tablespace "spill" is not empty/, 'which is not dropped under it');
$node->safe_psql('source', q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'});
$session->finish;
is($node->safe_psql('postgres', $spilled), 0, 'it goes with the training');
$node->safe_psql('postgres', 'DROP TABLESPACE spill');
as('alice', 'source', q{DELETE FROM cluster_registry.runs WHERE id = (SELECT max(id) FROM cluster_registry.runs WHERE name = 'many')});

# ---- a registry that is dropped meanwhile

as('alice', 'source', q{
	SELECT cluster_create_registry('doomed');
	SELECT cluster_define('many', 'SELECT x FROM many', 'fcm', 20, '{"tolerance": 0, "max_iterations": 300}', registry => 'doomed')});
($out, $err) = ('', '');
$session = IPC::Run::start(
	[
		'psql', '-X', '-A', '-t', '-U', 'alice', '-d', $node->connstr('source'),
		'-c', q{CALL cluster_retrain('many', 'doomed')}, '-c', q{SELECT 'goes on', count(*) FROM pg_locks WHERE locktype = 'advisory'}
	],
	'<', \undef, '>', \$out, '2>', \$err,
	IPC::Run::timeout(120));
$node->poll_query_until('source', q{SELECT count(*) = 1 FROM doomed.runs WHERE phase = 'training'})
  or die 'the training does not begin';
as('alice', 'source', q{DROP SCHEMA doomed CASCADE});
$session->finish;
like($err, qr/ERROR:  registry "doomed" does not exist/, 'dropped: the caller is told');
like($out, qr/goes on\|0/, 'dropped: and the session goes on');

# ---- the next one starts from the beginning, and fails for lack of space

($status, $stdout, $stderr) = $node->psql(
	'source', q{
	SET maintenance_work_mem = '1MB';
	SET temp_file_limit = '1MB';
	CALL cluster_retrain('many');
	SELECT 'goes on', count(*) FROM pg_ls_tmpdir();
}, on_error_stop => 0);

like($stderr, qr/temporary file size exceeds "?temp_file_limit/, 'no space: the caller is told');
is($stdout, 'goes on|0', 'no space: no file is left, though the session goes on');
check_end('no space', 'failed', 'temporary file size exceeds "?temp_file_limit');
is( $node->safe_psql(
		'source', q{SELECT string_agg(status, ',' ORDER BY id) FROM cluster_registry.runs WHERE name = 'many'}),
	'done,cancelled,cancelled,died,failed', 'the run of the session that was terminated is found dead');

# a crash of the server
($out, $err) = ('', '');
$session = begin_training('crashed', 'SELECT 1', \$out, \$err);
$node->stop('immediate');
$session->finish;
$node->start;
check_end('crashed', 'running', '');
as('alice', 'source', q{
	SELECT cluster_define('many', 'SELECT x FROM many', 'fcm', 5, '{"max_iterations": 3}');
	CALL cluster_retrain('many')});
is( $node->safe_psql(
		'source', q{SELECT string_agg(status, ',' ORDER BY id) FROM cluster_registry.runs WHERE name = 'many' AND version IS NULL;
			SELECT max(number) FROM cluster_registry.versions WHERE name = 'many' AND is_default}),
	"cancelled,cancelled,died,failed,died\n2", 'after the crash the next training works');

# ---- fifty readers and a writer

# a statement that saw two versions would divide by zero
append_to_file("$dir/score.sql", q{
	SELECT 1 / (count(DISTINCT m) = 1 AND count(id) = 20)::int
	FROM (SELECT cluster_model('points') AS m, cluster_id((SELECT cluster_model('points')), ARRAY[i, 1.0]) AS id
		FROM generate_series(1, 20) i) q;
	\sleep 20 ms
} =~ s/\n\s+(?=FROM)/ /gr);
($out, $err) = ('', '');
my $bench = do
{
	local $ENV{PGAPPNAME} = 'readers';
	IPC::Run::start(
		[
			'pgbench', '-n', '-U', 'bob', '-c', 50, '-j', 2, '-T', 8, '-f', "$dir/score.sql",
			'-h', $node->host, '-p', $node->port, 'target_c'
		],
		'<', \undef, '>', \$out, '2>', \$err,
		IPC::Run::timeout(120));
};
my $swaps = 0;

$node->poll_query_until('postgres', q{SELECT count(*) = 50 FROM pg_stat_activity WHERE application_name = 'readers'})
  or die 'the readers do not begin';
while ($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE application_name = 'readers'}) > 0)
{
	as('alice', 'target_c', q{UPDATE points SET x = x + 0.1; CALL cluster_retrain('points')});
	$swaps++;
}
ok($bench->finish, 'fifty readers: no error, and each statement sees one version')
  or diag($err);
unlike($err, qr/ERROR|aborted/, 'fifty readers: nothing is said either');
cmp_ok($swaps, '>', 2, 'fifty readers: while versions are swapped');
like($out, qr/number of clients: 50/, 'fifty readers: all of them');
diag("$swaps swaps, " . ($out =~ /(number of transactions actually processed: \d+)/)[0]);
is($node->safe_psql('target_c', q{SELECT count(*) FROM cluster_registry.versions WHERE is_default}),
	1, 'one default in the end');

unlike(slurp_file($node->logfile), qr/temporary file leak|PANIC|TRAP|segfault/, 'the log is clean');

$node->stop;
done_testing();
