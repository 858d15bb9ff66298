# Rows in shards of Citus: the passes run on the nodes, and the model is that of one server.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Servers;
use Test::More;

chomp(my $library = (run_command([ 'pg_config', '--pkglibdir' ]))[0]);
plan skip_all => 'Citus is not installed for this PostgreSQL'
  unless -e "$library/citus.so";

# nodes reach each other through sockets in a directory
my @settings = ("shared_preload_libraries = 'citus'", 'citus.enable_statistics_collection = off', 'jit = off', 'fsync = off',
	'max_connections = 150', "citus.node_conninfo = 'sslmode=disable'");
my $coordinator = start_node('coordinator', @settings);
my @workers = map { start_node("worker$_", @settings) } 1, 2;

$_->safe_psql('postgres', 'CREATE EXTENSION citus; SET citus.enable_ddl_propagation = off; CREATE EXTENSION fuzzyclust')
  foreach $coordinator, @workers;

sub on_coordinator
{
	return $coordinator->safe_psql('postgres', shift);
}

sub place
{
	my $node = shift;

	return "'" . $node->host . "', " . $node->port;
}

on_coordinator('SELECT citus_set_coordinator_host(' . place($coordinator) . ')');
on_coordinator('SELECT citus_add_node(' . place($_) . ')') foreach @workers;
create_gate($coordinator, @workers);

# the rows in one table, and in tables of 4 and 32 shards
on_coordinator('CREATE TABLE every AS SELECT * FROM (' . rows_query('generate_series(1, 30000)', 'float8') . ') r ORDER BY i * 7919 % 30011');
foreach my $shards (4, 32)
{
	on_coordinator(qq{
		SET citus.shard_count = $shards;
		CREATE TABLE points$shards (i bigint, x float8[]);
		SELECT create_distributed_table('points$shards', 'i');
		INSERT INTO points$shards SELECT * FROM every;
		CREATE TABLE singles$shards (i bigint, x real[]);
		SELECT create_distributed_table('singles$shards', 'i');
		INSERT INTO singles$shards SELECT * FROM every;
		CREATE TABLE names$shards (i bigint, name text);
		SELECT create_distributed_table('names$shards', 'i');
		INSERT INTO names$shards SELECT i, i FROM every});
}
on_coordinator('CREATE TABLE models (name text, model bytea)');

# ---- aggregates run on the nodes

my $compact = on_coordinator(q{SELECT cluster_step_model(fcm_fit(x, 5, '{"max_iterations": 3}')) FROM every});
my $large = on_coordinator(q{SELECT cluster_step_model(kmeans_fit(x, 2000, '{"max_iterations": 2}')) FROM every});
my @cases = (
	[ 'cluster_sample_double', 'cluster_sample_double(x, 100, 1)', 'points' ],
	[ 'cluster_sample_real', 'cluster_sample_real(x, 100, 1)', 'singles', 'x::real[]' ],
	[ 'cluster_step_double', "cluster_step_double('$compact', x)", 'points' ],
	[ 'cluster_step_real', "cluster_step_real('$compact', x)", 'singles', 'x::real[]' ],
	[ 'a model sent once', "cluster_step_real(cluster_step_once('$compact'), x)", 'singles', 'x::real[]' ],
	[ 'a large model', "cluster_step_double('$large', x)", 'points' ],
	[ 'a large model sent once', "cluster_step_double(cluster_step_once('$large'), x)", 'points' ]);

