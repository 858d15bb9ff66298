# Memory: of one group it is freed before the next, nothing grows with the number
# of rows that are scored or of trainings in a session, and rows beyond
# maintenance_work_mem are not kept.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

plan skip_all => 'needs /proc' unless -r "/proc/$$/status";

my $node = start_node('memory', 'jit = off', 'max_parallel_workers_per_gather = 0', 'shared_buffers = 16MB');

$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE models AS
		SELECT n, kmeans_fit(ARRAY[i % 7 + n, i], 20) AS model FROM generate_series(1, 6) n, generate_series(1, 200) i GROUP BY n;
	CREATE FUNCTION kilobytes(text) RETURNS int LANGUAGE sql VOLATILE AS $$
		SELECT substring(pg_read_file('/proc/self/status') FROM $1 || ':\s+(\d+)')::int
	$$;
});

my $settings = q{
	SET client_min_messages = error;
	SET work_mem = '64kB';		-- memory used by generate_series() does not count
	SELECT kilobytes('VmHWM');
};

# The peak of a new session that runs a statement, in kB
sub peak
{
	my $sql = shift;
	my @lines = split /\n/, $node->safe_psql('postgres', "$settings $sql; SELECT kilobytes('VmHWM')");

	return $lines[-1];
}

# One assertion: with many times the work the peak is about the same
sub bounded
{
	my ($name, $sql, $few, $many, $allowance) = @_;
	my ($small, $large) = map { (my $s = $sql) =~ s/\bN\b/$_/g; peak($s) } $few, $many;

	cmp_ok($large - $small, '<', $allowance, "$name: memory is bounded");
	diag(sprintf '%-40s %7d kB for %d, %7d kB for %d', $name, $small, $few, $large, $many);
	return;
}

# groups of 100 rows
my $groups = q{(SELECT g, kmeans_fit(ARRAY[i, i * g % 7], 2, '{"init": "sample"}') AS model
	FROM generate_series(1, N) g, generate_series(1, 100) i GROUP BY g) m};
bounded('sorted groups', "SET enable_hashagg = off; SELECT count(model) FROM $groups", 100, 1000, 1024);
bounded('hashed groups', "SET enable_sort = off; SET work_mem = '1MB'; SELECT count(model) FROM $groups", 100, 1000, 1024);
bounded('partitions of a window',
	q{SELECT count(m) FROM (SELECT fcm_fit(ARRAY[i, i * g % 7], 2, '{"max_iterations": 2}') OVER (PARTITION BY g) AS m
		FROM generate_series(1, N) g, generate_series(1, 100) i) w}, 100, 1000, 1024);
bounded('a window that grows',
	q{SELECT count(m) FROM (SELECT kmeans_fit(ARRAY[i], 1) OVER (ORDER BY i) AS m FROM generate_series(1, N) i) w}, 100, 1000, 1024);
bounded('larger groups, one after the other',
	q{SET enable_hashagg = off; SET work_mem = '1MB'; SET maintenance_work_mem = '20MB';
		SELECT count(model) FROM (SELECT g, fcm_fit(ARRAY[i, i * g % 7], 2, '{"max_iterations": 1}') AS model
			FROM generate_series(1, N) g, generate_series(1, 100000) i GROUP BY g) m}, 1, 5, 1024);

# rows: those beyond maintenance_work_mem go to a file; the sample has a fixed size
bounded('rows of a training',
	q{SET maintenance_work_mem = '4MB'; SELECT kmeans_fit(ARRAY[i % 3, i % 5, i % 7, i % 11]::real[], 3, '{"max_iterations": 2}')
		FROM generate_series(1, N) i}, 300000, 900000, 1024);
bounded('iterations',
	q{SELECT fcm_fit(ARRAY[sin(i), cos(i * i)], 3, '{"tolerance": 0, "max_iterations": N}') FROM generate_series(1, 300) i}, 1000, 5000, 1024);
bounded('restarts', q{SELECT kmeans_fit(ARRAY[sin(i), cos(i * i)], 3, '{"restarts": N}') FROM generate_series(1, 300) i}, 5, 300, 1024);

my ($spilled, $kept) = map {
	peak(qq{SET maintenance_work_mem = '$_'; SELECT fcm_fit(ARRAY[i % 3, i % 5, i % 7, i % 11], 3, '{"max_iterations": 2}')
		FROM generate_series(1, 500000) i})
} '1MB', '1GB';
cmp_ok($kept - $spilled, '>', 13000, 'maintenance_work_mem decides about 16 MB of rows');
diag("500000 rows of 4 features: $spilled kB with 1MB, $kept kB with 1GB");

