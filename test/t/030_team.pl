# A training shared with parallel workers gives the same model, wherever it is called, and leaves nothing behind.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# segments of shared memory are files of the data directory, so that they can be counted
my $node = start_node('team', 'dynamic_shared_memory_type = mmap', 'jit = off', 'max_worker_processes = 12', 'max_parallel_workers = 10');

# the setting that asks for parallel workers even where they do not pay
my $force = $node->safe_psql('postgres',
	q{SELECT name FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query')});
my $forced = "SET $force = on; SET max_parallel_workers_per_gather = 0;";

$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE rows AS
		SELECT i, i % 3 AS g, ARRAY[sin(i) + 5 * (i % 3), cos(i * i), i % 7 / 3.0]::float8[] AS x FROM generate_series(1, 10000) i;
	CREATE TABLE many AS
		SELECT i, ARRAY[sin(i), sin(2 * i), sin(3 * i), sin(5 * i), cos(i), cos(2 * i), cos(3 * i), cos(5 * i)]::float8[] AS x
		FROM generate_series(1, 350000) i;
	CREATE VIEW holes AS
		SELECT i, ARRAY[CASE WHEN i % 5 > 0 THEN x[1] END, CASE WHEN i % 7 > 1 THEN x[2] END, x[3]] AS x FROM rows;
	ANALYZE;
});

# What a session says while it runs a script
sub messages
{
	my ($sql, %options) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres', "$forced SET client_min_messages = debug1;\n$sql", %options);

	return ($stdout, $stderr);
}

# ---- the same model for any number of workers

# how many take part; of rows in few portions at most 7
my %teams = (0 => qr/^$/, 1 => qr/^1$/, 2 => qr/^2$/, 3 => qr/^3$/, 8 => qr/^[78]$/);
# ... and where maintenance_work_mem has no room for all of them
my %fewer = (%teams, map { $_ => qr/^[1-8]$/ } 2, 3, 8);

