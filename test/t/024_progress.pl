# Trainings are seen by other sessions while they last, and no longer.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# as many as there are slots, and two more
my $slots = 64;
my $crowd = $slots + 2;

my $scripts = PostgreSQL::Test::Utils::tempdir();
my $count = 0;

my $node = start_node('progress', 'max_connections = 100', 'jit = off', 'temp_file_limit = -1');

$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE ROLE alice LOGIN;
	CREATE ROLE bob LOGIN;
	CREATE ROLE carol LOGIN IN ROLE alice;
	CREATE ROLE dave LOGIN IN ROLE pg_read_all_stats;
	CREATE TABLE many AS SELECT ARRAY[sin(i), sin(2 * i), cos(i), cos(3 * i)]::real[] AS x FROM generate_series(1, 100000) i;
	CREATE TABLE few AS SELECT ARRAY[sin(i), cos(1.7 * i), i % 3] AS x FROM generate_series(1, 3000) i;
	GRANT SELECT ON many, few TO PUBLIC;

	-- the progress of this session as others see it
	CREATE FUNCTION tell(place text) RETURNS int LANGUAGE plpgsql AS $$
	BEGIN
		RAISE NOTICE '%: %', place, (SELECT concat_ws(' ', algorithm, phase, rows_done, rows, iteration)
			FROM cluster_progress WHERE pid = pg_backend_pid());
		RETURN 0;
	END
	$$;
});

# trainings that would go on for days
my $fit = q{SELECT kmeans_fit(x, 100, kmeans_options(restarts => 10000)) FROM few};
my $sample = q{SELECT kmeans_fit(x, 20, kmeans_options(restarts => 10000)) FROM many};
my $rows = q{SELECT fcm_fit(ARRAY[i, i], 2) FROM (SELECT generate_series(1, 1000000000::bigint) AS i) AS s};
my $select = q{SELECT clusters FROM cluster_select('SELECT x FROM many', 20, 20, 'kmeans', '{"restarts": 10000}')};
my $pretrain = q{SELECT dec_train('SELECT x FROM few', 2, '{"hidden": [8], "pretrain_epochs": 90000, "max_iterations": 1000000}')};
my $cluster = q{SELECT dec_train('SELECT x FROM few', 2,
	'{"hidden": [8], "pretrain_epochs": 2, "epochs": 90000, "refresh": 90000, "max_iterations": 1000000}')};

# and one that waits for its rows as long as another session holds the lock
my $waiting = q{SELECT length(autoencoder_train(
	'SELECT i, i % 3 FROM generate_series(1, 20) i WHERE pg_advisory_xact_lock_shared(1) IS NOT NULL',
	2, '{"pretrain_epochs": 1, "hidden": [4]}'))};
my $nothing = q{SELECT 'seen', count(*) FROM cluster_progress};

# The same, from another session, even if this one's transaction has failed
my $from_outside = q{\! psql -XAt -d "} . $node->connstr('postgres') . qq{" -c "$nothing"\n};

# a session that runs a script, the course of which is watched
sub begin_session
{
	my ($script, @options) = @_;
	my %session = (out => '', err => '');
	my $file = "$scripts/" . ++$count . '.sql';

	append_to_file($file, "SET client_min_messages = error;\n$script;\n");
	$session{run} = IPC::Run::start(
		[ 'psql', '-X', '-q', '-A', '-t', '-d', $node->connstr('postgres'), '-f', $file, @options ],
		'<', \undef, '>', \$session{out}, '2>', \$session{err});
	return \%session;
}

sub end_session
{
	my $session = shift;

	IPC::Run::finish($session->{run});
	return;
}

# One assertion: a training of which this holds is seen by and by
sub seen
{
	my ($condition, $name) = @_;

	ok($node->poll_query_until('postgres', "SELECT count(*) = 1 FROM cluster_progress WHERE $condition"), $name)
	  or diag($node->safe_psql('postgres', 'SELECT * FROM cluster_progress'));
	return;
}

# Sees a training, and ends it: four assertions
sub seen_and_canceled
{
	my ($name, $sql, $condition) = @_;
	my $session = begin_session("$sql;\n$nothing");

	seen($condition, "$name: seen");
	is( $node->safe_psql(
			'postgres', q{
			SELECT p.datname, p.usename = current_user, p.model IS NULL, a.query LIKE 'SELECT%', p.seconds > 0,
				coalesce(p.rows_done <= p.rows, true)
			FROM cluster_progress p JOIN pg_stat_activity a USING (pid)}),
		'postgres|t|t|t|t|t',
		"$name: whose it is");
	$node->safe_psql('postgres', 'SELECT pg_cancel_backend(pid) FROM cluster_progress');
	end_session($session);
	like($session->{err}, qr/canceling statement/, "$name: canceled");
	like($session->{out}, qr/^seen\|0$/m, "$name: nothing is seen after that");
	return;
}

# ---- phases, from another session

is($node->safe_psql('postgres', $nothing), 'seen|0', 'nothing is seen while nobody trains');
seen_and_canceled('kmeans', $fit,
	q{algorithm = 'kmeans' AND phase = 'training' AND iteration > 1 AND iterations = 1000 AND rows_done > 0 AND rows = 3000
	AND objective > 0 AND change > 0 AND seconds_left IS NULL});
seen_and_canceled('starts on a sample', $sample,
	q{algorithm = 'kmeans' AND phase = 'sample' AND iteration > 1 AND iterations = 100 AND rows = 100000
	AND objective > 0 AND change > 0 AND seconds_left IS NULL});
seen_and_canceled('rows of an aggregate', $rows,
	q{algorithm = 'fcm' AND phase = 'rows' AND rows_done > 0 AND rows IS NULL AND iteration IS NULL AND iterations IS NULL
	AND objective IS NULL AND change IS NULL AND seconds_left IS NULL});
