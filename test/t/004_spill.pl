# Rows that do not fit maintenance_work_mem go to a temporary file: the model is
# the same to the byte, files end with their group, and nothing is left behind.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('spill', 'jit = off', 'log_temp_files = 0', 'max_parallel_workers_per_gather = 0');

$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE rows AS
		SELECT i, ARRAY[sin(i), sin(2 * i) + i % 3, cos(3 * i), i % 5, cos(i / 7.0), i % 11, sin(i / 13.0)]::float8[] AS x
		FROM generate_series(1, 120000) i;
	CREATE TABLE wide AS SELECT i, array_fill(sin(i), ARRAY[500]) || ARRAY[i % 3, 1] AS x FROM generate_series(1, 1200) i;
	CREATE TABLE groups AS
		SELECT g, i, ARRAY[sin(i) + i % 3, cos(i * g), i % 7, sin(i / 9.0)]::float8[] AS x
		FROM generate_series(1, 6) g, generate_series(1, 50000) i ORDER BY g, i;
	CREATE INDEX ON groups (g, i);
	ANALYZE groups;
});

my $settings = q{
	SET client_min_messages = error;
	SET work_mem = '500MB';
	SET enable_sort = off;
	SET enable_bitmapscan = off;
};

# Runs statements with this maintenance_work_mem; returns the output and the sizes of the temporary files
sub run_with
{
	my ($memory, $sql, %options) = @_;
	my $offset = -s $node->logfile;
	my ($status, $stdout, $stderr) =
	  $node->psql('postgres', "$settings SET maintenance_work_mem = '$memory'; $sql", %options);
	my $log = slurp_file($node->logfile, $offset);
	my @files = $log =~ /temporary file: path "[^"]*", size (\d+)/g;

	unlike($log, qr/WARNING|temporary file leak|PANIC|terminated by signal/, "no complaint with $memory");
	return ($stdout, $stderr, @files);
}

sub no_file_is_left
{
	my $name = shift;

	is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_ls_tmpdir()'), 0, "$name: no file is left");
	return;
}