sub same_model
{
	my ($name, $sql, @settings) = @_;
	my $teams = grep(/^maintenance_work_mem/, @settings) ? \%fewer : \%teams;
	my $script = join '', map { "SET $_;\n" } @settings;
	my (%models, %workers, $number);

	$script .= "SET max_parallel_maintenance_workers = $_;\nDO \$\$BEGIN RAISE NOTICE 'round $_'; END\$\$;\n$sql;\n"
	  foreach sort keys %teams;
	my ($stdout, $stderr) = messages($script);
	foreach (split /\n/, $stderr)
	{
		$number = $1 if /round (\d+)/;
		$workers{$number} = $1 if /parallel workers in this training: (\d+) of/;
	}
	@models{sort keys %teams} = split /\n/, $stdout;
	like($models{0}, qr/^[0-9a-f]{32}$/, "$name: a model") or diag($stderr);
	foreach (sort keys %teams)
	{
		like($workers{$_} // '', $teams->{$_}, "$name: $_ workers");
		is($models{$_}, $models{0}, "$name: the same model with $_ workers");
	}
	return;
}

foreach my $algorithm (qw(kmeans fcm pcm mec tsallis gk gg))
{
	same_model("$algorithm in double precision", "SELECT md5(${algorithm}_fit(x, 4 ORDER BY i)) FROM rows");
	same_model("$algorithm in single precision", "SELECT md5(${algorithm}_fit(x::real[], 3 ORDER BY i)) FROM rows");
}
foreach my $algorithm (qw(kmeans fcm pcm mec tsallis))
{
	same_model("$algorithm of rows with gaps", qq{SELECT md5(${algorithm}_fit(x, 4, '{"missing": "partial"}' ORDER BY i)) FROM holes});
}
same_model('rows with gaps, scaled',
	q{SELECT md5(fcm_fit(x::real[], 3, '{"missing": "partial", "scale": "zscore"}' ORDER BY i)) FROM holes});
same_model('means in gaps', q{SELECT md5(gk_fit(x, 3, '{"missing": "mean"}' ORDER BY i)) FROM holes});
same_model('means in gaps, scaled', q{SELECT md5(kmeans_fit(x::real[], 4, '{"missing": "mean", "scale": "minmax"}' ORDER BY i)) FROM holes});
same_model('clusters that are merged', q{SELECT md5(pcm_fit(x, 9, '{"membership_weight": 0.1}' ORDER BY i)) FROM rows});
same_model('logical', q{SELECT md5(logical_fit(x, NULL, '{"grid_precision": 0.2}' ORDER BY i)) FROM rows});
same_model('an option that is a list', q{SELECT md5(gk_fit(x, 3, '{"volumes": [1, 2, 1]}' ORDER BY i)) FROM rows});
same_model("$_ with categories", "SELECT md5(${_}_fit(ROW(x[1], names[1 + i * i % 7], x[2], i % 11 = 0), 4 ORDER BY i)) FROM rows, (SELECT ARRAY['g', 'c', 'a', 'f', 'b', 'e', 'd'] AS names) n")
  foreach qw(kmeans fcm pcm mec tsallis);
same_model('categories in a file', q{SELECT md5(kmeans_fit(ROW(x[1], x[2], x[3], chr(97 + (i::bigint * i % 13)::int), x[4], x[5]), 3, '{"max_iterations": 5, "scale": "zscore"}' ORDER BY i)) FROM many},
	q{maintenance_work_mem = '24MB'});
same_model('spectral clustering', q{SELECT md5(spectral_fit(x, 3, '{"landmarks": 200}' ORDER BY i)) FROM rows});
same_model('a temperature that is halved', q{SELECT md5(mec_fit(ARRAY[x[2] + CASE i % 4 WHEN 3 THEN 100 ELSE i % 4 * 5 END, x[3]], 4 ORDER BY i)) FROM rows});
same_model('an order that is lowered', q{SELECT md5(tsallis_fit(x || ARRAY[sin(i * 3), cos(i * 5), sin(i * 7), cos(i * 11), sin(i * 13), cos(i * 17)], 8 ORDER BY i)) FROM rows});
same_model('scaled', q{SELECT md5(fcm_fit(x, 4, '{"scale": "zscore"}' ORDER BY i)) FROM rows});
same_model('another scale', q{SELECT md5(kmeans_fit(x::real[], 4, '{"scale": "minmax"}' ORDER BY i)) FROM rows});
same_model('far from zero', q{SELECT md5(fcm_fit(ARRAY[x[1] + 1e7, x[2] - 1e6, x[3]], 4 ORDER BY i)) FROM rows});
same_model('far from zero in single precision', q{SELECT md5(gk_fit(ARRAY[x[1] + 1e5, x[2], x[3]]::real[], 3 ORDER BY i)) FROM rows});
same_model('random centers', q{SELECT md5(kmeans_fit(x, 7, '{"init": "random"}' ORDER BY i)) FROM rows});
same_model('a sample of rows', q{SELECT md5(kmeans_fit(x, 7, '{"init": "sample", "restarts": 4}' ORDER BY i)) FROM rows});
same_model('given centers', q{SELECT md5(fcm_fit(x, 2, '{"init": [[0, 0, 0], [5, 0, 1]]}' ORDER BY i)) FROM rows});
same_model('centers of a model', q{SELECT md5(fcm_fit(x, 3, fcm_options(init => (SELECT kmeans_fit(x, 3 ORDER BY i) FROM (SELECT * FROM rows LIMIT 100) s)) ORDER BY i)) FROM rows});
same_model('more clusters than rows of some portions', q{SELECT md5(kmeans_fit(x, 300, '{"max_iterations": 5}' ORDER BY i)) FROM rows});
same_model('rows that are equal', q{SELECT md5(fcm_fit(ARRAY[i % 5, i % 2], 3 ORDER BY i)) FROM rows});
same_model('fewer clusters than asked for', q{SELECT md5(kmeans_fit(ARRAY[i % 2], 4, '{"too_few": "fewer"}' ORDER BY i)) FROM rows});
same_model('rows in a file', q{SELECT md5(fcm_fit(x, 3, '{"max_iterations": 5}' ORDER BY i)) FROM many}, q{maintenance_work_mem = '24MB'});
same_model('rows in a file, scaled', q{SELECT md5(kmeans_fit(x, 3, '{"max_iterations": 5, "scale": "zscore"}' ORDER BY i)) FROM many},
	q{maintenance_work_mem = '24MB'});

same_model('rows with gaps in a file', q{SELECT md5(kmeans_fit(array_replace(x, 0, NULL) || CASE WHEN i % 3 > 0 THEN 1.0 END, 3,
		'{"max_iterations": 5, "missing": "partial"}' ORDER BY i)) FROM many}, q{maintenance_work_mem = '24MB'});
same_model('means in a file', q{SELECT md5(kmeans_fit(x || CASE WHEN i % 3 > 0 THEN i % 5 * 1.5 END, 3,
		'{"max_iterations": 5, "missing": "mean"}' ORDER BY i)) FROM many}, q{maintenance_work_mem = '24MB'});

# networks, whose columns may be in a file
my $net = q{"hidden": [8], "latent": 3, "batch_size": 128, "pretrain_epochs": 2, "epochs": 2, "label_tolerance": 0, "scale": "zscore"};
foreach my $algorithm (split /\n/, $node->safe_psql('postgres', "SELECT algorithm FROM cluster_options() WHERE option = 'cluster_rate'"))
{
	same_model("a network of $algorithm", qq{SELECT md5(${algorithm}_fit(x::real[], 3, '{$net}' ORDER BY i)) FROM rows});
}
same_model('a network of rows with means', qq{SELECT md5(dec_fit(x::real[], 3, '{$net, "missing": "mean"}' ORDER BY i)) FROM holes});
same_model('a network and neighbors', qq{SELECT md5(edcwrn_fit(x::real[], 3, '{$net, "neighbors": 2, "smoothing": 0}' ORDER BY i)) FROM rows});
same_model('a network that begins with centers', qq{SELECT md5(dec_fit(x::real[], 2, '{$net, "init": [[0, 0, 0], [5, 0, 1]]}' ORDER BY i)) FROM rows});
{
	my $sql = qq{SELECT md5(dec_fit(x::real[], 60, '{$net, "start": "kmeans", "smoothing": 0}' ORDER BY i)) FROM rows};

	same_model('a network, whose columns are in a file', $sql, q{maintenance_work_mem = '4MB'}, 'log_temp_files = 0');
	my ($in_memory) = messages("SET max_parallel_maintenance_workers = 0;\n$sql");
	my ($stdout, $stderr) = messages("SET max_parallel_maintenance_workers = 2; SET maintenance_work_mem = '4MB'; SET log_temp_files = 0;\n$sql");

	like($stderr, qr/parallel workers in this training: [12] of 2.*temporary file: [^\n]*size [1-9]/s, 'there is a file');
	is($stdout, $in_memory, 'the same model as in memory');
}

# ... and each part of a training between two checkpoints has a team of its own
{
	my $query = 'SELECT x::real[] FROM rows ORDER BY i';
	my ($alone) = messages("SET max_parallel_maintenance_workers = 0;\nSELECT md5(dec_train('$query', 3, '{$net}'))");
	my ($stdout, $stderr) = messages(qq{
		SET client_min_messages = error;
		SELECT cluster_create_registry();
		SELECT cluster_define('net', '$query', 'dec', 3, '{$net}', checkpoint_epochs => 1);
		SET client_min_messages = debug1;
		SET max_parallel_maintenance_workers = 2;
		CALL cluster_retrain('net');
		SELECT md5(cluster_model('net'));
	});
	my $teams = () = $stderr =~ /parallel workers in this training: 2 of 2/g;

	is($teams, 5, 'a team for each part');
	is((grep { /^[0-9a-f]{32}$/ } split /\n/, $stdout)[0], $alone, 'the same model as without checkpoints') or diag($stderr);
}

# ---- wherever a training is called

my $fit = q{SELECT md5(fcm_fit(x, 3, '{"max_iterations": 5}' ORDER BY i)) FROM rows};
my $expected = $node->safe_psql('postgres', "SET client_min_messages = error; SET max_parallel_maintenance_workers = 0; $fit");

# The last line is the expected model, and each of the trainings had 2 workers
sub with_team
{
	my ($name, $sql, $trainings) = @_;
	my ($stdout, $stderr) = messages("SET max_parallel_maintenance_workers = 2;\n$sql");
	my $teams = () = $stderr =~ /parallel workers in this training: 2 of 2/g;

	is_deeply([ (split /\n/, $stdout)[-1], $teams ], [ $expected, $trainings // 1 ], "$name: the model, by a team") or diag($stderr);
	return;
}

$node->safe_psql(
	'postgres', q{
	CREATE TABLE models (model text);
	CREATE FUNCTION fit() RETURNS text STABLE AS $$SELECT md5(fcm_fit(x, 3, '{"max_iterations": 5}' ORDER BY i)) FROM rows$$ LANGUAGE sql;
	CREATE FUNCTION failing(again boolean) RETURNS text LANGUAGE plpgsql AS $$
	DECLARE result text;
	BEGIN
		FOR n IN 1 .. 2 LOOP
			BEGIN
				result := fit();
				IF again OR n = 1 THEN
					RAISE 'after a training';
				END IF;
			EXCEPTION WHEN raise_exception THEN
				result := result || ' failed';
			END;
		END LOOP;
		RETURN result;
	END
	$$;
	CREATE PROCEDURE fit_and_commit(INOUT result text) LANGUAGE plpgsql AS $$
	BEGIN
		result := fit();
		COMMIT;
		INSERT INTO models VALUES (result);
		result := fit();
		ROLLBACK;
	END
	$$;
	CREATE MATERIALIZED VIEW fitted AS SELECT fit() WITH NO DATA;
});
with_team('plain', $fit);
with_team('in a transaction that has written', "BEGIN; INSERT INTO models VALUES (1); $fit; ROLLBACK");
with_team('INSERT ... SELECT', "INSERT INTO models $fit RETURNING model");
with_team('CREATE TABLE AS', "CREATE TEMP TABLE result AS $fit; SELECT * FROM result");
with_team('REFRESH MATERIALIZED VIEW', 'REFRESH MATERIALIZED VIEW fitted; SELECT * FROM fitted');
with_team('UPDATE', "INSERT INTO models VALUES ('none'); UPDATE models SET model = ($fit) WHERE model = 'none' RETURNING model");
with_team('a temporary table', "CREATE TEMP TABLE rows AS SELECT * FROM public.rows; $fit");
with_team('a function', 'SELECT fit()');
with_team('DO', q{CREATE TEMP TABLE result (model text); DO $$BEGIN INSERT INTO result VALUES (fit()); END$$; SELECT * FROM result});
with_team('an exception block', 'SELECT failing(false)', 2);
is((messages("SET max_parallel_maintenance_workers = 2; SELECT failing(true)"))[0], "$expected failed", 'an error after a training in an exception block');
with_team('a savepoint', "BEGIN; SAVEPOINT a; $fit; ROLLBACK TO a; $fit; RELEASE a; COMMIT", 2);
with_team('a cursor', "BEGIN; DECLARE c CURSOR WITH HOLD FOR $fit; COMMIT; FETCH c");
with_team('a cursor that is scrolled', "BEGIN; DECLARE c SCROLL CURSOR FOR $fit; FETCH c; FETCH PRIOR FROM c; FETCH c");
with_team('SERIALIZABLE', "BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM models; $fit; COMMIT");
with_team('REPEATABLE READ, read only', "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; $fit; COMMIT");
with_team('a prepared statement', "PREPARE p AS $fit; EXECUTE p; EXECUTE p; EXECUTE p; EXECUTE p; EXECUTE p; EXECUTE p", 6);
with_team('a procedure that commits', 'CALL fit_and_commit(NULL)', 2);
with_team('groups', q{SELECT count(length(m)) FROM (SELECT fcm_fit(x, 2, '{"max_iterations": 2}') AS m FROM rows GROUP BY g) s; SELECT fit()}, 4);
with_team('another role', "CREATE ROLE someone; GRANT SELECT ON rows TO someone; SET ROLE someone; $fit; RESET ROLE; DROP OWNED BY someone; DROP ROLE someone");
my $gather = 'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET max_parallel_workers_per_gather = 2;';
like($node->safe_psql('postgres', "$gather EXPLAIN (COSTS off) $fit"), qr/Gather.*Parallel Seq Scan/s, 'a plan with workers');
with_team('above workers of the plan', "$gather $fit");
with_team('cluster_select', q{SELECT count(*) FROM cluster_select('SELECT x FROM rows', 2, 4, 'fcm', '{"max_iterations": 5}'); SELECT fit()}, 4);
my $recipe = q{SELECT cluster_create_registry(); SELECT cluster_define('points', 'SELECT x FROM rows ORDER BY i', 'fcm', 3, '{"max_iterations": 5}');};
my $version = q{SELECT md5(cluster_model('points'));};
with_team('cluster_retrain, which commits', "$recipe CALL cluster_retrain('points'); $version");
with_team('cluster_retrain in a transaction', "BEGIN; CALL cluster_retrain('points'); $version COMMIT");
with_team('fcm_train', q{SELECT fcm_train('SELECT x FROM rows', 3, '{"max_iterations": 5}') IS NOT NULL; SELECT fit()}, 2)
  if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_proc WHERE proname = 'fcm_train'});

# ... but not by itself where it does not pay, in a window, or in a worker
sub alone
{
	my ($name, $sql) = @_;
	my ($stdout, $stderr) = messages($sql);

	unlike($stderr, qr/parallel workers in this training/, "$name: no team");
	isnt($stdout, '', "$name: a result");
	return;
}

alone('a small training', "SET $force = off; $fit");
alone('a window', 'SELECT count(length(m)) FROM (SELECT fcm_fit(x, 2, \'{"max_iterations": 1}\') OVER (PARTITION BY g) AS m FROM rows) s');
alone('in a worker', "SET max_parallel_workers_per_gather = 2; $fit");
alone('max_parallel_maintenance_workers', "SET max_parallel_maintenance_workers = 0; $fit");
alone('max_parallel_workers', "SET max_parallel_workers = 0; $fit");
alone('one block of rows', "$fit WHERE i < 500");
{
	my ($stdout, $stderr) = messages("SET maintenance_work_mem = '1MB'; SET max_parallel_maintenance_workers = 8; $fit");

	like($stderr, qr/maintenance_work_mem has room for [0-7] of [78] parallel workers/, 'little memory: fewer workers');
	is($stdout, $expected, 'little memory: the same model');

	# 22 MB of rows and 14 MB of candidates for first centers leave room for one
	($stdout, $stderr) = messages(
		q{SET maintenance_work_mem = '40MB'; SET max_parallel_maintenance_workers = 8; SELECT fcm_fit(x, 100, '{"max_iterations": 1}') FROM many});
	like($stderr, qr/maintenance_work_mem has room for [0-3] of 8 parallel workers/, 'what members share counts as well');
}

# rows that are copied for each worker, and rows that all share, as there is only memory for one copy
foreach my $case ([ '200MB', 8 ], [ '60MB', 8 ], [ '60MB', 1 ], [ '40MB', 2 ])
{
	my ($memory, $workers) = @$case;
	my $training = q{SELECT md5(fcm_fit(x, 3, '{"max_iterations": 5}' ORDER BY i)) FROM many};
	my ($alone) = messages("SET max_parallel_maintenance_workers = 0; SET maintenance_work_mem = '$memory'; $training");
	my ($stdout, $stderr) = messages("SET max_parallel_maintenance_workers = $workers; SET maintenance_work_mem = '$memory'; $training");

	like($stderr, qr/parallel workers in this training: $workers of $workers/, "$memory for $workers: a team");
	is($stdout, $alone, '... and the same model');
}

# ---- what is left behind

# a training that would go on for days, whose portions are short
my $endless = q{SELECT kmeans_fit(x, 20, kmeans_options(restarts => 10000, tolerance => 0, init => 'random')) FROM rows};

# Segments of shared memory, temporary files, and trainings that others see, once workers have ended
sub left_behind
{
	$node->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE backend_type = 'parallel worker'})
	  or diag('workers are left');
	return $node->safe_psql('postgres',
		q{SELECT (SELECT count(*) FROM pg_ls_dir('pg_dynshmem')), (SELECT count(*) FROM pg_ls_tmpdir()), (SELECT count(*) FROM cluster_progress)});
}

