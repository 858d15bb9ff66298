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

$_->stop foreach @workers, $coordinator;
done_testing();
