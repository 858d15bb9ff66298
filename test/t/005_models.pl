# Trained models are values: they survive dumps in every format, COPY, and another
# server, byte for byte, and score there as they did before.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('models', 'jit = off');
my $other = start_node('models_other', 'jit = off');
my $dir = PostgreSQL::Test::Utils::tempdir();

$node->safe_psql('postgres', "CREATE DATABASE $_") foreach qw(source plain custom directory copied);
$node->safe_psql(
	'source', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE rows AS SELECT i, ARRAY[sin(i) + i % 3, cos(i * i), i % 7 / 3.0]::float8[] AS x FROM generate_series(1, 500) i;
	CREATE TABLE models (algorithm text, options jsonb, k int, model bytea, PRIMARY KEY (algorithm, options, k));
	ALTER TABLE models ALTER model SET STORAGE external;
	SET client_min_messages = error;
	DO $$
	DECLARE
		a text;
		o jsonb;
	BEGIN
		FOR a, o IN SELECT DISTINCT algorithm, v FROM cluster_options(), unnest(ARRAY['{}', '{"scale": "zscore", "seed": 5}', '{"max_iterations": 2}']::jsonb[]) v
			WHERE NOT (v ? 'scale' AND algorithm = 'logical')	-- it scales the features itself
			ORDER BY 1, 2 LOOP
			EXECUTE format('INSERT INTO models SELECT %L, %L, k, %I(x, k, %L ORDER BY i) FROM rows, unnest(ARRAY[1, 3, 20]) k GROUP BY k', a, o, a || '_fit', o);
		END LOOP;
	END
	$$;
	INSERT INTO models SELECT 'kmeans', '{"wide": true}', 2, kmeans_fit(array_fill(i % 2 + 0.1, ARRAY[16000]), 2) FROM generate_series(1, 10) i;
});

# properties that must be the same everywhere: the bytes, their contents, and their scores
my $bytes = q{SELECT algorithm, options, k, md5(model) FROM models ORDER BY 1, 2, 3};
my $scores = q{
	SET extra_float_digits = 1;
	SELECT algorithm, options, k, md5(string_agg(cluster_membership(model, x)::text || cluster_distance(model, x)::text || cluster_outlier_score(model, x), ' ' ORDER BY i)),
		md5(cluster_info(model)::text)
	FROM models, rows WHERE NOT options ? 'wide' GROUP BY algorithm, options, k, model ORDER BY 1, 2, 3};
my ($expected_bytes, $expected_scores) = map { $node->safe_psql('source', $_) } $bytes, $scores;

cmp_ok(scalar(split /\n/, $expected_bytes), '>=', 2 * 9 + 1, 'there are models');

sub same_models
{
	my ($server, $database) = @_;

	is($server->safe_psql($database, $bytes), $expected_bytes, "$database: the same bytes");
	is($server->safe_psql($database, $scores), $expected_scores, "$database: the same scores");
	return;
}

$node->command_ok([ 'pg_dump', '-f', "$dir/plain.sql", 'source' ], 'plain dump');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/plain.sql", 'plain' ], 'restored');
same_models($node, 'plain');
$node->command_ok([ 'pg_dump', '-Fc', '-f', "$dir/custom", 'source' ], 'custom dump');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', 'custom', "$dir/custom" ], 'restored');
same_models($node, 'custom');
$node->command_ok([ 'pg_dump', '-Fd', '-j', '2', '-f', "$dir/directory", 'source' ], 'directory dump');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-j', '2', '-d', 'directory', "$dir/directory" ], 'restored by two jobs');
same_models($node, 'directory');

# as text with the other way of writing bytes, and binary
$node->safe_psql('copied', 'CREATE EXTENSION fuzzyclust; CREATE TABLE rows (i int, x float8[]); CREATE TABLE models (algorithm text, options jsonb, k int, model bytea); ALTER TABLE models ALTER model SET STORAGE external');
$node->safe_psql('source', "SET bytea_output = escape; SET extra_float_digits = 1; COPY rows TO '$dir/rows'; COPY models TO '$dir/models'");
$node->safe_psql('copied', "COPY rows FROM '$dir/rows'; COPY models FROM '$dir/models'");
same_models($node, 'copied');
$node->safe_psql('source', "COPY models TO '$dir/binary' (FORMAT binary)");
$node->safe_psql('copied', "TRUNCATE models; COPY models FROM '$dir/binary' (FORMAT binary)");
same_models($node, 'copied');

# another server, with no training of its own
$other->safe_psql('postgres', 'CREATE DATABASE elsewhere');
$other->command_ok([ 'pg_restore', '--exit-on-error', '-d', 'elsewhere', "$dir/custom" ], 'restored on another server');
same_models($other, 'elsewhere');

# after a crash
$node->stop('immediate');
$node->start;
same_models($node, 'source');

# trained again on the same rows in another database
is( $node->safe_psql('plain', q{SELECT md5(kmeans_fit(x, 3, '{"seed": 9}' ORDER BY i)) || md5(fcm_fit(x::real[], 3 ORDER BY i)) FROM rows}),
	$node->safe_psql('source', q{SELECT md5(kmeans_fit(x, 3, '{"seed": 9}' ORDER BY i)) || md5(fcm_fit(x::real[], 3 ORDER BY i)) FROM rows}),
	'the same rows give the same bytes in another database');

$node->stop;
$other->stop;
done_testing();