# A session with a team in an endless training, and its messages
sub begin_training
{
	my ($sql) = @_;
	my %session = (out => '', err => '');
	my $script = PostgreSQL::Test::Utils::tempdir() . '/training.sql';

	append_to_file($script, "$forced SET application_name = 'leader'; SET max_parallel_maintenance_workers = 3;\n$sql");
	$session{run} = IPC::Run::start([ 'psql', '-X', '-A', '-t', '-q', '-d', $node->connstr('postgres'), '-f', $script ],
		'<', \undef, '>', \$session{out}, '2>', \$session{err}, IPC::Run::timeout(180));
	return \%session;
}

my $before = left_behind();

# workers are terminated as soon as they appear, and ever later
{
	my $rounds = 30;
	my $session = begin_training(("$endless;\n" x $rounds) . "SET max_parallel_maintenance_workers = 2;\n$fit;\n");
	my $script = "SET client_min_messages = error;\n";

	foreach my $round (1 .. $rounds)
	{
		my $delay = ($round * 7 % 30) / 1000 * ($round % 3);

		$script .= qq{
			DO \$\$
			DECLARE
				victim int;
				training timestamptz;
			BEGIN
				LOOP
					PERFORM pg_stat_clear_snapshot();
					SELECT w.pid, l.query_start INTO victim, training
						FROM pg_stat_activity w JOIN pg_stat_activity l ON l.pid = w.leader_pid
						WHERE l.application_name = 'leader' AND w.backend_type = 'parallel worker'
							AND l.query_start > coalesce((SELECT max(began) FROM victims), '-infinity')
						ORDER BY w.pid LIMIT 1;
					EXIT WHEN FOUND;
					PERFORM pg_sleep(0.001);
				END LOOP;
				PERFORM pg_sleep($delay);
				IF NOT pg_terminate_backend(victim) THEN
					RAISE 'no worker to terminate';
				END IF;
				INSERT INTO victims VALUES (training);
			END
			\$\$;
		};
	}
	$node->safe_psql('postgres', 'CREATE TABLE victims (began timestamptz)');
	$node->safe_psql('postgres', $script, timeout => 60);
	$session->{run}->finish;
	is(() = $session->{err} =~ /ERROR:  terminating [^\n]*administrator command|ERROR:  lost connection to parallel worker/g,
		$rounds, 'each training ends with its worker');
	is((split /\n/, $session->{out})[-1], $expected, 'and the session goes on') or diag($session->{err});
	is(left_behind(), $before, 'nothing is left');
}

