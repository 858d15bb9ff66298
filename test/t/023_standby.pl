# On a physical standby models are used, and trained as values; a registry cannot
# be written there, and the error says so.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
my $standby = PostgreSQL::Test::Cluster->new('standby');

initialize($primary, allows_streaming => 1);
$primary->start;
$primary->safe_psql(
	'postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE points AS SELECT i, 10 * (i % 4) + sin(i) AS x, cos(3 * i) AS y FROM generate_series(1, 400) i;
	SELECT cluster_create_registry();
	SELECT cluster_define('points', 'SELECT x, y FROM points ORDER BY i', 'fcm', 4);
	CALL cluster_retrain('points');
});
$primary->backup('first');
$standby->init_from_backup($primary, 'first', has_streaming => 1);
$standby->start;
$primary->safe_psql('postgres', q{CALL cluster_retrain('points')});
$primary->wait_for_catchup($standby, 'replay', $primary->lsn('insert'));

# both give the same
foreach my $query (
	[ 'the default version', q{SELECT md5(cluster_model('points')), max(version) FROM cluster_registry.models WHERE is_default} ],
	[ 'another one', q{SELECT md5(cluster_model('points', 1))} ],
	[ 'scores', q{SELECT md5(string_agg(cluster_id((SELECT cluster_model('points')), ARRAY[x, y])::text, '' ORDER BY i)) FROM points} ],
	[ 'memberships', q{SELECT md5(string_agg(cluster_membership((SELECT cluster_model('points')), ARRAY[x, y])::text, '' ORDER BY i)) FROM points} ],
	[ 'a training', q{SELECT md5(fcm_fit(ARRAY[x, y], 4 ORDER BY i)) FROM points} ],
	[ 'a training that spills', q{SET maintenance_work_mem = '1MB';
		SELECT md5(kmeans_fit(ARRAY[i % 3, sin(i)]::float8[], 3, '{"max_iterations": 2}')) FROM generate_series(1, 100000) i} ],
	[ 'a network', q{SELECT md5(autoencoder_train('SELECT x, y FROM points ORDER BY i', 4,
		'{"hidden": [4], "latent": 2, "pretrain_epochs": 2}'))} ],
	[ 'drift', q{SELECT cluster_drift(cluster_model('points', 1), cluster_model('points'), 'SELECT x, y FROM points ORDER BY i')} ])
{
	my ($name, $sql) = @$query;
	my $there = $standby->safe_psql('postgres', $sql);

	isnt($there, '', "$name: there is one");
	is($there, $primary->safe_psql('postgres', $sql), "$name: is the same on the standby");
}

# parallel workers share a training there, too
{
	my ($status, $stdout, $stderr) = $standby->psql(
		'postgres', q{
		SELECT set_config(name, 'on', false) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
		SET max_parallel_workers_per_gather = 0;
		SET client_min_messages = debug1;
		SELECT length(kmeans_fit(ARRAY[i % 3, sin(i)], 3)) > 0 FROM generate_series(1, 20000) i;
	});

	like($stderr, qr/parallel workers in this training: [1-9]/, 'a training with parallel workers on the standby');
	is($stdout, "on\nt", '... gives a model');
}

foreach my $write (
	q{CALL cluster_retrain('points')},
	q{SELECT cluster_define('more', 'SELECT x FROM points', 'kmeans', 2)},
	q{SELECT cluster_set_default('points', 1)},
	q{SELECT cluster_drop('points')})
{
	my ($function) = $write =~ /(cluster_\w+)/;

	fails($standby, 'postgres', $write, qr/cannot execute $function\(\) during recovery/, "$function is refused");
}
fails($standby, 'postgres', q{SELECT cluster_create_registry('other')},
	qr/cannot execute .* (?:read-only transaction|during recovery)/, 'cluster_create_registry is refused');

# after a failover it continues
$primary->stop;
$standby->promote;
is( $standby->safe_psql(
		'postgres', q{
		CALL cluster_retrain('points');
		SELECT number FROM cluster_registry.versions WHERE is_default}),
	3, 'after a failover the next version is trained there');

$standby->stop;
done_testing();
