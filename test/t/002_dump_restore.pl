# A dump contains the extension by name and models byte for byte, whichever role makes it.
use strict;
use warnings;

use FindBin;
use lib "$FindBin::RealBin/lib";
use FuzzyClust;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = start_node('dump_restore');
my $dir = PostgreSQL::Test::Utils::tempdir();

# run a program on the server as alice; an assertion that it succeeds
sub as_alice
{
	my ($name, @command) = @_;

	local $ENV{PGUSER} = 'alice';
	$node->command_ok(\@command, $name);
	return;
}

# properties that must be the same on both sides
my $models = q{
	SELECT name, length(model), md5(model) FROM models ORDER BY name};
my $extension = q{
	SELECT extversion, count(d.objid) FROM pg_extension e
	LEFT JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass
		AND d.refobjid = e.oid AND d.deptype = 'e'
	WHERE extname = 'fuzzyclust' GROUP BY extversion};

# alice, an ordinary role, owns the source and the two targets
$node->safe_psql('postgres', 'CREATE ROLE alice LOGIN');
$node->safe_psql('postgres', "CREATE DATABASE $_ OWNER alice")
  foreach qw(source from_custom from_plain);
$node->safe_psql(
	'source', q{
	CREATE EXTENSION fuzzyclust;
	CREATE TABLE models (name text PRIMARY KEY, model bytea);
	ALTER TABLE models ALTER model SET STORAGE external;
	INSERT INTO models VALUES
		('empty', ''),
		('every byte', (SELECT string_agg(set_byte('\x00', 0, i), '' ORDER BY i)
						FROM generate_series(0, 255) i)),
		('large', (SELECT string_agg(sha256(i::text::bytea), '' ORDER BY i)
				   FROM generate_series(1, 10000) i)),
		('null', NULL);
},
	extra_params => [ '-U', 'alice' ]);

my $expected_models = $node->safe_psql('source', $models);
my $expected_extension = $node->safe_psql('source', $extension);

isnt($expected_extension, '', 'the source has the extension');

# dump and restore, in both formats
as_alice('custom dump', 'pg_dump', '-Fc', '-f', "$dir/custom", 'source');
as_alice('plain dump', 'pg_dump', '-f', "$dir/plain.sql", 'source');

my $plain = slurp_file("$dir/plain.sql");

like($plain, qr/^CREATE EXTENSION IF NOT EXISTS fuzzyclust /m,
	'the dump creates the extension');
unlike($plain, qr/^CREATE (?:FUNCTION|AGGREGATE|TYPE|CAST|OPERATOR) /m,
	'the dump does not hold its objects');

as_alice('restore of the custom dump',
	'pg_restore', '--exit-on-error', '-d', 'from_custom', "$dir/custom");
as_alice('restore of the plain dump',
	'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dir/plain.sql", 'from_plain');

foreach my $target (qw(from_custom from_plain))
{
	is($node->safe_psql($target, $models), $expected_models, "$target: the models");
	is($node->safe_psql($target, $extension), $expected_extension, "$target: the extension");
}

$node->stop;
done_testing();
