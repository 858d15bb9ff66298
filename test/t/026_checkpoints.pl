# A training of a network resumes after the death of its session or of the server, after a cancel,
# and after an error, and ends with the same bytes as an uninterrupted one.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('checkpoints', 'jit = off', 'restart_after_crash = on');
my $query = 'SELECT x FROM images ORDER BY i';
my $options = q{'{"shape": [1, 8, 8], "hidden": [128, 64], "batch_size": 64, "pretrain_epochs": 120,
	"epochs": 5, "label_tolerance": 0, "refine": "selflabel", "refine_epochs": 12}'};

$node->safe_psql(
	'postgres', qq{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE images AS
		SELECT i, (SELECT array_agg((0.9 * exp(-((r - y) ^ 2 + (c - x) ^ 2) / 3)
				+ 0.05 * (1 + sin(i * 12.9 + r * 78.2 + c * 37.7)))::real ORDER BY r, c)
			FROM generate_series(0, 7) r, generate_series(0, 7) c) AS x
		FROM (SELECT i, (ARRAY[1.5, 1.5, 5.5])[1 + i % 3] + 0.3 * sin(i * 1.7) AS y,
				(ARRAY[1.5, 5.5, 3.5])[1 + i % 3] + 0.3 * cos(i * 2.3) AS x FROM generate_series(1, 2000) i) p;
	SELECT cluster_create_registry();
	SELECT cluster_define(name, '$query', 'dfmec', 3, $options, checkpoint_epochs => every)
	FROM (VALUES ('whole', 0), ('killed', 1), ('stopped', 3), ('changed', 1)) r(name, every);
	CALL cluster_retrain('whole');
});

sub model_of
{
	my ($name, $number) = @_;

	return $node->safe_psql('postgres',
		"SELECT md5(model) FROM cluster_registry.versions WHERE name = '$name' AND number = $number");
}

my $whole = model_of('whole', 1);
my $epochs =
  $node->safe_psql('postgres', q{SELECT iterations FROM cluster_registry.versions WHERE name = 'whole'});

is( $node->safe_psql('postgres', qq{SELECT md5(dfmec_train('$query', 3, $options))}),
	$whole, 'a recipe trains what the function trains');
cmp_ok($epochs, '>', 130, 'all phases have epochs');

# Starts a training in a session
sub start
{
	my ($name, $out, $err, @before) = @_;

	return IPC::Run::start(
		[
			'psql', '-X', '-A', '-t', '-d', $node->connstr('postgres'),
			(map { ('-c', $_) } "SET application_name = 'victim'", @before, "CALL cluster_retrain('$name')")
		],
		'<', \undef, '>', $out, '2>', $err,
		IPC::Run::timeout(180));
}

# Waits until the last run of a model has kept an epoch, at least this one
sub wait_for_epoch
{
	my ($name, $epoch) = @_;

	$node->poll_query_until('postgres',
		"SELECT coalesce((SELECT epoch FROM cluster_registry.runs WHERE name = '$name' AND status = 'running'), 0) >= $epoch"
	) or die "no epoch $epoch of $name";
	return;
}

sub last_run
{
	my ($name, $columns) = @_;

	return $node->safe_psql('postgres',
		"SELECT $columns FROM cluster_registry.runs WHERE name = '$name' ORDER BY id DESC LIMIT 1");
}

# ---- kill -9, five times over

my @targets = sort { $a <=> $b } map { 1 + int rand($epochs - 50) } 1 .. 5;
my $reached = 0;

note("killed after epochs @targets");
foreach my $target (@targets)
{
	my ($out, $err, $nothing) = ('', '', '');

	# ends when the server restarts
	my $canary = IPC::Run::start(
		[ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', q{SET application_name = 'canary'}, '-c', 'SELECT pg_sleep(600)' ],
		'<', \undef, '>', \$nothing, '2>', \$nothing,
		IPC::Run::timeout(180));
	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'canary'})
	  or die 'no canary';
	my $session = start('killed', \$out, \$err);
	wait_for_epoch('killed', $target > $reached + 1 ? $target : $reached + 1);
	ok( $node->poll_query_until(
			'postgres', q{
			SELECT count(*) = 1 FROM cluster_progress
			WHERE model = 'killed' AND algorithm = 'dfmec' AND iterations > iteration AND iteration > 0}),
		'others see it');
	kill 'KILL',
	  $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' AND backend_type = 'client backend'});
	eval { $_->finish } foreach $session, $canary;
	$node->poll_query_until('postgres', 'SELECT true') or die 'the server does not come back';
	my $epoch = last_run('killed', 'epoch');
	cmp_ok($epoch, '>', $reached, "killed after epoch $epoch, which is after $reached");
	is(last_run('killed', 'status, length(checkpoint) > 0'), 'running|t', 'its last checkpoint is there');
	$reached = $epoch;
}
my ($stdout, $stderr);
$node->psql('postgres', q{SET client_min_messages = debug1; CALL cluster_retrain('killed')},
	stdout => \$stdout, stderr => \$stderr);
like($stderr, qr/training of model "killed" resumed from a checkpoint/, 'the last run goes on');
unlike($stderr, qr/dfmec: epoch $reached of/, 'no epoch is learned again');
is(model_of('killed', 1), $whole, 'the same bytes as a training that was left alone');
is( $node->safe_psql(
		'postgres', q{
		SELECT status, count(*), count(checkpoint) FROM cluster_registry.runs WHERE name = 'killed' GROUP BY 1 ORDER BY 1}),
	"died|5|0\ndone|1|0",
	'runs that died are known, and no checkpoint is left');

