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
create_gate(values %remote);
$_->safe_psql('postgres', 'CREATE VIEW slow AS SELECT gated(i, x) AS x FROM points') foreach values %remote;

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
		CREATE FOREIGN TABLE ${name}_columns (i bigint, a float8, b float8, c int) SERVER $name OPTIONS (table_name 'columns');
		CREATE FOREIGN TABLE ${name}_slow (x float8[]) SERVER $name OPTIONS (table_name 'slow')});
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

# scores are computed there, too, by a model of the hub
on_hub("INSERT INTO models SELECT 'fcm', fcm_fit(x, 3) FROM every");
{
	my $scores = q{SELECT cluster_id((SELECT model FROM models), x), count(*) FROM %s GROUP BY 1 ORDER BY 1};

	like(plan_of(sprintf $scores, 'east'), qr/Remote SQL: SELECT public\.cluster_id\(\$1[^\n]*count\(\*\)/, 'scores are computed on the server');
	is(on_hub(sprintf $scores, 'east'), on_hub(sprintf $scores, '(SELECT * FROM every WHERE i % 3 = 0) e'), '... and are those of the hub');
}
on_hub('DELETE FROM models');

# ---- what travels does not depend on the number of rows

$_->safe_psql('postgres', 'CREATE VIEW few AS SELECT i, x FROM points LIMIT 100') foreach values %remote;
on_hub(join ';', map { "CREATE FOREIGN TABLE ${_}_few (i bigint, x float8[]) SERVER $_ OPTIONS (table_name 'few')" } @names);
is(on_hub("SELECT octet_length((" . merged("cluster_step('$model', x)") . ')) = octet_length((' . merged("cluster_step('$model', x)", '_few') . '))'),
	't', 'statistics of 100 rows and of 10,000 have the same size');
my @counts = $hub->safe_psql('postgres', 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) ' . merged("cluster_step('$model', x)"))
	=~ /Foreign Scan[^\n]*rows=([\d.]+)/g;
is(join(' ', map { int } @counts), '1 1 1', 'one value comes from each server');

# ---- trainings by passes

my %sources = (
	double => [ 'SELECT x FROM every', map { "SELECT x FROM $_" } @names ],
	single => [ 'SELECT x::real[] AS x FROM every', map { "SELECT x FROM ${_}_singles" } @names ],
	columns => [ 'SELECT x[1] AS a, x[2] AS b, (x[3] * 3)::int AS c FROM every', map { "SELECT a, b, c FROM ${_}_columns" } @names ]);

sub quoted
{
	return join ', ', map { "'$_'" } @_;
}

sub training
{
	my ($algorithm, $clusters, $options, @queries) = @_;

	return "${algorithm}_train(ARRAY[" . quoted(@queries) . "], $clusters, '{\"passes\": \"query\"$options}')";
}

foreach my $case (
	[ 'kmeans', 5, '', 'double' ],
	[ 'kmeans', 500, '', 'single' ],
	[ 'fcm', 5, '', 'double' ],
	[ 'fcm', 5, ', "fuzzifier": 1.7', 'single' ],
	[ 'fcm', 3, ', "scale": "zscore"', 'columns' ],
	[ 'mec', 5, '', 'double' ],
	[ 'gk', 3, '', 'single' ])
{
	my ($algorithm, $clusters, $options, $source) = @$case;
	my ($one, @three) = @{ $sources{$source} };
	my $name = "$algorithm with $clusters clusters$options, $source";
	my $alone = on_hub('SELECT md5(' . training($algorithm, $clusters, $options, $one) . ')');

	like($alone, qr/^[0-9a-f]{32}$/, "$name: a model");
	is(on_hub('SELECT md5(' . training($algorithm, $clusters, $options, @three) . ')'), $alone, "$name: the same model from three servers");
	is(on_hub('SELECT md5(' . training($algorithm, $clusters, $options, join(' UNION ALL ', @three)) . ')'),
		$alone, "$name: the same where rows are fetched");
}

# whoever gives a union is told
{
	my @three = @{ $sources{double} };
	my $fetched = qr/DEBUG: [^\n]*rows of the quer/;

	shift @three;
	my (undef, undef, $together) = $hub->psql('postgres', 'SET client_min_messages = debug1; SELECT length('
		  . training('fcm', 2, '', join(' UNION ALL ', @three)) . ')');
	my (undef, undef, $apart) = $hub->psql('postgres', 'SET client_min_messages = debug1; SELECT length('
		  . training('fcm', 2, '', @three) . ')');

	like($together, $fetched, 'a message says that rows are fetched');
	unlike($apart, $fetched, '... and not where they are aggregated on the servers');
}

# ---- in the midst of a training

my @slow = map { "SELECT x FROM ${_}_slow" } @names;
my $slow = 'SELECT md5(' . training('fcm', 5, '', @slow) . ')';
my $same = on_hub('SELECT md5(' . training('fcm', 5, '', 'SELECT x FROM every') . ')');

# rows of a server are those of one moment
is(trimmed_output(in_the_midst($hub, $slow, $remote{east}, sub {
		$remote{east}->safe_psql('postgres', 'INSERT INTO points SELECT i + 100000, x FROM points WHERE i < 1000; DELETE FROM points WHERE i > 100000')
	})),
	$same, 'rows that come meanwhile are not seen');

# a server that dies
{
	my $output = in_the_midst($hub, "INSERT INTO models SELECT 'slow', " . training('fcm', 5, '', @slow), $remote{east}, sub {
		$remote{east}->stop('immediate')
	});

	like($output, qr/^ERROR: .*(?:server closed the connection|terminating connection|connection to server)/m, 'a server that stops: an error');
	like($output, qr/^CONTEXT: .*remote SQL command/m, '... which says where');
	is(on_hub('SELECT count(*) FROM models'), '0', '... and nothing is stored');
	is(on_hub('SELECT count(*) FROM cluster_progress'), '0', '... nor remains of the training');
	fails($hub, 'postgres', $slow, qr/could not connect to server "east"/, 'a server that is down: an error with its name');
	$remote{east}->start;
	is(on_hub($slow), $same, 'once it is there again, the training succeeds');
}

# a training that is cancelled leaves nothing running on the servers
{
	my $output = in_the_midst($hub, $slow, $remote{east}, sub {
		on_hub(q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%fcm_train%' AND pid <> pg_backend_pid()});
		ok( $remote{east}->poll_query_until('postgres', q{SELECT count(*) = 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'}),
			'a cancelled training ends on the servers, too');
	});

	like($output, qr/ERROR:  canceling statement due to user request/, 'a training can be cancelled in a pass');
}

sub trimmed_output
{
	my $output = shift;

	$output =~ s/\s+\z//;
	return $output;
}

# ---- doc/scale.md

check_section('postgres_fdw', $hub, [ @remote{qw(east west)} ], east => $remote{east}, west => $remote{west});

$_->stop foreach $hub, values %remote;
done_testing();
