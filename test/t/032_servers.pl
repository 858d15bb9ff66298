# Rows of three servers, reached by postgres_fdw: the passes run where the rows are, and the model is that of one server.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Servers;
use Test::More;

my @settings = ('jit = off', 'fsync = off', 'max_prepared_transactions = 0');
my $hub = start_node('hub', @settings);
my %remote = map { $_ => start_node($_, @settings) } qw(east west south);
my @names = qw(east west south);

# every third row on each; "every" has all of them, in another order
my %share = (east => 0, west => 1, south => 2);

foreach my $name (@names)
{
	$remote{$name}->safe_psql(
		'postgres', qq{
		CREATE EXTENSION fuzzyclust;
		CREATE TABLE points AS SELECT * FROM (} . rows_query('generate_series(1, 30000)', 'float8') . qq{) r WHERE i % 3 = $share{$name};
		CREATE VIEW singles AS SELECT i, x::real[] AS x FROM points;
		CREATE VIEW columns AS SELECT i, x[1] AS a, x[2] AS b, (x[3] * 3)::int AS c FROM points;
		ANALYZE});
}

$hub->safe_psql(
	'postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE EXTENSION postgres_fdw;
	CREATE TABLE every AS SELECT * FROM (} . rows_query('generate_series(1, 30000)', 'float8') . q{) r ORDER BY i * 7919 % 30011;
	CREATE TABLE models (name text, model bytea)});

foreach my $name (@names)
{
	my ($host, $port) = ($remote{$name}->host, $remote{$name}->port);

	$hub->safe_psql(
		'postgres', qq{
		CREATE SERVER $name FOREIGN DATA WRAPPER postgres_fdw
			OPTIONS (host '$host', port '$port', dbname 'postgres', extensions 'fuzzyclust', async_capable 'true');
		CREATE USER MAPPING FOR CURRENT_USER SERVER $name;
		CREATE FOREIGN TABLE $name (i bigint, x float8[]) SERVER $name OPTIONS (table_name 'points');
		CREATE FOREIGN TABLE ${name}_singles (i bigint, x real[]) SERVER $name OPTIONS (table_name 'singles');
		CREATE FOREIGN TABLE ${name}_columns (i bigint, a float8, b float8, c int) SERVER $name OPTIONS (table_name 'columns')});
}

# A statement that merges what an aggregate gives of each server
sub merged
{
	my ($aggregate, $suffix) = @_;

	return 'SELECT cluster_merge(s) FROM (' . join(' UNION ALL ', map { "SELECT $aggregate AS s FROM $_" . ($suffix // '') } @names) . ') q';
}

sub on_hub
{
	return $hub->safe_psql('postgres', shift);
}

sub plan_of
{
	return $hub->safe_psql('postgres', 'EXPLAIN (VERBOSE, COSTS off) ' . shift);
}

# ---- aggregates run on the servers

my $model = on_hub(q{SELECT cluster_step_model(fcm_fit(x, 5, '{"max_iterations": 3}')) FROM every});

foreach my $case (
	[ 'cluster_sample', 'cluster_sample(x, 100, 1)', '' ],
	[ 'cluster_sample_double', 'cluster_sample_double(x, 100, 1)', '' ],
	[ 'cluster_sample_real', 'cluster_sample_real(x, 100, 1)', '_singles', 'x::real[]' ],
	[ 'a sample of columns', 'cluster_sample_double(ARRAY[a, b, c], 100, 1)', '_columns', 'x[1], x[2], (x[3] * 3)::int' ],
	[ 'cluster_step', "cluster_step('$model', x)", '' ],
	[ 'cluster_step with weights', "cluster_step('$model', x, 0.5::float8)", '' ],
	[ 'cluster_step_double', "cluster_step_double('$model', x)", '' ],
	[ 'cluster_step_real', "cluster_step_real('$model', x)", '_singles', 'x::real[]' ])
{
	my ($name, $aggregate, $suffix, $columns) = @$case;
	my $plan = plan_of(merged($aggregate, $suffix));
	my ($function) = $aggregate =~ /^(\w+)/;
	my $here = $columns && $suffix eq '_columns' ? "(SELECT x[1] AS a, x[2] AS b, (x[3] * 3)::int AS c FROM every) e"
		: '(SELECT ' . ($columns // 'x') . ' AS x FROM every) e';

	is(() = $plan =~ /Async Foreign Scan/g, 3, "$name: three asynchronous scans");
	is(() = $plan =~ /Remote SQL: SELECT public\.$function\(/g, 3, "$name: aggregated on the servers");
	my $together = on_hub('SELECT md5((' . merged($aggregate, $suffix) . '))');
	like($together, qr/^[0-9a-f]{32}$/, "$name: a result");
	is($together, on_hub("SELECT md5($aggregate) FROM $here"), "$name: the bytes of one server");
}

# rows travel if one query has the rows of several servers
unlike(plan_of("SELECT cluster_step('$model', x) FROM (SELECT x FROM east UNION ALL SELECT x FROM west) q"),
	qr/Remote SQL: SELECT public\.cluster_step/, 'rows of a union are gathered');

# ---- what travels does not depend on the number of rows

$_->safe_psql('postgres', 'CREATE VIEW few AS SELECT i, x FROM points LIMIT 100') foreach values %remote;
on_hub(join ';', map { "CREATE FOREIGN TABLE ${_}_few (i bigint, x float8[]) SERVER $_ OPTIONS (table_name 'few')" } @names);
is(on_hub("SELECT octet_length((" . merged("cluster_step('$model', x)") . ')) = octet_length((' . merged("cluster_step('$model', x)", '_few') . '))'),
	't', 'statistics of 100 rows and of 10,000 have the same size');
my @counts = $hub->safe_psql('postgres', 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) ' . merged("cluster_step('$model', x)"))
	=~ /Foreign Scan[^\n]*rows=([\d.]+)/g;
is(join(' ', map { int } @counts), '1 1 1', 'one value comes from each server');

$_->stop foreach $hub, values %remote;
done_testing();