# the same bytes, from memory and from a file of the size of what did not fit
foreach my $case (
	[ 'fcm, float8, 7 features', q{fcm_fit(x, 4, '{"max_iterations": 5}') FROM rows}, 120000 * 7 * 8 ],
	[ 'fcm, real, 7 features', q{fcm_fit(x::real[], 4, '{"max_iterations": 5}') FROM rows}, 120000 * 7 * 4 ],
	[ 'kmeans, float8, 2 features', q{kmeans_fit(x[2:3], 5, '{"restarts": 3, "max_iterations": 4}') FROM rows}, 120000 * 2 * 8 ],
	[ 'kmeans, real, 3 features', q{kmeans_fit(x[1:3]::real[], 5, '{"max_iterations": 9}') FROM rows}, 120000 * 3 * 4 ],
	[ 'fcm, 1 feature, twice the rows', q{fcm_fit(ARRAY[x[2]], 3, '{"max_iterations": 3}') FROM rows, generate_series(1, 2)}, 240000 * 8 ],
	[ 'fcm, scaled', q{fcm_fit(x, 3, '{"scale": "zscore", "max_iterations": 4, "fuzzifier": 1.7}') FROM rows}, 120000 * 7 * 8 ],
	[ 'kmeans, scaled, random centers', q{kmeans_fit(x::real[], 6, '{"scale": "minmax", "init": "random", "seed": 3}') FROM rows}, 120000 * 7 * 4 ],
	[ 'kmeans, 502 features', q{kmeans_fit(x, 20, '{"init": "sample"}') FROM wide}, 1200 * 502 * 8 ],
	[ 'fcm, weights', q{fcm_fit(x, 4, '{"max_iterations": 5}', i % 4) FROM rows}, 90000 * (7 * 8 + 8) ],
	[ 'kmeans, real, weights', q{kmeans_fit(x[1:3]::real[], 5, '{"max_iterations": 9}', i % 7 / 3.0) FROM rows}, 102858 * (3 * 4 + 8) ],
	[ 'fcm, skipped rows', q{fcm_fit(x[1:6] || CASE WHEN i % 10 > 0 THEN x[7] END, 3, '{"missing": "skip", "max_iterations": 3}') FROM rows},
		108000 * 7 * 8 ])
{
	my ($name, $sql, $bytes) = @$case;
	my $facts = "SELECT md5(model), cluster_info(model) -> 'rows' FROM (SELECT $sql) m(model)";
	my ($large, undef, @none) = run_with('1GB', $facts);
	my ($small, undef, @files) = run_with('1MB', $facts);

	like($large, qr/^[0-9a-f]{32}\|\d+$/, "$name: a model");
	is($small, $large, "$name: the same bytes from a file");
	is(scalar @none, 0, "$name: no file with enough memory");
	is(scalar @files, 1, "$name: one file without");
	cmp_ok(abs(($files[0] // 0) - $bytes), '<', 2 * 1024 * 1024, "$name: it holds what memory does not")
	  or diag("@files bytes of $bytes");
}
no_file_is_left('all of them');

# the other per-row data of a network: codes, clusters, targets, the order, neighbours of the graph
# and of k-means
foreach my $case (
	[ 'dec', '17MB', q{dec_fit(x[2:3]::real[], 8, '{"hidden": [6], "latent": 2, "pretrain_epochs": 1, "epochs": 1, "batch_size": 2000}') FROM rows} ],
	[ 'dec from the graph', '9MB', q{dec_fit(x[2:3]::real[], 8, '{"start": "graph", "hidden": [6], "latent": 2, "pretrain_epochs": 1, "epochs": 1, "batch_size": 2000}') FROM rows} ],
	[ 'k-means on codes', '16MB', q{autoencoder_fit(x[2:3]::real[], 4, '{"hidden": [6], "latent": 2, "pretrain_epochs": 1, "batch_size": 2000}') FROM rows, generate_series(1, 3)} ])
{
	my ($name, $memory, $call) = @$case;
	my $facts = "SELECT md5(model), cluster_info(model) -> 'training_memory' FROM (SELECT $call) m(model)";
	my ($large, undef, @none) = run_with('1GB', $facts);
	my ($small, undef, @files) = run_with($memory, $facts);

	like($large, qr/^[0-9a-f]{32}\|\d+$/, "$name: a model");
	is($small, $large, "$name: the same bytes from files");
	is(scalar @none, 0, "$name: no file with enough memory");
	cmp_ok(scalar @files, '>=', 1, "$name: files without") or diag("@files");
}
no_file_is_left('networks');

# groups, one after the other: their files do not pile up, so a limit of one and a half is enough
my $groups = q{SELECT g, md5(fcm_fit(x, 3, '{"max_iterations": 3}')) FROM groups GROUP BY g ORDER BY g};
my $sorted = 'SET enable_hashagg = off; SET enable_seqscan = off;';
my ($plan) = run_with('1MB', "$sorted EXPLAIN (COSTS off) $groups");
my ($in_memory) = run_with('1GB', "$sorted $groups");
my ($from_files, $error, @files) = run_with('1MB', "$sorted SET temp_file_limit = 2400; $groups");

like($plan, qr/GroupAggregate/, 'groups come sorted');
is($from_files, $in_memory, 'groups from files one after the other: the same bytes') or diag($error);
is(scalar @files, 6, 'a file for each group');
no_file_is_left('groups');

# all at once, for a hashed aggregate: as many files at a time, still the same bytes
my ($hashed, undef, @hashed_files) = run_with('1MB', "SET enable_indexscan = off; SET enable_indexonlyscan = off; $groups");
is($hashed, $in_memory, 'groups from files at a time: the same bytes');
is(scalar @hashed_files, 6, 'a file for each of them');
no_file_is_left('hashed groups');

# partitions of a window, likewise
my $window = q{SELECT DISTINCT g, md5(m) FROM (SELECT g, fcm_fit(x, 3, '{"max_iterations": 3}') OVER (PARTITION BY g ORDER BY i
	ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS m FROM groups) w ORDER BY 1};
my ($partitions, $window_error, @window_files) = run_with('1MB', "$sorted SET temp_file_limit = 2400; $window");
is($partitions, $in_memory, 'partitions of a window: the same bytes') or diag($window_error);
is(scalar @window_files, 6, 'a file for each partition');
no_file_is_left('a window');

# the limit is met: a clean error
foreach my $case (
	[ 'an aggregate', q{SELECT fcm_fit(x, 3) FROM rows} ],
	[ 'groups', "$sorted SELECT fcm_fit(x, 3, '{\"max_iterations\": 3}') FROM groups GROUP BY g" ],
	[ 'a window', "$sorted SELECT fcm_fit(x, 3) OVER (PARTITION BY g) FROM groups" ])
{
	my ($name, $sql) = @$case;
	my (undef, $stderr) = run_with('1MB', "SET temp_file_limit = 500; $sql");

	like($stderr, qr/temporary file size exceeds "?temp_file_limit"? \(500kB\)/, "$name: the limit is heeded");
	no_file_is_left($name);
}

# errors after the file was begun: in a late row, in the training
foreach my $case (
	[ 'a late row', q{SELECT fcm_fit(CASE WHEN i < 110000 THEN x ELSE x || x END, 3) FROM rows}, qr/different lengths: 7 and 14/ ],
	[ 'a late NaN', q{SELECT fcm_fit(CASE WHEN i < 110000 THEN x ELSE x[1:6] || ARRAY['NaN'::float8] END, 3) FROM rows}, qr/feature 7 is NaN/ ],
	[ 'the training', q{SELECT fcm_fit(ARRAY[i % 3, 0.5, 0.25], 4) FROM rows}, qr/cannot find 4 clusters in 3 distinct rows/ ],
	[ 'a training in a window', q{SELECT fcm_fit(ARRAY[i % 3, 0.5, 0.25], 4) OVER () FROM rows}, qr/cannot find 4 clusters in 3 distinct rows/ ])
{
	my ($name, $sql, $pattern) = @$case;
	my (undef, $stderr) = run_with('1MB', $sql);

	like($stderr, $pattern, "an error in $name");
	no_file_is_left("an error in $name");
}

# left before its end: LIMIT, cursors that are closed, committed, rolled back, also to a savepoint, and an error that is caught
my $some = q{SELECT g, md5(fcm_fit(x, 3, '{"max_iterations": 3}') OVER (PARTITION BY g)) FROM groups};
my ($first) = split /\n/, $in_memory;
foreach my $case (
	[ 'LIMIT', "$some LIMIT 1" ],
	[ 'a closed cursor', "BEGIN; DECLARE c CURSOR FOR $some; FETCH c; CLOSE c; COMMIT" ],
	[ 'a committed cursor', "BEGIN; DECLARE c CURSOR FOR $some; FETCH c; COMMIT" ],
	[ 'a cursor rolled back', "BEGIN; DECLARE c CURSOR FOR $some; FETCH c; ROLLBACK" ],
	[ 'a cursor rolled back to a savepoint', "BEGIN; SAVEPOINT s; DECLARE c CURSOR FOR $some; FETCH c; ROLLBACK TO s; COMMIT" ],
	[ 'a cursor of a savepoint released', "BEGIN; SAVEPOINT s; DECLARE c CURSOR FOR $some; FETCH c; RELEASE s; CLOSE c; COMMIT" ],
	[ 'a cursor WITH HOLD', "BEGIN; DECLARE c CURSOR WITH HOLD FOR SELECT * FROM ($some LIMIT 3) h; COMMIT; FETCH c; CLOSE c" ],
	[ 'a failed transaction', "BEGIN; DECLARE c CURSOR FOR $some; FETCH c; \\set ON_ERROR_STOP 0\nSELECT 1 / 0; ROLLBACK" ],
	[ 'a caught error', "DO \$\$ BEGIN PERFORM fcm_fit(ARRAY[1 / (110000 - i), i, 0, 0], 3) OVER () FROM rows; EXCEPTION WHEN division_by_zero THEN END \$\$; $some LIMIT 1" ],
	[ 'a loop that ends early', "DO \$\$ DECLARE r record; BEGIN FOR r IN $some LOOP EXIT; END LOOP; END \$\$; $some LIMIT 1" ])
{
	my ($name, $sql) = @$case;
	my ($output) = run_with('1MB', "$sorted $sql;\nSELECT 'goes on', count(*) FROM pg_ls_tmpdir()");

	is($output, "$first\ngoes on|0", "left before its end: $name");
}

$node->stop;
done_testing();