# canceled, and caught in a function
foreach my $sql ($endless, qq{DO \$\$BEGIN EXECUTE '} . ($endless =~ s/'/''/gr) . qq{'; EXCEPTION WHEN query_canceled THEN RAISE; END\$\$})
{
	my ($stdout, $stderr) = messages("SET max_parallel_maintenance_workers = 3; SET statement_timeout = 300;\n$sql;\nSET statement_timeout = 0; $fit",
		on_error_stop => 0);

	like($stderr, qr/parallel workers in this training: 3 of 3.*canceling statement due to statement timeout/s, 'canceled');
	is($stdout, $expected, 'and the session goes on');
	is(left_behind(), $before, 'nothing is left');
}

# the processes of workers, once there are some
sub workers
{
	my $sql = q{FROM pg_stat_activity WHERE backend_type = 'parallel worker'};

	$node->poll_query_until('postgres', "SELECT count(*) > 0 $sql") or die 'no worker is launched';
	return split /\n/, $node->safe_psql('postgres', "SELECT pid $sql");
}

# the leader is terminated
{
	my $session = begin_training($endless);

	workers();
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'leader' AND backend_type = 'client backend'});
	$session->{run}->finish;
	like($session->{err}, qr/terminating connection due to administrator command/, 'the leader is terminated');
	is(left_behind(), $before, 'nothing is left');
}

