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

my $node = start_node('team', 'jit = off', 'max_worker_processes = 12', 'max_parallel_workers = 10');

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

foreach my $algorithm (qw(kmeans fcm mec tsallis gk gg))
{
	same_model("$algorithm in double precision", "SELECT md5(${algorithm}_fit(x, 4 ORDER BY i)) FROM rows");
	same_model("$algorithm in single precision", "SELECT md5(${algorithm}_fit(x::real[], 3 ORDER BY i)) FROM rows");
}
same_model('logical', q{SELECT md5(logical_fit(x, NULL, '{"grid_precision": 0.2}' ORDER BY i)) FROM rows});
same_model('an option that is a list', q{SELECT md5(gk_fit(x, 3, '{"volumes": [1, 2, 1]}' ORDER BY i)) FROM rows});
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
$node->stop;
done_testing();