seen_and_canceled('cluster_select', $select, q{algorithm = 'kmeans' AND phase = 'sample' AND rows = 100000});
seen_and_canceled('pretraining', $pretrain,
	q{algorithm = 'dec' AND phase = 'pretrain' AND iteration > 1 AND iterations > 90000 AND rows_done BETWEEN 1 AND 2999 AND rows = 3000
	AND objective > 0 AND seconds_left > 0});
seen_and_canceled('clustering', $cluster,
	q{phase = 'cluster' AND iteration > 3 AND iterations = 90002 AND seconds_left > 0});

# ---- ends of all kinds

# the trainings of the script are seen from their first row on, however short they are
my $good = q{dec_train('SELECT x FROM few LIMIT 100', 2, '{"hidden": [4], "pretrain_epochs": 1, "epochs": 1}')};
my $bad = q{dec_train('SELECT 1 / (3000 - i), i FROM generate_series(1, 3000) i', 2)};
my $session = begin_session(
	qq{
	SELECT length($good) > 0;
	$nothing;
	SELECT length($bad);
	$nothing;
	DO \$\$ BEGIN PERFORM $bad; EXCEPTION WHEN division_by_zero THEN NULL; END \$\$;
	$nothing;
	BEGIN;
	DECLARE c CURSOR FOR SELECT length($good) > 0 FROM generate_series(1, 2);
	FETCH c;
	$nothing;
	SAVEPOINT s;
	SELECT length($bad);
	ROLLBACK TO s;
	$nothing;
	SELECT length($bad);
	$from_outside
	COMMIT;
	$nothing});

end_session($session);
is( join(' ', split /\n/, $session->{out}),
	't ' . join(' ', ('seen|0') x 3, 't', ('seen|0') x 4),
	'nothing is seen after an end or an error, whatever the transaction does');
is(() = $session->{err} =~ /division by zero/g, 3, 'the errors were those of the queries');

$session = begin_session($fit);
seen(q{phase = 'training'}, 'a training before its backend ends');
$node->safe_psql('postgres', 'SELECT pg_terminate_backend(pid, 60000) FROM cluster_progress');
is($node->safe_psql('postgres', $nothing), 'seen|0', 'nothing is seen after pg_terminate_backend');
end_session($session);

# ---- several at once

# nested: the inner one while it lasts, then the outer one again
my (undef, $out, $err) = $node->psql(
	'postgres', q{
	SELECT length(autoencoder_train($$
		SELECT i, tell('before'),
			length(dec_train('SELECT i, i % 2, tell(''inner'') FROM generate_series(1, 3) i', 2, '{"hidden": [4], "pretrain_epochs": 1, "epochs": 1}')),
			tell('after')
		FROM generate_series(1, 2) i $$, 2, '{"hidden": [4], "pretrain_epochs": 1}'))});
my @told = $err =~ /NOTICE:  ((?:before|inner|after): .*)/g;

is(join(', ', @told),
	join(', ', ('before: autoencoder rows 0', ('inner: dec rows 0') x 3, 'after: autoencoder rows 0') x 2),
	'nested trainings: the inner one is seen while it lasts');

# by several users
my $lock = begin_session(qq{SELECT pg_advisory_lock(1);\nSELECT pg_sleep(600)});

ok( $node->poll_query_until('postgres', q{SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND granted}),
	'the lock is taken');

my @sessions = map { begin_session($waiting, '-U', $_) } 'alice', 'bob';

seen(q{usename = 'alice' AND phase = 'rows'}, 'a training that waits for its rows');
seen(q{usename = 'bob' AND phase = 'rows'}, 'another at the same time');

my $visible = q{
	SELECT usename, datname, algorithm, pid IS NULL, phase, rows_done, seconds > 0 FROM cluster_progress ORDER BY usename};
my %sees = (
	alice => "alice|postgres|autoencoder|f|rows|0|t\nbob|postgres|autoencoder|f|||",
	bob => "alice|postgres|autoencoder|f|||\nbob|postgres|autoencoder|f|rows|0|t",
	carol => "alice|postgres|autoencoder|f|rows|0|t\nbob|postgres|autoencoder|f|||",
	dave => "alice|postgres|autoencoder|f|rows|0|t\nbob|postgres|autoencoder|f|rows|0|t");

foreach my $user (sort keys %sees)
{
	is($node->safe_psql('postgres', $visible, extra_params => [ '-U', $user ]), $sees{$user}, "what $user may see");
}
is( $node->safe_psql(
		'postgres', q{
		SELECT count(*) FROM cluster_progress
		WHERE num_nonnulls(model, phase, iteration, iterations, rows_done, rows, objective, change, seconds, seconds_left) > 0},
		extra_params => [ '-U', 'bob' ]),
	1, "of another user's training nothing else is seen");

# more than there are slots for
push @sessions, begin_session($waiting) while @sessions < $crowd;
ok( $node->poll_query_until(
		'postgres', qq{SELECT count(*) = $crowd FROM pg_locks WHERE locktype = 'advisory' AND NOT granted}),
	"$crowd trainings at once");
is($node->safe_psql('postgres', $nothing), "seen|$slots", "$slots of them are seen");
$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted});
end_session($_) foreach $lock, @sessions;
is(scalar(grep { $_->{out} =~ /^\d+$/m && $_->{err} eq '' } @sessions), $crowd, 'all come to their end')
  or diag(map { $_->{err} } @sessions);
is($node->safe_psql('postgres', $nothing), 'seen|0', 'and nothing is left');

$node->stop;
done_testing();