# workers that are late, at any moment
{
	my $sql = q{SELECT md5(kmeans_fit(x, 9, '{"restarts": 100, "init": "random"}' ORDER BY i)) FROM rows};
	my $model = $node->safe_psql('postgres', "SET client_min_messages = error; SET max_parallel_maintenance_workers = 0; $sql");
	my $session = begin_training("SET client_min_messages = error;\n" . "$sql;\n" x 8);

	foreach (1 .. 25)
	{
		my @workers = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE backend_type = 'parallel worker' ORDER BY random() LIMIT 1});

		kill 'STOP', grep { $_ } @workers;
		select undef, undef, undef, 0.02;
		kill 'CONT', grep { $_ } @workers;
	}
	$session->{run}->finish;
	is($session->{out}, "$model\n" x 8, 'workers that stand still for a while');
}

# without memory that processes can share
SKIP:
{
	skip 'prlimit is not there', 2 if system('prlimit --fsize >/dev/null 2>&1') != 0;
	foreach my $limit (4096, 2500000)
	{
		my ($stdout, $stderr) = messages(
			"SELECT pg_backend_pid() AS pid \\gset\n\\setenv PID :pid\n\\! prlimit --pid \$PID --fsize=$limit\nSET max_parallel_maintenance_workers = 2; $fit");

		is($stdout, $expected, "a limit of $limit bytes for shared memory") or diag($stderr);
		like($stderr, qr/no shared memory of|cannot be shared|cannot be launched/, '... is noticed') if $limit < 5000;
	}
}
unlike(slurp_file($node->logfile), qr/PANIC|terminated by signal|leak|still referenced/, 'the log is clean');

# without workers
$node->append_conf('postgresql.conf', "max_worker_processes = 0\n");
$node->restart;
{
	my ($stdout, $stderr) = messages($fit);

	is($stdout, $expected, 'no worker can be launched');
	like($stderr, qr/parallel workers in this training: 0 of 2/, '... which the log tells');
}

$node->stop;
done_testing();
