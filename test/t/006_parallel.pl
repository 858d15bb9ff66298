# Parallel plans give what serial ones give.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('parallel', 'jit = off', 'max_worker_processes = 8', 'max_parallel_workers = 8');

$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE rows AS
		SELECT i, i % 4 AS g, ARRAY[sin(i) + 5 * (i % 3), cos(i * i), i % 7 / 3.0]::float8[] AS x FROM generate_series(1, 30000) i;
	CREATE TABLE holes AS SELECT i, CASE WHEN i % 5 > 0 THEN x[1:2] || CASE WHEN i % 7 > 0 THEN x[3] END END AS x FROM rows;
	CREATE TABLE halves (i int, x float8[]) PARTITION BY RANGE (i);
	CREATE TABLE low PARTITION OF halves FOR VALUES FROM (1) TO (15001) WITH (parallel_workers = 0);
	CREATE TABLE high PARTITION OF halves FOR VALUES FROM (15001) TO (30001) WITH (parallel_workers = 0);
	INSERT INTO halves SELECT i, x FROM rows;
	CREATE TABLE models AS
		SELECT 1 AS id, 0 AS g, fcm_fit(x, 3) AS model FROM rows
		UNION ALL SELECT 2, 1, kmeans_fit(x, 5) FROM rows
		UNION ALL SELECT 3, 2, fcm_fit(x::real[], 4, '{"scale": "zscore"}') FROM rows
		UNION ALL SELECT 4, 3, fcm_fit(x, 2, '{"missing": "skip"}') FROM holes;
	ANALYZE;
});

# workers whatever it costs, and the leader stays out of it
my $serial = q{SET max_parallel_workers_per_gather = 0; SET client_min_messages = error;};
my $parallel = q{
	SET max_parallel_workers_per_gather = 3;
	SET parallel_setup_cost = 0;
	SET parallel_tuple_cost = 0;
	SET min_parallel_table_scan_size = 0;
	SET parallel_leader_participation = off;
	SET client_min_messages = error;
};

# models by their ids, as a query that workers share
sub model { return "(SELECT model FROM models WHERE id = $_[0])"; }

# The plan for workers has the expected node below Gather; the results are equal.  Expressions
# computed in another node are in parentheses in the outputs of those above.
sub same_in_parallel
{
	my ($name, $sql, $below) = @_;
	my $plan = $node->safe_psql('postgres', "$parallel EXPLAIN (VERBOSE, COSTS off) $sql");
	my $expected = $node->safe_psql('postgres', "$serial $sql");

	$plan =~ s/\\x[0-9a-f]{64,}/.../g;
	like($plan, qr/Gather.*$below/s, "$name: done by workers");
	unlike($node->safe_psql('postgres', "$serial EXPLAIN $sql"), qr/Gather/, "$name: a serial plan");
	isnt($expected, '', "$name: a result");
	is($node->safe_psql('postgres', "$parallel $sql"), $expected, "$name: the same result");
	return;
}

# workers do start here
like(
	$node->safe_psql('postgres', "$parallel EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT count(*) FROM rows"),
	qr/Workers Launched: [1-3]/,
	'there are workers');

my ($first, $second, $third, $fourth) = map { model($_) } 1 .. 4;