# ---- terminated, timed out, cancelled

sub stop_at
{
	my ($how, $target, $status, $error, @before) = @_;
	my ($out, $err) = ('', '');
	my $session = start('stopped', \$out, \$err, @before);

	wait_for_epoch('stopped', $target) if $how;
	$node->safe_psql('postgres', "SELECT $how(pid) FROM pg_stat_activity WHERE application_name = 'victim'")
	  if $how;
	$session->finish;
	like($err, $error, "$status at epoch $target");
	cmp_ok(
		$node->safe_psql('postgres',
			q{SELECT max(epoch) FROM cluster_registry.runs WHERE name = 'stopped' AND checkpoint IS NOT NULL}),
		'>=', $target, 'the epoch stays');
	return;
}

stop_at('pg_terminate_backend', 5, 'terminated', qr/terminating connection/);
stop_at('pg_cancel_backend', 30, 'cancelled', qr/canceling statement due to user request/);
is(last_run('stopped', 'status'), 'cancelled', 'the run says so');
stop_at('', 30, 'timed out', qr/canceling statement due to statement timeout/, 'SET statement_timeout = 150');
# With a team, for which there are settings of other names
my $forced = join '; ', map { "SET $_ = on" } split /\n/,
  $node->safe_psql('postgres',
	q{SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')});
stop_at('pg_cancel_backend', 60, 'cancelled with a team', qr/canceling statement due to user request/, $forced);
is(last_run('stopped', 'status'), 'cancelled', 'the run says so, with a team');
$node->safe_psql('postgres', q{CALL cluster_retrain('stopped')});
is(model_of('stopped', 1), $whole, 'the same bytes');
is( $node->safe_psql(
		'postgres', q{
		SELECT string_agg(status, ' ' ORDER BY id) FROM cluster_registry.runs WHERE name = 'stopped'}),
	'died cancelled cancelled cancelled done',
	'what became of the runs');

# ---- no room for the rows: nothing is lost but the time

$node->psql('postgres', q{SET temp_file_limit = 64; SET maintenance_work_mem = '1MB'; SELECT cluster_define('changed',
	'SELECT x FROM images, generate_series(1, 30)', 'dfmec', 3, checkpoint_epochs => 1); CALL cluster_retrain('changed')},
	stderr => \$stderr);
like($stderr, qr/temporary file size exceeds/, 'temp_file_limit');
is(last_run('changed', 'status'), 'failed', 'the run has failed');
$node->safe_psql('postgres', "SELECT cluster_define('changed', '$query', 'dfmec', 3, $options, checkpoint_epochs => 1)");

# ---- other rows, other options, damage: from the beginning

sub interrupt
{
	my ($out, $err) = ('', '');
	my $session = start('changed', \$out, \$err);

	wait_for_epoch('changed', 3);
	$node->safe_psql('postgres',
		q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'});
	$session->finish;
	return;
}

sub begins_anew
{
	my $name = shift;

	$node->psql('postgres', q{SET client_min_messages = debug1; CALL cluster_retrain('changed')},
		stdout => \$stdout, stderr => \$stderr);
	unlike($stderr, qr/resumed from a checkpoint|ERROR/, "$name: not from the checkpoint");
	like($stderr, qr/dfmec: epoch 1 of/, "$name: from the beginning");
	return;
}

interrupt();
$node->safe_psql('postgres', 'UPDATE images SET x = array_append(x[1:63], 0.5::real) WHERE i = 7');
begins_anew('other rows');
interrupt();
$node->safe_psql('postgres',
	q{UPDATE cluster_registry.recipes SET options = options || '{"seed": 1}' WHERE name = 'changed'});
begins_anew('other options');
interrupt();
$node->safe_psql('postgres', q{
	UPDATE cluster_registry.runs SET checkpoint = set_byte(checkpoint, 3000, 255 - get_byte(checkpoint, 3000))
	WHERE name = 'changed' AND checkpoint IS NOT NULL});
begins_anew('a damaged checkpoint');

# ---- the phase is that of the training, also where the history has every other epoch only

$node->safe_psql(
	'postgres', q{
	SELECT cluster_define('thinned', 'SELECT ARRAY[sin(i), cos(i)]::real[] FROM generate_series(1, 1500) i', 'dec', 2,
		'{"hidden": [2], "latent": 2, "batch_size": 20, "pretrain_epochs": 1001, "epochs": 900, "refresh": 100000,
			"max_iterations": 100000}', checkpoint_epochs => 1002)});
{
	my ($out, $err) = ('', '');
	my $session = start('thinned', \$out, \$err);

	wait_for_epoch('thinned', 1002);
	is(last_run('thinned', 'phase'), 'cluster', 'the first epoch of a phase is of that phase');
	$node->safe_psql('postgres',
		q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'});
	$session->finish;
}

# ---- within a transaction all is one

$node->psql('postgres', q{SET client_min_messages = debug1; BEGIN; CALL cluster_retrain('changed'); ROLLBACK},
	stderr => \$stderr);
like($stderr, qr/trained in a single transaction/, 'in a transaction block it says so');
is(last_run('changed', 'status, version'), 'done|3', 'and leaves nothing when that is rolled back');

$node->stop;
done_testing();
