# Rows that parallel workers read: the same model wherever the rows are, and
# nothing is left of shared memory, however a training ends.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @settings = ('jit = off', 'max_parallel_workers_per_gather = 0', 'max_parallel_maintenance_workers = 2',
	'max_parallel_workers = 8', 'max_worker_processes = 16', 'log_temp_files = 0');
my $rows = q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE rows AS
		SELECT i, i % 3 AS g, ARRAY[sin(i), sin(2 * i) + i % 3, cos(3 * i), i % 5, cos(i / 7.0), i % 11, sin(i / 13.0), cos(i)]::float8[] AS x
		FROM generate_series(1, 300000) i;
};
my $training = q{fcm_fit(x, 12, '{"max_iterations": 12, "tolerance": 0}')};
my $weighted = q{fcm_fit(x, 12, '{"max_iterations": 12, "tolerance": 0, "scale": "zscore"}', (1 + i % 5) / 3.0)};
my $team = qr/parallel workers in this training: [1-9]/;

# Runs statements with 19 MB of rows to train on; returns output and messages
sub run_with
{
	my ($node, $memory, $sql) = @_;
	my ($status, $stdout, $stderr) = $node->psql('postgres', "SET maintenance_work_mem = '$memory'; SET client_min_messages = debug1; $sql");

	unlike($stderr, qr/WARNING|leak/, "no complaint with $memory");
	return ($stdout, $stderr);
}

# Files in the folder of shared memory, of which only this server's are known
sub segments
{
	my ($node, $folder) = @_;

	return $node->safe_psql('postgres', "SELECT count(*) FROM pg_ls_dir('$folder')");
}

sub nothing_is_left
{
	my ($node, $folder, $before, $name) = @_;

	ok($node->poll_query_until('postgres', "SELECT count(*) <= $before FROM pg_ls_dir('$folder')"), "$name: no shared memory is left");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_ls_tmpdir()'), 0, "$name: no file is left");
	return;
}

# ---- the same bytes; segments that are files can be counted ----

my $node = start_node('rows', @settings, 'dynamic_shared_memory_type = mmap', 'shared_preload_libraries = \'\'');
$node->safe_psql('postgres', $rows);

my ($serial, $serial_messages) = run_with($node, '1GB', "SET max_parallel_maintenance_workers = 0; SELECT md5($training) FROM rows");
unlike($serial_messages, $team, 'no team without workers');

my ($serial_weighted) = run_with($node, '1GB', "SET max_parallel_maintenance_workers = 0; SELECT md5($weighted) FROM rows");

my $before = segments($node, 'pg_dynshmem');
foreach my $memory ('1GB', '40MB', '12MB', '4MB')
{
	my ($model, $messages) = run_with($node, $memory, "SELECT md5($training) FROM rows");

	like($messages, $team, "$memory: workers take part") if $memory =~ m{GB|40};
	is($model, $serial, "$memory: the same bytes as without them");
	nothing_is_left($node, 'pg_dynshmem', $before, $memory);

	($model, $messages) = run_with($node, $memory, "SELECT md5($weighted) FROM rows");
	like($messages, $team, "$memory, weights: workers take part") if $memory =~ m{GB|40};
	is($model, $serial_weighted, "$memory, weights: the same bytes as without them");
	nothing_is_left($node, 'pg_dynshmem', $before, "$memory, weights");
}
my (undef, $limited) = run_with($node, '4MB', "SET temp_file_limit = '5MB'; SELECT $training FROM rows");
like($limited, qr/ERROR:  temporary file size exceeds "?temp_file_limit"? \(5120kB\)/, 'the limit of files is heeded');
nothing_is_left($node, 'pg_dynshmem', $before, 'the limit of files');

# ---- trainings that do not end ----