# scoring
my $scored = 'FROM generate_series(1, N) i, models';
bounded('scoring by models in turn', "SELECT sum(cluster_id(model, ARRAY[i, 2])) $scored", 1000, 20000, 1024);
bounded('memberships', "SELECT sum((cluster_membership(model, ARRAY[i, 2]))[1]) $scored", 1000, 20000, 1024);
bounded('sets', "SELECT count(*) FROM generate_series(1, N) i, models, LATERAL cluster_set(model, ARRAY[i, 2])", 1000, 20000, 1024);
bounded('sets in the SELECT list', "SELECT count(*) FROM (SELECT cluster_set(model, ARRAY[i, 2]) $scored) s", 1000, 20000, 1024);
bounded('sets that are left early',
	"SELECT count(*) FROM generate_series(1, N) i, models, LATERAL (SELECT (cluster_set(model, ARRAY[i, 2])).cluster LIMIT 1) s", 1000, 20000, 1024);
bounded('numerics', "SELECT sum(cluster_id(model, ARRAY[i, 2.5])) $scored", 1000, 20000, 1024);
bounded('rows of one type', "SELECT sum(cluster_id(model, ROW(i, 2))) $scored", 1000, 20000, 1024);
bounded('facts of a model', "SELECT count(cluster_info(model)) $scored", 100, 20000, 1024);
bounded('validity', "SELECT cluster_validity(model, ARRAY[i, 2]) $scored WHERE n = 1", 1000, 50000, 1024);
bounded('silhouettes', "SELECT cluster_silhouette(model, ARRAY[i, 2]) $scored WHERE n = 1", 5000, 100000, 1024);
bounded('agreement', 'SELECT cluster_agreement(u, u) FROM (SELECT ARRAY[sin(i) ^ 2, 0.1] AS u FROM generate_series(1, N) i) r', 1000, 100000, 1024);
bounded('options', 'SELECT count(fcm_options(seed => i)) FROM generate_series(1, N) i', 100, 20000, 1024);

# the same again and again in one session
foreach my $case (
	[ 'trainings', q{fcm_fit(ARRAY[sin(i), cos(i), i % 3], 3) FROM generate_series(1, 500) i} ],
	[ 'trainings with options', q{kmeans_fit(ARRAY[sin(i), i % 3], 3, kmeans_options(scale => 'zscore', restarts => 2, init => 'random')) FROM generate_series(1, 500) i} ],
	[ 'trainings that spill', q{kmeans_fit(ARRAY[sin(i), i % 3], 3, '{"max_iterations": 1}') FROM generate_series(1, 70000) i} ],
	[ 'scoring', q{sum(cluster_id(model, ARRAY[i, 2])) FROM generate_series(1, 100) i, models} ])
{
	my ($name, $sql) = @$case;
	my ($early, $late) = split /\|/, (split /\n/, $node->safe_psql(
			'postgres', qq{
			$settings
			SET maintenance_work_mem = '1MB';
			DO \$\$ BEGIN FOR i IN 1 .. 20 LOOP EXECUTE 'SELECT $sql'; END LOOP; END \$\$;
			SELECT kilobytes('RssAnon') AS early \\gset
			DO \$\$ BEGIN FOR i IN 1 .. 200 LOOP EXECUTE 'SELECT $sql'; END LOOP; END \$\$;
			SELECT :early, kilobytes('RssAnon');
	} =~ s/'SELECT \Q$sql\E'/\$q\$SELECT $sql\$q\$/gr))[-1];

	cmp_ok($late - $early, '<', 1024, "200 times $name: nothing is left");
	diag("200 times $name: from $early to $late kB");
}

# errors leave nothing either
my ($before, $after) = split /\|/, (split /\n/, $node->safe_psql(
		'postgres', qq{
		$settings
		CREATE FUNCTION pg_temp.fail(int) RETURNS void LANGUAGE plpgsql AS \$\$
		BEGIN
			FOR i IN 1 .. \$1 LOOP
				BEGIN
					PERFORM fcm_fit(ARRAY[n % 3, 1], 4) FROM generate_series(1, 1000) n;
				EXCEPTION WHEN invalid_parameter_value THEN
				END;
				BEGIN
					PERFORM cluster_id(substr(model, i % 300), ARRAY[1, 2]) FROM models;
				EXCEPTION WHEN data_corrupted THEN
				END;
			END LOOP;
		END
		\$\$;
		SELECT pg_temp.fail(20);
		SELECT kilobytes('RssAnon') AS early \\gset
		SELECT pg_temp.fail(500);
		SELECT :early, kilobytes('RssAnon');
}))[-1];

cmp_ok($after - $before, '<', 1024, '1000 errors: nothing is left');

$node->stop;
done_testing();