foreach my $case (@cases)
{
	my ($name, $aggregate, $table, $features) = @$case;
	my $expected = on_coordinator("SELECT md5($aggregate) FROM (SELECT " . ($features // 'x') . ' AS x FROM every) e');

	like($expected, qr/^[0-9a-f]{32}$/, "$name: a result");
	foreach my $shards (4, 32)
	{
		my $plan = on_coordinator("EXPLAIN (VERBOSE, COSTS off) SELECT $aggregate FROM $table$shards");

		like($plan, qr/coord_combine_agg.*Task Count: $shards\n.*worker_partial_agg/s, "$name: aggregated in $shards shards");
		is(on_coordinator("SELECT md5($aggregate) FROM $table$shards"), $expected, "$name: the same bytes from $shards shards");
	}
}

# ... also in queries that have more to do
foreach my $query (
	'SELECT x FROM points4 WHERE i % 2 = 0',
	'SELECT x FROM points4 JOIN names4 USING (i) WHERE length(name) < 4',
	'SELECT p.x FROM (SELECT i, x FROM points4 ORDER BY x) p(i, x)',
	'SELECT ARRAY[sum(x[1]), max(x[2])] FROM points4 GROUP BY i',
	'SELECT x FROM points4 WHERE i = 5',
	'SELECT x FROM points4 ORDER BY i LIMIT 1000',
	'SELECT ARRAY[avg(i)::int::float8, count(*)] FROM points4 GROUP BY i % 100')
{
	my $every = $query =~ s/points4/every/r =~ s/names4/(SELECT i, i::text AS name FROM every) n/r;

	foreach my $aggregate ('cluster_sample_double(x, 10, 1)', "cluster_step_double(cluster_step_once('$compact'), x)")
	{
		next if $aggregate =~ /step/ && $query =~ /ARRAY/;
		is(on_coordinator("SELECT md5($aggregate) FROM ($query) q(x)"),
			on_coordinator("SELECT md5($aggregate) FROM ($every) q(x)"), "$query: the same bytes");
	}
}

# types that Citus cannot send
fails($coordinator, 'postgres', "SELECT cluster_step('$compact', x) FROM points4", qr/could not confirm type correctness/,
	'aggregates of any type are for one server');

# ---- trainings by passes

sub training
{
	my ($algorithm, $clusters, $options, $query) = @_;

	return "${algorithm}_train('$query', $clusters, '{\"passes\": \"query\"$options}')";
}

foreach my $case (
	[ 'kmeans', 5, '', 'points' ],
	[ 'kmeans', 500, '', 'singles' ],
	[ 'fcm', 5, '', 'singles' ],
	[ 'fcm', 5, ', "fuzzifier": 1.7, "scale": "zscore"', 'points' ],
	[ 'mec', 5, '', 'points' ],
	[ 'gk', 3, '', 'singles' ])
{
	my ($algorithm, $clusters, $options, $table) = @$case;
	my $name = "$algorithm with $clusters clusters$options of $table";
	my $type = $table eq 'singles' ? 'real' : 'float8';
	my $alone = on_coordinator('SELECT md5(' . training($algorithm, $clusters, $options, "SELECT x::${type}[] AS x FROM every") . ')');

	like($alone, qr/^[0-9a-f]{32}$/, "$name: a model");
	is(on_coordinator('SELECT md5(' . training($algorithm, $clusters, $options, "SELECT x FROM $table$_") . ')'), $alone, "$name: the same model from $_ shards")
	  foreach 4, 32;
}

# columns that are features
is( on_coordinator('SELECT md5(' . training('fcm', 3, '', 'SELECT x[1] AS a, x[2] AS b, i AS c FROM points4') . ')'),
	on_coordinator('SELECT md5(' . training('fcm', 3, '', 'SELECT x[1] AS a, x[2] AS b, i AS c FROM every') . ')'),
	'columns: the same model');

# ---- in the midst of a training

my $slow = training('fcm', 5, '', 'SELECT gated(i, x) AS x FROM points4');
my $same = on_coordinator('SELECT md5(' . training('fcm', 5, '', 'SELECT x FROM every') . ')');
my $shard = on_coordinator('SELECT get_shard_id_for_distribution_column(\'points4\', ' . GATED . ')');
my $port = on_coordinator("SELECT nodeport FROM citus_shards WHERE shardid = $shard");
my ($owner) = grep { $_->port == $port } @workers;

is(in_the_midst($coordinator, "SELECT md5($slow)", $owner, sub { }), "$same\n", 'a training that was stopped for a while');

# there is no snapshot of all nodes: rows that come and go are noticed
like(
	in_the_midst($coordinator, "SELECT length($slow)", $owner, sub {
		on_coordinator('INSERT INTO points4 SELECT i + 100000, x FROM points4 WHERE i < 1000')
	}),
	qr/NOTICE: .*rows/,
	'rows that come meanwhile: a notice');
on_coordinator('DELETE FROM points4 WHERE i > 100000');

# a node that dies
{
	my $output = in_the_midst($coordinator, "INSERT INTO models SELECT 'slow', $slow", $owner, sub { $owner->stop('immediate') });

	like($output, qr/^ERROR: .*(?:connection to the remote node|connection not open|server closed|terminating connection)/m, 'a node that stops: an error');
	is(on_coordinator('SELECT count(*) FROM models'), '0', '... and nothing is stored');
	is(on_coordinator('SELECT count(*) FROM cluster_progress'), '0', '... nor remains of the training');
	fails($coordinator, 'postgres', "SELECT length($slow)", qr/connection to the remote node .* failed/, 'a node that is down: an error with its name');
	$owner->start;
	is(on_coordinator("SELECT md5($slow)"), $same, 'once it is there again, the training succeeds');
}

# ---- doc/scale.md

check_section('Citus', $coordinator, [ $coordinator, @workers ],
	coordinator => $coordinator, worker1 => $workers[0], worker2 => $workers[1]);

$_->stop foreach @workers, $coordinator;
done_testing();
