# A training ends when the postmaster has died, so that the server can start again.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $node = start_node('postmaster', 'jit = off');

$node->safe_psql('postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE points AS SELECT ARRAY[sin(i), sin(2 * i), cos(i), cos(3 * i)]::real[] AS x FROM generate_series(1, 20000) i;
	CREATE FUNCTION forever(n int) RETURNS bytea LANGUAGE sql AS
		$$SELECT fcm_fit(x, n, '{"tolerance": 0, "max_iterations": 1000000, "restarts": 10000}') FROM points$$;
	SELECT cluster_create_registry();
	SELECT cluster_define('forever', 'SELECT x FROM points', 'fcm', 20, '{"tolerance": 0, "max_iterations": 1000000, "restarts": 10000}');
});

# Does the process exist? It is an orphan by then, reaped by another process
sub lives
{
	my $pid = shift;

	return kill(0, $pid) && slurp_file("/proc/$pid/stat") !~ /^\d+ \(.*\) Z/s if -e "/proc/$pid/stat";
	return kill(0, $pid);
}

sub wait_for_end
{
	my $pid = shift;

	for (my $i = 0; lives($pid) && $i < 10 * $PostgreSQL::Test::Utils::timeout_default; $i++)
	{
		usleep(100_000);
	}
	return;
}

foreach my $training (
	q{SELECT forever(20)},
	q{CALL cluster_retrain('forever')},
	q{SELECT autoencoder_fit(x, 1, '{"hidden": [32], "latent": 2, "pretrain_epochs": 100000, "max_iterations": 100000}') FROM points},
	q{SELECT clusters FROM cluster_select('SELECT x FROM points', 20, 21, 'fcm', '{"tolerance": 0, "max_iterations": 1000000, "restarts": 10000}')})
{
	my $output = '';
	my $session = IPC::Run::start(
		[ 'psql', '-X', '-d', $node->connstr('postgres'), '-c', $training ],
		'<', \undef, '>&', \$output,
		IPC::Run::timeout(120));

	$node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM cluster_progress WHERE iteration > 0})
	  or die 'the training does not begin';
	my $pid = $node->safe_psql('postgres', 'SELECT pid FROM cluster_progress');
	my @others = split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
	my ($postmaster) = slurp_file($node->data_dir . '/postmaster.pid') =~ /^(\d+)/;

	$node->kill9;
	wait_for_end($pid);
	ok(!lives($pid), "$training: ends");
	kill 'KILL', $pid if lives($pid);
	eval { $session->finish };
	like($output, qr/terminating connection due to unexpected postmaster exit|connection to server was lost|closed the connection/,
		'and says why');
	wait_for_end($_) foreach $postmaster, @others;
	# if it is not reaped, a dead postmaster seems to be alive
	unlink $node->data_dir . '/postmaster.pid', $node->host . '/.s.PGSQL.' . $node->port . '.lock' if kill 0, $postmaster;
	$node->start;
	is($node->safe_psql('postgres', 'SELECT count(*) FROM cluster_progress'), 0, 'the server starts again, and no training is left');
}

$node->stop;
done_testing();