same_in_parallel('cluster_id',
	"SELECT cluster_id($first, x), count(*) FROM rows GROUP BY 1 ORDER BY 1", qr/Output: (?:[^\n]*, )?cluster_id\(/);
same_in_parallel('cluster_id by a constant', 'SELECT cluster_id('
	  . $node->safe_psql('postgres', 'SELECT quote_literal(model) FROM models WHERE id = 2')
	  . '::bytea, x), sum(i) FROM rows GROUP BY 1 ORDER BY 1', qr/Output: (?:[^\n]*, )?cluster_id\(/);
same_in_parallel('memberships',
	"SELECT i, cluster_membership($third, x), cluster_distance($third, x), cluster_outlier_score($third, x)
		FROM rows WHERE i % 10 = 0 ORDER BY i", qr/Output: [^\n]*, cluster_membership\(/);
same_in_parallel('a filter',
	"SELECT i FROM rows WHERE cluster_outlier_score($first, x) > 1.2 ORDER BY i", qr/Filter: [^\n]*cluster_outlier_score/);
same_in_parallel('sets',
	"SELECT i, s.* FROM rows, LATERAL cluster_set($third, x, 2, 0.1) s WHERE i % 10 = 0 ORDER BY i, cluster",
	qr/Function Call: [^\n]*cluster_set/);
same_in_parallel('a model for each group',
	'SELECT g, cluster_id(model, x), count(*) FROM rows JOIN models USING (g) WHERE g < 3 GROUP BY 1, 2 ORDER BY 1, 2',
	qr/Output: (?:[^\n]*, )?cluster_id\(/);
same_in_parallel('vectors of other types',
	"SELECT cluster_id($second, ROW(x[1], x[2], x[3])), cluster_id($second, x::real[]), count(*) FROM rows GROUP BY 1, 2 ORDER BY 1, 2",
	qr/Output: (?:[^\n]*, )?cluster_id\(/);
same_in_parallel('missing features',
	"SELECT cluster_id($fourth, x), count(*) FROM holes GROUP BY 1 ORDER BY 1", qr/Output: (?:[^\n]*, )?cluster_id\(/);
same_in_parallel('inspection',
	"SELECT count(cluster_info($second)) FROM rows WHERE i % 100 = 0", qr/Partial Aggregate\s+Output: [^\n]*cluster_info/);
same_in_parallel('agreement',
	"SELECT cluster_accuracy(i % 3, c), cluster_nmi(i % 3, c), cluster_ari(i % 3, c)
		FROM (SELECT i, cluster_id($first, x) AS c FROM rows OFFSET 0) r", qr/Output: [^\n]*, cluster_id\(/);

# training gathers the rows: in their order the model is the same, else its centers are
same_in_parallel('a training, rows in order',
	q{SELECT md5(fcm_fit(x, 3, '{"max_iterations": 4}' ORDER BY i)), md5(kmeans_fit(x::real[], 3 ORDER BY i)) FROM rows},
	qr/Parallel Seq Scan on [^\n]*rows/);
same_in_parallel('a training, rows as they come',
	q{SELECT round(c::numeric, 6) FROM (SELECT fcm_fit(x, 3) AS model FROM rows) m, cluster_centers(model), unnest(center) c ORDER BY 1},
	qr/Parallel Seq Scan on [^\n]*rows/);
same_in_parallel('trainings of groups',
	q{SELECT g, cluster_info(model) -> 'rows', round((cluster_info(model) -> 'objective')::numeric, 6) FROM (SELECT g, fcm_fit(x, 2) AS model FROM rows GROUP BY g) m ORDER BY g},
	qr/Parallel Seq Scan on [^\n]*rows/);

# cluster_validity is summed up in the workers, which does not show in any digit
sub same_validity
{
	my ($name, $sql) = @_;
	my $plan = $node->safe_psql('postgres', "$parallel EXPLAIN (COSTS off) $sql");

	like($plan, qr/Finalize .*Gather.*Partial .*Parallel Seq Scan/s, "$name: summed up by workers");
	is( $node->safe_psql(
			'postgres', qq{
			$serial
			CREATE TABLE alone AS SELECT row_number() OVER (ORDER BY r.*) AS n, r.* FROM ($sql) r;
			$parallel
			CREATE TABLE shared AS $sql;
			SELECT count(*) = 10 * (SELECT count(*) FROM alone), bool_and(a.value = b.value)
			FROM alone JOIN shared USING (g), LATERAL jsonb_each(alone.v) a JOIN LATERAL jsonb_each(shared.v) b USING (key);
			DROP TABLE alone, shared;
		}),
		't|t',
		"$name: the same");
	return;
}

same_validity('fcm', "SELECT 1 AS g, cluster_validity($first, x) AS v FROM rows");
same_validity('kmeans', "SELECT 1 AS g, cluster_validity($second, x) AS v FROM rows");
same_validity('scaled', "SELECT 1 AS g, cluster_validity($third, x) AS v FROM rows");
same_validity('nulls and missing features', "SELECT 1 AS g, cluster_validity($fourth, x) AS v FROM holes");
same_validity('groups', 'SELECT g, cluster_validity(model, x) AS v FROM rows JOIN models USING (g) WHERE g < 3 GROUP BY g');
same_validity('one row for many workers', "SELECT 1 AS g, cluster_validity($first, x) AS v FROM rows WHERE i % 100 < 100 AND i = 29999 + i % 1");
is($node->safe_psql('postgres', "$parallel SELECT cluster_validity($first, x) IS NULL FROM rows WHERE i < 0"), 't', 'no rows for any worker');

# errors in workers
fails($node, 'postgres', "$parallel SELECT sum(cluster_id(substr($first, 2), x)) FROM rows", qr/invalid cluster model.*parallel worker/s,
	'a broken model in a worker');
fails($node, 'postgres', "$parallel SELECT sum(cluster_id($first, x || 1::float8)) FROM rows",
	qr/model expects 3 features, not 4.*parallel worker/s, 'a wrong length in a worker');
fails($node, 'postgres', "$parallel SELECT cluster_validity(CASE WHEN i % 2 = 0 THEN $first ELSE $second END, x) FROM rows",
	qr/needs the same model.*parallel worker/s, 'two models in a worker');
my $halves = "SELECT cluster_validity(CASE WHEN i <= 15000 THEN $first ELSE $second END, x) FROM halves";
like($node->safe_psql('postgres', "$parallel EXPLAIN (COSTS off) $halves"),
	qr/Finalize .*Gather.*Partial .*Parallel Append\s+->  Seq Scan/s, 'a worker for each partition');
fails($node, 'postgres', "$parallel $halves", qr/needs the same model/, 'another model in another worker');
fails($node, 'postgres', "$parallel SET statement_timeout = 300; SELECT count(*) FROM rows
	WHERE (SELECT count(*) FROM generate_series(1, i) n WHERE cluster_id($first, ARRAY[n, x[2], x[3]]) > 1) > 0",
	qr/canceling statement due to statement timeout/, 'a timeout in workers');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker'}), 0, 'no worker is left');
unlike(slurp_file($node->logfile), qr/PANIC|terminated by signal|leak/, 'the log is clean');

$node->stop;
done_testing();
