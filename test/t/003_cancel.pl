# A training ends soon after it is told to, and leaves nothing behind.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# promised are 100 ms; a busy machine may be late by much more, and is told apart by this
my $patience = 1000;
my $timeout = 200;

my $node = start_node('cancel', 'jit = off');

$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE many AS
		SELECT i % 2 AS g, ARRAY[sin(i), sin(2 * i), sin(3 * i), sin(5 * i), cos(i), cos(2 * i), cos(3 * i), cos(5 * i)]::real[] AS r
		FROM generate_series(1, 200000) i;
	CREATE TABLE few AS SELECT ARRAY[sin(i), cos(1.7 * i)] AS x FROM generate_series(1, 100000) i;
	CREATE TABLE wide AS SELECT array_fill(sin(i)::real, ARRAY[16000]) AS r FROM generate_series(1, 400) i;
	CREATE TABLE broad AS SELECT i, array_fill(sin(i)::real, ARRAY[2000]) || CASE WHEN i % 2 = 0 THEN i END AS x FROM generate_series(1, 2000) i;
	CREATE TABLE models AS
		SELECT 'wide' AS name, kmeans_fit(r, 2, kmeans_options(max_iterations => 1)) AS model FROM wide
		UNION ALL SELECT 'few', kmeans_fit(ARRAY[i, i % 7], 1000) FROM generate_series(1, 2000) i;
});

# the resources in use by a session; the same before and after
my $memory = q{SELECT sum(total_bytes)::bigint FROM pg_backend_memory_contexts};
my $check = q{
	SELECT md5(fcm_fit(x, 3, fcm_options(max_iterations => 3))) FROM (SELECT * FROM few LIMIT 100) f};
my $expected = $node->safe_psql('postgres', $check);

