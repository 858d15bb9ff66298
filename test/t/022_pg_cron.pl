# pg_cron retrains a model, as doc/operations.md has it: new versions appear, and
# clusters keep their numbers.  It takes two minutes, for cron has nothing finer.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

chomp(my $library = (run_command([ 'pg_config', '--pkglibdir' ]))[0]);
plan skip_all => 'pg_cron is not installed for this PostgreSQL (Debian: postgresql-NN-cron)'
  unless -e "$library/pg_cron.so";

my $node = start_node(
	'cron',
	"shared_preload_libraries = 'pg_cron'",
	"cron.database_name = 'postgres'",
	'cron.use_background_workers = on');

$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION pg_cron;
	CREATE EXTENSION fuzzyclust;
	CREATE ROLE alice LOGIN;
	GRANT USAGE ON SCHEMA cron TO alice;
	GRANT CREATE ON DATABASE postgres TO alice;
	CREATE SCHEMA alice AUTHORIZATION alice;
});

sub as_alice
{
	return $node->safe_psql('postgres', shift, extra_params => [ '-U', 'alice' ]);
}

# rows in another order, moved a little, and another seed: a training by itself would number its
# clusters differently
sub move_rows
{
	my $seed = shift;

	as_alice(qq{
		UPDATE points SET id = (id * 5) % 397, x = x + 0.3, y = y - 0.2;
		UPDATE cluster_registry.recipes SET options = '{"seed": $seed}'});
	return;
}

sub wait_for_version
{
	my $number = shift;

	ok( $node->poll_query_until(
			'postgres', "SELECT count(*) = 1 FROM cluster_registry.versions WHERE is_default AND number >= $number"),
		"version $number appears");
	return;
}

as_alice(q{
	CREATE TABLE points AS
		SELECT i AS id, 10 * (i % 4) + sin(i) AS x, 8 * (i % 2) + cos(3 * i) AS y FROM generate_series(1, 396) i;
	SELECT cluster_create_registry();
	SELECT cluster_define('points', 'SELECT x, y FROM points ORDER BY id', 'fcm', 4);
	CALL cluster_retrain('points');
	CREATE TABLE sites AS SELECT * FROM cluster_centers((SELECT cluster_model('points')));
	SELECT cron.schedule('retrain points', '* * * * *', $$CALL cluster_retrain('points')$$);
});
move_rows(3);
wait_for_version(2);
move_rows(7);
wait_for_version(3);
as_alice(q{SELECT cron.unschedule('retrain points')});

is( as_alice(q{
		SELECT count(*), bool_and(abs(c.center[1] - s.center[1]) < 2 AND abs(c.center[2] - s.center[2]) < 2)
		FROM cluster_centers((SELECT cluster_model('points'))) AS c JOIN sites AS s USING (cluster)}),
	'4|t', 'clusters keep their numbers');
is( as_alice(q{
		SELECT count(*) > 0 FROM fcm_fit_of_now, cluster_centers(model) AS c JOIN sites AS s USING (cluster)
		WHERE abs(c.center[1] - s.center[1]) > 2}
		  =~ s/fcm_fit_of_now/(SELECT fcm_fit(ARRAY[x, y], 4, '{"seed": 7}' ORDER BY id) AS model FROM points) AS m/r),
	't', 'which the training alone would not have done');
is( as_alice(q{
		SELECT DISTINCT status FROM cluster_registry.runs;
		SELECT bool_and(username = 'alice') FROM cron.job_run_details WHERE status = 'succeeded'}),
	"done\nt", 'all runs are done, as the role that has scheduled them');

$node->stop;
done_testing();