my $endless = q{fcm_fit(x, 12, '{"max_iterations": 1000000, "tolerance": 0}') FROM rows};
foreach my $case (
	[ 'a timeout', 'pg_sleep(0)', "SET statement_timeout = '4000ms'; SELECT $endless" ],
	[ 'a caught timeout', 'pg_sleep(0)',
		"SET statement_timeout = '4000ms'; DO \$\$ BEGIN PERFORM $endless; EXCEPTION WHEN query_canceled THEN END \$\$" ],
	[ 'a cancelled query', 'pg_cancel_backend(pid)', "SELECT $endless" ],
	[ 'a terminated session', 'pg_terminate_backend(pid)', "SELECT $endless" ])
{
	my ($name, $end, $sql) = @$case;
	my $session = IPC::Run::start(
		[ 'psql', '-XqAt', '-d', $node->connstr('postgres'), '-c', "SET maintenance_work_mem = '40MB'", '-c', $sql ],
		'<', \undef, '>', \my $output, '2>', \my $messages);

	ok($node->poll_query_until('postgres', "SELECT count(*) > $before + 1 FROM pg_ls_dir('pg_dynshmem')"), "$name: rows are shared");
	$node->safe_psql('postgres', "SELECT $end FROM pg_stat_activity WHERE backend_type = 'client backend' AND query ~ 'max_iterations' AND pid <> pg_backend_pid()");
	$session->finish;
	nothing_is_left($node, 'pg_dynshmem', $before, $name);
}

# ---- other ends, and more than one training ----

foreach my $case (
	[ 'an error of the training', "SELECT fcm_fit(ARRAY[i % 3, 0.5, 0.25, 1, 2, 3, 4, 5], 4) FROM rows" ],
	[ 'groups', "SELECT g, md5($training) FROM rows GROUP BY g" ],
	[ 'two aggregates', "SELECT md5($training), md5(kmeans_fit(x, 12)) FROM rows" ],
	[ 'a cursor of a savepoint', "BEGIN; SAVEPOINT s; DECLARE c CURSOR FOR SELECT g, md5($training) FROM rows GROUP BY g; FETCH c; ROLLBACK TO s; COMMIT" ],
	[ 'a selection', "SELECT count(*) FROM cluster_select('SELECT x FROM rows', 3, 5)" ])
{
	my ($name, $sql) = @$case;

	run_with($node, '1GB', "SET force_parallel_mode = on; $sql");
	nothing_is_left($node, 'pg_dynshmem', $before, $name);
}
$node->stop;

# ---- little shared memory ----

# A folder with a command pg_ctl whose server has a /dev/shm of this size; undef: that is not possible
sub small_memory
{
	my $size = shift;
	my $folder = PostgreSQL::Test::Utils::tempdir();
	my ($user, $group) = ($<, (split / /, $()[0]);
	my ($pg_ctl) = grep { -x } map { "$_/pg_ctl" } split /:/, $ENV{PATH};
	my $mount = "mount -t tmpfs -o size=$size,mode=1777 tmpfs /dev/shm";

	return undef if system("unshare -rm sh -c '$mount && exec unshare --user --map-user=$user --map-group=$group true' 2>/dev/null") != 0;
	PostgreSQL::Test::Utils::append_to_file("$folder/pg_ctl",
		"#!/bin/sh\nexec unshare -rm sh -c '$mount && exec unshare --user --map-user=$user --map-group=$group $pg_ctl \"\$\@\"' sh \"\$\@\"\n");
	chmod 0755, "$folder/pg_ctl";
	return $folder;
}

foreach my $size ('64M', '24M', '2M')
{
  SKIP:
	{
		my $folder = small_memory($size);

		skip 'this user cannot mount a small /dev/shm', 1 unless $folder;

		my $small = PostgreSQL::Test::Cluster->new("shm_$size");

		initialize($small);
		$small->append_conf('postgresql.conf', join("\n", @settings, 'dynamic_shared_memory_type = posix', ''));
		{
			local $ENV{PATH} = "$folder:$ENV{PATH}";
			$small->start;
		}
		$small->safe_psql('postgres', $rows);

		my $at_first = segments($small, '/dev/shm');
		foreach my $memory ('1GB', '4MB')
		{
			my ($model, $messages) = run_with($small, $memory, "SELECT md5($training) FROM rows");

			like($messages, $team, "/dev/shm of $size, $memory: workers take part") if $size ne '2M' && $memory eq '1GB';
			is($model, $serial, "/dev/shm of $size, $memory: the same bytes");
			nothing_is_left($small, '/dev/shm', $at_first, "/dev/shm of $size, $memory");
		}
		my ($model) = run_with($small, '1GB', "SET temp_file_limit = '1MB'; SELECT md5($training) FROM rows");
		is($model, $serial, "/dev/shm of $size, and no room for files: the same bytes");
		nothing_is_left($small, '/dev/shm', $at_first, "/dev/shm of $size, and no room for files");
		$small->stop;
	}
}

done_testing();