# Runs a statement under a timeout: three assertions
sub interrupted
{
	my ($name, $sql, @settings) = @_;
	my $set = join '', map { "SET $_;\n" } 'client_min_messages = error', @settings;
	my ($status, $stdout, $stderr) = $node->psql(
		'postgres', qq{
		$set
		$check;
		$memory \\gset before_
		SELECT clock_timestamp() AS start \\gset
		SET statement_timeout = $timeout;
		$sql;
		SET statement_timeout = 0;
		SELECT round(1000 * extract(epoch FROM clock_timestamp() - :'start')) AS elapsed \\gset
		$memory \\gset after_
		SELECT :elapsed, :after_sum - :before_sum;
		SELECT count(*) FROM pg_ls_tmpdir();
		$check;
	},
		on_error_stop => 0);
	my (undef, $measured, $files, $result) = split /\n/, $stdout;
	my ($elapsed, $grown) = split /\|/, $measured // '';

	like($stderr, qr/^[^\n]*canceling statement due to statement timeout[^\n]*(\nCONTEXT:[^\n]*)?$/, "$name: canceled")
	  or diag($stdout);
	cmp_ok($elapsed // 'inf', '<', $timeout + $patience, "$name: soon");
	diag(sprintf '%-50s %4d ms late', $name, $elapsed - $timeout);
	is_deeply([ $grown < 1024 * 1024, $files, $result ],
		[ 1, 0, $expected ], "$name: no memory and no file is left, and the session works")
	  or diag("grown by $grown bytes, $files files");
	return;
}

interrupted('fcm, iterations',
	q{SELECT fcm_fit(r, 20, fcm_options(tolerance => 0, max_iterations => 1000000)) FROM many});
interrupted('fcm, another fuzzifier',
	q{SELECT fcm_fit(r::float8[], 20, fcm_options(fuzzifier => 1.5, tolerance => 0, max_iterations => 1000000)) FROM many});
interrupted('kmeans, restarts',
	q{SELECT kmeans_fit(r, 20, kmeans_options(restarts => 10000)) FROM many});
interrupted('kmeans, many clusters', q{SELECT kmeans_fit(x, 5000) FROM few});
interrupted('fcm, many clusters', q{SELECT fcm_fit(x, 20000) FROM few});
interrupted('fcm, many clusters, random centers',
	q{SELECT fcm_fit(x, 2000, fcm_options(init => 'random', tolerance => 0, max_iterations => 1000000)) FROM few});
interrupted('fcm, 16000 features', q{SELECT fcm_fit(r, 200) FROM wide});
interrupted('kmeans, 16000 features, scaled',
	q{SELECT kmeans_fit(r::float8[], 200, kmeans_options(scale => 'zscore', restarts => 100)) FROM wide});
interrupted('fcm, spilled',
	q{SELECT fcm_fit(r, 20, fcm_options(tolerance => 0, max_iterations => 1000000)) FROM many},
	q{maintenance_work_mem = '1MB'});
interrupted('kmeans, spilled, scaled',
	q{SELECT kmeans_fit(r, 20, kmeans_options(scale => 'minmax', restarts => 10000)) FROM many},
	q{maintenance_work_mem = '1MB'});
interrupted('kmeans, a window',
	q{SELECT kmeans_fit(r, 20, kmeans_options(restarts => 10000)) OVER (PARTITION BY g) FROM many},
	q{maintenance_work_mem = '1MB'}, q{work_mem = '200MB'});
interrupted('kmeans, groups',
	q{SELECT kmeans_fit(r, 20, kmeans_options(restarts => 10000)) FROM many GROUP BY g},
	q{maintenance_work_mem = '1MB'});
interrupted('logical, a grid, the slowest distance',
	q{SELECT logical_fit(x, NULL, logical_options(grid_precision => 0.0157, generator => 'power', tolerance => 0, max_iterations => 1000000)) FROM few});
interrupted('cluster_select', q{\\set SHOW_CONTEXT never
	SELECT clusters FROM cluster_select('SELECT x FROM few', 2, 200)});
interrupted('cluster_advise', q{\\set SHOW_CONTEXT never
	SELECT rank FROM cluster_advise('SELECT x FROM few', 2, 100)});
interrupted('cluster_advise, wide rows', q{SELECT rank FROM cluster_advise('SELECT x FROM broad', 2, 3)});
interrupted('cluster_select, reading rows',
	q{\\set SHOW_CONTEXT never
	SELECT clusters FROM cluster_select('SELECT i, i FROM generate_series(1, 2000000000::bigint) i', 2, 3)}, q{temp_file_limit = -1},
	q{maintenance_work_mem = '64MB'});
interrupted('cluster_rules', q{SELECT count(*) FROM models, cluster_rules(model, 'SELECT i, i % 7 FROM generate_series(1, 100000) i') WHERE name = 'few'});
interrupted('cluster_rules, reading rows',
	q{SELECT count(*) FROM models, cluster_rules(model, 'SELECT i, i FROM generate_series(1, 2000000000::bigint) i') WHERE name = 'few'}, q{temp_file_limit = -1},
	q{maintenance_work_mem = '64MB'});
interrupted('cluster_rules, 16000 features', q{SELECT count(*) FROM models, cluster_rules(model, 'SELECT r FROM wide, generate_series(1, 100)') WHERE name = 'wide'});
interrupted('mec', q{SELECT mec_fit(r, 20, mec_options(tolerance => 0, max_iterations => 1000000)) FROM many});
interrupted('tsallis', q{SELECT tsallis_fit(r, 20, tsallis_options('q_inverse', outer_tolerance => 0, max_iterations => 1000000)) FROM many});
interrupted('gk, 500 features, singular', q{SELECT gk_fit(r[1:500], 3, gk_options(tolerance => 0)) FROM wide});
interrupted('gg', q{SELECT gg_fit(r, 20, gg_options(tolerance => 0, max_iterations => 1000000)) FROM many});
interrupted('spectral, all rows', q{SELECT spectral_fit(x, 20, spectral_options(exact_rows => 3000)) FROM (SELECT x FROM few LIMIT 3000) f},
	q{maintenance_work_mem = '256MB'});
interrupted('spectral, landmarks', q{SELECT spectral_fit(r, 20, spectral_options(landmarks => 2000)) FROM many});
interrupted('dfmec_train', q{SELECT dfmec_train('SELECT x FROM few', 2, '{"pretrain_epochs": 100000, "max_iterations": 100000}')});
interrupted('reading rows',
	q{SELECT fcm_fit(ARRAY[i, i], 2) FROM generate_series(1, 2000000000::bigint) i}, q{temp_file_limit = -1},
	q{maintenance_work_mem = '64MB'});
interrupted('scoring', q{SELECT sum(cluster_id(model, ARRAY[i, i])) FROM models, generate_series(1, 100000000) i WHERE name = 'few'});
interrupted('scoring 16000 features',
	q{SELECT sum(cluster_id(model, r)) FROM models, wide, generate_series(1, 100000) WHERE name = 'wide'});
interrupted('validity',
	q{SELECT cluster_validity(model, ARRAY[i, i]) FROM models, generate_series(1, 100000000) i WHERE name = 'few'});

interrupted('silhouettes',
	q{SELECT cluster_silhouette(model, x[1:2000]) FROM (SELECT kmeans_fit(x[1:2000], 2) AS model FROM broad WHERE i < 10) m, broad});
interrupted('silhouettes with gaps',
	q{SELECT cluster_silhouette(model, x) FROM (SELECT fcm_fit(x, 2, fcm_options(missing => 'partial')) AS model FROM broad WHERE i < 10) m, broad});
interrupted('agreement of many clusters',
	q{SELECT cluster_agreement(u, u) FROM (SELECT array_fill(0.001::float8, ARRAY[1000]) AS u) u, generate_series(1, 100000)});
interrupted('agreement of many clusters in groups',
	q{SELECT count(v) FROM (SELECT cluster_agreement(u, u) AS v
		FROM (SELECT array_fill(0.001::float8, ARRAY[1000]) AS u) u, generate_series(1, 1000) g GROUP BY g) a});

# caught in a function, the transaction continues
is( $node->safe_psql(
		'postgres', q{
		SET client_min_messages = error;
		SET maintenance_work_mem = '1MB';
		SET work_mem = '200MB';
		CREATE TEMP TABLE caught (n int);
		CREATE FUNCTION pg_temp.try(query text) RETURNS void LANGUAGE plpgsql AS $$
		BEGIN
			EXECUTE query;
		EXCEPTION WHEN query_canceled THEN
			INSERT INTO caught VALUES (1);
		END
		$$;
		BEGIN;
		SET LOCAL statement_timeout = 200;
		SELECT pg_temp.try('SELECT kmeans_fit(r, 20, kmeans_options(restarts => 10000)) FROM many GROUP BY g');
		SELECT pg_temp.try('SELECT kmeans_fit(r, 20, kmeans_options(restarts => 10000)) OVER (PARTITION BY g) FROM many');
		SET LOCAL statement_timeout = 0;
		SELECT count(*), (SELECT count(*) FROM pg_ls_tmpdir()) FROM caught;
		COMMIT;
	}),
	"\n\n2|0",
	'caught in a function: its files are gone, the transaction goes on');

# by another session
my ($out, $err) = ('', '');
my $session = IPC::Run::start(
	[
		'psql', '-X', '-A', '-t', '-d', $node->connstr('postgres'),
		'-c', q{SET application_name = 'victim'},
		'-c', q{SELECT fcm_fit(r, 20, fcm_options(tolerance => 0, max_iterations => 1000000)) FROM many},
		'-c', q{SELECT 'goes on'}
	],
	'<', \undef, '>', \$out, '2>', \$err,
	IPC::Run::timeout(180));

$node->poll_query_until('postgres',
	q{SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'victim' AND backend_type = 'client backend' AND state = 'active' AND query ~ 'fcm_fit'})
  or die 'the training does not begin';
$node->safe_psql('postgres',
	q{SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'});
$session->finish;
like($err, qr/canceling statement due to user request/, 'canceled by another session');
like($out, qr/goes on/, 'and the session goes on');

unlike(slurp_file($node->logfile), qr/temporary file leak|PANIC|terminated by signal/, 'the log is clean');

$node->stop;
done_testing();
